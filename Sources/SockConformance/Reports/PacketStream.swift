// Packets of one TCP connection, with handshakes, sequence numbers and ends.

/// A TCP connection while its packets are written.
struct PacketStream {
  private let first: Endpoint
  private let second: Endpoint
  /// The next sequence number of each end.
  private var next: [Bool: UInt32] = [true: 0, false: 0]
  private var finished: Set<Bool> = []
  private var isReset = false
  private(set) var packets: [Packet] = []

  init(first: Endpoint, second: Endpoint) {
    self.first = first
    self.second = second
  }

  private mutating func add(
    at: Int64, isFromFirst: Bool, _ flags: TCPFlags, _ payload: ArraySlice<UInt8> = [], length: Int = 0,
    comment: String?
  ) {
    let sequence = next[isFromFirst] ?? 0
    let (bytes, whole) = PacketBuilder.tcp(
      from: isFromFirst ? first : second, to: isFromFirst ? second : first, sequence: sequence,
      acknowledged: next[!isFromFirst] ?? 0, flags: flags, payload: payload, length: length)
    packets.append(Packet(at: at, bytes: bytes, length: whole, comment: comment))
    let advance = UInt32(truncatingIfNeeded: length) &+ (flags.contains(.syn) || flags.contains(.fin) ? 1 : 0)
    next[isFromFirst] = sequence &+ advance
  }

  mutating func handshake(at: Int64, _ comment: String?) {
    add(at: at, isFromFirst: true, .syn, comment: comment)
    add(at: at, isFromFirst: false, [.syn, .ack], comment: nil)
    add(at: at, isFromFirst: true, .ack, comment: nil)
  }

  /// - Parameters:
  ///   - bytes: those that were kept.
  ///   - length: how many there were.
  ///   - at: in nanoseconds since the beginning of the capture.
  mutating func data(_ bytes: [UInt8], of length: Int, at time: Int64, isFromFirst: Bool, _ comment: String?) {
    guard !isReset, !finished.contains(isFromFirst) else { return }
    let count = max(length, bytes.count)
    var at = 0
    while at < count {
      let length = min(PacketBuilder.largestPayload, count - at)
      if at >= bytes.count, count - at > PacketStream.mostMissing {
        // A gap, which the reader is told of as bytes that were not captured.
        next[isFromFirst] = (next[isFromFirst] ?? 0) &+ UInt32(truncatingIfNeeded: count - at)
        break
      }
      let kept = bytes[min(at, bytes.count)..<min(at + length, bytes.count)]
      add(at: time, isFromFirst: isFromFirst, [.psh, .ack], kept, length: length, comment: at == 0 ? comment : nil)
      at += length
    }
    if count > 0 { add(at: time, isFromFirst: !isFromFirst, .ack, comment: nil) }
  }

  /// Bytes that were not kept are written as packets without them, up to so many.
  private static let mostMissing = 16 << 20

  /// A packet without data that says something to who reads the capture.
  mutating func mark(at: Int64, _ comment: String) {
    if !isReset { add(at: at, isFromFirst: true, .ack, comment: comment) }
  }

  mutating func finish(at: Int64, isFromFirst: Bool, _ comment: String?) {
    guard !isReset, finished.insert(isFromFirst).inserted else { return }
    add(at: at, isFromFirst: isFromFirst, [.fin, .ack], comment: comment)
    add(at: at, isFromFirst: !isFromFirst, .ack, comment: nil)
  }

  mutating func reset(at: Int64, isFromFirst: Bool, _ comment: String?) {
    guard !isReset else { return }
    isReset = true
    add(at: at, isFromFirst: isFromFirst, [.rst, .ack], comment: comment)
  }
}
