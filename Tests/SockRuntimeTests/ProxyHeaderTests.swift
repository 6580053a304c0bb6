// Headers of the PROXY protocol: byte for byte as its specification has them, and what is wrong with others.
import SocketCore
import Testing

@testable import SockRuntime

@Suite struct ProxyHeaderTests {
  private static func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// Section 2.2: the signature, then version and command, family and protocol, and the length.
  private static let signature = "0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A"
  private static let inet = "C0000201 C6336402 1267 01BB"

  private func address(_ host: String, _ port: UInt16) throws -> SocketAddress {
    try #require(SocketAddress(host: host, port: port))
  }

  /// Reads a header as a stream brings it, byte by byte: its length is known when it is whole, and not before.
  private func read(_ bytes: [UInt8], then more: [UInt8] = Array("later".utf8)) throws -> ProxyHeader {
    let stream = bytes + more
    for count in 0...stream.count {
      guard let length = try ProxyHeader.length(of: Array(stream[..<count])), count >= length else { continue }
      #expect(length == bytes.count)
      return try ProxyHeader(parsing: Array(stream[..<length]))
    }
    throw ProxyHeader.Malformed("it has no end")
  }

  @Test func versionOne() throws {
    let inet = try read(Array("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n".utf8))
    #expect(inet.version == 1)
    #expect(try inet.source == address("192.0.2.1", 4711))
    #expect(try inet.destination == address("198.51.100.2", 443))
    #expect(try inet.bytes() == Array("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n".utf8))
    let longest = "PROXY TCP6 ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"
      .replacing("ffff:f...f:ffff", with: Array(repeating: "ffff", count: 8).joined(separator: ":"))
    #expect(longest.utf8.count == 104)
    #expect(try read(Array(longest.utf8)).source?.port == 65535)
    // What stands behind UNKNOWN is passed over.
    for line in ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"] {
      let unknown = try read(Array(line.utf8))
      #expect(unknown.source == nil)
      #expect(try unknown.bytes() == Array("PROXY UNKNOWN\r\n".utf8))
    }
  }

  @Test func versionTwo() throws {
    let bytes = Self.hex("\(Self.signature) 21 11 000C \(Self.inet)")
    let inet = try read(bytes)
    #expect(inet.version == 2)
    #expect(inet.command == .proxy)
    #expect(!inet.isDatagram)
    #expect(try inet.source == address("192.0.2.1", 4711))
    #expect(try inet.destination == address("198.51.100.2", 443))
    #expect(try inet.bytes() == bytes)
    #expect(try read(Self.hex("\(Self.signature) 21 12 000C \(Self.inet)")).isDatagram)

    let inet6 = Self.hex(
      "\(Self.signature) 21 21 0024 20010DB8000000000000000000000001 00000000000000000000000000000001 0001 FFFF")
    #expect(try read(inet6).source == address("2001:db8::1", 1))
    #expect(try read(inet6).bytes() == inet6)

    let zeros = String(repeating: "00", count: 102)
    let unix = Self.hex("\(Self.signature) 21 31 00D8 2F746D702F61 \(zeros) 00614243 0000 \(zeros)")
    #expect(try read(unix).source == SocketAddress.unix(path: "/tmp/a"))
    #expect(try read(unix).destination == SocketAddress.unix(path: "@aBC"))
    #expect(try read(unix).bytes() == unix)
  }

  /// Its addresses, of whatever kind, are passed over with all that stands behind them.
  @Test func ofTheProxyItselfOrOfNobody() throws {
    for rest in ["00 0000", "11 000C \(Self.inet)", "11 0003 010203", "FF 0001 00"] {
      let local = try read(Self.hex("\(Self.signature) 20 \(rest)"))
      #expect(local.command == .local)
      #expect(local.source == nil)
    }
    let unknown = try read(Self.hex("\(Self.signature) 21 00 0005 010002 6832"))
    #expect(unknown.source == nil)
    #expect(unknown.extensions == [.init(type: 1, value: Array("h2".utf8))])
  }

  @Test func extensions() throws {
    let header = Self.hex("\(Self.signature) 21 11 0018 \(Self.inet) 010002 6832 EE0000 040001 00")
    #expect(
      try read(header).extensions
        == [.init(type: 1, value: Array("h2".utf8)), .init(type: 0xEE, value: []), .init(type: 4, value: [0])])
    #expect(try read(header).bytes() == header)
    // The check value of CRC-32C in the catalogue of parametrised CRC algorithms.
    #expect(ProxyHeader.crc32c(Array("123456789".utf8)) == 0xE306_9283)
    var summed = Self.hex("\(Self.signature) 21 11 0013 \(Self.inet) 030004 00000000")
    let sum = ProxyHeader.crc32c(summed)
    for at in 0..<4 { summed[summed.count - 4 + at] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(at))) }
    #expect(try read(summed).extensions.count == 1)
    summed[summed.count - 1] ^= 1
    #expect(throws: ProxyHeader.Malformed.self) { try read(summed) }
  }

  /// Whatever changes in a header, it is refused or read, and what was read is written as it is read again.
  @Test func changedBytesAreReadOrRefused() throws {
    var chance = SystemRandomNumberGenerator()
    let seeds = [
      Self.hex("\(Self.signature) 21 11 0018 \(Self.inet) 010002 6832 EE0000 040001 00"),
      Self.hex("\(Self.signature) 21 21 0024 20010DB8000000000000000000000001 00000000000000000000000000000001 0001 FFFF"),
      Self.hex("\(Self.signature) 21 31 00D8 2F746D70 \(String(repeating: "00", count: 212))"),
      Array("PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n".utf8), Array("PROXY UNKNOWN\r\n".utf8),
    ]
    for _ in 0..<20_000 {
      guard var bytes = seeds.randomElement(using: &chance) else { return }
      for _ in 0..<Int.random(in: 1...3, using: &chance) {
        let at = Int.random(in: 0..<min(bytes.count, 48), using: &chance)
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &chance)
        case 1: bytes.remove(at: at)
        default: bytes.insert(UInt8.random(in: 0...255, using: &chance), at: at)
        }
      }
      do throws(ProxyHeader.Malformed) {
        guard let length = try ProxyHeader.length(of: bytes), length <= bytes.count else { continue }
        let header = try ProxyHeader(parsing: Array(bytes[..<length]))
        // Half of a pair of Unix-domain addresses may have no name.
        guard (header.source == nil) == (header.destination == nil) else { continue }
        let written = try header.bytes()
        #expect(try ProxyHeader.length(of: written) == written.count)
        // A checksum holds for what it was written for.
        guard header.extensions.allSatisfy({ $0.type != 3 }) else { continue }
        #expect(try ProxyHeader(parsing: written) == header)
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n", "proxy TCP4", "PROXX", "PROXY\r\n", "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n",
    "PROXY TCP4 1.2.3.4 a.test 1 2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY UNKNOWN \(String(repeating: "x", count: 100))\r\n",
  ])
  func noHeader(text: String) {
    #expect(throws: ProxyHeader.Malformed.self, "\(text)") { try read(Array(text.utf8), then: []) }
  }

  @Test(arguments: [
    "0D0A0D0B", "\(signature) 11 11 000C \(inet)", "\(signature) 31 11 000C \(inet)", "\(signature) 22 11 000C \(inet)",
    "\(signature) 21 41 000C \(inet)", "\(signature) 21 13 000C \(inet)", "\(signature) 21 11 000B C0000201C6336402126701",
    "\(signature) 21 21 000C \(inet)", "\(signature) 21 11 000E \(inet) 0100", "\(signature) 21 11 000F \(inet) 010001",
    "\(signature) 21 11 0011 \(inet) 030002 0000",
  ])
  func noBinaryHeader(text: String) {
    #expect(throws: ProxyHeader.Malformed.self, "\(text)") { try read(Self.hex(text), then: []) }
  }
}
