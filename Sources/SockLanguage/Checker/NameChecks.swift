// Declaring names, finding what a use of a name means, and noting which frames it crosses.

/// What a name means that no scope declares.
private enum Universal: Sendable {
  case function(BuiltinFunction)
  case predefined(PredefinedName)

  static let names: [String: Universal] = {
    var names: [String: Universal] = [:]
    for function in BuiltinFunction.allCases { names[function.rawValue] = .function(function) }
    for name in PredefinedName.allCases { names[name.rawValue] = .predefined(name) }
    return names
  }()
}

extension VerbRow {
  /// Whether the option makes a whole phrase with the verb where its value could stand: `recv line`, with a variable
  /// `line`, reads as well with it. Any other option in a variable's place is a syntax error.
  fileprivate func couldBeValue(_ word: OptionWord) -> Bool {
    guard let option = option(word), option.needs.isEmpty, case .nothing = option.argument else { return false }
    switch operand {
    case .none, .word, .expressions, .conditionAndMessage, .codeAndMessage: return false
    case .optionalValue, .optionalAddress, .wordAndOptionalValue: return true
    case .value, .values, .oneOrTwo, .address: if case .beside = option.data { return false } else { return true }
    }
  }
}

extension FileChecker {
  // MARK: - Declaring

  /// `let`, `for`, `param`, `def`, a parameter: a new name in the innermost scope; or, of a `let`, a name that only
  /// branches which exclude this one have declared, which is the same variable.
  @discardableResult
  func declare(_ declaration: NameDeclaration, kind: Variable.Kind) -> Variable {
    let scope = context.scope
    let isThrownAway = declaration.name.hasPrefix("_")
    if let earlier = scope.own(declaration.name), !(isThrownAway && kind == .parameter && earlier.kind == .parameter) {
      if kind == .local, earlier.kind.isAssignable, isThrownAway || scope.isDeclaredElsewhere(declaration.name) {
        return declare(declaration, again: earlier)
      }
      let line = source.position(of: Int(earlier.declaration.lower)).line
      report(.alreadyDeclared(declaration.name, line: line, isAssignable: earlier.kind.isAssignable,
        at: source.place(declaration.range)))
    }
    let variable = Variable(
      name: declaration.name, kind: kind, declaration: declaration.range, owner: scope.function)
    declaration.variable = variable
    scope.declare(variable, isConditional: context.isConditional)
    noteDeclaration(variable)
    return variable
  }

  private func declare(_ declaration: NameDeclaration, again variable: Variable) -> Variable {
    declaration.variable = variable
    variable.isReassigned = true
    changingVariables.insert(ObjectIdentifier(variable))
    context.scope.note(variable.name)
    reach(variable)
    if !channelVariables.contains(ObjectIdentifier(variable)) { otherVariables.insert(ObjectIdentifier(variable)) }
    return variable
  }

  /// `as name` and `catch name`: sets the function's variable of that name, or declares one.
  /// - Parameter isChannel: what is set is always a channel.
  /// - Parameter type: of what is set, where the step tells.
  func bind(_ declaration: NameDeclaration, isChannel: Bool = false, type: KnownType? = nil) {
    let scope = context.scope
    var found = scope.lookUpForSetting(declaration.name)
    if found == nil, let session, scope.reachesFile { found = session.variables[declaration.name] }
    if let variable = found {
      if !variable.kind.isAssignable {
        report(.notAssignable(declaration.name, what: variable.kind.description, at: source.place(declaration.range)))
      }
      declaration.variable = variable
      variable.isReassigned = true
      reach(variable)
      if isChannel || type == nil || knownTypes[ObjectIdentifier(variable)] != type {
        changingVariables.insert(ObjectIdentifier(variable))
      }
      if !isChannel { otherVariables.insert(ObjectIdentifier(variable)) }
      return
    }
    if declaration.name == PredefinedName.conn.rawValue || declaration.name == PredefinedName.listener.rawValue {
      report(.shadowedCurrent(declaration.name, at: source.place(declaration.range)))
    }
    let variable = Variable(
      name: declaration.name, kind: .local, declaration: declaration.range, owner: scope.function)
    declaration.variable = variable
    // A step may stand behind an `and`, or fail.
    scope.declare(variable, isConditional: true)
    noteDeclaration(variable)
    if isChannel { channelVariables.insert(ObjectIdentifier(variable)) }
    noteType(type, of: declaration)
  }

  /// What a `let` declares.
  func declare(_ target: Target, _ value: Expression) {
    let channels = target.channels(of: value)
    for name in target.names {
      if name.name == PredefinedName.conn.rawValue || name.name == PredefinedName.listener.rawValue {
        report(.declaredCurrent(name.name, isSession: session != nil, at: source.place(name.range)))
      }
      let variable = declare(name, kind: .local)
      if channels.contains(where: { $0 === name }) {
        channelVariables.insert(ObjectIdentifier(variable))
      } else if variable.declaration != name.range {
        otherVariables.insert(ObjectIdentifier(variable))
      }
    }
  }

  private func noteDeclaration(_ variable: Variable) {
    if firstDeclarations[variable.name] == nil { firstDeclarations[variable.name] = variable.declaration }
  }

  /// The first word alone behind a verb that is its option, and the name of a variable that could be its value. Who
  /// writes `recv line as line` means the word.
  func checkOptionWords(of step: Step) {
    guard step.operands.isEmpty, step.address == nil, let option = step.options.first else { return }
    let name = option.word.rawValue
    guard step.result?.name != name, let variable = lookUpVariable(name), variable.kind.isAssignable,
      VerbTable[step.verb].couldBeValue(option.word), warnedOptionWords.insert(name).inserted
    else { return }
    report(.optionWordName(name, verb: step.verb, at: source.place(option.range)))
  }

  /// Declares a block's functions and messages before its first statement, so that they may be used before that.
  func hoistFunctions(of block: Block) {
    for statement in block.statements {
      switch statement.kind {
      case .function(let function): declare(function.name, kind: .function).function = function
      case .message(let message): declare(message.name, kind: .message).message = message
      default: break
      }
    }
  }

  // MARK: - Using

  /// What the name means here; nil when nothing declares it.
  func lookUp(_ name: String) -> NameMeaning? {
    if let variable = lookUpVariable(name) { return .variable(variable) }
    switch Universal.names[name] {
    case .function(let function): return .function(function)
    case .predefined(let result) where session == nil && PredefinedName.results.contains(result): return nil
    case .predefined(.args):
      readsArguments = true
      return .predefined(.args)
    case .predefined(let predefined): return .predefined(predefined)
    case nil: return nil
    }
  }

  /// The variable that the script itself declares under that name.
  func lookUpVariable(_ name: String) -> Variable? {
    context.scope.lookUp(name) ?? session?.variables[name]
  }

  /// Marks the variable as captured by every frame between this place and its owner.
  func reach(_ variable: Variable) {
    var function: FunctionScope? = context.scope.function
    while let current = function, current !== variable.owner, current.prologue?.scope !== variable.owner {
      variable.isCaptured = true
      current.capture(variable)
      function = current.parent
    }
  }

  /// A name where a value is due.
  func resolve(_ reference: NameReference, role: NameRole) {
    guard let meaning = lookUp(reference.name) else {
      noteUndeclared(reference, role: role, isUpdate: false)
      return
    }
    reference.meaning = meaning
    guard case .variable(let variable) = meaning else { return }
    variable.isUsed = true
    if variable.kind == .importedFile {
      report(.importAsValue(variable.name, at: source.place(reference.range)))
    }
    reach(variable)
  }

  /// A name that is assigned to.
  func resolveAssigned(_ reference: NameReference, isUpdate: Bool) {
    guard let meaning = lookUp(reference.name) else {
      noteUndeclared(reference, role: .assignment, isUpdate: isUpdate)
      return
    }
    reference.meaning = meaning
    switch meaning {
    case .variable(let variable):
      noteAssigned(variable, by: reference, isUpdate: isUpdate)
      reach(variable)
    case .function:
      report(.notAssignable(reference.name, what: "a builtin function", at: source.place(reference.range)))
    case .predefined:
      report(.notAssignable(reference.name, what: "a predefined name", at: source.place(reference.range)))
    case .unresolved: break
    }
  }

  private func noteAssigned(_ variable: Variable, by reference: NameReference, isUpdate: Bool) {
    if !variable.kind.isAssignable {
      report(.notAssignable(reference.name, what: variable.kind.description, at: source.place(reference.range)))
    }
    variable.isReassigned = true
    if isUpdate { variable.isUsed = true }
    otherVariables.insert(ObjectIdentifier(variable))
    changingVariables.insert(ObjectIdentifier(variable))
  }

  // MARK: - Names that nothing has declared

  private func noteUndeclared(_ reference: NameReference, role: NameRole, isUpdate: Bool) {
    if hasSetup, isInFunctionOfFile {
      awaited.append(AwaitedUse(reference: reference, role: role, isUpdate: isUpdate, context: context))
    } else {
      reportUndeclared(reference.name, at: reference.range, role: role)
    }
  }

  /// A test may call it, and it stands in none.
  private var isInFunctionOfFile: Bool {
    var isInFunction = false
    var function: FunctionScope? = context.scope.function
    while let current = function, current.kind != .file {
      if current.kind == .test || current.kind == .setup { return false }
      isInFunction = isInFunction || current.kind == .function
      function = current.parent
    }
    return isInFunction
  }

  /// `setup` has been read: what functions of the file use of its names lives where they reach it.
  func resolveAwaited(in setup: LexicalScope?) {
    for use in awaited {
      let name = use.reference.name
      guard let variable = setup?.own(name) else {
        inside(use.context) { reportUndeclared(name, at: use.reference.range, role: use.role) }
        continue
      }
      use.reference.meaning = .variable(variable)
      variable.isReachedByFile = true
      variable.isCaptured = true
      if use.role == .assignment {
        noteAssigned(variable, by: use.reference, isUpdate: use.isUpdate)
      } else {
        variable.isUsed = true
      }
    }
    awaited = []
  }

  func reportUndeclared(_ name: String, at range: SourceRange, role: NameRole) {
    guard reportedNames.insert(name).inserted else { return }
    // Those behind the last one that is shown are only counted.
    let meant = undeclared.count < Limits.diagnostics ? suggestion(for: name, role: role) : nil
    undeclared.append(
      Undeclared(
        name: name, range: range, role: role, suggestion: meant, isInOwnValue: context.scope.isPending(name)))
  }

  private func suggestion(for name: String, role: NameRole) -> String? {
    var candidates: [String] = []
    if case .operand(let verb) = role { candidates += VerbTable[verb].options.joined().map(\.word.rawValue) }
    candidates += context.scope.visibleNames(limit: 2000)
    if let session { candidates += session.variables.keys.sorted().prefix(2000) }
    if role != .assignment, role != .listAssignment {
      candidates += BuiltinFunction.allCases.map(\.rawValue)
      candidates += PredefinedName.allCases.filter { session != nil || !PredefinedName.results.contains($0) }.map(\.rawValue)
      candidates += Verb.allCases.map(\.rawValue)
    }
    return Suggestion.nearest(name, among: candidates)
  }
}

extension Variable.Kind {
  var isAssignable: Bool {
    switch self {
    case .local, .parameter, .setting: true
    case .function, .message, .importedFile: false
    }
  }

  var description: String {
    switch self {
    case .local: "a variable"
    case .parameter: "a parameter"
    case .setting: "a setting"
    case .function: "a function"
    case .message: "a message"
    case .importedFile: "an imported file"
    }
  }
}
