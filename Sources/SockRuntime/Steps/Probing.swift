// Whether what has come is enough for a reading step: what `recv`, `expect` and `select` share.
//
// A probe looks at what the channel holds and consumes nothing. A reading step is: probe, and while it needs more, fill
// the channel and probe again. `select` probes each of its cases, and only the chosen one consumes.

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

extension StepCall {
  @inline(__always)
  func readable() throws(Failure) -> Channel {
    let channel = try channel()
    try requireReadable(channel)
    return channel
  }

  @inline(__always)
  func requireReadable(_ channel: Channel) throws(Failure) {
    try channel.requireOpen(site.verb.rawValue)
    if channel.kind == .listener {
      throw .type("\(channel.label) listens; `accept` a connection to \(site.verb.rawValue) from")
    }
    if let reader = channel.reader, reader !== task { throw busy(channel) }
    if channel.wasTruncated {
      // What was lost has been on the screen.
      guard site.has(.screen) else { throw channel.truncation() }
      channel.wasTruncated = false
    }
  }

  /// Performs a reading step: looks at what there is, and for more until it is decided.
  func read(_ channel: Channel) throws(Failure) -> Value? {
    var hasLookedAgain = false
    while true {
      switch try probe(channel) {
      case .complete(let value, let count): return take(value, count, channel)
      case .impossible(let failure):
        failure.channel = failure.channel ?? channel
        throw failure
      case .needsMore: break
      }
      switch try channel.fill(limits, wanted: site.has(.exactly) ? option(.exactly)?.wholeNumber ?? 0 : 0) {
      case .something:
        if channel.wasTruncated { throw channel.truncation() }
      case .nothingYet:
        if channel.isNonblocking, site.verb == .recv { return Value(StaticString("")) }
        if !task.step.hasBegun {
          try begin(channel)
          if task.isLate, !channel.readiness.canRead {
            // `within 0s`: what is there now. Nobody may have been told of it.
            channel.readiness.canRead = true
            continue
          }
        }
        if let extras = channel.extras, !extras.clients.isEmpty, isDeserted(channel) {
          // What it has sent at last may not have been told of.
          if !hasLookedAgain {
            hasLookedAgain = true
            channel.readiness.canRead = true
            continue
          }
          throw desertion(of: channel, wanted())
        }
        do throws(Failure) {
          try waitToRead(channel) { self.wanted() }
        } catch {
          if error.code == .timeout { describeLateness(error, channel) }
          throw error
        }
        if let extras = channel.extras, !extras.clients.isEmpty { watchClients(of: channel) }
        return nil
      }
    }
  }

  /// Takes what a step gives from its channel, unless it only peeks.
  @inline(__always)
  func take(_ value: Value, _ count: Int, _ channel: Channel) -> Value {
    if site.has(.peek) {
      if channel.datagram != nil { channel.noteSender() }
      if let secrets = scheduler.secrets, case .string(let text) = value {
        channel.noteRead(text.count, for: secrets, isPeek: true)
      }
      return value
    }
    recorder?.received(value, taken(count, channel), channel, site, task)
    channel.consume(count)
    return value
  }

  /// What a step uses up when it has used that many bytes.
  func taken(_ count: Int, _ channel: Channel) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<min(count, channel.input.count)])
  }

  // MARK: - What recv asks for

  /// Whether a reading step can complete with what the channel holds. Consumes nothing.
  func probe(_ channel: Channel) throws(Failure) -> Probe {
    if site.verb == .expect { return try probeExpectation(channel) }
    if site.has(.message), let layout { return try probe(layout, channel) }
    if channel.isDatagram { return try probeDatagram(channel) }
    if site.has(.line) {
      guard let line = try nextLine(channel) else {
        if !channel.hasEnded { return .needsMore }
        return endOfInput(channel, "expected a line")
      }
      let kept = site.has(.keep) ? line.total : line.count
      return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<kept]))), consuming: line.total)
    }
    if site.has(.until) { return try probeUntil(channel) }
    if site.has(.message) {
      guard let length = try messageLength(channel) else {
        if !channel.hasEnded { return .needsMore }
        if channel.input.isEmpty { return endOfInput(channel, "expected a message") }
        return .impossible(partial(channel, "expected a message"))
      }
      return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<length]))), consuming: length)
    }
    if site.has(.exactly) {
      let wanted = try (option(.exactly) ?? .nothing).count("the number of bytes to receive", minimum: 0)
      guard wanted <= ByteString.maximumCount else {
        throw .limit("cannot receive \(wanted) bytes at once: a string holds up to 1 GiB (limit string)")
      }
      if channel.input.count >= wanted {
        return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<wanted]))), consuming: wanted)
      }
      if !channel.hasEnded { return .needsMore }
      if channel.input.isEmpty { return endOfInput(channel, "expected exactly \(wanted) bytes") }
      return .impossible(partial(channel, "expected exactly \(wanted) bytes"))
    }
    if site.has(.all) {
      if !channel.hasEnded { return .needsMore }
      if channel.hasFailed { return .impossible(partial(channel, "expected all until the end")) }
      if channel.input.isEmpty || channel.kind == .standard { channel.endWasTold() }
      return .complete(.string(ByteString.copy(channel.input.bytes)), consuming: channel.input.count)
    }
    if channel.input.isEmpty {
      if !channel.hasEnded { return .needsMore }
      return endOfInput(channel, "expected bytes")
    }
    var wanted = channel.input.count
    if let value = operand { wanted = min(wanted, try value.count("the number of bytes to receive")) }
    return .complete(.string(ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<wanted]))), consuming: wanted)
  }

  /// Nil at the end, once: who reads on after that gets the error.
  func endOfInput(_ channel: Channel, _ wanted: String) -> Probe {
    if channel.hasFailed { return .impossible(channel.endFailure(wanted)) }
    if case .eofTold? = channel.end {
      let failure = Failure(.eof, "\(wanted), but the stream ended, as the nil before said")
      failure.channel = channel
      return .impossible(failure)
    }
    channel.endWasTold()
    return .complete(.nothing, consuming: 0)
  }

  /// The end came in the middle: what there is of it is shown.
  func partial(_ channel: Channel, _ wanted: String) -> Failure {
    if channel.input.isEmpty { return channel.endFailure(wanted) }
    let came = run.hidden(channel.input.bytes, of: channel)
    let failure = channel.endFailure(
      wanted, behind: came.count <= 40
        ? ByteDifference.quoted(came[...])
        : "\(ByteDifference.bytes(channel.input.count)), …\(ByteDifference.quoted(came.suffix(40)))")
    if came.count > 40 { failure.notes.append("received  \(run.shown(channel.input.bytes, of: channel))") }
    if site.has(.message) { tellFraming(of: channel, failure) }
    return failure
  }

  private func probeDatagram(_ channel: Channel) throws(Failure) -> Probe {
    guard channel.datagram != nil else {
      return channel.hasEnded ? .impossible(channel.endFailure("expected a datagram")) : .needsMore
    }
    for word in [OptionWord.until, .exactly, .all, .quiet] where site.has(word) {
      throw .type("a datagram is received whole; `recv \(word.rawValue)` is for streams")
    }
    var bytes = channel.input.bytes
    if site.has(.line), !site.has(.keep) {
      if bytes.last == 0x0A { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
      if bytes.last == 0x0D { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
    }
    if let value = operand {
      let wanted = try value.count("the number of bytes to receive")
      if bytes.count > wanted, !site.has(.peek) { return .impossible(excess(of: bytes.count, over: wanted)) }
      bytes = UnsafeRawBufferPointer(rebasing: bytes[..<min(wanted, bytes.count)])
    }
    return .complete(.string(ByteString.copy(bytes)), consuming: channel.input.count)
  }

  private func excess(of count: Int, over wanted: Int) -> Failure {
    Failure(
      .truncated, "a datagram of \(count) bytes has come, of which `recv \(wanted)` would lose \(count - wanted)",
      notes: ["help: write `recv` to take it whole, or `recv \(wanted) peek` to look at its first bytes; nothing is lost yet"])
  }

  /// The next line: how long it is without and with what ends it. An unterminated rest is the last line.
  func nextLine(_ channel: Channel, from start: Int = 0) throws(Failure) -> (count: Int, total: Int)? {
    let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
    guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
    guard let found = memchr(base, 0x0A, bytes.count) else {
      return channel.atEnd ? (bytes.count, bytes.count) : nil
    }
    let end = UnsafeRawPointer(found) - base
    if let settings = channel.settings, settings.isEndOfLineStrict { return try strictLine(bytes, endingAt: end, channel) }
    return (end > 0 && bytes[end - 1] == 0x0D ? end - 1 : end, end + 1)
  }

  /// The line of a channel that takes no line end but its own.
  private func strictLine(
    _ bytes: UnsafeRawBufferPointer, endingAt end: Int, _ channel: Channel
  ) throws(Failure) -> (count: Int, total: Int)? {
    guard channel.eol == [0x0D, 0x0A] else { return (end, end + 1) }
    if end > 0, bytes[end - 1] == 0x0D { return (end - 1, end + 1) }
    let line = UnsafeRawBufferPointer(rebasing: bytes[...end])
    let failure = Failure(.mismatch, "expected a line that ends with CRLF")
    let shown = run.hidden(line, of: channel)
    failure.outcome = ", received \(ByteDifference.quoted(shown[...])), which ends with LF alone"
    failure.notes.append("received  \(shown.withUnsafeBytes { run.excerpt($0) })")
    failure.notes.append("differs   at byte \(end): LF alone, CRLF expected (`eol strict`)")
    failure.channel = channel
    throw failure
  }

  private func probeUntil(_ channel: Channel) throws(Failure) -> Probe {
    let pattern = option(.until) ?? .nothing
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
}
