// Verbs for processes, tasks and time. What the help says of one stands with its row.

extension VerbRow {
  static var run: VerbRow {
    VerbRow(
      .run, receiver: .none, operand: .value(.command),
      options: [
        [Option(.pty, .nothing, "on a terminal of its own, instead of pipes")],
        [Option(.size, .values(.columns, .rows), "of a terminal on which it may draw", needs: [.pty])],
        [Option(.echo, .oneOf([.on, .off]), "whether what is sent comes back; off unless set", needs: [.pty])],
        [Option(.raw, .nothing, "bytes pass as they are: no lines, no signals, no CRLF", needs: [.pty])],
        [Option(.cwd, .value(.directory), "its working directory")],
        [Option(.env, .value(.map), "changes to its environment")],
        [Option(.stdin, .value(.file), "its standard input: a file, nil for none, a socket, or our own `stdin`")],
        [Option(.stderr, .oneOf([.channel, .merge, .null, .inherit]), "what becomes of its standard error")],
        [Option(.hold, .nothing, "it waits while nobody reads its output, of which nothing is lost")],
        [Option(.fds, .value(.list), "sockets that it gets as 3, 4, …, as systemd gives them (LISTEN_FDS)")],
        [Option(.to, .value(.channel), "the listener or bound socket that it is the client of")],
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
          "With `stderr channel` what it writes to standard error is read as `process.stderr`, a channel like any "
            + "other, which is drained, or held with `hold`, as its output is. `stdin FILE` has it read a file; then "
            + "nothing can be sent to it.",
          "`fds` starts a server on sockets that are open already: `listen 0`, then `run … fds listener`. It can be "
            + "connected to at once, so that no port is guessed and nothing waited for. The program finds them by "
            + "LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES in its environment (sd_listen_fds(3)), and here they stay open "
            + "until they are closed: a client of a server that has died then waits, instead of being refused. To see "
            + "that, `listener.close` once it runs.",
          "`to` says whom it connects to: in its words `{address}`, `{host}` and `{port}` stand for where that listens, and "
            + "`{ca}` for the file of whom it trusts then; its environment has them as SOCK_ADDRESS, SOCK_HOST, SOCK_PORT "
            + "and, over TLS, SOCK_CA. Who waits for such a client, in `accept` or for its datagrams, fails at once when "
            + "it has ended instead, unless that is a spawned task. A test that has not asked for its end waits for it, and fails unless its status is "
            + "0: see `sock help clients`.",
          "`env` takes a map; nil removes a name. With its script or test ends the whole process group, and what has "
            + "left that, as daemons do. One that is to outlive its script is started with `env {SOCK_RUN: nil}`, and "
            + "leaves its group; none outlives its test.",
          "With `pty` it has a terminal as the controlling one of a session of its own: prompts come without a line's end, "
            + "what it asks on /dev/tty comes too, and so does its standard error unless `stderr` says otherwise. With "
            + "`stdin FILE` it reads that, and what is sent is typed at the terminal. It "
            + "gives lines with CRLF, which `recv line` takes off, and `send line` ends with CR, as the Enter key. What is "
            + "sent does not come back, as the terminal begins with echo off. `send \"\\x03\"` is Ctrl-C; `shutdown write` "
            + "is Ctrl-D, which ends the input that is being read. A line may have 4095 bytes before its end, unless it is "
            + "`raw`: a longer one is the error `range`. All that it has written can be read behind its end. `close` hangs "
            + "up; with its script or test ends the whole session, jobs in the background too.",
          "The terminal is 250 columns wide with 50 rows, and TERM is `dumb`, so that programs write lines. Those that draw "
            + "(editors, pagers, menus) need `size`: TERM is `xterm-256color` then. `env {TERM: …}` comes first. See `resize`, and `p.columns`, "
            + "`p.rows` and `p.echo`, what holds now.",
          "With `echo on` a script can wait until a password is asked for, by `expect echo off`. What is sent then is shown "
            + "as three stars in transcripts, reports and what `:save` writes.",
        ],
        errors: [.parse, .range, .system],
        related: ["output", "signal", "wait", "resize", "inherited", "retry", "clients", "channels"],
        example: HelpExample(
          #"""
          run "cat -u" stderr null as cat
          cat.send line "hello"
          print cat.recv line
          cat.shutdown write
          print cat.wait
          """#, prints: "hello\n0")))
  }

  static var resize: VerbRow {
    VerbRow(
      .resize, receiver: .channel, operand: .values(.columns, .rows), options: [],
      waiting: .never, gives: .nothing, effect: [], summary: "gives a terminal another size",
      example: "resize 100 30",
      help: VerbHelp(
        details: [
          "The program in the foreground is told by SIGWINCH, as when a person resizes the window. `p.columns` and "
            + "`p.rows` are the size that a terminal has.",
        ],
        errors: [.range, .system], related: ["run"],
        example: HelpExample(
          #"""
          run "sh -c 'read _; stty size'" pty size 80 24
          resize 100 30
          send line ""
          print recv line, conn.columns
          """#, prints: "30 100 100")))
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
          "Of a process that has ended `process.coredump` says whether it has left a core dump, and `process.usage` "
            + "what it has used: seconds and bytes.",
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

  static var interact: VerbRow {
    VerbRow(
      .interact, receiver: .channel, operand: .none,
      options: [[Option(.escape, .value(.key), "the key that ends it, as \"^A\"; without it, `^]`")]],
      waiting: .untilDone, gives: .value, effect: [.reads, .writes],
      summary: "hands the terminal of whoever runs the script to the channel", example: "interact escape \"^A\"",
      help: VerbHelp(
        details: [
          "What is typed goes to the channel, and what comes is shown, that which nothing has read yet first, until "
            + "Ctrl-] is typed, the result is \"escape\" then, or the channel ends: \"eof\". Other tasks go on meanwhile. "
            + "The terminal is afterwards as it was before, however the step ends.",
          "Where a program runs on a terminal of its own (`run … pty`), each key goes to it as it is, Ctrl-C and Ctrl-Z "
            + "too; its terminal gets the size of the user's. Any other channel gets lines, each with its `eol`: they "
            + "are edited and echoed here, Ctrl-C and Ctrl-Z are for `sock`, and Ctrl-D ends it as Ctrl-] does.",
          "Standard input and output must be a terminal, else it fails with ENOTTY. What is typed is in the transcript, "
            + "but for passwords on a terminal whose program has turned the echo off; `:save` of a session writes it as "
            + "`send`, and as `expect` what came.",
        ],
        errors: [.timeout, .eof, .reset, .busy, .range, .system], related: ["run", "send", "recv", "expect"],
        example: HelpExample(
          #"""
          let [a, b] = socketpair
          with a
            try
              interact escape "^A"
            catch e
              print e.code, "where there is no terminal"
            end
          end
          """#, prints: "ENOTTY where there is no terminal")))
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
