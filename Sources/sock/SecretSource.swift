// `--secret NAME=env:VARIABLE` and `--secret NAME=file:PATH`: where a secret comes from, so that it stands on no command
// line.

import Glibc
import SockRuntime

enum SecretSource {
  /// The same, as a script says it.
  static func expression(_ source: String) -> String {
    let place = source.split(separator: ":", maxSplits: 1).last.map { SourceText.quoted(Array($0.utf8)) } ?? "\"\""
    return source.hasPrefix("env:") ? "env(\(place))" : "replace(readfile(\(place)), /\\r?\\n\\z/, \"\")"
  }

  /// Its value. A file's last line end is none of it: editors and `echo` write one.
  static func read(_ source: String, for name: String) throws(UsageError) -> [UInt8] {
    let parts = source.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty, ["env", "file"].contains(parts[0]) else {
      // It may be the secret itself: it is not repeated.
      throw UsageError(message: "--secret \(name)=…: write --secret \(name)=env:VARIABLE or --secret \(name)=file:PATH")
    }
    if parts[0] == "env" {
      guard let value = getenv(parts[1]) else {
        throw UsageError(message: "--secret \(name)=env:\(parts[1]): there is no such variable in the environment")
      }
      return Array(UnsafeBufferPointer(start: value, count: strlen(value))).map { UInt8(bitPattern: $0) }
    }
    switch ScriptFiles.read(parts[1]) {
    case .success(let file):
      var bytes = file.bytes
      if bytes.last == 0x0A { bytes.removeLast() }
      if bytes.last == 0x0D { bytes.removeLast() }
      return bytes
    case .failure(let error):
      throw UsageError(message: "--secret \(name)=file:\(parts[1]): cannot read it: \(error.message)")
    }
  }
}
