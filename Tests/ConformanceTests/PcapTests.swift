// Captures: read by tshark as the conversations that the transcript tells of.

import Glibc
import SockRuntime
import Testing

@testable import SockConformance

@Suite(.enabled(if: Program.exists("tshark"))) struct PcapTests {
  /// The fields of each packet that tshark finds, tab-separated.
  private func fields(_ record: TestRecord, _ names: [String], filter: String = "") throws -> [String] {
    let folder = try Folder()
    let path = folder.file("t.pcapng")
    try #require(OutputFile.write(PcapReporter.capture(record), to: path) == nil)
    var words = ["tshark", "-r", path, "-T", "fields", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    for name in names { words += ["-e", name] }
    if !filter.isEmpty { words += ["-Y", filter] }
    let outcome = try Program.run(words)
    try #require(outcome.status == 0)
    return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: " ")
    }
  }

  private func record(_ channels: [ChannelInfo], _ transcript: [TranscriptLine]) -> TestRecord {
    var record = Example.record("a test")
    record.duration = 1_000_000
    record.channels = channels
    record.transcript = transcript
    return record
  }

  private let client = ChannelInfo(number: 1, label: "c", kind: "tcp", local: "127.0.0.1:40000", peer: "127.0.0.1:25")
  private let server = ChannelInfo(number: 2, label: "s", kind: "tcp", local: "127.0.0.1:25", peer: "127.0.0.1:40000")

  @Test func aConnectionSeenFromOneEnd() throws {
    let record = record(
      [client],
      [
        Example.line(100, 1, "connected"), Example.line(200, 1, "<", Array("220 hi\r\n".utf8)),
        Example.line(300, 1, ">", Array("QUIT\r\n".utf8)), Example.line(400, 1, "end of stream"),
        Example.line(500, 1, "closed"),
      ])
    let packets = try fields(
      record, ["tcp.srcport", "tcp.dstport", "tcp.flags.str", "tcp.seq", "tcp.ack", "tcp.len"])
    #expect(
      packets == [
        "40000 25 ··········S· 0 0 0", "25 40000 ·······A··S· 0 1 0", "40000 25 ·······A···· 1 1 0",
        "25 40000 ·······AP··· 1 1 8", "40000 25 ·······A···· 1 9 0", "40000 25 ·······AP··· 1 9 6",
        "25 40000 ·······A···· 9 7 0", "25 40000 ·······A···F 9 7 0", "40000 25 ·······A···· 7 10 0",
        "40000 25 ·······A···F 7 10 0", "25 40000 ·······A···· 10 8 0",
      ])
    #expect(try fields(record, ["frame.number"], filter: "tcp.analysis.flags || _ws.malformed").isEmpty)
    #expect(try fields(record, ["tcp.checksum.status"]).allSatisfy { $0 == "1" })
    let times = try fields(record, ["frame.time_epoch"], filter: "tcp.len > 0")
    #expect(times == ["1700000000.123456200", "1700000000.123456300"])
    #expect(try fields(record, ["frame.comment"], filter: "tcp.len == 8") == ["suite/smtp.sock:12"])
  }

  @Test func bothEndsAreWrittenOnce() throws {
    let record = record(
      [client, server],
      [
        Example.line(100, 2, "accepted"), Example.line(110, 1, "connected"), Example.line(200, 2, ">", [1, 2, 3]),
        Example.line(210, 1, "<", [1, 2, 3]), Example.line(300, 1, ">", [4]), Example.line(310, 2, "<", [4]),
        Example.line(400, 2, "reset"), Example.line(410, 1, "reset by the peer"),
      ])
    #expect(
      try fields(record, ["tcp.srcport", "tcp.payload"], filter: "tcp.len > 0") == ["25 010203", "40000 04"])
    #expect(try fields(record, ["tcp.srcport"], filter: "tcp.flags.reset == 1") == ["25"])
    #expect(try fields(record, ["tcp.stream"]).allSatisfy { $0 == "0" })
    #expect(try fields(record, ["tcp.srcport"], filter: "tcp.flags == 2") == ["40000"])
  }

  @Test func bytesThatWereNotKeptAreSnapped() throws {
    let record = record(
      [client],
      [
        Example.line(100, 1, "connected"),
        Example.line(200, 1, ">", [UInt8](repeating: 0x61, count: 65_535), count: 100_000),
        Example.line(300, 1, "<", Array("ok".utf8)),
      ])
    #expect(try fields(record, ["tcp.seq", "tcp.ack"], filter: "tcp.len == 2") == ["1 100001"])
    #expect(try fields(record, ["frame.number"], filter: "tcp.analysis.lost_segment").isEmpty)
    let lengths = try fields(record, ["tcp.len"], filter: "tcp.srcport == 40000 && tcp.len > 0").compactMap { Int($0) }
    #expect(lengths.reduce(0, +) == 100_000)
  }

  @Test func datagramsGoToWhomTheyWent() throws {
    let one = ChannelInfo(number: 1, label: "a", kind: "udp", local: "0.0.0.0:5000", peer: nil)
    let two = ChannelInfo(number: 2, label: "b", kind: "udp", local: "127.0.0.1:6000", peer: nil)
    let record = record(
      [one, two],
      [
        Example.line(100, 1, ">", [1], peer: "127.0.0.1:6000"), Example.line(110, 2, "<", [1], peer: "127.0.0.1:5000"),
        Example.line(200, 1, ">", [2], peer: "127.0.0.1:7000"), Example.line(300, 1, "<", [3], peer: "127.0.0.1:7000"),
        Example.line(400, 1, ">", [], peer: "127.0.0.1:7000"),
      ])
    #expect(
      try fields(record, ["ip.src", "udp.srcport", "ip.dst", "udp.dstport", "udp.payload", "udp.checksum.status"]) == [
        "127.0.0.1 5000 127.0.0.1 6000 01 1", "127.0.0.1 5000 127.0.0.1 7000 02 1",
        "127.0.0.1 7000 127.0.0.1 5000 03 1", "127.0.0.1 5000 127.0.0.1 7000  1",
      ])
  }

  @Test func whatHasNoAddressGetsOneThatSaysSo() throws {
    let process = ChannelInfo(number: 3, label: "cat", kind: "process", local: nil, peer: nil)
    let six = ChannelInfo(number: 4, label: "six", kind: "tcp", local: "[::1]:40000", peer: "[::1]:25")
    let mapped = ChannelInfo(
      number: 5, label: "m", kind: "tcp", local: "[::ffff:127.0.0.1]:26", peer: "[::ffff:127.0.0.1]:40001")
    let record = record(
      [process, six, mapped],
      [
        Example.line(100, 3, "started"), Example.line(200, 3, ">", [1]), Example.line(300, 3, "<", [2]),
        Example.line(350, 3, "exited"), Example.line(400, 4, "connected"), Example.line(500, 4, ">", [3]),
        Example.line(600, 5, "accepted"), Example.line(700, 5, ">", [4]),
      ])
    #expect(
      try fields(record, ["ip.src", "ipv6.src", "tcp.payload"], filter: "tcp.len > 0") == [
        "192.0.2.1  01", "198.51.100.4  02", " ::1 03", "127.0.0.1  04",
      ])
    let comments = try fields(record, ["frame.comment"], filter: "tcp.flags == 2")
    #expect(comments.first == "channel `cat`: process; it has no Internet addresses, these are made up")
    #expect(try fields(record, ["ip.src"], filter: "tcp.flags.fin == 1").first == "198.51.100.4")
    #expect(try fields(record, ["frame.number"], filter: "tcp.analysis.flags || _ws.malformed").isEmpty)
  }

  /// HTTP over TLS by a script, and what tshark makes of its capture.
  private func secured(_ folder: Folder, _ version: String, _ options: [String] = []) throws -> String {
    let suite = try folder.write(
      "a.sock",
      """
      param secret password = ""
      test "over TLS"
        listen tls:0 max \(version) as l
        spawn
          l.accept as s
          print s.recv until "\\r\\n\\r\\n"
          s.send "HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n"
          s.close
        end
        connect tls:localhost:${l.sockport} ca l.tls.ca as c
        c.send "GET /plain-text HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
        c.expect "HTTP/1.1 200 OK"
        c.recv all
        c.close
      end
      test "upgraded"
        let [a, b] = socketpair
        let made = certificate("localhost")
        spawn
          b.expect line "STARTTLS"
          b.send line "220 go"
          b.starttls server cert made
          b.expect line "EHLO inside"
        end
        a.send line "STARTTLS"
        a.expect line "220 go"
        a.starttls client ca made.ca name "localhost"
        a.send line "EHLO inside"
        a.close
      end
      """)
    try #require(
      try Program.run([Program.sock, "test", suite, "--pcap", folder.file("pcap")] + options).status == 0)
    return try #require(try folder.allFiles().first { $0.hasSuffix(".pcapng") && $0.contains("over") })
  }

  private func shown(_ path: String, _ filter: String, _ fields: String...) throws -> [String] {
    let ports = ["-d", "tcp.port==1-65535,tls", "-d", "tls.port==1-65535,http"]
    let words = ["tshark", "-r", path] + ports + ["-Y", filter, "-T", "fields"] + fields.flatMap { ["-e", $0] }
    let outcome = try Program.run(words)
    try #require(outcome.status == 0)
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test(arguments: ["1.2", "1.3"]) func capturesCarryTheKeysOfTLS(version: String) throws {
    let folder = try Folder()
    let path = try secured(folder, version)
    #expect(try shown(path, "tls.handshake.type == 1", "tls.handshake.extensions_server_name") == ["localhost"])
    #expect(try shown(path, "http.request", "http.request.uri") == ["/plain-text"])
    #expect(try shown(path, "http.response", "http.response.code", "http.file_data").first?.hasPrefix("200") == true)
    #expect(try shown(path, "tcp.payload contains \"plain-text\"", "frame.number").isEmpty)
    // Both ends say goodbye, which tshark can read as well: close_notify.
    #expect(try shown(path, "tls.alert_message.desc == 0", "frame.number").count == 2)
    #expect(try shown(path, "tcp.analysis.flags || _ws.malformed", "frame.number").isEmpty)
  }

  @Test func reportsTurnIntoTheSameCaptures() throws {
    let folder = try Folder()
    _ = try secured(folder, "1.3", ["--report", "json=\(folder.file("run.json"))"])
    let again = folder.file("again")
    #expect(try Program.run([Program.sock, "report", "merge", folder.file("run.json"), "--pcap", again]).status == 0)
    for path in try folder.allFiles() where path.hasPrefix(folder.file("pcap")) {
      #expect(try Folder.bytes(of: path) == Folder.bytes(of: again + path.dropFirst(folder.file("pcap").count)))
    }
    #expect(try folder.text("run.json").contains("GET /plain-text"))
  }

  @Test func anUpgradeBeginsInThePlain() throws {
    let folder = try Folder()
    _ = try secured(folder, "1.3")
    let path = try #require(try folder.allFiles().first { $0.hasSuffix(".pcapng") && $0.contains("upgraded") })
    #expect(try shown(path, "tcp.payload contains \"STARTTLS\"", "frame.number").count == 2)
    #expect(try shown(path, "tcp.payload contains \"EHLO\"", "frame.number").isEmpty)
  }

  @Test func secretsAreInNoCapture() throws {
    let folder = try Folder()
    try #require(OutputFile.write("plain-text", to: folder.file("password")) == nil)
    let path = try secured(folder, "1.3", ["--secret", "password=file:\(folder.file("password"))"])
    #expect(try shown(path, "tcp.payload contains \"GET /***\"", "frame.number").count == 1)
    #expect(!String(decoding: try Folder.bytes(of: path), as: UTF8.self).contains("_SECRET"))
  }

  @Test func anEmptyTestIsAnEmptyCapture() throws {
    #expect(try fields(record([client], []), ["frame.number"]).isEmpty)
  }
}
