// The words of steps, and the kinds of what may stand beside them.

/// Every verb. What one means stands in its row, in Verbs/; what it does, the runtime switches over without a
/// `default`: a verb without either does not compile.
package enum Verb: String, Sendable, CaseIterable {
  case socket, socketpair, bind, listen, connect, accept
  case send, recv, expect, framing
  case relay, fault
  case shutdown, close, reset
  case sockopt, timeout, blocking, eol, autoflush, multicast
  case starttls
  case open
  case run, resize, signal, wait, stop, interact
  case print, log, sleep, exit
  case assert, check
  case raise, fail, skip, inconclusive

  /// Its place among the cases, which is how Swift stores it.
  package var number: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

/// Every word that a row can take as an option. Not reserved: a name of that spelling is written in parentheses there.
package enum OptionWord: String, Sendable, CaseIterable {
  case inet, inet6, unix, packet
  case stream, dgram, raw, seqpacket
  case proto, nonblocking, fd
  case reuse, reuseport, broadcast, v6only, backlog, from, through, proxied, arrival
  case join, leave, interface, source
  case line, to, oob, more, dontroute, crlf, chunks, every
  case exactly, until, message, all, quiet, keep, peek
  case skipping, eof, reset, closed, silence, alert, screen
  case off, on, strict
  case read, write, both
  case level
  case client, server, cert, key, ca, name, alpn, insecure, optional, min, max, ciphers, groups, resume
  case baud, mode, rtscts, xonxoff
  case pty, size, echo, cwd, env, stdin, stderr, channel, merge, null, inherit, hold, fds, escape
  case idle
  case delay, jitter, rate, cut, stall, release, after, bytes, messages, lines
  case corrupt, drop, duplicate, reorder, rewrite
  case exit
}

/// What follows an option word.
package enum OptionArgument: Sendable {
  case nothing
  /// An operand (binds tighter than comparison).
  case value(Placeholder)
  /// Two operands, which make a list.
  case values(Placeholder, Placeholder)
  case address
  /// A word that stands for itself, an integer, or a value in parentheses.
  case word(BareWord)
  /// One of these words.
  case oneOf([OptionWord])
}

/// What a verb acts on.
package enum OperandKind: Sendable, Equatable {
  case none
  case optionalValue(Placeholder)
  case value(Placeholder)
  case values(Placeholder, Placeholder)
  /// `relay A [B]`.
  case oneOrTwo(Placeholder, Placeholder)
  case optionalAddress
  case address
  case word(BareWord)
  /// `sockopt NAME [VALUE]`.
  case wordAndOptionalValue(BareWord, Placeholder)
  /// `print A, B…`: whole expressions.
  case expressions
  /// `assert EXPR [, MESSAGE]`: whole expressions.
  case conditionAndMessage
  /// `raise CODE [, MESSAGE]`: whole expressions.
  case codeAndMessage

  /// An address, a name or a number, and seldom the value of a function.
  var isSeldomCalculated: Bool {
    switch self {
    case .optionalValue(.bytes), .value(.bytes): true
    default: isAddress
    }
  }

  /// What may not be left out, in a sentence; nil: nothing.
  package var required: String? {
    switch self {
    case .value(let value), .values(let value, _), .oneOrTwo(let value, _): value.spoken
    case .word(let word), .wordAndOptionalValue(let word, _): word.spoken
    case .address: Placeholder.address.spoken
    case .conditionAndMessage: Placeholder.condition.spoken
    case .codeAndMessage: Placeholder.code.spoken
    case .none, .optionalValue, .optionalAddress, .expressions: nil
    }
  }

  package var isAddress: Bool { self == .address || self == .optionalAddress }

  /// The bare word that comes first.
  package var word: BareWord? {
    switch self {
    case .word(let word), .wordAndOptionalValue(let word, _): word
    case .none, .optionalValue, .value, .values, .oneOrTwo, .optionalAddress, .address, .expressions,
      .conditionAndMessage, .codeAndMessage:
      nil
    }
  }

  /// The value behind it, or alone.
  package var value: Placeholder? {
    switch self {
    case .value(let value), .optionalValue(let value), .wordAndOptionalValue(_, let value): value
    case .conditionAndMessage: .condition
    case .codeAndMessage: .code
    case .none, .values, .oneOrTwo, .optionalAddress, .address, .word, .expressions: nil
    }
  }

  /// A bare word, and no value behind it.
  package var isWordAlone: Bool { if case .word = self { true } else { false } }

  /// Whole expressions, with commas between them.
  package var takesExpressions: Bool { mostExpressions > 0 }

  /// How many of them.
  package var mostExpressions: Int {
    switch self {
    case .expressions: .max
    case .conditionAndMessage, .codeAndMessage: 2
    case .none, .optionalValue, .value, .values, .oneOrTwo, .optionalAddress, .address, .word, .wordAndOptionalValue:
      0
    }
  }
}

/// What a verb waits for: whether it takes a deadline, and may stand behind `when`.
package enum Waiting: Sendable, Equatable {
  /// What a case of `select` waits for.
  package enum Event: Sendable {
    /// One who connects.
    case client
    /// What the channel's peer sends.
    case data
    /// The end of a task or a process.
    case end
  }

  case never
  /// So long as its operand says.
  case forItsTime
  case untilDone
  /// Only for what was sent before it, which leaves first.
  case untilSent
  /// May be a case of `select`.
  case selectable(Event)

  package var isSelectable: Bool { if case .selectable = self { true } else { false } }
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

/// The value of a step, which `as` names.
package enum StepResult: Sendable {
  case nothing, channel
  /// Two channels in a list.
  case pair
  /// How many bytes were sent.
  case count
  /// What was received; nil at the end.
  case data
  /// What `expect` has found.
  case finding
  case value
  /// Of something that holds for a channel: what held before. Without an operand it is only read, and its result is
  /// wanted beside operators: `c.timeout == 5`.
  case setting
  /// Of a task or a process.
  case outcome

  /// For messages and the help; nil: there is none.
  package var description: String? {
    switch self {
    case .nothing: nil
    case .channel: "channel"
    case .pair: "list of two channels"
    case .count: "bytes sent"
    case .data: "string, nil at the end"
    case .finding: "string or match; how it closed"
    case .value: "value"
    case .setting: "old value"
    case .outcome: "the task's result, or the exit status"
    }
  }

  package var holdsChannel: Bool {
    switch self {
    case .channel, .pair: true
    case .nothing, .count, .data, .finding, .value, .setting, .outcome: false
    }
  }
}

/// What else a step does, beside what it gives.
package struct StepEffect: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Takes from a channel, unless it only peeks.
  package static let reads = StepEffect(rawValue: 1)
  /// Sends to the channel's peer.
  package static let writes = StepEffect(rawValue: 2)
  /// Ends a channel, or one direction of it.
  package static let ends = StepEffect(rawValue: 4)
  /// Sets what its operand or its options say; without any it only reads.
  package static let sets = StepEffect(rawValue: 8)
  /// Shows something, and changes nothing.
  package static let says = StepEffect(rawValue: 16)
  /// Ends the test, the task or the script: nothing runs behind it.
  package static let leaves = StepEffect(rawValue: 32)
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
