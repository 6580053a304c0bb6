// What the statements of a session share beside its variables, and what a session waits for beside its tasks.

import Glibc
import SocketCore

/// Each statement runs as a task of its own: this is what the next one takes over.
final class SessionState {
  private(set) var conn: Channel?
  private(set) var listener: Channel?
  private var freshSocket: Channel?
  private var error: Failure?

  /// Connections that a later one has replaced: a script would have closed them, a person may want them again.
  private var replaced: [Channel] = []
  /// So many are kept; the oldest go.
  private static let replacedKept = 64
  /// The one that the last statement has replaced.
  private var justReplaced: Channel?
  /// The number of the connection that was the current one last; nil: none ever was.
  private(set) var lastNumber: Int?
  /// The number of the connection that is the current one for a script that has the same statements: not one that was
  /// chosen by a command.
  private(set) var numberForScript: Int?
  /// The statements that have made connections, by the channels' numbers.
  var origins: [Int: String] = [:]
  /// The current connection is being made anew.
  var isMadeAnew = false
  /// The channels, by number, of which it was said that something waits there.
  var warned: Set<Int> = []
  /// Processes that have written to standard error, or ended, since somebody last looked.
  private var news: [ProcessState] = []
  /// Somebody looks.
  var wantsNews = false
  /// The names of the open channels that are listeners, or those that are none.
  var channelNames: (_ areListeners: Bool) -> [String] = { _ in [] }

  /// The main task of what stands still for the session; nil: nothing does.
  weak var heldMain: Task?
  /// That task has ended meanwhile, and with what failure.
  private(set) var heldMainHasEnded = false
  private(set) var failureOfHeldMain: Failure?

  /// What the session calls a task; nil: it has no name.
  var taskName: (TaskHandle) -> String? = { _ in nil }

  func heldMainEnds(_ failure: Failure?) {
    heldMainHasEnded = true
    failureOfHeldMain = failure
  }

  func give(to task: Task) {
    task.conn = conn
    task.listener = listener
    guard freshSocket != nil || error != nil else { return }
    task.ownExtras.freshSocket = freshSocket
    task.ownExtras.error = error
  }

  func keep(from task: Task) {
    if task.conn !== conn {
      if let conn, !conn.isClosed, task.conn != nil { replace(conn) }
      conn = task.conn
      numberForScript = conn?.number
      lastNumber = conn?.number ?? lastNumber
    }
    listener = task.listener
    freshSocket = task.extras?.freshSocket
    error = task.extras?.error
  }

  private func replace(_ channel: Channel) {
    justReplaced = channel
    replaced.removeAll { $0.isClosed || $0 === channel }
    replaced.append(channel)
    if replaced.count > SessionState.replacedKept { replaced.removeFirst() }
  }

  /// The connection that the last statement has replaced, once.
  func takeReplaced() -> Channel? {
    defer { justReplaced = nil }
    return justReplaced.flatMap { $0.isClosed ? nil : $0 }
  }

  /// A command has chosen it.
  func use(_ channel: Channel) {
    if channel.kind == .listener {
      listener = channel
      return
    }
    if let conn, conn !== channel, !conn.isClosed { replace(conn) }
    justReplaced = nil
    conn = channel
    lastNumber = channel.number
  }

  /// It has been closed by a command.
  func forget(_ channel: Channel) {
    if conn === channel { conn = nil }
    if listener === channel { listener = nil }
    replaced.removeAll { $0 === channel }
    justReplaced = nil
  }

  func removeAll() {
    conn = nil
    listener = nil
    freshSocket = nil
    error = nil
    replaced.removeAll()
    justReplaced = nil
    news.removeAll()
  }

  /// A process has written to standard error, or ended.
  func note(_ process: ProcessState) {
    if wantsNews, !news.contains(where: { $0 === process }) { news.append(process) }
  }

  func takeNews() -> [ProcessState] {
    if news.isEmpty { return [] }
    defer { news.removeAll() }
    return news
  }
}

/// Standard input as a session's own, from which its statements come.
package final class WatchedInput {
  let descriptor: Int32
  /// It may have something to read: set when that is announced, cleared by who has read all of it.
  package var isReady = true

  /// Under a descriptor of its own: a statement may wait for the channel `stdin` itself, and a descriptor can be
  /// watched once only.
  /// - Parameter original: it stays the caller's.
  package init(_ original: Int32 = StandardStream.input) throws(Failure) {
    descriptor = SystemCall.duplicate(original)
    guard descriptor >= 0 else { throw Failure("cannot watch standard input", Errno(rawValue: -descriptor)) }
  }

  deinit { StandardStream.close(descriptor) }
}
