// Cutting a string into lines, words, and parts between separators, one after the other.

/// Each takes the position where the last piece ended (0 at first), moves it on, and gives the next piece's place; nil
/// when there is none any more.
enum Cutting {
  /// Up to the next LF; neither it nor a CR before it belongs to the line. What follows the last LF is a line only if
  /// there is something.
  @inline(__always)
  static func nextLine(_ string: ByteString, _ at: inout Int) -> Range<Int>? {
    let bytes = string.bytes
    let start = at
    guard start < bytes.count else { return nil }
    let next = bytes.offset(of: 0x0A, from: start) ?? bytes.count
    at = next + 1
    let endsInCR = next < bytes.count && next > start && bytes[next - 1] == 0x0D
    return start..<(endsInCR ? next - 1 : next)
  }

  /// Between runs of white space.
  @inline(__always)
  static func nextWord(_ string: ByteString, _ at: inout Int) -> Range<Int>? {
    let bytes = string.bytes
    let count = bytes.count
    var start = at
    while start < count, ByteClass.isSpace(bytes[start]) { start &+= 1 }
    guard start < count else { return nil }
    var end = start &+ 1
    while end < count, !ByteClass.isSpace(bytes[end]) { end &+= 1 }
    at = end
    return start..<end
  }

  /// Up to the next separator, which is not empty; the last part may be.
  @inline(__always)
  static func nextPart(_ string: ByteString, _ separator: ByteString, _ at: inout Int) -> Range<Int>? {
    let bytes = string.bytes
    let start = at
    guard start <= bytes.count else { return nil }
    let next = bytes.offset(of: separator.bytes, from: start) ?? bytes.count
    at = next < bytes.count ? next + separator.count : bytes.count + 1
    return start..<next
  }
}
