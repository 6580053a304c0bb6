// How bytes come into a channel, and how its stream ends.

import SockLanguage
import SocketCore

/// What one look at the kernel brought.
enum Fill {
  case something
  case nothingYet
}

extension Channel {
  /// Reads what is there into the buffer. An end or an error is remembered, and is "something": the step looks again.
  ///
  /// - Parameter wanted: how many bytes the step has asked for by number: it may have them whatever the limit is.
  func fill(_ limits: RunLimits, wanted: Int = 0) throws(Failure) -> Fill {
    if hasEnded { return .something }
    guard inputDescriptor >= 0 else {
      end = .eof
      return .something
    }
    // Also while no more comes: the step would wait for what it may not keep.
    guard isDatagram || input.count < max(limits.buffer, wanted) else {
      let failure = Failure.limit(
        "\(label) has sent \(input.count) bytes that nothing has consumed (limit buffer, \(limits.buffer) bytes)")
      failure.notes.append("help: if that much is right, `--limit buffer=N` allows N bytes")
      failure.channel = self
      throw failure
    }
    // A step that does not wait has nobody told when there is something: it asks each time.
    guard readiness.canRead || isNonblocking else { return .nothingYet }
    if isDatagram { return fillDatagram() }
    try requireMemory()
    // What there is no room for of a packet would be lost.
    let packet = socket?.type == .seqpacket ? socket?.nextPacketLength ?? 1 : 1
    let space = input.space(scheduler.pool, atLeast: max(1, packet))
    let outcome = readOnce(into: space)
    if readiness.isUnread { noteFirstRead(outcome) }
    switch outcome {
    case .done(let count):
      input.filled(count)
      scheduler.transcript.record(.received, self, UnsafeRawBufferPointer(rebasing: space[..<count]))
      noteRead(count, room: space.count)
      return .something
    case .end:
      noteEnd()
      return .something
    case .wouldBlock:
      if input.isEmpty { input.release(scheduler.pool) }
      readiness.canRead = false
      return .nothingYet
    case .failed(let error):
      if input.isEmpty { input.release(scheduler.pool) }
      noteFailure(error)
      return .something
    }
  }

  /// What peers send is held where there is memory for it: the step that would hold more fails, and no other.
  @inline(__always)
  private func requireMemory() throws(Failure) {
    let needed = input.needed(scheduler.pool)
    guard needed > 0 else { return }
    do throws(Failure) {
      try Meter.admit(needed)
    } catch {
      error.channel = self
      throw error
    }
  }

  /// A read has brought `count` bytes, and had room for `room`.
  @inline(__always)
  func noteRead(_ count: Int, room: Int) {
    if readiness.mayStopAtDescriptors, socket?.hasStoppedAtDescriptors == true { return }
    readiness.noteRead(count, room: room)
  }

  func noteFirstRead(_ outcome: IOOutcome) {
    readiness.isUnread = false
    scheduler.firstReads.note(found: outcome != .wouldBlock)
  }

  func noteEnd() {
    if input.isEmpty { input.release(scheduler.pool) }
    guard end == nil else { return }
    if tls?.wasCut == true {
      scheduler.transcript.record(.cut, self)
      end = .cut
    } else {
      scheduler.transcript.record(.ended, self)
      end = .eof
    }
  }

  /// A step has given what says that the stream has ended. ^D at a terminal ends what is being read, and not the
  /// terminal: who asks again gets what is typed then.
  func endWasTold() {
    guard case .eof? = end else { return }
    let mayGoOn = kind == .standard && !readiness.hasHungUp && SystemCall.isTerminal(inputDescriptor)
    end = mayGoOn ? nil : .eofTold
  }

  func noteFailure(_ error: Errno) {
    // A terminal or pipe whose other side is gone reads as EIO.
    if error == .ioError, socket == nil {
      readiness.hasHungUp = true
      noteEnd()
      return
    }
    if let failure = tls?.failure, error == .protocolError {
      scheduler.transcript.note(.broken, self, failure.message)
      end = .broken(failure)
      return
    }
    end = .failed(error)
    if error == .connectionReset, faults?.ending == nil { scheduler.transcript.record(.reset, self) }
  }

  private func fillDatagram() -> Fill {
    guard let socket, datagram == nil else { return .something }
    input.release(scheduler.pool)
    let longest = socket.domain == .unix || socket.domain == .packet ? socket.nextPacketLength ?? 1 : 1
    let space = input.space(scheduler.pool, atLeast: max(1, longest))
    let (outcome, sender, isTruncated) =
      faults?.receive(into: space) ?? socket.tryReceiveFrom(into: space, answers: false)
    switch outcome {
    case .done(let count):
      input.filled(count)
      datagram = Datagram(sender: sender)
      wasTruncated = isTruncated
      scheduler.transcript.record(.received, self, UnsafeRawBufferPointer(rebasing: space[..<count]), with: sender)
      return .something
    case .wouldBlock:
      input.release(scheduler.pool)
      readiness.canRead = false
      return .nothingYet
    case .end:
      input.release(scheduler.pool)
      noteEnd()
      return .something
    case .failed(let error):
      input.release(scheduler.pool)
      end = .failed(error)
      return .something
    }
  }

  func consume(_ count: Int) {
    consumptions &+= 1
    if scheduler.hasSecrets, let secrets = scheduler.secrets { noteRead(count, for: secrets) }
    if isDatagram {
      noteSender()
      datagram = nil
      input.release(scheduler.pool)
    } else {
      input.consume(count, scheduler.pool)
    }
  }

  /// So many bytes become a script's.
  func noteRead(_ count: Int, for secrets: Secrets, isPeek: Bool = false) {
    let bytes = input.bytes
    let end = min(count, bytes.count)
    secrets.noteRead(
      UnsafeRawBufferPointer(rebasing: bytes[..<end]), ahead: bytes[end...], on: number, isPeek: isPeek)
  }

  /// Whoever has sent the datagram that a step gives is the one whom a plain `send` answers.
  func noteSender() { socket?.answer(datagram?.sender) }

  /// Told once: what is left can be read after it.
  func truncation() -> Failure {
    wasTruncated = false
    let message: String
    if isDatagram {
      message = "a datagram on \(label) was larger than \(InputBuffer.pooledCapacity) bytes, and is lost"
      consume(input.count)
    } else {
      message = "\(label) wrote more than \(Channel.drainedLimit) bytes that nobody read; the oldest are lost"
    }
    let failure = Failure(.truncated, message)
    failure.channel = self
    return failure
  }

  /// What ended the stream, as a failure of a step that wanted more.
  /// - Parameter behind: what had come of it, in words.
  func endFailure(_ wanted: String, behind: String? = nil) -> Failure {
    if let failure = faults?.takeFailure() { return failure }
    let result: Failure
    let place = behind.map { " after \($0)" } ?? ""
    if case .broken(let error)? = end {
      result = Failure(wanted, error)
    } else if case .cut? = end {
      result = Failure(
        .truncated, "\(wanted), but the peer has closed without a close_notify\(place)",
        notes: ["what came may not be all: TLS cannot tell such an end from a connection that was cut"])
    } else if isDatagram, let error = failure, let failure = datagramFailure(wanted, error, sending: false) {
      end = nil
      return failure
    } else if let error = failure {
      result =
        error == .connectionReset
        ? Failure(.reset, "\(wanted), but the peer reset the connection\(place)", errno: error.rawValue)
        : Failure("\(wanted), but reading failed", error)
      // A datagram socket's error (ECONNREFUSED after a send) is told once; the socket goes on.
      if isDatagram { end = nil }
    } else {
      result = Failure(.eof, "\(wanted), but the stream \(behind == nil ? "has ended" : "ended")\(place)")
    }
    result.channel = self
    return result
  }

  var hasEnded: Bool { end != nil }

  /// Whether the end of the stream, in good order, has been read from the kernel.
  var atEnd: Bool {
    switch end {
    case .eof?, .eofTold?: true
    case .cut?, .failed?, .broken?, nil: false
    }
  }

  /// Whether the stream has ended in another way than that.
  var hasFailed: Bool { hasEnded && !atEnd }

  /// The error of the system that has ended the stream.
  var failure: Errno? { if case .failed(let error)? = end { error } else { nil } }
}
