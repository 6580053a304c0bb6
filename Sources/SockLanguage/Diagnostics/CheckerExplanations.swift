// What each code of the checker and the loader means, with an example and its cure.

extension CheckerCode {
  package var explanation: ErrorExplanation {
    switch self {
    // MARK: Names
    case .undeclaredName:
      ErrorExplanation(
        "Nothing declares the name before this line, in this block or one around it. `let`, `as`, `param`, `for`, "
          + "`catch` and a function's parameters declare names; a text stands in quotes.",
        causes: "print greeting", cure: "let greeting = \"hello\"\nprint greeting")
    case .unknownFunction:
      ErrorExplanation(
        "There is no function of this name, neither a builtin one (`sock help functions`) nor one that `def` declares.",
        causes: "print length(\"abc\")", cure: "print len(\"abc\")")
    case .alreadyDeclared:
      ErrorExplanation(
        "A name is declared once in its file, function, task, test or turn of a loop; to give it another value, "
          + "leave out the `let`. `if`, `case`, `try`, `with`, `within`, `retry` and `select` open no scope: what is "
          + "declared in them is there after their `end`, so a `let` behind it would be a second one. Branches of "
          + "which only one runs may each declare the name, which is one variable: those of `if`, `case` and "
          + "`select` (of `select all` each runs), `try` and its `catch`. A name that begins with `_` may be declared "
          + "again anywhere.",
        causes: "let n = 1\nlet n = 2\nprint n", cure: "let n = 1\nn = 2\nprint n")
    case .notAssignable:
      ErrorExplanation(
        "Functions, imported files and the names that every script has cannot be set.",
        causes: "args = [\"a\"]", cure: "let words = [\"a\"]\nprint words")
    case .wrongArgumentCount:
      ErrorExplanation(
        "The call has more or fewer arguments than the function takes; the help line shows how it is called.",
        causes: "print upper(\"a\", \"b\")", cure: "print upper(\"a\"), upper(\"b\")")
    case .requiredAfterDefault:
      ErrorExplanation(
        "Arguments are given in order, so a parameter that must be given cannot stand behind one that may be left out.",
        causes: "def greet(word = \"hello\", name)\n  return word + name\nend\nprint greet(\"hi\", \"bob\")",
        cure: "def greet(name, word = \"hello\")\n  return word + name\nend\nprint greet(\"bob\")")
    case .unknownProperty:
      ErrorExplanation(
        "A channel, an address or an error has no property of this name. `sock help properties` lists them.",
        causes: "listen 0 as server\nprint server.port", cure: "listen 0 as server\nprint server.sockport")
    case .propertyCalled:
      ErrorExplanation(
        "A property is read without parentheses.",
        causes: "listen 0 as server\nprint server.sockport()", cure: "listen 0 as server\nprint server.sockport")
    case .methodCall:
      ErrorExplanation(
        "A value has no functions of its own: they get it as their first argument. Behind a dot stand a map's key, a "
          + "property, or, behind a channel, a verb or a `def` that speaks to it.",
        causes: "let s = \"a,b\"\nprint s.split(\",\")", cure: "let s = \"a,b\"\nprint split(s, \",\")")
    case .notAChannel:
      ErrorExplanation(
        "The verb speaks to a channel, or to a task or process, and this value is none. A deadline stands behind `within`.",
        causes: "listen 0\naccept 100ms", cure: "listen 0\naccept within 100ms")
    case .fieldCount:
      ErrorExplanation(
        "`unpack` gives a value for each field of its format, and `pack` wants one, so there are as many as fields. A field "
          + "that is not needed is called `_`; all that follows and does not matter is `..`. Fields with names make a map.",
        causes: "let [kind, size] = unpack(\"u8 u16 rest\", x\"01 00 02 41 42\")\nprint kind, size",
        cure: "let [kind, size] = unpack(\"u8 u16 ..\", x\"01 00 02 41 42\")\nprint kind, size")
    case .wrongFormat:
      ErrorExplanation(
        "The first argument of `pack` and `unpack` is a format: fields with blanks between them, each a type, with a name "
          + "and a colon in front if it is to have one. `sock help unpack` lists the types.",
        causes: "let r = unpack(\"version:b3 kind:b4 size:u16\", x\"50 00 02\")\nprint r",
        cure: "let r = unpack(\"version:b3 kind:b5 size:u16\", x\"50 00 02\")\nprint r")
    case .wrongMessage:
      ErrorExplanation(
        "A line of a `message` is a name, a type, and what the field is where nothing else is said. Bits fill whole bytes; "
          + "a size, a condition and a choice depend on fields in front of it. `sock help message` lists the types.",
        causes: "message Head\n  version bits 3\n  size u16\nend\nprint encode(Head, {version: 2})",
        cure: "message Head\n  version bits 3\n  _ bits 5\n  size u16\nend\nprint hex(encode(Head, {version: 2}))")
    case .unknownField:
      ErrorExplanation(
        "The declaration of the message has no field of this name.",
        causes: "message Ping\n  id u16\nend\nlet [a, b] = socketpair\na.send Ping {ident: 7}",
        cure: "message Ping\n  id u16\nend\nlet [a, b] = socketpair\na.send Ping {id: 7}")
    case .bareAddressVariable:
      ErrorExplanation(
        "A bare address is text, as `localhost:25` is. A variable in it is written `${name}`.",
        causes: "let host = \"127.0.0.1\"\nlet port = 1\nprint try connect host:port",
        cure: "let host = \"127.0.0.1\"\nlet port = 1\nprint try connect ${host}:${port}")
    case .dollarInText:
      ErrorExplanation(
        "In a string `${name}` is the variable. `$name` is text, which is rarely meant where a variable has that name.",
        causes: "let name = \"bob\"\nprint \"hello $name\"", cure: "let name = \"bob\"\nprint \"hello ${name}\"")
    case .optionWordName:
      ErrorExplanation(
        "A warning: alone behind a verb that takes the word, it is the option, though there is a variable of that "
          + "name. Put the variable in parentheses, or take another name.",
        causes: "let line = 5\nprint stdin.recv line", cure: "let line = 5\nprint stdin.recv (line)")
    case .shadowedCurrent:
      ErrorExplanation(
        "A warning: a channel with a name of its own does not become the current one, so after `as conn` a bare `send` "
          + "does not speak to it. Without `as` it becomes `conn` by itself.",
        causes: "listen 0\nconnect listener.sockport as conn", cure: "listen 0\nconnect listener.sockport")

    // MARK: Imports
    case .importAsValue:
      ErrorExplanation(
        "The name of an imported file is a prefix for its names, no value of its own.",
        causes: "import \"lib/smtp.sock\" as smtp\nprint smtp",
        cure: "import \"lib/smtp.sock\" as smtp\nprint smtp.port")
    case .unknownExport:
      ErrorExplanation(
        "The imported file declares no such name at its top level.",
        causes: "import \"lib/smtp.sock\" as smtp\nprint smtp.prot",
        cure: "import \"lib/smtp.sock\" as smtp\nprint smtp.port")
    case .importUnreadable:
      ErrorExplanation(
        "The file cannot be read. A path is relative to the file that imports it, not to the folder where `sock` runs.",
        causes: "import \"lib/smpt.sock\" as smtp", cure: "import \"lib/smtp.sock\" as smtp")
    case .importCycle:
      ErrorExplanation(
        "Two files import each other, or a file itself. Move what both need into a third one.",
        causes: "import \"main.sock\" as self_again", cure: "import \"lib/smtp.sock\" as smtp")
    case .importTooDeep:
      ErrorExplanation(
        withoutExample: "Files import files that import files, too many levels deep. Import what is needed nearer to "
          + "the main file.")

    // MARK: Placement
    case .misplaced:
      ErrorExplanation(
        "`test`, `setup`, `param` and `import` are about the file, so they stand at its top level. A `test` may also "
          + "stand in a `for` or `if` there.",
        causes: "def f()\n  param port = 25\n  return port\nend\nprint f()",
        cure: "param port = 25\ndef f()\n  return port\nend\nprint f()")
    case .returnOutsideFunction:
      ErrorExplanation(
        "`return` gives the result of a `def` or of a `spawn`, and is done with a connection in `serve`. A script ends with `exit`, a test with `skip` or "
          + "`fail`, a loop with `break`.",
        causes: "print 1\nreturn", cure: "print 1\nexit")
    case .outsideLoop:
      ErrorExplanation(
        "`break` and `continue` belong to the innermost `for`, `while` or `loop`. A `def`, `spawn`, `serve` or `test` "
          + "in it runs apart and cannot leave it.",
        causes: "if 1 < 2\n  break\nend", cure: "loop\n  if 1 < 2\n    break\n  end\nend")
    case .secondSetup:
      ErrorExplanation(
        "A file has one `setup`, which runs before each of its tests.",
        causes: "setup\n  let a = 1\nend\nsetup\n  let b = 2\nend\ntest \"sum\"\n  assert a + b == 3\nend",
        cure: "setup\n  let a = 1\n  let b = 2\nend\ntest \"sum\"\n  assert a + b == 3\nend")
    case .duplicateTest:
      ErrorExplanation(
        "Reports and baselines know a test by its name, so each test of a file has its own.",
        causes: "test \"greets\"\n  assert 1 < 2\nend\ntest \"greets\"\n  assert 2 < 3\nend",
        cure: "test \"greets\"\n  assert 1 < 2\nend\ntest \"greets again\"\n  assert 2 < 3\nend")
    case .selectWithoutCase:
      ErrorExplanation(
        "`select` waits for one of its cases, and has none.",
        causes: "select\nelse\n  print 1\nend", cure: "select\nwhen after 1ms\n  print 1\nend")
    case .caseWithoutBranch:
      ErrorExplanation(
        "`case` compares a value with those of its branches, and has none.",
        causes: "case args\nelse\n  print 1\nend", cure: "case args\nis []\n  print 0\nelse\n  print 1\nend")
    case .secondAfter:
      ErrorExplanation(
        "Of two `when after` the shorter always comes first.",
        causes: "select\nwhen after 1ms\n  print 1\nwhen after 2ms\n  print 2\nend",
        cure: "select\nwhen after 1ms\n  print 1\nend")
    case .caseNotSelectable:
      ErrorExplanation(
        "A case of `select` must be able to wait without taking anything: `accept`, `recv`, `expect` and `wait` can.",
        causes: "select\nwhen sleep 1ms\n  print 1\nend", cure: "select\nwhen after 1ms\n  print 1\nend")
    case .deadlineInCase:
      ErrorExplanation(
        "All cases of a `select` wait together, so it has one deadline: `when after DURATION`.",
        causes: "listen 0\nselect\nwhen accept within 1ms\n  print 1\nend",
        cure: "listen 0\nselect\nwhen accept\n  print 1\nwhen after 1ms\n  print \"nobody came\"\nend")

    // MARK: Values
    case .constantCondition:
      ErrorExplanation(
        "Only `nil` and `false` are false: 0, \"\" and [] are true. Compare the value with something.",
        causes: "let n = 0\nif 0\n  print n\nend", cure: "let n = 0\nif n != 0\n  print n\nend")
    case .comparisonTypes:
      ErrorExplanation(
        "Values of two types are never equal, so comparing them is a mistake and not false. Convert one: `int(text)`.",
        causes: "print \"220\" == 220", cure: "print int(\"220\") == 220")
    case .operandTypes:
      ErrorExplanation(
        "The operator does not go with values of these types, and nothing is converted silently.",
        causes: "print \"port \" + 25", cure: "print \"port ${25}\"")
    case .divisionByZero:
      ErrorExplanation("The divisor is 0.", causes: "print 1 / 0", cure: "print 1 / 2")
    case .portRange:
      ErrorExplanation("Ports are numbers from 0 to 65535.", causes: "listen 70000", cure: "listen 0")
    case .durationType:
      ErrorExplanation(
        "A duration is a number of seconds: `5s`, `200ms`, or `0.2`.", causes: "sleep \"10ms\"", cure: "sleep 10ms")
    case .countType:
      ErrorExplanation(
        "`recv N` receives N bytes at most. To go up to a text, write `recv until`.",
        causes: "let [a, b] = socketpair\na.send \"login: \"\nb.recv \"login: \"",
        cure: "let [a, b] = socketpair\na.send \"login: \"\nb.recv until \"login: \"")
    case .patternType:
      ErrorExplanation(
        "A pattern is a string, matched byte for byte, or a regex.",
        causes: "let [a, b] = socketpair\na.send line \"220\"\nb.expect line 220",
        cure: "let [a, b] = socketpair\na.send line \"220\"\nb.expect line \"220\"")
    case .notIterable:
      ErrorExplanation(
        "`for` goes over a list, a map's keys, a range or a string's bytes.",
        causes: "for i in 3\n  print i\nend", cure: "for i in 1..3\n  print i\nend")
    case .stringLooksLikeRegex:
      ErrorExplanation(
        "A string in `expect` is matched byte for byte, so `\"^220\"` wants a `^`. A regex stands between slashes. A "
          + "string that is meant as it stands is written in single quotes.",
        causes: "let [a, b] = socketpair\na.send \"220 ready\"\nb.expect \"^220\"",
        cure: "let [a, b] = socketpair\na.send \"220 ready\"\nb.expect /^220/")
    case .stringForRegex:
      ErrorExplanation(
        "`=~` and `!~` match a regex. A text is looked for with `in`.",
        causes: "print \"abc\" =~ \"b\"", cure: "print \"b\" in \"abc\"")
    case .regexFlag:
      ErrorExplanation(
        "The flags are `i` (upper and lower case alike), `m` (`^` and `$` at each line), `s` (`.` also a newline) and "
          + "`x` (blanks and comments inside).",
        causes: "print replace(\"a-a\", /a/g, \"b\")", cure: "print replace(\"a-a\", /a/, \"b\")")
    case .regexSyntax:
      ErrorExplanation(
        "PCRE2 cannot compile the regex. A mark that stands for itself wants a `\\` before it.",
        causes: "print \"a(b\" =~ /a(b/", cure: "print \"a(b\" =~ /a\\(b/")
    case .tooManyComplaints:
      ErrorExplanation(
        withoutExample: "The checker stops after \(Limits.diagnostics) complaints. Mend the first ones and check "
          + "again.")

    // MARK: Only in `sock check`
    case .unusedName:
      ErrorExplanation(
        "A warning: the name is declared and never read, so it is left over or another one is meant. A name that begins "
          + "with `_` may be unused, and so may a variable of the file in capitals, as the numbers of a protocol are.",
        causes: "let size = 3\nlet sise = 4\nprint size", cure: "let size = 3\nprint size")
    case .shadowedName:
      ErrorExplanation(
        "A warning: inside the block the name stands for something else than outside, and what is set inside is lost "
          + "behind it. A variable may be named like a builtin function as long as it is not called.",
        causes: "let n = 1\nfor i in 1..2\n  let n = i\n  print n\nend\nprint n",
        cure: "let n = 1\nfor i in 1..2\n  n = i\n  print n\nend\nprint n")
    case .unreachable:
      ErrorExplanation(
        "A warning: every way to this line leaves before it, by `return`, `break`, `exit`, a verdict, or a loop without "
          + "an end.",
        causes: "def f()\n  return 1\n  print \"done\"\nend\nprint f()",
        cure: "def f()\n  print \"done\"\n  return 1\nend\nprint f()")
    case .endlessInTest:
      ErrorExplanation(
        "A warning: nothing in the test leaves the loop, so the test can only fail or run into its deadline.",
        causes: "listen 0\ntest \"it serves\"\n  serve\n    send line \"hello\"\n  end\nend",
        cure: "listen 0\ntest \"it serves\"\n  serve 1\n    send line \"hello\"\n  end\nend")
    case .deadlineBeyondTest:
      ErrorExplanation(
        "A warning: the test's own deadline (30 s, or what its `timeout` says) comes before this one, so a failure "
          + "here would not tell what was waited for.",
        causes: "connect localhost:25\ntest \"it answers\" timeout 2s\n  expect line \"ok\" within 5s\nend",
        cure: "connect localhost:25\ntest \"it answers\" timeout 10s\n  expect line \"ok\" within 5s\nend")
    case .insecureInTest:
      ErrorExplanation(
        "A warning: with `insecure` any certificate will do, so the test passes also where the server shows a wrong "
          + "one, and at a server that is not meant.",
        causes: "test \"it speaks TLS\"\n  connect tls:localhost:443 insecure\n  expect line /^220 /\nend",
        cure: "param ca = \"/etc/mail/authority.pem\"\ntest \"it speaks TLS\"\n"
          + "  connect tls:localhost:443 ca ca\n  expect line /^220 /\nend")
    case .neverMatches:
      ErrorExplanation(
        "A warning: no bytes can match the pattern. A line comes without its line end, and `^` and `$` hold only at "
          + "the ends of the text.",
        causes: "connect localhost:25\nexpect line \"220 ready\\r\\n\"",
        cure: "connect localhost:25\nexpect line \"220 ready\"")
    case .alwaysMatches:
      ErrorExplanation(
        "A warning: the pattern matches whatever comes, so the step cannot fail.",
        causes: "connect localhost:25\nexpect line /.*/", cure: "connect localhost:25\nexpect line")
    case .openEndedRegex:
      ErrorExplanation(
        "A warning: `expect` waits until no further byte could lengthen the match, here until a byte comes that cannot "
          + "belong to it, or until the deadline. End the pattern with what follows.",
        causes: "connect localhost:25\nexpect /:\\d+/", cure: "connect localhost:25\nexpect /:\\d+\\r\\n/")
    case .partialRead:
      ErrorExplanation(
        "A warning: a stream keeps no boundaries, so `recv N` may give the first part of what the peer has sent. The "
          + "test passes until the network cuts it otherwise.",
        causes: "connect localhost:25\ntest \"it greets\"\n  assert (recv 1024) == \"hello\"\nend",
        cure: "connect localhost:25\ntest \"it greets\"\n  expect \"hello\"\nend")
    case .lostGroups:
      ErrorExplanation(
        "A warning: `recv until` gives what stands before its pattern, a string. `m[1]` is the second byte of that, and no "
          + "group of the pattern. `expect` gives a match.",
        causes: "connect localhost:25\nrecv until /pid (\\d+)\\r\\n/ as m\nprint m[1]",
        cure: "connect localhost:25\nrecv until \"pid \"\nexpect /(\\d+)\\r\\n/ as m\nprint m[1]")
    case .readAfterEnd:
      ErrorExplanation(
        "A warning: a step above has found the end of this stream, so nothing can come any more.",
        causes: "connect localhost:25\nexpect eof\nexpect line \"bye\"",
        cure: "connect localhost:25\nexpect line \"bye\"\nexpect eof")
    case .caseNeverChosen:
      ErrorExplanation(
        "A warning: of two cases of a `select` that can both happen the upper one is chosen, and all that this one "
          + "takes the upper one takes, too. In a `case`: a value stands behind an `is` further up already.",
        causes: "connect localhost:25\nselect\nwhen expect line\n  print 1\nwhen expect line \"OK\"\n  print 2\nend",
        cure: "connect localhost:25\nselect\nwhen expect line \"OK\"\n  print 2\nwhen expect line\n  print 1\nend")
    case .lostConnection:
      ErrorExplanation(
        "A warning: a task has one current connection. `accept` makes its own the current one, and the one before, "
          + "which has no name, is closed: its peer sees the end at once.",
        causes: "listen 0\nconnect listener.sockport\naccept\nsend \"hello\"",
        cure: "listen 0\nconnect listener.sockport as client\naccept as server\nserver.send \"hello\"\n"
          + "client.expect \"hello\"")
    case .taskNeverRuns:
      ErrorExplanation(
        "A warning: a task starts when the one that has started it waits, and a script or test does not wait for its "
          + "tasks at its end.",
        causes: "spawn\n  print \"hello\"\nend", cure: "spawn as task\n  print \"hello\"\nend\nwait task")
    case .resultUnused:
      ErrorExplanation(
        "A warning: functions on strings and lists give a new one and leave theirs as it was, but `push`, `pop`, `shift`, "
          + "`insert` and `remove`.",
        causes: "let list = [2, 1]\nsort(list)\nprint list", cure: "let list = [2, 1]\nlist = sort(list)\nprint list")
    case .noShell:
      ErrorExplanation(
        "A warning: `run` splits its command into words as a shell does, and starts the program with them. Pipes, "
          + "redirections, `*`, `~`, `$NAME` and `NAME=VALUE` are a shell's: start one, or write `${…}` for a value of "
          + "the script and `env` for what the program has in its environment.",
        causes: "run \"ls *.sock | wc -l\"\nprint recv line",
        cure: "run [\"sh\", \"-c\", \"ls *.sock | wc -l\"]\nprint recv line")
    case .unknownWarning:
      ErrorExplanation(
        "A comment `# sock: allow CODE` silences a warning of its line or the next one. Its code is none of a warning.",
        causes: "let spare = 1 # sock: allow unusedname", cure: "let spare = 1 # sock: allow unused-name")
    case .tooManyWarnings:
      ErrorExplanation(
        withoutExample: "`sock check` stops after \(Limits.diagnostics) warnings. See to the first ones and check again.")
    }
  }
}
