// What varies in messages that are no text: runs of bytes, numbers whose low bytes differ, and the texts in them.

extension RecordedMeanings {
  func binaryParts(_ unit: RecordedUnit, _ turn: RecordedTurn) -> [RecordedPart] {
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
    let parts = binaryParts(base, unit.samples, turn, value)
    guard let framing = unit.framing, unit.samples.allSatisfy({ $0?.count ?? base.count == base.count }) else {
      return parts
    }
    let places = lengthsOfTimes(in: parts, base, framing)
    return places.isEmpty ? parts : Self.cut(parts, at: places, unit.samples) { values in
      let part = value(values, "length")
      if case .varying(let length) = part { length.isTime = true }
      return part
    }
  }

  /// A time that is written without the zeros at its end is shorter now and then: what says how long it is, and how long
  /// the message, varies with it.
  private func lengthsOfTimes(
    in parts: [RecordedPart], _ base: [UInt8], _ framing: RecordedFraming.Length
  ) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var offset = 0
    var before: [UInt8] = []
    for part in parts {
      switch part {
      case .literal(let bytes): before = bytes
      case .varying(let value):
        if value.isTime, before.last == UInt8(ascii: "."), let place = Self.lengthPlace(ofTextAt: offset, in: base) {
          places.append(place)
        }
        before = []
      }
      offset += part.base.count
    }
    guard !places.isEmpty else { return [] }
    return Array(Set(places)) + [framing.offset..<(framing.offset + framing.width)]
  }

  /// Where it is said how long the text is in which a place stands; nil when it is not said in front of it.
  static func lengthPlace(ofTextAt place: Int, in base: [UInt8]) -> Range<Int>? {
    let start = base[..<place].lastIndex { $0 < 0x20 || $0 >= 0x7F }.map { $0 + 1 } ?? 0
    let end = textEnd(base, from: start) ?? start
    let width = [4, 2, 1].first { width in
      start >= width && base[(start - width)..<start].reduce(0) { $0 << 8 | Int($1) } == end - start
    }
    return width.map { (start - $0)..<start }
  }

  /// The parts with these places as values of their own.
  private static func cut(
    _ parts: [RecordedPart], at places: [Range<Int>], _ samples: [[UInt8]?], value: ([[UInt8]?]) -> RecordedPart
  ) -> [RecordedPart] {
    var cut: [RecordedPart] = []
    var offset = 0
    for part in parts {
      defer { offset += part.base.count }
      guard case .literal(let bytes) = part else {
        cut.append(part)
        continue
      }
      var at = 0
      for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        let inner = (place.lowerBound - offset)..<(place.upperBound - offset)
        guard inner.lowerBound >= at, inner.upperBound <= bytes.count else { continue }
        if at < inner.lowerBound { cut.append(.literal(Array(bytes[at..<inner.lowerBound]))) }
        cut.append(value([Array(bytes[inner])] + samples.map { $0.map { Array($0[place]) } }))
        at = inner.upperBound
      }
      if at < bytes.count { cut.append(.literal(Array(bytes[at...]))) }
    }
    return cut
  }

  private func binaryParts(
    _ base: [UInt8], _ samples: [[UInt8]?], _ turn: RecordedTurn, _ value: ([[UInt8]?], String) -> RecordedPart
  ) -> [RecordedPart] {
    let seen = samples.compactMap { $0 }
    if seen.allSatisfy({ $0 == base }), base.count > Self.longestCompared { return [.literal(base)] }
    guard seen.allSatisfy({ $0.count == base.count }), base.count <= Self.longestCompared else {
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
    Self.fillGaps(&varies)
    // What is known already is what it is; else its higher bytes may vary, too.
    let plain = Self.ranges(of: varies)
    Self.widen(&varies, base)
    for range in plain where varies[..<range.lowerBound].last == true {
      let values = [Array(base[range])] + samples.map { $0.map { Array($0[range]) } }
      guard knownBytes[values] != nil,
        let start = (0..<range.lowerBound).last(where: { !varies[$0] })
      else { continue }
      for at in (start + 1)..<range.lowerBound where !plain.contains(where: { $0.contains(at) }) { varies[at] = false }
    }
    // Where what varies, or does not, goes on to from each place.
    var ends = Array(repeating: base.count, count: base.count)
    for at in base.indices.dropLast().reversed() {
      ends[at] = varies[at] == varies[at + 1] ? ends[at + 1] : at + 1
    }
    var parts: [RecordedPart] = []
    var start = 0
    while start < base.count {
      if let end = Self.textEnd(base, from: start),
        !varies[start] || ([base] + seen).allSatisfy({ AnswerPattern.isAlphanumeric($0[start]) }),
        seen.allSatisfy({ Self.textEnd($0, from: start) == end }),
        let texts = textParts(Self.text(start..<end, base, samples), turn), !Self.isChance(texts)
      {
        parts += texts
        start = end
        continue
      }
      var end = ends[start]
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

  /// Of more in one piece only the beginning and the end are looked at, in bytes.
  static let longestCompared = 64 * 1024
  /// A shorter run of what can be read is no text, in bytes.
  private static let shortestText = 4

  /// In much that varies some bytes are the same by chance: where of the 16 before and the 16 behind nearly all vary.
  private static func fillGaps(_ varies: inout [Bool]) {
    let side = 16
    let most = 4
    var same = [0]
    for isVarying in varies { same.append((same.last ?? 0) + (isVarying ? 0 : 1)) }
    let plain = varies
    for at in plain.indices where !plain[at] && at >= side && at + side < plain.count {
      if same[at + side + 1] - same[at - side] <= most { varies[at] = true }
    }
  }

  /// Bytes that can be read in each session by chance: nothing of them stays the same, and they are no number.
  private static func isChance(_ parts: [RecordedPart]) -> Bool {
    parts.allSatisfy { part in
      guard case .varying(let value) = part else { return false }
      return !value.isTime && value.characters != "\\d"
    }
  }

  private static func text(_ range: Range<Int>, _ base: [UInt8], _ samples: [[UInt8]?]) -> RecordedUnit {
    var text = RecordedUnit(bytes: Array(base[range]), isText: true)
    text.samples = samples.map { $0.map { Array($0[range]) } }
    return text
  }

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
}
