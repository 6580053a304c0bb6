// The table of options: parsing and `--help` come from it.

enum Command: String, CaseIterable {
  case run, repl, check, fmt, test, record, replay, decode, report, new, lsp, dap, completion, help

  var summary: String {
    switch self {
    case .run: return "run a script; `-` is standard input"
    case .repl: return "a session, connected to an address"
    case .check: return "show what is wrong or odd, run nothing"
    case .fmt: return "give scripts the one canonical layout"
    case .test: return "run the tests in these paths"
    case .record: return "make a script of what goes by"
    case .replay: return "play one side of a recording"
    case .decode: return "show bytes as the fields of a message"
    case .report: return "join JSON reports, compare runs"
    case .new: return "write a first suite, ready to run"
    case .lsp: return "serve an editor: LSP on stdin, stdout"
    case .dap: return "debug for an editor: DAP on stdin, stdout"
    case .completion: return "print what lets a shell complete words"
    case .help: return "explain a word, an error, a script"
    }
  }

  var synopsis: String {
    switch self {
    case .run: return "sock [run] [OPTIONS] FILE [ARGS…]"
    case .repl: return "sock [repl] [OPTIONS] [ADDRESS]"
    case .check: return "sock check [--strict] PATHS…"
    case .fmt: return "sock fmt [--check] [--diff] [PATHS…]"
    case .test: return "sock test [OPTIONS] [PATHS…]"
    case .record: return "sock record [OPTIONS] FILE.sock"
    case .replay: return "sock replay [OPTIONS] FILE.pcapng"
    case .decode: return "sock decode FILE.sock:NAME FILE|HEX"
    case .report: return "sock report merge|trend FILES…"
    case .new: return "sock new FILE.sock"
    case .lsp: return "sock lsp"
    case .dap: return "sock dap"
    case .completion: return "sock completion bash|zsh|fish"
    case .help: return "sock help [TOPIC | errors CODE | FILE]"
    }
  }
}

enum Option: CaseIterable {
  case execute, set, secret, deny, allow, timeoutScale, limit, color, load, noStartFile, disassemble, noScalarLoop
  case jobs, filter, tag, mustOnly, failFast, pause, retries, repeats, shuffle, seed, shard, list, rerunFailed
  case target, testedClient, compare, mask, segment, mutate, findings
  case baseline, updateBaseline, update, report, transcript, pcap
  case listen, to, capture, side, sessions, client, keep, authority, insecure
  case strict
  case checkLayout, diff
  case worker, man, help, version

  var name: String {
    switch self {
    case .execute: return "-e"
    case .set: return "--set"
    case .secret: return "--secret"
    case .deny: return "--deny"
    case .allow: return "--allow"
    case .timeoutScale: return "--timeout-scale"
    case .limit: return "--limit"
    case .color: return "--color"
    case .load: return "--load"
    case .noStartFile: return "--no-start-file"
    case .disassemble: return "--disassemble"
    case .noScalarLoop: return "--no-scalar-loop"
    case .jobs: return "--jobs"
    case .filter: return "--filter"
    case .tag: return "--tag"
    case .mustOnly: return "--must-only"
    case .failFast: return "--fail-fast"
    case .pause: return "--pause"
    case .retries: return "--retries"
    case .repeats: return "--repeat"
    case .shuffle: return "--shuffle"
    case .seed: return "--seed"
    case .shard: return "--shard"
    case .list: return "--list"
    case .rerunFailed: return "--rerun-failed"
    case .target: return "--target"
    case .testedClient: return "--client"
    case .compare: return "--compare"
    case .mask: return "--mask"
    case .update: return "--update"
    case .segment: return "--segment"
    case .mutate: return "--mutate"
    case .findings: return "--findings"
    case .baseline: return "--baseline"
    case .updateBaseline: return "--update-baseline"
    case .report: return "--report"
    case .transcript: return "--transcript"
    case .pcap: return "--pcap"
    case .listen: return "--listen"
    case .to: return "--to"
    case .capture: return "--pcap"
    case .side: return "--as"
    case .sessions: return "--times"
    case .client: return "--run"
    case .keep: return "--keep"
    case .authority: return "--ca"
    case .insecure: return "--insecure"
    case .strict: return "--strict"
    case .checkLayout: return "--check"
    case .diff: return "--diff"
    case .worker: return "--worker"
    case .man: return "--man"
    case .help: return "--help"
    case .version: return "--version"
    }
  }

  var shortName: String? {
    switch self {
    case .help: return "-h"
    case .jobs: return "-j"
    default: return nil
    }
  }

  /// What follows the option, as `--help` shows it; nil when nothing does.
  var argument: String? {
    switch self {
    case .execute: return "'STATEMENTS'"
    case .set: return "NAME=VALUE"
    case .secret: return "NAME=SOURCE"
    case .deny, .allow: return "WHAT[=WHERE],…"
    case .timeoutScale: return "F"
    case .limit: return "NAME=N"
    case .color: return "auto|always|never"
    case .jobs, .retries, .repeats, .sessions: return "N"
    case .listen, .to: return "ADDRESS"
    case .side: return "client|server"
    case .client: return "COMMAND"
    case .filter, .mask: return "REGEX"
    case .tag: return "T"
    case .seed: return "S"
    case .shard: return "I/N|env"
    case .target: return "NAME=ADDRESS"
    case .testedClient: return "[NAME=]COMMAND"
    case .segment: return "N|sweep"
    case .mutate: return "N|I..J"
    case .baseline, .load, .capture, .keep, .authority: return "FILE"
    case .report: return "FORMAT[=FILE]"
    case .transcript, .pcap, .findings: return "DIR"
    case .mustOnly, .failFast, .pause, .shuffle, .list, .rerunFailed, .updateBaseline, .update, .compare, .strict,
      .checkLayout, .diff,
      .worker, .insecure, .noStartFile,
      .man, .help, .version, .disassemble, .noScalarLoop:
      return nil
    }
  }

  var summary: String {
    switch self {
    case .execute: return "run these statements; `;` ends one"
    case .set: return "give a `param` a value; may stand more than once"
    case .deny: return "run, write, read, connect, listen: what the script may not do"
    case .allow: return "the only things it may do, as read=./data,connect=127.0.0.1:80"
    case .secret: return "give a `param secret` what env:VARIABLE or file:PATH holds"
    case .timeoutScale: return "stretch deadlines by this factor (slow machines)"
    case .limit: return "call-depth, buffer (bytes), tasks, memory (MiB)"
    case .color: return "colour in messages; auto: where a terminal is"
    case .load: return "run this file's statements first"
    case .noStartFile: return "do not run ~/.config/sock/start.sock first"
    case .disassemble: return "show the instructions that the script is compiled to, run none"
    case .noScalarLoop: return "run every instruction in the machine's loop for all values, to compare its two loops"
    case .jobs: return "files that run at one time (default: the cores)"
    case .filter: return "only tests whose FILE::NAME the regular expression matches"
    case .tag: return "only tests with this tag; may stand more than once"
    case .mustOnly: return "only tests of a `must`"
    case .failFast: return "stop at the first failure"
    case .pause: return "open a session where a test fails, with its names and channels; one test at a time"
    case .retries: return "try a failed test again, up to so often; it is flaky if it passes then"
    case .repeats: return "run each test so often"
    case .shuffle: return "run files and tests in another order each time"
    case .seed:
      return "draw the random numbers of an earlier run, and with --shuffle its order, with --mutate its mutations"
    case .shard: return "run the I-th of N parts of the suite, for N machines; env: what GitLab, Kubernetes and others say"
    case .list: return "name the tests as they stand in the files; nothing runs"
    case .rerunFailed: return "only tests that failed in this folder's last run"
    case .target: return "run the suite with `param target` set to this, as new=tls:HOST:PORT; may stand more than once"
    case .testedClient:
      return "test this program, as 'curl http://{address}/': `param client` is its command; may stand more than once"
    case .compare:
      return "tell where several targets or clients answer otherwise, byte for byte; the exit status is 1 then"
    case .mask: return "with --compare: what this matches varies, and does not count; may stand more than once"
    case .update: return "keep what `golden` is given in its files, and compare it with nothing"
    case .segment: return "cut every send in pieces of N bytes; sweep: each byte, halves, and joined"
    case .mutate:
      return "send messages of the tests changed, N times, and ask by `probe` whether the server still answers"
    case .findings: return "with --mutate: write the scripts of what it finds there, and not beside the suite"
    case .baseline: return "fail only for failures that this file does not know"
    case .updateBaseline: return "write the baseline file anew"
    case .report: return "pretty, tap, junit, json, github or html; may stand more than once"
    case .transcript: return "write what went over each test's channels there"
    case .pcap: return "write it as captures for Wireshark there"
    case .listen: return "listen there in place of the server: 7000, tls:0, udp:5353"
    case .to: return "the server, as 127.0.0.1:6379, tls:HOST:993, udp:127.0.0.1:53"
    case .capture: return "take what a capture (pcap, pcapng) holds, instead of listening"
    case .side: return "which side the script plays (client)"
    case .sessions: return "so many sessions of the same client, which are compared: what differs is a pattern (1)"
    case .client: return "start the client by this: {address}, {host}, {port} and {ca} stand for where it connects"
    case .keep: return "write what went by as a capture, too"
    case .authority: return "trust the authorities in this file when speaking TLS to the server"
    case .insecure: return "accept any certificate of the server"
    case .strict: return "exit with 1 if there are warnings, too"
    case .checkLayout: return "name the files that have another layout, and write none; the exit status is 1 then"
    case .diff: return "show what would change, and write nothing"
    case .worker: return "run the tests that standard input lists, for the `sock test` that started this"
    case .man: return "the manual page, for man(1)"
    case .help: return "show this, or a command's options"
    case .version: return "show the version"
    }
  }

  /// Not for people who type a command line: for sock itself, for man(1), and for who works on the compiler and the
  /// machine.
  var isHidden: Bool {
    switch self {
    case .worker, .man, .disassemble, .noScalarLoop: return true
    default: return false
    }
  }

  var group: OptionGroup {
    switch self {
    case .execute, .set, .secret, .deny, .allow, .timeoutScale, .limit, .seed, .strict, .checkLayout, .diff, .color,
      .load, .noStartFile, .man, .help, .version, .disassemble, .noScalarLoop:
      return .general
    case .listen, .to, .capture, .side, .sessions, .client, .keep, .authority, .insecure: return .general
    case .filter, .tag, .mustOnly, .shard, .rerunFailed, .list: return .selection
    case .jobs, .failFast, .pause, .retries, .repeats, .shuffle, .worker: return .running
    case .target, .testedClient, .compare, .mask, .segment, .mutate: return .target
    case .baseline, .updateBaseline, .update, .report, .transcript, .pcap, .findings: return .reports
    }
  }

  /// Of which commands it is an option.
  var commands: [Command] {
    switch self {
    case .execute: return [.run, .repl]
    case .disassemble, .noScalarLoop: return [.run]
    case .strict: return [.check]
    case .seed: return [.run, .test]
    case .secret: return [.run, .repl, .test, .record]
    case .timeoutScale: return [.run, .repl, .test, .record, .replay]
    case .set, .deny, .allow, .limit: return [.run, .repl, .test]
    case .listen, .to, .authority, .insecure: return [.record, .replay]
    case .side, .sessions, .client, .keep, .capture: return [.record]
    case .color: return [.run, .repl, .check, .fmt, .test, .report]
    case .load, .noStartFile: return [.repl]
    case .report, .transcript, .pcap: return [.test, .report]
    case .checkLayout, .diff: return [.fmt]
    case .help, .version: return Command.allCases
    case .man: return [.help]
    default: return [.test]
    }
  }
}

/// Under which title `--help` shows an option.
enum OptionGroup: String, CaseIterable {
  case selection = "which tests"
  case running = "how they run"
  case target = "against what"
  case reports = "what is reported"
  case general = "options"
}
