// Statements and the blocks that hold them; compound statements are in CompoundParser.swift.

extension Parser {
  // block = { [ statement ] NL } ;
  mutating func parseBlock(opener: Opener?) -> Block {
    let start = current.start
    var statements: [Statement] = []
    if let opener { openers.append(opener) }
    // A compound statement needs more of the stack than an operator does.
    depth += 2
    while !endsBlock(opener, &statements) { statements.append(parseStatementOrRecover()) }
    depth -= 2
    if opener != nil { openers.removeLast() }
    return Block(statements: statements, range: range(from: start))
  }

  /// Goes to the next statement; true when there is none because the block ends.
  /// - Parameter statements: those before it.
  private mutating func endsBlock(_ opener: Opener?, _ statements: inout [Statement]) -> Bool {
    if let head = foreignHead {
      if head.isEnd, opener?.terminators.contains(.end) ?? false {
        foreignHead = nil
        isClosedByBrace = true
        return true
      }
      parseForeignBlock(into: &statements)
    }
    while true {
      while current.kind == .lineEnd || current.kind == .semicolon { advance() }
      switch current.kind {
      case .endOfFile:
        expectStatement()
        if let opener { reportUnclosed(opener) }
        return true
      case .keyword(let word) where Parser.blockWords.contains(word):
        if let opener, opener.terminators.contains(word) || opener.isDividedByIs && isForeignIs { return true }
        if endsOuterBlock({ $0.terminators.contains(word) }) { return true }
        parseStray(word.rawValue)
      case .keyword(.case) where isInSwitch: return true
      case .name where isAt(.is) && isDivider():
        if opener?.isDividedByIs ?? false || endsOuterBlock(\.isDividedByIs) { return true }
        parseStray(ContextWord.is.rawValue)
      case .mark(.rightBrace) where opener?.hasBrace ?? false:
        advance()
        isClosedByBrace = true
        return true
      default:
        guard let opener, current.kind == .name, let word = foreignPart else { return false }
        // An `until` ends a `repeat`, and nothing else.
        return word == .end ? opener.token.kind == .name : opener.terminators.contains(word)
      }
    }
  }

  /// Words that end a part of a block and start nothing.
  private static let blockWords: [Keyword] = [.end, .else, .elif, .catch, .finally, .when]

  /// An `else` that only a block further out can take: the ones inside are not closed.
  private mutating func endsOuterBlock(_ takes: (Opener) -> Bool) -> Bool {
    guard let inner = openers.last, openers.dropLast().contains(where: takes) else { return false }
    report {
      .unclosedBlock(
        $0.at(inner.token.range), $0.text(inner.token),
        note: .reached($0.text($0.current), line: $0.line(of: $0.current)))
    }
    return true
  }

  private mutating func parseStray(_ word: String) {
    let start = current.start
    if isAt(.end) {
      if forgivenEnds > 0 { forgivenEnds -= 1 } else { report { .strayEnd($0.at($0.current.range)) } }
      advance()
      do { try endStatement(after: nil) } catch { recover(from: start) }
      return
    }
    if isInSwitch { silenceLine() }
    let innermost = openers.last.map { (text($0.token), line(of: $0.token)) }
    // Its block has an `end`, which is no second mistake.
    if openers.isEmpty, forgivenEnds == 0, !isAt(.when), !isAt(.is) { forgivenEnds = 1 }
    report { .misplacedWord($0.at($0.current.range), word, open: innermost) }
    recover(from: start)
  }

  mutating func reportUnclosed(_ opener: Opener) {
    guard !reportedUnclosedBlock else { return }
    reportedUnclosedBlock = true
    if let suspect {
      let note = Diagnostic.UnclosedNote.endFurtherLeft(line: line(of: suspect.end))
      report(isIncomplete: true) { .unclosedBlock($0.at(suspect.opener.range), $0.text(suspect.opener), note: note) }
    } else {
      report(isIncomplete: true) { .unclosedBlock($0.at(opener.token.range), $0.text(opener.token), note: .none) }
    }
  }

  mutating func parseStatementOrRecover() -> Statement {
    let start = current.start
    let told = diagnostics.count
    defer { if notesEnd, current.kind == .endOfFile, !notes.expected.isEmpty { notes.isSettled = true } }
    do {
      return try parseStatement()
    } catch {
      // No statement is lost without a word.
      if diagnostics.count == told { _ = unexpected("a statement") }
      recover(from: start)
      // Whatever happens, the same token is not read twice.
      if current.start == start, !current.endsStatement { advance() }
      return Statement(.invalid, range: range(from: start))
    }
  }

  // statement = 'let' target '=' expr | 'param' [ 'secret' ] NAME [ '=' expr ] | 'import' STRING 'as' NAME
  //           | 'return' [ expr ] | 'break' | 'continue' | 'defer' simple | compound | simple ;
  private mutating func parseStatement() throws(Abandoned) -> Statement {
    let start = current.start
    guard case .keyword(let word) = current.kind else {
      if declaresMessage() { return try parseMessage() }
      return try parseSimple(isWholeStatement: true)
    }
    let kind: Statement.Kind
    switch word {
    case .let: kind = try parseLet()
    case .param: kind = try parseParameterSetting()
    case .import: kind = try parseImport()
    case .return:
      kind = try parseReturn()
    case .break:
      advance()
      kind = .breakLoop
    case .continue:
      advance()
      kind = .continueLoop
    case .defer:
      advance()
      let inner = FunctionScope(kind: .deferred, parent: scope)
      let outer = scope
      scope = inner
      defer { scope = outer }
      expect(.step(needsResult: false))
      kind = .deferred(try parseSimple(isWholeStatement: false), inner)
    case .try where !isTryBlock(): return try parseSimple(isWholeStatement: true)
    case .nil, .true, .false, .not: return try parseSimple(isWholeStatement: true)
    case .fn where peek().kind != .name: return try parseSimple(isWholeStatement: true)
    default:
      kind = try parseCompound(word)
      return Statement(kind, range: range(from: start))
    }
    try endStatement(after: nil)
    return Statement(kind, range: range(from: start))
  }

  /// Whether `current` is the word that begins a message's declaration, and no name: another name stands behind it, or
  /// what is missing is that name.
  private mutating func declaresMessage() -> Bool {
    guard current.isWord, name(current) == ContextWord.message.rawValue else { return false }
    let next = peek()
    switch next.kind {
    case .name, .verb, .number, .quote: return isAt(.message)
    case .mark(.leftBrace): return true
    case .lineEnd: return isFieldOnNextLine(behind: next.end)
    default: return false
    }
  }

  private mutating func parseReturn() throws(Abandoned) -> Statement.Kind {
    advance()
    expect(.step(needsResult: true))
    expect(.value(allowsNot: true))
    let value = current.endsStatement ? nil : try parseExpression()
    if isAt(.comma) { throw commaBehindReturn(value) }
    try endStatement(after: value)
    return .returnValue(value)
  }

  private mutating func isTryBlock() -> Bool {
    let next = peek()
    // A map is no step, so a `{` alone is the beginning of a block, elsewhere.
    return next.endsStatement || next.kind == .mark(.leftBrace) && isLineEnd(next.end)
  }

  private mutating func parseLet() throws(Abandoned) -> Statement.Kind {
    advance()
    let start = current.start
    let target = try parseTarget()
    guard isAt(.assign) else {
      if current.kind == .unknown { throw unexpected("`=`") }
      if isAt(.colon), lexer.byte(current.end) == UInt8(ascii: "=") {
        throw fail { .foreignOperator($0.at(SourceRange($0.current.start, $0.current.end + 1)), ":=", "=") }
      }
      if isAt(.comma) { throw commaBehindName(from: start) }
      throw fail { .letWithoutValue($0.at($0.current.range)) }
    }
    advance()
    let value = try parseExpression()
    if isAt(.comma) { throw commaBehindValue() }
    try endStatement(after: value)
    return .declare(target, value)
  }

  // target = NAME | '[' NAME { ',' NAME } [ ',' ] ']' ;
  mutating func parseTarget() throws(Abandoned) -> Target {
    guard isAt(.leftBracket) else { return .name(try parseNameDeclaration()) }
    let opener = current
    open()
    var names = [try parseNameDeclaration()]
    while skip(.comma), !isAt(.rightBracket) { names.append(try parseNameDeclaration()) }
    try close(.rightBracket, opener: opener)
    return .list(names, range(from: opener.start))
  }

  mutating func parseNameDeclaration() throws(Abandoned) -> NameDeclaration {
    guard current.kind == .name else {
      if current.isWord {
        throw fail { .reservedName($0.at($0.current.range), $0.text($0.current)) }
      }
      throw unexpected("a name")
    }
    let declaration = NameDeclaration(name: name(current), range: current.range)
    advance()
    return declaration
  }

  private mutating func parseParameterSetting() throws(Abandoned) -> Statement.Kind {
    let start = current.start
    advance()
    expect(.words([ContextWord.secret.rawValue]))
    var isSecret = false
    if isAt(.secret), peek().isWord {
      isSecret = true
      advance()
    }
    let name = try parseNameDeclaration()
    let value = skip(.assign) ? try parseExpression() : nil
    var kind: NumberLiteral.Kind?
    if case .integer(_, let place)? = value { kind = NumberLiteral.kind(of: source.bytes(in: place)) }
    if case .float(_, let place)? = value { kind = NumberLiteral.kind(of: source.bytes(in: place)) }
    return .param(
      ParameterDeclaration(name: name, isSecret: isSecret, value: value, numberKind: kind, range: range(from: start)))
  }

  private mutating func parseImport() throws(Abandoned) -> Statement.Kind {
    let start = current.start
    advance()
    expectPath(at: current.start)
    guard case .quote(let quote) = current.kind, case .string(let path, let pathRange) = try parseString(quote) else {
      throw fail { .importPath($0.at($0.previousEnd > start + 6 ? $0.range(from: start) : $0.current.range)) }
    }
    expect(.words([Keyword.as.rawValue]))
    guard skip(.as) else { throw unexpected("`as` and a name for what is imported") }
    let name = try parseNameDeclaration()
    let declaration = ImportDeclaration(
      path: String(decoding: path, as: UTF8.self), pathRange: pathRange, name: name, range: range(from: start))
    imports.append(declaration)
    return .importFile(declaration)
  }

  // simple = postfix ( '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '<<=' | '>>=' | '&=' | '^=' | '|=' ) expr | expr ;
  private mutating func parseSimple(isWholeStatement: Bool) throws(Abandoned) -> Statement {
    let start = current.start
    if isAt(.slash), lexer.byte(current.end) == UInt8(ascii: "/") {
      throw fail { .slashComment($0.at(SourceRange($0.current.start, $0.current.end + 1))) }
    }
    if let closer = forgivenCloser, isAt(closer), startsLine(current) {
      forgivenCloser = nil
      advance()
      return Statement(.invalid, range: range(from: start))
    }
    let expression = try parseExpression(mayServe: isWholeStatement)
    if isWholeStatement, isServeBehindDot() { return try parseServe(receiver: expression, start: start) }
    let kind: Statement.Kind
    if let assignment = assignmentOperator {
      guard !isArrow, let target = assignmentTarget(expression, assignment) else { throw badTarget(expression) }
      if isDivideAssign { advance(over: .mark(.divideAssign), to: current.end + 1) } else { advance() }
      let value = try parseExpression()
      kind = .assign(target, assignment, value)
      try endStatement(after: value)
    } else {
      try endStatement(after: expression)
      if !allowsValues, !acts(expression) {
        report { $0.valueUnused(expression) }
        if case .name(let name) = expression {
          foreignHead = ForeignHead(start: Int(name.range.lower), ForeignWords.statement(name.name), isAlone: true)
        }
        // One complaint about it is enough.
        kind = .invalid
      } else {
        kind = .expression(expression)
      }
    }
    return Statement(kind, range: range(from: start))
  }

  private mutating func badTarget(_ expression: Expression) -> Abandoned {
    if isArrow { return fail { .foreignOperator($0.at($0.arrow), "=>", "fn(x) …") } }
    guard case .step(let step) = expression, !step.mayBeMapKey else {
      return fail { .badTarget($0.at(expression.range)) }
    }
    if VerbTable[step.verb].gives == .setting {
      return fail { .settingAssigned($0.at($0.current.range), step.verb.rawValue) }
    }
    return fail { .assignmentInCondition($0.at($0.current.range)) }
  }

  private var assignmentOperator: AssignmentOperator? {
    switch current.kind {
    case .mark(.assign): .set
    case .mark(.addAssign): .update(.add)
    case .mark(.subtractAssign): .update(.subtract)
    case .mark(.multiplyAssign): .update(.multiply)
    case .mark(.slash): isDivideAssign ? .update(.divide) : nil
    case .mark(.remainderAssign): .update(.remainder)
    case .mark(.shiftLeftAssign): .update(.shiftLeft)
    case .mark(.shiftRightAssign): .update(.shiftRight)
    case .mark(.andAssign): .update(.bitAnd)
    case .mark(.xorAssign): .update(.bitXor)
    case .mark(.orAssign): .update(.bitOr)
    default: nil
    }
  }

  /// `current` and the `=` that touches it are `/=`: no operand begins with `=`.
  var isDivideAssign: Bool { isAt(.slash) && lexer.byte(current.end) == UInt8(ascii: "=") }

  private func assignmentTarget(_ expression: Expression, _ assignment: AssignmentOperator) -> AssignmentTarget? {
    switch expression {
    case .name(let name): return .name(name)
    case .index(let base, let index, let range): return .index(base, index, range)
    case .member(let member): return .member(member.base, member.name, member.range)
    case .step(let step):
      guard step.mayBeMapKey, let base = step.receiver else { return nil }
      return .member(base, step.verb.rawValue, step.range)
    case .list(let elements, let range):
      guard assignment == .set, !elements.isEmpty else { return nil }
      var names: [NameReference] = []
      for element in elements {
        guard case .name(let name) = element else { return nil }
        names.append(name)
      }
      return .list(names, range)
    default: return nil
    }
  }

  /// It does something, so it may be a statement.
  func acts(_ expression: Expression) -> Bool {
    switch expression {
    case .step, .attempt, .call, .invalid: true
    case .parenthesized(let inner, _): acts(inner)
    case .choice(_, let first, let second, _): acts(first) && acts(second)
    // `ok or (fail "no")`
    case .and(_, let right, _), .or(_, let right, _): acts(right)
    default: false
    }
  }

  private func valueUnused(_ expression: Expression) -> Diagnostic {
    if case .name(let name) = expression, let meant = ForeignWords.statement(name.name) {
      return .unknownVerb(at(name.range), name.name, meant)
    }
    if case .member(let member) = expression, let meant = ForeignWords.verb(behindDot: member.name) {
      return .unknownVerb(at(member.nameRange), member.name, meant)
    }
    if case .binary(.equal, _, _, _) = expression { return .valueUnused(at(expression.range), isComparison: true) }
    return .valueUnused(at(expression.range), isComparison: false)
  }
}
