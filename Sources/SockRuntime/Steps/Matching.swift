// What `expect` asks of what has come: a pattern held against bytes, a line, a message, a datagram, or the end.

import Glibc
import SockLanguage
import SocketCore

extension StepCall {
  func probeExpectation(_ channel: Channel) throws(Failure) -> Probe {
    if site.asksForEnd { return probeEnd(channel) }
    if site.has(.line) { return try probeLine(channel) }
    if site.has(.screen) { return try probeScreen(channel) }
    if site.has(.message) {
      if let layout { return try probe(layout, channel) }
      return try probeMessage(channel)
    }
    let pattern = operand ?? .nothing
    if channel.isDatagram {
      guard channel.datagram != nil else {
        return channel.hasEnded
          ? .impossible(channel.endFailure("expected a datagram \(inWords(pattern))")) : .needsMore
      }
      let datagram = channel.input.bytes
      let probe = try probeWhole(
        pattern, datagram, consuming: datagram.count, anchored: true, channel, "a datagram")
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
        return .impossible(mismatch("expected \(wantedWords(wanted.bytes))", wanted: wanted.bytes, received: bytes, channel))
      }
      if common == wanted.count { return .complete(pattern, consuming: common) }
      if channel.hasEnded {
        return .impossible(partial(channel, "expected \(wantedWords(wanted.bytes))"))
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
          mismatch("expected bytes matching \(Show.inspect(pattern).text)", wanted: nil, received: bytes, channel))
      case .failed(let failure): throw failure
      }
    default:
      throw .type("expect takes a string or a regular expression, not \(pattern.article)")
    }
  }

  /// A pattern held against something whose end is known: a datagram, a line, a message.
  private func probeWhole(
    _ pattern: Value, _ bytes: UnsafeRawBufferPointer, consuming: Int, anchored: Bool, _ channel: Channel,
    _ what: String, from start: Int = 0
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
          "expected \(wantedWords(wanted.bytes, what))", wanted: wanted.bytes, received: bytes, channel,
          consuming: consuming, from: start))
    case .regex(let regex):
      switch regex.match(bytes, from: 0, anchored: anchored, partial: false) {
      case .matched: return .complete(.match(Match.copying(regex, from: bytes)), consuming: consuming)
      case .partial, .none:
        return .impossible(
          mismatch(
            "expected \(what) matching \(Show.inspect(pattern).text)", wanted: nil, received: bytes, channel,
            consuming: consuming, from: start))
      case .failed(let failure): throw failure
      }
    default:
      throw .type("expect takes a string or a regular expression, not \(pattern.article)")
    }
  }

  private func probeLine(_ channel: Channel) throws(Failure) -> Probe {
    let pattern = operand ?? .nothing
    let skipping = option(.skipping)
    var start = skipping == nil ? 0 : passedOver(channel)
    while true {
      let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
      if channel.isDatagram, channel.datagram == nil {
        return channel.hasEnded ? .impossible(channel.endFailure("expected a line")) : .needsMore
      }
      guard let line = try nextLine(channel, from: start) ?? (channel.isDatagram ? (bytes.count, bytes.count) : nil) else {
        if channel.hasEnded {
          return .impossible(partial(channel, "expected a line\(pattern.isTrue ? " \(inWords(pattern))" : "")"))
        }
        // A string that the line's start already contradicts need not wait for its end.
        if case .string(let wanted) = pattern, skipping == nil, let base = bytes.baseAddress, bytes.count > 0 {
          let common = min(wanted.count, bytes.count)
          let isLonger = bytes.count > wanted.count && bytes[wanted.count] != 0x0D
          if memcmp(base, wanted.start, common) != 0 || isLonger {
            return .impossible(
              mismatch("expected \(wantedWords(wanted.bytes, "a line"))", wanted: wanted.bytes, received: bytes, channel))
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
        from: start)
      if isCutOff, case .complete = probe, whole.count == text.count {
        return .impossible(excess(of: bytes.count, over: line.total, "the line takes", pattern, channel))
      }
      if case .impossible = probe, channel.atEnd, !channel.isDatagram, bytes.last != 0x0A, line.total == bytes.count {
        // It might have gone on as it should: what was wrong is the end.
        return .impossible(partial(channel, "expected a line\(pattern.isTrue ? " \(inWords(pattern))" : "")"))
      }
      guard case .impossible = probe, let skipping, try matches(skipping, text) else { return probe }
      if isCutOff {
        return .impossible(excess(of: bytes.count, over: line.total, "`skipping` passes over", pattern, channel))
      }
      start = passOver(line.total, from: start, channel)
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
      notes: ["rest      \(run.shown(rest, of: channel))"])
    var message = "`expect message"
    if case .regex = pattern { message += " \(Show.inspect(pattern).text)" }
    failure.notes.append("help: \(message)` takes it whole; nothing is lost yet")
    failure.channel = channel
    return failure
  }

  private func probeMessage(_ channel: Channel) throws(Failure) -> Probe {
    let pattern = operand ?? .nothing
    let skipping = option(.skipping)
    var start = skipping == nil ? 0 : passedOver(channel)
    while true {
      let length: Int
      if channel.isDatagram {
        guard channel.datagram != nil else {
          return channel.hasEnded ? .impossible(channel.endFailure("expected a message")) : .needsMore
        }
        length = channel.input.count
      } else {
        guard let found = try messageLength(channel, from: start) else {
          return channel.hasEnded ? .impossible(partial(channel, "expected a message")) : .needsMore
        }
        length = found
      }
      let text = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start..<start + length])
      let probe = try probeWhole(
        pattern, text, consuming: start + length, anchored: false, channel, "a message", from: start)
      guard case .impossible = probe, let skipping, try matches(skipping, text) else { return probe }
      start = passOver(length, from: start, channel)
    }
  }

  private func probeEnd(_ channel: Channel) -> Probe {
    let wanted = "expected \(describe())"
    if !channel.input.isEmpty || channel.datagram != nil {
      let failure = Failure(.mismatch, "\(wanted), but there are unread bytes")
      failure.notes.append("unread    \(run.shownWithCount(channel.input.bytes, of: channel))")
      failure.channel = channel
      return .impossible(failure)
    }
    switch channel.end {
    case nil: return .needsMore
    case .eof?, .eofTold?:
      channel.endWasTold()
      if site.has(.closed) { return .complete(Value(StaticString("eof")), consuming: 0) }
      if site.has(.eof) { return .complete(.boolean(true), consuming: 0) }
    case .cut?:
      if site.has(.closed) { return .complete(Value(StaticString("truncated")), consuming: 0) }
    case .broken(let error)?:
      if let name = site.text(of: .alert), case .alertReceived(let alert) = error.kind, alert.name == name {
        return .complete(Value(name), consuming: 0)
      }
    case .failed(let error)?:
      if site.has(.closed), error == .connectionReset { return .complete(Value(StaticString("reset")), consuming: 0) }
      if site.has(.reset), error == .connectionReset { return .complete(.boolean(true), consuming: 0) }
    }
    return .impossible(channel.endFailure(wanted))
  }

  // MARK: - Skipping

  /// How far `skipping` has passed over what a channel holds; it is consumed only together with what was expected.
  private final class Skipped {
    var places: [ObjectIdentifier: (end: Int, consumptions: Int)] = [:]
  }

  func passedOver(_ channel: Channel) -> Int {
    guard let place = (task.step.work as? Skipped)?.places[ObjectIdentifier(site)],
      place.consumptions == channel.consumptions, place.end <= channel.input.count
    else { return 0 }
    return place.end
  }

  /// Where to look on. A datagram that is passed over is gone: there is one at a time.
  func passOver(_ count: Int, from start: Int, _ channel: Channel) -> Int {
    if channel.isDatagram {
      channel.consume(count)
      return 0
    }
    let skipped = task.step.work as? Skipped ?? Skipped()
    task.step.work = skipped
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
}
