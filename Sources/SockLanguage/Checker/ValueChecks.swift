// What can be said about values before the script runs: conditions that never change, operands of
// types that do not go together, patterns and durations that are something else.

extension Expression {
  var knownType: KnownType? {
    switch self {
    case .string, .interpolation: .string
    case .integer, .float, .unary(.negate, _, _): .number
    case .boolean, .not: .boolean
    case .list: .list
    case .map: .map
    case .range: .range
    case .regex: .regex
    case .function: .function
    case .parenthesized(let inner, _): inner.knownType
    case .choice(_, let first, let second, _): first.knownType == second.knownType ? first.knownType : nil
    case .name(let reference): reference.meaning.knownType
    case .call(let call):
      if case .name(let reference) = call.callee, case .function(let function) = reference.meaning {
        FunctionTable[function].result.knownType
      } else {
        nil
      }
    case .binary(let op, _, _, _):
      switch op {
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contained, .containedNot, .matchesNot:
        .boolean
      default: nil
      }
    default: nil
    }
  }
}

extension NameMeaning {
  fileprivate var knownType: KnownType? {
    switch self {
    case .function: .function
    case .variable(let variable): variable.kind == .function ? .function : nil
    case .predefined(.args): .list
    case .predefined(.tmpdir), .predefined(.scriptdir): .string
    case .predefined, .unresolved: nil
    }
  }
}

extension FunctionResult {
  fileprivate var knownType: KnownType? {
    switch self {
    case .string: .string
    case .integer, .float, .number: .number
    case .list: .list
    case .boolean: .boolean
    case .map: .map
    case .regex: .regex
    case .any, .integerOrNil, .listOrMapOrNil, .stringOrNil: nil
    }
  }
}

extension FileChecker {
  // MARK: - Conditions

  func checkCondition(_ condition: Expression) {
    check(condition)
    checkConstant(condition)
  }

  /// A condition, or a part of one, that is true whatever happens.
  func checkConstant(_ condition: Expression) {
    var current = condition
    while true {
      switch current {
      case .parenthesized(let inner, _), .not(let inner, _):
        current = inner
      case .and(let left, let right, _), .or(let left, let right, _):
        checkConstant(right)
        current = left
      default:
        guard let type = current.knownType, type != .boolean else { return }
        report(.constantCondition(type, cure: cure(for: current, type), at: source.place(current.range)))
        return
      }
    }
  }

  private func cure(for condition: Expression, _ type: KnownType) -> Cure {
    let text = source.text(condition.range)
    let place = source.place(condition.range)
    switch (condition, type) {
    case (.call, .number): return .write("\(text) > 0", at: place)
    case (.call, .string): return .write("\(text) != \"\"", at: place)
    case (.integer(0, _), _): return .write("false", at: place)
    case (.name, .list): return .write("len(\(text)) > 0", at: place)
    case (.name, .function): return "write `\(text)(…)` to call it"
    default: return "compare it with something, or write `true`"
    }
  }

  // MARK: - Operators

  func checkOperands(_ op: BinaryOperator, _ left: Expression, _ right: Expression, _ range: SourceRange) {
    switch op {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      guard let a = left.knownType, let b = right.knownType, a != b else { return }
      let needsNumber = (a == .string && b == .number) || (a == .number && b == .string)
      report(.comparisonTypes(a, b, cure: needsNumber ? numberCure(left, right) : nil, at: source.place(range)))
    case .divide, .remainder:
      if right.isZero { report(.divisionByZero(at: source.place(right.range))) }
      checkNumbers(op, left, right, range)
    case .multiply, .subtract, .shiftLeft, .shiftRight:
      checkNumbers(op, left, right, range)
    case .add:
      guard let a = left.knownType, let b = right.knownType else { return }
      if a != b || (a != .string && a != .number && a != .list) {
        report(.operandTypes(op, a, b, at: source.place(range)))
      }
    case .matches, .matchesNot:
      if right.knownType == .string {
        report(.stringForRegex(regex: regex(from: right), at: source.place(right.range)))
      }
    case .bitAnd, .bitXor, .bitOr, .contained, .containedNot:
      break
    }
  }

  /// `expect line ~ /ok/`: another language's way to match.
  func checkOperand(_ op: UnaryOperator, _ operand: Expression, _ range: SourceRange) {
    guard op == .complement, let type = operand.knownType, type == .regex || type == .string else { return }
    report(.complementType(type, pattern: source.text(operand.range), at: source.place(range)))
  }

  private func checkNumbers(_ op: BinaryOperator, _ left: Expression, _ right: Expression, _ range: SourceRange) {
    let a = left.knownType
    let b = right.knownType
    guard let wrong = [a, b].compactMap({ $0 }).first(where: { $0 != .number }) else { return }
    // One side may be unknown: what is wrong is wrong with any other.
    report(.operandTypes(op, a ?? wrong, b ?? wrong, isKnown: a != nil && b != nil, at: source.place(range)))
  }

  private func numberCure(_ left: Expression, _ right: Expression) -> Cure {
    let range = (left.knownType == .string ? left : right).range
    let number = "int(\(source.text(range)))"
    return .write(number, at: source.place(range), "write `\(number)` to compare numbers")
  }

  // MARK: - Operands of steps and blocks

  func checkDuration(_ value: Expression, after word: String) {
    guard let type = value.knownType, type != .number else { return }
    report(.durationType(type, after: word, at: source.place(value.range)))
  }

  func checkCount(_ value: Expression) {
    guard let type = value.knownType, type != .number else { return }
    report(.countType(type, text: source.text(value.range), at: source.place(value.range)))
  }

  func checkIterable(_ value: Expression) {
    guard let type = value.knownType else { return }
    switch type {
    case .list, .map, .range, .string: return
    case .number, .boolean, .regex, .function:
      report(.notIterable(type, text: source.text(value.range), at: source.place(value.range)))
    }
  }

  /// What `expect`, `until` and `skipping` look for: a string or a regex.
  func checkPattern(_ value: Expression, of word: String) {
    if let type = value.knownType, type != .string, type != .regex {
      report(.patternType(type, after: word, text: source.text(value.range), at: source.place(value.range)))
    } else if looksLikeRegex(value) {
      report(.stringLooksLikeRegex(regex: regex(from: value), at: source.place(value.range)))
    }
  }

  /// `"^220"`, `"ok$"` or `"a.*b"`. A string in single quotes, or with `\$`, is meant as it stands.
  private func looksLikeRegex(_ value: Expression) -> Bool {
    switch value {
    case .string(_, let range), .interpolation(_, let range):
      let text = source.bytes(in: range)
      guard text.count > 3, text.first == 0x22, text.last == 0x22, !text.starts(with: "\"\"\"".utf8) else {
        return false
      }
      let content = text.dropFirst().dropLast()
      if content.first == 0x5E { return true }
      if content.last == 0x24, content.dropLast().last != 0x5C { return true }
      return zip(content, content.dropFirst()).contains { $0 == 0x2E && $1 == 0x2A }
    default:
      return false
    }
  }

  /// The string's text as a regex literal.
  private func regex(from value: Expression) -> String? {
    let text = source.bytes(in: value.range)
    guard text.count > 2, text.count < 80, let quote = text.first, quote == 0x22 || quote == 0x27, text.last == quote,
      !text.starts(with: "\"\"\"".utf8)
    else { return nil }
    let content = String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
    return "/\(content.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/"))/"
  }

  // MARK: - Names that are not interpolated

  /// `"hello $name"`, where `name` is a variable. What is escaped, or inside a hole, is left alone.
  func checkDollarNames(in range: SourceRange, holes: [SourceRange]) {
    let bytes = source.bytes
    let end = min(Int(range.upper), bytes.count)
    var offset = Int(range.lower)
    guard offset < end, bytes[offset] != 0x27 else { return }
    var nextHole = 0
    while offset < end {
      switch bytes[offset] {
      case 0x5C:
        offset += 2
      case 0x24 where offset + 1 < end && bytes[offset + 1] == 0x7B:
        while nextHole < holes.count, Int(holes[nextHole].lower) < offset { nextHole += 1 }
        offset = nextHole < holes.count ? max(offset + 2, Int(holes[nextHole].upper)) : offset + 2
      case 0x24:
        let start = offset
        offset += 1
        guard offset < end, Lexer.startsWord(bytes[offset]) else { continue }
        while offset < end, Lexer.continuesWord(bytes[offset]) { offset += 1 }
        let name = String(decoding: bytes[(start + 1)..<offset], as: UTF8.self)
        if let variable = lookUpVariable(name), variable.kind.isAssignable {
          report(.dollarInText(name, at: source.place(SourceRange(start, offset))))
        }
      default:
        offset += 1
      }
    }
  }
}

extension Expression {
  fileprivate var isZero: Bool {
    switch self {
    case .integer(let value, _): value == 0
    case .float(let value, _): value == 0
    case .parenthesized(let inner, _): inner.isZero
    default: false
    }
  }
}
