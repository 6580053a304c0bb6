// A set of bytes.

/// Which bytes may stand in one place.
struct ByteSet: Equatable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  init() {}
  init(_ bytes: some Sequence<UInt8>) { for byte in bytes { insert(byte) } }

  static func == (a: ByteSet, b: ByteSet) -> Bool { a.words == b.words }

  static let all: ByteSet = {
    var set = ByteSet()
    set.words = (.max, .max, .max, .max)
    return set
  }()

  func contains(_ byte: UInt8) -> Bool {
    let bit = UInt64(1) << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: return words.0 & bit != 0
    case 1: return words.1 & bit != 0
    case 2: return words.2 & bit != 0
    default: return words.3 & bit != 0
    }
  }

  mutating func insert(_ byte: UInt8) {
    let bit = UInt64(1) << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: words.0 |= bit
    case 1: words.1 |= bit
    case 2: words.2 |= bit
    default: words.3 |= bit
    }
  }

  mutating func insert(_ bytes: ClosedRange<UInt8>) { for byte in bytes { insert(byte) } }

  mutating func formUnion(_ other: ByteSet) {
    words = (words.0 | other.words.0, words.1 | other.words.1, words.2 | other.words.2, words.3 | other.words.3)
  }

  /// Whether some byte is in both.
  func meets(_ other: ByteSet) -> Bool {
    words.0 & other.words.0 | words.1 & other.words.1 | words.2 & other.words.2 | words.3 & other.words.3 != 0
  }

  var inverted: ByteSet {
    var set = ByteSet()
    set.words = (~words.0, ~words.1, ~words.2, ~words.3)
    return set
  }

  /// With each ASCII letter in both cases.
  var ignoringCase: ByteSet {
    var set = self
    for lower in UInt8(ascii: "a")...UInt8(ascii: "z") where contains(lower) || contains(lower & 0xDF) {
      set.insert(lower)
      set.insert(lower & 0xDF)
    }
    return set
  }

  func intersection(_ other: ByteSet) -> ByteSet {
    var set = ByteSet()
    set.words = (words.0 & other.words.0, words.1 & other.words.1, words.2 & other.words.2, words.3 & other.words.3)
    return set
  }

  var isEmpty: Bool { words == (0, 0, 0, 0) }

  /// Its byte, if it has just one.
  var only: UInt8? {
    let parts = [words.0, words.1, words.2, words.3]
    guard parts.reduce(0, { $0 + $1.nonzeroBitCount }) == 1, let part = parts.firstIndex(where: { $0 != 0 }) else {
      return nil
    }
    return UInt8(part * 64 + parts[part].trailingZeroBitCount)
  }

  // MARK: - The sets that PCRE2 has names for, without a locale

  static let digits = ByteSet(0x30...0x39)
  static let space = ByteSet([0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20])
  static let word: ByteSet = {
    var set = ByteSet(0x30...0x39)
    set.insert(0x41...0x5A)
    set.insert(0x61...0x7A)
    set.insert(0x5F)
    return set
  }()
}
