// Where two strings of bytes part, in the words of somebody who looks for the reason.

import Glibc

/// The first place where what came is not what was expected.
struct ByteDifference {
  let expected: [UInt8]
  let received: [UInt8]
  /// The offset of the first byte that differs, or where the shorter one ends.
  let at: Int

  /// Nil when they are equal.
  init?(expected: [UInt8], received: [UInt8]) {
    let at = expected.withUnsafeBytes { a in received.withUnsafeBytes { ByteDifference.start(a, $0) } }
    guard let at else { return nil }
    self.expected = expected
    self.received = received
    self.at = at
  }

  /// The first offset at which two strings of bytes part; nil when they are equal.
  /// - Parameter from: up to there they are known to be equal, or do not matter.
  static func start(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
    let count = min(a.count, b.count)
    var at = from
    // By blocks: byte by byte ten megabytes take a second where nothing is optimized.
    if let left = a.baseAddress, let right = b.baseAddress {
      while at + block <= count, memcmp(left + at, right + at, block) == 0 { at += block }
    }
    while at < count, a[at] == b[at] { at += 1 }
    return at >= count && a.count == b.count ? nil : at
  }

  private static let block = 4096

  /// Of what is larger no reason is looked for that takes all of it: where the two part is told, and what stands there.
  static let longestSearched = 1 << 20

  private var isHuge: Bool { max(expected.count, received.count) > ByteDifference.longestSearched }

  /// What is longer is told by its size, and by what differs in it, instead of by its text. In bytes.
  static let longest = 80

  /// Whether either side is too long to be read at a glance.
  var isLong: Bool { max(expected.count, received.count) > ByteDifference.longest }

  /// What a note says of it: a cause that has a name, or else the place.
  var words: String { cause ?? line?.note ?? onlyByte ?? "at byte \(at)" }

  /// How a first line goes on, behind what was expected.
  var outcome: String {
    if !isLong { return ", received \(ByteDifference.quoted(received[...]))" }
    if at == received.count { return ", but only \(ByteDifference.bytes(received.count)) came" }
    if at == expected.count { return ", but \(ByteDifference.bytes(received.count)) came" }
    if let line { return ", but \(line.outcome)" }
    return ", but byte \(at) is \(hex(received[at])), not \(hex(expected[at]))"
  }

  // MARK: - Lines

  private struct Line {
    let note: String
    let outcome: String
  }

  /// Of text that has several lines: which one differs.
  private var line: Line? {
    guard isLong, at < expected.count, at < received.count, isText(expected), isText(received) else { return nil }
    let count = lineEnds(before: expected.count) + (expected.last == 0x0A ? 0 : 1)
    guard count > 1 else { return nil }
    let number = lineEnds(before: at) + 1
    let wanted = ByteDifference.quoted(lineAround(at, in: expected))
    let came = ByteDifference.quoted(lineAround(at, in: received))
    return Line(
      note: "in line \(number) of \(count) (byte \(at) of the whole): \(wanted) expected, \(came) received",
      outcome: "line \(number) is \(came), not \(wanted)")
  }

  private func lineAround(_ place: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
    let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let end = bytes[place...].firstIndex(of: 0x0A) ?? bytes.count
    return bytes[start..<(end > start && bytes[end - 1] == 0x0D ? end - 1 : end)]
  }

  /// How many lines end in what was expected, before an offset.
  private func lineEnds(before end: Int) -> Int {
    expected.withUnsafeBytes { bytes in
      var count = 0
      var at = 0
      while let next = bytes.offset(of: UInt8(0x0A), from: at), next < end {
        count += 1
        at = next + 1
      }
      return count
    }
  }

  /// Of much, what stands around the place.
  private func isText(_ bytes: [UInt8]) -> Bool {
    let around = isHuge ? max(0, at - 4096)..<min(bytes.count, at + 4096) : bytes.indices
    return bytes[around].allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }

  /// Both sides in hex around the place, where text alone would mislead.
  var dump: [String] {
    let near = max(0, at - 128)
    func rest(_ bytes: [UInt8]) -> ArraySlice<UInt8> { bytes[min(near, bytes.count)...] }
    return rest(expected).withUnsafeBytes { a in
      rest(received).withUnsafeBytes { b in
        // A short one whose cause has been told needs no more.
        guard HexDump.helps(a, b), isLong || !hasCause else { return [] }
        return expected.withUnsafeBytes { expected in
          received.withUnsafeBytes { HexDump.comparison(expected: expected, received: $0) }
        }
      }
    }
  }

  // MARK: - Causes

  var hasCause: Bool { cause != nil }

  /// Whether the words say all that the two texts side by side would.
  var isTold: Bool { isLong && (line != nil || at == received.count || at == expected.count) }

  /// What usually stands behind such a difference.
  private var cause: String? { length ?? lineEnd ?? (isHuge ? blank : encoding ?? caseAlone ?? blank) }

  private var length: String? {
    if at == received.count {
      return "what came ends after \(at) of \(ByteDifference.bytes(expected.count)), which are equal"
    }
    guard at == expected.count else { return nil }
    let more = received[at...]
    if more.allSatisfy({ $0 == 0x20 }) {
      return "at byte \(at): \(more.count == 1 ? "one space" : "\(more.count) spaces") too many at the end"
    }
    if more.allSatisfy({ $0 == 0 }) { return "at byte \(at): \(more.count == 1 ? "a NUL" : "\(more.count) NULs") too many at the end" }
    if more.elementsEqual([0x0D, 0x0A]) || more.elementsEqual([0x0A]) { return "at byte \(at): a line end too many" }
    return "at byte \(at): there is more than expected"
  }

  private var lineEnd: String? {
    guard at < expected.count, at < received.count else { return nil }
    let wantsCRLF = expected[at...].starts(with: [0x0D, 0x0A])
    if wantsCRLF, received[at] == 0x0A { return "at byte \(at): LF alone, CRLF expected" }
    if expected[at] == 0x0A, received[at...].starts(with: [0x0D, 0x0A]) {
      return "at byte \(at): CRLF, LF alone expected"
    }
    if at > 0, expected[at - 1] == 0x0D, received[at - 1] == 0x0D, expected[at] == 0x0A {
      return "at byte \(at - 1): CR alone, CRLF expected"
    }
    return nil
  }

  /// The same text in another encoding.
  private var encoding: String? {
    guard expected.contains(where: { $0 >= 0x80 }) || received.contains(where: { $0 >= 0x80 || $0 == 0 }) else {
      return nil
    }
    if received.starts(with: [0xEF, 0xBB, 0xBF]), received.dropFirst(3).elementsEqual(expected) {
      return "at byte 0: a byte order mark in front of the text"
    }
    let came = withoutLineEnd(received)
    let wanted = withoutLineEnd(expected)
    if let text = String(validating: wanted, as: UTF8.self) {
      if latin1(text) == came { return "at byte \(at): what came is Latin-1 of the same text, UTF-8 expected" }
      if Array(String(String.UnicodeScalarView(wanted.map { Unicode.Scalar($0) })).utf8) == came {
        return "at byte \(at): what came is the same text, encoded in UTF-8 twice"
      }
      for isLittle in [true, false] {
        let units = text.utf16.flatMap { isLittle ? [UInt8($0 & 0xFF), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        if units == came || [0xFF, 0xFE] + units == came || [0xFE, 0xFF] + units == came {
          return "at byte \(at): what came is UTF-16 of the same text"
        }
      }
    }
    if let text = String(validating: came, as: UTF8.self), latin1(text) == wanted {
      return "at byte \(at): what came is UTF-8 of the same text, Latin-1 expected"
    }
    return nil
  }

  private func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    if rest.last == 0x0A { rest.removeLast() }
    if rest.last == 0x0D { rest.removeLast() }
    return Array(rest)
  }

  /// Nil where the text has what Latin-1 has not.
  private func latin1(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard scalar.value < 256 else { return nil }
      bytes.append(UInt8(scalar.value))
    }
    return bytes
  }

  private var caseAlone: String? {
    guard expected.count == received.count else { return nil }
    func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }
    return zip(expected, received).allSatisfy { lowered($0) == lowered($1) }
      ? "at byte \(at), in upper and lower case alone" : nil
  }

  private var blank: String? {
    guard at < expected.count, at < received.count else { return nil }
    switch (expected[at], received[at]) {
    case (0x20, 0x09): return "at byte \(at): a tab, a space expected"
    case (0x09, 0x20): return "at byte \(at): a space, a tab expected"
    default: break
    }
    if received[at] == 0x20, received[(at + 1)...].elementsEqual(expected[at...]) { return "at byte \(at): one space too many" }
    if expected[at] == 0x20, expected[(at + 1)...].elementsEqual(received[at...]) { return "at byte \(at): a space is missing" }
    return nil
  }

  /// One wrong byte among many.
  private var onlyByte: String? {
    guard isLong, expected.count == received.count else { return nil }
    let place = "at byte \(at): \(hex(received[at])), \(hex(expected[at])) expected"
    if isHuge { return place }
    let differing = zip(expected, received).count { $0 != $1 }
    return differing == 1
      ? "\(place), the only one of \(expected.count) that differs" : "\(place); \(differing) of \(expected.count) differ"
  }

  private func hex(_ byte: UInt8) -> String { "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }

  // MARK: - Text

  static func bytes(_ count: Int) -> String { count == 1 ? "1 byte" : "\(count) bytes" }

  /// As a script would write it, cut to what a line takes.
  static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
    let text = Show.inspect(Value(Array(bytes.prefix(longest)))).text
    return bytes.count > longest ? "\(text)…" : text
  }
}
