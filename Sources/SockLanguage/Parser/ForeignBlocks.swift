// Blocks of other languages. The word that opens one has been complained about; what stands in the block, and its `end`,
// is no further mistake, so it is read as the block of ours that comes nearest.

extension Parser {
  /// A word that begins a statement and is none of ours.
  struct ForeignHead {
    let start: Int
    /// What it is here, if it is certain that a block was meant.
    let block: Keyword?
    /// It was meant to be the `end` of the block that it stands in: `ned`, `endif`.
    let isEnd: Bool

    init(start: Int, _ meant: ForeignWords.Meant?, isAlone: Bool) {
      self.start = start
      block = meant?.block
      isEnd = isAlone && meant?.word == Keyword.end.rawValue
    }
  }

  /// Reads the statement whose first word was complained about once more, as a block, if it opens one.
  mutating func parseForeignBlock(into statements: inout [Statement]) {
    guard let head = foreignHead else { return }
    foreignHead = nil
    guard !isSilent, current.endsStatement, lexer.bracketDepth == 0, lexer.holeDepth == 0 else { return }
    let hasBrace = lexer.tokens.last?.kind == .mark(.leftBrace)
    let endsHere = lexer.tokens.last?.kind == .keyword(.end) || lexer.tokens.last?.kind == .mark(.rightBrace)
    guard !endsHere, hasBrace || isBlockBelow(head.start, mayBeEmpty: head.block != nil) else {
      // An `end` that stands anywhere else is its own.
      if head.block != nil, !endsHere { forgivenEnds += 1 }
      return
    }
    silentBefore = current.start
    rewind(to: head.start)
    // A value behind `try` is no block.
    let isBareTry = head.block == .try && peek().endsStatement
    let word = head.block == .try && !isBareTry ? .loop : head.block ?? .loop
    // It takes more of the stack than a block of ours.
    depth += 2
    defer { depth -= 2 }
    do {
      statements.append(Statement(try parseCompound(word).withoutCondition, range: range(from: head.start)))
    } catch {
      recover(from: head.start)
    }
  }

  /// Back to the word that begins at this offset, outside of all brackets.
  mutating func rewind(to start: Int) {
    lexer.bracketDepth = 0
    while let last = lexer.tokens.last, last.start >= start { lexer.tokens.removeLast() }
    lexer.position = start
    previousEnd = lexer.tokens.last?.end ?? 0
    forgivenCloser = nil
    current = lexer.next()
  }

  /// Nothing more is said of the line of `current`.
  mutating func silenceLine() { silentBefore = max(silentBefore, lineEnd(from: current.start)) }

  // MARK: - Words inside of blocks

  /// `current` is what another language calls `catch`.
  mutating func tellForeignCatch(of opener: Token) {
    if opener.kind != .name {
      report { .foreignWord($0.at($0.current.range), $0.text($0.current), Keyword.catch.rawValue) }
    }
    silenceLine()
  }

  /// What a part of a block is called in other languages; `end`: what ends a `repeat`.
  var foreignPart: Keyword? {
    guard current.kind == .name else { return nil }
    switch name(current) {
    case "elsif", "elseif": return .elif
    case "except", "rescue": return .catch
    case "until": return .end
    case "default", "otherwise":
      return lexer.byte(current.end) == UInt8(ascii: ":") || isLineEnd(current.end) ? .else : nil
    default: return nil
    }
  }

  /// `default:` in a `switch`, of which enough has been said.
  func isPartOfSwitch(_ expression: Expression?) -> Bool {
    guard case .name(let name)? = expression, name.name == "default" else { return false }
    return isInSwitch
  }

  var isInSwitch: Bool { openers.last.map { ["switch", "match"].contains(text($0.token)) } ?? false }

  // MARK: - Layout

  /// Whether the lines below the one of `start` are the block of its head: they are indented deeper, or end it.
  /// - Parameter mayBeEmpty: an `end` right below it is its own.
  func isBlockBelow(_ start: Int, mayBeEmpty: Bool = true) -> Bool {
    let own = indentation(at: start)
    var line = lineEnd(from: current.start) + 1
    while line < lexer.bytes.count {
      var offset = line
      while Lexer.isBlank(lexer.byte(offset)) { offset += 1 }
      let byte = lexer.byte(offset)
      if byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: "#") {
        line = lineEnd(from: offset) + 1
        continue
      }
      if offset - line != own { return offset - line > own }
      let word = lexer.bytes[offset...].prefix { Lexer.continuesWord($0) }
      let parts = ["end", "else", "elif", "catch", "finally", "when", "case", "default"]
      return mayBeEmpty && parts.contains { $0.utf8.elementsEqual(word) }
    }
    return false
  }

  /// How far the line of an offset is indented, in bytes.
  private func indentation(at offset: Int) -> Int {
    var start = offset
    while start > 0, lexer.bytes[start - 1] != 0x0A { start -= 1 }
    var end = start
    while Lexer.isBlank(lexer.byte(end)) { end += 1 }
    return end - start
  }
}

extension Statement.Kind {
  /// The condition of a foreign block may be none: what `switch` looks at, the times of a `repeat`.
  fileprivate var withoutCondition: Statement.Kind {
    switch self {
    case .conditional(let branches, let otherwise):
      guard let first = branches.first else { return self }
      let unknown = ConditionalBranch(condition: Condition(.invalid(first.condition.value.range)), body: first.body)
      return .conditional([unknown] + branches.dropFirst(), otherwise: otherwise)
    case .whileLoop(let condition, let body): return .whileLoop(Condition(.invalid(condition.value.range)), body)
    default: return self
    }
  }
}
