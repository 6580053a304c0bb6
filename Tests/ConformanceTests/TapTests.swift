// TAP, as prove reads it.

import SockRuntime
import Testing

@testable import SockConformance

@Suite struct TapTests {
  @Test func linesAndDirectives() throws {
    let text = try Example.report(Example.all) { TapReporter($0) }
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("ok") || $0.hasPrefix("not ok") }
    let expected = [
      "ok 1 - suite/smtp.sock: is pass",
      "not ok 2 - suite/smtp.sock: is fail",
      "not ok 3 - suite/smtp.sock: is error",
      "ok 4 - suite/smtp.sock: is skip # SKIP expected a line matching /^250/",
      "not ok 5 - suite/smtp.sock: is todo",
      "ok 6 - suite/smtp.sock: is inconclusive # SKIP inconclusive: expected a line matching /^250/",
      "ok 7 - suite/smtp.sock: is flaky",
      "not ok 8 - suite/smtp.sock: is warning # TODO a should that does not hold",
      "not ok 9 - suite/smtp.sock: is noted # TODO a may that does not hold",
      "not ok 10 - suite/smtp.sock: known # TODO known failure",
      "ok 11 - suite/smtp.sock: better # TODO bug 7",
    ]
    #expect(lines.prefix(11).map(String.init) == expected)
    #expect(text.hasPrefix("TAP version 13\n"))
    #expect(text.hasSuffix("\n1..12\n"))
  }

  @Test func nothingActsOnATerminal() throws {
    var record = Example.record(Example.hostile, .fail)
    record.message = "\(Example.hostile) é 密 \u{9B}2J\u{2066}\u{FEFF}\u{E0041}\u{1F600}"
    record.log = record.message
    record.report = record.message
    let text = try Example.report([record]) { TapReporter($0) }
    for scalar in text.unicodeScalars {
      #expect(scalar == "\n" || scalar.properties.generalCategory != .control)
      #expect(scalar.properties.generalCategory != .format)
    }
    let message = try #require(text.split(separator: "\n").first { $0.hasPrefix("  message: ") }).dropFirst(11)
    #expect(message.contains("é 密") && message.contains("\u{1F600}") && message.contains(#"\udb40\udc41"#))
    let read = try Program.run(["python3", "-c", "import json, sys; print(json.loads(sys.argv[1]))", String(message)])
    #expect(read.output == record.message + "\n")
  }

  @Test(.enabled(if: Program.exists("prove"))) func proveAgrees() throws {
    let folder = try Folder()
    var records = Example.all
    records[4].todo = "bug 3"
    let text = try Example.report(records) { TapReporter($0) }
    let outcome = try Program.run(["prove", "--exec", "cat", try folder.write("r.tap", text)], errors: true)
    #expect(outcome.status != 0)
    #expect(outcome.output.contains("Failed tests:  2-3, 12"), "\(outcome.output)")
    #expect(outcome.output.contains("TODO passed:   11"), "\(outcome.output)")
    #expect(!outcome.output.contains("Parse error"), "\(outcome.output)")
  }

  @Test(.enabled(if: Program.exists("prove"))) func whatDoesNotFailTheRunPassesInProve() throws {
    let folder = try Folder()
    let records = Example.all.filter { !$0.failsTheRun && $0.verdict != .todo }
    let text = try Example.report(records) { TapReporter($0) }
    let outcome = try Program.run(["prove", "--exec", "cat", try folder.write("r.tap", text)], errors: true)
    #expect(outcome.status == 0, "\(outcome.output)")
    let none = try Example.report([]) { TapReporter($0) }
    #expect(none == "TAP version 13\n1..0 # SKIP no test was found\n")
  }

  @Test func anInterruptedRunBailsOut() throws {
    var summary = Example.summary([Example.record("a")])
    summary.signal = 2
    let text = try Example.report([Example.record("a")], summary: summary) { TapReporter($0) }
    #expect(text.hasSuffix("1..1\nBail out! The run was interrupted\n"))
  }
}
