// Completion: which words may stand at the cursor. Knows the text up to the cursor, the tables and the session's names,
// and asks nobody else: files are named by whoever asked.

package enum Completer {
  /// What may stand at the cursor.
  ///
  /// - Parameters:
  ///   - bytes: all of the input so far: the earlier lines of an unfinished block, and the line that is being edited.
  ///   - cursor: an offset into it; what follows the cursor does not count.
  package static func complete(_ bytes: [UInt8], cursor: Int, in context: CompletionContext) -> Completions {
    let cursor = min(max(cursor, 0), bytes.count)
    if let command = completeCommand(bytes, cursor, context) { return command }
    return completeStatement(bytes[..<cursor], in: context)
  }

  // MARK: - Commands with a colon

  /// Nil: the first line is no command.
  private static func completeCommand(
    _ bytes: [UInt8], _ cursor: Int, _ context: CompletionContext
  ) -> Completions? {
    let start = bytes[..<cursor].firstIndex { !Lexer.isBlank($0) } ?? cursor
    guard start < cursor, bytes[start] == UInt8(ascii: ":") else { return nil }
    let nameEnd = bytes[start..<cursor].firstIndex(where: Lexer.isBlank) ?? cursor
    if nameEnd == cursor {
      let all = context.commands.map { command in
        var takesMore = true
        if case .nothing = command.argument { takesMore = false }
        return Completions.Candidate(text: command.name, summary: command.summary, appendsSpace: takesMore)
      }
      return answer(all, bytes, start..<cursor)
    }
    let name = String(decoding: bytes[start..<nameEnd], as: UTF8.self)
    let argument = bytes[nameEnd..<cursor].firstIndex { !Lexer.isBlank($0) } ?? cursor
    switch context.commands.first(where: { $0.name == name })?.argument {
    case .fileName?: return Completions(range: argument..<cursor, candidates: [], wantsFileName: true)
    case .words(let words)?:
      let word = bytes[argument..<cursor].lastIndex(where: Lexer.isBlank).map { $0 + 1 } ?? argument
      let all = words.map { Completions.Candidate(text: $0, summary: "", appendsSpace: true) }
      return answer(all, bytes, word..<cursor)
    case .statement?: return completeStatement(bytes[argument..<cursor], in: context)
    case .nothing?, .number?, nil: return nothing(at: cursor)
    }
  }

  // MARK: - Statements

  private static func completeStatement(_ slice: ArraySlice<UInt8>, in context: CompletionContext) -> Completions {
    let offset = slice.startIndex
    let text = Array(slice)
    // Its diagnostics say which literal has no end.
    let parsed = Parser.parse(SourceFile(name: "", bytes: text), allowsValues: true)
    var tokens = parsed.tokens
    if let last = tokens.last, last.kind == .comment, last.end == text.count { return nothing(at: slice.endIndex) }
    tokens.removeAll { $0.kind == .comment }
    var start = text.count
    while start > 0, Lexer.continuesWord(text[start - 1]) { start -= 1 }
    if start < text.count {
      // Digits begin a number, and what is longer than the word is no word: an address, a literal.
      guard Lexer.startsWord(text[start]), tokens.last.map({ $0.isWord && $0.start == start }) ?? false else {
        return unfinishedLiteral(tokens, parsed, text, offset) ?? nothing(at: slice.endIndex)
      }
      tokens.removeLast()
    }
    if let literal = unfinishedLiteral(tokens, parsed, text, offset) { return literal }
    var phrase = Phrase(text: text, tokens: tokens)
    let isHole = start >= 2 && text[start - 2] == UInt8(ascii: "$") && text[start - 1] == UInt8(ascii: "{")
    if isHole {
      phrase = Phrase(place: .expression)
    } else if let last = tokens.last, last.end == start, !touchesWord(last) {
      return nothing(at: slice.endIndex)
    }
    let all = Candidates(context: context, phrase: phrase).list()
    let found = answer(all, text, start..<text.count)
    return Completions(
      range: (found.range.lowerBound + offset)..<(found.range.upperBound + offset), candidates: found.candidates,
      wantsFileName: false)
  }

  /// A word may begin right behind a mark or a line end, and behind nothing else.
  private static func touchesWord(_ token: Token) -> Bool {
    switch token.kind {
    case .mark, .lineEnd, .semicolon: true
    default: false
    }
  }

  /// The cursor stands in a string, a regular expression or an address: only the name of a file is completed there.
  private static func unfinishedLiteral(
    _ tokens: [Token], _ parsed: ParsedFile, _ text: [UInt8], _ offset: Int
  ) -> Completions? {
    guard let last = tokens.last, last.end == text.count, !last.isWord else { return nil }
    let end = offset + text.count
    switch last.kind {
    case .string:
      let codes = [SyntaxCode.unclosedString, .unclosedBlockString].map(\.rawValue)
      guard parsed.diagnostics.contains(where: { $0.range.lower == last.lower && codes.contains($0.code) }),
        text[last.start] == UInt8(ascii: "\"") || text[last.start] == UInt8(ascii: "'"),
        Phrase(text: text, tokens: Array(tokens.dropLast())).takesFileName
      else { return nothing(at: end) }
      return Completions(range: (offset + last.start + 1)..<end, candidates: [], wantsFileName: true)
    case .regex, .address, .number, .unknown: return nothing(at: end)
    default: return nil
    }
  }

  // MARK: - Answers

  private static func nothing(at cursor: Int) -> Completions {
    Completions(range: cursor..<cursor, candidates: [], wantsFileName: false)
  }

  /// Those that begin with the bytes of the range, each once.
  private static func answer(
    _ all: [Completions.Candidate], _ bytes: [UInt8], _ range: Range<Int>
  ) -> Completions {
    var seen: Set<String> = []
    let found = all.filter { $0.text.utf8.starts(with: bytes[range]) }.sorted { $0.text < $1.text }
      .filter { seen.insert($0.text).inserted }
    return Completions(range: range, candidates: found, wantsFileName: false)
  }
}
