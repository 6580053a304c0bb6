// Threads for work that blocks.
import Glibc
import Synchronization

/// A few threads that run blocking work and end when there is none.
package final class HelperThreads: Sendable {
  private struct State {
    var queue: [@Sendable () -> Void] = []
    var threads = 0
  }

  private let state = Mutex(State())
  /// So many run at once; more work waits.
  private let maximum: Int
  /// In bytes.
  private let stackSize: Int

  package init(maximum: Int, stackSize: Int) {
    self.maximum = maximum
    self.stackSize = stackSize
  }

  var areRunning: Bool { state.withLock { $0.threads > 0 } }

  /// Queues `work`, and starts a thread if all are busy. Returns an error, and drops `work`, if nobody will do it.
  package func run(_ work: @escaping @Sendable () -> Void) -> Errno? {
    state.withLock { state in
      state.queue.append(work)
      if state.threads >= maximum { return nil }
      let error = startThread()
      if error == 0 {
        state.threads += 1
      } else if state.threads == 0 {
        state.queue.removeLast()
        return Errno(rawValue: error)
      }
      return nil
    }
  }

  private func startThread() -> Int32 {
    var attributes = pthread_attr_t()
    let error = pthread_attr_init(&attributes)
    if error != 0 { return error }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    return pthread_create(
      &thread, &attributes,
      { pool in
        if let pool { HelperThreads.work(of: pool) }
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
  }

  /// A thread's life.
  private static func work(of pool: UnsafeMutableRawPointer) {
    let pool = Unmanaged<HelperThreads>.fromOpaque(pool).takeRetainedValue()
    while let work = pool.next() { work() }
  }

  /// The work to be done next; nil tells the thread to end, and is counted.
  private func next() -> (@Sendable () -> Void)? {
    state.withLock { state in
      if !state.queue.isEmpty { return state.queue.removeFirst() }
      state.threads -= 1
      return nil
    }
  }
}
