// Statements that are no blocks.

import SockLanguage

extension BodyCompiler {
  func compileStatements(_ block: Block) {
    for declaration in block.functions { compileFunction(declaration) }
    for statement in block.statements {
      currentRange = statement.range
      if program.stopsAtStatements, statement.isPerformed { emit(.pause) }
      emptyingTemporaries { compile(statement) }
    }
  }

  func compile(_ statement: Statement) {
    switch statement.kind {
    case .declare(let target, let value): compileDeclaration(target, value)
    case .assign(let target, let op, let value): compileAssignment(target, op, value)
    case .param(let parameter): compileParameter(parameter)
    case .importFile(let declaration): compileImport(declaration)
    case .returnValue(let value):
      let register: Int
      if let value {
        // What a `finally` sets on the way out does not change what is returned.
        register = cleanups.isEmpty ? compile(value) : compileTemporary(value)
      } else {
        register = allocate()
        emit(.loadNil, register)
      }
      leave(to: 0) { emit(.returnValue, register) }
    case .breakLoop:
      guard let loop = loops.indices.last else { return }
      leave(to: loops[loop].cleanupDepth) { loops[loop].breaks.append(emit(.jump, 0)) }
    case .continueLoop:
      guard let loop = loops.indices.last else { return }
      leave(to: loops[loop].cleanupDepth) { loops[loop].continues.append(emit(.jump, 0)) }
    case .deferred(let inner, let scope):
      let body = Block(statements: [inner], range: inner.range)
      emit(.deferFunction, 0, wide: child(
        name: "defer", kind: .deferred, scope: scope, range: statement.range, body: body))
    case .expression(let expression):
      if case .step(let step) = expression, compileInVariable(step) != nil { break }
      _ = compileTemporary(expression)
    case .conditional(let branches, let otherwise): compileConditional(branches, otherwise)
    case .choice(let choice): compileCase(choice)
    case .whileLoop(let condition, let body): compileWhile(condition, body)
    case .forLoop(let names, let sequence, let body): compileFor(names, sequence, body)
    case .loop(let body): compileWhile(nil, body)
    case .function, .message: break  // compiled where its block begins, and where it is used
    case .attempt(let body, let catching, let finally): compileTry(body, catching, finally)
    case .with(let channel, let body): compileWith(channel, body)
    case .within(let duration, let body): compileWithin(duration, body)
    case .spawn(let spawn): compileSpawn(spawn, range: statement.range)
    case .serve(let serve): compileServe(serve, range: statement.range)
    case .retry(let within, let every, let body): compileRetry(within, every, body)
    case .select(let select): compileSelect(select)
    case .test(let test): compileTest(test)
    case .setup, .invalid: break
    }
  }

  private func compileDeclaration(_ target: Target, _ value: Expression) {
    switch target {
    case .name(let name):
      if let variable = name.variable, let register = register(of: variable) {
        compile(value, into: .variable(register))
        return
      }
      let register = compile(value)
      declare(name, from: register)
    case .list(let names, _):
      let list = compile(value)
      if case .step(let step) = value, VerbTable[step.verb].gives == .pair {
        code.steps.last?.pairNames = names.map(\.name)
      }
      takeApart(list, into: names.count) { at, register in declare(names[at], from: register) }
    }
  }

  private func takeApart(_ list: Int, into count: Int, _ use: (Int, Int) -> Void) {
    let first = allocate(max(1, count))
    emit(.takeApart, list, first, count)
    for at in 0..<count { use(at, first + at) }
  }

  private func compileAssignment(_ target: AssignmentTarget, _ op: AssignmentOperator, _ value: Expression) {
    switch target {
    case .name(let name):
      guard case .variable(let variable) = name.meaning else { return }
      if let register = register(of: variable) {
        compileAssignment(toRegister: register, of: variable, op, value)
      } else {
        compileAssignment(toCell: variable, op, value)
      }
    case .index(let base, let index, let range):
      let (object, key) = compile(index, keeping: compile(base))
      let (a, b) = (keep(object, from: value), keep(key, from: value))
      if let number = addition(toElement: a, b, op, value) {
        emit(.addToElement, a, b, number & 0xFFFF)
        let done = emit(.jump, 0)
        compileElement(a, b, target, op, value, range)
        patch(done, to: here)
      } else {
        compileElement(a, b, target, op, value, range)
      }
    case .member(let base, let name, let range):
      let object = keep(compile(base), from: value)
      let key = allocate()
      emit(.loadConstant, key, wide: constant(string: Array(name.utf8)))
      compileElement(object, key, target, op, value, range)
    case .list(let names, _):
      let list = compile(value)
      takeApart(list, into: names.count) { at, register in
        if case .variable(let variable) = names[at].meaning { store(variable, from: register) }
      }
    }
  }

  private func compileAssignment(
    toRegister register: Int, of variable: Variable, _ op: AssignmentOperator, _ value: Expression
  ) {
    guard let addition = addition(to: variable, op, value) else {
      switch op {
      case .set: compile(value, into: .variable(register))
      case .update(.subtract):
        let (old, number) = compile(value, keeping: register)
        emit(.subtract, register, old, number)
      case .update(let operation): compile(updated(variable, operation, value), into: .variable(register))
      }
      return
    }
    let old = keep(register, from: addition)
    if old != register {
      emit(.add, register, old, compile(addition))
    } else if case .interpolation(let parts, _) = addition {
      compileAddition(of: parts, to: register)
    } else {
      // `s = s + x` and `s += x` grow a string in place: a loop that builds one is linear.
      emit(.append, register, compile(addition))
    }
  }

  /// For a variable that lives in no register of this body.
  private func compileAssignment(toCell variable: Variable, _ op: AssignmentOperator, _ value: Expression) {
    if let addition = addition(to: variable, op, value) {
      compileInPlace(Self.appending, variable, addition)
      return
    }
    if op == .set, case .index(let base, let index, _) = value, isUse(of: variable, base) {
      compileInPlace(Self.slicing, variable, index)
      return
    }
    let result = allocate()
    switch op {
    case .set: compile(value, into: .scratch(result))
    case .update(let operation): compile(updated(variable, operation, value), into: .scratch(result))
    }
    store(variable, from: result)
  }

  /// What `variable op= value` sets it to.
  private func updated(_ variable: Variable, _ operation: BinaryOperator, _ value: Expression) -> Expression {
    let name = NameReference(name: variable.name, range: currentRange)
    name.meaning = .variable(variable)
    return .binary(operation, .name(name), value, currentRange)
  }

  /// `s = s + "…${x}"`: without making the text apart, unless the text has `s` in it.
  private func compileAddition(of parts: [StringPart], to register: Int) {
    let (text, registers) = compilePieces(parts)
    if registers.contains(register) {
      let whole = allocate()
      emit(.interpolate, whole, wide: text)
      emit(.append, register, whole)
    } else {
      emit(.appendText, register, wide: text)
    }
  }

  /// `v = v + operand` or `v = v[operand]` for a variable that lives in no register of this body.
  private func compileInPlace(_ operations: CellOperations, _ variable: Variable, _ operand: Expression) {
    // What the variable was is kept where the operand could set it.
    let old = onlyReads(operand) ? nil : allocate()
    if let old { load(variable, into: old) }
    let register = compile(operand)
    if emit(operations, register, on: variable, old.map { $0 + 1 } ?? 0) { return }
    let result = allocate()
    if old == nil { load(variable, into: result) }
    emit(operations == Self.appending ? .add : .getIndex, result, old ?? result, register)
    store(variable, from: result)
  }

  private func compileElement(
    _ object: Int, _ key: Int, _ target: AssignmentTarget, _ op: AssignmentOperator, _ value: Expression,
    _ range: SourceRange
  ) {
    let result: Int
    switch (op, value) {
    case (.update(.add), _):
      let old = allocate()
      emit(.getIndex, old, object, key)
      _ = compileTemporary(value)
      emit(.appendElement, object, key, old)
      return
    case (.set, .binary(.add, let element, let operand, _)) where isElement(target, element),
      (.set, .index(let element, let operand, _)) where isElement(target, element):
      let old = compileTemporary(element)
      _ = compileTemporary(operand)
      let isIndex = if case .index = value { true } else { false }
      emit(isIndex ? .sliceElement : .appendElement, object, key, old)
      return
    case (.set, _): result = compile(value)
    case (.update(let operation), _):
      result = allocate()
      emit(.getIndex, result, object, key)
      emit(Operation(operation), result, result, compile(value))
    }
    currentRange = range
    emit(.setIndex, object, key, result)
  }

  /// What is added when a variable is set to itself plus something, and the something does not read or set it by acting.
  private func addition(to variable: Variable, _ op: AssignmentOperator, _ value: Expression) -> Expression? {
    if op == .update(.add) { return value }
    guard op == .set, case .binary(.add, let left, let right, _) = value, isUse(of: variable, left) else { return nil }
    return right
  }

  private func isUse(of variable: Variable, _ expression: Expression) -> Bool {
    guard case .name(let name) = expression, case .variable(let used) = name.meaning else { return false }
    return used === variable
  }

  /// Whether two expressions are one name, or one literal.
  private func isSame(_ a: Expression, _ b: Expression) -> Bool {
    switch (a, b) {
    case (.name(let a), .name(let b)):
      guard case .variable(let first) = a.meaning, case .variable(let second) = b.meaning else { return false }
      return first === second
    case (.integer(let a, _), .integer(let b, _)): return a == b
    case (.string(let a, _), .string(let b, _)): return a == b
    default: return false
    }
  }

  /// Whether an expression reads the element that a target is; both are names and literals throughout.
  private func isElement(_ target: AssignmentTarget, _ expression: Expression) -> Bool {
    switch (target, expression) {
    case (.index(let base, let index, _), .index(let otherBase, let otherIndex, _)):
      return isSame(base, otherBase) && isSame(index, otherIndex)
    case (.member(let base, let name, _), .member(let other)):
      guard case .property = other.meaning else { return false }
      return name == other.name && isSame(base, other.base)
    default: return false
    }
  }

  /// n, a literal, of `m[k] += n`, `m[k] = m[k] + n` and `m[k] = (m[k] or x) + n`, where m and k are variables in these
  /// registers: counting looks an element up once, instead of reading it, adding and setting it.
  private func addition(toElement object: Int, _ key: Int, _ op: AssignmentOperator, _ value: Expression) -> Int? {
    if op == .update(.add), case .integer(let number, _) = value { return Int16(exactly: number).map(Int.init) }
    guard op == .set, case .binary(.add, let left, .integer(let number, _), _) = value.unwrapped else { return nil }
    var element = left.unwrapped
    if case .or(let inner, _, _) = element { element = inner.unwrapped }
    guard case .index(let base, let index, _) = element, variableRegister(base) == object,
      variableRegister(index) == key
    else { return nil }
    return Int16(exactly: number).map(Int.init)
  }

  private func compileParameter(_ parameter: ParameterDeclaration) {
    let register = allocate()
    if let value = parameter.value { compile(value, into: .scratch(register)) } else { emit(.loadNil, register) }
    code.settings.append(
      SettingSite(
        name: parameter.name.name, isSecret: parameter.isSecret, isRequired: parameter.value == nil,
        numberKind: parameter.numberKind, range: parameter.range))
    currentRange = parameter.range
    emit(.loadSetting, register, wide: code.settings.count - 1)
    declare(parameter.name, from: register)
  }

  private func compileImport(_ declaration: ImportDeclaration) {
    guard let module = program.module(of: declaration) else { return }
    code.modules.append(module)
    let register = allocate()
    emit(.importModule, register, wide: code.modules.count - 1)
    emit(.loadConstant, register, wide: constant(.module(module)))
    declare(declaration.name, from: register)
  }

  private func compileSpawn(_ spawn: SpawnStatement, range: SourceRange) {
    let task = allocate()
    let body = child(name: spawn.name?.name ?? "spawn", kind: .task, scope: spawn.scope, range: range, body: spawn.body)
    emit(.spawn, task, wide: body)
    if let name = spawn.name { declare(name, from: task) }
  }

  private func compileServe(_ serve: ServeStatement, range: SourceRange) {
    var operands = compileOperands([serve.receiver, serve.count, serve.workers].compactMap(\.self)).makeIterator()
    let receiver = serve.receiver.flatMap { _ in operands.next() } ?? -1
    let count = serve.count.flatMap { _ in operands.next() } ?? -1
    let workers = serve.workers.flatMap { _ in operands.next() } ?? -1
    // The turn's state: how many connections are accepted, and the tasks that still run.
    let state = allocate()
    emit(.loadInteger, state, wide: 0)
    let body = child(name: "serve", kind: .connection, scope: serve.scope, range: range, body: serve.body)
    code.serves.append(ServeSite(body: body, receiver: receiver, count: count, workers: workers, range: range))
    emit(.serve, state, wide: code.serves.count - 1)
  }

  private func compileTest(_ test: TestDeclaration) {
    let first = allocate(4)
    for (at, part) in [test.name, test.citation, test.timeout, test.todo].enumerated() {
      if let part { compile(part, into: .scratch(first + at)) } else { emit(.loadNil, first + at) }
    }
    let body = child(
      name: "test", kind: .test, scope: test.scope, range: test.range, body: test.body, prologue: test.scope.prologue)
    code.tests.append(TestCode(declaration: test, child: body))
    emit(.declareTest, first, wide: code.tests.count - 1)
  }
}
