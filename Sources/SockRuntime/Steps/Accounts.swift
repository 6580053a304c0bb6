// What a failed reading step says: what it wanted, what came instead, and where the two part.

import Glibc
import SockLanguage
import SocketCore

extension Interpreter {
  /// Bytes as a script would write them, cut to what helps.
  /// - Parameter channel: of whose unread input they are a part.
  func shown(_ bytes: UnsafeRawBufferPointer, of channel: Channel? = nil, limit: Int = 200) -> String {
    // Half a secret is one, too: it is hidden before the bytes are cut.
    secrets.isEmpty ? excerpt(bytes, limit) : hidden(bytes, of: channel).withUnsafeBytes { excerpt($0, limit) }
  }

  func excerpt(_ bytes: UnsafeRawBufferPointer, _ limit: Int = 200) -> String {
    let part = UnsafeRawBufferPointer(rebasing: bytes[..<min(limit, bytes.count)])
    let text = Show.inspect(.string(ByteString.copy(part))).text
    return bytes.count > limit ? "\(text)… (\(ByteDifference.bytes(bytes.count)))" : text
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
      bytes.count > limit ? excerpt(bytes, limit) : "\(excerpt(bytes, limit)) (\(ByteDifference.bytes(bytes.count)))"
    }
  }
}

extension StepCall {
  /// What a reading step waits for, in words.
  func wanted() -> String {
    if site.verb == .expect { return "expected \(describe()), but it did not come" }
    if site.has(.line) { return "no line came" }
    if site.has(.until) { return "\(Show.inspect(option(.until) ?? .nothing).text) did not come" }
    if site.has(.message) { return "no whole \(layout.map { "message \($0.name)" } ?? "message") came" }
    if site.has(.exactly) { return "\(Show.text(option(.exactly) ?? .nothing).text) bytes did not come" }
    if site.has(.all) { return "the end did not come" }
    return "nothing came"
  }

  func inWords(_ pattern: Value) -> String {
    switch pattern {
    case .regex: return "matching \(Show.inspect(pattern).text)"
    default: return Show.inspect(pattern).text
    }
  }

  /// What a step expects, in words.
  func describe() -> String {
    if site.has(.eof) { return "the end of the stream" }
    if site.has(.reset) { return "a reset" }
    if site.has(.closed) { return "the peer to close" }
    if let name = site.text(of: .alert) { return "the alert \(name)" }
    let pattern = operand ?? .nothing
    let what = site.has(.line) ? "a line" : site.has(.message) ? "a message" : ""
    if case .nothing = pattern { return what }
    if case .message(let layout) = pattern { return "\(what) \(layout.name)" }
    if what.isEmpty, case .regex = pattern { return "bytes \(inWords(pattern))" }
    return what.isEmpty ? inWords(pattern) : "\(what) \(inWords(pattern))"
  }

  /// The bytes that a step expects, in words: of many, how many they are.
  func wantedWords(_ wanted: UnsafeRawBufferPointer, _ what: String = "") -> String {
    let isLong = wanted.count > ByteDifference.longest
    if what.isEmpty { return isLong ? ByteDifference.bytes(wanted.count) : run.shown(wanted) }
    return isLong ? "\(what) of \(ByteDifference.bytes(wanted.count))" : "\(what) \(run.shown(wanted))"
  }

  /// What the framing says of the message that has not come whole.
  func tellFraming(of channel: Channel, _ failure: Failure) {
    guard !channel.isDatagram, !channel.input.isEmpty, let words = framingWords(channel) else { return }
    failure.notes.append("framing   \(words)")
    if let layout, channel.settings?.framing?.isOf(layout) ?? true {
      tellFields(of: layout, channel.input.bytes, isWhole: false, channel, 0, failure)
    }
  }

  func mismatch(
    _ message: String, wanted: UnsafeRawBufferPointer?, received: UnsafeRawBufferPointer, _ channel: Channel,
    consuming: Int? = nil, from start: Int = 0
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
    let shownFirst = run.hidden(first, of: channel)
    failure.unread = channel.input.count - start
    failure.expected = wanted.map { Array($0) }
    guard let wanted else {
      failure.outcome = ", received \(ByteDifference.quoted(withoutLineEnd(shownFirst)))"
      if shownFirst.count > ByteDifference.longest {
        failure.notes.append("received  \(shownFirst.withUnsafeBytes { run.excerpt($0) })")
      }
      tellHowFar(received, channel, failure)
      tellUnread(channel, from: start + first.count, failure)
      return failure
    }
    // A line is compared without its end, and an unbounded stream as far as it was expected to go.
    var compared = shownFirst
    if site.has(.line), consuming != nil { compared = Array(withoutLineEnd(shownFirst)) }
    let expected = run.hidden(wanted)
    if expected.count != wanted.count || shownFirst.count != first.count {
      // Places in what is hidden would be told wrongly, and would tell of it.
      failure.outcome = ", received \(ByteDifference.quoted(withoutLineEnd(shownFirst)))"
    } else if let difference = ByteDifference(expected: expected, received: compared) {
      failure.differsAt = difference.at
      tell(difference, of: shownFirst, failure)
    } else {
      failure.notes.append("received  \(shownFirst.withUnsafeBytes { run.excerpt($0) })")
      failure.notes.append("differs   in a secret")
    }
    if !site.has(.line), !site.has(.message), !channel.isDatagram, received.offset(of: wanted) != nil {
      failure.notes.append("help: it comes later: `recv until` skips to it")
    }
    tellUnread(channel, from: start + first.count, failure)
    tellOrder(wanted, channel, from: start + first.count, failure)
    return failure
  }

  /// What was expected has come, too, behind what came instead.
  private func tellOrder(_ wanted: UnsafeRawBufferPointer, _ channel: Channel, from start: Int, _ failure: Failure) {
    guard site.has(.line), !channel.isDatagram, channel.input.count > start, !wanted.isEmpty else { return }
    let rest = run.hidden(UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...]), of: channel)
    let lines = rest.split(separator: 0x0A, maxSplits: 100, omittingEmptySubsequences: false)
    let line = Array(run.hidden(wanted))
    guard lines.contains(where: { $0.elementsEqual(line) || $0.last == 0x0D && $0.dropLast().elementsEqual(line) }) else {
      return
    }
    failure.notes.append("order     \(ByteDifference.quoted(line[...])) came too, after it: in another order?")
  }

  /// How much of what came the pattern takes, where that is some and not all.
  private func tellHowFar(_ received: UnsafeRawBufferPointer, _ channel: Channel, _ failure: Failure) {
    // A byte or two say nothing.
    guard case .regex(let regex)? = operand, let count = regex.reach(in: received), count < received.count, count > 3 else {
      return
    }
    let matched = run.hidden(UnsafeRawBufferPointer(rebasing: received[..<count]), of: channel)
    let rest = run.hidden(UnsafeRawBufferPointer(rebasing: received[count...]), of: channel)
    let tail = matched.count <= ByteDifference.longest ? "" : "…"
    failure.notes.append(
      "matches   \(tail)\(ByteDifference.quoted(matched.suffix(ByteDifference.longest))), and fails at "
        + ByteDifference.quoted(rest.prefix(20)) + (rest.count > 20 ? "…" : ""))
  }

  /// - Parameter first: what came, with the end of its line.
  private func tell(_ difference: ByteDifference, of first: [UInt8], _ failure: Failure) {
    failure.outcome = difference.outcome
    let hex = difference.dump
    if difference.isLong, hex.isEmpty, !difference.isTold {
      failure.notes.append("received  \(first.withUnsafeBytes { run.excerpt($0, around: difference.at) })")
      if difference.expected.count > ByteDifference.longest {
        let expected = difference.expected.withUnsafeBytes { run.excerpt($0, around: difference.at) }
        failure.notes.append("expected  \(expected)")
      }
    }
    if difference.isLong || difference.hasCause { failure.notes.append("differs   \(difference.words)") }
    failure.appendix += hex
  }

  private func tellUnread(_ channel: Channel, from start: Int, _ failure: Failure) {
    guard channel.input.count > start else { return }
    let unread = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
    failure.notes.append("unread    \(run.shownWithCount(unread, of: channel))")
  }

  private func withoutLineEnd(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    var rest = bytes[...]
    if rest.last == 0x0A {
      rest.removeLast()
      if rest.last == 0x0D { rest.removeLast() }
    }
    return rest
  }

  /// It is waited for to say that it listens, and does so on no port yet: it keeps nothing back.
  private func isStillStarting(_ process: ProcessState) -> Bool {
    guard site.verb == .expect, let pattern = operand, Show.inspect(pattern).text.lowercased().contains("listen"),
      let activity = ProcessActivity(of: process.child.pid)
    else { return false }
    return activity.ports.isEmpty && activity.datagramPorts.isEmpty
  }

  /// The deadline came first: what there is so far, and why it did not do.
  func describeLateness(_ failure: Failure, _ channel: Channel) {
    guard !channel.input.isEmpty else {
      failure.notes.append("received  nothing")
      // One that has written before does not keep it, and who knows of it has said so already.
      if let process = channel.process, process.status == nil, channel.consumptions == 0, channel.terminal == nil,
        !process.command.hasSuffix("stdbuf"), !process.command.hasSuffix("unbuffer"), !isStillStarting(process)
      {
        failure.notes.append(
          "help: if it has said so already: a program whose output is no terminal may keep it until it has some KiB: "
            + "try `stdbuf -oL`, `python3 -u`, or `run … pty`"
        )
      }
      return
    }
    failure.notes.append("unread    \(run.shownWithCount(channel.input.bytes, of: channel))")
    if site.has(.message) { tellFraming(of: channel, failure) }
    guard site.verb == .expect, case .regex(let regex)? = operand, !site.has(.line), !site.has(.message) else { return }
    if case .matched = regex.match(channel.input.bytes, from: 0, anchored: true, partial: false) {
      let matched = UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<regex.matchedRange.upperBound])
      let text = run.shown(matched, of: channel)
      failure.notes.append("matches   \(text) so far; end the pattern with what follows")
    }
  }
}
