// Lists: elements in order, shared by reference.

/// A list: shared by reference, as in Perl and Python.
package final class List {
  package var items: ListItems
  package init(_ items: [Value] = []) { self.items = ListItems(items) }
  package init(_ items: ListItems) { self.items = items }

  /// How long a list may become at once: 1 GiB of values.
  static let maximumCount = 1 << 26

  /// A list of so many elements is about to be made, or to grow to them: there has to be memory for it.
  @inline(__always)
  static func admit(_ count: Int) throws(Failure) {
    if count >= Meter.smallest / MemoryLayout<Value>.stride { try requireMemory(count) }
  }

  private static func requireMemory(_ count: Int) throws(Failure) {
    guard count <= maximumCount else { throw .limit("the list would be longer than \(maximumCount) elements") }
    try Meter.admit(count * MemoryLayout<Value>.stride)
  }

  /// For how many elements there is to be room when so many more come to its end: it doubles. 0: there is room.
  @inline(__always)
  func growth(by more: Int) -> Int { items.room < more ? items.count + max(more, items.count) : 0 }

  /// Empties a list that is no longer used.
  func empty(into teardown: inout Teardown) {
    for item in items { teardown.add(item) }
    items = ListItems()
  }

  deinit {
    guard items.contains(where: Teardown.isContainer) else { return }
    var teardown = Teardown()
    empty(into: &teardown)
    teardown.run()
  }
}

/// An array that drops elements from its start as cheaply as from its end: what a queue does (`q = q[1..]`).
package struct ListItems: RandomAccessCollection, MutableCollection, ExpressibleByArrayLiteral {
  private var storage: [Value]
  /// So many at the start of the storage are dropped, and nil there: less than half of them, or only a few.
  private var head = 0

  package init(_ items: [Value]) { storage = items }
  package init() { storage = [] }
  package init(arrayLiteral elements: Value...) { storage = elements }

  @inline(__always)
  package var startIndex: Int { 0 }

  @inline(__always)
  package var endIndex: Int { storage.count &- head }

  @inline(__always)
  package var count: Int { storage.count &- head }

  package subscript(_ position: Int) -> Value {
    @inline(__always)
    get {
      precondition(position >= 0)
      return storage[head &+ position]
    }
    @inline(__always)
    set {
      precondition(position >= 0)
      storage[head &+ position] = newValue
    }
  }

  package func makeIterator() -> ArraySlice<Value>.Iterator { storage[head...].makeIterator() }

  /// The elements in memory. Valid while nobody changes them.
  @inline(__always)
  func withElements<Outcome>(_ body: (UnsafePointer<Value>) -> Outcome) -> Outcome? {
    storage.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { body($0 + head) } }
  }

  /// One element in memory, to be changed there.
  mutating func withElement<Outcome>(
    _ position: Int, _ body: (UnsafeMutablePointer<Value>) throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    precondition(position >= 0)
    let place = head + position
    return try storage[place].inMemory(body)
  }

  package mutating func reserveCapacity(_ count: Int) { storage.reserveCapacity(head + count) }

  /// For how many more there is room.
  @inline(__always)
  var room: Int { storage.capacity &- storage.count }

  @inline(__always)
  package mutating func append(_ item: Value) { storage.append(item) }

  /// Room doubles, so a loop that builds a list is linear.
  package mutating func append(contentsOf more: ListItems) { storage.append(contentsOf: more.storage[more.head...]) }

  package mutating func popLast() -> Value? { isEmpty ? nil : storage.removeLast() }

  /// As cheap as `popLast`, all in all.
  package mutating func popFirst() -> Value? {
    guard let first else { return nil }
    keep(1..<count)
    return first
  }

  /// Moves those behind it, or none at the start of what was a queue.
  package mutating func insert(_ item: Value, at position: Int) {
    precondition(position >= 0)
    if position == 0, head > 0 {
      head -= 1
      storage[head] = item
    } else {
      storage.insert(item, at: head + position)
    }
  }

  package mutating func remove(at position: Int) {
    precondition(position >= 0)
    storage.remove(at: head + position)
  }

  /// Drops all but the elements in a range, which is within bounds. What moves others is done only when it drops more
  /// than it moves.
  mutating func keep(_ range: Range<Int>) {
    storage.removeLast(count - range.upperBound)
    for place in head..<head + range.lowerBound { storage[place] = .nothing }
    head += range.lowerBound
    if head > 16, head * 2 > storage.count {
      storage.removeFirst(head)
      head = 0
    }
  }

  static func + (a: ListItems, b: ListItems) -> ListItems {
    var sum = ListItems()
    sum.reserveCapacity(a.count + b.count)
    sum.append(contentsOf: a)
    sum.append(contentsOf: b)
    return sum
  }
}

extension Value {
  /// Calls `body` with where it is.
  @inline(__always)
  mutating func inMemory<Outcome>(
    _ body: (UnsafeMutablePointer<Value>) throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    try withUnsafeMutablePointer(to: &self) { place throws(Failure) in try body(place) }
  }
}
