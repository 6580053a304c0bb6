// Blocks: loops, conditions, and everything that must be undone when control leaves it.

import SockLanguage

/// What has to happen when control leaves a block, however it does.
struct Cleanup {
  enum Kind {
    /// The current connection and listener are restored from r[n], r[n + 1].
    case channel(Int)
    /// The deadline is restored from r[n].
    case deadline(Int)
    case finally(Block)
    /// A `catch`: nothing to do, but its region ends where cleanups outside it are written out.
    case none
  }
  let kind: Kind
  let register: Int
  /// The stretches of code that the block's handler covers.
  var covered: [(start: Int, end: Int)] = []
  var openedAt: Int
}

struct LoopContext {
  let cleanupDepth: Int
  var breaks: [Int] = []
  var continues: [Int] = []
}

extension BodyCompiler {
  // MARK: - Leaving

  /// Undoes the blocks from the innermost down to `depth`, then does `exit` (a jump or a return).
  func leave(to depth: Int, _ exit: () -> Void) {
    let paused = cleanups.count
    for at in stride(from: cleanups.count - 1, through: depth, by: -1) {
      cleanups[at].covered.append((cleanups[at].openedAt, here))
      undo(cleanups[at].kind, outside: at)
    }
    exit()
    for at in depth..<max(depth, paused) { cleanups[at].openedAt = here }
  }

  private func undo(_ kind: Cleanup.Kind, outside depth: Int) {
    switch kind {
    case .channel(let register): emit(.leaveChannel, register)
    case .deadline(let register): emit(.leaveDeadline, register)
    case .finally(let block):
      // What the `finally` itself leaves (a `return` in it) must not run it again.
      let inner = Array(cleanups[depth...])
      cleanups.removeSubrange(depth...)
      compileStatements(block)
      cleanups += inner
    case .none: break
    }
  }

  /// Compiles code that is followed by its cleanup, whether it ends, fails, or is left by a jump.
  func protected(_ kind: Cleanup.Kind, _ body: () -> Void) {
    let failure = allocate()
    cleanups.append(Cleanup(kind: kind, register: failure, openedAt: here))
    body()
    var cleanup = cleanups.removeLast()
    cleanup.covered.append((cleanup.openedAt, here))
    undo(kind, outside: cleanups.count)
    let done = emit(.jump, 0)
    close(cleanup, at: here, isCleanup: true)
    undo(kind, outside: cleanups.count)
    emit(.raise, failure)
    patch(done, to: here)
  }

  private func close(_ cleanup: Cleanup, at target: Int, isCleanup: Bool) {
    for stretch in cleanup.covered where stretch.start < stretch.end {
      code.handlers.append(
        Handler(
          start: stretch.start, end: stretch.end, target: target, register: cleanup.register, isCleanup: isCleanup))
    }
  }

  // MARK: - Conditions and loops

  func compileConditional(_ branches: [ConditionalBranch], _ otherwise: Block?) {
    var ends: [Int] = []
    for (at, branch) in branches.enumerated() {
      let mark = top
      let skip = jumpUnless(branch.condition)
      release(mark)
      compileStatements(branch.body)
      if at + 1 < branches.count || otherwise != nil { ends.append(emit(.jump, 0)) }
      patch(skip, to: here)
    }
    if let otherwise { compileStatements(otherwise) }
    patch(ends, to: here)
  }

  /// `while`, or `loop` without a condition.
  func compileWhile(_ condition: Condition?, _ body: Block) {
    let start = here
    let turn = top
    loops.append(LoopContext(cleanupDepth: cleanups.count))
    enterScope(body)
    let exits = condition.map { jumpUnless($0) } ?? []
    let place = condition?.value.range ?? currentRange
    compileStatements(body)
    code.turns.append(
      TurnSite(instructions: start..<here + 1, name: TurnSite.conditional, register: -1, range: place))
    let loop = loops.removeLast()
    patch(loop.continues, to: here)
    emptyTurn(from: turn)
    emit(.jumpBack, 0, wide: start)
    patch(exits, to: here)
    patch(loop.breaks, to: here)
  }

  func compileFor(_ names: LoopNames, _ sequence: Expression, _ body: Block) {
    // With a key, r[state + 4] is the turn's, and r[state + 5] counts pieces that are cut.
    let state = allocate(names.key == nil ? 4 : 6)
    let isCounted: Bool
    var isCut = false
    var next = names.key == nil ? Operation.iterateNext : .iterateNextPair
    if names.key == nil, case .range(let lower?, let upper?, let inclusive, _) = sequence.unwrapped {
      isCounted = true
      compile(lower, into: .scratch(state))
      compile(upper, into: .scratch(state + 1))
      emit(inclusive ? .forRangeStart : .forRangeStartExclusive, state, 0)
    } else {
      isCounted = false
      if case .call(let call) = sequence.unwrapped, let cut = Cut(call) {
        compile(cut.subject, into: .scratch(state))
        switch cut.separator {
        case .lineEnd: emit(.loadBoolean, state + 3, 1)
        case .whiteSpace: emit(.loadNil, state + 3)
        case .literal(let text): compile(text, into: .scratch(state + 3))
        }
        currentRange = call.range
        if names.key != nil { emit(.loadInteger, state + 5, wide: -1) }
        emit(.cutStart, state)
        next = .cutNext
        isCut = true
      } else {
        compile(sequence, into: .scratch(state))
        emit(names.key == nil ? .iterateStart : .iteratePairsStart, state)
      }
    }
    let entry = here - 1
    let start = here
    let place = currentRange
    loops.append(LoopContext(cleanupDepth: cleanups.count))
    var exit = entry
    if !isCounted { exit = emit(next, state, 0) }
    let turn = top
    enterScope(body)
    if let key = names.key {
      if isCut {
        emit(.addImmediate, state + 5, state + 5, 1)
        emit(.move, state + 4, state + 5)
      }
      declareTurn(key, in: state + 4)
    }
    switch names.element {
    case .name(let name): declareTurn(name, in: state + 2)
    case .list(let names, let range):
      currentRange = range
      let first = allocate(max(1, names.count))
      emit(.takeApart, state + 2, first, names.count)
      for (at, name) in names.enumerated() { declare(name, from: first + at) }
    }
    compileStatements(body)
    code.turns.append(
      TurnSite(
        instructions: start..<here, name: names.element.names.map(\.name).joined(separator: ", "), register: state + 2,
        range: place))
    let loop = loops.removeLast()
    patch(loop.continues, to: here)
    emptyTurn(from: turn)
    if isCounted {
      emit(.forRangeNext, state, wide: start)
    } else {
      emit(.jumpBack, 0, wide: start)
    }
    patch(exit, to: here)
    patch(loop.breaks, to: here)
  }

  // MARK: - Failures

  func compileTry(_ body: Block, _ catching: CatchClause?, _ finally: Block?) {
    if let finally {
      protected(.finally(finally)) { compileCatch(body, catching) }
    } else {
      compileCatch(body, catching)
    }
  }

  /// Compiles code whose failure is put into a register, and nothing else is done about it.
  func caught(in failure: Int, _ body: () -> Void) {
    cleanups.append(Cleanup(kind: .none, register: failure, openedAt: here))
    body()
    var cleanup = cleanups.removeLast()
    cleanup.covered.append((cleanup.openedAt, here))
    close(cleanup, at: here, isCleanup: false)
  }

  private func compileCatch(_ body: Block, _ catching: CatchClause?) {
    guard let catching else {
      compileStatements(body)
      return
    }
    let failure = allocate()
    cleanups.append(Cleanup(kind: .none, register: failure, openedAt: here))
    compileStatements(body)
    var cleanup = cleanups.removeLast()
    cleanup.covered.append((cleanup.openedAt, here))
    let done = emit(.jump, 0)
    close(cleanup, at: here, isCleanup: false)
    if let name = catching.name { declare(name, from: failure) }
    compileStatements(catching.body)
    patch(done, to: here)
  }

  // MARK: - Channels and deadlines

  func compileWith(_ channel: Expression, _ body: Block) {
    let saved = allocate(2)
    let value = compile(channel)
    currentRange = channel.range
    emit(.enterChannel, saved, value)
    protected(.channel(saved)) { compileStatements(body) }
  }

  func compileWithin(_ duration: Expression, _ body: Block) {
    let saved = allocate()
    let value = compile(duration)
    currentRange = duration.range
    emit(.enterDeadline, saved, value)
    protected(.deadline(saved)) { compileStatements(body) }
  }

  func compileRetry(_ within: Expression, _ every: Expression?, _ body: Block) {
    let saved = allocate()
    let duration = every.map { keep(compile(within), from: $0) } ?? compile(within)
    // r[pause] is the interval, r[pause + 1] the last failure, r[pause + 2] how many there were.
    let pause = allocate(3)
    emit(.loadInteger, pause + 2, wide: 0)
    if let every { compile(every, into: .scratch(pause)) } else { emit(.loadNil, pause) }
    currentRange = within.range
    emit(.enterDeadline, saved, duration)
    protected(.deadline(saved)) {
      let start = here
      cleanups.append(Cleanup(kind: .none, register: pause + 1, openedAt: here))
      compileStatements(body)
      var cleanup = cleanups.removeLast()
      cleanup.covered.append((cleanup.openedAt, here))
      let done = emit(.jump, 0)
      close(cleanup, at: here, isCleanup: false)
      currentRange = within.range
      emit(.retryPause, pause)
      emit(.jumpBack, 0, wide: start)
      patch(done, to: here)
    }
  }

  // MARK: - Select

  func compileSelect(_ select: SelectStatement) {
    let site = SelectSite(range: select.wordRange)
    site.isAll = select.isAll
    if select.cases.count > SelectSite.maximumCases {
      tooLarge("more than \(SelectSite.maximumCases) cases in one `select`")
    }
    // r[state] the result, r[state + 1] which cases have happened (a set of bits), r[state + 2] the deadline.
    let state = allocate(3)
    struct Prepared {
      let step: StepSite?
      let duration: Int
      let guardRegister: Int
    }
    var prepared: [Prepared] = []
    for selectCase in select.cases {
      currentRange = selectCase.range
      var guardRegister = -1
      if let condition = selectCase.condition {
        guardRegister = allocate()
        compile(condition, into: .scratch(guardRegister))
      }
      switch selectCase.trigger {
      case .step(let step):
        let step = compileSite(step)
        prepared.append(Prepared(step: step, duration: -1, guardRegister: guardRegister))
      case .after(let duration):
        let register = allocate()
        compile(duration, into: .scratch(register))
        prepared.append(Prepared(step: nil, duration: register, guardRegister: guardRegister))
      }
    }
    currentRange = select.wordRange
    code.selects.append(site)
    let number = code.selects.count - 1
    emit(.selectBegin, state)
    let again = here
    emit(.select, state, wide: number)
    var ends: [Int] = []
    for (at, selectCase) in select.cases.enumerated() {
      site.cases.append(
        SelectSite.Case(
          step: prepared[at].step, duration: prepared[at].duration, guardRegister: prepared[at].guardRegister,
          target: here, range: selectCase.range))
      let mark = top
      if case .step(let step) = selectCase.trigger, let name = step.result { declare(name, from: state) }
      compileStatements(selectCase.body)
      release(mark)
      if select.isAll, prepared[at].step != nil {
        emit(.jumpBack, 0, wide: again)
      } else {
        ends.append(emit(.jump, 0))
      }
    }
    if let otherwise = select.otherwise {
      site.otherwise = here
      let mark = top
      compileStatements(otherwise)
      release(mark)
      if select.isAll { emit(.jumpBack, 0, wide: again) }
    }
    patch(ends, to: here)
    site.end = here
  }
}

extension Expression {
  /// Without parentheses around it.
  var unwrapped: Expression {
    if case .parenthesized(let inner, _) = self { return inner.unwrapped }
    return self
  }
}

/// A sequence that need not become a list to be walked over: each turn cuts off its piece. A file of 250,000 lines is
/// then walked over in a third of the time, and in the memory of one line.
private struct Cut {
  enum Separator {
    case lineEnd, whiteSpace
    case literal(Expression)
  }

  let subject: Expression
  let separator: Separator

  /// Nil for any other call than `lines(s)`, `split(s)`, and `split(s, "…")` with a literal that is not empty.
  init?(_ call: Call) {
    guard case .name(let name) = call.callee, case .function(let function) = name.meaning,
      let subject = call.arguments.first
    else { return nil }
    self.subject = subject
    switch (function, call.arguments.count) {
    case (.lines, 1): separator = .lineEnd
    case (.split, 1): separator = .whiteSpace
    case (.split, 2):
      guard case .string(let bytes, _) = call.arguments[1], !bytes.isEmpty else { return nil }
      separator = .literal(call.arguments[1])
    default: return nil
    }
  }
}
