// TLS as what carries a channel's bytes: its records go over what carried them before.

import SocketCore
import TLS

/// One end of TLS. A read may have to write first, and a write to read, whenever the peer changes its keys.
final class TLSTransport {
  let session: TLSSession
  let role: TLSOptions.Role
  /// Why nothing goes on any more. Reads and writes give EPROTO then, or the wire's own error.
  private(set) var failure: TLSError?
  /// The stream has ended without close_notify: what came may not be all (RFC 8446 section 6.1).
  private(set) var wasCut = false
  /// The handshake is told of.
  private var wasNoted = false
  private let wire: Wire
  /// Of the wire, when the handshake was over.
  private var arrivalsOfHandshake = 0
  /// Also while it is on its way out, whose end still says goodbye: nobody keeps it from here.
  private unowned(unsafe) let channel: Channel
  private let state: TLSState
  /// This process is a copy of the one that the session is of.
  private var isElsewhere = false
  /// A record of a write that was given up is still on its way, and goes first.
  private var hasAbandoned = false

  /// What carries the records.
  private final class Wire: TLSWire {
    let carrier: Transport
    let (input, output): (Int32, Int32)
    /// Whose transport the session is; also while it is on its way out.
    private unowned(unsafe) let channel: Channel
    /// Where a capture finds them.
    private let records: Transcript?
    /// How often something came, or the end.
    private(set) var arrivals = 0
    /// The last read has brought less than there was room for. Who wants to know of one call clears it before.
    var wasShort = false

    init(_ channel: Channel, _ records: Transcript?) {
      carrier = channel.transport
      (input, output) = (channel.inputDescriptor, channel.outputDescriptor)
      self.channel = channel
      self.records = records
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOOutcome {
      let outcome = carrier.read(into: buffer, input)
      if outcome != .wouldBlock { arrivals += 1 }
      if case .done(let count) = outcome {
        wasShort = count < buffer.count
        if let records { keep(.received, UnsafeRawBufferPointer(buffer), count, records) }
      }
      return outcome
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOOutcome {
      let outcome = carrier.write(bytes, flags: [], output)
      if let records, case .done(let count) = outcome { keep(.sent, bytes, count, records) }
      return outcome
    }

    private func keep(_ event: TranscriptEvent, _ bytes: UnsafeRawBufferPointer, _ count: Int, _ records: Transcript) {
      records.site = channel.scheduler.transcript.site
      records.record(event, channel, UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }

  /// - Parameters:
  ///   - channel: whose transport and descriptors carry the records, and whose unread input is read first.
  ///   - name: whom a client is to reach.
  ///   - state: where it finds a session to go on with, and leaves one.
  init(_ context: TLSContext, over channel: Channel, name: String?, _ state: TLSState) throws(TLSError) {
    role = context.options.role
    self.channel = channel
    self.state = state
    wire = Wire(channel, state.records)
    session = try TLSSession(
      context, name: name, wire: wire, received: Array(channel.input.bytes),
      resuming: state.resumptions.find(context, name: name))
    state.resumptions.began(session)
  }

  /// In a copy of the process: the session goes on in the first one alone. Two that count its records would break it,
  /// and a goodbye from here would end it there.
  func leaveToFirstProcess() {
    isElsewhere = true
    failure = .ofAnotherProcess
  }

  /// Goes on with the handshake, as reads and writes do unless it is over.
  func handshake() -> TLSSession.Outcome {
    if isElsewhere { return .failed(.ofAnotherProcess) }
    let outcome = session.handshake()
    if case .failed(let error) = outcome { failure = error }
    noteHandshake()
    return outcome
  }

  /// It may be over in the middle of a read or write as well.
  private func noteHandshake() {
    guard !wasNoted, session.isEstablished else { return }
    wasNoted = true
    arrivalsOfHandshake = wire.arrivals
    channel.scheduler.transcript.note(.secured, channel, summary)
  }

  func read(into space: UnsafeMutableRawBufferPointer) -> IOOutcome {
    if isElsewhere { return failed(.ofAnotherProcess) }
    channel.readiness.isCrossed = false
    wire.wasShort = false
    let outcome = session.read(into: space)
    noteHandshake()
    switch outcome {
    case .done(let count):
      // An earlier read of the wire tells nothing: more may have been announced since.
      if wire.wasShort, !session.hasPending { channel.readiness.noteEmptied() }
      return .done(count)
    case .wantsRead: return .wouldBlock
    case .wantsWrite:
      channel.readiness.isCrossed = true
      return .wouldBlock
    case .ended: return .end
    case .truncated:
      wasCut = true
      return .end
    case .failed(let error): return failed(error)
    }
  }

  /// Writes record after record until all is taken, or the wire is full.
  func write(_ bytes: UnsafeRawBufferPointer) -> IOOutcome {
    if isElsewhere { return failed(.ofAnotherProcess) }
    channel.readiness.isCrossed = false
    if hasAbandoned, let outcome = flushAbandoned() { return outcome }
    var done = 0
    while done < bytes.count {
      let outcome = session.write(UnsafeRawBufferPointer(rebasing: bytes[done...]))
      noteHandshake()
      switch outcome {
      case .done(let count):
        done += count
        continue
      case .wantsWrite: break
      case .wantsRead: channel.readiness.isCrossed = true
      case .ended, .truncated: return .failed(.brokenPipe)
      case .failed(let error): return done > 0 ? .done(done) : failed(error)
      }
      return done > 0 ? .done(done) : .wouldBlock
    }
    return .done(done)
  }

  /// A step that wrote has ended before all of it was taken: what is encrypted already has to go before anything else.
  func abandonWrite() { hasAbandoned = true }

  private func flushAbandoned() -> IOOutcome? {
    switch session.flush() {
    case .done:
      hasAbandoned = false
      return nil
    case .wantsRead:
      channel.readiness.isCrossed = true
      return .wouldBlock
    case .wantsWrite: return .wouldBlock
    case .ended, .truncated: return .failed(.brokenPipe)
    case .failed(let error): return failed(error)
    }
  }

  /// Says that no more will be sent (close_notify).
  func shutdown() -> TLSSession.Outcome {
    isElsewhere ? .failed(.ofAnotherProcess) : session.shutdown()
  }

  /// Whether a server of TLS 1.3 may still send the tickets that come behind the handshake: nothing has come since.
  /// Those that have come are taken.
  func awaitsTickets() -> Bool {
    guard role == .client, failure == nil, wasNoted, session.version == .v1_3 else { return false }
    if wire.arrivals == arrivalsOfHandshake { session.takeTickets() }
    return wire.arrivals == arrivalsOfHandshake
  }

  /// The channel is about to be closed. As much of a goodbye as goes without waiting: the peer can tell it from a
  /// connection that was cut.
  func close() {
    if failure == nil {
      _ = session.shutdown()
      // A socket that is closed over unread bytes resets the connection, and loses what it has not sent yet.
      _ = awaitsTickets()
    }
    state.resumptions.ended(session)
  }

  private func failed(_ error: TLSError) -> IOOutcome {
    failure = error
    if case .io(let errno) = error.kind { return .failed(errno) }
    return .failed(.protocolError)
  }
}

extension Channel {
  /// Nil unless it speaks TLS, or is about to.
  var tls: TLSTransport? {
    switch transport {
    case .tls(let tls): tls
    case .faulty(let faults): if case .tls(let tls) = faults.carrier { tls } else { nil }
    case .socket, .pipes, .standard, .log, .terminal: nil
    }
  }

  /// Puts TLS between the channel and what carries its bytes. What has come and is not read yet is the first of it.
  func secure(_ context: TLSContext, name: String?, _ state: TLSState) throws(TLSError) {
    let tls = try TLSTransport(context, over: self, name: name, state)
    input.release(scheduler.pool)
    consumptions &+= 1
    transport = .tls(tls)
    readiness.isLayered = true
    readiness.canRead = true
    readiness.canWrite = true
  }
}

extension TLSTransport {
  /// What was agreed on, in one line: `TLS 1.3, TLS_AES_256_GCM_SHA384, x25519, h2, with CN=localhost`.
  var summary: String {
    var parts = [session.version?.description ?? "TLS"]
    if let cipher = session.cipher { parts.append(cipher) }
    if let group = session.group { parts.append(group) }
    if let name = session.applicationProtocol { parts.append(name) }
    if session.isResumed { parts.append("resumed") }
    if let peer = session.peerCertificate { parts.append("with \(peer.subject)") }
    return parts.joined(separator: ", ")
  }
}
