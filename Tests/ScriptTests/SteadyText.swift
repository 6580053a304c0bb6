// What a program has said, without what changes from run to run.

enum SteadyText {
  /// Times, ports that were free, process ids and temporary folders are shown without their values.
  static func of(_ text: String) -> String {
    text
      .replacing(#/after \d+(?:\.\d+)? ms/#, with: "after N ms")
      .replacing(#/, after \d+(?:\.\d+)? s, at/#, with: ", after N ms, at")
      // Whether it computes just now is chance; what it waits for otherwise, `ProcessTests` tells.
      .replacing(#/still runs and (?:is busy|waits[^,\n]*|sleeps)/#, with: "still runs and waits")
      .replacing(#/(?<head>listens on|bound udp) \d{4,5}(?![.\d])/#) { "\($0.output.head) PORT" }
      .replacing(#/tried     \d+ times/#, with: "tried     N times")
      .replacing(#/, \d+(?:\.\d+)? m?s before/#, with: "")
      .replacing(#/(?m)^(?<head>  +\S+ +)\d+\.\d{3}  /#) { "\($0.output.head)N.NNN  " }
      .replacing(#/(?<host>127\.0\.0\.[12]|\[::1\]|\*):\d{4,5}/#) { "\($0.output.host):PORT" }
      .replacing(#//tmp/(?:tmp\.\w+/)?sock[-.\w]*/#, with: "TMPDIR")
      .replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/#, with: "DATE")
      .replacing(#/at \d\d:\d\d:\d\d\.\d\d\d UTC/#, with: "at TIME")
      // Whether one is written, the system says.
      .replacing(" (core dumped)", with: "")
      .replacing(#/\b(?<word>pid|process) \d+/#) { "\($0.output.word) N" }
  }

  /// The same of what `sock test` says: without how long a test took, and with no more blanks than the words need.
  static func ofTests(_ text: String) -> String {
    of(text)
      .replacing(#/(?m)  \d+(?:\.\d+)? m?s(?<tries>  failed at .*)?$/#) { "  TIME\($0.output.tries ?? "")" }
      .replacing(#/(?m)in \d+(?:\.\d+)? m?s$/#, with: "in TIME")
      .replacing(#/listening on \d+/#, with: "listening on PORT")
      // Whose name servers a machine asks is its own affair.
      .replacing(#/(?m)^(?<head> +\= asked     ).*$/#) { "\($0.output.head)WHOM" }
      .replacing(#/listens on (?<kind>udp )?\d+(?![.\d])/#) { "listens on \($0.output.kind ?? "")PORT" }
      // When a process ends beside what is told has no order.
      .replacing(#/(?m)^ +\S+ +N\.NNN  (?:exited|end of stream)\n/#, with: "")
      // A busy machine is none of the account's business here.
      .replacing(#/(?m)^ +\= machine .*\n/#, with: "")
      // The lines of the program's own libraries move, and no account changes by that.
      .replacing(#/(?<library>\bstd:\w+):\d+/#) { "\($0.output.library):LINE" }
      // A table is as wide as its ports and times are long.
      .replacing(#/(?m)^(?<row> +\S+ +N\.NNN  .*?) +(?<place>\S+\.sock:\d+|std:\w+:LINE)$/#) { "\($0.output.row) \($0.output.place)" }
  }
}
