// Annotations: what GitHub's runner takes apart must come out as it was.

import SockRuntime
import Testing

@testable import SockConformance

@Suite struct GithubTests {
  @Test func levels() throws {
    let text = try Example.report(Example.all) { GithubReporter($0) }
    let kinds = text.split(separator: "\n").map { $0.split(separator: " ").first.map(String.init) ?? "" }
    #expect(
      kinds == [
        "::error", "::warning", "::warning", "::warning", "::notice", "::notice", "::notice", "::error", "::notice",
      ], "\(text)")
  }

  /// GitHub shows ten errors of a step: fifty tests that failed for one reason are one of them.
  @Test func oneAnnotationACause() throws {
    var records = (1...50).map { number in
      var record = Example.record("test \(number)", .fail)
      record.message = "cannot connect to 127.0.0.1:\(4000 + number): Connection refused (ECONNREFUSED)"
      record.code = "refused"
      return record
    }
    for letter in "abcdefghijkl" {
      var record = Example.record("other \(letter)", .fail)
      record.message = "expected a line \"\(letter)\""
      record.code = "mismatch"
      records.append(record)
    }
    let lines = try Example.report(records) { GithubReporter($0) }.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("::error ") } == 10)
    #expect(lines.count { $0.contains("Connection refused") } == 1)
    #expect(lines.last == "::notice title=sock test::52 more, see the log")
  }

  @Test func escapes() throws {
    var record = Example.record("100%, a: b\r\nc", .fail)
    record.message = "50%\r\nx: y, z"
    let text = try Example.report([record]) { GithubReporter($0) }
    #expect(
      text
        == "::error file=suite/smtp.sock,line=12,col=3,title=fail%3A 100%25%2C a%3A b%0D%0Ac::50%25%0D%0Ax: y, z\n")
  }

  @Test func pathsAreTheRepositorys() {
    #expect(GithubReporter.prefix(workspace: "/w/repo", folder: "/w/repo/sub/x") == "sub/x/")
    #expect(GithubReporter.prefix(workspace: "/w/repo/", folder: "/w/repo/sub") == "sub/")
    #expect(GithubReporter.prefix(workspace: "/w/repo", folder: "/w/repo") == "")
    #expect(GithubReporter.prefix(workspace: "/w/repo", folder: "/w/repository/sub") == "")
    #expect(GithubReporter.prefix(workspace: nil, folder: "/w") == "")
  }
}
