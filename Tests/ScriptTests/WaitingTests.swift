// Waiting with few system calls: nothing that comes is missed, and nothing is waited for in vain.
import Glibc
import SocketCore
import Testing

@Suite struct WaitingTests {
  /// One client at a time, then many at once, then one at a time: whatever the server has learnt from the ones before.
  private static let clients = """
    $| = 1; alarm 60; my $port = $ARGV[0];
    sub client { IO::Socket::INET->new("127.0.0.1:$port") or die $@ }
    sub ask {
      my $s = shift; $s->print("question\\n"); my $l = <$s>; die "no answer" unless $l eq "QUESTION\\n"; close $s
    }
    for my $round (1 .. 3) {
      ask(client()) for 1 .. 50;
      my @s = map { client() } 1 .. 60;
      ask($_) for @s;
      @s = map { client() } 1 .. 60;
      ask($_) for reverse @s;
    }
    print "all answered\\n";
    """

  @Test(arguments: [
    "serve\nrecv line as text\nsend \"${upper(text)}\\n\"\nend",
    "loop\naccept as c\nspawn\nc.recv line as text\nc.send \"${upper(text)}\\n\"\nc.close\nend\nend",
    "loop\nselect\nwhen accept as c\nspawn\nc.recv line as text\nc.send \"${upper(text)}\\n\"\nc.close\nend\nend\nend",
  ])
  func everyConnectionIsAcceptedAndAnswered(body: String) throws {
    let server = try RunningProgram.sock(["-"], input: "listen 0\nprint listener.sockport\n\(body)\n")
    let perl = try RunningProgram(["perl", "-MIO::Socket", "-e", Self.clients, try server.line()])
    #expect(try perl.line() == "all answered")
    #expect(try perl.finish().status == 0)
  }

  @Test func aConnectionThatNobodyAcceptsCostsNoTime() throws {
    let script = """
      listen 0
      let port = listener.sockport
      spawn
        listener.accept as first
      end
      sleep 20ms
      connect port as one
      sleep 20ms
      connect port as two
      sleep 1s
      print "slept"
      stdin.recv line
      listener.accept as second within 10s
      two.send "hello"
      print second.recv 5 within 10s
      """
    let program = try RunningProgram.sock(["-e", script], input: nil)
    #expect(try program.line() == "slept")
    let stat = Repository.text("/proc/\(program.process.pid)/stat") ?? ""
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    let ticks = try #require(fields.count > 12 ? fields[11...12].compactMap { Int($0) }.reduce(0, +) : nil)
    #expect(ticks < sysconf(Int32(_SC_CLK_TCK)) / 2, "\(ticks) ticks for a second's sleep")
    program.write("go on\n")
    #expect(try program.line() == "hello")
    #expect(try program.finish().status == 0)
  }

  /// Whether a program may have a network, and a file in place of one in /etc, of its own.
  private static let hasOwnNetwork = (try? RunningProgram(["unshare", "-rnm", "true"]).finish().status) == 0

  private func runInOwnNetwork(_ script: String, with file: String, as place: String) throws -> Outcome {
    let up = "import fcntl, socket, struct; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
      + "fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', 1))"
    let shell = #"python3 -c "$1" && mount --bind "$2" "$3" && exec "$4" -e "$5""#
    return try RunningProgram(["unshare", "-rnm", "sh", "-c", shell, "sh", up, file, place, Repository.sock, script])
      .finish()
  }

  /// In a network where the name server takes every question and answers none.
  @Test(.enabled(if: hasOwnNetwork, "no network of one's own: unshare -rnm")) func aSilentNameServerMeetsTheDeadline() throws {
    let folder = try TemporaryFolder()
    #expect(Repository.write(Array("nameserver 127.0.0.1\n".utf8), to: folder.file("resolv.conf")))
    let script = """
      bind udp:127.0.0.1:53 as silent
      let start = now()
      try
        connect nobody.example:1 within 300ms
      catch e
        print e.code
      end
      try
        within 300ms
          resolve("nobody.example")
        end
      catch e
        print e.code
      end
      print now() - start < 3
      exit 0
      """
    let outcome = try runInOwnNetwork(script, with: folder.file("resolv.conf"), as: "/etc/resolv.conf")
    #expect(outcome.lines == ["timeout", "timeout", "true"], "\(outcome.errors)")
  }

  /// Where a name has two addresses, of which the first refuses and the second has no room for one more connection.
  @Test(.enabled(if: hasOwnNetwork, "no network of one's own: unshare -rnm")) func aTimeOutNamesAllAddresses() throws {
    let folder = try TemporaryFolder()
    #expect(Repository.write(Array("::1 both.example\n127.0.0.1 both.example\n".utf8), to: folder.file("hosts")))
    let script = """
      listen 127.0.0.1:0 backlog 0
      for n in 1..9
        spawn
          connect 127.0.0.1:${listener.sockport}
        end
      end
      sleep 50ms
      connect both.example:${listener.sockport} within 300ms
      """
    let outcome = try runInOwnNetwork(script, with: folder.file("hosts"), as: "/etc/hosts")
    #expect(outcome.errors.contains(/no answer from 127\.0\.0\.1:\d+ within 300 ms/), "\(outcome.errors)")
    #expect(outcome.errors.contains(/tried     \[::1\]:\d+: Connection refused/), "\(outcome.errors)")
  }

  private static let needsNetwork: Comment = "no network of one's own: unshare -rnm"

  /// A name of two addresses; in the script `silent` and `there` are listeners on them, at one port. The first's queue
  /// is full, so that the kernel answers nobody there.
  private func runWithTwoFamilies(_ script: String) throws -> Outcome {
    let folder = try TemporaryFolder()
    #expect(Repository.write(Array("::1 both.example\n127.0.0.1 both.example\n".utf8), to: folder.file("hosts")))
    let listeners = """
      listen [::1]:0 backlog 0 as silent
      let port = silent.sockport
      listen 127.0.0.1:${port} as there
      for n in 1..9
        spawn
          connect [::1]:${port}
        end
      end
      sleep 50ms

      """
    return try runInOwnNetwork(listeners + script + "\nexit 0", with: folder.file("hosts"), as: "/etc/hosts")
  }

  /// RFC 8305: the second address is tried beside the first one when that has been silent for 250 ms.
  @Test(.enabled(if: hasOwnNetwork, needsNetwork)) func twoFamiliesAreTriedBesideEachOther() throws {
    let outcome = try runWithTwoFamilies(
      """
      let start = now()
      connect both.example:${port} within 20s
      let took = now() - start
      print conn.peerhost, took >= 0.25, took < 10
      there.accept as one within 5s
      send "hello"
      print one.recv 5
      # What was still being connected is closed: its descriptor serves again.
      print one.fileno < conn.fileno
      """)
    #expect(outcome.lines == ["127.0.0.1 true true", "hello", "true"], "\(outcome.errors)")
  }

  @Test(.enabled(if: hasOwnNetwork, needsNetwork)) func twoSilentAddressesAreToldInOneTimeout() throws {
    let outcome = try runWithTwoFamilies(
      """
      there.close
      listen 127.0.0.1:${port} backlog 0 as full
      for n in 1..9
        spawn
          connect 127.0.0.1:${port}
        end
      end
      sleep 50ms
      connect both.example:${port} within 600ms
      """)
    #expect(
      outcome.errors.contains(/no answer from \[::1\]:\d+ and 127\.0\.0\.1:\d+ within 600 ms/), "\(outcome.errors)")
  }

  /// The address that refuses is no reason to wait, and `from` leaves one family.
  @Test(.enabled(if: hasOwnNetwork, needsNetwork)) func anotherFamilyIsTriedAtOnceWhereOneRefuses() throws {
    let outcome = try runWithTwoFamilies(
      """
      silent.close
      let start = now()
      connect both.example:${port} within 20s
      print conn.peerhost, now() - start < 0.25
      connect both.example:${port} from 127.0.0.2:0 within 20s
      print conn.sockhost
      socket inet6 as six
      try
        six.connect both.example:${port}
      catch e
        print e.code, e.message == "cannot connect to both.example:${port}: Connection refused (ECONNREFUSED)"
      end
      there.close
      try
        connect both.example:${port}
      catch e
        print e.code
      end
      # Datagrams go to the first of them, whoever listens on the other one.
      bind udp:127.0.0.1:0 as server
      connect udp:both.example:${server.sockport} as client
      client.send "anybody?"
      client.recv within 5s
      """)
    #expect(outcome.lines == ["127.0.0.1 true", "127.0.0.2", "refused true", "refused"], "\(outcome.errors)")
    #expect(
      outcome.errors.contains(/help: `both.example` is 127.0.0.1:\d+ as well; `udp:127.0.0.1:\d+` sends there/),
      "\(outcome.errors)")
  }

  /// What is said of programs that keep their output is said where that may be it.
  @Test func aSilentProgramIsExplainedOnce() throws {
    let hint = "try `stdbuf -oL`"
    for (statements, isHinted) in [
      ("run \"cat\"; recv line within 20ms", true), ("run \"stdbuf -oL cat\"; recv line within 20ms", false),
      ("run \"cat\"; send line \"a\"; recv line; recv line within 20ms", false),
      ("run \"sleep 100\" pty; recv line within 20ms", false),
      ("run \"cat\"; send \"a\"; expect \"b\" within 100ms", false),
    ] {
      let outcome = try sock("-e", statements)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(hint) == isHinted, "\(outcome.errors)")
    }
  }

  /// The end of its output is seen a moment before its own.
  @Test func howAProgramHasEndedIsTold() throws {
    let folder = try TemporaryFolder()
    let suite = try folder.write(
      "a.sock",
      """
      for name in ["SEGV", "ABRT"]
        for step in ["expect", "send"]
          test "${name} ${step}"
            run ["sh", "-c", "exec >&- <&-; kill -${name} \\$\\$"] as p
            if step == "expect"
              p.expect "x"
            else
              sleep 2ms
              p.send repeat("x", 100000)
            end
          end
        end
      end
      """)
    let outcome = try sock("test", suite)
    #expect(outcome.output.matches(of: /process   .+ was killed by signal (SEGV|ABRT)/).count == 4, "\(outcome.output)")
  }

  /// A server whose clients have always come later than it looked, which it has learnt to wait for.
  private static let learnt = """
    listen 0
    let port = listener.sockport
    spawn
      for n in 1..20
        connect port as c
        sleep 2ms
        c.send "x"
        c.recv
      end
    end
    for n in 1..20
      accept
      recv 1
      send "y"
    end
    connect port as last
    last.send "there already"
    """

  @Test(arguments: [
    "accept within 0s\nprint recv 5 within 0s",
    "accept as c within 1ms\nprint c.recv 5 within 1ms",
    "listener.blocking off\naccept as c\nc.blocking off\nprint c.recv 5",
    "accept as c\nselect\nwhen c.recv 5 as text\nprint text\nwhen after 0s\nprint \"late\"\nend",
    "select\nwhen accept as c\nprint c.recv 5\nwhen after 0s\nprint \"late\"\nend",
    "within 5s\naccept\nprint recv 5\nend",
  ])
  func whatIsThereAlreadyIsFoundInNoTime(steps: String) throws {
    let outcome = try sock("-e", Self.learnt + "\n" + steps)
    #expect(outcome.output == "there\n", "\(outcome.errors)")
  }

  @Test func whatIsPrintedIsSeenBeforeTheScriptGoesOnWaiting() throws {
    let script = "print \"name?\"\nstdin.recv line as n\nprint n\nsleep 100s"
    let program = try RunningProgram.sock(["-e", script], input: nil)
    #expect(try program.line() == "name?")
    program.write("sock\n")
    #expect(try program.line() == "sock", "10 ms after it was printed, with nothing else to do")
    program.process.signal(SIGTERM)
    #expect(try program.finish().status == 143)
  }

  @Test(arguments: [("exit 3", 3), ("fail \"no\"", 1), ("let x = [][3]", 1), ("", 0)] as [(String, Int32)])
  func whatIsPrintedIsNeverLost(end: String, status: Int32) throws {
    let outcome = try sock("-e", "sleep 1ms\nfor n in 1..20000\nprint n\nend\n\(end)")
    #expect(outcome.status == status)
    #expect(outcome.lines == (1...20000).map(String.init))
  }

  @Test func aSendThatFailsLeavesNothingToTheNextOne() throws {
    let script = """
      let [a, b] = socketpair
      b.close
      try a.send line "longer than the next one"
      print error.code
      let [c, d] = socketpair
      c.send "hi"
      print d.recv
      """
    let outcome = try sock("-e", script)
    #expect(outcome.output.hasSuffix("\nhi\n"), "\(outcome.output)\(outcome.errors)")
    #expect(outcome.status == 0)
  }

  @Test func manyTasksRunInTheOrderInWhichTheyBecameReady() throws {
    let script = """
      let order = []
      let tasks = []
      for n in 1..10000
        spawn as t
          push(order, n)
        end
        push(tasks, t)
      end
      for t in tasks
        wait t
      end
      for at in 0..<10000
        assert order[at] == at + 1
      end
      print len(order)
      """
    let outcome = try sock("-e", script)
    #expect(outcome.output == "10000\n", "\(outcome.errors)")
  }
}
