// What is known of a test that has run: plain values that cross from the thread that ran it to those that report it.

import SockRuntime

/// How a test came out.
package enum TestVerdict: String, Sendable, CaseIterable {
  case pass
  case fail
  /// The script itself is wrong.
  case error
  case skip
  /// Fails, as its `todo` says it does.
  case todo
  case inconclusive
  /// Passed, but not at the first try.
  case flaky
  /// A `should` that does not hold.
  case warning
  /// A `may` that does not hold: reported, and no more.
  case noted

  /// Whether it makes the run fail.
  package var isFailure: Bool { self == .fail || self == .error }
}

/// One of the tries of a test that `--retries` has tried again.
package struct TestTry: Sendable, Equatable {
  package var verdict: TestVerdict
  /// One line: why it did not pass.
  package var message: String
  /// Nanoseconds.
  package var duration: Int64
  /// The whole account, as a terminal shows it without colour; empty where it passed.
  package var report: String

  package init(verdict: TestVerdict, message: String, duration: Int64, report: String) {
    self.verdict = verdict
    self.message = message
    self.duration = duration
    self.report = report
  }

  init(_ record: TestRecord) {
    self.init(verdict: record.verdict, message: record.message, duration: record.duration, report: record.report)
  }
}

package struct TestRecord: Sendable {
  /// As found from the current folder.
  package var file: String
  package var name: String
  /// 1-based; 0 when the file could not be read.
  package var line: Int
  /// `must`, `should`, `may`, or nil.
  package var level: String?
  package var citation: String?
  package var tags: [String] = []
  package var todo: String?
  /// The implementation it ran against, of several (`--target`, `--client`).
  package var target: String?
  /// How sends were cut (`--segment`), for the reader; nil: as written.
  package var segmentation: String?

  package var verdict = TestVerdict.pass
  /// One line: why it did not pass.
  package var message = ""
  /// The code of its failure: `timeout`, `mismatch`…
  package var code: String?
  /// Where it failed: file, line (1-based), column.
  package var place: (file: String, line: Int, column: Int)?
  /// When it failed, and on which channel: where in the transcript that belongs.
  package var point: FailurePoint?
  /// The script around that place, and around each call that led to it, innermost first.
  package var excerpts: [SourceExcerpt] = []
  /// The whole account, as a terminal shows it without colour.
  package var report = ""
  /// What it printed and logged.
  package var log = ""
  /// What failed `check`s say, in order; each a whole account.
  package var checks: [String] = []
  /// Microseconds since 1970, by the clock on the wall; 0 when it did not run.
  package var startedAt: Int64 = 0
  /// Nanoseconds.
  package var duration: Int64 = 0
  package var attempts = 1
  /// Each of them, in order, where there were several.
  package var tries: [TestTry] = []
  /// With which `--seed` it draws the same by chance; nil when it has drawn nothing.
  package var seed: UInt64?
  /// Descriptors and processes that it left.
  package var leaks: [String] = []
  /// A `todo` that passes, a baseline's failure that is gone: what got better.
  package var improvement: String?
  /// A failure that the baseline knows: it does not fail the run.
  package var isExpected = false
  /// What went over its channels; empty unless some report wants it, or it failed.
  package var transcript: [TranscriptLine] = []
  package var channels: [ChannelInfo] = []
  /// What went over the wires of its TLS; empty unless some report wants transcripts.
  package var records: [TranscriptLine] = []
  /// The secrets that `records` are read with: lines of an SSLKEYLOGFILE.
  package var keys: [String] = []

  package init(file: String, name: String, line: Int) {
    self.file = file
    self.name = name
    self.line = line
  }

  /// Unique within a suite, and stable over runs and machines.
  package var identity: String { "\(file)::\(title)" }

  /// The name, and what tells runs of one test apart.
  package var title: String {
    var text = name
    if let target { text += " @\(target)" }
    if let segmentation { text += " [\(segmentation)]" }
    return text
  }

  package var failsTheRun: Bool { verdict.isFailure && !isExpected }
}

/// What a run counts to.
package struct Summary: Sendable {
  package var counts: [TestVerdict: Int] = [:]
  package var expected = 0
  package var failed = 0
  package var errors = 0
  package var improvements: [String] = []
  /// Where implementations answer otherwise (`--compare`).
  package var differences: [AnswerDifference] = []
  /// How many answers were compared; nil where none were to be.
  package var comparedAnswers: Int?
  /// Implementations that were to be compared, and have said nothing in any test.
  package var silentTargets: [String] = []
  /// The signal that ended the run before its end.
  package var signal: Int32?
  package var wasInterrupted: Bool { signal != nil }
  /// Tests that ran when it came.
  package var stopped: [TestRecord] = []
  /// Why no test ran, where that is as it should be.
  package var nothingToDo: String?
  /// What happened to the run that no test answers for.
  package var warnings: [String] = []
  /// Files below the folders that were named that have no test.
  package var leftOut = 0
  /// Tests that other shards run.
  package var ofOtherShards = 0
  /// What mutations have come to; nil where none were asked for.
  package var mutations: MutationCounts?
  /// Of a run that was joined from several reports: what of it is not known, as a shard without a report.
  package var missing: [String] = []
  /// Nanoseconds.
  package var duration: Int64 = 0

  package var total: Int { counts.values.reduce(0, +) }

  package init() {}

  package mutating func add(_ record: TestRecord) {
    counts[record.verdict, default: 0] += 1
    if record.isExpected { expected += 1 }
    if record.failsTheRun {
      if record.verdict == .error { errors += 1 } else { failed += 1 }
    }
    if let improvement = record.improvement { improvements.append("\(record.identity): \(improvement)") }
  }

  /// 0 nothing failed, 1 failures, answers that differ or an implementation that has said nothing, 2 wrong scripts, no
  /// test at all or a part of the run missing, 128 and its number after a signal.
  package var exitStatus: Int32 {
    if let signal { return 128 + signal }
    if errors > 0 || !missing.isEmpty { return 2 }
    if total == 0 { return ofOtherShards > 0 || nothingToDo != nil ? 0 : 2 }
    return failed > 0 || !differences.isEmpty || !silentTargets.isEmpty ? 1 : 0
  }

  /// What is told of an implementation that has said nothing; without a line end.
  static func silence(of target: String) -> String {
    "\(target) has said nothing in any test: none of its answers could be compared"
  }

  /// Why no test ran; without a line end.
  package var emptiness: String {
    if let nothingToDo { return nothingToDo }
    if ofOtherShards > 0 {
      return "this shard has no test: \(Summary.count(ofOtherShards, "test")) of the suite \(ofOtherShards == 1 ? "is" : "are") in others"
    }
    return leftOut > 0 ? "no test was found; \(leftOutNote ?? "")" : "no test was found"
  }

  /// What is told of files that did not run.
  package var leftOutNote: String? {
    leftOut == 0 ? nil : "\(Summary.count(leftOut, "file")) without a test left out"
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
