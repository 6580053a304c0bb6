// What a side of TLS wants, as values.

/// A version of TLS, by its number in a record.
public enum TLSVersion: UInt16, CaseIterable, Comparable, Sendable, CustomStringConvertible {
  case v1_0 = 0x0301
  case v1_1 = 0x0302
  case v1_2 = 0x0303
  case v1_3 = 0x0304

  /// The version of a number as in "1.2".
  public init?(name: String) {
    guard let version = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = version
  }

  /// The number, as "1.2".
  public var name: String { "1.\(rawValue - 0x0301)" }

  public var description: String { "TLS \(name)" }

  public static func < (one: TLSVersion, other: TLSVersion) -> Bool { one.rawValue < other.rawValue }
}

/// Where PEM is.
public enum TLSSource: Hashable, Sendable, CustomStringConvertible {
  /// A file, which is read when the context is made.
  case file(String)
  /// The text itself. Errors name it by `name`, which is a path where somebody else has read the file.
  case pem(String, name: String = "the PEM text given")

  /// How an error names it.
  public var description: String {
    switch self {
    case .file(let path): path
    case .pem(_, let name): name
    }
  }
}

/// How a side of TLS is to behave.
public struct TLSOptions: Sendable {
  public enum Role: Hashable, Sendable { case client, server }

  /// What to do about the peer's certificate.
  public enum Verification: Hashable, Sendable {
    /// Take any, and none: of a server, no certificate is asked for; a client is `insecure`.
    case none
    /// Of a server: a client without a certificate is as welcome as one with a good one.
    case optional
    case required
  }

  /// A certificate with its chain, and its key.
  public struct Identity: Hashable, Sendable {
    /// The certificate, then those towards the authority.
    public var certificate: TLSSource
    /// nil where the key is in the same place.
    public var key: TLSSource?

    public init(certificate: TLSSource, key: TLSSource? = nil) {
      self.certificate = certificate
      self.key = key
    }
  }

  public var role: Role
  /// The certificates that are trusted, of authorities or of the peer itself; empty for the system's store, in which
  /// SSL_CERT_FILE and SSL_CERT_DIR have their say.
  public var authorities: [TLSSource] = []
  public var verification: Verification
  /// A server needs one at least. Of several it shows those that match the name that the client asks for, else the
  /// first.
  public var identities: [Identity] = []
  /// Application protocols, the best first, each of 1 to 255 bytes (RFC 7301 section 3.1). A server that has none of
  /// a client's ends the handshake with no_application_protocol.
  public var protocols: [String] = []
  /// nil for 1.2, or more where OpenSSL's configuration asks for it. With a version before 1.2 the security level is 0
  /// where none is given: those versions need it, and weak certificates hold then.
  public var lowestVersion: TLSVersion?
  /// nil for the newest that OpenSSL has and its configuration allows.
  public var highestVersion: TLSVersion?
  /// OpenSSL's list for TLS 1.2 and earlier (openssl-ciphers(1)), in which standard names are taken, too.
  public var ciphers: String?
  /// The suites of TLS 1.3, separated by ":".
  public var ciphersuites: String?
  /// The groups of the key exchange, the best first, separated by ":".
  public var groups: String?
  /// SSL_CTX_set_security_level(3), from 0, at which weak keys and signatures hold too, to 5; nil for OpenSSL's own.
  public var securityLevel: Int?
  /// Whether sessions can be resumed: a client keeps what it would need for that, and a server gives it.
  public var resumption = false
  /// Gets the lines of an SSLKEYLOGFILE, without line end, in the middle of handshakes, on their threads.
  public var keyLog: (@Sendable (String) -> Void)?

  /// A client that verifies its server, or a server that asks for no certificate.
  public init(role: Role) {
    self.role = role
    verification = role == .client ? .required : .none
  }
}
