// What has come on a channel and waits to be read, also where no step has asked for it yet.

import SocketCore

extension Channel {
  /// How many bytes wait to be read: what is held here, and what the kernel has. Of datagrams those of the next one; of
  /// TLS only what is decrypted, since nobody knows what the rest of it is. 0 where nothing comes.
  var unreadCount: Int {
    guard !isClosed, kind != .listener, kind != .bare else { return 0 }
    if datagram != nil || tls != nil || inputDescriptor < 0 { return input.count }
    return input.count + SystemCall.readableCount(inputDescriptor)
  }

  /// Takes what the kernel has into the channel's own buffer, where it stays until a step reads it: up to `limit`
  /// bytes, or the next datagram. Nothing where a task waits for it, or where more may not be held.
  func takeWhatWaits(_ limits: RunLimits, upTo limit: Int) {
    guard isOpen, reader == nil, kind != .listener, kind != .bare, inputDescriptor >= 0, extras?.headerReader == nil
    else { return }
    // Nobody may have been told of it.
    readiness.canRead = true
    while !hasEnded, datagram == nil, input.count < min(limit, limits.buffer) {
      do throws(Failure) {
        guard case .something = try fill(limits) else { return }
      } catch {
        // It holds as much as there is room for: the step that reads says so.
        return
      }
    }
  }
}
