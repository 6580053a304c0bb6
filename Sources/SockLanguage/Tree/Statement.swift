// The tree of statements and declarations.

package struct Block {
  package let statements: [Statement]
  package let range: SourceRange
  /// For a block that opens a scope: what lives in it.
  package let names = BlockNames()
  /// The functions declared in this block: they may be called before their `def`.
  package var functions: [FunctionDeclaration] {
    statements.compactMap { if case .function(let f) = $0.kind { f } else { nil } }
  }
  package init(statements: [Statement], range: SourceRange) {
    self.statements = statements
    self.range = range
  }
}

package struct Statement {
  package let kind: Kind
  package let range: SourceRange
  package init(_ kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  package indirect enum Kind {
    case declare(Target, Expression)
    case assign(AssignmentTarget, AssignmentOperator, Expression)
    case param(ParameterDeclaration)
    case importFile(ImportDeclaration)
    case returnValue(Expression?)
    case breakLoop
    case continueLoop
    /// The statement runs when the surrounding function, task, test or file ends.
    case deferred(Statement, FunctionScope)
    /// A step, a `try` or a call.
    case expression(Expression)
    case conditional([ConditionalBranch], otherwise: Block?)
    case choice(CaseStatement)
    case whileLoop(Condition, Block)
    case forLoop(LoopNames, Expression, Block)
    case loop(Block)
    case function(FunctionDeclaration)
    case message(MessageDeclaration)
    case attempt(Block, catching: CatchClause?, finally: Block?)
    case with(Expression, Block)
    case within(Expression, Block)
    case spawn(SpawnStatement)
    case serve(ServeStatement)
    case retry(within: Expression, every: Expression?, Block)
    case select(SelectStatement)
    case test(TestDeclaration)
    case setup(SetupDeclaration)
    /// What could not be parsed; a diagnostic has been given.
    case invalid
  }
}

extension Statement {
  /// It does something where it stands.
  package var isPerformed: Bool {
    switch kind {
    case .function, .setup, .invalid: false
    default: true
    }
  }
}

/// What `if`, `elif` and `while` look at, and the name that `as` gives its value. (The `as` of a step is the step's.)
package struct Condition {
  package let value: Expression
  package let name: NameDeclaration?
  package init(_ value: Expression, as name: NameDeclaration? = nil) {
    self.value = value
    self.name = name
  }
}

package struct ConditionalBranch {
  package let condition: Condition
  package let body: Block
  package init(condition: Condition, body: Block) {
    self.condition = condition
    self.body = body
  }
}

/// `case SUBJECT` and its branches: the first of which a value fits the subject is run.
package final class CaseStatement {
  package let subject: Expression
  package let branches: [CaseBranch]
  package let otherwise: Block?
  /// The `case` word, for messages.
  package let wordRange: SourceRange
  package init(subject: Expression, branches: [CaseBranch], otherwise: Block?, wordRange: SourceRange) {
    self.subject = subject
    self.branches = branches
    self.otherwise = otherwise
    self.wordRange = wordRange
  }
}

/// `is VALUE, VALUE as NAME`.
package struct CaseBranch {
  package let values: [Expression]
  /// Gets the match where a regular expression fits, else the subject.
  package let name: NameDeclaration?
  package let body: Block
  package let range: SourceRange
  package init(values: [Expression], name: NameDeclaration?, body: Block, range: SourceRange) {
    self.values = values
    self.name = name
    self.body = body
    self.range = range
  }
}

package struct CatchClause {
  package let name: NameDeclaration?
  package let body: Block
  package init(name: NameDeclaration?, body: Block) {
    self.name = name
    self.body = body
  }
}

/// A name where it is declared (`let`, a parameter, `as`, `catch`). The checker makes the variable,
/// or finds the one that an earlier `as` or `let` of the same function declared.
package final class NameDeclaration {
  package let name: String
  package let range: SourceRange
  package var variable: Variable?
  package init(name: String, range: SourceRange) {
    self.name = name
    self.range = range
  }
}

/// What `let` and `for` declare.
package enum Target {
  case name(NameDeclaration)
  /// `[a, b]`: a list of exactly that length.
  case list([NameDeclaration], SourceRange)

  package var names: [NameDeclaration] {
    switch self {
    case .name(let name): [name]
    case .list(let names, _): names
    }
  }
}

/// What `for` declares in each turn.
package struct LoopNames {
  /// `for key, element in …`: the key of a map, the number of the element of anything else.
  package let key: NameDeclaration?
  /// Of a map with a key beside it the value, without one the key.
  package let element: Target
  package init(key: NameDeclaration? = nil, element: Target) {
    self.key = key
    self.element = element
  }

  package var all: [NameDeclaration] { (key.map { [$0] } ?? []) + element.names }
}

package indirect enum AssignmentTarget {
  case name(NameReference)
  case index(Expression, Expression, SourceRange)
  case member(Expression, String, SourceRange)
  case list([NameReference], SourceRange)
}

/// `=`, or an operator in front of one: `a *= b` is `a = a * b`, where what `a` stands for is found once.
package enum AssignmentOperator: Equatable, Sendable {
  case set
  case update(BinaryOperator)

  /// As it is written.
  package var text: String { if case .update(let operation) = self { "\(operation.rawValue)=" } else { "=" } }
}

/// `param [secret] name = default`.
package final class ParameterDeclaration {
  package let name: NameDeclaration
  package let isSecret: Bool
  package let value: Expression?
  /// The kind of the default, if that is a number as such: how what `--set` gives is to be read. A duration and a float
  /// are one type in the language, and so are a size and an integer.
  package let numberKind: NumberLiteral.Kind?
  package let range: SourceRange
  package init(
    name: NameDeclaration, isSecret: Bool, value: Expression?, numberKind: NumberLiteral.Kind?, range: SourceRange
  ) {
    self.name = name
    self.isSecret = isSecret
    self.value = value
    self.numberKind = numberKind
    self.range = range
  }
}

/// `import "path" as name`.
package final class ImportDeclaration {
  package let path: String
  package let pathRange: SourceRange
  package let name: NameDeclaration
  package let range: SourceRange
  /// Filled in by whoever loads the files: the checked tree of the imported file.
  package var module: CheckedFile?
  package init(path: String, pathRange: SourceRange, name: NameDeclaration, range: SourceRange) {
    self.path = path
    self.pathRange = pathRange
    self.name = name
    self.range = range
  }
}

package final class FunctionDeclaration {
  package let name: NameDeclaration
  package let parameters: [Parameter]
  package let body: Block
  package let scope: FunctionScope
  package let range: SourceRange
  package init(name: NameDeclaration, parameters: [Parameter], body: Block, scope: FunctionScope, range: SourceRange) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.scope = scope
    self.range = range
  }

  package struct Parameter {
    package let name: NameDeclaration
    package let defaultValue: Expression?
    package init(name: NameDeclaration, defaultValue: Expression?) {
      self.name = name
      self.defaultValue = defaultValue
    }
  }
}

package final class SpawnStatement {
  package let name: NameDeclaration?
  package let body: Block
  package let scope: FunctionScope
  package init(name: NameDeclaration?, body: Block, scope: FunctionScope) {
    self.name = name
    self.body = body
    self.scope = scope
  }
}

package final class ServeStatement {
  /// The listener, when one is named: `server.serve`. Nil: the current one.
  package let receiver: Expression?
  /// How many connections to accept; nil: for ever.
  package let count: Expression?
  /// How many processes serve; nil: this one. Never beside a count.
  package let workers: Expression?
  package let body: Block
  package let scope: FunctionScope
  package init(receiver: Expression?, count: Expression?, workers: Expression?, body: Block, scope: FunctionScope) {
    self.receiver = receiver
    self.count = count
    self.workers = workers
    self.body = body
    self.scope = scope
  }
}

package final class SelectStatement {
  package let isAll: Bool
  package let cases: [SelectCase]
  package let otherwise: Block?
  /// The `select` word, for messages.
  package let wordRange: SourceRange
  package init(isAll: Bool, cases: [SelectCase], otherwise: Block?, wordRange: SourceRange) {
    self.isAll = isAll
    self.cases = cases
    self.otherwise = otherwise
    self.wordRange = wordRange
  }
}

package struct SelectCase {
  package enum Trigger {
    case step(Step)
    /// `when after D`.
    case after(Expression)
  }
  package let trigger: Trigger
  package let condition: Expression?
  package let body: Block
  package let range: SourceRange
  package init(trigger: Trigger, condition: Expression?, body: Block, range: SourceRange) {
    self.trigger = trigger
    self.condition = condition
    self.body = body
    self.range = range
  }
}

package enum RequirementLevel: String, Sendable, CaseIterable { case must, should, may }

package final class TestDeclaration {
  package let name: Expression
  package let level: RequirementLevel?
  package let citation: Expression?
  package let tags: [String]
  package let timeout: Expression?
  package let todo: Expression?
  package let body: Block
  package let scope: FunctionScope
  package let range: SourceRange
  package init(
    name: Expression, level: RequirementLevel?, citation: Expression?, tags: [String], timeout: Expression?,
    todo: Expression?, body: Block, scope: FunctionScope, range: SourceRange
  ) {
    self.name = name
    self.level = level
    self.citation = citation
    self.tags = tags
    self.timeout = timeout
    self.todo = todo
    self.body = body
    self.scope = scope
    self.range = range
  }
}

package final class SetupDeclaration {
  package let body: Block
  package let scope: FunctionScope
  package let range: SourceRange
  package init(body: Block, scope: FunctionScope, range: SourceRange) {
    self.body = body
    self.scope = scope
    self.range = range
  }
}
