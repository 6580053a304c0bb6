// `sock help` and `--help`: every example that the help shows is run here, and prints what stands below it; the manual
// page is what the program makes, and man(1) reads it.

import Glibc
import SockLanguage
import SockRuntime
import Testing

/// An example and the topic that shows it, as a test's argument.
private struct ShownExample: CustomTestStringConvertible {
  let topic: String
  let example: HelpExample
  let isSuite: Bool
  var testDescription: String { topic }

  private static let ofTopics = (HelpText.topics + PredefinedName.allCases.map(\.rawValue)).flatMap { topic in
    (HelpCatalog.page(topic)?.blocks ?? []).compactMap { block in
      if case .example(let example) = block {
        ShownExample(topic: topic, example: example, isSuite: isSuite(topic))
      } else {
        nil
      }
    }
  }
  static let recipes = Recipe.all.map {
    ShownExample(topic: "recipes \($0.name)", example: $0.example, isSuite: $0.isSuite)
  }
  static let scripts = (ofTopics + recipes).filter { !$0.isSuite }
  static let suites = (ofTopics + recipes).filter(\.isSuite)

  private static func isSuite(_ topic: String) -> Bool {
    if topic == Guide.clients.rawValue || topic == Guide.mutate.rawValue { return true }
    if case .block(let help) = Keyword(rawValue: topic)?.help { return help.isSuite }
    return false
  }
}

@Suite struct HelpTests {
  /// Imports of the examples are found there.
  private static let folder = Repository.path("Tests/Scripts/help")

  // MARK: - Examples

  @Test(arguments: ShownExample.scripts)
  fileprivate func anExamplePrintsWhatIsShown(shown: ShownExample) throws {
    let outcome = try RunningProgram.sock(["-"], input: shown.example.script + "\n", cwd: Self.folder).finish()
    let expected = shown.example.prints.isEmpty ? "" : shown.example.prints + "\n"
    #expect(outcome.output == expected, "\(outcome.errors)")
    #expect(outcome.status == shown.example.status, "\(outcome.errors)")
  }

  @Test(arguments: ShownExample.suites)
  fileprivate func anExampleOfTestsPasses(shown: ShownExample) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("suite.sock", shown.example.script + "\n")
    let outcome = try sock("test", path)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(/^\d passed in/.anchorsMatchLineEndings()), "\(outcome.output)")
  }

  @Test func thereAreExamplesOfEverything() {
    let topics = Set(ShownExample.scripts.map(\.topic) + ShownExample.suites.map(\.topic))
    #expect(topics.isSuperset(of: Verb.allCases.map(\.rawValue)))
    #expect(topics.isSuperset(of: BuiltinFunction.allCases.map(\.rawValue)))
    let recipes = Recipe.all.filter(\.isSuite).map { "recipes \($0.name)" }
    #expect(ShownExample.suites.map(\.topic) == ["clients", "mutate", "setup", "test"] + recipes)
  }

  /// Who begins from a recipe begins with a script that nobody complains of.
  @Test(arguments: ShownExample.recipes)
  fileprivate func aRecipeIsShortAndInTheLayout(shown: ShownExample) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("recipe.sock", shown.example.script + "\n")
    let layout = try sock("fmt", "--diff", path)
    #expect(layout.output + layout.errors == "")
    let checked = try sock("check", "--strict", path)
    #expect(checked.errors == "")
    #expect(shown.example.script.split(separator: "\n", omittingEmptySubsequences: false).count <= 25)
  }

  // MARK: - Errors while a script runs

  private static let failures = FailureName.allCases.filter { $0.explanation.example != nil }

  @Test(arguments: failures)
  func anExampleGivesItsCodeAndItsCureNone(name: FailureName) throws {
    let example = try #require(name.explanation.example)
    let caught = "try\n\(example.causes)\ncatch caught_error\nprint \"code: ${caught_error.code}\"\nend\n"
    let failed = try RunningProgram.sock(["-"], input: caught).finish()
    let code = name == .system ? "EADDRINUSE" : name.rawValue
    #expect(failed.output.split(separator: "\n").last == "code: \(code)", "\(failed.output)\(failed.errors)")
    let cured = try RunningProgram.sock(["-"], input: example.cure + "\n").finish()
    #expect(cured.status == 0, "\(cured.errors)")
    #expect(cured.errors == "")
  }

  /// What `denied` means shows on the command line only, and what `raised` does in the script.
  @Test func onlyThreeAreWithoutAnExample() {
    #expect(FailureName.allCases.filter { $0.explanation.example == nil } == [.denied, .raised, .failed])
  }

  /// The runtime's codes are those that the help explains.
  @Test func theLimitsAreThoseOfTheRuntime() throws {
    let text = try #require(HelpText.text("limits"))
    let limits = RunLimits()
    for name in RunLimits.names { #expect(text.contains("  \(name) ")) }
    let defaults = ["(\(limits.buffer >> 20) MiB)", "(\(limits.memory))"]
      + [limits.callDepth, limits.tasks].map { "(\($0 / 1000) 000)" }
    for value in defaults { #expect(text.contains(value), "\(value)") }
  }

  // MARK: - The command

  @Test(arguments: [
    [], ["recv"], ["errors"], ["errors", "timeout"], ["split"], ["select"], ["patterns"], ["recipes"],
    ["recipes", "proxy"], ["tcp"], ["exit", "codes"],
  ])
  func helpPrintsItsPage(words: [String]) throws {
    let outcome = try RunningProgram.sock(["help"] + words).finish()
    #expect(outcome.output == HelpText.text(words.joined(separator: " ")))
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func aTopicThatIsACommandTooShowsBoth() throws {
    let both = try sock("help", "test").output
    #expect(both.hasPrefix(HelpText.text("test") ?? "no page"))
    #expect(both.hasSuffix(try sock("test", "--help").output))
    #expect(try sock("help", "completion").output == sock("completion", "--help").output)
  }

  @Test(
    arguments: [
      (["recvv"], "did you mean `sock help recv`?"),
      (["errors", "mismach"], "did you mean `sock help errors mismatch`?"),
      (["xyzzyx"], "there is no help about `xyzzyx`\n"), (["a", "b", "c"], "about `a b c`"),
      (["\u{1B}[2J"], "about `\\x1b[2J`\n"),
    ] as [([String], String)])
  func anUnknownTopic(words: [String], message: String) throws {
    let outcome = try RunningProgram.sock(["help"] + words).finish()
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func theProgramsUsageFitsOneScreen() throws {
    let lines = try sock("--help").lines
    #expect(lines.count <= 24)
    for line in lines { #expect(line.count <= 80, "\(line)") }
  }

  @Test func aCommandsUsageHasItsOptionsOnly() throws {
    let test = try sock("test", "--help")
    #expect(test.status == 0)
    for word in ["--filter", "--report", "--jobs", "--set", "which tests"] { #expect(test.output.contains(word)) }
    #expect(!test.output.contains("-e "))
    #expect(!test.output.contains("--worker"))
    #expect(!(try sock("check", "--help").output.contains("--jobs")))
    #expect(try sock("check", "--man").status == 2)
  }

  // MARK: - Where it is pointed to

  /// On a terminal, and nowhere else.
  @Test func aComplaintOnATerminalSaysWhereItIsExplained() throws {
    let terminal = try Terminal()
    try terminal.enter("clear; $SOCK -e 'prnt 1'")
    try terminal.expect("`sock help errors unknown-verb` explains the first of these", "$")
    #expect(!(try sock("-e", "prnt 1").errors.contains("sock help")))
  }

  // MARK: - The manual page

  @Test func theManualPageIsWhatTheProgramMakes() throws {
    let made = try sock("help", "--man")
    #expect(made.status == 0)
    // Written anew when UPDATE_REFERENCE is set, as the references are.
    if getenv("UPDATE_REFERENCE") != nil { #expect(Repository.write(made.stdout, to: "grammar/sock.1")) }
    let onDisk = try #require(Repository.text("grammar/sock.1"))
    #expect(made.output == onDisk, "the file is stale: UPDATE_REFERENCE=1 swift test --filter HelpTests")
  }

  @Test(
    arguments: [
      ["mandoc", "-Tlint", "-Wwarning"], ["groff", "-man", "-Tutf8", "-ww", "-z", "-K", "utf8"],
    ])
  func theManualPageIsWithoutFault(command: [String]) throws {
    let outcome = try RunningProgram(command + [Repository.path("grammar/sock.1")]).finish()
    #expect(outcome.output + outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func theManualPageReadsAsItIsMeant() throws {
    let command = ["mandoc", "-Tascii", "-O", "width=200", Repository.path("grammar/sock.1")]
    let text = try RunningProgram(["sh", "-c", "\"$@\" | col -bx", "sh"] + command).finish().output
    for word in ["--timeout-scale F", #"escapes \r \n \t"#, "'...'", #"/^(?<code>\d+) "#] {
      #expect(text.contains(word), "\(word)")
    }
  }
}
