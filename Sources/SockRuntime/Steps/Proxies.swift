// `connect … through`: what proxies are asked, and what they answer. SOCKS5 is RFC 1928, with the login of RFC 1929;
// SOCKS4 is asked as its extension 4A has it where a name is meant; HTTP CONNECT is RFC 9110 section 9.3.6.

import SockLanguage
import SocketCore

/// A proxy as scripts write it: `socks5:127.0.0.1:1080`, `http:user:password@[::1]:8080`, `socks5:unix:/run/tor`.
struct Proxy {
  enum Kind: String, CaseIterable { case socks5, socks4, http }
  let kind: Kind
  let address: AddressText
  /// Nil: it is not told who asks.
  let user: [UInt8]?
  let password: [UInt8]?
  /// What HTTP is told of them (RFC 7617).
  let basicLogin: String?

  /// Hides the credentials wherever they turn up: a proxy may say what it was told.
  func hideCredentials(_ run: Interpreter) {
    // What is so short would be taken out of everything.
    guard let password, password.count >= 4 else { return }
    password.withUnsafeBytes(run.hide)
    if let basicLogin { Array(basicLogin.utf8).withUnsafeBytes(run.hide) }
  }

  /// For messages and transcripts: without the credentials.
  var text: String { "\(kind.rawValue):\(address.text)" }

  /// One proxy, or several: each is reached through those before it.
  static func chain(_ value: Value) throws(Failure) -> [Proxy] {
    guard case .list(let list) = value else { return [try Proxy(value)] }
    // A host and a port apart.
    if list.items.count == 2, case .string(let host) = list.items[0], case .integer(let port) = list.items[1] {
      return [try Proxy(.string(ByteString(host.bytes + Array(":\(port)".utf8))))]
    }
    guard list.items.count > 0 else { throw .type("`through` needs a proxy, and the list has none") }
    var proxies: [Proxy] = []
    for item in list.items { proxies.append(try Proxy(item)) }
    return proxies
  }

  private init(_ value: Value) throws(Failure) {
    guard case .string(let string) = value else {
      throw .type("a proxy is a text like \"socks5:127.0.0.1:1080\", not \(value.article)")
    }
    let bytes = Array(string.bytes)
    let scheme = bytes.prefix { $0 != UInt8(ascii: ":") }
    let name = String(decoding: scheme, as: UTF8.self)
    let rest = bytes.dropFirst(scheme.count + 1)
    guard let kind = Kind(rawValue: name), !rest.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")]) else {
      throw Proxy.unknown(name, bytes)
    }
    self.kind = kind
    var place = rest
    var (user, password): ([UInt8]?, [UInt8]?) = (nil, nil)
    if !rest.starts(with: "unix:".utf8), let at = rest.lastIndex(of: UInt8(ascii: "@")) {
      let credentials = rest[..<at]
      place = rest[(at + 1)...]
      user = Array(credentials.prefix { $0 != UInt8(ascii: ":") })
      if let colon = credentials.firstIndex(of: UInt8(ascii: ":")) { password = Array(credentials[(colon + 1)...]) }
    }
    (self.user, self.password) = (user, password)
    if let user, kind == .http {
      basicLogin = try Encodings.base64(ByteString(user + [UInt8(ascii: ":")] + (password ?? []))).text
    } else {
      basicLogin = nil
    }
    address = try AddressText(.string(ByteString(Array(place))))
    guard address.scheme == nil || address.scheme == .unix else {
      throw Failure(.parse, "`\(address.text)` behind `\(name):` is to be HOST:PORT")
    }
    try checkCredentials()
  }

  private func checkCredentials() throws(Failure) {
    guard let user else { return }
    switch kind {
    case .socks5:
      for (what, bytes) in [("user", user), ("password", password ?? [])] where !(1...255).contains(bytes.count) {
        throw .range("SOCKS5 takes a \(what) of 1 to 255 bytes, not of \(bytes.count): `socks5:USER:PASSWORD@…`")
      }
    case .socks4:
      if password != nil { throw .range("SOCKS4 knows no password: `socks4:USER@HOST:PORT`") }
      if user.contains(0) { throw .range("SOCKS4 takes no user with a NUL in it") }
    case .http: break
    }
  }

  /// Without what may be a password.
  private static func unknown(_ name: String, _ bytes: [UInt8]) -> Failure {
    let at = bytes.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? 0
    var place = String(decoding: bytes[at...], as: UTF8.self)
    if at == 0, !name.isEmpty, ["socks", "socks5h", "socks4a", "socks5", "socks4", "http", "https"].contains(name) {
      place = String(place.dropFirst(name.utf8.count + 1))
    }
    while place.hasPrefix("/") { place.removeFirst() }
    while place.hasSuffix("/") { place.removeLast() }
    switch name {
    case "socks5h", "socks5", "socks": return Failure(.parse, "a proxy of SOCKS5 is written `socks5:\(place)`")
    case "socks4a", "socks4": return Failure(.parse, "a proxy of SOCKS4 is written `socks4:\(place)`")
    case "http": return Failure(.parse, "a proxy of HTTP is written `http:\(place)`")
    case "https": return Failure(.parse, "a proxy is spoken to without TLS: `http:\(place)`")
    default:
      let kinds = Kind.allCases.map { "`\($0.rawValue):\(place)`" }
      return Failure(.parse, "what does the proxy speak? Write \(kinds.dropLast().joined(separator: ", ")) or \(kinds[2])")
    }
  }
}

/// Whom a proxy is asked for.
struct ProxyTarget {
  /// A name, or a number; the proxy looks a name up.
  let host: String
  let port: UInt16
  /// Of a number.
  let address: SocketAddress?

  var text: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

  init(_ text: AddressText) throws(Failure) {
    switch text.place {
    case .known(let known):
      guard let host = known.host, let port = known.port else { fallthrough }
      (self.host, self.port, address) = (host, port, known)
    case .path, .any: throw .type("a proxy connects to HOST:PORT, not to `\(text.text)`")
    case .host(let host, let service):
      guard text.scheme == nil || text.scheme == .tcp || text.scheme == .tls else {
        throw .type("a proxy makes connections of TCP, and `\(text.text)` is none")
      }
      let bytes = host.utf8
      guard bytes.count <= 255, bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
        throw Failure(.parse, "`\(text.text)` has no host that a proxy could look up")
      }
      self.host = host
      do throws(ResolveError) {
        port = try Resolver.port(ofService: service)
      } catch {
        throw Failure("cannot resolve `\(text.subject(of: error))`", error)
      }
      address = SocketAddress(host: host, port: port)
    }
  }
}

/// What is said on a connection before the script's first byte: to each proxy, for whom it is asked.
final class Preamble {
  /// One proxy, and whom it is asked for: the next one, or the target.
  struct Hop {
    let proxy: Proxy
    let target: ProxyTarget
  }

  /// What the last that was said is to be answered with.
  enum Phase {
    /// SOCKS5: how it wants to be told who asks.
    case method
    /// SOCKS5: whether it takes the user and the password.
    case login
    /// Whether the connection stands.
    case reply
  }

  let hops: [Hop]
  private(set) var hop = 0
  var phase = Phase.reply
  /// What is still to be said.
  var outgoing: [UInt8] = []
  /// What has come of the answer.
  var answer: [UInt8] = []

  init(_ hops: [Hop]) {
    self.hops = hops
    greet()
  }

  var current: Hop? { hop < hops.count ? hops[hop] : nil }

  /// The proxy has made its connection: what is said now goes to whom it was asked for.
  func goOn() {
    hop += 1
    greet()
  }

  private func greet() {
    answer.removeAll()
    guard let current else { return }
    switch current.proxy.kind {
    case .socks5:
      phase = .method
      outgoing = current.proxy.user == nil ? [5, 1, 0] : [5, 2, 0, 2]
    case .socks4:
      phase = .reply
      let target = current.target
      let number = target.address?.hostBytes
      outgoing = [4, 1] + Preamble.port(target) + (number ?? [0, 0, 0, 1]) + (current.proxy.user ?? []) + [0]
      if number == nil { outgoing += Array(target.host.utf8) + [0] }
    case .http:
      phase = .reply
      var text = "CONNECT \(current.target.text) HTTP/1.1\r\nHost: \(current.target.text)\r\n"
      if let login = current.proxy.basicLogin { text += "Proxy-Authorization: Basic \(login)\r\n" }
      outgoing = Array((text + "\r\n").utf8)
    }
  }

  private static func port(_ target: ProxyTarget) -> [UInt8] { [UInt8(target.port >> 8), UInt8(target.port & 255)] }

  /// SOCKS5, when it is known who asks.
  func ask(_ target: ProxyTarget) {
    phase = .reply
    switch target.address?.hostBytes {
    case let bytes? where bytes.count == 4: outgoing = [5, 1, 0, 1] + bytes
    case let bytes?: outgoing = [5, 1, 0, 4] + bytes
    case nil: outgoing = [5, 1, 0, 3, UInt8(truncatingIfNeeded: target.host.utf8.count)] + Array(target.host.utf8)
    }
    outgoing += Preamble.port(target)
  }

  func logIn(_ user: [UInt8], _ password: [UInt8]) {
    phase = .login
    outgoing = [1, UInt8(truncatingIfNeeded: user.count)] + user + [UInt8(truncatingIfNeeded: password.count)] + password
  }
}

/// What has come of a message that stands before the bytes of a script.
enum HeadRead {
  /// All of it, and nothing of what stands behind it.
  case whole
  case wouldBlock
  case end
  case failed(Errno)
}

extension Channel {
  /// Reads a message that stands before the script's own bytes, and not one byte more, into `bytes`.
  ///
  /// - Parameter length: how long the message is that these bytes begin with; nil: it is not over with them, and where
  ///   it ends cannot be told yet.
  func readHead(
    into bytes: inout [UInt8], _ length: ([UInt8]) throws(Failure) -> Int?
  ) throws(Failure) -> HeadRead {
    guard let socket else { return .end }
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let before = bytes.count
      switch space.withUnsafeMutableBytes({ socket.tryReceive(into: $0, flags: .peek) }) {
      case .done(let count): bytes += space[..<count]
      case .wouldBlock:
        readiness.canRead = false
        return .wouldBlock
      case .end: return .end
      case .failed(let error): return .failed(error)
      }
      let whole = try length(bytes)
      if let whole, whole < bytes.count { bytes.removeLast(bytes.count - max(whole, before)) }
      // What was looked at is there.
      let taken = bytes.count - before
      if taken > 0 { _ = space.withUnsafeMutableBytes { socket.tryReceive(into: .init(rebasing: $0[..<taken])) } }
      if let whole, bytes.count >= whole { return .whole }
    }
  }
}

extension StepCall {
  /// Goes on with what is said to proxies. False: the task waits. A failure closes the channel.
  func goOn(_ preamble: Preamble, on channel: Channel) throws(Failure) -> Bool {
    if channel.isClosed { throw Failure(.closed, "\(channel.label) was closed while a proxy connected it") }
    do throws(Failure) {
      while let hop = preamble.current {
        guard try say(preamble, to: hop, on: channel) else { return false }
        let who = "the proxy \(hop.proxy.text)"
        switch try channel.readHead(into: &preamble.answer, { bytes throws(Failure) in
          try lengthOfAnswer(bytes, preamble.phase, hop, channel)
        }) {
        case .whole: try take(preamble, hop, channel)
        case .wouldBlock:
          try waitToRead(channel) { "\(who) has not answered" }
          return false
        case .end: throw ended(preamble, hop)
        case .failed(let error): throw Failure("cannot read the answer of \(who)", error)
        }
      }
      return true
    } catch {
      error.channel = error.channel ?? channel
      error.channelSummary = error.channelSummary ?? channel.summary
      error.notes.append("on the way to \(preamble.hops[preamble.hops.count - 1].target.text)")
      channel.release()
      throw error
    }
  }

  private func ended(_ preamble: Preamble, _ hop: Preamble.Hop) -> Failure {
    // Some leave out what stands behind the reason.
    if hop.proxy.kind == .socks5, preamble.phase == .reply, preamble.answer.count >= 2, preamble.answer[1] != 0 {
      return refusal(hop, Preamble.reason(socks5: preamble.answer[1]))
    }
    return Failure(.eof, "the proxy \(hop.proxy.text) has closed without an answer")
  }

  private func say(_ preamble: Preamble, to hop: Preamble.Hop, on channel: Channel) throws(Failure) -> Bool {
    while !preamble.outgoing.isEmpty {
      switch preamble.outgoing.withUnsafeBytes({ channel.writeOnce($0, flags: []) }) {
      case .done(let count): preamble.outgoing.removeFirst(count)
      case .wouldBlock:
        channel.readiness.canWrite = false
        try waitToWrite(channel) { "the proxy \(hop.proxy.text) takes no more" }
        return false
      case .end, .failed(.brokenPipe): throw Failure(.reset, "the proxy \(hop.proxy.text) has closed")
      case .failed(let error): throw Failure("cannot speak to the proxy \(hop.proxy.text)", error)
      }
    }
    return true
  }

  // MARK: - Answers

  /// In bytes: more than any proxy's head of an answer has.
  private static let longestHead = 64 * 1024

  private func lengthOfAnswer(
    _ bytes: [UInt8], _ phase: Preamble.Phase, _ hop: Preamble.Hop, _ channel: Channel
  ) throws(Failure) -> Int? {
    func require(_ begin: [UInt8], _ what: String) throws(Failure) {
      guard !zip(bytes, begin).allSatisfy({ $0 == $1 }) else { return }
      let failure = Failure(.proxy, "what the proxy \(hop.proxy.text) answers is no \(what)")
      bytes.withUnsafeBytes { failure.notes.append("received  \(run.shown($0, of: channel))") }
      throw failure
    }
    switch (hop.proxy.kind, phase) {
    case (.socks5, .method):
      try require([5], "SOCKS5")
      return 2
    case (.socks5, .login):
      try require([1], "SOCKS5")
      return 2
    case (.socks5, .reply):
      try require([5], "SOCKS5")
      guard bytes.count > 4 else { return nil }
      switch bytes[3] {
      case 1: return 10
      case 3: return 7 + Int(bytes[4])
      case 4: return 22
      // What it refuses may come without an address.
      default: return bytes[1] != 0 ? bytes.count : try unknownKind(bytes[3], hop)
      }
    case (.socks4, _):
      try require([0], "SOCKS4")
      return 8
    case (.http, _):
      try require(Array("HTTP/1.".utf8), "HTTP")
      if let end = Preamble.endOfHead(bytes) { return end }
      guard bytes.count < StepCall.longestHead else {
        throw Failure(.proxy, "the answer of the proxy \(hop.proxy.text) has a head of more than 64 KiB")
      }
      return nil
    }
  }

  private func unknownKind(_ kind: UInt8, _ hop: Preamble.Hop) throws(Failure) -> Int {
    throw Failure(.proxy, "the proxy \(hop.proxy.text) answers with an address of the unknown kind \(kind)")
  }

  /// The answer is whole.
  private func take(_ preamble: Preamble, _ hop: Preamble.Hop, _ channel: Channel) throws(Failure) {
    let bytes = preamble.answer
    preamble.answer.removeAll()
    let (proxy, target) = (hop.proxy, hop.target)
    switch (proxy.kind, preamble.phase) {
    case (.socks5, .method):
      switch (bytes[1], proxy.user) {
      case (0, _): preamble.ask(target)
      case (2, let user?): preamble.logIn(user, proxy.password ?? [])
      default:
        let failure = Failure(
          .proxy,
          proxy.user == nil
            ? "the proxy \(proxy.text) serves nobody without a login"
            : "the proxy \(proxy.text) takes no login with a user and a password")
        if proxy.user == nil { failure.notes.append("help: `socks5:USER:PASSWORD@\(proxy.address.text)` logs in") }
        throw failure
      }
      return
    case (.socks5, .login):
      guard bytes[1] == 0 else {
        throw Failure(.proxy, "the proxy \(proxy.text) does not take this user and password (status \(bytes[1]))")
      }
      preamble.ask(target)
      return
    case (.socks5, .reply):
      if bytes[1] != 0 { throw refusal(hop, Preamble.reason(socks5: bytes[1])) }
    case (.socks4, _):
      if bytes[1] != 90 { throw refusal(hop, Preamble.reason(socks4: bytes[1])) }
    case (.http, _):
      let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count >= 2, words[1].count == 3, words[1].first == UInt8(ascii: "2") else {
        let failure = refusal(hop, Printable.text(String(decoding: line.prefix(200), as: UTF8.self)))
        // Some say 401 where 407 is due.
        if words.count >= 2, ["407", "401"].contains(where: { words[1].elementsEqual($0.utf8) }) {
          failure.notes.append(
            proxy.user == nil
              ? "help: the proxy wants a login: `http:USER:PASSWORD@\(proxy.address.text)`"
              : "help: the proxy does not take this user and password")
        }
        throw failure
      }
    }
    scheduler.transcript.note(.through, channel, "\(proxy.text) to \(target.text)")
    preamble.goOn()
  }

  private func refusal(_ hop: Preamble.Hop, _ why: String) -> Failure {
    Failure(.proxy, "the proxy \(hop.proxy.text) does not connect to \(hop.target.text): \(why)")
  }
}

extension Preamble {
  /// Behind the empty line that ends the head of an HTTP message; LF alone ends a line, too (RFC 9112 section 2.2).
  fileprivate static func endOfHead(_ bytes: [UInt8]) -> Int? {
    var at = 0
    while let end = bytes[at...].firstIndex(of: 0x0A) {
      at = end + 1
      if at < bytes.count, bytes[at] == 0x0A { return at + 1 }
      if at + 1 < bytes.count, bytes[at] == 0x0D, bytes[at + 1] == 0x0A { return at + 2 }
    }
    return nil
  }

  /// RFC 1928 section 6.
  fileprivate static func reason(socks5 reply: UInt8) -> String {
    let reasons = [
      "general failure", "its rules do not allow it", "the network is unreachable",
      "the host is unreachable, or its name unknown", "connection refused", "the TTL has expired",
      "it does not know the command", "it does not know this kind of address",
    ]
    return (1...reasons.count).contains(Int(reply)) ? "\(reasons[Int(reply) - 1]) (\(reply))" : "reply \(reply)"
  }

  fileprivate static func reason(socks4 reply: UInt8) -> String {
    switch reply {
    case 91: "rejected or failed (91)"
    case 92: "it reaches no identd here (92)"
    case 93: "identd tells it of another user (93)"
    default: "reply \(reply)"
    }
  }
}
