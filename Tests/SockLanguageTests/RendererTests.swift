// How diagnostics and failures look.

import Testing

@testable import SockLanguage

@Suite("Rendering of diagnostics")
struct RendererTests {
  private func render(
    _ text: String, _ lower: Int, _ upper: Int, severity: Diagnostic.Severity = .error, notes: [String] = [],
    color: Bool = false
  ) -> String {
    render(Array(text.utf8), lower, upper, severity: severity, notes: notes, color: color)
  }

  private func render(
    _ bytes: [UInt8], _ lower: Int, _ upper: Int, severity: Diagnostic.Severity = .error, notes: [String] = [],
    color: Bool = false
  ) -> String {
    DiagnosticRenderer.render(
      heading: "some message", code: "some-code", severity: severity, file: SourceFile(name: "a.sock", bytes: bytes),
      range: SourceRange(lower, upper), notes: notes, color: color)
  }

  /// The text above the carets: what the marks point at on the screen.
  private func marked(_ rendered: String) -> String {
    let lines = rendered.split(separator: "\n").map(String.init)
    guard lines.count > 3, let first = lines[3].firstIndex(of: "^") else { return "" }
    let start = lines[3].distance(from: lines[3].startIndex, to: first)
    let length = lines[3].filter { $0 == "^" }.count
    return String(lines[2].dropFirst(start).prefix(length))
  }

  @Test("place, line, marks and notes")
  func plain() {
    let text = String(repeating: "\n", count: 11) + "  expect line /^250/ within 2s\nclose\n"
    #expect(
      render(text, 13, 31, notes: ["received  \"554\"", "two\nlines"]) == """
        a.sock:12:3: some message [some-code]
           |
        12 |   expect line /^250/ within 2s
           |   ^^^^^^^^^^^^^^^^^^
           = received  "554"
           = two
             lines

        """)
  }

  @Test("a warning says so")
  func warning() {
    #expect(
      render("let line = 1", 4, 8, severity: .warning) == """
        a.sock:1:5: warning: some message [some-code]
          |
        1 | let line = 1
          |     ^^^^

        """)
  }

  @Test("what a failure has to say besides")
  func failure() {
    let rendered = DiagnosticRenderer.render(
      heading: "expected \"a\"", file: SourceFile(name: "a.sock", text: "x"), range: SourceRange(0, 1),
      notes: ["on conn"], extra: ["  conn  0.000  connected", "\u{1B}[2J"], color: false)
    #expect(
      rendered == """
        a.sock:1:1: expected "a"
          |
        1 | x
          | ^
          = on conn
            conn  0.000  connected
          \\x1b[2J

        """)
  }

  @Test("an empty range, the end of a line and the end of the file get one mark")
  func emptyRanges() {
    #expect(render("ab\ncd", 2, 2).hasSuffix("1 | ab\n  |   ^\n"))
    #expect(render("ab\ncd", 5, 5).hasSuffix("2 | cd\n  |   ^\n"))
    #expect(render("ab\n", 3, 3).hasSuffix("2 |\n  | ^\n"))
    #expect(render("", 0, 0) == "a.sock:1:1: some message [some-code]\n")
    #expect(render("ab", 900, 1000).hasSuffix("1 | ab\n  |   ^\n"))
  }

  @Test("a range over several lines is shown on its first, without a CR")
  func severalLines() {
    #expect(render("loop\r\n  close\r\nend", 0, 17).hasSuffix("1 | loop\n  | ^^^^\n"))
  }

  @Test("marks stay below their text behind tabs, wide characters and bytes that are not shown")
  func alignment() {
    for prefix in ["\t", "a\t\tb\t", "é", "日本", "\u{1B}[31m", "\u{7F}\u{0}", "\u{202E}", "e\u{301}"] {
      let text = "\(prefix)XYZ after"
      let start = prefix.utf8.count
      let rendered = render(text, start, start + 3)
      let lines = rendered.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let column = columns(String(lines[3].prefix { $0 != "^" }))
      let shown = String(lines[2].split(separator: "XYZ", omittingEmptySubsequences: false)[0])
      #expect(column == columns(shown), "\(rendered)")
      #expect(!rendered.utf8.contains(0x1B) && !rendered.utf8.contains(0) && !rendered.contains("\u{202E}"))
      #expect(rendered.contains("^^^") && !rendered.contains("^^^^"))
    }
    let notText = render([0x61, 0xFF, 0xC3, 0x28, 0x62], 1, 2)
    #expect(notText.contains("1 | a\\xff\\xc3(b\n  |  ^^^^\n"))
  }

  /// As a terminal counts, for the characters of these tests.
  private func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) {
      $0 + ($1.value == 0x301 ? 0 : ["日", "本"].contains($1) ? 2 : 1)
    }
  }

  @Test("a long line is cut around the mark", arguments: [0, 30, 60, 150, 500, 9_000, 9_990])
  func longLines(_ place: Int) {
    var bytes = [UInt8](repeating: 0x61, count: 10_000)
    bytes.replaceSubrange(place..<(place + 4), with: Array("MARK".utf8))
    let rendered = render(bytes, place, place + 4)
    #expect(marked(rendered) == "MARK", "\(rendered)")
    for line in rendered.split(separator: "\n") { #expect(line.count <= 120 + 8) }
    #expect(rendered.contains("…"))
  }

  @Test("a long range on a long line is cut too")
  func longRange() {
    let rendered = render([UInt8](repeating: 0x61, count: 10_000_000), 100, 9_000_000)
    #expect(rendered.utf8.count < 600)
    #expect(rendered.contains("^^^^"))
  }

  @Test("colour only when it is asked for")
  func color() {
    #expect(!render("ab", 0, 1).utf8.contains(0x1B))
    let painted = render("ab", 0, 1, notes: ["help"], color: true)
    #expect(painted.contains("\u{1B}[1;31m^\u{1B}[0m"))
    #expect(painted.contains("\u{1B}[1ma.sock:1:1:\u{1B}[0m"))
  }

  @Test("names and messages cannot command the terminal")
  func hostileNames() {
    let rendered = DiagnosticRenderer.render(
      heading: "bad \u{1B}]0;x\u{7}\n", code: "x", file: SourceFile(name: "a\u{1B}[2J.sock", text: "x"), range: .none,
      notes: ["n\u{9B}31m"], color: false)
    #expect(rendered.hasPrefix("a\\x1b[2J.sock:1:1: bad \\x1b]0;x\\x07\\n [x]\n"))
    #expect(rendered.contains("n\\u{9b}31m"))
  }
}
