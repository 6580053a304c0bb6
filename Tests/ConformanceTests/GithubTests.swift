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
        "::error", "::error", "::warning", "::warning", "::warning", "::notice", "::notice", "::notice", "::error",
      ])
  }

  @Test func escapes() throws {
    var record = Example.record("100%, a: b\r\nc", .fail)
    record.report = "50%\r\nx: y, z"
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
