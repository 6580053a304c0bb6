// The command line: what runs, with which settings, and what the exit status says.
import Glibc
import Testing

@Suite struct CommandLineTests {
  // MARK: - What runs

  @Test func aSeedDrawsTheSame() throws {
    let script = "print random(1_000_000), uuid(), hex(random_bytes(20))"
    let first = try sock("--seed", "7", "-e", script).output
    #expect(try sock("run", "--seed", "7", "-e", script).output == first)
    #expect(try sock("--seed", "8", "-e", script).output != first)
    #expect(try sock("-e", script).output != sock("-e", script).output)
    let failed = try sock("--seed", "7", "-e", "print random(5); fail \"no\"")
    #expect(failed.errors.contains("`--seed 7` draws the same numbers"))
    #expect(!(try sock("--seed", "7", "-e", "fail \"no\"").errors.contains("--seed")))
    #expect(try sock("--seed", "x", "-e", script).status == 2)
  }

  @Test func statementsOfTheCommandLine() throws {
    let outcome = try sock("-e", "let a = 6; print a * 7; print args", "one", "--two")
    #expect(outcome.output == "42\n[\"one\", \"--two\"]\n")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [["-"], ["run", "-"]])
  func standardInput(arguments: [String]) throws {
    let outcome = try RunningProgram.sock(arguments + ["x"], input: "print args[0]\nprint 7").finish()
    #expect(outcome.output == "x\n7\n")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [[], ["run"]])
  func aFileWithItsArguments(words: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.sock", "print args\nprint env(\"COLOUR\")\n")
    let outcome = try RunningProgram.sock(words + [path, "-e", "--help"], environment: ["COLOUR": "red"]).finish()
    #expect(outcome.output == "[\"-e\", \"--help\"]\nred\n")
    #expect(outcome.status == 0)
  }

  /// A command that is told can be copied as it stands, also where a name has blanks.
  @Test func aCommandThatIsToldRuns() throws {
    let folder = try TemporaryFolder()
    for (words, marker) in [(["new", "a first suite.sock"], "run it with "), (["run", "a first suite.sock"], "run them with ")] {
      let outcome = try RunningProgram.sock(words, cwd: folder.path).finish()
      let told = try #require((outcome.output + outcome.errors).split(separator: marker).last?.split(separator: "`").first)
      #expect(told == "sock test 'a first suite.sock'")
      let command = "\(Repository.sock) \(told.dropFirst("sock ".count))"
      #expect(try RunningProgram(["sh", "-c", command], cwd: folder.path).finish().status == 0)
    }
  }

  @Test(arguments: ["--deny", "--allow=read=.", "--secret", "--secret=a=env:HOME"])
  func aRuleBehindTheScript(word: String) throws {
    func sock(_ words: [String]) throws -> Outcome { try RunningProgram.sock(words).finish() }
    let folder = try TemporaryFolder()
    let path = try folder.write("a.sock", "print args\n")
    for words in [[path, word, "run"], ["run", path, "a", word, "run", "--"], ["-e", "print args", "a", word]] {
      let outcome = try sock(words)
      #expect(outcome.status == 2 && outcome.output == "")
      #expect(outcome.errors.contains(" stands behind ") && outcome.errors.contains("write `sock --"), "\(outcome.errors)")
    }
    #expect(try sock([path, "--", word, "run"]).lines == ["[\"--\", \"\(word)\", \"run\"]"])
    #expect(try sock(["--", path, word, "run"]).lines == ["[\"\(word)\", \"run\"]"])
    #expect(try sock([path, "-" + word, "run"]).status == 0)
  }

  @Test func aScriptThatIsACommand() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("command", "#!/usr/bin/env sock\nprint \"arguments: ${join(args, \" \")}\"\n")
    try #require(chmod(path, 0o700) == 0)
    try #require(symlink(Repository.sock, folder.file("sock")) == 0)
    let search = "\(folder.path):/usr/bin:/bin"
    let outcome = try RunningProgram([path, "a", "b"], environment: ["PATH": search]).finish()
    #expect(outcome.output == "arguments: a b\n", "\(outcome.errors)")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [
    (":Packet", "; in `:Packet` the file is missing\n"), ("a.sock", "; in `a.sock` the name is missing\n"),
    ("", " FILE|HEX\n"), ("Tests/Fuzz/every-type.sock:", "is missing behind `Tests/Fuzz/every-type.sock:`: there are Behind, "),
    ("nowhere.sock:A", "sock: cannot read nowhere.sock: No such file or directory\n"),
  ])
  func whatIsToBeDecodedIsNamed(message: String, problem: String) throws {
    let outcome = try RunningProgram.sock(["decode", message, "01"]).finish()
    #expect(outcome.status == 2 && outcome.output == "")
    #expect(outcome.errors.contains(problem), "\(outcome.errors)")
  }

  /// The fields may touch the word, as they may touch a message's name; the canonical layout has a blank there.
  @Test func fieldsTouchTheWordBeforeThem() throws {
    let folder = try TemporaryFolder()
    let text = "message Event\n  kind u8\nend\nlet [a, b] = socketpair dgram\na.send Event{kind: 1}\n"
      + "a.send Event{kind: 2}\nb.expect message Event{kind: 2} skipping{kind: 1} as event\nprint event.kind\n"
    let path = try folder.write("touching.sock", text)
    #expect(try RunningProgram.sock([path]).finish().output == "2\n")
    #expect(try RunningProgram.sock(["fmt", path]).finish().status == 0)
    #expect(Repository.read(path).map { String(decoding: $0, as: UTF8.self) }?.contains("skipping {kind: 1}") ?? false)
  }

  @Test func versionAndHelp() throws {
    let version = try sock("--version")
    let first = /sock \d+\.\d+\.\d+( \(commit [0-9a-f]{7,}(-changed)?\))?\n/
    let rest = /with PCRE2 \d+\.\d+ and readline \d+\.\d+; of this machine OpenSSL 3\.\S+\n(the kernel holds .+\n)?/
    let firstMatch = try #require(version.output.prefixMatch(of: first), "\(version.output)")
    #expect(version.output[firstMatch.range.upperBound...].wholeMatch(of: rest) != nil, "\(version.output)")
    #expect(version.status == 0)
    let help = try sock("--help")
    for word in ["-e", "--set", "--secret, --deny, --allow", "--timeout-scale", "--limit", "check", "exit status"] {
      #expect(help.output.contains(word))
    }
    #expect(help.lines.count <= 24, "one screen")
    #expect(try sock("help", "deny").output == sock("help", "permissions").output)
    #expect(try sock("help", "secret").output.contains("param [secret] NAME"))
    #expect(help.status == 0)
    #expect(help.errors == "")
  }

  // MARK: - Exit status

  @Test(
    arguments: [
      ("print 1", 0), ("exit", 0), ("exit 5", 5), ("assert false", 1), ("fail \"no\"", 1), ("skip \"no\"", 0),
      ("inconclusive \"no\"", 1), ("prnt 1", 2), ("let", 2), ("connect 127.0.0.1:1 within 0s", 1),
      ("defer exit 3; exit 4", 4),
    ] as [(String, Int32)])
  func exitStatus(statements: String, status: Int32) throws {
    let outcome = try sock("-e", statements)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect((outcome.errors == "") == (status == 0 && !statements.hasPrefix("skip") || statements.contains("exit")))
  }

  @Test(
    arguments: [
      ([], "nothing to run"), (["--bogus"], "no option --bogus"), (["hlep"], "did you mean `sock help`?"),
      (["no-such-file.sock"], "cannot read no-such-file.sock"),
      (["-e"], "-e needs a value"), (["--set", "x", "-e", "print 1"], "write --set NAME=VALUE"),
      (["--secret", "tok:hunter2", "-e", "print 1"], "sock: --secret: write --secret NAME=SOURCE"),
      (["--timeout-scale", "x", "-e", "print 1"], "from 0.001 to 1000000"),
      (["--timeout-scale", "0", "-e", "print 1"], "from 0.001 to 1000000"),
      (["--deny", "read=env:*", "-e", "print 1"], "or env:NAME"), (["--deny", "read=env", "-e", "print 1"], "or env:NAME"),
      (["--limit", "bufer=1", "-e", "print 1"], "did you mean buffer? The limits are"),
      (["--limit", "foo=1", "-e", "print 1"], "there is no limit foo. The limits are call-depth"),
      // Neither `-e`, which `test` has not, nor what is only for sock itself.
      (["test", "-v"], "no option -v: each test is named"), (["-v"], "did you mean --version?"),
      (["--worke"], "no option --worke\n"),
      (["run"], "nothing to run"), (["/"], "cannot read /"),
    ] as [([String], String)])
  func aCommandLineThatIsWrong(arguments: [String], message: String) throws {
    let outcome = try RunningProgram.sock(arguments).finish()
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.output == "")
  }

  // MARK: - Arguments that nobody reads

  @Test(
    arguments: [
      (["--set", "port=80"], "SCRIPT has no option --set: sock has; write `sock --set … SCRIPT`"),
      (["--set=port=80"], "write `sock --set … SCRIPT`"), (["--port", "80"], "write `sock --set port=VALUE SCRIPT`"),
      (["--port=80"], "write `sock --set port=80 SCRIPT`"),
      (["--api-key=x"], "write `sock --secret api_key=env:API_KEY SCRIPT`"),
      (["1", "b", "c"], "SCRIPT takes at most 1 argument, one is too many"), (["-x"], "behind `--` it is an argument"),
    ] as [([String], String)])
  func anArgumentThatIsNotRead(words: [String], message: String) throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("a.sock", "param port = 25\nparam secret api_key = \"\"\nprint port, len(api_key)\n")
    let outcome = try RunningProgram.sock([script] + words).finish()
    #expect(outcome.status == 2 && outcome.output == "")
    #expect(outcome.errors.contains(message.replacing("SCRIPT", with: script)), "\(outcome.errors)")
    let reader = try folder.write("b.sock", "param port = 25\nprint len(args)\n")
    #expect(try RunningProgram.sock([reader] + words).finish().output == "\(words.count)\n")
  }

  @Test func bytesAreShownAsFieldsOfProtobuf() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "person.sock",
      """
      message Phone
        number protobuf 1 text
        kinds protobuf 3 packed varint
      end
      message Person
        name protobuf 1 text
        phones protobuf 4 repeated Phone
      end
      """)
    let shown = try sock("decode", "\(file):Person", "0a03416461 22090a01781a0401029601 2200 4805")
    #expect(
      shown.output == """
        offset   size  field
             0     20  Person
             0      5    name: "Ada"
             5     11    phones[0]: Phone
             7      3      number: "x"
            10      6      kinds[0]: 3 elements
            16      2    phones[1]: Phone
            18      2    unknown[0] (number 9, wire type 0): 5

        """)
    let wrong = try sock("decode", "\(file):Person", "0a03416461 22030a05")
    #expect(wrong.output.hasSuffix("     0         Person\n     0      5    name: \"Ada\"\n"), "\(wrong.output)")
    #expect(wrong.errors == "sock: Person.phones[0]: needs 3 bytes, and 2 are there, at byte 7\n")
  }

  /// The first of many plain numbers are rows, and one row stands for the others; messages are all shown.
  @Test func aLongListOfNumbersIsFolded() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "numbers.sock", "message Numbers\n  n u8\n  values list of u16 rest\nend\n"
        + "message Pair\n  a, b u8\nend\nmessage Pairs\n  n u8\n  pairs list of Pair rest\nend\n")
    let data = try folder.write("data", String(repeating: "\u{1}", count: 10_001))
    let shown = try sock("decode", "\(file):Numbers", data)
    #expect(shown.lines.count == 4 + 1000 + 1, "\(shown.errors)")
    #expect(Array(shown.lines[2...4]) == [
      "     0      1    n: 1", "     1  10000    values: 5000 elements", "     1      2      [0]: 257",
    ])
    #expect(Array(shown.lines.suffix(2)) == ["  1999      2      [999]: 257", "  2001   8000      … 4000 more"])
    let pairs = try sock("decode", "\(file):Pairs", data)
    #expect(pairs.lines.count == 4 + 3 * 5000)
    #expect(pairs.lines.last == " 10000      1        b: 1")
  }

  /// What is decoded may be larger than a script.
  @Test func aLargeFileIsDecoded() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("blob.sock", "message Blob\n  body rest\nend\n")
    let data = try folder.write("data", "abc")
    try #require(truncate(data, 65 << 20) == 0)
    let shown = try sock("decode", "\(file):Blob", data)
    #expect(shown.status == 0)
    #expect(shown.lines.last?.hasPrefix("     0 68157440    body: \"abc\\0\\0") ?? false, "\(shown.lines)")
    #expect(shown.lines.last?.hasSuffix("…") ?? false)
    try #require(truncate(data, 1 << 30 + 1) == 0)
    let larger = try sock("decode", "\(file):Blob", data)
    #expect(larger.status == 2 && larger.output == "")
    #expect(larger.errors == "sock: cannot read \(data): larger than 1024 MiB, the most that a string holds\n")
    #expect(try sock("decode", "\(file):Blob", folder.path).errors.hasSuffix(": Is a directory\n"))
    #expect(try sock("decode", "\(file):Blob", "nowhere").errors.contains("is no file, and no hexadecimal digits"))
  }

  @Test func statementsWithoutQuotes() throws {
    let outcome = try sock("-e", "print", "1")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("put all of them between quotes"), "\(outcome.errors)")
  }

  @Test func whatAnImportedFileReads() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("words.sock", "def first()\n  return args[0]\nend\n")
    let script = try folder.write("a.sock", "import \"words.sock\" as words\nprint words.first()\n")
    #expect(try sock(script, "x").output == "x\n")
  }

  @Test func aSettingAsAnOption() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("a.sock", "param port = 25\nprint port\n")
    for words in [["--port", "80", script], ["--port=80", script], ["test", "--port", "80", script]] {
      let outcome = try RunningProgram.sock(words).finish()
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("the `param` of \(script) is given as `--set port=80`"), "\(outcome.errors)")
    }
    #expect(try sock("--prot", "80", script).errors.contains("there is no option --prot"))
  }

  /// A path is relative to the folder where `sock` runs.
  @Test func aFileBesideTheScript() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("cases.json", "[]")
    for (text, name) in [("print readfile(\"cases.json\")", "cases.json"), ("run \"./cases.json\"", "cases.json")] {
      let outcome = try sock(try folder.write("a.sock", text + "\n"))
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("help: it is beside the script: write `\"${scriptdir}/\(name)\"`"), "\(outcome.errors)")
    }
    let none = try sock(try folder.write("b.sock", "print readfile(\"nothing.json\")\n"))
    #expect(none.errors.contains("ENOENT") && !none.errors.contains("beside"), "\(none.errors)")
  }

  // MARK: - check

  @Test func checkRunsNothingAndShowsAllErrors() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write("good.sock", "print \"it ran\"\n")
    let bad = try folder.write("bad.sock", "prnt 1\nlet x = \nprint undeclared\n")
    let passed = try sock("check", good)
    #expect(passed.status == 0)
    #expect(passed.output == "")
    #expect(passed.errors == "")
    let failed = try sock("check", bad, good)
    #expect(failed.status == 2)
    for place in ["bad.sock:1:1:", "bad.sock:2:", "bad.sock:3:7:"] { #expect(failed.errors.contains(place)) }
    #expect(!failed.output.contains("it ran"))
  }

  // MARK: - Settings

  @Test(
    arguments: [
      ("param x = 1; print x + 1", "41", "42\n"), ("param x = \"a\"; print x", "b=c", "b=c\n"),
      ("param x = 1.5; print x * 2", "2.5", "5\n"), ("param x = false; print not x", "true", "false\n"),
      ("param x = [1]; print x", "a,b", "[\"a\", \"b\"]\n"),
      // A number is read as the script would read it; its default tells whether it is a duration or a size.
      ("param x = 1; print x", "0x10", "16\n"), ("param x = 1; print x", "-8KiB", "-8192\n"),
      ("param x = 4KiB; print x", "8KiB", "8192\n"), ("param x = 4KiB; print x", "0x10", "16\n"),
      ("param x = 4KiB; print x", "100", "100\n"), ("param x = 1.5KiB; print x", "2.5KiB", "2560\n"),
      ("param x = 5s; print x", "1500ms", "1.5\n"), ("param x = 5s; print x", "2m", "120\n"),
      ("param x = 5s; print x", "2.5", "2.5\n"), ("param x = 5s; print x", "3", "3\n"),
      ("param x = 0ms; print x", "300ms", "0.3\n"), ("param x = 5s; print x / 4", "1s", "0.25\n"),
      ("param x = -1.5h; print x", "-1s", "-1\n"), ("param x = 0.5; print x", "200ms", "0.2\n"),
      ("param x = 0.5; print x", "1e3", "1000\n"),
    ])
  func aSettingHasTheTypeOfItsDefault(script: String, value: String, output: String) throws {
    let outcome = try sock("--set", "x=\(value)", "-e", script)
    #expect(outcome.output == output, "\(outcome.errors)")
    #expect(outcome.status == 0)
  }

  @Test func theLastSettingHolds() throws {
    #expect(try sock("--set", "x=1", "--set=x=2", "-e", "param x = 0; print x").output == "2\n")
  }

  @Test(
    arguments: [
      ("x=1", "param y = 1", "no `param x`"), ("x=a", "param x = 1", "is not an integer"),
      ("x=2.5", "param x = 1", "is not an integer"), ("x=5s", "param x = 0x1F", "is not an integer"),
      ("x=8KiB", "param x = 5s", "is not a duration"), ("x=5 s", "param x = 5s", "is not a duration"),
      ("x=s", "param x = 5s", "is not a duration"), ("x=5s", "param x = 4KiB", "is not a size"),
      ("x=0.3KiB", "param x = 4KiB", "is not a size"), ("x=8KiB", "param x = 0.5", "is not a number"),
      ("x=inf", "param x = 0.5", "is not a number"), ("x=", "param x = 5s", "is not a duration"),
    ])
  func aSettingThatCannotBe(setting: String, script: String, message: String) throws {
    let outcome = try sock("--set", setting, "-e", script)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func deadlinesAreStretchedAndSleepIsNot() throws {
    let script = """
      let [a, b] = socketpair
      let start = now()
      try
        a.recv within 50ms
      catch e
        print e.code
      end
      print now() - start >= 0.2
      let slept = now()
      sleep 1ms
      print now() - slept < 40
      """
    let outcome = try RunningProgram.sock(["--timeout-scale", "4", "-"], input: script).finish()
    #expect(outcome.output == "timeout\ntrue\ntrue\n", "\(outcome.errors)")
  }

  @Test func theBufferHasALimit() throws {
    let script = "let [a, b] = socketpair; a.send repeat(\"x\", 500); b.recv line within 30s"
    let outcome = try sock("--limit", "buffer=100", "-e", script)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("limit buffer, 100 bytes"))
    #expect(try sock("--limit", "call-depth=10", "-e", "def f(n)\nreturn f(n)\nend\nf(1)").errors.contains("limit"))
  }

  // MARK: - Standard streams

  @Test func whatIsPrintedIsThereBeforeTheScriptWaits() throws {
    let program = try RunningProgram.sock(["-e", "print \"one\"; stdin.recv line; print \"two\""], input: nil)
    #expect(try program.line() == "one")
    program.write("go\n")
    #expect(try program.line() == "two")
    #expect(try program.finish().status == 0)
  }

  /// The last line, too; and whatever wrote it.
  @Test(
    arguments: ["/dev/full", "&-"],
    [
      "-e 'print 1'", "-e 'print 1; exit 0'", "-e 'print 1; sleep 20ms'", "-e 'print 1; log 2'", "-e 'defer print 1'",
      "--help", "--version", "help recv", "help --man", "completion bash", "fmt",
    ])
  func outputThatIsLostIsAFailure(place: String, command: String) throws {
    let outcome = try RunningProgram(
      ["sh", "-c", "exec \(Repository.sock) \(command) >\(place)"], input: "print   1\n"
    ).finish()
    #expect(outcome.status == (command.hasPrefix("-e") ? 1 : 2))
    #expect(outcome.errors.contains("cannot write to standard output: "), "\(outcome.errors)")
    #expect(outcome.errors.contains(place == "&-" ? "Bad file descriptor" : "No space left on device"))
  }

  @Test(arguments: [("1 + 1", 1), ("1 + 1; exit 0", 1), ("1 + 1; exit 7", 7), ("let x = 1", 0)] as [(String, Int32)])
  func resultsThatAreLostAreAFailure(statements: String, status: Int32) throws {
    let outcome = try RunningProgram(
      ["sh", "-c", "exec \(Repository.sock) repl >/dev/full"], input: statements.replacing("; ", with: "\n") + "\n"
    ).finish()
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains("cannot write to standard output: No space") == (status != 0))
  }

  @Test(arguments: ["/dev/full", "&-"]) func aLogThatIsLostIsAFailure(place: String) throws {
    let script = "try; log 1; catch e; print e.code; end; log 2; print 3"
    let outcome = try RunningProgram(["sh", "-c", "exec \(Repository.sock) -e '\(script)' 2>\(place)"]).finish()
    #expect(outcome.output == (place == "&-" ? "EBADF\n" : "ENOSPC\n"))
    #expect(outcome.status == 1)
  }

  @Test func whatHasFailedOtherwiseSaysThat() throws {
    let outcome = try RunningProgram(
      ["sh", "-c", "exec \(Repository.sock) -e 'print 1; exit 7' >/dev/full"]
    ).finish()
    #expect(outcome.status == 7)
  }

  @Test func aReaderThatGoesAwayEndsTheScript() throws {
    let program = try RunningProgram.sock(["-e", "loop; print \"y\"; sleep 1ms; end"])
    #expect(try program.line() == "y")
    program.process.close(.stdout)
    let status = try program.process.wait(within: .init(after: patience))
    #expect(status.code != 0)
    #expect(status.signal != SIGSEGV && status.signal != SIGILL)
  }

  @Test func colourIsForTerminalsOnly() throws {
    #expect(!(try sock("-e", "prnt 1").stderr.contains(0x1B)))
    // socat gives the program a terminal, which a shell holds open until we have seen what was shown there.
    let folder = try TemporaryFolder()
    let script = try folder.write("shown", "'\(Repository.sock)' -e 'prnt 1'\necho done\nread line\n")
    func shown(_ environment: [String: String]) throws -> String {
      let terminal = try RunningProgram(
        ["socat", "-", "EXEC:sh \(script),pty,stderr,echo=0"], input: nil, environment: environment)
      var all = ""
      while true {
        let line = try terminal.line()
        if line.hasPrefix("done") { return all }
        all += line + "\n"
      }
    }
    let changes = ["TERM": "xterm", "NO_COLOR": ""]
    #expect(try shown(changes).contains("\u{1B}["))
    #expect(!(try shown(changes.merging(["NO_COLOR": "1"]) { $1 }).contains("\u{1B}[")))
  }
}
