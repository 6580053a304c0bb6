// Literals: numbers, the four kinds of strings, regular expressions, bare addresses, and the holes in them.

extension Parser {
  // NUMBER: see NumberLiteral.
  /// `current` is the number; `start` is where it, or the minus that touches it, begins.
  mutating func parseNumber(from start: Int, isNegative: Bool) throws(Abandoned) -> Expression {
    let token = current
    height = 1
    advance()
    let place = range(from: start)
    switch NumberLiteral.value(of: source.bytes(in: token.range), isNegative: isNegative) {
    case .success(.integer(let value)): return .integer(value, place)
    case .success(.float(let value)): return .float(value, place)
    case .failure(let mistake):
      report { .badNumber($0.at(place), $0.text(token), mistake) }
      return .invalid(place)
    }
  }

  // STRING, HEX, BLOCK
  /// `current` opens the string.
  mutating func parseString(_ quote: Token.Quote) throws(Abandoned) -> Expression {
    height = 1
    switch quote {
    case .double: return try parseQuoted()
    case .single: return try parseRaw()
    case .hex: return try parseHex()
    case .block: return try parseBlockString()
    }
  }

  // "'" { ?any but ' and a line end? } "'"
  private mutating func parseRaw() throws(Abandoned) -> Expression {
    let opener = current
    var end = opener.end
    while end < lexer.bytes.count, lexer.bytes[end] != UInt8(ascii: "'"), lexer.bytes[end] != 0x0A { end += 1 }
    guard lexer.byte(end) == UInt8(ascii: "'") else { throw unclosedString(opener, end: end) }
    let bytes = Array(lexer.bytes[opener.end..<end])
    advance(over: .string, to: end + 1)
    return .string(bytes, range(from: opener.start))
  }

  // HEX = 'x"' { ' ' | HEXDIGIT HEXDIGIT } '"' ;      (line ends count as blanks)
  private mutating func parseHex() throws(Abandoned) -> Expression {
    let opener = current
    var bytes: [UInt8] = []
    var offset = opener.end
    var high: UInt8?
    var firstBad: Int?
    let firstLineEnd = lineEnd(from: opener.end)
    while offset < lexer.bytes.count, lexer.bytes[offset] != 0x22 {
      let byte = lexer.bytes[offset]
      if let digit = Lexer.hexDigit(byte) {
        if let first = high {
          bytes.append(first << 4 | digit)
          high = nil
        } else {
          high = digit
        }
      } else if Lexer.isBlank(byte) || byte == 0x0A || byte == 0x0D {
        if high != nil { firstBad = firstBad ?? offset - 1 }
        high = nil
      } else if offset > firstLineEnd {
        // So much text that is no hex below the opening quote: it has no closing one.
        throw unclosedString(opener, end: firstLineEnd)
      } else {
        firstBad = firstBad ?? offset
      }
      // What is no hex may well be the rest of a line whose closing quote is missing.
      if firstBad != nil, byte == 0x0A { break }
      offset += 1
    }
    guard lexer.byte(offset) == 0x22 else {
      throw unclosedString(opener, end: lineEnd(from: opener.end))
    }
    if high != nil { firstBad = firstBad ?? offset - 1 }
    advance(over: .string, to: offset + 1)
    if let firstBad { report { .badHexString($0.at(SourceRange(firstBad, firstBad + 1))) } }
    return .string(bytes, range(from: opener.start))
  }

  // '"' { ESCAPE | HOLE | ?any but " \ and a line end? } '"'
  private mutating func parseQuoted() throws(Abandoned) -> Expression {
    let opener = current
    var text = TextBuffer()
    var offset = opener.end
    scan: while true {
      let run = offset
      while offset < lexer.bytes.count {
        let byte = lexer.bytes[offset]
        if byte == 0x22 || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "$") || byte == 0x0A { break }
        offset += 1
      }
      text.bytes.append(contentsOf: lexer.bytes[run..<offset])
      guard offset < lexer.bytes.count else { throw unclosedString(opener, end: offset) }
      switch lexer.bytes[offset] {
      case 0x22: break scan
      case UInt8(ascii: "\\"):
        if lexer.byte(offset + 1) == 0x0A || lexer.byte(offset + 1) == 0x0D || offset + 1 == lexer.bytes.count {
          throw unclosedString(opener, end: offset + 1)
        }
        offset = readEscape(at: offset, into: &text)
      case UInt8(ascii: "$"):
        guard lexer.byte(offset + 1) == UInt8(ascii: "{") else {
          text.bytes.append(UInt8(ascii: "$"))
          offset += 1
          continue
        }
        text.add(try parseHole(&offset))
      default: throw unclosedString(opener, end: offset)
      }
    }
    advance(over: .string, to: offset + 1)
    height = text.height + 1
    return text.expression(range(from: opener.start))
  }

  private mutating func unclosedString(_ opener: Token, end: Int) -> Abandoned {
    expectRest(of: opener, end: end)
    let isCR = end > opener.end && lexer.bytes[end - 1] == 0x0D
    report { .unclosedString($0.at(SourceRange(opener.start, isCR ? end - 1 : end)), quote: $0.text(opener)) }
    skipToLineEnd(opener)
    return Abandoned()
  }

  func lineEnd(from start: Int) -> Int {
    var offset = start
    while offset < lexer.bytes.count, lexer.bytes[offset] != 0x0A { offset += 1 }
    return offset
  }

  /// The rest of the line belongs to a literal without an end.
  private mutating func skipToLineEnd(_ opener: Token) {
    lexer.bracketDepth = 0
    lexer.holeDepth = 0
    var end = lineEnd(from: opener.end)
    if end > opener.end, lexer.bytes[end - 1] == 0x0D, end < lexer.bytes.count { end -= 1 }
    current = opener
    advance(over: .string, to: end)
  }

  // MARK: - Escapes

  // ESCAPE = '\' ( 'r' | 'n' | 't' | '0' | 'e' | '\' | '"' | '$' | 'x' HEXDIGIT HEXDIGIT
  //        | 'u{' HEXDIGIT { HEXDIGIT } '}' ) ;
  /// Appends what the escape at `offset` stands for; answers where it ends.
  private mutating func readEscape(at offset: Int, into text: inout TextBuffer) -> Int {
    switch lexer.byte(offset + 1) {
    case UInt8(ascii: "r"): text.bytes.append(0x0D)
    case UInt8(ascii: "n"): text.bytes.append(0x0A)
    case UInt8(ascii: "t"): text.bytes.append(0x09)
    case UInt8(ascii: "0"):
      if Lexer.isDigit(lexer.byte(offset + 2)) {
        report { .unknownEscape($0.at(SourceRange(offset, offset + 3)), $0.text(offset, 3)) }
      }
      text.bytes.append(0x00)
    case UInt8(ascii: "e"): text.bytes.append(0x1B)
    case UInt8(ascii: "\\"): text.bytes.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "\""): text.bytes.append(0x22)
    case UInt8(ascii: "$"): text.bytes.append(UInt8(ascii: "$"))
    case UInt8(ascii: "x"):
      guard let high = Lexer.hexDigit(lexer.byte(offset + 2)), let low = Lexer.hexDigit(lexer.byte(offset + 3)) else {
        report { .badHexEscape($0.at(SourceRange(offset, offset + 2))) }
        return offset + 2
      }
      text.bytes.append(high << 4 | low)
      return offset + 4
    case UInt8(ascii: "u"): return readUnicodeEscape(at: offset, into: &text)
    default:
      let length = 1 + characterLength(at: offset + 1)
      report { .unknownEscape($0.at(SourceRange(offset, offset + length)), $0.text(offset, length)) }
      return offset + length
    }
    return offset + 2
  }

  private mutating func readUnicodeEscape(at offset: Int, into text: inout TextBuffer) -> Int {
    var end = offset + 3
    var value: UInt32 = 0
    while end < offset + 10, let digit = Lexer.hexDigit(lexer.byte(end)) {
      value = value << 4 | UInt32(digit)
      end += 1
    }
    guard lexer.byte(offset + 2) == UInt8(ascii: "{"), lexer.byte(end) == UInt8(ascii: "}"), end > offset + 3,
      let scalar = Unicode.Scalar(value)
    else {
      if lexer.byte(offset + 2) == UInt8(ascii: "{"), lexer.byte(end) == UInt8(ascii: "}"), end > offset + 3 {
        report { .badUnicodeEscape($0.at(SourceRange(offset, end + 1)), isNoCharacter: true) }
        return end + 1
      }
      report { .badUnicodeEscape($0.at(SourceRange(offset, offset + 2))) }
      return offset + 2
    }
    text.bytes.append(contentsOf: Array(String(Character(scalar)).utf8))
    return end + 1
  }

  private func text(_ offset: Int, _ length: Int) -> String { source.text(SourceRange(offset, offset + length)) }

  private func characterLength(at offset: Int) -> Int {
    var end = offset + 1
    while end < lexer.bytes.count, lexer.bytes[end] & 0xC0 == 0x80, end < offset + 4 { end += 1 }
    return end - offset
  }

  // MARK: - Holes

  // HOLE = '${' expr '}' ;      (no line end inside)
  /// Reads the hole at `offset`, and moves `offset` behind it.
  private mutating func parseHole(_ offset: inout Int) throws(Abandoned) -> (Expression, height: Int) {
    let start = offset
    let outer = (current, previousEnd, lexer.bracketDepth, lexer.holeDepth)
    lexer.holeDepth += 1
    lexer.bracketDepth = 0
    lexer.position = start + 2
    previousEnd = start + 2
    current = lexer.next()
    try descend()
    defer { depth -= 1 }
    let hole: Expression
    if isAt(.rightBrace) {
      report { .emptyHole($0.at(SourceRange(start, $0.current.end))) }
      hole = .invalid(SourceRange(start, current.end))
    } else {
      hole = try parseExpression()
    }
    guard isAt(.rightBrace) else {
      // A quote is most likely the one that closes the string.
      if current.endsStatement || current.kind == .quote(.double) {
        throw fail { .unclosedHole($0.at(SourceRange(start, start + 2))) }
      }
      if current.kind == .unknown { throw fail { $0.unknown($0.current) } }
      throw fail {
        .bracketExpected(
          $0.at($0.current.range), "`}`", found: $0.describe($0.current), line: $0.source.position(of: start).line,
          cure: $0.formatCure(of: hole))
      }
    }
    offset = current.end
    (current, previousEnd, lexer.bracketDepth, lexer.holeDepth) = outer
    return (hole, height)
  }

  /// `${n:03d}`, as Python writes it.
  private func formatCure(of hole: Expression) -> Cure? {
    guard isAt(.colon) else { return nil }
    let marks = lexer.bytes[current.end...].prefix { $0 == UInt8(ascii: ".") || Lexer.continuesWord($0) }
    guard !marks.isEmpty, lexer.byte(current.end + marks.count) == UInt8(ascii: "}") else { return nil }
    let value = source.text(hole.range)
    return Cure("write `${format(\"%\(String(decoding: marks, as: UTF8.self))\", \(value))}`")
  }

  /// Where the hole that opens at `offset` ends, by its braces and quotes alone; nil if not on this line.
  private func holeEnd(from offset: Int) -> Int? {
    var offset = offset + 2
    var open = 1
    while offset < lexer.bytes.count {
      switch lexer.bytes[offset] {
      case UInt8(ascii: "{"): open += 1
      case UInt8(ascii: "}"):
        open -= 1
        if open == 0 { return offset + 1 }
      case 0x22, UInt8(ascii: "'"):
        let quote = lexer.bytes[offset]
        offset += 1
        while offset < lexer.bytes.count, lexer.bytes[offset] != quote, lexer.bytes[offset] != 0x0A {
          offset += lexer.bytes[offset] == UInt8(ascii: "\\") && quote == 0x22 ? 2 : 1
        }
      case 0x0A: return nil
      default: break
      }
      offset += 1
    }
    return nil
  }

  // MARK: - Blocks of text

  // BLOCK = '"""' ?line end? { ESCAPE | HOLE | ?any? } ?line end? { ' ' } '"""' ;
  private mutating func parseBlockString() throws(Abandoned) -> Expression {
    let opener = current
    guard let close = blockEnd(from: opener.end) else {
      report(isIncomplete: true) { .unclosedBlockString($0.at(opener.range)) }
      advance(over: .string, to: lexer.bytes.count)
      throw Abandoned()
    }
    var offset = opener.end
    while Lexer.isBlank(lexer.byte(offset)) || lexer.byte(offset) == 0x0D { offset += 1 }
    var margin = close
    while margin > opener.end, Lexer.isBlank(lexer.bytes[margin - 1]) { margin -= 1 }
    guard lexer.byte(offset) == 0x0A, margin > opener.end, lexer.bytes[margin - 1] == 0x0A else {
      let isOpening = lexer.byte(offset) != 0x0A
      report {
        .blockStringLayout($0.at(isOpening ? opener.range : SourceRange(close, close + 3)), isOpening: isOpening)
      }
      advance(over: .string, to: close + 3)
      return .invalid(range(from: opener.start))
    }
    let indentation = Array(lexer.bytes[margin..<close])
    var text = TextBuffer()
    offset += 1
    do {
      while offset < margin {
        offset = skipIndentation(indentation, at: offset)
        try readBlockLine(&offset, into: &text, end: margin)
      }
    } catch {
      // A bad hole is no reason to read the rest of the text as statements.
      leaveHoles(to: opener)
      advance(over: .string, to: close + 3)
      return .invalid(range(from: opener.start))
    }
    advance(over: .string, to: close + 3)
    height = text.height + 1
    return text.expression(range(from: opener.start))
  }

  /// Back from a hole that could not be read, to the string it stands in.
  private mutating func leaveHoles(to opener: Token) {
    guard current.kind != .endOfFile else { return }
    lexer.holeDepth = 0
    lexer.bracketDepth = 0
    current = opener
  }

  /// Where the closing quotes are. Quotes in holes, and behind a backslash, are none.
  private func blockEnd(from start: Int) -> Int? {
    var offset = start
    // Where a line ends that has an open hole: what follows on it is no hole either, and not looked at again.
    var openUntil = start
    while offset < lexer.bytes.count {
      switch lexer.bytes[offset] {
      case UInt8(ascii: "\\"): offset += 2
      case 0x22 where lexer.byte(offset + 1) == 0x22 && lexer.byte(offset + 2) == 0x22: return offset
      case UInt8(ascii: "$") where lexer.byte(offset + 1) == UInt8(ascii: "{") && offset >= openUntil:
        if let end = holeEnd(from: offset) {
          offset = end
        } else {
          openUntil = lineEnd(from: offset)
          offset += 2
        }
      default: offset += 1
      }
    }
    return nil
  }

  private mutating func skipIndentation(_ indentation: [UInt8], at offset: Int) -> Int {
    if lexer.bytes[offset...].starts(with: indentation) { return offset + indentation.count }
    var end = offset
    while Lexer.isBlank(lexer.byte(end)) { end += 1 }
    let isEmpty = lexer.byte(end) == 0x0A || (lexer.byte(end) == 0x0D && lexer.byte(end + 1) == 0x0A)
    if !isEmpty { report { .blockStringIndentation($0.at(SourceRange(offset, max(end, offset + 1)))) } }
    return end
  }

  private mutating func readBlockLine(
    _ offset: inout Int, into text: inout TextBuffer, end: Int
  ) throws(Abandoned) {
    while offset < end {
      let byte = lexer.bytes[offset]
      switch byte {
      case 0x0A:
        text.bytes.append(byte)
        offset += 1
        return
      // A source with CRLF line ends says the same as one with LF.
      case 0x0D where lexer.byte(offset + 1) == 0x0A: offset += 1
      case UInt8(ascii: "\\"):
        if lexer.byte(offset + 1) == 0x0A || lexer.byte(offset + 1) == 0x0D {
          report { .unknownEscape($0.at(SourceRange(offset, offset + 1)), "\\") }
          offset += 1
        } else {
          offset = readEscape(at: offset, into: &text)
        }
      case UInt8(ascii: "$") where lexer.byte(offset + 1) == UInt8(ascii: "{"):
        text.add(try parseHole(&offset))
      default:
        text.bytes.append(byte)
        offset += 1
      }
    }
  }

  // MARK: - Regular expressions

  // REGEX = '/' { '\' ?any? | HOLE | ?any but / and a line end? } '/' { 'i' | 'm' | 's' | 'x' } ;
  mutating func parseRegex() throws(Abandoned) -> Expression {
    let opener = current
    var text = TextBuffer()
    var offset = opener.end
    while lexer.byte(offset) != UInt8(ascii: "/") {
      guard offset < lexer.bytes.count, lexer.bytes[offset] != 0x0A else {
        let isComment =
          opener.start > 0 && opener.start == previousEnd && lexer.byte(opener.start - 1) == UInt8(ascii: "/")
        if isComment {
          report { .slashComment($0.at(SourceRange(opener.start - 1, opener.end))) }
        } else {
          report { .unclosedRegex($0.at(SourceRange(opener.start, max(opener.end, offset)))) }
        }
        skipToLineEnd(opener)
        throw Abandoned()
      }
      if lexer.bytes[offset] == UInt8(ascii: "\\"), offset + 1 < lexer.bytes.count, lexer.bytes[offset + 1] != 0x0A {
        text.bytes.append(contentsOf: lexer.bytes[offset..<(offset + 2)])
        offset += 2
      } else if lexer.bytes[offset] == UInt8(ascii: "$"), lexer.byte(offset + 1) == UInt8(ascii: "{") {
        text.add(try parseHole(&offset))
      } else {
        text.bytes.append(lexer.bytes[offset])
        offset += 1
      }
    }
    var end = offset + 1
    while Lexer.continuesWord(lexer.byte(end)) { end += 1 }
    let flags = Array(lexer.bytes[(offset + 1)..<end])
    advance(over: .regex, to: end)
    height = text.height + 1
    return .regex(RegexLiteral(parts: text.finished(), flags: flags, range: range(from: opener.start)))
  }

  // MARK: - Bare addresses

  // BARE = { HOLE | '[' { HOLE | ':' | '.' | '%' | LETTER | DIGIT } ']' | ?any but blank " ' ( ) [ ] { } , ;? } ;
  /// Where the bare address that starts at `start` ends; nil if none does. It needs a colon outside its holes.
  func bareAddressEnd(from start: Int) -> Int? {
    var offset = start
    var hasColon = false
    // `${address}` alone is what it holds.
    var isHole = false
    scan: while offset < lexer.bytes.count {
      switch lexer.bytes[offset] {
      case UInt8(ascii: ":"):
        hasColon = true
        offset += 1
      case UInt8(ascii: "$") where lexer.byte(offset + 1) == UInt8(ascii: "{"):
        guard let end = holeEnd(from: offset) else {
          // One that is still being written.
          return notesEnd && lineEnd(from: offset) == lexer.bytes.count ? lexer.bytes.count : nil
        }
        isHole = offset == start
        offset = end
      case UInt8(ascii: "[") where offset == start || lexer.bytes[offset - 1] == UInt8(ascii: ":"):
        guard let end = numericHostEnd(from: offset) else { return nil }
        hasColon = true
        offset = end
      case 0...0x20, 0x22, 0x27, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")"), UInt8(ascii: "]"): break scan
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "}"): return hasColon ? offset : nil
      default:
        isHole = false
        offset += 1
      }
    }
    return (hasColon || isHole) && offset > start ? offset : nil
  }

  /// The end of `[::1]`.
  private func numericHostEnd(from start: Int) -> Int? {
    var offset = start + 1
    while offset < lexer.bytes.count {
      switch lexer.bytes[offset] {
      case UInt8(ascii: "]"): return offset > start + 1 ? offset + 1 : nil
      case UInt8(ascii: "$") where lexer.byte(offset + 1) == UInt8(ascii: "{"):
        guard let end = holeEnd(from: offset) else { return nil }
        offset = end
      case UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "%"): offset += 1
      case let byte where Lexer.continuesWord(byte): offset += 1
      default: return nil
      }
    }
    return nil
  }

  mutating func parseBareAddress(to end: Int, isProxy: Bool) throws(Abandoned) -> AddressOperand {
    let start = current.start
    if let address = ForeignAddress.cure(for: source.text(SourceRange(start, end)), isProxy: isProxy) {
      report { .foreignAddress($0.at(SourceRange(start, end)), isPath: false, address) }
    }
    var text = TextBuffer()
    var offset = start
    while offset < end {
      if lexer.bytes[offset] == UInt8(ascii: "$"), lexer.byte(offset + 1) == UInt8(ascii: "{") {
        text.add(try parseHole(&offset))
      } else {
        text.bytes.append(lexer.bytes[offset])
        offset += 1
      }
    }
    advance(over: .address, to: max(offset, end))
    height = text.height + 1
    let parts = text.finished()
    if parts.count == 1, case .hole(let value) = parts[0] { return .value(value) }
    return .bare(parts, range(from: start))
  }
}

/// The parts of a literal as they are read.
private struct TextBuffer {
  /// What has been read since the last hole.
  var bytes: [UInt8] = []
  private(set) var parts: [StringPart] = []
  /// The height of the highest hole.
  private(set) var height = 0

  mutating func add(_ hole: (Expression, height: Int)) {
    if !bytes.isEmpty { parts.append(.bytes(bytes)) }
    bytes = []
    parts.append(.hole(hole.0))
    height = max(height, hole.height)
  }

  func finished() -> [StringPart] { bytes.isEmpty ? parts : parts + [.bytes(bytes)] }

  func expression(_ range: SourceRange) -> Expression {
    parts.isEmpty ? .string(bytes, range) : .interpolation(finished(), range)
  }
}
