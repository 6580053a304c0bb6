// What a message quotes is cut: a name of ten million letters is shown by its first few.

package enum Quoting {
  /// The text with each quoted part cut that is too long to be read. What stands outside of quotes is ours, and short.
  /// - Parameter longest: what stands between quotes or backquotes is shown whole up to so many bytes, and else its
  ///   first half of so many, and `…`.
  package static func shortened(_ text: String, longest: Int = 80) -> String {
    guard text.utf8.count > longest else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      result.append(byte)
      at += 1
      guard byte == UInt8(ascii: "`") || byte == UInt8(ascii: "\"") else { continue }
      let end = bytes[at...].firstIndex(of: byte) ?? bytes.count
      if end - at > longest {
        result += bytes[at..<boundary(bytes, at + longest / 2)]
        result += "…".utf8
      } else {
        result += bytes[at..<end]
      }
      if end < bytes.count { result.append(byte) }
      at = end + 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The last place up to `offset` where a character begins.
  private static func boundary(_ bytes: [UInt8], _ offset: Int) -> Int {
    var offset = offset
    while offset > 0, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
    return offset
  }
}
