// What the statements of a session share beside its variables, and what a session waits for beside its tasks.

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

/// A descriptor that is no channel: where a session's statements come from.
package final class WatchedInput {
  package let descriptor: Int32
  /// It may have something to read: set when that is announced, cleared by who has read all of it.
  package var isReady = true

  /// - Parameter descriptor: the session's own; a channel may be made of another one for the same file.
  package init(descriptor: Int32) { self.descriptor = descriptor }
}
