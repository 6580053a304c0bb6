// What the programs of a plain script leave behind outside of their process groups.
import Glibc
import SocketCore
import Testing

@Suite struct LeftBehindTests {
  /// A daemon: in a session of its own, and nobody's child any more. It says which process it is.
  private static let daemon = #"["sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000 >/dev/null' </dev/null 2>/dev/null &"]"#

  private static func isThere(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

  /// One that is nobody's child is gone when its new parent has looked.
  private static func isGone(_ pid: Int32) -> Bool {
    let deadline = Deadline(after: patience)
    while isThere(pid), !deadline.hasPassed { poll(nil, 0, 5) }
    return !isThere(pid)
  }

  @Test(arguments: ["", "exit 3", "fail \"no\""])
  func aDaemonEndsWithItsScript(end: String) throws {
    let script = "run \(Self.daemon) as p; print p.recv line; \(end)"
    let outcome = try sock("-e", script)
    let pid = try #require(Int32(outcome.lines.first ?? ""))
    #expect(Self.isGone(pid))
    #expect(outcome.errors.contains("process \(pid) ("), "\(outcome.errors)")
    #expect(outcome.errors.contains(") had left its process group, and was ended"))
  }

  @Test func soDoesOneOfOutputAndOfAScriptInside() throws {
    let outer = "print trim(output(args).text)"
    let inner = "print trim(output(\(Self.daemon)).text)"
    let outcome = try sock("-e", inner)
    let pid = try #require(Int32(outcome.lines.first ?? ""), "\(outcome.errors)")
    #expect(Self.isGone(pid))
    // The inner script is killed, and cannot see to it itself: the outer one does.
    let killed = try sock(
      "-e", outer, Repository.sock, "-e",
      "run \(Self.daemon) as p; stdout.send p.recv line; run [\"sh\", \"-c\", \"kill -KILL $PPID\"]; sleep 10s")
    let other = try #require(Int32(killed.lines.first ?? ""), "\(killed.errors)")
    #expect(Self.isGone(other))
  }

  @Test func oneThatIsToStayStays() throws {
    let outcome = try sock("-e", "run \(Self.daemon) env {SOCK_RUN: nil} as p; print p.recv line")
    let pid = try #require(Int32(outcome.lines.first ?? ""), "\(outcome.errors)")
    #expect(Self.isThere(pid) && outcome.errors == "")
    kill(pid, SIGKILL)
    #expect(Self.isGone(pid))
  }
}
