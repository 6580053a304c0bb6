// `sock test`.

import Glibc
import SockConformance
import SocketCore

enum Machine {
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

enum TestCommand {
  static func run(_ asked: TestOptions) -> Int32 {
    var options = asked
    options.usesColor = Main.usesColor(on: STDOUT_FILENO)
    options.isTerminal = SystemCall.isTerminal(StandardStream.output)
    let recorder = Recorder()
    do throws(DiscoveryError) {
      if options.isWorker { return try Worker.run(options) }
      options.workerCommand = workerCommand(options)
      let baseline =
        try options.baseline.map { path throws(DiscoveryError) in try Baseline(path: path, mayBeMissing: options.updatesBaseline) }
      let reporters = try Reports.reporters(options)
      let summary = try Runner.run(
        options, reporters: reporters + [recorder], baseline: options.updatesBaseline ? nil : baseline)
      var status = options.listOnly && summary.total > 0 ? 0 : summary.exitStatus
      for reporter in reporters {
        if let problem = reporter.finished(summary) {
          Main.tell("sock: \(problem)\n")
          status = max(status, 2)
        }
      }
      if !options.listOnly, !summary.wasInterrupted {
        LastFailures.write(recorder.records)
        if options.updatesBaseline, let baseline {
          if let problem = baseline.write(recorder.records) {
            Main.tell("sock: \(problem)\n")
            return 2
          }
          return summary.errors > 0 ? 2 : 0
        }
      }
      return status
    } catch {
      Main.tell("sock: \(error.message)\n")
      return 2
    }
  }
}

extension TestCommand {
  /// This program again, with the same arguments and what makes it the worker right behind the command's name.
  private static func workerCommand(_ options: TestOptions) -> [[UInt8]] {
    var words = ["/proc/self/exe"] + CommandLine.arguments.dropFirst()
    var added = [Option.worker.name]
    // An order that was drawn by chance is drawn once.
    if let seed = options.seed, !words.contains(Option.seed.name) { added += [Option.seed.name, String(seed)] }
    let command = words.firstIndex(of: Command.test.rawValue).map { $0 + 1 } ?? words.count
    words.insert(contentsOf: added, at: command)
    return words.map { Array($0.utf8) }
  }
}

/// Keeps what the run's own files are made of.
private final class Recorder: Reporter {
  private(set) var records: [TestRecord] = []
  func began(_ options: TestOptions, files: [String]) {}
  func ended(_ record: TestRecord) {
    var record = record
    record.transcript = []
    records.append(record)
  }
  func finished(_ summary: Summary) -> String? { nil }
}
