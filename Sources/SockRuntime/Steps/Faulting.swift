// `fault`: what is to go wrong on a channel, in one direction or in both.

import Glibc
import SockLanguage
import SocketCore

extension StepCall {
  func setFaults() throws(Failure) -> Value? {
    let channel = try channel(orListener: site.receiver < 0 && task.conn == nil)
    try channel.requireOpen("set faults")
    let setting = try faultSetting()
    if let setting { try setting.requireUse(on: channel) }
    let before = faultsInWords(channel)
    guard let setting else { return before }
    if channel.kind == .listener {
      let settings = channel.ownSettingsCopy()
      settings.faults = setting.clears && setting.direction == nil ? [] : (settings.faults ?? []) + [setting]
    } else if !setting.clears || channel.faults != nil {
      try run.apply(setting, to: channel)
    }
    return before
  }

  private func faultsInWords(_ channel: Channel) -> Value {
    let layer = channel.faults
    func words(_ pipe: FaultPipe?) -> Value { Value(pipe?.rules.words ?? "") }
    return .map(Map([("read", words(layer?.incoming)), ("write", words(layer?.outgoing))]))
  }

  /// What the step says; nil: nothing.
  private func faultSetting() throws(Failure) -> FaultSetting? {
    let setting = FaultSetting(site)
    guard !site.words.isEmpty else { return nil }
    if site.has(.read) { setting.direction = .read }
    if site.has(.write) { setting.direction = .write }
    if let value = option(.delay) { setting.delay = try time(value, "delay") }
    if let value = option(.jitter) { setting.jitter = try time(value, "jitter") }
    if let value = option(.rate) {
      guard let rate = value.number, rate > 0 else {
        throw .range("`rate` takes how many bytes may pass in a second, as 10KiB")
      }
      setting.rate = rate
    }
    for word in [OptionWord.corrupt, .drop, .duplicate, .reorder] {
      guard let value = option(word) else { continue }
      guard let chance = value.number, (0...1).contains(chance) else {
        throw .range("`\(word.rawValue)` takes a chance from 0 to 1, as 0.1, not \(Show.inspect(value).text)")
      }
      setting.chances[word] = chance
    }
    if let value = option(.rewrite) {
      switch value {
      case .function, .builtin: setting.rewrite = value
      case let other: throw .type("`rewrite` takes a function that makes a message of a message, not \(other.article)")
      }
    }
    try readStop(setting)
    setting.hasLines = site.has(.lines)
    setting.seed = setting.drawsChance ? run.context.chance.next() : nil
    return setting
  }

  private func time(_ value: Value, _ word: String) throws(Failure) -> Int64 {
    guard let seconds = value.number, seconds >= 0 else { throw .type("`\(word)` takes a duration, as 50ms") }
    return MonotonicClock.span(seconds)
  }

  private func readStop(_ setting: FaultSetting) throws(Failure) {
    let stops: [(OptionWord, FaultRules.Stop)] = [(.cut, .cut), (.reset, .reset), (.stall, .stall), (.hold, .hold)]
    guard let (word, stop) = stops.first(where: { site.has($0.0) }) else { return }
    setting.stop = stop
    setting.stopWords = word.rawValue
    guard let value = option(.after) else { return }
    if site.has(.bytes) || site.has(.messages) || site.has(.lines) {
      let unit = site.has(.bytes) ? OptionWord.bytes : site.has(.messages) ? .messages : .lines
      let count = try value.count("the number of \(unit.rawValue)", minimum: 0)
      setting.stopWords += " after \(count) \(unit.rawValue)"
      setting.after = unit == .bytes || count == 0 ? .bytes(count) : .messages(count)
    } else {
      guard let seconds = value.number, seconds >= 0 else {
        throw .type("`after` takes a duration, as 2s, or how many `bytes`, `messages` or `lines`")
      }
      setting.stopWords += " after \(Interpreter.duration(seconds))"
      setting.after = .time(MonotonicClock.span(seconds))
    }
  }
}

extension FaultSetting {
  /// Refuses what cannot work there, before anything is changed.
  fileprivate func requireUse(on channel: Channel) throws(Failure) {
    switch channel.kind {
    case .standard, .bare: throw .type("\(channel.label) is no connection: faults lie on connections and datagram sockets")
    case .stream, .datagram, .listener, .process, .device, .pipe: break
    }
    if stop == .reset, channel.socket?.isTCP != true {
      throw .type("a reset is TCP's: on \(channel.label) say `cut`")
    }
    // What is accepted may get a framing in its block.
    guard channel.kind != .listener, !channel.isDatagram, channel.socket?.type != .seqpacket, !hasLines,
      channel.settings?.framing == nil, let word = wordOfMessages
    else { return }
    throw FaultSetting.unframed(word, channel)
  }

  fileprivate static func unframed(_ word: String, _ channel: Channel) -> Failure {
    let failure = Failure.type("`\(word)` acts on messages, and nothing says where those of \(channel.label) end")
    failure.notes.append("help: `framing` says it, as `framing \"u16\"`; or add `lines`, so that each line is a message")
    failure.channel = channel
    return failure
  }

  /// The first of its words that acts on messages.
  private var wordOfMessages: String? {
    if case .messages? = after { return "messages" }
    if rewrite != nil { return OptionWord.rewrite.rawValue }
    for word in [OptionWord.drop, .duplicate, .reorder] where chances[word] ?? 0 > 0 { return word.rawValue }
    return nil
  }
}

extension Interpreter {
  /// Lays the faults that hold for what a listener accepts on one that it has.
  func layFaults(_ settings: [FaultSetting], on channel: Channel) throws(Failure) {
    for setting in settings { try apply(setting, to: channel) }
  }

  func apply(_ setting: FaultSetting, to channel: Channel) throws(Failure) {
    let isFirst = channel.faults == nil
    let layer = try channel.layFaults()
    if let trace = layer.trace {
      if isFirst {
        faultTraces.add(trace)
        let relay = channel.reader?.step.work as? any JoinsChannels
        if let other = relay?.joined.first(where: { $0 !== channel }) { trace.noteRelay(ChannelEnd(other)) }
      }
      trace.add(setting)
    }
    let pipes: [FaultPipe] =
      switch setting.direction {
      case .read?: [layer.incoming]
      case .write?: [layer.outgoing]
      case nil: [layer.outgoing, layer.incoming]
      }
    for (number, pipe) in pipes.enumerated() {
      if setting.releases {
        pipe.release()
        continue
      }
      pipe.measure = { [unowned self, unowned(unsafe) channel, unowned pipe] bytes throws(Failure) in
        // A listener may have been told before anything could say it.
        if pipe.rules.hasLines || channel.settings?.framing != nil {
          pipe.hasMeasured = true
        } else if !pipe.hasMeasured, let word = pipe.rules.wordOfMessages {
          throw FaultSetting.unframed(word, channel)
        }
        return try self.messageLength(bytes, of: channel, pipe, setting.site)
      }
      var rules = setting.clears ? FaultRules() : setting.changed(pipe.rules)
      if let function = setting.rewrite {
        rules.rewrite = { [unowned self, unowned(unsafe) channel] message throws(Failure) in
          try self.rewritten(message, by: function, on: channel, setting.site)
        }
      }
      pipe.set(
        rules, seed: setting.seed.map { $0 &+ UInt64(number) }, setsStop: setting.stop != nil || setting.clears)
    }
    layer.note(setting.words(pipes[0].rules))
    layer.wake()
  }

  private func messageLength(
    _ bytes: UnsafeRawBufferPointer, of channel: Channel, _ pipe: FaultPipe, _ site: StepSite
  ) throws(Failure) -> Int? {
    if pipe.rules.hasLines {
      guard let base = bytes.baseAddress, let end = memchr(base, 0x0A, bytes.count) else { return nil }
      return UnsafeRawPointer(end) - base + 1
    }
    switch channel.settings?.framing {
    case .prefix(let format)?: return try StepCall.prefixedLength(bytes, format)
    case .function(let function)?:
      let answer = try answerNow(function, ByteString.copy(bytes), on: channel, site)
      guard answer.isTrue else { return nil }
      guard let length = answer.wholeNumber, length > 0 else {
        throw .type("a framing function answers a length or nil, not \(answer.article)")
      }
      return length
    case .message(let layout)?: return try StepCall.messageLength(bytes, of: layout, limits, &pipe.progress)
    // It was taken away meanwhile: what comes passes as it is.
    case nil: return bytes.count
    }
  }

  /// What a function of the script makes of bytes, for the step that moves them, or else the one that has laid the fault.
  private func answerNow(
    _ function: Value, _ bytes: ByteString, on channel: Channel, _ site: StepSite,
    purpose: String = "it says how long a message is from the bytes that it gets"
  ) throws(Failure) -> Value {
    let moving = transcript.site
    defer { transcript.site = moving }
    // It would be called again by what it sends itself, and lose its place by what it changes.
    return try channel.whileFraming { () throws(Failure) in
      try callNow(
        function, [.string(bytes)], for: moving?.takeUnretainedValue() ?? site, runningTask?.takeUnretainedValue(),
        purpose: purpose)
    }
  }

  private func rewritten(
    _ message: ByteString, by function: Value, on channel: Channel, _ site: StepSite
  ) throws(Failure) -> ByteString? {
    switch try answerNow(function, message, on: channel, site, purpose: "it makes a message of a message") {
    case .nothing: return nil
    case .string(let bytes): return bytes
    case let other: throw .type("a function for `rewrite` answers a string, or nil to drop the message, not \(other.article)")
    }
  }
}
