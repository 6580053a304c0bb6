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

package final class Interpreter: WorkOwner {
  let scheduler: Scheduler
  let transcript: Transcript
  let receiveBuffer = ReceiveBuffer()
  let context: BuiltinContext
  let options: RunOptions
  /// What gives `param`s their values: of the command line, and what a session has been told since; the last one holds.
  var settings: [(name: String, value: [UInt8])]
  let limits: RunLimits
  let output: OutputWriter
  /// A task has printed so much that it was written, which ends its share: a reader may be slow, as terminals are.
  var hasFilledOutput = false
  /// The script's, or that of the test that runs.
  var group: TaskGroup
  /// What the top level of a file of tests has started; it lives until the file's last test has run.
  var topLevel: TaskGroup
  /// What the file's top level has deferred may run.
  var testsHaveRun = false
  /// `it`: what a session's last statement gave.
  var lastResult = Value.nothing
  /// And those before it that have names, the latest first.
  var earlierResults: [Value] = []
  /// The file's variables as its top level left them.
  var snapshot: StateSnapshot?
  /// In the order of their declaration.
  package internal(set) var tests: [DeclaredTest] = []
  /// Asked from outside to end, as by a signal.
  package let stopRequest: StopRequest
  /// What channels start with, where a script has set it without a channel.
  var defaults: ChannelSettings?
  var taskCount = 0
  /// Files that accounts of failures have read once more.
  var readAgain: [ObjectIdentifier: Provenance] = [:]
  /// A match that is no longer used, for the next one of its pattern.
  var spareMatch: Match?
  /// The code of builtin functions that call a function, where they have been called.
  var callbacks: [BuiltinFunction: Function] = [:]
  /// What `serve workers` has started.
  var workerProcesses: [WorkerProcesses] = []
  /// This process is a copy that `serve workers` has made.
  var isWorker = false
  /// What it has made in the file system.
  var files = RunFiles()
  /// Our own standard streams, as the script has named them.
  var standard = StandardChannels()
  let security = TLSState()
  /// Values of `param secret`: shown nowhere.
  let secrets = Secrets()
  var permissions: Permissions { options.permissions }
  private(set) lazy var arguments = List(options.arguments.map { Value($0) })
  /// Told what the steps of a session's statements do; nil in a script.
  package var recorder: (any StepObserver)?
  /// Sends something else in place of what the test that runs sends; nil: nobody does.
  package var mutator: SendMutator? {
    didSet { context.encoded = mutator?.encoded }
  }
  /// Told what passes through relays; nil where nobody records it.
  package var relayObserver: (any RelayObserver)?
  /// How many relays have begun.
  var relayCount = 0
  var relayPipes = RelayPipes()
  /// What it has let go wrong.
  var faultTraces = FaultTraces()
  /// What programs write on terminals is shown on screens: the script may ask for it.
  var keepsScreens = false
  /// Its steps that send or read declared messages, for who shows what they did.
  var messageSteps = MessageSteps()
  /// Running out of descriptors is told of once.
  var hasWarnedOfDescriptors = false
  /// And so is running out of tasks.
  var hasWarnedOfTasks = false
  /// When the run is over, on the monotonic clock: a test's time-out, or the time of what is deferred.
  var timeLimit = Int64.max
  /// The time-out in seconds that `timeLimit` stands for; nil where it is no test's.
  var testSeconds: Double?
  /// The task that has its turn; owned by its group.
  var runningTask: Unmanaged<Task>?
  var ending = Ending()
  /// Called with each failed `check` and the failure that ends the test, in the task in which it arose, before anything
  /// is unwound.
  var atFailure: ((Failure, Task, _ endsTest: Bool) -> Void)?
  /// Called before each statement, where the program was compiled so.
  var atStatement: ((Task) -> Void)?
  /// Called when no task can go on, before anything is waited for.
  var beforeWaiting: (() -> Void)?
  /// For how long tests have stood still for somebody who looked into them, since this one began, in nanoseconds.
  var pausedTime: Int64 = 0
  /// For a run that is told of while it goes on.
  var notice = LongRunNotice()
  var memory = MemoryWatch()
  /// Tasks with a name: their failures are told of at the end unless somebody waited for them.
  var unawaited = UnawaitedTasks()
  /// How the run has ended; nil while it goes on.
  var mainResult: RunResult?
  /// A task has ended, or waits for another: only then can all of them come to wait for each other.
  var mayBeStuck = true

  package init(_ options: RunOptions, context: BuiltinContext, stopRequest: StopRequest = StopRequest()) throws(Errno) {
    self.options = options
    settings = options.settings
    self.stopRequest = stopRequest
    self.context = context
    context.permissions = options.permissions
    context.secrets = secrets
    if let chance = options.chance { context.chance = chance }
    limits = options.limits
    transcript = options.keepsWholeTranscript ? Transcript.whole() : Transcript()
    scheduler = try Scheduler(transcript: transcript)
    output = OutputWriter(isCaptured: options.capturesOutput)
    group = TaskGroup(isTest: false)
    topLevel = group
    super.init()
    stopRequest.wakes(scheduler.poller)
    context.inheritedChannels = { [unowned self] () throws(Failure) in
      try inheritedChannels().map { ($0.name, $0.channel) }
    }
    context.temporaryFolder = { [unowned self] () throws(Failure) in try temporaryFolder() }
    output.endOfWaiting = { [unowned self] in endOfWaiting(isStep: $0) }
  }

  /// The seed with which a run draws the same; nil when nothing was drawn, or nobody can draw the same.
  package var seedDrawnFrom: UInt64? { context.chance.wasUsed ? context.chance.seed : nil }

  /// Whether output that nobody reads is waited for no longer: for a signal, and in a step for the time around it.
  private func endOfWaiting(isStep: Bool) -> OutputWriter.WaitEnd? {
    if stopRequest.signal != nil || ending.isHurried || MonotonicClock.now >= ending.limit {
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

  /// What a long instruction asks: whether its task may go on.
  override func lookAround() throws(Failure) {
    guard let task = runningTask?.takeUnretainedValue() else { return }
    if let signal = stopRequest.signal, task === task.group.main || task.group.session == nil {
      // From any other task, and in a session, the signal is still to be taken by who waits for the main one.
      if task === task.group.main, task.group.session == nil { interrupt(signal, task) }
      // As if it had been stopped before: what it has deferred runs.
      task.isCancelled = false
      task.wasStopped = true
      throw cancellation()
    }
    if MonotonicClock.now >= timeLimit {
      task.wasStopped = true
      let failure = testSeconds.map { Interpreter.testIsLate($0) } ?? cancellation()
      failure.isCatchable = false
      throw failure
    }
    if task.isLateForBlock { throw task.latenessForBlock() }
    try requireMemory(0)
  }

  /// There is memory for so many bytes more. Where there is not, the next one to ask is looked at too.
  override func requireMemory(_ bytes: Int) throws(Failure) {
    if let bound = MemoryUse.bound(taking: bytes, mebibytes: limits.memory) {
      throw MemoryUse.failure(bound, mebibytes: limits.memory)
    }
    cmeter_set_allocated(0)
  }
}
