// Multicast groups, by the calls of RFC 3678, which serve IPv4 and IPv6 alike; and network interfaces.
import CSocketCore
import Glibc

/// The network interfaces of this machine.
public enum NetworkInterface {
  /// The index of an interface by its name, or by its number; nil when there is none.
  public static func index(of name: String) -> UInt32? {
    if name.utf8.contains(0) { return nil }
    let found = SystemCall.interfaceIndex(name)
    if found != 0 { return found }
    return UInt32(name).flatMap { self.name(of: $0) == nil ? nil : $0 }
  }

  /// The name of an interface; nil when there is none of that index.
  public static func name(of index: UInt32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { name in
      guard let base = name.baseAddress, SystemCall.interfaceName(index, base) else { return nil }
      return String(cString: base)
    }
  }

  /// Its first address of IPv4, with port 0; nil when it has none.
  public static func address(of index: UInt32) -> SocketAddress? {
    SystemCall.interfaceAddress(index)?.withUnsafeBytes { SocketAddress(hostBytes: $0, isIPv6: false, port: 0) }
  }
}

extension Socket {
  /// Joins a multicast group, or leaves it (MCAST_JOIN_GROUP and its like; RFC 3678).
  ///
  /// - Parameters:
  ///   - joins: whether it joins, or else leaves.
  ///   - group: its port does not matter.
  ///   - source: only what this host sends is meant, of the same family.
  ///   - interface: its index; 0: where the route to the group leads. Throws ENODEV when there is neither.
  public func setMembership(
    _ joins: Bool, of group: SocketAddress, source: SocketAddress? = nil, interface: UInt32 = 0
  ) throws(Errno) {
    let name =
      source == nil
      ? joins ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP
      : joins ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP
    // A group_req or a group_source_req: the index, filled up to 8 bytes, and one or two `sockaddr_storage`.
    var request = withUnsafeBytes(of: interface) { Array($0) } + [0, 0, 0, 0]
    for address in [group, source].compactMap({ $0 }) {
      let bytes = address.packed
      request += bytes + [UInt8](repeating: 0, count: SocketAddress.maximumSize - bytes.count)
    }
    let level = group.family == .inet6 ? CSYS_IPPROTO_IPV6 : CSYS_IPPROTO_IP
    try setOption(level: level, name: Int32(name), bytes: request)
  }

  /// IP_MULTICAST_IF: from where datagrams to groups of IPv4 leave; nil: where the route leads.
  public func setMulticastInterface(_ index: UInt32?) throws(Errno) {
    // An ip_mreqn: a group, which does not matter, the address that they leave from, and the index.
    let address = index.flatMap { NetworkInterface.address(of: $0) }?.hostBytes ?? [0, 0, 0, 0]
    let bytes = [0, 0, 0, 0] + address + withUnsafeBytes(of: index ?? 0) { Array($0) }
    try setOption(level: CSYS_IPPROTO_IP, name: IP_MULTICAST_IF, bytes: bytes)
  }

  /// IP_MULTICAST_IF, of which the kernel tells the address; 0.0.0.0 for none.
  public func multicastInterface() throws(Errno) -> SocketAddress {
    let bytes = try option(level: CSYS_IPPROTO_IP, name: IP_MULTICAST_IF, capacity: 4)
    if bytes.count != 4 { throw .invalidArgument }
    return bytes.withUnsafeBytes { SocketAddress(hostBytes: $0, isIPv6: false, port: 0) }
  }

  /// IP_MULTICAST_IF by one of the interface's addresses of IPv4.
  public func setMulticastInterface(address: SocketAddress) throws(Errno) {
    let bytes = address.hostBytes ?? []
    if bytes.count != 4 { throw .invalidArgument }
    try setOption(level: CSYS_IPPROTO_IP, name: IP_MULTICAST_IF, bytes: bytes)
  }
}
