// The process that runs the tests, and how the one that reports them speaks with it. A crash of the first is then one
// file's error and not the end of the run.
//
// The worker is this program again, with the same arguments and `--worker`. On its standard input come the numbers of
// the jobs, a line each, and the end; on its standard output go `B n` (job n begins), `T n JSON` (a test of it has
// ended), `E n` (it has ended), and last `D`.

import SockRuntime
import SocketCore
import Synchronization

/// In the worker: runs what standard input asks for.
package enum Worker {
  /// The exit status.
  package static func run(_ options: TestOptions) throws(DiscoveryError) -> Int32 {
    let plan = try Plan(options)
    guard case .success(let input) = ScriptFiles.read(StandardStream.input, name: "<stdin>") else {
      throw DiscoveryError(message: "cannot read the list of jobs")
    }
    let numbers = String(decoding: input.bytes, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
      .filter { plan.jobs.indices.contains($0) }
    let report = WorkerReport()
    try Workshop.run(plan, numbers, options) { event in
      switch event {
      case .began(let number): report.send("B \(number)")
      case .test(let number, let record): report.send("T \(number) \(JsonReporter.line(record))")
      case .ended(let number): report.send("E \(number)")
      }
    }
    return report.send("D") ? 0 : 1
  }
}

/// What the worker's threads tell, in whole lines.
private final class WorkerReport: Sendable {
  private let isReceived = Mutex(true)

  /// The line is in the pipe when this returns: what kills the process in the next test does not take it along.
  /// False: nobody reads any more.
  @discardableResult func send(_ line: String) -> Bool {
    let bytes = Array((line + "\n").utf8)
    return isReceived.withLock { isReceived in
      if isReceived, OutputWriter.writeAll(StandardStream.output, bytes) != nil { isReceived = false }
      return isReceived
    }
  }
}

/// In the reporting process: a worker that runs.
final class WorkerProcess {
  /// How it went, when its output has ended.
  enum End {
    case done
    /// It died of a signal, or stopped speaking; these jobs had begun and not ended.
    case crashed(String, begun: [Int])
  }

  private let child: ChildProcess
  private var pending: [UInt8] = []
  /// How far `pending` has been searched for a line's end: a test's record may be 20 MB.
  private var searched = 0
  private var begun: [Int] = []
  private var isDone = false

  /// - Parameter command: the program and its arguments.
  init(_ command: [[UInt8]], jobs: [Int]) throws(DiscoveryError) {
    do throws(SpawnError) {
      child = try ChildProcess.spawn(SpawnRequest(argv: command, stderr: .inherit))
    } catch {
      throw DiscoveryError(message: "cannot start the process that runs the tests: \(error)")
    }
    // The list fits the pipe, or the worker reads while we write.
    StandardStream.setNonblocking(child.stdin, false)
    let list = Array(jobs.map { "\($0)\n" }.joined().utf8)
    if let problem = OutputWriter.writeAll(child.stdin, list) {
      throw DiscoveryError(message: "cannot speak to the process that runs the tests: \(problem.message)")
    }
    child.close(.stdin)
  }

  func signal(_ number: Int32) { _ = child.signal(number) }

  /// Becomes readable when there is something to take.
  var descriptor: Int32 { child.stdout }

  /// Reads what has come. Not nil: that was all.
  func read(_ tell: (WorkEvent) -> Void) throws(DiscoveryError) -> End? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      switch StandardStream.tryRead(child.stdout, buffer) {
      case .done(let count): pending.append(contentsOf: buffer[..<count])
      case .wouldBlock:
        try takeLines(tell)
        return nil
      case .end, .failed:
        try takeLines(tell)
        return finish()
      }
      if pending.count > 1 << 20 { try takeLines(tell) }
    }
  }

  private func takeLines(_ tell: (WorkEvent) -> Void) throws(DiscoveryError) {
    var start = 0
    while let end = pending[max(start, searched)...].firstIndex(of: 0x0A) {
      try take(pending[start..<end], tell)
      start = end + 1
    }
    pending.removeFirst(start)
    searched = pending.count
  }

  private func take(_ line: ArraySlice<UInt8>, _ tell: (WorkEvent) -> Void) throws(DiscoveryError) {
    let parts = line.split(separator: 0x20, maxSplits: 2)
    guard let kind = parts.first?.first else { return }
    if kind == UInt8(ascii: "D") {
      isDone = true
      return
    }
    guard parts.count > 1, let number = Int(String(decoding: parts[1], as: UTF8.self)) else {
      throw DiscoveryError(message: "the process that runs the tests said something strange")
    }
    switch kind {
    case UInt8(ascii: "B"):
      begun.append(number)
      tell(.began(number))
    case UInt8(ascii: "E"):
      begun.removeAll { $0 == number }
      tell(.ended(number))
    default:
      guard parts.count > 2 else { return }
      tell(.test(number, try JsonReport.record(line: parts[2])))
    }
  }

  private func finish() -> End {
    do throws(SocketError) {
      let status = try child.wait(within: Deadline(after: 10))
      if isDone { return .done }
      if let signal = status.signal { return .crashed("was killed by SIG\(SignalName.name(of: signal))", begun: begun) }
      return .crashed("ended with status \(status.code)", begun: begun)
    } catch {
      _ = child.signal(SignalName.number(named: "KILL") ?? 9)
      return .crashed("did not end", begun: begun)
    }
  }
}
