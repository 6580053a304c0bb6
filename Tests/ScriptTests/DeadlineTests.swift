// Nothing outlives its deadline: what computes, alone or in one long instruction, is told to end in time, and others
// have their turns meanwhile.
import Glibc
import Testing

@Suite(.serialized) struct DeadlineTests {
  /// How long a run may take, in seconds; a debug build on a busy machine is slow. Each would take minutes or for ever.
  private static let patience = 40.0

  private func run(_ script: String, _ arguments: [String] = []) throws -> Outcome {
    let folder = try TemporaryFolder()
    let path = try folder.write("main.sock", script)
    return try RunningProgram.sock(arguments + [path]).finish(within: Self.patience)
  }

  @Test func aBlockOfPureComputingEndsInTime() throws {
    let outcome = try run(
      """
      let x = 0
      try
        within 50ms
          loop
            x += 1
          end
        end
      catch e
        print e.code
      end
      """)
    #expect(outcome.output == "timeout\n")
  }

  /// A device gives bytes for ever.
  @Test func aFileWithoutAnEndEndsInTime() throws {
    let outcome = try run(
      """
      let began = now()
      try
        within 50ms
          print len(readfile("/dev/urandom"))
        end
      catch e
        print e.code, now() - began < 2
      end
      """)
    #expect(outcome.output == "timeout true\n")
  }

  /// A step that states no time has five seconds in a test, and so has a handshake that is no step.
  @Test func aServedHandshakeEndsInTimeInATest() throws {
    let outcome = try run(
      """
      test "a silent client"
        listen tls:0 as l
        connect l.sockname as silent
        l.serve 1
          recv line
        end
      end

      """, ["test", "--timeout-scale", "0.02"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("the TLS handshake did not end in time"), "\(outcome.output)")
  }

  /// A reader that never reads does not make the time of a block longer.
  @Test(arguments: [
    "loop; print repeat(\"l\", 1000); end", "print repeat(\"x\", 1000000)", "stdout.send repeat(\"x\", 1000000)",
  ])
  func aFullPipeDoesNotOutliveABlock(statement: String) throws {
    let folder = try TemporaryFolder()
    let command = ["sh", "-c", "mkfifo out && exec 4<>out && exec \"$@\" >out", "sh", Repository.sock, "-e"]
    let script = "try; within 300ms; \(statement); end; catch e; log e.code; end"
    let outcome = try RunningProgram(command + [script], cwd: folder.path).finish(within: Self.patience)
    #expect(outcome.errors == "timeout\n")
    #expect(outcome.status == 0)
  }

  /// Once it can be caught inside, to tidy up.
  @Test func aBlockThatCatchesItsEndEndsToo() throws {
    let outcome = try run(
      """
      let caught = 0
      let [a, b] = socketpair
      try
        within 50ms
          try
            loop
              try
                loop
                  let x = 1
                end
              catch e
                caught += 1
              end
            end
          finally
            b.send "bye"
          end
        end
      catch e
        print e.code, caught, a.recv
      end
      try
        within 50ms
          loop
            try a.recv
          end
        end
      catch e
        print e.code
      end
      """)
    #expect(outcome.output == "timeout 1 bye\ntimeout\n")
  }

  @Test func theDeadlineAroundIsTheOldOneAfterwards() throws {
    let outcome = try run(
      """
      let s = repeat("x", 1000000)
      def late()
        within 1ms
          sha256(s)
          sha256(s)
          return 7
        end
      end
      def later()
        within 20ms
          loop
            sha256(s)
          end
        end
      end
      for i in 1..20
        try late()
        try later()
      end
      let [a, b] = socketpair
      b.send "x"
      print a.recv
      """)
    #expect(outcome.errors == "")
    #expect(outcome.output == "x\n")
  }

  /// 20,000 of these calls take half a minute.
  @Test func othersHaveTheirTurnsBesideLongCalls() throws {
    let outcome = try run(
      """
      let s = repeat("x", 1000000)
      spawn
        for i in 1..5
          sleep 1ms
        end
        print "done"
        exit
      end
      loop
        sha256(s)
      end
      """)
    #expect(outcome.output == "done\n")
  }

  @Test(arguments: [
    "loop\n    x += 1\n  end",
    "let s = repeat(\"x\", 1000000)\n  loop\n    md5(s)\n  end",
    "let s = repeat(\"x\", 1000000)\n  loop\n    x = s[1..]\n  end",
    "let s = repeat(\"x\", 1000000)\n  loop\n    x = s == repeat(\"x\", 1000000)\n  end",
    // 2^28 values, in 28 lists.
    "let l = [1, 2]\n  for i in 1..27\n    l = [l, l]\n  end\n  json(l)",
    "let [l, k] = [[1], [1]]\n  for i in 1..400\n    l = [l, l]\n    k = [k, k]\n  end\n  x = l == k",
    "let l = []\n  for i in 1..3000000\n    push(l, str(i))\n  end\n  loop\n    x = sort(l)\n  end",
    "let s = repeat(\"a,\", 200000000)\n  x = split(s, \",\")",
  ])
  func aTestEndsAtItsTimeout(_ body: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock",
      "test \"computes\" timeout 300ms\n  let x = 0\n  \(body)\nend\ntest \"next\"\n  assert 1 == 1\nend\n")
    let outcome = try RunningProgram.sock(["test", path]).finish(within: Self.patience)
    #expect(outcome.output.contains("the test did not end within 300 ms"))
    #expect(outcome.output.contains("main.sock:"))
    #expect(outcome.output.contains("1 passed, 1 failed"))
  }

  @Test(arguments: [
    "loop\n  x += 1\nend", "let s = repeat(\"x\", 1000000)\nloop\n  sha1(s)\nend",
    "let l = [1, 2]\nfor i in 1..27\n  l = [l, l]\nend\njson(l)",
  ])
  func aSignalEndsAComputation(_ body: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("main.sock", "let x = 0\ndefer print \"deferred\"\nstdout.send line \"up\"\n\(body)\n")
    let program = try RunningProgram.sock([path])
    #expect(try program.line() == "up")
    _ = kill(program.process.pid, SIGTERM)
    let outcome = try program.finish(within: Self.patience)
    #expect(outcome.status == 128 + SIGTERM)
    #expect(outcome.output == "up\ndeferred\n")
  }

  /// The 5 seconds are for all that is deferred together, not for each in turn.
  @Test func allThatIsDeferredHasOneTime() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock",
      "spawn\n  defer sleep 100s\n  sleep 100s\nend\ndefer sleep 100s\nstdout.send line \"up\"\nsleep 100s\n")
    let program = try RunningProgram.sock([path])
    #expect(try program.line() == "up")
    let start = ContinuousClock.now
    _ = kill(program.process.pid, SIGTERM)
    #expect(try program.finish(within: Self.patience).status == 128 + SIGTERM)
    #expect(ContinuousClock.now - start < .seconds(8))
  }
}

/// Each would compute for minutes to years.
@Suite(.serialized) struct MatchBudgetTests {
  @Test(arguments: [
    // Before there is machine code for it, and after.
    ("repeat(\"x\", 2000)", "/x*x*x*[yz]/"), ("repeat(\"x\", 20000)", "/^x*x*x*[yz]/"),
    // Not many steps, but long ones.
    ("repeat(\"x\", 2000000)", "/x*x*x*[yz]/"), ("repeat(\"x\", 2000000)", "/(?<=x)[xw]*[xv]*[yz]/"),
    ("repeat(\"a\", 200000)", "/^(a+)+$b/"), ("repeat(\"ab\", 100000)", "/(.*)b(.*)b(.*)[yz]/"),
  ])
  func aMatchHasOneBudget(_ subject: String, _ regex: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock",
      """
      let s = \(subject)
      let ticks = 0
      spawn
        loop
          sleep 1ms
          ticks += 1
        end
      end
      for i in 1..5
        try
          print s =~ \(regex)
        catch e
          print e.code
        end
        sleep 2ms
      end
      assert ticks > 3
      # Nothing of it is left in the pattern.
      let p = \(regex)
      print ("xyaby" =~ p) == nil
      """)
    let outcome = try RunningProgram.sock([path]).finish(within: 40)
    #expect(outcome.errors == "")
    #expect(Set(outcome.lines.prefix(5)).isSubset(of: ["limit", "nil"]))
    #expect(outcome.lines.count == 6)
  }

  /// All that one call looks for has one budget too.
  @Test(arguments: ["replace(s, /x{1,50}x*[yz]|x/, \"\")", "split(s, /x{1,50}x*[yz]|x/)"])
  func aCallThatMatchesOftenHasOneBudget(_ call: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock", "let s = repeat(\"x\", 60000)\ntry\n  print len(\(call))\ncatch e\n  print e.code\nend\n")
    let outcome = try RunningProgram.sock([path]).finish(within: 40)
    #expect(outcome.output == "limit\n")
  }

  @Test func aServerServesOthersBesideIt() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock",
      """
      listen 0 as server
      spawn
        server.serve
          recv until /^x*x*x*[yz]/
          send "found"
        end
      end
      connect server.sockname as evil
      evil.send repeat("x", 30000) + "!"
      for i in 1..20
        connect server.sockname as c
        c.send "xxy"
        c.expect "found"
      end
      evil.recv all within 30s
      print "served"
      exit
      """)
    let outcome = try RunningProgram.sock([path]).finish(within: 40)
    #expect(outcome.output == "served\n")
    #expect(outcome.errors.contains("limit regex-backtracking"))
  }

  /// No step of backtracking: nothing is refused.
  @Test func longSubjectsAreMatched() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock",
      """
      let s = repeat("The quick brown fox jumps over the lazy dog 12345\\n", 100000)
      print len(replace(s, /(\\w+) (\\w+)\\n/, "$2 $1"))
      print len(split(s, /\\s+/))
      print s =~ /(\\w+)@(\\w+)/
      print find(s, /\\d+$/)
      """)
    let outcome = try RunningProgram.sock([path]).finish(within: 40)
    #expect(outcome.errors == "")
    #expect(outcome.lines == ["4900000", "1000001", "nil", "4999994"])
  }
}

/// What is no regular file makes one wait as a step does.
@Suite(.serialized) struct FileWaitingTests {
  @Test func aPipeIsWaitedForWhileOthersGoOn() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(mkfifo(folder.file("other"), 0o600) == 0)
    let path = try folder.write(
      "main.sock",
      """
      spawn as reader
        return readfile("pipe")
      end
      spawn as writer
        return writefile("pipe", repeat("x", 300000))
      end
      print writefile("file", "abc"), readfile("file"), len(readfile("/dev/null"))
      print wait writer
      print len(wait reader)
      try
        within 50ms
          readfile("other")
        end
      catch e
        print e.message
      end
      try
        within 50ms
          writefile("other", "x")
        end
      catch e
        print e.message
      end
      let f = readfile
      print f("file")
      try
        let numbers = readfile("/dev/zero")
      catch e
        print e.code
      end
      """)
    let outcome = try RunningProgram.sock([path], cwd: folder.path).finish(within: 40)
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        3 abc 0
        300000
        300000
        cannot read "other": nothing more came within the time of the block around
        cannot write "other": nobody reads it within the time of the block around
        abc
        limit

        """)
  }

  @Test func aTestEndsAtItsTimeout() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let path = try folder.write(
      "main.sock",
      "test \"waits\" timeout 300ms\n  let x = readfile(\"pipe\")\nend\ntest \"next\"\n  assert 1 == 1\nend\n")
    let outcome = try RunningProgram.sock(["test", path], cwd: folder.path).finish(within: 40)
    #expect(outcome.output.contains("the test did not end within 300 ms"))
    #expect(outcome.output.contains("1 passed, 1 failed"))
  }

  @Test func aSignalEndsIt() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let path = try folder.write("main.sock", "stdout.send line \"up\"\nwritefile(\"pipe\", \"x\")\n")
    let program = try RunningProgram.sock([path], cwd: folder.path)
    #expect(try program.line() == "up")
    _ = kill(program.process.pid, SIGTERM)
    #expect(try program.finish(within: 40).status == 128 + SIGTERM)
  }

  /// Its accounts of failed clients fill the pipe after some hundred.
  @Test func aServerWhoseErrorsNobodyReadsGoesOn() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "main.sock",
      """
      listen 0 as server
      spawn
        server.serve
          recv line as l
          assert l == "never"
        end
      end
      for i in 1..1500
        connect server.sockname as client
        client.send line "x"
        client.recv all
      end
      print "served"
      exit
      """)
    // Its standard error is a pipe that is open, and full in the end.
    let command = ["sh", "-c", "mkfifo err && exec 4<>err && exec \"$@\" 2>err", "sh", Repository.sock, path]
    let outcome = try RunningProgram(command, cwd: folder.path).finish(within: 60)
    #expect(outcome.output == "served\n")
  }
}
