// Random programs, each written for sock and for Python, print the same: Tests/Scripts/random/programs.py makes them.
//
// SOCK_RANDOM_PROGRAMS=N makes N of them instead of a hundred, SOCK_RANDOM_SEED=N those of that seed.
import Glibc
import Testing

@Suite struct RandomProgramTests {
  private static func number(_ variable: String) -> Int? {
    getenv(variable).flatMap { Int(String(cString: $0)) }
  }

  @Test func doAsTheirModelsInPython() throws {
    let count = Self.number("SOCK_RANDOM_PROGRAMS") ?? 100
    let seed = Self.number("SOCK_RANDOM_SEED") ?? Int.random(in: 1...1_000_000_000)
    let outcome = try RunningProgram([
      "python3", Repository.path("Tests/Scripts/random/programs.py"), "--sock", Repository.sock, "--count", "\(count)",
      "--seed", "\(seed)", "--option=--no-scalar-loop",
    ]).finish(within: patience + Double(count))
    print("random programs: SOCK_RANDOM_SEED=\(seed)")
    #expect(outcome.status == 0, "SOCK_RANDOM_SEED=\(seed): \(outcome.output)\(outcome.errors)")
  }
}
