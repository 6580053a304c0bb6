// What the statements of a session share beside its variables, and what a session waits for beside its tasks.

import Glibc
import SocketCore

/// Each statement runs as a task of its own: this is what the next one takes over.
final class SessionState {
  private(set) var conn: Channel?
  private(set) var listener: Channel?
  private var freshSocket: Channel?
  private var error: Failure?

  func give(to task: Task) {
    task.conn = conn
    task.listener = listener
    guard freshSocket != nil || error != nil else { return }
    task.ownExtras.freshSocket = freshSocket
    task.ownExtras.error = error
  }

  func keep(from task: Task) {
    conn = task.conn
    listener = task.listener
    freshSocket = task.extras?.freshSocket
    error = task.extras?.error
  }

  func removeAll() {
    conn = nil
    listener = nil
    freshSocket = nil
    error = nil
  }
}

/// Standard input as a session's own, from which its statements come.
package final class WatchedInput {
  let descriptor: Int32
  /// It may have something to read: set when that is announced, cleared by who has read all of it.
  package var isReady = true

  /// Under a descriptor of its own: a statement may wait for the channel `stdin` itself, and a descriptor can be
  /// watched once only.
  package init() throws(Failure) {
    descriptor = SystemCall.duplicate(StandardStream.input)
    guard descriptor >= 0 else { throw Failure("cannot watch standard input", Errno(rawValue: -descriptor)) }
  }

  deinit { StandardStream.close(descriptor) }
}
