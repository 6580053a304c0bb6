// Programs on terminals: how they begin, what is sent to them, and what is asked of their terminals.

import SockLanguage
import SocketCore

extension StepCall {
  // MARK: - run … pty

  /// The terminal that a `run` asks for; nil: pipes. What holds for it goes into the environment, in front of what `env`
  /// says.
  func terminalRequest(_ environment: inout [SpawnRequest.EnvironmentChange]) throws(Failure) -> TerminalRequest? {
    guard site.has(.pty) else { return nil }
    var (columns, rows) = Terminal.wide
    if let value = option(.size) { (columns, rows) = try size(value) }
    let name = site.has(.size) ? "xterm-256color" : "dumb"
    environment.append(.init(name: Array("TERM".utf8), value: Array(name.utf8)))
    // Of another terminal than this; programs would believe them.
    for name in ["COLUMNS", "LINES"] { environment.append(.init(name: Array(name.utf8), value: nil)) }
    return TerminalRequest(
      columns: columns, rows: rows, echoes: site.text(of: .echo) == OptionWord.on.rawValue, isRaw: site.has(.raw))
  }

  private func size(_ value: Value) throws(Failure) -> (UInt16, UInt16) {
    guard case .list(let list) = value, list.items.count == 2 else { throw .type("size takes columns and rows") }
    return (try side(list.items[0], "columns"), try side(list.items[1], "rows"))
  }

  private func side(_ value: Value, _ what: String) throws(Failure) -> UInt16 {
    let count = try value.count("the number of \(what)", minimum: 1)
    guard let side = UInt16(exactly: count) else { throw .range("a terminal has no \(count) \(what): 65535 at most") }
    return side
  }

  func resize() throws(Failure) -> Value? {
    let channel = try channel()
    try channel.requireOpen("resize")
    let terminal = try terminal(of: channel)
    guard site.operandCount == 2 else { throw .type("resize takes columns and rows") }
    let columns = try side(regs[site.operands], "columns")
    let rows = try side(regs[site.operands + 1], "rows")
    try channel.resize(terminal, columns: columns, rows: rows)
    return .boolean(true)
  }

  private func terminal(of channel: Channel) throws(Failure) -> Terminal {
    if let terminal = channel.terminal { return terminal }
    let failure = Failure(.type, "\(channel.label) has no terminal")
    failure.notes.append("help: a program gets one with `run COMMAND pty`")
    failure.channel = channel
    throw failure
  }

  // MARK: - What is sent

  /// Refuses what the terminal would lose in silence: what nobody is there to read, and the rest of too long a line.
  /// Hides what a program reads without echo.
  func prepare(_ bytes: ByteString, for terminal: Terminal, _ channel: Channel) throws(Failure) {
    if SystemCall.poll(channel.outputDescriptor, reading: false, writing: false, timeoutNanoseconds: 0) > 0 {
      throw Failure("cannot send on \(channel.label): the other side has closed", .brokenPipe, channel)
    }
    let excess: Int?
    do throws(Errno) {
      excess = try terminal.excess(of: bytes.bytes, channel.outputDescriptor)
      if try terminal.asksForPassword(channel.outputDescriptor) { run.hide(bytes.bytes) }
    } catch {
      throw Failure("cannot ask the terminal of \(channel.label)", error, channel)
    }
    guard let excess else { return }
    let failure = Failure(
      .range, "a line of \(excess) bytes: the terminal of \(channel.label) holds \(TerminalState.longestLine) before its "
        + "end, and loses the rest")
    failure.notes.append("help: where bytes pass as they are, a line may be of any length: `run … pty raw`")
    failure.channel = channel
    throw failure
  }

  /// Sends what ends the input of the program on a terminal. The terminal goes on: more can be sent.
  func sendEndOfFile(_ terminal: Terminal, _ channel: Channel) throws(Failure) -> Value? {
    if let outgoing = task.step.work as? Outgoing { return try advance(outgoing, channel).map { _ in .boolean(true) } }
    let end: [UInt8]?
    do throws(Errno) {
      end = terminal.isRaw ? nil : try terminal.endOfFile(channel.outputDescriptor)
    } catch {
      throw Failure("cannot ask the terminal of \(channel.label)", error, channel)
    }
    guard let end else {
      let failure = Failure(.type, "no character ends the input on the terminal of \(channel.label)")
      failure.notes.append("help: `close` hangs up")
      failure.channel = channel
      throw failure
    }
    let departure = Departure(bytes: ByteString(end), count: end.count)
    return try advance(Outgoing(departure, on: channel), channel).map { _ in .boolean(true) }
  }

  // MARK: - expect echo

  /// How a wait for what nothing tells of goes on: looked at more and more seldom.
  private final class Looking {
    /// Nanoseconds.
    var pause: Int64 = 500_000
    static let longestPause: Int64 = 16_000_000
  }

  /// Whether the echo is as the step wants it.
  func hasWantedEcho(_ channel: Channel) throws(Failure) -> Bool {
    let terminal = try terminal(of: channel)
    guard terminal.echoes else {
      let failure = Failure(.type, "the terminal of \(channel.label) was opened without echo: there is nothing to wait for")
      failure.notes.append("help: `run … pty echo on` begins with echo, as a terminal of a person does")
      failure.channel = channel
      throw failure
    }
    do throws(Errno) {
      return try TerminalState(of: channel.inputDescriptor).echoes == (site.text(of: .echo) == OptionWord.on.rawValue)
    } catch {
      throw Failure("cannot ask the terminal of \(channel.label)", error, channel)
    }
  }

  /// Waits until the program has set the echo. What it writes meanwhile stays for the next steps.
  func expectEcho(_ channel: Channel) throws(Failure) -> Value? {
    if try hasWantedEcho(channel) { return .boolean(true) }
    let word = site.text(of: .echo) ?? ""
    channel.process?.hasEnded()
    if let ending = channel.process?.ending {
      let failure = Failure(.eof, "expected echo \(word), but \(channel.process?.command ?? channel.label) \(ending)")
      failure.channel = channel
      throw failure
    }
    try begin(channel)
    if task.isLate { throw lateness(channel, "the program did not turn the echo \(word)") }
    let looking = task.step.work as? Looking ?? Looking()
    task.step.work = looking
    task.waitKind = .timer
    scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + looking.pause))
    looking.pause = min(2 * looking.pause, Looking.longestPause)
    return nil
  }
}

extension Interpreter {
  /// What was typed at a prompt for a password is a secret from now on.
  func hide(_ bytes: UnsafeRawBufferPointer) {
    var text = Array(bytes)
    while let last = text.last, last == 0x0D || last == 0x0A { text.removeLast() }
    secrets.add(text, name: "", isOfTest: group.isTest && group !== topLevel)
    if !secrets.isEmpty { scheduler.secrets = secrets }
  }
}
