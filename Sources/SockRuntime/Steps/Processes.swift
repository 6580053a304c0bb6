// Processes under test as channels, and what is waited for that is no channel: `run`, `signal`, `wait`, `stop`.

import Glibc
import SockLanguage
import SocketCore
import Synchronization

/// A program that a script runs: its pipes are a channel's, its end is watched, its errors are kept.
final class ProcessState {
  let child: ChildProcess
  /// As written, for messages.
  let command: String
  private(set) var status: ExitStatus?
  /// The last of what it wrote to standard error.
  private(set) var errors: [UInt8] = []
  weak var channel: Channel?
  var waiters: [Task] = []
  /// What it writes when nobody reads stays in its pipe, where it waits: `run … hold`.
  let isHeld: Bool
  /// It owns the process while it watches it, as channels own the scheduler.
  private unowned let scheduler: Scheduler
  /// Whose end is its end too; not a copy's that `serve workers` has made.
  private weak var group: TaskGroup?
  private var isReading = true
  /// The script has asked it to end, or been told how it did.
  var isExpectedToEnd = false
  private static let kept = 16 * 1024

  init(
    _ child: ChildProcess, command: String, _ scheduler: Scheduler, in group: TaskGroup? = nil, isHeld: Bool = false
  ) {
    self.child = child
    self.command = command
    self.scheduler = scheduler
    self.group = group
    self.isHeld = isHeld
    group?.add(self)
  }

  /// Looks whether it has ended: then nothing of it stays in the system, however long the script goes on.
  func hasEnded() {
    guard status == nil else { return }
    do throws(Errno) {
      status = try child.tryWait()
      if status == nil { return }
      scheduler.forget(child.pidfd, of: self)
      _ = try child.reap()
    } catch {
      // Somebody else has waited for it. If that was before us, how it ended is not to be had any more.
      if status == nil { return }
    }
    if status?.isSuccess == false { group?.mourn(self) }
    letGo()
    drainErrors(nil)
    if let channel { scheduler.transcript.record(.exited, channel) }
    let waiting = waiters
    waiters.removeAll()
    for task in waiting { scheduler.makeReady(task) }
  }

  /// Its group is of no interest any more once it is empty. Until then it is ended with the script or test.
  func letGo() {
    if status != nil, child.signalGroup(0) == .noSuchProcess { group?.remove(self) }
  }

  /// Reads what it has written to standard error, so that it never waits for us.
  func drainErrors(_ scheduler: Scheduler?) {
    guard isReading, child.stderr >= 0 else { return }
    var left = Channel.drainedLimit
    withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
      while true {
        if left <= 0 {
          // It writes as fast as we read: others have their turn.
          scheduler?.watchAnew(self)
          return
        }
        switch StandardStream.tryRead(child.stderr, buffer) {
        case .done(let count):
          left -= count
          errors.append(contentsOf: buffer[..<count])
          if errors.count > 2 * ProcessState.kept { errors.removeFirst(errors.count - ProcessState.kept) }
        case .wouldBlock: return
        case .end, .failed:
          isReading = false
          self.scheduler.forget(child.stderr, of: self)
          child.close(.stderr)
          return
        }
      }
    }
  }

  /// Ends whatever is left of its process group, at once.
  /// False: it is still there; a process that SIGKILL does not end within a second hangs in the kernel.
  func endGroup() -> Bool {
    _ = child.signalGroup(SIGKILL)
    do throws(SocketError) {
      _ = try child.wait(within: Deadline(after: 1))
      do throws(Errno) {
        let isGone = try child.reap()
        if isGone { reapMembers() }
        return isGone
      } catch {
        return error == .noChildProcess
      }
    } catch {
      return false
    }
  }

  /// What is left of the group are children of this process if it adopts orphans: they have got SIGKILL, and are gone
  /// within a second at most.
  private func reapMembers() {
    let deadline = Deadline(after: 1)
    while SystemCall.reapGroup(child.pid) == 0, !deadline.hasPassed {
      _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 200_000)
    }
  }

  /// The last lines that it has written to standard error.
  func tail(hiding secrets: Secrets) -> [String] {
    let isCut = errors.count > ProcessState.tailBytes
    let bytes = secrets.masked(Array(errors.suffix(ProcessState.tailBytes)), cuts: isCut ? .atStart : [], isText: true)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true).suffix(10)
      .map(String.init)
  }

  private static let tailBytes = 2000

  /// How it has ended, in words; nil while it runs.
  var ending: String? {
    guard let status else { return nil }
    guard let signal = status.signal else { return "ended with status \(status.code)" }
    return "was killed by signal \(SignalName.name(of: signal))"
  }
}

extension Channel {
  /// A process that nobody reads from may write this much before the oldest is dropped, in bytes.
  static let drainedLimit = 1 << 20

  /// Takes what a process has written when nobody reads, up to a bound: it never blocks on us.
  func drainProcess() {
    guard let process, !process.isHeld, inputDescriptor >= 0, !atEnd else { return }
    var left = Channel.drainedLimit
    while canRead {
      if left <= 0 {
        // It writes as fast as we read: others have their turn, and the poller tells of it once more.
        scheduler.watchAnew(self)
        return
      }
      if input.count >= Channel.drainedLimit {
        if scheduler.hasReadyTasks {
          // A task that has not come to its next read yet may be the one that wants it.
          scheduler.watchAnew(self)
          return
        }
        // The oldest half goes; whoever reads later is told.
        input.consume(Channel.drainedLimit / 2, scheduler.pool)
        consumptions &+= 1
        wasTruncated = true
      }
      let space = input.space(scheduler.pool)
      switch StandardStream.tryRead(inputDescriptor, space) {
      case .done(let count):
        input.filled(count)
        left -= count
        scheduler.transcript.record(.received, self, UnsafeRawBufferPointer(rebasing: space[..<count]))
      case .wouldBlock:
        if input.isEmpty { input.release(scheduler.pool) }
        canRead = false
      case .end: noteEnd(); return
      case .failed(let error): noteFailure(error); return
      }
    }
  }
}

extension Interpreter {
  // MARK: - run

  func runProcess(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    if site.has(.pty) {
      throw Failure(.system(.notSupported), "run … pty: this build of sock has no terminals yet", errno: Errno.notSupported.rawValue)
    }
    let argv = try arguments(operand(site, regs) ?? .nothing, site.commandFillings)
    var request = SpawnRequest(argv: argv)
    if let value = option(.cwd, site, regs) { request.cwd = try data(value, "cwd").array }
    if let value = option(.env, site, regs) {
      guard case .map(let map) = value else { throw .type("env takes a map like {LANG: \"C\"}, not \(value.article)") }
      for entry in map.entries where entry.isLive {
        let name = Show.text(entry.key).array
        if case .nothing = entry.value {
          request.environment.append(.init(name: name, value: nil))
        } else {
          request.environment.append(.init(name: name, value: Show.text(entry.value).array))
        }
      }
    }
    switch site.text(of: .stderr) {
    case OptionWord.merge.rawValue: request.stderr = .merge
    case OptionWord.null.rawValue: request.stderr = .discard
    case OptionWord.inherit.rawValue: request.stderr = .inherit
    default: request.stderr = .pipe
    }
    if let mark = processMark(of: task.group) {
      request.environment.append(.init(name: Array(Interpreter.markVariable.utf8), value: Array(mark.utf8)))
    }
    if let failure = output.flush() { throw failure }
    let command = String(decoding: argv[0], as: UTF8.self)
    try permissions.requireRun(command)
    let child: ChildProcess
    do throws(SpawnError) {
      child = try ChildProcess.spawn(request)
    } catch {
      throw Failure(.system(error.errno), error.description, errno: error.errno.rawValue)
    }
    let process = ProcessState(child, command: command, scheduler, in: task.group, isHeld: site.has(.hold))
    let channel = Channel(scheduler: scheduler, kind: .process, socket: nil, input: child.stdout, output: child.stdin)
    channel.settings = defaults?.copy()
    channel.process = process
    process.channel = channel
    try scheduler.watch(process)
    try scheduler.watch(channel, reading: true)
    scheduler.transcript.record(.started, channel)
    if let name = site.resultName { channel.name = name } else { task.conn = channel }
    return .channel(channel)
  }

  /// What a process of a test has in its environment, so that it can be found when it has left its group.
  package static let markVariable = "SOCK_TEST"

  /// Nil where nobody looks for what is left.
  private func processMark(of group: TaskGroup) -> String? {
    guard let mark = options.mark else { return nil }
    if group.mark == nil {
      // The dot at its end keeps it from being the beginning of another one.
      group.mark = "\(mark).\(Interpreter.markCount.add(1, ordering: .relaxed).newValue)."
    }
    return group.mark
  }

  private static let markCount = Atomic<Int>(0)

  /// Ends what the group's processes have left behind outside of their own groups, and tells of it.
  func endOrphans(of group: TaskGroup) {
    guard let mark = group.mark else { return }
    for orphan in Orphans.end(marked: Array("\(Interpreter.markVariable)=\(mark)".utf8)) {
      group.leaks.append("process \(orphan.pid) (\(orphan.command)) had left its process group, and was ended")
    }
  }

  /// A string is split as a shell would split words, without a shell; a list is the exact argv.
  private func arguments(_ command: Value, _ isFilling: [Bool]) throws(Failure) -> [[UInt8]] {
    switch command {
    case .list(let pieces) where !isFilling.isEmpty:
      return try ShellWords.split(zip(pieces.items, isFilling).map { (Show.text($0), $1) })
    case .list(let list):
      var argv: [[UInt8]] = []
      for item in list.items { argv.append(Show.text(item).array) }
      guard !argv.isEmpty else { throw .range("run needs a program, and the list is empty") }
      return argv
    case .string(let text): return try ShellWords.split([(text, false)])
    default: throw .type("run takes a command line or a list of words, not \(command.article)")
    }
  }

  // MARK: - signal, wait, stop

  private func process(_ channel: Channel, _ verb: String) throws(Failure) -> ProcessState {
    guard let process = channel.process else { throw .type("cannot \(verb) \(channel.label): it is no process") }
    return process
  }

  func signal(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try channel(site, task, regs)
    let process = try process(channel, "signal")
    var name = site.word
    var number: Int32?
    if name == nil, site.wordValue >= 0 {
      switch regs[site.wordValue] {
      case .integer(let value): number = Int32(clamping: value)
      case .string(let text): name = text.text
      case let other: throw .type("a signal is a name like TERM or a number, not \(other.article)")
      }
    }
    if let name {
      let short = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
      number = SignalName.number(named: short.uppercased())
      guard number != nil else {
        let near = Suggestion.nearest(short, among: SignalName.allNames).map { "; did you mean `\($0)`?" } ?? ""
        throw .range("`\(name)` is no signal\(near)")
      }
    }
    guard let number else { throw .type("signal needs a name, as TERM") }
    process.hasEnded()
    process.isExpectedToEnd = true
    // One that has ended takes it without effect.
    if process.status != nil { return .boolean(true) }
    if let error = process.child.signal(number) { throw Failure("cannot signal \(channel.label)", error) }
    return .boolean(true)
  }

  func wait(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let value = site.receiver >= 0 ? regs[site.receiver] : operand(site, regs) ?? task.conn.map { .channel($0) } ?? .nothing
    switch value {
    case .task(let handle):
      handle.wasAwaited = true
      guard handle.task != nil else { return try handle.outcome() }
      if handle.task === task { throw .type("a task cannot wait for itself") }
      try begin(site, task, regs, nil)
      if isLate(task) { throw lateness(site, task, regs, nil, "the task did not end") }
      if !handle.waiters.contains(where: { $0 === task }) { handle.waiters.append(task) }
      task.waitKind = .task
      scheduler.arm(task, at: task.stepDeadline)
      return nil
    case .channel(let channel):
      let process = try process(channel, "wait for")
      process.hasEnded()
      if let status = process.status {
        process.isExpectedToEnd = true
        return .integer(Int(status.code))
      }
      try begin(site, task, regs, nil)
      if isLate(task) { throw lateness(site, task, regs, channel, "\(process.command) did not end") }
      if !process.waiters.contains(where: { $0 === task }) { process.waiters.append(task) }
      task.waitKind = .process
      scheduler.arm(task, at: task.stepDeadline)
      return nil
    default:
      throw .type("wait takes a task or a process, not \(value.article)")
    }
  }

  func stopTask(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let value = site.receiver >= 0 ? regs[site.receiver] : operand(site, regs) ?? .nothing
    guard case .task(let handle) = value else { throw .type("stop takes a task, not \(value.article)") }
    handle.wasAwaited = true
    guard let other = handle.task else { return .boolean(false) }
    if other === task {
      task.isCancelled = true
      throw Failure(.cancelled, "the task stopped itself")
    }
    stop(other)
    return .boolean(true)
  }
}

/// A command line's words: blanks part them, quotes and backslashes keep them together. No variables, no globs, no shell.
enum ShellWords {
  /// - Parameter pieces: what stands in the script, and between that what its holes were filled with: such a text is
  ///   part of one word, whatever is in it.
  static func split(_ pieces: [(text: ByteString, isFilling: Bool)]) throws(Failure) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8]?
    /// The quote that is open, over the holes in it.
    var quote: UInt8?
    for piece in pieces {
      let bytes = piece.text.bytes
      if piece.isFilling {
        word = (word ?? []) + bytes
        continue
      }
      var at = 0
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        switch (byte, quote) {
        case (0x27, 0x27?), (0x22, 0x22?): quote = nil
        case (0x27, nil), (0x22, nil):
          quote = byte
          word = word ?? []
        case (0x5C, nil), (0x5C, 0x22?):
          guard at < bytes.count else { throw Failure(.parse, "run: a backslash in the command has nothing behind it") }
          // In double quotes it stands for itself, unless what follows would mean something there.
          if quote != nil, ![0x22, 0x5C, 0x24, 0x60].contains(bytes[at]) { word = (word ?? []) + [byte] }
          word = (word ?? []) + [bytes[at]]
          at += 1
        case (0x20, nil), (0x09, nil), (0x0A, nil), (0x0D, nil):
          if let finished = word { words.append(finished) }
          word = nil
        default: word = (word ?? []) + [byte]
        }
      }
    }
    if let quote {
      throw Failure(.parse, "run: a \(quote == 0x22 ? "double" : "single") quote in the command is not closed")
    }
    if let finished = word { words.append(finished) }
    guard !words.isEmpty else { throw .range("run needs a program, and the command is empty") }
    return words
  }
}
