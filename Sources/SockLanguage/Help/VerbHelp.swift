// What the help says of a verb beyond its row in the verb table. The texts are in ChannelVerbHelp.swift and
// ActionVerbHelp.swift.

package struct VerbHelp: Sendable {
  /// Paragraphs, with Markdown's backquotes.
  let details: [String]
  /// How it can fail, apart from `type` for a value of a wrong type and `closed` for a closed channel.
  package var errors: [FailureName] = []
  /// Other topics.
  package let related: [String]
  /// A script in which the row's example is a line.
  package let example: HelpExample
}

extension Verb {
  package var help: VerbHelp {
    switch self {
    case .socket: .socket
    case .socketpair: .socketpair
    case .bind: .bind
    case .listen: .listen
    case .connect: .connect
    case .accept: .accept
    case .send: .send
    case .recv: .recv
    case .expect: .expect
    case .framing: .framing
    case .shutdown: .shutdown
    case .close: .close
    case .reset: .reset
    case .sockopt: .sockopt
    case .timeout: .timeout
    case .blocking: .blocking
    case .eol: .eol
    case .autoflush: .autoflush
    case .starttls: .starttls
    case .run: .run
    case .signal: .signal
    case .wait: .wait
    case .stop: .stop
    case .print: .print
    case .log: .log
    case .sleep: .sleep
    case .exit: .exit
    case .assert: .assert
    case .check: .check
    case .fail: .fail
    case .skip: .skip
    case .inconclusive: .inconclusive
    }
  }
}
