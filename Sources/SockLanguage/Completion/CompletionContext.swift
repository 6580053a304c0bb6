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
      case message
      case module
      case setting
    }
    package let name: String
    package let kind: Kind
    /// What its value is now, as far as that says what may stand behind a dot.
    package let value: ValueKind
    /// Where one can connect to by this name; nil: its value is no address.
    package let target: String?
    package init(_ name: String, _ kind: Kind, value: ValueKind = .unknown, target: String? = nil) {
      self.name = name
      self.kind = kind
      self.value = value
      self.target = target
    }
  }

  /// What a value is, where it is known.
  package enum ValueKind: Equatable, Sendable {
    case unknown
    case channel(ChannelNature)
    case address, error, task
    /// A number, a string, a list: nothing stands behind its dot.
    case plain
  }

  /// A command with a colon.
  package struct Command {
    package enum Argument {
      case nothing
      case fileName
      /// A file whose name ends so.
      case file(suffix: String)
      /// One of these words.
      case words([String])
      case statement
      /// Words that are run: the last one may be a file.
      case shellWords
      case number
    }
    /// With its colon: `:help`.
    package let name: String
    package let summary: String
    /// `:load FILE`.
    package let synopsis: String
    package let argument: Argument
    package init(name: String, summary: String, synopsis: String = "", argument: Argument) {
      self.name = name
      self.summary = summary
      self.synopsis = synopsis
      self.argument = argument
    }
  }

  package var names: [Name] = []
  /// The keys of the map that a variable holds, or what a module exports; none for other names.
  package var keys: (String) -> [String] = { _ in [] }
  /// What the file exports that the text imports by a path; none where that is not known.
  package var exports: (_ path: String) -> [String] = { _ in [] }
  package var commands: [Command] = []
  /// What `conn` and `listener` are now.
  package var current: [PredefinedName: ChannelNature] = [:]
  /// Addresses that were used before, the latest first.
  package var addresses: [String] = []
  /// What `import` finds in the program, as it is written there.
  package var libraries: [String] = []
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

  /// What the text imports: behind the dot of its name stands what the file exports.
  mutating func add(_ imports: [ImportDeclaration]) {
    guard !imports.isEmpty else { return }
    let paths = Dictionary(imports.map { ($0.name.name, $0.path) }) { _, later in later }
    keys = { [outer = keys, exports] name in paths[name].map(exports) ?? outer(name) }
  }

  func name(_ spelling: String) -> Name? { names.last { $0.name == spelling } }
  func kind(of name: String) -> Name.Kind? { self.name(name)?.kind }
}

/// What may stand at the cursor.
package struct Completions {
  /// What a candidate is. In the order in which they are of use.
  package enum Kind: CaseIterable, Sendable {
    case address, key, file, option, word, property, name, verb, keyword, function, command

    /// Above what a list of them is shown.
    package var title: String {
      switch self {
      case .address: "addresses"
      case .key: "keys"
      case .file: "files"
      case .option: "options"
      case .word: "words"
      case .property: "properties"
      case .name: "names"
      case .verb: "verbs"
      case .keyword: "keywords"
      case .function: "functions"
      case .command: "commands"
      }
    }
  }

  package struct Candidate: Equatable {
    /// What replaces the bytes of the range: `recv`, or `len(` with its parenthesis.
    package let text: String
    package let kind: Kind
    /// What it is, on one line; empty when there is nothing to say.
    package let summary: String
    /// How it is written with what belongs to it; empty when the text says that.
    package let synopsis: String
    /// Something always follows it, or it ends a word: a blank may be put behind it.
    package let appendsSpace: Bool

    package init(
      _ text: String, _ kind: Kind, summary: String = "", synopsis: String = "", appendsSpace: Bool = false
    ) {
      self.text = text
      self.kind = kind
      self.summary = summary
      self.synopsis = synopsis
      self.appendsSpace = appendsSpace
    }
  }
  /// Offsets into the bytes that were given: the beginning of a word, up to the cursor.
  package let range: Range<Int>
  /// By kinds, and within one by their texts; each begins with the bytes of the range.
  package let candidates: [Candidate]
  /// The bytes of the range begin the name of a file, which the candidates do not hold.
  package let wantsFileName: Bool
  /// How the names of those that are wanted end; nil: all.
  package var fileSuffix: String?
}
