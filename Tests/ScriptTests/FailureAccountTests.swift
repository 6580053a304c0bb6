// What is said of a failure: each script of Tests/Scripts/failures fails against a server with one fault, and beside it
// stands the account that a log of it shows.
//
// `# options: WORDS` at a script's head goes to `sock test`; times, ports and the like are shown without their values.
import Glibc
import Testing

@Suite struct FailureAccountTests {
  private static let folder = "Tests/Scripts/failures"

  static let scripts = Repository.names(in: folder, endingWith: ".sock")

  /// With `SOCK_UPDATE=1` the accounts are written anew instead of compared.
  private static let updates = getenv("SOCK_UPDATE").map { String(cString: $0) } == "1"

  @Test(arguments: scripts)
  func explains(script: String) throws {
    let source = try #require(Repository.text("\(Self.folder)/\(script)"))
    let scratch = try TemporaryFolder()
    var options = source.split(separator: "\n").first { $0.hasPrefix("# options: ") }
      .map { $0.dropFirst("# options: ".count).split(separator: " ").map(String.init) } ?? []
    if source.contains("\nparam folder") { options += ["--set", "folder=\(scratch.path)"] }
    let outcome = try RunningProgram.sock(
      ["test", "--color", "never"] + options + [script], cwd: Repository.path(Self.folder),
      environment: ["PASSWORD": "hunter2-Tr0ub4dor"]
    ).finish()
    let golden = "\(Self.folder)/\(script.dropLast(".sock".count)).txt"
    let told = SteadyText.ofTests(outcome.output)
    if Self.updates {
      #expect(Repository.write(Array(told.utf8), to: golden))
      return
    }
    let expected = try #require(Repository.read(golden), "there is no \(golden); SOCK_UPDATE=1 writes it")
    #expect(told == String(decoding: expected, as: UTF8.self))
    #expect(!outcome.output.contains("hunter2"))
  }

  /// The first line of an account has to suffice: it is what JUnit, annotations and pages show of a failure.
  @Test func firstLinesFit() throws {
    for script in Self.scripts {
      let account = try #require(Repository.text("\(Self.folder)/\(script.dropLast(".sock".count)).txt"))
      let lines = account.split(separator: "\n")
      guard lines.count > 1, let first = lines.dropFirst().first else { continue }
      #expect(first.count <= 160, "\(script): \(first)")
    }
  }

  @Test func eachAccountHasItsScript() {
    for golden in Repository.names(in: Self.folder, endingWith: ".txt") {
      #expect(Self.scripts.contains(golden.dropLast(".txt".count) + ".sock"), "\(golden) belongs to no script")
    }
  }
}
