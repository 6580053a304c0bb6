// Verbs for processes, tasks and time. What the help says of one stands with its row.

extension VerbRow {
  static var run: VerbRow {
    VerbRow(
      .run, receiver: .none, operand: .value(.command),
      options: [
        [Option(.pty, .nothing, "on a terminal of its own: kept for that, but not there yet")],
        [Option(.cwd, .value(.directory), "its working directory")],
        [Option(.env, .value(.map), "changes to its environment")],
        [Option(.stderr, .oneOf([.merge, .null, .inherit]), "what becomes of its standard error")],
        [Option(.hold, .nothing, "it waits while nobody reads its output, of which nothing is lost")],
      ],
      waiting: .never, gives: .channel, effect: [], summary: "starts a process, whose standard streams are a channel",
      example: "run \"cat -u\" stderr null as cat",
      help: VerbHelp(
        details: [
          "A string is split into words as a shell would, without a shell: no `*`, no `$NAME`, no `|`. A list is the "
            + "exact argv. What the process writes is drained while nobody reads, so it never blocks; beyond 1 MiB "
            + "the oldest is lost, which the next read tells by `truncated`. With `hold` it has to wait for its "
            + "reader instead, and nothing is lost: for a process that is the peer. The end of its standard error is "
            + "shown when a step on it fails.",
          "`env` takes a map; nil removes a name. With its script or test ends the whole process group.",
        ],
        errors: [.parse, .range, .system], related: ["output", "signal", "wait", "retry", "channels"],
        example: HelpExample(
          #"""
          run "cat -u" stderr null as cat
          cat.send line "hello"
          print cat.recv line
          cat.shutdown write
          print cat.wait
          """#, prints: "hello\n0")))
  }

  static var signal: VerbRow {
    VerbRow(
      .signal, receiver: .process, operand: .word(.signal), options: [],
      waiting: .never, gives: .nothing, effect: [], summary: "sends a signal to a process", example: "signal TERM",
      help: VerbHelp(
        details: [
          "Names with or without `SIG`, or a number. It goes to the process, not to its children. One that has ended "
            + "takes no notice. `process.termsig` is the name of the signal that ended it; nil while it runs, and "
            + "when it ended by itself.",
        ],
        errors: [.range, .system], related: ["run", "wait"],
        example: HelpExample(
          #"""
          run "sleep 100"
          signal TERM
          print wait
          """#, prints: "143")))
  }

  static var wait: VerbRow {
    VerbRow(
      .wait, receiver: .taskOrProcess, operand: .none, options: [],
      waiting: .selectable(.end), gives: .outcome, effect: [],
      summary: "waits for a task or a process to end", example: "wait within 5s as status",
      help: VerbHelp(
        details: [
          "A process gives its exit status, 128 + N when signal N ended it; `process.termsig` tells that from an "
            + "`exit` with such a number: it is `KILL`, say, or nil. A task gives what its `return` did; when it "
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
          """#, prints: "3\n3")))
  }

  static var stop: VerbRow {
    VerbRow(
      .stop, receiver: .task, operand: .none, options: [],
      waiting: .never, gives: .nothing, effect: [], summary: "ends a task", example: "stop worker",
      help: VerbHelp(
        details: [
          "The task's deferred statements run. A later `wait` for it fails with `cancelled`.",
        ],
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
          """#, prints: "stopped")))
  }

  static var sleep: VerbRow {
    VerbRow(
      .sleep, receiver: .none, operand: .value(.duration), options: [],
      waiting: .forItsTime, gives: .nothing, effect: [], summary: "lets time pass", example: "sleep 10ms",
      help: VerbHelp(
        details: [
          "Other tasks go on. To wait for something that will come, rather write `expect`, `recv` or `retry`: they go "
            + "on as soon as it is there.",
        ],
        errors: [.range], related: ["retry", "deadlines"],
        example: HelpExample(
          #"""
          let start = now()
          sleep 10ms
          print now() - start >= 0.01
          """#, prints: "true")))
  }

  static var exit: VerbRow {
    VerbRow(
      .exit, receiver: .none, operand: .optionalValue(.status), options: [],
      waiting: .never, gives: .nothing, effect: .leaves, summary: "ends the script", example: "exit 1",
      help: VerbHelp(
        details: [
          "Runs what was deferred, ends what was `run`, and ends the script with this status from 0 to 255; 0 without "
            + "one.",
        ],
        errors: [.range], related: ["fail", "defer"],
        example: HelpExample(
          #"""
          defer print "good-bye"
          exit 1
          """#, prints: "good-bye", status: 1)))
  }
}
