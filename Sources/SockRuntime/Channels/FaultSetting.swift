// What one `fault` has said: kept for what a listener accepts later.

import SockLanguage
import SocketCore

final class FaultSetting {
  enum Direction { case read, write }

  /// The step that says it: where a function of the script is called for.
  let site: StepSite
  /// Nil: both.
  var direction: Direction?
  // What it does not speak of is nil, and stays as it is.
  var delay: Int64?
  var jitter: Int64?
  var rate: Double?
  var stop: FaultRules.Stop?
  /// When; a time is counted from when it is laid, in nanoseconds.
  var after: FaultRules.Point?
  var stopWords = ""
  var chances: [OptionWord: Double] = [:]
  var rewrite: Value?
  var hasLines = false
  /// What chance follows from; nil where none is asked.
  var seed: UInt64?

  init(_ site: StepSite) { self.site = site }

  /// Nothing is to go wrong any more.
  var clears: Bool { site.has(.off) }

  /// What is held goes on.
  var releases: Bool { site.has(.release) }

  var drawsChance: Bool { jitter ?? 0 > 0 || chances.values.contains { $0 > 0 } }

  /// For the transcript: what it has made of what holds in its direction.
  func words(_ rules: FaultRules) -> String {
    let way = direction.map { $0 == .read ? ", received" : ", sent" } ?? ""
    if releases { return "released\(way)" }
    return rules.isEmpty ? "none from here on\(way)" : "set to \(rules.words)\(way)"
  }

  func changed(_ given: FaultRules) -> FaultRules {
    var rules = given
    if let delay { rules.delay = delay }
    if let jitter { rules.jitter = jitter }
    if let rate { rules.rate = rate }
    if let chance = chances[.corrupt] { rules.corrupt = chance }
    if let chance = chances[.drop] { rules.drop = chance }
    if let chance = chances[.duplicate] { rules.duplicate = chance }
    if let chance = chances[.reorder] { rules.reorder = chance }
    if hasLines { rules.hasLines = true }
    if let stop {
      rules.stop = stop
      rules.stopWords = stopWords
      rules.point = after ?? .bytes(0)
      if case .time(let time) = rules.point { rules.point = .time(MonotonicClock.now + time) }
    }
    return rules
  }
}
