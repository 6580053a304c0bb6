// Gives every different word of a source text a small number, and one String for all its uses.

struct NameTable {
  /// The words that the language knows come first, in the order of their enumerations.
  static let known: NameTable = {
    // Made at each start of the program, so with few allocations.
    var table = NameTable()
    table.strings.reserveCapacity(256)
    table.hashes.reserveCapacity(256)
    table.starts.reserveCapacity(257)
    table.text.reserveCapacity(2048)
    for word in Keyword.allCases { table.insert(word.rawValue) }
    for verb in Verb.allCases { table.insert(verb.rawValue) }
    for word in OptionWord.allCases { table.insert(word.rawValue) }
    for word in ContextWord.allCases { table.insert(word.rawValue) }
    return table
  }()
  /// What a known word's number says.
  static let keywords = Keyword.allCases
  static let verbs = Verb.allCases
  /// By number; nil for a known word that is no option.
  static let options: [OptionWord?] = {
    var table = known
    var options = [OptionWord?](repeating: nil, count: table.strings.count)
    for word in OptionWord.allCases { options[Int(table.insert(word.rawValue))] = word }
    return options
  }()
  static let contextWords: [ContextWord?] = {
    var table = known
    var words = [ContextWord?](repeating: nil, count: table.strings.count)
    for word in ContextWord.allCases { words[Int(table.insert(word.rawValue))] = word }
    return words
  }()

  static let hashSeed: UInt32 = 0x811C_9DC5
  /// One step of FNV-1a.
  @inline(__always) static func hash(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 0x0100_0193 }

  private(set) var strings: [String] = []
  private var hashes: [UInt32] = []
  /// Where each word starts in `text`; one entry more than words.
  private var starts: [Int] = [0]
  private var text: [UInt8] = []
  /// Open addressing: a word's number plus one, or 0.
  private var slots = [UInt32](repeating: 0, count: 512)

  /// The number of the word `bytes[lower..<upper]`, whose hash the caller has computed on the way.
  mutating func symbol(_ bytes: [UInt8], _ lower: Int, _ upper: Int, hash: UInt32) -> UInt32 {
    let slot = slot(of: bytes, lower, upper, hash)
    if slots[slot] != 0 { return slots[slot] - 1 }
    text.append(contentsOf: bytes[lower..<upper])
    return add(String(decoding: bytes[lower..<upper], as: UTF8.self), hash, slot)
  }

  /// The slot that has the word, or the free one where it belongs.
  @inline(__always) private func slot(of bytes: [UInt8], _ lower: Int, _ upper: Int, _ hash: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if hashes[number] == hash, isWord(number, bytes, lower, upper) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// A new word, whose bytes stand at the end of `text` already.
  private mutating func add(_ word: String, _ hash: UInt32, _ slot: Int) -> UInt32 {
    let number = UInt32(strings.count)
    strings.append(word)
    hashes.append(hash)
    starts.append(text.count)
    slots[slot] = number + 1
    if strings.count * 2 > slots.count { grow() }
    return number
  }

  private func isWord(_ number: Int, _ bytes: [UInt8], _ lower: Int, _ upper: Int) -> Bool {
    let start = starts[number]
    guard starts[number + 1] - start == upper - lower else { return false }
    for offset in 0..<(upper - lower) where text[start + offset] != bytes[lower + offset] { return false }
    return true
  }

  /// The number of a word that the language knows.
  @discardableResult private mutating func insert(_ word: String) -> UInt32 {
    let lower = text.count
    text.append(contentsOf: word.utf8)
    let hash = text.withUnsafeBufferPointer { bytes in
      var hash = NameTable.hashSeed
      for offset in lower..<bytes.count { hash = NameTable.hash(hash, bytes[offset]) }
      return hash
    }
    let slot = slot(of: text, lower, text.count, hash)
    guard slots[slot] == 0 else {
      text.removeLast(text.count - lower)
      return slots[slot] - 1
    }
    return add(word, hash, slot)
  }

  private mutating func grow() {
    let mask = slots.count * 2 - 1
    slots = [UInt32](repeating: 0, count: mask + 1)
    for (number, hash) in hashes.enumerated() {
      var slot = Int(hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(number + 1)
    }
  }
}
