// The arguments of a call of a builtin function, taken one by one with an error that says which is wrong.

import SockLanguage

/// Positions count from 0 here and from 1 in messages. An argument that was left out is nil.
package struct Arguments {
  package let function: BuiltinFunction
  private let values: UnsafeBufferPointer<Value>

  package init(_ function: BuiltinFunction, _ values: UnsafeBufferPointer<Value>) {
    self.function = function
    self.values = values
  }

  package var count: Int { values.count }

  @inline(__always)
  package subscript(_ position: Int) -> Value { position < values.count ? values[position] : .nothing }

  /// The arguments from `position` on.
  package func rest(from position: Int) -> [Value] { Array(values.dropFirst(position)) }

  package func string(_ position: Int) throws(Failure) -> ByteString {
    if case .string(let string) = self[position] { return string }
    throw wrongType(position, "a string")
  }

  /// The same without counting an owner; nil when it is no string.
  @inline(__always)
  func borrowedString(_ position: Int) -> Unmanaged<ByteString>? {
    guard position < values.count, let base = values.baseAddress else { return nil }
    return UnsafeMutablePointer(mutating: base + position).borrowedString
  }

  package func list(_ position: Int) throws(Failure) -> List {
    if case .list(let list) = self[position] { return list }
    throw wrongType(position, "a list")
  }

  package func map(_ position: Int) throws(Failure) -> Map {
    if case .map(let map) = self[position] { return map }
    throw wrongType(position, "a map")
  }

  /// An integer; a whole float serves as one.
  package func integer(_ position: Int) throws(Failure) -> Int {
    if let whole = self[position].wholeNumber { return whole }
    if case .float(let number) = self[position] {
      throw range("argument \(position + 1) must be a whole number, not \(Show.text(.float(number)).text)")
    }
    throw wrongType(position, "an int")
  }

  /// An integer within bounds.
  package func integer(_ position: Int, in bounds: ClosedRange<Int>) throws(Failure) -> Int {
    let value = try integer(position)
    guard bounds.contains(value) else {
      let allowed =
        bounds.upperBound == .max
        ? "\(bounds.lowerBound) or more" : "from \(bounds.lowerBound) to \(bounds.upperBound)"
      throw range("argument \(position + 1) must be \(allowed), not \(value)")
    }
    return value
  }

  package func wrongType(_ position: Int, _ expected: String, cure: String = "") -> Failure {
    guard position < count else { return .type("\(name): argument \(position + 1) is missing: it must be \(expected)") }
    let failure = Failure.type(
      "\(name): argument \(position + 1) must be \(expected), not \(self[position].articleAndType)\(cure)")
    let value = Show.inspect(self[position]).text
    let shown = value.count > ByteDifference.longest ? "\(value.prefix(ByteDifference.longest))…" : value
    failure.notes.append("argument \(position + 1) is \(shown)")
    failure.isOfArgument = true
    return failure
  }

  package func range(_ message: String) -> Failure { .range("\(name): \(message)") }
  package func parse(_ message: String) -> Failure { Failure(.parse, "\(name): \(message)") }
  package func limit(_ message: String) -> Failure { .limit("\(name): \(message)") }
  package var tooLong: Failure { .tooLong(name) }
  package var name: String { function.rawValue }
}
