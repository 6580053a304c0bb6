// Functions on lists and maps: sort keys values push pop shift insert remove min max sum percentile.

import SockLanguage

enum ListFunctions {
  /// A new list, in ascending order: all numbers, all strings (byte by byte), or all lists of such (by their first
  /// elements that differ). Equal elements keep their order.
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
    if case .list = first {
      for (index, item) in items.enumerated() {
        guard case .list = item else { throw unordered(arguments, index, item, "a list like those before it") }
      }
      var lists = Array(items)
      try sort(&lists) { (a, b) throws(Failure) in try Equality.order(a, b) < 0 }
      return .list(List(lists))
    }
    var onlyIntegers = true
    for (index, item) in items.enumerated() {
      switch item {
      case .integer: continue
      case .float(let number):
        guard !number.isNaN else { throw arguments.range("element \(index) is nan, which has no order") }
        onlyIntegers = false
      default:
        let others = index == 0 ? "a number, a string or a list" : "a number like those before it"
        throw unordered(arguments, index, item, others)
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

  /// A new list of the elements in the ascending order of their keys, of which there are as many. Elements whose keys are
  /// equal keep their order.
  static func sort(_ items: ListItems, by keys: ListItems) throws(Failure) -> Value {
    try List.admit(items.count)
    for (index, key) in keys.enumerated() {
      guard isOrdered(key), haveOrder(keys[0], key) else {
        let others = index == 0 ? "a number, a string or a list of them" : "\(keys[0].article) as for those before it"
        throw .type("sort: for element \(index) `by` must give \(others), not \(key.article)")
      }
    }
    var pairs = zip(keys, items).map { (key: $0, item: $1) }
    try sort(&pairs) { (a, b) throws(Failure) in try Equality.order(a.key, b.key) < 0 }
    return .list(List(pairs.map(\.item)))
  }

  private static func isOrdered(_ key: Value) -> Bool {
    switch key {
    case .integer, .float, .string, .list: true
    default: false
    }
  }

  /// Whether two keys are of one kind.
  private static func haveOrder(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.string, .string), (.list, .list): true
    case (.string, _), (_, .string), (.list, _), (_, .list): false
    default: true
    }
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

  /// Removes the first element from the list itself and gives it; nil when there is none.
  static func shift(_ arguments: Arguments) throws(Failure) -> Value {
    try arguments.list(0).items.popFirst() ?? .nothing
  }

  /// Puts a value before the element at an index, which counts from the end when it is negative; at the length it comes
  /// last. The result is the list.
  static func insert(_ arguments: Arguments) throws(Failure) -> Value {
    let list = try arguments.list(0)
    let count = list.items.count
    let written = try arguments.integer(1)
    let at = written < 0 ? written &+ count : written
    guard at >= 0, at <= count else {
      throw arguments.range("there is no place \(written) in a list of \(count) element\(count == 1 ? "" : "s")")
    }
    try List.admit(list.growth(by: 1))
    Meter.charge(elements: count - at)
    list.items.insert(arguments[2], at: at)
    return .list(list)
  }

  /// Takes a key from a map, and gives its value or nil; or takes the first element from a list that is equal to a
  /// value, and says whether there was one.
  static func remove(_ arguments: Arguments) throws(Failure) -> Value {
    switch arguments[0] {
    case .map(let map):
      guard let key = Map.key(arguments[1]) else {
        throw arguments.wrongType(1, "a key of the map, a string or an integer")
      }
      return map.remove(key) ?? .nothing
    case .list(let list):
      Meter.charge(elements: list.items.count)
      guard let at = try index(of: arguments[1], in: list.items) else { return .boolean(false) }
      list.items.remove(at: at)
      return .boolean(true)
    default: throw arguments.wrongType(0, "a map or a list")
    }
  }

  private static func index(of wanted: Value, in items: ListItems) throws(Failure) -> Int? {
    for at in 0..<items.count {
      do throws(Failure) {
        if try Equality.equal(items[at], wanted) { return at }
      } catch {
        // As for `in`: what cannot be compared is another value.
        guard error.code == .type else { throw error }
      }
    }
    return nil
  }

  /// The elements of a list, all of which are numbers.
  private static func numbers(_ arguments: Arguments) throws(Failure) -> ListItems {
    let items = try arguments.list(0).items
    Meter.charge(elements: items.count)
    for (index, item) in items.enumerated() {
      switch item {
      case .integer, .float: continue
      default: throw unordered(arguments, index, item, "a number")
      }
    }
    return items
  }

  /// An integer as long as all of them are.
  static func sum(_ arguments: Arguments) throws(Failure) -> Value {
    let items = try numbers(arguments)
    var whole = 0
    for (index, item) in items.enumerated() {
      guard case .integer(let number) = item else {
        return .float(items.dropFirst(index).reduce(Double(whole)) { $0 + ($1.number ?? 0) })
      }
      let (next, isOverflow) = whole.addingReportingOverflow(number)
      if isOverflow {
        throw arguments.range("the sum does not fit 64 bits (`float(…)` around a number makes it a float)")
      }
      whole = next
    }
    return .integer(whole)
  }

  /// Below the result are `p` percent of a list's numbers. Between two of them it is interpolated, as most programs do
  /// it: 0 is the least of them, 50 the median, 100 the greatest.
  static func percentile(_ arguments: Arguments) throws(Failure) -> Value {
    var values: [Double] = []
    for (index, item) in try numbers(arguments).enumerated() {
      let number = item.number ?? 0
      guard !number.isNaN else { throw arguments.range("element \(index) is nan, which has no order") }
      values.append(number)
    }
    guard let percent = arguments[1].number else { throw arguments.wrongType(1, "a number from 0 to 100") }
    guard percent >= 0, percent <= 100 else {
      throw arguments.range("argument 2 must be from 0 to 100, not \(Show.text(arguments[1]).text)")
    }
    guard !values.isEmpty else { throw arguments.range("the list is empty") }
    try List.admit(values.count)
    try sort(&values) { (a, b) throws(Failure) in a < b }
    let place = percent / 100 * Double(values.count - 1)
    let lower = Int(place)
    let fraction = place - Double(lower)
    guard fraction > 0, lower + 1 < values.count else { return .float(values[lower]) }
    return .float(values[lower] + (values[lower + 1] - values[lower]) * fraction)
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
