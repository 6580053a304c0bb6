// What the kernel tells of datagrams, and groups.
import Glibc
import Testing

@testable import SocketCore

@Suite struct DatagramTests {
  /// Receives one datagram, for which it waits.
  private func receive(_ socket: Socket) throws -> (bytes: [UInt8], sender: SocketAddress?) {
    let received = try #require(try socket.receiveFrom(atMost: 100, within: soon))
    return (received.bytes, received.sender)
  }

  @Test func aSocketTellsHowADatagramArrivedIfItWasAsked() throws {
    let server = try Socket.bound(to: .any(port: 0, family: .inet))
    let client = try Socket(domain: .inet, type: .dgram)
    let port = try #require(server.localName?.port)
    let address = try #require(SocketAddress(host: "127.0.0.3", port: port))
    try client.send(bytes("one"), to: address)
    _ = try receive(server)
    #expect(server.arrival == nil && !server.tellsArrivals)

    try server.tellArrivals()
    try client.setOption(level: Int32(IPPROTO_IP), name: IP_TTL, integer: 5)
    try client.send(bytes("two"), to: address)
    #expect(try receive(server).bytes == bytes("two"))
    let arrival = try #require(server.arrival)
    #expect(arrival.to == address && arrival.hopLimit == 5 && arrival.trafficClass == 0)
    #expect(NetworkInterface.name(of: arrival.interface) == "lo")
    #expect(try #require(arrival.time) > 1_600_000_000)
    // The answer leaves from there.
    try server.send(bytes("three"))
    #expect(try receive(client).sender == address)
    // Another socket for the same descriptor tells it, too.
    let copy = try server.duplicate()
    #expect(copy.tellsArrivals && copy.arrival == nil)
  }

  @Test func groupsAreJoinedAndLeft() throws {
    let member = try Socket.bound(to: .any(port: 0, family: .inet))
    let port = try #require(member.localName?.port)
    let group = try #require(SocketAddress(host: "239.7.7.7", port: port))
    let lo = try #require(NetworkInterface.index(of: "lo"))
    #expect(NetworkInterface.index(of: "\(lo)") == lo && NetworkInterface.index(of: "nowhere0") == nil)
    #expect(NetworkInterface.address(of: lo)?.host == "127.0.0.1")
    try member.setMembership(true, of: group, interface: lo)
    let sender = try Socket(domain: .inet, type: .dgram)
    try sender.setMulticastInterface(lo)
    #expect(try sender.multicastInterface().host == "127.0.0.1")
    try sender.send(bytes("all"), to: group)
    #expect(try receive(member).bytes == bytes("all"))
    try member.setMembership(false, of: group, interface: lo)
    #expect(
      failure { () throws(Errno) in try member.setMembership(false, of: group, interface: lo) } == .addressNotAvailable)
    #expect(group.isMulticast && SocketAddress(host: "ff02::1", port: 0)?.isMulticast == true)
    #expect(SocketAddress(host: "::ffff:239.1.1.1", port: 0)?.isMulticast == true)
    #expect(SocketAddress(host: "223.255.255.255", port: 0)?.isMulticast == false)
    #expect(SocketAddress(host: "::ffff:10.0.0.1", port: 0)?.isMulticast == false)
  }

  @Test func theErrorQueueSaysWhichDatagramWasRefused() throws {
    let nobody = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    let address = try #require(nobody.localName)
    nobody.close()
    let sender = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    #expect(sender.takeDatagramError() == nil)
    try sender.setOption(level: Int32(IPPROTO_IP), name: IP_RECVERR, integer: 1)
    try sender.send(bytes("lost"), to: address)
    let report = try #require(sender.takeDatagramError())
    #expect(report.errno == .connectionRefused && report.destination == address)
    #expect(report.reporter?.host == "127.0.0.1" && report.beginning == bytes("lost"))
    #expect(report.icmp?.type == 3 && report.icmp?.code == 3)
    #expect(sender.takeDatagramError() == nil)
  }

  @Test func addressesOfLinks() throws {
    let link = try SocketAddress.link(interface: 1, protocol: 0x0800, address: [2, 0, 0, 0, 0, 0xAB])
    #expect(link.description == "packet:lo/02:00:00:00:00:ab" && link.host == "02:00:00:00:00:ab")
    #expect(link.interface == 1 && link.frame?.etherType == 0x0800 && link.frame?.kind == "host")
    #expect(link.domain == .packet && link.family == .packet && link.port == nil && !link.isLocal && !link.isWildcard)
    #expect(SocketAddress(packed: link.packed) == link && link.packed.count == 20)
    #expect(link.with(etherType: 0x0806).frame?.etherType == 0x0806 && link.with(port: 1) == link)
    #expect(try SocketAddress.link(interface: 0).description == "packet:*")
    let tooLong = [UInt8](repeating: 0, count: 9)
    #expect(failure { () throws(Errno) in try SocketAddress.link(interface: 0, address: tooLong) } == .invalidArgument)
    #expect(SocketAddress(packed: [17, 0, 0, 0])?.family == .other)
    #expect(SocketProtocol.etherType(named: "ARP") == 0x0806 && SocketProtocol.etherType(named: "65536") == nil)
  }

  /// A structure's fields are where C has them: what the kernel says of a known connection is there.
  @Test func fieldsOfStructures() throws {
    let (client, server) = try tcpPair()
    try client.send(bytes("12345"))
    _ = try server.receive(atMost: 9, within: soon)
    let option = try #require(SocketOption(named: "TCP_INFO"))
    guard case .record(let fields) = option.kind else { throw Errno.invalidArgument }
    let value = try client.option(level: option.level, name: option.number)
    func number(_ name: String) -> UInt64? { fields.first { $0.name == name }?.number(in: value) }
    #expect(number("state") == 1 && number("bytes_sent") == 5 && number("data_segs_out") == 1)
    #expect(number("advmss") ?? 0 > 500 && number("pmtu") ?? 0 > 500)
    #expect(fields.first { $0.name == "snd_wnd" }?.offset == 228)
    #expect(fields.first?.number(in: []) == nil)
    guard case .record(let mptcp)? = SocketOption(named: "MPTCP_INFO")?.kind else { throw Errno.invalidArgument }
    #expect(mptcp.first { $0.name == "bytes_sent" }?.offset == 56 && mptcp.last?.offset == 92)
  }
}
