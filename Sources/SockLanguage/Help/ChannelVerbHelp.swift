// The help of the verbs that make channels, speak over them and set what holds for them.

extension VerbHelp {
  // MARK: - Making channels

  static let socket = VerbHelp(
    details: [
      "A bare socket is neither bound nor connected: the next `sockopt`, `bind`, `listen` and `connect` act on it, "
        + "step by step as in C. Mostly `listen` and `connect` alone do.",
      "`fd N` adopts a descriptor that this program was started with, with its real domain, type and protocol. With "
        + "the `fileno` of a channel it makes another channel for the same socket, which is there until both are "
        + "closed. Other descriptors are EBADF.",
    ],
    errors: [.range, .system], related: ["bind", "listen", "connect", "sockopt"],
    example: HelpExample(
      #"""
      socket inet stream as s
      s.sockopt SO_REUSEADDR 1
      s.bind 127.0.0.1:0
      s.listen backlog 5
      print s.sockport > 0
      """#, prints: "true"))

  static let socketpair = VerbHelp(
    details: ["Two ends of one connection inside this machine: what one sends, the other receives."],
    errors: [.system], related: ["channels", "let"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair stream
      a.send line "hello"
      print b.recv line
      """#, prints: "hello"))

  static let bind = VerbHelp(
    details: [
      "Alone it makes a datagram socket for a `udp:` or `unix:` address, which is the current `conn` and `listener`. "
        + "Behind a dot it gives a bare socket its address.",
      "Port 0 asks for a free one; `sockport` tells which. After `recv`, a plain `send` answers the sender.",
    ],
    errors: [.parse, .range, .system], related: ["socket", "send", "addresses"],
    example: HelpExample(
      #"""
      bind udp:127.0.0.1:0 as peer
      connect udp:127.0.0.1:${peer.sockport} as client
      client.send "ping"
      print peer.recv
      peer.send "pong"
      print client.recv
      """#, prints: "ping\npong"))

  static let listen = VerbHelp(
    details: [
      "A port alone is on loopback: only this machine can connect. `listen *:3333` lets all come. Port 0 asks for a "
        + "free port; `listener.sockport` tells which.",
      "Address reuse is on for TCP. A bare `listen` acts on a socket that was bound before.",
      "The file of `unix:PATH` goes with the socket. One that somebody has left behind who is no more is replaced, and "
        + "nothing else: EADDRINUSE.",
    ],
    errors: [.parse, .range, .system], related: ["accept", "serve", "addresses", "bind"],
    example: HelpExample(
      #"""
      listen 0 backlog 5 reuseport
      connect listener.sockport
      accept as server
      print server.peerport == conn.sockport
      """#, prints: "true"))

  static let connect = VerbHelp(
    details: [
      "The address is a port on loopback, `HOST:PORT`, `unix:PATH`, `udp:HOST:PORT`, or a host followed by a port. A "
        + "name that has several addresses is tried in their order, all within the one deadline.",
      "Without `as` the connection becomes the current one, `conn`.",
      "One whose two ends are the same, as the kernel may make it where nobody listens, is `refused`.",
    ],
    errors: [.refused, .timeout, .parse, .range, .system], related: ["addresses", "retry", "send", "recv", "expect"],
    example: HelpExample(
      #"""
      listen 127.0.0.1:0
      let port = listener.sockport
      connect localhost:${port} within 2s as client
      print client.peerport == port
      """#, prints: "true"))

  static let accept = VerbHelp(
    details: [
      "Waits for a connection on the listener and makes it the current one, `conn`. Its `peerhost` and `peerport` are "
        + "known at once. For many clients at one time there is `serve`.",
    ],
    errors: [.timeout, .system], related: ["listen", "serve", "select"],
    example: HelpExample(
      #"""
      listen 0
      connect listener.sockport as caller
      accept within 5s as client
      print client.peerhost
      """#, prints: "127.0.0.1"))

  // MARK: - Speaking

  static let send = VerbHelp(
    details: [
      "All of the data is sent, however long that takes. `send line` puts the channel's `eol` behind it: CRLF, or LF "
        + "for a process. `send` itself adds nothing.",
      "`chunks` cuts the data into pieces, to see whether the peer takes one read for one message.",
      "What is sent on TCP leaves at once, also in small pieces (TCP_NODELAY is set). To join some, write `more`, or "
        + "`autoflush off`; `sockopt TCP_NODELAY 0` lets the kernel join them while an answer is out.",
      "A plain `send` of a datagram goes to the sender of the one received last, else to whom the socket is connected "
        + "to; to a sender without an address there is no answer: EDESTADDRREQ.",
    ],
    errors: [.reset, .timeout, .range, .system], related: ["eol", "autoflush", "recv", "strings"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        send "HELLO\r\n" chunks 2 every 10ms
      end
      print b.recv line
      """#, prints: "HELLO"))

  static let recv = VerbHelp(
    details: [
      "`recv` gives what has come, at least one byte; `recv N` at most N. A datagram is always given whole: one that "
        + "is longer than N is the error `truncated`, and stays for the next `recv`; `peek` looks at its head. `recv "
        + "line` gives a line without its LF or CRLF, `recv until PATTERN` what stands before the pattern, `recv "
        + "exactly N` so many bytes, `recv all` everything until the end.",
      "At the end of the stream it gives nil, once; the next one fails with `eof`. An unterminated rest is the last "
        + "line. `until`, `message` and `exactly` fail with `eof` when the end comes in their middle.",
      "A failed read takes nothing from the channel.",
    ],
    errors: [.timeout, .eof, .reset, .busy, .limit, .truncated, .range, .system],
    related: ["expect", "patterns", "framing", "select", "while"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      a.send "one\r\ntwo"
      a.shutdown write
      with b
        recv line within 2s as text
        print text
        print recv all
        print recv
      end
      """#, prints: "one\ntwo\nnil"))

  static let expect = VerbHelp(
    details: [
      "What comes next must match: a string byte for byte, a regex from here on. It fails at the first byte that "
        + "cannot match, without waiting for the deadline, and takes exactly what matched. To pass over something "
        + "first, write `recv until`.",
      "`expect line` and `expect message` take the next line or message: a string must be all of it, a regex must "
        + "match somewhere in it. Without a pattern any will do.",
      "A datagram is taken whole or not at all: a string must be all of it, for `line` with or without its line end. "
        + "A regex that matches less, or a line with more behind it, is the error `truncated`, and the datagram stays "
        + "for the next `recv`. `expect message REGEX` takes it wherever in it the regex matches.",
      "The result is the string, or for a regex a match: `m[0]` is all of it, `m[1]` a group, `m.name` a named one. A "
        + "regex that more bytes could lengthen waits for them: end it with what follows, as `/\\d+\\r\\n/`.",
    ],
    errors: [.mismatch, .timeout, .eof, .reset, .busy, .limit, .truncated, .system],
    related: ["patterns", "recv", "select", "test"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      a.send "220-hello\r\n220 ready\r\n250 ok 17\r\n"
      a.close
      with b
        expect line /^220 / skipping /^220-/ as m
        expect /250 ok (?<count>\d+)\r\n/ as answer
        print answer.count
        print expect closed
      end
      """#, prints: "17\neof"))

  static let framing = VerbHelp(
    details: [
      "Says how long a message is, so that `recv message` and `expect message` can take whole ones. The function gets "
        + "the first bytes that have come, 256 or a few more, and gives the length of the message that they begin, its "
        + "head too, or nil while it cannot know: it is asked again when there are more. Once it has answered, it is "
        + "not asked about that message any more.",
      "The function only looks: it may not wait, and a step on its own channel fails with `busy`.",
      "For a plain length in front there are names, such as \"u8\", \"u16\", \"u32le\" and \"varint\".",
    ],
    errors: [.range, .busy], related: ["recv", "expect", "unpack"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with b
        framing "u16"
      end
      a.send x"00 02" + "hi" + x"00 03" + "you"
      print inspect(b.recv message), inspect(b.recv message)
      """#, prints: #""\0\x02hi" "\0\x03you""#))

  // MARK: - Closing

  static let shutdown = VerbHelp(
    details: [
      "After `shutdown write` the peer reads the end, and can still answer: the polite way to say that all is sent.",
    ],
    errors: [.system], related: ["close", "recv"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        send "all of it"
        shutdown write
      end
      print b.recv all
      b.send "thanks"
      print a.recv
      """#, prints: "all of it\nthanks"))

  static let close = VerbHelp(
    details: [
      "A task that waits on the channel gets the error `closed`. What a script leaves open is closed at its end; what "
        + "nothing can reach any more, before.",
    ],
    related: ["shutdown", "reset", "defer"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        close
      end
      print inspect(b.recv)
      """#, prints: "nil"))

  static let reset = VerbHelp(
    details: [
      "The peer's next read fails with `reset` instead of an end: what a crash or a firewall does to it.",
    ],
    errors: [.system], related: ["close", "expect"],
    example: HelpExample(
      #"""
      listen 0
      connect listener.sockport as client
      accept
      reset
      client.expect reset within 5s
      print "it was reset"
      """#, prints: "it was reset"))

  static let starttls = VerbHelp(
    details: [
      "This build has no TLS yet: the step fails with `EOPNOTSUPP`, as do `tls:` addresses.",
    ],
    errors: [.system], related: ["connect", "listen"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        try
          starttls client name "example.org"
        catch e
          print e.code
        end
      end
      """#, prints: "EOPNOTSUPP"))

  // MARK: - Settings

  static let sockopt = VerbHelp(
    details: [
      "Names are those of socket(7), tcp(7), ip(7) and ipv6(7). A value is an integer, a duration, `[onoff, seconds]` "
        + "for SO_LINGER, or the raw bytes. Linux keeps twice the buffer that was asked for.",
    ],
    errors: [.range, .system], related: ["socket", "listen"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        sockopt SO_RCVBUF 64KiB
        print sockopt SO_RCVBUF
      end
      """#, prints: "131072"))

  static let timeout = VerbHelp(
    details: [
      "Without a channel it sets what later channels start with. In a script nothing has a deadline until one is "
        + "given; in a `test` each step has 5 s.",
    ],
    related: ["deadlines", "within"],
    example: HelpExample(
      #"""
      timeout 5s
      let [a, b] = socketpair
      print a.timeout
      b.timeout 10ms
      try
        b.recv
      catch e
        print e.code
      end
      """#, prints: "5\ntimeout"))

  static let blocking = VerbHelp(
    details: [
      "With blocking off, `accept` gives nil and `recv` gives an empty string when nothing is there. Seldom needed: "
        + "what waits never holds up another task.",
    ],
    related: ["accept", "recv", "select"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with b
        blocking off
        print inspect(recv)
      end
      """#, prints: "\"\""))

  static let eol = VerbHelp(
    details: [
      "What `send line` puts behind its data: CRLF on sockets, LF on processes, terminals and standard streams. Lines "
        + "are read with either. Without a channel it sets what later channels start with.",
    ],
    related: ["send", "recv"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        eol "\n"
        send line "unix"
      end
      print inspect(b.recv)
      """#, prints: #""unix\n""#))

  static let autoflush = VerbHelp(
    details: [
      "With autoflush off, what is sent is gathered until the task next waits or 64 KiB are full: many small sends "
        + "become one write.",
    ],
    related: ["send"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        autoflush off
        for i in 1..3
          send "${i}."
        end
      end
      print b.recv
      """#, prints: "1.2.3."))
}
