// `recv`: what has come, and the commonest cases without a detour.

import Glibc
import SockLanguage
import SocketCore

extension StepCall {
  func receive() throws(Failure) -> Value? {
    try borrowedChannel().borrowed { channel throws(Failure) in
      try receive(channel)
    }
  }

  @inline(__always)
  private func receive(_ channel: Channel) throws(Failure) -> Value? {
    try requireReadable(channel)
    // The commonest cases first: what is there, and a line that has come.
    if site.words.isEmpty {
      if channel.kind == .stream, channel.input.isEmpty {
        if let value = try receiveDirectly(channel) {
          if let recorder, case .string(let bytes) = value { recorder.received(value, bytes.bytes, channel, site, task) }
          return value
        }
        if !channel.readiness.canRead, !channel.hasEnded, !channel.isNonblocking, hasNoDeadline(channel) {
          // Nothing is there, and there is no time to look at: as `read` would find out.
          task.step.hasBegun = true
          try scheduler.waitForReading(task, channel)
          return nil
        }
      } else if channel.kind == .datagram, site.operandCount == 0, channel.datagram == nil,
        let value = receiveDatagramDirectly(channel)
      {
        return value
      }
    } else if recorder == nil, site.words.isOnly(.line), channel.kind != .datagram, let line = takeLine(channel) {
      return .string(line)
    }
    if site.has(.oob) { return try receiveUrgent(channel) }
    if site.has(.quiet) { return try receiveUntilQuiet(channel) }
    return try read(channel)
  }

  /// The next line, if its end has come.
  @inline(__always)
  private func takeLine(_ channel: Channel) -> ByteString? {
    let bytes = channel.input.bytes
    guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else { return nil }
    if let settings = channel.settings, settings.isEndOfLineStrict { return nil }
    let end = UnsafeRawPointer(found) - base
    let count = end > 0 && bytes[end - 1] == 0x0D ? end - 1 : end
    let line = ByteString.copy(UnsafeRawBufferPointer(start: base, count: count))
    channel.consume(end + 1)
    return line
  }

  /// The commonest case without a stop in the channel's buffer: straight from the kernel into the string.
  @inline(__always)
  private func receiveDirectly(_ channel: Channel) throws(Failure) -> Value? {
    guard channel.readiness.canRead, !channel.hasEnded, channel.socket?.type != .seqpacket else { return nil }
    var wanted = StepCall.defaultReceive
    if site.operandCount > 0 {
      if case .integer(let number) = regs[site.operands], number > 0 {
        wanted = number
      } else {
        wanted = try regs[site.operands].count("the number of bytes to receive")
      }
      wanted = min(wanted, 1 << 20)
    }
    let space = run.receiveBuffer.space(wanted)
    let outcome = channel.readOnce(into: space)
    if channel.readiness.isUnread { channel.noteFirstRead(outcome) }
    switch outcome {
    case .done(let received):
      channel.noteRead(received, room: wanted)
      let bytes = UnsafeRawBufferPointer(start: space.baseAddress, count: received)
      transcript.record(.received, channel, bytes)
      if scheduler.hasSecrets { scheduler.secrets?.noteRead(bytes, ahead: bytes[received...], on: channel.number) }
      return .string(run.receiveBuffer.take(received))
    case .wouldBlock:
      channel.readiness.canRead = false
      return nil
    case .end:
      channel.noteEnd()
      return nil
    case .failed(let error):
      channel.noteFailure(error)
      return nil
    }
  }

  /// The same for a whole datagram of IP, which always fits. Nil: there is none, or something else is the matter.
  private func receiveDatagramDirectly(_ channel: Channel) -> Value? {
    guard channel.readiness.canRead, !channel.hasEnded, recorder == nil, !scheduler.hasSecrets,
      let socket = channel.socket, socket.type == .dgram, socket.domain == .inet || socket.domain == .inet6,
      !channel.readiness.isFaulty
    else { return nil }
    let space = run.receiveBuffer.space(StepCall.defaultReceive)
    let (outcome, sender, isTruncated) = socket.tryReceiveFrom(into: space)
    switch outcome {
    case .done(let count):
      channel.wasTruncated = isTruncated
      channel.consumptions &+= 1
      transcript.record(
        .received, channel, UnsafeRawBufferPointer(start: space.baseAddress, count: count), with: sender)
      return .string(run.receiveBuffer.take(count))
    case .wouldBlock:
      channel.readiness.canRead = false
      return nil
    case .end:
      channel.noteEnd()
      return nil
    case .failed(let error):
      channel.end = .failed(error)
      return nil
    }
  }

  /// What `recv` without a number asks for at once, in bytes.
  static let defaultReceive = 65536

  /// How long `recv quiet` wants nothing to come, and when that will have been so.
  private final class Lull {
    let seconds: Double
    /// In monotonic nanoseconds.
    private(set) var endsAt: Int64

    init(seconds: Double) {
      self.seconds = seconds
      endsAt = Deadline(after: seconds).at
    }

    /// Something has come.
    func beginAgain() { endsAt = Deadline(after: seconds).at }
  }

  private func receiveUntilQuiet(_ channel: Channel) throws(Failure) -> Value? {
    if channel.isDatagram { throw .type("a datagram is received whole; `recv quiet` is for streams") }
    let lull: Lull
    if let begun = task.step.work as? Lull {
      lull = begun
    } else {
      guard let seconds = option(.quiet)?.number, seconds >= 0 else {
        throw .type("`recv quiet` takes a duration like 200ms")
      }
      lull = Lull(seconds: seconds * options.timeoutScale)
      try begin(channel)
      // A time that is not the step's own is for what comes: the quiet behind it is not counted.
      if site.within < 0, task.step.deadline != task.blockDeadline {
        let (later, isNever) = task.step.deadline.addingReportingOverflow(MonotonicClock.nanoseconds(lull.seconds))
        task.step.deadline = min(task.blockDeadline, isNever ? .max : later)
      }
      task.step.work = lull
    }
    while !channel.hasEnded, case .something = try channel.fill(limits) {
      if channel.wasTruncated { throw channel.truncation() }
      lull.beginAgain()
      // One that sends and sends is not listened to beyond the step's time.
      if task.isLate { break }
    }
    let isQuiet = channel.hasEnded || channel.isNonblocking || MonotonicClock.now >= lull.endsAt
    if !isQuiet {
      if task.isLate {
        let failure = lateness(channel, "\(channel.label) was not quiet for \(Interpreter.duration(lull.seconds))")
        describeLateness(failure, channel)
        throw failure
      }
      try scheduler.waitForReading(task, channel)
      scheduler.arm(task, at: min(task.step.deadline, lull.endsAt))
      return nil
    }
    if channel.hasEnded, channel.input.isEmpty {
      switch endOfInput(channel, "expected bytes") {
      case .complete(let value, let count): return take(value, count, channel)
      case .impossible(let failure):
        failure.channel = failure.channel ?? channel
        throw failure
      case .needsMore: break
      }
    }
    return take(.string(ByteString.copy(channel.input.bytes)), channel.input.count, channel)
  }

  /// Urgent data would go past the records of TLS, or into the middle of one.
  func requireUrgent(_ channel: Channel) throws(Failure) {
    if channel.tls != nil { throw .type("\(channel.label) speaks TLS, which has no urgent data") }
  }

  private func receiveUrgent(_ channel: Channel) throws(Failure) -> Value? {
    try requireUrgent(channel)
    guard let socket = channel.socket else { throw .type("\(channel.label) is no socket and has no urgent data") }
    let byte = ByteString.allocate(capacity: 1)
    switch socket.tryReceive(into: byte.writable, flags: site.has(.peek) ? [.outOfBand, .peek] : .outOfBand) {
    case .done(let count):
      byte.setCount(count)
      return .string(byte)
    case .end: return .nothing
    case .wouldBlock: break
    case .failed(let error):
      // EINVAL: none has come, or it was read already.
      guard error == .invalidArgument else { throw Failure("cannot receive urgent data on \(channel.label)", error) }
      if channel.isNonblocking { return Value(StaticString("")) }
    }
    try waitToRead(channel) { "no urgent byte came" }
    return nil
  }
}
