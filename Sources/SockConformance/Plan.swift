// What a run consists of: files, each against every target and with every way of cutting sends.

import SockRuntime

/// One file to run, against one target, with one way of cutting sends.
struct Job: Sendable {
  let file: String
  /// The user has named the file itself, and not a folder that it is in.
  let isNamed: Bool
  let target: (name: String, address: String)?
  let segmentation: Segmentation
}

/// Made once, by the process that reports: where files come and go while tests run, a second look would find others.
struct Plan: Sendable {
  let files: [String]
  let jobs: [Job]

  /// - Parameter last: with `--rerun-failed`, what is run again.
  init(_ options: TestOptions, _ last: FailedTests?) throws(DiscoveryError) {
    let found = try Discovery.suites(below: options.paths).filter { last?.concerns(file: $0.path) ?? true }
    files = found.map(\.path)
    var jobs: [Job] = []
    let targets: [(name: String, address: String)?] = options.targets.isEmpty ? [nil] : options.targets.map { $0 }
    for file in found {
      for target in targets {
        for segmentation in options.segmentations {
          jobs.append(Job(file: file.path, isNamed: file.isNamed, target: target, segmentation: segmentation))
        }
      }
    }
    if let seed = options.seedOfOrder {
      var generator = SplitMix(state: seed)
      jobs.shuffle(using: &generator)
    }
    self.jobs = jobs
  }
}
