// What may stand where a text ends: the parser notes it there, in the very places where it decides what comes.

package enum Expected {
  /// A statement begins.
  case statement(OpenBlocks)
  /// A verb phrase, or `try`.
  /// - needsResult: what it gives is used.
  case step(needsResult: Bool)
  /// What `when` waits for.
  case caseTrigger
  /// A value that is no verb phrase.
  case value(allowsNot: Bool)
  /// An operator that is a word.
  case infix([Keyword])
  case arguments(StepSoFar)
  /// One of these words, which stand for themselves.
  case words([String])
  case bareWord(BareWord)
  /// Behind a dot. The name in front of it, if it is one name.
  case member(of: String?, isCase: Bool)
  /// The rest of a string that is the name of a file; it begins at this offset.
  case path(from: Int)
  /// The rest of a string of words that are run; it begins at this offset.
  case command(from: Int)

  /// The blocks that a statement would stand in.
  package struct OpenBlocks {
    /// What may end the innermost one, or a part of it.
    package let terminators: [Keyword]
    /// `is` may, too.
    package let isDividedByIs: Bool
    package let isInLoop: Bool
    /// `return` may stand there.
    package let mayReturn: Bool
  }

  /// A verb phrase, as far as it is written.
  package struct StepSoFar {
    package let row: VerbRow
    package let options: [OptionWord]
    package let hasData: Bool
    package let hasDeadline: Bool
    package let hasResult: Bool
    /// It stands behind `when`.
    package let isCase: Bool
  }
}

extension Parser {
  /// Notes what is due, if the text ends here. Several things may be.
  @inline(__always) mutating func expect(_ what: @autoclosure () -> Expected) {
    guard notesEnd, current.kind == .endOfFile else { return }
    note(what())
  }

  private mutating func note(_ what: Expected) {
    guard !notes.isSettled, !isSilent else { return }
    // A word may begin right behind a mark or a line end, and behind nothing else.
    if let last = lexer.tokens.last, last.end == current.start {
      switch last.kind {
      case .mark, .lineEnd, .semicolon: break
      default: return
      }
    }
    notes.expected.append(what)
    notes.expectedParameters = notes.shortParameters
  }

  /// A statement begins, if the text ends here; behind one that does not end with its line, none does.
  mutating func expectStatement() {
    guard notesEnd, current.kind == .endOfFile, notes.expected.isEmpty else { return }
    switch lexer.tokens.last?.kind {
    case .lineEnd, .semicolon, nil: break
    default: return
    }
    let words = openers.map(\.token.kind)
    let blocks = Expected.OpenBlocks(
      terminators: openers.last?.terminators ?? [], isDividedByIs: openers.last?.isDividedByIs ?? false,
      isInLoop: words.contains { [.keyword(.while), .keyword(.for), .keyword(.loop)].contains($0) },
      mayReturn: words.contains { [.keyword(.def), .keyword(.spawn), .keyword(.serve)].contains($0) })
    expect(.statement(blocks))
    notes.isSettled = true
  }

  /// A string that begins at `offset` names a file.
  mutating func expectPath(at offset: Int) {
    if notesEnd { notes.pathStart = offset }
  }

  /// A string that begins at `offset` is a command.
  mutating func expectCommand(at offset: Int) {
    if notesEnd { notes.commandStart = offset }
  }

  /// The string that begins here has no end.
  mutating func expectRest(of opener: Token, end: Int) {
    guard notesEnd, end >= lexer.bytes.count, !notes.isSettled, !isSilent else { return }
    if opener.start == notes.pathStart { notes.expected = [.path(from: opener.end)] }
    if opener.start == notes.commandStart { notes.expected = [.command(from: opener.end)] }
  }
}

/// What a parser notes of the text's end, for completion.
final class EndNotes {
  var expected: [Expected] = []
  /// The parameters of the short functions whose values are being read; and those at the text's end.
  var shortParameters: [String] = []
  var expectedParameters: [String] = []
  /// The statement in which the text ends has been read: what is due there is known.
  var isSettled = false
  /// Where a string would begin that is the name of a file.
  var pathStart: Int?
  /// And where one that is a command.
  var commandStart: Int?
  /// Where the step behind `when` begins that was read last.
  var caseStart: Int?
}
