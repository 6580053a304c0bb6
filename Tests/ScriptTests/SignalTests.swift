// A script that is ended from outside: what was deferred runs, and nothing that it started is left.
import Glibc
import SocketCore
import Testing

@Suite struct SignalTests {
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aSignalRunsWhatWasDeferred(signal: Int32, status: Int32) throws {
    let script = """
      defer print "last"
      spawn
        defer print "in a task"
        sleep 100s
      end
      defer print "first"
      listen 0
      sleep 1ms
      print "ready"
      accept
      """
    let program = try RunningProgram.sock(["-"], input: script)
    #expect(try program.line() == "ready")
    program.process.signal(signal)
    let outcome = try program.finish()
    #expect(outcome.status == status)
    #expect(outcome.lines.prefix(3) == ["ready", "first", "last"])
    #expect(outcome.lines.last == "in a task")
    // A server that waits for clients waits for nobody in vain.
    #expect(outcome.errors == "")
  }

  /// Where a script hangs is seen as where a step fails: what has come, and what went over the channel before.
  @Test func aScriptThatHangsSaysWhere() throws {
    let script = """
      let [a, b] = socketpair
      a.send "hello\\r\\nwor"
      spawn as reader
        b.expect line "hello"
        print "ready"
        b.expect line "world"
      end
      wait reader
      """
    let program = try RunningProgram.sock(["-"], input: script)
    #expect(try program.line() == "ready")
    program.process.signal(SIGINT)
    let outcome = try program.finish()
    #expect(outcome.status == 130)
    #expect(outcome.errors.contains("<stdin>:8:1: ended by SIGINT, waiting in this step\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("= waits     another task, <stdin>:6: b.expect line \"world\"\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("= unread    \"wor\" (3 bytes)\n"), "\(outcome.errors)")
    #expect(outcome.errors.contains("b  "), "\(outcome.errors)")
  }

  @Test func aSecondSignalDoesNotWaitForWhatWasDeferred() throws {
    let program = try RunningProgram.sock(
      ["-e", "def slow()\nprint \"deferred\"; sleep 100s\nend\ndefer slow()\nprint \"ready\"; sleep 100s"])
    #expect(try program.line() == "ready")
    program.process.signal(SIGINT)
    #expect(try program.line() == "deferred")
    program.process.signal(SIGINT)
    #expect(try program.finish(within: 4).status == 130)
  }

  @Test func aSignalEndsALoopThatNeverWaits() throws {
    let program = try RunningProgram.sock(["-e", "defer print \"deferred\"; stdout.send \"ready\\n\"; loop; end"])
    #expect(try program.line() == "ready")
    program.process.signal(SIGINT)
    let outcome = try program.finish()
    #expect(outcome.status == 130)
    #expect(outcome.lines == ["ready", "deferred"])
  }

  /// A pipe that is open, full and never read does not keep a script; what is deferred runs.
  @Test(arguments: [
    "loop; print \"l\"; end", "print repeat(\"x\", 1000000)", "stdout.send repeat(\"x\", 1000000)",
  ])
  func aSignalEndsWaitingForAReader(statement: String) throws {
    let folder = try TemporaryFolder()
    let command = ["sh", "-c", "mkfifo out && exec 4<>out && exec \"$@\" >out", "sh", Repository.sock, "-e"]
    let script = "defer log \"deferred\"; log \"ready\"; \(statement)"
    let program = try RunningProgram(command + [script], cwd: folder.path)
    try program.waitForError("ready")
    _ = poll(nil, 0, 1000)
    program.process.signal(SIGTERM)
    let outcome = try program.finish(within: 10)
    #expect(outcome.status == 143)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.first == "ready" && lines.last == "deferred", "\(outcome.errors)")
    #expect(outcome.errors.contains("ended by SIGTERM"), "\(outcome.errors)")
  }

  @Test func aSignalEndsWaitingForAReaderOfErrors() throws {
    let folder = try TemporaryFolder()
    let command = ["sh", "-c", "mkfifo err && exec 4<>err && exec \"$@\" 2>err", "sh", Repository.sock, "-e"]
    let program = try RunningProgram(
      command + ["defer print \"deferred\"; stdout.send \"ready\\n\"; log repeat(\"x\", 1000000)"], cwd: folder.path)
    #expect(try program.line() == "ready")
    _ = poll(nil, 0, 500)
    program.process.signal(SIGINT)
    let outcome = try program.finish(within: 10)
    #expect(outcome.status == 130)
    #expect(outcome.output == "ready\ndeferred\n")
  }

  /// What a script ran is gone with it: the program, and what that left behind in its process group.
  @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
  func processesEndWithTheScript(signal: Int32) throws {
    let script = """
      run ["sh", "-c", "trap '' TERM INT; sleep 1000 & echo $! $$; wait"] as child
      print child.recv line
      sleep 100s
      """
    let program = try RunningProgram.sock(["-"], input: script)
    let pids = try program.line().split(separator: " ").compactMap { Int32($0) }
    try #require(pids.count == 2)
    program.process.signal(signal)
    #expect(try program.finish().status == 128 + signal)
    // SIGKILL gives sock no time: the kernel ends its child (PR_SET_PDEATHSIG), but not what the child had started.
    let expected = signal == SIGKILL ? pids.suffix(1) : pids[...]
    defer { for pid in pids { kill(pid, SIGKILL) } }
    for pid in expected { #expect(try isGone(pid), "process \(pid) is still there") }
  }

  @Test func processesEndWithAScriptThatIsDoneOrFails() throws {
    for end in ["exit 0", "fail \"no\"", "print \"done\""] {
      let outcome = try sock("-e", "run [\"sh\", \"-c\", \"sleep 1000 & echo $!; wait\"] as child; print child.recv line; \(end)")
      let pid = try #require(Int32(outcome.lines.first ?? ""))
      defer { kill(pid, SIGKILL) }
      #expect(try isGone(pid), "process \(pid) is still there after `\(end)`")
    }
  }

  /// Whether a process has ended, or ends soon. A zombie has ended: whoever inherited it may be slow to look.
  private func isGone(_ pid: Int32) throws -> Bool {
    let deadline = Deadline(after: 10)
    while !deadline.hasPassed {
      guard let status = Repository.text("/proc/\(pid)/stat"), let parenthesis = status.lastIndex(of: ")") else { return true }
      if status[parenthesis...].dropFirst(2).first == "Z" { return true }
      _ = poll(nil, 0, 5)
    }
    return false
  }

  @Test func theTemporaryFolderGoesWithTheScript() throws {
    let outcome = try sock("-e", "writefile(\"${tmpdir}/a\", \"b\"); print tmpdir; fail \"no\"")
    let folder = try #require(outcome.lines.first)
    #expect(folder.hasPrefix("/"))
    #expect(access(folder, F_OK) != 0)
  }
}
