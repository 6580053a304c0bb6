// A test on the page: what is said of it, and below that the time line.

import SockRuntime

struct HtmlCards {
  /// Bytes of the page that tests with their accounts take; beyond the limit, tests have a line each: a browser has to
  /// hold all of it.
  private var size = 0
  private var timeLines = HtmlTimeLines()
  private static let limit = 32 << 20

  /// - Parameters:
  ///   - number: by which links name it.
  ///   - isOpen: whether it stands open at first.
  ///   - namesFile: it does not stand below its file's name.
  mutating func card(_ record: TestRecord, number: Int, isOpen: Bool, namesFile: Bool) -> String {
    let word = record.isExpected ? "known" : record.verdict.rawValue
    var html = "<details class=\"test\" id=\"t\(number)\" data-verdict=\"\(word)\"\(isOpen ? " open" : "")>\n<summary>"
    html += "<span class=\"badge v-\(word)\">\(word)</span> "
    html += "<span class=\"name\">\(HtmlText.escaped(record.name))</span>"
    let tags = [record.target.map { "@\($0)" }, record.segmentation].compactMap { $0 } + record.tags
    for tag in tags { html += " <span class=\"tag\">\(HtmlText.escaped(tag))</span>" }
    if let level = record.level {
      let word = HtmlText.escaped(level)
      html += " <span class=\"cite\"><span class=\"level l-\(word)\">\(word)</span> "
      html += "\(HtmlText.escaped(record.citation ?? ""))</span>"
    }
    html += "<span class=\"time\">"
    if namesFile { html += "<span class=\"from\">\(HtmlText.escaped(record.file)):\(record.line)</span> " }
    html += "\(PrettyReporter.time(record.duration))</span>"
    let shownMessage = record.message.isEmpty ? record.improvement ?? "" : record.message
    if !shownMessage.isEmpty { html += "<span class=\"message\">\(HtmlText.escaped(shownMessage))</span>" }
    // A link to what is inside opens a card without any script.
    html += "</summary>\n<div class=\"body\" id=\"b\(number)\">\n"
    var facts = namesFile ? [] : ["\(HtmlText.escaped(record.file)):\(record.line)"]
    if record.attempts > 1 { facts.append("\(record.attempts) attempts") }
    if let seed = record.seed { facts.append("--seed \(seed)") }
    if let todo = record.todo { facts.append("todo: \(HtmlText.escaped(todo))") }
    if !facts.isEmpty { html += "<p class=\"quiet\">\(facts.joined(separator: " · "))</p>\n" }
    if let improvement = record.improvement {
      html += "<p class=\"note\">Better: \(HtmlText.escaped(improvement))</p>\n"
    }
    guard size < HtmlCards.limit else {
      html += "<p class=\"quiet\">The page is full: --report json=FILE has the account, "
      html += "--transcript DIR the channels.</p>\n"
      return html + "</div>\n</details>\n"
    }
    defer { size += html.utf8.count }
    let line = timeLines.line(record)
    // The account of a test that passed at last is that of its first try; of one that did not, that of its last one.
    let isFlaky = record.verdict == .flaky && !record.tries.isEmpty
    let hasLine = !line.html.isEmpty
    html += isFlaky ? HtmlCards.tries(record.tries, hasLine: hasLine) : HtmlAccount(record, shown: line.times).html
    if !record.leaks.isEmpty {
      html += "<h4>Left behind</h4><pre>\(HtmlText.escaped(record.leaks.joined(separator: "\n")))</pre>\n"
    }
    if !record.log.isEmpty { html += "<h4>Printed</h4><pre>\(HtmlText.escaped(record.log))</pre>\n" }
    html += line.html
    if !isFlaky {
      var tries = record.tries
      if let last = tries.last, last.report == record.report { tries[tries.count - 1].report = "" }
      html += HtmlCards.tries(tries, hasLine: hasLine)
    }
    html += "</div>\n</details>\n"
    return html
  }

  /// Tries that stand with their accounts: more say nothing new.
  private static let triesShown = 20

  /// The tries of a test, side by side.
  /// - Parameter hasLine: the last one's time line is on the page.
  private static func tries(_ tries: [TestTry], hasLine: Bool) -> String {
    guard tries.count > 1 else { return "" }
    var html = "<h4>Tries</h4>\n<div class=\"tries\">\n"
    for (index, attempt) in tries.enumerated().prefix(triesShown) {
      html += "<section class=\"try\"><p><b>\(index + 1)</b> <span class=\"badge v-\(attempt.verdict.rawValue)\">"
      html += "\(attempt.verdict.rawValue)</span> "
      html += "<span class=\"quiet\">\(PrettyReporter.time(attempt.duration))</span></p>"
      if !attempt.report.isEmpty {
        html += HtmlAccount.painted(attempt.report)
      } else if !attempt.message.isEmpty {
        html += "<p>\(HtmlText.escaped(attempt.message))</p>"
      }
      if index == tries.count - 1, hasLine { html += "<p class=\"quiet\">Its conversation is the one shown.</p>" }
      html += "</section>\n"
    }
    html += "</div>\n"
    if tries.count > triesShown { html += "<p class=\"quiet\">… \(tries.count - triesShown) tries more</p>\n" }
    return html
  }
}

/// What is said of a failure: the script around its place, and the notes, without what the time line shows.
struct HtmlAccount {
  let html: String

  /// - Parameter shown: the times, as accounts write them, of the events that the time line has.
  init(_ record: TestRecord, shown: Set<String>) {
    guard !record.report.isEmpty else {
      html = HtmlAccount.excerpts(record.excerpts, marks: nil)
      return
    }
    var lines = record.report.split(separator: "\n", omittingEmptySubsequences: false)[...]
    var marks: Range<Int>?
    // The first line is what stands beside the test's name already; the line of the script and its marks are shown
    // with those around it.
    let head = record.place.map { "\($0.file):\($0.line):\($0.column): " }
    if let head, record.excerpts.first.map({ !$0.isCall }) ?? false, let first = lines.first, first.hasPrefix(head) {
      if first.dropFirst(head.count) == record.message { lines.removeFirst() }
      let rest = lines.first == first ? lines.dropFirst() : lines
      let snippet = rest.prefix(while: HtmlAccount.isSource)
      for line in snippet {
        guard let bar = line.firstIndex(of: "|") else { continue }
        let after = line[line.index(after: bar)...].dropFirst()
        let blanks = after.prefix { $0 == " " }.count
        let count = after.dropFirst(blanks).prefix { $0 == "^" }.count
        if count > 0, blanks + count == after.count { marks = blanks..<blanks + count }
      }
      lines = (lines.first == first ? [first] : []) + rest.dropFirst(snippet.count)
    }
    let callers = record.excerpts.filter(\.isCall).map { ", \($0.file):\($0.line)" }
    let kept = lines.filter { line in
      if HtmlAccount.isEvent(line, of: shown) { return false }
      // Calls whose lines are shown.
      return !(line.drop { $0 == " " }.hasPrefix("= called from ") && callers.contains { line.hasSuffix($0) })
    }
    let trimmed = kept.drop { $0.isEmpty }.reversed().drop { $0.isEmpty }.reversed()
    html = HtmlAccount.excerpts(record.excerpts, marks: marks)
      + (trimmed.isEmpty ? "" : HtmlAccount.painted(trimmed.joined(separator: "\n")))
  }

  // MARK: - The script

  private static func excerpts(_ excerpts: [SourceExcerpt], marks: Range<Int>?) -> String {
    guard !excerpts.isEmpty else { return "" }
    var html = "<div class=\"excerpts\">\n"
    for excerpt in excerpts {
      html += "<figure><figcaption>\(excerpt.isCall ? "called from " : "")"
      html += "\(HtmlText.escaped(excerpt.file)):\(excerpt.line)</figcaption><pre class=\"source\">"
      let width = String(excerpt.first + excerpt.lines.count - 1).count
      for (index, line) in excerpt.lines.enumerated() {
        let number = excerpt.first + index
        let isPlace = number == excerpt.line
        let digits = String(number)
        let head = "<i>\(String(repeating: " ", count: width - digits.count))\(digits)</i> "
        let text = isPlace && !excerpt.isCall ? marked(line, marks) : HtmlText.escaped(line)
        let style = excerpt.isCall ? "call" : "place"
        html += isPlace ? "<b class=\"\(style)\">\(head)\(text)</b>" : "<span>\(head)\(text)</span>"
      }
      html += "</pre></figure>\n"
    }
    return html + "</div>\n"
  }

  private static func marked(_ line: String, _ marks: Range<Int>?) -> String {
    guard let marks, marks.upperBound <= line.count else { return HtmlText.escaped(line) }
    let start = line.index(line.startIndex, offsetBy: marks.lowerBound)
    let end = line.index(start, offsetBy: marks.count)
    return HtmlText.escaped(String(line[..<start])) + "<mark>" + HtmlText.escaped(String(line[start..<end])) + "</mark>"
      + HtmlText.escaped(String(line[end...]))
  }

  // MARK: - Lines

  /// `12 |   expect line`
  private static func isSource(_ line: Substring) -> Bool {
    line.drop { $0 == " " }.drop { $0.isASCII && $0.isNumber }.drop { $0 == " " }.first == "|"
  }

  /// A line of the transcript: channel, time in seconds with three places, what happened.
  private static func isEvent(_ line: Substring, of shown: Set<String>) -> Bool {
    guard line.first == " " else { return false }
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
    guard words.count == 3 else { return false }
    if words[0] == "…", words[2] == "event before" || words[2] == "events before" { return !shown.isEmpty }
    return shown.contains(String(words[1]))
  }

  /// An account in colours: what was expected green, what came red.
  static func painted(_ account: String) -> String {
    var html = "<pre class=\"account\">"
    for (index, line) in account.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { html += "\n" }
      html += painted(line)
    }
    return html + "</pre>\n"
  }

  private static func painted(_ line: Substring) -> String {
    let text = HtmlText.escaped(String(line))
    let rest = line.drop { $0 == " " }
    func span(_ style: String) -> String { "<span class=\"\(style)\">\(text)</span>" }
    // Columns of one line are over those of the next.
    if rest.first == "^" { return span("got row") }
    if isSource(line), let bar = rest.firstIndex(of: "|") {
      return span(rest[rest.index(after: bar)...].drop { $0 == " " }.first == "^" ? "got row" : "row")
    }
    if line.first != " ", !rest.isEmpty { return "<b>\(text)</b>" }
    let isNote = rest.hasPrefix("= ")
    switch (isNote ? rest.dropFirst(2) : rest).prefix(while: { $0 != " " && $0 != ":" }) {
    case "expected": return span(isNote ? "want" : "want row")
    case "received", "differs": return span(isNote ? "got" : "got row")
    case "help": return span("help")
    default: return text
    }
  }
}
