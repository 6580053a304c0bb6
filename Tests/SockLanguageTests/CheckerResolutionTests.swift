// What names mean after checking: scopes, captures, tests and their setup, sessions.

import Testing

@testable import SockLanguage

@Suite("What names mean")
struct CheckerResolutionTests {
  @Test("sources without a complaint", arguments: [
    "let x = 1\ndef f(x)\n  let y = x\n  return y\nend\nprint f(x)",
    "for i in 1..2\n  let x = i\nend\nfor i in 1..2\n  let x = i\nend",
    "recv as x\nrecv as x\nx = nil",
    "retry within 5s\n  connect 127.0.0.1:25 as c\nend\nc.close",
    "if args == []\n  let x = 1\nelse\n  x = 2\nend\nprint x",
    "try\n  recv as x\ncatch e\n  print e.code\nend\ntry\n  recv as x\ncatch e\n  fail e\nend\nprint x, e",
    "print f(2)\ndef f(n)\n  return n == 0 or g(n - 1)\nend\ndef g(n)\n  return f(n)\nend",
    "if true\n  print f()\n  def f()\n  end\nend",
    "let len = 3\nprint len",
    "let f = upper\nprint f(\"a\")",
    "print error, args, tmpdir, stdin, stdout, stderr, listener, conn",
    "try recv\nprint error.code, error.calls",
    "def f(a, b = a)\n  return a + b\nend\nprint f(1), f(1, 2)",
    "while true\n  break\nend\nloop\n  continue\nend",
    "for p in [1, 2]\n  if p == 1\n    test \"${p}\"\n    end\n  end\nend",
    "test \"a\"\n  print x\nend\nlet x = 1",
    "select\nwhen accept as c\n  c.close\nwhen after 5s\nend",
    "select all\nwhen recv line as a\nwhen conn.expect eof\nelse\n  recv line\nend",
    "let m = {f: upper, size: 1}\nprint m.size, m.f(\"a\"), m.g(1)",
    "let r = \"a\"\nexpect /^${r}+[${r}]$/i",
    "print 'costs $x', \"costs \\$args and $3\", \"a ${\"b ${args[0]}\"} $\"",
    "let x = 1\nprint 'costs $x', \"costs \\$x\"",
    "expect \"$\"\nexpect \"^\"\nexpect '^220'\nexpect \"$3\\r\\n\"\nexpect \"user@host:~\\$\"",
    "if recv 10\nend\nif args[0]\nend\nassert conn.opened",
    "print nil == 1, 1 == 1.5, \"a\" < \"b\", args == [1], nil == \"a\"",
    "let client = 1\nlet to = 2\nlet name = 3\nlet until = 4\nprint client + to + name + until",
    "connect localhost:smtp\nlisten *:0\nlisten unix:/tmp/host:port\nconnect [::1]:65535",
    "let key2 = 1\nprint \"$key\"",
    "def f()\n  defer close\n  for x in args\n    if x\n      return x\n    end\n  end\nend",
    "accept as c\nc = nil\nprint c.anything",
    "connect 127.0.0.1:25 as client\nclient.f(1)\ndef f(x)\n  send x\nend",
    "serve 3\n  while recv line as text\n    send line upper(text)\n  end\nend",
    "spawn as t\n  print t\nend\nwait t",
    "print x\"00\" + 'a', [1] + [2], 1.5 + 2",
    "expect /a/imsx\nexpect /\\//",
    "param target = \"127.0.0.1:25\"\nconnect target",
    "while recv line as line\n  print line\nend\nrecv line as line\nsend line line\nexpect line line",
    "recv line as line\nprint line\nrecv line as line",
    "def wrong(message)\n  fail message\nend\nif recv message as m\n  wrong(m)\nend",
    "let all = [1]\nlet message = \"m\"\nsend (message)\nrecv (all[0])\nprint all, message",
  ])
  func clean(_ text: String) {
    _ = checked(text)
  }

  @Test("a variable that an inner function uses is captured by every function between")
  func captures() throws {
    let file = checked(
      """
      let a = 1
      let b = 2
      def outer(p)
        let own = p
        def inner()
          return a + own
        end
        return inner()
      end
      print outer(b)
      """)
    let outer = try file.function(2)
    guard case .function(let inner) = outer.body.statements[1].kind else { throw NotFound() }
    #expect(inner.scope.captureNames == ["a", "own"])
    #expect(outer.scope.captureNames == ["a"])
    #expect(file.scope.captures.isEmpty)
    #expect(try file.export("a").isCaptured)
    #expect(try !file.export("b").isCaptured)
    #expect(inner.scope.captures[1].owner === outer.scope)
    #expect(outer.parameters[0].name.variable?.isCaptured == false)
  }

  @Test("`as` sets a name of its own function, and never one outside of it")
  func asStaysInside() throws {
    let file = checked(
      """
      recv as x
      loop
        recv as x
      end
      spawn
        recv as x
        print x
      end
      def f()
        recv as x
        return x
      end
      serve
        recv as x
      end
      """)
    let x = try file.export("x")
    guard case .loop(let body) = try file.statement(1), case .expression(.step(let inLoop)) = body.statements[0].kind
    else { throw NotFound() }
    #expect(inLoop.result?.variable === x)
    #expect(x.isReassigned && !x.isCaptured)
    guard case .spawn(let spawn) = try file.statement(2),
      case .expression(.step(let inTask)) = spawn.body.statements[0].kind
    else { throw NotFound() }
    #expect(inTask.result?.variable !== x)
    #expect(inTask.result?.variable?.owner === spawn.scope)
    #expect(spawn.scope.captures.isEmpty)
    #expect(try file.function(3).scope.captures.isEmpty)
  }

  @Test("a deferred statement sees, and sets, its function's names")
  func deferred() throws {
    let file = checked("let n = 1\ndefer print n\nrecv as x\ndefer recv as x")
    guard case .deferred(_, let printing) = try file.statement(1),
      case .deferred(_, let receiving) = try file.statement(3)
    else { throw NotFound() }
    #expect(printing.captureNames == ["n"])
    #expect(receiving.captureNames == ["x"])
    #expect(try file.export("x").isReassigned)
  }

  @Test("names of a loop's turn live in the function's frame but not beyond the turn")
  func turns() throws {
    let file = checked("loop\n  let x = 1\n  spawn\n    print x\n  end\nend")
    guard case .loop(let body) = try file.statement(0), case .declare(.name(let name), _) = body.statements[0].kind
    else { throw NotFound() }
    #expect(name.variable?.owner === file.scope)
    #expect(name.variable?.isCaptured == true)
    #expect(file.exports.isEmpty)
  }

  @Test("a test shares its setup's names without capturing them")
  func setup() throws {
    let file = checked(
      """
      let port = 25
      test "first"
        send line hello
        hello = port
        spawn
          print hello
        end
      end
      setup
        let hello = "EHLO"
        connect 127.0.0.1:25
      end
      test "second"
        recv as hello
      end
      """)
    #expect(file.hasTests)
    guard case .setup(let setup) = try file.statement(2) else { throw NotFound() }
    let first = try file.test(1)
    #expect(first.scope.prologue === setup)
    #expect(first.scope.captureNames == ["port"])
    guard case .assign(.name(let hello), _, _) = first.body.statements[1].kind,
      case .variable(let variable) = hello.meaning
    else { throw NotFound() }
    #expect(variable.owner === setup.scope)
    guard case .spawn(let spawn) = first.body.statements[2].kind else { throw NotFound() }
    #expect(spawn.scope.captures.first === variable)
    #expect(variable.isCaptured)
    guard case .expression(.step(let step)) = try file.test(3).body.statements[0].kind else { throw NotFound() }
    #expect(step.result?.variable === variable)
  }

  @Test("what a call means: a builtin, a def, a function on a channel, or a key")
  func callees() throws {
    let file = checked("def login(x)\nend\nprint upper(\"a\")\nlogin(1)\nconn.login(2)\nconn.upper(3)\nlet m = {}\nm.other(4)")
    func callee(_ index: Int) throws -> Expression {
      guard case .expression(.call(let call)) = try file.statement(index) else { throw NotFound() }
      return call.callee
    }
    let login = try file.export("login")
    #expect(login.function != nil)
    guard case .name(let plain) = try callee(2), case .variable(let called) = plain.meaning else { throw NotFound() }
    #expect(called === login)
    guard case .member(let onChannel) = try callee(3),
      case .functionOnChannel(.variable(let member)) = onChannel.meaning
    else { throw NotFound() }
    #expect(member === login)
    // None of the builtin functions has a use for a channel: it is a key, or a mistake.
    guard case .member(let builtin) = try callee(4), case .property = builtin.meaning else { throw NotFound() }
    guard case .member(let other) = try callee(6), case .property = other.meaning else { throw NotFound() }
  }

  @Test("a name that several branches declare is one variable, and a channel only where each makes one")
  func branches() throws {
    let file = checked(
      """
      if args == []
        let c = connect 127.0.0.1:25
        let x = 1
        let y = connect 127.0.0.1:25
      else
        let c = connect 127.0.0.1:26
        let x = connect 127.0.0.1:25
        let y = 1
      end
      print x.anything, y.anything, c.sockport
      """)
    guard case .conditional(let branches, let otherwise?) = file.body.statements[0].kind else { throw NotFound() }
    func variables(_ block: Block) -> [Variable?] {
      block.statements.map { if case .declare(.name(let name), _) = $0.kind { name.variable } else { nil } }
    }
    let (first, second) = (variables(branches[0].body), variables(otherwise))
    #expect(first.count == 3 && zip(first, second).allSatisfy { $0 === $1 })
    #expect(file.body.names.variables.count == 3)
    #expect(
      diagnostics(
        of: "if args == []\n  let c = connect 127.0.0.1:25\nelse\n  let c = accept\nend\nprint c.anything"
      ).map(\.code) == ["unknown-property"])
  }

  @Test("a function of the file means a name of `setup` that nothing else declares")
  func setupInFunctions() throws {
    let file = checked(
      """
      let own = 1
      def f()
        db = 2
        print db, own, helper(1)
        return other
      end
      setup
        let db = 1
        let other = 2
        let unshared = 3
        let own = 4
        def helper(x)
          return x + unshared
        end
      end
      test "a"
        print f(), db, own
      end
      """)
    guard case .setup(let setup) = file.body.statements[2].kind else { throw NotFound() }
    let variables = setup.body.names.variables
    #expect(variables.filter(\.isReachedByFile).map(\.name) == ["helper", "db", "other"])
    guard case .function(let f) = file.body.statements[1].kind,
      case .assign(.name(let db), _, _) = f.body.statements[0].kind, case .variable(let variable) = db.meaning
    else { throw NotFound() }
    #expect(variable.owner === setup.scope)
  }

  @Test("neither the top level nor its tasks mean a name of `setup`", arguments: [
    "setup\n  let x = 1\nend\nprint x", "setup\n  let x = 1\nend\nspawn\n  print x\nend",
    "setup\n  let x = 1\nend\ndef f()\n  return y\nend\nprint f()",
    "setup\n  if true\n    for y in [1]\n      print y\n    end\n  end\nend\ndef f()\n  return y\nend\nprint f()",
  ])
  func setupOutside(_ text: String) {
    #expect(diagnostics(of: text).map(\.code) == ["undeclared-name"])
  }

  @Test("a session remembers its names, captured, and lets them be declared again")
  func session() throws {
    let session = SessionScope()
    func input(_ text: String) -> LoadResult { load(SourceFile(name: "<repl>", text: text), session: session) }
    #expect(input("let x = 1\ndef f(a)\n  return a\nend").diagnostics.isEmpty)
    let x = try #require(session.variables["x"])
    #expect(x.isCaptured)
    let second = input("print x, f(x), it\nrecv as x")
    #expect(second.diagnostics.isEmpty)
    #expect(second.main.scope.captureNames == ["x", "f"])
    #expect(x.isReassigned)
    #expect(input("print f()").diagnostics.map(\.code) == ["wrong-argument-count"])
    #expect(input("let x = 2").diagnostics.isEmpty)
    #expect(session.variables["x"] !== x)
    #expect(input("let y = zz").diagnostics.map(\.code) == ["undeclared-name"])
    #expect(session.variables["y"] == nil)
    #expect(!input("let z = 1\nlet = 2").diagnostics.isEmpty)
    #expect(session.variables["z"] == nil)
    #expect(input("let q = 1\nimport \"gone\" as gone").diagnostics.map(\.code) == ["import-unreadable"])
    #expect(session.variables["q"] == nil && session.variables["gone"] == nil)
    let importing = load(
      SourceFile(name: "<repl>", text: "import \"lib\" as lib"), files: ["lib": "let a = 1"], session: session)
    #expect(importing.diagnostics.isEmpty)
    #expect(session.modules["lib"]?.exports["a"]?.isCaptured == true)
    #expect(input("print lib.a").diagnostics.isEmpty)
    #expect(input("print lib.b").diagnostics.map(\.code) == ["unknown-export"])
  }

  @Test("names on a line that could not be parsed are not complained about")
  func damagedLines() {
    let codes = diagnostics(of: "let x = = 1\nprint x\nprint y").map(\.code)
    #expect(codes.filter { $0 == "undeclared-name" }.count == 1)
  }

  @Test("a file full of errors shows the first ones and counts the rest")
  func manyErrors() {
    let text = (1...60).map { "print \"a\" == \($0)" }.joined(separator: "\n")
    let found = diagnostics(of: text)
    #expect(found.count == 51)
    #expect(found.last?.code == "too-many-complaints")
    #expect(found.last?.message.contains("10 more") == true)
  }
}
