// Numbers and identifiers that will be others the next time although no two answers of the session differ in them:
// what a word in front of them says, lengths of what varies, and the values of a report.

enum VaryingNumbers {
  // MARK: - By the word in front

  /// Words behind which a number is of the moment, or of this run of the server: `uptime_in_seconds:189`, `pid 311`.
  private static let momentary: Set<String> = ["uptime", "time", "clock", "timestamp", "elapsed", "pid"]
  /// Words behind which something long of digits and letters was made up for this answer alone: `id=1xUfby-00005e-1p`,
  /// `queued as 4F0C12A8B9`.
  private static let identifying: Set<String> = ["id", "as", "uuid", "nonce", "token", "session"]
  /// What is shorter may be what was asked for, in characters.
  private static let shortestIdentifier = 8

  /// Of each piece that a word in front declares to vary: of which characters it is.
  /// - Parameter pieces: runs of digits and letters, and the single bytes between them.
  static func named(in pieces: [ArraySlice<UInt8>]) -> [Int: String] {
    var found: [Int: String] = [:]
    var at = 0
    while at < pieces.count {
      // One mark and blanks part the word from the value.
      guard isMark(pieces[at]) else {
        at += 1
        continue
      }
      let words = label(before: at, pieces)
      while at < pieces.count, isMark(pieces[at]) { at += 1 }
      let end = valueEnd(from: at, pieces)
      guard at < end, !words.isEmpty else { continue }
      let parts = (at..<end).filter { isAlphanumeric(pieces[$0]) }
      let bytes = parts.flatMap { pieces[$0] }
      if !words.isDisjoint(with: momentary), bytes.allSatisfy(ByteClass.isDigit) {
        for part in parts { found[part] = "\\d" }
      } else if !words.isDisjoint(with: identifying), bytes.count >= shortestIdentifier,
        bytes.contains(where: ByteClass.isDigit), !bytes.allSatisfy(ByteClass.isDigit)
      {
        for part in parts { found[part] = "[0-9A-Za-z]" }
      }
      at = end
    }
    return found
  }

  private static func isMark(_ piece: ArraySlice<UInt8>) -> Bool {
    piece.count == 1 && "=: \t".utf8.contains(piece.first ?? 0)
  }

  private static func isAlphanumeric(_ piece: ArraySlice<UInt8>) -> Bool {
    guard let byte = piece.first else { return false }
    return ByteClass.isDigit(byte) || (byte | 0x20) &- 0x61 < 26
  }

  /// `uptime`, `in` and `seconds` of `uptime_in_seconds`, in small letters.
  private static func label(before end: Int, _ pieces: [ArraySlice<UInt8>]) -> Set<String> {
    var words: Set<String> = []
    var at = end - 1
    // No word of a protocol has more parts.
    while at >= 0, words.count < 8 {
      if isAlphanumeric(pieces[at]) {
        words.insert(String(decoding: pieces[at], as: UTF8.self).lowercased())
      } else if pieces[at].count != 1 || !"_-".utf8.contains(pieces[at].first ?? 0) {
        break
      }
      at -= 1
    }
    return words
  }

  /// Behind a value whose parts are joined by `-`, `.` or `_`.
  private static func valueEnd(from start: Int, _ pieces: [ArraySlice<UInt8>]) -> Int {
    guard start < pieces.count, isAlphanumeric(pieces[start]) else { return start }
    var end = start + 1
    while end + 1 < pieces.count, "-._".utf8.contains(pieces[end].first ?? 0), isAlphanumeric(pieces[end + 1]) {
      end += 2
    }
    return end
  }

  // MARK: - By the lines around

  /// A report has so many lines.
  private static let shortestReport = 10
  /// And so many of them have been seen to vary in the number at their end.
  private static let varyingLines = 3

  /// A server's statistics: where some counters have changed from one answer to the next, the others will, too.
  /// - Parameter others: of each line what stood there in other answers.
  static func isReport(_ lines: [[UInt8]], others: [[[UInt8]]]) -> Bool {
    guard lines.count >= shortestReport else { return false }
    var count = 0
    for (line, others) in zip(lines, others) {
      guard let number = lastNumber(of: line) else { continue }
      let head = line[..<number.lowerBound]
      let varies = others.contains { other in
        guard other != line, let otherNumber = lastNumber(of: other) else { return false }
        return other[..<otherNumber.lowerBound] == head
      }
      if varies { count += 1 }
    }
    return count >= varyingLines
  }

  /// Whether the number at a line's end is the length of the next line.
  static func isLength(_ line: [UInt8], of next: [UInt8]) -> Bool {
    guard let number = lastNumber(of: line), line[number].allSatisfy(ByteClass.isDigit) else { return false }
    return Int(String(decoding: line[number], as: UTF8.self)) == lengthWithoutEnd(next)
  }

  /// The line with another number at its end; nil when there is none.
  static func changed(_ line: [UInt8]) -> [UInt8]? {
    guard let number = lastNumber(of: line) else { return nil }
    var line = line
    for at in number where ByteClass.isDigit(line[at]) {
      line[at] = line[at] == UInt8(ascii: "9") ? UInt8(ascii: "0") : line[at] + 1
    }
    return line
  }

  /// Where the number at a line's end stands, `12` or `0.5`; nil when something else stands there, as a version.
  static func lastNumber(of line: [UInt8]) -> Range<Int>? {
    let end = lengthWithoutEnd(line)
    var start = end
    var points = 0
    while start > 0, ByteClass.isDigit(line[start - 1]) || line[start - 1] == UInt8(ascii: ".") {
      start -= 1
      if line[start] == UInt8(ascii: ".") { points += 1 }
    }
    guard start > 0, start < end, points <= 1, ByteClass.isDigit(line[start]), ByteClass.isDigit(line[end - 1]),
      " :=\t$*".utf8.contains(line[start - 1])
    else { return nil }
    return start..<end
  }

  private static func lengthWithoutEnd(_ line: [UInt8]) -> Int {
    guard line.last == UInt8(ascii: "\n") else { return line.count }
    return line.dropLast().last == UInt8(ascii: "\r") ? line.count - 2 : line.count - 1
  }
}
