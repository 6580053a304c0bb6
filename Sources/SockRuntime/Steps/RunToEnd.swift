// `output`: a program from its start to its end. The call waits as a step does, while others go on.

import Glibc
import SockLanguage
import SocketCore

/// A program under way, which the task keeps while it waits. Where that ends before the program does, it is ended.
final class ProgramRun {
  let process: ProcessState
  /// Who waits for its pipes, as the scheduler knows it. They are the process's.
  let channel: Channel
  let input: ByteString
  var written = 0
  var text = ByteBuilder()
  var outputHasEnded = false
  var isOver = false
  /// A copy of this process has nothing to end.
  private let owner = getpid()

  init(_ process: ProcessState, input: ByteString, _ scheduler: Scheduler) {
    self.process = process
    self.input = input
    channel = Channel(
      scheduler: scheduler, kind: .standard, socket: nil, transport: .pipes, input: process.child.stdout,
      output: process.child.stdin)
    channel.name = process.command
  }

  deinit {
    if !channel.isClosed { channel.release() }
    process.child.close(.stdin)
    process.child.close(.stdout)
    if !isOver, owner == getpid() { _ = process.child.signalGroup(SIGKILL) }
  }
}

extension Interpreter {
  /// Nil: the task has said for what it waits, and the call will be made again.
  func runToEnd(_ arguments: Arguments, _ task: Task) throws(Failure) -> Value? {
    let program: ProgramRun
    if let kept = task.step.work as? ProgramRun {
      program = kept
    } else {
      program = try start(arguments, task)
      beginCall(task)
      task.step.work = program
    }
    let isWritten = try write(program)
    try read(program)
    let process = program.process
    process.hasEnded()
    if program.outputHasEnded, let status = process.status {
      program.isOver = true
      guard !process.hasDroppedErrors else {
        throw .limit(
          "output: more than \(limits.buffer) bytes came on the standard error of \(process.command) (limit buffer)")
      }
      let signal = status.signal.map { Value(SignalName.name(of: $0)) } ?? .nothing
      return .map(
        Map([
          ("status", .integer(Int(status.code))), ("text", .string(try program.text.finish(arguments.name))),
          ("error", Value(process.errors)), ("termsig", signal),
        ]))
    }
    if task.isLate { throw lateness(of: program, task) }
    try wait(program, toWrite: !isWritten, task)
    return nil
  }

  private func start(_ arguments: Arguments, _ task: Task) throws(Failure) -> ProgramRun {
    let input = arguments.count > 1 ? try arguments.string(1) : ByteString.empty
    var request = SpawnRequest(argv: try ShellWords.words(of: arguments[0], for: arguments.name))
    if let change = markChange(of: task.group, request) { request.environment.append(change) }
    if let failure = output.flush() { throw failure }
    try permissions.requireRun(request)
    let child: ChildProcess
    do throws(SpawnError) {
      child = try ChildProcess.spawn(request)
    } catch {
      throw Failure(.system(error.errno), error.description, errno: error.errno.rawValue)
    }
    let process = ProcessState(
      child, command: String(decoding: request.argv[0], as: UTF8.self), scheduler, in: task.group,
      keepingErrors: limits.buffer)
    // Its status is the script's to judge.
    process.isExpectedToEnd = true
    let program = ProgramRun(process, input: input, scheduler)
    try scheduler.watch(process)
    return program
  }

  /// False: it does not take more of its input now. One that takes no more at all has all that it wants.
  private func write(_ program: ProgramRun) throws(Failure) -> Bool {
    let child = program.process.child
    while child.stdin >= 0 {
      if program.written < program.input.count {
        let rest = UnsafeRawBufferPointer(rebasing: program.input.bytes[program.written...])
        switch StandardStream.tryWrite(child.stdin, rest) {
        case .done(let count):
          program.written += count
          continue
        case .wouldBlock, .end: return false
        case .failed(.interrupted): continue
        case .failed(.brokenPipe): break
        case .failed(let error): throw Failure("cannot write to \(program.process.command)", error)
        }
      }
      scheduler.forgetOutput(program.channel)
      child.close(.stdin)
      program.channel.outputDescriptor = -1
    }
    return true
  }

  private func read(_ program: ProgramRun) throws(Failure) {
    let space = receiveBuffer.space(1 << 16)
    var left = Channel.drainedLimit
    while !program.outputHasEnded {
      if left <= 0 {
        // It writes as fast as we read: others have their turn, and the poller tells of it once more.
        scheduler.watchAnew(program.channel)
        return
      }
      switch StandardStream.tryRead(program.process.child.stdout, space) {
      case .done(let count):
        left -= count
        program.text.append(UnsafeRawBufferPointer(rebasing: space[..<count]))
        try program.text.requireRoom(BuiltinFunction.output.rawValue)
        try lookAround()
      case .end: program.outputHasEnded = true
      case .wouldBlock: return
      case .failed(.interrupted): continue
      case .failed(let error): throw Failure("cannot read from \(program.process.command)", error)
      }
    }
  }

  /// Until something can be read or written, or the program has ended.
  private func wait(_ program: ProgramRun, toWrite: Bool, _ task: Task) throws(Failure) {
    let channel = program.channel
    if !program.outputHasEnded {
      try scheduler.watch(channel, reading: true)
      channel.reader = task
    }
    if toWrite {
      try scheduler.watch(channel, reading: false)
      channel.writer = task
    }
    task.ownExtras.selected.append(channel)
    if !program.process.waiters.contains(where: { $0 === task }) { program.process.waiters.append(task) }
    task.waitKind = .select
    scheduler.arm(task, at: task.step.deadline)
  }

  private func lateness(of program: ProgramRun, _ task: Task) -> Failure {
    let process = program.process
    let end = process.ending.map { "\($0), and something that it started still holds its standard output," }
    let failure = Failure(.timeout, "\(process.command) \(end ?? "did not end") \(timeWaited(task))")
    process.drainErrors(nil)
    failure.notes += process.tail(hiding: secrets).map { "stderr    \($0)" }
    return failure
  }
}
