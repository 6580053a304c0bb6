// How a run comes to its end: by a signal, by its last statement, by a reader who is gone; and what is tidied up then.

import SockLanguage
import SocketCore

extension Interpreter {
  /// A script whose last output is lost has not ended well; one that has failed otherwise says that.
  func outcome(_ result: RunResult, lastFlush failure: Failure?) -> RunResult {
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

  /// Where a task waits: the step is performed again, so that the counter still stands at it.
  func place(of task: Task) -> SourceSite? {
    guard task.depth > 0 else { return nil }
    let frame = task.frames[task.depth - 1]
    return frame.code._withUnsafeGuaranteedRef { code in
      // Where it is called, if it is no place of the script.
      code.builtin == nil ? code.site(at: Int(frame.pc)) : callers(of: task).first
    }
  }

  /// Where the step stands that a task waits in, or the statement that it runs.
  func stepPlace(of task: Task) -> SourceSite? {
    if task.state == .blocked { return place(of: task) }
    let failure = Failure(.cancelled, "")
    locate(failure, task)
    return failure.site
  }

  /// What is told of a test that is stopped, while its channels are there.
  private func stop(of task: Task) -> StoppedStep {
    let wait = waitOfStep(task).map { ", for \($0)" } ?? ""
    // For its account it is as if its time were over: who has said what since when, and who else waits.
    let failure = Failure(.timeout, "stopped here\(wait)")
    failure.channel = task.waitChannel?.takeUnretainedValue() ?? task.conn
    if task.depth > 0 {
      // Blocked, its next instruction is the one that waits; between two turns, the one that it goes on with: the one
      // before that may stand in front of the loop that it has begun again.
      let isBetween = task.state == .blocked || task.state == .ready
      if isBetween { task.frames[task.depth - 1].pc += 1 }
      locate(failure, task)
      if isBetween { task.frames[task.depth - 1].pc -= 1 }
    }
    // Of what computes, the part that is being computed says little.
    let isStep = task.state == .blocked
    let code = failure.site.map { isStep ? FailureReport.code($0) : FailureReport.line($0) } ?? ""
    return StoppedStep(site: failure.site, words: masked(code + wait), report: FailureReport.render(failure, self))
  }

  /// How long the step that a task waits in has waited, and of how long: `1.5 s of 50 s`. Nil: it states no time, and has
  /// none of its own.
  private func waitOfStep(_ task: Task) -> String? {
    guard task.state == .blocked, task.depth > 0, task.step.hasBegun, task.step.deadline != .max,
      task.step.deadline != task.blockDeadline
    else { return nil }
    let frame = task.frames[task.depth - 1]
    let instruction = frame.table.pointee.instructions[Int(frame.pc)]
    guard instruction.operation == .step else { return nil }
    let site = frame.table.pointee.steps[instruction.wide].takeUnretainedValue()
    var seconds = defaultStepSeconds
    if site.within >= 0 {
      guard let stated = task.stack[Int(frame.base) + site.base + site.within].number else { return nil }
      seconds = stated
    } else if let timeout = (task.waitChannel?.takeUnretainedValue().settings ?? defaults)?.timeout {
      seconds = timeout
    }
    seconds *= options.timeoutScale
    let waited = Double(MonotonicClock.now - task.step.deadline) / 1e9 + seconds
    // Its time was another one: what it waits for now is not what it began with.
    guard waited >= 0, waited <= seconds else { return nil }
    return "\(Interpreter.duration((waited * 10).rounded() / 10)) of \(Interpreter.duration(seconds))"
  }

  /// The reader of standard output has seen enough (`sock … | head`): the script ends as by SIGPIPE, which is quiet.
  func readerIsGone() {
    output.abandon()
    if let signal = SignalName.number(named: "PIPE") { stopRequest.stop(signal: signal) }
  }

  /// Somebody who looks into the run ends it, as `exit` does: a test ends, where it is one.
  func exit(_ status: Int32) {
    ending.status = status
    mainResult = .exited(status)
  }

  func interrupt(_ signal: Int32, _ main: Task) {
    stopRequest.wasSeen()
    if isWorker || ending.signal != nil {
      ending.isHurried = ending.signal != nil
      mainResult = .interrupted(signal: signal)
      return
    }
    ending.signal = signal
    if group.isTest {
      ending.stop = stop(of: main)
    } else if SignalName.number(named: "PIPE") != signal {
      tellOfInterrupt(signal, main)
    }
    ending.limit = MonotonicClock.now + MonotonicClock.nanoseconds(Interpreter.secondsToFinish)
    timeLimit = min(timeLimit, ending.limit)
    stop(main)
  }

  /// Says where a script was when a signal has ended it, as a step that fails does: mostly somebody waited in vain. What
  /// is deferred comes behind it.
  private func tellOfInterrupt(_ signal: Int32, _ main: Task) {
    guard options.tellsOfInterrupt, main.depth > 0, main.state != .finished else { return }
    let isWaiting = main.state == .blocked
    let failure = Failure(.timeout, "ended by SIG\(SignalName.name(of: signal))\(isWaiting ? ", waiting in this step" : "")")
    let others = isWaiting && main.waitKind == .task ? group.tasks.filter { $0 !== main && $0.state == .blocked } : []
    if isWaiting {
      failure.channel = main.waitChannel?.takeUnretainedValue()
        ?? (main.waitKind == .select ? main.conn : others.lazy.compactMap { $0.waitChannel?.takeUnretainedValue() }.first)
    }
    // A server that waits for clients waits in vain for nobody: so it is stopped.
    if failure.channel?.kind == .listener { return }
    for task in others.prefix(Interpreter.othersTold) {
      guard let site = place(of: task) else { continue }
      failure.notes.append("waits     another task, \(site.file.name):\(site.position.line): \(FailureReport.code(site))")
    }
    if let channel = failure.channel, !channel.input.isEmpty {
      failure.notes.append("unread    \(shownWithCount(channel.input.bytes, of: channel))")
    }
    failure.site = place(of: main)
    locate(failure, main)
    // A task that runs is in the middle of a write, mostly.
    if isWaiting, let lost = output.flushWhatFits() { output.keep(lost) }
    output.tellAtOnce(FailureReport.told(failure, self))
  }

  private static let othersTold = 3

  /// Ends whatever a script or test has left: tasks with their deferred statements, channels, and process groups.
  func finish(_ group: TaskGroup) {
    for task in group.tasks { stop(task) }
    // Deferred statements may wait; not for ever.
    // After a signal it is the rest of their time, and a moment if none is left.
    let now = MonotonicClock.now
    let limit = min(
      max(ending.limit, now + MonotonicClock.nanoseconds(0.5)),
      now + MonotonicClock.nanoseconds(Interpreter.secondsToFinish))
    timeLimit = limit
    defer { timeLimit = .max }
    while !group.tasks.isEmpty, !ending.isHurried, MonotonicClock.now < limit {
      runReadyTasks()
      if let failure = output.flushWhatFits() { output.keep(failure) }
      if group.tasks.isEmpty { break }
      if stopRequest.signal != nil, ending.signal != nil { ending.isHurried = true }
      if ending.isHurried { break }
      if waitForEvents(until: limit) != nil { break }
    }
    group.tasks.removeAll()
    group.main = nil
    for process in group.processes {
      scheduler.forget(process)
      if process.endGroup() { continue }
      group.leaks.append("process \(process.child.pid) (\(process.command)) could not be ended")
    }
    let groups = Set(group.processes.map(\.child.pid))
    group.processes.removeAll()
    endOrphans(of: group, outside: groups)
    scheduler.flushDirty()
    for channel in [standard.output, standard.error] { channel?.writeGathered(output) }
  }

  /// The file's tests have run: its last frame returns, and runs what was deferred.
  func letTopLevelEnd() {
    testsHaveRun = true
    guard let main = topLevel.main, main.state == .blocked else { return }
    group = topLevel
    scheduler.makeReady(main)
    _ = runUntilEnd(of: main, limit: MonotonicClock.now + MonotonicClock.nanoseconds(Interpreter.secondsToFinish))
  }

  /// How long the deferred statements of a script that ends may take together, in seconds.
  static let secondsToFinish = 5.0
}
