// Hosts and ports as people write them, and connections to them.
import Glibc

/// A host and a port as they are written in configurations and on command lines: "example.org:80", "127.0.0.1:0",
/// "[::1]:http".
///
/// ```swift
/// HostPort("example.org:https")              // host "example.org", service "https"
/// HostPort("example.org", defaultPort: 443)  // service "443"
/// HostPort("::1:80")                         // nil: which colon?
/// ```
public struct HostPort: Hashable, Sendable, LosslessStringConvertible {
  /// A name or a number, without brackets; never empty.
  public let host: String
  /// A port's number, 0 to 65535, or the name of a service, such as "http"; never empty.
  public let service: String

  /// The host and the port in `text`; nil where it is not of this form, has no port, or one above 65535. Nothing is
  /// looked up.
  public init?(_ text: String) {
    self.init(text, orPort: nil)
  }

  /// The host and the port in `text`, which may leave out the port; an IPv6 address without one needs no brackets.
  /// Nil where it is not of this form.
  public init?(_ text: String, defaultPort: UInt16) {
    self.init(text, orPort: defaultPort)
  }

  private init?(_ text: String, orPort port: UInt16?) {
    let colon: UInt8 = 0x3a
    let isAddress = text.utf8.contains(colon) && SocketAddress(host: text, port: 0) != nil
    if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
      let host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      // Brackets are for the colons of IPv6.
      guard host.utf8.contains(colon), SocketAddress(host: String(host), port: 0) != nil else { return nil }
      guard let service = Self.service(after: rest, port) else { return nil }
      self.init(host: String(host), service: service)
    } else if isAddress {
      guard let port else { return nil }
      self.init(host: text, service: String(port))
    } else {
      let end = text.utf8.firstIndex(of: colon) ?? text.endIndex
      guard let service = Self.service(after: text[end...], port) else { return nil }
      self.init(host: String(text[..<end]), service: service)
    }
  }

  /// What stands behind the host: nothing, or a colon and the service.
  private static func service(after rest: Substring, _ port: UInt16?) -> String? {
    if rest.isEmpty { return port.map { String($0) } }
    return rest.hasPrefix(":") ? String(rest.dropFirst()) : nil
  }

  /// Nil for an empty host or service, one with a blank, a control character, or what the form is made of in it, and a
  /// number that is no port.
  private init?(host: String, service: String) {
    func isWord(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == 0x7f } }
    guard isWord(host), !host.contains(where: { "[]".contains($0) }) else { return nil }
    guard isWord(service), !service.contains(where: { "[]:".contains($0) }) else { return nil }
    if service.hasPrefix("-") || service.hasPrefix("+") { return nil }
    if service.utf8.allSatisfy({ (0x30...0x39).contains($0) }), UInt16(service) == nil { return nil }
    self.host = host
    self.service = service
  }

  /// The same in text, with brackets around an IPv6 address: what `init(_:)` reads.
  public var description: String { host.utf8.contains(0x3a) ? "[\(host)]:\(service)" : "\(host):\(service)" }
}

extension Resolver {
  /// Like `resolve(host:port:family:type:)`, on a helper thread, for which this one waits until `deadline`. The look-up
  /// goes on behind a time-out, and its answer is dropped. A numeric address needs no thread.
  public static func resolve(
    host: String, port: UInt16, family: SocketDomain? = nil, type: SocketType = .stream, within deadline: Deadline
  ) throws(SocketError) -> [SocketAddress] {
    if let address = SocketAddress(host: host, port: port), family == nil || family == address.domain {
      return [address]
    }
    let answer: Awaited<[SocketAddress]>
    do throws(Errno) {
      answer = Awaited(try WakeEvent())
    } catch {
      throw .system(error)
    }
    start(host: host, port: port, family: family, type: type) { answer.fill($0) }
    return try answer.value(within: deadline)
  }
}

extension Socket {
  // MARK: Connecting to names

  /// A socket connected to a host, whose name is looked up: to the first of its addresses that accepts, the families by
  /// turns (RFC 8305 without its head starts). The one deadline is for the look-up and all attempts.
  ///
  /// - Parameters:
  ///   - host: a name, or a number of IPv4 or IPv6 without brackets.
  ///   - port: 1 to 65535.
  ///   - family: `.inet` or `.inet6`; nil for both, or for that of `local`.
  ///   - type: `.stream`, or `.dgram` for a socket that sends to and hears that address alone.
  ///   - local: what the socket is bound to, of that family; nil: what the kernel chooses.
  ///   - deadline: until when a connection has to stand.
  /// - Throws: `.resolution` for a name without an address; what `connected(toFirstOf:)` throws; `.timeout`.
  public static func connected(
    toHost host: String, port: UInt16, family: SocketDomain? = nil, type: SocketType = .stream,
    from local: SocketAddress? = nil, within deadline: Deadline = .never
  ) throws(SocketError) -> sending Socket {
    let addresses = try Resolver.resolve(
      host: host, port: port, family: family ?? local?.domain, type: type, within: deadline)
    return try connected(
      toFirstOf: SocketAddress.interleaved(addresses), type: type, from: local, within: deadline)
  }

  /// A socket connected to a host and a port or service (IO::Socket's `PeerAddr`). A service's port is looked up in
  /// /etc/services, which does not count as waiting.
  ///
  /// - Throws: as `connected(toHost:port:)`; `.resolution` also for a service that is not known.
  public static func connected(
    to target: HostPort, family: SocketDomain? = nil, type: SocketType = .stream, from local: SocketAddress? = nil,
    within deadline: Deadline = .never
  ) throws(SocketError) -> sending Socket {
    let port: UInt16
    do throws(ResolveError) {
      port = try Resolver.port(ofService: target.service, type: type)
    } catch {
      throw .resolution(error.reason)
    }
    return try connected(
      toHost: target.host, port: port, family: family, type: type, from: local, within: deadline)
  }

  /// A socket connected to what `text` names, which is read as `HostPort` is: "example.org:80".
  ///
  /// - Throws: EINVAL for a text that is no host and port; else as `connected(to:)` with a `HostPort`.
  public static func connected(
    to text: String, family: SocketDomain? = nil, type: SocketType = .stream, from local: SocketAddress? = nil,
    within deadline: Deadline = .never
  ) throws(SocketError) -> sending Socket {
    guard let target = HostPort(text) else { throw .system(.invalidArgument) }
    return try connected(to: target, family: family, type: type, from: local, within: deadline)
  }
}
