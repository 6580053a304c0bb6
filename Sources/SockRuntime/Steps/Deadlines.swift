// When a step gives up, and how it waits until then.

import SockLanguage
import SocketCore

extension Task {
  /// Whether the step's time is over. The clock is asked only by steps that have to wait.
  var isLate: Bool { step.deadline != .max && MonotonicClock.now >= step.deadline }

  /// A peer that always has something to say does not make the time of a `within` around longer: its steps that read
  /// look at the clock before they begin. Those that send do not: a goodbye after a timeout is still said.
  @inline(__always)
  func requireTime() throws(Failure) {
    if blockDeadline != .max { try requireTimeNow() }
  }

  private func requireTimeNow() throws(Failure) {
    if !step.hasBegun, isLateForBlock { throw latenessForBlock() }
  }

  /// Whether the time of a `within` around is over.
  var isLateForBlock: Bool { blockDeadline != .max && MonotonicClock.now >= blockDeadline }

  /// The first time it can be caught inside the block, to say goodbye or to tidy up; from then on only outside, so
  /// that nothing in the block goes on for ever.
  func latenessForBlock() -> Failure {
    let failure = Failure(.timeout, "the time of the block around is over")
    if toldOfLateness == blockDeadline { failure.leavesBlock = blockDeadline }
    toldOfLateness = blockDeadline
    return failure
  }
}

extension Interpreter {
  /// When a duration that the script has written is over, on the monotonic clock; `--timeout-scale` stretches it.
  func scaledDeadline(_ value: Value) throws(Failure) -> Int64 {
    guard let seconds = value.number else {
      throw .type("a deadline is a duration in seconds (5s, 200ms, 2m), not \(value.article)")
    }
    guard seconds >= 0 else { throw .range("a deadline cannot be in \(Show.text(.float(seconds)).text) s") }
    return Deadline(after: seconds * options.timeoutScale).at
  }

  /// Inside a test, a step that states no time gives up after this many seconds.
  var defaultStepSeconds: Double { mutator?.stepSeconds ?? Interpreter.usualStepSeconds }
  private static let usualStepSeconds = 5.0

  /// `200 ms`, `2 s`, `1.5 s`.
  static func duration(_ seconds: Double) -> String {
    if seconds < 1 { return "\(Show.text(.float((seconds * 1e6).rounded() / 1e3)).text) ms" }
    return "\(Show.text(.float(seconds)).text) s"
  }
}

extension StepCall {
  /// At the first performance of a step: when it gives up.
  func begin(_ channel: Channel?) throws(Failure) {
    guard !task.step.hasBegun else { return }
    var deadline = Int64.max
    if site.within >= 0 {
      deadline = try run.scaledDeadline(regs[site.within])
    } else if let seconds = (channel?.settings ?? defaults)?.timeout {
      deadline = Deadline(after: seconds * options.timeoutScale).at
    } else if task.group.isTest, task.group.session == nil, task.blockDeadline == .max {
      deadline = Deadline(after: run.defaultStepSeconds * options.timeoutScale).at
    }
    task.step.deadline = min(deadline, task.blockDeadline)
    task.step.hasBegun = true
  }

  /// The same for a step that takes its own time: only a stated time holds, and none by default.
  func beginAtOwnPace() throws(Failure) {
    guard !task.step.hasBegun else { return }
    task.step.hasBegun = true
    task.step.deadline = task.blockDeadline
    if site.within >= 0 { task.step.deadline = min(task.blockDeadline, try run.scaledDeadline(regs[site.within])) }
  }

  /// Whether a step may wait as long as it takes.
  @inline(__always)
  func hasNoDeadline(_ channel: Channel) -> Bool {
    site.within < 0 && task.blockDeadline == .max && (channel.settings ?? defaults)?.timeout == nil
      && !task.group.isTest
  }

  /// Waits until the channel can be read, or fails when the time is over: `what` says what did not come.
  func waitToRead(_ channel: Channel, _ what: () -> String) throws(Failure) {
    try begin(channel)
    if task.isLate { throw lateness(channel, what()) }
    if let other = channel.reader, other !== task { throw busy(channel) }
    // Who is asked for input should see what was printed before.
    if channel.kind == .standard { output.hasten() }
    try scheduler.waitForReading(task, channel)
    scheduler.arm(task, at: task.step.deadline)
  }

  func waitToWrite(_ channel: Channel, _ what: () -> String) throws(Failure) {
    try begin(channel)
    if task.isLate { throw lateness(channel, what()) }
    try scheduler.waitForWriting(task, channel)
    scheduler.arm(task, at: task.step.deadline)
  }

  func busy(_ channel: Channel) -> Failure {
    let failure = Failure(.busy, "another task reads \(channel.label) already; two cannot share what comes")
    failure.channel = channel
    return failure
  }

  func lateness(_ channel: Channel?, _ what: String) -> Failure {
    var time = ""
    if site.within >= 0, let seconds = regs[site.within].number {
      time = " within \(Interpreter.duration(seconds))"
    } else if let seconds = (channel?.settings ?? defaults)?.timeout, task.blockDeadline > task.step.deadline || task.blockDeadline == .max {
      time = " within the timeout of \(Interpreter.duration(seconds))"
    } else if task.blockDeadline != .max, task.blockDeadline == task.step.deadline {
      time = " within the time of the block around"
    } else if task.group.isTest {
      time = " within \(Interpreter.duration(run.defaultStepSeconds)) (the default in a test)"
    }
    let failure = Failure(.timeout, "\(what)\(time)")
    failure.channel = channel
    let late = MonotonicClock.now - task.step.deadline
    if late > MachineLoad.noticeableDelay, task.step.deadline > 0 {
      failure.notes.append("machine   the deadline was seen \(late / 1_000_000) ms late: \(MachineLoad.words)")
    }
    return failure
  }
}
