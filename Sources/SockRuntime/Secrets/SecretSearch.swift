// Finds secrets in bytes: as they are, and in Base64 and hex, in one pass over the bytes.

import Glibc
import SockLanguage
import SocketCore

/// The forms of some secrets, and an index of how they begin.
struct SecretSearch {
  private enum Kind {
    case plain
    /// Most of a secret, which is as good as all of it: `hunter2-Tr0ub4doX`.
    case most
    /// Of a very short one: hidden where it stands alone, or else every `42` in a text would be.
    case word
    /// - head, tail: the first or last byte of the secret shares a character with what stands beside it.
    case base64(head: Bool, tail: Bool)
  }

  private struct Form {
    /// In lower case, but a word.
    let bytes: [UInt8]
    let kind: Kind
  }

  /// A shorter secret is hidden only where it stands alone, as it is written: three bytes are two characters of Base64,
  /// which stand everywhere.
  static let shortest = 4
  /// So many bytes of a secret at the edge of a value are taken for a part of it; of one of four bytes, three.
  private static let part = 4
  /// At the edge of what was cut.
  private static let cutPart = 2

  /// Two thirds of a secret are most of it, but not less than so many bytes.
  private static let leastOfMost = 8
  /// Of a longer one most is not looked for, in bytes.
  private static let longestWithParts = 4096

  private var forms: [Form] = []
  /// A bit for each pair of bytes that a form begins with.
  private var begins = [UInt64](repeating: 0, count: 1024)
  private var byBegin: [UInt16: [Int]] = [:]
  private(set) var longest = 0
  private var looksForParts = true

  init(_ secrets: [[UInt8]] = []) {
    for secret in secrets { add(secret) }
    longest = forms.map(\.bytes.count).max() ?? 0
  }

  // MARK: - Forms

  private mutating func add(_ secret: [UInt8]) {
    guard secret.count >= SecretSearch.shortest else { return insert(Form(bytes: secret, kind: .word)) }
    addWhole(secret)
    let most = max(SecretSearch.leastOfMost, secret.count - secret.count / 3)
    if most < secret.count, secret.count <= SecretSearch.longestWithParts {
      for at in 0...(secret.count - most) {
        insert(Form(bytes: secret[at..<at + most].map(SecretSearch.lowered), kind: .most))
      }
    }
    // Encoded twice: what is inside of a text that is Base64 itself.
    for inside in 0..<3 {
      let once = SecretSearch.characters(secret, inside, SecretSearch.standard).own
      for offset in 0..<3 { insert(SecretSearch.base64(once, offset, SecretSearch.standard)) }
    }
    // A key of several lines is read line by line.
    let lines = secret.split { $0 == 0x0A || $0 == 0x0D }
    if lines.count > 1 {
      for line in lines where line.count >= 8 { insert(Form(bytes: line.map(SecretSearch.lowered), kind: .plain)) }
    }
  }

  /// What was cut out of a secret; parts of it are shown.
  mutating func addPiece(_ piece: [UInt8]) {
    looksForParts = false
    addWhole(piece)
  }

  private mutating func addWhole(_ bytes: [UInt8]) {
    insert(Form(bytes: bytes.map(SecretSearch.lowered), kind: .plain))
    // What is left of bytes that are no UTF-8 when they become text, as messages and as addresses show them.
    let text = String(decoding: bytes, as: UTF8.self)
    for shown in [text, Printable.text(text), SocketAddress.shown(bytes)] {
      insert(Form(bytes: Array(shown.utf8).map(SecretSearch.lowered), kind: .plain))
    }
    for separator in ["", " ", ":", "-"] { insert(Form(bytes: SecretSearch.hex(bytes, separator), kind: .plain)) }
    for alphabet in [SecretSearch.standard, SecretSearch.url] {
      for offset in 0..<3 { insert(SecretSearch.base64(bytes, offset, alphabet)) }
    }
  }

  private mutating func insert(_ form: Form) {
    guard let first = form.bytes.first else { return }
    if let pair = form.bytes.dropFirst().first {
      let key = UInt16(first) << 8 | UInt16(pair)
      if byBegin[key]?.contains(where: { forms[$0].bytes == form.bytes }) ?? false { return }
      index(key)
    } else {
      for second in UInt8.min...UInt8.max { index(UInt16(first) << 8 | UInt16(second)) }
    }
    forms.append(form)
  }

  private mutating func index(_ key: UInt16) {
    begins[Int(key >> 6)] |= 1 << UInt64(key & 63)
    byBegin[key, default: []].append(forms.count)
  }

  static func hex(_ bytes: [UInt8], _ separator: String) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    var result: [UInt8] = []
    for byte in bytes {
      if !result.isEmpty { result += separator.utf8 }
      result += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return result
  }

  static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The characters that only the secret decides, when so many bytes (modulo 3) stand before it.
  private static func base64(_ secret: [UInt8], _ offset: Int, _ alphabet: [UInt8]) -> Form {
    let (characters, sharesLast) = characters(secret, offset, alphabet)
    return Form(bytes: characters.map(lowered), kind: .base64(head: offset > 0, tail: sharesLast))
  }

  static func characters(
    _ secret: [UInt8], _ offset: Int, _ alphabet: [UInt8]
  ) -> (own: [UInt8], sharesLast: Bool) {
    var characters: [UInt8] = []
    var bits: UInt32 = 0
    // Those of the bytes before are not known; what they share a character with is left out.
    var count = [0, -4, -2][offset]
    for byte in secret {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        characters.append(alphabet[Int(bits >> UInt32(count)) & 63])
      }
    }
    return (characters, count > 0)
  }

  /// Every three bytes that stand beside each other in a form that is looked for as it is.
  var trigrams: Set<UInt32> {
    var found: Set<UInt32> = []
    for form in forms {
      if case .word = form.kind { continue }
      // A part of the plain form.
      if case .most = form.kind { continue }
      for at in form.bytes.indices.dropLast(2) {
        found.insert(SecretSearch.trigram(form.bytes[at], form.bytes[at + 1], form.bytes[at + 2]))
      }
    }
    return found
  }

  static func trigram(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt32 {
    UInt32(lowered(first)) << 16 | UInt32(lowered(second)) << 8 | UInt32(lowered(third))
  }

  static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  static func isBase64(_ byte: UInt8) -> Bool {
    ByteClass.isWord(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "-")
  }

  // MARK: - Matches

  /// In no order; they may overlap.
  func matches(in bytes: [UInt8], _ cuts: Secrets.Cuts, isText: Bool) -> [Range<Int>] {
    var found: [Range<Int>] = []
    let lower = bytes.map(SecretSearch.lowered)
    for at in lower.indices {
      // Words keep their case, and so do their beginnings; the others' are in lower case.
      addMatches(at, lower, bytes, isWord: false, to: &found)
      if bytes[at] != lower[at] || at + 1 < bytes.count && bytes[at + 1] != lower[at + 1] {
        addMatches(at, bytes, bytes, isWord: true, to: &found)
      }
    }
    if looksForParts { addParts(lower, cuts, isText: isText, to: &found) }
    return found
  }

  @inline(__always)
  private func addMatches(
    _ at: Int, _ text: [UInt8], _ original: [UInt8], isWord: Bool, to found: inout [Range<Int>]
  ) {
    let key = UInt16(text[at]) << 8 | UInt16(at + 1 < text.count ? text[at + 1] : 0)
    guard begins[Int(key >> 6)] & 1 << UInt64(key & 63) != 0 else { return }
    for number in byBegin[key] ?? [] {
      let form = forms[number]
      let end = at + form.bytes.count
      switch form.kind {
      case .word:
        guard end <= original.count, SecretSearch.holds(original, at, form.bytes[...]),
          standsAlone(at..<end, original)
        else { continue }
        found.append(at..<end)
      case .plain, .most:
        if !isWord, end <= text.count, SecretSearch.holds(text, at, form.bytes[...]) { found.append(at..<end) }
      case .base64(let head, let tail):
        guard !isWord, end <= text.count, SecretSearch.holds(text, at, form.bytes[...]) else { continue }
        var lower = at
        var upper = end
        if head, lower > 0, SecretSearch.isBase64(text[lower - 1]) { lower -= 1 }
        if tail, upper < text.count, SecretSearch.isBase64(text[upper]) { upper += 1 }
        while upper < text.count, text[upper] == UInt8(ascii: "=") { upper += 1 }
        found.append(lower..<upper)
      }
    }
  }

  /// - Precondition: there are as many bytes behind `at`.
  private static func holds(_ bytes: [UInt8], _ at: Int, _ part: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBytes { bytes in
      part.withUnsafeBytes { part in
        guard let base = bytes.baseAddress, let other = part.baseAddress else { return true }
        return memcmp(base + at, other, part.count) == 0
      }
    }
  }

  private func standsAlone(_ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
    let isJoinedBefore =
      range.lowerBound > 0 && ByteClass.isWord(bytes[range.lowerBound - 1]) && ByteClass.isWord(bytes[range.lowerBound])
    let isJoinedBehind =
      range.upperBound < bytes.count && ByteClass.isWord(bytes[range.upperBound])
      && ByteClass.isWord(bytes[range.upperBound - 1])
    return !isJoinedBefore && !isJoinedBehind
  }

  // MARK: - Parts

  private func addParts(_ bytes: [UInt8], _ cuts: Secrets.Cuts, isText: Bool, to found: inout [Range<Int>]) {
    addTail(at: 0, bytes, isCut: cuts.contains(.atStart), to: &found)
    addHead(at: bytes.count, bytes, isCut: cuts.contains(.atEnd), to: &found)
    guard isText else { return }
    for at in bytes.indices {
      switch bytes[at] {
      case UInt8(ascii: "\""), UInt8(ascii: "`"):
        addHead(at: at, bytes, isCut: false, to: &found)
        addTail(at: at + 1, bytes, isCut: false, to: &found)
      case 0xE2 where at + 2 < bytes.count && bytes[at + 1] == 0x80 && bytes[at + 2] == 0xA6:
        // `…` stands for what was left out, inside of the quotes or behind them.
        let isQuoted = at > 0 && bytes[at - 1] == UInt8(ascii: "\"")
        addHead(at: isQuoted ? at - 1 : at, bytes, isCut: true, to: &found)
        addTail(at: at + 3, bytes, isCut: true, to: &found)
      default: break
      }
    }
  }

  /// How much of a form at least is taken for a part of it.
  private func minimum(_ form: Form, isCut: Bool) -> Int? {
    switch form.kind {
    case .word, .most: return nil
    case .plain, .base64: break
    }
    return isCut ? SecretSearch.cutPart : min(SecretSearch.part, form.bytes.count - 1)
  }

  /// The end of a form, where a value begins.
  private func addTail(at start: Int, _ bytes: [UInt8], isCut: Bool, to found: inout [Range<Int>]) {
    for form in forms {
      guard let minimum = minimum(form, isCut: isCut) else { continue }
      let most = min(form.bytes.count - 1, bytes.count - start)
      guard most >= minimum else { continue }
      let first = bytes[start]
      for count in stride(from: most, through: minimum, by: -1) where form.bytes[form.bytes.count - count] == first {
        if SecretSearch.holds(bytes, start, form.bytes.suffix(count)) {
          found.append(start..<start + count)
          break
        }
      }
    }
  }

  /// The beginning of a form, where a value ends.
  private func addHead(at end: Int, _ bytes: [UInt8], isCut: Bool, to found: inout [Range<Int>]) {
    for form in forms {
      guard let minimum = minimum(form, isCut: isCut) else { continue }
      let most = min(form.bytes.count - 1, end)
      guard most >= minimum else { continue }
      let last = bytes[end - 1]
      for count in stride(from: most, through: minimum, by: -1) where form.bytes[count - 1] == last {
        if SecretSearch.holds(bytes, end - count, form.bytes.prefix(count)) {
          found.append(end - count..<end)
          break
        }
      }
    }
  }
}
