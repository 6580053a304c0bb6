// Verb phrases: operands into registers side by side, the rest into a `StepSite`.

import SockLanguage

extension BodyCompiler {
  /// Compiles a step; its result goes to `destination`, and to the name after `as`.
  func compileStep(_ step: Step, into destination: Destination) {
    let outer = currentRange
    defer { currentRange = outer }
    let mark = top
    defer { release(mark) }
    switch VerbTable[step.verb].operand {
    case .conditionAndMessage:
      compileAssertion(step)
      finish(.loadBoolean, destination, 1)
    case .none, .optionalValue, .value, .values, .oneOrTwo, .optionalAddress, .address, .word, .wordAndOptionalValue,
      .expressions, .codeAndMessage:
      let number = compileSite(of: step)
      guard let name = step.result else {
        finish(.step, destination, wide: number)
        return
      }
      if let variable = resultRegister(step) {
        emit(.step, variable, wide: number)
        if case .variable(variable) = destination { return }
        finish(.move, destination, variable)
      } else {
        let result = allocate()
        emit(.step, result, wide: number)
        declare(name, from: result)
        settle(result, in: destination)
      }
    }
  }

  /// The number of the step's site. What it evaluates has been compiled.
  private func compileSite(of step: Step) -> Int {
    let site = compileSite(step, variable: soleOperand(step))
    currentRange = step.range
    code.steps.append(site)
    return code.steps.count - 1
  }

  /// The register of the variable that a step's result gets, if it lives in one.
  func resultRegister(_ step: Step) -> Int? {
    step.result?.variable.flatMap(register(of:))
  }

  /// Compiles a step with `as` so that its result stands in its variable only: that register. Nil, and nothing is
  /// compiled: it has no register to itself.
  func compileInVariable(_ step: Step) -> Int? {
    guard let variable = resultRegister(step) else { return nil }
    compileStep(step, into: .variable(variable))
    return variable
  }

  /// Evaluates what a step needs, in the order it is written in the table: receiver, data, address, options, deadline.
  ///
  /// - Parameter variable: the register where the only operand stands already.
  func compileSite(_ step: Step, variable: Int? = nil) -> StepSite {
    currentRange = step.range
    let site = StepSite(verb: step.verb, file: code.file, range: step.range)
    site.resultName = step.result?.name
    site.mayBeMapKey = step.mayBeMapKey
    if let message = step.message {
      program.messageSteps.append(
        MessageStep(file: code.file, range: step.range, layout: program.layout(of: message)))
    }
    site.base = top
    if let receiver = step.receiver {
      site.receiver = next(site, receiver)
      if case .name(let name) = receiver { site.receiverName = name.name }
    }
    if !step.operands.isEmpty {
      site.operandCount = step.operands.count
      site.operands = top - site.base
      if let variable {
        site.operands = variable - site.base
      } else if VerbTable[step.verb].operand.value == .command,
        case .interpolation(let parts, _)? = step.operands.first
      {
        compileCommand(parts, site)
      } else if step.verb == .expect, case .template(let template)? = step.operands.first {
        site.operandCount = 2
        _ = compileRun([template.message, template.fields])
      } else {
        _ = compileRun(step.operands)
      }
    }
    if let address = step.address { compileAddress(address, site) }
    if let word = step.word {
      switch word {
      case .literal(let text, _): site.word = text
      case .integer(let number, let range): site.wordValue = next(site, .integer(number, range))
      case .expression(let expression): site.wordValue = next(site, expression)
      }
    }
    for option in step.options {
      site.words.insert(option.word)
      switch option.value {
      case .none: break
      case .expression(let expression):
        site.optionValues.append((option.word, next(site, expression)))
      case .word(.literal(let text, _)):
        site.optionWords.append((option.word, text))
      case .word(.integer(let number, let range)):
        site.optionValues.append((option.word, next(site, .integer(number, range))))
      case .word(.expression(let expression)):
        site.optionValues.append((option.word, next(site, expression)))
      case .address(let address):
        site.optionValues.append((option.word, compileOneAddress(address, site)))
      }
    }
    if site.has(.screen) { program.readsScreens = true }
    if let within = step.within { site.within = next(site, within) }
    // A step without operands still gets a register that is its own.
    if top == site.base { _ = allocate() }
    return site
  }

  /// The register of the variable that is all that the step evaluates, its receiver aside: it is read where it is, as
  /// nothing that could change it comes between.
  private func soleOperand(_ step: Step) -> Int? {
    guard step.operands.count == 1, step.address == nil, step.within == nil, step.options.allSatisfy(\.isPlain) else {
      return nil
    }
    if case .expression? = step.word { return nil }
    return variableRegister(step.operands[0])
  }

  /// The command of `run`, as a list of its pieces: words are found before the holes are filled.
  private func compileCommand(_ parts: [StringPart], _ site: StepSite) {
    let register = allocate()
    let first = allocate(parts.count)
    for (at, part) in parts.enumerated() {
      switch part {
      case .bytes(let bytes): emit(.loadConstant, first + at, wide: constant(string: bytes))
      case .hole(let expression): compile(expression, into: .scratch(first + at))
      }
      if case .hole = part { site.commandFillings.append(true) } else { site.commandFillings.append(false) }
    }
    emit(.newList, register, first, parts.count)
    release(register + 1)
  }

  /// Compiles into the next register; its offset from the site's base.
  private func next(_ site: StepSite, _ expression: Expression) -> Int {
    compileTemporary(expression) - site.base
  }

  private func compileAddress(_ address: AddressOperand, _ site: StepSite) {
    if case .hostAndPort(let host, let port) = address {
      site.address = next(site, host)
      site.addressPort = next(site, port)
    } else {
      site.address = compileOneAddress(address, site)
    }
  }

  /// An address that takes one register. A host and a port apart become a list of the two.
  private func compileOneAddress(_ address: AddressOperand, _ site: StepSite) -> Int {
    let register = allocate()
    switch address {
    case .bare(let parts, let range):
      let outer = currentRange
      currentRange = range
      compileText(parts, into: .scratch(register))
      currentRange = outer
    case .value(let expression): compile(expression, into: .scratch(register))
    case .hostAndPort(let host, let port):
      let first = compileRun([host, port])
      emit(.newList, register, first, 2)
    }
    release(register + 1)
    return register - site.base
  }

  /// `assert` and `check`: on failure the message shows the values of the expression's parts.
  private func compileAssertion(_ step: Step) {
    guard let condition = step.operands.first else { return }
    var parts: [AssertionSite.Part] = []
    var sides: AssertionSite.Sides?
    let result = compileParts(of: condition, reached: [], &parts, &sides)
    let pass = emit(.jumpIfTrue, result)
    let message = allocate()
    if step.operands.count > 1 { compile(step.operands[1], into: .scratch(message)) } else { emit(.loadNil, message) }
    code.assertions.append(
      AssertionSite(
        text: code.file.text(condition.range), parts: parts, sides: condition.isComparison ? sides : nil,
        isCheck: step.verb == .check))
    currentRange = step.range
    emit(.assertionFailed, message, wide: code.assertions.count - 1)
    patch(pass, to: here)
  }

  /// Compiles a condition so that the values of its parts are still there when it is known to be false.
  ///
  /// - Parameter reached: what has to hold for this condition to be evaluated at all.
  private func compileParts(
    of condition: Expression, reached: [AssertionSite.Turn], _ parts: inout [AssertionSite.Part],
    _ sides: inout AssertionSite.Sides?
  ) -> Int {
    let result = allocate()
    switch condition {
    case .parenthesized(let inner, _): return compileParts(of: inner, reached: reached, &parts, &sides)
    case .not(let inner, _):
      emit(.not, result, compileParts(of: inner, reached: reached, &parts, &sides))
    case .binary(let op, let left, let right, let range) where op.isCondition:
      let a = compileOperand(left, reached, &parts)
      let b = compileOperand(right, reached, &parts)
      sides = AssertionSite.Sides(
        left: (code.file.text(left.range), a), right: (code.file.text(right.range), b),
        isEquality: op == .equal,
        isTurned: !right.isLiteral
          && (left.isLiteral || ["want", "wanted", "expected"].contains(code.file.text(left.range))))
      currentRange = range
      switch op {
      case .equal: emit(.equal, result, a, b)
      case .notEqual: emit(.notEqual, result, a, b)
      case .less: emit(.less, result, a, b)
      case .lessOrEqual: emit(.lessOrEqual, result, a, b)
      case .greater: emit(.less, result, b, a)
      case .greaterOrEqual: emit(.lessOrEqual, result, b, a)
      case .contained: emit(.contained, result, a, b)
      case .containedNot:
        emit(.contained, result, a, b)
        emit(.not, result, result)
      case .matches: emit(.matches, result, a, b)
      default: emit(.matchesNot, result, a, b)
      }
    case .and(let left, let right, _), .or(let left, let right, _):
      let isAnd = if case .and = condition { true } else { false }
      let first = compileParts(of: left, reached: reached, &parts, &sides)
      emit(.move, result, first)
      let skip = emit(isAnd ? .jumpIfFalse : .jumpIfTrue, result)
      let turn = AssertionSite.Turn(register: first, isTrue: isAnd)
      emit(.move, result, compileParts(of: right, reached: reached + [turn], &parts, &sides))
      patch(skip, to: here)
    default:
      compile(condition, into: .scratch(result))
      if !condition.isLiteral {
        parts.append(AssertionSite.Part(code.file.text(condition.range), result, reached))
      }
    }
    return result
  }

  /// Compiles what is compared into a register of its own; of a calculation its operands, too.
  private func compileOperand(
    _ expression: Expression, _ reached: [AssertionSite.Turn], _ parts: inout [AssertionSite.Part]
  ) -> Int {
    if case .parenthesized(let inner, _) = expression { return compileOperand(inner, reached, &parts) }
    let register = allocate()
    if !expression.isLiteral {
      parts.append(AssertionSite.Part(code.file.text(expression.range), register, reached))
    }
    if case .binary(let op, let left, let right, let range) = expression, !op.isCondition, !expression.isLiteral {
      let a = compileOperand(left, reached, &parts)
      let b = compileOperand(right, reached, &parts)
      currentRange = range
      emit(Operation(op), register, a, b)
    } else {
      compile(expression, into: .scratch(register))
    }
    return register
  }
}

extension Step {
  /// The message that it sends or reads, where the text names it.
  fileprivate var message: MessageDeclaration? {
    guard let operand = operands.first else { return nil }
    switch verb {
    case .send:
      if case .template(let template) = operand { return template.message.message }
      return nil
    case .recv, .expect:
      if case .template(let template) = operand { return template.message.message }
      return operand.message
    default: return nil
    }
  }
}

extension StepOption {
  /// Nothing is evaluated for it.
  fileprivate var isPlain: Bool {
    switch value {
    case .none, .word(.literal), .word(.integer): return true
    case .expression, .address, .word(.expression): return false
    }
  }
}

extension BinaryOperator {
  var isCondition: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contained, .containedNot, .matches,
      .matchesNot:
      return true
    default: return false
    }
  }
}

extension Expression {
  /// Its text says its value.
  var isLiteral: Bool {
    switch self {
    case .nothing, .boolean, .integer, .float, .string, .regex: return true
    case .parenthesized(let inner, _): return inner.isLiteral
    case .list(let elements, _): return elements.allSatisfy(\.isLiteral)
    case .map(let entries, _):
      return entries.allSatisfy { entry in
        if case .interpolation = entry.key { return false }
        return entry.value.isLiteral
      }
    default: return false
    }
  }

  /// Whether it is one comparison, and no `and`, `or` or `not` of several.
  var isComparison: Bool {
    switch self {
    case .parenthesized(let inner, _): return inner.isComparison
    case .binary(let op, _, _, _): return op.isCondition
    default: return false
    }
  }
}
