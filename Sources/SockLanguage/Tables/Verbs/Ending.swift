// Verbs that close a channel, or one direction of it. What the help says of one stands with its row.

extension VerbRow {
  static var shutdown: VerbRow {
    VerbRow(
      .shutdown, receiver: .channel, operand: .none,
      options: [
        [
          Option(.read, .nothing, "receives no more"),
          Option(.write, .nothing, "sends no more: the peer sees the end"),
          Option(.raw, .nothing, "sends no more, and says no close_notify where there is TLS"),
          Option(.both, .nothing, "neither"),
        ]
      ],
      requiresOption: true, waiting: .untilSent, gives: .nothing, effect: .ends, summary: "closes one direction, or both",
      example: "shutdown write",
      help: VerbHelp(
        details: [
          "After `shutdown write` the peer reads the end, and can still answer: the polite way to say that all is "
            + "sent. Over TLS it sends close_notify, and `shutdown raw` ends the connection without.",
          "On a terminal `shutdown write` sends what ends the input there, mostly Ctrl-D: the program that reads sees an "
            + "end, and the terminal goes on. One that edits its lines, as a shell does, sees it only while it asks for "
            + "one: expect its prompt first. A terminal that was opened `raw` has no such character.",
        ],
        errors: [.system], related: ["close", "recv", "tls"],
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
          """#, prints: "all of it\nthanks")))
  }

  static var close: VerbRow {
    VerbRow(
      .close, receiver: .channel, operand: .none, options: [],
      waiting: .untilSent, gives: .nothing, effect: .ends, summary: "closes the channel", example: "close",
      help: VerbHelp(
        details: [
          "A task that waits on the channel gets the error `closed`. What a script leaves open is closed at its end; "
            + "what nothing can reach any more, before.",
          "Over TLS it stays until its close_notify has left, or for a second. So does a client of TLS 1.3 that has read "
            + "nothing until the other side has what was sent: the server's tickets, which may still come, would cut it "
            + "short.",
        ],
        related: ["shutdown", "reset", "defer"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair
          with a
            close
          end
          print inspect(b.recv)
          """#, prints: "nil")))
  }

  static var reset: VerbRow {
    VerbRow(
      .reset, receiver: .channel, operand: .none, options: [],
      waiting: .never, gives: .nothing, effect: .ends,
      summary: "closes the channel with a reset (RST)", example: "reset",
      help: VerbHelp(
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
          """#, prints: "it was reset")))
  }
}
