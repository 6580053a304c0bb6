// What is known of the lengths of messages that have come.

/// What a framing function has said about the messages in a channel's buffer.
final class FramingAnswers {
  /// About one message.
  struct Answer {
    /// Where in the buffer the message starts.
    let start: Int
    /// How many of its bytes the function has seen.
    var seen = 0
    /// What it answered; nil: it could not know.
    var length: Int?
    /// What has been decoded of it, for each of the declarations that it was read by: a `select` may have several.
    var decoded: [MessageProgress] = []
  }

  private var answers: [Answer] = []
  /// The channel's, when the answers were given: a later one has moved the buffer's start.
  private var consumptions = 0
  /// So many bytes go to the function first.
  private(set) var usuallyEnough = FramingAnswers.fewest

  /// A head of most protocols is not longer, in bytes, and to copy more would cost more than the call.
  private static let fewest = 256
  /// What a long head may raise that to, in bytes: a copy of it costs no more than the calls that it saves.
  private static let most = 4096
  /// `select` and `skipping` may look at several messages in turn.
  private static let kept = 4

  /// What is known of the message that starts there.
  func about(_ start: Int, _ consumptions: Int) -> Answer {
    if consumptions != self.consumptions {
      answers.removeAll(keepingCapacity: true)
      self.consumptions = consumptions
    }
    return answers.first { $0.start == start } ?? Answer(start: start)
  }

  /// How far the message that starts there has been decoded; nil: not at all, or it is whole.
  func progress(of layout: MessageLayout, _ start: Int, _ consumptions: Int) -> MessageProgress? {
    about(start, consumptions).decoded.first { $0.layout === layout }
  }

  func note(_ progress: MessageProgress?, of layout: MessageLayout, _ start: Int, _ consumptions: Int) {
    var answer = about(start, consumptions)
    if progress == nil, answer.decoded.isEmpty { return }
    answer.decoded.removeAll { $0.layout === layout }
    if let progress {
      if answer.decoded.count == FramingAnswers.kept { answer.decoded.removeFirst() }
      answer.decoded.append(progress)
    }
    note(answer)
  }

  func note(_ answer: Answer) {
    if let at = answers.firstIndex(where: { $0.start == answer.start }) {
      answers[at] = answer
    } else {
      if answers.count == FramingAnswers.kept { answers.removeFirst() }
      answers.append(answer)
    }
    if answer.length != nil {
      usuallyEnough = min(max(answer.seen, FramingAnswers.fewest), FramingAnswers.most)
    }
  }
}
