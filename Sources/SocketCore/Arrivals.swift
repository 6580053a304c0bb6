// What the kernel tells of datagrams beside their bytes: how one has arrived, and what has become of one that was sent.
import CSocketCore
import Glibc

/// How a datagram has arrived, as far as its socket was asked to tell: see `Socket.tellArrivals()`.
public struct Arrival: Hashable, Sendable {
  /// To which address it was sent: one of this machine, a broadcast address or a multicast group. The port is that of
  /// the socket.
  public internal(set) var to: SocketAddress?
  /// The index of the interface by which it came; 0 when that is not told.
  public internal(set) var interface: UInt32 = 0
  /// What was left of its TTL (IPv4) or hop limit (IPv6), 0 to 255.
  public internal(set) var hopLimit: Int?
  /// The TOS byte (IPv4) or the traffic class (IPv6), 0 to 255.
  public internal(set) var trafficClass: Int?
  /// When the kernel got it, in seconds since 1970.
  public internal(set) var time: Double?
  /// How many datagrams the socket has lost so far because nobody had read those before (SO_RXQ_OVFL).
  public internal(set) var dropped: Int?
  /// From where an answer to it leaves: an address of ours. Nil when that is left to the kernel.
  var source: SocketAddress?

  init() {}

  init(_ told: csys_arrival, port: UInt16) {
    var told = told
    interface = told.interface
    if told.hop_limit >= 0 { hopLimit = Int(told.hop_limit) }
    if told.traffic_class >= 0 { trafficClass = Int(told.traffic_class) }
    if told.has_time { time = Double(told.seconds) + Double(told.nanoseconds) / 1e9 }
    if told.dropped >= 0 { dropped = Int(told.dropped) }
    guard told.family != 0 else { return }
    let isIPv6 = told.family == CSYS_AF_INET6
    to = withUnsafeBytes(of: &told.to) { SocketAddress(hostBytes: $0, isIPv6: isIPv6, port: port) }
    let local = withUnsafeBytes(of: &told.local) { SocketAddress(hostBytes: $0, isIPv6: isIPv6, port: port) }
    if !local.isMulticast, !local.isWildcard { source = local }
  }
}

/// The arrivals of one socket.
final class Arrivals {
  /// Of the datagram that the last receive has brought.
  var received: Arrival?
  /// Of the last one that was made the cached peer's, which is the one that a plain send answers.
  private(set) var taken: Arrival?
  var source: SocketAddress?

  func take() {
    taken = received
    source = received?.source
  }
}

/// What has become of a datagram that was sent: see `Socket.takeDatagramError()`.
public struct DatagramError: Sendable {
  /// What went wrong, as ECONNREFUSED, EHOSTUNREACH or EMSGSIZE.
  public let errno: Errno
  /// Whom it was sent to.
  public let destination: SocketAddress?
  /// Who says so: the receiver itself, or a router. Nil when it is this machine.
  public let reporter: SocketAddress?
  /// The type and code of the ICMP message that says so; nil when none does.
  public let icmp: (type: UInt8, code: UInt8)?
  /// The datagram's first bytes, as many as came back, at most 128.
  public let beginning: [UInt8]
}

extension Socket {
  /// Asks the kernel to tell of each datagram to which address it was sent, by which interface it came, its TTL and TOS
  /// (IP), and when it came. `arrival` gives it, and a plain send that answers leaves from that address. A receive then
  /// takes control data, too, which others are spared.
  public func tellArrivals() throws(Errno) {
    switch domain {
    case .inet: try askForIPv4()
    case .inet6:
      for name in [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS] {
        try setOption(level: CSYS_IPPROTO_IPV6, name: name, integer: 1)
      }
      // What comes by IPv4 on such a socket has its TTL and TOS from there, and our own address where it came to
      // everybody's. A raw socket of IPv6 knows no such option.
      if type == .dgram, try !isOnlyIPv6 { try askForIPv4() }
    case .unix, .packet, .other: break
    }
    try setOption(level: SOL_SOCKET, name: SO_TIMESTAMPNS, integer: 1)
    noteArrivals()
  }

  private func askForIPv4() throws(Errno) {
    for name in [IP_PKTINFO, IP_RECVTTL, IP_RECVTOS] {
      try setOption(level: CSYS_IPPROTO_IP, name: name, integer: 1)
    }
  }

  /// Takes control data with each datagram from now on: an option was set that brings some.
  public func noteArrivals() {
    if arrivals == nil { arrivals = Arrivals() }
  }

  /// Whether control data is taken with each datagram.
  public var tellsArrivals: Bool { arrivals != nil }

  /// How the datagram has arrived whose sender is the cached peer; nil when there is none, or nobody has asked.
  public var arrival: Arrival? { arrivals?.taken }

  /// recvmsg(2) with control data.
  func receive(
    into buffer: UnsafeMutableRawBufferPointer, _ flags: MessageFlags, _ address: UnsafeMutableRawPointer,
    _ length: inout UInt32, _ receivedFlags: inout Int32, noting arrivals: Arrivals
  ) -> Int {
    var told = csys_arrival()
    let count = SystemCall.recvmsg(
      fileDescriptor, buffer.baseAddress, buffer.count, flags: flags.rawValue | CSYS_MSG_DONTWAIT, address, &length,
      &receivedFlags, &told)
    if count >= 0 { arrivals.received = Arrival(told, port: localName?.port ?? 0) }
    return count
  }

  /// The oldest entry of the socket's error queue, which is taken out; nil when there is none. There are some only while
  /// IP_RECVERR or IPV6_RECVERR is set.
  public func takeDatagramError() -> DatagramError? {
    var report = csys_datagram_error()
    var count = 0
    let filled = SocketAddress.filled { address, length in
      count = SystemCall.receiveError(fileDescriptor, address, &length, &report)
      return count < 0 ? Int32(truncatingIfNeeded: count) : 0
    }
    guard case .success(let destination) = filled, report.number != 0 else { return nil }
    let reporter = withUnsafeBytes(of: &report.offender) {
      SocketAddress(kernelBytes: UnsafeRawBufferPointer(rebasing: $0.prefix(Int(report.offender_length))))
    }
    let beginning = withUnsafeBytes(of: &report.beginning) { Array($0.prefix(count)) }
    return DatagramError(
      errno: Errno(rawValue: report.number), destination: destination, reporter: reporter,
      icmp: report.is_icmp ? (report.type, report.code) : nil, beginning: beginning)
  }
}
