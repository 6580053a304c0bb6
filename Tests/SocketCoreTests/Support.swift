// What several tests need: connected sockets, and Perl programs that play the other side with IO::Socket.
import Glibc
import Testing

@testable import SocketCore

/// The longest that any wait of a test may take.
var soon: Deadline { Deadline(after: 20) }

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

/// The error that `body` throws; records an issue if it throws none.
func failure<Result, Failure: Error>(
  of body: () throws(Failure) -> Result, _ location: SourceLocation = #_sourceLocation
) -> Failure? {
  do throws(Failure) {
    _ = try body()
    Issue.record("it did not fail", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}

/// A listener on a free port of loopback.
func loopbackListener(_ family: SocketAddress.Family = .inet) throws -> Socket {
  try Socket.listening(at: SocketAddress(loopbackPort: 0, family: family))
}

/// Both ends of a TCP connection.
func tcpPair(_ family: SocketAddress.Family = .inet) throws -> (client: Socket, server: Socket) {
  let listener = try loopbackListener(family)
  guard let address = listener.localName else { throw Errno.ioError }
  let client = try Socket.connected(toFirstOf: [address], within: soon)
  return (client, try listener.accept(within: soon))
}

/// All that comes until the end of the stream.
func receiveAll(_ socket: Socket) throws(SocketError) -> [UInt8] {
  var all: [UInt8] = []
  while let more = try socket.receive(atMost: 65536, within: soon) { all += more }
  return all
}

/// Reads a descriptor to its end.
func readAll(_ fd: Int32) throws(SocketError) -> [UInt8] {
  var all: [UInt8] = []
  let deadline = soon
  while true {
    var buffer = [UInt8](repeating: 0, count: 4096)
    switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(fd, $0) }) {
    case .done(let count): all += buffer.prefix(count)
    case .end: return all
    case .failed(let error): throw .system(error)
    case .wouldBlock:
      if deadline.hasPassed { throw .timeout }
      let result = SystemCall.poll(fd, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      if let error = Errno(result: result), error != .interrupted { throw .system(error) }
    }
  }
}

/// Whether `condition` comes true, tried again and again until a deadline.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = soon
  while try !condition() {
    if deadline.hasPassed { return false }
    _ = SystemCall.poll(-1, reading: false, writing: false, timeoutNanoseconds: 1_000_000)
  }
  return true
}

/// Runs `body` in a forked process, alone: no other thread opens or closes descriptors there. Returns its messages.
func alone(_ body: (_ check: (Bool, String) -> Void) throws -> Void) throws -> [String] {
  var (reading, writing): (Int32, Int32) = (-1, -1)
  try #require(SystemCall.pipe(reading: &reading, writing: &writing) == 0)
  let pid = fork()
  if pid == 0 {
    alarm(60)
    SystemCall.close(reading)
    func tell(_ message: String) {
      let line = bytes(message + "\n")
      _ = line.withUnsafeBytes { write(writing, $0.baseAddress, $0.count) }
    }
    do {
      try body { if !$0 { tell($1) } }
    } catch {
      tell("threw \(error)")
    }
    tell("done")
    _exit(0)
  }
  SystemCall.close(writing)
  defer {
    SystemCall.close(reading)
    waitpid(pid, nil, 0)
  }
  try #require(pid > 0)
  let messages = String(decoding: try readAll(reading), as: UTF8.self).split(separator: "\n").map(String.init)
  return messages.last == "done" ? messages.dropLast() : messages + ["it did not come to its end"]
}

/// A name in the abstract namespace that no other test, and no other run, uses.
func abstractAddress() throws -> SocketAddress {
  try SocketAddress.unix(path: "@socket-core-\(getpid())-\(UInt64.random(in: 0 ... .max))")
}

/// A directory that is removed, with the one socket or file `name` in it, when the object goes.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = "/tmp/socket-core-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try #require(mkdir(path, 0o700) == 0)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        unlink(file(name))
      }
      closedir(directory)
    }
    rmdir(path)
  }
}

/// Ends a process and what it started, and reaps it, past any fault plan. A zombie that stayed would keep the
/// library's exit tests from seeing the end of their own processes.
func end(_ process: ChildProcess) {
  if process.pidfd < 0 { return }
  kill(-process.pid, SIGKILL)
  waitpid(process.pid, nil, 0)
}

/// All that a process writes to its standard output.
func output(of process: ChildProcess) throws(SocketError) -> [UInt8] {
  // The pipe is closed with the object.
  defer { withExtendedLifetime(process) {} }
  return try readAll(process.stdout)
}

/// A Perl program on the other side. It flushes each line it prints, and dies when a test leaves it waiting.
final class PerlPeer {
  let process: ChildProcess
  private var unread: [UInt8] = []

  init(_ program: String, _ arguments: [String] = []) throws {
    let prologue = "use strict; use warnings; use IO::Socket; use Socket qw(:all); $| = 1; alarm 60; "
    process = try ChildProcess.spawn(
      SpawnRequest(argv: (["perl", "-e", prologue + program] + arguments).map(bytes), stderr: .inherit))
  }

  deinit {
    end(process)
  }

  /// The next line that it prints, without its end; what is left of one at the end of its output.
  func line() throws -> String {
    let deadline = soon
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(process.stdout, $0) }) {
      case .done(let count): unread += buffer.prefix(count)
      case .end:
        defer { unread = [] }
        return String(decoding: unread, as: UTF8.self)
      case .failed(let error): throw error
      case .wouldBlock:
        if deadline.hasPassed { throw SocketError.timeout }
        _ = SystemCall.poll(process.stdout, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      }
    }
  }

  /// Writes a line to its standard input.
  func tell(_ line: String = "go") {
    let outcome = bytes(line + "\n").withUnsafeBytes { StandardStream.tryWrite(process.stdin, $0) }
    #expect(outcome == .done(line.utf8.count + 1))
  }

  /// Waits until it has ended, well.
  func finish() throws {
    #expect(try process.wait(within: soon).code == 0)
  }
}
