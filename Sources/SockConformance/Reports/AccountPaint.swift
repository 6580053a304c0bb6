// The account of a failure in colours: what was said, what came, what was expected, where they part.

enum AccountPaint {
  /// An account as it is without colours, painted line by line.
  static func painted(_ account: String) -> String {
    var isFirst = true
    return account.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      defer { if !line.isEmpty { isFirst = false } }
      return isFirst ? heading(line) : self.line(line)
    }.joined(separator: "\n")
  }

  private static func paint(_ text: some StringProtocol, _ style: String) -> String {
    text.isEmpty ? "" : "\u{1B}[\(style)m\(text)\u{1B}[0m"
  }

  /// `FILE:LINE:COLUMN: what failed`
  private static func heading(_ line: Substring) -> String {
    guard let match = line.prefixMatch(of: #/[^ ]*:\d+:\d+: /#) else { return paint(line, "1") }
    return paint(line[match.range], "2") + paint(line[match.range.upperBound...], "1")
  }

  private static let red = "31"
  private static let green = "32"
  private static let dim = "2"

  private static func line(_ line: Substring) -> String {
    if let match = line.wholeMatch(of: #/(?<head> *\| +)(?<marks>\^+)/#) { return match.head + paint(match.marks, red) }
    if let match = line.wholeMatch(of: #/(?<head> *[=]? ?)(?<word>received|expected|differs)(?<rest> .*)/#) {
      let style = match.word == "expected" ? green : red
      return match.head + paint(match.word + match.rest, style)
    }
    if let match = line.wholeMatch(of: #/(?<head> +)(?<marks>\^\^ byte \d+)/#) { return match.head + paint(match.marks, red) }
    // An event: channel, time, what happened, and where in the script.
    if let match = line.wholeMatch(of: #/(?<head> +\S+ +)(?<time>\d+\.\d{3})(?<what>  .*?)(?<place> +\S+:\d+)?/#) {
      return match.head + paint(match.time, dim) + match.what + paint(match.place ?? "", dim)
    }
    return String(line)
  }
}
