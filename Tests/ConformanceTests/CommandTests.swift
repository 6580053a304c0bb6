// The built program: reports of real runs, also of those that were ended from outside.

import Glibc
import SockRuntime
import SocketCore
import Testing

@testable import SockConformance

@Suite struct CommandTests {
  /// Ten tests, each of which waits for a connection that comes at once, and then for one that never does: a signal
  /// finds it running.
  private static let endless = """
    for i in 1..10
      test "t${i}"
        listen 0
        connect listener.sockname
        send "x"
        if i == 3
          expect "y" within 100s
        end
      end
    end
    """

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT]) func reportsAreWholeAfterASignal(_ signal: Int32) throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", CommandTests.endless)
    let run = try Program([
      Program.sock, "test", suite, "--report", "json=\(folder.file("r.json"))", "--report", "tap=\(folder.file("r.tap"))",
      "--report", "junit=\(folder.file("r.xml"))", "--report", "html=\(folder.file("r.html"))",
    ])
    try run.output(until: " t2 ")
    kill(run.pid, signal)
    let outcome = try run.end()
    #expect(outcome.status == 128 + signal)
    #expect(outcome.output.contains("interrupted"))
    #expect(try folder.text("r.tap").hasSuffix("1..2\nBail out! The run was interrupted in \(suite): t3\n"))
    #expect(try folder.text("r.xml").hasSuffix("</testsuites>\n"))
    #expect(try folder.text("r.html").hasSuffix("</html>\n"))
    #expect(try folder.text("r.json").contains("\"interrupted\":true"))
    // Which test it was, and where.
    let name = SignalName.name(of: signal)
    let told = "stopped by SIG\(name) at \(suite):"
    #expect(outcome.output.contains("stopped  \(suite):2 t3\n       \(told)"), "\(outcome.output)")
    #expect(try folder.text("r.xml").contains("<testcase name=\"t3\""))
    #expect(try folder.text("r.xml").contains("<error message=\"\(told)"))
    #expect(try folder.text("r.json").contains("\"signal\":\"\(name)\",\"stopped\":[{\"file\":\"\(suite)\",\"name\":\"t3\""))
    let merged = try Program.run([Program.sock, "report", "merge", folder.file("r.json")])
    #expect(merged.status == 128 + signal)
    #expect(merged.output.contains(told))
    #expect(try !folder.allFiles().contains { $0.hasSuffix(".partial") })
  }

  /// A run that a CI cuts says at what it was, since when, and what had been said.
  @Test(arguments: [(SIGTERM, "TERM"), (SIGINT, "INT")])
  func aRunThatIsCutSaysWhatItWasAt(_ signal: Int32, _ name: String) throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "asks"
        let [a, b] = socketpair
        a.send "hello"
        b.recv exactly 5
        writefile("\(folder.file("ready"))", "")

        b.recv line within 50s
      end

      """)
    let run = try Program([
      Program.sock, "test", suite, "--report", "json=\(folder.file("r.json"))", "--report",
      "junit=\(folder.file("r.xml"))",
    ])
    let deadline = Deadline(after: 20)
    while !folder.exists("ready"), !deadline.hasPassed { poll(nil, 0, 10) }
    kill(run.pid, signal)
    let outcome = try run.end()
    #expect(outcome.status == 128 + signal)
    let message = "stopped by SIG\(name) at \(suite):7 after "
    #expect(outcome.output.hasPrefix("stopped  \(suite):1 asks\n       \(message)"), "\(outcome.output)")
    #expect(outcome.output.contains(": b.recv line within 50s, for 0"), "\(outcome.output)")
    #expect(outcome.output.contains("  > \"hello\" \(suite):3\n"), "\(outcome.output)")
    #expect(try folder.text("r.xml").contains("<error message=\"\(message)"))
    #expect(try folder.text("r.json").contains("\"stopped\":[{\"file\":\"\(suite)\",\"name\":\"asks\""))
  }

  /// One that computes is told at the line that it goes on with, not at the one before its loop; and the page of the
  /// step says that the run was cut.
  @Test func aLoopThatIsCutSaysItsLine() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "computes"
        let n = 0
        writefile("\(folder.file("ready"))", "")
        while true
          n += 1
        end
      end

      """)
    let run = try Program(
      [Program.sock, "test", suite, "--report", "github"],
      environment: ["GITHUB_STEP_SUMMARY=\(folder.file("summary"))"])
    let deadline = Deadline(after: 20)
    while !folder.exists("ready"), !deadline.hasPassed { poll(nil, 0, 10) }
    // It has begun the loop.
    poll(nil, 0, 100)
    kill(run.pid, SIGTERM)
    #expect(try run.end().status == 143)
    let page = try folder.text("summary")
    #expect(page.hasPrefix("### sock test: failed\n\nno test ended in "), "\(page)")
    #expect(page.contains("**The run was interrupted by SIGTERM**"), "\(page)")
    #expect(page.contains("stopped by SIGTERM at"), "\(page)")
    #expect(page.contains("while true") || page.contains("n += 1"), "\(page)")
  }

  /// In a log nothing moves: what goes on for long is named, with the line that it is at.
  @Test func aTestThatGoesOnIsNamed() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", "test \"waits\"\n  assert true\n  sleep 25\nend\n")
    let run = try Program([Program.sock, "test", suite])
    try run.output(until: "still  \(suite):1 waits, at line 3, for 10 s\n")
    kill(run.pid, SIGTERM)
    #expect(try run.end().status == 143)
  }

  /// A channel that is closed when the report is made keeps the name that the account of the failure has for it.
  @Test func theTranscriptHasTheNamesOfTheAccount() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "a"
        listen 0 as l
        connect l.sockport as c
        l.accept as s
        c.send "x"
        s.close
        c.expect "y"
      end

      """)
    let outcome = try Program.run([Program.sock, "test", suite, "--transcript", folder.file("t")])
    let name = try #require(try folder.allFiles().first { $0.hasSuffix(".txt") })
    let transcript = try folder.text(String(name.dropFirst(folder.path.utf8.count + 1)))
    #expect(transcript.contains("s  accepted") && transcript.contains("l  listening"), "\(transcript)")
    #expect(!outcome.output.contains("conn#"), "\(outcome.output)")
  }

  /// A test's name, its section and its messages may come from anywhere; none of them begins a line of the file, or
  /// acts on a terminal that shows it.
  @Test func namesAreEscapedInTranscripts() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      #"""
      test "evil\e[2J\nverdict: pass" must "1\e[31m\n2"
        let [a, b] = socketpair
        a.send "x"
        fail "gone\r\e[2J"
      end

      """#)
    let outcome = try Program.run([
      Program.sock, "test", suite, "--transcript", folder.file("t"), "--pcap", folder.file("p"),
    ])
    #expect(outcome.status == 1)
    let name = try #require(try folder.allFiles().first { $0.hasSuffix(".txt") })
    let lines = String(decoding: try Folder.bytes(of: name), as: UTF8.self).split(separator: "\n")
    #expect(
      lines.prefix(4) == [
        #"evil\x1b[2J\nverdict: pass"#, "\(suite):1", #"must 1\x1b[31m\n2"#, #"fail: gone\r\x1b[2J"#,
      ], "\(lines)")
    for file in try folder.allFiles() where file != suite {
      #expect(!(try Folder.bytes(of: file).contains(0x1B)), "\(file)")
    }
  }

  /// What a step has sent or read as a message, and what the channel's framing says: the fields, and then the bytes.
  @Test func reportsHaveTheFieldsOfMessages() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      param secret word = ""
      message Packet
        kind u8
        text u8:text
      end

      test "a"
        let [a, b] = socketpair
        a.send Packet {kind: 1, text: "hi"}
        b.expect message Packet {kind: 1}
        a.send x"0703"
        b.framing Packet
        a.send "abc"
        b.recv message
        a.send encode(Packet, {kind: 2, text: "one"}) + encode(Packet, {kind: 3, text: "two"})
        b.recv message
        b.recv message
        a.send Packet {kind: 3, text: word}
        b.recv message
        a.send Packet {kind: 4, text: repeat("x", 200)}
        b.framing off
        b.recv 202
      end

      """)
    let word = try folder.write("word", "hunter2-Tr0ub4dor")
    let outcome = try Program.run([
      Program.sock, "test", suite, "--secret", "word=file:\(word)", "--transcript", folder.file("t"), "--report",
      "json=\(folder.file("r.json"))", "--report", "html=\(folder.file("r.html"))",
    ])
    #expect(outcome.status == 0, "\(outcome.output)")
    let name = try #require(try folder.allFiles().first { $0.hasSuffix(".txt") })
    let transcript = String(decoding: try Folder.bytes(of: name), as: UTF8.self)
    for text in [
      "> Packet {kind: 1, text: \"hi\"}  \(suite):9\n    0000  01 02 68 69 ", "< Packet {kind: 1, text: \"hi\"}  \(suite):10\n",
      // Pieces are no messages; they came as one.
      "> \"\\x07\\x03\"", "> \"abc\"", "< Packet {kind: 7, text: \"abc\"}  \(suite):14\n",
      "< Packet {kind: 2, text: \"one\"}, Packet {kind: 3, text: \"two\"}  \(suite):16\n", "***",
    ] {
      #expect(transcript.contains(text), "\(text) in \(transcript)")
    }
    #expect(!transcript.contains("hunter2"), "\(transcript)")
    let page = try folder.text("r.html")
    #expect(
      page.contains(
        "<samp>Packet {kind: 1, text: &quot;hi&quot;}</samp><details class=\"rest\"><summary>4 bytes</summary>"))
    #expect(!page.contains("hunter2"))
    let report = try folder.text("r.json")
    #expect(report.contains("\"fields\":\"Packet {kind: 4, text: \\\"xxxxx"), "\(report)")
    #expect(!report.contains("hunter2"))
  }

  /// Its goodbye is a part of the capture, and is said while the channel is on its way out.
  @Test func aChannelOfTLSThatIsForgottenIsClosed() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      def once(listener)
        connect tls:localhost:${listener.sockport} ca listener.tls.ca as c
        c.send "x"
      end
      test "forgotten"
        listen tls:0 as l
        spawn as server
          l.accept as s
          s.expect "x"
          s.expect eof
        end
        once(l)
        wait server
      end

      """)
    let outcome = try Program.run([Program.sock, "test", suite, "--pcap", folder.path], errors: true)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func aKilledRunLeavesWhatHadEnded() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", CommandTests.endless)
    let run = try Program([
      Program.sock, "test", suite, "--report", "json=\(folder.file("r.json"))", "--report", "tap",
    ])
    // Reports are told of a test in the order in which they were asked for.
    try run.output(until: ": t2\n")
    kill(run.pid, SIGKILL)
    #expect(try run.end().status == 128 + SIGKILL)
    #expect(!folder.exists("r.json"))
    let merged = try Program.run(
      [Program.sock, "report", "merge", folder.file("r.json.partial"), "--report", "tap"], errors: true)
    #expect(merged.status == 2)
    #expect(merged.output.contains("ok 2 - \(suite): t2"), "\(merged.output)")
    #expect(merged.output.contains("the run did not end"))
  }

  @Test func aCrashIsOneErrorInWholeReports() throws {
    let folder = try Folder()
    let suites = [
      try folder.write("a.sock", "test \"good\"\n  assert true\nend\n"),
      // The shell's parent is the process that runs the tests.
      try folder.write(
        "b.sock",
        "test \"before\"\n  assert true\nend\ntest \"crash\"\n  run [\"sh\", \"-c\", 'kill -KILL $PPID'] as killer\n"
          + "  killer.wait\n  sleep 20s\nend\n"),
      try folder.write("c.sock", "test \"good too\"\n  assert true\nend\n"),
    ]
    let outcome = try Program.run(
      [Program.sock, "test"] + suites + [
        "--report", "json=\(folder.file("r.json"))", "--report", "tap=\(folder.file("r.tap"))",
        "--report", "junit=\(folder.file("r.xml"))",
      ])
    #expect(outcome.status == 2, "\(outcome.output)")
    let tap = try folder.text("r.tap").split(separator: "\n").filter { $0.hasPrefix("ok") || $0.hasPrefix("not ok") }
    #expect(tap.count == 4)
    #expect(tap.filter { $0.hasPrefix("not ok") }.allSatisfy { $0.hasSuffix("b.sock (crashed)") })
    #expect(try folder.text("r.tap").hasSuffix("\n1..4\n"))
    #expect(try folder.text("r.xml").contains("tests=\"4\" failures=\"0\" errors=\"1\""))
    #expect(try folder.text("r.json").contains("\"event\":\"end\""))
  }

  /// A file that comes while the tests run is none of the run's, and no job takes its place.
  @Test func aCrashIsToldOfTheFileThatCrashed() throws {
    let folder = try Folder()
    _ = try folder.write(
      "b.sock",
      "test \"crash\"\n  writefile(\"\(folder.path)/a.sock\", \"test 'new'\\n  assert true\\nend\\n\")\n"
        + "  run [\"sh\", \"-c\", 'kill -KILL $PPID'] as killer\n  killer.wait\n  sleep 20s\nend\n")
    _ = try folder.write("c.sock", "test \"good\"\n  assert true\nend\n")
    let outcome = try Program.run([Program.sock, "test", folder.path, "-j", "1"])
    #expect(outcome.status == 2)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("error") && $0.contains("\(folder.path)/b.sock:1 ") && $0.contains("(crashed)") })
    #expect(lines.contains { $0.contains("was killed by SIGKILL while `crash` ran") }, "\(outcome.output)")
    #expect(lines.contains { $0.hasPrefix("pass") && $0.contains("\(folder.path)/c.sock:1 good") })
    #expect(!outcome.output.contains("a.sock"))
  }

  /// What was drawn or given for the run holds for the process that runs the tests, and is not shown to everybody who
  /// lists the processes.
  @Test func theProcessThatRunsTheTestsIsToldInPrivate() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      "param secret pw = \"none\"\ntest \"looks\"\n  run [\"sh\", \"-c\", 'tr \"\\\\000\" \" \" < /proc/$PPID/cmdline'] as ps\n"
        + "  let shown = (ps.recv all)\n  assert shown =~ /test --worker/\n  assert not (shown =~ /hunter2/)\n"
        + "  assert pw == \"hunter2\"\nend\n")
    let outcome = try Program.run([Program.sock, "test", suite, "--set", "pw=hunter2"])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  /// A crash that does not come again may have been a fault of sock: it is told, and the run is not failed for it.
  @Test func aCrashThatASecondRunHidesIsTold() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      "test \"crash\"\n  run [\"sh\", \"-c\", 'if mkdir \(folder.path)/was; then kill -KILL $PPID; sleep 20; fi'] as killer\n"
        + "  killer.wait\nend\n")
    let outcome = try Program.run([
      Program.sock, "test", suite, "--report", "tap=\(folder.file("r.tap"))", "--report", "json=\(folder.file("r.json"))",
      "--report", "github=\(folder.file("r.github"))", "--report", "html=\(folder.file("r.html"))",
    ])
    #expect(outcome.status == 0)
    let told = "a process that ran tests was killed by SIGKILL; what it was at ran again without that: \(suite)"
    #expect(outcome.output.contains("warning: \(told)\n1 passed in "), "\(outcome.output)")
    #expect(try folder.text("r.tap").contains("# warning: \(told)\n"))
    #expect(try folder.text("r.json").contains("\"warnings\":[\"\(told)\"]"))
    #expect(try folder.text("r.github").contains("::warning title=sock::\(told)\n"))
    #expect(try folder.text("r.html").contains(told))
  }

  /// What a test has started, wherever it went, and its temporary folder go even if their process is killed.
  @Test func aCrashLeavesNothingBehind() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "crash"
        writefile("${tmpdir}/x", "y")
        run ["sh", "-c", 'echo $$; exec sleep 1000'] as child
        run ["setsid", "sh", "-c", 'echo $$; exec sleep 1000'] as daemon
        let pids = [(child.recv line), (daemon.recv line)]
        writefile("\(folder.path)/pids", join(pids, " "))
        run ["sh", "-c", 'kill -KILL $PPID'] as killer
        sleep 20s
      end
      """)
    try #require(mkdir(folder.file("tmp"), 0o700) == 0)
    let outcome = try Program.run([Program.sock, "test", suite], environment: ["TMPDIR=\(folder.file("tmp"))"])
    #expect(outcome.status == 2, "\(outcome.output)")
    #expect(try Program.run(["ls", folder.file("tmp")]).output == "")
    let pids = try folder.text("pids").split(separator: " ").compactMap { Int32($0) }
    #expect(pids.count == 2)
    for pid in pids {
      // One that has ended may wait for init to see it.
      let status = try Program.run(["sh", "-c", "cat /proc/\(pid)/stat || echo gone Z"]).output.split(separator: " ")
      #expect(status.count > 1 && status.contains { $0.hasPrefix("Z") }, "\(status)")
    }
  }

  /// `setsid` and daemons leave the process group that ends with the test.
  @Test func whatLeavesItsProcessGroupIsALeak() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      run ["sh", "-c", "setsid sh -c 'echo ready; exec sleep 1001' & wait"] as early
      early.expect line "ready"
      test "daemon"
        run ["sh", "-c", "setsid sh -c 'echo ready; exec sleep 1002' & exit 0"] as shell
        shell.expect line "ready"
      end
      test "group"
        run ["sh", "-c", "sleep 1003 & echo ready; wait"] as shell
        shell.expect line "ready"
      end
      """)
    let outcome = try Program.run([Program.sock, "test", suite])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("fail   \(suite):3 daemon"))
    #expect(outcome.output.contains(#/it left something: process \d+ \(.*1002\) had left its process group, and was ended/#))
    #expect(outcome.output.contains("pass   \(suite):7 group"))
    #expect(outcome.output.contains("fail   \(suite):1 \(suite) (its top level)"), "\(outcome.output)")
    #expect(outcome.output.contains(#/process \d+ \(.*1001\) had left its process group/#))
    #expect(try Program.run(["pgrep", "-f", "sleep 100[123]"]).output == "")
  }

  /// What serves a connection in a session of its own, as vsftpd's does, ends after the connection.
  @Test func whatEndsByItselfIsNoLeak() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "session"
        run ["sh", "-c", "setsid sh -c 'echo ready; exec sleep 0.1' & exit 0"] as shell
        shell.expect line "ready"
      end
      """)
    let outcome = try Program.run([Program.sock, "test", suite])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  /// `sock test | head`.
  @Test func aReaderThatHasSeenEnoughEndsTheRun() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock", "for i in 1..2000\n  test \"t${i}\"\n    sleep 1ms\n  end\nend\n")
    let run = "{ '\(Program.sock)' test \(suite); echo status $? >&2; } | head -n 1"
    let outcome = try Program.run(["sh", "-c", run], errors: true)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.contains("status 141"), "\(outcome.output)")
  }

  /// While one file's test ends its processes, another file starts some: for a moment these hold copies of descriptors
  /// that are closed already, and the events of processes that are gone go on coming. A crash of the process that runs
  /// the tests would show as a file that ran twice.
  @Test func filesThatRunProcessesDoNotDisturbEachOther() throws {
    let folder = try Folder()
    for number in 1...6 {
      _ = try folder.write(
        "f\(number).sock",
        "run [\"sh\", \"-c\", 'echo \(number) >> \(folder.file("started"))'] as note\nnote.wait\n"
          + "for i in 1..40\n  test \"t${i}\"\n    run [\"sh\", \"-c\", \"echo err >&2; sleep 5\"]\n"
          + "    run [\"sh\", \"-c\", \"echo err >&2; sleep 5\"]\n    sleep 1ms\n  end\nend\n")
    }
    let outcome = try Program.run([Program.sock, "test", folder.path, "-j", "6"])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("240 passed"))
    #expect(try folder.text("started").split(separator: "\n").sorted() == ["1", "2", "3", "4", "5", "6"])
  }

  /// As a service or a container runs it: without a home, or with one that nobody can write to.
  @Test(arguments: [["-u", "HOME"], ["HOME="], ["HOME=relative"], ["HOME=/proc/none"]])
  func aRunNeedsNoHome(_ environment: [String]) throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", "test \"one\"\n  assert true\nend\n")
    let command = ["env", "-u", "XDG_STATE_HOME"] + environment + [Program.sock, "test", suite]
    let run = try Program.run(command, errors: true)
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("1 passed"))
    let again = try Program.run(command + ["--rerun-failed"], errors: true)
    #expect(again.status == 2)
    #expect(again.output.hasPrefix("sock: --rerun-failed: "))
    let hasHome = environment == ["HOME=/proc/none"]
    #expect(again.output.contains(hasHome ? "there is no record" : "neither XDG_STATE_HOME nor HOME"))
  }

  @Test func shardsMakeTheWhole() throws {
    let folder = try Folder()
    var text = "for i in 1..20\n  test \"t${i}\" must \"section ${i}\"\n    assert i != 7\n  end\nend\n"
    text += "test \"talks\"\n  listen 0\n  connect listener.sockname\n  send \"hello\"\nend\n"
    let suite = try folder.write("a.sock", text)
    var reports: [String] = []
    for shard in 1...3 {
      reports.append(folder.file("\(shard).json"))
      _ = try Program.run([
        Program.sock, "test", suite, "--shard", "\(shard)/3", "--report", "json=\(folder.file("\(shard).json"))",
      ])
    }
    let outcome = try Program.run(
      [Program.sock, "report", "merge"] + reports + [
        "--report", "junit=\(folder.file("r.xml"))", "--report", "html=\(folder.file("r.html"))", "--pcap",
        folder.file("pcap"), "--transcript", folder.file("text"),
      ])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("20 passed, 1 failed"))
    #expect(try folder.text("r.xml").contains("tests=\"21\" failures=\"1\" errors=\"0\""))
    #expect(try folder.text("r.html").contains("1 failed"))
    #expect(try folder.allFiles().filter { $0.hasSuffix(".pcapng") }.count == 21)
    let transcript = try #require(try folder.allFiles().first { $0.hasSuffix("talks.txt") })
    #expect(String(decoding: try Folder.bytes(of: transcript), as: UTF8.self).contains("> \"hello\""))
  }

  /// In a folder lie examples, too, and what tests import: they are no suites, and run when somebody says so.
  @Test func filesWithoutATestAreLeftOutUnlessTheyAreNamed() throws {
    let folder = try Folder()
    _ = try folder.write("a.sock", "test \"one\"\n  assert true\nend\n")
    let plain = try folder.write("b.sock", "assert false\n")
    let run = try Program.run([Program.sock, "test", folder.path, "--report", "tap=\(folder.file("r.tap"))"])
    #expect(run.status == 0)
    #expect(run.output.contains("1 passed in "))
    #expect(run.output.contains("; 1 file without a test left out\n"))
    #expect(try folder.text("r.tap").hasSuffix("1..1\n# 1 file without a test left out\n"))
    let named = try Program.run([Program.sock, "test", folder.path, plain])
    #expect(named.status == 1)
    #expect(named.output.contains("1 passed, 1 failed in "))
    let other = try Folder()
    let none = try other.write("d.sock", "assert true\n")
    let empty = try Program.run([Program.sock, "test", other.path])
    #expect(empty.status == 2)
    #expect(empty.output == "no test was found; 1 file without a test left out\n")
    #expect(try Program.run([Program.sock, "test", none]).status == 0)
  }

  @Test func aShardWithoutATestIsNoError() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", "test \"one\"\n  assert true\nend\n")
    let runs = try (1...3).map { try Program.run([Program.sock, "test", suite, "--shard", "\($0)/3"]) }
    #expect(runs.map(\.status) == [0, 0, 0])
    #expect(runs.filter { $0.output == "this shard has no test: 1 test of the suite is in others\n" }.count == 2)
    let none = try Program.run([Program.sock, "test", suite, "--shard", "1/3", "--filter", "nothing"])
    #expect(none.status == 2)
    #expect(none.output == "no test was found\n")
  }

  @Test func whatGoesToStandardOutput() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", "test \"one\"\n  print \"::error::x\"\n  fail \"no\"\nend\n")
    let json = try Program.run([Program.sock, "test", suite, "--report", "json"])
    #expect(json.output.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"event\":") })
    #expect(json.status == 1)
    let two = try Program.run([Program.sock, "test", suite, "--report", "json", "--report", "tap"], errors: true)
    #expect(two.status == 2)
    #expect(two.output.contains("--report tap=FILE"))
    let github = try Program.run([Program.sock, "test", suite], environment: ["GITHUB_ACTIONS=true"])
    #expect(github.output.contains("1 failed in"))
    #expect(github.output.contains("::error file=\(suite),line=2,") || github.output.contains("::error file=\(suite),line=3,"))
    // What the test printed is no command of the runner.
    #expect(!github.output.split(separator: "\n").contains { $0.drop { $0 == " " }.hasPrefix("::error::") })
    let plain = try Program.run([Program.sock, "test", suite])
    #expect(!plain.output.contains("::error file"))
    let missing = try Program.run([Program.sock, "test", suite, "--report", "junit=\(folder.file("no/r.xml"))"], errors: true)
    #expect(missing.status == 2)
    #expect(missing.output.hasPrefix("sock: cannot write the report"))
  }

  /// The process that runs the tests speaks to the one that reports them: no test can join in.
  @Test func standardOutputOfATestIsItsLog() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "first"
        stdout.send line "D"
        print "printed"
        stdout.send "T 0 {}\\n"
        stderr.send line "error"
        fail "shown"
      end
      test "second"
        stdout.send line "again"
        print repeat("x", 100000)
        fail "shown"
      end
      """)
    let run = try Program.run([Program.sock, "test", suite], errors: true)
    #expect(run.status == 1)
    #expect(run.output.contains("printed:\n       | D\n       | printed\n       | T 0 {}\n       | error\n"), "\(run.output)")
    #expect(run.output.contains("printed:\n       | again\n       | xxx"))
    #expect(run.output.contains("       | … and 34471 bytes more\n"))
    #expect(run.output.contains("2 failed in "))
  }

  /// What a peer has said in a name, a reason or a citation acts on no terminal, forges no line and gives no command.
  @Test(arguments: ["pretty", "tap", "github"]) func nothingActsOnATerminal(_ format: String) throws {
    let folder = try Folder()
    let evil = #"x\n::error::pwned\r\n\e]0;title\x07\npass   other.sock:1 forged\0\x9b31m"#
    let suite = try folder.write(
      "a.sock",
      """
      test "name \(evil)" must "section \(evil)"
        skip "reason \(evil)"
      end
      test "later" todo "until \(evil)"
        fail "no \(evil)"
      end
      test "unclear"
        inconclusive "for \(evil)"
      end
      test "fails \(evil)" should "section \(evil)"
        print "\(evil)"
        fail "no \(evil)"
      end
      """)
    let run = try Program.run(
      [Program.sock, "test", "--color=never", suite, "--report", "\(format)=\(folder.file("r"))"], errors: true)
    for text in [run.output, try folder.text("r")] {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || 0x7F...0x9F ~= $0.value }, "\(text)")
      let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
      #expect(!lines.contains { $0.hasPrefix("::error::") || $0.hasPrefix("pass   other") })
    }
    let list = try Program.run([Program.sock, "test", "--list", suite])
    #expect(list.output.split(separator: "\n").count == 4)
  }

  /// One of many MB would be refused by readers of reports.
  @Test func messagesHaveABound() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock", "test \"long\"\n  fail repeat(\"äx\", 4000000)\nend\ntest \"many\"\n  for i in 1..1000\n    check i == 0\n  end\nend\n")
    _ = try Program.run([
      Program.sock, "test", suite, "--report", "junit=\(folder.file("r.xml"))", "--report", "json=\(folder.file("r.json"))",
    ])
    #expect(try folder.bytes("r.xml").count < 2 << 20)
    #expect(try folder.bytes("r.json").count < 4 << 20)
    #expect(try Program.run(["xmllint", "--noout", folder.file("r.xml")], errors: true).output == "")
    for told in ["xä… (11991808 bytes more)", "… and 800 failed checks more"] {
      #expect(try Program.run(["grep", "-qF", told, folder.file("r.json")]).status == 0, "\(told)")
    }
  }

  /// In a folder that others can write to, another user must not choose which file a report is written over.
  @Test func aReportIsNotWrittenThroughALink() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", "test \"one\"\n  assert true\nend\n")
    let victim = try folder.write("victim", "precious")
    try #require(symlink(victim, folder.file("r.tap.partial")) == 0)
    let run = try Program.run([Program.sock, "test", suite, "--report", "tap=\(folder.file("r.tap"))"], errors: true)
    #expect(run.status == 2)
    #expect(run.output.contains("r.tap.partial is a symbolic link"))
    try #require(unlink(folder.file("r.tap.partial")) == 0 && link(victim, folder.file("r.tap.partial")) == 0)
    let other = try Program.run([Program.sock, "test", suite, "--report", "tap=\(folder.file("r.tap"))"], errors: true)
    #expect(other.output.contains("r.tap.partial is in the way"))
    #expect(try folder.text("victim") == "precious")
    // What a run that was killed has left is no hindrance.
    try #require(unlink(folder.file("r.tap.partial")) == 0)
    _ = try folder.write("r.tap.partial", "old")
    #expect(try Program.run([Program.sock, "test", suite, "--report", "tap=\(folder.file("r.tap"))"]).status == 0)
    #expect(try folder.text("r.tap").hasPrefix("TAP version 13\nok 1"))
  }

  /// Made in one `for`, or one repeated with a transcript each: the time grows with their number, not with its square.
  @Test func manyTestsCostWhatTheyCost() throws {
    let folder = try Folder()
    /// Seconds of processor time, which others that run do not change much.
    func cost(_ count: Int, _ options: String = "") throws -> Double {
      let suite = try folder.write(
        "a.sock",
        "for i in 1..\(count)\n  let n = [i]\n  test \"t${i}\"\n    push(n, 1)\n    assert n == [i, 1]\n  end\nend\n")
      let run = try Program.run(
        ["sh", "-c", "'\(Program.sock)' test \(suite) --report tap=/dev/null \(options) > /dev/null && times"])
      // The shell's own, and on the second line its children's.
      let parts = (run.output.split(separator: "\n").last ?? "").split { $0 == "m" || $0 == "s" || $0 == " " }.compactMap { Double($0) }
      try #require(run.status == 0 && parts.count == 4, "\(run.output)")
      return parts[0] * 60 + parts[1] + parts[2] * 60 + parts[3]
    }
    // 5 times as many, and not 25 times the time.
    let (few, many) = (try cost(2000), try cost(10000))
    #expect(many < few * 12, "\(few) s, \(many) s")
    let once = try cost(1, "--repeat 1000 --transcript \(folder.file("t1"))")
    let often = try cost(1, "--repeat 5000 --transcript \(folder.file("t2"))")
    #expect(often < once * 12, "\(once) s, \(often) s")
  }

  @Test func aSecretIsInNoReport() throws {
    let folder = try Folder()
    let secret = "s3cr3tv4lue"
    let suite = try folder.write(
      "a.sock",
      """
      param secret password = "none"
      test "login ${password}" must "section ${password}" todo "until ${password}"
        fail "not ${password}"
      end
      test "talks" must "section 1"
        listen 0
        connect listener.sockname as client
        accept as server
        client.send line "PASS ${password}"
        server.expect line "PASS ${password}"
        server.send "abc ${password} def"
        check password == "x"
        log "logged ${password}"
        print "printed ${password}"
        run ["sh", "-c", "echo ${password}; echo ${password} >&2"] as shell
        shell.expect line password
        client.expect "abc no"
      end
      """)
    for segment in ["1", "4", "100"] {
      let outcome = try Program.run(
        [
          Program.sock, "test", suite, "--set", "password=\(secret)", "--segment", segment,
          "--report", "json=\(folder.file("r.json"))", "--report", "tap=\(folder.file("r.tap"))",
          "--report", "junit=\(folder.file("r.xml"))", "--report", "html=\(folder.file("r.html"))",
          "--report", "github=\(folder.file("r.github"))", "--report", "pretty=\(folder.file("r.txt"))",
          "--transcript", folder.file("text"), "--pcap", folder.file("pcap"),
        ], errors: true)
      #expect(outcome.status == 1, "\(outcome.output)")
      #expect(!outcome.output.contains(secret))
      #expect(outcome.output.contains("***"))
      for file in try folder.allFiles() where file != suite {
        #expect(!CommandTests.contains(try Folder.bytes(of: file), secret), "\(file)")
      }
      // Not in pieces either.
      let listener = Keeper()
      _ = try JsonReport.merge([folder.file("r.json")], TestOptions(), reporters: [listener])
      for record in listener.records {
        for channel in record.channels {
          for event in ["<", ">"] {
            let lines = record.transcript.filter { $0.channel == channel.number && $0.event == event }
            #expect(!CommandTests.contains(lines.flatMap(\.bytes), secret), "segment \(segment), \(channel.label) \(event)")
          }
        }
      }
      #expect(listener.records.contains { $0.transcript.count > 4 })
    }
  }

  private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    bytes.withUnsafeBytes { all in
      Array(text.utf8).withUnsafeBytes { all.offset(of: $0) != nil }
    }
  }

  @Test func aNewSuiteRuns() throws {
    let folder = try Folder()
    let path = folder.file("first.sock")
    #expect(try Program.run([Program.sock, "new", path]).status == 0)
    let run = try Program.run([Program.sock, "test", path])
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("4 passed"))
    let before = try folder.text("first.sock")
    let again = try Program.run([Program.sock, "new", path], errors: true)
    #expect(again.status == 2)
    #expect(again.output.contains("is there already; choose another name"))
    #expect(try folder.text("first.sock") == before)
    #expect(try Program.run([Program.sock, "new"]).status == 2)
  }

  @Test(.enabled(if: Program.exists("tshark"))) func aRealRunIsARealCapture() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      test "all kinds"
        listen 0
        connect listener.sockname as client
        accept as server
        client.send "ping"
        server.recv 4
        server.send "pong"
        client.recv 4
        client.shutdown write
        server.expect eof
        server.close
        client.expect eof
        bind udp:127.0.0.1:0 as a
        bind udp:127.0.0.1:0 as b
        a.send "datagram" to b.sockname
        b.recv 100
        b.send "answer"
        a.recv 100
      end
      """)
    #expect(try Program.run([Program.sock, "test", suite, "--pcap", folder.file("pcap")]).status == 0)
    let capture = try #require(try folder.allFiles().first { $0.hasSuffix(".pcapng") })
    let packets = try Program.run(
      ["tshark", "-r", capture, "-T", "fields", "-e", "tcp.payload", "-e", "udp.payload", "-Y", "tcp.len > 0 || udp"])
    #expect(
      packets.output
        == "70696e67\t\n706f6e67\t\n\t6461746167" + "72616d\n\t616e73776572\n")
    let flags = try Program.run(["tshark", "-r", capture, "-Y", "tcp.analysis.flags || _ws.malformed"])
    #expect(flags.output.isEmpty)
    // Both ends have finished, each once.
    let ends = try Program.run(["tshark", "-r", capture, "-T", "fields", "-e", "tcp.srcport", "-Y", "tcp.flags.fin == 1"])
    #expect(Set(ends.output.split(separator: "\n")).count == 2)
    #expect(ends.output.split(separator: "\n").count == 2)
  }
}

/// Keeps the records it is told of.
private final class Keeper: Reporter {
  var records: [TestRecord] = []
  func began(_ options: TestOptions, files: [String]) {}
  func ended(_ record: TestRecord) { records.append(record) }
  func finished(_ summary: Summary) -> String? { nil }
}
