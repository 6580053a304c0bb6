// The help of the words that open blocks and declare names.

package struct BlockHelp: Sendable {
  package let summary: String
  /// How it is written; capitals stand for what is to be filled in.
  package let synopsis: String
  /// Paragraphs.
  let details: [String]
  /// Other topics.
  package let related: [String]
  package let example: HelpExample
  /// Its example is a suite for `sock test`, which prints reports of its own.
  package var isSuite = false
}

/// What `sock help` shows for a reserved word that is no verb.
package enum KeywordHelp: Sendable {
  case block(BlockHelp)
  /// It belongs to another topic.
  case topic(String)
}

extension Keyword {
  package var help: KeywordHelp {
    switch self {
    case .if: .block(.condition)
    case .case: .block(.choice)
    case .while: .block(.whileLoop)
    case .for: .block(.forLoop)
    case .loop: .block(.endlessLoop)
    case .def: .block(.function)
    case .fn: .block(.shortFunction)
    case .try: .block(.attempt)
    case .defer: .block(.deferred)
    case .with: .block(.withChannel)
    case .within: .block(.withinDeadline)
    case .spawn: .block(.task)
    case .serve: .block(.server)
    case .retry: .block(.retried)
    case .select: .block(.selection)
    case .test: .block(.test)
    case .setup: .block(.setup)
    case .let: .block(.declaration)
    case .param: .block(.setting)
    case .import: .block(.importing)
    case .elif, .else, .end: .topic("if")
    case .in: .topic("for")
    case .break, .continue: .topic("loop")
    case .return: .topic("def")
    case .catch, .finally: .topic("try")
    case .when: .topic("select")
    case .as: .topic("let")
    case .and, .or, .not: .topic("operators")
    case .true, .false, .nil: .topic("types")
    }
  }
}

extension BlockHelp {
  // MARK: - Control

  static let condition = BlockHelp(
    summary: "runs statements when a condition holds",
    synopsis:
      "if CONDITION [as NAME]\n  …\nelif CONDITION [as NAME]\n  …\nelse\n  …\nend\n\nif CONDITION then A else B",
    details: [
      "Only `nil` and `false` are false: 0, \"\" and [] are true. A step in a condition beside an operator stands in "
        + "parentheses. Every block closes with its own `end`.",
      "`as` names the value of the whole condition, true or not; it sets and declares the name as that of a step "
        + "does. So `if text =~ /^HELO (.*)/ as m` has its match in `m`.",
      "`if CONDITION then A else B` is a value. It is no operand: beside an operator it stands in parentheses.",
    ],
    related: ["operators", "case", "while", "select"],
    example: HelpExample(
      #"""
      for text in ["HELO a.example", "QUIT", ""]
        if text =~ /^HELO (.*)/ as m
          print m[1]
        elif text == "QUIT"
          print "bye"
        else
          print "what?"
        end
      end
      let n = 1
      print if n == 1 then "one byte" else "${n} bytes"
      """#, prints: "a.example\nbye\nwhat?\none byte"))

  static let choice = BlockHelp(
    summary: "runs the first branch that a value fits",
    synopsis:
      "case VALUE\nis VALUE, VALUE [as NAME]\n  …\nis /REGEX/ [as NAME]\n  …\nis FIRST..LAST\n  …\nelse\n  …\nend",
    details: [
      "VALUE is computed once. Behind `is` a regular expression fits a string that it matches, a range the integers "
        + "in it; what is no string or no number does not fit them. Any other value fits what is `==` to it: to "
        + "compare a string with a number is an error there, too, and only `nil` fits nil.",
      "`as` names the match of a regular expression, else the value. When nothing fits and there is no `else`, "
        + "nothing happens. What stands behind `is` is worked out from top to bottom, as far as it is needed; "
        + "operators looser than `..` stand in parentheses there.",
    ],
    related: ["if", "select", "operators"],
    example: HelpExample(
      #"""
      for command in ["MAIL FROM:<a@b>", "QUIT", "HELP"]
        case command
        is /^MAIL FROM:<(.*)>/ as m
          print m[1]
        is "QUIT", "EXIT"
          print "bye"
        else
          print "what?"
        end
      end
      """#, prints: "a@b\nbye\nwhat?"))

  static let whileLoop = BlockHelp(
    summary: "runs statements again and again while a condition holds",
    synopsis: "while CONDITION [as NAME]\n  …\nend",
    details: [
      "`recv` gives nil at the end of a stream, so `while recv line as text` goes over its lines. `as` behind any "
        + "other condition names its value."
    ],
    related: ["loop", "for", "recv"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      a.send "one\ntwo\n"
      a.close
      while b.recv line as text
        print upper(text)
      end
      """#, prints: "ONE\nTWO"))

  static let forLoop = BlockHelp(
    summary: "runs statements for each element of a list, map, range or string",
    synopsis: "for NAME in VALUES\n  …\nend\n\nfor KEY, NAME in VALUES\n  …\nend",
    details: [
      "Of a map it takes the keys, in the order of insertion; of a string its bytes, as strings. With two names it "
        + "takes the keys and the values of a map (left out are those that are removed on the way); of anything else "
        + "the elements, and in front of each its number, from 0.",
      "`[A, B]` in the place of NAME takes elements apart that are lists of that length.",
    ],
    related: ["loop", "while", "types"],
    example: HelpExample(
      #"""
      for i in 1..3
        print i
      end
      for name, port in {smtp: 25, pop3: 110}
        print name, port
      end
      for at, word in ["a", "b"]
        print at, word
      end
      """#, prints: "1\n2\n3\nsmtp 25\npop3 110\n0 a\n1 b"))

  static let endlessLoop = BlockHelp(
    summary: "runs statements again and again, until `break`",
    synopsis: "loop\n  …\n  break\n  continue\n  …\nend",
    details: ["`break` leaves the innermost `loop`, `while` or `for`; `continue` goes on with its next turn."],
    related: ["while", "for", "serve", "retry"],
    example: HelpExample(
      #"""
      let n = 0
      loop
        n += 1
        if n == 2
          continue
        end
        if n > 3
          break
        end
        print n
      end
      """#, prints: "1\n3"))

  static let function = BlockHelp(
    summary: "declares a function",
    synopsis: "def NAME(A, B = DEFAULT)\n  …\n  return VALUE\nend",
    details: [
      "Without `return` it gives nil. It holds on to the names around it. Behind a dot, `alice.login(…)`, it runs with "
        + "that channel as the current one."
    ],
    related: ["fn", "let", "with", "functions"],
    example: HelpExample(
      #"""
      def greet(name, word = "hello")
        send line "${word} ${name}"
        return recv line
      end
      let [a, b] = socketpair
      b.send line "welcome"
      print a.greet("bob")
      print b.recv line
      """#, prints: "welcome\nhello bob"))

  static let shortFunction = BlockHelp(
    summary: "a function of one expression, as a value",
    synopsis: "fn(A, B = DEFAULT) EXPRESSION",
    details: [
      "It gives what the expression gives, which goes as far to the right as it can, and may be a step. It holds on to "
        + "the names around it, and can be called, kept in a map, returned, or handed to another function.",
    ],
    related: ["def", "map", "filter", "sort", "replace"],
    example: HelpExample(
      #"""
      let area = fn(w, h = w) w * h
      print area(3), area(3, 4)
      let [a, b] = socketpair
      b.framing fn(bytes) if len(bytes) < 2 then nil else 2 + ord(bytes[1])
      a.send "\x01\x03abc\x01\x00"
      print inspect(b.recv message), inspect(b.recv message)
      """#, prints: "9 12\n\"\\x01\\x03abc\" \"\\x01\\0\""))

  static let attempt = BlockHelp(
    summary: "goes on after a step has failed",
    synopsis: "try\n  …\ncatch NAME\n  …\nfinally\n  …\nend\n\ntry EXPRESSION\ntry EXPRESSION else DEFAULT",
    details: [
      "The error has `code`, `message`, `errno`, `file`, `line`, `column`, `channel` and `calls`. `raise e` raises it "
        + "again. `finally` runs in any case.",
      "`try EXPRESSION` gives nil when it fails, or what stands behind `else`, and the error is in `error`. It binds "
        + "tighter than `and` and `or`: `try a or b` is `(try a) or b`. A step is tried with all its arguments.",
    ],
    related: ["raise", "failures", "errors", "defer", "retry"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      try
        b.recv within 10ms
      catch e
        print e.code
      finally
        print "done"
      end
      print try int("many"), error.code
      print try int("many") else 7
      """#, prints: "timeout\ndone\nnil parse\n7"))

  static let deferred = BlockHelp(
    summary: "runs a statement when its function, task, test or script ends, in any case",
    synopsis: "defer STATEMENT",
    details: ["What was deferred last runs first."],
    related: ["try", "close", "exit"],
    example: HelpExample(
      #"""
      defer print "last"
      defer print "second"
      print "first"
      """#, prints: "first\nsecond\nlast"))

  static let withChannel = BlockHelp(
    summary: "makes a channel the current one inside a block",
    synopsis: "with CHANNEL\n  …\nend",
    details: [],
    related: ["channels", "def"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      with a
        send line "one"
        send line "two"
      end
      with b
        print recv line
        print recv line
      end
      """#, prints: "one\ntwo"))

  // MARK: - Time

  static let withinDeadline = BlockHelp(
    summary: "sets one deadline for a step, or for all the steps of a block",
    synopsis: "STEP within DURATION\n\nwithin DURATION\n  …\nend",
    details: [
      "However the bytes trickle in, the time counts from the start of the step or block. Then it fails with `timeout`. "
        + "A `try` around a step inside of the block stops that as it stops any failure; the next step fails again."
    ],
    related: ["deadlines", "timeout", "retry"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      try
        within 30ms
          loop
            a.send "x"
            b.recv within 5s
            sleep 5ms
          end
        end
      catch e
        print e.code
      end
      """#, prints: "timeout"))

  static let retried = BlockHelp(
    summary: "runs a block again until it passes",
    synopsis: "retry within DURATION [every DURATION]\n  …\nend",
    details: [
      "For a server that is still starting. When the time is over, the last failure is told. What the block declares "
        + "is there after its `end`."
    ],
    related: ["connect", "assert", "deadlines"],
    example: HelpExample(
      #"""
      let tries = 0
      retry within 5s every 1ms
        tries += 1
        assert tries == 3
      end
      print tries
      """#, prints: "3"))

  // MARK: - Several at once

  static let task = BlockHelp(
    summary: "starts a task that runs beside this one",
    synopsis: "spawn [as NAME]\n  …\nend",
    details: [
      "It starts when this task next waits. `wait NAME` gives what its `return` did, or fails with its error. The "
        + "error of a task without a name ends the script or test at once. A task costs about 400 bytes and no thread.",
      "A script does not wait for its tasks: behind its last line those that still run are stopped, and what they have "
        + "deferred runs. `wait` for those whose end matters.",
    ],
    related: ["wait", "stop", "serve", "select"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      spawn as answer
        return a.recv line
      end
      b.send line "42"
      print wait answer
      """#, prints: "42"))

  static let server = BlockHelp(
    summary: "accepts connections, for ever or N times, with a task for each",
    synopsis: "[LISTENER.]serve [N]\n  …\nend\n[LISTENER.]serve workers N\n  …\nend",
    details: [
      "In the block `conn` is its connection; it is closed at the block's end. A client that closes or resets ends its "
        + "own connection only, in silence. Another error in the block, as a `type` or what did not match, ends that "
        + "connection, too, and is told on standard error; in a test the test fails. `fail` and `exit` end the script.",
      "`return` is done with this connection before the block's end; what `defer` has put off is done, too.",
      "`serve workers N` serves for ever in N processes (1 to 256), so that N processors work: this one and N - 1 copies "
        + "of it. A copy has all variables as they were, and what it changes in them the others do not see; it has none "
        + "of the other tasks. The system parts the connections between the processes (SO_REUSEPORT; a Unix-domain "
        + "listener is shared). What the script has deferred runs in the first process only. They end together: with "
        + "a signal, with `exit` in any of them, and with an error when one is killed. A script can do this, a test or a "
        + "session not.",
    ],
    related: ["listen", "accept", "spawn"],
    example: HelpExample(
      #"""
      listen 0
      spawn
        serve
          while recv line as text
            send line upper(text)
          end
        end
      end
      connect listener.sockport
      send line "hello"
      print recv line
      """#, prints: "HELLO"))

  static let selection = BlockHelp(
    summary: "waits for the first of several steps that can complete",
    synopsis: "select [all]\nwhen STEP [if CONDITION]\n  …\nwhen after DURATION\n  …\nelse\n  …\nend",
    details: [
      "A step here is accept, recv, expect or wait. Of the cases on one channel the first that can still happen is "
        + "waited for; between channels the first that can complete wins. Only the chosen case takes anything.",
      "`else` runs when all cases of one channel have become impossible. `select all` goes on until each case has "
        + "happened once, in any order.",
      "A datagram of which a case would lose a part, as `recv N` of a longer one, is the error `truncated` at once, if "
        + "no other case takes it and there is no `else`.",
    ],
    related: ["spawn", "expect", "deadlines"],
    example: HelpExample(
      #"""
      let [a, b] = socketpair
      a.send line "-ERR no"
      select
      when b.expect line /^\+OK/
        print "yes"
      when b.expect line /^-ERR (?<why>.*)/ as m
        print m.why
      when after 5s
        print "nothing came"
      end
      """#, prints: "no"))

  // MARK: - Tests

  static let test = BlockHelp(
    summary: "holds a server to one requirement; `sock test` runs it",
    synopsis: "test NAME [must|should|may CITATION] [tags LIST] [timeout DURATION] [todo WHY]\n  …\nend",
    details: [
      "Each test has connections of its own; when it ends, what it opened is closed and what it ran is gone. A step "
        + "that states no time has 5 s, the test 30 s.",
      "A failed `should` is a warning, a failed `may` is noted. In a `for` it is one test for each turn; the name may "
        + "be a text with `${…}`, so that each turn has its own.",
      "Each test finds the file's variables as the top level left them: what an earlier test has set is undone, inside "
        + "of lists and maps, too. The top level itself runs once, before the first test. Only what is no value stays: "
        + "channels, tasks, and what stands outside of the script.",
    ],
    related: ["setup", "tests", "expect", "check"],
    example: HelpExample(
      #"""
      setup
        let [client, server] = socketpair
        spawn
          server.expect line "PING"
          server.send line "+PONG"
        end
      end

      test "it answers PING" must "the protocol, section 1" tags [ping]
        client.send line "PING"
        client.expect line "+PONG"
      end
      """#), isSuite: true)

  static let setup = BlockHelp(
    summary: "runs before each test of the file, which shares its names",
    synopsis: "setup\n  …\nend",
    details: [
      "What it defers runs after the test. The file's functions may use its names, too, when a test calls them; each "
        + "test has them anew, and outside of a test they fail.",
    ],
    related: ["test", "defer", "tests"],
    example: HelpExample(
      #"""
      setup
        listen 0
        connect listener.sockport
        accept as server
        defer log "after the test"
      end

      def reaches(text)
        send text
        server.expect text
      end

      test "they are connected"
        reaches("x")
      end
      """#), isSuite: true)

  // MARK: - Names

  static let declaration = BlockHelp(
    summary: "declares a name, in the file, function, task or loop turn where it stands",
    synopsis: "let NAME = VALUE\nlet [A, B] = LIST\nNAME = VALUE\nSTEP as NAME",
    details: [
      "`=`, `+=` and their like set a declared name. `as` names the result of a step, or the value of a condition, and "
        + "declares the name where that is not done yet. `if`, `case`, `try`, `with`, `within`, `retry` and `select` "
        + "open no scope: what is declared in them is there after their `end`.",
      "A name is declared once where it lives. Branches of which only one runs (those of `if`, `case` and `select`, "
        + "`try` and its `catch`) may each declare it: it is one variable. Names that begin with `_` may be repeated.",
    ],
    related: ["def", "param", "types"],
    example: HelpExample(
      #"""
      let [first, second] = split("one two")
      let count = 1
      count += 1
      print first, second, count
      """#, prints: "one two 2"))

  static let setting = BlockHelp(
    summary: "declares a setting that the command line gives a value",
    synopsis: "param [secret] NAME [= DEFAULT]",
    details: [
      "`--set NAME=VALUE` in front of the script gives one a value, which is converted to the type of the default. "
        + "Without a default it is required, and a string: an address takes it for a port, and `int(port)` makes a "
        + "number of it. A run without it ends with status 2 before anything has run.",
      "Arguments behind the script are values, too: for those `param`s that are not set and not secret, in the order "
        + "of the script. A script that reads `args` has its arguments there instead; `sock test` has paths. "
        + "`sock help FILE` shows a script's `param`s, with the comments behind or above them.",
      "`param target` is what `sock test --target` sets: an address, "
        + "as `mail.example:25` or `tls:mail.example:465`. Where the system does not trust the server's authority, the "
        + "environment variable SSL_CERT_FILE names the file of one that is trusted.",
      "`param client` is what `sock test --client` sets: the command of a program under test, as a list of its words, "
        + "unless the default is a string. See `sock help clients`.",
      "A number is given as a script writes it: `0x10` for an integer, `8KiB` where the default is one or a size, "
        + "`1500ms`, `2m` or `2.5` where it is a duration.",
      "The value of a `param secret` is shown nowhere: three stars stand for it in reports, transcripts, captures and "
        + "messages, in what is printed and logged, and in what a session shows, keeps and saves. So they do for what "
        + "`base64`, `base64url`, `hex` (a blank, colon or hyphen may separate), `urlencode`, `json`, `inspect`, "
        + "`upper` and `lower` make of it, also when that is part of a longer text, in what `hexdump` shows, and in "
        + "transcripts and captures for the pieces that it was sent or read in.",
      "A piece of four bytes or more is hidden too, from the moment that a read cuts it out of what a peer sends. Other "
        + "parts are not followed: what a script makes itself with `pw[0..<6]` or a match's groups is shown if it is less "
        + "than two thirds of the secret, and so are a digest, a key that is made of it, two encodings one upon the "
        + "other but `base64` twice, and pieces of up to three bytes. `stdout.send` and `writefile` write data as it "
        + "is. A secret of up to three bytes is hidden where it stands alone.",
      "Give it as `--secret NAME=env:VARIABLE` or `--secret NAME=file:PATH`, or let its default be `env(\"NAME\")`: a "
        + "command line is seen by all who list the processes. What `--set` gives stands there for a moment, until `sock` "
        + "has overwritten it.",
    ],
    related: ["let", "test", "env"],
    example: HelpExample(
      #"""
      param port = 25
      param host = "localhost"
      print host, port + 1
      """#, prints: "localhost 26"))

  static let importing = BlockHelp(
    summary: "makes the top-level names of another file usable",
    synopsis: "import \"PATH\" as NAME",
    details: [
      "The path is relative to the file that imports. Its functions are called as `NAME.function(…)`; its statements "
        + "run once, before those of this file.",
      "`std:addresses`, `std:dns`, `std:ftp`, `std:hpack`, `std:http`, `std:http2`, `std:imap`, `std:ldap`, "
        + "`std:memcached`, `std:mqtt`, `std:pop3`, `std:postgres`, `std:proxy`, `std:redis`, `std:settings`, `std:sip`, "
        + "`std:smtp`, `std:snmp`, `std:socks`, `std:stun`, `std:syslog`, `std:telnet`, `std:tls` and `std:websocket` are files "
        + "in the program: messages of a protocol, and functions for both of its sides. `sock help std:dns` shows "
        + "what one has.",
    ],
    related: ["def", "param"],
    example: HelpExample(
      #"""
      import "lib/smtp.sock" as smtp
      print smtp.port
      """#, prints: "25"))
}
