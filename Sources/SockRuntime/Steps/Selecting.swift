// `select`: the first of several steps that can complete; only the chosen one consumes.

import SockLanguage
import SocketCore

extension Interpreter {
  /// Where to go on, or nil: nothing can be chosen yet. r[state] gets the chosen step's result, r[state + 1] holds the
  /// cases that have happened, r[state + 2] the deadline of `after`.
  func performSelect(_ site: SelectSite, _ task: Task, _ frame: Registers, state: Int) throws(Failure) -> Int? {
    guard case .integer(let happened) = frame[state + 1] else { return site.end }
    guard !site.isAll || site.cases.count <= 62 else { throw .limit("`select all` takes at most 62 cases") }
    if !task.step.hasBegun { try beginSelect(site, task, frame, after: state + 2) }
    var survey = Survey()
    for (number, selectCase) in site.cases.enumerated() {
      guard let step = selectCase.step, isOpen(selectCase, frame), happened & (1 << number) == 0 else { continue }
      transcript.site = Unmanaged.passUnretained(step)
      let outcome: Chosen
      do throws(Failure) {
        outcome = try StepCall(self, step, task, frame + step.base).tryCase(survey.undecided)
      } catch {
        if error.site == nil { error.site = step.site }
        throw error
      }
      if case .chosen(let value) = outcome {
        frame[state] = value
        if site.isAll { frame[state + 1] = .integer(happened | 1 << number) }
        return selectCase.target
      }
      survey.note(outcome, of: step)
    }
    if let target = try decide(site, task, survey, hasAfter: frame[state + 2].wholeNumber != nil) { return target }
    try wait(for: survey, task)
    return nil
  }

  /// Sets the deadline: that of the block around, of `after`, or a test's own.
  /// - Parameter after: the register that holds the time of `after` from one turn of `select all` to the next.
  private func beginSelect(_ site: SelectSite, _ task: Task, _ frame: Registers, after: Int) throws(Failure) {
    try task.requireTime()
    task.step.hasBegun = true
    task.step.deadline = task.blockDeadline
    if case .integer(let at) = frame[after] {
      task.step.deadline = min(task.step.deadline, Int64(at))
      return
    }
    for selectCase in site.cases where selectCase.step == nil && isOpen(selectCase, frame) {
      let at = try scaledDeadline(frame[selectCase.duration])
      frame[after] = .integer(Int(at))
      task.step.deadline = min(task.step.deadline, at)
    }
    if frame[after].wholeNumber == nil, task.step.deadline == .max, task.group.isTest {
      task.step.deadline = Deadline(after: defaultStepSeconds * options.timeoutScale).at
    }
  }

  /// Where to go on when no step can complete now: behind the last case, to `else`, or to `after`. Nil: it has to wait.
  /// - Parameter hasAfter: a case `after` is open, which is chosen when its time has come.
  private func decide(
    _ site: SelectSite, _ task: Task, _ survey: Survey, hasAfter: Bool
  ) throws(Failure) -> Int? {
    if site.isAll, survey.openCases == 0 { return site.end }
    // All cases of a channel have become impossible, or every guard was false and there is no time to wait for.
    if site.otherwise >= 0, !survey.exhausted.isEmpty || survey.openCases == 0 && !hasAfter { return site.otherwise }
    if let truncation = survey.truncation { throw truncation }
    let isLate = task.isLate
    let after = hasAfter && isLate ? site.cases.first { $0.step == nil }?.target : nil
    // `select all` needs every case: one that has become impossible ends it.
    if site.isAll && !survey.reasons.isEmpty || !survey.canStillHappen && !(hasAfter && !isLate) {
      if let after { return after }
      if survey.openCases > 0 || !hasAfter {
        let failure = Failure(
          .mismatch, site.isAll ? "not every case of `select all` can happen any more"
            : "no case of `select` can happen any more", notes: survey.reasons)
        failure.site = SourceSite(file: task.frames[task.depth - 1].code.takeUnretainedValue().file, range: site.range)
        throw failure
      }
    }
    guard isLate else { return nil }
    if task.step.deadline != task.blockDeadline, let after { return after }
    let failure = Failure(.timeout, "none of the cases of `select` happened in time", notes: survey.reasons)
    failure.channel = survey.channels.first
    throw failure
  }

  private func wait(for survey: Survey, _ task: Task) throws(Failure) {
    for channel in survey.channels {
      if let reader = channel.reader, reader !== task {
        throw Failure(.busy, "another task reads \(channel.label) already")
      }
    }
    let extras = task.ownExtras
    for channel in survey.channels {
      try scheduler.watch(channel, reading: true)
      if channel.readiness.isCrossed { try scheduler.watch(channel, reading: false) }
      if channel.kind == .standard { output.hasten() }
      channel.reader = task
      extras.selected.append(channel)
    }
    // Nothing tells of what a terminal has become.
    let next = survey.isToLookAgain ? MonotonicClock.now + Interpreter.echoPause : .max
    for handle in survey.tasks {
      handle.waiters.append(task)
      extras.selectedTasks.append(handle)
    }
    for process in survey.processes where !process.waiters.contains(where: { $0 === task }) {
      process.waiters.append(task)
    }
    task.waitKind = .select
    scheduler.arm(task, at: min(task.step.deadline, next))
  }

  /// How often a case `expect echo` is looked at, in nanoseconds.
  private static let echoPause: Int64 = 5_000_000

  private func isOpen(_ selectCase: SelectSite.Case, _ frame: Registers) -> Bool {
    selectCase.guardRegister < 0 || frame[selectCase.guardRegister].isTrue
  }
}

/// What a look at all the cases has found, none of which can complete now.
private struct Survey {
  /// What can still happen, and where.
  private(set) var channels: [Channel] = []
  private(set) var tasks: [TaskHandle] = []
  private(set) var processes: [ProcessState] = []
  /// Channels on which a case can still complete: a later case there has to wait for it.
  private(set) var undecided: [ObjectIdentifier] = []
  /// Channels with a case, all of whose cases have become impossible.
  private(set) var exhausted: [ObjectIdentifier: Channel] = [:]
  /// Why cases have become impossible.
  private(set) var reasons: [String] = []
  private(set) var openCases = 0
  /// A case waits for what nobody will tell of.
  private(set) var isToLookAgain = false
  /// A case would have lost the rest of a datagram. No time and no other channel changes that: it is told at once.
  private(set) var truncation: Failure?

  var canStillHappen: Bool { !channels.isEmpty || !tasks.isEmpty || !processes.isEmpty }

  mutating func note(_ outcome: Chosen, of step: StepSite) {
    openCases += 1
    switch outcome {
    case .chosen: break
    case .waits(let channel):
      if step.has(.echo) || step.has(.screen) && channel.readiness.canRead { isToLookAgain = true }
      undecided.append(ObjectIdentifier(channel))
      exhausted[ObjectIdentifier(channel)] = nil
      processes += (channel.extras?.clients ?? []).filter { $0.status == nil }
      for channel in [channel] + (channel.extras?.entering ?? []) where !channels.contains(where: { $0 === channel }) {
        channels.append(channel)
      }
    case .waitsForTask(let handle): tasks.append(handle)
    case .waitsForProcess(let process): processes.append(process)
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
  private func chosen(_ channel: Channel) -> Chosen {
    if let name = site.resultName { channel.name = name } else { task.conn = channel }
    return .chosen(.channel(channel))
  }

  /// The first of those who have connected to a listener whose PROXY header has come. One that says what is none fails.
  private func arrival(_ listener: Channel) throws(Failure) -> Channel? {
    guard let extras = listener.extras else { return nil }
    var at = 0
    while at < extras.entering.count {
      let channel = extras.entering[at]
      do throws(Failure) {
        if try run.readHeader(channel) {
          extras.entering.remove(at: at)
          return channel
        }
        at += 1
      } catch {
        extras.entering.remove(at: at)
        error.channelSummary = channel.summary
        channel.release()
        throw error
      }
    }
    return nil
  }

  fileprivate func tryCase(_ undecided: [ObjectIdentifier]) throws(Failure) -> Chosen {
    switch VerbTable[site.verb].waiting {
    case .selectable(.client):
      let listener = try listener()
      if undecided.contains(ObjectIdentifier(listener)) { return .waits(listener) }
      if let channel = try arrival(listener) { return chosen(channel) }
      let isDeserted = listener.extras != nil && self.isDeserted(listener)
      guard listener.readiness.canRead || isDeserted else { return .waits(listener) }
      switch try run.acceptNew(listener) {
      case .connection(let channel):
        guard channel.awaitsHeader else { return chosen(channel) }
        listener.ownExtras.entering.append(channel)
        // More may wait in the queue, and this one may have said all.
        return try tryCase(undecided)
      case .none where isDeserted: return .impossible(listener, desertion(of: listener, nobodyConnected(to: listener)))
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
      if site.has(.exit) {
        switch try exitOfCase() {
        case (_, .success(let status)?): return .chosen(status)
        case (let process, .failure(let failure)?):
          guard let channel = process.channel else { throw failure }
          return .impossible(channel, failure)
        case (let process, nil): return .waitsForProcess(process)
        }
      }
      let channel = try readable()
      if site.has(.echo) { return try hasWantedEcho(channel) ? .chosen(.boolean(true)) : .waits(channel) }
      // Nobody is told of what comes on a channel that is not watched.
      if !channel.readiness.isWatchedForReading { channel.readiness.canRead = true }
      var shown = 0
      while true {
        switch try probe(channel) {
        case .complete(let value, let count):
          // A case above on this channel may still complete; until that is decided this one has to wait.
          if undecided.contains(ObjectIdentifier(channel)) { return .waits(channel) }
          recorder?.received(value, taken(count, channel), channel, site, task)
          channel.consume(count)
          return .chosen(value)
        case .impossible(let failure): return .impossible(channel, failure)
        case .needsMore:
          if site.has(.screen), !undecided.contains(ObjectIdentifier(channel)) {
            // It is on the screen; and a program that writes on and on keeps nobody else from having a turn.
            shown += channel.input.count
            if !channel.input.isEmpty { channel.consume(channel.input.count) }
            if shown >= StepCall.bytesOfScreenInTurn { return .waits(channel) }
          }
        }
        if case .nothingYet = try channel.fill(limits) { return .waits(channel) }
      }
    }
  }
}
