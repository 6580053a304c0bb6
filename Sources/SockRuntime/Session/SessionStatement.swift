// One statement of a session, judged: what it means for a script that does the same again.

import SockLanguage

/// What becomes of a statement.
enum StatementRole {
  /// One `recv` and no more: it becomes what is expected. The name that it sets, if any.
  case read(Step, name: String?)
  /// Its steps receive and send, and nobody may need its value: each step is told by itself. The names that it sets.
  case steps(names: [String])
  /// It acts on the world: it is repeated as it was written.
  case action
  /// It only computes: repeated if one of these names is used later.
  case value(names: [String])
  /// A function, an import or a setting.
  case definition
  /// What it sent and received is repeated, and not the statement: it failed, or a person was in its place.
  case conversation
  /// It does not matter any more: a value that was looked at.
  case nothing
}

/// A statement of the record, with what its tree says about it.
struct SessionStatement {
  let entry: SessionRecord.Entry
  let names: TreeNames
  let role: StatementRole

  init(_ entry: SessionRecord.Entry) {
    self.entry = entry
    names = TreeNames(of: entry.statement)
    let isByHand = names.steps.contains { $0.verb == .interact }
    role = entry.isDone && !isByHand ? SessionStatement.role(of: entry.statement, names) : .conversation
  }

  var kind: Statement.Kind { entry.statement.kind }
  var isMessage: Bool { if case .message = kind { true } else { false } }
  var uses: [String] { names.uses.map(\.name) }
  var declares: [String] { names.declarations.map(\.name) }

  /// Its plain reads may be told in one with those of the statement before: nothing was sent or named in between.
  var joinsReads: Bool {
    switch role {
    case .read(_, let name): name == nil && !entry.becameIt
    case .nothing: true
    case .steps: !entry.becameIt
    case .value, .definition, .action, .conversation: false
    }
  }

  private static func role(of statement: Statement, _ names: TreeNames) -> StatementRole {
    switch statement.kind {
    case .function, .message, .importFile, .param: return .definition
    case .expression(let expression):
      if case .step(let step) = withoutParentheses(expression) {
        if isRead(step) { return .read(step, name: step.result?.name) }
        if !VerbTable[step.verb].effect.contains(.says) { return acts(names) ? .action : .nothing }
      }
      return role(names, sets: names.declarations.map(\.name), isBare: true)
    case .declare(let target, let value):
      if case .name(let name) = target, case .step(let step) = withoutParentheses(value), isRead(step),
        step.result == nil
      {
        return .read(step, name: name.name)
      }
      return role(names, sets: names.declarations.map(\.name))
    case .assign(let target, let assignment, let value):
      if case .name(let name) = target, assignment == .set, case .step(let step) = withoutParentheses(value),
        isRead(step), step.result == nil
      {
        return .read(step, name: name.name)
      }
      // What is set may be an element of what a name holds.
      return role(names, sets: names.uses.map(\.name))
    default:
      return acts(names) ? .action : .value(names: names.declarations.map(\.name) + names.uses.map(\.name))
    }
  }

  private static func role(_ names: TreeNames, sets: [String], isBare: Bool = false) -> StatementRole {
    guard acts(names) else { return isBare && sets.isEmpty ? .nothing : .value(names: sets) }
    let areTold = names.steps.allSatisfy { isTold($0) || !acts($0) }
    return areTold && !names.calls.contains(where: acts) ? .steps(names: sets) : .action
  }

  private static func withoutParentheses(_ expression: Expression) -> Expression {
    if case .parenthesized(let inner, _) = expression { return withoutParentheses(inner) }
    return expression
  }

  /// What the script can say as it was: what was sent as bytes, what was read in order.
  private static func isTold(_ step: Step) -> Bool {
    let effect = VerbTable[step.verb].effect
    return effect.contains(.writes) && !step.has(.fds) || effect.contains(.reads) && !step.has(.peek) && !step.has(.oob)
      && !step.has(.exit)
  }

  /// A `recv` that takes what it gives.
  private static func isRead(_ step: Step) -> Bool {
    step.verb == .recv && !step.has(.peek) && !step.has(.oob)
  }

  // MARK: - What acts

  private static func acts(_ names: TreeNames) -> Bool {
    names.steps.contains(where: acts) || names.calls.contains(where: acts)
  }

  private static func acts(_ step: Step) -> Bool {
    let effect = VerbTable[step.verb].effect
    if effect.contains(.sets) { return !step.operands.isEmpty || !step.options.isEmpty }
    if effect.contains(.reads) { return !step.has(.peek) }
    return !effect.contains(.says)
  }

  /// A function of the session's may do anything, and so may what calls one; of the language's own few do more than compute.
  private static func acts(_ call: Call) -> Bool {
    guard case .name(let name) = call.callee else { return true }
    let function: BuiltinFunction?
    switch name.meaning {
    case .function(let builtin): function = builtin
    case .unresolved: function = BuiltinFunction(rawValue: name.name)
    case .variable, .predefined: function = nil
    }
    switch function {
    case .map?, .filter?, .sort?, .replace?: return call.arguments.dropFirst().contains { $0.mayBeFunction }
    case nil, .push?, .pop?, .shift?, .insert?, .remove?, .writefile?, .appendfile?, .removefile?, .mkdir?, .chmod?,
      .output?:
      return true
    default: return false
    }
  }
}

extension Expression {
  /// No other value than a function is certain.
  fileprivate var mayBeFunction: Bool {
    switch unwrapped {
    case .string, .interpolation, .integer, .float, .regex: false
    default: true
    }
  }
}
