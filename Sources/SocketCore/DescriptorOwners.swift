// Which descriptors this process owns. A number that is closed twice may be another's by then, and the fault shows
// there: debug builds count, and stop where it happens.
#if DEBUG
  import Synchronization

  /// One bit for each descriptor. No lock: a copy of the process that is made meanwhile would find it taken for ever.
  enum DescriptorOwners {
    /// Numbers from here on are not watched over.
    private static let limit: Int32 = 1 << 16
    private nonisolated(unsafe) static let words: UnsafeMutablePointer<Atomic<UInt32>> = {
      let words = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: Int(limit) / 32)
      for at in 0..<Int(limit) / 32 { (words + at).initialize(to: Atomic(0)) }
      return words
    }()

    /// A call has given us the descriptor, or an object takes it over.
    static func opened(_ fd: Int32) {
      guard fd >= 0, fd < limit else { return }
      let bit = UInt32(1) << UInt32(fd % 32)
      let before = words[Int(fd) / 32].bitwiseOr(bit, ordering: .relaxed).oldValue
      precondition(before & bit == 0, "descriptor \(fd) has an owner, who has not closed it")
    }

    /// Its owner closes it, or gives it away.
    static func closed(_ fd: Int32) {
      guard fd >= 0, fd < limit else { return }
      let bit = UInt32(1) << UInt32(fd % 32)
      let before = words[Int(fd) / 32].bitwiseAnd(~bit, ordering: .relaxed).oldValue
      precondition(before & bit != 0, "descriptor \(fd) is closed by somebody who does not own it")
    }
  }
#else
  enum DescriptorOwners {
    @inline(__always)
    static func opened(_ fd: Int32) {}
    @inline(__always)
    static func closed(_ fd: Int32) {}
  }
#endif
