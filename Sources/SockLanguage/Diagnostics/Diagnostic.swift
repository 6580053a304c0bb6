// What is wrong with a source text, and where.

/// One thing that the lexer, the parser or the checker has to say about a file.
package struct Diagnostic: Sendable {
  package enum Severity: String, Sendable { case error, warning }

  package let severity: Severity
  /// Stable and unique for each kind of complaint: `unknown-verb`, `unclosed-string`…
  package let code: String
  /// One line, lower case, no full stop: `"rcv" is no verb`.
  package let message: String
  package let file: SourceFile
  package let range: SourceRange
  /// Further lines, each shown after `= `: `help: did you mean "recv"?`.
  package let notes: [String]

  package init(
    _ severity: Severity = .error, code: String, message: String, file: SourceFile, range: SourceRange,
    notes: [String] = []
  ) {
    self.severity = severity
    self.code = code
    self.message = Quoting.shortened(message)
    self.file = file
    self.range = range
    self.notes = notes.map { Quoting.shortened($0) }
  }
}

extension Array where Element == Diagnostic {
  var hasError: Bool { contains { $0.severity == .error } }

  /// In order of place; those of one place stay in the order in which they were found.
  func sortedByPosition() -> [Diagnostic] {
    enumerated().sorted { a, b in
      (a.element.range.lower, a.offset) < (b.element.range.lower, b.offset)
    }.map(\.element)
  }
}
