// What a word that is none of the language was meant to be: a misspelt one, or one of another language.

/// Words of other languages, and what they are here.
enum ForeignWords {
  enum Meant {
    /// A verb or a keyword.
    case word(String)
    /// It is written otherwise: a whole sentence of advice.
    case phrase(String)
  }

  static let verbs = Verb.allCases.map(\.rawValue)
  private static let words = verbs + Keyword.allCases.map(\.rawValue)

  private static let verbsElsewhere = [
    "receive": "recv", "read": "recv", "gets": "recv", "readline": "recv", "write": "send", "transmit": "send",
    "echo": "print", "puts": "print", "println": "print", "printf": "print", "say": "print", "open": "connect",
    "dial": "connect", "die": "fail", "throw": "fail", "raise": "fail", "quit": "exit", "exec": "run", "system": "run",
    "kill": "signal", "delay": "sleep", "server": "listen", "setsockopt": "sockopt", "getsockopt": "sockopt",
    "disconnect": "close", "ensure": "assert", "except": "catch", "rescue": "catch", "endif": "end", "done": "end",
    "fi": "end",
  ]
  private static let phrasesElsewhere = [
    "function": "a function is declared with `def NAME(…)`", "func": "a function is declared with `def NAME(…)`",
    "fn": "a function is declared with `def NAME(…)`", "sub": "a function is declared with `def NAME(…)`",
    "foreach": "write `for NAME in VALUES`", "unless": "write `if not (…)`", "until": "write `while not (…)`",
    "var": "a name is declared with `let`", "const": "a name is declared with `let`",
    "my": "a name is declared with `let`", "switch": "write `if … elif … end`", "case": "write `if … elif … end`",
    "begin": "write `try … catch … end`", "expect_eof": "write `expect eof`", "async": "a task is `spawn … end`",
    "go": "a task is `spawn … end`",
  ]
  private static let blocksElsewhere = [
    "function", "func", "fn", "sub", "foreach", "unless", "until", "switch", "case", "begin",
  ]

  private static let blocks = [
    "if", "while", "for", "loop", "def", "with", "spawn", "serve", "retry", "select", "test", "setup",
  ]

  /// The line was meant to start a block, whose `end` is now one too many.
  static func startsBlock(_ name: String, _ meant: Meant?) -> Bool {
    if case .word(let word)? = meant { return blocks.contains(word) }
    return blocksElsewhere.contains(name)
  }

  static func suggestion(for name: String) -> Meant? {
    if let phrase = phrasesElsewhere[name] { return .phrase(phrase) }
    if let verb = verbsElsewhere[name] { return .word(verb) }
    if let near = Suggestion.nearest(name, among: words) { return .word(near) }
    return Suggestion.nearest(name, among: verbsElsewhere.keys.sorted()).flatMap { verbsElsewhere[$0] }.map(Meant.word)
  }
}
