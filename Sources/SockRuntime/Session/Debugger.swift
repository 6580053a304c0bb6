// Goes through a script or a test statement by statement, for `sock dap`: where it stops, what is there to see then.

import SockLanguage
import SocketCore

/// All of it belongs to the thread that runs the script.
package final class Debugger: @unchecked Sendable {
  /// How a task goes on that stands still.
  package enum Going: Sendable {
    /// To the next breakpoint.
    case on
    /// To the next statement: of what it calls; of its own function or a caller; of a caller.
    case into, over, out
  }

  package enum Reason: String, Sendable { case entry, breakpoint, step, pause, exception }

  /// A call that is under way.
  package struct Call {
    package let name: String
    package let place: SourceSite
    fileprivate let depth: Int
    fileprivate let task: Task
  }

  /// A name with its value, or an element of a value.
  package struct Item {
    package let name: String
    package let text: String
    package let kind: String
    /// By which its parts can be asked for; 0: it has none.
    package let reference: Int
  }

  /// What has come of a text that was evaluated.
  package enum Outcome {
    case value(Item)
    /// Why, in one line; it has been told in full on standard error.
    case failed(String)
    /// Somebody has ended it before its time.
    case cutShort
    /// It has ended the run.
    case exit(Int32)
  }

  /// The statements to stop at: where they begin, by the names of their files.
  package var breakpoints: [String: [UInt32: [Breakpoint]]] = [:]
  /// Failures that nothing catches stop the task.
  package var stopsAtFailures = false
  /// The next statement is one to stop at: of the beginning, or because somebody has asked for it.
  package var isAsked: Reason?
  /// Called with a task that stands still, until it is to go on.
  package var stopped: (Reason, _ message: String?) -> Going = { _, _ in .on }
  /// Called with what a breakpoint tells instead of stopping.
  package var told: (_ message: String, SourceSite) -> Void = { _, _ in }
  /// The task whose statements a step goes to, by its number; nil: the one that stands still.
  package var stepped: Int?
  /// Called often while the script runs, and whenever it or what is evaluated waits: there may be something to read
  /// from who looks at it.
  package var looksAround: () -> Void = {}
  /// Where that is announced: the wait of a script ends then.
  package var input: WatchedInput?

  /// So many statements run between two looks.
  private static let statementsPerLook = 64
  /// How long the condition or the message of a breakpoint may take, and what is deferred where the task stands, in
  /// seconds.
  private static let patience = 5.0
  private var statements = 0
  private var interpreter: Interpreter?
  private var pause: Pause?
  private var session: Session?
  /// The one that evaluates something just now.
  private var evaluating: Session?
  private var task: Task?
  private var going = Going.on
  /// Where the step began that is being done.
  private var origin: (task: Task, depth: Int)?
  /// What has been given a reference, since the task stands still.
  private var referred: [Value] = []
  private var numbers: [ObjectIdentifier: Int] = [:]
  private var numbered: [Task] = []

  package init() {}

  // MARK: - The run

  /// Runs a checked script, which has no tests; what is told of a failure goes to standard error. The exit status.
  package func run(_ checked: CheckedFile, _ options: RunOptions) -> Int32 {
    Pause.keepNames(of: checked)
    let compiler = Compiler(keepsNames: true, stopsAtStatements: true)
    do throws(ProgramTooLarge) {
      let program = try compiler.compile(checked)
      if let problem = program.unknownSetting(among: options.settings, secrets: options.secrets) {
        OutputWriter.writeError("sock: \(problem)\n")
        return 2
      }
      return run(program, of: checked, compiledBy: compiler, options)
    } catch {
      OutputWriter.writeError("sock: \(error.message)\n")
      return 2
    }
  }

  private func run(
    _ program: Program, of checked: CheckedFile, compiledBy compiler: Compiler, _ options: RunOptions
  ) -> Int32 {
    let interpreter: Interpreter
    do throws(Errno) {
      interpreter = try Script.makeInterpreter(options)
    } catch {
      OutputWriter.writeError("sock: cannot start: \(error)\n")
      return 1
    }
    do throws(Failure) {
      try attach(to: interpreter, program, of: checked, compiledBy: compiler)
    } catch {
      OutputWriter.writeError("sock: cannot start: \(error.message)\n")
      return 1
    }
    defer { detach() }
    return Script.status(of: interpreter.run(program), interpreter)
  }

  /// To be called before the program runs, which was compiled with names and stops at statements.
  package func attach(
    to interpreter: Interpreter, _ program: Program, of file: CheckedFile, compiledBy compiler: Compiler
  ) throws(Failure) {
    self.interpreter = interpreter
    pause = Pause(interpreter, program, of: file, compiledBy: compiler, usesColor: false) { _, _, _ in }
    interpreter.group.notesChannels = true
    interpreter.atStatement = { [unowned self] in begins($0) }
    interpreter.beforeWaiting = { [unowned self] in
      interpreter.output.hasten()
      // What it says is lost nowhere: where it cannot be written, the run's end tells.
      _ = interpreter.output.flushIfDue()
      looksAround()
      if isAsked == .pause, evaluating == nil { pauseWaiting() }
    }
    if let input { try interpreter.scheduler.watch(input) }
  }

  /// The run is over, or about to be: nothing is watched any more.
  package func detach() {
    if let interpreter, let input { interpreter.scheduler.forget(input) }
    interpreter?.atStatement = nil
    interpreter?.beforeWaiting = nil
    interpreter?.atFailure = nil
    (interpreter, pause, task, origin, numbered, numbers) = (nil, nil, nil, nil, [], [:])
  }

  /// Ends the run as a signal does.
  package func end(by signal: Int32) { interpreter?.stopRequest.stop(signal: signal) }

  /// It has been asked to end: nothing stops any more.
  package var isAskedToEnd: Bool {
    guard let interpreter else { return false }
    let ending = interpreter.ending
    return session?.exitStatus != nil || interpreter.stopRequest.signal != nil || ending.signal != nil
      || ending.status != nil
  }

  /// Every task waits, and none would come to a statement: one stands still where it waits.
  private func pauseWaiting() {
    guard let interpreter, interpreter.atStatement != nil, !interpreter.scheduler.hasReadyTasks else { return }
    let wanted = stepped.flatMap(task(numbered:)) ?? interpreter.group.main
    guard let task = [wanted, interpreter.group.main].compactMap({ $0 }).first(where: { $0.state == .blocked })
    else { return }
    stop(task, .pause, nil)
  }

  /// A statement is about to begin.
  private func begins(_ task: Task) {
    statements -= 1
    if statements <= 0 {
      statements = Debugger.statementsPerLook
      looksAround()
    }
    if stopsAtFailures, interpreter?.atFailure == nil {
      interpreter?.atFailure = { [unowned self] failure, task, _ in stop(task, failure) }
    }
    let place = task.frames[task.depth - 1].site
    let atBreakpoint = place.flatMap { reach($0, task) }
    if let isAsked {
      stop(task, isAsked, nil)
    } else if let atBreakpoint {
      stop(task, .breakpoint, atBreakpoint.complaint)
    } else if place != nil, let reason = reason(toStop: task) {
      stop(task, reason, nil)
    }
  }

  private struct StopAtBreakpoint {
    let complaint: String?
  }

  /// Does what the breakpoints of a statement say; nil: none of them stops the task.
  private func reach(_ place: SourceSite, _ task: Task) -> StopAtBreakpoint? {
    guard let found = breakpoints[place.file.name]?[place.range.lower] else { return nil }
    var stop: StopAtBreakpoint?
    for breakpoint in found {
      if let condition = breakpoint.condition {
        switch value(of: condition, "condition", task) {
        case .success(let value): if !value.isTrue { continue }
        case .failure(let problem):
          stop = StopAtBreakpoint(complaint: problem.complaint)
          continue
        }
      }
      guard breakpoint.isReached() else { continue }
      if let message = breakpoint.message {
        // Why it has failed has been told.
        if case .success(let value) = value(of: message, "message", task) { tell(value, place) }
      } else {
        stop = stop ?? StopAtBreakpoint(complaint: nil)
      }
    }
    return stop
  }

  private func tell(_ value: Value, _ place: SourceSite) {
    guard let interpreter else { return }
    // Behind what the script has printed so far. Where that cannot be written, the run's end tells.
    if !interpreter.options.capturesOutput { _ = interpreter.output.flushWhatFits() }
    told(Printable.text(interpreter.masked(Show.text(value).text)), place)
  }

  private struct Problem: Error {
    let complaint: String
  }

  /// A value where the task is, whose time does not pass meanwhile. That there is none has been told on standard error.
  private func value(of source: SourceFile, _ what: String, _ task: Task) -> Result<Value, Problem> {
    var result = Result<Value, Problem>.failure(Problem(complaint: "the \(what) of this breakpoint has failed"))
    standStill(task, nil) { session in
      let limit = Deadline(after: Debugger.patience).at
      session.endsAt = limit
      if evaluate(source, in: session) { result = .success(session.quietResult) }
      guard session.wasCutShort, session.endsAt == limit else { return }
      let problem = "the \(what) of this breakpoint has not ended within \(Interpreter.duration(Debugger.patience))"
      interpreter?.output.tell("sock: \(problem)\n")
      result = .failure(Problem(complaint: problem))
    }
    return result
  }

  /// Whether it has come to its end, and that was not the end of the run.
  private func evaluate(_ source: SourceFile, in session: Session) -> Bool {
    evaluating = session
    defer { evaluating = nil }
    return session.evaluate(source, isWhole: true, isQuiet: true) == .done && session.exitStatus == nil
  }

  /// Something is being evaluated.
  package var isEvaluating: Bool { evaluating != nil }

  /// Ends at once what is being evaluated.
  package func endEvaluation() { evaluating?.endsAt = 0 }

  private func reason(toStop task: Task) -> Reason? {
    guard going != .on, let origin else { return nil }
    // The task has ended: who goes on step by step sees what comes next.
    if origin.task.state == .finished { return .step }
    guard task === origin.task else { return nil }
    switch going {
    case .on: return nil
    case .into: return .step
    case .over: return task.depth <= origin.depth ? .step : nil
    case .out: return task.depth < origin.depth ? .step : nil
    }
  }

  private func stop(_ task: Task, _ reason: Reason, _ message: String?) {
    stop(task, reason, nil, message)
  }

  private func stop(_ task: Task, _ failure: Failure) {
    guard stopsAtFailures else { return }
    stop(task, .exception, failure, interpreter?.masked(failure.message))
  }

  private func stop(_ task: Task, _ reason: Reason, _ failure: Failure?, _ message: String?) {
    guard let interpreter, !isAskedToEnd else { return }
    isAsked = nil
    stepped = nil
    self.task = task
    // What it has printed so far is seen. Where that cannot be written, the run's end tells.
    if !interpreter.options.capturesOutput { _ = interpreter.output.flushWhatFits() }
    standStill(task, failure) { session in
      self.session = session
      going = stopped(reason, message)
      self.session = nil
    }
    let goes = stepped.flatMap(task(numbered:)) ?? task
    origin = going == .on ? nil : (goes, goes.depth)
    self.task = nil
    referred = []
  }

  /// Opens a session where the task is; what is evaluated in it does not stop.
  private func standStill(_ task: Task, _ failure: Failure?, _ body: (Session) -> Void) {
    guard let interpreter, let pause else { return }
    let (atStatement, atFailure) = (interpreter.atStatement, interpreter.atFailure)
    interpreter.atStatement = nil
    interpreter.atFailure = nil
    let (session, _) = pause.standStill(task, failure) { session in
      session.interruptEndsSession = true
      body(session)
      session.endsAt = Deadline(after: Debugger.patience).at
    }
    interpreter.atStatement = atStatement
    interpreter.atFailure = atFailure
    if let signal = session.endingSignal {
      end(by: signal)
    } else if let status = session.exitStatus {
      interpreter.exit(status)
    }
  }

  // MARK: - What is there

  /// The tasks, each with a number that stays its own.
  package var tasks: [(number: Int, name: String)] {
    guard let interpreter else { return [] }
    var all = interpreter.group.tasks
    if interpreter.topLevel !== interpreter.group { all += interpreter.topLevel.tasks }
    // What is being evaluated is no task of the script.
    let own = evaluating == nil ? nil : interpreter.group.main
    return all.filter { $0 !== own && $0.state != .finished && $0.depth > 0 }
      .map { (number(of: $0), name(of: $0, interpreter)) }
  }

  /// Whether a task has, or had, that number.
  package func isTask(_ number: Int) -> Bool { task(numbered: number) != nil }

  private func task(numbered number: Int) -> Task? {
    number > 0 && number <= numbered.count ? numbered[number - 1] : nil
  }

  /// The number of the task that stands still.
  package var current: Int { task.map(number) ?? 1 }

  private func number(of task: Task) -> Int {
    if let number = numbers[ObjectIdentifier(task)] { return number }
    // Kept, or another one could get its identity.
    numbered.append(task)
    numbers[ObjectIdentifier(task)] = numbered.count
    return numbered.count
  }

  private func name(of task: Task, _ interpreter: Interpreter) -> String {
    let code = task.frames[0].code.takeUnretainedValue()
    let what = code.kind == .file ? "main" : code.name
    return interpreter.masked(Printable.text("\(what)\(task.state == .blocked ? " (waits)" : "")"))
  }

  /// The calls of a task, innermost first.
  package func calls(of number: Int) -> [Call] {
    guard let task = task(numbered: number) else { return [] }
    return stride(from: task.depth - 1, through: 0, by: -1).compactMap { depth in
      let frame = task.frames[depth]
      let code = frame.code.takeUnretainedValue()
      guard code.builtin == nil else { return nil }
      // One that waits performs the instruction that is next.
      let waits = task.state == .blocked && depth == task.depth - 1
      let place = code.site(at: max(0, Int(frame.pc) - (waits ? 0 : 1)))
      let name = code.kind == .file ? place.file.name : code.name.isEmpty ? "fn" : code.name
      return Call(name: name, place: place, depth: depth, task: task)
    }
  }

  /// The names that a call knows, the innermost of each spelling.
  package func names(in call: Call) -> [Item] {
    guard let pause, call.depth < call.task.depth else { return [] }
    let frame = call.task.frames[call.depth]
    var found: [String: (block: UInt32, value: Value)] = [:]
    var order: [String] = []
    for place in frame.code.takeUnretainedValue().names where place.isKnown(at: call.place.range.lower) {
      let name = place.variable.name
      if place.variable.kind == .importedFile || place.variable.kind == .function { continue }
      if let other = found[name], other.block > place.block.lower { continue }
      if found[name] == nil { order.append(name) }
      found[name] = (place.block.lower, pause.value(place, frame, call.task))
    }
    return order.compactMap { name in found[name].map { item(name, $0.value) } }
  }

  /// The open channels, with what has come on each and nobody has read.
  package func channels() -> [Item] {
    guard let interpreter else { return [] }
    let open = interpreter.group.channels.compactMap(\.channel).filter { !$0.isClosed }
    return open.map { channel in
      let name = session.flatMap { $0.variable(for: channel) } ?? channel.label
      return item(Printable.text(name), .channel(channel))
    }
  }

  // MARK: - Values

  private static let (longest, mostParts, looked) = (400, 500, 64 << 10)

  private func item(_ name: String, _ value: Value) -> Item {
    guard let interpreter else { return Item(name: name, text: "", kind: "", reference: 0) }
    var text = interpreter.masked(Show.inspect(value).text)
    if case .channel(let channel) = value {
      channel.takeWhatWaits(interpreter.limits, upTo: Debugger.looked)
      let unread = channel.unreadCount
      text = interpreter.masked(channel.summary)
        + (channel.isClosed ? ", closed" : unread > 0 ? ", \(unread) byte\(unread == 1 ? "" : "s") unread" : "")
    }
    text = Printable.text(text.count > Debugger.longest ? text.prefix(Debugger.longest) + "…" : text)
    var hasParts = false
    switch value {
    case .list(let list): hasParts = !list.items.isEmpty
    case .map(let map): hasParts = map.count > 0
    case .channel(let channel): hasParts = !channel.isClosed
    default: break
    }
    if hasParts { referred.append(value) }
    return Item(name: name, text: text, kind: value.typeName, reference: hasParts ? referred.count : 0)
  }

  /// What a value that has a reference is made of; nil: none has that one.
  package func parts(of reference: Int) -> [Item]? {
    guard let interpreter, reference > 0, reference <= referred.count else { return nil }
    switch referred[reference - 1] {
    case .list(let list):
      return list.items.prefix(Debugger.mostParts).enumerated().map { item("[\($0.offset)]", $0.element) }
    case .map(let map):
      return map.entries.lazy.filter(\.isLive).prefix(Debugger.mostParts).map { entry in
        var key = Show.inspect(entry.key).text
        if case .string(let string) = entry.key { key = string.text }
        return item(Printable.text(interpreter.masked(key)), entry.value)
      }
    case .channel(let channel):
      let unread = ByteString(channel.input.bytes.prefix(Debugger.longest).map { $0 })
      return [item("unread", .string(unread)), item("ended", .boolean(channel.atEnd))]
    default: return []
    }
  }

  /// Runs a statement, or gives a value, where the task stands.
  /// - Parameters:
  ///   - call: of one further out, or of another task, a name alone means what it means there.
  ///   - isGlance: it is a word that somebody points at: nothing is done but reading, and a failure is told nowhere else.
  package func evaluate(_ text: String, in call: Call?, isGlance: Bool) -> Outcome {
    guard let session, let interpreter else { return .failed("nothing stands still") }
    if let call, call.task !== task || call.depth < call.task.depth - 1,
      let named = names(in: call).first(where: { $0.name == text })
    {
      return .value(named)
    }
    let source = SourceFile(name: "<debug>", text: text)
    if isGlance, !Debugger.onlyReads(source) { return .failed("this is more than a name") }
    session.endsAt = .max
    session.isSilent = isGlance
    defer { session.isSilent = false }
    let isDone = evaluate(source, in: session)
    _ = interpreter.output.flushWhatFits()
    if session.endingSignal != nil || session.wasCutShort { return .cutShort }
    if let status = session.exitStatus { return .exit(status) }
    return isDone ? .value(item(text, session.quietResult)) : .failed(session.complaint ?? "it has failed")
  }

  /// One value, without a step and without a call: `close`, pointed at, closes nothing.
  private static func onlyReads(_ source: SourceFile) -> Bool {
    let statements = Parser.parse(source, allowsValues: true).body.statements
    guard statements.count == 1, case .expression(let value)? = statements.first?.kind else { return false }
    let names = TreeNames(of: value)
    return names.steps.isEmpty && names.calls.isEmpty
  }
}
