// `sock test --compare`: what several implementations answer to the same test, and where that differs.

import SockLanguage
import SockRuntime

/// What happened where an implementation has answered nothing.
enum Silence: String, Sendable {
  /// It has closed the connection, or reset it.
  case closed, reset
  /// The connection has stayed open.
  case silent
  /// Its test has not come so far.
  case notAsked = "not asked"
}

/// One place where they do.
package struct AnswerDifference: Sendable {
  /// What one implementation has said there.
  struct Answer: Sendable {
    let target: String
    /// As the language writes it; nil: nothing.
    let received: String?
    /// What happened instead, if it has said nothing.
    let silence: Silence

    var shown: String { received ?? silence.rawValue }

    var json: String {
      let instead = received == nil ? ",\"instead\":\(JsonText.quoted(silence.rawValue))" : ""
      return "{\"target\":\(JsonText.quoted(target)),\"received\":\(JsonText.optional(received))\(instead)}"
    }
  }

  let file: String
  /// Of the test, without what tells its runs apart.
  let name: String
  /// The step that has read the answer: file and line; empty where nothing was read.
  let place: String
  /// What was sent before it, as the language writes it; empty: nothing.
  let sent: String
  /// What each said, in the order of the command line.
  let answers: [Answer]
  /// Where the first two that differ part.
  let parts: String

  /// Lines for people, each with its end.
  var text: String {
    var text = "  \(file) \(name)\n"
    text += "    " + (place.isEmpty ? "" : "\(place): ") + (sent.isEmpty ? "before anything is sent" : "to \(sent)") + "\n"
    let width = answers.map(\.target.count).max() ?? 0
    for answer in answers {
      let padding = String(repeating: " ", count: width - answer.target.count)
      text += "      \(answer.target)\(padding)  \(answer.shown)\n"
    }
    return text + (parts.isEmpty ? "" : "      \(parts)\n")
  }

  var json: String {
    "{\"file\":\(JsonText.quoted(file)),\"name\":\(JsonText.quoted(name)),\"place\":\(JsonText.quoted(place)),"
      + "\"sent\":\(JsonText.quoted(sent)),\"parts\":\(JsonText.quoted(parts)),"
      + "\"answers\":[\(answers.map(\.json).joined(separator: ","))]}"
  }

  init(_ fields: JsonFields) throws(JsonError) {
    file = try fields.string("file")
    name = try fields.string("name")
    place = try fields.string("place")
    sent = try fields.string("sent")
    parts = try fields.string("parts")
    var answers: [Answer] = []
    for answer in try fields.objects("answers") {
      // Reports of older versions do not say what happened instead.
      let silence = try answer.optional("instead").flatMap(Silence.init) ?? .silent
      answers.append(
        Answer(target: try answer.string("target"), received: try answer.optional("received"), silence: silence))
    }
    self.answers = answers
  }

  fileprivate init(_ test: TestRecord, _ turns: [(target: String, turn: AnswerComparison.Turn?)]) {
    file = test.file
    name = test.name
    let known = turns.compactMap(\.turn)
    let first = known.first { $0.count > 0 } ?? known.first
    place = first?.place ?? ""
    sent = first.map { AnswerDifference.shown($0.sent) } ?? ""
    answers = turns.map { target, turn in
      let received = turn.flatMap { $0.count > 0 ? AnswerDifference.shown($0.received, $0.count) : nil }
      return Answer(target: target, received: received, silence: turn.map { $0.end ?? .silent } ?? .notAsked)
    }
    parts = AnswerDifference.parts(of: known.filter { $0.count > 0 }.map(\.received))
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
    /// What is known to have come instead of an answer.
    var end: Silence?
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
    if connections.joined().contains(where: { $0.count > 0 }) { heard.insert(target) }
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
        let first = row.lazy.compactMap(\.turn).first { $0.count > 0 }
        if first == nil, !AnswerComparison.haveEndedOtherwise(row.map(\.turn)) { continue }
        answers += 1
        let areAlike = row.allSatisfy { _, turn in
          guard let turn, let first, turn.count > 0 else { return false }
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

  /// Nobody has answered; but where one has closed, a test of another one has waited in vain.
  private static func haveEndedOtherwise(_ turns: [Turn?]) -> Bool {
    let ends = turns.compactMap { $0?.end }
    return ends.contains(.silent) && ends.contains { $0 != .silent }
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
    for line in record.transcript {
      let end = AnswerComparison.end(line)
      guard line.isData || end != nil else { continue }
      if let kind = kinds[line.channel]?.kind, ["process", "standard", "device", "pipe", "file"].contains(kind) { continue }
      if turns[line.channel] == nil { order.append(line.channel) }
      var own = turns[line.channel] ?? []
      let place = line.file.map { "\($0):\(line.line)" } ?? ""
      let isAnswered = own.last.map { $0.count > 0 || $0.end != nil }
      if let end {
        if own.isEmpty { own.append(Turn(place: "", sent: [])) }
        // Behind an answer it is the answer that is compared.
        if isAnswered != true { (own[own.count - 1].end, own[own.count - 1].place) = (end, place) }
      } else if line.event == ">" {
        if isAnswered != false { own.append(Turn(place: "", sent: [])) }
        own[own.count - 1].sent += line.bytes
      } else if line.event == "<" {
        if own.isEmpty { own.append(Turn(place: "", sent: [])) }
        if own[own.count - 1].place.isEmpty { own[own.count - 1].place = place }
        own[own.count - 1].received += line.bytes
        own[own.count - 1].count += line.count
      }
      turns[line.channel] = own
    }
    // What has not answered in time has not closed.
    if record.code == FailureName.timeout.rawValue, let channel = record.point?.channel,
      turns[channel]?.last.map({ $0.count == 0 && $0.end == nil }) ?? true
    {
      if turns[channel] == nil { order.append(channel) }
      let place = record.place.map { "\($0.file):\($0.line)" } ?? ""
      let waiting = Turn(place: place, sent: turns[channel]?.last?.sent ?? [], end: .silent)
      turns[channel] = (turns[channel] ?? []).dropLast() + [waiting]
    }
    return order.map { number in (turns[number] ?? []).map { steady($0, kinds[number]) } }
  }

  /// How the peer has ended a connection, if the event says that.
  private static func end(_ line: TranscriptLine) -> Silence? {
    switch line.event {
    case "end of stream", "end without close_notify": .closed
    case "reset by the peer": .reset
    default: nil
    }
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
