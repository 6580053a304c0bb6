// Addresses of sockets: IPv4, IPv6, Unix-domain, of a link, and any other as its bytes.
import CSocketCore
import Glibc

/// The address of a socket (`struct sockaddr`), as a value.
///
/// Addresses are made from numbers and paths, never by looking up a name: that is `Resolver`'s.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The families that this type tells apart.
  public enum Family: Hashable, Sendable {
    /// IPv4, IPv6, paths and names of this machine, links, and all others.
    case inet, inet6, unix, packet, other
  }

  private enum Storage: Hashable, Sendable {
    /// The address in host byte order.
    case inet(UInt32, port: UInt16)
    /// The address's two halves in host byte order.
    case inet6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32, flow: UInt32)
    /// The path without its final NUL; an abstract name with its leading one; empty for a socket without a name.
    case unix([UInt8])
    /// An interface (0: all), the EtherType, the kind of hardware (ARPHRD_…), how the frame came (PACKET_…), and a
    /// hardware address, which may be empty: `struct sockaddr_ll`, see packet(7).
    case link(interface: UInt32, protocol: UInt16, hardware: UInt16, kind: UInt8, address: [UInt8])
    /// All bytes of the sockaddr, the family first.
    case other([UInt8])
  }

  private let storage: Storage

  private init(_ storage: Storage) {
    self.storage = storage
  }

  /// The longest path, or abstract name with its leading NUL, in bytes: one less than `sun_path` holds.
  public static let maximumPathLength = 107

  /// The room that every address fits into (`struct sockaddr_storage`), in bytes.
  static let maximumSize = 128

  /// No host's number is longer, in bytes: of IPv6 with IPv4 in it (INET6_ADDRSTRLEN), and the name of an interface.
  private static let longestNumber = 46 + 16

  // MARK: Making addresses

  /// The address of a host given by its number: "127.0.0.1", "::1", or "fe80::1%lo" with the name or index of an
  /// interface. Nil for anything else; names are not looked up.
  public init?(host: String, port: UInt16) {
    if host.utf8.count > Self.longestNumber || host.utf8.contains(0) { return nil }
    var inet = in_addr()
    if inet_pton(AF_INET, host, &inet) == 1 {
      self.init(.inet(UInt32(bigEndian: inet.s_addr), port: port))
      return
    }
    let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let number = parts.first else { return nil }
    var scope: UInt32 = 0
    if parts.count == 2 {
      scope = UInt32(parts[1]) ?? SystemCall.interfaceIndex(String(parts[1]))
      if scope == 0 { return nil }
    }
    guard let (high, low) = Self.inet6Halves(String(number)) else { return nil }
    self.init(.inet6(high: high, low: low, port: port, scope: scope, flow: 0))
  }

  private static func inet6Halves(_ text: String) -> (UInt64, UInt64)? {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
      guard let base = buffer.baseAddress, inet_pton(AF_INET6, text, base) == 1 else { return nil }
      return (
        UInt64(bigEndian: base.load(as: UInt64.self)), UInt64(bigEndian: base.load(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// The address of a host given by its bytes in network order, 4 of IPv4 or 16 of IPv6; nil for any other count.
  public init?(hostBytes bytes: [UInt8], port: UInt16) {
    func number(_ part: some Sequence<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: self.init(.inet(UInt32(truncatingIfNeeded: number(bytes)), port: port))
    case 16: self.init(.inet6(high: number(bytes[..<8]), low: number(bytes[8...]), port: port, scope: 0, flow: 0))
    default: return nil
    }
  }

  /// 127.0.0.1, or ::1 for `.inet6`.
  public init(loopbackPort port: UInt16, family: Family = .inet) {
    self.init(
      family == .inet6
        ? .inet6(high: 0, low: 1, port: port, scope: 0, flow: 0) : .inet(0x7f00_0001, port: port))
  }

  /// The wildcard address: `[::]`, which takes IPv4 too unless IPV6_V6ONLY is set, or 0.0.0.0 for `.inet`.
  public static func any(port: UInt16, family: Family = .inet6) -> SocketAddress {
    SocketAddress(
      family == .inet ? .inet(0, port: port) : .inet6(high: 0, low: 0, port: port, scope: 0, flow: 0))
  }

  /// 255.255.255.255, which only a socket with SO_BROADCAST may send to.
  public static func broadcast(port: UInt16) -> SocketAddress {
    SocketAddress(.inet(.max, port: port))
  }

  /// The address of a Unix-domain socket: a path in the file system, or, after a leading "@" or NUL, an abstract name.
  ///
  /// Throws ENAMETOOLONG when it is longer than `maximumPathLength`, EINVAL when it is empty or has a NUL inside.
  public static func unix(path: [UInt8]) throws(Errno) -> SocketAddress {
    guard let first = path.first else { throw .invalidArgument }
    if path.count > maximumPathLength { throw .fileNameTooLong }
    if first == 0 { return SocketAddress(.unix(path)) }
    if first == UInt8(ascii: "@") { return SocketAddress(.unix([0] + path.dropFirst())) }
    if path.contains(0) { throw .invalidArgument }
    return SocketAddress(.unix(path))
  }

  /// The address of a Unix-domain socket, from text: the same, with `.system` errors.
  public static func unix(path: String) throws(SocketError) -> SocketAddress {
    do throws(Errno) {
      return try unix(path: Array(path.utf8))
    } catch {
      throw .system(error)
    }
  }

  /// What a packet socket is bound to, or sends to: an interface by its index, 0 for all; an EtherType, 0 for what the
  /// socket was made with; and of whom one sends to, a hardware address of at most 8 bytes.
  public static func link(
    interface: UInt32, protocol etherType: UInt16 = 0, address: [UInt8] = []
  ) throws(Errno) -> SocketAddress {
    if address.count > 8 { throw .invalidArgument }
    return SocketAddress(.link(interface: interface, protocol: etherType, hardware: 0, kind: 0, address: address))
  }

  /// The address in the bytes of a `sockaddr`, as getsockname(2) gives them; nil when there are too few for the
  /// family that they begin with, or more than a `sockaddr_storage` holds.
  public init?(packed: [UInt8]) {
    let parsed: SocketAddress? = packed.withUnsafeBytes { SocketAddress(kernelBytes: $0) }
    guard let parsed else { return nil }
    self = parsed
  }

  /// The address in the bytes that the kernel gave; nil for no address at all.
  init?(kernelBytes bytes: UnsafeRawBufferPointer) {
    guard 2...Self.maximumSize ~= bytes.count else { return nil }
    switch Int32(bytes.loadUnaligned(as: UInt16.self)) {
    case CSYS_AF_INET:
      if bytes.count < 8 { return nil }
      self.init(.inet(Self.bigEndian(bytes, at: 4), port: Self.bigEndian(bytes, at: 2)))
    case CSYS_AF_INET6:
      if bytes.count < 24 { return nil }
      self.init(
        .inet6(
          high: Self.bigEndian(bytes, at: 8), low: Self.bigEndian(bytes, at: 16), port: Self.bigEndian(bytes, at: 2),
          scope: bytes.count < 28 ? 0 : bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self),
          flow: Self.bigEndian(bytes, at: 4)))
    case CSYS_AF_UNIX:
      let path = bytes.dropFirst(2).prefix(108)  // what sun_path holds
      self.init(.unix(path.first == 0 ? Array(path) : Array(path.prefix { $0 != 0 })))
    case CSYS_AF_PACKET:
      let length = bytes.count < 12 ? 9 : Int(bytes[11])
      if bytes.count < 12 + length || length > 8 {
        self.init(.other(Array(bytes)))
      } else {
        self.init(
          .link(
            interface: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self), protocol: Self.bigEndian(bytes, at: 2),
            hardware: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self), kind: bytes[10],
            address: Array(bytes[12..<12 + length])))
      }
    case CSYS_AF_UNSPEC:
      return nil
    default:
      self.init(.other(Array(bytes)))
    }
  }

  private static func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) -> Number {
    Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }

  /// The address that a system call writes into the buffer it is given, nil when it writes none.
  static func filled(
    by call: (UnsafeMutableRawPointer, inout UInt32) -> Int32
  ) -> Result<SocketAddress?, Errno> {
    var storage = sockaddr_storage()
    var length = UInt32(maximumSize)
    let result = withUnsafeMutablePointer(to: &storage) { call($0, &length) }
    if let error = Errno(result: result) { return .failure(error) }
    return .success(
      withUnsafeBytes(of: &storage) {
        SocketAddress(kernelBytes: UnsafeRawBufferPointer(rebasing: $0.prefix(Int(length))))
      })
  }

  // MARK: Taking addresses apart

  /// The family of the address.
  public var family: Family {
    switch storage {
    case .inet: .inet
    case .inet6: .inet6
    case .unix: .unix
    case .link: .packet
    case .other: .other
    }
  }

  /// The domain of the sockets that such addresses belong to.
  public var domain: SocketDomain {
    switch storage {
    case .inet: .inet
    case .inet6: .inet6
    case .unix: .unix
    case .link: .packet
    case .other(let bytes):
      bytes.withUnsafeBytes { SocketDomain(rawValue: Int32($0.loadUnaligned(as: UInt16.self))) }
    }
  }

  /// The host's number as text, with the interface of a scoped IPv6 address; of a link the hardware address, as
  /// "02:42:ac:11:00:02". Nil for others.
  public var host: String? {
    switch storage {
    case .inet(let address, _):
      return "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    case .inet6(let high, let low, _, let scope, _):
      let number = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
        var halves = (high.bigEndian, low.bigEndian)
        guard let base = text.baseAddress, inet_ntop(AF_INET6, &halves, base, 64) != nil else { return "::" }
        return String(cString: base)
      }
      return scope == 0 ? number : "\(number)%\(Self.interfaceName(scope))"
    case .link(_, _, _, _, let address):
      return address.isEmpty ? nil : Self.shown(hardware: address)
    case .unix, .other:
      return nil
    }
  }

  /// The host's bytes in network order, 4 of IPv4 or 16 of IPv6; nil outside of IP.
  public var hostBytes: [UInt8]? {
    func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }
    switch storage {
    case .inet(let address, _): return bytes(address)
    case .inet6(let high, let low, _, _, _): return bytes(high) + bytes(low)
    case .unix, .link, .other: return nil
    }
  }

  private static func shown(hardware address: [UInt8]) -> String {
    address.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  private static func interfaceName(_ index: UInt32) -> String { NetworkInterface.name(of: index) ?? "\(index)" }

  /// The interface of a link's address by its index, 0 for all; the scope of an IPv6 address. Nil for others.
  public var interface: UInt32? {
    switch storage {
    case .link(let interface, _, _, _, _): interface
    case .inet6(_, _, _, let scope, _): scope == 0 ? nil : scope
    case .inet, .unix, .other: nil
    }
  }

  /// The same link for frames of this EtherType alone; the address itself outside of packet(7).
  public func with(etherType: UInt16) -> SocketAddress {
    guard case .link(let interface, _, let hardware, let kind, let address) = storage else { return self }
    return SocketAddress(
      .link(interface: interface, protocol: etherType, hardware: hardware, kind: kind, address: address))
  }

  /// Of a frame that came on a packet socket: its EtherType, and how it came, as "host", "broadcast", "multicast",
  /// "otherhost" or "outgoing". Nil outside of packet(7).
  public var frame: (etherType: UInt16, kind: String)? {
    guard case .link(_, let etherType, _, let kind, _) = storage else { return nil }
    let kinds = ["host", "broadcast", "multicast", "otherhost", "outgoing"]
    return (etherType, Int(kind) < kinds.count ? kinds[Int(kind)] : "\(kind)")
  }

  /// Whether this is the address of a multicast group: 224.0.0.0 to 239.255.255.255, also as IPv6 shows it, or
  /// ff00::/8.
  public var isMulticast: Bool {
    switch storage {
    case .inet(let address, _): address >> 28 == 0xe
    case .inet6(let high, let low, _, _, _): high >> 56 == 0xff || high == 0 && low >> 28 == 0xffff_e
    case .unix, .link, .other: false
    }
  }

  /// The port; nil outside of IP.
  public var port: UInt16? {
    switch storage {
    case .inet(_, let port), .inet6(_, _, let port, _, _): port
    case .unix, .link, .other: nil
    }
  }

  /// The same host at another port; the address itself outside of IP.
  public func with(port: UInt16) -> SocketAddress {
    switch storage {
    case .inet(let address, _): SocketAddress(.inet(address, port: port))
    case .inet6(let high, let low, _, let scope, let flow):
      SocketAddress(.inet6(high: high, low: low, port: port, scope: scope, flow: flow))
    case .unix, .link, .other: self
    }
  }

  /// The path of a Unix-domain address; an abstract name begins with NUL, an unnamed socket's path is empty. Nil for
  /// other families.
  public var path: [UInt8]? {
    if case .unix(let path) = storage { return path }
    return nil
  }

  /// Whether this is the address that stands for all of the machine's own: 0.0.0.0 or `::`.
  public var isWildcard: Bool {
    switch storage {
    case .inet(let address, _): address == 0
    case .inet6(let high, let low, _, _, _): high == 0 && (low == 0 || low == 0xffff_0000_0000)
    case .unix, .link, .other: false
    }
  }

  /// Whether this is the loopback interface's, or a Unix-domain address.
  public var isLocal: Bool {
    switch storage {
    case .inet(let address, _): address >> 24 == 127
    case .inet6(let high, let low, _, _, _): high == 0 && (low == 1 || low >> 24 == 0xffff_7f)
    case .unix: true
    case .link, .other: false
    }
  }

  /// The address in the bytes of an IP address, of which the family takes 4 or 16.
  init(hostBytes bytes: UnsafeRawBufferPointer, isIPv6: Bool, port: UInt16) {
    self.init(
      isIPv6
        ? .inet6(high: Self.bigEndian(bytes, at: 0), low: Self.bigEndian(bytes, at: 8), port: port, scope: 0, flow: 0)
        : .inet(Self.bigEndian(bytes, at: 0), port: port))
  }

  /// The same addresses in the order in which a client tries them (RFC 8305 section 4): the families by turns, that of
  /// the first one in front, and those of one family in the order that they had.
  public static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
    guard let first = addresses.first else { return [] }
    var own = addresses.filter { $0.domain == first.domain }[...]
    var others = addresses.filter { $0.domain != first.domain }[...]
    var ordered: [SocketAddress] = []
    while !own.isEmpty || !others.isEmpty {
      if let address = own.popFirst() { ordered.append(address) }
      if let address = others.popFirst() { ordered.append(address) }
    }
    return ordered
  }

  /// The bytes of the `sockaddr`, as the kernel takes them.
  public var packed: [UInt8] {
    withRawSockaddr { Array(UnsafeRawBufferPointer(start: $0, count: Int($1))) }
  }

  /// Calls `body` with the `sockaddr` and its length in bytes; the pointer is good until `body` returns.
  public func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result) rethrows -> Result {
    try withRawSockaddr { try body($0.assumingMemoryBound(to: sockaddr.self), $1) }
  }

  func withRawSockaddr<Result>(_ body: (UnsafeRawPointer, UInt32) throws -> Result) rethrows -> Result {
    var bytes = sockaddr_storage()
    var length = 0
    withUnsafeMutableBytes(of: &bytes) { buffer in
      func append(_ number: some FixedWidthInteger & BitwiseCopyable) {
        buffer.storeBytes(of: number, toByteOffset: length, as: type(of: number))
        length += MemoryLayout.size(ofValue: number)
      }
      func append(contentsOf bytes: [UInt8]) {
        buffer[length...].copyBytes(from: bytes)
        length += bytes.count
      }
      switch storage {
      case .inet(let address, let port):
        append(UInt16(CSYS_AF_INET))
        append(port.bigEndian)
        append(address.bigEndian)
        append(UInt64(0))
      case .inet6(let high, let low, let port, let scope, let flow):
        append(UInt16(CSYS_AF_INET6))
        append(port.bigEndian)
        append(flow.bigEndian)
        append(high.bigEndian)
        append(low.bigEndian)
        append(scope)
      case .unix(let path):
        append(UInt16(CSYS_AF_UNIX))
        append(contentsOf: path)
        // A path in the file system ends with NUL, an abstract name by its length.
        if let first = path.first, first != 0 { append(UInt8(0)) }
      case .link(let interface, let etherType, let hardware, let kind, let address):
        append(UInt16(CSYS_AF_PACKET))
        append(etherType.bigEndian)
        append(interface)
        append(hardware)
        append(kind)
        append(UInt8(truncatingIfNeeded: address.count))
        append(contentsOf: address)
        length = 20  // the size of a sockaddr_ll, with addresses of up to 8 bytes
      case .other(let bytes):
        append(contentsOf: bytes)
      }
    }
    return try withUnsafePointer(to: &bytes) { try body($0, UInt32(length)) }
  }

  /// "127.0.0.1:80", "[::1]:80", "unix:/run/x", "unix:@abstract", "packet:eth0/02:42:ac:11:00:02"; control
  /// characters of a path as \xHH.
  public var description: String {
    switch storage {
    case .inet(_, let port): "\(host ?? ""):\(port)"
    case .inet6(_, _, let port, _, _): "[\(host ?? "")]:\(port)"
    case .unix(let path): "unix:" + Self.shown(path)
    case .link(let interface, _, _, _, let address):
      "packet:\(interface == 0 ? "*" : Self.interfaceName(interface))"
        + (address.isEmpty ? "" : "/\(Self.shown(hardware: address))")
    case .other(let bytes): "family \(domain.rawValue), \(bytes.count) bytes"
    }
  }

  /// How a description shows the path of a Unix socket.
  package static func shown(_ path: [UInt8]) -> String {
    var text: [UInt8] = []
    for (index, byte) in path.enumerated() {
      if index == 0, byte == 0 {
        text.append(UInt8(ascii: "@"))
      } else if byte < 0x20 || byte == 0x7f {
        let digits = String(byte, radix: 16)
        text += Array("\\x\(byte < 16 ? "0" : "")\(digits)".utf8)
      } else {
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
