// What is sent in place of what a script sends: one change of it, and those among which one is drawn.

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

/// What could be sent instead, by kinds: a field that has twenty edges is no likelier to be changed at its edge.
struct PossibleMutations {
  enum Kind: String, Hashable, CaseIterable { case cut, repeated, missing, reordered, length, edge, long, end }

  /// Gives nil where it would change nothing, or cannot be.
  typealias Maker = (inout SplitMix) -> Mutation?

  private var makers: [Kind: [Maker]] = [:]

  mutating func add(_ kind: Kind, _ maker: @escaping Maker) { makers[kind, default: []].append(maker) }

  /// The same of a field.
  mutating func add(_ kind: Kind, of path: [FieldSpan.Step], _ maker: @escaping Maker) {
    let group = FieldSpan.words(path.map { step in if case .element = step { .element(0) } else { step } })
    add(kind) { random in
      var mutation = maker(&random)
      mutation?.group = group
      return mutation
    }
  }

  /// So many are tried before it is taken that there is none.
  private static let tries = 40

  /// - Parameter original: what was to be sent.
  func draw(_ random: inout SplitMix, inPlaceOf original: [UInt8]) -> Mutation? {
    let kinds = Kind.allCases.filter { makers[$0] != nil }
    guard !kinds.isEmpty else { return nil }
    for _ in 0..<PossibleMutations.tries {
      guard let kind = kinds.randomElement(using: &random), let maker = makers[kind]?.randomElement(using: &random),
        var mutation = maker(&random), mutation.bytes != original
      else { continue }
      if mutation.group.isEmpty { mutation.group = kind.rawValue }
      return mutation
    }
    return nil
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
    add(.cut) { random in
      let kept = Int.random(in: 0..<count, using: &random)
      return Mutation("the first \(kept) of \(count) bytes", Array(bytes[..<kept]))
    }
    add(.repeated) { random in
      let times = [2, 100].randomElement(using: &random) ?? 2
      return PossibleMutations.repeated(bytes, "all of it", 0..<count, times)
    }
    add(.repeated) { random in
      let start = Int.random(in: 0..<count, using: &random)
      let end = Int.random(in: start + 1...count, using: &random)
      return PossibleMutations.repeated(bytes, "bytes \(start) to \(end - 1)", start..<end, 2)
    }
    add(.edge) { random in
      let at = Int.random(in: 0..<count, using: &random)
      let edges: [UInt8] = [0, 0x7F, 0x80, 0xFF, bytes[at] &+ 1, bytes[at] ^ 0x20]
      guard let byte = edges.randomElement(using: &random) else { return nil }
      var changed = bytes
      changed[at] = byte
      let old = PossibleMutations.shown([bytes[at]])
      return Mutation("byte \(at): \(PossibleMutations.shown([byte])) in place of \(old)", changed)
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
    add(.long) { random in
      guard let word = words.randomElement(using: &random),
        let count = PossibleMutations.lengths.randomElement(using: &random)
      else { return nil }
      let what = "the word at byte \(word.lowerBound)"
      return PossibleMutations.long(what, count) { PossibleMutations.replaced(bytes, word, PossibleMutations.many($0)) }
    }
    add(.edge) { random in
      guard let word = words.randomElement(using: &random) else { return nil }
      let pieces: [[UInt8]] = [[0], [0xFF, 0xFE], Array("%s%n%s%n".utf8), Array("-1".utf8)]
      guard let piece = pieces.randomElement(using: &random) else { return nil }
      return Mutation(
        "the word at byte \(word.lowerBound): \(PossibleMutations.shown(piece)) in place of "
          + PossibleMutations.shown(Array(bytes[word])), PossibleMutations.replaced(bytes, word, piece))
    }
    add(.edge) { random in
      guard let word = words.randomElement(using: &random) else { return nil }
      let at = Int.random(in: word.lowerBound...word.upperBound, using: &random)
      return Mutation("a NUL before byte \(at)", PossibleMutations.replaced(bytes, at..<at, [0]))
    }
    guard words.count > 1 else { return }
    add(.missing) { random in
      guard let word = words.randomElement(using: &random) else { return nil }
      return PossibleMutations.without(word, bytes)
    }
    add(.reordered) { random in
      let at = Int.random(in: 1..<words.count, using: &random)
      return PossibleMutations.exchanged(bytes, words[at - 1], words[at])
    }
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
    for range in numbers {
      let text = String(decoding: bytes[range], as: UTF8.self)
      guard let number = Int(text) else { continue }
      add(.length) { random in
        var edges = [
          "\(number + 1)", "\(max(0, number - 1))", "0", "-1", "2147483648", "4294967295", "18446744073709551616", "",
        ]
        edges.removeAll { $0 == text }
        guard let edge = edges.randomElement(using: &random) else { return nil }
        return Mutation(
          "the number at byte \(range.lowerBound): \(edge.isEmpty ? "nothing" : edge) in place of \(text)",
          PossibleMutations.replaced(bytes, range, Array(edge.utf8)))
      }
    }
  }

  private mutating func addLines(_ bytes: [UInt8]) {
    let count = bytes.count
    guard bytes.last == 0x0A else { return }
    let body = Array(bytes[..<(count - (count > 1 && bytes[count - 2] == 0x0D ? 2 : 1))])
    add(.end) { random in
      let ends: [[UInt8]] = [[], [0x0D], [0x0A], [0, 0x0D, 0x0A]]
      guard let end = ends.randomElement(using: &random) else { return nil }
      return Mutation(
        end.isEmpty ? "without its line end" : "\(PossibleMutations.shown(end)) for its line end", body + end)
    }
    add(.long) { random in
      guard let more = PossibleMutations.lengths.randomElement(using: &random) else { return nil }
      return PossibleMutations.long("more in its line", more) {
        body + PossibleMutations.many($0) + bytes[body.count...]
      }
    }
    add(.long) { random in
      guard let more = PossibleMutations.lengths.randomElement(using: &random) else { return nil }
      return PossibleMutations.long("a line without an end", more) { body + PossibleMutations.many($0) }
    }
    add(.missing) { _ in Mutation("an empty line", Array(bytes[body.count...])) }
    var lines: [Range<Int>] = []
    var start = 0
    for at in bytes.indices where bytes[at] == 0x0A {
      lines.append(start..<at + 1)
      start = at + 1
    }
    guard lines.count > 1 else { return }
    add(.missing) { random in
      guard let line = lines.randomElement(using: &random) else { return nil }
      return PossibleMutations.without(line, bytes)
    }
    add(.repeated) { random in
      guard let line = lines.randomElement(using: &random) else { return nil }
      return PossibleMutations.repeated(bytes, PossibleMutations.shown(Array(bytes[line])), line, 2)
    }
    add(.reordered) { random in
      let at = Int.random(in: 1..<lines.count, using: &random)
      return PossibleMutations.exchanged(bytes, lines[at - 1], lines[at])
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
