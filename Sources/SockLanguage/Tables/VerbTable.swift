// The verb table: one row for each verb, from which the parser, the checker, completion, `help`, the reference
// and the grammar's section on steps are made. A new verb is a case in Verb.swift and a row here.

package enum VerbTable {
  /// In the order of `Verb.allCases`. Built at the first use.
  package static let rows: [VerbRow] = Verb.allCases.map(row)

  package static subscript(verb: Verb) -> VerbRow {
    indices[verb].map { rows[$0] } ?? row(verb)
  }

  private static let indices: [Verb: Int] =
    Dictionary(uniqueKeysWithValues: Verb.allCases.enumerated().map { ($0.element, $0.offset) })

  private typealias Option = VerbRow.Option

  // MARK: - Options that several verbs share

  private static let stream = Option(.stream, .nothing, "a stream of bytes (TCP)")
  private static let dgram = Option(.dgram, .nothing, "datagrams (UDP)")
  private static let raw = Option(.raw, .nothing, "raw packets of a protocol")
  private static let seqpacket = Option(.seqpacket, .nothing, "packets in order, on a connection")
  private static let kind = [stream, dgram, raw, seqpacket]
  private static let reuse = [Option(.reuse, .nothing, "SO_REUSEADDR")]
  private static let reuseport = [Option(.reuseport, .nothing, "SO_REUSEPORT: several may bind the same port")]
  private static let v6only = [Option(.v6only, .nothing, "no IPv4 on an IPv6 socket")]
  private static let broadcast = [Option(.broadcast, .nothing, "SO_BROADCAST: broadcast addresses are allowed")]
  private static let keep = [Option(.keep, .nothing, "with its terminator", needs: [.line, .until])]
  private static let oob = [Option(.oob, .nothing, "as urgent (out-of-band) data")]
  private static let tls = [
    [Option(.cert, .value("FILE"), "our certificate chain (PEM)")],
    [Option(.key, .value("FILE"), "its private key (PEM)")],
    [Option(.ca, .value("FILE"), "the authorities to trust (PEM)")],
    [Option(.name, .value("HOST"), "the peer's name to ask for and to verify")],
    [Option(.alpn, .value("LIST"), "the protocols to offer, best first")],
    [Option(.insecure, .nothing, "accepts any certificate")],
  ]

  // MARK: - The rows

  private static func row(_ verb: Verb) -> VerbRow {
    switch verb {
    case .socket:
      VerbRow(
        verb: verb, receiver: .none, operand: .none,
        options: [
          [
            Option(.inet, .nothing, "IPv4"), Option(.inet6, .nothing, "IPv6"),
            Option(.unix, .nothing, "a Unix-domain socket"),
          ],
          kind, [Option(.proto, .word("PROTOCOL"), "by name or number: icmp, udp, 132")],
          [Option(.nonblocking, .nothing, "starts with blocking off")],
          [Option(.fd, .value("N"), "adopts an inherited descriptor, or shares a channel's")],
        ],
        waiting: .never, result: "channel", summary: "makes a bare socket, or adopts an inherited descriptor",
        example: "socket inet stream as s")
    case .socketpair:
      VerbRow(
        verb: verb, receiver: .none, operand: .none, options: [[stream, dgram, seqpacket]],
        waiting: .never, result: "list of two channels", summary: "makes two connected Unix sockets",
        example: "let [a, b] = socketpair stream")
    case .bind:
      VerbRow(
        verb: verb, receiver: .makesOrChannel, operand: .address,
        options: [kind, reuse, reuseport, broadcast, v6only],
        waiting: .never, result: "channel", summary: "binds; alone it makes a datagram socket",
        example: "bind udp:127.0.0.1:0 as peer")
    case .listen:
      VerbRow(
        verb: verb, receiver: .makesOrChannel, operand: .optionalAddress,
        options: [
          kind, [Option(.backlog, .value("N"), "how many may wait to be accepted (SOMAXCONN unless set)")],
          reuse, reuseport, v6only,
        ] + tls,
        waiting: .never, result: "channel", summary: "listens for connections; a bare port is on loopback",
        example: "listen 0 backlog 5 reuseport")
    case .connect:
      VerbRow(
        verb: verb, receiver: .makesOrChannel, operand: .address,
        options: [kind, [Option(.from, .address, "the local address to connect from")], broadcast] + tls,
        waiting: .waits, result: "channel",
        summary: "connects; tries every resolved address in order within one deadline",
        example: "connect localhost:${port} within 2s as client")
    case .accept:
      VerbRow(
        verb: verb, receiver: .listener, operand: .none, options: [],
        waiting: .selectable, result: "channel", summary: "takes the next connection",
        example: "accept within 5s as client")
    case .send:
      VerbRow(
        verb: verb, receiver: .channel, operand: .value("DATA"),
        options: [
          [Option(.line, .nothing, "with the channel's `eol` behind it")],
          [Option(.to, .address, "the destination of a datagram")],
          oob, [Option(.more, .nothing, "more follows: the kernel may wait for it")],
          [Option(.dontroute, .nothing, "to directly connected hosts only")],
          [Option(.crlf, .nothing, "turns lone LFs into CRLF")],
          [Option(.chunks, .value("N"), "in pieces of N bytes, each a segment of its own")],
          [Option(.every, .value("DURATION"), "with a pause between the pieces", needs: [.chunks])],
        ],
        waiting: .waits, result: "bytes sent", summary: "sends all of the data",
        example: "send \"HELLO\\r\\n\" chunks 2 every 10ms")
    case .recv:
      VerbRow(
        verb: verb, receiver: .channel, operand: .optionalValue("N"),
        options: [
          [
            Option(.exactly, .value("N"), "exactly N bytes", data: .instead),
            Option(.line, .nothing, "a line, without its LF or CRLF", data: .instead),
            Option(.until, .value("PATTERN"), "up to a delimiter", data: .instead),
            Option(.message, .nothing, "a message by the channel's framing", data: .instead),
            Option(.all, .nothing, "until the end", data: .instead),
          ],
          keep, [Option(.peek, .nothing, "leaves the bytes where they are")],
          [Option(.oob, .nothing, "urgent (out-of-band) data")],
        ],
        waiting: .selectable, result: "string, nil at the end",
        summary: "receives at most N bytes, a line, a message, or what the options say",
        example: "recv line within 2s as text")
    case .expect:
      VerbRow(
        verb: verb, receiver: .channel, operand: .value("PATTERN"),
        options: [
          [
            Option(.line, .nothing, "in the next line", data: .mayLeaveOut),
            Option(.message, .nothing, "in the next message", data: .mayLeaveOut),
            Option(.eof, .nothing, "an orderly close", data: .instead),
            Option(.reset, .nothing, "a connection reset", data: .instead),
            Option(.closed, .nothing, "either, and says which", data: .instead),
            Option(.silence, .value("DURATION"), "nothing at all for so long", data: .instead),
          ],
          [Option(.skipping, .value("PATTERN"), "passes over those that match", needs: [.line, .message])],
        ],
        waiting: .selectable, result: "string or match; how it closed",
        summary: "what comes next must match, and is taken", example: "expect line /^220 / skipping /^220-/ as m")
    case .framing:
      VerbRow(
        verb: verb, receiver: .channel, operand: .value("FUNCTION"),
        options: [[Option(.off, .nothing, "ends it", data: .instead)]],
        waiting: .never, result: nil, summary: "says how long a message is, by a function of its first bytes",
        example: "framing \"u16\"")
    case .shutdown:
      VerbRow(
        verb: verb, receiver: .channel, operand: .none,
        options: [
          [
            Option(.read, .nothing, "receives no more"),
            Option(.write, .nothing, "sends no more: the peer sees the end"),
            Option(.both, .nothing, "neither"),
          ]
        ],
        requiresOption: true, waiting: .never, result: nil, summary: "closes one direction, or both",
        example: "shutdown write")
    case .close:
      VerbRow(
        verb: verb, receiver: .channel, operand: .none, options: [],
        waiting: .never, result: nil, summary: "closes the channel", example: "close")
    case .reset:
      VerbRow(
        verb: verb, receiver: .channel, operand: .none, options: [],
        waiting: .never, result: nil, summary: "closes the channel with a reset (RST)", example: "reset")
    case .sockopt:
      VerbRow(
        verb: verb, receiver: .channel, operand: .wordAndOptionalValue("NAME", "VALUE"),
        options: [[Option(.level, .word("NAME"), "of another protocol level than the name's own")]],
        waiting: .never, result: "value", summary: "reads or sets a socket option by its name",
        example: "sockopt SO_RCVBUF 64KiB")
    case .timeout:
      VerbRow(
        verb: verb, receiver: .channelOrDefault, operand: .optionalValue("DURATION"),
        options: [[Option(.off, .nothing, "waits for ever", data: .instead)]],
        waiting: .never, result: "old value", summary: "reads or sets the default deadline of the channel's steps",
        example: "timeout 5s")
    case .blocking:
      VerbRow(
        verb: verb, receiver: .channel, operand: .none,
        options: [[Option(.on, .nothing, "steps wait"), Option(.off, .nothing, "steps answer at once")]],
        waiting: .never, result: "old value", summary: "reads or sets whether the channel's steps wait",
        example: "blocking off")
    case .eol:
      VerbRow(
        verb: verb, receiver: .channelOrDefault, operand: .optionalValue("STRING"), options: [],
        waiting: .never, result: "old value", summary: "reads or sets what ends a line that is sent",
        example: "eol \"\\n\"")
    case .autoflush:
      VerbRow(
        verb: verb, receiver: .channel, operand: .none,
        options: [
          [
            Option(.on, .nothing, "each step sends at once"),
            Option(.off, .nothing, "what is sent is gathered until the task waits"),
          ]
        ],
        waiting: .never, result: "old value", summary: "reads or sets when what is sent leaves",
        example: "autoflush off")
    case .starttls:
      VerbRow(
        verb: verb, receiver: .channel, operand: .none,
        options: [[Option(.client, .nothing, "as the client"), Option(.server, .nothing, "as the server")]] + tls,
        waiting: .waits, result: "channel", summary: "upgrades the channel to TLS in place",
        example: "starttls client name \"example.org\"")
    case .run:
      VerbRow(
        verb: verb, receiver: .none, operand: .value("COMMAND"),
        options: [
          [Option(.pty, .nothing, "on a terminal of its own")],
          [Option(.cwd, .value("DIRECTORY"), "its working directory")],
          [Option(.env, .value("MAP"), "changes to its environment")],
          [Option(.stderr, .oneOf([.merge, .null, .inherit]), "what becomes of its standard error")],
          [Option(.hold, .nothing, "it waits while nobody reads its output, of which nothing is lost")],
        ],
        waiting: .never, result: "channel", summary: "starts a process, whose standard streams are a channel",
        example: "run \"cat -u\" stderr null as cat")
    case .signal:
      VerbRow(
        verb: verb, receiver: .process, operand: .word("NAME"), options: [],
        waiting: .never, result: nil, summary: "sends a signal to a process", example: "signal TERM")
    case .wait:
      VerbRow(
        verb: verb, receiver: .taskOrProcess, operand: .none, options: [],
        waiting: .selectable, result: "the task's result, or the exit status",
        summary: "waits for a task or a process to end", example: "wait within 5s as status")
    case .stop:
      VerbRow(
        verb: verb, receiver: .task, operand: .none, options: [],
        waiting: .never, result: nil, summary: "ends a task", example: "stop worker")
    case .print:
      VerbRow(
        verb: verb, receiver: .none, operand: .expressions, options: [],
        waiting: .never, result: nil, summary: "writes its values and a line end to standard output",
        example: "print \"got ${1 + 1}\", 3")
    case .log:
      VerbRow(
        verb: verb, receiver: .none, operand: .expressions, options: [],
        waiting: .never, result: nil, summary: "writes its values to the test's log", example: "log \"half-way\"")
    case .sleep:
      VerbRow(
        verb: verb, receiver: .none, operand: .value("DURATION"), options: [],
        waiting: .waits, result: nil, summary: "lets time pass", example: "sleep 10ms")
    case .exit:
      VerbRow(
        verb: verb, receiver: .none, operand: .optionalValue("STATUS"), options: [],
        waiting: .never, result: nil, summary: "ends the script", example: "exit 1")
    case .assert:
      VerbRow(
        verb: verb, receiver: .none, operand: .conditionAndMessage, options: [],
        waiting: .never, result: nil, summary: "fails now unless the condition holds",
        example: "assert 1 + 1 == 2, \"arithmetic\"")
    case .check:
      VerbRow(
        verb: verb, receiver: .none, operand: .conditionAndMessage, options: [],
        waiting: .never, result: nil, summary: "fails at the end of the test unless the condition holds",
        example: "check 2 in [1, 2]")
    case .fail:
      VerbRow(
        verb: verb, receiver: .none, operand: .value("MESSAGE"), options: [],
        waiting: .never, result: nil, summary: "ends the test: failed; raises a caught error again",
        example: "fail \"no answer\"")
    case .skip:
      VerbRow(
        verb: verb, receiver: .none, operand: .value("MESSAGE"), options: [],
        waiting: .never, result: nil, summary: "ends the test: skipped", example: "skip \"needs IPv6\"")
    case .inconclusive:
      VerbRow(
        verb: verb, receiver: .none, operand: .value("MESSAGE"), options: [],
        waiting: .never, result: nil, summary: "ends the test: no verdict", example: "inconclusive \"peer too slow\"")
    }
  }
}
