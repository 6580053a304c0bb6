// The table of options: parsing and `--help` come from it.

enum Command: String, CaseIterable {
  case run, check, test, report, new, completion

  var summary: String {
    switch self {
    case .run: return "run a script; `-` is standard input"
    case .check: return "say what is wrong with scripts, run nothing"
    case .test: return "run every test in *.sock below the paths (default: this folder)"
    case .report: return "join the JSON reports of shards into others"
    case .new: return "write a first suite, which runs as it is"
    case .completion: return "print what makes the shell complete sock's words"
    }
  }

  var synopsis: String {
    switch self {
    case .run: return "sock [run] [OPTIONS] FILE [ARGS…]"
    case .check: return "sock check FILE…"
    case .test: return "sock test [OPTIONS] [PATHS…]"
    case .report: return "sock report merge FILE… [--report …]"
    case .new: return "sock new FILE.sock"
    case .completion: return "sock completion bash|zsh|fish"
    }
  }
}

enum Option: CaseIterable {
  case execute, set, timeoutScale, limit, color
  case jobs, filter, tag, mustOnly, failFast, retries, repeats, shuffle, seed, shard, list, rerunFailed
  case target, segment, baseline, updateBaseline, report, transcript, pcap
  case worker, help, version

  var name: String {
    switch self {
    case .execute: return "-e"
    case .set: return "--set"
    case .timeoutScale: return "--timeout-scale"
    case .limit: return "--limit"
    case .color: return "--color"
    case .jobs: return "--jobs"
    case .filter: return "--filter"
    case .tag: return "--tag"
    case .mustOnly: return "--must-only"
    case .failFast: return "--fail-fast"
    case .retries: return "--retries"
    case .repeats: return "--repeat"
    case .shuffle: return "--shuffle"
    case .seed: return "--seed"
    case .shard: return "--shard"
    case .list: return "--list"
    case .rerunFailed: return "--rerun-failed"
    case .target: return "--target"
    case .segment: return "--segment"
    case .baseline: return "--baseline"
    case .updateBaseline: return "--update-baseline"
    case .report: return "--report"
    case .transcript: return "--transcript"
    case .pcap: return "--pcap"
    case .worker: return "--worker"
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
    case .timeoutScale: return "F"
    case .limit: return "NAME=N"
    case .color: return "auto|always|never"
    case .jobs, .retries, .repeats: return "N"
    case .filter: return "REGEX"
    case .tag: return "T"
    case .seed: return "S"
    case .shard: return "I/N"
    case .target: return "NAME=ADDRESS"
    case .segment: return "N|sweep"
    case .baseline: return "FILE"
    case .report: return "FORMAT[=FILE]"
    case .transcript, .pcap: return "DIR"
    case .mustOnly, .failFast, .shuffle, .list, .rerunFailed, .updateBaseline, .worker, .help, .version: return nil
    }
  }

  var summary: String {
    switch self {
    case .execute: return "run these statements; `;` ends one"
    case .set: return "give a `param` of the script a value; may stand more than once"
    case .timeoutScale: return "stretch every deadline by this factor, for slow machines"
    case .limit: return "set a limit: call-depth, buffer (bytes), tasks or memory (MiB)"
    case .color: return "colour in messages; auto: on a terminal without NO_COLOR"
    case .jobs: return "files that run at one time (default: the cores)"
    case .filter: return "only tests whose FILE::NAME the regular expression matches"
    case .tag: return "only tests with this tag; may stand more than once"
    case .mustOnly: return "only tests of a `must`"
    case .failFast: return "stop at the first failure"
    case .retries: return "try a failed test again, up to so often; it is flaky if it passes then"
    case .repeats: return "run each test so often"
    case .shuffle: return "run files and tests in another order each time"
    case .seed: return "the order of an earlier --shuffle"
    case .shard: return "run the I-th of N parts of the suite, for N machines"
    case .list: return "name the tests, run none"
    case .rerunFailed: return "only tests that failed in this folder's last run"
    case .target: return "run the suite with `param target` set to this; may stand more than once"
    case .segment: return "cut every send in pieces of N bytes; sweep: each byte, halves, and joined"
    case .baseline: return "fail only for failures that this file does not know"
    case .updateBaseline: return "write the baseline file anew"
    case .report: return "pretty, tap, junit, json, github or html; may stand more than once"
    case .transcript: return "write what went over each test's channels there"
    case .pcap: return "write it as captures for Wireshark there"
    case .worker: return "run the jobs that standard input lists, for the `sock test` that started this"
    case .help: return "show this"
    case .version: return "show the version"
    }
  }

  /// Not for people.
  var isHidden: Bool { self == .worker }

  /// Of which commands it is an option.
  var commands: [Command] {
    switch self {
    case .execute: return [.run]
    case .set, .timeoutScale, .limit: return [.run, .test]
    case .color: return [.run, .check, .test, .report]
    case .report, .transcript, .pcap: return [.test, .report]
    case .help, .version: return Command.allCases
    default: return [.test]
    }
  }
}
