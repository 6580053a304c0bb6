// A file for another program to read, for as long as that takes.

import Glibc
import SockRuntime
import SocketCore

enum TemporaryFile {
  struct Problem: Error { let message: String }

  /// Makes one that only the user can read. Whoever asks for it removes it.
  /// - Parameter suffix: how its name ends; programs look at that.
  static func make(suffix: String, holding bytes: [UInt8]) -> Result<String, Problem> {
    let folder = TemporaryDirectory.base
    var template = Array("\(folder)/sock-XXXXXX\(suffix)".utf8CString)
    let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else {
      return .failure(Problem(message: "cannot make a file in \(folder): \(Errno(rawValue: errno).message)"))
    }
    let error = OutputWriter.writeAll(descriptor, bytes)
    close(descriptor)
    guard let error else { return .success(path) }
    unlink(path)
    return .failure(Problem(message: "cannot write \(path): \(error.message)"))
  }
}
