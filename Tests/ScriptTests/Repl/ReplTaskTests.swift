// What a session tells of its tasks and programs, and how it is left while they run.
import Glibc
import Testing

@Suite(.serialized) struct ReplTaskTests {
  private func terminal() throws -> Terminal {
    let terminal = try Terminal()
    try terminal.startSock()
    return terminal
  }

  @Test func aTaskThatFailsIsNamed() throws {
    let terminal = try terminal()
    try terminal.enter("spawn; sleep 10ms; fail \"no name\"; end")
    try terminal.expect(containing: "\ntask #1 has failed:\n<repl>:1:20: no name\n")
    try terminal.enter("spawn as rx; sleep 10ms; fail \"a name\"; end")
    try terminal.expect(containing: "\ntask #2 (rx) has failed:\n<repl>:2:26: a name\n")
  }

  @Test func whatAProgramSaysOfErrorsIsShown() throws {
    let terminal = try terminal()
    try terminal.enter("run \"python3 -i -q\" as py")
    try terminal.enter("py.send line \"1/0\"")
    try terminal.expect(containing: "\npy (stderr): ZeroDivisionError: division by zero\n")
    try terminal.enter("run \"ls | head\"")
    try terminal.expect(containing: "\nls (stderr): ls: cannot access '|': No such file or directory\n")
    try terminal.expect(containing: "\nls ended with status 2\n")
    // Who waits for it is told by that.
    try terminal.enter("run \"false\" as f; f.wait")
    try terminal.wait("its status") { $0.contains("\n1\n") && $0.hasSuffix(">") }
    #expect(!terminal.screen.contains("f ended"))
  }

  @Test func anInterruptSaysWhatHadCome() throws {
    let terminal = try terminal()
    try terminal.enter("let [a, b] = socketpair; a.send \"abc\"; print \"waits\"; b.recv line")
    try terminal.expect("waits")
    try terminal.press("C-c")
    try terminal.expect("interrupted: \"abc\" (3 bytes) has come, and stays unread", "sock>")
    try terminal.enter("b.recv", expecting: "\"abc\" (3 bytes)", "sock>")
  }

  /// After five seconds of silence: which of several it is.
  @Test func aLongWaitSaysForWhom() throws {
    let terminal = try terminal()
    try terminal.enter("let [a, b] = socketpair; listen 0 as server; connect server; server.accept")
    try terminal.wait("the connections") { $0.contains("stays open") && $0.hasSuffix(">") }
    try terminal.enter("a.send \"abc\"; b.recv line")
    try terminal.expect(
      "sock: `b.recv line` waits on b: \"abc\" (3 bytes) has come, and stays unread; Ctrl-C stops it")
    try terminal.press("C-c")
    try terminal.expect(containing: "interrupted: \"abc\" (3 bytes) has come, and stays unread")
    try terminal.enter("recv line")
    try terminal.wait("whom it waits for") {
      $0.contains("sock: `recv line` waits on #5, 127.0.0.1:") && $0.hasSuffix(": nothing has come; Ctrl-C stops it")
    }
    try terminal.press("C-c")
    try terminal.expect(containing: "interrupted\n")
  }

  @Test func leavingAsksOnceWhileTasksRun() throws {
    let terminal = try terminal()
    try terminal.enter("spawn; sleep 100s; end", expecting: "sock>")
    try terminal.press("C-d")
    try terminal.expect("sock: 1 task still runs (:tasks); Ctrl-D again leaves", "sock>")
    // Whoever goes on is asked again; the lines stand where they did.
    try terminal.enter("1 + 1", expecting: "2", "sock>")
    try terminal.press("C-d")
    try terminal.expect("sock: 1 task still runs (:tasks); Ctrl-D again leaves", "sock>")
    try terminal.press("C-d")
    try terminal.expect("$")
    try terminal.startSock()
    try terminal.press("C-d")
    try terminal.expect("$")
  }

  /// The end of what is typed ends one reading of it, not the session's standard input.
  @Test func standardInputGoesOnBehindItsEnd() throws {
    let terminal = try terminal()
    for _ in 1...2 {
      try terminal.enter("print \"reads\"; stdin.recv line")
      try terminal.expect("reads")
      try terminal.press("C-d")
      try terminal.expect("nil", "sock>")
    }
    try terminal.enter("print \"again\"; stdin.recv line")
    try terminal.expect("again")
    try terminal.enter("typed")
    try terminal.expect("\"typed\" (5 bytes)", "sock>")
  }

  @Test func functionsEnteredAnewAreSeenByTheirCallers() throws {
    let terminal = try terminal()
    try terminal.enter("def helper(); return 1; end; def user(); return helper(); end; user()", expecting: "1", "sock>")
    try terminal.enter("def helper(); return 2; end; user()", expecting: "2", "sock>")
    try terminal.enter("let size = 10; def show_size(); return size; end", expecting: "sock>")
    try terminal.enter("let size = 20; show_size()", expecting: "20", "sock>")
    // Also by a server that runs.
    try terminal.enter("def answer(l); return upper(l); end; listen 0 as server")
    try terminal.enter(
      "spawn; server.serve; while recv line as l; send line answer(l); end; end; end", expecting: "sock>")
    try terminal.enter("connect server.sockport; send line \"abc\"; recv line")
    try terminal.expect(containing: "\n\"ABC\" (3 bytes)\n")
    try terminal.enter("def answer(l); return \"new \" + l; end; send line \"abc\"; recv line")
    try terminal.expect(containing: "\n\"new abc\" (7 bytes)\n")
    // A mistake leaves the old one.
    try terminal.enter("def helper(); return nonsense; end")
    try terminal.expect(containing: "`nonsense` is not declared")
    try terminal.enter("user()")
    try terminal.wait("the old value") { $0.contains("user()\n2\n") }
  }
}
