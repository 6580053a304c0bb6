// Writing a file under another name and renaming it, so that a reader never sees half of one.

import Glibc
import SocketCore

package enum FileReplacement {
  /// Makes `path` a file of these bytes: all of them, or it stays as it was.
  /// - Parameters:
  ///   - synchronized: the bytes are on the disk before the file gets its name, so that a crash loses neither text.
  ///   - prepare: gives the new file, which mkstemp(3) makes private, its owner and mode; false, with errno set, when
  ///     that fails.
  package static func write(
    _ bytes: [UInt8], to path: String, synchronized: Bool = false, prepare: (Int32) -> Bool
  ) throws(Errno) {
    // Beside the file, so that a rename suffices; with a short name, which fits where the file's own does.
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    var temporary = Array("\(path.dropLast(name.count)).sock-XXXXXX".utf8CString)
    let descriptor = mkstemp(&temporary)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    var problem = OutputWriter.writeAll(descriptor, bytes)
    if problem == nil, !prepare(descriptor) || synchronized && fsync(descriptor) != 0 {
      problem = Errno(rawValue: errno)
    }
    if close(descriptor) != 0, problem == nil { problem = Errno(rawValue: errno) }
    if problem == nil, rename(temporary, path) != 0 { problem = Errno(rawValue: errno) }
    if let problem {
      unlink(temporary)
      throw problem
    }
  }
}
