// The walk over statements: which scope each block has, and what may stand where.

extension FileChecker {
  func check(_ block: Block) {
    hoistFunctions(of: block)
    for statement in block.statements { check(statement) }
  }

  /// A block that opens no scope.
  private func checkNested(_ block: Block, placement: Placement = .inner) {
    let saved = (context.placement, context.isConditional)
    context.placement = placement
    context.isConditional = true
    check(block)
    (context.placement, context.isConditional) = saved
  }

  /// Runs a body in the scope of one turn of a loop.
  private func inTurn(of block: Block, placement: Placement = .inner, _ body: () -> Void) {
    var turn = context
    turn.scope = LexicalScope(
      function: context.scope.function, parent: context.scope, record: block.names, isTurn: true)
    keep(turn.scope, over: block.range)
    turn.isConditional = false
    turn.isInLoop = true
    turn.placement = placement
    inside(turn, body)
  }

  /// Tests may stand in a `for` or `if` of the top level.
  private var nestedPlacement: Placement { context.placement == .inner ? .inner : .topNested }

  func check(_ statement: Statement) {
    switch statement.kind {
    case .declare(let target, let value):
      context.scope.beginValue(of: target)
      check(value)
      context.scope.endValue()
      declare(target, value)
      switch target {
      case .name(let name): noteType(value.knownType, of: name)
      case .list(let names, let range): checkElements(of: value, names: names.count, at: range)
      }
    case .assign(let target, let assignment, let value):
      check(value)
      check(target, assignment, value)
    case .param(let parameter):
      if context.placement != .top { report(.misplaced("param", at: source.place(statement.range))) }
      if let value = parameter.value { check(value) }
      declare(parameter.name, kind: .setting)
    case .importFile(let declaration):
      if context.placement != .top { report(.misplaced("import", at: source.place(statement.range))) }
      imports[ObjectIdentifier(declare(declaration.name, kind: .importedFile))] = declaration
    case .returnValue(let value):
      // The head of the function around it may be what could not be read.
      if !context.isInDefinition, parsed.diagnostics.isEmpty {
        report(.returnOutsideFunction(of: context.scope.function.kind, at: source.place(statement.range)))
      }
      if let value { check(value) }
    case .breakLoop:
      if !context.isInLoop { report(.outsideLoop("break", in: context.scope.function.kind, at: source.place(statement.range))) }
    case .continueLoop:
      if !context.isInLoop { report(.outsideLoop("continue", in: context.scope.function.kind, at: source.place(statement.range))) }
    case .deferred(let inner, let scope):
      inside(functionContext(scope, record: nil, over: statement.range)) { check(inner) }
    case .expression(let value):
      check(value)
    case .conditional(let branches, let otherwise):
      let placement = nestedPlacement
      var choice = context.scope.beginChoice()
      for branch in branches {
        check(branch.condition)
        checkNested(branch.body, placement: placement)
        context.scope.endBranch(of: &choice)
      }
      if let otherwise { checkNested(otherwise, placement: placement) }
      context.scope.end(choice)
    case .choice(let choice):
      check(choice)
    case .whileLoop(let condition, let body):
      inTurn(of: body) {
        check(condition)
        check(body)
      }
    case .forLoop(let names, let sequence, let body):
      check(sequence)
      checkIterable(sequence)
      inTurn(of: body, placement: nestedPlacement) {
        for name in names.all { declare(name, kind: .local) }
        check(body)
      }
    case .loop(let body):
      inTurn(of: body) { check(body) }
    case .function(let function):
      check(function)
    case .message(let message):
      if context.placement != .top { reportMisplaced("message", at: source.place(statement.range.word(7))) }
      check(message)
    case .attempt(let body, let catching, let finally):
      var choice = context.scope.beginChoice()
      checkNested(body)
      if let catching {
        // Where the body fails, it may not have come to its `let`.
        context.scope.endBranch(of: &choice)
        if let name = catching.name { bind(name) }
        checkNested(catching.body)
      }
      context.scope.end(choice)
      if let finally { checkNested(finally) }
    case .with(let channel, let body):
      check(channel)
      checkNested(body)
    case .within(let duration, let body):
      check(duration)
      checkDuration(duration, after: "within")
      checkNested(body)
    case .spawn(let spawn):
      if let name = spawn.name { bind(name) }
      // What it returns is what `wait` gives.
      inside(functionContext(spawn.scope, record: spawn.body.names, over: spawn.body.range, isDefinition: true)) {
        check(spawn.body)
      }
    case .serve(let serve):
      if let receiver = serve.receiver { check(receiver) }
      if let count = serve.count { check(count) }
      if let workers = serve.workers { check(workers) }
      inside(functionContext(serve.scope, record: serve.body.names, over: serve.body.range, isDefinition: true)) {
        check(serve.body)
      }
    case .retry(let within, let every, let body):
      check(within)
      checkDuration(within, after: "within")
      if let every {
        check(every)
        checkDuration(every, after: "every")
      }
      checkNested(body)
    case .select(let select):
      check(select)
    case .test(let test):
      check(test)
    case .setup(let declaration):
      check(declaration)
    case .invalid:
      break
    }
  }

  private func check(_ condition: Condition) {
    checkCondition(condition.value)
    if let name = condition.name { bind(name, isChannel: condition.value.alwaysGivesChannel) }
  }

  // MARK: - Declarations

  func check(_ function: FunctionDeclaration) {
    let names = function.body.names
    inside(functionContext(function.scope, record: names, over: function.range, isDefinition: true)) {
      var hasDefault = false
      for parameter in function.parameters {
        if let value = parameter.defaultValue {
          hasDefault = true
          check(value)
        } else if hasDefault {
          report(.requiredAfterDefault(parameter.name.name, at: source.place(parameter.name.range)))
        }
        declare(parameter.name, kind: .parameter)
      }
      check(function.body)
    }
  }

  private func check(_ test: TestDeclaration) {
    check(test.name)
    for part in [test.citation, test.timeout, test.todo] {
      if let part { check(part) }
    }
    if let timeout = test.timeout { checkDuration(timeout, after: "timeout") }
    if context.placement == .inner { reportMisplaced("test", at: source.place(test.range.word(4))) }
    if context.placement == .top, case .string(let name, let range) = test.name, !name.isEmpty {
      if let first = testNames[name] {
        let line = source.position(of: Int(first.lower)).line
        report(.duplicateTest(line: line, at: source.place(range)))
      } else {
        testNames[name] = range
      }
    }
    tests.append((test, context.scope))
  }

  private func check(_ declaration: SetupDeclaration) {
    let word = declaration.range.word(5)
    if context.placement != .top {
      reportMisplaced("setup", at: source.place(word))
    } else if let first = setup {
      report(.secondSetup(line: source.position(of: Int(first.range.lower)).line, at: source.place(word)))
    } else {
      setup = declaration
      return
    }
    // It belongs to no test, but its names are checked like any others.
    inside(functionContext(declaration.scope, record: declaration.body.names, over: declaration.range)) {
      check(declaration.body)
    }
  }

  // MARK: - Assignment

  private func check(_ target: AssignmentTarget, _ assignment: AssignmentOperator, _ value: Expression) {
    let isUpdate = assignment != .set
    switch target {
    case .name(let reference):
      resolveAssigned(reference, isUpdate: isUpdate)
    case .list(let references, let range):
      if let first = references.first, references.count > 1, references.allSatisfy({ lookUp($0.name) == nil }) {
        reportUndeclared(first.name, at: first.range, role: .listAssignment)
        reportedNames.formUnion(references.map(\.name))
      } else {
        for reference in references { resolveAssigned(reference, isUpdate: isUpdate) }
      }
      checkElements(of: value, names: references.count, at: range)
    case .index(let base, let index, _):
      check(base)
      check(index)
    case .member(let base, let name, let range):
      if case .name(let reference) = base, let variable = lookUpVariable(reference.name),
        variable.kind == .importedFile
      {
        reference.meaning = .variable(variable)
        report(.notAssignable("\(variable.name).\(name)", what: "a name of an imported file", at: source.place(range)))
        return
      }
      check(base)
    }
  }

  // MARK: - case

  private func check(_ choice: CaseStatement) {
    check(choice.subject)
    if choice.branches.isEmpty, !isDamaged(choice.wordRange) {
      report(.caseWithoutBranch(at: source.place(choice.wordRange)))
    }
    var exclusive = context.scope.beginChoice()
    for branch in choice.branches {
      for value in branch.values {
        check(value)
        switch value.knownType {
        case .regex, .range, nil: break
        case .some: checkOperands(.equal, choice.subject, value, value.range)
        }
      }
      if let name = branch.name { bind(name) }
      checkNested(branch.body)
      context.scope.endBranch(of: &exclusive)
    }
    if let otherwise = choice.otherwise { checkNested(otherwise) }
    context.scope.end(exclusive)
  }

  // MARK: - select

  private func check(_ select: SelectStatement) {
    if select.cases.isEmpty { report(.selectWithoutCase(at: source.place(select.wordRange))) }
    var firstAfter: SourceRange?
    var choice = context.scope.beginChoice()
    for item in select.cases {
      // The guard is evaluated on entry, before the step can have set anything.
      if let condition = item.condition { checkCondition(condition) }
      switch item.trigger {
      case .after(let duration):
        check(duration)
        checkDuration(duration, after: "after")
        // The parser has complained about it.
        if case .invalid = duration { break }
        if let first = firstAfter {
          let line = source.position(of: Int(first.lower)).line
          report(.secondAfter(line: line, at: source.place(duration.range)))
        } else {
          firstAfter = item.range
        }
      case .step(let step):
        check(step)
        if !VerbTable[step.verb].waiting.isSelectable {
          report(.caseNotSelectable(step.verb, at: source.place(step.verbRange)))
        } else if let quiet = step.option(.quiet) {
          report(.quietInCase(at: source.place(quiet.range)))
        }
        if let within = step.within { report(.deadlineInCase(at: source.place(within.range))) }
      }
      checkNested(item.body)
      // Of `select all` each case runs once, and `else` between them.
      if !select.isAll { context.scope.endBranch(of: &choice) }
    }
    if let otherwise = select.otherwise { checkNested(otherwise) }
    context.scope.end(choice)
  }
}

extension SourceRange {
  /// Its first `length` bytes: the word that a declaration starts with.
  func word(_ length: Int) -> SourceRange {
    SourceRange(Int(lower), min(Int(upper), Int(lower) + length))
  }
}
