// What kinds of socket there are (domain, type, protocol), and the outcomes of the calls that do not block.
import CSocketCore

/// The communication domain of a socket: the first argument of socket(2).
public enum SocketDomain: Hashable, Sendable, CustomStringConvertible {
  /// AF_INET, AF_INET6 and AF_UNIX.
  case inet, inet6, unix
  /// Frames of a link; see packet(7).
  case packet
  /// Any other `AF_…` number.
  case other(Int32)

  /// The domain with an `AF_…` number.
  public init(rawValue: Int32) {
    self =
      switch rawValue {
      case CSYS_AF_INET: .inet
      case CSYS_AF_INET6: .inet6
      case CSYS_AF_UNIX: .unix
      case CSYS_AF_PACKET: .packet
      default: .other(rawValue)
      }
  }

  /// The `AF_…` number.
  public var rawValue: Int32 {
    switch self {
    case .inet: CSYS_AF_INET
    case .inet6: CSYS_AF_INET6
    case .unix: CSYS_AF_UNIX
    case .packet: CSYS_AF_PACKET
    case .other(let number): number
    }
  }

  /// The domain of a name as sock and `AF_…` spell it: "inet", "AF_INET6", "unix", "local".
  public init?(name: String) {
    switch (name.hasPrefix("AF_") ? String(name.dropFirst(3)) : name).lowercased() {
    case "inet": self = .inet
    case "inet6": self = .inet6
    case "unix", "local": self = .unix
    case "packet": self = .packet
    default: return nil
    }
  }

  /// The name that `init(name:)` reads, or the number.
  public var description: String {
    switch self {
    case .inet: "inet"
    case .inet6: "inet6"
    case .unix: "unix"
    case .packet: "packet"
    case .other(let number): "\(number)"
    }
  }
}

/// The communication type of a socket: the second argument of socket(2).
public enum SocketType: Hashable, Sendable, CustomStringConvertible {
  /// SOCK_STREAM, SOCK_DGRAM, SOCK_RAW and SOCK_SEQPACKET.
  case stream, dgram, raw, seqpacket
  /// Any other `SOCK_…` number.
  case other(Int32)

  /// The type with a `SOCK_…` number.
  public init(rawValue: Int32) {
    self =
      switch rawValue {
      case CSYS_SOCK_STREAM: .stream
      case CSYS_SOCK_DGRAM: .dgram
      case CSYS_SOCK_RAW: .raw
      case CSYS_SOCK_SEQPACKET: .seqpacket
      default: .other(rawValue)
      }
  }

  /// The `SOCK_…` number.
  public var rawValue: Int32 {
    switch self {
    case .stream: CSYS_SOCK_STREAM
    case .dgram: CSYS_SOCK_DGRAM
    case .raw: CSYS_SOCK_RAW
    case .seqpacket: CSYS_SOCK_SEQPACKET
    case .other(let number): number
    }
  }

  /// The type of a name as sock and `SOCK_…` spell it: "stream", "SOCK_DGRAM", "raw", "seqpacket".
  public init?(name: String) {
    switch (name.hasPrefix("SOCK_") ? String(name.dropFirst(5)) : name).lowercased() {
    case "stream": self = .stream
    case "dgram": self = .dgram
    case "raw": self = .raw
    case "seqpacket": self = .seqpacket
    default: return nil
    }
  }

  /// Whether one receive gives one message and its end is lost: SOCK_DGRAM and SOCK_RAW.
  public var isDatagram: Bool { self == .dgram || self == .raw }

  /// Whether a receive of no bytes means that the peer has ended: SOCK_STREAM and SOCK_SEQPACKET.
  public var hasEnd: Bool { self == .stream || self == .seqpacket }

  /// The name that `init(name:)` reads, or the number.
  public var description: String {
    switch self {
    case .stream: "stream"
    case .dgram: "dgram"
    case .raw: "raw"
    case .seqpacket: "seqpacket"
    case .other(let number): "\(number)"
    }
  }
}

/// Names and numbers of the protocols above IP: the third argument of socket(2).
///
/// The common ones are built in, because a small Debian has no /etc/protocols; others come from getprotobyname(3).
public enum SocketProtocol {
  private static let common: [(name: String, number: Int32)] = [
    ("ip", 0), ("icmp", 1), ("igmp", 2), ("tcp", 6), ("udp", 17), ("ipv6", 41), ("gre", 47), ("esp", 50), ("ah", 51),
    ("dccp", 33), ("ipv6-icmp", 58), ("icmpv6", 58), ("sctp", 132), ("udplite", 136), ("raw", 255), ("mptcp", 262),
  ]

  /// The number of a protocol, named in any case or written as a decimal number; nil when it is not known.
  public static func number(named name: String) -> Int32? {
    let lowercase = name.lowercased()
    if let found = common.first(where: { $0.name == lowercase }) { return found.number }
    if let number = Int32(name) { return number >= 0 ? number : nil }
    if name.utf8.contains(0) { return nil }
    let number = SystemCall.protocolNumber(lowercase)
    return number >= 0 ? number : nil
  }

  /// The EtherType of a name that packet sockets are made with, in any case, or of its number; `all` is each of them.
  /// Nil when it is not known.
  public static func etherType(named name: String) -> UInt16? {
    switch name.lowercased() {
    case "all": 0x0003
    case "ip", "ipv4": 0x0800
    case "arp": 0x0806
    case "vlan": 0x8100
    case "ipv6": 0x86DD
    default: UInt16(name)
    }
  }

  /// The name of a protocol, nil when it has none.
  public static func name(of number: Int32) -> String? {
    if let found = common.first(where: { $0.number == number }) { return found.name }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, SystemCall.protocolName(number, buffer) else { return nil }
      return String(cString: base)
    }
  }
}

/// Flags of one receive or send: the `MSG_…` of recv(2) and send(2). MSG_DONTWAIT and MSG_NOSIGNAL are always set.
public struct MessageFlags: OptionSet, Sendable {
  /// The bits, as the kernel has them.
  public let rawValue: Int32

  /// The flags with these bits.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// MSG_PEEK: leaves what it gives where it is.
  public static let peek = MessageFlags(rawValue: CSYS_MSG_PEEK)
  /// MSG_OOB: urgent (out-of-band) data.
  public static let outOfBand = MessageFlags(rawValue: CSYS_MSG_OOB)
  /// MSG_DONTROUTE: only to hosts on directly connected networks.
  public static let dontRoute = MessageFlags(rawValue: CSYS_MSG_DONTROUTE)
  /// MSG_MORE: more is coming, so a segment may wait for it.
  public static let more = MessageFlags(rawValue: CSYS_MSG_MORE)
  /// MSG_EOR: ends a record of a seqpacket socket.
  public static let endOfRecord = MessageFlags(rawValue: CSYS_MSG_EOR)
}

/// How a receive, send, read or write that does not block came out.
public enum IOOutcome: Hashable, Sendable {
  /// So many bytes were moved. 0 only for an empty buffer or an empty datagram.
  case done(Int)
  /// Nothing could be moved without waiting (EAGAIN).
  case wouldBlock
  /// The other side has ended in good order; only from a receive or read.
  case end
  /// The call failed otherwise.
  case failed(Errno)

  /// The outcome of a system call's result, which is never an end.
  @inline(__always)
  init(result: Int) {
    if result >= 0 {
      self = .done(result)
    } else if result == -Int(Errno.wouldBlock.rawValue) {
      self = .wouldBlock
    } else {
      self = .failed(Errno(rawValue: Int32(truncatingIfNeeded: 0 &- result)))
    }
  }
}

/// How the start of a connection came out.
public enum ConnectOutcome: Hashable, Sendable {
  /// The connection stands.
  case connected
  /// Wait until the socket is writable, then ask `finishConnect()`.
  case inProgress
  /// A Unix socket whose listener's queue is full gives `.wouldBlock` here, and nothing tells when to try again.
  case failed(Errno)
}

/// How an accept that does not block came out.
public enum AcceptOutcome {
  /// A connection, of which the object is the only owner.
  case connection(Socket)
  /// There is none to accept (EAGAIN).
  case wouldBlock
  /// The process or the system has no descriptor or memory left (EMFILE, ENFILE, ENOBUFS, ENOMEM). The connection
  /// stays in the queue: accept again when something has been closed.
  case descriptorsExhausted(Errno)
  /// The call failed otherwise.
  case failed(Errno)
}

/// Which half of a connection `Socket.shutdown` ends.
public enum ShutdownDirection: Hashable, Sendable {
  /// SHUT_RD, SHUT_WR and SHUT_RDWR.
  case read, write, both

  var rawValue: Int32 {
    switch self {
    case .read: CSYS_SHUT_RD
    case .write: CSYS_SHUT_WR
    case .both: CSYS_SHUT_RDWR
    }
  }
}
