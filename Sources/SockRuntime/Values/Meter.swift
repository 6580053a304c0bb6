// What a turn costs besides its jumps and calls: bytes and elements that single instructions work on.

import CMeter
import SockLanguage
import SocketCore

/// Counts for the thread that runs a script. A turn of a task ends when its jumps, its calls and this are together as
/// much as a share; then others have a turn, and the deadline of the block around, signals and the memory are looked
/// at.
enum Meter {
  /// What works on fewer bytes than this is not worth counting: the jump or call around it is.
  static let smallest = 1024

  /// Bytes that a jump is worth: copying 16 takes a few ns, hashing or searching them up to 20.
  private static let bytesInATurn = 16

  /// So many bytes have been gone through, or are about to be.
  @inline(__always)
  static func charge(bytes: Int) {
    if bytes >= smallest { cmeter_charge(Int64(bytes / bytesInATurn)) }
  }

  /// The same for elements of lists and maps, of which each takes some ns.
  @inline(__always)
  static func charge(elements: Int) {
    if elements >= smallest / bytesInATurn { cmeter_charge(Int64(elements)) }
  }

  /// So many bytes were allocated and filled.
  @inline(__always)
  static func allocated(_ bytes: Int) {
    if bytes >= smallest { note(bytes) }
  }

  @inline(never)
  private static func note(_ bytes: Int) {
    cmeter_charge(Int64(bytes / bytesInATurn))
    _ = cmeter_allocate(Int64(bytes))
  }

  /// So many bytes that a script or a peer has asked for are about to be allocated and filled: there has to be memory
  /// for them, or it is a failure that names the limit.
  @inline(__always)
  static func admit(_ bytes: Int) throws(Failure) {
    if bytes >= smallest { try requireMemory(bytes) }
  }

  /// The memory is looked at when so many bytes were allocated since the last time.
  static let lookedAtEach = 1 << 20

  /// Backward jumps and calls until another task has a turn, and signals are looked at: about 100 microseconds. What
  /// single instructions work on counts as well.
  static var share: Int { 20_000 }

  @inline(never)
  private static func requireMemory(_ bytes: Int) throws(Failure) {
    cmeter_charge(Int64(bytes / bytesInATurn))
    guard cmeter_allocate(Int64(bytes)) >= Int64(lookedAtEach), let owner = cmeter_owner() else { return }
    try Unmanaged<WorkOwner>.fromOpaque(owner).takeUnretainedValue().requireMemory(bytes)
  }

  /// Looks at what ends a computation in the middle: signals, and the time of the block and the test around. For loops
  /// in single instructions, about each millisecond.
  ///
  /// Throws what ends the task, or the failure that the time of the block is over.
  static func look() throws(Failure) {
    guard let owner = cmeter_owner() else { return }
    try Unmanaged<WorkOwner>.fromOpaque(owner).takeUnretainedValue().lookAround()
  }
}

/// Whose work is measured: a run.
package class WorkOwner {
  /// Throws what ends the task that works now.
  func lookAround() throws(Failure) {}
  /// There is memory for so many bytes more, or it throws which limit that would pass.
  func requireMemory(_ bytes: Int) throws(Failure) {}
}

/// Says in a loop when it is time to look: after so many elements, and bytes of them.
struct Lookout {
  /// About a millisecond of the slowest loops.
  private static let interval = 1 << 16
  private var left = Lookout.interval

  /// One more element has been dealt with, with so many bytes.
  @inline(__always)
  mutating func step(bytes: Int = 0) throws(Failure) {
    left -= 16 + bytes
    if left < 0 { try look() }
  }

  private mutating func look() throws(Failure) {
    cmeter_charge(Int64((Lookout.interval - left) / 16))
    left = Lookout.interval
    try Meter.look()
  }
}
