// Peers that nobody here has written: openssl s_server and s_client, Python's ssl and curl, and gnutls-cli, which is of
// another library.
import Glibc
import SocketCore
import Synchronization
import Testing

@testable import TLS

/// Waits for as long as a session wants the wire, and makes the call again.
@discardableResult
func finish(
  _ socket: Socket, _ deadline: Deadline = soon, _ call: () -> TLSSession.Outcome
) throws -> TLSSession.Outcome {
  while true {
    let outcome = call()
    switch outcome {
    case .wantsRead: try socket.wait(reading: true, writing: false, within: deadline)
    case .wantsWrite: try socket.wait(reading: false, writing: true, within: deadline)
    default: return outcome
    }
  }
}

/// A session over a socket.
struct Connection {
  let socket: Socket
  let session: TLSSession

  /// A client of a port of loopback.
  init(
    port: UInt16, _ options: TLSOptions, name: String? = "localhost", resuming resumption: TLSResumption? = nil
  ) throws {
    socket = try Socket.connected(toFirstOf: [SocketAddress(loopbackPort: port)], within: soon)
    session = try TLSSession(TLSContext(options), name: name, wire: SocketWire(socket), resuming: resumption)
  }

  /// The next client of a listener.
  init(accepting listener: Socket, _ options: TLSOptions) throws {
    socket = try listener.accept(within: soon)
    session = try TLSSession(TLSContext(options), wire: SocketWire(socket))
  }

  func handshake() throws -> TLSSession.Outcome { try finish(socket) { session.handshake() } }

  /// Sends everything.
  func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let outcome = try finish(socket) { session.write(Array(rest)) }
      guard case .done(let count) = outcome else { throw outcome.error ?? TLSError(.other, "\(outcome)") }
      rest = rest.dropFirst(count)
    }
  }

  /// What comes up to where `isEnough` holds for all of it, or to the end, and that end.
  func receive(until isEnough: (String) -> Bool = { _ in false }) throws -> (text: String, last: TLSSession.Outcome?) {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while !isEnough(text(all)) {
      let outcome = try finish(socket) { buffer.withUnsafeMutableBytes { session.read(into: $0) } }
      guard case .done(let count) = outcome else { return (text(all), outcome) }
      all += buffer[..<count]
    }
    return (text(all), nil)
  }

  /// In good order, for a peer that waits for it before it takes the next one.
  func close() throws {
    #expect(try finish(socket) { session.shutdown() } == .done(0))
    socket.close()
  }

  func receiveLine() throws -> String { try receive { $0.hasSuffix("\n") }.text }
}

@Suite struct PeerTests {
  /// A folder with the authority's certificate and a server's and a client's, for programs.
  private struct Files {
    let folder: TemporaryFolder
    let trusted: String
    let server: (certificate: String, key: String)
    let client: (certificate: String, key: String)

    init(_ change: (inout TLSCertificateRequest) -> Void = { _ in }) throws {
      folder = try TemporaryFolder()
      trusted = try #require(authority).write(to: folder.path)
      server = try credentials(change).write(to: folder.path, name: "server")
      client = try credentials { $0.usage = .client }.write(to: folder.path, name: "client")
    }
  }

  // MARK: openssl s_server

  /// A server that sends each line back in reverse, and its port.
  private func opensslServer(_ files: Files, _ more: [String] = ["-rev"]) throws -> (program: Program, port: UInt16) {
    let program = try Program(
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", files.server.certificate, "-key", files.server.key]
        + more)
    let said = try program.read { $0.contains("ACCEPT 127.0.0.1:") && $0.hasSuffix("\n") }
    let line = said.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
    return (program, try #require(line?.split(separator: ":").last.flatMap { UInt16($0) }))
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func linesWithOpenSSLsServer(version: TLSVersion) throws {
    let files = try Files()
    let server = try opensslServer(files, ["-rev", "-alpn", "imap,h2"])
    let client = try Connection(
      port: server.port,
      clientOptions {
        ($0.lowestVersion, $0.highestVersion, $0.protocols) = (version, version, ["h2", "imap"])
      })
    #expect(try client.handshake() == .done(0))
    #expect(client.session.version == version && client.session.applicationProtocol == "imap")
    for line in ["abc", String(repeating: "x", count: 9000) + "y"] {
      try client.send(line + "\n")
      #expect(try client.receiveLine() == String(line.reversed()) + "\n")
    }
    try client.send("CLOSE\n")
    #expect(try client.receive().last == .ended)
  }

  @Test func aServerThatIsKilledTruncates() throws {
    let files = try Files()
    let server = try opensslServer(files)
    let client = try Connection(port: server.port, clientOptions())
    #expect(try client.handshake() == .done(0))
    try client.send("abc\n")
    #expect(try client.receiveLine() == "cba\n")
    _ = server.program.process.signalGroup(SIGKILL)
    #expect(try client.receive().last == .truncated)
  }

  @Test func aServerThatWantsACertificate() throws {
    let files = try Files()
    let server = try opensslServer(files, ["-rev", "-Verify", "1", "-verify_return_error", "-CAfile", files.trusted])
    let good = try Connection(
      port: server.port,
      clientOptions {
        $0.identities = [.init(certificate: .file(files.client.certificate), key: .file(files.client.key))]
      })
    #expect(try good.handshake() == .done(0))
    try good.send("abc\n")
    #expect(try good.receiveLine() == "cba\n")
    try good.close()
    let none = try Connection(port: server.port, clientOptions())
    #expect(try none.handshake() == .done(0))
    let error = try none.receive().last?.error
    #expect(error?.kind == .alertReceived(TLSAlert(rawValue: 116)))
    #expect(error?.cure == "the server asks for a certificate: `cert FILE key FILE`")
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func aSessionIsResumedByOpenSSLsServer(version: TLSVersion) throws {
    let files = try Files()
    let server = try opensslServer(files)
    let options = try clientOptions { ($0.highestVersion, $0.resumption) = (version, true) }
    let first = try Connection(port: server.port, options)
    #expect(try first.handshake() == .done(0))
    try first.send("abc\n")
    #expect(try first.receiveLine() == "cba\n")
    let resumption = try #require(first.session.takeResumption())
    try first.close()
    let second = try Connection(port: server.port, options, resuming: resumption)
    #expect(try second.handshake() == .done(0) && second.session.isResumed)
    try second.send("def\n")
    #expect(try second.receiveLine() == "fed\n")
  }

  @Test func aServerOfAnotherVersion() throws {
    let files = try Files()
    let server = try opensslServer(files, ["-rev", "-tls1_2"])
    let error = try Connection(port: server.port, clientOptions { $0.lowestVersion = .v1_3 }).handshake().error
    #expect(error?.kind == .alertReceived(TLSAlert(rawValue: 70)))
  }

  // MARK: openssl s_client

  private func opensslClient(_ port: UInt16, _ files: Files, _ more: [String]) throws -> Program {
    try Program(
      [
        "openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", files.trusted, "-verify_return_error",
        "-verify_hostname", "localhost", "-servername", "localhost",
      ] + more)
  }

  private func listener() throws -> (socket: Socket, port: UInt16) {
    let socket = try Socket.listening(at: SocketAddress(loopbackPort: 0))
    return (socket, try #require(socket.localName?.port))
  }

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func opensslsClientSeesWhatTheServerSees(version: TLSVersion) throws {
    let files = try Files()
    let (socket, port) = try listener()
    let log = files.folder.path + "/keys"
    let client = try opensslClient(
      port, files,
      [
        "-alpn", "h2,http/1.1", "-cert", files.client.certificate, "-key", files.client.key,
        "-keymatexport", "EXPORTER-x", "-keymatexportlen", "16", "-keylogfile", log,
      ])
    let lines = Lines()
    let server = try Connection(
      accepting: socket,
      serverOptions {
        $0.highestVersion = version
        ($0.protocols, $0.verification) = (["http/1.1"], .required)
        $0.authorities = [.file(files.trusted)]
        $0.keyLog = { line in lines.all.withLock { $0.append(line) } }
      })
    #expect(try server.handshake() == .done(0))
    try client.write("from openssl\n")
    #expect(try server.receiveLine() == "from openssl\n")
    try server.send("from here\n")
    let keys = try server.session.exportKeyingMaterial(label: "EXPORTER-x", count: 16)
    let said = try client.read { $0.contains("from here\n") }
    let session = server.session
    for part in [
      "Verification: OK", "Verified peername: localhost", "ALPN protocol: http/1.1", "Keying material: ",
      keys.map { hex($0) }.joined().uppercased(), version == .v1_3 ? "TLSv1.3" : "TLSv1.2",
    ] { #expect(said.contains(part), "\(part) in \(said)") }
    #expect(session.serverName == "localhost" && session.version == version)
    #expect(session.peerCertificate?.pem == text(try TLSSource.file(files.client.certificate).bytes(of: "it")))
    // Both have logged the same secrets.
    let logged = text(try TLSSource.file(log).bytes(of: "keys"))
      .split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    #expect(Set(logged) == Set(lines.all.withLock { $0 }) && !logged.isEmpty)
    // `Q` closes in good order.
    try client.write("Q\n")
    #expect(try server.receive().last == .ended)
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func opensslsClientResumes(version: TLSVersion) throws {
    let files = try Files()
    let (socket, port) = try listener()
    let options = try serverOptions { ($0.resumption, $0.highestVersion) = (true, version) }
    let context = try TLSContext(options)
    let kept = files.folder.path + "/session"
    for (round, more) in [["-sess_out", kept], ["-sess_in", kept]].enumerated() {
      let client = try opensslClient(port, files, more)
      let accepted = try socket.accept(within: soon)
      let session = try TLSSession(context, wire: SocketWire(accepted))
      #expect(try finish(accepted) { session.handshake() } == .done(0))
      #expect(session.isResumed == (round == 1))
      #expect(try finish(accepted) { session.write("hello\n") } == .done(6))
      let said = try client.read { $0.contains("hello\n") }
      #expect(said.contains(round == 1 ? "Reused, " : "New, "))
      try client.write("Q\n")
      #expect(try finish(accepted) { session.readAll().last } == .ended)
      _ = try client.read { _ in false }
    }
  }

  @Test func nobodyRenegotiates() throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try opensslClient(port, files, ["-tls1_2"])
    let server = try Connection(accepting: socket, serverOptions())
    #expect(try server.handshake() == .done(0))
    try client.write("R\n")
    // The client ends it when it is refused.
    let (bytes, last) = try server.receive()
    #expect(bytes == "" && last != nil)
    #expect(try client.read { _ in false }.contains("no renegotiation"))
  }

  @Test func opensslsClientRefusesABadCertificate() throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try opensslClient(port, files, [])
    let expired = try credentials { ($0.validFrom, $0.validUntil) = (-200, -100) }
    let server = try Connection(accepting: socket, serverOptions(expired.identity))
    let error = try server.handshake().error
    #expect(error?.kind == .alertReceived(TLSAlert(rawValue: 45)))
    #expect(error?.message == "the client sent the alert certificate_expired (45)")
    #expect(error?.cure == "the certificate of this side has expired")
    #expect(try client.read { _ in false }.contains("certificate has expired"))
  }

  // MARK: Python

  private func python(_ program: String, _ arguments: [String]) throws -> Program {
    try Program(["python3", "-u", "-c", program] + arguments)
  }

  /// The number that a program writes first.
  private func port(of program: Program) throws -> UInt16 {
    let line = try program.read { $0.hasSuffix("\n") }
    return try #require(UInt16(line.dropLast()))
  }

  /// A client that ends TLS with close_notify and goes on in plain text, then one that hangs up.
  @Test func pythonsClient() throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try python(
      """
      import os, socket, ssl, sys
      context = ssl.create_default_context(cafile=sys.argv[2])
      context.set_alpn_protocols(["x", "y"])
      tls = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
      print(tls.version(), tls.selected_alpn_protocol(), tls.getpeercert()["subjectAltName"])
      tls.sendall(b"over TLS\\n")
      assert tls.recv(100) == b"answer\\n"
      plain = tls.unwrap()
      plain.sendall(b"plain again\\n")
      assert plain.recv(100) == b"plain answer\\n"
      plain.close()
      tls = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
      tls.sendall(b"bye\\n")
      os.close(tls.detach())
      print("done")
      """, ["\(port)", files.trusted])
    let server = try Connection(accepting: socket, serverOptions { $0.protocols = ["y"] })
    #expect(try server.handshake() == .done(0))
    #expect(try server.receiveLine() == "over TLS\n")
    try server.send("answer\n")
    #expect(try server.receive().last == .ended)
    #expect(try finish(server.socket) { server.session.shutdown() } == .done(0))
    var plain = Array(server.session.readAhead)
    while plain.last != 0x0a {
      plain += try server.socket.receive(atMost: 100, within: soon) ?? [0x0a]
    }
    #expect(text(plain) == "plain again\n")
    try server.socket.send(Array("plain answer\n".utf8), within: soon)
    let other = try Connection(accepting: socket, serverOptions())
    #expect(try other.handshake() == .done(0))
    let (bytes, last) = try other.receive()
    #expect(bytes == "bye\n" && last == .truncated)
    let said = try client.read { _ in false }
    #expect(said == "TLSv1.3 y (('DNS', 'localhost'), ('IP Address', '127.0.0.1'))\ndone\n")
  }

  /// A server that asks for a certificate, upgrades in the middle of a dialogue, and sends the plain text in one piece
  /// with what it can of TLS.
  @Test func pythonsServerUpgrades() throws {
    let files = try Files()
    let server = try python(
      """
      import socket, ssl, sys
      context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=sys.argv[1])
      context.load_cert_chain(sys.argv[2], sys.argv[3])
      context.verify_mode = ssl.CERT_REQUIRED
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1])
      plain, _ = listener.accept()
      plain.sendall(b"220 ready\\r\\n")
      assert plain.recv(100) == b"STARTTLS\\r\\n"
      plain.sendall(b"220 go ahead\\r\\n")
      tls = context.wrap_socket(plain, server_side=True)
      print(tls.getpeercert()["subject"])
      while line := tls.recv(100):
          tls.sendall(line.upper())
      print("ended")
      """, [files.trusted, files.server.certificate, files.server.key])
    let port = try port(of: server)
    let socket = try Socket.connected(toFirstOf: [SocketAddress(loopbackPort: port)], within: soon)
    #expect(try socket.receive(atMost: 100, within: soon).map(text) == "220 ready\r\n")
    try socket.send(Array("STARTTLS\r\n".utf8), within: soon)
    #expect(try socket.receive(atMost: 100, within: soon).map(text) == "220 go ahead\r\n")
    let options = try clientOptions {
      $0.identities = [.init(certificate: .file(files.client.certificate), key: .file(files.client.key))]
    }
    let session = try TLSSession(TLSContext(options), name: "localhost", wire: SocketWire(socket))
    #expect(try finish(socket) { session.handshake() } == .done(0))
    #expect(try finish(socket) { session.write("hello\n") } == .done(6))
    var buffer = [UInt8](repeating: 0, count: 100)
    #expect(try finish(socket) { buffer.withUnsafeMutableBytes { session.read(into: $0) } } == .done(6))
    #expect(text(Array(buffer[..<6])) == "HELLO\n")
    #expect(try finish(socket) { session.shutdown() } == .done(0))
    #expect(try server.read { $0.hasSuffix("ended\n") }.contains("((('commonName', 'localhost'),),)"))
  }

  @Test func pythonSaysWhatItWasAlertedOf() throws {
    let files = try Files()
    let server = try python(
      """
      import socket, ssl, sys
      context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
      context.load_cert_chain(sys.argv[1], sys.argv[2])
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1])
      try:
          context.wrap_socket(listener.accept()[0], server_side=True)
      except ssl.SSLError as error:
          print(error.reason)
      """, [files.server.certificate, files.server.key])
    let port = try port(of: server)
    let error = try Connection(port: port, TLSOptions(role: .client)).handshake().error
    #expect(error?.kind == .verification(.unknownAuthority))
    #expect(try server.read { _ in false }.contains("TLSV1_ALERT_UNKNOWN_CA"))
  }

  // MARK: GnuTLS

  private func gnutlsClient(_ port: UInt16, _ files: Files, _ more: [String]) throws -> Program {
    try Program(
      [
        "gnutls-cli", "--x509cafile", files.trusted, "--verify-hostname", "localhost", "--sni-hostname", "localhost",
        "-p", "\(port)", "127.0.0.1",
      ] + more)
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func linesWithGnuTLS(version: TLSVersion) throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try gnutlsClient(
      port, files,
      [
        "--priority", "NORMAL:-VERS-ALL:+VERS-TLS\(version.name)", "--alpn", "x", "--alpn", "y", "--inline-commands",
        "--x509certfile", files.client.certificate, "--x509keyfile", files.client.key,
      ])
    let server = try Connection(
      accepting: socket,
      serverOptions {
        ($0.protocols, $0.verification, $0.authorities) = (["y"], .required, [.file(files.trusted)])
        // In TLS 1.3 it offers keys of other groups first, and the server asks again.
        if version == .v1_3 { $0.groups = "P-521" }
      })
    #expect(try server.handshake() == .done(0))
    let session = server.session
    #expect(session.version == version && (session.group == "secp521r1") == (version == .v1_3))
    #expect(session.applicationProtocol == "y" && session.serverName == "localhost")
    #expect(session.peerCertificate?.names == [.dns("localhost"), .address("127.0.0.1")])
    try client.write("from gnutls\n")
    #expect(try server.receiveLine() == "from gnutls\n")
    try server.send("from here\n")
    _ = try client.read { $0.contains("from here\n") }
    if version == .v1_3 {
      // New keys both ways (RFC 8446 section 4.6.3).
      try client.write("^rekey^\n")
      try client.write("with new keys\n")
      #expect(try server.receiveLine() == "with new keys\n")
      try server.send("with new keys\n")
      _ = try client.read { $0.contains("with new keys\n") }
      try session.updateKeys()
      try server.send("with newer keys\n")
      _ = try client.read { $0.contains("with newer keys\n") }
    }
    client.process.close(.stdin)
    #expect(try server.receive().last == .ended)
    let said = try client.read { _ in false }
    for part in ["Status: The certificate is trusted.", "Application protocol: y", "(TLS\(version.name)-"] {
      #expect(said.contains(part), "\(part) in \(said)")
    }
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func gnuTLSResumes(version: TLSVersion) throws {
    let files = try Files()
    let (socket, port) = try listener()
    let context = try TLSContext(serverOptions { ($0.resumption, $0.highestVersion) = (true, version) })
    let client = try gnutlsClient(port, files, ["--resume", "--waitresumption"])
    for round in 0...1 {
      let accepted = try socket.accept(within: soon)
      let session = try TLSSession(context, wire: SocketWire(accepted))
      #expect(try finish(accepted) { session.handshake() } == .done(0))
      #expect(session.isResumed == (round == 1))
      if round == 1 { client.process.close(.stdin) }
      #expect(try finish(accepted) { session.readAll().last } == .ended)
    }
    #expect(try client.read { _ in false }.contains("*** This is a resumed session"))
  }

  @Test func gnuTLSRefusesABadCertificate() throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try gnutlsClient(port, files, [])
    let server = try Connection(accepting: socket, serverOptions(credentials { $0.validUntil = -100 }.identity))
    // It verifies behind the handshake, and hangs up.
    var outcome = try server.handshake()
    if outcome == .done(0) { outcome = try server.receive().last ?? outcome }
    guard case .alertReceived = outcome.error?.kind else {
      Issue.record("\(outcome)")
      return
    }
    #expect(try client.read { _ in false }.contains("expired certificate"))
  }

  // MARK: curl

  private func answer(_ server: Connection) throws {
    let request = try server.receive { $0.hasSuffix("\r\n\r\n") }
    #expect(request.text.hasPrefix("GET /x HTTP/1.1\r\nHost: localhost:"))
    try server.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
    #expect(try finish(server.socket) { server.session.shutdown() } == .done(0))
  }

  private func curl(_ port: UInt16, _ files: Files, _ more: [String] = [], scheme: String = "https") throws -> Program {
    try Program(
      ["curl", "-sS", "--http1.1", "--cacert", files.trusted, "--resolve", "localhost:\(port):127.0.0.1"] + more
        + ["\(scheme)://localhost:\(port)/x"])
  }

  @Test func curlGetsAFile() throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try curl(port, files)
    let server = try Connection(accepting: socket, serverOptions { $0.protocols = ["http/1.1"] })
    #expect(try server.handshake() == .done(0))
    #expect(server.session.applicationProtocol == "http/1.1")
    try answer(server)
    #expect(try client.read { _ in false } == "hello\n")
    #expect(try client.process.wait(within: soon).code == 0)
  }

  @Test func curlWithoutTLSIsToldApart() throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try curl(port, files, scheme: "http")
    let error = try Connection(accepting: socket, serverOptions()).handshake().error
    #expect(error?.message == "the client speaks no TLS; it sent \"GET /x HTTP/1.1\"")
    _ = client
  }

  @Test(arguments: [
    ("expired", "certificate has expired"), ("another name", "no alternative certificate subject name matches"),
    ("usage", "unsuitable certificate purpose"), ("unknown", "unable to get local issuer certificate"),
  ])
  func curlRefuses(fault: String, message: String) throws {
    let files = try Files()
    let (socket, port) = try listener()
    let client = try curl(port, files)
    let made: TLSCredentials
    switch fault {
    case "expired": made = try credentials { $0.validUntil = -100 }
    case "another name": made = try credentials { $0.names = [.dns("other.test")] }
    case "usage": made = try credentials { $0.usage = .client }
    default: made = try CertificateAuthority(name: "x").issue(TLSCertificateRequest(names: [.dns("localhost")]))
    }
    let server = try Connection(accepting: socket, serverOptions(made.identity))
    _ = try server.handshake()
    let said = try client.read { _ in false }
    #expect(said.contains(message), "\(said)")
    #expect(try client.process.wait(within: soon).code == 60)
  }
}
