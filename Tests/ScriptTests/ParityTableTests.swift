// The table of IO::Socket's arguments and methods is whole, and what it says shows each of them is there.
import Testing

@Suite struct ParityTableTests {
  private static let arguments = [
    "Blocking", "Domain", "Listen", "Timeout", "Type", "Proto", "LocalHost", "LocalAddr", "LocalPort", "PeerHost",
    "PeerAddr", "PeerPort", "ReuseAddr", "ReusePort", "Broadcast", "V6Only", "MultiHomed", "Local", "Peer",
  ]
  private static let methods = [
    "accept", "atmark", "autoflush", "bind", "blocking", "close", "connect", "connected", "getsockopt", "listen",
    "peername", "peerhost", "peerport", "peerpath", "protocol", "recv", "send", "setsockopt", "shutdown", "sockdomain",
    "socket", "socketpair", "sockname", "sockhost", "sockport", "hostpath", "sockopt", "socktype", "timeout",
  ]

  private static let multicast = [
    "mcast_add", "mcast_drop", "mcast_if", "mcast_loopback", "mcast_ttl", "mcast_dest", "mcast_send",
  ]

  /// The cells of each row of a table, `code` quotes removed.
  private func rows(_ text: Substring) -> [[String]] {
    text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      line.replacing("\\|", with: "/").split(separator: "|").map { cell in
        String(cell.replacing("`", with: "")).trimmingSpaces
      }
    }
  }

  @Test func theTableIsWholeAndEachRowIsShown() throws {
    let text = try #require(Repository.text("grammar/io-socket.md"))
    let methodsStart = try #require(text.firstRange(of: "## Methods")).lowerBound
    let multicastStart = try #require(text.firstRange(of: "## IO::Socket::Multicast")).lowerBound
    for (part, expected) in [
      (text[..<methodsStart], Self.arguments), (text[methodsStart..<multicastStart], Self.methods),
      (text[multicastStart...], Self.multicast),
    ] {
      let rows = rows(part)
      let names = rows.flatMap { $0[0].replacing(" (UNIX)", with: "").split(separator: ",").map { String($0).trimmingSpaces } }
      #expect(names.sorted() == expected.sorted())
      for row in rows {
        try #require(row.count == 3, "\(row)")
        let place = row[2].hasSuffix(".sock") ? "Tests/Scripts/language/\(row[2])" : "Tests/\(row[2])"
        #expect(Repository.exists(place), "\(row[0]) is shown by \(row[2]), which is not there")
      }
    }
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
