// format: printf's formatting.

import Glibc
import SockLanguage

struct Printf {
  private let arguments: Arguments
  private let format: UnsafeRawBufferPointer
  private var at = 0
  private var nextArgument = 1
  private var builder = ByteBuilder(capacity: 128)

  /// One conversion: `%-08.3f`.
  private struct Conversion {
    /// Where its `%` stands.
    var start = 0
    var isLeft = false
    var hasPlus = false
    var hasSpace = false
    var hasZeros = false
    var isAlternate = false
    var width = 0
    var precision: Int?
    var letter: UInt8 = 0
  }

  /// Enough for every float with that many places.
  private static let maximumFloatPrecision = 1100

  private init(_ arguments: Arguments, _ format: UnsafeRawBufferPointer) {
    self.arguments = arguments
    self.format = format
  }

  /// `%d %i` an integer, `%u %x %X %o %b` its 64 bits without sign, `%c` a byte by number or a string of one byte,
  /// `%s` any value as printed, `%q` as inspected, `%e %f %g` (and `%E %F %G`) a number, `%%` a percent sign; flags
  /// `- + 0 #` and space, width and precision as digits or `*`. There must be just as many arguments as are used.
  static func format(_ arguments: Arguments) throws(Failure) -> Value {
    var printf = Printf(arguments, try arguments.string(0).bytes)
    try printf.run()
    return .string(try printf.builder.finish(arguments.name))
  }

  private mutating func run() throws(Failure) {
    while let percent = format.offset(of: 0x25, from: at) {
      builder.append(UnsafeRawBufferPointer(rebasing: format[at..<percent]))
      at = percent
      let conversion = try parseConversion()
      try write(conversion)
      if builder.overflowed { throw arguments.tooLong }
    }
    builder.append(UnsafeRawBufferPointer(rebasing: format[at...]))
    guard nextArgument == arguments.count else {
      let unused = arguments.count - nextArgument
      throw arguments.range(
        "\(unused == 1 ? "argument \(nextArgument + 1) is" : "\(unused) arguments are") not used by the format")
    }
  }

  // MARK: Parsing

  private func error(_ conversion: Conversion, _ message: String) -> Failure {
    let end = min(at, format.count)
    let text = ByteString.copy(UnsafeRawBufferPointer(rebasing: format[conversion.start..<end]))
    return arguments.parse("\(Show.inspect(.string(text)).text) at byte \(conversion.start) of the format \(message)")
  }

  private mutating func parseConversion() throws(Failure) -> Conversion {
    var conversion = Conversion()
    conversion.start = at
    at += 1
    flags: while at < format.count {
      switch format[at] {
      case 0x2D: conversion.isLeft = true
      case 0x2B: conversion.hasPlus = true
      case 0x20: conversion.hasSpace = true
      case 0x30: conversion.hasZeros = true
      case 0x23: conversion.isAlternate = true
      default: break flags
      }
      at += 1
    }
    conversion.width = try parseNumber(conversion)
    guard conversion.width.magnitude <= ByteString.maximumCount else { throw arguments.tooLong }
    if conversion.width < 0 {
      conversion.isLeft = true
      conversion.width = -conversion.width
    }
    if at < format.count, format[at] == 0x2E {
      at += 1
      let precision = try parseNumber(conversion)
      guard precision <= ByteString.maximumCount else { throw arguments.tooLong }
      conversion.precision = precision < 0 ? nil : precision
    }
    guard at < format.count else { throw error(conversion, "has no conversion letter (`%%` is a percent sign)") }
    conversion.letter = format[at]
    at += 1
    return conversion
  }

  /// Digits (0 if there are none), or `*` and the next argument.
  private mutating func parseNumber(_ conversion: Conversion) throws(Failure) -> Int {
    guard at < format.count else { return 0 }
    if format[at] == 0x2A {
      at += 1
      let position = try takeArgument(conversion)
      return try arguments.integer(position, in: -ByteString.maximumCount...ByteString.maximumCount)
    }
    var number = 0
    while at < format.count, ByteClass.isDigit(format[at]) {
      number = min(number * 10 + Int(format[at] - 0x30), ByteString.maximumCount + 1)
      at += 1
    }
    return number
  }

  private mutating func takeArgument(_ conversion: Conversion) throws(Failure) -> Int {
    guard nextArgument < arguments.count else { throw error(conversion, "has no argument left") }
    nextArgument += 1
    return nextArgument - 1
  }

  // MARK: Writing

  private mutating func write(_ conversion: Conversion) throws(Failure) {
    switch conversion.letter {
    case 0x25:
      builder.append(0x25)
    case 0x64, 0x69:
      let number = try arguments.integer(try takeArgument(conversion))
      writeInteger(conversion, number.magnitude, radix: 10, sign: sign(conversion, isNegative: number < 0))
    case 0x75: try writeUnsigned(conversion, radix: 10, prefix: "")
    case 0x78: try writeUnsigned(conversion, radix: 16, prefix: "0x")
    case 0x58: try writeUnsigned(conversion, radix: 16, prefix: "0X")
    case 0x6F: try writeUnsigned(conversion, radix: 8, prefix: "0")
    case 0x62: try writeUnsigned(conversion, radix: 2, prefix: "0b")
    case 0x63: try writeByte(conversion)
    case 0x73:
      let text = Show.text(arguments[try takeArgument(conversion)])
      writeText(conversion, text)
    case 0x71:
      let text = Show.inspect(arguments[try takeArgument(conversion)])
      writeText(conversion, text)
    case 0x65, 0x66, 0x67, 0x45, 0x46, 0x47: try writeFloat(conversion)
    case 0x68, 0x6C, 0x6A, 0x7A, 0x4C:
      throw error(conversion, "has a length modifier: sock's integers have one size, leave it out")
    default:
      throw error(conversion, "is no conversion: those are d i u x X o b c s q e f g and %")
    }
  }

  private func sign(_ conversion: Conversion, isNegative: Bool) -> StaticString {
    isNegative ? "-" : conversion.hasPlus ? "+" : conversion.hasSpace ? " " : ""
  }

  private mutating func writeUnsigned(
    _ conversion: Conversion, radix: Int, prefix: StaticString
  ) throws(Failure) {
    let number = try arguments.integer(try takeArgument(conversion))
    let hasPrefix = conversion.isAlternate && number != 0
    writeInteger(conversion, UInt(bitPattern: number), radix: radix, sign: hasPrefix ? prefix : "")
  }

  private mutating func writeInteger(_ conversion: Conversion, _ magnitude: UInt, radix: Int, sign: StaticString) {
    var digits = ByteBuilder()
    if magnitude != 0 || conversion.precision != 0 {
      digits.append(magnitude, radix: radix, uppercase: conversion.letter == 0x58)
    }
    var zeros = max(0, (conversion.precision ?? 1) - digits.count)
    let signLength = sign.utf8CodeUnitCount
    if conversion.hasZeros, !conversion.isLeft, conversion.precision == nil {
      zeros = max(zeros, conversion.width - signLength - digits.count)
    }
    let padding = conversion.width - signLength - zeros - digits.count
    if !conversion.isLeft { builder.append(repeating: 0x20, count: padding) }
    builder.append(sign)
    builder.append(repeating: 0x30, count: zeros)
    builder.append(digits.finish())
    if conversion.isLeft { builder.append(repeating: 0x20, count: padding) }
  }

  private mutating func writeByte(_ conversion: Conversion) throws(Failure) {
    let position = try takeArgument(conversion)
    if case .string(let string) = arguments[position] {
      guard string.count == 1 else { throw error(conversion, "wants a string of one byte, not of \(string.count)") }
      writePadded(conversion, string.bytes)
      return
    }
    let byte = UInt8(truncatingIfNeeded: try arguments.integer(position, in: 0...255))
    withUnsafeBytes(of: byte) { writePadded(conversion, $0) }
  }

  private mutating func writeText(_ conversion: Conversion, _ text: ByteString) {
    let count = min(conversion.precision ?? text.count, text.count)
    writePadded(conversion, UnsafeRawBufferPointer(rebasing: text.bytes[..<count]))
  }

  private mutating func writePadded(_ conversion: Conversion, _ bytes: UnsafeRawBufferPointer) {
    let padding = conversion.width - bytes.count
    if !conversion.isLeft { builder.append(repeating: 0x20, count: padding) }
    builder.append(bytes)
    if conversion.isLeft { builder.append(repeating: 0x20, count: padding) }
  }

  private mutating func writeFloat(_ conversion: Conversion) throws(Failure) {
    let position = try takeArgument(conversion)
    guard let number = arguments[position].number else { throw arguments.wrongType(position, "a number") }
    let precision = conversion.precision ?? 6
    guard precision <= Printf.maximumFloatPrecision else {
      throw arguments.limit("a float has at most \(Printf.maximumFloatPrecision) places")
    }
    // The C library writes the digits of the magnitude; sign and padding are the same as for integers.
    let magnitude = number.magnitude
    let pattern: [CChar] =
      [0x25] + (conversion.isAlternate ? [0x23] : []) + [0x2E, 0x2A, CChar(bitPattern: conversion.letter), 0]
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Printf.maximumFloatPrecision + 400) { buffer in
      let length = withVaList([Int32(precision), magnitude]) {
        vsnprintf(buffer.baseAddress, buffer.count, pattern, $0)
      }
      let digits = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<max(0, Int(length))])
      let sign = sign(conversion, isNegative: number.sign == .minus && !number.isNaN)
      let padding = conversion.width - sign.utf8CodeUnitCount - digits.count
      let isZeroFilled = conversion.hasZeros && !conversion.isLeft && number.isFinite
      if !conversion.isLeft, !isZeroFilled { builder.append(repeating: 0x20, count: padding) }
      builder.append(sign)
      if isZeroFilled { builder.append(repeating: 0x30, count: padding) }
      builder.append(digits)
      if conversion.isLeft { builder.append(repeating: 0x20, count: padding) }
    }
  }
}
