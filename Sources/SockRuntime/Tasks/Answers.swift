// Answers that cross from a helper thread to the scheduler's.

import SocketCore
import Synchronization

/// Filled once, by another thread.
final class LockedAnswer: Sendable {
  private let box = Mutex<Result<[SocketAddress], ResolveError>?>(nil)
  var value: Result<[SocketAddress], ResolveError>? { box.withLock { $0 } }
  func fill(_ result: Result<[SocketAddress], ResolveError>) { box.withLock { $0 = $0 ?? result } }
}

/// Filled once, by another thread.
final class LockedName: Sendable {
  private let box = Mutex<Result<String, ResolveError>?>(nil)
  var value: Result<String, ResolveError>? { box.withLock { $0 } }
  func fill(_ result: Result<String, ResolveError>) { box.withLock { $0 = $0 ?? result } }
}
