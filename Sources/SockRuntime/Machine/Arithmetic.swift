// Operators on values of any type: what the loop of scalars does not do by itself.

import Glibc
import SockLanguage

enum Arithmetic {
  private static func mixed(_ verb: String, _ a: Value, _ joint: String, _ b: Value, cure: String = "") -> Failure {
    .type("cannot \(verb) \(a.article) \(joint) \(b.article)\(cure)")
  }

  private static func overflow(_ what: String) -> Failure {
    .range("integer overflow: \(what) does not fit 64 bits")
  }

  static func add(_ a: Value, _ b: Value) throws(Failure) -> Value {
    switch (a, b) {
    case (.integer(let x), .integer(let y)):
      let (sum, isOverflow) = x.addingReportingOverflow(y)
      if isOverflow { throw overflow("\(x) + \(y)") }
      return .integer(sum)
    case (.string(let x), .string(let y)): return .string(try joined(x, y))
    case (.list(let x), .list(let y)):
      try List.admit(x.items.count + y.items.count)
      return .list(List(x.items + y.items))
    default:
      if let x = a.number, let y = b.number { return .float(x + y) }
      var cure = ""
      if case .string = a, b.number != nil { cure = "; write `str(…)` around the number, or `int(…)` around the string" }
      if case .string = b, a.number != nil { cure = "; write `str(…)` around the number, or `int(…)` around the string" }
      throw mixed("add", a, "and", b, cure: cure)
    }
  }

  private static func joined(_ a: ByteString, _ b: ByteString) throws(Failure) -> ByteString {
    let count = a.count + b.count
    guard count <= ByteString.maximumCount else { throw Interpolation.tooLong() }
    let result = try ByteString.reserve(count)
    result.append(a.bytes)
    result.append(b.bytes)
    return result
  }

  static func subtract(_ a: Value, _ b: Value) throws(Failure) -> Value {
    if case .integer(let x) = a, case .integer(let y) = b {
      let (difference, isOverflow) = x.subtractingReportingOverflow(y)
      if isOverflow { throw overflow("\(x) - \(y)") }
      return .integer(difference)
    }
    if let x = a.number, let y = b.number { return .float(x - y) }
    throw mixed("subtract", b, "from", a)
  }

  static func multiply(_ a: Value, _ b: Value) throws(Failure) -> Value {
    if case .integer(let x) = a, case .integer(let y) = b {
      let (product, isOverflow) = x.multipliedReportingOverflow(by: y)
      if isOverflow { throw overflow("\(x) * \(y)") }
      return .integer(product)
    }
    if let x = a.number, let y = b.number { return .float(x * y) }
    throw mixed("multiply", a, "by", b, cure: "; `repeat(s, n)` repeats a string")
  }

  static func divide(_ a: Value, _ b: Value) throws(Failure) -> Value {
    if case .integer(let x) = a, case .integer(let y) = b {
      guard y != 0 else { throw .range("division by zero") }
      let (quotient, isOverflow) = x.dividedReportingOverflow(by: y)
      if isOverflow { throw overflow("\(x) / \(y)") }
      return .integer(quotient)
    }
    if let x = a.number, let y = b.number {
      guard y != 0 else { throw .range("division by zero") }
      return .float(x / y)
    }
    throw mixed("divide", a, "by", b)
  }

  static func remainder(_ a: Value, _ b: Value) throws(Failure) -> Value {
    if case .integer(let x) = a, case .integer(let y) = b {
      guard y != 0 else { throw .range("division by zero") }
      return .integer(y == -1 ? 0 : x % y)
    }
    if let x = a.number, let y = b.number {
      guard y != 0 else { throw .range("division by zero") }
      return .float(fmod(x, y))
    }
    throw mixed("divide", a, "by", b)
  }

  static func shift(_ a: Value, _ b: Value, isLeft: Bool) throws(Failure) -> Value {
    guard let x = a.wholeNumber, let y = b.wholeNumber else { throw mixed("shift", a, "by", b) }
    guard y >= 0, y <= 63 else { throw .range("a shift by \(y): only 0 to 63 bits can be shifted") }
    if !isLeft { return .integer(x >> y) }
    let result = x << y
    guard result >> y == x else { throw overflow("\(x) << \(y)") }
    return .integer(result)
  }

  static func bits(_ a: Value, _ b: Value, _ operation: BinaryOperator) throws(Failure) -> Value {
    func combine<T: BinaryInteger>(_ x: T, _ y: T) -> T {
      switch operation {
      case .bitAnd: return x & y
      case .bitOr: return x | y
      default: return x ^ y
      }
    }
    if let x = a.wholeNumber, let y = b.wholeNumber { return .integer(combine(x, y)) }
    guard case .string(let x) = a, case .string(let y) = b else {
      throw .type("`\(operation.rawValue)` takes two integers, or two strings of one length, not \(a.article) and \(b.article)")
    }
    guard x.count == y.count else {
      throw .range("`\(operation.rawValue)` takes strings of one length, not of \(x.count) and \(y.count) bytes")
    }
    let result = try ByteString.reserve(x.count)
    for at in 0..<x.count { result.start[at] = combine(x[at], y[at]) }
    result.setCount(x.count)
    return .string(result)
  }

  static func negate(_ a: Value) throws(Failure) -> Value {
    switch a {
    case .integer(let x):
      guard x != Int.min else { throw overflow("-(\(x))") }
      return .integer(-x)
    case .float(let x): return .float(-x)
    default: throw .type("cannot negate \(a.article)")
    }
  }

  static func complement(_ a: Value) throws(Failure) -> Value {
    guard let x = a.wholeNumber else { throw .type("`~` takes an integer, not \(a.article)") }
    return .integer(~x)
  }

  static func range(_ a: Value, _ b: Value?, isExclusive: Bool) throws(Failure) -> Value {
    guard let lower = a.wholeNumber else { throw .type("a range starts with an integer, not \(a.article)") }
    guard let b else { return .range(IntegerRange(lower: lower, upper: .max, isOpen: true)) }
    guard let upper = b.wholeNumber else { throw .type("a range ends with an integer, not \(b.article)") }
    if isExclusive {
      if upper == Int.min { return .range(IntegerRange(lower: 0, upper: -1)) }
      return .range(IntegerRange(lower: lower, upper: upper - 1, isExclusive: true))
    }
    return .range(IntegerRange(lower: lower, upper: upper))
  }
}

extension Value {
  /// With its article, for messages: `an int`, `a string`, `nil`.
  var article: String {
    switch self {
    case .nothing: return "nil"
    case .integer, .address, .error: return "an \(typeName)"
    default: return "a \(typeName)"
    }
  }
}
