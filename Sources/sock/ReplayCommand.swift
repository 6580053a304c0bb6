// `sock replay`: plays one side of a recording, in its order, and says where the other side first differs.

import Glibc
import SockConformance
import SockRuntime
import SocketCore

/// What `sock replay` is asked to do.
struct ReplayRequest {
  let path: String
  /// Plays the client to this server…
  var target: String?
  /// …or the server, listening here.
  var listen: String?
  /// Options of `connect`, as ` insecure`.
  var options = ""
  var timeoutScale = 1.0

  init(path: String) { self.path = path }
}

enum ReplayCommand {
  /// The process that plays says where it listens, and this one says it to the user: what a test prints is shown later.
  /// - Returns: why it cannot be told, in words.
  private static func tell(from path: String) -> String? {
    guard mkfifo(path, 0o600) == 0 else { return "cannot make \(path): \(Errno(rawValue: errno).message)" }
    // Open for both, so that neither end waits for the other to open it.
    let pipe = open(path, O_RDWR | O_CLOEXEC)
    guard pipe >= 0 else { return "cannot open \(path): \(Errno(rawValue: errno).message)" }
    let isStarted = WorkerThread.start {
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while read(pipe, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
      if line.last == 0x0D { line.removeLast() }
      _ = Main.say("playing the server on \(String(decoding: line, as: UTF8.self)); its client has 60 s to come\n")
    }
    return isStarted ? nil : "cannot start a thread"
  }

  /// The exit status: 0 when the other side said what it had said, 1 when it differed, 2 when nothing can be played.
  static func run(_ request: ReplayRequest) -> Int32 {
    let capture: Capture
    do throws(CaptureError) {
      capture = try Capture(try CaptureFile.read(request.path))
    } catch {
      Main.tell("sock: \(request.path) \(error.message)\n")
      return 2
    }
    for problem in capture.problems { Main.tell("sock: \(request.path): \(problem)\n") }
    var script = RecordedScriptRequest()
    script.role = request.target == nil ? .server : .client
    script.date = SavedSession.date
    script.source = request.path
    script.options = request.options
    script.address = request.listen ?? ""
    script.recordings = RecordCommand.sessions(capture.connections, 1)
    let folder: TemporaryDirectory
    do throws(Failure) {
      folder = try TemporaryDirectory(mark: nil)
    } catch {
      Main.tell("sock: \(error.message)\n")
      return 2
    }
    defer { withExtendedLifetime(folder) {} }
    if request.listen != nil {
      script.tellsAddress = "\(folder.path)/address"
      if let problem = tell(from: "\(folder.path)/address") {
        Main.tell("sock: \(problem)\n")
        return 2
      }
    }
    guard let text = RecordedScript.text(script, path: request.path) else {
      Main.tell("sock: \(request.path) has no conversation that can be played\n")
      return 2
    }
    let path = "\(folder.path)/replay.sock"
    if let problem = ScriptFiles.create(path, with: text) {
      Main.tell("sock: \(problem)\n")
      return 2
    }
    var options = TestOptions()
    options.paths = [path]
    options.timeoutScale = request.timeoutScale
    // The processes that run tests read the same words.
    var words = [Command.test.rawValue, Option.timeoutScale.name, "\(request.timeoutScale)"]
    if let target = request.target {
      options.settings = [("target", Array(target.utf8))]
      words += [Option.set.name, "target=\(target)"]
    }
    return TestCommand.run(options, words: words + [path])
  }
}
