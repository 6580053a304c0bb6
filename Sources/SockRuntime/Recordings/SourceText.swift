// Bytes as they stand in a script that is written for somebody.

import SockLanguage

/// Bytes as one writes them in a script.
package enum SourceText {
  package static func quoted(_ bytes: [UInt8]) -> String {
    isBinary(bytes) ? hex(bytes) : "\"\(inner(bytes))\""
  }

  /// As a pattern of `expect`: a string that could be meant as a regex is written as one.
  static func pattern(_ quoted: String, _ bytes: [UInt8]) -> String {
    let content = quoted.dropFirst().dropLast()
    let looksOdd = content.hasPrefix("^") || content.hasSuffix("$") || content.contains(".*")
    return quoted.hasPrefix("\"") && looksOdd ? "/\(AnswerPattern.escaped(bytes))/" : quoted
  }

  /// As it stands between double quotes.
  static func inner(_ bytes: [UInt8]) -> String {
    var builder = ByteBuilder()
    bytes.withUnsafeBytes { Show.appendQuoted($0, to: &builder) }
    return String(builder.finish().text.dropFirst().dropLast())
  }

  /// Shorter runs of what can be read stay in hex, in bytes.
  private static let shortestText = 4
  /// So many bytes of hex stand in a line.
  private static let hexInLine = 24

  /// Bytes of a binary protocol as values to be joined: what can be read in quotes, the rest in hex.
  package static func terms(_ bytes: [UInt8]) -> [String] {
    func isReadable(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7F }
    var terms: [String] = []
    var hex: [UInt8] = []
    func flush() {
      for line in hex.chunks(of: hexInLine) { terms.append(self.hex(Array(line))) }
      hex = []
    }
    var at = 0
    while at < bytes.count {
      var end = at
      var readable = 0
      // The NUL behind a text is part of it, so that names and values stand in one.
      while end < bytes.count, isReadable(bytes[end]) || end > at && bytes[end] == 0 && bytes[end - 1] != 0 {
        readable += bytes[end] == 0 ? 0 : 1
        end += 1
      }
      if readable >= shortestText {
        flush()
        terms.append("\"\(inner(Array(bytes[at..<end])))\"")
        at = end
      } else {
        let next = Swift.max(end, at + 1)
        hex += bytes[at..<next]
        at = next
      }
    }
    flush()
    return terms
  }

  static func hex(_ bytes: [UInt8]) -> String {
    let pairs = bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "0\(digits)" : digits
    }
    return "x\"\(pairs.joined(separator: " "))\""
  }

  /// More than a quarter of it cannot be printed.
  package static func isBinary(_ bytes: [UInt8]) -> Bool {
    var odd = 0
    bytes.withUnsafeBytes { bytes in
      var at = 0
      while at < bytes.count {
        let length = bytes[at] < 0x80 ? 1 : ByteClass.utf8Length(bytes, at: at)
        let isOdd = bytes[at] < 0x20 && !(9...13).contains(bytes[at]) || bytes[at] >= 0x7F
        if length <= 1, isOdd { odd += 1 }
        at += max(1, length)
      }
    }
    return odd * 4 > bytes.count
  }
}
