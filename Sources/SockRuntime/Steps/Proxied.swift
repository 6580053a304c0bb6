// The PROXY protocol: what `connect … proxied` says of whom it speaks for, and what a listener that is `proxied` reads
// before the first byte of a connection.

import SockLanguage
import SocketCore
import TLS

extension Channel {
  /// What its header says, as a map; nil where there was none.
  var proxied: Value {
    guard let header = extras?.proxyHeader else { return .nothing }
    func address(_ address: SocketAddress?) -> Value { address.map { .address(Address($0)) } ?? .nothing }
    let extensions = header.extensions.map { Value.list(List([.integer(Int($0.type)), Value($0.value)])) }
    return .map(
      Map([
        ("version", .integer(header.version)), ("command", Value(header.command.rawValue)),
        ("source", address(header.source)), ("destination", address(header.destination)),
        ("tlvs", .list(List(extensions))), ("by", address(socket?.peerName)),
      ]))
  }
}

extension Interpreter {
  /// Goes on with the header that comes first on an accepted connection, and begins TLS behind it. False: more of it has
  /// to come.
  func readHeader(_ channel: Channel) throws(Failure) -> Bool {
    guard let reader = channel.extras?.headerReader else { return true }
    let outcome = try channel.readHead(into: &reader.bytes) { bytes throws(Failure) in
      do throws(ProxyHeader.Malformed) {
        return try ProxyHeader.length(of: bytes)
      } catch {
        throw wrong(error, bytes, channel)
      }
    }
    switch outcome {
    case .wouldBlock: return false
    case .end:
      throw failure(.eof, "the client has closed before its PROXY header was whole", reader.bytes, channel)
    case .failed(let error): throw Failure("cannot read the PROXY header", error)
    case .whole: break
    }
    do throws(ProxyHeader.Malformed) {
      let header = try ProxyHeader(parsing: reader.bytes)
      channel.ownExtras.headerReader = nil
      channel.ownExtras.proxyHeader = header
      scheduler.transcript.note(.proxied, channel, header.summary)
    } catch {
      throw wrong(error, reader.bytes, channel)
    }
    if let acceptor = reader.acceptor { try secure(channel, acceptor) }
    return true
  }

  private func wrong(_ error: ProxyHeader.Malformed, _ bytes: [UInt8], _ channel: Channel) -> Failure {
    failure(.proxy, "the PROXY header is wrong: \(error.message)", bytes, channel)
  }

  private func failure(_ code: FailureCode, _ message: String, _ bytes: [UInt8], _ channel: Channel) -> Failure {
    let failure = Failure(code, message)
    if !bytes.isEmpty { bytes.withUnsafeBytes { failure.notes.append("received  \(shown($0, of: channel))") } }
    failure.channel = channel
    return failure
  }

  /// Begins TLS on a connection that was accepted.
  func secure(_ channel: Channel, _ acceptor: TLSContext) throws(Failure) {
    do throws(TLSError) {
      try channel.secure(acceptor, name: nil, security)
    } catch {
      throw Failure("cannot start TLS on \(channel.label)", error, channel)
    }
  }
}

extension StepCall {
  /// What is wrong with the option whatever the connection is: nobody is connected to for that.
  func checkHeader(_ type: SocketType) throws(Failure) {
    guard type == .stream else { throw .type("a PROXY header is for streams") }
    var header = ProxyHeader()
    try fill(&header)
  }

  /// The header that `connect … proxied` sends, as the wire has it; nothing without that option.
  func header(_ channel: Channel) throws(Failure) -> [UInt8] {
    guard site.has(.proxied) else { return [] }
    var header = ProxyHeader()
    header.source = channel.socket?.localName
    header.destination = channel.socket?.peerName
    try fill(&header)
    // A socket without a name, as those of the Unix domain mostly are, says nothing of itself.
    if header.source?.path?.isEmpty == true || header.version == 1 && header.source?.path != nil {
      (header.source, header.destination) = (nil, nil)
    }
    do throws(ProxyHeader.Malformed) {
      let bytes = try header.bytes()
      scheduler.transcript.note(.proxied, channel, header.summary)
      return bytes
    } catch {
      throw .range("there is no such PROXY header: \(error.message)")
    }
  }

  private func fill(_ header: inout ProxyHeader) throws(Failure) {
    switch option(.proxied) ?? .nothing {
    case .integer(let version): header.version = try StepCall.headerVersion(version)
    case .map(let map):
      // A proxy that speaks for itself has nobody to tell of.
      if case .string(let word)? = map["command"], word.text == ProxyHeader.Command.local.rawValue {
        (header.source, header.destination) = (nil, nil)
      }
      try StepCall.fill(&header, from: map)
    case let other:
      let failure = Failure.type("`proxied` takes 1 or 2, the version, or a map, not \(other.article)")
      failure.notes.append("help: \(ProxyHeaderCure.text)")
      throw failure
    }
  }

  private static func headerVersion(_ version: Int) throws(Failure) -> Int {
    guard version == 1 || version == 2 else { throw .range("the PROXY protocol has the versions 1 and 2, not \(version)") }
    return version
  }

  /// What a script says instead of what the socket is: keys as those of `c.proxied`.
  private static func fill(_ header: inout ProxyHeader, from map: Map) throws(Failure) {
    for entry in map.entries where entry.isLive {
      let key = Show.text(entry.key).text
      switch (key, entry.value) {
      case ("version", .integer(let version)): header.version = try headerVersion(version)
      case ("command", .string(let word)):
        guard let command = ProxyHeader.Command(rawValue: word.text) else {
          throw .range("the command of a PROXY header is `proxy` or `local`, not `\(word.text)`")
        }
        header.command = command
      case ("source", .nothing), ("destination", .nothing): (header.source, header.destination) = (nil, nil)
      case ("source", let value): header.source = try numericAddress(value, key)
      case ("destination", let value): header.destination = try numericAddress(value, key)
      case ("tlvs", .list(let list)):
        for item in list.items { header.extensions.append(try headerExtension(item)) }
      // Of whom a header has come is there where one is handed on.
      case ("by", _): break
      case ("version", _), ("command", _), ("tlvs", _):
        throw .type("`\(key)` of a PROXY header cannot be \(entry.value.article)")
      default:
        throw .range("a PROXY header has version, command, source, destination and tlvs, but no `\(key)`")
      }
    }
  }

  private static func numericAddress(_ value: Value, _ key: String) throws(Failure) -> SocketAddress {
    let text = try AddressText(value)
    guard let address = try text.immediate(type: .stream)?.first else {
      throw .range("`\(key)` of a PROXY header is a numeric address, not `\(text.text)`")
    }
    return address
  }

  private static func headerExtension(_ value: Value) throws(Failure) -> ProxyHeader.Extension {
    guard case .list(let pair) = value, pair.items.count == 2, case .integer(let type) = pair.items[0],
      let number = UInt8(exactly: type), case .string(let bytes) = pair.items[1]
    else { throw .type("each of `tlvs` is a list of a type, 0 to 255, and bytes") }
    return ProxyHeader.Extension(type: number, value: Array(bytes.bytes))
  }
}
