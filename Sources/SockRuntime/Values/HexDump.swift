// Bytes in hex and as text: the rows of a dump, and two strings side by side.

/// What shows bytes where text alone would mislead.
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
    let at = ByteDifference.start(expected, received) ?? expected.count
    let start = at / 16 * 16
    var lines = row("expected", expected, start)
    lines += row("received", received, start)
    let column = 10 + max(4, String(start, radix: 16).utf8.count) + 2 + (at - start) * 3
    lines.append(String(repeating: " ", count: column) + "^^ byte \(at)")
    return lines
  }

  static let bytesInRow = 16

  /// The digits of an offset: four, or as many as the last one needs.
  static func offsetWidth(of count: Int) -> Int { max(4, String(max(0, count - 1), radix: 16).utf8.count) }

  /// The 16 bytes from `start` on, in hex and as text.
  static func row(_ name: String, _ bytes: UnsafeRawBufferPointer, _ start: Int) -> [String] {
    var builder = ByteBuilder(capacity: 80)
    append(bytes, from: start, offsetWidth: 4, to: &builder)
    return ["\(name)  \(builder.finish().text)"]
  }

  /// The same as part of a whole dump: the offset, 16 bytes in hex, and as text, of which what is not ASCII is a dot.
  static func append(
    _ bytes: UnsafeRawBufferPointer, from start: Int, offsetWidth: Int, to builder: inout ByteBuilder
  ) {
    let row = start..<max(start, min(start + bytesInRow, bytes.count))
    builder.append(UInt(start), radix: 16, minimumDigits: offsetWidth)
    builder.append("  ")
    for at in row {
      builder.append(UInt(bytes[at]), radix: 16, minimumDigits: 2)
      builder.append(0x20)
    }
    builder.append(repeating: 0x20, count: 3 * (bytesInRow - row.count) + 1)
    for at in row { builder.append(bytes[at] >= 0x20 && bytes[at] < 0x7F ? bytes[at] : UInt8(ascii: ".")) }
  }
}
