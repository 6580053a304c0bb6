// Recorded connections as turns: what one side does before the other one does something again. A turn's bytes are cut
// into units, lines or pieces of a binary protocol, and each unit has beside it what stood there in other sessions.

/// A line with its end, or bytes that have no lines.
struct RecordedUnit {
  let bytes: [UInt8]
  let isText: Bool
  /// What stood in its place in the other sessions, in their order; nil where nothing did.
  var samples: [[UInt8]?] = []
  /// What stood before it there, and has no place here.
  var extra: [[UInt8]] = []
  var parts: [RecordedPart] = []
  /// It is a message of a known protocol: what it is.
  var name: String?
  /// Where it says how long it is.
  var framing: RecordedFraming.Length?
  /// It says how long units behind it are, which vary.
  var length: RecordedLength?

  /// It is in each session, and nothing else stands before it in any.
  var isSteady: Bool { extra.isEmpty && !samples.contains { $0 == nil } }
}

/// A number that counts the bytes of units.
struct RecordedLength {
  let value: RecordedValue
  let units: ClosedRange<Int>
  /// Bytes of the last unit that are not counted.
  let lineEnd: Int
}

struct RecordedTurn {
  enum Kind: Equatable { case opened, data, end, reset, secured }

  /// By its number in the recording.
  let connection: Int
  let side: RecordedSide
  let kind: Kind
  var bytes: [UInt8] = []
  var units: [RecordedUnit] = []
  /// Other sessions had the same lines in another order.
  var hasAnyOrder = false
  /// In nanoseconds since 1970.
  let at: Int64
  var lastAt: Int64
  /// How long nothing had happened before it, in seconds.
  var pause = 0.0
}

enum RecordedTurns {
  /// One's own turn is cut where so much time passed, in nanoseconds.
  private static let longPause: Int64 = 1_000_000_000

  /// The turns of all connections on one time line. Within what one side does in a row the order of connections is that
  /// of their first bytes: how their pieces alternated says nothing.
  ///
  /// - Parameter role: the side that the script plays; only its turns are cut by pauses.
  static func all(of connections: [RecordedConnection], role: RecordedSide) -> [RecordedTurn] {
    var moments: [(turn: RecordedTurn, isDatagram: Bool)] = []
    for (number, connection) in connections.enumerated() {
      let opened = min(connection.openedAt, connection.events.first?.at ?? .max)
      moments.append(
        (RecordedTurn(connection: number, side: .client, kind: .opened, at: opened, lastAt: opened), false))
      for event in connection.events {
        let kind: RecordedTurn.Kind =
          switch event.kind {
          case .data: .data
          case .end: .end
          case .reset: .reset
          case .secured: .secured
          }
        var turn = RecordedTurn(connection: number, side: event.side, kind: kind, at: event.at, lastAt: event.at)
        turn.bytes = event.bytes
        moments.append((turn, connection.isDatagram))
      }
    }
    let sorted = moments.enumerated()
      .sorted { ($0.element.turn.at, $0.offset) < ($1.element.turn.at, $1.offset) }.map(\.element)
    var turns: [RecordedTurn] = []
    /// Of each connection the turn that its next bytes belong to.
    var open: [Int: Int] = [:]
    var last: RecordedTurn?
    for (moment, isDatagram) in sorted {
      var turn = moment
      let passed = max(0, turn.at - (last?.lastAt ?? turn.at))
      turn.pause = Double(passed) / 1e9
      if let last, last.side != turn.side || passed >= longPause && turn.side == role { open = [:] }
      last = turn
      if turn.kind == .data, !isDatagram, let at = open[turn.connection] {
        turns[at].bytes += turn.bytes
        turns[at].lastAt = turn.at
        continue
      }
      open[turn.connection] = turn.kind == .data && !isDatagram ? turns.count : nil
      turns.append(turn)
    }
    cut(&turns, connections)
    return turns
  }

  /// Into messages where their lengths are known, and into lines elsewhere.
  private static func cut(_ turns: inout [RecordedTurn], _ connections: [RecordedConnection]) {
    for (number, connection) in connections.enumerated() {
      let client = connection.stream(.client)
      let server = connection.stream(.server)
      // What is all text has lines.
      let framing = connection.isDatagram || isText(client[...]) && isText(server[...])
        ? nil : RecordedFraming(client: client, server: server)
      var places: [RecordedSide: Int] = [.client: 0, .server: 0]
      /// The first message that has not ended yet.
      var firsts: [RecordedSide: Int] = [.client: 0, .server: 0]
      for at in turns.indices where turns[at].connection == number && turns[at].kind == .data {
        let side = turns[at].side
        let start = places[side] ?? 0
        let range = start..<start + turns[at].bytes.count
        places[side] = range.upperBound
        guard let framing else {
          turns[at].units = units(of: turns[at].bytes, isDatagram: connection.isDatagram)
          continue
        }
        let messages = framing.messages(side)
        var first = firsts[side] ?? 0
        while first < messages.count, messages[first].range.upperBound <= range.lowerBound { first += 1 }
        firsts[side] = first
        turns[at].units = messages[first...].prefix { $0.range.lowerBound < range.upperBound }.map { message in
          let part = message.range.clamped(to: range)
          let bytes = turns[at].bytes[(part.lowerBound - start)..<(part.upperBound - start)]
          var unit = RecordedUnit(bytes: Array(bytes), isText: false)
          if part == message.range {
            unit.name = message.name
            unit.framing = message.length
          }
          return unit
        }
      }
    }
  }

  // MARK: - Units

  /// A line of text is not longer, in bytes.
  private static let longestLine = 16 * 1024

  static func units(of bytes: [UInt8], isDatagram: Bool) -> [RecordedUnit] {
    if isDatagram { return [RecordedUnit(bytes: bytes, isText: isText(bytes[...]))] }
    var units: [RecordedUnit] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      guard end - start <= longestLine, isText(bytes[start..<end]) else {
        // From here on it is something else, whose line ends mean nothing.
        units.append(RecordedUnit(bytes: Array(bytes[start...]), isText: false))
        break
      }
      units.append(RecordedUnit(bytes: Array(bytes[start..<end]), isText: true))
      start = end
    }
    return units
  }

  /// Nothing in it is a control character but what stands in text, and its other bytes are UTF-8.
  static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var at = 0
      while at < bytes.count {
        let byte = bytes[at]
        guard byte >= 0x20 || (7...13).contains(byte) || byte == 0x1B, byte != 0x7F else { return false }
        let length = byte < 0x80 ? 1 : ByteClass.utf8Length(bytes, at: at)
        guard length > 0 else { return false }
        at += length
      }
      return true
    }
  }

  // MARK: - Other sessions

  /// Each unit of a side of a connection gets beside it what stood there in other sessions.
  static func compare(_ turns: inout [RecordedTurn], with others: [[RecordedTurn]?]) {
    let connections = Set(turns.map(\.connection))
    for connection in connections {
      for side in [RecordedSide.client, .server] {
        let places = turns.indices.filter {
          turns[$0].connection == connection && turns[$0].side == side && turns[$0].kind == .data
        }.flatMap { turn in turns[turn].units.indices.map { (turn: turn, unit: $0) } }
        let own = places.map { turns[$0.turn].units[$0.unit] }
        for other in others {
          let theirs = other.map { others in
            unitsInOneOrder(
              others.filter { $0.connection == connection && $0.side == side && $0.kind == .data }, of: &turns)
          }
          let aligned = theirs.flatMap { align(own, $0) }
          for (number, place) in places.enumerated() {
            turns[place.turn].units[place.unit].samples.append(aligned?[number].sample)
            turns[place.turn].units[place.unit].extra += aligned?[number].extra ?? []
          }
        }
      }
    }
  }

  /// What another session's side of a connection said, where an answer that has the same lines as ours in another order
  /// has them in ours.
  private static func unitsInOneOrder(_ theirs: [RecordedTurn], of turns: inout [RecordedTurn]) -> [RecordedUnit] {
    guard let first = theirs.first else { return [] }
    let own = turns.indices.filter {
      turns[$0].connection == first.connection && turns[$0].side == first.side && turns[$0].kind == .data
    }
    guard own.count == theirs.count else { return theirs.flatMap(\.units) }
    return zip(own, theirs).flatMap { at, turn in
      guard turn.bytes.count == turns[at].bytes.count, turn.bytes != turns[at].bytes,
        (turn.units + turns[at].units).allSatisfy(\.isText), sortedLines(turn.units) == sortedLines(turns[at].units)
      else { return turn.units }
      turns[at].hasAnyOrder = true
      return turns[at].units
    }
  }

  /// In ascending order, as `sort` has it.
  static func sortedLines(_ units: [RecordedUnit]) -> [[UInt8]] {
    units.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
  }

  private typealias Aligned = (sample: [UInt8]?, extra: [[UInt8]])
  /// So many pairs of units are compared at most.
  private static let mostPairs = 4_000_000

  /// Which unit of another session stands in the place of each; nil when they have nothing to do with each other.
  private static func align(_ own: [RecordedUnit], _ theirs: [RecordedUnit]) -> [Aligned]? {
    if own.count == theirs.count, zip(own, theirs).allSatisfy({ $0.isText == $1.isText && $0.bytes == $1.bytes }) {
      return theirs.map { ($0.bytes, []) }
    }
    let keys = own.map { shape(of: $0.bytes) }
    let others = theirs.map { shape(of: $0.bytes) }
    // As many units are the same ones, unless more of them are alike in other places.
    let isPaired = own.count == theirs.count && zip(own, theirs).allSatisfy { $0.isText == $1.isText }
    let pairs = isPaired ? zip(keys, others).filter { $0 == $1 }.count : 0
    if isPaired, pairs == own.count { return theirs.map { ($0.bytes, []) } }
    // What all begin and end with needs no comparison of each with each.
    let head = zip(keys, others).prefix { $0 == $1 }.count
    let tail = min(
      zip(keys.reversed(), others.reversed()).prefix { $0 == $1 }.count, min(keys.count, others.count) - head)
    let middle = Array(keys[head..<keys.count - tail])
    let otherMiddle = Array(others[head..<others.count - tail])
    let lengths = middle.count <= mostPairs / (otherMiddle.count + 1) ? commonLengths(middle, otherMiddle) : nil
    let found = head + tail + Int(lengths?.first ?? 0)
    if isPaired, found <= pairs || lengths == nil { return theirs.map { ($0.bytes, []) } }
    guard let lengths, found > 0 else { return nil }
    let width = otherMiddle.count + 1
    var aligned: [Aligned] = theirs[..<head].map { ($0.bytes, []) }
    var extra: [[UInt8]] = []
    var j = 0
    for i in middle.indices {
      while j < otherMiddle.count, middle[i] != otherMiddle[j],
        lengths[i * width + j + 1] >= lengths[(i + 1) * width + j]
      {
        extra.append(theirs[head + j].bytes)
        j += 1
      }
      if j < otherMiddle.count, middle[i] == otherMiddle[j] {
        aligned.append((theirs[head + j].bytes, extra))
        j += 1
      } else {
        aligned.append((nil, extra))
      }
      extra = []
    }
    extra += theirs[(head + j)..<(theirs.count - tail)].map(\.bytes)
    for unit in theirs[(theirs.count - tail)...] {
      aligned.append((unit.bytes, extra))
      extra = []
    }
    return aligned
  }

  /// The lengths of the longest common subsequences from each pair of places on, row by row.
  private static func commonLengths(_ keys: [[UInt8]], _ others: [[UInt8]]) -> [Int32] {
    let width = others.count + 1
    var lengths = [Int32](repeating: 0, count: (keys.count + 1) * width)
    for i in keys.indices.reversed() {
      for j in others.indices.reversed() {
        lengths[i * width + j] =
          keys[i] == others[j]
          ? lengths[(i + 1) * width + j + 1] + 1 : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
      }
    }
    return lengths
  }

  /// A line without what may vary in it: words with a digit in them.
  static func shape(of bytes: [UInt8]) -> [UInt8] {
    AnswerPattern.pieces(of: bytes).flatMap { piece in
      piece.contains(where: ByteClass.isDigit) ? [UInt8(ascii: "#")] : Array(piece)
    }
  }
}
