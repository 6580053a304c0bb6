// `expect`: what comes next must match, and is found not to at the first byte that cannot.

import Glibc
import SockLanguage
import SocketCore
import TLS

extension StepCall {
  func expect() throws(Failure) -> Value? {
    if site.has(.exit) { return try expectExit() }
    let channel = try readable()
    if site.has(.silence) { return try expectSilence(channel) }
    if site.has(.screen) { return try expectScreen(channel) }
    if site.has(.echo) { return try expectEcho(channel) }
    if site.asksForEnd {
      if let name = site.text(of: .alert), TLSAlert(name: name) == nil {
        let near = Suggestion.nearest(name, among: TLSAlert.allNames).map { "; did you mean `\($0)`?" } ?? ""
        throw .range("`\(name)` is no alert of TLS\(near)")
      }
      if let output = channel.output, output.count > 0 { channel.flushWhatFits() }
    }
    guard site.has(.skipping) else { return try read(channel) }
    // However it ends, what it has passed over is no affair of the next one.
    do throws(Failure) {
      let value = try read(channel)
      if value != nil { task.step.work = nil }
      return value
    } catch {
      task.step.work = nil
      throw error
    }
  }

  private func expectSilence(_ channel: Channel) throws(Failure) -> Value? {
    if !task.step.hasBegun {
      guard let seconds = option(.silence)?.number, seconds >= 0 else {
        throw .type("`expect silence` takes a duration like 200ms")
      }
      try beginPause(seconds)
    }
    if case .nothingYet = try channel.fill(limits), channel.input.isEmpty, channel.datagram == nil, !channel.hasEnded {
      if task.isLate {
        if task.step.isCutShort { throw Failure(.timeout, "the time was over before the silence was") }
        return .boolean(true)
      }
      try scheduler.waitForReading(task, channel)
      scheduler.arm(task, at: task.step.deadline)
      return nil
    }
    let failure: Failure
    if !channel.input.isEmpty || channel.datagram != nil {
      failure = Failure(.mismatch, "expected silence, but bytes came")
      failure.notes.append("received  \(run.shown(channel.input.bytes, of: channel))")
    } else {
      failure = channel.endFailure("expected silence")
    }
    failure.channel = channel
    throw failure
  }
}
