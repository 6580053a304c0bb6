// A program that has the session's terminal for a while: an editor, a shell's command, a run of tests.

import Glibc
import SockRuntime
import SocketCore

/// It runs in our process group, so that it has the terminal.
struct ForegroundProgram {
  /// How one ended, as wait(2) tells it.
  struct Status {
    let code: Int32
    var isSuccess: Bool { code == 0 }
    /// `has failed (status 2)`, `was ended by signal 9`.
    var words: String {
      let signal = code & 0x7F
      return signal == 0 ? "has failed (status \(code >> 8))" : "was ended by signal \(signal)"
    }
  }

  private let pid: pid_t

  /// - Parameter words: the program's path first.
  static func start(_ words: [String]) -> Result<ForegroundProgram, Errno> {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // We ignore it, and so would the program.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, words[0], nil, &attributes, &arguments, environ)
    return error == 0 ? .success(ForegroundProgram(pid: child)) : .failure(Errno(rawValue: error))
  }

  /// Waits until it has ended. The session's tasks go on meanwhile; what they print waits.
  func end(whileRunning session: Session) -> Status {
    var status: Int32 = 0
    session.waitForForeground { waitpid(pid, &status, WNOHANG) != 0 }
    return Status(code: status)
  }
}
