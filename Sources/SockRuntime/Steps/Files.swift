// `readfile`, `writefile` and `appendfile` of what is no regular file: a pipe, a terminal. They wait there, as a step
// does, while others go on.

import Glibc
import SockLanguage
import SocketCore

/// A file under way, which the task keeps while it waits.
final class FileTransfer {
  let path: ByteString
  private let descriptor: Int32
  /// Who waits for the descriptor, as the scheduler knows it. It does not own it.
  let channel: Channel
  var content = ByteBuilder()
  /// Bytes that were written.
  var done = 0
  var hasWaited = false
  /// Not of a pipe at whose other end nobody has been: its end is none.
  var hasPeer: Bool

  init(_ path: ByteString, _ descriptor: Int32, isInput: Bool, _ scheduler: Scheduler) {
    self.path = path
    hasPeer = !FileFunctions.isPipe(descriptor)
    self.descriptor = descriptor
    channel = Channel(
      scheduler: scheduler, kind: .standard, socket: nil, transport: .pipes, input: isInput ? descriptor : -1,
      output: isInput ? -1 : descriptor)
    channel.name = path.text
  }

  deinit {
    if !channel.isClosed { channel.release() }
    // The C library's: the channel does not own it.
    _ = close(descriptor)
  }
}

/// A pipe that nobody reads: it cannot be opened yet, and nothing tells when it can.
private final class AwaitedReader {}

extension Interpreter {
  /// Calls a builtin function that may have to wait. Nil: the task has said for what, and the call will be made again.
  func callWaiting(
    _ function: BuiltinFunction, _ values: UnsafeBufferPointer<Value>, _ task: Task
  ) throws(Failure) -> Value? {
    switch function {
    case .readfile:
      try Builtins.checkCount(function, values.count)
      return try readFile(Arguments(function, values), task)
    case .writefile, .appendfile:
      try Builtins.checkCount(function, values.count)
      return try writeFile(Arguments(function, values), task)
    case .output:
      try Builtins.checkCount(function, values.count)
      return try runToEnd(Arguments(function, values), task)
    case .golden:
      context.golden.place = task.depth > 0 ? task.frames[task.depth - 1].site : nil
      return try Builtins.call(function, values, context)
    default: return try resolve(values, task)
    }
  }

  /// What a call goes on with.
  private enum Begun {
    case transfer(FileTransfer)
    /// Nil: it waits until there can be one.
    case value(Value?)
  }

  private func begun(
    _ task: Task, isInput: Bool, _ open: () throws(Failure) -> FileFunctions.Opened
  ) throws(Failure) -> Begun {
    if let kept = task.step.work as? FileTransfer { return .transfer(kept) }
    switch try open() {
    case .regular(let value): return .value(value)
    case .waiting(let path, let descriptor):
      if !(task.step.work is AwaitedReader) { beginCall(task) }
      if descriptor >= 0 {
        let transfer = FileTransfer(path, descriptor, isInput: isInput, scheduler)
        task.step.work = transfer
        return .transfer(transfer)
      }
      if task.isLate { throw lateness(of: path, "write", "nobody reads it", task) }
      task.step.work = AwaitedReader()
      task.waitKind = .timer
      scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + Interpreter.readerInterval))
      return .value(nil)
    }
  }

  private func readFile(_ arguments: Arguments, _ task: Task) throws(Failure) -> Value? {
    let begun = try begun(task, isInput: true) { () throws(Failure) in
      try FileFunctions.openToRead(arguments, context.permissions)
    }
    switch begun {
    case .value(let value): return value
    case .transfer(let transfer): return try read(transfer, arguments, task)
    }
  }

  private func read(_ transfer: FileTransfer, _ arguments: Arguments, _ task: Task) throws(Failure) -> Value? {
    // Woken: by what has come, by an end, or by the time.
    if transfer.hasWaited, !task.isLate { transfer.hasPeer = true }
    let space = receiveBuffer.space(1 << 16)
    while true {
      switch StandardStream.tryRead(transfer.channel.inputDescriptor, space) {
      case .done(let count):
        transfer.hasPeer = true
        transfer.content.append(UnsafeRawBufferPointer(rebasing: space[..<count]))
        try transfer.content.requireRoom(arguments.name)
        try lookAround()
        continue
      case .end where transfer.hasPeer: return .string(try transfer.content.finish(arguments.name))
      case .failed(let error) where error != .interrupted:
        throw FileFunctions.failure("cannot read", transfer.path, error.rawValue)
      case .wouldBlock, .end, .failed: break
      }
      if task.isLate { throw lateness(of: transfer.path, "read", "nothing more came", task) }
      try scheduler.waitForReading(task, transfer.channel)
      scheduler.arm(task, at: task.step.deadline)
      transfer.hasWaited = true
      return nil
    }
  }

  private func writeFile(_ arguments: Arguments, _ task: Task) throws(Failure) -> Value? {
    let begun = try begun(task, isInput: false) { () throws(Failure) in
      try FileFunctions.openToWrite(arguments, context.permissions)
    }
    switch begun {
    case .value(let value): return value
    case .transfer(let transfer): return try write(try arguments.string(1), transfer, task)
    }
  }

  private func write(_ data: ByteString, _ transfer: FileTransfer, _ task: Task) throws(Failure) -> Value? {
    while transfer.done < data.count {
      let rest = UnsafeRawBufferPointer(rebasing: data.bytes[transfer.done...])
      switch StandardStream.tryWrite(transfer.channel.outputDescriptor, rest) {
      case .done(let count): transfer.done += count
      case .wouldBlock, .end:
        if task.isLate { throw lateness(of: transfer.path, "write", "nobody takes more of it", task) }
        try scheduler.waitForWriting(task, transfer.channel)
        scheduler.arm(task, at: task.step.deadline)
        return nil
      case .failed(let error):
        if error != .interrupted { throw FileFunctions.failure("cannot write", transfer.path, error.rawValue) }
      }
    }
    return .integer(data.count)
  }

  /// How often a pipe is looked at whose reader has not come, in nanoseconds.
  static let readerInterval: Int64 = 10_000_000

  /// When a call that waits gives up: as a step that says nothing of it.
  func beginCall(_ task: Task) {
    task.step.hasBegun = true
    var deadline = Int64.max
    if let seconds = defaults?.timeout {
      deadline = Deadline(after: seconds * options.timeoutScale).at
    } else if task.group.isTest, task.blockDeadline == .max {
      deadline = Deadline(after: defaultStepSeconds * options.timeoutScale).at
    }
    task.step.deadline = min(deadline, task.blockDeadline)
  }

  /// How long a call that has given up has waited, in words.
  func timeWaited(_ task: Task) -> String {
    if task.step.deadline == task.blockDeadline { return "within the time of the block around" }
    return "within \(Interpreter.duration(defaults?.timeout ?? defaultStepSeconds))"
  }

  private func lateness(of path: ByteString, _ verb: String, _ what: String, _ task: Task) -> Failure {
    Failure(.timeout, "cannot \(verb) \(Show.inspect(.string(path)).text): \(what) \(timeWaited(task))")
  }
}
