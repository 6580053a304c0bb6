// What is said of an input while it is typed.

import Testing

@testable import SockLanguage

@Suite struct TypedInputTests {
  @Test(arguments: [
    ("1 + 1", false), ("1 +", true), ("def f()", true), ("def f()\nend", false), ("abs(", true), ("abs(\n-3)", false),
    ("print \"\"\"\n", true), ("print \"a", false), ("if true", true), ("let x = (if true then 1", true),
    ("let x = (if true", true), ("let x = (if true then", true), ("let x = (if true\nthen 1\nelse", true),
    ("let x = (if true\nthen 1\nelse 2)", false), ("let x = if true then 1", false), ("x \\", true), ("", false),
    // What is wrong does not become right.
    ("def f()\nretrun 1", false),
  ]) func whatIsUnfinished(_ text: String, _ isUnfinished: Bool) {
    #expect(TypedInput.isUnfinished(Array(text.utf8)) == isUnfinished)
  }

  /// Of the last line.
  @Test(arguments: [
    ("def f()\n", 2), ("def f()\nend", 0), ("if x\n  print 1\n  else", 0), ("if x\n  if y\n", 4), 
    ("if x\n  if y\n    end", 2), ("let m = {\n", 2), ("let m = {\n  a: 1,\n}", 0), ("select\nwhen after 1s", 0), ("select\n  when after 1s\n", 2),
    ("case x\nis 1", 0), ("case x\nis 1\n", 2), ("try\n  f()\ncatch e", 0), ("1 +\n", 2), ("print 1\n", 0),
    ("f(1,\n", 2), ("loop\n  break\n\n", 2), ("if x\n# why", 2), ("if x\nend\n# why", 0),
  ]) func indentation(_ text: String, _ blanks: Int) {
    let bytes = Array(text.utf8)
    let start = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    #expect(TypedInput.indentation(of: bytes, lineStart: start) == blanks)
  }

  @Test func theBlanksOfAStringAreItsOwn() {
    let text = Array("print \"\"\"\n  two\n".utf8)
    #expect(TypedInput.indentation(of: text, lineStart: text.count) == nil)
  }

  @Test func piecesFollowTheTokens() {
    let text = "if recv line == \"a ${b} c\" # why\nconnect 127.0.0.1:25; expect /x+/; 5s; \u{201C} \"no end"
    let pieces = TypedInput.pieces(of: Array(text.utf8)).map { found in
      (String(decoding: Array(text.utf8)[found.range], as: UTF8.self), found.piece)
    }
    #expect(pieces.map(\.0) == [
      "if", "recv", "\"a ${b} c\"", "# why", "connect", "127.0.0.1:25", "expect", "/x+/", "5s", "\u{201C}", "\"no end",
    ])
    #expect(pieces.map(\.1) == [
      .keyword, .verb, .string, .comment, .verb, .address, .verb, .regex, .number, .wrong, .string,
    ])
  }
}
