// Functions on lists and maps: sort keys values push pop min max.

import SockLanguage

enum ListFunctions {
  /// A new list, in ascending order: all numbers, or all strings (byte by byte). Equal elements keep their order.
  static func sort(_ arguments: Arguments) throws(Failure) -> Value {
    let items = try arguments.list(0).items
    guard let first = items.first else { return .list(List()) }
    try List.admit(items.count)
    if case .string = first {
      var strings: [ByteString] = []
      strings.reserveCapacity(items.count)
      for (index, item) in items.enumerated() {
        guard case .string(let string) = item else {
          throw unordered(arguments, index, item, "a string like those before it")
        }
        strings.append(string)
      }
      try sort(&strings) { (a, b) throws(Failure) in ByteString.less(a, b) }
      return .list(List(strings.map { .string($0) }))
    }
    var onlyIntegers = true
    for (index, item) in items.enumerated() {
      switch item {
      case .integer: continue
      case .float(let number):
        guard !number.isNaN else { throw arguments.range("element \(index) is nan, which has no order") }
        onlyIntegers = false
      default:
        throw unordered(arguments, index, item, index == 0 ? "a number or a string" : "a number like those before it")
      }
    }
    if onlyIntegers {
      var numbers = items.compactMap(\.wholeNumber)
      if numbers.count < looksFrom { numbers.sort() } else { try sort(&numbers) { (a, b) throws(Failure) in a < b } }
      return .list(List(numbers.map { .integer($0) }))
    }
    var sorted = Array(items)
    try sort(&sorted) { (a, b) throws(Failure) in try Equality.order(a, b) < 0 }
    return .list(List(sorted))
  }

  /// From this length on, sorting takes so long that others look in between.
  private static let looksFrom = 1 << 16

  private static func sort<Element>(
    _ items: inout [Element], _ isLess: (Element, Element) throws(Failure) -> Bool
  ) throws(Failure) {
    var failure: Failure?
    var lookout = Lookout()
    items.sort { a, b in
      // After a failure nothing is moved any more.
      guard failure == nil else { return false }
      do throws(Failure) {
        try lookout.step()
        return try isLess(a, b)
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  private static func unordered(_ arguments: Arguments, _ index: Int, _ item: Value, _ wanted: String) -> Failure {
    .type("\(arguments.name): element \(index) must be \(wanted), not \(item.articleAndType)")
  }

  static func keys(_ arguments: Arguments) throws(Failure) -> Value {
    let map = try arguments.map(0)
    try List.admit(map.count)
    return .list(List(map.keys))
  }

  static func values(_ arguments: Arguments) throws(Failure) -> Value {
    let map = try arguments.map(0)
    try List.admit(map.count)
    return .list(List(map.values))
  }

  /// Appends to the list itself; the result is the list.
  static func push(_ arguments: Arguments) throws(Failure) -> Value {
    let list = try arguments.list(0)
    try List.admit(list.growth(by: arguments.count - 1))
    for position in 1..<Swift.max(1, arguments.count) { list.items.append(arguments[position]) }
    return .list(list)
  }

  /// Removes the last element from the list itself and gives it; nil when there is none.
  static func pop(_ arguments: Arguments) throws(Failure) -> Value {
    try arguments.list(0).items.popLast() ?? .nothing
  }

  /// The least (`sign` is -1) or greatest (1) of the arguments, or of the elements of a list that is the only one.
  static func extreme(_ arguments: Arguments, _ sign: Int) throws(Failure) -> Value {
    var candidates: [Value]
    if arguments.count == 1 {
      guard case .list(let list) = arguments[0] else {
        throw arguments.wrongType(0, "a list, or there must be more of them")
      }
      candidates = Array(list.items)
    } else {
      candidates = arguments.rest(from: 0)
    }
    guard var best = candidates.first else { throw arguments.range("the list is empty") }
    Meter.charge(elements: candidates.count)
    // One alone has an order too, if it is of a kind that has.
    if try Equality.order(best, best) != 0 { return best }
    for candidate in candidates.dropFirst() where try Equality.order(candidate, best) == sign { best = candidate }
    return best
  }
}
