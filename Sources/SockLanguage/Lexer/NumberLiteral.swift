// What the text of a number is worth: integers, floats, durations and sizes.

// For its linking of libm, which the conversion of floats to integers wants in debug builds.
import Glibc

enum NumberLiteral {
  enum Value: Equatable {
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
    switch factor(of: unit) {
    case .none: return .failure(.unknownUnit(String(decoding: unit, as: UTF8.self)))
    case .thousandth?:
      return .success(value % 1000 == 0 ? .integer(value / 1000) : .float(Double(value) / 1000))
    case .times(let factor)?:
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      return overflow ? .failure(.tooLarge) : .success(.integer(product))
    }
  }

  private static func scaled(_ value: Double, unit: ArraySlice<UInt8>) -> Result<Value, Mistake> {
    if unit.isEmpty { return .success(.float(value)) }
    let product: Double
    switch factor(of: unit) {
    case .none: return .failure(.unknownUnit(String(decoding: unit, as: UTF8.self)))
    case .thousandth?: product = value / 1000
    case .times(let factor)?: product = value * Double(factor)
    }
    guard product.isFinite else { return .failure(.tooLarge) }
    // `1.5m` is the integer 90, and `1.5KiB` 1536.
    return .success(Int(exactly: product).map { .integer($0) } ?? .float(product))
  }

  private enum Factor { case thousandth, times(Int) }

  private static func factor(of unit: ArraySlice<UInt8>) -> Factor? {
    switch String(decoding: unit, as: UTF8.self) {
    case "ms": .thousandth
    case "s": .times(1)
    case "m": .times(60)
    case "h": .times(3600)
    case "KiB": .times(1 << 10)
    case "MiB": .times(1 << 20)
    case "GiB": .times(1 << 30)
    default: nil
    }
  }
}
