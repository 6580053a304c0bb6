// `sock help mutate`: the suite's messages, changed, against its server.

extension Guide {
  static var mutatePage: HelpPage {
    HelpPage(
      topic: Guide.mutate.rawValue, summary: "what a server does with wrong messages: `sock test --mutate`",
      blocks: [
        .paragraph(
          "`sock test --mutate 200 SUITE.sock` runs the tests up to 200 times, each time with one thing changed in "
            + "one of the messages that they send over sockets. The test may fail then: its server is right to "
            + "refuse. Behind it the suite's `def probe()` is called, which connects and sends, and expects what "
            + "any server answers. It is a finding when the probe fails, when a program that the script has "
            + "started ends unasked, or when its standard error shows a sanitizer's report, a panic or a "
            + "traceback. Then the exit status is 1."),
        .table([
          ("a field", "left out, twice, before the one in front of it, one more or less, at its type's ends, very long"),
          ("a length, a number of", "wrong, where it is computed from others; what else is computed from it is right"),
          ("a list", "empty, an element left out, a hundred of them, backwards"),
          ("a message", "cut anywhere, twice, a hundred times"),
          ("bytes and text", "the same with words, numbers and lines; a NUL, bytes that are no text, no line end"),
        ]),
        .paragraph(
          "Fields are known of what `encode` or `send MESSAGE {…}` has made, also in a function of a library. "
            + "A field that has another value is encoded with it, so that lengths and checksums around it are "
            + "right again. What is sent to programs, terminals and files is left as it is. Tests that fail as "
            + "they stand, or send nothing, are skipped."),
        .paragraph(
          "Each change is tried once: what is left out, empty or zero first, then one less and one more, then the "
            + "ends of types and the very long, then all others. When there are no more, the run ends and says so. "
            + "Of changes that are alike `--seed` decides which comes first, so that a number and a seed name one: "
            + "the account of a finding has the command that sends it again, as `--mutate 17..17 --seed 1`. A step "
            + "that states no "
            + "time waits 250 ms once the change is on its way, a step of the probe 2 s; `--timeout-scale` "
            + "stretches both. The test's connections are closed before the probe. A hang is known by the probe "
            + "alone."),
        .paragraph(
          "Each finding is tried again as a script: a test with the steps that are needed before it, the "
            + "simplest change that still does it, and `probe()`; of a server that answers and has written a "
            + "traceback, what must not stand in its standard error. It must fail in the same way, and pass with "
            + "what the suite sends as it stands; a hang that does not come again is inconclusive. It is written "
            + "beside the suite, or into the folder of `--findings`, as `SUITE-found-SEED-NUMBER.sock`, and "
            + "nothing is overwritten. Where that cannot be done the account says why. Findings with the same cause, "
            + "the same end of a program or the same last line of a traceback, are one, and its account has the "
            + "numbers of the others. A server that the suite "
            + "starts by `run` is started anew for that; one that runs elsewhere, and does not come back, ends "
            + "the run."),
        .example(
          HelpExample(
            #"""
            # The server, which says its port first, and gives back each line with a plus.
            run ["python3", "-uc", "import socketserver as s; h = type('H', (s.StreamRequestHandler,), {'handle': lambda self: [self.wfile.write(b'+' + l) for l in self.rfile]}); t = s.TCPServer(('127.0.0.1', 0), h); print(t.server_address[1]); t.serve_forever()"] as program
            program.recv line as port

            # What `--mutate` asks behind each changed message.
            def probe()
              connect "127.0.0.1:${port}"
              send line "PING"
              expect line "+PING"
            end

            test "a line is given back" must "the protocol, section 1"
              connect "127.0.0.1:${port}"
              send line "SET k 12"
              expect line "+SET k 12"
            end
            """#)),
        .paragraph("See also: message, encode, send, test, tests, fault."),
      ])
  }
}
