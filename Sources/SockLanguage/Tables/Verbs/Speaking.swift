// Verbs that send and receive. What the help says of one stands with its row.

extension VerbRow {
  static var send: VerbRow {
    VerbRow(
      .send, receiver: .channel, operand: .value(.data),
      options: [
        [Option(.line, .nothing, "with the channel's `eol` behind it")],
        [Option(.to, .address, "the destination of a datagram")],
        oob, [Option(.more, .nothing, "more follows: the kernel may wait for it")],
        [Option(.dontroute, .nothing, "to directly connected hosts only")],
        [Option(.crlf, .nothing, "turns lone LFs into CRLF")],
        [Option(.chunks, .value(.number), "in pieces of N bytes, each a segment of its own")],
        [Option(.every, .value(.duration), "with a pause between the pieces", needs: [.chunks])],
        [Option(.fds, .value(.list), "with the descriptors of these channels, over a Unix-domain socket")],
      ],
      waiting: .untilDone, gives: .count, effect: .writes, summary: "sends all of the data",
      example: "send \"HELLO\\r\\n\" chunks 2 every 10ms",
      help: VerbHelp(
        details: [
          "All of the data is sent, however long that takes. When a deadline cuts it short, a part has left: close the "
            + "channel then, unless the peer can tell. `send line` puts the channel's `eol` behind it: CRLF, or "
            + "LF for a process, CR on a terminal. `send` itself adds nothing.",
          "`chunks` cuts the data into pieces, to see whether the peer takes one read for one message.",
          "What is sent on TCP leaves at once, also in small pieces (TCP_NODELAY is set). To join some, write `more`, "
            + "or `autoflush off`; `sockopt TCP_NODELAY 0` lets the kernel join them while an answer is out.",
          "A plain `send` of a datagram goes to the sender of the one received last, else to whom the socket is "
            + "connected to; to a sender without an address there is no answer: EDESTADDRREQ.",
          "`send NAME {…}` sends a declared message by its fields.",
          "`fds` passes descriptors to another process (SCM_RIGHTS): the other side has sockets, pipes or files of its "
            + "own for them. Those that come here are the channels of `channel.fds`, each given once; whatever nobody "
            + "asks for is closed with the channel.",
        ],
        errors: [.reset, .timeout, .range, .system], related: ["eol", "autoflush", "recv", "strings", "message"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair
          with a
            send "HELLO\r\n" chunks 2 every 10ms
          end
          print b.recv line
          """#, prints: "HELLO")))
  }

  static var recv: VerbRow {
    VerbRow(
      .recv, receiver: .channel, operand: .optionalValue(.bytes),
      options: [
        [
          Option(.exactly, .value(.bytes), "exactly N bytes", data: .instead),
          Option(.line, .nothing, "a line, without its LF or CRLF", data: .instead),
          Option(.until, .value(.pattern), "up to a delimiter", data: .instead),
          Option(
            .message, .nothing, "a message by the channel's framing, or a whole datagram; or one that is declared",
            data: .mayLeaveOut),
          Option(.all, .nothing, "until the end", data: .instead),
          Option(.quiet, .value(.duration), "what comes until nothing has come for so long", data: .instead),
        ],
        keep, [Option(.peek, .nothing, "leaves the bytes where they are")],
        [Option(.oob, .nothing, "urgent (out-of-band) data")],
      ],
      waiting: .selectable(.data), gives: .data, effect: .reads,
      summary: "receives at most N bytes, a line, a message, or what the options say",
      example: "recv line within 2s as text",
      help: VerbHelp(
        details: [
          "`recv` gives what has come, at least one byte; `recv N` at most N. A datagram is always given whole: one "
            + "that is longer than N is the error `truncated`, and stays for the next `recv`; `peek` looks at its "
            + "head. `recv line` gives a line without its LF or CRLF, `recv until PATTERN` what stands before the "
            + "pattern, `recv exactly N` so many bytes, `recv all` everything until the end.",
          "`recv quiet D` is for an answer whose end nothing marks: it gives all that comes until nothing has come for "
            + "the duration, which begins at once, so that it may be an empty string. A peer that never pauses makes it "
            + "fail when the time of `within` is over. Where the peer says how long its answer is, `line`, `until` and "
            + "`exactly` are quicker, and do not depend on how fast it is.",
          "`recv message NAME` gives the fields of a declared message, and waits until all of it has come.",
          "Of `recv until REGEX` the result is that string: the pattern's text and its groups are lost. For them write "
            + "`recv until \"pid \"`, then `expect /(\\d+)\\r\\n/ as m`.",
          "At the end of the stream it gives nil, once; the next one fails with `eof`. An unterminated rest is the "
            + "last line. `until`, `message` and `exactly` fail with `eof` when the end comes in their middle.",
          "A failed read takes nothing from the channel.",
        ],
        errors: [.timeout, .eof, .reset, .busy, .limit, .truncated, .range, .system],
        related: ["expect", "patterns", "framing", "message", "select", "while"],
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
          """#, prints: "one\ntwo\nnil")))
  }

  static var expect: VerbRow {
    VerbRow(
      .expect, receiver: .channel, operand: .value(.pattern),
      options: [
        [
          Option(.line, .nothing, "in the next line", data: .mayLeaveOut),
          Option(.message, .nothing, "in the next message", data: .mayLeaveOut),
          Option(.screen, .nothing, "anywhere on the screen of a program that runs on a terminal"),
          Option(.eof, .nothing, "an orderly close", data: .instead),
          Option(.reset, .nothing, "a connection reset", data: .instead),
          Option(.closed, .nothing, "either, and says which", data: .instead),
          Option(.alert, .word(.alert), "a fatal alert of TLS", data: .instead),
          Option(.silence, .value(.duration), "nothing at all for so long", data: .instead),
          Option(.echo, .oneOf([.on, .off]), "the program on a terminal has turned the echo so", data: .instead),
          Option(.exit, .value(.status), "the program has ended, and so", data: .instead),
        ],
        [Option(.skipping, .value(.pattern), "passes over those that match", needs: [.line, .message])],
      ],
      waiting: .selectable(.data), gives: .finding, effect: .reads,
      summary: "what comes next must match, and is taken", example: "expect line /^220 / skipping /^220-/ as m",
      help: VerbHelp(
        details: [
          "What comes next must match: a string byte for byte, a regex from here on. It fails at the first byte that "
            + "cannot match, without waiting for the deadline, and takes exactly what matched. To pass over something "
            + "first, write `recv until`.",
          "`expect line` and `expect message` take the next line or message: a string must be all of it, a regex must "
            + "match somewhere in it. Without a pattern any will do.",
          "`expect message NAME {…}` takes a declared message whose fields are as they are to be, and gives all of them.",
          "A datagram is taken whole or not at all: a string must be all of it, for `line` with or without its line "
            + "end. A regex that matches less, or a line with more behind it, is the error `truncated`, and the "
            + "datagram stays for the next `recv`. `expect message REGEX` takes it wherever in it the regex matches.",
          "The result is the string, or for a regex a match: `m[0]` is all of it, `m[1]` a group, `m.name` a named "
            + "one. A regex that more bytes could lengthen waits for them: end it with what follows, as "
            + "`/\\d+\\r\\n/`.",
          "`expect screen` waits until the pattern stands somewhere on the screen (`run … pty`), as a person would: it "
            + "fails only when the time is over or the program has ended, and shows the screen then. It takes all that has "
            + "come, whether it matches or not: what a `recv` behind it gives came later. The screen is what stands there "
            + "now; to wait for what a key brings, name something that was not there before it.",
          "Over TLS `eof` wants close_notify; `closed` also takes an end without it, and says `truncated`. "
            + "`alert NAME` wants a fatal alert, as `certificate_required`.",
          "`echo off` waits until a program on a terminal with echo (`run … pty echo on`) reads what is not to be seen, "
            + "mostly a password. Nothing of what it writes is taken.",
          "`expect exit 0` waits until a program has ended: the one in front of the dot, else that which was `run` last. Its "
            + "status is an integer, or one of a list or range, as `1..255`; the name of a signal, as \"SEGV\", is one that "
            + "has ended it. Of a client (`run … to`) it also wants that no connection is left that nobody has accepted. "
            + "The result is the status, as `wait` gives it.",
        ],
        errors: [.mismatch, .timeout, .eof, .reset, .busy, .limit, .truncated, .system],
        related: ["patterns", "recv", "message", "select", "tls", "test"],
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
          """#, prints: "17\neof")))
  }

  static var framing: VerbRow {
    VerbRow(
      .framing, receiver: .channel, operand: .value(.function),
      options: [[Option(.off, .nothing, "ends it", data: .instead)]],
      waiting: .never, gives: .nothing, effect: [],
      summary: "says how long a message is, by a function of its first bytes",
      example: "framing \"u16\"",
      help: VerbHelp(
        details: [
          "Says how long a message is, so that `recv message` and `expect message` can take whole ones. The function "
            + "gets the first bytes that have come, 256 or a few more, and gives the length of the message that they "
            + "begin, its head too, or nil (or false) while it cannot know: it is asked again when there are more. "
            + "Once it has answered, it is not asked about that message any more.",
          "The function only looks: it may not wait, and a step on its own channel fails with `busy`.",
          "A declared message says by its own fields how long it is: `framing NAME`.",
          "For a plain length in front there are names, such as \"u8\", \"u16\", \"u32le\" and \"varint\"; "
            + "\"tls\" makes messages of the records of TLS on a channel that does not speak it.",
        ],
        errors: [.range, .busy], related: ["recv", "expect", "message", "unpack"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair
          with b
            framing "u16"
          end
          a.send x"00 02" + "hi" + x"00 03" + "you"
          print inspect(b.recv message), inspect(b.recv message)
          """#, prints: #""\0\x02hi" "\0\x03you""#)))
  }
}
