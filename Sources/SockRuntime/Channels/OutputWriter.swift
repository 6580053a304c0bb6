// What a script prints: gathered, and written when somebody could be waiting for it.

import SocketCore

/// Standard output. It is written when tasks wait, when 64 KiB are full, at the end, and on a terminal at each line.
package final class OutputWriter {
  private var bytes: [UInt8] = []
  private static let full = 64 * 1024
  /// A test's: kept for its report instead of written, up to a bound.
  private let isCaptured: Bool
  private var isAbandoned = false
  /// Called with what is about to be written to the terminal: a line that is being edited there makes room for it.
  package var beforeWriting: ((UnsafeRawBufferPointer) -> Void)?

  init(isCaptured: Bool) { self.isCaptured = isCaptured }

  /// What a test has printed and logged since the last call.
  func takeCaptured() -> String {
    defer { bytes.removeAll(keepingCapacity: true) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// To the test's log, or to standard error in a plain script.
  func log(_ text: String) -> Failure? {
    if isCaptured { return Array(text.utf8).withUnsafeBytes { write($0) } }
    if let failure = flush() { return failure }
    tell(text)
    return nil
  }

  /// To standard error at once, behind what was printed before. A failure to print is told at the next flush.
  func tell(_ text: String) {
    _ = flush()
    if let beforeWriting { Array(text.utf8).withUnsafeBytes(beforeWriting) }
    OutputWriter.writeError(text)
  }

  func write(_ more: UnsafeRawBufferPointer) -> Failure? {
    if isCaptured {
      bytes.append(contentsOf: more.prefix(max(0, OutputWriter.full - bytes.count)))
      return nil
    }
    bytes.append(contentsOf: more)
    return bytes.count >= OutputWriter.full ? flush() : nil
  }

  /// Nobody reads any more: nothing more is written.
  func abandon() { isAbandoned = true }

  /// Writes all of it, however long the reader takes. A reader that has gone away is a failure once.
  func flush() -> Failure? {
    guard !bytes.isEmpty, !isCaptured else { return nil }
    if isAbandoned {
      bytes.removeAll()
      return nil
    }
    defer { bytes.removeAll(keepingCapacity: true) }
    if let beforeWriting { bytes.withUnsafeBytes(beforeWriting) }
    if let error = OutputWriter.writeAll(StandardStream.output, bytes) {
      return Failure("cannot write to standard output", error)
    }
    return nil
  }

  /// To standard error, at once.
  package static func writeError(_ text: String) {
    // There is nowhere left to report that standard error cannot be written to.
    _ = writeAll(StandardStream.error, Array(text.utf8))
  }

  /// To standard output, at once.
  package static func writeOutput(_ bytes: [UInt8]) -> Errno? { writeAll(StandardStream.output, bytes) }

  /// Writes all of it, however long that takes; nil, or why it could not.
  package static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Errno? {
    var done = 0
    while done < bytes.count {
      let outcome = bytes.withUnsafeBytes { StandardStream.tryWrite(descriptor, UnsafeRawBufferPointer(rebasing: $0[done...])) }
      switch outcome {
      case .done(let count): done += count
      case .wouldBlock:
        // Somebody else has made it non-blocking: wait as a blocking one would.
        let result = SystemCall.poll(descriptor, reading: false, writing: true, timeoutNanoseconds: -1)
        if result < 0, result != -Errno.interrupted.rawValue { return Errno(rawValue: -result) }
      case .end: return .brokenPipe
      case .failed(let error):
        if error != .interrupted { return error }
      }
    }
    return nil
  }
}
