// What carries a channel's bytes: each kind of it is read and written in its own way, and known here alone.

import SockLanguage
import SocketCore

enum Transport {
  /// A socket's bytes or datagrams, straight from and to the kernel. The channel owns it.
  case socket(Unmanaged<Socket>)
  /// The ends of two pipes, non-blocking: a process's standard streams.
  case pipes
  /// Our side of a program's terminal, or a terminal device that a script has opened.
  case terminal(Terminal)
  /// One of our own standard streams: other processes share it, so it stays blocking, and is asked before each call.
  case standard
  /// Standard output or error of a test, which go to its log: the descriptors are those of a process that runs many.
  case log(OutputWriter)
  /// TLS over one of the others.
  case tls(TLSTransport)
  /// Faults over one of the others.
  case faulty(FaultLayer)

  /// - Parameter descriptor: where there is no socket.
  @inline(__always)
  func read(into space: UnsafeMutableRawBufferPointer, _ descriptor: Int32) -> IOOutcome {
    if case .socket(let socket) = self { return socket._withUnsafeGuaranteedRef { $0.tryReceive(into: space) } }
    return readOther(into: space, descriptor)
  }

  private func readOther(into space: UnsafeMutableRawBufferPointer, _ descriptor: Int32) -> IOOutcome {
    switch self {
    case .tls(let tls): return tls.read(into: space)
    case .faulty(let faults): return faults.read(into: space)
    case .terminal(let terminal): return terminal.read(into: space, descriptor)
    case .standard, .log:
      let ready = SystemCall.poll(descriptor, reading: true, writing: false, timeoutNanoseconds: 0)
      if ready == 0 || ready == -Errno.interrupted.rawValue { return .wouldBlock }
      return StandardStream.tryRead(descriptor, space)
    case .socket, .pipes: return StandardStream.tryRead(descriptor, space)
    }
  }

  /// - Parameters:
  ///   - flags: for sockets alone.
  ///   - descriptor: where there is no socket.
  @inline(__always)
  func write(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags, _ descriptor: Int32) -> IOOutcome {
    if case .socket(let socket) = self {
      return socket._withUnsafeGuaranteedRef { $0.trySend(bytes, flags: flags) }
    }
    return writeOther(bytes, flags, descriptor)
  }

  private func writeOther(_ bytes: UnsafeRawBufferPointer, _ flags: MessageFlags, _ descriptor: Int32) -> IOOutcome {
    switch self {
    case .tls(let tls): return tls.write(bytes)
    case .faulty(let faults): return faults.write(bytes, flags: flags)
    case .terminal(let terminal): return terminal.write(bytes, descriptor)
    case .socket, .pipes: return StandardStream.tryWrite(descriptor, bytes)
    case .standard: return StandardStream.tryWriteNow(descriptor, bytes)
    case .log(let log):
      if let failure = log.write(bytes) { return .failed(Errno(rawValue: failure.errno)) }
      return .done(bytes.count)
    }
  }
}

extension Channel {
  /// Reads once, without waiting.
  @inline(__always)
  func readOnce(into space: UnsafeMutableRawBufferPointer) -> IOOutcome {
    if case .socket(let socket) = transport { return socket._withUnsafeGuaranteedRef { $0.tryReceive(into: space) } }
    return readOther(into: space)
  }

  private func readOther(into space: UnsafeMutableRawBufferPointer) -> IOOutcome {
    let outcome = transport.read(into: space, inputDescriptor)
    if let screen = extras?.screen, case .done(let count) = outcome {
      show(UnsafeRawBufferPointer(rebasing: space[..<count]), on: screen)
    }
    return outcome
  }

  /// Writes once, without waiting: how many of the bytes were taken.
  @inline(__always)
  func writeOnce(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags) -> IOOutcome {
    transport.write(bytes, flags: flags, outputDescriptor)
  }

  /// Whether other processes share its descriptors.
  var isShared: Bool {
    switch transport {
    case .standard, .log: true
    case .socket, .pipes, .terminal, .tls, .faulty: false
    }
  }

  /// The terminal that carries its bytes, with no TLS over it.
  var terminal: Terminal? {
    switch transport {
    case .terminal(let terminal): terminal
    case .faulty(let faults): if case .terminal(let terminal) = faults.carrier { terminal } else { nil }
    case .socket, .pipes, .standard, .log, .tls: nil
    }
  }
}
