// `case` and its branches, and when the word `is` divides them.

extension Parser {
  // What nests is kept apart from what is read before it: fifty of them have to fit into 512 KiB of stack, unoptimized.

  // 'case' expr NL { NL } is { is } [ 'else' NL block ] 'end'
  mutating func parseCase() -> Statement.Kind {
    let opener = current
    let subject = parseCaseHead()
    var branches: [CaseBranch] = []
    while isAt(.is) || isForeignIs || opener.kind == .name && isAt(.case) { branches.append(parseIs(of: opener)) }
    let otherwise = parseElse(of: opener)
    parseEnd(opener)
    return .choice(
      CaseStatement(subject: subject, branches: branches, otherwise: otherwise, wordRange: opener.range))
  }

  /// The value, and the line ends before the first branch: nothing else may stand there.
  private mutating func parseCaseHead() -> Expression {
    let opener = current
    advance()
    let subject = parseHead()
    let before = parsePart(opener, until: [.else, .end], isDividedByIs: true)
    if let first = before.statements.first { report { .statementInCase($0.at(first.range)) } }
    return subject
  }

  // is = 'is' arg { ',' arg } [ as ] NL block ;
  private mutating func parseIs(of opener: Token) -> CaseBranch {
    let start = current.start
    let (values, name) = parseIsHead()
    let body = parsePart(opener, until: [.else, .end], isDividedByIs: true)
    return CaseBranch(values: values, name: name, body: body, range: range(from: start))
  }

  private mutating func parseIsHead() -> ([Expression], NameDeclaration?) {
    isClosedByBrace = false
    if isForeignIs { report { .foreignWord($0.at($0.current.range), $0.text($0.current), ContextWord.is.rawValue) } }
    // The `case` of a `switch`, of which enough has been said.
    if isAt(.case) { silenceLine() }
    advance()
    let parsed = head { parser throws(Abandoned) -> ([Expression], NameDeclaration?) in
      var values: [Expression] = []
      repeat {
        let comma = SourceRange(parser.previousEnd - 1, parser.previousEnd)
        if !values.isEmpty { parser.skipLineEnds() }
        parser.expect(.value(allowsNot: false))
        if !values.isEmpty, parser.current.kind == .endOfFile { throw parser.operandMissing(after: comma) }
        values.append(try parser.parseOperand())
      } while parser.skip(.comma)
      parser.expect(.words([Keyword.as.rawValue]))
      if parser.isAt(.or) { throw parser.fail { .orBetweenValues($0.at($0.current.range)) } }
      return (values, parser.skip(.as) ? try parser.parseNameDeclaration() : nil)
    }
    return parsed ?? ([], nil)
  }

  /// Whether the `is` that begins a statement divides a `case`: with a value behind it. In a `case` it is a variable
  /// only where it is set; elsewhere what cannot be a statement is taken for a stray one.
  mutating func isDivider() -> Bool {
    let next = peek()
    guard openers.contains(where: \.isDividedByIs) else {
      switch next.kind {
      case .name, .number, .quote, .keyword(.nil), .keyword(.true), .keyword(.false): return true
      default: return false
      }
    }
    guard case .mark(let mark) = next.kind, mark.rawValue.last == "=" else { return true }
    return [.equal, .notEqual, .lessOrEqual, .greaterOrEqual].contains(mark)
  }

  /// `when`, as other languages divide a `case`. Where a `select` is around, it belongs to that.
  var isForeignIs: Bool { isAt(.when) && !openers.contains { $0.terminators.contains(.when) } }
}
