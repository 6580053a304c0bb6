// Reading and writing of descriptors that are no sockets: standard streams, pipes, terminals.

/// Calls on a descriptor that the caller owns. None of them blocks if the descriptor is non-blocking.
public enum StandardStream {
  /// The descriptor of standard input.
  public static let input: Int32 = 0
  /// The descriptor of standard output.
  public static let output: Int32 = 1
  /// The descriptor of standard error.
  public static let error: Int32 = 2

  /// read(2), at most as many bytes as the buffer has. `.end` at the end of a file or pipe.
  ///
  /// A terminal whose other side is closed fails with EIO.
  public static func tryRead(_ fd: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> IOOutcome {
    let count = SystemCall.read(fd, buffer.baseAddress, buffer.count)
    return count == 0 && buffer.count > 0 ? .end : IOOutcome(result: count)
  }

  /// write(2); it may write less than all.
  ///
  /// Writing into a pipe that nobody reads fails with EPIPE, once `ProcessSignals.ignoreBrokenPipe()` was called;
  /// before, SIGPIPE ends the process.
  public static func tryWrite(_ fd: Int32, _ buffer: UnsafeRawBufferPointer) -> IOOutcome {
    IOOutcome(result: SystemCall.write(fd, buffer.baseAddress, buffer.count))
  }

  /// The same for what other processes share, which stays blocking: `.wouldBlock` where nothing is taken now.
  package static func tryWriteNow(_ fd: Int32, _ buffer: UnsafeRawBufferPointer) -> IOOutcome {
    IOOutcome(result: SystemCall.writeNow(fd, buffer.baseAddress, buffer.count))
  }

  /// Sets or clears O_NONBLOCK. The flag belongs to the open file, so other processes that share it see it too.
  @discardableResult
  public static func setNonblocking(_ fd: Int32, _ nonblocking: Bool) -> Errno? {
    Errno(result: SystemCall.setNonblocking(fd, nonblocking))
  }

  /// Whether O_NONBLOCK is set.
  public static func isNonblocking(_ fd: Int32) throws(Errno) -> Bool {
    let result = SystemCall.getNonblocking(fd)
    if let error = Errno(result: result) { throw error }
    return result == 1
  }

  /// close(2). The descriptor is gone even if an error is returned.
  @discardableResult
  public static func close(_ fd: Int32) -> Errno? {
    Errno(result: SystemCall.close(fd))
  }
}
