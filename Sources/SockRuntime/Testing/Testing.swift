// Tests: how a file's top level makes them, how each is run apart from the others, and what it leaves.

import Glibc
import SockLanguage
import SocketCore

/// How a test, or a file's top level, came out.
package struct TestRun {
  /// What ended it: a failure, `fail`, `skip`, `inconclusive`; nil when it came to its end.
  package var failure: Failure?
  /// Failed `check`s, in order.
  package var checks: [Failure] = []
  /// Nanoseconds.
  package var duration: Int64 = 0
  /// Descriptors and processes that were still there when everything had been ended.
  package var leaks: [String] = []
  /// What it printed and logged.
  package var log = ""
  package var transcript: [TranscriptLine] = []
  package var channels: [ChannelInfo] = []
  /// What went over the wires of its TLS; empty unless the whole transcript is kept.
  package var records: [TranscriptLine] = []
  /// The secrets that `records` are read with: lines of an SSLKEYLOGFILE.
  package var keys: [String] = []
  /// When and on which channel it failed; nil when it did not.
  package var point: FailurePoint?
  /// The programs that it, or the file's top level, has started; empty unless its sends are watched for mutations.
  package var programs: [StartedProgram] = []
  /// The run was asked to end by a signal.
  package var wasInterrupted = false
  /// At what it was then.
  package var stop: StoppedStep?
  package init() {}
}

/// A program that a script has started, as it is when a test is over. Secrets are hidden.
package struct StartedProgram: Sendable {
  package let pid: Int32
  /// It and its arguments.
  package let line: String
  /// `was killed by signal SEGV`; nil while it runs.
  package let ending: String?
  /// It has ended, otherwise than with success or as the script has asked for.
  package let hasDied: Bool
  /// What is written about a fault is written line by line; so long after the last one it is complete.
  static let secondsToTell = 0.02
  /// What it has written to standard error since the test began, as far as it is kept; empty where the script reads it.
  package let errors: String
}

/// Where among the events of its transcript a test has failed.
package struct FailurePoint: Sendable, Equatable {
  /// Nanoseconds since the test began.
  package var at: Int64
  /// The number of the channel, where the failed step was about one.
  package var channel: Int?
  /// The first byte that was not as expected, counted back from the end of what the channel had received by then: 1 is
  /// the last byte, 0 one that did not come. Nil where no byte is to blame.
  package var bytesBack: Int?

  package init(at: Int64, channel: Int? = nil, bytesBack: Int? = nil) {
    self.at = at
    self.channel = channel
    self.bytesBack = bytesBack
  }
}

extension Interpreter {
  /// - Parameter began: when the test did, on the transcript's clock.
  private func point(of failure: Failure, since began: Int64) -> FailurePoint {
    var at = scheduler.transcript.now
    if failure.raisedAt != .max {
      at = failure.raisedAt
    } else if let failedAt = failure.failedAt {
      at -= max(0, MonotonicClock.now - failedAt)
    }
    var bytesBack: Int?
    // Stars are not as many as the bytes that they hide.
    if secrets.isEmpty, let unread = failure.unread, let differsAt = failure.differsAt, differsAt <= unread {
      bytesBack = unread - differsAt
    }
    return FailurePoint(at: max(0, at - began), channel: failure.channel?.number, bytesBack: bytesBack)
  }

  func declareTest(
    _ number: Int, _ parts: Registers, _ code: FunctionCode, _ task: Task, _ regs: Registers
  ) throws(Failure) {
    let test = code.tests[number]
    var timeout = Limits.testSeconds
    if case .nothing = parts[2] { } else {
      guard let seconds = parts[2].number, seconds > 0 else {
        throw .type("a test's timeout is a duration like 10s, not \(Show.inspect(parts[2]).text)")
      }
      timeout = seconds
    }
    func text(_ value: Value) -> String? {
      if case .nothing = value { return nil }
      return Show.text(value).text
    }
    let range = test.declaration.range
    tests.append(
      DeclaredTest(
        name: Show.text(parts[0]).text, declaration: test.declaration, citation: text(parts[1]), timeout: timeout,
        todo: text(parts[3]),
        site: SourceSite(file: code.file, range: SourceRange(Int(range.lower), Int(range.lower) + 4)),
        function: makeFunction(code, test.child, task, regs), conn: task.conn, listener: task.listener))
  }

  /// Runs a file's top level, where its tests are declared. A file without a `test` is one test, and this is it.
  package func runTopLevel(_ program: Program) -> TestRun {
    topLevel = TaskGroup(isTest: true)
    keepsScreens = program.readsScreens
    messageSteps.add(program.messageSteps)
    let result = run(
      Function(code: program.main), group: topLevel, timeout: program.hasTests ? .infinity : Limits.testSeconds,
      conn: nil, listener: nil, ends: !program.hasTests)
    if program.hasTests { snapshot = StateSnapshot(of: program, tests: tests) }
    return result
  }

  /// What one test has typed where it was not shown is none of the next one's: a short answer would be taken out of all
  /// that follows.
  package func forgetSecretsOfTest() { secrets.forgetThoseOfTest() }

  /// What is drawn from now on comes from there.
  package func draw(from chance: Chance) { context.chance = chance }

  /// Runs one test: in a task and with channels of its own, all of which are gone afterwards.
  /// - Parameter keepsTranscript: what went over its channels is wanted if it passes, too.
  package func run(_ test: DeclaredTest, keepsTranscript: Bool = false) -> TestRun {
    snapshot?.restore(for: test)
    return run(
      test.function, group: TaskGroup(isTest: true), timeout: test.timeout, conn: test.conn, listener: test.listener,
      ends: true, keepsTranscript: keepsTranscript)
  }

  /// Ends what the file's top level has left running. What was left behind all the same.
  @discardableResult package func finishFile() -> [String] {
    letTopLevelEnd()
    finish(topLevel)
    files.removeAll()
    return topLevel.leaks
  }

  /// What went over the test's channels, from its beginning, with secrets hidden.
  private func keepTranscript(of group: TaskGroup, since began: Int64, isWanted: Bool, in result: inout TestRun) {
    let isFailure = result.failure != nil || result.wasInterrupted || !group.checks.isEmpty
    guard options.keepsWholeTranscript || isFailure || isWanted else { return }
    result.transcript = lines(of: maskedEntries(since: began), from: began)
    // No stars can be put over a secret in what is encrypted: with one in the run, captures show the plain text.
    if secrets.isEmpty, let records = security.records {
      result.records = lines(of: records.entries(since: began), from: began)
      result.keys = security.takeKeys()
    }
    let names = scheduler.transcript.names
    // An accepted channel gets its name after its first event.
    result.channels = scheduler.transcript.channels.map { $0.named(names[Int32(truncatingIfNeeded: $0.number)]) }
    var known = Set(result.channels.map(\.number))
    for opened in group.channels {
      guard let channel = opened.channel, known.insert(channel.number).inserted else { continue }
      result.channels.append(channel.info)
    }
    // Of one that is closed its name is known.
    for line in result.transcript {
      guard let name = names[Int32(truncatingIfNeeded: line.channel)], known.insert(line.channel).inserted else { continue }
      result.channels.append(ChannelInfo(number: line.channel, label: name, kind: "channel", local: nil, peer: nil))
    }
    result.channels = result.channels.map(masked)
  }

  /// So many characters of the fields of messages are kept of one event, and of a test.
  private static let (fieldsOfEvent, fieldsOfTest) = (1000, 2 << 20)

  private func lines(of entries: [Transcript.Entry], from began: Int64) -> [TranscriptLine] {
    var left = Interpreter.fieldsOfTest
    return entries.map { entry in
      let fields = left > 0 ? messageSteps.words(of: entry, limit: Interpreter.fieldsOfEvent).map(masked) : nil
      left -= fields?.utf8.count ?? 0
      return TranscriptLine(
        at: entry.at - began, channel: Int(entry.channel), event: masked(entry.words),
        isData: entry.event == .sent || entry.event == .received, count: entry.event.hasText ? 0 : entry.count,
        bytes: entry.event.hasText ? [] : entry.bytes, fields: fields,
        file: entry.site?.file.name, line: entry.site?.position.line ?? 0, peer: entry.peer.map { masked($0.description) })
    }
  }

  /// - Parameter mayHaveDied: something has failed: those that are about to end get the moment that this takes.
  private func programs(of group: TaskGroup, mayHaveDied: Bool) -> [StartedProgram] {
    var seen: Set<Int32> = []
    var found: [StartedProgram] = []
    for group in group === topLevel ? [group] : [topLevel, group] {
      group.noteEnds(afterLossOfPeer: mayHaveDied)
      for process in group.processes + group.deaths where seen.insert(process.child.pid).inserted {
        process.drainErrors(untilQuiet: StartedProgram.secondsToTell)
        let errors = process.takeNewErrors(hiding: secrets)
        found.append(
          StartedProgram(
            pid: process.child.pid, line: process.line(hiding: secrets), ending: process.ending,
            hasDied: process.status?.isSuccess == false && !process.isExpectedToEnd, errors: errors))
      }
    }
    return found
  }

  static func testIsLate(_ seconds: Double) -> Failure {
    Failure(.timeout, "the test did not end within \(duration(seconds))")
  }

  private func run(
    _ function: Function, group: TaskGroup, timeout: Double, conn: Channel?, listener: Channel?, ends: Bool,
    keepsTranscript: Bool = false
  ) -> TestRun {
    var result = TestRun()
    let start = MonotonicClock.now
    if options.keepsWholeTranscript, group !== topLevel {
      scheduler.transcript.clear()
      security.clear()
    }
    let began = scheduler.transcript.now
    group.began = began
    if group !== topLevel { for process in topLevel.processes { process.testBegins() } }
    let task = Task(group: group, function: function)
    task.conn = conn
    task.listener = listener
    group.main = task
    group.add(task)
    taskCount += 1
    pausedTime = 0
    ending.status = nil
    self.group = group
    standard = StandardChannels()
    group.firstChannel = scheduler.channelNumber + 1
    scheduler.start(task)
    let limit = timeout == .infinity ? Int64.max : Deadline(after: timeout * options.timeoutScale).at
    testSeconds = timeout
    if options.goesOn != nil { notice.at = MonotonicClock.now + MonotonicClock.nanoseconds(LongRunNotice.first) }
    let end = runUntilEnd(of: task, limit: limit)
    notice.at = .max
    testSeconds = nil
    switch end {
    case .finished: if ends { result.failure = awaitClients(of: group, until: limit) }
    case .failed(let failure): result.failure = failure
    case .exited(let code):
      if code != 0 { result.failure = Failure(.failed, "exit \(code)") }
    case .interrupted:
      result.wasInterrupted = true
      result.stop = ending.stop
    case .outOfTime:
      let failure = Interpreter.testIsLate(timeout)
      task.frames[max(0, task.depth - 1)].pc += 1
      locate(failure, task)
      failure.channel = task.waitChannel?.takeUnretainedValue() ?? task.conn
      if atFailure != nil {
        // What it waits for must not come while somebody looks.
        scheduler.cancelWait(task)
        task.state = .running
        pause(at: failure, task, endsTest: true)
        task.state = .blocked
      }
      result.failure = failure
    }
    result.checks = group.checks
    if let failure = result.failure ?? group.checks.first { result.point = point(of: failure, since: began) }
    keepTranscript(of: group, since: began, isWanted: keepsTranscript, in: &result)
    if let failure = result.failure {
      // Rendered now: afterwards the channels it speaks of are gone.
      failure.report = FailureReport.render(failure, self)
    }
    for failure in group.checks { failure.report = FailureReport.render(failure, self) }
    if mutator != nil { result.programs = programs(of: group, mayHaveDied: result.failure != nil) }
    if ends {
      finish(group)
      for opened in group.channels {
        if let channel = opened.channel, !channel.isClosed { channel.release() }
      }
      result.leaks = group.leaks
    }
    result.log = output.takeCaptured(hiding: secrets)
    result.duration = MonotonicClock.now - start - pausedTime
    return result
  }
}
