// What stands before the line that is typed.

import SockRuntime

/// Whom one talks to, whether that is over, and how much of what has come waits to be read.
struct Prompt {
  /// Longer names are cut at their front: their end tells more.
  private static let longestName = 40
  let text: String

  init(peer: PromptPeer?, isContinued: Bool, usesColor: Bool) {
    var name = peer?.name ?? "sock"
    if name.count > Prompt.longestName { name = "…" + name.suffix(Prompt.longestName - 1) }
    if let variable = peer?.variable { name = "\(variable) \(name)" }
    let isClosed = peer?.isClosed ?? false
    let unread = peer?.unread ?? 0
    var state = isClosed ? " closed" : ""
    if unread > 0 { state += isClosed ? ", \(Prompt.size(unread)) unread" : " +\(Prompt.size(unread))" }
    if isContinued {
      text = LineEditor.continuation
      return
    }
    guard usesColor else {
      text = name + state + "> "
      return
    }
    // Between \u{1} and \u{2} stands what takes no room on the screen.
    func coloured(_ text: String, _ code: String) -> String {
      text.isEmpty ? "" : "\u{1}\u{1B}[\(code)m\u{2}\(text)\u{1}\u{1B}[0m\u{2}"
    }
    text = isClosed
      ? "\(coloured(name + state, "31"))> " : "\(coloured(name, "1;32"))\(coloured(state, "33"))> "
  }

  /// Exactly where that could be a message, and else about so much: what pours in does not draw the line each time.
  private static func size(_ count: Int) -> String {
    switch count {
    case ..<10_000: "\(count)"
    case ..<(10 << 20): "\(count >> 10)K"
    default: "\(count >> 20)M"
    }
  }
}
