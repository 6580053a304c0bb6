// The declarations that `scripts/bench --only messages` measures: they read their samples, and write what they have read.
import Testing

@Suite struct BenchmarkTests {
  private static let folder = "scripts/benchmarks/messages"

  private static var protocols: [String] {
    Repository.names(in: folder, endingWith: ".hex").map { String($0.dropLast(4)) }
  }

  @Test(arguments: protocols) func whatIsWrittenIsWhatWasRead(_ name: String) throws {
    // `ber-ldap.hex` is a message of ber.sock.
    let declared = name.prefix { $0 != "-" }
    let declaration = Repository.path("\(BenchmarkTests.folder)/\(declared).sock")
    let text = try #require(Repository.text("\(BenchmarkTests.folder)/measure.sock"))
    let folder = try TemporaryFolder()
    let program = try folder.write("measure.sock", text.replacing("\"dns.sock\"", with: "\"\(declaration)\""))
    let sample = try #require(Repository.text("\(BenchmarkTests.folder)/\(name).hex")).filter { $0 != "\n" }
    let outcome = try RunningProgram.sock([program, String(sample), "check"]).finish()
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }
}
