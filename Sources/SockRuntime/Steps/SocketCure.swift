// Why a socket of some kind cannot be made here, and what would mend it.

import Glibc
import SockLanguage
import SocketCore

enum SocketCure {
  /// A failure to make a socket: with what the system lacks, where the error and the kind of the socket tell.
  static func failure(
    _ what: String, _ error: Errno, _ domain: SocketDomain, _ type: SocketType, _ number: Int32
  ) -> Failure {
    let failure = Failure(what, error)
    let name = SocketProtocol.name(of: number)
    let isEcho = name == "icmp" || name == "icmpv6" || name == "ipv6-icmp"
    switch error.rawValue {
    case EPERM, EACCES:
      if type == .raw || domain == .packet {
        failure.notes.append(
          "help: a \(domain == .packet ? "packet" : "raw") socket wants the capability CAP_NET_RAW: be root, or give it to "
            + "the program with `setcap cap_net_raw+ep FILE`")
        if isEcho, type == .raw {
          failure.notes.append("help: for a ping `socket \(domain) dgram proto \(name ?? "icmp")` may do, which wants no rights")
        }
      } else if isEcho {
        failure.notes.append(
          "help: it is for groups in net.ipv4.ping_group_range, which is \(pingGroups): "
            + "`sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"` lets all")
      }
    case EPROTONOSUPPORT, ESOCKTNOSUPPORT, ENOPROTOOPT, EAFNOSUPPORT:
      switch name {
      case "sctp":
        failure.notes.append("help: this kernel has no SCTP, or has not loaded it: `modprobe sctp`")
      case "mptcp":
        failure.notes.append("help: MPTCP wants Linux 5.6 or later, built with it, and `sysctl net.mptcp.enabled=1`")
      case "dccp":
        failure.notes.append("help: Linux has had no DCCP since 6.16, and Debian none before")
      case let name? where error.rawValue == EPROTONOSUPPORT && type != .raw:
        failure.notes.append(
          "help: \(name) is no protocol of \(type) sockets (\(domain)) here; `socket \(domain) raw` takes any")
      default: break
      }
    default: break
    }
    return failure
  }

  private static var pingGroups: String {
    guard let file = fopen("/proc/sys/net/ipv4/ping_group_range", "r") else { return "not known" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, Int32(line.count), file) != nil else { return "not known" }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let bounds = text.split(whereSeparator: \.isWhitespace)
    let range = bounds.joined(separator: " to ")
    // The kernel's way to say so.
    guard bounds.count == 2, let first = UInt64(bounds[0]), let last = UInt64(bounds[1]), first > last else { return range }
    return "\(range), so for nobody"
  }
}
