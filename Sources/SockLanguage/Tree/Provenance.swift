// Where the value of a name comes from, as far as the text of its file tells: what accounts of failures say of an
// address that nobody answered at.

/// Looks through the tree of a file that was parsed; it need not have been checked.
package struct Provenance {
  /// What may have given a name its value.
  package struct Source {
    package enum Kind {
      /// `let NAME = VALUE`, or an assignment.
      case value(Expression)
      /// What a `for` goes through.
      case turn(Expression)
      /// `STEP as NAME`.
      case step(Step)
      case setting(ParameterDeclaration)
      /// Of a function: its number, counted from 0.
      case parameter(Int, of: FunctionDeclaration)
    }
    package let kind: Kind
    /// The statement or the declaration.
    package let range: SourceRange
  }

  private let body: Block

  package init(_ body: Block) { self.body = body }

  // MARK: - What stands at a place

  /// The step that is written there.
  package func step(at range: SourceRange) -> Step? {
    statements(around: Int(range.lower)).lazy.flatMap { TreeNames(of: $0).steps }.first { $0.range == range }
  }

  /// The names that are used in a part of a statement, each once, in their order.
  package func names(in range: SourceRange) -> [String] {
    guard let statement = statements(around: Int(range.lower)).last else { return [] }
    var names: [String] = []
    for use in TreeNames(of: statement).uses
    where range.lower <= use.range.lower && use.range.upper <= range.upper && !names.contains(use.name) {
      names.append(use.name)
    }
    return names
  }

  /// The call that is written there.
  package func call(at range: SourceRange) -> Call? {
    statements(around: Int(range.lower)).lazy.flatMap { TreeNames(of: $0).calls }.first { $0.range == range }
  }

  /// What `spawn as NAME` calls the innermost task that a place is in; nil where it is in none, or that has no name.
  package func task(at offset: Int) -> String? {
    var name: String?
    for statement in statements(around: offset) {
      switch statement.kind {
      case .spawn(let spawn): name = spawn.name?.name
      case .function, .test, .setup, .serve: name = nil
      default: break
      }
    }
    return name
  }

  /// The statements that a place is in, outer ones first.
  private func statements(around offset: Int) -> [Statement] {
    var found: [Statement] = []
    var blocks = [body]
    while !blocks.isEmpty {
      guard let next = blocks.lazy.flatMap(\.statements).first(where: { $0.range.holds(offset) }) else { break }
      found.append(next)
      blocks = next.blocks
    }
    return found
  }

  // MARK: - Names

  /// What may have given a name the value that it has at a place: several where that depends on what was run; none where
  /// the text does not tell. What stands behind the place is left out, but for a loop around, which comes back to it.
  package func sources(of name: String, at offset: Int) -> [Source] {
    var found: [Source] = []
    search(body, name, offset, isSure: true, &found)
    // What a file's functions see of its names may stand behind them.
    guard found.isEmpty else { return found }
    for later in body.statements where Int(later.range.lower) > offset {
      note(later, name, offset, isSure: true, &found)
    }
    return found
  }

  private func search(_ block: Block, _ name: String, _ offset: Int, isSure: Bool, _ found: inout [Source]) {
    for statement in block.statements.prefix(while: { Int($0.range.lower) <= offset }) {
      note(statement, name, offset, isSure: isSure, &found)
    }
  }

  /// - Parameter isSure: it is run whenever the place is come to.
  private func note(_ statement: Statement, _ name: String, _ offset: Int, isSure: Bool, _ found: inout [Source]) {
    func add(_ kind: Source.Kind, replaces: Bool = true) {
      if isSure, replaces { found.removeAll() }
      found.append(Source(kind: kind, range: statement.range))
    }
    let isAround = statement.range.holds(offset)
    switch statement.kind {
    case .declare(let target, let value) where !isAround && target.names.contains { $0.name == name }: add(.value(value))
    case .assign(.name(let reference), let how, let value) where !isAround && reference.name == name:
      add(.value(value), replaces: how == .set)
    case .param(let setting) where setting.name.name == name: add(.setting(setting))
    case .function(let function):
      guard isAround else { return }
      var inner: [Source] = []
      if let number = function.parameters.firstIndex(where: { $0.name.name == name }) {
        inner.append(Source(kind: .parameter(number, of: function), range: function.range))
      }
      search(function.body, name, offset, isSure: true, &inner)
      if !inner.isEmpty { found = inner }
    case .test(let test): if isAround { search(test.body, name, offset, isSure: true, &found) }
    case .setup(let setup): search(setup.body, name, offset, isSure: true, &found)
    case .spawn(let spawn): if isAround { search(spawn.body, name, offset, isSure: true, &found) }
    case .serve(let serve): if isAround { search(serve.body, name, offset, isSure: true, &found) }
    case .deferred: break
    case .forLoop(let names, let values, _) where isAround && names.all.contains { $0.name == name }:
      found = [Source(kind: .turn(values), range: values.range)]
      searchInside(statement, name, offset, isSure: isSure, &found)
    default:
      if !isAround, statement.blocks.isEmpty,
        let step = TreeNames(of: statement).steps.last(where: { $0.result?.name == name })
      {
        add(.step(step))
        return
      }
      searchInside(statement, name, offset, isSure: isSure, &found)
    }
  }

  private func searchInside(
    _ statement: Statement, _ name: String, _ offset: Int, isSure: Bool, _ found: inout [Source]
  ) {
    let isAround = statement.range.holds(offset)
    for block in statement.blocks {
      search(block, name, offset, isSure: isSure && isAround && block.range.holds(offset), &found)
    }
    // The turn before may have set it.
    guard isAround, statement.isLoop else { return }
    for block in statement.blocks {
      for later in block.statements where Int(later.range.lower) > offset {
        note(later, name, offset, isSure: false, &found)
      }
    }
  }
}

extension SourceRange {
  fileprivate func holds(_ offset: Int) -> Bool { Int(lower) <= offset && offset < Int(upper) }
}

extension Statement {
  fileprivate var isLoop: Bool {
    switch kind {
    case .whileLoop, .forLoop, .loop, .retry: true
    default: false
    }
  }

  /// The blocks that it has.
  fileprivate var blocks: [Block] {
    switch kind {
    case .conditional(let branches, let otherwise): branches.map(\.body) + (otherwise.map { [$0] } ?? [])
    case .choice(let choice): choice.branches.map(\.body) + (choice.otherwise.map { [$0] } ?? [])
    case .whileLoop(_, let body), .forLoop(_, _, let body), .loop(let body), .with(_, let body), .within(_, let body),
      .retry(_, _, let body):
      [body]
    case .function(let function): [function.body]
    case .attempt(let body, let clause, let finally):
      [body] + (clause.map { [$0.body] } ?? []) + (finally.map { [$0] } ?? [])
    case .spawn(let spawn): [spawn.body]
    case .serve(let serve): [serve.body]
    case .select(let select): select.cases.map(\.body) + (select.otherwise.map { [$0] } ?? [])
    case .test(let test): [test.body]
    case .setup(let setup): [setup.body]
    case .deferred(let statement, _): statement.blocks
    default: []
    }
  }
}
