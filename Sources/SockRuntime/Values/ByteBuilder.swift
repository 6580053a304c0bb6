// Builds a byte string piece by piece, in the string's own storage.

import Glibc

/// Never traps on size: what would go beyond `ByteString.maximumCount` is dropped and `overflowed` is set,
/// so that the inner loops need no check and the one who finishes reports the limit.
package struct ByteBuilder {
  private var storage: ByteString
  package private(set) var overflowed = false
  /// Why there was no room, where that is not because a byte string cannot be so long.
  private var refusal: Failure?

  package init(capacity: Int = 64) {
    var capacity = Swift.min(Swift.max(capacity, 16), ByteString.maximumCount)
    do throws(Failure) {
      try Meter.admit(capacity)
    } catch {
      refusal = error
      overflowed = true
      capacity = 0
    }
    storage = ByteString.allocate(capacity: capacity)
  }

  package var count: Int { storage.count }

  /// Makes room for `more` bytes; false (and `overflowed`) when a byte string cannot be that long.
  @inline(__always)
  private mutating func reserve(_ more: Int) -> Bool {
    storage.room - storage.count >= more || grow(more)
  }

  @inline(never)
  private mutating func grow(_ more: Int) -> Bool {
    let count = storage.count
    guard !overflowed, more <= ByteString.maximumCount - count else {
      overflowed = true
      return false
    }
    let capacity = Swift.min(Swift.max(count + more, storage.room * 2), ByteString.maximumCount)
    do throws(Failure) {
      try Meter.admit(capacity)
    } catch {
      refusal = error
      overflowed = true
      return false
    }
    let larger = ByteString.allocate(capacity: capacity)
    larger.append(storage.bytes)
    storage = larger
    return true
  }

  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    guard reserve(1) else { return }
    let count = storage.count
    storage.start[count] = byte
    storage.setCount(count + 1)
  }

  @inline(__always)
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard reserve(bytes.count) else { return }
    storage.append(bytes)
  }

  package mutating func append(_ string: ByteString) { append(string.bytes) }

  package mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package mutating func append(text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  package mutating func append(repeating byte: UInt8, count: Int) {
    guard count > 0, reserve(count) else { return }
    let old = storage.count
    memset(storage.start + old, Int32(byte), count)
    storage.setCount(old + count)
  }

  package mutating func append(decimal number: Int) {
    guard reserve(20) else { return }
    let (old, length) = (storage.count, Decimal.count(of: number))
    Decimal.write(number, count: length, to: storage.start + old)
    storage.setCount(old + length)
  }

  /// In an unsigned radix of 2 to 36, with at least `minimumDigits` digits.
  package mutating func append(_ number: UInt, radix: Int, uppercase: Bool = false, minimumDigits: Int = 1) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { digits in
      let letters: UInt8 = uppercase ? 0x41 - 10 : 0x61 - 10
      var at = 64
      var rest = number
      while rest != 0 {
        let digit = UInt8(truncatingIfNeeded: rest % UInt(radix))
        rest /= UInt(radix)
        at -= 1
        digits[at] = digit < 10 ? 0x30 + digit : letters + digit
      }
      append(repeating: 0x30, count: minimumDigits - (64 - at))
      append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[at..<64]))
    }
  }

  /// Takes back the last `length` bytes.
  package mutating func removeLast(_ length: Int) {
    storage.setCount(Swift.max(0, storage.count - length))
  }

  /// What was built. Storage that is more than half empty is not given away, but copied to its size.
  package consuming func finish() -> ByteString {
    if storage.room > 256, storage.count < storage.room / 2 { return ByteString.copy(storage.bytes) }
    return storage
  }

  /// What was built, or the failure that names the limit; `what` is the function's name.
  package consuming func finish(_ what: String) throws(Failure) -> ByteString {
    try requireRoom(what)
    return finish()
  }

  /// What was built, or why it could not be; `tooLong` where a byte string cannot be that long.
  consuming func finish(otherwise tooLong: @autoclosure () -> Failure) throws(Failure) -> ByteString {
    if overflowed { throw refusal ?? tooLong() }
    return finish()
  }

  /// Nothing has been dropped so far; `what` is the function's name.
  func requireRoom(_ what: String) throws(Failure) {
    if overflowed { throw refusal ?? Failure.tooLong(what) }
  }
}

extension Failure {
  /// A byte string cannot be that long.
  package static func tooLong(_ what: String) -> Failure {
    .limit("\(what): the result would be longer than a string may be (1 GiB)")
  }
}
