// The machine's loop: runs one task until it ends, waits, or has had its share.

import CMeter
import SockLanguage
import SocketCore

/// Why the loop returned.
enum RunOutcome {
  case finished(Value)
  case failed(Failure)
  /// The task has said what it waits for; its step will be begun again when that has come.
  case blocked
  /// Others have a turn.
  case yielded
}

extension Interpreter {
  /// Two loops in one: `runScalars` goes on as long as instructions need nothing but scalars; the instruction it stops
  /// at is done here, with all that it may need.
  func run(_ task: Task) -> RunOutcome {
    var state = ExecutionState(task, turns: Meter.share, callDepth: limits.callDepth)
    let usesScalarLoop = options.usesScalarLoop

    /// Takes up the frame on top, after a call, a return or a failure.
    @inline(__always)
    func takeUpFrame() { state.takeUp(task) }

    /// Writes the position down; `back` instructions before the next one.
    @inline(__always)
    func saveFrame(back: Int) { state.save(back: back) }

    if task.isCancelled || task.ending != nil {
      // Stopped: the instruction that would be next fails, in a way that nothing catches.
      let failure = task.ending ?? cancellation()
      task.isCancelled = false
      task.ending = nil
      task.growth = 0
      task.wasStopped = true
      task.step = StepState()
      task.frames[task.depth - 1].pc += 1
      switch unwind(task, failure) {
      case nil: takeUpFrame()
      case let failure?: return .failed(failure)
      }
    }

    while true {
      do throws(Failure) {
        while true {
          if cmeter_has_work() { state.turns -= Int(cmeter_take_work()) }
          // A step is nothing for the loop of scalars; after a wait it comes first.
          let stop =
            state.ip.pointee.operation == .step
            ? .needsMore : usesScalarLoop ? state.runScalars() : state.turns > 0 ? .needsMore : .yielded
          task.depth = state.depth(task)
          if stop == .yielded {
            saveFrame(back: 0)
            guard task.isLateForBlock, !state.leavesBlock else { return .yielded }
            // As if the next instruction had failed. What tidies up has a share of its own.
            state.ip += 1
            state.turns = Meter.share
            throw task.latenessForBlock()
          }
          let i = state.ip.pointee
          state.ip += 1
          // From here on its registers may hold objects.
          state.frame.pointee.isScalar = false
          let table = state.frame.pointee.table
          let code = table.pointee.owner
          let regs = state.registers
          let a = regs + Int(i.a)
          switch i.operation {
          case .move: a.pointee = regs[Int(i.b)]
          case .take:
            let source = regs + Int(i.b)
            a.pointee = source.move()
            source.initialize(to: .nothing)
          case .loadNil: a.pointee = .nothing
          case .loadBoolean: a.pointee = .boolean(i.b != 0)
          case .loadInteger: a.pointee = .integer(i.wide)
          case .loadConstant: a.pointee = table.pointee.constants[i.wide]
          case .loadStatic: a.pointee = table.pointee.statics[i.wide]._withUnsafeGuaranteedRef { $0.value }
          case .storeStatic: table.pointee.statics[i.wide]._withUnsafeGuaranteedRef { $0.value = a.pointee }
          case .clear: for at in 0..<Int(i.b) where !a[at].isScalar { discard(a + at) }
          case .newCell: a.pointee = .cell(Cell())
          case .loadCell:
            if case .cell(let cell) = regs[Int(i.b)] { a.pointee = cell.value } else { a.pointee = .nothing }
          case .storeCell:
            if case .cell(let cell) = a.pointee { cell.value = regs[Int(i.b)] }
          case .loadCaptured:
            if let function = task.frames[task.depth - 1].function {
              a.pointee = function._withUnsafeGuaranteedRef { $0.cells[Int(i.b)].value }
            }
          case .storeCaptured:
            if let function = task.frames[task.depth - 1].function {
              function._withUnsafeGuaranteedRef { $0.cells[Int(i.b)].value = a.pointee }
            }
          case .makeFunction:
            a.pointee = .function(makeFunction(code.takeUnretainedValue(), i.wide, task, regs))
          case .loadPredefined: a.pointee = try predefined(Int(i.b), task)

          // Computing
          case .add: a.pointee = try Arithmetic.add(regs[Int(i.b)], regs[Int(i.c)])
          case .subtract: a.pointee = try Arithmetic.subtract(regs[Int(i.b)], regs[Int(i.c)])
          case .multiply: a.pointee = try Arithmetic.multiply(regs[Int(i.b)], regs[Int(i.c)])
          case .divide: a.pointee = try Arithmetic.divide(regs[Int(i.b)], regs[Int(i.c)])
          case .remainder: a.pointee = try Arithmetic.remainder(regs[Int(i.b)], regs[Int(i.c)])
          case .shiftLeft: a.pointee = try Arithmetic.shift(regs[Int(i.b)], regs[Int(i.c)], isLeft: true)
          case .shiftRight: a.pointee = try Arithmetic.shift(regs[Int(i.b)], regs[Int(i.c)], isLeft: false)
          case .bitAnd: a.pointee = try Arithmetic.bits(regs[Int(i.b)], regs[Int(i.c)], .bitAnd)
          case .bitOr: a.pointee = try Arithmetic.bits(regs[Int(i.b)], regs[Int(i.c)], .bitOr)
          case .bitXor: a.pointee = try Arithmetic.bits(regs[Int(i.b)], regs[Int(i.c)], .bitXor)
          case .equal: a.pointee = .boolean(try Equality.equal(regs + Int(i.b), regs + Int(i.c)))
          case .notEqual: a.pointee = .boolean(!(try Equality.equal(regs + Int(i.b), regs + Int(i.c))))
          case .less: a.pointee = .boolean(try Equality.order(regs[Int(i.b)], regs[Int(i.c)]) < 0)
          case .lessOrEqual: a.pointee = .boolean(try Equality.order(regs[Int(i.b)], regs[Int(i.c)]) <= 0)
          case .contained: a.pointee = .boolean(try Equality.contains(regs[Int(i.b)], in: regs[Int(i.c)]))
          case .matches: try matchRegex(regs + Int(i.b), regs + Int(i.c), into: a)
          case .matchesNot: a.pointee = .boolean(!(try isMatch(regs + Int(i.b), regs + Int(i.c))))
          case .addImmediate:
            let immediate = i.immediate
            a.pointee =
              immediate < 0
              ? try Arithmetic.subtract(regs[Int(i.b)], .integer(-immediate))
              : try Arithmetic.add(regs[Int(i.b)], .integer(immediate))
          case .multiplyConstant: a.pointee = try Arithmetic.multiply(regs[Int(i.b)], table.pointee.constants[Int(i.c)])
          case .divideConstant: a.pointee = try Arithmetic.divide(regs[Int(i.b)], table.pointee.constants[Int(i.c)])
          case .remainderConstant: a.pointee = try Arithmetic.remainder(regs[Int(i.b)], table.pointee.constants[Int(i.c)])
          case .matchesConstant: try matchRegex(regs + Int(i.b), table.pointee.constants + Int(i.c), into: a)
          case .negate: a.pointee = try Arithmetic.negate(regs[Int(i.b)])
          case .complement: a.pointee = try Arithmetic.complement(regs[Int(i.b)])
          case .not: a.pointee = .boolean(!regs[Int(i.b)].isTrue)
          case .length: a.pointee = try callBuiltin(BuiltinFunction.len.number, regs + Int(i.b), 1)
          case .append: try Interpolation.append(regs + Int(i.b), to: a)
          case .appendStatic, .appendCell, .appendCaptured:
            let kept = i.c == 0 ? nil : regs + Int(i.c) - 1
            try cell(i, state)?.value.inMemory { place throws(Failure) in
              try Interpolation.append(a, to: place, whichWas: kept)
            }
          case .appendElement: try Indexing.append(regs + Int(i.c), to: a, regs + Int(i.b))
          case .interpolate: a.pointee = .string(try Interpolation.text(table, i.wide, regs))
          case .appendText: try Interpolation.append(table, i.wide, regs, to: a)
          case .makeRegex:
            let site = code._withUnsafeGuaranteedRef { $0.regexes[i.wide] }
            a.pointee = .regex(try makeRegex(site, regs))
          case .newList:
            a.pointee = .list(List(Array(UnsafeBufferPointer(start: regs + Int(i.b), count: Int(i.c)))))
          case .newMap: a.pointee = .map(Map())
          case .newRange: a.pointee = try Arithmetic.range(regs[Int(i.b)], regs[Int(i.c)], isExclusive: false)
          case .newRangeExclusive: a.pointee = try Arithmetic.range(regs[Int(i.b)], regs[Int(i.c)], isExclusive: true)
          case .newRangeFrom: a.pointee = try Arithmetic.range(regs[Int(i.b)], nil, isExclusive: false)
          case .getIndex:
            if Indexing.measure(regs + Int(i.b), regs + Int(i.c), into: a, i, before: state.ip.pointee) {
              state.ip += 1
            } else {
              try Indexing.get(regs + Int(i.b), regs + Int(i.c), into: a)
            }
          case .sliceStatic, .sliceCell, .sliceCaptured:
            let kept = i.c == 0 ? nil : regs + Int(i.c) - 1
            try cell(i, state)?.value.inMemory { place throws(Failure) in
              try Indexing.slice(place, a, whichWas: kept)
            }
          case .sliceElement: try Indexing.slice(regs + Int(i.c), of: a, regs + Int(i.b))
          case .setIndex: try Indexing.set(a, regs + Int(i.b), regs + Int(i.c))
          case .addToElement: if !Indexing.add(i.immediate, to: a, regs + Int(i.b)) { state.ip += 1 }
          case .getMember:
            let site = code._withUnsafeGuaranteedRef { $0.members[Int(i.c)] }
            a.pointee = try member(of: regs[Int(i.b)], site)
          case .takeApart: try Indexing.takeApart(a.pointee, regs + Int(i.b), Int(i.c))

          // Jumping
          // Only when the loop of scalars is off, which does every jump.
          case .jump: state.jump(to: i.wide)
          case .jumpBack:
            state.jump(to: i.wide)
            state.turns -= 1
          case .jumpIfFalse: if !a.pointee.isTrue { state.jump(to: i.wide) }
          case .jumpIfTrue: if a.pointee.isTrue { state.jump(to: i.wide) }
          case .skipIfEqual: if try Equality.equal(a, regs + Int(i.b)) { state.ip += 1 }
          case .skipIfNotEqual: if !(try Equality.equal(a, regs + Int(i.b))) { state.ip += 1 }
          case .skipIfLess: if try Equality.order(a.pointee, regs[Int(i.b)]) < 0 { state.ip += 1 }
          case .skipIfLessOrEqual: if try Equality.order(a.pointee, regs[Int(i.b)]) <= 0 { state.ip += 1 }
          case .skipIfEqualConstant: if try Equality.equal(a, table.pointee.constants + i.wide) { state.ip += 1 }
          case .skipIfNotEqualConstant:
            if !(try Equality.equal(a, table.pointee.constants + i.wide)) { state.ip += 1 }
          case .skipIfLessConstant:
            if try Equality.order(a.pointee, table.pointee.constants[i.wide]) < 0 { state.ip += 1 }
          case .skipIfLessOrEqualConstant:
            if try Equality.order(a.pointee, table.pointee.constants[i.wide]) <= 0 { state.ip += 1 }
          case .skipIfGreaterConstant:
            if try Equality.order(table.pointee.constants[i.wide], a.pointee) < 0 { state.ip += 1 }
          case .skipIfGreaterOrEqualConstant:
            if try Equality.order(table.pointee.constants[i.wide], a.pointee) <= 0 { state.ip += 1 }
          case .skipIfFits: if try fits(a, regs + Int(i.b)) { state.ip += 1 }
          case .skipIfFitsNaming:
            if try fits(regs + Int(i.b), regs + Int(i.c), naming: a) { state.ip += 1 }
          case .forRangeStart:
            if !(try Indexing.startCounting(a, isExclusive: false)) {
              state.jump(to: i.wide)
            }
          case .forRangeStartExclusive:
            if !(try Indexing.startCounting(a, isExclusive: true)) {
              state.jump(to: i.wide)
            }
          case .forRangeNext:
            if case .integer(let x) = a.pointee, case .integer(let last) = a[1], x < last {
              a.pointee = .integer(x &+ 1)
              a[2] = .integer(x &+ 1)
              state.jump(to: i.wide)
              state.turns -= 1
            }
          case .iterateStart: try Indexing.startIterating(a)
          case .iterateNext:
            if !Indexing.next(a) { state.jump(to: i.wide) }
          case .iteratePairsStart: try Indexing.startIteratingPairs(a)
          case .iterateNextPair:
            if !Indexing.nextPair(a) { state.jump(to: i.wide) }
          case .cutStart: try Indexing.startCutting(a)
          case .cutNext:
            if !Indexing.nextPiece(a) { state.jump(to: i.wide) }

          // Calling
          case .callDirect:
            let function = code._withUnsafeGuaranteedRef { $0.functions[Int(i.b)] }
            saveFrame(back: 0)
            try enter(function, argumentCount: Int(i.c), window: Int(state.frame.pointee.base) + Int(i.a) + 1, task)
            takeUpFrame()
            state.turns -= 1
          case .collect:
            if let list = a.borrowedList {
              try list.borrowed { list throws(Failure) in
                try List.admit(list.growth(by: 1))
                let source = regs + Int(i.b)
                list.items.append(source.move())
                source.initialize(to: .nothing)
              }
            }
          case .call:
            saveFrame(back: 0)
            switch a.pointee {
            case .function(let function):
              try enter(function, argumentCount: Int(i.b), window: Int(state.frame.pointee.base) + Int(i.a) + 1, task)
              takeUpFrame()
              state.turns -= 1
            case .builtin(let box):
              switch try call(box.function, a, Int(i.b), window: Int(state.frame.pointee.base) + Int(i.a) + 1, task) {
              case .done: continue
              case .entered:
                takeUpFrame()
                state.turns -= 1
              case .waiting:
                saveFrame(back: 1)
                return .blocked
              }
            default:
              throw .type("\(a.pointee.articleAndType) cannot be called; only functions can")
            }
          case .callKept:
            saveFrame(back: 0)
            let window = Int(state.frame.pointee.base) + Int(i.a) + 1
            switch regs[Int(i.b)] {
            case .function(let function):
              try enter(function, argumentCount: Int(i.c), window: window, task)
              takeUpFrame()
              state.turns -= 1
            case .builtin(let box):
              switch try call(box.function, a, Int(i.c), window: window, task) {
              case .done: continue
              case .entered:
                takeUpFrame()
                state.turns -= 1
              case .waiting:
                saveFrame(back: 1)
                return .blocked
              }
            case let value:
              throw .type("\(value.articleAndType) cannot be called; only functions can")
            }
          case .callBuiltin:
            // The argument in r[a] is a temporary one, which the result replaces.
            if i.c == 1, TextFunctions.turnInPlace(Int(i.b), a) { continue }
            a.pointee = try callBuiltin(Int(i.b), a, Int(i.c))
          case .callUnary: a.pointee = try callBuiltin(Int(i.b), regs + Int(i.c), 1)
          case .finishCallback: a.pointee = try Callbacks.finish(BuiltinFunction(number: Int(i.b)), regs)
          case .returnValue:
            let value = a.pointee
            if let extras = task.extras, let deferred = extras.defers.last, deferred.depth == task.depth {
              // Runs it, then comes back to this instruction.
              saveFrame(back: 1)
              extras.defers.removeLast()
              try enterDeferred(deferred.function, task, kind: .deferOnReturn)
              takeUpFrame()
              continue
            }
            let kind = task.frames[task.depth - 1].kind
            let base = Int(state.frame.pointee.base)
            for at in 0..<table.pointee.registerCount where !regs[at].isScalar { regs[at] = .nothing }
            task.depth -= 1
            if task.depth == 0 { return .finished(value) }
            switch kind {
            case .call:
              if !value.isScalar { task.frames[task.depth - 1].isScalar = false }
              task.stack[base - 1] = value
            case .deferOnReturn: task.stack[base - 1] = .nothing
            case .deferOnFailure:
              task.stack[base - 1] = .nothing
              takeUpFrame()
              if let failure = task.extras?.unwinding.popLast() { throw failure }
            }
            takeUpFrame()
          case .raise:
            if case .error(let failure) = a.pointee { throw failure }
            throw .type("a value of type \(a.pointee.typeName) is no error")
          case .pause:
            saveFrame(back: 0)
            task.depth = state.depth(task)
            let wasOver = mainResult != nil
            standStill(task)
            // Who looked at it has ended the run: the next statement is not begun.
            if stopRequest.signal != nil || mainResult != nil && !wasOver { return .yielded }
            takeUpFrame()
          case .importModule:
            let module = code._withUnsafeGuaranteedRef { $0.modules[i.wide] }
            if !module.hasRun {
              module.hasRun = true
              saveFrame(back: 0)
              let window = Int(state.frame.pointee.base) + Int(i.a) + 1
              try enter(Function(code: module.code), argumentCount: 0, window: window, task, keep: true)
              takeUpFrame()
            }
          case .loadSetting:
            let site = code._withUnsafeGuaranteedRef { $0.settings[i.wide] }
            a.pointee = try setting(site, default: a.pointee)

          // Acting
          case .step:
            let isDone = try table.pointee.steps[i.wide].borrowed { site throws(Failure) in
              try perform(site, task, regs, into: a)
            }
            if hasFilledOutput {
              hasFilledOutput = false
              state.turns = 0
            }
            if !isDone {
              saveFrame(back: 1)
              return .blocked
            }
          case .selectBegin:
            a[1] = .integer(0)
            a[2] = .nothing
          case .select:
            let site = code._withUnsafeGuaranteedRef { $0.selects[i.wide] }
            guard let target = try performSelect(site, task, regs, state: Int(i.a)) else {
              saveFrame(back: 1)
              return .blocked
            }
            task.step = StepState()
            state.jump(to: target)
          case .spawn:
            let function = makeFunction(code.takeUnretainedValue(), i.wide, task, regs)
            a.pointee = .task(try spawn(function, from: task))
          case .serve:
            let site = code._withUnsafeGuaranteedRef { $0.serves[i.wide] }
            if try serve(site, code.takeUnretainedValue(), task, regs) {
              task.step = StepState()
            } else {
              saveFrame(back: 1)
              return .blocked
            }
          case .deferFunction:
            let function = makeFunction(code.takeUnretainedValue(), i.wide, task, regs)
            task.ownExtras.defers.append((task.depth, function))
          case .enterChannel: try enterChannel(a, regs[Int(i.b)], task)
          case .leaveChannel: leaveChannel(a, task)
          case .enterDeadline:
            let outer = task.blockDeadline
            let deadline = try scaledDeadline(regs[Int(i.b)])
            a.pointee = .integer(Int(outer))
            task.blockDeadline = min(outer, deadline)
          case .leaveDeadline:
            if case .integer(let outer) = a.pointee { task.blockDeadline = Int64(outer) }
          case .setError:
            if case .error(let failure) = a.pointee {
              task.ownExtras.error = failure
            } else {
              task.extras?.error = nil
            }
          case .retryPause:
            if try retryPause(a, task) {
              task.step = StepState()
            } else {
              saveFrame(back: 1)
              return .blocked
            }
          case .declareTest: try declareTest(i.wide, a, code.takeUnretainedValue(), task, regs)
          case .awaitTests:
            if !testsHaveRun {
              topLevelIsDone()
              saveFrame(back: 1)
              return .blocked
            }
          case .beginProbe: beginProbe(a, task)
          case .requireTest:
            let use = code._withUnsafeGuaranteedRef { $0.setupUses[i.wide] }
            try requireTest(use, task)
          case .assertionFailed:
            let site = code._withUnsafeGuaranteedRef { $0.assertions[i.wide] }
            let failure = assertionFailure(site, message: a.pointee, regs)
            if site.isCheck, task.group.isTest {
              saveFrame(back: 0)
              locate(failure, task)
              task.group.checks.append(failure)
              if atFailure != nil, task.group === group { pause(at: failure, task, endsTest: false) }
            } else {
              throw failure
            }
          }
        }
      } catch {
        saveFrame(back: 0)
        task.step = StepState()
        switch unwind(task, error) {
        case nil: takeUpFrame()
        case let failure?: return .failed(failure)
        }
      }
    }
  }

  /// What a call of a builtin function as a value has come to.
  private enum BuiltinCall { case done, entered, waiting }

  /// r[0] = a builtin function as a value, called with r[1] … r[count]; `window` is the place of r[1] in the task's stack.
  /// One that calls a function gets a frame.
  @inline(never)
  private func call(
    _ function: BuiltinFunction, _ target: Registers, _ count: Int, window: Int, _ task: Task
  ) throws(Failure) -> BuiltinCall {
    if function.callsBack, let code = try callback(function, target + 1, count) {
      try enter(code, argumentCount: code.code.parameterCount, window: window, task)
      return .entered
    }
    let arguments = UnsafeBufferPointer(start: target + 1, count: count)
    guard function.mayWait else {
      target.pointee = try Builtins.call(function, arguments, context)
      return .done
    }
    guard let value = try callWaiting(function, arguments, task) else { return .waiting }
    task.step = StepState()
    target.pointee = value
    return .done
  }

  /// The variable that an instruction of a family (`…Static`, `…Cell`, `…Captured`) names by b.
  private func cell(_ i: Instruction, _ state: ExecutionState) -> Cell? {
    switch i.operation {
    case .appendStatic, .sliceStatic:
      return state.frame.pointee.table.pointee.statics[Int(i.b)].takeUnretainedValue()
    case .appendCell, .sliceCell:
      if case .cell(let cell) = state.registers[Int(i.b)] { return cell }
      return nil
    default: return state.frame.pointee.function?._withUnsafeGuaranteedRef { $0.cells[Int(i.b)] }
    }
  }

  /// Lets go of what a register refers to that is not read again. What the next turn of a loop can use once more stays:
  /// a match as the spare one, a short string where it is.
  @inline(__always)
  private func discard(_ register: UnsafeMutablePointer<Value>) {
    if register.borrowedMatch != nil {
      Match.discard(register, keeping: &spareMatch)
    } else if let string = register.borrowedString,
      string._withUnsafeGuaranteedRef({ $0.room <= ByteString.smallCapacity }),
      register.isOnlyOwner(of: ByteString.self)
    {
      return
    } else {
      register.pointee = .nothing
    }
  }

  // MARK: - Frames

  /// Pushes the frame of a call. The arguments stand at the start of its window; what is above them is nil already.
  @inline(__always)
  func enter(
    _ function: Function, argumentCount: Int, window: Int, _ task: Task, keep: Bool = false
  ) throws(Failure) {
    let code = function.code
    guard argumentCount >= code.requiredCount, argumentCount <= code.parameterCount else {
      throw wrongArgumentCount(code, argumentCount)
    }
    guard task.depth < limits.callDepth else {
      throw .limit("more than \(limits.callDepth) calls inside each other (limit call-depth); does it recurse for ever?")
    }
    task.ensureStack(window + code.registerCount)
    if keep { task.stack[window - 1] = .function(function) }
    task.push(
      Frame(
        table: code.table, function: function.cells.isEmpty ? nil : Unmanaged.passUnretained(function),
        pc: code.entries[argumentCount - code.requiredCount], base: Int32(truncatingIfNeeded: window), kind: .call,
        isScalar: (0..<argumentCount).allSatisfy { task.stack[window + $0].isScalar }))
  }

  @inline(never)
  private func wrongArgumentCount(_ code: FunctionCode, _ count: Int) -> Failure {
    let wanted =
      code.requiredCount == code.parameterCount
      ? "\(code.requiredCount)" : "\(code.requiredCount) to \(code.parameterCount)"
    return .type("\(code.name) takes \(wanted) arguments, not \(count)")
  }

  /// Pushes the frame of a deferred statement above the window of the frame on top.
  func enterDeferred(_ function: Function, _ task: Task, kind: Frame.Kind) throws(Failure) {
    let top = task.frames[task.depth - 1]
    let window = Int(top.base) + top.code._withUnsafeGuaranteedRef { $0.registerCount } + 1
    task.ensureStack(window + function.code.registerCount)
    task.stack[window - 1] = .function(function)
    task.push(
      Frame(
        table: function.code.table, function: function.cells.isEmpty ? nil : Unmanaged.passUnretained(function),
        pc: 0, base: Int32(truncatingIfNeeded: window), kind: kind, isScalar: false))
  }

  func makeFunction(
    _ code: FunctionCode, _ number: Int, _ task: Task, _ regs: UnsafeMutablePointer<Value>
  ) -> Function {
    let child = code.children[number]
    if child.captures.isEmpty { return Function(code: child) }
    var cells: [Cell] = []
    cells.reserveCapacity(child.captures.count)
    for source in child.captures {
      switch source {
      case .register(let register):
        if case .cell(let cell) = regs[register] {
          cells.append(cell)
        } else {
          let cell = Cell(regs[register])
          regs[register] = .cell(cell)
          cells.append(cell)
        }
      case .captured(let at):
        if let function = task.frames[task.depth - 1].function {
          cells.append(function._withUnsafeGuaranteedRef { $0.cells[at] })
        }
      }
    }
    return Function(code: child, cells: cells)
  }

  // MARK: - Failures

  /// Gives a failure its place and the calls that led to it, unless it has them.
  func locate(_ failure: Failure, _ task: Task) {
    guard !failure.isLocated else { return }
    failure.isLocated = true
    failure.failedAt = MonotonicClock.now
    if let channel = failure.channel {
      // As it is now: what runs before it is told of (`defer`, the end of a test) closes it.
      failure.raisedAt = scheduler.transcript.now
      failure.channelSummary = channel.summary
    }
    var isInnermost = true
    for depth in stride(from: task.depth - 1, through: 0, by: -1) {
      let frame = task.frames[depth]
      guard let site = frame.site else { continue }
      noteTurns(of: frame, task, failure)
      if isInnermost {
        // A step has said already where it stands.
        failure.site = failure.site ?? site
        addHints(to: failure)
        isInnermost = false
      } else if task.frames[depth + 1].kind == .call {
        failure.wasCalled(by: site)
      }
    }
    if task.group.session == nil, !isCaught(failure, task) { addSurroundings(to: failure) }
  }

  /// Whether some `catch`, `try` or `retry` around goes on after it.
  private func isCaught(_ failure: Failure, _ task: Task) -> Bool {
    guard failure.isCatchable else { return false }
    for depth in 0..<task.depth {
      let frame = task.frames[depth]
      // The innermost frame's counter is behind the instruction that failed, as those of its callers are.
      let pc = Int(frame.pc) - 1
      let handlers = frame.code.takeUnretainedValue().handlers
      if handlers.contains(where: { !$0.isCleanup && $0.start <= pc && pc < $0.end }) { return !isLeaving(failure, task) }
    }
    return false
  }

  /// Whether a test ends with a failure of one of its tasks as with one of its own.
  private func endsTest(_ failure: Failure, _ task: Task) -> Bool {
    // A script, too, where somebody goes through it.
    guard task.group === group, group.isTest || atStatement != nil, ending.signal == nil, failure.code != .cancelled, !isCaught(failure, task)
    else { return false }
    switch failure.verdict {
    case nil, .failed?: break
    case .skipped?, .inconclusive?, .exit?: return false
    }
    if task === group.main { return true }
    // A client that goes is no failure of a server's; of a task with a name who waits for it hears.
    if task.server != nil { return failure.verdict != nil || failure.code != .eof && failure.code != .reset }
    return task.handle == nil
  }

  /// Lets who wants to look into the test.
  /// - Parameter endsTest: it is over then: what fails while it ends is not looked into.
  func pause(at failure: Failure, _ task: Task, endsTest: Bool) {
    guard let look = atFailure else { return }
    atFailure = nil
    let (running, runningGroup, site) = (runningTask, scheduler.runningGroup, transcript.site)
    look(failure, task, endsTest)
    if !endsTest { atFailure = look }
    (runningTask, scheduler.runningGroup, transcript.site) = (running, runningGroup, site)
    cmeter_set_owner(Unmanaged.passUnretained(self).toOpaque())
  }

  /// Lets who goes through the script look at a statement that is about to begin.
  private func standStill(_ task: Task) {
    guard let look = atStatement else { return }
    let (running, runningGroup, site) = (runningTask, scheduler.runningGroup, transcript.site)
    look(task)
    (runningTask, scheduler.runningGroup, transcript.site) = (running, runningGroup, site)
    cmeter_set_owner(Unmanaged.passUnretained(self).toOpaque())
  }

  /// Notes in which turns of a frame's loops a failure has arisen.
  private func noteTurns(of frame: Frame, _ task: Task, _ failure: Failure) {
    let code = frame.code.takeUnretainedValue()
    for turn in code.turns where turn.instructions.contains(max(0, Int(frame.pc) - 1)) && failure.turns.count < 3 {
      failure.turns.append(
        (turn.name, turn.register < 0 ? .nothing : task.stack[Int(frame.base) + turn.register], SourceSite(file: code.file, range: turn.range)))
    }
  }

  /// The calls under way in a task, innermost first.
  func callers(of task: Task) -> [SourceSite] {
    stride(from: task.depth - 2, through: 0, by: -1).compactMap { depth in
      task.frames[depth + 1].kind == .call ? task.frames[depth].site : nil
    }
  }

  /// Finds where a failure goes on: a handler, or a deferred statement that runs first. Not nil: it ends the task.
  func unwind(_ task: Task, _ raised: Failure) -> Failure? {
    var failure = raised
    locate(failure, task)
    if atFailure != nil, endsTest(failure, task) { pause(at: failure, task, endsTest: true) }
    while task.depth > 0 {
      let frame = task.frames[task.depth - 1]
      let pc = Int(frame.pc) - 1
      let code = frame.code.takeUnretainedValue()
      for handler in code.handlers where handler.start <= pc && pc < handler.end {
        guard handler.isCleanup || failure.isCatchable && !isLeaving(failure, task) else { continue }
        task.stack[Int(frame.base) + handler.register] = .error(failure)
        task.frames[task.depth - 1].pc = Int32(truncatingIfNeeded: handler.target)
        task.frames[task.depth - 1].isScalar = false
        return nil
      }
      if let extras = task.extras, let deferred = extras.defers.last, deferred.depth == task.depth {
        extras.defers.removeLast()
        do throws(Failure) {
          try enterDeferred(deferred.function, task, kind: .deferOnFailure)
          extras.unwinding.append(failure)
          return nil
        } catch {
          failure.notes.append("a deferred statement failed too: \(error.message)")
        }
        continue
      }
      let window = task.stack + Int(frame.base)
      for at in 0..<code.registerCount { window[at] = .nothing }
      if frame.base > 0 { task.stack[Int(frame.base) - 1] = .nothing }
      task.depth -= 1
      if frame.kind == .deferOnFailure, let first = task.extras?.unwinding.popLast() {
        // The failure that came first is the one to tell of.
        first.notes.append("a deferred statement failed too: \(failure.message)")
        failure = first
      }
    }
    return failure
  }

  /// The block that ran out of time is still around: its end sets the task's deadline back.
  private func isLeaving(_ failure: Failure, _ task: Task) -> Bool {
    guard let deadline = failure.leavesBlock else { return false }
    return task.blockDeadline <= deadline
  }

  func cancellation() -> Failure {
    let failure = Failure(.cancelled, "the task was stopped")
    failure.isCatchable = false
    return failure
  }
}
