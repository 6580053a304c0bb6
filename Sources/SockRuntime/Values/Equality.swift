// Comparing values: `==`, the orderings, and `in`.

import SockLanguage
import SocketCore

package enum Equality {
  /// How deep lists and maps are compared.
  package static let maximumDepth = 500
  /// How many pairs of values one comparison looks at: shared parts would otherwise make small values compare for ever.
  private static let maximumPairs = 1 << 26

  /// Numbers with numbers, strings with strings, an address with an address or with the text of one, lists, maps and
  /// ranges by content, regexes by their text, channels, tasks, functions and the like by identity, and anything with
  /// nil. Any other pair is a type error.
  package static func equal(_ a: Value, _ b: Value) throws(Failure) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): return a == b
    case (.string(let a), .string(let b)): return ByteString.equal(a, b)
    default:
      var left = maximumPairs
      return try compare(a, b, depth: 0, left: &left)
    }
  }

  /// The same for values in memory; two strings are compared without counting owners.
  @inline(__always)
  static func equal(
    _ a: UnsafeMutablePointer<Value>, _ b: UnsafeMutablePointer<Value>
  ) throws(Failure) -> Bool {
    if let x = a.borrowedString, let y = b.borrowedString {
      return x._withUnsafeGuaranteedRef { x in y._withUnsafeGuaranteedRef { ByteString.equal(x, $0) } }
    }
    return try equal(a.pointee, b.pointee)
  }

  private static func compare(_ a: Value, _ b: Value, depth: Int, left: inout Int) throws(Failure) -> Bool {
    left -= 1
    if left & 0xFFF == 0 {
      Meter.charge(elements: 0x1000)
      try Meter.look()
    }
    guard depth <= maximumDepth else {
      throw .limit(
        "the values are nested more than \(maximumDepth) deep (or contain themselves): they cannot be compared")
    }
    guard left > 0 else { throw .limit("the values are too large to compare: more than \(maximumPairs) pairs") }
    switch (a, b) {
    case (.nothing, .nothing): return true
    case (.nothing, _), (_, .nothing): return false
    case (.boolean(let a), .boolean(let b)): return a == b
    case (.integer(let a), .integer(let b)): return a == b
    case (.float(let a), .float(let b)): return a == b
    case (.integer(let a), .float(let b)): return Int(exactly: b) == a
    case (.float(let a), .integer(let b)): return Int(exactly: a) == b
    case (.string(let a), .string(let b)): return ByteString.equal(a, b)
    case (.address(let a), .address(let b)): return a.address == b.address
    case (.address(let a), .string(let b)): return a.address.description == b.text
    case (.string(let a), .address(let b)): return a.text == b.address.description
    case (.list(let a), .list(let b)):
      guard a !== b else { return true }
      guard a.items.count == b.items.count else { return false }
      for index in a.items.indices {
        guard try compare(a.items[index], b.items[index], depth: depth + 1, left: &left) else { return false }
      }
      return true
    case (.map(let a), .map(let b)):
      guard a !== b else { return true }
      guard a.count == b.count else { return false }
      for entry in a.entries where entry.isLive {
        guard let other = b[entry.key], try compare(entry.value, other, depth: depth + 1, left: &left) else {
          return false
        }
      }
      return true
    case (.range(let a), .range(let b)): return a.lower == b.lower && a.upper == b.upper && a.isOpen == b.isOpen
    case (.regex(let a), .regex(let b)):
      return a === b || (ByteString.equal(a.source, b.source) && a.flagsText == b.flagsText)
    case (.match(let a), .match(let b)): return a === b
    case (.function(let a), .function(let b)): return a === b
    case (.builtin(let a), .builtin(let b)): return a.function == b.function
    case (.function, .builtin), (.builtin, .function): return false
    case (.channel(let a), .channel(let b)): return a === b
    case (.task(let a), .task(let b)): return a === b
    case (.error(let a), .error(let b)): return a === b
    case (.module(let a), .module(let b)): return a === b
    case (.message(let a), .message(let b)): return a === b
    case (.presence(let a), .presence(let b)): return a == b
    default: throw mixed("compare", a, b)
    }
  }

  /// Below, equal or above zero as `a` is less than, equal to or greater than `b`: numbers by size, strings byte by
  /// byte, lists by the first elements that differ, or else by length. Anything else is a type error; a NaN, which has no
  /// order, a range error.
  package static func order(_ a: Value, _ b: Value) throws(Failure) -> Int {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): return a < b ? -1 : a == b ? 0 : 1
    case (.string(let a), .string(let b)):
      return ByteString.less(a, b) ? -1 : ByteString.equal(a, b) ? 0 : 1
    case (.float(let a), .float(let b)): return try order(a, b)
    case (.integer(let a), .float(let b)): return try order(a, b)
    case (.float(let a), .integer(let b)): return -(try order(b, a))
    case (.list(let a), .list(let b)):
      var left = maximumPairs
      return try order(a, b, depth: 0, left: &left)
    default:
      switch (a, b) {
      case (.string, .string), (.integer, _), (.float, _), (.string, _): throw mixed("order", a, b)
      case (_, .integer), (_, .float), (_, .string): throw mixed("order", a, b)
      default:
        throw .type(
          "cannot order \(a.articleAndType) and \(b.articleAndType): only numbers, strings and lists of them have an order")
      }
    }
  }

  private static func order(_ a: List, _ b: List, depth: Int, left: inout Int) throws(Failure) -> Int {
    guard depth <= maximumDepth else {
      throw .limit("the lists are nested more than \(maximumDepth) deep (or contain themselves): they have no order")
    }
    for index in 0..<min(a.items.count, b.items.count) {
      left -= 1
      if left & 0xFFF == 0 {
        Meter.charge(elements: 0x1000)
        try Meter.look()
      }
      guard left > 0 else { throw .limit("the lists are too large to compare: more than \(maximumPairs) pairs") }
      let order: Int
      if case .list(let x) = a.items[index], case .list(let y) = b.items[index] {
        order = try self.order(x, y, depth: depth + 1, left: &left)
      } else {
        order = try self.order(a.items[index], b.items[index])
      }
      if order != 0 { return order }
    }
    return a.items.count == b.items.count ? 0 : a.items.count < b.items.count ? -1 : 1
  }

  private static func order(_ a: Double, _ b: Double) throws(Failure) -> Int {
    if a < b { return -1 }
    if a > b { return 1 }
    guard a == b else { throw .range("nan has no order") }
    return 0
  }

  /// Exact, also where a float cannot hold the integer.
  private static func order(_ a: Int, _ b: Double) throws(Failure) -> Int {
    guard !b.isNaN else { throw .range("nan has no order") }
    if b >= 0x1p63 { return -1 }
    if b < -0x1p63 { return 1 }
    let whole = Int(b.rounded(.down))
    if a != whole { return a < whole ? -1 : 1 }
    return b > b.rounded(.down) ? -1 : 0
  }

  /// `element in container`: an element of a list or range, a key of a map, a part of a string. Elements of a list that
  /// cannot be compared with `element` are passed over, unless that is so for all of them: then it is their error.
  package static func contains(_ element: Value, in container: Value) throws(Failure) -> Bool {
    switch container {
    case .list(let list):
      var refusal: Failure?
      var wasComparable = list.items.isEmpty
      var lookout = Lookout()
      for item in list.items {
        try lookout.step()
        do throws(Failure) {
          if try equal(item, element) { return true }
          if case .nothing = item { continue }
          wasComparable = true
        } catch {
          guard error.code == .type else { throw error }
          refusal = refusal ?? error
        }
      }
      if let refusal, !wasComparable { throw refusal }
      return false
    case .range(let range):
      guard element.number != nil else {
        throw .type(
          "\(element.articleAndType) cannot be in a range: it holds integers\(cure(element, for: .integer(0)))")
      }
      guard let number = element.wholeNumber else { return false }
      return number >= range.lower && (range.isOpen || number <= range.upper)
    case .map(let map):
      guard let whole = Map.key(element) else {
        throw .type("\(element.articleAndType) cannot be a key of a map: a key is a string or an int")
      }
      return map[whole] != nil
    case .string(let text):
      guard case .string(let part) = element else {
        throw .type("\(element.articleAndType) cannot be in a string\(cure(element, for: container))")
      }
      let found = text.bytes.offset(of: part.bytes)
      Meter.charge(bytes: found ?? text.count)
      return found != nil
    default:
      throw .type(
        "nothing can be in \(container.articleAndType): `in` wants a list, a range, a map or a string behind it")
    }
  }

  /// The error for a pair of values that an operation does not mix, with the cure where there is one.
  package static func mixed(_ operation: String, _ a: Value, _ b: Value) -> Failure {
    let remedy: String
    switch (a, b) {
    case (.string, _): remedy = cure(a, for: b)
    case (_, .string): remedy = cure(b, for: a)
    case (.match, _): remedy = " (take a group of the match: `m[0]`)"
    case (_, .match): remedy = " (take a group of the match: `m[0]`)"
    default: remedy = ""
    }
    return .type("cannot \(operation) \(a.articleAndType) with \(b.articleAndType)\(remedy)")
  }

  /// How `value` is made into something like `other`.
  private static func cure(_ value: Value, for other: Value) -> String {
    switch (value, other) {
    case (.string, .integer): return " (write `int(…)` around the string)"
    case (.string, .float): return " (write `float(…)` around the string)"
    case (.integer, .string), (.float, .string): return " (write `str(…)` around the number)"
    case (.string, .match), (.match, .string): return " (take a group of the match: `m[0]`)"
    case (.string, .regex): return " (write `text =~ /…/`)"
    default: return ""
    }
  }
}

extension Value {
  /// `an int`, `a string`, `nil`: for messages.
  package var articleAndType: String {
    switch self {
    case .nothing: return "nil"
    case .integer, .address, .error: return "an \(typeName)"
    default: return "a \(typeName)"
    }
  }
}
