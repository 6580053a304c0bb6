// `serve workers N`: every process serves, they end together, and nothing is left of them.
import Glibc
import SocketCore
import Testing

@Suite struct WorkerTests {
  /// Says its port, and answers each line with how many connections its process has had.
  private static let server = """
    listen 0
    defer print "deferred"
    print listener.sockport
    let n = 0
    listener.serve workers 2
      n += 1
      let mine = n
      recv line as text
      if text == "exit"
        exit 7
      end
      send line "${mine}"
      print "served ${text}"
    end
    """

  /// The processes that `process` has made.
  private func children(of process: ChildProcess) -> [Int32] {
    let text = Repository.text("/proc/\(process.pid)/task/\(process.pid)/children") ?? ""
    return text.split(separator: " ").compactMap { Int32($0) }
  }

  private func isThere(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

  /// A server, its port, and its one worker.
  private func started(_ script: String = server) throws -> (RunningProgram, String, Int32) {
    let server = try RunningProgram.sock(["-"], input: script)
    let port = try server.line()
    let deadline = Deadline(after: patience)
    while children(of: server.process).isEmpty, !deadline.hasPassed { sched_yield() }
    return (server, port, try #require(children(of: server.process).first))
  }

  /// What Perl's IO::Socket gets as an answer to a line.
  private func ask(_ port: String, _ text: String) throws -> String {
    let client = """
      use IO::Socket::INET;
      my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]", Timeout => 10) or die "connect: $!";
      print $s "$ARGV[1]\\r\\n"; $s->flush; my $answer = <$s> // ""; $answer =~ s/\\r\\n//; print "$answer\\n";
      """
    return try RunningProgram(["perl", "-e", client, port, text]).finish().lines.first ?? ""
  }

  @Test func theSystemPartsConnectionsBetweenTheProcesses() throws {
    let (server, port, _) = try started()
    // Which process gets a connection is a hash's choice: with 40 of them each has some, but for one case in 2^39.
    var answers: [Int] = []
    for number in 1...40 { answers.append(try #require(Int(ask(port, "\(number)")))) }
    // Each process counts for itself: two sequences from 1 on, mixed.
    #expect(answers.filter { $0 == 1 }.count == 2)
    #expect(answers.max() ?? 40 < 40)
    server.process.signal(SIGTERM)
    let outcome = try server.finish()
    #expect(outcome.status == 143)
    #expect(outcome.errors == "")
    #expect(outcome.lines.filter { $0.hasPrefix("served ") }.count == 40, "what all of them print comes")
    #expect(outcome.lines.filter { $0 == "deferred" }.count == 1, "in the first process only")
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
  func noProcessOutlivesTheFirst(signal: Int32) throws {
    let (server, _, worker) = try started()
    server.process.signal(signal)
    _ = try server.finish()
    let deadline = Deadline(after: patience)
    while isThere(worker), !deadline.hasPassed { sched_yield() }
    #expect(!isThere(worker))
  }

  @Test func aWorkersDeathIsAnErrorOfTheScript() throws {
    let (server, _, worker) = try started()
    kill(worker, SIGKILL)
    let outcome = try server.finish()
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("worker 2 (process \(worker)) was ended by signal KILL"))
    #expect(outcome.lines.last == "deferred")
  }

  @Test func exitInAnyProcessEndsAll() throws {
    let (server, port, worker) = try started()
    _ = try ask(port, "exit")
    #expect(try server.finish().status == 7)
    #expect(!isThere(worker))
  }

  @Test func aUnixListenerIsShared() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/socket"
    let script = "listen unix:\(path)\nprint \"-\"\nserve workers 2\n  recv line\n  send line \"hello\"\nend"
    let (server, _, _) = try started(script)
    for _ in 1...4 {
      let client = """
        use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!;
        print $s "x\\n"; $s->flush; my $answer = <$s>; $answer =~ s/\\r\\n//; print "$answer\\n";
        """
      #expect(try RunningProgram(["perl", "-e", client, path]).finish().lines == ["hello"])
    }
    server.process.signal(SIGTERM)
    #expect(try server.finish().status == 143)
  }

  @Test(arguments: [
    ("listen 0; serve workers 0; end", "at least 1, not 0"),
    ("listen 0; serve workers 257; end", "at most 256, not 257"),
    ("listen 0; serve workers \"2\"; end", "is an integer, not a string"),
    ("listen 0; serve 3 workers 2; end", "not both [options-exclude]"),
  ])
  func whatCannotBeIsSaid(script: String, message: String) throws {
    let outcome = try sock("-e", script)
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains(message))
  }

  @Test func aDeadlineEndsThemAndTheScriptGoesOn() throws {
    let outcome = try sock(
      "-e", "listen 0; try; within 100ms; serve workers 3; end; end; catch e; print e.code; end; print \"after\"")
    #expect(outcome.lines == ["timeout", "after"])
    #expect(outcome.status == 0)
  }

  @Test func aTestHasNoWorkers() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("t.sock", "test \"x\"\n  listen 0\n  serve workers 2\n  end\nend\n")
    let outcome = try sock("test", file)
    #expect(outcome.status == 1)
    #expect((outcome.lines.joined(separator: "\n") + outcome.errors).contains("`serve workers` is for scripts"))
  }

  /// Sessions of TLS that are there already go on in the first process: no copy ends them, or goes on with them.
  @Test func sessionsOfTLSStayInTheFirstProcess() throws {
    let script = """
      listen tls:0 as back
      spawn
        back.accept as s
        while s.recv line as text
          s.send line "echo " + text
        end
      end
      connect tls:127.0.0.1:${back.sockport} ca back.tls.ca as up
      up.send line "before"
      print up.recv line
      listen 0
      spawn
        # By now each process has begun to serve.
        let refused = 0
        while refused == 0
          connect listener.sockname as c
          c.send line "ask"
          if (c.recv line) == "no"
            refused += 1
          end
        end
        up.send line "after"
        print up.recv line
        exit 0
      end
      listener.serve workers 2
        recv line
        try
          up.recv line within 0s
          send line "?"
        catch e
          if e.code == "tls"
            send line "no"
          else
            send line "yes"
          end
        end
      end
      """
    let outcome = try RunningProgram.sock(["-"], input: script).finish()
    #expect(outcome.lines == ["echo before", "echo after"])
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }
}
