// The codes of failures while a script runs, as `catch e` gives them in `e.code`, and what each means.

/// The names of `FailureCode`, which the runtime gives to a failed step.
package enum FailureName: String, Sendable, CaseIterable {
  case timeout, eof, reset, refused, unresolved, closed, mismatch
  case assertion = "assert"
  case limit, type, range, parse, busy, truncated, denied, cancelled
  /// Of TLS: the peer's certificate, a fatal alert of the peer, anything else.
  case certificate, alert, tls
  /// Of proxies: a refusal, or an answer that is wrong.
  case proxy
  /// `raise` with any code: what the script has said.
  case raised = "raise"
  /// `fail` with a message; no `catch` sees it.
  case failed = "fail"
  /// Any error of the system that has no name above: the code is the errno's own name.
  case system = "errno"

  /// One line: lower case, no full stop.
  package var summary: String {
    switch self {
    case .timeout: "a deadline has passed"
    case .eof: "the stream ended before what the step needed"
    case .reset: "the peer has reset the connection"
    case .refused: "nobody listens there"
    case .unresolved: "a name has no address, or an address no name"
    case .closed: "the channel was closed, here"
    case .mismatch: "what came is not what `expect` wanted"
    case .assertion: "a condition of `assert` or `check` does not hold"
    case .limit: "a limit, which the message names, is reached"
    case .type: "a value is of the wrong type"
    case .range: "a value is too large, too small or outside of what there is"
    case .parse: "a text cannot be read as what it should be"
    case .busy: "another task reads the channel, or its framing function is at work"
    case .truncated: "something that came is lost, or would be; or TLS ended without close_notify"
    case .denied: "`--deny` or `--allow` of the command line forbids it"
    case .certificate: "TLS: the peer's certificate does not hold, or there is none"
    case .alert: "TLS: the peer has ended it with a fatal alert, which the message names"
    case .tls: "TLS failed otherwise: no TLS at the other side, nothing in common, a record that is wrong"
    case .proxy: "a proxy has refused, or what it says is wrong; so a PROXY header"
    case .cancelled: "the task waited for was stopped"
    case .raised: "the script has said `raise`; the code is what it gave"
    case .failed: "the script has said `fail`"
    case .system: "any other error of the system; the code is its name, as `EADDRINUSE`"
    }
  }

  package var explanation: ErrorExplanation {
    switch self {
    case .timeout:
      ErrorExplanation(
        "A deadline has passed: of the step (`within`), of a block, the channel's default (`timeout`), or the 5 s "
          + "that a step in a test has. Nothing was taken from the channel. Look in the transcript what came until "
          + "then; give more time, or `--timeout-scale` on a slow machine.",
        causes: "let [a, b] = socketpair\na.send \"no line end\"\nprint b.recv line within 50ms",
        cure: "let [a, b] = socketpair\na.send line \"a whole line\"\nprint b.recv line within 5s")
    case .eof:
      ErrorExplanation(
        "The stream ended before the step had what it needs: the peer has closed its side. `recv`, `recv line` and "
          + "their like give nil at the end, once; the next one fails, and so does one in whose middle the end comes.",
        causes: "let [a, b] = socketpair\na.send \"abc\"\na.close\nprint b.recv exactly 4",
        cure: "let [a, b] = socketpair\na.send \"abc\"\na.close\nprint b.recv all")
    case .reset:
      ErrorExplanation(
        "The peer has reset the connection (RST, or a write after it had closed): a program that ended without reading "
          + "all, or that refused. It is never turned into an end of stream. `expect reset` wants it.",
        causes: "listen 0\nconnect listener.sockport as client\naccept as server\nserver.reset\nclient.recv within 5s",
        cure: "listen 0\nconnect listener.sockport as client\naccept as server\nserver.reset\nclient.expect reset "
          + "within 5s")
    case .refused:
      ErrorExplanation(
        "Nobody listens at the address. Is the server up, and the port right? `retry` waits for one that is starting.",
        causes: "connect 127.0.0.1:${free_port()}",
        cure: "listen 0\nretry within 5s\n  connect listener.sockport\nend")
    case .unresolved:
      ErrorExplanation(
        "The host or the service is not known under this name, or the name server did not answer; the message says "
          + "which, and `e.temporary` whether to ask again may help. Is it spelt right, and does `getent hosts NAME` "
          + "know it? Numbers, as 127.0.0.1:25, are never looked up.",
        causes: "connect localhost:no-such-service", cure: "listen 0\nconnect localhost:${listener.sockport}")
    case .closed:
      ErrorExplanation(
        "The channel was closed here: by `close` or `reset`, by another task, or at the end of the `serve` block that "
          + "it belonged to.",
        causes: "let [a, b] = socketpair\na.close\na.send \"too late\"",
        cure: "let [a, b] = socketpair\na.send \"in time\"\na.close")
    case .mismatch:
      ErrorExplanation(
        "What came is not what `expect` wants next. `expect` looks at what comes next, not at what comes later: skip "
          + "with `recv until`, or with `expect line … skipping …`.",
        causes: "let [a, b] = socketpair\na.send line \"220-hello\"\na.send line \"220 ready\"\nb.expect line /^220 /",
        cure: "let [a, b] = socketpair\na.send line \"220-hello\"\na.send line \"220 ready\"\n"
          + "b.expect line /^220 / skipping /^220-/")
    case .assertion:
      ErrorExplanation(
        "The condition of `assert` does not hold. The report shows the values of its parts. Unlike `fail` it can be "
          + "caught.",
        causes: "assert len(\"abc\") == 4", cure: "assert len(\"abc\") == 3")
    case .limit:
      ErrorExplanation(
        "A limit is reached: on unread input, calls inside each other, tasks, memory. The message names it, and "
          + "`--limit NAME=N` raises it; but first look whether something never ends.",
        causes: "def down(n)\n  return down(n + 1)\nend\nprint down(0)",
        cure: "def down(n)\n  if n == 0\n    return 0\n  end\n  return down(n - 1)\nend\nprint down(100)")
    case .type:
      ErrorExplanation(
        "A value is of another type than the operation takes. Nothing is converted silently: write `int(text)`, "
          + "`str(value)` or `\"${value}\"`.",
        causes: "let [code, text] = split(\"220 ready\")\nprint code + 1",
        cure: "let [code, text] = split(\"220 ready\")\nprint int(code) + 1")
    case .range:
      ErrorExplanation(
        "A number is too large or too small for its purpose, an index lies outside of its list, or integers overflow.",
        causes: "let words = split(\"one two\")\nprint words[2]",
        cure: "let words = split(\"one two\")\nprint words[1], words[-1]")
    case .parse:
      ErrorExplanation(
        "A text cannot be read as what it should be: a number, JSON, hexadecimal, an address, a format. To go on "
          + "without the value, write `try`.",
        causes: "print int(\"12a\")", cure: "print try int(\"12a\")")
    case .busy:
      ErrorExplanation(
        "Two tasks read one channel at one time; who would get which bytes? Let one task read, and tell the other. "
          + "Or a function that `framing` was given reads, sends on or closes the channel whose bytes it was given: "
          + "it only says how long the message is.",
        causes: "let [a, b] = socketpair\nspawn\n  b.recv line within 5s\nend\nsleep 10ms\nb.recv line within 5s",
        cure: "let [a, b] = socketpair\nspawn as reader\n  return b.recv line within 5s\nend\na.send line "
          + "\"hi\"\nprint wait reader")
    case .truncated:
      ErrorExplanation(
        "Something that came would be lost: a datagram is longer than `recv N` takes. It stays, so that a `recv` "
          + "without a number gives it whole. Or something is lost: the output of a process beyond 1 MiB that nobody "
          + "read. Read while it runs, send its output to a file, or let it wait for you: `run … hold`.",
        causes: "run \"head -c 3000000 /dev/zero\" as writer\nwriter.wait\nprint len(writer.recv 10)",
        cure: "run \"head -c 3000000 /dev/zero\" as writer\nprint len(writer.recv all)\nprint writer.wait")
    case .denied:
      ErrorExplanation(
        withoutExample: "Whoever runs the script has said with `--deny` or `--allow` that it may not do this. The "
          + "message names the option that would let it. A script can catch it and do without.")
    case .certificate:
      ErrorExplanation(
        "The peer's certificate does not hold for the name that was asked for: it has expired, is for another name, or "
          + "nobody who is trusted has signed it. The message says which, and shows its names and dates. `ca FILE` says "
          + "whom to trust, `name NAME` whom to expect; `insecure` takes anything, which proves nothing.",
        causes: "listen tls:0\nlet port = listener.sockport\nspawn\n  try\n    accept\n  catch e\n  end\nend\n"
          + "connect tls:localhost:${port} within 5s",
        cure: "listen tls:0\nlet port = listener.sockport\nspawn\n  accept\nend\n"
          + "connect tls:localhost:${port} ca listener.tls.ca within 5s")
    case .alert:
      ErrorExplanation(
        "The peer has ended TLS with a fatal alert (RFC 8446 section 6.2); the message has its name and number. "
          + "`handshake_failure` and `protocol_version` say that the two have nothing in common, `certificate_required`, "
          + "`unknown_ca` and `bad_certificate` that it does not take ours. `expect alert NAME` wants one.",
        causes: "let made = certificate(\"client\", {usage: \"client\"})\nlisten tls:0 ca made.ca\n"
          + "let port = listener.sockport\nlet ca = listener.tls.ca\nspawn\n  try accept\nend\n"
          + "connect tls:localhost:${port} ca ca\nrecv within 5s",
        cure: "let made = certificate(\"client\", {usage: \"client\"})\nlisten tls:0 ca made.ca\n"
          + "let port = listener.sockport\nlet ca = listener.tls.ca\nspawn\n  accept\n  send \"welcome\"\nend\n"
          + "connect tls:localhost:${port} ca ca cert made\nprint recv within 5s")
    case .tls:
      ErrorExplanation(
        "TLS failed for another reason: what came is no TLS (the message shows what it was), the two sides have no "
          + "version, cipher or group in common, a record was changed on its way, or an option of ours is no good.",
        causes: "listen 0\nspawn\n  accept\n  send line \"220 I speak first, and no TLS\"\nend\n"
          + "connect tls:localhost:${listener.sockport} within 5s",
        cure: "listen 0\nspawn\n  accept\n  send line \"220 I speak first, and no TLS\"\nend\n"
          + "connect localhost:${listener.sockport}\nprint recv line")
    case .proxy:
      ErrorExplanation(
        "A proxy that `connect … through` has asked does not connect, wants another login, or answers in another "
          + "protocol. The message names the proxy and the reason that it gives. That nobody listens where the proxy "
          + "should be is `refused`, as elsewhere. Or a listener that is `proxied` has got no header of the PROXY protocol.",
        causes: "listen 0\nspawn\n  accept\n  recv until \"\\r\\n\\r\\n\"\n"
          + "  send line \"HTTP/1.1 403 Forbidden\\r\\n\"\nend\n"
          + "connect example.org:25 through http:localhost:${listener.sockport} within 5s",
        cure: "listen 0\nspawn\n  accept\n  recv until \"\\r\\n\\r\\n\"\n"
          + "  send line \"HTTP/1.1 200 OK\\r\\n\"\nend\n"
          + "connect example.org:25 through http:localhost:${listener.sockport} within 5s")
    case .cancelled:
      ErrorExplanation(
        "The task that was waited for had been stopped, so it has no result.",
        causes: "spawn as worker\n  sleep 1h\nend\nstop worker\nprint wait worker",
        cure: "spawn as worker\n  sleep 1ms\n  return \"done\"\nend\nprint wait worker")
    case .raised:
      ErrorExplanation(
        withoutExample: "The script has said `raise CODE, MESSAGE`: the code is its own, and what it means stands in the "
          + "script. `catch`, `try` and `retry` stop it.")
    case .failed:
      ErrorExplanation(
        withoutExample: "The script has said `fail`. No `catch`, `try` or `retry` stops it: what a script says about "
          + "its own verdict holds. For a failure that may be caught, write `raise` or `assert`.")
    case .system:
      ErrorExplanation(
        "Any other error of the system has its errno's name as code, such as `EADDRINUSE` or `EACCES`, and the number "
          + "in `e.errno`. See errno(3), and the manual page of the system call.",
        causes: "listen 0 as first\nlisten ${first.sockhost}:${first.sockport} as second",
        cure: "listen 0 as first\nlisten 0 as second")
    }
  }
}
