// Giving a file other content in one step.

import Glibc
import SocketCore

enum FileWriting {
  /// Puts a new file with these bytes in the place of an ordinary one, so that a reader sees either and a disk that is
  /// full leaves the old one.
  /// - Returns: false where that cannot be done and the file has to be written itself: there is none yet, it is a device
  ///   or has other names, its folder takes no new file, or it is only to be emptied, which needs no room and is what
  ///   somebody does to a log that a program goes on writing.
  static func replace(_ path: ByteString, _ data: ByteString) throws(Errno) -> Bool {
    guard data.count > 0, let name = String(validating: path.array, as: UTF8.self) else { return false }
    var info = stat()
    guard stat(name, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_nlink == 1, info.st_uid == geteuid(),
      let resolved = realpath(name, nil)
    else { return false }
    defer { free(resolved) }
    let target = String(cString: resolved)
    let folder = target.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard access(name, W_OK) == 0, access(folder.isEmpty ? "/" : folder, W_OK) == 0 else { return false }
    try FileReplacement.write(data.array, to: target) { descriptor in
      fchown(descriptor, info.st_uid, info.st_gid) == 0 && fchmod(descriptor, info.st_mode & 0o7777) == 0
    }
    return true
  }
}
