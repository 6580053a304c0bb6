// How a verb and its options are written, in one line: capitals for values, brackets around what may be left out.

extension VerbRow {
  /// How the verb is written: `[LISTENER.]accept [within DURATION] [as NAME]`.
  package var synopsis: String {
    var parts = ["\(receiver.synopsis)\(verb.rawValue)"]
    switch operand {
    case .none: break
    case .optionalValue(let name): parts.append("[\(name)]")
    case .value(let name), .word(let name): parts.append(name)
    case .optionalAddress: parts.append("[ADDRESS]")
    case .address: parts.append("ADDRESS")
    case .wordAndOptionalValue(let word, let value): parts.append("\(word) [\(value)]")
    case .expressions: parts.append("[A, B…]")
    case .conditionAndMessage: parts.append("CONDITION [, MESSAGE]")
    }
    for group in options {
      let words = group.map(\.synopsis).joined(separator: "|")
      parts.append(requiresOption && options.count == 1 ? words : "[\(words)]")
    }
    if waiting != .never { parts.append("[within DURATION]") }
    if result != nil { parts.append("[as NAME]") }
    return parts.joined(separator: " ")
  }
}

extension VerbRow.Option {
  /// `backlog N`.
  package var synopsis: String {
    switch argument {
    case .nothing: word.rawValue
    case .value(let name), .word(let name): "\(word.rawValue) \(name)"
    case .address: "\(word.rawValue) ADDRESS"
    case .oneOf(let words): "\(word.rawValue) (\(words.map(\.rawValue).joined(separator: "|")))"
    }
  }
}

extension ReceiverKind {
  fileprivate var synopsis: String {
    switch self {
    case .none: ""
    case .makesOrChannel, .channel, .channelOrDefault: "[CHANNEL.]"
    case .listener: "[LISTENER.]"
    case .taskOrProcess: "[TASK.|PROCESS.]"
    case .process: "[PROCESS.]"
    case .task: "[TASK.]"
    }
  }
}
