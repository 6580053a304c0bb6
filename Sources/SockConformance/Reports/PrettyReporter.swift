// What a person sees: a line for each test as it ends, the whole account of what failed, the sum at the end.

import Glibc

package final class PrettyReporter: Reporter {
  private let color: Bool
  private let isTerminal: Bool
  private let listOnly: Bool
  private var lastFile = ""
  private var width = 0
  /// Kept while a line of progress stands on the terminal.
  private var progress = ""
  private var done = 0

  package init(color: Bool, isTerminal: Bool, listOnly: Bool) {
    self.color = color
    self.isTerminal = isTerminal
    self.listOnly = listOnly
  }

  package func began(_ options: TestOptions, files: [String]) {}

  package func ended(_ record: TestRecord) {
    clearProgress()
    if listOnly {
      var line = "\(record.file):\(record.line): \(record.name)"
      if let level = record.level { line += "  (\(level) \(record.citation ?? ""))" }
      if !record.tags.isEmpty { line += "  [\(record.tags.joined(separator: ", "))]" }
      show(line + "\n")
      return
    }
    var line = "\(mark(record))  \(place(record)) \(record.name)"
    if let level = record.level { line += dim("  \(level) \(record.citation ?? "")") }
    if let target = record.target { line += dim("  @\(target)") }
    if let segmentation = record.segmentation { line += dim("  \(segmentation)") }
    line += dim("  \(PrettyReporter.time(record.duration))")
    show(line + "\n")
    if record.isExpected {
      show(indented("known failure: \(record.message)\n"))
    } else if record.verdict.isFailure || record.verdict == .warning || record.verdict == .flaky {
      show(indented(record.report.isEmpty ? record.message + "\n" : record.report))
      if !record.log.isEmpty { show(indented("printed:\n" + record.log + (record.log.hasSuffix("\n") ? "" : "\n"))) }
    } else if !record.message.isEmpty {
      show(indented(record.message + "\n"))
    }
    if let improvement = record.improvement { show(indented("\(paint("better:", "32")) \(improvement)\n")) }
    for leak in record.leaks { show(indented("\(paint("left behind:", "33")) \(leak)\n")) }
    done += 1
    showProgress()
  }

  package func finished(_ summary: Summary) -> String? {
    clearProgress()
    if listOnly { return nil }
    if summary.total == 0 {
      show("no test was found\n")
      return nil
    }
    for improvement in summary.improvements { show("\(paint("better:", "32")) \(improvement)\n") }
    var parts: [String] = []
    for verdict in TestVerdict.allCases {
      if let count = summary.counts[verdict], count > 0 { parts.append("\(count) \(PrettyReporter.word(verdict, count))") }
    }
    var line = parts.joined(separator: ", ")
    if summary.expected > 0 { line += " (\(summary.expected) of them known)" }
    line += " in \(PrettyReporter.time(summary.duration))"
    if summary.wasInterrupted { line += "; interrupted" }
    let isGood = summary.exitStatus == 0
    show(paint(line, isGood ? "1;32" : "1;31") + "\n")
    return nil
  }

  private static func word(_ verdict: TestVerdict, _ count: Int) -> String {
    switch verdict {
    case .pass: return "passed"
    case .fail: return "failed"
    case .error: return count == 1 ? "error" : "errors"
    case .skip: return "skipped"
    case .todo: return "todo"
    case .inconclusive: return "inconclusive"
    case .flaky: return "flaky"
    case .warning: return count == 1 ? "warning" : "warnings"
    case .noted: return "noted"
    }
  }

  private func mark(_ record: TestRecord) -> String {
    let word = record.isExpected ? "known" : record.verdict.rawValue
    let padded = word + String(repeating: " ", count: max(0, 5 - word.count))
    switch record.verdict {
    case .pass: return paint(padded, "32")
    case .fail, .error: return paint(padded, record.isExpected ? "33" : "1;31")
    case .warning, .flaky, .inconclusive: return paint(padded, "33")
    case .skip, .todo, .noted: return paint(padded, "36")
    }
  }

  private func place(_ record: TestRecord) -> String { dim("\(record.file):\(record.line)") }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "       " + $0 }
      .joined(separator: "\n")
  }

  /// `0.4 ms`, `12 ms`, `3.2 s`.
  package static func time(_ nanoseconds: Int64) -> String {
    let tenths = nanoseconds / 100_000
    if tenths < 100 { return "\(tenths / 10).\(tenths % 10) ms" }
    if tenths < 10_000 { return "\(tenths / 10) ms" }
    return "\(tenths / 10_000).\(tenths / 1000 % 10) s"
  }

  // MARK: - The terminal

  private func paint(_ text: String, _ style: String) -> String { color ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text }
  private func dim(_ text: String) -> String { paint(text, "2") }

  private func showProgress() {
    guard isTerminal else { return }
    progress = "\(done) done"
    show(dim(progress))
  }

  private func clearProgress() {
    guard !progress.isEmpty else { return }
    show("\r\u{1B}[K")
    progress = ""
  }

  private func show(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let written = write(STDOUT_FILENO, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if written < 0, errno != EINTR { return }
        done += max(0, written)
      }
    }
  }
}
