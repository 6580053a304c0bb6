// Sessions of real clients with real servers, recorded: the script passes against the same server again and again,
// fails where the server says something else, and serves the same client from the other side.
import Glibc
import Testing

/// A client and a server to record.
struct RecordedCase: CustomTestStringConvertible {
  let name: String
  /// What must be there beside the server of scripts/servers.
  let client: String
  /// The file of scripts/servers; nil: the test starts the server by itself.
  let server: String?
  var isDatagram = false
  let command: String
  /// A server that says this instead of that is noticed.
  let was: String
  let says: String
  var options: [String] = []
  /// What stands in the script, which shows that something was understood.
  var contains: [String] = []

  var testDescription: String { name }
}

@Suite struct RecordingTests {
  /// Exim wants to be started by root.
  private static let ofRoot = [
    RecordedCase(
      name: "SMTP with STARTTLS", client: "swaks", server: "smtp",
      command: "swaks --server {host} --port {port} --to a@localhost --from b@localhost --tls --suppress-data",
      was: "250-SIZE", says: "250-SEIZE", options: ["--ca", "{folder}/ca.crt"], contains: ["starttls client"])
  ]

  static let cases = (geteuid() == 0 ? ofRoot : []) + [
    RecordedCase(
      name: "redis", client: "redis-cli", server: "redis",
      command: "printf 'INCR n\\nINCR n\\nINCR n\\nSET a b\\nGET a\\n' | redis-cli -2 -h {host} -p {port}", was: "+OK",
      says: "+KO", contains: ["${int(m.value) + 2}"]),
    RecordedCase(
      name: "memcached", client: "nc", server: "memcached",
      command: "printf 'set a 0 0 3\\r\\nabc\\r\\nget a\\r\\nstats\\r\\ngets a\\r\\nquit\\r\\n' | nc -N {host} {port}",
      was: "VALUE a 0 3", says: "VALUE a 0 4", contains: [#"/STAT uptime \d+\r\n/"#]),
    RecordedCase(
      name: "HTTP/1.1", client: "curl", server: "http",
      command: "curl -sS http://{address}/hello.txt http://{address}/ping http://{address}/stream http://{address}/no",
      was: "200 OK", says: "201 OK", contains: ["Host: 127.0.0.1:${conn.peerport}", "expect /Date: "]),
    RecordedCase(
      name: "SMTP with STARTTLS of aiosmtpd", client: "swaks", server: "smtp-aiosmtpd",
      command: "swaks --server {host} --port {port} --to a@localhost --from b@localhost --tls --suppress-data",
      was: "250-SIZE", says: "250-SEIZE", options: ["--ca", "{folder}/ca.crt"], contains: ["starttls client"]),
    RecordedCase(
      name: "IMAP", client: "curl", server: "imap",
      command: "curl -sS --user bob:secret imap://{address}/INBOX -X 'EXAMINE INBOX'", was: "0 EXISTS",
      says: "1 EXISTS", contains: [" secs"]),
    RecordedCase(
      name: "PostgreSQL", client: "psql", server: nil,
      command: "psql -h {host} -p {port} -U postgres -c 'select 1+1 as two, now(), pg_backend_pid()' -c 'select 3'",
      was: "SELECT 1", says: "SELECT 2", contains: ["# DataRow", "# ReadyForQuery"]),
    RecordedCase(
      name: "MQTT", client: "mosquitto_pub", server: "mqtt",
      command: "mosquitto_pub -h {host} -p {port} -t a/b -m hello -q 1 -i recorder", was: "@\u{2}",
      says: "P\u{2}", contains: ["# PUBLISH"]),
    RecordedCase(
      name: "DNS", client: "dig", server: "dns", isDatagram: true,
      command: "dig @{host} -p {port} +noall +answer host.test A; dig @{host} -p {port} www.example.test A", was: "",
      says: ""),
    RecordedCase(
      name: "a protocol of its own", client: "perl", server: nil,
      command: "perl \(Repository.path("Tests/Peers/framed-client.pl")) {host} {port}", was: "welcome",
      says: "wellcome", contains: ["recv exactly 8 as value", "unpack(\"u16\", length)"]),
  ]

  @Test(arguments: cases)
  func isRecordedPassesFailsAndServes(recorded: RecordedCase) throws {
    let isThere = try Self.has(recorded.client)
    try #require(isThere, "\(recorded.client) is missing; scripts/test installs it")
    let folder = try TemporaryFolder()
    // For servers that give up root.
    chmod(folder.path, 0o755)
    let (server, port) = try start(recorded, folder)
    defer { server.process.signalGroup(SIGKILL) }
    let prefix = recorded.isDatagram ? "udp:" : ""
    let target = "\(prefix)127.0.0.1:\(port)"
    let script = folder.file("client.sock")
    let capture = folder.file("session.pcapng")
    let options = recorded.options.map { $0.replacing("{folder}", with: folder.path) }
    let command = "\(recorded.command) >/dev/null"
    let outcome = try sock(
      ["record", "--to", target, "--times", "3", "--keep", capture, "--run", command, "--timeout-scale", "4"] + options
        + [script])
    let text = try read(script)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    for part in recorded.contains { #expect(text.contains(part), "\(part) is not in\n\(text)") }
    #expect(try sock(["check", "--strict", script]).output == "")
    #expect(try sock(["fmt", "--check", script]).status == 0)

    // Again, and again.
    for _ in 1...2 {
      let again = try sock(["test", "--timeout-scale", "4", script])
      #expect(again.status == 0, "\(again.output)\n\(text)")
    }
    // Against a server that says one thing for another.
    if !recorded.was.isEmpty {
      let liar = try RunningProgram.sock([
        "run", Repository.path("Tests/Peers/changing.sock"), target, Self.hex(recorded.was), Self.hex(recorded.says),
      ])
      let failed = try sock(["test", "--set", "target=127.0.0.1:\(try liar.line())", script])
      #expect(failed.status == 1, "\(failed.output)\n\(text)")
      liar.process.signalGroup(SIGKILL)
    }
    // From the other side, for the same client.
    let serving = folder.file("server.sock")
    let made = try sock(["record", "--pcap", capture, "--as", "server", serving])
    #expect(made.status == 0, "\(made.output)\(made.errors)")
    #expect(try sock(["check", "--strict", serving]).output == "")
    let served = try sock([
      "test", "--timeout-scale", "4", "--set", "address=\(prefix)127.0.0.1:0", "--set", "client=\(command)", serving,
    ])
    let servingText = try read(serving)
    #expect(served.status == 0, "\(served.output)\n\(servingText)")
    // Without a script, where one session alone tells what varies.
    guard ["redis", "HTTP/1.1", "MQTT", "DNS"].contains(recorded.name) else { return }
    let replayed = try sock(["replay", capture, "--to", target, "--timeout-scale", "4"] + options)
    #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
    // It is that server which is spoken to, and not the one of the recording.
    guard !target.hasPrefix("udp:") else { return }
    let elsewhere = try sock(["replay", capture, "--to", "127.0.0.1:1"])
    #expect(elsewhere.status == 1, "\(elsewhere.output)\(elsewhere.errors)")
    #expect(elsewhere.output.contains("cannot connect to 127.0.0.1:1"), "\(elsewhere.output)")
  }

  /// A protocol in which the server speaks at length and in pieces, through a relay that is slow in one direction.
  @Test func psqlThroughARelay() throws {
    let isThere = try Self.has("psql")
    try #require(isThere, "psql is missing; scripts/test installs it")
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o755)
    let recorded = try #require(Self.cases.first { $0.client == "psql" })
    let (server, port) = try start(recorded, folder)
    defer { server.process.signalGroup(SIGKILL) }
    let relay = try folder.write(
      "relay.sock",
      """
      listen 0 as front
      print front.sockport
      front.serve
        let near = conn
        near.fault write rate 10MiB delay 1ms
        connect \(port) as far
        relay near far
      end
      """)
    let proxy = try RunningProgram.sock(["run", relay])
    let client = try RunningProgram(
      ["psql", "-h", "127.0.0.1", "-p", try proxy.line(), "-U", "postgres", "-At", "-c",
        "select count(*), sum(length(x)) from (select repeat('x', 1000) as x from generate_series(1, 3000)) as t", "-c",
        "select repeat('y', 300000)"],
      environment: ["PATH": Self.searchPath]
    ).finish()
    #expect(client.status == 0 && client.lines == ["3000|3000000", String(repeating: "y", count: 300_000)])
    proxy.process.signalGroup(SIGKILL)
  }

  // MARK: - What differs between sessions

  /// Answers a request with so many entries, whose order is another one for its first client, and another one again for
  /// each from the fourth on: as a table does that is still growing.
  private static let shuffled = #"""
    param count
    param last = "end"
    listen 0 as front
    print front.sockport
    let state = {turn: 0}
    front.serve
      recv line
      let answer = []
      for i in 0..<int(count)
        push(answer, "*2\r\n$8\r\nname${1000 + i}\r\n$" + str(2 + i) + "\r\n" + repeat("x", 2 + i) + "\r\n")
      end
      let turn = state.turn
      state.turn += 1
      let first = if turn == 0 then 1 else if turn < 3 then 0 else turn
      send join(answer[first..<len(answer)] + answer[0..<first], "") + last + "\r\n"
      recv all
    end
    """#

  /// Numbers of lines that have moved were taken for lengths of what follows them.
  @Test(arguments: [7, 130])
  func linesInAnotherOrder(count: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("server.sock", Self.shuffled)
    let server = try RunningProgram.sock(["run", path, "\(count)"])
    let script = folder.file("recorded.sock")
    let client = "\(Repository.sock) -e 'connect {address}; send line \"all\"; shutdown write; recv all'"
    let outcome = try sock(
      ["record", "--to", "127.0.0.1:\(try server.line())", "--times", "3", "--run", client, script])
    let text = try read(script)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    #expect(text.contains("another order") && text.contains("sort("), "\(text)")
    for _ in 1...2 { #expect(try sock(["test", script]).status == 0) }
    let liar = try RunningProgram.sock(["run", path, "\(count)", "dne"])
    let failed = try sock(["test", "--set", "target=127.0.0.1:\(try liar.line())", script])
    #expect(failed.status == 1, "\(failed.output)\n\(text)")
    for program in [server, liar] { program.process.signalGroup(SIGKILL) }
  }

  /// An array of RESP, whose count is as long as its next line is in three sessions and not in the fourth.
  private static let counts = #"""
    listen 0 as front
    print front.sockport
    let state = {turn: 0}
    let counts = [2, 3, 2, 4]
    let lengths = [8, 14, 9, 14]
    front.serve
      let turn = min(state.turn, 3)
      state.turn += 1
      send "*${counts[turn]}\r\n$${str(lengths[turn])}\r\n" + repeat("x", lengths[turn]) + "\r\n"
    end
    """#

  @Test func aCountIsNoLength() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.counts)])
    let script = folder.file("recorded.sock")
    let client = "\(Repository.sock) -e 'connect {address}; recv all'"
    let outcome = try sock(
      ["record", "--to", "127.0.0.1:\(try server.line())", "--times", "3", "--run", client, script])
    let text = try read(script)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    #expect(text.contains("/\\*\\d+\\r\\n/") && text.contains("assert int(m.value) == len("), "\(text)")
    server.process.signalGroup(SIGKILL)
  }

  // MARK: - What connections do

  /// Greets, reads until the client has said all, says it backwards, and ends.
  private static let backwards = #"""
    listen 0 as front
    print front.sockport
    front.serve
      send line "welcome"
      recv all as text
      send line reverse(text)
    end
    """#

  /// Two connections at once, of which one is silent for a while and ends its side, and the other is reset.
  private static let twoAtOnce = #"""
    param address
    connect (address) as one
    connect (address) as two
    one.expect line "welcome"
    two.expect line "welcome"
    one.send "abc"
    two.send "xyz"
    one.expect silence 1200ms
    one.send "def"
    one.shutdown write
    one.expect line "fedcba"
    one.expect eof
    two.reset
    """#

  @Test func severalConnectionsHalfClosedAndReset() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.backwards)])
    let port = try server.line()
    let client = try folder.write("client.sock", Self.twoAtOnce)
    let script = folder.file("recorded.sock")
    let capture = folder.file("recorded.pcapng")
    let command = "\(Repository.sock) \(client) {address}"
    let outcome = try sock([
      "record", "--to", "127.0.0.1:\(port)", "--run", command, "--keep", capture, "--timeout-scale", "4", script,
    ])
    let text = try read(script)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    for part in [
      "connect target as c2", "c1.expect \"welcome\\r\\n\"", "c1.expect silence ", "c1.shutdown write",
      "c1.expect eof", "c2.reset",
    ] {
      #expect(text.contains(part), "\(part) is not in\n\(text)")
    }
    let serving = folder.file("serving.sock")
    _ = try sock(["record", "--pcap", capture, "--as", "server", serving])
    let served = try sock([
      "test", "--timeout-scale", "4", "--set", "address=0", "--set", "client=\(command)", serving,
    ])
    let servingText = try read(serving)
    #expect(served.status == 0, "\(served.output)\n\(servingText)")
    server.process.signalGroup(SIGKILL)
  }

  private static let upgrading = """
    param path
    listen unix:${path} as front
    print "ready"
    front.serve
      send line "220 welcome"
      expect line "STARTTLS"
      send line "220 go"
      starttls server
      while recv line as text
        send line "you: ${text}"
      end
    end
    """

  /// Two connections at once to a server without ports, which are followed into TLS.
  @Test func aUnixSocketAndTLS() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("socket")
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.upgrading), path])
    #expect(try server.line() == "ready")
    let client = try folder.write(
      "client.sock",
      """
      param address
      connect (address) as one
      connect (address) as two
      for side in [two, one]
        side.expect line "220 welcome"
        side.send line "STARTTLS"
        side.expect line "220 go"
        side.starttls client insecure
      end
      one.send line "first"
      one.expect line "you: first"
      two.send line "second"
      two.expect line "you: second"
      """)
    let script = folder.file("recorded.sock")
    let outcome = try sock([
      "record", "--to", "unix:\(path)", "--insecure", "--timeout-scale", "4", "--run",
      "\(Repository.sock) \(client) {address}", script,
    ])
    let text = try read(script)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    for part in [
      "c1.starttls client insecure", "c2.starttls client insecure", "c1.send line \"first\"", "c2.send line \"second\"",
    ] {
      #expect(text.contains(part), "\(part) is not in\n\(text)")
    }
    server.process.signalGroup(SIGKILL)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func whatWasRecordedIsNotLost(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.backwards)])
    let port = try server.line()
    let script = folder.file("recorded.sock")
    let recorder = try RunningProgram.sock(["record", "--listen", "0", "--to", "127.0.0.1:\(port)", script])
    let line = try recorder.line()
    let words = line.split(whereSeparator: { $0 == " " || $0 == "," })
    let address = try #require(words.dropFirst(2).first)
    // A client that says something and stays.
    let client = try RunningProgram.sock([
      "-e", "connect \(address); expect line \"welcome\"; send \"unfinished\"; print \"said\"; recv",
    ])
    #expect(try client.line() == "said")
    _ = recorder.process.signal(signal)
    let outcome = try recorder.finish()
    #expect(outcome.status == 128 + signal, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors == "sock: interrupted; what was recorded so far is written\n")
    let text = try read(script)
    #expect(text.contains("expect \"welcome\\r\\n\""), "\(text)")
    for program in [server, client] { program.process.signalGroup(SIGKILL) }
  }

  /// Says nothing of what it gets.
  private static let quiet = """
    listen 0 as front
    print front.sockport
    front.serve
      send line "welcome"
      recv all
      send line "within reach"
    end
    """

  /// The script reads them where they came from, and says them as the client did.
  @Test func secretsAreSaidAgain() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.quiet)])
    let target = "127.0.0.1:\(try server.line())"
    let client = try folder.write(
      "client.sock",
      #"""
      param address
      connect (address)
      expect line "welcome"
      let pw = env("PW")
      send line "AUTH PLAIN ${base64("\0bob\0" + pw)}"
      send line base64(pw)
      send line "GET /?pw=${urlencode(pw)}&other=p%40ss%2fw0rd!x 5"
      let name = env("NAME")
      send line "USER ${name}"
      send x"00 ff fe fd fc fb" + name + x"00 ff fe fd fc fb"
      shutdown write
      recv all
      """#)
    let script = folder.file("recorded.sock")
    let environment = ["PW": "p@ss/w0rd!x", "NAME": "bj\u{f6}rn-gr\u{f6}\u{df}l"]
    let pin = try folder.write("pin", "within\n")
    let outcome = try RunningProgram.sock(
      [
        "record", "--to", target, "--secret", "pw=env:PW", "--secret", "name=env:NAME", "--secret", "pin=file:\(pin)", "--run",
        "\(Repository.sock) \(client) {address}", script,
      ], environment: environment
    ).finish()
    let text = try read(script)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(text)")
    for part in [
      #"param secret pw = env("PW")"#, #"param secret pin = replace(readfile("\#(pin)"), "#,
      #"AUTH PLAIN ${base64("\0bob\0${pw}")}"#, "${base64(pw)}\\r\\n", "pw=${urlencode(pw)}&other=${urlencode(pw)} 5",
    ] {
      #expect(text.contains(part), "\(part) is not in\n\(text)")
    }
    #expect(text.split(separator: "${name}").count == 3 && !text.contains("72 6e") && !text.contains("rn-gr"), "\(text)")
    let again = try RunningProgram.sock(["test", script], environment: environment).finish()
    #expect(again.status == 0, "\(again.output)")
    server.process.signalGroup(SIGKILL)
  }

  /// Its client gets the port of a free one, which it says.
  @Test func replayAsServerSaysWhereItListens() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.backwards)])
    let capture = folder.file("session.pcapng")
    let recorded = try sock([
      "record", "--to", "127.0.0.1:\(try server.line())", "--keep", capture, "--run",
      "printf 'hello\\n' | nc -N {host} {port}", folder.file("recorded.sock"),
    ])
    #expect(recorded.status == 0, "\(recorded.output)\(recorded.errors)")
    let replay = try RunningProgram.sock(["replay", capture, "--listen", "0"])
    let line = try replay.line()
    let match = try #require(line.firstMatch(of: #/playing the server on 127\.0\.0\.1:(\d+); /#), "\(line)")
    let client = try RunningProgram(
      ["sh", "-c", "printf 'hello\\n' | nc -N 127.0.0.1 \(match.1)"], environment: ["PATH": Self.searchPath]
    ).finish()
    #expect(client.output.contains("welcome\r\n") && client.output.contains("olleh"), "\(client.output)")
    let outcome = try replay.finish()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    server.process.signalGroup(SIGKILL)
  }

  @Test func aSessionThatCannotBeComparedIsTold() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.backwards)])
    let ask = "printf 'hello\\n' | nc -N {host} {port}"
    let second = folder.file("second")
    let capture = folder.file("session.pcapng")
    let recorded = try sock([
      "record", "--to", "127.0.0.1:\(try server.line())", "--times", "2", "--keep", capture, "--run",
      "\(ask); if [ -e \(second) ]; then \(ask); fi; touch \(second)", folder.file("recorded.sock"),
    ])
    #expect(
      recorded.errors.contains("in 1 of 2 sessions the client made other connections than in the last one"),
      "\(recorded.errors)")
    let counted = try sock(["record", "--pcap", capture, "--times", "3", folder.file("other.sock")])
    #expect(counted.status == 2 && counted.errors.contains("it has 2 sessions; leave out --times"), "\(counted.errors)")
    server.process.signalGroup(SIGKILL)
  }

  @Test func secretsAreWrittenByName() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.backwards)])
    let port = try server.line()
    let client = try folder.write(
      "client.sock",
      "param address\nconnect (address)\nexpect line \"welcome\"\nsend \"pass \" + env(\"PW\")\n"
        + "shutdown write\nrecv all\n")
    let script = folder.file("recorded.sock")
    let outcome = try RunningProgram.sock(
      [
        "record", "--to", "127.0.0.1:\(port)", "--secret", "pw=env:PW", "--run",
        "\(Repository.sock) \(client) {address}", script,
      ], environment: ["PW": "Tr0ub4dor-3"]
    ).finish()
    let text = try read(script)
    #expect(!text.contains("Tr0ub4dor") && !outcome.output.contains("Tr0ub4dor"), "\(text)\n\(outcome.output)")
    #expect(text.contains("param secret pw") && text.contains("pass ${pw}"), "\(text)")
    server.process.signalGroup(SIGKILL)
  }

  /// The cause, once, and not what the client made of it three times.
  @Test func aServerThatIsNotThere() throws {
    let folder = try TemporaryFolder()
    let client = "\(Repository.sock) -e 'connect {address}; recv all' 2>/dev/null"
    let outcome = try sock([
      "record", "--to", "127.0.0.1:1", "--times", "3", "--run", client, folder.file("recorded.sock"),
    ])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors == """
        sock: cannot connect to 127.0.0.1:1: Connection refused (ECONNREFUSED)
        sock: nothing was recorded: the server could not be reached

        """)
    #expect(outcome.lines.count == 1, "\(outcome.output)")
  }

  @Test func aCommandLineThatCannotBeDone() throws {
    let folder = try TemporaryFolder()
    let script = folder.file("x.sock")
    let empty = try folder.write("empty.pcap", "")
    let secret = try folder.write("secret", "Tr0ub4dor-3")
    let record = ["record", "--listen", "0", "--to", "1"]
    for (words, message) in [
      (["record"], "record needs the name of a script"),
      (["record", script], "record needs --listen ADDRESS --to ADDRESS, or --pcap FILE"),
      (["record", "--listen", "0", "--to", "udp:1", script], "both are udp:, or none is"),
      (["record", "--pcap", empty, script], "is empty"),
      (["record", "--pcap", folder.file("none"), script], "cannot be read: No such file or directory"),
      (["record", "--pcap", empty, "--listen", "0", script], "leave out one of them"),
      (["record", "--as", "both", "--listen", "0", "--to", "1", script], "it is client or server"),
      (["record", "--listen", "0", "--to", "1", empty], "is there already"),
      (["record", "--listen", "0", "--to", "1", folder.file("no/folder.sock")], "No such file or directory"),
      (["record", "--listen", "0", "--to", "1", "--keep", script, script], "cannot both be"),
      (["record", "--listen", "0", "--to", "localhost", script], "a server has a port"),
      (record + ["--secret", "if=file:\(secret)", script], "no secret of a script can have that name"),
      (record + ["--secret", "bad-name=file:\(secret)", script], "no secret of a script can have that name"),
      (record + ["--secret", "pw=file:\(secret)", "--secret", "pw=file:\(secret)", script], "two have that name"),
      (record + ["--secret", "pw=file:\(try folder.write("one", "x"))", script], "has 1 byte"),
      (["replay", empty], "name one of them"), (["replay", empty, "--to", "1"], "is empty"),
    ] {
      let outcome = try sock(words)
      #expect(outcome.status == 2 && outcome.errors.contains(message), "\(words): \(outcome.errors)")
    }
  }

  private func sock(_ arguments: [String]) throws -> Outcome {
    try RunningProgram.sock(arguments).finish()
  }

  private static func hex(_ text: String) -> String {
    text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The file's text; empty when there is none.
  private func read(_ path: String) throws -> String { try RunningProgram(["cat", path]).finish().output }

  private static func has(_ program: String) throws -> Bool {
    try RunningProgram(["sh", "-c", "command -v \(program)"], environment: ["PATH": searchPath]).finish().status == 0
  }

  private static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The server, and its port when it answers.
  private func start(_ recorded: RecordedCase, _ folder: TemporaryFolder) throws -> (RunningProgram, String) {
    if recorded.client == "perl" {
      let server = try RunningProgram.perl("framed-server.pl", input: nil)
      return (server, try server.line())
    }
    let port = try sock(["-e", "print free_port()"]).lines[0]
    if recorded.client == "psql" {
      let bin = "/usr/lib/postgresql/15/bin"
      let data = folder.file("data")
      let user = getuid() == 0 ? "su postgres -c" : "sh -c"
      let start = "\(bin)/initdb --no-sync -D \(data) -A trust -U postgres >/dev/null && exec \(bin)/postgres -D \(data) "
        + "-F -p \(port) -k '' -h 127.0.0.1"
      let server = try RunningProgram([
        "sh", "-c", "mkdir \(data); [ $(id -u) -ne 0 ] || chown postgres \(data); exec \(user) \"\(start)\"",
      ])
      try wait(for: "connect 127.0.0.1:\(port)")
      let ask = "psql -h 127.0.0.1 -p \(port) -U postgres -c 'select 1'"
      let ready = "for i in $(seq 100); do \(ask) && exit 0; sleep 0.1; done"
      _ = try RunningProgram(["sh", "-c", ready]).finish()
      return (server, port)
    }
    let name = try #require(recorded.server)
    let server = try RunningProgram(
      [Repository.path("scripts/servers/\(name)"), port, folder.path], environment: ["SOCK": Repository.sock])
    // The server of names listens for TCP, too.
    try wait(for: "connect 127.0.0.1:\(port)")
    return (server, port)
  }

  private func wait(for step: String) throws {
    #expect(try sock(["-e", "retry within 30s; \(step); end"]).status == 0)
  }
}
