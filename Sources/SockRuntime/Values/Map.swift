// Maps: string or integer keys, in the order of insertion.

/// A hash table with open addressing over a dense list of entries. A deleted entry leaves a hole that the next growth
/// closes. Both tables are memory of its own: as Swift arrays, checks of exclusive access and copies of whole entries
/// took a third of the time of a word count.
package final class Map {
  package struct Entry {
    /// Nil in a hole.
    package fileprivate(set) var key: Value
    package fileprivate(set) var value: Value

    package var isLive: Bool {
      if case .nothing = key { return false }
      return true
    }
  }

  /// The hash stands beside the position, so that a look-up touches only the entry that it finds.
  private struct Slot {
    static let free: Int32 = -1
    static let deleted: Int32 = -2
    var position: Int32
    var hash: UInt32
  }

  package private(set) var count = 0
  /// Entries in use, holes included.
  private var used = 0
  /// A power of two, or 0; at least 4/3 of `used`.
  private var slotCount = 0
  private var storage: UnsafeMutablePointer<Entry>?
  private var slots: UnsafeMutablePointer<Slot>?

  package init() {}

  /// With room for so many entries, which need not come.
  init(room: Int) { grow(to: room) }

  /// - Parameter entries: each key once.
  convenience init(_ entries: [(String, Value)]) {
    self.init()
    for (key, value) in entries { set(Value(key), value) }
  }

  /// Those in use and the holes among them. Valid while the map is kept alive and not changed.
  package var entries: UnsafeBufferPointer<Entry> { UnsafeBufferPointer(start: storage, count: used) }

  /// Keys are strings or integers (a whole float serves as one); anything else is nil here.
  @inline(__always)
  private static func hash(_ key: Value) -> UInt32? {
    switch key {
    case .string(let text): return text.hash
    case .integer(let number): return hash(number)
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
  private static func hash(_ number: Int) -> UInt32 {
    let mixed = ByteHash.mix(UInt64(bitPattern: Int64(number)))
    return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 32))
  }

  /// The slot of the entry with that hash whose key `isSame` accepts.
  @inline(__always)
  private func find(_ hash: UInt32, _ isSame: (UnsafeMutablePointer<Value>) -> Bool) -> UnsafeMutablePointer<Slot>? {
    guard let slots, let storage else { return nil }
    let mask = slotCount &- 1
    var at = Int(hash) & mask
    while true {
      let slot = slots + at
      let position = slot.pointee.position
      if position == Slot.free { return nil }
      // The key is an entry's first field.
      let key = UnsafeMutableRawPointer(storage + Int(position)).assumingMemoryBound(to: Value.self)
      if position >= 0, slot.pointee.hash == hash, isSame(key) { return slot }
      at = (at &+ 1) & mask
    }
  }

  @inline(__always)
  private func find(_ text: ByteString) -> UnsafeMutablePointer<Slot>? {
    find(text.hash) { key in
      guard let other = key.borrowedString else { return false }
      return other._withUnsafeGuaranteedRef { ByteString.equal($0, text) }
    }
  }

  private func find(_ number: Int) -> UnsafeMutablePointer<Slot>? {
    find(Map.hash(number)) { key in
      if case .integer(number) = key.pointee { return true }
      return false
    }
  }

  @inline(__always)
  private func find(_ key: Value) -> UnsafeMutablePointer<Slot>? {
    switch key {
    case .string(let text): return find(text)
    case .integer(let number): return find(number)
    default: return nil
    }
  }

  /// The value of a key that is a string; nil when there is none.
  @inline(__always)
  func value(of key: ByteString) -> Value {
    guard let slot = find(key), let storage else { return .nothing }
    return storage[Int(slot.pointee.position)].value
  }

  /// Adds to the integer under a key. False, with nothing done, when there is none or the sum does not fit 64 bits.
  @inline(__always)
  func add(_ amount: Int, to key: ByteString) -> Bool {
    guard let slot = find(key), let storage else { return false }
    let entry = storage + Int(slot.pointee.position)
    guard case .integer(let number) = entry.pointee.value else { return false }
    let (sum, isOverflow) = number.addingReportingOverflow(amount)
    if isOverflow { return false }
    entry.pointee.value = .integer(sum)
    return true
  }

  /// Where the value of a key is, until the map is changed. Nil as below.
  func place(of key: Value) -> UnsafeMutablePointer<Value>? {
    guard let slot = find(key), let storage, let offset = MemoryLayout<Entry>.offset(of: \.value) else { return nil }
    return (UnsafeMutableRawPointer(storage + Int(slot.pointee.position)) + offset).assumingMemoryBound(to: Value.self)
  }

  /// The value of a key; nil when there is none (or when it can be no key).
  package subscript(_ key: Value) -> Value? {
    guard let slot = find(key), let storage else { return nil }
    return storage[Int(slot.pointee.position)].value
  }

  package subscript(_ key: String) -> Value? { self[Value(key)] }

  /// Sets a key that `isKey` has accepted.
  package func set(_ key: Value, _ value: Value) {
    if let slot = find(key), let storage {
      storage[Int(slot.pointee.position)].value = value
      return
    }
    guard let hash = Map.hash(key) else { return }
    if (used + 1) * 4 > slotCount * 3 { grow() }
    guard let storage else { return }
    occupy(hash, used)
    (storage + used).initialize(to: Entry(key: key, value: value))
    used += 1
    count += 1
  }

  /// The same for a string in memory, whose owners are counted only when the map keeps it.
  @inline(__always)
  func set(_ key: UnsafeMutablePointer<Value>, _ value: UnsafeMutablePointer<Value>) {
    if let text = key.borrowedString, let slot = text._withUnsafeGuaranteedRef({ find($0) }), let storage {
      storage[Int(slot.pointee.position)].value = value.pointee
    } else {
      set(key.pointee, value.pointee)
    }
  }

  /// Has the first slot that is not in use point to an entry.
  private func occupy(_ hash: UInt32, _ position: Int) {
    guard let slots else { return }
    let mask = slotCount &- 1
    var at = Int(hash) & mask
    while slots[at].position >= 0 { at = (at &+ 1) & mask }
    slots[at] = Slot(position: Int32(truncatingIfNeeded: position), hash: hash)
  }

  /// The value that was there.
  package func remove(_ key: Value) -> Value? {
    guard let slot = find(key), let storage else { return nil }
    let entry = storage + Int(slot.pointee.position)
    slot.pointee.position = Slot.deleted
    let old = entry.pointee.value
    entry.pointee = Entry(key: .nothing, value: .nothing)
    count -= 1
    return old
  }

  /// Room for at least one entry more, without holes.
  private func grow() { grow(to: count * 2 + 2) }

  private func grow(to room: Int) {
    var size = 8
    while size * 3 < room * 4 { size *= 2 }
    Meter.allocated(size * MemoryLayout<Entry>.stride)
    // Never fewer entries than three quarters of the slots, the number at which the next growth is due.
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: size / 4 * 3 + 1)
    let fresh = UnsafeMutablePointer<Slot>.allocate(capacity: size)
    fresh.initialize(repeating: Slot(position: Slot.free, hash: 0), count: size)
    let old = storage
    let oldCount = used
    slots?.deallocate()
    slots = fresh
    slotCount = size
    storage = larger
    used = 0
    guard let old else { return }
    for at in 0..<oldCount {
      let entry = (old + at).move()
      guard let hash = Map.hash(entry.key) else { continue }
      occupy(hash, used)
      (larger + used).initialize(to: entry)
      used += 1
    }
    old.deallocate()
  }

  private func free() {
    if let storage {
      storage.deinitialize(count: used)
      storage.deallocate()
    }
    slots?.deallocate()
    storage = nil
    slots = nil
    used = 0
    count = 0
    slotCount = 0
  }

  /// Empties a map that is no longer used.
  func empty(into teardown: inout Teardown) {
    for entry in entries { teardown.add(entry.value) }
    free()
  }

  deinit {
    if entries.contains(where: { Teardown.isContainer($0.value) }) {
      var teardown = Teardown()
      empty(into: &teardown)
      teardown.run()
    } else {
      free()
    }
  }

  package var keys: [Value] { live { $0.key } }
  package var values: [Value] { live { $0.value } }

  private func live(_ part: (Entry) -> Value) -> [Value] {
    var found: [Value] = []
    found.reserveCapacity(count)
    for entry in entries where entry.isLive { found.append(part(entry)) }
    return found
  }
}
