// The bytes of a session's conversations, cut into answers, each with what came in its place at other times.

/// What one reading step received, or several plain ones in a row: how a stream was cut says nothing.
final class Answer {
  let form: SessionRecord.Form
  let isDatagram: Bool
  fileprivate(set) var bytes: [UInt8]
  /// So many of them were the step's value.
  fileprivate(set) var valueCount: Int
  fileprivate(set) var count: Int
  /// What came in its place, itself too.
  fileprivate(set) var group: AnswerGroup

  fileprivate init(_ event: SessionRecord.Event, _ form: SessionRecord.Form, _ group: AnswerGroup) {
    self.form = form
    self.group = group
    isDatagram = event.isDatagram
    bytes = event.bytes
    valueCount = event.valueCount
    count = event.count
    group.answers.append(self)
  }

  /// All its bytes are known.
  var isKept: Bool { bytes.count == count }
  var value: [UInt8] { Array(bytes[..<min(valueCount, bytes.count)]) }
  /// What ended it, and is no part of its value.
  var terminator: [UInt8] { Array(bytes[min(valueCount, bytes.count)...]) }
  var others: [Answer] { group.answers.filter { $0 !== self && $0.isKept } }

  fileprivate func append(_ event: SessionRecord.Event) {
    bytes += event.bytes
    count += event.count
    valueCount = count
  }
}

/// The answers that came in one place: as the n-th to the same bytes sent to the same peer.
final class AnswerGroup {
  fileprivate(set) var answers: [Answer] = []
}

struct Answers {
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
        case .opened: conversations[event.channel] = Conversation(peer: event.peer)
        case .sent:
          var conversation = conversations[event.channel] ?? Conversation(peer: event.name ?? "")
          if conversation.answers > 0 { conversation.request = [] }
          conversation.request += event.bytes
          conversation.answers = 0
          conversations[event.channel] = conversation
          last = nil
        case .ended: last = nil
        case .received(let form):
          let isPlain = form == .plain && !event.isDatagram
          if isPlain, joins, let last, last.channel == event.channel, last.answer.form == .plain {
            last.answer.append(event)
            continue
          }
          var conversation = conversations[event.channel] ?? Conversation(peer: event.name ?? "")
          conversation.answers += 1
          conversations[event.channel] = conversation
          let place = Place(peer: conversation.peer, request: conversation.request, number: conversation.answers)
          let group = groups[place] ?? AnswerGroup()
          groups[place] = group
          let answer = Answer(event, form, group)
          answers[EventPlace(entry: number, event: eventNumber)] = answer
          last = joins && isPlain ? (answer, event.channel) : nil
        }
      }
    }
  }

  /// Nil: its bytes belong to the answer of an event before.
  func answer(of event: Int, in entry: Int) -> Answer? { answers[EventPlace(entry: entry, event: event)] }
}
