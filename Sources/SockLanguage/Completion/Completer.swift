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
        return Completions.Candidate(
          command.name, .command, summary: command.summary, synopsis: command.synopsis, appendsSpace: takesMore)
      }
      return answer(all, bytes[start..<cursor], start..<cursor)
    }
    let name = String(decoding: bytes[start..<nameEnd], as: UTF8.self)
    let argument = bytes[nameEnd..<cursor].firstIndex { !Lexer.isBlank($0) } ?? cursor
    switch context.commands.first(where: { $0.name == name })?.argument {
    case .fileName?: return Completions(range: argument..<cursor, candidates: [], wantsFileName: true)
    case .file(let suffix)?:
      return Completions(range: argument..<cursor, candidates: [], wantsFileName: true, fileSuffix: suffix)
    case .words(let words)?:
      let word = bytes[argument..<cursor].lastIndex(where: Lexer.isBlank).map { $0 + 1 } ?? argument
      let all = words.map { Completions.Candidate($0, .word, appendsSpace: true) }
      return answer(all, bytes[word..<cursor], word..<cursor)
    case .statement?:
      // A number in front says how often, or with what pause.
      let number = bytes[argument..<cursor].prefix { !Lexer.isBlank($0) }
      let isNumber = number.first.map(Lexer.isDigit) ?? false && number.endIndex < cursor
      return completeStatement(bytes[(isNumber ? number.endIndex : argument)..<cursor], in: context)
    case .shellWords?:
      let word = bytes[argument..<cursor].lastIndex(where: Lexer.isBlank).map { $0 + 1 } ?? argument
      return Completions(range: word..<cursor, candidates: [], wantsFileName: true)
    case .nothing?, .number?, nil: return nothing(at: cursor)
    }
  }

  // MARK: - Statements

  private static func completeStatement(_ slice: ArraySlice<UInt8>, in context: CompletionContext) -> Completions {
    if let found = completeKey(slice, in: context) ?? completeAddress(slice, in: context) { return found }
    let word = slice.reversed().prefix(while: Lexer.continuesWord).count
    let start = slice.endIndex - word
    // Digits begin a number, or go on with one; and a number has no properties.
    if word > 0, !Lexer.startsWord(slice[start]) { return nothing(at: slice.endIndex) }
    if endsInNumber(slice[..<start]) { return nothing(at: slice.endIndex) }
    let parsed = parse(slice[..<start])
    if let last = parsed.tokens.last, last.kind == .comment, last.end == parsed.source.bytes.count {
      return nothing(at: slice.endIndex)
    }
    if case .path(let offset)? = parsed.expected.first {
      let range = (slice.startIndex + offset)..<slice.endIndex
      // Other paths than those of `import` name no library.
      let before = slice[..<range.lowerBound].dropLast().reversed().drop(while: Lexer.isBlank)
      let isImport = before.prefix(while: Lexer.continuesWord).reversed().elementsEqual(Keyword.import.rawValue.utf8)
      let libraries = isImport ? context.libraries.map { Completions.Candidate($0, .file) } : []
      return Completions(
        range: range, candidates: answer(libraries, slice[range], range).candidates, wantsFileName: true)
    }
    if case .command(let offset)? = parsed.expected.first {
      // The last of its words, where it can be a path: not the name of a program that is looked for.
      let text = slice[(slice.startIndex + offset)...]
      let blank = text.lastIndex(where: Lexer.isBlank)
      guard blank != nil || text.contains(UInt8(ascii: "/")) else { return nothing(at: slice.endIndex) }
      let start = blank.map { $0 + 1 } ?? text.startIndex
      return Completions(range: start..<slice.endIndex, candidates: [], wantsFileName: true)
    }
    guard !parsed.expected.isEmpty else { return nothing(at: slice.endIndex) }
    var known = context
    known.add(names(in: parsed) + parsed.expectedParameters.map { .init($0, .variable) })
    known.add(parsed.imports)
    // Where a name or a number mostly stands, 200 functions and what every script has would hide what the verb takes: a
    // letter brings them.
    var showsAll = true
    if word == 0, case .arguments(let step)? = parsed.expected.last { showsAll = !step.row.operand.isSeldomCalculated }
    var all = parsed.expected.flatMap(Candidates(context: known, showsAllValues: showsAll).list)
    if !showsAll { all.removeAll { $0.kind == .function } }
    return answer(all, slice[start...], start..<slice.endIndex)
  }

  private static func parse(_ bytes: ArraySlice<UInt8>) -> ParsedFile {
    Parser.parse(SourceFile(name: "", bytes: Array(bytes)), allowsValues: true, notesEnd: true)
  }

  /// `5.`, and not `x5.`.
  private static func endsInNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.last == UInt8(ascii: ".") else { return false }
    let word = bytes.dropLast().reversed().prefix(while: Lexer.continuesWord)
    return word.last.map(Lexer.isDigit) ?? false
  }

  /// `headers["ho`: a key of a map that is known; and `framing "u`: one of its names.
  private static func completeKey(_ slice: ArraySlice<UInt8>, in context: CompletionContext) -> Completions? {
    guard let quote = slice.lastIndex(where: { "\"'".utf8.contains($0) }) else { return nil }
    let mark = Character(UnicodeScalar(slice[quote]))
    let before = slice[..<quote]
    let range = (quote + 1)..<slice.endIndex
    if before.last == UInt8(ascii: "[") {
      let word = before.dropLast().reversed().prefix(while: Lexer.continuesWord).reversed()
      let keys = context.keys(String(decoding: Array(word), as: UTF8.self))
      // What means itself in either kind of string.
      let plain = keys.filter { !$0.utf8.contains { $0 < 0x20 || "\"'\\$".utf8.contains($0) } }
      guard !plain.isEmpty else { return nil }
      return answer(plain.map { Completions.Candidate("\($0)\(mark)]", .key) }, slice[range], range)
    }
    guard mark == "\"", case .arguments(let step)? = parse(before).expected.last, step.row.verb == .framing,
      !step.hasData
    else { return nil }
    return answer(Candidates.framings, slice[quote...], quote..<slice.endIndex)
  }

  /// Where a bare address may stand, and what has been typed of it is more than a word.
  private static func completeAddress(_ slice: ArraySlice<UInt8>, in context: CompletionContext) -> Completions? {
    let typed = slice.reversed().prefix { Lexer.continuesWord($0) || ".:/-[]*%~@".utf8.contains($0) }.count
    let start = slice.endIndex - typed
    guard typed > 0, start > slice.startIndex, Lexer.isBlank(slice[start - 1]) else { return nil }
    let text = slice[start...]
    guard !text.allSatisfy(Lexer.continuesWord) || Lexer.isDigit(text[start]) else { return nil }
    guard case .arguments(let step)? = parse(slice[..<start]).expected.last, step.row.operand.isAddress, !step.hasData
    else { return nil }
    for prefix in ["unix:", "tls:unix:"] where text.starts(with: prefix.utf8) {
      return Completions(
        range: (start + prefix.utf8.count)..<slice.endIndex, candidates: [], wantsFileName: true)
    }
    let found = answer(Candidates(context: context).addresses(for: step.row.verb), text, start..<slice.endIndex)
    // `listener.` is no address.
    return found.candidates.isEmpty && Lexer.startsWord(text[start]) && !text.contains(UInt8(ascii: ":")) ? nil : found
  }

  /// The names that the text itself declares, as far as they are known at its end.
  private static func names(in parsed: ParsedFile) -> [CompletionContext.Name] {
    let checker = FileChecker(parsed, session: nil, keepsScopes: true)
    let end = parsed.tokens.last?.end ?? 0
    return checker.run().file.variables(at: end).values.map { variable in
      let kind: CompletionContext.Name.Kind =
        switch variable.kind {
        case .function: .function
        case .message: .message
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
    let order = Dictionary(uniqueKeysWithValues: Completions.Kind.allCases.enumerated().map { ($1, $0) })
    // Addresses stay as they are given: the latest first.
    let found = all.filter { $0.text.utf8.starts(with: begun) }.filter { seen.insert($0.text).inserted }
      .enumerated().sorted { one, other in
        let (a, b) = (order[one.element.kind] ?? 0, order[other.element.kind] ?? 0)
        if a != b { return a < b }
        return one.element.kind == .address ? one.offset < other.offset : one.element.text < other.element.text
      }.map(\.element)
    return Completions(range: range, candidates: found, wantsFileName: false)
  }
}
