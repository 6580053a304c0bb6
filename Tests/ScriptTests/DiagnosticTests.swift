// Every diagnostic: each script of Tests/Scripts/errors has beside it what standard error shows for it.
import Glibc
import Testing

@Suite struct DiagnosticTests {
  private static let folder = "Tests/Scripts/errors"

  static let scripts = Repository.names(in: folder, endingWith: ".sock")

  /// With `SOCK_UPDATE=1` the expectations are written anew instead of compared.
  private static let updates = getenv("SOCK_UPDATE").map { String(cString: $0) } == "1"

  @Test(arguments: scripts)
  func reads(script: String) throws {
    let source = try #require(Repository.text("\(Self.folder)/\(script)"))
    let fails = source.hasPrefix("# exit: 1")
    let outcome = try sock(script, cwd: Repository.path(Self.folder))
    #expect(outcome.status == (fails ? 1 : 2), "\(outcome.errors)")
    if !fails { #expect(outcome.output == "", "nothing of a script with errors may run") }
    let golden = "\(Self.folder)/\(script.dropLast(".sock".count)).err"
    let told = fails ? Self.steady(outcome.errors) : outcome.errors
    if Self.updates {
      #expect(Repository.write(Array(told.utf8), to: golden))
      return
    }
    let expected = try #require(Repository.read(golden), "there is no \(golden); SOCK_UPDATE=1 writes it")
    #expect(told == String(decoding: expected, as: UTF8.self))
  }

  @Test func eachExpectationHasItsScript() {
    for golden in Repository.names(in: Self.folder, endingWith: ".err") {
      #expect(Self.scripts.contains(golden.dropLast(".err".count) + ".sock"), "\(golden) belongs to no script")
    }
  }

  /// Without what changes from run to run: times, ports that were free, process ids and temporary folders.
  private static func steady(_ text: String) -> String {
    text
      .replacing(#/after \d+(?:\.\d+)? ms/#, with: "after N ms")
      .replacing(#/(?m)^(?<head>  +\S+  )\d+\.\d{3}  /#) { "\($0.output.head)N.NNN  " }
      .replacing(#/(?<host>127\.0\.0\.1|\[::1\]):\d{4,5}/#) { "\($0.output.host):PORT" }
      .replacing(#//tmp/sock[-.\w]*/#, with: "TMPDIR")
      .replacing(#/pid \d+/#, with: "pid N")
  }
}
