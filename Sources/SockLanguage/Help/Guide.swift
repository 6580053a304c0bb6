// The short guides: what is not about one word of the language.

package enum Guide: String, Sendable, CaseIterable {
  case types, strings, operators, patterns, addresses, channels, properties, deadlines, tls, tests, failures, accounts,
    limits, permissions, pexpect, recording, clients, mutate, lsp

  package var page: HelpPage {
    switch self {
    case .types:
      HelpPage(
        topic: rawValue, summary: "numbers, strings, lists, maps and what else there is",
        blocks: [
          .table([
            ("42  0xff  0b1010  1_000", "integers of 64 bits; what does not fit is an error"),
            ("3.5  200ms  2m", "floats; durations are seconds, so `2m == 120`"),
            ("64KiB  1MiB", "sizes are integers"),
            ("\"…\"  '…'  x\"16 03\"", "strings of bytes: see `sock help strings`"),
            ("[1, \"a\"]", "a list; `list[0]`, `list[-1]`, `list[1..2]`, `+` joins"),
            ("{name: 1, \"any key\": 2}", "a map, in the order of insertion; `map.name`, `map[key]`; nil if none is"),
            ("1..10  0..<n  4..", "ranges: with their end, without it, without any; in `[ ]` also `..n`, from 0"),
            ("/…/imsx", "a regex: see `sock help patterns`"),
            ("true  false  nil", "only `false` and `nil` are false"),
          ]),
          .paragraph(
            "`==` compares values of one type, and anything with nil; any other pair is an error, so that a mistake "
              + "is not silently false."),
          .example(
            HelpExample(
              #"""
              let [code, text] = split("220 ready")
              print int(code) == 220, 5s == 5, len("ok\r\n")
              let m = {host: "localhost"}
              m.port = 25
              print m
              """#, prints: #"""
                true true 4
                {host: "localhost", port: 25}
                """#)),
        ])
    case .strings:
      HelpPage(
        topic: rawValue, summary: "bytes as on the wire, and how they are written",
        blocks: [
          .table([
            ("\"…\"", #"escapes `\r \n \t \0 \e \\ \" \$ \xHH \u{H…}`; `${EXPRESSION}` puts a value in"#),
            ("'…'", "as it stands: no escapes, no `${}`"),
            ("x\"16 03 01\"", "bytes in hexadecimal, with blanks wherever they help"),
            ("\"\"\"", "on lines of their own around lines of text, each of which ends with a newline"),
          ]),
          .paragraph(
            "A string is a sequence of bytes: `len`, `s[0]`, `s[1..3]`, `s[4..]`, `s[..<2]` and `s[-1]` count bytes. "
              + "`print` writes it raw, `inspect(s)` shows it as it is written in a script."),
          .example(
            HelpExample(
              #"""
              let name = "bob"
              let text = "HELO ${upper(name)}\r\n"
              print inspect(text), len(text), text[5..7]
              print inspect(x"0d 0a" + 'a\b')
              """#, prints: #"""
                "HELO BOB\r\n" 10 BOB
                "\r\na\\b"
                """#)),
        ])
    case .operators:
      HelpPage(
        topic: rawValue, summary: "what they do, those that bind tightest first",
        blocks: [
          .table([
            ("f(x)  a[i]  a.b", "a call, an index, a property; the bracket touches the name"),
            ("-x  ~x", "sign, bits inverted"),
            ("*  /  %", "between integers `/` and `%` are those of whole numbers"),
            ("+  -", "`+` also joins strings and lists"),
            ("<<  >>  &  ^  |", "bits of integers; `& ^ |` also of strings of one length"),
            ("..  ..<", "ranges"),
            ("== != < <= > >=", "do not chain"),
            ("in  not in", "an element of a list or range, a key of a map, a part of a string"),
            ("=~  !~", "gives a match, or nil; whether there is none"),
            ("not  try   and   or", "in this order; `and` and `or` give one of their sides"),
            ("try X else Y", "Y where X fails: see `sock help try`"),
            ("if C then A else B", "a value; where a statement begins, `if` is a block"),
            ("fn(a, b) X", "a function: see `sock help fn`"),
          ]),
          .paragraph("`a += b` sets `a` to `a + b`; so do `-= *= /= %= <<= >>= &= ^= |=` with theirs."),
          .paragraph("A step beside an operator stands in parentheses: `(recv line) == \"ok\"`."),
          .example(
            HelpExample(
              #"""
              print 7 / 2, 7 % 2, 7 / 2.0
              print "b" in "abc", not 2 in [1, 3], nil or "default"
              let m = "220 ready" =~ /^(\d+) (?<word>\w+)/
              print m[1], m.word
              """#, prints: "3 1 3.5\ntrue true default\n220 ready")),
        ])
    case .patterns:
      HelpPage(
        topic: rawValue, summary: "strings and regexes behind expect, until and skipping",
        blocks: [
          .paragraph(
            "A string is matched byte for byte. A regex is PCRE2's, on bytes, with the flags `i` (upper and lower "
              + "case alike), `m` (`^` and `$` at each line), `s` (`.` also a newline) and `x` (blanks and comments "
              + "inside). `${EXPRESSION}` in a regex is matched literally."),
          .paragraph(
            "`expect` starts to match at the next byte and fails at the first that cannot match. `expect line` "
              + "matches a string with the whole line, and a regex anywhere in it. `recv until` looks further for "
              + "either."),
          .paragraph(
            "A match has `m[0]`, its groups `m[1]`…, and named ones: `(?<code>\\d+)` is `m.code`. `recv until` gives what stands "
              + "before its pattern, a string, and no match: for groups write `recv until \"pid \"`, then "
              + "`expect /(\\d+)\\r\\n/ as m`."),
          .paragraph(
            "End a regex with what follows: `/\\d+/` could grow with each byte that comes, so it waits; "
              + "`/\\d+\\r\\n/` does not."),
          .example(
            HelpExample(
              #"""
              let [a, b] = socketpair
              a.send "220 mx.example ESMTP\r\nlogin: "
              b.expect line /^(?<code>\d+) (?<host>\S+)/ as m
              print m.code, m.host
              print inspect(b.recv until ": ")
              """#, prints: "220 mx.example\n\"login\"")),
        ])
    case .addresses:
      HelpPage(
        topic: rawValue, summary: "what listen, connect, bind and `send to` take",
        blocks: [
          .table([
            ("25", "a port on loopback; 0 asks `listen` and `bind` for a free one"),
            ("localhost:25  [::1]:25", "a host and a port"),
            ("*:3333", "all addresses of this machine"),
            ("udp:127.0.0.1:53", "datagrams"),
            ("tls:localhost:443", "TLS over TCP; `listen tls:PORT` is its other side: see `sock help tls`"),
            ("unix:/run/x.sock", "a Unix-domain socket; `unix:@name` is an abstract one"),
            ("packet:eth0  packet:*", "the frames of an interface, or of all, for `bind`"),
            ("socks5:localhost:1080", "a proxy for `connect … through`; also `socks4:` and `http:`"),
            ("${host}:${port}", "with variables in it"),
            ("HOST PORT", "two values, for `connect`"),
          ]),
          .paragraph(
            "A bare address is text and ends at a blank: `host:port` is the host named `host`. Anything odd is "
              + "written as a string, in quotes."),
          .example(
            HelpExample(
              #"""
              listen 0
              connect ${listener.sockhost}:${listener.sockport} as first
              connect "127.0.0.1" listener.sockport as second
              listen unix:${tmpdir}/socket as local
              connect unix:${tmpdir}/socket as third
              print first.peername == second.peername, third.peerpath == local.hostpath
              """#, prints: "true true")),
        ])
    case .channels:
      HelpPage(
        topic: rawValue, summary: "who a verb speaks to",
        blocks: [
          .paragraph(
            "A channel is what bytes come from and go to: a socket, a process that was `run`, a serial line that was "
              + "opened, or `stdin`, `stdout`, `stderr`. The same verbs serve all."),
          .paragraph(
            "A verb speaks to the channel in front of its dot, or to the current one. `connect`, `accept` and "
              + "`socket` make the current `conn`, `listen` and `bind` the `listener`; but one that `as` names is "
              + "spoken to by its name. `with c … end` makes a named one current in a block."),
          .paragraph(
            "The current channels belong to the task: a spawned one starts with its parent's, a served one with its "
              + "connection. What nothing can reach any more is closed; so is everything at the end of the script."),
          .example(
            HelpExample(
              #"""
              listen 0
              connect listener.sockport as alice
              accept
              alice.send line "hello"
              print recv line
              with alice
                send line "again"
              end
              print conn.recv line
              """#, prints: "hello\nagain")),
        ])
    case .properties:
      HelpPage(
        topic: rawValue, summary: "of channels, addresses and errors; names of every script",
        blocks: [
          .heading("a channel"), .table(ChannelProperty.allCases.map { ($0.rawValue, $0.summary) }),
          .heading("an address"), .table(AddressProperty.allCases.map { ($0.rawValue, $0.summary) }),
          .heading("an error"), .table(ErrorProperty.allCases.map { ($0.rawValue, $0.summary) }),
          .heading("names"), .table(PredefinedName.allCases.map { ($0.rawValue, $0.summary) }),
        ])
    case .deadlines:
      HelpPage(
        topic: rawValue, summary: "how long steps wait",
        blocks: [
          .table([
            ("STEP within 2s", "one deadline for the whole step, however the bytes trickle in"),
            ("within 2s … end", "one for all the steps of a block"),
            ("timeout 2s", "for each later step of the channel, or of channels made later"),
            ("retry within 5s … end", "again until the block passes"),
            ("when after 2s", "in a `select`"),
            ("test NAME timeout 10s", "for a whole test"),
          ]),
          .paragraph(
            "In a script nothing has a deadline until one is given. In a test each step has 5 s, and the test 30 s. "
              + "A deadline that passes is the error `timeout`. `--timeout-scale 4` stretches all of them, for slow "
              + "machines, but not `sleep`, `silence` and `every`."),
          .paragraph(
            "It hangs? `sock test FILE` gives each step 5 s, and an account of the one that waited; or write `timeout 5s` "
              + "as the first line. Ctrl-C tells where a script is, too."),
          .example(
            HelpExample(
              #"""
              let [a, b] = socketpair
              b.timeout 10ms
              try
                b.recv line
              catch e
                print e.code
              end
              """#, prints: "timeout")),
        ])
    case .tls: tls
    case .tests:
      HelpPage(
        topic: rawValue, summary: "suites, verdicts and reports",
        blocks: [
          .paragraph(
            "`sock new FILE.sock` writes a first suite. `sock test` runs every `test` in the `*.sock` files below "
              + "this folder, or below the paths that it is given, each with connections of its own. What lies in a folder "
              + "`lib` is for imports."),
          .paragraph(
            "A file's top level runs once, before its tests: what it connects and starts all of them share. `setup` "
              + "runs before each test. A file without a `test` is left out, and the summary says how many were; one "
              + "that is named, as in `sock test FILE.sock`, is one test as a whole."),
          .table([
            ("pass, fail", "a failed `check` is told with the others at the test's end"),
            ("error", "the script is wrong: its text, or the type of a value"),
            ("skip, inconclusive", "as the script says with these verbs"),
            ("warning, noted", "a failed `should`; a failed `may`"),
            ("todo", "fails, as its `todo` says"),
            ("flaky", "passed, but not at the first try (`--retries`)"),
          ]),
          .paragraph(
            "`sock test --compare --target a=ADDRESS --target b=ADDRESS` runs the suite against several servers, or with "
              + "`--client` for several clients, and tells where what they say is not the same, though the tests pass: "
              + "the step, and what each has said, and which of them has said nothing at all. Times and "
              + "identifiers that each answer makes up do not count, nor does what a `--mask REGEX` matches. "
              + "`golden(\"golden/ehlo\", text)` compares an answer with the one that a "
              + "file beside the suite has kept; `sock test --update` keeps those of today."),
          .paragraph(
            "`sock test --mutate 200 SUITE.sock` sends what the tests send with one thing changed each time, and asks by "
              + "the suite's `probe` whether the server still answers: `sock help mutate`."),
          .paragraph(
            "The exit status is 0 when nothing failed, 1 after failures, 2 when a script or the command line is "
              + "wrong or there was no test. `sock test --help` lists its options: which tests, how often, against "
              + "which target, which reports."),
        ])
    case .failures:
      HelpPage(
        topic: rawValue, summary: "what happens when a step fails",
        blocks: [
          .paragraph(
            "A step that fails ends the script with status 1 and says where, what it wanted, what came, and what "
              + "went over the channel before. In a test it ends that test."),
          .paragraph(
            "`try … catch e … end` goes on instead, `try EXPRESSION` gives nil, `retry` tries again. `e.code` says "
              + "which kind it was; timeout, end and reset are three things. `raise CODE, MESSAGE` fails with a code of "
              + "the script's own."),
          .table(FailureName.allCases.map { ($0.rawValue, $0.summary) }),
          .paragraph("`sock help errors CODE` explains one, and each code that stands in brackets behind a complaint."),
        ])
    case .accounts: accounts
    case .limits:
      HelpPage(
        topic: rawValue, summary: "what bounds a script and its peers",
        blocks: [
          .table([
            ("buffer", "bytes that a channel holds unread: a line, a message, what `expect` looks at (64 MiB)"),
            ("call-depth", "calls inside each other (10 000)"),
            ("tasks", "tasks at one time (250 000)"),
            ("memory", "MiB that the program occupies; who takes more where there are none left ends (4096)"),
          ]),
          .paragraph(
            "`--limit NAME=N` sets one; going beyond is the error `limit`, which names it. A string has at most 1 "
              + "GiB, a source file \(Limits.sourceBytes >> 20) MiB, expressions nest \(Limits.nesting) deep and "
              + "blocks half of that. Open channels are bounded by `ulimit -n`."),
        ])
    case .pexpect: pexpect
    case .recording: Guide.recordingPage
    case .clients: Guide.clientsPage
    case .mutate: Guide.mutatePage
    case .lsp: Guide.editorPage
    case .permissions:
      HelpPage(
        topic: rawValue, summary: "what a script may do to the machine: `--deny` and `--allow`",
        blocks: [
          .table([
            ("run", "`run` and `output`; `run=PROGRAM` one: denied by its file, allowed by the name that is written"),
            (
              "write",
              "`writefile`, `appendfile`, `removefile`, `mkdir`, `chmod` and `tmpdir`; `write=PATH` a file, or a "
                + "folder with all below it"
            ),
            ("read", "`readfile`, `exists`, `listdir` and `env`; `read=PATH`, `read=env:NAME`"),
            ("connect", "`connect`, `send … to` and look-ups; `connect=ADDRESS`"),
            ("listen", "`listen`, `bind` and `multicast join`; `listen=ADDRESS`"),
          ]),
          .paragraph(
            "A script may do what its user may, unless the command line says otherwise. `--deny run,write` takes some "
              + "of it away. `--allow read=./data,connect=127.0.0.1:8080` leaves nothing but what it names; what is also "
              + "denied stays denied. Both may stand more than once, for `sock FILE`, `sock test` and `sock repl`."),
          .paragraph(
            "An ADDRESS is `127.0.0.1:25`, `10.0.0.1` (any port), `:8080` (any host), `[::1]:25`, `localhost` "
              + "or `unix:/run/x`. Links in a path are followed before it is looked at. `write=FILE` is for a file that is "
              + "there: where a script makes one, allow its folder. Behind `through` proxies and target are held to it, and "
              + "a name that a proxy looks up is denied where any address of its port is. What is imported is code, not data: `import` reads it "
              + "all the same."),
          .paragraph(
            "Raw and packet sockets speak with everybody and hear everything: they want `connect` and `listen` without "
              + "an address."),
          .paragraph(
            "What is denied fails with the code `denied`, and says which option would let it. The kernel holds a "
              + "script and the processes that it starts to it, too, where it can (`sock --version` says by what it does): to "
              + "`--deny run`, `connect` and `listen`, to folders that are allowed, and to the TCP ports of "
              + "`--allow connect`. Not held is what another process sends without connecting (datagrams), and what it "
              + "does to a file's mode and times. A session is held by `sock` alone, because its user may start an "
              + "editor."),
        ])
    }
  }
}

extension PredefinedName {
  package var summary: String {
    switch self {
    case .listener: "the task's current listening channel"
    case .conn: "the task's current connection"
    case .stdin: "standard input, a channel"
    case .stdout: "standard output, a channel"
    case .stderr: "standard error, a channel"
    case .args: "the script's arguments, a list of strings"
    case .tmpdir:
      "a directory that is removed at the script's end, with a path that is short enough for sockets; root's can be "
        + "entered by all, and listed by root only, so that a daemon that gives up its rights finds its files"
    case .scriptdir: "the folder of the file that this stands in; `.` outside of files"
    case .any: "a field of an expected message: whatever it is, it is there"
    case .absent: "a field of an expected message: it is not there"
    case .error: "what the last `try EXPRESSION` failed with; nil after a success"
    case .it: "the last result, in the REPL only"
    case .it2, .it3: "the result before `\(self == .it2 ? "it" : "it2")`, in the REPL only"
    }
  }
}

extension ChannelProperty {
  package var summary: String {
    switch self {
    case .peerhost: "the other side's host, as numbers; from a `proxied` listener that of the proxy's client"
    case .peerport: "the other side's port, or that client's"
    case .peername: "the other side's address, or that client's"
    case .peerpath: "the other side's path, of a Unix-domain socket"
    case .sockhost: "this side's host, as numbers"
    case .sockport: "this side's port"
    case .sockname: "this side's address"
    case .hostpath: "this side's path, of a Unix-domain socket"
    case .sockdomain: "`inet`, `inet6`, `unix` or `packet`"
    case .socktype: "`stream`, `dgram`, `raw` or `seqpacket`"
    case .protocol: "the protocol's name, as `tcp`; its number when it has none"
    case .connected: "whether it is connected"
    case .atmark: "whether urgent data comes next"
    case .fileno: "the number of its descriptor"
    case .opened: "whether it has not been closed here"
    case .tls: "of TLS a map: version, cipher, group, alpn, name, resumed, peer, chain; of a listener: ca"
    case .proxied: "of what a `proxied` listener has accepted a map: version, command, source, destination, tlvs, by"
    case .peercred: "of a Unix-domain connection a map: the `pid`, `uid` and `gid` of who was there when it was made"
    case .fds: "the channels whose descriptors came with what was received, each given once: see `sock help send`"
    case .stderr: "the standard error of a process, with `run … stderr channel`"
    case .coredump: "whether a process has left a core dump; nil while it runs"
    case .usage:
      "of a process that has ended a map: `user` and `system` seconds of a processor, `elapsed` seconds, and `memory`, "
        + "the most at one time in bytes (never less than `sock` had itself); nil while it runs"
    case .screen:
      "what a person sees of a program that runs on a terminal: its rows, with a line feed between two, without blanks at "
        + "their ends; nothing is consumed"
    case .cursor: "where it writes next on the screen, as {row, column}, both from 0"
    case .termsig: "the signal that ended the process, as `KILL`; nil when none did"
    case .arrival:
      "how the last datagram came, a map: to, interface, ttl, tos, time, as far as the socket was asked (`bind … "
        + "arrival`), and dropped with SO_RXQ_OVFL; of a frame: interface, kind, ethertype"
    case .echo: "whether its terminal echoes now; nil without one"
    case .columns: "how many columns its terminal has; nil without one"
    case .rows: "how many rows its terminal has; nil without one"
    }
  }
}

extension AddressProperty {
  package var summary: String {
    switch self {
    case .host: "the host, as numbers; of a link the hardware address"
    case .port: "the port"
    case .path: "the path, of a Unix-domain socket"
    case .family: "`inet`, `inet6`, `unix` or `packet`"
    case .packed: "its bytes, as the system's `sockaddr` has them"
    }
  }
}

extension ErrorProperty {
  package var summary: String {
    switch self {
    case .code: "the kind of failure: see `sock help errors`"
    case .errno: "the system's number for it; 0 when it was not the system's"
    case .message: "one line for people"
    case .file: "the script's file"
    case .line: "the line in it"
    case .column: "the column in that line"
    case .channel: "the channel that the step spoke to; nil without one"
    case .calls: "the calls that led to it, innermost first"
    case .temporary: "of a look-up of a name: whether it may succeed later; nil for other errors"
    }
  }
}
