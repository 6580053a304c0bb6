// `sock dap`: speaks the Debug Adapter Protocol over what were standard input and output, and runs the script in this
// very process. What the script writes goes to two files without a name, and from there to the editor: a script that
// prints can never wait for an editor that does not read, and what programs print that it starts is told as well.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

/// What the editor wants to run.
package struct DebugLaunch {
  package let program: String
  /// Which of its tests; nil: all.
  package let filter: String?
  package let arguments: [String]
  package let settings: [(name: String, value: String)]
  let stopsOnEntry: Bool
}

package final class DebugAdapter {
  private let input: Int32
  private let output: Int32
  /// What was standard error.
  private let errors: Int32
  private let debugger = Debugger()
  private var frames = FrameReader()
  private var isInputOpen = true
  private var isInputAtEnd = false
  /// What the editor sends cannot be read any more.
  private var isBroken = false
  private var sequence = 0
  /// Lines and columns of the editor begin with it.
  private var (firstLine, firstColumn) = (1, 1)
  private var launch: DebugLaunch?
  private var file: CheckedFile?
  private var isInitialized = false
  private var isConfigured = false
  /// What was launched is to end, by a signal: it has been told, or has not begun yet.
  private var isEnding = false
  private var isRunning = false
  private var isOver = false
  /// How the task that stands still goes on; nil: it stands.
  private var going: Debugger.Going?
  private var isStanding = false
  /// The number of the `evaluate` that is under way, and the request that has ended it.
  private var evaluation: Int?
  private var endOfEvaluation: String?
  /// The calls that the editor has been told of, since the task stands still.
  private var calls: [Debugger.Call] = []
  private var printed: [(category: String, descriptor: Int32, offset: Int)] = []

  /// References of scopes; those of values are the debugger's own numbers.
  private static let (channels, scopes) = (1 << 30, 1 << 29)

  /// Takes over standard input and output, which the script then has no part of. Nil: that cannot be done.
  package init?() {
    input = SystemCall.duplicate(StandardStream.input)
    output = SystemCall.duplicate(StandardStream.output)
    errors = SystemCall.duplicate(StandardStream.error)
    guard input >= 0, output >= 0, errors >= 0 else { return nil }
    for (category, descriptor) in [("stdout", StandardStream.output), ("stderr", StandardStream.error)] {
      var template = Array("/tmp/sock-dap-XXXXXX".utf8CString)
      let file = mkstemp(&template)
      guard file >= 0, unlink(template) == 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0,
        fcntl(file, F_SETFL, O_APPEND) == 0, dup2(file, descriptor) == descriptor
      else { return nil }
      printed.append((category, file, 0))
    }
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard nothing >= 0, dup2(nothing, StandardStream.input) >= 0 else { return nil }
    close(nothing)
  }

  /// Serves one editor and one run. The exit status.
  /// - Parameter start: runs what is to be debugged; gives its exit status.
  package func serve(_ start: (DebugLaunch, CheckedFile, Debugger) -> Int32) -> Int32 {
    do throws(Errno) { try ProcessSignals.ignoreBrokenPipe() } catch { return 1 }
    do throws(Failure) { debugger.input = try WatchedInput(input) } catch { return 1 }
    debugger.looksAround = { [unowned self] in lookAround() }
    debugger.stopped = { [unowned self] in stand($0, $1) }
    debugger.told = { [unowned self] in log($0, $1) }
    while !isOver, !isEnding, launch == nil || !isConfigured { readAndHandle() }
    if !isOver, !isEnding, let launch, let file {
      if launch.stopsOnEntry { debugger.isAsked = .entry }
      isRunning = true
      let status = start(launch, file, debugger)
      isRunning = false
      tellPrinted()
      event("exited", ["exitCode": Json(Int(status))])
    }
    if !isOver { event("terminated", [:]) }
    // The editor may still ask, until it goes.
    while !isOver { readAndHandle() }
    return isBroken ? 1 : 0
  }

  // MARK: - Reading and writing

  /// Waits for a message; it comes back without one after a second, or when a signal has come.
  private func readAndHandle() {
    if handleNext() { return }
    guard isInputOpen else {
      isOver = true
      return
    }
    if SystemCall.poll(input, reading: true, writing: false, timeoutNanoseconds: 1_000_000_000) > 0 { read() }
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(input, $0) }) {
    case .done(let count): frames.append(buffer[..<count])
    case .wouldBlock: break
    case .end, .failed:
      isInputOpen = false
      isInputAtEnd = true
    }
  }

  private func handleNext() -> Bool {
    let frame = frames.next()
    if frame == nil, isInputAtEnd { frames.end() }
    if let skipped = frames.takeSkipped() { tellOnErrors(skipped) }
    if let failure = frames.failure, !isBroken {
      tellOnErrors(failure)
      isBroken = true
      isInputOpen = false
    }
    switch frame {
    case nil: return false
    case .message(let message):
      // An adapter asks nothing, so nothing can be an answer.
      if !["response", "event"].contains(message["type"].string) { handle(message) }
    case .unreadable:
      // Whom to answer stands in it. An editor shows the one, and logs the other.
      event("output", ["category": "console", "output": "sock: a message came that is no JSON\n"])
      tellOnErrors("a message is not JSON; it was left out")
    }
    return true
  }

  private func tellOnErrors(_ problem: String) { FrameReader.tell(problem, of: "dap", on: errors) }

  /// What the editor wants now, while the script runs, or something is evaluated: this is all of the adapter's turn.
  private func lookAround() {
    tellPrinted()
    while isInputOpen, SystemCall.poll(input, reading: true, writing: false, timeoutNanoseconds: 0) > 0 { read() }
    while handleNext() {}
    if !isInputOpen { end() }
  }

  /// Ends what was launched, and what is evaluated where it stands.
  private func end() {
    guard !isEnding else { return }
    isEnding = true
    debugger.end(by: SIGTERM)
  }

  /// What has been printed since the last time.
  private func tellPrinted() {
    for at in printed.indices {
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while true {
        let count = pread(printed[at].descriptor, &buffer, buffer.count, off_t(printed[at].offset))
        guard count > 0 else { break }
        printed[at].offset += count
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        event("output", ["category": Json(printed[at].category), "output": Json(text)])
      }
    }
  }

  private func send(_ entries: [(key: String, value: Json)]) {
    sequence += 1
    guard let body = Json([(key: "seq", value: Json(sequence))] + entries).bytes else { return }
    let bytes = FrameReader.frame(body)
    var done = 0
    while done < bytes.count {
      switch bytes[done...].withUnsafeBytes({ StandardStream.tryWrite(output, $0) }) {
      case .done(let count): done += count
      case .failed(.interrupted): break
      case .wouldBlock: _ = SystemCall.poll(output, reading: false, writing: true, timeoutNanoseconds: -1)
      case .end, .failed:
        isInputOpen = false
        return
      }
    }
  }

  private func event(_ name: String, _ body: Json) {
    send([(key: "type", value: "event"), (key: "event", value: Json(name)), (key: "body", value: body)])
  }

  // MARK: - Requests

  private func handle(_ message: Json) {
    let command = message["command"].string ?? ""
    let number = message["seq"].integer
    var answer: [(key: String, value: Json)] = [
      (key: "type", value: "response"), (key: "request_seq", value: Json(number ?? 0)),
      (key: "command", value: Json(command)),
    ]
    do throws(RequestError) {
      guard message["type"].string == "request" else { throw RequestError(.invalidRequest, "this is no request") }
      guard let number else { throw RequestError(.invalidRequest, "`seq` is missing: the number of the request") }
      let arguments = message["arguments"]
      guard arguments.isObject || arguments.isNull else {
        throw RequestError(.invalidParameters, "`arguments` is no object")
      }
      let body = try reply(command, arguments, to: number)
      answer += [(key: "success", value: true), (key: "body", value: body)]
    } catch {
      answer += [(key: "success", value: false), (key: "message", value: Json(error.message))]
    }
    send(answer)
    if command == "initialize", !isInitialized {
      isInitialized = true
      event("initialized", [:])
    }
  }

  private func reply(_ command: String, _ parameters: Json, to number: Int) throws(RequestError) -> Json {
    switch command {
    case "initialize":
      guard !isInitialized else { throw RequestError(.invalidRequest, "this adapter has been initialized already") }
      firstLine = parameters["linesStartAt1"].boolean ?? true ? 1 : 0
      firstColumn = parameters["columnsStartAt1"].boolean ?? true ? 1 : 0
      let failures: Json = ["filter": "failures", "label": "Failures that nothing catches", "default": true]
      return [
        "supportsConfigurationDoneRequest": true, "supportsEvaluateForHovers": true, "supportsTerminateRequest": true,
        "supportsConditionalBreakpoints": true, "supportsHitConditionalBreakpoints": true, "supportsLogPoints": true,
        "supportsCancelRequest": true, "exceptionBreakpointFilters": [failures],
      ]
    case "launch": return try prepare(parameters)
    case "setBreakpoints": return try breakpoints(parameters)
    case "setExceptionBreakpoints":
      guard let filters = parameters["filters"].list else { throw .missing("filters", "a list of names") }
      debugger.stopsAtFailures = filters.contains { $0.string == "failures" }
      return [:]
    case "configurationDone":
      isConfigured = true
      return [:]
    case "threads":
      let tasks = debugger.tasks
      let told = tasks.isEmpty ? [(number: 1, name: "main")] : tasks
      return ["threads": Json(told.map { ["id": Json($0.number), "name": Json($0.name)] })]
    case "pause":
      debugger.stepped = try task(parameters)
      // What stands still is paused already.
      if !isStanding { debugger.isAsked = .pause }
      endEvaluation(by: command)
      return [:]
    case "continue":
      try go(.on, command, parameters)
      return ["allThreadsContinued": true]
    case "next": return try go(.over, command, parameters)
    case "stepIn": return try go(.into, command, parameters)
    case "stepOut": return try go(.out, command, parameters)
    case "stackTrace": return try stack(parameters)
    case "scopes": return try scopes(parameters)
    case "variables": return try variables(parameters)
    case "evaluate": return try evaluate(parameters, number)
    case "cancel":
      // What is over, or was never asked, needs none: the request is a hint.
      if let evaluation, parameters["requestId"].integer == evaluation { endEvaluation(by: command) }
      return [:]
    case "disconnect", "terminate":
      guard command == "disconnect" || launch != nil else { throw RequestError(.failed, "nothing was launched") }
      if command == "disconnect" { isOver = true }
      endOfEvaluation = endOfEvaluation ?? command
      // The second time what is deferred gets no time.
      if isEnding { debugger.end(by: SIGTERM) }
      end()
      if isStanding { going = .on }
      return [:]
    default: throw RequestError(.unknownMethod, "there is no request \(Printable.text(Quoting.shortened(command)))")
    }
  }

  private func prepare(_ parameters: Json) throws(RequestError) -> Json {
    guard launch == nil else { throw RequestError(.failed, "something was launched already") }
    guard let given = parameters["program"].string else {
      throw RequestError(.invalidParameters, "`program` is missing: the path of a script or of tests")
    }
    let path = ScriptFiles.path(importing: given, from: "")
    let source: SourceFile
    switch ScriptFiles.readRegular(path) {
    case .success(let read): source = read
    case .failure(let failure): throw RequestError(.failed, "cannot read \(path): \(failure.message)")
    }
    let loaded = Loader.load(source, read: ScriptFiles.read(importing:from:))
    if let error = loaded.diagnostics.first(where: { $0.severity == .error }) {
      throw RequestError(.failed, DiagnosticRenderer.render(error, color: false))
    }
    if let folder = parameters["cwd"].string, chdir(folder) != 0 {
      throw RequestError(.failed, "cannot go to \(folder): \(Errno(rawValue: errno).message)")
    }
    var filter: String?
    if let name = parameters["test"].string {
      let tests = SyntaxIndex(loaded.main).tests.map { TestName($0, in: source) }
      filter = TestFilter.pattern(path, tests.first { $0.text == name }?.parts ?? [Array(name.utf8)])
    }
    launch = DebugLaunch(
      program: path, filter: filter, arguments: parameters["args"].list?.compactMap(\.string) ?? [],
      settings: parameters["settings"].entries.map { (name: $0.key, value: $0.value) },
      stopsOnEntry: parameters["stopOnEntry"].boolean ?? false)
    file = loaded.main
    return [:]
  }

  // MARK: - Breakpoints

  /// Each goes to the first statement that begins on its line or below.
  private func breakpoints(_ parameters: Json) throws(RequestError) -> Json {
    guard let given = parameters["source"]["path"].string else { throw .missing("source.path", "a file") }
    let path = ScriptFiles.path(importing: given, from: "")
    guard let wanted = parameters["breakpoints"].list ?? (parameters["breakpoints"].isNull ? [] : nil) else {
      throw .missing("breakpoints", "a list")
    }
    guard case .success(let source) = ScriptFiles.readRegular(path), source.mayBeShown else {
      return ["breakpoints": Json(wanted.map { _ in ["verified": false, "message": "the file cannot be read"] })]
    }
    let file = Loader.load(source, read: ScriptFiles.read(importing:from:)).main
    var places: [Int: UInt32] = [:]
    for statement in SyntaxIndex(file).statements {
      let line = source.position(of: Int(statement.lower)).line
      places[line] = min(places[line] ?? .max, statement.lower)
    }
    let before = debugger.breakpoints[path] ?? [:]
    var set: [UInt32: [Breakpoint]] = [:]
    let told: [Json] = wanted.map { asked in
      guard let number = asked["line"].integer else { return ["verified": false, "message": "`line` is missing"] }
      let line = number.addingReportingOverflow(1 - firstLine).partialValue
      guard let found = places.keys.filter({ $0 >= line }).min(), let place = places[found] else {
        return ["verified": false, "message": "no statement begins there or below"]
      }
      do throws(Breakpoint.Refusal) {
        let made = try Breakpoint(
          condition: asked["condition"].string, hitCondition: asked["hitCondition"].string,
          logMessage: asked["logMessage"].string)
        // An editor sends all of a file whenever one of them changes: the others go on counting.
        set[place, default: []].append(before[place]?.first { $0.isAsked(as: made) } ?? made)
      } catch {
        return ["verified": false, "message": Json(error.message)]
      }
      return ["verified": true, "line": Json(found - 1 + firstLine)]
    }
    debugger.breakpoints[path] = set
    return ["breakpoints": Json(told)]
  }

  /// What a breakpoint tells instead of stopping.
  private func log(_ message: String, _ place: SourceSite) {
    tellPrinted()
    let (path, position) = (place.file.name, place.position)
    event(
      "output",
      [
        "category": "console", "output": Json(message + "\n"), "source": ["path": Json(path)],
        "line": Json(position.line - 1 + firstLine), "column": Json(position.column - 1 + firstColumn),
      ])
  }

  // MARK: - Standing still

  private func stand(_ reason: Debugger.Reason, _ message: String?) -> Debugger.Going {
    if !isInputOpen { return .on }
    tellPrinted()
    (going, isStanding, calls) = (nil, true, [])
    event(
      "stopped",
      Json([
        "reason": Json(reason.rawValue), "threadId": Json(debugger.tasks.isEmpty ? 1 : debugger.current),
        "allThreadsStopped": true, "text": message.map { Json($0) }, "description": message.map { Json($0) },
      ]))
    while going == nil, !isOver, !debugger.isAskedToEnd { readAndHandle() }
    if isOver { end() }
    (isStanding, calls) = (false, [])
    return going ?? .on
  }

  @discardableResult
  private func go(_ way: Debugger.Going, _ command: String, _ parameters: Json) throws(RequestError) -> Json {
    try requireStanding()
    debugger.stepped = try task(parameters)
    going = way
    endEvaluation(by: command)
    return [:]
  }

  private func requireStanding() throws(RequestError) {
    if !isStanding { throw RequestError(.failed, isRunning ? "the script runs" : "no script runs") }
  }

  /// The task that a request is about.
  private func task(_ parameters: Json) throws(RequestError) -> Int {
    guard let number = parameters["threadId"].integer else { throw .missing("threadId", "a number") }
    // Before there is any, the first one is told of all the same.
    guard debugger.isTask(number) || number == 1 else {
      throw RequestError(.invalidParameters, "there is no thread \(number)")
    }
    return number
  }

  /// What is evaluated, also for a breakpoint, ends now: the editor wants something else.
  private func endEvaluation(by command: String) {
    guard debugger.isEvaluating else { return }
    endOfEvaluation = endOfEvaluation ?? command
    debugger.endEvaluation()
  }

  private func stack(_ parameters: Json) throws(RequestError) -> Json {
    try requireStanding()
    let all = debugger.calls(of: try task(parameters))
    let first = max(0, parameters["startFrame"].integer ?? 0)
    let count = max(0, parameters["levels"].integer ?? 0)
    let shown = all.dropFirst(first).prefix(count > 0 ? count : all.count)
    let told: [Json] = shown.map { call in
      calls.append(call)
      let place = call.place.position
      let path = call.place.file.name
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return [
        "id": Json(calls.count), "name": Json(Printable.text(call.name)), "line": Json(place.line - 1 + firstLine),
        "column": Json(place.column - 1 + firstColumn), "source": ["name": Json(name), "path": Json(path)],
      ]
    }
    return ["stackFrames": Json(told), "totalFrames": Json(all.count)]
  }

  private func scopes(_ parameters: Json) throws(RequestError) -> Json {
    try requireStanding()
    let frame = try frame(parameters["frameId"])
    return [
      "scopes": [
        ["name": "Names", "presentationHint": "locals", "variablesReference": Json(DebugAdapter.scopes + frame),
          "expensive": false],
        ["name": "Channels", "variablesReference": Json(DebugAdapter.channels), "expensive": false],
      ]
    ]
  }

  private func variables(_ parameters: Json) throws(RequestError) -> Json {
    try requireStanding()
    guard let reference = parameters["variablesReference"].integer else {
      throw .missing("variablesReference", "a number")
    }
    let items: [Debugger.Item]
    if reference == DebugAdapter.channels {
      items = debugger.channels()
    } else if reference > DebugAdapter.scopes {
      items = debugger.names(in: calls[try frame(Json(reference - DebugAdapter.scopes)) - 1])
    } else if let parts = debugger.parts(of: reference) {
      items = parts
    } else {
      throw RequestError(.invalidParameters, "nothing has the reference \(reference)")
    }
    return [
      "variables": Json(
        items.map { item in
          [
            "name": Json(item.name), "value": Json(item.text), "type": Json(item.kind),
            "variablesReference": Json(item.reference),
          ]
        })
    ]
  }

  /// A frame that the editor has been told of: its number.
  private func frame(_ given: Json) throws(RequestError) -> Int {
    guard let frame = given.integer else { throw .missing("frameId", "a number") }
    guard frame > 0, frame <= calls.count else {
      throw RequestError(.invalidParameters, "there is no frame \(frame) while the script stands here")
    }
    return frame
  }

  /// While what is evaluated waits, what the editor asks meanwhile is answered: this is called again, inside of itself.
  private func evaluate(_ parameters: Json, _ number: Int) throws(RequestError) -> Json {
    try requireStanding()
    guard let text = parameters["expression"].string else { throw .missing("expression", "a text") }
    let call = parameters["frameId"].isNull ? nil : calls[try frame(parameters["frameId"]) - 1]
    guard evaluation == nil else {
      throw RequestError(.failed, "another evaluation is under way: it ends with `cancel`, `pause` or a step")
    }
    (evaluation, endOfEvaluation) = (number, nil)
    let outcome = debugger.evaluate(text, in: call, isGlance: parameters["context"].string == "hover")
    let end = endOfEvaluation
    (evaluation, endOfEvaluation) = (nil, nil)
    tellPrinted()
    switch outcome {
    case .value(let result):
      return ["result": Json(result.text), "type": Json(result.kind), "variablesReference": Json(result.reference)]
    case .exit(let status): return ["result": "exit \(Int(status))", "variablesReference": 0]
    case .failed(let message): throw RequestError(.failed, message)
    case .cutShort where end == "cancel": throw RequestError(.cancelled, "cancelled")
    case .cutShort: throw RequestError(.cancelled, "the evaluation was ended by \(end.map { "`\($0)`" } ?? "a signal")")
    }
  }
}

extension RequestError {
  fileprivate static func missing(_ name: String, _ what: String) -> RequestError {
    RequestError(.invalidParameters, "`\(name)` is missing, or is not \(what)")
  }
}
