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
}
