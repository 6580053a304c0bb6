// Expressions: a descent for the loosest forms, precedence climbing for infix operators, a loop for what touches.

/// How tightly an infix operator binds.
enum Binding: Int, Comparable {
  case or, and, not, comparison, range, bitOr, bitXor, bitAnd, shift, sum, product, unary

  static func < (a: Binding, b: Binding) -> Bool { a.rawValue < b.rawValue }
  var tighter: Binding { Binding(rawValue: rawValue + 1) ?? .unary }
}

extension Parser {
  // expr = [ 'try' ] step | 'try' step 'else' expr | 'try' not 'else' expr
  //      | 'if' or 'then' branch 'else' expr | or ;          branch = step | or ;
  /// - Parameter mayServe: stops before `.serve`, which belongs to a statement.
  mutating func parseExpression(mayServe: Bool = false) throws(Abandoned) -> Expression {
    try descend()
    defer { depth -= 1 }
    switch current.kind {
    case .keyword(.try): return try parseAttempt()
    case .keyword(.if):
      let opener = current
      advance()
      return try parseChoice(opener, try parseInfix(.or, allowsStep: false))
    case .verb(let verb) where !isSettingRead(verb): return try parseWholeStep(verb)
    default:
      expect(.step(needsResult: true))
      return try parseInfix(.or, allowsStep: true, mayServe: mayServe)
    }
  }

  /// A step that begins with its verb and is a whole expression.
  private mutating func parseWholeStep(_ verb: Verb) throws(Abandoned) -> Expression {
    let start = current.start
    let step = try parseStepHere(verb, start: start)
    try rejectOperatorBehind(step, start: start)
    return step
  }

  // branch = step | or ;
  private mutating func parseBranch() throws(Abandoned) -> Expression {
    if case .verb(let verb) = current.kind, !isSettingRead(verb) { return try parseWholeStep(verb) }
    expect(.step(needsResult: true))
    return try parseInfix(.or, allowsStep: true)
  }

  // 'try' step [ 'else' expr ] | 'try' not 'else' expr, and an `or` that begins with a `try`
  private mutating func parseAttempt() throws(Abandoned) -> Expression {
    let start = current.start
    advance()
    let tried: Expression
    if case .verb(let verb) = current.kind, !isSettingRead(verb) {
      tried = try parseWholeStep(verb)
    } else {
      expect(.step(needsResult: true))
      tried = try parseInfix(.not, allowsStep: true)
    }
    expect(.infix([.else]))
    let triedHeight = height
    if skip(.else) {
      let otherwise = try parseExpression()
      try rise(to: max(triedHeight, height) + 1)
      return .attempt(tried, otherwise: otherwise, range(from: start))
    }
    try rise(to: triedHeight + 1)
    return try parseInfix(.or, allowsStep: false, behind: (.attempt(tried, otherwise: nil, range(from: start)), start))
  }

  // 'if' or 'then' branch 'else' expr
  /// `current` is behind the condition of the `if`, whose height is the last one.
  mutating func parseChoice(_ opener: Token, _ condition: Expression) throws(Abandoned) -> Expression {
    var highest = height
    expect(.words([ContextWord.then.rawValue]))
    guard isAt(.then) else {
      // `if x then(1)`, or a step: `if recv line then`.
      let cure: Cure =
        current.kind == .name && name(current) == ContextWord.then.rawValue
        ? "a blank stands behind `then`" : "a step in the condition stands in parentheses: `if (recv line) then …`"
      throw unexpected("`then` and a value", cure: current.endsStatement ? nil : cure)
    }
    advance()
    let first = try parseBranch()
    highest = max(highest, height)
    expect(.infix([.else]))
    guard skip(.else) else {
      if current.kind == .unknown { throw unexpected("`else` and a value") }
      if isAt(.elif) { throw fail { .foreignWord($0.at($0.current.range), $0.text($0.current), "else if") } }
      // Within brackets it may stand on the next line.
      let isIncomplete = current.kind == .endOfFile && lexer.bracketDepth > 0 && lexer.holeDepth == 0
      throw fail(isIncomplete: isIncomplete) { .choiceWithoutElse($0.at(opener.range)) }
    }
    let second = try parseExpression()
    try rise(to: max(highest, height) + 1)
    return .choice(condition, then: first, otherwise: second, range(from: opener.start))
  }

  // arg = bits [ ( '..' | '..<' ) [ bits ] ] ;      (an operand of a step)
  mutating func parseOperand() throws(Abandoned) -> Expression {
    try descend()
    defer { depth -= 1 }
    return try parseInfix(.range, allowsStep: false)
  }

  /// A verb phrase is a whole expression: no operator takes it as its left side.
  private mutating func rejectOperatorBehind(_ step: Expression, start: Int) throws(Abandoned) {
    guard infixOperator() != nil else { return }
    // `expect line =~ /ok/`
    if case .step(let step) = step, step.verb == .expect, step.operands.isEmpty, isAt(.matches) || isAt(.equal) {
      throw fail { .comparedByVerb($0.at($0.current.range), $0.source.text(step.range)) }
    }
    throw fail { .stepBesideOperator($0.at(step.range), $0.source.text(step.range)) }
  }

  // MARK: - Infix operators

  enum Infix {
    case binary(BinaryOperator)
    case and, or
    case range(inclusive: Bool)
  }

  /// What `current` is behind an operand.
  mutating func infixOperator() -> (Infix, Binding)? {
    switch current.kind {
    case .keyword(.or): return (.or, .or)
    case .keyword(.and): return (.and, .and)
    case .keyword(.in): return (.binary(.contained), .comparison)
    case .keyword(.not): return isNotIn() ? (.binary(.containedNot), .comparison) : nil
    case .mark(let mark):
      switch mark {
      case .equal: return (.binary(.equal), .comparison)
      case .notEqual: return (.binary(.notEqual), .comparison)
      case .less: return (.binary(.less), .comparison)
      case .lessOrEqual: return (.binary(.lessOrEqual), .comparison)
      case .greater: return (.binary(.greater), .comparison)
      case .greaterOrEqual: return (.binary(.greaterOrEqual), .comparison)
      case .matches: return (.binary(.matches), .comparison)
      case .matchesNot: return (.binary(.matchesNot), .comparison)
      case .range: return (.range(inclusive: true), .range)
      case .openRange: return (.range(inclusive: false), .range)
      case .bar: return (.binary(.bitOr), .bitOr)
      case .caret: return (.binary(.bitXor), .bitXor)
      case .ampersand: return (.binary(.bitAnd), .bitAnd)
      case .shiftLeft: return (.binary(.shiftLeft), .shift)
      case .shiftRight: return (.binary(.shiftRight), .shift)
      case .plus: return (.binary(.add), .sum)
      case .minus: return (.binary(.subtract), .sum)
      case .star: return (.binary(.multiply), .product)
      case .slash: return isDivideAssign ? nil : (.binary(.divide), .product)
      case .percent: return (.binary(.remainder), .product)
      default: return nil
      }
    case .unknown:
      // `&&` and `||` are complained about where they are consumed.
      guard current.end - current.start == 2 else { return nil }
      switch lexer.byte(current.start) {
      case UInt8(ascii: "&"): return (.and, .and)
      case UInt8(ascii: "|"): return (.or, .or)
      default: return nil
      }
    default: return nil
    }
  }

  /// `current`, a `not`, has an `in` behind it.
  private mutating func isNotIn() -> Bool {
    let next = peek()
    if notesEnd, next.kind == .endOfFile, next.start > current.end {
      notes.expected = [.infix([.in])]
      notes.isSettled = true
    }
    return next.kind == .keyword(.in)
  }

  // or = and { 'or' and } ;  and = not { 'and' not } ;
  // compare = arg [ ( '==' | '!=' | '<' | '<=' | '>' | '>=' | [ 'not' ] 'in' | '=~' | '!~' ) arg ] ;
  // bits = xor { '|' xor } ;  xor = band { '^' band } ;  band = shift { '&' shift } ;
  // shift = sum { ( '<<' | '>>' ) sum } ;  sum = product { ( '+' | '-' ) product } ;
  // product = unary { ( '*' | '/' | '%' ) unary } ;
  /// - Parameter first: the first operand and where it starts, if it has been read already.
  mutating func parseInfix(
    _ loosest: Binding, allowsStep: Bool, mayServe: Bool = false, behind first: (Expression, start: Int)? = nil
  ) throws(Abandoned) -> Expression {
    let start = first?.start ?? current.start
    var left: Expression
    if let first {
      left = first.0
    } else {
      left = try parsePrefix(loosest, allowsStep: allowsStep, mayServe: mayServe)
    }
    if case .step(let step) = left, !step.isOperand {
      try rejectOperatorBehind(left, start: start)
      return left
    }
    var compared = false
    while let (infix, binding) = infixOperator(), binding >= loosest {
      try checkInfix(left, binding, compared: compared)
      left = try parseRightSide(of: infix, binding, left, start: start)
      compared = binding == .comparison
    }
    expect(.infix(Parser.infixWords.filter { $0.binding >= loosest }.map(\.word)))
    return left
  }

  private static let infixWords: [(word: Keyword, binding: Binding)] = [
    (.and, .and), (.or, .or), (.in, .comparison), (.not, .comparison),
  ]

  /// `current` is the operator.
  private mutating func parseRightSide(
    of infix: Infix, _ binding: Binding, _ left: Expression, start: Int
  ) throws(Abandoned) -> Expression {
    let leftHeight = height
    var word = current.range
    advance()
    if case .binary(.containedNot) = infix {
      word = word.joined(current.range)
      advance()
    }
    if case .range(let inclusive) = infix {
      return try parseRangeEnd(left, inclusive: inclusive, start: start, leftHeight: leftHeight)
    }
    let line = lexer.position
    skipLineEnds()
    expect(.value(allowsNot: binding.tighter <= .not))
    guard current.kind != .endOfFile else { throw operandMissing(after: word) }
    if lexer.position != line, !startsOperand(current), !isAt(.not), current.kind != .unknown {
      throw fail { .operandMissing($0.at(word), $0.source.text(word)) }
    }
    let right = try parseInfix(binding.tighter, allowsStep: false)
    try rise(to: max(leftHeight, height) + 1)
    let place = SourceRange(start, previousEnd)
    switch infix {
    case .binary(let operation): return .binary(operation, left, right, place)
    case .and: return .and(left, right, place)
    case .or: return .or(left, right, place)
    case .range: return left
    }
  }

  /// The text ends behind an operator or a comma.
  mutating func operandMissing(after word: SourceRange) -> Abandoned {
    fail(isIncomplete: lexer.holeDepth == 0) { .operandMissing($0.at(word), $0.source.text(word)) }
  }

  /// What is wrong with the operator that is next, apart from its operands.
  private mutating func checkInfix(_ left: Expression, _ binding: Binding, compared: Bool) throws(Abandoned) {
    switch current.kind {
    case .unknown:
      let isAnd = lexer.byte(current.start) == UInt8(ascii: "&")
      report { .foreignOperator($0.at($0.current.range), $0.text($0.current), isAnd ? "and" : "or") }
    case .mark(.minus), .mark(.plus):
      let next = lexer.byte(current.end)
      if next == lexer.byte(current.start), isLineEnd(current.end + 1) {
        let doubled = SourceRange(current.start, current.end + 1)
        throw fail { .increment($0.at(doubled), $0.source.text(left.range), sign: $0.isAt(.plus) ? "+" : "-") }
      }
      guard isAt(.minus) else { return }
      if next == UInt8(ascii: ">") { throw thinArrow() }
      let blankBefore = !isTouching
      let blankBehind = Lexer.isBlank(next) || isLineEnd(current.end)
      if blankBefore != blankBehind, !isLineEnd(current.end), !startsLine(current) {
        report { .lopsidedMinus($0.at($0.current.range)) }
      }
    default:
      guard binding == .comparison, compared else { return }
      throw fail { .chainedComparison($0.at($0.current.range)) }
    }
  }

  /// `map->key`, `recv line -> text`
  private mutating func thinArrow() -> Abandoned {
    let isMember = isTouching && Lexer.startsWord(lexer.byte(current.end + 1))
    return fail {
      .foreignOperator($0.at(SourceRange($0.current.start, $0.current.end + 1)), "->", isMember ? "." : "as")
    }
  }

  func isLineEnd(_ offset: Int) -> Bool {
    var offset = offset
    while Lexer.isBlank(lexer.byte(offset)) { offset += 1 }
    switch lexer.byte(offset) {
    case 0x0A, 0x0D, UInt8(ascii: "#"), UInt8(ascii: ";"), UInt8(ascii: "\\"): return true
    default: return offset >= lexer.bytes.count
    }
  }

  private mutating func parseRangeEnd(
    _ left: Expression, inclusive: Bool, start: Int, leftHeight: Int
  ) throws(Abandoned) -> Expression {
    var upper: Expression?
    height = 0
    expect(.value(allowsNot: false))
    if startsOperand(current) { upper = try parseInfix(.bitOr, allowsStep: false) }
    if let (infix, _) = infixOperator(), case .range = infix {
      throw fail { .chainedComparison($0.at($0.current.range)) }
    }
    try rise(to: max(leftHeight, height) + 1)
    return .range(lower: left, upper: upper, inclusive: inclusive, SourceRange(start, previousEnd))
  }

  /// Whether an operand can start with this token.
  func startsOperand(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .number, .quote, .keyword(.nil), .keyword(.true), .keyword(.false), .keyword(.fn): true
    case .mark(let mark):
      switch mark {
      case .leftParenthesis, .leftBracket, .leftBrace, .minus, .tilde, .slash: true
      default: false
      }
    default: false
    }
  }

  // MARK: - Prefix operators

  private mutating func parsePrefix(
    _ loosest: Binding, allowsStep: Bool, mayServe: Bool
  ) throws(Abandoned) -> Expression {
    switch current.kind {
    case .keyword(.not), .keyword(.try): return try parseNot(loosest)
    case .keyword(.fn): return try parseShortFunction()
    case .keyword(.if): throw fail { .notAsOperand($0.at($0.current.range), $0.text($0.current)) }
    case .unknown where lexer.byte(current.start) == UInt8(ascii: "!"):
      report { .foreignOperator($0.at($0.current.range), "!", "not") }
      return try parseNot(min(loosest, .not))
    case .mark(.minus): return try parseUnary(.negate)
    case .mark(.tilde): return try parseUnary(.complement)
    default:
      expect(.value(allowsNot: loosest <= .not))
      return try parsePostfix(allowsStep: allowsStep, mayServe: mayServe)
    }
  }

  // unary = ( '-' | '~' ) unary | postfix ;
  private mutating func parseUnary(_ operation: UnaryOperator) throws(Abandoned) -> Expression {
    let start = current.start
    try descend()
    defer { depth -= 1 }
    advance()
    if operation == .negate, current.kind == .number, isTouching {
      return try parseNumber(from: start, isNegative: true)
    }
    let operand = try parsePrefix(.unary, allowsStep: false, mayServe: false)
    try rise(to: height + 1)
    return .unary(operation, operand, range(from: start))
  }

  // not = ( 'not' | 'try' ) not | compare ;
  private mutating func parseNot(_ loosest: Binding) throws(Abandoned) -> Expression {
    let start = current.start
    let isAttempt = isAt(.try)
    guard loosest <= .not else {
      throw fail { .notAsOperand($0.at($0.current.range), isAttempt ? "try" : "not") }
    }
    try descend()
    defer { depth -= 1 }
    advance()
    let operand = try parseInfix(.not, allowsStep: false)
    try rise(to: height + 1)
    return isAttempt ? .attempt(operand, otherwise: nil, range(from: start)) : .not(operand, range(from: start))
  }

  // 'fn' '(' [ formal { ',' formal } [ ',' ] ] ')' expr
  private mutating func parseShortFunction() throws(Abandoned) -> Expression {
    let opener = current
    // Its body is a whole expression.
    try descend()
    defer { depth -= 1 }
    advance()
    guard isAt(.leftParenthesis) else {
      if current.kind == .name { throw fail { .namedShortFunction($0.at(opener.range)) } }
      throw unexpected("`(` and the parameters' names")
    }
    let outer = scope
    let inner = FunctionScope(kind: .function, parent: outer)
    scope = inner
    defer { scope = outer }
    height = 1
    let parameters = try parseFormals()
    let highest = height
    if current.endsStatement, lexer.bracketDepth == 0 {
      // What stands below it, up to an `end`, was meant to be its body, and is no further mistake.
      foreignHead = ForeignHead(start: opener.start, nil, isAlone: false)
      throw fail { .shortFunctionWithoutValue($0.at(opener.range)) }
    }
    if isAt(.return) { throw fail { .returnInShortFunction($0.at($0.current.range)) } }
    let known = notes.shortParameters.count
    if notesEnd { notes.shortParameters += parameters.map(\.name.name) }
    defer { notes.shortParameters.removeSubrange(known...) }
    let value = try parseExpression()
    try rise(to: max(highest, height) + 1)
    let body = Block(statements: [Statement(.returnValue(value), range: value.range)], range: value.range)
    return .function(
      FunctionDeclaration(
        name: NameDeclaration(name: Keyword.fn.rawValue, range: opener.range), parameters: parameters, body: body,
        scope: inner, range: range(from: opener.start)))
  }

  // MARK: - Postfix forms

  // postfix = primary { ~'(' [ expr { ',' expr } [ ',' ] ] ')' | ~'[' expr ']' | ~'.' ~WORD } ;
  private mutating func parsePostfix(allowsStep: Bool, mayServe: Bool) throws(Abandoned) -> Expression {
    let start = current.start
    var base = try parsePrimary()
    while isTouching, try parseSuffix(&base, allowsStep: allowsStep, mayServe: mayServe, start: start) {}
    return base
  }

  /// What touches `base` from behind; false when nothing that belongs to it does.
  private mutating func parseSuffix(
    _ base: inout Expression, allowsStep: Bool, mayServe: Bool, start: Int
  ) throws(Abandoned) -> Bool {
    switch current.kind {
    case .mark(.leftParenthesis): base = try parseCall(base, start: start)
    case .mark(.leftBracket): base = try parseIndex(base, start: start)
    case .mark(.dot):
      if mayServe, isServeBehindDot() { return false }
      base = try parseMember(base, allowsStep: allowsStep, start: start)
      // Behind the arguments of a step nothing belongs to it any more.
      if case .step(let step) = base { return step.mayBeMapKey }
    default: return false
    }
    return true
  }

  private mutating func parseCall(_ callee: Expression, start: Int) throws(Abandoned) -> Expression {
    let calleeHeight = height
    if notesEnd, case .name(let name) = callee, let function = BuiltinFunction(rawValue: name.name),
      FunctionTable[function].parameters.first == "path"
    {
      expectPath(at: peek().start)
    }
    let arguments = try parseElements(closedBy: .rightParenthesis, opener: current)
    try rise(to: max(calleeHeight, height) + 1)
    return .call(Call(callee: callee, arguments: arguments, range: range(from: start)))
  }

  private mutating func parseIndex(_ base: Expression, start: Int) throws(Abandoned) -> Expression {
    let baseHeight = height
    let opener = current
    try descend()
    defer { depth -= 1 }
    open()
    let index = isAt(.range) || isAt(.openRange) ? try parseRangeFromZero() : try parseExpression()
    try close(.rightBracket, opener: opener, isList: false)
    try rise(to: max(baseHeight, height) + 1)
    return .index(base, index, range(from: start))
  }

  /// A range without a beginning, which is one from 0: `[..n]`, `[..<n]`.
  private mutating func parseRangeFromZero() throws(Abandoned) -> Expression {
    let word = current
    try descend()
    defer { depth -= 1 }
    advance()
    expect(.value(allowsNot: false))
    guard startsOperand(current) else { throw fail { .operandMissing($0.at(word.range), $0.text(word)) } }
    let upper = try parseInfix(.bitOr, allowsStep: false)
    try rise(to: height + 1)
    return .range(
      lower: nil, upper: upper, inclusive: word.kind == .mark(.range), SourceRange(word.start, previousEnd))
  }

  /// `current` is the dot.
  private mutating func parseMember(
    _ base: Expression, allowsStep: Bool, start: Int
  ) throws(Abandoned) -> Expression {
    try rise(to: height + 1)
    advance()
    if isTouching { expectMember(of: base, start: start) }
    if allowsStep, let verb = verbWithArguments() { return try parseStep(verb, receiver: base, start: start) }
    return try parseBareMember(base, start: start)
  }

  /// The verb that `current`, behind a dot, is because it has arguments.
  private mutating func verbWithArguments() -> Verb? {
    guard isTouching, case .verb(let verb) = current.kind, takesArguments(verb, after: current) else { return nil }
    return verb
  }

  private mutating func expectMember(of base: Expression, start: Int) {
    guard notesEnd else { return }
    let isCase = start == notes.caseStart
    expect(.member(of: base.name, isCase: isCase))
  }

  private mutating func parseBareMember(_ base: Expression, start: Int) throws(Abandoned) -> Expression {
    let word = current
    guard word.isWord, isTouching else {
      throw fail { .memberExpected($0.at(word.range), found: $0.describe(word)) }
    }
    advance()
    guard case .verb(let verb) = word.kind else {
      return .member(MemberReference(base: base, name: name(word), nameRange: word.range, range: range(from: start)))
    }
    if isAt(.leftParenthesis), isTouching { throw verbCalled(word, takesAddress: VerbTable[verb].operand.isAddress) }
    bareVerb = range(from: start)
    return .step(Step(bare: verb, verbRange: word.range, receiver: base, range: range(from: start)))
  }

  /// `.serve` that starts a block, and is no key of a map.
  func isServeBehindDot() -> Bool {
    guard isAt(.dot) else { return false }
    let start = current.end
    let word = Array("serve".utf8)
    guard start + word.count <= lexer.bytes.count, lexer.bytes[start..<(start + word.count)].elementsEqual(word) else {
      return false
    }
    var offset = start + word.count
    guard !Lexer.continuesWord(lexer.byte(offset)) else { return false }
    while Lexer.isBlank(lexer.byte(offset)) { offset += 1 }
    switch lexer.byte(offset) {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "["): return false
    default: return true
    }
  }

  // '(' [ expr { ',' expr } [ ',' ] ] ')', and the same in square brackets
  private mutating func parseElements(closedBy mark: Mark, opener: Token) throws(Abandoned) -> [Expression] {
    var elements: [Expression] = []
    var highest = 0
    try descend()
    defer { depth -= 1 }
    open()
    while !isAt(mark) {
      elements.append(try parseExpression())
      highest = max(highest, height)
      guard skip(.comma) else { break }
    }
    try close(mark, opener: opener)
    height = highest
    return elements
  }

  // MARK: - Primaries

  // primary = NUMBER | STRING | HEX | BLOCK | REGEX | 'nil' | 'true' | 'false' | NAME | list | map | '(' expr ')' ;
  private mutating func parsePrimary() throws(Abandoned) -> Expression {
    height = 1
    switch current.kind {
    case .mark(.leftParenthesis): return try parseParenthesized()
    case .mark(.leftBracket): return try parseList()
    case .mark(.leftBrace): return try parseMap()
    case .mark(.slash): return try parseRegex()
    case .quote(let quote): return try parseString(quote)
    default: return try parseWordOrNumber()
    }
  }

  private mutating func parseWordOrNumber() throws(Abandoned) -> Expression {
    let token = current
    switch token.kind {
    case .name:
      advance()
      if isTouching, case .quote = current.kind, token.end - token.start == 1, lexer.holeDepth == 0 {
        throw fail { .stringPrefix($0.at(token.range), $0.name(token)) }
      }
      return .name(NameReference(name: name(token), range: token.range))
    case .number: return try parseNumber(from: token.start, isNegative: false)
    case .keyword(.nil):
      advance()
      return .nothing(token.range)
    case .keyword(.true), .keyword(.false):
      advance()
      return .boolean(token.kind == .keyword(.true), token.range)
    case .verb(let verb) where isSettingRead(verb):
      advance()
      return .step(Step(bare: verb, verbRange: token.range, receiver: nil, range: token.range))
    default: throw noOperand()
    }
  }

  // list = '[' [ expr { ',' expr } [ ',' ] ] ']' ;
  private mutating func parseList() throws(Abandoned) -> Expression {
    let opener = current
    let elements = try parseElements(closedBy: .rightBracket, opener: opener)
    try rise(to: height + 1)
    return .list(elements, range(from: opener.start))
  }

  mutating func parseParenthesized() throws(Abandoned) -> Expression {
    let opener = current
    open()
    let inner = try parseExpression()
    try close(.rightParenthesis, opener: opener, isList: false)
    try rise(to: height + 1)
    return .parenthesized(inner, range(from: opener.start))
  }

  // map = '{' [ pair { ',' pair } [ ',' ] ] '}' ;   pair = ( WORD | STRING | INT ) ':' expr ;
  mutating func parseMap() throws(Abandoned) -> Expression {
    let opener = current
    var entries: [MapEntry] = []
    var highest = 0
    try descend()
    defer { depth -= 1 }
    open()
    while !isAt(.rightBrace) {
      let start = current.start
      let key = try parseKey()
      let place = range(from: start)
      guard skip(.colon) else { throw colonMissing(behind: place, of: opener) }
      let value = try parseExpression()
      highest = max(highest, height)
      entries.append(MapEntry(key: key, keyRange: place, value: value))
      if skip(.comma) { continue }
      guard startsPair() else { break }
      report { .commaMissing($0.at($0.current.range), nil) }
    }
    try close(.rightBrace, opener: opener)
    try rise(to: highest + 1)
    return .map(entries, range(from: opener.start))
  }

  /// Behind a key, which may be the first word of a statement below a map that is not closed.
  private mutating func colonMissing(behind key: SourceRange, of opener: Token) -> Abandoned {
    guard startsLine(Token(.name, Int(key.lower), Int(key.upper))), Parser.firstWords.contains(source.text(key)) else {
      return unexpected("`:` and the key's value")
    }
    rewind(to: Int(key.lower))
    return fail { .unclosedBracket($0.at(opener.range), $0.text(opener), Mark.rightBrace.rawValue) }
  }

  /// Words with which nothing but a statement begins.
  private static let firstWords: Set<String> = [
    "if", "while", "for", "loop", "let", "def", "return", "spawn", "serve", "retry", "select", "with", "within", "try",
    "test", "setup", "param", "import", "defer", "break", "continue", "end",
  ]

  /// `current` is the key of a pair: a comma was forgotten.
  private mutating func startsPair() -> Bool { current.isWord && peek().kind == .mark(.colon) }

  private mutating func parseKey() throws(Abandoned) -> MapEntry.Key {
    let token = current
    if token.isWord {
      advance()
      return .string(Array(name(token).utf8))
    }
    switch token.kind {
    case .quote(let quote):
      switch try parseString(quote) {
      case .string(let bytes, _): return .string(bytes)
      case .interpolation(let parts, _): return .interpolation(parts)
      default: throw Abandoned()
      }
    case .number:
      guard case .integer(let value, _) = try parseNumber(from: token.start, isNegative: false) else { break }
      return .integer(value)
    default:
      if startsLine(token), !startsOperand(token) || token.kind == .endOfFile {
        try close(.rightBrace, opener: token)
      }
    }
    throw unexpected("a key: a word, a string or an integer")
  }
}

extension Expression {
  fileprivate var name: String? { if case .name(let reference) = self { reference.name } else { nil } }
}

extension Step {
  /// A verb with nothing behind it.
  fileprivate convenience init(bare verb: Verb, verbRange: SourceRange, receiver: Expression?, range: SourceRange) {
    self.init(
      verb: verb, verbRange: verbRange, receiver: receiver, mayBeMapKey: receiver != nil, operands: [], address: nil,
      word: nil, options: [], within: nil, result: nil, range: range)
  }

  /// It may stand beside an operator without parentheses: `m.close`, or a setting that is read.
  fileprivate var isOperand: Bool {
    if mayBeMapKey { return true }
    return VerbTable[verb].gives == .setting && operands.isEmpty && options.isEmpty && within == nil && result == nil
  }
}
