// The failures of today: only what is worse fails a run.

import Glibc
import SockRuntime

/// A text file: a line for each test that is known to fail, `VERDICT<tab>IDENTITY`, sorted; `#` starts a comment, and
/// line ends in a name are written `\n`. The comments above a line say why that test fails, and stay with it when the
/// file is written anew.
package final class Baseline {
  private var known: [String: TestVerdict] = [:]
  /// The comments above each line, without what separates them from the one before.
  private var reasons: [String: [String]] = [:]
  private var seen: Set<String> = []
  private let path: String

  /// A missing file is an empty baseline when it is about to be written, and an error otherwise.
  package init(path: String, mayBeMissing: Bool) throws(DiscoveryError) {
    self.path = path
    switch ScriptFiles.read(path) {
    case .success(let file):
      var comments: [String] = []
      for line in IdentityText.lines(file.bytes) {
        if line.hasPrefix("#") {
          if line != Baseline.heading { comments.append(line) }
          continue
        }
        let parts = line.split(separator: "\t", maxSplits: 1)
        guard parts.count == 2, let verdict = TestVerdict(rawValue: String(parts[0])) else {
          throw DiscoveryError(message: "\(path): `\(line)` is no line of a baseline; write it anew with --update-baseline")
        }
        let identity = IdentityText.unescaped(parts[1])
        known[identity] = verdict
        if !comments.isEmpty { reasons[identity] = comments }
        comments = []
      }
    case .failure(let error):
      if !mayBeMissing { throw DiscoveryError(message: "cannot read the baseline \(path): \(error.message); --update-baseline writes it") }
    }
  }

  /// Marks a known failure as expected, and says when one has gone.
  func apply(to record: inout TestRecord) {
    // The most exact line holds: of this target and segmentation, of this target, of the test.
    var plain = record
    plain.segmentation = nil
    var plainest = plain
    plainest.target = nil
    guard let line = [record.identity, plain.identity, plainest.identity].first(where: { known[$0] != nil }),
      let before = known[line]
    else { return }
    seen.insert(line)
    if record.verdict == before || record.verdict == .fail && before == .error {
      record.isExpected = true
    } else if !record.verdict.isFailure, record.verdict != .skip, record.verdict != .inconclusive {
      record.improvement = "no longer a \(before.rawValue), as the baseline has it, but a \(record.verdict.rawValue)"
    }
  }

  /// Known failures whose test has not run: nothing when only a part of the suite was asked for.
  func gone(selection: TestOptions) -> [String] {
    guard selection.filter == nil, selection.tags.isEmpty, selection.shard == nil, !selection.mustOnly,
      !selection.rerunFailed, !selection.failFast
    else { return [] }
    return known.keys.filter { !seen.contains($0) }.sorted().map { "\($0): is in the baseline, and did not run" }
  }

  /// Writes the failures of a run as the new baseline. What it said about those that still fail is kept.
  package func write(_ records: [TestRecord]) -> String? {
    var lines = [Baseline.heading]
    for record in records.sorted(by: { $0.identity < $1.identity }) where record.verdict.isFailure || record.verdict == .warning {
      lines += reasons[record.identity] ?? []
      lines.append("\(record.verdict.rawValue)\t\(IdentityText.escaped(record.identity))")
    }
    return OutputFile.write(lines.joined(separator: "\n") + "\n", to: path)
  }

  private static let heading =
    "# Failures that are known: `sock test --baseline FILE` fails only for others. Written by --update-baseline."
}
