// What an editor shows beside a word: the help of the language's own words, and what the file says of its names.

package struct Explanation {
  /// The word that is explained.
  package let range: SourceRange
  private let blocks: [HelpBlock]

  package var markdown: String { blocks.map(MarkdownLayout.text).joined(separator: "\n") }
  /// - Parameter width: in columns.
  package func text(width: Int = 80) -> String {
    let layout = TextLayout(width: width)
    return blocks.map(layout.text).joined(separator: "\n")
  }

  private init(_ range: SourceRange, _ blocks: [HelpBlock]) {
    self.range = range
    self.blocks = blocks
  }

  private init(_ range: SourceRange, _ page: HelpPage) {
    self.init(range, [.paragraph("`\(page.topic)`: \(page.summary)")] + page.blocks)
  }

  /// Nil where there is nothing to say.
  package static func at(_ offset: Int, tokens: [Token], of file: CheckedFile, _ index: SyntaxIndex) -> Explanation? {
    if let found = index.occurrence(at: offset), let explanation = explanation(of: found, in: file, index) {
      return explanation
    }
    // The verb of a step that stands in a string's hole is in no token.
    if let step = index.steps.first(where: { $0.verbRange.touches(offset) }),
      let page = HelpCatalog.page(step.verb.rawValue)
    {
      return Explanation(step.verbRange, page)
    }
    guard let token = tokens.last(touching: offset) else { return nil }
    if let (step, option) = index.options[token.lower], let row = VerbTable[step.verb].option(option.word) {
      return Explanation(
        token.range,
        [.paragraph("An option of `\(step.verb.rawValue)`:"), .table([(row.synopsis, row.summary)])])
    }
    switch token.kind {
    case .keyword(let word): return HelpCatalog.page(word.rawValue).map { Explanation(token.range, $0) }
    case .verb(let verb): return HelpCatalog.page(verb.rawValue).map { Explanation(token.range, $0) }
    default: return nil
    }
  }

  // MARK: - Names

  private static func explanation(
    of found: Occurrence, in file: CheckedFile, _ index: SyntaxIndex
  ) -> Explanation? {
    switch found.meaning {
    case .variable(let variable):
      return Explanation(found.range, blocks(variable, in: file.source, index.origin(of: variable)))
    case .exported(let variable, let declaration):
      guard let module = declaration.module else { return nil }
      let origin = SyntaxIndex(module).origin(of: variable)
      return Explanation(
        found.range,
        blocks(variable, in: module.source, origin) + [.paragraph("From `\(Printable.text(declaration.path))`.")])
    case .function(let function): return HelpCatalog.page(function.rawValue).map { Explanation(found.range, $0) }
    case .predefined(let name): return Explanation(found.range, name.page)
    case .property:
      let rows = HelpCatalog.properties(found.name)
      return rows.isEmpty ? nil : Explanation(found.range, [.table(rows)])
    case .unresolved: return nil
    }
  }

  private static func blocks(_ variable: Variable, in source: SourceFile, _ origin: Origin?) -> [HelpBlock] {
    let written = source.mayBeShown ? declaration(variable, in: source, origin) : variable.name
    var blocks: [HelpBlock] = [.usage(written), .paragraph(kind(of: variable, origin) + ".")]
    let commented: SourceRange =
      switch origin {
      case .setting(let setting): setting.range
      case .function(let function): function.range.word(3)
      case .importedFile(let declaration): declaration.range
      case .message(let message): message.range
      default: variable.declaration
      }
    if variable.kind != .parameter, let comment = source.comment(at: commented) { blocks.append(.paragraph(comment)) }
    return blocks
  }

  /// As it is written, in one line.
  private static func declaration(_ variable: Variable, in source: SourceFile, _ origin: Origin?) -> String {
    switch origin {
    case .function(let function): return Signature.text(of: function, in: source)
    case .value(let value): return oneLine("let \(variable.name) = \(source.text(value.range))")
    case .setting(let setting):
      if setting.isSecret { return "param secret \(variable.name)" }
      return oneLine("param \(variable.name)" + (setting.value.map { " = \(source.text($0.range))" } ?? ""))
    case .importedFile(let declaration): return oneLine(source.text(declaration.range))
    case .message(let message): return source.text(message.range)
    case .step(let step): return oneLine(source.text(step.range))
    default: return variable.name
    }
  }

  private static func oneLine(_ text: String) -> String {
    let longest = 120
    let line = text.split { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }.first.map(String.init) ?? text
    let isCut = line.utf8.count < text.utf8.count || line.count > longest
    return Printable.text(isCut ? line.prefix(longest) + " …" : line)
  }

  private static func kind(of variable: Variable, _ origin: Origin?) -> String {
    var kind = String(MarkdownLayout.sentence(variable.kind.description).dropLast())
    switch origin {
    case .value(let value):
      if let value = valueKind(value) { kind += ", which begins as \(value)" }
    case .setting(let setting):
      if setting.isSecret { kind += ", secret" }
      if let type = setting.value?.knownType { kind += ": \(type.description)" }
    case .step(let step):
      if let given = VerbTable[step.verb].gives.description { kind += ", from `\(step.verb.rawValue)`: \(given)" }
    case .turn: kind += ", another one in each turn of a loop"
    case .failure: kind += ": the error that was caught"
    case .task: kind += ": a task"
    case .condition, .element, .parameter, .function, .importedFile, .message, nil: break
    }
    return kind
  }

  private static func valueKind(_ value: Expression) -> String? {
    switch value {
    case .step(let step): VerbTable[step.verb].gives.description.map { "what `\(step.verb.rawValue)` gives: \($0)" }
    case .parenthesized(let inner, _): valueKind(inner)
    case .nothing: "nil"
    case .call(let call):
      if case .name(let callee) = call.callee, case .function(let function) = callee.meaning {
        "what `\(function.rawValue)` gives: \(FunctionTable[function].result.rawValue)"
      } else {
        nil
      }
    default: value.knownType?.description
    }
  }
}

extension SourceRange {
  /// An offset in it, or right behind it.
  func touches(_ offset: Int) -> Bool { Int(lower) <= offset && offset <= Int(upper) }
}

extension [Token] {
  /// The token that holds an offset; where two touch there, the second one, unless it is no word and the first is.
  package func last(touching offset: Int) -> Token? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let token = self[low - 1]
    if low > 1, token.start == offset, !token.isWord, self[low - 2].end == offset, self[low - 2].isWord {
      return self[low - 2]
    }
    return token.range.touches(offset) ? token : nil
  }
}
