// A transcript as plain values, for reports.

/// One event on one channel.
package struct TranscriptLine: Sendable {
  /// Nanoseconds since the test began.
  package let at: Int64
  package let channel: Int
  /// `<` received, `>` sent, or what happened: `connected`, `end of stream`…
  package let event: String
  package let isData: Bool
  package let count: Int
  /// The first bytes of `count`.
  package let bytes: [UInt8]
  /// The declared messages that they are, with their fields, as the language writes them: `Packet {kind: 1}`. Nil where
  /// that is not known. Long ones are cut.
  package let fields: String?
  /// The step that caused it.
  package let file: String?
  package let line: Int
  /// Where a datagram came from or went to: `127.0.0.1:4711`; nil on other channels.
  package let peer: String?

  package init(
    at: Int64, channel: Int, event: String, isData: Bool, count: Int, bytes: [UInt8], fields: String? = nil,
    file: String?, line: Int, peer: String? = nil
  ) {
    self.at = at
    self.channel = channel
    self.event = event
    self.isData = isData
    self.count = count
    self.bytes = bytes
    self.fields = fields
    self.file = file
    self.line = line
    self.peer = peer
  }

  /// The same at another time, in nanoseconds since the test began.
  package func moved(to at: Int64) -> TranscriptLine {
    TranscriptLine(
      at: at, channel: channel, event: event, isData: isData, count: count, bytes: bytes, fields: fields, file: file,
      line: line, peer: peer)
  }
}

package struct ChannelInfo: Sendable {
  package let number: Int
  package let label: String
  /// `tcp`, `udp`, `unix`, `process`…
  package let kind: String
  /// `127.0.0.1:4711`, or nil where there is none.
  package let local: String?
  package let peer: String?

  package init(number: Int, label: String, kind: String, local: String?, peer: String?) {
    self.number = number
    self.label = label
    self.kind = kind
    self.local = local
    self.peer = peer
  }

  /// The same with another label, unless that is nil.
  func named(_ label: String?) -> ChannelInfo {
    label.map { ChannelInfo(number: number, label: $0, kind: kind, local: local, peer: peer) } ?? self
  }
}
