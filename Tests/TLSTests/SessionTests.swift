// Two sessions of this library with each other.
import SocketCore
import Synchronization
import Testing

@testable import TLS

@Suite struct SessionTests {
  @Test func aHandshakeAndBytesBothWays() throws {
    let couple = try Couple()
    let outcomes = couple.handshake()
    #expect(outcomes.client == .done(0) && outcomes.server == .done(0))
    #expect(couple.client.isEstablished && couple.server.isEstablished)
    #expect(couple.client.write("hello") == .done(5))
    #expect(text(couple.server.readAll().bytes) == "hello")
    #expect(couple.server.write("goodbye") == .done(7))
    #expect(text(couple.client.readAll().bytes) == "goodbye")
    #expect(couple.client.readAll().last == .wantsRead)
  }

  /// Both versions, with certificates on both sides, in pieces of any size and with calls that block in between.
  @Test(arguments: [TLSVersion.v1_2, .v1_3], [1, 2, 7, 1000])
  func recordsMayBeCutAnywhere(version: TLSVersion, size: Int) throws {
    let couple = try Couple(
      client: clientOptions { $0.identities = [try credentials { $0.usage = .client }.identity] },
      server: serverOptions {
        ($0.lowestVersion, $0.highestVersion) = (version, version)
        ($0.verification, $0.authorities) = (.required, [.pem(try #require(authority).certificate.pem)])
      })
    for wire in [couple.clientWire, couple.serverWire] { (wire.most, wire.blocksInBetween) = (size, true) }
    let outcomes = couple.handshake()
    #expect(outcomes.client == .done(0) && outcomes.server == .done(0))
    #expect(couple.server.version == version && couple.client.version == version)
    #expect(couple.server.peerCertificate?.subject == "CN=localhost")
    let sent = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
    var received: [UInt8] = []
    var written = 0
    for _ in 0..<100_000 where received.count < sent.count {
      if written < sent.count, case .done(let count) = couple.client.write(Array(sent[written...])) { written += count }
      let (bytes, last) = couple.server.readAll()
      received += bytes
      if last != .wantsRead {
        Issue.record("\(last)")
        break
      }
    }
    #expect(received == sent)
  }

  // MARK: Ends

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func closeNotifyIsAnEndAndWhatCameBeforeItIsThere(version: TLSVersion) throws {
    let couple = try Couple(client: clientOptions { $0.highestVersion = version })
    couple.handshake()
    #expect(couple.client.write("last words") == .done(10))
    #expect(couple.client.shutdown() == .done(0))
    let (bytes, last) = couple.server.readAll()
    #expect(text(bytes) == "last words" && last == .ended)
    #expect(couple.server.readAll().last == .ended)
    // The other direction goes on (RFC 8446 section 6.1).
    #expect(couple.server.write("answer") == .done(6))
    #expect(text(couple.client.readAll().bytes) == "answer")
    #expect(couple.client.write("more").error?.kind == .misuse)
    #expect(couple.server.shutdown() == .done(0))
    #expect(couple.client.readAll().last == .ended)
  }

  @Test func aBareCloseIsTruncated() throws {
    let couple = try Couple()
    couple.handshake()
    #expect(couple.client.write("first words") == .done(11))
    couple.clientWire.outgoing.isClosed = true
    let (bytes, last) = couple.server.readAll()
    #expect(text(bytes) == "first words" && last == .truncated)
    #expect(couple.server.readAll().last == .truncated)
    #expect(couple.server.write("answer") == .done(6))
    #expect(text(couple.client.readAll().bytes) == "answer")
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func whatStandsBehindCloseNotifyIsTheCallers(version: TLSVersion) throws {
    let couple = try Couple(client: clientOptions { $0.highestVersion = version })
    couple.handshake()
    // In one read, and behind records that are as short.
    for _ in 1...3 { #expect(couple.client.write("ab") == .done(2)) }
    #expect(couple.client.shutdown() == .done(0))
    couple.clientWire.outgoing.bytes += Array("plain text again\r\n".utf8)
    let (bytes, last) = couple.server.readAll()
    #expect(text(bytes) == "ababab" && last == .ended)
    #expect(text(couple.server.readAhead + couple.serverWire.incoming.bytes) == "plain text again\r\n")
  }

  @Test func whatWasReadAlreadyComesFirst() throws {
    let (clientWire, serverWire) = MemoryWire.pair()
    let client = try TLSSession(TLSContext(clientOptions()), name: "localhost", wire: clientWire)
    #expect(client.handshake() == .wantsRead)
    let early = Array(serverWire.incoming.bytes.prefix(100))
    serverWire.incoming.bytes.removeFirst(100)
    let server = try TLSSession(TLSContext(serverOptions()), wire: serverWire, received: early)
    #expect(server.readAhead.count == 100 && server.hasPending)
    #expect(server.handshake() == .wantsRead)
    #expect(client.handshake() == .done(0) && server.handshake() == .done(0))
    #expect(server.readAhead.isEmpty && !server.hasPending)
  }

  @Test func pendingTellsWhatAReadGives() throws {
    let couple = try Couple()
    couple.handshake()
    for _ in 1...2 { #expect(couple.client.write("0123456789") == .done(10)) }
    #expect(couple.server.pending == 0 && !couple.server.hasPending)
    var buffer = [UInt8](repeating: 0, count: 4)
    #expect(buffer.withUnsafeMutableBytes { couple.server.read(into: $0) } == .done(4))
    #expect(couple.server.pending == 6 && couple.server.hasPending && couple.serverWire.incoming.bytes.isEmpty)
    #expect(couple.server.readAll(atMost: 4).bytes.count == 16)
    #expect(!couple.server.hasPending)
  }

  // MARK: Waiting

  @Test func aWriteThatBlocksGoesOn() throws {
    let couple = try Couple()
    couple.handshake()
    couple.clientWire.room = 1000
    let bytes = [UInt8](repeating: 7, count: 40_000)
    #expect(couple.client.write(bytes) == .wantsWrite)
    #expect(couple.client.write(bytes) == .wantsWrite)
    couple.clientWire.room = .max
    #expect(couple.client.write(bytes) == .done(16384))
    #expect(couple.client.write(Array(bytes[16384...])) == .done(16384))
    #expect(couple.client.write(Array(bytes[32768...])) == .done(40_000 - 32768))
    #expect(couple.server.readAll().bytes == bytes)
  }

  @Test func aWriteThatIsGivenUpIsFinishedFirst() throws {
    let couple = try Couple()
    couple.handshake()
    couple.clientWire.room = 10
    #expect(couple.client.write("given up") == .wantsWrite)
    #expect(couple.client.flush() == .wantsWrite)
    #expect(couple.client.shutdown() == .wantsWrite)
    #expect(couple.client.write("new") == .wantsWrite)
    couple.clientWire.room = .max
    #expect(couple.client.write("new") == .done(3))
    #expect(couple.client.flush() == .done(0) && couple.client.shutdown() == .done(0))
    #expect(couple.client.write("late").error?.kind == .misuse)
    let (received, last) = couple.server.readAll()
    #expect(text(received) == "given upnew" && last == .ended)
  }

  @Test func aReadMayWantAWrite() throws {
    let couple = try Couple()
    #expect(couple.client.readAll().last == .wantsRead)
    couple.serverWire.room = 0
    #expect(couple.server.readAll().last == .wantsWrite)
    couple.serverWire.room = .max
    #expect(couple.server.write("hello") == .wantsRead)
    #expect(couple.client.readAll().last == .wantsRead)
    #expect(couple.server.write("hello") == .done(5))
    #expect(text(couple.client.readAll().bytes) == "hello")
  }

  @Test func newKeysBothWays() throws {
    let couple = try Couple()
    couple.handshake()
    try couple.client.updateKeys()
    #expect(couple.client.write("with new keys") == .done(13))
    #expect(text(couple.server.readAll().bytes) == "with new keys")
    // The answer goes before what is written next.
    couple.serverWire.room = 10
    #expect(couple.server.write("the same") == .wantsWrite)
    couple.serverWire.room = .max
    #expect(couple.server.write("the same") == .done(8))
    #expect(text(couple.client.readAll().bytes) == "the same")
    let old = try Couple(client: clientOptions { $0.highestVersion = .v1_2 })
    old.handshake()
    #expect(throws: TLSError.self) { try old.client.updateKeys() }
  }

  @Test func newKeysWhileAWriteIsBlocked() throws {
    let couple = try Couple()
    couple.handshake()
    couple.clientWire.room = 1000
    let bytes = [UInt8](repeating: 7, count: 40_000)
    #expect(couple.client.write(bytes) == .wantsWrite)
    // Each is read, and answered behind the record that waits.
    for turn in 1...3 {
      try couple.server.updateKeys()
      #expect(couple.server.write("keys \(turn)") == .done(6))
      let (received, last) = couple.client.readAll()
      #expect(text(received) == "keys \(turn)" && last == .wantsRead)
    }
    couple.clientWire.room = .max
    var rest = bytes[...]
    while !rest.isEmpty, case .done(let count) = couple.client.write(Array(rest)) { rest = rest.dropFirst(count) }
    #expect(couple.server.readAll().bytes == bytes)
    // Who does not take the answers is not read any further.
    couple.clientWire.room = 0
    var last = TLSSession.Outcome.wantsRead
    for _ in 1...10_000 where last != .wantsWrite || couple.clientWire.incoming.bytes.count < 1000 {
      try couple.server.updateKeys()
      #expect(couple.server.write("x") == .done(1))
      last = couple.client.readAll().last
      if last.error != nil { break }
    }
    #expect(last == .wantsWrite)
    couple.clientWire.room = .max
    #expect(couple.client.write("all is well") == .done(11))
    _ = couple.client.readAll()
    #expect(text(couple.server.readAll().bytes) == "all is well")
  }

  @Test func aFailedWireSaysHow() throws {
    let couple = try Couple()
    couple.clientWire.writeError = .connectionReset
    let error = couple.client.handshake().error
    #expect(error?.kind == .io(.connectionReset))
    #expect(error?.message == "the connection failed in the middle of the handshake: Connection reset by peer")
    let other = try Couple()
    other.handshake()
    other.serverWire.writeError = .brokenPipe
    #expect(other.server.write("x").error?.kind == .io(.brokenPipe))
    // Reading goes on.
    #expect(other.client.write("still here") == .done(10))
    #expect(text(other.server.readAll().bytes) == "still here")
    other.clientWire.readError = .connectionReset
    #expect(other.client.readAll().last.error?.kind == .io(.connectionReset))
  }

  /// Four threads, each with 250 handshakes that go on side by side, with the same contexts.
  @Test func aThousandAtOnce() async throws {
    let client = try TLSContext(clientOptions { $0.resumption = true })
    let server = try TLSContext(serverOptions { ($0.resumption, $0.protocols) = (true, ["x"]) })
    let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 1...4 {
        group.addTask {
          let couples = try (1...250).map { _ in try Couple(client, server) }
          for _ in 1...3 {
            for couple in couples {
              _ = couple.client.handshake()
              _ = couple.server.handshake()
            }
          }
          return couples.count { couple in
            guard couple.client.write("hello") == .done(5), text(couple.server.readAll().bytes) == "hello",
              couple.server.write("hello") == .done(5), text(couple.client.readAll().bytes) == "hello",
              couple.client.takeResumption() != nil
            else { return true }
            return couple.client.shutdown() != .done(0) || couple.server.readAll().last != .ended
          }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  @Test func aShutdownMayBeAskedForTwice() throws {
    let couple = try Couple()
    #expect(couple.client.shutdown() == .done(0), "nothing to end yet")
    couple.handshake()
    #expect(couple.server.write("unread") == .done(6))
    for _ in 1...3 { #expect(couple.client.shutdown() == .done(0)) }
    #expect(text(couple.client.readAll().bytes) == "unread")
    #expect(couple.client.shutdown() == .done(0))
    #expect(couple.server.readAll().last == .ended)
  }

  /// The server has refused the client's certificate and gone; the client, which is done in TLS 1.3, writes.
  @Test func aFailedWriteFindsTheAlertBehindIt() throws {
    let couple = try Couple(
      server: serverOptions {
        ($0.verification, $0.authorities) = (.required, [.pem(try #require(authority).certificate.pem)])
      })
    couple.handshake()
    couple.clientWire.writeError = .brokenPipe
    let error = couple.client.write("hello").error
    #expect(error?.kind == .alertReceived(TLSAlert(rawValue: 116)))
    #expect(couple.client.readAll().last.error == error)
    // Without one, the write has failed by itself, and what came is there.
    let other = try Couple()
    other.handshake()
    #expect(other.server.write("last words") == .done(10))
    other.clientWire.writeError = .brokenPipe
    #expect(other.client.write("hello").error?.kind == .io(.brokenPipe))
    #expect(text(other.client.readAll().bytes) == "last words")
  }

  // MARK: Misbehaving peers

  @Test func aChangedByteIsABadRecord() throws {
    let couple = try Couple()
    couple.handshake()
    couple.clientWire.change = { bytes in
      var changed = bytes
      changed[changed.count - 1] ^= 1
      return changed
    }
    #expect(couple.client.write("abc") == .done(3))
    let error = couple.server.readAll().last.error
    #expect(error?.kind == .badRecord && error?.alertSent?.name == "bad_record_mac")
    #expect(couple.server.readAll().last.error == error, "it stays so")
    #expect(couple.server.write("x").error == error)
    let received = couple.client.readAll().last.error
    #expect(received?.kind == .alertReceived(TLSAlert(rawValue: 20)))
    #expect(received?.message == "the server sent the alert bad_record_mac (20)")
  }

  /// Alerts in the clear, instead of an answer to the first message.
  @Test func alertsBeforeThereAreKeys() throws {
    func outcome(_ record: [UInt8]) throws -> TLSSession.Outcome {
      let (wire, other) = MemoryWire.pair()
      let client = try TLSSession(TLSContext(clientOptions()), name: "localhost", wire: wire)
      #expect(client.handshake() == .wantsRead)
      other.outgoing.bytes = record
      return client.handshake()
    }
    let fatal = try outcome([21, 3, 1, 0, 2, 2, 40]).error
    #expect(fatal?.message == "the server sent the alert handshake_failure (40)")
    let end = try outcome([21, 3, 3, 0, 2, 1, 0]).error
    #expect(end?.kind == .truncated)
    #expect(end?.message == "the server ended TLS in the middle of the handshake, with close_notify")
    let unknown = try outcome([21, 3, 3, 0, 2, 2, 199]).error
    #expect(unknown?.kind == .alertReceived(TLSAlert(rawValue: 199)))
    // A record that is cut, and one that is empty.
    #expect(try outcome([21, 3, 3, 0, 2, 2]) == .wantsRead)
    #expect(try outcome([21, 3, 3, 0, 0]).error?.kind == .protocolViolation)
  }

  @Test func aRecordThatIsTooLong() throws {
    let couple = try Couple()
    couple.handshake()
    couple.clientWire.outgoing.bytes += [23, 3, 3, 0x7f, 0xff] + [UInt8](repeating: 0, count: 0x7fff)
    let error = couple.server.readAll().last.error
    #expect(error?.kind == .badRecord && error?.alertSent?.name == "record_overflow")
  }

  @Test func plainTextBehindTheHandshake() throws {
    let couple = try Couple()
    couple.handshake()
    couple.clientWire.outgoing.bytes += Array("QUIT\r\n".utf8)
    let error = couple.server.readAll().last.error
    #expect(error?.kind == .badRecord)
    #expect(error?.message == "what came from the client is no record of TLS any more")
  }

  /// A peer that hangs up after each number of bytes of its part of the handshake.
  @Test(arguments: [TLSVersion.v1_2, .v1_3], [true, false])
  func aHangUpAnywhereInTheHandshake(version: TLSVersion, client: Bool) throws {
    let contexts = (
      try TLSContext(clientOptions { $0.highestVersion = version }), try TLSContext(serverOptions())
    )
    var count = 0
    while true {
      let couple = try Couple(contexts.0, contexts.1)
      let wire = client ? couple.clientWire : couple.serverWire
      var left = count
      wire.change = { bytes in
        let kept = min(left, bytes.count)
        left -= kept
        if kept < bytes.count { wire.outgoing.isClosed = true }
        return Array(bytes[..<kept])
      }
      for _ in 1...4 {
        _ = couple.client.handshake()
        _ = couple.server.handshake()
      }
      if !wire.outgoing.isClosed { break }
      let outcome = client ? couple.server.handshake() : couple.client.handshake()
      if outcome == .done(0) { break }
      #expect(outcome.error?.kind == .truncated, "after \(count) bytes: \(outcome)")
      let said = outcome.error?.message.contains("before its first byte")
      #expect(said == (count == 0))
      count += 1
    }
    #expect(count > 200)
  }

  @Test(arguments: [
    (
      "HTTP/1.1 400 Bad Request\r\n", "the server speaks no TLS; it sent \"HTTP/1.1 400 Bad Request\"",
      "the port speaks plain HTTP; its port for HTTPS is another one"
    ),
    (
      "220 mail.example.org ESMTP\r\n", "the server speaks no TLS; it sent \"220 mail.example.org ESMTP\"",
      "if the protocol has STARTTLS or the like, ask for it first, then use `starttls`"
    ),
    ("hi\n", "the server speaks no TLS; it sent \"hi\"", nil),
    (
      "\0\0\u{7f}\u{1}xyz", "the server speaks no TLS; it sent the bytes 00 00 7f 01 78 79 7a",
      "another protocol has the port"
    ),
    ("\r\n", "the server speaks no TLS; it sent the bytes 0d 0a", nil),
    (
      String(repeating: "x", count: 200),
      "the server speaks no TLS; it sent \"\(String(repeating: "x", count: 80))…\"", nil
    ),
  ])
  func aServerWithoutTLS(sent: String, message: String, cure: String?) throws {
    let (wire, other) = MemoryWire.pair()
    let client = try TLSSession(TLSContext(clientOptions()), name: "localhost", wire: wire)
    #expect(client.handshake() == .wantsRead)
    other.outgoing.bytes = Array(sent.utf8)
    let error = client.handshake().error
    #expect(error?.kind == .notTLS && error?.message == message)
    if let cure { #expect(error?.cure == cure) }
  }

  @Test(arguments: [
    (
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "the client speaks no TLS; it sent \"GET / HTTP/1.1\"",
      "the client has to use https:"
    ),
    ("EHLO me\r\n", "the client speaks no TLS; it sent \"EHLO me\"", nil),
    ("A", "the client speaks no TLS; it sent \"A\"", nil),
  ])
  func aClientWithoutTLS(sent: String, message: String, cure: String?) throws {
    let (wire, other) = MemoryWire.pair()
    other.outgoing.bytes = Array(sent.utf8)
    let error = try TLSSession(TLSContext(serverOptions()), wire: wire).handshake().error
    #expect(error?.kind == .notTLS && error?.message == message)
    if let cure { #expect(error?.cure == cure) }
  }

  /// Bytes at random, alone and behind a header that could be one: an error or a wish for more, and no crash.
  @Test func randomBytes() throws {
    let contexts = (try TLSContext(clientOptions()), try TLSContext(serverOptions()))
    var random = SystemRandomNumberGenerator()
    for round in 0..<2000 {
      let (wire, other) = MemoryWire.pair()
      let session =
        try round.isMultiple(of: 2)
        ? TLSSession(contexts.0, name: "localhost", wire: wire) : TLSSession(contexts.1, wire: wire)
      let junk = (0..<Int.random(in: 1...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let header: [UInt8] = [22, 3, UInt8(round % 5), 0, UInt8(min(255, junk.count))]
      other.outgoing.bytes = (round % 3 == 0 ? header : []) + junk
      other.outgoing.isClosed = true
      for _ in 1...3 { if session.handshake().error != nil { break } }
      #expect(session.handshake().error != nil)
    }
  }

  /// A byte of the handshake changed, each in turn: both sides end, and neither believes it is done for long.
  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func aChangedByteAnywhereInTheHandshake(version: TLSVersion) throws {
    let contexts = (
      try TLSContext(clientOptions { $0.highestVersion = version }), try TLSContext(serverOptions())
    )
    for fromClient in [true, false] {
      for position in stride(from: 0, to: 2000, by: 3) {
        let couple = try Couple(contexts.0, contexts.1)
        let wire = fromClient ? couple.clientWire : couple.serverWire
        var seen = 0
        var changed = false
        wire.change = { bytes in
          var bytes = bytes
          if seen <= position, position < seen + bytes.count {
            bytes[position - seen] ^= 0x55
            changed = true
          }
          seen += bytes.count
          return bytes
        }
        couple.handshake()
        if !changed { break }
        let both = couple.client.isEstablished && couple.server.isEstablished
        // The version in a record's header does not count (RFC 8446 section 5.1).
        if both { #expect(couple.client.write("x") == .done(1) && couple.server.readAll().bytes == [0x78]) }
      }
    }
  }

  // MARK: Properties

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func bothSidesAgreeOnTheProperties(version: TLSVersion) throws {
    let couple = try Couple(
      client: clientOptions {
        ($0.highestVersion, $0.protocols) = (version, ["h2", "http/1.1"])
        $0.groups = "P-256"
      }, server: serverOptions { $0.protocols = ["http/1.1", "h2"] })
    #expect(couple.client.version == nil && couple.client.cipher == nil && couple.client.peerCertificate == nil)
    couple.handshake()
    for session in [couple.client, couple.server] {
      #expect(session.version == version)
      #expect(session.cipher?.hasPrefix("TLS_") == true)
      #expect(session.group == "secp256r1")
      #expect(session.applicationProtocol == "http/1.1", "the server's choice")
      #expect(session.serverName == "localhost")
      #expect(!session.isResumed && session.verificationFailure == nil)
    }
    #expect(couple.client.peerCertificate?.names == [.dns("localhost"), .address("127.0.0.1")])
    #expect(couple.client.peerCertificates.count == 1 && couple.server.peerCertificates.isEmpty)
    let keys = try [couple.client, couple.server].map {
      [
        try $0.exportKeyingMaterial(label: "EXPORTER-test", count: 32),
        try $0.exportKeyingMaterial(label: "EXPORTER-test", context: [1, 2], count: 32),
        try $0.exportKeyingMaterial(label: "EXPORTER-test", context: [], count: 32),
      ]
    }
    #expect(keys[0] == keys[1] && keys[0][0] != keys[0][1] && keys[0][0].count == 32)
    // RFC 8446 section 7.5: no context is an empty one.
    #expect((keys[0][0] == keys[0][2]) == (version == .v1_3))
    for count in [0, -1, 8161, .max] {
      #expect(throws: TLSError.self) { try couple.client.exportKeyingMaterial(label: "x", count: count) }
    }
    if version == .v1_2 {
      #expect(throws: TLSError.self) { try couple.client.exportKeyingMaterial(label: "master secret", count: 9) }
    }
  }

  @Test(arguments: [TLSVersion.v1_2, .v1_3])
  func aSessionIsResumed(version: TLSVersion) throws {
    let client = try TLSContext(clientOptions { ($0.highestVersion, $0.resumption) = (version, true) })
    let server = try TLSContext(serverOptions { $0.resumption = true })
    let first = try Couple(client, server)
    first.handshake()
    #expect(first.client.readAll().last == .wantsRead)
    let resumption = try #require(first.client.takeResumption())
    let second = try Couple(client, server, resuming: resumption)
    #expect(second.handshake().client == .done(0))
    #expect(second.client.isResumed && second.server.isResumed && second.server.serverName == "localhost")
    #expect(second.client.peerCertificate?.subject == "CN=localhost" && second.client.peerCertificates.count == 1)
    // Not for another name: nobody has verified that one.
    #expect(throws: TLSError.self) { try Couple(client, server, name: "127.0.0.1", resuming: resumption) }
    // Nobody asked for it.
    let third = try Couple(client: clientOptions { $0.highestVersion = version })
    third.handshake()
    #expect(third.client.readAll().last == .wantsRead && third.client.takeResumption() == nil)
  }

  @Test func keysAreLogged() throws {
    let lines = Lines()
    let couple = try Couple(client: clientOptions { $0.keyLog = { line in lines.all.withLock { $0.append(line) } } })
    couple.handshake()
    let labels = lines.all.withLock { $0 }.map { String($0.prefix { $0 != " " }) }
    #expect(
      Set(labels) == [
        "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "EXPORTER_SECRET",
        "SERVER_TRAFFIC_SECRET_0", "CLIENT_TRAFFIC_SECRET_0",
      ])
  }

  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }
}
