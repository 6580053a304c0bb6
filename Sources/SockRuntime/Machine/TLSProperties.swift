// What `conn.tls` gives: what the two sides have agreed on, and whom one speaks to.

import SockLanguage
import SocketCore
import TLS

extension Channel {
  /// A map for what speaks TLS, once its handshake is over; for a listener the file of the authority that its own
  /// certificate is signed by. Nil for the others.
  func tlsProperties(_ interpreter: Interpreter) throws(Failure) -> Value {
    if extras?.acceptor != nil {
      let folder = try interpreter.temporaryFolder()
      do throws(TLSError) {
        return .map(Map([("ca", Value(try interpreter.context.certificates.authorityFile(in: folder)))]))
      } catch {
        throw Failure("cannot write the authority's certificate", error)
      }
    }
    guard let session = tls?.session, session.isEstablished else { return .nothing }
    func text(_ value: String?) -> Value { value.map { Value($0) } ?? .nothing }
    return .map(
      Map([
        ("version", text(session.version?.name)), ("cipher", text(session.cipher)), ("group", text(session.group)),
        ("alpn", text(session.applicationProtocol)),
        ("name", text(tls?.role == .client ? session.name : session.serverName)),
        ("resumed", .boolean(session.isResumed)),
        ("peer", session.peerCertificate.map { TLSTransport.value(of: $0) } ?? .nothing),
        ("chain", .list(List(session.peerCertificates.map { TLSTransport.value(of: $0) }))),
      ]))
  }
}

extension TLSTransport {
  static func value(of certificate: TLSCertificate) -> Value {
    .map(
      Map([
        ("subject", Value(certificate.subject)), ("issuer", Value(certificate.issuer)),
        ("names", .list(List(certificate.names.map { Value($0.text) }))),
        ("from", .integer(Int(certificate.notBefore))), ("until", .integer(Int(certificate.notAfter))),
        ("serial", Value(certificate.serial)), ("key", Value(certificate.key)),
        ("signature", Value(certificate.signature)),
        ("fingerprint", Value(Encodings.hex(certificate.fingerprint))), ("pem", Value(certificate.pem)),
      ]))
  }
}
