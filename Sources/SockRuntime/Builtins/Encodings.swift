// Bytes as text and back: hex hexdump base64 urlencode.

import SockLanguage

enum Encodings {
  // MARK: hex

  /// Two lower-case digits for each byte, and a separator between two bytes.
  static func hex(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    if arguments.count > 1 { return try hex(string, separator: try arguments.string(1), arguments) }
    guard string.count <= ByteString.maximumCount / 2 else { throw arguments.tooLong }
    let result = try ByteString.reserve(string.count * 2)
    var at = result.start
    for byte in string.bytes {
      at[0] = digit(byte >> 4)
      at[1] = digit(byte & 15)
      at += 2
    }
    result.setCount(string.count * 2)
    return .string(result)
  }

  private static func hex(
    _ string: ByteString, separator: ByteString, _ arguments: Arguments
  ) throws(Failure) -> Value {
    var builder = ByteBuilder(capacity: min(string.count, ByteString.maximumCount / 8) * (2 + min(separator.count, 6)))
    var lookout = Lookout()
    for (at, byte) in string.bytes.enumerated() {
      if at > 0 { builder.append(separator.bytes) }
      builder.append(digit(byte >> 4))
      builder.append(digit(byte & 15))
      try builder.requireRoom(arguments.name)
      try lookout.step(bytes: separator.count)
    }
    return .string(try builder.finish(arguments.name))
  }

  /// Lines of 16 bytes: the offset, the bytes in hex, and as text. Without a line end behind the last one. Where a
  /// secret stands there are three stars, as wherever something is shown: cut into rows, none could be found in it
  /// afterwards.
  static func hexdump(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    var string = try arguments.string(0)
    if let secrets = context.secrets, !secrets.isEmpty { string = ByteString(secrets.masked(string.array)) }
    let bytes = string.bytes
    let width = HexDump.offsetWidth(of: bytes.count)
    var builder = ByteBuilder(capacity: min(bytes.count, ByteString.maximumCount / 8) * 5)
    var lookout = Lookout()
    for start in stride(from: 0, to: bytes.count, by: HexDump.bytesInRow) {
      if start > 0 { builder.append(0x0A) }
      HexDump.append(bytes, from: start, offsetWidth: width, to: &builder)
      try builder.requireRoom(arguments.name)
      try lookout.step(bytes: 80)
    }
    return .string(try builder.finish(arguments.name))
  }

  static func hex(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digit($0 >> 4), digit($0 & 15)] }, as: UTF8.self)
  }

  @inline(__always)
  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 - 10 + value }

  /// Pairs of hexadecimal digits of either case; white space between pairs is ignored, as in `x"…"`.
  static func unhex(_ arguments: Arguments) throws(Failure) -> Value {
    let bytes = try arguments.string(0).bytes
    var builder = ByteBuilder(capacity: bytes.count / 2)
    var at = 0
    while at < bytes.count {
      if ByteClass.isSpace(bytes[at]) {
        at += 1
        continue
      }
      guard let high = ByteClass.hexDigit(bytes[at]) else { throw notDigit(arguments, bytes, at) }
      guard at + 1 < bytes.count else { throw arguments.parse("the digit at byte \(at) has no second one") }
      guard let low = ByteClass.hexDigit(bytes[at + 1]) else { throw notDigit(arguments, bytes, at + 1) }
      builder.append(high << 4 | low)
      at += 2
    }
    return .string(try builder.finish(arguments.name))
  }

  private static func notDigit(_ arguments: Arguments, _ bytes: UnsafeRawBufferPointer, _ at: Int) -> Failure {
    arguments.parse("\(shown(bytes[at])) at byte \(at) is no hexadecimal digit")
  }

  private static func shown(_ byte: UInt8) -> String { Show.inspect(.string(ByteString([byte]))).text }

  // MARK: base64

  private static let base64Alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  private static let urlAlphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  /// RFC 4648 section 4, with padding and without line ends.
  static func base64(_ arguments: Arguments) throws(Failure) -> Value {
    .string(try base64(arguments, base64Alphabet))
  }

  /// RFC 4648 section 5, without padding.
  static func base64url(_ arguments: Arguments) throws(Failure) -> Value {
    let encoded = try base64(arguments, urlAlphabet)
    let padding = (3 - (try arguments.string(0).count) % 3) % 3
    encoded.setCount(encoded.count - padding)
    return .string(encoded)
  }

  private static func base64(_ arguments: Arguments, _ letters: StaticString) throws(Failure) -> ByteString {
    let string = try arguments.string(0)
    guard (string.count + 2) / 3 <= ByteString.maximumCount / 4 else { throw arguments.tooLong }
    return try base64(string, letters)
  }

  /// RFC 4648 section 4, of what is shorter than three quarters of the longest string.
  static func base64(_ string: ByteString) throws(Failure) -> ByteString { try base64(string, base64Alphabet) }

  private static func base64(_ string: ByteString, _ letters: StaticString) throws(Failure) -> ByteString {
    let groups = (string.count + 2) / 3
    let result = try ByteString.reserve(groups * 4)
    let alphabet = letters.utf8Start
    let source = string.bytes
    var target = result.start
    var at = 0
    while at < source.count {
      let left = source.count - at
      let second = left > 1 ? source[at + 1] : 0
      let third = left > 2 ? source[at + 2] : 0
      target[0] = alphabet[Int(source[at] >> 2)]
      target[1] = alphabet[Int(source[at] & 3) << 4 | Int(second >> 4)]
      target[2] = left > 1 ? alphabet[Int(second & 15) << 2 | Int(third >> 6)] : 0x3D
      target[3] = left > 2 ? alphabet[Int(third & 63)] : 0x3D
      target += 4
      at += 3
    }
    result.setCount(groups * 4)
    return result
  }

  private static func base64Value(_ byte: UInt8, isURL: Bool) -> UInt8? {
    switch byte {
    case 0x41...0x5A: return byte - 0x41
    case 0x61...0x7A: return byte - 0x61 + 26
    case 0x30...0x39: return byte - 0x30 + 52
    case isURL ? 0x2D : 0x2B: return 62
    case isURL ? 0x5F : 0x2F: return 63
    default: return nil
    }
  }

  /// RFC 4648 section 4. White space is ignored (MIME breaks lines), and the padding may be left out, all of it;
  /// anything else outside of the alphabet, wrong padding, and bits that no encoder sets are errors.
  static func unbase64(_ arguments: Arguments) throws(Failure) -> Value { try unbase64(arguments, isURL: false) }

  /// The same by RFC 4648 section 5.
  static func unbase64url(_ arguments: Arguments) throws(Failure) -> Value { try unbase64(arguments, isURL: true) }

  private static func unbase64(_ arguments: Arguments, isURL: Bool) throws(Failure) -> Value {
    let bytes = try arguments.string(0).bytes
    var builder = ByteBuilder(capacity: bytes.count / 4 * 3 + 3)
    var bits: UInt32 = 0
    var digits = 0
    var padding = 0
    for (at, byte) in bytes.enumerated() {
      if ByteClass.isSpace(byte) { continue }
      if byte == 0x3D {
        padding += 1
        guard digits + padding <= 4, digits >= 2 else { throw arguments.parse("unexpected padding at byte \(at)") }
        continue
      }
      guard let value = base64Value(byte, isURL: isURL) else {
        let other = base64Value(byte, isURL: !isURL) == nil ? "" : " (`\(isURL ? "unbase64" : "unbase64url")` reads it)"
        throw arguments.parse("\(shown(byte)) at byte \(at) is no base64 digit\(other)")
      }
      guard padding == 0 else { throw arguments.parse("\(shown(byte)) at byte \(at) follows the padding") }
      bits = bits << 6 | UInt32(value)
      digits += 1
      if digits == 4 {
        builder.append(UInt8(truncatingIfNeeded: bits >> 16))
        builder.append(UInt8(truncatingIfNeeded: bits >> 8))
        builder.append(UInt8(truncatingIfNeeded: bits))
        digits = 0
        bits = 0
      }
    }
    if digits == 0, padding == 0 { return .string(try builder.finish(arguments.name)) }
    guard digits > 1 else { throw arguments.parse("the last group has 1 of 4 digits, which is less than a byte") }
    guard padding == 0 || digits + padding == 4 else {
      throw arguments.parse("the last group has \(digits) of 4 digits, and a part of its padding is missing")
    }
    let spareBits: UInt32 = digits == 2 ? 4 : 2
    guard bits & (1 << spareBits - 1) == 0 else { throw arguments.parse("the last digit has bits that mean nothing") }
    bits >>= spareBits
    if digits == 3 { builder.append(UInt8(truncatingIfNeeded: bits >> 8)) }
    builder.append(UInt8(truncatingIfNeeded: bits))
    return .string(try builder.finish(arguments.name))
  }

  // MARK: urlencode

  /// RFC 3986: letters, digits and `- . _ ~` stay, every other byte becomes `%HH`.
  static func urlencode(_ arguments: Arguments) throws(Failure) -> Value {
    let bytes = try arguments.string(0).bytes
    var builder = ByteBuilder(capacity: bytes.count + bytes.count / 4)
    for byte in bytes {
      if ByteClass.isWord(byte) || byte == 0x2D || byte == 0x2E || byte == 0x7E {
        builder.append(byte)
      } else {
        builder.append(0x25)
        builder.append(UInt(byte), radix: 16, uppercase: true, minimumDigits: 2)
      }
    }
    return .string(try builder.finish(arguments.name))
  }

  /// Turns `%HH` back into bytes. A `+` stays: only forms write a space so (`replace(s, "+", " ")` before it).
  static func urldecode(_ arguments: Arguments) throws(Failure) -> Value {
    let bytes = try arguments.string(0).bytes
    var builder = ByteBuilder(capacity: bytes.count)
    var at = 0
    while at < bytes.count {
      guard bytes[at] == 0x25 else {
        builder.append(bytes[at])
        at += 1
        continue
      }
      guard at + 2 < bytes.count, let high = ByteClass.hexDigit(bytes[at + 1]),
        let low = ByteClass.hexDigit(bytes[at + 2])
      else { throw arguments.parse("the `%` at byte \(at) is not followed by two hexadecimal digits") }
      builder.append(high << 4 | low)
      at += 3
    }
    return .string(try builder.finish(arguments.name))
  }
}
