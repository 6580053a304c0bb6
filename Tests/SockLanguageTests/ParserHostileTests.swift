// Texts that were made to hurt: each ends in clear errors, soon, on a small stack.

import Glibc
import Testing

@testable import SockLanguage

@Suite struct ParserHostileTests {
  /// Something that a text nests thousands of times.
  static let nested: [String] = [
    "(", "[", "{a:", "f(", "a[", "-", "~ ", "not ", "try ", "\"${", "/${", "connect ${", "if x\n", "def f()\n",
    "loop\n", "spawn\n", "serve\n", "with x\n", "try\n", "select\nwhen recv\n", "case x\nis 1\n", "test \"x\"\n", "send (",
    "recv within (",
    "x = (", "1+", "x and ", "a.b(", "x.send (", "defer send (", "f(a[{b:", "(x.send to f(", "a[..",
    "x not in ", "raise (", "if a then ", "if a then b else ", "try a else ", "fn() ", "fn(a = ", "(fn() ",
  ]

  @Test(arguments: nested) func deepNestingEndsInOneError(_ piece: String) {
    let text = String(repeating: piece, count: piece == "(" ? 100_000 : 5000)
    let parsed = onSmallStack { parse(text) }
    #expect((1...2).contains(parsed.diagnostics.count))
    #expect(!parsed.isIncomplete)
  }

  /// As deep as it may be: whole, and within the stack.
  @Test(arguments: [
    ("(", "1", ")", 40), ("[", "1", "]", 25), ("{a: ", "1", "}", 25), ("f(", "1", ")", 25), ("-(", "1", ")", 20),
    ("(send ", "1", ")", 15), ("\"${", "1", "}\"", 25), ("if x\n", "print 1", "\nend", 45),
    ("loop\n", "recv", "\nend", 45), ("if a then b else ", "1", "", 60), ("try a else ", "1", "", 60),
    ("(if a then b else ", "1", ")", 25), ("fn() ", "1", "", 40), ("(fn(x) ", "1", ")", 20),
    ("case x\nis 1\n", "print 1", "\nend", 45),
  ]) func nestingWithinTheLimitParses(_ open: String, _ middle: String, _ close: String, _ depth: Int) {
    let isStatement = open.hasSuffix("\n")
    let text =
      (isStatement ? "" : "print ") + String(repeating: open, count: depth) + middle
      + String(repeating: close, count: depth)
    #expect(onSmallStack { complaints(text) } == [])
  }

  @Test(arguments: [
    "print 1" + String(repeating: "+1", count: 100_000), "print x" + String(repeating: ".a", count: 100_000),
    "print x" + String(repeating: "[0]", count: 100_000), "print x" + String(repeating: "()", count: 100_000),
  ])
  func leftLeaningTreesAreLimitedToo(_ text: String) {
    // A later stage walks down the left side by recursion.
    #expect(onSmallStack { codes(text) } == ["too-deep"])
  }

  /// Branches stand side by side, however many: they are nested no deeper, and the checker's work grows as they do.
  @Test func manyBranchesAreNoNesting() {
    let branches = (0..<10_000).map { "is \($0)\n  let y = \($0)\n" }.joined()
    #expect(onSmallStack { diagnostics(of: "case args[0]\n\(branches)end\nprint y").isEmpty })
    let lists = (0..<10_000).map { "is \($0), \"\($0)\" as m\n  let [y, _] = [m, 1]\n" }.joined()
    #expect(onSmallStack { diagnostics(of: "case args[0]\n\(lists)end\nprint y").isEmpty })
  }

  @Test func randomBytesGiveAFewErrors() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let bytes = (0..<2000).map { _ in UInt8.random(in: 1...255, using: &random) }
      let parsed = Parser.parse(SourceFile(name: "random", bytes: bytes))
      #expect(!parsed.diagnostics.isEmpty && parsed.diagnostics.count <= Limits.diagnostics + 1)
    }
  }

  /// Pieces of the language in any order: no crash, no hang, and ranges that lie in the text.
  @Test func randomTokensGiveErrorsInTheText() {
    let pieces =
      Keyword.allCases.map(\.rawValue) + Verb.allCases.map(\.rawValue) + OptionWord.allCases.map(\.rawValue)
      + ContextWord.allCases.map(\.rawValue) + Mark.allCases.map(\.rawValue)
      + [
        "\n", "\n", "\n", "\r\n", ";", "\"a", "\"", "'", "x\"0", "\"\"\"", "${", "1", "5s", "0x", "a", "b:1", "\\\n",
        "#", "é", "$",
      ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<60 {
        text += pieces[Int.random(in: 0..<pieces.count, using: &random)]
        if Bool.random(using: &random) { text += " " }
      }
      let parsed = parse(text)
      for diagnostic in parsed.diagnostics where Int(diagnostic.range.upper) > parsed.source.bytes.count {
        Issue.record("\(diagnostic.code) lies outside of \(text)")
      }
      var end = 0
      for token in parsed.tokens {
        if token.start < end { Issue.record("tokens overlap in \(text)") }
        end = token.end
      }
      // A prefix ends anywhere.
      _ = Parser.parse(SourceFile(name: "cut", bytes: Array(text.utf8.prefix(text.utf8.count / 2))))
    }
  }

  @Test func longLinesAreRead() {
    let long = String(repeating: "a", count: 10_000_000)
    #expect(codes("print \"\(long)\"") == [])
    #expect(codes("print \"\(long)") == ["unclosed-string"])
    #expect(codes("print 1\(long)") == ["bad-number"])
  }

  @Test(arguments: [
    "let a = \"\"\"\n" + String(repeating: "${", count: 300_000), String(repeating: "loop;end;", count: 100_000),
    String(repeating: " ", count: 1_000_000) + String(repeating: "loop;end;", count: 30_000),
    String(repeating: "print \"${", count: 200_000),
  ]) func workGrowsWithTheLength(_ text: String) {
    // Each of these once cost the square of its length.
    let start = ContinuousClock.now
    _ = parse(text)
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func theLastDiagnosticSaysThatThereWereTooMany() {
    let parsed = parse(String(repeating: "end\n", count: 1000))
    #expect(parsed.diagnostics.count == Limits.diagnostics + 1)
    #expect(parsed.diagnostics.last?.code == "too-many-errors")
  }

  @Test func zeroBytesAreNoText() {
    let parsed = Parser.parse(SourceFile(name: "binary", bytes: [0x7F, 0x45, 0x4C, 0x46, 0x00, 0xFF]))
    #expect(parsed.diagnostics.map(\.code) == ["not-text"])
  }

  @Test func aFileHasALimit() {
    let parsed = Parser.parse(SourceFile(name: "huge", bytes: [UInt8](repeating: 0x0A, count: Limits.sourceBytes + 1)))
    #expect(parsed.diagnostics.map(\.code) == ["source-too-large"])
  }

  /// Runs on a thread with a stack of 512 KiB, and drops what is dropped there.
  private func onSmallStack<Value>(_ body: @escaping () -> Value) -> Value {
    var value: Value?
    let work = Work { value = body() }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 512 << 10)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { pointer in
        if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    precondition(status == 0)
    pthread_join(thread, nil)
    guard let value else { preconditionFailure("the thread gave no value") }
    return value
  }

  private final class Work {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }
}
