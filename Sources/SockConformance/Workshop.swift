// Runs jobs on several threads.

import SockRuntime
import SocketCore
import Synchronization

/// What happens to a job, in this order: it begins, its tests end, it ends. Jobs are known by their number in the plan.
enum WorkEvent: Sendable {
  case began(Int)
  case test(Int, TestRecord)
  case ended(Int)
}

/// What the threads share: the jobs that are left.
private final class Board: Sendable {
  private struct State {
    var left: ArraySlice<Int>
    var working: Int
    var isStopped = false
  }

  private let state: Mutex<State>
  private let waker: Waker

  init(_ numbers: [Int], workers: Int, _ waker: Waker) {
    state = Mutex(State(left: numbers[...], working: workers))
    self.waker = waker
  }

  func nextJob() -> Int? { state.withLock { $0.isStopped ? nil : $0.left.popFirst() } }

  func workerEnded() {
    state.withLock { $0.working -= 1 }
    waker.wake()
  }

  func stop() { state.withLock { $0.isStopped = true } }

  var isStopped: Bool { state.withLock { $0.isStopped } }
  var isOver: Bool { state.withLock { $0.working == 0 } }
}

enum Workshop {
  /// Runs the numbered jobs of a plan. SIGINT ends the tests that run (a second one without what they have deferred, a
  /// third gives up on them); SIGTERM and SIGHUP let them end and begin no others.
  /// - Parameter tell: called by all of the threads, by each in the order of what happened there; a job goes on when it
  ///   returns.
  static func run(
    _ plan: Plan, _ numbers: [Int], _ options: TestOptions, _ tell: @escaping @Sendable (WorkEvent) -> Void
  ) throws(DiscoveryError) {
    let only: Set<String>? = options.rerunFailed ? try LastFailures.read() : nil
    let poller: Poller
    do throws(Errno) {
      poller = try Poller()
      try ProcessSignals.install()
      try ProcessSignals.attach(to: poller)
      _ = try DescriptorLimit.raiseToHard()
    } catch {
      throw DiscoveryError(message: "cannot start: \(error)")
    }
    let workers = max(1, min(options.jobs, numbers.count))
    let board = Board(numbers, workers: workers, poller.waker)
    let stops = (0..<workers).map { _ in StopRequest() }
    var started = 0
    for stop in stops {
      let isRunning = WorkerThread.start {
        work(plan, options, only, board, stop, tell)
        board.workerEnded()
      }
      if isRunning { started += 1 } else { board.workerEnded() }
    }
    guard started > 0 else { throw DiscoveryError(message: "cannot start a thread") }

    var interruptions = 0
    while true {
      if board.isOver { return }
      if let signal = ProcessSignals.takePending() {
        board.stop()
        if signal == SignalName.number(named: "INT") {
          interruptions += 1
          if interruptions >= 3 { return }
          for stop in stops { stop.stop(signal: signal) }
        }
      }
      if let error = poller.wait(timeoutNanoseconds: -1, { _, _ in }) {
        throw DiscoveryError(message: "cannot wait for the tests: \(error)")
      }
    }
  }

  /// A thread's life: one file after the other.
  private static func work(
    _ plan: Plan, _ options: TestOptions, _ only: Set<String>?, _ board: Board, _ stop: StopRequest,
    _ tell: @escaping (WorkEvent) -> Void
  ) {
    let selection: Selection
    do throws(DiscoveryError) {
      selection = try Selection(options, only: only)
    } catch {
      // The same was made before any worker was, and did not fail then.
      return
    }
    while let number = board.nextJob() {
      tell(.began(number))
      let job = plan.jobs[number]
      FileRunner(options: options, selection: selection, stopRequest: stop, isOnlyFile: plan.files.count == 1) { record in
        // With a baseline only the reporting process knows what is a failure.
        if options.failFast, options.baseline == nil, record.failsTheRun { board.stop() }
        tell(.test(number, record))
        return !board.isStopped
      }
      .run(job.file, target: job.target, segmentation: job.segmentation)
      tell(.ended(number))
    }
  }
}
