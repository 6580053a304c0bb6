// `tmpdir`: a directory of this run.

import Glibc
import SocketCore

/// A directory that only this user can enter. It is removed, with what is in it, when the object goes.
package final class TemporaryDirectory {
  let path: String
  /// Not in a copy of the process that has made it.
  var isOwned = true

  /// Where temporary files belong.
  package static var base: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  init() throws(Failure) {
    let base = TemporaryDirectory.base
    var template = Array("\(base)/sock-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw Failure("cannot make a temporary directory in \(base)", Errno(rawValue: errno))
    }
    path = String(cString: made)
  }

  deinit {
    if isOwned { TemporaryDirectory.remove(path, depth: 0) }
  }

  /// Symbolic links are removed, not followed. What cannot be removed is left; there is nobody to tell.
  private static func remove(_ path: String, depth: Int) {
    if depth < 64, let directory = opendir(path) {
      var names: [String] = []
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
      }
      closedir(directory)
      for name in names {
        let inner = "\(path)/\(name)"
        var info = stat()
        if lstat(inner, &info) == 0, info.st_mode & S_IFMT == S_IFDIR {
          remove(inner, depth: depth + 1)
        } else {
          unlink(inner)
        }
      }
    }
    rmdir(path)
  }
}
