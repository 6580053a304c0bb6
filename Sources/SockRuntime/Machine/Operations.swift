// What instructions need of the run beside registers: regular expressions, members, and the blocks of a script.

import SockLanguage
import SocketCore

extension Interpreter {
  func callBuiltin(_ number: Int, _ base: Registers, _ count: Int) throws(Failure) -> Value {
    try Builtins.callChecked(
      BuiltinFunction(number: number), UnsafeBufferPointer(start: base, count: count), context)
  }

  func makeRegex(_ site: RegexSite, _ regs: Registers) throws(Failure) -> Pattern {
    var builder = ByteBuilder()
    for at in 0..<site.count {
      if site.isHole[at] {
        let text = Show.text(regs[site.first + at])
        Pattern.quote(text.bytes).withUnsafeBytes { builder.append($0) }
      } else if case .string(let piece) = regs[site.first + at] {
        builder.append(piece.bytes)
      }
    }
    return try context.patterns.pattern(source: builder.finish(), flags: site.flags)
  }

  /// Whether a regular expression matches; where, is then in the pattern.
  func isMatch(_ text: Registers, _ pattern: Registers) throws(Failure) -> Bool {
    guard let subject = text.borrowedString else {
      throw .type("`=~` looks at a string, not at \(text.pointee.article)")
    }
    guard let regex = pattern.borrowedPattern else {
      throw .type("`=~` takes a regular expression like /^220/ on its right, not \(pattern.pointee.article)")
    }
    let outcome = regex._withUnsafeGuaranteedRef { regex in
      subject._withUnsafeGuaranteedRef { regex.match($0.bytes, from: 0, anchored: false, partial: false) }
    }
    switch outcome {
    case .matched: return true
    case .none, .partial: return false
    case .failed(let failure): throw failure
    }
  }

  /// `target = text =~ pattern`
  func matchRegex(_ text: Registers, _ pattern: Registers, into target: Registers) throws(Failure) {
    guard try isMatch(text, pattern), let subject = text.borrowedString, let regex = pattern.borrowedPattern else {
      target.pointee = .nothing
      return
    }
    // It is neither the text nor the pattern.
    if target.borrowedMatch != nil { Match.discard(target, keeping: &spareMatch) }
    target.pointee = .match(
      Match.make(regex.takeUnretainedValue(), subject: subject.takeUnretainedValue(), reusing: &spareMatch))
  }

  /// Whether a value fits what stands behind an `is`: a string a regular expression that matches it, a number the range
  /// that it is in, any value what is equal to it. A match is left in `target`.
  func fits(
    _ value: Registers, _ wanted: Registers, naming target: Registers? = nil
  ) throws(Failure) -> Bool {
    switch wanted.pointee {
    case .regex:
      if case .regex = value.pointee { break }
      guard value.borrowedString != nil else { return false }
      guard let target else { return try isMatch(value, wanted) }
      try matchRegex(value, wanted, into: target)
      if target.borrowedMatch != nil { return true }
      target.pointee = value.pointee
      return false
    case .range:
      if case .range = value.pointee { break }
      guard value.pointee.number != nil else { return false }
      return try Equality.contains(value.pointee, in: wanted.pointee)
    default: break
    }
    return try Equality.equal(value, wanted)
  }

  func member(of base: Value, _ site: MemberSite) throws(Failure) -> Value {
    switch base {
    case .map(let map): return map[site.key] ?? .nothing
    case .match(let match):
      guard case .string(let name) = site.key else { return .nothing }
      return try Indexing.group(of: match, name)
    case .channel(let channel):
      if let property = site.channel { return try property.value(of: channel, self) }
    case .address(let address):
      if let property = site.address { return property.value(of: address.address) }
    case .error(let failure):
      if let property = site.error { return property.value(of: failure) }
    case .nothing:
      throw .type("nil has no `.\(site.name)`")
    default: break
    }
    let known: [String]
    switch base {
    case .channel: known = ChannelProperty.allCases.map(\.rawValue)
    case .address: known = AddressProperty.allCases.map(\.rawValue)
    case .error: known = ErrorProperty.allCases.map(\.rawValue)
    default: known = []
    }
    let near = Suggestion.nearest(site.name, among: known).map { "; did you mean `.\($0)`?" } ?? ""
    throw .type("\(base.article) has no `.\(site.name)`\(near)")
  }

  /// A test whose sends were mutated is over. Its connections end: a server that serves one after the other is free then
  /// to answer another one.
  func beginProbe(_ failure: Registers, _ task: Task) {
    if case .error(let failure) = failure.pointee { mutator?.beginProbe(failure) } else { mutator?.beginProbe(nil) }
    task.blockDeadline = .max
    for other in task.group.tasks where other !== task { stop(other) }
    for opened in task.group.channels {
      guard let channel = opened.channel, channel.isOpen, channel.kind == .stream || channel.kind == .datagram else {
        continue
      }
      channel.flushWhatFits()
      scheduler.transcript.record(.closed, channel)
      channel.release()
      if task.conn === channel { task.conn = nil }
    }
  }

  /// A name that `setup` sets for each test is used in a function of the file.
  func requireTest(_ use: SetupUse, _ task: Task) throws(Failure) {
    guard use.isSet.value.isTrue else { throw .type("`\(use.name)` is set by `setup`, and no test runs") }
    guard task.group !== topLevel else {
      throw .type("`\(use.name)` is set by `setup`, and this task is none of a test")
    }
  }

  // MARK: - Blocks

  /// Makes a channel current, and keeps the ones before in two registers.
  func enterChannel(_ saved: Registers, _ value: Value, _ task: Task) throws(Failure) {
    guard case .channel(let channel) = value else {
      let isMap = if case .map = value { true } else { false }
      throw .type(
        "a channel is meant here, not \(value.article)\(isMap ? "; a function in a map is called as `m[\"f\"](…)`" : "")")
    }
    saved[0] = task.conn.map { .channel($0) } ?? .nothing
    saved[1] = task.listener.map { .channel($0) } ?? .nothing
    if channel.kind == .listener { task.listener = channel } else { task.conn = channel }
  }

  func leaveChannel(_ saved: Registers, _ task: Task) {
    task.conn = if case .channel(let channel) = saved[0] { channel } else { nil }
    task.listener = if case .channel(let channel) = saved[1] { channel } else { nil }
    saved[0] = .nothing
    saved[1] = .nothing
  }

  /// The pause of a `retry` between two tries. True when it is over.
  func retryPause(_ state: Registers, _ task: Task) throws(Failure) -> Bool {
    if !task.step.hasBegun {
      var every = 0.05
      if case .nothing = state.pointee { } else {
        guard let seconds = state.pointee.number, seconds >= 0 else {
          throw .type("`every` takes a duration in seconds, not \(Show.inspect(state.pointee).text)")
        }
        every = seconds
      }
      let next = Deadline(after: every).at
      if next >= task.blockDeadline {
        guard case .error(let failure) = state[1] else { return true }
        failure.tries = (state[2].wholeNumber ?? 0) + 1
        failure.retry = place(of: task)
        // That a try was cut by the end of the time says little; why the one before it failed, more.
        if failure.code == .timeout, let before = task.extras?.triedBefore, before.until == task.blockDeadline {
          failure.outcome = (failure.outcome ?? "") + "; the try before this one: \(before.message)"
          if let place = before.site { failure.notes.append("before    it failed at \(place.file.name):\(place.position.line)") }
        }
        throw failure
      }
      if case .error(let failure) = state[1] { task.ownExtras.triedBefore = (failure.headline, failure.site, task.blockDeadline) }
      state[1] = .nothing
      state[2] = .integer((state[2].wholeNumber ?? 0) + 1)
      task.step.hasBegun = true
      task.step.deadline = next
    }
    if task.isLate { return true }
    task.waitKind = .timer
    scheduler.arm(task, at: task.step.deadline)
    return false
  }
}
