// Waiting for many descriptors at once: epoll.
import CSocketCore

/// What a descriptor became ready for.
public struct Readiness: OptionSet, Hashable, Sendable {
  /// The bits of the set; they are not those of epoll(7).
  public let rawValue: UInt8

  /// The set with these bits.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  // Computed and inlinable: constants of another module would each be a call.

  /// There is something to read, a connection to accept, urgent data, or an end.
  @inlinable
  public static var readable: Readiness { Readiness(rawValue: 1) }
  /// There is room to write, or a connection has come about.
  @inlinable
  public static var writable: Readiness { Readiness(rawValue: 2) }
  /// The peer has ended, its half or all (EPOLLRDHUP, EPOLLHUP). What came before can still be read.
  @inlinable
  public static var hangup: Readiness { Readiness(rawValue: 4) }
  /// An error waits in the descriptor (EPOLLERR).
  @inlinable
  public static var error: Readiness { Readiness(rawValue: 8) }
  /// Urgent data is on its way (EPOLLPRI): a receive stops at its mark, though there may be more behind it.
  @inlinable
  public static var urgent: Readiness { Readiness(rawValue: 16) }

  @inline(__always)
  init(events: UInt32) {
    var readiness: Readiness = []
    if events & (CSYS_EPOLLIN | CSYS_EPOLLPRI) != 0 { readiness.insert(.readable) }
    if events & CSYS_EPOLLPRI != 0 { readiness.insert(.urgent) }
    if events & CSYS_EPOLLOUT != 0 { readiness.insert(.writable) }
    if events & (CSYS_EPOLLRDHUP | CSYS_EPOLLHUP) != 0 { readiness.insert(.hangup) }
    if events & CSYS_EPOLLERR != 0 { readiness.insert(.error) }
    self = readiness
  }
}

/// When a descriptor that is ready is reported.
public enum Trigger: Hashable, Sendable {
  /// When it becomes ready: whoever is told must try until the call would block, and whoever waits must have tried
  /// first.
  case edge
  /// At each wait for as long as it is ready: nobody has to try before waiting, but a wait does not sleep until
  /// somebody has done what it is ready for, or it is changed to `edge`.
  case level
}

/// An epoll instance.
///
/// The caller chooses the token that comes back with an event.
/// Let it carry a generation beside an index: events that were collected before a descriptor was closed then do not
/// reach the one that took its number. All but `wake()` belong to one thread.
public final class Poller {
  /// The tokens that the poller keeps for itself.
  private static let wakeToken = UInt64.max

  private let epoll: Int32
  private let wakeEvent: WakeEvent
  private let events: UnsafeMutablePointer<epoll_event>
  private static let capacity: Int32 = 256

  /// Throws EMFILE, ENFILE or ENOMEM when the system has no more to give.
  public init() throws(Errno) {
    let wakeEvent = try WakeEvent()
    let epoll = SystemCall.epollCreate()
    if let error = Errno(result: epoll) { throw error }
    let result = SystemCall.epollControl(
      epoll, CSYS_EPOLL_CTL_ADD, wakeEvent.descriptor, events: CSYS_EPOLLIN | CSYS_EPOLLET, token: Self.wakeToken)
    if let error = Errno(result: result) {
      SystemCall.close(epoll)
      throw error
    }
    self.wakeEvent = wakeEvent
    self.epoll = epoll
    events = .allocate(capacity: Int(Self.capacity))
  }

  deinit {
    SystemCall.close(epoll)
    events.deallocate()
  }

  /// In a copy of the process, where the descriptors still stand for what the first process waits with: gives them new
  /// meanings. Nothing is added any more, and a `ProcessSignals` is to be attached again.
  package func renew() throws(Errno) {
    try wakeEvent.renew()
    let fresh = SystemCall.epollCreate()
    if let error = Errno(result: fresh) ?? Errno(result: SystemCall.move(fresh, to: epoll)) { throw error }
    let result = SystemCall.epollControl(
      epoll, CSYS_EPOLL_CTL_ADD, wakeEvent.descriptor, events: CSYS_EPOLLIN | CSYS_EPOLLET, token: Self.wakeToken)
    if let error = Errno(result: result) { throw error }
  }

  /// Reports `fd` with `token`, which must not be `UInt64.max`, when it is ready. It may be at once.
  ///
  /// Returns EEXIST for a descriptor that is there already, EPERM for a file that is always ready.
  @discardableResult
  public func add(_ fd: Int32, token: UInt64, reading: Bool, writing: Bool, trigger: Trigger = .edge) -> Errno? {
    control(CSYS_EPOLL_CTL_ADD, fd, token, reading, writing, trigger)
  }

  /// Changes what `fd` is reported for, when, and its token. What is ready now is reported again.
  @discardableResult
  public func modify(_ fd: Int32, token: UInt64, reading: Bool, writing: Bool, trigger: Trigger = .edge) -> Errno? {
    control(CSYS_EPOLL_CTL_MOD, fd, token, reading, writing, trigger)
  }

  private func control(
    _ operation: Int32, _ fd: Int32, _ token: UInt64, _ reading: Bool, _ writing: Bool, _ trigger: Trigger
  ) -> Errno? {
    if token == Self.wakeToken { return .invalidArgument }
    let events =
      (trigger == .edge ? CSYS_EPOLLET : 0) | CSYS_EPOLLRDHUP
      | (reading ? CSYS_EPOLLIN | CSYS_EPOLLPRI : 0) | (writing ? CSYS_EPOLLOUT : 0)
    return Errno(result: SystemCall.epollControl(epoll, operation, fd, events: events, token: token))
  }

  /// Forgets `fd`. Closing a descriptor forgets it too, unless it was duplicated.
  @discardableResult
  public func remove(_ fd: Int32) -> Errno? {
    Errno(result: SystemCall.epollControl(epoll, CSYS_EPOLL_CTL_DEL, fd, events: 0, token: 0))
  }

  /// Waits until something is ready, `wake()` is called, a signal comes or the time is over, and calls `body` for
  /// each descriptor that is ready. A negative time-out waits for ever, 0 not at all.
  @discardableResult
  public func wait(timeoutNanoseconds: Int64, _ body: (UInt64, Readiness) -> Void) -> Errno? {
    let count = SystemCall.epollWait(epoll, events, capacity: Self.capacity, timeoutNanoseconds: timeoutNanoseconds)
    if let error = Errno(result: count) { return error == .interrupted ? nil : error }
    for index in 0..<Int(count) {
      let event = events[index]
      // The eventfd is not read: edge-triggered, each write reports it anew.
      if event.data.u64 != Self.wakeToken { body(event.data.u64, Readiness(events: event.events)) }
    }
    return nil
  }

  /// Waits in the same way, and also until `fd`, which was not added, is readable. A descriptor that is waited for
  /// once costs one call so; added, it would cost two. What `fd` is ready for: nothing when something else came first.
  public func wait(
    reading fd: Int32, timeoutNanoseconds: Int64, _ body: (UInt64, Readiness) -> Void
  ) throws(Errno) -> Readiness {
    var events: UInt32 = 0
    let result = SystemCall.poll(fd, &events, beside: epoll, timeoutNanoseconds: timeoutNanoseconds)
    if let error = Errno(result: result) {
      if error == .interrupted { return [] }
      throw error
    }
    if result & 2 != 0, let error = wait(timeoutNanoseconds: 0, body) { throw error }
    return Readiness(events: events)
  }

  /// Makes the wait that runs, or else the next one, return. From the poller's own thread; another thread calls
  /// `waker`'s.
  public func wake() {
    wakeEvent.wake()
  }

  /// What other threads, such as one that looks up names, wake this poller with. It may outlive the poller.
  public var waker: Waker { Waker(event: wakeEvent) }

  /// Lets signals that `ProcessSignals` handles wake this poller.
  func attach(signalDescriptor: Int32) -> Errno? {
    Errno(
      result: SystemCall.epollControl(
        epoll, CSYS_EPOLL_CTL_ADD, signalDescriptor, events: CSYS_EPOLLIN | CSYS_EPOLLET, token: Self.wakeToken))
  }
}

/// Wakes a `Poller` from any thread.
public struct Waker: Sendable {
  fileprivate let event: WakeEvent

  /// Makes the poller's wait return; does nothing when the poller is gone.
  public func wake() {
    event.wake()
  }
}

/// An eventfd: shared by a poller and its wakers, and closed with the last of them.
final class WakeEvent: Sendable {
  let descriptor: Int32

  init() throws(Errno) {
    let descriptor = SystemCall.eventfd()
    if let error = Errno(result: descriptor) { throw error }
    self.descriptor = descriptor
  }

  deinit {
    SystemCall.close(descriptor)
  }

  /// In a copy of the process: wakes nobody in the first one any more.
  func renew() throws(Errno) {
    let fresh = SystemCall.eventfd()
    if let error = Errno(result: fresh) ?? Errno(result: SystemCall.move(fresh, to: descriptor)) { throw error }
  }

  func wake() {
    // The write can only fail when the counter is full, and then a wake-up is due anyhow.
    _ = withUnsafeBytes(of: UInt64(1)) { SystemCall.write(descriptor, $0.baseAddress, $0.count) }
  }
}
