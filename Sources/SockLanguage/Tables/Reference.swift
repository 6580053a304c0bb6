// The reference of verbs and functions, as it stands in grammar/reference-verbs.md: made from the tables.

package enum Reference {
  /// The whole text. What is on disk must equal it; a test compares them.
  package static func markdown() -> String {
    var text = """
      # Verbs and functions

      Made from the verb table and the function table of the code; do not edit it by hand.

      `[x]` may be left out, `a|b` is one of both, capitals stand for a value. The options of a verb come in any order.
      `within` sets one deadline for the whole step; `as` names its result. What stands before the dot is the channel
      (task, process) that the verb speaks to; without it, it is the current one.

      ## Verbs

      | verb | what it does | result |
      |---|---|---|

      """
    for row in VerbTable.rows {
      text += "| [`\(row.verb.rawValue)`](#\(row.verb.rawValue)) | \(cell(row.summary)) | \(cell(row.result ?? "")) |\n"
    }
    for row in VerbTable.rows { text += section(row) }
    text += "\n## Functions\n\n| function | what it gives | result | example |\n|---|---|---|---|\n"
    for row in FunctionTable.rows {
      text += "| `\(cell(row.signature))` | \(cell(row.summary)) | \(cell(row.result)) | "
      text += "`\(cell(row.example.expression))` is `\(cell(row.example.value))` |\n"
    }
    text += "\n## Names that need no declaration\n\n"
    let names = PredefinedName.allCases.filter { $0 != .it }.map(\.rawValue)
    text += "Every script has \(list(names)); the REPL also `it`, the last result.\n\n"
    text += "- A channel has \(list(ChannelProperty.allCases.map(\.rawValue))).\n"
    text += "- An address has \(list(AddressProperty.allCases.map(\.rawValue))).\n"
    text += "- An error has \(list(ErrorProperty.allCases.map(\.rawValue))).\n"
    return text
  }

  private static func section(_ row: VerbRow) -> String {
    var text = "\n### \(row.verb.rawValue)\n\n\(sentence(row.summary))\n\n```sock\n\(row.synopsis)\n```\n\n"
    if row.takesReceiverBehind {
      text += "What stands before the dot may stand behind: `\(row.verb.rawValue) x` is `x.\(row.verb.rawValue)`.\n\n"
    }
    let options = row.options.joined()
    if !options.isEmpty {
      text += "| option | |\n|---|---|\n"
      for option in options { text += "| `\(cell(option.synopsis))` | \(cell(option.summary)) |\n" }
      text += "\n"
    }
    text += "Example: `\(row.example)`\n"
    return text
  }

  private static func sentence(_ summary: String) -> String {
    guard let first = summary.first else { return "" }
    return first.uppercased() + summary.dropFirst() + "."
  }

  private static func list(_ names: [String]) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
  }

  /// A bar would end the cell of a Markdown table.
  private static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}

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
