// Steps: verb phrases, read as the verb's row in the verb table says.

extension Parser {
  /// What has been read of a step.
  private struct Phrase {
    var operands: [Expression] = []
    var address: AddressOperand?
    var word: WordOperand?
    var options: [StepOption] = []
    var receiver: Expression?
    var within: Expression?
    var result: NameDeclaration?
    /// The height of the highest operand.
    var height = 1
    /// Where the data stands.
    var data: SourceRange?
    let start: Int

    func has(_ word: OptionWord) -> Bool { options.contains { $0.word == word } }

    /// What was taken for data so far.
    var values: [Expression] {
      switch address {
      case .value(let value)?: [value]
      case .hostAndPort(let host, let port)?: [host, port]
      case .bare?, nil: operands
      }
    }
  }

  /// A setting that is `current` and has an infix operator behind it: it is read.
  mutating func isSettingRead(_ verb: Verb) -> Bool {
    guard VerbTable[verb].gives == .setting else { return false }
    let next = peek()
    return isInfix(next, behind: current.end)
  }

  /// Whether this token, behind a verb, is an infix operator rather than the start of an operand.
  private func isInfix(_ token: Token, behind end: Int) -> Bool {
    switch token.kind {
    case .keyword(.and), .keyword(.or), .keyword(.in), .keyword(.not): return true
    case .mark(let mark):
      switch mark {
      case .minus, .slash:
        // `/=` sets a key of that name.
        let next = lexer.byte(token.end)
        return token.start == end || Lexer.isBlank(next) || mark == .slash && next == UInt8(ascii: "=")
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .matches, .matchesNot, .range,
        .openRange, .bar, .caret, .ampersand, .shiftLeft, .shiftRight, .plus, .star, .percent:
        return true
      default: return false
      }
    default: return false
    }
  }

  /// Whether the verb behind a dot, `word`, has arguments: then it is the verb and no key of a map.
  mutating func takesArguments(_ verb: Verb, after word: Token) -> Bool {
    let next = peek()
    if next.kind == .keyword(.within) || next.kind == .keyword(.as) { return true }
    // Whether there are any is not known yet.
    if notesEnd, next.kind == .endOfFile, next.start > word.end { return true }
    let row = VerbTable[verb]
    if let option = optionWord(next), row.option(option) != nil { return true }
    if next.start == word.end { return false }
    let mayTakeRegex = row.operand != .none && row.gives != .setting
    if next.kind == .mark(.slash), mayTakeRegex { return true }
    if row.operand.isAddress, bareAddressEnd(from: next.start) != nil { return true }
    if case .wordAndOptionalValue = row.operand, next.isWord { return true }
    if case .word = row.operand, next.isWord { return true }
    return startsOperand(next) && !isInfix(next, behind: word.end)
  }

  /// A step that begins with its verb.
  mutating func parseStepHere(_ verb: Verb, start: Int) throws(Abandoned) -> Expression {
    // A receiver's height, where there is one, is that of the expression before the dot.
    height = 0
    return try parseStep(verb, receiver: nil, start: start)
  }

  // step = [ postfix ~'.' ~ ] row ;
  /// `current` is the verb.
  mutating func parseStep(_ verb: Verb, receiver: Expression?, start: Int) throws(Abandoned) -> Expression {
    let verbToken = current
    let row = VerbTable[verb]
    var phrase = Phrase(receiver: receiver, height: height, start: start)
    // A phrase needs more of the stack than an operator does.
    try descend(by: 2)
    defer { depth -= 2 }
    advance()
    if isAt(.leftParenthesis), isTouching { throw verbCalled(verbToken, takesAddress: row.operand.isAddress) }
    while try parseArgument(row, &phrase) {}
    if current.kind == .unknown, infixOperator() == nil { throw unexpected("an argument") }
    try checkPhrase(row, phrase, verbToken, receiver: receiver)
    try rise(to: phrase.height + 1)
    return finish(phrase, verb, verbToken, start: start)
  }

  private func finish(_ phrase: Phrase, _ verb: Verb, _ verbToken: Token, start: Int) -> Expression {
    .step(
      Step(
        verb: verb, verbRange: verbToken.range, receiver: phrase.receiver, mayBeMapKey: false,
        operands: phrase.operands, address: phrase.address, word: phrase.word, options: phrase.options,
        within: phrase.within, result: phrase.result, range: range(from: start)))
  }

  /// One argument: `within D`, `as NAME`, an option, or the data. False when there is none.
  private mutating func parseArgument(_ row: VerbRow, _ phrase: inout Phrase) throws(Abandoned) -> Bool {
    let token = current
    switch token.kind {
    case .endOfFile:
      expectArgument(row, phrase)
      return false
    case .lineEnd, .semicolon: return false
    case .keyword(.within):
      guard phrase.within == nil else { throw repeated(token) }
      if row.waiting == .never { report { .noDeadline($0.at(token.range), row.verb.rawValue) } }
      advance()
      phrase.within = try parseValue(of: "within", "a duration", &phrase)
      return true
    case .keyword(.as):
      guard phrase.result == nil else { throw repeated(token) }
      if row.gives == .nothing { report { .noResult($0.at(token.range), row.verb.rawValue) } }
      advance()
      phrase.result = try parseNameDeclaration()
      return true
    default:
      if phrase.word == nil, let what = row.operand.word {
        phrase.word = try parseWord(of: row.verb.rawValue, what.spoken)
        return true
      }
      if let option = optionWord(token).flatMap(row.option) ?? optionTouchingBrace(token, of: row) {
        if !phrase.has(option.word) {
          try parseOption(option, of: row, &phrase)
          return true
        }
        // A second one may be the data: a variable of that name.
        if phrase.data != nil || phrase.address != nil { throw repeated(token) }
      }
      return try parseData(row, &phrase)
    }
  }

  /// `skipping{kind: 1}`: a message's name may touch its fields as well.
  private func optionTouchingBrace(_ token: Token, of row: VerbRow) -> VerbRow.Option? {
    guard token.isWord, lexer.byte(token.end) == UInt8(ascii: "{"), let word = OptionWord(rawValue: name(token)),
      let option = row.option(word), !option.argument.isNothing
    else { return nil }
    return option
  }

  /// The text may end behind an argument.
  private mutating func expectArgument(_ row: VerbRow, _ phrase: Phrase) {
    guard notesEnd else { return }
    if phrase.word == nil, let word = row.operand.word { return expect(.bareWord(word)) }
    if row.operand.takesExpressions, phrase.data == nil {
      expect(.step(needsResult: true))
      expect(.value(allowsNot: true))
    }
    let isWhole = phrase.data != nil || phrase.address != nil || row.operand.isWordAlone
    let step = Expected.StepSoFar(
      row: row, options: phrase.options.map(\.word), hasData: isWhole, hasDeadline: phrase.within != nil,
      hasResult: phrase.result != nil, isCase: phrase.start == notes.caseStart)
    expect(.arguments(step))
  }

  // MARK: - Options

  private mutating func parseOption(
    _ option: VerbRow.Option, of row: VerbRow, _ phrase: inout Phrase
  ) throws(Abandoned) {
    let token = current
    for group in row.options where group.count > 1 && group.contains(where: { $0.word == option.word }) {
      if let other = group.first(where: { phrase.has($0.word) }) {
        report { .optionsExclude($0.at(token.range), row.verb.rawValue, other.word.rawValue, option.word.rawValue) }
      }
    }
    advance()
    let value: OptionValue
    switch option.argument {
    case .nothing: value = .none
    case .value(let what):
      if what.isPath { expectPath(at: current.start) }
      if current.endsStatement, option.data == .instead, let data = phrase.data { throw valueBefore(option.word, what, data) }
      if what == .group, let host = bareHostWithoutPort() { throw hostWithoutQuotes(option.word, what, host) }
      value = .expression(try parseValue(of: option.word.rawValue, what.spoken, &phrase))
    case .values(let first, let second): value = .expression(try parsePair(of: option.word, first, second, &phrase))
    case .address: value = .address(try parseAddress(of: row, option.word.rawValue, &phrase))
    case .word(let what):
      expect(.bareWord(what))
      value = .word(try parseWord(of: option.word.rawValue, what.spoken))
    case .oneOf(let words):
      expect(.words(words.map(\.rawValue)))
      guard let word = optionWord(current), words.contains(word) else {
        let list = words.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        throw fail {
          .argumentMissing(
            $0.at($0.current.range), of: option.word.rawValue, "one of \(list)", found: $0.describe($0.current))
        }
      }
      value = .word(.literal(word.rawValue, current.range))
      advance()
    }
    phrase.options.append(StepOption(word: option.word, range: token.range, value: value))
  }

  /// `size 80 24`: a list of the two.
  private mutating func parsePair(
    of word: OptionWord, _ first: Placeholder, _ second: Placeholder, _ phrase: inout Phrase
  ) throws(Abandoned) -> Expression {
    let start = current.start
    let one = try parseValue(of: word.rawValue, first.spoken, &phrase)
    let other = try parseValue(of: word.rawValue, second.spoken, &phrase)
    return .list([one, other], range(from: start))
  }

  /// `multicast join 239.1.2.3`
  private mutating func hostWithoutQuotes(_ word: OptionWord, _ what: Placeholder, _ host: SourceRange) -> Abandoned {
    fail {
      .argumentMissing(
        $0.at(host), of: word.rawValue, what.spoken, found: "numbers",
        cure: Cure("write it as a string: `\"\($0.source.text(host))\"`"))
    }
  }

  /// `recv 3 exactly`
  private mutating func valueBefore(_ word: OptionWord, _ what: Placeholder, _ data: SourceRange) -> Abandoned {
    fail {
      .argumentMissing(
        $0.at($0.current.range), of: word.rawValue, what.spoken, found: $0.describe($0.current),
        cure: Cure("its value stands behind it: `\(word.rawValue) \($0.source.text(data))`"))
    }
  }

  /// The value that an option word, or `within`, must be followed by. Any word is a value there.
  private mutating func parseValue(
    of word: String, _ what: String, _ phrase: inout Phrase
  ) throws(Abandoned) -> Expression {
    expect(.value(allowsNot: false))
    if current.endsStatement || current.kind == .keyword(.as) || current.kind == .keyword(.within) {
      let cure: Cure? = word == OptionWord.proxied.rawValue ? Cure(ProxyHeaderCure.text) : nil
      throw fail {
        .argumentMissing($0.at($0.current.range), of: word, what, found: $0.describe($0.current), cure: cure)
      }
    }
    let value = try parseOperand()
    phrase.height = max(phrase.height, height)
    return value
  }

  // word = WORD | INT | '(' expr ')' ;
  private mutating func parseWord(of word: String, _ what: String) throws(Abandoned) -> WordOperand {
    let token = current
    if token.isWord {
      advance()
      return .literal(name(token), token.range)
    }
    if token.kind == .number,
      case .integer(let value, let place) = try parseNumber(from: token.start, isNegative: false)
    {
      return .integer(value, place)
    }
    if isAt(.leftParenthesis) { return .expression(try parseParenthesized()) }
    var cure: Cure?
    if case .quote = token.kind { cure = "write it without quotes, or with its quotes in parentheses" }
    throw fail { .argumentMissing($0.at(token.range), of: word, what, found: $0.describe(token), cure: cure) }
  }

  // MARK: - Data

  private mutating func parseData(_ row: VerbRow, _ phrase: inout Phrase) throws(Abandoned) -> Bool {
    let start = current.start
    if row.operand.isAddress, phrase.address == nil, bareAddressEnd(from: start) != nil {
      phrase.address = try parseAddress(of: row, row.verb.rawValue, &phrase)
      phrase.height = max(phrase.height, height)
      return true
    }
    if row.operand.isAddress, phrase.address == nil, isAt(.star), isWordEnd(current.end) {
      throw fail { .addressWithoutPort($0.at($0.current.range), $0.text($0.current)) }
    }
    guard try startsData(row, phrase) else { return false }
    try rejectComparison(row)
    if row.verb == .run { expectCommand(at: start) }
    switch row.operand {
    case .none:
      guard row.takesReceiverBehind, phrase.receiver == nil else { throw extraOperand(row, phrase) }
      phrase.receiver = try parseOperand()
    case .optionalValue, .value, .wordAndOptionalValue:
      phrase.operands.append(try parseOperand())
      if isAt(.leftBrace), row.takesTemplate { try parseTemplate(&phrase.operands, start: start) }
    case .values(_, let second):
      phrase.operands.append(try parseOperand())
      phrase.height = max(phrase.height, height)
      phrase.operands.append(try parseValue(of: row.verb.rawValue, second.spoken, &phrase))
    case .oneOrTwo:
      phrase.operands.append(try parseOperand())
      phrase.height = max(phrase.height, height)
      if phrase.receiver == nil, startsOperand(current), optionWord(current).flatMap(row.option) == nil {
        phrase.operands.append(try parseOperand())
      }
    case .address, .optionalAddress: phrase.address = try parseAddress(of: row, row.verb.rawValue, &phrase)
    case .word: throw extraOperand(row, phrase)
    case .expressions, .conditionAndMessage, .codeAndMessage: try parseExpressions(row, &phrase)
    }
    phrase.height = max(phrase.height, height)
    phrase.data = range(from: start)
    return true
  }

  /// Whether `current` begins the data.
  private mutating func startsData(_ row: VerbRow, _ phrase: Phrase) throws(Abandoned) -> Bool {
    // `recv line timeout 2s`
    if current.kind == .verb(.timeout), row.waiting != .never, phrase.data != nil || !row.operand.takesExpressions {
      throw fail { .foreignWord($0.at($0.current.range), "timeout", Keyword.within.rawValue) }
    }
    if case .verb = current.kind, !row.operand.takesExpressions {
      guard phrase.data == nil else { return false }
      throw fail { .verbAsOperand($0.at($0.current.range), $0.text($0.current)) }
    }
    let mayBeLoose = row.operand.takesExpressions && phrase.data == nil && !endsPhrase(current)
    if isAt(.if) || isAt(.try), !mayBeLoose, missingData(row, phrase) != nil {
      throw fail { .notAsOperand($0.at($0.current.range), $0.text($0.current)) }
    }
    guard startsOperand(current) || mayBeLoose else { return false }
    guard phrase.data == nil, phrase.address == nil else { throw extraOperand(row, phrase) }
    return true
  }

  private func endsPhrase(_ token: Token) -> Bool {
    switch token.kind {
    case .mark(.rightParenthesis), .mark(.rightBracket), .mark(.rightBrace), .mark(.comma): true
    case .keyword(.else), .keyword(.and), .keyword(.or), .keyword(.in): true
    default: token.endsStatement
    }
  }

  // expr { ',' expr }, or expr [ ',' expr ]
  private mutating func parseExpressions(_ row: VerbRow, _ phrase: inout Phrase) throws(Abandoned) {
    let most = row.operand.mostExpressions
    repeat {
      if !phrase.operands.isEmpty {
        let comma = SourceRange(previousEnd - 1, previousEnd)
        skipLineEnds()
        expect(.step(needsResult: true))
        expect(.value(allowsNot: true))
        guard current.kind != .endOfFile else { throw operandMissing(after: comma) }
      }
      phrase.operands.append(try parseExpression())
      phrase.height = max(phrase.height, height)
    } while phrase.operands.count < most && skip(.comma)
  }

  private mutating func extraOperand(_ row: VerbRow, _ phrase: Phrase) -> Abandoned {
    let verb = row.verb.rawValue
    if let told = bareVerbWithOperand() { return fail { _ in told } }
    if row.requiresOption, phrase.options.isEmpty { return fail { .optionMissing($0.at($0.current.range), row) } }
    // `print f (1)`
    if isAt(.leftParenthesis), case .name(let name)? = phrase.operands.last, Int(name.range.upper) == previousEnd {
      return fail { .spaceBeforeCall($0.at($0.current.range), name.name) }
    }
    // `print list [0]`
    if isAt(.leftBracket), row.operand == .expressions, case .name(let name)? = phrase.operands.last,
      Int(name.range.upper) == previousEnd
    {
      return fail { .spaceBeforeCall($0.at($0.current.range), name.name, bracket: "[") }
    }
    if current.kind == .name, name(current) == "unless" {
      return fail { .postfixIf($0.at($0.current.range), "unless") }
    }
    // `sleep 5 s`
    if current.kind == .name, NumberLiteral.units.contains(name(current)), let number = phrase.values.last,
      Int(number.range.upper) <= current.start, Lexer.isDigit(lexer.byte(Int(number.range.upper) - 1))
    {
      return fail { .unitApart($0.at($0.current.range), $0.source.text(number.range), $0.name($0.current)) }
    }
    if let told = foreignWord(in: phrase, row) { return fail { _ in told } }
    // `recv exactl 5`: what was taken for the data may be a misspelt option.
    let words = row.options.flatMap { $0 }.map(\.word.rawValue) + ["within"]
    for expression in phrase.values {
      if case .name(let name) = expression, let meant = Suggestion.nearest(name.name, among: words) {
        return fail { .unknownOption($0.at(name.range), name.name, of: verb, meant, options: words) }
      }
    }
    if row.operand.takesExpressions, let name = phrase.operands.last.flatMap(functionName) {
      return argumentsWithoutParentheses(of: name)
    }
    if row.operand.takesExpressions, let told = foreignInfix() { return fail { _ in told } }
    if phrase.operands.count < row.operand.mostExpressions {
      return fail { .commaMissing($0.at($0.current.range), verb) }
    }
    if current.kind == .name, !row.options.isEmpty {
      let meant = Suggestion.nearest(name(current), among: words)
      return fail { .unknownOption($0.at($0.current.range), $0.name($0.current), of: verb, meant, options: words) }
    }
    return fail { .extraOperand($0.at($0.current.range), verb, takes: row.operand != .none) }
  }

  /// What other languages write in a phrase: `recv bytes 3`, `expect line contains "x"`, `connect to "h" 25`.
  private func foreignWord(in phrase: Phrase, _ row: VerbRow) -> Diagnostic? {
    let verb = row.verb.rawValue
    if current.kind == .name, let option = ForeignWords.option(name(current), of: row.verb) {
      let isCount = phrase.data != nil && row.option(option)?.argument.isNothing == false
      let cure: Cure =
        isCount
        ? "write `\(verb) \(option.rawValue) \(phrase.data.map(source.text) ?? "")`"
        : .meant(option.rawValue, at: at(current.range))
      return .unknownOption(at(current.range), name(current), of: verb, cure)
    }
    if current.kind == .name, phrase.data != nil, let advice = ForeignWords.operand(name(current), of: row.verb) {
      return .unknownOption(at(current.range), name(current), of: verb, Cure(advice))
    }
    // Behind an address it was taken for the port.
    if case .address(.hostAndPort(_, .name(let word)))? = phrase.options.last?.value,
      let advice = ForeignWords.operand(word.name, of: row.verb)
    {
      return .unknownOption(at(word.range), word.name, of: verb, Cure(advice))
    }
    guard case .name(let word)? = phrase.values.first else { return nil }
    if let advice = ForeignWords.operand(word.name, of: row.verb) {
      return .unknownOption(at(word.range), word.name, of: verb, Cure(advice))
    }
    if let option = ForeignWords.option(word.name, of: row.verb) {
      return .unknownOption(at(word.range), word.name, of: verb, .meant(option.rawValue, at: at(word.range)))
    }
    if row.operand.isAddress, ForeignWords.isAddressFiller(word.name) {
      return .addressFiller(at(word.range), verb, word.name)
    }
    return nil
  }

  /// `expect line contains "x"`: `current` is the pattern.
  private mutating func rejectComparison(_ row: VerbRow) throws(Abandoned) {
    guard case .value(.pattern) = row.operand, current.kind == .name, ForeignWords.isComparison(name(current)) else {
      return
    }
    switch peek().kind {
    case .quote, .mark(.slash):
      throw fail { .extraComparison($0.at($0.current.range), row.verb.rawValue, $0.name($0.current)) }
    default: return
    }
  }

  // MARK: - Addresses

  // address = BARE | arg [ arg ] ;
  private mutating func parseAddress(
    of row: VerbRow, _ word: String, _ phrase: inout Phrase
  ) throws(Abandoned) -> AddressOperand {
    let host: Expression
    if let end = bareAddressEnd(from: current.start) {
      let address = try parseBareAddress(to: end, isProxy: word == OptionWord.through.rawValue)
      guard case .value(let value) = address else { return address }
      host = value
    } else {
      if let place = bareHostWithoutPort() ?? hostNameWithoutPort() {
        throw fail { .addressWithoutPort($0.at(place), $0.source.text(place)) }
      }
      try rejectForeignAddress(of: row)
      host = try parseValue(of: word, "an address", &phrase)
      if case .string = host { checkAddressText(host, isProxy: word == OptionWord.through.rawValue) }
    }
    guard startsOperand(current), !isAt(.slash) else { return .value(host) }
    if let option = optionWord(current), row.option(option) != nil, !phrase.has(option) { return .value(host) }
    let port = try parseOperand()
    phrase.height = max(phrase.height, height)
    return .hostAndPort(host, port)
  }

  /// `/run/x`, `unix /run/x`, and a word before `localhost:25`.
  private mutating func rejectForeignAddress(of row: VerbRow) throws(Abandoned) {
    if let told = foreignAddress(of: row) { throw fail { _ in told } }
  }

  /// `connect "http://a.test/"`
  private mutating func checkAddressText(_ host: Expression, isProxy: Bool) {
    guard case .string(let bytes, let place) = host,
      let address = ForeignAddress.cure(for: String(decoding: bytes, as: UTF8.self), isProxy: isProxy)
    else { return }
    report { .foreignAddress($0.at(place), isPath: bytes.first == UInt8(ascii: "/"), "\"\(address)\"") }
  }

  private mutating func foreignAddress(of row: VerbRow) -> Diagnostic? {
    if isAt(.slash) {
      let path = SourceRange(current.start, wordEnd(from: current.start))
      return .foreignAddress(at(path), isPath: true, "unix:\(source.text(path))")
    }
    guard current.kind == .name, Lexer.isBlank(lexer.byte(current.end)) else { return nil }
    let next = peek()
    if name(current) == "unix", next.kind == .mark(.slash), !Lexer.isBlank(lexer.byte(next.end)) {
      let path = SourceRange(next.start, wordEnd(from: next.start))
      return .foreignAddress(
        at(SourceRange(current.start, Int(path.upper))), isPath: true, "unix:\(source.text(path))")
    }
    if ForeignWords.isAddressFiller(name(current)), bareAddressEnd(from: next.start) != nil {
      return .addressFiller(at(current.range), row.verb.rawValue, name(current))
    }
    return nil
  }

  private func wordEnd(from start: Int) -> Int {
    var end = start
    while !isWordEnd(end) { end += 1 }
    return end
  }

  /// `127.0.0.1`, which lexes as two numbers.
  private func bareHostWithoutPort() -> SourceRange? {
    guard current.kind == .number else { return nil }
    var end = current.start
    var dots = 0
    while Lexer.isDigit(lexer.byte(end)) || lexer.byte(end) == UInt8(ascii: ".") {
      if lexer.byte(end) == UInt8(ascii: ".") { dots += 1 }
      end += 1
    }
    return dots == 3 ? SourceRange(current.start, end) : nil
  }

  /// `example.org`, which is no value that a script has.
  private func hostNameWithoutPort() -> SourceRange? {
    var end = current.start
    var dots = 0
    while Lexer.continuesWord(lexer.byte(end)) || lexer.byte(end) == UInt8(ascii: ".") || lexer.byte(end) == 0x2D {
      if lexer.byte(end) == UInt8(ascii: ".") { dots += 1 }
      end += 1
    }
    guard dots > 0, isWordEnd(end) else { return nil }
    let labels = lexer.bytes[current.start..<end].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let last = labels.last, topLevelDomains.contains(String(decoding: last, as: UTF8.self)) else { return nil }
    return SourceRange(current.start, end)
  }

  private func isWordEnd(_ offset: Int) -> Bool {
    switch lexer.byte(offset) {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ";"), 0: true
    default: false
    }
  }

  // MARK: - The phrase as a whole

  private mutating func checkPhrase(
    _ row: VerbRow, _ phrase: Phrase, _ verbToken: Token, receiver: Expression?
  ) throws(Abandoned) {
    let verb = row.verb.rawValue
    if let receiver, row.receiver == .none {
      report { .verbWithoutChannel($0.at(receiver.range.joined(verbToken.range)), verb) }
    }
    for option in phrase.options {
      guard let rule = row.option(option.word) else { continue }
      if rule.data == .instead, let data = phrase.data {
        report { .dataExcluded($0.at(data), verb, option.word.rawValue) }
      }
      if !rule.needs.isEmpty, !rule.needs.contains(where: phrase.has) {
        report { .optionNeeds($0.at(option.range), verb, option.word.rawValue, rule.needs.map(\.rawValue)) }
      }
      if let other = phrase.options.first(where: { rule.excludes.contains($0.word) }) {
        report { .optionsExclude($0.at(other.range), verb, option.word.rawValue, other.word.rawValue) }
      }
    }
    if row.requiresOption, phrase.options.isEmpty {
      report { .optionMissing($0.at(verbToken.range), row) }
    }
    if let what = missingData(row, phrase) {
      let ambiguous = phrase.options.last { row.option($0.word)?.argument.isNothing ?? false }
      report {
        .dataMissing($0.at(verbToken.range), verb, what, example: row.example, swallowed: ambiguous?.word.rawValue)
      }
    }
  }

  /// What the verb needs and has not got.
  private func missingData(_ row: VerbRow, _ phrase: Phrase) -> String? {
    guard phrase.operands.isEmpty, phrase.address == nil, phrase.word == nil else { return nil }
    for option in phrase.options {
      if let rule = row.option(option.word), rule.data != .beside { return nil }
    }
    return row.operand.required
  }
}

/// Endings of host names that no property of a value has.
private let topLevelDomains: Set<String> = ["com", "org", "net", "edu", "gov", "io", "dev", "example", "test", "local"]

extension OptionArgument {
  fileprivate var isNothing: Bool { if case .nothing = self { true } else { false } }
}
