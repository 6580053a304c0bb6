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

  static func read() throws(DiscoveryError) -> Set<String> {
    guard let folder = StateFolder.path else {
      throw DiscoveryError(
        message: "--rerun-failed: no run is kept, because neither XDG_STATE_HOME nor HOME names a folder for that")
    }
    guard let path = path(in: folder), case .success(let file) = ScriptFiles.read(path) else {
      throw DiscoveryError(message: "--rerun-failed: there is no record of a run in this folder yet")
    }
    return Set(String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  /// Best effort: a run does not fail because its record could not be kept.
  package static func write(_ records: [TestRecord]) {
    guard let folder = StateFolder.path, let path = path(in: folder), StateFolder.make(folder) == nil else { return }
    _ = OutputFile.write(records.filter(\.verdict.isFailure).map(\.identity).joined(separator: "\n") + "\n", to: path)
  }
}
