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
        guard value.allSatisfy(ByteClass.isDigit), value.count <= 18,
          value.first != UInt8(ascii: "0") || value.count == 1, let number = Int(String(decoding: value, as: UTF8.self))
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

  /// What it is in the session that is repeated.
  var base: [UInt8] {
    switch self {
    case .literal(let bytes): bytes
    case .varying(let value): value.base
    }
  }
}

/// Finds what varies in turns that have been compared, and what it means for a script that plays one side.
struct RecordedMeanings {
  let connections: [RecordedConnection]
  /// Of the other sessions, in their order; nil where one is not comparable.
  let others: [[RecordedConnection]?]
  let role: RecordedSide
  private(set) var known: [RecordedValue] = []
  /// The last of each, by its values in all sessions, but for parts of times: of texts, and of other bytes.
  private var knownTexts: [[[UInt8]?]: RecordedValue] = [:]
  private(set) var knownBytes: [[[UInt8]?]: RecordedValue] = [:]
  /// With one session only: words that one side said first and the other one later.
  private var saidBack: Set<[UInt8]> = []

  init(_ connections: [RecordedConnection], others: [[RecordedConnection]?], role: RecordedSide) {
    self.connections = connections
    self.others = others
    self.role = role
  }

  var isAlone: Bool { others.isEmpty }

  /// Fills in the parts of all units and what varies in them.
  /// - Parameter mayGoOn: false ends it; what was not looked at has no parts then.
  mutating func find(in turns: inout [RecordedTurn], while mayGoOn: () -> Bool) {
    if isAlone { findSaidBack(turns) }
    for turn in turns.indices where turns[turn].kind == .data {
      for unit in turns[turn].units.indices {
        guard mayGoOn() else { return }
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
          if value.isTime { continue }
          if value.isText { knownTexts[value.values] = value } else { knownBytes[value.values] = value }
        }
      }
      if turns[turn].side != role { findLengths(in: &turns[turn]) }
    }
  }

  // MARK: - Parts

  private func parts(of unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart] {
    // Own lines that no other session has are said as they were.
    unit.isText ? textParts(unit, turn) ?? otherwise(unit, turn) : binaryParts(unit, turn)
  }

  /// A line that differs from session to session in no way that is known: what all begin and end with, and anything.
  private func otherwise(_ unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart] {
    let base = unit.bytes
    let all = [base] + unit.samples.compactMap { $0 }
    let shortest = all.map(\.count).min() ?? 0
    let head = (0..<shortest).first { at in all.contains { $0[at] != base[at] } } ?? shortest
    let tail = (0..<shortest - head).first { at in
      all.contains { $0[$0.count - 1 - at] != base[base.count - 1 - at] }
    } ?? shortest - head
    let values = ([base] + unit.samples).map { $0.map { Array($0[head..<$0.count - tail]) } }
    let counts = values.compactMap { $0?.count }
    let fewest = counts.min() ?? 0
    let value = RecordedValue(
      values, characters: fewest == 0 ? "(?:[^\\r\\n]*)" : "[^\\r\\n]", counts: fewest...(counts.max() ?? fewest),
      isText: true, label: "value", shape: RecordedTurns.shape(of: base), connection: turn.connection, side: turn.side)
    let parts: [RecordedPart] = [
      .literal(Array(base[..<head])), .varying(value), .literal(Array(base[(base.count - tail)...])),
    ]
    return parts.filter { if case .literal(let bytes) = $0 { !bytes.isEmpty } else { true } }
  }

  /// Nil where sessions differ and nothing is known of how.
  func textParts(_ unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart]? {
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
    if pattern.isConstant, unit.samples.contains(where: { $0.map { $0 != unit.bytes } ?? false }) { return nil }
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
      if let other = (value.isText ? knownTexts : knownBytes)[value.values] {
        if case .pattern = other.meaning { return .same(other) }
        return other.meaning
      }
    }
    // What steps on alike in each session is told apart from chance by where it stands.
    if !value.isTime, let counter = counterMeaning(of: value) { return counter }
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
  /// It goes on from one of so many values before.
  private static let farthestCounter = 2000

  private func counterMeaning(of value: RecordedValue) -> RecordedValue.Meaning? {
    guard !isAlone, let numbers = value.numbers else { return nil }
    for other in known.suffix(Self.farthestCounter).reversed()
    where other.isText == value.isText && other.connection == value.connection {
      let isAlike = other.side == value.side && other.shape == value.shape && other.place == value.place
      // What the script sends may go on from what it has received.
      let isAnswer = other.side != role && value.side == role && isTelling(value)
      guard !other.isTime, isAlike || isAnswer, let others = other.numbers, others.count == numbers.count
      else { continue }
      let step = numbers[0] - others[0]
      guard step != 0, abs(step) <= Self.largestStep, zip(numbers, others).allSatisfy({ $0 - $1 == step })
      else { continue }
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
