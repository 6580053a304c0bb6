// A page of the help, before it is laid out as text for a terminal, as Markdown or as a manual page. Its texts may hold
// Markdown's backquotes around what is code, and no other marks.

package struct HelpPage: Sendable {
  /// What `sock help` is asked for it.
  package let topic: String
  /// One line: lower case, no full stop.
  package let summary: String
  package let blocks: [HelpBlock]
}

package enum HelpBlock: Sendable {
  case heading(String)
  case paragraph(String)
  /// How something is written: shown line by line, longer lines broken at blanks.
  case usage(String)
  /// A script and what it prints.
  case example(HelpExample)
  /// Shown as it is.
  case code(String)
  /// Terms, and what each means.
  case table([Row])

  package typealias Row = (term: String, meaning: String)
}
