// What a run consists of: files, each against every target and with every way of cutting sends.

import SockRuntime

/// One file to run, against one target, with one way of cutting sends.
struct Job: Sendable {
  let file: String
  let target: (name: String, address: String)?
  let segmentation: Segmentation
}

struct Plan: Sendable {
  let files: [String]
  let jobs: [Job]

  init(_ options: TestOptions) throws(DiscoveryError) {
    files = try Discovery.files(below: options.paths)
    var jobs: [Job] = []
    let targets: [(name: String, address: String)?] = options.targets.isEmpty ? [nil] : options.targets.map { $0 }
    for file in files {
      for target in targets {
        for segmentation in options.segmentations {
          jobs.append(Job(file: file, target: target, segmentation: segmentation))
        }
      }
    }
    if let seed = options.seed {
      var generator = SplitMix(state: seed)
      jobs.shuffle(using: &generator)
    }
    self.jobs = jobs
  }
}
