// How a run is asked to end, by a signal or by another thread.

import SocketCore
import Synchronization

/// A wish from outside that a run ends: set by another thread or a signal's handling, looked at by the scheduler.
package final class StopRequest: Sendable {
  /// The signal, or 0.
  private let given = Atomic<Int32>(0)
  private let made = Atomic<Bool>(false)
  private let waker = Mutex<Waker?>(nil)
  private let followsSignals: Bool

  /// - Parameter followsSignals: the process's own signals are such wishes.
  package init(followsSignals: Bool = false) { self.followsSignals = followsSignals }

  package func stop(signal: Int32) {
    given.store(signal, ordering: .releasing)
    made.store(true, ordering: .releasing)
    waker.withLock { $0?.wake() }
  }

  /// There was one, whether or not something has ended by it already.
  package var wasMade: Bool { made.load(ordering: .acquiring) }

  /// Whom to wake: the poller of the run that looks at this.
  func wakes(_ poller: Poller) { waker.withLock { $0 = poller.waker } }

  var signal: Int32? {
    if followsSignals, let signal = ProcessSignals.takePending() { given.store(signal, ordering: .releasing) }
    let signal = given.load(ordering: .acquiring)
    return signal == 0 ? nil : signal
  }

  /// The next one is a second one.
  func wasSeen() { given.store(0, ordering: .releasing) }
}
