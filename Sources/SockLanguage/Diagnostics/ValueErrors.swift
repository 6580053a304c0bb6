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
  static func constantCondition(
    _ type: KnownType, cure: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .constantCondition, "this condition is always true: it is \(type.description)", help: [cure],
      notes: ["only nil and false are false"], at: range, in: file)
  }

  static func comparisonTypes(
    _ left: KnownType, _ right: KnownType, cure: String?, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .comparisonTypes, "\(left.description) cannot be compared with \(right.description)",
      help: [cure ?? "compare values of one type"], at: range, in: file)
  }

  /// - Parameter isKnown: both types are known; else both are the one that is wrong.
  static func operandTypes(
    _ op: BinaryOperator, _ left: KnownType, _ right: KnownType, isKnown: Bool = true, at range: SourceRange,
    in file: SourceFile
  ) -> Diagnostic {
    let cure: String
    switch (op, left, right) {
    case (.add, .string, _), (.add, _, .string):
      cure = "write `\"…${value}\"` or `str(value)` to make a string, `int(text)` to make a number"
    case (.multiply, .string, _), (.multiply, _, .string): cure = "write `repeat(text, count)`"
    case (.remainder, .string, _): cure = "write `format(text, value)`"
    case (_, .string, _), (_, _, .string): cure = "write `int(text)` to make a number"
    default: cure = "`\(op.rawValue)` takes numbers\(op == .add ? ", strings or lists" : "")"
    }
    let types = isKnown ? "\(left.description) and \(right.description)" : left.description
    return Diagnostic(
      .operandTypes, "`\(op.rawValue)` does not go with \(types)", help: [cure], at: range, in: file)
  }

  static func divisionByZero(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(.divisionByZero, "division by zero", help: ["divide by something else"], at: range, in: file)
  }

  static func portRange(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .portRange, "a port is a number from 0 to 65535",
      help: ["write 0 where `listen` or `bind` shall take a free one"], at: range, in: file)
  }

  // MARK: - Operands

  /// - Parameter word: what the duration stands behind.
  static func durationType(
    _ type: KnownType, after word: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .durationType, "`\(word)` takes a duration, not \(type.description)",
      help: ["write it like `5s` or `200ms`; a number counts seconds"], at: range, in: file)
  }

  static func countType(
    _ type: KnownType, text: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    let isPattern = type == .string || type == .regex
    return Diagnostic(
      .countType, "`recv` takes a number of bytes, not \(type.description)",
      help: [isPattern ? "write `recv until \(text)`, or `expect \(text)`" : "write it like `recv 1024`"],
      at: range, in: file)
  }

  static func patternType(
    _ type: KnownType, after word: String, text: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .patternType, "`\(word)` takes a string or a regex, not \(type.description)",
      help: [
        type == .number
          ? "write `\"\(text)\"` or `/\(word == "until" ? "" : "^")\(text)/`" : "write `\"…\"` or `/…/`"
      ], at: range, in: file)
  }

  static func notIterable(
    _ type: KnownType, text: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .notIterable, "`for` goes over a list, map, range or string, not over \(type.description)",
      help: [type == .number ? "write `0..<\(text)` to count" : "write it like `for x in [1, 2]`"],
      at: range, in: file)
  }

  // MARK: - Patterns

  static func stringLooksLikeRegex(cure: String?, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .stringLooksLikeRegex, "a string is matched byte for byte, but this one looks like a regex",
      help: [cure ?? "write `/…/`", "in single quotes it is taken as it stands"], at: range, in: file)
  }

  static func stringForRegex(cure: String?, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .stringForRegex, "`=~` and `!~` take a regex on their right, not a string",
      help: [cure ?? "write `/…/`"], at: range, in: file)
  }

  static func regexFlag(_ flag: UInt8, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let shown = String(decoding: [flag], as: UTF8.self)
    let cure =
      flag == UInt8(ascii: "g") ? "`replace` replaces every match anyway" : "a regex takes the flags i, m, s and x"
    return Diagnostic(.regexFlag, "`\(shown)` is no flag of a regex", help: [cure], at: range, in: file)
  }

  /// - Parameters:
  ///   - reason: as PCRE2 words it.
  ///   - isMark: a bracket or quantifier is in the wrong place, which may have been meant as text.
  static func regexSyntax(
    _ reason: String, isMark: Bool, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .regexSyntax, "bad regex: \(reason)",
      help: [
        isMark ? "a mark that stands for itself wants `\\` before it" : "regexes are PCRE2's: see pcre2pattern(3)"
      ], at: range, in: file)
  }
}
