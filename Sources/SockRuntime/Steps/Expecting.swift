// `expect`: what comes next must match, and is found not to at the first byte that cannot.

import Glibc
import SockLanguage
import SocketCore

extension Interpreter {
  func expect(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try readable(site, task, regs)
    if site.has(.silence) { return try expectSilence(site, task, regs, channel) }
    if site.has(.eof) || site.has(.reset) || site.has(.closed) {
      if let output = channel.output, output.count > 0 { channel.flushWhatFits() }
    }
    guard site.has(.skipping) else { return try read(site, task, regs, channel) }
    // However it ends, what it has passed over is no affair of the next one.
    do throws(Failure) {
      let value = try read(site, task, regs, channel)
      if value != nil { task.keep = nil }
      return value
    } catch {
      task.keep = nil
      throw error
    }
  }

  private func expectSilence(
    _ site: StepSite, _ task: Task, _ regs: Registers, _ channel: Channel
  ) throws(Failure) -> Value? {
    if !task.stepHasBegun {
      guard let seconds = option(.silence, site, regs)?.number, seconds >= 0 else {
        throw .type("`expect silence` takes a duration like 200ms")
      }
      try beginPause(seconds, site, task, regs)
    }
    if case .nothingYet = try channel.fill(self), channel.input.isEmpty, channel.datagram == nil, !channel.hasEnded {
      if isLate(task) {
        if task.stage == 1 { throw Failure(.timeout, "the time was over before the silence was") }
        return .boolean(true)
      }
      try scheduler.waitForReading(task, channel)
      scheduler.arm(task, at: task.stepDeadline)
      return nil
    }
    let failure: Failure
    if !channel.input.isEmpty || channel.datagram != nil {
      failure = Failure(.mismatch, "expected silence, but bytes came")
      failure.notes.append("received  \(shown(channel.input.bytes, of: channel))")
    } else {
      failure = channel.endFailure("expected silence")
    }
    failure.channel = channel
    throw failure
  }
}
