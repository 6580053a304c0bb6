// A page of the help as plain text.

package struct TextLayout: Sendable {
  /// In columns.
  let width: Int

  package init(width: Int) {
    // Narrower, terms and meanings could not stand beside each other.
    self.width = max(width, 40)
  }

  package func paragraph(_ text: String) -> String { filled(text, indentation: 0) }

  func text(_ page: HelpPage) -> String {
    var text = filled("\(page.topic): \(page.summary)", indentation: 0, hanging: 2)
    for block in page.blocks { text += "\n" + self.text(block) }
    return text
  }

  func text(_ block: HelpBlock) -> String {
    switch block {
    case .heading(let title): title + "\n"
    case .paragraph(let text): filled(text, indentation: 0)
    case .usage(let text): lines(of: text).map { filled($0, indentation: 2, hanging: 4) }.joined()
    case .code(let text): indented(text)
    case .example(let example):
      "example\n" + indented(example.script) + (example.prints.isEmpty ? "" : "prints\n" + indented(example.prints))
    case .table(let rows): table(rows)
    }
  }

  private func lines(of text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private func indented(_ text: String) -> String {
    lines(of: text).map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
  }

  /// Terms on the left, meanings beside them; a long term has a line of its own.
  package func table(_ rows: [HelpBlock.Row]) -> String {
    let longest = width / 2
    let column = 4 + (rows.map(\.term.count).filter { $0 <= longest }.max() ?? 0)
    var text = ""
    for (term, meaning) in rows {
      let wrapped = filled(meaning, indentation: column)
      if meaning.isEmpty {
        text += "  \(term)\n"
      } else if term.count <= column - 4 {
        text += "  " + term + String(repeating: " ", count: column - 2 - term.count)
        text += wrapped.drop { $0 == " " }
      } else {
        text += "  \(term)\n" + wrapped
      }
    }
    return text
  }

  /// The words of a text in lines of the width, each with so many blanks in front; `hanging` more from the second on.
  /// Blanks that stand together stay together.
  func filled(_ text: String, indentation: Int, hanging: Int = 0) -> String {
    guard let first = text.firstIndex(where: { $0 != " " }) else { return "\n" }
    let leading = text.distance(from: text.startIndex, to: first)
    var result = ""
    var line = String(repeating: " ", count: indentation + leading)
    var isEmpty = true
    var gap = 0
    for word in text[first...].split(separator: " ", omittingEmptySubsequences: false) {
      guard !word.isEmpty else {
        gap += 1
        continue
      }
      if !isEmpty, line.count + gap + word.count > width {
        result += line + "\n"
        line = String(repeating: " ", count: indentation + leading + hanging)
        isEmpty = true
      }
      line += (isEmpty ? "" : String(repeating: " ", count: gap)) + word
      isEmpty = false
      gap = 1
    }
    return result + line + "\n"
  }
}
