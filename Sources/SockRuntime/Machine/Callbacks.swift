// Builtin functions that call a function: `map`, `filter`, `sort` by what it gives, `replace` by what it gives.
//
// Each is a function of instructions, as a `def` is, with a loop in it. So what it calls may wait, fail, be stopped or be
// late as anywhere else, and the machine needs to know nothing of it. What needs no call is done before and behind the
// loop.

import SockLanguage

extension Interpreter {
  /// The code of a builtin function that is called with a function. What stands from `arguments` on becomes what the code
  /// expects. Nil, with nothing done: none of them is one, and the builtin is called like any other.
  func callback(
    _ builtin: BuiltinFunction, _ arguments: Registers, _ count: Int
  ) throws(Failure) -> Function? {
    let given = Arguments(builtin, UnsafeBufferPointer(start: arguments, count: count))
    let place = builtin == .replace ? 2 : 1
    let isFunction = place < count && arguments[place].isFunction
    let needsFunction = builtin == .map || builtin == .filter || builtin == .sort && count > 1
    guard isFunction || needsFunction else { return nil }
    try Builtins.checkCount(builtin, count)
    guard isFunction else { throw given.wrongType(place, "a function") }
    switch builtin {
    case .replace:
      let found = try TextFunctions.found(given)
      arguments[1] = arguments[2]
      arguments[2] = arguments[0]
      arguments[0] = .list(found)
    case .sort:
      // Whatever the function does to the list: what is sorted is what it was.
      let items = try given.list(0).items
      try List.admit(items.count)
      arguments[0] = .list(List(items))
    default:
      switch arguments[0] {
      case .list, .range, .string: break
      case .map: throw given.wrongType(0, "a list, a range or a string", cure: "; `keys(m)` and `values(m)` are lists")
      default: throw given.wrongType(0, "a list, a range or a string")
      }
    }
    if let known = callbacks[builtin] { return known }
    let function = Function(code: Callbacks.code(of: builtin))
    callbacks[builtin] = function
    return function
  }
}

enum Callbacks {
  /// Registers: r0 is walked over, r1 the function, r2 a third argument, r3 the list of what the loop makes; r4 and r5 are
  /// the loop's, with the element in r6; r7 and r8 the call's.
  static func code(of builtin: BuiltinFunction) -> FunctionCode {
    let code = FunctionCode(
      name: builtin.rawValue, kind: .function, file: SourceFile(name: builtin.rawValue, text: ""), range: .none,
      builtin: builtin)
    let isFilter = builtin == .filter
    let isWhole = isFilter || builtin == .map
    let (next, back) = (3, isFilter ? 8 : 7)
    var body = [
      Instruction(.newList, 3, 0, 0),
      Instruction(.move, 4, 0),
      Instruction(.iterateStart, 4),
      Instruction(.iterateNext, 4, wide: back + 1),
      Instruction(.move, 8, 6),
      Instruction(.callKept, 7, 1, 1),
    ]
    if isFilter { body.append(Instruction(.jumpIfFalse, 7, wide: back)) }
    body += [
      Instruction(.collect, 3, isFilter ? 6 : 7),
      Instruction(.jumpBack, 0, wide: next),
    ]
    if !isWhole { body.append(Instruction(.finishCallback, 3, builtin.number)) }
    body.append(Instruction(.returnValue, 3))
    let count = builtin == .replace ? 3 : 2
    code.table.pointee.parameterCount = count
    code.table.pointee.requiredCount = count
    code.install(body, [], entries: [0], registerCount: 9)
    return code
  }

  /// What comes behind the loop.
  static func finish(_ builtin: BuiltinFunction, _ registers: Registers) throws(Failure) -> Value {
    guard case .list(let walked) = registers[0], case .list(let made) = registers[3] else { return .nothing }
    if builtin == .replace, case .string(let subject) = registers[2] {
      return .string(try TextFunctions.replace(subject, walked.items, by: made.items))
    }
    return try ListFunctions.sort(walked.items, by: made.items)
  }
}

extension Value {
  fileprivate var isFunction: Bool {
    switch self {
    case .function, .builtin: true
    default: false
    }
  }
}
