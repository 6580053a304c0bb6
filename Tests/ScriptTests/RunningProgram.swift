// A program under test or on the other side of one: started, spoken to, waited for within a deadline, and gone at the end.
import Glibc
import SocketCore

/// Why a test could not go on.
struct HarnessError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// How a program ended, and all that it wrote.
struct Outcome {
  let status: Int32
  let stdout: [UInt8]
  let stderr: [UInt8]

  var output: String { String(decoding: stdout, as: UTF8.self) }
  var errors: String { String(decoding: stderr, as: UTF8.self) }
  var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
}

/// The longest that a test waits for any one thing, in seconds; only a test that fails takes so long.
let patience = 60.0

/// Looks each millisecond whether something that nothing tells of has come to hold; false when the time is over.
func comesToHold(within seconds: Double = patience, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = Deadline(after: seconds)
  while !(try condition()) {
    if deadline.hasPassed { return false }
    usleep(1000)
  }
  return true
}

final class RunningProgram {
  let name: String
  let process: ChildProcess
  private(set) var output: [UInt8] = []
  private(set) var errors: [UInt8] = []
  /// How much of `output` was taken by `line()`.
  private var taken = 0
  private var input: [UInt8] = []
  private var endsInput = false
  private var isOutputOpen = true
  private var areErrorsOpen = true

  /// - Parameter input: what its standard input gives, to the end; nil keeps the input open for `write`.
  init(
    _ argv: [String], input: String? = "", cwd: String = Repository.root, environment: [String: String] = [:]
  ) throws {
    name = argv.joined(separator: " ")
    process = try ChildProcess.spawn(
      SpawnRequest(
        argv: argv.map { Array($0.utf8) }, cwd: Array(cwd.utf8),
        environment: environment.map { .init(name: Array($0.key.utf8), value: Array($0.value.utf8)) }))
    if let input {
      write(input)
      closeInput()
    }
  }

  /// The program under test.
  static func sock(
    _ arguments: [String], input: String? = "", cwd: String = Repository.root, environment: [String: String] = [:]
  ) throws -> RunningProgram {
    try RunningProgram([Repository.sock] + arguments, input: input, cwd: cwd, environment: environment)
  }

  /// A Perl program of Tests/Peers.
  static func perl(_ peer: String, _ arguments: [String] = [], input: String? = "") throws -> RunningProgram {
    try RunningProgram(["perl", Repository.path("Tests/Peers/\(peer)")] + arguments, input: input)
  }

  deinit {
    // Its whole group, whatever state the test left it in; then its zombie, so that no test leaves a process.
    process.signalGroup(SIGKILL)
    waitpid(process.pid, nil, 0)
  }

  /// What it gets to read next. It is written while the test waits for something.
  func write(_ text: String) {
    input += Array(text.utf8)
    feed()
  }

  func closeInput() {
    endsInput = true
    feed()
  }

  private func feed() {
    while !input.isEmpty, process.stdin >= 0 {
      switch input.withUnsafeBytes({ StandardStream.tryWrite(process.stdin, $0) }) {
      case .done(let count): input.removeFirst(count)
      case .wouldBlock: return
      // It reads no more: what it still writes is what the test is about.
      case .end, .failed: (input, endsInput) = ([], true)
      }
    }
    if endsInput, process.stdin >= 0 { process.close(.stdin) }
  }

  private func drain(_ descriptor: Int32, into bytes: inout [UInt8]) throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(descriptor, $0) }) {
      case .done(let count): bytes += buffer[..<count]
      case .end: return false
      case .wouldBlock: return true
      case .failed(let error): throw error
      }
    }
  }

  private func collect() throws {
    if isOutputOpen { isOutputOpen = try drain(process.stdout, into: &output) }
    if areErrorsOpen { areErrorsOpen = try drain(process.stderr, into: &errors) }
  }

  /// Moves bytes until `isDone`, or until the program has ended. Throws when `patience` is over.
  private func pump(_ what: String, _ seconds: Double, until isDone: () -> Bool) throws {
    let deadline = Deadline(after: seconds)
    while true {
      let hasEnded = try process.tryWait() != nil
      feed()
      try collect()
      if hasEnded || isDone() { return }
      if deadline.hasPassed {
        throw HarnessError("\(name): \(what) did not come within \(seconds) s\n\(told)")
      }
      var polled = [pollfd(fd: process.pidfd, events: Int16(POLLIN), revents: 0)]
      if isOutputOpen { polled.append(pollfd(fd: process.stdout, events: Int16(POLLIN), revents: 0)) }
      if areErrorsOpen { polled.append(pollfd(fd: process.stderr, events: Int16(POLLIN), revents: 0)) }
      if !input.isEmpty { polled.append(pollfd(fd: process.stdin, events: Int16(POLLOUT), revents: 0)) }
      let left = min(1000, Int((deadline.remainingSeconds * 1000).rounded(.up)))
      _ = poll(&polled, nfds_t(polled.count), Int32(left))
    }
  }

  /// What it has said so far, for the message of a failure.
  private var told: String {
    "stdout: \(String(decoding: output, as: UTF8.self))\nstderr: \(String(decoding: errors, as: UTF8.self))"
  }

  /// The next line of its standard output, without the line end. Throws when the program ends before it.
  func line() throws -> String {
    var end: Int? { output[taken...].firstIndex(of: UInt8(ascii: "\n")) }
    try pump("a line", patience) { end != nil }
    guard let end else { throw HarnessError("\(name): ended without another line\n\(told)") }
    defer { taken = end + 1 }
    return String(decoding: output[taken..<end], as: UTF8.self)
  }

  /// Waits until its standard error has `text` in it.
  func waitForError(_ text: String) throws {
    try pump("\"\(text)\" on stderr", patience) { String(decoding: errors, as: UTF8.self).contains(text) }
    guard String(decoding: errors, as: UTF8.self).contains(text) else {
      throw HarnessError("\(name): ended without \"\(text)\" on stderr\n\(told)")
    }
  }

  /// Waits for its end. What its descendants write later is not waited for.
  func finish(within seconds: Double = patience) throws -> Outcome {
    try pump("its end", seconds) { false }
    return Outcome(status: try process.wait(within: .immediately).code, stdout: output, stderr: errors)
  }
}

/// Runs the program under test to its end.
func sock(
  _ arguments: String..., input: String = "", cwd: String = Repository.root, environment: [String: String] = [:],
  within seconds: Double = patience
) throws -> Outcome {
  try RunningProgram.sock(arguments, input: input, cwd: cwd, environment: environment).finish(within: seconds)
}
