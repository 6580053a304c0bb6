// Which reports there are, and who makes each.

import Glibc

package enum Reports {
  package static let formats = ["pretty", "tap", "junit", "json", "github", "html"]

  /// The reporters that the options ask for. Pretty on standard output unless another report takes it.
  package static func reporters(_ options: TestOptions) -> [any Reporter] {
    var reporters: [any Reporter] = []
    let takesOutput = options.reports.contains { $0.file == nil && $0.format != "github" && $0.format != "pretty" }
    if options.listOnly || !takesOutput {
      reporters.append(
        PrettyReporter(color: options.usesColor, isTerminal: options.isTerminal, listOnly: options.listOnly))
    }
    return reporters
  }
}
