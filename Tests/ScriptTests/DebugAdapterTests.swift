// `sock dap` with a client of its own.
import Testing

@Suite struct DebugAdapterTests {
  @Test(arguments: ["steps", "into", "deadlines", "failures", "while_it_runs", "refusals"])
  func aClientIsServed(_ name: String) throws {
    let client = try RunningProgram(["python3", Repository.path("Tests/Peers/dap.py"), Repository.sock, name])
    let outcome = try client.finish(within: 200)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
  }

  @Test func eachCaseIsRun() throws {
    let cases = try RunningProgram(["python3", Repository.path("Tests/Peers/dap.py"), Repository.sock]).finish()
    #expect(cases.lines.count == 6, "one more is a line above, too")
  }
}
