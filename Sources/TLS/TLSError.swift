// Why TLS failed, told apart by what a reader can do about it.
import COpenSSL
import SocketCore

/// What is wrong with a peer's certificate.
public enum VerificationFailure: Hashable, Sendable {
  case expired, notYetValid
  /// It is for another name or address than the one asked for.
  case wrongName
  /// Its issuer is nobody that is trusted.
  case unknownAuthority
  /// It is its own issuer, and not trusted.
  case selfSigned
  /// It is not meant for this side of TLS: a client's shown by a server, say.
  case wrongUsage
  case weakKey, weakSignature
  /// Its issuer has not signed it as it is.
  case badSignature
  case revoked
  /// It was issued by a certificate that may not issue any.
  case noAuthority
  /// Another X509_V_ERR number of OpenSSL.
  case other(Int)

  init?(_ verdict: copenssl_verdict, number: Int32) {
    switch verdict {
    case COPENSSL_VERIFIED: return nil
    case COPENSSL_VERIFY_EXPIRED: self = .expired
    case COPENSSL_VERIFY_NOT_YET_VALID: self = .notYetValid
    case COPENSSL_VERIFY_WRONG_NAME: self = .wrongName
    case COPENSSL_VERIFY_UNKNOWN_AUTHORITY: self = .unknownAuthority
    case COPENSSL_VERIFY_SELF_SIGNED: self = .selfSigned
    case COPENSSL_VERIFY_WRONG_USAGE: self = .wrongUsage
    case COPENSSL_VERIFY_WEAK_KEY: self = .weakKey
    case COPENSSL_VERIFY_WEAK_SIGNATURE: self = .weakSignature
    case COPENSSL_VERIFY_BAD_SIGNATURE: self = .badSignature
    case COPENSSL_VERIFY_REVOKED: self = .revoked
    case COPENSSL_VERIFY_NO_AUTHORITY: self = .noAuthority
    default: self = .other(Int(number))
    }
  }
}

/// Why a context could not be made, or a handshake, read or write failed.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// The peer's certificate does not hold.
    case verification(VerificationFailure)
    /// A server that asks for it got no certificate from the client.
    case noPeerCertificate
    /// A fatal alert came.
    case alertReceived(TLSAlert)
    /// What came is no TLS.
    case notTLS
    /// No version that both sides want.
    case version
    /// No cipher, group or signature algorithm that both sides want.
    case nothingShared
    /// None of a client's application protocols is the server's (RFC 7301 section 3.2).
    case noApplicationProtocol
    /// A record that was changed on its way, or is too long.
    case badRecord
    /// The peer broke the protocol otherwise.
    case protocolViolation
    /// The wire failed.
    case io(Errno)
    /// The wire ended in the middle of the handshake, or TLS did.
    case truncated
    /// The side that was to write has sent close_notify, or the like: a mistake of the caller.
    case misuse
    /// An option, a file or a name that is no good.
    case configuration
    /// OpenSSL is not there.
    case noLibrary
    /// What OpenSSL says, and nobody tells apart.
    case other
  }

  public let kind: Kind
  /// One line, which begins with a small letter and has no full stop.
  public let message: String
  /// More lines: of a certificate its names, dates and issuer.
  public let details: [String]
  /// What to do about it, in a line.
  public let cure: String?
  /// The alert that told the peer.
  public let alertSent: TLSAlert?

  init(_ kind: Kind, _ message: String, details: [String] = [], cure: String? = nil, alertSent: TLSAlert? = nil) {
    self.kind = kind
    self.message = message
    self.details = details
    self.cure = cure
    self.alertSent = alertSent
  }

  /// A session was used in a copy of the process that it is of.
  public static let ofAnotherProcess = TLSError(
    .misuse, "the session is the first process's", cure: "connect in the block of `serve workers`")

  public var description: String { cure.map { "\(message): \($0)" } ?? message }
}

extension copenssl_failure {
  /// OpenSSL's words; "" where it has none.
  var words: String {
    withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

public enum OpenSSL {
  /// The version of this machine's library, as "3.0.15"; nil where it has none that can be loaded.
  public static var version: String? { copenssl_load() == nil ? String(cString: copenssl_version()) : nil }

  /// Loads the library, which every use of it comes after.
  static func load() throws(TLSError) {
    guard let problem = copenssl_load() else { return }
    throw TLSError(
      .noLibrary, "TLS needs OpenSSL 3, which cannot be loaded: \(String(cString: problem))",
      cure: "apt install libssl3")
  }
}
