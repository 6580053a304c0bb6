// `accept`, and what happens when descriptors run out.

import SockLanguage
import SocketCore
import TLS

extension StepCall {
  // MARK: - accept

  func listener() throws(Failure) -> Channel {
    let channel: Channel
    if site.receiver >= 0 {
      channel = try regs[site.receiver].channel(to: "accept")
    } else if let listener = task.listener {
      channel = listener
    } else {
      throw task.noChannel("listener", to: "accept")
    }
    try channel.requireOpen("accept")
    guard channel.kind == .listener else {
      throw .type("\(channel.label) does not listen, so it cannot accept; `listen` makes a listener")
    }
    return channel
  }

  func accept() throws(Failure) -> Value? {
    let listener = try listener()
    if let handshake = task.step.work as? Handshake { return try finish(handshake) }
    // Nobody may have been told of a connection yet: the first look is always taken, unless the poller tells of all.
    let isFirstLook = !task.step.hasBegun
    let isDeserted = listener.extras != nil && self.isDeserted(listener)
    let waitsFirst =
      isFirstLook && listener.readiness.isLevelTriggered && !listener.isNonblocking && hasNoDeadline(listener)
      && listener.extras?.entering.isEmpty ?? true && listener.accepts.skipsTry()
    if !waitsFirst, listener.readiness.canRead || isFirstLook || isDeserted {
      switch try run.tryAccept(listener) {
      case .connection(let channel):
        if isFirstLook { listener.accepts.note(found: true) }
        if channel.hasHandshake { return try finish(Handshake(channel)) }
        adopt(channel)
        return .channel(channel)
      case .none:
        if isFirstLook { listener.accepts.note(found: false) }
      case .exhausted(let error): return try waitForDescriptor(error, listener)
      }
    }
    if listener.isNonblocking { return .nothing }
    if isDeserted { throw desertion(of: listener, nobodyConnected(to: listener)) }
    try waitToRead(listener) { nobodyConnected(to: listener) }
    if listener.extras != nil { watchClients(of: listener) }
    return nil
  }

  /// The connection stands, and is given when its handshake is over.
  private func finish(_ handshake: Handshake) throws(Failure) -> Value? {
    guard try goOn(handshake) else { return nil }
    adopt(handshake.channel)
    return .channel(handshake.channel)
  }

  private func waitForDescriptor(_ error: Errno, _ listener: Channel) throws(Failure) -> Value? {
    try begin(listener)
    if task.isLate {
      let failure = lateness(listener, "no descriptor was free to accept a connection (\(error.name))")
      throw failure
    }
    run.warnOfDescriptors(error)
    scheduler.waitForDescriptors(task)
    scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + Interpreter.descriptorRetry))
    return nil
  }
}

extension Interpreter {
  enum Accepted {
    case connection(Channel)
    case none
    case exhausted(Errno)
  }

  /// Takes a connection if there is one: first those that a `select` has left.
  func tryAccept(_ listener: Channel) throws(Failure) -> Accepted {
    if let extras = listener.extras, !extras.entering.isEmpty { return .connection(extras.entering.removeFirst()) }
    return try acceptNew(listener)
  }

  /// Takes a connection from the queue if there is one.
  func acceptNew(_ listener: Channel) throws(Failure) -> Accepted {
    guard let socket = listener.socket else { return .none }
    switch socket.tryAccept() {
    case .connection(let accepted):
      let channel = Channel(scheduler: scheduler, kind: .stream, socket: accepted)
      channel.settings = listener.settings
      if channel.settings?.framing != nil { noteFraming(of: channel) }
      channel.autoflush = listener.autoflush
      channel.isAccepted = true
      channel.readiness.isNew = true
      channel.readiness.canRead = !scheduler.firstReads.skipsTry()
      channel.readiness.isUnread = channel.readiness.canRead
      scheduler.transcript.record(.accepted, channel)
      if let faults = listener.settings?.faults { try layFaults(faults, on: channel) }
      if let extras = listener.extras {
        if extras.isProxied {
          channel.ownExtras.headerReader = ProxyHeaderReader(extras.acceptor)
        } else if let acceptor = extras.acceptor {
          try secure(channel, acceptor)
        }
      }
      return .connection(channel)
    case .wouldBlock:
      listener.readiness.canRead = false
      return .none
    case .descriptorsExhausted(let error): return .exhausted(error)
    case .failed(let error):
      let failure = Failure("cannot accept on \(socket.localName?.description ?? listener.label)", error)
      failure.channel = listener
      throw failure
    }
  }

  /// Another process may have freed one (ENFILE): looked at again after this many nanoseconds.
  static let descriptorRetry: Int64 = 100_000_000

  func warnOfDescriptors(_ error: Errno) {
    guard !hasWarnedOfDescriptors else { return }
    hasWarnedOfDescriptors = true
    output.tell(
      "sock: warning: cannot accept: \(error.message) (\(error.name)); going on when a descriptor is free\n")
  }
}
