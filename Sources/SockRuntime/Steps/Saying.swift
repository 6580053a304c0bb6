// Verbs of the script itself: what it prints, how it pauses, and how it ends.

import SockLanguage
import SocketCore

extension StepCall {
  func print() throws(Failure) -> Value? {
    var builder = ByteBuilder()
    for at in 0..<site.operandCount {
      if at > 0 { builder.append(UInt8(0x20)) }
      Show.appendText(regs[site.operands + at], to: &builder)
    }
    builder.append(UInt8(0x0A))
    let text = builder.finish()
    let failure =
      run.secrets.isEmpty
      ? output.write(text.bytes) : run.secrets.masked(text.array, isText: true).withUnsafeBytes { output.write($0) }
    if let failure {
      guard failure.errno == Errno.brokenPipe.rawValue else { throw failure }
      run.readerIsGone()
    }
    if output.wasStopped { try run.lookAround() }
    run.hasFilledOutput = output.wasFilled
    return .nothing
  }

  func log() throws(Failure) -> Value? {
    var words: [String] = []
    for at in 0..<site.operandCount { words.append(Show.text(regs[site.operands + at]).text) }
    if let failure = output.log(run.masked(words.joined(separator: " ") + "\n")) { throw failure }
    if output.wasStopped { try run.lookAround() }
    return .nothing
  }

  func sleep() throws(Failure) -> Value? {
    if !task.step.hasBegun {
      guard let value = operand, let seconds = value.number else {
        throw .type("sleep takes a duration in seconds, not \(operand?.article ?? "nil")")
      }
      guard seconds >= 0 else { throw .range("a sleep cannot last \(Show.text(.float(seconds)).text) s") }
      try beginPause(seconds)
      // However short it is, and however slow the machine: others have a turn.
    } else if task.isLate || task.step.deadline == .min {
      if task.step.isCutShort { throw Failure(.timeout, "the time was over before the sleep was") }
      return .nothing
    }
    task.waitKind = .timer
    scheduler.arm(task, at: task.step.deadline)
    return nil
  }

  /// A step that is to take its own time; `isCutShort` says that the time around it, or its own `within`, ends first.
  func beginPause(_ seconds: Double) throws(Failure) {
    task.step.hasBegun = true
    task.step.deadline = Deadline(after: seconds).at
    var limit = task.blockDeadline
    if site.within >= 0 { limit = min(limit, try run.scaledDeadline(regs[site.within])) }
    if limit < task.step.deadline {
      task.step.deadline = limit
      task.step.isCutShort = true
    }
  }

  func exit() throws(Failure) -> Value? {
    var code = 0
    if let value = operand {
      guard let number = value.wholeNumber, (0...255).contains(number) else {
        throw .range("an exit status is an integer from 0 to 255, not \(Show.inspect(value).text)")
      }
      code = number
    }
    throw Failure(.failed, "exit \(code)", verdict: .exit(Int32(truncatingIfNeeded: code)))
  }

  /// The error that `raise` is for: a new one, or one that was caught.
  func raised() -> Failure {
    let message = site.operandCount > 1 ? regs[site.operands + 1] : nil
    switch operand {
    case .error(let failure)?:
      if message != nil { return .type("a caught error is raised again as it was, without a message: `raise e`") }
      return again(failure)
    case .string(let code)?:
      if code.isEmpty { return .range("the code of an error is empty") }
      return Failure(.raised(code.text), message.map { Show.text($0).text } ?? code.text)
    case let value:
      return .type("`raise` takes a code, which is a string, or a caught error, not \((value ?? .nothing).article)")
    }
  }

  /// A caught error that is to be raised again. The block whose time was over when it arose has been left.
  private func again(_ failure: Failure) -> Failure {
    failure.leavesBlock = nil
    return failure
  }

  func giveVerdict() throws(Failure) -> Value? {
    let value = operand ?? .nothing
    if site.verb == .fail, case .error(let failure) = value { throw again(failure) }
    let message = Show.text(value).text
    switch site.verb {
    case .skip: throw Failure(.failed, message, verdict: .skipped)
    case .inconclusive: throw Failure(.failed, message, verdict: .inconclusive)
    default: throw Failure(.failed, message, verdict: .failed)
    }
  }
}
