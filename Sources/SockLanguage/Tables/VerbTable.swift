// The verb table: one row for each verb, from which the parser, the checker, the linter, sessions, completion, `help`,
// the reference and the grammar's section on steps are made. The rows are in Verbs/. A new verb is a case in
// Verb.swift, a row there, and what it does in the runtime.

package enum VerbTable {
  /// In the order of `Verb.allCases`. Built at the first use.
  package static let rows: [VerbRow] = Verb.allCases.map(row)

  package static subscript(verb: Verb) -> VerbRow { rows[verb.number] }

  private static func row(_ verb: Verb) -> VerbRow {
    switch verb {
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
    case .relay: .relay
    case .fault: .fault
    case .shutdown: .shutdown
    case .close: .close
    case .reset: .reset
    case .sockopt: .sockopt
    case .timeout: .timeout
    case .blocking: .blocking
    case .eol: .eol
    case .autoflush: .autoflush
    case .multicast: .multicast
    case .starttls: .starttls
    case .open: .open
    case .run: .run
    case .resize: .resize
    case .signal: .signal
    case .wait: .wait
    case .stop: .stop
    case .interact: .interact
    case .print: .print
    case .log: .log
    case .sleep: .sleep
    case .exit: .exit
    case .assert: .assert
    case .check: .check
    case .raise: .raise
    case .fail: .fail
    case .skip: .skip
    case .inconclusive: .inconclusive
    }
  }
}
