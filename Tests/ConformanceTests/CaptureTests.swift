// Captures as others write them, and as they should not be: cut, out of order, with gaps and repetitions.
import SockLanguage
import SockRuntime
import Testing

@testable import SockConformance

/// A capture in the making: frames of raw IP, which a test changes before it writes them.
private struct CaptureBuilder {
  var frames: [[UInt8]]
  var linkType: UInt32 = 101
  var isBig = false
  var isNano = false

  /// Of a recording, as `sock record --keep` writes it.
  init(_ recordings: [Recording]) throws {
    frames = try CaptureFile(CaptureWriter.bytes(recordings)).frames.map { Array($0.bytes) }
  }

  /// A file of the older format.
  var pcap: [UInt8] {
    var bytes: [UInt8] = []
    func add(_ number: UInt32) {
      if isBig { bytes.append(big: number) } else { bytes.append(little: number) }
    }
    add(isNano ? 0xA1B2_3C4D : 0xA1B2_C3D4)
    if isBig { bytes += [0, 2, 0, 4] } else { bytes += [2, 0, 4, 0] }
    for number in [0, 0, 65_535, linkType] { add(number) }
    for (number, frame) in frames.enumerated() {
      add(1_700_000_000)
      add(UInt32(number))
      add(UInt32(frame.count))
      add(UInt32(frame.count))
      bytes += frame
    }
    return bytes
  }
}

@Suite struct CaptureTests {
  private static let second: Int64 = 1_000_000_000
  private static let start: Int64 = 1_700_000_000 * second

  /// A session in which the server speaks first, and the client ends first.
  private static func mail(port: Int = 40_000, at: Int64 = start) -> RecordedConnection {
    var connection = RecordedConnection(serverAddress: "127.0.0.1:25", isDatagram: false, openedAt: at)
    connection.clientPorts = [port]
    connection.serverPorts = [25]
    let said: [(RecordedSide, String)] = [
      (.server, "220 hi\r\n"), (.client, "HELO me\r\n"), (.server, "250 you\r\n"), (.client, "QUIT\r\n"),
      (.server, "221 bye\r\n"),
    ]
    for (number, (side, text)) in said.enumerated() {
      let time = at + Int64(number + 1) * 1000
      connection.events.append(.init(side: side, kind: .data, bytes: Array(text.utf8), at: time))
    }
    connection.events.append(.init(side: .client, kind: .end, at: at + 6000))
    connection.events.append(.init(side: .server, kind: .end, at: at + 7000))
    return connection
  }

  /// `S 220 hi` and `C end`, in their order.
  private func told(_ connection: RecordedConnection) -> [String] {
    connection.events.map { event in
      let side = event.side == .client ? "C" : "S"
      switch event.kind {
      case .data: return "\(side) \(String(decoding: event.bytes, as: UTF8.self).replacing("\r\n", with: ""))"
      case .end: return "\(side) end"
      case .reset: return "\(side) reset"
      case .secured: return "\(side) secured"
      }
    }
  }

  private static let whole = ["S 220 hi", "C HELO me", "S 250 you", "C QUIT", "S 221 bye", "C end", "S end"]

  @Test func whatIsKeptIsReadAgain() throws {
    var udp = RecordedConnection(serverAddress: "[::1]:53", isDatagram: true, openedAt: Self.start)
    udp.clientPorts = [41_000]
    udp.events = [
      .init(side: .client, kind: .data, bytes: [1, 2], at: Self.start + 1),
      .init(side: .server, kind: .data, bytes: [3], at: Self.start + 2),
    ]
    var secured = Self.mail(port: 40_001, at: Self.start + Self.second)
    secured.transport = "tls"
    secured.serverAddress = "mail.example:993"
    let capture = try Capture(CaptureWriter.bytes([Recording([Self.mail(), udp]), Recording([secured])]))
    #expect(capture.problems == [])
    #expect(capture.connections.count == 3)
    let mails = capture.connections.filter { $0.serverAddress == "127.0.0.1:25" }
    let mail = try #require(mails.first)
    #expect(told(mail) == Self.whole)
    #expect(mail.session == 1 && mail.events.first?.at == Self.start + 1000)
    let datagramSockets = capture.connections.filter(\.isDatagram)
    let datagrams = try #require(datagramSockets.first)
    #expect(datagrams.events.map(\.bytes) == [[1, 2], [3]] && datagrams.serverAddress == "[::1]:53")
    let others = capture.connections.filter { $0.transport == "tls" }
    let other = try #require(others.first)
    #expect(other.session == 2 && other.serverAddress == "mail.example:993" && told(other) == Self.whole)
  }

  @Test(arguments: [false, true], [false, true])
  func bothByteOrders(isBig: Bool, isNano: Bool) throws {
    var builder = try CaptureBuilder([Recording([Self.mail()])])
    builder.isBig = isBig
    builder.isNano = isNano
    let capture = try Capture(builder.pcap)
    #expect(capture.problems == [] && capture.connections.map(told) == [Self.whole])
    #expect(capture.connections.first?.events.first.map { $0.at - Self.start < (isNano ? 20 : 20_000) } == true)
  }

  /// What stands before a packet of IPv4, by link type.
  private static let heads: [(UInt32, [UInt8])] = [
    (1, [UInt8](repeating: 2, count: 12) + [8, 0]), (1, [UInt8](repeating: 2, count: 12) + [0x81, 0, 0, 7, 8, 0]),
    (113, [UInt8](repeating: 0, count: 14) + [8, 0]), (276, [8, 0] + [UInt8](repeating: 0, count: 18)),
    (0, [2, 0, 0, 0]), (108, [0, 0, 0, 2]), (12, []), (228, []),
  ]

  @Test(arguments: heads.indices)
  func linkTypes(number: Int) throws {
    let (linkType, head) = Self.heads[number]
    var builder = try CaptureBuilder([Recording([Self.mail()])])
    builder.linkType = linkType
    builder.frames = builder.frames.map { head + $0 }
    #expect(try Capture(builder.pcap).connections.map(told) == [Self.whole])
  }

  @Test func whatCannotBeReadIsTold() throws {
    var builder = try CaptureBuilder([Recording([Self.mail()])])
    builder.linkType = 105
    let wireless = try Capture(builder.pcap)
    #expect(wireless.connections.isEmpty)
    #expect(wireless.problems == ["\(builder.frames.count) packets have link type 105 (Wi-Fi), which is not read"])
    #expect(throws: CaptureError.self) { try Capture([]) }
    #expect(throws: CaptureError.self) { try Capture(Array("GET / HTTP/1.1\r\n".utf8)) }
    do {
      _ = try Capture([0x1F, 0x8B, 8, 0, 0, 0])
    } catch {
      #expect(error.message == "is packed by gzip; unpack it first")
    }
    builder = try CaptureBuilder([Recording([Self.mail()])])
    // "More fragments" in the head of IPv4.
    builder.frames[3][6] = 0x20
    #expect(try Capture(builder.pcap).problems == ["1 fragments of IP packets are left out"])
  }

  @Test func aCutCaptureGivesWhatItHas() throws {
    let builder = try CaptureBuilder([Recording([Self.mail()])])
    for file in [builder.pcap, CaptureWriter.bytes([Recording([Self.mail()])])] {
      var longest = 0
      for length in 0..<file.count {
        guard let capture = try? Capture(Array(file[..<length])) else { continue }
        let events = capture.connections.first.map(told) ?? []
        #expect(Array(Self.whole.prefix(events.count)) == events)
        longest = max(longest, events.count)
      }
      #expect(longest >= Self.whole.count - 1)
    }
    let cut = try Capture(builder.pcap.dropLast())
    #expect(cut.problems.first?.hasPrefix("it is cut in packet ") == true)
  }

  @Test func segmentsThatComeAgainOrEarly() throws {
    var builder = try CaptureBuilder([Recording([Self.mail()])])
    let frames = builder.frames
    // With data of the server: its greeting again, and the two lines behind it the wrong way round.
    builder.frames.insert(frames[3], at: 6)
    let again = try Capture(builder.pcap)
    #expect(again.connections.map(told) == [Self.whole])
    #expect(again.connections.first?.notes == ["1 segments came again, as retransmissions"])

    var early = Self.mail()
    early.events = (1...6).map { number in
      .init(side: .server, kind: .data, bytes: Array("line \(number)\r\n".utf8), at: Self.start + Int64(number))
    }
    builder = try CaptureBuilder([Recording([early])])
    let places = builder.frames.indices.filter { builder.frames[$0].count > 40 && $0 > 2 }
    builder.frames.swapAt(places[1], places[3])
    let swappedCapture = try Capture(builder.pcap)
    let swapped = try #require(swappedCapture.connections.first)
    #expect(swapped.stream(.server) == early.stream(.server))
    #expect(swapped.notes.contains { $0.hasSuffix("came out of order, and were put in their place") })

    builder = try CaptureBuilder([Recording([early])])
    builder.frames.remove(at: places[2])
    let cut = try Capture(builder.pcap)
    let gap = try #require(cut.connections.first)
    #expect(gap.notes.first == "8 bytes that the server sent are missing")
    #expect(String(decoding: gap.stream(.server), as: UTF8.self).contains("line 2\r\nline 4\r\n"))
  }

  @Test func aConnectionWithoutItsBeginning() throws {
    var builder = try CaptureBuilder([Recording([Self.mail()])])
    builder.frames.removeFirst(3)
    let capture = try Capture(builder.pcap)
    #expect(capture.connections.map(told) == [Self.whole])
    #expect(capture.connections.first?.notes == ["the beginning of this connection is not in the capture"])
  }

  @Test func moreConnectionsThanAreUsed() throws {
    let many = (0..<Capture.mostConnections + 5).map { number in
      var connection = RecordedConnection(
        serverAddress: "10.0.0.1:\(1 + number / 50_000)", isDatagram: false, openedAt: Self.start + Int64(number))
      connection.clientPorts = [1024 + number % 50_000]
      return connection
    }
    let capture = try Capture(CaptureWriter.bytes([Recording(many)]))
    #expect(capture.connections.count == Capture.mostConnections)
    #expect(capture.problems == ["5 connections behind the first \(Capture.mostConnections) are left out"])
  }

  /// Whatever a capture holds, it is answered, and soon.
  @Test func damagedCapturesAreAnswered() throws {
    let files = [try CaptureBuilder([Recording([Self.mail()])]).pcap, CaptureWriter.bytes([Recording([Self.mail()])])]
    var state: UInt64 = 20
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var readable = 0
    for number in 0..<3000 {
      var file = files[number % 2]
      for _ in 0...random(4) { file[random(file.count)] = UInt8(random(256)) }
      if random(4) == 0 { file.removeSubrange(random(file.count)...) }
      if (try? Capture(file)) != nil { readable += 1 }
    }
    #expect(readable > 1000)
  }

  /// What is made of any conversation is a script without mistakes, in either role, laid out as it should be.
  @Test func whatIsMadeHasNoMistakes() throws {
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let pieces = [
      "$5\r\n", "hello\r\n", "^a.*b$\n", "${x}", "\"'\\\r\n", "Content-Length: 12\r\n", "\r\n",
      "id=\(random(9999))a1b2c3\r\n",
      "2d02f9c1-c458-4a1b-8f00-0123456789ab ", ":%d\r\n", "\0\0\0\u{1}", "at 19:07:05\n", "\u{e9}\u{1F600}\n",
      "end\r\n",
      "(0.001 + 0.002 secs)\r\n", "\u{7F}\u{1}\u{2}", "expect", "/slash/\r\n",
    ]
    for _ in 0..<150 {
      let sessions = (0...random(3)).map { _ in
        Recording(
          (0...random(2)).map { number in
            var connection = RecordedConnection(
              serverAddress: "127.0.0.1:25", isDatagram: number == 2, openedAt: Self.start + Int64(random(10)))
            connection.clientPorts = [40_000 + random(5)]
            connection.serverPorts = [25]
            connection.events = (0..<random(8)).map { at in
              let text = (0...random(4)).map { _ in
                pieces[random(pieces.count)].replacing("%d", with: "\(random(20))")
              }.joined()
              let bytes = random(6) == 0 ? (0..<random(60)).map { _ in UInt8(random(256)) } : Array(text.utf8)
              let kinds: [RecordedConnection.Kind] = [.data, .data, .data, .data, .data, .data, .end, .reset, .secured]
              return .init(
                side: random(2) == 0 ? .client : .server,
                kind: number == 2 ? .data : kinds[random(kinds.count)], bytes: bytes,
                at: Self.start + Int64(at) * 1000 * Int64(1 + random(3)))
            }
            connection.events.sort { $0.at < $1.at }
            return connection
          })
      }
      for role in [RecordedSide.client, .server] {
        var request = RecordedScriptRequest()
        request.role = role
        request.recordings = sessions
        request.address = "127.0.0.1:0"
        guard let text = RecordedScript.text(request, path: "made.sock") else { continue }
        let source = SourceFile(name: "made.sock", bytes: text)
        let result = Loader.load(source) { _, _ in .failure(ReadFailure(message: "it imports nothing")) }
        let told = result.diagnostics.map { DiagnosticRenderer.render($0, color: false) }
        #expect(told == [], "\(String(decoding: text, as: UTF8.self))")
        #expect(Formatter.format(Parser.parse(source)) == text)
      }
    }
  }
}
