// The calls on a socket that wait, for as long as a deadline allows.
import CSocketCore

extension Socket {
  // MARK: Making sockets that are ready

  /// A socket bound to `address` that listens (IO::Socket's `Listen`, `LocalAddr`, `ReuseAddr`, `ReusePort`,
  /// `V6Only`).
  ///
  /// - Parameters:
  ///   - address: with port 0 the kernel chooses one, which `localName` tells.
  ///   - type: `.stream` or `.seqpacket`.
  ///   - number: the `IPPROTO_…` number; 0 for the usual one.
  ///   - backlog: how many connections wait to be accepted; the kernel cuts it to its own limit.
  ///   - reuseAddress: whether a port may be bound that connections of a former listener still hold (SO_REUSEADDR).
  ///   - reusePort: whether several sockets may listen there, among which the kernel parts the connections.
  ///   - onlyIPv6: whether an IPv6 socket leaves IPv4 to others; nil: as the system is set up.
  /// - Throws: `.system`, as EADDRINUSE, EACCES or EADDRNOTAVAIL; see bind(2).
  public static func listening(
    at address: SocketAddress, type: SocketType = .stream, protocol number: Int32 = 0,
    backlog: Int32 = CSYS_SOMAXCONN, reuseAddress: Bool = true, reusePort: Bool = false, onlyIPv6: Bool? = nil
  ) throws(SocketError) -> sending Socket {
    do throws(Errno) {
      return try newListener(at: address, type, number, backlog, reuseAddress, reusePort, onlyIPv6)
    } catch {
      throw .system(error)
    }
  }

  private static func newListener(
    at address: SocketAddress, _ type: SocketType, _ number: Int32, _ backlog: Int32, _ reuseAddress: Bool,
    _ reusePort: Bool, _ onlyIPv6: Bool?
  ) throws(Errno) -> sending Socket {
    let socket = try newBound(
      to: address, type, number, reuseAddress && address.family != .unix, reusePort, onlyIPv6)
    try socket.listen(backlog: backlog)
    return socket
  }

  /// Another socket that listens where this one does: the kernel parts the connections between the two (SO_REUSEPORT).
  /// Throws EOPNOTSUPP for a domain without that, as the Unix domain.
  public func listeningBeside() throws(Errno) -> sending Socket {
    guard domain != .unix, let address = localName else { throw .notSupported }
    try setReusePort(true)
    let onlyIPv6 = domain == .inet6 ? try isOnlyIPv6 : nil
    let other = try Socket.newListener(
      at: address, type, protocolNumber, backlog > 0 ? backlog : CSYS_SOMAXCONN, true, true, onlyIPv6)
    if isTCP {
      try other.setNoDelay(try integerOption(level: CSYS_IPPROTO_TCP, name: TCP_NODELAY) != 0)
    }
    return other
  }

  /// Keeps its descriptor's number and is `other` from now on, which is closed.
  public func become(_ other: Socket) throws(Errno) {
    let moved = other.release()
    DescriptorOwners.opened(moved)
    if let error = Errno(result: SystemCall.move(moved, to: fileDescriptor)) { throw error }
  }

  /// A socket bound to `address`; of type `.dgram`, ready to receive. The parameters are those of `listening`.
  ///
  /// - Throws: `.system`, as EADDRINUSE; see bind(2).
  public static func bound(
    to address: SocketAddress, type: SocketType = .dgram, protocol number: Int32 = 0, reuseAddress: Bool = false,
    reusePort: Bool = false, onlyIPv6: Bool? = nil
  ) throws(SocketError) -> sending Socket {
    do throws(Errno) {
      return try newBound(to: address, type, number, reuseAddress, reusePort, onlyIPv6)
    } catch {
      throw .system(error)
    }
  }

  private static func newBound(
    to address: SocketAddress, _ type: SocketType, _ number: Int32, _ reuseAddress: Bool, _ reusePort: Bool,
    _ onlyIPv6: Bool?
  ) throws(Errno) -> sending Socket {
    let socket = try Socket(domain: address.domain, type: type, protocol: number)
    if reuseAddress { try socket.setReuseAddress(true) }
    if reusePort { try socket.setReusePort(true) }
    if let onlyIPv6, address.family == .inet6 { try socket.setOnlyIPv6(onlyIPv6) }
    try socket.bind(address)
    return socket
  }

  /// A socket connected to the first of `addresses` that accepts, tried in order within the one deadline (IO::Socket's
  /// `MultiHomed`). Each but the last may use its equal share of the time that is left, so that one which keeps silent
  /// leaves some for the others. When none accepts, throws the last one's error; EINVAL when there are none.
  public static func connected(
    toFirstOf addresses: [SocketAddress], type: SocketType = .stream, from local: SocketAddress? = nil,
    within deadline: Deadline = .never
  ) throws(SocketError) -> sending Socket {
    var lastError = SocketError.system(.invalidArgument)
    for (index, address) in addresses.enumerated() {
      do throws(SocketError) {
        let socket = try Self.unconnected(address.domain, type, local)
        try socket.connect(to: address, within: deadline.share(ofOneIn: addresses.count - index))
        return socket
      } catch {
        lastError = error
        if deadline.hasPassed { break }
      }
    }
    throw lastError
  }

  private static func unconnected(
    _ domain: SocketDomain, _ type: SocketType, _ local: SocketAddress?
  ) throws(SocketError) -> sending Socket {
    do throws(Errno) {
      let socket = try Socket(domain: domain, type: type)
      if let local { try socket.bind(local) }
      return socket
    } catch {
      throw .system(error)
    }
  }

  // MARK: Waiting

  /// Waits until the socket is readable or writable, as asked, has ended or has an error.
  public func wait(reading: Bool, writing: Bool, within deadline: Deadline) throws(SocketError) {
    // poll(2) ignores a negative descriptor, and would wait for ever.
    if fileDescriptor < 0 { throw .system(.badFileDescriptor) }
    while true {
      let result = SystemCall.poll(
        fileDescriptor, reading: reading, writing: writing, timeoutNanoseconds: deadline.pollTimeout)
      if result > 0 { return }
      if let error = Errno(result: result), error != .interrupted { throw .system(error) }
      if deadline.hasPassed { throw .timeout }
    }
  }

  /// connect(2). After a time-out the connection may still come about: close the socket.
  public func connect(to address: SocketAddress, within deadline: Deadline = .never) throws(SocketError) {
    while true {
      switch startConnect(to: address) {
      case .connected: return
      case .inProgress:
        while true {
          try wait(reading: false, writing: true, within: deadline)
          guard let error = finishConnect() else { return }
          if error != .nowInProgress { throw .system(error) }
        }
      case .failed(.wouldBlock):
        // A Unix listener's queue is full, and the kernel has no event for when it no longer is.
        if deadline.hasPassed { throw .timeout }
        let pause = min(deadline.remainingNanoseconds ?? .max, 2_000_000)
        _ = SystemCall.poll(-1, reading: false, writing: false, timeoutNanoseconds: pause)
      case .failed(let error): throw .system(error)
      }
    }
  }

  /// accept(2). Throws EMFILE or its like when there is no descriptor left; the connection stays in the queue then.
  public func accept(within deadline: Deadline = .never) throws(SocketError) -> sending Socket {
    while true {
      switch tryAccept() {
      case .connection(let socket): return socket
      case .wouldBlock: try wait(reading: true, writing: false, within: deadline)
      case .descriptorsExhausted(let error), .failed(let error): throw .system(error)
      }
    }
  }

  /// The most bytes that one receive makes room for.
  private static let largestReceive = 1 << 20

  /// At least 1 and at most `count` bytes (and at most 1 MiB), or one datagram cut to `count`; nil at the end of the
  /// stream.
  public func receive(
    atMost count: Int, flags: MessageFlags = [], within deadline: Deadline = .never
  ) throws(SocketError) -> [UInt8]? {
    try receiveFrom(atMost: count, flags: flags, within: deadline)?.bytes
  }

  /// Like `receive`, with the sender of a datagram and whether it was longer than `count`.
  public func receiveFrom(
    atMost count: Int, flags: MessageFlags = [], within deadline: Deadline = .never
  ) throws(SocketError) -> (bytes: [UInt8], sender: SocketAddress?, isTruncated: Bool)? {
    let room = min(max(0, count), Self.largestReceive)
    while true {
      var received: (outcome: IOOutcome, sender: SocketAddress?, isTruncated: Bool) = (.wouldBlock, nil, false)
      let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
        received = tryReceiveFrom(
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<room]),
          flags: flags)
        if case .done(let moved) = received.outcome { initialized = min(moved, buffer.count) }
      }
      switch received.outcome {
      case .done: return (bytes, received.sender, received.isTruncated)
      case .end: return nil
      case .wouldBlock: try wait(reading: true, writing: false, within: deadline)
      case .failed(let error): throw .system(error)
      }
    }
  }

  /// Sends all of `bytes`, or one datagram. After an error some of them may have been sent.
  public func send(
    _ bytes: some Collection<UInt8>, flags: MessageFlags = [], to destination: SocketAddress? = nil,
    within deadline: Deadline = .never
  ) throws(SocketError) {
    let all = ContiguousArray(bytes)
    var sent = 0
    repeat {
      let outcome = all.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
        return if let destination { trySend(rest, flags: flags, to: destination) } else { trySend(rest, flags: flags) }
      }
      switch outcome {
      case .done(let count): sent += count
      case .wouldBlock: try wait(reading: false, writing: true, within: deadline)
      case .end: throw .system(.brokenPipe)
      case .failed(let error): throw .system(error)
      }
      if case .done(0) = outcome { return }
    } while sent < all.count || sent == 0
  }

  /// Sends `text` in UTF-8: as `send(_:flags:to:within:)` does bytes.
  public func send(
    _ text: String, flags: MessageFlags = [], to destination: SocketAddress? = nil, within deadline: Deadline = .never
  ) throws(SocketError) {
    try send(text.utf8, flags: flags, to: destination, within: deadline)
  }

  /// shutdown(2): the peer sees the end of the stream behind what was sent, or we read no more. Does not wait.
  ///
  /// - Throws: `.system(.socketNotConnected)` where there is no peer, also after a reset.
  public func shutdown(_ direction: ShutdownDirection) throws(SocketError) {
    if let error = tryShutdown(direction) { throw .system(error) }
  }
}
