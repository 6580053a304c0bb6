// What is said about statements that stand where they cannot: loops, functions, tests, select.

extension Diagnostic {
  /// - Parameter word: `test`, `setup`, `param` or `import`.
  static func misplaced(_ word: String, at place: Place) -> Diagnostic {
    let also = word == "test" ? ", or in a `for` or `if` there" : ""
    return Diagnostic(
      CheckerCode.misplaced, at: place, "`\(word)` stands only at the top level of a file\(also)",
      cures: ["move it out of this block"])
  }

  static func returnOutsideFunction(of kind: FunctionScope.Kind, at place: Place) -> Diagnostic {
    let cure: Cure
    switch kind {
    case .test, .setup: cure = "to end the test here, write `skip`, `inconclusive` or `fail` with a reason"
    case .deferred: cure = "a deferred statement runs when its function has returned already"
    case .file, .function, .task, .connection: cure = "to end the script here, write `exit`"
    }
    return Diagnostic(
      CheckerCode.returnOutsideFunction, at: place, "`return` stands only in a `def`, `spawn` or `serve`", cures: [cure])
  }

  /// - Parameter word: `break` or `continue`.
  static func outsideLoop(_ word: String, in kind: FunctionScope.Kind, at place: Place) -> Diagnostic {
    let cure: Cure
    switch kind {
    case .connection: cure = "`return` is done with this connection; `serve N` takes so many, `exit` ends the script"
    case .file: cure = "to end the script here, write `exit`"
    case .function, .task, .test, .setup, .deferred:
      cure = "a loop around a `def`, `spawn`, `test` or `defer` cannot be left from inside it"
    }
    return Diagnostic(
      CheckerCode.outsideLoop, at: place, "`\(word)` stands only in a `for`, `while` or `loop`", cures: [cure])
  }

  static func secondSetup(line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.secondSetup, at: place, "the file has a `setup` already, at line \(line)",
      cures: ["write its steps there"])
  }

  static func duplicateTest(line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.duplicateTest, at: place, "the test at line \(line) has this name already",
      cures: ["give each test a name of its own: it is known by its name"])
  }

  // MARK: - select

  static func selectWithoutCase(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.selectWithoutCase, at: place, "`select` has nothing to wait for",
      cures: ["write at least one `when STEP` or `when after DURATION`"])
  }

  static func caseWithoutBranch(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.caseWithoutBranch, at: place, "`case` has nothing to compare with",
      cures: ["write at least one `is VALUE`"])
  }

  static func secondAfter(line: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.secondAfter, at: place, "this `select` has a `when after` already, at line \(line)",
      cures: ["keep the shorter one: the longer never comes"])
  }

  static func caseNotSelectable(_ verb: Verb, at place: Place) -> Diagnostic {
    let verbs = VerbTable.rows.filter { $0.waiting.isSelectable }.map { "`\($0.verb.rawValue)`" }
    let list = "\(verbs.dropLast().joined(separator: ", ")) or \(verbs.last ?? "")"
    return Diagnostic(
      CheckerCode.caseNotSelectable, at: place, "`when` cannot wait for `\(verb.rawValue)`",
      cures: ["it waits for \(list); or write `when after DURATION`"])
  }

  static func quietInCase(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.caseNotSelectable, at: place, "`when` cannot wait for `recv quiet`, which takes its own time",
      cures: ["wait for the first bytes, `when CHANNEL.recv as first`, and take the rest in the branch"])
  }

  static func deadlineInCase(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.deadlineInCase, at: place, "a case of `select` has no deadline of its own",
      cures: ["write a case `when after DURATION` for the whole `select`"])
  }
}
