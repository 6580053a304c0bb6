// Text with its escapes undone, and where each byte of it came from.

/// Bytes as those who read a text would read them: `a\"b` is `a"b`.
struct Unescaped {
  private(set) var bytes: [UInt8]
  /// From where to where in the text that it was at first each byte stood.
  private var lower: [Int32]
  private var upper: [Int32]

  /// - Precondition: less than 2 GiB.
  init(plain bytes: [UInt8]) {
    self.bytes = bytes
    lower = (0..<Int32(bytes.count)).map { $0 }
    upper = lower.map { $0 + 1 }
  }

  func source(_ range: Range<Int>) -> Range<Int> {
    Int(lower[range.lowerBound])..<Int(upper[range.upperBound - 1])
  }

  /// Those of this language, of JSON, and of regular expressions. False: there was none.
  mutating func undoEscapes() -> Bool {
    rewrite { bytes, at in
      guard bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count else { return nil }
      switch bytes[at + 1] {
      case UInt8(ascii: "n"): return ([0x0A], 2)
      case UInt8(ascii: "r"): return ([0x0D], 2)
      case UInt8(ascii: "t"): return ([0x09], 2)
      case UInt8(ascii: "e"): return ([0x1B], 2)
      case UInt8(ascii: "b"): return ([0x08], 2)
      case UInt8(ascii: "f"): return ([0x0C], 2)
      case UInt8(ascii: "0"): return ([0x00], 2)
      case UInt8(ascii: "x"):
        guard let byte = Unescaped.number(bytes, at + 2, digits: 2) else { return ([bytes[at + 1]], 2) }
        return ([UInt8(truncatingIfNeeded: byte)], 4)
      case UInt8(ascii: "u"): return Unescaped.codePoint(bytes, at) ?? ([bytes[at + 1]], 2)
      case let byte: return ([byte], 2)
      }
    }
  }

  /// Those of RFC 3986, and the `+` of forms. False: there was none.
  mutating func undoPercents() -> Bool {
    rewrite { bytes, at in
      if bytes[at] == UInt8(ascii: "+") { return ([0x20], 1) }
      guard bytes[at] == UInt8(ascii: "%"), let byte = Unescaped.number(bytes, at + 1, digits: 2) else { return nil }
      return ([UInt8(truncatingIfNeeded: byte)], 3)
    }
  }

  /// Those that tell a terminal how to draw, ECMA-48's: what stands on both sides of one is seen side by side. With
  /// `joinsLines` also the ends of lines, where a program goes on in the next row. False: there was none.
  mutating func undoDrawing(joinsLines: Bool) -> Bool {
    rewrite { bytes, at in
      if joinsLines {
        if bytes[at] == 0x20, at + 1 < bytes.count, bytes[at + 1] == 0x0D { return ([], 2) }
        if bytes[at] == 0x0D || bytes[at] == 0x0A { return ([], 1) }
      }
      guard bytes[at] == 0x1B, at + 1 < bytes.count else { return nil }
      var end = at + 2
      switch bytes[at + 1] {
      case UInt8(ascii: "["):
        while end < bytes.count, !(0x40...0x7E).contains(bytes[end]) { end += 1 }
        return ([], min(end + 1, bytes.count) - at)
      case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
        // Up to BEL, or to ESC and a backslash.
        while end < bytes.count, bytes[end] != 0x07, bytes[end] != 0x1B { end += 1 }
        let isLong = end + 1 < bytes.count && bytes[end] == 0x1B
        return ([], min(end + (isLong ? 2 : 1), bytes.count) - at)
      case 0x20...0x2F:
        while end < bytes.count, (0x20...0x2F).contains(bytes[end]) { end += 1 }
        return ([], min(end + 1, bytes.count) - at)
      default: return ([], 2)
      }
    }
  }

  private mutating func rewrite(_ undo: ([UInt8], Int) -> (bytes: [UInt8], length: Int)?) -> Bool {
    var result: [UInt8] = []
    var starts: [Int32] = []
    var ends: [Int32] = []
    var at = 0
    var hasChanged = false
    while at < bytes.count {
      guard let (plain, length) = undo(bytes, at) else {
        result.append(bytes[at])
        starts.append(lower[at])
        ends.append(upper[at])
        at += 1
        continue
      }
      hasChanged = true
      for byte in plain {
        result.append(byte)
        starts.append(lower[at])
        ends.append(upper[at + length - 1])
      }
      at += length
    }
    if hasChanged { (bytes, lower, upper) = (result, starts, ends) }
    return hasChanged
  }

  /// `\u00e9`, `\ud83d\ude00` or `\u{1f600}`.
  private static func codePoint(_ bytes: [UInt8], _ at: Int) -> (bytes: [UInt8], length: Int)? {
    if at + 2 < bytes.count, bytes[at + 2] == UInt8(ascii: "{") {
      guard let end = bytes[(at + 3)...].prefix(9).firstIndex(of: UInt8(ascii: "}")),
        let value = number(bytes, at + 3, digits: end - at - 3), let scalar = Unicode.Scalar(value)
      else { return nil }
      return (Array(String(scalar).utf8), end - at + 1)
    }
    guard let first = number(bytes, at + 2, digits: 4) else { return nil }
    if let scalar = Unicode.Scalar(first) { return (Array(String(scalar).utf8), 6) }
    guard at + 7 < bytes.count, bytes[at + 6] == UInt8(ascii: "\\"), bytes[at + 7] == UInt8(ascii: "u"),
      let second = number(bytes, at + 8, digits: 4), first & 0xFC00 == 0xD800, second & 0xFC00 == 0xDC00,
      let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
    else { return nil }
    return (Array(String(scalar).utf8), 12)
  }

  private static func number(_ bytes: [UInt8], _ at: Int, digits: Int) -> UInt32? {
    guard digits > 0, digits <= 8, at + digits <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[at..<at + digits] {
      guard let digit = ByteClass.hexDigit(byte) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
