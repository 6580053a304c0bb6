// What a person sees: a line for each test as it ends, the whole account of what failed, the sum at the end.

import SockLanguage
import SocketCore

package final class PrettyReporter: Reporter {
  private let output: ReportFile
  private let color: Bool
  private let isTerminal: Bool
  private let listOnly: Bool
  /// Kept while a line of progress stands on the terminal.
  private var progress = ""
  private var done = 0
  private var failed = 0
  private let start = MonotonicClock.now
  private var causes = Causes()
  /// How many tests there were: of many, the failures are far above the end of the log.
  private var seen = 0
  /// What `--repeat` found of tests that fail at times: how often each ran, and which runs failed.
  private var repetitions: [String: (runs: Int, failed: [Int], place: String)] = [:]
  private var isRepeated = false
  private var seed: UInt64?
  /// The tests did not run as they stand: the account of each finding says how it comes again.
  private var isMutated = false
  /// The words of the command line, for the one that runs again what failed.
  private var words: [String] = []
  /// The log is one of GitHub Actions: accounts are groups that can be folded.
  private let hasGroups: Bool
  /// Only with several implementations.
  private var matrix: ConformanceMatrix?

  package init(_ output: ReportFile, color: Bool, isTerminal: Bool, listOnly: Bool, hasGroups: Bool = false) {
    self.hasGroups = hasGroups
    self.output = output
    self.color = color
    self.isTerminal = isTerminal
    self.listOnly = listOnly
  }

  package func began(_ options: TestOptions, files: [String]) {
    isRepeated = options.repeats > 1
    seed = options.seed
    isMutated = options.mutations != nil
    // With what the run was asked for otherwise: a parameter or a target may name the tests.
    words = RunFacts.shownWords(options, files).filter { $0 != "--rerun-failed" }
    if words.first == "test" { words.removeFirst() } else { words = options.paths }
    if options.targets.count > 1 { matrix = ConformanceMatrix(targets: options.targets.map(\.name)) }
    if let seed = options.seedOfOrder { show(dim("the order is that of --shuffle --seed \(seed)") + "\n") }
    showProgress()
    output.flush()
  }

  package func ended(_ record: TestRecord) {
    clearProgress()
    if listOnly {
      var line = "\(printable(record.file)):\(record.line): \(printable(record.name))"
      if let level = record.level { line += "  (\(level) \(printable(record.citation ?? "")))" }
      if let target = record.target { line += "  @\(printable(target))" }
      if !record.tags.isEmpty { line += "  [\(printable(record.tags.joined(separator: ", ")))]" }
      if !record.message.isEmpty { line += dim("  (\(printable(record.message)))") }
      show(line + "\n")
      return
    }
    // A file as a whole has its path for a name.
    var line = "\(mark(record))  \(place(record)) \(record.name == record.file ? "the whole file" : printable(record.name))"
    if let level = record.level { line += dim("  \(level) \(printable(record.citation ?? ""))") }
    if let target = record.target { line += dim("  @\(printable(target))") }
    if let segmentation = record.segmentation { line += dim("  \(segmentation)") }
    line += dim("  \(PrettyReporter.time(record.duration))")
    let isTold = record.verdict.isFailure && !record.isExpected
    let cause = isTold ? causes.add(record) : (count: 1, first: "")
    let isKnown = cause.count > Causes.toldInFull
    if isKnown { line += dim("  as \(printable(cause.first))") }
    if record.verdict == .flaky { line += "  \(PrettyReporter.tries(record.attempts))" }
    show(line + "\n")
    seen += 1
    note(record)
    if record.isExpected {
      show(indented("known failure: \(printable(record.message))\n"))
    } else if record.verdict.isFailure || record.verdict == .warning || record.verdict == .flaky {
      if !isKnown { tell(record) }
    } else if !record.message.isEmpty {
      show(indented(printable(record.message) + "\n"))
    }
    if let improvement = record.improvement { show(indented("\(paint("better:", "32")) \(printable(improvement))\n")) }
    for leak in record.leaks { show(indented("\(paint("left behind:", "33")) \(printable(leak))\n")) }
    matrix?.add(record)
    done += 1
    if record.failsTheRun { failed += 1 }
    showProgress()
    output.flush()
  }

  /// The whole account.
  private func tell(_ record: TestRecord) {
    if hasGroups { output.write("::group::\(PrettyReporter.defused(printable(record.message)))\n") }
    let account = record.report.isEmpty ? printable(record.message) + "\n" : printableLines(record.report)
    show(indented(color ? AccountPaint.painted(account) : account))
    if !record.log.isEmpty { show(indented(printed(record.log))) }
    if hasGroups { output.write("::endgroup::\n") }
  }

  /// `failed at try 1, passed at try 2`.
  private static func tries(_ attempts: Int) -> String {
    attempts == 2 ? "failed at try 1, passed at try 2" : "failed at tries 1 to \(attempts - 1), passed at try \(attempts)"
  }

  private func note(_ record: TestRecord) {
    guard isRepeated else { return }
    var known = repetitions[record.identity] ?? (0, [], "\(record.file):\(record.line) \(record.title)")
    known.runs += 1
    if record.verdict.isFailure || record.verdict == .flaky { known.failed.append(known.runs) }
    repetitions[record.identity] = known
  }

  /// The failures once more, by cause, where there are several or they stand far above.
  private var recap: String {
    var text = ""
    for (_, known) in repetitions.sorted(by: { $0.value.place < $1.value.place }) where !known.failed.isEmpty {
      let runs = known.failed.prefix(5).map(String.init).joined(separator: ", ") + (known.failed.count > 5 ? "…" : "")
      let word = known.failed.count == 1 ? "run" : "runs"
      text += "\(known.runs - known.failed.count) of \(known.runs) runs passed, \(word) \(runs) failed  \(printable(known.place))\n"
    }
    let sorted = causes.sorted
    guard (sorted.first?.count ?? 0) > 1 || seen > PrettyReporter.fewTests, !sorted.isEmpty else { return text }
    let width = String(sorted.first?.count ?? 1).count
    text += paint("failed, by cause:", "1") + "\n"
    for cause in sorted.prefix(PrettyReporter.causesTold) {
      let count = String(cause.count)
      text += "  \(String(repeating: " ", count: width - count.count))\(count) ×  \(printable(cause.message))\n"
      let names = cause.tests.map { "\(printable($0.place)) \(printable($0.title))" }
      let more = cause.count - names.count
      text += String(repeating: " ", count: width + 6) + dim(names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")) + "\n"
    }
    let left = sorted.count - PrettyReporter.causesTold
    if left > 0 { text += "  and \(left) other cause\(left == 1 ? "" : "s")\n" }
    if isMutated { return text }
    let places = words.map(ShellWord.quoted).joined(separator: " ")
    return text + "again: sock test --rerun-failed\(places.isEmpty ? "" : " ")\(places)\n"
  }

  /// Of so few tests the failures are in sight.
  private static let fewTests = 20
  private static let causesTold = 10

  package func goesOn(_ test: RunningTest, at place: (file: String, line: Int)?, for seconds: Int) {
    // Where somebody watches, the line of progress says that it goes on.
    guard !isTerminal else { return }
    var line = "still  \(printable(test.file)):\(test.line) \(printable(test.name))"
    if let place {
      line += place.file == test.file ? ", at line \(place.line)" : ", at \(printable(place.file)):\(place.line)"
    }
    show("\(line), for \(seconds) s\n")
    output.flush()
  }

  package func makeRoom() {
    clearProgress()
    output.flush()
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    clearProgress()
    if listOnly { return output.finish() }
    if summary.total == 0, summary.stopped.isEmpty {
      showWarnings(summary)
      show((summary.wasInterrupted ? "interrupted before a test had ended" : summary.emptiness) + "\n")
      return output.finish()
    }
    if let matrix { show(comparison(matrix)) }
    if let compared = summary.comparedAnswers { show(differences(summary, among: compared)) }
    for record in summary.stopped {
      show("\(paint("stopped", "33"))  \(place(record)) \(printable(record.name))\n" + indented(printable(record.message) + "\n"))
      guard !record.report.isEmpty else { continue }
      let account = printableLines(record.report)
      show(indented(color ? AccountPaint.painted(account) : account))
      if !record.log.isEmpty { show(indented(printed(record.log))) }
    }
    showWarnings(summary)
    show(recap)
    for improvement in summary.improvements { show("\(paint("better:", "32")) \(printable(improvement))\n") }
    if let mutations = summary.mutations { show(PrettyReporter.words(mutations, seed: seed) + "\n") }
    var parts: [String] = []
    for verdict in TestVerdict.allCases {
      if let count = summary.counts[verdict], count > 0 { parts.append("\(count) \(PrettyReporter.word(verdict, count))") }
    }
    var line = parts.isEmpty ? "no test ended" : parts.joined(separator: ", ")
    if summary.expected > 0 { line += " (\(summary.expected) of them known)" }
    line += " in \(PrettyReporter.time(summary.duration))"
    if let note = summary.leftOutNote { line += "; \(note)" }
    if summary.wasInterrupted { line += "; interrupted" }
    if !summary.missing.isEmpty { line += "; incomplete" }
    let isGood = summary.exitStatus == 0
    show(paint(line, isGood ? "1;32" : "1;31") + "\n")
    return output.finish()
  }

  /// `200 mutations of --seed 1: 12 did damage, 2 findings`.
  private static func words(_ mutations: MutationCounts, seed: UInt64?) -> String {
    var line = "\(mutations.runs) mutation\(mutations.runs == 1 ? "" : "s")"
    if let seed { line += " of --seed \(seed)" }
    line += mutations.damaging == 0 ? ": none did damage" : ": \(mutations.damaging) did damage"
    if mutations.findings > 0 { line += ", \(mutations.findings) finding\(mutations.findings == 1 ? "" : "s")" }
    if !mutations.hasMore, mutations.runs > 0 {
      line += "; all \(mutations.runs) change\(mutations.runs == 1 ? "" : "s") were tried"
    }
    if mutations.idle > 0 { line += "; \(mutations.idle) changed nothing, or came to no probe" }
    return line
  }

  private func differences(_ summary: Summary, among compared: Int) -> String {
    let found = summary.differences
    guard !found.isEmpty else { return "\n\(compared) answers compared, none differs\n\(silent(summary))\n" }
    var text = "\n" + paint("answers that differ:", "1") + "\n"
    for difference in found { text += printableLines(difference.text) }
    let tests = Set(found.map { "\($0.file)::\($0.name)" }).count
    text += "\(compared) answers compared, \(found.count) differ, in \(tests) test\(tests == 1 ? "" : "s")\n"
    return text + "\(silent(summary))\n"
  }

  private func silent(_ summary: Summary) -> String {
    summary.silentTargets.map { "\(paint("fail", "31"))   \(printable(Summary.silence(of: $0)))\n" }.joined()
  }

  /// Test by implementation; what holds everywhere is only counted.
  private func comparison(_ matrix: ConformanceMatrix) -> String {
    let rows = (matrix.requirements + matrix.allRows.filter { $0.level == nil && $0.citation == nil })
    let shown = rows.filter { row in row.cells.contains { $0?.verdict != .pass } }
    let widths = matrix.columns.map { max(7, ($0 ?? "").count) }
    func cells(_ row: ConformanceMatrix.Row) -> String {
      zip(row.cells, widths).map { cell, width in
        let word = cell?.word ?? "-"
        let padding = String(repeating: " ", count: max(0, width - word.count))
        return (cell.map { paint(word, style($0.verdict, $0.isExpected)) } ?? dim(word)) + padding
      }.joined(separator: "  ")
    }
    var text = "\n"
    if !shown.isEmpty {
      let heads = zip(matrix.columns, widths).map { name, width in
        (name ?? "") + String(repeating: " ", count: max(0, width - (name ?? "").count))
      }
      text += paint(heads.joined(separator: "  "), "1") + "\n"
      for row in shown {
        text += cells(row) + "  " + printable(row.name)
        if let level = row.level { text += dim("  \(level) \(printable(row.citation ?? ""))") }
        text += "\n"
      }
    }
    let same = rows.count - shown.count
    if same > 0 { text += "\(same) of \(rows.count) tests pass everywhere\n" }
    return text + "\n"
  }

  private static func word(_ verdict: TestVerdict, _ count: Int) -> String {
    switch verdict {
    case .pass: return "passed"
    case .fail: return "failed"
    case .error: return count == 1 ? "error" : "errors"
    case .skip: return "skipped"
    case .todo: return "todo"
    case .inconclusive: return "inconclusive"
    case .flaky: return "flaky (counts as passed)"
    case .warning: return count == 1 ? "warning" : "warnings"
    case .noted: return "noted"
    }
  }

  private func mark(_ record: TestRecord) -> String {
    let word = record.isExpected ? "known" : record.verdict.rawValue
    let padded = word + String(repeating: " ", count: max(0, 5 - word.count))
    return paint(padded, style(record.verdict, record.isExpected))
  }

  private func style(_ verdict: TestVerdict, _ isExpected: Bool) -> String {
    switch verdict {
    case .pass: return "32"
    case .fail, .error: return isExpected ? "33" : "1;31"
    case .warning, .flaky, .inconclusive: return "33"
    case .skip, .todo, .noted: return "36"
    }
  }

  private func place(_ record: TestRecord) -> String { dim("\(printable(record.file)):\(record.line)") }

  private func showWarnings(_ summary: Summary) {
    for warning in summary.warnings { show("\(paint("warning:", "33")) \(printable(warning))\n") }
  }

  /// Names, reasons and citations may hold what a peer has said: no terminal and no CI acts on them, and none makes a
  /// line of its own.
  private func printable(_ text: String) -> String { Printable.text(text) }

  /// The same of an account, which has lines.
  private func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { Printable.text($0) }.joined(separator: "\n")
  }

  /// What a test printed may come from its peer: no terminal and no CI acts on it, as some would on a line's beginning.
  private func printed(_ log: String) -> String {
    let lines = log.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let kept = lines.last == "" ? lines.dropLast() : lines[...]
    return "printed:\n" + kept.map { "| \(Printable.text($0))\n" }.joined()
  }

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
    guard isTerminal, !listOnly else { return }
    progress = done == 0 ? "running" : "\(done) done"
    if failed > 0 { progress += ", \(failed) failed" }
    progress += ", \(PrettyReporter.time(MonotonicClock.now - start))"
    show(dim(progress))
  }

  private func clearProgress() {
    guard !progress.isEmpty else { return }
    show("\r\u{1B}[K")
    progress = ""
  }

  private func show(_ text: String) { output.write(hasGroups ? PrettyReporter.defused(text) : text) }

  /// For a log of GitHub Actions, whose runner takes `##[command]` anywhere in a line and `::command` at its beginning
  /// for orders: what a peer has sent or a test is called gives none.
  static func defused(_ text: String) -> String {
    text.replacing("##[", with: "# #[").split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let blanks = line.prefix { $0 == " " || $0 == "\t" }
      return line.dropFirst(blanks.count).hasPrefix("::") ? blanks + ": :" + line.dropFirst(blanks.count + 2) : line
    }.joined(separator: "\n")
  }
}
