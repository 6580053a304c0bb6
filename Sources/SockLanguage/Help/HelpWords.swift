// The words that people look for and that are none of the language, or stand for more than one thing: each leads to the
// pages about it.

enum HelpWords {
  private struct Entry {
    /// All of them lead to the same.
    let words: [String]
    /// What is worth saying before the pages; nil where they say it all.
    var text: String?
    let topics: [String]
  }

  /// The page of a word: that of its one topic, or a short one that says where to look.
  static func page(_ word: String) -> HelpPage? {
    let word = word.lowercased()
    let entry = entries.first { $0.words.contains(word) }
    let properties = HelpCatalog.properties(word)
    let options = HelpCatalog.options(word)
    if let entry, entry.text == nil, entry.topics.count == 1, properties.isEmpty, options.isEmpty {
      return HelpCatalog.page(entry.topics[0])
    }
    var blocks: [HelpBlock] = entry?.text.map { [.paragraph($0)] } ?? []
    if let entry { blocks.append(.table(entry.topics.map { ($0, HelpCatalog.page($0)?.summary ?? "") })) }
    if !options.isEmpty { blocks += (entry == nil ? [] : [.heading("as an option")]) + [.table(options)] }
    if !properties.isEmpty { blocks += (entry == nil ? [] : [.heading("as a property")]) + [.table(properties)] }
    if entry == nil, !properties.isEmpty { blocks.append(.paragraph("See also: properties.")) }
    if blocks.isEmpty { return nil }
    return HelpPage(topic: word, summary: summary(entry != nil, properties, options), blocks: blocks)
  }

  private static func summary(
    _ isLookedFor: Bool, _ properties: [HelpBlock.Row], _ options: [HelpBlock.Row]
  ) -> String {
    if isLookedFor { return "where to look" }
    return options.isEmpty ? "a property" : properties.isEmpty ? "an option" : "an option, and a property"
  }

  /// Every word that leads somewhere, for the test that holds them.
  static var words: [String] { entries.flatMap(\.words) }

  private static func entry(_ words: String, _ topics: String..., text: String? = nil) -> Entry {
    Entry(words: words.split(separator: ",").map { String($0.drop { $0 == " " }) }, text: text, topics: topics)
  }

  private static let entries: [Entry] = network + language + running

  // MARK: - Networks

  private static let network: [Entry] = [
    entry(
      "tcp, stream", "connect", "listen", "accept", "addresses", "recipes echo-server",
      text: "`listen PORT` and `connect HOST:PORT` speak TCP."),
    entry(
      "udp, datagram, datagrams, dgram", "bind", "connect", "send", "recv", "multicast", "recipes udp-retry",
      text: "`bind udp:HOST:PORT` waits for datagrams, `connect udp:HOST:PORT` speaks to one address, `send … to` to "
        + "any."),
    entry(
      "unix, unix socket, unix sockets", "addresses", "socketpair", "recipes unix-socket",
      text: "`listen unix:PATH` and `connect unix:PATH`; `unix:@name` is an abstract one."),
    entry("ssl, https, certificates, x509", "tls", "certificate", "recipes tls-client", "recipes tls-server"),
    entry("encryption", "tls"),
    entry(
      "http, web", "recipes http-get", "recipes chunked", "recipes mock-server",
      text: "HTTP is spoken line by line, as every protocol of text is; `std:http` and `std:http2` have both of its sides."),
    entry(
      "smtp, imap, pop3, ftp, mail", "recipes client", "recipes starttls", "tests",
      text: "`std:smtp`, `std:imap`, `std:pop3` and `std:ftp` have both of their sides: `sock help std:smtp`."),
    entry("dns, name, names, getaddrinfo", "resolve", "addresses", "let"),
    entry("ip, ipv4, ipv6, host, hostname, url, uri, address", "addresses", "resolve", "properties"),
    entry("port, ports", "addresses", "free_port", "recipes port-scanner"),
    entry("server, servers, daemon", "listen", "serve", "run", "recipes echo-server", "recipes daemon"),
    entry("client, clients", "connect", "recipes client", "recipes http-get"),
    entry("read, receive", "recv", "expect", "readfile"),
    entry("write", "send", "print", "writefile"),
    entry("socket option, socket options, setsockopt, nodelay, keepalive, tcp_info, congestion, rtt", "sockopt"),
    entry("listen_fds, listen_pid, sd_listen_fds, socket activation, systemd", "inherited", "run", "recipes open-socket"),
    entry("scm_rights, sendmsg, descriptor, descriptors", "send", "properties", "recipes pass-descriptors"),
    entry("group, igmp, mdns, ssdp", "multicast"),
    entry("ping, icmp, raw socket, raw sockets, packet socket, sniff", "socket", "inet_checksum", "recipes ping"),
    entry("pktinfo, ttl, tos", "bind", "properties", "sockopt"),
    entry("mptcp, sctp, dccp", "listen", "connect", "socket"),
    entry("connection, connections", "channels", "connect", "accept", "serve"),
    entry(
      "proxy, proxies, socks, socks4, socks5, tunnel, tor", "connect",
      text: "`connect HOST:PORT through socks5:HOST:PORT` has a proxy connect; there are `socks4:` and `http:`, too. "
        + "Header of the PROXY protocol: `connect … proxied 2` sends one, `listen … proxied` reads it."),
    entry("port forwarding, forward, forwarding, netcat, nc, splice, between", "relay", "recipes proxy"),
    entry(
      "toxiproxy, netem, chaos, latency, bandwidth, packet loss, loss, impairment, fault injection, faulty, slow", "fault",
      "relay", "recipes faults"),
    entry("proxy protocol, haproxy, send-proxy, accept-proxy", "listen", "connect", "properties",
      text: "`listen … proxied` reads the header of the PROXY protocol, `connect … proxied 2` sends it."),
    entry("happy eyeballs, multihomed", "connect", "resolve"),
    entry("keylog, sslkeylogfile", "tls"),
    entry("frame, frames, messages, protocol", "message", "framing", "recv", "recipes length-prefix"),
    entry("protobuf, protocol buffers, proto, grpc, asn1, asn.1, ber, der", "message", "decode", "encode"),
    entry("kaitai, construct, scapy, field, fields, dissector", "message", "decode", "encode", "unpack"),
    entry("poll, epoll, event, events", "select", "wait", "recipes select"),
  ]

  // MARK: - The language

  private static let language: [Entry] = [
    entry("regex, regexes, regexp, pcre, pattern, regular expression, regular expressions", "patterns"),
    entry("map, maps, dict, dictionary, hash, object", "types", "keys", "values", "remove", "for", "recipes counters"),
    entry(
      "list, lists, array, arrays, tuple, nested", "types", "for", "push", "pop", "shift", "insert", "remove", "sort", "map",
      "filter"),
    entry("queue, stack", "push", "shift", "pop"),
    entry("channel", "channels", "types"), entry("null, none", "types"), entry("class, struct, object-oriented", "types", "import"),
    entry("string, text, quoting, interpolation, escape, escapes, heredoc", "strings"),
    entry("bytes, byte, binary", "strings", "message", "pack", "unpack", "recipes binary"),
    entry("hexadecimal", "hex", "unhex", "strings"),
    entry("number, numbers, integer, integers, floats, bool, boolean", "types"),
    entry("math, arithmetic, calculate", "operators", "min", "max", "sum", "round", "floor", "percentile", "random"),
    entry(
      "time, date, clock, duration, durations", "now", "format_time", "parse_time", "format_duration", "sleep", "deadlines",
      text: "`now()` gives seconds since 1970; durations are seconds, too: `2m == 120`."),
    entry("iso, iso8601, isoformat, timestamp", "format_time", "parse_time"),
    entry("deadline, timeouts, time limit", "deadlines"),
    entry("file, files, folder, directory, path", "readfile", "writefile", "appendfile", "exists", "removefile", "listdir",
      "tmpdir", "scriptdir", "recipes files"),
    entry("variable, variables, global, globals, const, scope, assignment", "let", "param", "types"),
    entry("function, procedure, helper, helpers, sub, lambda, closure", "def", "fn", "functions"),
    entry("exception, exceptions, raise, throw, error handling", "failures", "try", "raise"),
    entry("switch, match, dispatch", "case", "if", "patterns"),
    entry("ternary, conditional", "if"),
    entry("loops, iterate, foreach, until", "loop", "while", "for"),
    entry("module, modules, library, include, require", "import"),
    entry("operator, precedence", "operators"),
    entry("range, ranges, slice", "types", "operators"),
    entry("parse, parser, csv", "parse_json", "json", "split", "unpack", "patterns"),
    entry("encoding, encodings", "base64", "hex", "urlencode", "json"),
    entry("hashing, digest, checksum", "sha256", "sha512", "md5", "crc32", "crc16", "hmac", "pbkdf2"),
    entry("printf, output, echo, puts", "print", "format", "log", "stdout"),
    entry("input, readline", "stdin", "recv"),
    entry("debug, debugging, trace, logging", "inspect", "log", "tests", "recipes transcript"),
    entry(
      "comment, comments, semicolon, syntax, grammar", "strings", "operators", "blocks",
      text: "`#` begins a comment, which ends with its line. A line is a step; `;` ends one, too, and `\\` at a line's "
        + "end goes on in the next. A block closes with `end`. grammar/sock.ebnf is the whole grammar."),
  ]

  // MARK: - Running

  private static let running: [Entry] = [
    entry("argument, arguments, argv, parameter, parameters, setting, settings, usage, flags", "param", "args"),
    entry("--set, set", "param"),
    entry("deny, allow, --deny, --allow, sandbox, security, permission", "permissions"),
    entry("secret", "param"),
    entry("secrets, --secret, credentials", "param", "recipes secrets"),
    entry(
      "password, passwords", "param", "expect", "recipes secrets", "recipes terminal",
      text: "`param secret NAME` is shown nowhere. A program on a terminal that asks for one is waited for with `expect "
        + "echo off`, behind `run … pty echo on`."),
    entry("environment, environ, getenv", "env", "run", "recipes environment"),
    entry(
      "exit code, exit codes, exit status, status", "exit", "failures", "tests",
      text: "0: the script is done, or no test failed. 1: a step or a test failed. 2: the script or the command line "
        + "is wrong, or there was no test. 130 and 143: interrupted by Ctrl-C or SIGTERM. N: the script has said "
        + "`exit N`."),
    entry(
      "process, processes, subprocess, command, shell, exec, pipe, kill", "run", "output", "signal", "wait",
      "recipes run-a-server"),
    entry("signals, trap, sigterm, sigint", "signal", "defer", "recipes signals"),
    entry(
      "pty, tty, terminal, terminals, curses, ncurses, tui, console, less, python, ssh", "run", "expect", "interact",
      "resize", "open", "pexpect", "recipes terminal",
      text: "`run … pty` starts a program on a terminal of its own, with `size 80 24` one that draws there; `expect "
        + "screen` waits for what a person would see, and `interact` hands it to whoever runs the script. `open` is for "
        + "terminal devices."),
    entry(
      "pwntools, expect-users, tcl, sendline, sendeof, sendcontrol, dialogue, dialog, prompt, prompts", "pexpect", "recv",
      "expect", "recipes terminal",
      text: "`recv until \"> \"` passes over what comes before a prompt, and takes it; `expect` takes what comes next."),
    entry(
      "ctrl-c, ctrl-d, ctrl-z, control", "send", "run", "shutdown", "interact",
      text: "On a terminal (`run … pty`) `send \"\\x03\"` is Ctrl-C and `shutdown write` is Ctrl-D. Ctrl-C at a script "
        + "ends it, with status 130, and says in which step it was."),
    entry("serial, serial line, uart, modem, tty device, baud rate", "open", "eol", "recipes serial"),
    entry(
      "hang, hangs, stuck, freeze, freezes", "deadlines", "timeout", "within", "tests",
      text: "A script waits as long as it takes unless it is told otherwise. `timeout 5s` as its first line gives each "
        + "step so long; `sock test FILE` does so by itself. Ctrl-C says which step waited, and what had come."),
    entry(
      "crash, crashes, core dump, segfault", "wait", "signal", "run", "properties",
      text: "`wait` gives 128 + N of a process that signal N has ended; `p.termsig` is its name, `p.coredump` says "
        + "whether there is a core dump."),
    entry("account, row, rows", "accounts"),
    entry("guides, guide, topics", "types", "strings", "operators", "patterns", "addresses", "channels", "properties",
      "deadlines", "tls", "tests", "failures", "accounts", "limits", "permissions", "pexpect", "recording", "clients",
      "mutate", "lsp"),
    entry(
      "editor, editors, ide, language server, neovim, vim, helix, emacs, vscode, vs code, dap, debugger, breakpoint, "
        + "breakpoints", "lsp"),
    entry(
      "task, tasks, thread, threads, async, await, concurrency, parallel, parallelism, coroutine", "spawn", "wait",
      "select", "serve", "recipes tasks", "recipes at-most",
      text: "Tasks are for several conversations at once, in one process; `serve workers N` for several processors. "
        + "`sock test --jobs N` runs so many files of tests at one time."),
    entry("must, should, may", "test", "tests", "recipes levels"),
    entry(
      "tag, tags, todo", "test", "tests", "recipes levels",
      text: "`test NAME tags [a, b]`; `sock test --tag a` runs those that have it."),
    entry("client under test, test my client", "clients", "recording"),
    entry("fuzz, fuzzer, fuzzing, mutation, mutations, probe", "mutate"),
    entry("suite, conformance, unit test, mock, fixture", "tests", "test", "setup", "recipes mock-server"),
    entry(
      "shard, shards, junit, tap, github, gitlab, ci, reports, baseline, retries, flaky", "tests",
      text: "Options of `sock test`: `--report junit=FILE` (or tap, json, html, github; in GitHub Actions annotations "
        + "come by themselves), `--shard I/N` for N machines, `--baseline FILE` for failures that are known, "
        + "`--retries N`. `sock test --help` has all of them."),
    entry("transcript, pcap, wireshark, capture", "recipes transcript", "recording", "tests", "tls"),
    entry("record, recorder, replay, playback, autoexpect, tcpreplay", "recording"),
    entry("benchmark, performance, load test", "recipes load", "serve", "limits"),
    entry("limit, memory, buffer, buffers, buffering, flush", "limits", "autoflush"),
    entry(
      "repl, session, interactive", "it",
      text: "`sock` alone is a session: statements run as they are entered, and `:help` there lists what else it "
        + "knows. `:save FILE` makes a test of what was done."),
    entry(
      "fmt, lint, layout, warnings", "errors",
      text: "`sock fmt PATHS` brings scripts into one layout; `sock check --strict PATHS` tells what is wrong or odd "
        + "in them."),
    entry("example, examples, tutorial, cookbook, snippets, howto, recipe", "recipes"),
  ]
}
