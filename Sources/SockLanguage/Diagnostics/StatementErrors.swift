// What the parser says about statements and blocks: their heads, their ends, and what stands where it means nothing.

extension Diagnostic {
  static func letWithoutValue(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.letWithoutValue, at: place, "`let` needs a value for its name",
      cures: ["write `let NAME = nil` if there is none yet"])
  }

  static func importPath(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.importPath, at: place, "`import` is followed by a path: a string without `${…}`",
      cures: ["write `import \"lib/smtp.sock\" as smtp`"])
  }

  static func badTarget(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.badTarget, at: place, "this cannot be assigned to",
      cures: ["a name, `list[i]`, `map.key` or `[a, b]` can; to compare, write `==`"])
  }

  static func settingAssigned(_ place: Place, _ verb: String) -> Diagnostic {
    Diagnostic(SyntaxCode.settingAssigned, at: place, "`\(verb)` is set without `=`", cures: ["write `\(verb) …`"])
  }

  static func valueUnused(_ place: Place, isComparison: Bool) -> Diagnostic {
    Diagnostic(
      SyntaxCode.valueUnused, at: place, "the value is not used",
      cures: [isComparison
        ? "to assign, write `=`; to test, `assert …`"
        : "show it with `print`, or keep it with `let NAME = …`"])
  }

  static func assignmentInCondition(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.assignmentInCondition, at: place, "`=` assigns, and a condition is due here",
      cures: ["to compare, write `==`"])
  }

  static func commaInStatement(_ place: Place, cure: Cure) -> Diagnostic {
    Diagnostic(SyntaxCode.commaInStatement, at: place, "a `,` means nothing here", cures: [cure])
  }

  /// - Parameter word: `if` or `unless`.
  /// - Parameter isBehindValue: what is meant may be a value of two, `a if c else b`.
  static func postfixIf(_ place: Place, _ word: String, isBehindValue: Bool = false) -> Diagnostic {
    if isBehindValue {
      return Diagnostic(
        SyntaxCode.postfixIf, at: place, "`\(word)` does not stand behind a value",
        cures: ["write `if CONDITION then A else B`"])
    }
    let condition = word == "if" ? "if CONDITION" : "if not (CONDITION)"
    return Diagnostic(
      SyntaxCode.postfixIf, at: place, "`\(word)` does not stand behind a step",
      cures: ["write `\(condition)`, the step, and `end`"])
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
    case .none: return Diagnostic(SyntaxCode.unclosedBlock, at: place, message)
    case .endFurtherLeft(let line):
      return Diagnostic(
        SyntaxCode.unclosedBlock, at: place, message, cures: [Cure("put an `end` before line \(line)")],
        notes: ["the `end` on line \(line) is indented as if it belonged to a block around it"])
    case .reached(let word, let line):
      return Diagnostic(
        SyntaxCode.unclosedBlock, at: place, message,
        notes: ["the `\(word)` on line \(line) belongs to a block around it"])
    }
  }

  static func strayEnd(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.strayEnd, at: place, "this `end` closes nothing",
      cures: [.write("", at: place, "remove it; every block before it is closed")])
  }

  static func endOnOwnLine(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.endOnOwnLine, at: place, "`end` is a statement of its own",
      cures: [.write("; end", at: place, "write it on its own line, or after `;`")])
  }

  static func misplacedWord(_ place: Place, _ word: String, open: (word: String, line: Int)?) -> Diagnostic {
    let owners = [
      "else": "`if`, `case` or `select`", "elif": "`if`", "catch": "`try`", "finally": "`try`", "when": "`select`",
      "is": "`case`",
    ]
    if word == "is", open?.word == "case" {
      return Diagnostic(
        SyntaxCode.misplacedWord, at: place, "`else` is the last branch of a `case`",
        cures: ["put the branches with `is` before it"])
    }
    let message = "`\(word)` belongs to \(owners[word] ?? "a block"), and none is open here"
    if owners[word] == "`try`", open == nil {
      return Diagnostic(
        SyntaxCode.misplacedWord, at: place, message,
        cures: ["`try` opens a block when nothing stands behind it on its line"])
    }
    guard let open else { return Diagnostic(SyntaxCode.misplacedWord, at: place, message) }
    return Diagnostic(
      SyntaxCode.misplacedWord, at: place, message,
      notes: ["the innermost open block is the `\(open.word)` of line \(open.line)"])
  }

  static func elseIf(_ place: Place) -> Diagnostic {
    Diagnostic(SyntaxCode.elseIf, at: place, "`else if` is one word here", cures: [.write("elif", at: place)])
  }

  static func foreignWord(_ place: Place, _ found: String, _ word: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.foreignWord, at: place, "`\(found)` is written otherwise here", cures: [.write(word, at: place)])
  }

  static func headWord(_ place: Place, _ word: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.headWord, at: place, "`\(word)` is not written here",
      cures: ["the block begins on the next line and closes with `end`"])
  }

  static func braceBlock(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.braceBlock, at: place, "a block has no braces",
      cures: ["it begins on the next line and closes with `end`"])
  }

  static func blockOnLine(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.blockOnLine, at: place, "a block begins on the line after its head",
      cures: ["or behind a `;`; it closes with `end`"])
  }

  static func countingFor(_ place: Place) -> Diagnostic {
    Diagnostic(SyntaxCode.countingFor, at: place, "`for` goes over values", cures: ["write `for i in 0..<10`"])
  }

  static func strayBrace(_ place: Place) -> Diagnostic {
    Diagnostic(SyntaxCode.strayBrace, at: place, "this `}` closes nothing", cures: ["a block closes with `end`"])
  }

  static func retryWithoutWithin(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.retryWithoutWithin, at: place, "`retry` needs to know for how long",
      cures: [.write("retry within 5s", at: place)])
  }

  static func whenWithoutStep(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.whenWithoutStep, at: place, "`when` is followed by a step that waits, or by `after`",
      cures: ["`accept`, `recv`, `expect` and `wait` can; a condition goes behind it: `when STEP if CONDITION`"])
  }

  static func statementInSelect(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.statementInSelect, at: place, "the statements of a `select` stand under its cases",
      cures: ["write `when …` first"])
  }

  static func statementInCase(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.statementInCase, at: place, "the statements of a `case` stand under its branches",
      cures: ["write `is VALUE` first"])
  }

  static func orBetweenValues(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.orBetweenValues, at: place, "the values behind `is` have commas between them",
      cures: [.write(",", at: place)])
  }
}
