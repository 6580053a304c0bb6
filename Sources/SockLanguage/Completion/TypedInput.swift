// What can be said of an input while it is typed: whether it is whole, how its lines are indented, how it may be
// coloured.

package enum TypedInput {
  /// More lines would make it whole, and nothing else is wrong with it.
  package static func isUnfinished(_ bytes: [UInt8]) -> Bool { parse(bytes).isIncomplete }

  private static func parse(_ bytes: [UInt8]) -> ParsedFile {
    Parser.parse(SourceFile(name: "", bytes: bytes), allowsValues: true)
  }

  /// With how many blanks the formatter would begin a line, as far as the text before it and its own tell.
  ///
  /// - Parameter lineStart: the offset where it begins.
  /// - Returns: nil where the blanks are part of a string.
  package static func indentation(of bytes: [UInt8], lineStart: Int) -> Int? {
    let before = bytes[..<lineStart]
    if let last = parse(Array(before)).tokens.last, last.kind == .string, last.end >= lineStart { return nil }
    let lineEnd = bytes[lineStart...].firstIndex(of: 0x0A) ?? bytes.count
    let line = bytes[lineStart..<lineEnd].drop(while: Lexer.isBlank)
    // Where nothing stands yet, a statement will; a comment stands where that would.
    let isStillToCome = line.isEmpty || line.first == UInt8(ascii: "#")
    let parsed = parse(before + (isStillToCome ? [UInt8(ascii: "_")] : Array(line)))
    var printer = PrettyPrinter(parsed)
    var printed = printer.print()[...]
    while printed.last == 0x0A { printed.removeLast() }
    let start = printed.lastIndex(of: 0x0A).map { $0 + 1 } ?? printed.startIndex
    return printed[start...].prefix { $0 == 0x20 }.count
  }

  /// What a piece of the text is.
  package enum Piece: Sendable {
    case keyword, verb, string, number, regex, address, comment, wrong
  }

  /// The pieces that are not plain, in order.
  package static func pieces(of bytes: [UInt8]) -> [(range: Range<Int>, piece: Piece)] {
    var found: [(range: Range<Int>, piece: Piece)] = []
    var end = 0
    for token in parse(bytes).tokens where token.start >= end && token.end > token.start {
      end = token.end
      let piece: Piece
      switch token.kind {
      case .keyword: piece = .keyword
      case .verb: piece = .verb
      case .string: piece = .string
      case .quote:
        // Its end is missing: all that follows on its line belongs to it.
        piece = .string
        end = bytes[token.start...].firstIndex(of: 0x0A) ?? bytes.count
      case .number: piece = .number
      case .regex: piece = .regex
      case .address: piece = .address
      case .comment: piece = .comment
      case .unknown: piece = .wrong
      case .name, .mark, .lineEnd, .semicolon, .endOfFile: continue
      }
      found.append((token.start..<end, piece))
    }
    return found
  }
}
