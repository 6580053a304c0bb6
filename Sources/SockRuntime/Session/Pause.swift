// A test that has failed stands still, and a session opens where it stands.

import Glibc
import SockLanguage
import SocketCore

/// Lets somebody look into a file's tests where they fail.
package final class Pause {
  private let interpreter: Interpreter
  private let compiler: Compiler
  private let file: CheckedFile
  private let program: Program
  private let usesColor: Bool
  private let look: (Session, _ account: String, _ test: String) -> Void
  private var test = ""
  /// Whoever has left the test wants no other one.
  package private(set) var endsRun = false
  /// The signal that came while a test stood still.
  private var signalOfSession: Int32?

  /// So long do other tasks wait for what they wait for, while a test stands still: ten years.
  private static let long: Int64 = 315_360_000 * 1_000_000_000

  /// - Parameters:
  ///   - compiler: has compiled the program, and kept its names.
  ///   - look: called with the session, the account of the failure without colour, and the test's name.
  package init(
    _ interpreter: Interpreter, _ program: Program, of file: CheckedFile, compiledBy compiler: Compiler,
    usesColor: Bool, look: @escaping (Session, _ account: String, _ test: String) -> Void
  ) {
    self.interpreter = interpreter
    self.compiler = compiler
    self.file = file
    self.program = program
    self.usesColor = usesColor
    self.look = look
  }

  /// To be called before the file is compiled: what its top level and those of its imports declare keeps its value, as
  /// names that a session may use do.
  package static func keepNames(of file: CheckedFile) {
    for file in withImports(file) {
      for variable in file.exports.values { variable.isCaptured = true }
    }
  }

  /// The file, and all that it imports, however deep.
  private static func withImports(_ file: CheckedFile) -> [CheckedFile] {
    var files = [file]
    var seen: Set = [ObjectIdentifier(file)]
    var next = 0
    while next < files.count {
      for case let module? in files[next].imports.map(\.module) where seen.insert(ObjectIdentifier(module)).inserted {
        files.append(module)
      }
      next += 1
    }
    return files
  }

  /// The test that runs next stands still if it fails.
  package func arm(_ test: String) {
    self.test = test
    interpreter.atFailure = { [unowned self] in stop(at: $0, $1, endsTest: $2) }
  }

  package func disarm() { interpreter.atFailure = nil }

  /// Signals are to reach the run of the file, which is this process's own.
  package func watchSignals() throws(Errno) {
    try ProcessSignals.install()
    try ProcessSignals.attach(to: interpreter.scheduler.poller)
  }

  /// What has ended the run, if that was a signal.
  package var signal: Int32? { interpreter.ending.signal ?? signalOfSession }

  private func stop(at failure: Failure, _ task: Task, endsTest: Bool) {
    guard !endsRun else { return }
    let account = FailureReport.render(failure, interpreter)
    let (session, time) = standStill(task, failure) { session in
      session.isBeforeTestGoesOn = !endsTest
      look(session, account, test)
    }
    failure.notes.append("paused    for \(FailureReport.duration(time)), while somebody looked into the test")
    guard let status = session.exitStatus, status != 0 else { return }
    endsRun = true
    if status > 128, status <= 128 + 64 { signalOfSession = status - 128 }
  }

  /// Lets somebody look into the task, with a session where it stands: its time, that of all others, and that of the
  /// test do not pass.
  /// - Parameter failure: why it stands still; nil: because it was asked to, at the beginning of a statement.
  /// - Returns: the session, which has left, and for how long it was there, in nanoseconds.
  @discardableResult
  func standStill(_ task: Task, _ failure: Failure?, _ body: (Session) -> Void) -> (Session, Int64) {
    let began = MonotonicClock.now
    let group = interpreter.group
    let session = Session(in: interpreter, compiledBy: compiler, usesColor: usesColor)
    let waits = task.state == .blocked
    let held = hold(beside: waits ? nil : task, since: began)
    let (limit, main) = (interpreter.timeLimit, group.main)
    interpreter.timeLimit = .max
    interpreter.mainResult = nil
    session.state.keep(from: task)
    session.state.heldMain = main
    group.session = session.state
    let defined = define(task, in: session)
    let isCaptured = interpreter.options.capturesOutput
    if isCaptured { interpreter.output.stopCapturing() }
    body(session)
    session.leaveWorld()
    if isCaptured, let lost = interpreter.output.captureAgain() { failure?.notes.append("output    \(lost.message)") }
    for variable in defined { session.define(variable, as: .nothing) }
    group.session = nil
    group.main = main
    interpreter.mainResult = nil
    if session.state.heldMainHasEnded {
      interpreter.mainResult = interpreter.result(of: session.state.failureOfHeldMain)
    }
    let time = MonotonicClock.now - began
    interpreter.pausedTime += time
    interpreter.timeLimit = limit == .max ? .max : limit + time
    for held in held { held.release(after: time, interpreter.scheduler) { lengthenOuter($0, by: time) } }
    if !waits { lengthen(task, failure, by: time) }
    return (session, time)
  }

  // MARK: - Names

  /// Gives the session the names that the failed step knows, and those that these do not hide: of its callers, of its
  /// file, and of the file of tests. Those that have a value of the session's own.
  private func define(_ task: Task, in session: Session) -> [Variable] {
    var names = Names()
    for depth in stride(from: task.depth - 1, through: 0, by: -1) {
      let frame = task.frames[depth]
      // One that waits performs the instruction that is next.
      let waits = task.state == .blocked && depth == task.depth - 1
      guard let site = waits ? interpreter.place(of: task) : frame.site else { continue }
      let code = frame.code.takeUnretainedValue()
      names.beginFrame()
      for place in code.names where place.isKnown(at: site.range.lower) { names.add(place, value(place, frame, task)) }
      if names.file == nil { names.file = code.file }
    }
    if let source = names.file, source !== file.source, let inner = imported(source) {
      addNames(of: inner, to: &names, task)
    }
    addNames(of: file, to: &names, task)
    for found in names.places.values {
      // What lives in the whole program is the same there and here.
      if !found.isShared { session.define(found.variable, as: found.value) }
    }
    session.scope.adopt(
      names.places.values.map(\.variable) + names.declared.values, imports: names.imports)
    return names.places.values.filter { !$0.isShared }.map(\.variable)
  }

  /// The file that has this text, of those that the file of tests imports, or that these do.
  private func imported(_ source: SourceFile) -> CheckedFile? {
    Pause.withImports(file).first { $0.source === source }
  }

  /// The names of a file's top level, and those of its messages and of the files that it imports.
  private func addNames(of file: CheckedFile, to names: inout Names, _ task: Task) {
    let source = file.source
    names.beginFrame()
    var codes: [FunctionCode] = []
    program.forEachCode { if $0.kind == .file, $0.file === source { codes.append($0) } }
    for place in codes.flatMap(\.names) {
      switch place.place {
      case .inProgram, .function: names.add(place, value(place, nil, task))
      case .register, .cell, .captured:
        // The frame of the file's top level still stands where that has tests.
        guard file === self.file, let top = interpreter.topLevel.main, top.depth > 0 else { continue }
        names.add(place, value(place, top.frames[0], top))
      }
    }
    for variable in file.exports.values where variable.kind == .message { names.add(variable) }
    for declaration in file.imports {
      if let variable = declaration.name.variable { names.add(variable, importedBy: declaration) }
    }
  }

  /// The names that are known, from the innermost frame outwards.
  private struct Names {
    struct Found {
      let variable: Variable
      let value: Value
      let block: UInt32
      let isShared: Bool
      let frame: Int
    }

    private(set) var places: [String: Found] = [:]
    /// Those that have no value: of messages and imported files.
    private(set) var declared: [String: Variable] = [:]
    private(set) var imports: [ObjectIdentifier: ImportDeclaration] = [:]
    var file: SourceFile?
    private var frame = 0

    mutating func beginFrame() { frame += 1 }

    mutating func add(_ place: NamedPlace, _ value: Value) {
      // Its names are known by its declaration.
      if place.variable.kind == .importedFile || declared[place.variable.name] != nil { return }
      if let other = places[place.variable.name] {
        // Of one frame it is the innermost block's.
        guard other.frame == frame, other.block < place.block.lower else { return }
      }
      var isShared = false
      if case .inProgram = place.place { isShared = true }
      places[place.variable.name] = Found(
        variable: place.variable, value: value, block: place.block.lower, isShared: isShared, frame: frame)
    }

    mutating func add(_ variable: Variable, importedBy declaration: ImportDeclaration? = nil) {
      guard places[variable.name] == nil, declared[variable.name] == nil else { return }
      declared[variable.name] = variable
      imports[ObjectIdentifier(variable)] = declaration
    }
  }

  /// - Parameter frame: nil where the place needs none.
  func value(_ place: NamedPlace, _ frame: Frame?, _ task: Task) -> Value {
    func register(_ number: Int) -> Value { frame.map { task.stack[Int($0.base) + number] } ?? .nothing }
    switch place.place {
    case .register(let number): return register(number)
    case .cell(let number):
      if case .cell(let cell) = register(number) { return cell.value }
      return register(number)
    case .captured(let number):
      return frame?.function.map { $0._withUnsafeGuaranteedRef { $0.cells[number].value } } ?? .nothing
    case .inProgram(let cell): return cell.value
    case .function(let function): return .function(function)
    }
  }

  // MARK: - Deadlines

  /// Another task's time, which stands still.
  private struct HeldTask {
    let task: Task
    let until: Int64
    let step: Int64
    let block: Int64
    let wake: Int64

    /// Lets the time of a task go on, where it is the same as before.
    func release(after time: Int64, _ scheduler: Scheduler, outer: (Task) -> Void) {
      guard task.state != .finished else { return }
      if block != .max { outer(task) }
      if task.step.deadline == until { task.step.deadline = step + time }
      if task.blockDeadline == until {
        task.blockDeadline = block + time
        if task.extras?.triedBefore?.until == block { task.extras?.triedBefore?.until += time }
      }
      if task.state == .blocked, task.wakeAt == until { scheduler.arm(task, at: wake + time) }
    }
  }

  /// The same for the task that has failed, which goes on in its `defer`s or behind its `check`.
  private func lengthen(_ task: Task, _ failure: Failure?, by time: Int64) {
    guard task.blockDeadline != .max else { return }
    lengthenOuter(task, by: time)
    if task.toldOfLateness == task.blockDeadline { task.toldOfLateness += time }
    // Which `retry` that try belongs to is told by its deadline.
    if task.extras?.triedBefore?.until == task.blockDeadline { task.extras?.triedBefore?.until += time }
    if let failure { failure.leavesBlock = failure.leavesBlock.map { $0 + time } }
    task.blockDeadline += time
  }

  /// The deadlines of the blocks further out, which those inside set back when they end.
  private func lengthenOuter(_ task: Task, by time: Int64) {
    for depth in 0..<task.depth {
      let frame = task.frames[depth]
      let code = frame.code.takeUnretainedValue()
      // The step that waits is the next one; a call, and what has failed, is the one before.
      let pc = Int(frame.pc) - (task.state == .blocked && depth == task.depth - 1 ? 0 : 1)
      for handler in code.handlers where handler.isCleanup && handler.start <= pc && pc < handler.end {
        let end = frame.table.pointee.instructions[handler.target]
        guard end.operation == .leaveDeadline else { continue }
        let register = Int(frame.base) + Int(end.a)
        guard case .integer(let outer) = task.stack[register], outer != .max else { continue }
        task.stack[register] = .integer(outer + Int(time))
      }
    }
  }

  /// - Parameter failed: nil: the task that stands still waits, as all others do.
  private func hold(beside failed: Task?, since began: Int64) -> [HeldTask] {
    var tasks = interpreter.group.tasks
    if interpreter.topLevel !== interpreter.group { tasks += interpreter.topLevel.tasks }
    let until = began + Pause.long
    return tasks.filter { $0 !== failed }.map { task in
      let held = HeldTask(
        task: task, until: until, step: task.step.deadline, block: task.blockDeadline, wake: task.wakeAt)
      if task.step.deadline != .max { task.step.deadline = until }
      if task.blockDeadline != .max { task.blockDeadline = until }
      if task.wakeAt != .max { task.wakeAt = until }
      return held
    }
  }
}
