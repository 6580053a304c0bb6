// Text and numbers as JSON (RFC 8259), for reports.

enum JsonText {
  /// A string with its quotes. Beyond what JSON asks for, DEL and the line ends of Unicode are escaped, so that the
  /// result is YAML as well, and stays one line wherever it is shown.
  static func quoted(_ text: String) -> String {
    var result: [UInt8] = [0x22]
    result.reserveCapacity(text.utf8.count + 2)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += [0x5C, 0x22]
      case "\\": result += [0x5C, 0x5C]
      case "\n": result += [0x5C, 0x6E]
      case "\r": result += [0x5C, 0x72]
      case "\t": result += [0x5C, 0x74]
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += Array(("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
      default: result += Array(String(scalar).utf8)
      }
    }
    result.append(0x22)
    return String(decoding: result, as: UTF8.self)
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
