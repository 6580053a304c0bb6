// The parser's entrance, its state, and what all its parts use: tokens, diagnostics, recovery.
// The functions that follow the grammar are in the other files of this folder; each stands under its production.

/// What the parser makes of a file. There is always a tree; what is wrong with the text is in `diagnostics`.
package struct ParsedFile {
  package let source: SourceFile
  package let body: Block
  package let scope: FunctionScope
  package let imports: [ImportDeclaration]
  /// In the order of the text.
  package let diagnostics: [Diagnostic]
  /// More lines could make this text whole: an open block, bracket or `"""`, or a `\`, a comma or an operator at
  /// its end, and nothing else is wrong with it.
  package let isIncomplete: Bool
  /// The text ends inside a block, whatever else is wrong with it.
  package let endsInBlock: Bool
  /// The diagnostics without those that more lines would answer.
  package let mistakes: [Diagnostic]
  /// Everything but blanks, comments too, in order. A string is one token, whatever its holes hold.
  package let tokens: [Token]
  /// What may stand where the text ends, if that was asked for.
  package let expected: [Expected]
  /// The parameters of the short functions in whose values the text ends.
  package let expectedParameters: [String]
}

package struct Parser {
  /// Never fails: any bytes give a tree, and diagnostics for what is no program.
  /// - Parameters:
  ///   - allowsValues: a statement may be a value alone, as a line of the REPL may.
  ///   - notesEnd: what may stand where the text ends is wanted.
  package static func parse(_ source: SourceFile, allowsValues: Bool = false, notesEnd: Bool = false) -> ParsedFile {
    var parser = Parser(source, allowsValues: allowsValues, notesEnd: notesEnd)
    return parser.parseFile()
  }

  /// A diagnostic has been given, and the rest of the statement is not worth reading.
  struct Abandoned: Error {}

  /// A block that is being read.
  struct Opener {
    let token: Token
    /// What may end the block.
    let terminators: [Keyword]
    /// It stands in a `case`: `is` ends it, too.
    var isDividedByIs = false
    /// A `{` was written behind its head.
    var hasBrace = false
  }

  let source: SourceFile
  let allowsValues: Bool
  var lexer: Lexer
  var current: Token
  /// Where the token before `current` ends.
  var previousEnd = 0
  var diagnostics: [Diagnostic] = []
  var scope: FunctionScope
  var imports: [ImportDeclaration] = []

  /// How many blocks (each counts twice) and expressions are being read inside each other.
  var depth = 0
  /// The height of the expression that was read last: `a + b + c` is a tree of three levels.
  var height = 0

  var openers: [Opener] = []
  /// An `end` stood further left than the block it closed: that block is the one whose `end` is missing.
  var suspect: (opener: Token, end: Token)?
  /// How many `end`s too many are the fault of words already complained about (`else if`, `unless`).
  var forgivenEnds = 0
  /// The last block was closed by `}`, which has been complained about.
  var isClosedByBrace = false
  var reportedUnclosedBlock = false
  /// A `{` stood behind the head that was read last.
  var pendingBrace = false
  /// The head that was read last made no sense, and its `end` stood on its line.
  var hasBlockOnLine = false
  /// The last `value.verb` without arguments.
  var bareVerb: SourceRange?

  /// The statement that was read last began with a word that is none of ours, and may have meant to open a block.
  var foreignHead: ForeignHead?
  /// The head that was complained about last has its block, or the beginning of it, behind it on its line.
  var isBlockOnLine = false
  /// Before this offset enough has been said.
  var silentBefore = 0

  /// What closes a bracket of an earlier line whose contents have been complained about.
  var forgivenCloser: Mark?

  let notesEnd: Bool
  /// A class: debug builds copy a parser for each complaint that a function may make, so what it holds itself counts for
  /// how deep blocks may stand in a small stack.
  let notes = EndNotes()

  private var isMuted = false
  private var isGivingUp = false
  /// Which diagnostics more lines would answer.
  private var incompleteDiagnostics: Set<Int> = []

  private init(_ source: SourceFile, allowsValues: Bool, notesEnd: Bool) {
    self.source = source
    self.allowsValues = allowsValues
    self.notesEnd = notesEnd
    lexer = Lexer(source.bytes)
    scope = FunctionScope(kind: .file, parent: nil)
    current = Token(.endOfFile, 0, 0)
  }

  // file = block ?end of file? ;
  private mutating func parseFile() -> ParsedFile {
    var body = Block(statements: [], range: SourceRange(0, source.bytes.count))
    if let unreadable = Diagnostic.unreadable(source) {
      report { _ in unreadable }
    } else {
      if let place = firstInvalidUTF8(source.bytes) {
        report { .notUTF8($0.at(place), byte: $0.source.bytes[place.offsets.lowerBound]) }
      }
      current = lexer.next()
      body = parseBlock(opener: nil)
    }
    let isIncomplete =
      (!incompleteDiagnostics.isEmpty || lexer.endsInContinuation) && diagnostics.count == incompleteDiagnostics.count
    let sorted = diagnostics.sortedByPosition()
    let mistakes = incompleteDiagnostics.isEmpty
      ? sorted
      : diagnostics.enumerated().filter { !incompleteDiagnostics.contains($0.offset) }.map(\.element).sortedByPosition()
    return ParsedFile(
      source: source, body: body, scope: scope, imports: imports, diagnostics: sorted, isIncomplete: isIncomplete,
      endsInBlock: reportedUnclosedBlock, mistakes: mistakes, tokens: lexer.tokens, expected: notes.expected,
      expectedParameters: notes.expectedParameters)
  }

  // MARK: - Tokens

  mutating func advance() {
    if current.kind != .endOfFile { lexer.tokens.append(current) }
    previousEnd = current.end
    current = lexer.next()
  }

  /// `current` and all up to `end` are one literal of this kind; goes on behind it.
  mutating func advance(over kind: Token.Kind, to end: Int) {
    // What its holes hold has been recorded on the way.
    while let last = lexer.tokens.last, last.start >= current.start { lexer.tokens.removeLast() }
    lexer.tokens.append(Token(kind, current.start, end))
    previousEnd = end
    lexer.position = end
    current = lexer.next()
  }

  /// The token behind `current`.
  mutating func peek() -> Token {
    let position = lexer.position
    let recorded = lexer.tokens.count
    let token = lexer.next()
    lexer.position = position
    lexer.tokens.removeSubrange(recorded...)
    return token
  }

  func isAt(_ mark: Mark) -> Bool { current.kind == .mark(mark) }
  func isAt(_ keyword: Keyword) -> Bool { current.kind == .keyword(keyword) }

  /// `current` touches what is before it.
  var isTouching: Bool { current.start == previousEnd }

  mutating func skip(_ mark: Mark) -> Bool {
    guard isAt(mark) else { return false }
    advance()
    return true
  }

  mutating func skip(_ keyword: Keyword) -> Bool {
    guard isAt(keyword) else { return false }
    advance()
    return true
  }

  /// After a binary operator or a comma a line end is a blank.
  mutating func skipLineEnds() {
    guard lexer.holeDepth == 0 else { return }
    while current.kind == .lineEnd { advance() }
  }

  /// The text of a token.
  func text(_ token: Token) -> String { source.text(token.range) }

  func name(_ token: Token) -> String {
    let number = Int(token.symbol)
    return token.isWord && number < lexer.names.strings.count ? lexer.names.strings[number] : text(token)
  }

  /// The option word that a word's spelling is, and the blank or the mark that must follow such a word does follow.
  func optionWord(_ token: Token) -> OptionWord? {
    guard token.isWord, Int(token.symbol) < NameTable.options.count else { return nil }
    guard let word = NameTable.options[Int(token.symbol)], Lexer.endsWord(lexer.bytes, at: token.end) else { return nil }
    return word
  }

  func isAt(_ word: ContextWord) -> Bool {
    guard current.isWord, Int(current.symbol) < NameTable.contextWords.count else { return false }
    return NameTable.contextWords[Int(current.symbol)] == word && Lexer.endsWord(lexer.bytes, at: current.end)
  }

  func range(from start: Int) -> SourceRange { SourceRange(start, max(start, previousEnd)) }

  // MARK: - Brackets

  /// Goes past an opening bracket.
  mutating func open() {
    lexer.bracketDepth += 1
    advance()
  }

  /// Goes past the bracket that closes `opener`, which must be next. `isList`: a comma could be, too.
  mutating func close(_ mark: Mark, opener: Token, isList: Bool = true) throws(Abandoned) {
    guard isAt(mark) else { throw unclosed(mark, opener: opener, isList: isList) }
    lexer.bracketDepth = max(0, lexer.bracketDepth - 1)
    advance()
  }

  private mutating func unclosed(_ mark: Mark, opener: Token, isList: Bool) -> Abandoned {
    let expected = isList ? "`,` or `\(mark.rawValue)`" : "`\(mark.rawValue)`"
    if current.kind == .unknown { return unexpected(expected) }
    if isArrow { return fail { .foreignOperator($0.at($0.arrow), "=>", "fn(x) …") } }
    let isElsewhere = startsLine(current) || (isAt(.assign) && line(of: current) != line(of: opener))
    if current.endsStatement || isElsewhere {
      return fail(isIncomplete: current.kind == .endOfFile && lexer.holeDepth == 0) {
        .unclosedBracket($0.at(opener.range), $0.text(opener), mark.rawValue)
      }
    }
    if line(of: current) != line(of: opener) { forgivenCloser = mark }
    return fail {
      .bracketExpected($0.at($0.current.range), expected, found: $0.describe($0.current), line: $0.line(of: opener))
    }
  }

  func line(of token: Token) -> Int { source.position(of: token.start).line }

  /// Only blanks stand before it on its line.
  func startsLine(_ token: Token) -> Bool {
    var offset = token.start
    while offset > 0, Lexer.isBlank(lexer.bytes[offset - 1]) { offset -= 1 }
    return offset == 0 || lexer.bytes[offset - 1] == 0x0A
  }

  // MARK: - Depth

  /// Deeper by so many levels; the caller goes back up by as many.
  mutating func descend(by levels: Int = 1) throws(Abandoned) {
    depth += levels
    if depth > Limits.nesting { throw tooDeep() }
  }

  /// There is room for a block.
  mutating func checkDepth() throws(Abandoned) {
    if depth + 2 > Limits.nesting { throw tooDeep() }
  }

  /// An expression of this height was made.
  mutating func rise(to newHeight: Int) throws(Abandoned) {
    height = newHeight
    if depth + height > Limits.nesting { throw tooDeep() }
  }

  private mutating func tooDeep() -> Abandoned {
    report { .tooDeep($0.at($0.current.range)) }
    giveUp()
    return Abandoned()
  }

  // MARK: - Diagnostics

  /// What is read is not worth a word.
  var isSilent: Bool { isMuted || isGivingUp }

  func at(_ range: SourceRange) -> Diagnostic.Place { source.place(range) }

  /// Says what is wrong. The closure gets the parser as it is; that it is a closure keeps what it needs off the
  /// stack of the functions that call themselves.
  mutating func report(isIncomplete: Bool = false, _ make: (Parser) -> Diagnostic) {
    guard !isSilent else { return }
    let diagnostic = make(self)
    guard Int(diagnostic.range.lower) >= silentBefore else { return }
    if isIncomplete || (current.kind == .endOfFile && lexer.endsInContinuation) {
      incompleteDiagnostics.insert(diagnostics.count)
    }
    diagnostics.append(diagnostic)
    if diagnostics.count >= Limits.diagnostics {
      diagnostics.append(.tooManyErrors(at(SourceRange(Int(diagnostic.range.upper), Int(diagnostic.range.upper)))))
      giveUp()
    }
  }

  /// What was said since there were so many is a part of a mistake that was told before.
  mutating func forgetDiagnostics(from count: Int) {
    guard diagnostics.count > count else { return }
    diagnostics.removeSubrange(count...)
    incompleteDiagnostics = incompleteDiagnostics.filter { $0 < count }
  }

  /// The same, for `throw`.
  mutating func fail(isIncomplete: Bool = false, _ make: (Parser) -> Diagnostic) -> Abandoned {
    report(isIncomplete: isIncomplete, make)
    return Abandoned()
  }

  /// Nothing more is read or said.
  private mutating func giveUp() {
    isGivingUp = true
    lexer.position = lexer.bytes.count
    lexer.bracketDepth = 0
    current = lexer.next()
  }

  // MARK: - Recovery

  /// Skips the rest of a statement that made no sense. A line that was reached because of an open bracket is a
  /// statement of its own.
  mutating func recover(from start: Int) {
    let isInBrackets = lexer.bracketDepth > 0 && lexer.holeDepth == 0
    lexer.bracketDepth = 0
    lexer.holeDepth = 0
    if current.start > start, startsLine(current) { return }
    isMuted = true
    while !current.endsStatement {
      if case .quote(let quote) = current.kind {
        do { _ = try parseString(quote) } catch { recoverFromString() }
      } else {
        advance()
      }
    }
    if isInBrackets { skipRestOfList() }
    isMuted = isGivingUp
  }

  /// The lines below a mistake in brackets that are still between them: such as no statement begins with.
  private mutating func skipRestOfList() {
    while current.kind == .lineEnd, !isGivingUp {
      let (first, last) = lineBelow()
      let closes = first == UInt8(ascii: ")") || first == UInt8(ascii: "]") || first == UInt8(ascii: "}")
      let goesOn =
        first == 0x22 || first == UInt8(ascii: "'") || Lexer.isDigit(first)
        || (first == UInt8(ascii: "[") || first == UInt8(ascii: "{")) && last == UInt8(ascii: ",")
      // What closes the list of a complaint of its own is seen to elsewhere.
      guard goesOn || closes && forgivenCloser == nil else { return }
      repeat { advance() } while !current.endsStatement
      if closes { return }
    }
  }

  /// The first and the last byte of the next line, blanks apart; 0: there is none.
  private func lineBelow() -> (first: UInt8, last: UInt8) {
    var start = current.end
    while Lexer.isBlank(lexer.byte(start)) { start += 1 }
    var end = lineEnd(from: start)
    while end > start, Lexer.isBlank(lexer.byte(end - 1)) || lexer.byte(end - 1) == 0x0D { end -= 1 }
    return end > start ? (lexer.byte(start), lexer.byte(end - 1)) : (0, 0)
  }

  /// A string without an end has none on this line.
  private mutating func recoverFromString() {
    if current.endsStatement { return }
    advance()
  }

  /// The first bytes that are not UTF-8.
  private func firstInvalidUTF8(_ bytes: [UInt8]) -> SourceRange? {
    var offset = 0
    while offset < bytes.count {
      let first = bytes[offset]
      if first < 0x80 {
        offset += 1
        continue
      }
      let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
      guard first >= 0xC2, first <= 0xF4, offset + length <= bytes.count else { return SourceRange(offset, offset + 1) }
      var scalar = UInt32(first) & (0xFF >> UInt32(length + 1))
      for more in bytes[(offset + 1)..<(offset + length)] {
        guard more & 0xC0 == 0x80 else { return SourceRange(offset, offset + 1) }
        scalar = scalar << 6 | UInt32(more & 0x3F)
      }
      let least: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
      guard scalar >= least, Unicode.Scalar(scalar) != nil else { return SourceRange(offset, offset + 1) }
      offset += length
    }
    return nil
  }
}
