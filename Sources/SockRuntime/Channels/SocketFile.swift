// The file of a Unix-domain socket: who has made it removes it, and nobody else's is touched.

import Glibc
import SocketCore

/// A file that a socket of this process was bound to. It is removed with the last channel that has it.
final class SocketFile {
  private let path: [CChar]
  private let identity: Identity
  /// A copy of the process has the object too, and leaves the file.
  private let maker = getpid()
  private var isGone = false

  /// Which file it is, whatever its name.
  private struct Identity: Equatable {
    let device: dev_t
    let inode: ino_t

    /// Of the socket at a path; nil when there is none, or something that is no socket.
    init?(_ path: [CChar]) {
      var info = stat()
      guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFSOCK else { return nil }
      (device, inode) = (info.st_dev, info.st_ino)
    }
  }

  /// - Parameter address: what a socket of ours has just been bound to; nil unless that has made a file.
  init?(_ address: SocketAddress) {
    guard let path = SocketFile.path(of: address), let identity = Identity(path) else { return nil }
    (self.path, self.identity) = (path, identity)
  }

  deinit { remove() }

  /// To be called before the socket is closed: until then no other file can pass for this one.
  func remove() {
    guard !isGone, maker == getpid() else { return }
    isGone = true
    if Identity(path) == identity { unlink(path) }
  }

  /// Removes the file that a socket has left behind which is no more. False: there is no such file.
  ///
  /// A datagram socket is refused only where no socket has the file. A stream of a server that is alive is told by
  /// another error (EPROTOTYPE), also before it listens, and it never hears of the question.
  static func removeStale(_ address: SocketAddress) -> Bool {
    guard let path = path(of: address), let found = Identity(path) else { return false }
    do throws(Errno) {
      let probe = try Socket(domain: .unix, type: .dgram)
      guard case .failed(.connectionRefused) = probe.startConnect(to: address) else { return false }
    } catch {
      return false
    }
    return Identity(path) == found && unlink(path) == 0
  }

  /// Nil for an abstract name, and outside of the Unix domain.
  private static func path(of address: SocketAddress) -> [CChar]? {
    guard let path = address.path, let first = path.first, first != 0 else { return nil }
    return path.map { CChar(bitPattern: $0) } + [0]
  }
}

/// One that may have to be removed at the end of the run, for as long as its channel is there.
struct MadeSocketFile {
  weak var file: SocketFile?
}
