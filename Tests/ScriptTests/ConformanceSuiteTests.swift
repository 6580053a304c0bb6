// The suites of scripts/conformance, each against the real server it was written for.
import Glibc
import Testing

@Suite(.serialized) struct ConformanceSuiteTests {
  /// The protocols that have both a suite and a server to start.
  private static let protocols = Repository.names(in: "scripts/conformance").filter {
    Repository.exists("scripts/servers/\($0)")
  }

  @Test func eachSuiteHasAServer() {
    let folders = Repository.names(in: "scripts/conformance").filter {
      $0 != "lib" && $0 != "run" && !$0.hasSuffix(".sock")
    }
    #expect(!folders.isEmpty)
    #expect(folders.sorted() == Self.protocols.sorted())
  }

  /// Exim can be started by root only (exit status 77); a user's run skips that suite, and says so.
  @Test(arguments: protocols)
  func theServerIsAsItsBaselineSays(name: String) throws {
    let outcome = try RunningProgram(
      ["scripts/conformance/run", name, "--timeout-scale", "4"], environment: ["SOCK": Repository.sock]
    ).finish()
    if outcome.errors.contains("wants to be started by root"), geteuid() != 0 { return }
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(" passed"), "\(outcome.output)")
  }

  /// At least fifteen requirements each, and every one says where it stands.
  @Test(arguments: protocols)
  func testsCiteTheirClauses(name: String) throws {
    let outcome = try RunningProgram([Repository.sock, "test", "--list", "scripts/conformance/\(name)"]).finish()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let cited = outcome.lines.filter { $0.contains("(must ") || $0.contains("(should ") || $0.contains("(may ") }
    #expect(cited.count >= 15)
  }

  @Test func theExampleRuns() throws {
    let outcome = try RunningProgram.sock(["test", "scripts/conformance/example.sock"]).finish()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("3 passed, 1 warning"))
  }
}
