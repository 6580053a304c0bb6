// The scripts of the repository, damaged: the front end and the compiler answer each with a tree, complaints or a
// program, soon, and never with a trap. Nothing of them is run. The seed is fixed, so a failure comes again.
import SockLanguage
import SockRuntime
import Testing

@Suite struct FuzzTests {
  private static let mutations = 3000
  /// Longer scripts are left out: the work is in the number of damages.
  private static let longestScript = 6000
  /// How long one text of a few thousand bytes may take.
  private static let patience = Duration.seconds(5)

  private static let folders =
    ["Tests/Scripts/errors", "scripts/examples"]
    + Repository.names(in: "Tests/Scripts/language").map { "Tests/Scripts/language/\($0)" }

  private static let scripts: [[UInt8]] = folders.flatMap { folder in
    Repository.names(in: folder, endingWith: ".sock").compactMap { Repository.read("\(folder)/\($0)") }
  }.filter { !$0.isEmpty && $0.count <= longestScript }

  /// What is put into texts: words and marks of the language, and what ends or begins something.
  private static let pieces: [[UInt8]] =
    (Keyword.allCases.map(\.rawValue) + Verb.allCases.map(\.rawValue) + OptionWord.allCases.map(\.rawValue)
    + Mark.allCases.map(\.rawValue)
    + [
      "\n", ";", "\"", "'", "x\"", "\"\"\"", "${", "}", "/", "\\", "#", "\r\n", "\t", "0x", "9223372036854775808", "5s",
      "1..", "é", "\u{FEFF}", "\u{202E}", "host:1", "${a}:1", "as x", "(recv)", "[a, b] =", "end\nend",
    ]).map { Array($0.utf8) } + [[0], [0x0D], [0x80], [0xFF]]

  @Test func damagedScriptsAreAnswered() throws {
    try #require(Self.scripts.count > 50)
    var random = SeededGenerator(seed: 20)
    var compiled = 0
    for number in 0..<Self.mutations {
      var text = Self.scripts[Int.random(in: 0..<Self.scripts.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&text, &random) }
      let began = ContinuousClock.now
      if Self.answer(text) { compiled += 1 }
      let taken = ContinuousClock.now - began
      #expect(taken < Self.patience, "text \(number) took \(taken): \(String(decoding: text, as: UTF8.self))")
    }
    // Damage leaves some whole: else the compiler would not be tried.
    #expect(compiled > Self.mutations / 50)
  }

  /// What an editor asks while a text is being written.
  private static func ask(_ file: CheckedFile, _ tokens: [Token]) {
    let index = SyntaxIndex(file)
    let source = file.source
    for name in index.occurrences where !source.bytes(in: name.range).elementsEqual(name.name.utf8) {
      Issue.record("`\(name.name)` does not stand at \(name.range)")
    }
    var end = 0
    for piece in Colours.pieces(tokens, of: source, index) {
      if piece.range.lowerBound < end || piece.range.isEmpty {
        Issue.record("\(piece) in \(source.text(file.body.range))")
      }
      end = piece.range.upperBound
    }
    if end > source.bytes.count { Issue.record("a colour behind the end") }
    for fold in Folds.all(tokens, of: source, index) where fold.lines.upperBound > source.lineCount {
      Issue.record("\(fold) of \(source.lineCount) lines")
    }
    _ = Outline(file)
    for offset in stride(from: 0, through: source.bytes.count, by: max(1, source.bytes.count / 7)) {
      _ = Explanation.at(offset, tokens: tokens, of: file, index)?.markdown
      _ = Signature.at(offset, tokens: tokens, of: file, index)
    }
  }

  /// Loads a text, shows what is wrong with it, and compiles it when nothing is. Whether it was compiled.
  private static func answer(_ text: [UInt8]) -> Bool {
    let source = SourceFile(name: "damaged.sock", bytes: text)
    let result = Linter.load(source) { _, _ in .failure(ReadFailure(message: "there is no such file")) }
    for diagnostic in result.diagnostics {
      let shown = DiagnosticRenderer.render(diagnostic, color: false)
      if !shown.hasPrefix("damaged.sock:") { Issue.record("a complaint without its place: \(shown)") }
      if Int(diagnostic.range.upper) > text.count { Issue.record("\(diagnostic.code) lies outside of the text") }
    }
    ask(result.main, Parser.parse(source).tokens)
    guard !result.hasErrors else { return false }
    // A program that is too large for the machine is an answer, too.
    return (try? Compiler.compile(result.main)) != nil
  }

  private static func damage(_ text: inout [UInt8], _ random: inout SeededGenerator) {
    let at = Int.random(in: 0...text.count, using: &random)
    let end = min(text.count, at + Int.random(in: 0...40, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0: text.removeSubrange(at..<end)
    case 1: text.insert(contentsOf: text[at..<end], at: Int.random(in: 0...text.count, using: &random))
    case 2: text.removeSubrange(at...)
    case 3: if at < text.count { text[at] = UInt8.random(in: 0...255, using: &random) }
    case 4, 5:
      text.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)], at: at)
    case 6:
      // The rest is another script's.
      let other = scripts[Int.random(in: 0..<scripts.count, using: &random)]
      text.replaceSubrange(at..., with: other[Int.random(in: 0..<other.count, using: &random)...])
    default: swapLines(&text, &random)
    }
  }

  private static func swapLines(_ text: inout [UInt8], _ random: inout SeededGenerator) {
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    lines.swapAt(
      Int.random(in: 0..<lines.count, using: &random), Int.random(in: 0..<lines.count, using: &random))
    text = Array(lines.joined(separator: [0x0A]))
  }
}
