// Whether a blank stands between two tokens of a line. It sees the tokens of a statement in order.
//
// A blank is not always only layout: `f(x)` is a call and `line (x)` the data behind an option, `send line-1` sends a
// difference and `send line -1` a number, `timeout -1` sets and `timeout - 1` reads. Where a blank decides, what the
// author wrote stays; everywhere else there is one way.

struct Spacing {
  private let bytes: [UInt8]
  private var previous: Token?
  /// The verb that was seen last, in the statement and in each bracket that is open: its words are options there.
  private var rows: [VerbRow?] = [nil]

  /// What the tokens so far make of the last one.
  private var isBehindDot = false
  private var isBehindDef = false
  private var isUnary = false
  /// It is a variable only because what comes next touches it; with a blank behind it, it would be an option.
  private var isGluedName = false
  /// It is an infix operator that touches what is before it, so it touches what follows, too.
  private var isGluedOperator = false
  /// The last token is the `is` of a `case`.
  private var isBehindDivider = false
  private var startsWithDivider = false
  /// It is a field of a `message`, whose types may have a colon in them: `u16:bytes`.
  private var isField = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// - Parameter isDivider: the next token is the `is` of a `case`.
  mutating func startStatement(isDivider: Bool, isField: Bool) {
    (startsWithDivider, self.isField) = (isDivider, isField)
    previous = nil
    rows.removeAll(keepingCapacity: true)
    rows.append(nil)
    (isBehindDot, isBehindDef, isUnary, isGluedName, isGluedOperator) = (false, false, false, false, false)
  }

  /// The last token must be touched by whatever follows, a comment or a `\` too.
  var endsGlued: Bool { isGluedName }

  /// The last token opens a bracket.
  var isBehindOpener: Bool { previous.map(Spacing.isOpener) ?? false }

  /// On a line of its own this token goes on with the operand or the key of the line above.
  func goesOn(with token: Token) -> Bool {
    // Behind an operand `not` begins `not in`.
    if endsOperand { return Spacing.isInfix(token) || token.kind == .keyword(.not) }
    guard let previous, !isUnary else { return false }
    return previous.kind == .mark(.colon) || Spacing.isInfix(previous)
  }

  private var followsDot: Bool { if case .mark(.dot)? = previous?.kind { true } else { false } }

  // MARK: - Between two tokens

  /// Whether a blank stands before this token, which is on the same line as the last one.
  func wantsBlank(before token: Token) -> Bool {
    guard let previous, !isGluedOperator, !isGluedName else { return false }
    let touches = token.start == previous.end
    switch previous.kind {
    case .mark(.leftParenthesis), .mark(.leftBracket), .mark(.leftBrace), .mark(.dot): return false
    case .mark(.colon) where isField && touches: return false
    case .mark(.range) where Spacing.startsOperand(token), .mark(.openRange) where Spacing.startsOperand(token):
      return false
    case .mark where isUnary:
      // `--x` looks like an operator that the language has not. `-5.x` is a number with something behind it; `- 5.x`
      // is not.
      return (token.kind == .mark(.minus) && previous.kind == .mark(.minus))
        || (token.kind == .number && hasSuffix(token) && !touches)
    default: break
    }
    guard case .mark(let mark) = token.kind else { return true }
    switch mark {
    case .comma, .rightParenthesis, .rightBracket, .rightBrace, .dot, .colon, .range, .openRange: return false
    case .leftParenthesis where previous.kind == .keyword(.fn): return false
    case .leftParenthesis, .leftBracket: return isBehindDef ? false : !(touches && endsOperand)
    case .slash:
      // `m.send / 2` would give the verb a regex.
      if isBehindDot, touches, case .verb = previous.kind { return false }
      return true
    default: return true
    }
  }

  mutating func take(_ token: Token, startsLine: Bool) {
    let isUnary = isUnaryHere(token, startsLine: startsLine)
    let isGluedOperator =
      Spacing.isInfix(token) && !isUnary && !startsLine && previous?.end == token.start && !followsDot
      && !wantsBlank(before: token) && !isRange(token)
    let startsArgument = startsArgument
    isBehindDef = token.kind == .name && previous?.kind == .keyword(.def)
    isBehindDot = followsDot
    (isBehindDivider, startsWithDivider) = (startsWithDivider, false)
    isGluedName =
      startsArgument && !isBehindDot && !Lexer.endsWord(bytes, at: token.end)
      && option(token).map { !touchesFields(token, $0) } ?? false
    (self.isUnary, self.isGluedOperator) = (isUnary, isGluedOperator)
    switch token.kind {
    case .verb(let verb): rows[rows.count - 1] = VerbTable[verb]
    case .mark(.leftParenthesis), .mark(.leftBracket), .mark(.leftBrace): rows.append(nil)
    case .mark where Spacing.isCloser(token): if rows.count > 1 { rows.removeLast() }
    default: break
    }
    previous = token
  }

  // MARK: - What a token is

  /// `-` is unary where no operand has ended, and where a blank stands before it only.
  private func isUnaryHere(_ token: Token, startsLine: Bool) -> Bool {
    if token.kind == .mark(.tilde) { return true }
    guard token.kind == .mark(.minus) else { return false }
    guard let previous, endsOperand || isSettingRead(previous) else { return true }
    if startsLine { return false }
    let next = token.end < bytes.count ? bytes[token.end] : 0x0A
    return previous.end < token.start && !Lexer.isBlank(next) && next != 0x0A && next != 0x0D
      && next != UInt8(ascii: "\\") && next != UInt8(ascii: "#")
  }

  private func isSettingRead(_ token: Token) -> Bool {
    if case .verb(let verb) = token.kind { VerbTable[verb].gives == .setting } else { false }
  }

  /// The last token is one that an operand can end with.
  private var endsOperand: Bool {
    guard let previous, !isBehindDivider else { return false }
    if isBehindDot { return true }
    switch previous.kind {
    case .name, .number, .string, .regex, .address, .keyword(.nil), .keyword(.true), .keyword(.false): return true
    default: return Spacing.isCloser(previous)
    }
  }

  /// What follows may be an argument of the verb.
  private var startsArgument: Bool {
    guard let previous else { return false }
    switch previous.kind {
    case .keyword(.and), .keyword(.or), .keyword(.in), .keyword(.not): return isBehindDot
    case .mark: return Spacing.isCloser(previous)
    default: return true
    }
  }

  private func option(_ token: Token) -> VerbRow.Option? {
    guard token.kind == .name, let row = rows.last ?? nil else { return nil }
    guard Int(token.symbol) < NameTable.options.count, let word = NameTable.options[Int(token.symbol)] else {
      return nil
    }
    return row.option(word)
  }

  /// `skipping{kind: 1}` is the option all the same.
  private func touchesFields(_ token: Token, _ option: VerbRow.Option) -> Bool {
    guard token.end < bytes.count, bytes[token.end] == UInt8(ascii: "{") else { return false }
    return if case .nothing = option.argument { false } else { true }
  }

  private func hasSuffix(_ number: Token) -> Bool {
    guard number.end < bytes.count else { return false }
    switch bytes[number.end] {
    case UInt8(ascii: "."): return !(number.end + 1 < bytes.count && bytes[number.end + 1] == UInt8(ascii: "."))
    case UInt8(ascii: "("), UInt8(ascii: "["): return true
    default: return false
    }
  }

  private func isRange(_ token: Token) -> Bool { token.kind == .mark(.range) || token.kind == .mark(.openRange) }

  static func isOpener(_ token: Token) -> Bool {
    switch token.kind {
    case .mark(.leftParenthesis), .mark(.leftBracket), .mark(.leftBrace): true
    default: false
    }
  }

  static func isCloser(_ token: Token) -> Bool {
    switch token.kind {
    case .mark(.rightParenthesis), .mark(.rightBracket), .mark(.rightBrace): true
    default: false
    }
  }

  /// Unless it is a sign, which only what is before it can tell.
  private static func isInfix(_ token: Token) -> Bool {
    switch token.kind {
    case .keyword(.and), .keyword(.or), .keyword(.in): true
    case .mark(let mark):
      switch mark {
      case .dot, .comma, .colon, .tilde, .leftParenthesis, .rightParenthesis, .leftBracket, .rightBracket, .leftBrace,
        .rightBrace:
        false
      default: true
      }
    default: false
    }
  }

  private static func startsOperand(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .number, .string, .regex, .keyword(.nil), .keyword(.true), .keyword(.false): true
    case .mark(.minus), .mark(.tilde): true
    default: isOpener(token)
    }
  }
}
