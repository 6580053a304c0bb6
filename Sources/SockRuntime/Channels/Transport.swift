// What carries a channel's bytes: each kind of it is read and written in its own way, and known here alone.

import SockLanguage
import SocketCore

enum Transport {
  /// A socket's bytes or datagrams, straight from and to the kernel. The channel owns it.
  case socket(Unmanaged<Socket>)
  /// The ends of two pipes, non-blocking: a process's standard streams.
  case pipes
  /// One of our own standard streams: other processes share it, so it stays blocking, and is asked before each call.
  case standard
  /// Standard output or error of a test, which go to its log: the descriptors are those of a process that runs many.
  case log(OutputWriter)
}

extension Channel {
  /// Reads once, without waiting.
  @inline(__always)
  func readOnce(into space: UnsafeMutableRawBufferPointer) -> IOOutcome {
    if case .socket(let socket) = transport { return socket._withUnsafeGuaranteedRef { $0.tryReceive(into: space) } }
    return readOther(into: space)
  }

  private func readOther(into space: UnsafeMutableRawBufferPointer) -> IOOutcome {
    guard case .standard = transport else { return StandardStream.tryRead(inputDescriptor, space) }
    let ready = SystemCall.poll(inputDescriptor, reading: true, writing: false, timeoutNanoseconds: 0)
    if ready == 0 || ready == -Errno.interrupted.rawValue { return .wouldBlock }
    return StandardStream.tryRead(inputDescriptor, space)
  }

  /// Writes once, without waiting: how many of the bytes were taken.
  /// - Parameter flags: for sockets alone.
  @inline(__always)
  func writeOnce(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags) -> IOOutcome {
    if case .socket(let socket) = transport {
      return socket._withUnsafeGuaranteedRef { $0.trySend(bytes, flags: flags) }
    }
    return writeOther(bytes)
  }

  private func writeOther(_ bytes: UnsafeRawBufferPointer) -> IOOutcome {
    switch transport {
    case .socket, .pipes: return StandardStream.tryWrite(outputDescriptor, bytes)
    case .standard: return StandardStream.tryWriteNow(outputDescriptor, bytes)
    case .log(let log):
      if let failure = log.write(bytes) { return .failed(Errno(rawValue: failure.errno)) }
      return .done(bytes.count)
    }
  }

  /// Whether other processes share its descriptors.
  var isShared: Bool {
    switch transport {
    case .standard, .log: true
    case .socket, .pipes: false
    }
  }
}
