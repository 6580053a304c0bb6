// What has changed over several runs: what became broken, flaky or slow, and what was mended.

import SockLanguage
import SockRuntime

package struct Trend {
  /// What one run says of one test; several lines with `--repeat`.
  private struct Outcome {
    let run: Int
    var passed = 0
    var failed = 0
    /// Lines of tests that passed, but not at the first try.
    var retried = 0
    /// Of the last failure.
    var message = ""
    /// Nanoseconds, of those that passed at the first try: what fails or is tried again takes as long as its deadlines.
    var durations: [Int64] = []

    var isMixed: Bool { retried > 0 || passed > 0 && failed > 0 }
    var hasFailed: Bool { failed > 0 }
  }

  private struct Test {
    var file: String
    var title: String
    var line: Int
    /// It stands for the file as a whole, and is there only when that went wrong: a crash, a top level that failed.
    var isOfFile: Bool
    /// Without runs in which it neither passed nor failed, as one that was skipped.
    var outcomes: [Outcome] = []
    /// The first and the last run that has it at all.
    var first: Int
    var last: Int

    var isFlaky: Bool {
      if outcomes.contains(where: \.isMixed) { return true }
      let changes = outcomes.indices.dropFirst().filter { outcomes[$0].hasFailed != outcomes[$0 - 1].hasFailed }
      if changes.count > 2 { return true }
      // A single run that came out otherwise than those before and after it.
      return changes.count == 2 && changes[1] == changes[0] + 1
    }

    /// How many of its last outcomes failed, without one between that passed.
    var failuresAtEnd: Int { outcomes.reversed().prefix { $0.hasFailed && !$0.isMixed }.count }
  }

  private let runs: [JsonReport.Run]
  private var tests: [String: Test] = [:]
  /// What of the files is odd, and does not keep them from being compared.
  package private(set) var warnings: [String] = []

  /// So many failures in a row are no chance.
  private static let steadyFailures = 3
  /// Slower by less is what a busy machine does: half again as long, and by this much.
  private static let leastDelay: Int64 = 50_000_000
  /// How many times the spread of the runs before.
  private static let spreads: Int64 = 4
  /// Of so many runs, the last three are compared with those before; of fewer, the last one.
  private static let manyRuns = 6
  private static let named = 20

  /// - Parameter paths: reports of `--report json`, the oldest first.
  package init(_ paths: [String]) throws(DiscoveryError) {
    var runs: [JsonReport.Run] = []
    for path in paths {
      if runs.contains(where: { $0.path == path }) { throw DiscoveryError(message: "\(path) is named twice") }
      runs.append(try JsonReport.read(path, isBrief: true))
    }
    for run in runs {
      guard let shard = run.shard, shard.count > 1 else { continue }
      if runs.allSatisfy({ $0.shard.map { $0 == shard } ?? false }) { continue }
      throw DiscoveryError(
        message: "\(run.path) is of shard \(shard.index)/\(shard.count) only; "
          + "`sock report merge FILE… --report json=FILE` joins those of one run")
    }
    FileSpelling(runs).apply(to: &runs)
    self.runs = runs
    for (number, run) in runs.enumerated() {
      if number > 0, run.startedAt < runs[number - 1].startedAt {
        warnings.append("\(run.path) began before \(runs[number - 1].path); the oldest is to be named first")
      }
      if !run.hasEnded { warnings.append("\(run.path): the run did not end; the tests before are here") }
      for record in run.records { add(record, number) }
    }
    fillGaps()
  }

  private mutating func add(_ record: TestRecord, _ run: Int) {
    var test =
      tests[record.identity]
      ?? Test(
        file: record.file, title: record.title, line: record.line,
        isOfFile: record.name == record.file || record.name.hasPrefix("\(record.file) ("), first: run, last: run)
    test.line = record.line
    test.last = run
    defer { tests[record.identity] = test }
    let hasPassed = record.verdict == .pass || record.verdict == .flaky
    // What is skipped, known or optional says nothing: neither that it works nor that it does not.
    guard hasPassed || record.failsTheRun else { return }
    if test.outcomes.last?.run != run { test.outcomes.append(Outcome(run: run)) }
    let at = test.outcomes.count - 1
    if record.failsTheRun {
      test.outcomes[at].failed += 1
      test.outcomes[at].message = record.message
    } else {
      test.outcomes[at].passed += 1
      if record.verdict == .flaky || record.attempts > 1 {
        test.outcomes[at].retried += 1
        test.outcomes[at].message = record.message
      } else {
        test.outcomes[at].durations.append(record.duration)
      }
    }
  }

  /// Where a file ran and nothing is told of it as a whole, nothing was wrong with it.
  private mutating func fillGaps() {
    var ran: [String: Set<Int>] = [:]
    for test in tests.values where !test.isOfFile {
      for outcome in test.outcomes { ran[test.file, default: []].insert(outcome.run) }
    }
    for (identity, test) in tests where test.isOfFile {
      guard let runs = ran[test.file] else {
        // The file is a test itself.
        tests[identity]?.isOfFile = false
        continue
      }
      let told = Set(test.outcomes.map(\.run))
      let fine = runs.subtracting(told).map { run in Outcome(run: run, passed: 1) }
      tests[identity]?.outcomes = (test.outcomes + fine).sorted { $0.run < $1.run }
      tests[identity]?.last = max(test.last, runs.max() ?? 0)
    }
  }

  // MARK: - What there is to tell

  private var last: Int { runs.count - 1 }

  private var sorted: [Test] {
    tests.values.sorted { ($0.file, $0.line, $0.title) < ($1.file, $1.line, $1.title) }
  }

  /// Fails in the last run, and not by chance.
  private func isBroken(_ test: Test) -> Bool {
    guard let latest = test.outcomes.last, latest.run == last, test.failuresAtEnd > 0 else { return false }
    return !test.isFlaky || test.failuresAtEnd >= Trend.steadyFailures
  }

  private func isFixed(_ test: Test) -> Bool {
    guard let latest = test.outcomes.last, latest.run == last, !latest.hasFailed else { return false }
    return !test.isFlaky && test.outcomes.contains(where: \.hasFailed)
  }

  /// Whether a test of the last run is broken.
  package var hasBroken: Bool { tests.values.contains(where: isBroken) }

  /// For a log, with a line end; what was never otherwise is not told.
  /// - Parameter color: whether headings are coloured.
  package func text(color: Bool) -> String {
    let all = sorted
    let broken = all.filter(isBroken)
    let flaky = all.filter { $0.isFlaky && !isBroken($0) && $0.last == last }
    let fixed = all.filter(isFixed)
    let slower = all.compactMap { test in slowness(of: test).map { (test, $0) } }
    let fresh = all.filter { !$0.isOfFile && $0.first > 0 && $0.last == last }
    let (gone, unknown) = missing(all)
    let reason = runs[last].narrowing.map { "which ran chosen tests only (\($0))" } ?? "which did not come to them"
    var text = "\(runs.count) runs, from \(Printable.text(runs[0].path)) to \(Printable.text(runs[last].path))\n"
    func section(_ title: String, _ style: String, _ lines: [String], bound: Int = .max) {
      guard !lines.isEmpty else { return }
      let heading = "\(title): \(lines.count)"
      text += color ? "\u{1B}[\(style)m\(heading)\u{1B}[0m\n" : "\(heading)\n"
      for line in lines.prefix(bound) { text += "  \(line)\n" }
      if lines.count > bound { text += "  and \(lines.count - bound) more\n" }
    }
    section("broken", "1;31", broken.map(brokenLine))
    section("fixed", "1;32", fixed.map(fixedLine))
    section("flaky", "1;33", flaky.map(flakyLine))
    let (old, new) = counts
    let of = new == 1 ? "the last run took" : "the median of the last \(new) runs is"
    section(
      "slower (\(of) half again and 50 ms more than the median of the \(old) before, and 4 times their spread)", "1;33",
      slower.map { "\(place($0.0))  \(PrettyReporter.time($0.1.now)), was \(PrettyReporter.time($0.1.before))" },
      bound: Trend.named)
    section("new", "1", fresh.map { "\(place($0))  since \(name($0.first))" }, bound: Trend.named)
    section("gone", "1", gone.map { "\(place($0))  last in \(name($0.last))" }, bound: Trend.named)
    section("not in the last run, \(reason)", "1", unknown.map(place), bound: Trend.named)
    if broken.isEmpty, fixed.isEmpty, flaky.isEmpty, slower.isEmpty {
      text += "nothing broken, fixed, flaky or slower\n"
    }
    return text
  }

  /// What the last run does not have: because it is gone, or because the run, or its file, ended before.
  private func missing(_ all: [Test]) -> (gone: [Test], unknown: [Test]) {
    let absent = all.filter { !$0.isOfFile && $0.last < last }
    let isWhole = runs[last].hasEnded && runs[last].signal == nil && runs[last].narrowing == nil
    let damaged = Set(all.filter { $0.isOfFile && $0.outcomes.last?.run == last && $0.failuresAtEnd > 0 }.map(\.file))
    return (
      absent.filter { isWhole && !damaged.contains($0.file) },
      absent.filter { !isWhole || damaged.contains($0.file) }
    )
  }

  private func name(_ run: Int) -> String { Printable.text(runs[run].path) }

  private func place(_ test: Test) -> String {
    let title = Printable.text(test.title)
    return test.isOfFile ? title : "\(Printable.text(test.file)):\(test.line) \(title)"
  }

  private func brokenLine(_ test: Test) -> String {
    let count = test.failuresAtEnd
    let since = test.outcomes[test.outcomes.count - count].run
    var text = "\(place(test))  fails since \(name(since))"
    if count == test.outcomes.count {
      text += test.first == 0 ? ", the first of these runs" : ", in which it is new"
    } else if test.isFlaky {
      text += "; flaky before"
    }
    return text + "\n    \(Printable.text(test.outcomes.last?.message ?? ""))"
  }

  private func fixedLine(_ test: Test) -> String {
    let at = test.outcomes.lastIndex(where: \.hasFailed) ?? 0
    let since = at + 1 < test.outcomes.count ? test.outcomes[at + 1].run : last
    return "\(place(test))  passes since \(name(since)); it failed to \(name(test.outcomes[at].run))"
      + "\n    \(Printable.text(test.outcomes[at].message))"
  }

  private func flakyLine(_ test: Test) -> String {
    let total = test.outcomes.reduce(0) { $0 + $1.passed + $1.failed }
    let failed = test.outcomes.reduce(0) { $0 + $1.failed }
    let retried = test.outcomes.reduce(0) { $0 + $1.retried }
    var parts: [String] = []
    if failed > 0 { parts.append("failed in \(failed) of \(total)") }
    if retried > 0 { parts.append("passed at a later try in \(retried) of \(total)") }
    var text = "\(place(test))  \(parts.joined(separator: ", "))"
    if let latest = test.outcomes.last, latest.run == last, latest.hasFailed { text += ", and in the last run" }
    let message = test.outcomes.last { !$0.message.isEmpty }?.message ?? ""
    return text + "\n    \(Printable.text(message))"
  }

  // MARK: - Times

  /// How many runs are compared, and with how many.
  private var counts: (old: Int, new: Int) {
    let new = runs.count >= Trend.manyRuns ? 3 : 1
    return (runs.count - new, new)
  }

  /// The medians, where the later one is beyond what noise does.
  private func slowness(of test: Test) -> (before: Int64, now: Int64)? {
    let (old, _) = counts
    let before = test.outcomes.filter { $0.run < old }.flatMap(\.durations)
    let after = test.outcomes.filter { $0.run >= old }.flatMap(\.durations)
    guard let was = Trend.median(before), let now = Trend.median(after) else { return nil }
    let spread = Trend.median(before.map { abs($0 - was) }) ?? 0
    let least = max(was / 2, Trend.leastDelay, Trend.spreads * spread)
    return now - was > least ? (was, now) : nil
  }

  static func median(_ values: [Int64]) -> Int64? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
