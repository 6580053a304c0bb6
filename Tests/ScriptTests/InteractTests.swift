// `interact`, by a person at a terminal: what is typed and shown, how it ends, and how the terminal is afterwards.
import Glibc
import SocketCore
import Testing

@Suite(.serialized) struct InteractTests {
  /// What `stty` says of a terminal in use, which is to be the same behind it.
  private static let settings = "clear; stty -g | md5sum | cut -c 1-8"

  /// A terminal with a script in a file, and what its settings are before that runs.
  private func terminal(_ script: String) throws -> (terminal: Terminal, settings: String) {
    let terminal = try Terminal()
    _ = try terminal.folder.write("script.sock", script)
    return (terminal, try settings(of: terminal))
  }

  private func settings(of terminal: Terminal) throws -> String {
    try terminal.enter(Self.settings)
    let screen = try terminal.wait("the settings") { screen in
      let lines = screen.split(separator: "\n")
      return lines.count >= 2 && lines[lines.count - 2].count == 8 && lines.last == "$"
    }
    return screen.split(separator: "\n").dropLast().last.map(String.init) ?? ""
  }

  private func run(_ terminal: Terminal) throws {
    try terminal.enter("clear; $SOCK \(terminal.folder.file("script.sock"))")
  }

  private static let shell = """
    run "bash --norc --noprofile -i" pty size 80 24 echo on env {PS1: "inner> "} as shell
    shell.expect screen "inner>" within 10s
    shell.send "echo $((6*7))"

    """

  @Test func aShellIsSpokenToUntilTheEscapeKey() throws {
    let (terminal, before) = try terminal(
      Self.shell + "let how = shell.interact\nprint \"left by ${how}\"\nshell.send line \"\"\nprint shell.recv line\n")
    try run(terminal)
    // What came before is shown, too.
    try terminal.expect("inner> echo $((6*7))")
    try terminal.press("Enter")
    try terminal.expect("42", "inner>")
    // Ctrl-C and Ctrl-Z are the shell's.
    try terminal.enter("echo one; sleep 1000")
    try terminal.expect("one")
    try terminal.press("C-c")
    try terminal.expect("one", "^C", "inner>")
    try terminal.enter("echo two; sleep 1001")
    try terminal.expect("two")
    try terminal.press("C-z")
    try terminal.expect(containing: "Stopped")
    // The window is as large as the user's.
    try terminal.enter("clear; stty size")
    try terminal.expect("45 160", "inner>")
    try terminal.resize(width: 100, height: 30)
    try terminal.enter("clear; stty size")
    try terminal.expect("30 100", "inner>")
    try terminal.press("C-]")
    try terminal.expect(containing: "left by escape")
    try terminal.wait("the end") { $0.hasSuffix("$") }
    #expect(try settings(of: terminal) == before)
  }

  @Test func itEndsWithTheChannel() throws {
    let (terminal, before) = try terminal(Self.shell + "print \"left by ${shell.interact}, ${shell.wait}\"\n")
    try run(terminal)
    try terminal.expect("inner> echo $((6*7))")
    try terminal.press("C-u")
    try terminal.enter("exit 7")
    try terminal.expect(containing: "left by eof, 7")
    #expect(try settings(of: terminal) == before)
  }

  /// However the script ends, the terminal is as it was.
  @Test(arguments: ["TERM", "INT", "HUP", "within", "task", "exit"])
  func theTerminalIsGivenBack(how: String) throws {
    let end =
      switch how {
      case "within": "shell.interact within 2s\n"
      case "task": "spawn\n  sleep 2s\n  fail \"a task fails\"\nend\nshell.interact\n"
      case "exit": "spawn\n  sleep 2s\n  exit 0\nend\nshell.interact\n"
      default: "shell.interact\n"
      }
    let (terminal, before) = try terminal(Self.shell + end)
    try run(terminal)
    try terminal.expect("inner> echo $((6*7))")
    if how.allSatisfy(\.isUppercase) {
      let found = try RunningProgram(["pgrep", "-f", terminal.folder.file("script.sock")]).finish()
      let pid = try #require(Int32(found.lines.first ?? ""))
      kill(pid, how == "INT" ? SIGINT : how == "HUP" ? SIGHUP : SIGTERM)
    }
    try terminal.wait("the end") { $0.hasSuffix("$") }
    #expect(try settings(of: terminal) == before)
  }

  @Test func linesGoToASocketAndTasksGoOn() throws {
    let (terminal, before) = try terminal(
      """
      listen 0
      spawn
        accept
        send line "220 ready"
        while recv line as text
          send line "got ${inspect(text)}"
        end
      end
      connect listener.sockport
      print conn.interact escape "^A"
      conn.send line "after"
      print conn.recv line
      """)
    try run(terminal)
    try terminal.expect("220 ready")
    try terminal.type("helo")
    // It is edited here.
    try terminal.press("BSpace")
    try terminal.enter("p me")
    try terminal.expect("help me", "got \"help me\"")
    // Stopped, and continued.
    try terminal.press("C-z")
    try terminal.wait("the shell") { $0.hasSuffix("\n$") }
    #expect(try settings(of: terminal) == before)
    try terminal.enter("clear; fg")
    try terminal.wait("what goes on") { $0.contains("script.sock") }
    try terminal.enter("again")
    try terminal.expect("again", "got \"again\"")
    // What is typed behind the key is for the next program.
    try terminal.press("C-a", "e", "c", "h", "o", "Space", "h", "i", "Enter")
    try terminal.expect(containing: "escape\n")
    try terminal.wait("the end") { $0.hasSuffix("\n$") && $0.contains("got \"after\"") }
    #expect(try settings(of: terminal) == before)
  }

  @Test func aSessionGoesOnAndSavesTheConversation() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter("let [a, b] = socketpair")
    try terminal.enter("spawn; b.send line \"ready\"; while b.recv line as l; b.send line upper(l); end; end")
    try terminal.enter("a.interact")
    try terminal.expect("ready")
    try terminal.enter("one")
    try terminal.expect("one", "ONE")
    try terminal.enter("two")
    try terminal.expect("two", "TWO")
    // The keys behind Ctrl-] are the session's.
    try terminal.press("C-]", "6", "*", "7", "Enter")
    try terminal.expect(containing: "\"escape\"")
    try terminal.expect("42", "sock>")
    let saved = terminal.folder.file("saved.sock")
    try terminal.enter(":save \(saved)")
    try terminal.wait("the prompt") { $0.hasSuffix("sock>") && Repository.read(saved) != nil }
    let text = try #require(Repository.text(saved))
    #expect(text.contains("a.expect \"ready\\r\\n\"\n  a.send \"one\\r\\n\"\n  a.expect \"ONE\\r\\n\"\n"), "\(text)")
    #expect(text.contains("  a.send \"two\\r\\n\"\n  a.expect \"TWO\\r\\n\"\n"), "\(text)")
    #expect(!text.contains("interact"), "\(text)")
  }

  @Test func itNeedsATerminal() throws {
    for input in [nil, ""] as [String?] {
      let program = try RunningProgram.sock(["-e", "let [a, b] = socketpair; a.interact"], input: input)
      if input == nil { program.closeInput() }
      let outcome = try program.finish()
      #expect(outcome.status == 1 && outcome.errors.contains("cannot interact: standard input is no terminal (ENOTTY)"))
    }
  }

  @Test(arguments: ["\"\"", "\"ab\"", "\"^\" + \"^A\"", "5"])
  func theEscapeKeyIsOneKey(key: String) throws {
    let outcome = try RunningProgram.sock(["-e", "let [a, b] = socketpair; a.interact escape (\(key))"]).finish()
    #expect(outcome.status == 1 && !outcome.errors.contains("ENOTTY"), "\(outcome.errors)")
  }
}
