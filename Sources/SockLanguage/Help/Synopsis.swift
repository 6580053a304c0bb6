// How a verb and its options are written, in one line: capitals for values, brackets around what may be left out.

extension VerbRow {
  /// How the verb is written: `[LISTENER.]accept [within DURATION] [as NAME]`.
  package var synopsis: String {
    var parts = ["\(receiver.synopsis)\(verb.rawValue)"]
    switch operand {
    case .none: break
    case .optionalValue(let value): parts.append("[\(value.name)]")
    case .value(let value): parts.append(value.name)
    case .values(let first, let second): parts.append("\(first.name) \(second.name)")
    case .oneOrTwo(let first, let second): parts.append("\(first.name) [\(second.name)]")
    case .word(let word): parts.append(word.name)
    case .optionalAddress: parts.append("[ADDRESS]")
    case .address: parts.append("ADDRESS")
    case .wordAndOptionalValue(let word, let value): parts.append("\(word.name) [\(value.name)]")
    case .expressions: parts.append("[A, B…]")
    case .conditionAndMessage: parts.append("CONDITION [, MESSAGE]")
    case .codeAndMessage: parts.append("CODE [, MESSAGE]")
    }
    for group in options {
      let words = group.map(\.synopsis).joined(separator: "|")
      // Others need one of the first.
      parts.append(requiresOption && group[0].word == options[0][0].word ? words : "[\(words)]")
    }
    if waiting != .never { parts.append("[within DURATION]") }
    if gives.description != nil { parts.append("[as NAME]") }
    return parts.joined(separator: " ")
  }
}

extension VerbRow.Option {
  /// `backlog N`.
  package var synopsis: String {
    switch argument {
    case .nothing: word.rawValue
    case .value(let value): "\(word.rawValue) \(value.name)"
    case .values(let first, let second): "\(word.rawValue) \(first.name) \(second.name)"
    case .word(let bare): "\(word.rawValue) \(bare.name)"
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
