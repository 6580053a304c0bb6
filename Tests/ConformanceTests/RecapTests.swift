// The end of a log: what failed, by cause, for a reader who looks there first.

import SockRuntime
import Testing

@testable import SockConformance

@Suite struct RecapTests {
  private func refused(_ number: Int) -> TestRecord {
    var record = Example.record("command \(number)", .fail, file: "suite/f\(number % 5).sock")
    record.message = "cannot connect to 127.0.0.1:\(40_000 + number): Connection refused (ECONNREFUSED)"
    record.code = "refused"
    record.line = number
    return record
  }

  private func log(_ records: [TestRecord], options: TestOptions = TestOptions(), color: Bool = false) throws -> [String] {
    let text = try Example.report(records, options) {
      PrettyReporter($0, color: color, isTerminal: false, listOnly: false)
    }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Three are told in full, one line is for each other, and the end says it in a few.
  @Test func fiftyOfOneCauseAreOne() throws {
    var options = TestOptions()
    options.paths = ["suite", "it's more"]
    let lines = try log((1...50).map(refused) + [Example.record("another", .fail)], options: options)
    #expect(lines.count { $0.contains("expected a line") } >= 3)
    #expect(lines.count { $0.hasSuffix("  as suite/f1.sock:1 command 1") } == 47)
    let start = try #require(lines.firstIndex(of: "failed, by cause:"))
    let recap = lines[start...].filter { !$0.isEmpty }
    #expect(recap.count <= 15, "\(recap)")
    #expect(recap[1] == "  50 ×  cannot connect to 127.0.0.1:40001: Connection refused (ECONNREFUSED)")
    #expect(
      recap[2] == "        suite/f1.sock:1 command 1, suite/f2.sock:2 command 2, suite/f3.sock:3 command 3 and 47 more")
    #expect(recap[3] == "   1 ×  expected a line matching /^250/")
    #expect(recap.contains("again: sock test --rerun-failed suite 'it'\\''s more'"))
  }

  /// A program's status says what it has met; its number, and how long it took, do not.
  @Test func otherStatusesAreOtherCauses() throws {
    let endings = [22, 52, 52, 22, 22].enumerated().map { number, status in
      var record = Example.record("curl \(number)", .fail, file: "a.sock")
      record.message = "curl (pid \(700 + number)) ended with status \(status), expected status 0, after \(number) ms"
      record.code = "mismatch"
      return record
    }
    let exits = [3, 4].map { status in
      var record = Example.record("exit \(status)", .fail, file: "a.sock")
      record.message = "exit \(status)"
      record.code = "failed"
      return record
    }
    let lines = try log(endings + exits)
    let start = try #require(lines.firstIndex(of: "failed, by cause:"))
    let counts = lines[start...].filter { $0.contains(" ×  ") }.map { $0.prefix { $0 != "×" }.filter(\.isNumber) }
    #expect(counts == ["3", "2", "1", "1"], "\(lines[start...])")
  }

  /// Two faults of a server that one function of a suite finds are two.
  @Test func whatCameBelongsToTheCause() throws {
    let messages = [
      "Response.status: expected 1, received 0", "Response.status: expected 0, received 3", "assertion failed: 1 == 2",
      "assertion failed: 3 == 4", "the answer did not come within 1.5 s", "the answer did not come within 2 s",
    ]
    let records = messages.enumerated().map { number, message in
      var record = Example.record("t\(number)", .fail, file: "a.sock")
      record.message = message
      record.place = ("lib.sock", 7, 3)
      return record
    }
    let lines = try log(records)
    let start = try #require(lines.firstIndex(of: "failed, by cause:"))
    let causes = lines[start...].filter { $0.contains(" ×  ") }
    #expect(causes.count == 5, "\(causes)")
  }

  /// The command that runs them again has the run's options, and no value of a secret.
  @Test func theCommandHidesSecrets() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock", "param secret pw\nparam n = 1\nfor name in [\"a\", \"b\"]\n  test \"${name}\"\n    fail \"no\"\n  end\nend\n")
    let outcome = try Program.run([Program.sock, "test", suite, "--set", "pw=hunter2secret", "--set", "n=5"])
    #expect(outcome.output.contains("again: sock test --rerun-failed \(suite) --set 'pw=***' --set n=5\n"), "\(outcome.output)")
    #expect(!outcome.output.contains("hunter2"))
  }

  /// One failure that is in sight is not said twice.
  @Test func oneOfFewIsInSight() throws {
    let lines = try log([Example.record("a"), Example.record("b", .fail)])
    #expect(!lines.contains("failed, by cause:"))
  }

  @Test func oneOfManyIsNamedAtTheEnd() throws {
    let lines = try log((1...30).map { Example.record("t\($0)") } + [Example.record("b", .fail)])
    #expect(lines.contains("failed, by cause:"))
  }

  @Test func aFlakyTestSaysItsTries() throws {
    var record = Example.record("at times", .flaky)
    record.attempts = 3
    #expect(try log([record])[0].hasSuffix("failed at tries 1 to 2, passed at try 3"))
  }

  @Test func repetitionsAreCounted() throws {
    var options = TestOptions()
    options.repeats = 20
    let records = (1...20).map { Example.record("at times", $0 == 6 ? .fail : .pass) }
    #expect(try log(records, options: options).contains("19 of 20 runs passed, run 6 failed  suite/smtp.sock:7 at times"))
  }

  @Test func accountsAreInColours() throws {
    let text = try log([Example.record("b", .fail)], color: true).joined(separator: "\n")
    #expect(text.contains("\u{1B}[1mexpected a line\u{1B}[0m"), "\(text)")
    #expect(text.contains("\u{1B}[31mreceived \"x\"\u{1B}[0m"), "\(text)")
  }
}
