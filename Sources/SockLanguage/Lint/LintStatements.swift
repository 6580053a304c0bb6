// The walk over statements, in the order in which they run: scopes, and what can be reached.

/// How a statement or a block may end.
struct Outcome {
  /// What follows it can be reached.
  var completes = true
  /// It holds a `break` of the loop around it.
  var breaks = false

  static let completing = Outcome()
  static let leaving = Outcome(completes: false)
}

extension FileLinter {
  @discardableResult
  func walk(_ block: Block) -> Outcome {
    for function in block.functions { declare(function.name, .function) }
    var outcome = Outcome()
    var barrier: Statement?
    var isTold = false
    for statement in block.statements {
      if let barrier, !isTold, statement.runsInOrder {
        report(.unreachable(behind: self.barrier(barrier), at: source.place(statement.range)))
        isTold = true
      }
      let one = walk(statement)
      outcome.breaks = outcome.breaks || one.breaks
      if !one.completes, barrier == nil { barrier = statement }
    }
    outcome.completes = barrier == nil
    return outcome
  }

  /// A body that may be left out, or be run again.
  private func walkNested(_ block: Block) -> Outcome { nested { walk(block) } }

  private func walk(_ statement: Statement) -> Outcome {
    switch statement.kind {
    case .declare, .assign, .param, .importFile, .expression, .function: break
    // What stands in a block, or starts there, may use it.
    default: channels.unusedConnection = nil
    }
    switch statement.kind {
    case .declare(let target, let value):
      walk(value)
      forget(target)
      if case .name(let name) = target { keep(value, in: name) }
      declare(target, value)
    case .assign(let target, _, let value):
      walk(value)
      walk(target)
    case .param(let parameter):
      if let value = parameter.value { walk(value) }
      declare(parameter.name, .setting)
    case .importFile(let declaration):
      declare(declaration.name, .importedFile)
    case .returnValue(let value):
      if let value { walk(value) }
      departures += 1
      return .leaving
    case .breakLoop: return Outcome(completes: false, breaks: true)
    case .continueLoop: return .leaving
    case .deferred(let inner, _):
      // It runs later: what it reads or ends is not what comes next.
      isolated(keepsContext: true) { inScope { _ = walk(inner) } }
    case .expression(let value):
      walkUnused(value)
      return value.endsTask ? .leaving : .completing
    case .conditional(let branches, let otherwise):
      return walk(branches, otherwise)
    case .choice(let choice):
      return walk(choice)
    case .whileLoop(let condition, let body):
      var outcome = Outcome()
      let isTrue = condition.value.isTrue
      loopTurn(statement, isEndless: isTrue) {
        walk(condition)
        outcome = walk(body)
        return outcome
      }
      return isTrue ? Outcome(completes: outcome.breaks) : .completing
    case .forLoop(let names, let sequence, let body):
      walk(sequence)
      loopTurn(statement, isEndless: false) {
        for name in names.all {
          forget(name)
          declare(name, .needed)
        }
        return walk(body)
      }
    case .loop(let body):
      var outcome = Outcome()
      loopTurn(statement, isEndless: true) {
        outcome = walk(body)
        return outcome
      }
      return Outcome(completes: outcome.breaks)
    case .function(let function):
      walk(function, parameters: .parameter(of: function.name.variable))
    case .attempt(let body, let catching, let finally):
      return walk(body, catching, finally)
    case .with(let channel, let body):
      walk(channel)
      return withOtherCurrent { walk(body) }
    case .within(let duration, let body):
      walk(duration)
      checkDeadline(duration)
      return walkNested(body)
    case .spawn(let spawn):
      if let name = spawn.name { declare(name, .needed) }
      task(.task) { _ = walk(spawn.body) }
      // It may read on where the step before has stopped.
      channels.openEnds = [:]
    case .serve(let serve):
      return walk(serve, statement)
    case .retry(let within, let every, let body):
      walk(within)
      checkDeadline(within)
      if let every { walk(every) }
      return catching { walkNested(body) }
    case .select(let select):
      return walk(select)
    case .test(let test):
      walk(test)
    case .setup(let setup):
      walk(setup)
    case .message, .invalid: break
    }
    return .completing
  }

  // MARK: - Blocks

  private func walk(_ branches: [ConditionalBranch], _ otherwise: Block?) -> Outcome {
    var outcome = Outcome(completes: otherwise == nil)
    func add(_ one: Outcome) {
      outcome = Outcome(completes: outcome.completes || one.completes, breaks: outcome.breaks || one.breaks)
    }
    apart { apart in
      for branch in branches {
        apart {
          walk(branch.condition)
          add(walkNested(branch.body))
        }
      }
      if let otherwise { apart { add(walkNested(otherwise)) } }
    }
    return outcome
  }

  /// Branches of which one runs: the names of one are not there in the others, so nothing there hides them.
  private func apart(_ branches: ((() -> Void) -> Void) -> Void) {
    var declared: [(name: String, variable: Variable)] = []
    branches { branch in
      let count = scopes[scopes.count - 1].count
      branch()
      for name in scopes[scopes.count - 1][count...] {
        if let variable = visible[name]?.popLast() { declared.append((name, variable)) }
      }
    }
    for (name, variable) in declared { visible[name, default: []].append(variable) }
  }

  private func walk(_ choice: CaseStatement) -> Outcome {
    walk(choice.subject)
    checkValues(of: choice)
    var outcome = Outcome(completes: choice.otherwise == nil)
    func add(_ block: Block) {
      let one = walkNested(block)
      outcome = Outcome(completes: outcome.completes || one.completes, breaks: outcome.breaks || one.breaks)
    }
    apart { apart in
      for branch in choice.branches {
        apart {
          for value in branch.values {
            walk(value)
            checkComparison(choice.subject, value)
          }
          if let name = branch.name {
            forget(name)
            declare(name, .result(holdsChannel: false))
          }
          add(branch.body)
        }
      }
      if let otherwise = choice.otherwise { apart { add(otherwise) } }
    }
    return outcome
  }

  private func walk(_ condition: Condition) {
    walk(condition.value)
    guard let name = condition.name else { return }
    forget(name)
    keep(condition.value, in: name)
    declare(name, .result(holdsChannel: mayHoldChannel(condition.value)))
  }

  private func walk(_ body: Block, _ catching: CatchClause?, _ finally: Block?) -> Outcome {
    var outcome = Outcome()
    apart { apart in
      apart { outcome = catching == nil ? walkNested(body) : self.catching { walkNested(body) } }
      guard let catching else { return }
      apart {
        if let name = catching.name { declare(name, .caught) }
        let one = walkNested(catching.body)
        outcome = Outcome(completes: outcome.completes || one.completes, breaks: outcome.breaks || one.breaks)
      }
    }
    if let finally {
      let one = walkNested(finally)
      outcome = Outcome(completes: outcome.completes && one.completes, breaks: outcome.breaks || one.breaks)
    }
    return outcome
  }

  private func walk(_ select: SelectStatement) -> Outcome {
    var outcome = Outcome(completes: select.cases.isEmpty)
    func add(_ block: Block) {
      let one = walkNested(block)
      outcome = Outcome(completes: outcome.completes || one.completes, breaks: outcome.breaks || one.breaks)
    }
    checkCases(of: select)
    func walkCase(_ item: SelectCase) {
      if let condition = item.condition { walk(condition) }
      switch item.trigger {
      case .after(let duration):
        walk(duration)
        checkDeadline(duration)
      case .step(let step): walk(step, as: .selectCase)
      }
      add(item.body)
    }
    apart { apart in
      // Of `select all` each case runs.
      for item in select.cases { if select.isAll { walkCase(item) } else { apart { walkCase(item) } } }
      if let otherwise = select.otherwise { apart { add(otherwise) } }
    }
    return outcome
  }

  /// - Parameter isEndless: nothing but a `break` ends it.
  private func loopTurn(_ statement: Statement, isEndless: Bool, _ body: () -> Outcome) {
    let before = departures
    var outcome = Outcome()
    nested { inScope { outcome = body() } }
    guard isEndless, !outcome.breaks, departures == before, context.isInTest, !context.isCatching else { return }
    report(.endlessInTest(statement.firstWord(in: source), at: source.place(statement.firstLine(in: source))))
  }

  // MARK: - Bodies with a frame of their own

  func walk(_ function: FunctionDeclaration, parameters: NameOrigin) {
    isolated {
      context.kind = .function
      inScope {
        for parameter in function.parameters {
          if let value = parameter.defaultValue { walk(value) }
          declare(parameter.name, parameters)
        }
        _ = walk(function.body)
      }
    }
  }

  private func walk(_ serve: ServeStatement, _ statement: Statement) -> Outcome {
    if let receiver = serve.receiver { walk(receiver) }
    if let count = serve.count { walk(count) }
    if let workers = serve.workers { walk(workers) }
    task(.connection) { _ = walk(serve.body) }
    guard serve.count == nil else { return .completing }
    if context.isInTest, !context.isCatching {
      report(.endlessInTest("serve", at: source.place(statement.firstLine(in: source))))
    }
    return .leaving
  }

  private func walk(_ test: TestDeclaration) {
    walk(test.name)
    for part in [test.citation, test.timeout, test.todo] {
      if let part { walk(part) }
    }
    task(.test) {
      context.isInTest = true
      context.testSeconds = test.timeout.map(\.seconds) ?? Limits.testSeconds
      partOfTest { _ = walk(test.body) }
      checkTasks(of: test.body)
    }
  }

  private func walk(_ setup: SetupDeclaration) {
    isolated {
      context.isInTest = true
      context.kind = .setup
      inScope { partOfTest { _ = walk(setup.body) } }
    }
  }

  /// With the tasks and functions that stand in it.
  private func partOfTest(_ body: () -> Void) {
    isPartOfTest = true
    body()
    isPartOfTest = false
  }

  /// A task's body, at whose end its channels are read no more.
  private func task(_ kind: FunctionScope.Kind, _ body: () -> Void) {
    isolated {
      context.kind = kind
      inScope(body)
      reportOpenEnded()
    }
  }

  /// What is known of the channels and the surroundings does not hold inside.
  private func isolated(keepsContext: Bool = false, _ body: () -> Void) {
    let saved = (context, channels, departures)
    if !keepsContext { context = Context() }
    channels = ChannelFlow()
    body()
    (context, channels, departures) = saved
  }

  /// A body whose failures are caught.
  private func catching(_ body: () -> Outcome) -> Outcome {
    let saved = context.isCatching
    context.isCatching = true
    defer { context.isCatching = saved }
    return body()
  }

  private func walk(_ target: AssignmentTarget) {
    switch target {
    case .name(let reference): forget(reference)
    case .list(let references, _): for reference in references { forget(reference) }
    case .index(let base, let index, _):
      walk(base)
      walk(index)
    case .member(let base, _, _): walk(base)
    }
  }

  /// What `let` declares. Whether its value holds a channel matters only for names that are not used.
  private func declare(_ target: Target, _ value: Expression) {
    let names: [NameDeclaration]
    switch target {
    case .name(let name): names = [name]
    case .list(let list, _): names = list
    }
    let isUnused = names.contains { $0.variable?.isUsed == false }
    declare(target, .variable(holdsChannel: isUnused && mayHoldChannel(value)))
  }

  // MARK: - Words

  private func barrier(_ statement: Statement) -> Barrier {
    let line = self.line(of: statement.range)
    switch statement.kind {
    case .returnValue, .breakLoop, .continueLoop, .expression:
      return .word(statement.firstWord(in: source), line: line)
    case .loop, .whileLoop: return .loop(line: line)
    case .serve: return .serve(line: line)
    default: return .block(line: line)
    }
  }
}

extension Statement {
  /// Whether it does something where it stands: a `def` is there before, and a `setup` runs with each test.
  fileprivate var runsInOrder: Bool {
    switch kind {
    case .function, .setup, .importFile, .invalid: false
    default: true
    }
  }

  fileprivate func firstWord(in source: SourceFile) -> String {
    String(decoding: source.bytes(in: range).prefix { Lexer.continuesWord($0) }, as: UTF8.self)
  }

  /// Its range, up to the end of its first line.
  fileprivate func firstLine(in source: SourceFile) -> SourceRange {
    let text = source.bytes(in: range)
    let length = text.firstIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 - text.startIndex } ?? text.count
    return range.word(length)
  }
}

extension Expression {
  /// A step that ends its test, script or function; `try` does not keep it from that.
  fileprivate var endsTask: Bool {
    switch self {
    case .step(let step): VerbTable[step.verb].effect.contains(.leaves)
    case .parenthesized(let inner, _): inner.endsTask
    default: false
    }
  }

  fileprivate var isTrue: Bool {
    switch self {
    case .boolean(let value, _): value
    case .parenthesized(let inner, _): inner.isTrue
    default: false
    }
  }

  /// The value in seconds, where it is written as a number.
  var seconds: Double? {
    switch self {
    case .integer(let value, _): Double(value)
    case .float(let value, _): value
    case .parenthesized(let inner, _): inner.seconds
    default: nil
    }
  }
}
