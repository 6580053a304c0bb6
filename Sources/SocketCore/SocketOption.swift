// Reading and setting of socket options, raw and in their usual types.
import CSocketCore
import Glibc

/// An option of getsockopt(2) and setsockopt(2). `SocketOptionTable.swift` lists those that have names.
public struct SocketOption: Hashable, Sendable {
  /// What the option's value is made of.
  public enum Kind: Hashable, Sendable {
    /// An int that is 0 or 1.
    case flag
    /// An int.
    case integer
    /// A `struct linger`.
    case linger
    /// A `struct timeval`; in `Socket`, seconds.
    case time
    /// Bytes, ending with NUL or by their length.
    case text
    /// The index of a network interface, as an int, in network byte order if so; of IP_MULTICAST_IF a
    /// `struct ip_mreqn`.
    case interface(isBigEndian: Bool)
    /// A structure of numbers with names.
    case record([SocketOptionField])
    /// A structure, as its bytes.
    case bytes
  }

  /// The name as in the C headers, such as "SO_RCVBUF".
  public let name: String
  /// The level of setsockopt(2), as SOL_SOCKET.
  public let level: Int32
  /// The option's number at its level.
  public let number: Int32
  /// What its value is made of.
  public let kind: Kind

  /// An option that the table need not know.
  public init(name: String, level: Int32, number: Int32, kind: Kind) {
    self.name = name
    self.level = level
    self.number = number
    self.kind = kind
  }
}

/// What close(2) does with data that was not sent yet (SO_LINGER).
public struct Linger: Hashable, Sendable {
  /// Whether close waits, or resets, at all.
  public var isOn: Bool
  /// How long close may wait; 0, when on, sends a reset.
  public var seconds: Int32

  /// The `struct linger` of these values.
  public init(isOn: Bool, seconds: Int32) {
    self.isOn = isOn
    self.seconds = seconds
  }
}

extension Socket {
  /// The largest value that `option(level:name:)` asks for unless told otherwise, in bytes.
  public static let maximumOptionSize = 4096

  /// getsockopt(2): the value's bytes, at most `capacity` of them and at most 1 MiB.
  public func option(
    level: Int32, name: Int32, capacity: Int = maximumOptionSize
  ) throws(Errno) -> [UInt8] {
    var length = UInt32(min(max(0, capacity), 1 << 20))
    var error: Errno?
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
      count = 0
      guard let base = buffer.baseAddress else { return }
      error = Errno(result: SystemCall.getsockopt(fileDescriptor, level: level, name: name, base, &length))
      if error == nil { count = min(Int(length), buffer.count) }
    }
    if let error { throw error }
    return bytes
  }

  /// setsockopt(2) with the value's bytes.
  public func setOption(level: Int32, name: Int32, bytes: [UInt8]) throws(Errno) {
    let result = bytes.withUnsafeBytes {
      SystemCall.setsockopt(fileDescriptor, level: level, name: name, $0.baseAddress, UInt32(clamping: $0.count))
    }
    if let error = Errno(result: result) { throw error }
  }

  /// An option that is an int, or a byte, as IP_MULTICAST_TTL once was. Throws EINVAL for one of another size.
  public func integerOption(level: Int32, name: Int32) throws(Errno) -> Int32 {
    let bytes = try option(level: level, name: name, capacity: MemoryLayout<Int32>.size)
    switch bytes.count {
    case 1: return Int32(bytes[0])
    case 4: return bytes.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
    default: throw .invalidArgument
    }
  }

  /// Sets an option that is an int.
  public func setOption(level: Int32, name: Int32, integer: Int32) throws(Errno) {
    try setOption(level: level, name: name, bytes: withUnsafeBytes(of: integer) { Array($0) })
  }

  /// An option that is a `struct timeval`, in seconds; 0 is no time-out.
  public func timeOption(level: Int32, name: Int32) throws(Errno) -> Double {
    let size = MemoryLayout<timeval>.size
    let bytes = try option(level: level, name: name, capacity: size)
    if bytes.count != size { throw .invalidArgument }
    let time = bytes.withUnsafeBytes { $0.loadUnaligned(as: timeval.self) }
    return Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  /// Sets an option that is a `struct timeval` to so many seconds, rounded up to microseconds.
  public func setOption(level: Int32, name: Int32, seconds: Double) throws(Errno) {
    let microseconds = MonotonicClock.nanoseconds(seconds) / 1000
    let rounded = seconds > 0 ? max(1, microseconds) : 0
    let time = timeval(tv_sec: Int(rounded / 1_000_000), tv_usec: Int(rounded % 1_000_000))
    try setOption(level: level, name: name, bytes: withUnsafeBytes(of: time) { Array($0) })
  }

  /// SO_LINGER.
  public func linger() throws(Errno) -> Linger {
    let bytes = try option(level: SOL_SOCKET, name: SO_LINGER, capacity: 8)
    if bytes.count != 8 { throw .invalidArgument }
    return bytes.withUnsafeBytes {
      Linger(
        isOn: $0.loadUnaligned(as: Int32.self) != 0,
        seconds: $0.loadUnaligned(fromByteOffset: 4, as: Int32.self))
    }
  }

  /// SO_LINGER.
  public func setLinger(_ linger: Linger) throws(Errno) {
    let value = (linger.isOn ? Int32(1) : 0, linger.seconds)
    try setOption(level: SOL_SOCKET, name: SO_LINGER, bytes: withUnsafeBytes(of: value) { Array($0) })
  }

  /// An option that is the index of a network interface, 0 for none.
  public func interfaceOption(_ option: SocketOption, isBigEndian: Bool) throws(Errno) -> UInt32 {
    let index = UInt32(bitPattern: try integerOption(level: option.level, name: option.number))
    return isBigEndian ? UInt32(bigEndian: index) : index
  }

  /// Sets an option that is the index of a network interface, 0 for none.
  public func setOption(_ option: SocketOption, interface index: UInt32, isBigEndian: Bool) throws(Errno) {
    let bits = Int32(bitPattern: isBigEndian ? index.bigEndian : index)
    try setOption(level: option.level, name: option.number, integer: bits)
  }

  // The options that constructors of IO::Socket take.

  /// SO_REUSEADDR; to be set before bind.
  public func setReuseAddress(_ on: Bool) throws(Errno) {
    try setOption(level: SOL_SOCKET, name: SO_REUSEADDR, integer: on ? 1 : 0)
  }

  /// SO_REUSEPORT; to be set before bind, by all that share the port.
  public func setReusePort(_ on: Bool) throws(Errno) {
    try setOption(level: SOL_SOCKET, name: SO_REUSEPORT, integer: on ? 1 : 0)
  }

  /// SO_BROADCAST: whether datagrams may go to all of a network.
  public func setBroadcast(_ on: Bool) throws(Errno) {
    try setOption(level: SOL_SOCKET, name: SO_BROADCAST, integer: on ? 1 : 0)
  }

  /// IPV6_V6ONLY; to be set before bind.
  public func setOnlyIPv6(_ on: Bool) throws(Errno) {
    try setOption(level: CSYS_IPPROTO_IPV6, name: IPV6_V6ONLY, integer: on ? 1 : 0)
  }

  /// TCP_NODELAY: what is sent does not wait for the answer to what was sent before. Accepted sockets take it over from
  /// their listener.
  public func setNoDelay(_ on: Bool) throws(Errno) {
    try setOption(level: CSYS_IPPROTO_TCP, name: TCP_NODELAY, integer: on ? 1 : 0)
  }

  /// Whether an IPv6 socket leaves IPv4 to others (IPV6_V6ONLY).
  public var isOnlyIPv6: Bool {
    get throws(Errno) { try integerOption(level: CSYS_IPPROTO_IPV6, name: IPV6_V6ONLY) != 0 }
  }

  /// Whether the socket listens (SO_ACCEPTCONN).
  public var isListening: Bool {
    get throws(Errno) { try integerOption(level: SOL_SOCKET, name: SO_ACCEPTCONN) != 0 }
  }
}
