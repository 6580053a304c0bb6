// One mistake is told once, and hides no other.

import Testing

@testable import SockLanguage

@Suite struct ParserRecoveryTests {
  static let cases: [(text: String, complaints: [String])] = [
    // Each line has its own mistake.
    (
      "let 1 = 2\nsend\nprint )\nlet a = [1, 2\nlet b = (3\nend\nfoo bar\nlet ok = 1\nprint \"abc\nx ++\n",
      [
        "unexpected@1", "data-missing@send", "stray-bracket@)", "unclosed-bracket@[", "unclosed-bracket@(",
        "stray-end@end",
        "unknown-verb@foo", "unclosed-string@\"abc", "increment@++",
      ]
    ),
    // A head that makes no sense keeps its block.
    ("if )\n  print 1\nelse\n  print 2\nend\nprint 3", ["operand-expected@)"]),
    ("while a b\n  send\nend", ["unknown-verb@a", "data-missing@send"]),
    ("for in x\n  f()\nend\nend", ["reserved-name@in", "stray-end@end"]),
    ("def f(a b)\n  return 1\nend\nf(1)", ["bracket-expected@b"]),
    ("def 1()\nend", ["unexpected@1"]), ("retry\n  f()\nend", ["retry-without-within@retry"]),
    ("retry within\n  f()\nend", ["operand-expected@\n"]), ("select x\nwhen accept\nend", ["unexpected@x"]),
    ("select\n  f()\nwhen x\n  g()\nend", ["statement-in-select@f()", "when-without-step@x"]),
    ("test\n  f()\nend", ["operand-expected@\n"]), ("test \"a\" tags x\nend", ["unexpected@x"]),
    ("test \"a\" todo \"x\" todo \"y\"\nend", ["repeated-word@todo"]), ("spawn as\n  f()\nend", ["unexpected@\n"]),
    ("try\ncatch 5\nend", ["unexpected@5"]),
    ("serve )\nend", ["stray-bracket@)"]),
    // What other languages write.
    ("if x then\nelse if y do\nend\nprint 1", ["head-word@then", "else-if@else if", "head-word@do"]),
    ("if x\nelse if y\nend\nend", ["else-if@else if"]),
    ("if x\nelsif y\nelseif z\nend", ["foreign-word@elsif", "foreign-word@elseif"]),
    ("if x {\n  f()\n} else {\n  g()\n}\nprint )", ["brace-block@{", "brace-block@{", "stray-bracket@)"]),
    ("while x {\n  f()\n}", ["brace-block@{"]), ("def f() {\n}\nf()", ["brace-block@{"]),
    ("while x:\nend", ["head-word@:"]), ("}", ["stray-brace@}"]),
    ("unless x\n  f()\nend", ["unknown-verb@unless"]), ("function f(a)\n  return a\nend", ["unknown-verb@function"]),
    ("whlie x\nend", ["unknown-verb@whlie"]),
    ("print 1 if x", ["postfix-if@if"]), ("if x = 5\nend", ["assignment-in-condition@="]),
    ("a, b = 1, 2", ["comma-in-statement@,"]), ("// no", ["slash-comment@//"]),
    ("let x 5", ["let-without-value@5"]), ("let x", ["let-without-value@"]), ("5 = x", ["bad-target@5"]),
    ("a + b = 1", ["bad-target@a + b"]), ("[1] = x", ["bad-target@[1]"]),
    ("[a] += x", ["bad-target@[a]"]), ("x == 1", ["value-unused@x == 1"]), ("\"x\"", ["value-unused@\"x\""]),
    ("import x as y", ["import-path@x"]),
    ("import \"a\"", ["unexpected@"]), ("print 1 end", ["end-on-own-line@end"]),
    ("if x; print 1 end", ["end-on-own-line@end"]),
    ("if x == 1 then f() end\nprint )", ["head-word@then", "stray-bracket@)"]),
    ("if (x) { f() }\nprint )", ["brace-block@{", "stray-bracket@)"]),
    ("within 5s send 1\nend", ["block-on-line@send"]), ("while 1 < 2 break; end", ["block-on-line@break"]),
    ("if x return end\nprint )", ["block-on-line@return", "stray-bracket@)"]),
    ("for (i = 0; i < 10; i++) {\n  f()\n}\nprint )", ["counting-for@(", "stray-bracket@)"]),
    ("for (i = 0; i < 10; i++)\n  f()\nend", ["counting-for@("]),
    ("let m = {\n  a: 1\n  b: 2\n}\nprint )", ["comma-missing@b", "stray-bracket@)"]),
    ("sleep 100 ms", ["unit-apart@ms"]), ("timeout = 5", ["setting-assigned@="]),
    ("assert (recv line) = 1", ["assignment-in-condition@="]),
    // Ends.
    ("end\nend", ["stray-end@end", "stray-end@end"]), ("else\nend", ["misplaced-word@else"]),
    ("catch e\nend", ["misplaced-word@catch"]), ("while x\nwhen y\nend", ["misplaced-word@when"]),
    ("if x\n  while y\nelse\nend", ["unclosed-block@while"]),
    ("def f()\n  if x\n    g()\nend\nprint )", ["unclosed-block@if", "stray-bracket@)"]),
    ("loop\n  loop\n    loop\n", ["unclosed-block@loop"]),
    ("if x\nend end", ["end-on-own-line@end"]),
    ("fn f(x)\n  g(x)\nend\nprint )", ["short-function@fn", "stray-bracket@)"]),
    // `is` ends what is open inside of its `case`, and is a name elsewhere.
    ("case x\nis 1\n  if y\n    f()\nis 2\nend\nprint )", ["unclosed-block@if", "stray-bracket@)"]),
    ("case x\nf()\nis 1 or 2\nend\nprint )", ["statement-in-case@f()", "or-between-values@or", "stray-bracket@)"]),
    ("is 1\nprint )", ["misplaced-word@is", "stray-bracket@)"]),
    ("case x\nelse\nis 1\nend\nprint )", ["misplaced-word@is", "stray-bracket@)"]),
    ("case x\nwhen 1\nend\nprint )", ["foreign-word@when", "stray-bracket@)"]),
    ("case\nis 1\nend\nprint )", ["operand-expected@\n", "stray-bracket@)"]),
    ("case x\nis 1\n  f()", ["unclosed-block@case"]), ("case x", ["unclosed-block@case"]),
    ("case x\nis", ["unclosed-block@case", "operand-expected@"]),
    ("case x\nis 1,", ["unclosed-block@case", "operand-missing@,"]),
    // Choices.
    ("if x then f() else g()\nprint )", ["choice-as-statement@if", "stray-bracket@)"]),
    ("let a = if x then 1\nprint )", ["choice-without-else@if", "stray-bracket@)"]),
    ("let a = try x or y else z\nprint )", ["else-behind-value@else", "stray-bracket@)"]),
    // Strings.
    ("let a = \"\"\"\n  x ${a b} y\n  if while )\n  \"\"\"\nprint )", ["bracket-expected@b", "stray-bracket@)"]),
    ("f(\"abc)\nprint 1", ["unclosed-string@\"abc)"]),
    ("print \"${a b}\", )\nprint )", ["bracket-expected@b", "stray-bracket@)"]),
    ("print \"\\q \\w\" )", ["unknown-escape@\\q", "unknown-escape@\\w", "stray-bracket@)"]),
    ("print \"${)}\"\nprint \"${(((\"\nprint 1", ["operand-expected@)", "unclosed-string@\""]),
  ]

  @Test(arguments: cases) func eachMistakeOnce(_ text: String, _ expected: [String]) {
    #expect(complaints(text) == expected)
  }

  /// Forty are below the limit, so all are told.
  @Test func fortyMistakesAreTold() {
    let text = (0..<40).map { "print \($0) )" }.joined(separator: "\n")
    #expect(codes(text) == [String](repeating: "stray-bracket", count: 40))
  }

  /// Every code of the catalogue is the answer to some text.
  @Test func theCatalogueIsComplete() {
    var seen: Set<String> = []
    var texts = Self.cases.map(\.text)
    texts += [
      "print 007", "print .5", "expect /a", "print \"\\q\"", "print \"\\x\"", "print \"\\u\"", "print x\"0\"",
      "print \"${}\"", "print \"${a", "print \"\"\"", "print \"\"\"a\n\"\"\"",
      "print \"\"\"\na\n  \"\"\"", "print 1 == not 2", "let a = 1 < 2 < 3", "let a = b -c", "let a = b && c", "x.",
      "send recv", "let a = recv 1 == 2", "send(1)", "f (1)", "recv exactly",
      "expect eof 1", "recv 1 2", "print 1 2", "recv exactl 2", "recv line all", "recv keep", "shutdown",
      "print 1 within 2s", "print 1 as x", "x.print 1", "connect 1.2.3.4", "connect /run/x", "let send = 1",
      "print “a”", "print $a", "print é", "let a = 1 +", String(repeating: "(", count: 200),
      String(repeating: "end\n", count: 200), "\0",
    ]
    for text in texts { seen.formUnion(codes(text)) }
    seen.formUnion(Parser.parse(SourceFile(name: "latin1", bytes: [0x23, 0xE9])).diagnostics.map(\.code))
    // The size limit has a test of its own: it takes a text of that size.
    #expect(Set(SyntaxCode.allCases.map(\.rawValue)).subtracting(seen) == ["source-too-large"])
    #expect(seen.isSubset(of: SyntaxCode.allCases.map(\.rawValue)))
  }

  @Test func messagesAreOneLineEach() {
    for (text, _) in Self.cases {
      for diagnostic in parse(text).diagnostics {
        for line in [diagnostic.message] + diagnostic.notes
        where line.contains("\n") || line.hasSuffix(".") || line.isEmpty {
          Issue.record("\(diagnostic.code): \(line)")
        }
      }
    }
  }
}
