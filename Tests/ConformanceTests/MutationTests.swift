// `sock test --mutate`: servers with a fault each that is known, which it finds, and writes a script of that fails
// against the broken server and passes against the mended one.

import Glibc
import Testing

@testable import SockConformance

@Suite struct MutationTests {
  /// A small server in Python: what it does with a connection, broken unless it is given an argument.
  private static func server(_ body: String) -> String {
    """
    import os, signal, socket, struct, sys
    mended = len(sys.argv) > 1
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        client, _ = server.accept()
        with client:
            try:
    \(body.split(separator: "\n").map { "            " + $0 }.joined(separator: "\n"))
            except OSError: pass
    """
  }

  /// Trusts a length that is longer than what has come.
  private static let trusting = server(
    """
        while True:
            data = client.recv(65536)
            if len(data) < 3: break
            kind, length = struct.unpack(">BH", data[:3])
            body = data[3:3 + length]
            if mended and len(body) != length: break
            last = body[length - 1] if length else 0
            client.sendall(b"OK %d %d\\r\\n" % (kind, length))
    """)

  /// Does not go on behind an empty element.
  private static let hanging = server(
    """
        data = client.recv(65536)
        at = count = 0
        while at + 1 < len(data):
            size = data[at + 1]
            if size == 0 and mended: break
            at += 2 + size if size else 0
            count += 1
        client.sendall(b"%d tags\\r\\n" % count)
    """)

  /// Has room for 80 bytes in a line.
  private static let overrun = server(
    """
        for line in client.makefile("rb"):
            if len(line) > 80 and not mended: os.kill(os.getpid(), signal.SIGSEGV)
            if len(line) > 80: break
            client.sendall(b"250 " + line)
    """)

  private static let trustingSuite = """
    message Frame
      kind u8
      length u16 = size(body)
      body bytes length
    end

    def probe()
      connect "127.0.0.1:${port}"
      send Frame {kind: 9, body: "x"}
      expect line "OK 9 1"
    end

    test "frames are acknowledged"
      connect "127.0.0.1:${port}"
      send Frame {kind: 1, body: "hello"}
      expect line "OK 1 5"
      send Frame {kind: 2, body: "you"}
      expect line "OK 2 3"
    end
    """

  /// The message is sent by a function, on a connection that the function makes.
  private static let hangingSuite = """
    message Tag
      number u8
      value u8:bytes
    end

    message Tags
      tags list of Tag rest
    end

    def probe()
      connect "127.0.0.1:${port}"
      send encode(Tags, {tags: [{number: 1, value: "x"}]})
      expect line "1 tags"
    end

    def ask(tags)
      connect "127.0.0.1:${port}"
      send encode(Tags, {tags: tags})
    end

    test "tags are counted"
      ask([{number: 1, value: "one"}, {number: 2, value: "two"}])
      expect line "2 tags"
    end
    """

  private static let overrunSuite = """
    def probe()
      connect "127.0.0.1:${port}"
      send line "PING"
      expect line "250 PING"
    end

    test "lines are echoed"
      connect "127.0.0.1:${port}"
      send line "HELO there"
      expect line "250 HELO there"
      send line "NOOP"
      expect line "250 NOOP"
    end
    """

  /// The server lives as long as its test, so that each mutation meets a new one; or as long as the file, which is
  /// quicker.
  private static let ofTests = "setup\n  run server as program\n  program.recv line as port\nend\n"
  private static let ofFile = "run server as program\nprogram.recv line as port\n"

  private struct Planted {
    let folder: Folder
    let suite: String
    let server: String

    init(_ server: String, _ start: String, _ suite: String) throws {
      folder = try Folder()
      self.server = try folder.write("server.py", server)
      let parameter = "param server = [\"python3\", \"\(self.server)\"]"
      self.suite = try folder.write("suite.sock", "\(parameter)\n\n\(start)\n\(suite)\n")
    }

    func run(_ options: String...) throws -> Program.Outcome {
      try Program.run([Program.sock, "test", "--color=never"] + options + [suite])
    }

    func findings() throws -> [String] { try folder.allFiles().filter { $0.contains("-found-") }.sorted() }

    func play(_ script: String, mended: Bool) throws -> Program.Outcome {
      let server = "server=python3,\(server)" + (mended ? ",mended" : "")
      return try Program.run([Program.sock, "test", "--color=never", script, "--set", server])
    }
  }

  /// A change within a secret would be hidden nowhere: what has one in it is sent as it is.
  @Test func secretsAreSentAsTheyAre() throws {
    let suite = """
      param secret pw
      def probe()
        connect "127.0.0.1:${port}"
        send line "PING"
        expect line "250 PING"
      end

      test "logs in"
        connect "127.0.0.1:${port}"
        send line "PASS ${pw}"
        expect line "250 PASS ${pw}"
        send line "NOOP"
        expect line "250 NOOP"
      end
      """
    let planted = try Planted(MutationTests.overrun, MutationTests.ofFile, suite)
    let password = try planted.folder.write("password", "correct-horse-battery")
    let run = try planted.run("--mutate", "12", "--seed", "1", "--secret", "pw=file:\(password)", "--report", "json=\(planted.folder.path)/report")
    #expect(run.output.contains("12 mutations"), "\(run.output)")
    for file in try planted.folder.allFiles() where !file.hasSuffix("/password") {
      let text = try planted.folder.text(String(file.dropFirst(planted.folder.path.count + 1)))
      for piece in ["corre", "horse", "battery"] { #expect(!text.contains(piece), "\(file)") }
    }
    #expect(!run.output.contains("horse"), "\(run.output)")
  }

  /// What it finds of a planted fault fails as a script, and does not against the mended server.
  private func find(
    _ planted: Planted, _ mutations: String, _ said: String, _ location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let run = try planted.run("--mutate", mutations, "--seed", "1")
    #expect(run.status == 1, "\(run.output)", sourceLocation: location)
    #expect(run.output.contains(said), "\(run.output)", sourceLocation: location)
    let scripts = try planted.findings()
    #expect(!scripts.isEmpty, "\(run.output)", sourceLocation: location)
    for script in scripts {
      let text = try planted.folder.text(String(script.dropFirst(planted.folder.path.count + 1)))
      let broken = try planted.play(script, mended: false)
      #expect(broken.status == 1, "\(text)\n\(broken.output)", sourceLocation: location)
      let mended = try planted.play(script, mended: true)
      #expect(mended.status == 0, "\(text)\n\(mended.output)", sourceLocation: location)
      let check = try Program.run([Program.sock, "check", "--strict", script], errors: true)
      #expect(check.status == 0, "\(check.output)", sourceLocation: location)
      let format = try Program.run([Program.sock, "fmt", "--check", script])
      #expect(format.status == 0, "\(text)", sourceLocation: location)
    }
    return run.output
  }

  @Test func aLengthThatIsTrusted() throws {
    let planted = try Planted(Self.trusting, Self.ofTests, Self.trustingSuite)
    let output = try find(planted, "20", "ended with status 1: IndexError: index out of range")
    #expect(output.contains("20 mutations of --seed 1"), "\(output)")
    // One fault, however often it was met.
    #expect(output.contains(" 1 finding\n"), "\(output)")
    #expect(output.contains("stderr      IndexError: index out of range"), "\(output)")
  }

  @Test func anEmptyElementThatHangs() throws {
    let planted = try Planted(Self.hanging, Self.ofTests, Self.hangingSuite)
    // Of the 200, those up to the one that finds it.
    _ = try find(planted, "1..8", "the server does not answer the probe any more: expected a line \"1 tags\"")
    let script = try #require(try planted.findings().first)
    let text = try planted.folder.text(String(script.dropFirst(planted.folder.path.count + 1)))
    // The function that sent it is replaced by what it sent.
    #expect(!text.contains("def ask"), "\(text)")
  }

  @Test func aLineThatIsTooLong() throws {
    let planted = try Planted(Self.overrun, Self.ofFile, Self.overrunSuite)
    let output = try find(planted, "40", "was killed by signal SEGV")
    let script = try #require(try planted.findings().first)
    let text = try planted.folder.text(String(script.dropFirst(planted.folder.path.count + 1)))
    // The least of the lengths does it, alone.
    #expect(text.contains("repeat(\"A\", 300)") && !text.contains("70000") && !text.contains("5000"), "\(text)")
    #expect(!text.contains("NOOP\"\n") || !text.contains("HELO"), "\(text)")
    #expect(output.contains("program     python3"), "\(output)")
  }

  /// A thread that fails leaves the others alone: only standard error tells of it.
  @Test func aFaultThatOnlyStandardErrorTellsOf() throws {
    let planted = try Planted(
      """
      import socketserver, sys
      mended = len(sys.argv) > 1
      class Handler(socketserver.StreamRequestHandler):
          def handle(self):
              for line in self.rfile:
                  if not mended: line.decode("ascii")
                  self.wfile.write(b"250 " + line)
      server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
      print(server.server_address[1], flush=True)
      server.serve_forever()
      """, Self.ofFile, Self.overrunSuite)
    let output = try find(planted, "80", "says: UnicodeDecodeError")
    #expect(output.contains("1 finding"), "\(output)")
    // The others have other bytes in what Python says, and are told of by their numbers.
    #expect(output.contains(/more +\d+ with the same cause: \d+/), "\(output)")
    let script = try #require(try planted.findings().first)
    let text = try planted.folder.text(String(script.dropFirst(planted.folder.path.count + 1)))
    #expect(text.contains("run server stderr channel as program"), "\(text)")
    #expect(text.contains("assert \"UnicodeDecodeError\" not in (try program.stderr.recv quiet 200ms else \"\")"), "\(text)")
  }

  @Test func aMendedServerHasNoFinding() throws {
    let planted = try Planted(Self.trusting, Self.ofFile, Self.trustingSuite)
    let run = try planted.run("--mutate", "30", "--seed", "1", "--set", "server=python3,\(planted.server),mended")
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("30 mutations, the server still answers"), "\(run.output)")
    #expect(try planted.findings() == [])
  }

  @Test func aSeedSendsTheSame() throws {
    let planted = try Planted(Self.overrun, Self.ofFile, Self.overrunSuite)
    func found(_ run: Program.Outcome) -> [Substring] {
      run.output.split(separator: "\n").filter { $0.contains("mutation  ") || $0.contains("sent  ") }
    }
    let first = try planted.run("--mutate", "40", "--seed", "1")
    let second = try planted.run("--mutate", "40", "--seed", "1")
    #expect(!found(first).isEmpty && found(first) == found(second), "\(first.output)\n\(second.output)")
    #expect(second.output.contains("(it was there already)"), "\(second.output)")
    // The command that the account names sends the same alone.
    let again = try #require(first.output.split(separator: "\n").first { $0.contains("again  ") })
    let words = again.split(separator: " ").map(String.init)
    let number = try #require(words.first { $0.contains("..") })
    let alone = try planted.run("--mutate", number, "--seed", "1")
    #expect(found(alone) == Array(found(first).prefix(2)), "\(alone.output)")
  }

  /// Two places in one program are two causes, whatever the change was.
  @Test func oneCauseIsOneFinding() throws {
    let planted = try Planted(
      """
      import socketserver
      class Handler(socketserver.StreamRequestHandler):
          def handle(self):
              for line in self.rfile:
                  words = line.split(b" ")
                  if words[0] == b"HELO":
                      number = int(words[1])
                  elif words[0].strip() != b"PING":
                      number = int(words[0])
                  self.wfile.write(b"250 " + line)
      server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
      print(server.server_address[1], flush=True)
      server.serve_forever()
      """, Self.ofFile, Self.overrunSuite.replacing("HELO there", with: "HELO 12").replacing("NOOP", with: "7"))
    let run = try planted.run("--mutate", "60", "--seed", "1")
    let causes = run.output.split(separator: "\n").filter { $0.contains("  mutation  ") }
    #expect(causes.count == 2, "\(run.output)")
    #expect(run.output.contains(", 2 findings"), "\(run.output)")
    #expect(run.output.matches(of: /more +\d+ with the same cause:/).count == 2, "\(run.output)")
  }

  /// What was sent, from a server that writes down each connection's bytes.
  @Test func eachChangeIsTriedOnceAndTheSimplestFirst() throws {
    let planted = try Planted(
      Self.server(
        """
            client.sendall(b"READY\\r\\n")
            data = client.makefile("rb").read()
            with open(sys.argv[1], "a") as log: log.write(data.hex() + "\\n")
        """), Self.ofFile, """
        message Increment
          name cstr
          by cstr
        end

        def probe()
          connect "127.0.0.1:${port}"
          expect line "READY"
        end

        test "a number is counted up"
          connect "127.0.0.1:${port}"
          expect line "READY"
          send Increment {name: "INCR", by: "1"}
        end
        """)
    let log = planted.folder.file("log")
    func sent(_ mutations: String, _ seed: String) throws -> ([String], String) {
      _ = try planted.folder.write("log", "")
      let run = try planted.run(
        "--mutate", mutations, "--seed", seed, "--set", "server=python3,\(planted.server),\(log)")
      #expect(run.status == 0, "\(run.output)")
      // The first is the test as it stands, and each is followed by the probe, which sends nothing.
      let lines = try planted.folder.text("log").split(separator: "\n").map(String.init)
      return (lines.filter { $0 != "494e4352003100" }, run.output)
    }
    let (all, output) = try sent("500", "1")
    #expect(Set(all).count == all.count && all.count > 20, "\(all)")
    #expect(output.contains("; all ") && output.contains(" changes were tried"), "\(output)")
    #expect(Set(all.prefix(4)) == ["003100", "3100", "494e43520000", "494e435200"], "\(all.prefix(5))")
    let (other, _) = try sent("500", "2")
    #expect(Set(other) == Set(all) && other != all)
    let (some, said) = try sent("3..5", "1")
    #expect(some == Array(all[2...4]) && !said.contains("were tried"), "\(some)")
  }

  @Test func nothingIsOverwritten() throws {
    let planted = try Planted(Self.overrun, Self.ofFile, Self.overrunSuite)
    _ = try planted.run("--mutate", "40", "--seed", "1")
    let script = try #require(try planted.findings().first)
    let name = String(script.dropFirst(planted.folder.path.count + 1))
    _ = try planted.folder.write(name, "# mine\n")
    let run = try planted.run("--mutate", "40", "--seed", "1")
    #expect(try planted.folder.text(name) == "# mine\n")
    #expect(run.output.contains(name.dropLast(5) + "-2.sock"), "\(run.output)")
  }

  @Test func findingsGoToTheirFolder() throws {
    let planted = try Planted(Self.overrun, "import \"lib/hello.sock\" as hello\n\(Self.ofFile)", """
      def probe()
        connect "127.0.0.1:${port}"
        hello.greet("PING")
      end

      test "lines are echoed"
        connect "127.0.0.1:${port}"
        hello.greet("HELO")
      end
      """)
    _ = try Program.run(["mkdir", "-p", planted.folder.file("lib")])
    _ = try planted.folder.write(
      "lib/hello.sock", "def greet(word)\n  send line word\n  expect line \"250 ${word}\"\nend\n")
    let run = try planted.run("--mutate", "40", "--seed", "1", "--findings", planted.folder.file("deep/found"))
    let scripts = try planted.findings()
    #expect(!scripts.isEmpty && scripts.allSatisfy { $0.contains("/deep/found/") }, "\(run.output)")
    for script in scripts {
      #expect(try planted.play(script, mended: false).status == 1)
      #expect(try planted.play(script, mended: true).status == 0)
    }
  }

  @Test func reportsCarryFindings() throws {
    let planted = try Planted(Self.overrun, Self.ofFile, Self.overrunSuite)
    let (json, xml) = (planted.folder.file("r.json"), planted.folder.file("r.xml"))
    _ = try planted.run("--mutate", "40", "--seed", "1", "--report", "json=\(json)", "--report", "junit=\(xml)")
    let text = try planted.folder.text("r.json")
    #expect(text.contains("\"verdict\":\"fail\"") && text.contains("was killed by signal SEGV"), "\(text)")
    #expect(try planted.folder.text("r.xml").contains("was killed by signal SEGV"))
  }

  /// A signal comes while a finding is made shorter, which may take minutes.
  @Test func aFindingIsToldWhereARunIsStopped() throws {
    let server = Self.hanging.replacing(
      "mended = ", with: "print('started', file=open(sys.argv[0] + '.log', 'a'))\nmended = ")
    let planted = try Planted(server, Self.ofFile, Self.hangingSuite)
    _ = try planted.folder.write("server.py.log", "")
    let run = try Program(
      [Program.sock, "test", "--color=never", "--mutate", "100", "--seed", "1", planted.suite], errors: true)
    // The first server, the one behind the finding, and those of tries.
    let limit = ContinuousClock.now + .seconds(60)
    while try planted.folder.text("server.py.log").split(separator: "\n").count < 4 {
      try #require(ContinuousClock.now < limit, "nothing is found")
      usleep(10_000)
    }
    let began = ContinuousClock.now
    #expect(kill(run.pid, SIGINT) == 0)
    let outcome = try run.end()
    #expect(ContinuousClock.now - began < .seconds(6))
    #expect(outcome.status == 130, "\(outcome.output)")
    #expect(outcome.output.contains("the server does not answer the probe any more"), "\(outcome.output)")
    #expect(outcome.output.contains("of --seed 1: ") && outcome.output.contains("again"), "\(outcome.output)")
    #expect(outcome.output.contains("the run was stopped)"), "\(outcome.output)")
    #expect(try planted.findings().count == 1)
  }

  /// A fault that another test has met first is told once; but this one's mutations meet it, too.
  @Test func aTestWhoseMutationsDoWhatIsKnownHasNotPassed() throws {
    let planted = try Planted(
      Self.overrun, Self.ofFile,
      Self.overrunSuite + """


        test "jobs"
          spawn as job
            connect "127.0.0.1:${port}" as own
            own.send line "JOB"
            own.expect line "250 JOB"
            own.close
          end
          wait job
        end
        """)
    let outcome = try planted.run("--mutate", "100", "--seed", "1")
    #expect(outcome.status == 1 && outcome.output.contains(", 1 finding"), "\(outcome.output)")
    #expect(outcome.output.contains(/\d+ of \d+ mutations did what was found in another test/), "\(outcome.output)")
    #expect(!outcome.output.contains("the server still answers"), "\(outcome.output)")
  }

  /// The server was never well.
  @Test func aProbeThatFailsFromTheBeginningIsNoTestThatFails() throws {
    let planted = try Planted(
      Self.overrun, Self.ofFile, Self.overrunSuite.replacing("expect line \"250 PING\"", with: "expect line \"PONG\""))
    let outcome = try planted.run("--mutate", "3")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("the probe behind it fails, though nothing was changed: "), "\(outcome.output)")
    #expect(outcome.output.contains("`probe` fails, though nothing was changed: "), "\(outcome.output)")
    #expect(!outcome.output.contains("no test can be mutated"), "\(outcome.output)")
  }

  /// Where the top level of the suite speaks to it, no test is declared any more when it is gone.
  @Test func aServerThatIsGoneBeforeTheTestsAreDeclared() throws {
    let folder = try Folder()
    let server = try Program(["python3", "-u", try folder.write("server.py", Self.overrun)])
    let port = try server.output(until: "\n").filter(\.isNumber)
    let suite = try folder.write(
      "suite.sock",
      "let port = \(port)\nconnect \"127.0.0.1:${port}\" as first\nfirst.close\n\n\(Self.overrunSuite)\n")
    let outcome = try Program.run([Program.sock, "test", "--mutate", "100", "--seed", "1", suite])
    #expect(outcome.status == 2, "\(outcome.output)")
    #expect(outcome.output.contains("the server does not come back"), "\(outcome.output)")
    #expect(outcome.output.contains("(not tried: the server is gone)"), "\(outcome.output)")
  }

  @Test func whatIsNeededIsSaid() throws {
    let folder = try Folder()
    let suite = try folder.write("suite.sock", "test \"a\"\n  assert true\nend\n")
    let probeless = try Program.run([Program.sock, "test", "--mutate", "3", suite])
    #expect(probeless.status == 2)
    #expect(probeless.output.contains("declare `def probe()` at its top level"), "\(probeless.output)")
    let silent = try folder.write("silent.sock", "def probe()\nend\n\ntest \"a\"\n  assert true\nend\n")
    let nothing = try Program.run([Program.sock, "test", "--mutate", "3", silent])
    #expect(nothing.status == 2)
    #expect(nothing.output.contains("it sends nothing over a socket"), "\(nothing.output)")
    for words in [["0"], ["5..2"], ["x"], ["3", "--repeat", "2"]] {
      let run = try Program.run([Program.sock, "test", "--mutate"] + words + [suite], errors: true)
      #expect(run.status == 2 && run.output.contains("--mutate"), "\(run.output)")
    }
    let homeless = try Program.run([Program.sock, "test", "--findings", "d", suite], errors: true)
    #expect(homeless.status == 2 && homeless.output.contains("--mutate N"), "\(homeless.output)")
  }
}
