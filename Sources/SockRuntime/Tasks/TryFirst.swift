// Whether to try a call at once, or to wait until the poller says that it would succeed.

/// What tries at one place have come to lately. A try that finds nothing costs a system call, a wait for what is
/// there already another: the try is left out when two more have been in vain than not. Where the next connection
/// or request comes only after our answer, as with one client at a time, that saves one call in six.
struct TryFirst {
  /// How often tries have been in vain, less how often they were not; 0 to 3.
  private var misses: UInt8 = 0
  private var skips: UInt8 = 0

  /// Whether to wait without a try. Each sixteenth time there is one all the same: things change.
  mutating func skipsTry() -> Bool {
    guard misses >= 2 else { return false }
    skips &+= 1
    return skips & 15 != 0
  }

  mutating func note(found: Bool) {
    if found {
      if misses > 0 { misses -= 1 }
    } else if misses < 3 {
      misses += 1
    }
  }
}
