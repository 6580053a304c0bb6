// Certificates, as they are shown, and the names in them.
import COpenSSL
import Glibc
import SocketCore

/// Whom a certificate is for: a subject alternative name (RFC 5280 section 4.2.1.6).
public enum TLSName: Hashable, Sendable, CustomStringConvertible {
  /// A host's name in ASCII; "*." may stand for the first label.
  case dns(String)
  /// An address in numbers.
  case address(String)
  case uri(String)
  case email(String)

  /// What `text` looks like: an address, else a URI if it has "://", an e-mail address if it has "@", else a host's
  /// name.
  public init(_ text: String) {
    if SocketAddress(host: text, port: 0) != nil {
      self = .address(text)
    } else if text.contains("://") {
      self = .uri(text)
    } else {
      self = text.contains("@") ? .email(text) : .dns(text)
    }
  }

  /// The name without its kind.
  public var text: String {
    switch self {
    case .dns(let text), .address(let text), .uri(let text), .email(let text): text
    }
  }

  /// As OpenSSL shows it: "DNS:localhost".
  public var description: String {
    switch self {
    case .dns(let text): "DNS:\(text)"
    case .address(let text): "IP:\(text)"
    case .uri(let text): "URI:\(text)"
    case .email(let text): "email:\(text)"
    }
  }

  /// The kind and the bytes as a certificate holds them; nil for an address that is none and for text that is not
  /// ASCII.
  var encoded: (kind: copenssl_field, bytes: [UInt8])? {
    switch self {
    case .dns(let text): Self.ascii(text).map { (COPENSSL_FIELD_DNS, $0) }
    case .uri(let text): Self.ascii(text).map { (COPENSSL_FIELD_URI, $0) }
    case .email(let text): Self.ascii(text).map { (COPENSSL_FIELD_EMAIL, $0) }
    case .address(let text): Self.address(text).map { (COPENSSL_FIELD_ADDRESS, $0) }
    }
  }

  private static func ascii(_ text: String) -> [UInt8]? {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? Array(text.utf8) : nil
  }

  /// The 4 or 16 bytes of an address in numbers; nil for other text.
  static func address(_ text: String) -> [UInt8]? {
    // A zone ("%lo") says where, not who.
    guard let address = SocketAddress(host: text, port: 0) else { return nil }
    switch address.family {
    case .inet: return Array(address.packed[4..<8])
    case .inet6: return Array(address.packed[8..<24])
    default: return nil
    }
  }

  /// The name of an address of 4 or 16 bytes; nil for another number of them.
  static func address(_ bytes: [UInt8]) -> TLSName? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard bytes.count == 4 || bytes.count == 16,
      inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, UInt32(text.count)) != nil
    else { return nil }
    return .address(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}

/// What a certificate says. The texts of a peer's certificate are the peer's: they may hold anything.
public struct TLSCertificate: Hashable, Sendable {
  /// As RFC 4514 writes it, with a blank behind each comma: "CN=localhost, O=Example".
  public internal(set) var subject = ""
  public internal(set) var issuer = ""
  /// Whom it is for, in its order.
  public internal(set) var names: [TLSName] = []
  /// Seconds since 1970.
  public internal(set) var notBefore: Int64 = 0
  public internal(set) var notAfter: Int64 = 0
  /// In hexadecimal.
  public internal(set) var serial = ""
  /// As "P-256" or "RSA 2048".
  public internal(set) var key = ""
  /// As "ecdsa-with-SHA256".
  public internal(set) var signature = ""
  public internal(set) var der: [UInt8] = []
  public internal(set) var pem = ""

  init(_ certificate: OpaquePointer) {
    withUnsafeMutablePointer(to: &self) { this in
      copenssl_describe(certificate, this) { this, field, bytes, count in
        this?.assumingMemoryBound(to: TLSCertificate.self).pointee.set(
          field, Array(UnsafeRawBufferPointer(start: bytes, count: count)))
      }
    }
  }

  private mutating func set(_ field: copenssl_field, _ bytes: [UInt8]) {
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var seconds: Int64 { bytes.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) } }
    switch field {
    case COPENSSL_FIELD_SUBJECT: subject = text
    case COPENSSL_FIELD_ISSUER: issuer = text
    case COPENSSL_FIELD_SERIAL: serial = text
    case COPENSSL_FIELD_KEY: key = text
    case COPENSSL_FIELD_SIGNATURE: signature = text
    case COPENSSL_FIELD_NOT_BEFORE: notBefore = seconds
    case COPENSSL_FIELD_NOT_AFTER: notAfter = seconds
    case COPENSSL_FIELD_DER: der = bytes
    case COPENSSL_FIELD_PEM: pem = text
    case COPENSSL_FIELD_DNS: names.append(.dns(text))
    case COPENSSL_FIELD_URI: names.append(.uri(text))
    case COPENSSL_FIELD_EMAIL: names.append(.email(text))
    case COPENSSL_FIELD_ADDRESS: if let name = TLSName.address(bytes) { names.append(name) }
    default: break
    }
  }

  /// The SHA-256 of its DER, 32 bytes.
  public var fingerprint: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(COPENSSL_MAXIMUM_DIGEST)) { digest, count in
      if copenssl_digest(COPENSSL_SHA256, der, der.count, digest.baseAddress, &count) != COPENSSL_DONE { count = 0 }
    }
  }

  /// Lines for who has to judge it.
  public var summary: [String] {
    [
      "subject: \(subject)",
      "names: \(names.isEmpty ? "none" : names.map(\.description).joined(separator: ", "))",
      "valid: \(Self.date(notBefore)) to \(Self.date(notAfter))",
      "issuer: \(issuer)",
    ]
  }

  /// A time as "2026-01-31 23:59:59 UTC".
  static func date(_ seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    guard gmtime_r(&time, &parts) != nil else { return "\(seconds) s" }
    var text = [UInt8](repeating: 0, count: 64)
    let count = text.withUnsafeMutableBytes {
      strftime($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, "%Y-%m-%d %H:%M:%S UTC", &parts)
    }
    return String(decoding: text.prefix(count), as: UTF8.self)
  }
}
