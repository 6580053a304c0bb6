// Runs jobs on several threads.

import SockRuntime
import SocketCore
import Synchronization

/// What happens to a job. It begins; each of its tests starts, may go on for long, and ends or is stopped; it ends. Jobs
/// are known by the numbers of the work order.
enum WorkEvent: Sendable {
  case began(Int)
  case started(Int, line: Int, name: String)
  /// Where it is: file and 1-based line; 0 where that is not known.
  case goesOn(Int, file: String, line: Int)
  case test(Int, TestRecord)
  case stopped(Int, TestRecord)
  case ended(Int, JobEnd)
}

/// What there is to say of a job beyond its tests.
struct JobEnd: Sendable {
  /// The file has no test, and nobody has named it.
  var isLeftOut = false
  /// Tests that other shards run.
  var ofOtherShards = 0
  /// What its mutations have come to.
  var mutations = MutationCounts()
  /// Whoever has looked into a test of it wants no other one.
  var endsRun = false
  /// The signal that has ended it, where it ran in this process.
  var signal: Int32?

  mutating func takeEnd(of pause: Pause?) {
    endsRun = pause?.endsRun ?? false
    signal = pause?.signal
  }
}

/// What the threads share: the jobs that are left.
private final class Board: Sendable {
  private struct State {
    var left: ArraySlice<(number: Int, job: Job)>
    var working: Int
    var isStopped = false
  }

  private let state: Mutex<State>
  private let waker: Waker

  init(_ jobs: [(number: Int, job: Job)], workers: Int, _ waker: Waker) {
    state = Mutex(State(left: jobs[...], working: workers))
    self.waker = waker
  }

  func nextJob() -> (number: Int, job: Job)? { state.withLock { $0.isStopped ? nil : $0.left.popFirst() } }

  func workerEnded() {
    state.withLock { $0.working -= 1 }
    waker.wake()
  }

  func stop() { state.withLock { $0.isStopped = true } }

  var isStopped: Bool { state.withLock { $0.isStopped } }
  var isOver: Bool { state.withLock { $0.working == 0 } }
}

enum Workshop {
  /// Runs the jobs of an order. SIGINT ends the tests that run (a second one without what they have deferred, a
  /// third gives up on them); SIGTERM and SIGHUP let them end and begin no others.
  /// - Parameter tell: called by all of the threads, by each in the order of what happened there; a job goes on when it
  ///   returns.
  static func run(
    _ order: WorkOrder, _ options: TestOptions, _ tell: @escaping @Sendable (WorkEvent) -> Void
  ) throws(DiscoveryError) {
    let poller: Poller
    do throws(Errno) {
      poller = try Poller()
      try ProcessSignals.install()
      try ProcessSignals.attach(to: poller)
      _ = try DescriptorLimit.raiseToHard()
    } catch {
      throw DiscoveryError(message: "cannot start: \(error)")
    }
    // A list is in the order of the files, each time: several would tell of theirs as they come to them.
    let workers = options.listOnly ? 1 : max(1, min(options.jobs, order.jobs.count))
    let board = Board(order.jobs, workers: workers, poller.waker)
    let (only, isOnlyFile) = (order.only, order.isOnlyFile)
    let stops = (0..<workers).map { _ in StopRequest() }
    var started = 0
    for stop in stops {
      let isRunning = WorkerThread.start {
        work(options, only, isOnlyFile, board, stop, tell)
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
    _ options: TestOptions, _ only: FailedTests?, _ isOnlyFile: Bool, _ board: Board, _ stop: StopRequest,
    _ tell: @escaping (WorkEvent) -> Void
  ) {
    let selection: Selection
    do throws(DiscoveryError) {
      selection = try Selection(options, only: only)
    } catch {
      // The same was made before any worker was, and did not fail then.
      return
    }
    while let (number, job) = board.nextJob() {
      tell(.began(number))
      let runner = FileRunner(
        options: options, selection: selection, stopRequest: stop, isOnlyFile: isOnlyFile,
        started: { line, name in tell(.started(number, line: line, name: name)) },
        goesOn: { site in tell(.goesOn(number, file: site?.file.name ?? "", line: site?.position.line ?? 0)) },
        stopped: { record in tell(.stopped(number, record)) },
        ended: { record in
          // With a baseline only the reporting process knows what is a failure.
          if options.failFast, options.baseline == nil, record.failsTheRun { board.stop() }
          tell(.test(number, record))
          return !board.isStopped
        })
      tell(.ended(number, runner.run(job)))
    }
  }
}
