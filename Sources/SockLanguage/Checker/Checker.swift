// The checker of one file: a parsed file in, the same file with every name resolved out.
//
// The statements are walked once, in file order. Tests and the setup wait until the file's other
// statements are done, because that is when they run: they may use every top-level name.

/// The state of checking one file. Its methods are spread over the files of this folder by subject.
final class FileChecker {
  /// Where in the nesting of blocks a statement stands.
  enum Placement {
    case top
    /// In a `for` or `if` of the top level, which may hold tests.
    case topNested
    case inner
  }

  struct Context {
    var scope: LexicalScope
    var isInLoop = false
    var isInDefinition = false
    var placement = Placement.top
    /// Inside a block that may be left out, and that opens no scope.
    var isConditional = false
  }

  /// A name without a declaration. It is told at the end, when it is known whether a declaration follows.
  struct Undeclared {
    let name: String
    let range: SourceRange
    let role: NameRole
    let suggestion: String?
    /// It stands in the value of a `let` of that name, which another branch has declared before.
    let isInOwnValue: Bool
  }

  /// A use in a function of the file of a name that nothing has declared so far. `setup` may; it is read last.
  struct AwaitedUse {
    let reference: NameReference
    let role: NameRole
    let isUpdate: Bool
    let context: Context
  }

  let parsed: ParsedFile
  let source: SourceFile
  let session: SessionScope?
  let fileScope: LexicalScope
  var context: Context
  var diagnostics: [Diagnostic] = []

  var undeclared: [Undeclared] = []
  var awaited: [AwaitedUse] = []
  var reportedNames: Set<String> = []
  /// The first declaration of each name anywhere in the file, for the cure of an undeclared one.
  var firstDeclarations: [String: SourceRange] = [:]
  var warnedOptionWords: Set<String> = []
  /// The declarations behind the names that mean an imported file.
  var imports: [ObjectIdentifier: ImportDeclaration] = [:]

  /// Variables that a step such as `connect` set, and those that something else set.
  var channelVariables: Set<ObjectIdentifier> = []
  var otherVariables: Set<ObjectIdentifier> = []
  /// Errors that hold only if the variable is never anything but a channel.
  var channelErrors: [(variable: ObjectIdentifier, diagnostic: Diagnostic)] = []
  /// Of variables whose first value has one that the text tells.
  var knownTypes: [ObjectIdentifier: KnownType] = [:]
  /// Those that something else may set to a value of another type.
  var changingVariables: Set<ObjectIdentifier> = []
  /// Errors that hold only if nothing sets the variable to a value of another type.
  var valueErrors: [(variable: ObjectIdentifier, diagnostic: Diagnostic)] = []
  /// `args` is read.
  var readsArguments = false

  var setup: SetupDeclaration?
  /// Its top level has a `setup`.
  let hasSetup: Bool
  var tests: [(declaration: TestDeclaration, scope: LexicalScope)] = []
  var testNames: [[UInt8]: SourceRange] = [:]
  var regexResults: [RegexKey: RegexFault?] = [:]

  /// The lines that the parser has an error on.
  let damagedLines: Set<Int>

  /// All regions of the file in which names are declared, if they are to be kept.
  private var regions: [CheckedFile.Region]?

  /// - Parameter keepsScopes: which names are known where is wanted afterwards.
  init(_ parsed: ParsedFile, session: SessionScope?, keepsScopes: Bool = false) {
    self.parsed = parsed
    let source = parsed.source
    self.source = source
    damagedLines = Set(
      parsed.diagnostics.lazy.filter { $0.severity == .error }.map { source.position(of: Int($0.range.lower)).line })
    self.session = session
    hasSetup = parsed.body.statements.contains { if case .setup = $0.kind { true } else { false } }
    fileScope = LexicalScope(function: parsed.scope, parent: nil, record: parsed.body.names)
    context = Context(scope: fileScope)
    if keepsScopes { regions = [CheckedFile.Region(range: parsed.body.range, scope: fileScope)] }
  }

  func run() -> (file: CheckedFile, diagnostics: [Diagnostic]) {
    check(parsed.body)
    checkSetupAndTests()
    reportUndeclared()
    reportChannelErrors()
    reportValueErrors()
    let file = CheckedFile(
      source: source, body: parsed.body, scope: parsed.scope,
      exports: fileScope.names.filter { $0.value.kind != .importedFile },
      imports: parsed.imports, hasTests: !tests.isEmpty, readsArguments: readsArguments,
      isDamaged: parsed.diagnostics.hasError)
    if let regions { file.keep(regions) }
    return (file, limited(diagnostics.sortedByPosition()))
  }

  /// Makes the file's names known to the session's later inputs.
  func remember() {
    session?.rememberInput(fileScope.names.values, imports: imports)
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Reports a word that stands in a block where it may not; unless a block before it has no `end`: then that is why.
  func reportMisplaced(_ word: String, at place: Diagnostic.Place) {
    let isFollowing = parsed.diagnostics.contains { other in
      other.code == SyntaxCode.unclosedBlock.rawValue && other.range.lower < place.range.lower
    }
    if !isFollowing { report(.misplaced(word, at: place)) }
  }

  /// The first errors of a file and a word about the rest, so that a file of noise does not fill the screen.
  private func limited(_ all: [Diagnostic]) -> [Diagnostic] {
    guard all.count > Limits.diagnostics else { return all }
    let kept = all.prefix(Limits.diagnostics)
    return kept + [.tooManyComplaints(all.count - kept.count, at: source.place(all[Limits.diagnostics].range))]
  }

  /// Runs a body with another context, and restores the present one.
  func inside(_ changed: Context, _ body: () -> Void) {
    let saved = context
    context = changed
    body()
    context = saved
  }

  /// The context of a body with a frame of its own.
  func functionContext(
    _ function: FunctionScope, record: BlockNames?, over range: SourceRange, isDefinition: Bool = false
  ) -> Context {
    let scope = LexicalScope(function: function, parent: context.scope, record: record)
    keep(scope, over: range)
    return Context(scope: scope, isInLoop: false, isInDefinition: isDefinition, placement: .inner)
  }

  /// Whether nothing but steps that make a channel has set it.
  func isChannel(_ variable: Variable) -> Bool {
    channelVariables.contains(ObjectIdentifier(variable)) && !otherVariables.contains(ObjectIdentifier(variable))
  }

  func keep(_ scope: LexicalScope, over range: SourceRange) {
    regions?.append(CheckedFile.Region(range: range, scope: scope))
  }

  // MARK: - What waits for the end of the file

  private func checkSetupAndTests() {
    var shared: LexicalScope?
    if let setup {
      let scope = LexicalScope(function: setup.scope, parent: fileScope, record: setup.body.names)
      keep(scope, over: setup.range)
      inside(Context(scope: scope, placement: .inner)) { check(setup.body) }
      shared = scope
    }
    resolveAwaited(in: shared)
    for test in tests {
      test.declaration.scope.prologue = setup
      let scope = LexicalScope(
        function: test.declaration.scope, parent: test.scope, shared: shared, record: test.declaration.body.names)
      keep(scope, over: test.declaration.range)
      inside(Context(scope: scope, placement: .inner)) { check(test.declaration.body) }
    }
  }

  private func reportUndeclared() {
    // A file that the parser gave up on may declare anything further down.
    guard !undeclared.isEmpty, parsed.diagnostics.count < Limits.diagnostics else { return }
    let damaged = wordsOnDamagedLines()
    for use in undeclared where !damaged.contains(use.name) {
      let place = use.isInOwnValue ? .own : firstDeclarations[use.name].map { self.place(of: $0, from: use.range) }
      report(
        .undeclared(
          use.name, role: use.role, suggestion: use.suggestion, declared: place, at: source.place(use.range)))
    }
  }

  private func place(of declaration: SourceRange, from use: SourceRange) -> NameErrorPlace {
    let line = source.position(of: Int(declaration.lower)).line
    if declaration.lower > use.lower { return .later(line) }
    // On one line with the declaration it stands in its value, unless the statement has ended.
    let isOwn = line == source.position(of: Int(use.lower)).line && !statementEnds(between: declaration, use)
    return isOwn ? .own : .ended(line)
  }

  /// Whether a `;` stands between two places of a line.
  private func statementEnds(between first: SourceRange, _ second: SourceRange) -> Bool {
    var low = 0
    var high = parsed.tokens.count
    while low < high {
      let middle = (low + high) / 2
      if parsed.tokens[middle].lower <= first.lower { low = middle + 1 } else { high = middle }
    }
    return parsed.tokens[low...].prefix { $0.lower < second.lower }.contains { $0.kind == .semicolon }
  }

  /// A line that could not be parsed may have declared the names on it: those are not complained about.
  private func wordsOnDamagedLines() -> Set<String> {
    var words: Set<String> = []
    for line in damagedLines {
      for word in source.line(line).prefix(4096).split(whereSeparator: { !Lexer.continuesWord($0) }) {
        words.insert(String(decoding: word, as: UTF8.self))
      }
    }
    return words
  }

  /// Whether the parser has an error on the line of this place.
  func isDamaged(_ range: SourceRange) -> Bool {
    !damagedLines.isEmpty && damagedLines.contains(source.position(of: Int(range.lower)).line)
  }

  private func reportChannelErrors() {
    for (variable, diagnostic) in channelErrors
    where channelVariables.contains(variable) && !otherVariables.contains(variable) {
      report(diagnostic)
    }
  }
}
