// Which connections a session has: what waits on them, which is the current one, and how a person speaks to one.
import Glibc
import Testing

@Suite(.serialized) struct ReplConnectionTests {
  private func terminal() throws -> Terminal {
    let terminal = try Terminal()
    try terminal.startSock()
    return terminal
  }

  // MARK: - What waits

  @Test func thePromptSaysHowMuchWaits() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter("connect \(name)")
    try terminal.expect("\(name)>")
    try terminal.enter("send line \"PING\"")
    try terminal.expect("\(name) +7>")
    try terminal.enter(":sockets")
    try terminal.wait("its bytes") { $0.contains("  (conn), 7 bytes unread\n") && $0.hasSuffix(" +7>") }
    // Enter shows what waits, and takes nothing.
    for _ in 1...2 {
      try terminal.press("Enter")
      try terminal.expect("\"+PONG\\r\\n\" (7 bytes)", "unread: `recv line` takes a line, `recv quiet 200ms` all of it", "\(name) +7>")
    }
    // An answer that is left makes each later one late.
    try terminal.enter("send line \"PING\"")
    try terminal.expect("sock: 7 bytes from before this are unread: a `recv` takes that first", "\(name) +14>")
    // It is said once.
    try terminal.enter("send line \"PING\"")
    try terminal.expect("\(name) +14> send line \"PING\"", "\(name) +21>")
    try terminal.enter("recv quiet 300ms", expecting: "\"+PONG\\r\\n+PONG\\r\\n+PONG\\r\\n\" (21 bytes)", "\(name)>")
  }

  /// What comes while a line is typed changes the prompt in front of it.
  @Test func thePromptFollowsWhatComes() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter("connect \(name); send line \"SUBSCRIBE news\"; recv quiet 300ms")
    try terminal.expect("\(name)>")
    try terminal.type("recv li")
    try terminal.expect("\(name)> recv li")
    _ = try RunningProgram(["redis-cli", "-p", "\(redis.port)", "publish", "news", "hello"]).finish()
    try terminal.wait("what came") { $0.hasSuffix("> recv li") && $0.contains("\n\(name) +") }
    try terminal.enter("ne")
    try terminal.expect(containing: "\"*3\" (2 bytes)")
  }

  @Test func aClosedConnectionSaysWhatIsLeft() throws {
    let terminal = try terminal()
    try terminal.enter(
      "listen 0 as server; connect server.sockport; server.accept as peer; peer.send \"left behind\"; peer.close")
    try terminal.wait("its end") { $0.hasSuffix(" closed, 11 unread>") }
    try terminal.enter("recv quiet 10s")
    try terminal.expect(containing: "\"left behind\" (11 bytes)")
    try terminal.wait("its end") { $0.hasSuffix(" closed>") }
  }

  @Test func theKernelsBytesAreCountedOnEveryChannel() throws {
    let terminal = try terminal()
    try terminal.enter(
      "let [a, b] = socketpair; a.send \"0123456789\"; let c = b; b.recv 3", expecting: "\"012\" (3 bytes)", "sock>")
    try terminal.enter(":sockets")
    try terminal.expect(containing: "#2 b, unix, 7 bytes unread")
    try terminal.enter("bind udp:127.0.0.1:0 as u; u.send \"datagram\" to u.sockname")
    try terminal.expect(containing: "\nu, udp ")
    try terminal.enter(":sockets")
    try terminal.expect(containing: ", 8 bytes unread")
  }

  // MARK: - What failed

  /// What is on the screen, or there for the asking, is not told with each failure.
  @Test func aFailureIsShort() throws {
    let redis = try Redis()
    let terminal = try terminal()
    try terminal.enter("connect 127.0.0.1:\(redis.port) as other; other.send line \"PING\"; other.recv line")
    try terminal.expect(containing: "\"+PONG\" (5 bytes)")
    try terminal.enter("connect 127.0.0.1:\(redis.port); for n in 1..3; send line \"PING\"; recv line; end")
    try terminal.wait("the connection") { $0.hasSuffix(":\(redis.port)>") }
    try terminal.enter("recv line within 50ms")
    try terminal.expect(containing: "no line came within 50 ms")
    try terminal.wait("its end") { $0.hasSuffix(":\(redis.port)>") }
    let rows = terminal.screen.split(separator: "\n").drop { !$0.contains("no line came") }
    #expect(rows.contains { $0.contains("… `:transcript` shows what came before") }, "\(terminal.screen)")
    #expect(rows.filter { $0.contains(" > \"PING") || $0.contains(" < \"+PONG") }.count == 2, "\(terminal.screen)")
    #expect(!rows.contains { $0.contains("other") }, "\(terminal.screen)")
  }

  @Test func aPropertyThatIsHalfAWordIsAnswered() throws {
    let terminal = try terminal()
    try terminal.enter("let [a, b] = socketpair; let m = {c: a}; m.c.peer")
    try terminal.expect(containing: "= help: there are .peerhost .peerport .peername .peerpath")
    try terminal.enter("conn.peer")
    try terminal.expect(containing: "= help: it has peerhost, peerport, peername, peerpath")
  }

  // MARK: - Which one

  @Test func aReplacedConnectionStays() throws {
    let terminal = try terminal()
    try terminal.enter("listen 0; connect listener.sockport")
    try terminal.wait("the client") { $0.hasSuffix(">") && $0.contains("\n127.0.0.1:") }
    try terminal.enter("accept")
    try terminal.wait("that it stays") { $0.contains("\nsock: the connection before, to 127.0.0.1:") }
    #expect(terminal.screen.contains(", stays open: `:use 2`\n"))
    try terminal.enter("send \"hello\"")
    try terminal.enter(":use 2")
    try terminal.wait("what came there") { $0.hasSuffix(" +5>") }
    try terminal.enter("recv")
    try terminal.expect(containing: "\"hello\" (5 bytes)")
    try terminal.enter(":use nobody")
    try terminal.expect(containing: "sock: there is no channel nobody; ")
  }

  @Test func aNamedConnectionIsUsed() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter("connect \(name) as cache")
    try terminal.enter("send line \"PING\"")
    try terminal.expect(containing: "there is no current connection to send on; write `cache.send`")
    try terminal.expect(containing: "= help: `:use cache` makes it the current connection")
    try terminal.enter(":use cache", expecting: "cache \(name)>")
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", "cache \(name)>")
    try terminal.enter("let conn = cache")
    try terminal.expect(containing: "`conn` is the current connection, and no name for another one")
    try terminal.expect(containing: "`:use NAME` makes another channel the current one")
    // What it is called now is what the lists call it.
    try terminal.enter("let other = cache; cache = nil", expecting: "other \(name)>")
    try terminal.enter(":sockets")
    try terminal.expect(containing: "#1 other: cache, tcp ")
  }

  @Test func itIsConnectedAgain() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter(":reconnect", expecting: "sock: nothing has been connected yet", "sock>")
    try terminal.enter("connect \(name) as cache")
    try terminal.enter(":use cache", expecting: "cache \(name)>")
    try terminal.enter("send line \"QUIT\"")
    try terminal.expect("cache \(name) closed, 5 unread>")
    try terminal.enter(":reconnect", expecting: "connect \(name) as cache", "cache \(name)>")
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", "cache \(name)>")
    // Also one that is still open, which is closed before.
    try terminal.enter(":reconnect cache", expecting: "connect \(name) as cache", "cache \(name)>")
    try terminal.enter(":sockets")
    try terminal.expect(containing: "#3 cache, tcp ")
    #expect(!terminal.screen.contains("#2 cache, tcp "))
    try terminal.enter(":close cache", expecting: "sock>")
    try terminal.enter(":close cache", expecting: "sock: `cache` is closed already", "sock>")
    try terminal.enter(":sockets", expecting: "no channel is open", "sock>")
  }

  @Test func aNameThatIsGivenAwayClosesItsChannel() throws {
    let redis = try Redis()
    let terminal = try terminal()
    try terminal.enter("connect 127.0.0.1:\(redis.port) as a")
    try terminal.expect(containing: "\na, tcp ")
    try terminal.enter("let a = nil", expecting: "sock>")
    try terminal.enter(":sockets", expecting: "no channel is open", "sock>")
  }

  // MARK: - Spoken to, and listened to

  @Test func aPersonTalks() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter(
      ":talk", expecting: "sock: there is no current connection to talk to; `connect` makes one", "sock>")
    try terminal.enter("connect \(name)")
    try terminal.expect("\(name)>")
    for _ in 1...2 {
      try terminal.enter(
        ":talk", expecting: "to \(name): each line goes out with \"\\r\\n\" behind it; Ctrl-] comes back")
      try terminal.enter("PING")
      try terminal.expect("PING", "+PONG")
      try terminal.press("C-]")
      try terminal.expect("+PONG", "^]", "\(name)>")
    }
    // A line that was not entered is not sent.
    try terminal.enter(":talk")
    // Not that of the first time: what is typed before it reads keys is shown by nobody.
    try terminal.wait("it begins") { $0.hasSuffix("comes back") }
    try terminal.type("hal")
    try terminal.wait("what is typed") { $0.hasSuffix("hal") }
    try terminal.press("C-]")
    try terminal.wait("the prompt") { $0.hasSuffix("\(name)>") }
    // What was said goes into the script.
    let path = terminal.folder.file("talk.sock")
    try terminal.enter(":save \(path)")
    try terminal.expect(containing: "is written")
    let text = try #require(readFile(path))
    #expect(text.contains("send \"PING\\r\\n\"") && text.contains("expect \"+PONG\\r\\n\""), "\(text)")
    #expect(!text.contains("hal"), "\(text)")
  }

  @Test func arrivalsAreShown() throws {
    let redis = try Redis()
    let terminal = try terminal()
    try terminal.enter("connect 127.0.0.1:\(redis.port) as news; news.send line \"SUBSCRIBE x\"; news.recv quiet 300ms")
    try terminal.expect(containing: "subscribe")
    try terminal.enter(":watch news", expecting: "sock>")
    try terminal.type("1 +")
    _ = try RunningProgram(["redis-cli", "-p", "\(redis.port)", "publish", "x", "hello"]).finish()
    try terminal.expect("news < \"hello\\r\\n\"", "sock> 1 +")
    // It stays unread.
    try terminal.enter(" 1")
    try terminal.enter("news.recv until \"hello\"")
    try terminal.expect(containing: "\"*3\\r\\n$7\\r\\nmessage")
    try terminal.enter(":watch off", expecting: "sock>")
    try terminal.enter(
      ":watch nobody", expecting: "sock: there is no channel nobody; :sockets shows those that are open", "sock>")
  }

  /// The transcript tells when the other side has spoken, and not when somebody has read it.
  @Test func arrivalsAreDated() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter("connect \(name)")
    try terminal.expect("\(name)>")
    try terminal.enter("send line \"PING\"")
    try terminal.expect("\(name) +7>")
    try terminal.enter("sleep 1500ms; send line \"QUIT\"; recv line")
    try terminal.expect(containing: "\n\"+PONG\" (5 bytes)\n")
    try terminal.enter(":transcript")
    try terminal.wait("the events") { $0.contains("\nconn  ") && $0.contains("QUIT") && $0.hasSuffix(">") }
    let events = terminal.screen.split(separator: "\n").filter { $0.hasPrefix("conn  ") }
    func time(_ text: String) throws -> Double {
      let row = try #require(events.first { $0.contains(text) }, "\(terminal.screen)")
      return try #require(Double(row.split(separator: " ")[1]), "\(row)")
    }
    #expect(try time("+PONG") - time("PING") < 1)
    #expect(try time("QUIT") - time("+PONG") > 1)
    let order = events.map { $0.contains("+PONG") }
    #expect(order.firstIndex(of: true) == 2, "\(events)")
  }

  @Test func aListenersNameIsAnAddress() throws {
    let terminal = try terminal()
    try terminal.enter("listen 0 as smtp")
    try terminal.expect(containing: "smtp, tcp 127.0.0.1:")
    try terminal.enter("connect smtp; smtp.accept; send line \"220 ready\"")
    try terminal.wait("the prompt") { $0.hasSuffix(">") && $0.contains("stays open: `:use 2`") }
    try terminal.enter(":use 2")
    try terminal.wait("what it has sent") { $0.hasSuffix(" +11>") }
    // Two without a name are told apart by their numbers.
    try terminal.enter(":sockets")
    try terminal.wait("their lines") { $0.contains("\n#2 tcp 127.0.0.1:") && $0.contains("\n#3 tcp 127.0.0.1:") }
    try terminal.enter("smtp.close; connect smtp")
    try terminal.expect(containing: "an address is meant, not a channel")
  }

  /// Who begins with a protocol's command is told how it is sent.
  @Test func aCommandOfAProtocolIsNoStatement() throws {
    let terminal = try terminal()
    for line in ["PING", "EHLO me", "GET / HTTP/1.1", "MAIL FROM:<a@b>"] {
      try terminal.enter("\(line)")
      try terminal.expect(containing: "= help: what is to be sent stands behind `send line`: `send line \"\(line)\"`")
    }
    // Words of other programs, too.
    for (line, advice) in [
      ("telnet localhost 25", "write `connect HOST:PORT`, or `listen PORT`"), ("receive", "did you mean `recv`?"),
      ("disconnect", "did you mean `close`?"), ("readline", "write `recv line`"),
    ] {
      try terminal.enter(line)
      try terminal.expect(containing: "= help: \(advice)")
    }
    try terminal.enter(":connect localhost:25", expecting: "sock: `connect` is a verb, and has no colon", "sock>")
    try terminal.enter("RECV line")
    try terminal.expect(containing: "did you mean `recv`?")
  }

  @Test func connectionsOfSeveralRunsAreCounted() throws {
    let redis = try Redis()
    let terminal = try terminal()
    try terminal.enter(":time 3 connect 127.0.0.1:\(redis.port)")
    try terminal.wait("their times") { $0.contains("\n3 runs: min ") }
    #expect(
      terminal.screen.contains(
        "\nsock: 2 connections stay open beside the current one: `:sockets` lists them, `:close` ends one\n3 runs"))
    #expect(!terminal.screen.contains("the connection before"))
  }

  @Test func theWireIsShown() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter("connect \(name)")
    try terminal.expect("\(name)>")
    try terminal.enter(":trace on", expecting: "\(name)>")
    try terminal.enter("send line \"PING\"; recv line")
    try terminal.expect("conn#1 > \"PING\\r\\n\"", "conn#1 < \"+PONG\\r\\n\"", "\"+PONG\" (5 bytes)", "\(name)>")
    try terminal.enter(":trace hex", expecting: "\(name)>")
    try terminal.enter("send line \"PING\"; recv line")
    try terminal.expect(containing: "conn#1 < 0000  2b 50 4f 4e 47 0d 0a ")
    try terminal.enter(":trace off", expecting: "\(name)>")
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", "\(name)>")
  }

  @Test func aSendToWhoHasLeftIsToldOf() throws {
    let terminal = try terminal()
    try terminal.enter("listen 0 as server; connect server.sockport; server.accept as peer; peer.close")
    try terminal.wait("its end") { $0.hasSuffix(" closed>") }
    try terminal.enter("send \"into the void\"")
    try terminal.expect(containing: "\nsock: the peer had hung up before this: it may never be read\n")
  }

  /// A script has no `:use`: its steps name the connections that the session came back to.
  @Test func aSavedSessionSpeaksToTheSameConnections() throws {
    let redis = try Redis()
    let terminal = try terminal()
    let name = "127.0.0.1:\(redis.port)"
    try terminal.enter("connect \(name); send line \"CLIENT SETNAME one\"; recv line")
    try terminal.expect("\"+OK\" (3 bytes)", "\(name)>")
    try terminal.enter("connect \(name); send line \"CLIENT SETNAME two\"; recv line")
    try terminal.expect(containing: "stays open: `:use 1`")
    try terminal.enter("connect \(name) as third")
    try terminal.expect(containing: "\nthird, tcp ")
    try terminal.enter(":use 1", expecting: "\(name)>")
    try terminal.enter("send line \"CLIENT GETNAME\"; recv until \"one\\r\\n\" keep")
    try terminal.expect("\"$3\\r\\none\\r\\n\" (9 bytes)", "\(name)>")
    try terminal.enter(":use 2", expecting: "\(name)>")
    try terminal.enter("def ask(); send line \"CLIENT GETNAME\"; return recv quiet 300ms; end", expecting: "\(name)>")
    try terminal.enter("ask()", expecting: "\"$3\\r\\ntwo\\r\\n\" (9 bytes)", "\(name)>")
    try terminal.enter(":use third", expecting: "third \(name)>")
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", "third \(name)>")
    // `it3` is the answer on the first one, which the script gives a name.
    try terminal.enter("send line \"ECHO ${len(it3)}\"; recv quiet 300ms")
    try terminal.expect("\"$1\\r\\n9\\r\\n\" (7 bytes)", "third \(name)>")
    let path = terminal.folder.file("three.sock")
    try terminal.enter(":save \(path)")
    try terminal.expect(containing: "is written")
    let text = try #require(readFile(path))
    let outcome = try RunningProgram.sock(["test", path]).finish()
    #expect(outcome.status == 0, "\(outcome.output)\n\(text)")
    #expect(text.contains("connection.send line \"CLIENT GETNAME\""), "\(text)")
    #expect(text.contains("third.send line \"PING\""), "\(text)")
  }

  private func readFile(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
