// What the help says about the codes of the parser and the checker is so: the example gives the code, the cure nothing.

import Testing

@testable import SockLanguage

/// A code and what is said about it, as a test's argument.
struct ExplainedCode: CustomTestStringConvertible {
  let code: String
  let explanation: ErrorExplanation
  var testDescription: String { code }

  static let all = DiagnosticCodes.all.map { ExplainedCode(code: $0.rawValue, explanation: $0.explanation) }
}

@Suite("The explanations of codes")
struct ExplanationTests {
  /// The files that the examples import. A file of `parts/` imports the next one, without end.
  private static func load(_ bytes: [UInt8], withWarnings: Bool = false) -> LoadResult {
    let source = SourceFile(name: "main.sock", bytes: bytes)
    func read(_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure> {
      if path == "main.sock" { return .success(SourceFile(name: path, bytes: bytes)) }
      if path == "lib/smtp.sock" { return .success(SourceFile(name: path, text: "let port = 25\n")) }
      if let number = Int(path) { return .success(SourceFile(name: path, text: "import \"\(number + 1)\" as next\n")) }
      return .failure(ReadFailure(message: "no such file"))
    }
    return withWarnings ? Linter.load(source, read: read) : Loader.load(source, read: read)
  }

  @Test(
    "the example gives the code, and the cure no complaint",
    arguments: ExplainedCode.all.filter { $0.explanation.example != nil })
  func example(explained: ExplainedCode) throws {
    let example = try #require(explained.explanation.example)
    let isWarning = CheckerCode(rawValue: explained.code)?.isFromLinter == true
    let caused = Self.load(Array("\(example.causes)\n".utf8), withWarnings: isWarning).diagnostics
    #expect(caused.map(\.code).contains(explained.code), "it gives \(caused.map(\.code))")
    for diagnostic in Self.load(Array("\(example.cure)\n".utf8), withWarnings: isWarning).diagnostics {
      Issue.record("the cure is complained about: \(DiagnosticRenderer.render(diagnostic, color: false))")
    }
  }

  /// What is too large, too deep or no text to be shown in the help.
  static let unshown: [(code: String, script: @Sendable () -> [UInt8])] = [
    ("not-text", { Array("print 1\0".utf8) }),
    ("not-utf8", { Array("print \"".utf8) + [0xFF] + Array("\"".utf8) }),
    ("too-many-errors", { Array(String(repeating: "lisen 1\n", count: Limits.diagnostics + 1).utf8) }),
    ("too-deep", { Array(("print " + String(repeating: "(", count: Limits.nesting + 1)).utf8) }),
    ("import-too-deep", { Array("import \"1\" as next\nprint 1".utf8) }),
    ("too-many-warnings", { (0...Limits.diagnostics).flatMap { Array("let a\($0) = 1\nprint 1\n".utf8) } }),
    ("too-many-complaints", { (0...Limits.diagnostics).flatMap { Array("print a\($0)\n".utf8) } }),
  ]

  @Test("a code without an example can be caused all the same", arguments: unshown.map(\.code))
  func withoutExample(code: String) throws {
    let script = try #require(Self.unshown.first { $0.code == code }).script
    #expect(Self.load(script(), withWarnings: true).diagnostics.map(\.code).contains(code))
  }

  @Test("no other code is without an example")
  func complete() {
    let without = ExplainedCode.all.filter { $0.explanation.example == nil }.map(\.code)
    // A file of 64 MiB is made by the tests of hostile inputs.
    #expect(Set(without) == Set(Self.unshown.map(\.code)).union(["source-too-large"]))
  }

  @Test("each code stands for one thing, and each meaning is a sentence")
  func texts() {
    let all = HelpCatalog.codes.flatMap(\.codes)
    #expect(Set(all.map(\.code)).count == all.count)
    for (code, explanation) in all {
      let meaning = explanation.meaning
      #expect(meaning.hasSuffix(".") && !meaning.contains("\n"), "\(code)")
      #expect(meaning.filter { $0 == "`" }.count % 2 == 0, "\(code): a backquote is alone")
    }
  }
}
