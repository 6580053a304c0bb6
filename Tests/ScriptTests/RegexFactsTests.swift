// What the linter says about regexes without running them, held against PCRE2 on many texts.

import Testing

@testable import SockLanguage
import SockRuntime

/// Small regexes by chance, of the parts that the linter understands and a few that it does not.
private struct RegexMaker {
  var random: SeededGenerator

  mutating func alternatives(_ depth: Int) -> String {
    (0..<(Int.random(in: 0..<4, using: &random) == 0 ? 2 : 1)).map { _ in sequence(depth) }.joined(separator: "|")
  }

  private mutating func sequence(_ depth: Int) -> String {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in item(depth) + quantifier() }.joined()
  }

  private mutating func item(_ depth: Int) -> String {
    let groups = depth > 0 ? ["(?:%)", "(%)", "(?i:%)", "(?>%)", "(?m:%)", "(?s:%)", "(?<n%>%)"] : []
    let choice = Int.random(in: 0..<(20 + groups.count * 2), using: &random)
    let atoms = [
      "a", "b", "\\n", ".", "[ab]", "[^a]", "[^\\n]", "\\w", "\\s", "\\D", "x", "A", "\\x0a", "[\\n]",
      "^", "$", "\\A", "\\z", "\\Z", "\\b",
    ]
    guard choice >= atoms.count else { return atoms[choice] }
    let name = "n\(Int.random(in: 0..<1_000_000, using: &random))"
    return groups[(choice - atoms.count) / 2].replacing("n%", with: name).replacing("%", with: alternatives(depth - 1))
  }

  private mutating func quantifier() -> String {
    let all = ["", "", "", "", "*", "+", "?", "{2}", "{0,2}", "*?", "+?", "*+"]
    return all[Int.random(in: 0..<all.count, using: &random)]
  }
}

@Suite struct RegexFactsTests {
  private static let texts: [[UInt8]] = {
    var texts: [[UInt8]] = [[]]
    var last = texts
    for _ in 1...4 {
      last = last.flatMap { text in "ab\nA ".utf8.map { text + [$0] } }
      texts += last
    }
    return texts
  }()

  @Test func neverAndAlwaysAreSo() throws {
    var maker = RegexMaker(random: SeededGenerator(seed: 4))
    var (never, always, understood) = (0, 0, 0)
    for _ in 0..<1500 {
      let text = maker.alternatives(2)
      let parts: [StringPart] = text.isEmpty ? [] : [.bytes(Array(text.utf8))]
      let literal = RegexLiteral(parts: parts, flags: [], range: .none)
      guard let pattern = try? Pattern(source: ByteString(text), flags: ByteString("")) else { continue }
      for isForLine in [false, true] {
        guard let facts = RegexReader.facts(literal, isForLine: isForLine) else { continue }
        understood += 1
        never += facts.places.canMatch ? 0 : 1
        always += facts.matchesAnything ? 1 : 0
        guard !facts.places.canMatch || facts.matchesAnything else { continue }
        for subject in Self.texts where !isForLine || !subject.contains(0x0A) {
          let matches = subject.withUnsafeBytes { bytes in
            if case .matched = pattern.match(bytes) { true } else { false }
          }
          if !facts.places.canMatch { #expect(!matches, "/\(text)/ on \(subject)") }
          if facts.matchesAnything { #expect(matches, "/\(text)/ on \(subject)") }
        }
      }
    }
    // Else nothing was tried.
    #expect(understood > 1500)
    #expect(never > 50)
    #expect(always > 200)
  }

  /// Where the linter says that more bytes could lengthen a match, PCRE2 asks for more at the end of some text.
  @Test func openEndsAreSo() throws {
    var maker = RegexMaker(random: SeededGenerator(seed: 7))
    var open = 0
    for _ in 0..<1500 {
      let text = maker.alternatives(1)
      let literal = RegexLiteral(parts: [.bytes(Array(text.utf8))], flags: [], range: .none)
      guard let pattern = try? Pattern(source: ByteString(text), flags: ByteString("")),
        let facts = RegexReader.facts(literal, isForLine: false), facts.openEnd != nil, facts.places.canMatch
      else { continue }
      var matches = 0
      var asksForMore = false
      for subject in Self.texts {
        subject.withUnsafeBytes { bytes in
          guard case .matched = pattern.match(bytes, anchored: true), pattern.matchedRange.upperBound == bytes.count
          else { return }
          matches += 1
          if case .partial = pattern.match(bytes, anchored: true, partial: true) { asksForMore = true }
        }
      }
      guard matches > 0 else { continue }
      open += 1
      #expect(asksForMore, "/\(text)/")
    }
    #expect(open > 100)
  }
}
