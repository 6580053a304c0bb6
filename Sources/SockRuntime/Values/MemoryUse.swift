// How much memory the process occupies: asked often, so the cheap question comes first.

import CMeter
import Glibc

enum MemoryUse {
  /// What there is no memory beyond.
  enum Bound {
    /// The limit `memory`.
    case values
    /// What the system gives the process (`ulimit -v`).
    case addressSpace
  }

  /// Kept free of the address space, in bytes: for what is allocated until somebody looks again.
  private static let reserve = 32 << 20
  private static let addressSpaceLimit = Int(cmeter_address_space_limit())

  /// Which bound would be passed if the process took so many bytes more than it has now; nil: none.
  static func bound(taking more: Int, mebibytes limit: Int) -> Bound? {
    var usage = rusage()
    // The most that it ever was, in KiB: nearly always less, and one system call.
    let isKnown = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
    let mayPassLimit = isKnown && usage.ru_maxrss >> 10 + more >> 20 > limit
    guard mayPassLimit || addressSpaceLimit != .max, let pages = pages() else { return nil }
    let size = Int(sysconf(Int32(_SC_PAGESIZE)))
    if addressSpaceLimit != .max, pages.virtual * size + more + reserve > addressSpaceLimit { return .addressSpace }
    // What malloc has got back is used again before anything else is.
    guard mayPassLimit, (pages.resident * size + more) >> 20 > limit else { return nil }
    return (Int(cmeter_heap_in_use()) + more) >> 20 > limit ? .values : nil
  }

  static func failure(_ bound: Bound, mebibytes limit: Int) -> Failure {
    switch bound {
    case .values: return .limit("the values take more than \(limit) MiB (limit memory)")
    case .addressSpace:
      return .limit("the system gives the process no more than \(addressSpaceLimit >> 20) MiB of memory (ulimit -v)")
    }
  }

  /// The first two numbers of /proc/self/statm; nil where there is none.
  private static func pages() -> (virtual: Int, resident: Int)? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      var at = 0
      func number() -> Int? {
        var value = 0
        let start = at
        while at < count, buffer[at] &- 0x30 < 10 {
          value = value * 10 + Int(buffer[at] - 0x30)
          at += 1
        }
        return at > start ? value : nil
      }
      guard let virtual = number() else { return nil }
      at += 1
      guard let resident = number() else { return nil }
      return (virtual, resident)
    }
  }
}
