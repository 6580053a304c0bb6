// What a script has sent and the kernel has not taken yet.

import Glibc

/// Bytes on their way out: what is gathered (`autoflush off`), and what a receiver was too slow for.
final class OutputQueue {
  private var storage: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var start = 0
  private var end = 0
  /// The scheduler has been told that there is something.
  var isDirty = false

  /// Half of what is gathered before it leaves, so that a script that gathers allocates twice.
  private static let smallCapacity = 32 * 1024
  /// Storage that has grown beyond this is given back when it is empty.
  private static let keptCapacity = 128 * 1024

  init() {
    capacity = OutputQueue.smallCapacity
    storage = .allocate(capacity: capacity)
  }

  deinit { storage.deallocate() }

  @inline(__always)
  var count: Int { end - start }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage + start, count: end - start) }

  @inline(__always)
  func append(_ more: UnsafeRawBufferPointer) {
    guard let source = more.baseAddress else { return }
    if capacity - end < more.count { makeRoom(more.count) }
    memcpy(storage + end, source, more.count)
    end += more.count
  }

  private func makeRoom(_ more: Int) {
    let count = end - start
    if capacity - count >= more, start >= count {
      memcpy(storage, storage + start, count)
    } else {
      capacity = max(capacity * 2, count + more)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      memcpy(larger, storage + start, count)
      storage.deallocate()
      storage = larger
    }
    start = 0
    end = count
  }

  /// The first `count` bytes have been sent.
  func drop(_ count: Int) {
    start += count
    if start == end { removeAll() }
  }

  func removeAll() {
    start = 0
    end = 0
    guard capacity > OutputQueue.keptCapacity else { return }
    storage.deallocate()
    capacity = OutputQueue.smallCapacity
    storage = .allocate(capacity: capacity)
  }
}
