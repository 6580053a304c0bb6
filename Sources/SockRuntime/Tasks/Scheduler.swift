// One thread, one poller, one queue of ready tasks: who runs next, and what wakes whom.

import SockLanguage
import SocketCore

package final class Scheduler {
  /// What a descriptor in the poller stands for. Held without owning: whoever goes says so in `forget`. Processes are
  /// owned by `processes` until then.
  private enum Target {
    case nothing
    case channel(Unmanaged<Channel>)
    case processEnd
    case processErrors
    case input(Unmanaged<WatchedInput>)
  }

  private struct Slot {
    var target = Target.nothing
    /// Part of the token, so that an event for a closed descriptor never reaches its successor.
    var generation: UInt32 = 0
  }

  let poller: Poller
  let pool = BufferPool()
  let transcript: Transcript
  /// Those of the run: told what is read. Nil while there are none.
  var secrets: Secrets? { didSet { hasSecrets = secrets != nil } }
  /// Asked at each read: the reference itself would be counted.
  private(set) var hasSecrets = false
  private var slots: [Slot] = []
  /// The processes that are watched, by the descriptors of their ends and of their errors. The poller may have events of
  /// descriptors that are closed: what another thread has just started holds copies of them until it is executed.
  private var processes: [Int32: ProcessState] = [:]
  private var ready = ReadyQueue()
  private var timers = Timers()
  /// Channels whose faults have something to do at a time, the last of them first. Held as in a `Target`.
  private var alarms: [(at: Int64, channel: Unmanaged<Channel>)] = []
  /// Channels whose gathered output is to be sent before the next wait.
  private var dirty: [Channel] = []
  private var channelCount = 0
  /// Tasks that wait for a free descriptor, and for an answer from another thread.
  private var descriptorWaiters: [Task] = []
  private(set) var externalWaiters: [Task] = []
  /// A stream that waits for the first time and is not in the poller yet: most served connections wait once, and are
  /// then closed. There is one at most, so that each wait looks at two descriptors. Held as in a `Target`.
  private var newcomer: Unmanaged<Channel>?
  /// The channels by the descriptors that they own. Held as in a `Target`.
  private var owners: [Unmanaged<Channel>?] = []
  /// Whether what a new connection says first is there when it is accepted.
  var firstReads = TryFirst()

  init(transcript: Transcript) throws(Errno) {
    self.transcript = transcript
    poller = try Poller()
  }

  /// Whose task runs; owned by the task.
  var runningGroup: Unmanaged<TaskGroup>?
  var channelNumber: Int { channelCount }

  /// The run is over: nobody is waited for any more, so that tasks and channels, which know the scheduler, can go.
  func removeAll() {
    ready.removeAll()
    newcomer = nil
    timers.removeAll()
    alarms.removeAll()
    dirty.removeAll()
    descriptorWaiters.removeAll()
    externalWaiters.removeAll()
  }

  /// This process is a copy, and the poller still the first one's: a new one, in which nobody waits for anything.
  func renew() throws(Errno) {
    for at in slots.indices {
      if case .channel(let unmanaged) = slots[at].target { unmanaged.takeUnretainedValue().isNotWatched() }
      slots[at].target = .nothing
      slots[at].generation &+= 1
    }
    processes.removeAll()
    newcomer?.takeUnretainedValue().isNotWatched()
    // The first process sends what they have gathered.
    for channel in dirty { channel.output = nil }
    removeAll()
    try poller.renew()
  }

  func nextChannelNumber() -> Int {
    channelCount += 1
    return channelCount
  }

  // MARK: - Who owns which descriptor

  /// This process is a copy of the one in which all sessions of TLS that are there go on.
  func leaveSessionsToFirstProcess() {
    for owner in owners { owner?.takeUnretainedValue().tls?.leaveToFirstProcess() }
  }

  func own(_ fd: Int32, _ channel: Channel) {
    guard fd >= 0 else { return }
    while owners.count <= Int(fd) { owners.append(nil) }
    owners[Int(fd)] = Unmanaged.passUnretained(channel)
  }

  /// It is about to be closed.
  func disown(_ fd: Int32) {
    if fd >= 0, Int(fd) < owners.count { owners[Int(fd)] = nil }
  }

  func owner(of fd: Int32) -> Channel? {
    fd >= 0 && Int(fd) < owners.count ? owners[Int(fd)]?.takeUnretainedValue() : nil
  }

  /// All that have a descriptor of their own.
  var openChannels: [Channel] {
    var seen: Set<Int> = []
    return owners.compactMap { $0?.takeUnretainedValue() }.filter { seen.insert($0.number).inserted }
  }

  /// A test's channels are closed when it ends, whoever still holds them.
  func opened(_ channel: Channel) {
    guard let group = runningGroup?.takeUnretainedValue(),
      group.isTest || group.notesChannels || group.session != nil
    else { return }
    if group.channels.count > 64, group.channels.count & (group.channels.count - 1) == 0 {
      group.channels.removeAll { $0.channel == nil }
    }
    group.channels.append(OpenedChannel(channel: channel))
  }

  // MARK: - Ready tasks

  func makeReady(_ task: consuming Task) {
    guard task.state == .blocked || task.state == .running else { return }
    if task.state == .blocked { endWait(task) }
    task.state = .ready
    ready.append(task)
  }

  /// Makes a task ready that its channel, which has forgotten it, has woken.
  @inline(__always)
  private func wake(_ task: consuming Task) {
    guard task.state == .blocked, task.waitKind == .reading else { return makeReady(task) }
    task.waitChannel = nil
    task.waitKind = .nothing
    task.wakeAt = .max
    task.state = .ready
    ready.append(task)
  }

  func start(_ task: Task) {
    task.state = .ready
    ready.append(task)
  }

  /// Takes out of the queue whoever could run: they stay ready, and have no turn before they are put back.
  func setReadyTasksAside() -> [Task] {
    var tasks: [Task] = []
    while let task = ready.popFirst() { tasks.append(task) }
    return tasks
  }

  func putBack(_ tasks: [Task]) {
    for task in tasks where task.state == .ready { ready.append(task) }
  }

  var hasReadyTasks: Bool { ready.count > 0 }

  func nextReady() -> Task? { ready.popFirst() }

  var readyCount: Int { ready.count }

  /// Forgets what a task waits for.
  fileprivate func endWait(_ task: Task) {
    switch task.waitKind {
    case .reading: task.waitChannel?._withUnsafeGuaranteedRef { if $0.reader === task { $0.reader = nil } }
    case .writing: task.waitChannel?._withUnsafeGuaranteedRef { if $0.writer === task { $0.writer = nil } }
    case .turn: task.waitChannel?._withUnsafeGuaranteedRef { $0.extras?.senders.removeAll { $0 === task } }
    case .descriptors: descriptorWaiters.removeAll { $0 === task }
    case .external: externalWaiters.removeAll { $0 === task }
    case .select:
      if let extras = task.extras {
        for channel in extras.selected {
          if channel.reader === task { channel.reader = nil }
          if channel.writer === task { channel.writer = nil }
          channel.extras?.senders.removeAll { $0 === task }
        }
        for handle in extras.selectedTasks { handle.waiters.removeAll { $0 === task } }
        if extras.waitsForAnswer { externalWaiters.removeAll { $0 === task } }
        extras.waitsForAnswer = false
        extras.selected.removeAll()
        extras.selectedTasks.removeAll()
      }
    case .nothing, .timer, .task, .process: break
    }
    task.waitChannel = nil
    task.waitKind = .nothing
    task.wakeAt = .max
  }

  // MARK: - Waiting

  /// Notes that the task is to run again at its deadline at the latest.
  func arm(_ task: Task, at: Int64) {
    task.wakeAt = at
    guard at != .max, at < task.armedAt else { return }
    task.armedAt = at
    timers.add(task, at: at)
  }

  /// Waits until the channel may have something to read.
  func waitForReading(_ task: Task, _ channel: Channel) throws(Failure) {
    if channel.readiness.isNew, newcomer == nil {
      newcomer = Unmanaged.passUnretained(channel)
    } else if !channel.readiness.isWatchedForReading || channel.kind == .listener {
      try watch(channel, reading: true)
    }
    if channel.readiness.isCrossed { try watch(channel, reading: false) }
    channel.readiness.isNew = false
    channel.reader = task
    task.waitChannel = Unmanaged.passUnretained(channel)
    task.waitKind = .reading
  }

  func waitForWriting(_ task: Task, _ channel: Channel) throws(Failure) {
    try watch(channel, reading: false)
    if channel.readiness.isCrossed { try watch(channel, reading: true) }
    channel.writer = task
    task.waitChannel = Unmanaged.passUnretained(channel)
    task.waitKind = .writing
  }

  /// Waits until one of them may take something.
  func waitForWriting(_ task: Task, anyOf channels: [Channel]) throws(Failure) {
    for channel in channels { try watch(channel, reading: false) }
    let extras = task.ownExtras
    for channel in channels {
      channel.writer = task
      extras.selected.append(channel)
    }
    task.waitKind = .select
  }

  /// Waits until no other task sends on the channel.
  func waitForTurn(_ task: Task, _ channel: Channel) {
    channel.ownExtras.senders.append(task)
    task.waitChannel = Unmanaged.passUnretained(channel)
    task.waitKind = .turn
  }

  /// Waits until one of them may have something to read, or may take something, or no other task sends there any more.
  func wait(_ task: Task, reading: [Channel], writing: [Channel], turns: [Channel]) throws(Failure) {
    for channel in reading {
      try watch(channel, reading: true)
      if channel.readiness.isCrossed { try watch(channel, reading: false) }
    }
    for channel in writing {
      try watch(channel, reading: false)
      if channel.readiness.isCrossed { try watch(channel, reading: true) }
    }
    let extras = task.ownExtras
    for channel in reading {
      channel.readiness.isNew = false
      channel.reader = task
      extras.selected.append(channel)
    }
    for channel in writing {
      channel.writer = task
      extras.selected.append(channel)
    }
    for channel in turns {
      channel.ownExtras.senders.append(task)
      extras.selected.append(channel)
    }
    task.waitKind = .select
  }

  /// Waits until one of the channels may have something to read, or the task's work has an answer.
  func waitForAny(of channels: [Channel], _ task: Task) throws(Failure) {
    let extras = task.ownExtras
    for channel in channels {
      try watch(channel, reading: true)
      if channel.readiness.isCrossed { try watch(channel, reading: false) }
    }
    for channel in channels {
      channel.reader = task
      extras.selected.append(channel)
    }
    extras.waitsForAnswer = true
    externalWaiters.append(task)
    task.waitKind = .select
  }

  func waitForDescriptors(_ task: Task) {
    descriptorWaiters.append(task)
    task.waitKind = .descriptors
  }

  func waitForAnswer(_ task: Task) {
    externalWaiters.append(task)
    task.waitKind = .external
  }

  /// A descriptor was closed, or a task has ended.
  func roomWasFreed() {
    guard !descriptorWaiters.isEmpty else { return }
    let waiters = descriptorWaiters
    descriptorWaiters.removeAll()
    for task in waiters { makeReady(task) }
  }

  /// A regular file cannot be watched and need not be: it never blocks.
  func watch(_ channel: Channel, reading: Bool) throws(Failure) {
    let isSame = channel.inputDescriptor == channel.outputDescriptor
    if channel.kind == .listener {
      try watch(listener: channel)
    } else if reading {
      if channel.readiness.isWatchedForReading { return }
      try register(
        channel.inputDescriptor, .channel(Unmanaged.passUnretained(channel)), reading: true,
        writing: isSame && channel.readiness.isWatchedForWriting, again: isSame && channel.readiness.isWatchedForWriting)
      channel.readiness.isWatchedForReading = true
    } else {
      if channel.readiness.isWatchedForWriting { return }
      try register(
        channel.outputDescriptor, .channel(Unmanaged.passUnretained(channel)),
        reading: isSame && channel.readiness.isWatchedForReading, writing: true, again: isSame && channel.readiness.isWatchedForReading)
      channel.readiness.isWatchedForWriting = true
    }
  }

  /// A listener is reported for as long as connections wait, so that a task need not accept in vain before it waits.
  private func watch(listener: Channel) throws(Failure) {
    guard listener.inputDescriptor >= 0, !listener.readiness.isLevelTriggered else { return }
    try register(
      listener.inputDescriptor, .channel(Unmanaged.passUnretained(listener)), reading: true, writing: false,
      again: listener.readiness.isWatchedForReading, trigger: .level)
    listener.readiness.isWatchedForReading = true
    listener.readiness.isLevelTriggered = true
  }

  /// Nobody accepts on it now: a wait would not sleep.
  private func silence(_ listener: Channel) {
    listener.readiness.isLevelTriggered = false
    announceAnew(listener.inputDescriptor, writing: false)
  }

  /// Has what can be read now announced once more.
  func watchAnew(_ channel: Channel) {
    guard channel.readiness.isWatchedForReading else { return }
    let isSame = channel.inputDescriptor == channel.outputDescriptor
    announceAnew(channel.inputDescriptor, writing: isSame && channel.readiness.isWatchedForWriting)
  }

  func watchAnew(_ process: ProcessState) { announceAnew(process.child.stderr, writing: false) }

  private func announceAnew(_ fd: Int32, writing: Bool) {
    guard fd >= 0, Int(fd) < slots.count else { return }
    // A descriptor that is gone has nothing to announce.
    _ = poller.modify(fd, token: token(of: fd), reading: true, writing: writing)
  }

  private func token(of fd: Int32) -> UInt64 {
    UInt64(slots[Int(fd)].generation & 0x7FFF_FFFF) << 32 | UInt64(UInt32(bitPattern: fd))
  }

  func watch(_ process: ProcessState) throws(Failure) {
    if process.child.pidfd >= 0 {
      try register(process.child.pidfd, .processEnd, reading: true, writing: false, again: false)
      processes[process.child.pidfd] = process
    }
    if process.child.stderr >= 0 {
      try register(process.child.stderr, .processErrors, reading: true, writing: false, again: false)
      processes[process.child.stderr] = process
    }
  }

  /// What can be read there now is announced too.
  func watch(_ input: WatchedInput) throws(Failure) {
    try register(
      input.descriptor, .input(Unmanaged.passUnretained(input)), reading: true, writing: false, again: false)
  }

  /// It is about to be gone, while standard input is still open.
  func forget(_ input: WatchedInput) {
    poller.remove(input.descriptor)
    forget(input.descriptor)
  }

  private func register(
    _ fd: Int32, _ target: Target, reading: Bool, writing: Bool, again: Bool, trigger: Trigger = .edge
  ) throws(Failure) {
    guard fd >= 0 else { return }
    let at = Int(fd)
    while slots.count <= at { slots.append(Slot()) }
    if !again {
      slots[at].generation &+= 1
      slots[at].target = target
    }
    let error =
      again
      ? poller.modify(fd, token: token(of: fd), reading: reading, writing: writing, trigger: trigger)
      : poller.add(fd, token: token(of: fd), reading: reading, writing: writing, trigger: trigger)
    if let error, error != .notPermitted { throw Failure("cannot watch descriptor \(fd)", error) }
  }

  fileprivate func forget(_ fd: Int32) {
    guard fd >= 0, Int(fd) < slots.count else { return }
    slots[Int(fd)].target = .nothing
    slots[Int(fd)].generation &+= 1
  }

  /// The channel is about to be closed: wakes who waits for it.
  func forget(_ channel: Channel) {
    if let new = newcomer, new.toOpaque() == Unmanaged.passUnretained(channel).toOpaque() { newcomer = nil }
    if channel.readiness.isFaulty {
      alarms.removeAll { $0.channel.toOpaque() == Unmanaged.passUnretained(channel).toOpaque() }
    }
    if channel.readiness.isWatchedForReading || channel.readiness.isWatchedForWriting {
      forget(channel.inputDescriptor)
      forget(channel.outputDescriptor)
      // While another descriptor stands for the same socket, closing this one does not take it out: a later one of this
      // number would be refused, and a listener that others hold, such as a copy of this process, would not let the
      // poller sleep.
      if channel.isShared || channel.kind == .listener || channel.socket?.mayBeShared == true {
        poller.remove(channel.inputDescriptor)
      }
    }
    if let task = channel.reader { makeReady(task) }
    if let task = channel.writer { makeReady(task) }
    if let extras = channel.extras { for task in extras.senders { makeReady(task) } }
  }

  /// The process is about to go: no event reaches it any more. To be called while its descriptors are open.
  func forget(_ process: ProcessState) {
    forget(process.child.pidfd, of: process)
    forget(process.child.stderr, of: process)
  }

  /// That descriptor of it is about to be closed, or nobody is to be told of it any more.
  func forget(_ fd: Int32, of process: ProcessState) {
    guard processes[fd] === process else { return }
    processes[fd] = nil
    forget(fd)
  }

  // MARK: - Events

  func markDirty(_ channel: Channel) {
    guard let output = channel.output, !output.isDirty else { return }
    output.isDirty = true
    dirty.append(channel)
  }

  /// Sends what tasks have gathered.
  @inline(__always)
  func flushDirty() {
    if !dirty.isEmpty { flushAllDirty() }
  }

  private func flushAllDirty() {
    let channels = dirty
    dirty.removeAll(keepingCapacity: true)
    for channel in channels {
      channel.output?.isDirty = false
      channel.flushWhatFits()
    }
  }

  /// Waits for events until `limit` (monotonic nanoseconds) at the latest, and makes the tasks ready that they wake.
  func poll(until limit: Int64) -> Errno? {
    var timeout: Int64 = -1
    if hasReadyTasks {
      timeout = 0
    } else {
      let at = min(limit, timers.earliest ?? .max, alarms.last?.at ?? .max)
      if at != .max { timeout = max(0, at - MonotonicClock.now) }
    }
    let error = wait(timeoutNanoseconds: timeout)
    if let earliest = timers.earliest {
      let now = MonotonicClock.now
      if earliest <= now { fireTimers(now) }
    }
    if !alarms.isEmpty { fireAlarms() }
    return error
  }

  private func wait(timeoutNanoseconds timeout: Int64) -> Errno? {
    guard let channel = newcomer?.takeUnretainedValue() else {
      return poller.wait(timeoutNanoseconds: timeout) { self.dispatch($0, $1) }
    }
    newcomer = nil
    do throws(Errno) {
      if timeout != 0 {
        let readiness = try poller.wait(reading: channel.inputDescriptor, timeoutNanoseconds: timeout) {
          self.dispatch($0, $1)
        }
        if !readiness.isEmpty {
          announce(readiness, on: channel, channel.inputDescriptor)
          return nil
        }
      } else if let error = poller.wait(timeoutNanoseconds: 0, { self.dispatch($0, $1) }) {
        return error
      }
    } catch {
      return error
    }
    // Something else came first. From now on the poller tells of it, at once if it is ready by now.
    guard !channel.isClosed, let reader = channel.reader else { return nil }
    do throws(Failure) {
      try watch(channel, reading: true)
    } catch {
      // The step meets the error itself when it looks again.
      channel.readiness.canRead = true
      makeReady(reader)
    }
    return nil
  }

  private func fireAlarms() {
    let now = MonotonicClock.now
    while let last = alarms.last, last.at <= now {
      alarms.removeLast()
      last.channel.takeUnretainedValue().faults?.wake()
    }
  }

  /// Has the channel's faults woken at that time, in monotonic nanoseconds.
  func addAlarm(at time: Int64, _ channel: Channel) {
    let place = alarms.firstIndex { $0.at <= time } ?? alarms.count
    alarms.insert((time, Unmanaged.passUnretained(channel)), at: place)
  }

  /// Whoever waits for the channel looks at it again.
  func wakeAll(of channel: Channel) {
    if let task = channel.reader.take() { wake(task) }
    if let task = channel.writer { makeReady(task) }
  }

  private func fireTimers(_ now: Int64) {
    while let task = timers.pop(notAfter: now) {
      task.armedAt = .max
      guard task.state == .blocked else { continue }
      if task.wakeAt <= now {
        makeReady(task)
      } else if task.wakeAt != .max {
        // It has waited anew since.
        task.armedAt = task.wakeAt
        timers.add(task, at: task.wakeAt)
      }
    }
  }

  private func dispatch(_ token: UInt64, _ readiness: Readiness) {
    let at = Int(token & 0xFFFF_FFFF)
    guard at < slots.count, UInt64(slots[at].generation & 0x7FFF_FFFF) == token >> 32 else { return }
    switch slots[at].target {
    case .nothing: break
    case .channel(let unmanaged):
      unmanaged._withUnsafeGuaranteedRef { announce(readiness, on: $0, Int32(truncatingIfNeeded: at)) }
    case .processEnd: processes[Int32(truncatingIfNeeded: at)]?.hasEnded()
    case .processErrors: processes[Int32(truncatingIfNeeded: at)]?.drainErrors(self)
    case .input(let unmanaged): unmanaged.takeUnretainedValue().isReady = true
    }
  }

  @inline(__always)
  private func announce(_ readiness: Readiness, on channel: Channel, _ fd: Int32) {
    let isOver = readiness.contains(.hangup) || readiness.contains(.error)
    if isOver, fd == channel.inputDescriptor { channel.readiness.hasHungUp = true }
    if readiness.contains(.urgent) { channel.readiness.emptiesShort = false }
    let isCrossed = channel.readiness.isCrossed
    if channel.readiness.isFaulty {
      channel.faults?.announced(
        reading: isOver || readiness.contains(.readable) || isCrossed,
        writing: isOver || readiness.contains(.writable) || isCrossed)
    }
    if isOver || readiness.contains(.readable) || isCrossed {
      channel.readiness.canRead = true
      if let task = channel.reader.take() {
        wake(task)
      } else if channel.readiness.isLevelTriggered {
        silence(channel)
      } else if channel.process != nil || channel.kind == .pipe {
        channel.drainProcess()
      }
    }
    if isOver || readiness.contains(.writable) || isCrossed {
      channel.readiness.canWrite = true
      if let task = channel.writer {
        makeReady(task)
      } else {
        channel.flushWhatFits()
      }
    }
  }

  /// Another thread may have answered.
  @inline(__always)
  func checkAnswers() {
    if !externalWaiters.isEmpty { wakeAnswered() }
  }

  private func wakeAnswered() {
    for task in externalWaiters {
      if let box = task.step.work as? AnswerBox, box.isFilled { makeReady(task) }
    }
  }
}

/// Where a helper thread leaves its answer.
protocol AnswerBox: AnyObject {
  var isFilled: Bool { get }
}

extension Scheduler {
  /// Forgets what a task waits for without running it again.
  func cancelWait(_ task: Task) { endWait(task) }

  /// The writing side of a channel is about to be closed on its own.
  func forgetOutput(_ channel: Channel) {
    guard channel.outputDescriptor != channel.inputDescriptor else { return }
    if channel.readiness.isWatchedForWriting { forget(channel.outputDescriptor) }
    channel.readiness.isWatchedForWriting = false
  }
}
