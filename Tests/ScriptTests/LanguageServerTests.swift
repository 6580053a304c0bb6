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
    "cancelling", "large", "neovim",
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

  @Test func eachCaseIsRun() throws {
    let cases = try RunningProgram(["python3", Repository.path("Tests/Peers/lsp.py"), Repository.sock]).finish()
    #expect(cases.lines.count == 21, "one more is named above, too")
  }
}
