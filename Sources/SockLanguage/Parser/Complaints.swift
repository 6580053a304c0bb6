// What the parser says about a token that does not belong where it stands: the cure, if the mistake is a usual one.

extension Parser {
  /// What a token is, for a message.
  func describe(_ token: Token) -> String {
    switch token.kind {
    case .endOfFile: return allowsValues ? "the end of the input" : "the end of the file"
    case .lineEnd: return "the end of the line"
    case .quote: return "a string"
    case .number: return "the number `\(shortened(text(token)))`"
    case .verb: return "the verb `\(text(token))`"
    default: return "`\(shortened(text(token)))`"
    }
  }

  private func shortened(_ text: String) -> String { text.utf8.count > 40 ? text.prefix(37) + "…" : text }

  /// Complains that something else was due where `current` is.
  mutating func unexpected(_ expected: String, cure: Cure? = nil) -> Abandoned {
    if current.kind == .unknown {
      report { $0.unknown($0.current) }
    } else {
      let isIncomplete = current.kind == .endOfFile && lexer.bracketDepth > 0 && lexer.holeDepth == 0
      report(isIncomplete: isIncomplete) {
        .unexpected($0.at($0.current.range), expected: expected, found: $0.describe($0.current), cure: cure)
      }
    }
    return Abandoned()
  }

  func unknown(_ token: Token) -> Diagnostic {
    let text = text(token)
    switch text {
    case "&&": return .foreignOperator(at(token.range), text, "and")
    case "||": return .foreignOperator(at(token.range), text, "or")
    case "!": return .foreignOperator(at(token.range), text, "not")
    case "“", "”", "„", "‘", "’", "«", "»", "‟", "′", "″": return .smartQuote(at(token.range), text)
    case "$":
      var end = token.end
      while Lexer.continuesWord(lexer.byte(end)) { end += 1 }
      return .dollarName(at(SourceRange(token.start, end)), source.text(SourceRange(token.end, end)))
    default:
      return .unknownCharacter(at(token.range), source.bytes(in: token.range))
    }
  }

  /// Complains that no operand starts here.
  mutating func noOperand() -> Abandoned {
    switch current.kind {
    case .unknown: report { $0.unknown($0.current) }
    case .verb where !(startsLine(current) && lexer.bracketDepth > 0):
      report { .verbAsOperand($0.at($0.current.range), $0.text($0.current)) }
    case .mark(.dot) where Lexer.isDigit(lexer.byte(current.end)):
      var end = current.end
      while Lexer.continuesWord(lexer.byte(end)) { end += 1 }
      let place = SourceRange(current.start, end)
      report { .leadingPoint($0.at(place), $0.source.text(place)) }
    case .mark(.rightBrace) where lexer.bracketDepth == 0 && lexer.holeDepth == 0 && startsLine(current):
      report { .strayBrace($0.at($0.current.range)) }
    case .endOfFile where lexer.bracketDepth > 0 && lexer.holeDepth == 0:
      report(isIncomplete: true) { .operandExpected($0.at($0.current.range), found: $0.describe($0.current)) }
    case .mark(.greater) where isTouching && previousEnd > 0 && lexer.byte(current.start - 1) == UInt8(ascii: "-"):
      report { .foreignOperator($0.at(SourceRange($0.current.start - 1, $0.current.end)), "->", "as") }
    case .mark(.star) where isTouching && previousEnd > 0 && lexer.byte(current.start - 1) == UInt8(ascii: "*"):
      report { .power($0.at(SourceRange($0.current.start - 1, $0.current.end))) }
    case .mark where isTouching && previousEnd > 0:
      if let (mark, meant) = foreignOperatorHere() {
        report { .foreignOperator($0.at(SourceRange($0.current.end - mark.utf8.count, $0.current.end)), mark, meant) }
      } else {
        report { .operandExpected($0.at($0.current.range), found: $0.describe($0.current)) }
      }
    default: report { .operandExpected($0.at($0.current.range), found: $0.describe($0.current)) }
    }
    return Abandoned()
  }

  /// An operator of another language that ends with `current`, and what it is here.
  private func foreignOperatorHere() -> (mark: String, meant: String)? {
    let end = current.end
    for (mark, meant) in [("===", "=="), ("!==", "!="), ("<>", "!=")] where end >= mark.utf8.count {
      if lexer.bytes[(end - mark.utf8.count)..<end].elementsEqual(mark.utf8) { return (mark, meant) }
    }
    return nil
  }

  /// `send("x")`: a verb is no function. `current` is the parenthesis.
  mutating func verbCalled(_ verb: Token, takesAddress: Bool) -> Abandoned {
    fail {
      var arguments = $0.shortArguments()
      // A host and a port have no comma between them.
      if takesAddress { arguments = arguments?.split(separator: ",").joined() }
      return .verbCalled($0.at(verb.range), $0.text(verb), arguments: arguments)
    }
  }

  /// What stands between the parentheses that begin at `current`, if they close on this line.
  private func shortArguments() -> String? {
    var offset = current.end
    var open = 1
    while offset < lexer.bytes.count, offset - current.end < 60, lexer.bytes[offset] != 0x0A {
      if lexer.bytes[offset] == UInt8(ascii: "(") { open += 1 }
      if lexer.bytes[offset] == UInt8(ascii: ")") { open -= 1 }
      if open == 0 { return source.text(SourceRange(current.end, offset)) }
      offset += 1
    }
    return nil
  }

  /// A `{` stood behind the head that was just read.
  mutating func takeBrace() -> Bool {
    defer { pendingBrace = false }
    return pendingBrace
  }

  // MARK: - Ends of statements

  /// A statement, or the head of a block, ends here; `expression` is what it ended with.
  mutating func endStatement(after expression: Expression?, isHead: Bool = false) throws(Abandoned) {
    if current.endsStatement { return }
    if isHead, try endForeignHead() { return }
    if isAt(.end), !isHead {
      report { .endOnOwnLine($0.at($0.current.range)) }
      // With no block open it is one complaint, not two.
      if openers.isEmpty { forgivenEnds += 1 }
      return
    }
    // `} else {` after a block in braces.
    if isClosedByBrace { return }
    throw extra(after: expression, isHead: isHead)
  }

  /// What other languages write behind a head: `then`, `do`, `:`, `{`.
  private mutating func endForeignHead() throws(Abandoned) -> Bool {
    let isLast = peek().endsStatement
    switch current.kind {
    case .name where isLast && ["then", "do"].contains(name(current)):
      report { .headWord($0.at($0.current.range), $0.name($0.current)) }
    case .mark(.colon) where isLast: report { .headWord($0.at($0.current.range), ":") }
    case .mark(.leftBrace) where isLast:
      report { .braceBlock($0.at($0.current.range)) }
      pendingBrace = true
    default: return false
    }
    advance()
    return true
  }

  /// `x => x + 1`: `current`, a `=`, and the `>` behind it are how other languages write a short function.
  var isArrow: Bool { isAt(.assign) && lexer.byte(current.end) == UInt8(ascii: ">") }
  var arrow: SourceRange { SourceRange(current.start, current.end + 1) }

  private mutating func extra(after expression: Expression?, isHead: Bool) -> Abandoned {
    let diagnostic = diagnosticForExtra(after: expression, isHead: isHead)
    return fail { _ in diagnostic }
  }

  /// `/[/]/`: what was meant to stand in a class has ended the regular expression.
  private var isBehindOpenClass: Bool {
    guard isTouching, previousEnd > 0, lexer.byte(previousEnd - 1) == UInt8(ascii: "/") else { return false }
    let line = lexer.bytes[..<previousEnd].reversed().prefix { $0 != 0x0A && $0 != UInt8(ascii: "]") }
    return line.contains(UInt8(ascii: "["))
  }

  private mutating func diagnosticForExtra(after expression: Expression?, isHead: Bool) -> Diagnostic {
    let place = at(current.range)
    switch current.kind {
    case .unknown: return unknown(current)
    case .mark(.assign) where isArrow: return .foreignOperator(at(arrow), "=>", "fn(x) …")
    case .mark(.assign):
      return isHead || expression?.isStep ?? false
        ? .assignmentInCondition(place) : .badTarget(at(expression?.range ?? current.range))
    case .mark(.rightParenthesis), .mark(.rightBracket), .mark(.rightBrace):
      return .strayBracket(place, text(current), isBehindRegex: isAt(.rightBracket) && isBehindOpenClass)
    case .mark(.comma): return .commaInStatement(place, cure: commaCure(after: expression))
    case .mark(.colon) where isHead:
      isBlockOnLine = true
      return .headWord(place, ":")
    case .mark(.dot) where isTouching && expression.flatMap(optionRead) != nil:
      let field = peek()
      let read = source.text(expression.flatMap(optionRead)?.range ?? current.range)
      return .unexpected(
        place, expected: "the end of the line", found: describe(current),
        cure: Cure("what it reads stands in parentheses: `(\(read)).\(field.isWord ? name(field) : "NAME")`"))
    case .mark(.dot) where !isTouching: return .foreignOperator(place, ".", "+")
    case .mark(.colon) where lexer.byte(current.end) == UInt8(ascii: "="):
      return .foreignOperator(at(SourceRange(current.start, current.end + 1)), ":=", "=")
    case .keyword(.if) where !isHead:
      return .postfixIf(place, "if", isBehindValue: expression.map { !$0.isStep && !acts($0) } ?? false)
    case .keyword(.else) where !isHead && !startsLine(current): return .elseBehindValue(place)
    default: break
    }
    if isHead, current.kind == .name, ["then", "do"].contains(name(current)) {
      isBlockOnLine = true
      return .headWord(place, name(current))
    }
    if isHead {
      if startsStatement(current) {
        isBlockOnLine = true
        return .blockOnLine(place)
      }
      if isAt(.leftBrace) { return .braceBlock(place) }
      // `spawn f()`: nothing but a name behind `as` stands there.
      let before = lexer.bytes[..<current.start].reversed().drop(while: Lexer.isBlank)
      if current.kind == .name, before.starts(with: Keyword.spawn.rawValue.utf8.reversed()) {
        isBlockOnLine = true
        return .blockOnLine(place)
      }
    }
    if let verb = bareVerbWithOperand() { return verb }
    if let told = foreignInfix() { return told }
    if isPartOfSwitch(expression) { silenceLine() }
    if let expression, startsOperand(current) || current.isWord {
      if let unknown = unknownVerb(expression) { return unknown }
    }
    return .unexpected(place, expected: "the end of the line", found: describe(current))
  }

  /// The `sockopt TCP_INFO` that an expression is, or ends with, as that of `print`.
  private func optionRead(_ expression: Expression) -> Expression? {
    guard case .step(let step) = expression else { return nil }
    if step.verb == .sockopt { return step.operands.isEmpty ? expression : nil }
    guard case .step(let last)? = step.operands.last, last.verb == .sockopt, last.operands.isEmpty else { return nil }
    return step.operands.last
  }

  /// A verb, or a keyword that nothing but a statement begins with.
  private func startsStatement(_ token: Token) -> Bool {
    switch token.kind {
    case .verb: true
    case .keyword(let word):
      switch word {
      case .break, .continue, .return, .let, .defer, .if, .case, .while, .for, .loop, .def, .retry, .select, .serve,
        .spawn:
        true
      default: false
      }
    default: false
    }
  }

  /// `1 + c.recv line`: the verb behind the dot was taken for one without arguments, and here are some.
  func bareVerbWithOperand() -> Diagnostic? {
    guard let bareVerb, Int(bareVerb.upper) == previousEnd, startsOperand(current) else { return nil }
    return .verbAsOperand(at(bareVerb), shortened(source.text(bareVerb)))
  }

  /// A name with something behind it was meant to be a verb, or a call.
  private mutating func unknownVerb(_ expression: Expression) -> Diagnostic? {
    switch expression {
    case .name(let name):
      let meant = ForeignWords.statement(name.name, isAlone: false)
      if !isPartOfSwitch(expression) {
        foreignHead = ForeignHead(start: Int(name.range.lower), meant, isAlone: false)
      }
      if meant == nil, isAt(.leftParenthesis) { return .spaceBeforeCall(at(current.range), name.name) }
      // `push list, 4`
      if meant?.block == nil, let name = functionName(expression) {
        return .unknownVerb(at(name.range), name.name, cure: Cure("a function is called as `\(name.name)(…)`"))
      }
      return .unknownVerb(at(name.range), name.name, meant)
    case .member(let member):
      let meant = ForeignWords.verb(behindDot: member.name)
      if meant == nil, isAt(.leftParenthesis) { return .spaceBeforeCall(at(current.range), member.name) }
      return .unknownVerb(at(member.nameRange), member.name, meant)
    default: return nil
    }
  }

  /// `a eq b`
  func foreignInfix() -> Diagnostic? {
    guard current.kind == .name, let mark = ForeignWords.infix(name(current)) else { return nil }
    return .foreignOperator(at(current.range), name(current), mark)
  }

  /// The name of a builtin function, where an expression is nothing else.
  func functionName(_ expression: Expression) -> NameReference? {
    guard case .name(let name) = expression, BuiltinFunction(rawValue: name.name) != nil else { return nil }
    return name
  }

  /// `print upper "x"`: `current` is the argument.
  mutating func argumentsWithoutParentheses(of name: NameReference) -> Abandoned {
    let start = current.start
    do {
      let argument = try parseOperand()
      let place = range(from: Int(name.range.lower))
      return fail { .callWithoutParentheses($0.at(place), name.name, argument: $0.source.text(argument.range)) }
    } catch {
      recover(from: start)
      return error
    }
  }

  // MARK: - Commas

  /// `return 1, 2`
  mutating func commaBehindReturn(_ value: Expression?) -> Abandoned {
    var end = current.end
    while end < lexer.bytes.count, ![0x0A, 0x0D, UInt8(ascii: "#"), UInt8(ascii: ";")].contains(lexer.bytes[end]) {
      end += 1
    }
    while end > current.end, Lexer.isBlank(lexer.bytes[end - 1]) { end -= 1 }
    let list = source.text(SourceRange(value.map { Int($0.range.lower) } ?? current.start, end))
    return fail {
      .commaInStatement($0.at($0.current.range), cure: "several values are a list: `return [\(list)]`")
    }
  }

  /// `let a, b = …`; the names begin at `start`.
  mutating func commaBehindName(from start: Int) -> Abandoned {
    let names = lexer.bytes[start...].prefix {
      Lexer.continuesWord($0) || Lexer.isBlank($0) || $0 == UInt8(ascii: ",")
    }
    let list = String(decoding: names, as: UTF8.self).split(separator: " ").joined(separator: " ")
    return fail { .commaInStatement($0.at($0.current.range), cure: "write `let [\(list)] = …`") }
  }

  /// `let a = 1, b = 2`
  mutating func commaBehindValue() -> Abandoned {
    let comma = current.range
    advance()
    let isPair = current.kind == .name && peek().kind == .mark(.assign)
    return fail {
      .commaInStatement(
        $0.at(comma),
        cure: isPair
          ? .write("; let", at: $0.at(comma), "each name has its own `let`, on its own line or behind `;`")
          : "several values are a list: `[1, 2]`")
    }
  }

  /// `recv line, within 2s`; `a = 1, 2`; `a, b = [1, 2]`
  private func commaCure(after expression: Expression?) -> Cure {
    if case .step? = expression { return .write("", at: at(current.range), "leave out the comma") }
    let line = lexer.bytes[current.end..<lineEnd(from: current.end)]
    return line.contains(UInt8(ascii: "="))
      ? "several names are set with `[a, b] = …`" : "several values are a list: `[1, 2]`"
  }
}

extension Expression {
  fileprivate var isStep: Bool { if case .step = self { true } else { false } }
}
