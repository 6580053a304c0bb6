// Sessions with real servers, saved as scripts that `sock test` runs: they pass, twice, and fail where the server
// answers otherwise.
import Glibc
import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct SavedSessionTests {
  /// Runs the lines as a session's statements, in this process, and gives what `:save` writes.
  /// - Parameter lines: a line that begins with `!` is a mistake: it fails, and the session goes on.
  private func save(_ lines: [String]) throws -> String {
    var text = ""
    for line in lines { text += line.hasPrefix("!") ? "try\n\(line.dropFirst())\ncatch\nend\n" : "\(line)\n" }
    let source = SourceFile(name: "<session>", text: text)
    let loaded = Loader.load(Parser.parse(source, allowsValues: true)) { _, _ in
      .failure(ReadFailure(message: "a test imports nothing"))
    }
    #expect(loaded.diagnostics.map(\.message) == [])
    var options = RunOptions()
    options.capturesOutput = true
    let interpreter = try Interpreter(options, context: BuiltinContext())
    let recorder = SessionRecorder()
    interpreter.recorder = recorder
    recorder.begin(Statement(.invalid, range: loaded.main.body.range), of: source)
    guard case .finished = interpreter.run(try Compiler.compile(loaded.main)) else {
      throw HarnessError("the session failed:\n\(text)")
    }
    recorder.end(.done(becameIt: false))
    let events = try #require(recorder.record.entries.first).events
    // One entry for each statement, as a session makes them.
    var record = SessionRecord()
    for (line, statement) in zip(lines, loaded.main.body.statements) {
      var entry = SessionRecord.Entry(statement: statement, source: source)
      if line.hasPrefix("!"), case .attempt(let body, _, _) = statement.kind, let inner = body.statements.first {
        entry = SessionRecord.Entry(statement: inner, source: source)
      } else {
        entry.isDone = true
      }
      entry.events = events.filter { event in
        event.step.map { statement.range.lower <= $0.lower && $0.upper <= statement.range.upper } ?? false
      }
      record.entries.append(entry)
    }
    let saved = SessionScript.text(
      record, date: "today", path: "x.sock", workingDirectory: "/", hiding: interpreter.secrets)
    return String(decoding: try #require(saved), as: UTF8.self)
  }

  private func expectPass(_ path: String, _ text: String, _ arguments: String...) throws {
    for _ in 1...2 {
      let outcome = try RunningProgram.sock(["test", "--timeout-scale", "4"] + arguments + [path]).finish()
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    }
  }

  /// The text inside the test, without its indentation.
  private func body(_ text: String) -> [String] {
    text.split(separator: "\n").filter { $0.hasPrefix("  ") }.map { String($0.dropFirst(2)) }
  }

  // MARK: - Redis

  @Test func aSessionWithRedis() throws {
    let folder = try TemporaryFolder()
    let port = try sock("-e", "print free_port()").lines[0]
    let server = try RunningProgram([Repository.path("scripts/servers/redis"), port, folder.path])
    let ping = "connect 127.0.0.1:\(port); send line \"PING\"; expect line \"+PONG\""
    #expect(try sock("-e", "retry within 20s; \(ping); end").status == 0)

    let text = try save([
      "connect 127.0.0.1:\(port)", #"send line "PING""#, "recv line",
      #"send "SET sock 5\r\nGET sock\r\n""#, "recv exactly 12",
      "! recv line within 20ms", #"send line "PING""#, #"! assert (recv line) == "nope""#,
      #"send line "INCR counter""#, "print recv line",
      #"send line "INCR counter""#, "recv line as reply", "len(reply)",
      #"let key = "k" + reply[1..]"#, #"send line "SET ${key} x""#, #"recv until "\r\n""#,
      #"send line "CLIENT ID""#, "let id = recv line",
      "connect 127.0.0.1:\(port) as other", #"other.send line "ECHO \"a b\"""#, "other.recv line", "other.recv line",
      #"other.send line "CLIENT ID""#, "other.recv line",
      #"send line "FLUSHALL""#, "recv line", #"send line "QUIT""#, "recv all",
    ])
    try expectPass(try folder.write("redis.sock", text), text)
    #expect(
      text == """
        param target = "127.0.0.1:\(port)"

        test "session of today"
          connect target
          send line "PING"
          expect line "+PONG"
          send "SET sock 5\\r\\nGET sock\\r\\n"
          expect "+OK\\r\\n"
          expect "$1\\r\\n"
          expect "5\\r\\n"
          send line "PING"
          expect line "+PONG"
          send line "INCR counter"
          expect line /^:\\d+$/
          send line "INCR counter"
          expect line /^:\\d+$/ as m
          let reply = m[0]
          let key = "k" + reply[1..]
          send line "SET ${key} x"
          expect "+OK\\r\\n"
          send line "CLIENT ID"
          expect line /^:\\d+$/
          connect target as other
          other.send line "ECHO \\"a b\\""
          other.expect line "$3"
          other.expect line "a b"
          other.send line "CLIENT ID"
          other.expect line /^:\\d+$/
          send line "FLUSHALL"
          expect line "+OK"
          send line "QUIT"
          expect "+OK\\r\\n"
          expect eof
        end

        """)
    server.process.signalGroup(SIGKILL)
    _ = try server.finish()
  }

  // MARK: - Messages

  @Test func aSessionWithMessages() throws {
    let folder = try TemporaryFolder()
    let packet = "message Packet\n  kind u8\n  length u16 = size(body)\n  body Answer\nend"
    let answer = "message Answer\n  id u32\n  state u8:text\n  parts u8:list of u16 count\n  text rest\nend"
    let server = try folder.write(
      "server.py",
      """
      import socket, struct, sys
      server = socket.create_server(("127.0.0.1", 0))
      print(server.getsockname()[1], flush=True)
      number = 7000
      while True:
          client, _ = server.accept()
          with client:
              try:
                  while client.recv(1):
                      number += 37
                      body = struct.pack(">IB2sBHH", number, 2, sys.argv[1].encode(), 2, 3, 4) + b"job %d" % number
                      client.sendall(struct.pack(">BH", 1, len(body)) + body)
              except OSError: pass
      """)
    let running = try RunningProgram(["python3", server, "ok"])
    let port = try running.line()
    let text = try save([
      answer, packet, "connect 127.0.0.1:\(port)", #"send "?""#, "recv message Packet as m", #"send "?""#,
      "let p = recv message Packet", #"send "?""#, "recv message Packet within 2s as last", #"send "${p.kind}""#,
    ])
    #expect(
      Array(body(text).drop { $0 != "connect target" }) == [
        "connect target", #"send "?""#,
        #"expect message Packet {kind: 1, body: {state: "ok", parts: [3, 4], text: /^job \d+$/}}"#, #"send "?""#,
        #"expect message Packet {kind: 1, body: {state: "ok", parts: [3, 4], text: /^job \d+$/}} as p"#,
        #"send "?""#,
        #"expect message Packet {kind: 1, body: {state: "ok", parts: [3, 4], text: /^job \d+$/}} within 2s"#,
        #"send "${p.kind}""#,
      ], "\(text)")
    let path = try folder.write("messages.sock", text)
    try expectPass(path, text)
    let check = try RunningProgram.sock(["check", "--strict", path]).finish()
    #expect(check.status == 0, "\(check.output)\(check.errors)")
    // Another server's answer is none that will do.
    let other = try RunningProgram(["python3", server, "no"])
    let outcome = try RunningProgram.sock(["test", "--set", "target=127.0.0.1:\(try other.line())", path]).finish()
    #expect(outcome.status == 1 && outcome.output.contains("state"), "\(outcome.output)")
    for program in [running, other] {
      program.process.signalGroup(SIGKILL)
      _ = try program.finish()
    }
  }

  // MARK: - A server whose answers vary

  @Test func aSessionWhoseAnswersVary() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.perl("varying-server.pl")
    let port = try server.line()
    let text = try save([
      "connect 127.0.0.1:\(port)", "recv line", #"send line "TIME""#, "recv line", #"send line "ID""#, "recv line",
      "recv line as id", #"send line "NAME bob""#, "recv line", #"send line "TIME""#, "recv line", #"send line "ID""#,
      "recv line", "recv line", #"send line "QUIT""#, "recv line", "recv line", "close",
      "connect 127.0.0.1:\(port)", "recv line", #"send line "NAME eve""#, "recv line",
    ])
    let path = try folder.write("varying.sock", text)
    try expectPass(path, text)
    let date = #"[A-Za-z]+, \d+ [A-Za-z]+ \d+ \d+:\d+:\d+ \+\d+"#
    let greeting = "expect line /^220 test\\.example ready, session \\d+; \(date)$/"
    #expect(
      body(text) == [
        "connect target", greeting, #"send line "TIME""#, "expect line /^250 it is \(date) here$/", #"send line "ID""#,
        #"expect line "250-id""#, #"expect line /^250 <[0-9a-f]+\.\d+@test\.example>$/"#, #"send line "NAME bob""#,
        #"expect line "250 hello bob""#, #"send line "TIME""#, "expect line /^250 it is \(date) here$/",
        #"send line "ID""#, #"expect line "250-id""#, #"expect line /^250 <[0-9a-f]+\.\d+@test\.example>$/"#,
        #"send line "QUIT""#, #"expect line "221 bye""#, "expect eof", "close", "connect target", greeting,
        #"send line "NAME eve""#, #"expect line "250 hello eve""#,
      ])

    // Another server, which says something else.
    let other = try RunningProgram.perl("varying-server.pl", ["goodbye"])
    let target = "target=127.0.0.1:\(try other.line())"
    let outcome = try sock("test", "--set", target, path)
    #expect(outcome.status == 1)
    #expect((outcome.output + outcome.errors).contains(#"expected a line "250 hello bob""#), "\(outcome.output)")
    for program in [server, other] {
      program.process.signalGroup(SIGKILL)
      _ = try program.finish()
    }
  }

  // MARK: - What counts, and what is longer the next time

  @Test func aSessionWhoseNumbersCountAndWhoseListsGrow() throws {
    let folder = try TemporaryFolder()
    let peer = Repository.path("Tests/Peers/counting.sock")
    let server = try RunningProgram.sock(["run", peer])
    let port = try server.line()
    let text = try save([
      "connect 127.0.0.1:\(port)",
      #"send line "COUNT""#, "recv line", #"send line "COUNT""#, "recv line", #"send line "COUNT""#, "recv line",
      #"send line "LIST""#, #"recv until "\r\n.\r\n""#, #"send line "LIST""#, #"recv until "\r\n.\r\n""#,
      #"send line "INFO""#, "recv line as h", "recv exactly int(h[1..-1]) + 2", #"send line "COUNT""#, "recv line",
    ])
    let path = try folder.write("counting-saved.sock", text)
    try expectPass(path, text)
    try expectPass(path, text)
    #expect(text.contains("expect line \":${int(m.count) + 2}\""), "\(text)")
    for broken in ["count", "list", "info"] {
      let liar = try RunningProgram.sock(["run", peer, broken])
      let outcome = try sock("test", "--set", "target=127.0.0.1:\(try liar.line())", path)
      #expect(outcome.status == 1, "\(broken): \(outcome.output)\n\(text)")
      liar.process.signalGroup(SIGKILL)
    }
    server.process.signalGroup(SIGKILL)
  }

  @Test func aSessionOverTLS() throws {
    let folder = try TemporaryFolder()
    let server = try OpenSSLServer(in: folder)
    let (port, certificate) = (server.port, server.certificate)
    let text = try save([
      "connect tls:localhost:\(port) ca \"\(certificate)\"", #"send line "abc""#, "recv line", "conn.tls.version",
      "shutdown write", "expect eof",
    ])
    try expectPass(try folder.write("tls.sock", text), text)
    #expect(
      text == """
        param target = "tls:localhost:\(port)"

        test "session of today"
          connect target ca "\(certificate)"
          send line "abc"
          expect line "cba"
          shutdown write
          expect eof
        end

        """)
  }

  @Test func secretsAreSavedByName() throws {
    let secret = #"hunter2-"Tr0ub4dor"#
    let text = try save([
      #"param secret pw = "hunter2-\"Tr0ub4dor""#, "let [a, b] = socketpair", #"a.send line "AUTH " + pw"#,
      "b.recv line", #"a.send line "say hunter2-\"Tr0ub4dor!""#, "b.recv until \"\\n\" keep",
      #"a.send line base64("\0me\0" + pw) + hex(pw)"#, "b.recv line",
      #"a.send line base64url("\0me\0" + pw)"#, "b.recv line",
      #"a.send x"00 01 02 03 04 05 06 07 08 09 0a 0b 0c" + pw + x"00 ff""#, "b.recv",
    ])
    #expect(!text.contains("Tr0ub4dor") && !text.contains("***"))
    #expect(
      body(text) == [
        "let [a, b] = socketpair", #"a.send line "AUTH " + pw"#, #"b.expect line "AUTH ${pw}""#,
        #"a.send line "say ${pw}!""#, #"b.expect "say ${pw}!\r\n""#,
        #"a.send line base64("\0me\0" + pw) + hex(pw)"#, #"b.expect line "${base64("\0me\0${pw}")}${hex(pw)}""#,
        #"a.send line base64url("\0me\0" + pw)"#,
        #"b.expect line "${base64url("\0me\0${pw}")}""#,
        #"a.send x"00 01 02 03 04 05 06 07 08 09 0a 0b 0c" + pw + x"00 ff""#,
        #"b.expect x"00 01 02 03 04 05 06 07 08 09 0a 0b 0c " + pw + x" 00 ff""#,
      ])
    #expect(text.hasPrefix("param secret pw = env(\"PW\")\n"))
    let folder = try TemporaryFolder()
    try expectPass(try folder.write("secret.sock", text), text, "--set", "pw=\(secret)")
  }

  @Test func piecesOfSecretsAreSavedByName() throws {
    let text = try save([
      #"param secret pw = "hunter2-Tr0ub4dor""#, "let [a, b] = socketpair", #"a.send line "no: " + pw"#,
      "b.recv exactly 7", "b.recv exactly 6", "b.recv exactly 2", "b.recv line",
    ])
    #expect(
      body(text) == [
        "let [a, b] = socketpair", #"a.send line "no: " + pw"#, #"b.expect "no: hun""#, #"b.expect "${pw[3..<9]}""#,
        #"b.expect "r0""#, #"b.expect line "${pw[11..<17]}""#,
      ])
    let folder = try TemporaryFolder()
    try expectPass(try folder.write("secret.sock", text), text, "--set", "pw=hunter2-Tr0ub4dor")
  }

  /// Of numbers that are a secret's bytes nothing is expected but that they come.
  @Test func numbersOfSecretsAreNotSaved() throws {
    let text = try save([
      #"param secret pw = "hunter2-Tr0ub4dor""#, "message Words\n  first u8\n  words list of u32 count 4\nend",
      "let [a, b] = socketpair", "a.send pw", "b.recv message Words",
    ])
    #expect(body(text).last == "b.expect message Words {first: any, words: [any, any, any, any]}", "\(text)")
    let folder = try TemporaryFolder()
    try expectPass(try folder.write("secret.sock", text), text, "--set", "pw=hunter2-Tr0ub4dor")
  }
}
