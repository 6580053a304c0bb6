// Digests, and keys made by them: md5 sha1 sha256 sha384 sha512 hmac hkdf pbkdf2.

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

extension DigestAlgorithm {
  /// Of the digest, in bytes.
  fileprivate var size: Int {
    switch self {
    case .md5: return 16
    case .sha1: return 20
    case .sha224: return 28
    case .sha256: return 32
    case .sha384: return 48
    case .sha512: return 64
    }
  }
}

enum Digests {
  /// The digest of a string, as raw bytes.
  static func digest(_ algorithm: DigestAlgorithm, _ arguments: Arguments) throws(Failure) -> Value {
    let data = try arguments.string(0)
    Meter.charge(bytes: data.count)
    return .string(
      try output(algorithm, arguments) { target, count in
        copenssl_digest(algorithm.code, data.start, data.count, target, &count)
      })
  }

  /// `hmac(name, key, data)` (RFC 2104) with one of the digests md5 sha1 sha224 sha256 sha384 sha512, as raw bytes.
  static func hmac(_ arguments: Arguments) throws(Failure) -> Value {
    let algorithm = try algorithm(arguments)
    let key = try arguments.string(1)
    let data = try arguments.string(2)
    Meter.charge(bytes: key.count + data.count)
    return .string(try hmac(algorithm, key, data, arguments))
  }

  private static func hmac(
    _ algorithm: DigestAlgorithm, _ key: ByteString, _ data: ByteString, _ arguments: Arguments
  ) throws(Failure) -> ByteString {
    try output(algorithm, arguments) { target, count in
      copenssl_hmac(algorithm.code, key.start, key.count, data.start, data.count, target, &count)
    }
  }

  private static func algorithm(_ arguments: Arguments) throws(Failure) -> DigestAlgorithm {
    let name = try arguments.string(0)
    if let algorithm = DigestAlgorithm(rawValue: name.text) { return algorithm }
    let known = DigestAlgorithm.allCases.map(\.rawValue).joined(separator: " ")
    throw arguments.range("\(Show.inspect(.string(name)).text) is no digest: those are \(known)")
  }

  /// `hkdf(name, key, salt, info, length)` (RFC 5869): extracts by an HMAC, and expands by as many as are needed.
  static func hkdf(_ arguments: Arguments) throws(Failure) -> Value {
    let algorithm = try algorithm(arguments)
    let key = try arguments.string(1)
    let salt = try arguments.string(2)
    let info = try arguments.string(3)
    let length = try arguments.integer(4, in: 0...255 * algorithm.size)
    Meter.charge(bytes: key.count + salt.count)
    let extracted = try hmac(algorithm, salt, key, arguments)
    var result = ByteBuilder(capacity: length + algorithm.size)
    var previous = ByteString.empty
    var number: UInt8 = 0
    var lookout = Lookout()
    while result.count < length {
      number += 1
      var block = ByteBuilder(capacity: previous.count + info.count + 1)
      block.append(previous)
      block.append(info)
      block.append(number)
      previous = try hmac(algorithm, extracted, try block.finish(arguments.name), arguments)
      result.append(previous)
      try lookout.step(bytes: info.count)
    }
    result.removeLast(result.count - length)
    return .string(try result.finish(arguments.name))
  }

  /// What may be asked for in one call: some seconds' work, which nothing interrupts.
  private static let mostIterations = 10_000_000

  /// `pbkdf2(name, password, salt, iterations, length)` (RFC 8018 section 5.2).
  static func pbkdf2(_ arguments: Arguments) throws(Failure) -> Value {
    let algorithm = try algorithm(arguments)
    let password = try arguments.string(1)
    let salt = try arguments.string(2)
    let iterations = try arguments.integer(3, in: 1...mostIterations)
    let length = try arguments.integer(4, in: 0...1 << 16)
    let blocks = (length + algorithm.size - 1) / algorithm.size
    guard iterations * blocks <= mostIterations else {
      throw arguments.range(
        "\(iterations) iterations for each of \(blocks) digests are more than \(mostIterations), the most that one "
          + "call may take")
    }
    guard length > 0 else { return .string(.empty) }
    let result = try ByteString.reserve(length)
    Meter.charge(bytes: password.count + salt.count + iterations * blocks * 2 * algorithm.size)
    try requireDone(
      copenssl_pbkdf2(
        algorithm.code, password.start, password.count, salt.start, salt.count, iterations, result.start, length),
      algorithm, arguments)
    result.setCount(length)
    return .string(result)
  }

  private static func output(
    _ algorithm: DigestAlgorithm, _ arguments: Arguments,
    _ compute: (UnsafeMutablePointer<UInt8>, inout Int) -> copenssl_result
  ) throws(Failure) -> ByteString {
    let result = ByteString.allocate(capacity: Int(COPENSSL_MAXIMUM_DIGEST))
    var count = 0
    try requireDone(compute(result.start, &count), algorithm, arguments)
    result.setCount(count)
    return result
  }

  private static func requireDone(
    _ result: copenssl_result, _ algorithm: DigestAlgorithm, _ arguments: Arguments
  ) throws(Failure) {
    switch result {
    case COPENSSL_DONE: return
    case COPENSSL_NO_LIBRARY:
      throw Failure(
        .system(.noFunction), "\(arguments.name): libcrypto.so.3 cannot be loaded (install the package libssl3)")
    default:
      throw Failure(
        .system(.notSupported), "\(arguments.name): libcrypto refuses to compute \(algorithm.rawValue)")
    }
  }
}
