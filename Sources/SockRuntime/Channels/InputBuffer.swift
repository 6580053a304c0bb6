// What has been received and not yet consumed.

import Glibc

/// Sixteen bytes of state in each channel; the storage is borrowed from a pool while there is something in it.
struct InputBuffer {
  /// Most reads fit: a loopback segment is 64 KiB at most, and malloc serves larger blocks by mmap each time.
  static let pooledCapacity = 64 * 1024

  private var storage: UnsafeMutablePointer<UInt8>?
  private var capacity: Int = 0
  private(set) var start: Int = 0
  private(set) var end: Int = 0

  var count: Int { end - start }
  var isEmpty: Bool { start == end }

  var bytes: UnsafeRawBufferPointer {
    guard let storage else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: storage + start, count: end - start)
  }

  /// How many bytes `space` would take from the system; 0 where it has room.
  @inline(__always)
  func needed(_ pool: BufferPool) -> Int {
    if storage == nil { return pool.isEmpty ? InputBuffer.pooledCapacity : 0 }
    return end == capacity && start < capacity / 2 && (start == 0 || count >= capacity / 4) ? capacity * 2 : 0
  }

  /// Room for at least `room` bytes more; the caller has seen that `count` is below the limit.
  mutating func space(_ pool: BufferPool, atLeast room: Int = 1) -> UnsafeMutableRawBufferPointer {
    if storage == nil {
      storage = pool.take()
      capacity = InputBuffer.pooledCapacity
      start = 0
      end = 0
    }
    if capacity - end < room {
      if capacity - count >= room, start >= capacity / 2 || start > 0 && count < capacity / 4 {
        if let storage { memmove(storage, storage + start, count) }
        end -= start
        start = 0
      } else {
        grow(to: max(capacity * 2, count + room), pool)
      }
    }
    guard let storage else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return UnsafeMutableRawBufferPointer(start: storage + end, count: capacity - end)
  }

  private mutating func grow(to larger: Int, _ pool: BufferPool) {
    let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    if let storage {
      memcpy(fresh, storage + start, count)
      pool.give(storage, capacity)
    }
    end -= start
    start = 0
    storage = fresh
    capacity = larger
  }

  /// That many bytes were written to `space`.
  mutating func filled(_ count: Int) { end += count }

  mutating func append(_ more: UnsafeRawBufferPointer, _ pool: BufferPool) {
    guard let source = more.baseAddress else { return }
    var done = 0
    while done < more.count {
      let room = space(pool)
      let part = min(room.count, more.count - done)
      room.baseAddress?.copyMemory(from: source + done, byteCount: part)
      filled(part)
      done += part
    }
  }

  mutating func consume(_ count: Int, _ pool: BufferPool) {
    start += count
    if start == end { release(pool) }
  }

  mutating func release(_ pool: BufferPool) {
    if let storage { pool.give(storage, capacity) }
    storage = nil
    capacity = 0
    start = 0
    end = 0
  }
}

/// What `recv` receives into when nothing has been kept back: a string's own storage, which is given away when the
/// receive has filled a quarter of it, and serves again when what came was so little that it was copied.
final class ReceiveBuffer {
  private var string: ByteString?
  private var start: UnsafeMutablePointer<UInt8>?
  private var capacity = 0

  /// Room for exactly `count` bytes, at least 1.
  @inline(__always)
  func space(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if capacity < count { replace(count) }
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  private func replace(_ count: Int) {
    Meter.allocated(count)
    let fresh = ByteString.allocate(capacity: count)
    string = fresh
    start = fresh.start
    capacity = count
  }

  /// The first `count` bytes of the space as a string.
  @inline(__always)
  func take(_ count: Int) -> ByteString {
    if count >= capacity / 4, let string {
      self.string = nil
      start = nil
      capacity = 0
      string.setCount(count)
      return string
    }
    return ByteString.copy(UnsafeRawBufferPointer(start: start, count: count))
  }
}

/// Free buffers of the common size: one thread's.
final class BufferPool {
  private var free: [UnsafeMutablePointer<UInt8>] = []
  /// More are given back to the system: 64 of 64 KiB are 4 MiB.
  private let kept = 64

  var isEmpty: Bool { free.isEmpty }

  func take() -> UnsafeMutablePointer<UInt8> {
    free.popLast() ?? UnsafeMutablePointer<UInt8>.allocate(capacity: InputBuffer.pooledCapacity)
  }

  func give(_ storage: UnsafeMutablePointer<UInt8>, _ capacity: Int) {
    if capacity == InputBuffer.pooledCapacity, free.count < kept {
      free.append(storage)
    } else {
      storage.deallocate()
    }
  }

  deinit { for storage in free { storage.deallocate() } }
}
