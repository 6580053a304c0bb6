// Elements, slices, and walking over what has elements.

import SockLanguage

enum Indexing {
  /// What most elements are asked for by, without counting owners: a map's by string, a list's by a number that counts
  /// from the start.
  @inline(__always)
  static func get(
    _ base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>, into target: UnsafeMutablePointer<Value>
  ) throws(Failure) {
    if let map = base.borrowedMap, let key = index.borrowedString {
      // The target may be the base's register: the map stays until the value has been copied.
      let value = map._withUnsafeGuaranteedRef { map in key._withUnsafeGuaranteedRef { map.value(of: $0) } }
      target.pointee = value
    } else if let list = base.borrowedList, case .integer(let at) = index.pointee, at >= 0,
      at < list._withUnsafeGuaranteedRef({ $0.items.count })
    {
      let value = list._withUnsafeGuaranteedRef { $0.items[at] }
      target.pointee = value
    } else if let match = base.borrowedMatch, case .integer(let group) = index.pointee, target != base,
      let bytes = match._withUnsafeGuaranteedRef({ $0.borrowedBytes(of: group) })
    {
      // The register of the match keeps what the bytes are in.
      target.setString(bytes)
    } else if target == base, let list = base.borrowedList, case .range(let range) = index.pointee,
      base.isOnlyOwner(of: List.self)
    {
      // `q = q[1..]`: nobody else sees the list.
      list._withUnsafeGuaranteedRef { $0.items.keep(range.slice(of: $0.items.count)) }
    } else {
      target.pointee = try get(base.pointee, index.pointee)
    }
  }

  /// `int(m[2])` and `len(m[1])` of a match without the string between: does what `next` would make of the group that
  /// it finds in `target`. False, with nothing done, where that is something else.
  @inline(__always)
  static func measure(
    _ base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>, into target: UnsafeMutablePointer<Value>,
    _ i: Instruction, before next: Instruction
  ) -> Bool {
    guard let match = base.borrowedMatch, next.a == i.a, target != base, case .integer(let group) = index.pointee,
      let bytes = match._withUnsafeGuaranteedRef({ $0.borrowedBytes(of: group) })
    else { return false }
    if next.operation == .length, next.b == i.a {
      target.pointee = .integer(bytes.count)
      return true
    }
    guard next.operation == .callBuiltin, next.c == 1, Int(next.b) == BuiltinFunction.int.number,
      let number = ValueFunctions.shortDecimal(bytes)
    else { return false }
    target.pointee = .integer(number)
    return true
  }

  static func get(_ base: Value, _ index: Value) throws(Failure) -> Value {
    switch base {
    case .list(let list):
      if case .integer(let at) = index, at >= 0, at < list.items.count { return list.items[at] }
      if case .range(let range) = index {
        return .list(List(Array(list.items[range.slice(of: list.items.count)])))
      }
      return list.items[try position(index, list.items.count, "list", "elements")]
    case .string(let string):
      if case .range(let range) = index { return .string(string.slice(range.slice(of: string.count))) }
      let at = try position(index, string.count, "string", "bytes")
      return .string(string.slice(at..<at + 1))
    case .map(let map):
      return map[try key(index)] ?? .nothing
    case .match(let match):
      if case .string(let name) = index { return try group(of: match, name) }
      guard let number = index.wholeNumber else { throw .type("a match's group is an integer or a name, not \(index.article)") }
      return try match.group(number)
    case .range(let range):
      guard let at = index.wholeNumber else { throw .type("an index is an integer, not \(index.article)") }
      let (element, overflow) = range.lower.addingReportingOverflow(at)
      guard at >= 0, !overflow, element <= range.upper else { throw .range("index \(at) is outside the range") }
      return .integer(element)
    case .nothing:
      throw .type("nil has no elements")
    default:
      throw .type("\(base.article) has no elements")
    }
  }

  static func group(of match: Match, _ name: ByteString) throws(Failure) -> Value {
    guard let value = match.group(named: name) else { throw .range("the pattern has no group called `\(name.text)`") }
    return value
  }

  @inline(__always)
  static func set(
    _ base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>, _ value: UnsafeMutablePointer<Value>
  ) throws(Failure) {
    if let map = base.borrowedMap, index.borrowedString != nil {
      map._withUnsafeGuaranteedRef { $0.set(index, value) }
    } else {
      try set(base.pointee, index.pointee, value.pointee)
    }
  }

  /// Adds to an element in place. False, with nothing done, unless it is an integer under a string in a map.
  @inline(__always)
  static func add(
    _ amount: Int, to base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>
  ) -> Bool {
    guard let map = base.borrowedMap, let key = index.borrowedString else { return false }
    return map._withUnsafeGuaranteedRef { map in key._withUnsafeGuaranteedRef { map.add(amount, to: $0) } }
  }

  static func set(_ base: Value, _ index: Value, _ value: Value) throws(Failure) {
    switch base {
    case .list(let list):
      list.items[try position(index, list.items.count, "list", "elements")] = value
    case .map(let map): map.set(try key(index), value)
    case .string: throw .type("a string cannot be changed in place; make a new one")
    default: throw .type("cannot set an element of \(base.article)")
    }
  }

  /// `m[k] += x`: r[0] is the element as it was when r[1], which is added to it, was not computed yet. Neither is left in
  /// its register, where it would be one owner more.
  static func append(
    _ operands: UnsafeMutablePointer<Value>, to base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>
  ) throws(Failure) {
    let isDone = try withElement(base, index) { element throws(Failure) in
      guard operands.isSameObject(as: element) else { return false }
      try Interpolation.append(operands + 1, to: element, whichWas: operands)
      return true
    }
    if !isDone {
      if case .map = base.pointee, case .nothing = operands.pointee { throw nothingToAdd(to: index, operands[1]) }
      var sum = try Arithmetic.add(operands.pointee, operands[1])
      try sum.inMemory { sum throws(Failure) in try set(base, index, sum) }
    }
    operands[0] = .nothing
    operands[1] = .nothing
  }

  /// `m[k] += x` where there is no m[k].
  private static func nothingToAdd(to key: UnsafeMutablePointer<Value>, _ more: Value) -> Failure {
    let cure =
      switch more {
      case .integer, .float: "; write `m[k] = (m[k] or 0) + …`"
      case .string: "; write `m[k] = (m[k] or \"\") + …`"
      case .list: "; write `m[k] = (m[k] or []) + …`"
      default: ""
      }
    return .type("cannot add \(more.article) to what is not there: the map has no \(Show.inspect(key.pointee).text)\(cure)")
  }

  /// `q = q[1..]`; `old` as for `Interpolation.append`.
  static func slice(
    _ target: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>, whichWas old: UnsafeMutablePointer<Value>?
  ) throws(Failure) {
    if let old {
      guard old.isSameObject(as: target) else {
        target.pointee = try get(old.pointee, index.pointee)
        return
      }
      old.pointee = .nothing
    }
    try get(target, index, into: target)
  }

  /// `m[k] = m[k][1..]`: r[0] is the element as it was when r[1], the index, was not computed yet.
  static func slice(
    _ operands: UnsafeMutablePointer<Value>, of base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>
  ) throws(Failure) {
    let isDone = try withElement(base, index) { element throws(Failure) in
      guard operands.isSameObject(as: element) else { return false }
      try slice(element, operands + 1, whichWas: operands)
      return true
    }
    if !isDone {
      var element = try get(operands.pointee, operands[1])
      try element.inMemory { element throws(Failure) in try set(base, index, element) }
    }
    operands[0] = .nothing
  }

  /// Calls `body` with where the element is, and gives what it says. False: there is no such element, or it has no place
  /// of its own.
  private static func withElement(
    _ base: UnsafeMutablePointer<Value>, _ index: UnsafeMutablePointer<Value>,
    _ body: (UnsafeMutablePointer<Value>) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    if let map = base.borrowedMap {
      return try map.borrowed { map throws(Failure) in
        guard let place = map.place(of: index.pointee) else { return false }
        return try body(place)
      }
    }
    if let list = base.borrowedList, case .integer(let at) = index.pointee {
      return try list.borrowed { list throws(Failure) in
        let at = at < 0 ? at &+ list.items.count : at
        guard at >= 0, at < list.items.count else { return false }
        return try list.items.withElement(at, body)
      }
    }
    return false
  }

  static func key(_ value: Value) throws(Failure) -> Value {
    if Map.isKey(value) { return value }
    if let whole = value.wholeNumber { return .integer(whole) }
    throw .type("a map's key is a string or an integer, not \(value.article)")
  }

  /// An index counts from the end when it is negative; outside it is an error.
  private static func position(
    _ index: Value, _ count: Int, _ what: String, _ unit: String
  ) throws(Failure) -> Int {
    guard let at = index.wholeNumber else {
      throw .type("the index of a \(what) is an integer, not \(index.article)")
    }
    let actual = at < 0 ? at &+ count : at
    guard actual >= 0, actual < count else {
      throw .range("index \(at) is outside a \(what) of \(count) \(count == 1 ? String(unit.dropLast()) : unit)")
    }
    return actual
  }

  /// `let [a, b] = list`.
  static func takeApart(_ value: Value, _ first: UnsafeMutablePointer<Value>, _ count: Int) throws(Failure) {
    guard case .list(let list) = value else {
      var message = "cannot take \(value.article) apart into \(count) names; a list of \(count) can be"
      if case .nothing = value { message += ", and `unpack` gives nil when there are too few bytes" }
      throw .type(message)
    }
    guard list.items.count == count else {
      let elements = "\(list.items.count) element\(list.items.count == 1 ? "" : "s")"
      // Of a long one the beginning shows which it is.
      let shown = Show.inspect(.list(List(Array(list.items.prefix(10))))).text
      throw .range(
        "a list of \(elements) does not fit \(count) name\(count == 1 ? "" : "s"): \(shown)"
          + (list.items.count > 10 ? "…" : ""))
    }
    for at in 0..<count { first[at] = list.items[at] }
  }

  // MARK: - Walking

  /// r[0] counts up to r[1]; r[2] is the first number. False when there is none.
  static func startCounting(_ state: UnsafeMutablePointer<Value>, isExclusive: Bool) throws(Failure) -> Bool {
    guard case .range(let range) = try Arithmetic.range(state[0], state[1], isExclusive: isExclusive) else { return false }
    state[0] = .integer(range.lower)
    state[1] = .integer(range.upper)
    state[2] = state[0]
    return range.lower <= range.upper
  }

  /// r[0] becomes what is walked over (a map's keys of now), r[1] the position.
  static func startIterating(_ state: UnsafeMutablePointer<Value>) throws(Failure) {
    switch state[0] {
    case .list, .string: state[1] = .integer(0)
    case .range(let range): state[1] = .integer(range.lower)
    case .map(let map):
      state[0] = .list(List(map.keys))
      state[1] = .integer(0)
    default:
      throw .type("cannot walk over \(state[0].article); a list, map, range or string can be")
    }
  }

  static func next(_ state: UnsafeMutablePointer<Value>) -> Bool {
    guard case .integer(let at) = state[1] else { return false }
    if let list = state.borrowedList {
      guard at < list._withUnsafeGuaranteedRef({ $0.items.count }) else { return false }
      state[2] = list._withUnsafeGuaranteedRef { $0.items[at] }
      // Over an integer: nothing has to be released.
      (state + 1).initialize(to: .integer(at + 1))
      return true
    }
    switch state[0] {
    case .string(let string):
      guard at < string.count else { return false }
      state[2] = .string(string.slice(at..<at + 1))
    case .range(let range):
      guard at <= range.upper else { return false }
      state[2] = .integer(at)
      if at == Int.max {
        state[1] = .nothing
        return true
      }
    default: return false
    }
    state[1] = .integer(at + 1)
    return true
  }

  /// The same for `nextPair`: a map stays in r[3].
  static func startIteratingPairs(_ state: UnsafeMutablePointer<Value>) throws(Failure) {
    if case .map = state[0] { state[3] = state[0] } else { state[3] = .nothing }
    try startIterating(state)
  }

  /// r[2] becomes the next element and r[4] its number, from 0; of a map, the value and the key. A key that has been
  /// removed since the beginning is left out.
  static func nextPair(_ state: UnsafeMutablePointer<Value>) -> Bool {
    while true {
      guard case .integer(let at) = state[1], next(state) else { return false }
      if case .map(let map) = state[3] {
        guard let value = map[state[2]] else { continue }
        state[4] = state[2]
        state[2] = value
      } else if case .range(let range) = state[0] {
        state[4] = .integer(at &- range.lower)
      } else {
        state[4] = .integer(at)
      }
      return true
    }
  }

  /// r[0] is cut, r[1] becomes the position.
  static func startCutting(_ state: UnsafeMutablePointer<Value>) throws(Failure) {
    var function = BuiltinFunction.split
    if case .boolean = state[3] { function = .lines }
    _ = try Arguments(function, UnsafeBufferPointer(start: state, count: 1)).string(0)
    state[1] = .integer(0)
  }

  static func nextPiece(_ state: UnsafeMutablePointer<Value>) -> Bool {
    guard let subject = state.borrowedString, case .integer(var at) = state[1] else { return false }
    return subject._withUnsafeGuaranteedRef { string in
      let piece: Range<Int>?
      if let separator = (state + 3).borrowedString {
        piece = separator._withUnsafeGuaranteedRef { Cutting.nextPart(string, $0, &at) }
      } else if case .boolean = state[3] {
        piece = Cutting.nextLine(string, &at)
      } else {
        piece = Cutting.nextWord(string, &at)
      }
      guard let piece else { return false }
      // Over an integer: nothing has to be released.
      (state + 1).initialize(to: .integer(at))
      if piece.count == string.count {
        state[2] = .string(string)
      } else {
        (state + 2).setString(UnsafeRawBufferPointer(start: string.start + piece.lowerBound, count: piece.count))
      }
      return true
    }
  }
}
