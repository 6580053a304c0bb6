// What the help says of a verb beyond how it is written.

package struct VerbHelp: Sendable {
  /// Paragraphs, with Markdown's backquotes.
  let details: [String]
  /// How it can fail, apart from `type` for a value of a wrong type and `closed` for a closed channel.
  package var errors: [FailureName] = []
  /// Other topics.
  package let related: [String]
  /// A script in which the row's example is a line.
  package let example: HelpExample
}
