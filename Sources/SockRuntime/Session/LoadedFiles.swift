// Files in a session: what stands at their top level is run here, all of it or from a line on; tests wait until one is
// asked for.

import SockLanguage

extension Session {
  /// What has become of a file.
  package struct Loading {
    package let outcome: Outcome
    /// The line of the statement that failed, where one has.
    package let failedAt: Int?
    package let hasTests: Bool
    /// The names of its tests that its text tells.
    package let tests: [String]
  }

  /// Runs a file's statements here: its names are the session's then. Of tests nothing is run; what stands in `setup`
  /// is run as if it stood outside.
  /// - Parameter line: what begins before it is left out, but functions, imports and settings are not.
  package func load(_ source: SourceFile, fromLine line: Int = 1) -> Loading {
    let parsed = Parser.parse(source)
    let statements = parsed.diagnostics.isEmpty ? parsed.body.statements : []
    var bytes = source.bytes
    func blank(_ start: Int, _ end: Int) {
      for at in start..<max(start, end) where bytes[at] != 0x0A && bytes[at] != 0x0D { bytes[at] = 0x20 }
    }
    var tests: [String] = []
    var hasTests = false
    for statement in statements {
      let range = statement.range.offsets
      if case .setup(let setup) = statement.kind, let first = setup.body.statements.first,
        let last = setup.body.statements.last
      {
        hasTests = true
        blank(range.lowerBound, Int(first.range.lower))
        blank(Int(last.range.upper), range.upperBound)
        continue
      }
      let isTest = Session.findTests(in: statement, &tests)
      hasTests = hasTests || isTest
      let isBefore = source.position(of: range.lowerBound).line < line
      if isTest || isBefore && !Session.isDefinition(statement) { blank(range.lowerBound, range.upperBound) }
    }
    let rest = SourceFile(name: source.name, bytes: bytes)
    failedLine = nil
    let outcome = evaluate(rest, isWhole: true, isFile: true)
    return Loading(
      outcome: outcome, failedAt: outcome == .failed ? failedLine : nil, hasTests: hasTests, tests: tests)
  }

  /// Whether it is a test or a `setup`, or holds one.
  private static func findTests(in statement: Statement, _ names: inout [String]) -> Bool {
    switch statement.kind {
    case .test(let test):
      if case .string(let name, _) = test.name { names.append(String(decoding: name, as: UTF8.self)) }
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

  private static func findTests(in block: Block, _ names: inout [String]) -> Bool {
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
