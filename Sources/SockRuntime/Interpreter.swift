// One running script: its scheduler, its settings, and the way from start to exit status. Nothing is shared between two.

import CMeter
import SockLanguage
import SocketCore

/// How a run ended.
package enum RunResult {
  case finished
  case failed(Failure)
  case exited(Int32)
  case interrupted(signal: Int32)
  /// The limit that the caller set has passed.
  case outOfTime
}

package final class Interpreter {
  let scheduler: Scheduler
  let transcript: Transcript
  let receiveBuffer = ReceiveBuffer()
  let context: BuiltinContext
  let options: RunOptions
  let limits: RunLimits
  let output: OutputWriter
  /// A task has printed so much that it was written, which ends its share: a reader may be slow, as terminals are.
  var hasFilledOutput = false
  /// The script's, or that of the test that runs.
  var group: TaskGroup
  /// What the top level of a file of tests has started; it lives until the file's last test has run.
  var topLevel: TaskGroup
  /// What the file's top level has deferred may run.
  private(set) var testsHaveRun = false
  /// `it`: what a session's last statement gave.
  var lastResult = Value.nothing
  /// The file's variables as its top level left them.
  var snapshot: StateSnapshot?
  /// In the order of their declaration.
  package internal(set) var tests: [DeclaredTest] = []
  /// Asked from outside to end, as by a signal.
  package let stopRequest: StopRequest
  /// What channels start with, where a script has set it without a channel.
  var defaults: ChannelSettings?
  var taskCount = 0
  /// A match that is no longer used, for the next one of its pattern.
  var spareMatch: Match?
  /// What `serve workers` has started.
  var workerProcesses: [WorkerProcesses] = []
  /// This process is a copy that `serve workers` has made.
  var isWorker = false
  var temporaryDirectory: TemporaryDirectory?
  private var socketFiles: [MadeSocketFile] = []
  /// Nil until a script has named it.
  private(set) var openedInput: Channel?
  var standardInput: Channel {
    if let openedInput { return openedInput }
    let channel = standardChannel(StandardStream.input, "stdin")
    openedInput = channel
    return channel
  }
  private var openedOutput: Channel?
  var standardOutput: Channel {
    let channel = openedOutput ?? standardChannel(StandardStream.output, "stdout")
    openedOutput = channel
    return channel
  }
  private var openedError: Channel?
  var standardError: Channel {
    let channel = openedError ?? standardChannel(StandardStream.error, "stderr")
    openedError = channel
    return channel
  }
  /// A test has ended, and its channels with it: the next one gets its own.
  func renewStandardChannels() {
    (openedInput, openedOutput, openedError) = (nil, nil, nil)
  }
  let security = TLSState()
  /// Values of `param secret`: shown nowhere.
  let secrets = Secrets()
  var permissions: Permissions { options.permissions }
  private(set) lazy var arguments = List(options.arguments.map { Value($0) })
  /// Told what the steps of a session's statements do; nil in a script.
  package var recorder: SessionRecorder?
  /// Running out of descriptors is told of once.
  var hasWarnedOfDescriptors = false
  /// And so is running out of tasks.
  var hasWarnedOfTasks = false
  /// The first signal that asks the script to end.
  private var endingSignal: Int32?
  /// When what is deferred has had its time after that signal.
  private var endingLimit = Int64.max
  /// Where the script's, or the test's, own task was then.
  private(set) var stoppedAt: SourceSite?
  /// When the run is over, on the monotonic clock: a test's time-out, or the time of what is deferred.
  var timeLimit = Int64.max
  /// The time-out in seconds that `timeLimit` stands for; nil where it is no test's.
  var testSeconds: Double?
  /// The task that has its turn; owned by its group.
  var runningTask: Unmanaged<Task>?
  /// A second one has come: what is deferred does not get its time.
  private var isHurried = false

  package init(_ options: RunOptions, context: BuiltinContext, stopRequest: StopRequest = StopRequest()) throws(Errno) {
    self.options = options
    self.stopRequest = stopRequest
    self.context = context
    context.permissions = options.permissions
    limits = options.limits
    transcript = options.keepsWholeTranscript ? Transcript.whole() : Transcript()
    scheduler = try Scheduler(transcript: transcript)
    output = OutputWriter(isCaptured: options.capturesOutput)
    stopRequest.wakes(scheduler.poller)
    group = TaskGroup(isTest: false)
    topLevel = group
    context.temporaryFolder = { [unowned self] () throws(Failure) in try temporaryFolder() }
    output.endOfWaiting = { [unowned self] in endOfWaiting(isStep: $0) }
  }

  /// Whether output that nobody reads is waited for no longer: for a signal, and in a step for the time around it.
  private func endOfWaiting(isStep: Bool) -> OutputWriter.WaitEnd? {
    if stopRequest.signal != nil || isHurried || Clock.now >= endingLimit {
      return group.session == nil ? .stopped : .dropped
    }
    guard isStep, let task = runningTask?.takeUnretainedValue() else { return nil }
    do throws(Failure) {
      try lookAround()
    } catch {
      return .late(error)
    }
    return task.step.hasBegun && task.isLate ? .late(Failure(.timeout, "nobody reads what is printed")) : nil
  }

  // MARK: - Running

  /// Runs a program from its first line to its end.
  package func run(_ program: Program) -> RunResult {
    let main = Task(interpreter: self, group: group, function: Function(code: program.main))
    group.main = main
    group.add(main)
    taskCount += 1
    scheduler.start(main)
    let result = runUntilEnd(of: main, limit: .max)
    // What its task has deferred is the first process's.
    if isWorker, let main = group.main { group.remove(main) }
    finish(group)
    endWorkers(within: isHurried ? 0 : Interpreter.secondsToFinish)
    scheduler.removeAll()
    mainResult = nil
    defer { removeFiles() }
    return outcome(result, lastFlush: output.flush())
  }

  /// A script whose last output is lost has not ended well; one that has failed otherwise says that.
  private func outcome(_ result: RunResult, lastFlush failure: Failure?) -> RunResult {
    switch result {
    case .finished, .exited(0): break
    default: return result
    }
    guard let failure else {
      guard output.wasStopped, let signal = stopRequest.signal else { return result }
      return .interrupted(signal: signal)
    }
    guard failure.errno == Errno.brokenPipe.rawValue, let signal = SignalName.number(named: "PIPE") else {
      return .failed(failure)
    }
    return .interrupted(signal: signal)
  }

  /// What this run has made in the file system, and nobody can use any more.
  func removeFiles() {
    for made in socketFiles { made.file?.remove() }
    socketFiles.removeAll()
    temporaryDirectory = nil
  }

  func note(_ file: SocketFile) {
    if socketFiles.count >= 64, socketFiles.count & (socketFiles.count - 1) == 0 {
      socketFiles.removeAll { $0.file == nil }
    }
    socketFiles.append(MadeSocketFile(file: file))
  }

  /// How the run has ended; nil while it goes on.
  var mainResult: RunResult?
  /// A task has ended, or waits for another: only then can all of them come to wait for each other.
  private var mayBeStuck = true

  func runUntilEnd(of main: Task, limit: Int64) -> RunResult {
    mainResult = nil
    mayBeStuck = true
    timeLimit = limit
    defer { timeLimit = .max }
    unawaited.removeAll()
    while true {
      runReadyTasks()
      if let mainResult { return mainResult }
      scheduler.flushDirty()
      if let failure = output.flushIfDue() {
        guard failure.errno == Errno.brokenPipe.rawValue else { return .failed(failure) }
        readerIsGone()
      }
      if let signal = stopRequest.signal {
        interrupt(signal, main)
        if let mainResult { return mainResult }
      }
      if mayBeStuck, !scheduler.hasReadyTasks {
        if !canEverGoOn() { return .failed(deadlock(main)) }
        mayBeStuck = false
      }
      if let signal = endingSignal, Clock.now >= endingLimit { return .interrupted(signal: signal) }
      if let error = scheduler.poll(until: min(limit, endingLimit, output.dueAt)) {
        return .failed(Failure("cannot wait for events", error))
      }
      scheduler.checkAnswers()
      if limit != .max, Clock.now >= limit { return .outOfTime }
    }
  }

  func place(of task: Task) -> SourceSite? {
    guard task.depth > 0 else { return nil }
    let frame = task.frames[task.depth - 1]
    return frame.code._withUnsafeGuaranteedRef { $0.site(at: Int(frame.pc)) }
  }

  /// Where the step stands that a task waits in, or the statement that it runs.
  private func stepPlace(of task: Task) -> SourceSite? {
    let failure = Failure(.cancelled, "")
    locate(failure, task)
    return failure.site
  }

  func deadlock(_ main: Task) -> Failure {
    let failure = Failure(.timeout, "every task waits for another one: nothing can happen any more")
    failure.site = place(of: main)
    return failure
  }

  /// Whether anything outside could wake a task: a descriptor, a timer, a helper thread or a signal.
  func canEverGoOn() -> Bool {
    canGoOn(group) || group !== topLevel && canGoOn(topLevel) || group.tasks.isEmpty
  }

  private func canGoOn(_ group: TaskGroup) -> Bool {
    group.tasks.contains { $0.state == .blocked && ($0.waitKind != .task || $0.wakeAt != .max) }
  }

  /// The reader of standard output has seen enough (`sock … | head`): the script ends as by SIGPIPE, which is quiet.
  func readerIsGone() {
    output.abandon()
    if let signal = SignalName.number(named: "PIPE") { stopRequest.stop(signal: signal) }
  }

  func interrupt(_ signal: Int32, _ main: Task) {
    stopRequest.wasSeen()
    if isWorker || endingSignal != nil {
      isHurried = endingSignal != nil
      mainResult = .interrupted(signal: signal)
      return
    }
    endingSignal = signal
    stoppedAt = stepPlace(of: main)
    endingLimit = Clock.now + Clock.nanoseconds(Interpreter.secondsToFinish)
    timeLimit = min(timeLimit, endingLimit)
    stop(main)
  }

  /// Gives each task that is ready now one turn.
  func runReadyTasks() {
    cmeter_set_owner(Unmanaged.passUnretained(self).toOpaque())
    defer { cmeter_set_owner(nil) }
    var turns = scheduler.readyCount
    // What starts meanwhile, such as a served connection, runs before the poller is asked; within bounds.
    var extraTurns = Interpreter.extraTurns
    while turns > 0 || extraTurns > 0, let task = scheduler.nextReady() {
      if turns > 0 { turns -= 1 } else { extraTurns -= 1 }
      if execute(task) { extraTurns = 0 }
      if mainResult != nil { return }
    }
  }

  /// Turns of tasks that became ready while others ran, at most, before events are looked for. None after a task that
  /// has used up its share.
  private static let extraTurns = 64

  /// More than the limit was in use after a turn: from then on turns are watched for who takes more.
  private var memoryIsShort = false
  /// Turns that ended before their share did.
  private var shortTurns = 0
  /// The memory is looked at after each 64th of those; a mask.
  private static let shortTurnsToLook = 63
  /// How much a task may take where there is no memory left, in bytes: what comes and goes with its turns.
  private static let spareGrowth = 256 << 10

  /// Ends a task that has taken more where there is no memory left. Others have done nothing: whoever serves goes on.
  /// - Parameter before: what was in use before its turn, where memory was short then.
  private func lookAtMemory(after task: Task, _ before: Int) {
    guard let bound = MemoryUse.bound(taking: 0, mebibytes: limits.memory) else {
      memoryIsShort = false
      cmeter_set_allocated(0)
      return
    }
    if memoryIsShort { task.growth += max(0, Int(cmeter_heap_in_use()) - before) }
    memoryIsShort = true
    guard task.growth > Interpreter.spareGrowth, task.state != .finished, task.ending == nil else { return }
    let failure = MemoryUse.failure(bound, mebibytes: limits.memory)
    failure.isCatchable = false
    task.ending = failure
    if task.state == .blocked { scheduler.makeReady(task) }
  }

  /// Whether it was interrupted so that others have a turn.
  private func execute(_ task: Task) -> Bool {
    guard task.state == .ready else { return false }
    task.state = .running
    scheduler.runningGroup = Unmanaged.passUnretained(task.group)
    runningTask = Unmanaged.passUnretained(task)
    defer {
      transcript.site = nil
      scheduler.runningGroup = nil
      runningTask = nil
    }
    if task.isLeaving {
      leave(task)
      return false
    }
    if task.isEntering, !enter(task) { return false }
    let before = memoryIsShort ? Int(cmeter_heap_in_use()) : 0
    switch run(task) {
    case .blocked:
      if task.state == .running { task.state = .blocked }
      if task.waitKind == .task { mayBeStuck = true }
      shortTurns += 1
      if memoryIsShort || shortTurns & Interpreter.shortTurnsToLook == 0
        || cmeter_has_allocated(Int64(Meter.lookedAtEach))
      {
        lookAtMemory(after: task, before)
      }
    case .yielded:
      lookAtMemory(after: task, before)
      scheduler.makeReady(task)
      return true
    case .finished(let value):
      task.handle?.result = value
      leave(task)
    case .failed(let failure): end(task, failure: failure)
    }
    return false
  }

  /// Goes on with the handshake of a served connection. False: the task waits, or has ended.
  private func enter(_ task: Task) -> Bool {
    task.isEntering = false
    guard let channel = task.served, channel.isOpen, let tls = channel.tls, !task.isCancelled, task.ending == nil else {
      return true
    }
    do throws(Failure) {
      switch tls.handshake() {
      case .done, .ended, .truncated: return true
      case .wantsRead:
        channel.readiness.canRead = false
        try scheduler.waitForReading(task, channel)
      case .wantsWrite:
        channel.readiness.canWrite = false
        try scheduler.waitForWriting(task, channel)
      case .failed(let error): throw Failure("the TLS handshake failed", error, channel)
      }
    } catch {
      end(task, failure: error)
      return false
    }
    task.isEntering = true
    task.state = .blocked
    return false
  }

  /// Ends a task that has run its last statement. What a served connection has gathered leaves first, as at a `close`.
  private func leave(_ task: Task) {
    guard let channel = task.served, channel.isOpen, !task.isCancelled, let output = channel.output else {
      return end(task, failure: nil)
    }
    channel.flushWhatFits()
    guard output.count > 0, channel.outputFailure == nil else { return end(task, failure: nil) }
    if !task.isLeaving {
      task.isLeaving = true
      task.step.deadline = task.blockDeadline
      if let seconds = channel.settings?.timeout {
        task.step.deadline = min(task.step.deadline, Deadline(after: seconds * options.timeoutScale).at)
      }
    }
    do throws(Failure) {
      if task.isLate {
        let failure = Failure(.timeout, "\(output.count) gathered bytes were not taken by the other side")
        failure.channel = channel
        throw failure
      }
      try scheduler.waitForWriting(task, channel)
    } catch {
      return end(task, failure: error)
    }
    scheduler.arm(task, at: task.step.deadline)
    task.state = .blocked
  }

  func end(_ task: Task, failure: Failure?) {
    task.state = .finished
    if let failure, failure.verdict == nil, failure.code != .cancelled {
      // What nothing in the task was to catch, others may.
      failure.isCatchable = true
    }
    if task === task.group.main { task.group.session?.keep(from: task) }
    mayBeStuck = true
    task.conn = nil
    task.listener = nil
    task.group.remove(task)
    taskCount -= 1
    scheduler.roomWasFreed()
    var isAwaited = false
    if let handle = task.handle {
      handle.task = nil
      handle.failure = failure
      isAwaited = !handle.waiters.isEmpty
      for waiter in handle.waiters { scheduler.makeReady(waiter) }
      handle.waiters.removeAll()
    }
    if let server = task.server {
      server.live -= 1
      if let channel = task.served, !channel.isClosed {
        channel.flushWhatFits()
        scheduler.transcript.record(.closed, channel)
        channel.release()
      }
      task.served = nil
      if let waiter = server.waiter { scheduler.makeReady(waiter) }
      if let failure { connectionFailed(failure, task) }
    } else if task === task.group.main {
      mainResult = result(of: failure)
    } else if task.group.session != nil {
      if let failure, !isAwaited { backgroundFailed(failure) }
    } else if task.handle == nil, let failure, failure.isCatchable || failure.verdict != nil {
      // Nobody can wait for it: its failure is its script's.
      mainResult = mainResult ?? result(of: failure)
    }
  }

  /// The last line of a file of tests has run: its tests can.
  func topLevelIsDone() { mainResult = result(of: nil) }

  private func result(of failure: Failure?) -> RunResult {
    if let signal = endingSignal { return .interrupted(signal: signal) }
    if let failure {
      if case .exit(let code)? = failure.verdict { return .exited(code) }
      return .failed(failure)
    }
    for handle in unawaited {
      if let failure = handle.failure, !handle.wasAwaited, failure.isCatchable || failure.verdict != nil {
        return .failed(failure)
      }
    }
    return .finished
  }

  /// Tasks with a name: their failures are told of at the end unless somebody waited for them.
  var unawaited: [TaskHandle] = []
  /// At this many those that have ended well are forgotten: twice what was left the last time.
  private var unawaitedLimit = 64

  /// A session goes on when one of its tasks fails: it is told at once, with a name or without.
  private func backgroundFailed(_ failure: Failure) {
    if case .exit(let code)? = failure.verdict {
      mainResult = mainResult ?? .exited(code)
    } else if failure.isCatchable || failure.verdict != nil {
      output.tell(FailureReport.told(failure, self))
    }
  }

  /// A served connection has failed. Its own end or reset is its own affair; a server does not die of one client.
  private func connectionFailed(_ failure: Failure, _ task: Task) {
    if failure.verdict != nil {
      if task.group.session != nil { return backgroundFailed(failure) }
      mainResult = mainResult ?? result(of: failure)
      return
    }
    if !failure.isCatchable { return }
    switch failure.code {
    case .eof, .reset: return
    default: break
    }
    if task.group.isTest {
      mainResult = mainResult ?? .failed(failure)
      return
    }
    output.tellIfRead(FailureReport.render(failure, self))
  }

  // MARK: - Tasks

  /// A task more can run.
  func requireRoomForTask() throws(Failure) {
    guard taskCount < limits.tasks else {
      throw .limit("more than \(limits.tasks) tasks at one time (limit tasks)")
    }
  }

  func spawn(_ function: Function, from parent: Task) throws(Failure) -> TaskHandle {
    try requireRoomForTask()
    let task = Task(interpreter: self, group: parent.group, function: function)
    task.conn = parent.conn
    task.listener = parent.listener
    let isNamed = function.code.name != "spawn"
    let handle = TaskHandle(task)
    if isNamed {
      task.handle = handle
      // A session tells of a failure at once.
      if parent.group.session == nil { tellAtTheEnd(handle) }
    }
    parent.group.add(task)
    taskCount += 1
    scheduler.start(task)
    return handle
  }

  private func tellAtTheEnd(_ handle: TaskHandle) {
    unawaited.append(handle)
    if unawaited.count > unawaitedLimit {
      unawaited.removeAll { $0.task == nil && $0.failure == nil }
      unawaitedLimit = max(64, 2 * unawaited.count)
    }
  }

  /// Asks a task to end: it fails with what nothing catches, so its `defer`s and `finally`s run.
  func stop(_ task: Task) {
    guard task.state != .finished, !task.isCancelled, !task.wasStopped else { return }
    task.isCancelled = true
    if task.state == .blocked { scheduler.makeReady(task) }
  }

  /// Ends whatever a script or test has left: tasks with their deferred statements, channels, and process groups.
  func finish(_ group: TaskGroup) {
    for task in group.tasks { stop(task) }
    // Deferred statements may wait; not for ever.
    // After a signal it is the rest of their time, and a moment if none is left.
    let now = Clock.now
    let limit = min(
      max(endingLimit, now + Clock.nanoseconds(0.5)), now + Clock.nanoseconds(Interpreter.secondsToFinish))
    timeLimit = limit
    defer { timeLimit = .max }
    while !group.tasks.isEmpty, !isHurried, Clock.now < limit {
      runReadyTasks()
      scheduler.flushDirty()
      if let failure = output.flushWhatFits() { output.keep(failure) }
      if group.tasks.isEmpty { break }
      if stopRequest.signal != nil, endingSignal != nil { isHurried = true }
      if isHurried { break }
      if scheduler.poll(until: limit) != nil { break }
      scheduler.checkAnswers()
    }
    group.tasks.removeAll()
    group.main = nil
    for process in group.processes {
      scheduler.forget(process)
      if process.endGroup() { continue }
      group.leaks.append("process \(process.child.pid) (\(process.command)) could not be ended")
    }
    group.processes.removeAll()
    endOrphans(of: group)
    scheduler.flushDirty()
    for channel in [openedOutput, openedError] { channel?.writeGathered(output) }
  }

  /// The file's tests have run: its last frame returns, and runs what was deferred.
  func letTopLevelEnd() {
    testsHaveRun = true
    guard let main = topLevel.main, main.state == .blocked else { return }
    group = topLevel
    scheduler.makeReady(main)
    _ = runUntilEnd(of: main, limit: Clock.now + Clock.nanoseconds(Interpreter.secondsToFinish))
  }

  /// How long the deferred statements of a script that ends may take together, in seconds.
  private static let secondsToFinish = 5.0
}
