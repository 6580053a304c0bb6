// What stands behind a dot: properties of channels, addresses and errors.

import SockLanguage
import SocketCore

extension ChannelProperty {
  func value(of channel: Channel, _ interpreter: Interpreter) throws(Failure) -> Value {
    func address(_ name: SocketAddress?) -> Value { name.map { .address(Address($0)) } ?? .nothing }
    func path(_ name: SocketAddress?) -> Value { name?.path.map { Value($0) } ?? .nothing }
    let socket = channel.socket
    switch self {
    case .peername: return address(channel.peerName)
    case .peerhost: return channel.peerName?.host.map { Value($0) } ?? .nothing
    case .peerport: return channel.peerName?.port.map { .integer(Int($0)) } ?? .nothing
    case .peerpath: return path(channel.peerName)
    case .proxied: return channel.proxied
    case .sockname: return address(socket?.localName)
    case .sockhost: return socket?.localName?.host.map { Value($0) } ?? .nothing
    case .sockport: return socket?.localName?.port.map { .integer(Int($0)) } ?? .nothing
    case .hostpath: return path(socket?.localName)
    case .sockdomain: return socket.map { Value($0.domain.description) } ?? .nothing
    case .socktype: return socket.map { Value($0.type.description) } ?? .nothing
    case .protocol:
      guard let socket else { return .nothing }
      // Unix-domain sockets have no protocol; 0 as a number would be IP's.
      if socket.domain == .unix { return .integer(Int(socket.protocolNumber)) }
      if let type = socket.etherType { return .integer(Int(type)) }
      return SocketProtocol.name(of: socket.protocolNumber).map { Value($0) } ?? .integer(Int(socket.protocolNumber))
    case .connected:
      if channel.isClosed { return .boolean(false) }
      if let process = channel.process { return .boolean(process.status == nil) }
      guard let socket else { return .boolean(true) }
      return .boolean(!channel.hasFailed && socket.isConnected)
    case .atmark:
      guard let socket, !channel.isClosed else { return .boolean(false) }
      guard channel.input.isEmpty else { return .boolean(false) }
      do throws(Errno) {
        return .boolean(try socket.isAtMark)
      } catch {
        throw Failure("cannot ask for the mark on \(channel.label)", error)
      }
    case .fileno:
      let descriptor = channel.inputDescriptor >= 0 ? channel.inputDescriptor : channel.outputDescriptor
      return descriptor >= 0 ? .integer(Int(descriptor)) : .nothing
    case .opened: return .boolean(!channel.isClosed)
    case .tls: return try channel.tlsProperties(interpreter)
    case .arrival: return try channel.arrivalProperties()
    case .screen: return Value(try channel.screenNow(interpreter.limits).text)
    case .cursor:
      let cursor = try channel.screenNow(interpreter.limits).cursor
      return .map(Map([("row", .integer(cursor.row)), ("column", .integer(cursor.column))]))
    case .echo: return try channel.terminalState().map { .boolean($0.echoes) } ?? .nothing
    case .columns: return try channel.window().map { .integer(Int($0.columns)) } ?? .nothing
    case .rows: return try channel.window().map { .integer(Int($0.rows)) } ?? .nothing
    case .termsig:
      channel.process?.hasEnded()
      return channel.process?.status?.signal.map { Value(SignalName.name(of: $0)) } ?? .nothing
    case .coredump:
      channel.process?.hasEnded()
      return channel.process?.status.map { .boolean($0.dumpedCore) } ?? .nothing
    case .usage: return channel.process?.usage ?? .nothing
    case .stderr: return channel.process?.errorChannel.map { .channel($0) } ?? .nothing
    case .peercred:
      guard let peer = socket?.peerCredentials else { return .nothing }
      return .map(
        Map([("pid", .integer(Int(peer.pid))), ("uid", .integer(Int(peer.user))), ("gid", .integer(Int(peer.group)))]))
    case .fds:
      guard socket?.domain == .unix else { return .nothing }
      return .list(List(try channel.takeArrivals(interpreter.defaults).map { .channel($0) }))
    }
  }
}

extension Channel {
  /// How the datagram came that was received last; nil before the first.
  func arrivalProperties() throws(Failure) -> Value {
    guard let socket else { return .nothing }
    if socket.domain == .packet {
      guard let from = socket.peerName, let frame = from.frame else { return .nothing }
      return .map(Self.map(of: frame, from, socket.arrival))
    }
    guard socket.tellsArrivals else {
      throw .type(
        "\(label) was not asked how datagrams come to it: write `bind … arrival`, or set `sockopt IP_PKTINFO 1`")
    }
    return socket.arrival.map { .map(Self.map(of: $0)) } ?? .nothing
  }

  private static func map(of arrival: Arrival) -> Map {
    let map = Map()
    if let to = arrival.to { map.set(Value("to"), .address(Address(to))) }
    if arrival.interface != 0 { map.set(Value("interface"), name(ofInterface: arrival.interface)) }
    if let ttl = arrival.hopLimit { map.set(Value("ttl"), .integer(ttl)) }
    if let tos = arrival.trafficClass { map.set(Value("tos"), .integer(tos)) }
    if let time = arrival.time { map.set(Value("time"), .float(time)) }
    if let dropped = arrival.dropped { map.set(Value("dropped"), .integer(dropped)) }
    return map
  }

  private static func map(
    of frame: (etherType: UInt16, kind: String), _ from: SocketAddress, _ arrival: Arrival?
  ) -> Map {
    let map = arrival.map { Self.map(of: $0) } ?? Map()
    if let interface = from.interface { map.set(Value("interface"), name(ofInterface: interface)) }
    map.set(Value("kind"), Value(frame.kind))
    map.set(Value("ethertype"), .integer(Int(frame.etherType)))
    return map
  }

  private static func name(ofInterface index: UInt32) -> Value {
    NetworkInterface.name(of: index).map { Value($0) } ?? .integer(Int(index))
  }
}

extension ProcessState {
  /// What it has used, as a map; nil while it runs.
  fileprivate var usage: Value? {
    hasEnded()
    guard let use = child.resourceUse, let endedAt else { return nil }
    return .map(
      Map([
        ("user", .float(use.user)), ("system", .float(use.system)), ("memory", .integer(use.memory)),
        ("elapsed", .float(Double(endedAt - child.startedAt) / 1e9)),
      ]))
  }
}

extension AddressProperty {
  func value(of address: SocketAddress) -> Value {
    switch self {
    case .host: return address.host.map { Value($0) } ?? .nothing
    case .port: return address.port.map { .integer(Int($0)) } ?? .nothing
    case .path: return address.path.map { Value($0) } ?? .nothing
    case .family: return Value(address.domain.description)
    case .packed: return Value(address.packed)
    }
  }
}

extension ErrorProperty {
  func value(of failure: Failure) -> Value {
    switch self {
    case .code: return Value(failure.code.text)
    case .errno: return .integer(Int(failure.errno))
    case .message: return Value(failure.message)
    case .file: return failure.site.map { Value($0.file.name) } ?? .nothing
    case .line: return failure.site.map { .integer($0.position.line) } ?? .nothing
    case .column: return failure.site.map { .integer($0.position.column) } ?? .nothing
    case .channel: return failure.channel.map { .channel($0) } ?? .nothing
    case .temporary: return failure.isTemporary.map { .boolean($0) } ?? .nothing
    case .calls:
      return .list(List(failure.calls.map { Value("\($0.file.name):\($0.position.line)") }))
    }
  }
}

extension Channel {
  /// Nil where no terminal carries its bytes, or none any more.
  fileprivate func terminalState() throws(Failure) -> TerminalState? {
    guard terminal != nil, inputDescriptor >= 0 else { return nil }
    do throws(Errno) {
      return try TerminalState(of: inputDescriptor)
    } catch {
      if error == .notTerminal { return nil }
      throw Failure("cannot ask the terminal of \(label)", error, self)
    }
  }

  fileprivate func window() throws(Failure) -> (columns: UInt16, rows: UInt16)? {
    guard terminal != nil, inputDescriptor >= 0 else { return nil }
    do throws(Errno) {
      return try TerminalState.window(of: inputDescriptor)
    } catch {
      if error == .notTerminal { return nil }
      throw Failure("cannot ask the terminal of \(label)", error, self)
    }
  }
}
