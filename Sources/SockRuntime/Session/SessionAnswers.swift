// The bytes of a session's conversations, cut into answers, each with what came in its place at other times.

/// What one reading step received, or several plain ones in a row: how a stream was cut says nothing.
final class Answer {
  let form: SessionRecord.Form
  let isDatagram: Bool
  fileprivate(set) var bytes: [UInt8]
  /// So many of them were the step's value.
  fileprivate(set) var valueCount: Int
  fileprivate(set) var count: Int
  /// When it was written: after what it answers, before it was read. In seconds since 1970.
  fileprivate(set) var span: ClosedRange<Int>
  let channel: Int
  /// Of a declared message.
  let fields: Map?
  /// What came in its place, itself too.
  private let group: AnswerGroup

  fileprivate init(
    _ event: SessionRecord.Event, _ form: SessionRecord.Form, asked: Int, _ group: AnswerGroup
  ) {
    self.form = form
    self.group = group
    // Who looks for it only much later knows no more about its time; a clock that was set back knows none.
    span = min(asked, event.at)...max(asked, min(event.at, asked + Answer.longestWait))
    isDatagram = event.isDatagram
    channel = event.channel
    fields = event.fields
    bytes = event.bytes
    valueCount = event.valueCount
    count = event.count
    group.answers.append(self)
  }

  /// An answer is taken to be written within a minute, if nothing else is known, in seconds.
  private static let longestWait = 60

  /// All its bytes are known.
  var isKept: Bool { bytes.count == count }
  var value: [UInt8] { Array(bytes[..<min(valueCount, bytes.count)]) }
  /// What came in its place, itself too, each once.
  var alternatives: [Answer] { group.alternatives }

  /// The answers of which a number grew by the same step each time, and how much further it is here than in the first;
  /// nil: it did not.
  var counter: (group: AnswerGroup, offset: Int)? {
    guard let step = group.step, let at = group.answers.firstIndex(where: { $0 === self }) else { return nil }
    return (group, at * step)
  }

  fileprivate func append(_ event: SessionRecord.Event) {
    bytes += event.bytes
    count += event.count
    valueCount = count
  }
}

/// The answers that came in one place: as the n-th to the same bytes sent to the same peer.
final class AnswerGroup {
  fileprivate(set) var answers: [Answer] = []
  /// More are not looked at: so many show what varies.
  private static let compared = 16

  /// A larger step is no counter's.
  private static let largestStep = 16

  /// By how much the one number in which these answers differ grew each time; nil when it did not, or they came on
  /// several connections, whose others may count, too. One step is none yet: a clock's seconds and a process's number do
  /// one, too. Asked for when all answers are there.
  private(set) lazy var step: Int? = {
    guard let first = answers.first, answers.count > 2, answers.allSatisfy({ $0.channel == first.channel && $0.isKept })
    else { return nil }
    let pattern = AnswerPattern(
      first.bytes, samples: answers.dropFirst().map(\.bytes), rules: AnswerPattern.Rules(), nil)
    var runs: [[[UInt8]?]] = []
    for case .run(_, _, let values, let isTime) in pattern.segments {
      if isTime { return nil }
      runs.append(values)
    }
    guard runs.count == 1 else { return nil }
    let numbers = runs[0].compactMap { value in
      value.flatMap { $0.allSatisfy(ByteClass.isDigit) ? Int(String(decoding: $0, as: UTF8.self)) : nil }
    }
    guard numbers.count == answers.count else { return nil }
    let steps = Set(zip(numbers, numbers.dropFirst()).map { $1 - $0 })
    guard steps.count == 1, let step = steps.first, step != 0, abs(step) <= Self.largestStep else { return nil }
    return step
  }()

  /// What the script calls the number in the first of them, once that is written.
  var expression = ""

  /// Asked for when all answers are there.
  fileprivate lazy var alternatives: [Answer] = {
    var seen: Set<[UInt8]> = []
    var found: [Answer] = []
    for answer in answers where found.count < AnswerGroup.compared && answer.isKept {
      if seen.insert(answer.bytes).inserted { found.append(answer) }
    }
    return found
  }()
}

struct Answers {
  /// So much of a request is compared, in bytes.
  private static let longestRequest = 4096

  private struct Place: Hashable {
    let peer: String
    let request: [UInt8]
    let number: Int
  }

  /// How far the conversation on one channel has come.
  private struct Conversation {
    var peer: String
    var request: [UInt8] = []
    var answers = 0
    /// When the request was sent, or the connection made.
    var asked: Int
  }

  private struct EventPlace: Hashable {
    let entry: Int
    let event: Int
  }

  private var answers: [EventPlace: Answer] = [:]

  /// - Parameter mayJoin: whether an entry's plain reads may be told together with those of the entry before.
  init(_ entries: [SessionRecord.Entry], mayJoin: (Int) -> Bool) {
    var conversations: [Int: Conversation] = [:]
    var groups: [Place: AnswerGroup] = [:]
    var last: (answer: Answer, channel: Int)?
    for (number, entry) in entries.enumerated() {
      let joins = mayJoin(number)
      if !joins { last = nil }
      for (eventNumber, event) in entry.events.enumerated() {
        switch event.kind {
        case .opened: conversations[event.channel] = Conversation(peer: event.peer, asked: event.at)
        case .sent:
          var conversation = conversations[event.channel] ?? Conversation(peer: event.name ?? "", asked: event.at)
          if conversation.answers > 0 { conversation.request = [] }
          conversation.request += event.bytes.prefix(max(0, Answers.longestRequest - conversation.request.count))
          conversation.answers = 0
          conversation.asked = event.at
          conversations[event.channel] = conversation
          last = nil
        case .ended: last = nil
        case .received(let form):
          let isPlain = form == .plain && !event.isDatagram
          if isPlain, joins, let last, last.channel == event.channel, last.answer.form == .plain {
            last.answer.append(event)
            continue
          }
          var conversation = conversations[event.channel] ?? Conversation(peer: event.name ?? "", asked: event.at)
          conversation.answers += 1
          conversations[event.channel] = conversation
          let place = Place(peer: conversation.peer, request: conversation.request, number: conversation.answers)
          let group = groups[place] ?? AnswerGroup()
          groups[place] = group
          let answer = Answer(event, form, asked: conversation.asked, group)
          answers[EventPlace(entry: number, event: eventNumber)] = answer
          last = joins && isPlain ? (answer, event.channel) : nil
        }
      }
    }
  }

  /// Nil: its bytes belong to the answer of an event before.
  func answer(of event: Int, in entry: Int) -> Answer? { answers[EventPlace(entry: entry, event: event)] }
}
