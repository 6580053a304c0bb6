// What is known of a channel without asking the kernel.

import SocketCore
import TLS

/// Whether a read or a write is worth a try, and what the poller was told.
struct ChannelReadiness {
  /// Not known to be empty, or full, since the last event.
  var canRead = true
  var canWrite = true
  /// The peer's end, or a hang-up, has been announced: no further event need come.
  var hasHungUp = false
  /// A read of TLS waits until something can be written, or a write until something can be read.
  var isCrossed = false
  /// A read that brings less than it has room for has emptied it: the next byte, or the end, is announced anew. Not so
  /// where reads stop at a packet's end, at the mark of urgent data, or at a terminal's small buffer.
  var emptiesShort = true
  /// Reads stop behind descriptors that come beside the bytes, too: the socket knows whether the last one did.
  var mayStopAtDescriptors = false
  /// Another layer reads, and holds bytes of its own: it knows when all is empty.
  var isLayered = false
  /// Faults lie on it, which are told of what the poller tells.
  var isFaulty = false
  /// It has not been waited for, and may be closed before it has to be in the poller.
  var isNew = false
  /// What an accepted connection says first has not been looked for.
  var isUnread = false

  var isWatchedForReading = false
  var isWatchedForWriting = false
  /// A listener that is reported for as long as connections wait.
  var isLevelTriggered = false

  /// A read has brought `count` bytes, and had room for `room`.
  @inline(__always)
  mutating func noteRead(_ count: Int, room: Int) {
    if count < room, !isLayered { noteEmptied() }
  }

  /// Nothing is left of what the kernel had.
  @inline(__always)
  mutating func noteEmptied() {
    if emptiesShort, !hasHungUp { canRead = false }
  }

  /// The poller that knew it is gone.
  mutating func forgetPoller() {
    (isWatchedForReading, isWatchedForWriting, isLevelTriggered) = (false, false, false)
    (canRead, canWrite) = (true, true)
  }
}

/// How a channel's stream has ended.
enum StreamEnd {
  /// The peer has ended it in good order.
  case eof
  /// That, and a step has given the nil that says so: the next one fails.
  case eofTold
  /// It has ended without the close_notify that TLS says it with: what came may not be all.
  case cut
  /// A reset, or another error of reading.
  case failed(Errno)
  /// TLS has failed: by an alert of the peer, or what came is wrong.
  indirect case broken(TLSError)
}

/// A datagram that has come and is not consumed; its bytes, of which there may be none, are the channel's input.
struct Datagram {
  /// Nil: somebody without an address.
  let sender: SocketAddress?
}
