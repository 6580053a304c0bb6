// Expressions: each leaves its value in a register.

import SockLanguage

/// Where the value of an expression is to be.
enum Destination {
  /// A temporary that nothing reads yet: anything may stand in it on the way.
  case scratch(Int)
  /// The register of a variable. What is being computed may still read the variable, and where that fails the variable
  /// keeps its value: only the last instruction writes here, the one that makes the whole value (`finish`, `settle`).
  case variable(Int)
}

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
      !isConstantFunction(variable), variable.message == nil
    else { return nil }
    return register(of: variable)
  }

  /// Compiles into a new temporary.
  func compileTemporary(_ expression: Expression) -> Int {
    let register = allocate()
    compile(expression, into: .scratch(register))
    return register
  }

  /// Emits the instruction that makes a whole value out of what its operands hold: it may write where they stand.
  func finish(_ operation: Operation, _ destination: Destination, _ b: Int = 0, _ c: Int = 0) {
    emit(operation, destination.register, b, c)
  }

  func finish(_ operation: Operation, _ destination: Destination, wide: Int) {
    emit(operation, destination.register, wide: wide)
  }

  /// A register for what takes more than one instruction to make; `settle` brings the value to where it belongs.
  func scratch(for destination: Destination) -> Int {
    if case .scratch(let register) = destination { return register }
    return allocate()
  }

  func settle(_ register: Int, in destination: Destination) {
    if register != destination.register { emit(.take, destination.register, register) }
  }

  func compile(_ expression: Expression, into destination: Destination) {
    let outer = currentRange
    currentRange = expression.range
    defer { currentRange = outer }
    let mark = top
    defer { release(mark) }
    switch expression {
    case .nothing, .invalid: finish(.loadNil, destination)
    case .boolean(let value, _): finish(.loadBoolean, destination, value ? 1 : 0)
    case .integer(let value, _):
      if Int32(exactly: value) != nil {
        finish(.loadInteger, destination, wide: value)
      } else {
        finish(.loadConstant, destination, wide: constant(integer: value))
      }
    case .float(let value, _): finish(.loadConstant, destination, wide: constant(.float(value)))
    case .string(let bytes, _): finish(.loadConstant, destination, wide: constant(string: bytes))
    case .interpolation(let parts, _): compileText(parts, into: destination)
    case .regex(let literal): compileRegex(literal, into: destination)
    case .name(let name): compileName(name, into: destination)
    case .list(let elements, _):
      let first = compileRun(elements)
      finish(.newList, destination, first, elements.count)
    case .map(let entries, _): compileMap(entries, into: destination)
    case .parenthesized(let inner, _): compile(inner, into: destination)
    case .unary(let op, let operand, _): compileUnary(op, operand, into: destination)
    case .binary(let op, let left, let right, _): compileBinary(op, left, right, into: destination)
    case .and(let left, let right, _): compileEither(left, right, unless: .jumpIfFalse, into: destination)
    case .or(let left, let right, _): compileEither(left, right, unless: .jumpIfTrue, into: destination)
    case .not(let operand, _): finish(.not, destination, compile(operand))
    case .range(let lower, let upper, let inclusive, _):
      let first = lower.map { compile($0) } ?? zero()
      if let upper {
        let last = compile(upper, keeping: first)
        finish(inclusive ? .newRange : .newRangeExclusive, destination, last.first, last.second)
      } else {
        finish(.newRangeFrom, destination, first)
      }
    case .call(let call): compileCall(call, into: destination)
    case .index(let base, let index, _):
      let pair = compile(index, keeping: compile(base))
      finish(.getIndex, destination, pair.first, pair.second)
    case .member(let member): compileMember(member, into: destination)
    case .attempt(let inner, let otherwise, _): compileAttempt(inner, otherwise, into: destination)
    case .choice(let condition, let first, let second, _):
      let skips = jumpUnless(condition)
      compile(first, into: destination)
      let done = emit(.jump, 0)
      patch(skips, to: here)
      compile(second, into: destination)
      patch(done, to: here)
    case .function(let function): compileShort(function, into: destination)
    case .template(let template):
      let encode = NameReference(name: BuiltinFunction.encode.rawValue, range: template.range)
      encode.meaning = .function(.encode)
      compileCall(
        Call(callee: .name(encode), arguments: [template.message, template.fields], range: template.range),
        into: destination)
    case .step(let step): compileStep(step, into: destination)
    }
  }

  /// `fn(…) EXPR`: one that captures nothing is a constant.
  private func compileShort(_ function: FunctionDeclaration, into destination: Destination) {
    if captureFree(function) {
      let object = compiled(function)
      // Among the functions it is listed with the others.
      _ = number(of: object)
      finish(.loadConstant, destination, wide: constant(.function(object)))
    } else {
      finish(.makeFunction, destination, wide: child(of: function))
    }
  }

  /// `and` and `or`: the left side's value, or the right side's where that is not true, or is.
  private func compileEither(
    _ left: Expression, _ right: Expression, unless jump: Operation, into destination: Destination
  ) {
    if case .variable(let variable) = destination, isHarmless(right, to: variable) {
      // The right side neither reads the variable nor fails, so the left side's value may stand there already.
      compile(left, into: destination)
      let skip = emit(jump, variable)
      compile(right, into: destination)
      patch(skip, to: here)
      return
    }
    let register = scratch(for: destination)
    compile(left, into: .scratch(register))
    let skip = emit(jump, register)
    compile(right, into: .scratch(register))
    patch(skip, to: here)
    settle(register, in: destination)
  }

  /// Whether an expression is nothing but a literal or another variable.
  private func isHarmless(_ expression: Expression, to variable: Int) -> Bool {
    switch expression {
    case .nothing, .boolean, .integer, .float, .string: return true
    case .parenthesized(let inner, _): return isHarmless(inner, to: variable)
    case .name: return variableRegister(expression).map { $0 != variable } ?? false
    default: return false
    }
  }

  private func zero() -> Int {
    let register = allocate()
    emit(.loadInteger, register, wide: 0)
    return register
  }

  /// Compiles an operand that is evaluated after another, whose register is `first`. That one is copied before when it
  /// belongs to a variable that a step in the later operand sets by `as`: what was read stays what it was.
  func compile(_ second: Expression, keeping first: Int) -> (first: Int, second: Int) {
    let kept = keep(first, from: second)
    return (kept, compile(second))
  }

  /// A register that holds what `register` holds now, whatever the expression does.
  func keep(_ register: Int, from expression: Expression) -> Int {
    guard sets(expression, register) else { return register }
    let copy = allocate()
    emit(.move, copy, register)
    return copy
  }

  /// Whether a step in the expression gives its result to the variable in that register.
  private func sets(_ expression: Expression, _ register: Int) -> Bool {
    switch expression {
    case .nothing, .boolean, .integer, .float, .string, .name: return false
    case .function: return false
    default: return TreeNames(of: expression).steps.contains { resultRegister($0) == register }
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
    case .parenthesized(let inner, _), .unary(_, let inner, _), .not(let inner, _): return onlyReads(inner)
    case .binary(_, let left, let right, _), .index(let left, let right, _), .and(let left, let right, _),
      .or(let left, let right, _):
      return onlyReads(left) && onlyReads(right)
    case .list(let elements, _): return elements.allSatisfy(onlyReads)
    case .map(let entries, _):
      return entries.allSatisfy { entry in
        if case .interpolation = entry.key { return false }
        return onlyReads(entry.value)
      }
    case .range(let lower, let upper, _, _): return (lower.map(onlyReads) ?? true) && (upper.map(onlyReads) ?? true)
    case .call(let call):
      // With more than one argument it may be handed a function to call.
      guard case .name(let name) = call.callee, case .function(let function) = name.meaning, !function.mayWait,
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

  func compileText(_ parts: [StringPart], into destination: Destination) {
    finish(.interpolate, destination, wide: compilePieces(parts).number)
  }

  /// Compiles what fills the holes of an interpolated string. Gives the number of the text, and the registers it reads.
  func compilePieces(_ parts: [StringPart]) -> (number: Int, registers: [Int]) {
    let holes = parts.compactMap { part in if case .hole(let hole) = part { hole } else { nil } }
    let registers = compileOperands(holes)
    var next = registers.makeIterator()
    var pieces: [TextPiece] = []
    for part in parts {
      switch part {
      case .bytes(let bytes): pieces.append(.constant(constant(string: bytes)))
      case .hole: pieces.append(.register(next.next() ?? 0))
      }
    }
    code.texts.append(code.pieces.count..<code.pieces.count + pieces.count)
    code.pieces += pieces
    return (code.texts.count - 1, registers)
  }

  /// Compiles operands that need not stand side by side, in their order; what a later one sets is copied before.
  func compileOperands(_ expressions: [Expression]) -> [Int] {
    expressions.enumerated().map { at, expression in
      let register = compile(expression)
      let isSet = expressions[(at + 1)...].contains { sets($0, register) }
      guard isSet else { return register }
      let copy = allocate()
      emit(.move, copy, register)
      return copy
    }
  }

  private func compileRegex(_ literal: RegexLiteral, into destination: Destination) {
    if let number = constant(regex: literal) {
      finish(.loadConstant, destination, wide: number)
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
        compile(expression, into: .scratch(first + at))
        holes.append(true)
      }
    }
    code.regexes.append(
      RegexSite(first: first, count: literal.parts.count, isHole: holes, flags: ByteString(literal.flags)))
    finish(.makeRegex, destination, wide: code.regexes.count - 1)
  }

  /// The number among the constants of a regular expression without holes. Nil for a bad one, too: the checker has
  /// reported it, or it fails (by a limit) only when it is reached.
  private func constant(regex literal: RegexLiteral) -> Int? {
    guard let bytes = literal.constant,
      let pattern = try? Pattern(source: ByteString(bytes), flags: ByteString(literal.flags))
    else { return nil }
    return constant(.regex(pattern))
  }

  private func compileName(_ name: NameReference, into destination: Destination) {
    switch name.meaning {
    case .variable(let variable): load(variable, into: destination.register)
    case .function(let function):
      finish(.loadConstant, destination, wide: constant(.builtin(BuiltinBox(function))))
    case .predefined(.scriptdir):
      finish(.loadConstant, destination, wide: constant(string: Array(code.file.folder.utf8)))
    case .predefined(let predefined): finish(.loadPredefined, destination, predefined.number)
    case .unresolved: finish(.loadNil, destination)
    }
  }

  private func compileMap(_ entries: [MapEntry], into destination: Destination) {
    let map = scratch(for: destination)
    emit(.newMap, map)
    for entry in entries {
      let mark = top
      let key = allocate()
      switch entry.key {
      case .string(let bytes): emit(.loadConstant, key, wide: constant(string: bytes))
      case .integer(let number): emit(.loadConstant, key, wide: constant(integer: number))
      case .interpolation(let parts): compileText(parts, into: .scratch(key))
      }
      let value = compile(entry.value)
      emit(.setIndex, map, key, value)
      release(mark)
    }
    settle(map, in: destination)
  }

  private func compileUnary(_ op: UnaryOperator, _ operand: Expression, into destination: Destination) {
    finish(op == .negate ? .negate : .complement, destination, compile(operand))
  }

  private func compileBinary(
    _ op: BinaryOperator, _ left: Expression, _ right: Expression, into destination: Destination
  ) {
    if case .integer(let number, _) = right, op == .add || op == .subtract {
      let immediate = op == .add ? number : 0 &- number
      if Int16(exactly: immediate) != nil, number != Int.min {
        // A failure of `a - 1` speaks of what was written: the slow path looks at the source's operator.
        finish(.addImmediate, destination, compile(left), immediate & 0xFFFF)
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
      finish(withConstant, destination, compile(left), number)
      return
    }
    if op == .matches, case .regex(let literal) = right, let number = constant(regex: literal) {
      if number <= Int(UInt16.max) {
        finish(.matchesConstant, destination, compile(left), number)
        return
      }
    }
    let (a, b) = compile(right, keeping: compile(left))
    switch op {
    case .greater: finish(.less, destination, b, a)
    case .greaterOrEqual: finish(.lessOrEqual, destination, b, a)
    case .containedNot:
      let isContained = allocate()
      emit(.contained, isContained, a, b)
      finish(.not, destination, isContained)
    default: finish(Operation(op), destination, a, b)
    }
  }

  /// The number among the constants of a literal that an instruction can take from there.
  func literal(_ expression: Expression) -> Int? {
    switch expression {
    case .integer(let value, _): return constant(integer: value)
    case .string(let bytes, _): return constant(string: bytes)
    default: return nil
    }
  }

  /// Compiles a condition and gives its value to the name that it has; the jumps to be patched are taken when it is
  /// false.
  func jumpUnless(_ condition: Condition) -> [Int] {
    guard let name = condition.name else { return jumpUnless(condition.value) }
    let mark = top
    defer { release(mark) }
    if let variable = name.variable.flatMap(register(of:)) {
      compile(condition.value, into: .variable(variable))
      return [emit(.jumpIfFalse, variable)]
    }
    let register = compileTemporary(condition.value)
    declare(name, from: register)
    return [emit(.jumpIfFalse, register)]
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
      case .containedNot:
        let isContained = allocate()
        compile(.binary(.contained, left, right, condition.range), into: .scratch(isContained))
        return [emit(.jumpIfTrue, isContained)]
      default: return [emit(.jumpIfFalse, compile(condition))]
      }
      if let number = literal(right) {
        emit(constantTest, compile(left), wide: number)
        return [emit(.jump, 0)]
      }
      let (a, b) = compile(right, keeping: compile(left))
      let isSwapped = op == .greater || op == .greaterOrEqual
      emit(test, isSwapped ? b : a, isSwapped ? a : b)
      return [emit(.jump, 0)]
    default:
      return [emit(.jumpIfFalse, compile(condition))]
    }
  }

  // MARK: - Calls and members

  private func compileCall(_ call: Call, into destination: Destination) {
    /// Where the call's value comes to be: below its arguments, or where the first of them was. A temporary that is the
    /// topmost register will do.
    func callBase() -> Int {
      if case .scratch(let register) = destination, register == top - 1 { return register }
      return allocate()
    }
    switch call.callee {
    case .name(let name):
      switch name.meaning {
      case .function(let function):
        if function == .output, let apart = CommandWords.apart(call) { return compileCall(apart, into: destination) }
        // What may have to wait, or calls a function itself, is called like a function of the script.
        if !function.mayWait, !mayCallBack(function, call.arguments) {
          if call.arguments.count == 1, function == .len {
            if case .scratch(let register) = destination, variableRegister(call.arguments[0]) == nil {
              compile(call.arguments[0], into: destination)
              emit(.length, register, register)
            } else {
              finish(.length, destination, compile(call.arguments[0]))
            }
            return
          }
          if call.arguments.count == 1, let argument = variableRegister(call.arguments[0]) {
            finish(.callUnary, destination, function.number, argument)
            return
          }
          let base = callBase()
          if let first = call.arguments.first { compile(first, into: .scratch(base)) }
          _ = compileRun(Array(call.arguments.dropFirst()))
          emit(.callBuiltin, base, function.number, call.arguments.count)
          settle(base, in: destination)
          return
        }
      case .variable(let variable):
        if let declaration = variable.function, isConstantFunction(variable), captureFree(declaration) {
          let function = compiled(declaration)
          let number = number(of: function)
          if number < Int(UInt16.max) {
            let base = callBase()
            _ = compileRun(call.arguments)
            currentRange = call.range
            emit(.callDirect, base, number, call.arguments.count)
            settle(base, in: destination)
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
    let base = callBase()
    compile(call.callee, into: .scratch(base))
    _ = compileRun(call.arguments)
    currentRange = call.range
    emit(.call, base, call.arguments.count)
    settle(base, in: destination)
  }

  /// Whether one of the arguments may be a function that is to be called.
  private func mayCallBack(_ function: BuiltinFunction, _ arguments: [Expression]) -> Bool {
    switch (function, arguments.last?.unwrapped) {
    case (.replace, .string?), (.replace, .interpolation?): return false
    case (.sort, _): return arguments.count > 1
    default: return function.callsBack
    }
  }

  /// `client.login("x")`: the function runs with that channel current.
  private func compileCall(
    onChannel member: MemberReference, meaning: NameMeaning, _ call: Call, into destination: Destination
  ) {
    let saved = allocate(2)
    let result = allocate()
    let receiver = allocate()
    compile(member.base, into: .scratch(receiver))
    emit(.enterChannel, saved, receiver)
    let name = NameReference(name: member.name, range: member.nameRange)
    name.meaning = meaning
    let plain = Call(callee: .name(name), arguments: call.arguments, range: call.range)
    protected(.channel(saved)) { compileCall(plain, into: .scratch(result)) }
    settle(result, in: destination)
  }

  private func compileMember(_ member: MemberReference, into destination: Destination) {
    if case .exported(let variable, _) = member.meaning {
      load(variable, into: destination.register)
      return
    }
    let base = compile(member.base)
    let site = MemberSite(name: member.name)
    if site.channel == .screen || site.channel == .cursor { program.readsScreens = true }
    code.members.append(site)
    if code.members.count > Int(UInt16.max) { tooLarge("more than \(UInt16.max) uses of `.name` in one body") }
    currentRange = member.range
    finish(.getMember, destination, base, code.members.count - 1)
  }

  /// `try EXPR else EXPR`: the second one on failure, or nil.
  private func compileAttempt(_ inner: Expression, _ otherwise: Expression?, into destination: Destination) {
    let failure = allocate()
    let result = allocate()
    let start = here
    compile(inner, into: .scratch(result))
    let end = here
    settle(result, in: destination)
    emit(.loadNil, failure)
    emit(.setError, failure)
    let done = emit(.jump, 0)
    code.handlers.append(Handler(start: start, end: end, target: here, register: failure, isCleanup: false))
    emit(.setError, failure)
    if let otherwise { compile(otherwise, into: destination) } else { finish(.loadNil, destination) }
    patch(done, to: here)
  }
}

extension Destination {
  /// For the instruction that makes the whole value, and nothing else.
  fileprivate var register: Int {
    switch self {
    case .scratch(let register), .variable(let register): return register
    }
  }
}

extension Operation {
  /// What an operator does to two registers. Of `>` and its like, which have no operation of their own: of what they are
  /// the other way round, or not.
  init(_ operation: BinaryOperator) {
    switch operation {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .remainder: self = .remainder
    case .shiftLeft: self = .shiftLeft
    case .shiftRight: self = .shiftRight
    case .bitAnd: self = .bitAnd
    case .bitXor: self = .bitXor
    case .bitOr: self = .bitOr
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less, .greater: self = .less
    case .lessOrEqual, .greaterOrEqual: self = .lessOrEqual
    case .contained, .containedNot: self = .contained
    case .matches: self = .matches
    case .matchesNot: self = .matchesNot
    }
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
