// Where a running task is, for as long as it runs.

/// Kept out of the task, in memory that nothing else points to: an object's properties cost several times as much.
struct ExecutionState {
  /// The next instruction.
  var ip: UnsafeMutablePointer<Instruction>
  /// r[0] of the frame on top.
  var registers: UnsafeMutablePointer<Value>
  /// The frame on top.
  var frame: UnsafeMutablePointer<Frame>
  /// Behind the last frame that there is room for, within the limit of calls inside each other.
  var framesEnd: UnsafeMutablePointer<Frame>
  /// Behind the last register that there is room for.
  var stackEnd: UnsafeMutablePointer<Value>
  /// Backward jumps and calls that are left until another task has a turn.
  var turns: Int
  private let callDepth: Int

  init(_ task: Task, turns: Int, callDepth: Int) {
    self.turns = turns
    self.callDepth = callDepth
    frame = task.frames + (task.depth - 1)
    framesEnd = task.frames + min(task.frameCapacity, callDepth)
    registers = task.stack + Int(frame.pointee.base)
    stackEnd = task.stack + task.stackCapacity
    ip = frame.pointee.table.pointee.instructions + Int(frame.pointee.pc)
  }

  /// Takes up the frame on top: after it has changed, or the task's memory may have moved.
  mutating func takeUp(_ task: Task) { self = ExecutionState(task, turns: turns, callDepth: callDepth) }

  /// Writes the position down in the frame on top; `back` instructions before the next one.
  func save(back: Int) {
    let start = frame.pointee.table.pointee.instructions
    frame.pointee.pc = Int32(truncatingIfNeeded: ip - start - back)
  }

  /// How many frames the task has.
  func depth(_ task: Task) -> Int { frame - task.frames + 1 }

  /// Whether the next instruction undoes what a block has set: it has to be done, and nothing covers it.
  var leavesBlock: Bool { ip.pointee.operation == .leaveDeadline || ip.pointee.operation == .leaveChannel }

  mutating func jump(to target: Int) { ip = frame.pointee.table.pointee.instructions + target }
}
