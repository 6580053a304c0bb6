// The alerts of TLS, by number and name.

/// An alert's description (RFC 8446 section 6; the reserved ones are those of TLS 1.2 and earlier).
public struct TLSAlert: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number in the alert's second byte.
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The alert of a name as the RFC spells it, such as "bad_record_mac".
  public init?(name: String) {
    guard let known = Self.known.first(where: { $0.name == name }) else { return nil }
    rawValue = known.number
  }

  /// The name, such as "bad_record_mac"; "alert_" and the number for one that has none.
  public var name: String { Self.known.first { $0.number == rawValue }?.name ?? "alert_\(rawValue)" }

  public var description: String { "\(name) (\(rawValue))" }

  /// Every name, in the order of the numbers.
  public static var allNames: [String] { known.map(\.name) }

  public static let closeNotify = TLSAlert(rawValue: 0)

  private static let known: [(number: UInt8, name: String)] = [
    (0, "close_notify"), (10, "unexpected_message"), (20, "bad_record_mac"), (21, "decryption_failed_RESERVED"),
    (22, "record_overflow"), (30, "decompression_failure_RESERVED"), (40, "handshake_failure"),
    (41, "no_certificate_RESERVED"), (42, "bad_certificate"), (43, "unsupported_certificate"),
    (44, "certificate_revoked"), (45, "certificate_expired"), (46, "certificate_unknown"), (47, "illegal_parameter"),
    (48, "unknown_ca"), (49, "access_denied"), (50, "decode_error"), (51, "decrypt_error"),
    (52, "too_many_cids_requested"), (60, "export_restriction_RESERVED"), (70, "protocol_version"),
    (71, "insufficient_security"), (80, "internal_error"), (86, "inappropriate_fallback"), (90, "user_canceled"),
    (100, "no_renegotiation_RESERVED"), (109, "missing_extension"), (110, "unsupported_extension"),
    (111, "certificate_unobtainable_RESERVED"), (112, "unrecognized_name"), (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value_RESERVED"), (115, "unknown_psk_identity"), (116, "certificate_required"),
    (120, "no_application_protocol"),
  ]
}
