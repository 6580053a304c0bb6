// The guide to TLS: what one needs to speak it, and to test who speaks it.

extension Guide {
  var tls: HelpPage {
    HelpPage(
      topic: rawValue, summary: "TLS 1.2 and 1.3 over any stream: clients, servers, upgrades, and what goes wrong",
      blocks: [
        .table([
          ("connect tls:HOST:PORT", "a client"),
          ("listen tls:PORT", "a server"),
          ("starttls", "either of them, on a channel that is there, at any byte of its dialogue"),
        ]),
        .example(
          HelpExample(
            #"""
            listen tls:0
            spawn
              accept
              send line upper(recv line)
            end
            connect tls:localhost:${listener.sockport} ca listener.tls.ca
            send line "hello"
            print recv line, conn.tls.version, conn.tls.peer.subject
            """#, prints: "HELLO 1.3 CN=localhost")),
        .heading("whom to trust"),
        .paragraph(
          "A client verifies the server's certificate and its name, on loopback as well: by the authorities of the "
            + "system, or by those that `ca FILE` names. The name is the address's, or what `name HOST` says. "
            + "`insecure` takes any certificate; it is for a look at a server, not for a test. A server asks for a "
            + "client's certificate when it has a `ca` to verify it by; with `optional` the client may have none."),
        .heading("certificates"),
        .paragraph(
          "A server without `cert` has one for localhost, of an authority that this run makes; `listener.tls.ca` is "
            + "the file to trust it by. `certificate(NAME…)` makes others: files for a program under test, and wrong "
            + "ones for a client that must refuse them. `cert made` takes its key with it. Of several, `cert [a, b]`, "
            + "a client gets the one for the name that it asks for. `certificate` takes in a map at its end:"),
        .table([
          ("valid", "a duration from now, \"expired\" or \"not yet\""),
          ("usage", "\"server\", \"client\", \"both\", or \"code\", which is neither"),
          ("rsa", "the bits of an RSA key, as 1024; else it is one of P-256"),
          ("sha1", "true: signed with SHA-1, which nobody should take any more"),
          ("self", "true: signed by itself, not by the run's authority"),
        ]),
        .example(
          HelpExample(
            #"""
            let old = certificate("mail.test", {valid: "expired"})
            listen tls:0 cert old
            spawn
              try accept
            end
            try
              connect tls:localhost:${listener.sockport} ca old.ca name "mail.test"
            catch e
              print e.code
            end
            """#, prints: "certificate")),
        .heading("an upgrade"),
        .example(
          HelpExample(
            #"""
            let made = certificate("mail.test")
            listen 0
            spawn
              accept
              expect line "STARTTLS"
              send line "220 go ahead"
              starttls cert made
              expect line "EHLO me"
              send line "250 mail.test"
            end
            connect listener.sockport
            send line "STARTTLS"
            expect line /^220/
            starttls ca made.ca name "mail.test"
            send line "EHLO me"
            print recv line
            """#, prints: "250 mail.test")),
        .heading("the ends"),
        .table([
          ("eof", "the peer has said that this was all (close_notify): `shutdown write` and `close` say it"),
          ("truncated", "the connection has ended without; `shutdown raw` ends one so"),
          ("reset", "as without TLS"),
          ("alert", "the peer has refused to go on; the message has its name, which `expect alert NAME` wants"),
          ("certificate", "the peer's certificate does not hold: the message says why, and what would help"),
          ("tls", "no TLS at the other side, nothing in common, a record that was changed"),
        ]),
        .paragraph(
          "In TLS 1.3 a client hears what the server thinks of its certificate when it reads, not from `connect`."),
        .heading("earlier sessions"),
        .paragraph(
          "With `resume` a client goes on with its last session with the server of that name, if the server has "
            + "`resume`, too; `conn.tls.resumed` says whether it did. Tickets come behind the handshake: read before "
            + "you close."),
        .heading("what was said"),
        .paragraph(
          "The transcript shows the plain text, and the handshake as one line. `SSLKEYLOGFILE=FILE` in the "
            + "environment makes every session leave its keys there, for Wireshark. `sock test --pcap DIR` writes the "
            + "records as they were on the wire, with the keys in the same file, so that Wireshark and tshark show "
            + "what is in them. After a `param secret` has got a value, it writes plain text with stars in it "
            + "instead, and no keys."),
        .heading("TLS that misbehaves"),
        .paragraph(
          "`framing \"tls\"` on a channel without TLS makes each record a message. A relay of two tasks between a "
            + "client and a server can hold, cut, change, repeat and drop them: scripts/examples/tls-relay.sock does "
            + "it in each of these ways. Here the last byte of a client's first data is another:"),
        .example(
          HelpExample(
            #"""
            listen tls:0 as server
            listen 0 as front
            spawn
              server.accept
              try recv
            end
            spawn
              front.accept as near
              connect server.sockport as far
              near.framing "tls"
              far.framing "tls"
              spawn
                while try far.recv message as record
                  near.send record
                end
              end
              let count = 0
              while try near.recv message as record
                # Of type 23, application_data, are the end of the handshake and what comes then.
                if record[0] == x"17"
                  count += 1
                end
                if count == 2
                  record = record[0..-2] + (record[-1] ^ x"01")
                end
                far.send record
              end
            end
            connect tls:localhost:${front.sockport} ca server.tls.ca
            send "hello"
            expect alert bad_record_mac
            print "refused"
            """#, prints: "refused")),
        .table([
          ("an early end", "`far.shutdown write` in the middle: the server reads `truncated`"),
          ("no close_notify", "`shutdown raw` on the channel that speaks TLS"),
          ("a record too long", "`record[0..2] + x\"ff ff\" + record[5..]`: the alert record_overflow"),
          ("a record twice", "`far.send record + record`: bad_record_mac"),
          ("no TLS at all", "`send` before `starttls`, or another protocol: `tls`"),
        ]),
        .paragraph("See also: starttls, connect, listen, expect, shutdown, certificate, framing, properties."),
      ])
  }
}
