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
  fileprivate func put(scalar source: UnsafeMutablePointer<Value>) {
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
      let a = regs + Int(i.a)
      // Each case that has done its work goes on with `continue`; one that cannot do it leaves the switch.
      instruction: switch i.operation {
      // Moving
      case .move:
        let source = regs + Int(i.b)
        guard a.pointee.isScalar, source.pointee.isScalar else { break instruction }
        a.put(scalar: source)
        ip += 1
        continue
      case .loadNil:
        guard a.pointee.isScalar else { break instruction }
        a.initialize(to: .nothing)
        ip += 1
        continue
      case .loadBoolean:
        guard a.pointee.isScalar else { break instruction }
        a.put(i.b != 0)
        ip += 1
        continue
      case .loadInteger:
        guard a.pointee.isScalar else { break instruction }
        a.put(i.wide)
        ip += 1
        continue
      case .loadConstant:
        let source = table.pointee.constants + i.wide
        guard a.pointee.isScalar, source.pointee.isScalar else { break instruction }
        a.put(scalar: source)
        ip += 1
        continue

      // Computing
      case .add:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        let (sum, isOverflow) = x.addingReportingOverflow(y)
        if isOverflow { break instruction }
        a.put(sum)
        ip += 1
        continue
      case .subtract:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        let (difference, isOverflow) = x.subtractingReportingOverflow(y)
        if isOverflow { break instruction }
        a.put(difference)
        ip += 1
        continue
      case .multiply:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        let (product, isOverflow) = x.multipliedReportingOverflow(by: y)
        if isOverflow { break instruction }
        a.put(product)
        ip += 1
        continue
      case .remainder:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)], y > 0
        else { break instruction }
        a.put(ExecutionState.remainder(x, y))
        ip += 1
        continue
      case .addImmediate:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)] else { break instruction }
        let (sum, isOverflow) = x.addingReportingOverflow(i.immediate)
        if isOverflow { break instruction }
        a.put(sum)
        ip += 1
        continue
      case .append:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        let (sum, isOverflow) = x.addingReportingOverflow(y)
        if isOverflow { break instruction }
        a.put(sum)
        ip += 1
        continue
      case .equal:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        a.put(x == y)
        ip += 1
        continue
      case .notEqual:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        a.put(x != y)
        ip += 1
        continue
      case .less:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        a.put(x < y)
        ip += 1
        continue
      case .lessOrEqual:
        guard a.pointee.isScalar, case .integer(let x) = regs[Int(i.b)], case .integer(let y) = regs[Int(i.c)] else {
          break instruction
        }
        a.put(x <= y)
        ip += 1
        continue
      case .not:
        guard a.pointee.isScalar else { break instruction }
        a.put(!regs[Int(i.b)].isTrue)
        ip += 1
        continue

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
        ip = a.pointee.isTrue ? ip + 1 : instructions + i.wide
        continue
      case .jumpIfTrue:
        ip = a.pointee.isTrue ? instructions + i.wide : ip + 1
        continue
      // A condition that does not hold goes to where the jump behind it goes.
      case .skipIfEqual:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x == y ? ip + 2 : instructions + ip[1].wide
        continue
      case .skipIfNotEqual:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x != y ? ip + 2 : instructions + ip[1].wide
        continue
      case .skipIfLess:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x < y ? ip + 2 : instructions + ip[1].wide
        continue
      case .skipIfLessOrEqual:
        guard case .integer(let x) = a.pointee, case .integer(let y) = regs[Int(i.b)] else { break instruction }
        ip = x <= y ? ip + 2 : instructions + ip[1].wide
        continue
      case .forRangeNext:
        guard case .integer(let x) = a.pointee, case .integer(let last) = a[1], a[2].isScalar else {
          break instruction
        }
        if x >= last {
          ip += 1
          continue
        }
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
        frame.pointee.pc = Int32(truncatingIfNeeded: ip + 1 - instructions)
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
      default: break instruction
      }
      return stop(.needsMore)
    }
  }

  /// Of two numbers that are not negative; `y` is not zero. A division of 64 bits takes the processor 1.5 to 3 times as
  /// long as one of 32.
  @inline(__always)
  private static func remainder(_ x: Int, _ y: Int) -> Int {
    if (x | y) >> 32 == 0 { return Int(UInt32(truncatingIfNeeded: x) % UInt32(truncatingIfNeeded: y)) }
    return x % y
  }
}
