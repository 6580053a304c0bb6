// Programs on pseudo-terminals: whose they are, how they end, and what they are told.
import Glibc
import Testing

@testable import SocketCore

@Suite final class TerminalTests {
  private var processes: [ChildProcess] = []

  deinit {
    for process in processes {
      _ = process.endSession(by: soon)
      end(process)
    }
  }

  private func run(
    _ script: String, echoes: Bool = false, isRaw: Bool = false, stderr: SpawnRequest.StandardError = .merge
  ) throws -> ChildProcess {
    let process = try ChildProcess.spawn(
      SpawnRequest(
        argv: ["sh", "-c", script].map(bytes), stderr: stderr,
        terminal: TerminalRequest(columns: 100, rows: 30, echoes: echoes, isRaw: isRaw)))
    processes.append(process)
    return process
  }

  /// Reads until the end, which a terminal tells by EIO, or until the text is there.
  private func read(_ process: ChildProcess, until wanted: String? = nil) throws -> String {
    var found: [UInt8] = []
    let deadline = soon
    var chunk = [UInt8](repeating: 0, count: 65536)
    while !deadline.hasPassed {
      switch chunk.withUnsafeMutableBytes({ StandardStream.tryRead(process.stdout, $0) }) {
      case .done(let count): found += chunk[..<count]
      case .wouldBlock:
        _ = SystemCall.poll(process.stdout, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      case .end, .failed(.ioError): return String(decoding: found, as: UTF8.self)
      case .failed(let error): throw error
      }
      let words = String(decoding: found, as: UTF8.self)
      if let wanted, words.contains(wanted) { return words }
    }
    Issue.record("no end came; \(String(decoding: found, as: UTF8.self))")
    return String(decoding: found, as: UTF8.self)
  }

  private func write(_ words: String, to process: ChildProcess) {
    #expect(bytes(words).withUnsafeBytes { StandardStream.tryWrite(process.stdout, $0) } == .done(words.utf8.count))
  }

  @Test func itIsTheControllingTerminalOfASessionOfItsOwn() throws {
    let process = try run("tty; echo $$; ps -o sid=,tty= -p $$; echo said >/dev/tty; stty size; tty <&2 >/dev/null || echo no")
    let lines = try read(process).split(whereSeparator: \.isNewline).map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("/dev/pts/") && lines[1] == "\(process.pid)")
    #expect(lines[2] == "\(process.pid) \(lines[0].dropFirst("/dev/".count))")
    #expect(lines[3] == "said" && lines[4] == "30 100")
    #expect(try process.wait(within: soon).code == 0)
  }

  @Test func standardErrorMayGoElsewhere() throws {
    #expect(try read(run("echo out; echo err >&2")) == "out\r\nerr\r\n")
    let apart = try run("echo out; echo err >&2", stderr: .pipe)
    #expect(try read(apart) == "out\r\n")
    #expect(try apart.wait(within: soon).code == 0)
    var room = [UInt8](repeating: 0, count: 9)
    #expect(room.withUnsafeMutableBytes { StandardStream.tryRead(apart.stderr, $0) } == .done(4))
    #expect(try read(run("echo out; echo err >&2", stderr: .discard)) == "out\r\n")
  }

  /// What reads a file, and asks its questions at the terminal all the same.
  @Test func standardInputMayComeFromElsewhere() throws {
    var request = SpawnRequest(
      argv: ["sh", "-c", "cat; read x </dev/tty; echo got $x"].map(bytes), stderr: .merge,
      terminal: TerminalRequest(columns: 80, rows: 24, echoes: false, isRaw: false))
    let null = try Device.open("/dev/null")
    defer { SystemCall.close(null) }
    request.stdin = .descriptor(null)
    let process = try ChildProcess.spawn(request)
    processes.append(process)
    write("answer\r", to: process)
    #expect(try read(process) == "got answer\r\n")
  }

  @Test func echoAndRaw() throws {
    let echoing = try run("read x; echo got $x", echoes: true)
    #expect(try TerminalState(of: echoing.stdout).echoes)
    write("abc\r", to: echoing)
    #expect(try read(echoing) == "abc\r\ngot abc\r\n")
    let raw = try run("head -c 4 | od -An -tx1", isRaw: true)
    write("\u{3}\u{4}\r\n", to: raw)
    #expect(try read(raw) == " 03 04 0d 0a\n")
  }

  /// What was written before the end can all be read, however the reads fall.
  @Test func nothingIsLostAtTheEnd() throws {
    let expected = (1...20000).map { "\($0)\r\n" }.joined()
    for _ in 1...20 { #expect(try read(run("seq 1 20000")) == expected) }
  }

  @Test func aJobInAGroupOfItsOwnEndsWithTheSession() throws {
    // set -m gives each job a group of its own; the first has left the terminal as well.
    let script = "set -m; sleep 1000 </dev/null >/dev/null 2>&1 & sleep 1001 & echo $!; exit 0"
    let process = try run(script)
    let first = try read(process, until: "\r\n")
    let job = try #require(Int32(first.split(whereSeparator: \.isNewline)[0]))
    #expect(try process.wait(within: soon).code == 0)
    #expect(ProcessSession.members(of: process.pid).contains(job))
    #expect(try process.reap())
    #expect(process.signalGroup(0) == nil, "they keep the session")
    #expect(process.endSession(by: soon))
    #expect(ProcessSession.members(of: process.pid).isEmpty)
    #expect(try process.reap())
    #expect(process.signalGroup(0) == .noSuchProcess && process.pidfd == -1)
  }

  @Test func closingOurSideHangsUp() throws {
    let process = try run("sleep 1000")
    process.close(.stdout)
    #expect(try process.wait(within: soon).signal == SIGHUP)
  }

  /// In canonical mode Linux keeps 4095 bytes of a line and drops the rest: what the count is for.
  @Test(arguments: [(4095, true), (4096, false), (9000, false)])
  func aLineThatIsTooLongIsKnownBefore(count: Int, fits: Bool) throws {
    let process = try run("read x; echo ${#x}")
    let state = try TerminalState(of: process.stdout)
    let line = String(repeating: "x", count: count) + "\r"
    let found = bytes(line).withUnsafeBytes { state.line($0, after: 0) }
    #expect(found.held == 0 && (found.longest <= TerminalState.longestLine) == fits)
    write(line, to: process)
    #expect(try read(process) == "4095\r\n")
  }

  @Test func howALineIsCounted() throws {
    let process = try run("cat")
    let state = try TerminalState(of: process.stdout)
    func held(_ words: String, after before: Int = 0) -> Int {
      bytes(words).withUnsafeBytes { state.line($0, after: before).held }
    }
    #expect(state.isCanonical && state.endOfFile == 4)
    #expect(held("abc") == 3 && held("abc", after: 5) == 8)
    #expect(held("abc\nde") == 2 && held("abc\rde") == 2 && held("abc\u{4}de") == 2)
    #expect(held("abc\u{3}d") == 1 && held("abc\u{15}d") == 1 && held("abc\u{7f}d") == 3 && held("\u{7f}") == 0)
    #expect(held("abc\u{16}\nd") == 5, "a quoted end of line ends none")
  }
}
