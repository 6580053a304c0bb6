// One page that opens without a network: the sum, why tests failed, the conformance matrix, and each test with all that
// went over its channels; those that failed stand first.

import SockRuntime

package final class HtmlReporter: Reporter {
  private struct FileSection {
    /// Where its tests are in the spool.
    let number: Int
    var tests = 0
  }

  private let output: ReportFile
  private let spool = ReportSpool()
  /// What failed, and what passed only when it was tried again: in front of all others.
  private let failures: Int
  private let flaky: Int
  private var (failed, unsteady) = (0, 0)
  private var causes = Causes()
  /// What the first tests of each cause are called, and where they stand.
  private var titles: [Int: (title: String, place: String)] = [:]
  private var sections: [String: FileSection] = [:]
  private var order: [String] = []
  private var files: Set<String> = []
  private var matrix = ConformanceMatrix(targets: [])
  private var count = 0
  private var startedAt: Int64 = 0
  private var targets: [(name: String, address: String)] = []
  private var areClients = false
  private var facts: RunFacts?
  private var seed: UInt64?
  private var cards = HtmlCards()

  package init(_ output: ReportFile) {
    self.output = output
    failures = spool.begin()
    flaky = spool.begin()
  }

  package func began(_ options: TestOptions, files: [String]) {
    targets = options.targets
    areClients = options.testsClients
    matrix = ConformanceMatrix(targets: options.targets.map(\.name))
    startedAt = WallClock.now
    facts = options.facts
    seed = options.seed
  }

  package func ended(_ record: TestRecord) {
    matrix.add(record)
    if record.startedAt > 0 { startedAt = min(startedAt, record.startedAt) }
    defer { count += 1 }
    files.insert(record.file)
    if record.isExpected { knownCounts[record.verdict, default: 0] += 1 }
    if record.failsTheRun {
      if causes.add(record, number: count).count <= HtmlReporter.titled {
        titles[count] = (record.title, "\(record.file):\(record.line)")
      }
      failed += 1
      return spool.append(cards.card(record, number: count, isOpen: failed == 1, namesFile: true), to: failures)
    }
    if record.verdict == .flaky {
      unsteady += 1
      return spool.append(cards.card(record, number: count, isOpen: false, namesFile: true), to: flaky)
    }
    if sections[record.file] == nil { order.append(record.file) }
    var section = sections[record.file] ?? FileSection(number: spool.begin())
    spool.append(cards.card(record, number: count, isOpen: false, namesFile: false), to: section.number)
    section.tests += 1
    sections[record.file] = section
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    output.write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    output.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    output.write("<meta name=\"color-scheme\" content=\"light dark\">\n")
    // The bytes on this page come from elsewhere: it may neither load nor send anything.
    output.write("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ")
    // No script but the page's own runs, should something that looks like one ever come through.
    output.write("script-src '\(HtmlPage.scriptHash)'; base-uri 'none'; form-action 'none'\">\n")
    output.write("<title>\(HtmlText.escaped(HtmlReporter.headline(summary))) · sock test</title>\n")
    output.write("<style>\n\(HtmlPage.style)</style>\n</head>\n<body>\n")
    output.write(header(summary))
    output.write("<main>\n" + HtmlReporter.differences(summary) + reasons() + requirements())
    output.write("<section id=\"tests\">\n")
    write(failures, "Failed", failed)
    write(flaky, "Flaky", unsteady)
    output.write("<section class=\"others\">\n")
    if !order.isEmpty { output.write("<h2>\(failed + unsteady > 0 ? "All others" : "Tests")</h2>\n") }
    for file in order {
      guard let section = sections[file] else { continue }
      output.write("<section class=\"file\">\n<h3>\(HtmlText.escaped(file)) <span class=\"quiet\">\(section.tests)</span></h3>\n")
      spool.copy(section.number, to: output)
      output.write("</section>\n")
    }
    output.write("</section>\n<p id=\"nothing\" hidden>No test matches.</p>\n</section>\n</main>\n")
    output.write("<script>\(HtmlPage.script)</script>\n</body>\n</html>\n")
    return spool.problem ?? output.finish()
  }

  private func write(_ section: Int, _ title: String, _ count: Int) {
    guard count > 0 else { return }
    output.write("<section class=\"file\">\n<h2>\(title) <span class=\"quiet\">\(count)</span></h2>\n")
    spool.copy(section, to: output)
    output.write("</section>\n")
  }

  // MARK: - The head

  private static func headline(_ summary: Summary) -> String {
    if summary.total == 0, !summary.wasInterrupted { return summary.ofOtherShards > 0 ? "No test in this shard" : "No test was found" }
    if summary.wasInterrupted { return "Interrupted" }
    let bad = summary.failed + summary.errors
    if bad > 0 { return "\(bad) failed" }
    if !summary.differences.isEmpty { return "\(summary.differences.count) answers differ" }
    if let silent = summary.silentTargets.first { return "\(silent) has said nothing" }
    return summary.missing.isEmpty ? "Passed" : "Incomplete"
  }

  private func header(_ summary: Summary) -> String {
    let isGood = summary.exitStatus == 0
    var html = "<header>\n<div class=\"title\"><h1><span class=\"state \(isGood ? "good" : "bad")\">"
    html += "\(HtmlText.escaped(HtmlReporter.headline(summary)))</span></h1>\n"
    let files = files.count
    var facts = [
      "\(summary.total) test\(summary.total == 1 ? "" : "s")", "\(files) file\(files == 1 ? "" : "s")",
      PrettyReporter.time(summary.duration),
    ]
    if let note = summary.leftOutNote { facts.append(note) }
    if startedAt > 0 {
      let text = WallClock.text(startedAt)
      facts.append(
        "<time datetime=\"\(text)Z\">\(text.replacingFirst("T", with: " ")) UTC</time>")
    }
    html += "<p class=\"facts\">\(facts.joined(separator: " · "))</p></div>\n"
    html += runFacts()
    html += "<p class=\"plain quiet\">\(counts(summary))</p>\n"
    if summary.total > 0 { html += HtmlReporter.bar(summary) }
    html += "<div class=\"tools scripted\">\n<div class=\"chips\" role=\"group\" aria-label=\"Show tests by verdict\">\n"
    for (word, count) in words(summary) { html += HtmlReporter.chip(word, count) }
    html += "</div>\n<div class=\"find\"><input id=\"search\" type=\"search\" "
    html += "placeholder=\"Search names, bytes, messages  ( / )\" "
    html += "aria-label=\"Search tests\"><button id=\"expand\" type=\"button\">Open all</button>"
    html += "<button id=\"bytes\" type=\"button\" aria-pressed=\"false\">Hex</button></div>\n</div>\n"
    for record in summary.stopped {
      html += "<p class=\"missing\">\(HtmlText.escaped("\(record.file):\(record.line) \(record.title): \(record.message)"))</p>\n"
    }
    for silent in summary.silentTargets {
      html += "<p class=\"missing\">\(HtmlText.escaped(Summary.silence(of: silent)))</p>\n"
    }
    for warning in summary.warnings { html += "<p class=\"missing\">\(HtmlText.escaped(warning))</p>\n" }
    for missing in summary.missing { html += "<p class=\"missing\">\(HtmlText.escaped(missing))</p>\n" }
    if !summary.improvements.isEmpty {
      html += "<details class=\"better\" open><summary>Better than expected (\(summary.improvements.count))</summary><ul>"
      for improvement in summary.improvements { html += "<li>\(HtmlText.escaped(improvement))</li>" }
      html += "</ul></details>\n"
    }
    return html + "</header>\n"
  }

  private var knownCounts: [TestVerdict: Int] = [:]

  /// How many tests came out how, those there are.
  private func words(_ summary: Summary) -> [(word: String, count: Int)] {
    var words: [(word: String, count: Int)] = []
    for verdict in TestVerdict.allCases {
      // What is known is counted apart: it is no news.
      let known = verdict == .fail || verdict == .error ? knownCounts[verdict] ?? 0 : 0
      let count = (summary.counts[verdict] ?? 0) - known
      if count > 0 { words.append((verdict.rawValue, count)) }
    }
    if summary.expected > 0 { words.append(("known", summary.expected)) }
    return words
  }

  private func counts(_ summary: Summary) -> String {
    words(summary).map { "\($0.count) \($0.word)" }.joined(separator: " · ")
  }

  /// How the run was started, where, and of what.
  private func runFacts() -> String {
    var rows: [(name: String, value: String)] = []
    if let facts {
      if !facts.command.isEmpty {
        let words = ["sock"] + facts.command.map(ShellWord.quoted)
        rows.append(("Command", "<code>\(HtmlText.escaped(words.joined(separator: " ")))</code>"))
      }
      let settings = facts.settings.map { "\($0.name)=\($0.value ?? "***")" }
      if !settings.isEmpty {
        rows.append(("Parameters", settings.map { "<code>\(HtmlText.escaped($0))</code>" }.joined(separator: " ")))
      }
      if let commit = facts.commit { rows.append(("Commit", "<code>\(HtmlText.escaped(commit))</code>")) }
      rows.append(("Host", HtmlText.escaped(facts.host)))
      if !facts.version.isEmpty { rows.append(("sock", HtmlText.escaped(facts.version))) }
    }
    if let seed { rows.append(("Seed", "<code>\(seed)</code>")) }
    for target in targets {
      rows.append((areClients ? "Client" : "Target", "\(HtmlText.escaped(target.name)) <code>\(HtmlText.escaped(target.address))</code>"))
    }
    guard !rows.isEmpty else { return "" }
    return "<dl class=\"run\">" + rows.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" }.joined() + "</dl>\n"
  }

  private static func chip(_ word: String, _ count: Int) -> String {
    "<button type=\"button\" class=\"chip v-\(word)\" data-verdict=\"\(word)\" aria-pressed=\"true\">"
      + "<b>\(count)</b> \(word)</button>\n"
  }

  private static func bar(_ summary: Summary) -> String {
    var html = "<div class=\"bar\" aria-hidden=\"true\">"
    for verdict in TestVerdict.allCases {
      if let count = summary.counts[verdict], count > 0 {
        html += "<i class=\"v-\(verdict.rawValue)\" style=\"flex-grow:\(count)\"></i>"
      }
    }
    return html + "</div>\n"
  }

  // MARK: - Causes

  /// Causes that stand open, if they are of more than one test; causes that have a row; tests of each that are named.
  private static let (open, rows, titled) = (6, 100, 6)

  /// Why tests failed: what one fault has done is one row.
  /// So many places where answers differ are shown.
  private static let differencesShown = 500

  /// What `--compare` has found: the answers of all, one below the other.
  private static func differences(_ summary: Summary) -> String {
    guard let compared = summary.comparedAnswers else { return "" }
    let found = summary.differences
    var html = "<section id=\"differences\">\n<h2>Answers that differ "
    html += "<span class=\"quiet\">\(found.count) of \(compared) compared</span></h2>\n"
    for difference in found.prefix(differencesShown) {
      let sent = HtmlText.escaped(difference.sent)
      html += "<h3>\(HtmlText.escaped(difference.file)) \(HtmlText.escaped(difference.name))</h3>\n<p>"
      if !difference.place.isEmpty { html += "<span class=\"quiet\">\(HtmlText.escaped(difference.place))</span> " }
      html += "\(sent.isEmpty ? "before anything is sent" : "to <code>\(sent)</code>")</p>\n"
      html += "<div class=\"wide\"><table><tbody>\n"
      for answer in difference.answers {
        let said = answer.received.map { "<code>\(HtmlText.escaped($0))</code>" }
        let cell = said ?? "<span class=\"quiet\">\(answer.silence.rawValue)</span>"
        html += "<tr><th>\(HtmlText.escaped(answer.target))</th><td>\(cell)</td></tr>\n"
      }
      html += "</tbody></table></div>\n"
      if !difference.parts.isEmpty { html += "<p class=\"quiet\">\(HtmlText.escaped(difference.parts))</p>\n" }
    }
    let more = found.count - differencesShown
    if more > 0 { html += "<p class=\"quiet\">… \(more) more; the JSON report has all</p>\n" }
    return html + "</section>\n"
  }

  private func reasons() -> String {
    guard failed > 1 else { return "" }
    let sorted = causes.sorted
    let open = sorted.prefix(HtmlReporter.open).prefix { $0.count > 1 }
    let folded = sorted.dropFirst(open.count)
    var html = "<section id=\"causes\">\n<h2>Causes <span class=\"quiet\">\(sorted.count)</span></h2>\n"
    if !open.isEmpty { html += HtmlReporter.table(open.map(row)) }
    if !folded.isEmpty {
      html += "<details><summary>\(folded.count) \(open.isEmpty ? "" : "other ")"
      html += "cause\(folded.count == 1 ? "" : "s")\(folded.first?.count == 1 ? ", of one test each" : "")</summary>\n"
      html += HtmlReporter.table(folded.prefix(HtmlReporter.rows).map(row))
      let more = folded.count - HtmlReporter.rows
      if more > 0 { html += "<p class=\"quiet\">… \(more) more</p>\n" }
      html += "</details>\n"
    }
    return html + "</section>\n"
  }

  private static func table(_ rows: [String]) -> String {
    "<div class=\"wide\"><table>\n<tbody>\n\(rows.joined())</tbody></table></div>\n"
  }

  private func row(_ cause: Causes.Cause) -> String {
    let named = cause.numbers.prefix(HtmlReporter.titled)
    var html = "<tr><td class=\"count\">\(cause.count)</td><td>"
    html += "<div>\(HtmlText.escaped(cause.message))</div><div class=\"links\">"
    for number in named {
      guard let (title, place) = titles[number] else { continue }
      html += "<span><a href=\"#b\(number)\">\(HtmlText.escaped(title))</a> "
      html += "<small>\(HtmlText.escaped(place))</small></span>\n"
    }
    let more = cause.count - named.count
    if more > 0 {
      html += "<details><summary>and \(more) more</summary>"
      html += cause.numbers.dropFirst(named.count).map { "<a href=\"#b\($0)\">#\($0)</a>" }.joined(separator: " ")
      if cause.count > cause.numbers.count { html += " …" }
      html += "</details>"
    }
    return html + "</div></td></tr>\n"
  }

  // MARK: - The matrix

  private func requirements() -> String {
    let rows = matrix.columns.count > 1 ? matrix.requirements + matrix.allRows.filter { $0.level == nil && $0.citation == nil }
      : matrix.requirements
    guard !rows.isEmpty else { return "" }
    var html = "<section id=\"matrix\">\n<h2>Conformance</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>Clause</th>"
    html += "<th>Level</th><th>Requirement</th>"
    for column in matrix.columns {
      let address = targets.first { $0.name == column }?.address
      html += "<th class=\"cell\"" + (address.map { " title=\(HtmlText.attribute($0))" } ?? "") + ">"
      html += HtmlText.escaped(column ?? "Verdict") + "</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    var at = 0
    while at < rows.count {
      let citation = rows[at].citation
      var end = at + 1
      while end < rows.count, rows[end].citation == citation { end += 1 }
      for index in at..<end {
        let row = rows[index]
        html += index == at ? "<tr class=\"first\">" : "<tr>"
        if index == at {
          html += "<th scope=\"rowgroup\" rowspan=\"\(end - at)\">\(HtmlText.escaped(citation ?? "–"))</th>"
        }
        html += "<td>" + (row.level.map { "<span class=\"level l-\(HtmlText.escaped($0))\">\(HtmlText.escaped($0))</span>" } ?? "") + "</td>"
        html += "<td title=\(HtmlText.attribute(row.file))>\(HtmlText.escaped(row.name))</td>"
        for cell in row.cells {
          guard let cell else {
            html += "<td class=\"cell quiet\">–</td>"
            continue
          }
          html += "<td class=\"cell\"><a class=\"badge v-\(cell.word)\" href=\"#b\(cell.record)\">\(cell.word)</a></td>"
        }
        html += "</tr>\n"
      }
      at = end
    }
    return html + "</tbody></table></div>\n</section>\n"
  }
}

extension String {
  fileprivate func replacingFirst(_ character: Character, with other: String) -> String {
    guard let at = firstIndex(of: character) else { return self }
    return self[..<at] + other + self[index(after: at)...]
  }
}
