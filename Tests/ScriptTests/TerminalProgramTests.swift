// What programs on terminals leave behind, and what a run may do with terminals.
import Glibc
import SocketCore
import Testing

@Suite struct TerminalProgramTests {
  /// Whether a process runs; a zombie, which somebody else is to reap, does not.
  private static func runs(_ pid: String) -> Bool {
    guard let status = Repository.text("/proc/\(pid)/stat") else { return false }
    return !status.contains(") Z ")
  }

  private static func isGone(_ pid: String) -> Bool {
    comesToHold { !runs(pid) }
  }

  /// A shell with job control gives each job a process group of its own; one has left the terminal, another takes no
  /// notice when that hangs up.
  @Test(arguments: ["", "shell.close", "shell.send line \"exit\"; print shell.wait"])
  func jobsEndWithTheScript(end: String) throws {
    let script = """
      run "bash --norc --noprofile -i" pty env {PS1: "> "} as shell
      shell.recv until "> "
      for job in ["sleep 1000", "sleep 1001 </dev/null >/dev/null 2>&1", "nohup sleep 1002 >/dev/null 2>&1"]
        shell.send line "${job} & echo pid=$!"
        shell.recv until /pid=\\d+\\r\\n/ keep as text
        let found = text =~ /pid=(\\d+)/
        print "pid ${found[1]}"
      end
      \(end)
      """
    let outcome = try sock("-e", script)
    let pids = outcome.lines.filter { $0.hasPrefix("pid ") }.map { String($0.dropFirst(4)) }
    #expect(pids.count == 3 && outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    for pid in pids { #expect(Self.isGone(pid), "\(pid) is left") }
  }

  @Test func jobsEndWithTheirTest() throws {
    let folder = try TemporaryFolder()
    let script = """
      test "first"
        run "bash --norc --noprofile -i" pty env {PS1: "> "} as shell
        shell.recv until "> "
        shell.send line "sleep 1000 & echo pid=$!"
        shell.recv until /pid=\\d+\\r\\n/ keep as text
        writefile(args[0], (text =~ /pid=(\\d+)/)[1])
      end
      test "second"
        retry within 10s every 1ms
          assert not exists("/proc/${readfile(args[0])}/fd/0")
        end
      end
      """
    let file = try folder.write("suite.sock", script.replacingArgument(folder.file("pid")))
    let outcome = try sock("test", file)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(!outcome.output.contains("left its process group"), "\(outcome.output)")
  }

  /// Where a run may start programs and little else, they may have their terminals.
  @Test func terminalsGoWithTheRightToRun() throws {
    let script = "run [\"sh\", \"-c\", \"echo x >/dev/tty\"] pty; print recv line; print wait"
    #expect(try sock("--allow", "run", "-e", script).output == "x\n0\n")
    let denied = try sock("--deny", "run", "-e", script)
    #expect(denied.status == 1 && denied.errors.contains("run of `sh` is denied"))
    for options in [["--deny", "read"], ["--deny", "write"], ["--allow", "run,read=/dev/null"]] {
      let outcome = try RunningProgram.sock(options + ["-e", "open \"/dev/null\""]).finish()
      #expect(outcome.status == 1 && outcome.errors.contains("`/dev/null` is denied"), "\(outcome.errors)")
    }
    #expect(try sock("--deny", "write", "-e", "open \"/dev/null\" read; print recv").output == "nil\n")
  }

  /// A session's script does not hold what was typed at a prompt for a password.
  @Test func whatIsTypedUnseenIsNotSaved() throws {
    let folder = try TemporaryFolder()
    let session = """
      run ["sh", "-c", "stty -echo; echo ready; read x; echo got $x"] pty echo on as login
      login.expect line "ready"
      login.send line "hunter2"
      login.recv line
      :save \(folder.file("saved.sock"))

      """
    let outcome = try RunningProgram.sock(["repl"], input: session).finish()
    #expect(!outcome.output.contains("hunter2"), "\(outcome.output)\(outcome.errors)")
    let saved = try #require(Repository.text(folder.file("saved.sock")))
    #expect(saved.contains("login.send line \"***\"") && !saved.contains("hunter2"), "\(saved)")
  }
}

extension String {
  fileprivate func replacingArgument(_ text: String) -> String {
    split(separator: "args[0]", omittingEmptySubsequences: false).joined(separator: "\"\(text)\"")
  }
}
