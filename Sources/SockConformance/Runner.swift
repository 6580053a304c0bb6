// Runs a suite: files on several threads, their events in one stream to the reporters.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore
import Synchronization

/// What a reporter is told. The calls come from one thread, in the order in which things happened.
package protocol Reporter: AnyObject {
  func began(_ options: TestOptions, files: [String])
  func ended(_ record: TestRecord)
  /// The last call: everything has to be written now. A message when that failed.
  func finished(_ summary: Summary) -> String?
}

/// One file to run, against one target, with one way of cutting sends.
struct Job: Sendable {
  let file: String
  let target: (name: String, address: String)?
  let segmentation: Segmentation
}

/// What the threads share: the jobs that are left, the records that wait to be reported.
private final class Board: Sendable {
  private struct State {
    var jobs: [Job]
    var next = 0
    var records: [TestRecord] = []
    var working = 0
    var isStopped = false
  }

  private let state: Mutex<State>
  private let waker: Waker

  init(_ jobs: [Job], workers: Int, _ waker: Waker) {
    state = Mutex(State(jobs: jobs, working: workers))
    self.waker = waker
  }

  func nextJob() -> Job? {
    state.withLock { state in
      guard !state.isStopped, state.next < state.jobs.count else { return nil }
      state.next += 1
      return state.jobs[state.next - 1]
    }
  }

  /// False: no more are wanted.
  func post(_ record: TestRecord) -> Bool {
    let (goesOn, isFirst) = state.withLock { state in
      state.records.append(record)
      return (!state.isStopped, state.records.count == 1)
    }
    if isFirst { waker.wake() }
    return goesOn
  }

  func workerEnded() {
    state.withLock { $0.working -= 1 }
    waker.wake()
  }

  func stop() { state.withLock { $0.isStopped = true } }

  func take() -> (records: [TestRecord], isOver: Bool) {
    state.withLock { state in
      let records = state.records
      state.records.removeAll(keepingCapacity: true)
      return (records, state.working == 0)
    }
  }
}

package enum Runner {
  /// Runs what the options ask for and tells the reporters; the summary says how it came out.
  ///
  /// - Parameter baseline: failures that are known, by `TestRecord.identity`.
  package static func run(
    _ options: TestOptions, reporters: [any Reporter], baseline: Baseline?
  ) throws(DiscoveryError) -> Summary {
    let files = try Discovery.files(below: options.paths)
    let selection = options
    let only: Set<String>? = options.rerunFailed ? try LastFailures.read() : nil
    _ = try Selection(selection, only: only)
    var jobs: [Job] = []
    let targets: [(name: String, address: String)?] = options.targets.isEmpty ? [nil] : options.targets.map { $0 }
    for file in files {
      for target in targets {
        for segmentation in options.segmentations {
          jobs.append(Job(file: file, target: target, segmentation: segmentation))
        }
      }
    }
    if let seed = options.seed {
      var generator = SplitMix(state: seed)
      jobs.shuffle(using: &generator)
    }
    let start = Clock.now
    var summary = Summary()
    for reporter in reporters { reporter.began(options, files: files) }
    let poller: Poller
    do throws(Errno) {
      poller = try Poller()
      try ProcessSignals.install()
      try ProcessSignals.wake(poller)
      _ = try DescriptorLimit.raiseToHard()
    } catch {
      throw DiscoveryError(message: "cannot start: \(error)")
    }
    let workers = max(1, min(options.jobs, jobs.count))
    let board = Board(jobs, workers: workers, poller.waker)
    let stops = (0..<workers).map { _ in StopRequest() }
    var started = 0
    for number in 0..<workers {
      let stop = stops[number]
      let isRunning = WorkerThread.start {
        work(options, only, board, stop)
        board.workerEnded()
      }
      if isRunning { started += 1 } else { board.workerEnded() }
    }
    guard started > 0 else { throw DiscoveryError(message: "cannot start a thread") }

    var signals = 0
    while true {
      let (records, isOver) = board.take()
      for record in records {
        var record = record
        baseline?.apply(to: &record)
        summary.add(record)
        for reporter in reporters { reporter.ended(record) }
        if options.failFast, record.failsTheRun { board.stop() }
      }
      if isOver { break }
      if let signal = ProcessSignals.takePending() {
        signals += 1
        summary.wasInterrupted = true
        board.stop()
        for stop in stops { stop.stop(signal: signal) }
        // The first lets tests run what they have deferred, the second does not, a third gives up on them.
        if signals >= 3 { break }
      }
      let error = poller.wait(timeoutNanoseconds: -1) { _, _ in }
      if let error { throw DiscoveryError(message: "cannot wait for the tests: \(error)") }
    }
    if let baseline { summary.improvements += baseline.gone(selection: options) }
    summary.duration = Clock.now - start
    return summary
  }

  /// A thread's life: one file after the other.
  private static func work(_ options: TestOptions, _ only: Set<String>?, _ board: Board, _ stop: StopRequest) {
    let selection: Selection
    do throws(DiscoveryError) {
      selection = try Selection(options, only: only)
    } catch {
      // The same was made before the threads were, and did not fail then.
      return
    }
    while let job = board.nextJob() {
      FileRunner(options: options, selection: selection, stopRequest: stop) { board.post($0) }
        .run(job.file, target: job.target, segmentation: job.segmentation)
    }
  }
}

/// A thread that runs a closure.
private enum WorkerThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Room for the parser's deepest nesting, and more: 8 MiB, as a process's first thread has.
  private static let stackSize = 8 << 20

  static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let result = pthread_create(&thread, &attributes, { argument in
      if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
      return nil
    }, body.toOpaque())
    if result != 0 { body.release() }
    return result == 0
  }
}
