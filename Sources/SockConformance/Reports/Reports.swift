// Which reports there are, and who makes each.

import Glibc

package enum Reports {
  package static let formats = ["pretty", "tap", "junit", "json", "github", "html"]

  /// The reporters that the options ask for. Pretty on standard output unless another report takes it; under GitHub
  /// Actions its annotations stand beside it. An error when a report's file cannot be made.
  package static func reporters(_ options: TestOptions) throws(DiscoveryError) -> [any Reporter] {
    var reporters: [any Reporter] = []
    let runsOnGithub = getenv("GITHUB_ACTIONS").map { String(cString: $0) } == "true"
    if options.listOnly || !takesOutput(options) {
      reporters.append(
        PrettyReporter(
          try ReportFile(nil), color: options.usesColor, isTerminal: options.isTerminal, listOnly: options.listOnly,
          hasGroups: runsOnGithub))
    }
    if options.listOnly { return reporters }
    for (format, file) in options.reports {
      if format == "pretty", file == nil { continue }
      reporters.append(try reporter(format, try ReportFile(file)))
    }
    if runsOnGithub, !takesOutput(options), !options.reports.contains(where: { $0.format == "github" }) {
      reporters.append(GithubReporter(try ReportFile(nil)))
    }
    if let folder = options.transcriptDirectory { reporters.append(try TranscriptReporter(folder)) }
    if let folder = options.pcapDirectory { reporters.append(try PcapReporter(folder)) }
    return reporters
  }

  /// Whether a report other than pretty goes to standard output. Annotations stand between pretty's lines.
  package static func takesOutput(_ options: TestOptions) -> Bool {
    options.reports.contains { $0.file == nil && $0.format != "github" && $0.format != "pretty" }
  }

  private static func reporter(_ format: String, _ output: ReportFile) throws(DiscoveryError) -> any Reporter {
    switch format {
    case "pretty": return PrettyReporter(output, color: false, isTerminal: false, listOnly: false)
    case "tap": return TapReporter(output)
    case "junit": return JunitReporter(output)
    case "json": return JsonReporter(output)
    case "github": return GithubReporter(output)
    case "html": return HtmlReporter(output)
    default: throw DiscoveryError(message: "there is no report format `\(format)`")
    }
  }
}
