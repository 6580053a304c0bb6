// Bytes in hex and as text, two strings of them side by side.

/// Two byte strings side by side, where text alone would mislead.
enum HexDump {
  /// Unprintable bytes, or a difference in white space or line ends only.
  static func helps(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    func isOdd(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x0D && byte != 0x0A && byte != 0x09 || byte >= 0x7F }
    if a.prefix(256).contains(where: isOdd) || b.prefix(256).contains(where: isOdd) { return true }
    func visible(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { bytes.prefix(256).filter { $0 > 0x20 } }
    return visible(a) == visible(b)
  }

  /// Both sides around the first byte that differs, which is marked.
  static func comparison(expected: UnsafeRawBufferPointer, received: UnsafeRawBufferPointer) -> [String] {
    var at = 0
    while at < min(expected.count, received.count), expected[at] == received[at] { at += 1 }
    let start = at / 16 * 16
    var lines = row("expected", expected, start)
    lines += row("received", received, start)
    let column = 10 + 6 + (at - start) * 3
    lines.append(String(repeating: " ", count: column) + "^^ byte \(at)")
    return lines
  }

  /// The 16 bytes from `start` on, in hex and as text.
  static func row(_ name: String, _ bytes: UnsafeRawBufferPointer, _ start: Int) -> [String] {
    func digits(_ value: Int, _ width: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    var hex = ""
    var text = ""
    for at in start..<max(start, min(start + 16, bytes.count)) {
      hex += digits(Int(bytes[at]), 2) + " "
      text += bytes[at] >= 0x20 && bytes[at] < 0x7F ? String(UnicodeScalar(bytes[at])) : "."
    }
    hex += String(repeating: " ", count: max(0, 48 - hex.count))
    return ["\(name)  \(digits(start, 4))  \(hex) \(text)"]
  }
}
