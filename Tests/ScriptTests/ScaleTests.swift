// Many connections, few descriptors, and peers that send without end.
import Glibc
import Testing

@Suite(.serialized) struct ScaleTests {
  private static let server = """
    listen 0
    print listener.sockport
    serve
      while recv line as text
        send line upper(text)
      end
    end
    """

  private static let clients = """
    param port = 0
    param count = 0
    let clients = []
    for n in 1..count
      connect port as client
      push(clients, client)
    end
    print "connected"
    stdin.recv line
    for n in 0..<count
      clients[n].send line "question ${n}"
    end
    for n in 0..<count
      clients[n].expect line "QUESTION ${n}" within 60s
    end
    print "answered"
    stdin.recv line
    """

  @Test func tenThousandConnectionsAtOnce() throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let count = min(10_000, Int(min(limit.rlim_max, 1 << 20)) - 100)
    if count < 10_000 { print("only \(count) connections: the hard limit of descriptors is \(limit.rlim_max)") }
    let server = try RunningProgram.sock(["-"], input: Self.server)
    let port = try server.line()
    let folder = try TemporaryFolder()
    let script = try folder.write("clients.sock", Self.clients)
    let clients = try RunningProgram.sock(["--set", "port=\(port)", "--set", "count=\(count)", script], input: nil)
    #expect(try clients.line() == "connected")
    clients.write("ask\n")
    #expect(try clients.line() == "answered")
    let descriptors = Repository.names(in: "/proc/\(server.process.pid)/fd").count
    #expect(descriptors > count, "the server holds them all")
    let status = Repository.text("/proc/\(server.process.pid)/status") ?? ""
    let threads = status.firstMatch(of: /Threads:\s+(\d+)/).flatMap { Int($0.output.1) } ?? 0
    #expect((1...2).contains(threads), "no thread for a task")
    let resident = status.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Int($0.output.1) } ?? .max
    #expect(resident < 256 * 1024, "\(resident) kB for \(count) connections")
    clients.write("end\n")
    #expect(try clients.finish().status == 0)
  }

  @Test func aFullDescriptorTableIsToldOnceAndAcceptingGoesOn() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("server.sock", Self.server)
    let server = try RunningProgram(["sh", "-c", "ulimit -n 20; exec \"$0\" \"$1\"", Repository.sock, script])
    let port = try server.line()
    // More than there are descriptors: the rest waits until the first ones end.
    let perl = try RunningProgram([
      "perl", "-MIO::Socket", "-e",
      """
      alarm 60; my @s = map { IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die $@ } 1 .. 40;
      $_->print("a\\n") for @s; $| = 1;
      for my $s (@s) { my $l = <$s>; die "no answer" unless $l eq "A\\r\\n"; close $s }
      print "all answered\\n";
      """, port,
    ])
    #expect(try perl.line() == "all answered")
    #expect(try perl.finish().status == 0)
    server.process.signal(SIGTERM)
    let told = try server.finish().errors
    #expect(told.split(separator: "\n").count == 1, "once: \(told)")
    #expect(told.contains("EMFILE"))
  }

  @Test(arguments: ["recv line", "recv all", "recv until \"y\"", "expect /x+y/", "recv message"])
  func anEndlessPeerEndsInOneError(step: String) throws {
    let peer = try RunningProgram([
      "perl", "-MIO::Socket", "-e",
      """
      $| = 1; alarm 60; my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die $@;
      print $l->sockport, "\\n"; my $c = $l->accept; $SIG{PIPE} = "IGNORE"; my $x = "x" x 65536;
      while (syswrite $c, $x) {}
      """,
    ])
    let port = try peer.line()
    let script = "connect \(port)\nframing \"u32\"\n\(step) within 30s\n"
    let outcome = try RunningProgram.sock(["-"], input: script).finish(within: 30)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("<stdin>:3:1: "), "\(outcome.errors)")
    #expect(outcome.errors.contains("limit"), "\(outcome.errors)")
    #expect(outcome.stderr.count < 4096, "the failure shows a part only")
  }
}
