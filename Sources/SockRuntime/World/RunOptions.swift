// What a run is told before it begins: arguments, settings, and how much it may use.

/// What the command line says about a run.
package struct RunOptions {
  package var arguments: [[UInt8]] = []
  /// `--set NAME=VALUE`.
  package var settings: [(name: String, value: [UInt8])] = []
  /// What `--target` calls the implementation whose address it has set `param target` to; nil without it.
  package var target: String?
  /// `--secret NAME=…`, read already.
  package var secrets: [(name: String, value: [UInt8])] = []
  package var permissions = Permissions()
  /// Stretches deadlines.
  package var timeoutScale = 1.0
  package var limits = RunLimits()
  /// What is drawn by chance; nil: nobody can predict it.
  package var chance: Chance?
  package var usesColor = false
  /// How wide the terminal is that messages go to, now; nil: they go to none.
  package var columns: @Sendable () -> Int? = { nil }
  /// How sends on streams are cut, to find peers that take one read for one message.
  package var segmentation = Segmentation.asWritten
  /// What is printed and logged belongs to the report of the test that does.
  package var capturesOutput = false
  /// Keep all bytes of a test's channels (bounded), not only the latest.
  package var keepsWholeTranscript = false
  /// The machine's loop of scalars does what it can; without it every instruction is done by the loop for all values,
  /// which has to do the same.
  package var usesScalarLoop = true
  /// The process is this run's alone, so that it can be copied.
  package var mayFork = false
  /// When the run ends, what its programs have left behind outside of their process groups is ended, and told of.
  package var endsOrphans = false
  /// Where a signal ends the run, it is told in which step it was.
  package var tellsOfInterrupt = true
  /// By this the reporter of tests finds the temporary directories and processes of a worker that is gone; nil: nobody
  /// looks for them.
  package var mark: String?
  /// Told where a test is that goes on for long: after 10 s, and then each minute.
  package var goesOn: ((SourceSite?) -> Void)?
  package init() {}
}

/// What becomes of the pieces that a script sends on a stream.
package enum Segmentation: Sendable, Equatable {
  case asWritten
  /// Of so many bytes each.
  case pieces(Int)
  case halves
  /// With the next ones, until the task waits.
  case joined

  package var label: String? {
    switch self {
    case .asWritten: return nil
    case .pieces(let size): return "sends cut at \(size) byte\(size == 1 ? "" : "s")"
    case .halves: return "sends cut in halves"
    case .joined: return "sends joined"
    }
  }
}
