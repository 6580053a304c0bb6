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
  static func named(in pieces: [ArraySlice<UInt8>], withIdentifiers: Bool = true) -> [Int: String] {
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
      } else if withIdentifiers, !words.isDisjoint(with: identifying), bytes.count >= shortestIdentifier,
        bytes.contains(where: ByteClass.isDigit), !bytes.allSatisfy(ByteClass.isDigit)
      {
        for part in parts { found[part] = "[0-9A-Za-z]" }
      }
      at = end
    }
    return found
  }

  private static let units: Set<String> = ["s", "sec", "secs", "second", "seconds", "ms", "msec", "us"]
  /// So many pieces behind a number its unit stands at most: `(0.002 + 0.000 + 0.001 secs)`.
  private static let farthestUnit = 16
  /// What was measured and not set has so many digits behind its point.
  private static let measuredDigits = 3

  static let sumCharacters = "[\\d.+ ]"

  /// What several parts of something took, as one piece: `0.002 + 0.000 + 0.001` before ` secs`. How many there are
  /// varies, too.
  static func sumLength(at start: Int, in bytes: [UInt8]) -> Int? {
    var end = start
    var terms = 0
    while true {
      let point = end + digits(from: end, bytes)
      guard point > end, point < bytes.count, bytes[point] == UInt8(ascii: ".") else { return nil }
      let count = digits(from: point + 1, bytes)
      guard count >= measuredDigits else { return nil }
      end = point + 1 + count
      terms += 1
      guard bytes[end...].starts(with: " + ".utf8) else { break }
      end += 3
    }
    return terms > 1 && bytes[end...].starts(with: " sec".utf8) ? end - start : nil
  }

  static func isSum(_ piece: ArraySlice<UInt8>) -> Bool { piece.contains(UInt8(ascii: "+")) }

  private static func digits(from start: Int, _ bytes: [UInt8]) -> Int {
    bytes[start...].prefix(while: ByteClass.isDigit).count
  }

  /// Both parts of a number that says how long something took.
  static func measured(in pieces: [ArraySlice<UInt8>]) -> [Int: String] {
    var found: [Int: String] = [:]
    for at in pieces.indices where isSum(pieces[at]) && pieces[at].count > 1 { found[at] = sumCharacters }
    for at in pieces.indices.dropFirst().dropLast() where pieces[at].elementsEqual([UInt8(ascii: ".")]) {
      guard pieces[at - 1].allSatisfy(ByteClass.isDigit),
        pieces[at + 1].prefix(measuredDigits).count == measuredDigits,
        pieces[at + 1].prefix(measuredDigits).allSatisfy(ByteClass.isDigit)
      else { continue }
      let digits = pieces[at + 1].prefix(while: ByteClass.isDigit)
      let unit = String(decoding: pieces[at + 1].dropFirst(digits.count), as: UTF8.self)
      let behind = pieces[(at + 2)..<min(pieces.count, at + 2 + farthestUnit)]
        .prefix { !$0.elementsEqual([UInt8(ascii: "\n")]) && !$0.elementsEqual([UInt8(ascii: ")")]) }
      let hasUnit = behind.contains { units.contains(String(decoding: $0, as: UTF8.self)) }
      guard unit.isEmpty && hasUnit || units.contains(unit) else { continue }
      found[at - 1] = "\\d"
      found[at + 1] = unit.isEmpty ? "\\d" : "[0-9a-z]"
    }
    return found
  }

  /// Parts of what was made up as a whole, of which some vary and others were the same by chance: the seconds in
  /// `id=1xUfby-00005e-1p`.
  static func identifierParts(of pieces: [ArraySlice<UInt8>], thatVary varies: [Bool]) -> [Int] {
    var found: [Int] = []
    var at = 0
    while at < pieces.count {
      guard isAlphanumeric(pieces[at]) else {
        at += 1
        continue
      }
      let end = valueEnd(from: at, pieces)
      let parts = (at..<end).filter { isAlphanumeric(pieces[$0]) }
      let count = parts.filter { varies[$0] }.count
      var start = at
      while start > 0, isMark(pieces[start - 1]) { start -= 1 }
      let isNamed = start < at && !label(before: start, pieces).isDisjoint(with: identifying)
      if count > 1 || count == 1 && isNamed {
        found += parts.filter { part in
          !varies[part] && pieces[part].contains(where: ByteClass.isDigit) && !pieces[part].allSatisfy(ByteClass.isDigit)
        }
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
