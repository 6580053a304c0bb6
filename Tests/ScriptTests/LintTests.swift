// `sock check --strict`: every script of the repository is free of warnings, and what the exit status says.
import Glibc
import Testing

@Suite struct LintTests {
  /// Those in Tests/Scripts/errors are wrong on purpose.
  @Test func theScriptsOfTheRepositoryAreFreeOfWarnings() throws {
    let outcome = try sock("check", "--strict", "scripts", "Tests/Scripts/language", "Tests/Scripts/peers")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  /// As for `sock fmt`: libraries are included, and nothing is told twice.
  @Test func aFolderIsAllOfItsScripts() throws {
    let folder = try TemporaryFolder()
    let library = folder.file("lib")
    try #require(mkdir(library, 0o700) == 0)
    defer {
      unlink("\(library)/b.sock")
      rmdir(library)
    }
    let scripts = try ["a.sock", "lib/b.sock"].map { try folder.write($0, "let x = 1\nprint 2\n") }
    _ = try folder.write(".hidden.sock", "let x = 1\nprint 2\n")
    _ = try folder.write("c.txt", "let x = 1\nprint 2\n")
    let outcome = try sock("check", "--strict", folder.path, scripts[0])
    #expect(outcome.status == 1)
    let told = outcome.errors.split(separator: "\n").filter { $0.contains("[unused-name]") }
    #expect(told.map { String($0.prefix { $0 != ":" }) } == scripts)
    let none = try sock("check", folder.file("no"))
    #expect(none.status == 2)
    #expect(none.errors.contains("cannot read \(folder.file("no"))"))
  }

  @Test(arguments: ["README.md", "grammar/reference.md"])
  func theScriptsOfTheDocumentsAreFreeOfWarnings(document: String) throws {
    let folder = try TemporaryFolder()
    let blocks = FencedBlock.all(of: document).filter { $0.language == "sock" }
      // Part of an example, which has the rest of what it needs: `DocumentTests` holds it to that.
      .filter { !$0.text.hasPrefix("test ") }
    #expect(blocks.count > 3)
    for block in blocks {
      let outcome = try sock("check", "--strict", try folder.write("block.sock", block.text))
      #expect(outcome.errors == "", "\(document):\(block.line)")
    }
  }

  @Test func whatNewWritesIsFreeOfWarnings() throws {
    let folder = try TemporaryFolder()
    #expect(try sock("new", folder.file("first.sock")).status == 0)
    let outcome = try sock("check", "--strict", folder.file("first.sock"))
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func theStatusSaysHowBadItIs() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write("good.sock", "print 1\n")
    let odd = try folder.write("odd.sock", "let x = 1\nprint 2\n")
    let wrong = try folder.write("wrong.sock", "print x\n")
    let cases: [(words: [String], status: Int32)] = [
      ([good], 0), ([odd], 0), ([wrong], 2), (["--strict", good], 0), (["--strict", odd], 1),
      (["--strict", wrong, odd], 2), (["--strict", odd, good], 1),
    ]
    for one in cases {
      #expect(try RunningProgram.sock(["check"] + one.words).finish().status == one.status, "\(one.words)")
    }
    #expect(try sock("check", odd).errors.contains("[unused-name]"))
  }

  @Test func aRunShowsNoneOfIt() throws {
    let outcome = try sock("-", input: "let x = 1\nprint 2\nexit 0\nprint 3\n")
    #expect(outcome.errors == "")
    #expect(outcome.output == "2\n")
  }

  /// A script's own words on standard error are the first there, whatever its variables are called.
  @Test func aUsageTextStandsAlone() throws {
    let script = """
      def usage(message)
        stderr.send "usage: talk HOST\\n${message}\\n"
        exit 2
      end
      if args == []
        usage("no host")
      end
      connect args[0] 25
      while recv line as line
        send line line
      end
      """
    let outcome = try sock("-", input: script)
    #expect(outcome.errors == "usage: talk HOST\nno host\n")
    #expect(outcome.status == 2)
  }

  @Test func whatSeveralFilesImportIsToldOnce() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("shared.sock", "def f(line)\n  expect line\n  return line\nend\n")
    let users = try ["a", "b"].map { name in
      try folder.write("\(name).sock", "import \"shared.sock\" as shared\nprint shared.f(1)\n")
    }
    let outcome = try RunningProgram.sock(["check"] + users).finish()
    #expect(outcome.errors.split(separator: "\n").filter { $0.contains("warning") }.count == 1, "\(outcome.errors)")
  }

  /// Each of them is repeated.
  static let turns = [
    """
    def f%(a, b)
      let m = "x${a}" =~ /^(\\d+)-[a-z]*$/i
      if m
        return m[1]
      end
      return b
    end
    expect line /^22%[ -]/ as greeting%
    print f%(greeting%[0], 1)
    expect eof

    """,
    "connect 127.0.0.1:1 as c%\nc%.expect /\\d+/\nif args == []\n  let x% = 1\nend\n",
    "test \"%\"\n  let x = 1\n  recv 10 as text\n  assert text == \"a\"\nend\n",
  ]

  /// A long file costs no more than its length.
  @Test(arguments: turns)
  func aLongScriptIsCheckedSoon(turn: String) throws {
    let folder = try TemporaryFolder()
    let text = (0..<10_000).map { turn.replacing("%", with: "\($0)") }.joined()
    let script = try folder.write("long.sock", "print 1\n" + text)
    let outcome = try sock("check", script, within: 30)
    #expect(outcome.status == 0)
    let told = outcome.errors.split(separator: "\n").filter { $0.contains(": warning: ") }
    #expect(told.count == 51, "the first warnings, and how many more there are")
  }
}
