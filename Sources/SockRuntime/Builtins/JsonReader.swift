// parse_json: JSON text (RFC 8259) as a value.

import SockLanguage

struct JsonReader {
  private let arguments: Arguments
  private let bytes: UnsafeRawBufferPointer
  private var at = 0
  private var lookout = Lookout()
  /// Where the value before began.
  private var lastLook = 0

  private init(_ arguments: Arguments, _ bytes: UnsafeRawBufferPointer) {
    self.arguments = arguments
    self.bytes = bytes
  }

  /// Strict: no comments, no trailing commas, UTF-8 only. A number without fraction and exponent is an integer, or a
  /// float if it does not fit 64 bits; of keys that are there twice the last one counts. An error says line and column.
  static func parse(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    var reader = JsonReader(arguments, string.bytes)
    if string.count >= 3, string[0] == 0xEF, string[1] == 0xBB, string[2] == 0xBF {
      throw reader.error("a byte order mark is not allowed")
    }
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    if reader.at < string.count { throw reader.error("unexpected \(reader.shownByte) after the value") }
    return value
  }

  // MARK: Errors

  private func error(_ message: String) -> Failure { error(message, at: at) }

  private func error(_ message: String, at offset: Int) -> Failure {
    var line = 1
    var lineStart = 0
    while let end = bytes.offset(of: 0x0A, from: lineStart), end < offset {
      line += 1
      lineStart = end + 1
    }
    return arguments.parse("\(message) at line \(line), column \(offset - lineStart + 1)")
  }

  private var shownByte: String {
    guard at < bytes.count else { return "end" }
    let length = max(1, ByteClass.utf8Length(bytes, at: at))
    let character = ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[at..<at + length]))
    return Show.inspect(.string(character)).text
  }

  // MARK: Values

  private mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(Failure) -> Value {
    guard depth <= JsonWriter.maximumDepth else {
      throw arguments.limit("the text is nested more than \(JsonWriter.maximumDepth) deep")
    }
    skipSpace()
    guard at < bytes.count else { throw error("unexpected end: a value is missing") }
    try lookout.step(bytes: at - lastLook)
    lastLook = at
    switch bytes[at] {
    case 0x7B: return try object(depth: depth)
    case 0x5B: return try array(depth: depth)
    case 0x22: return .string(try string())
    case 0x2D, 0x30...0x39: return try number()
    case 0x74: return try word("true", .boolean(true))
    case 0x66: return try word("false", .boolean(false))
    case 0x6E: return try word("null", .nothing)
    default: throw error("unexpected \(shownByte) where a value is due")
    }
  }

  private mutating func word(_ text: StaticString, _ value: Value) throws(Failure) -> Value {
    for index in 0..<text.utf8CodeUnitCount {
      guard at + index < bytes.count, bytes[at + index] == text.utf8Start[index] else {
        throw error("unexpected word (only true, false and null are known)")
      }
    }
    at += text.utf8CodeUnitCount
    return value
  }

  /// Takes a byte if it comes next, after white space.
  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func array(depth: Int) throws(Failure) -> Value {
    let list = List()
    at += 1
    if take(0x5D) { return .list(list) }
    while true {
      list.items.append(try value(depth: depth + 1))
      if take(0x5D) { return .list(list) }
      guard take(0x2C) else { throw error("unexpected \(shownByte) where `,` or `]` is due") }
    }
  }

  private mutating func object(depth: Int) throws(Failure) -> Value {
    let map = Map()
    at += 1
    if take(0x7D) { return .map(map) }
    while true {
      skipSpace()
      guard at < bytes.count, bytes[at] == 0x22 else { throw error("unexpected \(shownByte) where a key is due") }
      let key = try string()
      guard take(0x3A) else { throw error("unexpected \(shownByte) where `:` is due") }
      map.set(.string(key), try value(depth: depth + 1))
      if take(0x7D) { return .map(map) }
      guard take(0x2C) else { throw error("unexpected \(shownByte) where `,` or `}` is due") }
    }
  }

  // MARK: Numbers

  private mutating func digits() -> Int {
    let start = at
    while at < bytes.count, ByteClass.isDigit(bytes[at]) { at += 1 }
    return at - start
  }

  private mutating func number() throws(Failure) -> Value {
    let start = at
    let isNegative = bytes[at] == 0x2D
    if isNegative { at += 1 }
    let firstDigit = at
    let count = digits()
    guard count > 0 else { throw error("unexpected \(shownByte) where a digit is due") }
    if count > 1, bytes[firstDigit] == 0x30 { throw error("a number may not begin with 0", at: firstDigit) }
    var isInteger = true
    if at < bytes.count, bytes[at] == 0x2E {
      isInteger = false
      at += 1
      guard digits() > 0 else { throw error("unexpected \(shownByte) where a digit is due") }
    }
    if at < bytes.count, bytes[at] | 0x20 == 0x65 {
      isInteger = false
      at += 1
      if at < bytes.count, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
      guard digits() > 0 else { throw error("unexpected \(shownByte) where a digit is due") }
    }
    if isInteger, let value = integer(firstDigit..<at, isNegative) { return .integer(value) }
    let value = DecimalFloat.parse(UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
    guard value.isFinite else { throw error("the number is too large for a float", at: start) }
    return .float(value)
  }

  /// Nil when it does not fit.
  private func integer(_ range: Range<Int>, _ isNegative: Bool) -> Int? {
    var value = 0
    for index in range {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowToo) = product.subtractingReportingOverflow(Int(bytes[index] - 0x30))
      if overflow || overflowToo { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  // MARK: Strings

  private mutating func string() throws(Failure) -> ByteString {
    let open = at
    at += 1
    var plainStart = at
    // Made at the first escape: most strings are a plain slice.
    var builder: ByteBuilder?
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case 0x22:
        let plain = UnsafeRawBufferPointer(rebasing: bytes[plainStart..<at])
        at += 1
        guard var builder else { return ByteString.copy(plain) }
        builder.append(plain)
        return try builder.finish(arguments.name)
      case 0x5C:
        var escaped = builder ?? ByteBuilder()
        builder = nil
        escaped.append(UnsafeRawBufferPointer(rebasing: bytes[plainStart..<at]))
        try appendEscape(to: &escaped)
        builder = escaped
        plainStart = at
      case 0..<0x20:
        throw error("the control character \(shownByte) must be escaped in a string")
      case 0x20..<0x80:
        at += 1
      default:
        let length = ByteClass.utf8Length(bytes, at: at)
        guard length > 0 else { throw error("the text is not UTF-8") }
        at += length
      }
    }
    throw error("unexpected end: there is no end of the string", at: open)
  }

  private mutating func appendEscape(to builder: inout ByteBuilder) throws(Failure) {
    let start = at
    at += 1
    guard at < bytes.count else { throw error("unexpected end in an escape") }
    let byte = bytes[at]
    at += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: builder.append(byte)
    case 0x62: builder.append(0x08)
    case 0x66: builder.append(0x0C)
    case 0x6E: builder.append(0x0A)
    case 0x72: builder.append(0x0D)
    case 0x74: builder.append(0x09)
    case 0x75:
      let unit = try codeUnit(start)
      switch unit {
      case 0xD800..<0xDC00:
        guard at + 1 < bytes.count, bytes[at] == 0x5C, bytes[at + 1] == 0x75 else {
          throw error("the surrogate has no partner", at: start)
        }
        at += 2
        let low = try codeUnit(at - 2)
        guard (0xDC00..<0xE000).contains(low) else { throw error("the surrogate has no partner", at: start) }
        builder.append(codePoint: 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      case 0xDC00..<0xE000: throw error("the surrogate has no partner", at: start)
      default: builder.append(codePoint: unit)
      }
    default:
      throw error("unknown escape", at: start)
    }
  }

  /// The four hexadecimal digits of the escape that begins at `start`.
  private mutating func codeUnit(_ start: Int) throws(Failure) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard at < bytes.count, let digit = ByteClass.hexDigit(bytes[at]) else {
        throw error("`\\u` wants four hexadecimal digits", at: start)
      }
      unit = unit << 4 | UInt32(digit)
      at += 1
    }
    return unit
  }
}
