// Reads a regular expression, in PCRE2's syntax, for its facts. PCRE2 has accepted it already. What is not understood
// here (back references, recursion, conditions, `\K`, `\X`…) makes the whole unknown, so that nothing wrong is said.

struct RegexReader {
  struct Unknown: Error {}

  fileprivate struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotTakesAll = false
    var isExtended = false
  }

  /// The pattern's bytes; a hole, whose text is matched literally, is `hole`.
  private let pattern: [UInt16]
  private static let hole: UInt16 = 256
  /// The bytes that a text may hold: a line has no line feed.
  private let alphabet: ByteSet
  private var at = 0
  private var depth = 0

  /// A pattern longer than this, or with groups nested deeper, is not looked at.
  private static let longest = 4096
  private static let deepest = 40

  /// The facts about a regex; nil when it holds something that is not understood.
  /// - Parameter isForLine: it is matched against lines without their ends.
  /// Whether a match of the pattern has groups: a parenthesis that is no text and begins with no `?`, or a name.
  static func hasGroups(_ pattern: [UInt8]) -> Bool {
    var isInClass = false
    var at = 0
    while at < pattern.count {
      switch pattern[at] {
      case UInt8(ascii: "\\"): at += 1
      case UInt8(ascii: "["): isInClass = true
      case UInt8(ascii: "]"): isInClass = false
      case UInt8(ascii: "(") where !isInClass:
        let next = pattern[(at + 1)...].prefix(3)
        if next.first != UInt8(ascii: "?") { return next.first != UInt8(ascii: "*") }
        if next.starts(with: "?P<".utf8) { return true }
        if next.starts(with: "?<".utf8), next.count == 3, !"=!".utf8.contains(next[next.startIndex + 2]) { return true }
      default: break
      }
      at += 1
    }
    return false
  }

  static func facts(_ regex: RegexLiteral, isForLine: Bool) -> RegexFacts? {
    var pattern: [UInt16] = []
    for part in regex.parts {
      switch part {
      case .bytes(let bytes): pattern += bytes.map { UInt16($0) }
      case .hole: pattern.append(hole)
      }
    }
    guard pattern.count <= longest else { return nil }
    var flags = Flags()
    for flag in regex.flags { flags.set(flag, to: true) }
    var lineFeed = ByteSet()
    lineFeed.insert(0x0A)
    var reader = RegexReader(pattern, alphabet: isForLine ? lineFeed.inverted : .all)
    do throws(Unknown) {
      let facts = try reader.alternatives(flags, isAtFront: true)
      return reader.at == pattern.count ? facts : nil
    } catch {
      return nil
    }
  }

  private init(_ pattern: [UInt16], alphabet: ByteSet) {
    self.pattern = pattern
    self.alphabet = alphabet
  }

  // MARK: - Reading

  private func peek(_ ahead: Int = 0) -> UInt8? {
    let offset = at + ahead
    return offset < pattern.count && pattern[offset] < 256 ? UInt8(pattern[offset]) : nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    at += 1
    return true
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let matches = text.withUTF8Buffer { bytes in
      bytes.enumerated().allSatisfy { index, byte in peek(index) == byte }
    }
    if matches { at += text.utf8CodeUnitCount }
    return matches
  }

  private mutating func next() throws(Unknown) -> UInt8 {
    guard let byte = peek() else { throw Unknown() }
    at += 1
    return byte
  }

  /// What the flag x leaves out: blanks, and comments up to the line's end.
  private mutating func skipBlanks(_ flags: Flags) {
    guard flags.isExtended else { return }
    while let byte = peek() {
      switch byte {
      case 0x20, 0x09...0x0D: at += 1
      case UInt8(ascii: "#"): while at < pattern.count, pattern[at] != 0x0A { at += 1 }
      default: return
      }
    }
  }

  // MARK: - Structure

  private mutating func alternatives(_ outer: Flags, isAtFront: Bool) throws(Unknown) -> RegexFacts {
    guard depth < Self.deepest else { throw Unknown() }
    depth += 1
    defer { depth -= 1 }
    var flags = outer
    var facts = try sequence(&flags, isAtFront: isAtFront)
    while take(UInt8(ascii: "|")) { facts = facts.or(try sequence(&flags, isAtFront: isAtFront)) }
    return facts
  }

  private mutating func sequence(_ flags: inout Flags, isAtFront: Bool) throws(Unknown) -> RegexFacts {
    var facts: RegexFacts?
    var isAtFront = isAtFront
    while true {
      skipBlanks(flags)
      guard at < pattern.count, peek() != UInt8(ascii: "|"), peek() != UInt8(ascii: ")") else { break }
      let start = at
      guard var item = try item(&flags, isAtFront: isAtFront) else { continue }
      skipBlanks(flags)
      while let (minimum, maximum) = quantifier() {
        let isLazy = take(UInt8(ascii: "?"))
        if !isLazy { _ = take(UInt8(ascii: "+")) }
        item = item.repeated(minimum, maximum, isGreedy: !isLazy, range: start..<at, among: alphabet)
        skipBlanks(flags)
      }
      isAtFront = isAtFront && item.looksOnly
      facts = facts.map { $0.then(item) } ?? item
    }
    return facts ?? .empty
  }

  private mutating func quantifier() -> (Int, Int?)? {
    switch peek() {
    case UInt8(ascii: "*"):
      at += 1
      return (0, nil)
    case UInt8(ascii: "+"):
      at += 1
      return (1, nil)
    case UInt8(ascii: "?"):
      at += 1
      return (0, 1)
    case UInt8(ascii: "{"):
      let start = at
      at += 1
      if let minimum = number() {
        if take(UInt8(ascii: "}")) { return (minimum, minimum) }
        if take(UInt8(ascii: ",")) {
          let maximum = number()
          if take(UInt8(ascii: "}")) { return (minimum, maximum) }
        }
      }
      // A brace that is no quantifier stands for itself.
      at = start
      return nil
    default: return nil
    }
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let byte = peek(), byte >= 0x30, byte <= 0x39, value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + Int(byte - 0x30)
      at += 1
    }
    return value
  }

  /// One part without its quantifier; nil for what is no part (flags, a comment).
  private mutating func item(_ flags: inout Flags, isAtFront: Bool) throws(Unknown) -> RegexFacts? {
    if pattern[at] == Self.hole {
      at += 1
      return .unknownText
    }
    switch try next() {
    case UInt8(ascii: "("): return try group(&flags, isAtFront: isAtFront)
    case UInt8(ascii: "["): return byte(try set(flags), flags)
    case UInt8(ascii: "."):
      var lineFeed = ByteSet()
      lineFeed.insert(0x0A)
      return byte(flags.dotTakesAll ? .all : lineFeed.inverted, flags)
    case UInt8(ascii: "^"): return flags.isMultiline ? .look : start(isAtFront)
    case UInt8(ascii: "$"): return flags.isMultiline ? .look : end(.softEnd)
    case UInt8(ascii: "\\"): return try escaped(flags, isAtFront: isAtFront)
    case let literal: return byte(ByteSet([literal]), flags)
    }
  }

  private func byte(_ set: ByteSet, _ flags: Flags) -> RegexFacts {
    .byte((flags.ignoresCase ? set.ignoringCase : set).intersection(alphabet))
  }

  private func start(_ isAtFront: Bool) -> RegexFacts {
    RegexFacts(places: .start, matchesAnything: isAtFront, looksOnly: true)
  }

  private func end(_ places: PlaceMap) -> RegexFacts {
    RegexFacts(places: places, matchesAnything: false, isEnd: true, looksOnly: true)
  }

  private mutating func group(_ flags: inout Flags, isAtFront: Bool) throws(Unknown) -> RegexFacts? {
    if peek() == UInt8(ascii: "*") { throw Unknown() }
    guard take(UInt8(ascii: "?")) else { return try closed(flags, isAtFront: isAtFront) }
    if take(UInt8(ascii: "#")) {
      while try next() != UInt8(ascii: ")") {}
      return nil
    }
    if take("=") || take("!") || take("<=") || take("<!") {
      _ = try closed(flags, isAtFront: false)
      return .look
    }
    if take(":") || take(">") { return try closed(flags, isAtFront: isAtFront) }
    if take("<") || take("P<") {
      while try next() != UInt8(ascii: ">") {}
      return try closed(flags, isAtFront: isAtFront)
    }
    if take("'") {
      while try next() != UInt8(ascii: "'") {}
      return try closed(flags, isAtFront: isAtFront)
    }
    var changed = flags
    var isOn = true
    while true {
      switch try next() {
      case UInt8(ascii: "-") where isOn: isOn = false
      case UInt8(ascii: ":"): return try closed(changed, isAtFront: isAtFront)
      case UInt8(ascii: ")"):
        flags = changed
        return nil
      case let flag:
        guard changed.set(flag, to: isOn) else { throw Unknown() }
      }
    }
  }

  private mutating func closed(_ flags: Flags, isAtFront: Bool) throws(Unknown) -> RegexFacts {
    let facts = try alternatives(flags, isAtFront: isAtFront)
    guard take(UInt8(ascii: ")")) else { throw Unknown() }
    return facts
  }

  // MARK: - Bytes

  private mutating func escaped(_ flags: Flags, isAtFront: Bool) throws(Unknown) -> RegexFacts {
    switch peek() {
    case UInt8(ascii: "A"):
      at += 1
      return start(isAtFront)
    case UInt8(ascii: "Z"):
      at += 1
      return end(.softEnd)
    case UInt8(ascii: "z"):
      at += 1
      return end(.hardEnd)
    case UInt8(ascii: "b"), UInt8(ascii: "B"):
      at += 1
      return .look
    default: return byte(try escapedSet(), flags)
    }
  }

  /// What stands behind a backslash and means one byte, or one of several.
  private mutating func escapedSet() throws(Unknown) -> ByteSet {
    let letter = try next()
    switch letter {
    case UInt8(ascii: "n"): return ByteSet([0x0A])
    case UInt8(ascii: "r"): return ByteSet([0x0D])
    case UInt8(ascii: "t"): return ByteSet([0x09])
    case UInt8(ascii: "f"): return ByteSet([0x0C])
    case UInt8(ascii: "a"): return ByteSet([0x07])
    case UInt8(ascii: "e"): return ByteSet([0x1B])
    case UInt8(ascii: "d"): return .digits
    case UInt8(ascii: "D"): return ByteSet.digits.inverted
    case UInt8(ascii: "w"): return .word
    case UInt8(ascii: "W"): return ByteSet.word.inverted
    case UInt8(ascii: "s"): return .space
    case UInt8(ascii: "S"): return ByteSet.space.inverted
    case UInt8(ascii: "h"): return ByteSet([0x09, 0x20, 0xA0])
    case UInt8(ascii: "H"): return ByteSet([0x09, 0x20, 0xA0]).inverted
    case UInt8(ascii: "v"): return ByteSet([0x0A, 0x0B, 0x0C, 0x0D, 0x85])
    case UInt8(ascii: "V"): return ByteSet([0x0A, 0x0B, 0x0C, 0x0D, 0x85]).inverted
    case UInt8(ascii: "0"): return ByteSet([UInt8(truncatingIfNeeded: digits(radix: 8, atMost: 2))])
    case UInt8(ascii: "x"):
      let isBraced = take(UInt8(ascii: "{"))
      let value = digits(radix: 16, atMost: 2)
      if isBraced, !take(UInt8(ascii: "}")) { throw Unknown() }
      return ByteSet([UInt8(truncatingIfNeeded: value)])
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: throw Unknown()
    default: return ByteSet([letter])
    }
  }

  private mutating func digits(radix: Int, atMost count: Int) -> Int {
    var value = 0
    for _ in 0..<count {
      guard let byte = peek(), let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < radix else { break }
      value = value * radix + digit
      at += 1
    }
    return value
  }

  /// The inside of `[…]`, the bracket after it too.
  private mutating func set(_ flags: Flags) throws(Unknown) -> ByteSet {
    let isInverted = take(UInt8(ascii: "^"))
    var set = ByteSet()
    var isFirst = true
    while isFirst || peek() != UInt8(ascii: "]") {
      isFirst = false
      let (member, single) = try setMember()
      guard let lower = single, peek() == UInt8(ascii: "-"), peek(1) != UInt8(ascii: "]") else {
        set.formUnion(member)
        continue
      }
      at += 1
      let (_, upper) = try setMember()
      guard let upper, lower <= upper else { throw Unknown() }
      set.insert(lower...upper)
    }
    at += 1
    if flags.ignoresCase { set = set.ignoringCase }
    return isInverted ? set.inverted : set
  }

  /// One byte of a set, or an escape that means several.
  private mutating func setMember() throws(Unknown) -> (set: ByteSet, single: UInt8?) {
    let byte = try next()
    switch byte {
    case UInt8(ascii: "["):
      if let mark = peek(), [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "=")].contains(mark) { throw Unknown() }
    case UInt8(ascii: "\\"):
      if take(UInt8(ascii: "b")) { return (ByteSet([0x08]), 0x08) }
      let set = try escapedSet()
      return (set, set.only)
    default: break
    }
    return (ByteSet([byte]), byte)
  }
}

extension RegexReader.Flags {
  /// False when it is none of those that are understood.
  @discardableResult
  fileprivate mutating func set(_ letter: UInt8, to isOn: Bool) -> Bool {
    switch letter {
    case UInt8(ascii: "i"): ignoresCase = isOn
    case UInt8(ascii: "m"): isMultiline = isOn
    case UInt8(ascii: "s"): dotTakesAll = isOn
    case UInt8(ascii: "x"): isExtended = isOn
    default: return false
    }
    return true
  }
}
