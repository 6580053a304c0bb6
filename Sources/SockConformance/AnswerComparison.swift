// `sock test --compare`: what several implementations answer to the same test, and where that differs.

import SockRuntime

/// One place where they do.
package struct AnswerDifference: Sendable {
  let file: String
  /// Of the test, without what tells its runs apart.
  let name: String
  /// The step that has read the answer: file and line; empty where nothing was read.
  let place: String
  /// What was sent before it, as the language writes it; empty: nothing.
  let sent: String
  /// What each said, in the order of the command line; nil: nothing came there.
  let answers: [(target: String, received: String?)]
  /// Where the first two that differ part.
  let parts: String

  /// Lines for people, each with its end.
  var text: String {
    var text = "  \(file) \(name)\n"
    text += "    " + (place.isEmpty ? "" : "\(place): ") + (sent.isEmpty ? "before anything is sent" : "to \(sent)") + "\n"
    let width = answers.map(\.target.count).max() ?? 0
    for (target, received) in answers {
      let padding = String(repeating: " ", count: width - target.count)
      text += "      \(target)\(padding)  \(received ?? "nothing")\n"
    }
    return text + (parts.isEmpty ? "" : "      \(parts)\n")
  }

  var json: String {
    let answers = self.answers.map {
      "{\"target\":\(JsonText.quoted($0.target)),\"received\":\(JsonText.optional($0.received))}"
    }
    return "{\"file\":\(JsonText.quoted(file)),\"name\":\(JsonText.quoted(name)),\"place\":\(JsonText.quoted(place)),"
      + "\"sent\":\(JsonText.quoted(sent)),\"parts\":\(JsonText.quoted(parts)),"
      + "\"answers\":[\(answers.joined(separator: ","))]}"
  }

  init(_ fields: JsonFields) throws(JsonError) {
    file = try fields.string("file")
    name = try fields.string("name")
    place = try fields.string("place")
    sent = try fields.string("sent")
    parts = try fields.string("parts")
    var answers: [(target: String, received: String?)] = []
    for answer in try fields.objects("answers") {
      answers.append((try answer.string("target"), try answer.optional("received")))
    }
    self.answers = answers
  }

  fileprivate init(_ test: TestRecord, _ turns: [(target: String, turn: AnswerComparison.Turn?)]) {
    file = test.file
    name = test.name
    let first = turns.lazy.compactMap(\.turn).first
    place = first?.place ?? ""
    sent = first.map { AnswerDifference.shown($0.sent) } ?? ""
    answers = turns.map { ($0.target, $0.turn.map { AnswerDifference.shown($0.received, $0.count) }) }
    parts = AnswerDifference.parts(of: turns.compactMap(\.turn).map(\.received))
  }

  private static let bytesShown = 160

  private static func shown(_ bytes: [UInt8], _ count: Int? = nil) -> String {
    guard !bytes.isEmpty else { return "" }
    let part = bytes.prefix(bytesShown)
    let text = TranscriptText.quoted(Array(part))
    return bytes.count > part.count ? "\(text)… (\(count ?? bytes.count) bytes)" : text
  }

  /// Where the first two answers that are not the same part: the line, where they have lines.
  private static func parts(of answers: [[UInt8]]) -> String {
    guard let first = answers.first, let other = answers.first(where: { $0 != first }) else { return "" }
    var at = 0
    while at < min(first.count, other.count), first[at] == other[at] { at += 1 }
    let line = first[..<at].count { $0 == 0x0A } + 1
    func around(_ bytes: [UInt8]) -> String {
      let start = bytes[..<at].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      let end = bytes[at...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      return start == end ? "nothing more" : TranscriptText.quoted(Array(bytes[start..<min(end, start + bytesShown)]))
    }
    return "from byte \(at) on, in line \(line): \(around(first)), \(around(other))"
  }
}

/// Takes the tests as they end, and compares one when all implementations have run it.
final class AnswerComparison {
  /// What was sent on a connection, and what came then.
  fileprivate struct Turn {
    var place: String
    var sent: [UInt8]
    var received: [UInt8] = []
    /// How many bytes came; the first of them may be all that is kept.
    var count = 0
  }

  private let targets: [String]
  private let masks: AnswerMasks
  /// By the test, and then by the implementation: its connections, with their turns.
  private var waiting: [String: [String: [[Turn]]]] = [:]
  private(set) var answers = 0
  /// Those whose tests have run, and of these the ones of which something has come.
  private var asked: Set<String> = []
  private var heard: Set<String> = []
  /// Those of which nothing has come in any test: nothing of them was compared.
  var silent: [String] { targets.filter { asked.contains($0) && !heard.contains($0) } }
  /// What has kept a mask from its work.
  private(set) var problems: Set<String> = []
  /// The earliest second in which an answer may have been written, since 1970.
  private let began = Int(WallClock.now / 1_000_000) - 2

  init(_ options: TestOptions) throws(DiscoveryError) {
    targets = options.targets.map(\.name)
    var patterns: [Pattern] = []
    for mask in options.masks {
      do throws(Failure) {
        patterns.append(try Pattern(source: ByteString(mask), flags: ByteString("")))
      } catch {
        throw DiscoveryError(message: "--mask \(mask): \(error.message)")
      }
    }
    masks = AnswerMasks(patterns)
  }

  /// What differs, once the last of the implementations has run the test. Of a test that runs several times the first
  /// runs are compared.
  func take(_ record: TestRecord) -> [AnswerDifference] {
    guard let target = record.target, record.verdict != .skip else { return [] }
    var plain = record
    plain.target = nil
    let test = plain.identity
    let connections = connections(of: record)
    asked.insert(target)
    if !connections.isEmpty { heard.insert(target) }
    guard waiting[test]?[target] == nil else { return [] }
    waiting[test, default: [:]][target] = connections
    guard let all = waiting[test], all.count == targets.count else { return [] }
    // Who comes later is not compared again; what was kept for it is not needed any more.
    waiting[test] = all.mapValues { _ in [] }
    return compare(all, record)
  }

  private func compare(_ all: [String: [[Turn]]], _ record: TestRecord) -> [AnswerDifference] {
    var found: [AnswerDifference] = []
    let span = began...Int(WallClock.now / 1_000_000) + 2
    for connection in 0..<(all.values.map(\.count).max() ?? 0) {
      let turns = targets.map { target in
        (target, all[target].flatMap { connection < $0.count ? $0[connection] : nil } ?? [])
      }
      for number in 0..<(turns.map(\.1.count).max() ?? 0) {
        let row = turns.map { (target: $0.0, turn: number < $0.1.count ? $0.1[number] : nil) }
        answers += 1
        let first = row.lazy.compactMap(\.turn).first
        let areAlike = row.allSatisfy { _, turn in
          guard let turn, let first else { return false }
          return turn.count == first.count && turn.received == first.received
            || AnswerLikeness.areAlike(turn.received, first.received, in: span)
        }
        if !areAlike { found.append(AnswerDifference(record, row)) }
        // Behind an answer that is another one, other things are said.
        if !areAlike, number + 1 < turns.map(\.1.count).max() ?? 0, haveParted(turns, at: number + 1) { break }
      }
    }
    return found
  }

  /// What is sent next is not the same for all.
  private func haveParted(_ turns: [(String, [Turn])], at number: Int) -> Bool {
    let sent = turns.map { number < $0.1.count ? $0.1[number].sent : nil }
    return sent.contains { $0 != sent[0] }
  }

  /// The turns of each connection, in the order in which they began. What programs print and read is no answer of an
  /// implementation that is reached over the network.
  private func connections(of record: TestRecord) -> [[Turn]] {
    var order: [Int] = []
    var turns: [Int: [Turn]] = [:]
    let kinds = Dictionary(record.channels.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    for line in record.transcript where line.isData {
      if let kind = kinds[line.channel]?.kind, ["process", "standard", "device", "pipe", "file"].contains(kind) { continue }
      if turns[line.channel] == nil { order.append(line.channel) }
      var own = turns[line.channel] ?? []
      let place = line.file.map { "\($0):\(line.line)" } ?? ""
      if line.event == ">" {
        if own.isEmpty || own[own.count - 1].count > 0 { own.append(Turn(place: "", sent: [])) }
        own[own.count - 1].sent += line.bytes
      } else if line.event == "<" {
        if own.isEmpty { own.append(Turn(place: "", sent: [])) }
        if own[own.count - 1].place.isEmpty { own[own.count - 1].place = place }
        own[own.count - 1].received += line.bytes
        own[own.count - 1].count += line.count
      }
      turns[line.channel] = own
    }
    return order.map { number in
      (turns[number] ?? []).filter { $0.count > 0 }.map { steady($0, kinds[number]) }
    }.filter { !$0.isEmpty }
  }

  /// Without what is of this run: the addresses of the connection, and what is masked.
  private func steady(_ turn: Turn, _ channel: ChannelInfo?) -> Turn {
    var turn = turn
    for (address, mark) in [(channel?.local, "{local}"), (channel?.peer, "{peer}")] {
      guard let address, address.utf8.count > 4 else { continue }
      turn.received = turn.received.replacing(Array(address.utf8), with: Array(mark.utf8))
      turn.sent = turn.sent.replacing(Array(address.utf8), with: Array(mark.utf8))
    }
    do throws(Failure) {
      turn.received = try masks.masked(turn.received)
    } catch {
      // The answer is compared as it is.
      problems.insert("--mask: \(error.message)")
    }
    return turn
  }
}
