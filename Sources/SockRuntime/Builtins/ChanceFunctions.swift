// Functions that draw by chance: random random_bytes uuid.

import SockLanguage

enum ChanceFunctions {
  /// `random(n)`: an integer from 0 to below n; `random(from, to)`: both included.
  static func random(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let first = try arguments.integer(0)
    if arguments.count == 1 {
      guard first > 0 else { throw arguments.range("there is no integer from 0 to below \(first)") }
      return .integer(Int.random(in: 0..<first, using: &context.chance))
    }
    let to = try arguments.integer(1)
    guard first <= to else { throw arguments.range("there is no integer from \(first) to \(to)") }
    return .integer(Int.random(in: first...to, using: &context.chance))
  }

  static func randomBytes(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let count = try arguments.integer(0, in: 0...Int.max)
    guard count <= ByteString.maximumCount else { throw arguments.tooLong }
    let result = try ByteString.reserve(count)
    Meter.charge(bytes: count)
    try context.chance.fill(UnsafeMutableRawBufferPointer(start: result.start, count: count))
    result.setCount(count)
    return .string(result)
  }

  /// Of RFC 9562 section 5.4: all is random but for the version, 4, and the variant.
  static func uuid(_ context: BuiltinContext) throws(Failure) -> Value {
    var bytes = [UInt8](repeating: 0, count: 16)
    var failure: Failure?
    bytes.withUnsafeMutableBytes { place in
      do throws(Failure) { try context.chance.fill(place) } catch { failure = error }
    }
    if let failure { throw failure }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var builder = ByteBuilder(capacity: 36)
    for (at, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(at) { builder.append(UInt8(ascii: "-")) }
      builder.append(UInt(byte), radix: 16, minimumDigits: 2)
    }
    return .string(builder.finish())
  }
}
