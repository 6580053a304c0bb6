// In the reporting process: a worker that runs.

import SockRuntime
import SocketCore

final class WorkerProcess {
  /// How it went, when its output has ended.
  enum End {
    case done
    /// It died of a signal, or stopped speaking.
    case crashed(String)
  }

  private let child: ChildProcess
  private var pending: [UInt8] = []
  /// How far `pending` has been searched for a line's end: a test's record may be 20 MB.
  private var searched = 0
  private var isDone = false

  var pid: Int32 { child.pid }

  /// - Parameter command: the program and its arguments.
  init(_ command: [String], _ order: WorkOrder) throws(DiscoveryError) {
    do throws(SpawnError) {
      child = try ChildProcess.spawn(SpawnRequest(argv: command.map { Array($0.utf8) }, stderr: .inherit))
    } catch {
      throw DiscoveryError(message: "cannot start the process that runs the tests: \(error)")
    }
    // The list fits the pipe, or the worker reads while we write.
    StandardStream.setNonblocking(child.stdin, false)
    if let problem = OutputWriter.writeAll(child.stdin, order.encoded) {
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
    func number(_ bytes: ArraySlice<UInt8>?) throws(DiscoveryError) -> Int {
      guard let bytes, let number = Int(String(decoding: bytes, as: UTF8.self)) else {
        throw DiscoveryError(message: "the process that runs the tests said something strange")
      }
      return number
    }
    let job = try number(parts.count > 1 ? parts[1] : nil)
    let rest = parts.count > 2 ? parts[2] : []
    switch kind {
    case UInt8(ascii: "B"): tell(.began(job))
    case UInt8(ascii: "S"):
      let (line, name) = try JsonReport.start(line: rest)
      tell(.started(job, line: line, name: name))
    case UInt8(ascii: "P"):
      let (line, file) = try JsonReport.start(line: rest)
      tell(.goesOn(job, file: file, line: line))
    case UInt8(ascii: "E"):
      let words = rest.split(separator: 0x20)
      func count(_ at: Int) throws(DiscoveryError) -> Int { try number(at < words.count ? words[at] : nil) }
      let mutations = MutationCounts(
        runs: try count(2), damaging: try count(3), findings: try count(4), idle: try count(5),
        hasMore: try count(6) != 0)
      let end = JobEnd(isLeftOut: try count(0) != 0, ofOtherShards: try count(1), mutations: mutations)
      tell(.ended(job, end))
    case UInt8(ascii: "I"): tell(.stopped(job, try JsonReport.record(line: rest)))
    default: tell(.test(job, try JsonReport.record(line: rest)))
    }
  }

  private func finish() -> End {
    do throws(SocketError) {
      let status = try child.wait(within: Deadline(after: 10))
      if isDone { return .done }
      if let signal = status.signal { return .crashed("was killed by SIG\(SignalName.name(of: signal))") }
      return .crashed("ended with status \(status.code)")
    } catch {
      _ = child.signal(SignalName.number(named: "KILL") ?? 9)
      return .crashed("did not end")
    }
  }
}
