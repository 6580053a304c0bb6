// When tasks have to run whatever happens.

/// A binary heap of points in time. Entries are not removed when their task runs for another reason: it is found then
/// that they came too early. A task has at most one entry that counts (`Task.armedAt`), so a task that waits a million
/// times with a deadline of five seconds costs one entry in five seconds, not a million.
struct Timers {
  private struct Entry {
    let at: Int64
    let task: Task
  }

  private var heap: [Entry] = []

  var earliest: Int64? { heap.first?.at }
  var count: Int { heap.count }

  mutating func add(_ task: Task, at: Int64) {
    heap.append(Entry(at: at, task: task))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].at < heap[parent].at else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// The next task whose entry is not after `now`.
  mutating func pop(notAfter now: Int64) -> Task? {
    guard let first = heap.first, first.at <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var child = 2 * parent + 1
        guard child < heap.count else { break }
        if child + 1 < heap.count, heap[child + 1].at < heap[child].at { child += 1 }
        guard heap[child].at < heap[parent].at else { break }
        heap.swapAt(child, parent)
        parent = child
      }
    }
    return first.task
  }

  mutating func removeAll() { heap.removeAll() }
}
