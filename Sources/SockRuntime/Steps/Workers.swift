// `serve workers`: the same server in several processes.

import CMeter
import Glibc
import SockLanguage
import SocketCore

extension Interpreter {
  static let maximumWorkers = 256

  /// At the first look makes the other processes; at each later one asks whether they are all there.
  func keepWorkers(_ wanted: Value, _ listener: Channel, _ turn: ServeTurn, _ task: Task) throws(Failure) {
    if !turn.hasForked {
      let number = try wanted.count("the number of workers")
      guard number <= Interpreter.maximumWorkers else {
        throw .range("the number of workers is at most \(Interpreter.maximumWorkers), not \(number)")
      }
      try requireFork()
      turn.hasForked = true
      try fork(number - 1, listener, turn, task)
    } else if let workers = turn.workers {
      try check(workers)
    }
  }

  private func requireFork() throws(Failure) {
    if isWorker { throw Failure(.busy, "this process is a worker, and a worker has no workers of its own") }
    guard options.mayFork else {
      throw Failure(
        .system(.notSupported), "`serve workers` is for scripts: a test or a session shares its process with others",
        errno: Errno.notSupported.rawValue, notes: ["write `serve` here, or run the file with `sock FILE`"])
    }
    if Resolver.isBusy {
      throw Failure(
        .busy, "a name is being looked up: this process cannot be copied meanwhile",
        notes: ["write `serve workers` before, or behind a `wait` for the task that connects"])
    }
  }

  /// Makes so many copies of this process. In each of them it returns, too.
  private func fork(_ copies: Int, _ listener: Channel, _ turn: ServeTurn, _ task: Task) throws(Failure) {
    guard let socket = listener.socket, copies > 0 else { return }
    var sockets: [Socket] = []
    if socket.domain != .unix {
      // All before the first copy: what cannot be had fails here, as the one step's error.
      do throws(Errno) {
        for _ in 0..<copies { sockets.append(try socket.listeningBeside()) }
      } catch {
        throw Failure("cannot listen in several processes on \(socket.localName?.description ?? listener.label)", error)
      }
    }
    // What is gathered is sent once.
    if let failure = output.flush() { throw failure }
    scheduler.flushDirty()
    output.isShared = true
    let workers = WorkerProcesses()
    workerProcesses.append(workers)
    turn.workers = workers
    for number in 0..<copies {
      let child: ChildProcess?
      do throws(Errno) {
        child = try ChildProcess.fork()
      } catch {
        throw Failure("cannot make worker \(number + 2)", error)
      }
      guard let child else {
        turn.workers = nil
        if let seed = context.chance.seed { context.chance = Chance(seed: seed, stream: UInt64(number + 2)) }
        return try becomeWorker(listener, number < sockets.count ? sockets[number] : nil, task)
      }
      let process = ProcessState(child, command: "worker \(number + 2)", scheduler)
      process.waiters.append(task)
      workers.add(process)
      try scheduler.watch(process)
    }
  }

  /// This is a copy: of all that it found only the task that serves is its own.
  private func becomeWorker(_ listener: Channel, _ socket: Socket?, _ task: Task) throws(Failure) {
    isWorker = true
    for workers in workerProcesses { workers.disown() }
    workerProcesses.removeAll()
    stopRequest.wasSeen()
    files.temporaryDirectory?.isOwned = false
    unawaited.removeAll()
    transcript.clear()
    relayPipes = RelayPipes()
    // Before the tasks are gone: what they have is closed with them.
    scheduler.leaveSessionsToFirstProcess()
    let group = task.group
    for other in group.tasks where other !== task { other.abandon() }
    group.tasks.removeAll()
    group.add(task)
    group.main = task
    taskCount = 1
    // Deadlines are the first process's to keep.
    (task.blockDeadline, task.step.deadline) = (.max, .max)
    (task.wakeAt, task.armedAt) = (.max, .max)
    do throws(Errno) {
      try scheduler.renew()
      try ProcessSignals.renew()
      cmeter_forget_timer()
      try ProcessSignals.attach(to: scheduler.poller)
      if let socket { try listener.socket?.become(socket) }
    } catch {
      throw Failure("cannot start a worker", error)
    }
    // Now nobody waits for them in this process.
    group.processes.removeAll()
  }

  private func check(_ workers: WorkerProcesses) throws(Failure) {
    for process in workers.processes {
      guard let status = process.status else { continue }
      // A signal for all of them has reached one before us.
      if stopRequest.signal != nil { return }
      guard let signal = status.signal else {
        // By `exit`, or by an error that it has told of itself.
        throw Failure(.failed, "exit \(status.code)", verdict: .exit(status.code))
      }
      throw Failure(
        .system(.noChildProcess), "\(process.command) (process \(process.child.pid)) was ended by signal "
          + SignalName.name(of: signal), errno: Errno.noChildProcess.rawValue,
        notes: ["its connections are lost; the other workers end as well"])
    }
  }

  /// The run is over: none of the other processes stays.
  func endWorkers(within seconds: Double) {
    for workers in workerProcesses { workers.stop() }
    let deadline = Deadline(after: seconds)
    for workers in workerProcesses { workers.end(within: deadline, scheduler) }
    workerProcesses.removeAll()
  }
}

extension Task {
  /// It goes on in the process that this one is a copy of, and not here.
  fileprivate func abandon() {
    state = .finished
    step.work = nil
    conn = nil
    listener = nil
    served = nil
    handle?.task = nil
    handle?.failure = Failure(.cancelled, "the task runs in the first process")
    handle?.waiters.removeAll()
    handle = nil
  }
}
