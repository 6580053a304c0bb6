// What the sessions of one side of TLS have in common.
import COpenSSL

/// Options that are checked and set up, for any number of sessions; threads may share it.
public final class TLSContext: @unchecked Sendable {
  public let options: TLSOptions
  let pointer: OpaquePointer
  /// What C calls for each key that is logged.
  private let keyLog: KeyLog?

  private final class KeyLog {
    let logged: @Sendable (String) -> Void

    init(_ logged: @escaping @Sendable (String) -> Void) {
      self.logged = logged
    }
  }

  /// Reads the files that the options name. Throws what is wrong with an option or a file, the first of them, and
  /// `noLibrary` where OpenSSL is missing.
  public init(_ options: TLSOptions) throws(TLSError) {
    try OpenSSL.load()
    var failure = copenssl_failure()
    guard let pointer = copenssl_context_new(options.role == .server, &failure) else {
      throw TLSError(.other, "cannot make a context of TLS: \(failure.words)")
    }
    self.options = options
    self.pointer = pointer
    keyLog = options.keyLog.map(KeyLog.init)
    // From here on the object frees the pointer, also when it throws.
    try setLevelAndVersions()
    try setLists()
    try setTrust()
    try setIdentities()
    try setProtocols()
    if options.resumption { copenssl_context_allow_resumption(pointer) }
    if let keyLog {
      copenssl_context_set_key_log(pointer, Unmanaged.passUnretained(keyLog).toOpaque()) { receiver, line in
        guard let receiver, let line else { return }
        Unmanaged<KeyLog>.fromOpaque(receiver).takeUnretainedValue().logged(String(cString: line))
      }
    }
  }

  deinit { copenssl_context_free(pointer) }

  private func setLevelAndVersions() throws(TLSError) {
    let (lowest, highest) = (options.lowestVersion, options.highestVersion)
    if let lowest, let highest, lowest > highest {
      throw TLSError(.configuration, "the lowest version, \(lowest), is above the highest, \(highest)")
    }
    if let level = options.securityLevel {
      guard (0...5).contains(level) else {
        throw TLSError(.configuration, "there is no security level \(level)", cure: "give one of 0 to 5")
      }
      copenssl_context_set_security_level(pointer, Int32(level))
    } else if min(lowest ?? .v1_3, highest ?? .v1_3) < .v1_2 {
      copenssl_context_set_security_level(pointer, 0)
    }
    if lowest == nil, highest == nil { return }
    var failure = copenssl_failure()
    // Who wants an old one at most wants no newer one at least.
    let bottom = lowest ?? highest.flatMap { $0 < .v1_2 ? $0 : nil }
    guard
      copenssl_context_set_versions(
        pointer, Int32(bottom?.rawValue ?? 0), Int32(highest?.rawValue ?? 0), &failure)
    else { throw TLSError(.configuration, "OpenSSL does not take these versions of TLS: \(failure.words)") }
  }

  private func setLists() throws(TLSError) {
    try set(
      options.ciphers.map(Self.inOpenSSLsNames), copenssl_context_set_ciphers, "list of ciphers",
      "`openssl ciphers -tls1_2` lists them")
    try set(
      options.ciphersuites, copenssl_context_set_ciphersuites, "list of TLS 1.3 cipher suites",
      "they are TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256 and two of CCM")
    try set(
      options.groups, copenssl_context_set_groups, "list of groups",
      "they are X25519, P-256, P-384, P-521, X448 and ffdhe2048 to ffdhe8192")
  }

  /// A list of ciphers with OpenSSL's names for those that have their standard ones in it. A name that nobody knows
  /// stays.
  private static func inOpenSSLsNames(_ list: String) -> String {
    list.split(separator: ":", omittingEmptySubsequences: false).map { name in
      guard name.hasPrefix("TLS_"), let known = copenssl_cipher_name(String(name)) else { return String(name) }
      let text = String(cString: known)
      return text == "(NONE)" ? String(name) : text
    }.joined(separator: ":")
  }

  private func set(
    _ list: String?, _ setter: (OpaquePointer, UnsafePointer<CChar>, UnsafeMutablePointer<copenssl_failure>) -> Bool,
    _ what: String, _ cure: String
  ) throws(TLSError) {
    guard let list else { return }
    var failure = copenssl_failure()
    if list.utf8.contains(0) || !setter(pointer, list, &failure) {
      let words = failure.words
      throw TLSError(.configuration, "no good \(what): \"\(list)\"\(words.isEmpty ? "" : " (\(words))")", cure: cure)
    }
  }

  private func setTrust() throws(TLSError) {
    switch options.verification {
    case .none: copenssl_context_set_verification(pointer, COPENSSL_VERIFY_NONE)
    case .optional: copenssl_context_set_verification(pointer, COPENSSL_VERIFY_OPTIONAL)
    case .required: copenssl_context_set_verification(pointer, COPENSSL_VERIFY_REQUIRED)
    }
    var failure = copenssl_failure()
    for source in options.authorities {
      for certificate in try source.certificates(of: "the authority's certificate") {
        guard copenssl_context_trust(pointer, certificate.pointer, &failure) else {
          throw TLSError(.configuration, "cannot trust a certificate of \(source): \(failure.words)")
        }
      }
    }
    let asks = options.role == .client || options.verification != .none
    if asks, options.authorities.isEmpty, !copenssl_context_trust_system(pointer, &failure) {
      throw TLSError(
        .configuration, "cannot read the system's store of certificates: \(failure.words)",
        cure: "apt install ca-certificates, or say with `ca FILE` whom to trust")
    }
  }

  private func setIdentities() throws(TLSError) {
    if options.role == .server, options.identities.isEmpty {
      throw TLSError(.configuration, "a server of TLS needs a certificate", cure: "give it with `cert FILE key FILE`")
    }
    for identity in options.identities {
      let certificates = try identity.certificate.certificates(of: "the certificate")
      guard let first = certificates.first else { continue }
      let key = try (identity.key ?? identity.certificate).key()
      let chain = certificates.dropFirst().map { Optional($0.pointer) }
      var failure = copenssl_failure()
      let good = withExtendedLifetime(certificates) {
        copenssl_context_add_identity(pointer, first.pointer, chain, chain.count, key.pointer, &failure)
      }
      if good { continue }
      let names = "\(identity.certificate)\(identity.key.map { " and \($0)" } ?? "")"
      switch failure.kind {
      case COPENSSL_FAILURE_KEY_MISMATCH:
        throw TLSError(
          .configuration, "certificate and key do not belong together: \(names)",
          details: TLSCertificate(first.pointer).summary)
      case COPENSSL_FAILURE_WEAK_CERTIFICATE:
        throw TLSError(
          .configuration, "the certificate is too weak for the security level: \(names) (\(failure.words))",
          cure: "make a stronger one, or set the level to 0 to show this one in a test")
      default: throw TLSError(.configuration, "OpenSSL does not take the certificate \(names): \(failure.words)")
      }
    }
  }

  private func setProtocols() throws(TLSError) {
    if options.protocols.isEmpty { return }
    var list: [UInt8] = []
    for name in options.protocols {
      let bytes = Array(name.utf8)
      guard (1...255).contains(bytes.count) else {
        throw TLSError(.configuration, "an application protocol has 1 to 255 bytes, and \"\(name)\" \(bytes.count)")
      }
      list.append(UInt8(bytes.count))
      list += bytes
    }
    guard list.count <= 65535, copenssl_context_set_protocols(pointer, list, list.count) else {
      throw TLSError(.configuration, "the list of application protocols is too long: \(list.count) bytes")
    }
  }
}
