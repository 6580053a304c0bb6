// `tmpdir`: a directory of this run.

import Glibc
import SocketCore

/// A directory that only this user can enter. Root's can be entered by all, but nobody else can list it or put anything
/// in it: a daemon that root starts there, and that gives up its rights, finds its files. It is removed, with what is
/// in it, when the object goes.
package final class TemporaryDirectory {
  package let path: String
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

  private static func prefix(_ mark: String?) -> String { mark.map { "sock-\($0)-" } ?? "sock-" }

  /// - Parameter mark: a part of its name, by which `removeAll` finds it.
  package init(mark: String?) throws(Failure) {
    let base = TemporaryDirectory.base
    let name = "/\(TemporaryDirectory.prefix(mark))XXXXXX"
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
    guard let made = mkdtemp(&template) else { return nil }
    // Should that be refused, it stays closed.
    if geteuid() == 0 { chmod(made, 0o711) }
    return String(cString: made)
  }

  deinit {
    if isOwned { TemporaryDirectory.remove(Array(path.utf8)) }
  }

  /// Removes the directories that a process with this mark has left.
  package static func removeAll(marked mark: String) {
    let prefix = Array(TemporaryDirectory.prefix(mark).utf8)
    for base in Set([base, usualBase]).map({ Array($0.utf8) }) {
      for name in FolderEntries.names(in: base) ?? [] where name.starts(with: prefix) { remove(base + [0x2F] + name) }
    }
  }

  /// Symbolic links are removed, not followed. What cannot be removed is left; there is nobody to tell.
  private static func remove(_ path: [UInt8]) {
    for name in FolderEntries.names(in: path) ?? [] {
      let inner = path + [0x2F] + name
      var info = stat()
      if inner.withCString({ lstat($0, &info) }) == 0, info.st_mode & S_IFMT == S_IFDIR {
        remove(inner)
      } else {
        _ = inner.withCString { unlink($0) }
      }
    }
    _ = path.withCString { rmdir($0) }
  }
}
