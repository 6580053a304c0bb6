// `expect`: what comes next must match, and is found not to at the first byte that cannot.

import Glibc
import SockLanguage
import SocketCore

extension Interpreter {
  func expect(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try readable(site, task, regs)
    if site.has(.silence) { return try expectSilence(site, task, regs, channel) }
    if site.has(.eof) || site.has(.reset) || site.has(.closed) {
      if let output = channel.output, output.count > 0 { channel.flushWhatFits() }
    }
    guard site.has(.skipping) else { return try read(site, task, regs, channel) }
    // However it ends, what it has passed over is no affair of the next one.
    do throws(Failure) {
      let value = try read(site, task, regs, channel)
      if value != nil { task.keep = nil }
      return value
    } catch {
      task.keep = nil
      throw error
    }
  }

  // MARK: - Patterns

  func probeExpectation(_ site: StepSite, _ channel: Channel, _ regs: Registers, _ task: Task) throws(Failure) -> Probe {
    if site.has(.eof) || site.has(.reset) || site.has(.closed) { return probeEnd(site, channel) }
    if site.has(.line) { return try probeLine(site, channel, regs, task) }
    if site.has(.message) { return try probeMessage(site, channel, regs, task) }
    let pattern = operand(site, regs) ?? .nothing
    if channel.isDatagram {
      guard channel.hasDatagram else {
        return channel.hasEnded
          ? .impossible(channel.endFailure("expected a datagram \(inWords(pattern))")) : .needsMore
      }
      let datagram = channel.input.bytes
      let probe = try probeWhole(
        pattern, datagram, consuming: datagram.count, anchored: true, channel, "a datagram", site)
      if case .complete = probe, case .regex(let regex) = pattern, regex.matchedRange.upperBound < datagram.count {
        return .impossible(
          excess(of: datagram.count, over: regex.matchedRange.upperBound, "this pattern matches", pattern, channel))
      }
      return probe
    }
    let bytes = channel.input.bytes
    switch pattern {
    case .string(let wanted):
      let common = min(wanted.count, bytes.count)
      if common > 0, let base = bytes.baseAddress, memcmp(base, wanted.start, common) != 0 {
        return .impossible(mismatch("expected \(shown(wanted.bytes))", wanted: wanted.bytes, received: bytes, channel, site))
      }
      if common == wanted.count { return .complete(pattern, consuming: common) }
      if channel.hasEnded {
        return .impossible(partial(channel, "expected \(shown(wanted.bytes))"))
      }
      return .needsMore
    case .regex(let regex):
      switch regex.match(bytes, from: 0, anchored: true, partial: !channel.hasEnded) {
      case .matched:
        let count = regex.matchedRange.upperBound
        return .complete(.match(Match.copying(regex, from: bytes)), consuming: count)
      case .partial:
        return .needsMore
      case .none:
        // Nothing has come, and nothing is not what matches.
        if bytes.isEmpty, !channel.hasEnded { return .needsMore }
        if channel.hasEnded, bytes.isEmpty {
          return .impossible(partial(channel, "expected bytes matching \(Show.inspect(pattern).text)"))
        }
        return .impossible(
          mismatch("expected bytes matching \(Show.inspect(pattern).text)", wanted: nil, received: bytes, channel, site))
      case .failed(let failure): throw failure
      }
    default:
      throw .type("expect takes a string or a regular expression, not \(pattern.article)")
    }
  }

  /// A pattern held against something whose end is known: a datagram, a line, a message.
  private func probeWhole(
    _ pattern: Value, _ bytes: UnsafeRawBufferPointer, consuming: Int, anchored: Bool, _ channel: Channel,
    _ what: String, _ site: StepSite, from start: Int = 0
  ) throws(Failure) -> Probe {
    switch pattern {
    case .nothing: return .complete(.string(ByteString.copy(bytes)), consuming: consuming)
    case .string(let wanted):
      if wanted.count == bytes.count,
        wanted.isEmpty || bytes.baseAddress.map({ memcmp($0, wanted.start, wanted.count) == 0 }) ?? false
      {
        return .complete(pattern, consuming: consuming)
      }
      return .impossible(
        mismatch(
          "expected \(what) \(shown(wanted.bytes))", wanted: wanted.bytes, received: bytes, channel, site,
          consuming: consuming, from: start))
    case .regex(let regex):
      switch regex.match(bytes, from: 0, anchored: anchored, partial: false) {
      case .matched: return .complete(.match(Match.copying(regex, from: bytes)), consuming: consuming)
      case .partial, .none:
        return .impossible(
          mismatch(
            "expected \(what) matching \(Show.inspect(pattern).text)", wanted: nil, received: bytes, channel, site,
            consuming: consuming, from: start))
      case .failed(let failure): throw failure
      }
    default:
      throw .type("expect takes a string or a regular expression, not \(pattern.article)")
    }
  }

  private func probeLine(
    _ site: StepSite, _ channel: Channel, _ regs: Registers, _ task: Task
  ) throws(Failure) -> Probe {
    let pattern = operand(site, regs) ?? .nothing
    let skipping = option(.skipping, site, regs)
    var start = skipping == nil ? 0 : passedOver(site, channel, task)
    while true {
      let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
      if channel.isDatagram, !channel.hasDatagram {
        return channel.hasEnded ? .impossible(channel.endFailure("expected a line")) : .needsMore
      }
      guard let line = nextLine(channel, from: start) ?? (channel.isDatagram ? (bytes.count, bytes.count) : nil) else {
        if channel.hasEnded {
          return .impossible(partial(channel, "expected a line\(pattern.isTrue ? " \(inWords(pattern))" : "")"))
        }
        // A string that the line's start already contradicts need not wait for its end.
        if case .string(let wanted) = pattern, skipping == nil, let base = bytes.baseAddress, bytes.count > 0 {
          let common = min(wanted.count, bytes.count)
          let isLonger = bytes.count > wanted.count && bytes[wanted.count] != 0x0D
          if memcmp(base, wanted.start, common) != 0 || isLonger {
            return .impossible(
              mismatch("expected a line \(shown(wanted.bytes))", wanted: wanted.bytes, received: bytes, channel, site))
          }
        }
        return .needsMore
      }
      let text = UnsafeRawBufferPointer(rebasing: bytes[..<line.count])
      // What follows a line of a stream is the next step's; what follows in a datagram would be lost.
      let isCutOff = channel.isDatagram && line.total < bytes.count
      var whole = text
      if isCutOff, case .string = pattern { whole = withoutLineEnd(bytes) }
      let probe = try probeWhole(
        pattern, whole, consuming: isCutOff ? bytes.count : start + line.total, anchored: false, channel, "a line",
        site, from: start)
      if isCutOff, case .complete = probe, whole.count == text.count {
        return .impossible(excess(of: bytes.count, over: line.total, "the line takes", pattern, channel))
      }
      guard case .impossible = probe, let skipping, try matches(skipping, text) else { return probe }
      if isCutOff {
        return .impossible(excess(of: bytes.count, over: line.total, "`skipping` passes over", pattern, channel))
      }
      start = passOver(line.total, from: start, site, channel, task)
    }
  }

  private func withoutLineEnd(_ datagram: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard datagram.last == 0x0A else { return datagram }
    let text = UnsafeRawBufferPointer(rebasing: datagram.dropLast())
    return text.last == 0x0D ? UnsafeRawBufferPointer(rebasing: text.dropLast()) : text
  }

  /// A step would take a part of a datagram, and the rest would be lost.
  private func excess(
    of count: Int, over taken: Int, _ what: String, _ pattern: Value, _ channel: Channel
  ) -> Failure {
    let rest = UnsafeRawBufferPointer(rebasing: channel.input.bytes[taken...])
    let failure = Failure(
      .truncated, "a datagram of \(count) bytes has come, of which \(what) only \(taken)",
      notes: ["rest      \(shown(rest, of: channel))"])
    var message = "`expect message"
    if case .regex = pattern { message += " \(Show.inspect(pattern).text)" }
    failure.notes.append("help      nothing is lost: \(message)` takes it whole")
    failure.channel = channel
    return failure
  }

  private func probeMessage(
    _ site: StepSite, _ channel: Channel, _ regs: Registers, _ task: Task
  ) throws(Failure) -> Probe {
    let pattern = operand(site, regs) ?? .nothing
    let skipping = option(.skipping, site, regs)
    var start = skipping == nil ? 0 : passedOver(site, channel, task)
    while true {
      let length: Int
      if channel.isDatagram {
        guard channel.hasDatagram else {
          return channel.hasEnded ? .impossible(channel.endFailure("expected a message")) : .needsMore
        }
        length = channel.input.count
      } else {
        guard let found = try messageLength(channel, from: start, site, task) else {
          return channel.hasEnded ? .impossible(partial(channel, "expected a message")) : .needsMore
        }
        length = found
      }
      let text = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start..<start + length])
      let probe = try probeWhole(
        pattern, text, consuming: start + length, anchored: false, channel, "a message", site, from: start)
      guard case .impossible = probe, let skipping, try matches(skipping, text) else { return probe }
      start = passOver(length, from: start, site, channel, task)
    }
  }

  // MARK: - Skipping

  /// How far `skipping` has passed over what a channel holds; it is consumed only together with what was expected.
  private final class Skipped {
    var places: [ObjectIdentifier: (end: Int, consumptions: Int)] = [:]
  }

  private func passedOver(_ site: StepSite, _ channel: Channel, _ task: Task) -> Int {
    guard let place = (task.keep as? Skipped)?.places[ObjectIdentifier(site)],
      place.consumptions == channel.consumptions, place.end <= channel.input.count
    else { return 0 }
    return place.end
  }

  /// Where to look on. A datagram that is passed over is gone: there is one at a time.
  private func passOver(_ count: Int, from start: Int, _ site: StepSite, _ channel: Channel, _ task: Task) -> Int {
    if channel.isDatagram {
      channel.consume(count)
      return 0
    }
    let skipped = task.keep as? Skipped ?? Skipped()
    task.keep = skipped
    skipped.places[ObjectIdentifier(site)] = (start + count, channel.consumptions)
    return start + count
  }

  private func matches(_ pattern: Value, _ bytes: UnsafeRawBufferPointer) throws(Failure) -> Bool {
    switch pattern {
    case .string(let wanted): return wanted.count == bytes.count && memcmp(wanted.start, bytes.baseAddress ?? UnsafeRawPointer(wanted.start), wanted.count) == 0
    case .regex(let regex):
      switch regex.match(bytes, from: 0, anchored: false, partial: false) {
      case .matched: return true
      case .partial, .none: return false
      case .failed(let failure): throw failure
      }
    default: throw .type("skipping takes a string or a regular expression, not \(pattern.article)")
    }
  }

  // MARK: - Ends and silence

  private func probeEnd(_ site: StepSite, _ channel: Channel) -> Probe {
    let wanted =
      site.has(.eof) ? "expected the end of the stream"
      : site.has(.reset) ? "expected a reset" : "expected the peer to close"
    if !channel.input.isEmpty || channel.hasDatagram {
      let failure = Failure(.mismatch, "\(wanted), but there are unread bytes")
      failure.notes.append("unread    \(shownWithCount(channel.input.bytes, of: channel))")
      failure.channel = channel
      return .impossible(failure)
    }
    if let error = channel.failure {
      if site.has(.closed), error == .connectionReset { return .complete(Value(StaticString("reset")), consuming: 0) }
      if site.has(.reset), error == .connectionReset { return .complete(.boolean(true), consuming: 0) }
      return .impossible(channel.endFailure(wanted))
    }
    guard channel.atEnd else { return .needsMore }
    channel.endWasTold()
    if site.has(.closed) { return .complete(Value(StaticString("eof")), consuming: 0) }
    if site.has(.eof) { return .complete(.boolean(true), consuming: 0) }
    return .impossible(channel.endFailure(wanted))
  }

  private func expectSilence(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    if !task.stepHasBegun {
      guard let seconds = option(.silence, site, regs)?.number, seconds >= 0 else {
        throw .type("`expect silence` takes a duration like 200ms")
      }
      try beginPause(seconds, site, task, regs)
    }
    if case .nothingYet = try channel.fill(self), channel.input.isEmpty, !channel.hasDatagram, !channel.hasEnded {
      if isLate(task) {
        if task.stage == 1 { throw Failure(.timeout, "the time was over before the silence was") }
        return .boolean(true)
      }
      try scheduler.waitForReading(task, channel)
      scheduler.arm(task, at: task.stepDeadline)
      return nil
    }
    let failure: Failure
    if !channel.input.isEmpty || channel.hasDatagram {
      failure = Failure(.mismatch, "expected silence, but bytes came")
      failure.notes.append("received  \(shown(channel.input.bytes, of: channel))")
    } else {
      failure = channel.endFailure("expected silence")
    }
    failure.channel = channel
    throw failure
  }

  // MARK: - Failures that explain themselves

  private func inWords(_ pattern: Value) -> String {
    switch pattern {
    case .regex: return "matching \(Show.inspect(pattern).text)"
    default: return Show.inspect(pattern).text
    }
  }

  /// What a step expects, in words.
  func describe(_ site: StepSite, _ regs: Registers) -> String {
    if site.has(.eof) { return "the end of the stream" }
    if site.has(.reset) { return "a reset" }
    if site.has(.closed) { return "the peer to close" }
    let pattern = operand(site, regs) ?? .nothing
    let what = site.has(.line) ? "a line" : site.has(.message) ? "a message" : ""
    if case .nothing = pattern { return what }
    if what.isEmpty, case .regex = pattern { return "bytes \(inWords(pattern))" }
    return what.isEmpty ? inWords(pattern) : "\(what) \(inWords(pattern))"
  }

  private func mismatch(
    _ message: String, wanted: UnsafeRawBufferPointer?, received: UnsafeRawBufferPointer, _ channel: Channel,
    _ site: StepSite, consuming: Int? = nil, from start: Int = 0
  ) -> Failure {
    let failure = Failure(.mismatch, message)
    failure.channel = channel
    var at = 0
    if let wanted {
      while at < min(wanted.count, received.count), wanted[at] == received[at] { at += 1 }
    }
    // Of an unbounded stream, what stands in the first line is what the reader wants to see.
    var first = received
    if consuming == nil, let base = received.baseAddress, let end = memchr(base, 0x0A, received.count) {
      first = UnsafeRawBufferPointer(rebasing: received[...(UnsafeRawPointer(end) - base)])
      // Unless that is as it should be: then all that was expected.
      if let wanted, at >= first.count {
        first = UnsafeRawBufferPointer(rebasing: received[..<min(received.count, max(wanted.count, first.count))])
      }
    } else if let consuming, consuming <= channel.input.count {
      first = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start..<consuming])
    }
    let secrets = wanted.map { hiddenRanges($0, of: nil) } ?? []
    let secret = secrets.first { $0.contains(at) }
    let shownFirst = hidden(first, of: channel)
    /// Counted in what is shown of it.
    func place(_ offset: Int) -> Int {
      secrets.reduce(offset) { $1.upperBound <= offset ? $0 - $1.count + Secrets.stars.count : $0 }
    }
    failure.notes.append("received  \(shownFirst.withUnsafeBytes { excerpt($0, around: place(at)) })")
    if let wanted, wanted.count > 0 {
      let expected = hidden(wanted)
      if max(expected.count, shownFirst.count) > 200, place(at) >= Interpreter.excerptLead {
        failure.notes.append("expected  \(expected.withUnsafeBytes { excerpt($0, around: place(at)) })")
      }
      if secret != nil {
        failure.notes.append("differs   in a secret")
      } else if at == received.count {
        failure.notes.append("differs   what came ends after \(place(at)) of \(place(wanted.count)) bytes")
      } else if at == wanted.count {
        failure.notes.append("differs   at byte \(place(at)): there is more than expected")
      } else if at > 0 || !site.has(.line) {
        failure.notes.append("differs   at byte \(place(at))")
      }
      if !site.has(.line), !site.has(.message), !channel.isDatagram,
        received.offset(of: wanted) != nil
      {
        failure.notes.append("help      it comes later: `recv until` skips to it")
      }
    }
    let rest = channel.input.count - start - first.count
    if rest > 0 {
      let unread = UnsafeRawBufferPointer(rebasing: channel.input.bytes[(start + first.count)...])
      failure.notes.append("unread    \(shownWithCount(unread, of: channel))")
    }
    let near = max(0, at - 128)
    if let wanted,
      HexDump.helps(
        UnsafeRawBufferPointer(rebasing: wanted[min(near, wanted.count)...]),
        UnsafeRawBufferPointer(rebasing: received[min(near, received.count)...]))
    {
      let expected = hidden(wanted)
      failure.appendix += expected.withUnsafeBytes { expected in
        shownFirst.withUnsafeBytes { HexDump.comparison(expected: expected, received: $0) }
      }
    }
    return failure
  }

  /// The deadline came first: what there is so far, and why it did not do.
  func describeLateness(_ failure: Failure, _ site: StepSite, _ channel: Channel, _ regs: Registers) {
    guard !channel.input.isEmpty else {
      failure.notes.append("received  nothing")
      if let process = channel.process, process.status == nil {
        failure.notes.append(
          "help: a program whose output is no terminal may keep it until it has some KiB: try `stdbuf -oL`, `python3 -u`"
        )
      }
      return
    }
    failure.notes.append("unread    \(shownWithCount(channel.input.bytes, of: channel))")
    guard site.verb == .expect, case .regex(let regex)? = operand(site, regs), !site.has(.line), !site.has(.message) else { return }
    if case .matched = regex.match(channel.input.bytes, from: 0, anchored: true, partial: false) {
      let matched = UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<regex.matchedRange.upperBound])
      let text = shown(matched, of: channel)
      failure.notes.append("matches   \(text) so far; end the pattern with what follows")
    }
  }
}

/// Two byte strings side by side, where text alone would mislead.
enum HexDump {
  /// Unprintable bytes, or a difference in white space or line ends only.
  static func helps(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    func isOdd(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x0D && byte != 0x0A && byte != 0x09 || byte >= 0x7F }
    if a.prefix(256).contains(where: isOdd) || b.prefix(256).contains(where: isOdd) { return true }
    func visible(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { bytes.prefix(256).filter { $0 > 0x20 } }
    return visible(a) == visible(b)
  }

  /// Both sides around the first byte that differs, which is marked.
  static func comparison(expected: UnsafeRawBufferPointer, received: UnsafeRawBufferPointer) -> [String] {
    var at = 0
    while at < min(expected.count, received.count), expected[at] == received[at] { at += 1 }
    let start = at / 16 * 16
    var lines = row("expected", expected, start)
    lines += row("received", received, start)
    let column = 10 + 6 + (at - start) * 3
    lines.append(String(repeating: " ", count: column) + "^^ byte \(at)")
    return lines
  }

  /// The 16 bytes from `start` on, in hex and as text.
  static func row(_ name: String, _ bytes: UnsafeRawBufferPointer, _ start: Int) -> [String] {
    func digits(_ value: Int, _ width: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    var hex = ""
    var text = ""
    for at in start..<max(start, min(start + 16, bytes.count)) {
      hex += digits(Int(bytes[at]), 2) + " "
      text += bytes[at] >= 0x20 && bytes[at] < 0x7F ? String(UnicodeScalar(bytes[at])) : "."
    }
    hex += String(repeating: " ", count: max(0, 48 - hex.count))
    return ["\(name)  \(digits(start, 4))  \(hex) \(text)"]
  }
}
