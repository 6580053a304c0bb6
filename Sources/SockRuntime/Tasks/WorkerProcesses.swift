// The copies of this process that `serve workers` has made.

import Glibc
import SocketCore

/// The copies of this process that one `serve workers` has made.
final class WorkerProcesses {
  private(set) var processes: [ProcessState] = []

  func add(_ process: ProcessState) { processes.append(process) }

  /// Asks them to end, as a signal from outside would.
  func stop() {
    for process in processes where process.status == nil {
      // Its end is no news to anybody.
      process.waiters.removeAll()
      process.child.signal(SIGTERM)
    }
  }

  /// Waits for their ends until the deadline, and does not let them live longer.
  func end(within deadline: Deadline, _ scheduler: Scheduler) {
    stop()
    for process in processes {
      do throws(SocketError) {
        _ = try process.child.wait(within: deadline)
      } catch {
        // The deadline has passed, or its end cannot be seen: this ends it in any case.
        process.child.signal(SIGKILL)
      }
      scheduler.forget(process)
      // It has ended, or SIGKILL is on its way: its object reaps it, now or later.
    }
    processes.removeAll()
  }

  /// This is one of the copies: the others are no children of it, and none of its business.
  func disown() { processes.removeAll() }
}
