// From a checked file to code: what all bodies of a program share, and one body.

import SockLanguage

/// Compiles a file and what it imports. One for each program: it knows which cells and functions exist already.
package final class Compiler {
  /// The cells of top-level variables that functions, importers or a session reach.
  private var staticCells: [ObjectIdentifier: Cell] = [:]
  private var functionCodes: [ObjectIdentifier: Function] = [:]
  private var modules: [ObjectIdentifier: Module] = [:]
  var messageSteps: [MessageStep] = []
  /// With what they are made of, which the keys name.
  var layouts: [ObjectIdentifier: (layout: MessageLayout, declaration: MessageDeclaration)] = [:]
  /// What the tables above name must stay alive, or another object could get its identity.
  private var keptAlive: [AnyObject] = []
  /// What is known of functions already: see `BodyCompiler.captureFree`.
  var captureFree: [ObjectIdentifier: Bool] = [:]
  /// Something in it asks for a screen.
  var readsScreens = false
  /// The first thing that was too large.
  var overflow: ProgramTooLarge?

  /// Whether bodies are to know where their names are while they run.
  let keepsNames: Bool

  /// Whether each statement begins with an instruction at which it can be stopped.
  let stopsAtStatements: Bool

  /// What is called behind each test, however that has ended; nil: nothing is.
  let probe: FunctionDeclaration?

  /// - Parameters:
  ///   - keepsNames: for tests that are to be stopped in their middle (`FunctionCode.names`).
  ///   - stopsAtStatements: for who goes through a script statement by statement.
  ///   - probe: a function of the file that is called behind each test, however that has ended, and whose failure is
  ///     the test's then.
  package init(keepsNames: Bool = false, stopsAtStatements: Bool = false, probe: FunctionDeclaration? = nil) {
    self.keepsNames = keepsNames
    self.stopsAtStatements = stopsAtStatements
    self.probe = probe
  }

  package static func compile(_ checked: CheckedFile) throws(ProgramTooLarge) -> Program {
    try Compiler().compile(checked)
  }

  /// For a session: compiles one more input against the names of those before.
  package func compile(_ checked: CheckedFile) throws(ProgramTooLarge) -> Program {
    let main = compileFile(checked)
    if let overflow { throw overflow }
    // Those of earlier inputs have been told with theirs.
    defer { messageSteps = [] }
    return Program(
      main: main, file: checked.source, hasTests: checked.hasTests, readsScreens: readsScreens,
      layouts: layouts.values.map(\.layout), messageSteps: messageSteps)
  }

  private func compileFile(_ checked: CheckedFile) -> FunctionCode {
    // First, so that a function of an imported file is compiled as its own file's.
    for declaration in checked.imports { _ = module(of: declaration) }
    let code = FunctionCode(name: checked.source.name, kind: .file, file: checked.source, range: checked.body.range)
    let body = BodyCompiler(program: self, scope: checked.scope, code: code, parent: nil)
    body.compileBody(checked.body, parameters: [], prologue: nil, hasTests: checked.hasTests)
    return code
  }

  /// The cell of a top-level variable.
  func cell(of variable: Variable) -> Cell { cell(for: variable) }

  /// For a session: a name that is declared anew is the same variable to what was compiled before.
  func replace(_ earlier: Variable, by later: Variable) {
    let shared = cell(for: earlier)
    guard staticCells.updateValue(shared, forKey: ObjectIdentifier(later)) == nil else { return }
    keptAlive.append(later)
  }

  /// Holds true while a test is under way, for which this `setup` has run.
  func cell(ofSetup scope: FunctionScope) -> Cell { cell(for: scope) }

  private func cell(for object: AnyObject) -> Cell {
    let key = ObjectIdentifier(object)
    if let cell = staticCells[key] { return cell }
    let cell = Cell()
    staticCells[key] = cell
    keptAlive.append(object)
    return cell
  }

  /// A function that captures nothing: one object for the whole program, made before its code where calls come first.
  func function(of declaration: FunctionDeclaration, in file: SourceFile) -> (function: Function, isNew: Bool) {
    let key = ObjectIdentifier(declaration)
    if let function = functionCodes[key] { return (function, false) }
    let code = FunctionCode(
      name: declaration.name.name, kind: .function, file: file, range: declaration.range)
    code.table.pointee.parameterCount = declaration.parameters.count
    code.table.pointee.requiredCount = declaration.parameters.prefix { $0.defaultValue == nil }.count
    let function = Function(code: code)
    functionCodes[key] = function
    keptAlive.append(declaration)
    return (function, true)
  }

  func module(of declaration: ImportDeclaration) -> Module? {
    guard let checked = declaration.module else { return nil }
    let key = ObjectIdentifier(checked)
    if let module = modules[key] { return module }
    // Entered before its body is compiled: the loader has refused cycles, and two importers share one module.
    let code = FunctionCode(name: checked.source.name, kind: .file, file: checked.source, range: checked.body.range)
    let module = Module(name: checked.source.name, code: code)
    modules[key] = module
    keptAlive.append(checked)
    for inner in checked.imports { _ = self.module(of: inner) }
    BodyCompiler(program: self, scope: checked.scope, code: code, parent: nil)
      .compileBody(checked.body, parameters: [], prologue: nil)
    return module
  }
}

/// Where a variable of the body being compiled is found.
enum Location {
  case register(Int)
  /// A register that holds a cell.
  case cell(Int)
  /// A cell that this function has captured.
  case captured(Int)
  /// A cell of the whole program.
  case `static`(Cell)
}

/// Compiles one body. Its parts are in the files beside this one: expressions, steps, statements, blocks.
final class BodyCompiler {
  let program: Compiler
  let scope: FunctionScope
  let code: FunctionCode
  let parent: BodyCompiler?
  /// A test's `setup`, whose variables are this body's own.
  private var prologueScope: FunctionScope?

  var instructions: [Instruction] = []
  var ranges: [SourceRange] = []
  var constants: [Value] = []
  private var constantNumbers: [ConstantKey: Int] = [:]
  private var staticNumbers: [ObjectIdentifier: Int] = [:]
  private var functionNumbers: [ObjectIdentifier: Int] = [:]
  private var capturedNumbers: [ObjectIdentifier: Int] = [:]
  private var locals: [ObjectIdentifier: Location] = [:]
  /// The names of the blocks so far, where they are kept.
  private var known: [(variable: Variable, block: SourceRange)] = []

  /// The first register that nothing uses.
  var top = 0
  private var highest = 0
  /// The first register that the statement being compiled has not used.
  private var statementTop = 0
  /// What was compiled may have left a channel, or what leads to one, in a temporary.
  private var leavesValues = false
  /// What has to be undone when control leaves: innermost last.
  var cleanups: [Cleanup] = []
  var loops: [LoopContext] = []
  var currentRange = SourceRange.none

  init(program: Compiler, scope: FunctionScope, code: FunctionCode, parent: BodyCompiler?) {
    self.program = program
    self.scope = scope
    self.code = code
    self.parent = parent
  }

  private enum ConstantKey: Hashable { case integer(Int), string([UInt8]) }

  // MARK: - The whole body

  func compileBody(
    _ body: Block, parameters: [FunctionDeclaration.Parameter], prologue: SetupDeclaration?, hasTests: Bool = false
  ) {
    prologueScope = prologue?.scope
    currentRange = code.range
    for parameter in parameters {
      let register = allocate()
      guard let variable = parameter.name.variable else { continue }
      locals[ObjectIdentifier(variable)] = .register(register)
      if program.keepsNames { known.append((variable, code.range)) }
    }
    let requiredCount = parameters.prefix { $0.defaultValue == nil }.count
    let entries = compileEntries(parameters, requiredCount)
    if code.kind == .test, let probe = program.probe {
      compileProbed(probe) { compile(prologue, and: body) }
    } else {
      compile(prologue, and: body)
    }
    currentRange = SourceRange(Int(body.range.upper), Int(body.range.upper))
    if hasTests { emit(.awaitTests) }
    let result = allocate()
    emit(.loadNil, result)
    emit(.returnValue, result)
    finish(entries: entries, parameterCount: parameters.count, requiredCount: requiredCount)
  }

  /// The defaults of parameters: where a call begins that gives so many of them. What functions capture goes into cells
  /// before the first default that may hold such a function.
  private func compileEntries(_ parameters: [FunctionDeclaration.Parameter], _ requiredCount: Int) -> [Int] {
    let captured = parameters.indices.filter { parameters[$0].name.variable?.isCaptured ?? false }
    for at in captured { if let variable = parameters[at].name.variable { locals[ObjectIdentifier(variable)] = .cell(at) } }
    var entries: [Int] = []
    var jumps: [Int] = []
    if !captured.isEmpty, requiredCount < parameters.count {
      for count in requiredCount...parameters.count {
        entries.append(instructions.count)
        for at in captured where at < count { putIntoCell(at) }
        jumps.append(emit(.jump, 0))
      }
    }
    for at in requiredCount..<parameters.count {
      if jumps.isEmpty { entries.append(instructions.count) } else { patch(jumps[at - requiredCount], to: here) }
      if let value = parameters[at].defaultValue { compile(value, into: .variable(at)) }
      if captured.contains(at) { putIntoCell(at) }
    }
    if let last = jumps.last {
      patch(last, to: here)
    } else {
      entries.append(instructions.count)
      for at in captured { putIntoCell(at) }
    }
    return entries
  }

  /// A parameter that functions capture: r[at] becomes a cell that holds it.
  private func putIntoCell(_ at: Int) {
    let mark = top
    let value = allocate()
    emit(.move, value, at)
    emit(.newCell, at)
    emit(.storeCell, at, value)
    release(mark)
  }

  /// What runs before a body in its own frame, and the body.
  private func compile(_ prologue: SetupDeclaration?, and body: Block) {
    if let prologue {
      enterScope(prologue.body)
      if program.keepsNames { known += prologue.body.names.variables.map { ($0, code.range) } }
      if prologue.body.names.variables.contains(where: \.isReachedByFile) {
        let mark = top
        let register = allocate()
        emit(.loadBoolean, register, 1)
        emit(.storeStatic, register, wide: number(ofStatic: program.cell(ofSetup: prologue.scope)))
        release(mark)
      }
      compileStatements(prologue.body)
    }
    enterScope(body)
    compileStatements(body)
  }

  /// Calls a function of the file behind a body, which may have failed. What the body has deferred comes after it.
  private func compileProbed(_ probe: FunctionDeclaration, _ body: () -> Void) {
    let failure = allocate()
    emit(.loadNil, failure)
    caught(in: failure, body)
    currentRange = probe.range
    emit(.beginProbe, failure)
    let base = allocate(2)
    emit(.callDirect, base, number(of: compiled(probe)), 0)
  }

  private func finish(entries: [Int], parameterCount: Int, requiredCount: Int) {
    code.table.pointee.parameterCount = parameterCount
    code.table.pointee.requiredCount = requiredCount
    code.ranges = ranges
    if program.keepsNames { code.names = namedPlaces() }
    if highest >= Int(UInt16.max) - 8 {
      tooLarge("more than \(UInt16.max - 8) names and intermediate values in one body; split it into functions")
    }
    code.install(instructions, constants, entries: entries, registerCount: highest + 1)
  }

  func tooLarge(_ message: String) {
    if program.overflow == nil {
      program.overflow = ProgramTooLarge(
        site: SourceSite(file: code.file, range: currentRange), message: message)
    }
  }

  // MARK: - Emitting

  @discardableResult
  func emit(_ operation: Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) -> Int {
    switch operation {
    case .call, .callDirect, .callBuiltin, .callUnary, .newList, .takeApart, .skipIfFitsNaming: leavesValues = true
    default: break
    }
    instructions.append(Instruction(operation, a, b, c))
    ranges.append(currentRange)
    return instructions.count - 1
  }

  @discardableResult
  func emit(_ operation: Operation, _ a: Int, wide: Int) -> Int {
    switch operation {
    case .step, .select, .spawn, .serve: leavesValues = true
    default: break
    }
    instructions.append(Instruction(operation, a, wide: wide))
    ranges.append(currentRange)
    return instructions.count - 1
  }

  var here: Int { instructions.count }

  /// Sets the target of a jump that was emitted without one.
  func patch(_ at: Int, to target: Int) {
    instructions[at] = Instruction(instructions[at].operation, Int(instructions[at].a), wide: target)
  }

  func patch(_ jumps: [Int], to target: Int) {
    for jump in jumps { patch(jump, to: target) }
  }

  // MARK: - Registers

  func allocate(_ count: Int = 1) -> Int {
    let first = top
    top += count
    highest = max(highest, top)
    statementTop = max(statementTop, top)
    return first
  }

  /// Compiles something and, behind it, the emptying of its temporaries: a channel that only they still reach is
  /// closed. Mere computing leaves none there and costs nothing.
  func emptyingTemporaries(_ body: () -> Void) {
    let (mark, outerTop, outerLeaves) = (top, statementTop, leavesValues)
    statementTop = top
    leavesValues = false
    body()
    release(mark)
    if leavesValues, statementTop > mark { emit(.clear, mark, statementTop - mark) }
    statementTop = max(outerTop, statementTop)
    leavesValues = leavesValues || outerLeaves
  }

  /// Empties the registers of a turn of a loop: its names end with it.
  func emptyTurn(from mark: Int) {
    if leavesValues, statementTop > mark { emit(.clear, mark, statementTop - mark) }
  }

  /// Frees the temporaries from `mark` up.
  func release(_ mark: Int) { top = mark }

  // MARK: - Constants and other tables

  func constant(integer: Int) -> Int {
    if let number = constantNumbers[.integer(integer)] { return number }
    constants.append(.integer(integer))
    constantNumbers[.integer(integer)] = constants.count - 1
    return constants.count - 1
  }

  func constant(string: [UInt8]) -> Int {
    if let number = constantNumbers[.string(string)] { return number }
    constants.append(Value(string))
    constantNumbers[.string(string)] = constants.count - 1
    return constants.count - 1
  }

  func constant(_ value: Value) -> Int {
    constants.append(value)
    return constants.count - 1
  }

  private func number(ofStatic cell: Cell) -> Int {
    if let number = staticNumbers[ObjectIdentifier(cell)] { return number }
    code.statics.append(cell)
    staticNumbers[ObjectIdentifier(cell)] = code.statics.count - 1
    return code.statics.count - 1
  }

  func number(of function: Function) -> Int {
    if let number = functionNumbers[ObjectIdentifier(function)] { return number }
    code.functions.append(function)
    functionNumbers[ObjectIdentifier(function)] = code.functions.count - 1
    return code.functions.count - 1
  }

  // MARK: - Variables

  /// A top-level variable of a file that has one life in the program, or one of `setup` that has one life in each test:
  /// inner functions reach it without capturing.
  private func isStatic(_ variable: Variable) -> Bool {
    (variable.owner.kind == .file && !variable.isPerTurn && variable.isCaptured) || variable.isReachedByFile
  }

  /// In a function of the file a name of `setup` is there only while a test runs.
  private func requireTest(for variable: Variable) {
    guard variable.isReachedByFile, isOutsideTests else { return }
    code.setupUses.append(SetupUse(name: variable.name, isSet: program.cell(ofSetup: variable.owner)))
    emit(.requireTest, 0, wide: code.setupUses.count - 1)
  }

  private var isOutsideTests: Bool {
    var around: FunctionScope? = scope
    while let current = around {
      if current.kind == .test || current.kind == .setup { return false }
      around = current.parent
    }
    return true
  }

  /// What is known in this body, for who stops it in its middle.
  private func namedPlaces() -> [NamedPlace] {
    var places: [NamedPlace] = []
    for (variable, block) in known {
      if let declaration = variable.function, isConstantFunction(variable), captureFree(declaration) {
        places.append(NamedPlace(variable: variable, block: block, place: .function(compiled(declaration))))
        continue
      }
      let place: NamedPlace.Place
      switch locals[ObjectIdentifier(variable)] {
      case .register(let register)?: place = .register(register)
      case .cell(let register)?: place = .cell(register)
      case .static(let cell)?: place = .inProgram(cell)
      case .captured?, nil: continue
      }
      places.append(NamedPlace(variable: variable, block: block, place: place))
    }
    for variable in scope.captures {
      guard let number = capturedNumbers[ObjectIdentifier(variable)] else { continue }
      places.append(NamedPlace(variable: variable, block: code.range, place: .captured(number)))
    }
    return places
  }

  /// Gives each variable of a scope its place.
  func enterScope(_ block: Block) {
    if program.keepsNames { known += block.names.variables.map { ($0, block.range) } }
    for variable in block.names.variables where variable.message == nil {
      if isStatic(variable) {
        locals[ObjectIdentifier(variable)] = .static(program.cell(of: variable))
      } else if let declaration = variable.function, isConstantFunction(variable), captureFree(declaration) {
        // Calls and uses name the function itself.
        continue
      } else {
        let register = allocate()
        if variable.isCaptured {
          emit(.newCell, register)
          locals[ObjectIdentifier(variable)] = .cell(register)
        } else {
          if variable.isConditional { emit(.loadNil, register) }
          locals[ObjectIdentifier(variable)] = .register(register)
        }
      }
    }
  }

  func isConstantFunction(_ variable: Variable) -> Bool {
    variable.kind == .function && !variable.isReassigned && !variable.isLateBound
  }

  /// Whether a function reaches nothing but its own and the program's variables, and functions of which the same is true:
  /// it then is one object for the whole program.
  func captureFree(_ declaration: FunctionDeclaration) -> Bool {
    if let known = program.captureFree[ObjectIdentifier(declaration)] { return known }
    var reached = [declaration]
    var seen: Set = [ObjectIdentifier(declaration)]
    var at = 0
    while at < reached.count {
      for variable in reached[at].scope.captures where !isStatic(variable) {
        guard let function = variable.function, isConstantFunction(variable) else {
          program.captureFree[ObjectIdentifier(declaration)] = false
          return false
        }
        if seen.insert(ObjectIdentifier(function)).inserted { reached.append(function) }
      }
      at += 1
    }
    for function in reached { program.captureFree[ObjectIdentifier(function)] = true }
    return true
  }

  func location(of variable: Variable) -> Location {
    let key = ObjectIdentifier(variable)
    if let location = locals[key] { return location }
    if isStatic(variable) { return .static(program.cell(of: variable)) }
    if variable.owner !== scope, variable.owner !== prologueScope {
      if let number = capturedNumbers[key] { return .captured(number) }
      guard let parent else { return .static(program.cell(of: variable)) }
      let source: CaptureSource
      switch parent.location(of: variable) {
      case .cell(let register), .register(let register): source = .register(register)
      case .captured(let number): source = .captured(number)
      case .static(let cell): return .static(cell)
      }
      code.captures.append(source)
      capturedNumbers[key] = code.captures.count - 1
      return .captured(code.captures.count - 1)
    }
    // Reached only by what the checker has refused; a register of its own keeps the compiler total.
    let register = allocate()
    locals[key] = .register(register)
    return .register(register)
  }

  /// The register of a variable that lives in one, else nil.
  func register(of variable: Variable) -> Int? {
    if case .register(let register) = location(of: variable) { return register }
    return nil
  }

  func load(_ variable: Variable, into destination: Int) {
    if let declaration = variable.function, isConstantFunction(variable), captureFree(declaration) {
      emit(.loadConstant, destination, wide: constant(.function(compiled(declaration))))
      return
    }
    if let message = variable.message {
      emit(.loadConstant, destination, wide: constant(.message(program.layout(of: message))))
      return
    }
    requireTest(for: variable)
    switch location(of: variable) {
    case .register(let register): if register != destination { emit(.move, destination, register) }
    case .cell(let register): emit(.loadCell, destination, register)
    case .captured(let number): emit(.loadCaptured, destination, number)
    case .static(let cell): emit(.loadStatic, destination, wide: number(ofStatic: cell))
    }
  }

  func store(_ variable: Variable, from source: Int) {
    requireTest(for: variable)
    switch location(of: variable) {
    case .register(let register): if register != source { emit(.move, register, source) }
    case .cell(let register): emit(.storeCell, register, source)
    case .captured(let number): emit(.storeCaptured, source, number)
    case .static(let cell): emit(.storeStatic, source, wide: number(ofStatic: cell))
    }
  }

  /// An operation in place on a variable that lives in no register of this body: for a static variable, in a cell of this
  /// body, captured.
  struct CellOperations: Equatable {
    let inStatic, inCell, inCaptured: Operation
  }

  static let appending = CellOperations(inStatic: .appendStatic, inCell: .appendCell, inCaptured: .appendCaptured)
  static let slicing = CellOperations(inStatic: .sliceStatic, inCell: .sliceCell, inCaptured: .sliceCaptured)

  /// Emits the one of the operations that reaches the variable. False, with nothing emitted: none does.
  func emit(_ operations: CellOperations, _ operand: Int, on variable: Variable, _ kept: Int) -> Bool {
    requireTest(for: variable)
    switch location(of: variable) {
    case .register: return false
    case .cell(let register): emit(operations.inCell, operand, register, kept)
    case .captured(let number): emit(operations.inCaptured, operand, number, kept)
    case .static(let cell):
      let number = number(ofStatic: cell)
      guard number <= Int(UInt16.max) else { return false }
      emit(operations.inStatic, operand, number, kept)
    }
    return true
  }

  /// The name of a turn of a loop, whose value the loop puts in a register: it lives there, unless it is captured.
  func declareTurn(_ declaration: NameDeclaration, in register: Int) {
    guard let variable = declaration.variable else { return }
    if self.register(of: variable) == nil {
      store(variable, from: register)
    } else {
      locals[ObjectIdentifier(variable)] = .register(register)
    }
  }

  /// A `let` inside a loop makes a new variable each turn; the scope's entry has done that.
  func declare(_ declaration: NameDeclaration, from source: Int) {
    if let variable = declaration.variable { store(variable, from: source) }
  }

  // MARK: - Functions

  /// The function object of a `def` that captures nothing; its code is compiled when first asked for.
  func compiled(_ declaration: FunctionDeclaration) -> Function {
    let (function, isNew) = program.function(of: declaration, in: code.file)
    if isNew {
      BodyCompiler(program: program, scope: declaration.scope, code: function.code, parent: self)
        .compileBody(declaration.body, parameters: declaration.parameters, prologue: nil)
    }
    return function
  }

  /// A `def`: made where its block begins, so that it can be called before it stands.
  func compileFunction(_ declaration: FunctionDeclaration) {
    guard let variable = declaration.name.variable else { return }
    if isConstantFunction(variable) || variable.isLateBound, captureFree(declaration) {
      let function = compiled(declaration)
      if case .static(let cell)? = locals[ObjectIdentifier(variable)] {
        cell.value = .function(function)
      } else if variable.isLateBound {
        program.cell(of: variable).value = .function(function)
      }
      return
    }
    let mark = top
    let register = allocate()
    currentRange = declaration.name.range
    emit(.makeFunction, register, wide: child(of: declaration))
    store(variable, from: register)
    release(mark)
  }

  /// Compiles a function that captures; the number of its code among the children.
  func child(of declaration: FunctionDeclaration) -> Int {
    child(
      name: declaration.name.name, kind: .function, scope: declaration.scope, range: declaration.range,
      body: declaration.body, parameters: declaration.parameters)
  }

  /// Compiles a body inside this one; the number of its code among the children.
  func child(
    name: String, kind: FunctionScope.Kind, scope: FunctionScope, range: SourceRange, body: Block,
    parameters: [FunctionDeclaration.Parameter] = [], prologue: SetupDeclaration? = nil
  ) -> Int {
    let inner = FunctionCode(name: name, kind: kind, file: code.file, range: range)
    BodyCompiler(program: program, scope: scope, code: inner, parent: self)
      .compileBody(body, parameters: parameters, prologue: prologue)
    code.children.append(inner)
    return code.children.count - 1
  }
}
