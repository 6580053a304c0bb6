// Maps: string or integer keys, in the order of insertion.

/// A hash table with open addressing over a dense list of entries. A deleted entry leaves a hole that the next growth
/// closes.
package final class Map {
  package struct Entry {
    package let key: Value
    package var value: Value
    let hash: UInt32
    package fileprivate(set) var isLive: Bool
  }

  package private(set) var entries: [Entry] = []
  package private(set) var count = 0
  /// Positions in `entries`; -1 is free, -2 was deleted. Its size is a power of two, at least 4/3 of the entries.
  private var slots: [Int32] = []

  package init() {}

  /// Keys are strings or integers (a whole float serves as one); anything else is nil here.
  @inline(__always)
  private static func hash(_ key: Value) -> UInt32? {
    switch key {
    case .string(let text): return text.hash
    case .integer(let number):
      let mixed = ByteHash.mix(UInt64(bitPattern: Int64(number)))
      return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 32))
    default: return nil
    }
  }

  package static func isKey(_ value: Value) -> Bool {
    switch value {
    case .string, .integer: return true
    default: return false
    }
  }

  /// A value as a key: a string or an integer as it is, a whole float as its integer, nil for anything else.
  package static func key(_ value: Value) -> Value? {
    switch value {
    case .string, .integer: return value
    case .float(let number): return Int(exactly: number).map { .integer($0) }
    default: return nil
    }
  }

  @inline(__always)
  private func same(_ entry: Entry, _ key: Value, _ hash: UInt32) -> Bool {
    guard entry.hash == hash, entry.isLive else { return false }
    switch (entry.key, key) {
    case (.string(let a), .string(let b)): return ByteString.equal(a, b)
    case (.integer(let a), .integer(let b)): return a == b
    default: return false
    }
  }

  private func position(_ key: Value, _ hash: UInt32) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while true {
      let at = slots[slot]
      if at == -1 { return nil }
      if at >= 0, same(entries[Int(at)], key, hash) { return Int(at) }
      slot = (slot + 1) & mask
    }
  }

  /// The value of a key; nil when there is none (or when it can be no key).
  package subscript(_ key: Value) -> Value? {
    guard let hash = Map.hash(key), let at = position(key, hash) else { return nil }
    return entries[at].value
  }

  package subscript(_ key: String) -> Value? { self[Value(key)] }

  /// Sets a key that `isKey` has accepted.
  package func set(_ key: Value, _ value: Value) {
    guard let hash = Map.hash(key) else { return }
    if let at = position(key, hash) {
      entries[at].value = value
      return
    }
    if (entries.count + 1) * 4 > slots.count * 3 { grow() }
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(truncatingIfNeeded: entries.count)
    entries.append(Entry(key: key, value: value, hash: hash, isLive: true))
    count += 1
  }

  /// The value that was there.
  package func remove(_ key: Value) -> Value? {
    guard let hash = Map.hash(key), let at = position(key, hash) else { return nil }
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != Int32(truncatingIfNeeded: at) { slot = (slot + 1) & mask }
    slots[slot] = -2
    let old = entries[at].value
    entries[at].isLive = false
    entries[at].value = .nothing
    count -= 1
    return old
  }

  private func grow() {
    if count < entries.count { entries.removeAll { !$0.isLive } }
    var size = 8
    while size * 3 < (entries.count + 1) * 8 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    let mask = size - 1
    for (at, entry) in entries.enumerated() {
      var slot = Int(entry.hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: at)
    }
  }

  /// Empties a map that is no longer used.
  func empty(into teardown: inout Teardown) {
    for entry in entries { teardown.add(entry.value) }
    entries = []
  }

  deinit {
    guard entries.contains(where: { Teardown.isContainer($0.value) }) else { return }
    var teardown = Teardown()
    empty(into: &teardown)
    teardown.run()
  }

  package var keys: [Value] { entries.lazy.filter(\.isLive).map(\.key) }
  package var values: [Value] { entries.lazy.filter(\.isLive).map(\.value) }
}
