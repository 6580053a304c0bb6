// Addresses as other programs write them: URLs, and paths without `unix:`.

package enum ForeignAddress {
  /// How it is written here; nil: it is neither a URL nor a path.
  /// - Parameter isProxy: it stands behind `through`.
  package static func cure(for text: String, isProxy: Bool = false) -> String? {
    if text.hasPrefix("/"), text.utf8.count > 1 { return "unix:\(text)" }
    guard let mark = text.range(ofFirst: "://") else { return nil }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard !scheme.isEmpty, scheme.utf8.allSatisfy({ Lexer.continuesWord($0) || $0 == 0x2B || $0 == 0x2D }) else {
      return nil
    }
    let rest = text[mark.upperBound...]
    if scheme == "unix" { return rest.isEmpty ? nil : "unix:\(rest)" }
    let (prefix, port) = (isProxy ? proxies[scheme] : known[scheme]) ?? ("", nil)
    var host = rest.prefix { $0 != "/" && $0 != "?" }
    if isProxy { return "\(prefix)\(host)" }
    // `user:password@host`
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    guard !host.isEmpty else { return nil }
    let name = host.hasSuffix("]") ? host[host.startIndex..<host.startIndex] : host
    let hasPort = name.contains(":") && !name.hasSuffix("}") || host.contains("}:") || host.contains("]:")
    return "\(prefix)\(host)\(hasPort ? "" : ":\(port ?? "PORT")")"
  }

  private static let proxies: [String: (prefix: String, port: String?)] = [
    "socks": ("socks5:", nil), "socks5": ("socks5:", nil), "socks5h": ("socks5:", nil), "socks4": ("socks4:", nil),
    "socks4a": ("socks4:", nil), "http": ("http:", nil), "https": ("http:", nil),
  ]

  /// What stands before the host, and the port where none is said.
  private static let known: [String: (prefix: String, port: String?)] = [
    "tcp": ("", nil), "udp": ("udp:", nil), "tls": ("tls:", nil), "ssl": ("tls:", nil), "http": ("", "80"),
    "ws": ("", "80"), "https": ("tls:", "443"), "wss": ("tls:", "443"), "ftp": ("", "21"), "smtp": ("", "25"),
    "redis": ("", "6379"), "amqp": ("", "5672"), "mqtt": ("", "1883"), "ldap": ("", "389"), "imap": ("", "143"),
  ]
}

extension String {
  fileprivate func range(ofFirst part: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }
}
