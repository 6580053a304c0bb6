// Whole programs: real ones that must pass, and damaged ones that must end in diagnostics.

import Testing

@testable import SockLanguage

@Suite("Checking whole programs")
struct CheckerProgramTests {
  @Test("programs without a complaint", arguments: programs)
  func clean(_ text: String) {
    _ = checked(text)
  }

  @Test("programs cut short at any byte end in diagnostics that can be shown", arguments: programs)
  func cutShort(_ text: String) {
    let bytes = Array(text.utf8)
    for length in stride(from: 0, to: bytes.count, by: 3) {
      show(load(SourceFile(name: "cut.sock", bytes: Array(bytes.prefix(length)))).diagnostics)
    }
  }

  @Test("programs with bytes changed at random end in diagnostics that can be shown", arguments: programs)
  func damaged(_ text: String) {
    var generator = Steps(state: 0x5EED)
    let original = Array(text.utf8)
    for _ in 0..<150 {
      var bytes = original
      for _ in 0..<3 {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: Self.fragments.randomElement(using: &generator) ?? [], at: at)
        default: bytes.swapAt(at, Int.random(in: 0..<bytes.count, using: &generator))
        }
      }
      show(load(SourceFile(name: "damaged.sock", bytes: bytes)).diagnostics)
    }
  }

  /// Each diagnostic has a place inside the file, and a text of a few short lines.
  private func show(_ diagnostics: [Diagnostic]) {
    #expect(diagnostics.count <= 2 * (Limits.diagnostics + 1))
    for diagnostic in diagnostics {
      #expect(Int(diagnostic.range.upper) <= diagnostic.file.bytes.count)
      let shown = DiagnosticRenderer.render(diagnostic, color: false)
      #expect(shown.utf8.count < 2_000 && !shown.utf8.contains { $0 < 0x20 && $0 != 0x0A })
    }
  }

  static let fragments = [
    "$name", "${", "}", "\n", "end\n", "let ", "as x", "\"", "/", "/(/", "((", "[", "x\"", "if ", "def f(", "^", ".*",
    "127.0.0.1:99999", "test \"a\"\n", "select\n", "return\n", "import \"a\" as a\n", "== 1", "0", "conn.", "# ",
  ].map { Array($0.utf8) }

  /// SplitMix64: the same numbers at each run.
  struct Steps: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  static let programs = [
    """
    listen 3333 backlog 5 reuseport
    print "Waiting on ${listener.sockport}"
    loop
      accept
      print "Connection from ${conn.peerhost}:${conn.peerport}"
      recv 1024 as data
      print "received data: ${data}"
      send "ok"
      shutdown write
    end
    """,
    """
    param target = "127.0.0.1:25"
    setup
      connect target
      expect line /^220[ -]/ within 2s
      defer close
    end
    test "EHLO lists its extensions" must "RFC 5321 section 4.1.1.1" tags [ehlo]
      send line "EHLO client.example"
      loop
        expect line /^250(?<sep>[ -])(?<word>\\S+)/ as m
        if m.sep == " "
          break
        end
      end
      send line "QUIT"
      expect line /^221/
      expect eof
    end
    """,
    """
    listen 0 as backend
    run "haproxy -f ${tmpdir}/ha.cfg" as proxy
    retry within 5s
      connect 127.0.0.1:8080 as client
    end
    client.send line "PING"
    backend.accept as upstream
    upstream.expect line "PING"
    upstream.send line "PONG"
    select
    when client.expect line "PONG"
      print "relayed"
    when client.expect closed
      fail "the proxy hung up"
    when after 2s
      fail "no answer"
    end
    proxy.signal TERM
    assert (proxy.wait) == 0
    """,
    """
    def mqtt_size(bytes)
      let head = unpack("u8 varint rest", bytes)
      return head and len(bytes) - len(head[2]) + head[1]
    end
    connect 127.0.0.1:1883
    framing mqtt_size
    send x"10 10 0004" + "MQTT" + x"04 02 003c 0004" + "sock"
    expect message x"20 02 00 00"
    """,
    """
    let counts = {}
    def note(key, step = 1)
      counts[key] = (counts[key] or 0) + step
    end
    for [name2, size] in [["a", 1], ["b", 2]]
      spawn as task
        connect 127.0.0.1:${size + 8000} from 127.0.0.1:0
        let reply = try recv until /\\r?\\n/ within 200ms
        note(name2)
        try
          send to udp:127.0.0.1:53 "x"
        catch e
          log e.code, e.message, "${e}"
        finally
          close
        end
        conn.note(reply =~ /^(?<word>\\w+)/i)
      end
      wait task
    end
    print keys(counts), counts.a
    """,
  ]
}
