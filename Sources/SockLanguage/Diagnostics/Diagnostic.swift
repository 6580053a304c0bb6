// What is wrong with a source text, where, and what would mend it.

/// One thing that the lexer, the parser, the checker or the linter has to say about a file.
package struct Diagnostic: Sendable {
  package enum Severity: String, Sendable { case error, warning }

  /// What a diagnostic points at.
  package struct Place: Sendable {
    package let file: SourceFile
    package let range: SourceRange
  }

  package let kind: any DiagnosticCode
  /// One line, lower case, no full stop: `"rcv" is no verb`.
  package let message: String
  package let place: Place
  /// What would mend it, the best first; all may be shown.
  package let cures: [Cure]
  /// What else there is to know, a line each.
  package let remarks: [String]

  init(
    _ kind: any DiagnosticCode, at place: Place, _ message: String, cures: [Cure?] = [], notes remarks: [String] = []
  ) {
    self.kind = kind
    self.message = Quoting.shortened(message)
    self.place = place
    self.cures = cures.compactMap { $0 }
    self.remarks = remarks.map { Quoting.shortened($0) }
  }

  /// Stable and unique for each kind of complaint: `unknown-verb`, `unclosed-string`…
  package var code: String { kind.rawValue }
  package var severity: Severity { kind.isWarning ? .warning : .error }
  package var file: SourceFile { place.file }
  package var range: SourceRange { place.range }
  /// Further lines, each shown after `= `: `help: did you mean "recv"?`.
  package var notes: [String] { remarks + cures.map { "help: \($0.text)" } }
}

extension SourceFile {
  func place(_ range: SourceRange) -> Diagnostic.Place { Diagnostic.Place(file: self, range: range) }
}

/// What mends a mistake.
package struct Cure: Sendable {
  /// A change of the file that the diagnostic is about.
  package struct Edit: Sendable {
    package let range: SourceRange
    package let text: String
  }

  /// For people: one line, without `help: `.
  package let text: String
  /// For an editor. Nil where it takes a person to know what should stand there.
  package let edit: Edit?

  init(_ text: String, edit: Edit? = nil) {
    self.text = Quoting.shortened(text)
    self.edit = edit
  }

  /// Puts another text in the complaint's place.
  /// - Parameter advice: what is said; nil: to write that text.
  static func write(_ text: String, at place: Diagnostic.Place, _ advice: String? = nil) -> Cure {
    Cure(advice ?? "write `\(text)`", edit: Edit(range: place.range, text: apart(text, at: place)))
  }

  /// A word for a mark that touched other words: `a&&b` is `a and b`.
  private static func apart(_ text: String, at place: Diagnostic.Place) -> String {
    let isWord = { (byte: UInt8?) in byte.map(Lexer.continuesWord) ?? false }
    let bytes = place.file.bytes
    let before = bytes.prefix(place.range.offsets.lowerBound).last
    let behind = bytes.dropFirst(place.range.offsets.upperBound).first
    return (isWord(text.utf8.first) && isWord(before) ? " " : "") + text
      + (isWord(text.utf8.last) && isWord(behind) ? " " : "")
  }

  /// A word that is near to what stands there.
  static func meant(_ word: String, at place: Diagnostic.Place) -> Cure {
    write(word, at: place, "did you mean `\(word)`?")
  }
}

extension Cure: ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) { self.init(text) }
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
