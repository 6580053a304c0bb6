// Verbs that end a channel or half of it: `shutdown`, `close`, `reset`.

import SockLanguage
import SocketCore

extension StepCall {
  func shutdown() throws(Failure) -> Value? {
    let channel = try channel()
    // Behind a dot it might have been a key of a map, until the value was known.
    guard site.has(.read) || site.has(.write) || site.has(.both) || site.has(.raw) else {
      throw .type("shutdown needs a direction: `read`, `write`, `raw` or `both`")
    }
    try channel.requireOpen("shutdown")
    if let terminal = channel.terminal, terminal.isOfProgram, !site.has(.read) { return try sendEndOfFile(terminal, channel) }
    if !site.has(.read) {
      guard try flush(channel), try deliver(channel, givesUp: false) else { return nil }
    }
    if channel.process != nil {
      if !site.has(.read) {
        if let tls = channel.tls, !site.has(.raw), try !sayGoodbye(tls, channel) { return nil }
        channel.endProcessInput()
      }
      return .boolean(true)
    }
    guard let socket = channel.socket else { throw .type("\(channel.label) is no socket; `close` ends it") }
    if let tls = channel.tls, !site.has(.read), !site.has(.raw) {
      guard try sayGoodbye(tls, channel) else { return nil }
      if site.has(.write) {
        scheduler.transcript.record(.shutdown, channel)
        return .boolean(true)
      }
    }
    if let error = socket.tryShutdown(site.has(.read) ? .read : site.has(.both) ? .both : .write) {
      // A peer that has reset or closed first leaves nothing to shut down: what was asked for is so.
      if error != .socketNotConnected {
        let failure = Failure("cannot shut down \(channel.label)", error)
        failure.channel = channel
        throw failure
      }
      if channel.kind == .listener || channel.kind == .bare {
        throw Failure("cannot shut down \(channel.label)", error)
      }
    }
    scheduler.transcript.record(site.has(.read) ? .shutdownReading : .shutdown, channel)
    return .boolean(true)
  }

  /// Sends close_notify, behind what other tasks are sending: nothing can be sent behind it. False: the task has to
  /// wait.
  private func sayGoodbye(_ tls: TLSTransport, _ channel: Channel) throws(Failure) -> Bool {
    guard let turn = try turn(channel) else { return false }
    switch tls.shutdown() {
    case .done, .ended, .truncated: return true
    case .wantsWrite, .wantsRead:
      task.step.work = turn
      try waitToWrite(channel) { "the end of TLS (close_notify) was not taken by the other side" }
      return false
    case .failed(let error): throw Failure("cannot shut down \(channel.label)", error, channel)
    }
  }

  func close() throws(Failure) -> Value? {
    let channel = try closable()
    if channel.isClosed { return .boolean(false) }
    try channel.requireOpen(site.verb.rawValue)
    do throws(Failure) {
      if channel.kind != .listener {
        guard try flush(channel), try deliver(channel, givesUp: true) else { return nil }
      }
    } catch {
      // What was gathered is lost, which is said; but closed it is.
      end(channel)
      throw error
    }
    // Its turn is over.
    if task.step.work is Outgoing { task.step.work = nil }
    if let tls = channel.tls, try !isDelivered(tls, channel) { return nil }
    scheduler.transcript.record(.closed, channel)
    end(channel)
    return .boolean(true)
  }

  /// A peer that has not read yet leaves no room for close_notify, without which it would take all that came for cut
  /// off.
  ///
  /// The tickets that a server of TLS 1.3 sends behind the handshake may still be on their way to a client that has only
  /// written. What comes for a socket that is closed resets the connection, and the kernel throws away what it has not
  /// sent yet: so the client stays until all is sent or something has come. Both wait for a second at most.
  ///
  /// False: the task waits.
  private func isDelivered(_ tls: TLSTransport, _ channel: Channel) throws(Failure) -> Bool {
    guard let socket = channel.socket else { return true }
    if channel.isFreeToSend, tls.shutdown() == .wantsWrite {
      guard Goodbye.hasTime(task) else { return true }
      try scheduler.waitForWriting(task, channel)
      scheduler.arm(task, at: task.step.deadline)
      return false
    }
    // Between Unix sockets what is sent is with the other side at once, read or not.
    guard socket.isTCP, channel.reader == nil, tls.awaitsTickets() else { return true }
    _ = tls.shutdown()
    if socket.unacknowledged == 0 { return true }
    guard Goodbye.hasTime(task) else { return true }
    channel.readiness.canRead = false
    try scheduler.waitForReading(task, channel)
    // Nothing tells when it is sent.
    scheduler.arm(task, at: min(task.step.deadline, Deadline(after: 0.001).at))
    return false
  }

  func reset() throws(Failure) -> Value? {
    let channel = try closable()
    if channel.isClosed { return .boolean(false) }
    try channel.requireOpen(site.verb.rawValue)
    scheduler.transcript.record(.aborted, channel)
    if let socket = channel.socket {
      scheduler.forget(channel)
      scheduler.disown(channel.inputDescriptor)
      if let error = socket.reset() { throw Failure("cannot reset \(channel.label)", error) }
    }
    end(channel)
    return .boolean(true)
  }

  private func closable() throws(Failure) -> Channel {
    try channel(orListener: true)
  }

  /// The channel is closed, and no longer the current one.
  func end(_ channel: Channel) {
    if channel.kind == .standard {
      channel.markClosed()
    } else {
      channel.release()
    }
    if task.conn === channel { task.conn = nil }
    if task.listener === channel { task.listener = nil }
  }
}
