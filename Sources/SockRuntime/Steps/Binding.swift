// Verbs that make sockets and give them an address of ours: `socket`, `socketpair`, `bind`, `listen`.

import SockLanguage
import SocketCore

extension StepCall {
  // MARK: - socket, socketpair

  func makeSocket() throws(Failure) -> Value? {
    let socket: Socket
    var file: SocketFile?
    if let value = option(.fd) {
      let descriptor = try value.count("a descriptor", minimum: 0)
      do throws(Errno) {
        socket = try adoptedSocket(Int32(clamping: descriptor))
      } catch {
        let failure = Failure("cannot adopt descriptor \(descriptor)", error)
        if error == .badFileDescriptor {
          failure.notes.append("help: what can be adopted is a channel's `fileno`, and what sock was started with")
        }
        throw failure
      }
      file = scheduler.owner(of: Int32(clamping: descriptor))?.socketFile
    } else {
      let domain: SocketDomain =
        site.has(.inet6) ? .inet6 : site.has(.unix) ? .unix : site.has(.packet) ? .packet : .inet
      let type = socketType ?? (domain == .packet ? .raw : .stream)
      socket = try newSocket(domain, type) { "cannot make a socket (\(domain), \(type))" }
    }
    try askForArrivals(socket)
    let channel = Channel(scheduler: scheduler, kind: .bare, socket: socket)
    channel.socketFile = file
    channel.settings = defaults?.copy()
    channel.isNonblocking = site.has(.nonblocking)
    if site.has(.fd) {
      do throws(Errno) {
        channel.kind = try Channel.Kind(of: socket)
      } catch {
        throw Failure("cannot ask what descriptor \(socket.fileDescriptor) is", error)
      }
    } else if socket.type.isDatagram {
      channel.kind = .datagram
    }
    adopt(channel)
    if site.resultName == nil, channel.kind != .listener, channel.kind != .stream { task.ownExtras.freshSocket = channel }
    return .channel(channel)
  }

  /// The socket of a descriptor that belongs to a channel of this script, shared with that, or one that was inherited.
  /// What sock itself has opened, for another script too, is none of this one's business.
  private func adoptedSocket(_ descriptor: Int32) throws(Errno) -> Socket {
    if let owner = scheduler.owner(of: descriptor) {
      guard let socket = owner.socket else { throw .notSocket }
      return try socket.duplicate()
    }
    let socket = try Socket.inherited(descriptor)
    if socket.isTCP { try socket.setNoDelay(true) }
    return socket
  }

  /// A socket as channels have it: a TCP step that sends does not wait for the answer to the one before it, which a
  /// script that speaks in small steps would take for a slow peer (40 ms each).
  static func newSocket(
    _ domain: SocketDomain, _ type: SocketType, protocol number: Int32 = 0
  ) throws(Errno) -> Socket {
    let socket = try Socket(domain: domain, type: type, protocol: number)
    if socket.isTCP { try socket.setNoDelay(true) }
    return socket
  }

  /// A socket of the protocol that `proto` names.
  /// - Parameter what: for messages: what cannot be done without.
  func newSocket(_ domain: SocketDomain, _ type: SocketType, _ what: () -> String) throws(Failure) -> Socket {
    var number = try protocolNumber(domain, what)
    if type == .raw || domain == .packet { try permissions.requireRaw() }
    // It hears nothing until it is bound, and then nothing of other interfaces.
    if domain == .packet, site.verb == .bind { number = 0 }
    do throws(Errno) {
      return try StepCall.newSocket(domain, type, protocol: number)
    } catch {
      throw SocketCure.failure(what(), error, domain, type, number)
    }
  }

  private func protocolNumber(_ domain: SocketDomain, _ what: () -> String) throws(Failure) -> Int32 {
    let name: String
    switch (site.text(of: .proto), option(.proto)) {
    case (let text?, _): name = text
    case (nil, .integer(let number)?): return Int32(clamping: number)
    case (nil, .string(let text)?): name = text.text
    default: return domain == .packet ? Int32(SocketProtocol.etherType(named: "all") ?? 0) : 0
    }
    let number =
      domain == .packet ? SocketProtocol.etherType(named: name).map(Int32.init) : SocketProtocol.number(named: name)
    guard let number else {
      let kind = domain == .packet ? "EtherType" : "protocol"
      throw .range("\(what()): `\(name)` is no \(kind) that is known by its name")
    }
    return number
  }

  private func etherType() throws(Failure) -> UInt16 {
    UInt16(truncatingIfNeeded: try protocolNumber(.packet) { "cannot bind" })
  }

  /// `arrival`: each datagram comes with what the kernel knows of its way.
  func askForArrivals(_ socket: Socket) throws(Failure) {
    guard site.has(.arrival) else { return }
    guard socket.type.isDatagram else { throw .type("`arrival` is for datagrams; this is a \(socket.type) socket") }
    do throws(Errno) {
      try socket.tellArrivals()
    } catch {
      throw Failure("cannot ask how datagrams arrive", error)
    }
  }

  var socketType: SocketType? {
    if site.has(.stream) { return .stream }
    if site.has(.dgram) { return .dgram }
    if site.has(.raw) { return .raw }
    if site.has(.seqpacket) { return .seqpacket }
    return nil
  }

  func makePair() throws(Failure) -> Value? {
    let type = socketType ?? .stream
    do throws(Errno) {
      let pair = try Socket.pair(type: type)
      let channels = [pair.0, pair.1].map {
        Channel(scheduler: scheduler, kind: type == .dgram ? .datagram : .stream, socket: $0)
      }
      for (at, channel) in channels.enumerated() {
        channel.settings = defaults?.copy()
        if at < site.pairNames.count { channel.name = site.pairNames[at] }
        channel.pairedWith = Int32(truncatingIfNeeded: channels[1 - at].number)
      }
      return .list(List(channels.map { .channel($0) }))
    } catch {
      throw Failure("cannot make a pair of \(type) sockets", error)
    }
  }

  /// A channel with a name is spoken to by its name; one without becomes current.
  func adopt(_ channel: Channel) {
    if let name = site.resultName {
      channel.name = name
    } else if channel.kind == .listener {
      task.listener = channel
    } else {
      task.conn = channel
    }
  }

  // MARK: - bind, listen

  /// The address operand, taken apart.
  func address() throws(Failure) -> AddressText? {
    guard site.address >= 0 else { return nil }
    return try AddressText(
      regs[site.address], port: site.addressPort >= 0 ? regs[site.addressPort] : nil, isPortless: isPortless)
  }

  /// Whether the step's socket is one whose addresses have no ports.
  private var isPortless: Bool {
    if site.receiver >= 0, case .channel(let channel) = regs[site.receiver] {
      return channel.socket?.hasNoPorts ?? false
    }
    if let fresh = task.extras?.freshSocket, site.resultName == nil, fresh === task.conn {
      return fresh.socket?.hasNoPorts ?? false
    }
    return site.has(.raw) || ["icmp", "icmpv6", "ipv6-icmp"].contains(site.text(of: .proto) ?? "")
  }

  /// The channel that `bind`, `listen` or `connect` acts on instead of making one.
  func existing() throws(Failure) -> Channel? {
    if site.receiver >= 0 {
      let channel = try regs[site.receiver].channel(to: site.verb.rawValue)
      try channel.requireOpen(site.verb.rawValue)
      return channel
    }
    if site.resultName == nil, let fresh = task.extras?.freshSocket, !fresh.isClosed, fresh === task.conn { return fresh }
    return nil
  }

  func bind() throws(Failure) -> Value? {
    guard let address = try address() else { throw .type("bind needs an address") }
    if let channel = try existing(), let socket = channel.socket {
      guard let addresses = try lookUp(address, type: socket.type) else { return nil }
      let fitting = addresses.first { $0.domain == socket.domain } ?? addresses[0]
      try setOptions(socket, reuseByDefault: false)
      channel.socketFile = try bind(socket, to: fitting, address)
      return .channel(channel)
    }
    let type = socketType ?? (address.scheme == .udp || address.isUnix ? .dgram : address.impliedType)
    guard let addresses = try lookUp(address, type: type) else { return nil }
    let (socket, file) = try boundSocket(addresses, type, address, reuseByDefault: type == .stream)
    let channel = Channel(scheduler: scheduler, kind: type.isDatagram ? .datagram : .bare, socket: socket)
    channel.socketFile = file
    channel.settings = defaults?.copy()
    adopt(channel)
    if site.resultName == nil {
      if type.isDatagram { task.listener = channel } else { task.ownExtras.freshSocket = channel }
    }
    return .channel(channel)
  }

  private func setOptions(_ socket: Socket, reuseByDefault: Bool) throws(Failure) {
    do throws(Errno) {
      if site.has(.reuse) || reuseByDefault && socket.domain != .unix { try socket.setReuseAddress(true) }
      if site.has(.reuseport) { try socket.setReusePort(true) }
      if site.has(.broadcast) { try socket.setBroadcast(true) }
      if site.has(.v6only), socket.domain == .inet6 { try socket.setOnlyIPv6(true) }
    } catch {
      throw Failure("cannot set an option of the socket", error)
    }
    try askForArrivals(socket)
  }

  /// The file that it has made, in the Unix domain. One that was left behind there is replaced.
  func bind(_ socket: Socket, to address: SocketAddress, _ text: AddressText) throws(Failure) -> SocketFile? {
    try permissions.requireListen(on: address)
    do throws(Errno) {
      do throws(Errno) {
        try socket.bind(address)
      } catch {
        guard error == .addressInUse, SocketFile.removeStale(address) else { throw error }
        try socket.bind(address)
      }
    } catch {
      let failure = Failure("cannot bind to \(text.text)", error)
      if error == .addressInUse { failure.address = address }
      throw failure
    }
    guard let file = SocketFile(address) else { return nil }
    run.files.add(file)
    return file
  }

  /// A socket bound to the first address that the machine has.
  private func boundSocket(
    _ addresses: [SocketAddress], _ type: SocketType, _ text: AddressText, reuseByDefault: Bool
  ) throws(Failure) -> (Socket, SocketFile?) {
    var first: Failure?
    var tried: [String] = []
    for address in addresses {
      do throws(Failure) {
        let socket = try newSocket(address.domain, type) { "cannot make a socket for \(text.text)" }
        do throws(Errno) {
          if address.domain == .inet6, !site.has(.v6only) { try socket.setOnlyIPv6(false) }
        } catch {
          throw Failure("cannot set an option of the socket", error)
        }
        try setOptions(socket, reuseByDefault: reuseByDefault)
        var address = address
        if address.family == .packet { address = address.with(etherType: try etherType()) }
        return (socket, try bind(socket, to: address, text))
      } catch {
        first = first ?? error
        let reason = error.errno == 0 ? error.message : Errno(rawValue: error.errno).message
        tried.append("tried     \(address): \(reason)")
      }
    }
    if tried.count > 1 { first?.notes += tried }
    throw first ?? Failure(.unresolved, "`\(text.text)` has no address")
  }

  func listen() throws(Failure) -> Value? {
    var backlog = Int32(4096)
    if let value = option(.backlog) {
      // A listen queue that is given but false is 5, as IO::Socket has it.
      switch value {
      case .nothing, .boolean(false), .integer(0): backlog = 5
      default: backlog = Int32(clamping: try value.count("a backlog", minimum: 1))
      }
    }
    var channel = try existing()
    if let channel, let socket = channel.socket {
      if let address = try address() {
        guard let addresses = try lookUp(address, type: socket.type) else { return nil }
        try setOptions(socket, reuseByDefault: true)
        let fitting = addresses.first { $0.domain == socket.domain } ?? addresses[0]
        channel.socketFile = try bind(socket, to: fitting, address)
      }
    } else {
      guard let address = try address() else {
        throw Failure(.closed, "listen needs an address, or a bound socket to listen on; write `listen 3333`")
      }
      if address.scheme == .udp {
        throw .type("a UDP socket does not listen; write `bind \(address.text.hasPrefix("udp:") ? "" : "udp:")\(address.text)`")
      }
      let type = socketType ?? .stream
      guard let addresses = try lookUp(address, type: type) else { return nil }
      let (socket, file) = try boundSocket(addresses, type, address, reuseByDefault: true)
      let made = Channel(scheduler: scheduler, kind: .listener, socket: socket)
      made.socketFile = file
      made.settings = defaults?.copy()
      channel = made
    }
    guard let channel, let socket = channel.socket else { return .nothing }
    if try address()?.scheme == .tls {
      channel.ownExtras.acceptor = try tlsContext(.server)
    } else if hasTLSOption {
      throw .type("options of TLS are for `listen tls:…`, or for `starttls server` on a connection that was accepted")
    }
    if site.has(.proxied) {
      guard socket.type == .stream else { throw .type("a PROXY header is for streams") }
      channel.ownExtras.isProxied = true
    }
    if let own = socket.localName { try permissions.requireListen(on: own) }
    do throws(Errno) {
      try socket.listen(backlog: backlog)
    } catch {
      throw Failure("cannot listen on \(socket.localName?.description ?? channel.label)", error)
    }
    channel.kind = .listener
    scheduler.transcript.record(.listening, channel)
    if site.receiver < 0 {
      if task.conn === channel { task.conn = nil }
      task.extras?.freshSocket = nil
      adopt(channel)
    } else if let name = site.resultName {
      channel.name = name
    }
    return .channel(channel)
  }
}
