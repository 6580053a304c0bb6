// Files of reports: as readable as the user's other files, and never half of one.

import Glibc
import SockRuntime
import SocketCore

package enum OutputFile {
  /// A message when it could not be written.
  package static func write(_ text: String, to path: String) -> String? {
    write(Array(text.utf8), to: path)
  }

  package static func write(_ bytes: [UInt8], to path: String) -> String? {
    do throws(Errno) {
      try FileReplacement.write(bytes, to: path) { descriptor in
        let mask = umask(0)
        umask(mask)
        return fchmod(descriptor, 0o666 & ~mask) == 0
      }
      return nil
    } catch {
      return "cannot write \(path): \(error.message)"
    }
  }
}
