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
  private var isConfigured = false
  private var isOver = false
  /// How the task that stands still goes on; nil: it stands.
  private var going: Debugger.Going?
  private var isStanding = false
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
    while !isOver, launch == nil || !isConfigured { readAndHandle() }
    if !isOver, let launch, let file {
      if launch.stopsOnEntry { debugger.isAsked = .entry }
      let status = start(launch, file, debugger)
      tellPrinted()
      event("exited", ["exitCode": Json(Int(status))])
      event("terminated", [:])
    }
    // The editor may still ask, until it goes.
    while !isOver { readAndHandle() }
    return isBroken ? 1 : 0
  }

  // MARK: - Reading and writing

  /// Waits for a message.
  private func readAndHandle() {
    if handleNext() { return }
    guard isInputOpen else {
      isOver = true
      return
    }
    _ = SystemCall.poll(input, reading: true, writing: false, timeoutNanoseconds: -1)
    read()
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
    case .message(let message): if message["type"].string == "request" { handle(message) }
    // Whom to answer stands in it.
    case .unreadable: tellOnErrors("a message is not JSON; it was left out")
    }
    return true
  }

  private func tellOnErrors(_ problem: String) { FrameReader.tell(problem, of: "dap", on: errors) }

  private func lookAround() {
    tellPrinted()
    while isInputOpen, SystemCall.poll(input, reading: true, writing: false, timeoutNanoseconds: 0) > 0 { read() }
    while handleNext() {}
    if !isInputOpen { debugger.end(by: SIGTERM) }
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
    var answer: [(key: String, value: Json)] = [
      (key: "type", value: "response"), (key: "request_seq", value: message["seq"]),
      (key: "command", value: Json(command)),
    ]
    do throws(RequestError) {
      let body = try reply(command, message["arguments"])
      answer += [(key: "success", value: true), (key: "body", value: body)]
    } catch {
      answer += [(key: "success", value: false), (key: "message", value: Json(error.message))]
    }
    send(answer)
    if command == "initialize" { event("initialized", [:]) }
  }

  private func reply(_ command: String, _ parameters: Json) throws(RequestError) -> Json {
    switch command {
    case "initialize":
      firstLine = parameters["linesStartAt1"].boolean ?? true ? 1 : 0
      firstColumn = parameters["columnsStartAt1"].boolean ?? true ? 1 : 0
      let failures: Json = ["filter": "failures", "label": "Failures that nothing catches", "default": true]
      return [
        "supportsConfigurationDoneRequest": true, "supportsEvaluateForHovers": true, "supportsTerminateRequest": true,
        "supportsConditionalBreakpoints": true, "supportsHitConditionalBreakpoints": true, "supportsLogPoints": true,
        "exceptionBreakpointFilters": [failures],
      ]
    case "launch": return try prepare(parameters)
    case "setBreakpoints": return breakpoints(parameters)
    case "setExceptionBreakpoints":
      debugger.stopsAtFailures = parameters["filters"].list?.contains { $0.string == "failures" } ?? false
      return [:]
    case "configurationDone":
      isConfigured = true
      return [:]
    case "threads":
      let tasks = debugger.tasks
      let told = tasks.isEmpty ? [(number: 1, name: "main")] : tasks
      return ["threads": Json(told.map { ["id": Json($0.number), "name": Json($0.name)] })]
    case "pause":
      debugger.isAsked = .pause
      return [:]
    case "continue":
      try go(.on)
      return ["allThreadsContinued": true]
    case "next": return try go(.over)
    case "stepIn": return try go(.into)
    case "stepOut": return try go(.out)
    case "stackTrace": return try stack(parameters)
    case "scopes": return try scopes(parameters)
    case "variables": return try variables(parameters)
    case "evaluate": return try evaluate(parameters)
    case "disconnect", "terminate":
      if command == "disconnect" { isOver = true }
      debugger.end(by: SIGTERM)
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
  private func breakpoints(_ parameters: Json) -> Json {
    let path = ScriptFiles.path(importing: parameters["source"]["path"].string ?? "", from: "")
    let wanted = parameters["breakpoints"].list ?? []
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
      let line = (asked["line"].integer ?? 0) + 1 - firstLine
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
    while going == nil, !isOver { readAndHandle() }
    if isOver { debugger.end(by: SIGTERM) }
    (isStanding, calls) = (false, [])
    return going ?? .on
  }

  @discardableResult
  private func go(_ way: Debugger.Going) throws(RequestError) -> Json {
    try requireStanding()
    going = way
    return [:]
  }

  private func requireStanding() throws(RequestError) {
    if !isStanding { throw RequestError(.failed, "the script runs") }
  }

  private func stack(_ parameters: Json) throws(RequestError) -> Json {
    try requireStanding()
    let all = debugger.calls(of: parameters["threadId"].integer ?? debugger.current)
    let first = max(0, parameters["startFrame"].integer ?? 0)
    let count = parameters["levels"].integer ?? 0
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
    guard let frame = parameters["frameId"].integer, calls.indices.contains(frame - 1) else {
      throw RequestError(.invalidParameters, "there is no such frame")
    }
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
    let reference = parameters["variablesReference"].integer ?? 0
    let items: [Debugger.Item]
    if reference == DebugAdapter.channels {
      items = debugger.channels()
    } else if reference > DebugAdapter.scopes {
      let frame = reference - DebugAdapter.scopes
      guard calls.indices.contains(frame - 1) else {
        throw RequestError(.invalidParameters, "there is no such frame")
      }
      items = debugger.names(in: calls[frame - 1])
    } else {
      items = debugger.parts(of: reference)
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

  private func evaluate(_ parameters: Json) throws(RequestError) -> Json {
    try requireStanding()
    guard let text = parameters["expression"].string else {
      throw RequestError(.invalidParameters, "`expression` is missing")
    }
    let result = debugger.evaluate(text)
    let isHover = parameters["context"].string == "hover"
    guard let result else {
      if !isHover { tellPrinted() }
      throw RequestError(.failed, "it has failed")
    }
    tellPrinted()
    return ["result": Json(result.text), "type": Json(result.kind), "variablesReference": Json(result.reference)]
  }
}
