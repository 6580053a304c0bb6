// `sock report`: the JSON reports of several runs as one report of any form, or what has changed over them.

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

  /// What has changed from the first run to the last: 1 where a test is broken now, and 2 when a report cannot be read.
  static func trend(_ paths: [String]) -> Int32 {
    do throws(DiscoveryError) {
      let trend = try Trend(paths)
      for warning in trend.warnings { Main.tell("sock: \(warning)\n") }
      let status = Main.say(trend.text(color: Main.usesColor(on: STDOUT_FILENO)))
      return status != 0 ? status : trend.hasBroken ? 1 : 0
    } catch {
      Main.tell("sock: \(error.message)\n")
      return 2
    }
  }
}
