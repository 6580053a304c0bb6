// The guide to what is told of a failure.

extension Guide {
  /// Its rows are those of `FailureReport`.
  var accounts: HelpPage {
    HelpPage(
      topic: rawValue, summary: "what is told of a failure, row by row",
      blocks: [
        .paragraph(
          "Below the step that has failed stand rows of what is known, and then what went over the channels before it: "
            + "`>` was sent, `<` came. A first word says what a row is about:"),
        .table([
          ("received, expected, differs", "what came, what was to come, and where the two part"),
          ("from", "what gave the names of an assertion, or of a wrong argument, their values"),
          ("order, matches, framing, rest, unread", "what else is known of the bytes: that they came later, how far a regex fits"),
          ("came, secret", "when or from where they came; which secret the `***` hide, and in which encoding it was"),
          ("silent, sent, peer, takes", "since when nothing comes, what is unanswered, and what the peer's socket shows"),
          ("elsewhere, task, waits", "what lies unread on other channels, which task has failed, and who waits for whom"),
          ("process, stderr, stdout", "programs that have ended, or what they wait for and listen on; what they said"),
          ("checked", "that the test's end has looked how a program ends, and no step"),
          ("address, port, asked, held by", "what has set an address, who listens there, who was asked for a name"),
          ("tried, before, turn, loop, try 1", "the tries of a `retry`, the turn of a loop, and what each try of a flaky test received"),
          ("machine, random", "that the machine was busy; the `--seed` that draws the same numbers"),
          ("on, called from", "the channel, how old it was, and when; the calls that led to the step"),
          ("arose at", "what failed inside a library of the program; the heading is at the line that called it"),
        ]),
        .paragraph(
          "`help` says what usually helps. Values of a `param secret` are shown as `***`, in whatever form they stand. "
            + "Of many failures of one cause the first three are told."),
        .example(
          HelpExample(
            #"""
            let [a, b] = socketpair
            a.send line "221 bye"
            try
              b.expect line "250 ok"
            catch e
              print "${e.code}: ${e.message}"
            end
            """#, prints: "mismatch: expected a line \"250 ok\"")),
        .paragraph("See also: failures, tests."),
      ])
  }
}
