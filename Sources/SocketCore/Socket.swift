// A socket and the calls on it that do not block.
import CSocketCore
import Glibc
import Synchronization

/// A socket: IO::Socket's object for Swift.
///
/// The descriptor is non-blocking and close-on-exec from its birth, and closed with its object. The `try…` calls
/// and `startConnect` never wait, so that an event loop can own many sockets (see `Poller`); `BlockingSocket.swift`
/// has their counterparts that wait until a deadline. An object belongs to one thread at a time.
public final class Socket {
  /// The descriptor; -1 once closed.
  public var fileDescriptor: Int32 { descriptor }
  /// Private, so that the compiler sees that no two accesses overlap and leaves out the check at run time.
  private var descriptor: Int32

  /// Known for accepted and adopted sockets too.
  public let domain: SocketDomain
  /// The second argument of socket(2).
  public let type: SocketType
  /// The `IPPROTO_…` number that the kernel chose or was given; 0 for Unix-domain sockets.
  public let protocolNumber: Int32

  /// Whether it is a stream of TCP, over one path or several (MPTCP).
  public var isTCP: Bool {
    type == .stream && (protocolNumber == CSYS_IPPROTO_TCP || protocolNumber == CSYS_IPPROTO_MPTCP)
  }

  /// Whether its addresses have hosts and no ports: raw sockets of IP, and those of ICMP's echoes.
  public var hasNoPorts: Bool {
    (domain == .inet || domain == .inet6)
      && (type == .raw || protocolNumber == CSYS_IPPROTO_ICMP || protocolNumber == CSYS_IPPROTO_ICMPV6)
  }

  /// Of a packet socket the frames that it has, 3 for all, as bind(2) or socket(2) was told; nil for others.
  public var etherType: UInt16? {
    if domain != .packet { return nil }
    if let bound = localName?.frame?.etherType, bound != 0 { return bound }
    return UInt16(truncatingIfNeeded: protocolNumber)
  }

  /// Whether another descriptor, of this process or of one that it was started by, may stand for the same socket. A
  /// poller does not forget such a one when it is closed: it is to be taken out first (`Poller.remove`).
  public internal(set) var mayBeShared = false

  /// Whether O_NONBLOCK may be off, because it belongs to somebody else as well. Sends and receives do not wait all the
  /// same; `tryAccept` and `startConnect` see to it that they do not.
  var mayBlock = false
  /// What has come beside bytes (SCM_RIGHTS), and was not taken.
  var receivedDescriptors = ReceivedDescriptors()
  /// Whether the last receive has brought descriptors: of a stream it has stopped behind them then, and more may wait.
  /// Unchecked: it is set and read between calls, never within one, and the check costs 400 instructions a receive.
  @exclusivity(unchecked) public internal(set) var hasStoppedAtDescriptors = false

  /// What `listen` was given; 0 before it, and for an adopted socket.
  public private(set) var backlog: Int32 = 0

  private var cachedPeer: SocketAddress?
  private var cachedLocal: SocketAddress?
  /// Whether `cachedPeer` is a datagram's sender or receiver, so that plain sends go to it.
  private var peerIsCorrespondent = false
  /// Whether a call reported ECONNRESET. The kernel tells it once and then shows the end of the stream instead.
  private var wasReset = false
  /// What is told of datagrams that arrive; nil for a socket that was not asked.
  var arrivals: Arrivals?

  // MARK: Making sockets

  init(owning fd: Int32, _ domain: SocketDomain, _ type: SocketType, _ protocolNumber: Int32) {
    descriptor = fd
    self.domain = domain
    self.type = type
    self.protocolNumber = protocolNumber
  }

  /// socket(2). Protocol 0 is the domain's usual one for the type.
  public init(domain: SocketDomain, type: SocketType = .stream, protocol number: Int32 = 0) throws(Errno) {
    // Of a link the protocol is an EtherType, in network byte order.
    let given = domain == .packet ? Int32(UInt16(truncatingIfNeeded: number).bigEndian) : number
    let fd = SystemCall.socket(domain: domain.rawValue, type: type.rawValue, protocolNumber: given)
    if let error = Errno(result: fd) { throw error }
    descriptor = fd
    self.domain = domain
    self.type = type
    protocolNumber = number != 0 ? number : Self.usualProtocol(domain, type)
  }

  /// The protocol that 0 stands for, so that nobody has to ask the kernel (`SO_PROTOCOL`) for each new socket.
  private static func usualProtocol(_ domain: SocketDomain, _ type: SocketType) -> Int32 {
    switch (domain, type) {
    case (.inet, .stream), (.inet6, .stream): CSYS_IPPROTO_TCP
    case (.inet, .dgram), (.inet6, .dgram): CSYS_IPPROTO_UDP
    default: 0
    }
  }

  /// Takes over a descriptor, such as one inherited from the parent process: it becomes non-blocking and
  /// close-on-exec, is asked for its domain, type and protocol, and is closed with the object.
  ///
  /// Throws ENOTSOCK for what is no socket and EBADF for what is not open; the descriptor stays the caller's then.
  public convenience init(adopting fd: Int32) throws(Errno) {
    try self.init(asking: fd)
    DescriptorOwners.opened(fd)
  }

  /// A descriptor of ours that is asked what it is.
  private convenience init(asking fd: Int32) throws(Errno) {
    try self.init(knowing: fd)
    do throws(Errno) {
      if let error = Errno(result: SystemCall.setNonblocking(fd, true)) { throw error }
      if let error = Errno(result: SystemCall.setCloseOnExec(fd)) { throw error }
    } catch {
      // It stays the caller's.
      descriptor = -1
      throw error
    }
  }

  /// The same, which stays as it is. One that is connected is asked for its peer first, which tells the domain too.
  convenience init(knowing fd: Int32) throws(Errno) {
    var peer: SocketAddress?
    if case .success(let name) = SocketAddress.filled(by: { SystemCall.getpeername(fd, $0, &$1) }) { peer = name }
    let domain: SocketDomain
    if let peer { domain = peer.domain } else { domain = SocketDomain(rawValue: try Self.integer(of: fd, SO_DOMAIN)) }
    let type = SocketType(rawValue: try Self.integer(of: fd, SO_TYPE))
    self.init(owning: fd, domain, type, domain == .unix ? 0 : try Self.integer(of: fd, SO_PROTOCOL))
    cachedPeer = peer
  }

  /// Whether it is connected, as far as that is known without asking the kernel.
  package var isKnownConnected: Bool { cachedPeer != nil && !peerIsCorrespondent }

  private static let inheriting = Mutex(())

  /// Takes over a descriptor that this process was started with, once. The standard streams' stay what they are: of
  /// them the socket has a duplicate.
  ///
  /// Throws EBADF also for one that is open, but was not inherited, or was taken over before: all that this process
  /// opens is close-on-exec, and what was inherited is not. Throws ENOTSOCK for what is no socket.
  public static func inherited(_ fd: Int32) throws(Errno) -> sending Socket {
    try inheriting.withLock { (_: inout Void) throws(Errno) -> Socket in
      let isOurs = SystemCall.getCloseOnExec(fd)
      if let error = Errno(result: isOurs) { throw error }
      if isOurs == 1 { throw .badFileDescriptor }
      if fd > StandardStream.error {
        let socket = try Socket(adopting: fd)
        socket.mayBeShared = true
        return socket
      }
      _ = try integer(of: fd, SO_TYPE)
      let copy = SystemCall.duplicate(fd)
      if let error = Errno(result: copy) { throw error }
      do throws(Errno) {
        let socket = try Socket(asking: copy)
        socket.mayBeShared = true
        return socket
      } catch {
        SystemCall.close(copy)
        throw error
      }
    }
  }

  /// Another object, with a descriptor of its own, for the same socket: what one does to it the other sees, and it is
  /// there until both are closed.
  public func duplicate() throws(Errno) -> sending Socket {
    let fd = SystemCall.duplicate(descriptor)
    if let error = Errno(result: fd) { throw error }
    let other = Socket(owning: fd, domain, type, protocolNumber)
    (other.backlog, other.cachedPeer, other.cachedLocal) = (backlog, cachedPeer, cachedLocal)
    (other.peerIsCorrespondent, other.wasReset) = (peerIsCorrespondent, wasReset)
    if arrivals != nil { other.arrivals = Arrivals() }
    (mayBeShared, other.mayBeShared, other.mayBlock) = (true, true, mayBlock)
    return other
  }

  private static func integer(of fd: Int32, _ name: Int32) throws(Errno) -> Int32 {
    var value: Int32 = 0
    var length = UInt32(MemoryLayout<Int32>.size)
    let result = SystemCall.getsockopt(fd, level: SOL_SOCKET, name: name, &value, &length)
    if let error = Errno(result: result) { throw error }
    return value
  }

  /// socketpair(2): two connected Unix-domain sockets.
  public static func pair(type: SocketType = .stream) throws(Errno) -> sending (Socket, Socket) {
    var (first, second): (Int32, Int32) = (-1, -1)
    let result = SystemCall.socketpair(
      domain: CSYS_AF_UNIX, type: type.rawValue, protocolNumber: 0, &first, &second)
    if let error = Errno(result: result) { throw error }
    return (Socket(owning: first, .unix, type, 0), Socket(owning: second, .unix, type, 0))
  }

  deinit {
    receivedDescriptors.close()
    if descriptor >= 0 { SystemCall.close(descriptor) }
  }

  // MARK: Naming and connecting

  /// bind(2).
  public func bind(_ address: SocketAddress) throws(Errno) {
    cachedLocal = nil
    let result = address.withRawSockaddr { SystemCall.bind(descriptor, $0, $1) }
    if let error = Errno(result: result) { throw error }
  }

  /// listen(2). The kernel cuts a larger backlog to its own limit; by default it is SOMAXCONN.
  public func listen(backlog: Int32 = CSYS_SOMAXCONN) throws(Errno) {
    cachedLocal = nil
    if let error = Errno(result: SystemCall.listen(descriptor, backlog: backlog)) { throw error }
    self.backlog = backlog
  }

  /// connect(2). A datagram socket is connected at once: it sends to that address and hears nobody else.
  public func startConnect(to address: SocketAddress) -> ConnectOutcome {
    if let error = becomeNonblocking() { return .failed(error) }
    cachedLocal = nil
    // Whom one speaks to should be known after a reset too, when the kernel has forgotten it. A Unix-domain peer may
    // have bound another path to the same file, and only the kernel knows whom a wildcard reaches.
    cachedPeer = address.family == .unix || address.isWildcard ? nil : address
    peerIsCorrespondent = false
    wasReset = false
    let result = address.withRawSockaddr { SystemCall.connect(descriptor, $0, $1) }
    guard let error = Errno(result: result) else { return refusalOfItself().map { .failed($0) } ?? .connected }
    switch error {
    case .nowInProgress, .alreadyInProcess, .interrupted: return .inProgress
    default:
      cachedPeer = nil
      return .failed(error)
    }
  }

  /// How a connection that was in progress came out: nil when it stands, EINPROGRESS while it is still being made.
  ///
  /// A stream socket that has connected to itself has found nobody: ECONNREFUSED, and it can be connected anew. The
  /// kernel lets that happen where nobody listens on a port that it gives out to those who connect.
  ///
  /// One that stood and was reset before this call counts as made; the next receive or send tells of the reset. So the
  /// result does not depend on which of two processes was faster.
  public func finishConnect() -> Errno? {
    guard case .failure(let noPeer) = kernelPeer() else { return refusalOfItself() }
    if let error = takeError() {
      // The kernel says ECONNREFUSED when a reset answers our SYN: these two come only to a connection that stood.
      if error == .connectionReset || error == .brokenPipe { return nil }
      cachedPeer = nil
      return error
    }
    if noPeer != .socketNotConnected { return noPeer }
    return wasReset ? nil : .nowInProgress
  }

  /// Undoes a connection whose two ends are one. Nil: it is none, or is no stream of IP.
  private func refusalOfItself() -> Errno? {
    guard type == .stream, domain == .inet || domain == .inet6 else { return nil }
    switch kernelName() {
    case .failure(let error): return error
    case .success(let name):
      cachedLocal = name
      if name == nil || peerName != name { return nil }
    }
    var unspecified = sockaddr()
    unspecified.sa_family = UInt16(CSYS_AF_UNSPEC)
    let length = UInt32(MemoryLayout<sockaddr>.size)
    // The only error would be that there is no connection any more.
    _ = withUnsafeBytes(of: &unspecified) { bytes in
      bytes.baseAddress.map { SystemCall.connect(descriptor, $0, length) }
    }
    (cachedPeer, cachedLocal) = (nil, nil)
    return .connectionRefused
  }

  /// The error that waits in the socket (SO_ERROR), which is cleared; nil when there is none.
  public func takeError() -> Errno? {
    do {
      let number = try Self.integer(of: descriptor, SO_ERROR)
      return number == 0 ? nil : noticing(Errno(rawValue: number))
    } catch {
      return error
    }
  }

  /// accept4(2). Connections that broke while they waited in the queue, and errors of the network that accept(2)
  /// tells to treat like EAGAIN, are passed over.
  public func tryAccept() -> sending AcceptOutcome {
    if mayBlock { return whileNonblocking { acceptNext() } }
    return acceptNext()
  }

  private func acceptNext() -> sending AcceptOutcome {
    var fd: Int32 = -1
    // A listener hands over one pending connection per failure; the bound is for a kernel that does not.
    for _ in 0..<1024 {
      let filled = SocketAddress.filled { address, length in
        fd = SystemCall.accept(descriptor, address, &length)
        return fd
      }
      switch filled {
      case .success(let peer):
        let socket = Socket(owning: fd, domain, type, protocolOfAccepted(fd))
        socket.cachedPeer = peer
        return .connection(socket)
      case .failure(.wouldBlock): return .wouldBlock
      case .failure(let error):
        switch error {
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory:
          return .descriptorsExhausted(error)
        case .connectionAborted, .protocolError, .networkDown, .hostIsDown, .noRouteToHost, .networkUnreachable,
          .noProtocolOption, Errno(rawValue: ENONET):
          continue
        default:
          return .failed(error)
        }
      }
    }
    return .wouldBlock
  }

  /// The listener's, but for one of MPTCP: a client that speaks TCP alone has a connection of TCP.
  private func protocolOfAccepted(_ fd: Int32) -> Int32 {
    guard protocolNumber == CSYS_IPPROTO_MPTCP else { return protocolNumber }
    do {
      return try Self.integer(of: fd, SO_PROTOCOL)
    } catch {
      return protocolNumber
    }
  }

  // MARK: Bytes

  /// recv(2): what is there, at most as much as the buffer holds; of a datagram, the rest is lost.
  ///
  /// Leaves a datagram socket's cached peer alone; see `tryReceiveFrom`.
  public func tryReceive(into buffer: UnsafeMutableRawBufferPointer, flags: MessageFlags = []) -> IOOutcome {
    if case .unix = domain { return receiveBeside(buffer, flags, wantsSender: false).outcome }
    let count = SystemCall.recv(
      descriptor, buffer.baseAddress, buffer.count, flags: flags.rawValue | CSYS_MSG_DONTWAIT)
    return receiveOutcome(count, isEmptyBuffer: buffer.isEmpty)
  }

  /// recvmsg(2): like `tryReceive`, with the sender's address and whether the datagram was longer than the buffer.
  ///
  /// The sender of a datagram becomes the cached peer, as by `answer`, unless that is left to the caller. A stream has
  /// no sender, and neither has a datagram from a socket without an address.
  public func tryReceiveFrom(
    into buffer: UnsafeMutableRawBufferPointer, flags: MessageFlags = [], answers: Bool = true
  ) -> (outcome: IOOutcome, sender: SocketAddress?, isTruncated: Bool) {
    if case .unix = domain {
      let received = receiveBeside(buffer, flags, wantsSender: true)
      if case .done = received.outcome, answers { answer(received.sender) }
      return received
    }
    var count = 0
    var receivedFlags: Int32 = 0
    let filled = SocketAddress.filled { address, length in
      if let arrivals {
        count = receive(into: buffer, flags, address, &length, &receivedFlags, noting: arrivals)
      } else {
        count = SystemCall.recvmsg(
          descriptor, buffer.baseAddress, buffer.count, flags: flags.rawValue | CSYS_MSG_DONTWAIT,
          address, &length, &receivedFlags)
      }
      return count < 0 ? Int32(truncatingIfNeeded: count) : 0
    }
    let outcome = receiveOutcome(count, isEmptyBuffer: buffer.isEmpty)
    guard case .done = outcome, case .success(let sender) = filled else { return (outcome, nil, false) }
    if answers { answer(sender) }
    return (outcome, sender, receivedFlags & CSYS_MSG_TRUNC != 0)
  }

  /// Makes a datagram's sender the cached peer: `peerName` gives it, and a send without a destination goes to it.
  ///
  /// One without an address cannot be answered, and nobody else is: such a send then goes to whom the socket is
  /// connected to, or fails with EDESTADDRREQ.
  public func answer(_ sender: SocketAddress?) {
    guard type.isDatagram else { return }
    arrivals?.take()
    cachedPeer = sender?.path?.isEmpty == true ? nil : sender
    peerIsCorrespondent = cachedPeer != nil
  }

  /// How long the packet or datagram is that waits at the front, in bytes; nil where none is known to wait. Only
  /// the Unix domain and links have some that are longer than 64 KiB.
  public var nextPacketLength: Int? {
    let length = SystemCall.recv(descriptor, nil, 0, flags: CSYS_MSG_PEEK | CSYS_MSG_TRUNC | CSYS_MSG_DONTWAIT)
    return length < 0 ? nil : length
  }

  @inline(__always)
  func receiveOutcome(_ count: Int, isEmptyBuffer: Bool) -> IOOutcome {
    if count > 0 { return .done(count) }
    if count == 0, !isEmptyBuffer, type.hasEnd {
      return wasReset ? .failed(.connectionReset) : .end
    }
    return noticing(IOOutcome(result: count))
  }

  /// send(2): what fits now, a datagram whole. Never raises SIGPIPE.
  ///
  /// A datagram goes to the cached peer, if a receive or send has set one, else to whom the socket is connected to;
  /// EDESTADDRREQ when there is nobody.
  public func trySend(_ bytes: UnsafeRawBufferPointer, flags: MessageFlags = []) -> IOOutcome {
    if peerIsCorrespondent, let cachedPeer {
      if let source = arrivals?.source { return sendOnce(bytes, flags, to: cachedPeer, from: source) }
      return sendOnce(bytes, flags, to: cachedPeer)
    }
    let outcome = noticing(
      IOOutcome(
        result: SystemCall.send(
          descriptor, bytes.baseAddress, bytes.count, flags: flags.rawValue | CSYS_MSG_DONTWAIT | CSYS_MSG_NOSIGNAL)))
    // The Unix domain's word for what the others say as it is.
    if case .failed(.socketNotConnected) = outcome, type.isDatagram { return .failed(.addressRequired) }
    return outcome
  }

  /// sendto(2): like `trySend` without a destination, which becomes the cached peer once the send succeeded.
  public func trySend(
    _ bytes: UnsafeRawBufferPointer, flags: MessageFlags = [], to destination: SocketAddress
  ) -> IOOutcome {
    let outcome = sendOnce(bytes, flags, to: destination)
    if case .done = outcome { noteCorrespondent(destination) }
    return outcome
  }

  /// Whom a datagram without a destination goes to.
  var correspondent: SocketAddress? { peerIsCorrespondent ? cachedPeer : nil }

  /// A datagram has been sent there.
  func noteCorrespondent(_ destination: SocketAddress) {
    guard type.isDatagram else { return }
    cachedPeer = destination
    peerIsCorrespondent = true
  }

  private func sendOnce(
    _ bytes: UnsafeRawBufferPointer, _ flags: MessageFlags, to receiver: SocketAddress
  ) -> IOOutcome {
    let result = receiver.withRawSockaddr { address, length in
      SystemCall.sendto(
        descriptor, bytes.baseAddress, bytes.count, flags: flags.rawValue | CSYS_MSG_DONTWAIT | CSYS_MSG_NOSIGNAL,
        address, length)
    }
    return noticing(IOOutcome(result: result))
  }

  /// From the address of ours that the datagram which is answered was sent to.
  private func sendOnce(
    _ bytes: UnsafeRawBufferPointer, _ flags: MessageFlags, to receiver: SocketAddress, from source: SocketAddress
  ) -> IOOutcome {
    let host = source.hostBytes ?? []
    let result = receiver.withRawSockaddr { address, length in
      host.withUnsafeBytes { host in
        guard let start = host.baseAddress else { return -Int(EINVAL) }
        return SystemCall.sendto(
          descriptor, bytes.baseAddress, bytes.count, flags: flags.rawValue | CSYS_MSG_DONTWAIT | CSYS_MSG_NOSIGNAL,
          address, length, family: source.domain.rawValue, from: start)
      }
    }
    return noticing(IOOutcome(result: result))
  }

  /// sendmsg(2): several buffers as if they were one, to whom the socket is connected to. At most 1024 buffers are
  /// looked at (IOV_MAX).
  public func trySend(gathering buffers: [UnsafeRawBufferPointer], flags: MessageFlags = []) -> IOOutcome {
    let vectors = buffers.prefix(1024).map {
      iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
    }
    return vectors.withUnsafeBufferPointer {
      noticing(
        IOOutcome(
          result: SystemCall.sendmsg(
            descriptor, $0, flags: flags.rawValue | CSYS_MSG_DONTWAIT | CSYS_MSG_NOSIGNAL)))
    }
  }

  @inline(__always)
  func noticing(_ outcome: IOOutcome) -> IOOutcome {
    if case .failed(let error) = outcome { return .failed(noticing(error)) }
    return outcome
  }

  /// Remembers a reset, and gives it where the kernel, having told it once, speaks of a broken pipe.
  private func noticing(_ error: Errno) -> Errno {
    if error == .connectionReset { wasReset = true }
    return wasReset && error == .brokenPipe ? .connectionReset : error
  }

  // MARK: Ending

  /// How many bytes were written that the other side has not acknowledged (SIOCOUTQ); 0 where nobody knows. Of a Unix
  /// socket it is the memory that lies in the peer's queue, more than the bytes: 0 when the peer has read all (unix(7)).
  public var unacknowledged: Int {
    var count: Int32 = 0
    return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
  }

  /// shutdown(2); nil when it succeeded.
  public func tryShutdown(_ direction: ShutdownDirection) -> Errno? {
    Errno(result: SystemCall.shutdown(descriptor, direction.rawValue))
  }

  /// close(2). The descriptor is gone even if an error is returned; closing twice does nothing.
  @discardableResult
  public func close() -> Errno? {
    receivedDescriptors.close()
    if descriptor < 0 { return nil }
    defer { descriptor = -1 }
    return Errno(result: SystemCall.close(descriptor))
  }

  /// Closes so that the peer gets a reset: SO_LINGER with zero seconds, then close(2).
  @discardableResult
  public func reset() -> Errno? {
    if descriptor < 0 { return nil }
    var lingerError: Errno?
    do {
      try setLinger(.init(isOn: true, seconds: 0))
    } catch {
      lingerError = error
    }
    return close() ?? lingerError
  }

  /// Sends a reset, and keeps the descriptor: connect(2) to AF_UNSPEC dissolves a connection of TCP.
  @discardableResult
  public func abort() -> Errno? {
    let nobody = [UInt8](repeating: 0, count: 16)
    return Errno(result: nobody.withUnsafeBytes { bytes in
      bytes.baseAddress.map { SystemCall.connect(descriptor, $0, 16) } ?? 0
    })
  }

  /// Gives the descriptor away: it stays open, and the object is as if closed. -1 if it was closed.
  public func release() -> Int32 {
    defer { descriptor = -1 }
    DescriptorOwners.closed(descriptor)
    return descriptor
  }

  // MARK: Names

  /// Whom the socket speaks to: the peer it is connected to, or a datagram socket's last correspondent; nil if there
  /// is none. Remembered, also when the connection has ended; the kernel is asked only where connect or accept did not
  /// tell.
  public var peerName: SocketAddress? {
    if let cachedPeer { return cachedPeer }
    if case .success(let peer) = kernelPeer() { cachedPeer = peer }
    return cachedPeer
  }

  /// The address that the socket is bound to, remembered from when it was first known: after bind, connect, listen or
  /// a datagram socket's first send. Before, the kernel answers with the wildcard address and port 0.
  public var localName: SocketAddress? {
    if let cachedLocal { return cachedLocal }
    guard case .success(let name) = kernelName(), let name else { return nil }
    if name.port != 0, name.path?.isEmpty != true { cachedLocal = name }
    return name
  }

  private func kernelName() -> Result<SocketAddress?, Errno> {
    SocketAddress.filled { SystemCall.getsockname(descriptor, $0, &$1) }
  }

  private func kernelPeer() -> Result<SocketAddress?, Errno> {
    SocketAddress.filled { SystemCall.getpeername(descriptor, $0, &$1) }
  }

  /// Whether the kernel has a peer for the socket. One half of the connection is enough; after a reset there is none.
  public var isConnected: Bool {
    if descriptor < 0 { return false }
    if case .success = kernelPeer() { return true }
    return false
  }

  /// Whether the next byte to be read is at the out-of-band mark; see sockatmark(3).
  public var isAtMark: Bool {
    get throws(Errno) {
      let result = SystemCall.sockatmark(descriptor)
      if let error = Errno(result: result) { throw error }
      return result == 1
    }
  }
}
