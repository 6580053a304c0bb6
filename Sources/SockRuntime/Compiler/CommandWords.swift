// The command line of `output`, where it has holes.

import SockLanguage

enum CommandWords {
  /// The same call with a list for the command, in which each word of the text is an element: what fills a hole is part
  /// of one word, whatever is in it, as with `run`. Nil where the command is no text with holes, or cannot be taken
  /// apart; that is told when it runs.
  static func apart(_ call: Call) -> Call? {
    guard case .interpolation(let parts, let range)? = call.arguments.first else { return nil }
    var holes: [Expression] = []
    var pieces: [(text: ByteString, isFilling: Bool)] = []
    for part in parts {
      switch part {
      case .bytes(let bytes):
        // No program can be handed a NUL, which stands for a hole here.
        if bytes.contains(0) { return nil }
        pieces.append((ByteString(bytes), false))
      case .hole(let hole):
        holes.append(hole)
        pieces.append((ByteString([0]), true))
      }
    }
    guard !holes.isEmpty, let words = try? ShellWords.split(pieces) else { return nil }
    var next = holes.makeIterator()
    let elements: [Expression] = words.map { word in
      var parts: [StringPart] = []
      for (number, bytes) in word.split(separator: 0, omittingEmptySubsequences: false).enumerated() {
        if number > 0, let hole = next.next() { parts.append(.hole(hole)) }
        if !bytes.isEmpty { parts.append(.bytes(Array(bytes))) }
      }
      return .interpolation(parts, range)
    }
    let arguments = [Expression.list(elements, range)] + call.arguments.dropFirst()
    return Call(callee: call.callee, arguments: arguments, range: call.range)
  }
}
