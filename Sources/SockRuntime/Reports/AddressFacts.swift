// What is known of an address that could not be reached or had: where it comes from, who listens at its port instead,
// and who was asked for a name.

import Glibc
import SockLanguage
import SocketCore

extension FailureSurroundings {
  var addressFacts: [String] {
    guard concernsAddress else { return [] }
    let origin = ValueOrigin(ofAddress: failure, interpreter)
    var facts = origin.rows.map { "address   \($0)" }
    facts += portFacts
    if let name = failure.unresolved { facts += nameFacts(name) }
    if failure.code == .refused, origin.isFreePort, group.deaths.isEmpty, !hasLivingProgram {
      facts.append("help: `free_port()` only finds a port that nobody uses: a server has to be started on it")
    }
    return facts
  }

  private var concernsAddress: Bool {
    switch failure.code {
    case .refused, .unresolved, .system(.addressInUse), .system(.addressNotAvailable): return true
    case .timeout, .system:
      guard let site = failure.site else { return false }
      return site.file.bytes(in: site.range).starts(with: "connect ".utf8)
    default: return false
    }
  }

  /// Who listens on a port that has refused, at another address of this machine.
  private var portFacts: [String] {
    guard failure.code == .refused else { return [] }
    let socket = failure.channel?.socket
    guard let address = failure.address ?? socket?.peerName, let port = address.port, address.isLoopback else {
      return []
    }
    let isTCP = failure.address != nil || socket?.isTCP == true
    let others = Set(BoundPort.all(port: port, isTCP: isTCP).map(\.address.description)).sorted()
    let does = isTCP ? "listens on" : "has bound udp"
    // What has come since then is no contradiction.
    if others.isEmpty || others.contains(address.description) {
      return ["port      nobody \(does) \(port) of this machine"]
    }
    let owner = PortOwner.find(port: port, isTCP: isTCP).map { owner in
      owner.pid == getpid() ? "this script itself" : "\(Printable.text(owner.command)), process \(owner.pid),"
    }
    let cure = isTCP ? "listened on; `listen *:\(port)`" : "bound; `bind udp:*:\(port)`"
    return [
      "port      \(owner ?? "somebody") \(does) \(others.joined(separator: " and ")), and not \(address)",
      "help: the address has to be the one that is \(cure) is for all of this machine",
    ]
  }

  /// Who was asked for a name, and what usually helps.
  private func nameFacts(_ name: String) -> [String] {
    let setup = ResolverSetup()
    let asked = setup.sources.map { source in
      switch source {
      case "files": return "/etc/hosts"
      case "dns":
        return setup.nameServers.isEmpty
          ? "DNS at 127.0.0.1, as /etc/resolv.conf has no name server"
          : "DNS at \(Printable.text(setup.nameServers.joined(separator: ", "))) (/etc/resolv.conf)"
      default: return "`\(Printable.text(source))`"
      }
    }
    var facts = ["asked     \(asked.joined(separator: ", then ")); in the order of /etc/nsswitch.conf"]
    if failure.isTemporary == true {
      facts.append("help: no name server has answered: the network may be away, and the name be right")
    } else if let near = Suggestion.nearest(name, among: setup.hostNames) {
      facts.append("help: /etc/hosts has `\(Printable.text(near))`")
    } else if let ending = name.split(separator: ".").last?.lowercased(),
      FailureSurroundings.reserved.contains(ending)
    {
      facts.append("help: names that end in `.\(ending)` are reserved by RFC 6761: no name server has any")
    }
    // RFC 1035, section 2.3.4: no name is longer.
    guard name.utf8.count <= 253 else { return facts }
    let line = "127.0.0.1 \(Printable.text(name))"
    facts.append("help: a number is never looked up, as 127.0.0.1; a line `\(line)` in /etc/hosts gives the name one")
    return facts
  }

  private static let reserved: Set<String> = ["invalid", "test", "example", "localhost"]
}

extension SocketAddress {
  fileprivate var isLoopback: Bool {
    guard let host else { return false }
    return host.hasPrefix("127.") || host == "::1"
  }
}
