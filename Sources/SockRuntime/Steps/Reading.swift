// `recv`, and what it shares with `expect` and `select`: how bytes come into a channel, and when there are enough.

import Glibc
import SockLanguage
import SocketCore

/// What a reading step finds in what has come so far.
enum Probe {
  /// There is enough: the result, and how many bytes it uses up.
  case complete(Value, consuming: Int)
  /// More may come that decides it.
  case needsMore
  /// It can never be: why.
  case impossible(Failure)
}

/// What one look at the kernel brought.
enum Fill {
  case something
  case nothingYet
}

extension Channel {
  /// Reads what is there into the buffer. An end or an error is remembered, and is "something": the step looks again.
  ///
  /// - Parameter wanted: how many bytes the step has asked for by number: it may have them whatever the limit is.
  func fill(_ interpreter: Interpreter, wanted: Int = 0) throws(Failure) -> Fill {
    if atEnd || failure != nil { return .something }
    guard inputDescriptor >= 0 else {
      atEnd = true
      return .something
    }
    // Also while no more comes: the step would wait for what it may not keep.
    guard isDatagram || input.count < max(interpreter.limits.buffer, wanted) else {
      let failure = Failure.limit(
        "\(label) has sent \(input.count) bytes that nothing has consumed (limit buffer, \(interpreter.limits.buffer) bytes)")
      failure.notes.append("help: if that much is right, `--limit buffer=N` allows N bytes")
      failure.channel = self
      throw failure
    }
    // A step that does not wait has nobody told when there is something: it asks each time.
    guard canRead || isNonblocking else { return .nothingYet }
    if isDatagram { return fillDatagram() }
    if isShared {
      // The descriptor may be somebody's terminal: it is left blocking, and asked first.
      let ready = SystemCall.poll(inputDescriptor, reading: true, writing: false, timeoutNanoseconds: 0)
      if ready == 0 || ready == -Errno.interrupted.rawValue {
        canRead = false
        return .nothingYet
      }
    }
    try requireMemory()
    // What there is no room for of a packet would be lost.
    let packet = socket?.type == .seqpacket ? socket?.nextPacketLength ?? 1 : 1
    let space = input.space(scheduler.pool, atLeast: max(1, packet))
    let outcome: IOOutcome
    if let socket {
      outcome = socket.tryReceive(into: space)
      if isUnread { noteFirstRead(outcome) }
    } else {
      outcome = StandardStream.tryRead(inputDescriptor, space)
    }
    switch outcome {
    case .done(let count):
      input.filled(count)
      scheduler.transcript.record(.received, self, UnsafeRawBufferPointer(rebasing: space[..<count]))
      // A short read has emptied a stream: the next byte, or its end, is announced anew.
      if count < space.count, !sawHangup, !isShared, !readsMayStopShort { canRead = false }
      return .something
    case .end:
      noteEnd()
      return .something
    case .wouldBlock:
      if input.isEmpty { input.release(scheduler.pool) }
      canRead = false
      return .nothingYet
    case .failed(let error):
      if input.isEmpty { input.release(scheduler.pool) }
      noteFailure(error)
      return .something
    }
  }

  /// What peers send is held where there is memory for it: the step that would hold more fails, and no other.
  @inline(__always)
  private func requireMemory() throws(Failure) {
    let needed = input.needed(scheduler.pool)
    guard needed > 0 else { return }
    do throws(Failure) {
      try Meter.admit(needed)
    } catch {
      error.channel = self
      throw error
    }
  }

  func noteFirstRead(_ outcome: IOOutcome) {
    isUnread = false
    scheduler.firstReads.note(found: outcome != .wouldBlock)
  }

  func noteEnd() {
    if input.isEmpty { input.release(scheduler.pool) }
    if !atEnd { scheduler.transcript.record(.ended, self) }
    atEnd = true
  }

  /// A step has given what says that the stream has ended. ^D at a terminal ends what is being read, and not the
  /// terminal: who asks again gets what is typed then.
  func endWasTold() {
    if mayGoOnAfterEnd { atEnd = false } else { endWasReported = true }
  }

  private var mayGoOnAfterEnd: Bool {
    kind == .standard && atEnd && !sawHangup && SystemCall.isTerminal(inputDescriptor)
  }

  func noteFailure(_ error: Errno) {
    // A terminal or pipe whose other side is gone reads as EIO.
    if error == .ioError, socket == nil {
      sawHangup = true
      noteEnd()
      return
    }
    failure = error
    if error == .connectionReset { scheduler.transcript.record(.reset, self) }
  }

  private func fillDatagram() -> Fill {
    guard let socket, !hasDatagram else { return .something }
    input.release(scheduler.pool)
    let longest = socket.domain == .unix ? socket.nextPacketLength ?? 1 : 1
    let space = input.space(scheduler.pool, atLeast: max(1, longest))
    let (outcome, sender, isTruncated) = socket.tryReceiveFrom(into: space, answers: false)
    switch outcome {
    case .done(let count):
      input.filled(count)
      hasDatagram = true
      self.sender = sender
      wasTruncated = isTruncated
      scheduler.transcript.record(.received, self, UnsafeRawBufferPointer(rebasing: space[..<count]), with: sender)
      return .something
    case .wouldBlock:
      input.release(scheduler.pool)
      canRead = false
      return .nothingYet
    case .end:
      input.release(scheduler.pool)
      noteEnd()
      return .something
    case .failed(let error):
      input.release(scheduler.pool)
      failure = error
      return .something
    }
  }

  func consume(_ count: Int) {
    consumptions &+= 1
    if isDatagram {
      noteSender()
      hasDatagram = false
      input.release(scheduler.pool)
    } else {
      input.consume(count, scheduler.pool)
    }
  }

  /// Whoever has sent the datagram that a step gives is the one whom a plain `send` answers.
  func noteSender() { socket?.answer(sender) }

  /// What ended the stream, as a failure of a step that wanted more.
  func endFailure(_ wanted: String) -> Failure {
    let result: Failure
    if let error = failure {
      result =
        error == .connectionReset
        ? Failure(.reset, "\(wanted), but the peer reset the connection", errno: error.rawValue)
        : Failure("\(wanted), but reading failed", error)
      // A datagram socket's error (ECONNREFUSED after a send) is told once; the socket goes on.
      if isDatagram { failure = nil }
    } else {
      result = Failure(.eof, "\(wanted), but the stream has ended")
    }
    result.channel = self
    return result
  }

  var hasEnded: Bool { atEnd || failure != nil }
}

extension Interpreter {
  func receive(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    try borrowedChannel(site, task, regs).borrowed { channel throws(Failure) in
      try receive(site, task, regs, channel)
    }
  }

  @inline(__always)
  private func receive(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    try requireReadable(channel, site, task)
    // The commonest cases first: what is there, and a line that has come.
    if site.words.isEmpty {
      if channel.kind == .stream, channel.input.isEmpty {
        if let value = try receiveDirectly(site, channel, regs) {
          if let recorder, case .string(let bytes) = value { recorder.received(value, bytes.bytes, channel, site, task) }
          return value
        }
        if !channel.canRead, !channel.hasEnded, !channel.isNonblocking, hasNoDeadline(site, task, channel) {
          // Nothing is there, and there is no time to look at: as `read` would find out.
          task.stepHasBegun = true
          try scheduler.waitForReading(task, channel)
          return nil
        }
      }
    } else if recorder == nil, site.words.isOnly(.line), channel.kind != .datagram, let line = takeLine(channel) {
      return .string(line)
    }
    if site.has(.oob) { return try receiveUrgent(site, task, regs, channel) }
    return try read(site, task, regs, channel)
  }

  /// The next line, if its end has come.
  @inline(__always)
  private func takeLine(_ channel: Channel) -> ByteString? {
    let bytes = channel.input.bytes
    guard let base = bytes.baseAddress, let found = memchr(base, 0x0A, bytes.count) else { return nil }
    let end = UnsafeRawPointer(found) - base
    let count = end > 0 && bytes[end - 1] == 0x0D ? end - 1 : end
    let line = ByteString.copy(UnsafeRawBufferPointer(start: base, count: count))
    channel.consume(end + 1)
    return line
  }

  /// Told once: what is left can be read after it.
  private func truncation(_ channel: Channel) -> Failure {
    channel.wasTruncated = false
    let message: String
    if channel.isDatagram {
      message = "a datagram on \(channel.label) was larger than \(InputBuffer.pooledCapacity) bytes, and is lost"
      channel.consume(channel.input.count)
    } else {
      message = "\(channel.label) wrote more than \(Channel.drainedLimit) bytes that nobody read; the oldest are lost"
    }
    let failure = Failure(.truncated, message)
    failure.channel = channel
    return failure
  }

  @inline(__always)
  func readable(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Channel {
    let channel = try channel(site, task, regs)
    try requireReadable(channel, site, task)
    return channel
  }

  @inline(__always)
  private func requireReadable(_ channel: Channel, _ site: StepSite, _ task: Task) throws(Failure) {
    try requireOpen(channel, site.verb.rawValue)
    if channel.kind == .listener {
      throw .type("\(channel.label) listens; `accept` a connection to \(site.verb.rawValue) from")
    }
    if let reader = channel.reader, reader !== task { throw busy(channel, site) }
    if channel.wasTruncated { throw truncation(channel) }
  }

  /// Performs a reading step: looks at what there is, and for more until it is decided.
  func read(_ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel) throws(Failure) -> Value? {
    while true {
      switch try probe(site, channel, regs, task) {
      case .complete(let value, let count):
        if site.has(.peek) {
          if channel.hasDatagram { channel.noteSender() }
          return value
        }
        recorder?.received(value, taken(count, channel), channel, site, task)
        channel.consume(count)
        return value
      case .impossible(let failure):
        failure.channel = failure.channel ?? channel
        throw failure
      case .needsMore: break
      }
      switch try channel.fill(self, wanted: site.has(.exactly) ? option(.exactly, site, regs)?.wholeNumber ?? 0 : 0) {
      case .something:
        if channel.wasTruncated { throw truncation(channel) }
      case .nothingYet:
        if channel.isNonblocking, site.verb == .recv { return Value(StaticString("")) }
        if !task.stepHasBegun {
          try begin(site, task, regs, channel)
          if isLate(task), !channel.canRead {
            // `within 0s`: what is there now. Nobody may have been told of it.
            channel.canRead = true
            continue
          }
        }
        do throws(Failure) {
          try waitToRead(site, task, regs, channel) { self.wanted(site, regs) }
        } catch {
          if error.code == .timeout { describeLateness(error, site, channel, regs) }
          throw error
        }
        return nil
      }
    }
  }

  /// What a step uses up when it has used that many bytes.
  func taken(_ count: Int, _ channel: Channel) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<min(count, channel.input.count)])
  }

  /// The commonest case without a stop in the channel's buffer: straight from the kernel into the string.
  @inline(__always)
  private func receiveDirectly(_ site: StepSite, _ channel: Channel, _ regs: Registers) throws(Failure) -> Value? {
    guard channel.canRead, !channel.hasEnded, !channel.readsMayStopShort, let socket = channel.borrowedSocket else {
      return nil
    }
    var wanted = Interpreter.defaultReceive
    if site.operandCount > 0 {
      if case .integer(let number) = regs[site.operands], number > 0 {
        wanted = number
      } else {
        wanted = try count(regs[site.operands], "the number of bytes to receive")
      }
      wanted = min(wanted, 1 << 20)
    }
    let space = receiveBuffer.space(wanted)
    let outcome = socket._withUnsafeGuaranteedRef { $0.tryReceive(into: space) }
    if channel.isUnread { channel.noteFirstRead(outcome) }
    switch outcome {
    case .done(let received):
      if received < wanted, !channel.sawHangup { channel.canRead = false }
      transcript.record(.received, channel, UnsafeRawBufferPointer(start: space.baseAddress, count: received))
      return .string(receiveBuffer.take(received))
    case .wouldBlock:
      channel.canRead = false
      return nil
    case .end:
      channel.noteEnd()
      return nil
    case .failed(let error):
      channel.noteFailure(error)
      return nil
    }
  }

  /// What `recv` without a number asks for at once, in bytes.
  static let defaultReceive = 65536

  private func receiveUrgent(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
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
    try waitToRead(site, task, regs, channel) { "no urgent byte came" }
    return nil
  }

  // MARK: - Probes

  /// Whether a reading step can complete with what the channel holds. Consumes nothing.
  func probe(_ site: StepSite, _ channel: Channel, _ regs: Registers, _ task: Task) throws(Failure) -> Probe {
    if site.verb == .expect { return try probeExpectation(site, channel, regs, task) }
    if channel.isDatagram { return try probeDatagram(site, channel, regs) }
    if site.has(.line) {
      guard let line = nextLine(channel) else {
        if !channel.hasEnded { return .needsMore }
        return endOfInput(channel, "expected a line")
      }
      let kept = site.has(.keep) ? line.total : line.count
      return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<kept]))), consuming: line.total)
    }
    if site.has(.until) { return try probeUntil(site, channel, regs) }
    if site.has(.message) {
      guard let length = try messageLength(channel, site, task) else {
        if !channel.hasEnded { return .needsMore }
        if channel.input.isEmpty { return endOfInput(channel, "expected a message") }
        return .impossible(partial(channel, "expected a message"))
      }
      return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<length]))), consuming: length)
    }
    if site.has(.exactly) {
      let wanted = try count(option(.exactly, site, regs) ?? .nothing, "the number of bytes to receive", minimum: 0)
      guard wanted <= ByteString.maximumCount else {
        throw .limit("cannot receive \(wanted) bytes at once: a string holds up to 1 GiB (limit string)")
      }
      if channel.input.count >= wanted {
        return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<wanted]))), consuming: wanted)
      }
      if !channel.hasEnded { return .needsMore }
      if channel.input.isEmpty { return endOfInput(channel, "expected exactly \(wanted) bytes") }
      return .impossible(partial(channel, "expected exactly \(wanted) bytes, \(channel.input.count) came"))
    }
    if site.has(.all) {
      if !channel.hasEnded { return .needsMore }
      if channel.failure != nil { return .impossible(partial(channel, "expected all until the end")) }
      if channel.input.isEmpty || channel.kind == .standard { channel.endWasTold() }
      return .complete(.string(ByteString.copy(channel.input.bytes)), consuming: channel.input.count)
    }
    if channel.input.isEmpty {
      if !channel.hasEnded { return .needsMore }
      return endOfInput(channel, "expected bytes")
    }
    var wanted = channel.input.count
    if let value = operand(site, regs) { wanted = min(wanted, try count(value, "the number of bytes to receive")) }
    return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<wanted]))), consuming: wanted)
  }

  /// Nil at the end, once: who reads on after that gets the error.
  private func endOfInput(_ channel: Channel, _ wanted: String) -> Probe {
    if channel.failure != nil { return .impossible(channel.endFailure(wanted)) }
    if channel.endWasReported {
      let failure = Failure(.eof, "\(wanted), but the stream ended, as the nil before said")
      failure.channel = channel
      return .impossible(failure)
    }
    channel.endWasTold()
    return .complete(.nothing, consuming: 0)
  }

  /// The end came in the middle: what there is of it is shown.
  func partial(_ channel: Channel, _ wanted: String) -> Failure {
    let failure = channel.endFailure(wanted)
    if !channel.input.isEmpty { failure.notes.append("received  \(shown(channel.input.bytes, of: channel))") }
    return failure
  }

  private func probeDatagram(_ site: StepSite, _ channel: Channel, _ regs: Registers) throws(Failure) -> Probe {
    guard channel.hasDatagram else {
      return channel.hasEnded ? .impossible(channel.endFailure("expected a datagram")) : .needsMore
    }
    for word in [OptionWord.until, .exactly, .all, .message] where site.has(word) {
      throw .type("a datagram is received whole; `recv \(word.rawValue)` is for streams")
    }
    var bytes = channel.input.bytes
    if site.has(.line), !site.has(.keep) {
      if bytes.last == 0x0A { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
      if bytes.last == 0x0D { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
    }
    if let value = operand(site, regs) {
      let wanted = try count(value, "the number of bytes to receive")
      if bytes.count > wanted, !site.has(.peek) { return .impossible(excess(of: bytes.count, over: wanted)) }
      bytes = UnsafeRawBufferPointer(rebasing: bytes[..<min(wanted, bytes.count)])
    }
    return .complete(.string(ByteString.copy(bytes)), consuming: channel.input.count)
  }

  private func excess(of count: Int, over wanted: Int) -> Failure {
    Failure(
      .truncated, "a datagram of \(count) bytes has come, of which `recv \(wanted)` would lose \(count - wanted)",
      notes: ["nothing is lost: `recv` takes it whole, and `recv \(wanted) peek` looks at its first bytes"])
  }

  /// The next line: how long it is without and with what ends it. An unterminated rest is the last line.
  func nextLine(_ channel: Channel, from start: Int = 0) -> (count: Int, total: Int)? {
    let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
    guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
    guard let found = memchr(base, 0x0A, bytes.count) else {
      return channel.atEnd ? (bytes.count, bytes.count) : nil
    }
    let end = UnsafeRawPointer(found) - base
    return (end > 0 && bytes[end - 1] == 0x0D ? end - 1 : end, end + 1)
  }

  private func probeUntil(_ site: StepSite, _ channel: Channel, _ regs: Registers) throws(Failure) -> Probe {
    let pattern = option(.until, site, regs) ?? .nothing
    let bytes = channel.input.bytes
    let wanted = "expected bytes until \(Show.inspect(pattern).text)"
    if bytes.isEmpty, channel.hasEnded { return endOfInput(channel, wanted) }
    let start: Int
    let end: Int
    switch pattern {
    case .string(let delimiter):
      guard !delimiter.isEmpty else { throw .range("`recv until` needs a delimiter of at least one byte") }
      guard let found = bytes.offset(of: delimiter.bytes) else {
        return channel.hasEnded ? .impossible(partial(channel, wanted)) : .needsMore
      }
      start = found
      end = start + delimiter.count
    case .regex(let regex):
      switch regex.match(bytes, from: 0, anchored: false, partial: !channel.hasEnded) {
      case .matched:
        start = regex.matchedRange.lowerBound
        end = regex.matchedRange.upperBound
      case .partial, .none: return channel.hasEnded ? .impossible(partial(channel, wanted)) : .needsMore
      case .failed(let failure): throw failure
      }
    default: throw .type("`recv until` takes a string or a regular expression, not \(pattern.article)")
    }
    let kept = site.has(.keep) ? end : start
    return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[..<kept]))), consuming: end)
  }

  // MARK: - Showing

  /// Bytes as a script would write them, cut to what helps.
  /// - Parameter channel: of whose unread input they are a part.
  func shown(_ bytes: UnsafeRawBufferPointer, of channel: Channel? = nil, limit: Int = 200) -> String {
    // Half a secret is one, too: it is hidden before the bytes are cut.
    secrets.isEmpty ? excerpt(bytes, limit) : hidden(bytes, of: channel).withUnsafeBytes { excerpt($0, limit) }
  }

  func excerpt(_ bytes: UnsafeRawBufferPointer, _ limit: Int = 200) -> String {
    let part = UnsafeRawBufferPointer(rebasing: bytes[..<min(limit, bytes.count)])
    let text = Show.inspect(.string(ByteString.copy(part))).text
    return bytes.count > limit ? "\(text)… (\(bytes.count) bytes)" : text
  }

  /// How much is shown before the place that matters in bytes that are too many to be shown.
  static let excerptLead = 100

  /// The beginning, or where that would not show it, what stands around a place.
  func excerpt(_ bytes: UnsafeRawBufferPointer, around place: Int) -> String {
    let limit = 200
    guard bytes.count > limit, place >= Interpreter.excerptLead else { return excerpt(bytes, limit) }
    let start = min(place - Interpreter.excerptLead, bytes.count - limit)
    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + limit])
    let text = Show.inspect(.string(ByteString.copy(part))).text
    return "…\(text)\(start + limit < bytes.count ? "…" : "") (\(bytes.count) bytes)"
  }

  /// With how many bytes there are, also when all of them are shown.
  func shownWithCount(_ bytes: UnsafeRawBufferPointer, of channel: Channel) -> String {
    let limit = 200
    return hidden(bytes, of: channel).withUnsafeBytes { bytes in
      bytes.count > limit ? excerpt(bytes, limit) : "\(excerpt(bytes, limit)) (\(bytes.count) bytes)"
    }
  }

  /// What a reading step waits for, in words.
  func wanted(_ site: StepSite, _ regs: Registers) -> String {
    if site.verb == .expect { return "expected \(describe(site, regs)), but it did not come" }
    if site.has(.line) { return "no line came" }
    if site.has(.until) { return "\(Show.inspect(option(.until, site, regs) ?? .nothing).text) did not come" }
    if site.has(.message) { return "no whole message came" }
    if site.has(.exactly) { return "\(Show.text(option(.exactly, site, regs) ?? .nothing).text) bytes did not come" }
    if site.has(.all) { return "the end did not come" }
    return "nothing came"
  }
}

extension Channel {
  /// For changing settings of this channel only: an accepted one shares its listener's until then.
  func ownSettingsCopy() -> ChannelSettings {
    let copy = settings?.copy() ?? ChannelSettings()
    settings = copy
    return copy
  }
}
