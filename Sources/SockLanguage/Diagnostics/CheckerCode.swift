// The codes of all that the checker and the loader have to say. Each is made by one function in
// NameErrors, PlacementErrors, ValueErrors or LintWarnings, and explained in CheckerExplanations.

package enum CheckerCode: String, DiagnosticCode {
  // Names
  case undeclaredName = "undeclared-name"
  case unknownFunction = "unknown-function"
  case alreadyDeclared = "already-declared"
  case notAssignable = "not-assignable"
  case wrongArgumentCount = "wrong-argument-count"
  case requiredAfterDefault = "required-after-default"
  case unknownProperty = "unknown-property"
  case propertyCalled = "property-called"
  case methodCall = "method-call"
  case notAChannel = "not-a-channel"
  case fieldCount = "field-count"
  case wrongFormat = "wrong-format"
  case wrongMessage = "wrong-message"
  case unknownField = "unknown-field"
  case bareAddressVariable = "bare-address-variable"
  case dollarInText = "dollar-in-text"
  case optionWordName = "option-word-name"
  case shadowedCurrent = "shadowed-current"
  // Imports
  case importAsValue = "import-as-value"
  case unknownExport = "unknown-export"
  case importUnreadable = "import-unreadable"
  case importCycle = "import-cycle"
  case importTooDeep = "import-too-deep"
  // Placement
  case misplaced
  case returnOutsideFunction = "return-outside-function"
  case outsideLoop = "outside-loop"
  case secondSetup = "second-setup"
  case duplicateTest = "duplicate-test"
  case selectWithoutCase = "select-without-case"
  case caseWithoutBranch = "case-without-branch"
  case secondAfter = "second-after"
  case caseNotSelectable = "case-not-selectable"
  case deadlineInCase = "deadline-in-case"
  // Values
  case constantCondition = "constant-condition"
  case comparisonTypes = "comparison-types"
  case operandTypes = "operand-types"
  case divisionByZero = "division-by-zero"
  case portRange = "port-range"
  case durationType = "duration-type"
  case countType = "count-type"
  case patternType = "pattern-type"
  case notIterable = "not-iterable"
  case stringLooksLikeRegex = "string-looks-like-regex"
  case stringForRegex = "string-for-regex"
  case regexFlag = "regex-flag"
  case regexSyntax = "regex-syntax"
  case tooManyComplaints = "too-many-complaints"
  // The linter's
  case unusedName = "unused-name"
  case shadowedName = "shadowed-name"
  case unreachable
  case endlessInTest = "endless-in-test"
  case deadlineBeyondTest = "deadline-beyond-test"
  case insecureInTest = "insecure-in-test"
  case neverMatches = "never-matches"
  case alwaysMatches = "always-matches"
  case openEndedRegex = "open-ended-regex"
  case partialRead = "partial-read"
  case lostGroups = "lost-groups"
  case readAfterEnd = "read-after-end"
  case caseNeverChosen = "case-never-chosen"
  case lostConnection = "lost-connection"
  case taskNeverRuns = "task-never-runs"
  case resultUnused = "result-unused"
  case noShell = "no-shell"
  case unknownWarning = "unknown-warning"
  case tooManyWarnings = "too-many-warnings"

  package var isWarning: Bool {
    switch self {
    case .optionWordName, .shadowedCurrent: true
    default: isFromLinter
    }
  }

  /// Only `sock check` says it.
  package var isFromLinter: Bool {
    switch self {
    case .unusedName, .shadowedName, .unreachable, .endlessInTest, .deadlineBeyondTest, .insecureInTest, .neverMatches,
      .alwaysMatches, .openEndedRegex, .partialRead, .lostGroups, .readAfterEnd, .caseNeverChosen, .lostConnection,
      .taskNeverRuns, .noShell, .resultUnused,
      .unknownWarning, .tooManyWarnings:
      true
    default: false
    }
  }
}

extension Diagnostic {
  static func tooManyComplaints(_ count: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.tooManyComplaints, at: place,
      "\(count) more complaint\(count == 1 ? "" : "s") from here on are not shown",
      cures: ["mend the first ones and check again"])
  }
}
