// What the checker finds out about names: the variables, and the functions they belong to.

/// A declared name: where it lives, and whether an inner function reaches it.
package final class Variable {
  package enum Kind: Sendable { case local, parameter, function, message, importedFile, setting }
  package let name: String
  package let kind: Kind
  package let declaration: SourceRange
  /// The function (or file, task, test) in whose frame it lives.
  package let owner: FunctionScope
  /// Used by a function inside its owner: it then lives in a cell that both share.
  package var isCaptured = false
  /// Set again after its declaration.
  package var isReassigned = false
  package var isUsed = false
  /// Declared inside a loop's turn: each turn has its own.
  package var isPerTurn = false
  /// Declared inside a block that may be left out (`if`, `try`, a `when`…) but opens no scope: nil until then.
  package var isConditional = false
  /// Declared in `setup`, and used by a function of the file: it lives in a cell of the whole program, which each test
  /// finds empty.
  package var isReachedByFile = false
  /// A session's function: who calls it finds what stands under its name then, which may have been entered anew.
  package var isLateBound = false
  /// For `def`: the declaration, so that a call of it needs no look-up.
  package var function: FunctionDeclaration?
  /// For `message`: the declaration.
  package var message: MessageDeclaration?

  package init(name: String, kind: Kind, declaration: SourceRange, owner: FunctionScope) {
    self.name = name
    self.kind = kind
    self.declaration = declaration
    self.owner = owner
  }
}

/// The variables that live in one block which opens a scope (a function's body, a loop's turn, a file), parameters left out.
/// The parser makes one for each block; the checker fills those that open a scope.
package final class BlockNames {
  package var variables: [Variable] = []
  package init() {}
}

/// A body that has a frame of its own when it runs.
package final class FunctionScope {
  package enum Kind: Sendable { case file, function, task, connection, test, setup, deferred }
  package let kind: Kind
  /// The function around it. Nil for a file.
  package let parent: FunctionScope?
  /// A test's `setup`, whose names it shares: the test's frame holds them too.
  package var prologue: SetupDeclaration?
  /// The outer functions' variables that this body, or one inside it, uses; each once, in order of first use.
  package private(set) var captures: [Variable] = []
  /// The same as a set, because a long test may use thousands of its file's names.
  private var captured: Set<ObjectIdentifier> = []

  package init(kind: Kind, parent: FunctionScope?) {
    self.kind = kind
    self.parent = parent
  }

  package func capture(_ variable: Variable) {
    if captured.insert(ObjectIdentifier(variable)).inserted { captures.append(variable) }
  }
}

/// A file whose every name is resolved.
package final class CheckedFile {
  package let source: SourceFile
  package let body: Block
  package let scope: FunctionScope
  /// The file's own top-level names, which an importer reaches as `module.name`.
  package let exports: [String: Variable]
  package let imports: [ImportDeclaration]
  /// In file order; empty: the file itself is one test.
  package let hasTests: Bool
  /// It reads `args` itself; what it imports may do so, too.
  package let readsArguments: Bool
  /// Its text could not be read in full: there may be names in it that are not known.
  package let isDamaged: Bool
  /// Where its names are known; outer ones before those inside. Empty unless that was asked for.
  private(set) var regions: [Region] = []
  package init(
    source: SourceFile, body: Block, scope: FunctionScope, exports: [String: Variable], imports: [ImportDeclaration],
    hasTests: Bool, readsArguments: Bool, isDamaged: Bool
  ) {
    self.source = source
    self.body = body
    self.scope = scope
    self.exports = exports
    self.imports = imports
    self.hasTests = hasTests
    self.readsArguments = readsArguments
    self.isDamaged = isDamaged
  }

  /// What `sock test --mutate` calls to ask whether the server still answers: a suite's function of this name.
  package static let probeName = "probe"
  package var probe: FunctionDeclaration? { body.functions.first { $0.name.name == CheckedFile.probeName } }

  func keep(_ regions: [Region]) { self.regions = regions }

  /// The text in which a scope's names are known.
  struct Region {
    let range: SourceRange
    let scope: LexicalScope
  }

  /// The variables that are known at an offset, by name. A name of an inner scope hides that of an outer one.
  package func variables(at offset: Int) -> [String: Variable] {
    var innermost: Region?
    for region in regions where Int(region.range.lower) <= offset && offset <= Int(region.range.upper) {
      if innermost.map({ $0.range.lower <= region.range.lower }) ?? true { innermost = region }
    }
    return innermost?.scope.visibleVariables { Int($0.declaration.lower) < offset } ?? [:]
  }
}
