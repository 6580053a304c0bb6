// What `sock help errors CODE` tells about a code. The explanations stand in SyntaxExplanations,
// CheckerExplanations and FailureName; each is a switch without a `default`, so a code that nobody explains does not
// compile.

package struct ErrorExplanation: Sendable {
  /// What is wrong, and why the language wants it otherwise: one or two sentences with Markdown's backquotes.
  package let meaning: String
  /// A script that gives the code, and the same one mended. Nil for what cannot be shown: a file of 64 MiB.
  package let example: (causes: String, cure: String)?

  init(_ meaning: String, causes: String, cure: String) {
    self.meaning = meaning
    example = (causes, cure)
  }

  /// - Parameter meaning: the cure, too.
  init(withoutExample meaning: String) {
    self.meaning = meaning
    example = nil
  }
}
