// `--transcript DIR`: a text file for each test, with all that went over its channels.

import SockLanguage

package final class TranscriptReporter: Reporter {
  private var folder: ReportFolder
  private var problem: String?

  /// Makes the folder; an error when that fails.
  package init(_ path: String) throws(DiscoveryError) { folder = try ReportFolder(path) }

  package func began(_ options: TestOptions, files: [String]) {}

  package func ended(_ record: TestRecord) {
    let path = folder.path(for: record, suffix: ".txt")
    problem = OutputFile.write(TranscriptReporter.text(record), to: path) ?? problem
  }

  package func finished(_ summary: Summary) -> String? { problem }

  static func text(_ record: TestRecord) -> String {
    func printable(_ text: String) -> String { Printable.text(text) }
    var text = "\(printable(record.title))\n\(printable(record.file)):\(record.line)\n"
    if let level = record.level { text += "\(level) \(printable(record.citation ?? ""))\n" }
    text += "\(record.isExpected ? "known " : "")\(record.verdict.rawValue)"
    if !record.message.isEmpty { text += ": \(printable(record.message))" }
    text += "\n"
    if record.startedAt > 0 { text += "began \(WallClock.text(record.startedAt))Z\n" }
    let labels = Labels(record)
    text += "\nchannels\n"
    for channel in record.channels {
      text += "  \(labels.padded(channel.number))  \(channel.kind)"
      if let local = channel.local, !local.isEmpty { text += " \(printable(local))" }
      if let peer = channel.peer, !peer.isEmpty { text += " to \(printable(peer))" }
      text += "\n"
    }
    return text + "\ntime line (seconds since the test began)\n" + TranscriptText.lines(record, limits: .none)
  }
}
