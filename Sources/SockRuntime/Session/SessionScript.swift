// From the record of a session to the text of a script that does the same and expects what came: `:save`.
//
// Three passes: what each statement is (SessionStatement), which of them are needed (backwards, from what uses them),
// and then the text, in the session's order.

import SockLanguage

package enum SessionScript {
  /// The script; nil when the session has done nothing that could be repeated.
  ///
  /// - Parameters:
  ///   - date: for the test's name.
  ///   - path: where the text will be written: what it imports is named from there.
  ///   - workingDirectory: from where the session named its files; absolute.
  ///   - secrets: what the script says by name instead.
  package static func text(
    _ record: SessionRecord, date: String, path: String, workingDirectory: String, hiding secrets: Secrets = Secrets()
  ) -> [UInt8]? {
    let paths = ImportPaths(path: path, workingDirectory: workingDirectory)
    var writer = SessionWriter(record, paths: paths, secrets)
    // Blocks come as they were typed.
    return writer.write(date: date).map { text in
      let hidden = SavedSecrets(secrets, names: writer.secretNames).replaced(in: text, named: path)
      let parsed = Parser.parse(SourceFile(name: path, text: hidden))
      return parsed.diagnostics.isEmpty ? Formatter.format(parsed) : Array(hidden.utf8)
    }
  }
}

/// How a file is named from the folder of a script, that the session named from its own.
struct ImportPaths {
  private let prefix: String

  init(path: String, workingDirectory: String) {
    let folders = path.split(separator: "/").dropLast().filter { $0 != "." }
    if path.hasPrefix("/") || folders.contains("..") {
      prefix = workingDirectory.hasSuffix("/") ? workingDirectory : "\(workingDirectory)/"
    } else {
      prefix = String(repeating: "../", count: folders.count)
    }
  }

  func path(of imported: String) -> String { imported.hasPrefix("/") ? imported : prefix + imported }
}

struct SessionWriter {
  private let record: SessionRecord
  let statements: [SessionStatement]
  private let answers: Answers
  private let paths: ImportPaths
  /// Which statements are written, by their numbers.
  private var kept: Set<Int> = []
  /// What the value of a statement is called that was used as `it`.
  private var itNames: [Int: String] = [:]
  /// Of each statement that says `it`, or `it2`: what that means.
  private var itMeanings: [Int: [String: String]] = [:]
  /// Names for connections that the session has chosen by their numbers, by these.
  var givenNames: [Int: String] = [:]
  /// The names whose value is used behind a statement.
  private var neededBehind: [Int: Set<String>] = [:]
  private var taken: Set<String> = []
  /// The address of the first connection, which becomes a setting, and what the setting is called.
  private var target: (address: String, name: String)?
  /// Names declared by what has been written so far.
  private var declared: Set<String> = []
  private let secrets: Secrets
  /// The secrets that the session has declared and the script speaks of: it declares them too.
  private(set) var secretNames: Set<String> = []

  init(_ record: SessionRecord, paths: ImportPaths, _ secrets: Secrets) {
    self.record = record
    self.paths = paths
    self.secrets = secrets
    let statements = record.entries.map(SessionStatement.init)
    self.statements = statements
    answers = Answers(record.entries) { statements[$0].joinsReads }
    for statement in statements { taken.formUnion(statement.uses + statement.declares) }
    findMeaningsOfIt()
    giveNames()
    findSecrets()
    findNeeded()
    findTarget()
  }

  mutating func write(date: String) -> String? {
    let top = topDefinitions()
    var head: [String] = []
    var body: [String] = []
    for number in statements.indices where kept.contains(number) {
      if top.contains(number) {
        if case .function = statements[number].kind, !head.isEmpty || target != nil { head.append("") }
        head += verbatim(number)
      } else {
        body += lines(of: number).map { $0.isEmpty ? $0 : "  \($0)" }
      }
    }
    guard body.contains(where: { !$0.isEmpty }) else { return nil }
    var text = ""
    if let target { text += "param \(target.name) = \(SourceText.quoted(Array(target.address.utf8)))\n" }
    if !head.isEmpty { text += head.joined(separator: "\n") + "\n" }
    if !text.isEmpty { text += "\n" }
    text += "test \(SourceText.quoted(Array("session of \(date)".utf8)))\n"
    text += body.joined(separator: "\n") + "\nend\n"
    if record.isFull { text += "# The session went on; no more of it was kept.\n" }
    return text
  }

  /// A name that the session does not use.
  mutating func freshName(_ wish: String) -> String {
    var name = wish
    var number = 2
    while taken.contains(name) {
      name = "\(wish)\(number)"
      number += 1
    }
    taken.insert(name)
    return name
  }

  private mutating func findSecrets() {
    for secret in secrets.all where !secretNames.contains(secret.name) {
      let isDeclared = statements.contains { statement in
        guard case .param(let setting) = statement.kind else { return false }
        return setting.isSecret && setting.name.name == secret.name
      }
      let own = Secrets()
      own.add(secret.bytes, name: secret.name)
      func holds(_ bytes: [UInt8]) -> Bool { !own.ranges(in: bytes).isEmpty }
      let isSpokenOf = statements.contains { statement in
        if case .param = statement.kind { return false }
        return holds(Array(statement.entry.source.bytes(in: statement.entry.statement.range)))
          || statement.entry.events.contains { holds($0.bytes) }
      }
      let isCut = secrets.pieces.all.contains { secret.offset(of: $0) != nil }
      if isDeclared, isSpokenOf || isCut { secretNames.insert(secret.name) }
    }
  }

  // MARK: - What is needed

  private mutating func findMeaningsOfIt() {
    var shown: [Int] = []
    for (number, statement) in statements.enumerated() {
      for (depth, result) in PredefinedName.results.enumerated()
      where depth < shown.count && statement.uses.contains(result.rawValue) {
        let meant = shown[shown.count - 1 - depth]
        let name = itNames[meant] ?? freshName("answer")
        itNames[meant] = name
        itMeanings[number, default: [:]][result.rawValue] = name
      }
      if statement.entry.becameIt { shown.append(number) }
    }
  }

  /// A function reads its names when it is called, and not where it is declared: who needs it, needs them. So are the
  /// messages that a message is made of, which may stand behind it.
  private func need(_ name: String, in needed: inout Set<String>, _ reads: [String: Set<String>]) {
    guard needed.insert(name).inserted, let more = reads[name] else { return }
    for name in more { need(name, in: &needed, reads) }
  }

  private mutating func findNeeded() {
    var needed = secretNames
    var reads: [String: Set<String>] = [:]
    for statement in statements where statement.names.hasFunction || statement.isMessage {
      var names = statement.declares
      if case .assign(.name(let name), _, _) = statement.kind { names.append(name.name) }
      for name in names { reads[name, default: []].formUnion(statement.uses) }
    }
    var defined: Set<String> = []
    for number in statements.indices.reversed() {
      let statement = statements[number]
      neededBehind[number] = needed
      let sets = itNames[number].map { [$0] } ?? []
      var uses: [String] = []
      switch statement.role {
      case .action:
        kept.insert(number)
        uses = statement.uses
      case .read(let step, _):
        kept.insert(number)
        uses = TreeNames(of: .step(step)).uses.map(\.name)
      case .steps(let names):
        kept.insert(number)
        uses = (names + sets).contains(where: needed.contains) ? statement.uses : usesInSteps(statement)
      case .value(let names):
        guard (names + sets).contains(where: needed.contains) else { continue }
        kept.insert(number)
        uses = statement.uses
      case .definition:
        guard let name = statement.declares.first, needed.contains(name) else { continue }
        // Of two of one name the later one is the script's: a file that was changed is loaded again.
        switch statement.kind {
        case .function, .param, .message: if !defined.insert(name).inserted { continue }
        default: break
        }
        kept.insert(number)
        uses = statement.uses
      case .conversation:
        if !statement.entry.events.isEmpty { kept.insert(number) }
      case .nothing:
        guard sets.contains(where: needed.contains) else { continue }
        kept.insert(number)
        uses = statement.uses
      }
      if kept.contains(number), let speaker = speaker(of: number) { uses.append(speaker) }
      for name in uses { need(name, in: &needed, reads) }
      if let meanings = itMeanings[number], !uses.isEmpty { needed.formUnion(meanings.values) }
    }
  }

  /// What the steps themselves use that are told one by one.
  private func usesInSteps(_ statement: SessionStatement) -> [String] {
    let ranges = statement.entry.events.compactMap(\.step)
    return statement.names.uses.filter { use in
      ranges.contains { $0.lower <= use.range.lower && use.range.upper <= $0.upper }
    }.map(\.name)
  }

  /// Functions, imports and settings that use no name of the test's own can stand before it.
  private func topDefinitions() -> Set<Int> {
    var top = kept.filter { if case .definition = statements[$0].role { true } else { false } }
    while true {
      let inner = Set(kept.subtracting(top).flatMap { statements[$0].declares + (itNames[$0].map { [$0] } ?? []) })
      let stay = top.filter { number in
        let statement = statements[number]
        let own = Set(statement.names.declarations.map(\.name))
        return !statement.uses.contains { inner.contains($0) && !own.contains($0) }
      }
      if stay.count == top.count { return top }
      top = stay
    }
  }

  // MARK: - The address of the other side

  private mutating func findTarget() {
    for number in kept.sorted() {
      for step in statements[number].names.steps {
        guard let (address, _) = SessionWriter.literalAddress(step), isTopLevel(step, of: number) else { continue }
        target = (address, freshName("target"))
        return
      }
    }
  }

  /// The statement is the step, or gives its result a name.
  private func isTopLevel(_ step: Step, of number: Int) -> Bool {
    switch statements[number].kind {
    case .expression(.step(let own)): own === step
    case .declare(_, .step(let own)), .assign(_, _, .step(let own)): own === step
    default: false
    }
  }

  /// Where a `connect` goes to, if that is written out in it, and where in the text that stands.
  private static func literalAddress(_ step: Step) -> (text: String, range: SourceRange)? {
    guard step.verb == .connect, let address = step.address else { return nil }
    switch address {
    case .bare(let parts, let range):
      var bytes: [UInt8] = []
      for part in parts {
        guard case .bytes(let piece) = part else { return nil }
        bytes += piece
      }
      return (String(decoding: bytes, as: UTF8.self), range)
    case .value(.integer(let port, let range)): return ("127.0.0.1:\(port)", range)
    case .value(.string(let bytes, let range)): return (String(decoding: bytes, as: UTF8.self), range)
    case .hostAndPort(.string(let host, let first), .integer(let port, let last)):
      let text = String(decoding: host, as: UTF8.self)
      return (text.utf8.contains(UInt8(ascii: ":")) ? "[\(text)]:\(port)" : "\(text):\(port)", first.joined(last))
    default: return nil
    }
  }

  // MARK: - Text

  private mutating func lines(of number: Int) -> [String] {
    let statement = statements[number]
    let needed = neededBehind[number] ?? []
    defer { declared.formUnion(statement.declares) }
    switch statement.role {
    case .read(let step, let name): return expectations(number, step, name)
    case .steps(let names):
      let sets = names + (itNames[number].map { [$0] } ?? [])
      return sets.contains(where: needed.contains) ? spoken(number) : steps(number)
    case .conversation: return literalSteps(number)
    case .action, .value, .definition, .nothing: return spoken(number)
    }
  }

  /// A `recv` as what it received.
  private mutating func expectations(_ number: Int, _ step: Step, _ name: String?) -> [String] {
    let needed = neededBehind[number] ?? []
    // Both the name that it was given and `it` may be used.
    let names = [name, itNames[number]].compactMap { $0 }.filter { needed.contains($0) }
    let first = names.first
    var text: [String] = []
    for (eventNumber, event) in statements[number].entry.events.enumerated() {
      text += expectation(step, number, named: first, event, eventNumber)
    }
    guard !statements[number].entry.events.isEmpty else { return first == nil ? [] : verbatim(number) }
    if let first { declared.insert(first) }
    for other in names.dropFirst() {
      text.append("\(declared.contains(other) ? "" : "let ")\(other) = \(first ?? "nil")")
    }
    return text
  }

  private mutating func expectation(
    _ step: Step, _ number: Int, named name: String?, _ event: SessionRecord.Event, _ eventNumber: Int
  ) -> [String] {
    var receiver = ""
    if let range = step.receiver?.range {
      receiver = "\(edited(range, in: number))."
    } else if let speaker = speaker(of: number) {
      receiver = "\(speaker)."
    }
    let original = edited(step.range, in: number)
    let declaration = name.map { "\(declared.contains($0) ? "" : "let ")\($0) = " } ?? ""
    let answer = answers.answer(of: eventNumber, in: number)
    let isSpecial = answer.map { $0.counter != nil || $0.form == .until } ?? false
    var expectation = Expectation(
      receiver: receiver, deadline: step.within.map { " within \(edited($0.range, in: number))" } ?? "", name: name,
      isDeclared: name.map(declared.contains) ?? false,
      matchName: name == nil && event.count <= Expectation.longest && !isSpecial ? "" : freshName("m"),
      original: step.result == nil ? declaration + original : original)
    if step.has(.message), let message = step.operands.first {
      expectation.message = (edited(message.range, in: number), message.message)
    }
    if let name, let answer, answer.form == .line { expectation.countsWhatVaries = isLengthOfWhatVaries(name, number) }
    return expectation.lines(for: event, answer)
  }

  /// A `recv exactly` behind it counts its bytes by this name, and what that received varies.
  private func isLengthOfWhatVaries(_ name: String, _ number: Int) -> Bool {
    for later in statements.indices where later > number && kept.contains(later) {
      guard case .read(let step, _) = statements[later].role, step.has(.exactly) else { continue }
      guard TreeNames(of: .step(step)).uses.contains(where: { $0.name == name }) else { continue }
      for event in statements[later].entry.events.indices {
        guard let answer = answers.answer(of: event, in: later), answer.isKept else { continue }
        let lines = Expectation.split(answer.bytes)
        let alternatives = answer.alternatives.map { Expectation.split($0.bytes) }
        for (at, line) in lines.enumerated() {
          let others = alternatives.compactMap { at < $0.count ? $0[at] : nil }
          if !AnswerPattern(line, others: others, span: answer.span).isConstant { return true }
        }
      }
    }
    return false
  }

  /// The steps of a statement whose value nobody uses, one by one.
  private mutating func steps(_ number: Int) -> [String] {
    let statement = statements[number]
    var text: [String] = []
    for (eventNumber, event) in statement.entry.events.enumerated() {
      guard let range = event.step, let step = statement.names.steps.first(where: { $0.range == range }) else {
        return verbatim(number)
      }
      if step.verb == .recv {
        text += expectation(step, number, named: nil, event, eventNumber)
      } else {
        text.append(edited(range, in: number))
      }
    }
    return text
  }

  /// What a statement did that did not come to its end, or a person did.
  private func literalSteps(_ number: Int) -> [String] {
    var text: [String] = []
    for (eventNumber, event) in statements[number].entry.events.enumerated() {
      // A channel whose name was lost with the statement cannot be spoken to.
      let isCurrent = statements[number].entry.current?.channel == event.channel
      let name = event.name ?? (isCurrent ? speaker(of: number) : nil)
      if let name, givenNames[event.channel] == nil, !declared.contains(name) { continue }
      let receiver = name.map { "\($0)." } ?? ""
      if case .sent(let isLine) = event.kind {
        guard event.count == event.bytes.count else { continue }
        text.append("\(receiver)send \(isLine ? "line " : "")\(SourceText.quoted(event.bytes))")
      } else {
        let expectation = Expectation(
          receiver: receiver, deadline: "", name: nil, isDeclared: false, matchName: "",
          original: "\(receiver)recv exactly \(event.count)")
        text += expectation.lines(for: event, answers.answer(of: eventNumber, in: number))
      }
    }
    return text
  }

  // MARK: - As it was written

  /// The statement's own text, with what has another name in the script replaced.
  mutating func verbatim(_ number: Int) -> [String] {
    let statement = statements[number]
    if case .param(let setting) = statement.kind, setting.isSecret, let value = setting.value,
      !secrets.ranges(in: Array(statement.entry.source.bytes(in: value.range))).isEmpty
    {
      // Its value is given anew: `--set`, or the environment.
      return ["param secret \(setting.name.name) = env(\"\(setting.name.name.uppercased())\")"]
    }
    var text = edited(statement.entry.statement.range, in: number)
    var before: [String] = []
    if case .declare(let target, _) = statement.kind {
      let names = statement.names.declarations.map(\.name)
      if names.contains(where: declared.contains) {
        // A session may declare a name again; a script sets it.
        if case .list = target { before = names.filter { !declared.contains($0) }.map { "let \($0) = nil" } }
        text = String(text.dropFirst(Keyword.let.rawValue.utf8.count).drop { $0 == " " || $0 == "\t" })
      }
    }
    if case .expression = statement.kind {
      if let name = itNames[number] {
        text = "let \(name) = \(text)"
      } else if !Parser.parse(SourceFile(name: "", text: text)).diagnostics.isEmpty {
        // A value alone, which is a line of a session and no statement of a script.
        text = "let \(freshName("value")) = \(text)"
      }
    }
    return before + text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The text of a range of a statement, with the edits that fall into it made.
  private func edited(_ range: SourceRange, in number: Int) -> String {
    let statement = statements[number]
    var edits: [(range: SourceRange, text: String)] = []
    if let target {
      for step in statement.names.steps {
        guard let (address, place) = SessionWriter.literalAddress(step), address == target.address else { continue }
        edits.append((place, target.name))
      }
    }
    if let meanings = itMeanings[number] {
      edits += statement.names.uses.compactMap { use in meanings[use.name].map { (use.range, $0) } }
    }
    edits += namings(in: number)
    if case .importFile(let declaration) = statement.kind {
      edits.append((declaration.pathRange, SourceText.quoted(Array(paths.path(of: declaration.path).utf8))))
    }
    var text: [UInt8] = []
    var at = Int(range.lower)
    for edit in edits.sorted(by: { $0.range.lower < $1.range.lower }) {
      guard Int(edit.range.lower) >= at, edit.range.upper <= range.upper else { continue }
      text += statement.entry.source.bytes(in: SourceRange(at, Int(edit.range.lower)))
      text += edit.text.utf8
      at = Int(edit.range.upper)
    }
    text += statement.entry.source.bytes(in: SourceRange(at, Int(range.upper)))
    return String(decoding: text.filter { $0 != 0x0D }, as: UTF8.self)
  }
}

extension Expectation {
  /// - Parameter answer: nil when another event has brought it.
  fileprivate func lines(for event: SessionRecord.Event, _ answer: Answer?) -> [String] {
    switch event.kind {
    case .received: answer.map { lines(for: $0) } ?? []
    case .ended: linesForEnd()
    case .opened, .sent: []
    }
  }
}
