// `multicast`: groups that a datagram socket receives for.

import Glibc
import SockLanguage
import SocketCore

extension StepCall {
  func setMulticast() throws(Failure) -> Value? {
    let channel = try channel(orListener: true)
    try channel.requireOpen("multicast")
    guard let socket = channel.socket, socket.type.isDatagram, socket.domain == .inet || socket.domain == .inet6 else {
      throw .type("\(channel.label) is none for groups: those are for datagram sockets of IP, as `bind udp:*:5000`")
    }
    let joins = site.has(.join)
    let group = try host(option(joins ? .join : .leave) ?? .nothing, "a multicast group")
    guard group.isMulticast else {
      throw .range("`\(group.host ?? "")` is no multicast group: those are 224.0.0.0 to 239.255.255.255, and ff00::/8")
    }
    if group.domain == .inet6, socket.domain == .inet {
      throw .type("\(channel.label) is a socket of IPv4, and \(group.host ?? "") is a group of IPv6: `bind udp:[::]:PORT`")
    }
    var source: SocketAddress?
    if let value = option(.source) {
      let address = try host(value, "a source")
      guard address.family == group.family else {
        throw .type("the source \(address.host ?? "") and the group \(group.host ?? "") are of two families")
      }
      source = address
    }
    let interface = try interface(of: group)
    if joins { try permissions.requireListen(on: group.with(port: socket.localName?.port ?? 0)) }
    do throws(Errno) {
      try socket.setMembership(joins, of: group, source: source, interface: interface)
    } catch {
      let failure = Failure("cannot \(joins ? "join" : "leave") \(group.host ?? "")", error)
      failure.channel = channel
      switch error.rawValue {
      case ENODEV where interface == 0:
        failure.notes.append("help: no route leads to the group: say on which interface, as `interface eth0`")
      case EADDRNOTAVAIL where !joins:
        failure.notes.append("help: it was not joined so: `leave` names the interface and the source that `join` had")
      case EADDRINUSE where joins: failure.notes.append("help: the socket has joined it before")
      case ENOBUFS where joins:
        failure.notes.append("help: a socket joins so many groups (sysctl net.ipv4.igmp_max_memberships)")
      default: break
      }
      throw failure
    }
    return .nothing
  }

  /// What `interface` says, or what stands behind the `%` of the group.
  private func interface(of group: SocketAddress) throws(Failure) -> UInt32 {
    if let name = site.text(of: .interface) { return try StepCall.interface(named: name, "`interface \(name)`") }
    switch option(.interface) {
    case nil: return group.interface ?? 0
    case .string(let name)?: return try StepCall.interface(named: name.text, "`interface`")
    case .integer(let number)?: return try StepCall.interface(named: String(number), "`interface`")
    case let other?: throw .type("an interface is a name or a number, not \(other.article)")
    }
  }

  /// The index of a network interface by its name, or its number.
  /// - Parameter place: for messages: where the name stands.
  static func interface(named name: String, _ place: String) throws(Failure) -> UInt32 {
    if let index = NetworkInterface.index(of: name) { return index }
    let missing = Errno(rawValue: ENODEV)
    throw Failure(.system(missing), "\(place): there is no network interface `\(name)`", errno: missing.rawValue)
  }

  /// A host by its number, as a string or an address.
  private func host(_ value: Value, _ what: String) throws(Failure) -> SocketAddress {
    switch value {
    case .address(let address): return address.address
    case .string(let text):
      guard let address = SocketAddress(host: text.text, port: 0) else {
        throw .range("`\(text.text)` is no address; \(what) is written like \"239.1.2.3\" or \"ff02::fb\"")
      }
      return address
    default: throw .type("\(what) is a string like \"239.1.2.3\" or an address, not \(value.article)")
    }
  }
}
