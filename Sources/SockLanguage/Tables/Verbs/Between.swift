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
          "It gives a map: `upstream`, how many bytes went from A to B, `downstream`, from B to A, and `ends`, a list of how A "
            + "and B have ended: \"eof\", \"reset\", \"truncated\" (no close_notify), another error's code, or \"idle\" "
            + "for one that had not. Only `within` makes it fail. What it has passed on stands in the transcript, in both "
            + "directions.",
          "A side may be a list of two channels: `relay [stdin, stdout] server` is what netcat does. A datagram from one "
            + "side is a piece of what the other gets; what goes to a datagram socket is a datagram for each piece that "
            + "has come. `sock help recipes proxy` has a server made of it.",
        ],
        errors: [.timeout, .busy, .system], related: ["connect", "serve", "interact", "recipes proxy"],
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
}
