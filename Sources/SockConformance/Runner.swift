// Runs a suite in worker processes and reports it: what the tests do, even a crash, cannot disturb the reports.

import SockRuntime
import SocketCore

/// What a reporter is told. The calls come from one thread, in the order in which things happened.
package protocol Reporter: AnyObject {
  func began(_ options: TestOptions, files: [String])
  func ended(_ record: TestRecord)
  /// The last call: everything has to be written now. A message when that failed.
  func finished(_ summary: Summary) -> String?
}

package struct Runner {
  /// A job that a worker has begun, as far as it has told.
  private struct Underway {
    /// The test that runs; nil before the first and between two.
    var test: (line: Int, name: String)?
    /// How often tests have ended in this worker, by their identity.
    var seen: [String: Int] = [:]
  }

  private let options: TestOptions
  private let reporters: [any Reporter]
  private let baseline: Baseline?
  private let last: FailedTests?
  private let plan: Plan
  private let poller: Poller
  private var summary = Summary()
  /// Jobs that have not ended, by their place in the plan.
  private var left: [Int]
  /// Those that the worker has begun.
  private var underway: [Int: Underway] = [:]
  /// Tests of jobs under way that are reported already: a job that is run again, because another one of its worker
  /// crashed, does not report them twice.
  private var reported: [Int: [String: Int]] = [:]
  private var isStopping = false

  /// Runs what the options ask for and tells the reporters; the summary says how it came out.
  ///
  /// - Parameter baseline: failures that are known, by `TestRecord.identity`.
  package static func run(
    _ options: TestOptions, reporters: [any Reporter], baseline: Baseline?
  ) throws(DiscoveryError) -> Summary {
    var runner = try Runner(options, reporters, baseline)
    return try runner.run()
  }

  private init(_ options: TestOptions, _ reporters: [any Reporter], _ baseline: Baseline?) throws(DiscoveryError) {
    self.options = options
    self.reporters = reporters
    self.baseline = baseline
    last = options.rerunFailed ? try LastFailures.read() : nil
    plan = try Plan(options, last)
    left = Array(plan.jobs.indices)
    // What is wrong with the selection is told before anything runs.
    _ = try Selection(options, only: last)
    do throws(Errno) {
      poller = try Poller()
      try ProcessSignals.install()
      try ProcessSignals.attach(to: poller)
    } catch {
      throw DiscoveryError(message: "cannot start: \(error)")
    }
  }

  private mutating func run() throws(DiscoveryError) -> Summary {
    let start = Clock.now
    for reporter in reporters { reporter.began(options, files: plan.files) }
    while !left.isEmpty, !isStopping {
      guard case .crashed = try runWorker(left) else { break }
      // Of the files that were under way, each is run again by itself: which one it was shows then. A process that is
      // killed may not have told yet what it had begun.
      let begun = underway.isEmpty ? left : underway.keys.sorted()
      for job in begun where !isStopping {
        guard case .crashed(let how) = try runWorker([job]) else { continue }
        tellOfCrash(job, how)
        left.removeAll { $0 == job }
      }
    }
    if let baseline { summary.improvements += baseline.gone(selection: options) }
    summary.duration = Clock.now - start
    return summary
  }

  private func order(of jobs: [Int]) -> WorkOrder {
    var order = WorkOrder()
    order.words = options.words
    order.seed = options.seed
    order.only = last
    order.isOnlyFile = plan.files.count == 1
    order.jobs = jobs.map { ($0, plan.jobs[$0]) }
    return order
  }

  /// Runs jobs in a process of their own until it ends.
  private mutating func runWorker(_ jobs: [Int]) throws(DiscoveryError) -> WorkerProcess.End {
    underway = [:]
    let worker = try WorkerProcess(options.workerCommand, order(of: jobs))
    poller.add(worker.descriptor, token: 0, reading: true, writing: false)
    defer { poller.remove(worker.descriptor) }
    while true {
      var events: [WorkEvent] = []
      let end = try worker.read { events.append($0) }
      for event in events { take(event, from: worker) }
      if let end { return end }
      if ProcessSignals.takePending() != nil {
        summary.wasInterrupted = true
        isStopping = true
        worker.signal(SignalName.number(named: "INT") ?? 2)
      }
      if let error = poller.wait(timeoutNanoseconds: -1, { _, _ in }) {
        throw DiscoveryError(message: "cannot wait for the tests: \(error)")
      }
    }
  }

  private mutating func take(_ event: WorkEvent, from worker: WorkerProcess) {
    switch event {
    case .began(let job): underway[job] = Underway()
    case .started(let job, let line, let name): underway[job]?.test = (line, name)
    case .ended(let job, let end):
      summary.leftOut += end.isLeftOut ? 1 : 0
      summary.ofOtherShards += end.ofOtherShards
      left.removeAll { $0 == job }
      underway[job] = nil
      reported[job] = nil
    case .stopped(let job, _): underway[job]?.test = nil
    case .test(let job, let record):
      underway[job]?.test = nil
      // It ended while the worker had not heard yet that no more are wanted.
      if isStopping, options.failFast { return }
      let count = (underway[job]?.seen[record.identity] ?? 0) + 1
      underway[job]?.seen[record.identity] = count
      if count <= reported[job]?[record.identity] ?? 0 { return }
      reported[job, default: [:]][record.identity] = count
      if report(record) {
        isStopping = true
        worker.signal(SignalName.number(named: "TERM") ?? 15)
      }
    }
  }

  /// True: no more tests are wanted.
  private mutating func report(_ record: TestRecord) -> Bool {
    var record = record
    baseline?.apply(to: &record)
    summary.add(record)
    for reporter in reporters { reporter.ended(record) }
    return options.failFast && record.failsTheRun
  }

  private mutating func tellOfCrash(_ number: Int, _ how: String) {
    let job = plan.jobs[number]
    var record = TestRecord(file: job.file, name: "\(job.file) (crashed)", line: 1)
    record.target = job.target?.name
    record.segmentation = job.segmentation.label
    record.verdict = .error
    record.message = "the process that ran this file's tests \(how)"
    if let test = underway[number]?.test {
      record.line = max(1, test.line)
      record.message += " while `\(test.name)` ran"
    }
    record.message += "; the tests after the last one above did not run"
    record.report = "\(job.file): \(record.message)\n"
    if report(record) { isStopping = true }
  }
}
