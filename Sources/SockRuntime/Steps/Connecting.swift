// `connect`: each address of a host in turn, within one deadline.

import SockLanguage
import SocketCore

/// What a `connect` keeps while it waits.
private final class ConnectState: AnswerBox {
  let address: AddressText
  let type: SocketType
  var lookup: Lookup?
  var addresses: [SocketAddress] = []
  var next = 0
  /// The kernel is connecting to the address before `next`.
  var isUnderWay = false
  /// The connection stands, and its handshake is under way.
  var handshake: Handshake?
  var channel: Channel?
  var errors: [String] = []
  var lastErrno = Errno.connectionRefused
  init(_ address: AddressText, _ type: SocketType) {
    self.address = address
    self.type = type
  }
  var isFilled: Bool { lookup?.isFilled ?? true }
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
      state = ConnectState(address, type)
      state.channel = given
      if let socket = given?.socket { try askForArrivals(socket) }
      if address.scheme != .tls, hasTLSOption {
        throw .type("options of TLS are for `connect tls:…`, or for `starttls` on a connection that stands")
      }
      try begin(given)
      task.step.work = state
    }
    if let handshake = state.handshake { return try goOn(handshake) ? finished(handshake.channel) : nil }
    if state.addresses.isEmpty {
      guard let found = try lookUp(state.address, type: state.type, &state.lookup, state.channel) else {
        return nil
      }
      state.addresses = found
    }
    return try connectToNext(state)
  }

  /// Goes on with the address that is being tried, or with the next one.
  private func connectToNext(_ state: ConnectState) throws(Failure) -> Value? {
    while true {
      if state.isUnderWay, let channel = state.channel, let socket = channel.socket {
        // A connection is under way.
        if channel.isClosed { throw Failure(.closed, "\(channel.label) was closed while it connected") }
        if !channel.readiness.canWrite {
          return try waitForConnection(state, channel)
        }
        if let error = socket.finishConnect() {
          if error == .alreadyInProcess || error == .nowInProgress || error == .wouldBlock {
            channel.readiness.canWrite = false
            return try waitForConnection(state, channel)
          }
          try note(error, state)
          state.isUnderWay = false
          continue
        }
        return try connected(channel, state)
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
        channel = try newChannel(for: address, state)
      }
      guard let socket = channel.socket else { throw .type("\(channel.label) is no socket and cannot connect") }
      state.channel = channel
      try permissions.requireConnect(to: address)
      switch socket.startConnect(to: address) {
      case .connected: return try connected(channel, state)
      case .inProgress:
        channel.readiness.canWrite = false
        state.isUnderWay = true
      case .failed(let error):
        if error == .wouldBlock, address.family == .unix {
          // A Unix listener's queue is full, and nothing tells when it is not: asked again a little later.
          state.next -= 1
          if task.isLate { throw lateness(channel, "the listener's queue on \(state.address.text) stayed full") }
          task.waitKind = .timer
          scheduler.arm(task, at: min(task.step.deadline, Clock.now + 5_000_000))
          return nil
        }
        try note(error, state)
      }
    }
  }

  private func waitForConnection(_ state: ConnectState, _ channel: Channel) throws(Failure) -> Value? {
    if task.isLate {
      let failure = lateness(channel, "no answer from \(state.addresses[state.next - 1])")
      failure.notes += triedBefore(state)
      let left = state.addresses[state.next...]
      if !left.isEmpty { failure.notes.append("not tried \(left.map(\.description).joined(separator: ", "))") }
      throw failure
    }
    try scheduler.waitForWriting(task, channel)
    scheduler.arm(task, at: task.step.deadline)
    return nil
  }

  private func newChannel(for address: SocketAddress, _ state: ConnectState) throws(Failure) -> Channel {
    let socket = try newSocket(address.domain, state.type) { "cannot make a socket for \(state.address.text)" }
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

  private func note(_ error: Errno, _ state: ConnectState) throws(Failure) {
    state.lastErrno = error
    state.errors.append("\(state.addresses[state.next - 1]): \(error.message)")
    if site.receiver < 0, let failed = state.channel, failed.kind != .bare {
      failed.release()
      state.channel = nil
    }
  }

  private func refused(_ state: ConnectState) -> Failure {
    let failure = Failure("cannot connect to \(state.address.text)", state.lastErrno)
    if failure.code == .refused { failure.address = state.addresses.last }
    // A name does not say where it leads.
    if state.errors.count > 1 || state.address.isName { failure.notes += triedBefore(state) }
    return failure
  }

  private func triedBefore(_ state: ConnectState) -> [String] { state.errors.map { "tried     \($0)" } }

  private func connected(_ channel: Channel, _ state: ConnectState) throws(Failure) -> Value? {
    channel.readiness.canWrite = true
    if state.address.isName { channel.ownExtras.target = state.address.host }
    scheduler.transcript.record(.opened, channel)
    if state.address.scheme == .tls {
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
