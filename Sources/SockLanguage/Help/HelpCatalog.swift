// All pages of the help, made from the tables of verbs, functions and keywords, the guides and the explained codes.

package enum HelpCatalog {
  /// What `sock help` lists, grouped under titles. Each name is a topic.
  package static let sections: [(title: String, topics: [String])] = [
    ("guides", Guide.allCases.map(\.rawValue)),
    ("verbs", Verb.allCases.map(\.rawValue)),
    ("blocks", Keyword.allCases.filter { if case .block = $0.help { true } else { false } }.map(\.rawValue)),
    ("functions", BuiltinFunction.allCases.map(\.rawValue)),
    ("lists", lists),
  ]

  /// Topics that list others.
  package static let lists = ["verbs", "functions", "blocks", "errors"]

  /// Each code of the language with its explanation.
  package static let codes: [(title: String, codes: [(code: String, explanation: ErrorExplanation)])] = [
    ("while a script runs", FailureName.allCases.map { ($0.rawValue, $0.explanation) }),
    ("about how a script is written", Diagnostic.SyntaxCode.allCases.map { ($0.rawValue, $0.explanation) }),
    ("about what a script means", CheckerCode.allCases.map { ($0.rawValue, $0.explanation) }),
  ]

  /// The page of a topic: a word, or `errors` and a code. A word that is an option, a property or a code leads to a
  /// page, too. Nil when there is nothing about it.
  package static func page(_ topic: String) -> HelpPage? {
    let words = topic.split(separator: " ").map(String.init)
    guard let word = words.first else { return nil }
    if words.count == 2, word == "errors" { return code(words[1]) }
    guard words.count == 1 else { return nil }
    if let verb = Verb(rawValue: word) { return page(verb) }
    if let function = BuiltinFunction(rawValue: word) { return page(function) }
    if let keyword = Keyword(rawValue: word) {
      switch keyword.help {
      case .block(let help): return page(keyword, help)
      case .topic(let other): return page(other)
      }
    }
    if let guide = Guide(rawValue: word) { return guide.page }
    switch word {
    case "verbs": return verbs
    case "functions": return functions
    case "blocks": return blocks
    case "errors": return errors
    default: return code(word) ?? property(word) ?? option(word)
    }
  }

  // MARK: - Verbs

  private static func page(_ verb: Verb) -> HelpPage {
    let row = VerbTable[verb]
    let help = verb.help
    var blocks: [HelpBlock] = [.usage(row.synopsis)]
    let parts: [HelpBlock.Row] = placeholders(row) + row.options.joined().map { ($0.synopsis, $0.summary) }
    if !parts.isEmpty { blocks.append(.table(parts)) }
    blocks += help.details.map(HelpBlock.paragraph)
    var facts: [HelpBlock.Row] = []
    if row.takesReceiverBehind { facts.append(("also", "`\(verb.rawValue) X` is `X.\(verb.rawValue)`")) }
    facts.append(("waits", waiting(row)))
    facts.append(("result", row.result ?? "none"))
    facts.append(("errors", errors(help.errors, speaks: row.receiver != .none)))
    blocks.append(.table(facts))
    blocks.append(.example(help.example))
    blocks.append(.paragraph("See also: \(help.related.joined(separator: ", "))."))
    return HelpPage(topic: verb.rawValue, summary: row.summary, blocks: blocks)
  }

  /// What the capitals of a synopsis stand for.
  private static func placeholders(_ row: VerbRow) -> [HelpBlock.Row] {
    var names: [String] = []
    switch row.receiver {
    case .none: break
    case .makesOrChannel, .channel, .channelOrDefault: names.append("CHANNEL")
    case .listener: names.append("LISTENER")
    case .taskOrProcess: names += ["TASK", "PROCESS"]
    case .process: names.append("PROCESS")
    case .task: names.append("TASK")
    }
    switch row.operand {
    case .none, .expressions: break
    case .optionalValue(let name), .value(let name), .word(let name): names.append(name)
    case .optionalAddress, .address: names.append("ADDRESS")
    case .wordAndOptionalValue(let word, let value): names += [word, value]
    case .conditionAndMessage: names += ["CONDITION", "MESSAGE"]
    }
    return names.compactMap { name in meaning(of: name, in: row.verb).map { (name, $0) } }
  }

  /// What may stand for a placeholder of the verb table; nil for one that explains itself.
  static func meaning(of placeholder: String, in verb: Verb) -> String? {
    switch (placeholder, verb) {
    case ("CHANNEL", .bind), ("CHANNEL", .listen), ("CHANNEL", .connect):
      "a socket that is there; without it, a new one is made"
    case ("CHANNEL", .timeout), ("CHANNEL", .eol): "the channel to set; without it, the current one, else those made later"
    case ("CHANNEL", _): "the channel to speak to; without it, the current one"
    case ("LISTENER", _): "the listening channel; without it, the current one"
    case ("TASK", _): "what `spawn as` has named"
    case ("PROCESS", _): "what `run` has made; without it, the current channel"
    case ("DATA", _): "a string, or what is printed as one"
    case ("PATTERN", _): "a string or a regex: see `sock help patterns`"
    case ("N", _): "how many bytes at most"
    case ("DURATION", _): "as `200ms` or `5s`; a number counts seconds"
    case ("ADDRESS", _): "as `localhost:25`, or a port on loopback: see `sock help addresses`"
    case ("NAME", .signal): "as TERM, or a number"
    case ("NAME", .sockopt): "as SO_RCVBUF or TCP_NODELAY"
    case ("VALUE", _): "an integer, a duration, a list of two, or bytes; without one it is read"
    case ("FUNCTION", _): "a function, or the name of a length's format"
    case ("STRING", _): "the bytes; without them they are read"
    case ("COMMAND", _): "a string of words, or a list: the exact argv"
    case ("STATUS", _): "an integer from 0 to 255"
    case ("CONDITION", _): "what must hold"
    case ("MESSAGE", .assert), ("MESSAGE", .check): "what is said when it does not"
    case ("MESSAGE", .fail): "why, or a caught error"
    case ("MESSAGE", _): "why"
    default: nil
    }
  }

  private static func waiting(_ row: VerbRow) -> String {
    switch row.waiting {
    case .never: "never"
    case .waits where row.verb == .sleep: "for the duration"
    case .waits: "until it is done, or the deadline: `within`, else the channel's `timeout`, else 5 s in a test"
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
    let related = function.family.functions.filter { $0 != function }.map(\.rawValue)
    let names = function.errors + (row.parameters.isEmpty ? [] : [.type])
    return HelpPage(
      topic: function.rawValue, summary: row.summary,
      blocks: [
        .usage(row.signature),
        .table([
          ("result", row.result),
          ("errors", names.isEmpty ? "none" : names.map(\.rawValue).joined(separator: ", ")),
        ]),
        .example(HelpExample("print inspect(\(row.example.expression))", prints: row.example.value)),
        .paragraph("See also: \(related.joined(separator: ", "))."),
      ])
  }

  // MARK: - Blocks

  private static func page(_ keyword: Keyword, _ help: BlockHelp) -> HelpPage {
    var blocks: [HelpBlock] = [.usage(help.synopsis)]
    blocks += help.details.map(HelpBlock.paragraph)
    blocks.append(.example(help.example))
    blocks.append(.paragraph("See also: \(help.related.joined(separator: ", "))."))
    return HelpPage(topic: keyword.rawValue, summary: help.summary, blocks: blocks)
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
      })
  }

  private static var blocks: HelpPage {
    HelpPage(
      topic: "blocks", summary: "all words that open a block or declare a name; `sock help WORD` tells more",
      blocks: [
        .table(
          Keyword.allCases.compactMap { keyword in
            if case .block(let help) = keyword.help { (keyword.rawValue, help.summary) } else { nil }
          })
      ])
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

  // MARK: - Words that belong to something else

  private static func property(_ word: String) -> HelpPage? {
    let names =
      ChannelProperty.allCases.map(\.rawValue) + AddressProperty.allCases.map(\.rawValue)
      + ErrorProperty.allCases.map(\.rawValue) + PredefinedName.allCases.map(\.rawValue)
    return names.contains(word) ? Guide.properties.page : nil
  }

  /// `exactly` is no topic of its own: it leads to the verbs that have it as an option.
  private static func option(_ word: String) -> HelpPage? {
    var rows: [HelpBlock.Row] = []
    for row in VerbTable.rows {
      for option in row.options.joined() where option.words.contains(word) {
        rows.append(("\(row.verb.rawValue) \(option.synopsis)", option.summary))
      }
    }
    guard !rows.isEmpty else { return nil }
    return HelpPage(topic: word, summary: "an option", blocks: [.table(rows)])
  }
}

extension VerbRow.Option {
  /// The option's own word, and those of which one follows it.
  fileprivate var words: [String] {
    if case .oneOf(let words) = argument { [word.rawValue] + words.map(\.rawValue) } else { [word.rawValue] }
  }
}
