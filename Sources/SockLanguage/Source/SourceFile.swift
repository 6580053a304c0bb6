// Where text comes from, and how a place in it is named.

/// One file of source text: its name as shown in messages, and its bytes exactly as read.
package final class SourceFile: Sendable {
  /// As the user gave it (`smtp.sock`, `<-e>`, `<stdin>`), for messages.
  package let name: String
  package let bytes: [UInt8]
  /// The number of the first line: 1, except in a session, whose lines are counted from input to input.
  package let firstLine: Int
  /// Its lines may be shown. Not those of what is no script: a script of a stranger may name any file.
  package let mayBeShown: Bool
  /// The offset at which each line starts; the first line is entry 0.
  private let lineStarts: [UInt32]

  package init(name: String, bytes: [UInt8], firstLine: Int = 1, mayBeShown: Bool = true) {
    self.name = name
    self.bytes = bytes
    self.firstLine = firstLine
    self.mayBeShown = mayBeShown
    var starts: [UInt32] = [0]
    for (offset, byte) in bytes.enumerated() where byte == 0x0A {
      starts.append(UInt32(truncatingIfNeeded: offset + 1))
    }
    lineStarts = starts
  }

  package convenience init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// What a path beside this file begins with: `.` where the name has no folder, as of statements on the command line.
  package var folder: String {
    guard !name.hasPrefix("<"), let slash = name.lastIndex(of: "/") else { return "." }
    return slash == name.startIndex ? "/" : String(name[..<slash])
  }

  package var lineCount: Int { lineStarts.count }

  /// The line (from `firstLine`) and column (from 1, in bytes) of an offset.
  package func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
    }
    return (low + firstLine, offset - Int(lineStarts[low]) + 1)
  }

  /// The bytes of a line (from `firstLine`), without its line end.
  package func line(_ number: Int) -> ArraySlice<UInt8> {
    let at = number - firstLine
    guard at >= 0, at < lineStarts.count else { return [] }
    let start = Int(lineStarts[at])
    var end = at + 1 < lineStarts.count ? Int(lineStarts[at + 1]) - 1 : bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return bytes[start..<max(start, end)]
  }

  package func bytes(in range: SourceRange) -> ArraySlice<UInt8> {
    bytes[range.offsets.clamped(to: 0..<bytes.count)]
  }

  /// The text of a range, for messages (what is not UTF-8 is replaced).
  package func text(_ range: SourceRange) -> String {
    String(decoding: bytes(in: range), as: UTF8.self)
  }
}

/// A run of bytes in one source file. Sources are limited to 2 GiB, far above `Limits.sourceBytes`.
package struct SourceRange: Hashable, Sendable {
  package var lower: UInt32
  package var upper: UInt32

  package init(_ lower: Int, _ upper: Int) {
    self.lower = UInt32(truncatingIfNeeded: lower)
    self.upper = UInt32(truncatingIfNeeded: max(lower, upper))
  }

  package static let none = SourceRange(0, 0)
  package var offsets: Range<Int> { Int(lower)..<Int(upper) }

  /// The smallest range that holds both.
  package func joined(_ other: SourceRange) -> SourceRange {
    SourceRange(Int(min(lower, other.lower)), Int(max(upper, other.upper)))
  }
}
