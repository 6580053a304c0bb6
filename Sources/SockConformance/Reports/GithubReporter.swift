// Workflow commands of GitHub Actions: an annotation at the line of each test that did not pass.

import Glibc
import SockLanguage
import SocketCore

package final class GithubReporter: Reporter {
  private let output: ReportFile
  /// The current folder as seen from the repository's root, with a slash behind it: annotations name files from there.
  private let prefix: String

  package init(_ output: ReportFile) {
    self.output = output
    prefix = GithubReporter.prefix(
      workspace: getenv("GITHUB_WORKSPACE").map { String(cString: $0) }, folder: GithubReporter.currentFolder)
  }

  private static var currentFolder: String? {
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return String(cString: folder)
  }

  static func prefix(workspace: String?, folder: String?) -> String {
    guard let workspace, let folder, !workspace.isEmpty else { return "" }
    let root = workspace.hasSuffix("/") ? workspace : workspace + "/"
    return folder.hasPrefix(root) && folder != root ? folder.dropFirst(root.utf8.count) + "/" : ""
  }

  /// What failed, by cause: GitHub shows ten errors of a step, and no more.
  private var causes = Causes()
  private var annotations: [String: Int] = [:]
  private var leftOut = 0
  private static let annotationsShown = 10

  package func began(_ options: TestOptions, files: [String]) {}

  package func ended(_ record: TestRecord) {
    if record.failsTheRun, causes.add(record).count > 1 {
      leftOut += 1
      return
    }
    let kind: String
    switch record.verdict {
    case .fail, .error: kind = record.isExpected ? "notice" : "error"
    case .warning, .flaky, .inconclusive: kind = "warning"
    case .noted: kind = "notice"
    case .pass: kind = record.improvement == nil ? "" : "notice"
    case .skip, .todo: kind = ""
    }
    guard !kind.isEmpty else { return }
    let shown = annotations[kind, default: 0]
    if shown == GithubReporter.annotationsShown {
      leftOut += 1
      return
    }
    annotations[kind] = shown + 1
    let place = record.place ?? (record.file, record.line, 1)
    let file = place.file.hasPrefix("/") ? place.file : prefix + place.file
    var title = "\(record.isExpected ? "known " : "")\(record.verdict.rawValue): \(record.title)"
    if let level = record.level { title += " (\(level) \(record.citation ?? ""))" }
    // The account stands in the log; here is its first line.
    var text = record.message
    if let improvement = record.improvement { text += (text.isEmpty ? "" : "\n") + improvement }
    output.write(
      "::\(kind) file=\(property(file)),line=\(max(1, place.line)),col=\(max(1, place.column)),title=\(property(title))"
        + "::\(data(text))\n")
    output.flush()
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    for record in summary.stopped {
      let place = record.place ?? (record.file, record.line, 1)
      let file = place.file.hasPrefix("/") ? place.file : prefix + place.file
      output.write("::error file=\(property(file)),line=\(max(1, place.line)),title=\(property("stopped: \(record.title)"))")
      output.write("::\(data(record.message))\n")
    }
    if leftOut > 0 { output.write("::notice title=sock test::\(leftOut) more, see the log\n") }
    if summary.wasInterrupted { output.write("::error title=interrupted::the run was interrupted\n") }
    for warning in summary.warnings { output.write("::warning title=sock::\(data(warning))\n") }
    for missing in summary.missing { output.write("::error title=incomplete::\(data(missing))\n") }
    let problem = writeSummary(summary)
    return output.finish() ?? problem
  }

  /// The page of the step: what was counted, and what failed by cause, as a table in Markdown.
  private func writeSummary(_ summary: Summary) -> String? {
    guard let path = getenv("GITHUB_STEP_SUMMARY").map({ String(cString: $0) }), !path.isEmpty else { return nil }
    var text = "### sock test: \(summary.exitStatus == 0 ? "passed" : "failed")\n\n"
    let counts = TestVerdict.allCases.compactMap { verdict in
      summary.counts[verdict].flatMap { $0 > 0 ? "\($0) \(verdict.rawValue)" : nil }
    }
    text += counts.isEmpty ? "no test ended" : counts.joined(separator: ", ")
    text += " in \(PrettyReporter.time(summary.duration))\n"
    if let signal = summary.signal {
      let name = SignalName.name(of: signal)
      text += "\n**The run was interrupted by SIG\(name)**; what had not run by then is not counted.\n"
      for record in summary.stopped.prefix(10) {
        text += "- \(cell("\(record.file):\(record.line) \(record.title): \(record.message)"))\n"
      }
    }
    for missing in summary.missing { text += "\nincomplete: \(cell(missing))\n" }
    if !causes.isEmpty {
      text += "\n| tests | cause | first of them |\n|---:|---|---|\n"
      for cause in causes.sorted.prefix(50) {
        let first = cause.tests.first.map { "\($0.place) \($0.title)" } ?? ""
        text += "| \(cause.count) | \(cell(cause.message)) | \(cell(first)) |\n"
      }
    }
    // It does not wait for the reader of a FIFO.
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0o644)
    guard descriptor >= 0, let file = fdopen(descriptor, "a") else {
      return "cannot write the step's summary: \(String(cString: strerror(errno)))"
    }
    let isWritten = text.withCString { fputs($0, file) } >= 0
    return fclose(file) == 0 && isWritten ? nil : "cannot write the step's summary"
  }

  /// Text in a cell of a table: no mark of Markdown or HTML in it acts.
  private func cell(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "|", "*", "_", "`", "[", "]", "\\", "~", "#", "!", "@", "$", ":": result += "&#\(scalar.value);"
      default: result += Printable.text(String(scalar))
      }
    }
    return result
  }

  /// The text of a command: percent signs and line ends only.
  private func data(_ text: String) -> String { escaped(text, isProperty: false) }

  /// The value of a property: what separates properties, too.
  private func property(_ text: String) -> String { escaped(text, isProperty: true) }

  private func escaped(_ text: String, isProperty: Bool) -> String {
    var result = ""
    // By scalars: CR LF is one character to Swift.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      // The log of a job is shown on terminals, too.
      default: result += Printable.text(String(scalar))
      }
    }
    return result
  }
}
