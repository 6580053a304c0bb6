// Goes over the tokens of a file once and writes each with the blanks, line ends and indentation of the layout.
//
// Where statements begin is the tree's to say (StatementOutline), what stands between two tokens of a line Spacing's,
// and where comments behind code go LineWriter's.

struct PrettyPrinter {
  /// What has been opened in the statement.
  private struct Bracket {
    /// The indentation of the line it stands on, in spaces: what closes it stands there, too.
    let indentation: Int
    /// A line end follows it.
    var isBroken = false
  }

  /// A comment on lines of its own, whose indentation depends on what follows.
  private struct Waiting {
    let comment: Token
    /// From 0, in the source.
    let column: Int
    let blankBefore: Bool
  }

  private let bytes: [UInt8]
  private let tokens: [Token]
  private let statements: [StatementOutline.Entry]
  private var nextStatement = 0
  private var spacing: Spacing
  private var writer: LineWriter

  /// Where what was written last ends in the source.
  private var end = 0
  /// A line end or a `;` came since.
  private var sawSeparator = true
  private var waiting: [Waiting] = []
  /// How many blocks are open.
  private var depth = 0
  private var brackets: [Bracket] = []
  private var statementIndentation = 0
  /// The statement is the head of a block.
  private var isHead = false
  /// The head of a block, or nothing at all, stands above: no blank line follows it.
  private var isBehindHead = true
  /// In a field of a message, whose `choose` has an `else` that ends nothing.
  private var isInField = false

  /// Spaces for each block, and for what a line goes on with …
  private static let step = 2
  /// … except where it goes on with the head of a block, whose body stands between the two.
  private static let headStep = 4

  init(_ parsed: ParsedFile) {
    bytes = parsed.source.bytes
    tokens = parsed.tokens
    statements = StatementOutline(parsed.body).entries
    spacing = Spacing(bytes)
    writer = LineWriter(capacity: bytes.count + bytes.count / 8)
  }

  mutating func print() -> [UInt8] {
    for token in tokens {
      switch token.kind {
      case .lineEnd, .semicolon: sawSeparator = true
      case .comment:
        write(comment: token)
        end = token.end
      default:
        write(code: token)
        sawSeparator = false
        end = token.end
      }
    }
    writeWaiting(mayBeBlank: !isBehindHead) { _ in 0 }
    return writer.finish()
  }

  // MARK: - Comments

  private mutating func write(comment token: Token) {
    let lineEnds = lineEnds(before: token)
    let text = bytes[token.start..<token.end]
    let column = column(of: token)
    if lineEnds == 0, end > 0 {
      writer.append(remark: text, column: column, isGlued: spacing.endsGlued && !sawSeparator)
    } else if lineEnds == 1, waiting.isEmpty, writer.remarkColumn == column {
      writer.append(furtherRemark: text, column: column)
    } else {
      waiting.append(Waiting(comment: token, column: column, blankBefore: lineEnds > 1))
    }
  }

  /// - Parameters:
  ///   - mayBeBlank: a blank line may stand before the first of them.
  ///   - indentation: in spaces, of a comment that stands in this column.
  /// - Returns: whether there were any.
  @discardableResult
  private mutating func writeWaiting(mayBeBlank: Bool, indentation: (Int) -> Int) -> Bool {
    guard !waiting.isEmpty else { return false }
    for (number, item) in waiting.enumerated() {
      writer.startLine(
        indentation: indentation(item.column), blankBefore: item.blankBefore && (mayBeBlank || number > 0))
      writer.append(bytes[item.comment.start..<item.comment.end])
    }
    waiting.removeAll(keepingCapacity: true)
    return true
  }

  // MARK: - Code

  private mutating func write(code token: Token) {
    let statement = nextStatement < statements.count ? statements[nextStatement] : nil
    if let statement, statement.offset == token.start {
      nextStatement += 1
      if statement.dividesBlock {
        startBlockWord(token)
      } else {
        startStatement(token, opensBlock: statement.opensBlock)
      }
    } else if sawSeparator, token.isBlockWord, brackets.isEmpty, !isInField || token.kind != .keyword(.else) {
      startBlockWord(token)
    } else {
      continueStatement(token)
      return
    }
    let entry = statement?.offset == token.start ? statement : nil
    isInField = entry?.isField == true
    spacing.startStatement(isDivider: entry?.dividesBlock == true, isField: isInField)
    statementIndentation = writer.indentation
    append(token, startsLine: true)
  }

  private mutating func startStatement(_ token: Token, opensBlock: Bool) {
    let lineEnds = lineEnds(before: token)
    let indentation = depth * PrettyPrinter.step
    let hasComment = writeWaiting(mayBeBlank: !isBehindHead) { _ in indentation }
    writer.startLine(indentation: indentation, blankBefore: lineEnds > 1 && (hasComment || !isBehindHead))
    if opensBlock { depth += 1 }
    (isHead, isBehindHead) = (opensBlock, opensBlock)
  }

  /// `end`, `else` and the like. A comment above one that does not end its block may be about either side: it stays
  /// where the author has put it.
  private mutating func startBlockWord(_ token: Token) {
    let lineEnds = lineEnds(before: token)
    let isEnd = token.kind == .keyword(.end)
    let inner = depth * PrettyPrinter.step
    let outer = max(0, inner - PrettyPrinter.step)
    // Looked up only where it is needed: a line may have any number of these words.
    let place = waiting.isEmpty ? 0 : column(of: token)
    let hasComment = writeWaiting(mayBeBlank: !isBehindHead) { isEnd || $0 > place ? inner : outer }
    writer.startLine(indentation: outer, blankBefore: lineEnds > 1 && !isEnd && (hasComment || !isBehindHead))
    if isEnd { depth = max(0, depth - 1) }
    (isHead, isBehindHead) = (!isEnd, !isEnd)
  }

  /// A token that goes on with a statement, on the same line or a further one.
  private mutating func continueStatement(_ token: Token) {
    let lineEnds = lineEnds(before: token)
    guard lineEnds > 0 || !waiting.isEmpty else {
      if spacing.wantsBlank(before: token) { writer.append(0x20) }
      append(token, startsLine: false)
      return
    }
    guard let bracket = brackets.last else {
      if !sawSeparator, waiting.isEmpty {
        // Nothing but a `\` leads to another line here.
        if !spacing.endsGlued { writer.append(0x20) }
        writer.append(UInt8(ascii: "\\"))
      }
      let indentation = continued(statementIndentation)
      writeWaiting(mayBeBlank: false) { _ in indentation }
      writer.startLine(indentation: indentation)
      append(token, startsLine: true)
      return
    }
    let isFirst = spacing.isBehindOpener
    let isBroken = isFirst || bracket.isBroken
    brackets[brackets.count - 1].isBroken = isBroken
    // A bracket that is closed on a line of its own keeps the body of a block apart already.
    let content = isBroken ? bracket.indentation + PrettyPrinter.step : continued(bracket.indentation)
    let hasComment = writeWaiting(mayBeBlank: !isFirst) { _ in content }
    let isCloser = Spacing.isCloser(token)
    let goesOn = isBroken && spacing.goesOn(with: token)
    writer.startLine(
      indentation: isCloser ? bracket.indentation : goesOn ? content + PrettyPrinter.step : content,
      blankBefore: lineEnds > 1 && !isCloser && (hasComment || !isFirst))
    append(token, startsLine: true)
  }

  /// The indentation of what goes on with a line of the statement that has this one.
  private func continued(_ indentation: Int) -> Int {
    indentation + (isHead && indentation == statementIndentation ? PrettyPrinter.headStep : PrettyPrinter.step)
  }

  private mutating func append(_ token: Token, startsLine: Bool) {
    if Spacing.isOpener(token) {
      brackets.append(Bracket(indentation: writer.indentation))
    } else if Spacing.isCloser(token) {
      _ = brackets.popLast()
    }
    let text = bytes[token.start..<token.end]
    if token.kind == .string, text.contains(0x0A) {
      writer.append(
        literal: BlockString.isBlock(text)
          ? BlockString.indented(text, by: writer.indentation + PrettyPrinter.step)
          : BlockString.withPlainLineEnds(text))
    } else {
      writer.append(text)
    }
    spacing.take(token, startsLine: startsLine)
  }

  // MARK: - The source

  /// How many line ends stand between what was written last and this token.
  private func lineEnds(before token: Token) -> Int {
    var count = 0
    for offset in end..<max(end, token.start) where bytes[offset] == 0x0A { count += 1 }
    return count
  }

  /// The column of a token on its line, from 0.
  private func column(of token: Token) -> Int {
    var start = token.start
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    return LineWriter.columns(of: bytes[start..<token.start])
  }
}
