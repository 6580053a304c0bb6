// What another thread finds out, and this one waits for.
import Synchronization

/// A look-up's answer. It may come when nobody waits for it any more.
final class Awaited<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, ResolveError>?>(nil)
  private let event: WakeEvent

  init(_ event: WakeEvent) {
    self.event = event
  }

  func fill(_ answer: Result<Value, ResolveError>) {
    result.withLock { $0 = answer }
    event.wake()
  }

  /// The answer; waits for it until the deadline.
  func value(within deadline: Deadline) throws(SocketError) -> Value {
    while true {
      switch result.withLock({ $0 }) {
      case .success(let value)?: return value
      case .failure(let error)?: throw .resolution(error.reason)
      case nil: break
      }
      let ready = SystemCall.poll(
        event.descriptor, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      if let error = Errno(result: ready), error != .interrupted { throw .system(error) }
      if ready <= 0, deadline.hasPassed { throw .timeout }
    }
  }
}
