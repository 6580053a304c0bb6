// From the packets of a capture to the conversations that they carried: streams of TCP put together again (RFC 9293),
// datagrams of UDP in their order. What is missing or odd is told.

import SockRuntime
import SocketCore

package struct Capture {
  package private(set) var connections: [RecordedConnection] = []
  /// What could not be used, in words, one each.
  package private(set) var problems: [String] = []

  /// More connections of a capture are told of, and left out.
  package static let mostConnections = 10_000

  private struct Key: Hashable {
    let one: Endpoint
    let other: Endpoint
    let isDatagram: Bool

    init(_ segment: CapturedSegment) {
      let isFirst = segment.from.host == segment.to.host
        ? segment.from.port <= segment.to.port : segment.from.host.lexicographicallyPrecedes(segment.to.host)
      one = isFirst ? segment.from : segment.to
      other = isFirst ? segment.to : segment.from
      isDatagram = segment.isDatagram
    }
  }

  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - server: only connections to this address, as `127.0.0.1:6379`; nil: all.
  package init(_ bytes: [UInt8], server: String? = nil) throws(CaptureError) {
    let file = try CaptureFile(bytes)
    if let damage = file.damage { problems.append(damage) }
    var flows: [Key: Flow] = [:]
    var finished: [Flow] = []
    var fragments = 0
    var broken = 0
    var links: [Int: Int] = [:]
    var leftOut = 0
    for frame in file.frames {
      switch FrameReading.read(frame) {
      case .segment(let segment):
        let key = Key(segment)
        if let flow = flows[key], flow.isFollowed(by: segment) {
          finished.append(flow)
          flows[key] = nil
        }
        if let flow = flows[key] {
          flow.add(segment)
        } else if flows.count + finished.count < Self.mostConnections {
          let flow = Flow(segment)
          flow.add(segment)
          flows[key] = flow
        } else {
          leftOut += segment.flags.contains(.syn) && !segment.flags.contains(.ack) ? 1 : 0
        }
      case .fragment: fragments += 1
      case .unknownLink(let type): links[type, default: 0] += 1
      case .other: break
      case .broken: broken += 1
      }
    }
    let all = (finished + flows.values).sorted { $0.openedAt < $1.openedAt }
    connections = all.map { $0.finish() }.filter { connection in server.map { connection.serverAddress == $0 } ?? true }
    for (type, count) in links.sorted(by: { $0.key < $1.key }) {
      problems.append("\(count) packets have link type \(type)\(LinkType.name(type)), which is not read")
    }
    if fragments > 0 { problems.append("\(fragments) fragments of IP packets are left out") }
    if broken > 0 { problems.append("\(broken) packets are cut or broken, and left out") }
    if leftOut > 0 { problems.append("\(leftOut) connections behind the first \(Self.mostConnections) are left out") }
  }
}

/// Names of what is not read, for people.
private enum LinkType {
  static func name(_ type: Int) -> String {
    switch type {
    case 9: " (PPP)"
    case 105, 127: " (Wi-Fi)"
    case 189, 220: " (USB)"
    case 187, 201, 251: " (Bluetooth)"
    case 195, 230: " (IEEE 802.15.4)"
    case 227: " (CAN)"
    default: ""
    }
  }
}

/// The packets between two ends, while they are read.
private final class Flow {
  private struct Direction {
    /// The sequence number that comes next; nil before the first.
    var next: UInt32?
    /// What came before its time, by when.
    var early: [(sequence: UInt32, bytes: ArraySlice<UInt8>, length: Int, isEnd: Bool, at: Int64)] = []
    var hasEnded = false
  }

  private let client: Endpoint
  private let server: Endpoint
  private let isDatagram: Bool
  private let hasBeginning: Bool
  private var isReset = false
  private var directions: [RecordedSide: Direction] = [.client: Direction(), .server: Direction()]
  private var connection: RecordedConnection
  private var retransmitted = 0
  private var outOfOrder = 0
  private var firstSequence: UInt32?

  var openedAt: Int64 { connection.openedAt }

  init(_ first: CapturedSegment) {
    let isAnswer = first.flags.isSuperset(of: [.syn, .ack])
    hasBeginning = first.flags.contains(.syn)
    isDatagram = first.isDatagram
    // Of a connection whose beginning is not there, the higher port is the client's, as a system gave it.
    let isFromClient = first.isDatagram || (hasBeginning ? !isAnswer : first.from.port >= first.to.port)
    client = isFromClient ? first.from : first.to
    server = isFromClient ? first.to : first.from
    connection = RecordedConnection(serverAddress: server.text, isDatagram: first.isDatagram, openedAt: first.at)
    connection.clientPorts = [Int(client.port)]
    connection.serverPorts = [Int(server.port)]
    if hasBeginning, !isAnswer { firstSequence = first.sequence }
    if let comment = first.comment { RecordingMark.read(comment, into: &connection) }
  }

  /// A new connection between the same ends.
  func isFollowed(by segment: CapturedSegment) -> Bool {
    guard !isDatagram, segment.flags.contains(.syn), !segment.flags.contains(.ack) else { return false }
    return isReset || firstSequence != segment.sequence
  }

  func add(_ segment: CapturedSegment) {
    let side: RecordedSide = segment.from == client ? .client : .server
    if isDatagram {
      if segment.payload.count < segment.length { note("a datagram was cut by the capture") }
      event(side, .data, segment.payload, segment.at)
      return
    }
    if segment.comment == RecordingMark.tlsBegins { event(side, .secured, [], segment.at) }
    var direction = directions[side] ?? Direction()
    defer { directions[side] = direction }
    if segment.flags.contains(.syn) { direction.next = segment.sequence &+ 1 }
    let sequence = segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence
    if direction.next == nil { direction.next = sequence }
    if segment.length > 0 || segment.flags.contains(.fin) {
      take(
        (sequence, segment.payload, segment.length, segment.flags.contains(.fin), segment.at), &direction, side)
    }
    if segment.flags.contains(.rst), !isReset {
      skipGaps(&direction, side)
      isReset = true
      // A reset behind both ends is only the kernel's, for what came too late.
      let hasEnded = direction.hasEnded && directions[side.other]?.hasEnded ?? false
      if !hasEnded { event(side, .reset, [], segment.at) }
    }
  }

  /// So much may wait for what is missing before it, in bytes and in segments.
  private static let mostEarly = 4 << 20
  private static let mostEarlySegments = 10_000

  private func take(
    _ piece: (sequence: UInt32, bytes: ArraySlice<UInt8>, length: Int, isEnd: Bool, at: Int64),
    _ direction: inout Direction, _ side: RecordedSide
  ) {
    guard let next = direction.next, !direction.hasEnded else {
      if piece.length > 0 { retransmitted += 1 }
      return
    }
    let ahead = Int32(bitPattern: piece.sequence &- next)
    if ahead > 0 {
      outOfOrder += 1
      direction.early.append(piece)
      let waiting = direction.early.reduce(0) { $0 + $1.bytes.count }
      if direction.early.count > Self.mostEarlySegments || waiting > Self.mostEarly { skipGaps(&direction, side) }
      return
    }
    deliver(piece, &direction, side, at: piece.at)
    drain(&direction, side, at: piece.at)
  }

  private func deliver(
    _ piece: (sequence: UInt32, bytes: ArraySlice<UInt8>, length: Int, isEnd: Bool, at: Int64),
    _ direction: inout Direction, _ side: RecordedSide, at: Int64
  ) {
    guard let next = direction.next else { return }
    let known = Int(next &- piece.sequence)
    if known > 0, piece.length > 0 { retransmitted += 1 }
    if known < piece.length {
      event(side, .data, piece.bytes.dropFirst(known), at)
      if piece.bytes.count < piece.length {
        note("\(piece.length - piece.bytes.count) bytes that the \(side.rawValue) sent are cut off by the capture")
      }
      direction.next = piece.sequence &+ UInt32(truncatingIfNeeded: piece.length)
    }
    if piece.isEnd, known <= piece.length, !direction.hasEnded {
      direction.hasEnded = true
      event(side, .end, [], at)
    }
  }

  /// What came early and is due now.
  private func drain(_ direction: inout Direction, _ side: RecordedSide, at: Int64) {
    while let next = direction.next,
      let place = direction.early.firstIndex(where: { Int32(bitPattern: $0.sequence &- next) <= 0 })
    {
      let piece = direction.early.remove(at: place)
      deliver(piece, &direction, side, at: at)
    }
  }

  /// What is missing does not come any more.
  private func skipGaps(_ direction: inout Direction, _ side: RecordedSide) {
    while let next = direction.next,
      let first = direction.early.min(by: { $0.sequence &- next < $1.sequence &- next })
    {
      note("\(first.sequence &- next) bytes that the \(side.rawValue) sent are missing")
      direction.next = first.sequence
      drain(&direction, side, at: first.at)
    }
  }

  private func event(_ side: RecordedSide, _ kind: RecordedConnection.Kind, _ bytes: ArraySlice<UInt8>, _ at: Int64) {
    if kind == .data, bytes.isEmpty, !isDatagram { return }
    connection.events.append(
      RecordedConnection.Event(side: side, kind: kind, bytes: Array(bytes), at: max(at, connection.closedAt)))
  }

  /// More is not told of one connection.
  private static let mostNotes = 8

  private func note(_ text: String) {
    if connection.notes.count < Self.mostNotes { connection.notes.append(text) }
  }

  func finish() -> RecordedConnection {
    for side in [RecordedSide.client, .server] {
      var direction = directions[side] ?? Direction()
      skipGaps(&direction, side)
    }
    if !isDatagram, !hasBeginning { note("the beginning of this connection is not in the capture") }
    if retransmitted > 0 { note("\(retransmitted) segments came again, as retransmissions") }
    if outOfOrder > 0 { note("\(outOfOrder) segments came out of order, and were put in their place") }
    connection.events.sort { $0.at < $1.at }
    return connection
  }
}

extension Endpoint {
  /// `127.0.0.1:4711` or `[::1]:4711`.
  var text: String { SocketAddress(hostBytes: host, port: port)?.description ?? ":\(port)" }
}
