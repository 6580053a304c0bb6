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
}

extension StepCall {
  /// What a reading step waits for, in words.
  func wanted() -> String {
    if site.verb == .expect { return "expected \(describe()), but it did not come" }
    if site.has(.line) { return "no line came" }
    if site.has(.until) { return "\(Show.inspect(option(.until) ?? .nothing).text) did not come" }
    if site.has(.message) { return "no whole message came" }
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
    if what.isEmpty, case .regex = pattern { return "bytes \(inWords(pattern))" }
    return what.isEmpty ? inWords(pattern) : "\(what) \(inWords(pattern))"
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
    let secrets = wanted.map { run.hiddenRanges($0, of: nil) } ?? []
    let secret = secrets.first { $0.contains(at) }
    let shownFirst = run.hidden(first, of: channel)
    /// Counted in what is shown of it.
    func place(_ offset: Int) -> Int {
      secrets.reduce(offset) { $1.upperBound <= offset ? $0 - $1.count + Secrets.stars.count : $0 }
    }
    failure.notes.append("received  \(shownFirst.withUnsafeBytes { run.excerpt($0, around: place(at)) })")
    if let wanted, wanted.count > 0 {
      let expected = run.hidden(wanted)
      if max(expected.count, shownFirst.count) > 200, place(at) >= Interpreter.excerptLead {
        failure.notes.append("expected  \(expected.withUnsafeBytes { run.excerpt($0, around: place(at)) })")
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
      failure.notes.append("unread    \(run.shownWithCount(unread, of: channel))")
    }
    let near = max(0, at - 128)
    if let wanted,
      HexDump.helps(
        UnsafeRawBufferPointer(rebasing: wanted[min(near, wanted.count)...]),
        UnsafeRawBufferPointer(rebasing: received[min(near, received.count)...]))
    {
      let expected = run.hidden(wanted)
      failure.appendix += expected.withUnsafeBytes { expected in
        shownFirst.withUnsafeBytes { HexDump.comparison(expected: expected, received: $0) }
      }
    }
    return failure
  }

  /// The deadline came first: what there is so far, and why it did not do.
  func describeLateness(_ failure: Failure, _ channel: Channel) {
    guard !channel.input.isEmpty else {
      failure.notes.append("received  nothing")
      // One that has written before does not keep it, and who knows of it has said so already.
      if let process = channel.process, process.status == nil, channel.consumptions == 0,
        !process.command.hasSuffix("stdbuf"), !process.command.hasSuffix("unbuffer")
      {
        failure.notes.append(
          "help: a program whose output is no terminal may keep it until it has some KiB: try `stdbuf -oL`, `python3 -u`"
        )
      }
      return
    }
    failure.notes.append("unread    \(run.shownWithCount(channel.input.bytes, of: channel))")
    guard site.verb == .expect, case .regex(let regex)? = operand, !site.has(.line), !site.has(.message) else { return }
    if case .matched = regex.match(channel.input.bytes, from: 0, anchored: true, partial: false) {
      let matched = UnsafeRawBufferPointer(rebasing: channel.input.bytes[..<regex.matchedRange.upperBound])
      let text = run.shown(matched, of: channel)
      failure.notes.append("matches   \(text) so far; end the pattern with what follows")
    }
  }
}
