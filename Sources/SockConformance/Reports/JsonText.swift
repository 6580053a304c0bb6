// Text and numbers as JSON (RFC 8259), for reports.

import SockLanguage

enum JsonText {
  /// A string with its quotes. Beyond what JSON asks for, all that is better not shown is escaped, so that the result is
  /// YAML as well, stays one line wherever it is shown, and does nothing to a terminal.
  static func quoted(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 2)
    result.append(0x22)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case 0x22, 0x5C: result += [0x5C, byte]
      case 0x0A: result += [0x5C, 0x6E]
      case 0x0D: result += [0x5C, 0x72]
      case 0x09: result += [0x5C, 0x74]
      case 0x20..<0x7F: result.append(byte)
      default:
        if let (scalar, length) = Printable.hidden(at: bytes[at...]) {
          append(scalar, to: &result)
          at += length
          continue
        }
        result.append(byte)
      }
      at += 1
    }
    result.append(0x22)
    return String(decoding: result, as: UTF8.self)
  }

  /// As `\u001b`; beyond U+FFFF as two.
  private static func append(_ scalar: UnicodeScalar, to result: inout [UInt8]) {
    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
      let digits = String(unit, radix: 16)
      result += Array(("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
    }
  }

  static func optional(_ text: String?) -> String { text.map(quoted) ?? "null" }

  static func list(_ items: [String]) -> String { "[\(items.map(quoted).joined(separator: ","))]" }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// RFC 4648 section 4, with padding, in quotes.
  static func base64(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = [0x22]
    result.reserveCapacity((bytes.count + 2) / 3 * 4 + 2)
    var at = 0
    while at < bytes.count {
      let left = bytes.count - at
      let second = left > 1 ? bytes[at + 1] : 0
      let third = left > 2 ? bytes[at + 2] : 0
      result.append(alphabet[Int(bytes[at] >> 2)])
      result.append(alphabet[Int(bytes[at] & 3) << 4 | Int(second >> 4)])
      result.append(left > 1 ? alphabet[Int(second & 15) << 2 | Int(third >> 6)] : 0x3D)
      result.append(left > 2 ? alphabet[Int(third & 63)] : 0x3D)
      at += 3
    }
    result.append(0x22)
    return String(decoding: result, as: UTF8.self)
  }
}
