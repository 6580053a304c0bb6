// What one `send` has to do, and how far it has come.

import SocketCore

/// A `send` that is not over yet: its bytes as the wire is to see them, how far it has come, and its pace. As long as
/// there is one, other tasks that send on its channel wait, so that what they send does not mix.
final class Outgoing {
  let bytes: ByteString
  /// What the step gives: how many bytes it has sent or gathered.
  let count: Int
  /// So many of the bytes are sent.
  var position = 0
  let flags: MessageFlags
  let destination: SocketAddress?
  let pace: Pace?
  /// Whose descriptors go with the first of the bytes.
  let passed: [Channel]
  /// Until a datagram receiver's full queue is looked at again, in nanoseconds.
  var receiverPause: Int64 = 500_000
  static let longestReceiverPause: Int64 = 32_000_000
  private let channel: Channel

  init(_ departure: Departure, on channel: Channel, sent: Int = 0) {
    bytes = departure.bytes
    count = departure.count
    flags = departure.flags
    destination = departure.destination
    pace = departure.pace
    passed = departure.passed
    position = sent
    self.channel = channel
  }

  /// However the step ends, the next sender has its turn.
  deinit { channel.endSending(self) }

  /// Where what is offered next ends: at the next multiple of the pace's size, or at the end.
  var nextEnd: Int {
    guard let pace else { return bytes.count }
    return min(bytes.count, (position / pace.size + 1) * pace.size)
  }
}

/// Each piece a segment of its own, with a pause between two.
struct Pace {
  /// Of a piece, in bytes.
  let size: Int
  /// Seconds.
  let every: Double
}

/// What a `send` is to do, before it has done any of it.
struct Departure {
  /// What is still to be offered.
  var bytes: ByteString
  /// What the step gives: what it has gathered counts as sent.
  var count: Int
  var flags: MessageFlags = []
  var destination: SocketAddress?
  var pace: Pace?
  var passed: [Channel] = []
}
