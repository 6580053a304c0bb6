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

  @Test func eachCaseIsRun() throws {
    let cases = try RunningProgram(["python3", Repository.path("Tests/Peers/lsp.py"), Repository.sock]).finish()
    #expect(cases.lines.count == 23, "one more is named above, too")
  }
}
