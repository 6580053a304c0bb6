// Texts of several lines, what is drawn of them, and suggestions: keys typed into a real terminal.
import Testing

@Suite(.serialized) struct LineEditorTests {
  // MARK: - Blocks

  @Test func aBlockIsIndentedAndRunsAsAWhole() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    for line in ["def f(a)", "if a > 1", "print \"more\"", "else", "print \"one\"", "end", "return a"] {
      try terminal.enter(line)
    }
    try terminal.expect(
      "sock> def f(a)", "...   if a > 1", "...     print \"more\"", "...   else", "...     print \"one\"", "...   end",
      "...   return a", "...")
    try terminal.enter("end")
    try terminal.wait("the end at its place") { $0.hasSuffix("...   return a\n... end\nsock>") }
    try terminal.enter("f(2)", expecting: "more", "2", "sock>")
    // It is recalled with its blanks, and Up goes through its lines before it leaves them.
    try terminal.press("Up")
    try terminal.press("Up")
    try terminal.expect("...   return a", "... end")
    try terminal.press("Up", "Up", "End")
    try terminal.type(" # back")
    try terminal.expect("...   end # back", "...   return a", "... end")
  }

  @Test func upLeavesABlockOnlyAtItsEdge() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("print \"first\"", expecting: "first", "sock>")
    for line in ["if true", "print \"second\"", "end"] { try terminal.enter(line) }
    try terminal.expect("second", "sock>")
    try terminal.press("Up")
    try terminal.expect("sock> if true", "...   print \"second\"", "... end")
    try terminal.press("Up", "Up", "Up")
    try terminal.expect("second", "sock> print \"first\"")
    try terminal.press("Down")
    try terminal.expect("sock> if true", "...   print \"second\"", "... end")
    // Ctrl-P knows no lines.
    try terminal.press("C-p")
    try terminal.expect("second", "sock> print \"first\"")
  }

  @Test func aWrongLineIsGivenBack() throws {
    let terminal = try Terminal(width: 80, height: 30)
    try terminal.startSock()
    try terminal.enter("def f(a)")
    try terminal.enter("retrun a")
    try terminal.wait("the complaint") { screen in
      screen.contains("<block>:2:3:") && screen.contains("\nsock: nothing of it has run: mend it here")
        && screen.contains("\nsock> def f(a)\n...   retrun a\n2:3: ")
        && screen.hasSuffix("; Enter runs it, Ctrl-C drops it")
    }
    // One complaint, not what would follow from it.
    #expect(terminal.screen.split(separator: "\n").filter { $0.hasPrefix("<block>:") }.count == 1, "\(terminal.screen)")
    for _ in 1..."retrun a".count { try terminal.press("BSpace") }
    try terminal.enter("return a")
    try terminal.enter("end")
    try terminal.enter("f(3)", expecting: "3", "sock>")
  }

  @Test func aWholeBlockWithAnUnknownNameIsGivenBack() throws {
    let terminal = try Terminal(width: 80, height: 30)
    try terminal.startSock()
    for line in ["if true", "print nmae", "end"] { try terminal.enter(line) }
    try terminal.wait("the complaint") { screen in
      screen.contains("<block>:2:9:") && screen.contains("\nsock> if true\n...   print nmae\n... end\n2:9: ")
    }
    // The cursor is where it is wrong.
    for _ in 1...4 { try terminal.press("BSpace") }
    try terminal.type("\"mended\"")
    try terminal.press("Enter")
    try terminal.expect("mended", "sock>")
  }

  @Test func ofALongBlockTheMistakeIsStillSeen() throws {
    let terminal = try Terminal(width: 80, height: 12)
    try terminal.startSock()
    let lines = ["if true"] + (1...30).map { "print \($0)" } + ["print nmae", "end"]
    try terminal.paste(lines.joined(separator: "\n"))
    try terminal.press("Enter")
    try terminal.wait("the mistake below it") { screen in
      screen.contains("... print nmae\n32:7: ") && screen.hasSuffix("; Enter runs it, Ctrl-C drops it")
    }
    try terminal.press("C-c")
    try terminal.expect("sock>")
  }

  @Test func erasingStaysInALine() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    for line in ["if true", "print 1"] { try terminal.enter(line) }
    try terminal.type("print 2")
    try terminal.expect("sock> if true", "...   print 1", "...   print 2")
    try terminal.press("C-u")
    try terminal.expect("sock> if true", "...   print 1", "...")
    // At the beginning of a line that goes back to the one above, and takes nothing of it.
    try terminal.press("C-u")
    try terminal.expect("sock> if true", "...   print 1")
    try terminal.press("C-w", "C-w")
    try terminal.expect("sock> if true", "...")
    // All four together are one text for Ctrl-Y.
    try terminal.press("C-y")
    try terminal.expect("sock> if true", "...   print 1", "...   print 2")
  }

  @Test func upAndDownKeepTheirColumn() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    for line in ["if true", "print 1", "# a long line of words", "print 2"] { try terminal.enter(line) }
    try terminal.type("# another line of words")
    try terminal.press("Up", "Up")
    try terminal.type("X")
    try terminal.expect(
      "sock> if true", "...   print 1", "...   # a long line of wordsX", "...   print 2", "...   # another line of words")
  }

  @Test func whatWasRefusedIsNotSuggested() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("print nmae")
    try terminal.wait("its complaint") { $0.contains("<repl>:1:7:") && $0.hasSuffix("\nsock>") }
    try terminal.enter("print 5")
    try terminal.wait("its output") { $0.hasSuffix("\n5\nsock>") }
    try terminal.type("print")
    try terminal.wait("what ran last") { $0.hasSuffix("\nsock> print 5") }
    try terminal.type(" n")
    try terminal.wait("no suggestion") { $0.hasSuffix("\nsock> print n") }
    // The keys of the history find it: it may be mended.
    try terminal.press("C-u", "Up", "Up")
    try terminal.expect("sock> print nmae")
  }

  @Test func ctrlDLeavesNoBlock() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("abs(")
    try terminal.press("C-d")
    try terminal.press("C-d")
    try terminal.enter("-3)")
    try terminal.expect("3", "sock>")
  }

  @Test func ctrlDLeavesNoBlockOfAPoorTerminal() throws {
    let terminal = try Terminal(environment: ["TERM": "dumb"])
    try terminal.startSock()
    try terminal.enter("abs(", expecting: "...")
    try terminal.press("C-d")
    try terminal.expect(containing: "the block has no end yet; Ctrl-C drops it")
    try terminal.enter("-3)")
    try terminal.expect("3", "sock>")
  }

  @Test func aDroppedBlockIsInTheHistory() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    for line in ["if true", "print 1"] { try terminal.enter(line) }
    try terminal.expect("...   print 1", "...")
    try terminal.press("C-c")
    try terminal.expect("...   print 1", "...   ^C", "sock>")
    try terminal.press("Up")
    try terminal.expect("sock> if true", "...   print 1")
  }

  @Test func aChoiceInBracketsGoesOnOverLines() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    for line in ["let x = (if 1 > 2", "then \"more\"", "else \"less\")"] { try terminal.enter(line) }
    try terminal.enter("x", expecting: "\"less\" (4 bytes)", "sock>")
  }

  @Test func aBlockMayStandBehindACommand() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    for line in [":time if true", "print 5", "end"] { try terminal.enter(line) }
    try terminal.wait("its time") { screen in
      screen.contains("\n...   print 5\n... end\n5\n") && screen.hasSuffix(" ms\nsock>")
    }
  }

  @Test func viGoesThroughLinesToo() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("inputrc", "set editing-mode vi\n")
    let terminal = try Terminal(width: 80, height: 24, environment: ["INPUTRC": path])
    try terminal.startSock()
    for line in ["if true", "print 1", "end"] { try terminal.enter(line) }
    try terminal.wait("its end") { $0.hasSuffix("\n1\nsock>") }
    try terminal.press("Escape")
    try terminal.wait("command mode") { _ in true }
    try terminal.type("kj")
    try terminal.type("A + 41")
    try terminal.expect("sock> if true", "...   print 1 + 41", "... end")
    try terminal.press("Enter")
    try terminal.expect("42", "sock>")
  }

  @Test func whoeverBorrowsTheTerminalKeepsIt() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("run \"cat\"")
    try terminal.wait("the program") { $0.hasSuffix("\ncat>") }
    try terminal.enter("print \"begins\"; interact; print \"back\"")
    try terminal.wait("its beginning") { $0.hasSuffix("\nbegins") }
    try terminal.enter("to the program")
    try terminal.wait("its answer") { $0.hasSuffix("\nto the program\nto the program") }
    // The key that leaves it ends a line only while the terminal is borrowed for that.
    try terminal.press("C-]")
    try terminal.wait("the prompt") { $0.contains("back\n") && $0.hasSuffix("\ncat>") }
  }

  @Test func linesOfAWrongBlockDoNotRunByThemselves() throws {
    let outcome = try RunningProgram(
      [Repository.sock, "repl"], input: "if false\nprnt 1\nprint \"must not run\"\nend\nprint \"goes on\"\n"
    ).finish()
    #expect(outcome.output == "goes on\n")
    #expect(outcome.errors.contains("<stdin>:2:1"))
    #expect(!outcome.errors.contains("<stdin>:4"), "\(outcome.errors)")
  }

  // MARK: - Beside what is printed

  @Test func whatIsTypedAheadStandsInTheNextLineOnly() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("print \"pausing\"; sleep 300ms; print \"done\"")
    try terminal.expect(containing: "\npausing")
    try terminal.type("20 +")
    try terminal.wait("the line") { $0.hasSuffix("\npausing\ndone\nsock> 20 +") }
    try terminal.enter(" 22")
    try terminal.expect("42", "sock>")
    // Ctrl-C is still seen.
    try terminal.enter("print \"waiting\"; sleep 1h")
    try terminal.expect(containing: "\nwaiting")
    try terminal.press("C-c")
    try terminal.expect("waiting", "^C", "interrupted", "sock>")
    // The prompt stands behind nothing, and what a statement reads is echoed.
    try terminal.enter("stdout.send \"no line end\"", expecting: "no line end", "sock>")
    try terminal.enter("print \"name:\"; let name = stdin.recv line")
    try terminal.expect(containing: "\nname:")
    try terminal.type("Ada")
    try terminal.expect("name:", "Ada")
    try terminal.press("Enter")
    try terminal.enter("name", expecting: "\"Ada\" (3 bytes)", "sock>")
  }

  // MARK: - What is drawn

  @Test func aTextHigherThanTheScreen() throws {
    let terminal = try Terminal(width: 60, height: 15)
    try terminal.startSock()
    try terminal.paste((1...40).map { "print \($0)" }.joined(separator: "\n"))
    try terminal.wait("its end") { $0.hasPrefix("... print 26\n") && $0.hasSuffix("\n... print 40") }
    for _ in 1...39 { try terminal.press("Up") }
    try terminal.wait("its beginning") { screen in
      screen.hasPrefix("sock> print 1\n... print 2\n") && screen.hasSuffix("\n... print 15")
    }
    try terminal.press("Enter")
    try terminal.expect("38", "39", "40", "sock>")
  }

  @Test func charactersOfAllWidths() throws {
    let terminal = try Terminal(width: 40, height: 12)
    try terminal.startSock()
    // A letter with an accent of its own, and a picture of three that are joined.
    try terminal.type("\"日本e\u{301}👨‍👩‍👧x\"")
    try terminal.expect(containing: "x\"")
    try terminal.press("Left", "Left", "BSpace")
    try terminal.press("End", "Enter")
    try terminal.expect("\"日本e\u{301}x\" (10 bytes)", "sock>")
    try terminal.press("Up")
    for _ in 1...3 { try terminal.press("Left") }
    try terminal.type("_")
    try terminal.press("Enter")
    try terminal.expect("\"日本_e\u{301}x\" (11 bytes)", "sock>")
    // A line that breaks between two of them.
    try terminal.type("\"" + String(repeating: "日", count: 20))
    try terminal.expectLine("sock> \"" + String(repeating: "日", count: 16))
    try terminal.press("C-u")
    try terminal.enter("1 + 1", expecting: "2", "sock>")
  }

  @Test(arguments: [[:], ["LANG": "xx_YY.UTF-8"], ["LC_ALL": "C"]])
  func lettersAreUTF8WithoutALocale(environment: [String: String]) throws {
    var all = ["LC_ALL": "", "LANG": ""]
    all.merge(environment) { $1 }
    let terminal = try Terminal(environment: all)
    try terminal.startSock()
    try terminal.type("\"日é")
    try terminal.press("BSpace")
    try terminal.type("\"")
    try terminal.press("Enter")
    try terminal.expect("\"日\" (3 bytes)", "sock>")
  }

  @Test func aSearchGoesOnWhenThePromptChanges() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("print \"needle\"", expecting: "needle", "sock>")
    try terminal.enter("listen 0; connect listener.sockport; accept as peer")
    let screen = try terminal.wait("the peer in the prompt") { $0.hasSuffix(">") && $0.contains("\n127.0.0.1:") }
    let name = try #require(screen.split(separator: "\n").last?.dropLast())
    let go = terminal.folder.file("go")
    try terminal.enter("spawn; while (try readfile(\"\(go)\")) == nil; sleep 5ms; end; peer.close; end")
    try terminal.press("C-r")
    try terminal.type("need")
    try terminal.wait("the search") { $0.hasSuffix("(reverse-i-search)`need': print \"needle\"") }
    _ = try terminal.folder.write("go", "now")
    try terminal.type("l")
    try terminal.wait("the search") { $0.hasSuffix("(reverse-i-search)`needl': print \"needle\"") }
    try terminal.press("C-g")
    try terminal.wait("the prompt of now") { $0.hasSuffix("\n\(name) closed>") }
  }

  // MARK: - Colours

  @Test func coloursAndSuggestions() throws {
    let terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
    try terminal.enter("print \"a text\", 12", expecting: "a text 12", "sock>")
    try terminal.type("pri")
    try terminal.wait("the suggestion") { $0.hasSuffix("sock> print \"a text\", 12") }
    #expect(try terminal.colours().contains("\u{1B}[90mnt \"a text\", 12"))
    try terminal.press("Right")
    try terminal.press("Enter")
    try terminal.wait("its result") { $0.hasSuffix("sock> print \"a text\", 12\na text 12\nsock>") }
    #expect(try terminal.colours().contains("\u{1B}[36mprint\u{1B}[39m \u{1B}[32m\"a text\"\u{1B}[39m, \u{1B}[33m12"))
    // It is not part of the input.
    try terminal.type("print 5")
    try terminal.press("Enter")
    try terminal.expect("5", "sock>")
    try terminal.type("prin")
    try terminal.press("C-e")
    try terminal.wait("the latest") { $0.hasSuffix("sock> print 5") }
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func noColours(environment: [String: String]) throws {
    let terminal = try Terminal(environment: environment)
    try terminal.startSock()
    try terminal.enter("print \"a text\"", expecting: "a text", "sock>")
    try terminal.type("prin")
    try terminal.expect("a text", "sock> prin")
    #expect(try !terminal.colours().contains("\u{1B}["))
  }
}
