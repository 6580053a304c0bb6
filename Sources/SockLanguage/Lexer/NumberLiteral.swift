// What the text of a number is worth: integers, floats, durations and sizes.

// For its linking of libm, which the conversion of floats to integers wants in debug builds.
import Glibc

package enum NumberLiteral {
  package enum Value: Equatable {
    case integer(Int)
    case float(Double)
  }
  enum Mistake: Error, Equatable {
    case tooLarge
    /// `007`: decimal or octal?
    case leadingZero
    /// The letters behind the digits are no unit.
    case unknownUnit(String)
    /// `0x` without a digit, `0b12`.
    case badDigits(base: Int)
  }

  /// What follows a number without a blank. A duration is in seconds.
  static let units = ["ms", "s", "m", "h", "KiB", "MiB", "GiB"]

  /// `text` starts with a digit. `isNegative`: a minus touches it, which matters at the very end of the range.
  static func value(of text: ArraySlice<UInt8>, isNegative: Bool) -> Result<Value, Mistake> {
    let digits = Array(text)
    if digits.count > 1, digits[0] == 0x30 {
      if digits[1] | 0x20 == UInt8(ascii: "x") { return prefixed(digits, base: 16, isNegative: isNegative) }
      if digits[1] | 0x20 == UInt8(ascii: "b") { return prefixed(digits, base: 2, isNegative: isNegative) }
    }
    var end = digits.firstIndex { !isDecimal($0) } ?? digits.count
    if end > 1, digits[0] == 0x30 { return .failure(.leadingZero) }
    guard end < digits.count, digits[end] == UInt8(ascii: ".") else {
      return whole(digits[..<end], base: 10, isNegative: isNegative).flatMap { scaled($0, unit: digits[end...]) }
    }
    end += 1
    while end < digits.count, isDecimal(digits[end]) { end += 1 }
    let plain = digits[..<end].filter { $0 != UInt8(ascii: "_") }
    guard let magnitude = Double(String(decoding: plain, as: UTF8.self)), magnitude.isFinite else {
      return .failure(.tooLarge)
    }
    return scaled(isNegative ? -magnitude : magnitude, unit: digits[end...])
  }

  private static func isDecimal(_ byte: UInt8) -> Bool { Lexer.isDigit(byte) || byte == UInt8(ascii: "_") }

  private static func prefixed(_ text: [UInt8], base: Int, isNegative: Bool) -> Result<Value, Mistake> {
    let digits = text[2...].prefix { byte in
      byte == UInt8(ascii: "_") || (Lexer.hexDigit(byte).map { Int($0) < base } ?? false)
    }
    guard digits.first.map({ $0 != UInt8(ascii: "_") }) ?? false else { return .failure(.badDigits(base: base)) }
    let unit = text[digits.endIndex...]
    if let next = unit.first, Lexer.isDigit(next) { return .failure(.badDigits(base: base)) }
    return whole(digits, base: base, isNegative: isNegative).flatMap { scaled($0, unit: unit) }
  }

  private static func whole(_ digits: ArraySlice<UInt8>, base: Int, isNegative: Bool) -> Result<Int, Mistake> {
    var value = 0
    for byte in digits {
      guard let digit = Lexer.hexDigit(byte) else { continue }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: base)
      let (next, overflowToo) =
        isNegative ? scaled.subtractingReportingOverflow(Int(digit)) : scaled.addingReportingOverflow(Int(digit))
      if overflow || overflowToo { return .failure(.tooLarge) }
      value = next
    }
    return .success(value)
  }

  private static func scaled(_ value: Int, unit: ArraySlice<UInt8>) -> Result<Value, Mistake> {
    if unit.isEmpty { return .success(.integer(value)) }
    guard let unit = Unit(unit) else { return .failure(.unknownUnit(String(decoding: unit, as: UTF8.self))) }
    switch unit.factor {
    case .seconds(let seconds): return .success(.float(Double(value) * seconds))
    case .thousandth: return .success(.float(Double(value) / 1000))
    case .bytes(let bytes):
      let (product, overflow) = value.multipliedReportingOverflow(by: bytes)
      return overflow ? .failure(.tooLarge) : .success(.integer(product))
    }
  }

  private static func scaled(_ value: Double, unit: ArraySlice<UInt8>) -> Result<Value, Mistake> {
    if unit.isEmpty { return .success(.float(value)) }
    guard let unit = Unit(unit) else { return .failure(.unknownUnit(String(decoding: unit, as: UTF8.self))) }
    let product: Double
    switch unit.factor {
    case .seconds(let seconds): product = value * seconds
    case .thousandth: product = value / 1000
    case .bytes(let bytes):
      product = value * Double(bytes)
      // `1.5KiB` is the integer 1536.
      if let whole = Int(exactly: product) { return .success(.integer(whole)) }
    }
    return product.isFinite ? .success(.float(product)) : .failure(.tooLarge)
  }

  /// A duration is a float, its seconds, also where they are whole: half of `1s` is 0.5. A size is an integer, its bytes.
  fileprivate enum Unit: String {
    case ms, s, m, h, KiB, MiB, GiB

    enum Factor {
      case seconds(Double)
      /// Of a second: a division by 1000 gives the float next to the decimal number, and a multiplication by 0.001 not.
      case thousandth
      case bytes(Int)
    }

    init?(_ text: ArraySlice<UInt8>) { self.init(rawValue: String(decoding: text, as: UTF8.self)) }

    var factor: Factor {
      switch self {
      case .ms: .thousandth
      case .s: .seconds(1)
      case .m: .seconds(60)
      case .h: .seconds(3600)
      case .KiB: .bytes(1 << 10)
      case .MiB: .bytes(1 << 20)
      case .GiB: .bytes(1 << 30)
      }
    }
  }

  /// The kind of a literal that is one; a minus may stand in front.
  static func kind(of text: some BidirectionalCollection<UInt8>) -> Kind {
    if text.contains(UInt8(ascii: "K")) || text.contains(UInt8(ascii: "M")) || text.contains(UInt8(ascii: "G")) {
      return .size
    }
    // Neither `s` nor `m` nor `h` is a digit of any base.
    if let last = text.last, "smh".utf8.contains(last) { return .duration }
    return text.contains(UInt8(ascii: ".")) ? .float : .integer
  }

  /// What kind of number a literal is.
  package enum Kind: Sendable {
    /// `5`, `0x1F`
    case integer
    /// `0.5`
    case float
    /// `200ms`, `2m`
    case duration
    /// `8KiB`
    case size

    /// What the command line gives for a `param` whose default is a literal of this kind: read as a script would read
    /// it, or as Swift does (`1e3`). Without a unit it is a duration's seconds or a size's bytes; an integer may be
    /// written as a size, and a float as a duration. Nil: it is no such number.
    package func value(of text: String) -> Value? {
      let literal = NumberLiteral.literal(text)
      switch self {
      case .integer, .size:
        if let number = Int(text) { return .integer(number) }
        guard let literal, literal.kind != .duration, case .integer = literal.value else { return nil }
        return literal.value
      case .float, .duration:
        if let number = Double(text) { return number.isFinite ? .float(number) : nil }
        guard let literal, literal.kind != .size else { return nil }
        if case .integer(let number) = literal.value { return .float(Double(number)) }
        return literal.value
      }
    }
  }

  private static func literal(_ text: String) -> (value: Value, kind: Kind)? {
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    let digits = Array(text.utf8.dropFirst(isNegative ? 1 : 0))
    guard let first = digits.first, Lexer.isDigit(first),
      case .success(let value) = NumberLiteral.value(of: digits[...], isNegative: isNegative)
    else { return nil }
    return (value, kind(of: digits))
  }
}
