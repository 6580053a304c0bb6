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
  /// Of a function of one expression, where its meaning is in sight.
  case shortParameter
}

extension Diagnostic {
  // MARK: - Names

  /// - Parameter isSet: it is given a value more than once.
  static func unusedName(_ name: String, _ declared: NameOrigin, isSet: Bool, at place: Place) -> Diagnostic {
    let message: String
    let help: Cure
    switch declared {
    case .variable, .needed, .shortParameter:
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
      help = FailureName(rawValue: name) == nil
        ? "write `catch` alone"
        : "`catch` catches every error and gives it that name; write `catch e`, and compare `e.code == \"\(name)\"`"
    }
    return Diagnostic(CheckerCode.unusedName, at: place, message, cures: [help])
  }

  static func unusedList(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.unusedName, at: place, "none of these names is ever used",
      cures: ["remove them, or let the names begin with `_`"])
  }

  /// - Parameter line: where the hidden one is declared.
  static func shadowedName(_ name: String, _ declared: NameOrigin, line: Int, at place: Place) -> Diagnostic {
    let cure: String
    switch declared {
    case .variable: cure = "; to set that one, leave out `let`"
    // `as` never sets a name from outside of its function or task.
    case .result: cure = "; to set that one, write `\(name) = …`"
    default: cure = ""
    }
    return Diagnostic(
      CheckerCode.shadowedName, at: place, "this `\(name)` hides the one of line \(line), which keeps its value",
      cures: ["take another name\(cure)"])
  }

  /// - Parameter what: `builtin function` or `predefined name`.
  static func shadowedBuiltin(_ name: String, what: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.shadowedName, at: place, "this `\(name)` hides the \(what) `\(name)`", cures: ["take another name"])
  }

  // MARK: - Ways through a script

  static func unreachable(behind barrier: Barrier, at place: Place) -> Diagnostic {
    let reason: String
    let cure: Cure
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
    return Diagnostic(CheckerCode.unreachable, at: place, "this is never reached: \(reason)", cures: [cure])
  }

  /// - Parameter word: what starts the loop: `loop`, `while` or `serve`.
  static func endlessInTest(_ word: String, at place: Place) -> Diagnostic {
    let cure: Cure =
      word == "serve"
      ? "write `serve N` for N connections, or put the `serve` into a `spawn`" : "leave the loop with `break`"
    return Diagnostic(
      CheckerCode.endlessInTest, at: place,
      "the test cannot pass: nothing ends this `\(word)` but a failure or the test's own deadline", cures: [cure])
  }

  /// - Parameters:
  ///   - seconds: after which the test ends.
  ///   - isPause: the duration is waited for in any case.
  static func deadlineBeyondTest(seconds: Double, isPause: Bool, at place: Place) -> Diagnostic {
    let shown = seconds == seconds.rounded() && seconds < 1e15 ? "\(Int(seconds))" : "\(seconds)"
    return Diagnostic(
      CheckerCode.deadlineBeyondTest, at: place,
      isPause
        ? "the test cannot pass: it is over after \(shown) s"
        : "this deadline never comes: the test is over after \(shown) s",
      cures: ["give the test more time: `test NAME timeout DURATION`", "or wait for less"])
  }

  /// - Parameter line: of the `connect`.
  static func lostConnection(line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.lostConnection, at: place,
      "`accept` replaces the connection of line \(line), which nothing has used: it is closed",
      cures: ["name both: `connect … as client`, `accept as server`"])
  }

  static func taskNeverRuns(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.taskNeverRuns, at: place,
      "this task never runs: it starts when a step waits, and none does behind it",
      cures: ["wait for it: `spawn as task` and behind it `wait task`", "or do its steps without `spawn`"])
  }

  /// - Parameter example: what is written to keep the result; nil where the first argument is no name.
  static func resultUnused(_ function: BuiltinFunction, _ example: String?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.resultUnused, at: place,
      "`\(function.rawValue)` changes nothing: it gives its result, and that is not used",
      cures: [Cure("write `\(example ?? "let NAME = \(function.rawValue)(…)")`")])
  }

  /// - Parameter word: what only a shell knows.
  static func noShell(_ word: String, isFirst: Bool = false, cure: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.noShell, at: place,
      "`run` starts no shell: `\(word)` is \(isFirst ? "taken for the program" : "an argument of the program")",
      cures: ["write `\(cure)`", "in quotes it is meant as it stands"])
  }

  static func insecureInTest(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.insecureInTest, at: place, "with `insecure` the test also passes where the certificate is wrong",
      cures: ["name the authority to trust: `ca FILE`, of a listener of this script `ca listener.tls.ca`"])
  }

  // MARK: - Patterns

  package enum Impossibility: Sendable {
    /// `^` behind something, or something behind `$`.
    case anchor
    /// A line end in what is compared with a line.
    case lineEnd
    case lineFeedInside
  }

  static func neverMatches(_ reason: Impossibility, at place: Place) -> Diagnostic {
    let message: String
    let help: Cure
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
    return Diagnostic(CheckerCode.neverMatches, at: place, message, cures: [help])
  }

  package enum Certainty: Sendable {
    case emptyString, nothing, anyLine, anyMessage
  }

  static func alwaysMatches(_ reason: Certainty, at place: Place) -> Diagnostic {
    let message: String
    let help: Cure
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
    return Diagnostic(CheckerCode.alwaysMatches, at: place, message, cures: [help])
  }

  /// - Parameter tail: the part at the pattern's end.
  static func openEndedRegex(_ tail: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.openEndedRegex, at: place,
      "more bytes could lengthen this match: `expect` waits until one comes that cannot",
      cures: ["end the pattern with what follows, as in `/…\(tail)\\r\\n/`, or use `expect line`"])
  }

  /// - Parameter part: the greedy part, before the pattern's end.
  static func hungryRegex(_ part: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.openEndedRegex, at: place,
      "this can take what stands behind it, too: `expect` waits until a byte comes that it cannot take",
      cures: ["write `recv until` with what stands behind it, or `\(part)?`, which takes as little as it can"])
  }

  static func lostGroups(_ name: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.lostGroups, at: place,
      "`\(name)` is what stands before the pattern, a string: `recv until` gives no groups",
      cures: ["write `recv until` with a text, then `expect /…/ as \(name)`"])
  }

  static func partialRead(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.partialRead, at: place, "`recv N` gives what has come so far, which may be a part of this text",
      cures: ["write `expect` with the text, or `recv exactly N`"])
  }

  /// - Parameter line: of the step that found the end.
  static func readAfterEnd(_ verb: Verb, line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.readAfterEnd, at: place, "nothing can come any more: line \(line) has found the end of this stream",
      cures: ["put this `\(verb.rawValue)` before line \(line), or connect again"])
  }

  /// - Parameter line: of the case above.
  static func caseNeverChosen(line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.caseNeverChosen, at: place, "this case is never chosen: that of line \(line) takes the same",
      cures: ["put the more special case first, or remove one of them"])
  }

  /// - Parameter line: of the same value above.
  static func valueNeverReached(_ text: String, line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.caseNeverChosen, at: place, "`\(text)` leads to the branch of line \(line) already",
      cures: ["remove one of them"])
  }

  // MARK: - Comments for the linter

  /// - Parameter name: the word that is no code; nil: none stands there.
  static func unknownWarning(_ name: String?, at place: Place) -> Diagnostic {
    guard let name else {
      return Diagnostic(
        CheckerCode.unknownWarning, at: place, "this comment does not say which warning it allows",
        cures: ["write `# sock: allow CODE`"])
    }
    if DiagnosticCodes.named(name) != nil {
      return Diagnostic(
        CheckerCode.unknownWarning, at: place, "`\(name)` is an error, which cannot be allowed",
        cures: ["correct what it tells"])
    }
    let warnings = DiagnosticCodes.all.filter { $0.isWarning }.map { $0.rawValue }
    return Diagnostic(
      CheckerCode.unknownWarning, at: place, "there is no warning `\(name)`",
      cures: [
        Suggestion.nearest(name, among: warnings).map { .meant($0, at: place) }
          ?? "there are \(warnings.joined(separator: ", "))"
      ])
  }

  static func tooManyWarnings(_ count: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.tooManyWarnings, at: place,
      "\(count) more warning\(count == 1 ? "" : "s") from here on are not shown",
      cures: ["see to the first ones and check again"])
  }
}
