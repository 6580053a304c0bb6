// Each example does what it says, with a Perl program that uses IO::Socket, or another real one, on the other side.
import Glibc
import Testing

@Suite struct ExampleTests {
  private func example(_ name: String, settings: [String] = [], _ arguments: [String] = [], input: String? = "") throws
    -> RunningProgram
  {
    try .sock(settings.flatMap { ["--set", $0] } + ["scripts/examples/\(name).sock"] + arguments, input: input)
  }

  /// The number at the end of the program's next line: the port that it got.
  private func port(of program: RunningProgram) throws -> String {
    let line = try program.line()
    return String(try #require(line.wholeMatch(of: /(?:.*\D)?(\d+)/), "no port in \"\(line)\"").output.1)
  }

  /// The port that a Perl client says it has.
  private func clientPort(_ lines: [String]) throws -> String {
    String(try #require(lines.first?.wholeMatch(of: /port (\d+)/)).output.1)
  }

  private func expectSuccess(_ outcome: Outcome, _ location: SourceLocation = #_sourceLocation) {
    #expect(outcome.status == 0, sourceLocation: location)
    #expect(outcome.errors == "", sourceLocation: location)
  }

  // MARK: - The manual's server and client

  @Test func theServerAnswersPerlAndNetcat() throws {
    let server = try example("server", settings: ["port=0", "clients=2"])
    let port = try port(of: server)
    let perl = try RunningProgram.perl("client.pl", [port]).finish()
    #expect(perl.lines.dropFirst() == ["answer: ok"])
    #expect(try server.line() == "Connection from 127.0.0.1:\(try clientPort(perl.lines))")
    #expect(try server.line() == "received data: hello world")

    let netcat = try RunningProgram(["nc", "-N", "127.0.0.1", port], input: "from netcat").finish()
    #expect(netcat.output == "ok")
    expectSuccess(try server.finish())
    #expect(String(decoding: server.output, as: UTF8.self).hasSuffix("received data: from netcat\n"))
  }

  @Test func theClientTalksToPerl() throws {
    let server = try RunningProgram.perl("server.pl")
    let client = try example("client", settings: ["port=\(try port(of: server))"]).finish()
    expectSuccess(client)
    #expect(client.lines == ["received response: ok"])
    #expect(try server.finish().lines.dropFirst() == ["received data: hello world", "end"])
  }

  @Test func helloRunsBoth() throws {
    let hello = try example("hello").finish()
    expectSuccess(hello)
    try #require(hello.lines.count == 4)
    #expect(hello.lines[0].wholeMatch(of: /server: Waiting on \d+/) != nil)
    #expect(hello.lines[1] == "client: received response: ok")
    #expect(hello.lines[2].wholeMatch(of: /server: Connection from 127\.0\.0\.1:\d+/) != nil)
    #expect(hello.lines[3] == "server: received data: hello world")
  }

  // MARK: - The Cookbook's servers

  @Test func theShortServerServesOneClientAfterAnother() throws {
    let server = try example("cookbook-server", settings: ["port=0"])
    let port = try port(of: server)
    let perl = try RunningProgram.perl("lines-client.pl", [port, "abc", "socket"]).finish()
    #expect(perl.lines.dropFirst() == ["cba", "tekcos"])
    let ncat = try RunningProgram(["ncat", "127.0.0.1", port], input: "level\nnoon!\n").finish()
    #expect(ncat.output == "level\r\n!noon\r\n")
  }

  @Test func theServerInStepsTellsEachClientItsPort() throws {
    let server = try example("cookbook-server-steps", settings: ["port=0"])
    let port = try port(of: server)
    for _ in 1...2 {
      let perl = try RunningProgram.perl("reader.pl", [port]).finish()
      #expect(perl.lines.dropFirst() == ["hello, port \(try clientPort(perl.lines))"])
    }
    let socat = try RunningProgram(["socat", "-u", "TCP:127.0.0.1:\(port)", "-"]).finish()
    #expect(socat.output.wholeMatch(of: /hello, port \d+\n/) != nil)
  }

  // MARK: - Accepting, and who came

  @Test func anAcceptThatDoesNotBlockGivesNil() throws {
    let server = try example("nonblocking-accept", settings: ["port=0"])
    let port = try port(of: server)
    #expect(try server.line() == "nobody is waiting")
    let perl = try RunningProgram.perl("lines-client.pl", [port, "Larry"]).finish()
    #expect(perl.lines.dropFirst() == ["sorry, Larry, that you had to wait"])
    expectSuccess(try server.finish())
    #expect(String(decoding: server.output, as: UTF8.self).hasSuffix("Larry came from 127.0.0.1 after a while\n"))
  }

  @Test func aPeerAddressComesApart() throws {
    let server = try example("peer-address", settings: ["port=0"])
    let perl = try RunningProgram.perl("reader.pl", [try port(of: server)]).finish()
    let peer = try clientPort(perl.lines)
    let outcome = try server.finish()
    expectSuccess(outcome)
    #expect(
      outcome.lines.dropFirst() == [
        "peer: 127.0.0.1 port \(peer)", "sockaddr_in: family 2, 127.0.0.1 port \(peer)",
      ])
    #expect(perl.output.hasSuffix("you are 127.0.0.1:\(peer)\r\n"))
  }

  @Test func whoIsAtTheOtherEnd() throws {
    let server = try example("who", settings: ["port=0"])
    let port = try port(of: server)
    let perl = try RunningProgram.perl("reader.pl", [port]).finish()
    let outcome = try server.finish()
    expectSuccess(outcome)
    let line = try #require(outcome.lines.last)
    let peer = try clientPort(perl.lines)
    #expect(line.hasSuffix(" (127.0.0.1), port \(peer), reached us at 127.0.0.1:\(port)"))
    // What the system's resolver says of loopback, asked by Perl.
    let judge = try RunningProgram([
      "perl", "-MSocket", "-e", "print gethostbyaddr(inet_aton('127.0.0.1'), AF_INET) // 'a host without a name'",
    ]).finish()
    #expect(line.hasPrefix("\(judge.output) ("))
  }

  // MARK: - Many clients

  @Test func aTaskServesEachConnection() throws {
    let server = try example("serve", settings: ["port=0"])
    let port = try port(of: server)
    let perl = try RunningProgram.perl("many-clients.pl", [port, "500"]).finish()
    #expect(perl.output == "500\n")
    let curl = try RunningProgram(
      ["curl", "--silent", "--no-buffer", "--max-time", "30", "telnet://127.0.0.1:\(port)"], input: "from curl\n")
    #expect(try curl.line() == "FROM CURL\r")
    let socat = try RunningProgram(["socat", "-t", "30", "-", "TCP:127.0.0.1:\(port)"], input: "from socat\n").finish()
    #expect(socat.output == "FROM SOCAT\r\n")
  }

  @Test func severalProcessesServe() throws {
    let server = try example("serve-workers", settings: ["port=0"])
    let perl = try RunningProgram.perl("many-clients.pl", [try port(of: server), "500"]).finish()
    #expect(perl.output == "500\n")
    server.process.signal(SIGTERM)
    #expect(try server.finish().status == 143)
  }

  // MARK: - Clients

  @Test func aPageFromAWebServer() throws {
    let server = try RunningProgram.perl("http-server.pl")
    let address = "127.0.0.1:\(try port(of: server))"
    let client = try example("tcp-client", [address, "/a/page"]).finish()
    expectSuccess(client)
    #expect(client.output == "status 200 (All is well)\ntype text/plain\nthe body\nof two lines\n")
    #expect(try server.finish().lines.dropFirst() == ["GET /a/page HTTP/1.0", "Host: \(address)"])
  }

  @Test func selectSpeaksBothWays() throws {
    let server = try RunningProgram.perl("lines-server.pl", ["1"])
    let client = try example("select", ["127.0.0.1:\(try port(of: server))"], input: nil)
    client.write("first\n")
    #expect(try client.line() == "FIRST")
    client.write("second\nthird")
    #expect(try client.line() == "SECOND")
    client.closeInput()
    expectSuccess(try client.finish())
    #expect(String(decoding: client.output, as: UTF8.self).hasSuffix("THIRD\n"))
    #expect(try server.finish().status == 0)
  }

  @Test func messagesInFrames() throws {
    let server = try RunningProgram.perl("messages-server.pl")
    let client = try example("framing", ["127.0.0.1:\(try port(of: server))"]).finish()
    expectSuccess(client)
    #expect(
      client.lines == [
        "sock: answered in 6 bytes", "speaks: answered in 8 bytes", "in messages: answered in 13 bytes",
      ])
    #expect(try server.finish().lines.dropFirst() == ["sock", "speaks", "in messages"])
  }

  // MARK: - Unix-domain sockets and datagrams

  @Test func theUnixServerTalksToPerlAndSocat() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("socket")
    let server = try example("unix-server", [path])
    #expect(try server.line() == "listening on \(path)")
    let perl = try RunningProgram.perl("unix-client.pl", [path]).finish()
    #expect(perl.lines == ["peer \(path)", "good day, what is your name?", "pleased to meet you, perl"])
    let socat = try RunningProgram(["socat", "-t", "30", "-", "UNIX-CONNECT:\(path)"], input: "socat\n").finish()
    #expect(socat.lines.last == "pleased to meet you, socat")
  }

  @Test func theUnixClientTalksToPerl() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("socket")
    let server = try RunningProgram.perl("unix-server.pl", [path])
    #expect(try server.line() == path)
    let client = try example("unix-client", [path]).finish()
    expectSuccess(client)
    #expect(client.lines == ["connected to \(path)", "pleased to meet you, sock"])
  }

  @Test func theUnixPairTalks() throws {
    let folder = try TemporaryFolder()
    let server = try example("unix-server", [folder.file("socket")])
    _ = try server.line()
    #expect(try example("unix-client", [folder.file("socket")]).finish().lines.last == "pleased to meet you, sock")
  }

  @Test func theDatagramServerAnswersPerlAndSocat() throws {
    let server = try example("udp-server", settings: ["port=0"])
    let port = try port(of: server)
    let perl = try RunningProgram.perl("udp-client.pl", [port, "abc", ""]).finish()
    let peer = try clientPort(perl.lines)
    #expect(perl.lines.dropFirst() == ["cba from 127.0.0.1:\(port)", " from 127.0.0.1:\(port)"])
    #expect(try server.line() == "3 bytes from 127.0.0.1:\(peer)")
    #expect(try server.line() == "0 bytes from 127.0.0.1:\(peer)")
    let socat = try RunningProgram(["socat", "-t", "30", "-", "UDP:127.0.0.1:\(port)"], input: nil)
    socat.write("stressed\n")
    #expect(try socat.line() == "")
    #expect(try server.line().hasPrefix("9 bytes from 127.0.0.1:"))
  }

  @Test(arguments: ["", "deaf"])
  func theDatagramClientAsksPerlUntilItAnswers(manner: String) throws {
    let server = try RunningProgram.perl("udp-server.pl", [manner])
    let port = try port(of: server)
    let client = try example("udp-client", [port, "drawer"]).finish()
    expectSuccess(client)
    #expect(client.output == "127.0.0.1:\(port) answered \"reward\"\n")
  }

  @Test func pingAsksThisMachine() throws {
    let outcome = try example("ping", ["localhost", "2"]).finish()
    // Where this user may not, the script says what would let it.
    if outcome.errors.contains("CAP_NET_RAW") { return print("skipped: ping wants CAP_NET_RAW here") }
    expectSuccess(outcome)
    #expect(outcome.output.wholeMatch(of: /1 from 127\.0\.0\.1 after \S+\n2 from 127\.0\.0\.1 after \S+\n/) != nil)
  }

  // MARK: - Processes

  @Test func aProcessUnderTest() throws {
    let outcome = try example("process-under-test", ["perl", Repository.path("Tests/Peers/lines-server.pl")]).finish()
    expectSuccess(outcome)
    #expect(outcome.output == "answered twice, and ended with status 7\n")
  }

  // MARK: - TLS

  @Test func theTLSServerAnswersOpenSSL() throws {
    let server = try example("tls-server", settings: ["port=0"])
    let line = try server.line()
    let told = try #require(line.wholeMatch(of: /Waiting on (\d+), authority (\S+)/), "\(line)").output
    let words = [
      "openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-verify_hostname", "localhost",
      "-CAfile", String(told.2), "-connect", "127.0.0.1:\(told.1)",
    ]
    let client = try RunningProgram(words, input: nil)
    client.write("stressed\n")
    #expect(try client.line() == "desserts\r")
    client.closeInput()
    _ = try client.finish()
    let pair = try example("tls-client", ["localhost:\(told.1)", String(told.2)], input: "drawer\n").finish()
    expectSuccess(pair)
    #expect(
      pair.lines == ["TLS 1.3 with CN=localhost, signed by CN=sock test authority", "reward"])
  }

  @Test func theTLSClientTalksToOpenSSL() throws {
    let folder = try TemporaryFolder()
    let server = try OpenSSLServer(in: folder, ["-naccept", "1"])
    let client = try example("tls-client", ["localhost:\(server.port)", server.certificate], input: "drawer\n").finish()
    expectSuccess(client)
    #expect(client.lines == ["TLS 1.3 with CN=localhost, signed by CN=localhost", "reward"])
  }

  @Test func aRelayMeddlesWithRecords() throws {
    let outcome = try example("tls-relay").finish()
    expectSuccess(outcome)
    let codes = outcome.lines.map { $0.split(separator: ":").prefix(2).joined(separator: ":") }
    #expect(
      codes == [
        "as it is", "  the client: you said hello", "a byte changed", "  the server: tls", "  the client: alert",
        "a record too long", "  the server: tls", "  the client: alert", "a record twice", "  the server: tls",
        "  the client: you said hello", "  the client: alert", "cut off", "  the server: truncated",
        "  the client: nil",
      ])
    #expect(outcome.output.contains("bad_record_mac (20)") && outcome.output.contains("record_overflow (22)"))
  }

  // MARK: - A failure

  /// The server that it starts dies, and says why.
  @Test func theFailingTestFails() throws {
    let outcome = try RunningProgram.sock(["test", "scripts/examples/failing.sock"]).finish()
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("the stream has ended: server (perl) ended with status 2"), "\(outcome.output)")
    #expect(outcome.output.contains("stderr    cannot open the spool"), "\(outcome.output)")
  }

  // MARK: - A client under test

  /// curl knows that the body is cut; the same behind a shell that does not care fails, and is named.
  @Test func aClientIsTested() throws {
    let script = "scripts/examples/client-under-test.sock"
    let good = try RunningProgram.sock(["test", script]).finish()
    #expect(good.status == 0, "\(good.output)")
    let careless = try RunningProgram.sock(
      ["test", "--client", "sh -c 'curl -s http://{address}/hello; true'", script]
    ).finish()
    #expect(careless.status == 1)
    #expect(careless.output.contains("(sh) ended with status 0, expected a status in 1..255"), "\(careless.output)")
  }

  @Test func messagesOfProtobufAreExchanged() throws {
    let outcome = try example("protobuf").finish()
    expectSuccess(outcome)
    #expect(
      outcome.lines == [
        "Ada has 555-0100", "Delimited.person.name: needs 100 bytes, and 3 are there, at byte 2",
      ])
  }

  // MARK: - All of them

  /// The tests above, by example: one that is not named here is run by none.
  private static let tested: Set<String> = [
    "client", "client-under-test", "cookbook-server", "cookbook-server-steps", "failing", "framing", "hello",
    "nonblocking-accept", "peer-address", "ping", "process-under-test", "protobuf", "select", "serve",
    "serve-workers", "server", "tcp-client", "tls-client", "tls-relay", "tls-server", "udp-client", "udp-server", "unix-client", "unix-server", "who",
  ]

  @Test func eachExampleIsTestedAndCanBeExecuted() {
    let names = Repository.names(in: "scripts/examples", endingWith: ".sock").map { String($0.dropLast(5)) }
    #expect(Set(names) == Self.tested)
    for name in names {
      let text = Repository.text("scripts/examples/\(name).sock") ?? ""
      #expect(text.hasPrefix("#!/usr/bin/env sock\n# "), "\(name) says nothing about itself")
    }
  }
}
