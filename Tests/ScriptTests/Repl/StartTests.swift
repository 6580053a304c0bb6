// How a session begins: an address, statements, the start file; and its help.
import Glibc
import SocketCore
import Testing

@Suite(.serialized) struct StartTests {
  /// A server that answers one line, as long as the object lives.
  private final class Greeter {
    let port: Int
    private let program: RunningProgram

    init() throws {
      program = try RunningProgram([
        Repository.sock, "-e",
        "listen 0; print listener.sockport; serve; send line \"hello\"; "
          + "while recv line as l; send line upper(l); end; end",
      ])
      port = try #require(Int(program.line()))
    }
  }

  @Test func anAddressIsConnectedTo() throws {
    let server = try Greeter()
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.enter("clear; $SOCK 127.0.0.1:\(server.port)")
    try terminal.wait("the peer in the prompt") { $0.contains("\n127.0.0.1:\(server.port)") && $0.hasSuffix(">") }
    try terminal.enter("recv line")
    try terminal.expect(containing: "\"hello\" (5 bytes)")
    // It is an input as any other.
    try terminal.press("Up", "Up")
    try terminal.wait("the statement") { $0.hasSuffix("> connect 127.0.0.1:\(server.port)") }
  }

  @Test func anAddressAndAPipe() throws {
    let server = try Greeter()
    let outcome = try RunningProgram(
      [Repository.sock, "localhost:\(server.port)"], input: "print recv line\nsend line \"abc\"\nprint recv line\n"
    ).finish()
    #expect(outcome.output.hasSuffix("hello\nABC\n"), "\(outcome.output)\(outcome.errors)")
    #expect(outcome.status == 0)
  }

  @Test func otherAddresses() throws {
    let folder = try TemporaryFolder()
    let refused = try RunningProgram([Repository.sock, "unix:\(folder.path)/no socket"], input: "").finish()
    #expect(refused.status == 1)
    #expect(refused.errors.contains("connect \"unix:\(folder.path)/no socket\""), "\(refused.errors)")
    let datagrams = try RunningProgram([Repository.sock, "udp:127.0.0.1:9"], input: "print conn.socktype\n").finish()
    #expect(datagrams.output.contains("dgram"), "\(datagrams.output)\(datagrams.errors)")
    // A file of that name is a script.
    let script = try folder.write("box:25", "print \"a script\"\n")
    let outcome = try RunningProgram([Repository.sock, script]).finish()
    #expect(outcome.output == "a script\n")
    let more = try RunningProgram([Repository.sock, "localhost:25", "x"]).finish()
    #expect(more.status == 2 && more.errors.contains("behind localhost:25 nothing follows"))
  }

  @Test func statementsRunAndTheSessionStays() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.enter("clear; $SOCK repl -e 'let x = 20' -e 'x + 1'")
    try terminal.expect("21", "sock>")
    try terminal.enter("x + 2", expecting: "22", "sock>")
  }

  @Test func theStartFileRunsFirst() throws {
    let server = try Greeter()
    let terminal = try Terminal(width: 80, height: 24)
    let text = """
      let mail = "localhost:\(server.port)"
      def twice(n)
        return n * 2
      end
      """
    for name in [".config", ".config/sock"] { try #require(mkdir(terminal.folder.file(name), 0o755) == 0) }
    _ = try terminal.folder.write(".config/sock/start.sock", text)
    defer {
      unlink(terminal.folder.file(".config/sock/start.sock"))
      rmdir(terminal.folder.file(".config/sock"))
      rmdir(terminal.folder.file(".config"))
    }
    try terminal.startSock()
    try terminal.enter("twice(4)", expecting: "8", "sock>")
    try terminal.enter("connect mail; recv line")
    try terminal.expect(containing: "\"hello\" (5 bytes)")
    try terminal.press("C-d")
    try terminal.wait("the shell") { $0.hasSuffix("$") }
    try terminal.startSock("repl --no-start-file")
    try terminal.enter("twice(4)")
    try terminal.expect(containing: "there is no function `twice`")
    // What a pipe does depends on no file at home.
    let piped = try RunningProgram(
      ["env", "HOME=\(terminal.folder.path)", Repository.sock, "repl"], input: "print twice(4)\n"
    ).finish()
    #expect(piped.errors.contains("there is no function `twice`"))
  }

  @Test func aSettingThatNobodyTakesIsTold() throws {
    let outcome = try RunningProgram(
      [Repository.sock, "repl", "--set", "typo=1"], input: "param typo = \"2\"\nprint typo\n"
    ).finish()
    #expect(outcome.errors == "sock: --set typo: no `param` has that name yet; one that is entered gets it\n")
    #expect(outcome.output == "1\n")
  }

  // MARK: - Help

  @Test func helpKnowsTheCommands() throws {
    let terminal = try Terminal(width: 60, height: 90)
    try terminal.startSock()
    try terminal.enter(":help")
    try terminal.expect(containing: "connect HOST:PORT")
    for topic in [":help save", ":help :save"] {
      try terminal.press("C-l")
      try terminal.enter(topic)
      try terminal.expect(containing: "  :save FILE  write what was done here as a script")
      try terminal.expect(containing: "Ask a server twice")
    }
    for topic in [":help repl", ":help sessions"] {
      try terminal.press("C-l")
      try terminal.enter(topic)
      try terminal.expect(containing: "connect HOST:PORT")
    }
    // Nothing breaks within a word.
    try terminal.expect(containing: "until its `end`.")
    try terminal.press("C-l")
    try terminal.enter(":help stop")
    try terminal.expect(containing: "`:help :stop` is about the command")
    try terminal.enter(":exit")
    try terminal.wait("the shell") { $0.hasSuffix("$") }
  }

  @Test func pathsAreAsInAShell() throws {
    let terminal = try Terminal(width: 80, height: 24)
    _ = try terminal.folder.write("a file.sock", "print \"loaded\"\n")
    try terminal.startSock()
    try terminal.enter(":load ~/a file.sock", expecting: "loaded", "sock>")
    try terminal.enter(":load \"~/a file.sock\"", expecting: "loaded", "sock>")
  }

  // MARK: - As wide as the terminal

  @Test(arguments: [40, 80]) func errorsAreNoWiderThanTheTerminal(width: Int) throws {
    let terminal = try Terminal(width: width, height: 40)
    try terminal.startSock()
    let text = String(repeating: "x", count: 90)
    try terminal.enter("let value = \"\(text)\" + nmae + \"\(text)\"")
    try terminal.wait("the error") { $0.contains("nmae = …`") && $0.hasSuffix("sock>") }
    let rows = terminal.screen.split(separator: "\n")
    let excerpt = try #require(rows.firstIndex { $0.hasPrefix("1 | ") })
    // The marks stand below the name.
    let mark = try #require(rows[excerpt + 1].firstRange(of: "^^^^"))
    let column = rows[excerpt + 1].distance(from: rows[excerpt + 1].startIndex, to: mark.lowerBound)
    #expect(rows[excerpt].dropFirst(column).hasPrefix("nmae"), "\(terminal.screen)")
    #expect(rows[excerpt].contains("…"))
    // A failure with a transcript.
    try terminal.press("C-l")
    try terminal.enter("let [a, b] = socketpair; a.send repeat(\"abcd\", 40); b.expect \"x\" within 50ms")
    try terminal.wait("the failure") { $0.hasSuffix("sock>") && $0.contains("\n  b  ") }
    let row = try #require(terminal.screen.split(separator: "\n").first { $0.hasPrefix("  b  ") })
    #expect(row.contains("…"), "\(terminal.screen)")
    // Of this channel alone, and at most two.
    let told = terminal.screen.split(separator: "\n").filter { $0.hasPrefix("  a  ") || $0.hasPrefix("  b  ") }
    #expect((1...2).contains(told.count) && told.allSatisfy { $0.hasPrefix("  b  ") }, "\(terminal.screen)")
  }
}
