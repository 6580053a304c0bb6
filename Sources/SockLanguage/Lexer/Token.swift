// What the lexer makes of the bytes: kinds of tokens, reserved words, marks.

/// A run of source bytes. Its text is looked up in the source when it is needed.
package struct Token: Sendable {
  package enum Kind: Equatable, Sendable {
    case endOfFile
    case lineEnd
    case semicolon
    /// From `#` to the line's end. The parser never sees one.
    case comment
    case name
    case keyword(Keyword)
    case verb(Verb)
    case number
    /// The opening of a string; the parser reads on from there, and records the whole as `string`.
    case quote(Quote)
    case mark(Mark)
    case string
    case regex
    /// A bare address (`localhost:25`).
    case address
    /// Bytes that start nothing.
    case unknown
  }

  package enum Quote: Sendable { case double, single, hex, block }

  package let kind: Kind
  /// For words: the number that the name table gave the spelling.
  package let symbol: UInt32
  package let lower: UInt32
  package let upper: UInt32

  package init(_ kind: Kind, _ lower: Int, _ upper: Int, symbol: UInt32 = 0) {
    self.kind = kind
    self.symbol = symbol
    self.lower = UInt32(truncatingIfNeeded: lower)
    self.upper = UInt32(truncatingIfNeeded: upper)
  }

  package var range: SourceRange { SourceRange(Int(lower), Int(upper)) }
  package var start: Int { Int(lower) }
  package var end: Int { Int(upper) }

  package var isWord: Bool {
    switch kind {
    case .name, .keyword, .verb: true
    default: false
    }
  }
  package var endsStatement: Bool { kind == .lineEnd || kind == .semicolon || kind == .endOfFile }
}

/// The reserved words that are no verbs.
package enum Keyword: String, Sendable, CaseIterable {
  case and, `as`, `break`, `case`, `catch`, `continue`, def, `defer`, elif, `else`, end, `false`, finally, fn, `for`
  case `if`, `import`, `in`, `let`, loop, `nil`, not, or, param, retry, `return`, select, serve, setup, spawn, test
  case `true`, `try`, when, `while`, with, within
}

/// Words that mean something in one place of a statement and are names everywhere else.
package enum ContextWord: String, Sendable, CaseIterable {
  case after, all, every, `is`, message, must, should, may, tags, then, todo, secret, workers
}

/// Operators and punctuation.
package enum Mark: String, Sendable, CaseIterable {
  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case percent = "%"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case ampersand = "&"
  case caret = "^"
  case bar = "|"
  case tilde = "~"
  case range = ".."
  case openRange = "..<"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case matches = "=~"
  case matchesNot = "!~"
  case assign = "="
  case addAssign = "+="
  case subtractAssign = "-="
  case multiplyAssign = "*="
  /// What the lexer reads as `/` and `=`: only the parser knows that no regex begins there.
  case divideAssign = "/="
  case remainderAssign = "%="
  case shiftLeftAssign = "<<="
  case shiftRightAssign = ">>="
  case andAssign = "&="
  case xorAssign = "^="
  case orAssign = "|="
  case dot = "."
  case comma = ","
  case colon = ":"
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
}
