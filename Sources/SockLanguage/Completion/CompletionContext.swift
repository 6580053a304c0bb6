// What completion is told of a session, and what it answers.

/// What may be completed beside the words of the language itself.
package struct CompletionContext {
  /// A name that the session has declared.
  package struct Name {
    package enum Kind: String, Sendable {
      case variable
      /// A variable that holds a channel now.
      case channel
      case function
      case module
      case setting
    }
    package let name: String
    package let kind: Kind
    package init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  /// A command with a colon.
  package struct Command {
    package enum Argument {
      case nothing
      case fileName
      /// One of these words.
      case words([String])
      case statement
      case number
    }
    /// With its colon: `:help`.
    package let name: String
    package let summary: String
    package let argument: Argument
    package init(name: String, summary: String, argument: Argument) {
      self.name = name
      self.summary = summary
      self.argument = argument
    }
  }

  package var names: [Name] = []
  /// The keys of the map that a variable holds, or what a module exports; none for other names.
  package var keys: (String) -> [String] = { _ in [] }
  package var commands: [Command] = []
  /// The names of socket options, which may stand behind `sockopt`.
  package var socketOptions: [String] = []
  /// The names of signals, without SIG.
  package var signals: [String] = []
  /// The names of TLS's alerts.
  package var alerts: [String] = []
  package init() {}

  /// Names that hide those of the same spelling.
  mutating func add(_ inner: [Name]) {
    let spellings = Set(inner.map(\.name))
    names.removeAll { spellings.contains($0.name) }
    names += inner
    keys = { [outer = keys] name in spellings.contains(name) ? [] : outer(name) }
  }

  func kind(of name: String) -> Name.Kind? { names.last { $0.name == name }?.kind }
}

/// What may stand at the cursor.
package struct Completions {
  package struct Candidate: Equatable {
    /// What replaces the bytes of the range: `recv`, or `len(` with its parenthesis.
    package let text: String
    /// What it is, on one line; empty when there is nothing to say.
    package let summary: String
    /// Something always follows it, or it ends a word: a blank may be put behind it.
    package let appendsSpace: Bool
  }
  /// Offsets into the bytes that were given: the beginning of a word, up to the cursor.
  package let range: Range<Int>
  /// In the order of their texts; each begins with the bytes of the range.
  package let candidates: [Candidate]
  /// The bytes of the range begin the name of a file; there are no candidates then.
  package let wantsFileName: Bool
}
