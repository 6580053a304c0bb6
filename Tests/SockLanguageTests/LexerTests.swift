// Literals of every kind: what they are worth, and what is said about those that are none.

import Testing

@testable import SockLanguage

@Suite struct LexerTests {
  @Test(arguments: [
    ("42", "42"), ("0xff", "255"), ("0XFF_FF", "65535"), ("0b1010", "10"), ("1_000_000", "1000000"), ("0", "0"),
    ("3.5", "3.5f"), ("0.1", "0.1f"), ("5.0", "5.0f"), ("1_0.2_5", "10.25f"), ("200ms", "0.2f"), ("5s", "5.0f"),
    ("2m", "120.0f"),
    ("1h", "3600.0f"), ("1.5m", "90.0f"), ("1000ms", "1.0f"), ("0.5s", "0.5f"), ("64KiB", "65536"), ("1MiB", "1048576"),
    ("1GiB", "1073741824"), ("1.5KiB", "1536"), ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775808", "-9223372036854775808"), ("-0x8000000000000000", "-9223372036854775808"),
    ("-1.5", "-1.5f"),
    ("- 5", "(- 5)"), ("7.len", "(. 7 len)"), ("1..10", "(.. 1 10)"), ("0..<n", "(..< 0 n)"),
  ]) func numbers(_ text: String, _ tree: String) {
    #expect(dump("let a = \(text)") == "(let a \(tree))")
  }

  @Test(arguments: [
    "9223372036854775808", "0x10000000000000000", "-9223372036854775809", "9007199254740993GiB", "007", "00", "5sec",
    "10kb", "1e5", "0x", "0xg", "0b", "0b12", "0b2", "3.5q", "1" + String(repeating: "0", count: 400) + ".5",
  ]) func badNumbers(_ text: String) {
    #expect(codes("let a = \(text)") == ["bad-number"])
  }

  @Test(arguments: [("5sec", "5s"), ("10kb", "10KiB"), ("3min", "3m"), ("7mss", "7ms")])
  func unitsAreSuggested(_ text: String, _ meant: String) {
    #expect(parse("let a = \(text)").diagnostics.first?.notes == ["help: did you mean `\(meant)`?"])
  }

  @Test(arguments: [
    (#""a\r\n\t\0\e\\\"\$\x41\u{e9}""#, #""a\r\n\x09\x00\x1b\\"$A\xc3\xa9""#), (#""$3\r\nfoo""#, #""$3\r\nfoo""#),
    (#"'raw \n ${x} "'"#, #""raw \n ${x} \"""#), (#"x"16 03 01""#, #""\x16\x03\x01""#),
    ("x\"aB\n  cd\r\n\"", #""\xab\xcd""#),
    (#""""#, #""""#), (#""a${b}c""#, #"(str "a" ${b} "c")"#), (#""${a}${b}""#, #"(str ${a} ${b})"#),
    (#""${f("x", {a: "}"})}""#, #"(str ${(call f "x" {"a":"}"})})"#), (#""${"${1}"}""#, "(str ${(str ${1})})"),
    (#""${'"'}""#, #"(str ${"\""})"#), (#""a # b""#, #""a # b""#),
  ]) func strings(_ text: String, _ tree: String) {
    #expect(dump("let a = \(text)") == "(let a \(tree))")
  }

  @Test(arguments: [
    (#""\q""#, "unknown-escape", #"\q"#), (#""\07""#, "unknown-escape", #"\07"#), (#""\x4""#, "bad-hex-escape", #"\x"#),
    (#""\u41""#, "bad-unicode-escape", #"\u"#), (#""\u{d800}""#, "bad-unicode-escape", #"\u{d800}"#),
    (#""\u{110000000}""#, "bad-unicode-escape", #"\u"#), (#""abc"#, "unclosed-string", #""abc"#),
    ("'abc", "unclosed-string", "'abc"), (#"x"0g""#, "bad-hex-string", "g"), (#"x"0 1""#, "bad-hex-string", "0"),
    (#"x"abc""#, "bad-hex-string", "c"), (#"x"ab"#, "unclosed-string", #"x"ab"#), (#""${}""#, "empty-hole", "${}"),
    (#""${a""#, "unclosed-hole", "${"), (#""${a"#, "unclosed-hole", "${"), (#""${a b}""#, "bracket-expected", "b"),
    ("/abc", "unclosed-regex", "/abc"), (#"/a\"#, "unclosed-regex", #"/a\"#), ("“x”", "smart-quote", "“"),
    ("$x", "dollar-name", "$x"), ("é", "unknown-character", "é"), (".5", "leading-point", ".5"),
    ("@", "unknown-character", "@"),
  ]) func badLiterals(_ text: String, _ code: String, _ place: String) {
    #expect(complaints("let a = \(text)\nprint 1") == ["\(code)@\(place)"])
  }

  @Test func blocksOfText() {
    #expect(
      dump("let a = \"\"\"\n  one\n    two\n\n  ${b}x\\r\n  \"\"\"\n")
        == #"(let a (str "one\n  two\n\n" ${b} "x\r\n"))"#)
    #expect(dump("let a = \"\"\"\r\n  one\r\n  \"\"\"\r\n") == #"(let a "one\n")"#)
    #expect(dump("let a = \"\"\"\n\"\"\"") == #"(let a "")"#)
    #expect(dump("let a = \"\"\"\n  say \"\"hi\"\"\n  \"\"\"") == #"(let a "say \"\"hi\"\"\n")"#)
    #expect(dump("let a = \"\"\"\n\t\ttab\n\t\"\"\"") == #"(let a "\x09tab\n")"#)
    #expect(complaints("let a = \"\"\"x\n\"\"\"") == ["block-string-layout@\"\"\""])
    #expect(complaints("let a = \"\"\"\nx\"\"\"") == ["block-string-layout@\"\"\""])
    #expect(complaints("let a = \"\"\"\n x\n  \"\"\"") == ["block-string-indentation@ "])
    #expect(complaints("let a = \"\"\"\nx") == ["unclosed-block-string@\"\"\""])
  }

  @Test func regexes() {
    #expect(dump("expect /a\\/b[ ]$/im") == #"(expect (re "a\/b[ ]$" im))"#)
    #expect(dump("expect /${a}+x{2}/") == #"(expect (re ${a} "+x{2}"))"#)
    #expect(dump("let a = b / c / d") == "(let a (/ (/ b c) d))")
    #expect(dump("let a = b/c") == "(let a (/ b c))")
    #expect(dump("let a = x =~ /y/") == #"(let a (=~ x (re "y")))"#)
  }

  @Test func commentsAndLineEnds() {
    #expect(
      dump("#!/usr/bin/env sock\nprint 1 # one\r\n\r\n# two\nprint 2;print 3") == "(print 1)\n(print 2)\n(print 3)")
    #expect(dump("print 1 + \\\n  2") == "(print (+ 1 2))")
    #expect(dump("print 1 + \\\r\n  2") == "(print (+ 1 2))")
    #expect(dump("print 1 +\n  2,\n  3") == "(print (+ 1 2) 3)")
    #expect(dump("let a = [\n  1,\n\n  2,\n]\nprint 1") == "(let a [1 2])\n(print 1)")
    #expect(dump("let a = 4..\nprint 1") == "(let a (.. 4 -))\n(print 1)")
    #expect(dump("\u{FEFF}print 1") == "(print 1)")
    #expect(dump("\tprint\t1") == "(print 1)")
    #expect(complaints("print 1 \\ \nprint 2") == ["unknown-character@\\"])
  }

  @Test func bytesThatAreNotUTF8AreNamedOnce() {
    let source = SourceFile(name: "latin1", bytes: Array("print \"".utf8) + [0xE9, 0x22, 0x0A, 0x23, 0xFF, 0x0A])
    let diagnostics = Parser.parse(source).diagnostics
    #expect(diagnostics.map(\.code) == ["not-utf8"])
    #expect(diagnostics.first?.range == SourceRange(7, 8))
    #expect(diagnostics.first?.notes == ["help: in a string write `\\xe9`"])
  }

  @Test func tokensHoldEverythingButBlanks() {
    let parsed = parse("connect a:${b} # c\nsend \"x${y}\" + 1\n\nexpect /a/i")
    let texts = parsed.tokens.map { parsed.source.text($0.range) }
    #expect(texts == ["connect", "a:${b}", "# c", "\n", "send", "\"x${y}\"", "+", "1", "\n", "\n", "expect", "/a/i"])
    #expect(parsed.tokens.map(\.kind).contains(.comment))
    // A string without an end is one token, too.
    let broken = parse("run \"a ${b} c\nclose")
    #expect(broken.tokens.map { broken.source.text($0.range) } == ["run", "\"a ${b} c", "\n", "close"])
  }

  @Test func namesAreInternedOnce() {
    var table = NameTable.known
    let known = table.strings.count
    for _ in 0..<2 {
      for number in 0..<3000 {
        let word = Array("name\(number)".utf8)
        let symbol = table.symbol(word, 0, word.count, hash: word.reduce(NameTable.hashSeed, NameTable.hash))
        #expect(table.strings[Int(symbol)] == "name\(number)")
      }
    }
    #expect(table.strings.count == known + 3000)
  }
}
