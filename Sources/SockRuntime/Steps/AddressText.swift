// Addresses as scripts write them: `localhost:25`, `[::1]:0`, `*:3333`, `udp:127.0.0.1:53`, `unix:/run/x.sock`,
// `packet:eth0`, 8080.

import Glibc
import SockLanguage
import SocketCore

/// What a script wrote, taken apart and not looked up yet.
struct AddressText {
  enum Scheme: String { case tcp, udp, unix, tls, packet }
  enum Place {
    case host(String, port: String)
    /// `*`: every interface.
    case any(port: String)
    case path([UInt8])
    case known(SocketAddress)
  }
  /// Nil: not said.
  let scheme: Scheme?
  let place: Place
  /// As written, for messages.
  let text: String

  /// - Parameter isPortless: the socket's addresses have none, and a host alone will do.
  init(_ value: Value, port: Value? = nil, isPortless: Bool = false) throws(Failure) {
    if isPortless, port == nil, case .string(let string) = value, AddressText.isHostAlone(string.text) {
      self = try AddressText(host: string.text, port: "0")
      return
    }
    if let port {
      guard case .string(let host) = value else {
        throw .type("a host is a string, not \(value.article)")
      }
      let number: String
      switch port {
      case .integer(let value): number = String(value)
      case .string(let name): number = name.text
      default: throw .type("a port is an integer or a service's name, not \(port.article)")
      }
      self = try AddressText(host: host.text, port: number)
      return
    }
    switch value {
    case .integer(let port):
      self = try AddressText(host: "127.0.0.1", port: String(port))
    case .string(let string):
      self = try AddressText(parsing: string)
    case .address(let address):
      scheme = nil
      place = .known(address.address)
      text = address.address.description
    case .list(let list) where list.items.count == 2:
      self = try AddressText(list.items[0], port: list.items[1])
    case .channel(let channel):
      if channel.kind == .listener, !channel.isClosed, let name = channel.socket?.localName {
        scheme = nil
        place = .known(name)
        text = name.description
        return
      }
      throw .type("an address is meant, not a channel; write `\(channel.label).sockname`")
    default:
      throw .type("an address is a port, a text like \"localhost:25\" or an address value, not \(value.article)")
    }
  }

  /// A name, or an address of IP by its number.
  private static func isHostAlone(_ text: String) -> Bool {
    !text.isEmpty && (!text.contains(":") || SocketAddress(host: text, port: 0) != nil)
  }

  private init(scheme: Scheme? = nil, host: String, port: String) throws(Failure) {
    if port.isEmpty || port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) || port.hasPrefix("-") {
      guard UInt16(port) != nil else {
        throw .range("`\(port)` is no port; ports are 0 to 65535")
      }
    }
    if let interface = AddressText.unknownInterface(host) {
      let missing = Errno(rawValue: ENODEV)
      throw Failure(
        .system(missing), "`\(host)`: there is no network interface `\(interface)`", errno: missing.rawValue)
    }
    self.scheme = scheme
    text = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    place = host == "*" ? .any(port: port) : .host(host, port: port)
  }

  /// The name behind the `%` of an IPv6 address, where this machine has no such interface.
  private static func unknownInterface(_ host: String) -> Substring? {
    let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, SocketAddress(host: String(parts[0]), port: 0)?.family == .inet6,
      SocketAddress(host: host, port: 0) == nil
    else { return nil }
    return parts[1]
  }

  private init(parsing string: ByteString) throws(Failure) {
    let whole = string.text
    if let address = ForeignAddress.cure(for: whole) {
      throw Failure(.parse, "`\(whole)` is no address; write `\(address)`")
    }
    var rest = Substring(whole)
    var scheme: Scheme?
    for known in [Scheme.tcp, .udp, .unix, .tls, .packet] where rest.hasPrefix(known.rawValue + ":") {
      scheme = known
      rest = rest.dropFirst(known.rawValue.utf8.count + 1)
      break
    }
    if scheme == .unix {
      let path = Array(string.bytes.dropFirst(5))
      guard !path.isEmpty else { throw Failure(.parse, "`unix:` needs a path after the colon") }
      self.scheme = scheme
      place = .path(path)
      text = whole
      return
    }
    if scheme == .packet {
      self.scheme = scheme
      place = .known(try AddressText.link(String(rest), whole))
      text = whole
      return
    }
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { throw Failure(.parse, "`\(whole)`: the `[` has no `]`") }
      let host = rest[rest.index(after: rest.startIndex)..<end]
      let tail = rest[rest.index(after: end)...]
      if tail.isEmpty { throw Failure(.parse, "`\(whole)` has no port; write `\(whole):25`") }
      // Without its interface, whose name is another matter.
      let number = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
      guard tail.hasPrefix(":"), SocketAddress(host: String(number), port: 0)?.family == .inet6 else {
        throw Failure(.parse, "`\(whole)` is no address; an IPv6 address is written [::1]:25")
      }
      self = try AddressText(scheme: scheme, host: String(host), port: String(tail.dropFirst()))
      return
    }
    // A port alone is on loopback, as a number is: that of a `param` comes as a text.
    if !rest.isEmpty, rest.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      self = try AddressText(scheme: scheme, host: "127.0.0.1", port: String(rest))
      return
    }
    guard let colon = rest.utf8.lastIndex(of: UInt8(ascii: ":")) else {
      throw Failure(.parse, "`\(whole)` has no port; write `\(whole.isEmpty ? "localhost" : whole):25`")
    }
    let host = rest[..<colon]
    guard !host.utf8.contains(UInt8(ascii: ":")) else {
      throw Failure(.parse, "`\(whole)` is no address; an IPv6 address is written with brackets, as [::1]:25")
    }
    guard !host.isEmpty else { throw Failure(.parse, "`\(whole)` has no host before the colon") }
    self = try AddressText(scheme: scheme, host: String(host), port: String(rest[rest.utf8.index(after: colon)...]))
  }

  /// `eth0`, `*` for all, or `eth0/02:42:ac:11:00:02` with whom one sends to.
  private static func link(_ text: String, _ whole: String) throws(Failure) -> SocketAddress {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var interface: UInt32 = 0
    if parts[0] != "*" { interface = try StepCall.interface(named: String(parts[0]), "`\(whole)`") }
    var hardware: [UInt8] = []
    if parts.count == 2 {
      let bytes = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { UInt8($0, radix: 16) }
      hardware = bytes.compactMap { $0 }
      guard hardware.count == bytes.count else {
        throw Failure(.parse, "`\(whole)`: a hardware address is written like 02:42:ac:11:00:02")
      }
    }
    do throws(Errno) {
      return try SocketAddress.link(interface: interface, address: hardware)
    } catch {
      throw Failure(.parse, "`\(whole)`: a hardware address has at most 8 bytes")
    }
  }

  /// The addresses, when no name server has to be asked.
  func immediate(type: SocketType) throws(Failure) -> [SocketAddress]? {
    switch place {
    case .known(let address): return [address]
    case .path(let path):
      do throws(Errno) {
        return [try SocketAddress.unix(path: path)]
      } catch {
        let failure = Failure("`\(text)` cannot be a Unix socket's path", error)
        if error == .fileNameTooLong {
          failure.notes.append(
            "help: it has \(path.count) bytes, and the system allows \(SocketAddress.maximumPathLength); "
              + "`unix:${tmpdir}/NAME` is short")
        }
        throw failure
      }
    case .any(let port):
      guard let number = UInt16(port) else { return nil }
      return [SocketAddress.any(port: number), SocketAddress.any(port: number, family: .inet)]
    case .host(let host, let port):
      guard let number = UInt16(port), let address = SocketAddress(host: host, port: number) else { return nil }
      return [address]
    }
  }

  /// Whether a host is meant by its name, which may have several addresses.
  var isName: Bool {
    if case .host(let host, _) = place { return SocketAddress(host: host, port: 0) == nil }
    return false
  }

  /// The host as written, a name or a number.
  /// What a look-up has not found: the host, or where it is the service that is not known, the whole.
  func subject(of error: ResolveError) -> String { error.code == EAI_SERVICE ? text : host ?? text }

  var host: String? {
    switch place {
    case .host(let host, _): return host
    case .known(let address): return address.host
    case .any, .path: return nil
    }
  }

  /// The socket type that the text asks for, unless an option has said another.
  var impliedType: SocketType {
    switch scheme {
    case .udp: .dgram
    case .packet: .raw
    case .tcp, .unix, .tls, nil: .stream
    }
  }

  var isUnix: Bool {
    switch place {
    case .path: return true
    case .known(let address): return address.family == .unix
    default: return false
    }
  }
}
