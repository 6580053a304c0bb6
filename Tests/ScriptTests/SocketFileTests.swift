// The files of Unix-domain sockets after a run, however it ended.
import Glibc
import Testing

@Suite struct SocketFileTests {
  private static func exists(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalLeavesNone(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(
      ["-e", "listen unix:${args[0]}; bind unix:${args[1]} dgram as d; print 1; accept", folder.file("a"), folder.file("b")])
    #expect(try server.line() == "1")
    #expect(Self.exists(folder.file("a")) && Self.exists(folder.file("b")))
    server.process.signal(signal)
    _ = try server.finish()
    #expect(!Self.exists(folder.file("a")) && !Self.exists(folder.file("b")))
  }

  @Test(arguments: ["exit 3", "fail \"no\"", "try; int(\"x\"); end", "spawn; sleep 1h; end"])
  func anEndLeavesNone(end: String) throws {
    let folder = try TemporaryFolder()
    _ = try sock("-e", "listen unix:${args[0]} as kept; \(end)", folder.file("a"))
    #expect(!Self.exists(folder.file("a")))
  }

  @Test func testsLeaveNone() throws {
    let folder = try TemporaryFolder()
    let script = """
      listen unix:\(folder.file("top")) as top
      test "one"
        listen unix:\(folder.file("inner"))
      end
      test "another"
        listen unix:\(folder.file("inner")) as again
        connect top.sockname
      end
      """
    #expect(Repository.write(Array(script.utf8), to: folder.file("files.sock")))
    let outcome = try sock("test", folder.file("files.sock"))
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(!Self.exists(folder.file("top")) && !Self.exists(folder.file("inner")))
  }

  /// A server that was killed leaves its file, which its successor replaces.
  @Test func whatWasKilledDoesNotBlockTheNext() throws {
    let folder = try TemporaryFolder()
    let script = ["-e", "listen unix:${args[0]}; print 1; accept as c; c.send \"hello\"", folder.file("a")]
    let first = try RunningProgram.sock(script)
    #expect(try first.line() == "1")
    first.process.signal(SIGKILL)
    _ = try first.finish()
    #expect(Self.exists(folder.file("a")))
    let second = try RunningProgram.sock(script)
    #expect(try second.line() == "1")
    #expect(try sock("-e", "connect unix:${args[0]}; print recv", folder.file("a")).output == "hello\n")
    #expect(try second.finish().status == 0)
  }

  /// Whoever has bound the file is there, whether it listens yet or not, and never hears of who wanted it.
  @Test(arguments: ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"])
  func aLivingServersIsLeftAlone(type: String) throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram([
      "python3", "-c",
      """
      import select, socket, sys
      s = socket.socket(socket.AF_UNIX, socket.\(type))
      s.bind(sys.argv[1])
      print(1, flush=True)
      for line in sys.stdin:
          if line == "listen\\n": s.listen()
          # A stream that does not listen can be read: there is nothing.
          print(0 if line == "bound\\n" else len(select.select([s], [], [], 0)[0]), flush=True)
      """, folder.file("a"),
    ], input: nil)
    #expect(try server.line() == "1")
    for command in type == "SOCK_DGRAM" ? ["look"] : ["bound", "listen"] {
      server.write("\(command)\n")
      #expect(try server.line() == "0")
      for script in ["listen unix:${args[0]}", "listen unix:${args[0]} seqpacket", "bind unix:${args[0]} dgram"] {
        let outcome = try sock("-e", script, folder.file("a"))
        #expect(outcome.status == 1 && outcome.errors.contains("EADDRINUSE"), "\(outcome.errors)")
      }
      server.write("\(command)\n")
      #expect(try server.line() == "0")
    }
    server.process.signal(SIGKILL)
    _ = try server.finish()
    for script in ["listen unix:${args[0]}", "bind unix:${args[0]} dgram"] {
      #expect(try sock("-e", script, folder.file("a")).status == 0)
    }
    #expect(Repository.write(Array("text".utf8), to: folder.file("b")))
    let outcome = try sock("-e", "listen unix:${args[0]}", folder.file("b"))
    #expect(outcome.status == 1 && outcome.errors.contains("EADDRINUSE"), "\(outcome.errors)")
    #expect(Self.exists(folder.file("b")))
  }

  /// The processes of `serve workers` share the file: it goes with the first one only.
  @Test func aWorkersEndLeavesItToTheOthers() throws {
    let folder = try TemporaryFolder()
    let server = try RunningProgram.sock(
      ["-e", "listen unix:${args[0]}; print 1; serve workers 2; send \"x\"; end", folder.file("a")])
    #expect(try server.line() == "1")
    for _ in 1...5 {
      #expect(try sock("-e", "connect unix:${args[0]}; print recv 1", folder.file("a")).output == "x\n")
    }
    #expect(Self.exists(folder.file("a")))
    server.process.signal(SIGTERM)
    _ = try server.finish()
    #expect(!Self.exists(folder.file("a")))
  }

  /// Wherever TMPDIR is, a socket's path fits.
  @Test func aLongTemporaryFolderIsNoObstacle() throws {
    let folder = try TemporaryFolder()
    let long = folder.file(String(repeating: "x", count: 100))
    #expect(mkdir(long, 0o700) == 0)
    let outcome = try RunningProgram.sock(
      ["-e", "listen unix:${tmpdir}/the_socket_of_a_server; print len(tmpdir) < 60"], environment: ["TMPDIR": long]
    ).finish()
    #expect(outcome.status == 0 && outcome.output == "true\n", "\(outcome.errors)")
    rmdir(long)
  }
}
