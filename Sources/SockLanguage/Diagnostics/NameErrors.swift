// What is said about names: those that nothing declares, those declared twice, those used as what they
// are not; and about imported files and what they export.

/// What a name was used for, when it turns out not to be declared.
enum NameRole: Equatable, Sendable {
  case value, callee, assignment, address
  /// `[a, b] = …`, the first of names none of which is declared.
  case listAssignment
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
    _ name: String, role: NameRole, suggestion: String?, declared declaration: NameErrorPlace?, at place: Place
  ) -> Diagnostic {
    if role == .callee { return unknownFunction(name, suggestion: suggestion, declared: declaration, at: place) }
    let cure: Cure
    if let known = ForeignWords.value(name, at: place) {
      cure = known
    } else if name == "localhost" {
      cure = "write `localhost:25` with the port in it, or `\"localhost\"`"
    } else if name == PredefinedName.it.rawValue {
      cure = "`it` is the last result in the REPL; name the result with `as`"
    } else if let declaration {
      cure = declaration.cure(for: name)
    } else if role == .address, ForeignWords.isAddressFiller(name) {
      cure = leaveOutFiller(name, at: place)
    } else if case .operand(let verb) = role, let advice = ForeignWords.operand(name, of: verb) {
      cure = Cure(advice)
    } else if role == .value, place.beginsLine, suggestion.map(isOfTheLanguage) ?? true,
      let verb = ForeignWords.statementAlone(name)?.cure(at: place)
    {
      // A name that is declared is nearer than what another language means by it.
      cure = verb
    } else if let suggestion {
      cure = didYouMean(suggestion, at: place)
    } else if role == .listAssignment {
      cure = "write `let [\(name), …] = …` to declare them"
    } else if role == .assignment {
      cure = "write `let \(name) = …` to declare it"
    } else {
      cure = "declare it before with `let \(name) = …`, or put quotes around a text"
    }
    return Diagnostic(CheckerCode.undeclaredName, at: place, "`\(name)` is not declared",
      cures: [role == .value && declaration == nil ? Cure.toSend(name, at: place) : nil, cure])
  }

  private static func isOfTheLanguage(_ name: String) -> Bool {
    Verb(rawValue: name) != nil || BuiltinFunction(rawValue: name) != nil
  }

  static func unknownFunction(
    _ name: String, suggestion: String?, declared declaration: NameErrorPlace? = nil, at place: Place
  ) -> Diagnostic {
    let cure: Cure
    if let known = ForeignWords.function(name) ?? ForeignWords.value(name, at: place) {
      cure = known
    } else if let declaration {
      cure = declaration.cure(for: name)
    } else if let suggestion {
      cure = didYouMean(suggestion, at: place)
    } else {
      cure = "declare it with `def \(name)(…)`"
    }
    return Diagnostic(CheckerCode.unknownFunction, at: place, "there is no function `\(name)`", cures: [cure])
  }

  private static func didYouMean(_ name: String, at place: Place) -> Cure {
    Verb(rawValue: name) == nil ? .meant(name, at: place) : "did you mean the verb `\(name)`?"
  }

  static func unknownProperty(_ name: String, of what: String, known: [String], at place: Place) -> Diagnostic {
    let cure =
      ForeignWords.property(name).map { Cure($0) } ?? Suggestion.nearest(name, among: known).map { .meant($0, at: place) }
    let begun = known.filter { $0.hasPrefix(name) }
    return Diagnostic(
      CheckerCode.unknownProperty, at: place, "\(what) has no property `\(name)`",
      cures: [cure ?? "it has \((begun.isEmpty ? known : begun).joined(separator: ", "))"])
  }

  /// `"x".len`, `list.size`
  static func propertyOfValue(_ name: String, _ type: KnownType, cure: Cure?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.unknownProperty, at: place, "\(type.description) has no property `\(name)`",
      cures: [cure ?? "a function is called as `f(value)`; `sock help functions` lists them"])
  }

  /// `s.split(",")`, `list.append(4)`
  static func methodCall(_ name: String, _ type: KnownType?, cure: Cure?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.methodCall, at: place,
      type.map { "\($0.description) has no `\(name)` behind a dot" }
        ?? "`\(name)` is a function, which is not called behind a dot",
      cures: [cure ?? "a function is called as `f(value)`; `sock help functions` lists them"])
  }

  /// `accept 100ms`
  static func notAChannel(
    _ verb: Verb, _ kind: ReceiverKind, _ type: KnownType, cure: Cure?, at place: Place
  ) -> Diagnostic {
    let due =
      switch kind {
      case .listener: "a listener"
      case .taskOrProcess: "a task or a process"
      case .process: "a process"
      case .task: "a task"
      case .none, .makesOrChannel, .channel, .channelOrDefault: "a channel"
      }
    return Diagnostic(
      CheckerCode.notAChannel, at: place, "`\(verb.rawValue)` speaks to \(due), not to \(type.description)",
      cures: [cure ?? "put the name of \(due) there, or leave it out for the current one"])
  }

  /// `let [a, b] = unpack("u8 u8 u8", data)`
  static func fieldCount(_ names: Int, _ fields: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.fieldCount, at: place, mismatch(fields, names == 1 ? "is 1 name" : "are \(names) names"),
      cures: [
        names < fields
          ? "write a name for each, or `_:` in front of a field that is not needed" : "leave out the names that get nothing"
      ])
  }

  /// `let [a, b] = unpack("a:u8 b:u8", data)`
  static func namedFields(_ format: BinaryFormat, at place: Place) -> Diagnostic {
    let first = format.fields.lazy.compactMap(\.name).first ?? "name"
    return Diagnostic(
      CheckerCode.fieldCount, at: place, "the format's fields have names, so `unpack` gives a map",
      cures: ["write `let r = unpack(…)`, and then `r.\(first)`"])
  }

  /// `pack("u8 u8", 1)`
  static func valueCount(_ values: Int, _ format: BinaryFormat, at place: Place) -> Diagnostic {
    let fields = format.valueCount
    return Diagnostic(
      CheckerCode.fieldCount, at: place, mismatch(fields, values == 1 ? "is 1 value" : "are \(values) values"),
      cures: [format.hasNames ? "write a value for each, or one map with their names" : "write a value for each field"])
  }

  private static func mismatch(_ fields: Int, _ given: String) -> String {
    "the format has \(fields) field\(fields == 1 ? "" : "s"), and here \(given)"
  }

  /// `unpack("u7", data)`
  static func wrongFormat(_ problem: BinaryFormat.Problem, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.wrongFormat, at: place, problem.message("`\(Printable.text(problem.field))`"),
      cures: [Cure(problem.cure)])
  }

  /// - Parameter cure: a sentence.
  static func wrongMessage(_ text: String, cure: String, at place: Place) -> Diagnostic {
    Diagnostic(CheckerCode.wrongMessage, at: place, text, cures: [Cure(cure)])
  }

  /// - Parameter near: a type or a message of a name like it.
  static func unknownType(_ name: String, near: String?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.wrongMessage, at: place, "`\(Printable.text(name))` is no type, and no message",
      cures: [near.map { .write($0, at: place) } ?? "types are u8 to u64, bits N, bytes N, text N, line, list of …"])
  }

  static func unknownField(_ name: String, of message: String, near: String?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.unknownField, at: place, "`\(message)` has no field `\(Printable.text(name))`",
      cures: [near.map { .write($0, at: place) } ?? "write one of those that its declaration has"])
  }

  static func propertyCalled(_ name: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.propertyCalled, at: place, "`\(name)` is a property, not a function",
      cures: ["write it without the parentheses"])
  }

  // MARK: - Declarations and assignments

  static func alreadyDeclared(_ name: String, line: Int, isAssignable: Bool, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.alreadyDeclared, at: place, "`\(name)` is already declared at line \(line)",
      cures: [isAssignable ? "write `\(name) = …` to set it, or take another name" : "take another name"])
  }

  /// - Parameter what: `a function`, `an imported file`…
  static func notAssignable(_ name: String, what: String, at place: Place) -> Diagnostic {
    let isCurrent = name == PredefinedName.conn.rawValue || name == PredefinedName.listener.rawValue
    return Diagnostic(
      CheckerCode.notAssignable, at: place, "`\(name)` is \(what) and cannot be set",
      cures: [isCurrent ? "`with CHANNEL … end` makes another channel the current one" : "take another name"])
  }

  /// A variable of that name would be another thing than the current connection, which steps go on speaking to.
  static func declaredCurrent(_ name: String, isSession: Bool, at place: Place) -> Diagnostic {
    let what = name == PredefinedName.conn.rawValue ? "connection" : "listener"
    let way = isSession ? ":use NAME" : "with CHANNEL … end"
    return Diagnostic(
      CheckerCode.notAssignable, at: place, "`\(name)` is the current \(what), and no name for another one",
      cures: ["`\(way)` makes another channel the current one", "take another name"])
  }

  static func requiredAfterDefault(_ name: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.requiredAfterDefault, at: place, "parameter `\(name)` has no default, but one before it has",
      cures: ["give `\(name)` a default, or put it first"])
  }

  static func optionWordName(_ name: String, verb: Verb, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.optionWordName, at: place, "`\(name)` is the option of `\(verb.rawValue)` here, not the variable",
      cures: ["write `(\(name))` if the variable is meant, or give it another name"])
  }

  static func shadowedCurrent(_ name: String, at place: Place) -> Diagnostic {
    let what = name == PredefinedName.conn.rawValue ? "connection" : "listener"
    return Diagnostic(
      CheckerCode.shadowedCurrent, at: place, "`\(name)` is the name of the current \(what) already",
      cures: ["leave out `as \(name)`: a channel with a name of its own does not become the current one"])
  }

  // MARK: - Calls

  /// - Parameter allowed: how many at most; nil: any number.
  static func wrongArgumentCount(
    _ name: String, given: Int, required: Int, allowed: Int?, signature: String, at place: Place
  ) -> Diagnostic {
    let wanted: String
    switch allowed {
    case nil: wanted = "at least \(counted(required))"
    case required?: wanted = counted(required)
    case let most?: wanted = "\(required) to \(counted(most))"
    }
    return Diagnostic(
      CheckerCode.wrongArgumentCount, at: place, "`\(name)` takes \(wanted), not \(given)",
      cures: ["it is `\(signature)`"])
  }

  private static func counted(_ count: Int) -> String {
    switch count {
    case 0: "no arguments"
    case 1: "1 argument"
    default: "\(count) arguments"
    }
  }

  // MARK: - Names in text

  static func bareAddressVariable(_ name: String, cure: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.bareAddressVariable, at: place, "a bare address is text: `\(name)` in it is not the variable",
      cures: [.write(cure, at: place), "if the text is meant, put the address in quotes"])
  }

  static func dollarInText(_ name: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.dollarInText, at: place, "`$\(name)` is text here, not the variable",
      cures: [.write("${\(name)}", at: place, "write `${\(name)}`, or `\\$\(name)` if the text is meant")])
  }

  // MARK: - Imports

  static func importAsValue(_ name: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.importAsValue, at: place, "`\(name)` is an imported file, not a value",
      cures: ["write `\(name).NAME` for one of its names"])
  }

  static func unknownExport(_ name: String, of path: String, suggestion: String?, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.unknownExport, at: place, "\"\(path)\" declares no top-level name `\(name)`",
      cures: [suggestion.map { .meant($0, at: place) }])
  }

  static func importUnreadable(_ path: String, reason: String, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.importUnreadable, at: place, "cannot read \"\(path)\": \(reason)",
      cures: ["a path is relative to the file that imports"])
  }

  static func hiddenMistakes(at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.importUnreadable, at: place, "this is no script: it has mistakes, and what is in it is not shown",
      cures: [
        "a script's name ends in .sock, and what it imports lies below its own folder or the current one"
      ])
  }

  /// - Parameter chain: the files' names, the first of them again at the end.
  static func importCycle(_ chain: [String], at place: Place) -> Diagnostic {
    let message =
      chain.count == 2 ? "the file imports itself" : "files import each other: \(chain.joined(separator: " imports "))"
    return Diagnostic(
      CheckerCode.importCycle, at: place, message, cures: ["move what both need into a file of its own"])
  }

  static func importTooDeep(limit: Int, at place: Place) -> Diagnostic {
    Diagnostic(
      CheckerCode.importTooDeep, at: place, "imports are nested deeper than \(limit) files",
      cures: ["import the file nearer to the main one"])
  }
}

extension NameErrorPlace {
  fileprivate func cure(for name: String) -> Cure {
    switch self {
    case .later(let line): "it is declared at line \(line) only; move the declaration up"
    case .own: "its own value cannot use it: `\(name)` is known behind this declaration only"
    case .ended(let line): "that of line \(line) lives only in its own block; declare it outside, before that block"
    }
  }
}
