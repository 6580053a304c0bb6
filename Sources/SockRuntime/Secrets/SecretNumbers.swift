// Secrets that stand in a text as numbers: a message's fields, and lists of them, whose bytes on the wire were all of a
// secret's, or some.

import SockLanguage

/// Finds numbers whose bytes, one behind the other, stand in a secret.
struct SecretNumbers {
  /// Numbers with more between them are not of one value: there may be the path of a field.
  private static let farthest = 64
  /// So many bytes of an encoded secret are as much as `SecretPieces.shortest` of a plain one.
  private static let shortestEncoded = 8
  /// Of a longer one the encoded forms are not looked for.
  private static let longestEncoded = 4096

  /// What stands beside each other in the secrets, and in their encoded forms, in lower case.
  private var plain: Set<UInt64> = []
  private var encoded: Set<UInt64> = []
  /// A bit for each pair of bytes that one of them begins with: most numbers are told apart by that.
  private var begins = [UInt64](repeating: 0, count: 1024)

  init(_ secrets: [[UInt8]]) {
    for secret in secrets where secret.count >= SecretPieces.shortest {
      add(secret, SecretPieces.shortest, to: \.plain)
      guard secret.count <= SecretNumbers.longestEncoded else { continue }
      var forms = [SecretSearch.hex(secret, "")]
      for alphabet in [SecretSearch.standard, SecretSearch.url] {
        for offset in 0..<3 { forms.append(SecretSearch.characters(secret, offset, alphabet).own) }
      }
      for form in forms { add(form, SecretNumbers.shortestEncoded, to: \.encoded) }
    }
  }

  private mutating func add(_ bytes: [UInt8], _ count: Int, to windows: WritableKeyPath<SecretNumbers, Set<UInt64>>) {
    guard bytes.count >= count else { return }
    let bytes = bytes.map(SecretSearch.lowered)
    for at in 0...bytes.count - count {
      let window = SecretNumbers.window(bytes, at, count)
      // Zeros stand everywhere: each `0` may be some.
      if window == 0 { continue }
      self[keyPath: windows].insert(window)
      let pair = SecretNumbers.window(bytes, at, 2)
      begins[Int(pair >> 6)] |= 1 << (pair & 63)
    }
  }

  private static func window(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
    bytes[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: - Numbers in a text

  private struct Number {
    let range: Range<Int>
    /// Nil: it has a fraction or an exponent.
    let integer: UInt64?
    let isNegative: Bool
    let float: Double
  }

  /// The numbers that show bytes of a secret, in order; those that follow each other in one list of ranges.
  func runs(in text: [UInt8]) -> [[Range<Int>]] {
    if plain.isEmpty { return [] }
    var numbers: [Number] = []
    var found: [[Range<Int>]] = []
    func end() {
      found += runs(of: numbers)
      numbers.removeAll(keepingCapacity: true)
    }
    var at = 0
    while at < text.count {
      guard ByteClass.isDigit(text[at]) else {
        at += 1
        continue
      }
      var stop = at + 1
      if let number = SecretNumbers.number(in: text, at: at), !SecretNumbers.isIndex(number, in: text) {
        if let last = numbers.last, number.range.lowerBound - last.range.upperBound > SecretNumbers.farthest { end() }
        numbers.append(number)
        stop = number.range.upperBound
      } else {
        while stop < text.count, ByteClass.isWord(text[stop]) { stop += 1 }
      }
      at = stop
    }
    end()
    return found
  }

  /// `items[3]`: which element it is, and not what it is.
  private static func isIndex(_ number: Number, in text: [UInt8]) -> Bool {
    let (before, behind) = (number.range.lowerBound - 1, number.range.upperBound)
    return before > 0 && text[before] == UInt8(ascii: "[") && ByteClass.isWord(text[before - 1])
      && behind < text.count && text[behind] == UInt8(ascii: "]")
  }

  /// Nil: the digits there are a part of a word, or of a number that is too large.
  private static func number(in text: [UInt8], at start: Int) -> Number? {
    if start > 0, ByteClass.isWord(text[start - 1]) { return nil }
    func digits(from at: Int) -> Int {
      var end = at
      while end < text.count, ByteClass.isDigit(text[end]) { end += 1 }
      return end
    }
    func isPart(_ at: Int) -> Bool { at < text.count && ByteClass.isWord(text[at]) }
    let isNegative = start > 0 && text[start - 1] == UInt8(ascii: "-")
    let lower = isNegative ? start - 1 : start
    if text[start] == UInt8(ascii: "0"), start + 1 < text.count, text[start + 1] | 0x20 == UInt8(ascii: "x") {
      var end = start + 2
      while end < text.count, ByteClass.hexDigit(text[end]) != nil { end += 1 }
      guard !isPart(end), let value = UInt64(String(decoding: text[start + 2..<end], as: UTF8.self), radix: 16) else {
        return nil
      }
      return Number(range: lower..<end, integer: value, isNegative: isNegative, float: Double(value))
    }
    let whole = digits(from: start)
    var end = whole
    let isBehindPoint = start > 0 && text[start - 1] == UInt8(ascii: ".")
    if !isBehindPoint, end + 1 < text.count, text[end] == UInt8(ascii: "."), ByteClass.isDigit(text[end + 1]) {
      end = digits(from: end + 1)
    }
    if end < text.count, text[end] | 0x20 == UInt8(ascii: "e") {
      let hasSign = end + 1 < text.count && [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(text[end + 1])
      let first = end + (hasSign ? 2 : 1)
      if digits(from: first) > first { end = digits(from: first) }
    }
    // `10.0.0.1` has four numbers.
    let isAddress = end + 1 < text.count && text[end] == UInt8(ascii: ".") && ByteClass.isDigit(text[end + 1])
    if end > whole, !isAddress, !isPart(end), let value = Double(String(decoding: text[start..<end], as: UTF8.self)) {
      return Number(range: lower..<end, integer: nil, isNegative: isNegative, float: value)
    }
    guard !isPart(whole), let value = UInt64(String(decoding: text[start..<whole], as: UTF8.self)) else { return nil }
    return Number(range: lower..<whole, integer: value, isNegative: isNegative, float: Double(value))
  }

  // MARK: - Their bytes

  /// What a number may have been on the wire: how many bytes it took there is not known, and need not be. Few secrets
  /// have bytes of zero, with which it may have begun.
  private enum Form: CaseIterable {
    case integer, float32, float64

    func bytes(of number: Number) -> [UInt8] {
      switch self {
      case .integer:
        guard let value = number.integer else { return [] }
        guard number.isNegative else { return Form.bytes(value, max(1, (71 - value.leadingZeroBitCount) / 8)) }
        // -1 was 0xff, -200 0xff38.
        let bits = 65 - (value == 0 ? 64 : (value - 1).leadingZeroBitCount)
        return Form.bytes(0 &- value, min(8, (bits + 7) / 8))
      case .float32:
        let value = Float(number.isNegative ? -number.float : number.float)
        return Double(value).magnitude == number.float ? Form.bytes(UInt64(value.bitPattern), 4) : []
      case .float64: return Form.bytes((number.isNegative ? -number.float : number.float).bitPattern, 8)
      }
    }

    /// The last ones, the most significant first.
    private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
  }

  private func runs(of numbers: [Number]) -> [[Range<Int>]] {
    if numbers.isEmpty { return [] }
    var marks = [Mark?](repeating: nil, count: numbers.count)
    for form in Form.allCases {
      for isLittle in [false, true] {
        var bytes: [UInt8] = []
        var owners: [Int] = []
        for (index, number) in numbers.enumerated() {
          let own = form.bytes(of: number)
          bytes += (isLittle ? own.reversed() : own).map(SecretSearch.lowered)
          owners += repeatElement(index, count: own.count)
        }
        look(for: plain, SecretPieces.shortest, in: bytes, owners, &marks)
        look(for: encoded, SecretNumbers.shortestEncoded, in: bytes, owners, &marks)
      }
    }
    var runs: [[Range<Int>]] = []
    for (number, mark) in zip(numbers, marks) {
      switch mark {
      case nil: continue
      case .first: runs.append([number.range])
      case .following: runs[runs.count - 1].append(number.range)
      }
    }
    return runs
  }

  /// A number is a secret's, by itself or behind the one before it.
  private enum Mark { case first, following }

  private func look(
    for windows: Set<UInt64>, _ count: Int, in bytes: [UInt8], _ owners: [Int], _ marks: inout [Mark?]
  ) {
    guard bytes.count >= count else { return }
    for at in 0...bytes.count - count {
      let pair = SecretNumbers.window(bytes, at, 2)
      guard begins[Int(pair >> 6)] & 1 << (pair & 63) != 0,
        windows.contains(SecretNumbers.window(bytes, at, count))
      else { continue }
      let (first, last) = (owners[at], owners[at + count - 1])
      if marks[first] == nil { marks[first] = .first }
      for owner in first..<last { marks[owner + 1] = .following }
    }
  }
}
