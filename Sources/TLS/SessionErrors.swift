// What went wrong in a session, in words.
import COpenSSL
import SocketCore

/// What a session was asked for when it failed.
enum TLSCall: String {
  case handshake, read, write, shutdown
}

extension TLSSession {
  private var isServer: Bool { context.options.role == .server }
  private var peerRole: String { isServer ? "client" : "server" }

  private var alertSent: TLSAlert? {
    let number = copenssl_session_alert_sent(pointer)
    return UInt8(exactly: number).map(TLSAlert.init)
  }

  func error(_ failure: copenssl_failure, in call: TLSCall) -> TLSError {
    if !isEstablished, let garbage = garbage() { return garbage }
    let words = failure.words
    func simple(_ kind: TLSError.Kind, _ message: String, _ cure: String? = nil) -> TLSError {
      TLSError(kind, message, cure: cure, alertSent: alertSent)
    }
    switch failure.kind {
    case COPENSSL_FAILURE_WIRE:
      let error = wireError ?? .ioError
      let during = isEstablished ? "" : " in the middle of the handshake"
      return simple(.io(error), "the connection failed\(during): \(error.message)")
    case COPENSSL_FAILURE_VERIFICATION: return verificationError(words)
    case COPENSSL_FAILURE_NO_PEER_CERTIFICATE:
      return simple(.noPeerCertificate, "the client has shown no certificate", "give it one with `cert FILE key FILE`")
    case COPENSSL_FAILURE_ALERT: return alertError(words)
    case COPENSSL_FAILURE_NOT_TLS, COPENSSL_FAILURE_VERSION:
      if isEstablished {
        return simple(
          .badRecord, "what came from the \(peerRole) is no record of TLS any more",
          "one side may have gone back to plain text without the other")
      }
      return simple(
        .version, "no version of TLS that both sides want (\(words))",
        "`min` and `max` say which ones this side wants: \(wantedVersions)")
    case COPENSSL_FAILURE_NOTHING_SHARED:
      return simple(
        .nothingShared, "nothing that both sides want: \(words)", "`ciphers` and `groups` say what this side wants")
    case COPENSSL_FAILURE_NO_APPLICATION_PROTOCOL:
      let ours = context.options.protocols.joined(separator: ", ")
      return simple(
        .noApplicationProtocol, "no application protocol that both sides want",
        "`alpn` says which ones this side wants: \(ours)")
    case COPENSSL_FAILURE_BAD_RECORD:
      return simple(.badRecord, "a record that does not hold came from the \(peerRole): \(words)")
    case COPENSSL_FAILURE_MISUSE: return simple(.misuse, "\(call.rawValue) at the wrong time: \(words)")
    case COPENSSL_FAILURE_UNEXPECTED_MESSAGE:
      return simple(.protocolViolation, "the \(peerRole) broke the protocol: \(words)")
    default:
      // Who got an alert has broken the protocol, unless it says that the fault is here (internal_error).
      let isTheirs = alertSent != nil && alertSent?.rawValue != 80
      return simple(
        isTheirs ? .protocolViolation : .other, "\(call.rawValue) failed: \(words.isEmpty ? "no reason given" : words)")
    }
  }

  private var wantedVersions: String {
    let highest = context.options.highestVersion ?? .v1_3
    return "\((context.options.lowestVersion ?? min(highest, .v1_2)).name) to \(highest.name)"
  }

  func truncatedHandshake() -> TLSError {
    if let garbage = garbage() { return garbage }
    return firstBytes.isEmpty
      ? TLSError(
        .truncated, "the \(peerRole) closed the connection before its first byte of TLS",
        cure: "it may speak no TLS at this port, or refuse who connects")
      : TLSError(.truncated, "the \(peerRole) closed the connection in the middle of the handshake")
  }

  /// For close_notify before there is anything to end.
  func endedHandshake() -> TLSError {
    TLSError(.truncated, "the \(peerRole) ended TLS in the middle of the handshake, with close_notify")
  }

  // MARK: No TLS

  /// The error for what came first, if that is nothing that begins a record of TLS.
  private func garbage() -> TLSError? {
    guard let first = firstBytes.first else { return nil }
    let isRecord = (20...24).contains(first) && (firstBytes.count < 2 || firstBytes[1] == 3)
    // A hello in the form of SSL 2, which servers still take.
    let isOldHello = isServer && first & 0x80 != 0 && firstBytes.count > 2 && firstBytes[2] == 1
    if isRecord || isOldHello { return nil }
    let line = firstBytes.prefix { $0 != 0x0d && $0 != 0x0a }
    let isText = !line.isEmpty && line.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x09 || $0 >= 0x80 }
    let shown =
      isText
      ? "\"\(String(decoding: line, as: UTF8.self))\(line.count < firstBytes.count || line.count < 80 ? "" : "…")\""
      : "the bytes " + firstBytes.prefix(16).map { Self.hex($0) }.joined(separator: " ")
    let text = String(decoding: line, as: UTF8.self)
    let methods = ["GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "PRI * HTTP/2"]
    let cure: String
    if text.hasPrefix("HTTP/") {
      cure = "the port speaks plain HTTP; its port for HTTPS is another one"
    } else if methods.contains(where: text.hasPrefix) {
      cure = "the client has to use https:"
    } else if isText {
      cure = "if the protocol has STARTTLS or the like, ask for it first, then use `starttls`"
    } else {
      cure = "another protocol has the port"
    }
    return TLSError(.notTLS, "the \(peerRole) speaks no TLS; it sent \(shown)", cure: cure, alertSent: alertSent)
  }

  /// Like `garbage`, for fewer bytes than the library looks at.
  func earlyGarbage() -> TLSError? {
    firstBytes.count < TLSRecords.headerSize ? garbage() : nil
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }

  // MARK: Alerts

  private func alertError(_ words: String) -> TLSError {
    guard let number = UInt8(exactly: copenssl_session_alert_received(pointer)) else {
      return TLSError(.other, "the \(peerRole) ended TLS: \(words)")
    }
    let alert = TLSAlert(rawValue: number)
    return TLSError(
      .alertReceived(alert), "the \(peerRole) sent the alert \(alert)", cure: cure(for: alert), alertSent: alertSent)
  }

  private func cure(for alert: TLSAlert) -> String? {
    switch alert.rawValue {
    case 40, 71: return "there is no cipher or group that both sides want, or a certificate is missing"
    case 42, 43, 46: return "the \(peerRole) does not take the certificate of this side"
    case 44: return "the certificate of this side was revoked"
    case 45: return "the certificate of this side has expired"
    case 48: return "the \(peerRole) does not know the authority of this side's certificate, or lacks one in between"
    case 70: return "there is no version that both sides want: `min` and `max` say which ones this side wants"
    case 112: return "the \(peerRole) does not know the name \(name ?? ""): `name` gives another"
    case 116: return "the server asks for a certificate: `cert FILE key FILE`"
    case 120: return "there is no application protocol that both sides want: `alpn`"
    default: return nil
    }
  }

  // MARK: Verification

  private func verificationError(_ words: String) -> TLSError {
    let result = copenssl_session_verification(pointer)
    guard let failure = VerificationFailure(result.verdict, number: result.number) else {
      return TLSError(.other, "the \(peerRole)'s certificate does not hold: \(words)", alertSent: alertSent)
    }
    let (message, cure) = describe(failure, result)
    return TLSError(
      .verification(failure), message, details: result.certificate.map { TLSCertificate($0).summary } ?? [], cure: cure,
      alertSent: alertSent)
  }

  /// What is wrong with the peer's certificate, and what can be done about it.
  private func describe(
    _ failure: VerificationFailure, _ result: copenssl_verification_result
  ) -> (message: String, cure: String) {
    let faulty = result.certificate.map { TLSCertificate($0) }
    let whose =
      result.depth == 0
      ? "the \(peerRole)'s certificate" : "the certificate \"\(faulty?.subject ?? "")\" in the \(peerRole)'s chain"
    let orInsecure = isServer ? "" : ", or take any with `insecure`"
    switch failure {
    case .expired:
      return (
        "\(whose) has expired\(faulty.map { ", on \(TLSCertificate.date($0.notAfter))" } ?? "")",
        "it has to be renewed; or the clock here is wrong"
      )
    case .notYetValid:
      return (
        "\(whose) is not valid yet\(faulty.map { ", only from \(TLSCertificate.date($0.notBefore))" } ?? "")",
        "the clock here or where it was made is wrong"
      )
    case .wrongName:
      let names = faulty?.names ?? []
      let listed =
        names.isEmpty
        ? "no name at all"
        : names.prefix(5).map(\.text).joined(separator: ", ")
          + (names.count > 5 ? " and \(names.count - 5) more" : "")
      return (
        "\(whose) is not for \(name ?? "this name"); it is for \(listed)",
        names.isEmpty
          ? "it needs subject alternative names: its common name does not count (RFC 9525)"
          : "connect by one of these names, or say with `name` which one is meant"
      )
    case .unknownAuthority:
      return (
        "\(whose) is from an unknown authority, \(faulty?.issuer ?? "")",
        "give that authority's certificate with `ca FILE`\(orInsecure); or the peer's chain lacks one in between"
      )
    case .selfSigned:
      return ("\(whose) is self-signed", "give that certificate itself with `ca FILE`\(orInsecure)")
    case .wrongUsage:
      return ("\(whose) is not meant for a \(peerRole)", "its extended key usage has to allow that")
    case .weakKey:
      return (
        "\(whose) has too weak a key\(faulty.map { ", \($0.key)" } ?? "")",
        "it needs RSA of 2048 bits or P-256; or a lower security level here"
      )
    case .weakSignature:
      return (
        "\(whose) has too weak a signature\(faulty.map { ", \($0.signature)" } ?? "")",
        "it has to be signed with SHA-256 or better; or a lower security level here"
      )
    case .badSignature: return ("\(whose) is not signed by its issuer", "it was changed, or its issuer has another key")
    case .revoked: return ("\(whose) was revoked", "it has to be replaced")
    case .noAuthority:
      return ("\(whose) was issued by one that is no authority", "its chain has to end at an authority")
    case .other:
      let words = result.text.map { String(cString: $0) } ?? "error \(result.number)"
      return ("\(whose) does not hold: \(words)", "openssl-verification-options(1) lists the reasons")
    }
  }

  /// What is wrong with the peer's certificate where nobody asked, as with `insecure`; nil for nothing, and before the
  /// handshake is over.
  public var verificationFailure: VerificationFailure? {
    guard isEstablished, copenssl_session_peer_count(pointer) > 0 else { return nil }
    let result = copenssl_session_verification(pointer)
    return VerificationFailure(result.verdict, number: result.number)
  }
}
