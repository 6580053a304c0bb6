// SocketCore as others have it: a package of theirs depends on this checkout.
import Glibc
import Testing

@testable import SocketCore

@Suite struct PackageClientTests {
  private static let swift = executable("swift")

  private static func executable(_ name: String) -> String? {
    guard let path = getenv("PATH") else { return nil }
    return String(cString: path).split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// What a program prints, with what it says of errors; nil when it does not end well.
  private func output(of argv: [String], within deadline: Deadline) throws -> (text: String, isSuccess: Bool) {
    let process = try ChildProcess.spawn(SpawnRequest(argv: argv.map(bytes), stderr: .merge))
    defer { end(process) }
    process.close(.stdin)
    var all: [UInt8] = []
    reading: while true {
      var buffer = [UInt8](repeating: 0, count: 65536)
      switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(process.stdout, $0) }) {
      case .done(let count): all += buffer.prefix(count)
      case .end: break reading
      case .failed(let error): throw error
      case .wouldBlock:
        if deadline.hasPassed { throw SocketError.timeout }
        _ = SystemCall.poll(process.stdout, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      }
    }
    return (String(decoding: all, as: UTF8.self), try process.wait(within: deadline).isSuccess)
  }

  private static let checkout = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  /// Of one build: the fixture's client, each program that the documentation shows, and the tasks that are compared with
  /// those of other libraries.
  @Test(.enabled(if: swift != nil, "there is no `swift` in PATH"))
  func aPackageOfSomebodyElse() throws {
    let swift = try #require(Self.swift)
    let directory = try TemporaryDirectory()
    let copy = directory.file("a package")
    defer { _ = try? output(of: ["rm", "-rf", copy], within: soon) }
    let documents = ["python3", "\(Self.checkout)/Tests/Peers/documented.py"]
    #expect(try output(of: documents + ["make", Self.checkout, copy], within: soon) == ("", true))
    let build = try output(
      of: [swift, "build", "--package-path", copy, "--cache-path", copy + "/cache"],
      within: Deadline(after: .seconds(900)))
    try #require(build.isSuccess, "\(build.text)")
    #expect(!build.text.contains("warning:"), "\(build.text)")
    let run = try output(of: [copy + "/.build/debug/client", directory.file("socket")], within: Deadline(after: 60))
    #expect(
      run.text == """
        clock: true
        manual: ["Welcome; type help for command list.", "date?", "who?"] nil
        echo: 10 client 0 client 9
        tryAccept: true
        udp: PING
        unix: hello
        accept: timed out
        connect: Connection refused (ECONNREFUSED)
        resolve: true
        one error: true
        option: true

        """)
    #expect(run.isSuccess)
    #expect(try output(of: documents + ["play", Self.checkout, copy], within: Deadline(after: 240)) == ("", true))
    #expect(try output(of: documents + ["render", Self.checkout, copy], within: Deadline(after: 500)) == ("", true))
    // Without swift-nio, which is not built here; its lines are counted.
    let compared = try output(
      of: [
        "python3", "\(Self.checkout)/scripts/benchmarks/tasks/compare.py", "--check", "--runs", "1",
        "--only", "socketcore,perl,python", "--program", "socketcore=\(copy)/.build/debug/tasks",
      ], within: Deadline(after: 240))
    #expect(compared == ("the table is right\n", true))
  }
}
