// Numbers that are known by the lines around them: those of a report, and those that count the bytes that follow.

extension RecordedMeanings {
  // MARK: - Reports

  /// A report has so many lines of one kind, and so many of them vary in the number at their end.
  private static let shortestReport = 10
  private static let varyingLines = 3

  /// A server's statistics: where some counters have changed from one session to the next, the others will, too.
  func loosenReports(in turn: inout RecordedTurn) {
    var kinds: [[UInt8]: [Int]] = [:]
    for at in turn.units.indices where turn.units[at].isText {
      guard let number = VaryingNumbers.lastNumber(of: turn.units[at].bytes) else { continue }
      let line = turn.units[at].bytes
      // `STAT name 5` by its first word, `name:5` by its mark.
      let mark = line[number.lowerBound - 1]
      guard number.lowerBound > 1, mark == 0x20 || AnswerPattern.isAlphanumeric(line[number.lowerBound - 2])
      else { continue }
      let word = mark == 0x20 ? Array(line.prefix { $0 != 0x20 }) : []
      kinds[word + [mark], default: []].append(at)
    }
    for places in kinds.values where places.count >= Self.shortestReport {
      let changed = places.filter { at in
        turn.units[at].parts.contains { part in
          if case .varying(let value) = part { !value.isTime && !value.isGuessed } else { false }
        }
      }
      guard changed.count >= Self.varyingLines else { continue }
      for at in places {
        let unit = turn.units[at]
        guard let number = VaryingNumbers.lastNumber(of: unit.bytes) else { continue }
        let values = [Array(unit.bytes[number])] + unit.samples.map { sample in
          sample.flatMap { bytes in VaryingNumbers.lastNumber(of: bytes).map { Array(bytes[$0]) } }
        }
        let counts = values.compactMap { $0?.count }
        let value = RecordedValue(
          values, characters: unit.bytes[number].contains(UInt8(ascii: ".")) ? "[\\d.]" : "\\d",
          counts: (counts.min() ?? 1)...(counts.max() ?? 1), isText: true, label: "value", shape: [],
          connection: turn.connection, side: turn.side)
        value.isTime = true
        turn.units[at].parts = [
          .literal(Array(unit.bytes[..<number.lowerBound])), .varying(value),
          .literal(Array(unit.bytes[number.upperBound...])),
        ]
      }
    }
  }

  // MARK: - Lengths

  /// A number at the end of a line that is the length of what follows varies with that: `$585`, `Content-Length: 12`.
  func findLengths(in turn: inout RecordedTurn) {
    guard turn.units.contains(where: { $0.parts.contains(where: Self.mayVaryInLength) }) else { return }
    for at in turn.units.indices where turn.units[at].isText {
      let unit = turn.units[at]
      guard let number = VaryingNumbers.lastNumber(of: unit.bytes) ?? Self.bracedNumber(unit.bytes),
        let length = Self.number(unit.bytes, number), length > 0,
        let (units, lineEnd) = Self.span(of: length, behind: at, turn.units),
        turn.units[units].contains(where: { $0.parts.contains(where: Self.mayVaryInLength) }),
        isLength(unit, turn.units[units], lineEnd)
      else { continue }
      guard let value = Self.value(at: number, in: &turn.units[at], turn), case .pattern = value.meaning
      else { continue }
      let names = turn.units[units].filter { $0.parts.contains(where: \.isVarying) }.count
      guard names <= Self.mostNames else { continue }
      value.isNeeded = true
      turn.units[at].length = RecordedLength(value: value, units: units, lineEnd: lineEnd)
    }
  }

  /// What stands at a number's place, all digits in each session; nil where it is part of something else that varies.
  private static func value(
    at number: Range<Int>, in unit: inout RecordedUnit, _ turn: RecordedTurn
  ) -> RecordedValue? {
    var offset = 0
    for (place, part) in unit.parts.enumerated() {
      let range = offset..<offset + part.base.count
      offset = range.upperBound
      guard range.overlaps(number) else { continue }
      switch part {
      case .varying(let value):
        return range == number && value.characters == "\\d" && !value.isTime ? value : nil
      case .literal(let bytes):
        guard range.lowerBound <= number.lowerBound, number.upperBound <= range.upperBound else { return nil }
        let inner = (number.lowerBound - range.lowerBound)..<(number.upperBound - range.lowerBound)
        let value = RecordedValue(
          [Array(bytes[inner])], characters: "\\d", counts: number.count...number.count, isText: true,
          label: "length", shape: [], connection: turn.connection, side: turn.side)
        let parts: [RecordedPart] = [
          .literal(Array(bytes[..<inner.lowerBound])), .varying(value), .literal(Array(bytes[inner.upperBound...])),
        ]
        unit.parts.replaceSubrange(
          place...place, with: parts.filter { if case .literal(let bytes) = $0 { !bytes.isEmpty } else { true } })
        return value
      }
    }
    return nil
  }

  /// More names in one sum would not be read by anybody.
  private static let mostNames = 8

  private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    Int(String(decoding: bytes[range], as: UTF8.self))
  }

  /// The number at a line's end in braces, as IMAP's literals have it (RFC 9051, 4.3): `{310}`.
  private static func bracedNumber(_ bytes: [UInt8]) -> Range<Int>? {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "}")),
      bytes[(end + 1)...].allSatisfy({ $0 == 0x0D || $0 == 0x0A }),
      let start = bytes[..<end].lastIndex(of: UInt8(ascii: "{")), start + 1 < end,
      bytes[(start + 1)..<end].allSatisfy(ByteClass.isDigit)
    else { return nil }
    return (start + 1)..<end
  }

  /// It is so in each session; where no session differs in it, its surroundings say that it is a length.
  private func isLength(_ unit: RecordedUnit, _ counted: ArraySlice<RecordedUnit>, _ lineEnd: Int) -> Bool {
    var differs = false
    var shortest = counted.reduce(-lineEnd) { $0 + $1.bytes.count }
    for session in unit.samples.indices {
      guard let sample = unit.samples[session], counted.allSatisfy({ $0.samples.indices.contains(session) })
      else { continue }
      let bytes = counted.compactMap { $0.samples[session] }
      guard bytes.count == counted.count else { continue }
      let count = bytes.reduce(-lineEnd) { $0 + $1.count }
      guard let place = VaryingNumbers.lastNumber(of: sample) ?? Self.bracedNumber(sample),
        Self.number(sample, place) == count
      else { return false }
      shortest = min(shortest, count)
      differs = differs || sample != unit.bytes
    }
    let text = String(decoding: unit.bytes, as: UTF8.self).lowercased()
    // What RESP counts so are not bytes.
    if text.hasPrefix("*") { return false }
    if text.hasPrefix("$") || text.hasPrefix("value ") || text.contains("{")
      || ["length", "size", "len", "bytes"].contains(where: { text.contains($0) })
    {
      return true
    }
    return differs && shortest >= Self.fewestCounted
  }

  /// Where nothing but numbers says so: fewer bytes are the length of what follows by chance, in any session.
  private static let fewestCounted = 16

  /// The units that have this length and follow; a line end behind them is not counted.
  private static func span(
    of length: Int, behind at: Int, _ units: [RecordedUnit]
  ) -> (units: ClosedRange<Int>, lineEnd: Int)? {
    // What HTTP and its kin count begins behind an empty line.
    let head = units[(at + 1)...].prefix(longestHead)
    let starts = [at + 1] + (head.firstIndex { $0.bytes == [0x0D, 0x0A] }.map { [$0 + 1] } ?? [])
    for start in starts {
      var sum = 0
      for end in units.indices[start...] {
        sum += units[end].bytes.count
        if sum == length { return (start...end, 0) }
        if sum == length + 2, units[end].bytes.suffix(2) == [0x0D, 0x0A] { return (start...end, 2) }
        if sum > length + 2 { break }
      }
    }
    return nil
  }

  /// A head has no more lines behind the one that tells the length.
  private static let longestHead = 100

  private static func mayVaryInLength(_ part: RecordedPart) -> Bool {
    guard case .varying(let value) = part, value.isText else { return false }
    switch value.meaning {
    case .pattern, .same, .offset: return true
    case .literal, .ownPort, .peerPort: return false
    }
  }
}
