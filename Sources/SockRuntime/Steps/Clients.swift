// Programs that a script is the server of: `run … to`, their end (`expect exit`), and what a test makes of it.

import Glibc
import SockLanguage
import SocketCore
import TLS

// MARK: - run … to

extension StepCall {
  /// The listener or bound socket that `to` names; its address stands in the request's words and environment then.
  func serverOfClient(_ request: inout SpawnRequest) throws(Failure) -> Channel? {
    guard site.has(.to) else { return nil }
    let server = try (option(.to) ?? .nothing).channel(to: "run")
    try server.requireOpen("run … to")
    guard let address = server.socket?.localName, server.kind == .listener || server.isDatagram else {
      throw .type("`run … to` takes a listener or a bound socket for datagrams, and \(server.label) is neither")
    }
    let place = ClientPlace(address)
    let isSecured = server.extras?.acceptor != nil
    let asksForAuthority = request.argv.contains { $0.firstRange(of: ClientPlace.authority) != nil }
    let authority = isSecured || asksForAuthority ? try authorityFile() : nil
    for at in request.argv.indices {
      guard request.argv[at].contains(UInt8(ascii: "{")) else { continue }
      request.argv[at] = try place.filled(request.argv[at], authority: authority ?? [])
    }
    var environment = place.environment
    if isSecured, let authority { environment.append(.init(name: Array("SOCK_CA".utf8), value: authority)) }
    request.environment = environment + request.environment
    return server
  }

  private func authorityFile() throws(Failure) -> [UInt8] {
    let folder = try run.temporaryFolder()
    do throws(TLSError) {
      return Array(try run.context.certificates.authorityFile(in: folder).utf8)
    } catch {
      throw Failure("cannot write the authority's certificate", error)
    }
  }
}

/// Where a client is to connect, as its command line and its environment have it.
private struct ClientPlace {
  /// `127.0.0.1:7000`, `[::1]:7000`; of a Unix-domain socket its path.
  private let address: [UInt8]
  /// Nil for a Unix-domain socket, as is the port.
  private let host: [UInt8]?
  private let port: [UInt8]?

  static let authority = Array("{ca}".utf8)

  init(_ name: SocketAddress) {
    guard let port = name.port else {
      (host, self.port) = (nil, nil)
      address = name.path ?? Array(name.description.utf8)
      return
    }
    // Nobody connects to all addresses: what listens there is reached on loopback.
    let isSix = name.host?.contains(":") ?? false
    let host = name.isWildcard ? (isSix ? "::1" : "127.0.0.1") : name.host ?? ""
    self.host = Array(host.utf8)
    self.port = Array("\(port)".utf8)
    address = Array((isSix ? "[\(host)]:\(port)" : "\(host):\(port)").utf8)
  }

  var environment: [SpawnRequest.EnvironmentChange] {
    [("SOCK_ADDRESS", address), ("SOCK_HOST", host), ("SOCK_PORT", port)].map { name, value in
      SpawnRequest.EnvironmentChange(name: Array(name.utf8), value: value)
    }
  }

  func filled(_ word: [UInt8], authority: [UInt8]) throws(Failure) -> [UInt8] {
    var filled: [UInt8] = []
    var rest = word[...]
    while let brace = rest.firstIndex(of: UInt8(ascii: "{")) {
      filled += rest[..<brace]
      rest = rest[brace...]
      let holes = [("{address}", address), ("{host}", host), ("{port}", port), ("{ca}", authority)]
      guard let (hole, value) = holes.first(where: { rest.starts(with: $0.0.utf8) }) else {
        filled.append(rest.removeFirst())
        continue
      }
      guard let value else { throw .type("\(hole) has no value: a Unix-domain socket has a path alone, {address}") }
      filled += value
      rest = rest.dropFirst(hole.utf8.count)
    }
    return filled + rest
  }
}

// MARK: - Whoever waits for a client that has ended

extension Channel {
  /// Of a listener or a bound socket: programs were run as its clients (`run … to`), and all of them have gone, with all
  /// that they had started.
  var isDeserted: Bool {
    guard let clients = extras?.clients, !clients.isEmpty else { return false }
    return clients.allSatisfy(\.hasGone)
  }
}

extension StepCall {
  /// Before a step waits for a client: has its task woken when that ends.
  func watchClients(of server: Channel) {
    for process in server.extras?.clients ?? [] where process.status == nil {
      if !process.waiters.contains(where: { $0 === task }) { process.waiters.append(task) }
    }
  }

  /// Whether this step waits for clients in vain. A task that serves beside the script's or test's own goes on: another
  /// client may be run.
  func isDeserted(_ server: Channel) -> Bool {
    guard let clients = server.extras?.clients, !clients.isEmpty, task === task.group.main else { return false }
    // A step performed again is not to be woken by what it looks at.
    for process in clients { process.waiters.removeAll { $0 === task } }
    // What it has written, and its end, are not this step's doing.
    let step = transcript.site
    transcript.site = nil
    defer { transcript.site = step }
    return server.isDeserted
  }

  /// - Parameter what: what has not come, in words.
  func desertion(of server: Channel, _ what: String) -> Failure {
    let clients = server.extras?.clients ?? []
    let process = clients.last { $0.status?.isSuccess == false } ?? clients.last
    let ending = process.map { "\(run.name(of: $0)) \($0.ending ?? "has ended")" } ?? "the client has ended"
    let failure = Failure(.eof, "\(ending), and \(what)")
    failure.channel = server
    // The message has it already.
    failure.outcome = ""
    return failure
  }

  /// Who did not connect, for a listener whose client is known.
  func nobodyConnected(to listener: Channel) -> String {
    let place = listener.socket?.localName?.description ?? listener.label
    guard let process = listener.extras?.clients.last(where: { $0.status == nil }) else {
      return "nobody connected to \(place)"
    }
    return "\(run.name(of: process)) did not connect to \(place)"
  }
}

// MARK: - expect exit

extension StepCall {
  /// The program in front of the dot, or that which was `run` last.
  private func programToEnd() throws(Failure) -> ProcessState {
    guard site.receiver >= 0 else {
      guard let process = task.group.lastProgram ?? run.topLevel.lastProgram else {
        throw .type("no program was `run` that could end; `expect exit` waits for one")
      }
      return process
    }
    let channel = try regs[site.receiver].channel(to: "expect")
    guard let process = channel.process else {
      throw .type("\(channel.label) is no program, so it has no exit status; to wait for its end, write `expect closed`")
    }
    return process
  }

  func expectExit() throws(Failure) -> Value? {
    let process = try programToEnd()
    let wanted = try WantedExit(option(.exit) ?? .nothing)
    process.waiters.removeAll { $0 === task }
    process.hasEnded()
    if process.status != nil {
      process.isExpectedToEnd = true
      return try run.judge(process, wanted)
    }
    if !task.step.hasBegun { try begin(process.channel) }
    if task.isLate { throw run.lateToEnd(process, lateness(process.channel, "\(run.name(of: process)) did not end")) }
    process.waiters.append(task)
    task.waitKind = .process
    scheduler.arm(task, at: task.step.deadline)
    return nil
  }

  /// As a case of `select`; nil: it still runs.
  func exitOfCase() throws(Failure) -> (ProcessState, Result<Value, Failure>?) {
    let process = try programToEnd()
    let wanted = try WantedExit(option(.exit) ?? .nothing)
    process.waiters.removeAll { $0 === task }
    process.hasEnded()
    guard process.status != nil else { return (process, nil) }
    process.isExpectedToEnd = true
    do throws(Failure) {
      return (process, .success(try run.judge(process, wanted)))
    } catch {
      return (process, .failure(error))
    }
  }
}

/// How a program is to end.
struct WantedExit {
  private let value: Value

  /// Status 0.
  static var success: WantedExit { WantedExit(integer: 0) }

  private init(integer: Int) { value = .integer(integer) }

  init(_ value: Value) throws(Failure) {
    switch value {
    case .integer, .list, .range: self.value = value
    case .string(let name):
      let short = name.text.hasPrefix("SIG") ? String(name.text.dropFirst(3)) : name.text
      guard SignalName.number(named: short) != nil else {
        let near = Suggestion.nearest(short, among: SignalName.allNames).map { "; did you mean \"\($0)\"?" } ?? ""
        throw .range("`\(name.text)` is no signal\(near)")
      }
      self.value = Value(short)
    default: throw .type("a status is an integer, a list or range of them, or a signal's name, not \(value.article)")
    }
  }

  func holds(for status: ExitStatus) throws(Failure) -> Bool {
    switch value {
    case .integer(let code): return Int(status.code) == code
    case .string(let name): return status.signal.map { SignalName.name(of: $0) } == name.text
    default: return try Equality.contains(.integer(Int(status.code)), in: value)
    }
  }

  var words: String {
    switch value {
    case .string(let name): "killed by signal \(name.text)"
    case .integer: "status \(Show.inspect(value).text)"
    default: "a status in \(Show.inspect(value).text)"
    }
  }
}

extension Interpreter {
  /// The status of a program that has ended, if it is as wanted and, of a client, nobody else waits to be accepted.
  func judge(_ process: ProcessState, _ wanted: WantedExit) throws(Failure) -> Value {
    guard let status = process.status else { return .nothing }
    guard try wanted.holds(for: status) else {
      let expected = wanted.words
      throw exitFailure(process, .mismatch, "\(name(of: process)) \(process.ending ?? ""), expected \(expected)")
    }
    if let caller = uninvited(by: process) {
      throw exitFailure(
        process, .mismatch,
        "\(name(of: process)) has connected once more than was accepted, from \(caller)")
    }
    return .integer(Int(status.code))
  }

  /// It has run for too long; what it may be at.
  func lateToEnd(_ process: ProcessState, _ failure: Failure) -> Failure {
    if let channel = process.channel {
      let errors = process.errorChannel.map { $0.hasUnreadOutput ? "\($0.label)." : "" } ?? ""
      if process.isHeld, channel.hasUnreadOutput || !errors.isEmpty {
        failure.notes.append(
          "help: with `hold` it waits until what it writes is read: "
            + "`\(errors)recv all` before `wait`, or `run` without `hold`")
      }
    }
    if let caller = uninvited(by: process) {
      failure.outcome = ": it has connected once more than was accepted, from \(caller)"
    } else if process.role != nil, hasOpenConnection {
      failure.notes.append("help: its connection is still open here; does it wait for more, or for a `close`?")
    }
    failure.isOfEnd = true
    return failure
  }

  private func exitFailure(_ process: ProcessState, _ code: FailureCode, _ message: String) -> Failure {
    let failure = Failure(code, message)
    failure.channel = process.channel
    failure.isOfEnd = true
    return failure
  }

  /// What a program has written to standard output, and nobody has read: its last lines.
  func outputRow(of process: ProcessState) -> [String] {
    guard let channel = process.channel, !channel.isClosed else { return [] }
    channel.drainProcess()
    let bytes = secrets.masked(Array(channel.input.bytes.suffix(500)), cuts: .atStart, isText: true)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
    return lines.suffix(5).map { "stdout    \(Printable.text(String($0)))" }
  }

  private var hasOpenConnection: Bool {
    group.channels.contains { $0.channel.map { $0.isAccepted && !$0.isClosed } ?? false }
  }

  /// Where a connection is from that waits to be accepted, when none of the listener's clients runs any more but this
  /// one; it can still be accepted.
  private func uninvited(by process: ProcessState) -> String? {
    guard let listener = process.role?.server, listener.kind == .listener, listener.isOpen,
      listener.extras?.clients.allSatisfy({ $0 === process || $0.status != nil }) ?? false
    else { return nil }
    if let waiting = listener.extras?.entering.first { return waiting.peerWords }
    do throws(Failure) {
      guard case .connection(let channel) = try acceptNew(listener) else { return nil }
      listener.ownExtras.entering.append(channel)
      return channel.peerWords
    } catch {
      // Nobody is there to be told of.
      return nil
    }
  }
}

extension Channel {
  fileprivate var peerWords: String { socket?.peerName?.description ?? "a socket without a name" }
}

// MARK: - At the end of a test

extension Interpreter {
  /// Waits for the clients whose end the test has not asked for, as if it had said `expect exit 0`: the first that comes
  /// out wrong. Connections that no task serves any more are closed before.
  /// - Parameter limit: when the test's time is over, in monotonic nanoseconds.
  func awaitClients(of group: TaskGroup, until limit: Int64) -> Failure? {
    let left = group.clients.filter { !$0.process.isExpectedToEnd }
    guard !left.isEmpty else { return nil }
    let served = group.tasks.flatMap { [$0.served, $0.conn].compactMap { $0 } }
    for opened in group.channels {
      guard let channel = opened.channel, channel.isAccepted, !channel.isClosed,
        !served.contains(where: { $0 === channel })
      else { continue }
      channel.flushWhatFits()
      scheduler.transcript.record(.closed, channel)
      channel.release()
    }
    let seconds = defaults?.timeout ?? defaultStepSeconds
    let deadline = min(limit, Deadline(after: seconds * options.timeoutScale).at)
    for (process, _, _) in left {
      process.hasEnded()
      while process.status == nil, MonotonicClock.now < deadline, stopRequest.signal == nil {
        runReadyTasks()
        if waitForEvents(until: deadline) != nil { break }
        process.hasEnded()
      }
      if stopRequest.signal != nil { return nil }
      var failure: Failure?
      if process.status == nil {
        failure = lateToEnd(
          process,
          exitFailure(
            process, .timeout,
            "\(name(of: process)) did not end within \(Interpreter.duration(seconds)) after the test's last step"))
      } else {
        do throws(Failure) {
          _ = try judge(process, .success)
        } catch {
          failure = error
        }
      }
      if let failure {
        failure.notes.append(
          "checked   at the end of the test, as no step has asked how it ends: `expect exit` does")
        failure.site = process.role?.site
        failure.calls = process.role?.calls ?? []
        failure.failedAt = MonotonicClock.now
        failure.raisedAt = scheduler.transcript.now
        addSurroundings(to: failure)
        return failure
      }
    }
    return nil
  }
}
