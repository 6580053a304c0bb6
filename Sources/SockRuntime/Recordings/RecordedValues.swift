// What varies from one recorded session to the next, and what it means: something that one side says back later, a
// counter, a port; or nothing that is known, which a pattern stands for.

/// A place in what was said that varies.
final class RecordedValue {
  enum Meaning {
    /// Nothing more is known: of what characters it is.
    case pattern
    /// What was there in the session that the script repeats.
    case literal
    case same(RecordedValue)
    /// A number that is so much more than another one.
    case offset(RecordedValue, by: Int)
    /// The port of the script's own end of the connection, or of the other end.
    case ownPort, peerPort
  }

  /// In the session that is repeated, then in the others; nil where its surroundings were not there.
  let values: [[UInt8]?]
  /// For a regex: of which characters it is.
  let characters: String
  let counts: ClosedRange<Int>
  let isText: Bool
  /// A name that would say what it is.
  let label: String
  /// What it stands in, without what varies.
  let shape: [UInt8]
  let connection: Int
  let side: RecordedSide
  /// It is a part of a date or of a measurement: it means nothing that is said again.
  var isTime = false
  /// Of what is known to vary it is one: no session differs in it.
  var isGuessed: Bool { values.allSatisfy { $0 == values.first } }
  /// Which of the unit's values it is.
  var place = 0
  var meaning = Meaning.pattern
  /// Something later in the script says it.
  var isNeeded = false
  /// The script that was written says it.
  var isUsed = false
  /// What the script calls it, once it is known.
  var expression = ""

  init(
    _ values: [[UInt8]?], characters: String, counts: ClosedRange<Int>, isText: Bool, label: String, shape: [UInt8],
    connection: Int, side: RecordedSide
  ) {
    self.values = values
    self.characters = characters
    self.counts = counts
    self.isText = isText
    self.label = label
    self.shape = shape
    self.connection = connection
    self.side = side
  }

  var base: [UInt8] { (values.first ?? nil) ?? [] }

  /// In each session, as numbers; nil when they are none.
  var numbers: [Int]? {
    var numbers: [Int] = []
    for value in values {
      guard let value else { return nil }
      if isText {
        guard value.allSatisfy(ByteClass.isDigit), value.count <= 18, value.first != UInt8(ascii: "0") || value.count == 1,
          let number = Int(String(decoding: value, as: UTF8.self))
        else { return nil }
        numbers.append(number)
      } else {
        guard value.count == base.count, value.count <= 4 else { return nil }
        numbers.append(value.reduce(0) { $0 << 8 | Int($1) })
      }
    }
    return numbers
  }
}

enum RecordedPart {
  case literal([UInt8])
  case varying(RecordedValue)
}

/// Finds what varies in turns that have been compared, and what it means for a script that plays one side.
struct RecordedMeanings {
  private let connections: [RecordedConnection]
  /// Of the other sessions, in their order; nil where one is not comparable.
  private let others: [[RecordedConnection]?]
  private let role: RecordedSide
  private var known: [RecordedValue] = []
  /// With one session only: words that one side said first and the other one later.
  private var saidBack: Set<[UInt8]> = []

  init(_ connections: [RecordedConnection], others: [[RecordedConnection]?], role: RecordedSide) {
    self.connections = connections
    self.others = others
    self.role = role
  }

  private var isAlone: Bool { others.isEmpty }

  /// Fills in the parts of all units and what varies in them.
  mutating func find(in turns: inout [RecordedTurn]) {
    if isAlone { findSaidBack(turns) }
    for turn in turns.indices where turns[turn].kind == .data {
      for unit in turns[turn].units.indices {
        turns[turn].units[unit].parts = parts(of: turns[turn].units[unit], turns[turn])
      }
      loosenReports(in: &turns[turn])
      for unit in turns[turn].units.indices {
        let parts = turns[turn].units[unit].parts
        for case .varying(let value) in parts {
          value.meaning = meaning(of: value)
          switch value.meaning {
          case .same(let other), .offset(let other, _): other.isNeeded = true
          case .pattern, .literal, .ownPort, .peerPort: break
          }
          known.append(value)
        }
      }
      if turns[turn].side != role { findLengths(in: &turns[turn]) }
    }
  }

  // MARK: - Reports

  /// A report has so many lines of one kind, and so many of them vary in the number at their end.
  private static let shortestReport = 10
  private static let varyingLines = 3

  /// A server's statistics: where some counters have changed from one session to the next, the others will, too.
  private func loosenReports(in turn: inout RecordedTurn) {
    var kinds: [[UInt8]: [Int]] = [:]
    for at in turn.units.indices where turn.units[at].isText {
      guard let number = VaryingNumbers.lastNumber(of: turn.units[at].bytes) else { continue }
      let line = turn.units[at].bytes
      // `STAT name 5` by its first word, `name:5` by its mark.
      let mark = line[number.lowerBound - 1]
      guard number.lowerBound > 1, mark == 0x20 || AnswerPattern.isAlphanumeric(line[number.lowerBound - 2]) else { continue }
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
  private func findLengths(in turn: inout RecordedTurn) {
    guard turn.units.contains(where: { $0.parts.contains(where: Self.mayVaryInLength) }) else { return }
    for at in turn.units.indices where turn.units[at].isText {
      let unit = turn.units[at]
      guard let number = VaryingNumbers.lastNumber(of: unit.bytes) ?? Self.bracedNumber(unit.bytes),
        let length = Self.number(unit.bytes, number), length > 0,
        let (units, lineEnd) = Self.span(of: length, behind: at, turn.units),
        turn.units[units].contains(where: { $0.parts.contains(where: Self.mayVaryInLength) }),
        isLength(unit, turn.units[units], lineEnd)
      else { continue }
      var varying = unit.parts.compactMap { part in
        if case .varying(let value) = part { value } else { nil }
      }
      varying.removeAll { $0.isTime }
      if varying.last == nil {
        let value = RecordedValue(
          [Array(unit.bytes[number])], characters: "\\d", counts: number.count...number.count, isText: true,
          label: "length", shape: [], connection: turn.connection, side: turn.side)
        varying.append(value)
        turn.units[at].parts = [
          .literal(Array(unit.bytes[..<number.lowerBound])), .varying(value),
          .literal(Array(unit.bytes[number.upperBound...])),
        ]
      }
      let names = turn.units[units].filter { $0.parts.contains(where: \.isVarying) }.count
      if let value = varying.last, case .pattern = value.meaning, names <= Self.mostNames {
        value.isNeeded = true
        turn.units[at].length = RecordedLength(value: value, units: units, lineEnd: lineEnd)
      }
    }
  }

  /// More names in one sum would not be read by anybody.
  private static let mostNames = 8

  private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    Int(String(decoding: bytes[range], as: UTF8.self))
  }

  /// The number at a line's end in braces, as IMAP's literals have it (RFC 9051, 4.3): `{310}`.
  private static func bracedNumber(_ bytes: [UInt8]) -> Range<Int>? {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "}")), bytes[(end + 1)...].allSatisfy({ $0 == 0x0D || $0 == 0x0A }),
      let start = bytes[..<end].lastIndex(of: UInt8(ascii: "{")), start + 1 < end,
      bytes[(start + 1)..<end].allSatisfy(ByteClass.isDigit)
    else { return nil }
    return (start + 1)..<end
  }

  /// It is so in each session; where no session differs in it, its surroundings say that it is a length.
  private func isLength(_ unit: RecordedUnit, _ counted: ArraySlice<RecordedUnit>, _ lineEnd: Int) -> Bool {
    var differs = false
    for session in unit.samples.indices {
      guard let sample = unit.samples[session], counted.allSatisfy({ $0.samples.indices.contains(session) }) else { continue }
      let bytes = counted.compactMap { $0.samples[session] }
      guard bytes.count == counted.count else { continue }
      guard let place = VaryingNumbers.lastNumber(of: sample) ?? Self.bracedNumber(sample),
        Self.number(sample, place) == bytes.reduce(-lineEnd, { $0 + $1.count })
      else { return false }
      differs = differs || sample != unit.bytes
    }
    if differs { return true }
    let text = String(decoding: unit.bytes, as: UTF8.self).lowercased()
    return text.hasPrefix("$") || text.hasPrefix("value ") || text.contains("{")
      || ["length", "size", "len", "bytes"].contains { text.contains($0) }
  }

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

  // MARK: - Parts

  private func parts(of unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart] {
    // Own lines that no other session has are said as they were.
    unit.isText ? textParts(unit, turn) : binaryParts(unit, turn)
  }

  private func textParts(_ unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart] {
    var rules = AnswerPattern.Rules()
    rules.takesWords = !isAlone
    rules.guessesIdentifiers = isAlone
    rules.known = saidBack
    let connection = connections[turn.connection]
    for port in connection.clientPorts where port >= Self.firstEphemeral { rules.known.insert(Array("\(port)".utf8)) }
    for port in connection.serverPorts where unit.bytes.containsSequence(Array(":\(port)".utf8)) {
      rules.known.insert(Array("\(port)".utf8))
    }
    let second = Int(turn.at / 1_000_000_000)
    let pattern = AnswerPattern(
      unit.bytes, samples: unit.samples, rules: rules, second - Self.longestAnswer...second)
    let shape = RecordedTurns.shape(of: unit.bytes)
    var before: [UInt8] = []
    var place = 0
    return pattern.segments.map { segment in
      switch segment {
      case .literal(let bytes):
        before += bytes
        return .literal(bytes)
      case .run(let characters, let counts, let values, let isTime):
        let label = Self.label(from: before)
        before += values.first.flatMap { $0 } ?? []
        let value = RecordedValue(
          values, characters: characters, counts: counts, isText: true, label: label, shape: shape,
          connection: turn.connection, side: turn.side)
        value.isTime = isTime
        value.place = place
        place += 1
        return .varying(value)
      }
    }
  }

  /// What a system gives to clients begins there (RFC 6335 would have 49152; Linux takes 32768).
  private static let firstEphemeral = 1024
  /// An answer is taken to be made within so many seconds.
  private static let longestAnswer = 5

  private func binaryParts(_ unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart] {
    let base = unit.bytes
    func value(_ values: [[UInt8]?], _ label: String) -> RecordedPart {
      let counts = values.compactMap { $0?.count }
      return .varying(
        RecordedValue(
          values, characters: ".", counts: (counts.min() ?? 0)...(counts.max() ?? 0), isText: false, label: label,
          shape: Array(base.prefix(4)), connection: turn.connection, side: turn.side))
    }
    if connections[turn.connection].isDatagram, Self.isDNS(base) {
      let ids = [Array(base[..<2])] + unit.samples.map { $0.map { Array($0.prefix(2)) } }
      var rest = unit
      rest = RecordedUnit(bytes: Array(base[2...]), isText: false)
      rest.samples = unit.samples.map { $0.map { Array($0.dropFirst(2)) } }
      return [value(ids, "id")] + binaryParts(rest.bytes, rest.samples, turn, value)
    }
    return binaryParts(base, unit.samples, turn, value)
  }

  private func binaryParts(
    _ base: [UInt8], _ samples: [[UInt8]?], _ turn: RecordedTurn, _ value: ([[UInt8]?], String) -> RecordedPart
  ) -> [RecordedPart] {
    let seen = samples.compactMap { $0 }
    guard seen.allSatisfy({ $0.count == base.count }) else {
      let all = [base] + seen
      let shortest = all.map(\.count).min() ?? 0
      let head = (0..<shortest).first { at in all.contains { $0[at] != base[at] } } ?? shortest
      let tail = (0..<shortest - head).first { at in
        all.contains { $0[$0.count - 1 - at] != base[base.count - 1 - at] }
      } ?? shortest - head
      let middle = ([base] + samples).map { $0.map { Array($0[head..<$0.count - tail]) } }
      return [.literal(Array(base[..<head])), value(middle, "value"), .literal(Array(base[(base.count - tail)...]))]
        .filter { if case .literal(let bytes) = $0 { !bytes.isEmpty } else { true } }
    }
    var varies = base.indices.map { at in seen.contains { $0[at] != base[at] } }
    // A byte that is the same by chance between others that are not.
    for at in varies.indices.dropFirst(2).dropLast(2) where !varies[at] {
      if varies[at - 1], varies[at - 2], varies[at + 1], varies[at + 2] { varies[at] = true }
    }
    // What is known already is what it is; else its higher bytes may vary, too.
    let plain = Self.ranges(of: varies)
    Self.widen(&varies, base)
    for range in plain where varies[..<range.lowerBound].last == true {
      let values = [Array(base[range])] + samples.map { $0.map { Array($0[range]) } }
      guard known.contains(where: { $0.values == values }), let start = (0..<range.lowerBound).last(where: { !varies[$0] })
      else { continue }
      for at in (start + 1)..<range.lowerBound where !plain.contains(where: { $0.contains(at) }) { varies[at] = false }
    }
    var parts: [RecordedPart] = []
    var start = 0
    while start < base.count {
      if let end = Self.textEnd(base, from: start), !varies[start] || ([base] + seen).allSatisfy({ AnswerPattern.isAlphanumeric($0[start]) }),
        seen.allSatisfy({ Self.textEnd($0, from: start) == end })
      {
        var text = RecordedUnit(bytes: Array(base[start..<end]), isText: true)
        text.samples = samples.map { $0.map { Array($0[start..<end]) } }
        parts += textParts(text, turn)
        start = end
        continue
      }
      var end = base.indices[start...].first { varies[$0] != varies[start] } ?? base.count
      // A text in it is looked at by itself.
      if let text = (start + 1..<max(start + 1, end)).first(where: { place in
        Self.textEnd(base, from: place) != nil && Self.textEnd(base, from: place - 1) == nil
      }) {
        end = text
      }
      if varies[start] {
        parts.append(value([Array(base[start..<end])] + samples.map { $0.map { Array($0[start..<end]) } }, "value"))
      } else {
        parts.append(.literal(Array(base[start..<end])))
      }
      start = end
    }
    return Self.joined(parts)
  }

  private static func joined(_ parts: [RecordedPart]) -> [RecordedPart] {
    parts.reduce(into: []) { joined, part in
      if case .literal(let bytes) = part, case .literal(let before)? = joined.last {
        joined[joined.count - 1] = .literal(before + bytes)
      } else {
        joined.append(part)
      }
    }
  }

  /// A shorter run of what can be read is no text, in bytes.
  private static let shortestText = 4

  /// Where a text ends that begins there; nil: none does.
  private static func textEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    let end = bytes[start...].firstIndex { $0 < 0x20 || $0 >= 0x7F } ?? bytes.endIndex
    return end - start >= shortestText ? end : nil
  }

  private static func ranges(of varies: [Bool]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    while let first = varies[start...].firstIndex(of: true) {
      let end = varies[first...].firstIndex(of: false) ?? varies.endIndex
      ranges.append(first..<end)
      start = end
    }
    return ranges
  }

  /// Where the low bytes of a number vary its higher ones will, too: up to the zeros that it begins with.
  private static func widen(_ varies: inout [Bool], _ base: [UInt8]) {
    func isReadable(_ at: Int) -> Bool { base[at] >= 0x20 && base[at] < 0x7F }
    for start in varies.indices where varies[start] && start > 0 && !varies[start - 1] {
      let end = varies[start...].firstIndex(of: false) ?? varies.endIndex
      // In a text nothing is a number's high byte.
      let around = max(0, start - 2)..<min(base.count, end + 2)
      guard !around.allSatisfy(isReadable) else { continue }
      let lowest = max(0, start - 3)
      guard let zero = (lowest..<start).last(where: { base[$0] == 0 }) else { continue }
      for at in (zero + 1)..<start { varies[at] = true }
    }
  }

  /// A message of DNS (RFC 1035, 4.1.1): one question, and an operation that is a query.
  private static func isDNS(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 17 && bytes[2] & 0x78 == 0 && bytes[4] == 0 && bytes[5] == 1 && bytes[6] == 0 && bytes[8] == 0
  }

  /// The word in front of a value, if that may be a name.
  private static func label(from before: [UInt8]) -> String {
    var end = before.count
    while end > 0, before.count - end < 3, !AnswerPattern.isAlphanumeric(before[end - 1]) { end -= 1 }
    var start = end
    while start > 0, AnswerPattern.isAlphanumeric(before[start - 1]) || before[start - 1] == UInt8(ascii: "_") {
      start -= 1
    }
    let word = before[start..<end]
    let isName = (2...20).contains(word.count) && word.allSatisfy { !ByteClass.isDigit($0) }
    return isName ? String(decoding: word, as: UTF8.self).lowercased() : "value"
  }

  // MARK: - One session alone

  /// A shorter word may be said by both sides for other reasons, in bytes.
  private static let shortestToken = 8

  private mutating func findSaidBack(_ turns: [RecordedTurn]) {
    var first: [[UInt8]: RecordedSide] = [:]
    for turn in turns where turn.kind == .data {
      for unit in turn.units where unit.isText {
        for piece in AnswerPattern.pieces(of: unit.bytes) where Self.isToken(piece) {
          let token = Array(piece)
          if let side = first[token] {
            if side != turn.side { saidBack.insert(token) }
          } else {
            first[token] = turn.side
          }
        }
      }
    }
    // What the script's own side said first it says as it was.
    saidBack = saidBack.filter { first[$0] != nil }
  }

  /// Made up by who said it first, as it seems: digits and letters, and not few.
  private static func isToken(_ piece: ArraySlice<UInt8>) -> Bool {
    guard piece.count >= shortestToken else { return false }
    let digits = piece.filter { ByteClass.isDigit($0) }.count
    return digits >= 2 && digits < piece.count || digits == piece.count && digits >= 9
  }

  // MARK: - Meanings

  private func meaning(of value: RecordedValue) -> RecordedValue.Meaning {
    let isOwn = value.side == role
    if let port = portMeaning(of: value) { return port }
    if !value.isTime, isTelling(value) {
      for other in known.reversed() where other.isText == value.isText && other.values == value.values {
        if case .pattern = other.meaning { return .same(other) }
        return other.meaning
      }
      if let counter = counterMeaning(of: value) { return counter }
    }
    if isOwn { return .literal }
    // A word that one session alone would take for made up, and that nobody has said before.
    return .pattern
  }

  /// Equal values are not equal by chance.
  private func isTelling(_ value: RecordedValue) -> Bool {
    guard !value.values.contains(where: { $0 == nil }) else { return false }
    let count = value.counts.lowerBound
    switch value.values.count {
    case 1: return value.isText ? saidBack.contains(value.base) || count >= Self.shortestToken : count >= 2
    case 2: return count >= (value.isText ? 4 : 2)
    default: return true
    }
  }

  /// A larger step is no counter's.
  private static let largestStep = 16

  private func counterMeaning(of value: RecordedValue) -> RecordedValue.Meaning? {
    guard !isAlone, let numbers = value.numbers else { return nil }
    for other in known.reversed() where other.isText == value.isText && other.side == value.side {
      guard !other.isTime, other.shape == value.shape && other.place == value.place || other.side != role && value.side == role,
        other.connection == value.connection, let others = other.numbers, others.count == numbers.count
      else { continue }
      let step = numbers[0] - others[0]
      guard step != 0, abs(step) <= Self.largestStep, zip(numbers, others).allSatisfy({ $0 - $1 == step }) else { continue }
      switch other.meaning {
      case .pattern: return .offset(other, by: step)
      case .offset(let root, let by) where by + step != 0: return .offset(root, by: by + step)
      default: continue
      }
    }
    return nil
  }

  private func portMeaning(of value: RecordedValue) -> RecordedValue.Meaning? {
    guard value.isText else { return nil }
    let sessions: [[RecordedConnection]?] = [connections] + others
    func isPort(_ ports: (RecordedConnection) -> [Int]) -> Bool {
      zip(value.values, sessions).allSatisfy { text, session in
        guard let text, let session, session.indices.contains(value.connection) else { return false }
        return ports(session[value.connection]).contains { Array("\($0)".utf8) == text }
      }
    }
    if isPort(\.clientPorts) { return role == .client ? .ownPort : .peerPort }
    if isPort(\.serverPorts) { return role == .client ? .peerPort : .ownPort }
    return nil
  }
}

extension [UInt8] {
  func containsSequence(_ other: [UInt8]) -> Bool {
    withUnsafeBytes { all in other.withUnsafeBytes { all.offset(of: $0) } } != nil
  }
}
