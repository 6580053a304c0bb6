// `serve`: a task for each connection.

import SockLanguage
import SocketCore

extension Interpreter {
  /// Accepts for ever, or until enough: a task each. True when it is over.
  func serve(_ site: ServeSite, _ code: FunctionCode, _ task: Task, _ regs: Registers) throws(Failure) -> Bool {
    guard site.workers >= 0 else { return try acceptAll(site, code, task, regs) }
    do throws(Failure) {
      return try acceptAll(site, code, task, regs)
    } catch {
      guard isWorker else { throw error }
      // What stands behind the statement, and around it, is the first process's.
      error.site = error.site ?? SourceSite(file: code.file, range: site.range)
      mainResult = mainResult ?? .failed(error)
      return false
    }
  }

  private func acceptAll(
    _ site: ServeSite, _ code: FunctionCode, _ task: Task, _ regs: Registers
  ) throws(Failure) -> Bool {
    let turn: ServeTurn
    if let kept = task.step.work as? ServeTurn {
      turn = kept
      turn.state.waiter = nil
    } else {
      turn = ServeTurn()
      task.step.work = turn
      task.step.hasBegun = true
      task.step.deadline = task.blockDeadline
    }
    let state = turn.state
    let listener: Channel
    if site.receiver >= 0 {
      listener = try regs[site.receiver].channel(to: "serve")
    } else if let current = task.listener {
      listener = current
    } else {
      throw task.noChannel("listener", to: "serve")
    }
    guard listener.kind == .listener else { throw .type("\(listener.label) does not listen, so it cannot serve") }
    transcript.site = nil
    try listener.requireOpen("serve")
    if site.workers >= 0 { try keepWorkers(regs[site.workers], listener, turn, task) }
    var limit = Int.max
    if site.count >= 0 { limit = try regs[site.count].count("the number of connections to serve", minimum: 0) }
    var function: Function?
    while state.accepted < limit, listener.readiness.canRead {
      // The poller has told of one connection at least, and tells of the next one as well.
      let isExtra = function != nil && listener.readiness.isLevelTriggered
      if isExtra, listener.accepts.skipsTry() { break }
      if taskCount >= limits.tasks {
        warnOfTasks()
        waitForRoom(state, task)
        return false
      }
      switch try tryAccept(listener) {
      case .connection(let channel):
        if isExtra { listener.accepts.note(found: true) }
        state.accepted += 1
        state.live += 1
        let body: Function
        if let function { body = function } else {
          body = makeFunction(code, site.body, task, regs)
          function = body
        }
        startConnection(body, channel, listener, state, task)
      case .none:
        if isExtra { listener.accepts.note(found: false) }
      case .exhausted(let error):
        warnOfDescriptors(error)
        waitForRoom(state, task)
        return false
      }
    }
    if state.accepted >= limit, state.live == 0 { return true }
    if task.isLate { throw Failure(.timeout, "the block's time is over and `serve` still waits") }
    if state.accepted >= limit {
      state.waiter = task
      task.waitKind = .process
    } else {
      if let other = listener.reader, other !== task { throw Failure(.busy, "another task accepts on \(listener.label) already") }
      try scheduler.waitForReading(task, listener)
    }
    scheduler.arm(task, at: task.step.deadline)
    return false
  }

  /// Who is not accepted now waits in the listener's queue.
  private func waitForRoom(_ state: ServeState, _ task: Task) {
    state.waiter = task
    scheduler.waitForDescriptors(task)
    scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + Interpreter.descriptorRetry))
  }

  private func warnOfTasks() {
    guard !hasWarnedOfTasks else { return }
    hasWarnedOfTasks = true
    output.tell(
      "sock: warning: cannot accept: \(limits.tasks) tasks are there (limit tasks); going on when one has ended\n")
  }

  private func startConnection(
    _ function: Function, _ channel: Channel, _ listener: Channel, _ state: ServeState, _ parent: Task
  ) {
    let task = Task(group: parent.group, function: function)
    task.conn = channel
    task.listener = listener
    task.server = state
    task.served = channel
    task.isEntering = channel.hasHandshake
    parent.group.add(task)
    taskCount += 1
    scheduler.start(task)
  }
}
