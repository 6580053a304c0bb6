// How a diagnostic or a failure looks on a terminal or in a log:
//
//   smtp.sock:12:3: expected a line matching /^250/
//      |
//   12 |   expect line /^250/ within 2s
//      |   ^^^^^^^^^^^^^^^^^^
//      = received  "554 5.7.1 rejected\r\n"

package enum DiagnosticRenderer {
  /// How many columns of a source line are shown at most where nobody says how wide the reader's terminal is.
  static let columns = 120
  /// Of a line that is cut so many columns stand before the marked place: a third of those that are shown.
  static func columnsBefore(_ columns: Int) -> Int { columns / 3 }
  /// A narrower terminal shows nothing that could be read.
  static let leastColumns = 20

  /// The text of a diagnostic, its last line ended too.
  package static func render(_ diagnostic: Diagnostic, color: Bool, columns: Int? = nil) -> String {
    render(
      heading: diagnostic.message, code: diagnostic.code, severity: diagnostic.severity, file: diagnostic.file,
      range: diagnostic.range, notes: diagnostic.notes, color: color, columns: columns)
  }

  /// The same for what is no diagnostic: a failure at run time.
  /// - Parameters:
  ///   - heading: one line, shown after `FILE:LINE:COLUMN: `. It may hold any bytes: what a terminal would
  ///     act on is escaped, here and in all other lines.
  ///   - code: shown in brackets behind the heading; `sock help errors CODE` explains it.
  ///   - notes: each is shown after `= `; further lines of one are indented below it.
  ///   - extra: lines shown below the notes, indented like them (a transcript, a hex dump).
  ///   - columns: how wide the terminal is: nothing is wider, and notes are broken between words; nil: it is none.
  package static func render(
    heading: String, code: String? = nil, severity: Diagnostic.Severity = .error, file: SourceFile, range: SourceRange,
    notes: [String] = [], extra: [String] = [], color: Bool, columns: Int? = nil
  ) -> String {
    let columns = columns.map { max($0, leastColumns) }
    let place = file.position(of: min(Int(range.lower), file.bytes.count))
    let paint = Paint(isOn: color)
    let accent: Paint.Style = severity == .error ? .error : .warning
    let prefix = severity == .warning ? paint("warning: ", .warning) : ""
    let location = "\(Printable.text(file.name)):\(place.line):\(place.column):"
    let headingWidth = columns ?? .max
    let labels = location.count + (severity == .warning ? "warning: ".count : 0) + 1
    let headings = broken(Printable.text(heading), first: headingWidth - labels, others: headingWidth - 2)
    var output = "\(paint(location, .strong)) \(prefix)\(paint(headings[0], .strong))"
    for line in headings.dropFirst() { output += "\n  \(paint(line, .strong))" }
    if let code {
      let last = headings.count == 1 ? labels + headings[0].count : 2 + headings[headings.count - 1].count
      output += "\(last + code.count + 3 > headingWidth ? "\n " : "") \(paint("[\(code)]", .margin))"
    }
    output += "\n"

    let number = String(place.line)
    let margin = String(repeating: " ", count: number.utf8.count)
    if !file.bytes.isEmpty, file.mayBeShown {
      let room = columns.map { max(leastColumns / 2, $0 - margin.count - 3) } ?? Self.columns
      let excerpt = Excerpt(file: file, line: place.line, range: range, columns: min(room, Self.columns))
      let bar = paint("|", .margin)
      output += "\(margin) \(bar)\n"
      output += "\(paint(number, .margin)) \(bar)\(excerpt.text.isEmpty ? "" : " " + excerpt.text)\n"
      let carets = String(repeating: "^", count: excerpt.caretCount)
      output += "\(margin) \(bar) \(String(repeating: " ", count: excerpt.caretColumn))\(paint(carets, accent))\n"
    }
    for note in notes {
      let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        let room = columns.map { $0 - margin.count - 3 } ?? .max
        // What a label stands in front of stays below itself.
        let isLabelled = line.count > 10 && line.dropFirst(10).first != " " && line.dropFirst(8).prefix(2) == "  "
        let indentation = index == 0 && isLabelled ? 10 : 0
        let parts = broken(Printable.text(line), first: room, others: room - indentation)
        for (number, part) in parts.enumerated() {
          output += index == 0 && number == 0 ? "\(margin) \(paint("=", .margin)) " : "\(margin)   "
          output += (number == 0 ? "" : String(repeating: " ", count: indentation)) + part + "\n"
        }
      }
    }
    for line in extra {
      output += "\(margin) \(cut(Printable.text(line), to: columns.map { $0 - margin.count - 1 } ?? .max))\n"
    }
    return output
  }

  /// A line in pieces of so many columns, broken between words; a word that is longer than a line is broken, too.
  package static func broken(_ text: String, first: Int, others: Int) -> [String] {
    guard width(text) > first else { return [text] }
    var lines: [String] = []
    var line = ""
    func room() -> Int { max(8, lines.isEmpty ? first : others) }
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      var word = word
      if !line.isEmpty, width(line) + 1 + width(word) > room(), width(word) <= others,
        !line.allSatisfy({ $0 == " " })
      {
        lines.append(line)
        line = ""
      } else if !line.isEmpty || lines.isEmpty && word.startIndex != text.startIndex {
        line += " "
      }
      while width(line) + width(word) > room() {
        let part = prefix(word, columns: room() - width(line))
        lines.append(line + part)
        word = word[part.endIndex...]
        line = ""
      }
      line += word
    }
    return lines + [line]
  }

  /// A line of so many columns at most; `…` stands for the rest.
  package static func cut(_ text: String, to columns: Int) -> String {
    guard width(text) > columns else { return text }
    return prefix(text[...], columns: columns - 1) + "…"
  }

  private static func width(_ text: some StringProtocol) -> Int {
    text.unicodeScalars.reduce(0) { $0 + Printable.columns(of: $1) }
  }

  /// The beginning of a text that has room in so many columns; at least one character.
  private static func prefix(_ text: Substring, columns: Int) -> Substring {
    var width = 0
    var end = text.startIndex
    for index in text.indices {
      width += self.width(String(text[index]))
      if width > columns, index > text.startIndex { break }
      end = text.index(after: index)
    }
    return text[..<end]
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
  private let columns: Int

  private struct Cell {
    let text: String
    let width: Int
    let isMarked: Bool
    let isBeforeMark: Bool
  }

  init(file: SourceFile, line number: Int, range: SourceRange, columns: Int) {
    self.columns = columns
    let line = file.line(number)
    let lower = min(max(Int(range.lower), line.startIndex), line.endIndex)
    let upper = min(max(Int(range.upper), lower), line.endIndex)
    // A line may have millions of bytes: only those are looked at that may come to be shown.
    var start = max(line.startIndex, lower - 4 * columns)
    while start < lower, start > line.startIndex, line[start] & 0xC0 == 0x80 { start += 1 }
    let end = min(line.endIndex, lower + 4 * columns)

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
    if column > columns || isCutLeft || isCutRight {
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
    // The two `…` take a column each.
    let columns = columns - (columns < DiagnosticRenderer.columns ? 2 : 0)
    let before = max(DiagnosticRenderer.columnsBefore(columns), columns - after - 1)
    var first = mark
    var width = 0
    while first > 0, width + cells[first - 1].width <= before {
      first -= 1
      width += cells[first].width
    }
    var last = mark
    while last < cells.count, width + cells[last].width <= columns {
      width += cells[last].width
      last += 1
    }
    let leavesLeft = isCutLeft || first > 0
    let leavesRight = isCutRight || last < cells.count
    let ellipsis = { (isBeforeMark: Bool) in Cell(text: "…", width: 1, isMarked: false, isBeforeMark: isBeforeMark) }
    cells = (leavesLeft ? [ellipsis(true)] : []) + cells[first..<last] + (leavesRight ? [ellipsis(false)] : [])
  }
}
