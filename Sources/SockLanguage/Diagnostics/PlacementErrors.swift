// What is said about statements that stand where they cannot: loops, functions, tests, select.

extension Diagnostic {
  /// - Parameter word: `test`, `setup`, `param` or `import`.
  static func misplaced(_ word: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let place = word == "test" ? ", or in a `for` or `if` there" : ""
    return Diagnostic(
      .misplaced, "`\(word)` stands only at the top level of a file\(place)", help: ["move it out of this block"],
      at: range, in: file)
  }

  static func returnOutsideFunction(
    of kind: FunctionScope.Kind, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    let cure: String
    switch kind {
    case .connection: cure = "`serve` is done with a connection at its `end`, or at `close`"
    case .test, .setup: cure = "to end the test here, write `skip`, `inconclusive` or `fail` with a reason"
    case .deferred: cure = "a deferred statement runs when its function has returned already"
    case .file, .function, .task: cure = "to end the script here, write `exit`"
    }
    return Diagnostic(.returnOutsideFunction, "`return` stands only in a `def` or a `spawn`", help: [cure], at: range, in: file)
  }

  /// - Parameter word: `break` or `continue`.
  static func outsideLoop(_ word: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .outsideLoop, "`\(word)` stands only in a `for`, `while` or `loop`",
      help: ["a loop around a `def`, `spawn`, `serve`, `test` or `defer` cannot be left from inside it"],
      at: range, in: file)
  }

  static func secondSetup(line: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .secondSetup, "the file has a `setup` already, at line \(line)", help: ["write its steps there"],
      at: range, in: file)
  }

  static func duplicateTest(line: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .duplicateTest, "the test at line \(line) has this name already",
      help: ["give each test a name of its own: it is known by its name"], at: range, in: file)
  }

  // MARK: - select

  static func selectWithoutCase(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .selectWithoutCase, "`select` has nothing to wait for",
      help: ["write at least one `when STEP` or `when after DURATION`"], at: range, in: file)
  }

  static func secondAfter(line: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .secondAfter, "this `select` has a `when after` already, at line \(line)",
      help: ["keep the shorter one: the longer never comes"], at: range, in: file)
  }

  static func caseNotSelectable(_ verb: Verb, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let verbs = VerbTable.rows.filter { $0.waiting.isSelectable }.map { "`\($0.verb.rawValue)`" }
    let list = "\(verbs.dropLast().joined(separator: ", ")) or \(verbs.last ?? "")"
    return Diagnostic(
      .caseNotSelectable, "`when` cannot wait for `\(verb.rawValue)`",
      help: ["it waits for \(list); or write `when after DURATION`"],
      at: range, in: file)
  }

  static func deadlineInCase(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .deadlineInCase, "a case of `select` has no deadline of its own",
      help: ["write a case `when after DURATION` for the whole `select`"], at: range, in: file)
  }
}
