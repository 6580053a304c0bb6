// From what the parser expects at the cursor to the words that may stand there.

struct Candidates {
  let context: CompletionContext
  /// Else only the values that a person has given names to.
  var showsAllValues = true

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
    case .path, .command: return []
    }
  }

  private let summaries = [ContextWord.workers.rawValue: "in how many processes"]

  private func word(_ text: String, _ summary: String) -> Completions.Candidate {
    Candidate(text, .word, summary: summary, appendsSpace: true)
  }

  private func keyword(_ keyword: Keyword) -> Completions.Candidate {
    Candidate(keyword.rawValue, .keyword, summary: summary(of: keyword), appendsSpace: true)
  }

  private func summary(of keyword: Keyword) -> String {
    if case .block(let help) = keyword.help { return help.summary }
    return ""
  }

  // MARK: - The language's words

  private func verbs(where fits: (VerbRow) -> Bool) -> [Completions.Candidate] {
    VerbTable.rows.filter(fits).map { row in
      Candidate(row.verb.rawValue, .verb, summary: row.summary, synopsis: row.synopsis, appendsSpace: true)
    }
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
        row.parameters.isEmpty ? "\(name)()" : "\(name)(", .function, summary: row.summary, synopsis: row.signature)
    }
    let prefixes: [Keyword] = allowsNot ? [.not, .try] : []
    return names + functions + ([.nil, .true, .false, .fn] + prefixes).map(keyword)
  }

  /// The session's names, and those that every script has.
  private var names: [Completions.Candidate] {
    let predefined = PredefinedName.allCases.map {
      Candidate($0.rawValue, .name, summary: $0.summary)
    }
    return context.names.map(candidate) + predefined
  }

  private func candidate(_ name: CompletionContext.Name) -> Completions.Candidate {
    let text = name.kind == .function ? "\(name.name)(" : name.name
    return Candidate(text, .name, summary: name.kind.rawValue)
  }

  // MARK: - Arguments

  private func arguments(of step: Expected.StepSoFar) -> [Completions.Candidate] {
    let row = step.row
    var found = row.options.flatMap { group in
      // Of a group one word at most.
      group.contains { step.options.contains($0.word) }
        ? [] : group.filter { fits($0, step) }.map { option in
          Candidate(
            option.word.rawValue, .option, summary: option.summary, synopsis: option.synopsis, appendsSpace: true)
        }
    }
    if row.waiting != .never, !step.hasDeadline, !step.isCase {
      found.append(
        Candidate(
          Keyword.within.rawValue, .option, summary: "a deadline for the whole step", synopsis: "within DURATION",
          appendsSpace: true))
    }
    if let result = row.gives.description, !step.hasResult {
      found.append(
        Candidate(
          Keyword.as.rawValue, .option, summary: "names the \(result)", synopsis: "as NAME", appendsSpace: true))
    }
    guard takesData(step) else { return found }
    if row.verb == .framing { found += Candidates.framings }
    if row.operand.isAddress { found += addresses(for: row.verb) }
    if showsAllValues { return found + values(allowsNot: false) }
    return found
      + context.names.filter { name in
        switch name.kind {
        case .variable, .setting: !row.operand.isAddress
        case .channel, .function, .message, .module: false
        }
      }.map(candidate)
  }

  /// The lengths in front of a message that have a name.
  static let framings = FramingName.allCases.map { Candidate("\"\($0.rawValue)\"", .word, summary: $0.summary) }

  // MARK: - Addresses

  /// Those used before, those that have a name, and how others begin.
  func addresses(for verb: Verb) -> [Completions.Candidate] {
    let used = context.addresses.map { Candidate($0, .address, summary: "used before", appendsSpace: true) }
    let begun: [(String, String)] =
      switch verb {
      case .listen, .bind:
        [("0", "any free port on loopback"), ("*:", "a port on all interfaces"), ("localhost:", "a port on loopback")]
      default: [("localhost:", "a port on this machine")]
      }
    let prefixes = [
      ("udp:", "datagrams: udp:HOST:PORT"), ("unix:", "a Unix-domain socket: unix:PATH"),
      ("tls:", "TLS over TCP: tls:HOST:PORT"),
    ]
    let named = context.names.compactMap { name in
      name.target.map { Candidate(name.name, .address, summary: $0, appendsSpace: true) }
    }.sorted { $0.text < $1.text }
    return (verb == .connect ? used + named : []) + (begun + prefixes).map { text, summary in
      Candidate(text, .address, summary: summary, appendsSpace: text == "0")
    }
  }

  private func fits(_ option: VerbRow.Option, _ step: Expected.StepSoFar) -> Bool {
    (option.needs.isEmpty || option.needs.contains { step.options.contains($0) })
      && !(step.hasData && (option.data == .instead || option.word == .message && step.row.verb == .recv))
      && !step.options.contains { used in
        option.excludes.contains(used) || step.row.option(used)?.excludes.contains(option.word) ?? false
      }
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
    let anything = onChannel(nil, isCase) + properties(of: AddressProperty.self) + properties(of: ErrorProperty.self)
    guard let base else { return anything }
    if let predefined = PredefinedName(rawValue: base), context.kind(of: base) == nil {
      switch predefined {
      case .listener: return onChannel(context.current[predefined] ?? ChannelNature(.listener), isCase)
      case .conn: return onChannel(context.current[predefined], isCase)
      case .stdin, .stdout, .stderr: return onChannel(ChannelNature(.standard), isCase)
      case .error: return properties(of: ErrorProperty.self)
      case .args, .tmpdir, .scriptdir, .any, .absent: return []
      case .it, .it2, .it3: break
      }
    }
    let name = context.name(base)
    let keys = context.keys(base).filter(Candidates.isWord).map { Candidate($0, .key) }
    switch name?.kind {
    case .channel?:
      if case .channel(let nature)? = name?.value { return onChannel(nature, isCase) }
      return onChannel(nil, isCase)
    case .module?: return keys
    case .function?, .message?: return []
    case .variable?, .setting?, nil:
      if !keys.isEmpty { return keys }
      switch name?.value ?? .unknown {
      case .unknown: return anything
      case .channel(let nature): return onChannel(nature, isCase)
      case .address: return properties(of: AddressProperty.self)
      case .error: return properties(of: ErrorProperty.self)
      case .task: return verbs { $0.receiver == .task || $0.receiver == .taskOrProcess }
      case .plain: return []
      }
    }
  }

  /// What this channel can do; nil: what channels can.
  private func onChannel(_ nature: ChannelNature?, _ isCase: Bool) -> [Completions.Candidate] {
    let serves = nature?.serves ?? true
    return verbs { row in
      row.receiver != .none && (!isCase || row.waiting.isSelectable) && nature?.takes(row.verb) ?? true
    } + (isCase || !serves ? [] : [word(Keyword.serve.rawValue, "a task for each connection")])
      + ChannelProperty.allCases.filter { nature?.has($0) ?? true }.map { Candidate($0.rawValue, .property) }
      + functionsOnChannel
  }

  /// `alice.login(…)`: a function that runs with that channel current.
  private var functionsOnChannel: [Completions.Candidate] {
    context.names.filter { $0.kind == .function }.map(candidate)
  }

  private func properties<Property: RawRepresentable & CaseIterable>(
    of property: Property.Type
  ) -> [Completions.Candidate] where Property.RawValue == String {
    Property.allCases.map { Candidate($0.rawValue, .property) }
  }

  /// Whether a key can be written behind a dot.
  private static func isWord(_ key: String) -> Bool {
    guard let first = key.utf8.first, Lexer.startsWord(first) else { return false }
    return key.utf8.allSatisfy(Lexer.continuesWord)
  }
}
