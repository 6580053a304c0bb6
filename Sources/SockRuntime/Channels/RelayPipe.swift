// A pipe of our own, through which the kernel moves bytes from one socket to another without a copy (splice(2)).

import Glibc
import SocketCore

/// Empty when it is taken, and when it is given back.
final class RelayPipe {
  private let reading: Int32
  private let writing: Int32
  /// Bytes that are in it.
  private(set) var count = 0
  /// The process that has made it: a copy of that has no part in what is in it.
  private let process = getpid()
  /// What is asked for at once, in bytes: as much as a user may let a pipe hold without being asked (pipe(7)).
  static let capacity = 1 << 20

  /// Nil: there are no descriptors left, so that bytes are copied.
  init?() {
    var (reading, writing) = (Int32(-1), Int32(-1))
    guard SystemCall.pipe(reading: &reading, writing: &writing) == 0 else { return nil }
    (self.reading, self.writing) = (reading, writing)
    SystemCall.widenPipe(writing, to: Int32(RelayPipe.capacity))
  }

  deinit {
    SystemCall.close(reading)
    SystemCall.close(writing)
  }

  /// Takes what has come on a socket; only into an empty pipe, or a full one could not be told from an empty socket.
  func fill(from socket: Socket) -> IOOutcome {
    let moved = SystemCall.splice(socket.fileDescriptor, to: writing, RelayPipe.capacity)
    if moved > 0 { count += moved }
    return moved == 0 ? .end : outcome(moved)
  }

  /// Gives a socket as much as it takes.
  func drain(to socket: Socket) -> IOOutcome {
    let moved = SystemCall.splice(reading, to: socket.fileDescriptor, count)
    if moved > 0 { count -= moved }
    return outcome(moved)
  }

  /// Takes out what is in it, to be read as anything that has come.
  func read(into space: UnsafeMutableRawBufferPointer) -> IOOutcome {
    guard process == getpid() else { return .end }
    let moved = SystemCall.read(reading, space.baseAddress, min(space.count, count))
    if moved > 0 { count -= moved }
    return outcome(moved)
  }

  private func outcome(_ moved: Int) -> IOOutcome {
    if moved >= 0 { return .done(moved) }
    return moved == -Int(EAGAIN) ? .wouldBlock : .failed(Errno(rawValue: Int32(truncatingIfNeeded: -moved)))
  }
}

/// Pipes that no relay needs now.
struct RelayPipes {
  private var free: [RelayPipe] = []
  private var made: [WeakPipe] = []
  /// More are closed: two descriptors each.
  private static let kept = 16
  /// Where more relays have much to move, the others copy it: descriptors are for connections.
  private static let most = 256

  private struct WeakPipe { weak var pipe: RelayPipe? }

  mutating func take() -> RelayPipe? {
    if let pipe = free.popLast() { return pipe }
    if made.count >= RelayPipes.most { made.removeAll { $0.pipe == nil } }
    guard made.count < RelayPipes.most, let pipe = RelayPipe() else { return nil }
    made.append(WeakPipe(pipe: pipe))
    return pipe
  }

  mutating func give(_ pipe: RelayPipe) {
    if pipe.count == 0, free.count < RelayPipes.kept { free.append(pipe) }
  }
}

extension Channel {
  /// Its bytes come and go as they are, through a connected socket that nothing lies over.
  var isPlainStream: Bool {
    guard case .socket = transport, kind == .stream, let socket else { return false }
    return socket.type == .stream
  }
}
