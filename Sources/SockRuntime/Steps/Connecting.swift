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
  func connect(_ site: StepSite, _ task: Task, _ regs: Registers) throws(Failure) -> Value? {
    let state: ConnectState
    if let kept = task.keep as? ConnectState {
      state = kept
    } else {
      guard let address = try address(site, regs) else { throw .type("connect needs an address") }
      let given = try existing(site, task, regs)
      let type = given?.socket?.type ?? socketType(site) ?? address.impliedType
      state = ConnectState(address, type)
      state.channel = given
      try begin(site, task, regs, given)
      task.keep = state
    }
    if state.addresses.isEmpty {
      guard let found = try lookUp(state.address, type: state.type, &state.lookup, site, task, regs, state.channel) else {
        return nil
      }
      state.addresses = found
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
        if !channel.readiness.canWrite {
          return try waitForConnection(state, channel, site, task, regs)
        }
        if let error = socket.finishConnect() {
          if error == .alreadyInProcess || error == .nowInProgress || error == .wouldBlock {
            channel.readiness.canWrite = false
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
      try permissions.requireConnect(to: address)
      switch socket.startConnect(to: address) {
      case .connected: return connected(channel, site, task)
      case .inProgress:
        channel.readiness.canWrite = false
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
      socket = try Interpreter.newSocket(address.domain, state.type)
      if site.has(.broadcast) { try socket.setBroadcast(true) }
    } catch {
      throw Failure("cannot make a socket for \(state.address.text)", error)
    }
    var file: SocketFile?
    if let value = option(.from, site, regs) {
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
    // A name does not say where it leads.
    if state.errors.count > 1 || state.address.isName { failure.notes += state.errors.map { "tried     \($0)" } }
    return failure
  }

  private func connected(_ channel: Channel, _ site: StepSite, _ task: Task) -> Value {
    channel.readiness.canWrite = true
    if site.receiver < 0 {
      adopt(channel, site, task)
      task.extras?.freshSocket = nil
    } else if let name = site.resultName {
      channel.name = name
    }
    scheduler.transcript.record(.opened, channel)
    recorder?.opened(channel, site, task)
    return .channel(channel)
  }
}
