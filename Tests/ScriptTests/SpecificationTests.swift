// The specification by example: each script of Tests/Scripts/language says in comments what it prints and how it fails.
import Testing

/// What the comments of a script say must happen.
private struct Expectation {
  var output = ""
  /// The line, the code and a part of the message of the failure that ends the script.
  var failure: (line: Int, code: String, message: String)?

  init(_ script: String) {
    // A CRLF is one Character, which a split at "\n" passes over.
    for (index, line) in script.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      if let text = Self.comment("# prints:", in: line) { output += text + "\n" }
      if let text = Self.comment("# fails:", in: line) {
        let parts = text.split(separator: " ", maxSplits: 1)
        failure = (index + 1, String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
      }
    }
  }

  /// What stands behind a mark, but for the one space after it.
  private static func comment(_ mark: String, in line: Substring) -> String? {
    guard let place = line.firstRange(of: mark) else { return nil }
    let rest = line[place.upperBound...]
    return String(rest.first == " " ? rest.dropFirst() : rest)
  }
}

@Suite struct SpecificationTests {
  private static let folder = "Tests/Scripts/language"

  static let scripts: [String] = Repository.names(in: folder).flatMap { feature in
    Repository.names(in: "\(folder)/\(feature)", endingWith: ".sock").map { "\(feature)/\($0)" }
  }

  /// The machine has two loops, which do the same wherever both can do it: each script runs with both, and with the one
  /// for all values alone.
  @Test(arguments: scripts, [[], ["--no-scalar-loop"]])
  func holds(script: String, options: [String]) throws {
    let parts = script.split(separator: "/").map(String.init)
    let (cwd, name) = (Repository.path("\(Self.folder)/\(parts[0])"), parts[1])
    let source = try #require(Repository.text("\(Self.folder)/\(script)"))
    let expected = Expectation(source)
    let outcome = try RunningProgram.sock(options + [name], cwd: cwd).finish()
    #expect(outcome.output == expected.output, "standard output; standard error was: \(outcome.errors)")
    guard let failure = expected.failure else {
      #expect(outcome.status == 0, "\(outcome.errors)")
      return
    }
    #expect(outcome.status == 1, "\(outcome.errors)")
    let heading = outcome.errors.split(separator: "\n").first { $0.hasPrefix("\(name):\(failure.line):") }
    #expect(heading != nil, "no failure of line \(failure.line) in: \(outcome.errors)")
    if !failure.message.isEmpty { #expect(outcome.errors.contains(failure.message)) }
    if options.isEmpty, let code = try caughtCode(source, cwd: cwd) { #expect(code == failure.code) }
  }

  /// The `.code` that a `catch` around the whole script sees; nil where none can see it: in a task of its own, or with
  /// `fail` and its like.
  private func caughtCode(_ source: String, cwd: String) throws -> String? {
    let mark = "caught by the runner: "
    let wrapped = "try; \(source)\ncatch caught_by_the_runner\n  print \"\(mark)${caught_by_the_runner.code}\"\nend\n"
    let outcome = try sock("-", input: wrapped, cwd: cwd)
    guard outcome.status == 0, let line = outcome.lines.last, line.hasPrefix(mark) else { return nil }
    return String(line.dropFirst(mark.count))
  }
}
