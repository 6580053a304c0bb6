// Whom the statements of a session speak to, in the script that `:save` writes: where a command has chosen the current
// connection, which a script does not have, the steps say its name.

import SockLanguage

extension SessionWriter {
  /// A connection without a name that the session came back to gets one.
  mutating func giveNames() {
    for statement in statements {
      guard let current = statement.entry.current, current.isChosen, current.name == nil,
        givenNames[current.channel] == nil
      else { continue }
      givenNames[current.channel] = freshName("connection")
    }
  }

  /// The name of the connection that a statement speaks to, where a script has to say it.
  func speaker(of number: Int) -> String? {
    guard let current = statements[number].entry.current else { return nil }
    return givenNames[current.channel] ?? (current.isChosen ? current.name : nil)
  }

  /// A block, and what calls a function of the session's, is put into `with`; elsewhere the name stands before each step.
  private func isWrapped(_ number: Int) -> Bool {
    let statement = statements[number]
    switch statement.kind {
    case .expression, .declare, .assign:
      return statement.declares.isEmpty && statement.names.calls.contains { call in
        if case .name(let name) = call.callee, BuiltinFunction(rawValue: name.name) != nil { false } else { true }
      }
    default: return !statement.names.steps.isEmpty || !statement.names.calls.isEmpty
    }
  }

  /// The name in front of each step that speaks to the current connection, and behind the step that has made one.
  func namings(in number: Int) -> [(range: SourceRange, text: String)] {
    let statement = statements[number]
    var edits: [(range: SourceRange, text: String)] = []
    if let speaker = speaker(of: number), !isWrapped(number) {
      for step in statement.names.steps where step.receiver == nil && VerbTable[step.verb].receiver == .channel {
        edits.append((SourceRange(Int(step.range.lower), Int(step.range.lower)), "\(speaker)."))
      }
    }
    for event in statement.entry.events {
      guard case .opened = event.kind, event.name == nil, let name = givenNames[event.channel],
        let step = statement.names.steps.first(where: { $0.range == event.step }), step.result == nil
      else { continue }
      edits.append((SourceRange(Int(step.range.upper), Int(step.range.upper)), " as \(name)"))
    }
    return edits
  }

  /// A statement as it was written, on the connection that it spoke to.
  mutating func spoken(_ number: Int) -> [String] {
    let lines = verbatim(number)
    guard let speaker = speaker(of: number), isWrapped(number) else { return lines }
    return ["with \(speaker)"] + lines.map { "  \($0)" } + ["end"]
  }
}
