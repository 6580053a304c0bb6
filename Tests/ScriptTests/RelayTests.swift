// Relays under load, and faults that are drawn by chance: nothing is lost, nothing stays open, and a seed decides.
import Glibc
import Testing

@Suite(.serialized) struct RelayTests {
  /// Leads to an echo of its own, and says where it listens.
  private static let proxy = """
    listen 0 as origin
    listen 0 as front
    spawn
      origin.serve
        while recv as data
          send data
        end
      end
    end
    print front.sockport
    front.serve
      connect origin.sockport as far
      relay conn far
    end
    """

  /// Each of the connections says much and then ends its half; a fifth of them is reset in the middle.
  private static let clients = """
    param port = 0
    param count = 0
    let block = random_bytes(300000)
    let tasks = []
    for n in 1..count
      spawn as client
        connect port
        if n % 5 == 0
          send "a few words"
          recv
          reset
          return true
        end
        spawn as sender
          send block
          shutdown write
        end
        let heard = recv all
        wait sender
        return heard == block
      end
      push(tasks, client)
    end
    let good = 0
    for client in tasks
      if wait client
        good += 1
      end
    end
    print good
    """

  private func descriptors(of program: RunningProgram) -> Int {
    Repository.names(in: "/proc/\(program.process.pid)/fd").count
  }

  @Test func twoHundredConnectionsLeaveNothingOpen() throws {
    let proxy = try RunningProgram.sock(["-"], input: Self.proxy)
    let port = try proxy.line()
    let folder = try TemporaryFolder()
    let script = try folder.write("clients.sock", Self.clients)
    // Those that are open in any case, and a pool of 16 pipes, which stays.
    let most = descriptors(of: proxy) + 2 * 16
    for count in [40, 200] {
      let clients = try RunningProgram.sock(["--set", "port=\(port)", "--set", "count=\(count)", script])
      let outcome = try clients.finish()
      #expect(outcome.output == "\(count)\n", "\(outcome.errors)")
    }
    #expect(comesToHold { descriptors(of: proxy) <= most }, "descriptors are left open")
    // Ctrl-C ends it, with connections that are still there.
    let held = try RunningProgram.sock(["-e", "connect \(port); send \"x\"; print recv; recv"])
    #expect(try held.line() == "x")
    proxy.process.signal(SIGINT)
    #expect(try proxy.finish().status == 130)
  }

  @Test func aSeedDecidesWhichFaultsCome() throws {
    let script = """
      bind udp:127.0.0.1:0 as service
      connect udp:127.0.0.1:${service.sockport} as u
      u.fault write drop 0.3 duplicate 0.3 reorder 0.3 corrupt 0.05
      for i in 1..40
        u.send "message ${i}"
      end
      while try service.recv within 300ms as text
        print inspect(text)
      end
      """
    func output(_ seed: Int) throws -> String { try RunningProgram.sock(["--seed", "\(seed)", "-e", script]).finish().output }
    let first = try output(1)
    #expect(first.split(separator: "\n").count > 10)
    #expect(try output(1) == first)
    #expect(try output(2) != first)
  }

  // MARK: - Output that takes nothing more

  private static let talkative = """
    listen 0 as front
    print front.sockport
    front.serve
      while try conn.send "hello"
        sleep 1ms
      end
    end
    """

  /// Our input stays open and silent; nobody reads our output, or there is no room for it.
  @Test(arguments: [(" | head -c 5", "0", ""), (" >/dev/full", "1", "cannot relay to stdout: No space left")])
  func netcatEnds(output: String, status: String, errors: String) throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(["run", try folder.write("server.sock", Self.talkative)])
    let fifo = folder.file("input")
    mkfifo(fifo, 0o600)
    let netcat = "timeout 20 \(Repository.sock) -e 'connect \(try server.line()); relay [stdin, stdout] conn' <>\(fifo)"
    let outcome = try RunningProgram(
      ["sh", "-c", "{ \(netcat); echo \"status $?\" >&2; } \(output)"],
      environment: ["PATH": "/usr/bin:/bin"]
    ).finish()
    #expect(outcome.errors.contains("status \(status)\n") && outcome.errors.contains(errors), "\(outcome.errors)")
    server.process.signalGroup(SIGKILL)
  }
}
