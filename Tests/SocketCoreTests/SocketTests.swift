// Sockets of each domain and type against each other: what the calls report, and what they keep apart.
import Glibc
import Testing

@testable import SocketCore

@Suite struct SocketTests {
  @Test(arguments: [SocketAddress.Family.inet, .inet6])
  func bytesGoBothWaysOverTCP(family: SocketAddress.Family) throws {
    let (client, server) = try tcpPair(family)
    #expect(client.localName == server.peerName)
    #expect(client.peerName == server.localName)
    #expect(server.peerName?.family == family)
    let data = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var received: [UInt8] = []
    var unsent = data[...]
    while received.count < data.count {
      if !unsent.isEmpty {
        let outcome = unsent.withUnsafeBytes { client.trySend($0) }
        if case .done(let count) = outcome { unsent = unsent.dropFirst(count) }
      }
      received += try #require(try server.receive(atMost: 10_000, within: soon))
    }
    #expect(received == data)
    try server.shutdown(.write)
    #expect(try client.receive(atMost: 1, within: soon) == nil)
    try client.send(bytes("still"), within: soon)
    #expect(text(try server.receive(atMost: 100, within: soon)) == "still")
  }

  @Test func unixSocketsByPath() throws {
    let directory = try TemporaryDirectory()
    let address = try SocketAddress.unix(path: directory.file("s"))
    let listener = try Socket.listening(at: address)
    let client = try Socket.connected(toFirstOf: [address], within: soon)
    let server = try listener.accept(within: soon)
    #expect(client.peerName == address)
    #expect(server.localName == address)
    #expect(server.peerName?.path == [])
    #expect(server.peerName?.description == "unix:")
    try client.send(bytes("hello"), within: soon)
    #expect(text(try server.receive(atMost: 10, within: soon)) == "hello")
    #expect(failure { () throws(SocketError) in try Socket.listening(at: address) } == .system(.addressInUse))
  }

  @Test func unixSocketsInTheAbstractNamespace() throws {
    let address = try abstractAddress()
    let listener = try Socket.listening(at: address, type: .seqpacket)
    let client = try Socket.connected(toFirstOf: [address], type: .seqpacket, within: soon)
    let server = try listener.accept(within: soon)
    try client.send(bytes("first"), within: soon)
    try client.send(bytes("second"), within: soon)
    let first = try #require(try server.receiveFrom(atMost: 3, within: soon))
    #expect(text(first.bytes) == "fir" && first.isTruncated)
    #expect(text(try server.receive(atMost: 100, within: soon)) == "second")
    client.close()
    #expect(try server.receive(atMost: 100, within: soon) == nil)
  }

  @Test(arguments: [SocketType.stream, .dgram, .seqpacket])
  func pairs(type: SocketType) throws {
    let (one, other) = try Socket.pair(type: type)
    try one.send(bytes("ping"), within: soon)
    #expect(text(try other.receive(atMost: 10, within: soon)) == "ping")
    // The sender of a pair has no name: the answer goes along the connection.
    try other.send(bytes("pong"), within: soon)
    #expect(text(try one.receive(atMost: 10, within: soon)) == "pong")
    #expect(one.isConnected && other.isConnected)
    #expect(one.domain == .unix && one.type == type)
  }

  @Test func nothingThereIsNoEnd() throws {
    let (client, server) = try tcpPair()
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(buffer.withUnsafeMutableBytes { server.tryReceive(into: $0) } == .wouldBlock)
    let empty = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    client.close()
    try server.wait(reading: true, writing: false, within: soon)
    #expect(server.tryReceive(into: empty) == .done(0))
    #expect(buffer.withUnsafeMutableBytes { server.tryReceive(into: $0) } == .end)
    #expect(client.trySend(UnsafeRawBufferPointer(start: nil, count: 0)) == .failed(.badFileDescriptor))
    if case .wouldBlock = try loopbackListener().tryAccept() {} else { Issue.record("nobody connects") }
  }

  @Test func anEmptyDatagramIsNoEnd() throws {
    let (one, other) = try Socket.pair(type: .dgram)
    try one.send([], within: soon)
    #expect(try other.receive(atMost: 10, within: soon) == [])
  }

  @Test func timeoutEndAndResetAreThreeThings() throws {
    let (client, server) = try tcpPair()
    #expect(
      failure { () throws(SocketError) in try client.receive(atMost: 1, within: Deadline(after: 0.02)) } == .timeout)
    #expect(
      failure { () throws(SocketError) in try client.receive(atMost: 1, within: .immediately) } == .timeout)
    try server.shutdown(.write)
    #expect(try client.receive(atMost: 1, within: soon) == nil)
    server.reset()

    let (other, resetter) = try tcpPair()
    #expect(resetter.reset() == nil)
    #expect(
      failure { () throws(SocketError) in try other.receive(atMost: 1, within: soon) } == .system(.connectionReset))
  }

  @Test func aResetThatASendReportedDoesNotBecomeAnEnd() throws {
    let (client, server) = try tcpPair()
    server.reset()
    try client.wait(reading: true, writing: false, within: soon)
    #expect(bytes("x").withUnsafeBytes { client.trySend($0) } == .failed(.connectionReset))
    for _ in 0..<2 {
      #expect(
        failure { () throws(SocketError) in try client.receive(atMost: 1, within: soon) } == .system(.connectionReset))
    }
    let (second, secondServer) = try tcpPair()
    secondServer.reset()
    try second.wait(reading: true, writing: false, within: soon)
    #expect(second.takeError() == .connectionReset)
    #expect(
      failure { () throws(SocketError) in try second.receive(atMost: 1, within: soon) } == .system(.connectionReset))
  }

  @Test func sendingToOneThatIsGoneIsAnErrorAndNoSignal() throws {
    let (one, other) = try Socket.pair()
    other.close()
    #expect(bytes("x").withUnsafeBytes { one.trySend($0) } == .failed(.brokenPipe))
    #expect([bytes("x")][0].withUnsafeBytes { one.trySend(gathering: [$0]) } == .failed(.brokenPipe))
  }

  @Test func refusedConnections() throws {
    // A port that is bound and not listened on refuses, and nobody else can take it.
    let holder = try Socket(domain: .inet)
    try holder.bind(SocketAddress(loopbackPort: 0))
    let address = try #require(holder.localName)
    let client = try Socket(domain: .inet)
    let refusal = failure { () throws(SocketError) in try client.connect(to: address, within: soon) }
    #expect(refusal == .system(.connectionRefused) && client.peerName == nil)
    #expect(!client.isConnected)

    let listener = try loopbackListener()
    let reached = try Socket.connected(toFirstOf: [address, #require(listener.localName)], within: soon)
    #expect(reached.peerName == listener.localName)
    #expect(
      failure { () throws(SocketError) in try Socket.connected(toFirstOf: [address, address], within: soon) }
        == .system(.connectionRefused))
    #expect(
      failure { () throws(SocketError) in try Socket.connected(toFirstOf: [], within: soon) }
        == .system(.invalidArgument))

    let missing = try abstractAddress()
    #expect(
      failure { () throws(SocketError) in try Socket.connected(toFirstOf: [missing]) } == .system(.connectionRefused))
  }

  @Test(arguments: [SocketAddress.Family.inet, .inet6])
  func aConnectionToItselfIsRefused(family: SocketAddress.Family) throws {
    let free = try Socket.bound(to: SocketAddress(loopbackPort: 0, family: family), type: .stream).localName
    let address = try #require(free)
    let client = try Socket.bound(to: address, type: .stream)
    let refusal = failure { () throws(SocketError) in try client.connect(to: address, within: soon) }
    #expect(refusal == .system(.connectionRefused))
    #expect(client.peerName == nil && !client.isConnected && client.localName == address)
    // It is free for somebody who is there.
    let listener = try loopbackListener(family)
    try client.connect(to: try #require(listener.localName), within: soon)
    #expect(try listener.accept(within: soon).peerName == address)
  }

  @Test func aDatagramToAClosedPortIsRefused() throws {
    let holder = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    let address = try #require(holder.localName)
    holder.close()
    let socket = try Socket.connected(toFirstOf: [address], type: .dgram)
    try socket.send(bytes("x"))
    #expect(
      failure { () throws(SocketError) in try socket.receive(atMost: 1, within: soon) } == .system(.connectionRefused))
  }

  @Test func aConnectionIsMadeWithoutWaiting() throws {
    let listener = try loopbackListener()
    let client = try Socket(domain: .inet)
    let outcome = client.startConnect(to: try #require(listener.localName))
    #expect(outcome == .inProgress || outcome == .connected)
    try client.wait(reading: false, writing: true, within: soon)
    #expect(client.finishConnect() == nil)
    #expect(client.isConnected)
    #expect(try Socket(domain: .inet).finishConnect() == .nowInProgress)
  }

  @Test func aConnectionThatWasResetAtOnceWasMade() throws {
    let listener = try loopbackListener()
    let client = try Socket(domain: .inet)
    _ = client.startConnect(to: try #require(listener.localName))
    try listener.accept(within: soon).reset()
    #expect(eventually { !client.isConnected })
    #expect(client.finishConnect() == nil)
    #expect(client.finishConnect() == nil)
    #expect(bytes("x").withUnsafeBytes { client.trySend($0) } == .failed(.connectionReset))
    #expect(
      failure { () throws(SocketError) in try client.receive(atMost: 1, within: soon) } == .system(.connectionReset))
    #expect(client.peerName == listener.localName, "whom it spoke to is not forgotten")
  }

  @Test func aFullQueueOfAUnixListenerIsWaitedFor() throws {
    let address = try abstractAddress()
    let listener = try Socket.listening(at: address, backlog: 0)
    var waiting: [Socket] = []
    var refused: ConnectOutcome = .connected
    while refused == .connected {
      let socket = try Socket(domain: .unix)
      refused = socket.startConnect(to: address)
      waiting.append(socket)
    }
    #expect(refused == .failed(.wouldBlock))
    let late = try Socket(domain: .unix)
    #expect(
      failure { () throws(SocketError) in try late.connect(to: address, within: Deadline(after: 0.02)) } == .timeout)
    _ = try listener.accept(within: soon)
    try late.connect(to: address, within: soon)
  }

  @Test func urgentDataHasAMark() throws {
    let (client, server) = try tcpPair()
    try client.send(bytes("ab"), within: soon)
    try client.send(bytes("!"), flags: .outOfBand, within: soon)
    try client.send(bytes("cd"), within: soon)
    try client.shutdown(.write)
    #expect(text(try server.receive(atMost: 1, flags: .peek, within: soon)) == "a")
    #expect(try !server.isAtMark)
    // A receive never crosses the mark.
    #expect(text(try server.receive(atMost: 2, within: soon)) == "ab")
    #expect(try eventually { try server.isAtMark })
    #expect(text(try server.receive(atMost: 1, flags: .outOfBand, within: soon)) == "!")
    #expect(text(try receiveAll(server)) == "cd")
    #expect(try !server.isAtMark)
  }

  @Test func peekingLeavesTheBytes() throws {
    let (one, other) = try Socket.pair()
    try one.send(bytes("abc"), within: soon)
    #expect(text(try other.receive(atMost: 2, flags: .peek, within: soon)) == "ab")
    #expect(text(try other.receive(atMost: 9, within: soon)) == "abc")
  }

  @Test func severalBuffersAreSentAsOne() throws {
    let (one, other) = try Socket.pair(type: .dgram)
    let (head, body) = (bytes("head "), bytes("body"))
    let outcome = head.withUnsafeBytes { head in body.withUnsafeBytes { one.trySend(gathering: [head, $0]) } }
    #expect(outcome == .done(9))
    #expect(text(try other.receive(atMost: 100, within: soon)) == "head body")
  }

  @Test func adoptedAndAcceptedSocketsKnowWhatTheyAre() throws {
    let (client, server) = try tcpPair(.inet6)
    #expect(server.domain == .inet6 && server.type == .stream && server.protocolNumber == Int32(IPPROTO_TCP))
    let adopted = try Socket(adopting: client.release())
    #expect(adopted.domain == .inet6 && adopted.type == .stream && adopted.protocolNumber == Int32(IPPROTO_TCP))
    #expect(adopted.peerName == server.localName)
    #expect(client.fileDescriptor == -1)

    let udp = try Socket(domain: .inet, type: .dgram)
    let asked = try Socket(adopting: udp.release())
    #expect(udp.protocolNumber == asked.protocolNumber)
    #expect(asked.domain == .inet && asked.type == .dgram && asked.protocolNumber == Int32(IPPROTO_UDP))

    let packets = try Socket(adopting: Socket(domain: .unix, type: .seqpacket).release())
    #expect(packets.domain == .unix && packets.type == .seqpacket && packets.protocolNumber == 0)
  }

  @Test func anInheritedBlockingDescriptorNoLongerBlocks() throws {
    let fd = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    let socket = try Socket(adopting: fd)
    #expect(try StandardStream.isNonblocking(fd))
    #expect(fcntl(fd, F_GETFD) & FD_CLOEXEC != 0)
    var buffer = [UInt8](repeating: 0, count: 1)
    #expect(buffer.withUnsafeMutableBytes { socket.tryReceive(into: $0) } == .wouldBlock)
  }

  @Test func whatIsNoSocketIsNotAdopted() throws {
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    #expect(failure { () throws(Errno) in try Socket(adopting: file) } == .notSocket)
    #expect(fcntl(file, F_GETFD) >= 0, "the descriptor stays the caller's")
    #expect(failure { () throws(Errno) in try Socket(adopting: -1) } == .badFileDescriptor)
  }

  @Test func aClosedSocketFailsAndDoesNotWait() throws {
    let (client, server) = try tcpPair()
    #expect(client.close() == nil)
    #expect(client.close() == nil)
    #expect(client.reset() == nil)
    #expect(client.fileDescriptor == -1 && !client.isConnected)
    #expect(
      failure { () throws(SocketError) in try client.receive(atMost: 1) } == .system(.badFileDescriptor))
    #expect(
      failure { () throws(SocketError) in try client.wait(reading: true, writing: false, within: .never) }
        == .system(.badFileDescriptor))
    #expect(failure { () throws(SocketError) in try client.shutdown(.both) } == .system(.badFileDescriptor))
    #expect(failure { () throws(Errno) in try client.isAtMark } == .badFileDescriptor)
    #expect(try server.receive(atMost: 1, within: soon) == nil)
  }

  @Test func closingIsSeenByTheOtherSideWhenTheLastReferenceGoes() throws {
    var (client, server): (Socket?, Socket) = try tcpPair()
    #expect(client?.isConnected == true)
    client = nil
    #expect(try server.receive(atMost: 1, within: soon) == nil)
  }

  @Test func theWildcardOfIPv6TakesIPv4UnlessToldNotTo() throws {
    let both = try Socket.listening(at: .any(port: 0), onlyIPv6: false)
    let port = try #require(both.localName?.port)
    let client = try Socket.connected(toFirstOf: [SocketAddress(loopbackPort: port)], within: soon)
    let server = try both.accept(within: soon)
    #expect(server.peerName?.host == "::ffff:127.0.0.1")
    #expect(client.isConnected)

    let only = try Socket.listening(at: .any(port: 0), onlyIPv6: true)
    let onlyPort = try #require(only.localName?.port)
    #expect(try only.integerOption(level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY) == 1)
    let other = try Socket.connected(
      toFirstOf: [SocketAddress(loopbackPort: onlyPort, family: .inet6)], within: soon)
    #expect(other.isConnected)
  }

  @Test func namesOfProtocols() {
    #expect(SocketProtocol.number(named: "tcp") == Int32(IPPROTO_TCP))
    #expect(SocketProtocol.number(named: "ICMP") == Int32(IPPROTO_ICMP))
    #expect(SocketProtocol.number(named: "17") == 17)
    #expect(SocketProtocol.number(named: "-1") == nil)
    #expect(SocketProtocol.number(named: "no such protocol") == nil)
    #expect(SocketProtocol.number(named: "tcp\0") == nil)
    #expect(SocketProtocol.name(of: 6) == "tcp")
    #expect(SocketProtocol.name(of: 9999) == nil)
  }

  @Test func namesOfDomainsAndTypes() {
    #expect(SocketDomain(name: "AF_INET6") == .inet6 && SocketDomain(name: "unix") == .unix)
    #expect(SocketDomain(name: "ipx") == nil)
    #expect(SocketDomain(rawValue: AF_UNIX) == .unix && SocketDomain(rawValue: 16) == .other(16))
    #expect(SocketType(name: "SOCK_DGRAM") == .dgram && SocketType(name: "seqpacket") == .seqpacket)
    #expect(SocketType(name: "pipe") == nil)
    #expect(SocketType(rawValue: SocketType.raw.rawValue) == .raw)
    #expect(failure { () throws(Errno) in try Socket(domain: .inet, type: .seqpacket) } != nil)
  }

  @Test func errorsHaveNamesAndTexts() {
    #expect(Errno.connectionRefused.name == "ECONNREFUSED")
    #expect(Errno.connectionRefused.message == "Connection refused")
    #expect(Errno.wouldBlock.description == "Resource temporarily unavailable (EAGAIN)")
    #expect(Errno(rawValue: 9999).name == "E9999")
    #expect(Errno(rawValue: 9999).message == "Unknown error 9999")
  }

  @Test func deadlinesSaturate() {
    #expect(Deadline(after: .infinity).isNever && Deadline(after: 1e300).isNever)
    #expect(Deadline(after: .nan).hasPassed && Deadline(after: -.infinity).hasPassed)
    #expect(!Deadline.never.hasPassed && Deadline.never.pollTimeout < 0)
    #expect(Deadline.never.remainingSeconds == .infinity && Deadline.never.remainingNanoseconds == nil)
    #expect(Deadline.immediately.hasPassed && Deadline.immediately.pollTimeout == 0)
    #expect(MonotonicClock.nanoseconds(1.5) == 1_500_000_000 && MonotonicClock.nanoseconds(1e-12) == 1)
    let minute = Deadline(after: 60)
    #expect((1...60).contains(minute.remainingSeconds) && minute < .never)
  }
}
