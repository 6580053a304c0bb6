// What each verb does: the one switch over the verbs, and what all of them share.
//
// A step that cannot be done yet says what its task waits for, and gives nil. When that has come, or the time is over,
// the step is performed again from its beginning: what it must not do twice, or has got so far, is in the task's
// `StepState`. So each verb is one function that reads from top to bottom, and no thread and no stack waits.

import SockLanguage
import SocketCore

/// A step as it is performed: a verb phrase, the task that performs it, where its operands are, and the run.
///
/// Plain references: the compiler sees that whoever performs the step owns them, and counts none. `unowned(unsafe)`
/// ones were counted at each use, which made a round trip dearer by 27 %.
struct StepCall {
  let run: Interpreter
  let site: StepSite
  let task: Task
  /// The first register of the step's own.
  let regs: Registers

  @inline(__always)
  init(_ run: Interpreter, _ site: StepSite, _ task: Task, _ regs: Registers) {
    (self.run, self.site, self.task, self.regs) = (run, site, task, regs)
  }

  // What steps use of the run.
  var scheduler: Scheduler { run.scheduler }
  var transcript: Transcript { run.transcript }
  var options: RunOptions { run.options }
  var limits: RunLimits { run.limits }
  var output: OutputWriter { run.output }
  var permissions: Permissions { run.permissions }
  var defaults: ChannelSettings? { run.defaults }
  var recorder: (any StepObserver)? { run.recorder }
}

extension Interpreter {
  /// Performs a verb phrase; what it gives goes to `result`. False: it has to wait; the task has said for what, and the
  /// step will be performed again.
  func perform(_ site: StepSite, _ task: Task, _ frame: Registers, into result: Registers) throws(Failure) -> Bool {
    transcript.site = Unmanaged.passUnretained(site)
    do throws(Failure) {
      guard let value = try StepCall(self, site, task, frame + site.base).perform() else { return false }
      if task.step.hasBegun { task.step = StepState() }
      // Mostly over a scalar, of which nothing has to be released.
      if result.pointee.isScalar { result.initialize(to: value) } else { result.pointee = value }
      return true
    } catch {
      if error.site == nil { error.site = site.site }
      throw error
    }
  }
}

extension StepCall {
  @inline(__always)
  func perform() throws(Failure) -> Value? {
    if site.mayBeMapKey, case .map(let map) = regs[site.receiver] { return map[site.verb.rawValue] ?? .nothing }
    switch site.verb {
    case .socket: return try makeSocket()
    case .socketpair: return try makePair()
    case .bind: return try bind()
    case .listen: return try listen()
    case .connect: return try connect()
    case .accept:
      try task.requireTime()
      return try accept()
    case .send:
      let sent = try send()
      if let recorder, sent != nil, case .string(let data)? = operand {
        recorder.sent(data.bytes, try channel(), site, task)
      }
      return sent
    case .recv:
      try task.requireTime()
      return try receive()
    case .expect:
      try task.requireTime()
      return try expect()
    case .framing: return try setFraming()
    case .relay:
      try task.requireTime()
      return try relay()
    case .fault: return try setFaults()
    case .shutdown: return try shutdown()
    case .close: return try close()
    case .reset: return try reset()
    case .sockopt: return try socketOption()
    case .timeout: return try setTimeout()
    case .blocking: return try setBlocking()
    case .eol: return try setEndOfLine()
    case .autoflush: return try setAutoflush()
    case .multicast: return try setMulticast()
    case .starttls: return try startTLS()
    case .run: return try runProcess()
    case .open: return try openDevice()
    case .resize: return try resize()
    case .signal: return try signal()
    case .wait: return try wait()
    case .stop: return try stopTask()
    case .interact:
      try task.requireTime()
      return try interact()
    case .print: return try print()
    case .log: return try log()
    case .sleep: return try sleep()
    case .exit: return try exit()
    case .raise: throw raised()
    case .fail, .skip, .inconclusive: return try giveVerdict()
    case .assert, .check: return .nothing  // compiled to jumps
    }
  }

  // MARK: - Who a verb speaks to

  /// The channel in front of the dot, or else the current one.
  @inline(__always)
  func channel(orListener: Bool = false) throws(Failure) -> Channel {
    if site.receiver < 0 {
      if let conn = task.conn { return conn }
    } else if case .channel(let channel) = regs[site.receiver] {
      return channel
    }
    return try otherChannel(orListener)
  }

  /// The channel in front of the dot, or else the current one, which the register or the task keeps while the step is
  /// performed.
  @inline(__always)
  func borrowedChannel() throws(Failure) -> Unmanaged<Channel> {
    if site.receiver < 0 {
      if let conn = task.borrowedConn { return conn }
    } else if let channel = (regs + site.receiver).borrowedChannel {
      return channel
    }
    throw noChannel()
  }

  private func noChannel() -> Failure {
    guard site.receiver >= 0 else { return task.noChannel("connection", to: site.verb.rawValue) }
    let failure = regs[site.receiver].noChannel(to: site.verb.rawValue)
    if case .nothing = regs[site.receiver], let place = run.stepPlace(of: task),
      place.file.text(place.range).contains(".stderr.\(site.verb.rawValue)")
    {
      failure.notes.append("help: `run … stderr channel` makes it one")
    }
    return failure
  }

  private func otherChannel(_ orListener: Bool) throws(Failure) -> Channel {
    if orListener, site.receiver < 0, let listener = task.listener { return listener }
    throw noChannel()
  }

  // MARK: - Operands

  var operand: Value? {
    site.operandCount > 0 ? regs[site.operands] : nil
  }

  @inline(__always)
  func option(_ word: OptionWord) -> Value? {
    site.has(word) ? givenOption(word) : nil
  }

  private func givenOption(_ word: OptionWord) -> Value? {
    let offset = site.offset(of: word)
    return offset >= 0 ? regs[offset] : nil
  }
}
