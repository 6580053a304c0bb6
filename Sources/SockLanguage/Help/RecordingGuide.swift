// `sock help recording`: from what goes over a wire to a script, and back.

extension Guide {
  static var recordingPage: HelpPage {
    HelpPage(
      topic: Guide.recording.rawValue, summary: "a script from what a client and a server say: `sock record`",
      blocks: [
        .paragraph(
          "`sock record --listen 7000 --to 127.0.0.1:6379 FILE.sock` listens in place of the server, "
            + "passes on what comes, and writes a test that says what the client said and expects what the "
            + "server said. It ends with the session, runs what it has written, and says whether that "
            + "passes. Ctrl-C writes what there is so far."),
        .table([
          (
            "--run 'COMMAND'",
            "starts the client; `{address}`, `{host}` and `{port}` stand for where it connects, `{ca}` for whom it trusts"
          ),
          ("--times 3", "records three sessions and compares them"),
          ("--as server", "writes the other side: a test that is the server for that client"),
          ("--pcap FILE", "takes a capture (pcap or pcapng) instead; `--to HOST:PORT` chooses the server in it"),
          ("--keep FILE", "keeps what went by as pcapng: for Wireshark, `--pcap` and `sock replay`"),
          (
            "--secret NAME=…",
            "becomes `param secret NAME` wherever its value was said, also in Base64, hex and URLs; it has 4 bytes "
              + "or more"
          ),
          (
            "--to tls:HOST:PORT",
            "speaks TLS to the server, with `--ca FILE` or `--insecure`; `--listen tls:0` to the client"
          ),
          ("--to udp:HOST:PORT", "datagrams; then `--listen udp:PORT`"),
        ]),
        .paragraph(
          "What differed between sessions becomes a pattern, and nothing else does, but for what will "
            + "be another one the next time: dates, times, UUIDs, what stands behind words such as `uptime` "
            + "and `pid`, and the two ends' ports. What one side says back is a name: a token, an "
            + "identifier, a sequence number. A number that grows by the same step each time stays a "
            + "counter, and one that counts the bytes behind it is compared with them. The same lines in "
            + "another order are compared sorted. Where only one "
            + "session is recorded, only words of digits and letters that one side says after the other are "
            + "taken for tokens: `--times 3` is better, and twice is not enough to tell chance from rule."),
        .paragraph(
          "Text is expected line by line. Binary protocols are cut into messages where their framing is "
            + "known (PostgreSQL, MQTT, a length in front) and stand in hex with what can be read in "
            + "quotes. STARTTLS of SMTP, IMAP, POP3 and FTP and the SSLRequest of PostgreSQL are followed "
            + "into TLS, with a certificate made for it. What a client computes from a challenge, as "
            + "CRAM-MD5 and SCRAM do, cannot be said again by any script. Data connections of FTP are not "
            + "recorded, and a client that shows a certificate is not asked for it. Of more than 64 KiB in one piece "
            + "that is no text only the beginning and the end are compared."),
        .paragraph(
          "`sock replay FILE.pcapng --to ADDRESS` plays the client of a recording or a capture, "
            + "`--listen ADDRESS` its server, and says where it listens; it keeps the order, and tells where the "
            + "other side first said something else."),
        .example(
          HelpExample(
            #"""
            # What is recorded: here of a server that counts.
            listen 0
            spawn
              serve
                for count in 1..3
                  expect line "NEXT"
                  send line "number ${41 + count}"
                end
              end
            end

            # And how it is expected after `--times 3`: the second number is the one behind the first.
            connect listener.sockport
            send line "NEXT"
            expect /number (?<number>\d+)\r\n/ as m
            send line "NEXT"
            expect "number ${int(m.number) + 1}\r\n"
            print "counts on"
            """#, prints: "counts on")),
      ])
  }
}
