// Descriptors that go from process to process: beside the bytes of a Unix-domain socket (SCM_RIGHTS, unix(7)), and to a
// program that is started with them. And who is at the other end (SO_PEERCRED).
import CSocketCore
import Glibc

/// Descriptors that have come with what was received, and that nobody has taken yet.
struct ReceivedDescriptors {
  private var descriptors: [Int32] = []
  /// Some have come that there was no room for: the system has closed them.
  private var haveBeenLost = false

  /// More than this many are not kept for somebody to take.
  private static let most = 1024

  var areSome: Bool { !descriptors.isEmpty || haveBeenLost }

  mutating func add(_ more: UnsafeBufferPointer<Int32>, areCut: Bool) {
    if areCut { haveBeenLost = true }
    for descriptor in more {
      if descriptors.count < ReceivedDescriptors.most {
        descriptors.append(descriptor)
      } else {
        SystemCall.close(descriptor)
        haveBeenLost = true
      }
    }
  }

  mutating func take() -> (descriptors: [Int32], haveBeenLost: Bool) {
    defer { (descriptors, haveBeenLost) = ([], false) }
    return (descriptors, haveBeenLost)
  }

  mutating func close() {
    guard !descriptors.isEmpty else { return }
    for descriptor in take().descriptors { SystemCall.close(descriptor) }
  }
}

extension Socket {
  /// How many descriptors one send can have beside its bytes (the kernel's SCM_MAX_FD).
  public static let mostDescriptors = Int(CSYS_MAXIMUM_DESCRIPTORS)

  // MARK: Sending and receiving

  /// sendmsg(2) with descriptors, at most `mostDescriptors`, which stay the caller's. Only a Unix-domain socket can
  /// (else EINVAL, or they are left out); they need a byte at least to go with, unless it is a datagram's. Otherwise
  /// like `trySend`.
  public func trySend(
    _ bytes: UnsafeRawBufferPointer, flags: MessageFlags = [], passing descriptors: [Int32],
    to destination: SocketAddress? = nil
  ) -> IOOutcome {
    let flags = flags.rawValue | CSYS_MSG_DONTWAIT | CSYS_MSG_NOSIGNAL
    func send(_ address: UnsafeRawPointer?, _ length: UInt32) -> Int {
      SystemCall.sendDescriptors(
        fileDescriptor, bytes.baseAddress, bytes.count, flags: flags, address, length, descriptors)
    }
    let receiver = destination ?? correspondent
    let outcome = noticing(
      IOOutcome(result: receiver.map { $0.withRawSockaddr { send($0, $1) } } ?? send(nil, 0)))
    if case .done = outcome, let destination { noteCorrespondent(destination) }
    if case .failed(.socketNotConnected) = outcome, type.isDatagram { return .failed(.addressRequired) }
    return outcome
  }

  /// A receive of the Unix domain: what comes beside the bytes is kept in `receivedDescriptors`.
  func receiveBeside(
    _ buffer: UnsafeMutableRawBufferPointer, _ flags: MessageFlags, wantsSender: Bool
  ) -> (outcome: IOOutcome, sender: SocketAddress?, isTruncated: Bool) {
    var receivedFlags: Int32 = 0
    var sender: SocketAddress?
    let count = withUnsafeTemporaryAllocation(of: Int32.self, capacity: Socket.mostDescriptors) { room in
      guard let base = room.baseAddress else { return -Int(Errno.noMemory.rawValue) }
      var arrived: Int32 = 0
      var count = 0
      if wantsSender {
        let filled = SocketAddress.filled { address, length in
          count = receive(buffer, flags, address, &length, &receivedFlags, base, &arrived)
          return count < 0 ? Int32(truncatingIfNeeded: count) : 0
        }
        if case .success(let name) = filled { sender = name }
      } else {
        var none: UInt32 = 0
        count = receive(buffer, flags, nil, &none, &receivedFlags, base, &arrived)
      }
      let areCut = receivedFlags & CSYS_MSG_CTRUNC != 0
      hasStoppedAtDescriptors = arrived > 0 || areCut
      guard arrived > 0 || areCut else { return count }
      let descriptors = UnsafeBufferPointer(start: base, count: Int(arrived))
      if flags.contains(.peek) {
        // Only copies: they come once more with the bytes.
        for descriptor in descriptors { SystemCall.close(descriptor) }
      } else {
        receivedDescriptors.add(descriptors, areCut: areCut)
      }
      return count
    }
    let outcome = receiveOutcome(count, isEmptyBuffer: buffer.isEmpty)
    guard case .done = outcome else { return (outcome, nil, false) }
    return (outcome, sender, receivedFlags & CSYS_MSG_TRUNC != 0)
  }

  /// The call itself. Nothing here is caught by a closure: what is would be allocated for each receive.
  private func receive(
    _ buffer: UnsafeMutableRawBufferPointer, _ flags: MessageFlags, _ address: UnsafeMutableRawPointer?,
    _ length: inout UInt32, _ receivedFlags: inout Int32, _ room: UnsafeMutablePointer<Int32>, _ arrived: inout Int32
  ) -> Int {
    let callFlags = flags.rawValue | CSYS_MSG_DONTWAIT
    guard let arrivals else {
      return SystemCall.receiveDescriptors(
        fileDescriptor, buffer.baseAddress, buffer.count, flags: callFlags, address, &length, &receivedFlags, room,
        &arrived, nil)
    }
    var told = csys_arrival()
    let count = SystemCall.receiveDescriptors(
      fileDescriptor, buffer.baseAddress, buffer.count, flags: callFlags, address, &length, &receivedFlags, room,
      &arrived, &told)
    if count >= 0 { arrivals.received = Arrival(told, port: 0) }
    return count
  }

  /// Takes what has come beside the bytes that were received: close-on-exec, and the caller's to close.
  /// `haveBeenLost` says that more came than there was a free number for.
  public func takeDescriptors() -> (descriptors: [Int32], haveBeenLost: Bool) {
    receivedDescriptors.areSome ? receivedDescriptors.take() : ([], false)
  }

  /// A socket that somebody else may use too, from a descriptor that `takeDescriptors` has given: whether it blocks
  /// stays as it is.
  ///
  /// Throws ENOTSOCK for what is no socket; the descriptor stays the caller's then.
  public static func received(_ fd: Int32) throws(Errno) -> Socket {
    let socket = try Socket(knowing: fd)
    (socket.mayBlock, socket.mayBeShared) = (true, true)
    return socket
  }

  // MARK: Whom it is shared with

  /// Clears O_NONBLOCK for another process that is going to use the socket too, and does not expect it.
  public func becomeShared() throws(Errno) {
    mayBeShared = true
    if mayBlock { return }
    if let error = Errno(result: SystemCall.setNonblocking(fileDescriptor, false)) { throw error }
    mayBlock = true
  }

  func becomeNonblocking() -> Errno? {
    guard mayBlock else { return nil }
    mayBlock = false
    return Errno(result: SystemCall.setNonblocking(fileDescriptor, true))
  }

  /// Accepts on a socket for which another process may wait in accept(2): it does not block only where there is a
  /// connection to take, and for no longer than that takes.
  func whileNonblocking(_ accept: () -> sending AcceptOutcome) -> sending AcceptOutcome {
    let isThere = SystemCall.poll(fileDescriptor, reading: true, writing: false, timeoutNanoseconds: 0)
    guard isThere > 0 else { return .wouldBlock }
    let before = SystemCall.getNonblocking(fileDescriptor)
    if let error = Errno(result: before) { return .failed(error) }
    if before == 1 { return accept() }
    if let error = Errno(result: SystemCall.setNonblocking(fileDescriptor, true)) { return .failed(error) }
    defer { _ = SystemCall.setNonblocking(fileDescriptor, false) }
    return accept()
  }

  // MARK: Who is there

  /// The process at the other end of a Unix-domain connection, as it was when that was made.
  public struct Credentials: Hashable, Sendable {
    /// 0 for one of another namespace, which has no number here.
    public let pid: Int32
    /// Its effective user id.
    public let user: UInt32
    /// Its effective group id.
    public let group: UInt32
  }

  /// SO_PEERCRED; nil where there is no such connection.
  public var peerCredentials: Credentials? {
    guard case .unix = domain, fileDescriptor >= 0 else { return nil }
    var value = (Int32(0), UInt32.max, UInt32.max)
    var length = UInt32(MemoryLayout.size(ofValue: value))
    let result = SystemCall.getsockopt(fileDescriptor, level: SOL_SOCKET, name: SO_PEERCRED, &value, &length)
    if result < 0 || value.1 == .max { return nil }
    return Credentials(pid: value.0, user: value.1, group: value.2)
  }
}
