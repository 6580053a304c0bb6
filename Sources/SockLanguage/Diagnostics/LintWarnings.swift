// What the linter says: each warning with its reason and its remedy.

/// Why what stands behind a statement is never reached.
enum Barrier: Sendable {
  /// `return`, `break`, `exit`, `fail`…
  case word(String, line: Int)
  /// A loop that nothing leaves.
  case loop(line: Int)
  /// `serve` without a number.
  case serve(line: Int)
  /// Every way through a block ends in one of these.
  case block(line: Int)
}

/// How a name came to be.
enum NameOrigin {
  /// - holdsChannel: the value is a channel, which stays open as long as the name is there.
  case variable(holdsChannel: Bool)
  /// `as NAME` behind a step.
  case result(holdsChannel: Bool)
  case setting
  case function
  case parameter(of: Variable?)
  case importedFile
  /// `catch NAME`.
  case caught
  /// `for NAME`, which needs one; `spawn as NAME`, which keeps the task's failure; one name of a list.
  case needed
}

extension Diagnostic {
  // MARK: - Names

  /// - Parameter isSet: it is given a value more than once.
  static func unusedName(
    _ name: String, _ declared: NameOrigin, isSet: Bool, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    let message: String
    let help: String
    switch declared {
    case .variable, .needed:
      message = isSet ? "`\(name)` is set, but its value is never used" : "`\(name)` is never used"
      help = "remove it, or write `_\(name)` if the name must be there"
    case .result:
      message = "`\(name)` is never used"
      help = "leave out `as \(name)`"
    case .setting:
      message = "the setting `\(name)` is never used: `--set \(name)=…` changes nothing"
      help = "remove the `param`, or use it"
    case .function:
      message = "the function `\(name)` is never called"
      help = "remove it, or call it"
    case .parameter:
      message = "the parameter `\(name)` is never used"
      help = "remove it, or write `_\(name)` if callers must give it"
    case .importedFile:
      message = "no name of the imported `\(name)` is used"
      help = "remove the `import`"
    case .caught:
      message = "`\(name)` is never used"
      help = "write `catch` alone"
    }
    return Diagnostic(.unusedName, message, help: [help], at: range, in: file)
  }

  static func unusedList(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .unusedName, "none of these names is ever used", help: ["remove them, or let the names begin with `_`"],
      at: range, in: file)
  }

  /// - Parameter line: where the hidden one is declared.
  static func shadowedName(
    _ name: String, _ declared: NameOrigin, line: Int, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    let cure: String
    switch declared {
    case .variable: cure = "; to set that one, leave out `let`"
    // `as` never sets a name from outside of its function or task.
    case .result: cure = "; to set that one, write `\(name) = …`"
    default: cure = ""
    }
    return Diagnostic(
      .shadowedName, "this `\(name)` hides the one of line \(line), which keeps its value",
      help: ["take another name\(cure)"], at: range, in: file)
  }

  /// - Parameter what: `builtin function` or `predefined name`.
  static func shadowedBuiltin(
    _ name: String, what: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .shadowedName, "this `\(name)` hides the \(what) `\(name)`", help: ["take another name"], at: range, in: file)
  }

  // MARK: - Ways through a script

  static func unreachable(behind barrier: Barrier, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let reason: String
    let cure: String
    switch barrier {
    case .word(let word, let line):
      reason = "the `\(word)` of line \(line) comes first"
      cure = "remove it, or put a condition around that `\(word)`"
    case .loop(let line):
      reason = "no `break` leaves the loop of line \(line)"
      cure = "leave the loop with `break`, or remove what follows it"
    case .serve(let line):
      reason = "the `serve` of line \(line) accepts for ever"
      cure = "write `serve N` for N connections, or put the `serve` into a `spawn`"
    case .block(let line):
      reason = "every way through the block of line \(line) leaves before"
      cure = "remove it, or let one of the ways go on"
    }
    return Diagnostic(.unreachable, "this is never reached: \(reason)", help: [cure], at: range, in: file)
  }

  /// - Parameter word: what starts the loop: `loop`, `while` or `serve`.
  static func endlessInTest(_ word: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let cure =
      word == "serve"
      ? "write `serve N` for N connections, or put the `serve` into a `spawn`" : "leave the loop with `break`"
    return Diagnostic(
      .endlessInTest, "the test cannot pass: nothing ends this `\(word)` but a failure or the test's own deadline",
      help: [cure], at: range, in: file)
  }

  /// - Parameters:
  ///   - seconds: after which the test ends.
  ///   - isPause: the duration is waited for in any case.
  static func deadlineBeyondTest(
    seconds: Double, isPause: Bool, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    let shown = seconds == seconds.rounded() && seconds < 1e15 ? "\(Int(seconds))" : "\(seconds)"
    return Diagnostic(
      .deadlineBeyondTest,
      isPause
        ? "the test cannot pass: it is over after \(shown) s"
        : "this deadline never comes: the test is over after \(shown) s",
      help: ["give the test more time: `test NAME timeout DURATION`", "or wait for less"], at: range, in: file)
  }

  // MARK: - Patterns

  package enum Impossibility: Sendable {
    /// `^` behind something, or something behind `$`.
    case anchor
    /// A line end in what is compared with a line.
    case lineEnd
    case lineFeedInside
  }

  static func neverMatches(_ reason: Impossibility, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let message: String
    let help: String
    switch reason {
    case .anchor:
      message = "this never matches: an anchor stands where it cannot hold"
      help = "`^` is the start of the text and `$` its end; write `\\^` or `\\$` for the byte, the flag m for each line"
    case .lineEnd:
      message = "this never matches: a line comes without its line end"
      help = "leave out the line end; `expect` without `line` compares it too"
    case .lineFeedInside:
      message = "this never matches: there is no line feed inside a line"
      help = "write one `expect line` for each line, or `expect` without `line`"
    }
    return Diagnostic(.neverMatches, message, help: [help], at: range, in: file)
  }

  package enum Certainty: Sendable {
    case emptyString, nothing, anyLine, anyMessage
  }

  static func alwaysMatches(_ reason: Certainty, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let message: String
    let help: String
    switch reason {
    case .emptyString:
      message = "this always matches: it expects no byte at all"
      help = "write what shall come; `expect eof` for the end, `expect silence D` for nothing"
    case .nothing:
      message = "this always matches, if only no byte at all: it cannot fail"
      help = "write `+` for `*`, or join it to the pattern that follows"
    case .anyLine:
      message = "this matches every line"
      help = "write what the line shall hold, or `expect line` alone for any"
    case .anyMessage:
      message = "this matches every message"
      help = "write what the message shall hold, or `expect message` alone for any"
    }
    return Diagnostic(.alwaysMatches, message, help: [help], at: range, in: file)
  }

  /// - Parameter tail: the part at the pattern's end.
  static func openEndedRegex(_ tail: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .openEndedRegex, "more bytes could lengthen this match: `expect` waits until one comes that cannot",
      help: ["end the pattern with what follows, as in `/…\(tail)\\r\\n/`, or use `expect line`"],
      at: range, in: file)
  }

  static func partialRead(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .partialRead, "`recv N` gives what has come so far, which may be a part of this text",
      help: ["write `expect` with the text, or `recv exactly N`"], at: range, in: file)
  }

  /// - Parameter line: of the step that found the end.
  static func readAfterEnd(_ verb: Verb, line: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .readAfterEnd, "nothing can come any more: line \(line) has found the end of this stream",
      help: ["put this `\(verb.rawValue)` before line \(line), or connect again"], at: range, in: file)
  }

  /// - Parameter line: of the case above.
  static func caseNeverChosen(line: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .caseNeverChosen, "this case is never chosen: that of line \(line) takes the same",
      help: ["put the more special case first, or remove one of them"], at: range, in: file)
  }

  // MARK: - Comments for the linter

  /// - Parameter name: the word that is no code; nil: none stands there.
  static func unknownWarning(_ name: String?, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    guard let name else {
      return Diagnostic(
        .unknownWarning, "this comment does not say which warning it allows",
        help: ["write `# sock: allow CODE`"], at: range, in: file)
    }
    if CheckerCode(rawValue: name) != nil || SyntaxCode(rawValue: name) != nil {
      return Diagnostic(
        .unknownWarning, "`\(name)` is an error, which cannot be allowed", help: ["correct what it tells"],
        at: range, in: file)
    }
    let warnings = CheckerCode.allCases.filter(\.isWarning).map(\.rawValue)
    return Diagnostic(
      .unknownWarning, "there is no warning `\(name)`",
      help: [
        Suggestion.nearest(name, among: warnings).map { "did you mean `\($0)`?" }
          ?? "there are \(warnings.joined(separator: ", "))"
      ], at: range, in: file)
  }

  static func tooManyWarnings(_ count: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .tooManyWarnings, "\(count) more warning\(count == 1 ? "" : "s") from here on are not shown",
      help: ["see to the first ones and check again"], at: range, in: file)
  }
}
