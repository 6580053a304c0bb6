// `sock record`: what went by between a client and a server, as a script that plays either.

import Glibc
import SockConformance
import SockLanguage
import SockRuntime
import SocketCore

/// What `sock record` is asked to do.
struct RecordRequest {
  /// Where the script goes.
  var path = ""
  /// From a relay…
  var relay = RecordingRequest()
  /// …or from a capture.
  var capture: String?
  /// Of a capture: only connections to this address.
  var server: String?
  var role = RecordedSide.client
  /// Where what was recorded is kept as a capture, too.
  var keep: String?
  var secrets: [(name: String, value: [UInt8])] = []
  /// Where they come from, as a script says it.
  var secretSources: [String: String] = [:]
  /// It was said how many sessions there are.
  var countsSessions = false
  var timeoutScale = 1.0
}

enum RecordCommand {
  /// The exit status: 0 when the script is written and passes, 1 when it fails, 2 when there is none.
  static func run(_ request: RecordRequest) -> Int32 {
    if let problem = outputProblem(request) {
      Main.tell("sock: \(problem)\n")
      return 2
    }
    var script = RecordedScriptRequest()
    script.role = request.role
    script.date = SavedSession.date
    script.options = request.relay.options
    for secret in request.secrets { script.secrets.add(secret.value, name: secret.name) }
    script.secretSources = request.secretSources
    return request.capture.map { fromCapture($0, request, script) } ?? fromRelay(request, script)
  }

  // MARK: - A relay

  private static func fromRelay(_ request: RecordRequest, _ script: RecordedScriptRequest) -> Int32 {
    var script = script
    let result = RecordingRun.run(request.relay)
    if let problem = result.problem { Main.tell("sock: \(problem)\n") }
    if result.isUnreached, result.signal == nil {
      Main.tell("sock: nothing was recorded: the server could not be reached\n")
      return 2
    }
    script.recordings = result.recordings
    script.address = request.relay.listen
    let count = result.recordings.count
    script.source = "\(count == 1 ? "a session" : "\(count) sessions") with \(request.relay.target)"
    script.command = request.relay.command
    script.keepsSilence = request.relay.command != nil || request.relay.sessions > 1
    if let signal = result.signal {
      Main.tell("sock: interrupted; what was recorded so far is written\n")
      let status = write(script, request, runs: false)
      return status == 2 ? 2 : 128 + signal
    }
    return write(script, request, runs: true)
  }

  // MARK: - A capture

  private static func fromCapture(_ path: String, _ request: RecordRequest, _ script: RecordedScriptRequest) -> Int32 {
    var script = script
    let capture: Capture
    do throws(CaptureError) {
      capture = try Capture(try CaptureFile.read(path), server: request.server)
    } catch {
      Main.tell("sock: \(path) \(error.message)\n")
      return 2
    }
    for problem in capture.problems { Main.tell("sock: \(path): \(problem)\n") }
    let usable = capture.connections.filter { $0.hasData && !$0.isEncrypted }
    let encrypted = capture.connections.filter(\.isEncrypted).count
    if encrypted > 0 {
      Main.tell(
        "sock: \(path): \(encrypted) connection\(encrypted == 1 ? " is" : "s are") TLS, whose text no capture has; "
          + "record it with --listen tls:0 --to tls:HOST:PORT\n")
    }
    guard !usable.isEmpty else {
      Main.tell(
        "sock: \(path) has no conversation that a script could repeat"
          + (request.server.map { "; it has none with \($0)" } ?? "") + "\n")
      return 2
    }
    let used = usable.prefix(mostConnections)
    if used.count < usable.count {
      Main.tell(
        "sock: \(path): of \(usable.count) connections the first \(used.count) are in the script; "
          + "`--to HOST:PORT` takes those of one server\n")
    }
    let servers = Set(used.map(\.serverAddress))
    if servers.count > 1 {
      Main.tell("sock: \(path): it has several servers (\(servers.sorted().joined(separator: ", "))); "
        + "the script speaks to one: choose with `--to HOST:PORT`\n")
      return 2
    }
    if request.countsSessions, let problem = sessionsProblem(used.map(\.session), request.relay.sessions) {
      Main.tell("sock: \(path): \(problem)\n")
      return 2
    }
    script.recordings = sessions(Array(used), request.relay.sessions)
    script.source = "a capture"
    let transport = used.first?.isDatagram ?? false ? "udp" : used.first?.transport
    script.address = (transport.map { "\($0):" } ?? "") + (used.first?.serverAddress ?? "")
    return write(script, request, runs: false)
  }

  /// A script with more would be too large to be read.
  private static let mostConnections = 100

  /// Why connections cannot be so many sessions.
  private static func sessionsProblem(_ marks: [Int?], _ count: Int) -> String? {
    if !marks.contains(nil) {
      let marked = Set(marks).count
      let sessions = "\(marked) session\(marked == 1 ? "" : "s")"
      return marked == count ? nil : "it says by itself that it has \(sessions); leave out --times"
    }
    return marks.count % count == 0
      ? nil : "its \(marks.count) connections are not \(count) sessions of equally many: leave out --times"
  }

  /// Those that the recording marks; else as many as were asked for, of equally many connections each.
  static func sessions(_ connections: [RecordedConnection], _ count: Int) -> [Recording] {
    if connections.allSatisfy({ $0.session != nil }) {
      let sessions = Dictionary(grouping: connections) { $0.session ?? 0 }
      return sessions.sorted { $0.key < $1.key }.map { Recording($0.value) }
    }
    let size = max(1, connections.count / count)
    return stride(from: 0, to: min(connections.count, size * count), by: size).map {
      Recording(Array(connections[$0..<min(connections.count, $0 + size)]))
    }
  }

  /// What is known before a session takes place that would be lost then.
  private static func outputProblem(_ request: RecordRequest) -> String? {
    let paths = [request.path, request.keep].compactMap { $0 }
    if request.keep == request.path { return "the script and the capture cannot both be \(request.path)" }
    for path in paths {
      if access(path, F_OK) == 0 { return "\(path) is there already; choose another name" }
      let slash = path.lastIndex(of: "/")
      let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      if path.isEmpty || access(folder, W_OK | X_OK) != 0 {
        return "cannot make \(path.isEmpty ? "a file without a name" : path): \(Errno(rawValue: errno).message)"
      }
    }
    return nil
  }

  // MARK: - The script

  private static func write(_ script: RecordedScriptRequest, _ request: RecordRequest, runs: Bool) -> Int32 {
    if script.recordings.contains(where: { $0.connections.contains(where: \.isEncrypted) }) {
      Main.tell("sock: what went by is TLS: with `--listen tls:0 --to tls:HOST:PORT` its text is recorded\n")
    }
    if let keep = request.keep {
      if let problem = ScriptFiles.create(keep, with: CaptureWriter.bytes(script.recordings)) {
        Main.tell("sock: \(problem)\n")
        return 2
      }
      if !request.secrets.isEmpty {
        Main.tell("sock: \(keep) holds what went by as it was, with the values of secrets\n")
      }
    }
    var script = script
    var signal: Int32?
    script.mayGoOn = {
      if signal == nil { signal = ProcessSignals.takePending() }
      return signal == nil
    }
    let made = RecordedScript.text(script, path: request.path)
    if let signal {
      let kept = request.keep.map { "\($0) is kept" } ?? "nothing is written"
      Main.tell("sock: interrupted before the script was made; \(kept)\n")
      return 128 + signal
    }
    let unlike = RecordedScript.others(in: script)
    if unlike > 0 {
      Main.tell(
        "sock: in \(unlike) of \(script.recordings.count) sessions the client made other connections than in the last "
          + "one: \(unlike == 1 ? "it is" : "they are") not compared\n")
    }
    guard let text = made else {
      Main.tell("sock: nothing went by that a script could repeat\n")
      return 2
    }
    guard text.count <= Limits.sourceBytes else {
      Main.tell(
        "sock: a script of what went by would have \(text.count >> 20) MiB, and none may have more than "
          + "\(Limits.sourceBytes >> 20); `--keep FILE.pcapng` keeps it for `sock replay` and Wireshark\n")
      return 2
    }
    if let problem = ScriptFiles.create(request.path, with: text) {
      Main.tell("sock: \(problem)\n")
      return 2
    }
    guard runs, request.role == .client || script.command != nil else {
      return Main.say("\(request.path) is written; run it with `sock test \(ShellWord.quoted(request.path))`\n")
    }
    _ = Main.say("\(request.path) is written; this is how it runs:\n")
    var options = TestOptions()
    options.paths = [request.path]
    options.secrets = request.secrets
    options.timeoutScale = request.timeoutScale
    let status = TestCommand.run(options, words: [Command.test.rawValue, request.path])
    if status == 1, script.recordings.count == 1 {
      Main.tell("sock: one session does not tell what will be another the next time; `--times 3` compares three\n")
    }
    return status
  }
}
