// Bytes of any origin as text that a terminal shows and never acts on.

package enum Printable {
  struct Character {
    /// Where its bytes begin in the collection given.
    let offset: Int
    let text: String
    /// Columns on a terminal.
    let width: Int
  }

  /// Text for one line: control characters, bytes that are not UTF-8 and characters that change the
  /// direction of text or cannot be seen are written as `\x1b` or `\u{202e}`.
  package static func text(_ text: some StringProtocol) -> String {
    var isPlain = true
    for byte in text.utf8 where byte < 0x20 || byte > 0x7E {
      isPlain = false
      break
    }
    if isPlain { return String(text) }
    return characters(of: Array(text.utf8)[...], tabStop: nil).reduce(into: "") { $0 += $1.text }
  }

  package static func text(bytes: [UInt8]) -> String {
    characters(of: bytes[...], tabStop: nil).reduce(into: "") { $0 += $1.text }
  }

  /// The characters of some bytes. A tab becomes the blanks up to the next stop, or `\t` without stops.
  static func characters(of bytes: ArraySlice<UInt8>, tabStop: Int?) -> [Character] {
    var found: [Character] = []
    found.reserveCapacity(bytes.count)
    var column = 0
    var at = bytes.startIndex
    func append(_ text: String, width: Int, length: Int) {
      found.append(Character(offset: at, text: text, width: width))
      column += width
      at += length
    }
    while at < bytes.endIndex {
      let byte = bytes[at]
      if byte >= 0x20, byte < 0x7F {
        append(String(UnicodeScalar(byte)), width: 1, length: 1)
      } else if byte == 0x09, let tabStop {
        let width = tabStop - column % tabStop
        append(String(repeating: " ", count: width), width: width, length: 1)
      } else if byte < 0x80 {
        let text = escape(byte)
        append(text, width: text.utf8.count, length: 1)
      } else if let (scalar, length) = decode(bytes[at...]) {
        if let width = width(of: scalar) {
          append(String(scalar), width: width, length: length)
        } else {
          let text = "\\u{\(String(scalar.value, radix: 16))}"
          append(text, width: text.utf8.count, length: length)
        }
      } else {
        append(escape(byte), width: 4, length: 1)
      }
    }
    return found
  }

  private static func escape(_ byte: UInt8) -> String {
    switch byte {
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    default:
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }
  }

  /// The character that starts the bytes and its length, if they are UTF-8.
  private static func decode(_ bytes: ArraySlice<UInt8>) -> (scalar: UnicodeScalar, length: Int)? {
    guard let lead = bytes.first else { return nil }
    let length: Int
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF: length = 3
    case 0xF0...0xF4: length = 4
    default: return nil
    }
    guard bytes.count >= length else { return nil }
    var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
    for byte in bytes.dropFirst().prefix(length - 1) {
      guard byte & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= smallest, let scalar = UnicodeScalar(value) else { return nil }
    return (scalar, length)
  }

  /// The character that starts the bytes, if it is better not shown: it acts on a terminal, turns the direction of
  /// text, or cannot be seen.
  package static func hidden(at bytes: ArraySlice<UInt8>) -> (scalar: UnicodeScalar, length: Int)? {
    guard let first = bytes.first else { return nil }
    if first < 0x80 { return first < 0x20 || first == 0x7F ? (UnicodeScalar(first), 1) : nil }
    return decode(bytes).flatMap { width(of: $0.scalar) == nil ? $0 : nil }
  }

  /// The columns of a character beyond ASCII; nil for one that is better not shown.
  /// How many columns a terminal gives to a character: 0 for what is put on the one before, and for what is not seen.
  package static func columns(of scalar: UnicodeScalar) -> Int {
    if let width = width(of: scalar) { return width }
    // Fonts have pictures for those that are for private use.
    switch scalar.value {
    case 0xE000...0xF8FF, 0xF0000...0x10FFFF: return 1
    default: return 0
    }
  }

  private static func width(of scalar: UnicodeScalar) -> Int? {
    switch scalar.value {
    case 0x80...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF0...0xFFFB, 0xE0000...0xE0FFF, 0xE000...0xF8FF, 0xF0000...0x10FFFF:
      return nil
    case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F:
      return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default:
      return 1
    }
  }
}
