// What failed last time, for `--rerun-failed`.

import Glibc
import SockRuntime

/// Kept among the user's state: a file for each folder that suites ran in.
package enum LastFailures {
  private static func path(in folder: String) -> String? {
    guard let working = getcwd(nil, 0) else { return nil }
    defer { free(working) }
    return "\(folder)/failed-" + String(Selection.hash(String(cString: working)), radix: 16)
  }

  static func read() throws(DiscoveryError) -> FailedTests {
    guard let folder = StateFolder.path else {
      throw DiscoveryError(
        message: "--rerun-failed: no run is kept, because neither XDG_STATE_HOME nor HOME names a folder for that")
    }
    guard let path = path(in: folder), case .success(let file) = ScriptFiles.read(path) else {
      throw DiscoveryError(message: "--rerun-failed: there is no record of a run in this folder yet")
    }
    var lines = IdentityText.lines(file.bytes)
    var total: Int?
    if let first = lines.first, first.hasPrefix(heading) {
      total = Int(first.dropFirst(heading.utf8.count))
      lines.removeFirst()
    }
    var failed = FailedTests(Set(lines.map { IdentityText.unescaped($0) }))
    failed.total = total
    return failed
  }

  /// Stands before the number of tests that ran.
  private static let heading = "# tests "

  /// Best effort: a run does not fail because its record could not be kept. One in which no test ran leaves the record
  /// as it is: what failed before it has not been mended by that.
  package static func write(_ records: [TestRecord]) {
    guard !records.isEmpty, let folder = StateFolder.path, let path = path(in: folder), StateFolder.make(folder) == nil else { return }
    let failed = records.filter(\.verdict.isFailure).map { IdentityText.escaped($0.identity) }
    _ = OutputFile.write((["\(heading)\(records.count)"] + failed).joined(separator: "\n") + "\n", to: path)
  }
}

/// What failed in a run.
struct FailedTests: Sendable {
  /// `TestRecord.identity` of each.
  let identities: Set<String>
  /// How many tests ran then, if that is known.
  var total: Int?
  private let files: Set<String>

  init(_ identities: Set<String>) {
    self.identities = identities
    files = Set(identities.map(FailedTests.file))
  }

  /// The file of an identity. Neither a name nor a path is likely to have two colons, and the path comes first.
  static func file(_ identity: String) -> String {
    let bytes = Array(identity.utf8)
    guard let end = bytes.indices.dropLast().first(where: { bytes[$0] == 0x3A && bytes[$0 + 1] == 0x3A }) else {
      return identity
    }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// Whether anything of the file failed.
  func concerns(file: String) -> Bool { files.contains(file) }

  func contains(_ record: TestRecord) -> Bool {
    if identities.contains(record.identity) { return true }
    // What has kept the file from running its tests, as a crash, was no test of it: all of them are to run again.
    let whole = "\(record.file)::\(record.file)"
    return identities.contains { $0.hasPrefix(whole) }
  }
}
