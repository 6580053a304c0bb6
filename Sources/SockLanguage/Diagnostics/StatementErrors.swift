// What the parser says about statements and blocks: their heads, their ends, and what stands where it means nothing.

extension Diagnostic {
  static func letWithoutValue(_ place: Place) -> Diagnostic {
    syntax(
      .letWithoutValue, place, "`let` needs a value for its name", "help: write `let NAME = nil` if there is none yet")
  }

  static func importPath(_ place: Place) -> Diagnostic {
    syntax(
      .importPath, place, "`import` is followed by a path: a string without `${…}`",
      "help: write `import \"lib/smtp.sock\" as smtp`")
  }

  static func badTarget(_ place: Place) -> Diagnostic {
    syntax(
      .badTarget, place, "this cannot be assigned to",
      "help: a name, `list[i]`, `map.key` or `[a, b]` can; to compare, write `==`")
  }

  static func settingAssigned(_ place: Place, _ verb: String) -> Diagnostic {
    syntax(.settingAssigned, place, "`\(verb)` is set without `=`", "help: write `\(verb) …`")
  }

  static func valueUnused(_ place: Place, isComparison: Bool) -> Diagnostic {
    syntax(
      .valueUnused, place, "the value is not used",
      isComparison
        ? "help: to assign, write `=`; to test, `assert …`"
        : "help: show it with `print`, or keep it with `let NAME = …`")
  }

  static func assignmentInCondition(_ place: Place) -> Diagnostic {
    syntax(.assignmentInCondition, place, "`=` assigns, and a condition is due here", "help: to compare, write `==`")
  }

  static func commaInStatement(_ place: Place) -> Diagnostic {
    syntax(.commaInStatement, place, "a `,` means nothing here", "help: several names are set with `[a, b] = …`")
  }

  /// - Parameter word: `if` or `unless`.
  static func postfixIf(_ place: Place, _ word: String) -> Diagnostic {
    let condition = word == "if" ? "if CONDITION" : "if not (CONDITION)"
    return syntax(
      .postfixIf, place, "`\(word)` does not stand behind a step", "help: write `\(condition)`, the step, and `end`")
  }

  // MARK: - Blocks

  package enum UnclosedNote {
    case none
    /// An `end` whose indentation says that it was meant for a block further out.
    case endFurtherLeft(line: Int)
    /// A word that only a block further out takes.
    case reached(String, line: Int)
  }

  static func unclosedBlock(_ place: Place, _ word: String, note: UnclosedNote) -> Diagnostic {
    let message = "this `\(word)` has no `end`"
    switch note {
    case .none: return syntax(.unclosedBlock, place, message)
    case .endFurtherLeft(let line):
      return syntax(
        .unclosedBlock, place, message, "the `end` on line \(line) is indented as if it belonged to a block around it")
    case .reached(let word, let line):
      return syntax(.unclosedBlock, place, message, "the `\(word)` on line \(line) belongs to a block around it")
    }
  }

  static func strayEnd(_ place: Place) -> Diagnostic {
    syntax(.strayEnd, place, "this `end` closes nothing", "help: remove it; every block before it is closed")
  }

  static func endOnOwnLine(_ place: Place) -> Diagnostic {
    syntax(.endOnOwnLine, place, "`end` is a statement of its own", "help: write it on its own line, or after `;`")
  }

  static func misplacedWord(_ place: Place, _ word: String, open: (word: String, line: Int)?) -> Diagnostic {
    let owners = ["else": "`if` or `select`", "elif": "`if`", "catch": "`try`", "finally": "`try`", "when": "`select`"]
    let message = "`\(word)` belongs to \(owners[word] ?? "a block"), and none is open here"
    if owners[word] == "`try`", open == nil {
      return syntax(
        .misplacedWord, place, message, "help: `try` opens a block when nothing stands behind it on its line")
    }
    guard let open else { return syntax(.misplacedWord, place, message) }
    return syntax(.misplacedWord, place, message, "the innermost open block is the `\(open.word)` of line \(open.line)")
  }

  static func elseIf(_ place: Place) -> Diagnostic {
    syntax(.elseIf, place, "`else if` is one word here", "help: write `elif`")
  }

  static func foreignWord(_ place: Place, _ found: String, _ word: String) -> Diagnostic {
    syntax(.foreignWord, place, "`\(found)` is written otherwise here", "help: write `\(word)`")
  }

  static func headWord(_ place: Place, _ word: String) -> Diagnostic {
    syntax(
      .headWord, place, "`\(word)` is not written here", "help: the block begins on the next line and closes with `end`"
    )
  }

  static func braceBlock(_ place: Place) -> Diagnostic {
    syntax(.braceBlock, place, "a block has no braces", "help: it begins on the next line and closes with `end`")
  }

  static func blockOnLine(_ place: Place) -> Diagnostic {
    syntax(
      .blockOnLine, place, "a block begins on the line after its head",
      "help: or behind a `;`; it closes with `end`")
  }

  static func countingFor(_ place: Place) -> Diagnostic {
    syntax(.countingFor, place, "`for` goes over values", "help: write `for i in 0..<10`")
  }

  static func strayBrace(_ place: Place) -> Diagnostic {
    syntax(.strayBrace, place, "this `}` closes nothing", "help: a block closes with `end`")
  }

  static func retryWithoutWithin(_ place: Place) -> Diagnostic {
    syntax(.retryWithoutWithin, place, "`retry` needs to know for how long", "help: write `retry within 5s`")
  }

  static func whenWithoutStep(_ place: Place) -> Diagnostic {
    syntax(
      .whenWithoutStep, place, "`when` is followed by a step that waits, or by `after`",
      "help: `accept`, `recv`, `expect` and `wait` can; a condition goes behind it: `when STEP if CONDITION`")
  }

  static func statementInSelect(_ place: Place) -> Diagnostic {
    syntax(
      .statementInSelect, place, "the statements of a `select` stand under its cases", "help: write `when …` first")
  }
}
