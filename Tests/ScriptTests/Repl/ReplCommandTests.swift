// The REPL's colon commands, and the REPL without a terminal.
import Glibc
import Testing

@Suite(.serialized) struct ReplCommandTests {
  @Test func theLibrariesHaveHelpHereToo() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter(":help std:mqtt")
    try terminal.expect(containing: "MQTT 3.1.1")
    try terminal.press("C-l")
    try terminal.enter(":help Redis")
    try terminal.expect(containing: "std:redis")
    try terminal.enter(":help std:none")
    try terminal.expect(containing: "there is no help about `std:none`")
  }

  @Test func itSaysWhatThereIs() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter(":sockets", expecting: "no channel is open", "sock>")
    try terminal.enter(":tasks", expecting: "no task is running", "sock>")
    try terminal.enter(":vars", expecting: "no name is declared", "sock>")
    try terminal.enter(":transcript", expecting: "nothing has gone over any channel yet", "sock>")
    try terminal.enter("let [a, b] = socketpair; a.send \"xyz\"", expecting: "sock>")
    try terminal.enter("def f(x, y = 1)", expecting: "...")
    try terminal.enter("return x; end", expecting: "sock>")
    try terminal.enter("spawn; b.recv exactly 9; end", expecting: "sock>")
    try terminal.enter(":sockets")
    try terminal.expect(containing: "#1 a, unix")
    #expect(terminal.screen.contains("#2 b, unix"))
    try terminal.enter(":tasks")
    try terminal.expect(containing: "<repl>:8: b.recv exactly 9")
    try terminal.enter(":vars", expecting: "a = a, unix", "b = b, unix", "def f(x, y)", "sock>")
    try terminal.enter(":transcript")
    try terminal.expect(containing: "> \"xyz\"")
    try terminal.enter(":transcript 1")
    try terminal.wait("the last event") { $0.hasSuffix("sock>") && $0.contains("< \"xyz\"") }
  }

  @Test func commandsThatAreWrong() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter(":sokets", expecting: "sock: there is no command :sokets; did you mean :sockets?", "sock>")
    try terminal.enter(":hex", expecting: "sock: write :hex on|off", "sock>")
    try terminal.enter(":quit now", expecting: "sock: write :quit", "sock>")
    try terminal.enter(
      ":load /no/such/file", expecting: "sock: cannot read /no/such/file: No such file or directory", "sock>")
    try terminal.enter(":transcript x", expecting: "sock: write :transcript [N]", "sock>")
  }

  @Test func helpNamesEveryCommand() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.enter(":help")
    try terminal.wait("the overview") { $0.contains(":quit") && $0.hasSuffix("sock>") }
    for name in ["sockets", "tasks", "vars", "transcript", "hex", "time", "load", "edit", "save"] {
      #expect(terminal.screen.contains("  :\(name)"), "\(name)")
    }
    try terminal.enter(":help recv")
    try terminal.expect(containing: "recv line")
    try terminal.enter(":help recvv")
    try terminal.expect(containing: "did you mean `:help recv`?")
  }

  @Test func theReferenceHasTheSameCommands() throws {
    let reference = try #require(Repository.text("grammar/reference.md"))
    // A summary may go on in the lines below.
    var commands: [String] = []
    for line in try sock("repl", input: ":help\n").lines {
      if line.hasPrefix("  :") { commands.append(line) }
      if line.hasPrefix("       "), let last = commands.indices.last {
        commands[last] += " " + line.drop { $0 == " " }
      }
    }
    #expect(commands.count >= 12)
    for command in commands {
      let match = try #require(command.wholeMatch(of: /\ \ (:.*?)\ \ +(.*)/))
      let row = "| `\(match.1.replacing("|", with: "\\|"))` | \(match.2) |"
      #expect(reference.contains(row), "\(row)")
    }
  }

  @Test func timeAndLoad() throws {
    let terminal = try Terminal()
    let path = try terminal.folder.write(
      "setup.sock", "let loaded = 1\ndef twice(x)\n  return 2 * x\nend\nprint \"loading\"\n")
    try terminal.enter("clear; $SOCK repl --load \(path)")
    try terminal.expect(containing: "loading\n")
    try terminal.wait("the prompt") { $0.hasSuffix("sock>") }
    try terminal.enter("twice(loaded)", expecting: "2", "sock>")
    try terminal.enter(":load \(path)", expecting: "loading", "sock>")
    try terminal.enter(":time sleep 20ms")
    let screen = try terminal.wait("a duration") { $0.hasSuffix(" ms\nsock>") }
    let milliseconds = screen.split(separator: "\n").suffix(2).first?.split(separator: " ").first.flatMap { Double($0) }
    #expect(try #require(milliseconds) >= 20)
  }

  @Test func theLastInputCanBeEdited() throws {
    let terminal = try Terminal()
    let editor = try terminal.folder.write("editor", "#!/bin/sh\nsed -i 's/1 + 1/40 + 2/' \"$1\"\n")
    try #require(chmod(editor, 0o700) == 0)
    try terminal.enter("export VISUAL=\(editor)")
    try terminal.startSock()
    try terminal.enter("1 + 1", expecting: "2", "sock>")
    try terminal.enter(":edit", expecting: "40 + 2", "42", "sock>")
    // Of what is edited now it changes nothing.
    try terminal.enter(":edit", expecting: "nothing was changed, and nothing is run", "sock>")
    try terminal.press("C-d")
    try terminal.enter("VISUAL=false")
    try terminal.startSock()
    try terminal.enter(":edit", expecting: "sock: the editor has failed (status 1); nothing was run", "sock>")
  }

  @Test func aFunctionAndALineCanBeEdited() throws {
    let terminal = try Terminal()
    let editor = try terminal.folder.write("editor", "#!/bin/sh\nsed -i 's/ 7/ 8/' \"$1\"\n")
    try #require(chmod(editor, 0o700) == 0)
    try terminal.enter("export VISUAL=\(editor)")
    try terminal.startSock()
    for line in ["def lucky()", "return 7", "end"] { try terminal.enter(line) }
    try terminal.wait("the function") { $0.hasSuffix("... end\nsock>") }
    try terminal.enter("print 7", expecting: "7", "sock>")
    try terminal.enter("1 + 1", expecting: "2", "sock>")
    try terminal.enter(":edit lucky")
    try terminal.wait("the new one") { $0.hasSuffix("\ndef lucky()\n  return 8\nend\nsock>") }
    try terminal.enter("lucky()", expecting: "8", "sock>")
    // By the number that errors name.
    try terminal.enter(":edit 4", expecting: "print 8", "8", "sock>")
    try terminal.enter(":edit 99", expecting: "sock: there was no input with line 99", "sock>")
    try terminal.enter(":edit luky")
    try terminal.expect("sock: no function `luky` was entered here; did you mean `lucky`?", "sock>")
  }

  @Test func whatIsLongerThanTheScreenIsPaged() throws {
    let terminal = try Terminal(width: 100, height: 24, environment: ["PAGER": "sed s/^/paged:/"])
    try terminal.startSock()
    try terminal.enter(":help")
    try terminal.wait("the pager") { $0.contains("\npaged:  :quit ") && $0.hasSuffix("\nsock>") }
    try terminal.enter("repeat(\"line\\n\", 100)")
    try terminal.enter(":show")
    try terminal.wait("the pager") { $0.contains("\npaged:") && $0.hasSuffix("\nsock>") && !$0.contains("quit") }
    try terminal.press("C-l")
    try terminal.enter(":vars")
    try terminal.enter("1 + 1")
    try terminal.wait("no pager") { $0.hasSuffix("\n2\nsock>") && !$0.contains("paged:") }
    try terminal.press("C-d")
    // One that is not there, and none.
    for pager in ["no-such-pager -x", ""] {
      try terminal.enter("export PAGER='\(pager)'")
      try terminal.startSock()
      try terminal.enter(":help")
      try terminal.wait("the help") { $0.contains(":help :COMMAND") && $0.hasSuffix("\nsock>") }
      try terminal.press("C-d")
      try terminal.wait("the shell") { $0.hasSuffix("$") }
    }
  }

  @Test func tabCompletes() throws {
    let terminal = try Terminal()
    try terminal.startSock()
    try terminal.type("liste")
    try terminal.press("Tab")
    try terminal.expectLine("sock> listen")
    try terminal.type(" 0 as serv")
    try terminal.press("Enter")
    try terminal.expect(containing: "\nserv, tcp 127.0.0.1:")
    try terminal.type("serv.sockp")
    try terminal.press("Tab")
    try terminal.expectLine("sock> serv.sockport")
    try terminal.press("C-u")
    try terminal.type("let answers = {first: 1, second: 2}")
    try terminal.press("Enter")
    try terminal.type("answers.")
    try terminal.press("Tab", "Tab")
    try terminal.wait("both keys") { $0.hasSuffix("sock> answers.\nkeys  first  second") }
    try terminal.press("C-u")
    try terminal.type(":so")
    try terminal.press("Tab")
    try terminal.expectLine("sock> :sockets")
    try terminal.press("C-u")
    _ = try terminal.folder.write("only-one.sock", "print 1\n")
    try terminal.type(":load \(terminal.folder.path)/onl")
    try terminal.press("Tab")
    try terminal.expect(containing: "only-one.sock")
    try terminal.press("C-u")
    try terminal.enter("for number in [", expecting: "...")
    try terminal.type("answ")
    try terminal.press("Tab")
    try terminal.expectLine("...   answers")
  }

  @Test func theSessionBecomesATest() throws {
    let redis = try Redis()
    // Wide enough for the file's path.
    let terminal = try Terminal(width: 240)
    try terminal.startSock()
    let path = terminal.folder.file("saved.sock")
    try terminal.enter(
      ":save \(path)", expecting: "sock: nothing has been sent or received yet that a script could repeat", "sock>")
    let prompt = "127.0.0.1:\(redis.port)>"
    try terminal.enter("connect 127.0.0.1:\(redis.port)")
    try terminal.expect(containing: "\n\(prompt)")
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", prompt)
    try terminal.enter("recv lin")
    try terminal.expect(containing: "did you mean")
    try terminal.enter("send line \"ECHO hello\"; recv until \"hello\\r\\n\"")
    try terminal.expect(containing: "\"$5\\r\\n")
    try terminal.enter(":save \(path)")
    try terminal.expect(containing: "1 passed in ")
    try terminal.expect(containing: "\(path) is written; run it with `sock test \(path)`\n\(prompt)")
    try terminal.enter(":save \(path)")
    try terminal.expect(containing: "sock: \(path) is there already; choose another name, or write :save! to replace it")
    try terminal.press("C-l")
    // What failed is not in it, and that is said.
    try terminal.enter("let nobody = connect 127.0.0.1:1")
    try terminal.wait("the failure") { $0.contains("refused") && $0.hasSuffix(">") }
    try terminal.enter(":save! \(path)")
    try terminal.expect(containing: "left out, as it failed: <repl>:")
    #expect(terminal.screen.contains("`let nobody = connect 127.0.0.1:1`\n"))
    try terminal.expect(containing: "\(path) is written; run it with `sock test \(path)`\n\(prompt)")
    let outcome = try sock("test", path)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(Repository.text(path) ?? "")")
    #expect(outcome.output.contains("1 passed"))
  }

  // MARK: - Without a terminal

  @Test func pipedInputHasNoPrompt() throws {
    let outcome = try sock("repl", input: "let x = 20\nx + 1\n\nx / 0\nlet y = [x,\n  2]\ny\n")
    #expect(outcome.output == "21\n[20, 2]\n")
    #expect(outcome.errors.hasPrefix("<stdin>:4:5: "))
    #expect(outcome.status == 1)
  }

  @Test func pipedInputThatIsWhole() throws {
    let outcome = try sock("repl", input: "print 1\nlisten 0 as server\nspawn; server.accept; end\nexit 3\nprint 2\n")
    #expect(outcome.output.hasPrefix("1\nserver, tcp 127.0.0.1:"))
    #expect(outcome.errors == "")
    #expect(outcome.status == 3)
    #expect(try sock("repl", input: "1 + 1").output == "2\n")
    #expect(try sock("repl", input: "").status == 0)
  }

  @Test func pipedInputThatIsUnfinished() throws {
    let outcome = try sock("repl", input: "print 1\nif true\n  print 2\n")
    #expect(outcome.output == "1\n")
    #expect(outcome.errors.hasPrefix("<stdin>:2:1: "))
    #expect(outcome.status == 1)
  }

  @Test func aStatementReadsItsInputFromThePipe() throws {
    let outcome = try sock("repl", input: "stdin.recv line\nthe answer\nit\n")
    #expect(outcome.output == "\"the answer\" (10 bytes)\n\"the answer\" (10 bytes)\n")
    #expect(outcome.status == 0)
  }

  @Test func tasksRunBetweenPipedLines() throws {
    let program = try RunningProgram.sock(["repl"], input: nil)
    program.write("spawn; sleep 5ms; print \"task\"; end\n")
    #expect(try program.line() == "task")
    program.write("spawn as t; fail \"told\"; end\n")
    try program.waitForError("told")
    program.write("1 + 1\n")
    #expect(try program.line() == "2")
    program.closeInput()
    #expect(try program.finish().status == 0)
  }

  @Test func anInterruptEndsPipedInput() throws {
    let program = try RunningProgram.sock(["repl"], input: nil)
    program.write("defer print \"deferred\"\nprint \"ready\"; sleep 100s\n")
    #expect(try program.line() == "ready")
    program.process.signal(SIGINT)
    #expect(try program.line() == "deferred")
    #expect(try program.finish().status == 130)
  }

  @Test func hostileInput() throws {
    let outcome = try sock("repl", input: "\u{0}\u{1}\n\"\u{0}\"\n:\n:\u{0}\n)))\n\\\n\n1 + 1\n")
    #expect(outcome.output.hasSuffix("2\n"), "\(outcome.errors)")
    #expect(outcome.status == 1)
  }

  @Test func readlineIsPartOfTheProgram() throws {
    let outcome = try RunningProgram(["ldd", Repository.sock]).finish()
    #expect(outcome.output.contains("libc.so"))
    #expect(!outcome.output.contains("readline") && !outcome.output.contains("tinfo"))
  }
}
