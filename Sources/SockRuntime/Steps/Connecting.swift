// `connect`: the addresses of a host, those of both families at once (RFC 8305), within one deadline.

import SockLanguage
import SocketCore

/// What a `connect` keeps while it waits.
private final class ConnectState: AnswerBox {
  /// A connection that the kernel is making.
  struct Attempt {
    let channel: Channel
    /// Where its address stands in `addresses`.
    let number: Int
  }

  /// Whom the script wants to speak to.
  let target: AddressText
  /// Where the kernel connects: to the target, or to the first proxy.
  let address: AddressText
  let type: SocketType
  /// The proxies on the way, and whom each is asked for.
  let hops: [Preamble.Hop]
  /// The socket that the step was given: its addresses are tried one after another. Without one each has its own.
  let given: Channel?
  var lookup: Lookup?
  /// In the order in which they are tried.
  var addresses: [SocketAddress] = []
  var next = 0
  var underWay: [Attempt] = []
  /// When the next address is tried beside those, in monotonic nanoseconds; `Int64.min`: at once.
  var nextStart = Int64.min
  /// The connection stands, and what comes before the script's bytes is under way.
  var channel: Channel?
  var preamble: Preamble?
  /// What is left to be sent of the PROXY header; nil: it has not been made yet.
  var header: [UInt8]?
  var handshake: Handshake?
  /// The addresses that have failed, by their number.
  var errors: [(number: Int, error: Errno)] = []
  /// Why an address was left out that may not be connected to.
  var denial: Failure?
  init(_ target: AddressText, through hops: [Preamble.Hop], _ type: SocketType, _ given: Channel?) {
    self.target = target
    self.hops = hops
    address = hops.first?.proxy.address ?? target
    self.type = type
    self.given = given
  }
  var isFilled: Bool { lookup?.isFilled ?? true }

  /// So long, in nanoseconds, an address is tried alone: RFC 8305 section 5.
  static let attemptDelay: Int64 = 250_000_000

  /// What the kernel still connects is closed.
  func giveUp() {
    for attempt in underWay where attempt.channel !== given { attempt.channel.release() }
    underWay.removeAll()
  }

  /// For messages.
  var place: String { hops.first.map { "the proxy \($0.proxy.text)" } ?? address.text }

  /// One line for each address that has failed, in the order of the addresses.
  var tried: [String] {
    errors.sorted { $0.number < $1.number }.map { "tried     \(addresses[$0.number]): \($0.error.message)" }
  }

  /// The error that stands for all: somebody has refused, or else that of the last address.
  var error: Errno {
    if errors.contains(where: { $0.error == .connectionRefused }) { return .connectionRefused }
    return errors.max { $0.number < $1.number }?.error ?? .connectionRefused
  }
}

extension StepCall {
  func connect() throws(Failure) -> Value? {
    let state: ConnectState
    if let kept = task.step.work as? ConnectState {
      state = kept
    } else {
      guard let address = try address() else { throw .type("connect needs an address") }
      let given = try existing()
      let type = given?.socket?.type ?? socketType ?? address.impliedType
      state = ConnectState(address, through: try hops(to: address, type), type, given)
      if let socket = given?.socket { try askForArrivals(socket) }
      if address.scheme != .tls, hasTLSOption {
        throw .type("options of TLS are for `connect tls:…`, or for `starttls` on a connection that stands")
      }
      if site.has(.proxied) { try checkHeader(type) }
      try begin(given)
      task.step.work = state
    }
    if let handshake = state.handshake { return try goOn(handshake) ? finished(handshake.channel) : nil }
    if let channel = state.channel { return try introduce(channel, state) }
    if state.addresses.isEmpty {
      guard let found = try lookUp(state.address, type: state.type, &state.lookup, state.given) else {
        return nil
      }
      state.addresses = found.count == 1 ? found : try selected(found, state)
    }
    return try tryAddresses(state)
  }

  /// The proxies of the step, and whom each is asked for: the next of them, and the last one for the target.
  private func hops(to target: AddressText, _ type: SocketType) throws(Failure) -> [Preamble.Hop] {
    guard let value = option(.through) else { return [] }
    guard type == .stream else { throw .type("a proxy makes connections of TCP, which are streams") }
    let proxies = try Proxy.chain(value)
    for proxy in proxies { proxy.hideCredentials(run) }
    var hops: [Preamble.Hop] = []
    for (number, proxy) in proxies.enumerated() {
      let isLast = number == proxies.count - 1
      let asked = try ProxyTarget(isLast ? target : proxies[number + 1].address)
      if proxy.kind == .socks4, asked.address?.family == .inet6 {
        throw .type("SOCKS4 has no IPv6: it cannot be asked for \(asked.text)")
      }
      if let address = asked.address {
        try permissions.requireConnect(to: address)
      } else {
        try permissions.requireConnect(toName: asked.host, port: asked.port)
      }
      hops.append(Preamble.Hop(proxy: proxy, target: asked))
    }
    return hops
  }

  /// Those of a name's addresses that fit the socket and `from`, and that may be connected to, the families by turns.
  private func selected(_ found: [SocketAddress], _ state: ConnectState) throws(Failure) -> [SocketAddress] {
    var domain = state.given?.socket?.domain
    if domain == nil, let value = option(.from) {
      domain = try AddressText(value).immediate(type: state.type)?.first?.domain
    }
    var fitting = found.filter { domain == nil || $0.domain == domain }
    // The step then fails as it does with one address that does not fit.
    if fitting.isEmpty { fitting = found }
    if !permissions.isUnrestricted {
      var allowed: [SocketAddress] = []
      for address in fitting {
        do throws(Failure) {
          try permissions.requireConnect(to: address)
          allowed.append(address)
        } catch {
          state.denial = state.denial ?? error
        }
      }
      if allowed.isEmpty, let denial = state.denial { throw denial }
      fitting = allowed
    }
    return SocketAddress.interleaved(fitting)
  }

  /// Looks what has become of the addresses that are being tried, and tries more of them.
  private func tryAddresses(_ state: ConnectState) throws(Failure) -> Value? {
    var at = 0
    while at < state.underWay.count {
      let attempt = state.underWay[at]
      let channel = attempt.channel
      if channel.isClosed { throw Failure(.closed, "\(channel.label) was closed while it connected") }
      guard channel.readiness.canWrite, let socket = channel.socket else {
        at += 1
        continue
      }
      guard let error = socket.finishConnect() else {
        state.underWay.remove(at: at)
        return try connected(channel, state)
      }
      if error == .alreadyInProcess || error == .nowInProgress || error == .wouldBlock {
        channel.readiness.canWrite = false
        at += 1
        continue
      }
      state.underWay.remove(at: at)
      failed(attempt, error, state)
    }
    while mayTryNext(state) {
      let number = state.next
      let address = state.addresses[number]
      state.next += 1
      let channel: Channel
      do throws(Failure) {
        if let given = state.given { channel = given } else { channel = try newChannel(for: address, state) }
      } catch {
        // A machine without IPv6 may know names that have such an address.
        guard error.errno == Errno.addressFamilyNotSupported.rawValue, state.addresses.count > 1 else { throw error }
        state.errors.append((number, .addressFamilyNotSupported))
        continue
      }
      if channel.kind == .bare { channel.kind = .stream }
      guard let socket = channel.socket else { throw .type("\(channel.label) is no socket and cannot connect") }
      try permissions.requireConnect(to: address)
      let attempt = ConnectState.Attempt(channel: channel, number: number)
      switch socket.startConnect(to: address) {
      case .connected: return try connected(channel, state)
      case .inProgress:
        channel.readiness.canWrite = false
        state.underWay.append(attempt)
        if state.next < state.addresses.count { state.nextStart = MonotonicClock.now + ConnectState.attemptDelay }
      case .failed(let error):
        if error == .wouldBlock, address.family == .unix {
          // A Unix listener's queue is full, and nothing tells when it is not: asked again a little later.
          state.next -= 1
          if task.isLate { throw lateness(channel, "the listener's queue on \(state.place) stayed full") }
          task.waitKind = .timer
          scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + 5_000_000))
          return nil
        }
        failed(attempt, error, state)
      }
    }
    if state.underWay.isEmpty { throw refused(state) }
    return try waitForConnection(state)
  }

  /// Whether it is another address's turn: of those that are being tried none has answered for so long.
  private func mayTryNext(_ state: ConnectState) -> Bool {
    guard state.next < state.addresses.count else { return false }
    if state.underWay.isEmpty { return true }
    return state.given == nil && MonotonicClock.now >= state.nextStart
  }

  private func waitForConnection(_ state: ConnectState) throws(Failure) -> Value? {
    let channels = state.underWay.map(\.channel)
    if task.isLate {
      let silent = state.underWay.map { state.addresses[$0.number].description }
      let failure = lateness(channels[0], "no answer from \(silent.joined(separator: " and "))")
      failure.notes += state.tried
      let left = state.addresses[state.next...]
      if !left.isEmpty { failure.notes.append("not tried \(left.map(\.description).joined(separator: ", "))") }
      failure.channelSummary = channels[0].summary
      state.giveUp()
      throw failure
    }
    if channels.count == 1 {
      try scheduler.waitForWriting(task, channels[0])
    } else {
      try scheduler.waitForWriting(task, anyOf: channels)
    }
    let isMore = state.given == nil && state.next < state.addresses.count
    scheduler.arm(task, at: isMore ? min(task.step.deadline, state.nextStart) : task.step.deadline)
    return nil
  }

  private func newChannel(for address: SocketAddress, _ state: ConnectState) throws(Failure) -> Channel {
    let socket = try newSocket(address.domain, state.type) { "cannot make a socket for \(state.place)" }
    do throws(Errno) {
      if site.has(.broadcast) { try socket.setBroadcast(true) }
    } catch {
      throw Failure("cannot set an option of the socket", error)
    }
    try askForArrivals(socket)
    var file: SocketFile?
    if let value = option(.from) {
      let from = try AddressText(value)
      guard let local = try from.immediate(type: state.type)?.first(where: { $0.domain == address.domain }) else {
        throw Failure(.system(.addressNotAvailable), "`from \(from.text)` has to be a numeric address of the kind of \(address)")
      }
      do throws(Errno) {
        try socket.setReuseAddress(true)
      } catch {
        throw Failure("cannot bind to \(from.text)", error)
      }
      file = try bind(socket, to: local, from)
    }
    let channel = Channel(scheduler: scheduler, kind: state.type.isDatagram ? .datagram : .stream, socket: socket)
    channel.socketFile = file
    channel.settings = defaults?.copy()
    return channel
  }

  /// The next address is tried at once.
  private func failed(_ attempt: ConnectState.Attempt, _ error: Errno, _ state: ConnectState) {
    state.errors.append((attempt.number, error))
    state.nextStart = .min
    if attempt.channel !== state.given { attempt.channel.release() }
  }

  private func refused(_ state: ConnectState) -> Failure {
    // One that was made by `socket` goes with the connection that it was for.
    if site.receiver < 0 { state.given?.release() }
    let failure = state.denial ?? Failure("cannot connect to \(state.place)", state.error)
    if failure.code == .refused { failure.address = state.addresses.last }
    // A name does not say where it leads.
    if state.errors.count > 1 || state.address.isName { failure.notes += state.tried }
    if let last = state.hops.last { failure.notes.append("on the way to \(last.target.text)") }
    return failure
  }

  private func connected(_ channel: Channel, _ state: ConnectState) throws(Failure) -> Value? {
    channel.readiness.canWrite = true
    state.giveUp()
    if state.target.isName || !state.hops.isEmpty {
      channel.ownExtras.target = state.target.host
      if channel.isDatagram { channel.ownExtras.otherAddresses = Array(state.addresses[state.next...]) }
    }
    scheduler.transcript.record(.opened, channel)
    return try introduce(channel, state)
  }

  /// What comes before the script's own bytes: the proxies are asked, a PROXY header is sent, and TLS agrees.
  private func introduce(_ channel: Channel, _ state: ConnectState) throws(Failure) -> Value? {
    if !state.hops.isEmpty {
      state.channel = channel
      let preamble = state.preamble ?? Preamble(state.hops)
      state.preamble = preamble
      guard try goOn(preamble, on: channel) else { return nil }
    }
    if site.has(.proxied) {
      state.channel = channel
      guard try sendHeader(on: channel, state) else { return nil }
    }
    state.channel = nil
    if state.target.scheme == .tls {
      let context = try tlsContext(.client)
      try secure(channel, context, name: try serverName ?? channel.target)
      let handshake = Handshake(channel)
      state.handshake = handshake
      guard try goOn(handshake) else {
        task.step.work = state
        return nil
      }
    }
    return finished(channel)
  }

  /// False: the task waits. A failure closes the channel.
  private func sendHeader(on channel: Channel, _ state: ConnectState) throws(Failure) -> Bool {
    if channel.isClosed { throw Failure(.closed, "\(channel.label) was closed while its PROXY header was sent") }
    do throws(Failure) {
      if state.header == nil { state.header = try header(channel) }
      while let rest = state.header, !rest.isEmpty {
        switch rest.withUnsafeBytes({ channel.writeOnce($0, flags: []) }) {
        case .done(let count): state.header?.removeFirst(count)
        case .wouldBlock:
          channel.readiness.canWrite = false
          try waitToWrite(channel) { "the peer takes no more of the PROXY header" }
          return false
        case .end: throw Failure(.reset, "the peer takes no PROXY header")
        case .failed(let error): throw Failure("cannot send the PROXY header", error)
        }
      }
      return true
    } catch {
      error.channel = error.channel ?? channel
      error.channelSummary = error.channelSummary ?? channel.summary
      channel.release()
      throw error
    }
  }

  private func finished(_ channel: Channel) -> Value {
    if site.receiver < 0 {
      adopt(channel)
      task.extras?.freshSocket = nil
    } else if let name = site.resultName {
      channel.name = name
    }
    recorder?.opened(channel, site, task)
    return .channel(channel)
  }
}
