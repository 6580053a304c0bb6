// All pages of the help, made from the tables of verbs, functions and keywords, the guides and the explained codes.

package enum HelpCatalog {
  /// What `sock help` lists, grouped under titles. Each name is a topic.
  package static let sections: [(title: String, topics: [String])] = [
    ("guides", Guide.allCases.map(\.rawValue)),
    ("verbs", Verb.allCases.map(\.rawValue)),
    ("blocks", BlockHelp.all.map(\.word)),
    ("functions", BuiltinFunction.allCases.map(\.rawValue)),
    ("lists", lists),
  ]

  /// Topics that list others.
  package static let lists = ["verbs", "functions", "blocks", "errors", "recipes"]

  /// Each code of the language with its explanation.
  package static let codes: [(title: String, codes: [(code: String, explanation: ErrorExplanation)])] = [
    ("while a script runs", FailureName.allCases.map { ($0.rawValue, $0.explanation) }),
    ("about how a script is written", SyntaxCode.allCases.map { ($0.rawValue, $0.explanation) }),
    ("about what a script means", CheckerCode.allCases.map { ($0.rawValue, $0.explanation) }),
  ]

  /// The page of a topic: a word, `errors` and a code, or `recipes` and a name. A word that is an option, a property or
  /// a code leads to a page, and so does one that people look for. Nil when there is nothing about it.
  package static func page(_ topic: String) -> HelpPage? {
    let words = topic.split(separator: " ").map(String.init)
    guard let word = words.first else { return nil }
    if words.count == 2, word == "errors" { return code(words[1]) }
    if words.count == 2, word == "recipes" { return Recipe.named(words[1])?.page }
    guard words.count == 1 else { return HelpWords.page(words.joined(separator: " ")) }
    return own(word) ?? HelpWords.page(word) ?? Recipe.all.first { $0.name == word }?.page ?? foreign(word)
  }

  /// The page of a word of the language, of a guide, or of a list.
  private static func own(_ word: String) -> HelpPage? {
    if let verb = Verb(rawValue: word) { return page(verb) }
    if let function = BuiltinFunction(rawValue: word) { return page(function) }
    if let keyword = Keyword(rawValue: word) {
      switch keyword.help {
      case .block(let help): return page(word, help)
      case .topic(let other): return page(other)
      }
    }
    if let guide = Guide(rawValue: word) { return guide.page }
    if let name = PredefinedName(rawValue: word) { return name.page }
    switch word {
    case "verbs": return verbs
    case "functions": return functions
    case "blocks": return blocks
    case "errors": return errors
    case ContextWord.message.rawValue: return page(word, .message)
    case "is": return page(Keyword.case.rawValue)
    case "recipes": return Recipe.list
    default: return code(word)
    }
  }

  /// A word of another language leads to the one that is meant.
  private static func foreign(_ word: String) -> HelpPage? {
    guard let meant = ForeignWords.explanation(word) else { return nil }
    let sentence = HelpBlock.paragraph("Here \(meant.text).")
    let target = meant.topic.flatMap { $0 == word ? nil : page($0) }
    return HelpPage(
      topic: word, summary: "a word of other languages",
      blocks: [sentence] + (target.map { [.paragraph("`\($0.topic)`: \($0.summary)")] + $0.blocks } ?? []))
  }

  // MARK: - Verbs

  private static func page(_ verb: Verb) -> HelpPage {
    let row = VerbTable[verb]
    let help = row.help()
    var blocks: [HelpBlock] = [.usage(row.synopsis)]
    let parts: [HelpBlock.Row] = placeholders(row) + row.options.joined().map { ($0.synopsis, $0.summary) }
    if !parts.isEmpty { blocks.append(.table(parts)) }
    blocks += help.details.map(HelpBlock.paragraph)
    var facts: [HelpBlock.Row] = []
    if row.takesReceiverBehind { facts.append(("also", "`\(verb.rawValue) X` is `X.\(verb.rawValue)`")) }
    facts.append(("waits", waiting(row)))
    facts.append(("result", row.gives.description ?? "none"))
    facts.append(("errors", errors(help.errors, speaks: row.receiver != .none)))
    blocks.append(.table(facts))
    blocks.append(.example(help.example))
    blocks.append(.paragraph("See also: \(help.related.joined(separator: ", "))."))
    return HelpPage(topic: verb.rawValue, summary: row.summary, blocks: blocks)
  }

  /// What the capitals of a synopsis stand for.
  private static func placeholders(_ row: VerbRow) -> [HelpBlock.Row] {
    receivers(row.receiver) + operands(row.operand).compactMap { name, meaning in meaning.map { (name, $0) } }
  }

  private static func receivers(_ kind: ReceiverKind) -> [HelpBlock.Row] {
    let task = ("TASK", "what `spawn as` has named")
    let process = ("PROCESS", "what `run` has made; without it, the current channel")
    switch kind {
    case .none: return []
    case .makesOrChannel: return [("CHANNEL", "a socket that is there; without it, a new one is made")]
    case .channel: return [("CHANNEL", "the channel to speak to; without it, the current one")]
    case .channelOrDefault:
      return [("CHANNEL", "the channel to set; without it, the current one, else those made later")]
    case .listener: return [("LISTENER", "the listening channel; without it, the current one")]
    case .taskOrProcess: return [task, process]
    case .process: return [process]
    case .task: return [task]
    }
  }

  private static func operands(_ kind: OperandKind) -> [(name: String, meaning: String?)] {
    let values: [Placeholder] =
      switch kind {
      case .none, .expressions, .word, .wordAndOptionalValue: []
      case .optionalValue(let value), .value(let value): [value]
      case .values(let first, let second): [first, second]
      case .oneOrTwo(let first, _): [first]
      case .optionalAddress, .address: [.address]
      case .conditionAndMessage: [.condition, .message]
      case .codeAndMessage: [.code, .wrong]
      }
    var found = values.map { ($0.name, $0.meaning) }
    if let word = kind.word { found.append((word.name, word.meaning)) }
    if case .wordAndOptionalValue(_, let value) = kind { found.append((value.name, value.meaning)) }
    return found
  }

  private static func waiting(_ row: VerbRow) -> String {
    switch row.waiting {
    case .never: "never"
    case .forItsTime: "for the duration"
    case .untilDone: "until it is done, or the deadline: `within`, else the channel's `timeout`, else 5 s in a test"
    case .untilSent:
      "until what was sent before has left, or the deadline: `within`, else the channel's `timeout`, else 5 s in a test"
    case .selectable:
      "until it is done, or the deadline: `within`, else the channel's `timeout`, else 5 s in a test; may be a case of "
        + "`select`"
    }
  }

  private static func errors(_ names: [FailureName], speaks: Bool) -> String {
    let all = names + (speaks && !names.contains(.closed) ? [.closed] : []) + [.type]
    return all.map(\.rawValue).joined(separator: ", ")
  }

  // MARK: - Functions

  private static func page(_ function: BuiltinFunction) -> HelpPage {
    let row = FunctionTable[function]
    let related = function.guides.map(\.rawValue) + function.family.functions.filter { $0 != function }.map(\.rawValue)
    let names = function.errors + (row.parameters.isEmpty ? [] : [.type])
    return HelpPage(
      topic: function.rawValue, summary: row.summary,
      blocks: [
        .usage(row.signature),
        .table([
          ("result", row.result.rawValue),
          ("errors", names.isEmpty ? "none" : names.map(\.rawValue).joined(separator: ", ")),
        ]),
      ] + row.details.map(HelpBlock.paragraph) + [
        .example(
          HelpExample(
            "\(row.exampleDeclaration)print inspect(\(row.example.expression))", prints: row.example.value)),
        .paragraph("See also: \(related.joined(separator: ", "))."),
      ])
  }

  // MARK: - Blocks

  private static func page(_ word: String, _ help: BlockHelp) -> HelpPage {
    var blocks: [HelpBlock] = [.usage(help.synopsis)]
    blocks += help.details.map(HelpBlock.paragraph)
    blocks.append(.example(help.example))
    blocks.append(.paragraph("See also: \(help.related.joined(separator: ", "))."))
    return HelpPage(topic: word, summary: help.summary, blocks: blocks)
  }

  // MARK: - Lists

  private static var verbs: HelpPage {
    HelpPage(
      topic: "verbs", summary: "all verbs; `sock help VERB` tells more",
      blocks: [.table(VerbTable.rows.map { ($0.verb.rawValue, $0.summary) })])
  }

  private static var functions: HelpPage {
    HelpPage(
      topic: "functions", summary: "all functions; `sock help FUNCTION` tells more",
      blocks: FunctionFamily.allCases.flatMap { family -> [HelpBlock] in
        [
          .heading(family.rawValue.lowercased()),
          .table(family.functions.map { (FunctionTable[$0].signature, FunctionTable[$0].summary) }),
        ]
      } + [.paragraph("What another language calls otherwise is found by that name, too: `sock help append`.")])
  }

  private static var blocks: HelpPage {
    HelpPage(
      topic: "blocks", summary: "all words that open a block or declare a name; `sock help WORD` tells more",
      blocks: [.table(BlockHelp.all.map { ($0.word, $0.help.summary) })])
  }

  // MARK: - Codes

  private static var errors: HelpPage {
    var blocks: [HelpBlock] = [
      .paragraph(
        "A complaint about a script has its code in brackets behind it; an error that `catch e` has caught has it as "
          + "`e.code`. `sock help errors CODE` tells what it means, and its cure.")
    ]
    for (title, codes) in codes {
      blocks.append(.heading(title))
      blocks.append(.paragraph(codes.map(\.code).joined(separator: ", ")))
    }
    return HelpPage(topic: "errors", summary: "the codes of all complaints and errors", blocks: blocks)
  }

  private static func code(_ code: String) -> HelpPage? {
    for (title, codes) in codes {
      guard let found = codes.first(where: { $0.code == code }) else { continue }
      let summary = FailureName(rawValue: code)?.summary ?? "a complaint \(title)"
      return HelpPage(topic: "errors \(code)", summary: summary, blocks: explanation(found.explanation))
    }
    // EADDRINUSE and the like, all of which are one class.
    let isErrno = code.utf8.count > 2 && code.hasPrefix("E") && code.utf8.allSatisfy { (0x30...0x5A).contains($0) }
    return isErrno ? self.code(FailureName.system.rawValue) : nil
  }

  static func explanation(_ explanation: ErrorExplanation) -> [HelpBlock] {
    var blocks: [HelpBlock] = [.paragraph(explanation.meaning)]
    if let example = explanation.example {
      blocks += [.heading("this causes it"), .code(example.causes), .heading("this does not"), .code(example.cure)]
    }
    return blocks
  }
}
