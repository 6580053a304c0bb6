// What an editor asks of the scripts of the repository: that each name is found wherever it stands.
import SockLanguage
import SockRuntime
import Testing

@Suite struct EditingTests {
  private static let folders =
    ["scripts/examples", "scripts/conformance/smtp", "scripts/conformance/smtp/lib"]
    + Repository.names(in: "Tests/Scripts/language").map { "Tests/Scripts/language/\($0)" }

  private static let scripts: [String] = folders.flatMap { folder in
    Repository.names(in: folder, endingWith: ".sock").map { "\(folder)/\($0)" }
  }

  private func load(_ source: SourceFile) -> LoadResult {
    Loader.load(source, read: ScriptFiles.read(importing:from:))
  }

  /// Written with another name in all its places a script means the same; in all but one it does not.
  @Test(arguments: scripts)
  func aNameCanBeAnotherEverywhere(path: String) throws {
    let source = SourceFile(name: Repository.path(path), bytes: try #require(Repository.read(path)))
    let result = load(source)
    guard !result.hasErrors else { return }
    var places: [ObjectIdentifier: (name: String, ranges: [SourceRange])] = [:]
    var order: [ObjectIdentifier] = []
    for occurrence in SyntaxIndex(result.main).occurrences {
      // What is thrown away may be declared twice.
      guard case .variable(let variable) = occurrence.meaning, !variable.name.hasPrefix("_") else { continue }
      if places[ObjectIdentifier(variable)] == nil { order.append(ObjectIdentifier(variable)) }
      places[ObjectIdentifier(variable), default: (variable.name, [])].ranges.append(occurrence.range)
    }
    // Of a long script the first ones and the last.
    for variable in order.prefix(12) + order.dropFirst(12).suffix(4) {
      guard let (name, ranges) = places[variable] else { continue }
      func difference(_ ranges: [SourceRange]) -> String? {
        let text = Renaming.text(of: source, putting: "another_name", at: ranges)
        let after = load(SourceFile(name: source.name, bytes: text))
        return Renaming.difference(result.main, after, from: name, to: "another_name", hadErrors: false)
      }
      #expect(difference(ranges) == nil, "`\(name)` of \(path)")
      if ranges.count > 2 { #expect(difference(ranges.dropLast()) != nil, "`\(name)` of \(path), one left out") }
    }
  }

  @Test func aNameThatCannotBeIsToldWhy() {
    for name in ["", "1a", "a b", "é", "a-b", "a.b"] {
      #expect(Renaming.problem(with: name)?.contains("is no name") == true, "\(name)")
    }
    #expect(Renaming.problem(with: "send") == "`send` is a verb")
    #expect(Renaming.problem(with: "end") == "`end` is a word of the language")
    for name in ["a", "_a1", "line", "is", "len"] { #expect(Renaming.problem(with: name) == nil, "\(name)") }
  }
}
