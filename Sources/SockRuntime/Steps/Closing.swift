// Verbs that end a channel or half of it: `shutdown`, `close`, `reset`.

import SockLanguage
import SocketCore

extension Interpreter {
  func shutdown(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try channel(site, task, regs)
    // Behind a dot it might have been a key of a map, until the value was known.
    guard site.has(.read) || site.has(.write) || site.has(.both) else {
      throw .type("shutdown needs a direction: `read`, `write` or `both`")
    }
    try requireOpen(channel, "shutdown")
    if !site.has(.read), try !flush(channel, site, task, regs) { return nil }
    if let process = channel.process {
      if !site.has(.read) {
        scheduler.forgetOutput(channel)
        scheduler.disown(channel.outputDescriptor)
        process.child.close(.stdin)
        channel.outputDescriptor = -1
      }
      return .boolean(true)
    }
    guard let socket = channel.socket else { throw .type("\(channel.label) is no socket; `close` ends it") }
    do throws(Errno) {
      try socket.shutdown(site.has(.read) ? .read : site.has(.both) ? .both : .write)
    } catch {
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

  func close(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try closable(site, task, regs)
    if channel.isClosed { return .boolean(false) }
    try requireOpen(channel, site.verb.rawValue)
    do throws(Failure) {
      if channel.kind != .listener, try !flush(channel, site, task, regs) { return nil }
    } catch {
      // What was gathered is lost, which is said; but closed it is.
      end(channel, task)
      throw error
    }
    scheduler.transcript.record(.closed, channel)
    end(channel, task)
    return .boolean(true)
  }

  func reset(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try closable(site, task, regs)
    if channel.isClosed { return .boolean(false) }
    try requireOpen(channel, site.verb.rawValue)
    scheduler.transcript.record(.aborted, channel)
    if let socket = channel.socket {
      scheduler.forget(channel)
      scheduler.disown(channel.inputDescriptor)
      if let error = socket.reset() { throw Failure("cannot reset \(channel.label)", error) }
    }
    end(channel, task)
    return .boolean(true)
  }

  private func closable(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Channel {
    try channel(site, task, regs, orListener: true)
  }

  private func end(_ channel: Channel, _ task: Task) {
    if channel.kind == .standard {
      channel.markClosed()
    } else {
      channel.release()
    }
    if task.conn === channel { task.conn = nil }
    if task.listener === channel { task.listener = nil }
  }
}
