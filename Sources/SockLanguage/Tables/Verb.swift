// The verbs, and how a row of the verb table is written. The rows are in VerbTable.swift.

/// Every verb. The runtime switches over these without a `default`: a verb without an effect does not compile.
package enum Verb: String, Sendable, CaseIterable {
  case socket, socketpair, bind, listen, connect, accept
  case send, recv, expect, framing
  case shutdown, close, reset
  case sockopt, timeout, blocking, eol, autoflush
  case starttls
  case run, signal, wait, stop
  case print, log, sleep, exit
  case assert, check
  case fail, skip, inconclusive
}

/// Every word that a row can take as an option. Not reserved: a name of that spelling is written in parentheses there.
package enum OptionWord: String, Sendable, CaseIterable {
  case inet, inet6, unix
  case stream, dgram, raw, seqpacket
  case proto, nonblocking, fd
  case reuse, reuseport, broadcast, v6only, backlog, from
  case line, to, oob, more, dontroute, crlf, chunks, every
  case exactly, until, message, all, keep, peek
  case skipping, eof, reset, closed, silence
  case off, on
  case read, write, both
  case level
  case client, server, cert, key, ca, name, alpn, insecure
  case pty, cwd, env, stderr, merge, null, inherit, hold
}

/// What follows an option word.
package enum OptionArgument: Sendable {
  case nothing
  /// An operand (binds tighter than comparison). The text says what it means: `DURATION`, `N`…
  case value(String)
  case address
  /// A word that stands for itself, an integer, or a value in parentheses.
  case word(String)
  /// One of these words.
  case oneOf([OptionWord])
}

/// What a verb acts on.
package enum OperandKind: Sendable, Equatable {
  case none
  case optionalValue(String)
  case value(String)
  case optionalAddress
  case address
  case word(String)
  /// `sockopt NAME [VALUE]`.
  case wordAndOptionalValue(String, String)
  /// `print A, B…`: whole expressions.
  case expressions
  /// `assert EXPR [, MESSAGE]`: whole expressions.
  case conditionAndMessage

  /// What may not be left out; nil: nothing.
  package var required: String? {
    switch self {
    case .value(let what), .word(let what), .wordAndOptionalValue(let what, _): what
    case .address: "ADDRESS"
    case .conditionAndMessage: "EXPR"
    case .none, .optionalValue, .optionalAddress, .expressions: nil
    }
  }
}

/// What a verb waits for: whether it takes a deadline, and may stand behind `when`.
package enum Waiting: Sendable, Equatable {
  case never
  case waits
  /// Waits, and may be a case of `select`.
  case selectable
}

/// Who a verb speaks to.
package enum ReceiverKind: Sendable, Equatable {
  case none
  /// Makes a channel; behind a dot it acts on the one in front.
  case makesOrChannel
  case channel
  case listener
  /// A task or a process.
  case taskOrProcess
  case process
  case task
  /// A channel; without one it sets what later channels start with.
  case channelOrDefault
}

/// What an option means for the verb's data.
package enum DataRule: Sendable {
  /// The data is as due as without it.
  case beside
  /// The data may be left out then.
  case mayLeaveOut
  /// It stands in the data's place: no data beside it.
  case instead
}

package struct VerbRow: Sendable {
  package struct Option: Sendable {
    package let word: OptionWord
    package let argument: OptionArgument
    package let summary: String
    package let data: DataRule
    /// Only beside one of these words; empty: always.
    package let needs: [OptionWord]
    package init(
      _ word: OptionWord, _ argument: OptionArgument, _ summary: String, data: DataRule = .beside,
      needs: [OptionWord] = []
    ) {
      self.word = word
      self.argument = argument
      self.summary = summary
      self.data = data
      self.needs = needs
    }
  }
  package let verb: Verb
  package let receiver: ReceiverKind
  package let operand: OperandKind
  /// Groups of words of which one at most may be used; most groups hold one word.
  package let options: [[Option]]
  /// One of the option words must be there (`shutdown`).
  package var requiresOption = false
  package let waiting: Waiting
  /// What `as` names: `channel`, `bytes sent`…; nil when there is none.
  package let result: String?
  package let summary: String
  /// A statement that parses: a line of the script that the help shows and a test runs.
  package let example: String

  /// Nothing else can follow the verb, so its receiver may: `close c` is `c.close`.
  package var takesReceiverBehind: Bool {
    operand == .none && options.isEmpty && receiver != .none && receiver != .makesOrChannel
  }
  package func option(_ word: OptionWord) -> Option? {
    for group in options { for option in group where option.word == word { return option } }
    return nil
  }
}
