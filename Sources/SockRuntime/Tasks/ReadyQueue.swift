// The tasks that can run, in the order in which they became ready.

/// A ring, so that neither end moves what is between them. A task is in it at most once.
struct ReadyQueue: ~Copyable {
  private var storage: UnsafeMutablePointer<Task>
  /// A power of two.
  private var capacity: Int
  private var first = 0
  private(set) var count = 0
  private static let smallCapacity = 16
  /// A larger ring is given back when it is empty: 4,096 tasks take 32 KiB.
  private static let keptCapacity = 4096

  init() {
    capacity = ReadyQueue.smallCapacity
    storage = .allocate(capacity: capacity)
  }

  deinit {
    for at in 0..<count { (storage + (first + at) & (capacity - 1)).deinitialize(count: 1) }
    storage.deallocate()
  }

  @inline(__always)
  mutating func append(_ task: consuming Task) {
    if count == capacity { grow() }
    (storage + (first &+ count) & (capacity &- 1)).initialize(to: task)
    count &+= 1
  }

  @inline(__always)
  mutating func popFirst() -> Task? {
    guard count > 0 else { return nil }
    let task = (storage + first).move()
    first = (first &+ 1) & (capacity &- 1)
    count &-= 1
    if count == 0, capacity > ReadyQueue.keptCapacity { shrink() }
    return task
  }

  mutating func removeAll() {
    while popFirst() != nil {}
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Task>.allocate(capacity: capacity * 2)
    let head = capacity - first
    larger.moveInitialize(from: storage + first, count: head)
    (larger + head).moveInitialize(from: storage, count: first)
    storage.deallocate()
    storage = larger
    first = 0
    capacity *= 2
  }

  private mutating func shrink() {
    storage.deallocate()
    capacity = ReadyQueue.smallCapacity
    storage = .allocate(capacity: capacity)
    first = 0
  }
}
