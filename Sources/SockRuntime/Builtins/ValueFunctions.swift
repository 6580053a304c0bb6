// Functions from one kind of value to another, and on numbers: len str int float inspect ord chr abs floor round.

import Glibc
import SockLanguage

enum ValueFunctions {
  /// Bytes of a string, elements of a list or range, entries of a map, groups of a match with the whole one.
  static func len(_ arguments: Arguments) throws(Failure) -> Value {
    if let string = arguments.borrowedString(0) { return .integer(string._withUnsafeGuaranteedRef { $0.count }) }
    switch arguments[0] {
    case .list(let list): return .integer(list.items.count)
    case .map(let map): return .integer(map.count)
    case .match(let match): return .integer(match.groupCount + 1)
    case .range(let range):
      guard !range.isOpen else { throw arguments.range("the range has no end") }
      if range.upper < range.lower { return .integer(0) }
      let (distance, overflow) = range.upper.subtractingReportingOverflow(range.lower)
      guard !overflow, distance < .max else {
        throw arguments.range("the range holds more integers than an int counts")
      }
      return .integer(distance + 1)
    default: throw arguments.wrongType(0, "a string, list, map, range or match")
    }
  }

  /// The value as `print` shows it.
  static func str(_ arguments: Arguments) throws(Failure) -> Value {
    if case .string = arguments[0] { return arguments[0] }
    var builder = ByteBuilder(capacity: 24)
    Show.appendText(arguments[0], to: &builder)
    return .string(try builder.finish(arguments.name))
  }

  /// The value as one would write it in a script.
  static func inspect(_ arguments: Arguments) throws(Failure) -> Value {
    var builder = ByteBuilder(capacity: 24)
    Show.appendInspected(arguments[0], to: &builder)
    return .string(try builder.finish(arguments.name))
  }

  /// A float without its fraction (toward zero), or the number that a string is: white space around it, a sign, digits,
  /// and before them, where `base` is 16, 8 or 2, `0x`, `0o` or `0b`.
  static func int(_ arguments: Arguments) throws(Failure) -> Value {
    if arguments.count > 1 {
      let base = try arguments.integer(1, in: 2...36)
      return .integer(try integer(try arguments.string(0), base, arguments))
    }
    if let string = arguments.borrowedString(0) {
      if let short = string._withUnsafeGuaranteedRef({ shortDecimal($0.bytes) }) { return .integer(short) }
    }
    switch arguments[0] {
    case .integer: return arguments[0]
    case .float(let number):
      guard let whole = Int(exactly: number.rounded(.towardZero)) else {
        throw arguments.range("\(Show.text(.float(number)).text) does not fit 64 bits")
      }
      return .integer(whole)
    case .string(let string): return .integer(try integer(string, 10, arguments))
    default: throw arguments.wrongType(0, "a string or a number")
    }
  }

  /// One to 18 digits and nothing else, which fit 64 bits: what most texts of numbers are.
  @inline(__always)
  static func shortDecimal(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count &- 1 < 18, bytes.count > 0 else { return nil }
    var value = 0
    for byte in bytes {
      let digit = byte &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int(digit)
    }
    return value
  }

  private static func integer(_ string: ByteString, _ base: Int, _ arguments: Arguments) throws(Failure) -> Int {
    let bytes = string.bytes
    var at = 0
    var end = bytes.count
    while at < end, ByteClass.isSpace(bytes[at]) { at += 1 }
    while end > at, ByteClass.isSpace(bytes[end - 1]) { end -= 1 }
    var isNegative = false
    if at < end, bytes[at] == 0x2D || bytes[at] == 0x2B {
      isNegative = bytes[at] == 0x2D
      at += 1
    }
    if end - at > 2, bytes[at] == 0x30 {
      let mark = bytes[at + 1] | 0x20
      if (mark == 0x78 && base == 16) || (mark == 0x6F && base == 8) || (mark == 0x62 && base == 2) { at += 2 }
    }
    guard at < end else { throw notNumber(string, base, arguments) }
    // What is no number is told as that, and not as one that does not fit, however many digits it begins with.
    guard bytes[at..<end].allSatisfy({ ByteClass.digit($0) < base }) else { throw notNumber(string, base, arguments) }
    // Summed up below zero: there is one more negative number than positive ones.
    var value = 0
    while at < end {
      let digit = Int(ByteClass.digit(bytes[at]))
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, overflowToo) = product.subtractingReportingOverflow(digit)
      guard !overflow, !overflowToo else { throw tooLarge(string, arguments) }
      value = sum
      at += 1
    }
    if isNegative { return value }
    guard value != .min else { throw tooLarge(string, arguments) }
    return -value
  }

  private static func tooLarge(_ string: ByteString, _ arguments: Arguments) -> Failure {
    arguments.range("\(shortened(string)) does not fit 64 bits")
  }

  private static func notNumber(_ string: ByteString, _ base: Int, _ arguments: Arguments) -> Failure {
    let bytes = string.bytes
    if base == 10, bytes.count > 2, bytes[0] == 0x30, bytes[1] | 0x20 == 0x78 {
      return arguments.parse("\(shortened(string)) is no decimal integer (write `int(…, 16)`)")
    }
    if base == 10, bytes.contains(where: { $0 == 0x2E }) {
      return arguments.parse("\(shortened(string)) is no integer (`float(…)` takes fractions)")
    }
    return arguments.parse("\(shortened(string)) is no integer\(base == 10 ? "" : " of base \(base)")")
  }

  /// A string for a message, cut where it is long.
  private static func shortened(_ string: ByteString) -> String {
    var builder = ByteBuilder()
    Show.appendQuoted(UnsafeRawBufferPointer(rebasing: string.bytes.prefix(40)), to: &builder)
    return string.count > 40 ? builder.finish().text + "…" : builder.finish().text
  }

  /// A number as a float; a string may have white space around the number, a sign, a fraction and an exponent.
  static func float(_ arguments: Arguments) throws(Failure) -> Value {
    switch arguments[0] {
    case .float: return arguments[0]
    case .integer(let number): return .float(Double(number))
    case .string(let string):
      let bytes = string.bytes
      var start = 0
      var end = bytes.count
      while start < end, ByteClass.isSpace(bytes[start]) { start += 1 }
      while end > start, ByteClass.isSpace(bytes[end - 1]) { end -= 1 }
      let digits = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      guard isDecimal(digits) else { throw arguments.parse("\(shortened(string)) is no number") }
      let number = DecimalFloat.parse(digits)
      guard number.isFinite else { throw arguments.range("\(shortened(string)) is too large for a float") }
      return .float(number)
    default: throw arguments.wrongType(0, "a string or a number")
    }
  }

  private static func isDecimal(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    func skipDigits() -> Int {
      let start = at
      while at < bytes.count, ByteClass.isDigit(bytes[at]) { at += 1 }
      return at - start
    }
    func skip(_ one: UInt8, _ other: UInt8) -> Bool {
      guard at < bytes.count, bytes[at] == one || bytes[at] == other else { return false }
      at += 1
      return true
    }
    _ = skip(0x2B, 0x2D)
    var digits = skipDigits()
    if skip(0x2E, 0x2E) { digits += skipDigits() }
    guard digits > 0 else { return false }
    if skip(0x65, 0x45) {
      _ = skip(0x2B, 0x2D)
      guard skipDigits() > 0 else { return false }
    }
    return at == bytes.count
  }

  /// The number of the first byte.
  static func ord(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    guard !string.isEmpty else { throw arguments.range("the string is empty") }
    return .integer(Int(string[0]))
  }

  /// The string of one byte.
  static func chr(_ arguments: Arguments) throws(Failure) -> Value {
    let number = try arguments.integer(0)
    guard let byte = UInt8(exactly: number) else {
      throw arguments.range(
        "argument 1 must be a byte from 0 to 255, not \(number) (a character is written \"\\u{…}\")")
    }
    let string = ByteString.allocate(capacity: 1)
    string.start[0] = byte
    string.setCount(1)
    return .string(string)
  }

  static func abs(_ arguments: Arguments) throws(Failure) -> Value {
    switch arguments[0] {
    case .integer(let number):
      guard number != .min else { throw arguments.range("\(number) has no positive counterpart of 64 bits") }
      return .integer(Swift.abs(number))
    case .float(let number): return .float(number.magnitude)
    default: throw arguments.wrongType(0, "a number")
    }
  }

  /// The greatest integer that is not above the number.
  static func floor(_ arguments: Arguments) throws(Failure) -> Value {
    switch arguments[0] {
    case .integer: return arguments[0]
    case .float(let number):
      guard let whole = Int(exactly: number.rounded(.down)) else {
        throw arguments.range("\(Show.text(.float(number)).text) does not fit 64 bits")
      }
      return .integer(whole)
    default: throw arguments.wrongType(0, "a number")
    }
  }
}

extension ValueFunctions {
  /// More decimal places than a float has.
  private static let mostPlaces = 17

  /// The integer, or the number of so many decimal places, that is nearest; a half is rounded away from 0.
  static func round(_ arguments: Arguments) throws(Failure) -> Value {
    let places = arguments.count > 1 ? try arguments.integer(1, in: 0...mostPlaces) : 0
    switch arguments[0] {
    case .integer: return arguments[0]
    case .float(let number):
      if arguments.count > 1 { return .float(rounded(number, places)) }
      guard let whole = Int(exactly: number.rounded(.toNearestOrAwayFromZero)) else {
        throw arguments.range("\(Show.text(.float(number)).text) does not fit 64 bits")
      }
      return .integer(whole)
    default: throw arguments.wrongType(0, "a number")
    }
  }

  private static func rounded(_ number: Double, _ places: Int) -> Double {
    // From here on a float is whole; and no infinity, and no nan.
    guard number.magnitude < 0x1p52 else { return number }
    // The lowest bit that is set stands just below the last decimal place: it is a half exactly, which printf gives to
    // the even neighbour.
    let isHalf = number != 0 && Int(number.exponent) - number.significandWidth == -(places + 1)
    let exact = isHalf ? (number < 0 ? number.nextDown : number.nextUp) : number
    // 16 digits, the point, the places, a sign and the end.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 20 + mostPlaces) { text in
      guard let start = text.baseAddress else { return number }
      _ = withVaList([exact]) { vsnprintf(start, text.count, "%.\(places)f", $0) }
      return strtod(start, nil)
    }
  }
}

enum DecimalFloat {
  /// The float nearest to a decimal number, whose form the caller has checked; infinite when it is too large.
  static func parse(_ bytes: UnsafeRawBufferPointer) -> Double {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { text in
      for (index, byte) in bytes.enumerated() { text[index] = CChar(bitPattern: byte) }
      text[bytes.count] = 0
      guard let start = text.baseAddress else { return 0 }
      return strtod(start, nil)
    }
  }
}
