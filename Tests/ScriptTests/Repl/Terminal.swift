// A terminal with a shell in it: tmux, whose keys a test presses and whose screen it reads.
import Glibc
import SocketCore

/// Each has a tmux server of its own, and a folder in which the REPL keeps its state.
final class Terminal {
  let folder: TemporaryFolder
  private let server: String
  /// Its last screen, without the blank lines at its end.
  private(set) var screen = ""
  /// In seconds: only a test that fails takes so long.
  private let deadline = 20.0

  /// - Parameters:
  ///   - environment: for the shell, beside what it has from these tests.
  ///   - folder: the state of an earlier terminal.
  init(
    width: Int = 160, height: Int = 45, environment: [String: String] = [:], folder: TemporaryFolder? = nil
  ) throws {
    self.folder = try folder ?? TemporaryFolder()
    server = "sock-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    var variables = [
      "HOME": self.folder.path, "XDG_STATE_HOME": self.folder.path, "INPUTRC": "/dev/null", "PS1": "$ ",
      "LC_ALL": "C.UTF-8", "SOCK": Repository.sock, "HISTFILE": "/dev/null", "NO_COLOR": "",
      "PAGER": "",
    ]
    variables.merge(environment) { _, new in new }
    let shell = ["env"] + variables.map { "\($0.key)=\($0.value)" } + ["bash", "--norc", "--noprofile", "-i"]
    _ = try tmux(
      ["-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)", "-c", Repository.root] + shell)
    try wait("the shell's prompt") { $0.hasSuffix("$") }
  }

  deinit {
    // What still runs there gets SIGHUP.
    _ = try? tmux(["kill-server"])
    unlink(folder.file("sock/history"))
    rmdir(folder.file("sock"))
  }

  private func tmux(_ arguments: [String]) throws -> String {
    let outcome = try RunningProgram(["tmux", "-L", server] + arguments).finish()
    if outcome.status != 0 { throw HarnessError("tmux \(arguments): \(outcome.errors)\n\(screen)") }
    return outcome.output
  }

  /// Starts the program under test and waits for its prompt.
  func startSock(_ arguments: String = "") throws {
    try enter("clear; $SOCK \(arguments)")
    try wait("sock's prompt") { $0.hasSuffix("sock>") }
  }

  // MARK: - Keys

  /// Types text as it is.
  func type(_ text: String) throws { _ = try tmux(["send-keys", "-l", "--", text]) }

  /// Presses a key by tmux's name for it: `Enter`, `C-c`, `Tab`, `Up`…
  func press(_ keys: String...) throws { _ = try tmux(["send-keys"] + keys) }

  func enter(_ line: String) throws {
    try type(line)
    try press("Enter")
  }

  /// As the middle button of a mouse does, in brackets where the program asks for them.
  func paste(_ text: String) throws {
    _ = try tmux(["set-buffer", "--", text])
    _ = try tmux(["paste-buffer", "-p", "-r"])
  }

  func resize(width: Int, height: Int) throws {
    _ = try tmux(["resize-window", "-x", "\(width)", "-y", "\(height)"])
  }

  // MARK: - The screen

  /// Waits until the screen is as wanted.
  @discardableResult
  func wait(_ what: String, until isAsWanted: (String) throws -> Bool) throws -> String {
    let limit = Deadline(after: deadline)
    while true {
      let lines = try tmux(["capture-pane", "-p"]).split(separator: "\n", omittingEmptySubsequences: false)
      var text = lines.map(Terminal.trimmed)
      while text.last == "" { text.removeLast() }
      screen = text.joined(separator: "\n")
      if try isAsWanted(screen) { return screen }
      if limit.hasPassed { throw HarnessError("\(what) did not come; the screen is:\n\(screen)") }
    }
  }

  /// Waits for lines that stand directly below each other, the last of them at the screen's end.
  func expect(_ lines: String...) throws {
    let wanted = lines.joined(separator: "\n")
    try wait("\"\(wanted)\" at the end") { $0 == wanted || $0.hasSuffix("\n" + wanted) }
  }

  /// Waits for a line of the screen: below it something else may stand.
  func expectLine(_ line: String) throws {
    try wait("the line \"\(line)\"") { $0.split(separator: "\n").contains { $0 == line } }
  }

  func expect(containing text: String) throws { try wait("\"\(text)\"") { $0.contains(text) } }

  /// Enters a line at a prompt and waits for what then stands at the screen's end.
  func enter(_ line: String, expecting lines: String...) throws {
    try enter(line)
    let wanted = ([line] + lines).joined(separator: "\n")
    try wait("\"\(wanted)\" at the end") { $0.hasSuffix(" " + wanted) }
  }

  /// The screen with its colours, as escape sequences.
  func colours() throws -> String { try tmux(["capture-pane", "-p", "-e"]) }

  private static func trimmed(_ line: Substring) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}

/// A real redis-server on a free port, for as long as the object lives.
final class Redis {
  let port: Int
  private let program: RunningProgram
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    port = try Redis.freePort()
    program = try RunningProgram(["scripts/servers/redis", "\(port)", folder.path])
    while try !program.line().contains("Ready to accept connections") {}
  }

  private static func freePort() throws -> Int {
    let socket = try Socket(domain: .inet, type: .stream)
    try socket.bind(SocketAddress(loopbackPort: 0))
    guard let port = socket.localName?.port else { throw HarnessError("a bound socket has no port") }
    return Int(port)
  }
}
