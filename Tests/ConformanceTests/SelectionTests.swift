// Which tests `sock test` runs, how often, and what their verdicts make of the exit status.

import Glibc
import Testing

@testable import SockConformance

@Suite struct SelectionTests {
  private static let suite = """
    test "greets" must "section 1" tags [fast, hello]
      assert true
    end
    test "refuses" must "section 2" tags [fast]
      assert 1 == 2
    end
    test "sings" should "section 3"
      fail "it does not"
    end
    test "dances" may "section 4"
      fail "it does not"
    end
    test "plain"
      assert true
    end
    test "later" todo "bug 12"
      fail "not yet"
    end
    test "elsewhere"
      skip "no such thing here"
    end
    test "unclear"
      inconclusive "the network is down"
    end
    """

  private func run(_ options: [String], _ text: String = suite) throws -> Program.Outcome {
    let folder = try Folder()
    let file = try folder.write("a.sock", text)
    return try Program.run(
      [Program.sock, "test", "--color=never"] + options + [file], environment: ["XDG_STATE_HOME=\(folder.path)"])
  }

  /// The verdict and the first word of the name of each test that ran, in the order in which they ended.
  private func results(_ outcome: Program.Outcome) -> [String] {
    var results: [String] = []
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 2, words[1].contains("a.sock:"), TestVerdict(rawValue: words[0]) != nil else { continue }
      results.append("\(words[0]) \(words[2])")
    }
    return results
  }

  @Test func eachVerdictIsToldAndCounted() throws {
    let outcome = try run([])
    #expect(
      results(outcome) == [
        "pass greets", "fail refuses", "warning sings", "noted dances", "pass plain", "todo later", "skip elsewhere",
        "inconclusive unclear",
      ])
    #expect(outcome.output.contains("2 passed, 1 failed, 1 skipped, 1 todo, 1 inconclusive, 1 warning, 1 noted in "))
    #expect(outcome.status == 1)
  }

  struct Choice: CustomTestStringConvertible {
    let options: [String]
    let expected: [String]
    let status: Int32
    var testDescription: String { options.joined(separator: " ") }
    init(_ options: [String], _ expected: [String], _ status: Int32) {
      self.options = options
      self.expected = expected
      self.status = status
    }
  }

  private static let choices: [Choice] = [
    Choice(["--filter", "g(reet|ing)s|refuses"], ["pass greets", "fail refuses"], 1),
    Choice(["--tag", "hello"], ["pass greets"], 0),
    Choice(["--must-only"], ["pass greets", "fail refuses"], 1),
    Choice(["--must-only", "--tag", "hello"], ["pass greets"], 0),
    Choice(["--fail-fast"], ["pass greets", "fail refuses"], 1),
    Choice(["--filter", "plain", "--repeat", "3"], ["pass plain", "pass plain", "pass plain"], 0),
    Choice(["--filter", "nothing like that"], [], 2),
  ]

  @Test(arguments: choices)
  func optionsChoose(choice: Choice) throws {
    let outcome = try run(choice.options)
    #expect(results(outcome) == choice.expected, "\(outcome.output)")
    #expect(outcome.status == choice.status)
  }

  @Test func aListRunsNothing() throws {
    let outcome = try run(["--list"])
    #expect(outcome.output.split(separator: "\n").count == 8)
    #expect(outcome.output.contains("greets  (must section 1)  [fast, hello]"))
    #expect(outcome.status == 0)
  }

  @Test func shuffledIsTheSameOrderForTheSameSeed() throws {
    let text = (1...20).map { "test \"t\($0)\"\n  assert true\nend\n" }.joined()
    // The order depends on the file's path too: one folder for all runs.
    let folder = try Folder()
    let suite = try folder.write("a.sock", text)
    func order(_ options: [String]) throws -> [String] {
      results(try Program.run([Program.sock, "test"] + options + [suite]))
    }
    let first = try order(["--shuffle", "--seed", "7"])
    #expect(first == (try order(["--shuffle", "--seed", "7"])))
    #expect(first != (try order([])))
    #expect(try order(["--seed", "7"]) == order([]), "without --shuffle they stay where they stand")
    #expect(Set(first) == Set(try order([])))
  }

  /// A test that passes only the second time: the file beside it remembers the first.
  @Test func whatPassesLaterIsFlaky() throws {
    let folder = try Folder()
    let text = """
      test "second time"
        if (try readfile("\(folder.path)/seen")) == nil
          writefile("\(folder.path)/seen", "")
          fail "the first time"
        end
      end
      """
    let outcome = try run(["--retries", "2"], text)
    #expect(outcome.output.contains("flaky"))
    #expect(outcome.output.contains("passed at try 2; before: the first time") || outcome.output.contains("the first time"))
    #expect(outcome.status == 0)
  }

  @Test func whatFailedIsRunAgain() throws {
    let folder = try Folder()
    let file = try folder.write("a.sock", Self.suite)
    let environment = ["XDG_STATE_HOME=\(folder.path)"]
    let none = try Program.run([Program.sock, "test", "--rerun-failed", file], environment: environment, errors: true)
    #expect(none.status == 2)
    #expect(none.output.contains("no record of a run"))
    _ = try Program.run([Program.sock, "test", file], environment: environment)
    let again = try Program.run([Program.sock, "test", "--rerun-failed", file], environment: environment)
    #expect(results(again) == ["fail refuses"])
  }

  /// A name may hold anything: one with line ends is one line of a baseline, and makes up no other.
  @Test func namesWithLineEndsAreOneLine() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock", "test \"one line\\nfail\\t\(folder.path)/a.sock::other\\r\\\\n\"\n  fail \"no\"\nend\ntest \"other\"\n  fail \"no\"\nend\n")
    let state = ["XDG_STATE_HOME=\(folder.path)"]
    let baseline = folder.file("known")
    let first = try Program.run(
      [Program.sock, "test", suite, "--filter", "one line", "--baseline", baseline, "--update-baseline"], environment: state)
    #expect(first.status == 0)
    let lines = try folder.text("known").split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.last.map(String.init) == #"fail\t\#(suite)::one line\nfail\t\#(folder.path)/a.sock::other\r\\n"#.replacing(#"\t"#, with: "\t"))
    let again = try Program.run([Program.sock, "test", suite, "--baseline", baseline], environment: state, errors: true)
    #expect(again.status == 1)
    #expect(again.output.contains("2 failed (1 of them known)"), "\(again.output)")
    // Written by hand on Windows.
    let windows = try folder.write("windows", try folder.text("known").split(separator: "\n").joined(separator: "\r\n") + "\r\n")
    #expect(try Program.run([Program.sock, "test", suite, "--baseline", windows]).output.contains("1 of them known"))
    let rerun = try Program.run([Program.sock, "test", suite, "--rerun-failed"], environment: state)
    #expect(rerun.output.contains("2 failed in "), "\(rerun.output)")
  }

  @Test func aRunOfNothingKeepsWhatFailed() throws {
    let folder = try Folder()
    let state = ["XDG_STATE_HOME=\(folder.path)"]
    let bad = try folder.write("a.sock", "test \"one\"\n  assert false\nend\n")
    #expect(try Program.run([Program.sock, "test", bad], environment: state).status == 1)
    let none = try Program.run(
      [Program.sock, "test", bad, "--rerun-failed", "--filter", "nothing of this name"], environment: state, errors: true)
    #expect(none.status == 2)
    let again = try Program.run([Program.sock, "test", bad, "--rerun-failed"], environment: state)
    #expect(again.status == 1 && again.output.contains("1 failed"), "\(again.output)")
  }

  /// A test that is called otherwise now does not run again; that is said.
  @Test func aChangedNameIsTold() throws {
    let folder = try Folder()
    let state = ["XDG_STATE_HOME=\(folder.path)"]
    let bad = try folder.write("a.sock", "test \"one\"\n  assert false\nend\ntest \"two\"\n  assert false\nend\n")
    #expect(try Program.run([Program.sock, "test", bad], environment: state).status == 1)
    _ = try folder.write("a.sock", "test \"one\"\n  assert false\nend\ntest \"2\"\n  assert false\nend\n")
    let told = "warning: \(bad)::two: failed in the last run, and no test of this name is in this one: it did not run again\n"
    let again = try Program.run([Program.sock, "test", bad, "--rerun-failed", "--fail-fast"], environment: state)
    #expect(again.status == 1 && !again.output.contains("did not run again"), "\(again.output)")
    #expect(try Program.run([Program.sock, "test", bad], environment: state).status == 1)
    _ = try folder.write("a.sock", "test \"one\"\n  assert false\nend\ntest \"two\"\n  assert false\nend\n")
    let renamed = try Program.run([Program.sock, "test", bad, "--rerun-failed"], environment: state)
    #expect(renamed.output.contains(told.replacing("::two:", with: "::2:")), "\(renamed.output)")
    #expect(renamed.output.contains("1 failed in "), "\(renamed.output)")
  }

  @Test func nothingIsRunAgainWhenNothingFailed() throws {
    let folder = try Folder()
    let state = ["XDG_STATE_HOME=\(folder.path)"]
    let good = try folder.write("a.sock", "test \"one\"\n  assert true\nend\n")
    #expect(try Program.run([Program.sock, "test", good], environment: state).status == 0)
    let green = try Program.run([Program.sock, "test", good, "--rerun-failed"], environment: state)
    #expect(green.status == 0)
    #expect(green.output == "nothing failed in the last run in this folder; it had 1 test\n")
    // Files that were not in it stay out, however wrong they are; one that has gone is told.
    let bad = try folder.write("b.sock", "test \"two\"\n  fail \"no\"\nend\n")
    let gone = try folder.write("c.sock", "test \"three\"\n  fail \"no\"\nend\n")
    #expect(try Program.run([Program.sock, "test", bad, gone], environment: state).status == 1)
    _ = try folder.write("d.sock", "test\n")
    try #require(unlink(gone) == 0)
    let rerun = try Program.run([Program.sock, "test", folder.path, "--rerun-failed"], environment: state)
    #expect(rerun.status == 1)
    #expect(rerun.output.contains("fail   \(bad):1 two"))
    #expect(rerun.output.contains("warning: \(gone)::three: failed in the last run, and its file is not among those of this one\n"))
    #expect(rerun.output.contains("1 failed in ") && !rerun.output.contains("d.sock"))
  }

  /// Each folder is looked into once, and nothing that is called a suite is passed over without a word.
  @Test func linksAndNamesOfAllKinds() throws {
    let folder = try Folder()
    let text = "test \"one\"\n  assert true\nend\n"
    try #require(mkdir(folder.file("s"), 0o700) == 0)
    for name in ["a", "b", "c"] { try #require(symlink(".", folder.file("s/\(name)")) == 0) }
    _ = try folder.write("s/x.sock", text)
    let deep = folder.file("s/" + Array(repeating: "d", count: 80).joined(separator: "/"))
    _ = try Program.run(["mkdir", "-p", deep])
    _ = try folder.write("s/" + Array(repeating: "d", count: 80).joined(separator: "/") + "/y.sock", text)
    // A folder elsewhere is followed, and an other name of one that is here is not.
    try #require(mkdir(folder.file("elsewhere"), 0o700) == 0)
    _ = try folder.write("elsewhere/z.sock", text)
    try #require(symlink("../elsewhere", folder.file("s/0")) == 0)
    try #require(mkfifo(folder.file("s/pipe.sock"), 0o600) == 0)
    let run = try Program.run([Program.sock, "test", folder.file("s")])
    #expect(run.status == 0)
    let files = run.output.split(separator: "\n").compactMap { line -> String? in
      let words = line.split(separator: " ")
      return words.first == "pass" ? String(words[1].dropFirst(folder.path.utf8.count)) : nil
    }
    #expect(files.sorted() == ["/s/0/z.sock:1", String(deep.dropFirst(folder.path.utf8.count)) + "/y.sock:1", "/s/x.sock:1"])
    let pipe = try Program.run([Program.sock, "test", folder.file("s/pipe.sock")])
    #expect(pipe.status == 2)
    #expect(pipe.output.contains("cannot read it: it is no regular file"))
    try #require(symlink("nowhere", folder.file("s/lost.sock")) == 0)
    #expect(try Program.run([Program.sock, "test", folder.file("s")]).output.contains("lost.sock:0 "))
    _ = try Program.run(["sh", "-c", "touch \(folder.file("s"))/$(printf '\\377').sock"])
    let nameless = try Program.run([Program.sock, "test", folder.file("s")], errors: true)
    #expect(nameless.status == 2)
    #expect(nameless.output == "sock: cannot read \(folder.path)/s/\\xff.sock: the name is not UTF-8; rename it\n")
  }

  @Test func aBaselineFailsOnlyForWhatIsWorse() throws {
    let folder = try Folder()
    let file = try folder.write("a.sock", Self.suite)
    let baseline = folder.file("baseline")
    let written = try Program.run([Program.sock, "test", file, "--baseline", baseline, "--update-baseline"])
    #expect(written.status == 0)
    let known = try Program.run([Program.sock, "test", file, "--baseline", baseline])
    #expect(known.status == 0)
    #expect(known.output.contains("known"))
    _ = try folder.write("a.sock", Self.suite.replacing("1 == 2", with: "1 == 1").replacing("\"plain\"\n  assert true", with: "\"plain\"\n  assert false"))
    let changed = try Program.run([Program.sock, "test", file, "--baseline", baseline])
    #expect(changed.status == 1)
    #expect(changed.output.contains("better: ") && changed.output.contains("refuses"))
    let missing = try Program.run([Program.sock, "test", file, "--baseline", folder.file("none")], errors: true)
    #expect(missing.status == 2)
  }

  @Test func whatABaselineSaysAboutAFailureIsKept() throws {
    let folder = try Folder()
    let file = try folder.write("a.sock", Self.suite)
    let baseline = folder.file("baseline")
    let update = [Program.sock, "test", file, "--baseline", baseline, "--update-baseline"]
    _ = try Program.run(update)
    let plain = try folder.text("baseline")
    let line = try #require(plain.split(separator: "\n").first { $0.hasPrefix("fail\t") })
    let explained = plain.replacing(line, with: "# It answers 2.\n# Told to its makers.\n\(line)")
    _ = try folder.write("baseline", explained)
    _ = try Program.run(update)
    #expect(try folder.text("baseline") == explained)
    _ = try folder.write("a.sock", Self.suite.replacing("1 == 2", with: "1 == 1"))
    _ = try Program.run(update)
    #expect(!(try folder.text("baseline")).contains("It answers 2."))
  }

  @Test func eachTargetIsHeldToTheSuite() throws {
    let text = "param target = \"\"\ntest \"is a\"\n  assert target == \"host-a:1\"\nend\n"
    let outcome = try run(["--target", "a=host-a:1", "--target", "b=host-b:1"], text)
    #expect(outcome.output.contains("pass   ") && outcome.output.contains("@a") && outcome.output.contains("@b"))
    #expect(outcome.status == 1)
  }

  /// A server that takes one read for one message passes as it is written, and fails when the send is cut.
  @Test func theSweepFindsOneReadForOneMessage() throws {
    let text = """
      test "whole"
        listen 0
        spawn
          serve
            recv 100 as data
            send line (data == "hello\\r\\n" and "ok" or "what?")
          end
        end
        connect listener.sockname
        send line "hello"
        expect line "ok"
      end
      """
    #expect(try run([], text).status == 0)
    let sweep = try run(["--segment", "sweep"], text)
    #expect(sweep.status == 1)
    #expect(sweep.output.contains("sends cut at 1 byte") && sweep.output.contains("sends joined"))
  }

  @Test func testsDoNotSeeEachOther() throws {
    let outcome = try run([], """
      let count = 0
      let seen = {list: []}
      def increase()
        count += 1
        push(seen.list, count)
        return count
      end
      for i in 1..3
        test "turn ${i}"
          assert increase() == 1
          assert len(seen.list) == 1
          run "sleep 1000" as child
          listen 0 as server
          spawn
            loop
              sleep 1ms
            end
          end
        end
      end
      """)
    #expect(outcome.output.contains("3 passed"), "\(outcome.output)")
    #expect(outcome.status == 0)
  }

  @Test func aTestThatHangsEndsWithAnAccount() throws {
    let outcome = try run([], """
      test "hangs" timeout 200ms
        listen 0
        accept
      end
      test "spins" timeout 200ms
        loop
        end
      end
      """)
    #expect(outcome.output.contains("the test did not end within 200 ms"))
    #expect(outcome.output.contains("3 |   accept"))
    #expect(outcome.output.contains("2 failed"))
  }

  @Test func wrongScriptsAndCommandLinesAreToldApart() throws {
    #expect(try run([], "test \"a\"\n  snd \"x\"\nend\n").status == 2)
    #expect(try run([], "let x = 1\ndef f()\n  return x\nend\n").status == 0, "a file without a test is one")
    #expect(try run(["--fitler", "x"]).status == 2)
    #expect(try run(["--shard", "3/2"]).status == 2)
    #expect(try run(["--filter", "("]).status == 2)
    #expect(try run(["--set", "nosuch=1"], "test \"a\"\n  assert true\nend\n").status == 2)
    #expect(try Program.run([Program.sock, "test", "/nonexistent"], errors: true).status == 2)
  }

  @Test func aThousandServersAndAThousandTests() throws {
    let outcome = try run([], """
      let addresses = []
      for i in 1..1000
        listen 0 as server
        push(addresses, server.sockname)
        spawn
          with server
            serve
              while recv line as text
                send line "${i} ${text}"
              end
            end
          end
        end
      end
      for i in 1..1000
        test "server ${i}"
          connect addresses[i - 1]
          send line "hello"
          expect line "${i} hello"
        end
      end
      """)
    #expect(outcome.output.contains("1000 passed"))
  }
}
