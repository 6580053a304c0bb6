// Verbs that make, bind, connect, accept and end sockets.

import SockLanguage
import SocketCore

/// What a `connect` keeps while it waits.
private final class ConnectState: AnswerBox {
  let address: AddressText
  let type: SocketType
  var lookup: Lookup?
  var addresses: [SocketAddress] = []
  var next = 0
  var channel: Channel?
  var errors: [String] = []
  var lastErrno = Errno.connectionRefused
  init(_ address: AddressText, _ type: SocketType) {
    self.address = address
    self.type = type
  }
  var isFilled: Bool { lookup?.isFilled ?? true }
}

extension Interpreter {
  // MARK: - socket, socketpair

  func makeSocket(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let socket: Socket
    if let value = option(.fd, site, regs) {
      let descriptor = try count(value, "a descriptor", minimum: 0)
      do throws(Errno) {
        socket = try Socket(adopting: Int32(clamping: descriptor))
      } catch {
        throw Failure("cannot adopt descriptor \(descriptor)", error)
      }
    } else {
      let domain: SocketDomain = site.has(.inet6) ? .inet6 : site.has(.unix) ? .unix : .inet
      let type = socketType(site) ?? .stream
      do throws(Errno) {
        socket = try Socket(domain: domain, type: type, protocol: try protocolNumber(site, regs))
      } catch let error {
        throw Failure("cannot make a socket (\(domain), \(type))", error)
      }
    }
    let channel = Channel(scheduler: scheduler, kind: .bare, socket: socket)
    channel.settings = defaults?.copy()
    channel.isNonblocking = site.has(.nonblocking)
    if site.has(.fd) {
      if try isListening(socket) { channel.kind = .listener }
      else if socket.type.isDatagram { channel.kind = .datagram }
      else if socket.isConnected { channel.kind = .stream }
    } else if socket.type.isDatagram {
      channel.kind = .datagram
    }
    adopt(channel, site, task)
    if site.resultName == nil, channel.kind != .listener, channel.kind != .stream { task.ownExtras.freshSocket = channel }
    return .channel(channel)
  }

  private func isListening(_ socket: Socket) throws(Failure) -> Bool {
    do throws(Errno) {
      return try socket.isListening
    } catch {
      throw Failure("cannot ask whether descriptor \(socket.fileDescriptor) listens", error)
    }
  }

  private func protocolNumber(_ site: StepSite, _ regs: Registers) throws(Errno) -> Int32 {
    if let name = site.text(of: .proto) {
      guard let number = SocketProtocol.number(named: name) else { throw .protocolNotSupported }
      return number
    }
    switch option(.proto, site, regs) {
    case .integer(let number)?: return Int32(clamping: number)
    case .string(let name)?:
      guard let number = SocketProtocol.number(named: name.text) else { throw .protocolNotSupported }
      return number
    default: return 0
    }
  }

  private func socketType(_ site: StepSite) -> SocketType? {
    if site.has(.stream) { return .stream }
    if site.has(.dgram) { return .dgram }
    if site.has(.raw) { return .raw }
    if site.has(.seqpacket) { return .seqpacket }
    return nil
  }

  func makePair(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let type = socketType(site) ?? .stream
    do throws(Errno) {
      let pair = try Socket.pair(type: type)
      let channels = [pair.0, pair.1].map {
        Channel(scheduler: scheduler, kind: type == .dgram ? .datagram : .stream, socket: $0)
      }
      for (at, channel) in channels.enumerated() {
        channel.settings = defaults?.copy()
        if at < site.pairNames.count { channel.name = site.pairNames[at] }
      }
      return .list(List(channels.map { .channel($0) }))
    } catch {
      throw Failure("cannot make a pair of \(type) sockets", error)
    }
  }

  /// A channel with a name is spoken to by its name; one without becomes current.
  private func adopt(_ channel: Channel, _ site: StepSite, _ task: Task) {
    if let name = site.resultName {
      channel.name = name
    } else if channel.kind == .listener {
      task.listener = channel
    } else {
      task.conn = channel
    }
  }

  // MARK: - bind, listen

  /// The address operand, taken apart.
  private func address(_ site: StepSite, _ regs: Registers) throws(Failure) -> AddressText? {
    guard site.address >= 0 else { return nil }
    return try AddressText(regs[site.address], port: site.addressPort >= 0 ? regs[site.addressPort] : nil)
  }

  /// Addresses at once, or by a look-up for which the task waits: then nil.
  private func resolve(
    _ address: AddressText, type: SocketType, _ site: StepSite, _ task: Task, _ regs: Registers
  ) throws(Failure) -> [SocketAddress]? {
    if address.scheme == .tls {
      throw Failure(.system(.notSupported), "`\(address.text)`: this build of sock has no TLS yet", errno: Errno.notSupported.rawValue)
    }
    if let addresses = try address.immediate(type: type) { return addresses }
    let lookup: Lookup
    if let kept = task.keep as? Lookup {
      lookup = kept
    } else {
      try begin(site, task, regs, nil)
      lookup = Lookup(address, type: type, scheduler.poller.waker)
      task.keep = lookup
    }
    guard let value = lookup.value else {
      if isLate(task) { throw lateness(site, task, regs, nil, "the look-up of `\(address.text)` had no answer") }
      scheduler.waitForAnswer(task)
      scheduler.arm(task, at: task.stepDeadline)
      return nil
    }
    switch value {
    case .success(let addresses): return addresses
    case .failure(let error): throw Failure(.system(.addressNotAvailable), "cannot find `\(address.text)`: \(error.message)", errno: error.errno?.rawValue ?? 0)
    }
  }

  /// The channel that `bind`, `listen` or `connect` acts on instead of making one.
  private func existing(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Channel? {
    if site.receiver >= 0 {
      let channel = try channel(regs[site.receiver], site.verb.rawValue)
      try requireOpen(channel, site.verb.rawValue)
      return channel
    }
    if site.resultName == nil, let fresh = task.extras?.freshSocket, !fresh.isClosed, fresh === task.conn { return fresh }
    return nil
  }

  func bind(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    guard let address = try address(site, regs) else { throw .type("bind needs an address") }
    if let channel = try existing(site, task, regs), let socket = channel.socket {
      guard let addresses = try resolve(address, type: socket.type, site, task, regs) else { return nil }
      let fitting = addresses.first { $0.domain == socket.domain } ?? addresses[0]
      try setOptions(socket, site, reuseByDefault: false)
      try bind(socket, to: fitting, address)
      return .channel(channel)
    }
    let type = socketType(site) ?? (address.scheme == .udp || address.isUnix ? .dgram : address.impliedType)
    guard let addresses = try resolve(address, type: type, site, task, regs) else { return nil }
    let socket = try boundSocket(addresses, type, address, site, reuseByDefault: type == .stream)
    let channel = Channel(scheduler: scheduler, kind: type.isDatagram ? .datagram : .bare, socket: socket)
    channel.settings = defaults?.copy()
    adopt(channel, site, task)
    if site.resultName == nil {
      if type.isDatagram { task.listener = channel } else { task.ownExtras.freshSocket = channel }
    }
    return .channel(channel)
  }

  private func setOptions(_ socket: Socket, _ site: StepSite, reuseByDefault: Bool) throws(Failure) {
    do throws(Errno) {
      if site.has(.reuse) || reuseByDefault && socket.domain != .unix { try socket.setReuseAddress(true) }
      if site.has(.reuseport) { try socket.setReusePort(true) }
      if site.has(.broadcast) { try socket.setBroadcast(true) }
      if site.has(.v6only), socket.domain == .inet6 { try socket.setOnlyIPv6(true) }
    } catch {
      throw Failure("cannot set an option of the socket", error)
    }
  }

  private func bind(_ socket: Socket, to address: SocketAddress, _ text: AddressText) throws(Failure) {
    do throws(Errno) {
      try socket.bind(address)
    } catch {
      throw Failure("cannot bind to \(text.text)", error)
    }
  }

  /// A socket bound to the first address that the machine has.
  private func boundSocket(
    _ addresses: [SocketAddress], _ type: SocketType, _ text: AddressText, _ site: StepSite, reuseByDefault: Bool
  ) throws(Failure) -> Socket {
    var first: Failure?
    for address in addresses {
      do throws(Failure) {
        let socket: Socket
        do throws(Errno) {
          socket = try Socket(domain: address.domain, type: type)
          if address.domain == .inet6, !site.has(.v6only) { try socket.setOnlyIPv6(false) }
        } catch {
          throw Failure("cannot make a socket for \(text.text)", error)
        }
        try setOptions(socket, site, reuseByDefault: reuseByDefault)
        try bind(socket, to: address, text)
        return socket
      } catch {
        first = first ?? error
      }
    }
    throw first ?? Failure(.system(.addressNotAvailable), "`\(text.text)` has no address")
  }

  func listen(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    var backlog = Int32(4096)
    if let value = option(.backlog, site, regs) {
      // A listen queue that is given but false is 5, as IO::Socket has it.
      switch value {
      case .nothing, .boolean(false), .integer(0): backlog = 5
      default: backlog = Int32(clamping: try count(value, "a backlog", minimum: 1))
      }
    }
    var channel = try existing(site, task, regs)
    if let channel, let socket = channel.socket {
      if let address = try address(site, regs) {
        guard let addresses = try resolve(address, type: socket.type, site, task, regs) else { return nil }
        try setOptions(socket, site, reuseByDefault: true)
        try bind(socket, to: addresses.first { $0.domain == socket.domain } ?? addresses[0], address)
      }
    } else {
      guard let address = try address(site, regs) else {
        throw Failure(.closed, "listen needs an address, or a bound socket to listen on; write `listen 3333`")
      }
      if address.scheme == .udp {
        throw .type("a UDP socket does not listen; write `bind \(address.text.hasPrefix("udp:") ? "" : "udp:")\(address.text)`")
      }
      let type = socketType(site) ?? .stream
      guard let addresses = try resolve(address, type: type, site, task, regs) else { return nil }
      let socket = try boundSocket(addresses, type, address, site, reuseByDefault: true)
      let made = Channel(scheduler: scheduler, kind: .listener, socket: socket)
      made.settings = defaults?.copy()
      channel = made
    }
    guard let channel, let socket = channel.socket else { return .nothing }
    do throws(Errno) {
      try socket.listen(backlog: backlog)
    } catch {
      throw Failure("cannot listen on \(socket.localName?.description ?? channel.label)", error)
    }
    channel.kind = .listener
    scheduler.transcript.record(.listening, channel)
    if site.receiver < 0 {
      if task.conn === channel { task.conn = nil }
      task.extras?.freshSocket = nil
      adopt(channel, site, task)
    } else if let name = site.resultName {
      channel.name = name
    }
    return .channel(channel)
  }

  // MARK: - connect

  func connect(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let state: ConnectState
    if let kept = task.keep as? ConnectState {
      state = kept
    } else {
      guard let address = try address(site, regs) else { throw .type("connect needs an address") }
      if address.scheme == .tls {
        throw Failure(.system(.notSupported), "`\(address.text)`: this build of sock has no TLS yet", errno: Errno.notSupported.rawValue)
      }
      let given = try existing(site, task, regs)
      let type = given?.socket?.type ?? socketType(site) ?? address.impliedType
      state = ConnectState(address, type)
      state.channel = given
      try begin(site, task, regs, given)
      task.keep = state
      if let addresses = try address.immediate(type: type) {
        state.addresses = addresses
      } else {
        state.lookup = Lookup(address, type: type, scheduler.poller.waker)
      }
    }
    if let lookup = state.lookup, state.addresses.isEmpty {
      guard let answer = lookup.value else {
        if isLate(task) { throw lateness(site, task, regs, nil, "the look-up of `\(state.address.text)` had no answer") }
        scheduler.waitForAnswer(task)
        scheduler.arm(task, at: task.stepDeadline)
        return nil
      }
      switch answer {
      case .success(let addresses): state.addresses = addresses
      case .failure(let error): throw Failure(.system(.addressNotAvailable), "cannot find `\(state.address.text)`: \(error.message)", errno: error.errno?.rawValue ?? 0)
      }
    }
    return try connectToNext(state, site, task, regs)
  }

  /// Goes on with the address that is being tried, or with the next one.
  private func connectToNext(
    _ state: ConnectState, _ site: StepSite, _ task: Task, _ regs: Registers
  ) throws(Failure) -> Value? {
    while true {
      if task.stage == 1, let channel = state.channel, let socket = channel.socket {
        // A connection is under way.
        if channel.isClosed { throw Failure(.closed, "\(channel.label) was closed while it connected") }
        if !channel.canWrite {
          return try waitForConnection(state, channel, site, task, regs)
        }
        if let error = socket.finishConnect() {
          if error == .alreadyInProcess || error == .nowInProgress || error == .wouldBlock {
            channel.canWrite = false
            return try waitForConnection(state, channel, site, task, regs)
          }
          try note(error, state, site)
          task.stage = 0
          continue
        }
        return connected(channel, site, task)
      }
      guard state.next < state.addresses.count else { throw refused(state) }
      let address = state.addresses[state.next]
      state.next += 1
      let channel: Channel
      if site.receiver >= 0 || (state.channel != nil && state.next == 1) , let given = state.channel {
        if let domain = given.socket?.domain, domain != address.domain, state.next < state.addresses.count { continue }
        channel = given
        if channel.kind == .bare { channel.kind = .stream }
      } else {
        channel = try newChannel(for: address, state, site, regs)
      }
      guard let socket = channel.socket else { throw .type("\(channel.label) is no socket and cannot connect") }
      state.channel = channel
      switch socket.startConnect(to: address) {
      case .connected: return connected(channel, site, task)
      case .inProgress:
        channel.canWrite = false
        task.stage = 1
      case .failed(let error):
        if error == .wouldBlock, address.family == .unix {
          // A Unix listener's queue is full, and nothing tells when it is not: asked again a little later.
          state.next -= 1
          if isLate(task) { throw lateness(site, task, regs, channel, "the listener's queue on \(state.address.text) stayed full") }
          task.waitKind = .timer
          scheduler.arm(task, at: min(task.stepDeadline, Clock.now + 5_000_000))
          return nil
        }
        try note(error, state, site)
      }
    }
  }

  private func waitForConnection(
    _ state: ConnectState, _ channel: Channel, _ site: StepSite, _ task: Task, _ regs: Registers
  ) throws(Failure) -> Value? {
    if isLate(task) {
      throw lateness(site, task, regs, channel, "no answer from \(state.addresses[state.next - 1])")
    }
    try scheduler.waitForWriting(task, channel)
    scheduler.arm(task, at: task.stepDeadline)
    return nil
  }

  private func newChannel(
    for address: SocketAddress, _ state: ConnectState, _ site: StepSite, _ regs: Registers
  ) throws(Failure) -> Channel {
    let socket: Socket
    do throws(Errno) {
      socket = try Socket(domain: address.domain, type: state.type)
      if site.has(.broadcast) { try socket.setBroadcast(true) }
    } catch {
      throw Failure("cannot make a socket for \(state.address.text)", error)
    }
    if let value = option(.from, site, regs) {
      let from = try AddressText(value)
      guard let local = try from.immediate(type: state.type)?.first(where: { $0.domain == address.domain }) else {
        throw Failure(.system(.addressNotAvailable), "`from \(from.text)` has to be a numeric address of the kind of \(address)")
      }
      do throws(Errno) {
        try socket.setReuseAddress(true)
        try socket.bind(local)
      } catch {
        throw Failure("cannot bind to \(from.text)", error)
      }
    }
    let channel = Channel(scheduler: scheduler, kind: state.type.isDatagram ? .datagram : .stream, socket: socket)
    channel.settings = defaults?.copy()
    return channel
  }

  private func note(_ error: Errno, _ state: ConnectState, _ site: StepSite) throws(Failure) {
    state.lastErrno = error
    state.errors.append("\(state.addresses[state.next - 1]): \(error.message)")
    if site.receiver < 0, let failed = state.channel, failed.kind != .bare {
      failed.release()
      state.channel = nil
    }
  }

  private func refused(_ state: ConnectState) -> Failure {
    let failure = Failure("cannot connect to \(state.address.text)", state.lastErrno)
    if state.errors.count > 1 { failure.notes += state.errors.map { "tried     \($0)" } }
    return failure
  }

  private func connected(_ channel: Channel, _ site: StepSite, _ task: Task) -> Value {
    channel.canWrite = true
    if site.receiver < 0 {
      adopt(channel, site, task)
      task.extras?.freshSocket = nil
    } else if let name = site.resultName {
      channel.name = name
    }
    scheduler.transcript.record(.opened, channel)
    return .channel(channel)
  }

  // MARK: - accept

  func listener(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Channel {
    let channel: Channel
    if site.receiver >= 0 {
      channel = try self.channel(regs[site.receiver], "accept")
    } else if let listener = task.listener {
      channel = listener
    } else {
      throw noChannel("listener", task, "accept")
    }
    try requireOpen(channel, "accept")
    guard channel.kind == .listener else {
      throw .type("\(channel.label) does not listen, so it cannot accept; `listen` makes a listener")
    }
    return channel
  }

  func accept(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let listener = try listener(site, task, regs)
    // Nobody may have been told of a connection yet: the first look is always taken.
    if listener.canRead || !task.stepHasBegun {
      switch try tryAccept(listener) {
      case .connection(let channel):
        adopt(channel, site, task)
        return .channel(channel)
      case .none: break
      case .exhausted(let error): return try waitForDescriptor(error, listener, site, task, regs)
      }
    }
    if listener.isNonblocking { return .nothing }
    try waitToRead(site, task, regs, listener) { "nobody connected to \(listener.socket?.localName?.description ?? "it")" }
    return nil
  }

  enum Accepted {
    case connection(Channel)
    case none
    case exhausted(Errno)
  }

  /// Takes a connection from the queue if there is one.
  func tryAccept(_ listener: Channel) throws(Failure) -> Accepted {
    guard let socket = listener.socket else { return .none }
    switch socket.tryAccept() {
    case .connection(let accepted):
      let channel = Channel(scheduler: scheduler, kind: .stream, socket: accepted)
      channel.settings = listener.settings
      channel.autoflush = listener.autoflush
      scheduler.transcript.record(.accepted, channel)
      return .connection(channel)
    case .wouldBlock:
      listener.canRead = false
      return .none
    case .descriptorsExhausted(let error): return .exhausted(error)
    case .failed(let error):
      let failure = Failure("cannot accept on \(socket.localName?.description ?? listener.label)", error)
      failure.channel = listener
      throw failure
    }
  }

  private func waitForDescriptor(
    _ error: Errno, _ listener: Channel, _ site: StepSite, _ task: Task, _ regs: Registers
  ) throws(Failure) -> Value? {
    try begin(site, task, regs, listener)
    if isLate(task) {
      let failure = lateness(site, task, regs, listener, "no descriptor was free to accept a connection (\(error.name))")
      throw failure
    }
    warnOfDescriptors(error)
    scheduler.waitForDescriptors(task)
    scheduler.arm(task, at: min(task.stepDeadline, Clock.now + Interpreter.descriptorRetry))
    return nil
  }

  /// Another process may have freed one (ENFILE): looked at again after this many nanoseconds.
  static let descriptorRetry: Int64 = 100_000_000

  func warnOfDescriptors(_ error: Errno) {
    guard !hasWarnedOfDescriptors else { return }
    hasWarnedOfDescriptors = true
    _ = output.flush()
    OutputWriter.writeError(
      "sock: warning: cannot accept: \(error.message) (\(error.name)); going on when a descriptor is free\n")
  }

  // MARK: - serve

  /// Accepts for ever, or until enough: a task each. True when it is over.
  func serve(_ site: ServeSite, _ code: FunctionCode, _ task: Task, _ regs: Registers) throws(Failure) -> Bool {
    let state: ServeState
    if let kept = task.keep as? ServeState {
      state = kept
      state.waiter = nil
    } else {
      state = ServeState()
      task.keep = state
      task.stepHasBegun = true
      task.stepDeadline = task.blockDeadline
    }
    let listener: Channel
    if site.receiver >= 0 {
      listener = try channel(regs[site.receiver], "serve")
    } else if let current = task.listener {
      listener = current
    } else {
      throw noChannel("listener", task, "serve")
    }
    guard listener.kind == .listener else { throw .type("\(listener.label) does not listen, so it cannot serve") }
    scheduler.transcript.site = nil
    try requireOpen(listener, "serve")
    var limit = Int.max
    if site.count >= 0 { limit = try count(regs[site.count], "the number of connections to serve", minimum: 0) }
    var function: Function?
    while state.accepted < limit, listener.canRead {
      switch try tryAccept(listener) {
      case .connection(let channel):
        state.accepted += 1
        state.live += 1
        let body: Function
        if let function { body = function } else {
          body = makeFunction(code, site.body, task, regs)
          function = body
        }
        startConnection(body, channel, listener, state, task)
      case .none: break
      case .exhausted(let error):
        warnOfDescriptors(error)
        state.waiter = task
        scheduler.waitForDescriptors(task)
        scheduler.arm(task, at: min(task.stepDeadline, Clock.now + Interpreter.descriptorRetry))
        return false
      }
    }
    if state.accepted >= limit, state.live == 0 { return true }
    if isLate(task) { throw Failure(.timeout, "the block's time is over and `serve` still waits") }
    if state.accepted >= limit {
      state.waiter = task
      task.waitKind = .process
    } else {
      if let other = listener.reader, other !== task { throw Failure(.busy, "another task accepts on \(listener.label) already") }
      try scheduler.waitForReading(task, listener)
    }
    scheduler.arm(task, at: task.stepDeadline)
    return false
  }

  private func startConnection(
    _ function: Function, _ channel: Channel, _ listener: Channel, _ state: ServeState, _ parent: Task
  ) {
    let task = Task(interpreter: self, group: parent.group, function: function)
    task.conn = channel
    task.listener = listener
    task.server = state
    task.served = channel
    parent.group.add(task)
    taskCount += 1
    scheduler.start(task)
  }

  // MARK: - shutdown, close, reset

  func shutdown(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try channel(site, task, regs)
    try requireOpen(channel, "shutdown")
    if !site.has(.read), try !flush(channel, site, task, regs) { return nil }
    if let process = channel.process {
      if !site.has(.read) {
        scheduler.forgetOutput(channel)
        process.child.close(.stdin)
        channel.outputDescriptor = -1
      }
      return .boolean(true)
    }
    guard let socket = channel.socket else { throw .type("\(channel.label) is no socket; `close` ends it") }
    do throws(Errno) {
      try socket.shutdown(site.has(.read) ? .read : site.has(.both) ? .both : .write)
    } catch {
      // A peer that has reset or closed first leaves nothing to shut down: what was asked for is so.
      if error != .socketNotConnected {
        let failure = Failure("cannot shut down \(channel.label)", error)
        failure.channel = channel
        throw failure
      }
      if channel.kind == .listener || channel.kind == .bare {
        throw Failure("cannot shut down \(channel.label)", error)
      }
    }
    scheduler.transcript.record(site.has(.read) ? .shutdownReading : .shutdown, channel)
    return .boolean(true)
  }

  func close(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try closable(site, task, regs)
    if channel.isClosed { return .boolean(false) }
    do throws(Failure) {
      if channel.kind != .listener, try !flush(channel, site, task, regs) { return nil }
    } catch {
      // What was gathered is lost, which is said; but closed it is.
      end(channel, task)
      throw error
    }
    scheduler.transcript.record(.closed, channel)
    end(channel, task)
    return .boolean(true)
  }

  func reset(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let channel = try closable(site, task, regs)
    if channel.isClosed { return .boolean(false) }
    scheduler.transcript.record(.aborted, channel)
    if let socket = channel.socket {
      scheduler.forget(channel)
      if let error = socket.reset() { throw Failure("cannot reset \(channel.label)", error) }
    }
    end(channel, task)
    return .boolean(true)
  }

  private func closable(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Channel {
    try channel(site, task, regs, orListener: true)
  }

  private func end(_ channel: Channel, _ task: Task) {
    if channel.kind == .standard {
      channel.isClosed = true
    } else {
      channel.release()
    }
    if task.conn === channel { task.conn = nil }
    if task.listener === channel { task.listener = nil }
  }
}
