// Verbs that stand between two channels. What the help says of one stands with its row.

extension VerbRow {
  static var relay: VerbRow {
    VerbRow(
      .relay, receiver: .channel, operand: .oneOrTwo(.channel, .channel),
      options: [[Option(.idle, .value(.duration), "ends it when nothing has come for so long")]],
      waiting: .untilDone, gives: .value, effect: [],
      summary: "moves bytes between two channels until both have ended", example: "relay conn server",
      help: VerbHelp(
        details: [
          "`relay A B` passes on what comes from A to B, and what comes from B to A: that first which has come and "
            + "nothing has read yet. `relay B` and `A.relay B` have A in front of the dot, or the current connection. "
            + "The two may be of any kind, also with TLS or a process. Nothing more is read from the one than the other "
            + "takes.",
          "The end of one side is passed on as `shutdown write`, and the other may still answer; a reset is passed on as "
            + "a reset, which closes that channel. TLS's close_notify becomes an end, and the other way round; an end "
            + "without it is passed on without. A process gets the end of its input, and on a terminal Ctrl-D. Where the "
            + "other side cannot be told (datagrams, a serial line, standard output), what still comes from there is "
            + "passed on until nothing has come for the time of `idle`, or for 1 s.",
          "It gives a map: `upstream`, how many bytes went from A to B, `downstream`, from B to A, and `ends`, a list of "
            + "how A and B have ended: \"eof\", \"reset\", \"truncated\" (no close_notify), another error's code, or \"idle\" "
            + "for one that had not. Only `within` makes it fail, and an output that has no room. What it has passed on "
            + "stands in the transcript, in both directions.",
          "A side may be a list of two channels: `relay [stdin, stdout] server` is what netcat does. A datagram from one "
            + "side is a piece of what the other gets; what goes to a datagram socket is a datagram for each piece that "
            + "has come. `sock help recipes proxy` has a server made of it.",
          "Between a datagram socket that anybody may send to (`bind`) and one that is connected, each who sends gets a "
            + "socket of its own to there, for as long as it is not quiet for the time of `idle`, or for 60 s, and for 1024 "
            + "at a time; `peers` in the map is how many there were.",
        ],
        errors: [.timeout, .busy, .system], related: ["fault", "connect", "serve", "interact", "recipes proxy"],
        example: HelpExample(
          #"""
          listen 0 as origin
          spawn
            origin.accept
            send line "you said ${recv line}"
          end

          listen 0 as front
          spawn as proxy
            front.accept
            connect origin.sockport as server
            relay conn server
          end

          connect front.sockport as client
          client.send line "hello"
          print client.recv line
          client.close
          print (wait proxy) == nil
          """#, prints: "you said hello\ntrue")))
  }

  /// What a fault sets, and what ends faults does not.
  private static let lasting: [OptionWord] = [
    .delay, .jitter, .rate, .corrupt, .drop, .duplicate, .reorder, .rewrite, .lines,
  ]

  static var fault: VerbRow {
    VerbRow(
      .fault, receiver: .channel, operand: .none,
      options: [
        [
          Option(.cut, .nothing, "ends both directions in good order, as one that closes"),
          Option(.reset, .nothing, "resets the connection (RST)"),
          Option(.stall, .nothing, "takes nothing more, as one that has stopped reading"),
          Option(.hold, .nothing, "keeps what comes until `release`"),
          Option(.release, .nothing, "what is held or stalled goes on", excludes: lasting),
          Option(.off, .nothing, "takes all faults away; what is on its way goes on at once", excludes: lasting),
        ],
        [
          Option(
            .after, .value(.amount), "not at once: after a time from now, or so many of what follows",
            needs: [.cut, .reset, .stall, .hold])
        ],
        [
          Option(.bytes, .nothing, "`after` counts bytes", needs: [.after]),
          Option(.messages, .nothing, "`after` counts messages", needs: [.after]),
          Option(.lines, .nothing, "each line is a message; `after` counts them"),
        ],
        [Option(.delay, .value(.duration), "everything comes so much later")],
        [Option(.jitter, .value(.duration), "by up to so much more or less")],
        [Option(.rate, .value(.bytes), "so many bytes pass in a second")],
        [Option(.corrupt, .value(.chance), "for each byte, that it becomes another")],
        [Option(.drop, .value(.chance), "for each message, that it is lost")],
        [Option(.duplicate, .value(.chance), "for each message, that it comes twice")],
        [Option(.reorder, .value(.chance), "for each message, that it changes places with the next")],
        [Option(.rewrite, .value(.function), "makes a message of each message; nil drops it")],
        [
          Option(.read, .nothing, "of what comes from the channel only"),
          Option(.write, .nothing, "of what is sent to it only"),
        ],
      ],
      waiting: .never, gives: .value, effect: .sets,
      summary: "makes a channel late, slow, lossy or broken, at a chosen place", example: "fault server delay 20ms",
      help: VerbHelp(
        details: [
          "What it says holds from then on for all that is sent and received there, by any verb: `send`, `recv`, "
            + "`relay`. Said before the first of them, it holds before the first byte; said of a listener, for what that "
            + "accepts later. Without `read` or `write` it holds in each direction by itself. Each step changes what it "
            + "names and leaves the rest: `fault c rate 10KiB` keeps a delay. It gives what held before, as a map of two "
            + "strings, `read` and `write`; without options it only reads.",
          "A place is a number of bytes, messages or lines that pass from then on, in each direction by itself, or a time: "
            + "`cut after 3 messages`, `reset after 100 bytes`, `hold after 2s`. What was sent before the place arrives, "
            + "and what comes behind it is lost, or waits for `release`.",
          "A message is a datagram, what the channel's `framing` says, or with `lines` a line. A stream has no others: "
            + "there `drop`, `duplicate`, `reorder` and `rewrite` fail without one of these. One that changes places with "
            + "none comes after 100 ms. A chance of 0 draws nothing and changes nothing; with `--seed` the same happens in "
            + "each run.",
          "`off` and `release` stand alone, or beside `read` or `write`. Order stays, whatever is late. More than 1 MiB "
            + "is not kept on its way: then the sender waits; a larger message, where faults act on messages, is an error. "
            + "`shutdown` and `close` come behind what was sent; `close` gives up what is held. Said before `starttls` it "
            + "acts on TLS's records, as on a listener of `tls:`; said behind it, on what they carry. What a fault has done "
            + "stands in the transcript, and a failure that it may have caused names it and its place, also across a "
            + "relay. A file is not made slow: standard streams have no faults.",
        ],
        errors: [.range], related: ["relay", "framing", "send", "reset", "recipes faults"],
        example: HelpExample(
          #"""
          listen 0
          connect listener.sockport as client
          accept as server
          fault server delay 20ms
          server.fault write cut after 2 lines
          server.send "one\ntwo\nthree\n"
          print inspect(client.recv all)
          print server.fault.write
          """#, prints: "\"one\\ntwo\\n\"\ndelay 20ms cut after 2 lines")))
  }
}
