// What a session has come to, and what can be had from it.
import COpenSSL

extension TLSSession {
  /// nil before the handshake is over.
  public var version: TLSVersion? { UInt16(exactly: copenssl_session_version(pointer)).flatMap(TLSVersion.init) }

  /// The cipher suite as IANA names it, such as "TLS_AES_256_GCM_SHA384"; nil before the handshake.
  public var cipher: String? { copenssl_session_cipher(pointer).map { String(cString: $0) } }

  /// The group of the key exchange, such as "x25519"; nil where there was none, as in a resumed session of TLS 1.2.
  public var group: String? { copenssl_session_group(pointer).map { String(cString: $0) } }

  /// The application protocol that both sides go by (ALPN, RFC 7301); nil for none.
  public var applicationProtocol: String? {
    var count = 0
    guard let bytes = copenssl_session_protocol(pointer, &count) else { return nil }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// The name that the client has asked for (SNI, RFC 6066 section 3); nil for none.
  public var serverName: String? { copenssl_session_server_name(pointer).map { String(cString: $0) } }

  /// Whether it goes on with an earlier session's keys.
  public var isResumed: Bool { copenssl_session_resumed(pointer) }

  /// The certificates that the peer has sent, its own first; of a resumed session only that; none before it has sent
  /// some. Also after a handshake that failed by them.
  public var peerCertificates: [TLSCertificate] {
    (0..<copenssl_session_peer_count(pointer)).compactMap { index in
      copenssl_session_peer(pointer, index).map { TLSCertificate($0) }
    }
  }

  /// The peer's own certificate.
  public var peerCertificate: TLSCertificate? {
    copenssl_session_peer_count(pointer) == 0 ? nil : copenssl_session_peer(pointer, 0).map { TLSCertificate($0) }
  }

  /// Keying material for another protocol (RFC 5705, RFC 8446 section 7.5), 1 to 8160 bytes: that many SHA-256 gives in
  /// TLS 1.3. No context and an empty one differ in TLS 1.2. Throws before the handshake is over, and in TLS 1.2 for a
  /// label that is its own.
  public func exportKeyingMaterial(label: String, context: [UInt8]? = nil, count: Int) throws(TLSError) -> [UInt8] {
    guard isEstablished else {
      throw TLSError(.misuse, "keying material can be had once the handshake is over")
    }
    guard (1...8160).contains(count) else {
      throw TLSError(.configuration, "keying material has 1 to 8160 bytes, not \(count)")
    }
    var failure = copenssl_failure()
    var bytes = [UInt8](repeating: 0, count: count)
    // No pointer is no context: an empty one needs some.
    let given = context.map { $0.isEmpty ? [0] : $0 }
    if copenssl_session_export(
      pointer, label, label.utf8.count, given, context?.count ?? 0, &bytes, count, &failure)
    {
      return bytes
    }
    throw TLSError(.configuration, "cannot export keying material for the label \"\(label)\": \(failure.words)")
  }

  /// What a later session can be resumed by, the newest; each can be had once. nil where the server gave none yet,
  /// which in TLS 1.3 it does behind the handshake: read first.
  public func takeResumption() -> TLSResumption? {
    copenssl_session_take_resumption(pointer).map { TLSResumption(owning: $0, name: name) }
  }

  /// Goes over to new keys with the next write (RFC 8446 section 4.6.3), and with `both` asks the peer to do so too.
  /// Throws in TLS 1.2 and earlier.
  public func updateKeys(both: Bool = true) throws(TLSError) {
    var failure = copenssl_failure()
    if !copenssl_session_update_keys(pointer, both, &failure) {
      throw TLSError(.misuse, "cannot go over to new keys: \(failure.words)")
    }
  }
}
