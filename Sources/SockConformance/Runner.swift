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
  private let options: TestOptions
  private let reporters: [any Reporter]
  private let baseline: Baseline?
  private let plan: Plan
  private let poller: Poller
  private var summary = Summary()
  /// Jobs that have not ended.
  private var left: [Int]
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
    plan = try Plan(options)
    left = Array(plan.jobs.indices)
    // What is wrong with the selection is told before anything runs.
    _ = try Selection(options, only: options.rerunFailed ? try LastFailures.read() : nil)
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
      guard case .crashed(_, let begun) = try runWorker(left) else { break }
      // Of the files that were under way, each is run again by itself: which one it was shows then. A process that is
      // killed may not have told yet what it had begun.
      for job in begun.isEmpty ? left : begun where !isStopping {
        guard case .crashed(let how, _) = try runWorker([job]) else { continue }
        tellOfCrash(job, how)
        left.removeAll { $0 == job }
      }
    }
    if let baseline { summary.improvements += baseline.gone(selection: options) }
    summary.duration = Clock.now - start
    return summary
  }

  /// Runs jobs in a process of their own until it ends.
  private mutating func runWorker(_ jobs: [Int]) throws(DiscoveryError) -> WorkerProcess.End {
    let worker = try WorkerProcess(options.workerCommand, jobs: jobs)
    var seen: [Int: [String: Int]] = [:]
    poller.add(worker.descriptor, token: 0, reading: true, writing: false)
    defer { poller.remove(worker.descriptor) }
    while true {
      var events: [WorkEvent] = []
      let end = try worker.read { events.append($0) }
      for event in events {
        switch event {
        case .began: break
        case .ended(let job):
          left.removeAll { $0 == job }
          reported[job] = nil
        case .test where isStopping && options.failFast:
          // It ended while the worker had not heard yet that no more are wanted.
          break
        case .test(let job, let record):
          seen[job, default: [:]][record.identity, default: 0] += 1
          let count = seen[job]?[record.identity] ?? 1
          if count <= reported[job]?[record.identity] ?? 0 { continue }
          reported[job, default: [:]][record.identity] = count
          if report(record) {
            isStopping = true
            worker.signal(SignalName.number(named: "TERM") ?? 15)
          }
        }
      }
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
    record.message = "the process that ran this file's tests \(how); the tests after the last one above did not run"
    record.report = "\(job.file): \(record.message)\n"
    if report(record) { isStopping = true }
  }
}
