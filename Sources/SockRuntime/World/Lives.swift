// A task's life: how it begins, how it enters and leaves a served connection, how it ends, and who is told.

import SockLanguage
import SocketCore

extension Interpreter {
  /// Goes on with the PROXY header and the handshake of a served connection. False: the task waits, or has ended.
  func enter(_ task: Task) -> Bool {
    task.isEntering = false
    guard let channel = task.served, channel.isOpen, channel.hasHandshake, !task.isCancelled, task.ending == nil else {
      task.step = StepState()
      return true
    }
    if !task.step.hasBegun {
      task.step.hasBegun = true
      task.step.deadline = deadlineToServe(channel, task)
    }
    do throws(Failure) {
      guard try readHeader(channel) else {
        if task.isLate {
          let failure = Failure(.timeout, "the PROXY header did not come in time")
          failure.channel = channel
          throw failure
        }
        try scheduler.waitForReading(task, channel)
        return isLeftToWait(task)
      }
      guard let tls = channel.tls else {
        task.step = StepState()
        return true
      }
      let outcome = tls.handshake()
      if outcome == .wantsRead || outcome == .wantsWrite, task.isLate {
        let failure = Failure(.timeout, "the TLS handshake did not end in time: the client has not answered")
        failure.channel = channel
        throw failure
      }
      switch outcome {
      case .done, .ended, .truncated:
        task.step = StepState()
        return true
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
    return isLeftToWait(task)
  }

  private func isLeftToWait(_ task: Task) -> Bool {
    scheduler.arm(task, at: task.step.deadline)
    task.isEntering = true
    task.state = .blocked
    return false
  }

  /// When a connection that `serve` has accepted gives up what no step of its block does.
  private func deadlineToServe(_ channel: Channel, _ task: Task) -> Int64 {
    var seconds = channel.settings?.timeout
    if seconds == nil, task.group.isTest, task.blockDeadline == .max { seconds = defaultStepSeconds }
    guard let seconds else { return task.blockDeadline }
    return min(task.blockDeadline, Deadline(after: seconds * options.timeoutScale).at)
  }

  /// Ends a task that has run its last statement. What a served connection has gathered leaves first, as at a `close`.
  func leave(_ task: Task) {
    guard let channel = task.served, channel.isOpen, !task.isCancelled else { return end(task, failure: nil) }
    do throws(Failure) {
      guard try hasToWait(toClose: channel, task) else { return end(task, failure: nil) }
      try scheduler.waitForWriting(task, channel)
    } catch {
      return end(task, failure: error)
    }
    task.isLeaving = true
    scheduler.arm(task, at: task.step.deadline)
    task.state = .blocked
  }

  /// Whether something has to leave before a served connection is closed, and there is time for it.
  private func hasToWait(toClose channel: Channel, _ task: Task) throws(Failure) -> Bool {
    if let output = channel.output {
      channel.flushWhatFits()
      if output.count > 0, channel.outputFailure == nil {
        if !task.isLeaving { task.step.deadline = deadlineToServe(channel, task) }
        if task.isLate {
          let failure = Failure(.timeout, "\(output.count) gathered bytes were not taken by the other side")
          failure.channel = channel
          throw failure
        }
        return true
      }
    }
    if let faults = channel.faults, !faults.isDelivered(givesUp: true) {
      if !task.isLeaving { task.step.deadline = deadlineToServe(channel, task) }
      // What is still late then leaves with the channel.
      return !task.isLate
    }
    guard let tls = channel.tls, channel.isFreeToSend, tls.shutdown() == .wantsWrite else { return false }
    return Goodbye.hasTime(task)
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
    } else if let session = task.group.session, session.heldMain === task {
      session.heldMainEnds(failure)
    } else if task.group.session != nil {
      if let failure, !isAwaited { backgroundFailed(failure, task) }
    } else if task.handle == nil, let failure, failure.isCatchable || failure.verdict != nil {
      // Nobody can wait for it: its failure is its script's.
      mainResult = mainResult ?? result(of: failure)
    }
  }

  /// The last line of a file of tests has run: its tests can.
  func topLevelIsDone() { mainResult = result(of: nil) }

  func result(of failure: Failure?) -> RunResult {
    if let signal = ending.signal { return .interrupted(signal: signal) }
    if let status = ending.status { return .exited(status) }
    if let failure {
      if case .exit(let code)? = failure.verdict { return .exited(code) }
      return .failed(failure)
    }
    return unawaited.failure.map { .failed($0) } ?? .finished
  }

  /// A session goes on when one of its tasks fails: it is told at once, with a name or without.
  func backgroundFailed(_ failure: Failure, _ task: Task) {
    if case .exit(let code)? = failure.verdict {
      mainResult = mainResult ?? .exited(code)
    } else if failure.isCatchable || failure.verdict != nil {
      let name = task.handle.flatMap { task.group.session?.taskName($0) }.map { " (\($0))" } ?? ""
      output.tell("task #\(task.number)\(name) has failed:\n" + FailureReport.told(failure, self))
    }
  }

  /// A served connection has failed. Its own end or reset is its own affair; a server does not die of one client.
  func connectionFailed(_ failure: Failure, _ task: Task) {
    if failure.verdict != nil {
      if task.group.session != nil { return backgroundFailed(failure, task) }
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
    let task = Task(group: parent.group, function: function)
    task.conn = parent.conn
    task.listener = parent.listener
    let isNamed = function.code.name != "spawn"
    let handle = TaskHandle(task)
    if isNamed {
      task.handle = handle
      // A session tells of a failure at once.
      if parent.group.session == nil { unawaited.add(handle) }
    }
    parent.group.add(task)
    taskCount += 1
    scheduler.start(task)
    return handle
  }

  /// Asks a task to end: it fails with what nothing catches, so its `defer`s and `finally`s run.
  func stop(_ task: Task) {
    guard task.state != .finished, !task.isCancelled, !task.wasStopped else { return }
    task.isCancelled = true
    if task.state == .blocked { scheduler.makeReady(task) }
  }
}
