// A page of the help as Markdown, for the references in grammar/.

package struct MarkdownLayout: Sendable {
  /// Of a page's title: how many `#`.
  let level: Int

  func text(_ page: HelpPage) -> String {
    var text = "\(String(repeating: "#", count: level)) \(page.topic)\n\n\(Self.sentence(page.summary))\n"
    for block in page.blocks { text += "\n" + Self.text(block) }
    return text
  }

  static func text(_ block: HelpBlock) -> String {
    switch block {
    case .heading(let title): sentence(title).dropLast() + ":\n"
    case .paragraph(let text): text + "\n"
    case .usage(let text), .code(let text): fenced("sock", text)
    case .example(let example):
      fenced("sock", example.script) + (example.prints.isEmpty ? "" : "\n" + fenced("text", example.prints))
    case .table(let rows):
      "| | |\n|---|---|\n" + rows.map { "| \(code($0.term)) | \(cell($0.meaning)) |\n" }.joined()
    }
  }

  private static func fenced(_ language: String, _ text: String) -> String { "```\(language)\n\(text)\n```\n" }

  /// A summary of the tables as a sentence.
  package static func sentence(_ summary: String) -> String {
    guard let first = summary.first else { return "" }
    return first.uppercased() + summary.dropFirst() + "."
  }

  static func code(_ text: String) -> String { cell("`\(text)`") }

  /// A bar would end the cell of a table.
  static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
