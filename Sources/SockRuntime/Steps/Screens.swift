// `expect screen`: what a person would see must come to match.

import SockLanguage
import SocketCore

extension StepCall {
  func expectScreen(_ channel: Channel) throws(Failure) -> Value? {
    var shown = 0
    while true {
      switch try probeScreen(channel) {
      case .complete(let value, let count):
        // A session repeats the step as it stands: what came in which pieces says nothing.
        recorder?.received(value, UnsafeRawBufferPointer(start: nil, count: 0), channel, site, task)
        channel.consume(count)
        return value
      case .impossible(let failure): throw failure
      case .needsMore:
        // It is on the screen, and a program that draws for hours fills no buffer.
        shown += channel.input.count
        if !channel.input.isEmpty { channel.consume(channel.input.count) }
      }
      if shown >= StepCall.bytesOfScreenInTurn {
        // A program that writes on and on ends no deadline and keeps nobody else from having a turn.
        try begin(channel)
        if task.isLate {
          let failure = lateness(channel, "\(wantedScreen), but it did not come")
          describeScreen(failure, channel)
          throw failure
        }
        task.waitKind = .timer
        scheduler.arm(task, at: MonotonicClock.now)
        return nil
      }
      guard case .nothingYet = try channel.fill(limits) else { continue }
      if !task.step.hasBegun {
        try begin(channel)
        if task.isLate, !channel.readiness.canRead {
          // `within 0s`: what is there now. Nobody may have been told of it.
          channel.readiness.canRead = true
          continue
        }
      }
      do throws(Failure) {
        try waitToRead(channel) { "\(wantedScreen), but it did not come" }
      } catch {
        if error.code == .timeout { describeScreen(error, channel) }
        throw error
      }
      return nil
    }
  }

  /// So much is drawn before others have a turn: it takes some milliseconds at most, on the largest screen.
  static let bytesOfScreenInTurn = 4096

  /// Whether the pattern stands on the screen. Consumes nothing; what has come is all taken when it does.
  func probeScreen(_ channel: Channel) throws(Failure) -> Probe {
    let screen = try channel.requireScreen()
    let pattern = operand ?? .nothing
    let found: Value?
    switch pattern {
    case .string(let wanted):
      let isThere = screen.text.withUnsafeBytes { wanted.isEmpty || $0.offset(of: wanted.bytes) != nil }
      found = isThere ? pattern : nil
    case .regex(let regex):
      let text = screen.text.withUnsafeBytes { ByteString.copy($0) }
      switch regex.match(text.bytes, from: 0, anchored: false, partial: false) {
      case .matched: found = .match(Match.copying(regex, from: text.bytes))
      case .partial, .none: found = nil
      case .failed(let failure): throw failure
      }
    default: throw .type("expect takes a string or a regular expression, not \(pattern.article)")
    }
    if let found { return .complete(found, consuming: channel.input.count) }
    guard channel.hasEnded else { return .needsMore }
    let failure = channel.endFailure(wantedScreen)
    describeScreen(failure, channel)
    return .impossible(failure)
  }

  private var wantedScreen: String {
    let pattern = operand ?? .nothing
    if case .regex = pattern { return "expected a screen \(inWords(pattern))" }
    return "expected a screen with \(inWords(pattern))"
  }

  /// What stood there, as it was seen.
  private func describeScreen(_ failure: Failure, _ channel: Channel) {
    guard let screen = channel.extras?.screen else { return }
    let cursor = screen.cursor
    let text = screen.text
    failure.appendix.append("┌ the screen: \(screen.rows) rows of \(screen.columns) columns")
    if !text.isEmpty {
      let rows = text.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
      for row in run.secrets.masked(rows: rows) {
        failure.appendix.append(row.isEmpty ? "│" : "│ \(Printable.text(String(decoding: row, as: UTF8.self)))")
      }
    }
    let remark = text.isEmpty ? "; nothing stands there" : ""
    failure.appendix.append("└ the cursor: row \(cursor.row), column \(cursor.column)\(remark)")
  }
}
