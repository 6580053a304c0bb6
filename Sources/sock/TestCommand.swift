// `sock test`.

import Glibc
import SockConformance
import SockLanguage
import SockRuntime
import SocketCore

enum Machine {
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

enum TestCommand {
  /// As if SIGPIPE had ended this process, which is quiet: the reader of standard output has seen enough.
  static let brokenPipeStatus: Int32 = 128 + SIGPIPE

  /// - Parameter words: the command line that the options are from, for the process that runs the tests.
  static func run(_ asked: TestOptions, words: [String] = Array(CommandLine.arguments.dropFirst())) -> Int32 {
    var options = asked
    options.usesColor = Main.usesColor(on: STDOUT_FILENO)
    options.isTerminal = SystemCall.isTerminal(StandardStream.output)
    let recorder = Recorder()
    do throws(DiscoveryError) {
      if options.isWorker { return try Worker.run(parse: workerOptions) }
      options.workerCommand = ["/proc/self/exe", Command.test.rawValue, Option.worker.name]
      options.version = Main.version
      options.words = words
      let baseline =
        try options.baseline.map { path throws(DiscoveryError) in try Baseline(path: path, mayBeMissing: options.updatesBaseline) }
      if options.pauses, !options.listOnly {
        guard Main.isTerminal else {
          throw DiscoveryError(message: "--pause opens a session where a test fails: it needs a terminal")
        }
        let usesColor = options.usesColor
        options.look = { session, account, test in look(session, account, test, usesColor: usesColor) }
      }
      let reporters = try Reports.reporters(options)
      let summary = try Runner.run(
        options, reporters: reporters + [recorder], baseline: options.updatesBaseline ? nil : baseline)
      var status = options.listOnly && summary.total > 0 && summary.errors == 0 ? 0 : summary.exitStatus
      for reporter in reporters {
        if let problem = reporter.finished(summary) {
          Main.tell("sock: \(problem)\n")
          status = max(status, 2)
        }
      }
      if reporters.contains(where: \.isUnread) { return brokenPipeStatus }
      if !options.listOnly, options.mutations == nil, !summary.wasInterrupted {
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
  /// A session in the middle of a test, until it is left.
  private static func look(_ session: Session, _ account: String, _ test: String, usesColor: Bool) {
    let leaving =
      session.isBeforeTestGoesOn
      ? ":quit (or `exit`) lets the test go on, `exit 1` ends the run after it"
      : ":quit (or `exit`) ends the test as failed, `exit 1` the run"
    session.write(account)
    do throws(Failure) {
      let input = try TerminalInput(Repl(session))
      session.dropsOutputAtOnce()
      session.say("paused in `\(Printable.text(test))`; \(leaving), :vars shows its names\n")
      input.look(usesColor: usesColor)
    } catch {
      session.tell("sock: cannot start a session: \(error.message)\n")
    }
  }

  /// What the process that reports the tests was asked for.
  private static func workerOptions(_ words: [String]) throws(DiscoveryError) -> TestOptions {
    do throws(UsageError) {
      guard case .test(let options) = try CommandLineParser.parse(words, readsSecrets: false) else {
        throw UsageError(message: "the command line of a worker is that of `sock test`")
      }
      return options
    } catch {
      throw DiscoveryError(message: error.message)
    }
  }
}

/// Keeps what the run's own files are made of.
private final class Recorder: Reporter {
  private(set) var records: [TestRecord] = []
  func began(_ options: TestOptions, files: [String]) {}
  func ended(_ record: TestRecord) {
    var record = record
    record.transcript = []
    record.excerpts = []
    record.tries = []
    records.append(record)
  }
  func finished(_ summary: Summary) -> String? { nil }
}
