// `sock report merge`: the JSON reports of several runs as one report of any form.

import Glibc
import SockConformance

enum ReportCommand {
  /// The exit status that one run of all of it would have had; 2 when a part is missing.
  static func merge(_ paths: [String], _ asked: TestOptions) -> Int32 {
    var options = asked
    options.usesColor = Main.usesColor(on: STDOUT_FILENO)
    do throws(DiscoveryError) {
      let reporters = try Reports.reporters(options)
      let summary = try JsonReport.merge(paths, options, reporters: reporters)
      var status = summary.exitStatus
      for reporter in reporters {
        if let problem = reporter.finished(summary) {
          Main.tell("sock: \(problem)\n")
          status = 2
        }
      }
      if reporters.contains(where: \.isUnread) { return TestCommand.brokenPipeStatus }
      for message in summary.missing { Main.tell("sock: \(message)\n") }
      return status
    } catch {
      Main.tell("sock: \(error.message)\n")
      return 2
    }
  }
}
