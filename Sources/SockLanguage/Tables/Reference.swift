// The references of verbs, functions and errors as they stand in grammar/: made from the tables and the help's pages.

package enum Reference {
  /// Each file of grammar/ that is made, and its text. What is on disk must equal it; a test compares them.
  package static var files: [(name: String, text: String)] {
    [
      ("reference-verbs.md", verbs), ("reference-functions.md", functions), ("reference-errors.md", errors),
    ]
  }

  private static let origin = "Made from the tables of the code; do not edit it by hand."

  private static var verbs: String {
    var text = """
      # Verbs and blocks

      \(origin) `sock help VERB` shows the same on a terminal.

      `[x]` may be left out, `a|b` is one of both, capitals stand for a value. The options of a verb come in any order.
      `within` sets one deadline for the whole step; `as` names its result. What stands before the dot is the channel
      (task, process) that the verb speaks to; without it, it is the current one.

      ## Verbs

      | verb | what it does | result |
      |---|---|---|

      """
    for row in VerbTable.rows {
      let name = row.verb.rawValue
      text += "| [`\(name)`](#\(name)) | \(MarkdownLayout.cell(row.summary)) "
      text += "| \(MarkdownLayout.cell(row.result ?? "")) |\n"
    }
    text += pages(Verb.allCases.map(\.rawValue))
    text += "\n## Blocks and declarations\n"
    text += pages(
      Keyword.allCases.compactMap { if case .block = $0.help { $0.rawValue } else { nil } })
    return text
  }

  private static var functions: String {
    var text = "# Functions\n\n\(origin) `sock help FUNCTION` shows one on a terminal.\n"
    for family in FunctionFamily.allCases {
      text += "\n## \(family.rawValue)\n\n| function | what it gives | result | errors | example |\n"
      text += "|---|---|---|---|---|\n"
      for function in family.functions {
        let row = FunctionTable[function]
        text += "| \(MarkdownLayout.code(row.signature)) | \(MarkdownLayout.cell(row.summary)) "
        text += "| \(MarkdownLayout.cell(row.result)) | \(function.errors.map(\.rawValue).joined(separator: ", ")) "
        text += "| \(MarkdownLayout.code(row.example.expression)) is \(MarkdownLayout.code(row.example.value)) |\n"
      }
    }
    return text + "\nEach may also fail with `type`.\n\n" + MarkdownLayout(level: 2).text(Guide.properties.page)
  }

  private static var errors: String {
    var text = """
      # Errors

      \(origin) `sock help errors CODE` shows one on a terminal.

      A complaint about a script shows its code in brackets; an error that `catch e` has caught has it as `e.code`.

      """
    for (title, codes) in HelpCatalog.codes {
      text += "\n## \(MarkdownLayout.sentence(title).dropLast())\n"
      for (code, explanation) in codes {
        text += "\n### \(code)\n"
        for block in HelpCatalog.explanation(explanation) { text += "\n" + MarkdownLayout.text(block) }
      }
    }
    return text
  }

  private static func pages(_ topics: [String]) -> String {
    topics.compactMap { HelpCatalog.page($0) }.map { "\n" + MarkdownLayout(level: 3).text($0) }.joined()
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
