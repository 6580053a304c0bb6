// `relay`: bytes go from each of two channels to the other, until both have ended.
//
// What has come from one side and is not with the other yet is that channel's input, and no more is read meanwhile: so
// a slow side slows down the other one, and what a step has left unread goes first.

import SockLanguage
import SocketCore

extension StepCall {
  /// Reads and writes of a turn, before others have theirs: 64 KiB each at most.
  private static let piecesInTurn = 32
  /// What an IP datagram can hold, in bytes.
  private static let longestDatagram = 65507
  /// Until it is looked whether a side is still there whose bytes the other does not take, in nanoseconds.
  private static let patienceWithSink: Int64 = 1_000_000_000
  /// Until a datagram receiver's full queue is looked at again, in nanoseconds.
  private static let receiverPause: Int64 = 2_000_000

  func relay() throws(Failure) -> Value? {
    try beginAtOwnPace()
    if let begun = task.step.work as? DatagramRelay { return try relayDatagrams(begun) }
    if let begun = task.step.work as? Relay { return try goOn(begun) }
    let (first, second) = try sidesOfRelay()
    var idle: Int64?
    if let value = option(.idle) {
      guard let seconds = value.number, seconds > 0 else { throw .type("`idle` takes a duration, as 30s") }
      idle = MonotonicClock.span(seconds * options.timeoutScale)
    }
    if isForManyPeers(first, second) { return try relayDatagrams(try beginDatagramRelay(first, second, idle: idle)) }
    return try goOn(try beginRelay(first, second, idle: idle))
  }

  private func goOn(_ relay: Relay) throws(Failure) -> Value? {
    var pieces = StepCall.piecesInTurn
    var hasMoved = true
    while hasMoved, pieces > 0 {
      hasMoved = false
      for flow in relay.flows where !flow.isOver {
        pieces -= 1
        guard try advance(flow, relay) else { continue }
        if relay.isStopped { return finish(relay) }
        hasMoved = true
      }
      if hasMoved { relay.movedAt = MonotonicClock.now }
    }
    if !hasMoved { noticeResets(relay) }
    if relay.isOver { return finish(relay) }
    if task.isLate {
      let which = relay.labels.joined(separator: " and ")
      throw lateness(relay.flows.first?.source, "the relay between \(which) had not ended")
    }
    if !hasMoved, MonotonicClock.now >= relay.quietAt {
      for side in [RelaySide.first, .second] where relay.ends[side.rawValue] == nil { relay.note("idle", of: side) }
      return finish(relay)
    }
    try waitToRelay(relay, goesOn: hasMoved)
    return nil
  }

  // MARK: - Beginning and end

  private func sidesOfRelay() throws(Failure) -> (RelayEnds, RelayEnds) {
    let first: RelayEnds
    let second: RelayEnds
    if site.operandCount > 1 {
      first = try relayEnds(regs[site.operands])
      second = try relayEnds(regs[site.operands + 1])
    } else {
      let channel = try channel()
      first = RelayEnds(reading: channel, writing: channel)
      second = try relayEnds(operand ?? .nothing)
    }
    for channel in [first.reading, first.writing]
    where channel === second.reading || channel === second.writing {
      throw .type("`relay` takes two channels, and \(channel.label) is on both sides")
    }
    return (first, second)
  }

  private func beginRelay(_ first: RelayEnds, _ second: RelayEnds, idle: Int64?) throws(Failure) -> Relay {
    for ends in [first, second] { try requireRelayable(ends) }
    for (from, to) in [(first, second), (second, first)] where to.writing.outputDescriptor < 0 {
      let channel = from.reading
      guard channel.inputDescriptor >= 0, !channel.hasEnded || !channel.input.isEmpty else { continue }
      throw .type("\(to.writing.label) takes no input, so that what comes from \(channel.label) has nowhere to go")
    }
    run.relayCount += 1
    let relay = Relay(run.relayCount, first, second, idle: idle, run.relayObserver)
    task.step.work = relay
    return relay
  }

  private func relayEnds(_ value: Value) throws(Failure) -> RelayEnds {
    switch value {
    case .channel(let channel): return RelayEnds(reading: channel, writing: channel)
    case .list(let list):
      if list.items.count == 2, case .channel(let reading) = list.items[0], case .channel(let writing) = list.items[1] {
        return RelayEnds(reading: reading, writing: writing)
      }
    default: break
    }
    throw .type("`relay` takes a channel, or a list of two (one to read from, one to write to), not \(value.article)")
  }

  private func requireRelayable(_ ends: RelayEnds) throws(Failure) {
    for channel in [ends.reading, ends.writing] {
      try channel.requireOpen("relay")
      if channel.kind == .listener { throw .type("\(channel.label) listens; `accept` a connection to relay") }
      if channel.kind == .bare || channel.isDatagram && channel.socket?.peerName == nil {
        throw .type("\(channel.label) is not connected: `connect` says to whom what is relayed goes")
      }
    }
    if let reader = ends.reading.reader, reader !== task { throw busy(ends.reading) }
    if ends.reading.wasTruncated { throw ends.reading.truncation() }
    if ends.writing.kind == .standard, let failure = output.flush() { throw failure }
  }

  private func finish(_ relay: Relay) -> Value {
    let ends = relay.ends.map { $0.map { Value($0) } ?? .nothing }
    return .map(
      Map([
        ("upstream", .integer(relay.count(from: .first))), ("downstream", .integer(relay.count(from: .second))),
        ("ends", .list(List(ends))),
      ]))
  }

  // MARK: - One direction

  /// Passes on a piece, or the end. False: nothing can be done now.
  private func advance(_ flow: RelayFlow, _ relay: Relay) throws(Failure) -> Bool {
    let (source, sink) = (flow.source, flow.sink)
    try source.requireOpen("relay")
    if let pipe = flow.pipe {
      if source.isPlainStream, sink.isPlainStream { return try splice(flow, through: pipe, relay) }
      // Somebody has put something over one of them: what passes from now on is looked at.
      flow.takeBack()
    }
    if !flow.hasPending {
      flow.end()
      if !source.hasEnded {
        if mayHaveMuch(flow, relay), let pipe = run.relayPipes.take() {
          flow.pipe = pipe
          return try splice(flow, through: pipe, relay)
        }
        guard case .something = try source.fill(limits) else { return try isInVain(flow, relay) }
        if source.wasTruncated { throw source.truncation() }
        // What has failed may hold nothing; the next turn looks.
        guard flow.hasPending else { return source.hasEnded }
      } else {
        return try passOnEnd(flow, relay)
      }
    }
    try sink.requireOpen("relay")
    guard flow.begin() else { return false }
    if let output = sink.output, output.count > 0 {
      // What was gathered before goes before.
      sink.flushWhatFits()
      if sink.outputFailure == nil, output.count > 0 { return false }
    }
    if let error = sink.outputFailure {
      sink.outputFailure = nil
      try lose(flow, error, relay)
      return true
    }
    guard sink.mayTakeMore else { return false }
    return try offer(flow, relay)
  }

  private func offer(_ flow: RelayFlow, _ relay: Relay) throws(Failure) -> Bool {
    let (source, sink) = (flow.source, flow.sink)
    var bytes = UnsafeRawBufferPointer(rebasing: source.input.bytes[flow.taken...])
    if sink.isDatagram, bytes.count > StepCall.longestDatagram, sink.socket?.domain != .unix {
      bytes = UnsafeRawBufferPointer(rebasing: bytes[..<StepCall.longestDatagram])
    }
    if bytes.isEmpty, !sink.isDatagram {
      source.consume(0)
      return true
    }
    if let terminal = sink.terminal { try prepare(ByteString.copy(bytes), for: terminal, sink) }
    switch sink.offer(bytes) {
    case .done(let count):
      flow.hasFilledBuffer = bytes.count >= StepCall.seenFirst / 2
      relay.passed(UnsafeRawBufferPointer(rebasing: bytes[..<min(count, bytes.count)]), flow)
      flow.taken = source.isDatagram ? flow.taken + count : 0
      if !source.isDatagram {
        source.consume(count)
      } else if flow.taken >= source.input.count {
        flow.taken = 0
        source.consume(source.input.count)
      }
      if !flow.hasPending { flow.end() }
      return true
    case .wouldBlock: return false
    case .end: try lose(flow, .brokenPipe, relay)
    case .failed(let error):
      if let failure = sink.faults?.takeFailure() { throw failure }
      try lose(flow, error, relay)
    }
    return true
  }

  // MARK: - Without a copy

  /// So much is copied first, and stands in the transcript, in bytes.
  private static let seenFirst = 64 * 1024

  /// Whether much may be coming of which nobody wants to see anything. Small messages are copied: one read and one
  /// write are cheaper than a pipe's.
  private func mayHaveMuch(_ flow: RelayFlow, _ relay: Relay) -> Bool {
    relay.maySplice && flow.hasFilledBuffer && flow.count >= StepCall.seenFirst && flow.source.isPlainStream
      && flow.source.socket?.isTCP == true && flow.sink.isPlainStream && flow.source.readiness.canRead
  }

  /// Moves on what is in the pipe, and then what has come. False: nothing can be done now.
  private func splice(_ flow: RelayFlow, through pipe: RelayPipe, _ relay: Relay) throws(Failure) -> Bool {
    let (source, sink) = (flow.source, flow.sink)
    guard let from = source.socket, let to = sink.socket else { return false }
    if pipe.count == 0 {
      flow.end()
      switch source.readiness.canRead ? pipe.fill(from: from) : .wouldBlock {
      case .done(let count): flow.hasFilledBuffer = count >= StepCall.seenFirst / 2
      case .wouldBlock:
        source.readiness.canRead = false
        return flow.hasFilledBuffer ? false : giveBack(pipe, flow, returning: false)
      case .end:
        source.noteEnd()
        return giveBack(pipe, flow, returning: true)
      case .failed(let error):
        source.noteFailure(error)
        return giveBack(pipe, flow, returning: true)
      }
    }
    try sink.requireOpen("relay")
    guard flow.begin(), sink.output?.count ?? 0 == 0, sink.readiness.canWrite else { return false }
    switch pipe.drain(to: to) {
    case .done(let count):
      flow.count += count
      flow.unseen += count
      if pipe.count > 0 { sink.readiness.canWrite = false }
      return true
    case .wouldBlock:
      sink.readiness.canWrite = false
      return false
    case .end: try lose(flow, .brokenPipe, relay)
    case .failed(let error): try lose(flow, error, relay)
    }
    return true
  }

  /// Nothing more has come: the pipe serves others, and what comes next is copied until it is much again.
  private func giveBack(_ pipe: RelayPipe, _ flow: RelayFlow, returning: Bool) -> Bool {
    flow.pipe = nil
    flow.hasFilledBuffer = false
    run.relayPipes.give(pipe)
    return returning
  }

  /// The sink takes nothing any more. What it has sent before goes on; then its peer is reset, as it would be without a
  /// relay.
  private func lose(_ flow: RelayFlow, _ error: Errno, _ relay: Relay) throws(Failure) {
    // No peer has gone where an output is full: what comes is lost here.
    if flow.sink.socket == nil, flow.sink.process == nil, error != .brokenPipe, error != .ioError {
      throw Failure("cannot relay to \(flow.sink.label)", error, flow.sink)
    }
    flow.isOver = true
    flow.end()
    // A process may close its input and go on writing: its output tells when it has ended.
    if flow.sink.process != nil { return }
    let gone = flow.side.other
    relay.note(word(for: error), of: gone)
    relay.gone = gone
    guard let reverse = relay.flows.first(where: { $0.side == gone }), !reverse.isOver else {
      return passOnReset(to: flow.source)
    }
    // What that side is read from is something else, and may never end.
    if reverse.source !== flow.sink {
      reverse.isOver = true
      reverse.end()
      return passOnReset(to: flow.source)
    }
    // The end that it has announced, or will.
    reverse.source.readiness.canRead = true
  }

  /// Whether the sink, which has said its last, has gone meanwhile: what its peer may still say reaches nobody. The
  /// flow is over then.
  private func isInVain(_ flow: RelayFlow, _ relay: Relay) throws(Failure) -> Bool {
    let sink = flow.sink
    guard relay.ends[flow.side.other.rawValue] != nil, sink.isOpen, sink.outputDescriptor >= 0, !sink.isShared,
      SystemCall.poll(sink.outputDescriptor, reading: false, writing: false, timeoutNanoseconds: 0) > 0
    else { return false }
    // One that a fault of the script's own has cut has gone in good order.
    if sink.socket?.isTCP == true, sink.faults?.ending == nil {
      try lose(flow, .connectionReset, relay)
    } else {
      flow.isOver = true
    }
    return true
  }

  /// A side may be reset while the other takes nothing, so that nobody reads of it: what is left of it is lost then, as
  /// it would be without a relay.
  private func noticeResets(_ relay: Relay) {
    for flow in relay.flows where !flow.isOver && flow.hasPending && flow.source.readiness.hasHungUp {
      guard let socket = flow.source.socket, socket.isTCP, flow.source.isOpen, socket.takeError() == .connectionReset
      else { continue }
      scheduler.transcript.record(.reset, flow.source)
      return abort(flow, FailureCode.reset.text, relay)
    }
  }

  private func word(for error: Errno) -> String { Failure("", error).code.text }

  // MARK: - How a side ends

  /// True: the flow is over.
  private func passOnEnd(_ flow: RelayFlow, _ relay: Relay) throws(Failure) -> Bool {
    let (source, sink) = (flow.source, flow.sink)
    switch source.end {
    case .failed(let error)?:
      if let failure = source.faults?.takeFailure() { throw failure }
      abort(flow, word(for: error), relay)
      return true
    case .broken?:
      abort(flow, FailureCode.tls.text, relay)
      return true
    case .cut?, .eof?, .eofTold?, nil: break
    }
    if relay.gone == flow.side {
      flow.isOver = true
      passOnReset(to: sink)
      return true
    }
    let isCut = if case .cut? = source.end { true } else { false }
    relay.note(isCut ? FailureCode.truncated.text : "eof", of: flow.side)
    guard sink.isOpen, try endOutput(of: sink, saysGoodbye: !isCut, flow, relay) else { return !sink.isOpen }
    flow.isOver = true
    flow.end()
    source.endWasTold()
    // A terminal that has ended is gone, and takes nothing.
    if source.terminal != nil { for other in relay.flows { other.isOver = true } }
    return true
  }

  /// Tells a sink that no more comes. False: it has to be waited for.
  private func endOutput(
    of sink: Channel, saysGoodbye: Bool, _ flow: RelayFlow, _ relay: Relay
  ) throws(Failure) -> Bool {
    guard flow.begin() else { return false }
    if let output = sink.output, output.count > 0 {
      sink.flushWhatFits()
      if sink.outputFailure == nil, output.count > 0 { return false }
    }
    if let faults = sink.faults, !faults.isDelivered(givesUp: false) { return false }
    if let tls = sink.tls, saysGoodbye, !flow.isSaidGoodbye {
      switch tls.shutdown() {
      case .done, .ended, .truncated: flow.isSaidGoodbye = true
      case .wantsWrite, .wantsRead:
        sink.readiness.canWrite = false
        return false
      // It has failed, which its own reads tell.
      case .failed: flow.isSaidGoodbye = true
      }
      if sink.process == nil {
        scheduler.transcript.record(.shutdown, sink)
        return true
      }
    }
    if sink.process != nil, sink.terminal == nil {
      sink.endProcessInput()
      return true
    }
    if let terminal = sink.terminal, terminal.isOfProgram {
      return try passOnEndOfFile(terminal, sink, relay)
    }
    guard let socket = sink.socket, socket.type.hasEnd else {
      relay.isLingering = true
      relay.movedAt = MonotonicClock.now
      return true
    }
    // One that has reset or closed meanwhile has nothing left to shut down: its own end tells.
    if socket.tryShutdown(.write) == nil { scheduler.transcript.record(.shutdown, sink) }
    return true
  }

  /// What ends the input on a program's terminal, where anything does.
  private func passOnEndOfFile(_ terminal: Terminal, _ sink: Channel, _ relay: Relay) throws(Failure) -> Bool {
    let end: [UInt8]?
    do throws(Errno) {
      end = terminal.isRaw ? nil : try terminal.endOfFile(sink.outputDescriptor)
    } catch {
      throw Failure("cannot ask the terminal of \(sink.label)", error, sink)
    }
    if let end {
      end.withUnsafeBytes { sink.gather($0) }
    } else {
      relay.isLingering = true
      relay.movedAt = MonotonicClock.now
    }
    return true
  }

  /// A side was reset, or reading it has failed: nothing goes on.
  private func abort(_ flow: RelayFlow, _ how: String, _ relay: Relay) {
    relay.note(how, of: flow.side)
    for flow in relay.flows {
      flow.isOver = true
      flow.end()
    }
    passOnReset(to: flow.sink)
  }

  /// As a crash of its peer would look to it. What is no connection learns nothing, but for the end of its input.
  private func passOnReset(to channel: Channel) {
    guard channel.isOpen else { return }
    if channel.process != nil, channel.terminal == nil { return channel.endProcessInput() }
    guard let socket = channel.socket, socket.type.hasEnd else { return }
    scheduler.transcript.record(.aborted, channel)
    scheduler.forget(channel)
    scheduler.disown(channel.inputDescriptor)
    // It is closed in either case.
    _ = socket.reset()
    end(channel)
  }

  // MARK: - Waiting

  private func waitToRelay(_ relay: Relay, goesOn: Bool) throws(Failure) {
    var reading: [Channel] = []
    var writing: [Channel] = []
    var turns: [Channel] = []
    var wakeAt = min(task.step.deadline, relay.quietAt)
    if goesOn { wakeAt = 0 }
    for flow in relay.flows where !flow.isOver {
      let isEnding = flow.source.hasEnded && !flow.hasPending
      if !flow.hasPending, !isEnding {
        if let reader = flow.source.reader, reader !== task { throw busy(flow.source) }
        if flow.source.kind == .standard { output.hasten() }
        reading.append(flow.source)
        // Whether it has gone is announced as if it took something.
        if relay.ends[flow.side.other.rawValue] != nil, !flow.sink.isShared, flow.sink.outputDescriptor >= 0 {
          writing.append(flow.sink)
        }
        continue
      }
      if flow.sink.isDatagram, flow.sink.socket?.domain == .unix {
        // Nothing tells when its receiver takes more.
        flow.sink.readiness.canWrite = true
        wakeAt = min(wakeAt, MonotonicClock.now + StepCall.receiverPause)
      }
      if flow.isSending { writing.append(flow.sink) } else { turns.append(flow.sink) }
      wakeAt = min(wakeAt, MonotonicClock.now + StepCall.patienceWithSink)
    }
    try scheduler.wait(task, reading: reading, writing: writing, turns: turns)
    scheduler.arm(task, at: wakeAt)
  }
}
