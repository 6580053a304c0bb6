// Addresses: from text and bytes and back, and byte for byte as Perl packs them.
import Glibc
import Testing

@testable import SocketCore

@Suite struct AddressTests {
  @Test(arguments: [
    ("127.0.0.1", 80, "127.0.0.1:80"), ("255.255.255.255", 65535, "255.255.255.255:65535"), ("::1", 80, "[::1]:80"),
    ("::", 0, "[::]:0"), ("2001:db8::ff00:42:8329", 443, "[2001:db8::ff00:42:8329]:443"),
    ("::ffff:127.0.0.1", 1, "[::ffff:127.0.0.1]:1"), ("fe80::1%lo", 9, "[fe80::1%lo]:9"),
  ])
  func numericHosts(host: String, port: UInt16, shown: String) throws {
    let address = try #require(SocketAddress(host: host, port: port))
    #expect(address.description == shown)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(SocketAddress(packed: address.packed) == address)
  }

  @Test(arguments: [
    "", "localhost", "127.1", "0127.0.0.1", "1.2.3.4.5", "256.0.0.1", ":::", "[::1]", "::1%", "::1%no-such-interface",
    "127.0.0.1\0", "127.0.0.1%lo", "1.2.3.4 ", "%lo",
  ])
  func everythingElseIsNoNumericHost(host: String) {
    #expect(SocketAddress(host: host, port: 1) == nil)
  }

  @Test func familiesTakeTurns() throws {
    func addresses(_ hosts: String...) throws -> [SocketAddress] {
      try hosts.map { try #require(SocketAddress(host: $0, port: 1)) }
    }
    #expect(SocketAddress.interleaved([]) == [])
    #expect(
      try SocketAddress.interleaved(addresses("::1", "::2", "::3", "10.0.0.1", "10.0.0.2"))
        == addresses("::1", "10.0.0.1", "::2", "10.0.0.2", "::3"))
    #expect(
      try SocketAddress.interleaved(addresses("10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"))
        == addresses("10.0.0.1", "::1", "10.0.0.2", "10.0.0.3"))
  }

  @Test func theInterfaceMayBeGivenByItsIndex() throws {
    #expect(SocketAddress(host: "fe80::1%1", port: 1) == SocketAddress(host: "fe80::1%lo", port: 1))
    #expect(SocketAddress(host: "fe80::1%lo", port: 1) != SocketAddress(host: "fe80::1", port: 1))
    #expect(SocketAddress(host: "fe80::1%4000000000", port: 1)?.host == "fe80::1%4000000000")
  }

  @Test func loopbackAndWildcards() {
    #expect(SocketAddress(loopbackPort: 7).description == "127.0.0.1:7")
    #expect(SocketAddress(loopbackPort: 7, family: .inet6).description == "[::1]:7")
    #expect(SocketAddress.any(port: 7).description == "[::]:7")
    #expect(SocketAddress.any(port: 7, family: .inet).description == "0.0.0.0:7")
    #expect(SocketAddress(loopbackPort: 7).with(port: 8) == SocketAddress(loopbackPort: 8))
    #expect(SocketAddress(loopbackPort: 7).isLocal)
    #expect(SocketAddress(host: "::ffff:127.0.0.2", port: 1)?.isLocal == true)
    #expect(SocketAddress(host: "::ffff:10.0.0.2", port: 1)?.isLocal == false)
  }

  @Test func unixPaths() throws {
    let path = try SocketAddress.unix(path: "/run/x.sock")
    #expect(path.description == "unix:/run/x.sock")
    #expect(path.path == bytes("/run/x.sock"))
    #expect(path.host == nil && path.port == nil)
    let abstract = try SocketAddress.unix(path: "@name")
    #expect(abstract.description == "unix:@name")
    #expect(abstract.path == bytes("\0name"))
    #expect(try SocketAddress.unix(path: bytes("\0name")) == abstract)
    #expect(try SocketAddress.unix(path: [0x2f, 0x0a, 0xc3, 0xa4]).description == "unix:/\\x0aä")
    for address in [path, abstract] { #expect(SocketAddress(packed: address.packed) == address) }
  }

  @Test func unixPathsThatCannotBe() throws {
    let longest = [UInt8](repeating: 0x61, count: SocketAddress.maximumPathLength)
    #expect(try SocketAddress.unix(path: longest).path == longest)
    #expect(failure { () throws(Errno) in try SocketAddress.unix(path: longest + [0x61]) } == .fileNameTooLong)
    #expect(failure { () throws(SocketError) in try SocketAddress.unix(path: "") } == .system(.invalidArgument))
    #expect(failure { () throws(SocketError) in try SocketAddress.unix(path: "a\0b") } == .system(.invalidArgument))
  }

  @Test func bytesThatAreNoAddress() {
    #expect(SocketAddress(packed: []) == nil)
    #expect(SocketAddress(packed: [0]) == nil)
    #expect(SocketAddress(packed: [0, 0]) == nil)
    for family in [AF_INET, AF_INET6] { #expect(SocketAddress(packed: [UInt8(family), 0, 1, 2, 3]) == nil) }
    #expect(SocketAddress(packed: [UInt8](repeating: 1, count: 129)) == nil)
    for length in 0...128 {
      for family in 0..<UInt8(20) {
        let packed = [family, 0] + [UInt8](repeating: 0xff, count: length).dropFirst(2)
        guard let address = SocketAddress(packed: packed) else { continue }
        #expect(address.packed.count <= 128)
        #expect(!address.description.isEmpty)
      }
    }
    let netlink = SocketAddress(packed: [16, 0] + [UInt8](repeating: 0, count: 10))
    #expect(netlink?.family == .other)
    #expect(netlink?.domain == .other(16))
    #expect(netlink?.packed.count == 12)
  }

  @Test func unpackingAsPerlPacks() throws {
    let perl = try PerlPeer(
      """
      sub show { print unpack("H*", $_[0]), "\\n" }
      show pack_sockaddr_in(8080, inet_aton("192.0.2.33"));
      show pack_sockaddr_in6(443, inet_pton(AF_INET6, "2001:db8::7"), 0, 0);
      show pack_sockaddr_un("/run/a.sock");
      """)
    func hex(_ address: SocketAddress?) -> String {
      (address?.packed ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    #expect(try perl.line() == hex(SocketAddress(host: "192.0.2.33", port: 8080)))
    #expect(try perl.line() == hex(SocketAddress(host: "2001:db8::7", port: 443)))
    // Perl fills up sun_path with NULs.
    let packed = try perl.line()
    #expect(packed.hasPrefix(hex(try SocketAddress.unix(path: "/run/a.sock"))))
    let digits = Array(packed.utf8)
    let fromPerl = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
    #expect(SocketAddress(packed: fromPerl) == (try SocketAddress.unix(path: "/run/a.sock")))
    try perl.finish()
  }
}
