// The line being edited: what the world does meanwhile, interrupts, the history, and all kinds of terminals.
import Glibc
import Testing

@Suite(.serialized) struct ReplTerminalTests {
  // MARK: - The world goes on

  @Test func tasksRunAndPrintAboveTheLine() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    let go = terminal.folder.file("go")
    try terminal.enter(
      "spawn; while (try readfile(\"\(go)\")) == nil; sleep 5ms; end; print \"from a task\"; end", expecting: "sock>")
    try terminal.type("let half = \"ty")
    try terminal.expect("sock> let half = \"ty")
    _ = try terminal.folder.write("go", "now")
    try terminal.expect("from a task", "sock> let half = \"ty")
    try terminal.enter("ped\"")
    try terminal.enter("half", expecting: "\"typed\" (5 bytes)", "sock>")
  }

  @Test func aFloodOfOutputLeavesTheLineReadable() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("spawn; loop; print repeat(\"flood\\n\", 500); end; end")
    try terminal.expect(containing: "flood\nflood\n")
    for letter in "let half = 7" { try terminal.type(String(letter)) }
    // It stands for 30 ms each time: twenty times, a look finds it.
    for _ in 1...20 {
      try terminal.wait("the line below the flood") { $0.hasSuffix("\nsock> let half = 7") }
    }
    try terminal.press("C-c")
    try terminal.enter(":quit")
    try terminal.expect("$")
  }

  @Test func aServerAnswersWhileALineIsEdited() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("listen 0 as server; let port = server.sockport; port")
    func number(_ screen: String) -> Int? { screen.split(separator: "\n").suffix(2).first.flatMap { Int($0) } }
    let screen = try terminal.wait("a port") { $0.hasSuffix("sock>") && number($0) != nil }
    let port = try #require(number(screen))
    try terminal.enter(
      "spawn; server.serve; while recv line as l; print \"got ${l}\"; send line upper(l); end; end; end",
      expecting: "sock>")
    try terminal.type("1 +")
    try terminal.expect("sock> 1 +")
    let peer = try RunningProgram(["nc", "-N", "127.0.0.1", "\(port)"], input: "a\nb\n").finish()
    #expect(peer.output == "A\r\nB\r\n")
    try terminal.expect("got a", "got b", "sock> 1 +")
    try terminal.enter(" 1")
    try terminal.expect("sock> 1 + 1", "2", "sock>")
  }

  @Test func aFailedTaskIsToldAndTheSessionGoesOn() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("spawn; sleep 10ms; let x = 1 / 0; end")
    try terminal.wait("the failure") { $0.contains("<repl>:1:32: division by zero") && $0.hasSuffix("sock>") }
    try terminal.enter("spawn as t; sleep 10ms; fail \"no luck\"; end")
    try terminal.expect(containing: ": no luck")
    try terminal.enter("1 + 1", expecting: "2", "sock>")
  }

  @Test func thePromptChangesWhenThePeerHangsUp() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("listen 0; connect listener.sockport; accept as peer")
    let screen = try terminal.wait("the peer in the prompt") { $0.hasSuffix(">") && $0.contains("\n127.0.0.1:") }
    let name = try #require(screen.split(separator: "\n").last?.dropLast())
    try terminal.enter("spawn; sleep 50ms; peer.send \"bye\"; peer.close; end")
    try terminal.type("recv ")
    try terminal.expect("\(name) closed, 3 unread> recv")
    // What came before its end can still be read.
    try terminal.enter("all")
    try terminal.expect("\"bye\" (3 bytes)", "\(name) closed>")
  }

  @Test func thePromptShowsTLS() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("listen 0; spawn; accept as s; s.starttls; s.recv; end; connect listener.sockport")
    let screen = try terminal.wait("the peer in the prompt") { $0.hasSuffix(">") && $0.contains("\n127.0.0.1:") }
    let name = try #require(screen.split(separator: "\n").last?.dropLast())
    try terminal.enter("starttls name \"localhost\" insecure")
    try terminal.wait("TLS in the prompt") { $0.hasSuffix("\ntls:\(name)>") }
  }

  @Test func otherPeersHaveTheirNames() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    let path = terminal.folder.file("socket")
    try terminal.enter("listen unix:\(path); connect unix:\(path)")
    try terminal.wait("the path") { $0.hasSuffix("\n\(path)>") || $0.hasSuffix("socket>") }
    try terminal.enter("run \"/bin/cat\"")
    try terminal.wait("the program") { $0.hasSuffix("\ncat>") }
    try terminal.enter("send line \"x\"; recv line", expecting: "\"x\" (1 byte)", "cat>")
    try terminal.enter("shutdown write")
    try terminal.expect("cat closed>")
  }

  /// Rows end behind words and elements where the terminal is narrow.
  @Test func nothingIsBrokenInsideOfWords() throws {
    let terminal = try Terminal(width: 40, height: 30)
    try terminal.startSock()
    try terminal.enter("let m = {first: 1, second: [2, 3], \"a, b\": \"c, d\", third: 4, fourth: 5}; m")
    try terminal.expect(
      "{first: 1, second: [2, 3],", "  \"a, b\": \"c, d\", third: 4, fourth: 5}", "sock>")
    try terminal.enter("spawn; sleep 100s; end", expecting: "sock>")
    try terminal.press("C-d")
    try terminal.expect("sock: 1 task still runs (:tasks); Ctrl-D", "      again leaves", "sock>")
  }

  /// Readline waits for a paste's end, and for what follows the key that enters the next one as it is.
  @Test(arguments: ["\u{1B}[200~half a paste", "\u{16}"])
  func theWorldGoesOnInTheMiddleOfAKey(keys: String) throws {
    let terminal = try Terminal()
    try terminal.startSock()
    let go = terminal.folder.file("go")
    let waiting = "spawn; while (try readfile(\"\(go)\")) == nil; sleep 5ms; end; print \"above\"; end"
    try terminal.enter(waiting, expecting: "sock>")
    try terminal.type(keys)
    _ = try terminal.folder.write("go", "now")
    try terminal.expect(containing: "\nabove")
    try terminal.press("C-c")
    try terminal.press("C-u")
    try terminal.enter("1 + 1")
    try terminal.wait("its result") { $0.hasSuffix("\n2\nsock>") }
  }

  // MARK: - Interrupts

  @Test func ctrlCStopsTheStatementOnly() throws {
    let redis = try Redis()
    let terminal = try Terminal()
    try terminal.startSock()
    let prompt = "127.0.0.1:\(redis.port)>"
    try terminal.enter("connect 127.0.0.1:\(redis.port); print \"waiting\"; recv line")
    try terminal.expect("waiting")
    try terminal.press("C-c")
    try terminal.expect("interrupted", prompt)
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", prompt)
    try terminal.enter("print \"turning\"; loop; end")
    try terminal.expect("turning")
    try terminal.press("C-c")
    try terminal.expect("interrupted", prompt)
  }

  @Test func ctrlCDropsWhatIsTyped() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.type("nonsense(")
    try terminal.expect("sock> nonsense(")
    try terminal.press("C-c")
    try terminal.expect("sock> nonsense(^C", "sock>")
    try terminal.enter("def unfinished()", expecting: "...")
    try terminal.press("C-c")
    try terminal.expect("...   ^C", "sock>")
    try terminal.enter("1 + 1", expecting: "2", "sock>")
  }

  @Test func ctrlZSuspendsIt() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.type("1 + ")
    try terminal.expect("sock> 1 +")
    try terminal.press("C-z")
    try terminal.wait("the shell") { $0.contains("Stopped") && $0.hasSuffix("$") }
    try terminal.enter("echo \"still $((40 + 2))\"", expecting: "still 42", "$")
    try terminal.enter("fg")
    try terminal.wait("the line") { $0.hasSuffix("sock> 1 +") }
    try terminal.enter("2")
    try terminal.expect("3", "sock>")
  }

  /// Whatever is typed, the session goes on or ends as it should: `exit` and Ctrl-D are not among the keys.
  @Test(arguments: 1...3) func keysOfAllKinds(seed: UInt64) throws {
    let terminal = try Terminal()
    try terminal.startSock()
    let keys = [
      "connect ", "listen 0\r", "recv ", "let x = ", "spawn\r", "end\r", "\"", "(", ")\r", "\t", "\t\t", "\u{1B}[A",
      "\u{1B}[B", "\u{12}", "\u{15}", "\u{3}", "\u{1B}", "\u{17}", "\u{19}", ":help\r", ":vars\r", ":tasks\r",
      ":sockets\r", ":transcript\r", "\u{1B}[200~", "\u{1B}[201~", "é", "if true\r", "[1,", "x", "socketpair\r",
      "print 1\r", "stdin.recv line within 10ms\r", "run \"true\"\r", "\u{C}", "\u{18}\u{18}", "\u{1B}.", "\u{1}",
      "\u{B}", "\u{16}", "\n", ":hex on\r", ":show\r", "sockopt ", "f(\t", "conn.\t", ":load \t", "1..\r",
      "repeat(\"x\", 5000)\r",
    ]
    var state = seed
    for _ in 1...80 {
      var typed = ""
      for _ in 1...4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        typed += keys[Int(state >> 33) % keys.count]
      }
      try terminal.type(typed)
    }
    // Out of a paste, a search, a block and a waiting statement, whichever it is in.
    try terminal.type("\u{1B}[201~")
    for _ in 1...3 { try terminal.press("C-c") }
    try terminal.press("C-u")
    try terminal.wait("an answer") { screen in
      if screen.hasSuffix("alive 42\nsock>") || screen.contains("\nalive 42\n") { return true }
      try terminal.press("C-c")
      try terminal.enter("print \"alive\", 6 * 7")
      return false
    }
  }

  // MARK: - Standard input

  @Test func aStatementMayReadTheTerminal() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("print \"your name?\"; let name = stdin.recv line")
    try terminal.expect("your name?")
    try terminal.enter("Ada")
    try terminal.expect("Ada", "sock>")
    try terminal.enter("name", expecting: "\"Ada\" (3 bytes)", "sock>")
  }

  @Test func anEndOfInputIsNotTheTerminals() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    /// Starts a statement that reads, and waits until it does.
    func read(_ statement: String) throws {
      try terminal.enter("print \"read:\"; \(statement)")
      try terminal.wait("the question") { $0.hasSuffix("\nread:") }
    }
    try read("while stdin.recv line as l; print \"got ${l}\"; end")
    try terminal.enter("one")
    try terminal.expect("one", "got one")
    try terminal.press("C-d")
    try terminal.expect("got one", "sock>")
    try read("print inspect(stdin.recv line)")
    try terminal.enter("two")
    try terminal.expect("\"two\"", "sock>")
    try read("print inspect(stdin.recv all)")
    try terminal.enter("three")
    try terminal.press("C-d")
    try terminal.expect("\"three\\n\"", "sock>")
    try read("print inspect(stdin.recv line)")
    try terminal.press("C-d")
    try terminal.expect("nil", "sock>")
  }

  @Test func whatIsTypedAheadIsNotLost() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("print \"pausing\"; sleep 300ms; print \"done\"")
    try terminal.expect(containing: "\npausing")
    try terminal.enter("20 + 22")
    try terminal.wait("its result") { $0.hasSuffix("\n42\nsock>") }
  }

  // MARK: - The history

  @Test func aSecretIsNotKeptInTheHistory() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("param secret pw = \"s3cr3t-Zq7\"", expecting: "sock>")
    try terminal.enter("pw", expecting: "\"***\" (3 bytes)", "sock>")
    try terminal.enter("print \"s3cr3t-Zq7\", base64(\"u:s3cr3t-Zq7\")", expecting: "*** dT***", "sock>")
    try terminal.press("C-d")
    try terminal.wait("the shell") { $0.hasSuffix("$") }
    let kept = try #require(Repository.text(terminal.folder.file("sock/history")))
    #expect(kept.contains("param secret pw = \"***\"") && kept.contains("print \"***\""))
    #expect(!kept.contains("s3cr3t"))
  }

  @Test func theHistoryIsKept() throws {
    let first = try Terminal()
    try first.startSock()
    try first.enter("print \"one\"", expecting: "one", "sock>")
    try first.enter("if true", expecting: "...")
    try first.enter("print \"block\"", expecting: "...")
    try first.enter("end", expecting: "block", "sock>")
    try first.type(" print \"secret\"")
    try first.press("Enter")
    try first.expect("secret", "sock>")
    // Another session adds to it meanwhile.
    let second = try Terminal(folder: first.folder)
    try second.startSock()
    try second.enter("print \"two\"", expecting: "two", "sock>")
    try first.enter("print \"three\"", expecting: "three", "sock>")
    try first.enter("print \"three\"", expecting: "three", "sock>")
    try first.press("C-d")
    try second.press("C-d")
    try first.wait("the shell") { $0.hasSuffix("$") }
    try second.wait("the shell") { $0.hasSuffix("$") }

    var status = stat()
    try #require(stat(first.folder.file("sock/history"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    try #require(stat(first.folder.file("sock"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
    let kept = try #require(Repository.text(first.folder.file("sock/history")))
    #expect(!kept.contains("secret"))
    #expect(kept.contains("\"one\"") && kept.contains("\"two\""))
    #expect(kept.split(separator: "\n").filter { $0.contains("three") }.count == 1)

    try first.startSock()
    try first.press("Up")
    try first.expect("sock> print \"three\"")
    try first.press("C-c")
    try first.expect("sock>")
    // A search finds a block as one entry.
    try first.press("C-r")
    try first.type("block")
    try first.wait("the entry") { $0.contains("reverse-i-search") && $0.contains("print \"block\"") }
    try first.press("Enter")
    try first.expect("block", "sock>")
  }

  @Test func theHistoryIsBounded() throws {
    let folder = try TemporaryFolder()
    try #require(mkdir(folder.file("sock"), 0o755) == 0)
    let lines = (1...10_100).map { "#1700000000\nprint \($0)\n" }.joined()
    _ = try folder.write("sock/history", lines)
    let terminal = try Terminal(folder: folder)
    try terminal.startSock()
    try terminal.press("Up")
    try terminal.expect("sock> print 10100")
    try terminal.press("C-c")
    try terminal.press("C-d")
    try terminal.wait("the shell") { $0.hasSuffix("$") }
    let kept = try #require(Repository.text(folder.file("sock/history"))).split(separator: "\n")
    #expect(kept.filter { $0.hasPrefix("print") }.count == 10_000)
    #expect(kept.last == "print 10100")
  }

  // MARK: - Terminals

  @Test func theUsersInputrcHolds() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("inputrc", "set editing-mode vi\n$if sock\n\"Q\": \"quoted\"\n$endif\n")
    let terminal = try Terminal(environment: ["INPUTRC": path])
    try terminal.startSock()
    try terminal.type("print 12")
    try terminal.press("Escape")
    // Command mode: `x` deletes the character under the cursor, `0` goes to the line's start.
    try terminal.wait("command mode") { _ in true }
    try terminal.type("x")
    try terminal.expect("sock> print 1")
    try terminal.press("Enter")
    try terminal.expect("1", "sock>")
    try terminal.type("Q")
    try terminal.expect("sock> quoted")
  }

  @Test func theWindowCanChangeItsSize() throws {
    let terminal = try Terminal(width: 100)
    try terminal.startSock()
    let text = String(repeating: "x", count: 70)
    try terminal.type("\"\(text)")
    try terminal.expect("sock> \"\(text)")
    try terminal.resize(width: 40, height: 30)
    try terminal.type("yz")
    // Drawn anew for 40 columns, and no trace of it is left when it is entered.
    try terminal.wait("the wrapped line") { screen in
      screen.hasSuffix("xyz") && screen.split(separator: "\n").allSatisfy { $0.count <= 40 }
    }
    try terminal.press("C-u")
    try terminal.wait("an empty line") { $0.hasSuffix("sock>") }
    try terminal.enter("1 + 1", expecting: "2", "sock>")
  }

  @Test(arguments: [["TERM": "dumb"], ["LC_ALL": "C"], ["TERM": "vt100", "LC_ALL": "POSIX"]])
  func poorTerminalsWork(environment: [String: String]) throws {
    let terminal = try Terminal(environment: environment)
    try terminal.startSock()
    let go = terminal.folder.file("go")
    try terminal.enter(
      "spawn; while (try readfile(\"\(go)\")) == nil; sleep 5ms; end; print \"above\"; end", expecting: "sock>")
    try terminal.type("1 + ")
    try terminal.expect("sock> 1 +")
    _ = try terminal.folder.write("go", "now")
    try terminal.expect(containing: "above")
    try terminal.wait("the line again") { $0.hasSuffix("sock> 1 +") }
    try terminal.enter("1")
    try terminal.expect("2", "sock>")
    try terminal.press("C-d")
    try terminal.wait("the shell") { $0.hasSuffix("$") }
  }

  @Test func lettersOfSeveralBytesAreOne() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.type("\"aéü\"")
    try terminal.press("Left", "BSpace", "End", "Enter")
    try terminal.expect("sock> \"aé\"", "\"aé\" (3 bytes)", "sock>")
  }

  @Test func colourOnlyWhereItIsWanted() throws {
    let terminal = try Terminal(environment: ["NO_COLOR": "1"])
    try terminal.startSock()
    #expect(try !terminal.colours().contains("\u{1B}[1"))
    let coloured = try Terminal()
    try coloured.startSock()
    #expect(try coloured.colours().contains("\u{1B}[1"))
  }
}
