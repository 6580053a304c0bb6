// The suites of scripts/conformance, each against the real servers that speak its protocol.
import Glibc
import Testing

@Suite(.serialized) struct ConformanceSuiteTests {
  private static let protocols = Repository.names(in: "scripts/conformance").filter {
    Repository.exists("scripts/conformance/\($0)/lib")
  }
  /// `PROTOCOL` or `PROTOCOL-PRODUCT`.
  private static let servers = Repository.names(in: "scripts/servers").filter { server in
    protocols.contains { server == $0 || server.hasPrefix("\($0)-") }
  }

  /// RabbitMQ is silent in 34 tests, each of which waits for its answer: 68 s on an idle machine.
  private static let patience = 400.0

  @Test func eachSuiteHasAServer() {
    #expect(!Self.protocols.isEmpty)
    for name in Self.protocols { #expect(Self.servers.contains(name)) }
  }

  @Test func eachBaselineHasAServer() {
    for name in Self.protocols {
      for baseline in Repository.names(in: "scripts/conformance/\(name)") where baseline.hasPrefix("baseline") {
        #expect(Self.servers.contains(name + baseline.dropFirst("baseline".count)))
      }
    }
  }

  /// Some servers can be started by root only (exit status 77); a user's run skips their suites, and says so.
  /// Over TLS only the requirements of a `must` are tested again: the server is the same, and the time is everybody's.
  @Test(arguments: servers)
  func theServerIsAsItsBaselineSays(name: String) throws {
    let options = name.hasSuffix("-tls") ? ["--timeout-scale", "2", "--must-only"] : ["--timeout-scale", "4"]
    let outcome = try RunningProgram(
      ["scripts/conformance/run", name] + options, environment: ["SOCK": Repository.sock]
    ).finish(within: Self.patience)
    if outcome.status == 77, geteuid() != 0 {
      print("skipped: \(outcome.errors)", terminator: "")
      return
    }
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(" passed"), "\(outcome.output)")
  }

  // MARK: - Clients

  /// Protocols whose clients are tested.
  private static let protocolsOfClients = Repository.names(in: "scripts/conformance/clients").filter {
    Repository.exists("scripts/conformance/clients/\($0)/lib")
  }
  /// `PROTOCOL-PRODUCT`.
  private static let clients = Repository.names(in: "scripts/clients").filter { $0.contains("-") }

  @Test func eachSuiteHasAClientAndEachBaseline() {
    #expect(!Self.protocolsOfClients.isEmpty)
    for name in Self.protocolsOfClients {
      #expect(Self.clients.contains { $0.hasPrefix("\(name)-") })
      for baseline in Repository.names(in: "scripts/conformance/clients/\(name)") where baseline.hasPrefix("baseline") {
        #expect(Self.clients.contains(name + baseline.dropFirst("baseline".count)))
      }
    }
  }

  @Test(arguments: clients)
  func theClientIsAsItsBaselineSays(name: String) throws {
    let outcome = try RunningProgram(
      ["scripts/conformance/run-client", name, "--timeout-scale", "4"], environment: ["SOCK": Repository.sock]
    ).finish(within: Self.patience)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(" passed"), "\(outcome.output)")
  }

  /// A program that says nothing at all, and is content with that.
  @Test(arguments: protocolsOfClients)
  func noTestOfClientsPassesByItself(name: String) throws {
    let outcome = try RunningProgram.sock(["test", "scripts/conformance/clients/\(name)", "--client", "true"])
      .finish(within: Self.patience)
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(!outcome.lines.contains { $0.hasPrefix("pass ") }, "\(outcome.output)")
  }

  @Test(arguments: protocolsOfClients)
  func testsOfClientsCiteTheirClauses(name: String) throws {
    try requireClauses("scripts/conformance/clients/\(name)")
  }

  // MARK: - Servers

  /// Whom to trust is said from outside; nobody is trusted unasked.
  @Test func aTargetMayBeReachedOverTLS() throws {
    let folder = try TemporaryFolder()
    let environment = ["SOCK": Repository.sock, "SSL_CERT_FILE": "\(folder.path)/ca.crt"]
    #expect(
      try RunningProgram(["scripts/servers/certificate", folder.path], environment: environment).finish().status == 0)
    let port = try sock("-e", "print free_port()").lines[0]
    let server = try RunningProgram(["scripts/servers/tls-openssl", port, folder.path], environment: environment)
    defer { withExtendedLifetime(server) {} }
    let ready = ["run", "--set", "target=127.0.0.1:\(port)", "scripts/conformance/tls/lib/ready.sock"]
    #expect(try RunningProgram.sock(ready, environment: environment).finish().status == 0)

    let suite = try folder.write(
      "suite.sock",
      """
      param target = ""
      test "it answers"
        connect target
        send "GET / HTTP/1.0\\r\\n\\r\\n"
        expect /HTTP\\/1\\.0 200 /
      end

      """)
    let command = ["test", suite, "--target", "secured=tls:127.0.0.1:\(port)"]
    let trusting = try RunningProgram.sock(command, environment: environment).finish()
    #expect(trusting.status == 0 && trusting.output.contains("@secured"), "\(trusting.output)\(trusting.errors)")
    let wary = try RunningProgram.sock(command).finish()
    #expect(wary.status == 1 && wary.output.contains("unknown authority"), "\(wary.output)\(wary.errors)")
  }

  /// A server that runs behind the handshake what was injected before it.
  @Test(arguments: ["smtp", "imap", "pop3"])
  func injectedCommandsAreFound(name: String) throws {
    let folder = try TemporaryFolder()
    let environment = ["SOCK": Repository.sock, "SSL_CERT_FILE": "\(folder.path)/ca.crt"]
    #expect(
      try RunningProgram(["scripts/servers/certificate", folder.path], environment: environment).finish().status == 0)
    let server = try RunningProgram([
      "/usr/bin/python3", "Tests/Peers/injectable.py", name, "\(folder.path)/server.crt", "\(folder.path)/server.key",
    ])
    defer { withExtendedLifetime(server) {} }
    let target = try "target=127.0.0.1:\(server.line())"
    let suite = "scripts/conformance/\(name)/starttls.sock"
    let outcome = try RunningProgram.sock(
      ["test", suite, "--tag", "injection", "--set", target], environment: environment
    ).finish()
    #expect(outcome.output.contains("2 failed"), "\(outcome.output)\(outcome.errors)")
  }

  /// At least fifteen requirements each, and every one says where it stands.
  @Test(arguments: protocols)
  func testsCiteTheirClauses(name: String) throws {
    try requireClauses("scripts/conformance/\(name)")
  }

  private func requireClauses(_ suite: String) throws {
    let outcome = try RunningProgram([Repository.sock, "test", "--list", suite]).finish()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let cited = outcome.lines.filter { $0.contains("(must ") || $0.contains("(should ") || $0.contains("(may ") }
    #expect(cited.count >= 15)
  }

  /// Written by scripts/conformance/matrix; a clause that a suite has come to cite stands in it.
  @Test(arguments: protocols)
  func theMatrixHasEachClause(name: String) throws {
    try requireRows(of: "scripts/conformance/\(name)", in: "scripts/conformance/MATRIX.md")
  }

  /// Written by scripts/conformance/matrix --clients.
  @Test(arguments: protocolsOfClients)
  func theMatrixOfClientsHasEachClause(name: String) throws {
    let suites = "scripts/conformance/clients"
    try requireRows(of: "\(suites)/\(name)", in: "\(suites)/MATRIX.md")
  }

  private func requireRows(of suite: String, in path: String) throws {
    let page = try #require(Repository.text(path))
    let list = try RunningProgram([Repository.sock, "test", "--list", suite]).finish()
    for line in list.lines {
      guard let cited = line.firstMatch(of: /\((?:must|should|may) (.*?)\)(?:  |$)/)?.1, !cited.contains("${") else { continue }
      #expect(page.contains("| \(cited) |"), "scripts/conformance/matrix makes the page anew")
    }
  }

  @Test func theExampleRuns() throws {
    let outcome = try RunningProgram.sock(["test", "scripts/conformance/example.sock"]).finish()
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("3 passed, 1 warning"))
  }
}
