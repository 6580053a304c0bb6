// `sock dap` with a client of its own.
import Testing

@Suite struct DebugAdapterTests {
  /// Where `debugpy` is installed, each message is read by its types of the protocol, too.
  private static let python =
    Repository.exists(".build/python/debugpy/bin/python")
    ? Repository.path(".build/python/debugpy/bin/python") : "python3"

  @Test(arguments: [
    "steps", "into", "deadlines", "conditions", "others", "wrong_conditions", "retry", "failures", "while_it_runs",
    "waiting_evaluations", "waiting_conditions", "ends", "pauses", "refusals",
  ])
  func aClientIsServed(_ name: String) throws {
    let client = try RunningProgram([Self.python, Repository.path("Tests/Peers/dap.py"), Repository.sock, name])
    let outcome = try client.finish(within: 200)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
  }

  @Test func eachCaseIsRun() throws {
    let cases = try RunningProgram(["python3", Repository.path("Tests/Peers/dap.py"), Repository.sock]).finish()
    #expect(cases.lines.count == 14, "one more is a line above, too")
  }
}
