// `message` and its fields, and what `send` and `expect message` make of one.

extension Parser {
  // 'message' NAME [ '(' [ WORD { ',' WORD } ] ')' ] NL { [ field ] NL } 'end'
  /// `current` is the word `message`, and a name stands behind it, or should.
  mutating func parseMessage() throws(Abandoned) -> Statement {
    try checkDepth()
    let opener = current
    advance()
    let nameToken = current
    let parsed = head { parser throws(Abandoned) -> (NameDeclaration, [MessageParameter]) in
      guard parser.current.isWord else { throw parser.messageNameMissing() }
      let name = try parser.parseNameDeclaration()
      let parameters = try parser.parseMessageParameters()
      parser.takeBraceOnLine()
      return (name, parameters)
    }
    takeBraceOnNextLine()
    let fields = parseFields(opener)
    if isAt(.end) || isClosedByBrace { parseEnd(opener) }
    let (name, parameters) = parsed ?? (NameDeclaration(name: self.name(nameToken), range: nameToken.range), [])
    let range = range(from: opener.start)
    return Statement(
      .message(MessageDeclaration(name: name, parameters: parameters, fields: fields, range: range)), range: range)
  }

  private mutating func parseMessageParameters() throws(Abandoned) -> [MessageParameter] {
    guard isAt(.leftParenthesis) else { return [] }
    let bracket = current
    open()
    var parameters: [MessageParameter] = []
    while current.isWord {
      parameters.append(MessageParameter(name: name(current), range: current.range))
      advance()
      guard skip(.comma) else { break }
    }
    try close(.rightParenthesis, opener: bracket)
    return parameters
  }

  // MARK: - Braces, as other languages have them

  /// `message {`: the brace is no second mistake.
  private mutating func messageNameMissing() -> Abandoned {
    let error = unexpected("a name for the message")
    if isAt(.leftBrace) { skipBraceOnLine() }
    return error
  }

  /// `message Packet { kind u8 }`, with fields behind the `{`: the line is not read.
  private mutating func takeBraceOnLine() {
    guard isAt(.leftBrace), !peek().endsStatement else { return }
    report { .braceBlock($0.at($0.current.range)) }
    skipBraceOnLine()
  }

  private mutating func skipBraceOnLine() {
    var depth = 0
    while !current.endsStatement || depth > 0 && current.kind == .semicolon {
      if isAt(.leftBrace) { depth += 1 } else if isAt(.rightBrace) { depth -= 1 }
      advance()
    }
    if depth > 0 { pendingBrace = true } else { isClosedByBrace = true }
  }

  private mutating func takeBraceOnNextLine() {
    guard !pendingBrace, !isClosedByBrace, current.kind == .lineEnd, peek().kind == .mark(.leftBrace) else { return }
    advance()
    report { .braceBlock($0.at($0.current.range)) }
    advance()
    pendingBrace = true
  }

  /// Whether the next line begins as a field does: two words, of which the second one is a type.
  func isFieldOnNextLine(behind lineEnd: Int) -> Bool {
    let line = lexer.bytes[lineEnd...].drop { Lexer.isBlank($0) || $0 == 0x0A || $0 == 0x0D }.prefix { $0 != 0x0A }
    let words = line.split { Lexer.isBlank($0) }.prefix(2).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 2, words[0].utf8.allSatisfy(Lexer.continuesWord) else { return false }
    let type = words[1].prefix { $0 != ":" }
    return BinaryFormat.kind(words[1]) != nil || MessageType.words.contains(String(type))
      || BinaryFormat.count(type[...]) != nil
  }

  private mutating func parseFields(_ opener: Token) -> [MessageField] {
    let block = Opener(token: opener, terminators: [.end], hasBrace: takeBrace())
    if isClosedByBrace { return [] }
    let told = diagnostics.count
    // In braces fields are written as in another language: that they are is one mistake.
    defer { if block.hasBrace { forgetDiagnostics(from: told) } }
    openers.append(block)
    defer { openers.removeLast() }
    var fields: [MessageField] = []
    while true {
      while current.kind == .lineEnd || current.kind == .semicolon { advance() }
      if isAt(.end) { return fields }
      if block.hasBrace, isAt(.rightBrace) {
        advance()
        isClosedByBrace = true
        return fields
      }
      if current.kind == .endOfFile {
        if notesEnd { notes.isSettled = true }
        reportUnclosed(block)
        return fields
      }
      if case .keyword = current.kind, !isFieldName() {
        report {
          .unclosedBlock(
            $0.at(opener.range), $0.text(opener), note: .reached($0.text($0.current), line: $0.line(of: $0.current)))
        }
        // What stands here has its own `end`, and the message none.
        return fields
      }
      let start = current.start
      do {
        fields += try parseField()
      } catch {
        recover(from: start)
        if current.start == start, !current.endsStatement { advance() }
      }
    }
  }

  /// `retry u32`: a word of the language is a field's name, and begins no statement.
  private mutating func isFieldName() -> Bool {
    let next = peek()
    if next.kind == .mark(.comma) { return true }
    return next.kind == .name && (BinaryFormat.kind(name(next)) != nil || MessageType.words.contains(name(next)))
  }

  // field = WORD { ',' WORD } type [ ( '=' | 'default' ) or ] [ 'if' or ] ;
  private mutating func parseField() throws(Abandoned) -> [MessageField] {
    var names: [(name: String?, range: SourceRange)] = []
    repeat {
      if !names.isEmpty { skipLineEnds() }
      guard current.isWord else { throw unexpected("a field's name") }
      let word = name(current)
      names.append((word == "_" ? nil : word, current.range))
      advance()
    } while skip(.comma)
    let type = try parseMessageType()
    let isDefault = current.kind == .name && name(current) == "default"
    if isDefault { advance() }
    let value = isDefault || skip(.assign) ? try parseInfix(.or, allowsStep: false) : nil
    let condition = skip(.if) ? try parseInfix(.or, allowsStep: false) : nil
    try endStatement(after: condition ?? value)
    return names.map { name, range in
      MessageField(name: name, nameRange: range, type: type, value: value, isDefault: isDefault, condition: condition)
    }
  }

  // type = TYPE | 'bits' INT | ( 'bytes' | 'text' ) [ bits ] | COUNT ':' ( 'bytes' | 'text' | counted ) | 'line' | 'ber'
  //      | 'protobuf' [ INT [ 'repeated' | 'packed' ] type ]
  //      | 'list' 'of' type ( 'count' bits | 'size' bits | 'until' arg | 'rest' ) | 'choose' bits ':' choice { ',' choice } | 'nil'
  //      | [ 'whole' ] NAME [ '.' NAME ] [ '(' bits { ',' bits } ')' ] ;
  private mutating func parseMessageType() throws(Abandoned) -> MessageType {
    try descend()
    defer { depth -= 1 }
    let start = current.start
    expect(.words(MessageType.words))
    if skip(.nil) { return MessageType(.nothing, range: range(from: start)) }
    guard current.kind == .name else { throw unexpected("a type, as `u16`, `bytes 4` or the name of a message") }
    let word = name(current)
    advance()
    let kind: MessageType.Kind
    switch word {
    case "bit": kind = .word(.bits(1))
    case "bits": kind = .word(.bits(try parseBitCount()))
    case "rest": kind = .bytes(nil, isText: false)
    case "bytes", "text": kind = .bytes(try parseSize(), isText: word == "text")
    case "line": kind = .line
    case "ber": kind = .ber
    case "protobuf": kind = try parseNumbered()
    case "list": kind = try parseList()
    case "choose": kind = try parseTaggedChoice()
    case "whole" where current.kind == .name: kind = .whole(try parseMessageType())
    default: kind = try parseNamedType(word, start: start)
    }
    return MessageType(kind, range: range(from: start))
  }

  /// Behind `protobuf`: a field's number and type, or nothing.
  private mutating func parseNumbered() throws(Abandoned) -> MessageType.Kind {
    guard current.kind == .number else { return .protobuf }
    // Protobuf's encoding: three bits of a field's 32 are its wire type's.
    guard let number = Int(text(current)), (1..<1 << 29).contains(number) else {
      throw unexpected("the number of a field of protobuf, 1 to 536870911")
    }
    advance()
    var repetition = MessageRepetition.once
    if current.kind == .name, let word = MessageRepetition.words[name(current)] {
      repetition = word
      advance()
    }
    return .numbered(number, repetition, try parseMessageType())
  }

  private mutating func parseNamedType(_ word: String, start: Int) throws(Abandoned) -> MessageType.Kind {
    if let count = BinaryFormat.count(word[...]), isAt(.colon) {
      let what = peek()
      let isText = name(what) == "text"
      if what.kind == .name, isText || name(what) == "bytes" {
        advance()
        advance()
        return .counted(count, isText: isText)
      }
      advance()
      return try parsePrefixed(count)
    }
    if let kind = BinaryFormat.kind(word) { return .word(kind) }
    var message = Expression.name(NameReference(name: word, range: SourceRange(start, previousEnd)))
    if isAt(.dot), isTouching {
      advance()
      guard current.isWord else { throw unexpected("the name of a message") }
      let place = current.range
      message = .member(
        MemberReference(base: message, name: name(current), nameRange: place, range: SourceRange(start, current.end)))
      advance()
    }
    var arguments: [Expression] = []
    if isAt(.leftParenthesis), isTouching {
      let bracket = current
      open()
      while !isAt(.rightParenthesis) {
        arguments.append(try parseInfix(.bitOr, allowsStep: false))
        guard skip(.comma) else { break }
      }
      try close(.rightParenthesis, opener: bracket)
    }
    return .message(message, arguments)
  }

  // counted = 'list' 'of' type ( 'count' | 'size' ) | NAME [ '.' NAME ] [ '(' bits { ',' bits } ')' ] ;
  /// A list or a message behind the number of its elements or bytes.
  private mutating func parsePrefixed(_ count: BinaryFormat.Count) throws(Abandoned) -> MessageType.Kind {
    let start = current.start
    guard current.kind == .name, name(current) == "list" else {
      guard current.kind == .name, BinaryFormat.kind(name(current)) == nil,
        !MessageType.words.contains(name(current))
      else { throw unexpected("`bytes`, `text`, `list of …` or the name of a message") }
      return .prefixed(count, try parseMessageType(), counts: false)
    }
    advance()
    let element = try parseElementType()
    let word = current.kind == .name ? name(current) : ""
    guard ["count", "size"].contains(word) else {
      throw unexpected("what the number in front is: `count`, of elements, or `size`, in bytes")
    }
    advance()
    return .prefixed(
      count, MessageType(.list(of: element, .rest), range: range(from: start)), counts: word == "count")
  }

  private mutating func parseBitCount() throws(Abandoned) -> Int {
    guard current.kind == .number, let count = Int(text(current)), (1...63).contains(count) else {
      throw unexpected("a number of bits, 1 to 63")
    }
    advance()
    return count
  }

  /// The size behind `bytes` and `text`; nil: all that is left.
  private mutating func parseSize() throws(Abandoned) -> Expression? {
    guard startsOperand(current) else { return nil }
    // `list of bytes rest`, `list of text count 3`
    if current.kind == .name,
      name(current) == "rest" || ["count", "size", "until", "default"].contains(name(current)) && startsOperand(peek()) {
      return nil
    }
    return try parseInfix(.bitOr, allowsStep: false)
  }

  private mutating func parseElementType() throws(Abandoned) -> MessageType {
    guard current.kind == .name, name(current) == "of" else { throw unexpected("`of` and what it is a list of") }
    advance()
    return try parseMessageType()
  }

  private mutating func parseList() throws(Abandoned) -> MessageType.Kind {
    let element = try parseElementType()
    let word = current.kind == .name ? name(current) : ""
    guard ["count", "size", "until", "rest"].contains(word) else {
      throw unexpected("where the list ends: `count N`, `size BYTES`, `until ELEMENT` or `rest`")
    }
    advance()
    switch word {
    case "count": return .list(of: element, .count(try parseInfix(.bitOr, allowsStep: false)))
    case "size": return .list(of: element, .size(try parseInfix(.bitOr, allowsStep: false)))
    case "until": return .list(of: element, .until(try parseInfix(.range, allowsStep: false)))
    default: return .list(of: element, .rest)
    }
  }

  // choice = arg { ',' arg } type | 'else' type ;
  private mutating func parseTaggedChoice() throws(Abandoned) -> MessageType.Kind {
    let tag = try parseInfix(.bitOr, allowsStep: false)
    guard skip(.colon) else { throw unexpected("`:` and the values of the field, each with a type") }
    skipLineEnds()
    var cases: [MessageCase] = []
    while true {
      if skip(.else) { return .choice(tag, cases, otherwise: try parseMessageType()) }
      var tags: [Expression] = []
      repeat {
        if !tags.isEmpty { skipLineEnds() }
        tags.append(try parseInfix(.range, allowsStep: false))
      } while skip(.comma)
      cases.append(MessageCase(tags: tags, type: try parseMessageType()))
      guard skip(.comma) else { return .choice(tag, cases, otherwise: nil) }
      skipLineEnds()
    }
  }

  // template = postfix map ;
  /// `current` is the `{` behind the only operand, which begins at `start`: they become one.
  mutating func parseTemplate(_ operands: inout [Expression], start: Int) throws(Abandoned) {
    guard let message = operands.last else { return }
    switch message {
    case .name, .member: break
    default: return
    }
    let fields = try parseMap()
    operands[operands.count - 1] = .template(
      MessageTemplate(message: message, fields: fields, range: range(from: start)))
  }
}
