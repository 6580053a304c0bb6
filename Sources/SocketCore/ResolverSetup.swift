// Whom the C library asks for the addresses of a name, as this machine has it set up. See nsswitch.conf(5), hosts(5) and
// resolv.conf(5).

/// What decides how names are looked up; read when it is made.
public struct ResolverSetup: Hashable, Sendable {
  /// What is asked, in this order, as `files` and `dns`: the line `hosts:` of /etc/nsswitch.conf, without what stands in
  /// brackets. Where that says nothing, the C library's own order.
  public let sources: [String]
  /// The name servers of /etc/resolv.conf, three at most, as the C library takes no more; without any it asks 127.0.0.1.
  public let nameServers: [String]
  /// The names that stand in /etc/hosts.
  public let hostNames: [String]

  /// - Parameter folder: where the three files are.
  public init(in folder: String = "/etc") {
    func lines(_ name: String) -> [[Substring]] {
      (ProcessFiles.text("\(folder)/\(name)") ?? "").split(separator: "\n").map { line in
        line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      }
    }
    var order: [String] = []
    for line in lines("nsswitch.conf") where line.first == "hosts:" {
      var isInBrackets = false
      for word in line.dropFirst() {
        if word.hasPrefix("[") { isInBrackets = true }
        if !isInBrackets { order.append(String(word)) }
        if word.hasSuffix("]") { isInBrackets = false }
      }
    }
    sources = order.isEmpty ? ["files", "dns"] : order
    nameServers = Array(
      lines("resolv.conf").filter { $0.first == "nameserver" && $0.count > 1 }.map { String($0[1]) }.prefix(3))
    hostNames = lines("hosts").flatMap { $0.dropFirst().map(String.init) }
  }
}
