// One session of TLS over a wire, from the handshake to the end.
import COpenSSL
import SocketCore

/// What a later session can be resumed by: the tickets or the number of an earlier one to the same name.
public final class TLSResumption: @unchecked Sendable {
  let pointer: OpaquePointer
  /// The name that the first session was verified for.
  let name: String?

  init(owning pointer: OpaquePointer, name: String?) {
    self.pointer = pointer
    self.name = name
  }

  deinit { copenssl_resumption_free(pointer) }
}

/// A session of TLS. None of its calls waits: one that cannot go on says whether the wire has to become readable or
/// writable first, and is then made again. A read may want a write, and the other way round.
///
/// One thread may use it at a time. It keeps its wire alive.
public final class TLSSession {
  /// How a call came out.
  public enum Outcome: Hashable, Sendable {
    /// So many bytes were read or written, 0 for an empty buffer; the handshake or the shutdown is done.
    case done(Int)
    case wantsRead
    case wantsWrite
    /// The peer has sent close_notify: nothing more will come. Writing goes on working.
    case ended
    /// The wire has ended without close_notify: what came may not be all (RFC 8446 section 6.1). Writing goes on
    /// working where the wire does.
    case truncated
    indirect case failed(TLSError)
  }

  public let context: TLSContext
  /// Whom a client has asked for and verified.
  public let name: String?
  public let wire: any TLSWire
  let pointer: OpaquePointer

  /// Encrypted bytes that were taken from the wire and are to be read first.
  private var received: [UInt8]
  private var receivedStart = 0
  private var records = TLSRecords()
  /// What came first, for the error if it is no TLS; empty again after the handshake.
  private(set) var firstBytes: [UInt8] = []
  private static let keptFirstBytes = 80

  private(set) var wireEnded = false
  private(set) var wireError: Errno?
  /// What every call gives where nothing goes on any more.
  private var fatal: Outcome?
  /// Encrypted bytes that the wire has not taken yet. The library does not hear of it: while a record of it waits to be
  /// written, it can neither answer a peer that renews its keys nor read what follows (OpenSSL: "bad length").
  private var unsent: [UInt8] = []
  private var unsentStart = 0
  /// Why the wire has not taken them; told by the next call that wants them gone.
  private var unsentError: Errno?
  /// Nothing more is read while this many bytes, which a peer has made it answer, wait for that peer to take them.
  private static let mostUnsent = 64 * 1024
  /// How many bytes of the application are in a record that is not written yet.
  private var promised = 0
  public private(set) var isEstablished = false
  private var hasEnded = false
  private var hasShutDown = false

  /// A session that has not begun.
  ///
  /// - Parameters:
  ///   - name: whom a client is to reach, a host's name in ASCII or an address: it is asked for (SNI, RFC 6066 section
  ///     3, names alone) and has to be in the certificate. It may be nil where nothing is verified.
  ///   - received: what was read from the wire already.
  ///   - resumption: what an earlier session to the same name gave.
  public init(
    _ context: TLSContext, name: String? = nil, wire: any TLSWire, received: [UInt8] = [],
    resuming resumption: TLSResumption? = nil
  ) throws(TLSError) {
    let isClient = context.options.role == .client
    // A name from DNS may end with the root's dot, and no certificate has one.
    let name = isClient ? name.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 } : nil
    if isClient, name == nil, context.options.verification != .none {
      throw TLSError(
        .configuration, "there is no name that the server's certificate could be verified for",
        cure: "give it with `name NAME`")
    }
    var failure = copenssl_failure()
    guard let pointer = copenssl_session_new(context.pointer, &failure) else {
      throw TLSError(.other, "cannot make a session of TLS: \(failure.words)")
    }
    self.context = context
    self.name = name
    self.wire = wire
    self.received = received
    self.pointer = pointer
    copenssl_session_set_wire(
      pointer, Unmanaged.passUnretained(self).toOpaque(),
      copenssl_wire(
        read: { owner, bytes, count in
          guard let owner else { return Int(COPENSSL_WIRE_FAILED) }
          return Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
            .readWire(UnsafeMutableRawBufferPointer(start: bytes, count: count))
        },
        write: { owner, bytes, count in
          guard let owner else { return Int(COPENSSL_WIRE_FAILED) }
          return Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
            .writeWire(UnsafeRawBufferPointer(start: bytes, count: count))
        }))
    if let name { try expect(name) }
    if let resumption { try resume(resumption) }
  }

  deinit { copenssl_session_free(pointer) }

  private func expect(_ name: String) throws(TLSError) {
    var failure = copenssl_failure()
    if let address = TLSName.address(name) {
      if copenssl_session_expect_address(pointer, address, address.count, &failure) { return }
    } else if case let ascii = name.utf8, (1...255).contains(ascii.count), ascii.allSatisfy({ 0x21...0x7e ~= $0 }) {
      if copenssl_session_set_server_name(pointer, name, &failure),
        copenssl_session_expect_name(pointer, name, &failure)
      {
        return
      }
    }
    throw TLSError(
      .configuration, "\"\(name)\" is no name that a certificate can have",
      cure: "give a host's name in ASCII (xn--… for another) or an address")
  }

  private func resume(_ resumption: TLSResumption) throws(TLSError) {
    if resumption.name != name {
      throw TLSError(
        .configuration,
        "a session with \(resumption.name ?? "no name") cannot be resumed for \(name ?? "no name")")
    }
    var failure = copenssl_failure()
    if !copenssl_session_resume(pointer, resumption.pointer, &failure) {
      throw TLSError(.configuration, "cannot resume that session: \(failure.words)")
    }
  }

  // MARK: The wire

  /// Whether behind a record the bytes may be no TLS any more: it can be close_notify. In TLS 1.3 its type is hidden,
  /// but not its size: two bytes, one for the type, and up to 16 that protect it.
  private static func mayBeLast(_ header: TLSRecords.Header) -> Bool {
    header.type == 21 || header.type == 23 && header.length <= 19
  }

  /// How many of `bytes`, which came from the peer, the library may have: up to a record that may be the last, so that
  /// what stands behind it is still ours.
  private func share(of bytes: UnsafeRawBufferPointer) -> Int {
    var count = 0
    while count < bytes.count {
      let (more, ended) = records.next(in: UnsafeRawBufferPointer(rebasing: bytes[count...]))
      count += more
      if let ended, Self.mayBeLast(ended) { break }
    }
    return count
  }

  private func readWire(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if receivedStart < received.count {
      let count = received.withUnsafeBytes { all in
        let rest = all[receivedStart...].prefix(buffer.count)
        let count = share(of: UnsafeRawBufferPointer(rebasing: rest))
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
        return count
      }
      receivedStart += count
      if receivedStart == received.count {
        received = []
        receivedStart = 0
      }
      keepFirst(buffer, count)
      return count
    }
    // Not an error for the library, which could then not even write any more: the caller hears of it.
    if wireEnded { return Int(COPENSSL_WIRE_BLOCKED) }
    switch wire.read(into: buffer) {
    case .done(let count) where count > 0:
      let read = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      let share = share(of: read)
      if share < count { received = Array(read[share...]) }
      keepFirst(buffer, share)
      return share
    case .done, .wouldBlock: return Int(COPENSSL_WIRE_BLOCKED)
    case .end:
      wireEnded = true
      return Int(COPENSSL_WIRE_BLOCKED)
    case .failed(let error):
      wireError = error
      return Int(COPENSSL_WIRE_FAILED)
    }
  }

  private func keepFirst(_ buffer: UnsafeMutableRawBufferPointer, _ count: Int) {
    if isEstablished || firstBytes.count >= Self.keptFirstBytes { return }
    firstBytes += buffer[..<count].prefix(Self.keptFirstBytes - firstBytes.count)
  }

  /// Takes all of it, whatever the wire takes now.
  private func writeWire(_ bytes: UnsafeRawBufferPointer) -> Int {
    var count = 0
    if !hasUnsent {
      switch wire.write(bytes) {
      case .done(let taken): count = taken
      case .wouldBlock: break
      case .end: unsentError = .brokenPipe
      case .failed(let error): unsentError = error
      }
    }
    unsent += bytes[count...]
    return bytes.count
  }

  private var hasUnsent: Bool { unsentStart < unsent.count }

  /// Writes what the wire has not taken yet. Nil: nothing is left.
  private func drain(for call: TLSCall) -> Outcome? {
    while hasUnsent {
      if let error = unsentError {
        unsentError = nil
        return wireFailed(error, in: call)
      }
      switch unsent.withUnsafeBytes({ wire.write(UnsafeRawBufferPointer(rebasing: $0[unsentStart...])) }) {
      case .done(let count) where count > 0: unsentStart += count
      case .done, .wouldBlock: return .wantsWrite
      case .end: return wireFailed(.brokenPipe, in: call)
      case .failed(let error): return wireFailed(error, in: call)
      }
    }
    unsent = []
    unsentStart = 0
    return nil
  }

  private func wireFailed(_ error: Errno, in call: TLSCall) -> Outcome {
    wireError = error
    var failure = copenssl_failure()
    failure.kind = COPENSSL_FAILURE_WIRE
    return .failed(self.error(failure, in: call))
  }

  /// The encrypted bytes that were taken from the wire and not used; after `ended`, what the peer has sent behind its
  /// close_notify, which is the caller's to read.
  public var readAhead: ArraySlice<UInt8> { received[receivedStart...] }

  // MARK: Calls

  private func outcome(_ outcome: copenssl_outcome, _ moved: Int, of call: TLSCall) -> Outcome {
    switch outcome {
    case COPENSSL_OUTCOME_DONE: return .done(moved)
    case COPENSSL_OUTCOME_WANTS_WRITE: return .wantsWrite
    case COPENSSL_OUTCOME_ENDED:
      if !isEstablished { return fail(endedHandshake()) }
      hasEnded = true
      return .ended
    case COPENSSL_OUTCOME_WANTS_READ:
      if !wireEnded { return .wantsRead }
      return isEstablished ? .truncated : fail(truncatedHandshake())
    default:
      let failure = copenssl_session_failure(pointer)
      let error = error(failure, in: call)
      // The wire may recover, and the other direction of it may work; and a mistake has done nothing.
      return failure.kind == COPENSSL_FAILURE_WIRE || failure.kind == COPENSSL_FAILURE_MISUSE
        ? .failed(error) : fail(error)
    }
  }

  private func fail(_ error: TLSError) -> Outcome {
    let outcome = Outcome.failed(error)
    fatal = outcome
    return outcome
  }

  /// Goes on with the handshake; `done(0)` when it is over.
  public func handshake() -> Outcome {
    if let fatal { return fatal }
    if let outcome = drain(for: .handshake) { return outcome }
    if isEstablished { return .done(0) }
    let outcome = outcome(copenssl_session_handshake(pointer), 0, of: .handshake)
    switch outcome {
    case .done:
      isEstablished = true
      firstBytes = []
      return drain(for: .handshake) ?? outcome
    case .wantsRead:
      // The library waits for five bytes, which may never come from who waits for a line.
      if let error = earlyGarbage() { return fail(error) }
      return drain(for: .handshake) ?? outcome
    default: return outcome
    }
  }

  /// Reads at least one byte, and at most one record. Before the handshake is over, goes on with it.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
    if let fatal { return fatal }
    if hasEnded { return .ended }
    if !isEstablished, case let outcome = handshake(), outcome != .done(0) { return outcome }
    if buffer.isEmpty { return .done(0) }
    // Answers to a peer that renews its keys; what is behind a write is the writer's. Where the wire takes nothing any
    // more, what came before is still there to be read.
    if promised == 0, case .failed? = drain(for: .read) { unsentError = wireError }
    if unsent.count - unsentStart > Self.mostUnsent { return .wantsWrite }
    var count = 0
    let outcome = outcome(
      copenssl_session_read(pointer, buffer.baseAddress, buffer.count, &count), count, of: .read)
    return outcome == .wantsRead && promised == 0 && hasUnsent && unsentError == nil ? .wantsWrite : outcome
  }

  /// Writes at least one byte, and at most one record. Before the handshake is over, goes on with it.
  ///
  /// After `wantsWrite` the first of the bytes are in a record on their way: the call is made again with the same
  /// bytes, or more behind them. With fewer it stands for another write, and the record goes first.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    if let fatal { return fatal }
    if !isEstablished, case let outcome = handshake(), outcome != .done(0) { return outcome }
    if hasShutDown {
      return .failed(TLSError(.misuse, "close_notify has been sent, and nothing can be sent behind it"))
    }
    if promised > bytes.count, case let outcome = flush(), outcome != .done(0) { return outcome }
    if bytes.isEmpty { return .done(0) }
    if promised == 0 {
      if let outcome = drain(for: .write) { return told(outcome) }
      let size = min(bytes.count, copenssl_session_fragment(pointer))
      var count = 0
      let outcome = outcome(copenssl_session_write(pointer, bytes.baseAddress, size, &count), count, of: .write)
      guard case .done = outcome else { return outcome }
      promised = count
    }
    if let outcome = drain(for: .write) { return told(outcome) }
    defer { promised = 0 }
    return .done(promised)
  }

  /// A write that the wire has failed may have its reason behind it.
  private func told(_ outcome: Outcome) -> Outcome {
    if case .failed = outcome, let alert = alertBehindFailedWrite() { return fail(alert) }
    return outcome
  }

  /// Why a peer has gone, where it has said so: who refuses a certificate sends an alert and closes, and the next write
  /// fails before anybody has read it.
  private func alertBehindFailedWrite() -> TLSError? {
    let failed = wireError
    defer { wireError = failed }
    guard copenssl_session_peek(pointer) == COPENSSL_OUTCOME_FAILED else { return nil }
    let failure = copenssl_session_failure(pointer)
    return failure.kind == COPENSSL_FAILURE_ALERT ? error(failure, in: .write) : nil
  }

  /// Finishes the record of a write that wanted one more and was not made again; `done(0)` when none is on its way.
  public func flush() -> Outcome {
    if let fatal { return fatal }
    if let outcome = drain(for: .write) { return told(outcome) }
    promised = 0
    return .done(0)
  }

  /// Sends close_notify: nothing can be written afterwards, and reading goes on (RFC 8446 section 6.1). Does nothing
  /// before the handshake is over. `done(0)` when it is sent.
  public func shutdown() -> Outcome {
    if let fatal { return fatal }
    if !isEstablished { return .done(0) }
    if case let outcome = flush(), outcome != .done(0) { return outcome }
    if hasShutDown { return .done(0) }
    let outcome = outcome(copenssl_session_shutdown(pointer), 0, of: .shutdown)
    hasShutDown = outcome == .done(0)
    return hasShutDown ? drain(for: .shutdown) ?? outcome : outcome
  }

  /// Takes what has come up to the next data, such as the tickets that a server of TLS 1.3 sends behind the handshake.
  public func takeTickets() {
    if fatal == nil, isEstablished, !hasEnded { _ = copenssl_session_peek(pointer) }
  }

  /// How many bytes a read gives without the wire.
  public var pending: Int { copenssl_session_pending(pointer) }

  /// Whether bytes from the wire wait in here, decrypted or not: the wire need not become readable for a read to give
  /// something. They may be a part of a record.
  public var hasPending: Bool { receivedStart < received.count || copenssl_session_has_pending(pointer) }
}
