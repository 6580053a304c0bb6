// Lines and characters of a text as a client counts them, and the offsets of bytes as we do.

import SockLanguage

/// How a client counts within a line.
enum PositionEncoding: String {
  case utf8 = "utf-8"
  case utf16 = "utf-16"
}

struct Position: Equatable {
  /// Both from 0.
  let line: Int
  let character: Int

  var json: Json { ["line": Json(line), "character": Json(character)] }
}

struct Positions {
  private let bytes: [UInt8]
  private let encoding: PositionEncoding
  private let lineStarts: [Int]
  /// Every character is one byte, and counts as one either way.
  private let isPlain: Bool

  init(_ bytes: [UInt8], _ encoding: PositionEncoding) {
    self.bytes = bytes
    self.encoding = encoding
    var starts = [0]
    var isPlain = true
    bytes.withUnsafeBufferPointer { bytes in
      for (offset, byte) in bytes.enumerated() {
        if byte >= 0x80 { isPlain = false }
        // LSP has a line end in a carriage return alone, too.
        if byte == 0x0A || byte == 0x0D && (offset + 1 == bytes.count || bytes[offset + 1] != 0x0A) {
          starts.append(offset + 1)
        }
      }
    }
    lineStarts = starts
    self.isPlain = isPlain || encoding == .utf8
  }

  /// Where the text of a line ends, without its line end.
  private func lineEnd(_ line: Int) -> Int {
    guard line + 1 < lineStarts.count else { return bytes.count }
    var end = lineStarts[line + 1] - 1
    if bytes[end] == 0x0A, end > lineStarts[line], bytes[end - 1] == 0x0D { end -= 1 }
    return end
  }

  /// The offset of a place; of one that is not there, the nearest before it.
  func offset(_ position: Position) -> Int {
    guard position.line >= 0 else { return 0 }
    guard position.line < lineStarts.count else { return bytes.count }
    let (start, end) = (lineStarts[position.line], lineEnd(position.line))
    let wanted = max(0, position.character)
    if isPlain {
      var offset = min(start + wanted, end)
      // Not within a character.
      while offset > start, offset < end, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
      return offset
    }
    var offset = start
    var count = 0
    while offset < end {
      let (length, units) = Positions.character(bytes[offset])
      if count + units > wanted { break }
      count += units
      offset = min(offset + length, end)
    }
    return offset
  }

  func position(_ offset: Int) -> Position {
    let offset = min(max(0, offset), bytes.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return Position(line: low, character: characters(from: lineStarts[low], to: offset))
  }

  /// How many characters, as the client counts, stand between two places of a line.
  func characters(from start: Int, to end: Int) -> Int {
    if isPlain { return end - start }
    var count = 0
    var at = start
    while at < end {
      let (length, units) = Positions.character(bytes[at])
      count += units
      at += length
    }
    return count
  }

  /// The bytes of the character that begins so, and its units in UTF-16.
  private static func character(_ first: UInt8) -> (length: Int, units: Int) {
    switch first {
    case 0xF0...: (4, 2)
    case 0xE0...: (3, 1)
    case 0xC0...: (2, 1)
    default: (1, 1)
    }
  }

  // MARK: - Ranges

  func json(_ range: Range<Int>) -> Json {
    ["start": position(range.lowerBound).json, "end": position(range.upperBound).json]
  }

  func json(_ range: SourceRange) -> Json { json(range.offsets) }

  /// Nil where that is no position.
  func offset(_ position: Json) -> Int? {
    guard let line = position["line"].integer, let character = position["character"].integer else { return nil }
    return offset(Position(line: line, character: character))
  }

  func range(_ range: Json) -> Range<Int>? {
    guard let start = offset(range["start"]), let end = offset(range["end"]) else { return nil }
    return start..<max(start, end)
  }

  /// The parts of a range that stand on one line each, without line ends.
  func lines(of range: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var line = position(range.lowerBound).line
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(lineEnd(line), range.upperBound)
      if end > start { parts.append(start..<end) }
      line += 1
      guard line < lineStarts.count else { break }
      start = lineStarts[line]
    }
    return parts
  }
}
