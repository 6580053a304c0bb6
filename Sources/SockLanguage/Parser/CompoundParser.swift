// Compound statements: a head, a block, `end`. A head that makes no sense keeps its block, so that its `end` is
// nobody else's.

extension Parser {
  mutating func parseCompound(_ word: Keyword) throws(Abandoned) -> Statement.Kind {
    try checkDepth()
    switch word {
    case .if: return try parseIf()
    case .case: return parseCase()
    case .while:
      let head = current
      advance()
      let (condition, _) = parseCondition()
      return .whileLoop(condition, parseBody(head))
    case .for: return parseFor()
    case .loop:
      let head = current
      advance()
      endHead()
      return .loop(parseBody(head))
    case .def: return parseFunction()
    case .fn:
      // `fn area(w, h)`, its lines, `end`: another language's `def`.
      report { .namedShortFunction($0.at($0.current.range)) }
      return parseFunction()
    case .try: return parseTry()
    case .with, .within:
      let head = current
      advance()
      let value = parseHead()
      let body = parseBody(head)
      return word == .with ? .with(value, body) : .within(value, body)
    case .spawn: return try parseSpawn()
    case .serve: return try parseServe(receiver: nil, start: current.start).kind
    case .retry: return parseRetry()
    case .select: return parseSelect()
    case .test: return parseTest()
    case .setup:
      let head = current
      advance()
      endHead()
      let (body, scope) = parseBody(head, scope: .setup)
      return .setup(SetupDeclaration(body: body, scope: scope, range: range(from: head.start)))
    default: throw unexpected("a statement")
    }
  }

  // MARK: - Heads, bodies, ends

  /// Reads a head with `parse`; one that cannot be read is skipped and gives nil.
  mutating func head<Head>(_ parse: (inout Parser) throws(Abandoned) -> Head) -> Head? {
    let start = current.start
    do {
      let head = try parse(&self)
      try endStatement(after: nil, isHead: true)
      return head
    } catch {
      recoverHead(from: start)
      return nil
    }
  }

  /// A head that is one expression.
  mutating func parseHead() -> Expression {
    let start = current.start
    do {
      let expression = try parseExpression()
      try endStatement(after: expression, isHead: true)
      return expression
    } catch {
      recoverHead(from: start)
      return .invalid(range(from: start))
    }
  }

  // condition = expr [ as ] ;
  /// - Parameter opener: an `if`, whose line may go on as `if … then … else` does: that is the value, and no head.
  private mutating func parseCondition(of opener: Token? = nil) -> (condition: Condition, isChoice: Bool) {
    let start = current.start
    do {
      let value = try parseExpression()
      if let opener, isAt(.then), isElseOnLine() { return (Condition(try parseChoice(opener, value)), true) }
      // What stands behind a step is its own: so is an `as` that it does not take.
      if !value.endsWithStep {
        if start < current.start { expect(.words([Keyword.as.rawValue])) }
        if skip(.as) {
          let name = try parseNameDeclaration()
          try endStatement(after: nil, isHead: true)
          return (Condition(value, as: name), false)
        }
      }
      try endStatement(after: value, isHead: true)
      return (Condition(value), false)
    } catch {
      recoverHead(from: start)
      return (Condition(.invalid(SourceRange(previousEnd, previousEnd))), false)
    }
  }

  /// The line of `current` has an `else` in it.
  private func isElseOnLine() -> Bool {
    let line = lexer.bytes[current.end...].prefix { $0 != 0x0A }
    return line.split { !Lexer.continuesWord($0) }.contains { $0.elementsEqual(Keyword.else.rawValue.utf8) }
  }

  /// Skips a head that makes no sense. `if x then f() end` has its whole block on the line.
  private mutating func recoverHead(from start: Int) {
    recover(from: start)
    defer { isBlockOnLine = false }
    guard current.endsStatement, let last = lexer.tokens.last, last.start > start else { return }
    hasBlockOnLine =
      last.kind == .keyword(.end) || last.kind == .mark(.rightBrace) || isBlockOnLine && current.kind != .semicolon && !isBlockBelow(start)
    pendingBrace = last.kind == .mark(.leftBrace)
  }

  /// A head without anything.
  private mutating func endHead() {
    let start = current.start
    do { try endStatement(after: nil, isHead: true) } catch { recoverHead(from: start) }
  }

  mutating func parsePart(
    _ head: Token, until terminators: [Keyword], isDividedByIs: Bool = false
  ) -> Block {
    guard !hasBlockOnLine else {
      hasBlockOnLine = false
      isClosedByBrace = true
      return Block(statements: [], range: SourceRange(previousEnd, previousEnd))
    }
    return parseBlock(
      opener: Opener(token: head, terminators: terminators, isDividedByIs: isDividedByIs, hasBrace: takeBrace()))
  }

  /// A block that nothing but `end` ends.
  private mutating func parseBody(_ head: Token) -> Block {
    let body = parsePart(head, until: [.end])
    parseEnd(head)
    return body
  }

  private mutating func parseBody(_ head: Token, scope kind: FunctionScope.Kind) -> (Block, FunctionScope) {
    let outer = scope
    let inner = FunctionScope(kind: kind, parent: outer)
    scope = inner
    let body = parseBody(head)
    scope = outer
    return (body, inner)
  }

  mutating func parseEnd(_ head: Token) {
    if isClosedByBrace {
      isClosedByBrace = false
      // `} while x`, of a `do`.
      if head.kind == .name, !current.endsStatement { recover(from: current.start) }
      return
    }
    if head.kind == .name, foreignPart == .end { return recover(from: current.start) }
    // Without an `end` here the block has been reported as unclosed.
    guard isAt(.end) else { return }
    let end = current
    if suspect == nil, startsLine(end), startsLine(head) {
      let columns = (source.position(of: head.start).column, source.position(of: end.start).column)
      if columns.1 < columns.0 { suspect = (head, end) }
    }
    advance()
    do { try endStatement(after: nil) } catch { recover(from: end.start) }
  }

  // MARK: - Conditions and loops

  // 'if' condition NL block { 'elif' condition NL block } [ 'else' NL block ] 'end'
  private mutating func parseIf() throws(Abandoned) -> Statement.Kind {
    let opener = current
    var branches: [ConditionalBranch] = []
    advance()
    while true {
      let (condition, isChoice) = parseCondition(of: branches.isEmpty ? opener : nil)
      if isChoice {
        if !allowsValues {
          report { .choiceAsStatement($0.at(opener.range)) }
          _ = skip(.end)
        }
        try endStatement(after: condition.value)
        return .expression(condition.value)
      }
      let body = parsePart(opener, until: [.elif, .else, .end])
      branches.append(ConditionalBranch(condition: condition, body: body))
      if foreignPart == .elif {
        report { .foreignWord($0.at($0.current.range), $0.text($0.current), "elif") }
      } else if isAt(.else), isElseIf() {
        let elseToken = current
        advance()
        report { .elseIf($0.at(elseToken.range.joined($0.current.range))) }
        forgivenEnds += 1
      } else if !isAt(.elif) {
        break
      }
      isClosedByBrace = false
      advance()
    }
    let otherwise = parseElse(of: opener)
    parseEnd(opener)
    return .conditional(branches, otherwise: otherwise)
  }

  private mutating func isElseIf() -> Bool { peek().kind == .keyword(.if) }

  // 'for' [ NAME ',' ] target 'in' expr NL block 'end'
  private mutating func parseFor() -> Statement.Kind {
    let opener = current
    advance()
    let start = current.start
    // Of a head that cannot be read its names are kept.
    var declared: LoopNames?
    let parsed = head { parser throws(Abandoned) -> (LoopNames, Expression) in
      if parser.isAt(.leftParenthesis) { throw parser.countingFor() }
      var names = LoopNames(element: try parser.parseTarget())
      if case .name(let key) = names.element, parser.skip(.comma) {
        parser.skipLineEnds()
        names = LoopNames(key: key, element: try parser.parseTarget())
      }
      declared = names
      parser.expect(.words([Keyword.in.rawValue]))
      guard parser.skip(.in) else {
        if parser.isAt(.assign) { throw parser.countingFor() }
        throw parser.unexpected("`in`", cure: "write it like `for x in list`, `for key, value in map` or `for i in 0..<10`")
      }
      return (names, try parser.parseExpression())
    }
    let place = range(from: start)
    let body = parseBody(opener)
    guard let (names, values) = parsed else {
      return .forLoop(declared ?? LoopNames(element: .list([], place)), .invalid(place), body)
    }
    return .forLoop(names, values, body)
  }

  /// `for (i = 0; i < 10; i++)`: the semicolons end nothing.
  private mutating func countingFor() -> Abandoned {
    report { .countingFor($0.at($0.current.range)) }
    while current.kind == .semicolon || !current.endsStatement { advance() }
    return Abandoned()
  }

  // MARK: - Functions, tasks, connections

  // 'def' NAME ~'(' [ formal { ',' formal } [ ',' ] ] ')' NL block 'end'
  private mutating func parseFunction() -> Statement.Kind {
    let opener = current
    advance()
    let nameToken = current
    let inner = FunctionScope(kind: .function, parent: scope)
    let outer = scope
    scope = inner
    let parsed = head { parser throws(Abandoned) -> (NameDeclaration, [FunctionDeclaration.Parameter]) in
      let name = try parser.parseNameDeclaration()
      guard parser.isAt(.leftParenthesis) else { throw parser.unexpected("`(` and the parameters' names") }
      return (name, try parser.parseFormals())
    }
    let body = parseBody(opener)
    scope = outer
    // A head that cannot be read still declares its name: the calls of it are not to blame.
    let (name, parameters) = parsed ?? (NameDeclaration(name: self.name(nameToken), range: nameToken.range), [])
    if parsed == nil, nameToken.kind != .name { return .invalid }
    return .function(
      FunctionDeclaration(
        name: name, parameters: parameters, body: body, scope: inner, range: range(from: opener.start)))
  }

  // '(' [ formal { ',' formal } [ ',' ] ] ')'     formal = NAME [ '=' expr ] ;
  mutating func parseFormals() throws(Abandoned) -> [FunctionDeclaration.Parameter] {
    let bracket = current
    open()
    var parameters: [FunctionDeclaration.Parameter] = []
    var highest = height
    while !isAt(.rightParenthesis) {
      let parameter = try parseNameDeclaration()
      let value = skip(.assign) ? try parseExpression() : nil
      if value != nil { highest = max(highest, height) }
      parameters.append(FunctionDeclaration.Parameter(name: parameter, defaultValue: value))
      guard skip(.comma) else { break }
    }
    try close(.rightParenthesis, opener: bracket)
    height = highest
    return parameters
  }

  // 'spawn' [ 'as' NAME ] NL block 'end'
  private mutating func parseSpawn() throws(Abandoned) -> Statement.Kind {
    let opener = current
    advance()
    if case .quote = current.kind, !startsLine(current) { return try parseForeignSpawn(opener) }
    expect(.words([Keyword.as.rawValue]))
    let name = head { parser throws(Abandoned) -> NameDeclaration? in
      parser.skip(.as) ? try parser.parseNameDeclaration() : nil
    }
    let (body, scope) = parseBody(opener, scope: .task)
    return .spawn(SpawnStatement(name: name ?? nil, body: body, scope: scope))
  }

  /// `spawn "python3 -i"`, as other languages start a program: no block is open then, and none is missed.
  private mutating func parseForeignSpawn(_ opener: Token) throws(Abandoned) -> Statement.Kind {
    let cure: Cure = .write("run", at: at(opener.range), "a program is started by `run … pty`, or without a terminal by `run`")
    throw fail {
      .unexpected($0.at($0.current.range), expected: "the end of the line", found: $0.describe($0.current), cure: cure)
    }
  }

  // [ postfix ~'.' ~ ] 'serve' [ [ 'workers' ] arg ] NL block 'end'
  mutating func parseServe(receiver: Expression?, start: Int) throws(Abandoned) -> Statement {
    try checkDepth()
    if receiver != nil { advance() }
    let opener = current
    advance()
    let parsed = head { parser throws(Abandoned) in try parser.parseServeHead() }
    let (body, scope) = parseBody(opener, scope: .connection)
    let serve = ServeStatement(
      receiver: receiver, count: parsed?.count, workers: parsed?.workers, body: body, scope: scope)
    return Statement(.serve(serve), range: range(from: start))
  }

  private mutating func parseServeHead() throws(Abandoned) -> (count: Expression?, workers: Expression?) {
    if isAt(.workers) {
      let next = peek()
      // A variable of that name may be the count, and more of it may follow.
      if startsOperand(next), next.kind != .mark(.minus), next.kind != .mark(.slash) {
        advance()
        return (nil, try parseOperand())
      }
    }
    expect(.value(allowsNot: false))
    expect(.words([ContextWord.workers.rawValue]))
    guard !current.endsStatement, startsOperand(current) else { return (nil, nil) }
    let count = try parseOperand()
    if isAt(.workers) { throw fail { .optionsExclude($0.at($0.current.range), "serve", "N", "workers N") } }
    return (count, nil)
  }

  // MARK: - Failure and time

  // 'try' NL block [ 'catch' [ NAME ] NL block ] [ 'finally' NL block ] 'end'
  private mutating func parseTry() -> Statement.Kind {
    let opener = current
    advance()
    // With a value behind it, it is no block.
    expect(.step(needsResult: false))
    expect(.value(allowsNot: true))
    endHead()
    let body = parsePart(opener, until: [.catch, .finally, .end])
    var catching: CatchClause?
    var finally: Block?
    if isAt(.catch) || foreignPart == .catch {
      if !isAt(.catch) { tellForeignCatch(of: opener) }
      isClosedByBrace = false
      advance()
      let name = head { parser throws(Abandoned) -> NameDeclaration? in
        if parser.isAt(.leftParenthesis) {
          throw parser.unexpected("a name", cure: "write it without parentheses: `catch e`")
        }
        return parser.current.endsStatement ? nil : try parser.parseNameDeclaration()
      }
      catching = CatchClause(name: name ?? nil, body: parsePart(opener, until: [.finally, .end]))
    }
    if isAt(.finally) {
      isClosedByBrace = false
      advance()
      endHead()
      finally = parsePart(opener, until: [.end])
    }
    parseEnd(opener)
    return .attempt(body, catching: catching, finally: finally)
  }

  // 'retry' 'within' arg [ 'every' arg ] NL block 'end'
  private mutating func parseRetry() -> Statement.Kind {
    let opener = current
    advance()
    let start = current.start
    let parsed = head { parser throws(Abandoned) -> (Expression, Expression?) in
      parser.expect(.words([Keyword.within.rawValue]))
      guard parser.skip(.within) else {
        throw parser.fail { .retryWithoutWithin($0.at(opener.range)) }
      }
      let limit = try parser.parseOperand()
      parser.expect(.words([ContextWord.every.rawValue]))
      guard parser.isAt(.every) else { return (limit, nil) }
      parser.advance()
      return (limit, try parser.parseOperand())
    }
    let place = range(from: start)
    let body = parseBody(opener)
    guard let (limit, pause) = parsed else { return .retry(within: .invalid(place), every: nil, body) }
    return .retry(within: limit, every: pause, body)
  }

  // MARK: - Select

  // 'select' [ 'all' ] NL { NL } when { when } [ 'else' NL block ] 'end'
  private mutating func parseSelect() -> Statement.Kind {
    let opener = current
    advance()
    expect(.words([ContextWord.all.rawValue]))
    let isAll = isAt(.all)
    if isAll { advance() }
    endHead()
    // Nothing but line ends may stand before the first case.
    let before = parsePart(opener, until: [.when, .else, .end])
    if let first = before.statements.first { report { .statementInSelect($0.at(first.range)) } }
    var cases: [SelectCase] = []
    while isAt(.when) {
      isClosedByBrace = false
      cases.append(parseWhen(of: opener))
    }
    let otherwise = parseElse(of: opener)
    parseEnd(opener)
    return .select(SelectStatement(isAll: isAll, cases: cases, otherwise: otherwise, wordRange: opener.range))
  }

  /// `[ 'else' NL block ]`
  mutating func parseElse(of opener: Token) -> Block? {
    guard isAt(.else) || foreignPart == .else else { return nil }
    if !isAt(.else) {
      if opener.kind != .name { report { .foreignWord($0.at($0.current.range), $0.text($0.current), "else") } }
      silenceLine()
    }
    isClosedByBrace = false
    advance()
    endHead()
    return parsePart(opener, until: [.end])
  }

  private mutating func parseWhen(of opener: Token) -> SelectCase {
    let start = current.start
    advance()
    let parsed = head { parser throws(Abandoned) in try parser.parseWhenHead() }
    let (trigger, condition) = parsed ?? (.after(.invalid(range(from: start))), nil)
    let body = parsePart(opener, until: [.when, .else, .end])
    return SelectCase(trigger: trigger, condition: condition, body: body, range: range(from: start))
  }

  // when = 'when' ( 'after' arg | step ) [ 'if' expr ] NL block ;
  private mutating func parseWhenHead() throws(Abandoned) -> (SelectCase.Trigger, Expression?) {
    let trigger: SelectCase.Trigger
    let start = current.start
    notes.caseStart = start
    expect(.caseTrigger)
    if isAt(.after) {
      advance()
      trigger = .after(try parseOperand())
    } else if current.endsStatement {
      throw fail { .whenWithoutStep($0.at(SourceRange($0.previousEnd - 4, $0.previousEnd))) }
    } else {
      let expression = try parseExpression()
      guard case .step(let step) = expression else {
        if current.endsStatement || isAt(.if) {
          throw fail { .whenWithoutStep($0.at($0.range(from: start))) }
        }
        try endStatement(after: expression)
        throw Abandoned()
      }
      trigger = .step(step)
    }
    expect(.words([Keyword.if.rawValue]))
    return (trigger, skip(.if) ? try parseExpression() : nil)
  }

  // MARK: - Tests

  // 'test' arg < level | 'tags' tags | 'timeout' arg | 'todo' arg > NL block 'end'
  private mutating func parseTest() -> Statement.Kind {
    let opener = current
    advance()
    let inner = FunctionScope(kind: .test, parent: scope)
    let outer = scope
    scope = inner
    let parsed = head { parser throws(Abandoned) in try parser.parseTestHead() }
    let body = parseBody(opener)
    scope = outer
    let head = parsed ?? TestHead(name: .string([], opener.range))
    return .test(
      TestDeclaration(
        name: head.name, level: head.level, citation: head.citation, tags: head.tags ?? [], timeout: head.timeout,
        todo: head.todo, body: body, scope: inner, range: range(from: opener.start)))
  }

  private struct TestHead {
    var name: Expression
    var level: RequirementLevel?
    var citation: Expression?
    var tags: [String]?
    var timeout: Expression?
    var todo: Expression?

    /// The words that it may still take.
    var missing: [String] {
      (level == nil ? RequirementLevel.allCases.map(\.rawValue) : [])
        + (tags == nil ? [ContextWord.tags.rawValue] : []) + (timeout == nil ? [Verb.timeout.rawValue] : [])
        + (todo == nil ? [ContextWord.todo.rawValue] : [])
    }
  }

  private mutating func parseTestHead() throws(Abandoned) -> TestHead {
    var head = TestHead(name: try parseOperand())
    while true {
      expect(.words(head.missing))
      guard !current.endsStatement else { break }
      let word = current
      // level = ( 'must' | 'should' | 'may' ) arg ;
      if isAt(.must) || isAt(.should) || isAt(.may) {
        guard head.level == nil else { throw repeated(word) }
        head.level = RequirementLevel(rawValue: name(word))
        advance()
        head.citation = try parseOperand()
      } else if isAt(.tags) {
        guard head.tags == nil else { throw repeated(word) }
        advance()
        head.tags = try parseTags()
      } else if current.kind == .verb(.timeout) {
        guard head.timeout == nil else { throw repeated(word) }
        advance()
        head.timeout = try parseOperand()
      } else if isAt(.todo) {
        guard head.todo == nil else { throw repeated(word) }
        advance()
        head.todo = try parseOperand()
      } else {
        if word.kind == .name, let meant = Suggestion.nearest(name(word), among: Parser.testWords) {
          throw fail { .unknownOption($0.at(word.range), $0.name(word), of: "test", meant, options: Parser.testWords) }
        }
        break
      }
    }
    return head
  }

  private static let testWords = ["must", "should", "may", "tags", "timeout", "todo"]

  mutating func repeated(_ word: Token) -> Abandoned {
    return fail { .repeatedWord($0.at(word.range), $0.text(word)) }
  }

  // tags = '[' [ tag { ',' tag } [ ',' ] ] ']' ;   tag = WORD | STRING ;
  private mutating func parseTags() throws(Abandoned) -> [String] {
    guard isAt(.leftBracket) else { throw unexpected("`[` and the tags") }
    let opener = current
    var tags: [String] = []
    open()
    while !isAt(.rightBracket) {
      if current.isWord {
        tags.append(name(current))
        advance()
      } else if case .quote(let quote) = current.kind, case .string(let bytes, _) = try parseString(quote) {
        tags.append(String(decoding: bytes, as: UTF8.self))
      } else {
        throw unexpected("a tag: a word, or a string without holes")
      }
      guard skip(.comma) else { break }
    }
    try close(.rightBracket, opener: opener)
    return tags
  }
}

extension Expression {
  /// The last thing in it is a verb phrase, which reads as far as it can.
  fileprivate var endsWithStep: Bool {
    switch self {
    case .step: true
    case .attempt(let inner, let otherwise, _): (otherwise ?? inner).endsWithStep
    case .choice(_, _, let otherwise, _): otherwise.endsWithStep
    default: false
    }
  }
}
