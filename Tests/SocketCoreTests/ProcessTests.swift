// Child processes, signals and limits.
import Glibc
import Testing

@testable import SocketCore

@Suite final class ProcessTests {
  private var processes: [ChildProcess] = []

  deinit {
    processes.forEach(end)
  }

  private func run(
    _ argv: [String], cwd: String? = nil, environment: [(String, String?)] = [],
    stderr: SpawnRequest.StandardError = .pipe
  ) throws -> ChildProcess {
    let process = try ChildProcess.spawn(
      SpawnRequest(
        argv: argv.map(bytes), cwd: cwd.map(bytes),
        environment: environment.map { .init(name: bytes($0.0), value: $0.1.map(bytes)) }, stderr: stderr))
    processes.append(process)
    return process
  }

  @Test func bytesGoThroughAProcess() throws {
    let process = try run(["cat"])
    #expect(try StandardStream.isNonblocking(process.stdin) && StandardStream.isNonblocking(process.stdout))
    #expect(bytes("hello").withUnsafeBytes { StandardStream.tryWrite(process.stdin, $0) } == .done(5))
    #expect(try process.tryWait() == nil)
    process.close(.stdin)
    #expect(process.stdin == -1)
    #expect(text(try output(of: process)) == "hello")
    #expect(try process.wait(within: soon) == ExitStatus(code: 0, signal: nil, dumpedCore: false))
  }

  /// More than a pipe holds goes both ways, and on both streams at once.
  @Test func aWholeInputAndAWholeOutput() throws {
    let much = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
    let copied = try run(["cat"]).communicate(much, within: soon)
    #expect(copied.output == much && copied.errors.isEmpty && copied.status.isSuccess)
    let both = try run(["perl", "-e", "print 'o' x 300000; print STDERR 'e' x 300000; print while <>; exit 3"])
      .communicate("end".utf8, within: soon)
    #expect(both.output == [UInt8](repeating: UInt8(ascii: "o"), count: 300_000) + bytes("end"))
    #expect(both.errors.count == 300_000 && both.status.code == 3)
    let merged = try run(["sh", "-c", "echo one; echo two >&2"], stderr: .merge).communicate(within: soon)
    #expect(text(merged.output) == "one\ntwo\n" && merged.errors.isEmpty)
  }

  @Test func whoDoesNotReadItsInputDoesNoWrong() throws {
    let much = [UInt8](repeating: 0, count: 1_000_000)
    #expect(try run(["true"]).communicate(much, within: soon).status.isSuccess)
    let first = try run(["head", "-c", "10"]).communicate(much, within: soon)
    #expect(first.output.count == 10 && first.status.isSuccess)
    // It has closed what it prints to, and still runs.
    let later = try run(["sh", "-c", "exec >&- 2>&- <&-; sleep 0.1; exit 4"]).communicate(within: soon)
    #expect(later.output.isEmpty && later.status.code == 4)
  }

  @Test func aProgramThatDoesNotEndOrStop() throws {
    let silent = try run(["sleep", "60"])
    #expect(failure { () throws(SocketError) in try silent.communicate(within: Deadline(after: 0.05)) } == .timeout)
    let endless = try run(["yes"])
    #expect(
      failure { () throws(SocketError) in try endless.communicate(longest: 100_000, within: soon) }
        == .system(.messageTooLong))
    let screen = TerminalRequest(columns: 80, rows: 24, echoes: false, isRaw: true)
    let terminal = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")], terminal: screen))
    processes.append(terminal)
    #expect(
      failure { () throws(SocketError) in try terminal.communicate(within: soon) } == .system(.invalidArgument))
  }

  /// What a process waits for is seen from outside, once it waits.
  private func activity(
    of process: ChildProcess, _ connection: (theirs: UInt16, ours: UInt16)? = nil,
    _ isThere: (ProcessActivity) -> Bool
  ) -> Bool {
    let deadline = soon
    while !deadline.hasPassed {
      if let activity = ProcessActivity(of: process.pid, connections: connection.map { [.tcp(theirs: $0.0, ours: $0.1)] } ?? []), isThere(activity) { return true }
      usleep(1000)
    }
    return false
  }

  /// Of another process: its listening Unix sockets, its network, and what waits at its ports.
  @Test func whereItListensIsSeen() throws {
    let server = try run([
      "perl", "-MIO::Socket::UNIX", "-MIO::Socket::INET", "-e",
      "$|=1; $u=IO::Socket::UNIX->new(Listen=>1,Local=>qq(\\0sock-test-$$)) or die;"
        + "$d=IO::Socket::INET->new(Proto=>'udp',LocalAddr=>'127.0.0.2') or die; print $d->sockport,qq(\\n); sleep 60",
    ])
    var line = ""
    while !line.hasSuffix("\n") {
      var byte: UInt8 = 0
      if case .done = withUnsafeMutableBytes(of: &byte, { StandardStream.tryRead(server.stdout, $0) }) {
        line.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        usleep(1000)
      }
    }
    let port = try #require(UInt16(line.dropLast()))
    let activity = try #require(ProcessActivity(of: server.pid))
    #expect(activity.paths == ["@sock-test-\(server.pid)"])
    #expect(activity.datagramPorts == [port])
    #expect(!activity.hasOwnNetwork)
    let bound = BoundPort.all(port: port, isTCP: false)
    #expect(bound.map(\.address.description) == ["127.0.0.2:\(port)"])
    #expect(bound.first?.dropped == 0 && bound.first?.unread == 0)
    #expect(BoundPort.all(port: port, isTCP: true).isEmpty)
    #expect(PortOwner.find(port: port, isTCP: false)?.pid == server.pid)
    #expect(PortOwner.find(port: port, isTCP: true) == nil)
  }

  @Test func whatItWaitsForIsSeen() throws {
    #if arch(x86_64)
    #expect(activity(of: try run(["cat"])) { $0.wait == .input && $0.ports.isEmpty })
    #expect(activity(of: try run(["sleep", "60"])) { $0.wait == .time && !$0.isBusy })
    #expect(activity(of: try run(["sh", "-c", "while :; do :; done"])) { $0.isBusy })
    let server = try run([
      "perl", "-MIO::Socket::INET", "-e",
      "$|=1; $l=IO::Socket::INET->new(Listen=>1,LocalAddr=>'127.0.0.1')or die; print $l->sockport,\"\\n\";"
        + "$c=$l->accept; sysread $c,$x,9; sysread $c,$x,9",
    ])
    var line = ""
    let deadline = soon
    while !line.hasSuffix("\n"), !deadline.hasPassed {
      _ = SystemCall.poll(server.stdout, reading: true, writing: false, timeoutNanoseconds: 1_000_000_000)
      withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
        if case .done(let count) = StandardStream.tryRead(server.stdout, room) {
          line += String(decoding: room[..<count], as: UTF8.self)
        }
      }
    }
    let port = try #require(UInt16(line.dropLast()))
    #expect(activity(of: server) { $0.wait == .peers && $0.ports == [port] })
    let socket = try Socket(domain: .inet, type: .stream)
    _ = socket.startConnect(to: try #require(SocketAddress(host: "127.0.0.1", port: port)))
    _ = SystemCall.poll(socket.fileDescriptor, reading: false, writing: true, timeoutNanoseconds: 1_000_000_000)
    let own = try #require(socket.localName?.port)
    _ = bytes("hello").withUnsafeBytes { socket.trySend($0) }
    #expect(activity(of: server, (port, own)) { $0.wait == .connection(0) })
    #expect(PeerQueue.unread(by: port, from: own, isTCP: true) == 0)
    #expect(PortOwner.find(port: port)?.pid == server.pid)
    #endif
  }

  @Test func howItEnded() throws {
    #expect(try run(["sh", "-c", "exit 7"]).wait(within: soon).code == 7)
    let killed = try run(["sh", "-c", "kill -TERM $$"])
    let status = try killed.wait(within: soon)
    #expect(status.code == 128 + SIGTERM && status.signal == SIGTERM && !status.isSuccess)
    #expect(try killed.tryWait() == status, "asking again gives the same")
    let sleeper = try run(["sleep", "100"])
    #expect(
      failure { () throws(SocketError) in try sleeper.wait(within: Deadline(after: 0.02)) } == .timeout)
    #expect(sleeper.signal(SIGKILL) == nil)
    #expect(try sleeper.wait(within: soon).signal == SIGKILL)
  }

  @Test func itsEndCanBePolledFor() throws {
    let poller = try Poller()
    let process = try run(["cat"])
    #expect(poller.add(process.pidfd, token: 5, reading: true, writing: false) == nil)
    var tokens: [UInt64] = []
    poller.wait(timeoutNanoseconds: 0) { token, _ in tokens.append(token) }
    #expect(tokens == [])
    process.close(.stdin)
    poller.wait(timeoutNanoseconds: soon.pollTimeout) { token, _ in tokens.append(token) }
    #expect(tokens == [5])
    #expect(try process.tryWait()?.code == 0)
  }

  @Test func whatCannotBeRunIsAnErrorAndNoStatus() throws {
    func error(_ argv: [String], cwd: String? = nil, environment: [(String, String?)] = []) -> SpawnError? {
      do {
        _ = try run(argv, cwd: cwd, environment: environment)
        Issue.record("\(argv) was run")
        return nil
      } catch {
        return error as? SpawnError
      }
    }
    let missing = error(["no-such-program-anywhere"])
    #expect(missing?.errno == .noSuchFileOrDirectory && missing?.step == .program)
    #expect(missing?.description == "cannot run no-such-program-anywhere: No such file or directory (ENOENT)")
    #expect(error(["/etc/passwd"])?.errno == .permissionDenied)
    #expect(error(["/"])?.errno == .permissionDenied)
    let directory = error(["true"], cwd: "/no/such/directory")
    #expect(directory?.errno == .noSuchFileOrDirectory && directory?.step == .directory)
    #expect(directory?.subject == bytes("/no/such/directory"))
    #expect(error(["true"], cwd: "/etc/passwd")?.errno == .notDirectory)
    #expect(error(["cat"], environment: [("PATH", "/no/such:/etc/passwd")])?.errno == .noSuchFileOrDirectory)
    for request in [error([]), error([""]), error(["a\0b"]), error(["true"], cwd: "")] {
      #expect(request?.step == .request && request?.errno == .invalidArgument)
    }
    #expect(error(["true"], environment: [("A=B", "1")])?.step == .request)
    #expect(error(["true", String(repeating: "x", count: 4_000_000)])?.errno.name == "E2BIG")
  }

  @Test func itsDirectoryAndEnvironment() throws {
    let process = try run(
      ["sh", "-c", "pwd; echo $ONE; echo ${HOME-unset}; echo $TWO"], cwd: "/usr",
      environment: [("ONE", "first"), ("ONE", "a=b"), ("HOME", nil), ("TWO", "")])
    #expect(text(try output(of: process)) == "/usr\na=b\nunset\n\n")
    let directory = try TemporaryDirectory()
    let script = open(directory.file("tool"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o700)
    let program = bytes("#!/bin/sh\necho found\n")
    #expect(program.withUnsafeBytes { write(script, $0.baseAddress, $0.count) } == program.count)
    close(script)
    let found = try run(["tool"], environment: [("PATH", "/no/such:\(directory.path)")])
    #expect(text(try output(of: found)) == "found\n")
    let relative = try run(["tool"], cwd: directory.path, environment: [("PATH", "")])
    #expect(text(try output(of: relative)) == "found\n")
  }

  @Test func whereItsErrorsGo() throws {
    let script = ["sh", "-c", "echo out; echo err >&2"]
    let apart = try run(script)
    #expect(text(try output(of: apart)) == "out\n")
    #expect(text(try readAll(apart.stderr)) == "err\n")
    let merged = try run(script, stderr: .merge)
    #expect(merged.stderr == -1)
    #expect(text(try output(of: merged)) == "out\nerr\n")
    let discarded = try run(script, stderr: .discard)
    #expect(text(try output(of: discarded)) == "out\n")
    #expect(discarded.stderr == -1)
  }

  @Test func itInheritsNothingButItsStreams() throws {
    let inheritable = dup(1)
    defer { close(inheritable) }
    try #require(fcntl(inheritable, F_GETFD) & FD_CLOEXEC == 0)
    let listing = try PerlPeer(
      #"""
      opendir(my $d, "/proc/self/fd"); my $own = fileno $d;
      print join(",", sort grep { /\d/ && $_ != $own } readdir $d), "\n";
      """#)
    #expect(try listing.line() == "0,1,2")
    let status = try #require(text(try output(of: run(["cat", "/proc/self/status"]))))
    let signals = status.split(separator: "\n").filter { $0.hasPrefix("SigBlk") || $0.hasPrefix("SigIgn") }
    let none = String(repeating: "0", count: 16)
    #expect(signals == ["SigBlk:\t\(none)", "SigIgn:\t\(none)"])
    let group = try PerlPeer("print getpgrp() == $$ ? 1 : 0, qq(\\n)")
    #expect(try group.line() == "1")
  }

  @Test func itsWholeGroupCanBeEnded() throws {
    let process = try run(["sh", "-c", "sleep 1000 & sleep 1000 & echo started; exit 3"])
    let status = try process.wait(within: soon)
    #expect(status.code == 3)
    // The two that are left hold the pipe open until the signal reaches them, though their leader has ended.
    #expect(process.signalGroup(SIGKILL) == nil)
    #expect(text(try output(of: process)) == "started\n")
    #expect(try process.reap())
    #expect(try process.reap())
    #expect(process.signal(SIGTERM) == .noSuchProcess)
    // Once they are gone as well there is no group, and what has its number is not ours.
    #expect(eventually { process.signalGroup(0) == .noSuchProcess })
    #expect(process.isGroupEmpty && process.pidfd == -1)
    #expect(try process.tryWait() == status)
    #expect(try !run(["sleep", "100"]).reap(), "it runs")
  }

  @Test func itEndsWithTheThreadThatStartedIt() throws {
    final class Started: @unchecked Sendable {
      var process: ChildProcess?
    }
    let started = Started()
    var thread = pthread_t()
    let created = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let started = Unmanaged<Started>.fromOpaque(argument).takeUnretainedValue()
        started.process = try? ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")]))
        return nil
      }, Unmanaged.passUnretained(started).toOpaque())
    try #require(created == 0)
    pthread_join(thread, nil)
    let process = try #require(started.process)
    defer { end(process) }
    #expect(try process.wait(within: soon).signal == SIGKILL)
  }

  @Test func writingToOneThatHasEndedIsAnError() throws {
    let process = try run(["true"])
    _ = try process.wait(within: soon)
    // A child of another test may hold a copy of the reading end until it has called exec.
    #expect(
      eventually { bytes("x").withUnsafeBytes { StandardStream.tryWrite(process.stdin, $0) } == .failed(.brokenPipe) })
  }

  @Test func anIgnoredSIGCHLDDoesNotLoseTheStatus() async {
    await #expect(processExitsWith: .success) {
      Glibc.signal(SIGCHLD, SIG_IGN)
      let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("sh"), bytes("-c"), bytes("exit 9")]))
      #expect(try process.wait(within: soon).code == 9)
    }
  }

  @Test func noProcessAndNoDescriptorIsLeftBehind() async {
    await #expect(processExitsWith: .success) {
      // What descriptors there are, of the kinds that the core makes: the test library opens timers meanwhile.
      func descriptors() -> [String] {
        (0..<Int32(256)).compactMap { fd in
          var target = [CChar](repeating: 0, count: 100)
          let length = readlink("/proc/self/fd/\(fd)", &target, target.count)
          let name = String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
          return ["socket:", "pipe:", "anon_inode:[pidfd]"].contains { name.hasPrefix($0) } ? name : nil
        }
      }
      let pipe = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")]))
      #expect(descriptors().count >= 4, "the count sees them")
      end(pipe)
      let before = descriptors()
      for _ in 0..<20 {
        let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")]))
        process.close(.stdin)
        _ = try process.wait(within: soon)
        _ = try? ChildProcess.spawn(SpawnRequest(argv: [bytes("no-such-program-anywhere")]))
        let (client, server) = try tcpPair()
        client.reset()
        server.close()
        _ = try Poller()
        _ = try Socket.pair()
      }
      #expect(descriptors() == before)
      withExtendedLifetime(pipe) {}
      #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD, "no zombie is left")
    }
  }

  // MARK: Signals to ourselves

  @Test func signalsAreKeptAndWakeThePoller() async {
    await #expect(processExitsWith: .success) {
      Glibc.signal(SIGHUP, SIG_IGN)
      let poller = try Poller()
      try ProcessSignals.install()
      try ProcessSignals.attach(to: poller)
      let second = try Poller()
      try ProcessSignals.attach(to: second)
      #expect(ProcessSignals.pending == nil)
      for number in [SIGINT, SIGTERM] {
        kill(getpid(), number)
        let start = MonotonicClock.now
        poller.wait(timeoutNanoseconds: 20_000_000_000) { _, _ in Issue.record("a wake-up is no event") }
        second.wait(timeoutNanoseconds: 20_000_000_000) { _, _ in Issue.record("a wake-up is no event") }
        #expect(MonotonicClock.now - start < 10_000_000_000)
        #expect(ProcessSignals.pending == number)
        #expect(ProcessSignals.takePending() == number)
        #expect(ProcessSignals.pending == nil)
      }
      kill(getpid(), SIGHUP)
      #expect(ProcessSignals.pending == nil, "what was ignored stays so")
      kill(getpid(), SIGPIPE)
    }
  }

  @Test func namesOfSignals() {
    #expect(SignalName.number(named: "TERM") == SIGTERM)
    #expect(SignalName.number(named: "sigkill") == SIGKILL)
    #expect(SignalName.number(named: "9") == 9)
    #expect(SignalName.number(named: "65") == nil && SignalName.number(named: "-1") == nil)
    #expect(SignalName.number(named: "SIG") == nil && SignalName.number(named: "NONE") == nil)
    #expect(SignalName.name(of: SIGUSR1) == "USR1" && SignalName.name(of: 60) == "60")
    for name in SignalName.allNames {
      #expect(SignalName.number(named: name).map(SignalName.name) == name)
    }
  }

  // MARK: Limits

  @Test func theDescriptorLimitIsRaised() async {
    await #expect(processExitsWith: .success) {
      var limit = rlimit(rlim_cur: 64, rlim_max: 128)
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      #expect(try DescriptorLimit.current() == (64, 128))
      #expect(try DescriptorLimit.raiseToHard() == 128)
      #expect(try DescriptorLimit.current().soft == 128)
    }
  }

  /// A server whose descriptors run out says so, and goes on when one is free; no connection is lost.
  @Test func acceptWithAFullDescriptorTable() async {
    await #expect(processExitsWith: .success) {
      let messages = try alone { check in
        let listener = try loopbackListener()
        guard let address = listener.localName else { throw Errno.ioError }
        let client = try Socket.connected(toFirstOf: [address], within: soon)
        var limit = rlimit(rlim_cur: 64, rlim_max: 64)
        check(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, "setrlimit")
        var fillers: [Socket] = []
        do throws(Errno) {
          while true { fillers.append(try Socket(domain: .inet)) }
        } catch {
          check(error == .tooManyOpenFiles, "filling up: \(error)")
        }
        for _ in 0..<2 {
          if case .descriptorsExhausted(.tooManyOpenFiles) = listener.tryAccept() { continue }
          check(false, "a full table is not told")
        }
        do throws(SpawnError) {
          _ = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")]))
          check(false, "spawned with a full table")
        } catch {
          check(error.step == .descriptors && error.errno == .tooManyOpenFiles, "spawning: \(error)")
        }
        fillers.removeLast()
        let server = try listener.accept(within: soon)
        check(server.peerName == client.localName, "another connection than the one that waited")
      }
      #expect(messages == [])
    }
  }
}
