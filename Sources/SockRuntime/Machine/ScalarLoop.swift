// The machine's inner loop: instructions that move, compute and compare scalars, jump, and call.

/// Why the inner loop has stopped.
enum ScalarStop {
  /// At an instruction that needs more: a reference counted, memory, an error, something outside.
  case needsMore
  /// Behind an instruction; others have a turn.
  case yielded
}

extension UnsafeMutablePointer where Pointee == Value {
  // Over a scalar: nothing has to be released.
  @inline(__always)
  fileprivate func put(_ number: Int) { initialize(to: .integer(number)) }

  @inline(__always)
  fileprivate func put(_ truth: Bool) { initialize(to: .boolean(truth)) }

  /// Copies a scalar.
  @inline(__always)
  fileprivate func put(scalar source: UnsafePointer<Value>) {
    UnsafeMutableRawPointer(self).copyMemory(from: source, byteCount: MemoryLayout<Value>.size)
  }
}

extension ExecutionState {
  /// Runs on until an instruction needs more than this loop can do: it has then done nothing of that instruction.
  ///
  /// Nothing in here calls a function, allocates, or counts a reference, so that all of its state stays in the
  /// processor's registers: 2 to 3 ns an instruction. (In one loop with everything else, the position and the registers'
  /// address went through memory for each instruction, and overwriting an integer called a function that looks
  /// whether there is anything to release: 7 to 10 ns.)
  @inline(never)
  mutating func runScalars() -> ScalarStop {
    guard turns > 0 else { return .yielded }
    var ip = self.ip
    var regs = registers
    var frame = self.frame
    var turns = self.turns
    var table = frame.pointee.table
    var instructions = table.pointee.instructions

    @inline(__always)
    func stop(_ why: ScalarStop) -> ScalarStop {
      self.ip = ip
      registers = regs
      self.frame = frame
      self.turns = turns
      return why
    }

    while true {
      let i = ip.pointee
      ip += 1
      let a = regs + Int(i.a)
      // Each case that has done its work goes on with `continue`; one that cannot do it leaves the switch.
      instruction: switch i.operation {
      // Moving
      case .move:
        let source = regs + Int(i.b)
        guard a.pointee.isScalar, source.pointee.isScalar else { break instruction }
        a.put(scalar: source)
        continue
      case .take:
        // An object, too: it changes its place, not its owners.
        guard a.pointee.isScalar else { break instruction }
        let source = regs + Int(i.b)
        if !source.pointee.isScalar { frame.pointee.isScalar = false }
        a.initialize(to: source.move())
        source.initialize(to: .nothing)
        continue
      case .loadNil:
        guard a.pointee.isScalar else { break instruction }
        a.initialize(to: .nothing)
        continue
      case .loadBoolean:
        guard a.pointee.isScalar else { break instruction }
        a.put(i.b != 0)
        continue
      case .loadInteger:
        guard a.pointee.isScalar else { break instruction }
        a.put(i.wide)
        continue
      case .loadConstant:
        let source = table.pointee.constants + i.wide
        guard a.pointee.isScalar, source.pointee.isScalar else { break instruction }
        a.put(scalar: source)
        continue
      case .loadStatic:
        let isDone = table.pointee.statics[i.wide]._withUnsafeGuaranteedRef { cell in
          guard a.pointee.isScalar, cell.value.isScalar else { return false }
          withUnsafeMutablePointer(to: &cell.value) { a.put(scalar: $0) }
          return true
        }
        if isDone { continue }
      case .storeStatic:
        let isDone = table.pointee.statics[i.wide]._withUnsafeGuaranteedRef { cell in
          guard a.pointee.isScalar, cell.value.isScalar else { return false }
          withUnsafeMutablePointer(to: &cell.value) { $0.put(scalar: a) }
          return true
        }
        if isDone { continue }
      case .clear:
        // What is left of scalars does no harm.
        var isScalar = true
        for at in 0..<Int(i.b) { isScalar = isScalar && a[at].isScalar }
        if isScalar { continue }

      // Computing
      case .add:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        let (sum, isOverflow) = x.addingReportingOverflow(y)
        if isOverflow { break instruction }
        a.put(sum)
        continue
      case .subtract:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        let (difference, isOverflow) = x.subtractingReportingOverflow(y)
        if isOverflow { break instruction }
        a.put(difference)
        continue
      case .multiply:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        let (product, isOverflow) = x.multipliedReportingOverflow(by: y)
        if isOverflow { break instruction }
        a.put(product)
        continue
      case .divide:
        guard let (x, y) = ExecutionState.integers(i, regs), y > 0 else { break instruction }
        a.put(ExecutionState.divide(x, y).quotient)
        continue
      case .remainder:
        guard let (x, y) = ExecutionState.integers(i, regs), y > 0 else { break instruction }
        a.put(ExecutionState.divide(x, y).remainder)
        continue
      case .bitAnd:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x & y)
        continue
      case .bitOr:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x | y)
        continue
      case .bitXor:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x ^ y)
        continue
      case .addImmediate:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)] else { break instruction }
        let (sum, isOverflow) = x.addingReportingOverflow(i.immediate)
        if isOverflow { break instruction }
        a.put(sum)
        continue
      case .multiplyConstant:
        guard let (x, y) = ExecutionState.integers(i, regs, table) else { break instruction }
        let (product, isOverflow) = x.multipliedReportingOverflow(by: y)
        if isOverflow { break instruction }
        a.put(product)
        continue
      case .divideConstant:
        guard let (x, y) = ExecutionState.integers(i, regs, table), y > 0 else { break instruction }
        a.put(ExecutionState.divide(x, y).quotient)
        continue
      case .remainderConstant:
        guard let (x, y) = ExecutionState.integers(i, regs, table), y > 0 else { break instruction }
        a.put(ExecutionState.divide(x, y).remainder)
        continue
      case .append:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        let (sum, isOverflow) = x.addingReportingOverflow(y)
        if isOverflow { break instruction }
        a.put(sum)
        continue
      case .equal:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x == y)
        continue
      case .notEqual:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x != y)
        continue
      case .less:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x < y)
        continue
      case .lessOrEqual:
        guard let (x, y) = ExecutionState.integers(i, regs) else { break instruction }
        a.put(x <= y)
        continue
      case .not:
        guard a.pointee.isScalar else { break instruction }
        a.put(!regs[Int(i.b)].isTrue)
        continue

      case .length:
        let source = regs + Int(i.b)
        guard a.pointee.isScalar else { break instruction }
        if let string = source.borrowedString {
          a.put(string._withUnsafeGuaranteedRef { $0.count })
          continue
        }
        if let list = source.borrowedList {
          a.put(list._withUnsafeGuaranteedRef { $0.items.count })
          continue
        }
      case .getIndex:
        guard a.pointee.isScalar, let list = (regs + Int(i.b)).borrowedList, case .integer(let at) = regs[Int(i.c)]
        else { break instruction }
        let isDone = list._withUnsafeGuaranteedRef { list in
          guard at >= 0, at < list.items.count, list.items[at].isScalar else { return false }
          return list.items.withElements { a.put(scalar: $0 + at) } != nil
        }
        if isDone { continue }
      case .appendStatic:
        guard case .integer(let y) = a.pointee else { break instruction }
        let isDone = table.pointee.statics[Int(i.b)]._withUnsafeGuaranteedRef { cell in
          guard cell.value.isScalar, case .integer(let x) = i.c == 0 ? cell.value : regs[Int(i.c) &- 1] else {
            return false
          }
          let (sum, isOverflow) = x.addingReportingOverflow(y)
          if isOverflow { return false }
          withUnsafeMutablePointer(to: &cell.value) { $0.put(sum) }
          return true
        }
        if isDone { continue }

      // Jumping
      case .jump:
        ip = instructions + i.wide
        continue
      case .jumpBack:
        ip = instructions + i.wide
        turns -= 1
        if turns > 0 { continue }
        return stop(.yielded)
      case .jumpIfFalse:
        if !a.pointee.isTrue { ip = instructions + i.wide }
        continue
      case .jumpIfTrue:
        if a.pointee.isTrue { ip = instructions + i.wide }
        continue
      // A condition that does not hold goes to where the jump behind it goes.
      case .skipIfEqual:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x == y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfNotEqual:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x != y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfLess:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x < y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfLessOrEqual:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x <= y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfEqualConstant:
        guard case .integer(let x) = a.pointee, case .integer(let y) = table.pointee.constants[i.wide] else {
          break instruction
        }
        ip = x == y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfNotEqualConstant:
        guard case .integer(let x) = a.pointee, case .integer(let y) = table.pointee.constants[i.wide] else {
          break instruction
        }
        ip = x != y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfLessConstant:
        guard case .integer(let x) = a.pointee, case .integer(let y) = table.pointee.constants[i.wide] else {
          break instruction
        }
        ip = x < y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfLessOrEqualConstant:
        guard case .integer(let x) = a.pointee, case .integer(let y) = table.pointee.constants[i.wide] else {
          break instruction
        }
        ip = x <= y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfGreaterConstant:
        guard case .integer(let x) = a.pointee, case .integer(let y) = table.pointee.constants[i.wide] else {
          break instruction
        }
        ip = x > y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .skipIfGreaterOrEqualConstant:
        guard case .integer(let x) = a.pointee, case .integer(let y) = table.pointee.constants[i.wide] else {
          break instruction
        }
        ip = x >= y ? ip + 1 : instructions + ip.pointee.wide
        continue
      case .forRangeNext:
        guard case .integer(let x) = a.pointee, case .integer(let last) = a[1], a[2].isScalar else {
          break instruction
        }
        if x >= last { continue }
        a.put(x &+ 1)
        (a + 2).put(x &+ 1)
        ip = instructions + i.wide
        turns -= 1
        if turns > 0 { continue }
        return stop(.yielded)

      // Calling
      case .callDirect:
        let callee = table.pointee.callees[Int(i.b)]
        let count = Int(i.c)
        let required = callee.pointee.requiredCount
        let window = a + 1
        guard count >= required, count <= callee.pointee.parameterCount, frame + 1 < framesEnd,
          window + callee.pointee.registerCount <= stackEnd
        else { break instruction }
        var isScalar = true
        for at in 0..<count { isScalar = isScalar && window[at].isScalar }
        let pc = callee.pointee.entries[count &- required]
        let base = frame.pointee.base &+ Int32(i.a) &+ 1
        frame.pointee.pc = Int32(truncatingIfNeeded: ip - instructions)
        frame += 1
        frame.initialize(
          to: Frame(table: callee, function: nil, pc: pc, base: base, kind: .call, isScalar: isScalar))
        table = callee
        instructions = callee.pointee.instructions
        ip = instructions + Int(pc)
        regs = window
        turns -= 1
        if turns > 0 { continue }
        return stop(.yielded)
      case .returnValue:
        guard frame.pointee.isScalar, a.pointee.isScalar, regs[-1].isScalar else { break instruction }
        (regs - 1).put(scalar: a)
        let base = frame.pointee.base
        frame -= 1
        regs += Int(frame.pointee.base &- base)
        table = frame.pointee.table
        instructions = table.pointee.instructions
        ip = instructions + Int(frame.pointee.pc)
        continue
      default: break
      }
      ip -= 1
      return stop(.needsMore)
    }
  }

  /// The integers r[b] and r[c], when what is made of them goes over a scalar.
  @inline(__always)
  private static func integers(_ i: Instruction, _ registers: UnsafeMutablePointer<Value>) -> (Int, Int)? {
    guard registers[Int(i.a)].isScalar, case .integer(let x) = registers[Int(i.b)],
      case .integer(let y) = registers[Int(i.c)]
    else { return nil }
    return (x, y)
  }

  /// The integers r[b] and constants[c], when what is made of them goes over a scalar.
  @inline(__always)
  private static func integers(
    _ i: Instruction, _ registers: UnsafeMutablePointer<Value>, _ table: UnsafeMutablePointer<CodeTable>
  ) -> (Int, Int)? {
    guard registers[Int(i.a)].isScalar, case .integer(let x) = registers[Int(i.b)],
      case .integer(let y) = table.pointee.constants[Int(i.c)]
    else { return nil }
    return (x, y)
  }

  /// `y` is above zero. Dividing 64 bits takes the processor 1.5 to 3 times as long as dividing 32.
  @inline(__always)
  private static func divide(_ x: Int, _ y: Int) -> (quotient: Int, remainder: Int) {
    guard (x | y) >> 32 == 0 else { return (x / y, x % y) }
    let (quotient, remainder) = UInt32(truncatingIfNeeded: x).quotientAndRemainder(
      dividingBy: UInt32(truncatingIfNeeded: y))
    return (Int(quotient), Int(remainder))
  }
}
