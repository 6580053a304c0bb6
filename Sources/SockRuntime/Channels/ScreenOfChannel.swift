// The screen of a program that runs on a terminal: it gets each byte as it is read, whoever asked for it.

import SocketCore

extension Channel {
  /// Shows what has come. What the terminal answers to it goes back, as what is typed does.
  func show(_ bytes: UnsafeRawBufferPointer, on screen: TerminalScreen) {
    let answers = screen.write(bytes)
    guard !answers.isEmpty, screen.answersQuestions, isOpen, outputDescriptor >= 0 else { return }
    answers.withUnsafeBytes { gather($0) }
  }

  /// The screen with all on it that there is now. What is read for that stays unread for others.
  func screenNow(_ limits: RunLimits) throws(Failure) -> TerminalScreen {
    let screen = try requireScreen()
    guard isOpen, inputDescriptor >= 0 else { return screen }
    // It is asked whatever is known: nobody may have been told yet.
    readiness.canRead = true
    let count = input.count
    while input.count < Channel.drainedLimit, !hasEnded, case .something = try fill(limits) {}
    // Whoever waits for it is not told any more.
    if input.count > count || hasEnded, let reader { scheduler.makeReady(reader) }
    return screen
  }

  /// The screen that what comes is shown on.
  func requireScreen() throws(Failure) -> TerminalScreen {
    if let screen = extras?.screen { return screen }
    guard terminal != nil, inputDescriptor >= 0 else {
      let failure = Failure(.type, "\(label) has no screen")
      failure.notes.append("help: a program gets a terminal, which has one, with `run COMMAND pty`")
      failure.channel = self
      throw failure
    }
    return try makeScreen()
  }

  /// Shows what comes from now on.
  private func makeScreen() throws(Failure) -> TerminalScreen {
    let size: (columns: UInt16, rows: UInt16)
    do throws(Errno) {
      size = try TerminalState.window(of: inputDescriptor)
    } catch {
      throw Failure("cannot ask the terminal of \(label)", error, self)
    }
    let screen = try TerminalScreen(rows: Int(size.rows), columns: Int(size.columns))
    ownExtras.screen = screen
    return screen
  }

  /// The same for a script that is going to ask for it.
  func prepareScreen() {
    do throws(Failure) {
      ownExtras.screen = try makeScreen()
    } catch {
      // It is too large to be shown, of which who asks for it is told.
    }
  }

  /// Gives its terminal, and what is shown of it, another size.
  func resize(_ terminal: Terminal, columns: UInt16, rows: UInt16) throws(Failure) {
    try extras?.screen?.resize(rows: Int(rows), columns: Int(columns))
    if let error = terminal.resize(inputDescriptor, columns: columns, rows: rows) {
      throw Failure("cannot resize the terminal of \(label)", error, self)
    }
  }
}
