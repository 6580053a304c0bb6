// `interact`: a person speaks to the channel, through the terminal that the script was started on.

import SockLanguage
import SocketCore

/// The terminal while it is lent: however the step ends, it is afterwards as it was before.
final class Interaction: AnswerBox {
  /// The key that ends it.
  let escape: UInt8
  /// Each key is the other side's affair; else lines are edited here.
  let isRaw: Bool
  private let screen: TerminalScreen?
  private var events: TerminalSignals.Events = []
  // What a session repeats: what was typed up to an Enter, and what came from then on.
  fileprivate var typed: [UInt8] = []
  fileprivate var answered: [UInt8] = []
  /// The line so far that a program reads without an echo.
  fileprivate var unseen: [UInt8] = []

  fileprivate init(escape: UInt8, with channel: Channel) throws(Failure) {
    self.escape = escape
    isRaw = channel.terminal != nil
    screen = channel.extras?.screen
    try borrow()
    // The user's own terminal answers what the program asks.
    screen?.answersQuestions = false
    if let error = TerminalSignals.watch(true) { throw Failure("cannot watch the terminal", error) }
  }

  deinit {
    UserTerminal.giveBack()
    screen?.answersQuestions = true
    // The worst of it: a window that grows is not told of any more.
    _ = TerminalSignals.watch(false)
  }

  private func borrow() throws(Failure) {
    if let error = UserTerminal.borrow(isRaw ? .keys : .lines(escape: escape)) {
      throw Failure("cannot set the terminal", error)
    }
  }

  /// Signals of the terminal have come.
  var isFilled: Bool {
    events.formUnion(TerminalSignals.take())
    return !events.isEmpty
  }

  /// Follows them. True: the window may have another size.
  fileprivate func follow() throws(Failure) -> Bool {
    guard isFilled else { return false }
    let came = events
    events = []
    if came.contains(.suspend) {
      UserTerminal.giveBack()
      UserTerminal.stop()
    }
    // The shell may have changed the terminal while this was stopped.
    if came.contains(.suspend) || came.contains(.continued) { try borrow() }
    return true
  }
}

extension StepCall {
  /// Bytes that are shown before others have their turn.
  private static let shownAtOnce = 256 * 1024

  func interact() throws(Failure) -> Value? {
    let channel = try readable()
    let keyboard = run.standardInput
    if let reader = keyboard.reader, reader !== task { throw busy(keyboard) }
    try beginAtOwnPace()
    let interaction: Interaction
    if let begun = task.step.work as? Interaction {
      interaction = begun
      if try interaction.follow() { try passOnSize(to: channel) }
    } else {
      interaction = try beginInteraction(channel)
    }
    let isOver = try showWhatCame(channel, interaction)
    if isOver { return try endInteraction(interaction, channel, Value(StaticString("eof"))) }
    if try passOnKeys(keyboard, channel, interaction) {
      return try endInteraction(interaction, channel, Value(StaticString("escape")))
    }
    if task.isLate { throw lateness(channel, "nobody ended `interact`") }
    output.hasten()
    try scheduler.waitForAny(of: [channel, keyboard], task)
    // Where there is more to show, or a slow channel is to be asked again, it does not wait for anybody.
    let pause: Int64? = channel.readiness.canRead ? 0 : channel.output?.count ?? 0 > 0 ? 20_000_000 : nil
    scheduler.arm(task, at: min(task.step.deadline, pause.map { MonotonicClock.now + $0 } ?? .max))
    return nil
  }

  private func beginInteraction(_ channel: Channel) throws(Failure) -> Interaction {
    if channel.isDatagram { throw .type("`interact` is for streams: \(channel.label) takes datagrams") }
    let escape = try escapeKey()
    if let missing = options.capturesOutput ? "standard output" : UserTerminal.missing {
      throw Failure(
        .system(.notATerminal), "cannot interact: \(missing) is no terminal (ENOTTY)",
        errno: Errno.notATerminal.rawValue, notes: ["help: it takes a person at a terminal; a script says `send` and `expect`"])
    }
    // What was printed before stands before, in the form that the terminal had.
    if let failure = output.flush() { throw failure }
    let interaction = try Interaction(escape: escape, with: channel)
    task.step.work = interaction
    try passOnSize(to: channel)
    return interaction
  }

  private func endInteraction(_ interaction: Interaction, _ channel: Channel, _ value: Value) throws(Failure) -> Value {
    record(interaction, channel)
    if let failure = output.flush() { throw failure }
    task.step.work = nil
    return value
  }

  /// `^A`, as keys with Ctrl are written, or the one byte that it gives.
  private func escapeKey() throws(Failure) -> UInt8 {
    guard let value = option(.escape) else { return 0x1D }
    let bytes = try value.data("escape").array
    if bytes.count == 1 { return bytes[0] }
    if bytes.count == 2, bytes[0] == UInt8(ascii: "^") {
      switch bytes[1] {
      case 0x3F: return 0x7F
      case 0x40...0x5F, 0x61...0x7A: return bytes[1] & 0x1F
      default: break
      }
    }
    throw .range("escape takes one key, as \"^A\" for Ctrl-A, not \(Show.inspect(value).text)")
  }

  private func passOnSize(to channel: Channel) throws(Failure) {
    guard let terminal = channel.terminal, let size = UserTerminal.size else { return }
    try channel.resize(terminal, columns: size.columns, rows: size.rows)
  }

  /// Shows what has come. True: no more will.
  private func showWhatCame(_ channel: Channel, _ interaction: Interaction) throws(Failure) -> Bool {
    var left = StepCall.shownAtOnce
    while true {
      let bytes = channel.input.bytes
      if !bytes.isEmpty {
        left -= bytes.count
        if recorder != nil { interaction.answered.append(contentsOf: bytes) }
        if let failure = output.write(bytes) { throw failure }
        channel.consume(bytes.count)
      }
      if channel.hasEnded {
        if channel.hasFailed { throw channel.endFailure("a person spoke to \(channel.label)") }
        return true
      }
      guard left > 0, case .something = try channel.fill(limits) else { return false }
    }
  }

  /// Passes on what has been typed. True: the key that ends it is among it; what stands behind that stays unread.
  private func passOnKeys(_ keyboard: Channel, _ channel: Channel, _ interaction: Interaction) throws(Failure) -> Bool {
    while channel.output?.count ?? 0 < Channel.gatheredLimit {
      if keyboard.input.isEmpty {
        let space = keyboard.input.space(scheduler.pool)
        switch keyboard.readOnce(into: space) {
        case .done(let count): keyboard.input.filled(count)
        case .wouldBlock:
          keyboard.input.release(scheduler.pool)
          return false
        case .end:
          keyboard.input.release(scheduler.pool)
          // Ctrl-D where lines are typed.
          if !interaction.isRaw { return true }
          throw Failure(.eof, "the terminal is gone")
        case .failed(let error):
          keyboard.input.release(scheduler.pool)
          if error == .interrupted { continue }
          throw Failure("cannot read what is typed", error)
        }
      }
      let bytes = keyboard.input.bytes
      let end = bytes.firstIndex(of: interaction.escape)
      var keys = Array(bytes[..<(end ?? bytes.count)])
      // A line that was begun and not entered is none: the key that leaves comes in the middle of it.
      if end != nil, !interaction.isRaw { keys.removeSubrange((keys.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)...) }
      keyboard.input.consume(end.map { $0 + 1 } ?? bytes.count, scheduler.pool)
      if !keys.isEmpty { try pass(interaction.isRaw ? keys : lines(keys, channel), to: channel, interaction) }
      if end != nil { return true }
    }
    return false
  }

  private func lines(_ keys: [UInt8], _ channel: Channel) -> [UInt8] {
    keys.flatMap { $0 == 0x0A ? channel.eol : [$0] }
  }

  private func pass(_ bytes: [UInt8], to channel: Channel, _ interaction: Interaction) throws(Failure) {
    if let error = channel.outputFailure {
      channel.outputFailure = nil
      throw Failure("cannot send on \(channel.label)", error)
    }
    guard channel.outputDescriptor >= 0 else { throw Failure(.closed, "\(channel.label) takes no input any more") }
    if recorder != nil {
      // A new line of the person's: what came before it answers the one before.
      let isWhole = interaction.typed.last.map { $0 == 0x0A || $0 == 0x0D } ?? true
      if isWhole { record(interaction, channel) }
      interaction.typed += bytes
    }
    if let terminal = channel.terminal { try noteSecret(bytes, terminal, channel, interaction) }
    bytes.withUnsafeBytes { channel.gather($0) }
  }

  /// What is typed at a prompt for a password is a secret when its line is whole.
  private func noteSecret(
    _ bytes: [UInt8], _ terminal: Terminal, _ channel: Channel, _ interaction: Interaction
  ) throws(Failure) {
    do throws(Errno) {
      guard try terminal.asksForPassword(channel.outputDescriptor) else {
        interaction.unseen = []
        return
      }
    } catch {
      throw Failure("cannot ask the terminal of \(channel.label)", error, channel)
    }
    interaction.unseen += bytes
    guard let end = interaction.unseen.firstIndex(where: { $0 == 0x0D || $0 == 0x0A }) else { return }
    interaction.unseen[..<end].withUnsafeBytes { run.hide($0) }
    interaction.unseen = []
  }

  private func record(_ interaction: Interaction, _ channel: Channel) {
    guard let recorder else { return }
    let (typed, answered) = (interaction.typed, interaction.answered)
    (interaction.typed, interaction.answered) = ([], [])
    if !typed.isEmpty { typed.withUnsafeBytes { recorder.sent($0, channel, site, task) } }
    if !answered.isEmpty { answered.withUnsafeBytes { recorder.received(Value(answered), $0, channel, site, task) } }
  }
}
