// Files of reports: written under another name and renamed, so that a reader never sees half of one.

import Glibc
import SockRuntime
import SocketCore

package enum OutputFile {
  /// A message when it could not be written.
  package static func write(_ text: String, to path: String) -> String? {
    write(Array(text.utf8), to: path)
  }

  package static func write(_ bytes: [UInt8], to path: String) -> String? {
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { return "cannot write \(path): \(String(cString: strerror(errno)))" }
    if let problem = OutputWriter.writeAll(descriptor, bytes) {
      close(descriptor)
      unlink(temporary)
      return "cannot write \(path): \(problem.message)"
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
