// A session: inputs that are evaluated one after the other in one world, whose tasks go on between them.

import Glibc
import SockLanguage
import SocketCore

package final class Session {
  package enum Outcome {
    case done
    /// It has been told what is wrong.
    case failed
    /// The text is the beginning of something: more lines could make it whole.
    case incomplete
  }

  let interpreter: Interpreter
  let state = SessionState()
  let recorder = SessionRecorder()
  let scope = SessionScope()
  private let compiler: Compiler
  /// Trees with functions in them: the compiler knows functions by identity, so they must outlive their input.
  private(set) var keptFiles: [CheckedFile] = []
  /// The names that the session's inputs have declared.
  private var own: [ObjectIdentifier: Variable] = [:]
  /// What was deferred at the top level: run at the end, last first.
  private var deferred: [Program] = []
  var input: WatchedInput?
  private let usesColor: Bool

  /// With what status the process is to end; nil while the session goes on.
  package internal(set) var exitStatus: Int32?
  /// Something that was to be shown could not be written.
  private var hasLostOutput = false
  /// Ctrl-C ends the session, as it does a script; else only the statement that runs.
  package var interruptEndsSession = false
  /// The terminal echoes no keys while a statement runs, unless that reads them: else what is typed ahead stands in the
  /// middle of what the statement shows, and a second time in the next line.
  package var quietsTerminal = false
  private var echoesKeys = true
  /// Whoever enters an input gets one that is wrong back, and can mend it.
  package var mendsInputs = false
  /// Where the last input was wrong, and how, if nothing of it has run because of that.
  package private(set) var mistake: Mistake?

  package struct Mistake {
    /// An offset into the input.
    package let offset: Int
    /// In one line: `2: expected a value`, with the number of the line as errors name it.
    package let words: String

    init(_ diagnostic: Diagnostic) {
      offset = Int(diagnostic.range.lower)
      let position = diagnostic.file.position(of: offset)
      words = Printable.text("\(position.line):\(position.column): \(diagnostic.message)")
    }
  }
  /// A person enters the statements, one after another, and reads what comes of them.
  private(set) var isAtTerminal = false
  /// The line of the last statement that failed.
  var failedLine: Int?
  /// What the last statement gave that was run without showing it.
  private(set) var quietResult = Value.nothing
  /// Why the last input has failed, in one line that hides what is secret.
  private(set) var complaint: String?
  /// The signal that has ended the session.
  private(set) var endingSignal: Int32?
  /// When the statement that runs is to end, on the monotonic clock: whoever has it run may bring that forward while it
  /// does. What it has deferred gets a moment then.
  var endsAt = Int64.max
  /// What goes wrong with an input is told nowhere.
  var isSilent = false
  /// The last statement was still under way then.
  private(set) var wasCutShort = false
  /// The channels, by number, that were results while a name stood for them.
  private var named: Set<Int> = []
  /// What is shown without being asked for.
  var live = LiveView()
  /// So many connections quiet statements have replaced by others.
  var replacedQuietly = 0
  /// When that came which steps have read.
  var arrivals = ArrivalTimes()
  /// How strings that results hold are shown.
  package var byteForm = ResultText.ByteForm.automatic
  /// How many the terminal has; nil without one.
  var columns: Int? { isAtTerminal ? UserTerminal.size.map { Int($0.columns) } ?? 80 : nil }
  /// What the last input gave, in full.
  package var lastResultText: String {
    ResultText.text(
      interpreter.lastResult, as: byteForm, isWhole: true, columns: columns, hiding: interpreter.secrets)
  }

  package init(_ options: RunOptions) throws(Errno) {
    interpreter = try Script.makeInterpreter(options)
    compiler = Compiler()
    usesColor = options.usesColor
    interpreter.group.session = state
    interpreter.recorder = recorder
    // What a later line will ask for is not known.
    interpreter.keepsScreens = true
    nameThings()
  }

  /// The inputs that were done, where the session is in the middle of a test; else nil.
  package private(set) var inputs: [[UInt8]]?

  /// The test in whose middle it is goes on when it is left.
  package internal(set) var isBeforeTestGoesOn = false

  /// In the middle of a test that stands still: with its world, and the compiler of its file.
  init(in interpreter: Interpreter, compiledBy compiler: Compiler, usesColor: Bool) {
    self.interpreter = interpreter
    self.compiler = compiler
    self.usesColor = usesColor
    inputs = []
    nameThings()
  }

  /// A step that has no connection to act on says which names there are, and a task that fails what it is called.
  private func nameThings() {
    state.taskName = { [unowned self] handle in
      scope.variables.values.filter { variable in
        if case .task(let own) = value(of: variable) { own === handle } else { false }
      }.map(\.name).min()
    }
    state.channelNames = { [unowned self] areListeners in
      channelNames.filter { (channel(named: $0)?.kind == .listener) == areListeners }
    }
  }

  /// Gives a name of the test's a value of the session's own.
  func define(_ variable: Variable, as value: Value) { compiler.cell(of: variable).value = value }

  /// What is written to the terminal is told first, so that a line that is being edited there makes room.
  package func beforeWriting(_ body: ((UnsafeRawBufferPointer) -> Void)?) { interpreter.output.beforeWriting = body }

  /// A person is at the terminal: from now on Ctrl-C drops the rest of what is being written, also while it is read,
  /// and what happens meanwhile is shown.
  package func dropsOutputAtOnce() {
    interpreter.output.asksBetweenPieces = true
    isAtTerminal = true
    state.wantsNews = true
  }

  /// Writes to standard output, behind what the session's tasks have printed.
  package func write(_ text: String) {
    let masked = interpreter.masked(text)
    if let failure = Array(masked.utf8).withUnsafeBytes({ interpreter.output.write($0) }) { lost(failure) }
  }

  /// Writes sentences to standard output, broken between words where there is a terminal.
  package func say(_ text: String) { write(folded(text, hanging: 0)) }

  private func folded(_ text: String, hanging: Int) -> String {
    columns.map { Folding.words(text, columns: $0, hanging: hanging) } ?? text
  }

  /// Writes to standard error; a message of ours is broken between words where there is a terminal.
  package func tell(_ text: String) {
    if isSilent { return }
    let ours = "sock: "
    interpreter.output.tell(interpreter.masked(text.hasPrefix(ours) ? folded(text, hanging: ours.count) : text))
  }

  func tell(_ failure: Failure) {
    if !isSilent { interpreter.output.tell(FailureReport.told(failure, interpreter)) }
  }

  // MARK: - Evaluating

  /// Runs an input: one statement, or several.
  /// - Parameters:
  ///   - isWhole: no line follows; what is unfinished is an error then.
  ///   - isFile: as in a script, a value alone is no statement, and results are not shown.
  ///   - isQuiet: results are not shown, and none is `it`.
  package func evaluate(
    _ source: SourceFile, isWhole: Bool, isFile: Bool = false, isQuiet: Bool = false
  ) -> Outcome {
    (mistake, complaint, wasCutShort) = (nil, nil, false)
    let parsed = Parser.parse(source, allowsValues: !isFile)
    if !isWhole, parsed.isIncomplete { return .incomplete }
    if !isWhole, parsed.endsInBlock {
      // Lines that belong to a block must not run by themselves because an earlier one of it is wrong.
      guard mendsInputs, var first = parsed.mistakes.first else { return .incomplete }
      if let block = asBlock(source), let own = Parser.parse(block, allowsValues: true).mistakes.first { first = own }
      // What else is wrong may come from what is still to be typed.
      tell(DiagnosticRenderer.render(first, color: usesColor, columns: interpreter.options.columns()))
      mistake = Mistake(first)
      return .failed
    }
    let earlier = scope.variables
    func load(_ parsed: ParsedFile) -> LoadResult {
      Loader.load(parsed, session: scope) { path, importer in ScriptFiles.read(importing: path, from: importer) }
    }
    var loaded = load(parsed)
    if loaded.hasErrors, !isFile, let block = asBlock(source) {
      scope.restore(earlier)
      loaded = load(Parser.parse(block, allowsValues: true))
    }
    for diagnostic in loaded.diagnostics {
      tell(DiagnosticRenderer.render(diagnostic, color: usesColor, columns: interpreter.options.columns()))
    }
    if loaded.hasErrors {
      let first = loaded.diagnostics.first { $0.severity == .error && $0.file.name == loaded.main.source.name }
      mistake = first.map { Mistake($0) }
      let worst = loaded.diagnostics.first { $0.severity == .error }
      complaint = worst.map { Printable.text(interpreter.masked($0.message)) }
      return .failed
    }
    if let place = testPlace(in: loaded.main) {
      scope.restore(earlier)
      let heading = "a session runs no tests"
      complaint = heading
      tell(
        DiagnosticRenderer.render(
          heading: heading, file: source, range: place,
          notes: ["help: run them with `sock test FILE`; here, enter the lines that stand inside"], color: usesColor))
      return .failed
    }
    shareNames(of: loaded.main, with: earlier)
    guard let programs = compile(loaded.main) else {
      scope.restore(earlier)
      return .failed
    }
    for (statement, program) in zip(loaded.main.body.statements, programs) {
      recorder.begin(statement, of: source, on: current)
      if case .deferred = statement.kind {
        deferred.append(program)
        recorder.end(.done(becameIt: false))
        continue
      }
      let before = stateBefore
      let lastChannel = interpreter.scheduler.channelNumber
      let began = interpreter.scheduler.transcript.now
      let end = run(program)
      dateArrivals(since: began)
      showLive()
      switch end {
      case .value(let value):
        noteOrigin(statement, of: source, value, since: lastChannel)
        warn(of: before)
        quietResult = isQuiet ? value : .nothing
        recorder.end(.done(becameIt: isFile || isQuiet ? false : show(value, of: statement)))
        letGoOfResults()
        tellReplaced(isQuiet: isQuiet)
        continue
      case .failed(let failure):
        tell(failure)
        complaint = Printable.text(interpreter.masked(failure.message + (failure.outcome ?? "")))
      // Behind the terminal's own ^C.
      case .interrupted(let whatCame): tell("\(echoesKeys ? "" : "^C")\ninterrupted\(whatCame)\n")
      case .cutShort: wasCutShort = true
      case .ended: break
      }
      recorder.end(.failed)
      failedLine = source.position(of: Int(statement.range.lower)).line
      forget(from: statement, of: loaded.main, earlier)
      return exitStatus == nil ? .failed : .done
    }
    inputs?.append(masked(source.bytes))
    return .done
  }

  /// An input of several lines that is given back where it is wrong: its mistakes are named by its own lines, as it
  /// will stand on the screen. Nil: it is none.
  private func asBlock(_ source: SourceFile) -> SourceFile? {
    mendsInputs && source.lineCount > 1 ? SourceFile(name: "<block>", bytes: source.bytes) : nil
  }

  /// A name that an input declares anew is the same variable: functions and tasks that use it see what it holds now,
  /// and what it held is let go. Not a name of the test in whose middle the session is: that stays as it was.
  private func shareNames(of file: CheckedFile, with earlier: [String: Variable]) {
    for (name, variable) in file.exports {
      if let before = earlier[name], before !== variable, own[ObjectIdentifier(before)] != nil {
        compiler.replace(before, by: variable)
      }
      own[ObjectIdentifier(variable)] = variable
    }
  }

  /// What was done here as a script, which `sock test` runs; nil when there is nothing that could be repeated.
  /// - Parameters:
  ///   - date: for the test's name.
  ///   - path: where the script will be written.
  ///   - workingDirectory: absolute.
  package func script(date: String, path: String, workingDirectory: String) -> [UInt8]? {
    let record = recorder.record
    return SessionScript.text(
      record, date: date, path: path, workingDirectory: workingDirectory, hiding: interpreter.secrets)
  }

  /// The steps that have failed, and of which nothing has come that could be repeated: `script` has them not. As errors
  /// name their places, with the first line of their texts.
  package var failedSteps: [(place: String, text: String)] {
    recorder.record.entries.compactMap { entry in
      guard !entry.isDone, entry.events.isEmpty else { return nil }
      let names = TreeNames(of: entry.statement)
      guard !names.steps.isEmpty || !names.calls.isEmpty else { return nil }
      let text = Array(entry.source.text(entry.statement.range).utf8)
      let first = String(decoding: masked(text), as: UTF8.self).split(separator: "\n", maxSplits: 1).first ?? ""
      return (
        "\(entry.source.name):\(entry.source.position(of: Int(entry.statement.range.lower)).line)",
        Printable.text(first)
      )
    }
  }

  /// Another process can do the same: nothing is secret, and nothing forbidden.
  package var mayBeRepeated: Bool { interpreter.secrets.all.isEmpty && interpreter.permissions.isUnrestricted }

  /// An input as it may be kept.
  package func masked(_ input: [UInt8]) -> [UInt8] { interpreter.secrets.masked(input, isText: true) }

  /// Where a `test` or a `setup` stands; one inside a loop is found by the statement around it.
  private func testPlace(in file: CheckedFile) -> SourceRange? {
    let found = file.body.statements.first { statement in
      switch statement.kind {
      case .test, .setup: return true
      case .forLoop, .conditional: return file.hasTests
      default: return false
      }
    }
    return found.map { SourceRange(Int($0.range.lower), Int($0.range.lower) + 1) }
  }

  /// Each statement becomes a program of its own, so that each has its result. All are compiled before the first runs:
  /// a function may be called before it stands. Nil: one was too large, which has been told.
  private func compile(_ file: CheckedFile) -> [Program]? {
    var programs: [Program] = []
    for statement in file.body.statements {
      var statement = statement
      if case .expression(let expression) = statement.kind {
        statement = Statement(.returnValue(expression), range: statement.range)
      }
      let part = CheckedFile(
        source: file.source, body: Block(statements: [statement], range: statement.range), scope: file.scope,
        exports: [:], imports: file.imports, hasTests: false, readsArguments: file.readsArguments, isDamaged: false)
      do throws(ProgramTooLarge) {
        let program = try compiler.compile(part)
        interpreter.messageSteps.add(program.messageSteps)
        programs.append(program)
      } catch {
        complaint = error.message
        tell(
          DiagnosticRenderer.render(
            heading: error.message, file: error.site.file, range: error.site.range, color: usesColor))
        return nil
      }
    }
    // Only blocks hold functions.
    let hasBlocks = file.body.statements.contains { statement in
      switch statement.kind {
      case .declare, .assign, .expression, .param, .importFile, .returnValue: return false
      default: return true
      }
    }
    if hasBlocks { keptFiles.append(file) }
    return programs
  }

  /// A statement that failed has not declared what it would have: `let x = recv` leaves an earlier `x` as it was.
  private func forget(from failed: Statement, of file: CheckedFile, _ earlier: [String: Variable]) {
    var names = scope.variables
    for (name, variable) in file.exports
    where variable.kind == .local && variable.declaration.lower >= failed.range.lower {
      if case .nothing = compiler.cell(of: variable).value { names[name] = earlier[name] }
    }
    scope.restore(names)
  }

  func value(of variable: Variable) -> Value { compiler.cell(of: variable).value }

  /// A channel that had a name and has none any more is not kept open by having been shown.
  private func letGoOfResults() {
    func isLost(_ value: Value) -> Bool {
      guard case .channel(let channel) = value else { return false }
      if variable(for: channel) != nil {
        named.insert(channel.number)
        return false
      }
      return named.contains(channel.number)
    }
    if isLost(interpreter.lastResult) { interpreter.lastResult = .nothing }
    for at in interpreter.earlierResults.indices where isLost(interpreter.earlierResults[at]) {
      interpreter.earlierResults[at] = .nothing
    }
  }

  /// True when the value is `it` from now on.
  private func show(_ value: Value, of statement: Statement) -> Bool {
    guard case .expression(let expression) = statement.kind, ResultText.isShown(value, of: expression) else {
      return false
    }
    write(ResultText.text(value, as: byteForm, columns: columns, hiding: interpreter.secrets))
    if case .nothing = value { return false }
    let before = [interpreter.lastResult] + interpreter.earlierResults
    interpreter.earlierResults = Array(before.prefix(PredefinedName.results.count - 1))
    interpreter.lastResult = value
    return true
  }

  // MARK: - Running

  private enum StatementEnd {
    case value(Value)
    case failed(Failure)
    /// By Ctrl-C: what the step that waited would have liked to take, in words, or nothing.
    case interrupted(String)
    /// Because its time was over.
    case cutShort
    /// The session is over: `exit`, or a signal.
    case ended
  }

  /// Whom the next statement speaks to, for a script that does the same.
  private var current: SessionRecord.Current? {
    state.conn.map { conn in
      SessionRecord.Current(
        channel: conn.number, name: variable(for: conn), isChosen: conn.number != state.numberForScript)
    }
  }

  /// Runs a statement to its end; the session's other tasks have their turns beside it.
  private func run(_ program: Program) -> StatementEnd {
    let group = interpreter.group
    let task = Task(group: group, function: Function(code: program.main))
    state.give(to: task)
    let handle = TaskHandle(task)
    task.handle = handle
    let before = group.main
    group.main = task
    defer { group.main = before }
    group.add(task)
    interpreter.taskCount += 1
    // Who only asks for a value lets nobody else get on, and past what it would stop at.
    var others = inputs == nil ? [] : interpreter.scheduler.setReadyTasksAside()
    interpreter.scheduler.start(task)
    // Where that cannot be, keys are echoed as ever.
    echoesKeys = !quietsTerminal || UserTerminal.borrow(.quiet) != nil
    defer { if quietsTerminal { UserTerminal.giveBack() } }
    /// Why it was asked to end.
    var cause: StatementEnd?
    var hintAt = isAtTerminal ? MonotonicClock.now + Session.quietPatience : .max
    /// When what was deferred has had its time.
    var abandonAt = Int64.max
    while true {
      interpreter.runReadyTasks()
      interpreter.scheduler.putBack(others)
      others = []
      if let result = interpreter.mainResult {
        interpreter.mainResult = nil
        switch result {
        case .finished: return .value(handle.result)
        case .failed(let failure):
          guard failure.code == .cancelled else { return .failed(failure) }
          // In the middle of an instruction it has looked at the signal itself.
          if cause == nil, let signal = takeSignal() { cause = isInterrupt(signal) ? .interrupted("") : .ended }
          return cause ?? .failed(failure)
        case .exited(let code): exitStatus = code
        case .interrupted, .outOfTime: break
        }
        return .ended
      }
      // Who speaks to a program by keys has the whole screen.
      if (task.step.work as? Interaction)?.isRaw != true { showLive() }
      // Before the question that it answers is on the screen.
      if !echoesKeys, interpreter.standard.input?.reader != nil {
        UserTerminal.endQuiet()
        echoesKeys = true
      }
      flush()
      interpreter.beforeWaiting?()
      if let signal = takeSignal() {
        guard isInterrupt(signal) else { return .ended }
        // The second time it does not wait for what was deferred.
        if let cause { return abandon(task, cause) }
        cause = .interrupted(whatCame(for: task))
        interpreter.stop(task)
      }
      if !interpreter.scheduler.hasReadyTasks, !interpreter.canEverGoOn() {
        if let cause { return abandon(task, cause) }
        cause = .failed(interpreter.deadlock(task))
        interpreter.stop(task)
      }
      let now = MonotonicClock.now
      if now >= abandonAt { return abandon(task, .cutShort) }
      if now >= endsAt, abandonAt == .max {
        abandonAt = now + Session.nanosecondsForDeferred
        cause = cause ?? .cutShort
        interpreter.stop(task)
      }
      let limit = abandonAt == .max ? endsAt : abandonAt
      if let error = interpreter.waitForEvents(until: min(min(live.dueAt, hintAt), limit)) {
        return abandon(task, .failed(Failure("cannot wait for events", error)))
      }
      if hintAt != .max, MonotonicClock.now >= hintAt {
        hintAt = .max
        tellThatItWaits(task)
      }
    }
  }

  /// How long the deferred statements of one whose time is over may take: 1 s.
  private static let nanosecondsForDeferred: Int64 = 1_000_000_000

  /// Who waits so long in silence, in nanoseconds, is told that this is waiting, and how it ends: 5 s.
  private static let quietPatience: Int64 = 5_000_000_000

  /// Not of a pause, nor of who speaks to a program by keys.
  private func tellThatItWaits(_ task: Task) {
    guard task.state == .blocked, task.waitKind == .reading, !(task.step.work is Interaction),
      let channel = task.waitChannel?.takeUnretainedValue(), channel !== interpreter.standard.input,
      let site = interpreter.stepPlace(of: task)
    else { return }
    let step = Printable.text(site.file.text(site.range).split(separator: "\n", maxSplits: 1).first ?? "")
    let came = whatCame(for: task)
    let what = channel.kind == .listener ? "nobody has connected" : "nothing has come"
    let open = interpreter.group.channels.compactMap(\.channel).filter { !$0.isClosed && $0.kind != .standard }
    let called = variable(for: channel) ?? "#\(channel.number)"
    let whom = Printable.text(interpreter.masked(name(of: channel)))
    let place = open.count > 1 ? " on \(called)\(whom == called ? "" : ", \(whom)")" : ""
    let beside = step.hasSuffix(Keyword.serve.rawValue)
      ? ", and inside of `spawn … end` it goes on beside the prompt" : ""
    tell("sock: `\(step)` waits\(place)\(came.isEmpty ? ": \(what)" : came); Ctrl-C stops it\(beside)\n")
  }

  /// What has come on the channel that a task waits for and is not enough for it: it stays unread.
  private func whatCame(for task: Task) -> String {
    guard task.state == .blocked, task.waitKind == .reading,
      let channel = task.waitChannel?.takeUnretainedValue(), !channel.input.isEmpty
    else { return "" }
    let shown = interpreter.shown(channel.input.bytes, of: channel, limit: 60)
    let count = channel.input.count <= 60 ? " (\(ByteDifference.bytes(channel.input.count)))" : ""
    return ": \(shown)\(count) has come, and stays unread"
  }

  /// Takes a task out of the world without running it again.
  private func abandon(_ task: Task, _ end: StatementEnd) -> StatementEnd {
    interpreter.scheduler.cancelWait(task)
    interpreter.end(task, failure: nil)
    interpreter.mainResult = nil
    return end
  }

  /// Writes what has been printed so far.
  package func flush() {
    if let failure = interpreter.output.flush() { lost(failure) }
  }

  /// Output that cannot be written.
  private func lost(_ failure: Failure) {
    if failure.errno == Errno.brokenPipe.rawValue { return interpreter.readerIsGone() }
    hasLostOutput = true
    tell(failure)
  }

  /// A signal that came; one that ends the session has set `exitStatus`.
  func takeSignal() -> Int32? {
    guard let signal = interpreter.stopRequest.signal else { return nil }
    interpreter.stopRequest.wasSeen()
    if !isInterrupt(signal) {
      exitStatus = exitStatus ?? 128 + signal
      endingSignal = signal
    }
    return signal
  }

  func isInterrupt(_ signal: Int32) -> Bool { signal == SIGINT && !interruptEndsSession }

  /// Ends the session with a status, unless it ends already.
  package func leave(_ status: Int32) { exitStatus = exitStatus ?? status }

  /// Runs what was deferred here; the rest of the world stays as it is.
  func leaveWorld() {
    while let program = deferred.popLast() {
      if case .failed(let failure) = run(program) { tell(failure) }
    }
    if let input { interpreter.scheduler.forget(input) }
    input = nil
    beforeWriting(nil)
    interpreter.output.asksBetweenPieces = false
    state.removeAll()
    interpreter.lastResult = .nothing
    interpreter.earlierResults = []
    flush()
  }

  /// Runs what was deferred, stops all tasks, ends what was run, and closes everything. The session's exit status: 1
  /// where nothing else has failed and output was lost.
  @discardableResult
  package func close() -> Int32 {
    while let program = deferred.popLast() {
      if case .failed(let failure) = run(program) { tell(failure) }
    }
    interpreter.finish(interpreter.group)
    state.removeAll()
    interpreter.lastResult = .nothing
    interpreter.earlierResults = []
    interpreter.scheduler.removeAll()
    flush()
    interpreter.files.removeAll()
    let status = exitStatus ?? 0
    return status == 0 && hasLostOutput ? 1 : status
  }
}
