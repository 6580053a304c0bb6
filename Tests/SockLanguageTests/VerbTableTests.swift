// The laws of the verb table.

import Testing

@testable import SockLanguage

@Suite struct VerbTableTests {
  @Test func aVerbsNumberIsItsPlace() {
    #expect(Verb.allCases.map(\.number) == Array(0..<Verb.allCases.count))
  }

  @Test func everyVerbHasItsRow() {
    #expect(VerbTable.rows.map(\.verb) == Verb.allCases)
    for verb in Verb.allCases { #expect(VerbTable[verb].verb == verb) }
  }

  @Test(arguments: Verb.allCases) func exampleParses(_ verb: Verb) throws {
    let parsed = parse(VerbTable[verb].example)
    #expect(complaints(parsed) == [])
    let statement = try #require(parsed.body.statements.first)
    let step: Step? =
      switch statement.kind {
      case .expression(.step(let step)), .declare(_, .step(let step)): step
      default: nil
      }
    #expect(step?.verb == verb)
  }

  /// What a row says in one place agrees with what it says in another.
  @Test(arguments: Verb.allCases) func meaningIsConsistent(_ verb: Verb) {
    let row = VerbTable[verb]
    // `interact` speaks for a person and `relay` for two peers: neither is a case of a `select`, and both give how it
    // ended.
    if verb == .interact || verb == .relay { return }
    #expect(row.effect.contains(.sets) == (row.gives == .setting || row.gives == .value))
    if row.effect.contains(.reads) { #expect(row.waiting == .selectable(.data)) }
    if case .selectable(.client) = row.waiting { #expect(row.gives == .channel) }
    if row.effect.contains(.leaves) { #expect(row.gives == .nothing && row.waiting == .never) }
    if !row.effect.isDisjoint(with: [.reads, .writes, .ends]) { #expect(row.receiver != .none) }
  }

  @Test(arguments: Verb.allCases) func wordsOfARowAreDistinct(_ verb: Verb) {
    let words = VerbTable[verb].options.flatMap { $0 }.map(\.word)
    #expect(Set(words).count == words.count)
  }

  @Test(arguments: Verb.allCases) func needsAreOptionsOfTheSameRow(_ verb: Verb) {
    let row = VerbTable[verb]
    for option in row.options.flatMap({ $0 }) {
      for need in option.needs { #expect(row.option(need) != nil) }
    }
  }

  @Test func everyOptionWordIsUsed() {
    var used: Set<OptionWord> = []
    for option in VerbTable.rows.flatMap({ $0.options }).flatMap({ $0 }) {
      used.insert(option.word)
      if case .oneOf(let words) = option.argument { used.formUnion(words) }
    }
    #expect(used == Set(OptionWord.allCases))
  }

  @Test func optionWordsAreNotReserved() {
    let words = Set(OptionWord.allCases.map(\.rawValue))
    #expect(words.isDisjoint(with: Keyword.allCases.map(\.rawValue)))
    // `expect reset` and `expect exit` are orderly exceptions: the verb cannot stand there.
    #expect(words.intersection(Verb.allCases.map(\.rawValue)) == ["exit", "reset"])
  }

  @Test func verbsAreNoKeywords() {
    #expect(Set(Verb.allCases.map(\.rawValue)).isDisjoint(with: Keyword.allCases.map(\.rawValue)))
  }

  @Test(arguments: VerbTable.rows.map(\.verb)) func textsAreOneLine(_ verb: Verb) {
    let row = VerbTable[verb]
    for text in [row.summary, row.example] + row.options.flatMap({ $0 }).map(\.summary) {
      #expect(!text.isEmpty && !text.contains("\n") && !text.hasSuffix("."))
    }
  }
}
