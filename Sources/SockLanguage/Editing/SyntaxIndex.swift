// Where each name, step, call and block of a file stands: what an editor's questions are answered from.

/// What is found at one name.
package struct Occurrence {
  package enum Role: Sendable { case declaration, assignment, use, member }

  package enum Meaning {
    case variable(Variable)
    /// Of an imported file.
    case exported(Variable, of: ImportDeclaration)
    case function(BuiltinFunction)
    case predefined(PredefinedName)
    /// Behind a dot: the value decides.
    case property
    case unresolved
  }

  package let name: String
  package let range: SourceRange
  package let role: Role
  package let meaning: Meaning

  /// The variable, and the imported file that declares it; nil: the file that was indexed.
  package var variable: (variable: Variable, module: CheckedFile?)? {
    switch meaning {
    case .variable(let variable): (variable, nil)
    case .exported(let variable, let declaration): declaration.module.map { (variable, $0) }
    case .function, .predefined, .property, .unresolved: nil
    }
  }
}

/// What gives a name its first value.
package enum Origin {
  case value(Expression)
  /// One of several that a `let` takes from a list.
  case element
  case step(Step)
  case turn
  /// `as` behind a condition or an `is`.
  case condition(Expression)
  case failure
  case task
  case setting(ParameterDeclaration)
  case parameter(Int, of: FunctionDeclaration)
  case function(FunctionDeclaration)
  case importedFile(ImportDeclaration)
  case message(MessageDeclaration)
}

/// Lists of all there is in the tree of a file, however deep, in the order of the text.
package struct SyntaxIndex {
  package private(set) var occurrences: [Occurrence] = []
  package private(set) var steps: [Step] = []
  package private(set) var calls: [Call] = []
  package private(set) var functions: [FunctionDeclaration] = []
  package private(set) var tests: [TestDeclaration] = []
  /// Those that are performed where they stand; of those inside each other the outer one first.
  package private(set) var statements: [SourceRange] = []
  /// From the head of each block to its end.
  package private(set) var blocks: [SourceRange] = []
  /// What stands in the holes of strings, regexes and addresses.
  private(set) var holes: [SourceRange] = []
  /// The words of a step's options, by their beginnings.
  private(set) var options: [UInt32: (step: Step, option: StepOption)] = [:]
  /// The words that stand for themselves, by their beginnings: `SO_RCVBUF`, `TERM`.
  private(set) var bareWords: Set<UInt32> = []
  private var origins: [ObjectIdentifier: Origin] = [:]
  /// The place of each name in `occurrences`, by its beginning.
  private var order: [UInt32: Int] = [:]

  package init(_ file: CheckedFile) {
    add(file.body)
    occurrences.sort { $0.range.lower < $1.range.lower }
    for (index, occurrence) in occurrences.enumerated() { order[occurrence.range.lower] = index }
    holes.sort { $0.lower < $1.lower }
  }

  /// What the name gets where it is declared first; nil where the text does not tell.
  package func origin(of variable: Variable) -> Origin? { origins[ObjectIdentifier(variable)] }

  /// The name that begins there.
  package func occurrence(startingAt offset: UInt32) -> Occurrence? { order[offset].map { occurrences[$0] } }

  /// The name that an offset touches: one behind it counts as well.
  package func occurrence(at offset: Int) -> Occurrence? {
    var low = 0
    var high = occurrences.count
    while low < high {
      let middle = (low + high) / 2
      if Int(occurrences[middle].range.lower) <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 && offset <= Int(occurrences[low - 1].range.upper) ? occurrences[low - 1] : nil
  }

  // MARK: - Names

  private mutating func use(_ reference: NameReference, role: Occurrence.Role = .use) {
    let meaning: Occurrence.Meaning =
      switch reference.meaning {
      case .variable(let variable): .variable(variable)
      case .function(let function): .function(function)
      case .predefined(let name): .predefined(name)
      case .unresolved: .unresolved
      }
    occurrences.append(Occurrence(name: reference.name, range: reference.range, role: role, meaning: meaning))
  }

  private mutating func declare(_ name: NameDeclaration, _ origin: Origin) {
    // What could not be read has no name.
    guard name.range.upper > name.range.lower else { return }
    guard let variable = name.variable else {
      occurrences.append(Occurrence(name: name.name, range: name.range, role: .declaration, meaning: .unresolved))
      return
    }
    let isFirst = variable.declaration == name.range
    if isFirst { origins[ObjectIdentifier(variable)] = origin }
    occurrences.append(
      Occurrence(
        name: name.name, range: name.range, role: isFirst ? .declaration : .assignment, meaning: .variable(variable)))
  }

  // MARK: - Statements

  private mutating func add(_ block: Block) { for statement in block.statements { add(statement) } }

  private mutating func add(_ statement: Statement) {
    if statement.isPerformed { statements.append(statement.range) }
    switch statement.kind {
    case .declare(let target, let value):
      add(value)
      switch target {
      case .name(let name): declare(name, .value(value))
      case .list(let names, _): for name in names { declare(name, .element) }
      }
    case .assign(let target, _, let value):
      add(target)
      add(value)
    case .param(let setting):
      declare(setting.name, .setting(setting))
      if let value = setting.value { add(value) }
    case .importFile(let declaration): declare(declaration.name, .importedFile(declaration))
    case .message(let message):
      blocks.append(statement.range)
      declare(message.name, .message(message))
      for field in message.fields { for message in field.type.messages { add(message) } }
    case .returnValue(let value): if let value { add(value) }
    case .breakLoop, .continueLoop, .invalid: break
    case .deferred(let inner, _): add(inner)
    case .expression(let value): add(value)
    case .conditional(let branches, let otherwise):
      blocks.append(statement.range)
      for branch in branches {
        add(branch.condition)
        add(branch.body)
      }
      if let otherwise { add(otherwise) }
    case .choice(let choice):
      blocks.append(statement.range)
      add(choice.subject)
      for branch in choice.branches {
        blocks.append(branch.range)
        for value in branch.values { add(value) }
        if let name = branch.name { declare(name, .condition(choice.subject)) }
        add(branch.body)
      }
      if let otherwise = choice.otherwise { add(otherwise) }
    case .whileLoop(let condition, let body):
      blocks.append(statement.range)
      add(condition)
      add(body)
    case .forLoop(let names, let values, let body):
      blocks.append(statement.range)
      add(values)
      for name in names.all { declare(name, .turn) }
      add(body)
    case .loop(let body):
      blocks.append(statement.range)
      add(body)
    case .function(let function):
      blocks.append(statement.range)
      declare(function.name, .function(function))
      add(function)
    case .attempt(let body, let clause, let finally):
      blocks.append(statement.range)
      add(body)
      if let clause {
        if let name = clause.name { declare(name, .failure) }
        add(clause.body)
      }
      if let finally { add(finally) }
    case .with(let value, let body), .within(let value, let body):
      blocks.append(statement.range)
      add(value)
      add(body)
    case .spawn(let spawn):
      blocks.append(statement.range)
      if let name = spawn.name { declare(name, .task) }
      add(spawn.body)
    case .serve(let serve):
      blocks.append(statement.range)
      for part in [serve.receiver, serve.count, serve.workers] { if let part { add(part) } }
      add(serve.body)
    case .retry(let within, let every, let body):
      blocks.append(statement.range)
      add(within)
      if let every { add(every) }
      add(body)
    case .select(let select):
      blocks.append(statement.range)
      add(select)
    case .test(let test):
      blocks.append(test.range)
      tests.append(test)
      for part in [test.name, test.citation, test.timeout, test.todo] { if let part { add(part) } }
      add(test.body)
    case .setup(let setup):
      blocks.append(setup.range)
      add(setup.body)
    }
  }

  private mutating func add(_ condition: Condition) {
    add(condition.value)
    if let name = condition.name { declare(name, .condition(condition.value)) }
  }

  private mutating func add(_ function: FunctionDeclaration) {
    functions.append(function)
    for (number, parameter) in function.parameters.enumerated() {
      declare(parameter.name, .parameter(number, of: function))
      if let value = parameter.defaultValue { add(value) }
    }
    add(function.body)
  }

  private mutating func add(_ select: SelectStatement) {
    for item in select.cases {
      blocks.append(item.range)
      switch item.trigger {
      case .step(let step): add(step)
      case .after(let duration): add(duration)
      }
      if let condition = item.condition { add(condition) }
      add(item.body)
    }
    if let otherwise = select.otherwise { add(otherwise) }
  }

  private mutating func add(_ target: AssignmentTarget) {
    switch target {
    case .name(let name): use(name, role: .assignment)
    case .list(let names, _): for name in names { use(name, role: .assignment) }
    case .index(let base, let index, _):
      add(base)
      add(index)
    case .member(let base, _, _): add(base)
    }
  }

  // MARK: - Expressions

  private mutating func add(_ expression: Expression) {
    switch expression {
    case .nothing, .boolean, .integer, .float, .string, .invalid: break
    case .interpolation(let parts, _): add(parts)
    case .regex(let regex): add(regex.parts)
    case .name(let name): use(name)
    case .list(let elements, _): for element in elements { add(element) }
    case .map(let entries, _):
      for entry in entries {
        if case .interpolation(let parts) = entry.key { add(parts) }
        add(entry.value)
      }
    case .parenthesized(let inner, _), .unary(_, let inner, _), .not(let inner, _): add(inner)
    case .attempt(let inner, let otherwise, _):
      add(inner)
      if let otherwise { add(otherwise) }
    case .choice(let condition, let first, let second, _):
      for part in [condition, first, second] { add(part) }
    case .binary(_, let left, let right, _), .and(let left, let right, _), .or(let left, let right, _),
      .index(let left, let right, _):
      add(left)
      add(right)
    case .range(let lower, let upper, _, _): for part in [lower, upper] { if let part { add(part) } }
    case .call(let call):
      calls.append(call)
      add(call.callee)
      for argument in call.arguments { add(argument) }
    case .member(let member): add(member)
    case .function(let function): add(function)
    case .template(let template):
      add(template.message)
      add(template.fields)
    case .step(let step): add(step)
    }
  }

  private mutating func add(_ member: MemberReference) {
    add(member.base)
    let meaning: Occurrence.Meaning =
      switch member.meaning {
      case .property: .property
      case .exported(let variable, let declaration): .exported(variable, of: declaration)
      case .functionOnChannel(.variable(let variable)): .variable(variable)
      case .functionOnChannel(.function(let function)): .function(function)
      case .functionOnChannel(.predefined), .functionOnChannel(.unresolved): .property
      }
    occurrences.append(Occurrence(name: member.name, range: member.nameRange, role: .member, meaning: meaning))
  }

  private mutating func add(_ parts: [StringPart]) {
    for part in parts {
      guard case .hole(let hole) = part else { continue }
      holes.append(hole.range)
      add(hole)
    }
  }

  private mutating func add(_ step: Step) {
    steps.append(step)
    if let receiver = step.receiver { add(receiver) }
    for operand in step.operands { add(operand) }
    if let address = step.address { add(address) }
    if let word = step.word { add(word) }
    for option in step.options {
      options[option.range.lower] = (step, option)
      switch option.value {
      case .none: break
      case .expression(let value): add(value)
      case .address(let address): add(address)
      case .word(let word): add(word)
      }
    }
    if let within = step.within { add(within) }
    if let result = step.result { declare(result, .step(step)) }
  }

  private mutating func add(_ word: WordOperand) {
    switch word {
    case .literal(_, let range): bareWords.insert(range.lower)
    case .integer: break
    case .expression(let value): add(value)
    }
  }

  private mutating func add(_ address: AddressOperand) {
    switch address {
    case .bare(let parts, _): add(parts)
    case .value(let value): add(value)
    case .hostAndPort(let host, let port):
      add(host)
      add(port)
    }
  }
}
