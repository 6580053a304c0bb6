// The canonical layout by example, and the difference that `sock fmt --diff` shows.

import Glibc
import Testing

@testable import SockLanguage

/// What a text looks like when it is formatted; its complaints if it cannot be.
private func formatted(_ text: String) -> String {
  let parsed = parse(text)
  if !parsed.diagnostics.isEmpty { return "\(complaints(parsed))" }
  return String(decoding: Formatter.format(parsed), as: UTF8.self)
}

@Suite struct FormatterTests {
  /// A text, and what becomes of it.
  struct Pair: CustomTestStringConvertible {
    let name: String
    let text: String
    let layout: String
    init(_ name: String, _ text: String, _ layout: String) {
      (self.name, self.text, self.layout) = (name, text, layout)
    }
    var testDescription: String { name }
  }

  @Test(arguments: [
    Pair("nothing", "", ""),
    Pair("blanks alone", " \n\t\n\n", ""),
    Pair("one comment", "\n\n# c", "# c\n"),
    Pair("a line without an end", "print 1", "print 1\n"),
    Pair("a byte order mark", "\u{FEFF}print 1\n", "print 1\n"),
    Pair("the first line of a program", "#!/usr/bin/env sock\n\n\nprint 1\n", "#!/usr/bin/env sock\n\nprint 1\n"),
    Pair(
      "blank lines", "\n\nif x\n\n\n  f()\n\n\n\n  g()\n\n\nelse\n\n  h()\n\nend\n\n\nprint 1\n\n\n",
      "if x\n  f()\n\n  g()\n\nelse\n  h()\nend\n\nprint 1\n"),
    Pair(
      "a choice over lines", "message A\n a u8\n b choose a: 1 u8,\nelse bytes\nend",
      "message A\n  a u8\n  b choose a: 1 u8,\n    else bytes\nend\n"),
    Pair("a blank line before a comment before end", "loop\n\n# a\n\n# b\n\nend", "loop\n  # a\n\n  # b\nend\n"),
    Pair("CRLF and tabs", "if\tx\t==\t1\r\n\tf()\t# c\r\nend\r\n", "if x == 1\n  f()  # c\nend\n"),
    Pair(
      "a semicolon is a line end", "print 1;; print 2 ; # c\nif x; f(); end",
      "print 1\nprint 2  # c\nif x\n  f()\nend\n"),
    Pair("a sign touches its number", "exit - 1", "exit -1\n"),
    Pair("trailing blanks", "print 1   \nprint 2\t\n", "print 1\nprint 2\n"),
    Pair("a comment to its last byte", "print 1#c  \n#\td\t\n", "print 1  #c  \n#\td\t\n"),
  ])
  func lines(pair: Pair) {
    #expect(formatted(pair.text) == pair.layout)
    #expect(formatted(pair.layout) == pair.layout)
  }

  @Test(arguments: [
    Pair(
      "every block",
      """
      def f(a,b=1)
      while a
      for [x,y] in b
      loop
      break
      end
      end
      end
      end
      try
      f(1)
      catch e
      f(2)
      finally
      f(3)
      end
      test"t" must "1" tags [a,b]timeout 5s
      with c
      within 5s
      retry within 1s every 2ms
      spawn as t
      c.serve 3
      send"x"
      end
      end
      end
      end
      end
      end
      """,
      """
      def f(a, b = 1)
        while a
          for [x, y] in b
            loop
              break
            end
          end
        end
      end
      try
        f(1)
      catch e
        f(2)
      finally
        f(3)
      end
      test "t" must "1" tags [a, b] timeout 5s
        with c
          within 5s
            retry within 1s every 2ms
              spawn as t
                c.serve 3
                  send "x"
                end
              end
            end
          end
        end
      end

      """),
    Pair(
      "select",
      "select all\n# which\nwhen a.recv line if b\nf()\nwhen after 5s\n# nothing\nelse\ng()\nend",
      "select all\n# which\nwhen a.recv line if b\n  f()\nwhen after 5s\n# nothing\nelse\n  g()\nend\n"),
    Pair(
      "case",
      "case   x # why\n# first\nis 1 ,-2\nf()\n  # inner\n# outer\nis /a/  as m\nis [1],(2)\nis=3\nelse\ng()\nend",
      "case x  # why\n# first\nis 1, -2\n  f()\n  # inner\n# outer\nis /a/ as m\nis [1], (2)\n  is = 3\n"
        + "else\n  g()\nend\n"),
    Pair(
      "a comment above else stays at the side it is on",
      "if a\n    f()\n    # to a\n# to b\nelif b\n      # nothing\nelse\n  g()\nend",
      "if a\n  f()\n  # to a\n# to b\nelif b\n  # nothing\nelse\n  g()\nend\n"),
    Pair("a comment above end", "if a\nf()\n# last\nend\n", "if a\n  f()\n  # last\nend\n"),
    Pair(
      "words that are keys are no block words", "let m = {end:1,else:2}\nprint m.end\nm.when = m.if\n",
      "let m = {end: 1, else: 2}\nprint m.end\nm.when = m.if\n"),
  ])
  func blocks(pair: Pair) {
    #expect(formatted(pair.text) == pair.layout)
    #expect(formatted(pair.layout) == pair.layout)
  }

  @Test(arguments: [
    ("let  x=1+2*-3-a.b", "let x = 1 + 2 * -3 - a.b"),
    ("print a-1 , a - 1", "print a - 1, a - 1"),
    ("print - b,~ a,- -1,not-1", "print -b, ~a, - -1, not -1"),
    ("print - 5.x", "print - 5.x"),
    ("x+=1;x-=y", "x += 1\nx -= y"),
    ("print a<b and b>=c or a=~/x/ and a!~ /y/i", "print a < b and b >= c or a =~ /x/ and a !~ /y/i"),
    ("print f( 1 ,[ 2,3 ][0],)[ 0 ].x", "print f(1, [2, 3][0],)[0].x"),
    ("let m={ a :1,\"b c\":{ },3 :[ ], }", "let m = {a: 1, \"b c\": {}, 3: [],}"),
    ("for i in 1 .. 3*n\nend", "for i in 1..3 * n\nend"),
    ("print s[ 4 .. ],0 ..< -n,(4..)==x", "print s[4..], 0..<-n, (4..) == x"),
    ("def f (a)\nend", "def f(a)\nend"),
    ("if(a)and(b)\nend", "if (a) and (b)\nend"),
    ("return[1]", "return [1]"),
    ("let[a,b]=c", "let [a, b] = c"),
    ("[a,b]=[b,a]", "[a, b] = [b, a]"),
    ("defer  c.close", "defer c.close"),
    ("let x=try  recv  line", "let x = try recv line"),
  ])
  func operators(text: String, layout: String) {
    #expect(formatted(text) == layout + "\n")
    #expect(TreeDump.block(parse(layout).body) == TreeDump.block(parse(text).body))
  }

  @Test(arguments: [
    // A blank decides what these are, so what the author wrote stays.
    ("recv exactly(x)", "recv exactly(x)"),
    ("recv exactly (x)", "recv exactly (x)"),
    ("recv exactly  -1", "recv exactly -1"),
    ("send line-1", "send line-1"),
    ("send line -1", "send line -1"),
    ("send line*2 line", "send line*2 line"),
    ("recv line#c", "recv line#c"),
    ("let line=2;let x=line*2", "let line = 2\nlet x = line * 2"),
    ("send x+line*2", "send x + line * 2"),
    ("let x=timeout-1", "let x = timeout - 1"),
    ("timeout -1", "timeout -1"),
    ("c.timeout  -1", "c.timeout -1"),
    ("print m.close-1", "print m.close - 1"),
    ("print m.send/2", "print m.send/2"),
    ("c.expect /a b/i  within 5s", "c.expect /a b/i within 5s"),
    ("exit - a", "exit -a"),
    ("send[1]", "send [1]"),
    ("sockopt   SO_LINGER [ 1,7 ]", "sockopt SO_LINGER [1, 7]"),
    // Literals.
    ("connect   localhost:25  # c", "connect localhost:25  # c"),
    ("listen unix:/tmp/a#b   backlog  5", "listen unix:/tmp/a#b backlog 5"),
    ("connect [::1]:${ port }", "connect [::1]:${ port }"),
    ("bind *:0", "bind *:0"),
    ("send \"a  ${ b+1 }  c\"+'x  y'+x\"16  03\"", "send \"a  ${ b+1 }  c\" + 'x  y' + x\"16  03\""),
    ("print 0xFF,1_000,64KiB , 2.50s", "print 0xFF, 1_000, 64KiB, 2.50s"),
  ])
  func steps(text: String, layout: String) {
    #expect(formatted(text) == layout + "\n")
    #expect(TreeDump.block(parse(layout).body) == TreeDump.block(parse(text).body))
  }

  @Test(arguments: [
    Pair("behind an operator and a comma", "print a+\n\n\nb,\nc", "print a +\n  b,\n  c\n"),
    Pair("behind a backslash", "send a\\\n   within 5s", "send a \\\n  within 5s\n"),
    Pair("in the head of a block the body stands between", "test \"x\" \\\n tags [a]\nf()\nend",
      "test \"x\" \\\n    tags [a]\n  f()\nend\n"),
    Pair(
      "a backslash that leads nowhere", "print 1 \\\n\nprint 2 \\\n# c\nprint 3 \\",
      "print 1\n\nprint 2\n# c\nprint 3\n"),
    Pair("in brackets", "f(\n1,\n\n\n2,[\n3\n],{a:\n1,\n\n})", "f(\n  1,\n\n  2, [\n    3\n  ], {a:\n    1,\n  })\n"),
    Pair("brackets that open together close together", "f([{\na: 1,\n}])", "f([{\n  a: 1,\n}])\n"),
    Pair(
      "a bracket in the head of a block", "for i in [\n1,\n]\nf(1,\n2)\nend\nif f(1,\n2)\nend",
      "for i in [\n  1,\n]\n  f(1,\n    2)\nend\nif f(1,\n    2)\nend\n"),
    Pair("a backslash in brackets says nothing", "f(1, \\\n2)", "f(1,\n  2)\n"),
    Pair("an element goes on", "f(\na +\nb\n- c,\nd\n)", "f(\n  a +\n    b\n    - c,\n  d\n)\n"),
    Pair("what was begun on the bracket's line goes on", "f(a +\nb,\nc)", "f(a +\n  b,\n  c)\n"),
    Pair("comments in brackets", "f( # a\n\n# b\n1, # c\n# d\n)", "f(  # a\n  # b\n  1,  # c\n  # d\n)\n"),
    Pair("a comment behind an operator", "print a + # why\n b", "print a +  # why\n  b\n"),
  ])
  func furtherLines(pair: Pair) {
    #expect(formatted(pair.text) == pair.layout)
    #expect(formatted(pair.layout) == pair.layout)
    #expect(TreeDump.block(parse(pair.layout).body) == TreeDump.block(parse(pair.text).body))
  }

  @Test(arguments: [
    Pair("alone", "print 1      # a\n\nprint 2 # b", "print 1  # a\n\nprint 2  # b\n"),
    Pair(
      "in a column", "print 1      # a\nlet xyz = 2  # b\nf()          # c",
      "print 1      # a\nlet xyz = 2  # b\nf()          # c\n"),
    Pair("the column moves", "print   1      # a\nlet  xyz  = 22 # b", "print 1       # a\nlet xyz = 22  # b\n"),
    Pair("in no column", "print 1 # a\nlet xyz = 2 # b", "print 1  # a\nlet xyz = 2  # b\n"),
    Pair("one goes on below", "f() # a\n    # b\n# c", "f()  # a\n     # b\n# c\n"),
    Pair("characters count, not bytes", "f(\"äöü\") # a\nf(\"abc\") # b", "f(\"äöü\")  # a\nf(\"abc\")  # b\n"),
    Pair("tabs go to columns of eight", "f(1)\t\t# a\nf(100,1)\t# b", "f(1)       # a\nf(100, 1)  # b\n"),
  ])
  func commentsBehindCode(pair: Pair) {
    #expect(formatted(pair.text) == pair.layout)
    #expect(formatted(pair.layout) == pair.layout)
  }

  @Test(arguments: [
    Pair("moves with its line", "if x\nsend \"\"\"\na\n\n  b\n\"\"\" crlf\nend",
      "if x\n  send \"\"\"\n    a\n\n      b\n    \"\"\" crlf\nend\n"),
    Pair(
      "blank lines are empty", "let x = \"\"\"  \n  a\n \n  \n    \n  \"\"\"",
      "let x = \"\"\"\n  a\n\n\n    \n  \"\"\"\n"),
    Pair("CRLF", "let x = \"\"\"\r\n\ta\r\n\t\"\"\"\r\n", "let x = \"\"\"\n  a\n  \"\"\"\n"),
    Pair("a CR of its own", "let x = \"\"\"\n  a\r\r\n  \"\"\"\n", "let x = \"\"\"\n  a\r\r\n  \"\"\"\n"),
    Pair("nothing in it", "f(\"\"\"\n\"\"\")", "f(\"\"\"\n  \"\"\")\n"),
    Pair("hex digits over lines stay", "send x\"16\r\n   03\"  # c", "send x\"16\n   03\"  # c\n"),
  ])
  func stringsOfSeveralLines(pair: Pair) {
    #expect(formatted(pair.text) == pair.layout)
    #expect(formatted(pair.layout) == pair.layout)
    #expect(TreeDump.block(parse(pair.layout).body) == TreeDump.block(parse(pair.text).body))
  }

  /// The check before a file is written sees each way in which a program could come out otherwise.
  @Test(arguments: [
    ("print 1\nprint 2", "print 1\nprint 3", 14), ("print 1\nprint 2", "print 1", 8),
    ("print 1", "print 1\nprint 1", 7), ("f() # a", "f() # b", 4), ("f() # a ", "f() # a", 4),
    ("print a +\nb", "print a", 8), ("f()\n(g)()", "f()(g)()", 4),
    ("if a\nf()\nend\ng()", "if a\nf()\ng()\nend", 9), ("send \"a\"", "send 'a'", 5),
    ("let a = \"\"\"\n  b\n  \"\"\"", "let a = \"\"\"\n  b\n \"\"\"", 8), ("print 1", "print (", 7),
  ])
  func theCheckSeesADifference(text: String, other: String, offset: Int) {
    #expect(ProgramComparison.firstDifference(parse(text), parse(other)) == offset)
    #expect(ProgramComparison.firstDifference(parse(text), parse(text)) == nil)
  }
}

@Suite struct LineDiffTests {
  @Test func theSameTextHasNoDifference() {
    #expect(LineDiff.unified([1, 10], [1, 10], oldName: "a", newName: "b") == [])
  }

  @Test func aChangeIsShownWithThreeLinesAround() {
    let old = (1...20).map { "\($0)\n" }.joined()
    let new = old.replacing("10\n", with: "ten\n").replacing("20\n", with: "20")
    let shown = LineDiff.unified(Array(old.utf8), Array(new.utf8), oldName: "a", newName: "b")
    #expect(
      String(decoding: shown, as: UTF8.self) == """
        --- a
        +++ b
        @@ -7,7 +7,7 @@
         7
         8
         9
        -10
        +ten
         11
         12
         13
        @@ -17,4 +17,4 @@
         17
         18
         19
        -20
        +20
        \\ No newline at end of file

        """)
  }

  /// patch(1) makes the new text of the old one and the difference.
  @Test func patchUnderstandsIt() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<40 {
      let old = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 97...100, using: &random) }
      var new = old
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let at = Int.random(in: 0...new.count, using: &random)
        if at < new.count, Bool.random(using: &random) { new.remove(at: at) } else { new.insert(120, at: at) }
      }
      if old == new { continue }
      let (before, after) = (lines(of: old), lines(of: new))
      let shown = LineDiff.unified(before, after, oldName: "a", newName: "a")
      #expect(try patched(before, with: shown) == after)
    }
  }

  /// A line for each letter.
  private func lines(of letters: [UInt8]) -> [UInt8] { Array(letters.map { [$0, 0x0A] }.joined()) }

  private func patched(_ text: [UInt8], with difference: [UInt8]) throws -> [UInt8] {
    let folder = "/tmp/sock-diff-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try #require(mkdir(folder, 0o700) == 0)
    defer { for name in ["/a", "/a.orig", "/d", ""] { remove(folder + name) } }
    for (name, bytes) in [("/a", text), ("/d", difference)] {
      try RepositoryFiles.write(String(decoding: bytes, as: UTF8.self), to: folder + name)
    }
    #expect(system("patch -s \(folder)/a \(folder)/d") == 0)
    return try #require(RepositoryFiles.read(folder + "/a"))
  }
}
