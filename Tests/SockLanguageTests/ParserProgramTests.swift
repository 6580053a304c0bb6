// Whole scripts that use the language as it is meant to be used: each must parse without a word.

import Testing

@testable import SockLanguage

@Suite struct ParserProgramTests {
  static let programs = [
    #"""
    #!/usr/bin/env sock
    # One client at a time.
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
    """#,
    #"""
    listen 3333
    serve
      while recv line as text
        send line upper(text)
      end
    end
    """#,
    #"""
    param target = "127.0.0.1:25"

    setup
      connect target
      expect line /^220[ -]/ within 2s
    end

    test "EHLO lists its extensions" must "RFC 5321 section 4.1.1.1" tags [ehlo, "two words"] timeout 10s
      send line "EHLO client.example"
      loop
        expect line /^250(?<sep>[ -])(?<word>\S+)/ as m
        if m.sep == " "
          break
        end
      end
      send line "QUIT"
      expect line /^221/
      expect eof
    end
    """#,
    #"""
    listen 0 as backend
    run "haproxy -f ${tmpdir}/ha.cfg" as proxy
    retry within 5s every 100ms
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
    """#,
    #"""
    def mqtt_size(bytes)
      let head = unpack("u8 varint rest", bytes)       # nil while there are too few bytes
      return head and len(bytes) - len(head[2]) + head[1]
    end
    connect 127.0.0.1:1883
    framing mqtt_size
    send x"10 10 0004" + "MQTT" + x"04 02 003c 0004" + "sock"
    expect message x"20 02 00 00"
    """#,
    #"""
    socket inet stream proto tcp as s
    s.sockopt SO_REUSEADDR 1
    s.bind 127.0.0.1:0 reuse
    s.listen backlog 5
    s.sockopt SO_LINGER [true, 0] level SOL_SOCKET
    let c = connect "localhost" s.sockname.port from 127.0.0.1:0 within 200ms
    c.send to ${c.peerhost}:${c.peerport} "x" chunks 1 every 10ms
    c.recv until "\r\n" keep peek as got
    defer c.close
    close c
    c.eol "\n"
    if c.timeout == 5 and not (c.blocking)
      c.timeout off
    end
    try
      c.expect silence 200ms
    catch e
      log e.code, e.message
    finally
      reset s
    end
    """#,
    #"""
    import "lib/smtp.sock" as smtp
    param secret password
    param secret = 3
    let [a, b] = socketpair dgram
    let m = {name: 1, "any key": 2, 3: [1, 2,], if: nil, "k${a}": x"0d0a",}
    m.close = m.close
    m["x"] += 1
    [a, b] = [b, a]
    spawn as worker
      for i in 0..<10
        stop worker; continue
      end
    end
    listen 0 as server
    server.serve 3
      with conn
        within 5s
          send "é ${upper("nested ${m["x"]} strings")}"
        end
      end
    end
    wait worker within 1s as result
    let e = try fail "no"
    smtp.hello()
    a.login("x")
    select all
    when a.recv 10 as x if not x
      print x
    when b.expect line /[0-9]+/
    else
      print "?"
    end
    """#,
  ]

  @Test(arguments: programs) func parses(_ program: String) {
    #expect(complaints(program) == [])
    let crlf = program.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    #expect(complaints(crlf) == [])
    #expect(TreeDump.block(parse(crlf).body) == TreeDump.block(parse(program).body))
  }
}
