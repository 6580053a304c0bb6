// What `sock test` is asked to do.

import SockLanguage
import SockRuntime

package struct TestOptions: Sendable {
  package var paths: [String] = []
  /// Files that run at one time.
  package var jobs = 1
  /// Only tests whose `file::name` this regular expression matches.
  package var filter: String?
  /// Only tests that have one of these tags.
  package var tags: [String] = []
  package var mustOnly = false
  package var failFast = false
  /// Where a test fails, a session opens; the tests then run in this process.
  package var pauses = false
  /// Called with that session, the account of the failure, and the test's name; returns when it is left.
  package var look: (@Sendable (Session, _ account: String, _ test: String) -> Void)?
  /// Goes through the tests statement by statement; they run in this process then.
  package var debugger: Debugger?
  /// How often a failed test is tried again.
  package var retries = 0
  /// How often each test runs.
  package var repeats = 1
  /// What tests draw by chance follows from it, and the order of a run that is shuffled.
  package var seed: UInt64?
  package var isShuffled = false
  /// This machine's part of the suite: 1-based index, and of how many.
  package var shard: (index: Int, count: Int)?
  package var settings: [(name: String, value: [UInt8])] = []
  package var secrets: [(name: String, value: [UInt8])] = []
  package var permissions = Permissions()
  package var timeoutScale = 1.0
  package var limits = RunLimits()
  /// Only names the tests, runs none.
  package var listOnly = false
  package var rerunFailed = false
  /// The implementations under test: what reports call them, and their addresses or, of clients, their commands.
  package var targets: [(name: String, address: String)] = []
  /// They are clients: programs, as `param client` gets them.
  package var testsClients = false
  package var segmentations: [Segmentation] = [.asWritten]
  package var baseline: String?
  package var updatesBaseline = false
  /// What `golden` is given is kept, and compared with nothing.
  package var updatesGolden = false
  /// What was kept so far.
  let renewedAnswers = RenewedAnswers()
  /// Which mutations are sent, by their numbers; nil: the tests run as they stand.
  package var mutations: ClosedRange<Int>?
  /// The folder that scripts of findings go to; nil: that of the suite.
  package var findings: String?
  /// Tells where the implementations answer otherwise.
  package var compares = false
  /// What of answers varies, as regular expressions.
  package var masks: [String] = []
  /// Formats and the files they go to; nil: standard output.
  package var reports: [(format: String, file: String?)] = []
  package var transcriptDirectory: String?
  package var pcapDirectory: String?
  /// How to start the process that runs the tests: the program and its arguments.
  package var workerCommand: [String] = []
  /// The command line that these options are from, for that process.
  package var words: [String] = []
  /// Of this program, for reports.
  package var version = ""
  /// What reports say of the run as a whole; nil where none asks for it.
  package var facts: RunFacts?
  /// By this the reporting process finds what that process leaves, should it crash.
  package var mark: String?
  /// This is that process.
  package var isWorker = false
  package var usesColor = false
  package var isTerminal = false

  package init() {}

  /// The `param` that a target's address, or a client's command, is the value of.
  var targetSetting: String { testsClients ? ScriptInterface.client : "target" }

  /// Nil where files and tests run in the order in which they stand.
  var seedOfOrder: UInt64? { isShuffled ? seed : nil }

  /// Whether all of what goes over the channels is to be kept.
  package var keepsTranscripts: Bool { transcriptDirectory != nil || pcapDirectory != nil || hasFullReport || compares }

  /// Whether a report is made that has all there is to know.
  var hasFullReport: Bool { reports.contains { $0.format == "html" || $0.format == "json" } }
}
