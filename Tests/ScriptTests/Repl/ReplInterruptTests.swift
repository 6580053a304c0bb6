// What ends at once in a session: output that nobody wants any more, and tasks that have no name.
import Glibc
import Testing

@Suite(.serialized) struct ReplInterruptTests {
  /// Has a session in a terminal of its own, whose size and reading the test decides; prints how it ended, and how many
  /// bytes came.
  private static let terminal = """
    import fcntl, os, pty, select, struct, sys, termios
    columns, terminal = int(sys.argv[2]), sys.argv[3]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = terminal
        os.environ["PAGER"] = ""
        os.execv(sys.argv[1], [sys.argv[1], "repl"])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    got, seen = b"", 0
    def read_until(text):
        global got, seen
        while text not in got[seen:]:
            more = os.read(fd, 65536)
            if not more: sys.exit("it ended")
            got += more
        seen = got.index(text, seen) + len(text)
    def worked():
        fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    def unread():
        return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"    "))[0]
    read_until(b"shows what there is")
    for line in sys.argv[4:]:
        if line == "^C":
            # It has computed for a while, or fills a terminal that nobody reads.
            while worked() - before < 0.2 and unread() < 3000: select.select([], [], [], 0.005)
            os.write(fd, b"\\x03")
        else:
            # In few columns a prompt is not written in one piece.
            if columns > 20: read_until(b"> ")
            before = worked()
            os.write(fd, line.encode() + b"\\r")
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more: break
        got += more
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(status, len(got), "done" if b"it goes on" in got else "")
    """

  private func session(_ columns: Int, _ terminal: String, _ lines: [String]) throws -> [String] {
    let outcome = try RunningProgram(
      ["python3", "-c", Self.terminal, Repository.sock, "\(columns)", terminal] + lines, input: nil
    ).finish(within: 60)
    #expect(outcome.errors == "")
    return outcome.output.split(separator: " ").map { $0.filter { $0 != "\n" } }
  }

  /// Of 10 MB, what the terminal holds and a few pieces come.
  @Test(arguments: [":show", "print s"])
  func theOutputOfALargeValue(_ line: String) throws {
    let result = try session(
      80, "xterm",
      ["let s = repeat(\"0123456789abcdef\\n\", 600000)", "s", line, "^C", "print \"it goes \" + \"on\"", ":quit"])
    #expect(result.first == "0")
    #expect(result.last == "done")
    #expect(Int(result[1]).map { $0 < 1_000_000 } == true)
  }

  /// Readline divides by what is left of the columns.
  @Test(arguments: [(1, "dumb"), (2, "xterm"), (3, "dumb"), (3, "xterm"), (5, "vt100")])
  func aTerminalOfFewColumns(_ columns: Int, _ terminal: String) throws {
    let result = try session(
      columns, terminal, ["print \"it goes \" + \"on\"", "abcdefghijklmnopqrstuvwxyz = 1", ":quit"])
    #expect(result.first == "0")
    #expect(result.last == "done")
  }

  @Test func aLongInstruction() throws {
    let result = try session(
      80, "xterm",
      [
        "let l = [1, 2]; for i in 1..27; l = [l, l]; end", "json(l)", "^C", "loop; sha256(\"x\"); end", "^C",
        "print \"it goes \" + \"on\"", ":quit",
      ])
    #expect(result.first == "0")
    #expect(result.last == "done")
  }

  @Test func aTaskWithoutAName() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("spawn; loop; sleep 10ms; end; end", expecting: "sock>")
    try terminal.enter("spawn; defer print \"stopped\"; sleep 100s; end", expecting: "sock>")
    try terminal.enter(":tasks")
    try terminal.expect(containing: "#2 <repl>:2: sleep 100s")
    #expect(terminal.screen.contains("#1 <repl>:1: "))
    try terminal.enter(":stop 2")
    try terminal.expect(containing: "\nstopped\n")
    try terminal.enter(":stop 2", expecting: "sock: there is no task 2; :tasks shows those that run", "sock>")
    try terminal.enter(":stop #1", expecting: "sock>")
    try terminal.enter(":tasks", expecting: "no task is running", "sock>")
  }
}
