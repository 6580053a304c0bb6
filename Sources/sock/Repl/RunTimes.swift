// How long statements take: `:time`, `:timing` and `:repeat`.

import SockLanguage
import SockRuntime
import SocketCore

/// The times of several runs of one statement.
struct RunTimes {
  private let sorted: [Int64]

  /// - Parameter times: in nanoseconds, at least one.
  init(_ times: [Int64]) { sorted = times.sorted() }

  /// The time that so many percent of the runs did not exceed, by the nearest rank.
  private func percentile(_ percent: Int) -> Int64 {
    let rank = (sorted.count * percent + 99) / 100
    return sorted[max(0, min(sorted.count, rank) - 1)]
  }

  var shown: String {
    "\(sorted.count) runs: min \(Self.shown(sorted[0])), median \(Self.shown(percentile(50))), "
      + "p99 \(Self.shown(percentile(99))), max \(Self.shown(sorted[sorted.count - 1]))"
  }

  /// `0.123 ms`, `45.1 ms`, `3.20 s`.
  static func shown(_ nanoseconds: Int64) -> String {
    func fixed(_ value: Int64, _ digits: Int) -> String {
      var scale: Int64 = 1
      for _ in 0..<digits { scale *= 10 }
      let fraction = String(value % scale)
      return "\(value / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
    if nanoseconds < 10_000_000 { return fixed(nanoseconds / 1000, 3) + " ms" }
    if nanoseconds < 1_000_000_000 { return fixed(nanoseconds / 100_000, 1) + " ms" }
    return fixed(nanoseconds / 10_000_000, 2) + " s"
  }
}

extension Repl {
  /// More runs are asked for by mistake.
  private static let mostRuns = 1_000_000

  /// `:time [N] STATEMENT`.
  func time(_ argument: String) {
    let words = argument.split(separator: " ", maxSplits: 1)
    guard words.count == 2, let runs = Int(words[0]), Repl.beginsStatement(words[1].drop { $0 == " " }) else {
      let start = MonotonicClock.now
      evaluate(Array(argument.utf8))
      if session.mistake == nil { session.write("\(RunTimes.shown(MonotonicClock.now - start))\n") }
      return
    }
    guard (1...Repl.mostRuns).contains(runs) else { return fail("it can be run 1 to \(Repl.mostRuns) times") }
    let statement = Array(words[1].utf8)
    var times: [Int64] = []
    for _ in 1...runs {
      let start = MonotonicClock.now
      guard evaluate(statement, isQuiet: true) == .done, session.exitStatus == nil else { break }
      times.append(MonotonicClock.now - start)
    }
    session.tellReplacedQuietly()
    if !times.isEmpty { session.write("\(RunTimes(times).shown)\n") }
  }

  /// Whether the number in front of this text is how often it is run: `100 1 + 1`, and not `1 + 1`. Behind a number no
  /// value can stand; of words only an operator, and a sign that stands apart from its number.
  private static func beginsStatement(_ text: Substring) -> Bool {
    guard let first = text.first else { return false }
    if first.isLetter || first == "_" {
      return !["and", "or", "in", "not"].contains(text.prefix { $0.isLetter || $0 == "_" }) || text.hasPrefix("not ")
        && !text.hasPrefix("not in ")
    }
    if first == "-" || first == "~" { return text.dropFirst().first.map { $0 != " " } ?? false }
    return first.isNumber || "\"'([{".contains(first)
  }

  /// `:repeat DURATION STATEMENT`: until it fails, or Ctrl-C.
  func repeatStatement(_ argument: String) {
    let words = argument.split(separator: " ", maxSplits: 1)
    guard words.count == 2, case .float(let seconds)? = NumberLiteral.Kind.duration.value(of: String(words[0])) else {
      return fail("write \(ColonCommand.repeat.synopsis), as in `:repeat 1s send line \"PING\"; recv line`")
    }
    let statement = Array(words[1].utf8)
    repeat {
      guard evaluate(statement) == .done, session.exitStatus == nil else { return }
    } while session.pause(for: seconds)
  }
}
