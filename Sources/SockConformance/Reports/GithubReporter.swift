// Workflow commands of GitHub Actions: an annotation at the line of each test that did not pass.

import Glibc
import SockLanguage

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

  package func began(_ options: TestOptions, files: [String]) {}

  package func ended(_ record: TestRecord) {
    let kind: String
    switch record.verdict {
    case .fail, .error: kind = record.isExpected ? "notice" : "error"
    case .warning, .flaky, .inconclusive: kind = "warning"
    case .noted: kind = "notice"
    case .pass: kind = record.improvement == nil ? "" : "notice"
    case .skip, .todo: kind = ""
    }
    guard !kind.isEmpty else { return }
    let place = record.place ?? (record.file, record.line, 1)
    let file = place.file.hasPrefix("/") ? place.file : prefix + place.file
    var title = "\(record.isExpected ? "known " : "")\(record.verdict.rawValue): \(record.title)"
    if let level = record.level { title += " (\(level) \(record.citation ?? ""))" }
    var text = record.report.isEmpty ? record.message : record.report
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
    if summary.wasInterrupted { output.write("::error title=interrupted::the run was interrupted\n") }
    for warning in summary.warnings { output.write("::warning title=sock::\(data(warning))\n") }
    for missing in summary.missing { output.write("::error title=incomplete::\(data(missing))\n") }
    return output.finish()
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
