// Certificates that hold and that do not, of servers and of clients.
import Testing

@testable import TLS

@Suite struct VerificationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let failure: VerificationFailure
    let message: String
    /// The alert that the peer gets.
    let alert: String
    var name = "localhost"
    var request: @Sendable (inout TLSCertificateRequest) -> Void = { _ in }
    var testDescription: String { "\(failure)" }
  }

  static let cases = [
    Case(
      failure: .expired, message: "the server's certificate has expired, on ", alert: "certificate_expired",
      request: { ($0.validFrom, $0.validUntil) = (-200, -100) }),
    Case(
      failure: .notYetValid, message: "the server's certificate is not valid yet, only from ", alert: "bad_certificate",
      request: { ($0.validFrom, $0.validUntil) = (1000, 2000) }),
    Case(
      failure: .wrongName, message: "the server's certificate is not for other.test; it is for localhost, 127.0.0.1",
      alert: "bad_certificate", name: "other.test"),
    Case(
      failure: .wrongName, message: "the server's certificate is not for 127.0.0.2; it is for localhost, 127.0.0.1",
      alert: "bad_certificate", name: "127.0.0.2"),
    Case(
      failure: .wrongName, message: "the server's certificate is not for localhost; it is for no name at all",
      alert: "bad_certificate", request: { $0.names = [] }),
    Case(
      failure: .wrongName, message: "the server's certificate is not for a.b.test.org; it is for *.test.org",
      alert: "bad_certificate", name: "a.b.test.org", request: { $0.names = [.dns("*.test.org")] }),
    Case(
      failure: .wrongUsage, message: "the server's certificate is not meant for a server",
      alert: "unsupported_certificate", request: { $0.usage = .client }),
    Case(
      failure: .wrongUsage, message: "the server's certificate is not meant for a server",
      alert: "unsupported_certificate", request: { $0.usage = .codeSigning }),
    Case(
      failure: .weakKey, message: "the server's certificate has too weak a key, RSA 1024", alert: "bad_certificate",
      request: { $0.key = .rsa(bits: 1024) }),
    Case(
      failure: .weakSignature, message: "the server's certificate has too weak a signature, ecdsa-with-SHA1",
      alert: "bad_certificate", request: { $0.signedWithSHA1 = true }),
  ]

  @Test(arguments: cases)
  func aServersCertificateThatDoesNotHold(wrong: Case) throws {
    let made = try credentials(wrong.request)
    let server = try serverOptions(made.identity) { $0.securityLevel = 0 }
    let couple = try Couple(server: server, name: wrong.name)
    let outcomes = couple.handshake()
    let error = outcomes.client.error
    #expect(error?.kind == .verification(wrong.failure), "\(outcomes.client)")
    #expect(error?.message.hasPrefix(wrong.message) == true, "\(error?.message ?? "")")
    #expect(error?.details == made.certificate.summary)
    #expect(error?.cure?.isEmpty == false)
    #expect(error?.alertSent?.name == wrong.alert)
    #expect(couple.client.peerCertificate == made.certificate)
    guard case .alertReceived(let alert) = outcomes.server.error?.kind else {
      Issue.record("\(outcomes.server)")
      return
    }
    #expect(alert.name == wrong.alert)
    // Who is insecure takes it, and can see what is wrong.
    let insecure = try Couple(client: clientOptions { $0.verification = .none }, server: server, name: wrong.name)
    let taken = insecure.handshake()
    #expect(taken.client == .done(0) && taken.server == .done(0))
    #expect(insecure.client.verificationFailure == wrong.failure)
    #expect(insecure.client.peerCertificate == made.certificate)
  }

  @Test(arguments: [
    ("*.example.org", "a.example.org"), ("::1", "::1"), ("127.0.0.1", "127.0.0.1"), ("a.test", "a.test."),
  ])
  func namesThatHold(certificate: String, asked: String) throws {
    let made = try credentials { $0.names = [TLSName(certificate)] }
    let couple = try Couple(server: serverOptions(made.identity), name: asked)
    #expect(couple.handshake().client == .done(0))
    #expect(couple.server.serverName == (TLSName.address(asked) == nil ? couple.client.name : nil))
  }

  @Test func whoIsUnknown() throws {
    let stranger = try CertificateAuthority(name: "a stranger")
    let request = TLSCertificateRequest(names: [.dns("localhost")])
    let foreign = try Couple(server: serverOptions(stranger.issue(request).identity)).handshake().client.error
    #expect(foreign?.kind == .verification(.unknownAuthority) && foreign?.alertSent?.name == "unknown_ca")
    #expect(foreign?.message == "the server's certificate is from an unknown authority, CN=a stranger")
    let own = try CertificateAuthority.selfSigned(request)
    let signed = try Couple(server: serverOptions(own.identity)).handshake().client.error
    #expect(signed?.kind == .verification(.selfSigned))
    #expect(signed?.message == "the server's certificate is self-signed")
    // It is trusted by itself.
    let trusting = try clientOptions { $0.authorities = [.pem(own.certificate.pem)] }
    #expect(try Couple(client: trusting, server: serverOptions(own.identity)).handshake().client == .done(0))
    // The system's store knows none of them, and the authority's name says nothing.
    let system = TLSOptions(role: .client)
    #expect(
      try Couple(client: system).handshake().client.error?.kind == .verification(.unknownAuthority))
    let namesake = try CertificateAuthority().issue(request)
    let forged = try Couple(server: serverOptions(namesake.identity)).handshake().client.error
    #expect(forged?.kind == .verification(.unknownAuthority))
  }

  @Test func chains() throws {
    let top = try #require(authority)
    let middle = try CertificateAuthority(name: "in between", under: top)
    let made = try middle.issue(TLSCertificateRequest(names: [.dns("localhost")]))
    let whole = try Couple(server: serverOptions(made.identity))
    #expect(whole.handshake().client == .done(0))
    #expect(whole.client.peerCertificates.map(\.subject) == ["CN=localhost", "CN=in between"])
    // Nobody adds what was left out.
    let alone = TLSOptions.Identity(certificate: .pem(made.certificate.pem), key: .pem(made.keyPEM))
    let error = try Couple(server: serverOptions(alone)).handshake().client.error
    #expect(error?.kind == .verification(.unknownAuthority))
    #expect(error?.message == "the server's certificate is from an unknown authority, CN=in between")
    let old = try CertificateAuthority(name: "old", validFrom: -100, validUntil: -50, under: top)
    let late = try Couple(
      server: serverOptions(old.issue(TLSCertificateRequest(names: [.dns("localhost")])).identity)
    ).handshake().client.error
    #expect(late?.kind == .verification(.expired))
    #expect(
      late?.message.hasPrefix("the certificate \"CN=old\" in the server's chain has expired, on ") == true)
  }

  @Test func aNameIsNeeded() throws {
    let nameless = #expect(throws: TLSError.self) { try Couple(name: nil) }
    #expect(nameless?.message == "there is no name that the server's certificate could be verified for")
    #expect(try Couple(client: clientOptions { $0.verification = .none }, name: nil).handshake().client == .done(0))
    for name in ["", "with blank", "bücher.example", String(repeating: "x", count: 256)] {
      #expect(throws: TLSError.self) { try Couple(name: name) }
    }
  }

  // MARK: Clients

  private func asking(_ verification: TLSOptions.Verification) throws -> TLSOptions {
    try serverOptions {
      ($0.verification, $0.authorities) = (verification, [.pem(try #require(authority).certificate.pem)])
    }
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func clientsShowCertificates(version: TLSVersion) throws {
    func client(_ made: TLSCredentials?) throws -> TLSOptions {
      try clientOptions {
        $0.highestVersion = version
        if let made { $0.identities = [made.identity] }
      }
    }
    let good = try credentials { ($0.names, $0.usage) = ([.email("me@example.org")], .client) }
    for verification in [TLSOptions.Verification.optional, .required] {
      let couple = try Couple(client: client(good), server: asking(verification))
      #expect(couple.handshake().server == .done(0))
      #expect(couple.server.peerCertificate?.names == [.email("me@example.org")])
    }
    let none = try Couple(client: client(nil), server: asking(.optional))
    #expect(none.handshake().server == .done(0) && none.server.peerCertificate == nil)

    let missing = try Couple(client: client(nil), server: asking(.required))
    let outcomes = missing.handshake()
    #expect(outcomes.server.error?.kind == .noPeerCertificate)
    #expect(outcomes.server.error?.message == "the client has shown no certificate")
    // A client of TLS 1.3 is done before the server has seen it.
    let alert = version == .v1_3 ? missing.client.readAll().last.error : outcomes.client.error
    #expect(alert?.kind == .alertReceived(TLSAlert(rawValue: version == .v1_3 ? 116 : 40)))

    let wrong = try Couple(client: client(credentials { $0.usage = .server }), server: asking(.optional))
    let refused = wrong.handshake().server.error
    #expect(refused?.kind == .verification(.wrongUsage))
    #expect(refused?.message == "the client's certificate is not meant for a client")
    #expect(wrong.server.peerCertificate?.subject == "CN=localhost")
    let stranger = try CertificateAuthority(name: "a stranger").issue(good.asRequest)
    let foreign = try Couple(client: client(stranger), server: asking(.required)).handshake().server.error
    #expect(foreign?.kind == .verification(.unknownAuthority))
  }
}

extension TLSCredentials {
  /// A client's request for the same names.
  fileprivate var asRequest: TLSCertificateRequest {
    var request = TLSCertificateRequest(names: certificate.names)
    request.usage = .client
    return request
  }
}
