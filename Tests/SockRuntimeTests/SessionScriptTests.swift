// The text that `:save` writes, for sessions that are given here statement by statement.

import SockLanguage
import Testing

@testable import SockRuntime

/// One line of a session, and what it did.
private struct Line {
  let text: String
  var received: [String] = []
  var form = SessionRecord.Form.plain
  /// How many bytes of what was received were the value; nil: all.
  var valueCount: Int?
  var ended = false
  var failed = false
  var becameIt = false
  var name: String?

  init(
    _ text: String, _ received: String..., form: SessionRecord.Form = .plain, valueCount: Int? = nil,
    ended: Bool = false, failed: Bool = false, becameIt: Bool = false, name: String? = nil
  ) {
    self.text = text
    self.received = received
    self.form = form
    self.valueCount = valueCount
    self.ended = ended
    self.failed = failed
    self.becameIt = becameIt
    self.name = name
  }

  /// `recv line`.
  static func line(_ text: String, _ received: String, becameIt: Bool = false, name: String? = nil) -> Line {
    Line(text, received + "\r\n", form: .line, valueCount: received.utf8.count, becameIt: becameIt, name: name)
  }
}

@Suite struct SessionScriptTests {
  private func entry(_ line: Line) throws -> SessionRecord.Entry {
    let source = SourceFile(name: "<session>", text: line.text)
    let parsed = Parser.parse(source, allowsValues: true)
    #expect(parsed.diagnostics.isEmpty, "\(line.text)")
    let statement = try #require(parsed.body.statements.first)
    var entry = SessionRecord.Entry(statement: statement, source: source)
    entry.isDone = !line.failed
    entry.becameIt = line.becameIt
    let steps = TreeNames(of: statement).steps
    func event(_ kind: SessionRecord.Event.Kind, _ verb: Verb, _ bytes: [UInt8], _ valueCount: Int) {
      let step = steps.first { $0.verb == verb }
      let channel = line.name.map { $0.utf8.reduce(2) { $0 &* 31 &+ Int($1) } } ?? 1
      entry.events.append(
        .init(
          kind: kind, channel: channel, name: line.name, peer: "127.0.0.1:6379", isDatagram: false, step: step?.range,
          count: bytes.count, bytes: bytes, valueCount: valueCount, at: 1_795_241_942))
    }
    for step in steps {
      if step.verb == .connect, !line.failed { event(.opened, .connect, [], 0) }
      if step.verb == .send {
        guard case .string(let bytes, _)? = step.operands.first else { continue }
        event(.sent(isLine: step.has(.line)), .send, bytes, bytes.count)
      }
    }
    for text in line.received {
      let bytes = Array(text.utf8)
      event(.received(line.form), .recv, bytes, line.valueCount ?? bytes.count)
    }
    if line.ended { event(.ended, .recv, [], 0) }
    return entry
  }

  private func script(_ lines: [Line], path: String = "saved.sock", isFull: Bool = false) throws -> String? {
    var record = SessionRecord()
    record.isFull = isFull
    for line in lines { record.entries.append(try entry(line)) }
    let text = SessionScript.text(record, date: "2026-11-21 06:10", path: path, workingDirectory: "/home/me")
    guard let text else { return nil }
    // Whatever was saved is a script without errors.
    let loaded = Loader.load(SourceFile(name: path, bytes: text)) { _, _ in
      .success(SourceFile(name: "lib", text: "def hello()\nend\n"))
    }
    #expect(loaded.diagnostics.map(\.message) == [], "\(String(decoding: text, as: UTF8.self))")
    return String(decoding: text, as: UTF8.self)
  }

  /// What stands inside the test, which begins by connecting.
  private func body(_ lines: [Line]) throws -> [String] {
    let text = try #require(try script([Line("connect 6379")] + lines))
    let start = "param target = \"127.0.0.1:6379\"\n\ntest \"session of 2026-11-21 06:10\"\n  connect target\n"
    #expect(text.hasPrefix(start))
    #expect(text.hasSuffix("end\n"))
    return text.dropFirst(start.count).dropLast(4).split(separator: "\n").map { String($0.dropFirst(2)) }
  }

  // MARK: - What was received

  @Test func anAnswerIsExpected() throws {
    let text = try script([
      Line("connect 127.0.0.1:6379"), Line(#"send line "PING""#), .line("recv line within 2s", "+PONG"),
      Line(#"send "x""#), Line("recv", "a\tb\r\n", "c"),
    ])
    #expect(
      text == """
        param target = "127.0.0.1:6379"

        test "session of 2026-11-21 06:10"
          connect target
          send line "PING"
          expect line "+PONG" within 2s
          send "x"
          expect "a\\tb\\r\\n"
          expect "c"
        end

        """)
  }

  /// A file that was changed is loaded again: what it declares stands once, as it was last.
  @Test func whatIsDeclaredTwiceStandsOnce() throws {
    let text = try #require(
      try script([
        Line(#"param word = "one""#), Line("message Pong\n  a u8\nend"), Line(#"param word = "two""#),
        Line("message Pong\n  b u8\nend"), Line("connect 6379"), Line("send line word"), Line("send Pong {b: 1}"),
        .line("recv line", "+PONG"),
      ]))
    #expect(text.matches(of: /param word/).count == 1 && text.contains(#"param word = "two""#), "\(text)")
    #expect(text.matches(of: /message Pong/).count == 1 && text.contains("b u8"), "\(text)")
  }

  @Test func howAStreamWasCutSaysNothing() throws {
    #expect(
      try body([Line("recv", "+O"), Line("recv", "K\r\n$5\r\nhe"), Line("1 + 1"), Line("recv 100", "llo\r\n")])
        == [#"expect "+OK\r\n""#, #"expect "$5\r\n""#, #"expect "hello\r\n""#])
    // But what was sent between stands between.
    #expect(
      try body([Line("recv", "a"), Line(#"send "x""#), Line("recv", "b")])
        == [#"expect "a""#, #"send "x""#, #"expect "b""#])
  }

  @Test(arguments: [
    (Line("recv exactly 3", "abc", form: .exactly), [#"expect "abc""#]),
    (Line("recv exactly 4", "\u{0}\u{1}\u{2}a", form: .exactly), [#"expect x"00 01 02 61""#]),
    (Line("recv until \";\"", "a=1;", form: .until, valueCount: 3), [#"expect "a=1;""#]),
    (Line("recv message", "abc", form: .message), [#"expect message "abc""#]),
    (Line("recv all", "rest", form: .all), [#"expect "rest""#, "expect eof"]),
    (Line("recv all", "", form: .all), ["expect eof"]),
    (Line("recv line within 1s", ended: true), ["expect eof within 1s"]),
    (Line("recv line keep", "a\n", form: .line), [#"expect line "a""#]),
    (Line("print recv", "a"), [#"expect "a""#]), (Line("(recv) =~ /a/", "a"), [#"expect "a""#]),
    (Line("try recv", "a"), [#"expect "a""#]), (Line("let x = recv", "a"), [#"expect "a""#]),
    (Line("recv", "${x}\u{1b}é\"\\"), [#"expect "\${x}\eé\"\\""#]),
    (Line("recv peek", "a"), []), (Line("1 + 1"), []), (Line("print 5"), []), (Line("let y = 5"), []),
    (Line("timeout"), []), (Line("timeout 3s"), ["timeout 3s"]), (Line("conn.peerport"), []),
    (Line("expect line /a/", "a\n", form: .line), ["expect line /a/"]),
    (Line("assert 1 == 1"), ["assert 1 == 1"]),
  ]) private func oneStatement(_ line: Line, _ expected: [String]) throws {
    #expect(try body([line]) == expected)
  }

  @Test func whatIsLongIsNotCompared() throws {
    let long = String(repeating: "x", count: 5000)
    #expect(try body([Line("recv", long)]) == ["recv exactly 5000"])
    #expect(try body([.line("recv line", long)]) == ["recv line"])
    #expect(
      try body([Line("let x = recv", long), Line("assert len(x) > 1")])
        == ["let x = recv exactly 5000", "assert len(x) > 1"])
  }

  @Test func whatIsLongAndSaysWhereItEndsIsReadToThere() throws {
    let long = String(repeating: "x: 1\r\n", count: 1000)
    // Redis says how much comes.
    let ask = Line(#"send "INFO""#)
    #expect(
      try body([ask, Line("recv", "$6000\r\n\(long)\r\n"), ask, Line("recv", "$6000\r\n\(long)")])
        == [#"send "INFO""#, #"expect /\$(\d+)\r\n/ as m"#, "recv exactly int(m[1]) + 2"]
        + [#"send "INFO""#, #"expect /\$(\d+)\r\n/ as m2"#, "recv exactly int(m2[1])"])
    // Not what only looks so.
    #expect(try body([Line("recv", "$5997\r\n\(long)\r\n")]) == ["recv exactly 6009"])
    #expect(try body([Line("recv", "$6001\r\n\(long)x")]).first == #"expect /\$(\d+)\r\n/ as m"#)
    #expect(try body([Line("recv", "$6002\r\n\(long)x")]) == ["recv exactly 6008"])
    // Memcached ends it with a word.
    #expect(try body([Line("recv", "\(long)END\r\n")]) == [#"recv until "\nEND\r\n""#])
    #expect(try body([Line("recv", "\(long)END\r\nEND\r\n")]) == ["recv exactly 6010"])
    #expect(try body([Line("recv", "a\nEND\n\(long)END\n")]) == ["recv exactly 6010"])
  }

  // MARK: - What varies

  @Test(arguments: [
    ("250 OK id=1xUfby-00005e-1p", #"expect line /^250 OK id=[0-9A-Za-z]+-[0-9A-Za-z]+-[0-9A-Za-z]+$/"#),
    ("250 2.0.0 Ok: queued as 4F0C12A8B9", #"expect line /^250 2\.0\.0 Ok: queued as [0-9A-Za-z]+$/"#),
    ("uptime_in_seconds:189", #"expect line /^uptime_in_seconds:\d+$/"#),
    ("STAT pid 29602", #"expect line /^STAT pid \d+$/"#), ("time: 0.51 s", #"expect line /^time: \d+\.\d+ s$/"#),
    // What was asked for, and what only looks alike.
    ("id=7", #"expect line "id=7""#), ("known as localhost", #"expect line "known as localhost""#),
    ("timeout=5", #"expect line "timeout=5""#), ("valid 12345678a", #"expect line "valid 12345678a""#),
    ("time", #"expect line "time""#), ("= 5", #"expect line "= 5""#), ("pid ", #"expect line "pid ""#),
  ]) func aWordSaysWhatWillBeAnother(_ answer: String, _ expected: String) throws {
    #expect(try body([.line("recv line", answer)]) == [expected])
  }

  @Test func aLengthVariesWithWhatItIsTheLengthOf() throws {
    let ask = Line(#"send line "TIME""#)
    let expected = [#"send line "TIME""#, #"expect /\$\d+\r\n/"#, #"expect /\d+\r\n/"#]
    #expect(
      try body([ask, Line("recv", "$6\r\n123456\r\n"), ask, Line("recv", "$6\r\n123457\r\n")])
        == expected + expected)
    #expect(try body([Line("recv", "$6\r\n123456\r\n")]) == [#"expect "$6\r\n""#, #"expect "123456\r\n""#])
  }

  /// Three counters of a report have changed: those that have not will.
  @Test(arguments: [(3, #"expect /STAT c9 \d+\r\n/"#), (2, #"expect "STAT c9 5\r\n""#)])
  func theValuesOfAReportVary(changed: Int, ninth: String) throws {
    func report(_ changes: Int) -> String {
      (0..<10).map { "STAT c\($0) \($0 < changes ? 7 : 5)\r\n" }.joined() + "STAT version 1.6.18\r\nEND\r\n"
    }
    let ask = Line(#"send line "stats""#)
    let text = try body([ask, Line("recv", report(0)), ask, Line("recv", report(changed))])
    #expect(text.count == 26)
    #expect(text.dropFirst(10).prefix(3) == [ninth, #"expect "STAT version 1.6.18\r\n""#, #"expect "END\r\n""#])
  }

  @Test func whatVariesBecomesAPattern() throws {
    let ask = [Line(#"send line "TIME""#), Line(#"send line "TIME""#)]
    #expect(
      try body([ask[0], .line("recv line", "at 10:00:01 (x)"), ask[1], .line("recv line", "at 10:00:02 (x)")])
        == [
          #"send line "TIME""#, #"expect line /^at \d+:\d+:\d+ \(x\)$/"#, #"send line "TIME""#,
          #"expect line /^at \d+:\d+:\d+ \(x\)$/"#,
        ])
    #expect(
      try body([ask[0], Line("recv", "7 a\r\nb\r\n"), ask[1], Line("recv", "8 a\r\n"), Line("recv", "b\r\n")])
        == [
          #"send line "TIME""#, #"expect /\d+ a\r\n/"#, #"expect "b\r\n""#, #"send line "TIME""#,
          #"expect /\d+ a\r\n/"#, #"expect "b\r\n""#,
        ])
  }

  /// The answers of these tests come on 21 November 2026 at 06:19:02 UTC.
  @Test func theTimeWhenItCameWillBeAnother() throws {
    #expect(
      try body([
        .line("recv line", "220 mx ready; Sat, 21 Nov 2026 07:19:02 +0100"), .line("recv line", "t=1795241940"),
      ])
        == [
          #"expect line /^220 mx ready; [A-Za-z]+, \d+ [A-Za-z]+ \d+ \d+:\d+:\d+ \+\d+$/"#,
          #"expect line /^t=\d+$/"#,
        ])
    // Another time is what a file's date may be.
    #expect(
      try body([.line("recv line", "Sat, 21 Nov 2026 07:42:02 +0100")])
        == [#"expect line "Sat, 21 Nov 2026 07:42:02 +0100""#])
  }

  @Test func otherRequestsSayNothing() throws {
    #expect(
      try body([Line(#"send "A""#), .line("recv line", "1"), Line(#"send "B""#), .line("recv line", "2")])
        == [#"send "A""#, #"expect line "1""#, #"send "B""#, #"expect line "2""#])
  }

  @Test func aGreetingIsTheAnswerToConnecting() throws {
    #expect(
      try body([.line("recv line", "220 #1"), Line("close"), Line("connect 6379"), .line("recv line", "220 #2")])
        == [#"expect line /^220 #\d+$/"#, "close", "connect target", #"expect line /^220 #\d+$/"#])
  }

  @Test func aRunAtTheEndOfAStreamHasItsLength() throws {
    func ask(_ first: String, _ second: String) throws -> [String] {
      try body([Line(#"send "A""#), Line("recv", first), Line(#"send "A""#), Line("recv", second)])
    }
    #expect(try ask("id 12", "id 34")[1] == #"expect /id \d{2}/"#)
    // Nothing says where it ends: only that something comes.
    #expect(try ask("id 9", "id 10")[1] == "recv")
  }

  // MARK: - Names

  @Test func aValueThatIsUsedKeepsItsName() throws {
    #expect(
      try body([.line("recv line as text", "a"), Line("send text")]) == [#"expect line "a" as text"#, "send text"])
    #expect(
      try body([.line("let text = recv line", "a"), Line("send text")]) == [#"expect line "a" as text"#, "send text"])
    #expect(
      try body([Line("recv until \";\" as k", "a;", form: .until, valueCount: 1), Line("send k")])
        == [#"expect "a;""#, #"let k = "a""#, "send k"])
    #expect(
      try body([
        Line(#"send "A""#), .line("recv line as id", "id 1"), Line(#"send "A""#), .line("id = recv line", "id 2"),
        Line("send id"),
      ]) == [
        #"send "A""#, #"expect line /^id \d+$/ as m"#, "let id = m[0]", #"send "A""#, #"expect line /^id \d+$/ as m2"#,
        "id = m2[0]", "send id",
      ])
  }

  @Test func whatAKeptStatementUsesIsKept() throws {
    #expect(
      try body([
        Line("let a = 1"), Line("let b = a + 1"), Line("let unused = 3"), Line("b += 1"), Line("print b"),
        Line("send line str(b)"),
      ]) == ["let a = 1", "let b = a + 1", "b += 1", "send line str(b)"])
  }

  /// A function reads its names when it is called.
  @Test func whatAKeptFunctionReadsIsKept() throws {
    #expect(
      try body([
        Line("let q = \"A\""), Line("let other = 1"), Line("let f = fn(x) q + x"), Line("q = \"B\""), Line("other = 2"),
        Line("send f(\"x\")"),
      ]) == ["let q = \"A\"", "let f = fn(x) q + x", "q = \"B\"", "send f(\"x\")"])
  }

  @Test func whatChangesAListIsKept() throws {
    #expect(
      try body([Line("let list = [3, 1]"), Line("shift(list)"), Line("insert(list, 0, 2)"), Line("send str(list)")])
        == ["let list = [3, 1]", "shift(list)", "insert(list, 0, 2)", "send str(list)"])
  }

  @Test func aNameThatIsDeclaredAgainIsSet() throws {
    #expect(
      try body([
        Line("let a = 1"), Line("send str(a)"), Line("let a = 2"), Line("let [a, b] = [3, 4]"), Line("send str(a + b)"),
      ]) == [
        "let a = 1", "send str(a)", "a = 2", "let b = nil", "[a, b] = [3, 4]", "send str(a + b)",
      ])
  }

  @Test func theLastResultGetsAName() throws {
    #expect(
      try body([.line("recv line", "5", becameIt: true), Line("send \"${it}!\""), Line("6 * 7", becameIt: true),
        Line("send str(it)")])
        == [#"expect line "5" as answer"#, #"send "${answer}!""#, "let answer2 = 6 * 7", "send str(answer2)"])
  }

  @Test func channelsAreSpokenToByTheirNames() throws {
    #expect(
      try body([
        Line("connect 6379 as b", name: "b"), Line(#"b.send line "PING""#, name: "b"),
        .line("b.recv line within 1s", "+PONG", name: "b"),
      ]) == ["connect target as b", #"b.send line "PING""#, #"b.expect line "+PONG" within 1s"#])
  }

  // MARK: - Mistakes

  @Test func whatFailedIsLeftOut() throws {
    #expect(
      try body([
        Line("connect 1", failed: true), Line("let x = recv line within 1s", failed: true), Line("x", failed: true),
        .line("recv line", "a"),
      ]) == [#"expect line "a""#])
  }

  @Test func whatAFailedStatementDidIsDone() throws {
    #expect(
      try body([Line(#"assert (send line "A") > 1 and (recv) == "b""#, "a\n", failed: true)])
        == [#"send line "A""#, #"expect "a\n""#])
    #expect(
      try body([Line(#"lost.send "A""#, failed: true, name: "lost"), Line("sleep 1ms")]) == ["sleep 1ms"])
  }

  @Test func nothingIsSavedOfNothing() throws {
    #expect(try script([]) == nil)
    #expect(try script([Line("1 + 1"), Line("let x = 5"), Line("connect 1", failed: true)]) == nil)
  }

  /// Each answer is compared with all others to its request: not one by one.
  @Test func aLongSession() throws {
    var lines: [Line] = []
    for number in 0..<5000 { lines += [Line(#"send line "INCR n""#), .line("recv line", ":\(number)")] }
    let written = try body(lines)
    #expect(written.contains(#"expect line /^:(?<count>\d+)$/ as m"#))
    #expect(written.filter { $0.hasPrefix(#"expect line ":${int(m.count) + "#) }.count == 4999)
  }

  @Test func aRecordIsBounded() throws {
    let text = try #require(try script([Line("connect 6379"), Line("close")], isFull: true))
    #expect(text.hasSuffix("end\n# The session went on; no more of it was kept.\n"))
    let recorder = SessionRecorder()
    let source = SourceFile(name: "<session>", bytes: Array(repeating: 0x20, count: 5 << 20))
    for _ in 0..<3 {
      recorder.begin(Statement(.invalid, range: SourceRange(0, source.bytes.count)), of: source)
      recorder.end(.failed)
    }
    #expect(recorder.record.isFull && recorder.record.entries.count == 2)
  }

  // MARK: - Functions, imports, settings

  @Test func definitionsThatAreUsedStandBeforeTheTest() throws {
    let text = try script(
      [
        Line("import \"lib/a.sock\" as a"), Line("import \"b.sock\" as b"), Line("param user = \"me\""),
        Line("def unused()\nend"), Line("def hello()\n  send user\nend"), Line("connect \"localhost\" 25"),
        Line("hello()"), Line("a.hello()"),
      ], path: "tests/mine/x.sock")
    #expect(
      text == """
        param target = "localhost:25"
        import "../../lib/a.sock" as a
        param user = "me"

        def hello()
          send user
        end

        test "session of 2026-11-21 06:10"
          connect target
          hello()
          a.hello()
        end

        """)
  }

  @Test func theMessagesOfAMessageAreWritten() throws {
    let text = try #require(
      try script([
        Line("message Request\n  op u8\n  body choose op: 1 Key, 2 Put\nend"), Line("message Key\n  key u8:text\nend"),
        Line("message Put\n  names u8:list of Name count\nend"), Line("message Name\n  name u8:text\nend"),
        Line("message Unused\n  a u8\nend"), Line("connect localhost:25"),
        Line("send Request {op: 1, body: {key: \"k\"}}"),
      ]))
    let messages = text.matches(of: /message (\w+)/).map { String($0.1) }
    #expect(messages == ["Request", "Key", "Put", "Name"], "\(text)")
  }

  @Test func aFunctionOfTheTestsNamesStandsInIt() throws {
    #expect(
      try body([Line("let n = 1"), Line("def f()\n  n += 1\n  return n\nend"), Line("f() + 1"), Line("send str(n)")])
        == ["let n = 1", "def f()", "  n += 1", "  return n", "end", "let value = f() + 1", "send str(n)"])
  }

  @Test func ofTwoFunctionsOfOneNameTheLaterOneStays() throws {
    let text = try #require(
      try script([Line("def f()\n  send \"1\"\nend"), Line("def f()\n  send \"2\"\nend"), Line("f()")]))
    #expect(text.hasPrefix("def f()\n  send \"2\"\nend\n\ntest"))
  }

  @Test(arguments: [
    ("x.sock", "lib/a.sock"), ("./a/x.sock", "../lib/a.sock"), ("a/b/x.sock", "../../lib/a.sock"),
    ("/tmp/x.sock", "/home/me/lib/a.sock"), ("../x.sock", "/home/me/lib/a.sock"),
  ]) func importsAreNamedFromTheScript(_ path: String, _ expected: String) {
    let paths = ImportPaths(path: path, workingDirectory: "/home/me")
    #expect(paths.path(of: "lib/a.sock") == expected)
    #expect(paths.path(of: "/lib/a.sock") == "/lib/a.sock")
  }
}
