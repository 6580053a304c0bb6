// Integers of binary protocols, as bytes: what `pack`, `unpack` and messages share.

import SockLanguage

/// The keys of an element of ASN.1.
enum BerKeys {
  static var tag: Value { Value(StaticString("tag")) }
  static var value: Value { Value(StaticString("value")) }
  /// Given only to be wrong.
  static var length: Value { Value(StaticString("length")) }
}

/// The keys of a field of protobuf that has no declaration.
enum ProtobufKeys {
  static var number: Value { Value(StaticString("number")) }
  static var wire: Value { Value(StaticString("wire")) }
  static var value: Value { Value(StaticString("value")) }
  /// Given only to be wrong.
  static var length: Value { Value(StaticString("length")) }
  /// Under which a message has them.
  static var unknown: Value { Value(StaticString("unknown")) }
}

/// Integers of 1 to 8 bytes.
enum BinaryInteger64 {
  /// - Precondition: so many bytes stand there.
  @inline(__always)
  static func load(_ bytes: UnsafeRawBufferPointer, at place: Int, _ size: Int, _ isLittle: Bool) -> UInt64 {
    var bits: UInt64 = 0
    for index in 0..<size { bits = bits << 8 | UInt64(bytes[place + (isLittle ? size - 1 - index : index)]) }
    return bits
  }

  /// What they are with the sign of the highest bit.
  @inline(__always)
  static func signed(_ bits: UInt64, _ size: Int) -> Int {
    let unused = UInt64(64 - size * 8)
    return Int(Int64(bitPattern: bits << unused) >> Int64(unused))
  }

  /// The byte that stands at an index among those of a number.
  @inline(__always)
  static func byte(_ index: Int, of value: UInt64, _ size: Int, _ isLittle: Bool) -> UInt8 {
    UInt8(truncatingIfNeeded: value >> UInt64(8 * (isLittle ? index : size - 1 - index)))
  }
}

/// Bits in a row, of each byte the highest first.
enum BinaryBits {
  /// The next bits as a number, 63 at most.
  /// - Parameters:
  ///   - at: the byte where they begin, and then the one behind them.
  ///   - bit: how many bits of it are taken.
  /// - Precondition: so many bits stand there.
  @inline(__always)
  static func take(_ count: Int, _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ bit: inout Int) -> Int {
    var value = 0
    var left = count
    while left > 0 {
      let size = min(left, 8 - bit)
      let part = Int(bytes[at]) >> (8 - bit - size) & (1 << size - 1)
      value = value << size | part
      left -= size
      bit += size
      if bit == 8 { (at, bit) = (at + 1, 0) }
    }
    return value
  }
}

/// Bits that fill no byte yet.
struct BitRow {
  private var value: UInt8 = 0
  /// How many there are, 0 to 7.
  private(set) var count = 0

  /// - Parameter put: gets each byte that is full.
  @inline(__always)
  mutating func append(_ number: UInt64, _ size: Int, _ put: (UInt8) -> Void) {
    for index in (0..<UInt64(size)).reversed() {
      value = value << 1 | UInt8(truncatingIfNeeded: number >> index & 1)
      count += 1
      guard count == 8 else { continue }
      put(value)
      (value, count) = (0, 0)
    }
  }
}

extension BinaryFormat.VariableInteger {
  /// The greatest number that it holds, and an int.
  var greatest: Int {
    switch self {
    case .varint, .zigzag, .decimal: .max
    case .mqttVarint: 1 << 28 - 1
    case .quicVarint: 1 << 62 - 1
    }
  }
}

extension BinaryFormat.VariableInteger {
  /// The least number that it holds.
  var least: Int { self == .zigzag || self == .decimal ? .min : 0 }
}

extension BinaryFormat.Count {
  /// As a declaration writes it.
  var spelled: String {
    switch self {
    case .unsigned(let size, let isLittle): "u\(size * 8)\(isLittle ? "le" : "")"
    case .variable(let form): form.rawValue
    }
  }

  /// The greatest number of bytes that it can say.
  var greatest: Int {
    switch self {
    case .unsigned(let size, _): size == 8 ? .max : 1 << (size * 8) - 1
    case .variable(let form): form.greatest
    }
  }
}

extension BinaryFormat.VariableInteger {
  enum Reading {
    case whole(Int, size: Int)
    /// So many bytes at least.
    case needs(Int)
    /// It is longer than its form, or an int, allows; or it is no decimal number.
    case tooLong
  }

  /// The number that begins at a place, of which nothing stands at `end` or behind it.
  func read(_ bytes: UnsafeRawBufferPointer, at start: Int, end: Int) -> Reading {
    guard start < end else { return .needs(1) }
    if self == .quicVarint {
      let size = 1 << Int(bytes[start] >> 6)
      guard end - start >= size else { return .needs(size) }
      let bits = BinaryInteger64.load(bytes, at: start, size, false)
      return .whole(Int(truncatingIfNeeded: bits & (1 << UInt64(size * 8 - 2) - 1)), size: size)
    }
    if self == .zigzag {
      let reading = BinaryFormat.VariableInteger.readBits(bytes, at: start, end: end)
      guard case .whole(let bits, let size) = reading else { return reading }
      let half = Int(truncatingIfNeeded: UInt64(bitPattern: Int64(bits)) >> 1)
      return .whole(bits & 1 == 0 ? half : ~half, size: size)
    }
    if self == .decimal { return BinaryFormat.VariableInteger.readDigits(bytes, at: start, end: end) }
    // Nine bytes hold the 63 bits of an int that is not negative.
    return BinaryFormat.VariableInteger.readGroups(bytes, at: start, end: end, longest: self == .mqttVarint ? 28 : 63)
  }

  /// LEB128 of 64 bits, in up to ten bytes: those of an int with its sign.
  static func readBits(_ bytes: UnsafeRawBufferPointer, at start: Int, end: Int) -> Reading {
    let reading = readGroups(bytes, at: start, end: end, longest: 64)
    // Of the tenth byte one bit counts.
    if case .whole(_, size: 10) = reading, bytes[start + 9] > 1 { return .tooLong }
    return reading
  }

  /// A line of at most a minus, 19 digits and CR.
  private static func readDigits(_ bytes: UnsafeRawBufferPointer, at start: Int, end: Int) -> Reading {
    let line = UnsafeRawBufferPointer(rebasing: bytes[start..<min(end, start + 22)])
    guard let last = line.offset(of: 0x0A) else { return line.count < 22 ? .needs(line.count + 1) : .tooLong }
    let text = line[..<(last > 0 && line[last - 1] == 0x0D ? last - 1 : last)]
    let digits = text.first == 0x2D ? text.dropFirst() : text
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(String(decoding: text, as: UTF8.self))
    else { return .tooLong }
    return .whole(number, size: last + 1)
  }

  /// - Parameter longest: so many bits at most.
  private static func readGroups(
    _ bytes: UnsafeRawBufferPointer, at start: Int, end: Int, longest: UInt64
  ) -> Reading {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    for at in start..<end {
      guard shift < longest else { return .tooLong }
      number |= UInt64(bytes[at] & 0x7F) << shift
      if bytes[at] & 0x80 == 0 { return .whole(Int(truncatingIfNeeded: number), size: at + 1 - start) }
      shift += 7
    }
    return shift < longest ? .needs(end - start + 1) : .tooLong
  }

  static func write(bits: UInt64, _ append: (UInt8) -> Void) {
    var left = bits
    while left >= 0x80 {
      append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    append(UInt8(truncatingIfNeeded: left))
  }

  /// What is wrong with one that is too long.
  var excess: String {
    switch self {
    case .varint, .zigzag, .quicVarint: "does not fit an int"
    case .mqttVarint: "has more than four bytes"
    case .decimal: "is no line of decimal digits that an int holds"
    }
  }

  func write(_ number: Int, _ append: (UInt8) -> Void) {
    switch self {
    case .varint, .mqttVarint: BinaryFormat.VariableInteger.write(bits: UInt64(number), append)
    case .zigzag:
      BinaryFormat.VariableInteger.write(bits: UInt64(bitPattern: Int64(number << 1 ^ number >> 63)), append)
    case .decimal:
      for byte in String(number).utf8 { append(byte) }
      append(0x0D)
      append(0x0A)
    case .quicVarint:
      let power = number < 1 << 6 ? 0 : number < 1 << 14 ? 1 : number < 1 << 30 ? 2 : 3
      let size = 1 << power
      let bits = UInt64(number) | UInt64(power) << UInt64(size * 8 - 2)
      for index in 0..<size { append(BinaryInteger64.byte(index, of: bits, size, false)) }
    }
  }
}
