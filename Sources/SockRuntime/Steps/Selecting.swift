// `select`: the first of several steps that can complete; only the chosen one consumes.

import SockLanguage
import SocketCore

extension Interpreter {
  /// Where to go on, or nil: nothing can be chosen yet. r[state] gets the chosen step's result, r[state + 1] holds the
  /// cases that have happened, r[state + 2] the deadline of `after`.
  func performSelect(_ site: SelectSite, _ task: Task, _ frame: Registers, state: Int) throws(Failure) -> Int? {
    guard case .integer(let happened) = frame[state + 1] else { return site.end }
    guard !site.isAll || site.cases.count <= 62 else { throw .limit("`select all` takes at most 62 cases") }
    if !task.step.hasBegun {
      try task.requireTime()
      task.step.hasBegun = true
      task.step.deadline = task.blockDeadline
      if case .integer(let after) = frame[state + 2] {
        task.step.deadline = min(task.step.deadline, Int64(after))
      } else {
        for selectCase in site.cases where selectCase.step == nil && isOpen(selectCase, frame) {
          let at = try scaledDeadline(frame[selectCase.duration])
          frame[state + 2] = .integer(Int(at))
          task.step.deadline = min(task.step.deadline, at)
        }
      }
      if frame[state + 2].wholeNumber == nil, task.step.deadline == .max, task.group.isTest {
        task.step.deadline = Deadline(after: Interpreter.defaultStepSeconds * options.timeoutScale).at
      }
    }
    /// A case `after` is open: it is chosen when its time has come.
    let hasAfter = frame[state + 2].wholeNumber != nil
    var reasons: [String] = []
    var waiting: [Channel] = []
    var waitingHandles: [TaskHandle] = []
    var waitingProcesses: [ProcessState] = []
    /// Channels on which a case can still complete: a later case there has to wait for it.
    var undecided: [ObjectIdentifier] = []
    /// Channels with a case, all of whose cases have become impossible.
    var exhausted: [ObjectIdentifier: Channel] = [:]
    var openCases = 0
    /// A case would have lost the rest of a datagram. No time and no other channel changes that: it is told at once.
    var truncation: Failure?

    for (number, selectCase) in site.cases.enumerated() {
      guard let step = selectCase.step, isOpen(selectCase, frame), happened & (1 << number) == 0 else { continue }
      openCases += 1
      let regs = frame + step.base
      transcript.site = Unmanaged.passUnretained(step)
      let outcome: Chosen
      do throws(Failure) {
        outcome = try StepCall(self, step, task, regs).tryCase(undecided)
      } catch {
        if error.site == nil { error.site = step.site }
        throw error
      }
      switch outcome {
      case .chosen(let value):
        frame[state] = value
        if site.isAll { frame[state + 1] = .integer(happened | 1 << number) }
        return selectCase.target
      case .waits(let channel):
        undecided.append(ObjectIdentifier(channel))
        exhausted[ObjectIdentifier(channel)] = nil
        if !waiting.contains(where: { $0 === channel }) { waiting.append(channel) }
      case .waitsForTask(let handle): waitingHandles.append(handle)
      case .waitsForProcess(let process): waitingProcesses.append(process)
      case .impossible(let channel, let failure):
        if failure.code == .truncated, truncation == nil {
          truncation = failure
          failure.site = failure.site ?? step.site
          failure.channel = failure.channel ?? channel
        }
        reasons.append("\(step.text): \(failure.message)")
        for note in failure.notes { reasons.append("  \(note)") }
        if !undecided.contains(ObjectIdentifier(channel)) { exhausted[ObjectIdentifier(channel)] = channel }
      }
    }
    if site.isAll, openCases == 0 { return site.end }
    let isLateNow = task.isLate
    // All cases of a channel have become impossible, or every guard was false and there is no time to wait for.
    if site.otherwise >= 0, !exhausted.isEmpty || openCases == 0 && !hasAfter {
      return site.otherwise
    }
    if let truncation { throw truncation }
    let canStillHappen = !waiting.isEmpty || !waitingHandles.isEmpty || !waitingProcesses.isEmpty
    // `select all` needs every case: one that has become impossible ends it.
    if site.isAll && !reasons.isEmpty || !canStillHappen && !(hasAfter && !isLateNow) {
      if hasAfter, isLateNow, let after = site.cases.first(where: { $0.step == nil }) { return after.target }
      if openCases > 0 || !hasAfter {
        let failure = Failure(.mismatch, site.isAll ? "not every case of `select all` can happen any more" : "no case of `select` can happen any more")
        failure.notes = reasons
        failure.site = SourceSite(file: task.frames[task.depth - 1].code.takeUnretainedValue().file, range: site.range)
        throw failure
      }
    }
    if isLateNow {
      if hasAfter, task.step.deadline != task.blockDeadline, let after = site.cases.first(where: { $0.step == nil }) {
        return after.target
      }
      let failure = Failure(.timeout, "none of the cases of `select` happened in time")
      failure.channel = waiting.first
      failure.notes = reasons
      throw failure
    }
    for channel in waiting {
      if let reader = channel.reader, reader !== task { throw Failure(.busy, "another task reads \(channel.label) already") }
    }
    let extras = task.ownExtras
    for channel in waiting {
      try scheduler.watch(channel, reading: true)
      if channel.readiness.isCrossed { try scheduler.watch(channel, reading: false) }
      if channel.kind == .standard { output.hasten() }
      channel.reader = task
      extras.selected.append(channel)
    }
    for handle in waitingHandles {
      handle.waiters.append(task)
      extras.selectedTasks.append(handle)
    }
    for process in waitingProcesses where !process.waiters.contains(where: { $0 === task }) {
      process.waiters.append(task)
    }
    task.waitKind = .select
    scheduler.arm(task, at: task.step.deadline)
    return nil
  }

  private func isOpen(_ selectCase: SelectSite.Case, _ frame: Registers) -> Bool {
    selectCase.guardRegister < 0 || frame[selectCase.guardRegister].isTrue
  }
}

/// What has become of a case.
private enum Chosen {
  case chosen(Value)
  case waits(Channel)
  case waitsForTask(TaskHandle)
  case waitsForProcess(ProcessState)
  case impossible(Channel, Failure)
}

extension StepCall {
  fileprivate func tryCase(_ undecided: [ObjectIdentifier]) throws(Failure) -> Chosen {
    switch VerbTable[site.verb].waiting {
    case .selectable(.client):
      let listener = try listener()
      guard !undecided.contains(ObjectIdentifier(listener)), listener.readiness.canRead else { return .waits(listener) }
      switch try run.tryAccept(listener) {
      case .connection(let channel):
        if let name = site.resultName { channel.name = name } else { task.conn = channel }
        return .chosen(.channel(channel))
      case .none: return .waits(listener)
      case .exhausted(let error):
        run.warnOfDescriptors(error)
        return .waits(listener)
      }
    case .selectable(.end):
      let value = site.receiver >= 0 ? regs[site.receiver] : operand ?? .nothing
      switch value {
      case .task(let handle):
        handle.wasAwaited = true
        if handle.task != nil { return .waitsForTask(handle) }
        return .chosen(try handle.outcome())
      case .channel(let channel):
        guard let process = channel.process else { throw .type("cannot wait for \(channel.label): it is no process") }
        process.hasEnded()
        if let status = process.status { return .chosen(.integer(Int(status.code))) }
        return .waitsForProcess(process)
      default: throw .type("wait takes a task or a process, not \(value.article)")
      }
    // Of the others the checker lets none be a case.
    case .selectable(.data), .never, .forItsTime, .untilDone, .untilSent:
      let channel = try readable()
      // Nobody is told of what comes on a channel that is not watched.
      if !channel.readiness.isWatchedForReading { channel.readiness.canRead = true }
      while true {
        switch try probe(channel) {
        case .complete(let value, let count):
          // A case above on this channel may still complete; until that is decided this one has to wait.
          if undecided.contains(ObjectIdentifier(channel)) { return .waits(channel) }
          recorder?.received(value, taken(count, channel), channel, site, task)
          channel.consume(count)
          return .chosen(value)
        case .impossible(let failure): return .impossible(channel, failure)
        case .needsMore: break
        }
        if case .nothingYet = try channel.fill(limits) { return .waits(channel) }
      }
    }
  }
}
