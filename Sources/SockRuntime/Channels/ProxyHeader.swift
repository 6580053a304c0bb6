// The header of the PROXY protocol, versions 1 and 2: who has connected to a proxy, told to the server behind it.
// The layout is that of HAProxy's "The PROXY protocol", which is its only specification.

import SocketCore
import TLS

/// A header of the PROXY protocol.
struct ProxyHeader: Equatable {
  enum Command: String { case proxy, local }
  /// A type-length-value of version 2.
  struct Extension: Equatable {
    let type: UInt8
    let value: [UInt8]
  }

  /// 1, a line of text, or 2, in binary.
  var version = 2
  /// `local`: the proxy speaks for itself, and the connection's own addresses hold. Version 2 alone has it.
  var command = Command.proxy
  /// Whether those whom it speaks of exchange datagrams.
  var isDatagram = false
  /// Who has connected to the proxy; nil: not told. Both are there, and of one family, or neither; but a socket of the
  /// Unix domain may have no name to tell.
  var source: SocketAddress?
  /// Where that one has connected to.
  var destination: SocketAddress?
  var extensions: [Extension] = []

  /// Bytes that are no header, or none that may be sent.
  struct Malformed: Error {
    let message: String
    init(_ message: String) { self.message = message }
  }

  /// What version 2 begins with; no other protocol does.
  static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
  private static let word = Array("PROXY ".utf8)
  /// In bytes, with its line end: what the specification gives version 1.
  static let longestLine = 107
  /// What stands in front of version 2's addresses, in bytes.
  private static let fixed = 16
  private static let checksumType: UInt8 = 0x03

  /// How long the header is that these bytes begin with; nil: it is not over yet, and more has to come to tell.
  static func length(of bytes: [UInt8]) throws(Malformed) -> Int? {
    guard let first = bytes.first else { return nil }
    if first == word[0] {
      guard zip(bytes, word).allSatisfy({ $0 == $1 }) else { throw Malformed("what came first is no PROXY header") }
      if let end = bytes.firstIndex(of: 0x0A) {
        guard bytes[end - 1] == 0x0D else { throw Malformed("its line ends without a CR") }
        guard end < longestLine else { throw Malformed("its line is longer than \(longestLine) bytes") }
        return end + 1
      }
      if bytes.count >= longestLine { throw Malformed("its line is longer than \(longestLine) bytes") }
      return nil
    }
    guard zip(bytes, signature).allSatisfy({ $0 == $1 }) else { throw Malformed("what came first is no PROXY header") }
    if bytes.count > 12, bytes[12] >> 4 != 2 { throw Malformed("it is of version \(bytes[12] >> 4), and not 2") }
    return bytes.count < fixed ? nil : fixed + Int(bytes[14]) << 8 + Int(bytes[15])
  }

  /// - Parameter bytes: a whole header, as `length` has found it.
  init(parsing bytes: [UInt8]) throws(Malformed) {
    if bytes.first == ProxyHeader.word[0] {
      try self.init(line: String(decoding: bytes.dropLast(2), as: UTF8.self))
    } else {
      try self.init(binary: bytes)
    }
  }

  init() {}

  // MARK: - Version 1

  private init(line: String) throws(Malformed) {
    version = 1
    let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let family: SocketAddress.Family
    switch parts.count > 1 ? parts[1] : "" {
    // What stands behind it is to be passed over.
    case "UNKNOWN": return
    case "TCP4": family = .inet
    case "TCP6": family = .inet6
    default: throw Malformed("it names neither TCP4, TCP6 nor UNKNOWN")
    }
    guard parts.count == 6 else { throw Malformed("it has \(max(0, parts.count - 2)) addresses and ports, and not 4") }
    func address(_ host: String, _ port: String) throws(Malformed) -> SocketAddress {
      guard let number = UInt16(port), String(number) == port else { throw Malformed("`\(port)` is no port") }
      guard let address = SocketAddress(host: host, port: number), address.family == family else {
        throw Malformed("`\(host)` is no address of \(parts[1])")
      }
      return address
    }
    source = try address(parts[2], parts[4])
    destination = try address(parts[3], parts[5])
  }

  private var line: String {
    guard let source, let destination, let from = source.host, let to = destination.host else {
      return "PROXY UNKNOWN\r\n"
    }
    let name = source.family == .inet ? "TCP4" : "TCP6"
    return "PROXY \(name) \(from) \(to) \(source.port ?? 0) \(destination.port ?? 0)\r\n"
  }

  // MARK: - Version 2

  private init(binary bytes: [UInt8]) throws(Malformed) {
    switch bytes[12] & 15 {
    case 0: command = .local
    case 1: command = .proxy
    case let other: throw Malformed("its command is \(other), neither 0 (local) nor 1 (proxy)")
    }
    // The addresses and all behind them are to be passed over.
    if command == .local { return }
    let (family, kind) = (bytes[13] >> 4, bytes[13] & 15)
    guard family <= 3, kind <= 2 else {
      throw Malformed("its family and protocol are \(bytes[13] >> 4) and \(bytes[13] & 15), which nobody has")
    }
    isDatagram = kind == 2
    var rest = bytes[ProxyHeader.fixed...]
    let size = [0, 4, 16, 108][Int(family)]
    let room = size == 0 || family == 3 ? 2 * size : 2 * size + 4
    guard rest.count >= room else {
      throw Malformed("its addresses take \(room) bytes, and there are \(rest.count)")
    }
    let start = ProxyHeader.fixed
    func address(_ at: Int, portAt: Int) -> SocketAddress? {
      let host = Array(bytes[at..<at + size])
      if family == 3 { return ProxyHeader.path(host) }
      return SocketAddress(hostBytes: host, port: UInt16(bytes[portAt]) << 8 | UInt16(bytes[portAt + 1]))
    }
    if family != 0, kind != 0 {
      source = address(start, portAt: start + 2 * size)
      destination = address(start + size, portAt: start + 2 * size + 2)
    }
    rest = rest.dropFirst(room)
    while let type = rest.first {
      guard rest.count >= 3 else { throw Malformed("its last \(rest.count) bytes are no extension") }
      let at = rest.startIndex
      let count = Int(rest[at + 1]) << 8 | Int(rest[at + 2])
      guard rest.count >= 3 + count else {
        throw Malformed("its extension \(type) is of \(count) bytes, and \(rest.count - 3) are left")
      }
      let value = rest[(at + 3)..<(at + 3 + count)]
      if type == ProxyHeader.checksumType { try ProxyHeader.check(value, in: bytes) }
      extensions.append(Extension(type: type, value: Array(value)))
      rest = rest.dropFirst(3 + count)
    }
  }

  /// The path of a Unix-domain address, filled up with zeros; an abstract name begins with one.
  private static func path(_ bytes: [UInt8]) -> SocketAddress? {
    guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return nil }
    let path = bytes[0] == 0 ? Array(bytes[...last]) : Array(bytes.prefix { $0 != 0 })
    return try? SocketAddress.unix(path: path)
  }

  /// The CRC32c of the whole header, in which its own bytes count as zeros.
  private static func check(_ value: ArraySlice<UInt8>, in bytes: [UInt8]) throws(Malformed) {
    guard value.count == 4 else { throw Malformed("its checksum is of \(value.count) bytes, and not of 4") }
    var plain = bytes
    for at in value.indices { plain[at] = 0 }
    let told = value.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard crc32c(plain) == told else { throw Malformed("its checksum does not hold") }
  }

  /// The CRC of RFC 3720 (Castagnoli's polynomial, the lowest bit first).
  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0x82F6_3B78 ^ (crc >> 1) : crc >> 1 }
    }
  }

  private func binary() throws(Malformed) -> [UInt8] {
    var body: [UInt8] = []
    var family: UInt8 = 0
    if let source, let destination {
      switch source.family {
      case .inet: family = 0x10
      case .inet6: family = 0x20
      case .unix: family = 0x30
      case .packet, .other: throw Malformed("\(source) is of a family that it has not")
      }
      family |= isDatagram ? 2 : 1
      for address in [source, destination] {
        if let path = address.path {
          body += path + [UInt8](repeating: 0, count: max(0, 108 - path.count))
        } else {
          body += address.hostBytes ?? []
        }
      }
      for port in [source.port, destination.port] {
        if let port { body += [UInt8(port >> 8), UInt8(port & 255)] }
      }
    }
    for item in extensions {
      guard item.value.count <= Int(UInt16.max) else { throw Malformed("an extension has at most 65535 bytes") }
      body += [item.type, UInt8(item.value.count >> 8), UInt8(item.value.count & 255)] + item.value
    }
    guard body.count <= Int(UInt16.max) else { throw Malformed("it has \(body.count) bytes, and 65535 at most") }
    return ProxyHeader.signature + [command == .local ? 0x20 : 0x21, family]
      + [UInt8(body.count >> 8), UInt8(body.count & 255)] + body
  }

  // MARK: - Sending

  /// As the wire has it.
  func bytes() throws(Malformed) -> [UInt8] {
    guard (source == nil) == (destination == nil) else { throw Malformed("its source needs a destination") }
    if let source, let destination, source.family != destination.family {
      throw Malformed("\(source) and \(destination) are not of one family; give both `source` and `destination`")
    }
    guard version == 1 else { return try binary() }
    guard command == .proxy else { throw Malformed("version 1 has no command `local`") }
    guard extensions.isEmpty else { throw Malformed("version 1 has no extensions") }
    guard source?.path == nil else { throw Malformed("version 1 has no Unix-domain addresses") }
    return Array(line.utf8)
  }

  /// For transcripts and failures: `from 192.0.2.1:4711 to 192.0.2.2:443`.
  var summary: String {
    if command == .local { return "by the proxy itself" }
    guard let source, let destination else { return "from nobody who is told" }
    return "from \(source) to \(destination)"
  }
}

/// An accepted connection that has not said yet for whom it speaks.
final class ProxyHeaderReader {
  /// What has come of the header.
  var bytes: [UInt8] = []
  /// The TLS that begins behind it.
  let acceptor: TLSContext?
  init(_ acceptor: TLSContext?) { self.acceptor = acceptor }
}

extension Channel {
  /// Whether it has been accepted, and the header that comes first has not been read.
  var awaitsHeader: Bool { extras?.headerReader != nil }

  /// The other side: of a connection through a proxy that says for whom, that one.
  var peerName: SocketAddress? { extras?.proxyHeader?.source ?? socket?.peerName }
}
