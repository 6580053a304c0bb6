// What each code of the parser means, with an example and its cure.

extension SyntaxCode {
  package var explanation: ErrorExplanation {
    switch self {
    // MARK: The file as a whole
    case .sourceTooLarge:
      ErrorExplanation(
        withoutExample: "A script has at most \(Limits.sourceBytes >> 20) MiB. Read large data with `readfile(path)` "
          + "instead of writing it into the script.")
    case .notText:
      ErrorExplanation(
        withoutExample: "The file holds a zero byte, so it is no text: perhaps a program or an archive, or text that was "
          + #"saved as UTF-16 and is to be UTF-8. In a string a zero byte is written `\0`."#)
    case .notUTF8:
      ErrorExplanation(
        withoutExample: #"A script is UTF-8. Save the file as that; a single byte is written `\xHH` in a string."#)
    case .tooManyErrors:
      ErrorExplanation(
        withoutExample: "After \(Limits.diagnostics) errors the rest of a file is not looked at. Mend the first ones "
          + "and check again: later ones often follow from them.")
    case .tooDeep:
      ErrorExplanation(
        withoutExample: "Blocks and expressions stand in each other more than \(Limits.nesting) levels deep. Give "
          + "inner expressions names with `let`, and inner blocks functions of their own.")

    // MARK: Characters and words
    case .unexpected:
      ErrorExplanation(
        "Something else is due at the marked place; the message says what. Often a word of another language stands "
          + "there.",
        causes: "for x of [1, 2]\n  print x\nend", cure: "for x in [1, 2]\n  print x\nend")
    case .unknownCharacter:
      ErrorExplanation(
        "The character has no meaning outside of strings and comments. Names are made of letters A to Z, digits and "
          + "`_`.",
        causes: "let größe = 3\nprint größe", cure: "let groesse = 3\nprint groesse")
    case .smartQuote:
      ErrorExplanation(
        "A word processor or a web page has made the quotes typographic. Strings stand between plain ones.",
        causes: "print “hello”", cure: #"print "hello""#)
    case .dollarName:
      ErrorExplanation(
        "A `$` stands only in strings, where `${name}` puts a value in. Elsewhere a name is written as it is.",
        causes: "let port = 25\nprint $port", cure: "let port = 25\nprint port")
    case .slashComment:
      ErrorExplanation(
        "A comment starts with `#` and goes to the end of the line.",
        causes: "print 1 // one", cure: "print 1  # one")
    case .reservedName:
      ErrorExplanation(
        "Verbs and block words are reserved: a line that starts with one is a step, so no variable can have its name.",
        causes: "let send = 1\nprint send", cure: "let sent = 1\nprint sent")

    // MARK: Literals
    case .badNumber:
      ErrorExplanation(
        "Integers have 64 bits, and are decimal, `0x…` or `0b…`. The units are "
          + "\(NumberLiteral.units.joined(separator: " ")).",
        causes: "print 5sec", cure: "print 5s")
    case .leadingPoint:
      ErrorExplanation(
        "A number starts with a digit; a point in front would be a property's.", causes: "print .5", cure: "print 0.5")
    case .unclosedString:
      ErrorExplanation(
        #"A string ends on the line where it starts. Text of several lines stands between `"""`, or has `\n` in it."#,
        causes: #"print "hello"#, cure: #"print "hello""#)
    case .unclosedRegex:
      ErrorExplanation(
        #"A regular expression ends with `/` on its line. A slash inside is written `\/`."#,
        causes: #"print "ab" =~ /a"#, cure: #"print "ab" =~ /a/"#)
    case .unknownEscape:
      ErrorExplanation(
        #"The escapes are `\r \n \t \0 \e \\ \" \$ \xHH \u{H…}`. A backslash that is text is written `\\`, or the "#
          + #"string in single quotes."#,
        causes: #"print "C:\dir""#, cure: #"print 'C:\dir'"#)
    case .badHexEscape:
      ErrorExplanation(
        #"`\x` is one byte: two hexadecimal digits follow, always."#, causes: #"print "\x9""#, cure: #"print "\x09""#)
    case .badUnicodeEscape:
      ErrorExplanation(
        #"`\u` is a character by its number, in braces; it becomes its UTF-8 bytes."#,
        causes: #"print "\u00e9""#, cure: #"print "\u{e9}""#)
    case .badHexString:
      ErrorExplanation(
        #"`x"…"` holds bytes as pairs of hexadecimal digits, with blanks wherever they help."#,
        causes: #"print len(x"16 3 01")"#, cure: #"print len(x"16 03 01")"#)
    case .emptyHole:
      ErrorExplanation(
        #"`${…}` in a string holds an expression. The two characters as text are written `\${`."#,
        causes: #"print "costs ${}""#, cure: #"print "costs ${1 + 1}""#)
    case .unclosedHole:
      ErrorExplanation(
        "The expression in `${…}` ends with `}` before the string does.",
        causes: #"print "two: ${1 + 1""#, cure: #"print "two: ${1 + 1}""#)
    case .unclosedBlockString:
      ErrorExplanation(
        #"Text that starts with `"""` goes on until a line with `"""` alone."#,
        causes: #"""
          print """
            hello
          """#,
        cure: #"""
          print """
            hello
            """
          """#)
    case .blockStringLayout:
      ErrorExplanation(
        #"The text of a `"""` string begins on the next line, "#
          + "and the closing quotes have a line of their own: so each line of it ends with a newline.",
        causes: #"""
          print """hello
            """
          """#,
        cure: #"""
          print """
            hello
            """
          """#)
    case .blockStringIndentation:
      ErrorExplanation(
        "The blanks in front of the closing quotes are removed from every line, so each line must start with them.",
        causes: #"""
          print """
            one
           two
            """
          """#,
        cure: #"""
          print """
            one
            two
            """
          """#)

    // MARK: Brackets and operators
    case .unclosedBracket:
      ErrorExplanation(
        "A bracket is open at the end of the file. Lines inside brackets are one statement, so it may start far above.",
        causes: "print max(1, 2", cure: "print max(1, 2)")
    case .bracketExpected:
      ErrorExplanation(
        "Inside a bracket something stands that neither continues nor closes it; most often a comma is missing.",
        causes: "print [1 2]", cure: "print [1, 2]")
    case .strayBracket:
      ErrorExplanation("A bracket closes that was never opened.", causes: "print 1)", cure: "print (1)")
    case .operandExpected:
      ErrorExplanation(
        "A value is due, but an operator or the end of the bracket comes.",
        causes: "print 1 + * 2", cure: "print 1 + 2")
    case .operandMissing:
      ErrorExplanation(
        "The statement ends behind an operator. A line goes on only when something follows it.",
        causes: "print 1 +", cure: "print 1 + 2")
    case .notAsOperand:
      ErrorExplanation(
        "`not` and `try` bind looser than comparison: `not a == b` is `not (a == b)`. As a side of one, or behind a verb "
          + "that takes an operand, they stand in parentheses; so does `if … then … else …`.",
        causes: "print false == not true", cure: "print false == (not true)")
    case .shortFunction:
      ErrorExplanation(
        "`fn(a, b) a < b` is a value: a function without a name, which gives the one expression behind its parameters. "
          + "A function with a name, or of several lines, is declared with `def`.",
        causes: "fn double(n)\n  return n * 2\nend", cure: "let double = fn(n) n * 2\nprint double(4)")
    case .choiceWithoutElse:
      ErrorExplanation(
        "`if … then A else B` is a value, and it has one in any case. What is done only where a condition holds is the "
          + "statement `if …` with its lines and `end`.",
        causes: "let port = if args[0] == \"tls\" then 443", cure: "let port = if args[0] == \"tls\" then 443 else 80")
    case .choiceAsStatement:
      ErrorExplanation(
        "Where a statement begins, `if` opens a block: its lines, perhaps `else` and more of them, and `end`. "
          + "`if … then … else …` is a value: it stands behind `=`, `return`, `print`, or in parentheses.",
        causes: "let n = 3\nif n > 2 then print \"many\" else print \"few\"",
        cure: "let n = 3\nprint if n > 2 then \"many\" else \"few\"")
    case .elseBehindValue:
      ErrorExplanation(
        "`try EXPRESSION else DEFAULT`: `try` binds tighter than `and` and `or`, so what it tries ends before them, and "
          + "`else` follows at once. To try the whole of it, put it in parentheses.",
        causes: "let a = nil\nprint try a or int(\"x\") else 0", cure: "let a = nil\nprint try (a or int(\"x\")) else 0")
    case .chainedComparison:
      ErrorExplanation(
        "`a < b < c` would compare a boolean with a number. Write both comparisons.",
        causes: "let n = 5\nprint 1 < n < 9", cure: "let n = 5\nprint 1 < n and n < 9")
    case .lopsidedMinus:
      ErrorExplanation(
        "`a -1` could be two values or a difference. Between two operands `-` has a blank on both sides or on neither.",
        causes: "let n = 5\nprint n -1", cure: "let n = 5\nprint n - 1")
    case .foreignOperator:
      ErrorExplanation(
        "The operator is another language's. Here it is a word or another mark; the help line says which.",
        causes: "print true && false", cure: "print true and false")
    case .increment:
      ErrorExplanation(
        "There is `+=` and `-=`, but no `++`.", causes: "let n = 1\nn++\nprint n",
        cure: "let n = 1\nn += 1\nprint n")
    case .memberExpected:
      ErrorExplanation(
        "A property or verb touches the dot in front of it.",
        causes: "listen 0 as server\nprint server. sockport", cure: "listen 0 as server\nprint server.sockport")

    // MARK: Steps
    case .verbAsOperand:
      ErrorExplanation(
        "A step takes the rest of its line, so as a part of another it stands in parentheses.",
        causes: "connect localhost:25\nlet text = \"got \" + recv line\nprint text",
        cure: "connect localhost:25\nlet text = \"got \" + (recv line)\nprint text")
    case .stepBesideOperator:
      ErrorExplanation(
        "`recv 1 == \"x\"` would receive as many bytes as `1 == \"x\"` says. Put the step in parentheses.",
        causes: "let [a, b] = socketpair\na.send \"x\"\nif b.recv 1 == \"x\"\n  print \"yes\"\nend",
        cure: "let [a, b] = socketpair\na.send \"x\"\nif (b.recv 1) == \"x\"\n  print \"yes\"\nend")
    case .verbCalled:
      ErrorExplanation(
        "Verbs act and are written without parentheses; functions compute and are called with them.",
        causes: "print(\"a\", \"b\")", cure: "print \"a\", \"b\"")
    case .unknownVerb:
      ErrorExplanation(
        "A line starts with a verb, a block word, a name that is set, or a call. This word is none of them; "
          + "`sock help verbs` lists the verbs.",
        causes: "lisen 0", cure: "listen 0")
    case .spaceBeforeCall:
      ErrorExplanation(
        "The bracket of a call or an index touches what it follows: `f (x)` would be two values.",
        causes: "print len (\"abc\")", cure: "print len(\"abc\")")
    case .argumentMissing:
      ErrorExplanation(
        "The option word takes a value, which does not follow.", causes: "listen 0 backlog", cure: "listen 0 backlog 5")
    case .dataMissing:
      ErrorExplanation(
        "The verb needs a value to act on. When the only value is a name that is also an option of the verb, it is "
          + "taken as the option: put it in parentheses.",
        causes: "sleep", cure: "sleep 10ms")
    case .dataExcluded:
      ErrorExplanation(
        "With this option the verb takes no value of its own: `recv all` goes to the end, however many bytes that is.",
        causes: "stdin.recv all 10", cure: "stdin.recv 10")
    case .extraOperand:
      ErrorExplanation(
        "The verb takes one value. A second one was perhaps meant as an option, or the two are parts of one value.",
        causes: "sleep 1ms 2ms", cure: "sleep 1ms + 2ms")
    case .commaMissing:
      ErrorExplanation(
        "Values of `print`, `log`, `assert` and `check`, elements and pairs are separated by commas.",
        causes: "print 1 2", cure: "print 1, 2")
    case .unknownOption:
      ErrorExplanation(
        "The verb has no such option; `sock help VERB` lists those that it has.",
        causes: "listen 0 backlogg 5", cure: "listen 0 backlog 5")
    case .optionsExclude:
      ErrorExplanation(
        "The two options contradict each other.",
        causes: "socket inet inet6 as s", cure: "socket inet as s")
    case .optionNeeds:
      ErrorExplanation(
        "The option means something only beside another one.",
        causes: "stdin.recv keep", cure: "stdin.recv line keep")
    case .optionMissing:
      ErrorExplanation(
        "The verb must be told which way.",
        causes: "connect localhost:25\nshutdown", cure: "connect localhost:25\nshutdown write")
    case .repeatedWord:
      ErrorExplanation("An option is given twice.", causes: "listen 0 reuse reuse", cure: "listen 0 reuse")
    case .noDeadline:
      ErrorExplanation(
        "`within` limits how long a step waits, and this verb never waits.",
        causes: "listen 0 within 5s", cure: "listen 0\naccept within 5s")
    case .noResult:
      ErrorExplanation(
        "`as` names a step's result, and this verb has none.", causes: "print 1 as x",
        cure: "let x = 1\nprint x")
    case .verbWithoutChannel:
      ErrorExplanation(
        "Before the dot stands the channel that a verb speaks to, and this verb speaks to none. To write to standard "
          + "output as a channel, send to it.",
        causes: "stdout.print \"x\"", cure: "stdout.send \"x\\n\"")
    case .addressWithoutPort:
      ErrorExplanation(
        "A bare address has host and port. An integer alone is a port on this machine.",
        causes: "connect example.org", cure: "connect example.org:25")
    case .foreignAddress:
      ErrorExplanation(
        "An address is no URL and no path: it is HOST:PORT, with `udp:` or `tls:` before it where that is meant, or "
          + "`unix:PATH`. What a protocol puts behind that, as the path of an HTTP request, the script sends itself.",
        causes: "connect https://example.org/", cure: "connect tls:example.org:443")

    // MARK: Statements
    case .letWithoutValue:
      ErrorExplanation("`let` gives its name a value.", causes: "let answer", cure: "let answer = nil\nprint answer")
    case .importPath:
      ErrorExplanation(
        "The whole program is checked before it runs, so the path of an import is a plain string.",
        causes: "import smtp as smtp", cure: #"import "lib/smtp.sock" as smtp"#)
    case .settingAssigned:
      ErrorExplanation(
        "`timeout`, `eol` and the like are verbs: the value follows without `=`.",
        causes: "timeout = 5s", cure: "timeout 5s")
    case .unitApart:
      ErrorExplanation("A unit touches its number.", causes: "sleep 5 ms", cure: "sleep 5ms")
    case .badTarget:
      ErrorExplanation(
        "On the left of `=` stands what can be set: a name, `list[i]`, `map.key` or `[a, b]`.",
        causes: "let a = 1\n1 = a", cure: "let a = 1\na = 1\nprint a")
    case .valueUnused:
      ErrorExplanation(
        "The line computes a value and does nothing with it. To look at it, print it; to require it, assert it.",
        causes: "1 + 1 == 2", cure: "assert 1 + 1 == 2")
    case .assignmentInCondition:
      ErrorExplanation(
        "A condition compares with `==`; `=` sets.",
        causes: "let n = 1\nif n = 1\n  print \"one\"\nend", cure: "let n = 1\nif n == 1\n  print \"one\"\nend")
    case .commaInStatement:
      ErrorExplanation(
        "Several names at once are set from a list, in brackets.",
        causes: "let a, b = [1, 2]\nprint a, b", cure: "let [a, b] = [1, 2]\nprint a, b")

    // MARK: Blocks
    case .postfixIf:
      ErrorExplanation(
        "A condition stands before what depends on it, on a line of its own.",
        causes: "print \"yes\" if 1 < 2", cure: "if 1 < 2\n  print \"yes\"\nend")
    case .unclosedBlock:
      ErrorExplanation(
        "Each block closes with an `end` of its own. The note points to an `end` that was probably meant for another "
          + "one.",
        causes: "for i in 1..3\n  print i", cure: "for i in 1..3\n  print i\nend")
    case .strayEnd:
      ErrorExplanation(
        "There is an `end` more than there are blocks. `elif`, `else`, `catch` and `when` continue a block and need "
          + "none.",
        causes: "print 1\nend", cure: "print 1")
    case .endOnOwnLine:
      ErrorExplanation(
        "`end` is a statement: it has its own line, or stands behind `;`.",
        causes: "loop\n  break end", cure: "loop\n  break\nend")
    case .misplacedWord:
      ErrorExplanation(
        "The word continues a block of another kind than the one that is open here.",
        causes: "loop\n  break\nelse\n  print 1\nend", cure: "if 1 < 2\n  print 2\nelse\n  print 1\nend")
    case .elseIf:
      ErrorExplanation(
        "`else if` is written `elif`; one `end` closes all of it.",
        causes: "let n = 1\nif n == 0\n  print 0\nelse if n == 1\n  print 1\nend",
        cure: "let n = 1\nif n == 0\n  print 0\nelif n == 1\n  print 1\nend")
    case .foreignWord:
      ErrorExplanation(
        "The word is another language's; the help line says how it is written here.",
        causes: "let n = 1\nif n == 0\n  print 0\nelsif n == 1\n  print 1\nend",
        cure: "let n = 1\nif n == 0\n  print 0\nelif n == 1\n  print 1\nend")
    case .headWord:
      ErrorExplanation(
        "The line end closes a block's head: no `then`, `do` or `:`.",
        causes: "if 1 < 2 then\n  print 1\nend", cure: "if 1 < 2\n  print 1\nend")
    case .braceBlock:
      ErrorExplanation(
        "A block begins on the line after its head and closes with `end`.",
        causes: "if 1 < 2 {\n  print 1\n}", cure: "if 1 < 2\n  print 1\nend")
    case .strayBrace:
      ErrorExplanation(
        "A block closes with `end`, not with `}`.", causes: "loop\n  break\n}", cure: "loop\n  break\nend")
    case .blockOnLine:
      ErrorExplanation(
        "A block begins on the line after its head. On one line, as with `-e`, a `;` separates them.",
        causes: "let n = 1\nif n == 1 print n end", cure: "let n = 1\nif n == 1; print n; end")
    case .countingFor:
      ErrorExplanation(
        "`for` goes over the elements of a list, map, range or string.",
        causes: "for (let i = 0; i < 3; i++)\n  print i\nend", cure: "for i in 0..<3\n  print i\nend")
    case .retryWithoutWithin:
      ErrorExplanation(
        "`retry` would go on for ever; say for how long.",
        causes: "retry\n  print 1\nend", cure: "retry within 5s\n  print 1\nend")
    case .whenWithoutStep:
      ErrorExplanation(
        "A case of `select` is a step that can wait, or `after DURATION`. A condition goes behind it, after `if`.",
        causes: "let ready = true\nselect\nwhen ready\n  print 1\nend",
        cure: "let ready = true\nselect\nwhen stdin.recv line if ready\n  print 1\nwhen after 10ms\n  print 2\nend")
    case .statementInSelect:
      ErrorExplanation(
        "What a `select` does stands under one of its cases.",
        causes: "select\nprint \"waiting\"\nwhen after 10ms\n  print 1\nend",
        cure: "print \"waiting\"\nselect\nwhen after 10ms\n  print 1\nend")
    case .statementInCase:
      ErrorExplanation(
        "What a `case` does stands under one of its branches.",
        causes: "case args\nprint \"looking\"\nis []\n  print 1\nend",
        cure: "print \"looking\"\ncase args\nis []\n  print 1\nend")
    case .orBetweenValues:
      ErrorExplanation(
        "A branch that several values lead to has commas between them. A condition of its own, which may have `or` "
          + "in it, is a branch of `if`.",
        causes: "let kind = \"T\"\ncase kind\nis \"T\" or \"D\"\n  print 1\nend",
        cure: "let kind = \"T\"\ncase kind\nis \"T\", \"D\"\n  print 1\nend")
    }
  }
}
