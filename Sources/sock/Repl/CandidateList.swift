// What TAB has found, as rows below the line: by kinds, no more than there is room for.

import SockLanguage

/// What may stand in the place of some bytes of the line.
struct CompletionAnswer {
  var range = 0..<0
  /// What fits best first.
  var candidates: [Completions.Candidate] = []

  /// What they all begin with.
  var common: [UInt8] {
    guard let first = candidates.first else { return [] }
    return candidates.dropFirst().reduce(Array(first.text.utf8)) { common, candidate in
      Array(zip(common, candidate.text.utf8).prefix { $0 == $1 }.map(\.0))
    }
  }
}

enum CandidateList {
  /// - Parameter isDetailed: each on a row of its own, with what it is.
  static func rows(
    _ candidates: [Completions.Candidate], columns: Int, height: Int, isDetailed: Bool
  ) -> [[StyledText]] {
    if isDetailed { return explained(candidates, columns: columns, height: height) }
    let groups = Completions.Kind.allCases.compactMap { kind in
      let words = candidates.filter { $0.kind == kind }
      return words.isEmpty ? nil : (kind, words)
    }
    let titleWidth = 2 + (groups.map { $0.0.title.count }.max() ?? 0)
    let width = max(10, columns - titleWidth - 1)
    var rows: [(row: [StyledText], words: Int)] = []
    for (kind, words) in groups {
      var title = kind.title
      for line in flow(words.map(\.shownText), width: width) {
        let margin = title + String(repeating: " ", count: titleWidth - title.count)
        rows.append(([StyledText(margin, .grey), StyledText(line.text)], line.count))
        title = ""
      }
    }
    return cut(rows, to: height)
  }

  /// Words in rows of that width, in columns where there are several rows.
  private static func flow(_ words: [String], width: Int) -> [(text: String, count: Int)] {
    let widths = words.map(LineLayout.columnCount)
    if widths.reduce(0, +) + 2 * (words.count - 1) <= width { return [(words.joined(separator: "  "), words.count)] }
    let cell = 2 + (widths.max() ?? 0)
    let perRow = max(1, (width + 2) / cell)
    return stride(from: 0, to: words.count, by: perRow).map { start in
      let part = start..<min(words.count, start + perRow)
      var text = ""
      for index in part {
        text += words[index]
        if index + 1 < part.upperBound { text += String(repeating: " ", count: cell - widths[index]) }
      }
      return (text, part.count)
    }
  }

  private static func explained(
    _ candidates: [Completions.Candidate], columns: Int, height: Int
  ) -> [[StyledText]] {
    if candidates.count == 1 {
      let only = candidates[0]
      let rows = wrapped(only.synopsis, columns).map { [StyledText("  " + $0, .strong)] }
        + wrapped(only.summary, columns).map { [StyledText("  " + $0, .grey)] }
      return Array(rows.prefix(height))
    }
    let width = 2 + min(columns / 2, candidates.map { LineLayout.columnCount($0.shownText) }.max() ?? 0)
    let rows = candidates.map { candidate in
      let text = candidate.shownText
      let gap = String(repeating: " ", count: max(2, width - LineLayout.columnCount(text)))
      return (row: [StyledText("  " + text), StyledText(gap + candidate.explanation, .grey)], words: 1)
    }
    return cut(rows, to: height)
  }

  /// Broken between words, with room for a margin.
  private static func wrapped(_ text: String, _ columns: Int) -> [String] {
    var rows: [String] = []
    for word in text.split(separator: " ") {
      if let last = rows.last, last.count + 1 + word.count <= columns - 4 {
        rows[rows.count - 1] = "\(last) \(word)"
      } else {
        rows.append(String(word))
      }
    }
    return rows
  }

  /// So many rows at most; the last one says how many words are missing.
  private static func cut(_ rows: [(row: [StyledText], words: Int)], to height: Int) -> [[StyledText]] {
    guard rows.count > height else { return rows.map(\.row) }
    let shown = rows.prefix(max(0, height - 1))
    let missing = rows.dropFirst(shown.count).reduce(0) { $0 + $1.words }
    return shown.map(\.row) + [[StyledText("… \(missing) more", .grey)]]
  }
}

extension Completions.Candidate {
  /// Of a path its last part, without the quote that ends it.
  fileprivate var shownText: String {
    guard kind == .file else { return text }
    let text = text.hasSuffix("\"") ? String(text.dropLast()) : text
    let parts = text.split(separator: "/", omittingEmptySubsequences: true)
    return parts.last.map { text.hasSuffix("/") ? $0 + "/" : String($0) } ?? text
  }

  fileprivate var explanation: String { summary.isEmpty ? synopsis : summary }
}
