// Each warning of the linter: a source that causes it and only it, its place and its cure; and what is not warned of.

import Testing

@testable import SockLanguage

/// All that `sock check` says about a source.
private func lint(_ source: SourceFile, files: [String: String] = [:]) -> [Diagnostic] {
  let result = Linter.load(source) { path, _ in
    guard let text = files[path] else { return .failure(ReadFailure(message: "no such file")) }
    return .success(SourceFile(name: path, text: text))
  }
  return result.diagnostics
}

private func lint(_ text: String, files: [String: String] = [:]) -> [Diagnostic] {
  lint(SourceFile(name: "test.sock", text: text), files: files)
}

@Suite("What the linter warns of")
struct LinterTests {
  @Test("one warning, its place and its cure", arguments: all)
  func warning(_ expected: Complaint) throws {
    let marked = MarkedSource(expected.text)
    let found = lint(marked.source)
    let shown = found.map { DiagnosticRenderer.render($0, color: false) }.joined()
    #expect(found.count == 1, "\(shown)")
    let diagnostic = try #require(found.first)
    #expect(diagnostic.severity == .warning, "\(shown)")
    #expect(diagnostic.code == expected.code.rawValue, "\(shown)")
    if let range = marked.range { #expect(diagnostic.range == range, "\(shown)") }
    #expect(diagnostic.notes.contains { $0.contains(expected.help) }, "\(shown)")
    #expect(load(marked.source).diagnostics.isEmpty, "a run shows nothing of it")
  }

  @Test("nothing is said where it may be meant", arguments: silent)
  func silence(_ text: String) {
    let found = lint(text)
    #expect(found.isEmpty, "\(found.map { DiagnosticRenderer.render($0, color: false) }.joined())")
  }

  @Test("every warning has an example here")
  func allCodes() {
    let shown = Set(Self.all.map(\.code)).union([.unknownWarning, .tooManyWarnings])
    let known = CheckerCode.allCases.filter(\.isFromLinter)
    #expect(Set(known) == shown)
    for code in known { #expect(code.isWarning) }
  }

  static let all = names + ways + tls + deadlines + patterns + reading + cases + connections + tasks + commands

  // MARK: - Names

  static let names: [Complaint] = [
    Complaint(.unusedName, "let «x» = 1\nprint 2", "write `_x`"),
    Complaint(.unusedName, "let «x» = 1\nx = 2\nprint 2", "remove it"),
    Complaint(.unusedName, "param «x» = 1\nprint 2", "remove the `param`"),
    Complaint(.unusedName, "def «f»()\n  return 1\nend\nprint 2", "remove it, or call it"),
    Complaint(.unusedName, "def f(«x»)\n  return 1\nend\nprint f(1)", "write `_x` if callers must give it"),
    Complaint(.unusedName, "recv line as «x»", "leave out `as x`"),
    Complaint(.unusedName, "try\n  recv line\ncatch «e»\n  print 1\nend", "write `catch` alone"),
    Complaint(.unusedName, "let «[a, b]» = split(\"a b\")\nprint 1", "begin with `_`"),
    Complaint(.unusedName, "def f()\n  let «x» = g()\nend\ndef g()\n  return 1\nend\nf()", "remove it"),
    // A library's names are there for others, but not what is inside of its functions.
    Complaint(.unusedName, "def f()\n  let «x» = 1\n  return 2\nend", "remove it"),
    Complaint(.shadowedName, "let x = 1\ndef f(«x»)\n  return x\nend\nprint f(x)", "take another name"),
    Complaint(.shadowedName, "let x = 1\nfor i in 1..2\n  let «x» = i\n  print x\nend\nprint x", "leave out `let`"),
    Complaint(
      .shadowedName, "recv line as x\nspawn\n  recv line as «x»\n  print x\nend\nprint x\nsleep 1ms",
      "to set that one, write `x = …`"),
    Complaint(.shadowedName, "let «len» = lower\nprint len(\"A\")", "take another name"),
    Complaint(.shadowedName, "for «args» in [1]\n  print args\nend", "take another name"),
  ]

  // MARK: - Ways through a script

  static let ways: [Complaint] = [
    Complaint(.unreachable, "def f()\n  return 1\n  «print 2»\nend\nprint f()", "put a condition around that `return`"),
    Complaint(.unreachable, "exit 1\n«print 2»\nprint 3", "remove it"),
    Complaint(.unreachable, "loop\n  break\n  «print 2»\nend", "around that `break`"),
    Complaint(.unreachable, "for i in 1..2\n  print i\n  continue\n  «print 2»\nend", "around that `continue`"),
    Complaint(.unreachable, "test \"a\"\n  skip \"later\"\n  «print 1»\nend", "around that `skip`"),
    Complaint(.unreachable, "loop\n  print recv line\nend\n«print 1»", "leave the loop with `break`"),
    Complaint(.unreachable, "while true\n  print recv line\nend\n«print 1»", "leave the loop"),
    Complaint(.unreachable, "loop\n  for i in 1..2\n    break\n  end\nend\n«print 1»", "leave the loop"),
    Complaint(.unreachable, "listen 0\nserve\n  send \"x\"\nend\n«print 1»", "write `serve N`"),
    Complaint(
      .unreachable, "if recv line\n  exit 1\nelse\n  fail \"x\"\nend\n«print 1»", "let one of the ways go on"),
    Complaint(
      .unreachable, "def f()\n  try\n    return 1\n  catch\n    return 2\n  end\n  «print 1»\nend\nprint f()",
      "ways go on"),
    Complaint(
      .unreachable, "def f()\n  within 1s\n    return 1\n  end\n  «print 1»\nend\nprint f()", "ways go on"),
    Complaint(
      .unreachable, "select\nwhen recv line\n  exit 1\nwhen after 1s\n  exit 2\nend\n«print 1»", "ways go on"),
    Complaint(.endlessInTest, "test \"a\"\n  «loop»\n    expect line\n  end\nend", "`break`"),
    Complaint(.endlessInTest, "test \"a\"\n  «while true»\n    expect line\n  end\nend", "`break`"),
    Complaint(
      .endlessInTest, "listen 0\nsetup\n  «serve»\n    send \"x\"\n  end\nend\ntest \"a\"\n  expect \"x\"\nend",
      "`spawn`"),
  ]

  static let tls: [Complaint] = [
    Complaint(.insecureInTest, "test \"a\"\n  connect tls:a.test:1 «insecure»\nend", "`ca FILE`"),
    Complaint(
      .insecureInTest, "setup\n  connect 1\n  starttls «insecure»\nend\ntest \"a\"\n  expect eof\nend", "`ca FILE`"),
    Complaint(.insecureInTest, "test \"a\"\n  spawn\n    connect tls:1 «insecure»\n  end\n  sleep 1ms\nend", "`ca FILE`"),
  ]

  static let deadlines: [Complaint] = [
    Complaint(
      .deadlineBeyondTest, "test \"a\" timeout 2s\n  expect line within «3s»\nend", "test NAME timeout DURATION"),
    Complaint(.deadlineBeyondTest, "test \"a\"\n  expect silence «30s»\nend", "or wait for less"),
    Complaint(.deadlineBeyondTest, "test \"a\"\n  sleep «1m»\nend", "or wait for less"),
    Complaint(
      .deadlineBeyondTest, "test \"a\"\n  retry within «1m»\n    connect 127.0.0.1:1\n  end\nend", "wait for less"),
    Complaint(.deadlineBeyondTest, "test \"a\"\n  within «1m»\n    expect line\n  end\nend", "wait for less"),
  ]

  // MARK: - Patterns

  static let patterns: [Complaint] = [
    Complaint(.neverMatches, #"expect line «"220 ready\r\n"»"#, "leave out the line end"),
    Complaint(.neverMatches, #"expect line «"a\nb"»"#, "one `expect line` for each line"),
    Complaint(.neverMatches, #"expect line «/\n/»"#, "leave out the line end"),
    Complaint(.neverMatches, #"expect line «/^foo\r\n/»"#, "leave out the line end"),
    Complaint(.neverMatches, #"expect line «/^foo[\n]|bar\x0a$/»"#, "leave out the line end"),
    Complaint(.neverMatches, #"expect line "a" skipping «"b\n"»"#, "leave out the line end"),
    Complaint(.neverMatches, "expect «/a^b/»", "write `\\^`"),
    Complaint(.neverMatches, "expect line «/$x/»", "write `\\^` or `\\$`"),
    Complaint(.neverMatches, #"print "abc" =~ «/(a|b)\Ac/»"#, "write `\\^`"),
    Complaint(.neverMatches, #"print "abc" =~ «/a\z\n/»"#, "write `\\^`"),
    Complaint(.neverMatches, "let x = 1\nprint \"a\" =~ «/a${x}$b/»", "write `\\^`"),
    Complaint(.alwaysMatches, "expect «\"\"»", "`expect eof` for the end"),
    Complaint(.alwaysMatches, "expect «/x*/»", "write `+` for `*`"),
    Complaint(.alwaysMatches, "expect «//»", "write `+` for `*`"),
    Complaint(.alwaysMatches, "expect «/(a|b?)(?:c{0,3})/»", "join it"),
    Complaint(.alwaysMatches, "expect line «//»", "`expect line` alone"),
    Complaint(.alwaysMatches, "expect line «/^.*$/»", "`expect line` alone"),
    Complaint(.alwaysMatches, "expect line «/^(250)?/»", "`expect line` alone"),
    Complaint(.alwaysMatches, "expect message «/.*/»", "`expect message` alone"),
  ]

  static let reading: [Complaint] = [
    Complaint(.openEndedRegex, #"expect /«\d+»/"#, #"as in `/…\d+\r\n/`"#),
    Complaint(.openEndedRegex, #"expect /\+«\d*»/ as m"# + "\nsend line m[0]\nexpect \"x\"", "use `expect line`"),
    Complaint(.openEndedRegex, #"expect /a(«c{1,3}»|b)/"#, "use `expect line`"),
    Complaint(.openEndedRegex, "test \"a\"\n  expect /a«.+»/\nend", "use `expect line`"),
    Complaint(.openEndedRegex, "connect 127.0.0.1:1 as c\nc.expect /«\\w+»/\nc.close", "use `expect line`"),
    Complaint(.partialRead, "test \"a\"\n  assert («recv 10») == \"hello\"\nend", "`recv exactly N`"),
    Complaint(
      .partialRead, "test \"a\"\n  recv 10 as text\n  case «text»\n  is \"hello\"\n    print 1\n  end\nend",
      "`expect`"),
    Complaint(.partialRead, "test \"a\"\n  recv 10 as text\n  assert «text» == \"hello\"\nend", "`expect`"),
    Complaint(
      .partialRead, "test \"a\"\n  let text = recv 10\n  print text\n  check \"hello\" == «text»\nend", "`expect`"),
    Complaint(.openEndedRegex, #"expect /«.*»# /"#, "`recv until`"),
    Complaint(.openEndedRegex, #"expect /«[^\n]+»(\$|#) /"#, "takes as little as it can"),
    Complaint(.lostGroups, #"recv until /pid (\d+)/ as m"# + "\nprint «m[1]»", "`expect /…/ as m`"),
    Complaint(.lostGroups, #"let m = recv until /(?<a>x)y/"# + "\nprint «m[2]»", "`expect /…/ as m`"),
    Complaint(.readAfterEnd, "expect eof\n«expect line»", "connect again"),
    Complaint(
      .readAfterEnd, "connect 127.0.0.1:1 as c\nc.expect closed\nc.send \"x\"\n«c.recv»",
      "put this `recv` before line 2"),
    Complaint(.readAfterEnd, "expect reset\nif args == []\n  «expect line»\nend", "connect again"),
  ]

  static let cases: [Complaint] = [
    Complaint(
      .caseNeverChosen, "select\nwhen expect line\n  print 1\nwhen «expect line \"a\"»\n  print 2\nend", "first"),
    Complaint(
      .caseNeverChosen, "case args[0]\nis \"a\", nil\n  print 1\nis \"b\", «(\"a\")»\n  print 2\nend", "remove"),
    Complaint(
      .caseNeverChosen, "select\nwhen expect line /a/\n  print 1\nwhen «expect line /a/»\n  print 2\nend",
      "remove one"),
    Complaint(
      .caseNeverChosen, "select\nwhen expect \"2\"\n  print 1\nwhen «expect \"250\"»\n  print 2\nend",
      "special case first"),
  ]

  // MARK: - Connections, tasks, commands

  static let connections: [Complaint] = [
    Complaint(.lostConnection, "listen 0\nconnect listener.sockport\n«accept»\nsend \"x\"", "`connect … as client`"),
    Complaint(
      .lostConnection, "test \"a\"\n  listen 0 as l\n  connect l.sockport\n  print 1\n  «accept» l within 1s\nend",
      "`accept as server`"),
  ]

  static let tasks: [Complaint] = [
    Complaint(.resultUnused, "let list = [2, 1]\n«sort(list)»\nprint list", "`list = sort(list)`"),
    Complaint(.resultUnused, "«upper(\"a\")»", "`let NAME = upper(…)`"),
    Complaint(.taskNeverRuns, "print 1\n«spawn»\n  print 2\nend", "`wait task`"),
    Complaint(.taskNeverRuns, "listen 0\n«spawn»\n  serve\n    send \"x\"\n  end\nend\nprint len(\"a\")", "without `spawn`"),
    Complaint(.taskNeverRuns, "test \"a\"\n  «spawn» as t\n    expect eof\n  end\n  assert t\nend", "`wait task`"),
  ]

  static let commands: [Complaint] = [
    Complaint(.noShell, "run «\"cat f | head\"»", "write `run [\"sh\", \"-c\", \"cat f | head\"]`"),
    Complaint(.noShell, "run «\"ls *.sock\"»", "\"sh\""),
    Complaint(.noShell, "let f = \"x\"\nrun «\"sort ${f} > out\"»", "\"sort ${f} > out\""),
    Complaint(.noShell, "run «\"server 2>&1\"»", "2>&1"),
    Complaint(.noShell, "run «\"server &\"»", "\"sh\""),
    Complaint(.noShell, "run «\"cd /tmp && ls\"» as p\np.wait", "\"sh\""),
  ]

  // MARK: - Silence

  static let silent: [String] = [
    // Connections that are used, or named, before another one is accepted.
    "listen 0\nconnect listener.sockport\nsend \"x\"\naccept\nrecv",
    "listen 0\nconnect listener.sockport as c\naccept\nsend \"x\"\nc.recv",
    "listen 0\nconnect listener.sockport\nlet c = conn\naccept\nc.recv",
    "listen 0\nconnect listener.sockport\naccept as s\ns.send \"x\"\nrecv",
    "def f()\n  send \"x\"\nend\nlisten 0\nconnect listener.sockport\nf()\naccept\nrecv",
    "listen 0\nspawn\n  connect listener.sockport\nend\naccept\nrecv",
    "listen 0\nconnect listener.sockport\nspawn\n  send \"x\"\nend\naccept\nrecv",
    // Tasks behind which something waits, or may.
    "spawn\n  print 1\nend\nsleep 1ms", "spawn as t\n  print 1\nend\nwait t",
    "def f()\n  sleep 1ms\nend\nspawn\n  print 1\nend\nf()",
    "def f()\n  sleep 1ms\nend\nspawn\n  f()\nend",
    "defer sleep 1ms\nspawn\n  print 1\nend", "spawn\n  print 1\nend\ntest \"a\"\n  expect eof\nend",
    // Commands that no shell has to read.
    "run \"sh -c 'a | b > c'\"", "run \"find . -name *.sock -exec rm {} ;\"", "run \"expr 1 | 2\"",
    "run \"echo 'a | b' \\\\| \"", "run \"grep -E a|b f\"", "run [\"sh\", \"-c\", \"a | b\"]", "run \"ssh host ls | wc\"",
    "let cmd = \"a | b\"\nrun cmd", "run \"awk '{ print $1 > 2 }' f\"",
    // Names that hold something: a channel, a task's failure, a place in a list, the turn of a loop.
    "listen 0\nconnect listener.sockport as c\naccept as peer",
    "let c = connect 127.0.0.1:1\nprint 1",
    "let [a, b] = socketpair\nprint 1",
    "def reach()\n  connect 127.0.0.1:1 as c\n  return c\nend\nlet held = reach()\nprint 1",
    "spawn as t\n  sleep 1ms\nend\nsleep 1ms",
    "let [a, b] = split(\"a b\")\nprint b",
    "for i in 1..3\n  print \"again\"\nend",
    "let _x = 1\nprint 1",
    "def f(_x)\n  return 1\nend\nprint f(1)",
    // A function that something else calls has its parameters from there.
    "def f(bytes)\n  return 4\nend\nframing f",
    "def f(bytes)\n  return 4\nend\nlet m = {f: f}\nprint m.f(1)",
    // A library.
    "def f(x)\n  return x\nend\nlet table = {}\nparam port = 1",
    "def size(bytes)\n  return 4\nend",
    "setup\n  let x = 1\nend\ntest \"a\"\n  print x\nend",
    // The same name in places that do not see each other, and `catch e`.
    "def f()\n  let x = 1\n  return x\nend\ndef g()\n  let x = 2\n  return x\nend\nprint f(), g()",
    "let e = 1\ndef f()\n  try\n    recv line\n  catch e\n    print e\n  end\nend\nf()\nprint e",
    // Ways that go on.
    "loop\n  if recv line\n    break\n  end\nend\nprint 1",
    "def f(x)\n  if x\n    return 1\n  end\n  print 2\nend\nf(1)",
    "def f()\n  return g()\n  def g()\n    return 1\n  end\nend\nprint f()",
    "listen 0\ntry\n  serve\n    send \"x\"\n  end\ncatch\n  print 1\nend\nprint 2",
    "listen 0\nserve 2\n  send \"x\"\nend\nprint 2",
    "try\n  exit 1\nfinally\n  print 1\nend",
    "select\nwhen recv line\n  exit 1\nwhen after 1s\n  print 1\nend\nprint 2",
    "test \"a\"\n  loop\n    expect line\n    break\n  end\nend",
    "test \"a\"\n  spawn\n    loop\n      expect line\n    end\n  end\n  sleep 1ms\nend",
    "test \"a\"\n  try\n    loop\n      expect line\n    end\n  catch\n    print 1\n  end\nend",
    "def done()\n  skip \"x\"\nend\ntest \"a\"\n  loop\n    done()\n  end\nend",
    "test \"a\" timeout 2m\n  expect line within 1m\nend",
    "param slow = 60s\ntest \"a\" timeout slow\n  expect line within 1m\nend",
    "expect line within 1h",
    // Patterns that can match, and can fail.
    #"expect line /^foo\r?\n?$/"#,
    #"expect line /foo\R/"#,
    #"expect /^a\r\n$/m"#,
    #"expect /a$\n/"#,
    #"expect line "a\r""#,
    #"print "a" =~ /a|^b/, "b" =~ /(?m:a\n^b)/, "c" =~ /(?:x|)^a/"#,
    #"expect /(?=\d)x?\d\r\n/"#,
    "expect line \"\"",
    "expect line /^$/",
    // What they take is used.
    "expect / */ as blanks\nprint blanks[0]\nexpect \"x\"",
    "expect line /^(?<rest>.*)/ as m\nprint m.rest",
    // A datagram is matched as a whole.
    "bind udp:127.0.0.1:0\nexpect \"\"\nexpect /x*/\nexpect /\\d+/",
    // What follows is read next, or the end decides.
    "expect /\\d+/ as m\nprint m[0]\nexpect \";\"",
    "expect /\\d+/\nexpect eof",
    "run \"echo 42\" as p\np.expect /\\d+/ as m\nprint m[0], p.wait",
    "expect /\\d+?/",
    #"expect /.*?# /"#, #"expect /[^#]*# /"#, #"expect /.*(\r\n|\n)/"#, #"expect /a.*b/s"#,
    "run \"cat\" pty size 80 24\nexpect screen /x+/\nsend \"x\"",
    "recv until /(?:a|b)/ as m\nprint m[1]", "recv until /(a|b)/ as m\nprint m[0], m[1..2]",
    "expect /\\d+$/",
    "expect /a.*/s",
    "expect /.|x+/",
    "expect /x(|y+)/",
    "expect /x(?:)*/",
    "expect /\\d+(?=\\r)/",
    "def number()\n  expect /\\d+/ as m\n  return m[0]\nend\nprint number()\nexpect \";\"",
    "test \"a\"\n  assert (recv exactly 5) == \"hello\"\n  assert (recv 1) == \"x\"\n  assert (recv 9) != \"\"\nend",
    "test \"a\"\n  recv 9 as text\n  text = \"b\"\n  assert text == \"b\"\nend",
    // The end, and then something else.
    "expect eof\nconnect 127.0.0.1:1\nexpect line",
    "expect eof\ntry\n  expect line\ncatch e\n  assert e.code == \"eof\"\nend",
    "connect 127.0.0.1:1 as a\nconnect 127.0.0.1:1 as b\na.expect eof\nb.expect line",
    "if args == []\n  expect eof\nend\nexpect line",
    "expect eof\nexpect closed",
    // Cases that differ.
    "select\nwhen expect line \"a\"\n  print 1\nwhen expect line\n  print 2\nend",
    "select\nwhen expect line if args == []\n  print 1\nwhen expect line \"a\"\n  print 2\nend",
    "select all\nwhen expect line \"a\"\n  print 1\nwhen expect line \"a\"\n  print 2\nend",
    "let [a, b] = socketpair\nselect\nwhen a.expect line\n  print 1\nwhen b.expect line\n  print 2\nend",
    "select\nwhen recv until \"a\"\n  print 1\nwhen recv until \"b\"\n  print 2\nend",
    "select\nwhen recv exactly 4\n  print 1\nwhen recv exactly 2\n  print 2\nend",
    "let x = 1\nselect\nwhen expect line \"${x}\"\n  print 1\nwhen expect line \"${x}\"\n  print 2\nend",
  ]

  // MARK: - Files and comments

  @Test("an import is used by its names, and what is told about it stays with the file")
  func imports() {
    let files = ["a.sock": "def f()\n  return 1\nend\ndef g()\n  let unused = 1\n  return 2\nend"]
    #expect(lint("import \"a.sock\" as a\nprint a.f()", files: files).isEmpty)
    #expect(lint("import \"a.sock\" as a\nprint 1", files: files).map(\.code) == ["unused-name"])
  }

  @Test("a file with errors gets no warnings")
  func errors() {
    #expect(lint("let x = 1\nprint y").map(\.severity) == [.error])
  }

  @Test("a comment silences what it names, on its line or the next")
  func allowances() {
    let several = "# one\n# sock: allow unused-name\n# two\n# sock: allow shadowed-name\n# three\nlet args = 1\nprint 1"
    #expect(lint(several).isEmpty)
    let two = "# sock: allow unused-name\nlet x = 1\n# sock: allow shadowed-name\nlet y = 2\nprint 1"
    #expect(lint(two).map(\.code) == ["unused-name"])
    #expect(lint("let x = 1  # sock: allow unused-name\nprint 1").isEmpty)
    #expect(lint("# sock: allow unused-name\nlet x = 1\nprint 1").isEmpty)
    #expect(lint("#sock: allow shadowed-name, unused-name\n\n# why\nlet args = 1\nprint 1").isEmpty)
    #expect(lint("# sock: allow shadowed-name\nlet x = 1\nprint 1").map(\.code) == ["unused-name"])
    #expect(lint("# sock: allow unused-name\nprint 1\nlet x = 1").map(\.code) == ["unused-name"])
    #expect(lint("let text = \"# sock: allow unused-name\"; let x = 1\nprint text").map(\.code) == ["unused-name"])
    // The checker's own warnings, too; then neither a run shows them.
    #expect(diagnostics(of: "# sock: allow option-word-name\nlet line = 1\nprint (line)").isEmpty)
  }

  @Test("a comment that allows nothing is told of")
  func unknownCodes() throws {
    let misspelt = try #require(lint("# sock: allow unused-nam\nprint 1").first)
    #expect(misspelt.code == "unknown-warning")
    #expect(misspelt.notes == ["help: did you mean `unused-name`?"])
    #expect(misspelt.range == SourceRange(14, 24))
    #expect(lint("print 1  # sock: allow undeclared-name").first?.message.contains("is an error") == true)
    #expect(lint("# sock: allow\nprint 1").map(\.code) == ["unknown-warning"])
    #expect(lint("# sock: a small language\nprint 1").isEmpty)
  }

  @Test("no more than a screenful")
  func limit() {
    let found = lint((0..<60).map { "let x\($0) = 1\n" }.joined() + "print 1")
    #expect(found.count == Limits.diagnostics + 1)
    #expect(found.last?.message.hasPrefix("10 more warnings") == true)
  }

  /// A protocol's table of numbers is worth having whole.
  @Test func constantsOfTheFileMayBeUnused() {
    #expect(lint("let CONNACK = 2\nlet COUNTER_32 = 0x41\nlet [SYN, ACK] = [1, 2]\nprint 1").isEmpty)
    #expect(lint("let Connack = 2\nlet X = 1\nprint 1").map(\.code) == ["unused-name", "unused-name"])
    #expect(lint("def f()\n  let CONNACK = 2\nend\nf()").map(\.code) == ["unused-name"])
  }

  /// Sixteen times as long for four times as many, it was: each looked for the end of them all.
  @Test func manyAllowancesInARow() {
    func time(_ count: Int) -> Duration {
      let comments = String(repeating: "# sock: allow unused-name\n", count: count)
      return ContinuousClock().measure { #expect(lint(comments + "let x = 1\nprint 1").isEmpty) }
    }
    let isLinear = (1...5).contains { _ in time(16_000) < time(4000) * 9 }
    #expect(isLinear)
  }
}
