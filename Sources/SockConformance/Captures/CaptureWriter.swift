// Recordings as a capture: for Wireshark, and to make a script of them later.

import SockRuntime

/// What a recording says in the comments of packets, beyond what packets can: read again by `Capture`.
enum RecordingMark {
  static let prefix = "sock record: "
  static let tlsBegins = "sock record: TLS begins; what follows is its text"

  static func opening(_ connection: RecordedConnection, session: Int) -> String {
    func list(_ ports: [Int]) -> String { ports.map(String.init).joined(separator: "+") }
    return "\(prefix)session=\(session) transport=\(connection.transport ?? "") server=\(connection.serverAddress) "
      + "clientports=\(list(connection.clientPorts)) serverports=\(list(connection.serverPorts))"
  }

  /// Puts into a connection what an opening says of it.
  static func read(_ comment: String, into connection: inout RecordedConnection) {
    guard comment.hasPrefix("\(prefix)session=") else { return }
    for word in comment.dropFirst(prefix.count).split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty else { continue }
      switch parts[0] {
      case "session": connection.session = Int(parts[1])
      case "transport": connection.transport = parts[1]
      case "server": connection.serverAddress = parts[1]
      case "clientports": connection.clientPorts = parts[1].split(separator: "+").compactMap { Int($0) }
      case "serverports": connection.serverPorts = parts[1].split(separator: "+").compactMap { Int($0) }
      default: break
      }
    }
  }
}

package enum CaptureWriter {
  /// A pcapng file. Its bytes, times and ports are those of the recording; TCP's handshakes, acknowledgements and
  /// sequence numbers are made up, and so is the address of a server that was named and not numbered.
  package static func bytes(_ recordings: [Recording]) -> [UInt8] {
    var writer = PcapngWriter(
      comment: "Recorded by sock record: TCP's handshakes, acknowledgements and the borders of segments are made up.")
    var packets: [Packet] = []
    for (number, recording) in recordings.enumerated() {
      for (at, connection) in recording.connections.enumerated() {
        packets += self.packets(of: connection, session: number + 1, order: at)
      }
    }
    for (_, packet) in packets.enumerated().sorted(by: { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }) {
      writer.add(packet, startedAt: 0)
    }
    return writer.bytes
  }

  private static func packets(of connection: RecordedConnection, session: Int, order: Int) -> [Packet] {
    // A name, or a path, has no place in a packet: 192.0.2.0/24 is for documentation (RFC 5737).
    let server = Endpoint(connection.serverAddress) ?? Endpoint(host: [192, 0, 2, 1], port: 9)
    let port = connection.clientPorts.last.flatMap { UInt16(exactly: $0) } ?? UInt16(1024 + order % 60_000)
    let client = Endpoint(host: server.isLoopback ? server.host : server.host.dropLast() + [2], port: port)
    let mark = RecordingMark.opening(connection, session: session)
    if connection.isDatagram {
      var isFirst = true
      return connection.events.filter { $0.kind == .data }.map { event in
        let isClient = event.side == .client
        let (bytes, length) = PacketBuilder.udp(
          from: isClient ? client : server, to: isClient ? server : client, payload: event.bytes[...],
          length: event.bytes.count)
        defer { isFirst = false }
        return Packet(at: event.at, bytes: bytes, length: length, comment: isFirst ? mark : nil)
      }
    }
    var stream = PacketStream(first: client, second: server)
    stream.handshake(at: connection.openedAt, mark)
    for event in connection.events {
      let isFirst = event.side == .client
      switch event.kind {
      case .data: stream.data(event.bytes, of: event.bytes.count, at: event.at, isFromFirst: isFirst, nil)
      case .end: stream.finish(at: event.at, isFromFirst: isFirst, nil)
      case .reset: stream.reset(at: event.at, isFromFirst: isFirst, nil)
      case .secured: stream.mark(at: event.at, RecordingMark.tlsBegins)
      }
    }
    return stream.packets
  }
}
