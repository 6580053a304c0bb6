// What each verb does: the one switch over the verbs, and what all of them share.

import SockLanguage
import SocketCore

typealias Registers = UnsafeMutablePointer<Value>

extension Task {
  /// The step is over: the next one starts with nothing of it.
  func endStep() {
    stepHasBegun = false
    stage = 0
    progress = 0
    keep = nil
    stepDeadline = .max
  }
}

extension Interpreter {
  /// Performs a verb phrase; what it gives goes to `result`. False: it has to wait; the task has said for what, and the
  /// step will be performed again.
  func perform(_ site: StepSite, _ task: Task, _ frame: Registers, into result: Registers) throws(Failure) -> Bool {
    transcript.site = Unmanaged.passUnretained(site)
    do throws(Failure) {
      guard let value = try perform(site, task, frame + site.base) else { return false }
      if task.stepHasBegun { task.endStep() }
      // Mostly over a scalar, of which nothing has to be released.
      if result.pointee.isScalar { result.initialize(to: value) } else { result.pointee = value }
      return true
    } catch {
      if error.site == nil { error.site = site.site }
      throw error
    }
  }

  @inline(__always)
  private func perform(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    if site.mayBeMapKey, case .map(let map) = regs[site.receiver] { return map[site.verb.rawValue] ?? .nothing }
    switch site.verb {
    case .socket: return try makeSocket(site, task, regs)
    case .socketpair: return try makePair(site, task, regs)
    case .bind: return try bind(site, task, regs)
    case .listen: return try listen(site, task, regs)
    case .connect: return try connect(site, task, regs)
    case .accept:
      try requireTime(task)
      return try accept(site, task, regs)
    case .send:
      let sent = try send(site, task, regs)
      if let recorder, sent != nil, case .string(let data)? = operand(site, regs) {
        recorder.sent(data.bytes, try channel(site, task, regs), site, task)
      }
      return sent
    case .recv:
      try requireTime(task)
      return try receive(site, task, regs)
    case .expect:
      try requireTime(task)
      return try expect(site, task, regs)
    case .framing: return try setFraming(site, task, regs)
    case .shutdown: return try shutdown(site, task, regs)
    case .close: return try close(site, task, regs)
    case .reset: return try reset(site, task, regs)
    case .sockopt: return try socketOption(site, task, regs)
    case .timeout: return try setTimeout(site, task, regs)
    case .blocking: return try setBlocking(site, task, regs)
    case .eol: return try setEndOfLine(site, task, regs)
    case .autoflush: return try setAutoflush(site, task, regs)
    case .starttls:
      throw Failure(.system(.notSupported), "starttls: this build of sock has no TLS yet", errno: Errno.notSupported.rawValue)
    case .run: return try runProcess(site, task, regs)
    case .signal: return try signal(site, task, regs)
    case .wait: return try wait(site, task, regs)
    case .stop: return try stopTask(site, task, regs)
    case .print: return try print(site, regs)
    case .log: return try log(site, regs)
    case .sleep: return try sleep(site, task, regs)
    case .exit: return try exit(site, regs)
    case .fail, .skip, .inconclusive: return try giveVerdict(site, regs)
    case .assert, .check: return .nothing  // compiled to jumps
    }
  }

  // MARK: - Who a verb speaks to

  /// The channel in front of the dot, or else the current one.
  @inline(__always)
  func channel(_ site: StepSite, _ task: Task, _ regs: Registers, orListener: Bool = false) throws(Failure) -> Channel {
    if site.receiver < 0 {
      if let conn = task.conn { return conn }
    } else if case .channel(let channel) = regs[site.receiver] {
      return channel
    }
    return try otherChannel(site, task, regs, orListener)
  }

  /// The channel in front of the dot, or else the current one, which the register or the task keeps while the step is
  /// performed.
  @inline(__always)
  func borrowedChannel(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Unmanaged<Channel> {
    if site.receiver < 0 {
      if let conn = task.borrowedConn { return conn }
    } else if let channel = (regs + site.receiver).borrowedChannel {
      return channel
    }
    throw noChannel(site, task, regs)
  }

  private func noChannel(_ site: StepSite, _ task: Task, _ regs: Registers) -> Failure {
    site.receiver >= 0
      ? noChannel(regs[site.receiver], site.verb.rawValue) : noChannel("connection", task, site.verb.rawValue)
  }

  private func otherChannel(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ orListener: Bool
  ) throws(Failure) -> Channel {
    if orListener, site.receiver < 0, let listener = task.listener { return listener }
    throw noChannel(site, task, regs)
  }

  func channel(_ value: Value, _ verb: String) throws(Failure) -> Channel {
    if case .channel(let channel) = value { return channel }
    throw noChannel(value, verb)
  }

  private func noChannel(_ value: Value, _ verb: String) -> Failure {
    if case .nothing = value { return .type("cannot \(verb): there is nil where a channel is meant") }
    return .type("cannot \(verb) on \(value.article); a channel is meant")
  }

  func noChannel(_ what: String, _ task: Task, _ verb: String) -> Failure {
    var names: [String] = []
    // The names of the running frames' channels: what could have been meant.
    for at in 0..<task.stackCapacity {
      if case .channel(let channel) = task.stack[at], let name = channel.name, !channel.isClosed, !names.contains(name),
        (channel.kind == .listener) == (what == "listener")
      {
        names.append(name)
      }
    }
    let cure =
      names.isEmpty
      ? what == "listener" ? "`listen` makes one" : "`connect`, `accept` or `socket` makes one"
      : "write \(names.map { "`\($0).\(verb)`" }.joined(separator: " or "))"
    return Failure(.closed, "there is no current \(what) to \(verb) on; \(cure)")
  }

  @inline(__always)
  func requireOpen(_ channel: Channel, _ verb: @autoclosure () -> String) throws(Failure) {
    if !channel.isOpen { throw notOpen(channel, verb()) }
  }

  /// For what may be done to a closed channel, too.
  func requireNoFraming(_ channel: Channel, _ verb: String) throws(Failure) {
    if channel.use == .framing { throw notOpen(channel, verb) }
  }

  @inline(never)
  private func notOpen(_ channel: Channel, _ verb: String) -> Failure {
    let failure =
      channel.isClosed
      ? Failure(.closed, "cannot \(verb): \(channel.label) is closed")
      : Failure(.busy, "cannot \(verb): the framing function of \(channel.label) is at work, and only looks")
    failure.channel = channel
    return failure
  }

  // MARK: - Deadlines of steps

  /// When a duration that the script has written is over, on the monotonic clock; `--timeout-scale` stretches it.
  func scaledDeadline(_ value: Value) throws(Failure) -> Int64 {
    guard let seconds = value.number else {
      throw .type("a deadline is a duration in seconds (5s, 200ms, 2m), not \(value.article)")
    }
    guard seconds >= 0 else { throw .range("a deadline cannot be in \(Show.text(.float(seconds)).text) s") }
    return Deadline(after: seconds * options.timeoutScale).at
  }

  /// At the first performance of a step: when it gives up.
  func begin(_ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel?, hasDefault: Bool = true) throws(Failure) {
    guard !task.stepHasBegun else { return }
    var deadline = Int64.max
    if site.within >= 0 {
      deadline = try scaledDeadline(regs[site.within])
    } else if let seconds = (channel?.settings ?? defaults)?.timeout {
      deadline = Deadline(after: seconds * options.timeoutScale).at
    } else if hasDefault, task.group.isTest, task.blockDeadline == .max {
      deadline = Deadline(after: Interpreter.defaultStepSeconds * options.timeoutScale).at
    }
    task.stepDeadline = min(deadline, task.blockDeadline)
    task.stepHasBegun = true
  }

  /// Inside a test, a step that states no time gives up after this many seconds.
  static let defaultStepSeconds = 5.0

  /// Whether the step's time is over. The clock is asked only by steps that have to wait.
  func isLate(_ task: Task) -> Bool { task.stepDeadline != .max && Clock.now >= task.stepDeadline }

  /// Whether a step may wait as long as it takes.
  @inline(__always)
  func hasNoDeadline(_ site: StepSite, _ task: Task, _ channel: Channel) -> Bool {
    site.within < 0 && task.blockDeadline == .max && (channel.settings ?? defaults)?.timeout == nil
      && !task.group.isTest
  }

  /// Waits until the channel can be read, or fails when the time is over: `what` says what did not come.
  func waitToRead(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel, _ what: () -> String
  ) throws(Failure) {
    try begin(site, task, regs, channel)
    if isLate(task) { throw lateness(site, task, regs, channel, what()) }
    if let other = channel.reader, other !== task { throw busy(channel, site) }
    // Who is asked for input should see what was printed before.
    if channel.kind == .standard { output.hasten() }
    try scheduler.waitForReading(task, channel)
    scheduler.arm(task, at: task.stepDeadline)
  }

  /// A peer that always has something to say does not make the time of a `within` around longer: its steps that read
  /// look at the clock before they begin. Those that send do not: a goodbye after a timeout is still said.
  @inline(__always)
  func requireTime(_ task: Task) throws(Failure) {
    if task.blockDeadline != .max { try requireTimeNow(task) }
  }

  private func requireTimeNow(_ task: Task) throws(Failure) {
    if !task.stepHasBegun, isLate(forBlock: task) { throw lateness(forBlock: task) }
  }

  /// Whether the time of a `within` around is over.
  func isLate(forBlock task: Task) -> Bool { task.blockDeadline != .max && Clock.now >= task.blockDeadline }

  /// The first time it can be caught inside the block, to say goodbye or to tidy up; from then on only outside, so
  /// that nothing in the block goes on for ever.
  func lateness(forBlock task: Task) -> Failure {
    let failure = Failure(.timeout, "the time of the block around is over")
    if task.toldOfLateness == task.blockDeadline { failure.leavesBlock = task.blockDeadline }
    task.toldOfLateness = task.blockDeadline
    return failure
  }

  func waitToWrite(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel, _ what: () -> String
  ) throws(Failure) {
    try begin(site, task, regs, channel)
    if isLate(task) { throw lateness(site, task, regs, channel, what()) }
    try scheduler.waitForWriting(task, channel)
    scheduler.arm(task, at: task.stepDeadline)
  }

  func busy(_ channel: Channel, _ site: StepSite) -> Failure {
    let failure = Failure(.busy, "another task reads \(channel.label) already; two cannot share what comes")
    failure.channel = channel
    return failure
  }

  func lateness(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel?, _ what: String
  ) -> Failure {
    var time = ""
    if site.within >= 0, let seconds = regs[site.within].number {
      time = " within \(Interpreter.duration(seconds))"
    } else if let seconds = (channel?.settings ?? defaults)?.timeout, task.blockDeadline > task.stepDeadline || task.blockDeadline == .max {
      time = " within the timeout of \(Interpreter.duration(seconds))"
    } else if task.blockDeadline != .max, task.blockDeadline == task.stepDeadline {
      time = " within the time of the block around"
    } else if task.group.isTest {
      time = " within \(Interpreter.duration(Interpreter.defaultStepSeconds)) (the default in a test)"
    }
    let failure = Failure(.timeout, "\(what)\(time)")
    failure.channel = channel
    return failure
  }

  /// `200 ms`, `2 s`, `1.5 s`.
  static func duration(_ seconds: Double) -> String {
    if seconds < 1 { return "\(Show.text(.float((seconds * 1e6).rounded() / 1e3)).text) ms" }
    return "\(Show.text(.float(seconds)).text) s"
  }

  // MARK: - Operands

  func operand(_ site: StepSite, _ regs: Registers) -> Value? {
    site.operandCount > 0 ? regs[site.operands] : nil
  }

  @inline(__always)
  func option(_ word: OptionWord, _ site: StepSite, _ regs: Registers) -> Value? {
    site.has(word) ? givenOption(word, site, regs) : nil
  }

  private func givenOption(_ word: OptionWord, _ site: StepSite, _ regs: Registers) -> Value? {
    let offset = site.offset(of: word)
    return offset >= 0 ? regs[offset] : nil
  }

  /// A count of bytes and the like: a whole number, at least `minimum`.
  func count(_ value: Value, _ what: String, minimum: Int = 1) throws(Failure) -> Int {
    guard let number = value.wholeNumber else { throw .type("\(what) is an integer, not \(value.article)") }
    guard number >= minimum else { throw .range("\(what) is at least \(minimum), not \(number)") }
    return number
  }

  /// What is sent: a string as it is; anything else has to be made one by the script.
  func data(_ value: Value, _ verb: String) throws(Failure) -> ByteString {
    switch value {
    case .string(let string): return string
    case .integer, .float: throw .type("\(verb) takes a string, not \(value.article); write `str(…)`, or `\"${…}\"`")
    default: throw .type("\(verb) takes a string, not \(value.article)")
    }
  }

  // MARK: - Output, time and verdicts

  private func print(_ site: StepSite, _ regs: Registers) throws(Failure) -> Value? {
    var builder = ByteBuilder()
    for at in 0..<site.operandCount {
      if at > 0 { builder.append(UInt8(0x20)) }
      Show.appendText(regs[site.operands + at], to: &builder)
    }
    builder.append(UInt8(0x0A))
    let text = builder.finish()
    let failure =
      secrets.isEmpty
      ? output.write(text.bytes) : secrets.masked(text.array, isText: true).withUnsafeBytes { output.write($0) }
    if let failure {
      guard failure.errno == Errno.brokenPipe.rawValue else { throw failure }
      readerIsGone()
    }
    if output.wasStopped { try lookAround() }
    hasFilledOutput = output.wasFilled
    return .nothing
  }

  private func log(_ site: StepSite, _ regs: Registers) throws(Failure) -> Value? {
    var words: [String] = []
    for at in 0..<site.operandCount { words.append(Show.text(regs[site.operands + at]).text) }
    if let failure = output.log(masked(words.joined(separator: " ") + "\n")) { throw failure }
    if output.wasStopped { try lookAround() }
    return .nothing
  }

  private func sleep(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    if !task.stepHasBegun {
      guard let value = operand(site, regs), let seconds = value.number else {
        throw .type("sleep takes a duration in seconds, not \(operand(site, regs)?.article ?? "nil")")
      }
      guard seconds >= 0 else { throw .range("a sleep cannot last \(Show.text(.float(seconds)).text) s") }
      try beginPause(seconds, site, task, regs)
      // However short it is, and however slow the machine: others have a turn.
    } else if isLate(task) || task.stepDeadline == .min {
      if task.stage == 1 { throw Failure(.timeout, "the time was over before the sleep was") }
      return .nothing
    }
    task.waitKind = .timer
    scheduler.arm(task, at: task.stepDeadline)
    return nil
  }

  /// A step that is to take its own time; `stage` is 1 when the deadline around it, or its own `within`, comes first.
  func beginPause(_ seconds: Double, _ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) {
    task.stepHasBegun = true
    task.stepDeadline = Deadline(after: seconds).at
    var limit = task.blockDeadline
    if site.within >= 0 { limit = min(limit, try scaledDeadline(regs[site.within])) }
    if limit < task.stepDeadline {
      task.stepDeadline = limit
      task.stage = 1
    }
  }

  private func exit(_ site: StepSite, _ regs: Registers) throws(Failure) -> Value? {
    var code = 0
    if let value = operand(site, regs) {
      guard let number = value.wholeNumber, (0...255).contains(number) else {
        throw .range("an exit status is an integer from 0 to 255, not \(Show.inspect(value).text)")
      }
      code = number
    }
    throw Failure(.failed, "exit \(code)", verdict: .exit(Int32(truncatingIfNeeded: code)))
  }

  private func giveVerdict(_ site: StepSite, _ regs: Registers) throws(Failure) -> Value? {
    let value = operand(site, regs) ?? .nothing
    if site.verb == .fail, case .error(let failure) = value { throw failure }
    let message = Show.text(value).text
    switch site.verb {
    case .skip: throw Failure(.failed, message, verdict: .skipped)
    case .inconclusive: throw Failure(.failed, message, verdict: .inconclusive)
    default: throw Failure(.failed, message, verdict: .failed)
    }
  }

  /// The pause of a `retry` between two tries. True when it is over.
  func retryPause(_ state: Registers, _ task: Task) throws(Failure) -> Bool {
    if !task.stepHasBegun {
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
        failure.notes.append("it was tried again until the time of `retry` was over")
        throw failure
      }
      state[1] = .nothing
      task.stepHasBegun = true
      task.stepDeadline = next
    }
    if isLate(task) { return true }
    task.waitKind = .timer
    scheduler.arm(task, at: task.stepDeadline)
    return false
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

  func assertionFailure(_ site: AssertionSite, message: Value, _ regs: Registers) -> Failure {
    var text = "assertion failed: \(site.text)"
    if case .nothing = message { } else { text = "\(Show.text(message).text) (\(site.text))" }
    let failure = Failure(.assertion, text)
    for part in site.parts where part.wasComputed(regs) {
      let value = regs[part.register]
      let shown: String
      if case .string(let text) = value, text.count > 1000 {
        shown = self.shown(text.bytes, limit: 1000)
      } else {
        shown = Show.inspect(value).text
      }
      let note = "\(part.text) is \(shown)"
      // A name that occurs twice has one value; an action that is done twice may give two.
      if !failure.notes.contains(note) { failure.notes.append(note) }
    }
    return failure
  }

  // MARK: - Values

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
}
