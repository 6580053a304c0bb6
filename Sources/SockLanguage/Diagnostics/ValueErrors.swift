// What is said about values that the text alone shows to be wrong: conditions, operands, ports, patterns.

/// The type of a value, where the text alone tells it.
enum KnownType: Sendable {
  case string, number, boolean, list, map, range, regex, function

  var description: String {
    switch self {
    case .string: "a string"
    case .number: "a number"
    case .boolean: "true or false"
    case .list: "a list"
    case .map: "a map"
    case .range: "a range"
    case .regex: "a regex"
    case .function: "a function"
    }
  }
}

extension Diagnostic {
  static func constantCondition(_ type: KnownType, cure: Cure, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.constantCondition, at: place, "this condition is always true: it is \(type.description)",
      cures: [cure], notes: ["only nil and false are false"])
  }

  static func comparisonTypes(_ left: KnownType, _ right: KnownType, cure: Cure?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.comparisonTypes, at: place, "\(left.description) cannot be compared with \(right.description)",
      cures: [cure ?? "compare values of one type"])
  }

  /// - Parameter isKnown: both types are known; else both are the one that is wrong.
  static func operandTypes(
    _ op: BinaryOperator, _ left: KnownType, _ right: KnownType, isKnown: Bool = true, at place: Place
  ) -> Diagnostic {
    let cure: Cure
    switch (op, left, right) {
    case (.add, .string, _), (.add, _, .string):
      cure = "write `\"…${value}\"` or `str(value)` to make a string, `int(text)` to make a number"
    case (.multiply, .string, _), (.multiply, _, .string): cure = "write `repeat(text, count)`"
    case (.remainder, .string, _): cure = "write `format(text, value)`"
    case (_, .string, _), (_, _, .string): cure = "write `int(text)` to make a number"
    default: cure = "`\(op.rawValue)` takes numbers\(op == .add ? ", strings or lists" : "")"
    }
    let types = isKnown ? "\(left.description) and \(right.description)" : left.description
    return Diagnostic(CheckerCode.operandTypes, at: place, "`\(op.rawValue)` does not go with \(types)", cures: [cure])
  }

  static func complementType(_ type: KnownType, pattern: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.operandTypes, at: place, "`~` takes an integer, not \(type.description)",
      cures: [.write(pattern, at: place, "a pattern stands alone behind `expect`; elsewhere write `text =~ /…/`")])
  }

  static func divisionByZero(at place: Place) -> Diagnostic {
    Diagnostic(CheckerCode.divisionByZero, at: place, "division by zero", cures: ["divide by something else"])
  }

  static func portRange(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.portRange, at: place, "a port is a number from 0 to 65535",
      cures: ["write 0 where `listen` or `bind` shall take a free one"])
  }

  // MARK: - Operands

  /// - Parameter word: what the duration stands behind.
  static func durationType(_ type: KnownType, after word: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.durationType, at: place, "`\(word)` takes a duration, not \(type.description)",
      cures: ["write it like `5s` or `200ms`; a number counts seconds"])
  }

  static func countType(_ type: KnownType, text: String, at place: Place) -> Diagnostic {
    let isPattern = type == .string || type == .regex
    // `recv lines` and the like: one option and a letter.
    let option = VerbTable[.recv].options.joined().map(\.word.rawValue).first { "\($0)s" == text }
    if let option {
      return Diagnostic(
        CheckerCode.countType, at: place, "`recv` takes a number of bytes, not \(type.description)",
        cures: [.write(option, at: place, "write `recv \(option)`\(option == "line" ? " for each of them" : "")")])
    }
    return Diagnostic(
      CheckerCode.countType, at: place, "`recv` takes a number of bytes, not \(type.description)",
      cures: [isPattern ? "write `recv until \(text)`, or `expect \(text)`" : "write it like `recv 1024`"])
  }

  static func patternType(_ type: KnownType, after word: String, text: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.patternType, at: place, "`\(word)` takes a string or a regex, not \(type.description)",
      cures: [
        type == .number
          ? "write `\"\(text)\"` or `/\(word == "until" ? "" : "^")\(text)/`" : "write `\"…\"` or `/…/`"
      ])
  }

  static func notIterable(_ type: KnownType, text: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.notIterable, at: place, "`for` goes over a list, map, range or string, not over \(type.description)",
      cures: [
        type == .number
          ? .write("0..<\(text)", at: place, "write `0..<\(text)` to count") : "write it like `for x in [1, 2]`"
      ])
  }

  // MARK: - Patterns

  /// - Parameter regex: the string as a regex.
  static func stringLooksLikeRegex(regex: String?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.stringLooksLikeRegex, at: place, "a string is matched byte for byte, but this one looks like a regex",
      cures: [regex.map { .write($0, at: place) } ?? "write `/…/`", "in single quotes it is taken as it stands"])
  }

  /// - Parameter regex: the string as a regex.
  static func stringForRegex(regex: String?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.stringForRegex, at: place, "`=~` and `!~` take a regex on their right, not a string",
      cures: [regex.map { .write($0, at: place) } ?? "write `/…/`"])
  }

  static func regexFlag(_ flag: UInt8, at place: Place) -> Diagnostic {
    let shown = String(decoding: [flag], as: UTF8.self)
    let cure: Cure =
      flag == UInt8(ascii: "g") ? "`replace` replaces every match anyway" : "a regex takes the flags i, m, s and x"
    return Diagnostic(CheckerCode.regexFlag, at: place, "`\(shown)` is no flag of a regex", cures: [cure])
  }

  /// - Parameters:
  ///   - reason: as PCRE2 words it.
  ///   - isMark: a bracket or quantifier is in the wrong place, which may have been meant as text.
  static func regexSyntax(_ reason: String, isMark: Bool, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.regexSyntax, at: place, "bad regex: \(reason)",
      cures: [
        isMark ? "a mark that stands for itself wants `\\` before it" : "regexes are PCRE2's: see pcre2pattern(3)"
      ])
  }
}
