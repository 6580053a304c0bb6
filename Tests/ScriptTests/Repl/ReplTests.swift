// The REPL on a real terminal, talking to a real server: statements, results, errors, what is kept between them.
import Glibc
import Testing

@Suite(.serialized) struct ReplTests {
  let redis: Redis
  let terminal: Terminal
  private var prompt: String { "127.0.0.1:\(redis.port)>" }

  init() throws {
    redis = try Redis()
    terminal = try Terminal()
    try terminal.startSock()
  }

  private func connect() throws {
    try terminal.enter("connect 127.0.0.1:\(redis.port)")
    try terminal.wait("the server's name in the prompt") { $0.hasSuffix(prompt) }
  }

  @Test func itTalksToAServer() throws {
    try connect()
    try terminal.enter("send line \"PING\"", expecting: prompt.replacing(">", with: " +7>"))
    try terminal.enter("recv line", expecting: "\"+PONG\" (5 bytes)", prompt)
    try terminal.enter("it + \"!\"", expecting: "\"+PONG!\" (6 bytes)", prompt)
    try terminal.enter(
      "send line \"ECHO x\"; recv until \"x\\r\\n\" keep", expecting: "\"$1\\r\\nx\\r\\n\" (7 bytes)", prompt)
  }

  @Test func resultsReadAsOneWouldWriteThem() throws {
    try terminal.enter("[1, \"a\\n\", nil]", expecting: "[1, \"a\\n\", nil]", "sock>")
    try terminal.enter("let quiet = 1", expecting: "sock>")
    try terminal.enter("quiet = 2", expecting: "sock>")
    try terminal.enter("quiet", expecting: "2", "sock>")
    let gap = String(repeating: " ", count: 38)
    try terminal.enter("x\"00 01 fe ff\"", expecting: "0000  00 01 fe ff\(gap)....", "(4 bytes)", "sock>")
    try terminal.enter(":hex on", expecting: "sock>")
    try terminal.enter("\"abcd\"", expecting: "0000  61 62 63 64\(gap)abcd", "(4 bytes)", "sock>")
    try terminal.enter(":hex off", expecting: "sock>")
    try terminal.enter("x\"00\"", expecting: "\"\\0\" (1 byte)", "sock>")
  }

  @Test func aLongResultIsCut() throws {
    try terminal.enter("repeat(\"ab\", 600)")
    let cut = try terminal.wait("a cut result") { $0.hasSuffix("sock>") && $0.contains("bytes") }
    #expect(cut.contains("\"… (1200 bytes; :show shows all)"))
    try terminal.enter(":show")
    let whole = try terminal.wait("the whole result") { $0.hasSuffix("sock>") && $0.contains("\" (1200 bytes)") }
    #expect(whole.split(separator: "\n").joined().contains(String(repeating: "ab", count: 600)))
  }

  @Test func aResultOfSeveralLinesIsShownAsSeveral() throws {
    try terminal.enter(
      "repeat(\"some thirty bytes of a line...\\r\\n\", 2) + \"end of what there is\"",
      expecting: "\"some thirty bytes of a line...\\r\\n\"", "\"some thirty bytes of a line...\\r\\n\"",
      "\"end of what there is\" (84 bytes)", "sock>")
    try terminal.enter("repeat(\"a\\n\", 100)")
    let cut = try terminal.wait("a cut result") { $0.hasSuffix("sock>") && $0.contains("(200 bytes; :show") }
    #expect(cut.split(separator: "\n").filter { $0.hasPrefix("\"a\\n\"") }.count == 24)
  }

  @Test func wordsForLeavingAndForHelpAreUnderstood() throws {
    try terminal.enter("help")
    try terminal.expect(containing: ":save FILE")
    try terminal.enter("help shutdown")
    try terminal.expect(containing: "shutdown: closes one direction")
    try terminal.enter("help zzyzx")
    try terminal.expect(containing: "`help` is no verb")
    // A name of the session's own is what it says.
    try terminal.enter("let quit = 5", expecting: "sock>")
    try terminal.enter("quit", expecting: "5", "sock>")
    try terminal.enter(":tr", expecting: "sock: :tr could be :transcript or :trace", "sock>")
    try terminal.enter(":tas", expecting: "no task is running", "sock>")
    try terminal.enter(":q")
    try terminal.expect("$")
    try terminal.startSock()
    try terminal.enter("quit")
    try terminal.expect("$")
  }

  @Test func anErrorShowsAsInAScriptAndNothingIsLost() throws {
    try connect()
    try terminal.enter("let kept = \"before\"")
    try terminal.enter("expect line \"+PONG\" within 100ms")
    let failed = try terminal.wait("the failure") { $0.contains("within 100 ms") && $0.hasSuffix(prompt) }
    #expect(failed.contains("<repl>:3:1: expected a line \"+PONG\", but it did not come within 100 ms"))
    #expect(failed.contains("3 | expect line \"+PONG\" within 100ms"))
    try terminal.enter("recv lin")
    try terminal.expect(containing: "help: did you mean `line`?")
    try terminal.enter("let kept = recv line within 10ms")
    try terminal.expect(containing: "within 10 ms")
    try terminal.enter("kept", expecting: "\"before\" (6 bytes)", prompt)
    try terminal.enter("send line \"PING\"; recv line", expecting: "\"+PONG\" (5 bytes)", prompt)
  }

  @Test func aNameCanBeDeclaredAgain() throws {
    try terminal.enter("let x = 1", expecting: "sock>")
    try terminal.enter("let x = \"two\"", expecting: "sock>")
    try terminal.enter("x", expecting: "\"two\" (3 bytes)", "sock>")
  }

  @Test func settingsHoldFromStatementToStatement() throws {
    try terminal.enter("timeout 50ms", expecting: "sock>")
    try connect()
    try terminal.enter("recv line")
    try terminal.expect(containing: "within the timeout of 50 ms")
    try terminal.enter("timeout off", expecting: "0.05", prompt)
    try terminal.enter("eol \"\\n\"", expecting: "\"\\r\\n\" (2 bytes)", prompt)
    try terminal.enter("eol", expecting: "\"\\n\" (1 byte)", prompt)
  }

  @Test func blocksAndBracketsGoOnOverLines() throws {
    try terminal.enter("def double(n)", expecting: "...")
    try terminal.enter("return n * 2", expecting: "...")
    try terminal.enter("end", expecting: "sock>")
    try terminal.enter("double(", expecting: "...")
    try terminal.enter("21)", expecting: "42", "sock>")
    // Lines are counted as they were entered.
    try terminal.enter("1 / 0")
    try terminal.expect(containing: "<repl>:6:5: division by zero")
  }

  @Test func aPastedBlockIsOneInput() throws {
    try terminal.paste("for n in 1..2\n  print \"turn ${n}\"\nend\n6 * 7")
    try terminal.expect(containing: "6 * 7")
    #expect(!terminal.screen.contains("turn 1"))
    try terminal.press("Enter")
    try terminal.expect("... 6 * 7", "turn 1", "turn 2", "42", "sock>")
  }

  @Test func testsAreForSockTest() throws {
    try terminal.enter("test \"x\"", expecting: "...")
    try terminal.enter("end")
    try terminal.expect(containing: "a session runs no tests")
    #expect(terminal.screen.contains("`sock test FILE`"))
  }

  @Test func importsWork() throws {
    let path = try terminal.folder.write("lib.sock", "def greet(name)\n  return \"hello ${name}\"\nend\n")
    try terminal.enter("import \"\(path)\" as lib", expecting: "sock>")
    try terminal.enter("lib.greet(\"you\")", expecting: "\"hello you\" (9 bytes)", "sock>")
  }

  /// The session that the README shows, but for port numbers and times.
  @Test func theReadmesSessionIsSo() throws {
    func steady(_ text: some StringProtocol) -> String {
      String(text).replacing(/127\.0\.0\.1:\d+/, with: "127.0.0.1:0")
        .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "DATE").replacing(/\d+(\.\d+)? ms/, with: "N ms")
    }
    let readme = try #require(Repository.text("README.md"))
    let block = try #require(readme.firstMatch(of: /(?s)```text\n\$ scripts\/sock\n(.*?)\n```/)).1
    try terminal.press("C-d")
    try terminal.wait("the shell") { $0.hasSuffix("\n$") }
    try terminal.enter("cd \(terminal.folder.path)")
    try terminal.startSock()
    var shown: [Substring] = []
    for line in block.split(separator: "\n") {
      guard let prompt = line.firstRange(of: /^(sock|127\.0\.0\.1:\d+)( closed| \+\d+)?>/)?.upperBound else {
        shown.append(line)
        continue
      }
      let before = steady((shown + [line[..<prompt]]).joined(separator: "\n"))
      try terminal.wait("what stands before `\(line)`") { steady($0) == before }
      shown.append(line)
      let entered = line[prompt...].dropFirst()
      if !entered.isEmpty {
        try terminal.enter(String(entered).replacing("127.0.0.1:6379", with: "127.0.0.1:\(redis.port)"))
      }
    }
    #expect(shown.count >= 10)
    let saved = try sock("test", terminal.folder.file("redis.sock"))
    #expect(saved.status == 0, "\(saved.output)\(saved.errors)")
  }

  // MARK: - Leaving

  @Test func ctrlDLeavesAndExitHasAStatus() throws {
    try terminal.press("C-d")
    try terminal.wait("the shell") { $0.hasSuffix("\n$") }
    try terminal.startSock()
    try terminal.enter("def leave()\nexit 7\nend\nleave()")
    try terminal.wait("the shell") { $0.hasSuffix("$") }
    try terminal.enter("echo \"status $?\"", expecting: "status 7", "$")
    try terminal.startSock()
    try terminal.enter("defer print \"deferred\"", expecting: "sock>")
    try terminal.enter(":quit", expecting: "deferred", "$")
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func aSignalEndsItAndTheTerminalIsAsBefore(signal: Int32) throws {
    try terminal.enter("run [\"sh\", \"-c\", \"echo $PPID; cat\"] as child; let pid = child.recv line")
    try terminal.wait("the prompt") { $0.hasSuffix("\nsock>") }
    try terminal.enter("print \"pid=${pid}\"")
    let shown = try terminal.wait("the number of the process") { $0.contains("\npid=") && $0.hasSuffix("\nsock>") }
    let line = try #require(shown.split(separator: "\n").last { $0.hasPrefix("pid=") })
    let process = try #require(Int32(line.dropFirst(4)))
    try terminal.type("half a li")
    try terminal.expect("sock> half a li")
    kill(process, signal)
    try terminal.wait("the shell") { $0.hasSuffix("\n$") }
    try terminal.enter("echo \"status $?\"", expecting: "status \(128 + signal)", "$")
    try terminal.enter("stty -a | grep -o ' icanon'; stty -a | grep -ow 'echo'", expecting: " icanon", "echo", "$")
  }
}
