// The process that runs the tests, and what it tells the one that reports them. A crash of the first is then one file's
// error and not the end of the run.
//
// The worker is this program again, as `sock test --worker`. Its standard input gives a `WorkOrder`; through its
// standard output go lines:
//
//     B n               job n begins
//     S n JSON          a test of it begins: its line and name
//     T n JSON          a test of it has ended
//     P n JSON          the test goes on for long: the file and line where it is
//     I n JSON          a test of it was stopped by a signal
//     E n LEFT OTHERS…  it has ended: 1 if its file was left out, how many of its tests are another shard's, and of its
//                       mutations how many were sent, did damage, are findings, and changed nothing
//     D                 that was all

import Glibc
import SockRuntime
import SocketCore
import Synchronization

/// In the worker: runs what standard input asks for.
package enum Worker {
  /// - Parameter parse: the options of a command line, given without the program's name.
  /// - Returns: the exit status.
  package static func run(
    parse: ([String]) throws(DiscoveryError) -> TestOptions
  ) throws(DiscoveryError) -> Int32 {
    let report = try WorkerReport()
    guard case .success(let input) = ScriptFiles.read(StandardStream.input, name: "<stdin>") else {
      throw DiscoveryError(message: "cannot read the list of jobs")
    }
    let order = try WorkOrder(input.bytes)
    var options = try parse(order.words)
    options.seed = order.seed
    options.secrets = order.secrets
    options.mark = order.mark
    options.words = order.words
    do throws(Errno) {
      try Orphans.adopt()
    } catch {
      throw DiscoveryError(message: "cannot start: \(error)")
    }
    do throws(Errno) {
      try options.permissions.confine(scripts: folders(of: order))
    } catch {
      throw DiscoveryError(message: "cannot hold the tests to their permissions: \(error)")
    }
    try Workshop.run(order, options) { report.tell($0) }
    return report.end() ? 0 : 1
  }
}

extension Worker {
  /// Where scripts are read: the files' own folders and those around them, where libraries lie, and the current one.
  private static func folders(of order: WorkOrder) -> [String] {
    var folders: Set<String> = ["."]
    for (_, job) in order.jobs {
      let folder = job.file.lastIndex(of: "/").map { String(job.file[..<$0]) } ?? "."
      folders.formUnion([folder.isEmpty ? "/" : folder, "\(folder)/.."])
    }
    return Array(folders)
  }
}

/// What the worker's threads tell, in whole lines.
private final class WorkerReport: Sendable {
  private struct State {
    /// Nobody reads any more.
    var isLost = false
    /// The test of each job that ended last: it is told together with what comes next, in one write.
    var ended: [Int: String] = [:]
  }

  private let state = Mutex(State())
  /// The pipe to the reporting process, under a number of its own: standard output is the tests'.
  private let descriptor: Int32

  init() throws(DiscoveryError) {
    descriptor = fcntl(StandardStream.output, F_DUPFD_CLOEXEC, StandardStream.error + 1)
    guard descriptor >= 0, dup2(StandardStream.error, StandardStream.output) >= 0 else {
      throw DiscoveryError(message: "cannot start: \(Errno(rawValue: errno))")
    }
  }

  /// When a test begins, what is told of the one before is in the pipe: what kills the process does not take it along.
  func tell(_ event: WorkEvent) {
    state.withLock { state in
      switch event {
      case .began(let job): write("B \(job)\n", &state)
      case .test(let job, let record):
        write(state.ended.removeValue(forKey: job), &state)
        state.ended[job] = "T \(job) \(JsonReporter.line(record))\n"
      case .started(let job, let line, let name):
        write((state.ended.removeValue(forKey: job) ?? "") + started(job, line, name), &state)
      case .goesOn(let job, let file, let line):
        write("P \(job) {\"line\":\(line),\"name\":\(JsonText.quoted(file))}\n", &state)
      case .stopped(let job, let record):
        write((state.ended.removeValue(forKey: job) ?? "") + "I \(job) \(JsonReporter.line(record))\n", &state)
      case .ended(let job, let end):
        let mutations = end.mutations
        let line = "E \(job) \(end.isLeftOut ? 1 : 0) \(end.ofOtherShards) \(mutations.runs) \(mutations.damaging) "
          + "\(mutations.findings) \(mutations.idle) \(mutations.hasMore ? 1 : 0)\n"
        write((state.ended.removeValue(forKey: job) ?? "") + line, &state)
      }
    }
  }

  /// False: nobody reads any more.
  func end() -> Bool {
    state.withLock { state in
      for (_, line) in state.ended.sorted(by: { $0.key < $1.key }) { write(line, &state) }
      write("D\n", &state)
      return !state.isLost
    }
  }

  private func started(_ job: Int, _ line: Int, _ name: String) -> String {
    "S \(job) {\"line\":\(line),\"name\":\(JsonText.quoted(name))}\n"
  }

  private func write(_ text: String?, _ state: inout State) {
    guard let text, !state.isLost else { return }
    if OutputWriter.writeAll(descriptor, Array(text.utf8)) != nil { state.isLost = true }
  }
}
