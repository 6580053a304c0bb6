// A sequence of bytes, as on the wire. One allocation holds the header and the bytes.

import Glibc

package struct ByteStringHeader {
  fileprivate(set) var count: UInt32
  fileprivate(set) var capacity: UInt32
  /// 0: not computed yet.
  fileprivate var hash: UInt32
}

/// An immutable byte string to all who share it. Only the sole owner may append in place
/// (`s = s + x` in a loop is then linear), which the machine asks `isKnownUniquelyReferenced` about.
package final class ByteString: ManagedBuffer<ByteStringHeader, UInt8> {
  /// 1 GiB less what the header needs: counts fit 32 bits, and a script cannot eat the machine's memory with one
  /// string.
  package static let maximumCount = 1 << 30

  /// Room for `capacity` bytes, none of them in use. Its only owner fills it with `writable` and `setCount`.
  @inline(__always)
  package static func allocate(capacity: Int) -> ByteString {
    precondition(capacity <= maximumCount)
    let buffer = ByteString.create(minimumCapacity: capacity) { _ in
      ByteStringHeader(count: 0, capacity: UInt32(truncatingIfNeeded: capacity), hash: 0)
    }
    return unsafeDowncast(buffer, to: ByteString.self)
  }

  /// The same for a size that a script or a peer has chosen: a failure names the limit where there is no memory for it.
  @inline(__always)
  static func reserve(_ capacity: Int) throws(Failure) -> ByteString {
    try Meter.admit(capacity)
    return allocate(capacity: capacity)
  }

  /// Shared by all threads: it has no room that anyone could write to, and its hash is the same whoever stores it.
  package nonisolated(unsafe) static let empty = allocate(capacity: 0)
}

extension ByteString {
  package static func copy(_ bytes: UnsafeRawBufferPointer) -> ByteString {
    if bytes.isEmpty { return allocate(capacity: 0) }
    Meter.allocated(bytes.count)
    let string = allocate(capacity: roundedCapacity(bytes.count))
    string.append(bytes)
    return string
  }

  /// As much as malloc gives for so many bytes anyway: it hands out 24, 40, 56, … bytes, of which 28 are the header's.
  @inline(__always)
  private static func roundedCapacity(_ count: Int) -> Int { min(((count + 3) | 15) - 3, maximumCount) }

  /// What a string may have room for, however few of its bytes are in use.
  package static let smallCapacity = 124

  /// Holds these bytes instead of its own, if there is room, and not far too much. The caller is the sole owner.
  @inline(__always)
  func overwrite(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let count = bytes.count
    guard count <= room, room <= ByteString.smallCapacity || room / 4 <= count else { return false }
    if let source = bytes.baseAddress { memcpy(start, source, count) }
    header.count = UInt32(truncatingIfNeeded: count)
    header.hash = 0
    return true
  }
}

/// ManagedBuffer's initialisers cannot be called by a subclass, but a protocol's can stand for a whole new object.
/// Only ByteString conforms.
package protocol ByteStringInitializing {}
extension ByteString: ByteStringInitializing {}

extension ByteStringInitializing {
  private init(taking string: ByteString) { self = unsafeBitCast(string, to: Self.self) }

  package init(_ bytes: [UInt8]) { self.init(taking: bytes.withUnsafeBytes { ByteString.copy($0) }) }

  package init(_ bytes: ArraySlice<UInt8>) { self.init(taking: bytes.withUnsafeBytes { ByteString.copy($0) }) }

  package init(_ text: String) {
    var text = text
    self.init(taking: text.withUTF8 { ByteString.copy(UnsafeRawBufferPointer($0)) })
  }

  package init(_ text: StaticString) {
    self.init(taking: ByteString.copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)))
  }
}

extension ByteString {
  @inline(__always)
  package var count: Int { Int(header.count) }

  @inline(__always)
  package var isEmpty: Bool { header.count == 0 }

  @inline(__always)
  package var room: Int { Int(header.capacity) }

  @inline(__always)
  package var start: UnsafeMutablePointer<UInt8> { withUnsafeMutablePointerToElements { $0 } }

  /// The bytes. Valid only while the string is kept alive: use it within one expression or under
  /// `withExtendedLifetime`.
  @inline(__always)
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  @inline(__always)
  package subscript(_ index: Int) -> UInt8 { start[index] }

  package var array: [UInt8] { Array(bytes) }

  /// For showing: what is not UTF-8 is replaced.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// All of the room, for the sole owner to write to before `setCount`.
  package var writable: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start, count: room)
  }

  package func setCount(_ count: Int) {
    precondition(count <= room)
    header.count = UInt32(truncatingIfNeeded: count)
    header.hash = 0
  }

  /// Appends in place. The caller is the sole owner and has seen that there is room.
  @inline(__always)
  package func append(_ more: UnsafeRawBufferPointer) {
    guard let source = more.baseAddress, more.count > 0 else { return }
    memcpy(start + count, source, more.count)
    header.count += UInt32(truncatingIfNeeded: more.count)
    header.hash = 0
  }

  package func slice(_ range: Range<Int>) -> ByteString {
    if range.count == count { return self }
    return ByteString.copy(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
  }

  package static func equal(_ a: ByteString, _ b: ByteString) -> Bool {
    if a === b { return true }
    let count = a.count
    guard count == b.count else { return false }
    // Words and header names: two loads that may overlap, instead of a call.
    guard count <= 16 else {
      Meter.charge(bytes: count)
      return memcmp(a.start, b.start, count) == 0
    }
    return ByteHash.head(a.start, count) == ByteHash.head(b.start, count)
      && (count <= 8 || ByteHash.tail(a.start, count) == ByteHash.tail(b.start, count))
  }

  /// Byte by byte, the shorter first when it begins the other.
  package static func less(_ a: ByteString, _ b: ByteString) -> Bool {
    Meter.charge(bytes: min(a.count, b.count))
    let order = memcmp(a.start, b.start, min(a.count, b.count))
    return order < 0 || (order == 0 && a.count < b.count)
  }

  /// Kept with the string after the first use. Seeded for each process, so that a peer cannot choose colliding keys.
  package var hash: UInt32 {
    if header.hash != 0 { return header.hash }
    Meter.charge(bytes: count)
    let seed = ByteHash.seed
    let start = UnsafeRawPointer(start)
    var state = seed ^ UInt64(truncatingIfNeeded: count)
    var at = 0
    while at + 8 < count {
      state = ByteHash.mix(state ^ start.loadUnaligned(fromByteOffset: at, as: UInt64.self), seed)
      at += 8
    }
    state = ByteHash.mix(state ^ (count <= 8 ? ByteHash.head(start, count) : ByteHash.tail(start, count)), seed)
    let folded = UInt32(truncatingIfNeeded: state ^ (state >> 32))
    let hash = folded == 0 ? 1 : folded
    header.hash = hash
    return hash
  }
}

package enum ByteHash {
  package static let seed: UInt64 = UInt64.random(in: .min ... .max)

  /// A 64 by 64 bit multiplication folded to 64 bits: both halves of the product depend on all bits of the input.
  @inline(__always)
  package static func mix(_ x: UInt64, _ seed: UInt64 = ByteHash.seed) -> UInt64 {
    let product = (x ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93 ^ seed | 1)
    return product.high ^ product.low
  }

  /// The first 8 of `count` bytes as a number, all of them where they are fewer: equal numbers mean equal bytes.
  @inline(__always)
  fileprivate static func head(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
    if count >= 8 { return bytes.loadUnaligned(as: UInt64.self) }
    if count >= 4 {
      let low = bytes.loadUnaligned(as: UInt32.self)
      let high = bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      return UInt64(high) << 32 | UInt64(low)
    }
    guard count > 0 else { return 0 }
    let middle = UInt64(bytes.load(fromByteOffset: count >> 1, as: UInt8.self))
    let last = UInt64(bytes.load(fromByteOffset: count &- 1, as: UInt8.self))
    return UInt64(bytes.load(as: UInt8.self)) | middle << 8 | last << 16
  }

  /// The last 8 of at least 8 bytes as a number.
  @inline(__always)
  fileprivate static func tail(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
  }
}
