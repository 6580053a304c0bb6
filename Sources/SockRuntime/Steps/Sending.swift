// `send`, and how bytes leave a channel: at once where the kernel takes them, gathered where the script wants it.

import Glibc
import SockLanguage
import SocketCore

/// What a `send` of a datagram keeps while its receiver's queue is full.
private final class ReceiverWait {
  /// Until the next look, in nanoseconds.
  var pause: Int64 = 500_000
  static let longest: Int64 = 32_000_000
}

extension Interpreter {
  func send(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    try borrowedChannel(site, task, regs).borrowed { channel throws(Failure) in
      try send(site, task, regs, channel)
    }
  }

  @inline(__always)
  private func send(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    if channel.kind == .stream, task.progress == 0, task.stage == 0, channel.isOpen, channel.writer == nil,
      channel.outputFailure == nil, options.segmentation == .asWritten, site.operandCount > 0,
      let data = (regs + site.operands).borrowedString
    {
      // The commonest cases first: straight to the kernel, and a line to what is gathered.
      if channel.autoflush {
        if site.words.isEmpty, channel.readiness.canWrite, channel.output == nil || channel.output?.count == 0,
          let sent = try data.borrowed({ string throws(Failure) in try sendAtOnce(string, task, channel) })
        {
          return .integer(sent)
        }
      } else if site.words.isEmpty || site.words.isOnly(.line) {
        let count = data._withUnsafeGuaranteedRef { gather($0, channel, isLine: site.has(.line)) }
        if channel.output?.count ?? 0 < Channel.gatheredLimit { return .integer(count) }
        task.progress = count
        task.stage = 1
        return try flushGathered(site, task, regs, channel)
      }
    }
    try requireOpen(channel, "send")
    if channel.kind == .listener { throw .type("\(channel.label) listens; `accept` a connection to send on") }
    if channel.kind == .bare, channel.socket?.type == .stream {
      throw broken(channel, .socketNotConnected, "cannot send on \(channel.label)")
    }
    guard let operand = operand(site, regs) else { throw .type("send needs data") }
    let string = try data(operand, "send")
    try tellOutputFailure(channel)
    // What was printed before stands before; waiting for its reader is part of this step's time.
    if channel.kind == .standard, !output.isEmpty { try begin(site, task, regs, channel) }
    if channel.kind == .standard || channel.kind == .process, let failure = output.flush() { throw failure }
    if channel.kind == .standard, let beforeWriting = output.beforeWriting {
      if site.has(.line) { channel.eol.withUnsafeBytes(beforeWriting) } else { beforeWriting(string.bytes) }
    }
    if channel.outputDescriptor < 0 { throw Failure(.closed, "\(channel.label) takes no input any more") }
    if let writer = channel.writer, writer !== task {
      // Two tasks send on one channel: the second waits, so that what they send does not mix.
      try begin(site, task, regs, channel)
      if isLate(task) { throw lateness(site, task, regs, channel, "another task was still sending on \(channel.label)") }
      task.waitKind = .timer
      scheduler.arm(task, at: min(task.stepDeadline, Clock.now + 1_000_000))
      return nil
    }
    if site.has(.chunks) { return try sendChunks(string, site, task, regs, channel) }
    if options.segmentation != .asWritten, channel.socket?.type == .stream, !site.has(.oob) {
      if options.segmentation == .joined {
        channel.autoflush = false
      } else {
        return try sendChunks(string, site, task, regs, channel)
      }
    }
    if !site.has(.line), !site.has(.crlf), channel.autoflush, channel.output?.count ?? 0 == 0 {
      return try sendNow(string, string.count, site, task, regs, channel)
    }
    return try sendAltered(string, site, task, regs, channel)
  }

  /// How many bytes were sent; nil when the step has to go on in its own time, from `task.progress`.
  @inline(__always)
  private func sendAtOnce(_ string: ByteString, _ task: Task, _ channel: Channel) throws(Failure) -> Int? {
    switch channel.offer(string.bytes) {
    case .done(let count) where count == string.count: return count
    case .done(let count): task.progress = count
    case .wouldBlock: break
    case .end: throw cannotSend(.brokenPipe, channel)
    case .failed(let error): throw cannotSend(error, channel)
    }
    return nil
  }

  private func cannotSend(_ error: Errno, _ channel: Channel) -> Failure {
    error == .brokenPipe
      ? broken(channel, error, "cannot send on \(channel.label): the other side has closed")
      : broken(channel, error, "cannot send on \(channel.label)")
  }

  /// Appends to what the channel gathers: how many bytes.
  private func gather(_ string: ByteString, _ channel: Channel, isLine: Bool) -> Int {
    let output = channel.output ?? OutputQueue()
    output.append(string.bytes)
    var count = string.count
    if isLine {
      let eol = channel.eol
      eol.withUnsafeBytes { output.append($0) }
      count += eol.count
    }
    if !output.isDirty {
      channel.output = output
      scheduler.markDirty(channel)
    }
    return count
  }

  private func flags(_ site: StepSite) -> MessageFlags {
    var flags: MessageFlags = []
    if site.has(.oob) { flags.insert(.outOfBand) }
    if site.has(.more) { flags.insert(.more) }
    if site.has(.dontroute) { flags.insert(.dontRoute) }
    return flags
  }

  /// Sends a string from its own storage until all of it is taken.
  private func sendNow(
    _ string: ByteString, _ reported: Int, _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    var destination: SocketAddress?
    if let value = option(.to, site, regs) {
      guard let found = try self.destination(value, channel, site, task, regs) else { return nil }
      destination = found
    }
    while true {
      if channel.readiness.canWrite || channel.socket == nil && channel.isShared {
        let rest = UnsafeRawBufferPointer(rebasing: string.bytes[task.progress...])
        let outcome =
          if let destination {
            channel.offer(rest, flags: flags(site), to: destination)
          } else {
            channel.offer(rest, flags: flags(site))
          }
        switch outcome {
        case .done(let count):
          task.progress += count
          if channel.isDatagram || task.progress >= string.count {
            task.progress = 0
            return .integer(reported)
          }
          continue
        case .wouldBlock: break
        case .end: throw cannotSend(.brokenPipe, channel)
        case .failed(let error): throw cannotSend(error, channel)
        }
      }
      let progress = task.progress
      try begin(site, task, regs, channel)
      task.progress = progress
      if channel.isDatagram, channel.socket?.domain == .unix {
        try waitForReceiver(site, task, regs, channel)
        return nil
      }
      try waitToWrite(site, task, regs, channel) {
        "\(string.count - progress) of \(string.count) bytes were not taken by the other side"
      }
      return nil
    }
  }

  /// Nothing tells when the queue of a datagram's receiver has room again: the kernel calls a socket writable whose own
  /// buffer has some. It is looked at after a while, and then less and less often.
  private func waitForReceiver(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) {
    if isLate(task) {
      throw lateness(site, task, regs, channel, "the receiver's queue stayed full: the datagram was not sent")
    }
    let wait = task.keep as? ReceiverWait ?? ReceiverWait()
    task.keep = wait
    channel.readiness.canWrite = true
    task.waitKind = .timer
    scheduler.arm(task, at: min(task.stepDeadline, Clock.now + wait.pause))
    wait.pause = min(2 * wait.pause, ReceiverWait.longest)
  }

  private func broken(_ channel: Channel, _ error: Errno, _ what: String) -> Failure {
    let failure = Failure(what, error)
    failure.channel = channel
    return failure
  }

  private func destination(
    _ value: Value, _ channel: Channel, _ site: StepSite, _ task: Task, _ regs: Registers
  ) throws(Failure) -> SocketAddress? {
    let addresses = try lookUp(try AddressText(value), type: .dgram, site, task, regs, channel)
    let found = addresses?.first { $0.domain == channel.socket?.domain } ?? addresses?.first
    if let found { try permissions.requireSend(to: found) }
    return found
  }

  /// `send line`, `crlf`, and everything with `autoflush off`: through the channel's output, so that a line and its end
  /// leave in one piece.
  private func sendAltered(
    _ string: ByteString, _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    if task.stage == 0 {
      var altered = site.has(.crlf) ? Interpreter.crlf(string) : string
      if site.has(.line) {
        let eol = channel.eol
        guard altered.count + eol.count <= ByteString.maximumCount else { throw .limit("a line of more than 1 GiB") }
        let line = ByteString.allocate(capacity: altered.count + eol.count)
        line.append(altered.bytes)
        eol.withUnsafeBytes { line.append($0) }
        altered = line
      }
      task.progress = altered.count
      if site.has(.to) || site.has(.oob) || channel.isDatagram {
        task.progress = 0
        return try sendNow(altered, altered.count, site, task, regs, channel)
      }
      if channel.autoflush, channel.output?.count ?? 0 == 0, channel.readiness.canWrite, !channel.isShared {
        // Straight from the new string; only what the kernel does not take is kept.
        switch channel.offer(altered.bytes, flags: flags(site)) {
        case .done(let count) where count == altered.count:
          task.progress = 0
          return .integer(count)
        case .done(let count):
          channel.gather(UnsafeRawBufferPointer(rebasing: altered.bytes[count...]))
        case .wouldBlock: channel.gather(altered.bytes)
        case .end: throw cannotSend(.brokenPipe, channel)
        case .failed(let error): throw cannotSend(error, channel)
        }
      } else {
        channel.gather(altered.bytes)
        if !channel.autoflush, channel.output?.count ?? 0 < Channel.gatheredLimit {
          let count = task.progress
          task.progress = 0
          return .integer(count)
        }
      }
      task.stage = 1
    }
    return try flushGathered(site, task, regs, channel)
  }

  /// Sends what is gathered, of which the step's own part is `task.progress` bytes.
  private func flushGathered(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    let sent = task.progress
    let hadBegun = task.stepHasBegun
    guard try flush(channel, site, task, regs) else { return nil }
    if !hadBegun { task.endStep() }
    return .integer(sent)
  }

  /// Lone LFs become CRLF.
  private static func crlf(_ string: ByteString) -> ByteString {
    var builder = ByteBuilder()
    var previous: UInt8 = 0
    for byte in string.bytes {
      if byte == 0x0A, previous != 0x0D { builder.append(UInt8(0x0D)) }
      builder.append(byte)
      previous = byte
    }
    return builder.finish()
  }

  private func tellOutputFailure(_ channel: Channel) throws(Failure) {
    guard let error = channel.outputFailure else { return }
    channel.outputFailure = nil
    throw broken(channel, error, "what was gathered could not be sent on \(channel.label)")
  }

  /// Sends all that is gathered. False: the task has to wait.
  func flush(_ channel: Channel, _ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Bool {
    try tellOutputFailure(channel)
    guard let output = channel.output else { return true }
    while output.count > 0 {
      if channel.readiness.canWrite {
        switch channel.offer(output.bytes) {
        case .done(let count):
          output.drop(count)
          continue
        case .wouldBlock: break
        case .end:
          output.removeAll()
          throw cannotSend(.brokenPipe, channel)
        case .failed(let error):
          output.removeAll()
          throw cannotSend(error, channel)
        }
      }
      let (stage, progress) = (task.stage, task.progress)
      try waitToWrite(site, task, regs, channel) { "\(output.count) gathered bytes were not taken by the other side" }
      (task.stage, task.progress) = (stage, progress)
      return false
    }
    return true
  }

  /// Dribbles: each piece a segment of its own, with a pause between two.
  private func sendChunks(
    _ string: ByteString, _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    let size: Int
    switch options.segmentation {
    case _ where site.has(.chunks): size = try count(option(.chunks, site, regs) ?? .nothing, "the size of a chunk")
    case .pieces(let bytes): size = bytes
    default: size = max(1, (string.count + 1) / 2)
    }
    var every = 0.0
    if let value = option(.every, site, regs) {
      guard let seconds = value.number, seconds >= 0 else { throw .type("`every` takes a duration in seconds") }
      every = seconds
    }
    let whole: ByteString
    if let kept = task.keep as? ByteString {
      whole = kept
    } else {
      guard try flush(channel, site, task, regs) else { return nil }
      var altered = site.has(.crlf) ? Interpreter.crlf(string) : string
      if site.has(.line) {
        let line = ByteString.allocate(capacity: altered.count + channel.eol.count)
        line.append(altered.bytes)
        channel.eol.withUnsafeBytes { line.append($0) }
        altered = line
      }
      whole = altered
      task.keep = whole
      // Its own pace does not count against a default deadline: only a stated one holds.
      if site.within >= 0 {
        try begin(site, task, regs, channel)
      } else {
        task.stepHasBegun = true
        task.stepDeadline = task.blockDeadline
      }
    }
    if task.stage == 1 {
      task.stage = 0
    }
    while task.progress < whole.count {
      if isLate(task) {
        throw lateness(site, task, regs, channel, "\(whole.count - task.progress) of \(whole.count) bytes were not sent")
      }
      let end = min(whole.count, (task.progress / size + 1) * size)
      if channel.readiness.canWrite {
        switch channel.offer(UnsafeRawBufferPointer(rebasing: whole.bytes[task.progress..<end])) {
        case .done(let count):
          task.progress += count
          if task.progress < whole.count, task.progress == end {
            // Even without a pause others get their turn, so that a reader in the same script sees the pieces.
            task.waitKind = .timer
            task.stage = 1
            scheduler.arm(task, at: min(task.stepDeadline, Deadline(after: every).at))
            return nil
          }
          continue
        case .wouldBlock: break
        case .end: throw cannotSend(.brokenPipe, channel)
        case .failed(let error): throw cannotSend(error, channel)
        }
      }
      try scheduler.waitForWriting(task, channel)
      scheduler.arm(task, at: task.stepDeadline)
      return nil
    }
    return .integer(whole.count)
  }
}
