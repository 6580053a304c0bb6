// Which tests `sock test` runs, how often, and what their verdicts make of the exit status.

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
    let first = try order(["--seed", "7"])
    #expect(first == (try order(["--seed", "7"])))
    #expect(first != (try order([])))
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
      def raise()
        count += 1
        push(seen.list, count)
        return count
      end
      for i in 1..3
        test "turn ${i}"
          assert raise() == 1
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
