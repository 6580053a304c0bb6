// Between two statements of a session: its tasks have their turns, and the terminal is watched.

import Glibc
import SocketCore

extension Session {
  /// Where inputs come from: `turn` comes back when there is something to read.
  package func watch(_ input: WatchedInput) throws(Failure) {
    self.input = input
    try interpreter.scheduler.watch(input)
  }

  /// While no statement runs: gives each task that is ready a turn, and waits until anything happens. True when Ctrl-C
  /// was pressed.
  /// - Parameter beforeWaiting: what the tasks have printed is on the screen then.
  package func turn(beforeWaiting: () -> Void = {}) -> Bool {
    runTasks()
    if let signal = takeSignal() { return isInterrupt(signal) }
    if exitStatus != nil || input?.isReady == true { return false }
    watchPeers()
    noteArrivals()
    beforeWaiting()
    wait()
    return false
  }

  /// The same for who is in the middle of reading an input: signals stay for the next turn. False: there will be no
  /// more input.
  package func goOn() -> Bool {
    runTasks()
    if exitStatus == nil { wait() }
    return exitStatus == nil
  }

  private func runTasks() {
    interpreter.runReadyTasks()
    if case .exited(let code)? = interpreter.mainResult { exitStatus = exitStatus ?? code }
    interpreter.mainResult = nil
    showLive()
    flush()
  }

  private func wait() {
    if let error = interpreter.waitForEvents(until: live.dueAt) {
      tell(Failure("cannot wait for events", error))
      exitStatus = exitStatus ?? 1
    }
  }

  /// Lets time pass, in seconds, while the session's tasks have their turns. False: Ctrl-C was pressed, or the session
  /// is over.
  package func pause(for seconds: Double) -> Bool {
    let end = Deadline(after: seconds)
    while exitStatus == nil {
      runTasks()
      if let signal = takeSignal() {
        if isInterrupt(signal) { tell("\n") }
        return false
      }
      if end.hasPassed { return exitStatus == nil }
      if let error = interpreter.waitForEvents(until: end.at) {
        tell(Failure("cannot wait for events", error))
        return false
      }
    }
    return false
  }

  /// What would end with the session and cannot be had again: tasks that run. Nil: nothing. In the middle of a test
  /// they are the test's, which goes on.
  package var lossOnLeaving: String? {
    let count = interpreter.group.tasks.count
    guard count > 0, inputs == nil else { return nil }
    return "\(count) task\(count == 1 ? " still runs" : "s still run") (:tasks)"
  }

  /// While another program has the terminal: tasks go on, and what they print waits.
  /// - Parameter hasEnded: asked each 20 ms.
  package func waitForForeground(_ hasEnded: () -> Bool) {
    while !hasEnded() {
      interpreter.runReadyTasks()
      if interpreter.waitForEvents(until: MonotonicClock.now + 20_000_000) != nil { break }
    }
    forgetInterrupt()
  }

  /// Ctrl-C was meant for what is over now: not for the line that is typed next.
  package func forgetInterrupt() {
    if interpreter.stopRequest.signal == SIGINT { interpreter.stopRequest.wasSeen() }
  }

  /// Nothing is consumed: only what comes, and the ends of connections, become known.
  private func watchPeers() {
    // How much of it is the other side's data is known only when it is decrypted.
    if let conn = state.conn, conn.tls != nil { conn.takeWhatWaits(interpreter.limits, upTo: Session.looked) }
    let others = isAtTerminal ? interpreter.group.channels.compactMap(\.channel) : []
    for channel in [state.conn].compactMap({ $0 }) + others.prefix(Session.channelsWatched) {
      guard !channel.isClosed, channel.inputDescriptor >= 0 else { continue }
      switch channel.kind {
      case .stream, .process, .datagram, .device, .pipe: break
      case .listener, .standard, .bare: continue
      }
      do throws(Failure) {
        try interpreter.scheduler.watch(channel, reading: true)
      } catch {
        // What there is to see then shows when a step has met it.
      }
    }
  }

  /// What a statement has read ahead of the session's own input and not used: the input goes on with it. Up to the end
  /// of the first line, or all of it when there is no line's end.
  /// - Parameter isWhole: all of it in any case.
  package func takeUnusedInput(isWhole: Bool = false) -> [UInt8] {
    guard let channel = interpreter.standard.input, !channel.input.isEmpty else { return [] }
    let end = isWhole ? nil : channel.input.bytes.firstIndex(of: UInt8(ascii: "\n"))
    let line = end.map { $0 + 1 } ?? channel.input.count
    let bytes = Array(channel.input.bytes[..<line])
    channel.input.consume(line, interpreter.scheduler.pool)
    channel.consumptions += 1
    return bytes
  }
}
