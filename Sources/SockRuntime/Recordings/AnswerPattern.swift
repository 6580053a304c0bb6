// What differs between answers to the same request, and what of that is a number, a date or an identifier.

import Glibc

/// An answer as a pattern: what is always the same, and what varies.
struct AnswerPattern {
  enum Segment: Equatable {
    case literal([UInt8])
    /// A class of characters that stands for a run of one or more: `\d`. `counts`: how long the runs were.
    /// `values`: what stood there, in the order of the samples; nil where a sample has another shape.
    /// `isTime`: it is a part of a date, of a time or of a measurement.
    case run(String, counts: ClosedRange<Int>, values: [[UInt8]?], isTime: Bool)

    static func == (one: Segment, other: Segment) -> Bool {
      switch (one, other) {
      case (.literal(let bytes), .literal(let others)): bytes == others
      case (.run(let characters, let counts, _, _), .run(let others, let otherCounts, _, _)):
        characters == others && counts == otherCounts
      default: false
      }
    }
  }
  private(set) var segments: [Segment] = []

  /// Nothing of it varies.
  var isConstant: Bool {
    segments.allSatisfy { if case .literal = $0 { true } else { false } }
  }

  /// The last run was equally long each time, or there is none at the end.
  var endsFixed: Bool {
    if case .run(_, let counts, _, _)? = segments.last { counts.count == 1 } else { true }
  }

  /// - Parameters:
  ///   - others: what else came to the same request in its place. Words that differ are what the server was asked for
  ///     at that time, and stay; numbers, dates and identifiers that differ become runs.
  ///   - span: when it may have been written, in seconds since 1970: a time that was the time then will be another.
  init(_ bytes: [UInt8], others: [[UInt8]], span: ClosedRange<Int>? = nil) {
    self.init(bytes, samples: others.filter { $0 != bytes }, rules: Rules(), span)
  }

  /// How far it goes beyond what differs.
  struct Rules {
    /// Words that differ vary, too: each is one of those that were seen.
    var takesWords = false
    /// Not only those that were seen.
    var takesAnyWord = false
    /// Behind a word such as `id` stands something that was made up for this answer, though no sample differs.
    var guessesIdentifiers = true
    /// Runs of digits and letters, and UUIDs, that vary though no sample differs.
    var known: Set<[UInt8]> = []
  }

  /// - Parameter samples: what else stood in its place, in their order; nil where nothing did.
  init(_ bytes: [UInt8], samples: [[UInt8]?], rules: Rules, _ span: ClosedRange<Int>?) {
    let others = samples.compactMap { $0 }
    let fine = AnswerPattern.pieces(of: bytes, isPart: AnswerPattern.isAlphanumeric)
    // What has another shape, as an answer of another kind, says nothing about this one.
    let alike = samples.map { sample in
      sample.map { AnswerPattern.pieces(of: $0, isPart: AnswerPattern.isAlphanumeric) }
        .flatMap { AnswerPattern.haveOneShape(fine, $0, isPart: AnswerPattern.isAlphanumeric) ? $0 : nil }
    }
    if alike.allSatisfy({ $0 == nil }), others.contains(where: { $0 != bytes }) {
      let coarse = AnswerPattern.pieces(of: bytes, isPart: AnswerPattern.isCoarse)
      let coarselyAlike = samples.map { sample in
        sample.map { AnswerPattern.pieces(of: $0, isPart: AnswerPattern.isCoarse) }
          .flatMap { AnswerPattern.haveOneShape(coarse, $0, isPart: AnswerPattern.isCoarse) ? $0 : nil }
      }
      if coarselyAlike.contains(where: { $0 != nil }) {
        buildCoarsely(coarse, coarselyAlike)
        return
      }
    }
    build(fine, alike, rules, span)
  }

  /// As it stands between slashes, without what anchors it.
  /// - Parameter isOpen: nothing marks where it ends, so that the last run has to say how long it is.
  /// - Parameter places: of what is always the same, in order: so many bytes of whatever value stand there.
  func regex(isOpen: Bool, without places: [Range<Int>] = []) -> String {
    var text = ""
    var offset = 0
    for (number, segment) in segments.enumerated() {
      switch segment {
      case .literal(let bytes):
        var at = 0
        for place in places where place.lowerBound >= offset + at && place.upperBound <= offset + bytes.count {
          text += AnswerPattern.escaped(Array(bytes[at..<place.lowerBound - offset])) + ".{\(place.count)}"
          at = place.upperBound - offset
        }
        text += AnswerPattern.escaped(Array(bytes[at...]))
        offset += bytes.count
      case .run(let characters, let counts, let values, _):
        let isLast = number == segments.count - 1
        text += AnswerPattern.repeated(characters, isOpen && isLast ? counts.lowerBound : nil)
        offset += (values.first ?? nil)?.count ?? 0
      }
    }
    return text
  }

  /// A class as often as it stood there; the words that were seen stand there once.
  static func repeated(_ characters: String, _ count: Int?) -> String {
    if characters.hasPrefix("(") { return characters }
    return count.map { "\(characters){\($0)}" } ?? "\(characters)+"
  }

  /// Bytes that a regular expression takes for themselves.
  static func escaped(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
      switch byte {
      case 0x0D: text += "\\r"
      case 0x0A: text += "\\n"
      case 0x09: text += "\\t"
      case 0x20..<0x7F:
        if "\\^$.|?*+()[]{}/".utf8.contains(byte) { text += "\\" }
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16)
        text += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
      }
    }
    return text
  }

  private mutating func append(literal bytes: ArraySlice<UInt8>) {
    if case .literal(let before)? = segments.last {
      segments[segments.count - 1] = .literal(before + bytes)
    } else if !bytes.isEmpty {
      segments.append(.literal(Array(bytes)))
    }
  }

  // MARK: - Pieces

  typealias Piece = ArraySlice<UInt8>
  /// A longer run of letters is no word, in bytes.
  private static let longestWord = 12

  /// Runs of bytes that are part of something, and the single bytes between them.
  static func pieces(of bytes: [UInt8], isPart: (UInt8) -> Bool = isAlphanumeric) -> [Piece] {
    var pieces: [Piece] = []
    var at = 0
    while at < bytes.count {
      var end = at + 1
      if isPart(bytes[at]) {
        if let length = uuidLength(at: at, in: bytes) ?? VaryingNumbers.sumLength(at: at, in: bytes) {
          end = at + length
        }
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
      }
      pieces.append(bytes[at..<end])
      at = end
    }
    return pieces
  }

  private static let uuidGroups = [8, 4, 4, 4, 12]

  /// A UUID as text (RFC 9562): groups of hexadecimal digits, joined by dashes.
  private static func uuidLength(at start: Int, in bytes: [UInt8]) -> Int? {
    let length = uuidGroups.reduce(uuidGroups.count - 1, +)
    guard start + length <= bytes.count, bytes[start + uuidGroups[0]] == UInt8(ascii: "-") else { return nil }
    var at = start
    for (number, group) in uuidGroups.enumerated() {
      guard bytes[at..<at + group].allSatisfy({ ByteClass.isDigit($0) || ($0 | 0x20) &- 0x61 < 6 }) else { return nil }
      at += group
      guard number < uuidGroups.count - 1 else { break }
      guard bytes[at] == UInt8(ascii: "-") else { return nil }
      at += 1
    }
    return length
  }

  static func isUUID(_ piece: Piece) -> Bool { piece.count == 36 && uuidLength(at: 0, in: Array(piece)) == 36 }

  static func isAlphanumeric(_ byte: UInt8) -> Bool { ByteClass.isDigit(byte) || isLetter(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
  /// All but blanks and what words are put between.
  private static func isCoarse(_ byte: UInt8) -> Bool { byte > 0x20 && !"<>()[]{}\",;=".utf8.contains(byte) }

  /// As many pieces, and the same between those that are runs.
  private static func haveOneShape(_ pieces: [Piece], _ others: [Piece], isPart: (UInt8) -> Bool) -> Bool {
    func isRun(_ piece: Piece) -> Bool { piece.first.map(isPart) ?? false }
    guard pieces.count == others.count else { return false }
    return zip(pieces, others).allSatisfy { $0 == $1 || isRun($0) && isRun($1) }
  }

  private mutating func build(
    _ pieces: [Piece], _ others: [[Piece]?], _ rules: Rules, _ span: ClosedRange<Int>?
  ) {
    let seen = others.compactMap { $0 }
    var varies = pieces.indices.map { at in
      seen.contains { $0[at] != pieces[at] } || rules.known.contains(Array(pieces[at]))
        || span.map { DateTime.isMoment(pieces[at], in: $0) } ?? false
    }
    var times: Set<Int> = []
    for cluster in DateTime.clusters(in: pieces) {
      let isNow = span.map { span in
        DateTime.tellsTime(pieces[cluster], in: span) || DateTime.isToday(pieces[cluster], in: span)
      } ?? false
      guard isNow || cluster.contains(where: { varies[$0] }) else { continue }
      // The hour is part of a time whose seconds vary.
      for at in cluster where DateTime.isPart(pieces[at]) { varies[at] = true }
      times.formUnion(cluster)
    }
    if !seen.isEmpty {
      for at in VaryingNumbers.identifierParts(of: pieces, thatVary: varies) { varies[at] = true }
    }
    let measured = VaryingNumbers.measured(in: pieces)
    times.formUnion(measured.keys)
    let named = VaryingNumbers.named(in: pieces, withIdentifiers: rules.guessesIdentifiers)
      .merging(measured) { one, _ in one }
    for at in pieces.indices {
      let all = [pieces[at]] + seen.map { $0[at] }
      let isUUID = AnswerPattern.isUUID(pieces[at])
      let isVaried = varies[at] || isUUID && rules.guessesIdentifiers
      let seenAs = isVaried || isUUID && named[at] != nil
        ? AnswerPattern.characters(of: all, rules) : nil
      let characters = isUUID ? seenAs : named[at] ?? seenAs
      if let characters {
        append(run: characters, [pieces[at]] + others.map { $0.map { $0[at] } }, isTime: times.contains(at))
      } else {
        append(literal: pieces[at])
      }
    }
  }

  private mutating func append(run characters: String, _ values: [Piece?], isTime: Bool = false) {
    let counts = values.compactMap { $0?.count }
    segments.append(
      .run(characters, counts: (counts.min() ?? 1)...(counts.max() ?? 1), values: values.map { $0.map { Array($0) } },
        isTime: isTime))
  }

  private mutating func buildCoarsely(_ pieces: [Piece], _ others: [[Piece]?]) {
    let seen = others.compactMap { $0 }
    for at in pieces.indices {
      let all = [pieces[at]] + seen.map { $0[at] }
      let haveDigits = all.allSatisfy { $0.contains(where: ByteClass.isDigit) }
      if haveDigits, all.contains(where: { $0 != pieces[at] }) {
        append(run: "\\S", [pieces[at]] + others.map { $0.map { $0[at] } })
      } else {
        append(literal: pieces[at])
      }
    }
  }

  /// Of fewer characters, in all runs that differ, it is not said that they are hex.
  private static let fewestHex = 8

  /// The class of characters that all these runs are of; nil when they are words.
  private static func characters(of pieces: [Piece], _ rules: Rules) -> String? {
    if pieces.allSatisfy(isUUID) { return "[0-9a-fA-F-]" }
    if pieces.allSatisfy(VaryingNumbers.isSum) { return VaryingNumbers.sumCharacters }
    if pieces.allSatisfy({ $0.allSatisfy(ByteClass.isDigit) }) { return "\\d" }
    if pieces.allSatisfy(DateTime.isPart) {
      return pieces.allSatisfy { $0.allSatisfy(isLetter) } ? "[A-Za-z]" : "[0-9TZ]"
    }
    guard pieces.contains(where: { $0.contains(where: ByteClass.isDigit) }) else {
      guard rules.takesWords else { return nil }
      if rules.takesAnyWord { return "[A-Za-z]" }
      let words = Set(pieces.map { Array($0) })
      // What is new each time, and long or seen often, was made up; so was what is one letter over and over.
      let areNew = words.count == pieces.count && (words.count > 2 || words.allSatisfy { $0.count >= longestWord })
      if areNew || words.contains(where: { $0.count > longestWord || $0.count > 2 && Set($0).count == 1 }) {
        return "[A-Za-z]"
      }
      return "(?:" + words.map(escaped).sorted().joined(separator: "|") + ")"
    }
    // A few characters are of hex by chance.
    let length = Set(pieces.map { Array($0) }).reduce(0) { $0 + $1.count }
    func areHex(_ first: UInt8) -> Bool {
      length >= fewestHex
        && pieces.allSatisfy { $0.allSatisfy { ByteClass.isDigit($0) || ($0 >= first && $0 < first + 6) } }
    }
    if areHex(UInt8(ascii: "a")) { return "[0-9a-f]" }
    if areHex(UInt8(ascii: "A")) { return "[0-9A-F]" }
    return "[0-9A-Za-z]"
  }
}

/// Dates and times of day, as servers write them.
private enum DateTime {
  private static let words: Set<String> = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "AM", "PM",
  ]

  /// A number, a day's or month's name, `21T05`.
  static func isPart(_ piece: ArraySlice<UInt8>) -> Bool {
    if piece.allSatisfy({ ByteClass.isDigit($0) }) { return piece.count <= 9 }
    if words.contains(String(decoding: piece, as: UTF8.self)) { return true }
    return piece.first.map(ByteClass.isDigit) ?? false
      && piece.allSatisfy { ByteClass.isDigit($0) || $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: "Z") }
  }

  /// How far a server's clock may be from ours, in seconds.
  private static let skew = 30

  /// A moment as a number: seconds since 1970, or milliseconds; `20261129204641`, or the day alone.
  static func isMoment(_ piece: ArraySlice<UInt8>, in span: ClosedRange<Int>) -> Bool {
    if piece.count == 14 || piece.count == 8, piece.allSatisfy(ByteClass.isDigit) {
      let text = String(decoding: piece, as: UTF8.self)
      guard days(of: span).contains(String(text.prefix(8))) else { return false }
      guard piece.count == 14, let minutes = Int(text.dropFirst(10).prefix(2)), let seconds = Int(text.suffix(2)) else {
        return true
      }
      return isNear(minutes * 60 + seconds, in: span)
    }
    guard piece.count == 10 || piece.count == 13, let number = Int(String(decoding: piece, as: UTF8.self)) else {
      return false
    }
    let seconds = piece.count == 13 ? number / 1000 : number
    return seconds >= span.lowerBound - skew && seconds <= span.upperBound + skew
  }

  /// Whether minutes and seconds of a time of day are those of the span, in whatever time zone.
  static func tellsTime(_ pieces: ArraySlice<ArraySlice<UInt8>>, in span: ClosedRange<Int>) -> Bool {
    func number(_ at: Int) -> Int? {
      guard pieces.indices.contains(at) else { return nil }
      return Int(String(decoding: pieces[at].prefix(while: ByteClass.isDigit), as: UTF8.self))
    }
    for at in pieces.indices where pieces[at].elementsEqual([UInt8(ascii: ":")]) {
      guard pieces.indices.contains(at + 2), pieces[at + 2].elementsEqual([UInt8(ascii: ":")]),
        let minutes = number(at + 1), let seconds = number(at + 3), minutes < 60, seconds <= 60
      else { continue }
      if isNear(minutes * 60 + seconds, in: span) { return true }
    }
    return false
  }

  private static let hour = 3600
  private static let day = 86_400

  /// Whether so many seconds behind some hour is a moment of the span.
  private static func isNear(_ seconds: Int, in span: ClosedRange<Int>) -> Bool {
    let start = span.lowerBound - skew
    // The first such moment from the span's start on.
    let behind = ((seconds - start) % hour + hour) % hour
    return start + behind <= span.upperBound + skew
  }

  /// The days of a span in all time zones, as `20261129`.
  private static func days(of span: ClosedRange<Int>) -> [String] {
    stride(from: span.lowerBound - day, through: span.upperBound + day, by: day).prefix(4).map { moment in
      var seconds = time_t(moment)
      var parts = tm()
      guard gmtime_r(&seconds, &parts) != nil else { return "" }
      let number = (Int(parts.tm_year) + 1900) * 10_000 + (Int(parts.tm_mon) + 1) * 100 + Int(parts.tm_mday)
      return String(number)
    }
  }

  /// A day without a time, which is today: `2026-11-29`.
  static func isToday(_ pieces: ArraySlice<ArraySlice<UInt8>>, in span: ClosedRange<Int>) -> Bool {
    let digits = pieces.filter { $0.allSatisfy(ByteClass.isDigit) }
    guard digits.map(\.count) == [4, 2, 2], pieces.count == 5 else { return false }
    return days(of: span).contains(String(decoding: digits.joined(), as: UTF8.self))
  }

  /// Runs of pieces that are a date or a time: parts with one or two marks between them, and a colon or a month in it.
  static func clusters(in pieces: [ArraySlice<UInt8>]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var at = 0
    while at < pieces.count {
      guard isPart(pieces[at]) else {
        at += 1
        continue
      }
      var end = at + 1
      while let next = nextPart(behind: end, pieces) { end = next + 1 }
      if isDate(pieces[at..<end]) { found.append(at..<end) }
      at = end
    }
    return found
  }

  private static func nextPart(behind end: Int, _ pieces: [ArraySlice<UInt8>]) -> Int? {
    var at = end
    while at < pieces.count, at < end + 2, pieces[at].count == 1, ":-/.,+ ".utf8.contains(pieces[at].first ?? 0) {
      at += 1
    }
    return at > end && at < pieces.count && isPart(pieces[at]) ? at : nil
  }

  /// `05:58:01`, `2026-11-21`, `21 Nov 2026`: three parts, of which marks or a name say that they belong together.
  private static func isDate(_ pieces: ArraySlice<ArraySlice<UInt8>>) -> Bool {
    let parts = pieces.filter(isPart)
    guard parts.count >= 3 else { return false }
    let hasName = parts.contains { $0.count == 3 && !ByteClass.isDigit($0.first ?? 0x30) }
    let marks = pieces.filter { !isPart($0) }.compactMap(\.first)
    let colons = marks.filter { $0 == UInt8(ascii: ":") }.count
    let dashes = marks.filter { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }.count
    return hasName || colons >= 2 || dashes >= 2
  }
}
