// Checksums and digests: crc32 md5 sha1 sha256 hmac.

import COpenSSL
import SockLanguage

/// What libcrypto is asked for, by the names that scripts use.
enum DigestAlgorithm: String, CaseIterable {
  case md5, sha1, sha224, sha256, sha384, sha512

  fileprivate var code: copenssl_algorithm {
    switch self {
    case .md5: return COPENSSL_MD5
    case .sha1: return COPENSSL_SHA1
    case .sha224: return COPENSSL_SHA224
    case .sha256: return COPENSSL_SHA256
    case .sha384: return COPENSSL_SHA384
    case .sha512: return COPENSSL_SHA512
    }
  }
}

enum Digests {
  /// The digest of a string, as raw bytes.
  static func digest(_ algorithm: DigestAlgorithm, _ arguments: Arguments) throws(Failure) -> Value {
    let data = try arguments.string(0)
    Meter.charge(bytes: data.count)
    return try output(algorithm, arguments) { target, count in
      copenssl_digest(algorithm.code, data.start, data.count, target, &count)
    }
  }

  /// `hmac(name, key, data)` (RFC 2104) with one of the digests md5 sha1 sha224 sha256 sha384 sha512, as raw bytes.
  static func hmac(_ arguments: Arguments) throws(Failure) -> Value {
    let name = try arguments.string(0)
    guard let algorithm = DigestAlgorithm(rawValue: name.text) else {
      let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: " ")
      throw arguments.range("\(Show.inspect(.string(name)).text) is no digest: those are \(known)")
    }
    let key = try arguments.string(1)
    let data = try arguments.string(2)
    Meter.charge(bytes: key.count + data.count)
    return try output(algorithm, arguments) { target, count in
      copenssl_hmac(algorithm.code, key.start, key.count, data.start, data.count, target, &count)
    }
  }

  private static func output(
    _ algorithm: DigestAlgorithm, _ arguments: Arguments,
    _ compute: (UnsafeMutablePointer<UInt8>, inout Int) -> copenssl_result
  ) throws(Failure) -> Value {
    let result = ByteString.allocate(capacity: Int(COPENSSL_MAXIMUM_DIGEST))
    var count = 0
    switch compute(result.start, &count) {
    case COPENSSL_DONE:
      result.setCount(count)
      return .string(result)
    case COPENSSL_NO_LIBRARY:
      throw Failure(
        .system(.noFunction), "\(arguments.name): libcrypto.so.3 cannot be loaded (install the package libssl3)")
    default:
      throw Failure(
        .system(.notSupported), "\(arguments.name): libcrypto refuses to compute \(algorithm.rawValue)")
    }
  }

  /// The CRC of IEEE 802.3, as zlib and Ethernet use it, as an integer.
  static func crc32(_ arguments: Arguments) throws(Failure) -> Value {
    let bytes = try arguments.string(0).bytes
    Meter.charge(bytes: bytes.count)
    var crc = UInt32.max
    crcTable.withUnsafeBufferPointer { table in
      for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
    }
    return .integer(Int(~crc))
  }

  /// The remainder that each byte leaves.
  private static let crcTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
  }
}
