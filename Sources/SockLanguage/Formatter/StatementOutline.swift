// Where statements begin, taken from the tree: tokens alone do not tell a line end that ends a statement from one
// that stands behind an operator.

struct StatementOutline {
  struct Entry {
    let offset: Int
    /// An `end` closes it.
    let opensBlock: Bool
    /// It is no statement: the `is` of a `case`, which is a name everywhere else.
    var dividesBlock = false
    /// It is no statement: a line of a `message`.
    var isField = false
  }

  /// In the order of the text.
  private(set) var entries: [Entry] = []

  init(_ body: Block) { add(body) }

  private mutating func add(_ block: Block) {
    for statement in block.statements { add(statement) }
  }

  private mutating func add(_ block: Block?) {
    if let block { add(block) }
  }

  /// Those that stand on one line have one type.
  private mutating func add(_ fields: [MessageField]) {
    var type: SourceRange?
    for field in fields where field.type.range != type {
      type = field.type.range
      entries.append(Entry(offset: Int(field.nameRange.lower), opensBlock: false, isField: true))
    }
  }

  private mutating func add(_ statement: Statement) {
    let place = entries.count
    entries.append(Entry(offset: Int(statement.range.lower), opensBlock: false))
    switch statement.kind {
    case .declare, .assign, .param, .importFile, .returnValue, .breakLoop, .continueLoop, .deferred, .expression,
      .invalid:
      return
    case .conditional(let branches, let otherwise):
      for branch in branches { add(branch.body) }
      add(otherwise)
    case .choice(let choice):
      for branch in choice.branches {
        entries.append(Entry(offset: Int(branch.range.lower), opensBlock: false, dividesBlock: true))
        add(branch.body)
      }
      add(choice.otherwise)
    case .whileLoop(_, let body), .forLoop(_, _, let body), .loop(let body), .with(_, let body), .within(_, let body),
      .retry(_, _, let body):
      add(body)
    case .function(let function): add(function.body)
    case .message(let message): add(message.fields)
    case .attempt(let body, let catching, let finally):
      add(body)
      add(catching?.body)
      add(finally)
    case .spawn(let spawn): add(spawn.body)
    case .serve(let serve): add(serve.body)
    case .select(let select):
      for option in select.cases { add(option.body) }
      add(select.otherwise)
    case .test(let test): add(test.body)
    case .setup(let setup): add(setup.body)
    }
    entries[place] = Entry(offset: Int(statement.range.lower), opensBlock: true)
  }
}

extension Token {
  /// Ends a part of a block. Only where a statement could begin; elsewhere it is a key or a word.
  var isBlockWord: Bool {
    switch kind {
    case .keyword(.end), .keyword(.else), .keyword(.elif), .keyword(.catch), .keyword(.finally), .keyword(.when): true
    default: false
    }
  }
}
