// The options that sockets have on Linux, by the names of the C headers.
import CSocketCore
import Glibc

extension SocketOption {
  /// The option of a name such as "SO_RCVBUF" or "TCP_NODELAY"; nil when there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// All names, level by level.
  public static var allNames: [String] { all.map(\.name) }

  /// The level of a name: "SOL_SOCKET", "IPPROTO_TCP", "SOL_UDP", or a protocol's ("tcp"); or of its number.
  public static func level(named name: String) -> Int32? {
    if let number = Int32(name) { return number }
    let uppercase = name.uppercased()
    if uppercase == "SOL_SOCKET" || uppercase == "SOCKET" { return SOL_SOCKET }
    for prefix in ["IPPROTO_", "SOL_"] where uppercase.hasPrefix(prefix) {
      return SocketProtocol.number(named: String(name.dropFirst(prefix.count)))
    }
    return SocketProtocol.number(named: name)
  }

  static func so(_ name: String, _ number: Int32, _ kind: Kind) -> SocketOption {
    SocketOption(name: name, level: SOL_SOCKET, number: number, kind: kind)
  }

  static func tcp(_ name: String, _ number: Int32, _ kind: Kind) -> SocketOption {
    SocketOption(name: name, level: CSYS_IPPROTO_TCP, number: number, kind: kind)
  }

  private static func udp(_ name: String, _ number: Int32, _ kind: Kind) -> SocketOption {
    SocketOption(name: name, level: CSYS_IPPROTO_UDP, number: number, kind: kind)
  }

  private static func ip(_ name: String, _ number: Int32, _ kind: Kind) -> SocketOption {
    SocketOption(name: name, level: CSYS_IPPROTO_IP, number: number, kind: kind)
  }

  static func ipv6(_ name: String, _ number: Int32, _ kind: Kind) -> SocketOption {
    SocketOption(name: name, level: CSYS_IPPROTO_IPV6, number: number, kind: kind)
  }

  private static func mptcp(_ name: String, _ number: Int32, _ kind: Kind) -> SocketOption {
    SocketOption(name: name, level: 284, number: number, kind: kind)  // SOL_MPTCP
  }

  private static let all: [SocketOption] = socketLevel + tcpLevel + mptcpLevel + udpLevel + ipLevel + ipv6Level

  /// Whether setting it joins a multicast group, or an anycast address, by whatever name or number it is known.
  public var joins: Bool {
    let both = [MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP].map { Int32($0) }
    switch level {
    case CSYS_IPPROTO_IP: return (both + [IP_ADD_MEMBERSHIP, IP_ADD_SOURCE_MEMBERSHIP]).contains(number)
    case CSYS_IPPROTO_IPV6: return (both + [IPV6_JOIN_GROUP, IPV6_JOIN_ANYCAST]).contains(number)
    default: return false
    }
  }

  /// Whether the kernel tells more with each datagram when the option is set.
  public var tellsArrivals: Bool {
    switch name {
    case "SO_TIMESTAMP", "SO_TIMESTAMPNS", "SO_RXQ_OVFL", "IP_PKTINFO", "IP_RECVTTL", "IP_RECVTOS", "IPV6_RECVPKTINFO",
      "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS":
      true
    default: false
    }
  }

  // socket(7)
  private static let socketLevel: [SocketOption] = [
    so("SO_ACCEPTCONN", SO_ACCEPTCONN, .flag),
    so("SO_ATTACH_BPF", SO_ATTACH_BPF, .integer),
    so("SO_ATTACH_FILTER", SO_ATTACH_FILTER, .bytes),
    so("SO_ATTACH_REUSEPORT_CBPF", SO_ATTACH_REUSEPORT_CBPF, .bytes),
    so("SO_ATTACH_REUSEPORT_EBPF", SO_ATTACH_REUSEPORT_EBPF, .integer),
    so("SO_BINDTODEVICE", SO_BINDTODEVICE, .text),
    so("SO_BINDTOIFINDEX", SO_BINDTOIFINDEX, .integer),
    so("SO_BPF_EXTENSIONS", SO_BPF_EXTENSIONS, .integer),
    so("SO_BROADCAST", SO_BROADCAST, .flag),
    so("SO_BSDCOMPAT", SO_BSDCOMPAT, .flag),
    so("SO_BUF_LOCK", 72, .integer),
    so("SO_BUSY_POLL", SO_BUSY_POLL, .integer),
    so("SO_BUSY_POLL_BUDGET", 70, .integer),
    so("SO_CNX_ADVICE", SO_CNX_ADVICE, .integer),
    so("SO_COOKIE", SO_COOKIE, .bytes),
    so("SO_DEBUG", SO_DEBUG, .flag),
    so("SO_DETACH_BPF", SO_DETACH_BPF, .integer),
    so("SO_DETACH_FILTER", SO_DETACH_FILTER, .integer),
    so("SO_DETACH_REUSEPORT_BPF", SO_DETACH_REUSEPORT_BPF, .integer),
    so("SO_DOMAIN", SO_DOMAIN, .integer),
    so("SO_DONTROUTE", SO_DONTROUTE, .flag),
    so("SO_ERROR", SO_ERROR, .integer),
    so("SO_INCOMING_CPU", SO_INCOMING_CPU, .integer),
    so("SO_INCOMING_NAPI_ID", SO_INCOMING_NAPI_ID, .integer),
    so("SO_KEEPALIVE", SO_KEEPALIVE, .flag),
    so("SO_LINGER", SO_LINGER, .linger),
    so("SO_LOCK_FILTER", SO_LOCK_FILTER, .flag),
    so("SO_MARK", SO_MARK, .integer),
    so("SO_MAX_PACING_RATE", SO_MAX_PACING_RATE, .integer),
    so("SO_MEMINFO", SO_MEMINFO, .record(SocketOptionField.memory)),
    so("SO_NETNS_COOKIE", 71, .bytes),
    so("SO_NOFCS", SO_NOFCS, .flag),
    so("SO_NO_CHECK", SO_NO_CHECK, .flag),
    so("SO_OOBINLINE", SO_OOBINLINE, .flag),
    so("SO_PASSCRED", SO_PASSCRED, .flag),
    so("SO_PASSSEC", SO_PASSSEC, .flag),
    so("SO_PEEK_OFF", SO_PEEK_OFF, .integer),
    so("SO_PEERCRED", SO_PEERCRED, .bytes),
    so("SO_PEERGROUPS", SO_PEERGROUPS, .bytes),
    so("SO_PEERNAME", SO_PEERNAME, .bytes),
    so("SO_PEERSEC", SO_PEERSEC, .text),
    so("SO_PREFER_BUSY_POLL", 69, .flag),
    so("SO_PRIORITY", SO_PRIORITY, .integer),
    so("SO_PROTOCOL", SO_PROTOCOL, .integer),
    so("SO_RCVBUF", SO_RCVBUF, .integer),
    so("SO_RCVBUFFORCE", SO_RCVBUFFORCE, .integer),
    so("SO_RCVLOWAT", SO_RCVLOWAT, .integer),
    so("SO_RCVTIMEO", SO_RCVTIMEO, .time),
    so("SO_RESERVE_MEM", 73, .integer),
    so("SO_REUSEADDR", SO_REUSEADDR, .flag),
    so("SO_REUSEPORT", SO_REUSEPORT, .flag),
    so("SO_RXQ_OVFL", SO_RXQ_OVFL, .flag),
    so("SO_SELECT_ERR_QUEUE", SO_SELECT_ERR_QUEUE, .flag),
    so("SO_SNDBUF", SO_SNDBUF, .integer),
    so("SO_SNDBUFFORCE", SO_SNDBUFFORCE, .integer),
    so("SO_SNDLOWAT", SO_SNDLOWAT, .integer),
    so("SO_SNDTIMEO", SO_SNDTIMEO, .time),
    so("SO_TIMESTAMP", SO_TIMESTAMP, .flag),
    so("SO_TIMESTAMPING", SO_TIMESTAMPING, .integer),
    so("SO_TIMESTAMPNS", SO_TIMESTAMPNS, .flag),
    so("SO_TXREHASH", 74, .flag),
    so("SO_TXTIME", SO_TXTIME, .bytes),
    so("SO_TYPE", SO_TYPE, .integer),
    so("SO_WIFI_STATUS", SO_WIFI_STATUS, .flag),
    so("SO_ZEROCOPY", SO_ZEROCOPY, .flag),
  ]

  // tcp(7)
  private static let tcpLevel: [SocketOption] = [
    tcp("TCP_CC_INFO", TCP_CC_INFO, .bytes),
    tcp("TCP_CONGESTION", TCP_CONGESTION, .text),
    tcp("TCP_CORK", TCP_CORK, .flag),
    tcp("TCP_DEFER_ACCEPT", TCP_DEFER_ACCEPT, .integer),
    tcp("TCP_FASTOPEN", TCP_FASTOPEN, .integer),
    tcp("TCP_FASTOPEN_CONNECT", TCP_FASTOPEN_CONNECT, .flag),
    tcp("TCP_FASTOPEN_KEY", TCP_FASTOPEN_KEY, .bytes),
    tcp("TCP_FASTOPEN_NO_COOKIE", TCP_FASTOPEN_NO_COOKIE, .flag),
    tcp("TCP_INFO", TCP_INFO, .record(SocketOptionField.tcp)),
    tcp("TCP_INQ", TCP_INQ, .flag),
    tcp("TCP_KEEPCNT", TCP_KEEPCNT, .integer),
    tcp("TCP_KEEPIDLE", TCP_KEEPIDLE, .integer),
    tcp("TCP_KEEPINTVL", TCP_KEEPINTVL, .integer),
    tcp("TCP_LINGER2", TCP_LINGER2, .integer),
    tcp("TCP_MAXSEG", TCP_MAXSEG, .integer),
    tcp("TCP_MD5SIG", TCP_MD5SIG, .bytes),
    tcp("TCP_MD5SIG_EXT", TCP_MD5SIG_EXT, .bytes),
    tcp("TCP_NODELAY", TCP_NODELAY, .flag),
    tcp("TCP_NOTSENT_LOWAT", TCP_NOTSENT_LOWAT, .integer),
    tcp("TCP_QUEUE_SEQ", TCP_QUEUE_SEQ, .integer),
    tcp("TCP_QUICKACK", TCP_QUICKACK, .flag),
    tcp("TCP_REPAIR", TCP_REPAIR, .integer),
    tcp("TCP_REPAIR_OPTIONS", TCP_REPAIR_OPTIONS, .bytes),
    tcp("TCP_REPAIR_QUEUE", TCP_REPAIR_QUEUE, .integer),
    tcp("TCP_REPAIR_WINDOW", TCP_REPAIR_WINDOW, .bytes),
    tcp("TCP_SAVED_SYN", TCP_SAVED_SYN, .bytes),
    tcp("TCP_SAVE_SYN", TCP_SAVE_SYN, .flag),
    tcp("TCP_SYNCNT", TCP_SYNCNT, .integer),
    tcp("TCP_THIN_DUPACK", TCP_THIN_DUPACK, .flag),
    tcp("TCP_THIN_LINEAR_TIMEOUTS", TCP_THIN_LINEAR_TIMEOUTS, .flag),
    tcp("TCP_TIMESTAMP", TCP_TIMESTAMP, .integer),
    tcp("TCP_TX_DELAY", TCP_TX_DELAY, .integer),
    tcp("TCP_ULP", TCP_ULP, .text),
    tcp("TCP_USER_TIMEOUT", TCP_USER_TIMEOUT, .integer),
    tcp("TCP_WINDOW_CLAMP", TCP_WINDOW_CLAMP, .integer),
    tcp("TCP_ZEROCOPY_RECEIVE", TCP_ZEROCOPY_RECEIVE, .bytes),
  ]

  // linux/mptcp.h
  private static let mptcpLevel: [SocketOption] = [
    mptcp("MPTCP_INFO", 1, .record(SocketOptionField.mptcp))
  ]

  // udp(7)
  private static let udpLevel: [SocketOption] = [
    udp("UDP_CORK", UDP_CORK, .flag),
    udp("UDP_ENCAP", UDP_ENCAP, .integer),
    udp("UDP_GRO", UDP_GRO, .flag),
    udp("UDP_NO_CHECK6_RX", UDP_NO_CHECK6_RX, .flag),
    udp("UDP_NO_CHECK6_TX", UDP_NO_CHECK6_TX, .flag),
    udp("UDP_SEGMENT", UDP_SEGMENT, .integer),
  ]

  // ip(7)
  private static let ipLevel: [SocketOption] = [
    ip("IP_ADD_MEMBERSHIP", IP_ADD_MEMBERSHIP, .bytes),
    ip("IP_ADD_SOURCE_MEMBERSHIP", IP_ADD_SOURCE_MEMBERSHIP, .bytes),
    ip("IP_BIND_ADDRESS_NO_PORT", IP_BIND_ADDRESS_NO_PORT, .flag),
    ip("IP_BLOCK_SOURCE", IP_BLOCK_SOURCE, .bytes),
    ip("IP_CHECKSUM", IP_CHECKSUM, .flag),
    ip("IP_DROP_MEMBERSHIP", IP_DROP_MEMBERSHIP, .bytes),
    ip("IP_DROP_SOURCE_MEMBERSHIP", IP_DROP_SOURCE_MEMBERSHIP, .bytes),
    ip("IP_FREEBIND", IP_FREEBIND, .flag),
    ip("IP_HDRINCL", IP_HDRINCL, .flag),
    ip("IP_MINTTL", IP_MINTTL, .integer),
    ip("IP_MSFILTER", IP_MSFILTER, .bytes),
    ip("IP_MTU", IP_MTU, .integer),
    ip("IP_MTU_DISCOVER", IP_MTU_DISCOVER, .integer),
    ip("IP_MULTICAST_ALL", IP_MULTICAST_ALL, .flag),
    ip("IP_MULTICAST_IF", IP_MULTICAST_IF, .interface(isBigEndian: false)),
    ip("IP_MULTICAST_LOOP", IP_MULTICAST_LOOP, .flag),
    ip("IP_MULTICAST_TTL", IP_MULTICAST_TTL, .integer),
    ip("IP_NODEFRAG", IP_NODEFRAG, .flag),
    ip("IP_OPTIONS", IP_OPTIONS, .bytes),
    ip("IP_PASSSEC", IP_PASSSEC, .flag),
    ip("IP_PKTINFO", IP_PKTINFO, .flag),
    ip("IP_RECVERR", IP_RECVERR, .flag),
    ip("IP_RECVERR_RFC4884", IP_RECVERR_RFC4884, .flag),
    ip("IP_RECVFRAGSIZE", IP_RECVFRAGSIZE, .flag),
    ip("IP_RECVOPTS", IP_RECVOPTS, .flag),
    ip("IP_RECVORIGDSTADDR", IP_RECVORIGDSTADDR, .flag),
    ip("IP_RECVTOS", IP_RECVTOS, .flag),
    ip("IP_RECVTTL", IP_RECVTTL, .flag),
    ip("IP_RETOPTS", IP_RETOPTS, .flag),
    ip("IP_ROUTER_ALERT", IP_ROUTER_ALERT, .flag),
    ip("IP_TOS", IP_TOS, .integer),
    ip("IP_TRANSPARENT", IP_TRANSPARENT, .flag),
    ip("IP_TTL", IP_TTL, .integer),
    ip("IP_UNBLOCK_SOURCE", IP_UNBLOCK_SOURCE, .bytes),
    ip("IP_UNICAST_IF", IP_UNICAST_IF, .interface(isBigEndian: true)),
  ]

  // ipv6(7)
  private static let ipv6Level: [SocketOption] = [
    ipv6("IPV6_ADDRFORM", IPV6_ADDRFORM, .integer),
    ipv6("IPV6_ADDR_PREFERENCES", IPV6_ADDR_PREFERENCES, .integer),
    ipv6("IPV6_ADD_MEMBERSHIP", IPV6_JOIN_GROUP, .bytes),
    ipv6("IPV6_AUTOFLOWLABEL", IPV6_AUTOFLOWLABEL, .flag),
    ipv6("IPV6_CHECKSUM", IPV6_CHECKSUM, .integer),
    ipv6("IPV6_DONTFRAG", IPV6_DONTFRAG, .flag),
    ipv6("IPV6_DROP_MEMBERSHIP", IPV6_LEAVE_GROUP, .bytes),
    ipv6("IPV6_DSTOPTS", IPV6_DSTOPTS, .bytes),
    ipv6("IPV6_FREEBIND", IPV6_FREEBIND, .flag),
    ipv6("IPV6_HDRINCL", IPV6_HDRINCL, .flag),
    ipv6("IPV6_HOPOPTS", IPV6_HOPOPTS, .bytes),
    ipv6("IPV6_JOIN_ANYCAST", IPV6_JOIN_ANYCAST, .bytes),
    ipv6("IPV6_JOIN_GROUP", IPV6_JOIN_GROUP, .bytes),
    ipv6("IPV6_LEAVE_ANYCAST", IPV6_LEAVE_ANYCAST, .bytes),
    ipv6("IPV6_LEAVE_GROUP", IPV6_LEAVE_GROUP, .bytes),
    ipv6("IPV6_MINHOPCOUNT", IPV6_MINHOPCOUNT, .integer),
    ipv6("IPV6_MTU", IPV6_MTU, .integer),
    ipv6("IPV6_MTU_DISCOVER", IPV6_MTU_DISCOVER, .integer),
    ipv6("IPV6_MULTICAST_ALL", IPV6_MULTICAST_ALL, .flag),
    ipv6("IPV6_MULTICAST_HOPS", IPV6_MULTICAST_HOPS, .integer),
    ipv6("IPV6_MULTICAST_IF", IPV6_MULTICAST_IF, .interface(isBigEndian: false)),
    ipv6("IPV6_MULTICAST_LOOP", IPV6_MULTICAST_LOOP, .flag),
    ipv6("IPV6_NEXTHOP", IPV6_NEXTHOP, .bytes),
    ipv6("IPV6_PATHMTU", IPV6_PATHMTU, .bytes),
    ipv6("IPV6_PKTINFO", IPV6_PKTINFO, .bytes),
    ipv6("IPV6_RECVDSTOPTS", IPV6_RECVDSTOPTS, .flag),
    ipv6("IPV6_RECVERR", IPV6_RECVERR, .flag),
    ipv6("IPV6_RECVERR_RFC4884", IPV6_RECVERR_RFC4884, .flag),
    ipv6("IPV6_RECVFRAGSIZE", IPV6_RECVFRAGSIZE, .flag),
    ipv6("IPV6_RECVHOPLIMIT", IPV6_RECVHOPLIMIT, .flag),
    ipv6("IPV6_RECVHOPOPTS", IPV6_RECVHOPOPTS, .flag),
    ipv6("IPV6_RECVORIGDSTADDR", IPV6_RECVORIGDSTADDR, .flag),
    ipv6("IPV6_RECVPATHMTU", IPV6_RECVPATHMTU, .flag),
    ipv6("IPV6_RECVPKTINFO", IPV6_RECVPKTINFO, .flag),
    ipv6("IPV6_RECVRTHDR", IPV6_RECVRTHDR, .flag),
    ipv6("IPV6_RECVTCLASS", IPV6_RECVTCLASS, .flag),
    ipv6("IPV6_ROUTER_ALERT", IPV6_ROUTER_ALERT, .integer),
    ipv6("IPV6_ROUTER_ALERT_ISOLATE", IPV6_ROUTER_ALERT_ISOLATE, .flag),
    ipv6("IPV6_RTHDR", IPV6_RTHDR, .bytes),
    ipv6("IPV6_TCLASS", IPV6_TCLASS, .integer),
    ipv6("IPV6_TRANSPARENT", IPV6_TRANSPARENT, .flag),
    ipv6("IPV6_UNICAST_HOPS", IPV6_UNICAST_HOPS, .integer),
    ipv6("IPV6_UNICAST_IF", IPV6_UNICAST_IF, .interface(isBigEndian: true)),
    ipv6("IPV6_V6ONLY", IPV6_V6ONLY, .flag),
  ]
}
