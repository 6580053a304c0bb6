// From bytes to tokens, one at a time. The lexer says nothing about errors: what it cannot read is a token of
// kind `unknown`, and the parser, which knows what was due, gives the diagnostic.

struct Lexer {
  let bytes: [UInt8]
  /// Where the next token is looked for. The parser moves it back to read the same bytes as an address or a regex.
  var position: Int
  /// Inside brackets a line end is a blank …
  var bracketDepth = 0
  /// … except in a hole of a string, which ends with its line.
  var holeDepth = 0
  var names = NameTable.known
  /// What has been read, comments too.
  var tokens: [Token] = []
  /// The text ends with a `\`.
  private(set) var endsInContinuation = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark is no text.
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    tokens.reserveCapacity(bytes.count / 6)
  }

  /// The byte there, or 0 behind the end.
  @inline(__always) func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  mutating func next() -> Token {
    skipBlanks()
    let start = position
    guard start < bytes.count else { return Token(.endOfFile, bytes.count, bytes.count) }
    let first = bytes[start]
    if Lexer.startsWord(first) { return word(from: start) }
    if Lexer.isDigit(first) { return number(from: start) }
    switch first {
    case 0x0A: return token(.lineEnd, 1)
    case UInt8(ascii: "\r"): return byte(start + 1) == 0x0A ? token(.lineEnd, 2) : token(.unknown, 1)
    case UInt8(ascii: ";"): return token(.semicolon, 1)
    case UInt8(ascii: "\""):
      if byte(start + 1) == 0x22, byte(start + 2) == 0x22 { return token(.quote(.block), 3) }
      return token(.quote(.double), 1)
    case UInt8(ascii: "'"): return token(.quote(.single), 1)
    default: return mark(first)
    }
  }

  // MARK: - Pieces

  @inline(__always) private mutating func token(_ kind: Token.Kind, _ length: Int) -> Token {
    let start = position
    position += length
    return Token(kind, start, position)
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): position += 1
      case UInt8(ascii: "#"):
        let start = position
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        let end = bytes[position - 1] == 0x0D ? position - 1 : position
        tokens.append(Token(.comment, start, end))
      case 0x0A where bracketDepth > 0 && holeDepth == 0: position += 1
      case 0x0D where bracketDepth > 0 && holeDepth == 0 && byte(position + 1) == 0x0A: position += 2
      case UInt8(ascii: "\\"):
        if position + 1 == bytes.count {
          position += 1
        } else if byte(position + 1) == 0x0A {
          position += 2
        } else if byte(position + 1) == 0x0D, byte(position + 2) == 0x0A {
          position += 3
        } else {
          return
        }
        endsInContinuation = bytes[position...].allSatisfy { $0 == 0x20 || $0 == 0x09 }
      default: return
      }
    }
  }

  private mutating func word(from start: Int) -> Token {
    var end = start
    var hash = NameTable.hashSeed
    while end < bytes.count, Lexer.continuesWord(bytes[end]) {
      hash = NameTable.hash(hash, bytes[end])
      end += 1
    }
    position = end
    if end == start + 1, bytes[start] == UInt8(ascii: "x"), byte(end) == 0x22 {
      position = end + 1
      return Token(.quote(.hex), start, position)
    }
    let symbol = names.symbol(bytes, start, end, hash: hash)
    let number = Int(symbol)
    let keywords = NameTable.keywords
    if number < keywords.count { return Token(.keyword(keywords[number]), start, end, symbol: symbol) }
    let verbs = NameTable.verbs
    if number < keywords.count + verbs.count {
      return Token(.verb(verbs[number - keywords.count]), start, end, symbol: symbol)
    }
    return Token(.name, start, end, symbol: symbol)
  }

  /// Digits, a fraction, and whatever letters touch them: `NumberLiteral` judges it.
  private mutating func number(from start: Int) -> Token {
    var end = start
    while Lexer.continuesWord(byte(end)) { end += 1 }
    if byte(end) == UInt8(ascii: "."), Lexer.isDigit(byte(end + 1)),
      bytes[start..<end].allSatisfy({ Lexer.isDigit($0) || $0 == 0x5F })
    {
      end += 1
      while Lexer.continuesWord(byte(end)) { end += 1 }
    }
    position = end
    return Token(.number, start, end)
  }

  private mutating func mark(_ first: UInt8) -> Token {
    let second = byte(position + 1)
    switch first {
    case UInt8(ascii: "("): return token(.mark(.leftParenthesis), 1)
    case UInt8(ascii: ")"): return token(.mark(.rightParenthesis), 1)
    case UInt8(ascii: "["): return token(.mark(.leftBracket), 1)
    case UInt8(ascii: "]"): return token(.mark(.rightBracket), 1)
    case UInt8(ascii: "{"): return token(.mark(.leftBrace), 1)
    case UInt8(ascii: "}"): return token(.mark(.rightBrace), 1)
    case UInt8(ascii: ","): return token(.mark(.comma), 1)
    case UInt8(ascii: ":"): return token(.mark(.colon), 1)
    case UInt8(ascii: "."):
      guard second == UInt8(ascii: ".") else { return token(.mark(.dot), 1) }
      return byte(position + 2) == UInt8(ascii: "<") ? token(.mark(.openRange), 3) : token(.mark(.range), 2)
    case UInt8(ascii: "+"): return second == UInt8(ascii: "=") ? token(.mark(.addAssign), 2) : token(.mark(.plus), 1)
    case UInt8(ascii: "-"):
      return second == UInt8(ascii: "=") ? token(.mark(.subtractAssign), 2) : token(.mark(.minus), 1)
    case UInt8(ascii: "*"):
      return second == UInt8(ascii: "=") ? token(.mark(.multiplyAssign), 2) : token(.mark(.star), 1)
    case UInt8(ascii: "/"): return token(.mark(.slash), 1)
    case UInt8(ascii: "%"):
      return second == UInt8(ascii: "=") ? token(.mark(.remainderAssign), 2) : token(.mark(.percent), 1)
    case UInt8(ascii: "^"): return second == UInt8(ascii: "=") ? token(.mark(.xorAssign), 2) : token(.mark(.caret), 1)
    case UInt8(ascii: "~"): return token(.mark(.tilde), 1)
    case UInt8(ascii: "="):
      if second == UInt8(ascii: "=") { return token(.mark(.equal), 2) }
      return second == UInt8(ascii: "~") ? token(.mark(.matches), 2) : token(.mark(.assign), 1)
    case UInt8(ascii: "!"):
      if second == UInt8(ascii: "=") { return token(.mark(.notEqual), 2) }
      return second == UInt8(ascii: "~") ? token(.mark(.matchesNot), 2) : token(.unknown, 1)
    case UInt8(ascii: "<"):
      if second == UInt8(ascii: "<") {
        let isUpdate = byte(position + 2) == UInt8(ascii: "=")
        return isUpdate ? token(.mark(.shiftLeftAssign), 3) : token(.mark(.shiftLeft), 2)
      }
      return second == UInt8(ascii: "=") ? token(.mark(.lessOrEqual), 2) : token(.mark(.less), 1)
    case UInt8(ascii: ">"):
      if second == UInt8(ascii: ">") {
        let isUpdate = byte(position + 2) == UInt8(ascii: "=")
        return isUpdate ? token(.mark(.shiftRightAssign), 3) : token(.mark(.shiftRight), 2)
      }
      return second == UInt8(ascii: "=") ? token(.mark(.greaterOrEqual), 2) : token(.mark(.greater), 1)
    case UInt8(ascii: "&"):
      if second == UInt8(ascii: "=") { return token(.mark(.andAssign), 2) }
      return second == UInt8(ascii: "&") ? token(.unknown, 2) : token(.mark(.ampersand), 1)
    case UInt8(ascii: "|"):
      if second == UInt8(ascii: "=") { return token(.mark(.orAssign), 2) }
      return second == UInt8(ascii: "|") ? token(.unknown, 2) : token(.mark(.bar), 1)
    default: return token(.unknown, characterLength(at: position))
    }
  }

  /// The length of the UTF-8 sequence there; 1 for what is none.
  private func characterLength(at offset: Int) -> Int {
    let first = bytes[offset]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    guard offset + length <= bytes.count else { return 1 }
    for more in bytes[(offset + 1)..<(offset + length)] where more & 0xC0 != 0x80 { return 1 }
    return length
  }

  // MARK: - Classes of bytes

  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  @inline(__always) static func startsWord(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == 0x5F }
  @inline(__always) static func continuesWord(_ byte: UInt8) -> Bool { startsWord(byte) || isDigit(byte) }
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  /// `line[0]` and `line.x` are uses of a name: a row's word has a blank behind it, or the end of something.
  static func endsWord(_ bytes: [UInt8], at offset: Int) -> Bool {
    guard offset < bytes.count else { return true }
    switch bytes[offset] {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")"), UInt8(ascii: "]"),
      UInt8(ascii: "}"):
      return true
    default: return false
    }
  }
  /// The value of a hexadecimal digit.
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
