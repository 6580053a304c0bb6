// From the place of the cursor to the words that may stand there.

struct Candidates {
  let context: CompletionContext
  let phrase: Phrase

  private typealias Candidate = Completions.Candidate
  private var state: Phrase.State { phrase.state }

  /// All that may stand here, whatever it begins with; in no order.
  func list() -> [Completions.Candidate] {
    switch state.place {
    case .statement: return statementWords + verbs { _ in true } + values
    case .expression:
      let needsResult = state.needsResult
      return verbs { !needsResult || $0.gives != .nothing } + [keyword(.try), keyword(.not)] + values
    case .selectCase:
      return verbs { $0.waiting.isSelectable } + names + [word(ContextWord.after.rawValue, "when so long has passed")]
    case .operand: return [keyword(.not)] + values
    case .serveOperand: return values + [word(ContextWord.workers.rawValue, "in how many processes")]
    case .infix: return infixWords + (state.isSelectCase ? [keyword(.if)] : [])
    case .arguments: return state.verb.map { arguments(of: VerbTable[$0]) } ?? []
    case .optionValue: return values
    case .words(let words): return words.map { word($0.rawValue, "") }
    case .bareWord(let verb, let option): return bareWords(verb, option) + names
    case .member(let base): return members(of: base)
    case .head: return state.headWords.map { word($0, "") }
    case .unknown: return []
    }
  }

  private func word(_ text: String, _ summary: String) -> Completions.Candidate {
    Candidate(text: text, summary: summary, appendsSpace: true)
  }

  private func keyword(_ keyword: Keyword) -> Completions.Candidate { word(keyword.rawValue, "") }

  // MARK: - The language's words

  private func verbs(where fits: (VerbRow) -> Bool) -> [Completions.Candidate] {
    VerbTable.rows.filter(fits).map { word($0.verb.rawValue, $0.summary) }
  }

  /// What begins a statement, and what ends or divides the block that is open.
  private var statementWords: [Completions.Candidate] {
    var words: [Keyword] = [
      .let, .param, .import, .defer, .if, .while, .for, .loop, .def, .try, .with, .within, .spawn, .serve, .retry,
      .select, .test, .setup,
    ]
    switch phrase.blocks.last {
    case .if?: words += [.elif, .else]
    case .try?: words += [.catch, .finally]
    case .select?: words += [.when, .else]
    default: break
    }
    if !phrase.blocks.isEmpty { words.append(.end) }
    if phrase.blocks.contains(where: { $0 == .while || $0 == .for || $0 == .loop }) { words += [.break, .continue] }
    if phrase.blocks.contains(.def) { words.append(.return) }
    return words.map(keyword)
  }

  private var infixWords: [Completions.Candidate] { [Keyword.and, .or, .in].map(keyword) }

  /// A value: a name, a function, a constant.
  private var values: [Completions.Candidate] {
    let functions = FunctionTable.rows.map { row in
      let name = row.function.rawValue
      return Candidate(
        text: row.parameters.isEmpty ? "\(name)()" : "\(name)(", summary: "\(row.signature): \(row.summary)",
        appendsSpace: false)
    }
    return names + functions + [Keyword.nil, .true, .false].map(keyword)
  }

  /// The session's names, and those that every script has.
  private var names: [Completions.Candidate] {
    let predefined = PredefinedName.allCases.map {
      Candidate(text: $0.rawValue, summary: "", appendsSpace: false)
    }
    return context.names.map(candidate) + predefined
  }

  private func candidate(_ name: CompletionContext.Name) -> Completions.Candidate {
    let text = name.kind == .function ? "\(name.name)(" : name.name
    return Candidate(text: text, summary: name.kind.rawValue, appendsSpace: false)
  }

  // MARK: - Arguments

  private func arguments(of row: VerbRow) -> [Completions.Candidate] {
    var found = row.options.flatMap { group in
      // Of a group one word at most.
      group.contains { state.options.contains($0.word) }
        ? [] : group.filter(fits).map { word($0.word.rawValue, $0.summary) }
    }
    if row.waiting != .never, !state.hasDeadline, !state.isSelectCase {
      found.append(word(Keyword.within.rawValue, "a deadline for the whole step"))
    }
    if let result = row.gives.description, !state.hasResultName {
      found.append(word(Keyword.as.rawValue, "names the \(result)"))
    }
    if state.hasData, row.operand.takesExpressions { found += infixWords }
    if state.isSelectCase { found.append(keyword(.if)) }
    return takesData(row) ? found + values : found
  }

  private func fits(_ option: VerbRow.Option) -> Bool {
    (option.needs.isEmpty || option.needs.contains { state.options.contains($0) })
      && !(state.hasData && option.data == .instead)
  }

  /// Whether the verb's data is still to come.
  private func takesData(_ row: VerbRow) -> Bool {
    if state.hasData { return false }
    if state.options.contains(where: { row.option($0)?.data == .instead }) { return false }
    return row.operand != .none || row.takesReceiverBehind
  }

  private func bareWords(_ verb: Verb, _ option: OptionWord?) -> [Completions.Candidate] {
    let row = VerbTable[verb]
    var due = row.operand.word
    if let option { if case .word(let word)? = row.option(option)?.argument { due = word } else { due = nil } }
    return switch due {
    case .socketOption: context.socketOptions.map { word($0, "") }
    case .signal: context.signals.map { word($0, "") }
    case .level, .protocol, nil: []
    }
  }

  // MARK: - Behind a dot

  /// Of a channel its properties and verbs, of a map or module its keys; of what is not known all that there is.
  private func members(of base: String?) -> [Completions.Candidate] {
    let onChannel = channelVerbs + channelProperties + functionsOnChannel
    guard let base else { return onChannel + properties(of: AddressProperty.self) + properties(of: ErrorProperty.self) }
    if let predefined = PredefinedName(rawValue: base), context.kind(of: base) == nil {
      switch predefined {
      case .listener, .conn, .stdin, .stdout, .stderr: return onChannel
      case .error: return properties(of: ErrorProperty.self)
      case .args, .tmpdir, .scriptdir: return []
      case .it: break
      }
    }
    let keys = context.keys(base).filter(Candidates.isWord)
    switch context.kind(of: base) {
    case .channel?: return onChannel
    case .module?: return keys.map { Candidate(text: $0, summary: "", appendsSpace: false) }
    case .function?: return []
    case .variable?, .setting?, nil:
      if !keys.isEmpty { return keys.map { Candidate(text: $0, summary: "", appendsSpace: false) } }
      return onChannel + properties(of: AddressProperty.self) + properties(of: ErrorProperty.self)
    }
  }

  private var channelVerbs: [Completions.Candidate] {
    let inSelect = state.isSelectCase
    return verbs { $0.receiver != .none && (!inSelect || $0.waiting.isSelectable) }
      + (inSelect ? [] : [word(Keyword.serve.rawValue, "a task for each connection")])
  }

  private var channelProperties: [Completions.Candidate] { properties(of: ChannelProperty.self) }

  /// `alice.login(…)`: a function that runs with that channel current.
  private var functionsOnChannel: [Completions.Candidate] {
    context.names.filter { $0.kind == .function }.map(candidate)
  }

  private func properties<Property: RawRepresentable & CaseIterable>(
    of property: Property.Type
  ) -> [Completions.Candidate] where Property.RawValue == String {
    Property.allCases.map { Candidate(text: $0.rawValue, summary: "", appendsSpace: false) }
  }

  /// Whether a key can be written behind a dot.
  private static func isWord(_ key: String) -> Bool {
    guard let first = key.utf8.first, Lexer.startsWord(first) else { return false }
    return key.utf8.allSatisfy(Lexer.continuesWord)
  }
}
