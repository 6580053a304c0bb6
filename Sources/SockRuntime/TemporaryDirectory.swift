// `tmpdir`: a directory of this run.

import Glibc
import SocketCore

/// A directory that only this user can enter. It is removed, with what is in it, when the object goes.
package final class TemporaryDirectory {
  let path: String
  /// Not in a copy of the process that has made it.
  var isOwned = true

  /// Where temporary files belong.
  package static var base: String {
    let said = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    return said.isEmpty ? usualBase : said
  }

  private static let usualBase = "/tmp"
  /// The name of a socket in the directory has as many bytes at least.
  private static let roomForSocket = 32

  init() throws(Failure) {
    let base = TemporaryDirectory.base
    let name = "/sock-XXXXXX"
    // Where a socket's path would be too long another place is better, if it can be had.
    let longest = SocketAddress.maximumPathLength - name.utf8.count - 1 - TemporaryDirectory.roomForSocket
    let isLong = base.utf8.count > longest
    if isLong, let made = TemporaryDirectory.make(TemporaryDirectory.usualBase + name) {
      path = made
    } else if let made = TemporaryDirectory.make(base + name) {
      path = made
    } else {
      throw Failure("cannot make a temporary directory in \(base)", Errno(rawValue: errno))
    }
  }

  private static func make(_ template: String) -> String? {
    var template = Array(template.utf8CString)
    return mkdtemp(&template).map { String(cString: $0) }
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
