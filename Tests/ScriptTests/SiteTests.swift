// The documents as pages: made by `scripts/site`, and read by a program that follows every link of them. `scripts/test`
// has built the program whose help they show; without it each would wait for the build that runs these tests.
import Glibc
import Testing

@Suite(.enabled(if: getenv("SOCK_BINARY") != nil), .serialized)
struct SiteTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func site(_ arguments: [String]) throws -> Outcome {
    try RunningProgram([Repository.path("scripts/site")] + arguments, environment: ["SOCK_BINARY": Repository.sock])
      .finish(within: 5 * patience)
  }

  /// What is wrong with the pages, a line each.
  private func read() throws -> Outcome {
    let reader = Repository.path("Tests/Peers/site.py")
    return try RunningProgram(["python3", reader, folder.file("site"), Repository.root]).finish()
  }

  /// Writes a page with what `change` makes of its text, which has to be another one.
  private func rewrite(_ page: String, _ change: (String) -> String) throws {
    let text = try #require(Repository.text(folder.file("site/\(page)")))
    try #require(change(text) != text)
    _ = try folder.write("site/\(page)", change(text))
  }

  /// Each link leads somewhere, and the reader of them would have told if one did not.
  @Test func everyLinkOfTheSiteLeadsSomewhere() throws {
    let made = try site([folder.file("site")])
    try #require(made.status == 0, "\(made.output)\(made.errors)")
    let outcome = try read()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(Repository.text(folder.file("site/session.svg"))?.contains("&quot;kcos&quot;") == true)
    #expect(Repository.text(folder.file("site/report.html"))?.contains("a message is taken") == true)

    try rewrite("index.html") { $0.replacing("reference.html#warnings", with: "reference.html#warning") }
    try rewrite("changes.html") { $0.replacing("href=\"security.html\"", with: "href=\"safety.html\"") }
    try rewrite("help/recv.html") { $0.replacing("</main>", with: "<script>alert(1)</script></main>") }
    try rewrite("reference.html") { $0.replacing("socketpair</span>", with: "socketpairs</span>") }
    let faults = try read()
    #expect(faults.status == 1)
    for fault in [
      "index.html: leads to reference.html#warning, and there is no such anchor",
      "changes.html: leads to safety.html, which is not there", "help/recv.html: a script: {}",
      "reference.html: its scripts are not those of grammar/reference.md",
    ] {
      #expect(faults.lines.contains(fault), "\(faults.output)")
    }
    // What it has made it makes anew.
    #expect(try site([folder.file("site")]).status == 0)
    #expect(try read().status == 0)
  }

  @Test(arguments: [[], ["-x"], ["a", "b"], [""]])
  func wrongArgumentsMakeNoSite(arguments: [String]) throws {
    let outcome = try site(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors == "usage: scripts/site FOLDER\n")
  }

  @Test func whatIsNoSiteStaysAsItIs() throws {
    _ = try folder.write("precious", "text")
    let outcome = try site([folder.path])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("name a new folder"))
    #expect(Repository.names(in: folder.path) == ["precious"])
  }
}
