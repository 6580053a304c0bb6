// IP, TCP and UDP headers around payloads: RFC 791, RFC 8200, RFC 9293, RFC 768.

import SocketCore

/// An end of a conversation. Both ends of one are of the same family.
struct Endpoint: Hashable {
  /// 4 or 16 bytes.
  let host: [UInt8]
  let port: UInt16

  var isLoopback: Bool { host.count == 4 ? host[0] == 127 : host == Endpoint.loopback6 }
  var isWildcard: Bool { host.allSatisfy { $0 == 0 } }

  private static let loopback6: [UInt8] = Array(repeating: 0, count: 15) + [1]

  init(host: [UInt8], port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Of `127.0.0.1:4711` or `[::1]:4711`; nil for any other text. An IPv4 address that an IPv6 socket shows as
  /// `::ffff:127.0.0.1` is IPv4 on the wire, and here.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard let address = SocketAddress(host: String(host), port: port) else { return nil }
    let packed = address.packed
    switch address.family {
    case .inet where packed.count >= 8: self.init(host: Array(packed[4..<8]), port: port)
    case .inet6 where packed.count >= 24:
      let bytes = Array(packed[8..<24])
      let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
      self.init(host: isMapped ? Array(bytes[12...]) : bytes, port: port)
    default: return nil
    }
  }

  /// The address that packets of a socket bound to the wildcard address have, if their other end tells.
  func facing(_ peer: Endpoint) -> Endpoint {
    isWildcard && peer.isLoopback ? Endpoint(host: peer.host, port: port) : self
  }
}

struct TCPFlags: OptionSet {
  let rawValue: UInt8
  static let fin = TCPFlags(rawValue: 1)
  static let syn = TCPFlags(rawValue: 2)
  static let rst = TCPFlags(rawValue: 4)
  static let psh = TCPFlags(rawValue: 8)
  static let ack = TCPFlags(rawValue: 16)
}

enum PacketBuilder {
  /// The largest payload of a packet, in bytes: with its headers it stays below the 64 KiB of IPv4.
  static let largestPayload = 32 * 1024

  /// - Parameter length: of the payload on the wire; more than `payload` holds when not all of it was kept.
  static func tcp(
    from: Endpoint, to: Endpoint, sequence: UInt32, acknowledged: UInt32, flags: TCPFlags, payload: ArraySlice<UInt8>,
    length: Int
  ) -> (bytes: [UInt8], length: Int) {
    // A SYN says that windows count 128 bytes and that segments may be large.
    let options: [UInt8] = flags.contains(.syn) ? [2, 4, 0xFF, 0xD7, 1, 3, 3, 7] : []
    var header: [UInt8] = []
    header.append(big: from.port)
    header.append(big: to.port)
    header.append(big: sequence)
    header.append(big: flags.contains(.ack) ? acknowledged : 0)
    header.append(UInt8(truncatingIfNeeded: ((20 + options.count) / 4) << 4))
    header.append(flags.rawValue)
    header.append(big: UInt16.max)
    header.append(big: 0 as UInt16)
    header.append(big: 0 as UInt16)
    header += options
    return packet(from, to, protocol: 6, header: header, checksumAt: 16, payload: payload, length: length)
  }

  static func udp(
    from: Endpoint, to: Endpoint, payload: ArraySlice<UInt8>, length: Int
  ) -> (bytes: [UInt8], length: Int) {
    var header: [UInt8] = []
    header.append(big: from.port)
    header.append(big: to.port)
    header.append(big: UInt16(clamping: 8 + length))
    header.append(big: 0 as UInt16)
    return packet(from, to, protocol: 17, header: header, checksumAt: 6, payload: payload, length: length)
  }

  private static func packet(
    _ from: Endpoint, _ to: Endpoint, protocol number: UInt8, header: [UInt8], checksumAt: Int, payload: ArraySlice<UInt8>,
    length: Int
  ) -> (bytes: [UInt8], length: Int) {
    var segment = header + payload
    let whole = header.count + max(length, payload.count)
    if whole == segment.count {
      var pseudo = from.host + to.host
      if from.host.count == 4 {
        pseudo += [0, number]
        pseudo.append(big: UInt16(clamping: whole))
      } else {
        pseudo.append(big: UInt32(clamping: whole))
        pseudo += [0, 0, 0, number]
      }
      var sum = checksum(pseudo + segment)
      // Zero means "none" in UDP.
      if number == 17, sum == 0 { sum = 0xFFFF }
      segment[checksumAt] = UInt8(truncatingIfNeeded: sum >> 8)
      segment[checksumAt + 1] = UInt8(truncatingIfNeeded: sum)
    }
    var bytes: [UInt8] = []
    if from.host.count == 4 {
      bytes += [0x45, 0]
      bytes.append(big: UInt16(clamping: 20 + whole))
      // No identification, don't fragment, 64 hops.
      bytes += [0, 0, 0x40, 0, 64, number, 0, 0]
      bytes += from.host + to.host
      let sum = checksum(bytes)
      bytes[10] = UInt8(truncatingIfNeeded: sum >> 8)
      bytes[11] = UInt8(truncatingIfNeeded: sum)
    } else {
      bytes += [0x60, 0, 0, 0]
      bytes.append(big: UInt16(clamping: whole))
      bytes += [number, 64]
      bytes += from.host + to.host
    }
    return (bytes + segment, bytes.count + whole)
  }

  /// The Internet checksum (RFC 1071).
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for at in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[at]) << 8
      if at + 1 < bytes.count { sum += UInt32(bytes[at + 1]) }
      if sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
    }
    return ~UInt16(truncatingIfNeeded: sum)
  }
}
