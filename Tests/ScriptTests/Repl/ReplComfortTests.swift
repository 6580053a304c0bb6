// What makes a session comfortable: times, repetition, earlier inputs, other forms of values, files and tests.
import Glibc
import Testing

@Suite(.serialized) struct ReplComfortTests {
  private func terminal() throws -> Terminal {
    let terminal = try Terminal()
    try terminal.startSock()
    return terminal
  }

  @Test func statementsAreTimed() throws {
    let terminal = try terminal()
    try terminal.enter(":time 3 sleep 20ms")
    try terminal.wait("their times") {
      $0.firstMatch(of: /\n3 runs: min 2\d\.\d ms, median \d+\.\d ms, p99 \d+\.\d ms, max \d+\.\d ms\nsock>$/) != nil
    }
    try terminal.enter(":time 1 + 1")
    try terminal.wait("one time") { $0.firstMatch(of: /\n2\n\d+\.\d+ ms\nsock>$/) != nil }
    // A number behind which a value stands says how often.
    for statement in ["1+1", "[1, 2]", "-1", "\"a\"", "{a: 1}"] {
      try terminal.enter(":time 2 \(statement)")
      try terminal.wait("two times of \(statement)") {
        let rows = $0.split(separator: "\n")
        return rows.count > 2 && rows[rows.count - 3].hasSuffix(":time 2 \(statement)")
          && rows[rows.count - 2].hasPrefix("2 runs: ") && rows[rows.count - 1] == "sock>"
      }
    }
    // What was refused took no time.
    try terminal.enter(":time nmae")
    try terminal.wait("no time") { $0.contains("nmae") && !$0.hasSuffix(" ms\nsock>") && $0.hasSuffix("\nsock>") }
    try terminal.enter(":timing on", expecting: "sock>")
    try terminal.enter("2 + 3")
    try terminal.wait("its time") { $0.firstMatch(of: /\n5\n\d+\.\d+ ms\nsock>$/) != nil }
    try terminal.enter(":timing off", expecting: "sock>")
    try terminal.enter("2 + 4", expecting: "6", "sock>")
  }

  @Test func aStatementIsRepeatedUntilCtrlC() throws {
    let terminal = try terminal()
    try terminal.enter("let n = 0", expecting: "sock>")
    try terminal.enter(":repeat 10ms n = n + 1; n")
    try terminal.expect(containing: "\n1\n2\n3\n")
    try terminal.press("C-c")
    try terminal.wait("the prompt") { $0.hasSuffix("\nsock>") }
    try terminal.enter(":repeat 10ms fail \"once\"")
    try terminal.wait("one failure") { $0.hasSuffix("\nsock>") && $0.contains(": once") }
    try terminal.enter(":repeat often print 1")
    try terminal.expect(containing: "sock: write :repeat DURATION STATEMENT")
  }

  @Test func inputsAreListedByTheNumbersOfErrors() throws {
    let terminal = try terminal()
    try terminal.enter("let one = 1", expecting: "sock>")
    try terminal.enter("def two()", expecting: "...")
    try terminal.enter("return 2", expecting: "...")
    try terminal.enter("end", expecting: "sock>")
    try terminal.enter("fail \"here\"")
    try terminal.expect(containing: "<repl>:5:1: here")
    try terminal.enter(
      ":history", expecting: "1  let one = 1", "2  def two()", "3    return 2", "4  end", "5  fail \"here\"",
      "6  :history", "sock>")
    try terminal.enter(":history 1", expecting: "7  :history 1", "sock>")
  }

  @Test func valuesHaveOtherForms() throws {
    let terminal = try terminal()
    try terminal.enter("let flags = 34176; let parts = [1, \"ab\", {k: -2}]", expecting: "sock>")
    try terminal.enter(":hex on", expecting: "sock>")
    try terminal.enter("flags", expecting: "0x8580", "sock>")
    try terminal.enter(":vars", expecting: "flags = 0x8580", "parts = [0x01, x\"61 62\", {\"k\": -0x02}]", "sock>")
    try terminal.enter("let [a, b] = socketpair; a.send \"xy\"", expecting: "sock>")
    try terminal.enter(":transcript 1")
    try terminal.expect(containing: "a#1 > 0000  78 79 ")
    try terminal.enter(":hex off", expecting: "sock>")
    try terminal.enter(
      "[{host: \"a\", port: 25}, {host: \"bcd\", port: 7}]", expecting: "host  port", "----  ----", "a       25",
      "bcd      7", "(2 rows)", "sock>")
    try terminal.enter("[{a: 1}, {b: 1}]", expecting: "[{a: 1}, {b: 1}]", "sock>")
  }

  @Test func aShellsCommandRuns() throws {
    let terminal = try terminal()
    try terminal.enter(":! echo $((6 * 7))", expecting: "42", "sock>")
    try terminal.enter(":!exit 3", expecting: "sock: the command has failed (status 3)", "sock>")
    try terminal.enter(":!", expecting: "sock: write :! COMMAND", "sock>")
  }

  // MARK: - Files

  @Test func aFileGoesOnFromItsLine() throws {
    let terminal = try terminal()
    let path = try terminal.folder.write(
      "steps.sock", "let ready = false\nprint \"one\"\nassert ready\nprint \"three\"\n")
    try terminal.enter(":load \(path)")
    try terminal.expect(containing: "sock: `:run \(path) 3` goes on with that line")
    try terminal.enter("ready = true", expecting: "sock>")
    try terminal.enter(":run \(path) 3", expecting: "three", "sock>")
  }

  @Test func aSuiteIsLoadedAndOneOfItsTestsRuns() throws {
    let terminal = try terminal()
    let path = try terminal.folder.write(
      "suite.sock",
      """
      def twice(x)
        return 2 * x
      end
      setup
        let base = 20
      end
      test "is right"
        assert twice(base) == 40
      end
      test "is wrong (today)"
        let found = twice(base) + 1
        assert found == 40
      end

      """)
    try terminal.enter(":test x", expecting: "sock: load a file of tests first: `:load FILE`", "sock>")
    try terminal.enter(":load \(path)")
    try terminal.expect(
      "its tests have not run: \"is right\", \"is wrong (today)\"; `:test NAME` runs one", "sock>")
    // What stands in `setup` and outside of tests is the session's.
    try terminal.enter("twice(base)", expecting: "40", "sock>")
    try terminal.enter(":test", expecting: "is right", "is wrong (today)", "sock>")
    try terminal.enter(":test is right")
    try terminal.wait("its result") { $0.contains("1 passed") && $0.hasSuffix("sock>") }
    try terminal.enter(":test is wrong (today)")
    try terminal.wait("the failed step") { $0.contains("paused in `is wrong (today)`") && $0.hasSuffix(">") }
    try terminal.enter("found")
    try terminal.wait("its name") { $0.contains("\n41\n") }
    try terminal.press("C-d")
    try terminal.wait("the session") { $0.contains("1 failed") && $0.hasSuffix("sock>") }
    try terminal.enter("twice(21)", expecting: "42", "sock>")
  }

  /// As `:load` lists it, or by any part of it; also where the name is known only when the test runs.
  @Test func aTestIsNamedByAnyPartOfItsName() throws {
    let terminal = try terminal()
    let tests = "test \"a large value\"\n  print 1\nend\ntest \"other\"\n  print 2\nend\n"
    let path = try terminal.folder.write("suite.sock", tests)
    try terminal.enter(":load \(path)")
    try terminal.wait("its tests") { $0.hasSuffix("`:test NAME` runs one\nsock>") }
    for name in ["\"a large value\"", "large", "a la"] {
      try terminal.press("C-l")
      try terminal.enter(":test \(name)")
      try terminal.wait("the result of \(name)") {
        $0.contains("suite.sock:1 a large value") && $0.contains("1 passed") && $0.hasSuffix("sock>")
      }
    }
    try terminal.enter(":test \"small\"")
    try terminal.expect(
      "sock: no test has `\"small\"` in its name; there are \"a large value\", \"other\"", "sock>")
    let computed = try terminal.folder.write(
      "computed.sock", "for n in [1, 2]\n  test \"case ${n} (of 2)\"\n    print \"case ${n}\"\n  end\nend\n")
    try terminal.enter(":load \(computed)")
    try terminal.wait("that it has tests") { $0.hasSuffix("its tests have not run: `:test NAME` runs one\nsock>") }
    try terminal.press("C-l")
    try terminal.enter(":test 2 (of")
    try terminal.wait("its result") { $0.contains("1 passed") && $0.contains("case 2 (of 2)") && $0.hasSuffix("sock>") }
  }

  /// From a line of a test its rest runs, behind the setup where that has not run here yet.
  @Test func aTestGoesOnFromALine() throws {
    let terminal = try terminal()
    let path = try terminal.folder.write(
      "suite.sock",
      """
      let base = 20; let more = 1
      setup
        print "set up"
        let [a, b] = socketpair; let count = base + more
      end
      test "asks"
        let wanted = 42
        a.send line "x"; print "sent"
        within 1s
          print "got ${b.recv line}"
        end
        assert count * 2 == wanted
        print "after"
      end
      test "other"
        print "other"
      end

      """)
    try terminal.enter(":run \(path) 8")
    try terminal.wait("the mistake") {
      $0.contains("\nset up\n\"asks\" from line 8, behind its setup, which has run\n\(path):12:23: `wanted` is not")
        && $0.hasSuffix("before line 8 in that test has not run here: `:run \(path) 6` runs all of it\nsock>")
    }
    try terminal.enter("let wanted = 42", expecting: "sock>")
    // The setup does not run twice, and what stands before the line is not sent again.
    try terminal.enter(
      ":run \(path) 8", expecting: "\"asks\" from line 8, with what is open here", "sent", "got x", "after", "sock>")
    try terminal.enter(":run \(path) 12", expecting: "\"asks\" from line 12, with what is open here", "after", "sock>")
    try terminal.enter(
      ":run \(path) 10",
      expecting: "sock: line 10 is inside the statement of line 9: `:run \(path) 9` runs that", "sock>")
    try terminal.enter(
      ":run \(path) 14", expecting: "sock: nothing stands behind line 14 in that test", "sock>")
    try terminal.enter(":run \(path) 99", expecting: "sock: \(path) has the lines 1 to 17", "sock>")
    // What fails there is gone on with as elsewhere.
    try terminal.enter("count = 1", expecting: "sock>")
    try terminal.enter(":run \(path) 12")
    try terminal.wait("the failure") { $0.hasSuffix("sock: `:run \(path) 12` goes on with that line\nsock>") }
    // A line of the setup: what stands before it is left out.
    try terminal.enter(":run \(path) 4", expecting: "sock>")
    try terminal.enter("count", expecting: "21", "sock>")
    try terminal.enter(":test other")
    try terminal.wait("its result") { $0.contains("1 passed") && $0.hasSuffix("sock>") }
  }

  @Test func testsHaveTheSessionsSecrets() throws {
    let terminal = try Terminal(environment: ["PASSWORD": "open sesame"])
    try terminal.startSock("repl --secret password=env:PASSWORD --secret other=env:PASSWORD")
    let path = try terminal.folder.write(
      "suite.sock", "param secret password\ntest \"knows it\"\n  assert len(password) == 11\nend\n")
    try terminal.enter(":load \(path)")
    try terminal.expect("its tests have not run: \"knows it\"; `:test NAME` runs one", "sock>")
    try terminal.enter(":test knows it")
    try terminal.wait("its result") { $0.contains("1 passed") && $0.hasSuffix("sock>") }
    try terminal.enter(":set password=other")
    try terminal.wait("the advice") {
      $0.contains("`password` is secret, and a line that is typed is not: start sock with `--secret")
    }
    // What is declared later may be secret, too.
    try terminal.enter(":set later=shibboleth")
    try terminal.wait("that nothing has the name") { $0.contains("one that is entered gets it") && $0.hasSuffix("sock>") }
    try terminal.enter(":load \(path) password=shibboleth")
    try terminal.wait("its tests") { $0.ranges(of: "its tests have not run").count > 1 }
    try terminal.enter(":quit")
    let history = Repository.text(terminal.folder.file("sock/history")) ?? ""
    #expect(!history.contains("password=other") && !history.contains("shibboleth"), "\(history)")
  }

  @Test func paramsAreGivenValues() throws {
    let terminal = try terminal()
    let path = try terminal.folder.write(
      "a suite.sock",
      """
      param target
      param tries = 3
      print "to ${target}, ${tries + 1}"
      test "is set"
        assert target == "there" and tries == 5
      end

      """)
    try terminal.enter(":load \(path)")
    try terminal.wait("the remedy") { $0.contains("`param target` has no value: give it one with `:set target=VALUE`") }
    // What the file does not have is mostly misspelled.
    try terminal.enter(
      ":load \(path) tris=4", expecting: "sock: \(path) has no `param tris`; did you mean `tries`?", "sock>")
    try terminal.enter(":run \(path) 3 other=4")
    try terminal.wait("what it has") { $0.contains("has no `param other`; it has `target`, `tries`\nsock>") }
    try terminal.enter(":load \(path) target=here --set tries=4")
    try terminal.expect("to here, 5", "its tests have not run: \"is set\"; `:test NAME` runs one", "sock>")
    try terminal.enter(":set target=there tries=5; :set", expecting: "sock: write :set [PARAM=VALUE…]", "sock>")
    try terminal.enter(":set target=\"there\" tries=5", expecting: "sock>")
    try terminal.enter("[target, tries]", expecting: "[\"there\", 5]", "sock>")
    try terminal.enter(":set", expecting: "target = there", "tries = 5", "sock>")
    try terminal.enter(":test is")
    try terminal.wait("its result") { $0.contains("1 passed") && $0.hasSuffix("sock>") }
    try terminal.enter(":set tries=many")
    try terminal.expect(containing: "`many` of `param tries` is not an integer")
    try terminal.enter("tries", expecting: "5", "sock>")
    try terminal.enter(
      ":set late=1", expecting: "sock: --set late: no `param` has that name yet; one that is entered gets it", "sock>")
    try terminal.enter("param late = 0; late", expecting: "1", "sock>")
    try terminal.enter("let own = 1; own", expecting: "1", "sock>")
    try terminal.enter(":set own=2", expecting: "sock: `own` is no `param`: write `own = …`", "sock>")
  }
}
