// JUnit's XML, as Jenkins, GitLab and GitHub's tools read it: a suite for each file.
//
// Only what the strictest schema of it in use (Jenkins' xUnit plugin, junit-10) allows is written.

package final class JunitReporter: Reporter {
  private struct Suite {
    /// Where its cases are in the spool.
    let section: Int
    var tests = 0
    var failures = 0
    var errors = 0
    var skipped = 0
    var duration: Int64 = 0
    var startedAt: Int64 = 0
  }

  private let output: ReportFile
  private let spool = ReportSpool()
  private var suites: [String: Suite] = [:]
  /// In the order in which they began.
  private var order: [String] = []

  package init(_ output: ReportFile) { self.output = output }

  package func began(_ options: TestOptions, files: [String]) {}

  package func ended(_ record: TestRecord) {
    if suites[record.file] == nil { order.append(record.file) }
    var suite = suites[record.file] ?? Suite(section: spool.begin())
    suite.tests += 1
    suite.duration += record.duration
    if suite.startedAt == 0 || record.startedAt != 0 && record.startedAt < suite.startedAt {
      suite.startedAt = record.startedAt
    }
    let outcome: String
    switch record.verdict {
    case .fail where !record.isExpected:
      suite.failures += 1
      outcome = problem("failure", record)
    case .error where !record.isExpected:
      suite.errors += 1
      outcome = problem("error", record)
    case .fail, .error:
      suite.skipped += 1
      outcome = skipped("known failure: \(record.message)")
    case .skip:
      suite.skipped += 1
      outcome = skipped(record.message)
    case .todo:
      suite.skipped += 1
      outcome = skipped("todo: \(record.todo ?? record.message)")
    case .inconclusive:
      suite.skipped += 1
      outcome = skipped("inconclusive: \(record.message)")
    case .pass, .flaky, .warning, .noted:
      outcome = ""
    }
    var text = "    <testcase name=\(XmlText.attribute(record.title)) classname=\(XmlText.attribute(className(record)))"
    text += " time=\"\(Decimals.seconds(record.duration))\""
    let account = self.account(record)
    var inside = outcome
    if !account.isEmpty { inside += "      <system-out>\(XmlText.content(account))</system-out>\n" }
    if !record.leaks.isEmpty {
      inside += "      <system-err>\(XmlText.content("left behind:\n" + record.leaks.joined(separator: "\n")))</system-err>\n"
    }
    text += inside.isEmpty ? "/>\n" : ">\n\(inside)    </testcase>\n"
    spool.append(text, to: suite.section)
    suites[record.file] = suite
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    // What was stopped has neither passed nor failed; to a reader of this format that is an error.
    for record in summary.stopped { ended(record) }
    let all = order.compactMap { suites[$0] }
    output.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    let interruption = summary.wasInterrupted && summary.stopped.isEmpty ? ["the run was interrupted"] : []
    let problems = summary.missing + interruption
    let missing = problems.count
    let differing = JunitReporter.cases(summary)
    let (tests, failures) = (missing + differing.count, differing.count)
    output.write("<testsuites name=\"sock\" tests=\"\(all.reduce(tests) { $0 + $1.tests })\"")
    output.write(" failures=\"\(all.reduce(failures) { $0 + $1.failures })\"")
    output.write(" errors=\"\(all.reduce(missing) { $0 + $1.errors })\"")
    output.write(" time=\"\(Decimals.seconds(summary.duration))\">\n")
    for (number, file) in order.enumerated() {
      guard let suite = suites[file] else { continue }
      output.write("  <testsuite id=\"\(number)\" name=\(XmlText.attribute(file)) file=\(XmlText.attribute(file))")
      output.write(" tests=\"\(suite.tests)\" failures=\"\(suite.failures)\" errors=\"\(suite.errors)\"")
      output.write(" skipped=\"\(suite.skipped)\" time=\"\(Decimals.seconds(suite.duration))\"")
      if suite.startedAt > 0 { output.write(" timestamp=\"\(WallClock.text(suite.startedAt))\"") }
      output.write(">\n")
      spool.copy(suite.section, to: output)
      output.write("  </testsuite>\n")
    }
    if !differing.isEmpty {
      output.write("  <testsuite name=\"answers that differ\" tests=\"\(differing.count)\"")
      output.write(" failures=\"\(differing.count)\" errors=\"0\">\n\(differing.joined())  </testsuite>\n")
    }
    if missing > 0 {
      // The format has no other way to say that something is not known.
      output.write("  <testsuite name=\"the run\" tests=\"\(missing)\" failures=\"0\" errors=\"\(missing)\">\n")
      for text in problems {
        output.write("    <testcase name=\(XmlText.attribute(text)) classname=\"sock\">\n")
        output.write("      <error message=\(XmlText.attribute(text)) type=\"incomplete\"/>\n    </testcase>\n")
      }
      output.write("  </testsuite>\n")
    }
    output.write("</testsuites>\n")
    return spool.problem ?? output.finish()
  }

  /// So many differences are told of one by one: tools hold all of a report.
  private static let differencesShown = 1000

  /// What `--compare` has found: a case for each place where answers differ, and for each who has said nothing.
  private static func cases(_ summary: Summary) -> [String] {
    func element(_ name: String, _ message: String, _ type: String, _ text: String) -> String {
      "    <testcase name=\(XmlText.attribute(name)) classname=\"sock.compare\">\n      <failure "
        + "message=\(XmlText.attribute(message)) type=\(XmlText.attribute(type))>\(XmlText.content(text))</failure>\n"
        + "    </testcase>\n"
    }
    var cases = summary.silentTargets.map { element($0, Summary.silence(of: $0), "silent", Summary.silence(of: $0)) }
    for difference in summary.differences.prefix(differencesShown) {
      let place = difference.place.isEmpty ? "" : " \(difference.place)"
      let message = difference.parts.isEmpty ? "the answers differ" : "the answers differ \(difference.parts)"
      cases.append(element("\(difference.file) \(difference.name)\(place)", message, "difference", difference.text))
    }
    let more = summary.differences.count - differencesShown
    if more > 0 { cases.append(element("\(more) more", "\(more) more answers differ", "difference", "")) }
    return cases
  }

  /// `conformance/smtp.sock` as `conformance.smtp`: tools show it as packages.
  private func className(_ record: TestRecord) -> String {
    let path = record.file.hasSuffix(".sock") ? record.file.dropLast(5) : record.file[...]
    return path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: ".")
  }

  private func problem(_ element: String, _ record: TestRecord) -> String {
    let message = record.message.isEmpty ? record.verdict.rawValue : record.message
    let type = record.code ?? record.verdict.rawValue
    let text = record.report.isEmpty ? message : record.report
    return "      <\(element) message=\(XmlText.attribute(message)) type=\(XmlText.attribute(type))>"
      + "\(XmlText.content(text))</\(element)>\n"
  }

  private func skipped(_ message: String) -> String { "      <skipped message=\(XmlText.attribute(message))/>\n" }

  /// What a reader of the test wants to know beyond its outcome.
  private func account(_ record: TestRecord) -> String {
    var text = ""
    if let level = record.level { text += "requirement: \(level) \(record.citation ?? "")\n" }
    if record.attempts > 1 { text += "attempts: \(record.attempts)\n" }
    if record.verdict != .pass, let seed = record.seed { text += "random numbers: --seed \(seed)\n" }
    if let improvement = record.improvement { text += "better: \(improvement)\n" }
    switch record.verdict {
    case .pass, .skip: break
    case .fail, .error: if record.isExpected { text += record.report }
    case .todo, .inconclusive, .flaky, .warning, .noted:
      text += "\(record.verdict.rawValue): \(record.message)\n" + record.report
    }
    if !record.log.isEmpty { text += "printed:\n\(record.log)" }
    // Of a failure the account has it already: GitLab and Jenkins show both, one below the other.
    let isTold = record.verdict.isFailure && !record.isExpected
    if record.verdict != .pass, record.verdict != .skip, !isTold, !record.transcript.isEmpty {
      text += (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + "transcript:\n"
      text += TranscriptText.lines(record, limits: .short)
    }
    return text
  }
}

enum XmlText {
  /// With its quotes. Line ends are written as references: an attribute's would become spaces.
  static func attribute(_ text: String) -> String { "\"\(escaped(text, isAttribute: true))\"" }

  static func content(_ text: String) -> String { escaped(text, isAttribute: false) }

  /// Control characters have no place in XML 1.0, not even as references: they are shown as `\x1b`.
  private static func escaped(_ text: String, isAttribute: Bool) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".utf8
      case "<": result += "&lt;".utf8
      case ">": result += "&gt;".utf8
      case "\"": result += "&quot;".utf8
      case "\t", "\n": if isAttribute { result += "&#\(scalar.value);".utf8 } else { result += String(scalar).utf8 }
      case "\r": result += "&#13;".utf8
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}":
        let digits = String(scalar.value, radix: 16)
        result += "\\x\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
      default: result += String(scalar).utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
