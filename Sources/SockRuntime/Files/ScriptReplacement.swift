// Giving a script file its contents, new or first ones: all of them, or none.

import Glibc
import SocketCore

extension ScriptFiles {
  /// Writes a file that is not there yet. What went wrong, or nil: one line, lower case, no full stop.
  package static func create(_ path: String, with bytes: [UInt8]) -> String? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      return errno == EEXIST
        ? "\(path) is there already; choose another name" : "cannot make \(path): \(Errno(rawValue: errno).message)"
    }
    defer { close(descriptor) }
    guard let error = OutputWriter.writeAll(descriptor, bytes) else { return nil }
    unlink(path)
    return "cannot write \(path): \(error.message)"
  }

  /// Replaces what a file holds. Who reads it meanwhile, or after a crash, sees the old text or the new one.
  ///
  /// Its mode and its owner stay. A symbolic link stays one; what it points to is replaced. A file that the user may
  /// not write fails with EACCES, though the folder would allow it.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    guard let resolved = realpath(path, nil) else { throw Errno(rawValue: errno) }
    defer { free(resolved) }
    var status = stat()
    guard stat(resolved, &status) == 0, access(resolved, W_OK) == 0 else { throw Errno(rawValue: errno) }
    try FileReplacement.write(bytes, to: String(cString: resolved), synchronized: true) { keep(status, of: $0) }
  }

  /// Gives a new file the owner and the mode of the one that it replaces.
  private static func keep(_ status: stat, of descriptor: Int32) -> Bool {
    var made = stat()
    guard fstat(descriptor, &made) == 0 else { return false }
    let isOwned = made.st_uid == status.st_uid && made.st_gid == status.st_gid
    // In this order: a change of the owner takes the set-id bits away.
    return (isOwned || fchown(descriptor, status.st_uid, status.st_gid) == 0)
      && fchmod(descriptor, status.st_mode & 0o7777) == 0
  }
}
