// `framing`: how long the message is that starts with what has come.

import SockLanguage
import SocketCore
import TLS

extension StepCall {
  /// The length of the message at the start of the buffer, when all of it is there.
  ///
  /// - Parameters:
  ///   - start: where in the buffer the message starts.
  ///   - site: the step that wants it, which an error of the function names as its caller.
  func messageLength(_ channel: Channel, from start: Int = 0) throws(Failure) -> Int? {
    guard let framing = channel.settings?.framing else {
      throw .type("\(channel.label) has no framing; `framing \"u16\"` or `framing FUNCTION` says how long a message is")
    }
    let length: Int
    switch framing {
    case .prefix(let format):
      let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
      guard let total = try StepCall.prefixedLength(bytes, format) else { return nil }
      length = total
    case .message(let layout):
      let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
      var progress = channel.progress(of: layout, start)
      let total = try StepCall.messageLength(bytes, of: layout, limits, &progress)
      channel.note(progress, of: layout, start)
      guard let total else { return nil }
      length = total
    case .function(let function):
      guard let total = try askedLength(function, channel, start, site, task) else { return nil }
      length = total
    }
    guard length <= limits.buffer else {
      throw .limit("a message of \(length) bytes is announced (limit buffer, \(limits.buffer) bytes)")
    }
    return channel.input.count - start >= length ? length : nil
  }

  /// How long a message with fields is; nil: too few bytes have come.
  ///
  /// - Parameter progress: how far it has been decoded before, and is now; nil: not at all, or it is whole.
  static func messageLength(
    _ bytes: UnsafeRawBufferPointer, of layout: MessageLayout, _ limits: RunLimits, _ progress: inout MessageProgress?
  ) throws(Failure) -> Int? {
    if bytes.isEmpty { return nil }
    if let refused = progress as? RefusedMessage, refused.framed == nil, case .fields(_, let size) = refused.content {
      return size
    }
    do throws(LayoutStop) {
      return try MessageDecoder.decode(layout, bytes, from: &progress).size
    } catch {
      switch error {
      // What is announced is refused by who asks.
      case .more(let count): return count > limits.buffer ? count : nil
      case .wrong(let problem): throw Failure(problem.code, problem.words(layout.name))
      }
    }
  }

  /// What the framing function says, which is asked only when it can know more than the last time: never again once it
  /// has answered, and else when more has come. It gets the first of the bytes only, and the others when that was not
  /// enough: mostly a message's head tells.
  private func askedLength(
    _ function: Value, _ channel: Channel, _ start: Int, _ site: StepSite, _ task: Task
  ) throws(Failure) -> Int? {
    let answers = channel.framingAnswers ?? FramingAnswers()
    channel.framingAnswers = answers
    var known = answers.about(start, channel.consumptions)
    if let length = known.length { return length }
    let available = channel.input.count - start
    var count = max(answers.usuallyEnough, known.seen)
    while known.seen < available {
      count = min(count, available)
      let bytes = ByteString.copy(UnsafeRawBufferPointer(rebasing: channel.input.bytes[start..<start + count]))
      let stepThatWaits = transcript.site
      let answer = try channel.whileFraming { () throws(Failure) in
        try run.callNow(function, [.string(bytes)], for: site, task)
      }
      transcript.site = stepThatWaits
      known.seen = count
      // Not yet: more of the bytes may tell. A condition that is not met yet is false.
      guard answer.isTrue else {
        count = 4 * count
        continue
      }
      guard let total = answer.wholeNumber else {
        throw .type("a framing function answers a length or nil, not \(answer.article)")
      }
      guard total > 0 else { throw .range("the framing function answered a length of \(total); a message has at least 1 byte") }
      known.length = total
      break
    }
    answers.note(known)
    return known.length
  }

  /// What is known of the message at the start of the buffer: how long it is said to be, and how much has come.
  func framingWords(_ channel: Channel) -> String? {
    let bytes = channel.input.bytes
    let here = "\(ByteDifference.bytes(bytes.count)) \(bytes.count == 1 ? "has" : "have") come"
    if let layout, channel.settings?.framing?.isOf(layout) ?? true { return progress(of: layout, bytes) }
    switch channel.settings?.framing {
    case nil: return nil
    case .prefix(let format)?:
      // An error of it has been told by the step.
      guard let length = try? StepCall.prefixedLength(bytes, format) else { return "\(format) is not whole: \(here)" }
      // Those that say how long what follows is: in so many bytes of their own.
      let head = ["u8": 1, "u16": 2, "u16le": 2, "u24": 3, "u24le": 3, "u32": 4, "u32le": 4][format] ?? 0
      return "\(format) says: \(ByteDifference.bytes(length - head))\(head > 0 ? " after it" : ""); "
        + "\(bytes.count - head) \(bytes.count - head == 1 ? "has" : "have") come"
    case .message(let layout)?: return "\(layout.name) is not whole: \(here)"
    case .function?:
      guard let length = channel.framingAnswers?.about(0, channel.consumptions).length else {
        return "the function cannot say yet how long the message is: \(here)"
      }
      return "the function says: a message of \(ByteDifference.bytes(length)); \(here)"
    }
  }

  /// Which field of a message has not come.
  private func progress(of layout: MessageLayout, _ bytes: UnsafeRawBufferPointer) -> String? {
    do throws(LayoutStop) {
      _ = try MessageDecoder.decode(layout, bytes)
    } catch {
      if case .wrong(let problem) = error { return problem.words(layout.name) }
    }
    return nil
  }

  static func prefixedLength(_ bytes: UnsafeRawBufferPointer, _ format: String) throws(Failure) -> Int? {
    if format == "varint" {
      var value: UInt64 = 0
      for (at, byte) in bytes.enumerated() {
        guard at < 8 else { throw .limit("the message's varint length is longer than 8 bytes") }
        value |= UInt64(byte & 0x7F) << UInt64(7 * at)
        if byte & 0x80 == 0 { return Int(value) + at + 1 }
      }
      return nil
    }
    if format == "tls" {
      // A record: type, version, length in two bytes (RFC 8446 section 5.1).
      guard bytes.count >= TLSRecords.headerSize else { return nil }
      return TLSRecords.headerSize + Int(bytes[3]) << 8 + Int(bytes[4])
    }
    let isLittle = format.hasSuffix("le")
    let width: Int
    switch isLittle ? String(format.dropLast(2)) : format {
    case "u8": width = 1
    case "u16": width = 2
    case "u24": width = 3
    case "u32": width = 4
    default: throw .range("`\(format)` is no framing; the built-in ones are u8, u16, u24, u32 (with le), varint and tls")
    }
    guard bytes.count >= width else { return nil }
    var value = 0
    for at in 0..<width { value = value << 8 | Int(bytes[isLittle ? width - 1 - at : at]) }
    return value + width
  }

  func setFraming() throws(Failure) -> Value? {
    let channel = try channel()
    try channel.requireNoFraming("set framing")
    channel.framingAnswers = nil
    defer { run.noteFraming(of: channel) }
    if site.has(.off) {
      channel.ownSettingsCopy().framing = nil
      return .nothing
    }
    switch operand ?? .nothing {
    case .string(let format):
      _ = try StepCall.prefixedLength(UnsafeRawBufferPointer(start: nil, count: 0), format.text)
      channel.ownSettingsCopy().framing = .prefix(format.text)
    case .function(let function): channel.ownSettingsCopy().framing = .function(.function(function))
    case .builtin(let function): channel.ownSettingsCopy().framing = .function(.builtin(function))
    case .message(let layout): channel.ownSettingsCopy().framing = .message(layout)
    case let other:
      throw .type("framing takes a function, a message or a format like \"u16\", not \(other.article)")
    }
    return .nothing
  }
}

extension Channel {
  /// How far the message at a place of the buffer has been decoded.
  func progress(of layout: MessageLayout, _ start: Int) -> MessageProgress? {
    framingAnswers?.progress(of: layout, start, consumptions)
  }

  /// - Parameter progress: nil: it is whole, or it is none.
  func note(_ progress: MessageProgress?, of layout: MessageLayout, _ start: Int) {
    if progress == nil, framingAnswers == nil { return }
    let answers = framingAnswers ?? FramingAnswers()
    framingAnswers = answers
    answers.note(progress, of: layout, start, consumptions)
  }
}

extension Interpreter {
  /// Calls a function that must answer at once: it runs on a task of its own that may not wait.
  ///
  /// - Parameters:
  ///   - site: the step of `caller` that needs the answer.
  ///   - purpose: of the function, in a sentence.
  func callNow(
    _ function: Value, _ arguments: [Value], for site: StepSite, _ caller: Task?,
    purpose: String = "it says how long a message is from the bytes that it gets"
  ) throws(Failure) -> Value {
    switch function {
    case .builtin(let box):
      return try arguments.withUnsafeBufferPointer { buffer throws(Failure) in
        try Builtins.call(box.function, buffer, context)
      }
    case .function(let function):
      let code = function.code
      guard arguments.count >= code.requiredCount, arguments.count <= code.parameterCount else {
        throw .type("\(code.name) is called with \(arguments.count) arguments here, and takes \(code.requiredCount)")
      }
      let task = Task(group: group, function: function)
      task.frames[0].pc = Int32(truncatingIfNeeded: code.entries[arguments.count - code.requiredCount])
      for (at, argument) in arguments.enumerated() { task.stack[1 + at] = argument }
      task.state = .running
      var turns = 0
      while true {
        switch run(task) {
        case .finished(let value): return value
        case .failed(let failure):
          failure.wasCalled(by: site.site)
          if let caller { for call in callers(of: caller) { failure.wasCalled(by: call) } }
          throw failure
        case .blocked:
          stopWaiting(task)
          throw .type("\(code.name) may not wait: \(purpose)")
        case .yielded:
          turns += 1
          if turns > 1000 { throw .limit("\(code.name) does not come to an end") }
        }
      }
    default: throw .type("\(function.article) cannot be called")
    }
  }

  private func stopWaiting(_ task: Task) {
    task.state = .blocked
    scheduler.cancelWait(task)
    task.state = .finished
  }
}
