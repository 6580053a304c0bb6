// TAP, the Test Anything Protocol: https://testanything.org/tap-version-14-specification.html
//
// The version named is 13, which every consumer knows; nothing here is understood otherwise by one of 14.

import SockLanguage

package final class TapReporter: Reporter {
  private let output: ReportFile
  private var count = 0

  package init(_ output: ReportFile) { self.output = output }

  package func began(_ options: TestOptions, files: [String]) {
    output.write("TAP version 13\n")
  }

  package func ended(_ record: TestRecord) {
    count += 1
    var line = TapReporter.isOk(record) ? "ok" : "not ok"
    // TAP has no files: the name says which.
    let name = record.title.hasPrefix(record.file) ? record.title : "\(record.file): \(record.title)"
    line += " \(count) - \(TapReporter.escaped(name))"
    if let directive = TapReporter.directive(record) { line += " # \(directive)" }
    output.write(line + "\n" + TapReporter.diagnosis(record))
    // A test at a time: whoever follows the run sees each as it ends.
    output.flush()
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    output.write(count == 0 ? "1..0 # SKIP \(TapReporter.escaped(summary.emptiness))\n" : "1..\(count)\n")
    if count > 0, let note = summary.leftOutNote { output.write("# \(note)\n") }
    for warning in summary.warnings { output.write("# warning: \(TapReporter.escaped(warning))\n") }
    if summary.wasInterrupted {
      let running = summary.stopped.map { TapReporter.escaped("\($0.file): \($0.title)") }
      output.write("Bail out! The run was interrupted\(running.isEmpty ? "" : " in \(running.joined(separator: ", "))")\n")
    }
    for missing in summary.missing { output.write("Bail out! \(TapReporter.escaped(missing))\n") }
    return output.finish()
  }

  private static func isOk(_ record: TestRecord) -> Bool {
    switch record.verdict {
    case .pass, .flaky, .skip, .inconclusive: return true
    case .fail, .error, .todo, .warning, .noted: return false
    }
  }

  /// A TODO test may fail: so does what is known, and a `should` or `may` that does not hold.
  private static func directive(_ record: TestRecord) -> String? {
    if record.isExpected { return "TODO known failure" }
    switch record.verdict {
    case .skip: return "SKIP \(escaped(record.message))"
    case .inconclusive: return "SKIP inconclusive: \(escaped(record.message))"
    case .warning: return "TODO a should that does not hold"
    case .noted: return "TODO a may that does not hold"
    case .todo, .pass: return record.todo.map { "TODO \(escaped($0))" }
    case .fail, .error, .flaky: return nil
    }
  }

  /// The YAML block below a test's line.
  private static func diagnosis(_ record: TestRecord) -> String {
    let isPlain = record.verdict == .pass && record.improvement == nil && record.leaks.isEmpty
    var lines = [("verdict", record.isExpected ? "known \(record.verdict.rawValue)" : record.verdict.rawValue)]
    if let level = record.level { lines.append(("requirement", "\(level) \(record.citation ?? "")")) }
    if !isPlain {
      lines.append(("message", record.message))
      if let code = record.code { lines.append(("code", code)) }
      let place = record.place ?? (record.file, record.line, 1)
      lines.append(("at", "\(place.file):\(place.line):\(place.column)"))
      if let seed = record.seed { lines.append(("seed", "\(seed)")) }
      if let improvement = record.improvement { lines.append(("improvement", improvement)) }
      if !record.leaks.isEmpty { lines.append(("left_behind", record.leaks.joined(separator: "; "))) }
      if !record.log.isEmpty { lines.append(("printed", record.log)) }
    }
    var text = "  ---\n"
    for (key, value) in lines where !value.isEmpty { text += "  \(key): \(JsonText.quoted(value))\n" }
    text += "  duration_ms: \(Decimals.milliseconds(record.duration))\n"
    text += "  ...\n"
    // For people, as a comment: there are consumers of TAP whose YAML has no text of several lines.
    if !isPlain {
      for line in record.report.split(whereSeparator: \.isNewline) { text += "# \(Printable.text(line))\n" }
    }
    return text
  }

  /// One line, in which `#` begins no directive and nothing acts on a terminal.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\", "#":
        result += "\\"
        result.unicodeScalars.append(character)
      case "\n", "\r": result += " "
      default: result += Printable.text(String(character))
      }
    }
    return result
  }
}
