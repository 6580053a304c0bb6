// Runs a suite in worker processes and reports it: what the tests do, even a crash, cannot disturb the reports.

import SockRuntime
import SocketCore

/// What a reporter is told. The calls come from one thread, in the order in which things happened.
package protocol Reporter: AnyObject {
  func began(_ options: TestOptions, files: [String])
  func ended(_ record: TestRecord)
  /// A test goes on for `seconds` now.
  /// - Parameter place: where it is: a file and a 1-based line; nil where its process does not say so.
  func goesOn(_ test: RunningTest, at place: (file: String, line: Int)?, for seconds: Int)
  /// Something else is about to write to the terminal.
  func makeRoom()
  /// Its reader has gone: a run for nobody can end.
  var isUnread: Bool { get }
  /// The last call: everything has to be written now. A message when that failed.
  func finished(_ summary: Summary) -> String?
}

extension Reporter {
  package func goesOn(_ test: RunningTest, at place: (file: String, line: Int)?, for seconds: Int) {}
  package func makeRoom() {}
  package var isUnread: Bool { false }
}

/// A test that has begun and not ended.
package struct RunningTest: Sendable {
  let file: String
  let line: Int
  let name: String
  /// Monotonic nanoseconds.
  let began: Int64
  /// When it is to be told next that it goes on.
  var isDue: Int64
}

package final class Runner {
  /// A job that a worker has begun, as far as it has told.
  private struct Underway {
    /// The test that runs; nil before the first and between two.
    var test: RunningTest?
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
  private let comparison: AnswerComparison?
  /// What has ended, by `TestRecord.identity`.
  private var found: Set<String> = []
  /// Jobs that have not ended, by their place in the plan.
  private var left: [Int]
  /// Those that the worker has begun.
  private var underway: [Int: Underway] = [:]
  /// Tests of jobs under way that are reported already: a job that is run again, because another one of its worker
  /// crashed, does not report them twice.
  private var reported: [Int: [String: Int]] = [:]
  private var isStopping = false
  /// By this the worker's temporary folders and processes are found when it is gone.
  private let mark = String(UInt32.random(in: 1 << 28...UInt32.max), radix: 36)
  /// When a worker that was asked to end has had its time.
  private var endingLimit = Int64.max

  /// How long a test may run before it is told that it does, and between two times, in seconds. Its process says so a
  /// little before, and where it is, unless it is in the middle of what cannot be interrupted.
  private static let (firstNotice, laterNotice) = (11, 61)
  /// What a worker has for ending its tests after a signal: more than these have for what they have deferred.
  private static let secondsToEnd = 12.0

  /// Runs what the options ask for and tells the reporters; the summary says how it came out.
  ///
  /// - Parameter baseline: failures that are known, by `TestRecord.identity`.
  package static func run(
    _ options: TestOptions, reporters: [any Reporter], baseline: Baseline?
  ) throws(DiscoveryError) -> Summary {
    let runner = try Runner(options, reporters, baseline)
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
    if options.mutations != nil, let folder = options.findings, let problem = ReportFolder.make(folder) {
      throw DiscoveryError(message: problem)
    }
    comparison = options.compares ? try AnswerComparison(options) : nil
    do throws(Errno) {
      poller = try Poller()
      try ProcessSignals.install()
      try ProcessSignals.attach(to: poller)
      // What a worker leaves behind is found by its parent.
      try Orphans.adopt()
    } catch {
      throw DiscoveryError(message: "cannot start: \(error)")
    }
  }

  private func run() throws(DiscoveryError) -> Summary {
    let start = MonotonicClock.now
    var told = options
    if options.hasFullReport { told.facts = RunFacts(options, files: plan.files) }
    for reporter in reporters { reporter.began(told, files: plan.files) }
    if options.debugger != nil { try runHere { _, _, _ in } } else if let look = options.look { try runHere(look) }
    while !left.isEmpty, !isStopping {
      guard case .crashed(let how) = try runWorker(left) else { break }
      // Of the files that were under way, each is run again by itself: which one it was shows then. A process that is
      // killed may not have told yet what it had begun.
      let begun = underway.isEmpty ? left : underway.keys.sorted()
      var isFound = false
      for job in begun where !isStopping {
        guard case .crashed(let how) = try runWorker([job]) else { continue }
        isFound = true
        tellOfCrash(job, how)
        left.removeAll { $0 == job }
      }
      if !isFound, !isStopping { warn(begun, how) }
    }
    if summary.wasInterrupted { tellOfStopped() }
    if let last { tellOfRerun(last) }
    if let baseline { summary.improvements += baseline.gone(selection: options) }
    if let comparison {
      summary.comparedAnswers = comparison.answers
      summary.silentTargets = comparison.silent
      summary.warnings += comparison.problems.sorted()
    }
    summary.duration = MonotonicClock.now - start
    return summary
  }

  private func order(of jobs: [Int]) -> WorkOrder {
    var order = WorkOrder()
    order.words = options.words
    order.secrets = options.secrets
    order.seed = options.seed
    order.only = last
    order.mark = mark
    order.isOnlyFile = plan.files.count == 1
    order.jobs = jobs.map { ($0, plan.jobs[$0]) }
    return order
  }

  /// Runs all jobs in this process, whose terminal a session needs, one after the other.
  private func runHere(_ look: @escaping @Sendable (Session, String, String) -> Void) throws(DiscoveryError) {
    var here = options
    here.mark = mark
    let selection = try Selection(options, only: last)
    for (number, job) in plan.jobs.enumerated() where !isStopping {
      take(.began(number), from: nil)
      let runner = FileRunner(
        options: here, selection: selection, stopRequest: StopRequest(followsSignals: true),
        isOnlyFile: plan.files.count == 1,
        look: { [self] session, account, test in
          for reporter in reporters { reporter.makeRoom() }
          look(session, account, test)
        },
        started: { [self] line, name in take(.started(number, line: line, name: name), from: nil) },
        // On a terminal nothing is told of it.
        goesOn: { _ in },
        stopped: { [self] record in take(.stopped(number, record), from: nil) },
        ended: { [self] record in
          take(.test(number, record), from: nil)
          return !isStopping
        })
      let end = runner.run(job)
      take(.ended(number, end), from: nil)
      summary.signal = summary.signal ?? end.signal
      isStopping = isStopping || end.endsRun || end.signal != nil
    }
    left = []
    endOrphans()
  }

  /// Runs jobs in a process of their own until it ends.
  private func runWorker(_ jobs: [Int]) throws(DiscoveryError) -> WorkerProcess.End {
    underway = [:]
    let worker = try WorkerProcess(options.workerCommand, order(of: jobs))
    poller.add(worker.descriptor, token: 0, reading: true, writing: false)
    defer { poller.remove(worker.descriptor) }
    while true {
      var events: [WorkEvent] = []
      let end = try worker.read { events.append($0) }
      for event in events { take(event, from: worker) }
      if let end {
        cleanUp(after: worker, end)
        return end
      }
      if let signal = ProcessSignals.takePending() { stop(worker, signal) }
      if MonotonicClock.now >= endingLimit {
        endingLimit = .max
        worker.signal(SignalName.number(named: "KILL") ?? 9)
      }
      let due = min(tellOfLongTests(), endingLimit)
      let timeout = due == .max ? -1 : max(0, due - MonotonicClock.now)
      if let error = poller.wait(timeoutNanoseconds: timeout, { _, _ in }) {
        throw DiscoveryError(message: "cannot wait for the tests: \(error)")
      }
    }
  }

  /// The run is to end, as by this signal. The worker's tests end with what they have deferred; at a second signal
  /// without, and one that takes no notice is killed after a while.
  private func stop(_ worker: WorkerProcess, _ signal: Int32) {
    if summary.signal == nil { endingLimit = MonotonicClock.now + MonotonicClock.nanoseconds(Runner.secondsToEnd) }
    summary.signal = summary.signal ?? signal
    isStopping = true
    worker.signal(SignalName.number(named: "INT") ?? 2)
  }

  /// Tells of tests that run for long; when it is to be called again, in monotonic nanoseconds.
  private func tellOfLongTests() -> Int64 {
    let now = MonotonicClock.now
    var next = Int64.max
    for (job, state) in underway {
      guard var test = state.test else { continue }
      if test.isDue <= now {
        tell(job, nil)
        test.isDue = underway[job]?.test?.isDue ?? .max
      }
      next = min(next, test.isDue)
    }
    return next
  }

  private func tell(_ job: Int, _ place: (file: String, line: Int)?) {
    guard let test = underway[job]?.test else { return }
    let now = MonotonicClock.now
    for reporter in reporters { reporter.goesOn(test, at: place, for: Int((now - test.began) / 1_000_000_000)) }
    underway[job]?.test?.isDue = now + MonotonicClock.nanoseconds(Double(Runner.laterNotice))
  }

  /// What the tests of a worker have left although they have ended, or since it could not end them.
  private func cleanUp(after worker: WorkerProcess, _ end: WorkerProcess.End) {
    guard case .done = end else {
      _ = Orphans.end(marked: processMark)
      TemporaryDirectory.removeAll(marked: mark)
      return
    }
    endOrphans()
  }

  private var processMark: [UInt8] { Array("\(Interpreter.markVariable)=\(mark).".utf8) }

  /// Ends what the tests have left although they have ended, and tells of it.
  private func endOrphans() {
    for orphan in Orphans.end(marked: processMark) {
      // Without its arguments: this process does not know what is secret.
      let program = orphan.command.prefix { $0 != " " }
      summary.warnings.append("process \(orphan.pid) (\(program)) outlived the test that ran it, and was ended")
    }
  }

  /// - Parameter worker: nil: the tests run in this process.
  private func take(_ event: WorkEvent, from worker: WorkerProcess?) {
    switch event {
    case .began(let job): underway[job] = Underway()
    case .started(let job, let line, let name):
      let now = MonotonicClock.now
      underway[job]?.test = RunningTest(
        file: plan.jobs[job].file, line: line, name: name, began: now,
        isDue: now + MonotonicClock.nanoseconds(Double(Runner.firstNotice)))
    case .ended(let job, let end):
      summary.leftOut += end.isLeftOut ? 1 : 0
      summary.ofOtherShards += end.ofOtherShards
      if options.mutations != nil { summary.mutations = (summary.mutations ?? MutationCounts()) + end.mutations }
      left.removeAll { $0 == job }
      underway[job] = nil
      reported[job] = nil
    case .goesOn(let job, let file, let line): tell(job, line > 0 ? (file, line) : nil)
    case .stopped(let job, let record):
      underway[job]?.test = nil
      summary.stopped.append(record)
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
        worker?.signal(SignalName.number(named: "TERM") ?? 15)
      }
      // As by SIGPIPE, which is quiet.
      if let worker, summary.signal == nil, reporters.contains(where: \.isUnread) {
        stop(worker, SignalName.number(named: "PIPE") ?? 13)
      }
    }
  }

  /// True: no more tests are wanted.
  private func report(_ record: TestRecord) -> Bool {
    var record = record
    baseline?.apply(to: &record)
    summary.add(record)
    if let comparison { summary.differences += comparison.take(record) }
    found.insert(record.identity)
    for reporter in reporters { reporter.ended(record) }
    return options.failFast && record.failsTheRun
  }

  /// What there was to run again, if that was nothing, and what of it has gone.
  private func tellOfRerun(_ last: FailedTests) {
    guard !last.identities.isEmpty else {
      let total = last.total.map { "; it had \($0) test\($0 == 1 ? "" : "s")" } ?? ""
      summary.nothingToDo = "nothing failed in the last run in this folder\(total)"
      return
    }
    let files = Set(plan.files)
    for identity in last.identities.sorted() where !files.contains(FailedTests.file(identity)) {
      summary.warnings.append("\(identity): failed in the last run, and its file is not among those of this one")
    }
    // Interrupted, or with its first failure, a run does not come to all of them.
    guard !summary.wasInterrupted, !options.failFast, options.filter == nil, options.tags.isEmpty, !options.mustOnly,
      options.shard == nil
    else { return }
    for identity in last.identities.sorted() where files.contains(FailedTests.file(identity)) {
      let file = FailedTests.file(identity)
      // What kept a file from running its tests stands for all of them.
      guard !identity.hasPrefix("\(file)::\(file)"), !found.contains(identity) else { continue }
      summary.warnings.append(
        "\(identity): failed in the last run, and no test of this name is in this one: it did not run again")
    }
  }

  /// A crash that did not come again.
  private func warn(_ jobs: [Int], _ how: String) {
    let files = jobs.map { plan.jobs[$0].file }
    let shown = files.prefix(8).joined(separator: ", ") + (files.count > 8 ? " and \(files.count - 8) more" : "")
    summary.warnings.append("a process that ran tests \(how); what it was at ran again without that: \(shown)")
  }

  /// The tests that ran when the signal came, with those of a worker that could not say so any more.
  private func tellOfStopped() {
    for (job, state) in underway.sorted(by: { $0.key < $1.key }) {
      guard let test = state.test else { continue }
      var record = TestRecord(file: test.file, name: test.name, line: test.line)
      record.target = plan.jobs[job].target?.name
      record.segmentation = plan.jobs[job].segmentation.label
      record.verdict = .error
      record.duration = MonotonicClock.now - test.began
      summary.stopped.append(record)
    }
    let name = summary.signal.map { "SIG\(SignalName.name(of: $0))" } ?? "a signal"
    for index in summary.stopped.indices {
      var message = "stopped by \(name)"
      if let place = summary.stopped[index].place { message += " at \(place.file):\(place.line)" }
      message += " after \(PrettyReporter.time(summary.stopped[index].duration))"
      if !summary.stopped[index].message.isEmpty { message += ": \(summary.stopped[index].message)" }
      summary.stopped[index].message = message
      summary.stopped[index].code = "interrupted"
    }
  }

  private func tellOfCrash(_ number: Int, _ how: String) {
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
