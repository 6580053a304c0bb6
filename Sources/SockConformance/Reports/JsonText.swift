// Text and numbers as JSON (RFC 8259), for reports.

enum JsonText {
  /// A string with its quotes. Beyond what JSON asks for, DEL and the line ends of Unicode are escaped, so that the
  /// result is YAML as well, and stays one line wherever it is shown.
  static func quoted(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
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
        case 0..<0x20, 0x7F: append(UInt32(byte), to: &result)
        case 0xC2 where bytes[at + 1] < 0xA0:
          append(UInt32(bytes[at + 1]), to: &result)
          at += 1
        case 0xE2 where bytes[at + 1] == 0x80 && bytes[at + 2] & 0xFE == 0xA8:
          append(0x2000 + UInt32(bytes[at + 2] - 0x80), to: &result)
          at += 2
        default: result.append(byte)
        }
        at += 1
      }
      result.append(0x22)
      return String(decoding: result, as: UTF8.self)
    }
  }

  /// As `\u001b`.
  private static func append(_ scalar: UInt32, to result: inout [UInt8]) {
    let digits = String(scalar, radix: 16)
    result += Array(("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
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
