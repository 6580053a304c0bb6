// What is sent in place of what a script sends: one change of it, and all those that there are.

import SockLanguage

/// One change of what a `send` was to send.
package struct Mutation {
  /// `body.length: 65535 in place of 5`; without a line end.
  package let what: String
  package let bytes: [UInt8]
  /// What was changed, in a word that is the same for all that may well have met the same fault: a field's name, or of
  /// bytes of which nothing is known the kind of change.
  package fileprivate(set) var group = ""
  /// The same with less of it, the least first: one of them may do as well.
  package let simpler: () -> [Mutation]

  init(_ what: String, _ bytes: [UInt8], simpler: @escaping () -> [Mutation] = { [] }) {
    self.what = what
    self.bytes = bytes
    self.simpler = simpler
  }
}

/// What could be sent instead: changes, each with its number.
struct PossibleMutations {
  enum Kind: String, Hashable { case cut, repeated, missing, reordered, length, edge, long, end }

  /// When a change is tried: the simplest that tell the most come first.
  enum Turn: Int {
    /// Left out, empty, zero.
    case least
    /// One less or more, the other of two.
    case beside
    /// At the ends of a type, very long, bytes that are no text.
    case greatest
    case other
  }

  struct Change {
    let kind: Kind
    let turn: Turn
    /// As that of a mutation.
    let group: String
    /// Gives nil where it cannot be.
    let make: () -> Mutation?
  }

  private(set) var changes: [Change] = []
  private var random: SplitMix

  /// - Parameter seed: of the places that are changed in what has too many.
  init(seed: UInt64) { random = SplitMix(state: seed) }

  mutating func add(_ kind: Kind, _ turn: Turn = .other, _ make: @escaping () -> Mutation?) {
    changes.append(Change(kind: kind, turn: turn, group: kind.rawValue, make: make))
  }

  /// The same of a field.
  mutating func add(
    _ kind: Kind, _ turn: Turn = .other, of path: [FieldSpan.Step], _ make: @escaping () -> Mutation?
  ) {
    let group = FieldSpan.words(path.map { step in if case .element = step { .element(0) } else { step } })
    changes.append(Change(kind: kind, turn: turn, group: group, make: make))
  }

  /// - Parameter original: what was to be sent.
  /// - Returns: nil where it would change nothing, or cannot be.
  func mutation(_ number: Int, inPlaceOf original: [UInt8]) -> Mutation? {
    guard changes.indices.contains(number), var mutation = changes[number].make(), mutation.bytes != original else {
      return nil
    }
    mutation.group = changes[number].group
    return mutation
  }

  /// In more places than these a message is not cut or changed.
  private static let mostPlaces = 200

  /// Places from 0 up to a count: all, or so many of them.
  private mutating func places(_ count: Int) -> [Int] {
    guard count > PossibleMutations.mostPlaces else { return Array(0..<count) }
    var drawn: Set<Int> = []
    while drawn.count < PossibleMutations.mostPlaces { drawn.insert(Int.random(in: 0..<count, using: &random)) }
    return drawn.sorted()
  }

  /// Cuts anywhere.
  mutating func addCuts(_ bytes: [UInt8], _ what: @escaping (Int) -> String) {
    for kept in places(bytes.count) { add(.cut) { Mutation(what(kept), Array(bytes[..<kept])) } }
  }

  /// Bytes as they are told of: a long run is cut.
  static func shown(_ bytes: [UInt8]) -> String {
    let longest = 40
    let text = Show.inspect(Value(Array(bytes.prefix(longest)))).text
    return bytes.count > longest ? "\(text)… (\(bytes.count) bytes)" : text
  }

  static func shown(_ value: Value) -> String {
    if case .string(let string) = value { return shown(string.array) }
    let text = Show.inspect(value).text
    return text.count > 60 ? "\(text.prefix(60))…" : text
  }

  /// What is longer than most would take: a line, a name, more than a length of two bytes counts.
  static let lengths = [300, 5000, 70_000]
}

extension PossibleMutations {
  /// Of bytes of which nothing is known: pieces of them, what in them reads as words, numbers and lines, and their end.
  mutating func addPlain(_ bytes: [UInt8]) {
    let count = bytes.count
    guard count > 0 else { return }
    addCuts(bytes) { "the first \($0) of \(count) bytes" }
    for times in [2, 100] { add(.repeated) { PossibleMutations.repeated(bytes, "all of it", 0..<count, times) } }
    for start in places(count) {
      let end = Int.random(in: start + 1...count, using: &random)
      add(.repeated) { PossibleMutations.repeated(bytes, "bytes \(start) to \(end - 1)", start..<end, 2) }
    }
    for at in places(count) {
      for byte in [0, 0x7F, 0x80, 0xFF, bytes[at] &+ 1, bytes[at] ^ 0x20] as [UInt8] {
        add(.edge) {
          let old = PossibleMutations.shown([bytes[at]])
          return Mutation(
            "byte \(at): \(PossibleMutations.shown([byte])) in place of \(old)",
            PossibleMutations.replaced(bytes, at..<at + 1, [byte]))
        }
      }
    }
    addWords(bytes)
    addNumbers(bytes)
    addLines(bytes)
  }

  static func repeated(_ bytes: [UInt8], _ what: String, _ range: Range<Int>, _ times: Int) -> Mutation {
    let piece = Array(bytes[range])
    let all = (0..<times).flatMap { _ in piece }
    let words = times == 2 ? "twice" : "\(times) times"
    return Mutation("\(what) \(words)", Array(bytes[..<range.lowerBound]) + all + bytes[range.upperBound...]) {
      times > 2 ? [repeated(bytes, what, range, 2)] : []
    }
  }

  static func replaced(_ bytes: [UInt8], _ range: Range<Int>, _ piece: [UInt8]) -> [UInt8] {
    Array(bytes[..<range.lowerBound]) + piece + bytes[range.upperBound...]
  }

  private static func without(_ range: Range<Int>, _ bytes: [UInt8]) -> Mutation {
    Mutation("without \(shown(Array(bytes[range])))", replaced(bytes, range, []))
  }

  /// So many of a byte in place of a stretch.
  static func long(_ what: String, _ count: Int, _ make: @escaping (Int) -> [UInt8]?) -> Mutation? {
    guard let bytes = make(count) else { return nil }
    return Mutation("\(what): \(count) × \"A\"", bytes) {
      lengths.filter { $0 < count }.compactMap { long(what, $0, make) }
    }
  }

  static func many(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x41, count: count) }

  private mutating func addWords(_ bytes: [UInt8]) {
    let words = PossibleMutations.stretches(of: bytes) { $0 > 0x20 && $0 < 0x7F }
    guard !words.isEmpty else { return }
    for word in places(words.count).map({ words[$0] }) {
      let what = "the word at byte \(word.lowerBound)"
      addLong(what) { PossibleMutations.replaced(bytes, word, PossibleMutations.many($0)) }
      for piece in [[0], [0xFF, 0xFE], Array("%s%n%s%n".utf8), Array("-1".utf8)] as [[UInt8]] {
        add(.edge, piece == [0xFF, 0xFE] ? .greatest : .other) {
          let old = PossibleMutations.shown(Array(bytes[word]))
          return Mutation(
            "\(what): \(PossibleMutations.shown(piece)) in place of \(old)",
            PossibleMutations.replaced(bytes, word, piece))
        }
      }
      for at in places(word.count + 1).map({ word.lowerBound + $0 }) {
        add(.edge) { Mutation("a NUL before byte \(at)", PossibleMutations.replaced(bytes, at..<at, [0])) }
      }
      if words.count > 1 { add(.missing, .least) { PossibleMutations.without(word, bytes) } }
    }
    for at in places(words.count).dropFirst() {
      add(.reordered) { PossibleMutations.exchanged(bytes, words[at - 1], words[at]) }
    }
  }

  /// Each of the lengths in place of a stretch.
  private mutating func addLong(_ what: String, _ make: @escaping (Int) -> [UInt8]?) {
    for count in PossibleMutations.lengths { add(.long, .greatest) { PossibleMutations.long(what, count, make) } }
  }

  /// Two stretches, the first before the second.
  static func exchanged(_ bytes: [UInt8], _ first: Range<Int>, _ second: Range<Int>) -> Mutation {
    let (one, other) = (Array(bytes[first]), Array(bytes[second]))
    let between = bytes[first.upperBound..<second.lowerBound]
    return Mutation(
      "\(shown(other)) before \(shown(one))",
      Array(bytes[..<first.lowerBound]) + other + between + one + bytes[second.upperBound...])
  }

  /// In a protocol of text a number is often the length of what follows.
  private mutating func addNumbers(_ bytes: [UInt8]) {
    let numbers = PossibleMutations.stretches(of: bytes) { (0x30...0x39).contains($0) }.filter { $0.count < 16 }
    for range in places(numbers.count).map({ numbers[$0] }) {
      let text = String(decoding: bytes[range], as: UTF8.self)
      guard let number = Int(text) else { continue }
      let edges: [(Turn, [String])] = [
        (.least, ["0", ""]), (.beside, ["\(number + 1)", "\(max(0, number - 1))"]),
        (.greatest, ["-1", "2147483648", "4294967295", "18446744073709551616"]),
      ]
      for (turn, texts) in edges {
        for edge in texts {
          add(.length, turn) {
            Mutation(
              "the number at byte \(range.lowerBound): \(edge.isEmpty ? "nothing" : edge) in place of \(text)",
              PossibleMutations.replaced(bytes, range, Array(edge.utf8)))
          }
        }
      }
    }
  }

  private mutating func addLines(_ bytes: [UInt8]) {
    let count = bytes.count
    guard bytes.last == 0x0A else { return }
    let body = Array(bytes[..<(count - (count > 1 && bytes[count - 2] == 0x0D ? 2 : 1))])
    for end in [[], [0x0D], [0x0A], [0, 0x0D, 0x0A]] as [[UInt8]] {
      add(.end, end.isEmpty ? .least : .other) {
        Mutation(end.isEmpty ? "without its line end" : "\(PossibleMutations.shown(end)) for its line end", body + end)
      }
    }
    addLong("more in its line") { body + PossibleMutations.many($0) + bytes[body.count...] }
    addLong("a line without an end") { body + PossibleMutations.many($0) }
    add(.missing, .least) { Mutation("an empty line", Array(bytes[body.count...])) }
    var lines: [Range<Int>] = []
    var start = 0
    for at in bytes.indices where bytes[at] == 0x0A {
      lines.append(start..<at + 1)
      start = at + 1
    }
    guard lines.count > 1 else { return }
    for at in places(lines.count) {
      let line = lines[at]
      add(.missing, .least) { PossibleMutations.without(line, bytes) }
      add(.repeated) { PossibleMutations.repeated(bytes, PossibleMutations.shown(Array(bytes[line])), line, 2) }
      if at > 0 { add(.reordered) { PossibleMutations.exchanged(bytes, lines[at - 1], line) } }
    }
  }

  private static func stretches(of bytes: [UInt8], _ isPart: (UInt8) -> Bool) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start: Int?
    for (at, byte) in bytes.enumerated() {
      if isPart(byte) {
        start = start ?? at
      } else if let begun = start {
        found.append(begun..<at)
        start = nil
      }
    }
    if let begun = start { found.append(begun..<bytes.count) }
    return found
  }
}
