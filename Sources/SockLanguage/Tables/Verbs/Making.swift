// Verbs that make channels, and give them an address of ours or another form.
// What the help says of one stands with its row.

extension VerbRow {
  static var socket: VerbRow {
    VerbRow(
      .socket, receiver: .none, operand: .none,
      options: [
        [
          Option(.inet, .nothing, "IPv4"), Option(.inet6, .nothing, "IPv6"),
          Option(.unix, .nothing, "a Unix-domain socket"),
          Option(.packet, .nothing, "frames of all interfaces, or of the one that it is bound to"),
        ],
        kind, proto, arrival,
        [Option(.nonblocking, .nothing, "starts with blocking off")],
        [Option(.fd, .value(.number), "adopts an inherited descriptor, or shares a channel's")],
      ],
      waiting: .never, gives: .channel, effect: [], summary: "makes a bare socket, or adopts an inherited descriptor",
      example: "socket inet stream as s",
      help: VerbHelp(
        details: [
          "A bare socket is neither bound nor connected: the next `sockopt`, `bind`, `listen` and `connect` act on "
            + "it, step by step as in C. Mostly `listen` and `connect` alone do.",
          "`fd N` adopts a descriptor that this program was started with, with its real domain, type and protocol. "
            + "With the `fileno` of a channel it makes another channel for the same socket, which is there until both "
            + "are closed. Other descriptors are EBADF. What systemd has started `sock` with, `inherited()` gives.",
          "`inet raw proto icmp` sends and receives what stands behind the IP header, and over IPv4 receives the "
            + "header, too; an address needs no port there. `inet dgram proto icmp` is for pings and wants no rights "
            + "where `net.ipv4.ping_group_range` has the user's group. `packet raw` has whole frames and "
            + "`packet dgram` what stands behind their link's header; `proto` is an EtherType or one of all, ip, arp, "
            + "ipv6.",
        ],
        errors: [.range, .denied, .system],
        related: ["bind", "listen", "connect", "inherited", "sockopt", "inet_checksum", "recipes ping"],
        example: HelpExample(
          #"""
          socket inet stream as s
          s.sockopt SO_REUSEADDR 1
          s.bind 127.0.0.1:0
          s.listen backlog 5
          print s.sockport > 0
          """#, prints: "true")))
  }

  static var socketpair: VerbRow {
    VerbRow(
      .socketpair, receiver: .none, operand: .none, options: [[stream, dgram, seqpacket]],
      waiting: .never, gives: .pair, effect: [], summary: "makes two connected Unix sockets",
      example: "let [a, b] = socketpair stream",
      help: VerbHelp(
        details: [
          "Two ends of one connection inside this machine: what one sends, the other receives.",
        ],
        errors: [.system], related: ["channels", "let"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair stream
          a.send line "hello"
          print b.recv line
          """#, prints: "hello")))
  }

  static var bind: VerbRow {
    VerbRow(
      .bind, receiver: .makesOrChannel, operand: .address,
      options: [kind, proto, reuse, reuseport, broadcast, v6only, arrival],
      waiting: .never, gives: .channel, effect: [], summary: "binds; alone it makes a datagram socket",
      example: "bind udp:127.0.0.1:0 as peer",
      help: VerbHelp(
        details: [
          "Alone it makes a datagram socket for a `udp:` or `unix:` address, which is the current `conn` and "
            + "`listener`. Behind a dot it gives a bare socket its address.",
          "Port 0 asks for a free one; `sockport` tells which. After `recv`, a plain `send` answers the sender.",
          "With `arrival` the property of that name is a map of how the last datagram has come: `to` which address, by "
            + "which `interface`, with which `ttl` and `tos`, and at which `time`; and the answer leaves from the "
            + "address that was asked, whichever of the machine's it is.",
          "`packet:eth0` watches the frames of an interface, `packet:*` of all; `sock help socket` says more.",
        ],
        errors: [.parse, .range, .denied, .system], related: ["socket", "send", "multicast", "addresses", "properties"],
        example: HelpExample(
          #"""
          bind udp:127.0.0.1:0 as peer
          connect udp:127.0.0.1:${peer.sockport} as client
          client.send "ping"
          print peer.recv
          peer.send "pong"
          print client.recv
          """#, prints: "ping\npong")))
  }

  static var listen: VerbRow {
    VerbRow(
      .listen, receiver: .makesOrChannel, operand: .optionalAddress,
      options: [
        kind, proto, [Option(.backlog, .value(.number), "how many may wait to be accepted (SOMAXCONN unless set)")],
        reuse, reuseport, v6only,
        [Option(.proxied, .nothing, "each connection begins with a header of the PROXY protocol")],
      ] + tls,
      waiting: .never, gives: .channel, effect: [], summary: "listens for connections; a bare port is on loopback",
      example: "listen 0 backlog 5 reuseport",
      help: VerbHelp(
        details: [
          "A port alone is on loopback: only this machine can connect. `listen *:3333` lets all come. Port 0 asks for "
            + "a free port; `listener.sockport` tells which.",
          "`proto mptcp` is TCP over several paths at once, for clients that speak it, and TCP for the others: the "
            + "property `protocol` of a connection says which it is.",
          "Address reuse is on for TCP. A bare `listen` acts on a socket that was bound before.",
          "`tls:PORT` speaks TLS with all who connect, with the certificate that `cert` names or one of this run's own "
            + "authority, which `listener.tls.ca` names: see `sock help tls`.",
          "`proxied` is for a server behind a proxy that speaks the PROXY protocol, 1 or 2: what is accepted has the "
            + "`peername` of the proxy's client, and `c.proxied` all that the header says, with the proxy itself as "
            + "`by`. A connection that begins otherwise is the error `proxy`.",
          "The file of `unix:PATH` goes with the socket. One that somebody has left behind who is no more is "
            + "replaced, and nothing else: EADDRINUSE.",
        ],
        errors: [.parse, .range, .tls, .system], related: ["accept", "serve", "addresses", "bind", "tls"],
        example: HelpExample(
          #"""
          listen 0 backlog 5 reuseport
          connect listener.sockport
          accept as server
          print server.peerport == conn.sockport
          """#, prints: "true")))
  }

  static var connect: VerbRow {
    VerbRow(
      .connect, receiver: .makesOrChannel, operand: .address,
      options: [
        kind, proto, [Option(.from, .address, "the local address to connect from")],
        [Option(.proxied, .value(.header), "sends a header of the PROXY protocol first")],
        [Option(.through, .address, "a proxy, as `socks5:localhost:1080` or `http:localhost:8080`, or a list of them")],
        broadcast, arrival,
      ] + tls,
      waiting: .untilDone, gives: .channel, effect: [],
      summary: "connects; tries every address of a name within one deadline",
      example: "connect localhost:${port} within 2s as client",
      help: VerbHelp(
        details: [
          "The address is a port on loopback, `HOST:PORT`, `unix:PATH`, `udp:HOST:PORT`, a host followed by a port, or "
            + "a listener, which stands for its own. Of a name that has several addresses IPv6 and IPv4 take turns, the "
            + "resolver's first in front: the next one is tried when one has failed, or has been silent for 250 ms, and "
            + "the first to connect wins (RFC 8305). `from` leaves the addresses of its own kind. `resolve` gives them all.",
          "`tls:HOST:PORT` speaks TLS there, and verifies the certificate for HOST: see `sock help tls`.",
          "`through` has a proxy connect: `socks5:`, `socks4:` or `http:` (CONNECT), then `HOST:PORT` or `unix:PATH`, "
            + "with `USER:PASSWORD@` in front where it wants a login; the password is best a `param secret`: "
            + "`through \"http:me:${password}@localhost:8080\"`. A name is looked up by the proxy, and not here; "
            + "`resolve(HOST, PORT)[0]` looks it up here. Of several proxies in a list each is reached through those "
            + "before it. `peername` is the proxy then, and a refusal the error `proxy`.",
          "`proxied 2` says in a header of the PROXY protocol who connects, as a proxy does; 1 is its older form. A map "
            + "says something else: `proxied {source: \"192.0.2.1:4711\"}`, and also version, command (`proxy` or "
            + "`local`), destination and tlvs, a list of `[TYPE, BYTES]`. A source that is nil is an unknown one.",
          "Without `as` the connection becomes the current one, `conn`.",
          "One whose two ends are the same, as the kernel may make it where nobody listens, is `refused`.",
        ],
        errors: [.refused, .timeout, .proxy, .parse, .range, .certificate, .alert, .tls, .system],
        related: ["addresses", "retry", "send", "recv", "expect", "tls"],
        example: HelpExample(
          #"""
          listen 127.0.0.1:0
          let port = listener.sockport
          connect localhost:${port} within 2s as client
          print client.peerport == port
          """#, prints: "true")))
  }

  static var accept: VerbRow {
    VerbRow(
      .accept, receiver: .listener, operand: .none, options: [],
      waiting: .selectable(.client), gives: .channel, effect: [], summary: "takes the next connection",
      example: "accept within 5s as client",
      help: VerbHelp(
        details: [
          "Waits for a connection on the listener and makes it the current one, `conn`. Its `peerhost` and `peerport` "
            + "are known at once. For many clients at one time there is `serve`.",
          "From a listener with TLS it gives the connection when the handshake is over. As a case of `select` it gives it "
            + "before, and the first step that speaks on it does the handshake.",
        ],
        errors: [.timeout, .system], related: ["listen", "serve", "select"],
        example: HelpExample(
          #"""
          listen 0
          connect listener.sockport as caller
          accept within 5s as client
          print client.peerhost
          """#, prints: "127.0.0.1")))
  }

  static var open: VerbRow {
    VerbRow(
      .open, receiver: .none, operand: .value(.device),
      options: [
        [
          Option(.read, .nothing, "only to receive; one way of a FIFO"),
          Option(.write, .nothing, "only to send; the other way of a FIFO"),
        ],
        [Option(.baud, .value(.number), "the rate of a serial line; unless set, as it is")],
        [Option(.mode, .value(.string), "its bits, parity and stop bits, as \"7E1\"; \"8N1\" unless set")],
        [
          Option(.rtscts, .nothing, "with flow control by RTS and CTS"),
          Option(.xonxoff, .nothing, "with flow control by XON and XOFF"),
        ],
      ],
      waiting: .untilDone, gives: .channel, effect: [], summary: "opens a serial line, another terminal device, or a FIFO",
      example: "open \"${tmpdir}/fifo\" read as fifo",
      help: VerbHelp(
        details: [
          "A terminal device, as `open \"/dev/ttyUSB0\" baud 115200`, is a channel whose bytes pass as they are: without "
            + "echo, lines and signals, and whatever its modem lines say. `send line` ends with CR there, as the Enter "
            + "key; `eol` sets another end, on each side where both are scripts: `eol \"\\n\"`. When the other side is gone, that is the end of the stream. /dev/tty, the "
            + "terminal at which the script itself was started, stays as it is.",
          "A rate from 50 to 4000000 that the device cannot do, and a `mode` that it cannot do, are the error `range`.",
          "A FIFO goes one way: `open PATH write` waits until somebody reads it, and `open PATH read` ends when the last "
            + "writer has closed it. Lines end with LF there. A regular file is read by `readfile` and written by "
            + "`writefile`.",
        ],
        errors: [.range, .timeout, .system], related: ["run", "eol", "readfile", "channels", "recipes serial"],
        example: HelpExample(
          #"""
          run "mkfifo ${tmpdir}/fifo"
          wait
          open "${tmpdir}/fifo" read as fifo
          open "${tmpdir}/fifo" write as other
          other.send line "hello"
          print fifo.recv line
          """#, prints: "hello")))
  }

  static var starttls: VerbRow {
    VerbRow(
      .starttls, receiver: .channel, operand: .none,
      options: [[Option(.client, .nothing, "as the client"), Option(.server, .nothing, "as the server")]] + tls,
      waiting: .untilDone, gives: .channel, effect: [], summary: "upgrades the channel to TLS in place",
      example: "starttls client name \"example.org\" ca made.ca",
      help: VerbHelp(
        details: [
          "Puts TLS between the script and the channel, over TCP, Unix sockets and processes, and waits for the "
            + "handshake. Without `client` or `server` it is the server on an accepted connection, and the client "
            + "elsewhere. What has come and is not read yet is taken as the first of TLS.",
          "A client verifies the certificate of the server, for `name` or for whom it has connected to, by the "
            + "authorities in `ca` or the system's, for whose file the variable SSL_CERT_FILE may name another. A "
            + "server shows `cert` with `key`, of several the one that the client's name asks for; without any it "
            + "has one of its own, whose authority is the file `listener.tls.ca` or `certificate().ca`. With `ca` it "
            + "asks its clients for one.",
          "`connect tls:HOST:PORT` and `listen tls:PORT` begin with TLS and take the same options. `conn.tls` says "
            + "what was agreed on. The end of the stream is `eof` after close_notify and `truncated` without it; a "
            + "fatal alert is `alert`. For tests without certificates at hand there is `certificate(NAME…)`.",
        ],
        errors: [.certificate, .alert, .tls, .timeout, .truncated, .system],
        related: ["tls", "certificate", "connect", "listen", "expect", "shutdown"],
        example: HelpExample(
          #"""
          let made = certificate("example.org")
          let [a, b] = socketpair
          spawn
            b.starttls server cert made.cert key made.key
            b.send line "secured"
          end
          with a
            starttls client name "example.org" ca made.ca
          end
          print a.recv line, a.tls.version
          """#, prints: "secured 1.3")))
  }
}
