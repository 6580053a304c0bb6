// Regular expressions: matching, partial matching, groups, limits, and the cache.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct PatternTests {
  private func pattern(_ source: String, _ flags: String = "") throws -> Pattern {
    try Pattern(source: ByteString(source), flags: ByteString(flags))
  }

  /// `3..5` for a match there, `partial 3`, `none`, or `code: message`.
  private func outcome(
    _ pattern: Pattern, _ subject: [UInt8], from: Int = 0, anchored: Bool = false, partial: Bool = false
  ) -> String {
    subject.withUnsafeBytes { bytes in
      switch pattern.match(bytes, from: from, anchored: anchored, partial: partial) {
      case .matched: return "\(pattern.matchedRange.lowerBound)..\(pattern.matchedRange.upperBound)"
      case .partial(let from): return "partial \(from)"
      case .none: return "none"
      case .failed(let failure): return "\(failure.code.text): \(failure.message)"
      }
    }
  }

  /// The outcome, which has to be the same while the pattern is interpreted and when it has become machine code.
  private func outcome(
    _ source: String, _ subject: String, flags: String = "", from: Int = 0, anchored: Bool = false,
    partial: Bool = false
  ) throws -> String {
    let pattern = try pattern(source, flags)
    let found = (0..<6).map { _ in
      outcome(pattern, Array(subject.utf8), from: from, anchored: anchored, partial: partial)
    }
    #expect(Set(found).count == 1, "\(source): \(found)")
    return found[0]
  }

  @Test func searchAndAnchor() throws {
    #expect(try outcome("b+", "abbc") == "1..3")
    #expect(try outcome("b+", "abbc", from: 2) == "2..3")
    #expect(try outcome("b+", "abbc", from: 4) == "none")
    #expect(try outcome("b+", "abbc", from: 5) == "none")
    #expect(try outcome("b+", "abbc", from: -1) == "none")
    #expect(try outcome("b+", "abbc", anchored: true) == "none")
    #expect(try outcome("b+", "abbc", from: 1, anchored: true) == "1..3")
    #expect(try outcome("a|b", "xb", anchored: true) == "none", "the anchor holds for every alternative")
    #expect(try outcome("(?<=a)b", "ab", from: 1, anchored: true) == "1..2", "what is before the start is seen")
    #expect(try outcome("^b", "ab", from: 1, anchored: true) == "none")
    #expect(try outcome("", "", anchored: true) == "0..0")
    #expect(try outcome("x", "") == "none")
    #expect(try outcome("$", "a\n") == "1..1")
    #expect(try outcome("a$", "b\na\nc", flags: "m") == "2..3")
  }

  @Test func flags() throws {
    #expect(try outcome("B", "abc", flags: "i") == "1..2")
    #expect(try outcome("a.b", "a\nb") == "none")
    #expect(try outcome("a.b", "a\nb", flags: "s") == "0..3")
    #expect(try outcome("a b # c", "ab", flags: "x") == "0..2")
    #expect(try pattern("a", "xi").flagsText == "ix")
    #expect(
      failure { () throws(Failure) in _ = try Pattern(source: ByteString("a"), flags: ByteString("g")) }
        == #"parse: "g" is no regex flag: those are i, m, s and x"#)
  }

  @Test func badPatternsSayWhere() {
    let cases = [
      ("a(b", "parse: bad regex: missing closing parenthesis at byte 3"),
      ("[a", "parse: bad regex: missing terminating ] for character class at byte 2"),
      ("*a", "parse: bad regex: quantifier does not follow a repeatable item at byte 0"),
      ("(*UTF)a", "parse: bad regex: using UTF is disabled by the application at byte 6"),
    ]
    for (source, expected) in cases {
      #expect(failure { () throws(Failure) in _ = try Pattern(source: ByteString(source), flags: .empty) } == expected)
    }
  }

  @Test func matchesAnyBytes() throws {
    let nul = try Pattern(source: ByteString([0x61, 0, 0x62]), flags: .empty)
    #expect(outcome(nul, [0xFF, 0x61, 0, 0x62]) == "1..4")
    #expect(outcome(try pattern(#"\xff."#), [0x61, 0xFF, 0xFE]) == "1..3")
  }

  /// What `expect` decides by: could more bytes change the outcome?
  @Test func partialMatching() throws {
    let cases = [
      // More digits could follow.
      (#"\d+"#, "12", "partial 0"), (#"\d+"#, "12a", "0..2"), (#"\d+\r\n"#, "12\r", "partial 0"),
      (#"\d+\r\n"#, "12\r\n", "0..4"),
      ("220 ", "22", "partial 0"), ("220 ", "23", "none"), ("220 ", "220 ", "0..4"), ("220", "220", "0..3"),
      ("a|ab", "a", "0..1"), ("ab|a", "a", "partial 0"), ("abc", "", "partial 0"), ("a?", "", "partial 0"),
      ("x*", "xx", "partial 0"),
      // The end of what has come is not the end of the text.
      ("ab$", "ab", "partial 0"), (#"ab\b"#, "ab", "partial 0"), (#"ab\z"#, "ab", "partial 0"),
      ("a(?=b)", "a", "partial 0"), ("a(?!b)", "a", "partial 0"), ("a(?!b)", "ac", "0..1"),
    ]
    for (source, subject, expected) in cases {
      #expect(try outcome(source, subject, anchored: true, partial: true) == expected, "\(source) on \(subject)")
    }
    #expect(try outcome("ab", "xxa", partial: true) == "partial 2", "unanchored, it tells where it may begin")
    #expect(try outcome("ab", "xxb", partial: true) == "none")
    #expect(try outcome("ab", "xab", from: 1, anchored: true, partial: true) == "1..3")
  }

  @Test func longSubjectsUseMachineCodeAtOnce() throws {
    let subject = [UInt8](repeating: 0x61, count: 10_000) + [0x62]
    #expect(outcome(try pattern("b"), subject) == "10000..10001")
    #expect(outcome(try pattern("a+b"), subject, anchored: true) == "0..10001")
    #expect(outcome(try pattern("a+b"), Array(subject.dropLast()), anchored: true, partial: true) == "partial 0")
    // More nesting than fits the stack that machine code starts with.
    let nested = [UInt8](repeating: 0x61, count: 60_000)
    #expect(outcome(try pattern("^(a|b)*$"), nested) == "0..60000")
  }

  @Test func groups() throws {
    let pattern = try pattern(#"(?<year>\d{4})-(?<month>\d\d)(x)?"#)
    #expect(pattern.groupCount == 3)
    #expect(pattern.names.map { "\($0.name.text) \($0.group)" } == ["month 2", "year 1"])
    #expect(pattern.name(of: 1)?.text == "year")
    #expect(pattern.name(of: 3) == nil)
    let subject = ByteString("on 2026-11-21")
    guard case .matched = pattern.match(subject.bytes) else {
      Issue.record("no match")
      return
    }
    let match = Match.make(pattern, subject: subject)
    #expect(outcome(pattern, Array("1999-01".utf8)) == "0..7", "another match does not change the first")
    let texts = try (0...3).map { inspected(try match.group($0)) }
    #expect(texts == [#""2026-11""#, #""2026""#, #""11""#, "nil"])
    #expect(
      failure { () throws(Failure) in _ = try match.group(4) }
        == "range: the match has no group 4: its pattern has 3 groups")
    #expect(failure { () throws(Failure) in _ = try match.group(-1) }?.hasPrefix("range: ") == true)
    #expect(match.group(named: ByteString("month")).map(inspected) == #""11""#)
    #expect(match.group(named: ByteString("day")) == nil)
    #expect(inspected(.match(match)) == #"<match "2026-11", year: "2026", month: "11", nil>"#)
  }

  @Test func oneNameForSeveralGroups() throws {
    let pattern = try pattern("(?J)(?<n>a)|(?<n>b)")
    let subject = ByteString("b")
    guard case .matched = pattern.match(subject.bytes) else {
      Issue.record("no match")
      return
    }
    #expect(Match.make(pattern, subject: subject).group(named: ByteString("n")).map(inspected) == #""b""#)
  }

  @Test func aMatchCopiesOnlyItsGroups() throws {
    let pattern = try pattern(#"b(?=(c))(?<=(a)b)"#)
    let subject = [UInt8](repeating: 0x78, count: 100) + Array("abcd".utf8)
    let shown = subject.withUnsafeBytes { bytes -> [String] in
      guard case .matched = pattern.match(bytes) else {
        return ["no match"]
      }
      let match = Match.copying(pattern, from: bytes)
      return [match.subject.text, inspected(.match(match))]
    }
    // The groups of look-around are in the copy.
    #expect(shown == ["abc", #"<match "b", "c", "a">"#])
  }

  @Test func quotedBytesMatchThemselves() throws {
    let all = (0...255).map { UInt8($0) }
    let quoted = all.withUnsafeBytes { Pattern.quote($0) }
    for flags in ["", "i", "x", "msx"] {
      let pattern = try Pattern(source: ByteString(quoted), flags: ByteString(flags))
      #expect(outcome(pattern, all) == "0..256")
    }
    let group = try Pattern(source: ByteString(Array("^[".utf8) + quoted + Array("]$".utf8)), flags: .empty)
    for byte in all { #expect(outcome(group, [byte]) == "0..1") }
  }

  @Test func catastrophicBacktrackingEndsInALimit() throws {
    let subject = [UInt8](repeating: 0x61, count: 40) + [0x21]
    let clock = ContinuousClock()
    for source in [#"^(a+)+$"#, #"^(a|aa)+$"#, #"^(\w+\s?)*$"#] {
      let pattern = try pattern(source)
      for _ in 0..<4 {
        var found = ""
        let time = clock.measure { found = outcome(pattern, subject) }
        #expect(
          found.hasPrefix("limit: the regex needs too much backtracking (limit regex-backtracking)"),
          "\(source): \(found)")
        #expect(time < .seconds(1), "\(source)")
      }
    }
    let small = PatternLimits(backtracking: 1_000_000_000, memory: 64)
    let pattern = try Pattern(source: ByteString("^(a|b)*$"), flags: .empty, limits: small)
    // More than machine code takes over from.
    let found = outcome(pattern, [UInt8](repeating: 0x61, count: 5_000_000))
    #expect(found.hasPrefix("limit: the regex needs too much memory for backtracking (limit regex-memory)"), "\(found)")
  }

  @Test func cache() throws {
    let cache = PatternCache(capacity: 8)
    let first = try cache.pattern(source: ByteString("a0"), flags: .empty)
    for number in 0..<100 {
      _ = try cache.pattern(source: ByteString("a\(number)"), flags: .empty)
      #expect(try cache.pattern(source: ByteString("a0"), flags: .empty) === first, "what is used stays")
      #expect(cache.count <= 8)
    }
    #expect(try cache.pattern(source: ByteString("a0"), flags: ByteString("i")) !== first)
    for _ in 0..<2 {
      #expect(failure { () throws(Failure) in _ = try cache.pattern(source: ByteString("("), flags: .empty) } != nil)
    }
  }
}
