// Two sessions over a wire in memory, and wires that cut, change and block.
import SocketCore
import Testing

@testable import TLS

/// One direction of a wire in memory.
final class Flow {
  var bytes: [UInt8] = []
  var isClosed = false
}

/// An end of a wire in memory. It can be told to give and take little at a time, and to block in between.
final class MemoryWire: TLSWire {
  let incoming: Flow
  let outgoing: Flow
  /// The most bytes that one call moves.
  var most = Int.max
  /// Whether every other call would block.
  var blocksInBetween = false
  /// The most bytes that may lie in the outgoing direction.
  var room = Int.max
  var readError: Errno?
  var writeError: Errno?
  /// Changes what is written, in the middle of it.
  var change: (([UInt8]) -> [UInt8])?
  private var turn = false

  init(incoming: Flow, outgoing: Flow) {
    self.incoming = incoming
    self.outgoing = outgoing
  }

  private func blocks() -> Bool {
    guard blocksInBetween else { return false }
    turn.toggle()
    return turn
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> IOOutcome {
    if let readError { return .failed(readError) }
    if blocks() { return .wouldBlock }
    let count = min(most, buffer.count, incoming.bytes.count)
    if count == 0 { return incoming.isClosed ? .end : .wouldBlock }
    buffer.copyBytes(from: incoming.bytes[..<count])
    incoming.bytes.removeFirst(count)
    return .done(count)
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> IOOutcome {
    if let writeError { return .failed(writeError) }
    if blocks() { return .wouldBlock }
    let count = min(most, bytes.count, room - outgoing.bytes.count)
    if count <= 0 { return .wouldBlock }
    let moved = Array(bytes[..<count])
    outgoing.bytes += change?(moved) ?? moved
    return .done(count)
  }

  static func pair() -> (MemoryWire, MemoryWire) {
    let one = Flow(), other = Flow()
    return (MemoryWire(incoming: one, outgoing: other), MemoryWire(incoming: other, outgoing: one))
  }
}

/// A socket as a wire.
final class SocketWire: TLSWire {
  let socket: Socket

  init(_ socket: Socket) {
    self.socket = socket
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> IOOutcome { socket.tryReceive(into: buffer) }
  func write(_ bytes: UnsafeRawBufferPointer) -> IOOutcome { socket.trySend(bytes) }
}

func serverOptions(
  _ identity: TLSOptions.Identity? = nil, _ change: (inout TLSOptions) throws -> Void = { _ in }
) throws -> TLSOptions {
  var options = TLSOptions(role: .server)
  options.identities = [try identity ?? credentials().identity]
  try change(&options)
  return options
}

func clientOptions(_ change: (inout TLSOptions) throws -> Void = { _ in }) throws -> TLSOptions {
  var options = TLSOptions(role: .client)
  options.authorities = [.pem(try #require(authority).certificate.pem)]
  try change(&options)
  return options
}

/// A client and a server over a wire in memory.
struct Couple {
  let client: TLSSession
  let server: TLSSession
  let clientWire: MemoryWire
  let serverWire: MemoryWire

  init(
    client clientOptions: TLSOptions? = nil, server serverOptions: TLSOptions? = nil, name: String? = "localhost",
    resuming resumption: TLSResumption? = nil
  ) throws {
    try self.init(
      TLSContext(clientOptions ?? TLSTests.clientOptions()), TLSContext(serverOptions ?? TLSTests.serverOptions()),
      name: name, resuming: resumption)
  }

  init(
    _ client: TLSContext, _ server: TLSContext, name: String? = "localhost", resuming resumption: TLSResumption? = nil
  ) throws {
    (clientWire, serverWire) = MemoryWire.pair()
    self.client = try TLSSession(client, name: name, wire: clientWire, resuming: resumption)
    self.server = try TLSSession(server, wire: serverWire)
  }

  /// Both sides of the handshake, until neither goes on.
  @discardableResult
  func handshake() -> (client: TLSSession.Outcome, server: TLSSession.Outcome) {
    var outcomes = (client: TLSSession.Outcome.wantsRead, server: TLSSession.Outcome.wantsRead)
    // A byte at a time, with blocking in between, takes the most turns.
    for _ in 0..<50_000 {
      let before = clientWire.outgoing.bytes.count + serverWire.outgoing.bytes.count
      outcomes = (client.handshake(), server.handshake())
      let isOver = [outcomes.client, outcomes.server].allSatisfy { $0 != .wantsRead && $0 != .wantsWrite }
      if isOver { break }
      let after = clientWire.outgoing.bytes.count + serverWire.outgoing.bytes.count
      if before == after, after == 0, !clientWire.blocksInBetween { break }
    }
    return outcomes
  }
}

extension TLSSession.Outcome {
  var error: TLSError? {
    if case .failed(let error) = self { return error }
    return nil
  }
}

extension TLSSession {
  /// Everything that can be read now, and why there is no more.
  func readAll(atMost most: Int = 65536) -> (bytes: [UInt8], last: Outcome) {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: most)
    while true {
      let outcome = buffer.withUnsafeMutableBytes { read(into: $0) }
      guard case .done(let count) = outcome else { return (all, outcome) }
      all += buffer[..<count]
    }
  }

  func write(_ bytes: [UInt8]) -> Outcome { bytes.withUnsafeBytes { write($0) } }

  func write(_ text: String) -> Outcome { write(Array(text.utf8)) }
}
