// The failures of today: only what is worse fails a run.

import Glibc
import SockRuntime

/// A text file: a line for each test that is known to fail, `VERDICT<tab>IDENTITY`, sorted; `#` starts a comment.
package final class Baseline {
  private var known: [String: TestVerdict] = [:]
  private var seen: Set<String> = []
  private let path: String

  /// A missing file is an empty baseline when it is about to be written, and an error otherwise.
  package init(path: String, mayBeMissing: Bool) throws(DiscoveryError) {
    self.path = path
    switch ScriptFiles.read(path) {
    case .success(let file):
      for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
        let parts = line.split(separator: "\t", maxSplits: 1)
        guard parts.count == 2, let verdict = TestVerdict(rawValue: String(parts[0])) else {
          throw DiscoveryError(message: "\(path): `\(line)` is no line of a baseline; write it anew with --update-baseline")
        }
        known[String(parts[1])] = verdict
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

  /// Writes the failures of a run as the new baseline.
  package static func write(_ records: [TestRecord], to path: String) -> String? {
    var lines = ["# Failures that are known: `sock test --baseline FILE` fails only for others. Written by --update-baseline."]
    for record in records.sorted(by: { $0.identity < $1.identity }) where record.verdict.isFailure || record.verdict == .warning {
      lines.append("\(record.verdict.rawValue)\t\(record.identity)")
    }
    return OutputFile.write(lines.joined(separator: "\n") + "\n", to: path)
  }
}

/// Files of reports: written under another name and renamed, so that a reader never sees half of one.
package enum OutputFile {
  /// A message when it could not be written.
  package static func write(_ text: String, to path: String) -> String? {
    write(Array(text.utf8), to: path)
  }

  /// Writes all of it to a descriptor that blocks. What went wrong, or nil.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> String? {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
      if written < 0 {
        if errno == EINTR { continue }
        return String(cString: strerror(errno))
      }
      done += written
    }
    return nil
  }

  package static func write(_ bytes: [UInt8], to path: String) -> String? {
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { return "cannot write \(path): \(String(cString: strerror(errno)))" }
    if let problem = writeAll(bytes, to: descriptor) {
      close(descriptor)
      unlink(temporary)
      return "cannot write \(path): \(problem)"
    }
    // mkstemp makes it private; a report is as readable as the user's other files.
    let mask = umask(0)
    umask(mask)
    fchmod(descriptor, 0o666 & ~mask)
    close(descriptor)
    guard rename(temporary, path) == 0 else {
      let message = "cannot write \(path): \(String(cString: strerror(errno)))"
      unlink(temporary)
      return message
    }
    return nil
  }
}

/// What failed last time, for `--rerun-failed`: kept in the state directory, one file for each folder that suites ran in.
package enum LastFailures {
  private static var path: String? {
    let home = getenv("HOME").map { String(cString: $0) }
    guard let base = getenv("XDG_STATE_HOME").map({ String(cString: $0) }) ?? home.map({ $0 + "/.local/state" }) else {
      return nil
    }
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return "\(base)/sock/failed-" + String(Selection.hash(String(cString: folder)), radix: 16)
  }

  static func read() throws(DiscoveryError) -> Set<String> {
    guard let path, case .success(let file) = ScriptFiles.read(path) else {
      throw DiscoveryError(message: "--rerun-failed: there is no record of a run in this folder yet")
    }
    return Set(String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  /// Best effort: a run does not fail because its record could not be kept.
  package static func write(_ records: [TestRecord]) {
    guard let path, let slash = path.lastIndex(of: "/") else { return }
    var folder = ""
    for part in path[..<slash].split(separator: "/") {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
    _ = OutputFile.write(records.filter(\.verdict.isFailure).map(\.identity).joined(separator: "\n") + "\n", to: path)
  }
}
