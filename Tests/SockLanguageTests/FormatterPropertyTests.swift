// What holds for the layout of every program: of the repository's scripts, and of programs made by chance.

import Testing

@testable import SockLanguage

@Suite struct FormatterPropertyTests {
  @Test func thereAreScripts() {
    #expect(RepositoryFiles.scripts.count > 300)
  }

  @Test(arguments: RepositoryFiles.scripts)
  func aScriptStaysTheSameProgram(path: String) throws {
    try holds(try #require(RepositoryFiles.read(path)), seed: UInt64(path.utf8.count))
  }

  @Test(arguments: 0..<10)
  func aProgramMadeByChanceStaysTheSame(seed: Int) throws {
    for number in 0..<12 {
      var generator = ProgramGenerator(seed: UInt64(seed * 1000 + number))
      let text = generator.program()
      #expect(complaints(text) == [], "it is a program: \(text)")
      try holds(Array(text.utf8), seed: UInt64(number))
    }
  }

  private static let shortScripts = RepositoryFiles.scripts.compactMap(RepositoryFiles.read).filter { $0.count < 2000 }

  /// Scripts with bytes taken out, put in and copied, as far as they are programs still: what nobody would write.
  @Test(arguments: 0..<8)
  func aDamagedScriptStaysTheSame(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let pieces = [
      " ", "\n", "\t", "\\\n", ";", "#", "-", "+ ", "line", "exactly ", "(", ")", "[", "]", "..", ",", ".", " not ",
      "x\"", "\"",
      "\r\n", "timeout", " close", "/", "~", "{", "}", ":", "end", " within ", "=", "\"\"\"\n",
    ].map { Array($0.utf8) }
    var programs = 0
    for _ in 0..<400 {
      var bytes = random.pick(Self.shortScripts)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...3, using: &random)))
        case 1: if let blank = bytes[at...].firstIndex(of: 0x20) { bytes.remove(at: blank) }
        default: bytes.insert(contentsOf: random.pick(pieces), at: at)
        }
      }
      let parsed = Parser.parse(SourceFile(name: "t.sock", bytes: bytes))
      guard parsed.diagnostics.isEmpty else { continue }
      programs += 1
      let formatted = try Formatter.formatAndVerify(parsed)
      let again = Parser.parse(SourceFile(name: "t.sock", bytes: formatted))
      #expect(signsTouch(again) == signsTouch(parsed), "\(show(bytes))")
      #expect(show(Formatter.format(again)) == show(formatted), "\(show(bytes))")
    }
    #expect(programs > 20, "some of them are programs")
  }

  /// The tree, with `- 5` as `-5`: the formatter joins them, and they are the same number.
  private func signsTouch(_ parsed: ParsedFile) -> String {
    TreeDump.block(parsed.body).replacing(#/\(- (\d[^ ()]*)\)/#) { $0.1 == "0" ? "0" : "-\($0.1)" }
  }

  /// Formats a text, unless it is no program, and other layouts of it.
  private func holds(_ bytes: [UInt8], seed: UInt64) throws {
    let parsed = Parser.parse(SourceFile(name: "t.sock", bytes: bytes))
    guard parsed.diagnostics.isEmpty else { return }
    let formatted = try Formatter.formatAndVerify(parsed)
    let again = Parser.parse(SourceFile(name: "t.sock", bytes: formatted))
    #expect(TreeDump.block(again.body) == TreeDump.block(parsed.body), "the program stays the same")
    #expect(comments(again) == comments(parsed), "so do the comments")
    #expect(show(Formatter.format(again)) == show(formatted), "a second time changes nothing")
    for round in 0..<2 {
      var damage = LayoutDamage(again, seed: seed &* 31 &+ UInt64(round))
      let damaged = damage.damaged()
      let other = Parser.parse(SourceFile(name: "t.sock", bytes: damaged))
      #expect(complaints(other) == [], "\(show(damaged))")
      #expect(
        withoutColumns(Formatter.format(other)) == withoutColumns(formatted), "of another layout: \(show(damaged))")
    }
  }

  private func show(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func comments(_ parsed: ParsedFile) -> [String] {
    parsed.tokens.filter { $0.kind == .comment }.map { parsed.source.text($0.range) }
  }

  /// The text with two blanks before each comment behind code: a column is the author's choice, which is lost when
  /// blanks come and go before it.
  private func withoutColumns(_ bytes: [UInt8]) -> String {
    let parsed = Parser.parse(SourceFile(name: "t.sock", bytes: bytes))
    var result: [UInt8] = []
    var done = 0
    for token in parsed.tokens where token.kind == .comment {
      var start = token.start
      while start > done, bytes[start - 1] == 0x20 { start -= 1 }
      guard start > 0, bytes[start - 1] != 0x0A else { continue }
      result += bytes[done..<start] + [0x20, 0x20]
      done = token.start
    }
    return show(result + bytes[done...])
  }
}
