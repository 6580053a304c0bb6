// Socket options: the table against the kernel, and each kind of value.
import Glibc
import Testing

@testable import SocketCore

@Suite struct OptionTests {
  @Test func namesAreUniqueAndKnownByThemselves() {
    let names = SocketOption.allNames
    #expect(Set(names).count == names.count)
    #expect(names.count > 150)
    for name in names { #expect(SocketOption(named: name)?.name == name) }
    #expect(SocketOption(named: "SO_NO_SUCH") == nil)
    #expect(SocketOption(named: "so_rcvbuf") == nil)
  }

  /// The kernel knows each option of the table by its number: none reads as another type than the table says.
  @Test func theKernelAgreesWithTheTable() throws {
    let sockets = [
      try tcpPair().client, try tcpPair(.inet6).client, try Socket(domain: .inet, type: .dgram),
      try Socket.pair().0,
    ]
    var readable = 0
    for name in SocketOption.allNames {
      let option = try #require(SocketOption(named: name))
      for socket in sockets {
        let isInteger =
          switch option.kind {
          case .flag, .integer, .interface: true
          default: false
          }
        // Some integers have a 64-bit form too, for who has the room.
        let capacity = isInteger ? 4 : Socket.maximumOptionSize
        guard let value = try? socket.option(level: option.level, name: option.number, capacity: capacity) else {
          continue
        }
        readable += 1
        switch option.kind {
        case .flag, .integer, .interface: #expect([1, 4].contains(value.count), "\(name): \(value.count) bytes")
        case .record(let fields):
          // What the kernel gives ends where a field does, or behind what the table knows.
          let ends = fields.map { $0.offset + $0.size }
          #expect(ends.contains(value.count) || value.count > (ends.max() ?? 0), "\(name): \(value.count) bytes")
        case .linger: #expect(value.count == 8)
        case .time: #expect(value.count == MemoryLayout<timeval>.size)
        case .text, .bytes: break
        }
      }
    }
    #expect(readable > 100)
  }

  @Test func eachKindIsSetAndRead() throws {
    let (socket, _) = try tcpPair()
    try socket.setOption(level: SOL_SOCKET, name: SO_KEEPALIVE, integer: 1)
    #expect(try socket.integerOption(level: SOL_SOCKET, name: SO_KEEPALIVE) == 1)
    try socket.setLinger(Linger(isOn: true, seconds: 7))
    #expect(try socket.linger() == Linger(isOn: true, seconds: 7))
    try socket.setOption(level: SOL_SOCKET, name: SO_RCVTIMEO, seconds: 1.5)
    #expect(try socket.timeOption(level: SOL_SOCKET, name: SO_RCVTIMEO) == 1.5)
    let congestion = try #require(SocketOption(named: "TCP_CONGESTION"))
    let algorithm = try socket.option(level: congestion.level, name: congestion.number).prefix { $0 != 0 }
    try socket.setOption(level: congestion.level, name: congestion.number, bytes: Array(algorithm))
    #expect(try socket.option(level: congestion.level, name: congestion.number).starts(with: algorithm))
  }

  @Test func wrongSizesAndNumbersAreErrors() throws {
    let socket = try Socket(domain: .inet)
    let unknown = failure { () throws(Errno) in try socket.integerOption(level: SOL_SOCKET, name: 9999) }
    #expect(unknown?.name == "ENOPROTOOPT")
    #expect(
      failure { () throws(Errno) in try socket.setOption(level: SOL_SOCKET, name: SO_RCVBUF, bytes: []) }
        == .invalidArgument)
    #expect(
      failure { () throws(Errno) in try socket.timeOption(level: SOL_SOCKET, name: SO_RCVBUF) } == .invalidArgument)
    #expect(try socket.option(level: SOL_SOCKET, name: SO_LINGER, capacity: 4).count == 4)
    #expect(try socket.option(level: SOL_SOCKET, name: SO_RCVBUF, capacity: -1) == [])
  }

  @Test func levels() {
    #expect(SocketOption.level(named: "SOL_SOCKET") == SOL_SOCKET)
    #expect(SocketOption.level(named: "IPPROTO_TCP") == Int32(IPPROTO_TCP))
    #expect(SocketOption.level(named: "sol_udp") == Int32(IPPROTO_UDP))
    #expect(SocketOption.level(named: "ipv6") == Int32(IPPROTO_IPV6))
    #expect(SocketOption.level(named: "41") == 41)
    #expect(SocketOption.level(named: "nowhere") == nil)
  }

  @Test func broadcastsHaveToBeAllowed() throws {
    let receiver = try Socket.bound(to: .any(port: 0, family: .inet))
    let port = try #require(receiver.localName?.port)
    // The broadcast address of loopback: nothing leaves the machine.
    let everybody = try #require(SocketAddress(host: "127.255.255.255", port: port))
    let sender = try Socket(domain: .inet, type: .dgram)
    #expect(
      failure { () throws(SocketError) in try sender.send(bytes("all"), to: everybody) } == .system(.permissionDenied))
    try sender.setBroadcast(true)
    try sender.send(bytes("all"), to: everybody, within: soon)
    #expect(text(try receiver.receive(atMost: 10, within: soon)) == "all")
  }

  @Test func reusingAddressesAndPorts() throws {
    let first = try Socket.listening(at: SocketAddress(loopbackPort: 0), reusePort: true)
    let address = try #require(first.localName)
    #expect(failure { () throws(SocketError) in try Socket.listening(at: address) } == .system(.addressInUse))
    let second = try Socket.listening(at: address, reusePort: true)
    #expect(second.localName == address)
    #expect(try second.isListening)
    #expect(try !Socket(domain: .inet).isListening)
  }
}
