// What a piece of the tree is made of, however deep: the names it uses and declares, its steps and its calls.

package struct TreeNames {
  package private(set) var uses: [NameReference] = []
  /// Those that are known behind the statement: not those of a function, a task or a loop's turn.
  package private(set) var declarations: [NameDeclaration] = []
  /// Those of a short function are not among them, and neither are its calls: they wait until it is called.
  package private(set) var steps: [Step] = []
  package private(set) var calls: [Call] = []
  /// There is a function in it, which reads its names when it is called.
  package private(set) var hasFunction = false

  /// How many bodies are open around that keep their names to themselves.
  private var inner = 0
  /// How many of them are those of short functions.
  private var shortFunctions = 0

  package init(of statement: Statement) { add(statement) }
  package init(of expression: Expression) { add(expression) }

  // MARK: - Statements

  private mutating func add(_ block: Block) { for statement in block.statements { add(statement) } }

  private mutating func addInner(_ block: Block) {
    inner += 1
    add(block)
    inner -= 1
  }

  private mutating func declare(_ name: NameDeclaration) { if inner == 0 { declarations.append(name) } }

  private mutating func declare(_ target: Target) {
    switch target {
    case .name(let name): declare(name)
    case .list(let names, _): for name in names { declare(name) }
    }
  }

  private mutating func add(_ statement: Statement) {
    switch statement.kind {
    case .declare(let target, let value):
      add(value)
      declare(target)
    case .assign(let target, _, let value):
      add(target)
      add(value)
    case .param(let setting):
      if let value = setting.value { add(value) }
      declare(setting.name)
    case .importFile(let declaration): declare(declaration.name)
    case .returnValue(let value): if let value { add(value) }
    case .breakLoop, .continueLoop, .invalid: break
    case .deferred(let statement, _): add(statement)
    case .expression(let expression): add(expression)
    case .conditional(let branches, let otherwise):
      for branch in branches {
        add(branch.condition.value)
        if let name = branch.condition.name { declare(name) }
        add(branch.body)
      }
      if let otherwise { add(otherwise) }
    case .choice(let choice):
      add(choice.subject)
      for branch in choice.branches {
        for value in branch.values { add(value) }
        if let name = branch.name { declare(name) }
        add(branch.body)
      }
      if let otherwise = choice.otherwise { add(otherwise) }
    case .whileLoop(let condition, let body):
      add(condition.value)
      inner += 1
      if let name = condition.name { declare(name) }
      inner -= 1
      addInner(body)
    case .forLoop(let names, let values, let body):
      add(values)
      inner += 1
      for name in names.all { declare(name) }
      inner -= 1
      addInner(body)
    case .loop(let body): addInner(body)
    case .function(let function):
      hasFunction = true
      declare(function.name)
      add(function)
    case .message(let message):
      declare(message.name)
      for field in message.fields { for message in field.type.messages { add(message) } }
    case .attempt(let body, let clause, let finally):
      add(body)
      if let clause {
        if let name = clause.name { declare(name) }
        add(clause.body)
      }
      if let finally { add(finally) }
    case .with(let value, let body), .within(let value, let body):
      add(value)
      add(body)
    case .spawn(let spawn):
      if let name = spawn.name { declare(name) }
      addInner(spawn.body)
    case .serve(let serve):
      if let receiver = serve.receiver { add(receiver) }
      if let count = serve.count { add(count) }
      if let workers = serve.workers { add(workers) }
      addInner(serve.body)
    case .retry(let within, let every, let body):
      add(within)
      if let every { add(every) }
      add(body)
    case .select(let select): add(select)
    case .test(let test): addInner(test.body)
    case .setup(let setup): addInner(setup.body)
    }
  }

  private mutating func add(_ function: FunctionDeclaration) {
    for parameter in function.parameters { if let value = parameter.defaultValue { add(value) } }
    addInner(function.body)
  }

  private mutating func add(_ select: SelectStatement) {
    for selectCase in select.cases {
      switch selectCase.trigger {
      case .step(let step): add(step)
      case .after(let duration): add(duration)
      }
      if let condition = selectCase.condition { add(condition) }
      add(selectCase.body)
    }
    if let otherwise = select.otherwise { add(otherwise) }
  }

  private mutating func add(_ target: AssignmentTarget) {
    switch target {
    case .name(let name): uses.append(name)
    case .index(let base, let index, _):
      add(base)
      add(index)
    case .member(let base, _, _): add(base)
    case .list(let names, _): uses += names
    }
  }

  // MARK: - Expressions

  private mutating func add(_ expression: Expression) {
    switch expression {
    case .nothing, .boolean, .integer, .float, .string, .invalid: break
    case .interpolation(let parts, _): add(parts)
    case .regex(let regex): add(regex.parts)
    case .name(let name): uses.append(name)
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
      add(condition)
      add(first)
      add(second)
    case .binary(_, let left, let right, _), .and(let left, let right, _), .or(let left, let right, _),
      .index(let left, let right, _):
      add(left)
      add(right)
    case .range(let lower, let upper, _, _):
      if let lower { add(lower) }
      if let upper { add(upper) }
    case .call(let call):
      if shortFunctions == 0 { calls.append(call) }
      add(call.callee)
      for argument in call.arguments { add(argument) }
    case .member(let member): add(member.base)
    case .function(let function):
      hasFunction = true
      shortFunctions += 1
      add(function)
      shortFunctions -= 1
    case .template(let template):
      add(template.message)
      add(template.fields)
    case .step(let step): add(step)
    }
  }

  private mutating func add(_ parts: [StringPart]) {
    for part in parts { if case .hole(let hole) = part { add(hole) } }
  }

  private mutating func add(_ step: Step) {
    if shortFunctions == 0 { steps.append(step) }
    if let receiver = step.receiver { add(receiver) }
    for operand in step.operands { add(operand) }
    if let address = step.address { add(address) }
    if case .expression(let word)? = step.word { add(word) }
    for option in step.options {
      switch option.value {
      case .none: break
      case .expression(let value): add(value)
      case .address(let address): add(address)
      case .word(let word): if case .expression(let value) = word { add(value) }
      }
    }
    if let within = step.within { add(within) }
    if let result = step.result { declare(result) }
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
