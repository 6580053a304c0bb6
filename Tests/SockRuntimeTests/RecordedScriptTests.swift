// What recordings become, where a test with a server would see it once in a hundred times.
import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct RecordedScriptTests {
  /// Sessions of one connection in which the client asks and the server answers, by turns.
  private func script(_ sessions: [[(asked: [UInt8], answered: [UInt8])]]) throws -> String {
    var request = RecordedScriptRequest()
    request.recordings = sessions.map { turns in
      var connection = RecordedConnection(serverAddress: "127.0.0.1:9", isDatagram: false, openedAt: 1)
      for (number, turn) in turns.enumerated() {
        let at = Int64(2 + 2 * number)
        connection.events += [
          RecordedConnection.Event(side: .client, kind: .data, bytes: turn.asked, at: at),
          RecordedConnection.Event(side: .server, kind: .data, bytes: turn.answered, at: at + 1),
        ]
      }
      return Recording([connection])
    }
    let text = try #require(RecordedScript.text(request, path: "x.sock"))
    let parsed = Parser.parse(SourceFile(name: "x.sock", text: String(decoding: text, as: UTF8.self)))
    #expect(parsed.diagnostics.isEmpty)
    return String(decoding: text, as: UTF8.self)
  }

  private func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    let length = body.count + 1
    return [UInt8(length >> 8), UInt8(length & 0xFF), type] + body
  }

  /// A text with its length in four bytes in front.
  private func text(_ text: String) -> [UInt8] { [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }

  private func sessions(_ bodies: [[UInt8]]) -> [[(asked: [UInt8], answered: [UInt8])]] {
    bodies.map { body in
      [(message(1, [1]), message(2, [9])), (message(3, [1]), message(4, body))]
    }
  }

  /// PostgreSQL leaves out the zeros at the end of a time.
  @Test func aTimeAndItsLengthVary() throws {
    let times = ["02:34:57.5428+00", "02:34:57.732864+00", "02:34:57.838826+00"]
    let script = try script(sessions(times.map { [0, 3, 0xFF] + text("2026-11-30 \($0)") + text("11460") }))
    #expect(script.contains(#"\x00\x03\xff.{4}\d+-\d+-\d+ \d+:\d+:\d+\.\d+\+\d+\x00\x00\x00\x0511460\z/s"#), "\(script)")
  }

  /// A word that two of three sessions have by chance is no list of all words.
  @Test func aWordOfAnyLengthVaries() throws {
    let text = try script(sessions(["xxxxxx", "xxx", "xxxxxx"].map { [0xFF] + Array("\($0)!".utf8) }))
    #expect(text.contains(#"[A-Za-z]+!\z/s"#), "\(text)")
  }

  /// The work does not grow with the square of what went by.
  @Test(.timeLimit(.minutes(1)))
  func muchThatIsNoText() throws {
    var state: UInt32 = 1
    let bodies = (1...3).map { _ in
      (0..<(1 << 20)).map { _ in
        // What looks like chance (Numerical Recipes, 7.1), and is quick.
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
      }
    }
    let text = try script(bodies.map { [(asked: [1, 2, 0xFF], answered: [0xFF, 0xFE] + $0 + [0xFD, 0xFC])] })
    #expect(text.contains("# What comes here was something else each time") && text.contains("recv exactly 1048576"), "\(text)")
  }

  /// Of SMTP, POP3, IMAP, FTP and PostgreSQL.
  @Test func tlsIsAskedForAndGranted() {
    let requests = ["STARTTLS\r\n", "EHLO x\r\nstarttls\n", "STLS\r\n", "a1 STARTTLS\r\n", "AUTH TLS\r\n", "auth ssl\r\n"]
    for text in requests { #expect(UpgradeRequest.asks(Array(text.utf8)), "\(text)") }
    #expect(UpgradeRequest.asks([0, 0, 0, 8, 4, 210, 22, 47]))
    for text in ["STARTTLS", "HELP STARTTLS now\r\n", "AUTH PLAIN\r\n", "STARTTLS\r\nQUIT\r\n", ""] {
      #expect(!UpgradeRequest.asks(Array(text.utf8)), "\(text)")
    }
    for text in ["220 go\r\n", "+OK\r\n", "* CAPABILITY\r\na1 OK begin\r\n", "234 ok\r\n", "S"] {
      #expect(UpgradeRequest.isGranted(Array(text.utf8)), "\(text)")
    }
    for text in ["454 not now\r\n", "-ERR\r\n", "* OK hello\r\n", "a1 NO\r\n", "N", ""] {
      #expect(!UpgradeRequest.isGranted(Array(text.utf8)), "\(text)")
    }
  }
}
