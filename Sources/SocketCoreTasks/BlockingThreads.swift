// Blocking calls in Swift's tasks. A module of its own: who links it links the runtime of tasks, which asks the system
// for its processors at each start and brings 10,000 relocations; `sock` does without.
import SocketCore

/// Runs each piece of a task on a thread of its own, so that tasks may call what waits.
///
/// Swift runs tasks on as many threads as there are processors, and a call that waits there keeps all other tasks from
/// running. Tasks that prefer this executor may wait, each for itself:
///
/// ```swift
/// await withTaskExecutorPreference(BlockingThreads()) {
///   await withDiscardingTaskGroup { group in
///     while let peer = try? listener.accept() {
///       group.addTask { handle(peer) }
///     }
///   }
/// }
/// ```
///
/// A thread starts at each `await` that does not return at once, and has a stack of 512 KiB. For thousands of
/// connections use a `Poller`. A call that waits does not notice that its task was cancelled: give it a deadline. When
/// no thread can be made, whoever starts a task waits until one can.
public final class BlockingThreads: TaskExecutor {
  private let threads = HelperThreads(maximum: .max, stackSize: 512 * 1024)

  /// An executor. Its threads end by themselves when they have nothing to do.
  public init() {}

  /// Runs a piece of a task: the language calls it.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    while threads.run({ job.runSynchronously(on: self.asUnownedTaskExecutor()) }) != nil {
      _ = SystemCall.poll(-1, reading: false, writing: false, timeoutNanoseconds: 1_000_000)
    }
  }
}
