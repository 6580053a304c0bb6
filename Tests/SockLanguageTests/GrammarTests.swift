// grammar/sock.ebnf says what the code says: the same words, the same marks, the verb table's section as printed.

import Glibc
import Testing

@testable import SockLanguage

@Suite struct GrammarTests {
  static let text: String = String(decoding: RepositoryFiles.read("grammar/sock.ebnf") ?? [], as: UTF8.self)

  /// Written anew when UPDATE_REFERENCE is set.
  @Test func theSectionOnStepsIsTheVerbTables() throws {
    let rule = "(* ---- *)\n"
    let parts = Self.text.split(separator: rule, omittingEmptySubsequences: false)
    try #require(parts.count == 3, "the section stands between two rules")
    if getenv("UPDATE_REFERENCE") != nil {
      let text = "\(parts[0])\(rule)\(VerbTable.grammarSection)\(rule)\(parts[2])"
      try RepositoryFiles.write(text, to: "grammar/sock.ebnf")
    } else {
      #expect(
        String(parts[1]) == VerbTable.grammarSection,
        "the section is stale: UPDATE_REFERENCE=1 swift test --filter GrammarTests")
    }
  }

  @Test func theGrammarHasTheWordsOfTheCode() {
    let words = Set(Self.terminals().filter { $0.allSatisfy { $0.isLetter || $0.isNumber } })
    let known =
      Keyword.allCases.map(\.rawValue) + Verb.allCases.map(\.rawValue) + OptionWord.allCases.map(\.rawValue)
      + ContextWord.allCases.map(\.rawValue)
    #expect(words == Set(known))
  }

  @Test func theGrammarHasTheMarksOfTheCode() {
    let marks = Set(Self.terminals().filter { !$0.contains { $0.isLetter || $0.isNumber } })
    #expect(marks == Set(Mark.allCases.map(\.rawValue)))
  }

  @Test func theGrammarListsTheReservedWords() throws {
    let list = try #require(
      Self.text.split(separator: "WORD ?but none of ").last?.split(separator: ", and no verb?").first)
    let words = list.split { $0 == " " || $0 == "\n" }.map(String.init)
    #expect(words.sorted() == Keyword.allCases.map(\.rawValue).sorted())
  }

  @Test func theGrammarHasTheUnitsOfTheCode() throws {
    let production = try #require(Self.text.split(separator: "\n").first { $0.hasPrefix("UNIT ") })
    #expect(Self.quoted(in: String(production)) == NumberLiteral.units)
  }

  @Test func theGrammarFitsTwoPages() {
    let lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 165)
    for line in lines where line.count > 120 { Issue.record("a line of \(line.count) columns: \(line)") }
  }

  @Test func everyProductionThatIsUsedIsThere() {
    let plain = Self.withoutComments(Self.text)
    var defined: Set<String> = ["LETTER", "DIGIT", "HEXDIGIT", "BIT"]
    var used: Set<String> = []
    var bare = ""
    var inside: Character?
    for character in plain {
      if let end = inside {
        if character == end { inside = nil }
      } else if character == "'" || character == "\"" || character == "?" {
        inside = character
        bare.append(" ")
      } else {
        bare.append(character)
      }
    }
    for production in bare.split(separator: ";") {
      let sides = production.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      defined.formUnion(Self.words(String(sides[0])))
      used.formUnion(Self.words(String(sides[1])))
    }
    #expect(used.subtracting(defined) == [])
    #expect(defined.subtracting(used).isSubset(of: ["file", "COMMENT"]))
  }

  // MARK: - Reading the grammar

  /// The quoted words and marks of the part before the literals.
  private static func terminals() -> [String] {
    let heading = "(* Words and literals *)"
    let parts = text.split(separator: heading, omittingEmptySubsequences: false)
    return quoted(in: withoutComments(String(parts[0])))
  }

  private static func withoutComments(_ text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while let open = rest.firstRange(of: "(*") {
      result += rest[..<open.lowerBound]
      guard let close = rest[open.upperBound...].firstRange(of: "*)") else { return result }
      rest = rest[close.upperBound...]
    }
    return result + rest
  }

  private static func quoted(in text: String) -> [String] {
    var words: [String] = []
    var word: String?
    for character in text {
      if character == "'" {
        if let ended = word { words.append(ended) }
        word = word == nil ? "" : nil
      } else {
        word?.append(character)
      }
    }
    return words
  }

  private static func words(_ text: String) -> [String] {
    text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
  }
}
