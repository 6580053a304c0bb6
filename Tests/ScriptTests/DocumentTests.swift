// What the README and the reference show is so: their commands and scripts run here, and print what stands below them.
import Glibc
import Testing

/// A fenced block of a document.
struct FencedBlock: CustomTestStringConvertible {
  let document: String
  let line: Int
  let language: String
  let text: String
  /// The block of text that follows, with nothing but empty lines between; nil if there is none.
  var output: String?

  var testDescription: String { "\(document):\(line)" }

  static func all(of document: String) -> [FencedBlock] {
    var blocks: [FencedBlock] = []
    var open: (line: Int, language: String, text: String)?
    var isAdjacent = false
    let lines = (Repository.text(document) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if let block = open {
        guard line == "```" else {
          open?.text += line + "\n"
          continue
        }
        if block.language == "text", isAdjacent, !blocks.isEmpty {
          blocks[blocks.count - 1].output = block.text
        } else {
          blocks.append(FencedBlock(document: document, line: block.line, language: block.language, text: block.text))
        }
        isAdjacent = true
        open = nil
      } else if line.hasPrefix("```") {
        open = (index + 1, String(line.dropFirst(3)), "")
      } else if !line.isEmpty {
        isAdjacent = false
      }
    }
    return blocks
  }
}

@Suite struct DocumentTests {
  private static let blocks = ["README.md", "grammar/reference.md"].flatMap { FencedBlock.all(of: $0) }
  private static let scripts = blocks.filter { $0.language == "sock" && !$0.text.hasPrefix("test ") }
  private static let tests = blocks.filter { $0.language == "sock" && $0.text.hasPrefix("test ") }
  private static let commands = blocks.filter { $0.language == "console" }

  @Test func thereIsSomethingToRun() {
    #expect(Self.scripts.count >= 10 && Self.tests.count >= 1)
    #expect(Self.commands.count >= 4)
    #expect(Set(Self.blocks.map(\.language)).isSubset(of: ["sock", "console", "yaml", "text"]), "each block is run")
  }

  @Test(arguments: scripts)
  func aScriptPrintsWhatIsShown(block: FencedBlock) throws {
    let outcome = try RunningProgram.sock(["-"], input: block.text).finish()
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
    if let output = block.output { #expect(outcome.output == output) }
  }

  /// What `sock test` runs of it, and what that says, stands below it.
  @Test(arguments: tests)
  func aTestIsPartOfAnExample(block: FencedBlock) {
    let examples = Repository.names(in: "scripts/examples", endingWith: ".sock")
    #expect(examples.contains { Repository.text("scripts/examples/\($0)")?.contains(block.text) == true })
  }

  @Test(arguments: scripts)
  fileprivate func aScriptIsInTheLayout(block: FencedBlock) throws {
    let outcome = try RunningProgram.sock(["fmt", "--diff", "-"], input: block.text).finish()
    #expect(outcome.output == "")
    #expect(outcome.status == 0)
  }

  /// A line that starts with `$` is a command, what follows is what it shows.
  @Test(arguments: commands)
  func aCommandShowsWhatIsShown(block: FencedBlock) throws {
    try #require(block.text.hasPrefix("$ scripts/sock "))
    let lines = block.text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let command = "exec \(Repository.sock) \(lines[0].dropFirst("$ scripts/sock ".count)) 2>&1"
    let outcome = try RunningProgram(["sh", "-c", command]).finish()
    if lines[0].hasPrefix("$ scripts/sock test ") {
      #expect(SteadyText.ofTests(steady(outcome.output)) == SteadyText.ofTests(steady(String(lines[1]))))
    } else {
      #expect(steady(outcome.output) == steady(String(lines[1])))
    }
  }

  /// Without what changes from run to run.
  private func steady(_ text: String) -> String {
    text.replacing(/\b\d{4,5}\b/, with: "PORT").replacing(/after \d+(?:\.\d+)? ms/, with: "after N ms")
      .replacing(/at \d\d:\d\d:\d\d\.\d{3} UTC/, with: "at TIME")
      .replacing(/\b\d\.\d{3}\b/, with: "N.NNN").replacing(/\b\d+(?:\.\d+)? ms\b/, with: "N ms")
  }

  @Test func whatTheDocumentsPointToIsThere() throws {
    for document in [
      "README.md", "grammar/reference.md", "grammar/io-socket.md", "grammar/socat.md", "grammar/editors.md",
      "scripts/PACKAGES.md", "scripts/benchmarks/NOTES.md",
    ] {
      let text = try #require(Repository.text(document))
      let folder = document.split(separator: "/").dropLast().map { $0 + "/" }.joined()
      for link in text.matches(of: /\]\((?<target>[^)#]+)[^)]*\)/) where !link.target.contains("://") {
        #expect(Repository.exists(folder + link.target), "\(document) points to \(link.target)")
      }
    }
  }

  /// A look at the sources' times, and nothing else that takes a process: dpkg-query took 33 ms of each start.
  @Test(.enabled(if: getenv("SOCK_BINARY") != nil))
  func aBuiltProgramStartsAtOnce() throws {
    let outcome = try RunningProgram(
      ["strace", "-f", "-e", "trace=execve", "-e", "status=successful", Repository.path("scripts/sock"), "-e", "print 1"]
    ).finish()
    let started = outcome.errors.split(separator: "\n").compactMap { $0.firstMatch(of: /execve\("[^"]*?([^\/"]+)"/)?.1 }
    #expect(started == ["sock", "find", "sock"], "\(outcome.errors)")
  }

  /// As the README links it into a folder of PATH; and a link to the link.
  @Test(.enabled(if: getenv("SOCK_BINARY") != nil))
  func theCommandWorksThroughALink() throws {
    let folder = try TemporaryFolder()
    try #require(symlink(Repository.path("scripts/sock"), folder.file("sock")) == 0)
    try #require(symlink("sock", folder.file("again")) == 0)
    let script = try folder.write("a.sock", "#!/usr/bin/env sock\nprint scriptdir\n")
    try #require(chmod(script, 0o700) == 0)
    let path = ["PATH": "\(folder.path):/usr/bin:/bin"]
    for words in [["sock", "a.sock"], ["./again", "a.sock"], ["./a.sock"]] {
      let outcome = try RunningProgram(["env"] + words, cwd: folder.path, environment: path).finish()
      #expect(outcome.output == ".\n", "\(words): \(outcome.errors)")
    }
  }

  /// As the README copies it.
  @Test func theProgramWorksAsACopy() throws {
    let folder = try TemporaryFolder()
    let bytes = try #require(Repository.read(Repository.sock))
    try #require(Repository.write(bytes, to: folder.file("sock")) && chmod(folder.file("sock"), 0o700) == 0)
    let script = try folder.write("a.sock", "#!/usr/bin/env sock\nparam word\nprint scriptdir, word\n")
    try #require(chmod(script, 0o700) == 0)
    let path = ["PATH": "\(folder.path):/usr/bin:/bin"]
    for words in [["sock", "a.sock", "x"], ["./a.sock", "x"], ["sh", "-c", "sock - x < a.sock"]] {
      let outcome = try RunningProgram(["env"] + words, cwd: folder.path, environment: path).finish()
      #expect(outcome.output == ". x\n", "\(words): \(outcome.errors)")
    }
  }

  /// Nothing is installed before it is known that it can be built.
  @Test func withoutSwiftTheCommandSaysSoFirst() throws {
    let folder = try TemporaryFolder()
    try #require(mkdir(folder.file("scripts"), 0o700) == 0 && mkdir(folder.file("Sources"), 0o700) == 0)
    let text = try #require(Repository.text("scripts/sock"))
    let command = try folder.write("scripts/sock", text)
    _ = try folder.write("Package.swift", "")
    let outcome = try RunningProgram(["/bin/sh", command, "--version"], environment: ["PATH": folder.path]).finish()
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("sock: Swift 6.3 is needed"))
  }

  @Test(arguments: ["sock", "test", "install-packages"])
  func theCommandsCanBeExecuted(name: String) {
    #expect(access(Repository.path("scripts/\(name)"), X_OK) == 0)
  }

  /// `scripts/test` has built the release program before it runs the tests and says so with SOCK_BINARY: `scripts/sock`
  /// then finds it fresh. Without that it would build, and wait for the build that runs these tests.
  @Test(.enabled(if: getenv("SOCK_BINARY") != nil))
  func theCommandRunsTheProgramAndSaysNothingElse() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("a.sock", "print args, stdin.recv line\nexit 3\n")
    let outcome = try RunningProgram([Repository.path("scripts/sock"), script, "a b"], input: "in\n", cwd: "/").finish()
    #expect(outcome.output == "[\"a b\"] in\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 3)
  }
}
