// The lines of a script around a step: what a report shows beside what the step did.

import SockLanguage
import SockRuntime

package struct SourceExcerpt: Sendable, Equatable {
  package var file: String
  /// The line of the step, from 1.
  package var line: Int
  /// The line that stands first.
  package var first: Int
  package var lines: [String]
  /// It has called what failed, or what has called that.
  package var isCall: Bool

  package init(file: String, line: Int, first: Int, lines: [String], isCall: Bool) {
    self.file = file
    self.line = line
    self.first = first
    self.lines = lines
    self.isCall = isCall
  }

  /// Lines before and behind the step's.
  private static let around = 2
  /// Callers that are shown, and bytes of a line.
  private static let (callers, width) = (8, 240)

  /// Around the step, and around each call that led to it, innermost first; nothing of a file that may not be shown.
  /// - Parameter masked: hides secrets.
  static func all(of site: SourceSite, calls: [SourceSite], masked: (String) -> String) -> [SourceExcerpt] {
    var excerpts: [SourceExcerpt] = []
    for (index, site) in ([site] + calls.prefix(callers)).enumerated() where site.file.mayBeShown {
      let file = site.file
      let line = site.position.line
      let last = min(line + around, file.firstLine + file.lineCount - 1)
      let first = max(file.firstLine, line - around)
      guard first <= last else { continue }
      var lines = (first...last).map { Bounds.cut(masked(String(decoding: file.line($0), as: UTF8.self)), to: width) }
      // The line end of the last line begins one that is empty.
      while lines.count > line - first + 1, lines.last?.isEmpty ?? false { lines.removeLast() }
      let excerpt = SourceExcerpt(file: file.name, line: line, first: first, lines: lines, isCall: index > 0)
      // Of a recursion one.
      if excerpts.last != excerpt { excerpts.append(excerpt) }
    }
    return excerpts
  }
}
