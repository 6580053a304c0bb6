// What is said about names: those that nothing declares, those declared twice, those used as what they
// are not; and about imported files and what they export.

/// What a name was used for, when it turns out not to be declared.
enum NameRole: Equatable, Sendable {
  case value, callee, assignment, address
  /// The whole operand of a verb, where it could be a misspelt option.
  case operand(Verb)
}

/// Where a name that is not known at its use is declared after all: the line.
enum NameErrorPlace: Sendable {
  /// Further down.
  case later(Int)
  /// In the very declaration whose value uses it.
  case own
  /// In an inner function, task, test or loop that has ended.
  case ended(Int)
}

extension Diagnostic {
  // MARK: - Names that nothing declares

  static func undeclared(
    _ name: String, role: NameRole, suggestion: String?, declared place: NameErrorPlace?, at range: SourceRange,
    in file: SourceFile
  ) -> Diagnostic {
    if role == .callee {
      return unknownFunction(name, suggestion: suggestion, declared: place, at: range, in: file)
    }
    let cure: String
    if let known = foreignWords[name] {
      cure = known
    } else if name == "localhost" {
      cure = "write `localhost:25` with the port in it, or `\"localhost\"`"
    } else if name == PredefinedName.it.rawValue {
      cure = "`it` is the last result in the REPL; name the result with `as`"
    } else if let place {
      cure = place.cure(for: name)
    } else if let suggestion {
      cure = didYouMean(suggestion)
    } else if role == .assignment {
      cure = "write `let \(name) = …` to declare it"
    } else {
      cure = "declare it before with `let \(name) = …`, or put quotes around a text"
    }
    return Diagnostic(.undeclaredName, "`\(name)` is not declared", help: [cure], at: range, in: file)
  }

  static func unknownFunction(
    _ name: String, suggestion: String?, declared place: NameErrorPlace? = nil, at range: SourceRange,
    in file: SourceFile
  ) -> Diagnostic {
    let cure: String
    if let known = foreignFunctions[name] ?? foreignWords[name] {
      cure = known
    } else if let place {
      cure = place.cure(for: name)
    } else if let suggestion {
      cure = didYouMean(suggestion)
    } else {
      cure = "declare it with `def \(name)(…)`"
    }
    return Diagnostic(.unknownFunction, "there is no function `\(name)`", help: [cure], at: range, in: file)
  }

  private static func didYouMean(_ name: String) -> String {
    Verb(rawValue: name) == nil ? "did you mean `\(name)`?" : "did you mean the verb `\(name)`?"
  }

  /// Words of other languages where a value stands.
  private static let foreignWords: [String: String] = [
    "null": "write `nil`", "NULL": "write `nil`", "Null": "write `nil`", "None": "write `nil`",
    "none": "write `nil`", "undefined": "write `nil`", "undef": "write `nil`", "Nil": "write `nil`",
    "True": "write `true`", "TRUE": "write `true`", "yes": "write `true`",
    "False": "write `false`", "FALSE": "write `false`", "no": "write `false`",
    "this": "the current connection is `conn`, a listening one `listener`",
    "self": "the current connection is `conn`, a listening one `listener`",
    "argv": "the script's arguments are `args`", "ARGV": "the script's arguments are `args`",
    "ENV": "write `env(\"NAME\")`", "errno": "after a `try`, write `error.errno`",
  ]

  /// Functions of other languages.
  private static let foreignFunctions: [String: String] = [
    "printf": "write `print format(…)`", "println": "a verb: `print …`", "puts": "a verb: `print …`",
    "echo": "a verb: `print …`", "write": "a verb: `send …`", "read": "a verb: `recv …`",
    "receive": "a verb: `recv …`", "open": "write `connect …`, `run …`, or `readfile(path)`",
    "sprintf": "write `format(…)`", "length": "write `len(…)`", "size": "write `len(…)`", "strlen": "write `len(…)`",
    "count": "write `len(…)`", "substr": "write a slice, `s[1..3]`", "substring": "write a slice, `s[1..3]`",
    "string": "write `str(…)`", "tostring": "write `str(…)`", "atoi": "write `int(…)`", "parseInt": "write `int(…)`",
    "integer": "write `int(…)`", "append": "write `push(list, value)`", "strip": "write `trim(…)`",
    "chomp": "write `trim(…)`; `recv line` gives its line without the line end",
    "index": "write `find(s, part)`", "indexOf": "write `find(s, part)`", "contains": "write `part in s`",
    "includes": "write `part in s`", "match": "write `s =~ /…/`", "regex": "write `/…/`",
    "range": "write `0..<n`", "uc": "write `upper(…)`", "lc": "write `lower(…)`", "toupper": "write `upper(…)`",
    "tolower": "write `lower(…)`", "typeof": "write `type(…)`",
    "die": "a verb: `fail …`", "raise": "a verb: `fail …`",
    "throw": "a verb: `fail …`", "getenv": "write `env(…)`", "time": "write `now()`",
    "rand": "write `random(from, to)`",
    "gethostbyname": "write `resolve(host)`", "getaddrinfo": "write `resolve(host, port)`",
    "gethostbyaddr": "write `resolve(address)`", "require": "write `import \"file\" as name`",
    "include": "write `import \"file\" as name`",
  ]

  static func unknownProperty(
    _ name: String, of what: String, known: [String], at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .unknownProperty, "\(what) has no property `\(name)`",
      help: [
        Suggestion.nearest(name, among: known).map { "did you mean `\($0)`?" }
          ?? "it has \(known.joined(separator: ", "))"
      ], at: range, in: file)
  }

  static func propertyCalled(_ name: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .propertyCalled, "`\(name)` is a property, not a function", help: ["write it without the parentheses"],
      at: range, in: file)
  }

  // MARK: - Declarations and assignments

  static func alreadyDeclared(
    _ name: String, line: Int, isAssignable: Bool, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .alreadyDeclared, "`\(name)` is already declared at line \(line)",
      help: [isAssignable ? "write `\(name) = …` to set it, or take another name" : "take another name"],
      at: range, in: file)
  }

  /// - Parameter what: `a function`, `an imported file`…
  static func notAssignable(
    _ name: String, what: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    let isCurrent = name == PredefinedName.conn.rawValue || name == PredefinedName.listener.rawValue
    return Diagnostic(
      .notAssignable, "`\(name)` is \(what) and cannot be set",
      help: [isCurrent ? "`with CHANNEL … end` makes another channel the current one" : "take another name"],
      at: range, in: file)
  }

  static func requiredAfterDefault(_ name: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .requiredAfterDefault, "parameter `\(name)` has no default, but one before it has",
      help: ["give `\(name)` a default, or put it first"], at: range, in: file)
  }

  static func optionWordName(_ name: String, verb: Verb, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .optionWordName, "`\(name)` is an option of `\(verb.rawValue)` too",
      help: ["behind a verb, write `(\(name))` where the variable is meant"], at: range, in: file)
  }

  static func shadowedCurrent(_ name: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let what = name == PredefinedName.conn.rawValue ? "connection" : "listener"
    return Diagnostic(
      .shadowedCurrent, "`\(name)` is the name of the current \(what) already",
      help: ["leave out `as \(name)`: a channel with a name of its own does not become the current one"],
      at: range, in: file)
  }

  // MARK: - Calls

  /// - Parameter allowed: how many at most; nil: any number.
  static func wrongArgumentCount(
    _ name: String, given: Int, required: Int, allowed: Int?, signature: String, at range: SourceRange,
    in file: SourceFile
  ) -> Diagnostic {
    let wanted: String
    switch allowed {
    case nil: wanted = "at least \(counted(required))"
    case required?: wanted = counted(required)
    case let most?: wanted = "\(required) to \(counted(most))"
    }
    return Diagnostic(
      .wrongArgumentCount, "`\(name)` takes \(wanted), not \(given)", help: ["it is `\(signature)`"],
      at: range, in: file)
  }

  private static func counted(_ count: Int) -> String {
    switch count {
    case 0: "no arguments"
    case 1: "1 argument"
    default: "\(count) arguments"
    }
  }

  // MARK: - Names in text

  static func bareAddressVariable(
    _ name: String, cure: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .bareAddressVariable, "a bare address is text: `\(name)` in it is not the variable",
      help: ["write `\(cure)`", "if the text is meant, put the address in quotes"], at: range, in: file)
  }

  static func dollarInText(_ name: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .dollarInText, "`$\(name)` is text here, not the variable",
      help: ["write `${\(name)}`, or `\\$\(name)` if the text is meant"], at: range, in: file)
  }

  // MARK: - Imports

  static func importAsValue(_ name: String, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .importAsValue, "`\(name)` is an imported file, not a value",
      help: ["write `\(name).NAME` for one of its names"], at: range, in: file)
  }

  static func unknownExport(
    _ name: String, of path: String, suggestion: String?, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .unknownExport, "\"\(path)\" declares no top-level name `\(name)`",
      help: [suggestion.map { "did you mean `\($0)`?" }], at: range, in: file)
  }

  static func importUnreadable(
    _ path: String, reason: String, at range: SourceRange, in file: SourceFile
  ) -> Diagnostic {
    Diagnostic(
      .importUnreadable, "cannot read \"\(path)\": \(reason)",
      help: ["a path is relative to the file that imports"], at: range, in: file)
  }

  static func hiddenMistakes(at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .importUnreadable, "this is no script: it has mistakes, and what is in it is not shown",
      help: [
        "a script's name ends in .sock, and what it imports lies below its own folder or the current one"
      ], at: range, in: file)
  }

  /// - Parameter chain: the files' names, the first of them again at the end.
  static func importCycle(_ chain: [String], at range: SourceRange, in file: SourceFile) -> Diagnostic {
    let message =
      chain.count == 2 ? "the file imports itself" : "files import each other: \(chain.joined(separator: " imports "))"
    return Diagnostic(
      .importCycle, message, help: ["move what both need into a file of its own"], at: range, in: file)
  }

  static func importTooDeep(limit: Int, at range: SourceRange, in file: SourceFile) -> Diagnostic {
    Diagnostic(
      .importTooDeep, "imports are nested deeper than \(limit) files",
      help: ["import the file nearer to the main one"], at: range, in: file)
  }
}

extension NameErrorPlace {
  fileprivate func cure(for name: String) -> String {
    switch self {
    case .later(let line): "it is declared at line \(line) only; move the declaration up"
    case .own: "its own value cannot use it: `\(name)` is known behind this declaration only"
    case .ended(let line): "that of line \(line) lives only in its own block; declare it outside, before that block"
    }
  }
}
