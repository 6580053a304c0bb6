// How bytes leave a channel: offered to the kernel at once, or gathered until it takes them.

import SockLanguage
import SocketCore

extension Channel {
  /// What is gathered is sent without being asked when it is this much, in bytes.
  static let gatheredLimit = 64 * 1024

  /// Offers bytes to the kernel; how many it took.
  func offer(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags = []) -> IOOutcome {
    note(writeOnce(bytes, flags: flags), bytes)
  }

  /// The same with a destination; only a socket can have one.
  func offer(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags, to destination: SocketAddress?) -> IOOutcome {
    guard let destination, let socket else { return offer(bytes, flags: flags) }
    if let faults { return note(faults.write(bytes, flags: flags, to: destination), bytes, to: destination) }
    return note(socket.trySend(bytes, flags: flags, to: destination), bytes, to: destination)
  }

  /// The same with descriptors beside the bytes: a Unix-domain socket's.
  func offer(
    _ bytes: UnsafeRawBufferPointer, flags: MessageFlags, to destination: SocketAddress?, passing descriptors: [Int32]
  ) -> IOOutcome {
    guard let socket else { return .failed(.notSocket) }
    return note(socket.trySend(bytes, flags: flags, passing: descriptors, to: destination), bytes, to: destination)
  }

  @inline(__always)
  private func note(
    _ outcome: IOOutcome, _ bytes: UnsafeRawBufferPointer, to destination: SocketAddress? = nil
  ) -> IOOutcome {
    switch outcome {
    case .done(let count):
      let sent = UnsafeRawBufferPointer(start: bytes.baseAddress, count: min(count, bytes.count))
      Unmanaged.passUnretained(scheduler.transcript)._withUnsafeGuaranteedRef {
        $0.record(.sent, self, sent, with: destination)
      }
      if readiness.isFaulty { faults?.tellNotes() }
    case .wouldBlock: readiness.canWrite = false
    case .end, .failed: break
    }
    return outcome
  }

  /// Whether an offer is worth a try. Nothing tells when a stream that others share takes more: it is asked each time.
  var mayTakeMore: Bool { readiness.canWrite || socket == nil && isShared }

  // MARK: - Whose turn it is

  /// Whether no task is sending on it.
  @inline(__always)
  var isFreeToSend: Bool { writer == nil && outgoing == nil }

  /// Makes it the one that sends. False: another one does, and is to end first.
  func beginSending(_ next: Outgoing) -> Bool {
    if let outgoing { return outgoing.toOpaque() == Unmanaged.passUnretained(next).toOpaque() }
    outgoing = Unmanaged.passUnretained(next)
    return true
  }

  /// Lets the next task send, if this was the one that did.
  func endSending(_ last: Outgoing) {
    guard let outgoing, outgoing.toOpaque() == Unmanaged.passUnretained(last).toOpaque() else { return }
    self.outgoing = nil
    if last.position < last.bytes.count { tls?.abandonWrite() }
    if let next = extras?.senders.first { scheduler.makeReady(next) }
  }

  func gather(_ bytes: UnsafeRawBufferPointer) {
    if output == nil { output = OutputQueue() }
    output?.append(bytes)
    scheduler.markDirty(self)
  }

  /// Writes all that a standard channel has gathered: no task is left that could wait for its reader.
  func writeGathered(_ writer: OutputWriter) {
    guard let output, output.count > 0, !isClosed, outputFailure == nil else { return }
    writer.write(Array(output.bytes), to: outputDescriptor)
    output.removeAll()
  }

  /// Sends of what is gathered as much as fits now. What does not is sent when the kernel says that it takes more;
  /// an error is kept for the next step on the channel.
  func flushWhatFits() {
    guard let output, output.count > 0, !isClosed, readiness.canWrite, writer == nil else { return }
    while output.count > 0 {
      switch offer(output.bytes) {
      case .done(let count): output.drop(count)
      case .wouldBlock:
        do throws(Failure) {
          try scheduler.watch(self, reading: false)
        } catch {
          outputFailure = Errno(rawValue: error.errno)
        }
        return
      case .end: return
      case .failed(let error):
        outputFailure = error
        output.removeAll()
        return
      }
    }
  }
}
