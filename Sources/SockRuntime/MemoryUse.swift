// How much memory the process occupies: asked often, so the cheap question comes first.

import Glibc

enum MemoryUse {
  /// Whether the process occupies more than so much now.
  static func exceeds(mebibytes limit: Int) -> Bool {
    var usage = rusage()
    // The most that it ever was, in KiB: nearly always less, and one system call.
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0, usage.ru_maxrss >> 10 > limit else { return false }
    guard let pages = residentPages() else { return false }
    return (pages * Int(sysconf(Int32(_SC_PAGESIZE)))) >> 20 > limit
  }

  /// The second number of /proc/self/statm; nil where there is none.
  private static func residentPages() -> Int? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
    return fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) : nil
  }
}
