// Each complaint of the checker: a source that causes it and only it, its place, and its cure.

import Testing

@testable import SockLanguage

@Suite("What the checker complains about")
struct CheckerComplaintTests {
  @Test("one complaint, its place and its cure", arguments: all)
  func complaint(_ expected: Complaint) throws {
    let marked = MarkedSource(expected.text)
    let found = load(marked.source).diagnostics
    let shown = found.map { DiagnosticRenderer.render($0, color: false) }.joined()
    #expect(found.count == 1, "\(shown)")
    let diagnostic = try #require(found.first)
    #expect(diagnostic.code == expected.code.rawValue, "\(shown)")
    if let range = marked.range { #expect(diagnostic.range == range, "\(shown)") }
    #expect(diagnostic.notes.contains { $0.contains(expected.help) }, "\(shown)")
  }

  @Test("every code has an example here, or in the tests of imports, limits and the linter")
  func allCodes() {
    let elsewhere: Set<CheckerCode> = [
      .importUnreadable, .importCycle, .importTooDeep, .importAsValue, .unknownExport, .tooManyComplaints,
    ]
    let missing = Set(CheckerCode.allCases.filter { !$0.isFromLinter }).subtracting(elsewhere).subtracting(Self.all.map(\.code))
    #expect(missing.isEmpty)
  }

  @Test("no code is the parser's too")
  func ownCodes() {
    #expect(Set(DiagnosticCodes.all.map { $0.rawValue }).count == DiagnosticCodes.all.count)
  }

  static let all = names + declarations + calls + texts + placement + values + patterns

  static let names: [Complaint] = [
    Complaint(.undeclaredName, "let text = 1\nprint «textt»", "did you mean `text`?"),
    Complaint(.undeclaredName, "print «x»\nprint x\nx = x + 1", ""),
    Complaint(.undeclaredName, "«x» = 1", "write `let x = …` to declare it"),
    Complaint(.undeclaredName, "let total = 1\n«totl» = 2", "did you mean `total`?"),
    Complaint(.undeclaredName, "let x = «x»", "its own value cannot use it"),
    Complaint(.undeclaredName, "print «x»\nlet x = 1", "it is declared at line 2 only; move the declaration up"),
    Complaint(.undeclaredName, "for i in 1..2\n  let x = i\nend\nprint «x»", "line 2 lives only in its own block"),
    Complaint(.undeclaredName, "while recv line as text\n  print text\nend\nprint «text»", "declare it outside"),
    Complaint(.undeclaredName, "def f()\n  let x = 1\n  return x\nend\nprint f(), «x»", "line 2 lives only"),
    Complaint(.undeclaredName, "connect «localhost» 25", "localhost:25"),
    Complaint(.undeclaredName, "connect «localhost»", "localhost:25"),
    Complaint(.undeclaredName, "print «null»", "write `nil`"),
    Complaint(.undeclaredName, "print «None»", "write `nil`"),
    Complaint(.undeclaredName, "print «undefined»", "write `nil`"),
    Complaint(.undeclaredName, "print «True»", "write `true`"),
    Complaint(.undeclaredName, "print «this».peerhost", "the current connection is `conn`"),
    Complaint(.undeclaredName, "print «it»", "the last result in the REPL"),
    Complaint(.undeclaredName, "let x = 1 + «ocnn»", "did you mean `conn`?"),
    Complaint(.undeclaredName, "test \"a\"\n  print «xyz»\nend", ""),
    Complaint(.undeclaredName, "print \"${«xyz»}\"", ""),
    Complaint(.undeclaredName, "connect 127.0.0.1:${«xyz»}", ""),
    Complaint(.undeclaredName, "expect /a${«xyz»}b/", ""),
    Complaint(.undeclaredName, "print {\"k${«xyz»}\": 1}", ""),
    Complaint(.undeclaredName, "sockopt SO_RCVBUF «xyz»", ""),
    Complaint(.undeclaredName, "signal («xyz»)", ""),
    Complaint(.undeclaredName, "[«xyz», xyz] = [1, 2]", ""),
  ]

  static let declarations: [Complaint] = [
    Complaint(.alreadyDeclared, "let x = 1\nlet «x» = 2", "write `x = …`"),
    Complaint(.alreadyDeclared, "let x = 1\nif x == 1\n  let «x» = 2\nend", "write `x = …`"),
    Complaint(.alreadyDeclared, "let [a, «a»] = [1, 2]", "write `a = …`"),
    Complaint(.alreadyDeclared, "recv as x\nlet «x» = 2", "write `x = …`"),
    Complaint(.alreadyDeclared, "def f(a, «a»)\nend", "write `a = …`"),
    Complaint(.alreadyDeclared, "if args == []\n  let x = 1\nelse\n  let x = 2\nend\nlet «x» = 3", "write `x = …`"),
    Complaint(.alreadyDeclared, "if args == []\n  let x = 1\nelse\n  recv as x\n  let «x» = 3\nend", "write `x = …`"),
    Complaint(
      .alreadyDeclared,
      "if args == []\n  let x = 1\nelse\n  if conn\n    let x = 2\n  end\n  let «x» = 3\nend", "write `x = …`"),
    Complaint(.alreadyDeclared, "within 1s\n  let x = 1\nend\nwithin 1s\n  let «x» = 1\nend", "write `x = …`"),
    Complaint(.alreadyDeclared, "def f()\nend\ndef «f»()\nend", "take another name"),
    Complaint(.alreadyDeclared, "while recv as x\n  let «x» = 1\nend", "write `x = …`"),
    Complaint(.alreadyDeclared, "setup\n  let x = 1\nend\ntest \"a\"\n  let «x» = 2\nend", "write `x = …`"),
    Complaint(.notAssignable, "def f()\nend\n«f» = 1", "take another name"),
    Complaint(.notAssignable, "def f()\nend\nrecv as «f»", "take another name"),
    Complaint(.notAssignable, "«len» = 1", "take another name"),
    Complaint(.notAssignable, "«conn» = 1", "`with CHANNEL … end`"),
    Complaint(.notAssignable, "«args» += [1]", "take another name"),
    Complaint(.requiredAfterDefault, "def f(a = 1, «b»)\nend", "put it first"),
    Complaint(.optionWordName, "let line = 1\nprint recv «line»\nrecv line", "write `(line)`"),
    Complaint(.optionWordName, "recv as message\nprint message\nwhile recv «message» as m\n  print m\nend", "(mess"),
    Complaint(.optionWordName, "def f(line)\n  expect «line» skipping /a/\n  return line\nend", "write `(line)`"),
    Complaint(.shadowedCurrent, "connect 127.0.0.1:25 as «conn»", "leave out `as conn`"),
  ]

  static let calls: [Complaint] = [
    Complaint(.unknownFunction, "def greet()\nend\n«gret»()", "did you mean `greet`?"),
    Complaint(.unknownFunction, "print «uppr»(\"a\")", "did you mean `upper`?"),
    Complaint(.unknownFunction, "print «rcv»(10)", "did you mean the verb `recv`?"),
    Complaint(.unknownFunction, "print «length»(\"a\")", "write `len(…)`"),
    Complaint(.unknownFunction, "print conn.«uppr»(1)", "did you mean `upper`?"),
    Complaint(.unknownFunction, "connect 127.0.0.1:25 as c\nc.«xyzzy»(1)", ""),
    Complaint(.methodCall, "let s = \"a,b\"\nprint «s.split(\",\")»", "write `split(s, \",\")`"),
    Complaint(.methodCall, "print «\"x\".upper()»", "write `upper(\"x\")`"),
    Complaint(.methodCall, "let list = []\nlist.«append»(4)", "write `push(list, value)`"),
    Complaint(.methodCall, "print «\",\".join([\"a\"])»", "write `join([\"a\"], \",\")`"),
    Complaint(.methodCall, "recv line as text\nrecv line as text\nprint «text.trim()»", "write `trim(text)`"),
    Complaint(.notAChannel, "listen 0\naccept «100ms»", "write `within 100ms`"),
    Complaint(.notAChannel, "wait «3s»", "write `sleep 3s`"),
    Complaint(.notAChannel, "let name = \"x\"\n«name».send \"y\"", "put the name of a channel there"),
    Complaint(.fieldCount, "let «[a, b]» = unpack(\"u8 u16le rest\", \"abcd\")\nprint a, b", "`_:` in front"),
    Complaint(.fieldCount, "let «[a, b]» = unpack(\"bytes[3]\", \"abc\")\nprint a, b", "leave out"),
    Complaint(.fieldCount, "let «[a, b]» = unpack(\"a:u8 b:u8\", \"ab\")\nprint a, b", "`r.a`"),
    Complaint(.fieldCount, "print «pack(\"u8 _:u8 u8\", 1)»", "a value for each"),
    Complaint(.fieldCount, "print «pack(\"a:u8 b:u8\", 1, 2, 3)»", "one map"),
    Complaint(.wrongFormat, "print unpack(«\"u8 u7\"», \"ab\")", ""),
    Complaint(.wrongFormat, "print pack(«\"b3 u8\"», 1, 2)", ""),
    Complaint(.wrongMessage, "message M\n  «a» bits 3\nend", "`_ bits 5`"),
    Complaint(.wrongMessage, "message M\n  a «u9»\nend", "`u8`"),
    Complaint(.wrongMessage, "message M\n  a bytes «b»\n  b u8\nend", "in front of it"),
    Complaint(.wrongMessage, "message M\n  a u8\nend\nlet [a, b] = socketpair\na.expect «M» {a: 1}", "`expect message M {…}`"),
    Complaint(.unknownField, "message M\n  kind u8\nend\nlet [a, b] = socketpair\na.send M {«kid»: 1}", "`kind`"),
    Complaint(.unknownProperty, "let s = \"x\"\nprint «s.len»", "write `len(s)`"),
    Complaint(.unknownProperty, "print [1].«size»", "write `len(…)`"),
    Complaint(.unknownProperty, "listen 0 as server\nprint server.«port»", "`sockport`"),
    Complaint(.undeclaredName, "listen «port» 0", "leave out `port`"),
    Complaint(.undeclaredName, "expect «nothing» within 1s", "`expect silence 1s`"),
    Complaint(.undeclaredName, "for i in 0..2; print i; end; print «i»", "lives only in its own block"),
    Complaint(.operandTypes, "expect line «~ /b/»", "a pattern stands alone"),
    Complaint(.wrongArgumentCount, "def f(a, b = 1)\n  return a + b\nend\nprint «f()»", "it is `f(a, b = …)`"),
    Complaint(.wrongArgumentCount, "print «f(1)»\ndef f()\nend", "it is `f()`"),
    Complaint(.wrongArgumentCount, "print «len()»", "it is `len(x)`"),
    Complaint(.wrongArgumentCount, "print «split(1, 2, 3, 4)»", "it is `split(s [, separator] [, limit])`"),
    Complaint(.wrongArgumentCount, "print «max()»", "it is `max(value, …)`"),
    Complaint(.wrongArgumentCount, "def f(a)\nend\n«conn.f()»", "it is `f(a)`"),
    Complaint(.propertyCalled, "accept as c\nprint «c.peerhost()»", "without the parentheses"),
    Complaint(.unknownProperty, "print conn.«peerhots»", "did you mean `peerhost`?"),
    Complaint(.unknownProperty, "print listener.«xyzzy»", "it has peerhost"),
    Complaint(.unknownProperty, "accept as c\nprint c.«sockprot»", "did you mean `sockport`?"),
    Complaint(.unknownProperty, "let c = connect 127.0.0.1:25\nprint c.«sockprot»", "did you mean `sockport`?"),
    Complaint(.unknownProperty, "print error.«mesage»", "did you mean `message`?"),
  ]

  static let texts: [Complaint] = [
    Complaint(.bareAddressVariable, "let host = \"a\"\nlet port = 1\nconnect «host:port»", "write `${host}:${port}`"),
    Complaint(.bareAddressVariable, "let port = 1\nconnect «127.0.0.1:port»", "write `127.0.0.1:${port}`"),
    Complaint(.bareAddressVariable, "let host = \"a\"\nconnect «udp:host:53»", "write `udp:${host}:53`"),
    Complaint(.bareAddressVariable, "let host = \"a\"\nconnect «tls:host:53»", "write `tls:${host}:53`"),
    Complaint(.bareAddressVariable, "let port = 1\nlisten «tls:port»", "write `tls:${port}`"),
    Complaint(.bareAddressVariable, "let h = 1\nlet port = 1\nconnect «${h}:port»", "write `${h}:${port}`"),
    Complaint(.dollarInText, "let who = 1\nprint \"hello «$who»!\"", "write `${who}`"),
    Complaint(.dollarInText, "let who = 1\nprint \"${who} is «$who»\"", "write `${who}`"),
    Complaint(.dollarInText, "let who = 1\nexpect /hello «$who»/", "write `${who}`"),
    Complaint(.dollarInText, "let who = \"a\"\nconnect «$who»:25", "write `${who}`"),
    Complaint(.dollarInText, "let who = 1\nprint \"\"\"\n  hello «$who»\n  \"\"\"", "write `${who}`"),
  ]

  static let placement: [Complaint] = [
    Complaint(.returnOutsideFunction, "«return»", "write `exit`"),
    Complaint(.returnOutsideFunction, "test \"a\"\n  «return»\nend", "write `skip`"),
    Complaint(.outsideLoop, "«break»", "write `exit`"),
    Complaint(.outsideLoop, "loop\n  spawn\n    «continue»\n  end\nend", "cannot be left"),
    Complaint(.outsideLoop, "loop\n  def f()\n    «break»\n  end\nend", "cannot be left"),
    Complaint(.outsideLoop, "listen 1\nserve\n  «break»\nend", "done with this connection"),
    Complaint(.misplaced, "loop\n  «test» \"a\"\n  end\nend", "move it out"),
    Complaint(.misplaced, "def f()\n  «test» \"a\"\n  end\nend", "move it out"),
    Complaint(.misplaced, "if true\n  «setup»\n  end\nend", "move it out"),
    Complaint(.misplaced, "if true\n  «param x = 1»\nend", "move it out"),
    Complaint(.secondSetup, "setup\nend\n«setup»\nend", "write its steps there"),
    Complaint(.duplicateTest, "test \"a\"\nend\ntest «\"a\"»\nend", "a name of its own"),
    Complaint(.selectWithoutCase, "«select»\nend", "write at least one"),
    Complaint(.caseWithoutBranch, "«case» args\nelse\nend", "write at least one"),
    Complaint(.comparisonTypes, "case len(args)\nis 1, «\"2\"»\n  print 1\nis /a/, 1..2\n  print 2\nend", "int"),
    Complaint(.secondAfter, "select\nwhen after 1s\nwhen after «2s»\nend", "keep the shorter"),
    Complaint(.caseNotSelectable, "select\nwhen «send» \"a\"\nend", "it waits for `accept`"),
    Complaint(.deadlineInCase, "select\nwhen recv line within «2s»\nend", "when after DURATION"),
  ]

  static let values: [Complaint] = [
    Complaint(.constantCondition, "if «\"x\"»\nend", "compare it with something"),
    Complaint(.constantCondition, "while «0»\nend", "write `false`"),
    Complaint(.constantCondition, "while «1»\nend", "write `true`"),
    Complaint(.constantCondition, "if args == [] or «\"b\"»\nend", "only nil and false are false"),
    Complaint(.constantCondition, "if not («[]»)\nend", "only nil and false are false"),
    Complaint(.constantCondition, "assert «len(args)»", "write `len(args) > 0`"),
    Complaint(.constantCondition, "def f()\nend\nif «f»\nend", "write `f(…)` to call it"),
    Complaint(.constantCondition, "select\nwhen recv if «1»\nend", "write `true`"),
    Complaint(.comparisonTypes, "print «\"220\" == 220»", "write `int(\"220\")`"),
    Complaint(.comparisonTypes, "print «len(args) == \"1\"»", "write `int(\"1\")`"),
    Complaint(.comparisonTypes, "print «[] < 1»", "values of one type"),
    Complaint(.operandTypes, "print «\"port \" + 80»", "write `\"…${value}\"`"),
    Complaint(.operandTypes, "print «\"-\" * 10»", "write `repeat(text, count)`"),
    Complaint(.operandTypes, "let x = 1\nprint «x - \"1\"»", "write `int(text)`"),
    Complaint(.divisionByZero, "print 1 / «0»", "divide by something else"),
    Complaint(.divisionByZero, "print 1 % («0»)", "").unmarked,
    Complaint(.portRange, "listen «65536»", "write 0"),
    Complaint(.portRange, "listen 127.0.0.1:«99999»", "write 0"),
    Complaint(.portRange, "listen tls:«65536»", "write 0"),
    Complaint(.portRange, "bind udp:«99999»", "write 0"),
    Complaint(.portRange, "listen [::1]:«99999999999999999999»", "write 0"),
    Complaint(.portRange, "connect \"localhost\" «70000»", "write 0"),
    Complaint(.portRange, "connect «-1»", "write 0"),
    Complaint(.durationType, "sleep «\"1s\"»", "write it like `5s`"),
    Complaint(.durationType, "recv within «\"1s\"»", "write it like `5s`"),
    Complaint(.durationType, "within «true»\nend", "write it like `5s`"),
    Complaint(.countType, "recv «\"login:\"»", "write `recv until \"login:\"`"),
    Complaint(.countType, "recv exactly «[]»", "write it like `recv 1024`"),
    Complaint(.notIterable, "for i in «10»\nend", "write `0..<10`"),
  ]

  static let patterns: [Complaint] = [
    Complaint(.patternType, "expect «220»", "write `\"220\"`"),
    Complaint(.patternType, "recv until «10»", "write `\"10\"`"),
    Complaint(.stringLooksLikeRegex, "expect «\"^220\"»", "write `/^220/`"),
    Complaint(.stringLooksLikeRegex, "expect line «\"ok$\"»", "write `/ok$/`"),
    Complaint(.stringLooksLikeRegex, "recv until «\"a.*b/c\"»", "write `/a.*b\\/c/`"),
    Complaint(.stringLooksLikeRegex, "expect line \"a\" skipping «\"^b\"»", "write `/^b/`"),
    Complaint(.stringForRegex, "print \"abc\" =~ «\"^a\"»", "write `/^a/`"),
    Complaint(.regexFlag, "expect /a/i«g»", "replaces every match anyway"),
    Complaint(.regexFlag, "expect /a/«u»", "the flags i, m, s and x"),
    Complaint(.regexSyntax, "expect /a(b«/»", "wants `\\` before it"),
    Complaint(.regexSyntax, "expect /[a-«/»", "wants `\\` before it"),
    Complaint(.regexSyntax, "expect /«)»a/", "wants `\\` before it"),
    Complaint(.regexSyntax, "expect /a{2,1«}»/", "pcre2pattern(3)"),
    Complaint(.regexSyntax, "let x = \"a\"\nexpect /a${x}b${ x }*(«/»i", "wants `\\` before it"),
  ]
}

extension Complaint {
  /// The same, wherever it points.
  fileprivate var unmarked: Complaint {
    Complaint(code, text.filter { $0 != "«" && $0 != "»" }, help)
  }
}
