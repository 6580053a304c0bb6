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

  /// The clock of the machine, in winter and in summer, and back.
  @Test func localTimeIsTheMachines() throws {
    let script = """
      for t in [784111777, 1000000000]
        let text = format_time(t, "%F %H:%M:%S", "local")
        print text, format_time(t, "%z %Z", "local"), parse_time(text, "%F %T", "local") - t
      end
      """
    let zone = ["TZ": "CET-1CEST,M3.5.0,M10.5.0/3"]
    let outcome = try RunningProgram.sock(["-"], input: script + "\n", environment: zone).finish()
    #expect(outcome.lines == ["1994-11-06 09:49:37 +0100 CET 0", "2001-09-09 03:46:40 +0200 CEST 0"])
  }

  /// Whatever the library makes of a secret that can be read back, and is of the kinds that are said to be hidden.
  @Test func secretsStayHidden() throws {
    let script = """
      param secret pw = "hunter2-Tr0ub4dor&3xyz"
      print base64url(pw), base64url("u:${pw}"), hex(pw, " "), hex(pw, ":"), title(pw), escape_regex(pw)
      print hexdump("user=${pw}${repeat("x", 40)}")
      print matches(pw, /.+/)[0], regex(escape_regex(pw)), split(pw, "zz", 2), output("cat", pw).text
      """
    let outcome = try RunningProgram.sock(["-"], input: script + "\n").finish()
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in ["unter2", "Tr0ub", "aHVudGVy", "d1bnRlcj", "75 6e 74", "75:6e:74"] {
      #expect(!outcome.output.contains(part), "\(part): \(outcome.output)")
    }
    #expect(outcome.output.split(separator: "***").count > 8)
  }

  /// A daemon that root starts, and that gives up its rights, finds its files there; nobody else's is open to others.
  @Test func othersMayEnterRootsTemporaryFolderOnly() throws {
    let outcome = try sock("-e", "print output([\"stat\", \"-c\", \"%a\", tmpdir]).text")
    #expect(outcome.lines.first == (geteuid() == 0 ? "711" : "700"))
    let key = try sock("-e", "print output([\"stat\", \"-c\", \"%a\", certificate(\"a.test\").key]).text")
    #expect(key.lines.first == "600")
  }
}
