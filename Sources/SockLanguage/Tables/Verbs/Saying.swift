// Verbs for output and verdicts. What the help says of one stands with its row.

extension VerbRow {
  static var print: VerbRow {
    VerbRow(
      .print, receiver: .none, operand: .expressions, options: [],
      waiting: .never, gives: .nothing, effect: .says, summary: "writes its values and a line end to standard output",
      example: "print \"got ${1 + 1}\", 3",
      help: VerbHelp(
        details: [
          "Values are separated by a blank. Strings are written as their bytes; `inspect(x)` shows one as a script "
            + "would write it. In a test the output belongs to the test's report.",
        ],
        related: ["log", "format", "inspect"],
        example: HelpExample(
          #"""
          print "got ${1 + 1}", 3
          print inspect("a\r\n"), [1, "x"]
          """#, prints: #"""
            got 2 3
            "a\r\n" [1, "x"]
            """#)))
  }

  static var log: VerbRow {
    VerbRow(
      .log, receiver: .none, operand: .expressions, options: [],
      waiting: .never, gives: .nothing, effect: .says,
      summary: "writes its values to the test's log", example: "log \"half-way\"",
      help: VerbHelp(
        details: [
          "Goes to the report of the test, or to standard error in a script without tests.",
        ],
        related: ["print", "test"],
        example: HelpExample(
          #"""
          log "half-way"
          print "done"
          """#, prints: "done")))
  }

  static var assert: VerbRow {
    VerbRow(
      .assert, receiver: .none, operand: .conditionAndMessage, options: [],
      waiting: .never, gives: .nothing, effect: [], summary: "fails now unless the condition holds",
      example: "assert 1 + 1 == 2, \"arithmetic\"",
      help: VerbHelp(
        details: [
          "The report shows the values of the condition's parts. A failed assert can be caught, and `retry` tries "
            + "again after one.",
        ],
        errors: [.assertion], related: ["check", "expect", "retry"],
        example: HelpExample(
          #"""
          assert 1 + 1 == 2, "arithmetic"
          print "holds"
          """#, prints: "holds")))
  }

  static var check: VerbRow {
    VerbRow(
      .check, receiver: .none, operand: .conditionAndMessage, options: [],
      waiting: .never, gives: .nothing, effect: [], summary: "fails at the end of the test unless the condition holds",
      example: "check 2 in [1, 2]",
      help: VerbHelp(
        details: [
          "Like `assert`, but the test goes on, and all its failed checks are told at its end. Outside of a test a "
            + "failed check ends the script.",
        ],
        errors: [.assertion], related: ["assert", "test"],
        example: HelpExample(
          #"""
          check 2 in [1, 2]
          check len("abc") == 3, "as many as letters"
          print "both hold"
          """#, prints: "both hold")))
  }

  static var raise: VerbRow {
    VerbRow(
      .raise, receiver: .none, operand: .codeAndMessage, options: [],
      waiting: .never, gives: .nothing, effect: .leaves, summary: "fails with an error of the script's own",
      example: "raise \"protocol\", \"no greeting\"",
      help: VerbHelp(
        details: [
          "`catch`, `try` and `retry` stop it as any other error: `e.code` is the code, `e.message` the message. A code of "
            + "sock's own, as `timeout`, may be raised, too, where it says what has happened.",
          "A caught error is raised again as it was, with its place and the calls that led to it: `raise e`.",
        ],
        related: ["try", "fail", "assert", "errors"],
        example: HelpExample(
          #"""
          def greeting(text)
            if not starts(text, "220")
              raise "protocol", "no greeting"
            end
            return text[4..]
          end
          try
            greeting("554 go away")
          catch e
            print e.code, "-", e.message
          end
          """#, prints: "protocol - no greeting")))
  }

  static var fail: VerbRow {
    VerbRow(
      .fail, receiver: .none, operand: .value(.failure), options: [],
      waiting: .never, gives: .nothing, effect: .leaves, summary: "ends the test: failed",
      example: "fail \"no answer\"",
      help: VerbHelp(
        details: [
          "No `catch`, `try` or `retry` stops it; what they may stop is raised by `raise`. With a caught error as its "
            + "value it does as `raise` does.",
        ],
        errors: [.failed], related: ["raise", "assert", "skip"],
        example: HelpExample(
          #"""
          try
            assert 1 > 2
          catch e
            print e.code
            fail "no answer"
          end
          """#, prints: "assert", status: 1)))
  }

  static var skip: VerbRow {
    VerbRow(
      .skip, receiver: .none, operand: .value(.reason), options: [],
      waiting: .never, gives: .nothing, effect: .leaves,
      summary: "ends the test: skipped", example: "skip \"needs IPv6\"",
      help: VerbHelp(
        details: [
          "For a test that cannot be run here. A skipped test does not fail the suite.",
        ],
        related: ["inconclusive", "test"],
        example: HelpExample(
          #"""
          if env("NO_SUCH_NETWORK") == nil
            skip "needs IPv6"
          end
          print "never"
          """#)))
  }

  static var inconclusive: VerbRow {
    VerbRow(
      .inconclusive, receiver: .none, operand: .value(.reason), options: [],
      waiting: .never, gives: .nothing, effect: .leaves,
      summary: "ends the test: no verdict", example: "inconclusive \"peer too slow\"",
      help: VerbHelp(
        details: [
          "For a test that ran and could not tell: it neither passes nor fails. Outside of a test the script ends "
            + "with status 1.",
        ],
        related: ["skip", "test"],
        example: HelpExample(
          #"""
          inconclusive "peer too slow"
          """#, status: 1)))
  }
}
