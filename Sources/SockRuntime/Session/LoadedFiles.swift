// Files in a session: what stands at their top level is run here, all of it or from a line on; tests wait until one is
// asked for, or gone on with from a line.

import SockLanguage

extension Session {
  /// What has become of a file.
  package struct Loading {
    package var outcome = Outcome.done
    /// The line of the statement that failed, where one has.
    package var failedAt: Int?
    package var hasTests = false
    /// The names of its tests that its text tells.
    package var tests: [String] = []
    /// Others have names that are known when they run.
    package var computesNames = false
    /// Why nothing of it was run; nil: it was.
    package var problem: String?
    /// All that stands outside of tests has run here, now or before.
    package var isPrepared = false
  }

  /// Runs a file's statements here: its names are the session's then. Of tests nothing is run; what stands in `setup`
  /// is run as if it stood outside.
  package func load(_ source: SourceFile) -> Loading {
    let file = LoadedFile(source)
    return run(file, file.blanked { _ in true })
  }

  /// The same from a line on: what begins before it is left out, but functions, messages, imports and settings are not.
  /// In a test what follows in that test is run, as if it stood outside.
  /// - Parameters:
  ///   - line: from 1.
  ///   - isPrepared: all that a test needs has been run here already: before a line of a test only what declares is.
  package func run(_ source: SourceFile, fromLine line: Int, isPrepared: Bool) -> Loading {
    let file = LoadedFile(source)
    switch file.place(of: line) {
    case .nowhere(let problem): return Loading(outcome: .failed, tests: file.tests, problem: problem)
    case .topLevel: return run(file, file.blanked { file.line(of: $0) >= line })
    case .test(let name, let first, let following):
      var loading = run(file, file.blanked { _ in !isPrepared })
      guard loading.outcome == .done, exitStatus == nil else { return loading }
      loading.isPrepared = true
      if isAtTerminal {
        let before = isPrepared ? "with what is open here" : file.hasSetup ? "behind its setup, which has run" : ""
        let test = name.map { "\"\(Printable.text($0))\"" } ?? "that test"
        say("\(test) from line \(line)\(before.isEmpty ? "" : ", \(before)")\n")
      }
      let rest = run(file, file.blanked(but: following))
      (loading.outcome, loading.failedAt) = (rest.outcome, rest.failedAt)
      // A name that it would have declared, as a rule.
      if isAtTerminal, mistake != nil, line > first {
        let path = Printable.text(source.name)
        let remedy = "`:run \(path) \(first)` runs all of it"
        tell("sock: what stands before line \(line) in that test has not run here: \(remedy)\n")
      }
      return loading
    }
  }

  private func run(_ file: LoadedFile, _ bytes: [UInt8]) -> Loading {
    failedLine = nil
    let outcome = evaluate(SourceFile(name: file.source.name, bytes: bytes), isWhole: true, isFile: true)
    return Loading(
      outcome: outcome, failedAt: outcome == .failed ? failedLine : nil, hasTests: file.hasTests, tests: file.tests,
      computesNames: file.computesNames)
  }
}

/// A file, of which not all is to be run: the rest becomes blanks, so that each line keeps its place.
private struct LoadedFile {
  let source: SourceFile
  private let statements: [Statement]
  private(set) var tests: [String] = []
  private(set) var computesNames = false
  private(set) var hasTests = false
  var hasSetup: Bool { statements.contains(where: \.isSetup) }

  /// Of a file that is wrong nothing is left out: what is wrong is told when it is run.
  init(_ source: SourceFile) {
    self.source = source
    let parsed = Parser.parse(source)
    statements = parsed.diagnostics.isEmpty ? parsed.body.statements : []
    var names: [String?] = []
    for statement in statements where LoadedFile.findTests(in: statement, &names) { hasTests = true }
    tests = names.compactMap { $0 }
    computesNames = tests.count < names.count
  }

  // MARK: - Places

  enum Place {
    case topLevel
    /// In the body of a test that begins at a line: what follows there.
    case test(name: String?, first: Int, [Statement])
    /// Nothing can be run from there, in words.
    case nowhere(String)
  }

  func place(of line: Int) -> Place {
    guard !statements.isEmpty else { return .topLevel }
    let count = source.lineCount - (source.bytes.last == 0x0A ? 1 : 0)
    guard (1...max(1, count)).contains(line) else { return .nowhere("\(source.name) has the lines 1 to \(count)") }
    for statement in statements where lines(of: statement).contains(line) {
      switch statement.kind {
      case .test(let test): return place(of: line, in: test)
      case .setup(let setup): return place(of: line, behind: setup.body.statements) ?? .topLevel
      case _ where holdsTests(statement):
        return .nowhere("line \(line) is in tests that a loop or a condition makes: `:test NAME` runs one of them")
      default: return place(of: line, behind: statements) ?? .topLevel
      }
    }
    let isBehindAll = statements.last.map { lines(of: $0).upperBound < line } ?? false
    return isBehindAll ? .nowhere("nothing stands behind line \(line)") : .topLevel
  }

  private func place(of line: Int, in test: TestDeclaration) -> Place {
    var name: String?
    if case .string(let bytes, _) = test.name { name = String(decoding: bytes, as: UTF8.self) }
    if let problem = place(of: line, behind: test.body.statements) { return problem }
    let following = test.body.statements.filter { self.line(of: $0) >= line }
    guard !following.isEmpty else { return .nowhere("nothing stands behind line \(line) in that test") }
    return .test(name: name, first: source.position(of: Int(test.range.lower)).line, following)
  }

  /// Where the line is inside a statement of several: that would be left out as one.
  private func place(of line: Int, behind statements: [Statement]) -> Place? {
    guard let around = statements.first(where: { lines(of: $0).contains(line) }), self.line(of: around) < line,
      !LoadedFile.isDefinition(around)
    else { return nil }
    let start = self.line(of: around)
    return .nowhere("line \(line) is inside the statement of line \(start): `:run \(source.name) \(start)` runs that")
  }

  func line(of statement: Statement) -> Int { source.position(of: Int(statement.range.lower)).line }

  private func lines(of statement: Statement) -> ClosedRange<Int> {
    let first = line(of: statement)
    return first...max(first, source.position(of: max(0, Int(statement.range.upper) - 1)).line)
  }

  // MARK: - What is left out

  /// Without tests, and without the statements that are not wanted but declare nothing; of `setup` what stands inside.
  func blanked(_ isWanted: (Statement) -> Bool) -> [UInt8] {
    var wanted: [Statement] = []
    for statement in statements where !holdsTests(statement) || statement.isSetup {
      if case .setup(let setup) = statement.kind {
        wanted += setup.body.statements.filter(isWanted)
      } else if LoadedFile.isDefinition(statement) || isWanted(statement) {
        wanted.append(statement)
      }
    }
    return statements.isEmpty ? source.bytes : blanked(but: wanted)
  }

  /// Nothing but these, which are in the order of the text.
  func blanked(but wanted: [Statement]) -> [UInt8] {
    var bytes = source.bytes
    func blank(_ range: Range<Int>) -> Bool {
      var hasLineEnd = false
      for at in range {
        if bytes[at] == 0x0A || bytes[at] == 0x0D { hasLineEnd = true } else { bytes[at] = 0x20 }
      }
      return hasLineEnd
    }
    var end = 0
    for statement in wanted {
      let gap = end..<max(end, Int(statement.range.lower))
      // Of two that stood on one line the first one ends where it did.
      if !blank(gap), end > 0, !gap.isEmpty { bytes[end] = UInt8(ascii: ";") }
      end = Int(statement.range.upper)
    }
    _ = blank(min(end, bytes.count)..<bytes.count)
    return bytes
  }

  private func holdsTests(_ statement: Statement) -> Bool {
    var names: [String?] = []
    return LoadedFile.findTests(in: statement, &names)
  }

  /// Whether it is a test or a `setup`, or holds one.
  /// - Parameter names: gets those of the tests; nil for one that is computed.
  private static func findTests(in statement: Statement, _ names: inout [String?]) -> Bool {
    switch statement.kind {
    case .test(let test):
      if case .string(let name, _) = test.name {
        names.append(String(decoding: name, as: UTF8.self))
      } else {
        names.append(nil)
      }
      return true
    case .setup: return true
    case .forLoop(_, _, let body): return findTests(in: body, &names)
    case .conditional(let branches, let otherwise):
      var found = false
      for body in branches.map(\.body) + [otherwise].compactMap({ $0 }) {
        found = findTests(in: body, &names) || found
      }
      return found
    default: return false
    }
  }

  private static func findTests(in block: Block, _ names: inout [String?]) -> Bool {
    var found = false
    for statement in block.statements where findTests(in: statement, &names) { found = true }
    return found
  }

  private static func isDefinition(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .function, .message, .importFile, .param: true
    default: false
    }
  }
}

extension Statement {
  fileprivate var isSetup: Bool { if case .setup = kind { true } else { false } }
}
