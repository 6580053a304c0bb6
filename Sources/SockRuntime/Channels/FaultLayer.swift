// Faults as what carries a channel's bytes: they lie over what carried them before, and under what is put over them
// later. So they hold for each verb that sends or receives, and none of them knows.

import Glibc
import SockLanguage
import SocketCore

/// Both directions of a channel on which faults lie.
final class FaultLayer {
  /// What carries the bytes.
  let carrier: Transport
  let outgoing: FaultPipe
  let incoming: FaultPipe
  /// Why nothing goes on any more, by a fault of our own: as the script has said it.
  var ending: String? { trace?.ending }
  /// What accounts tell of it.
  private(set) var trace: FaultTrace?
  /// A function of the script has failed: the step that moves the bytes says so.
  private var untold: Failure?
  /// How writing has failed while nobody asked.
  private var outputError: Errno?
  /// The carrier may have something, or take something.
  private var mayRead = true
  private var mayWrite = true
  /// How the carrier's input has ended; told behind what came before.
  private var end: IOOutcome?
  private var isReset = false
  /// What a write has done is told when the write is.
  private var isWriting = false
  private var untoldNotes: [String] = []
  /// No more goes in. What was on its way before goes on, and then the end is told.
  private var isCut = false
  private var isShut = false
  /// What has come and no step has looked at: with the time, from which a delay counts.
  private var arrived: [(bytes: [UInt8], sender: SocketAddress?, at: Int64)] = []
  private var arrivedCount = 0
  /// Also while the channel is on its way out.
  private unowned(unsafe) let channel: Channel
  /// The alarm that is set, in monotonic nanoseconds.
  private var alarmAt = Int64.max

  init(over channel: Channel) {
    carrier = channel.transport
    self.channel = channel
    outgoing = FaultPipe("sent", on: channel)
    incoming = FaultPipe("received", on: channel)
    trace = FaultTrace(channel, self)
  }

  /// A failure of a script's function, told once.
  func takeFailure() -> Failure? {
    defer { untold = nil }
    return untold
  }

  // MARK: - What is sent

  /// In the transcript, behind what it is about.
  func note(_ text: String) {
    if isWriting { return untoldNotes.append(text) }
    channel.scheduler.transcript.note(.fault, channel, text)
  }

  /// What is sent stands in the transcript: what has become of it does, too.
  func tellNotes() {
    for text in untoldNotes { channel.scheduler.transcript.note(.fault, channel, text) }
    untoldNotes.removeAll()
  }

  func write(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags, to destination: SocketAddress? = nil) -> IOOutcome {
    if isReset { return .failed(.connectionReset) }
    if isCut { return .failed(.brokenPipe) }
    if let outputError {
      if outgoing.isPackets { self.outputError = nil }
      return .failed(outputError)
    }
    if outgoing.isIdle { return pass(bytes, flags: flags, to: destination) }
    guard outgoing.hasRoom else { return .wouldBlock }
    let count = outgoing.isPackets ? bytes.count : min(bytes.count, outgoing.room)
    isWriting = true
    defer { isWriting = false }
    do throws(Failure) {
      try outgoing.take(UnsafeRawBufferPointer(rebasing: bytes[..<count]), from: destination, at: MonotonicClock.now)
    } catch {
      untold = error
      return .failed(.protocolError)
    }
    push()
    // One datagram that cannot be sent says nothing of the next.
    if outgoing.isPackets, let outputError {
      self.outputError = nil
      return .failed(outputError)
    }
    // A piece that has ended the stream has ended it for the next one.
    return .done(count)
  }

  private func pass(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags, to destination: SocketAddress?) -> IOOutcome {
    if let destination, let socket = channel.socket { return socket.trySend(bytes, flags: flags, to: destination) }
    return carrier.write(bytes, flags: flags, channel.outputDescriptor)
  }

  /// Sends what is due, as much as is taken.
  private func push() {
    let now = MonotonicClock.now
    while !isReset, let piece = outgoing.due(now) {
      if case .stop = piece.step {
        if let stop = outgoing.reachStop() { happen(stop) }
        continue
      }
      guard mayWrite else { break }
      switch outgoing.withBytesDue(piece, { pass($0, flags: [], to: piece.peer) }) {
      case .done(let count)?: outgoing.left(count)
      case .wouldBlock?:
        mayWrite = false
        do throws(Failure) {
          try channel.scheduler.watch(channel, reading: false)
        } catch {
          outputError = Errno(rawValue: error.errno)
        }
      case .failed(let error)? where outgoing.isPackets:
        let size = outgoing.withBytesDue(piece) { $0.count } ?? 0
        note("\(size) bytes could not be sent: \(error.message)")
        outgoing.left(.max)
        outputError = error
      case .failed(let error)?:
        outputError = error
        outgoing.set(FaultRules(), seed: nil, setsStop: true)
        return
      case .end?, nil: outgoing.left(.max)
      }
    }
    if isCut, !isShut, outgoing.count == 0 || outgoing.isStill { shut() }
    setAlarm(at: outgoing.nextAt, after: now)
  }

  /// All that was sent has left; messages that are not whole go as they are.
  ///
  /// - Parameter givesUp: what is held or stalled is not waited for.
  func isDelivered(givesUp: Bool) -> Bool {
    outgoing.finishMessages()
    push()
    return outgoing.count == 0 || outgoing.isStill && givesUp || outputError != nil || isShut || isReset
  }

  // MARK: - What is received

  func read(into space: UnsafeMutableRawBufferPointer) -> IOOutcome { receive(into: space).outcome }

  func receive(
    into space: UnsafeMutableRawBufferPointer
  ) -> (outcome: IOOutcome, sender: SocketAddress?, isTruncated: Bool) {
    if incoming.isIdle, arrived.isEmpty, end == nil, !isCut, !isReset {
      if channel.isDatagram, let socket = channel.socket { return socket.tryReceiveFrom(into: space, answers: false) }
      return (carrier.read(into: space, channel.inputDescriptor), nil, false)
    }
    pull()
    do throws(Failure) {
      while !arrived.isEmpty, incoming.hasRoom {
        let next = arrived.removeFirst()
        arrivedCount -= next.bytes.count
        let failure = next.bytes.withUnsafeBytes { raw -> Failure? in
          do throws(Failure) {
            try incoming.take(raw, from: next.sender, at: next.at)
            return nil
          } catch {
            return error
          }
        }
        if let failure { throw failure }
      }
    } catch {
      untold = error
      return (.failed(.protocolError), nil, false)
    }
    if end != nil || isCut, arrived.isEmpty { incoming.finishMessages() }
    let now = MonotonicClock.now
    while let piece = incoming.due(now) {
      if case .stop = piece.step {
        if let stop = incoming.reachStop() { happen(stop) }
        continue
      }
      var isTruncated = false
      let count = incoming.withBytesDue(piece) { bytes in
        let count = min(bytes.count, space.count)
        isTruncated = incoming.isPackets && count < bytes.count
        space.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return count
      }
      incoming.left(count ?? 0)
      setAlarm(at: incoming.nextAt, after: now)
      return (.done(count ?? 0), piece.peer, isTruncated)
    }
    setAlarm(at: incoming.nextAt, after: now)
    if isReset { return (.failed(.connectionReset), nil, false) }
    if isCut, incoming.isStill || incoming.count == 0 && arrived.isEmpty { return (.end, nil, false) }
    if let end, incoming.count == 0, arrived.isEmpty { return (end, nil, false) }
    return (.wouldBlock, nil, false)
  }

  /// Takes what has come, as much as there is room for.
  private func pull() {
    guard mayRead, end == nil, !isCut, !isReset, channel.inputDescriptor >= 0 else { return }
    let size = max(InputBuffer.pooledCapacity, outgoing.isPackets ? channel.socket?.nextPacketLength ?? 1 : 1)
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { space.deallocate() }
    while arrivedCount < incoming.room {
      var sender: SocketAddress?
      let outcome: IOOutcome
      if channel.isDatagram, let socket = channel.socket {
        (outcome, sender, _) = socket.tryReceiveFrom(into: space, answers: false)
      } else {
        outcome = carrier.read(into: space, channel.inputDescriptor)
      }
      switch outcome {
      case .done(let count):
        arrived.append((Array(UnsafeRawBufferPointer(rebasing: space[..<count])), sender, MonotonicClock.now))
        arrivedCount += count
      case .wouldBlock:
        mayRead = false
        return
      case .end, .failed:
        end = outcome
        return
      }
    }
  }

  // MARK: - Time and events

  /// The poller has told something of the channel.
  func announced(reading: Bool, writing: Bool) {
    if reading {
      mayRead = true
      pull()
    }
    if writing {
      mayWrite = true
      push()
    }
  }

  /// The time of the alarm has come, or what holds has changed.
  func wake() {
    alarmAt = .max
    let now = MonotonicClock.now
    outgoing.lookAtClock(now)
    incoming.lookAtClock(now)
    push()
    // Who reads looks, and who sends may have room.
    while let piece = incoming.due(now), case .stop = piece.step {
      if let stop = incoming.reachStop() { happen(stop) }
    }
    channel.readiness.canRead = true
    channel.readiness.canWrite = true
    channel.scheduler.wakeAll(of: channel)
    setAlarm(at: incoming.nextAt, after: now)
  }

  /// The channel goes: what is still delayed leaves at once, as far as it is taken.
  func leave() {
    guard !outgoing.isStill else { return }
    outgoing.set(FaultRules(), seed: nil, setsStop: true)
    push()
  }

  /// - Parameter now: what was due then has been done, or waits for something else than time: for whoever reads, or for
  ///   room.
  private func setAlarm(at time: Int64, after now: Int64) {
    guard time > now, time < alarmAt, channel.isOpen else { return }
    alarmAt = time
    channel.scheduler.addAlarm(at: time, channel)
  }

  private func happen(_ stop: FaultRules.Stop) {
    trace?.ending = outgoing.rules.stop == stop ? outgoing.rules.stopWords : incoming.rules.stopWords
    if stop == .reset, let socket = channel.socket {
      isReset = true
      // What the kernel says of one that has gone already changes nothing.
      _ = socket.abort()
    } else {
      // What had come before it counts.
      mayRead = true
      pull()
      isCut = true
      if outgoing.count == 0 || outgoing.isStill { shut() }
    }
    channel.readiness.canRead = true
    channel.readiness.canWrite = true
    channel.scheduler.wakeAll(of: channel)
  }

  /// The other side learns that it was cut.
  private func shut() {
    isShut = true
    guard let socket = channel.socket else { return channel.endProcessInput() }
    // One that has gone already has ended.
    _ = socket.tryShutdown(.both)
  }
}

extension Channel {
  /// Those that lie on it; nil: none ever has.
  var faults: FaultLayer? { readiness.isFaulty ? extras?.faults : nil }

  /// Puts the layer of faults over what carries its bytes now, if there is none.
  func layFaults() throws(Failure) -> FaultLayer {
    if let faults { return faults }
    let layer = FaultLayer(over: self)
    ownExtras.faults = layer
    transport = .faulty(layer)
    readiness.isLayered = true
    readiness.isFaulty = true
    readiness.canRead = true
    // What comes is taken when it comes, whoever reads.
    try scheduler.watch(self, reading: true)
    return layer
  }
}
