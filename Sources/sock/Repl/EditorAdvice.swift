// What the language and the history tell the editor of the text that is typed.

import SockLanguage
import SockRuntime

enum EditorAdvice {
  /// A longer text is not coloured: it is read anew with each key.
  private static let longestColoured = 256 << 10

  static func advice(for repl: Repl) -> LineEditor.Advice {
    LineEditor.Advice(
      isUnfinished: { [weak repl] text in
        guard let statement = statement(in: text, repl) else { return false }
        return TypedInput.isUnfinished(Array(text[statement...]))
      },
      indentation: { [weak repl] text, lineStart in
        guard let statement = statement(in: text, repl), statement <= lineStart else { return nil }
        return TypedInput.indentation(of: Array(text[statement...]), lineStart: lineStart - statement)
      },
      styles: styles, suggestion: History.continuation, completions: Completion.answer)
  }

  /// Where the statement begins in a text, which may stand behind a command; nil: there is none.
  private static func statement(in text: [UInt8], _ repl: Repl?) -> Int? {
    guard let start = text.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { return nil }
    guard text[start] == UInt8(ascii: ":") else { return repl?.isCommand(text) == true ? nil : 0 }
    let word = text[start...].prefix { $0 != 0x20 && $0 != 0x09 }
    let name = String(decoding: word.dropFirst(), as: UTF8.self)
    guard word.endIndex < text.count else { return nil }
    switch ColonCommand(rawValue: name)?.argument {
    case .statement?: return word.endIndex
    case .countAndStatement?, .durationAndStatement?:
      let rest = text[word.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
      let count = rest.prefix { $0 != 0x20 && $0 != 0x09 }
      // How often, or with what pause.
      guard let first = count.first, (0x30...0x39).contains(first) else { return word.endIndex }
      return count.endIndex < text.count ? count.endIndex : nil
    default: return nil
    }
  }

  private static func styles(of text: [UInt8]) -> [TextStyle] {
    var styles = [TextStyle](repeating: .plain, count: text.count)
    guard text.count <= longestColoured else { return styles }
    guard let start = text.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { return styles }
    var statement = 0
    if text[start] == UInt8(ascii: ":") {
      let end = text[start...].firstIndex { $0 == 0x20 || $0 == 0x09 } ?? text.count
      for at in start..<end { styles[at] = .keyword }
      guard let begin = Self.statement(in: text, nil) else { return styles }
      statement = begin
    }
    for (range, piece) in TypedInput.pieces(of: Array(text[statement...])) {
      let style: TextStyle =
        switch piece {
        case .keyword: .keyword
        case .verb: .verb
        case .string: .string
        case .number: .number
        case .regex: .regex
        case .address: .address
        case .comment: .comment
        case .wrong: .wrong
        }
      for at in range { styles[statement + at] = style }
    }
    return styles
  }
}
