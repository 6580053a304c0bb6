// What went over connections, as a relay saw it or a capture holds it.

/// Which end of a connection: who opened it, and who was there before.
package enum RecordedSide: String, Sendable {
  case client, server

  package var other: RecordedSide { self == .client ? .server : .client }
}

/// One connection, or the datagrams between two sockets.
package struct RecordedConnection: Sendable {
  package enum Kind: Sendable, Equatable {
    case data
    /// It will send nothing more, and may still receive.
    case end
    case reset
    /// TLS began; what follows is what it carried.
    case secured
  }

  package struct Event: Sendable {
    package let side: RecordedSide
    package let kind: Kind
    package let bytes: [UInt8]
    /// In nanoseconds since 1970.
    package let at: Int64

    package init(side: RecordedSide, kind: Kind, bytes: [UInt8] = [], at: Int64) {
      self.side = side
      self.kind = kind
      self.bytes = bytes
      self.at = at
    }
  }

  /// How it begins: the name of the transport in an address, as `tls`; nil for plain TCP.
  package var transport: String?
  package var isDatagram: Bool
  /// When it was opened, in nanoseconds since 1970.
  package var openedAt: Int64
  package var events: [Event] = []
  /// To where the client connected: `127.0.0.1:6379`.
  package var serverAddress: String
  /// The ports of the client, each as one end may have told it: its own, and that of a relay in between.
  package var clientPorts: [Int] = []
  package var serverPorts: [Int] = []
  /// Of which session it is, where a recording that was kept says so.
  package var session: Int?
  /// What is known to be missing or odd, in words.
  package var notes: [String] = []

  package init(serverAddress: String, isDatagram: Bool, openedAt: Int64) {
    self.serverAddress = serverAddress
    self.isDatagram = isDatagram
    self.openedAt = openedAt
  }

  package var closedAt: Int64 { events.last?.at ?? openedAt }
  package var hasData: Bool { events.contains { $0.kind == .data && !$0.bytes.isEmpty } }

  /// The bytes of one side, joined.
  package func stream(_ side: RecordedSide) -> [UInt8] {
    events.filter { $0.side == side && $0.kind == .data }.flatMap(\.bytes)
  }

  /// What is recorded is TLS itself, of which nothing can be read: a handshake record, then a ClientHello.
  package var isEncrypted: Bool {
    guard !isDatagram, let first = events.first(where: { $0.kind == .data }), first.side == .client
    else { return false }
    return first.bytes.count > 5 && first.bytes[0] == 0x16 && first.bytes[1] == 3 && first.bytes[5] == 1
  }
}

/// One session: all connections that it made, in the order in which they were opened.
package struct Recording: Sendable {
  package var connections: [RecordedConnection]

  package init(_ connections: [RecordedConnection]) {
    self.connections = connections.sorted { $0.openedAt < $1.openedAt }
  }
}
