// Where the cursor stands: what the tokens of the unfinished statement before it leave to be written.

/// The statement that the cursor is in, up to the cursor, as far as completion has to understand it.
struct Phrase {
  /// What is due.
  enum Place: Equatable {
    /// A statement begins.
    case statement
    /// An expression, which may be a verb phrase.
    case expression
    /// What stands behind `when`: a step that `select` can wait for, or `after`.
    case selectCase
    /// A value that is no verb phrase.
    case operand
    /// The same, or `workers` in front of it.
    case serveOperand
    /// Behind a value that is no verb's: operators.
    case infix
    /// The arguments of `verb`.
    case arguments
    /// The value of an option of `verb`.
    case optionValue
    /// One of an option's words.
    case words([OptionWord])
    /// The bare word of this verb, or of an option of it.
    case bareWord(Verb, OptionWord?)
    /// Behind a dot. The name in front of it, if it is one name.
    case member(of: String?)
    /// What goes on from the head of a block: `headWords`.
    case head
    /// A name that is being made up, or something that completion knows nothing of.
    case unknown
  }

  /// What an open bracket is closed to.
  struct State {
    var place = Place.statement
    /// The verb whose arguments are being written, and what it has got.
    var verb: Verb?
    var options: [OptionWord] = []
    var hasData = false
    var hasDeadline = false
    var hasResultName = false
    /// The verb phrase stands behind `when`.
    var isSelectCase = false
    /// What the expression gives is used: a verb without a result makes no sense.
    var needsResult = false
    /// Words that the head of a block may still take, or `import`.
    var headWords: [String] = []
  }

  private struct Bracket {
    let mark: Mark
    let outer: State
  }

  private(set) var state = State()
  /// The blocks that are open here, by the words that opened them, outermost first.
  private(set) var blocks: [Keyword] = []
  /// A string that begins here is the name of a file.
  private(set) var takesFileName = false
  private var brackets: [Bracket] = []
  /// The last token, if it was a name that no dot stood before.
  private var lastName: String?
  /// The last token was a comma or an operator: a line end behind it is a blank.
  private var continuesLine = false

  init(place: Place) { state.place = place }

  /// - Parameter tokens: all before the word at the cursor, comments left out.
  init(text: [UInt8], tokens: [Token]) {
    for (number, token) in tokens.enumerated() {
      take(token, text, next: number + 1 < tokens.count ? tokens[number + 1] : nil)
    }
  }

  // MARK: - Tokens

  private mutating func take(_ token: Token, _ text: [UInt8], next: Token?) {
    let name = lastName
    let isContinued = continuesLine
    lastName = nil
    takesFileName = false
    continuesLine = false
    switch token.kind {
    case .comment, .endOfFile: break
    case .lineEnd where isContinued: continuesLine = true
    case .lineEnd, .semicolon: if brackets.isEmpty { state = State() }
    case .name, .keyword, .verb:
      takeWord(token, String(decoding: text[token.start..<token.end], as: UTF8.self), next: next)
    case .number, .string, .regex, .address, .quote: takeValue()
    case .mark(let mark): takeMark(mark, behind: name)
    case .unknown: begin(.unknown)
    }
  }

  /// A whole value has been written.
  private mutating func takeValue() {
    switch state.place {
    case .infix, .head: break
    case .unknown: if !state.headWords.isEmpty { state.place = .head }
    case .optionValue, .words, .bareWord: state.place = .arguments
    case .arguments: state.hasData = true
    case .statement, .expression, .selectCase, .operand, .serveOperand, .member:
      if state.verb != nil {
        state.place = .arguments
        state.hasData = true
      } else {
        state.place = state.headWords.isEmpty ? .infix : .head
      }
    }
  }

  private mutating func takeMark(_ mark: Mark, behind name: String?) {
    switch mark {
    case .dot: state.place = .member(of: name)
    case .leftParenthesis, .leftBracket, .leftBrace: open(mark, behind: name)
    case .rightParenthesis, .rightBracket, .rightBrace:
      guard let bracket = brackets.popLast() else { return begin(.unknown) }
      state = bracket.outer
      takeValue()
    case .comma:
      continuesLine = true
      if let bracket = brackets.last {
        enter(bracket)
      } else if let verb = state.verb, VerbTable[verb].operand.takesExpressions {
        state.place = .expression
        state.needsResult = true
      } else {
        begin(.unknown)
      }
    case .colon, .assign, .addAssign, .subtractAssign:
      begin(.expression)
      state.needsResult = true
    default:
      continuesLine = true
      if state.place != .unknown { state.place = .operand }
    }
  }

  private mutating func open(_ mark: Mark, behind name: String?) {
    let bracket = Bracket(mark: mark, outer: state)
    brackets.append(bracket)
    enter(bracket)
    if mark == .leftParenthesis, let name, let function = BuiltinFunction(rawValue: name) {
      takesFileName = function == .readfile || function == .writefile
    }
  }

  /// An element of what a bracket holds begins.
  private mutating func enter(_ bracket: Bracket) {
    begin(bracket.mark == .leftBrace || bracket.outer.place == .unknown ? .unknown : .expression)
    state.needsResult = true
  }

  /// Something new, with nothing of a verb before it.
  private mutating func begin(_ place: Place) {
    state = State()
    state.place = place
  }

  private mutating func begin(_ verb: Verb) {
    let isSelectCase = state.isSelectCase
    begin(.arguments)
    state.verb = verb
    state.isSelectCase = isSelectCase
    if VerbTable[verb].operand.takesExpressions {
      state.place = .expression
      state.needsResult = true
    } else if VerbTable[verb].operand.word != nil {
      state.place = .bareWord(verb, nil)
    }
  }

  // MARK: - Words

  private mutating func takeWord(_ token: Token, _ text: String, next: Token?) {
    switch state.place {
    case .statement: takeStatementWord(token, text, next: next)
    case .member:
      if case .verb(let verb) = token.kind { return begin(verb) }
      if token.kind == .keyword(.serve) {
        blocks.append(.serve)
        return begin(.serveOperand)
      }
      takeValue()
    case .expression, .selectCase, .operand:
      if token.kind == .keyword(.not) || token.kind == .keyword(.try) { return }
      if state.place != .operand, case .verb(let verb) = token.kind { return begin(verb) }
      if state.place == .selectCase, text == ContextWord.after.rawValue {
        state.place = .operand
        return
      }
      lastName = text
      takeValue()
    case .serveOperand where text == ContextWord.workers.rawValue && !(next?.endsStatement ?? false):
      state.place = .operand
    case .serveOperand, .optionValue:
      lastName = text
      takeValue()
    case .words, .bareWord: takeValue()
    case .arguments: takeArgument(token, text)
    case .infix:
      if let infix = Phrase.infixWord(token) {
        state.place = infix
      } else if token.kind == .keyword(.if), state.isSelectCase {
        begin(.expression)
      } else {
        begin(.unknown)
      }
    case .head: takeHeadWord(token, text)
    case .unknown: takeValue()
    }
  }

  /// What is due behind an operator that is a word.
  private static func infixWord(_ token: Token) -> Place? {
    switch token.kind {
    case .keyword(.and), .keyword(.or), .keyword(.in): .operand
    default: nil
    }
  }

  private mutating func takeArgument(_ token: Token, _ text: String) {
    guard let verb = state.verb else { return }
    if token.kind == .keyword(.within) {
      state.hasDeadline = true
      state.place = .optionValue
    } else if token.kind == .keyword(.as) {
      state.hasResultName = true
      // The name that follows is the user's to make up.
      state.place = .words([])
    } else if let infix = Phrase.infixWord(token) {
      state.place = infix
    } else if token.kind == .keyword(.if), state.isSelectCase {
      begin(.expression)
    } else if let option = OptionWord(rawValue: text).flatMap(VerbTable[verb].option),
      !state.options.contains(option.word)
    {
      state.options.append(option.word)
      switch option.argument {
      case .nothing: break
      case .value(let what):
        state.place = .optionValue
        takesFileName = what == .file || what == .directory
      case .address: state.place = .optionValue
      case .word: state.place = .bareWord(verb, option.word)
      case .oneOf(let words): state.place = .words(words)
      }
    } else {
      lastName = text
      state.hasData = true
    }
  }

  private mutating func takeHeadWord(_ token: Token, _ text: String) {
    switch token.kind {
    case .keyword(.in):
      begin(.expression)
      state.needsResult = true
    case .keyword(.as): begin(.unknown)
    default:
      let isLevel = RequirementLevel(rawValue: text) != nil
      state.headWords.removeAll { $0 == text || isLevel && RequirementLevel(rawValue: $0) != nil }
      // `all` stands alone; what is in the list of `tags` are words of their own.
      state.place = text == ContextWord.all.rawValue || text == ContextWord.tags.rawValue ? .unknown : .operand
    }
  }

  private mutating func takeStatementWord(_ token: Token, _ text: String, next: Token?) {
    if case .verb(let verb) = token.kind { return begin(verb) }
    guard case .keyword(let keyword) = token.kind else {
      lastName = text
      return takeValue()
    }
    // `try EXPR` is no block.
    if Phrase.opensBlock(keyword), keyword != .try || next?.endsStatement ?? false { blocks.append(keyword) }
    switch keyword {
    case .if, .elif, .while, .return:
      begin(.expression)
      state.needsResult = true
    case .try, .defer: begin(.expression)
    case .when:
      begin(.selectCase)
      state.isSelectCase = true
    case .with, .within, .not: begin(.operand)
    case .serve: begin(.serveOperand)
    case .true, .false, .nil: takeValue()
    case .retry: begin(.head, [Keyword.within.rawValue, ContextWord.every.rawValue])
    case .spawn: begin(.head, [Keyword.as.rawValue])
    case .select: begin(.head, [ContextWord.all.rawValue])
    case .for: begin(.unknown, [Keyword.in.rawValue])
    case .import:
      begin(.unknown, [Keyword.as.rawValue])
      takesFileName = true
    case .test:
      let levels = RequirementLevel.allCases.map(\.rawValue)
      begin(.operand, levels + [ContextWord.tags.rawValue, Verb.timeout.rawValue, ContextWord.todo.rawValue])
    case .end:
      if !blocks.isEmpty { blocks.removeLast() }
      begin(.unknown)
    default: begin(.unknown)
    }
  }

  private mutating func begin(_ place: Place, _ headWords: [String]) {
    begin(place)
    state.headWords = headWords
  }

  /// Whether a block that `end` closes begins with this word.
  private static func opensBlock(_ word: Keyword) -> Bool {
    switch word {
    case .if, .while, .for, .loop, .def, .try, .with, .within, .spawn, .serve, .retry, .select, .test, .setup: true
    default: false
    }
  }
}
