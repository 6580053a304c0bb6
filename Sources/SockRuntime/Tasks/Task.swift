// A task: a program counter, registers, and what it waits for. No thread, no stack of the machine's own.

import SockLanguage
import SocketCore

/// One call that is under way. Nothing in it needs counting of references: the function is held by the register
/// below its window, or by the caller's code.
struct Frame {
  enum Kind: UInt8 {
    case call
    /// A deferred statement, run because its frame returns: that return is then done again.
    case deferOnReturn
    /// A deferred statement, run because its frame fails: the failure then goes on.
    case deferOnFailure
  }
  let table: UnsafeMutablePointer<CodeTable>
  /// Set when the function captures.
  let function: Unmanaged<Function>?
  /// The instruction to go on with.
  var pc: Int32
  /// The first register of its window in the task's stack.
  let base: Int32
  let kind: Kind
  /// It returns to the frame below, and nothing has to be done for that: its registers hold scalars only, nothing is
  /// deferred. Whatever may change that says so.
  var isScalar: Bool

  var code: Unmanaged<FunctionCode> { table.pointee.owner }

  /// The place in the script of what it is doing; nil for a builtin function, which has none.
  var site: SourceSite? {
    code._withUnsafeGuaranteedRef { $0.builtin == nil ? $0.site(at: max(0, Int(pc) - 1)) : nil }
  }
}

package final class Task {
  enum State: UInt8 { case ready, running, blocked, finished }

  enum WaitKind: UInt8 { case nothing, reading, writing, turn, timer, task, process, external, descriptors, select }

  private(set) var stack: UnsafeMutablePointer<Value>
  private(set) var stackCapacity: Int
  private(set) var frames: UnsafeMutablePointer<Frame>
  private(set) var frameCapacity: Int
  var depth = 0

  var state = State.ready
  var waitKind = WaitKind.nothing
  /// Asked to end: raised as a failure that nothing catches when it next runs.
  var isCancelled = false
  /// What it is to fail with, instead, when it next runs; nothing catches it.
  var ending: Failure?
  /// How much more it has taken, in bytes, while there was no memory left.
  var growth = 0
  /// That has happened: what still runs is what was deferred.
  var wasStopped = false
  /// The step that it performs, while that waits.
  var step = StepState()

  /// The current connection and listener.
  var conn: Channel?
  var listener: Channel?
  @inline(__always)
  var borrowedConn: Unmanaged<Channel>? { conn.map { Unmanaged.passUnretained($0) } }

  /// The channel it waits for: a register of the step, `conn`, `listener` or the step's work owns it.
  var waitChannel: Unmanaged<Channel>?
  /// Of the `within` blocks around.
  var blockDeadline = Int64.max
  /// The last of those that something failed for, when it was over.
  var toldOfLateness = Int64.max
  /// When it next has to run whatever happens; an entry in the timers says so.
  var wakeAt = Int64.max
  /// The earliest entry that the timers hold for it.
  var armedAt = Int64.max

  /// For the few tasks that use them.
  var extras: TaskExtras?
  let group: TaskGroup
  /// What a session calls it; 0: it has no number.
  var number = 0
  /// Its place in the group's list.
  var groupIndex = 0
  var handle: TaskHandle?
  /// For a served connection: the server to tell of its end.
  var server: ServeState?
  /// The handshake of the connection that it serves comes first.
  var isEntering = false
  /// Its last statement has run; what its connection has gathered is still on its way.
  var isLeaving = false
  /// The connection it serves: closed with it, whoever else still has it.
  var served: Channel?

  init(group: TaskGroup, function: Function) {
    self.group = group
    let code = function.code
    stackCapacity = code.registerCount + 1
    stack = UnsafeMutablePointer<Value>.allocate(capacity: stackCapacity)
    stack.initialize(repeating: .nothing, count: stackCapacity)
    frameCapacity = 1
    frames = UnsafeMutablePointer<Frame>.allocate(capacity: 1)
    stack[0] = .function(function)
    push(
      Frame(
        table: code.table, function: Unmanaged.passUnretained(function), pc: code.entries[0], base: 1, kind: .call,
        isScalar: false))
  }

  deinit {
    stack.deinitialize(count: stackCapacity)
    stack.deallocate()
    frames.deallocate()
  }

  @inline(__always)
  func push(_ frame: Frame) {
    if depth == frameCapacity { growFrames() }
    frames[depth] = frame
    depth += 1
  }

  private func growFrames() {
    let larger = UnsafeMutablePointer<Frame>.allocate(capacity: frameCapacity * 2)
    larger.update(from: frames, count: depth)
    frames.deallocate()
    frames = larger
    frameCapacity *= 2
  }

  /// Makes room for `count` registers in all. Pointers into the stack are invalid after it.
  @inline(__always)
  func ensureStack(_ count: Int) {
    if count > stackCapacity { growStack(count) }
  }

  private func growStack(_ count: Int) {
    let capacity = max(count + 8, stackCapacity * 2)
    let larger = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
    larger.moveInitialize(from: stack, count: stackCapacity)
    (larger + stackCapacity).initialize(repeating: .nothing, count: capacity - stackCapacity)
    stack.deallocate()
    stack = larger
    stackCapacity = capacity
  }

  var ownExtras: TaskExtras {
    if let extras { return extras }
    let fresh = TaskExtras()
    extras = fresh
    return fresh
  }

  /// The registers of the frame that runs.
  var registers: UnsafeMutablePointer<Value> { stack + Int(frames[depth - 1].base) }
}

/// What most tasks never need.
final class TaskExtras {
  /// What the last `try EXPR` failed with.
  var error: Failure?
  /// Deferred statements, with the depth of the frame at whose end they run.
  var defers: [(depth: Int, function: Function)] = []
  /// Failures that wait until a deferred statement has run.
  var unwinding: [Failure] = []
  /// Why the last try of a `retry` failed that was not its last one, and until when that `retry` may try.
  var triedBefore: (message: String, site: SourceSite?, until: Int64)?
  /// Made by an unnamed `socket`: `bind`, `listen` and `connect` act on it.
  var freshSocket: Channel?
  /// The channels a `select` waits for.
  var selected: [Channel] = []
  var selectedTasks: [TaskHandle] = []
  /// It waits for its work's answer beside them.
  var waitsForAnswer = false
}

/// A task as a value: what `spawn as t` names.
package final class TaskHandle {
  /// Nil when it has ended.
  var task: Task?
  var failure: Failure?
  /// What it returned.
  var result = Value.nothing
  /// `wait t` has seen the failure, or is going to.
  var wasAwaited = false
  var waiters: [Task] = []
  init(_ task: Task?) { self.task = task }

  /// What `wait` gives when the task has ended. That it was stopped is an error that its waiter can catch.
  func outcome() throws(Failure) -> Value {
    guard let failure else { return result }
    if failure.code == .cancelled { throw Failure(.cancelled, "the task was stopped") }
    throw failure
  }
}

/// What belongs together and ends together: a script, or a test.
package final class TaskGroup {
  var tasks: [Task] = []
  /// Whether waits have a default deadline: inside a test, and at the top level of a file of tests.
  let isTest: Bool
  /// Processes that were started; their groups are ended with this.
  var processes: [ProcessState] = []
  /// The program that `run` has started last.
  var lastProgram: ProcessState?
  /// Those that were run as clients (`run … to`), with their channels and whose clients they are: what they write is read,
  /// and they can connect, though no name holds either.
  private(set) var clients: [(process: ProcessState, channel: Channel, server: Channel)] = []
  /// A script that goes on for long keeps no more of those that have ended.
  private static let clientsKept = 64
  /// The last of its processes that have ended without success. Later failures tell of them: a server that is gone is
  /// the usual cause.
  private(set) var deaths: [ProcessState] = []
  private static let deathsTold = 3
  /// What a task without a name failed with.
  var failure: Failure?
  /// The task whose end is the group's.
  var main: Task?
  /// Failed `check`s.
  var checks: [Failure] = []
  /// What a test has opened; closed when it ends.
  var channels: [OpenedChannel] = []
  /// What a script opens is noted there, too: somebody looks into it.
  var notesChannels = false
  /// When this test began, on the transcript's clock.
  var began: Int64 = 0
  /// The number of the first channel of this test.
  var firstChannel = 0
  /// What its processes have in their environment; nil before the first.
  var mark: String?
  /// The number of the first of its processes; 0 when the system has begun anew with small numbers since.
  private(set) var firstPid = Int32.max
  /// What could not be ended, or was found where it had no business to be.
  var leaks: [String] = []
  /// Set for a session's: what its statements hand on.
  var session: SessionState?

  /// With so many processes it is looked which are gone.
  private var nextLook = 8

  init(isTest: Bool) { self.isTest = isTest }

  func add(_ process: ProcessState) {
    firstPid = firstPid == .max ? process.child.pid : process.child.pid < firstPid ? 0 : firstPid
    // Those whose offspring has gone meanwhile hold a descriptor each. They do not add up: at most twice as many are
    // kept as are in use.
    if processes.count >= nextLook {
      for process in processes { process.letGo() }
      nextLook = max(8, 2 * processes.count)
    }
    processes.append(process)
  }

  func add(client process: ProcessState, _ channel: Channel, of server: Channel) {
    if clients.count >= TaskGroup.clientsKept { clients.removeAll { $0.process.status != nil && $0.process.isExpectedToEnd } }
    clients.append((process, channel, server))
  }

  /// The clients that have ended well: the end of one in the middle of a dialogue is told of all the same.
  var endedClients: [ProcessState] { clients.map(\.process).filter { $0.status?.isSuccess ?? false } }

  func mourn(_ process: ProcessState) {
    deaths.append(process)
    if deaths.count > TaskGroup.deathsTold { deaths.removeFirst() }
  }

  /// Looks which processes have ended, so that a failure can tell of them. One whose output has ended is about to: it gets
  /// the moment that this may take, or one failure in ten on a busy machine would not know of the server that is gone.
  /// - Parameter afterLossOfPeer: a peer has gone, which may have been any of them.
  func noteEnds(afterLossOfPeer: Bool) {
    let deadline = Deadline(after: ProcessState.endingSeconds)
    for process in processes {
      if process.channel?.hasEnded ?? false {
        process.awaitEnd(Deadline(after: ProcessState.secondsAfterOutput))
      } else if afterLossOfPeer {
        // A client that has closed its connection is about to end, mostly.
        process.awaitEnd(process.role == nil ? deadline : Deadline(after: ProcessState.secondsAfterOutput))
      } else {
        process.hasEnded()
      }
    }
  }

  func remove(_ process: ProcessState) { processes.removeAll { $0 === process } }

  /// The number of the last task that a session has started beside its statements.
  private var lastNumber = 0

  func add(_ task: Task) {
    if session != nil, task !== main {
      lastNumber += 1
      task.number = lastNumber
    }
    task.groupIndex = tasks.count
    tasks.append(task)
  }

  func remove(_ task: Task) {
    let last = tasks.count - 1
    guard task.groupIndex <= last, tasks[task.groupIndex] === task else { return }
    tasks.swapAt(task.groupIndex, last)
    tasks[task.groupIndex].groupIndex = task.groupIndex
    tasks.removeLast()
  }
}

/// What the task of a `serve` keeps while it waits.
final class ServeTurn {
  let state = ServeState()
  /// `serve workers`: whether this process is one of several by now.
  var hasForked = false
  /// The others, in the first process.
  var workers: WorkerProcesses?

  /// However the statement ends, the other processes end with it.
  deinit { workers?.stop() }
}

/// A `serve` under way, as its connections know it.
final class ServeState {
  var accepted = 0
  var live = 0
  var waiter: Task?
}
