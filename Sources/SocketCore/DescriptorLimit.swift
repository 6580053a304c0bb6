// How many descriptors the process may have open (RLIMIT_NOFILE).

/// The limit on open descriptors; see getrlimit(2).
public enum DescriptorLimit {
  /// The limit that holds now, and how far the process may raise it.
  public static func current() throws(Errno) -> (soft: UInt64, hard: UInt64) {
    var (soft, hard): (UInt64, UInt64) = (0, 0)
    if let error = Errno(result: SystemCall.getDescriptorLimit(soft: &soft, hard: &hard)) { throw error }
    return (soft, hard)
  }

  /// Raises the soft limit to the hard one; returns the limit that holds from now on.
  @discardableResult
  public static func raiseToHard() throws(Errno) -> UInt64 {
    let hard = try current().hard
    if let error = Errno(result: SystemCall.setDescriptorLimit(soft: hard, hard: hard)) { throw error }
    return hard
  }
}
