// The library's functions against Python's: Tests/Scripts/random/library.py calls both with random arguments.
//
// SOCK_RANDOM_SEED=N makes those of that seed.
import Glibc
import Testing

@Suite struct LibraryTests {
  @Test func answerAsPythonDoes() throws {
    let seed = getenv("SOCK_RANDOM_SEED").flatMap { Int(String(cString: $0)) } ?? Int.random(in: 1...1_000_000_000)
    let outcome = try RunningProgram([
      "python3", Repository.path("Tests/Scripts/random/library.py"), "--sock", Repository.sock, "--seed", "\(seed)",
    ]).finish(within: patience)
    #expect(outcome.status == 0, "SOCK_RANDOM_SEED=\(seed): \(outcome.output)\(outcome.errors)")
  }

  /// A daemon that root starts, and that gives up its rights, finds its files there; nobody else's is open to others.
  @Test func othersMayEnterRootsTemporaryFolderOnly() throws {
    let outcome = try sock("-e", "print output([\"stat\", \"-c\", \"%a\", tmpdir]).text")
    #expect(outcome.lines.first == (geteuid() == 0 ? "711" : "700"))
    let key = try sock("-e", "print output([\"stat\", \"-c\", \"%a\", certificate(\"a.test\").key]).text")
    #expect(key.lines.first == "600")
  }
}
