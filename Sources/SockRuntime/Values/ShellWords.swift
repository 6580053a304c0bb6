// A command line as `run` and `output` take it apart: words as a shell has them, without a shell.

import SockLanguage

/// A command line's words: blanks part them, quotes and backslashes keep them together. No variables, no globs, no
/// shell.
enum ShellWords {
  /// - Parameters:
  ///   - pieces: what stands in the script, and between that what its holes were filled with: such a text is part of
  /// one
  ///     word, whatever is in it.
  ///   - name: who takes it apart, for messages.
  static func split(
    _ pieces: [(text: ByteString, isFilling: Bool)], for name: String = "run"
  ) throws(Failure) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8]?
    /// The quote that is open, over the holes in it.
    var quote: UInt8?
    for piece in pieces {
      let bytes = piece.text.bytes
      if piece.isFilling {
        word = (word ?? []) + bytes
        continue
      }
      var at = 0
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        switch (byte, quote) {
        case (0x27, 0x27?), (0x22, 0x22?): quote = nil
        case (0x27, nil), (0x22, nil):
          quote = byte
          word = word ?? []
        case (0x5C, nil), (0x5C, 0x22?):
          guard at < bytes.count else {
            throw Failure(.parse, "\(name): a backslash in the command has nothing behind it")
          }
          // In double quotes it stands for itself, unless what follows would mean something there.
          if quote != nil, ![0x22, 0x5C, 0x24, 0x60].contains(bytes[at]) { word = (word ?? []) + [byte] }
          word = (word ?? []) + [bytes[at]]
          at += 1
        case (0x20, nil), (0x09, nil), (0x0A, nil), (0x0D, nil):
          if let finished = word { words.append(finished) }
          word = nil
        default: word = (word ?? []) + [byte]
        }
      }
    }
    if let quote {
      throw Failure(.parse, "\(name): a \(quote == 0x22 ? "double" : "single") quote in the command is not closed")
    }
    if let finished = word { words.append(finished) }
    guard !words.isEmpty else { throw .range("\(name) needs a program, and the command is empty") }
    return words
  }

  /// The words of a command that is a string, or a list of them.
  static func words(of command: Value, for name: String = "run") throws(Failure) -> [[UInt8]] {
    switch command {
    case .list(let list):
      guard !list.items.isEmpty else { throw .range("\(name) needs a program, and the list is empty") }
      return list.items.map { Show.text($0).array }
    case .string(let text): return try split([(text, false)], for: name)
    default: throw .type("\(name) takes a command line or a list of words, not \(command.article)")
    }
  }
}
