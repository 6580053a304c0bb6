// `sock test --pause`: a session in the middle of a test that fails, on a terminal.
import Glibc
import Testing

@Suite(.serialized) struct PauseTests {
  private static let suite = """
    let words = ["alpha", "beta"]
    def shout(text)
      return "${text}!"
    end
    def answer(from, expected)
      let size = len(expected)
      from.expect expected within 100ms
      print size
    end
    test "asks"
      let [a, b] = socketpair
      let count = 3
      for word in words
        a.send word
        answer(b, "beta")
      end
      count = 4
    end
    test "goes on"
      assert len(words) == 2
    end

    """

  private func start(_ terminal: Terminal, _ text: String, options: String = "") throws -> String {
    let path = try terminal.folder.write("a.sock", text)
    try terminal.enter("clear; $SOCK test --pause \(options) \(path)")
    try terminal.wait("a session") { $0.contains("paused in `") && $0.hasSuffix(">") }
    return path
  }

  @Test func namesAndChannelsAreThere() throws {
    let terminal = try Terminal(width: 200)
    let path = try start(terminal, PauseTests.suite)
    #expect(terminal.screen.contains("\(path):7:3: expected \"beta\""), "\(terminal.screen)")
    let told = "paused in `asks`; :quit (or `exit`) ends the test as failed, `exit 1` the run, :vars shows its names\n"
    #expect(terminal.screen.contains(told))
    // Of the function that failed, of the test that called it, and of the file.
    try terminal.enter("size", expecting: "4", "sock>")
    try terminal.enter("[count, word, words]", expecting: "[3, \"alpha\", [\"alpha\", \"beta\"]]", "sock>")
    try terminal.enter("shout(expected)", expecting: "\"beta!\" (5 bytes)", "sock>")
    // Nothing has been consumed, and the connection is alive.
    try terminal.enter("from.recv exactly 5", expecting: "\"alpha\" (5 bytes)", "sock>")
    try terminal.enter("a.send \"beta\"; b.recv exactly 4", expecting: "\"beta\" (4 bytes)", "sock>")
    try terminal.enter(":vars")
    try terminal.wait("the names") {
      $0.contains("a = a, unix") && $0.contains("def shout(text)") && $0.hasSuffix("sock>")
    }
    let saved = terminal.folder.file("lines")
    try terminal.enter(":save \(saved)")
    try terminal.expect(containing: "\(saved) is written: the lines that were entered, for the test")
    // What is wrong here is no failure of the test's, and the session goes on.
    try terminal.enter("b.recv exactly 1 within 10ms; nosuch")
    try terminal.expect(containing: "`nosuch` is not declared")
    try terminal.enter("b.recv exactly 1 within 10ms")
    try terminal.wait("the failure") { $0.contains("within 10 ms") && $0.hasSuffix("sock>") }
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 passed, 1 failed in ") && $0.hasSuffix("$") }
    #expect(terminal.screen.contains("pass   \(path):19 goes on"))
    #expect(terminal.screen.contains("= paused    for "))
    let lines = (Repository.text(saved) ?? "").split(separator: "\n").dropFirst()
    #expect(
      lines == [
        "size", "[count, word, words]", "shout(expected)", "from.recv exactly 5", "a.send \"beta\"; b.recv exactly 4",
      ])
  }

  /// What was mended is tried from its line on: the setup is not done again.
  @Test func aLineIsTriedAgain() throws {
    let terminal = try Terminal(width: 200)
    let path = try start(
      terminal,
      """
      setup
        let [a, b] = socketpair
      end
      test "asks"
        a.send "no"
        b.expect "yes" within 100ms
        print "went on"
      end

      """)
    try terminal.enter("b.recv exactly 2; a.send \"yes\"", expecting: "\"no\" (2 bytes)", "sock>")
    try terminal.enter(
      ":run \(path) 6", expecting: "\"asks\" from line 6, with what is open here", "went on", "sock>")
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
  }

  /// The step that failed stands in an imported file.
  @Test func namesOfAnImportedFile() throws {
    let terminal = try Terminal(width: 200)
    _ = try terminal.folder.write(
      "lib.sock",
      """
      let greeting = "hello"
      let unused = 12
      def greet(channel)
        let shown = greeting
        channel.expect shown within 50ms
      end

      """)
    _ = try start(
      terminal,
      """
      import "lib.sock" as lib
      setup
        let [a, b] = socketpair
      end
      test "greets"
        let own = 7
        a.send "bonjour"
        lib.greet(b)
      end

      """)
    try terminal.enter("[shown, greeting, unused, own]", expecting: "[\"hello\", \"hello\", 12, 7]", "sock>")
    try terminal.enter("[lib.greeting, lib.unused]", expecting: "[\"hello\", 12]", "sock>")
    try terminal.enter("b.recv exactly 7; a.send \"hello\"; lib.greet(b); own + 1")
    try terminal.wait("the end of the line") { $0.contains("\n8\n") && $0.hasSuffix("sock>") }
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
  }

  /// Messages have no value, and are known by their declarations: of the file of tests, and of an imported one in which
  /// the step failed, with the names of what that imports.
  @Test func messagesAreKnown() throws {
    let terminal = try Terminal(width: 200)
    _ = try terminal.folder.write("deep.sock", "let depth = 2\n")
    _ = try terminal.folder.write(
      "lib.sock",
      """
      import "deep.sock" as deep
      message Answer
        number u8
      end
      def ask(channel)
        assert deep.depth == 3
      end

      """)
    _ = try start(
      terminal,
      """
      import "lib.sock" as lib
      message Request
        body choose 1: 1 Key, else bytes
      end
      message Key
        key u8:text
      end
      test "asks"
        let [a, b] = socketpair
        lib.ask(b)
      end

      """)
    try terminal.enter("a.send Request {body: {key: \"kk\"}}; len(b.recv exactly 3)", expecting: "3", "sock>")
    try terminal.enter("a.send Answer {number: 7}; b.recv message lib.Answer", expecting: "{number: 7}", "sock>")
    try terminal.enter("deep.depth", expecting: "2", "sock>")
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
  }

  /// Other tasks run on, and what has a time stands still: of a server of the file, and of the test.
  @Test func timeStandsStill() throws {
    let terminal = try Terminal(width: 200)
    let path = try start(
      terminal,
      """
      listen 0 as server
      spawn
        server.serve
          within 1s
            send "hello "
            recv line
            send "goodbye"
          end
        end
      end
      test "asks" timeout 1s
        connect server.sockname
        expect "hello "
        defer print "deferred"
        assert false
      end
      test "goes on"
        connect server.sockname
        expect "hello "
        send line "x"
        expect "goodbye"
      end

      """)
    try terminal.enter("sleep 1500ms; 40 + 2")
    try terminal.wait("the answer") { $0.contains("\n42\n") && $0.hasSuffix(">") }
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains(" failed in ") && $0.hasSuffix("$") }
    #expect(terminal.screen.contains("1 passed, 1 failed in "), "\(terminal.screen)")
    #expect(terminal.screen.contains("pass   \(path):17 goes on"))
    #expect(!terminal.screen.contains("did not end"))
    #expect(terminal.screen.contains("| deferred"))
  }

  @Test func aTestThatTakesTooLong() throws {
    let terminal = try Terminal(width: 200)
    let steps = ["let [a, b] = socketpair", "let name = 41", "b.recv line within 50s"].map { "  \($0)\n" }
    let text = "test \"waits\" timeout 200ms\n\(steps.joined())end\n"
    _ = try start(terminal, text)
    #expect(terminal.screen.contains("the test did not end within 200 ms"))
    try terminal.enter("name + 1; a.send line \"late\"; b.recv line", expecting: "42", "\"late\" (4 bytes)", "sock>")
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
  }

  @Test func theRunCanBeEnded() throws {
    let terminal = try Terminal(width: 200)
    _ = try start(terminal, "test \"one\"\n  assert 1 == 2\nend\ntest \"two\"\n  assert 1 == 3\nend\n")
    try terminal.enter("exit 1")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
    #expect(!terminal.screen.contains("paused in `two`"))
  }

  /// Ctrl-C stops a statement of the session, and the run where there is none.
  @Test func interrupts() throws {
    let terminal = try Terminal(width: 200)
    let one = "test \"one\"\n  assert 1 == 2\nend\n"
    let path = try start(terminal, one + "test \"two\"\n  let [a, b] = socketpair\n  b.recv within 50s\nend\n")
    try terminal.enter("print \"sleeps\"; sleep 50")
    try terminal.expect(containing: "\nsleeps")
    try terminal.press("C-c")
    try terminal.wait("the prompt") { $0.contains("interrupted\n") && $0.hasSuffix("sock>") }
    try terminal.enter(":quit")
    try terminal.wait("the next test") { $0.contains("1 failed, ") && !$0.hasSuffix("$") }
    try terminal.press("C-c")
    try terminal.wait("the end") { $0.contains("; interrupted") && $0.hasSuffix("$") }
    let stopped = "stopped  \(path):4 two\n       stopped by SIGINT at \(path):6"
    #expect(terminal.screen.contains(stopped), "\(terminal.screen)")
    try terminal.enter("echo status $?")
    try terminal.expect("status 130", "$")
  }

  /// The time of a block further out stands still as well.
  @Test func anOuterDeadlineStandsStill() throws {
    let terminal = try Terminal(width: 200)
    _ = try start(
      terminal,
      """
      test "checks"
        let [a, b] = socketpair
        within 1s
          within 900ms
            check a == b
          end
          a.send line "x"
          b.recv line
        end
        print "done"
      end

      """)
    try terminal.enter("sleep 1200ms; 6 * 7", expecting: "42", "sock>")
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
    #expect(terminal.screen.contains("| done"), "\(terminal.screen)")
  }

  /// After a failed `check` the test goes on, its time, too; and stands still at the next.
  @Test func aFailedCheck() throws {
    let terminal = try Terminal(width: 200)
    _ = try start(
      terminal,
      """
      test "checks" timeout 1s
        let [a, b] = socketpair
        let size = 3
        within 500ms
          check size == 4
          a.send line "x"
          b.recv line
        end
        check size == 5
        print "done"
      end

      """)
    try terminal.expect(containing: "paused in `checks`; :quit (or `exit`) lets the test go on, `exit 1`")
    try terminal.enter("sleep 1200ms; size + 1", expecting: "4", "sock>")
    try terminal.enter(":quit")
    try terminal.wait("the second one") { $0.contains("size == 5") && $0.hasSuffix("sock>") }
    try terminal.enter(":quit")
    try terminal.wait("the end") { $0.contains("1 failed in ") && $0.hasSuffix("$") }
    #expect(terminal.screen.contains("| done"), "\(terminal.screen)")
    #expect(!terminal.screen.contains("did not end"))
  }

  /// What is known to fail, or is allowed to, nobody looks into.
  @Test func whatNeedsNoSession() throws {
    let terminal = try Terminal(width: 200)
    let path = try terminal.folder.write(
      "a.sock",
      """
      test "known" todo "later"
        assert false
      end
      test "wished for" should "1"
        assert false
      end
      test "caught"
        try
          assert 1 == 2
        catch e
          print e
        end
        check 1 == 1
      end
      test "left out"
        skip "not today"
      end

      """)
    try terminal.enter("clear; $SOCK test --pause \(path)")
    try terminal.wait("the end") { $0.contains(" in ") && $0.hasSuffix("$") }
    #expect(!terminal.screen.contains("paused"), "\(terminal.screen)")
  }

  @Test func itNeedsATerminal() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.sock", "test \"one\"\n  assert false\nend\n")
    let outcome = try sock("test", "--pause", path)
    #expect(outcome.status == 2)
    #expect(outcome.errors == "sock: --pause opens a session where a test fails: it needs a terminal\n")
    let denied = try sock("test", "--pause", "--deny", "run", path)
    #expect(denied.status == 2)
    #expect(denied.errors.contains("--deny holds the process that runs tests"))
  }
}
