// What a script prints: gathered, and written before anybody could miss it.

import SocketCore

/// Standard output. On a terminal it is written when tasks wait; elsewhere 10 ms after the first byte at the latest,
/// so that a server's log takes 100 calls a second and not one for each connection. Anywhere: when 64 KiB are full,
/// before input is waited for, a process is started or standard error is written, and at the end.
package final class OutputWriter {
  private var bytes: [UInt8] = []
  private static let full = 64 * 1024
  /// A test's: kept for its report instead of written, up to a bound.
  private var isCaptured: Bool
  /// What was captured before it was written for a while.
  private var setAside: [UInt8] = []
  /// Bytes of a test beyond that bound.
  private var uncaptured = 0
  private var isAbandoned = false
  /// Other processes write to the same pipe: each write is one that the kernel keeps whole, and ends with a line.
  var isShared = false
  /// Called with what is about to be written to the terminal: a line that is being edited there makes room for it.
  package var beforeWriting: ((UnsafeRawBufferPointer) -> Void)?
  /// When what there is has to be written, in monotonic nanoseconds: 0 now, `.max` while there is nothing.
  private(set) var dueAt = Int64.max
  /// What nobody reads on a terminal may wait for more, in nanoseconds.
  private static let patience: Int64 = 10_000_000
  private lazy var isTerminal = SystemCall.isTerminal(StandardStream.output)

  /// Nothing waits to be written.
  var isEmpty: Bool { bytes.isEmpty }

  init(isCaptured: Bool) { self.isCaptured = isCaptured }

  /// What a test has printed and logged since the last call, with secrets hidden.
  func takeCaptured(hiding secrets: Secrets) -> String {
    defer {
      bytes.removeAll(keepingCapacity: true)
      uncaptured = 0
    }
    let isCut = uncaptured > 0
    let text = String(decoding: secrets.masked(bytes, cuts: isCut ? .atEnd : [], isText: true), as: UTF8.self)
    return isCut ? "\(text)\n… and \(uncaptured) bytes more\n" : text
  }

  /// For as long as somebody looks into a test: what is printed is written, and not kept.
  func stopCapturing() {
    swap(&bytes, &setAside)
    isCaptured = false
  }

  /// The test's log goes on. A failure to write what was printed meanwhile.
  func captureAgain() -> Failure? {
    let failure = flush()
    bytes = []
    swap(&bytes, &setAside)
    isCaptured = true
    dueAt = .max
    return failure
  }

  /// To the test's log, or to standard error in a plain script.
  func log(_ text: String) -> Failure? {
    if isCaptured { return Array(text.utf8).withUnsafeBytes { write($0) } }
    if let failure = flush() { return failure }
    let bytes = Array(text.utf8)
    if let beforeWriting { bytes.withUnsafeBytes(beforeWriting) }
    switch write(StandardStream.error, bytes[...], isStep: true) {
    case .late(let failure)?: return failure
    // Who has gone on reading a log no longer, wants none.
    case .failed(let error)? where error != .brokenPipe: return Failure("cannot write to standard error", error)
    default: return nil
    }
  }

  /// To standard error at once, behind what was printed before. A failure to print is told at the next flush.
  func tell(_ text: String) {
    flushForNow()
    let bytes = Array(text.utf8)
    if let beforeWriting { bytes.withUnsafeBytes(beforeWriting) }
    _ = write(StandardStream.error, bytes[...], isStep: false)
  }

  /// The same about one of many clients: a server goes on, and does not wait for a reader of standard error that does
  /// not read. How many were not told of is told with the next one.
  func tellIfRead(_ text: String) {
    flushForNow()
    var bytes = Array(text.utf8)
    if missed > 0 {
      bytes = Array("sock: \(missed) more failed, of which nothing was told: nobody read standard error\n".utf8) + bytes
    }
    if writeIfTaken(bytes) == 0 { missed += 1 } else { missed = 0 }
  }

  /// The last that is said: nothing is waited for, neither before nor behind it.
  func tellAtOnce(_ text: String) { _ = writeIfTaken(Array(text.utf8)) }

  /// As much to standard error as is taken now. How much that was.
  private func writeIfTaken(_ bytes: [UInt8]) -> Int {
    if let beforeWriting { bytes.withUnsafeBytes(beforeWriting) }
    var done = 0
    while done < bytes.count {
      // No more at a time than a pipe takes as a whole: a line is not torn.
      let piece = bytes[done..<min(done + OutputWriter.whole, bytes.count)]
      switch piece.withUnsafeBytes({ StandardStream.tryWriteNow(StandardStream.error, $0) }) {
      case .done(let count): done += count
      case .failed(.interrupted): break
      case .wouldBlock, .end, .failed: return done
      }
    }
    return done
  }

  /// Failures that were not told of.
  private var missed = 0

  func write(_ more: UnsafeRawBufferPointer) -> Failure? {
    if isCaptured {
      let kept = more.prefix(max(0, OutputWriter.full - bytes.count))
      bytes.append(contentsOf: kept)
      uncaptured += more.count - kept.count
      return nil
    }
    if bytes.isEmpty { dueAt = isTerminal ? 0 : MonotonicClock.now + OutputWriter.patience }
    bytes.append(contentsOf: more)
    wasFilled = bytes.count >= OutputWriter.full
    guard wasFilled else { return nil }
    // A pipe takes 64 KiB, and mostly what came last a moment later: that waits for more.
    return flushWhatFits() ?? (bytes.count >= OutputWriter.full ? flush() : nil)
  }

  /// What was written last has filled what is gathered.
  private(set) var wasFilled = false

  /// What there is is written when tasks next wait.
  func hasten() {
    if dueAt != .max { dueAt = 0 }
  }

  /// Writes of what has waited for long enough as much as is taken now.
  @inline(__always)
  func flushIfDue() -> Failure? {
    dueAt == .max || MonotonicClock.now < dueAt ? nil : flushWhatFits()
  }

  /// Writes as much as is taken now: tasks go on while a reader is slow. The rest is due a little later.
  func flushWhatFits() -> Failure? {
    if isCaptured || isAbandoned || untold != nil || beforeWriting != nil || asksBetweenPieces { return flush() }
    var done = 0
    while done < bytes.count {
      let piece = isShared ? lines(of: bytes[done...]) : bytes[done...]
      switch piece.withUnsafeBytes({ StandardStream.tryWriteNow(StandardStream.output, $0) }) {
      case .done(let count) where count == piece.count: done += count
      case .done(let count): return keep(from: done + count)
      case .wouldBlock: return keep(from: done)
      case .end: return lose(.brokenPipe)
      case .failed(let error): if error != .interrupted { return lose(error) }
      }
    }
    bytes.removeAll(keepingCapacity: true)
    dueAt = .max
    return nil
  }

  private func keep(from start: Int) -> Failure? {
    bytes.removeFirst(start)
    dueAt = MonotonicClock.now + OutputWriter.patience
    return nil
  }

  private func lose(_ error: Errno) -> Failure {
    bytes.removeAll(keepingCapacity: true)
    dueAt = .max
    return Failure("cannot write to standard output", error)
  }

  /// Nobody reads any more: nothing more is written.
  func abandon() { isAbandoned = true }

  /// Writes all of it where a failure cannot be told: the next flush does.
  func flushForNow() {
    if let failure = flush(isStep: false) { untold = failure }
  }

  /// Why a reader that does not read is waited for no longer: what is left is lost.
  enum WaitEnd {
    /// The script is asked to end, and nothing more is written.
    case stopped
    /// A session's input is asked to end; the session goes on.
    case dropped
    /// The time of the step is over.
    case late(Failure)
    case failed(Errno)
  }

  /// Asked from time to time while a reader is waited for; with true where a step waits, whose time counts.
  var endOfWaiting: ((Bool) -> WaitEnd?)?
  /// Asked before each kilobyte, too: whoever reads may have seen enough.
  package var asksBetweenPieces = false
  /// A wait has ended because the script is asked to end.
  private(set) var wasStopped = false
  /// How long a full pipe or terminal is waited for until that is asked, in nanoseconds.
  private static let slice: Int64 = 50_000_000

  /// Writes all of it. The descriptor is shared, and stays blocking; the thread waits here, so that no other task goes
  /// on meanwhile, but a signal or a deadline ends it.
  private func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>, isStep: Bool) -> WaitEnd? {
    var rest = bytes
    var wasWaitedFor = false
    while !rest.isEmpty {
      if asksBetweenPieces, let end = endOfWaiting(isStep: false) { return end }
      let piece = asksBetweenPieces ? rest.prefix(1024) : rest
      switch piece.withUnsafeBytes({ StandardStream.tryWriteNow(descriptor, $0) }) {
      case .done(let count):
        rest = rest.dropFirst(count)
        wasWaitedFor = false
      case .wouldBlock:
        if let end = endOfWaiting(isStep: isStep) { return end }
        // A terminal with room for one byte is said to be ready, and takes no end of a line: that only time changes.
        if let error = OutputWriter.waitForReader(descriptor, isReady: wasWaitedFor) { return .failed(error) }
        wasWaitedFor = true
      case .end: return .failed(.brokenPipe)
      case .failed(let error): if error != .interrupted { return .failed(error) }
      }
    }
    return nil
  }

  private func endOfWaiting(isStep: Bool) -> WaitEnd? {
    let end = endOfWaiting?(isStep)
    if case .stopped? = end { wasStopped = true }
    return end
  }

  /// The same for what a channel has gathered, at the end. There is nobody left to tell of a failure.
  func write(_ bytes: [UInt8], to descriptor: Int32) { _ = write(descriptor, bytes[...], isStep: false) }

  private static func waitForReader(_ descriptor: Int32, isReady: Bool) -> Errno? {
    let result = SystemCall.poll(
      descriptor, reading: false, writing: !isReady, timeoutNanoseconds: isReady ? slice / 10 : slice)
    return result < 0 && result != -Errno.interrupted.rawValue ? Errno(rawValue: -result) : nil
  }

  private var untold: Failure?

  /// A failure that could not be told yet: the next flush does.
  func keep(_ failure: Failure) { untold = failure }

  /// Writes all of it, however long the reader takes, unless `endOfWaiting` says otherwise. What could not be written
  /// is lost, and the failure told once.
  func flush(isStep: Bool = true) -> Failure? {
    if let failure = untold {
      untold = nil
      return failure
    }
    guard !bytes.isEmpty, !isCaptured else { return nil }
    dueAt = .max
    if isAbandoned {
      bytes.removeAll()
      return nil
    }
    defer { bytes.removeAll(keepingCapacity: true) }
    if let beforeWriting { bytes.withUnsafeBytes(beforeWriting) }
    switch writeGathered(isStep) {
    case nil, .dropped: return nil
    case .late(let failure): return failure
    case .failed(let error): return Failure("cannot write to standard output", error)
    case .stopped:
      isAbandoned = true
      return nil
    }
  }

  private func writeGathered(_ isStep: Bool) -> WaitEnd? {
    guard isShared else { return write(StandardStream.output, bytes[...], isStep: isStep) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = lines(of: rest)
      if let end = write(StandardStream.output, piece, isStep: isStep) { return end }
      rest = rest[piece.endIndex...]
    }
    return nil
  }

  /// As many lines as a pipe takes in one piece (PIPE_BUF); a longer line may be torn.
  private func lines(of rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let piece = rest.prefix(OutputWriter.whole)
    return piece.count == rest.count ? rest : rest[..<(piece.lastIndex(of: 0x0A).map { $0 + 1 } ?? piece.endIndex)]
  }

  private static let whole = 4096

  /// To standard error, at once; until a signal comes where nobody reads.
  package static func writeError(_ text: String) {
    let writer = OutputWriter(isCaptured: false)
    writer.endOfWaiting = { _ in ProcessSignals.pending == nil ? nil : .dropped }
    // There is nowhere left to report that standard error cannot be written to.
    _ = writer.write(StandardStream.error, Array(text.utf8)[...], isStep: false)
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
