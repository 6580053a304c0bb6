// How a diagnostic or a failure looks on a terminal or in a log:
//
//   smtp.sock:12:3: expected a line matching /^250/
//      |
//   12 |   expect line /^250/ within 2s
//      |   ^^^^^^^^^^^^^^^^^^
//      = received  "554 5.7.1 rejected\r\n"

package enum DiagnosticRenderer {
  /// How many columns of a source line are shown at most.
  static let columns = 120
  /// How many of them stand before the marked place when a line is cut.
  static let columnsBefore = 40

  /// The text of a diagnostic, its last line ended too.
  package static func render(_ diagnostic: Diagnostic, color: Bool) -> String {
    render(
      heading: diagnostic.message, code: diagnostic.code, severity: diagnostic.severity, file: diagnostic.file,
      range: diagnostic.range, notes: diagnostic.notes, color: color)
  }

  /// The same for what is no diagnostic: a failure at run time.
  /// - Parameters:
  ///   - heading: one line, shown after `FILE:LINE:COLUMN: `. It may hold any bytes: what a terminal would
  ///     act on is escaped, here and in all other lines.
  ///   - code: shown in brackets behind the heading; `sock help errors CODE` explains it.
  ///   - notes: each is shown after `= `; further lines of one are indented below it.
  ///   - extra: lines shown below the notes, indented like them (a transcript, a hex dump).
  package static func render(
    heading: String, code: String? = nil, severity: Diagnostic.Severity = .error, file: SourceFile, range: SourceRange,
    notes: [String] = [], extra: [String] = [], color: Bool
  ) -> String {
    let place = file.position(of: min(Int(range.lower), file.bytes.count))
    let paint = Paint(isOn: color)
    let accent: Paint.Style = severity == .error ? .error : .warning
    let prefix = severity == .warning ? paint("warning: ", .warning) : ""
    let location = "\(Printable.text(file.name)):\(place.line):\(place.column):"
    var output = "\(paint(location, .strong)) \(prefix)\(paint(Printable.text(heading), .strong))"
    if let code { output += " \(paint("[\(code)]", .margin))" }
    output += "\n"

    let number = String(place.line)
    let margin = String(repeating: " ", count: number.utf8.count)
    if !file.bytes.isEmpty, file.mayBeShown {
      let excerpt = Excerpt(file: file, line: place.line, range: range)
      let bar = paint("|", .margin)
      output += "\(margin) \(bar)\n"
      output += "\(paint(number, .margin)) \(bar)\(excerpt.text.isEmpty ? "" : " " + excerpt.text)\n"
      let carets = String(repeating: "^", count: excerpt.caretCount)
      output += "\(margin) \(bar) \(String(repeating: " ", count: excerpt.caretColumn))\(paint(carets, accent))\n"
    }
    for note in notes {
      let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        output += index == 0 ? "\(margin) \(paint("=", .margin)) " : "\(margin)   "
        output += Printable.text(line) + "\n"
      }
    }
    for line in extra { output += "\(margin) \(Printable.text(line))\n" }
    return output
  }
}

/// ANSI colours, or none.
private struct Paint {
  enum Style: String { case strong = "1", error = "1;31", warning = "1;33", margin = "34" }
  let isOn: Bool

  func callAsFunction(_ text: String, _ style: Style) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// The part of one source line that is shown, and where the marks go below it.
private struct Excerpt {
  private(set) var text = ""
  private(set) var caretColumn = 0
  private(set) var caretCount = 1

  private struct Cell {
    let text: String
    let width: Int
    let isMarked: Bool
    let isBeforeMark: Bool
  }

  init(file: SourceFile, line number: Int, range: SourceRange) {
    let line = file.line(number)
    let lower = min(max(Int(range.lower), line.startIndex), line.endIndex)
    let upper = min(max(Int(range.upper), lower), line.endIndex)
    // A line may have millions of bytes: only those are looked at that may come to be shown.
    var start = max(line.startIndex, lower - 4 * DiagnosticRenderer.columns)
    while start < lower, start > line.startIndex, line[start] & 0xC0 == 0x80 { start += 1 }
    let end = min(line.endIndex, lower + 4 * DiagnosticRenderer.columns)

    var cells: [Cell] = []
    var column = 0
    for character in Printable.characters(of: line[start..<end], tabStop: 4) {
      let at = character.offset
      cells.append(
        Cell(
          text: character.text, width: character.width, isMarked: at >= lower && at < upper,
          isBeforeMark: at < lower))
      column += character.width
    }
    let isCutLeft = start > line.startIndex
    let isCutRight = end < line.endIndex
    if column > DiagnosticRenderer.columns || isCutLeft || isCutRight {
      cut(&cells, isCutLeft: isCutLeft, isCutRight: isCutRight)
    }
    text = cells.reduce(into: "") { $0 += $1.text }
    while text.last == " " { text.removeLast() }
    caretColumn = cells.reduce(0) { $0 + ($1.isBeforeMark ? $1.width : 0) }
    caretCount = max(1, cells.reduce(0) { $0 + ($1.isMarked ? $1.width : 0) })
  }

  /// Keeps the columns around the mark, and shows with `…` where something is left out.
  private func cut(_ cells: inout [Cell], isCutLeft: Bool, isCutRight: Bool) {
    let mark = cells.firstIndex { !$0.isBeforeMark } ?? cells.count
    let after = cells[mark...].reduce(0) { $0 + $1.width }
    let before = max(DiagnosticRenderer.columnsBefore, DiagnosticRenderer.columns - after - 1)
    var first = mark
    var width = 0
    while first > 0, width + cells[first - 1].width <= before {
      first -= 1
      width += cells[first].width
    }
    var last = mark
    while last < cells.count, width + cells[last].width <= DiagnosticRenderer.columns {
      width += cells[last].width
      last += 1
    }
    let leavesLeft = isCutLeft || first > 0
    let leavesRight = isCutRight || last < cells.count
    let ellipsis = { (isBeforeMark: Bool) in Cell(text: "…", width: 1, isMarked: false, isBeforeMark: isBeforeMark) }
    cells = (leavesLeft ? [ellipsis(true)] : []) + cells[first..<last] + (leavesRight ? [ellipsis(false)] : [])
  }
}
