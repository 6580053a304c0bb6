// Processes under test as channels, and what is waited for that is no channel: `run`, `signal`, `wait`, `stop`.

import Glibc
import SockLanguage
import SocketCore
import Synchronization

extension StepCall {
  // MARK: - run

  func runProcess() throws(Failure) -> Value? {
    let argv = try arguments(operand ?? .nothing, site.commandFillings)
    var request = SpawnRequest(argv: argv)
    request.terminal = try terminalRequest(&request.environment)
    if let value = option(.cwd) { request.cwd = try value.data("cwd").array }
    if let value = option(.env) {
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
    case OptionWord.channel.rawValue: request.stderr = .pipe
    default: request.stderr = request.terminal == nil ? .pipe : .merge
    }
    if let change = run.markChange(of: task.group, request) { request.environment.append(change) }
    let server = try serverOfClient(&request)
    let passed = try passDescriptors(&request)
    let input = try openInput(&request)
    defer { if let input { Glibc.close(input) } }
    if let failure = output.flush() { throw failure }
    let command = String(decoding: request.argv[0], as: UTF8.self)
    try permissions.requireRun(request)
    for channel in passed { try channel.becomeShared() }
    let child: ChildProcess
    do throws(SpawnError) {
      child = try ChildProcess.spawn(request)
    } catch {
      let failure = Failure(.system(error.errno), error.description, errno: error.errno.rawValue)
      if error.errno.rawValue == ENOENT { failure.missingPath = command }
      throw failure
    }
    let process = ProcessState(
      child, command: command, arguments: request.argv.dropFirst(), scheduler, in: task.group, isHeld: site.has(.hold))
    let terminal = request.terminal.map { Terminal(echoes: $0.echoes, isRaw: $0.isRaw) }
    let channel = Channel(
      scheduler: scheduler, kind: .process, socket: nil, transport: terminal.map { .terminal($0) } ?? .pipes,
      input: child.stdout, output: terminal == nil ? child.stdin : child.stdout)
    channel.settings = defaults?.copy()
    channel.process = process
    process.channel = channel
    process.channelNumber = Int32(truncatingIfNeeded: channel.number)
    if site.text(of: .stderr) == OptionWord.channel.rawValue {
      process.errorChannel = Channel(scheduler: scheduler, errorsOf: process)
    }
    if run.keepsScreens, terminal != nil { channel.prepareScreen() }
    try scheduler.watch(process)
    try scheduler.watch(channel, reading: true)
    scheduler.transcript.record(.started, channel)
    if let name = site.resultName { channel.name = name } else { task.conn = channel }
    task.group.lastProgram = process
    if let server { adoptClient(process, channel, of: server) }
    if let errors = process.errorChannel {
      errors.settings = defaults?.copy()
      errors.name = "\(channel.label).stderr"
      try scheduler.watch(errors, reading: true)
    }
    return .channel(channel)
  }

  private func adoptClient(_ process: ProcessState, _ channel: Channel, of server: Channel) {
    // Its connection will be the current one, and it is not to be taken for that.
    if site.resultName == nil { channel.name = "client" }
    process.role = ClientRole(of: server, site.site, calls: run.callers(of: task))
    server.ownExtras.clients.removeAll { $0.status != nil && $0.isExpectedToEnd }
    server.ownExtras.clients.append(process)
    task.group.add(client: process, channel, of: server)
  }

  /// Puts the channels of `fds` into the request, and gives them back.
  private func passDescriptors(_ request: inout SpawnRequest) throws(Failure) -> [Channel] {
    guard let value = option(.fds) else { return [] }
    let channels = try value.passedChannels()
    for channel in channels {
      let descriptor = try channel.passedDescriptor()
      guard channel.socket != nil else { throw .type("`run … fds` takes sockets, and \(channel.label) is none") }
      request.descriptors.append(.init(descriptor: descriptor, name: Array((channel.name ?? "unknown").utf8)))
    }
    return channels
  }

  /// Puts what `stdin` names into the request: a file, nothing at all, a socket, or our own standard input. Gives the
  /// descriptor that was opened for it.
  private func openInput(_ request: inout SpawnRequest) throws(Failure) -> Int32? {
    guard site.has(.stdin) else { return nil }
    switch option(.stdin) ?? .nothing {
    case .nothing: return try openInput("/dev/null", &request)
    case .string(let name): return try openInput(try permissions.requireFile(name.text, .read), &request)
    case .channel(let channel):
      let descriptor = try channel.passedDescriptor()
      guard channel.socket != nil || channel.kind == .standard, channel.inputDescriptor >= 0 else {
        throw .type("`stdin` takes a file's name, a socket or our own `stdin`, and \(channel.label) is none of them")
      }
      try channel.becomeShared()
      request.stdin = .descriptor(descriptor)
      return nil
    case let other: throw .type("`stdin` takes a file's name or a channel, not \(other.article)")
    }
  }

  private func openInput(_ path: String, _ request: inout SpawnRequest) throws(Failure) -> Int32 {
    // A FIFO that nobody writes to yet does not keep us; the program may wait for it.
    let descriptor = path.utf8.contains(0) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var error = Errno(rawValue: path.utf8.contains(0) ? EINVAL : errno)
    if descriptor >= 0 {
      var info = stat()
      guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT != S_IFDIR else {
        Glibc.close(descriptor)
        throw Failure("cannot read \(path)", Errno(rawValue: EISDIR))
      }
      guard let problem = StandardStream.setNonblocking(descriptor, false) else {
        request.stdin = .descriptor(descriptor)
        return descriptor
      }
      Glibc.close(descriptor)
      error = problem
    }
    let failure = Failure("cannot read \(path)", error)
    if error.rawValue == ENOENT { failure.missingPath = path }
    throw failure
  }

  /// A string is split as a shell would split words, without a shell; a list is the exact argv.
  private func arguments(_ command: Value, _ isFilling: [Bool]) throws(Failure) -> [[UInt8]] {
    switch command {
    case .list(let pieces) where !isFilling.isEmpty:
      return try ShellWords.split(zip(pieces.items, isFilling).map { (Show.text($0), $1) })
    default: return try ShellWords.words(of: command)
    }
  }

  // MARK: - signal, wait, stop

  private func process(_ channel: Channel, _ verb: String) throws(Failure) -> ProcessState {
    guard let process = channel.process else { throw .type("cannot \(verb) \(channel.label): it is no process") }
    return process
  }

  func signal() throws(Failure) -> Value? {
    let channel = try channel()
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

  func wait() throws(Failure) -> Value? {
    let value = site.receiver >= 0 ? regs[site.receiver] : operand ?? task.conn.map { .channel($0) } ?? .nothing
    switch value {
    case .task(let handle):
      handle.wasAwaited = true
      guard handle.task != nil else { return try handle.outcome() }
      if handle.task === task { throw .type("a task cannot wait for itself") }
      try begin(nil)
      if task.isLate { throw lateness(nil, "the task did not end") }
      if !handle.waiters.contains(where: { $0 === task }) { handle.waiters.append(task) }
      task.waitKind = .task
      scheduler.arm(task, at: task.step.deadline)
      return nil
    case .channel(let channel):
      let process = try process(channel, "wait for")
      process.hasEnded()
      if let status = process.status {
        process.isExpectedToEnd = true
        return .integer(Int(status.code))
      }
      try begin(nil)
      if task.isLate { throw run.lateToEnd(process, lateness(channel, "\(process.command) did not end")) }
      if !process.waiters.contains(where: { $0 === task }) { process.waiters.append(task) }
      task.waitKind = .process
      scheduler.arm(task, at: task.step.deadline)
      return nil
    default:
      throw .type("wait takes a task or a process, not \(value.article)")
    }
  }

  func stopTask() throws(Failure) -> Value? {
    let value = site.receiver >= 0 ? regs[site.receiver] : operand ?? .nothing
    guard case .task(let handle) = value else { throw .type("stop takes a task, not \(value.article)") }
    handle.wasAwaited = true
    guard let other = handle.task else { return .boolean(false) }
    if other === task {
      task.isCancelled = true
      throw Failure(.cancelled, "the task stopped itself")
    }
    run.stop(other)
    return .boolean(true)
  }
}

extension Interpreter {
  /// What a process of a test has in its environment, so that it can be found when it has left its group.
  package static let markVariable = "SOCK_TEST"
  /// The same of a plain script's, which may run in a test itself.
  private static let scriptVariable = "SOCK_RUN"

  private static let markCount = Atomic<Int>(0)

  /// What a process gets into its environment; nil where nobody looks for what is left, as in a session.
  ///
  /// A script may take that of its own out of the environment of a program that is to outlive it.
  func markChange(of group: TaskGroup, _ request: SpawnRequest) -> SpawnRequest.EnvironmentChange? {
    let variable = Array((options.mark == nil ? Interpreter.scriptVariable : Interpreter.markVariable).utf8)
    if options.mark == nil, !options.endsOrphans || request.environment.contains(where: { $0.name == variable }) {
      return nil
    }
    // The dot at its end keeps it from being the beginning of another one.
    // A script that another one has started has the mark of that in front of its own.
    let outer = getenv(Interpreter.scriptVariable).map { String(cString: $0) } ?? ""
    let run = options.mark ?? "\(outer)\(getpid())-\(MonotonicClock.now)"
    let own = group.mark ?? "\(run).\(Interpreter.markCount.add(1, ordering: .relaxed).newValue)."
    group.mark = own
    return .init(name: variable, value: Array(own.utf8))
  }

  /// Ends what the group's processes have left behind outside of their own groups, and tells of it.
  /// - Parameter groups: the process groups that have got SIGKILL; what is in them may take a moment to go.
  func endOrphans(of group: TaskGroup, outside groups: Set<Int32>) {
    guard let mark = group.mark else { return }
    if options.mark == nil {
      // Unlike a worker of tests a script may go on for long: it does not adopt them, whom it would have to reap.
      let mark = Array("\(Interpreter.scriptVariable)=\(mark)".utf8)
      for orphan in Orphans.endAnywhere(from: group.firstPid, outside: groups, marked: mark) {
        output.tell("sock: process \(orphan.pid) (\(orphan.command)) had left its process group, and was ended\n")
      }
      return
    }
    for orphan in Orphans.end(marked: Array("\(Interpreter.markVariable)=\(mark)".utf8)) {
      group.leaks.append("process \(orphan.pid) (\(orphan.command)) had left its process group, and was ended")
    }
  }
}
