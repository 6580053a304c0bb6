// Text in the language of manual pages, roff's `man` macros: see man(7).

package enum RoffLayout {
  package static func section(_ title: String) -> String { ".SH \(escaped(title.uppercased()))\n" }
  package static func subsection(_ title: String) -> String { ".SS \(escaped(title))\n" }

  /// - Parameter isFirst: right below a title, where no paragraph begins.
  package static func text(_ block: HelpBlock, isFirst: Bool = false) -> String {
    switch block {
    case .heading(let title): ".PP\n\(inline(title)):\n"
    case .paragraph(let text): ".PP\n\(inline(text))\n"
    case .usage(let text), .code(let text): (isFirst ? "" : ".PP\n") + verbatim(text)
    case .example(let example):
      ".PP\n" + verbatim(example.script)
        + (example.prints.isEmpty ? "" : ".PP\nprints\n.PP\n" + verbatim(example.prints))
    case .table(let rows): rows.map { term($0.term, $0.meaning) }.joined()
    }
  }

  /// A term on the left and its meaning.
  package static func term(_ term: String, _ meaning: String) -> String {
    ".TP\n\\fB\(code(term))\\fR\n\(inline(meaning))\n"
  }

  private static func verbatim(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { code(String($0)) }
    return ".RS 4\n.nf\n\(lines.joined(separator: "\n"))\n.fi\n.RE\n"
  }

  /// A paragraph, in which backquotes stand around what is shown bold.
  package static func inline(_ text: String) -> String {
    var result = ""
    for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
      result += index % 2 == 0 ? escaped(String(part)) : "\\fB\(code(String(part)))\\fR"
    }
    return protected(result)
  }

  /// What is typed: its hyphens are minus signs, which a hyphen of the text is not.
  private static func code(_ text: String) -> String {
    protected(escaped(text).split(separator: "-", omittingEmptySubsequences: false).joined(separator: "\\-"))
  }

  /// A line that starts with a dot or an apostrophe would be a request.
  private static func protected(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\e"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "…": result += "..."
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      }
    }
    return result
  }
}
