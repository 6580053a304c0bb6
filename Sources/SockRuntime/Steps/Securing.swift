// `starttls`, and TLS for `connect`, `listen` and `accept`: options, certificates, and the handshake as a step that waits.

import SockLanguage
import SocketCore
import TLS

/// What a step keeps while a handshake is under way: of TLS, before which a PROXY header may have to come.
final class Handshake {
  let channel: Channel
  init(_ channel: Channel) { self.channel = channel }
}

extension StepCall {
  func startTLS() throws(Failure) -> Value? {
    let channel = try channel()
    try channel.requireOpen("starttls")
    if let handshake = task.step.work as? Handshake {
      return try goOn(handshake) ? .channel(channel) : nil
    }
    guard channel.kind == .stream || channel.kind == .process, channel.socket?.type != .seqpacket else {
      throw .type("\(channel.label) is no stream: TLS needs one")
    }
    if channel.tls != nil { throw .type("\(channel.label) speaks TLS already") }
    if let reader = channel.reader, reader !== task { throw busy(channel) }
    // What other tasks are sending goes before TLS, whole.
    guard try flush(channel), try turn(channel) != nil else { return nil }
    let role: TLSOptions.Role = site.has(.server) || channel.isAccepted && !site.has(.client) ? .server : .client
    let context = try tlsContext(role)
    try secure(channel, context, name: role == .client ? try serverName ?? channel.target : nil)
    task.step.work = nil
    return try goOn(Handshake(channel)) ? .channel(channel) : nil
  }

  func secure(_ channel: Channel, _ context: TLSContext, name: String?) throws(Failure) {
    do throws(TLSError) {
      try channel.secure(context, name: name, run.security)
    } catch {
      throw Failure("cannot start TLS on \(channel.label)", error, channel)
    }
  }

  /// Goes on with a handshake. False: the task waits. A failed one closes the channel.
  func goOn(_ handshake: Handshake) throws(Failure) -> Bool {
    let channel = handshake.channel
    guard channel.hasHandshake else { return true }
    if channel.isClosed { throw Failure(.closed, "\(channel.label) was closed in the middle of the handshake") }
    do throws(Failure) {
      guard try run.readHeader(channel) else {
        if task.step.work == nil { task.step.work = handshake }
        try waitToRead(channel) { "the PROXY header did not come" }
        return false
      }
      guard let tls = channel.tls else { return true }
      switch tls.handshake() {
      case .done: return true
      case .wantsRead:
        if task.step.work == nil { task.step.work = handshake }
        channel.readiness.canRead = false
        try waitToRead(channel) { "the TLS handshake did not end: the peer has not answered" }
        return false
      case .wantsWrite:
        if task.step.work == nil { task.step.work = handshake }
        channel.readiness.canWrite = false
        try waitToWrite(channel) { "the TLS handshake did not end: the peer takes no more" }
        return false
      case .failed(let error):
        scheduler.transcript.note(.broken, channel, error.message)
        throw Failure("the TLS handshake failed", error, channel)
      case .ended, .truncated: throw Failure(.eof, "the peer has closed in the middle of the TLS handshake")
      }
    } catch {
      error.channel = error.channel ?? channel
      error.channelSummary = error.channelSummary ?? channel.summary
      channel.release()
      if task.conn === channel { task.conn = nil }
      throw error
    }
  }

  // MARK: - Options

  /// Whether an option is there that only TLS has a use for.
  var hasTLSOption: Bool { VerbRow.tlsWords.contains { site.has($0) } }

  var serverName: String? {
    get throws(Failure) {
      guard let value = option(.name) else { return nil }
      return try value.data("name").text
    }
  }

  /// The context that the step's options ask for. A server without a certificate gets one of the run's own authority.
  func tlsContext(_ role: TLSOptions.Role) throws(Failure) -> TLSContext {
    var request = TLSRequest(role: role)
    if let value = option(.ca) {
      request.authorities = try sources(value, "ca")
      if role == .server { request.verification = site.has(.optional) ? .optional : .required }
    }
    if site.has(.insecure) { request.verification = .none }
    if let value = option(.cert) {
      let certificates = try sources(value, "cert")
      let keys = if let key = option(.key) { try sources(key, "key") } else { try keys(in: value) }
      guard keys.isEmpty || keys.count == certificates.count else {
        throw .range("there are \(certificates.count) certificates and \(keys.count) keys")
      }
      for (at, certificate) in certificates.enumerated() {
        request.identities.append(.init(certificate: certificate, key: keys.isEmpty ? nil : keys[at]))
      }
    } else if site.has(.key) {
      throw .type("`key` is the key of a certificate: give that with `cert`")
    } else if role == .server {
      var names = ["localhost", "127.0.0.1", "::1"]
      if let name = try serverName { names.append(name) }
      request.identities = [try run.ownIdentity(for: names)]
    }
    if let value = option(.alpn) { request.protocols = try words(value, "alpn") }
    request.lowestVersion = try version(.min)
    request.highestVersion = try version(.max)
    if let value = option(.ciphers) {
      // The suites of 1.3 are another list of the library's; in a script they are one.
      let names = try words(value, "ciphers").flatMap { $0.split(separator: ":").map(String.init) }
      // The standard name of an older one says with which key exchange it goes: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
      func isNew(_ name: String) -> Bool { name.hasPrefix("TLS_") && !name.contains("_WITH_") }
      let (new, old) = (names.filter(isNew), names.filter { !isNew($0) })
      if !new.isEmpty { request.ciphersuites = new.joined(separator: ":") }
      if !old.isEmpty { request.ciphers = old.joined(separator: ":") }
    }
    if let value = option(.groups) { request.groups = try words(value, "groups").joined(separator: ":") }
    request.resumption = site.has(.resume)
    return try run.tlsContext(request)
  }

  private func version(_ word: OptionWord) throws(Failure) -> TLSVersion? {
    guard let value = option(word) else { return nil }
    let text = Show.text(value).text
    guard let version = TLSVersion(name: text) else {
      throw .range("`\(word.rawValue) \(text)` is no version of TLS; they are \(TLSVersion.allCases.map(\.name).joined(separator: ", "))")
    }
    return version
  }

  private func words(_ value: Value, _ word: String) throws(Failure) -> [String] {
    switch value {
    case .string(let text): return [text.text]
    case .list(let list):
      var words: [String] = []
      for item in list.items { words.append(try item.data(word).text) }
      return words
    default: throw .type("`\(word)` takes a string or a list of them, not \(value.article)")
    }
  }

  /// Files, PEM texts, what `certificate()` has made, or a list of those.
  private func sources(_ value: Value, _ word: String) throws(Failure) -> [TLSSource] {
    switch value {
    case .string(let text):
      if text.text.hasPrefix("-----BEGIN") { return [.pem(text.text)] }
      let path = try permissions.requireFile(text.text, .read)
      do throws(TLSError) {
        // Read each time: contexts are kept, and a renewed certificate has the path of the old one.
        return [try TLSSource.file(path).loaded(as: StepCall.purposes[word] ?? word)]
      } catch {
        throw Failure("cannot set up TLS", error)
      }
    case .map(let map):
      guard let entry = map[word] else { throw .type("`\(word)` finds no `\(word)` in the map") }
      return try sources(entry, word)
    case .list(let list):
      var all: [TLSSource] = []
      for item in list.items { all += try sources(item, word) }
      return all
    default: throw .type("`\(word)` takes a file, PEM text or what `certificate()` gives, not \(value.article)")
    }
  }

  /// What the file of an option holds, for errors.
  private static let purposes = [
    "ca": "the authority's certificate", "cert": "the certificate", "key": "the key",
  ]

  /// What `certificate()` gives has its key with it.
  private func keys(in value: Value) throws(Failure) -> [TLSSource] {
    switch value {
    case .map: return try sources(value, "key")
    case .list(let list):
      var all: [TLSSource] = []
      for item in list.items { all += try keys(in: item) }
      return all
    default: return []
    }
  }
}

extension Interpreter {
  func tlsContext(_ request: TLSRequest) throws(Failure) -> TLSContext {
    if let known = security.contexts[request] { return known }
    security.keepRecords(like: scheduler.transcript, keeps: options.keepsWholeTranscript)
    do throws(TLSError) {
      let context = try TLSContext(request.options(keyLog: security.keyLog(keeps: options.keepsWholeTranscript)))
      security.contexts[request] = context
      return context
    } catch {
      throw Failure("cannot set up TLS", error)
    }
  }

  /// A certificate that this run's own authority has signed.
  func ownIdentity(for names: [String]) throws(Failure) -> TLSOptions.Identity {
    if let known = security.identities[names] { return known }
    do throws(TLSError) {
      let identity = try context.certificates.authority()
        .issue(TLSCertificateRequest(names: names.map { TLSName($0) })).identity
      security.identities[names] = identity
      return identity
    } catch {
      throw Failure("cannot make a certificate", error)
    }
  }
}

extension Failure {
  /// TLS has failed: `what` says what was tried.
  convenience init(_ what: String, _ error: TLSError, _ channel: Channel? = nil) {
    let code: FailureCode
    var errno: Int32 = 0
    switch error.kind {
    case .verification, .noPeerCertificate: code = .certificate
    case .alertReceived: code = .alert
    case .io(let error):
      code = error == .connectionReset || error == .brokenPipe ? .reset : .system(error)
      errno = error.rawValue
    case .truncated: code = .truncated
    case .misuse, .configuration, .noLibrary, .notTLS, .version, .nothingShared, .noApplicationProtocol, .badRecord,
      .protocolViolation, .other:
      code = .tls
    }
    self.init(code, "\(what): \(error.message)", errno: errno, notes: error.details)
    if let cure = error.cure { notes.append("help: \(cure)") }
    self.channel = channel
  }
}
