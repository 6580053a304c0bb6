// TLS, datagrams, proxies and terminals with peers that nobody here has written: each suite of Tests/Scripts/peers
// starts them.
import Glibc
import Testing

@Suite struct TLSPeerTests {
  private static let folder = "Tests/Scripts/peers"
  static let suites = Repository.names(in: folder, endingWith: ".sock")

  /// Some servers can be started by root only; a user's run skips their tests, and says so.
  @Test(arguments: suites)
  func holds(suite: String) throws {
    let outcome = try sock("test", "--timeout-scale", "4", "\(Self.folder)/\(suite)", within: 240)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let skipped = outcome.lines.filter { $0.hasPrefix("skip ") }
    if geteuid() != 0 {
      for line in skipped { print("skipped: \(line)") }
    } else {
      #expect(skipped == [])
    }
  }
}
