// What came otherwise in the try of a test that passed: the account of a flaky test shows both side by side.

import SockRuntime

struct TryComparison {
  private let failed: TestRecord
  private let passed: TestRun
  private let attempt: Int

  /// - Parameters:
  ///   - failed: the first try.
  ///   - attempt: which try has passed, counted from 1.
  init(_ failed: TestRecord, _ passed: TestRun, passedAt attempt: Int) {
    self.failed = failed
    self.passed = passed
    self.attempt = attempt
  }

  /// What came for one line of the script.
  private struct Arrival: Equatable {
    let place: String
    var bytes: [UInt8]
    var count: Int
    let at: Int64
  }

  private static let bytesShown = 60
  /// Of a long transcript so many arrivals are compared.
  private static let compared = 2000

  /// Rows of an account: what each of the two tries received where the first one failed, or else where they first part.
  var rows: [String] {
    let (before, after) = (arrivals(failed.transcript), arrivals(passed.transcript))
    if let place = failed.place.map({ "\($0.file):\($0.line)" }) {
      let (first, second) = (before.last { $0.place == place }, after.last { $0.place == place })
      if first?.bytes != second?.bytes { return rows(first, second, place) }
    }
    for at in 0..<max(before.count, after.count) {
      let first = at < before.count ? before[at] : nil
      let second = at < after.count ? after[at] : nil
      // Ports, times and the like are others each time.
      guard first?.place != second?.place || first.map(steady) != second.map(steady) else { continue }
      guard first?.place == second?.place || first == nil || second == nil else { break }
      return rows(first, second, first?.place ?? second?.place ?? "")
    }
    let times = "\(PrettyReporter.time(failed.duration)), and then \(PrettyReporter.time(passed.duration))"
    return ["tries     each step received the same in both of them; they took \(times)"]
  }

  private func rows(_ first: Arrival?, _ second: Arrival?, _ place: String) -> [String] {
    func row(_ number: Int, _ arrival: Arrival?) -> String {
      let label = "try \(number)"
      let words = arrival.map { "received \(shown($0)), after \(PrettyReporter.time($0.at))" } ?? "received nothing"
      return label + String(repeating: " ", count: max(1, 10 - label.count)) + "\(words), at \(place)"
    }
    return [row(1, first), row(attempt, second)]
  }

  private func shown(_ arrival: Arrival) -> String {
    let text = TranscriptText.quoted(Array(arrival.bytes.prefix(TryComparison.bytesShown)))
    return arrival.count > TryComparison.bytesShown ? "\(text)… (\(arrival.count) bytes)" : text
  }

  private func steady(_ arrival: Arrival) -> [UInt8] {
    var result: [UInt8] = []
    for byte in arrival.bytes {
      let isDigit = (0x30...0x39).contains(byte)
      if !isDigit || result.last != 0x30 { result.append(isDigit ? 0x30 : byte) }
    }
    return result
  }

  /// What came piece by piece for one line is one.
  private func arrivals(_ transcript: [TranscriptLine]) -> [Arrival] {
    var found: [Arrival] = []
    for line in transcript where line.isData && line.event == "<" {
      let place = "\(line.file ?? ""):\(line.line)"
      if found.last?.place == place {
        found[found.count - 1].bytes += line.bytes
        found[found.count - 1].count += line.count
      } else if found.count < TryComparison.compared {
        found.append(Arrival(place: place, bytes: line.bytes, count: line.count, at: line.at))
      }
    }
    return found
  }

  /// An account with the rows behind its own.
  static func report(_ report: String, with rows: [String]) -> String {
    guard !rows.isEmpty else { return report }
    var lines = report.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let isRow: (String) -> Bool = { $0.drop { $0 == " " }.hasPrefix("= ") }
    guard let last = lines.lastIndex(where: isRow) ?? lines.lastIndex(where: { !$0.isEmpty }) else { return report }
    let margin = isRow(lines[last]) ? String(lines[last].prefix { $0 == " " }) : "  "
    lines.insert(contentsOf: rows.map { "\(margin)= \($0)" }, at: last + 1)
    return lines.joined(separator: "\n")
  }
}
