// What the tests of reports share: records of every kind, a folder of one's own, and other programs with a deadline.

import Glibc
import SockRuntime
import Synchronization
import Testing

@testable import SockConformance

/// A folder that is gone with the value.
final class Folder {
  let path: String

  init() throws {
    var template = Array("/tmp/sock-reports-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = try? Program.run(["rm", "-rf", path]) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ text: String) throws -> String {
    let path = file(name)
    try #require(OutputFile.write(text, to: path) == nil)
    return path
  }

  func bytes(_ name: String) throws -> [UInt8] { try Folder.bytes(of: file(name)) }
  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
  func exists(_ name: String) -> Bool { access(file(name), F_OK) == 0 }

  static func bytes(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0, "\(path) cannot be read")
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count <= 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// All files below it.
  func allFiles() throws -> [String] {
    try Program.run(["find", path, "-type", "f"]).output.split(separator: "\n").map(String.init)
  }
}

/// Another program, which ends within a minute or is killed.
final class Program {
  struct Outcome {
    let status: Int32
    let output: String
  }

  private(set) var pid: pid_t = 0
  private var descriptor: Int32 = -1
  private var received: [UInt8] = []

  /// The program under test lies beside the one that runs the tests.
  static let sock: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let besideRunner = own.split(separator: "/").dropLast().joined(separator: "/")
    if access("/\(besideRunner)/sock", X_OK) == 0 { return "/\(besideRunner)/sock" }
    // `swift test` may run a helper of the toolchain, which has loaded the tests: they name the folder then.
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
    let folder = bundle.split(separator: "/", omittingEmptySubsequences: false).prefix { !$0.contains(".xctest") }
    return folder.joined(separator: "/") + "/sock"
  }()

  static func exists(_ name: String) -> Bool {
    (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  /// One at a time: a program started between the making of a pipe and its mark would hold the pipe open.
  private static let starting = Mutex(())

  init(_ words: [String], environment: [String] = [], errors: Bool = false) throws {
    try Program.starting.withLock { _ in try start(words, environment, errors) }
  }

  private func start(_ words: [String], _ environment: [String], _ errors: Bool) throws {
    var pipes: [Int32] = [-1, -1]
    try #require(pipe(&pipes) == 0)
    for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    descriptor = pipes[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
    if errors { posix_spawn_file_actions_adddup2(&actions, pipes[1], 2) } else {
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    // A program inherits which signals are ignored (SIGINT, where the tests run in the background) and which are blocked
    // (all, where a thread of the runner starts it).
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var variables: [String] = []
    var at = environ
    while let variable = at.pointee {
      let text = String(cString: variable)
      if !text.hasPrefix("GITHUB_") { variables.append(text) }
      at += 1
    }
    variables += environment
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    var settings = variables.map { strdup($0) }
    settings.append(nil)
    defer { for pointer in arguments + settings { free(pointer) } }
    let error = posix_spawnp(&pid, words[0], &actions, &attributes, arguments, settings)
    close(pipes[1])
    try #require(error == 0, "cannot run \(words[0])")
  }

  deinit {
    if pid > 0 {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    close(descriptor)
  }

  /// Reads until the output has this in it, or ends; what came until then.
  @discardableResult
  func output(until text: String? = nil) throws -> String {
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let all = String(decoding: received, as: UTF8.self)
      if let text, all.contains(text) { return all }
      var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&waited, 1, 60_000) == 1, "no output within a minute; until then: \(all)")
      let count = read(descriptor, &chunk, chunk.count)
      if count <= 0 { return all }
      received += chunk[..<count]
    }
  }

  /// Reads to the end of its output and waits for it.
  func end() throws -> Outcome {
    let output = try self.output()
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    pid = 0
    return Outcome(status: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F, output: output)
  }

  static func run(
    _ words: [String], environment: [String] = [], errors: Bool = false
  ) throws -> Outcome {
    try Program(words, environment: environment, errors: errors).end()
  }
}

/// Records of every kind.
enum Example {
  static let hostile = "a<b>&\"c\" \u{1B}[31m \u{0}\u{202E}%:, # \\ ]]>\r\nend"

  static func record(_ name: String, _ verdict: TestVerdict = .pass, file: String = "suite/smtp.sock") -> TestRecord {
    var record = TestRecord(file: file, name: name, line: 7)
    record.verdict = verdict
    record.startedAt = 1_700_000_000_123_456
    record.duration = 1_234_567
    if verdict != .pass {
      record.message = "expected a line matching /^250/"
      record.code = "mismatch"
      record.place = (file, 12, 3)
      record.report = "\(file):12:3: expected a line\n   |\n12 |   expect line\n\n   = received \"x\"\n"
    }
    return record
  }

  /// One of each verdict, and of what else changes how a test is reported.
  static var all: [TestRecord] {
    var records = TestVerdict.allCases.map { record("is \($0.rawValue)", $0) }
    var known = record("known", .fail)
    known.isExpected = true
    var better = record("better")
    better.todo = "bug 7"
    better.improvement = "passes now"
    var rich = record(hostile, .fail, file: "suite/other.sock")
    rich.message = hostile
    rich.report = hostile
    rich.log = hostile
    rich.level = "must"
    rich.citation = "RFC 5321 section 4.1.1.1"
    rich.tags = ["one", hostile]
    rich.target = "postfix"
    rich.segmentation = "1 byte"
    rich.attempts = 3
    rich.leaks = ["process 12"]
    rich.checks = ["first", "second"]
    rich.channels = [
      ChannelInfo(number: 4, label: "conn", kind: "tcp", local: "127.0.0.1:40000", peer: "127.0.0.1:25"),
      ChannelInfo(number: 5, label: "conn", kind: "unix", local: nil, peer: "unix:/run/x"),
    ]
    rich.transcript = [
      line(0, 4, "connected"), line(1000, 4, "<", Array("220 <mx>\r\nmore\r\n".utf8)), line(2000, 4, ">", [0, 255, 10]),
      line(2500, 4, ">", [1, 0], fields: "Packet {kind: 1, text: \"\"}"), line(3000, 5, ">", Array("hello".utf8), count: 70_000), line(4000, 4, "end of stream"),
    ]
    rich.point = FailurePoint(at: 3500, channel: 4, bytesBack: 6)
    rich.excerpts = [
      SourceExcerpt(file: hostile, line: 12, first: 11, lines: ["# before", hostile], isCall: false),
      SourceExcerpt(file: "lib.sock", line: 3, first: 3, lines: ["call()"], isCall: true),
    ]
    rich.tries = [
      TestTry(verdict: .fail, message: hostile, duration: 1_000_000, report: hostile),
      TestTry(verdict: .error, message: "second", duration: 2_000_000, report: "second"),
    ]
    records += [known, better, rich]
    return records
  }

  static func line(
    _ at: Int64, _ channel: Int, _ event: String, _ bytes: [UInt8] = [], count: Int? = nil, fields: String? = nil,
    peer: String? = nil
  ) -> TranscriptLine {
    TranscriptLine(
      at: at, channel: channel, event: event, isData: event == "<" || event == ">", count: count ?? bytes.count,
      bytes: bytes, fields: fields, file: "suite/smtp.sock", line: 12, peer: peer)
  }

  static func summary(_ records: [TestRecord]) -> Summary {
    var summary = Summary()
    for record in records { summary.add(record) }
    summary.duration = 99_000_000
    return summary
  }

  /// A report of these records, as text.
  static func report(
    _ records: [TestRecord], _ options: TestOptions = TestOptions(), summary: Summary? = nil,
    _ make: (ReportFile) -> any Reporter
  ) throws -> String {
    let folder = try Folder()
    let reporter = make(try ReportFile(folder.file("report")))
    reporter.began(options, files: ["suite/smtp.sock", "suite/other.sock"])
    for record in records { reporter.ended(record) }
    #expect(reporter.finished(summary ?? Example.summary(records)) == nil)
    #expect(!folder.exists("report.partial"))
    return try folder.text("report")
  }
}
