// A program that a script runs: its end, what it says about errors, and what it writes while nobody reads.

import Glibc
import SockLanguage
import SocketCore

/// What a program has to do with the channel that it is run as the client of: `run … to`.
final class ClientRole {
  /// The listener, or the bound socket.
  weak var server: Channel?
  /// The step that has run it, and the calls that led there, innermost first.
  let site: SourceSite
  let calls: [SourceSite]

  init(of server: Channel, _ site: SourceSite, calls: [SourceSite]) {
    self.server = server
    self.site = site
    self.calls = calls
  }
}

/// A program that a script runs: its pipes are a channel's, its end is watched, its errors are kept.
final class ProcessState {
  let child: ChildProcess
  /// The program's name as written, for messages.
  let command: String
  private let arguments: [[UInt8]]
  private(set) var status: ExitStatus?
  /// What it wrote to standard error; the last of it, where it was more than is kept.
  private(set) var errors: [UInt8] = []
  private(set) var hasDroppedErrors = false
  /// How many bytes it has written to standard error, those that were dropped too.
  private(set) var errorCount = 0
  /// So many of those bytes it had written before the test that runs now.
  private var errorsBefore = 0
  /// So many of those bytes were taken.
  private var errorsTaken = 0
  /// So many of those bytes, and its end, a session has told of.
  var errorsTold = 0
  var endWasTold = false
  weak var channel: Channel?
  /// Of its channel, which may be gone before it.
  var channelNumber: Int32 = 0
  /// What it writes to standard error, where the script reads that: `run … stderr channel`.
  var errorChannel: Channel?
  /// On the monotonic clock, in nanoseconds.
  private(set) var endedAt: Int64?
  var waiters: [Task] = []
  /// Set for a client of the script's own.
  var role: ClientRole?
  /// What it writes when nobody reads stays in its pipe, where it waits: `run … hold`.
  let isHeld: Bool
  /// It owns the process while it watches it, as channels own the scheduler.
  private unowned let scheduler: Scheduler
  /// Whose end is its end too; not a copy's that `serve workers` has made.
  private weak var group: TaskGroup?
  private var isReading = true
  /// The script has asked it to end, or been told how it did.
  var isExpectedToEnd = false
  /// So many bytes of its standard error are kept, at least.
  private let kept: Int

  init(
    _ child: ChildProcess, command: String, arguments: ArraySlice<[UInt8]> = [], _ scheduler: Scheduler,
    in group: TaskGroup? = nil, isHeld: Bool = false, keepingErrors kept: Int = 16 * 1024
  ) {
    self.kept = kept
    self.child = child
    self.command = command
    self.arguments = Array(arguments.prefix(ProcessState.mostArguments))
    self.scheduler = scheduler
    self.group = group
    self.isHeld = isHeld
    group?.add(self)
  }

  /// Longer ones are cut, in characters; and an argument with others behind it: a program in one of them says less than
  /// the port that it gets.
  private static let (longestLine, longestArgument) = (100, 30)
  /// More have no room in such a line.
  private static let mostArguments = 50

  /// It and its arguments in one line, for the rows of an account. Secrets are hidden before anything is cut: a piece of
  /// one would not be known for that.
  func line(hiding secrets: Secrets) -> String {
    var line = secrets.masked(command)
    for (at, argument) in arguments.enumerated() {
      let bytes = secrets.masked(argument, isText: true)
      let whole = Printable.text(String(decoding: bytes.prefix(2 * ProcessState.longestLine), as: UTF8.self))
      let longest = at + 1 < arguments.count ? ProcessState.longestArgument : ProcessState.longestLine
      let word = whole.count > longest ? "\(whole.prefix(longest))…" : whole
      line += word.isEmpty || word.contains(" ") ? " '\(word)'" : " \(word)"
      if line.count > ProcessState.longestLine { return line.prefix(ProcessState.longestLine) + "…" }
    }
    return line
  }

  /// Gives one whose output has ended the moment that its own end may take, so that a report can tell how it was.
  func awaitEnd(_ deadline: Deadline = Deadline(after: ProcessState.secondsAfterOutput)) {
    guard status == nil else { return }
    let left = max(0, deadline.at - MonotonicClock.now)
    _ = SystemCall.poll(child.pidfd, reading: true, writing: false, timeoutNanoseconds: left)
    hasEnded()
  }

  /// Of a server that is no child of the failed step, and may well go on.
  static let endingSeconds = 0.05
  /// One that has closed its output is about to end; on a busy machine it may take so long.
  static let secondsAfterOutput = 0.3

  /// Looks whether it has ended: then nothing of it stays in the system, however long the script goes on.
  func hasEnded() {
    guard status == nil else { return }
    do throws(Errno) {
      status = try child.tryWait()
      if status == nil { return }
      scheduler.forget(child.pidfd, of: self)
      _ = try child.reap()
    } catch {
      // Somebody else has waited for it. If that was before us, how it ended is not to be had any more.
      if status == nil { return }
    }
    endedAt = MonotonicClock.now
    group?.session?.note(self)
    if status?.isSuccess == false, !isExpectedToEnd, !hasLostReader { group?.mourn(self) }
    letGo()
    drainErrors(nil)
    errorChannel?.drainProcess()
    if let channel { scheduler.transcript.record(.exited, channel) }
    let waiting = waiters
    waiters.removeAll()
    for task in waiting { scheduler.makeReady(task) }
  }

  /// It has written to a channel that the script had closed before.
  private var hasLostReader: Bool { status?.signal == SIGPIPE && channel?.isClosed ?? true }

  /// Whether it has ended, and nothing that it has started holds its standard output any more.
  var hasGone: Bool {
    hasEnded()
    guard status != nil, !isHeld, let channel, channel.inputDescriptor >= 0, !channel.hasEnded, channel.reader == nil else {
      return status != nil
    }
    // Its end may be there, and not told of yet.
    channel.readiness.canRead = true
    channel.drainProcess()
    return channel.hasEnded
  }

  /// Its group is of no interest any more once it is empty. Until then it is ended with the script or test.
  func letGo() {
    if status != nil, child.signalGroup(0) == .noSuchProcess { group?.remove(self) }
  }

  /// Reads what it has written to standard error, so that it never waits for us.
  func drainErrors(_ scheduler: Scheduler?) {
    guard isReading, child.stderr >= 0 else { return }
    var left = Channel.drainedLimit
    withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
      while true {
        if left <= 0 {
          // It writes as fast as we read: others have their turn.
          scheduler?.watchAnew(self)
          return
        }
        switch StandardStream.tryRead(child.stderr, buffer) {
        case .done(let count):
          left -= count
          errors.append(contentsOf: buffer[..<count])
          errorCount += count
          group?.session?.note(self)
          if errors.count > 2 * kept {
            errors.removeFirst(errors.count - kept)
            hasDroppedErrors = true
          }
        case .wouldBlock: return
        case .end, .failed:
          isReading = false
          self.scheduler.forget(child.stderr, of: self)
          child.close(.stderr)
          return
        }
      }
    }
  }

  /// Ends whatever is left of its process group, or of its session, at once.
  /// False: it is still there; a process that SIGKILL does not end within a second hangs in the kernel.
  func endGroup() -> Bool {
    let deadline = Deadline(after: 1)
    if child.leadsSession {
      if !child.endSession(by: deadline) { return false }
    } else {
      _ = child.signalGroup(SIGKILL)
    }
    do throws(SocketError) {
      _ = try child.wait(within: deadline)
      do throws(Errno) {
        let isGone = try child.reap()
        if isGone { reapMembers() }
        return isGone
      } catch {
        return error == .noChildProcess
      }
    } catch {
      return false
    }
  }

  /// What is left of the group are children of this process if it adopts orphans: they have got SIGKILL, and are gone
  /// within a second at most.
  private func reapMembers() {
    let deadline = Deadline(after: 1)
    while SystemCall.reapGroup(child.pid) == 0, !deadline.hasPassed {
      _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 200_000)
    }
  }

  /// The last lines that it has written to standard error.
  /// - Parameter count: after so many bytes.
  func tail(hiding secrets: Secrets, since count: Int = 0) -> [String] {
    // Of what the script reads itself, what it has not read.
    let errors = errorChannel.map { Array($0.input.bytes) } ?? Array(errors.suffix(errorCount - count))
    let isCut = count > 0 || errors.count > ProcessState.tailBytes
    let bytes = secrets.masked(Array(errors.suffix(ProcessState.tailBytes)), cuts: isCut ? .atStart : [], isText: true)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true).suffix(10)
      .map(String.init)
  }

  private static let tailBytes = 2000

  /// A test begins, and it has been started before that.
  func testBegins() {
    drainErrors(nil)
    errorsBefore = errorCount
  }

  /// The last lines that it has written to standard error since the test began; none where the script reads it.
  func tailOfTest(hiding secrets: Secrets) -> [String] {
    drainErrors(nil)
    return errorChannel == nil ? tail(hiding: secrets, since: errorsBefore) : []
  }

  /// Reads what it has written to standard error; where that is something new, what follows it, too, until nothing has
  /// come for a while, and for a second at most.
  func drainErrors(untilQuiet seconds: Double) {
    drainErrors(nil)
    let limit = Deadline(after: 1)
    while errorCount > errorsTaken, isReading, child.stderr >= 0, !limit.hasPassed {
      let nanoseconds = MonotonicClock.nanoseconds(seconds)
      guard SystemCall.poll(child.stderr, reading: true, writing: false, timeoutNanoseconds: nanoseconds) > 0 else { return }
      drainErrors(nil)
    }
  }

  /// What it has written to standard error since this was last called, as far as it is kept.
  func takeNewErrors(hiding secrets: Secrets) -> String {
    let count = errorCount - errorsTaken
    errorsTaken = errorCount
    let isCut = count > errors.count
    let bytes = secrets.masked(Array(errors.suffix(count)), cuts: isCut ? .atStart : [], isText: true)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How it has ended, in words; nil while it runs.
  var ending: String? {
    guard let status else { return nil }
    guard let signal = status.signal else { return "ended with status \(status.code)" }
    return "was killed by signal \(SignalName.name(of: signal))\(status.dumpedCore ? " (core dumped)" : "")"
  }
}

extension Channel {
  /// A process that nobody reads from may write this much before the oldest is dropped, in bytes.
  static let drainedLimit = 1 << 20

  /// Whether a process has written something that nobody has read.
  var hasUnreadOutput: Bool {
    if !input.isEmpty { return true }
    guard inputDescriptor >= 0, !hasEnded else { return false }
    return SystemCall.poll(inputDescriptor, reading: true, writing: false, timeoutNanoseconds: 0) > 0
  }

  /// Takes what a process has written when nobody reads, up to a bound: it never blocks on us.
  func drainProcess() {
    guard let process = process ?? errorsOf, !process.isHeld, inputDescriptor >= 0, !atEnd else { return }
    var left = Channel.drainedLimit
    while readiness.canRead {
      if left <= 0 {
        // It writes as fast as we read: others have their turn, and the poller tells of it once more.
        scheduler.watchAnew(self)
        return
      }
      if input.count >= Channel.drainedLimit {
        if scheduler.hasReadyTasks {
          // A task that has not come to its next read yet may be the one that wants it.
          scheduler.watchAnew(self)
          return
        }
        // The oldest half goes; whoever reads later is told.
        input.consume(Channel.drainedLimit / 2, scheduler.pool)
        consumptions &+= 1
        wasTruncated = true
      }
      let space = input.space(scheduler.pool)
      switch readOnce(into: space) {
      case .done(let count):
        input.filled(count)
        left -= count
        scheduler.transcript.record(.received, self, UnsafeRawBufferPointer(rebasing: space[..<count]))
      case .wouldBlock:
        if input.isEmpty { input.release(scheduler.pool) }
        readiness.canRead = false
      case .end: noteEnd(); return
      case .failed(let error): noteFailure(error); return
      }
    }
  }
}

extension Channel {
  /// The process that it stands for reads the end of its input.
  func endProcessInput() {
    guard let process, outputDescriptor >= 0 else { return }
    scheduler.forgetOutput(self)
    scheduler.disown(outputDescriptor)
    process.child.close(.stdin)
    outputDescriptor = -1
  }
}
