// What each option does, and what it does not take.
import Testing

@testable import TLS

@Suite struct OptionTests {
  private func error(
    server serverChange: (inout TLSOptions) -> Void = { _ in },
    client clientChange: (inout TLSOptions) -> Void = { _ in }
  ) throws -> (client: TLSError?, server: TLSError?) {
    let outcomes = try Couple(client: clientOptions(clientChange), server: serverOptions(nil, serverChange)).handshake()
    return (outcomes.client.error, outcomes.server.error)
  }

  @Test func versions() throws {
    for version in TLSVersion.allCases {
      let couple = try Couple(
        client: clientOptions { ($0.lowestVersion, $0.highestVersion) = (version, version) },
        server: serverOptions { $0.lowestVersion = .v1_0 })
      #expect(couple.handshake().client == .done(0) && couple.client.version == version)
    }
    let old = try error(client: { $0.highestVersion = .v1_1 })
    #expect(old.server?.kind == .version && old.client?.kind == .alertReceived(TLSAlert(rawValue: 70)))
    #expect(old.client?.message == "the server sent the alert protocol_version (70)")
    let new = try error(server: { $0.highestVersion = .v1_2 }, client: { $0.lowestVersion = .v1_3 })
    #expect(new.server?.kind == .version || new.client?.kind == .version)
    let crossed = #expect(throws: TLSError.self) {
      try Couple(client: clientOptions { ($0.lowestVersion, $0.highestVersion) = (.v1_3, .v1_2) })
    }
    #expect(crossed?.message == "the lowest version, TLS 1.3, is above the highest, TLS 1.2")
    #expect(TLSVersion(name: "1.2") == .v1_2 && TLSVersion(name: "2") == nil && TLSVersion.v1_0.name == "1.0")
  }

  @Test func ciphers() throws {
    let suite = try Couple(client: clientOptions { $0.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256" })
    suite.handshake()
    #expect(suite.client.cipher == "TLS_CHACHA20_POLY1305_SHA256")
    let old = try Couple(
      client: clientOptions { ($0.ciphers, $0.highestVersion) = ("ECDHE-ECDSA-AES128-GCM-SHA256", .v1_2) })
    old.handshake()
    #expect(old.client.cipher == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
    // What is told can be asked for.
    let mixed = "nonsense:TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256:AES128-SHA"
    let told = try Couple(client: clientOptions { ($0.ciphers, $0.highestVersion) = (mixed, .v1_2) })
    told.handshake()
    #expect(told.client.cipher == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")
    let none = try error(
      server: { ($0.highestVersion, $0.ciphers) = (.v1_2, "ECDHE-ECDSA-AES128-GCM-SHA256") },
      client: { $0.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384" })
    #expect(none.server?.kind == .nothingShared && none.client?.kind == .alertReceived(TLSAlert(rawValue: 40)))
    #expect(none.server?.message == "nothing that both sides want: no shared cipher")
  }

  @Test func groups() throws {
    for group in ["X25519", "P-384"] {
      let couple = try Couple(client: clientOptions { $0.groups = group })
      couple.handshake()
      #expect(couple.server.group == (group == "P-384" ? "secp384r1" : "x25519"))
    }
    // A server that wants another group than the first asks again (HelloRetryRequest).
    let again = try Couple(
      client: clientOptions { $0.groups = "X25519:P-256" }, server: serverOptions { $0.groups = "P-256" })
    #expect(again.handshake().client == .done(0) && again.client.group == "secp256r1")
    let none = try error(server: { $0.groups = "P-256" }, client: { $0.groups = "X25519" })
    #expect(none.server?.kind == .nothingShared)
  }

  @Test(arguments: [
    ("ciphers", "no good list of ciphers: \"nonsense\" (no cipher match)"),
    ("ciphersuites", "no good list of TLS 1.3 cipher suites: \"nonsense\" (no cipher match)"),
    ("groups", "no good list of groups: \"nonsense\" (passed invalid argument (group 'nonsense' cannot be set))"),
    ("level", "there is no security level 9"),
    ("alpn", "an application protocol has 1 to 255 bytes, and \"\" 0"),
  ])
  func valuesThatAreNoGood(option: String, message: String) throws {
    let error = #expect(throws: TLSError.self) {
      try TLSContext(
        clientOptions {
          switch option {
          case "ciphers": $0.ciphers = "nonsense"
          case "ciphersuites": $0.ciphersuites = "nonsense"
          case "groups": $0.groups = "nonsense"
          case "level": $0.securityLevel = 9
          default: $0.protocols = ["h2", ""]
          }
        })
    }
    #expect(error?.kind == .configuration)
    #expect(error?.message == message)
  }

  @Test func protocols() throws {
    let none = try error(server: { $0.protocols = ["imap"] }, client: { $0.protocols = ["h2"] })
    #expect(none.server?.kind == .noApplicationProtocol)
    #expect(none.server?.message == "no application protocol that both sides want")
    #expect(none.client?.kind == .alertReceived(TLSAlert(rawValue: 120)))
    // One side alone wants any: there is none.
    for options in [true, false] {
      let couple = try Couple(
        client: clientOptions { if options { $0.protocols = ["h2"] } },
        server: serverOptions { if !options { $0.protocols = ["h2"] } })
      #expect(couple.handshake().client == .done(0) && couple.client.applicationProtocol == nil)
    }
  }

  @Test(arguments: [
    ("a.test", "CN=a.test"), ("b.test", "CN=b.test"), ("x.wild.test", "CN=*.wild.test"), ("localhost", "CN=a.test"),
  ])
  func aServerChoosesByName(name: String, subject: String) throws {
    let several = try serverOptions {
      $0.identities = try ["a.test", "b.test", "*.wild.test"].map { name in
        try credentials { $0.names = [.dns(name)] }.identity
      }
    }
    let couple = try Couple(client: clientOptions { $0.verification = .none }, server: several, name: name)
    #expect(couple.handshake().client == .done(0))
    #expect(couple.client.peerCertificate?.subject == subject)
    #expect((couple.client.verificationFailure == nil) == (name != "localhost"))
  }

  /// Of two certificates for a name, the one whose kind of key the client knows.
  @Test func aServerChoosesByKey() throws {
    let several = try serverOptions {
      $0.identities = [
        try credentials { $0.names = [.dns("other.test")] }.identity, try credentials().identity,
        try credentials { $0.key = .rsa(bits: 2048) }.identity,
      ]
    }
    let couple = try Couple(
      client: clientOptions { ($0.highestVersion, $0.ciphers) = (.v1_2, "ECDHE-RSA-AES128-GCM-SHA256") },
      server: several)
    #expect(couple.handshake().client == .done(0))
    #expect(couple.client.peerCertificate?.key == "RSA 2048")
  }

  @Test func alertsHaveNames() {
    #expect(TLSAlert(rawValue: 20).description == "bad_record_mac (20)")
    #expect(TLSAlert(rawValue: 200).name == "alert_200")
    for name in TLSAlert.allNames { #expect(TLSAlert(name: name)?.name == name) }
    #expect(TLSAlert(name: "none") == nil)
  }
}
