// Classes of bytes, and searching in bytes.

import Glibc

package enum ByteClass {
  /// Space, TAB, LF, VT, FF, CR.
  @inline(__always)
  package static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte &- 0x09) < 5 }

  @inline(__always)
  package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// The value of a digit in radix 36, or 255.
  @inline(__always)
  package static func digit(_ byte: UInt8) -> UInt8 {
    if byte &- 0x30 < 10 { return byte - 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 26 ? letter + 10 : 255
  }

  /// The value of a hexadecimal digit, or nil.
  @inline(__always)
  package static func hexDigit(_ byte: UInt8) -> UInt8? {
    let value = digit(byte)
    return value < 16 ? value : nil
  }

  @inline(__always)
  package static func isWord(_ byte: UInt8) -> Bool { byte == 0x5F || digit(byte) < 36 }

  /// The length of the UTF-8 sequence that starts at `at` (RFC 3629: no overlong forms, no surrogates), or 0.
  package static func utf8Length(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
    let first = bytes[at]
    if first < 0x80 { return 1 }
    let left = bytes.count - at
    @inline(__always) func continues(_ offset: Int) -> Bool { bytes[at + offset] & 0xC0 == 0x80 }
    switch first {
    case 0xC2...0xDF:
      return left >= 2 && continues(1) ? 2 : 0
    case 0xE0...0xEF:
      guard left >= 3, continues(1), continues(2) else { return 0 }
      let second = bytes[at + 1]
      if first == 0xE0, second < 0xA0 { return 0 }
      if first == 0xED, second > 0x9F { return 0 }
      return 3
    case 0xF0...0xF4:
      guard left >= 4, continues(1), continues(2), continues(3) else { return 0 }
      let second = bytes[at + 1]
      if first == 0xF0, second < 0x90 { return 0 }
      if first == 0xF4, second > 0x8F { return 0 }
      return 4
    default:
      return 0
    }
  }

  /// The code point of a sequence whose length `utf8Length` gave.
  package static func codePoint(_ bytes: UnsafeRawBufferPointer, at: Int, length: Int) -> UInt32 {
    let first = UInt32(bytes[at])
    switch length {
    case 2: return (first & 0x1F) << 6 | UInt32(bytes[at + 1] & 0x3F)
    case 3: return (first & 0x0F) << 12 | UInt32(bytes[at + 1] & 0x3F) << 6 | UInt32(bytes[at + 2] & 0x3F)
    case 4:
      return (first & 0x07) << 18 | UInt32(bytes[at + 1] & 0x3F) << 12
        | UInt32(bytes[at + 2] & 0x3F) << 6 | UInt32(bytes[at + 3] & 0x3F)
    default: return first
    }
  }
}

extension ByteBuilder {
  /// A code point (not a surrogate, at most U+10FFFF) in UTF-8.
  package mutating func append(codePoint: UInt32) {
    @inline(__always) func tail(_ shift: UInt32) -> UInt8 {
      0x80 | UInt8(truncatingIfNeeded: codePoint >> shift & 0x3F)
    }
    switch codePoint {
    case 0..<0x80:
      append(UInt8(truncatingIfNeeded: codePoint))
    case 0x80..<0x800:
      append(0xC0 | UInt8(truncatingIfNeeded: codePoint >> 6))
      append(tail(0))
    case 0x800..<0x10000:
      append(0xE0 | UInt8(truncatingIfNeeded: codePoint >> 12))
      append(tail(6))
      append(tail(0))
    default:
      append(0xF0 | UInt8(truncatingIfNeeded: codePoint >> 18))
      append(tail(12))
      append(tail(6))
      append(tail(0))
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The first offset, not before `from`, at which `byte` stands.
  @inline(__always)
  package func offset(of byte: UInt8, from: Int = 0) -> Int? {
    guard let base = baseAddress, from < count,
      let found = memchr(base + from, Int32(byte), count - from)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// The first offset, not before `from`, at which `part` stands; an empty part stands everywhere.
  @inline(__always)
  package func offset(of part: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
    guard from <= count else { return nil }
    if part.count == 1 { return offset(of: part[0], from: from) }
    guard part.count > 0, let needle = part.baseAddress else { return from }
    guard let base = baseAddress else { return nil }
    // The first byte by memchr, the rest by memcmp: nearly always fastest. Where the part keeps beginning without
    // being there (a run of `a` searched for in a longer one), the work is bounded by going on without looking back.
    let last = count - part.count
    var at = from
    var work = 0
    while at <= last, let found = memchr(base + at, Int32(part[0]), last - at + 1) {
      at = UnsafeRawPointer(found) - base
      if memcmp(found, needle, part.count) == 0 { return at }
      at += 1
      work += part.count
      if work > 4096, work > 8 * (at - from) { return linearOffset(of: part, from: at) }
    }
    return nil
  }

  /// Knuth, Morris and Pratt's search: each byte of the text is looked at once.
  private func linearOffset(of part: UnsafeRawBufferPointer, from: Int) -> Int? {
    // For each prefix of the part, the length of its longest proper prefix that is its suffix too.
    var border = [Int](repeating: 0, count: part.count)
    var length = 0
    for index in 1..<part.count {
      while length > 0, part[index] != part[length] { length = border[length - 1] }
      if part[index] == part[length] { length += 1 }
      border[index] = length
    }
    length = 0
    for index in from..<Swift.max(from, count) {
      while length > 0, self[index] != part[length] { length = border[length - 1] }
      if self[index] == part[length] { length += 1 }
      if length == part.count { return index - length + 1 }
    }
    return nil
  }
}
