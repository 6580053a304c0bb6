// Certificates that are made here, read by openssl; and those that openssl makes, read here.
import Glibc
import SocketCore
import Testing

@testable import TLS

@Suite struct CertificateTests {
  @Test func opensslReadsWhatIsMade() throws {
    let folder = try TemporaryFolder()
    var request = TLSCertificateRequest(names: [
      .dns("localhost"), .dns("*.example.org"), .address("127.0.0.1"), .address("::1"), .uri("https://example.org/x"),
      .email("a@example.org"),
    ])
    request.usage = .serverAndClient
    let made = try #require(authority).issue(request)
    let paths = try made.write(to: folder.path, name: "leaf")
    let shown = try openssl("x509", "-in", paths.certificate, "-noout", "-text", "-fingerprint", "-sha256")
    for part in [
      "DNS:localhost, DNS:*.example.org, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, URI:https://example.org/x, "
        + "email:a@example.org", "TLS Web Server Authentication, TLS Web Client Authentication", "CA:FALSE",
      "NIST CURVE: P-256", "ecdsa-with-SHA256", "Version: 3", "Digital Signature",
    ] { #expect(shown.contains(part), "\(part) in \(shown)") }
    let fingerprint = made.certificate.fingerprint.map { hex($0) }.joined(separator: ":").uppercased()
    #expect(shown.lowercased().contains("fingerprint=\(fingerprint)".lowercased()))
    #expect(made.certificate.names == request.names)
    #expect(made.certificate.subject == "CN=localhost")
    #expect(made.certificate.issuer == "CN=sock test authority")
    #expect(made.certificate.key == "P-256" && made.certificate.signature == "ecdsa-with-SHA256")
    #expect(made.certificate.serial.count == 32)
    #expect(shown.replacing(":", with: "").uppercased().contains(made.certificate.serial.uppercased()))
  }

  @Test func opensslVerifiesTheChain() throws {
    let folder = try TemporaryFolder()
    let top = try #require(authority)
    let trusted = try top.write(to: folder.path)
    let middle = try CertificateAuthority(name: "in between", under: top)
    let lower = try CertificateAuthority(name: "further down", under: middle)
    let made = try lower.issue(TLSCertificateRequest(names: [.dns("a.test")]))
    #expect(made.chain.map(\.subject) == ["CN=further down", "CN=in between"])
    let paths = try made.write(to: folder.path, name: "leaf")
    let verified = try openssl(
      "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "a.test", "-CAfile", trusted, "-untrusted",
      paths.certificate, paths.certificate)
    #expect(verified == "\(paths.certificate): OK\n")
  }

  @Test func theKeyIsForNobodyElse() throws {
    let folder = try TemporaryFolder()
    let made = try credentials()
    for _ in 1...2 {
      let paths = try made.write(to: folder.path, name: "leaf")
      var status = stat()
      #expect(stat(paths.key, &status) == 0 && status.st_mode & 0o777 == 0o600)
      #expect(try openssl("pkey", "-in", paths.key, "-noout", "-check").contains("Key is valid"))
    }
    let error = #expect(throws: TLSError.self) { try made.write(to: folder.path + "/none", name: "leaf") }
    #expect(error?.message == "cannot write \(folder.path)/none/leaf.crt: No such file or directory")
  }

  @Test func weakOnesAndRSA() throws {
    let folder = try TemporaryFolder()
    let weak = try credentials { ($0.key, $0.signedWithSHA1) = (.rsa(bits: 1024), true) }
    let shown = try openssl("x509", "-noout", "-text", "-in", weak.write(to: folder.path, name: "weak").certificate)
    #expect(shown.contains("1024 bit") && shown.contains("ecdsa-with-SHA1"))
    #expect(weak.certificate.key == "RSA 1024" && weak.certificate.signature == "ecdsa-with-SHA1")
    let error = #expect(throws: TLSError.self) { try credentials { $0.key = .rsa(bits: 100) } }
    #expect(error?.message == "an RSA key has 512 to 16384 bits, not 100")
  }

  @Test(arguments: ["", "no blank", "ümlaut.example", "a\0b", "line\n"])
  func textsThatAreNoNames(text: String) throws {
    let error = #expect(throws: TLSError.self) { try credentials { $0.names = [TLSName(text)] } }
    #expect(error?.kind == .configuration && error?.message.contains("cannot be a name") == true)
  }

  @Test(arguments: [Int64.max, .min, -4_000_000_000, 400_000_000_000])
  func timesThatNoCertificateCanHave(seconds: Int64) throws {
    let error = #expect(throws: TLSError.self) { try credentials { $0.validUntil = seconds } }
    #expect(error?.message == "a certificate's time lies within 1970 and 9999, not \(seconds) s from now")
  }

  @Test func namesByTheirLooks() {
    #expect(TLSName("localhost") == .dns("localhost"))
    #expect(TLSName("::1") == .address("::1"))
    #expect(TLSName("spiffe://a/b") == .uri("spiffe://a/b"))
    #expect(TLSName("a@b") == .email("a@b"))
  }

  @Test func whatOthersHaveMadeIsShown() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/other.pem"
    _ = try openssl(
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path + ".key", "-out", path, "-days", "2", "-subj",
      "/C=DE/O=Ä, \"B\"/CN=evil\u{1b}[31m", "-utf8", "-addext",
      "subjectAltName=DNS:x.test,IP:10.0.0.1,otherName:1.2.3;UTF8:y")
    let read = try #require(TLSSource.file(path).certificates(of: "the certificate").first)
    let shown = TLSCertificate(read.pointer)
    #expect(shown.subject == "CN=evil\\1B[31m, O=Ä\\, \\\"B\\\", C=DE")
    #expect(shown.names == [.dns("x.test"), .address("10.0.0.1")])
    #expect(shown.key == "RSA 2048")
    #expect(shown.notAfter - shown.notBefore == 2 * 86400)
  }

  /// Certificates as a hostile peer might send them: a few bytes of a good one changed. They are read or refused.
  @Test func changedCertificatesAreReadOrRefused() throws {
    let made = try credentials {
      $0.names = [.dns("a.test"), .address("::1"), .uri("x://y"), .email("a@b"), .address("10.0.0.1")]
    }
    #expect(made.certificate.pem.contains(base64(made.certificate.der)))
    var random = SystemRandomNumberGenerator()
    var read = 0
    for _ in 0..<3000 {
      var der = made.certificate.der
      for _ in 1...Int.random(in: 1...4, using: &random) {
        der[Int.random(in: 0..<der.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let pem = "-----BEGIN CERTIFICATE-----\n\(base64(der))\n-----END CERTIFICATE-----\n"
      guard let certificates = try? TLSSource.pem(pem).certificates(of: "it") else { continue }
      let shown = TLSCertificate(try #require(certificates.first).pointer)
      #expect(shown.fingerprint.count == 32 && !shown.summary.isEmpty)
      read += 1
    }
    #expect(read > 300)
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var encoded: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0..<4 { encoded.append(index <= group.count ? digits[bits >> (18 - 6 * index) & 63] : 0x3d) }
      if (start / 3) % 16 == 15 { encoded.append(0x0a) }
    }
    if encoded.last == 0x0a { encoded.removeLast() }
    return text(encoded)
  }

  @Test func filesThatAreNoGood() throws {
    let folder = try TemporaryFolder()
    func error(_ options: (inout TLSOptions) throws -> Void) rethrows -> TLSError? {
      var all = TLSOptions(role: .server)
      try options(&all)
      return #expect(throws: TLSError.self) { try TLSContext(all) }
    }
    let good = try credentials()
    let paths = try good.write(to: folder.path, name: "good")
    #expect(
      error { $0.identities = [.init(certificate: .file("/none"))] }?.message
        == "cannot read the certificate from /none: No such file or directory")
    #expect(
      error { $0.identities = [.init(certificate: .file(paths.certificate + "\0"))] }?.message
        == "cannot read the certificate from \(paths.certificate)\0: No such file or directory")
    #expect(
      error { $0.identities = [.init(certificate: .file(folder.path))] }?.message
        == "cannot read the certificate from \(folder.path): Is a directory")
    #expect(
      error { $0.identities = [.init(certificate: .file(paths.key))] }?.message
        == "there is no certificate in \(paths.key)")
    #expect(
      error { $0.identities = [.init(certificate: .file(paths.certificate))] }?.message
        == "there is no private key in \(paths.certificate)")
    let other = try credentials().write(to: folder.path, name: "other")
    let mismatch = error { $0.identities = [.init(certificate: .file(paths.certificate), key: .file(other.key))] }
    #expect(
      mismatch?.message == "certificate and key do not belong together: \(paths.certificate) and \(other.key)")
    let locked = folder.path + "/locked.key"
    _ = try openssl("pkey", "-in", paths.key, "-aes128", "-passout", "pass:x", "-out", locked)
    #expect(
      error { $0.identities = [.init(certificate: .file(paths.certificate), key: .file(locked))] }?.message
        == "the key in \(locked) is encrypted")
    let broken = good.certificate.pem.replacing("MII", with: "MIX")
    #expect(
      error { $0.identities = [.init(certificate: .pem(broken), key: .pem(good.keyPEM))] }?.message
        .hasPrefix("cannot read certificate 1 in the PEM text given: ") == true)
    // Of a blank line before the end OpenSSL says nothing.
    let blank = good.certificate.pem.replacing("-----END", with: "\n-----END")
    #expect(
      error { $0.identities = [.init(certificate: .pem(blank), key: .pem(good.keyPEM))] }?.message
        == "cannot read certificate 1 in the PEM text given: it is damaged")
    #expect(
      error { $0.identities = [.init(certificate: .pem("", name: "own.crt"))] }?.message
        == "there is no certificate in own.crt")
    let weak = try credentials { $0.key = .rsa(bits: 1024) }
    #expect(
      error { $0.identities = [weak.identity] }?.message
        == "the certificate is too weak for the security level: the PEM text given and the PEM text given "
        + "(ee key too small)")
    #expect(error { _ in }?.message == "a server of TLS needs a certificate")
  }
}
