// Text as HTML: whatever it holds, it stays text.

enum HtmlText {
  static func attribute(_ text: String) -> String { "\"\(escaped(text))\"" }

  /// Characters that a page cannot hold, or that change the direction of text, are shown as escapes.
  static func escaped(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".utf8
      case "<": result += "&lt;".utf8
      case ">": result += "&gt;".utf8
      case "\"": result += "&quot;".utf8
      case "'": result += "&#39;".utf8
      case "\t", "\n": result += String(scalar).utf8
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{200E}"..."\u{200F}", "\u{202A}"..."\u{202E}",
        "\u{2066}"..."\u{2069}", "\u{FFFE}", "\u{FFFF}":
        result += "\\u{\(String(scalar.value, radix: 16))}".utf8
      default: result += String(scalar).utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
