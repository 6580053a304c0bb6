// The regions of text in which a name is known. Several of them may share one function's frame:
// a file, function, task or test has one, and each turn of a loop has one more.

final class LexicalScope {
  /// In whose frame the names declared here live.
  let function: FunctionScope
  let parent: LexicalScope?
  /// A test's `setup`: its names count as declared here too.
  let shared: LexicalScope?
  private(set) var names: [String: Variable] = [:]
  /// What the compiler finds at the block: the variables that live in this scope.
  private let record: BlockNames?
  private let isTurn: Bool
  /// The names in the order in which they were declared, those declared again too.
  private var declared: [String] = []
  /// What other branches of a choice have declared: the branch that is being read may declare it again.
  private var elsewhere: Set<String> = []
  /// The names of a `let` whose value is being read: in it they are not yet known.
  private var pending: Set<String> = []

  init(
    function: FunctionScope, parent: LexicalScope?, shared: LexicalScope? = nil, record: BlockNames?,
    isTurn: Bool = false
  ) {
    self.function = function
    self.parent = parent
    self.shared = shared
    self.record = record
    self.isTurn = isTurn
  }

  /// The variable declared in this very scope.
  func own(_ name: String) -> Variable? {
    if !names.isEmpty, let variable = names[name] { return variable }
    return shared?.names[name]
  }

  /// - Parameter isConditional: it stands in a block that may be left out, so it may be used unset.
  func declare(_ variable: Variable, isConditional: Bool) {
    names[variable.name] = variable
    note(variable.name)
    variable.isPerTurn = isTurn
    variable.isConditional = isConditional
    // A parameter has its place in the call.
    if variable.kind != .parameter { record?.variables.append(variable) }
  }

  /// The variable that a use of the name here means.
  func lookUp(_ name: String) -> Variable? {
    var scope = self
    while true {
      if let variable = scope.own(name), !scope.pending.contains(name) { return variable }
      guard let parent = scope.parent else { return nil }
      scope = parent
    }
  }

  /// The variable that `as name` here sets. The search ends at the function's border: a task or a
  /// test never sets a name of its surroundings by accident. A deferred statement has a frame of
  /// its own for technical reasons only, so it sees its function's names.
  func lookUpForSetting(_ name: String) -> Variable? {
    var scope = self
    while true {
      if let variable = scope.own(name) {
        scope.note(name)
        return variable
      }
      guard let parent = scope.parent, parent.function === scope.function || scope.function.kind == .deferred else {
        return nil
      }
      scope = parent
    }
  }

  // MARK: - Branches that exclude each other

  /// Where a choice began, and the branch of it that is being read: they count declarations.
  struct Choice {
    fileprivate let start: Int
    fileprivate var branch: Int
  }

  /// Statements follow of which one branch runs and no other.
  func beginChoice() -> Choice { Choice(start: declared.count, branch: declared.count) }

  /// A branch has been read; the next one excludes it.
  func endBranch(of choice: inout Choice) {
    elsewhere.formUnion(declared[choice.branch...])
    choice.branch = declared.count
  }

  /// Behind the choice everything that its branches declare is declared.
  func end(_ choice: Choice) { elsewhere.subtract(declared[choice.start...]) }

  /// Whether the name has been declared only where this place is never reached from.
  func isDeclaredElsewhere(_ name: String) -> Bool { elsewhere.contains(name) }

  /// The name is declared where the reader is, once more or for the first time.
  func note(_ name: String) {
    declared.append(name)
    elsewhere.remove(name)
  }

  /// The value of a `let` is read next: its names that other branches have declared mean there what they mean outside.
  func beginValue(of target: Target) {
    guard !elsewhere.isEmpty else { return }
    pending = elsewhere.intersection(target.names.map(\.name))
  }

  func endValue() { pending = [] }

  /// Whether the name is that of the `let` whose value is being read.
  func isPending(_ name: String) -> Bool { pending.contains(name) }

  // MARK: - All names

  /// Whether names declared here are top-level names of the file (a deferred statement's are not).
  var reachesFile: Bool {
    var scope = self
    while scope.function.kind == .deferred, let parent = scope.parent { scope = parent }
    return scope.function.kind == .file
  }

  /// All variables known here that pass, by name.
  func visibleVariables(where passes: (Variable) -> Bool) -> [String: Variable] {
    var found: [String: Variable] = [:]
    var scope: LexicalScope? = self
    while let current = scope {
      for names in [current.names, current.shared?.names ?? [:]] {
        found.merge(names.filter { passes($0.value) }) { inner, _ in inner }
      }
      scope = current.parent
    }
    return found
  }

  /// All names known here, innermost first, for suggestions. At most `limit`.
  func visibleNames(limit: Int) -> [String] {
    var found: [String] = []
    var scope: LexicalScope? = self
    while let current = scope, found.count < limit {
      found += current.names.keys.prefix(limit - found.count)
      if let shared = current.shared { found += shared.names.keys.prefix(max(0, limit - found.count)) }
      scope = current.parent
    }
    return found.sorted()
  }
}
