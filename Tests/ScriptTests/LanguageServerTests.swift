// `sock lsp` with a client of its own, and with editors.
import Glibc
import Testing

@Suite struct LanguageServerTests {
  /// Where `lsprotocol` is installed, each answer is read by the protocol's own types, too.
  private static let python =
    Repository.exists(".build/python/lsprotocol/bin/python")
    ? Repository.path(".build/python/lsprotocol/bin/python") : "python3"

  @Test(arguments: [
    "lifecycle", "rubbish", "client_dies", "complaints", "imports_that_fail", "hover", "names", "encodings",
    "half_characters", "names_of_documents", "completion", "signatures", "formatting", "outline", "colours", "tests_are_run", "typing",
    "cancelling", "large", "neovim", "helix",
  ])
  func aClientIsServed(_ name: String) throws {
    let client = try RunningProgram(
      [Self.python, Repository.path("Tests/Peers/lsp.py"), Repository.sock, name])
    let outcome = try client.finish(within: 300)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
  }

  /// The extension, in node with as much of VS Code as it uses.
  @Test(.enabled(if: access("/usr/bin/node", X_OK) == 0))
  func theExtensionOfVSCodeIsServed() throws {
    let client = try RunningProgram(
      [Self.python, Repository.path("Tests/Peers/lsp.py"), Repository.sock, "vscode"])
    let outcome = try client.finish(within: 300)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
  }

  /// The mode for Emacs, with the eglot of Debian.
  @Test(.enabled(if: access("/usr/bin/emacs", X_OK) == 0))
  func theModeOfEmacsIsServed() throws {
    let client = try RunningProgram(
      [Self.python, Repository.path("Tests/Peers/lsp.py"), Repository.sock, "emacs"])
    let outcome = try client.finish(within: 300)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
  }

  /// What vsce would look at, and that it would see what is wrong.
  @Test func theExtensionOfVSCodeCanBePackaged() throws {
    let folder = try TemporaryFolder()
    let copy = folder.file("vscode")
    _ = try RunningProgram(["cp", "-RL", Repository.path("grammar/vscode"), copy]).finish()
    func complaints() throws -> Outcome {
      try RunningProgram(["python3", Repository.path("Tests/Peers/vscode-rules.py"), copy]).finish()
    }
    #expect(try complaints().output + complaints().errors == "")
    let manifest = try #require(Repository.text("grammar/vscode/package.json"))
    for (here, there, complaint) in [
      ("\"publisher\": \"sock\"", "\"publisher\": \"so ck\"", "publisher"), ("^1.82.0", "1.82", "engines.vscode"),
      ("./extension.js", "./extensions.js", "main"), ("./snippets/sock.json", "./none.json", "contributes.snippets"),
      ("source.sock", "source.sox", "contributes.grammars"),
      ("onDebugResolve:sock", "onDebugResolve:socks", "activationEvents"),
    ] {
      _ = try folder.write("vscode/package.json", manifest.replacing(here, with: there))
      #expect(try complaints().output.hasPrefix("\(complaint): "), "\(there)")
    }
  }

  /// Whoever starts it by hand, or through something that prints, learns what it waits for.
  @Test(arguments: [
    (
      "hello\n",
      #"sock: lsp: a message begins with `Content-Length: N` and an empty line; what came has none: "hello\n""#
    ),
    ("Content-Length: 9\r\n\r\n{}", "sock: lsp: the input has ended in a message: 2 of its 9 bytes have come"),
    ("Content-Length: 999999999\r\n\r\n", "lsp: a message of 999999999 bytes was announced, and none may be longer than 268"),
    ("Length: 2\r\n\r\n", #"what came has none: "Length: 2\r\n\r\n"; it was left out"#),
    (String(repeating: "x", count: 70_000), #"what came has none: "xxx"#),
  ]) func whatIsNoMessageIsTold(_ input: String, _ told: String) throws {
    let server = try sock("lsp", input: input)
    #expect(server.status == 1 && server.output.isEmpty && server.errors.contains(told), "\(server.errors)")
    let adapter = try sock("dap", input: input)
    let same = told.replacing("lsp:", with: "dap:")
    #expect(adapter.status == (told.contains("left out") ? 0 : 1), "\(adapter.status)")
    #expect(adapter.output.isEmpty && adapter.errors.contains(same), "\(adapter.errors)")
  }

  /// What follows a message that is no JSON is read all the same.
  @Test func aMessageThatIsNoJSONIsTold() throws {
    func frame(_ body: String) -> String { "Content-Length: \(body.utf8.count)\r\n\r\n\(body)" }
    let initialize = #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#
    let server = try sock("lsp", input: frame("{x}") + frame(initialize))
    #expect(server.output.contains("\"code\":-32700") && server.output.contains("\"id\":1"), "\(server.output)")
    let request = #"{"seq":1,"type":"request","command":"initialize"}"#
    let adapter = try sock("dap", input: frame("{x}") + frame(request))
    #expect(adapter.errors == "sock: dap: a message is not JSON; it was left out\n", "\(adapter.errors)")
    #expect(adapter.output.contains("\"request_seq\":1"), "\(adapter.output)")
  }

  @Test func eachCaseIsRun() throws {
    let cases = try RunningProgram(["python3", Repository.path("Tests/Peers/lsp.py"), Repository.sock]).finish()
    #expect(cases.lines.count == 23, "one more is named above, too")
  }
}
