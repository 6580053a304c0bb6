// Expressions: each leaves its value in a register.

import SockLanguage

extension BodyCompiler {
  /// Compiles to wherever the value is: a variable's own register, or a new temporary.
  func compile(_ expression: Expression) -> Int {
    if let variable = variableRegister(expression) { return variable }
    if case .step(let step) = expression, let variable = compileInVariable(step) { return variable }
    return compileTemporary(expression)
  }

  /// The register of the variable that the expression names, if it lives in one.
  func variableRegister(_ expression: Expression) -> Int? {
    guard case .name(let name) = expression.unwrapped, case .variable(let variable) = name.meaning,
      !isConstantFunction(variable)
    else { return nil }
    return register(of: variable)
  }

  /// Compiles into a new temporary.
  func compileTemporary(_ expression: Expression) -> Int {
    let destination = allocate()
    compile(expression, into: destination, isTemporary: true)
    return destination
  }

  /// - Parameter isTemporary: the destination is the register allocated last, and nothing reads it yet: a call may stand
  ///   in it.
  func compile(_ expression: Expression, into destination: Int, isTemporary: Bool = false) {
    let outer = currentRange
    currentRange = expression.range
    defer { currentRange = outer }
    let mark = top
    defer { release(mark) }
    switch expression {
    case .nothing, .invalid: emit(.loadNil, destination)
    case .boolean(let value, _): emit(.loadBoolean, destination, value ? 1 : 0)
    case .integer(let value, _):
      if Int32(exactly: value) != nil {
        emit(.loadInteger, destination, wide: value)
      } else {
        emit(.loadConstant, destination, wide: constant(integer: value))
      }
    case .float(let value, _): emit(.loadConstant, destination, wide: constant(.float(value)))
    case .string(let bytes, _): emit(.loadConstant, destination, wide: constant(string: bytes))
    case .interpolation(let parts, _): compileText(parts, into: destination)
    case .regex(let literal): compileRegex(literal, into: destination)
    case .name(let name): compileName(name, into: destination)
    case .list(let elements, _):
      let first = compileRun(elements)
      emit(.newList, destination, first, elements.count)
    case .map(let entries, _): compileMap(entries, into: destination)
    case .parenthesized(let inner, _): compile(inner, into: destination, isTemporary: isTemporary)
    case .unary(let op, let operand, _): compileUnary(op, operand, into: destination)
    case .binary(let op, let left, let right, _): compileBinary(op, left, right, into: destination)
    case .and(let left, let right, _):
      compile(left, into: destination)
      let skip = emit(.jumpIfFalse, destination)
      compile(right, into: destination)
      patch(skip, to: here)
    case .or(let left, let right, _):
      compile(left, into: destination)
      let skip = emit(.jumpIfTrue, destination)
      compile(right, into: destination)
      patch(skip, to: here)
    case .not(let operand, _):
      emit(.not, destination, compile(operand))
    case .range(let lower, let upper, let inclusive, _):
      let first = lower.map { compile($0) } ?? zero()
      if let upper {
        let last = stable(first, before: upper) { compile(upper) }
        emit(inclusive ? .newRange : .newRangeExclusive, destination, last.first, last.second)
      } else {
        emit(.newRangeFrom, destination, first)
      }
    case .call(let call): compileCall(call, into: destination, isTemporary: isTemporary)
    case .index(let base, let index, _):
      let object = compile(base)
      let pair = stable(object, before: index) { compile(index) }
      emit(.getIndex, destination, pair.first, pair.second)
    case .member(let member): compileMember(member, into: destination)
    case .attempt(let inner, _): compileAttempt(inner, into: destination)
    case .step(let step): compileStep(step, into: destination)
    }
  }

  private func zero() -> Int {
    let register = allocate()
    emit(.loadInteger, register, wide: 0)
    return register
  }

  /// Evaluates the second operand after the first. When the second acts (a step may set the first's variable by `as`),
  /// the first is copied before.
  func stable(_ first: Int, before second: Expression, _ compileSecond: () -> Int) -> (first: Int, second: Int) {
    var first = first
    if acts(second) {
      let copy = allocate()
      emit(.move, copy, first)
      first = copy
    }
    return (first, compileSecond())
  }

  /// Whether an operand contains a verb phrase where a person would write one: itself, in parentheses, or one operator down.
  private func acts(_ expression: Expression) -> Bool {
    switch expression {
    case .step, .attempt: return true
    case .parenthesized(let inner, _), .unary(_, let inner, _), .not(let inner, _): return acts(inner)
    case .binary(_, let left, let right, _), .and(let left, let right, _), .or(let left, let right, _),
      .index(let left, let right, _):
      return acts(left) || acts(right)
    case .call(let call): return call.arguments.contains(where: acts)
    case .member(let member): return acts(member.base)
    default: return false
    }
  }

  /// Whether evaluating it does nothing but look: no step, no call of a function that could set a variable.
  func onlyReads(_ expression: Expression) -> Bool {
    switch expression {
    case .nothing, .boolean, .integer, .float, .string, .name: return true
    case .interpolation(let parts, _):
      return parts.allSatisfy { part in
        guard case .hole(let hole) = part else { return true }
        return onlyReads(hole)
      }
    case .parenthesized(let inner, _): return onlyReads(inner)
    case .binary(_, let left, let right, _), .index(let left, let right, _): return onlyReads(left) && onlyReads(right)
    case .call(let call):
      // With more than one argument it may be handed a function to call.
      guard case .name(let name) = call.callee, case .function(let function) = name.meaning, function != .resolve,
        call.arguments.count == 1
      else { return false }
      return onlyReads(call.arguments[0])
    default: return false
    }
  }

  /// Compiles several values into registers side by side.
  func compileRun(_ expressions: [Expression]) -> Int {
    let first = top
    for expression in expressions { _ = compileTemporary(expression) }
    return first
  }

  func compileText(_ parts: [StringPart], into destination: Int) {
    emit(.interpolate, destination, wide: compilePieces(parts).number)
  }

  /// Compiles what fills the holes of an interpolated string. Gives the number of the text, and the registers it reads.
  func compilePieces(_ parts: [StringPart]) -> (number: Int, registers: [Int]) {
    let acting = parts.lastIndex { part in
      if case .hole(let expression) = part { return acts(expression) }
      return false
    }
    var pieces: [TextPiece] = []
    var registers: [Int] = []
    for (at, part) in parts.enumerated() {
      switch part {
      case .bytes(let bytes): pieces.append(.constant(constant(string: bytes)))
      case .hole(let expression):
        // What a later hole may set is copied before.
        let register = at < acting ?? 0 ? compileTemporary(expression) : compile(expression)
        pieces.append(.register(register))
        registers.append(register)
      }
    }
    code.texts.append(code.pieces.count..<code.pieces.count + pieces.count)
    code.pieces += pieces
    return (code.texts.count - 1, registers)
  }

  private func compileRegex(_ literal: RegexLiteral, into destination: Int) {
    if let number = constant(regex: literal) {
      emit(.loadConstant, destination, wide: number)
      return
    }
    let first = allocate(literal.parts.count)
    var holes: [Bool] = []
    for (at, part) in literal.parts.enumerated() {
      switch part {
      case .bytes(let bytes):
        emit(.loadConstant, first + at, wide: constant(string: bytes))
        holes.append(false)
      case .hole(let expression):
        compile(expression, into: first + at)
        holes.append(true)
      }
    }
    code.regexes.append(
      RegexSite(first: first, count: literal.parts.count, isHole: holes, flags: ByteString(literal.flags)))
    emit(.makeRegex, destination, wide: code.regexes.count - 1)
  }

  /// The number among the constants of a regular expression without holes. Nil for a bad one, too: the checker has
  /// reported it, or it fails (by a limit) only when it is reached.
  private func constant(regex literal: RegexLiteral) -> Int? {
    guard let bytes = literal.constant,
      let pattern = try? Pattern(source: ByteString(bytes), flags: ByteString(literal.flags))
    else { return nil }
    return constant(.regex(pattern))
  }

  private func compileName(_ name: NameReference, into destination: Int) {
    switch name.meaning {
    case .variable(let variable): load(variable, into: destination)
    case .function(let function):
      emit(.loadConstant, destination, wide: constant(.builtin(BuiltinBox(function))))
    case .predefined(.scriptdir): emit(.loadConstant, destination, wide: constant(string: Array(code.file.folder.utf8)))
    case .predefined(let predefined): emit(.loadPredefined, destination, predefined.number)
    case .unresolved: emit(.loadNil, destination)
    }
  }

  private func compileMap(_ entries: [MapEntry], into destination: Int) {
    // Built apart: the destination may be a variable that the entries read.
    let map = allocate()
    emit(.newMap, map)
    for entry in entries {
      let mark = top
      let key = allocate()
      switch entry.key {
      case .string(let bytes): emit(.loadConstant, key, wide: constant(string: bytes))
      case .integer(let number): emit(.loadConstant, key, wide: constant(integer: number))
      case .interpolation(let parts): compileText(parts, into: key)
      }
      let value = compile(entry.value)
      emit(.setIndex, map, key, value)
      release(mark)
    }
    emit(.take, destination, map)
  }

  private func compileUnary(_ op: UnaryOperator, _ operand: Expression, into destination: Int) {
    let value = compile(operand)
    emit(op == .negate ? .negate : .complement, destination, value)
  }

  private func compileBinary(_ op: BinaryOperator, _ left: Expression, _ right: Expression, into destination: Int) {
    if case .integer(let number, _) = right, op == .add || op == .subtract {
      let immediate = op == .add ? number : 0 &- number
      if Int16(exactly: immediate) != nil, number != Int.min {
        // A failure of `a - 1` speaks of what was written: the slow path looks at the source's operator.
        emit(.addImmediate, destination, compile(left), immediate & 0xFFFF)
        return
      }
    }
    let withConstant: Operation?
    switch op {
    case .multiply: withConstant = .multiplyConstant
    case .divide: withConstant = .divideConstant
    case .remainder: withConstant = .remainderConstant
    default: withConstant = nil
    }
    if let withConstant, let number = literal(right), number <= Int(UInt16.max) {
      emit(withConstant, destination, compile(left), number)
      return
    }
    if op == .matches, case .regex(let literal) = right, let number = constant(regex: literal) {
      if number <= Int(UInt16.max) {
        emit(.matchesConstant, destination, compile(left), number)
        return
      }
    }
    let first = compile(left)
    let (a, b) = stable(first, before: right) { compile(right) }
    switch op {
    case .add: emit(.add, destination, a, b)
    case .subtract: emit(.subtract, destination, a, b)
    case .multiply: emit(.multiply, destination, a, b)
    case .divide: emit(.divide, destination, a, b)
    case .remainder: emit(.remainder, destination, a, b)
    case .shiftLeft: emit(.shiftLeft, destination, a, b)
    case .shiftRight: emit(.shiftRight, destination, a, b)
    case .bitAnd: emit(.bitAnd, destination, a, b)
    case .bitXor: emit(.bitXor, destination, a, b)
    case .bitOr: emit(.bitOr, destination, a, b)
    case .equal: emit(.equal, destination, a, b)
    case .notEqual: emit(.notEqual, destination, a, b)
    case .less: emit(.less, destination, a, b)
    case .lessOrEqual: emit(.lessOrEqual, destination, a, b)
    case .greater: emit(.less, destination, b, a)
    case .greaterOrEqual: emit(.lessOrEqual, destination, b, a)
    case .contained: emit(.contained, destination, a, b)
    case .matches: emit(.matches, destination, a, b)
    case .matchesNot: emit(.matchesNot, destination, a, b)
    }
  }

  /// The number among the constants of a literal that an instruction can take from there.
  private func literal(_ expression: Expression) -> Int? {
    switch expression {
    case .integer(let value, _): return constant(integer: value)
    case .string(let bytes, _): return constant(string: bytes)
    default: return nil
    }
  }

  /// Compiles a condition; the jumps to be patched are taken when it is false.
  func jumpUnless(_ condition: Expression) -> [Int] {
    let outer = currentRange
    currentRange = condition.range
    defer { currentRange = outer }
    let mark = top
    defer { release(mark) }
    switch condition {
    case .parenthesized(let inner, _): return jumpUnless(inner)
    case .and(let left, let right, _):
      let first = jumpUnless(left)
      return first + jumpUnless(right)
    case .boolean(true, _): return []
    case .binary(let op, let left, let right, _):
      let (test, constantTest): (Operation, Operation)
      switch op {
      case .equal: (test, constantTest) = (.skipIfEqual, .skipIfEqualConstant)
      case .notEqual: (test, constantTest) = (.skipIfNotEqual, .skipIfNotEqualConstant)
      case .less: (test, constantTest) = (.skipIfLess, .skipIfLessConstant)
      case .lessOrEqual: (test, constantTest) = (.skipIfLessOrEqual, .skipIfLessOrEqualConstant)
      case .greater: (test, constantTest) = (.skipIfLess, .skipIfGreaterConstant)
      case .greaterOrEqual: (test, constantTest) = (.skipIfLessOrEqual, .skipIfGreaterOrEqualConstant)
      default: return [emit(.jumpIfFalse, compile(condition))]
      }
      if let number = literal(right) {
        emit(constantTest, compile(left), wide: number)
        return [emit(.jump, 0)]
      }
      let first = compile(left)
      let (a, b) = stable(first, before: right) { compile(right) }
      let isSwapped = op == .greater || op == .greaterOrEqual
      emit(test, isSwapped ? b : a, isSwapped ? a : b)
      return [emit(.jump, 0)]
    default:
      return [emit(.jumpIfFalse, compile(condition))]
    }
  }

  // MARK: - Calls and members

  private func compileCall(_ call: Call, into destination: Int, isTemporary: Bool = false) {
    // A call's value comes to be below its arguments, or where the first of them was.
    let isInPlace = isTemporary && destination == top - 1
    switch call.callee {
    case .name(let name):
      switch name.meaning {
      case .function(let function):
        if function != .resolve {
          if call.arguments.count == 1, function == .len {
            if isInPlace, variableRegister(call.arguments[0]) == nil {
              compile(call.arguments[0], into: destination, isTemporary: true)
              emit(.length, destination, destination)
            } else {
              emit(.length, destination, compile(call.arguments[0]))
            }
            return
          }
          if call.arguments.count == 1, let argument = variableRegister(call.arguments[0]) {
            emit(.callUnary, destination, function.number, argument)
            return
          }
          let base = isInPlace ? destination : allocate()
          if let first = call.arguments.first { compile(first, into: base, isTemporary: true) }
          _ = compileRun(Array(call.arguments.dropFirst()))
          emit(.callBuiltin, base, function.number, call.arguments.count)
          if base != destination { emit(.take, destination, base) }
          return
        }
        compileResolve(call, into: destination)
        return
      case .variable(let variable):
        if let declaration = variable.function, isConstantFunction(variable), captureFree(declaration) {
          let function = compiled(declaration)
          let number = number(of: function)
          if number < Int(UInt16.max) {
            let base = isInPlace ? destination : allocate()
            _ = compileRun(call.arguments)
            currentRange = call.range
            emit(.callDirect, base, number, call.arguments.count)
            if base != destination { emit(.take, destination, base) }
            return
          }
        }
      default: break
      }
    case .member(let member):
      if case .functionOnChannel(let meaning) = member.meaning {
        compileCall(onChannel: member, meaning: meaning, call, into: destination)
        return
      }
    default: break
    }
    let base = isInPlace ? destination : allocate()
    compile(call.callee, into: base)
    _ = compileRun(call.arguments)
    currentRange = call.range
    emit(.call, base, call.arguments.count)
    if base != destination { emit(.take, destination, base) }
  }

  /// `client.login("x")`: the function runs with that channel current.
  private func compileCall(
    onChannel member: MemberReference, meaning: NameMeaning, _ call: Call, into destination: Int
  ) {
    let saved = allocate(2)
    let result = allocate()
    let receiver = allocate()
    compile(member.base, into: receiver)
    emit(.enterChannel, saved, receiver)
    let name = NameReference(name: member.name, range: member.nameRange)
    name.meaning = meaning
    let plain = Call(callee: .name(name), arguments: call.arguments, range: call.range)
    protected(.channel(saved)) { compileCall(plain, into: result) }
    emit(.take, destination, result)
  }

  /// `resolve` may have to wait for a name server, so it is performed like a step.
  private func compileResolve(_ call: Call, into destination: Int) {
    let first = allocate(max(2, call.arguments.count))
    for (at, argument) in call.arguments.enumerated() { compile(argument, into: first + at) }
    if call.arguments.count < 2 { emit(.loadNil, first + 1) }
    emit(.resolve, destination, first)
  }

  private func compileMember(_ member: MemberReference, into destination: Int) {
    if case .exported(let variable, _) = member.meaning {
      load(variable, into: destination)
      return
    }
    let base = compile(member.base)
    code.members.append(MemberSite(name: member.name))
    if code.members.count > Int(UInt16.max) { tooLarge("more than \(UInt16.max) uses of `.name` in one body") }
    currentRange = member.range
    emit(.getMember, destination, base, code.members.count - 1)
  }

  /// `try EXPR`: nil on failure.
  private func compileAttempt(_ inner: Expression, into destination: Int) {
    let failure = allocate()
    let result = allocate()
    let start = here
    compile(inner, into: result)
    let end = here
    emit(.take, destination, result)
    emit(.loadNil, failure)
    emit(.setError, failure)
    let done = emit(.jump, 0)
    code.handlers.append(Handler(start: start, end: end, target: here, register: failure, isCleanup: false))
    emit(.setError, failure)
    emit(.loadNil, destination)
    patch(done, to: here)
  }
}

extension PredefinedName {
  /// Its place among the cases, for an instruction's operand: how Swift stores it.
  var number: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
  init(number: Int) { self = unsafeBitCast(UInt8(truncatingIfNeeded: number), to: PredefinedName.self) }
}

extension BuiltinFunction {
  /// As `PredefinedName.number`.
  var number: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
  init(number: Int) { self = unsafeBitCast(UInt8(truncatingIfNeeded: number), to: BuiltinFunction.self) }
}
