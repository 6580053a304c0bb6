// What ordinary clients and servers are made with: names and ports, lines, named options, one error.
import Glibc
import SocketCoreTasks
import Testing

@testable import SocketCore

@Suite struct OrdinaryUseTests {
  @Test(arguments: [
    ("example.org:80", "example.org", "80"), ("127.0.0.1:0", "127.0.0.1", "0"), ("[::1]:http", "::1", "http"),
    ("[fe80::1%lo]:65535", "fe80::1%lo", "65535"), ("*:1", "*", "1"),
  ])
  func hostsWithPorts(text: String, host: String, service: String) throws {
    let parsed = try #require(HostPort(text))
    #expect(parsed.host == host && parsed.service == service)
    #expect(parsed.description == text)
    #expect(HostPort(text, defaultPort: 25) == parsed)
  }

  @Test(arguments: [
    "", ":", ":80", "host:", "host", "::1", "::1:80", "[::1]", "[::1]80", "[::1]:", "[host]:80", "[127.0.0.1]:80", "[:80",
    "a:b:c", "host:65536", "host:-1", "host:+1", "ho st:80", "host:8 0", "host\n:80", "host:80\0",
  ])
  func whatIsNoHostWithPort(text: String) {
    #expect(HostPort(text) == nil)
  }

  @Test func portsThatAreLeftOut() {
    #expect(HostPort("host", defaultPort: 25)?.description == "host:25")
    #expect(HostPort("::1", defaultPort: 25)?.description == "[::1]:25")
    #expect(HostPort("[::1]", defaultPort: 25)?.description == "[::1]:25")
    #expect(HostPort("1.2.3.4", defaultPort: 0)?.description == "1.2.3.4:0")
    for text in ["", ":", "host:", "[]", "[host]"] { #expect(HostPort(text, defaultPort: 25) == nil, "\(text)") }
  }

  @Test func connectsToAName() throws {
    let listener = try loopbackListener()
    let port = try #require(listener.localName?.port)
    let client = try Socket.connected(to: "localhost:\(port)", within: soon)
    let server = try listener.accept(within: soon)
    #expect(client.peerName == server.localName)
    let other = try Socket.connected(toHost: "127.0.0.1", port: port, within: soon)
    #expect(try listener.accept(within: soon).peerName == other.localName)
    // Our own address says which family.
    let bound = try Socket.connected(toHost: "localhost", port: port, from: SocketAddress(loopbackPort: 0), within: soon)
    #expect(bound.domain == .inet)
  }

  @Test func oneErrorTellsOfAll() throws {
    let free = try loopbackListener()
    let port = try #require(free.localName?.port)
    free.close()
    #expect(
      failure { () throws(SocketError) in try Socket.connected(to: "127.0.0.1:\(port)", within: soon) }
        == .system(.connectionRefused))
    #expect(failure { () throws(SocketError) in try Socket.connected(to: "no port") } == .system(.invalidArgument))
    for name in ["does-not-exist.invalid:1", "localhost:no-such-service"] {
      let error = failure { () throws(SocketError) in try Socket.connected(to: name, within: soon) }
      guard case .resolution(let reason)? = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(!reason.message.isEmpty && reason.errno == nil)
    }
    #expect(
      failure { () throws(SocketError) in try Socket.connected(toHost: "some.name.invalid", port: 1, within: .immediately) }
        == .timeout)
    let path = String(repeating: "x", count: 200)
    #expect(failure { () throws(SocketError) in try SocketAddress.unix(path: path) } == .system(.fileNameTooLong))

    #expect(SocketError(Errno.brokenPipe) == .system(.brokenPipe))
    #expect(SocketError(SocketError.timeout) == .timeout)
    let unknown = ResolveError(subject: "x", code: EAI_NONAME, errno: nil)
    #expect(SocketError(unknown) == .resolution(unknown.reason) && SocketError(unknown)?.errno == nil)
    #expect(SocketError(unknown)?.description == "Name or service not known (EAI_NONAME)")
    #expect(SocketError(CancellationError()) == nil)
    #expect(SocketError.system(.brokenPipe).errno == .brokenPipe && SocketError.timeout.errno == nil)
    // Swift 6.3's compiler ends in the middle of some `catch let error as SocketError` when there is more to an error
    // than its bytes.
    #expect(_isPOD(SocketError.self))
  }

  @Test func aSilentAddressLeavesTimeForTheOthers() throws {
    // A listener whose queue is full does not answer.
    let full = try Socket.bound(to: SocketAddress(loopbackPort: 0), type: .stream)
    try full.listen(backlog: 0)
    let silent = try #require(full.localName)
    var waiting: [Socket] = []
    while let socket = try? Socket.connected(toFirstOf: [silent], within: Deadline(after: 0.1)) {
      waiting.append(socket)
      try #require(waiting.count < 100)
    }
    let listener = try loopbackListener()
    let address = try #require(listener.localName)
    let client = try Socket.connected(toFirstOf: [silent, address], within: Deadline(after: .milliseconds(500)))
    #expect(client.peerName == address)
  }

  @Test func deadlinesFromDurations() {
    let before = MonotonicClock.now
    let second = Deadline(after: .milliseconds(1500)).at - before
    #expect(second >= 1_500_000_000 && second < 30_000_000_000)
    #expect(Deadline(after: .seconds(-1)).hasPassed && Deadline(after: .nanoseconds(-1)).hasPassed)
    #expect(Deadline(after: .zero).hasPassed)
    #expect(Deadline(after: .seconds(Int64.max)).isNever)
    // Rounded up: half a nanosecond is one.
    #expect(Deadline(after: Duration(secondsComponent: 0, attosecondsComponent: 500_000_000)).at > before)
    #expect(Deadline.never.remaining == nil && Deadline.immediately.remaining == .zero)
    #expect(Deadline(after: .seconds(60)).remaining ?? .zero > .seconds(30))
  }

  @Test func linesOfAStream() throws {
    let (client, server) = try Socket.pair()
    let reader = SocketReader(server, longestLine: 8)
    try client.send("one\r\ntwo\n\n\r\nthr")
    #expect(try reader.readLine(within: soon) == "one")
    #expect(try reader.readLineBytes(within: soon).map(Array.init) == bytes("two\n"))
    #expect(try reader.readLine(within: soon) == "" && (try reader.readLine(within: soon)) == "")
    // A time-out loses nothing.
    #expect(failure { () throws(SocketError) in try reader.readLine(within: .immediately) } == .timeout)
    #expect(Array(reader.buffered) == bytes("thr"))
    try client.send("ee\nabcdefg\nabcdefgh\n")
    #expect(try reader.readLine(within: soon) == "three")
    #expect(try reader.readLine(within: soon) == "abcdefg")
    #expect(failure { () throws(SocketError) in try reader.readLine(within: soon) } == .system(.messageTooLong))
    #expect(try reader.read(exactly: 9, within: soon).elementsEqual(bytes("abcdefgh\n")))
    try client.send([0xff, 0x0a] + bytes("12345last\r"))
    try client.shutdown(.write)
    #expect(try reader.readLine(within: soon) == "\u{fffd}")
    #expect(try reader.read(exactly: 5, within: soon).elementsEqual(bytes("12345")))
    #expect(try reader.read(exactly: -1, within: soon).isEmpty)
    #expect(try reader.readLine(within: soon) == "last\r")
    #expect(try reader.readLine(within: soon) == nil && (try reader.readLine(within: soon)) == nil)
    #expect(try reader.read(exactly: 5, within: soon).isEmpty && (try reader.readAll(within: soon)).isEmpty)
  }

  @Test func messagesUpToADelimiter() throws {
    let (client, server) = try Socket.pair()
    let reader = SocketReader(server, longestLine: 12)
    try client.send("one\r\n.\r\n\r\n.\r\n..\r\n.")
    #expect(try reader.read(until: "\r\n.\r\n", within: soon).map(Array.init) == bytes("one\r\n.\r\n"))
    #expect(try reader.read(until: "\r\n.\r\n", within: soon).map(Array.init) == bytes("\r\n.\r\n"))
    // A delimiter that has come in part is none, and a time-out loses nothing of it.
    #expect(failure { () throws(SocketError) in try reader.read(until: "\r\n.\r\n", within: .immediately) } == .timeout)
    try client.send("\r\nrest of it")
    #expect(try reader.read(until: "\r\n.\r\n", within: soon).map(Array.init) == bytes("..\r\n.\r\n"))
    #expect(failure { () throws(SocketError) in try reader.read(until: "", within: soon) } == .system(.invalidArgument))
    #expect(try reader.read(until: [UInt8(ascii: "t")], within: soon).map(Array.init) == bytes("rest"))
    try client.send("012345\0")
    #expect(failure { () throws(SocketError) in try reader.read(until: "\0", within: soon) } == .system(.messageTooLong))
    #expect(try reader.read(exactly: 1, within: soon).elementsEqual(bytes(" ")))
    #expect(try reader.read(until: "\0", within: soon).map(Array.init) == bytes("of it012345\0"))
    try client.send("left")
    client.close()
    #expect(try reader.read(until: "\0", within: soon).map(Array.init) == bytes("left"))
    #expect(try reader.read(until: "\0", within: soon) == nil)
  }

  @Test func linesLongerThanOneReceive() throws {
    let (client, server) = try tcpPair()
    let reader = SocketReader(server)
    let long = String(repeating: "0123456789", count: 10_000)
    try client.send(long + "\n" + long, within: soon)
    client.close()
    #expect(try reader.readLine(within: soon) == long)
    #expect(try reader.readAll(within: soon).elementsEqual(bytes(long)))
  }

  @Test func linesFromPerl() throws {
    let listener = try loopbackListener()
    let port = try #require(listener.localName?.port)
    let peer = try PerlPeer(
      """
      my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die;
      $s->print("one\\r\\n", "two\\n"); print scalar <$s>; $s->shutdown(1);
      """, ["\(port)"])
    let server = try listener.accept(within: soon)
    let reader = SocketReader(server)
    #expect(try reader.readLine(within: soon) == "one" && (try reader.readLine(within: soon)) == "two")
    try server.send("hello\n", within: soon)
    #expect(try peer.line() == "hello")
    #expect(try reader.readLine(within: soon) == nil)
    try peer.finish()
  }

  @Test func optionsByNameAndKind() throws {
    let (client, server) = try tcpPair()
    defer { withExtendedLifetime(server) {} }
    try client.setOption(.noDelay, to: true)
    #expect(try client.option(.noDelay) == .flag(true))
    #expect(try client.integerOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY) == 1)
    try client.setOption(.receiveBuffer, to: 10_000)
    #expect(try client.option(named: "SO_RCVBUF") == .integer(20_000))
    try client.setOption(.linger, to: .linger(Linger(isOn: true, seconds: 3)))
    #expect(try client.option(.linger) == .linger(Linger(isOn: true, seconds: 3)))
    try client.setOption(named: "SO_RCVTIMEO", to: .time(.milliseconds(1500)))
    #expect(try client.option(named: "SO_RCVTIMEO") == .time(.milliseconds(1500)))
    try client.setOption(named: "TCP_CONGESTION", to: "reno")
    #expect(try client.option(named: "TCP_CONGESTION") == .text("reno"))
    let lo = try #require(NetworkInterface.index(of: "lo"))
    try client.setOption(named: "IP_UNICAST_IF", to: .interface(lo))
    #expect(try client.option(named: "IP_UNICAST_IF") == .interface(lo))
    let datagrams = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    try datagrams.setOption(named: "IP_MULTICAST_IF", to: .interface(lo))
    #expect(try datagrams.option(named: "IP_MULTICAST_IF") == .bytes([127, 0, 0, 1]))
    try client.setOption(.keepAlive, to: .bytes([1, 0, 0, 0]))
    #expect(try client.option(.keepAlive) == true)
    guard case .bytes(let info) = try client.option(named: "TCP_INFO") else {
      Issue.record("TCP_INFO is a record")
      return
    }
    #expect(info.first == 1, "established")

    #expect(
      failure { () throws(SocketError) in try client.setOption(.noDelay, to: "yes") } == .system(.invalidArgument))
    #expect(
      failure { () throws(SocketError) in try client.setOption(named: "SO_NOTHING", to: 1) }
        == .system(.noProtocolOption))
    #expect(failure { () throws(SocketError) in try client.option(.onlyIPv6) }?.errno != nil)
    let (unix, _) = try Socket.pair()
    #expect(failure { () throws(SocketError) in try unix.setOption(.noDelay, to: true) }?.errno != nil)
  }

  /// The table and the constants say the same.
  @Test func usualOptionsStandInTheTable() {
    let usual: [SocketOption] = [
      .reuseAddress, .reusePort, .broadcast, .keepAlive, .linger, .receiveBuffer, .sendBuffer, .noDelay, .onlyIPv6,
    ]
    for option in usual { #expect(SocketOption(named: option.name) == option) }
  }

  @Test func tasksThatWaitDoNotHinderEachOther() async throws {
    // More than there are processors, and each waits for the one behind it.
    let count = 64
    let listener = try loopbackListener()
    let address = try #require(listener.localName)
    var pairs: [(client: Socket, server: Socket)] = []
    for _ in 0...count {
      let client = try Socket.connected(toFirstOf: [address], within: soon)
      pairs.append((client, try listener.accept(within: soon)))
    }
    let (first, last) = (pairs[0].client.release(), pairs[count].server.release())
    var stages: [(from: Int32, to: Int32)] = []
    for index in 0..<count { stages.append((pairs[index].server.release(), pairs[index + 1].client.release())) }
    let stagesToRun = stages
    let end = soon
    let got = try await withTaskExecutorPreference(BlockingThreads()) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (from, to) in stagesToRun {
          group.addTask {
            let (source, sink) = (try Socket(adopting: from), try Socket(adopting: to))
            if let data = try source.receive(atMost: 100, within: end) { try sink.send(data, within: end) }
          }
        }
        try Socket(adopting: first).send("through", within: end)
        let received = try Socket(adopting: last).receive(atMost: 100, within: end)
        try await group.waitForAll()
        return received
      }
    }
    #expect(text(got) == "through")
  }
}
