// The help of the verbs for processes, tasks, output and verdicts.

extension VerbHelp {
  // MARK: - Processes and tasks

  static let run = VerbHelp(
    details: [
      "A string is split into words as a shell would, without a shell: no `*`, no `$NAME`, no `|`. A list is the "
        + "exact argv. What the process writes is drained while nobody reads, so it never blocks; beyond 1 MiB the "
        + "oldest is lost, which the next read tells by `truncated`. With `hold` it has to wait for its reader "
        + "instead, and nothing is lost: for a process that is the peer. The end of its standard error is shown when a "
        + "step on it fails.",
      "`env` takes a map; nil removes a name. With its script or test ends the whole process group.",
    ],
    errors: [.parse, .range, .system], related: ["signal", "wait", "retry", "channels"],
    example: HelpExample(
      #"""
      run "cat -u" stderr null as cat
      cat.send line "hello"
      print cat.recv line
      cat.shutdown write
      print cat.wait
      """#, prints: "hello\n0"))

  static let signal = VerbHelp(
    details: [
      "Names with or without `SIG`, or a number. It goes to the process, not to its children. One that has ended takes "
        + "no notice. `process.termsig` is the name of the signal that ended it; nil while it runs, and when it ended "
        + "by itself.",
    ],
    errors: [.range, .system], related: ["run", "wait"],
    example: HelpExample(
      #"""
      run "sleep 100"
      signal TERM
      print wait
      """#, prints: "143"))

  static let wait = VerbHelp(
    details: [
      "A process gives its exit status, 128 + N when signal N ended it; `process.termsig` tells that from an `exit` "
        + "with such a number: it is `KILL`, say, or nil. A task gives what its `return` did; when it "
        + "failed, `wait` fails with its error.",
    ],
    errors: [.timeout, .cancelled], related: ["spawn", "run", "stop"],
    example: HelpExample(
      #"""
      run "sh -c 'exit 3'"
      wait within 5s as status
      print status
      spawn as sum
        return 1 + 2
      end
      print wait sum
      """#, prints: "3\n3"))

  static let stop = VerbHelp(
    details: ["The task's deferred statements run. A later `wait` for it fails with `cancelled`."],
    related: ["spawn", "wait"],
    example: HelpExample(
      #"""
      spawn as worker
        loop
          sleep 1ms
        end
      end
      stop worker
      print "stopped"
      """#, prints: "stopped"))

  static let sleep = VerbHelp(
    details: [
      "Other tasks go on. To wait for something that will come, rather write `expect`, `recv` or `retry`: they go on "
        + "as soon as it is there.",
    ],
    errors: [.range], related: ["retry", "deadlines"],
    example: HelpExample(
      #"""
      let start = now()
      sleep 10ms
      print now() - start >= 0.01
      """#, prints: "true"))

  static let exit = VerbHelp(
    details: ["Runs what was deferred, ends what was `run`, and ends the script with this status from 0 to 255; 0 "
      + "without one."],
    errors: [.range], related: ["fail", "defer"],
    example: HelpExample(
      #"""
      defer print "good-bye"
      exit 1
      """#, prints: "good-bye", status: 1))

  // MARK: - Output

  static let print = VerbHelp(
    details: [
      "Values are separated by a blank. Strings are written as their bytes; `inspect(x)` shows one as a script would "
        + "write it. In a test the output belongs to the test's report.",
    ],
    related: ["log", "format", "inspect"],
    example: HelpExample(
      #"""
      print "got ${1 + 1}", 3
      print inspect("a\r\n"), [1, "x"]
      """#, prints: #"""
        got 2 3
        "a\r\n" [1, "x"]
        """#))

  static let log = VerbHelp(
    details: ["Goes to the report of the test, or to standard error in a script without tests."],
    related: ["print", "test"],
    example: HelpExample(
      #"""
      log "half-way"
      print "done"
      """#, prints: "done"))

  // MARK: - Verdicts

  static let assert = VerbHelp(
    details: [
      "The report shows the values of the condition's parts. A failed assert can be caught, and `retry` tries again "
        + "after one.",
    ],
    errors: [.assertion], related: ["check", "expect", "retry"],
    example: HelpExample(
      #"""
      assert 1 + 1 == 2, "arithmetic"
      print "holds"
      """#, prints: "holds"))

  static let check = VerbHelp(
    details: [
      "Like `assert`, but the test goes on, and all its failed checks are told at its end. Outside of a test a failed "
        + "check ends the script.",
    ],
    errors: [.assertion], related: ["assert", "test"],
    example: HelpExample(
      #"""
      check 2 in [1, 2]
      check len("abc") == 3, "as many as letters"
      print "both hold"
      """#, prints: "both hold"))

  static let fail = VerbHelp(
    details: [
      "No `catch`, `try` or `retry` stops it. With a caught error as its value it raises that error again, which they "
        + "stop.",
    ],
    errors: [.failed], related: ["assert", "skip", "try"],
    example: HelpExample(
      #"""
      try
        assert 1 > 2
      catch e
        print e.code
        fail "no answer"
      end
      """#, prints: "assert", status: 1))

  static let skip = VerbHelp(
    details: ["For a test that cannot be run here. A skipped test does not fail the suite."],
    related: ["inconclusive", "test"],
    example: HelpExample(
      #"""
      if env("NO_SUCH_NETWORK") == nil
        skip "needs IPv6"
      end
      print "never"
      """#))

  static let inconclusive = VerbHelp(
    details: [
      "For a test that ran and could not tell: it neither passes nor fails. Outside of a test the "
        + "script ends with status 1.",
    ],
    related: ["skip", "test"],
    example: HelpExample(
      #"""
      inconclusive "peer too slow"
      """#, status: 1))
}
