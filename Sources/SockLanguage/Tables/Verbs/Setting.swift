// Verbs that read and set what holds for a channel. What the help says of one stands with its row.

extension VerbRow {
  static var sockopt: VerbRow {
    VerbRow(
      .sockopt, receiver: .channel, operand: .wordAndOptionalValue(.socketOption, .optionValue),
      options: [[Option(.level, .word(.level), "of another protocol level than the name's own")]],
      waiting: .never, gives: .value, effect: .sets, summary: "reads or sets a socket option by its name",
      example: "sockopt SO_RCVBUF 64KiB",
      help: VerbHelp(
        details: [
          "Names are those of socket(7), tcp(7), ip(7) and ipv6(7). A value is an integer, a duration, `[onoff, "
            + "seconds]` for SO_LINGER, the name of an interface for IP_MULTICAST_IF and its like, or the raw bytes. "
            + "Linux keeps twice the buffer that was asked for.",
          "TCP_INFO, MPTCP_INFO and SO_MEMINFO give maps, with the names of the system's headers: "
            + "`(c.sockopt TCP_INFO).rtt`. Times in them are seconds. What this kernel does not tell is not there.",
          "Of TCP_INFO, without the headers' `tcpi_`, mostly: state, rtt, rttvar, min_rtt, rto, snd_cwnd, snd_mss, pmtu, "
            + "unacked, lost, retransmits, total_retrans, bytes_sent, bytes_acked, bytes_received, bytes_retrans, "
            + "segs_out, segs_in, notsent_bytes, delivery_rate.",
        ],
        errors: [.range, .system], related: ["socket", "listen", "multicast"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair
          with a
            sockopt SO_RCVBUF 64KiB
            print sockopt SO_RCVBUF
          end
          """#, prints: "131072")))
  }

  static var multicast: VerbRow {
    VerbRow(
      .multicast, receiver: .channel, operand: .none,
      options: [
        [
          Option(.join, .value(.group), "receives what is sent to the group"),
          Option(.leave, .value(.group), "no longer; also after `join` with `source`"),
        ],
        [
          Option(
            .interface, .word(.interface), "on which, by name or number; else where the route to the group leads",
            needs: [.join, .leave])
        ],
        [Option(.source, .value(.host), "only what this host sends", needs: [.join, .leave])],
      ],
      requiresOption: true, waiting: .never, gives: .nothing, effect: [],
      summary: "joins or leaves a multicast group", example: "multicast join \"239.1.2.3\" interface lo",
      help: VerbHelp(
        details: [
          "A datagram socket that is bound to `udp:*:PORT`, or to the group itself, then receives what is sent to the "
            + "group, of IPv4 or IPv6. Several programs may: each says `reuse`.",
          "Nobody has to join to send to a group: `send … to \"239.1.2.3:5000\"`. How far that goes, whether this "
            + "machine hears it, too, and by which interface it leaves say `sockopt IP_MULTICAST_TTL 4`, "
            + "`IP_MULTICAST_LOOP 0` and `IP_MULTICAST_IF \"eth0\"`, or IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP and "
            + "IPV6_MULTICAST_IF, each with its value.",
        ],
        errors: [.range, .denied, .system], related: ["bind", "send", "sockopt", "properties"],
        example: HelpExample(
          #"""
          bind udp:*:0 reuse
          multicast join "239.1.2.3" interface lo
          socket inet dgram as sender
          sender.sockopt IP_MULTICAST_IF "lo"
          sender.send "to all" to "239.1.2.3:${conn.sockport}"
          print recv
          multicast leave "239.1.2.3" interface lo
          """#, prints: "to all")))
  }

  static var timeout: VerbRow {
    VerbRow(
      .timeout, receiver: .channelOrDefault, operand: .optionalValue(.duration),
      options: [[Option(.off, .nothing, "waits for ever", data: .instead)]],
      waiting: .never, gives: .setting, effect: .sets,
      summary: "reads or sets the default deadline of the channel's steps",
      example: "timeout 5s",
      help: VerbHelp(
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
          """#, prints: "5\ntimeout")))
  }

  static var blocking: VerbRow {
    VerbRow(
      .blocking, receiver: .channel, operand: .none,
      options: [[Option(.on, .nothing, "steps wait"), Option(.off, .nothing, "steps answer at once")]],
      waiting: .never, gives: .setting, effect: .sets, summary: "reads or sets whether the channel's steps wait",
      example: "blocking off",
      help: VerbHelp(
        details: [
          "With blocking off, `accept` gives nil and `recv` gives an empty string when nothing is there. Seldom "
            + "needed: what waits never holds up another task.",
        ],
        related: ["accept", "recv", "select"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair
          with b
            blocking off
            print inspect(recv)
          end
          """#, prints: "\"\"")))
  }

  static var eol: VerbRow {
    VerbRow(
      .eol, receiver: .channelOrDefault, operand: .optionalValue(.string),
      options: [[Option(.strict, .nothing, "a line that comes has to end like that: another end is a mismatch")]],
      waiting: .never, gives: .setting, effect: .sets, summary: "reads or sets what ends a line that is sent",
      example: "eol \"\\n\"",
      help: VerbHelp(
        details: [
          "What `send line` puts behind its data: CRLF on sockets, LF on processes and standard streams, CR, as the "
            + "Enter key, on terminals (LF on those that are raw). Lines are read with LF or CRLF, unless `strict` asks "
            + "for this end alone, as a test of a server's line ends does. Without a channel it sets what later channels "
            + "start with.",
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
          """#, prints: #""unix\n""#)))
  }

  static var autoflush: VerbRow {
    VerbRow(
      .autoflush, receiver: .channel, operand: .none,
      options: [
        [
          Option(.on, .nothing, "each step sends at once"),
          Option(.off, .nothing, "what is sent is gathered until the task waits"),
        ]
      ],
      waiting: .never, gives: .setting, effect: .sets, summary: "reads or sets when what is sent leaves",
      example: "autoflush off",
      help: VerbHelp(
        details: [
          "With autoflush off, what is sent is gathered until the task next waits or 64 KiB are full: many small "
            + "sends become one write.",
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
          """#, prints: "1.2.3.")))
  }
}
