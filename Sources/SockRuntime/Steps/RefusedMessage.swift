// A message that has come and that no step has taken yet: it is decoded once, however often a `select` looks at it.

import SockLanguage

/// What is known of a message that a step has looked at and refused. It holds while nothing is consumed.
final class RefusedMessage: MessageProgress {
  enum Content {
    case fields(Map, size: Int)
    case wrong(LayoutProblem)
  }

  let content: Content
  /// How long it is by a framing or as a datagram; nil: its own fields say where it ends.
  let framed: Int?
  /// Why it was refused, and what that was told from: cases of one `select` differ in it.
  private var accounts: [(difference: FieldDifference?, unread: Int, failure: Failure)] = []
  private static let kept = 8

  init(_ layout: MessageLayout, _ content: Content, framed: Int?) {
    self.content = content
    self.framed = framed
    let size = if case .fields(_, let size) = content { size } else { 0 }
    super.init(layout, needs: size)
  }

  /// A failure of its own each time: what catches one writes into it.
  ///
  /// - Parameters:
  ///   - difference: from what was expected; nil: it is no such message.
  ///   - unread: how many bytes have come that are not consumed.
  ///   - make: tells it anew.
  func failure(_ difference: FieldDifference?, unread: Int, _ make: () -> Failure) -> Failure {
    let known = accounts.first { $0.difference == difference && $0.unread == unread }
    if let known { return known.failure.copy }
    let made = make()
    if accounts.count == RefusedMessage.kept { accounts.removeFirst() }
    accounts.append((difference, unread, made.copy))
    return made
  }
}

extension Failure {
  /// What a message was refused for.
  fileprivate var copy: Failure {
    let copy = Failure(code, message, notes: notes)
    copy.channel = channel
    copy.unread = unread
    copy.differsAt = differsAt
    return copy
  }
}

extension FieldDifference {
  /// Whether a function is asked about a field.
  static func asksFunctions(_ wanted: Value, depth: Int = 0) -> Bool {
    guard depth < FieldDifference.deepest else { return true }
    switch wanted {
    case .function, .builtin: return true
    case .list(let list): return list.items.contains { asksFunctions($0, depth: depth + 1) }
    case .map(let map): return map.entries.contains { $0.isLive && asksFunctions($0.value, depth: depth + 1) }
    default: return false
    }
  }
}
