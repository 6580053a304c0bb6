// Options of sockets by their names, with values of Swift's own types.
import CSocketCore
import Glibc

extension SocketOption {
  /// What an option is set to, or was found to be.
  ///
  /// Literals are values: `true`, `65536`, `"lo"`.
  public enum Value: Hashable, Sendable {
    /// Of `Kind.flag`.
    case flag(Bool)
    /// Of `Kind.integer`, in the option's own unit.
    case integer(Int32)
    /// Of `Kind.linger`.
    case linger(Linger)
    /// Of `Kind.time`, to the microsecond, rounded up when it is set; zero is no time-out.
    case time(Duration)
    /// Of `Kind.text`.
    case text(String)
    /// Of `Kind.interface`: its index, 0 for none; see `NetworkInterface`.
    case interface(UInt32)
    /// Of `Kind.bytes` and `Kind.record`, and of any other kind as the kernel has it.
    case bytes([UInt8])
  }

  // MARK: The usual ones

  /// SO_REUSEADDR.
  public static let reuseAddress = so("SO_REUSEADDR", SO_REUSEADDR, .flag)
  /// SO_REUSEPORT.
  public static let reusePort = so("SO_REUSEPORT", SO_REUSEPORT, .flag)
  /// SO_BROADCAST.
  public static let broadcast = so("SO_BROADCAST", SO_BROADCAST, .flag)
  /// SO_KEEPALIVE: TCP asks a silent peer whether it is there.
  public static let keepAlive = so("SO_KEEPALIVE", SO_KEEPALIVE, .flag)
  /// SO_LINGER: what close does with what was not sent yet.
  public static let linger = so("SO_LINGER", SO_LINGER, .linger)
  /// SO_RCVBUF, in bytes. The kernel doubles what it is set to, for its own use, and tells the double.
  public static let receiveBuffer = so("SO_RCVBUF", SO_RCVBUF, .integer)
  /// SO_SNDBUF, in bytes. The kernel doubles what it is set to, for its own use, and tells the double.
  public static let sendBuffer = so("SO_SNDBUF", SO_SNDBUF, .integer)
  /// TCP_NODELAY: what is sent does not wait for the answer to what was sent before.
  public static let noDelay = tcp("TCP_NODELAY", TCP_NODELAY, .flag)
  /// IPV6_V6ONLY: leaves IPv4 to others; to be set before bind.
  public static let onlyIPv6 = ipv6("IPV6_V6ONLY", IPV6_V6ONLY, .flag)
}

extension SocketOption.Value: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// A flag.
  public init(booleanLiteral isOn: Bool) {
    self = .flag(isOn)
  }

  /// An integer.
  public init(integerLiteral number: Int32) {
    self = .integer(number)
  }

  /// A text.
  public init(stringLiteral text: String) {
    self = .text(text)
  }
}

extension Socket {
  /// Sets an option: `try socket.setOption(.receiveBuffer, to: 65536)`.
  ///
  /// - Parameters:
  ///   - option: one of the constants, or of the table.
  ///   - value: of the option's kind; a flag may be an integer and an integer a flag, and bytes are for all.
  /// - Throws: EINVAL for a value of another kind; ENOPROTOOPT where the socket has no such option; see setsockopt(2).
  public func setOption(_ option: SocketOption, to value: SocketOption.Value) throws(SocketError) {
    do throws(Errno) {
      try set(option, value)
    } catch {
      throw .system(error)
    }
  }

  /// Sets an option by its name in the C headers: `try socket.setOption(named: "TCP_KEEPIDLE", to: 30)`.
  ///
  /// - Throws: ENOPROTOOPT also for a name that `SocketOption.allNames` lacks; else as `setOption(_:to:)`.
  public func setOption(named name: String, to value: SocketOption.Value) throws(SocketError) {
    guard let option = SocketOption(named: name) else { throw .system(.noProtocolOption) }
    try setOption(option, to: value)
  }

  /// What an option is set to, in a value of its kind; of a record, of IP_MULTICAST_IF and of what is only bytes, as
  /// bytes, at most `maximumOptionSize`.
  ///
  /// - Throws: ENOPROTOOPT where the socket has no such option; see getsockopt(2).
  public func option(_ option: SocketOption) throws(SocketError) -> SocketOption.Value {
    do throws(Errno) {
      return try value(of: option)
    } catch {
      throw .system(error)
    }
  }

  /// What the option of this name is set to. Throws as `setOption(named:to:)` and `option(_:)` do.
  public func option(named name: String) throws(SocketError) -> SocketOption.Value {
    guard let option = SocketOption(named: name) else { throw .system(.noProtocolOption) }
    return try self.option(option)
  }

  private func set(_ option: SocketOption, _ value: SocketOption.Value) throws(Errno) {
    let (level, name) = (option.level, option.number)
    switch (value, option.kind) {
    case (.flag(let isOn), .flag), (.flag(let isOn), .integer):
      try setOption(level: level, name: name, integer: isOn ? 1 : 0)
    case (.integer(let number), .flag), (.integer(let number), .integer):
      try setOption(level: level, name: name, integer: number)
    case (.linger(let linger), .linger): try setLinger(linger)
    case (.time(let time), .time):
      let (seconds, attoseconds) = time.components
      try setOption(level: level, name: name, seconds: Double(seconds) + Double(attoseconds) / 1e18)
    case (.text(let text), .text): try setOption(level: level, name: name, bytes: Array(text.utf8))
    case (.interface(let index), .interface(let isBigEndian)):
      if option.isMulticastInterface { return try setMulticastInterface(index == 0 ? nil : index) }
      try setOption(option, interface: index, isBigEndian: isBigEndian)
    case (.bytes(let bytes), _): try setOption(level: level, name: name, bytes: bytes)
    default: throw .invalidArgument
    }
  }

  private func value(of option: SocketOption) throws(Errno) -> SocketOption.Value {
    let (level, name) = (option.level, option.number)
    switch option.kind {
    case .flag: return .flag(try integerOption(level: level, name: name) != 0)
    case .integer: return .integer(try integerOption(level: level, name: name))
    case .linger: return .linger(try linger())
    case .time: return .time(.microseconds(Int64((try timeOption(level: level, name: name) * 1e6).rounded())))
    case .text:
      let bytes = try self.option(level: level, name: name)
      return .text(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    case .interface(let isBigEndian) where !option.isMulticastInterface:
      return .interface(try interfaceOption(option, isBigEndian: isBigEndian))
    case .interface, .record, .bytes: return .bytes(try self.option(level: level, name: name))
    }
  }
}

extension SocketOption {
  /// IP_MULTICAST_IF, which is set to one thing and tells another.
  fileprivate var isMulticastInterface: Bool { level == CSYS_IPPROTO_IP && number == IP_MULTICAST_IF }
}
