// The turns of a run: who is ready runs, what was gathered leaves, and then something is waited for.

import CMeter
import SockLanguage
import SocketCore

extension Interpreter {
  /// Runs a program from its first line to its end.
  package func run(_ program: Program) -> RunResult {
    keepsScreens = program.readsScreens
    messageSteps.add(program.messageSteps)
    let main = Task(group: group, function: Function(code: program.main))
    group.main = main
    group.add(main)
    taskCount += 1
    scheduler.start(main)
    let result = runUntilEnd(of: main, limit: .max)
    // What its task has deferred is the first process's.
    if isWorker, let main = group.main { group.remove(main) }
    if case .failed = result { group.noteEnds(afterLossOfPeer: false) }
    finish(group)
    endWorkers(within: ending.isHurried ? 0 : Interpreter.secondsToFinish)
    scheduler.removeAll()
    mainResult = nil
    defer { files.removeAll() }
    return outcome(result, lastFlush: output.flush())
  }

  func runUntilEnd(of main: Task, limit asked: Int64) -> RunResult {
    mainResult = nil
    mayBeStuck = true
    timeLimit = asked
    defer { timeLimit = .max }
    unawaited.removeAll()
    while true {
      runReadyTasks()
      if let mainResult { return mainResult }
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
      if let signal = ending.signal, MonotonicClock.now >= ending.limit { return .interrupted(signal: signal) }
      beforeWaiting?()
      // Whoever looked at it then has ended it.
      if let mainResult { return mainResult }
      let limit = asked == .max ? .max : asked + pausedTime
      if let error = waitForEvents(until: min(min(limit, notice.at), ending.limit, output.dueAt)) {
        return .failed(Failure("cannot wait for events", error))
      }
      guard limit != .max || notice.at != .max else { continue }
      let now = MonotonicClock.now
      if now >= notice.at { tellThatItGoesOn(main, now) }
      if now >= limit { return .outOfTime }
    }
  }

  private func tellThatItGoesOn(_ main: Task, _ now: Int64) {
    notice.at = now + MonotonicClock.nanoseconds(LongRunNotice.later)
    options.goesOn?(stepPlace(of: main))
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

  func canGoOn(_ group: TaskGroup) -> Bool {
    group.tasks.contains { $0.state == .blocked && ($0.waitKind != .task || $0.wakeAt != .max) }
  }

  // MARK: - A turn of the event loop, in its two halves

  /// Waits until something happens, and makes those ready whom it concerns.
  /// - Parameter limit: when to wait no longer, in monotonic nanoseconds.
  func waitForEvents(until limit: Int64) -> Errno? {
    let error = scheduler.poll(until: limit)
    scheduler.checkAnswers()
    return error
  }

  /// Gives each task that is ready now one turn. What they have gathered then leaves, unless the run is over.
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
    scheduler.flushDirty()
  }

  /// Turns of tasks that became ready while others ran, at most, before events are looked for. None after a task that
  /// has used up its share.
  static let extraTurns = 64

  /// Ends a task that has taken more where there is no memory left. Others have done nothing: whoever serves goes on.
  /// - Parameter before: what was in use before its turn, where memory was short then.
  func lookAtMemory(after task: Task, _ before: Int) {
    guard let bound = MemoryUse.bound(taking: 0, mebibytes: limits.memory) else {
      memory.isShort = false
      cmeter_set_allocated(0)
      return
    }
    if memory.isShort { task.growth += max(0, Int(cmeter_heap_in_use()) - before) }
    memory.isShort = true
    guard task.growth > MemoryWatch.spareGrowth, task.state != .finished, task.ending == nil else { return }
    let failure = MemoryUse.failure(bound, mebibytes: limits.memory)
    failure.isCatchable = false
    task.ending = failure
    if task.state == .blocked { scheduler.makeReady(task) }
  }

  /// Whether it was interrupted so that others have a turn.
  func execute(_ task: Task) -> Bool {
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
    let before = memory.isShort ? Int(cmeter_heap_in_use()) : 0
    switch run(task) {
    case .blocked:
      if task.state == .running { task.state = .blocked }
      if task.waitKind == .task { mayBeStuck = true }
      memory.shortTurns += 1
      if memory.isShort || memory.shortTurns & MemoryWatch.shortTurnsToLook == 0
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
}
