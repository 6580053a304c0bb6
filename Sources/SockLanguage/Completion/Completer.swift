// Completion: which words may stand at the cursor. The parser reads the text before the word at the cursor, and notes
// what may follow it; the checker knows the names that the text declares, the session those from before. Files are
// named by whoever asked.

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
      return answer(all, bytes[start..<cursor], start..<cursor)
    }
    let name = String(decoding: bytes[start..<nameEnd], as: UTF8.self)
    let argument = bytes[nameEnd..<cursor].firstIndex { !Lexer.isBlank($0) } ?? cursor
    switch context.commands.first(where: { $0.name == name })?.argument {
    case .fileName?: return Completions(range: argument..<cursor, candidates: [], wantsFileName: true)
    case .words(let words)?:
      let word = bytes[argument..<cursor].lastIndex(where: Lexer.isBlank).map { $0 + 1 } ?? argument
      let all = words.map { Completions.Candidate(text: $0, summary: "", appendsSpace: true) }
      return answer(all, bytes[word..<cursor], word..<cursor)
    case .statement?: return completeStatement(bytes[argument..<cursor], in: context)
    case .nothing?, .number?, nil: return nothing(at: cursor)
    }
  }

  // MARK: - Statements

  private static func completeStatement(_ slice: ArraySlice<UInt8>, in context: CompletionContext) -> Completions {
    let word = slice.reversed().prefix(while: Lexer.continuesWord).count
    let start = slice.endIndex - word
    // Digits begin a number, or go on with one.
    if word > 0, !Lexer.startsWord(slice[start]) { return nothing(at: slice.endIndex) }
    let source = SourceFile(name: "", bytes: Array(slice[..<start]))
    let parsed = Parser.parse(source, allowsValues: true, notesEnd: true)
    if let last = parsed.tokens.last, last.kind == .comment, last.end == source.bytes.count {
      return nothing(at: slice.endIndex)
    }
    if case .path(let offset)? = parsed.expected.first {
      return Completions(range: (slice.startIndex + offset)..<slice.endIndex, candidates: [], wantsFileName: true)
    }
    guard !parsed.expected.isEmpty else { return nothing(at: slice.endIndex) }
    var known = context
    known.add(names(in: parsed))
    let all = parsed.expected.flatMap(Candidates(context: known).list)
    return answer(all, slice[start...], start..<slice.endIndex)
  }

  /// The names that the text itself declares, as far as they are known at its end.
  private static func names(in parsed: ParsedFile) -> [CompletionContext.Name] {
    let checker = FileChecker(parsed, session: nil, keepsScopes: true)
    let end = parsed.tokens.last?.end ?? 0
    return checker.run().file.variables(at: end).values.map { variable in
      let kind: CompletionContext.Name.Kind =
        switch variable.kind {
        case .function: .function
        case .importedFile: .module
        case .setting: .setting
        case .local, .parameter: checker.isChannel(variable) ? .channel : .variable
        }
      return CompletionContext.Name(variable.name, kind)
    }
  }

  // MARK: - Answers

  private static func nothing(at cursor: Int) -> Completions {
    Completions(range: cursor..<cursor, candidates: [], wantsFileName: false)
  }

  /// Those that begin with these bytes, which stand in the range; each once.
  private static func answer(
    _ all: [Completions.Candidate], _ begun: some Sequence<UInt8>, _ range: Range<Int>
  ) -> Completions {
    var seen: Set<String> = []
    let found = all.filter { $0.text.utf8.starts(with: begun) }.sorted { $0.text < $1.text }
      .filter { seen.insert($0.text).inserted }
    return Completions(range: range, candidates: found, wantsFileName: false)
  }
}
