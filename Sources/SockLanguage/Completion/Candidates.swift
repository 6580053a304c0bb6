// From what the parser expects at the cursor to the words that may stand there.

struct Candidates {
  let context: CompletionContext

  private typealias Candidate = Completions.Candidate

  /// All that may stand here, whatever it begins with; in no order.
  func list(_ expected: Expected) -> [Completions.Candidate] {
    switch expected {
    case .statement(let blocks): return statementWords(in: blocks) + verbs { _ in true } + values(allowsNot: true)
    case .step(let needsResult): return verbs { !needsResult || $0.gives != .nothing } + [keyword(.try), keyword(.if)]
    case .caseTrigger:
      return verbs { $0.waiting.isSelectable } + names + [word(ContextWord.after.rawValue, "when so long has passed")]
    case .value(let allowsNot): return values(allowsNot: allowsNot)
    case .infix(let words): return words.map(keyword)
    case .arguments(let step): return arguments(of: step)
    case .words(let words): return words.map { word($0, summaries[$0] ?? "") }
    case .bareWord(let due): return bareWords(due) + names
    case .member(let base, let isCase): return members(of: base, isCase: isCase)
    case .path: return []
    }
  }

  private let summaries = [ContextWord.workers.rawValue: "in how many processes"]

  private func word(_ text: String, _ summary: String) -> Completions.Candidate {
    Candidate(text: text, summary: summary, appendsSpace: true)
  }

  private func keyword(_ keyword: Keyword) -> Completions.Candidate { word(keyword.rawValue, "") }

  // MARK: - The language's words

  private func verbs(where fits: (VerbRow) -> Bool) -> [Completions.Candidate] {
    VerbTable.rows.filter(fits).map { word($0.verb.rawValue, $0.summary) }
  }

  /// What begins a statement, and what ends or divides the block that is open.
  private func statementWords(in blocks: Expected.OpenBlocks) -> [Completions.Candidate] {
    let words: [Keyword] = [
      .let, .param, .import, .defer, .if, .case, .while, .for, .loop, .def, .try, .with, .within, .spawn, .serve,
      .retry, .select, .test, .setup,
    ]
    let leaving: [Keyword] = (blocks.isInLoop ? [.break, .continue] : []) + (blocks.mayReturn ? [.return] : [])
    let branch = blocks.isDividedByIs ? [word(ContextWord.is.rawValue, "one of these values")] : []
    return (words + blocks.terminators + leaving).map(keyword) + branch
  }

  /// A value: a name, a function, a constant.
  private func values(allowsNot: Bool) -> [Completions.Candidate] {
    let functions = FunctionTable.rows.map { row in
      let name = row.function.rawValue
      return Candidate(
        text: row.parameters.isEmpty ? "\(name)()" : "\(name)(", summary: "\(row.signature): \(row.summary)",
        appendsSpace: false)
    }
    let prefixes: [Keyword] = allowsNot ? [.not, .try] : []
    return names + functions + ([.nil, .true, .false, .fn] + prefixes).map(keyword)
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

  private func arguments(of step: Expected.StepSoFar) -> [Completions.Candidate] {
    let row = step.row
    var found = row.options.flatMap { group in
      // Of a group one word at most.
      group.contains { step.options.contains($0.word) }
        ? [] : group.filter { fits($0, step) }.map { word($0.word.rawValue, $0.summary) }
    }
    if row.waiting != .never, !step.hasDeadline, !step.isCase {
      found.append(word(Keyword.within.rawValue, "a deadline for the whole step"))
    }
    if let result = row.gives.description, !step.hasResult {
      found.append(word(Keyword.as.rawValue, "names the \(result)"))
    }
    return takesData(step) ? found + values(allowsNot: false) : found
  }

  private func fits(_ option: VerbRow.Option, _ step: Expected.StepSoFar) -> Bool {
    (option.needs.isEmpty || option.needs.contains { step.options.contains($0) })
      && !(step.hasData && option.data == .instead)
  }

  /// Whether the verb's data is still to come.
  private func takesData(_ step: Expected.StepSoFar) -> Bool {
    if step.hasData { return false }
    if step.options.contains(where: { step.row.option($0)?.data == .instead }) { return false }
    return step.row.operand != .none || step.row.takesReceiverBehind
  }

  private func bareWords(_ due: BareWord) -> [Completions.Candidate] {
    switch due {
    case .socketOption: context.socketOptions.map { word($0, "") }
    case .signal: context.signals.map { word($0, "") }
    case .alert: context.alerts.map { word($0, "") }
    case .interface, .level, .protocol: []
    }
  }

  // MARK: - Behind a dot

  /// Of a channel its properties and verbs, of a map or module its keys; of what is not known all that there is.
  private func members(of base: String?, isCase: Bool) -> [Completions.Candidate] {
    let onChannel = channelVerbs(isCase: isCase) + channelProperties + functionsOnChannel
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

  private func channelVerbs(isCase: Bool) -> [Completions.Candidate] {
    verbs { $0.receiver != .none && (!isCase || $0.waiting.isSelectable) }
      + (isCase ? [] : [word(Keyword.serve.rawValue, "a task for each connection")])
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
