// What a script takes from its command line, and what `sock help FILE` says of it.
import Glibc
import Testing

@Suite struct ScriptInterfaceTests {
  /// Runs a script of a folder of its own, where it is called a.sock.
  private func run(_ script: String, _ words: [String], input: String? = "") throws -> Outcome {
    let folder = try TemporaryFolder()
    _ = try folder.write("a.sock", script)
    _ = try folder.write("lib.sock", "param depth = 3\n")
    return try RunningProgram.sock(words, input: input, cwd: folder.path).finish()
  }

  // MARK: - Arguments

  private static let client =
    "param host\nparam port = 25\nparam limit = 5s\nparam secret token = nil\nprint host, port, limit\n"

  @Test(
    arguments: [
      (["a.sock", "mx.example"], "mx.example 25 5"), (["a.sock", "mx.example", "80"], "mx.example 80 5"),
      (["a.sock", "mx.example", "80", "2m"], "mx.example 80 120"),
      // Those that are set are not asked for again.
      (["--set", "host=mx.example", "a.sock", "80"], "mx.example 80 5"),
      (["--set", "port=80", "a.sock", "mx.example", "1s"], "mx.example 80 1"),
      (["a.sock", "--", "-x", "0x10"], "-x 16 5"), (["a.sock", "-", "-1"], "- -1 5"),
    ])
  func argumentsAreValues(words: [String], output: String) throws {
    let outcome = try run(Self.client, words)
    #expect(outcome.output == "\(output)\n", "\(outcome.errors)")
    #expect(outcome.status == 0)
  }

  @Test(
    arguments: [
      ([], "a.sock needs `host`: give `--set host=VALUE`, or its value behind a.sock"),
      (["a", "1", "2s", "b"], "a.sock takes at most 3 arguments, one is too many"),
      (["--port=5"], "a.sock has no option --port=…: write `sock --set port=5 a.sock`"),
      (["--prt", "5"], "a.sock has no option --prt: behind `--` it is an argument"),
      (["h", "--limit=tasks=2"], "a.sock has no option --limit=…: sock has; write `sock --limit … a.sock`"),
      // Not even how it would be set: a command line is seen by all.
      (["--token=x"], "a.sock has no option --token=…: write `sock --secret token=env:TOKEN a.sock`"),
    ])
  func argumentsThatCannotBe(words: [String], message: String) throws {
    let outcome = try run("print 1\n" + Self.client, ["a.sock"] + words)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(
      outcome.errors == "sock: \(message)\n      usage: sock [--secret NAME=SOURCE] a.sock HOST [PORT] [LIMIT]\n",
      "\(outcome.errors)")
  }

  @Test func aScriptThatReadsItsArgumentsHasThemAsTheyAre() throws {
    let outcome = try run("param port = 1\nprint args, port\n", ["a.sock", "7", "--", "--help"])
    #expect(outcome.output == "[\"7\", \"--\", \"--help\"] 1\n", "\(outcome.errors)")
    let inside = try run("param port = 1\ndef f()\n  return \"${args}\"\nend\nprint f(), port\n", ["a.sock", "7"])
    #expect(inside.output == "[\"7\"] 1\n", "\(inside.errors)")
    // A variable of that name is another thing.
    let other = try run("param port = 1\ndef f(args)\n  return args\nend\nprint f(2), port\n", ["a.sock", "7"])
    #expect(other.output == "2 7\n", "\(other.errors)")
  }

  @Test func argumentsThatNobodyReadsAreAMistake() throws {
    let outcome = try run("print 1\n", ["a.sock", "7"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("sock: a.sock takes no arguments, and gets `7`: it does not read `args`\n"))
    #expect(try run("print 1\n", ["a.sock", "--"]).status == 0)
  }

  @Test func theValueOfAnArgumentHasTheTypeOfTheDefault() throws {
    let outcome = try run(Self.client, ["a.sock", "host", "many"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("the value `many` of `param port` is not an integer, as the default is"))
  }

  // MARK: - What is required

  @Test(
    arguments: [
      ("param a\nparam b = a\nparam secret pw\nprint 1", [],
        "a.sock needs `a` and `pw`: give `--set a=VALUE --secret pw=env:PW`, or values behind a.sock",
        "sock --secret pw=env:PW a.sock A [B]"),
      ("param a = 1\nparam b\nparam c\nprint args, 1", ["x"],
        "a.sock needs `b` and `c`: give `--set b=VALUE --set c=VALUE`",
        "sock --set b=VALUE --set c=VALUE [--set NAME=VALUE] a.sock [ARGS…]"),
      ("param a = 1\nparam b\nprint 1", ["x"], "a.sock needs `b`: give `--set b=VALUE`, or its value behind a.sock",
        "sock a.sock A B"),
    ] as [(String, [String], String, String)])
  func whatIsRequiredIsNamed(script: String, words: [String], message: String, usage: String) throws {
    let outcome = try run(script + "\n", ["a.sock"] + words)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(outcome.errors == "sock: \(message)\n      usage: \(usage)\n")
  }

  @Test func whatAnImportedFileRequiresIsNamedToo() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("lib.sock", "param gateway\n")
    _ = try folder.write("a.sock", "import \"lib.sock\" as lib\nprint lib.gateway\n")
    let outcome = try RunningProgram.sock(["a.sock"], cwd: folder.path).finish()
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("sock: a.sock needs `gateway`: give `--set gateway=VALUE`\n"), "\(outcome.errors)")
    #expect(try RunningProgram.sock(["--set", "gateway=x", "a.sock"], cwd: folder.path).finish().output == "x\n")
  }

  @Test func aSuiteWithoutWhatItRequiresIsAnError() throws {
    let suite = "param host\nprint 1\ntest \"a\"\n  assert host == \"x\"\nend\n"
    let outcome = try run(suite, ["test", "."])
    #expect(outcome.status == 2)
    let message = "a.sock needs `host`: give `--set host=VALUE`; usage: sock test"
    #expect(outcome.output.contains(message), "\(outcome.output)")
    #expect(try run(suite, ["test", "--set", "host=x", "."]).status == 0)
    #expect(try run("param target\ntest \"a\"\n  assert target == \"b\"\nend\n", ["test", "--target", "x=b"]).status == 0)
  }

  @Test func aSessionSaysThatThereIsNoValue() throws {
    let outcome = try run("", ["repl", "--set", "b=1"], input: "param a\nparam b\nb\n")
    #expect(outcome.errors.contains("`param a` has no value: give it one with `:set a=VALUE`, or a default"))
    #expect(outcome.output.contains("\"1\""), "\(outcome.output)")
  }

  // MARK: - Standard input

  @Test(arguments: [[], ["run"], ["-"], ["--set", "x=1"]])
  func aScriptComesFromStandardInput(words: [String]) throws {
    let script = "param x = 0\nprint scriptdir, stdin.recv line\nprnt 1\n"
    let broken = try run("", words, input: script)
    #expect(broken.status == 2)
    #expect(broken.errors.hasPrefix("<stdin>:3:1: "), "\(broken.errors)")
    // All of it is the script: nothing is left for its own standard input.
    let outcome = try run("", words, input: script.replacing("prnt", with: "print"))
    #expect(outcome.output == ". nil\n1\n", "\(outcome.errors)")
  }

  @Test func aScriptFromStandardInputHasArgumentsAfterADash() throws {
    #expect(try run("", ["-", "a", "2"], input: "param x\nparam y = 1\nprint x, y").output == "a 2\n")
    let outcome = try run("", [], input: "param x\nprint x")
    #expect(outcome.errors.hasSuffix("      usage: sock - X\n"), "\(outcome.errors)")
  }

  /// As of a shell's variable that is empty.
  @Test func noScriptAtAllIsAMistake() throws {
    let outcome = try run("", [], input: "")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("sock: there is nothing to run, and standard input is empty"))
    #expect(try run("", ["-"], input: "").status == 0)
  }

  // MARK: - help FILE

  private static let described = #"""
    #!/usr/bin/env sock
    # Says hello to a server, and shows what it answers, which may take more than one line of a terminal.
    #
    #   sock a.sock mx.example 80

    import "lib.sock" as lib

    # Whom to talk to.
    param host
    param port = 25  # where it listens
    # How long an answer may take,
    # all in all.
    param limit = 5s
    param secret token = env("TOKEN")
    let other = 1  # no setting
    print host, lib.depth

    """#

  private static let description = """
    a.sock

    Says hello to a server, and shows what it answers, which may take more than one
    line of a terminal.

        sock a.sock mx.example 80

    usage
      sock [--set NAME=VALUE] [--secret NAME=SOURCE] a.sock HOST [PORT] [LIMIT]

    settings: arguments in this order, or --set NAME=VALUE in front of the script
      host        Whom to talk to; required
      port = 25   where it listens
      limit = 5s  How long an answer may take, all in all
      token       secret, by --secret token=env:VARIABLE or file:PATH

    settings of lib.sock
      depth = 3

    """

  @Test(arguments: [["help", "a.sock"], ["help", "./a.sock"], ["a.sock", "--help"], ["run", "a.sock", "x", "-h"]])
  func helpTellsOfAScript(words: [String]) throws {
    let outcome = try run(Self.described, words)
    #expect(outcome.output.replacing("./a.sock", with: "a.sock") == Self.description)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func helpTellsOfASuite() throws {
    let suite = """
      # A suite.
      param target = ""
      test "it greets" must "section 1" tags [first]
        assert true
      end
      for n in [1, 2]
        test "turn ${n}" todo "later"
          assert false
        end
      end

      """
    let outcome = try run(suite, ["help", "a.sock"])
    #expect(
      outcome.output == """
        a.sock

        A suite.

        usage
          sock test [--set NAME=VALUE] a.sock

        settings: --set NAME=VALUE in front of the script
          target = ""

        tests
          it greets  must section 1; [first]
          turn ${n}  todo: later; one for each turn of a `for`

        """, "\(outcome.errors)")
    #expect(try run(suite, ["a.sock", "--help"]).output == outcome.output)
  }

  @Test func aScriptWithItsOwnHelpGivesThat() throws {
    #expect(try run("print args\n", ["a.sock", "--help"]).output == "[\"--help\"]\n")
  }

  @Test func whatAScriptSaysCannotActOnATerminal() throws {
    let outcome = try run("# a \u{1B}[2J\nparam x = \"\u{1B}[2J\"  # \u{1B}[2J\nprint x\n", ["help", "a.sock"])
    #expect(outcome.status == 0)
    #expect(!outcome.stdout.contains(0x1B))
    #expect(outcome.output.contains("a \\x1b[2J"))
  }

  @Test func noHelpOfWhatIsNoScript() throws {
    let outcome = try run("prnt 1\n", ["help", "a.sock"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("a.sock:1:1: "))
    #expect(try run("", ["help", "b.sock"]).errors == "sock: cannot read b.sock: No such file or directory\n")
    // A word of the language is that, whatever files there are.
    let folder = try TemporaryFolder()
    _ = try folder.write("recv", "print 1\n")
    #expect(try RunningProgram.sock(["help", "recv"], cwd: folder.path).finish().output.hasPrefix("recv: "))
    #expect(try RunningProgram.sock(["help", "./recv"], cwd: folder.path).finish().output.hasPrefix("./recv\n"))
  }
}
