// Statements and blocks: their trees, their scopes, and where a text is only incomplete.

import Testing

@testable import SockLanguage

@Suite struct ParserStatementTests {
  @Test(arguments: [
    ("let a = 1", "(let a 1)"), ("let [a, b,] = c", "(let [a b] c)"), ("a = 1", "(= a 1)"), ("a += 1", "(+= a 1)"),
    ("a.b -= 1", "(-= (. a b) 1)"), ("a[0] = b", "(= (at a 0) b)"), ("m.close = 1", "(= (. m close) 1)"),
    ("[a, b] = [b, a]", "(= [a b] [b a])"), ("param p", "(param p)"), ("param p = 1", "(param p 1)"),
    ("param secret p = 1", "(param secret p 1)"), ("param secret p", "(param secret p)"),
    ("param secret = 1", "(param secret 1)"),
    ("param secret", "(param secret)"), ("import \"a/b.sock\" as b", #"(import "a/b.sock" b)"#), ("return", "(return)"),
    ("return recv line", "(return (recv +line))"), ("break; continue", "(break)\n(continue)"),
    ("defer c.close", "(defer/deferred (close? <c>))"), ("defer a = 1", "(defer/deferred (= a 1))"),
    ("f(1)", "(call f 1)"),
    ("a.f(1)", "(call (. a f) 1)"), ("try f()", "(try (call f))"), ("x or (fail \"no\")", #"(or x ((fail "no")))"#),
    ("(recv 10)", "((recv 10))"), ("while a\n f()\nend", "(while a => (call f))"), ("loop\nend", "(loop => )"),
    ("for x in 1..3; f(x); end", "(for x (.. 1 3) => (call f x))"), ("for [k, v] in m\nend", "(for [k v] m => )"),
    ("for k, v in m\nend", "(for k, v m => )"), ("for i, [a, b] in l\nend", "(for i, [a b] l => )"),
    ("if a\nelif b\nelse\n f()\nend", "(if (a => ) (b => ) (else => (call f)))"),
    ("if a =~ /b/ as m\nelif c and d as n\nend", #"(if ((=~ a (re "b")) as m => ) ((and c d) as n => ))"#),
    ("while (recv line) as t\nend", "(while ((recv +line)) as t => )"),
    ("while try recv line as t\nend", "(while (try (recv +line as=t)) => )"),
    ("if recv line as t; f(); end", "(if ((recv +line as=t) => (call f)))"),
    ("def f(a, b = 1 + 2,)\n return a\nend", "(def f (a b=(+ 1 2)) => (return a))"),
    ("def f()\nend", "(def f () => )"),
    ("try\n f()\ncatch e\n g()\nfinally\n h()\nend", "(try => (call f) (catch e => (call g)) (finally => (call h)))"),
    ("try\ncatch\nend", "(try =>  (catch - => ))"), ("try # why\nend", "(try => )"), ("with c\nend", "(with c => )"),
    ("with (accept)\nend", "(with ((accept)) => )"),
    ("within 2s\nend", "(within 2.0f => )"), ("spawn\nend", "(spawn - => )"), ("spawn as t\nend", "(spawn t => )"),
    ("serve\nend", "(serve - - => )"), ("serve workers 2\nend", "(serve - - workers 2 => )"),
    ("serve workers\nend", "(serve - workers => )"), ("s.serve workers n\nend", "(serve s - workers n => )"),
    ("serve 3\nend", "(serve - 3 => )"), ("s.serve\nend", "(serve s - => )"),
    ("a.b[0].serve n + 1\nend", "(serve (at (. a b) 0) (+ n 1) => )"),
    ("m.serve = 1", "(= (. m serve) 1)"), ("let f = m.serve", "(let f (. m serve))"),
    ("retry within 5s\nend", "(retry 5.0f - => )"), ("retry within 5s every 1s\nend", "(retry 5.0f 1.0f => )"),
    (
      "select\nwhen accept as c if a\n f()\nwhen after 2s\nelse\n g()\nend",
      "(select (when (accept as=c) if a => (call f)) (when (after 2.0f) => ) (else => (call g)))"
    ),
    (
      "select all\n\n# one\nwhen c.expect line /x/ as m\nend",
      #"(select all (when (expect <c> (re "x") +line as=m) => ))"#
    ),
    (
      "case x\nis 1, \"a\"\n f()\nis /b/ as m; g()\nis 1..9\nis -1, [2], (3)\nelse\n h()\nend",
      #"(case x (is 1 "a" => (call f)) (is (re "b") as m => (call g)) (is (.. 1 9) => ) "#
        + "(is -1 [2] (3) => ) (else => (call h)))"
    ),
    ("case x\n# which\nis 1,\n 2\nend", "(case x (is 1 2 => ))"),
    ("case is\nis is\n is = is + 1\n is.a = 2\n is(1)\nend",
      "(case is (is is => (= is (+ is 1)) (= (. is a) 2) (call is 1)))"),
    ("is = 1", "(= is 1)"), ("is(1)", "(call is 1)"), ("let is = is", "(let is is)"),
    ("select\nwhen t.wait\nend", "(select (when (wait? <t>) => ))"), ("setup\nend", "(setup => )"),
    ("test \"a\"\nend", #"(test "a" => )"#),
    (
      "test \"a ${x}\" todo \"w\" timeout 1s should \"c\" tags [a, \"b c\", if]\nend",
      #"(test (str "a " ${x}) should "c" tags[a b c if] timeout 1.0f todo "w" => )"#
    ),
    ("line = 1", "(= line 1)"), ("let all = after", "(let all after)"),
  ]) func trees(_ text: String, _ tree: String) {
    #expect(dump(text) == tree)
  }

  @Test func scopesAreLinked() throws {
    let parsed = parse("def f()\n  spawn\n    defer g()\n  end\nend\ntest \"t\"\n  serve\n  end\nend\nsetup\nend")
    #expect(parsed.diagnostics.isEmpty)
    guard case .function(let function)? = parsed.body.statements.first?.kind,
      case .spawn(let spawn)? = function.body.statements.first?.kind,
      case .deferred(_, let deferred)? = spawn.body.statements.first?.kind,
      case .test(let test) = parsed.body.statements[1].kind, case .serve(let serve)? = test.body.statements.first?.kind,
      case .setup(let setup) = parsed.body.statements[2].kind
    else {
      Issue.record("another tree")
      return
    }
    #expect(parsed.scope.kind == .file && parsed.scope.parent == nil)
    #expect(function.scope.kind == .function && function.scope.parent === parsed.scope)
    #expect(spawn.scope.kind == .task && spawn.scope.parent === function.scope)
    #expect(deferred.kind == .deferred && deferred.parent === spawn.scope)
    #expect(test.scope.kind == .test && test.scope.parent === parsed.scope)
    #expect(serve.scope.kind == .connection && serve.scope.parent === test.scope)
    #expect(setup.scope.kind == .setup && setup.scope.parent === parsed.scope)
  }

  @Test func importsAreCollected() {
    #expect(parse("import \"a\" as a\nif x\n import \"b\" as b\nend").imports.map(\.path) == ["a", "b"])
  }

  @Test func statementRangesAreTheirText() {
    let parsed = parse("let a = 1 # c\nif a\n  f()\nend # d\n")
    #expect(parsed.body.statements.map { parsed.source.text($0.range) } == ["let a = 1", "if a\n  f()\nend"])
  }

  @Test func aValueMayStandAloneInTheREPL() {
    let source = SourceFile(name: "<repl>", text: "1 + 2\nx\nx == 1")
    #expect(Parser.parse(source, allowsValues: true).diagnostics.isEmpty)
    #expect(Parser.parse(source).diagnostics.map(\.code) == ["value-unused", "value-unused", "value-unused"])
  }

  @Test(arguments: [
    "if x", "if x\n", "if x\n  print 1\n", "if x\nelse", "def f()", "def f(", "test \"x\"\n", "select",
    "select\nwhen accept", "try\n", "loop\nif x\nend\n",
    "let a = [1,", "let a = [", "f(1,\n", "let m = {a: 1", "let m = {a:", "let m = {", "print (1", "let a = \"\"\"\n",
    "let a = \"\"\"\n x\n", "print \"\"\"",
    "print 1 \\", "print 1 \\\n", "print \\\n", "print 1 +", "print 1 +\n", "let a = b and\n", "let a = b ==",
    "print 1,", "print 1,\n", "let a = x in",
    "if x\n  f(1,", "if a +", "case x", "case x\nis 1,", "case x\nis 1\n  f()\n",
  ]) func incomplete(_ text: String) {
    #expect(parse(text).isIncomplete)
  }

  @Test(arguments: [
    "", "\n", "# only a comment", "print 1", "print 1\n", "if x\nend", "print \"abc", "print 'abc", "expect /abc",
    "let a =", "let", "print \"${a", "end",
    "if x\nprint )\n", "print 1 \\\n+ 2", "let a = 4..", "x y", "f(1, 2))", "not", "let a = -", "if x )",
    "print 1 2\nif x", "send",
  ]) func notIncomplete(_ text: String) {
    #expect(!parse(text).isIncomplete)
  }
}
