// Every failure of every system call: it is reported as what it is, nothing leaks, and nothing is lost.
import CSocketCore
import Glibc
import Testing

@testable import SocketCore

@Suite struct FaultTests {
  private func errno(of body: () throws -> Void) -> Errno? {
    do {
      try body()
      return nil
    } catch let error as Errno {
      return error
    } catch SocketError.system(let error) {
      return error
    } catch let error as SpawnError {
      return error.errno
    } catch let error as ResolveError {
      return error.errno
    } catch {
      return nil
    }
  }

  private let terminal = TerminalRequest(columns: 80, rows: 24, echoes: false, isRaw: false)

  private func errno(of outcome: IOOutcome) -> Errno? {
    if case .failed(let error) = outcome { return error }
    return nil
  }

  /// Makes the first call of `call` fail with `error` in a small scene; returns what the core reported.
  private func report(of call: SystemCallName, failingWith error: Errno, _ plan: FaultPlan) throws -> Errno? {
    let payload = bytes("x")
    var room: [UInt8] = [0]
    /// The scene's first steps are not to fail.
    func armed<Result>(_ body: () throws -> Result) rethrows -> Result {
      plan.on(call, nth: plan.count(of: call) + 1, .fail(error))
      return try body()
    }
    switch call {
    case .socket: return armed { errno { _ = try Socket(domain: .inet) } }
    case .socketpair: return armed { errno { _ = try Socket.pair() } }
    case .bind: return armed { errno { _ = try Socket.bound(to: SocketAddress(loopbackPort: 0)) } }
    case .listen: return armed { errno { _ = try loopbackListener() } }
    case .connect:
      let listener = try loopbackListener()
      return armed { errno { _ = try Socket.connected(toFirstOf: [#require(listener.localName)], within: soon) } }
    case .accept:
      let listener = try loopbackListener()
      let client = try Socket.connected(toFirstOf: [#require(listener.localName)], within: soon)
      let reported = armed { errno { _ = try listener.accept(within: soon) } }
      // The connection is still there.
      #expect(try listener.accept(within: soon).peerName == client.localName)
      return reported
    case .shutdown:
      let (one, _) = try Socket.pair()
      return armed { errno { try one.shutdown(.write) } }
    case .getsockname:
      let listener = try Socket.bound(to: SocketAddress(loopbackPort: 0))
      #expect(armed { listener.localName } == nil)
      return listener.localName == nil ? nil : error
    case .getpeername:
      let (client, _) = try tcpPair()
      return armed { client.finishConnect() }
    case .getsockopt:
      let (one, _) = try Socket.pair()
      return armed { one.takeError() }
    case .setsockopt:
      let socket = try Socket(domain: .inet)
      #expect(armed { socket.reset() } == error)
      #expect(socket.fileDescriptor == -1, "a reset closes in any case")
      return armed { errno { _ = try loopbackListener() } }
    case .sockatmark:
      let (one, _) = try tcpPair()
      return armed { errno { _ = try one.isAtMark } }
    case .recv:
      let (one, other) = try tcpPair()
      try other.send(payload)
      let reported = armed { errno(of: room.withUnsafeMutableBytes { one.tryReceive(into: $0) }) }
      #expect(try one.receive(atMost: 9, within: soon) == payload, "nothing is lost")
      return reported
    case .recvmsg:
      let (one, other) = try Socket.pair()
      try other.send(payload)
      let reported = armed { errno { _ = try one.receive(atMost: 9, within: soon) } }
      #expect(try one.receive(atMost: 9, within: soon) == payload, "nothing is lost")
      return reported
    case .send:
      let (one, other) = try Socket.pair()
      let reported = armed { errno { try one.send(payload) } }
      try one.send(bytes("y"))
      #expect(try other.receive(atMost: 9, within: soon) == bytes("y"))
      return reported
    case .sendto:
      let receiver = try Socket.bound(to: SocketAddress(loopbackPort: 0))
      let sender = try Socket(domain: .inet, type: .dgram)
      let reported = armed { errno { try sender.send(payload, to: receiver.localName) } }
      #expect(sender.peerName == nil, "only a send that succeeded sets the peer")
      return reported
    case .sendmsg:
      let (one, _) = try Socket.pair()
      return armed { errno(of: payload.withUnsafeBytes { one.trySend(gathering: [$0]) }) }
    case .read:
      let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("echo"), bytes("x")]))
      defer { end(process) }
      _ = try process.wait(within: soon)
      let reported = armed { errno(of: room.withUnsafeMutableBytes { StandardStream.tryRead(process.stdout, $0) }) }
      #expect(text(try output(of: process)) == "x\n", "nothing is lost")
      return reported
    case .write:
      let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")]))
      defer { end(process) }
      let reported = armed { errno(of: payload.withUnsafeBytes { StandardStream.tryWrite(process.stdin, $0) }) }
      process.close(.stdin)
      #expect(try output(of: process) == [])
      return reported
    case .splice:
      let (one, other) = try tcpPair()
      try other.send(payload)
      var (reading, writing) = (Int32(-1), Int32(-1))
      guard SystemCall.pipe(reading: &reading, writing: &writing) == 0 else { return nil }
      defer {
        SystemCall.close(reading)
        SystemCall.close(writing)
      }
      let reported = armed { Errno(result: Int32(SystemCall.splice(one.fileDescriptor, to: writing, 1))) }
      #expect(try one.receive(atMost: 9, within: soon) == payload, "nothing is lost")
      return reported
    case .close:
      let (one, _) = try Socket.pair()
      return armed { one.close() }
    case .pipe: return armed { errno { _ = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")])) } }
    case .openNull:
      return armed { errno { _ = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")], stderr: .discard)) } }
    case .fcntl:
      let (one, _) = try Socket.pair()
      #expect(armed { errno { _ = try StandardStream.isNonblocking(one.fileDescriptor) } } == error)
      #expect(armed { errno { _ = try Socket(adopting: one.fileDescriptor) } } == error)
      plan.on(.fcntl, nth: plan.count(of: .fcntl) + 2, .fail(error))
      #expect(errno { _ = try Socket(adopting: one.fileDescriptor) } == error)
      #expect(armed { StandardStream.setNonblocking(one.fileDescriptor, true) } == error)
      return armed { errno { _ = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")])) } }
    case .getrlimit: return armed { errno { _ = try DescriptorLimit.current() } }
    case .setrlimit:
      return armed { errno { _ = try DescriptorLimit.raiseToHard() } }
    case .poll:
      let (one, other) = try Socket.pair()
      return withExtendedLifetime(other) { armed { errno { _ = try one.receive(atMost: 1, within: soon) } } }
    case .epollCreate: return armed { errno { _ = try Poller() } }
    case .epollControl:
      let poller = try Poller()
      let (one, _) = try Socket.pair()
      #expect(armed { poller.add(one.fileDescriptor, token: 1, reading: true, writing: false) } == error)
      #expect(armed { poller.modify(one.fileDescriptor, token: 1, reading: true, writing: false) } == error)
      #expect(armed { poller.remove(one.fileDescriptor) } == error)
      return armed { errno { _ = try Poller() } }
    case .epollWait:
      let poller = try Poller()
      return armed { poller.wait(timeoutNanoseconds: -1) { _, _ in } }
    case .eventfd: return armed { errno { _ = try Poller() } }
    case .spawn:
      let request = SpawnRequest(argv: [bytes("true")])
      let reported = armed { failure { () throws(SpawnError) in try ChildProcess.spawn(request) } }
      #expect(reported?.step == .process)
      return reported?.errno
    case .openTerminal:
      return armed { errno { _ = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")], terminal: terminal)) } }
    case .openDevice: return armed { errno { _ = try Device.open("/dev/null") } }
    case .terminal:
      let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")], terminal: terminal))
      defer { end(process) }
      #expect(armed { errno { _ = try TerminalState(of: process.stdout) } } == error)
      #expect(armed { errno { _ = try TerminalState.window(of: process.stdout) } } == error)
      #expect(
        armed { SystemCall.borrowTerminal(process.stdout, csys_terminal_keys) } == -error.rawValue)
      #expect(armed { SystemCall.returnTerminal() } == -error.rawValue)
      return armed { TerminalState.setWindow(of: process.stdout, columns: 1, rows: 1) }
    case .fork: return armed { errno { _ = try ChildProcess.fork() } }
    case .dup:
      let poller = try Poller()
      let reported = armed { errno { try poller.renew() } }
      try poller.renew()
      return reported
    case .pidfdOpen: return armed { errno { _ = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")])) } }
    case .kill:
      let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")]))
      defer { end(process) }
      #expect(armed { process.signalGroup(SIGTERM) } == error)
      return armed { process.signal(SIGTERM) }
    case .waitid:
      let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")]))
      defer { end(process) }
      _ = try process.wait(within: soon)
      let reported = armed { errno { _ = try process.reap() } }
      #expect(try process.reap(), "it can be tried again")
      let other = try ChildProcess.spawn(SpawnRequest(argv: [bytes("true")]))
      defer { end(other) }
      #expect(armed { errno { _ = try other.wait(within: soon) } } == error)
      #expect(try other.wait(within: soon).code == 0)
      return reported
    case .sigaction: return armed { errno { try ProcessSignals.ignoreBrokenPipe() } }
    case .prctl: return armed { errno { try Orphans.adopt() } }
    case .getaddrinfo:
      plan.on(.getaddrinfo, .code(EAI_AGAIN))
      let code = failure { () throws(ResolveError) in try Resolver.resolve(host: "localhost", port: 1) }?.code
      return code == EAI_AGAIN ? error : nil
    case .getnameinfo:
      plan.on(.getnameinfo, .code(EAI_FAIL))
      let code = failure { () throws(ResolveError) in try Resolver.reverse(SocketAddress(loopbackPort: 1)) }?.code
      return code == EAI_FAIL ? error : nil
    // What these do not find has no errno: an address is then none, or shows the number.
    case .interfaceLookup:
      #expect(armed { SocketAddress(host: "fe80::1%lo", port: 1) } == nil)
      #expect(armed { SocketAddress(host: "fe80::1%1", port: 1)?.host } == "fe80::1%1")
      return error
    case .protocolLookup:
      #expect(armed { SocketProtocol.number(named: "no such protocol") } == nil)
      #expect(armed { SocketProtocol.name(of: 200) } == nil)
      return error
    }
  }

  @Test(arguments: SystemCallName.allCases)
  func eachFailureIsReportedAndNothingLeaks(call: SystemCallName) throws {
    for error in [Errno.ioError, .noMemory, .tooManyOpenFiles] {
      let plan = FaultPlan()
      let reported = try plan.perform { try report(of: call, failingWith: error, plan) }
      #expect(reported == error)
      #expect(plan.count(of: call) > 0)
      #expect(plan.openDescriptors.isEmpty, "descriptors are left open")
      #expect(plan.closedTwice.isEmpty, "descriptors were closed twice")
    }
  }

  // MARK: A whole workload

  /// Uses nearly all of the core, and checks what came through.
  private func workload() throws {
    let data = (0..<2000).map { UInt8(truncatingIfNeeded: $0) }
    let (client, server) = try tcpPair()
    let half = data.count / 2
    try client.send(data[..<half], within: soon)
    var unsent = data[half...]
    while !unsent.isEmpty {
      switch unsent.withUnsafeBytes({ client.trySend(gathering: [$0, UnsafeRawBufferPointer(start: nil, count: 0)]) }) {
      case .done(let count): unsent = unsent.dropFirst(count)
      case .wouldBlock: try client.wait(reading: false, writing: true, within: soon)
      case .end: Issue.record("a send has no end")
      case .failed(let error): throw error
      }
    }
    try client.shutdown(.write)
    #expect(try receiveAll(server) == data)

    let receiver = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    let sender = try Socket(domain: .inet, type: .dgram)
    guard let address = receiver.localName else { throw Errno.ioError }
    try sender.send([1], to: address, within: soon)
    #expect(try receiver.receive(atMost: 9, within: soon) == [1])

    let poller = try Poller()
    let (one, other) = try Socket.pair()
    if let error = poller.add(one.fileDescriptor, token: 1, reading: true, writing: false) { throw error }
    try other.send([1], within: soon)
    var tokens: [UInt64] = []
    let deadline = soon
    while tokens.isEmpty, !deadline.hasPassed {
      if let error = poller.wait(timeoutNanoseconds: deadline.pollTimeout, { token, _ in tokens.append(token) }) {
        throw error
      }
    }
    #expect(tokens == [1])

    let process = try ChildProcess.spawn(SpawnRequest(argv: [bytes("cat")]))
    defer { end(process) }
    var unwritten = data[...]
    while !unwritten.isEmpty {
      switch unwritten.withUnsafeBytes({ StandardStream.tryWrite(process.stdin, $0) }) {
      case .done(let count): unwritten = unwritten.dropFirst(count)
      case .wouldBlock: continue
      case .end: Issue.record("a write has no end")
      case .failed(let error): throw error
      }
    }
    process.close(.stdin)
    #expect(try output(of: process) == data)
    #expect(try process.wait(within: soon).code == 0)
    #expect(try process.reap())

    let null = try Device.open("/dev/null")
    SystemCall.close(null)

    let onTerminal = try ChildProcess.spawn(SpawnRequest(argv: [bytes("echo"), bytes("x")], terminal: terminal))
    defer { end(onTerminal) }
    if let error = TerminalState.setWindow(of: onTerminal.stdout, columns: 40, rows: 10) { throw error }
    #expect(try TerminalState.window(of: onTerminal.stdout).columns == 40)
    #expect(try onTerminal.wait(within: soon).code == 0)
    #expect(try onTerminal.reap())
  }

  /// The n-th call of each kind fails, for each n that the workload reaches.
  @Test(arguments: SystemCallName.allCases)
  func aWorkloadSurvivesAnyFailure(call: SystemCallName) throws {
    for nth in 1... {
      let plan = FaultPlan()
      plan.on(call, nth: nth, .fail(.ioError))
      let reported = errno { try plan.perform { try workload() } }
      #expect(plan.openDescriptors.isEmpty && plan.closedTwice.isEmpty, "descriptors leak at call \(nth)")
      if plan.count(of: call) < nth {
        #expect(reported == nil)
        break
      }
      // What nobody can act upon is not told: a close in deinit, a kill of a process that has ended.
      if ![.close, .kill, .interfaceLookup, .protocolLookup].contains(call) { #expect(reported == .ioError, "call \(nth)") }
    }
  }

  @Test(arguments: [SystemCallName.recv, .recvmsg, .send, .sendto, .sendmsg, .read, .write, .accept, .poll, .epollWait])
  func interruptedCallsAreMadeAgain(call: SystemCallName) throws {
    let plan = FaultPlan()
    for nth in stride(from: 1, to: 40, by: 4) { plan.on(call, nth: nth, times: 3, .fail(.interrupted)) }
    if call == .recv {
      try plan.perform {
        let (one, other) = try tcpPair()
        try other.send([1])
        var room: [UInt8] = [0]
        #expect(room.withUnsafeMutableBytes { one.tryReceive(into: $0) } == .done(1))
      }
    } else {
      try plan.perform { try workload() }
      if call == .poll, plan.count(of: .poll) == 0 { return }
    }
    #expect(plan.count(of: call) >= 4)
  }

  @Test(arguments: [SystemCallName.recv, .recvmsg, .send, .sendmsg, .read, .write], [1, 7])
  func shortReadsAndWritesLoseNothing(call: SystemCallName, count: Int) throws {
    let plan = FaultPlan()
    plan.on(call, times: .max, .short(count))
    if call == .recv {
      try plan.perform {
        let (one, other) = try tcpPair()
        try other.send(bytes("0123456789"))
        var room = [UInt8](repeating: 0, count: 16)
        #expect(room.withUnsafeMutableBytes { one.tryReceive(into: $0) } == .done(count))
        #expect(text(try one.receive(atMost: 16, within: soon)) == String("0123456789".dropFirst(count)))
      }
    } else {
      try plan.perform { try workload() }
      #expect(plan.count(of: call) >= 1000 / count)
    }
    #expect(plan.openDescriptors.isEmpty)
  }

  @Test(arguments: [SystemCallName.recvmsg, .send, .sendto, .accept])
  func aCallThatWouldBlockIsWaitedFor(call: SystemCallName) throws {
    let plan = FaultPlan()
    plan.on(call, times: 2, .fail(.wouldBlock))
    try plan.perform { try workload() }
    #expect(plan.count(of: .poll) >= 2)
  }

  @Test(arguments: [
    Errno.connectionAborted, .protocolError, .networkDown, .hostIsDown, .noRouteToHost, .networkUnreachable,
  ])
  func connectionsThatBrokeInTheQueueArePassedOver(error: Errno) throws {
    let plan = FaultPlan()
    plan.on(.accept, times: 3, .fail(error))
    try plan.perform { _ = try tcpPair() }
    #expect(plan.count(of: .accept) >= 4)
    let endless = FaultPlan()
    endless.on(.accept, times: .max, .fail(error))
    try endless.perform {
      guard case .wouldBlock = try loopbackListener().tryAccept() else {
        Issue.record("it gave something else than nothing")
        return
      }
    }
  }

  @Test(arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory])
  func runningOutOfDescriptorsIsToldApart(error: Errno) throws {
    let plan = FaultPlan()
    plan.on(.accept, .fail(error))
    try plan.perform {
      let listener = try loopbackListener()
      let client = try Socket.connected(toFirstOf: [#require(listener.localName)], within: soon)
      guard case .descriptorsExhausted(error) = listener.tryAccept() else {
        Issue.record("not told apart")
        return
      }
      #expect(try listener.accept(within: soon).peerName == client.localName)
    }
  }

  @Test func plansNestAndBelongToTheirThread() throws {
    let (outer, inner) = (FaultPlan(), FaultPlan())
    outer.on(.socket, times: .max, .fail(.ioError))
    outer.perform {
      inner.perform { #expect(errno { _ = try Socket(domain: .inet) } == nil) }
      #expect(errno { _ = try Socket(domain: .inet) } == .ioError)
    }
    #expect(errno { _ = try Socket(domain: .inet) } == nil)
    #expect(inner.count(of: .socket) == 1 && outer.count(of: .socket) == 1)
  }
}
