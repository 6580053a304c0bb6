// One page that opens without a network: the sum, the conformance matrix, and each test with all that went over its
// channels.

import SockRuntime

package final class HtmlReporter: Reporter {
  private struct FileSection {
    /// Where its tests are in the spool.
    let number: Int
    var tests = 0
  }

  private let output: ReportFile
  private let spool = ReportSpool()
  private var sections: [String: FileSection] = [:]
  private var order: [String] = []
  private var matrix = ConformanceMatrix(targets: [])
  private var count = 0
  private var startedAt: Int64 = 0
  private var targets: [(name: String, address: String)] = []
  /// Bytes of transcripts on the page: a browser has to hold all of it.
  private var room = 48 << 20
  /// Bytes of the page that tests with their accounts take; beyond the limit, tests have a line each.
  private var size = 0
  private static let accountLimit = 32 << 20

  /// What is shown of a test that is all right, and of one that is not: bytes of one event and of all, and events.
  private static let passLimits = TranscriptText.Limits(perEvent: 1024, total: 16 * 1024, events: 200)
  private static let failLimits = TranscriptText.Limits(perEvent: 4096, total: 64 * 1024, events: 1000)

  package init(_ output: ReportFile) { self.output = output }

  package func began(_ options: TestOptions, files: [String]) {
    targets = options.targets
    matrix = ConformanceMatrix(targets: options.targets.map(\.name))
    startedAt = WallClock.now
  }

  package func ended(_ record: TestRecord) {
    matrix.add(record)
    if record.startedAt > 0 { startedAt = min(startedAt, record.startedAt) }
    if sections[record.file] == nil { order.append(record.file) }
    var section = sections[record.file] ?? FileSection(number: spool.begin())
    spool.append(test(record, number: count), to: section.number)
    section.tests += 1
    sections[record.file] = section
    count += 1
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    output.write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    output.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    output.write("<meta name=\"color-scheme\" content=\"light dark\">\n")
    // The bytes on this page come from elsewhere: it may neither load nor send anything.
    output.write("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ")
    output.write("script-src 'unsafe-inline'\">\n")
    output.write("<title>\(HtmlText.escaped(HtmlReporter.headline(summary))) · sock test</title>\n")
    output.write("<style>\n\(HtmlPage.style)</style>\n</head>\n<body>\n")
    output.write(header(summary))
    output.write("<main>\n" + requirements())
    output.write("<section id=\"tests\">\n<h2>Tests</h2>\n")
    for file in order {
      guard let section = sections[file] else { continue }
      output.write("<section class=\"file\">\n<h3>\(HtmlText.escaped(file)) <span class=\"quiet\">\(section.tests)</span></h3>\n")
      spool.copy(section.number, to: output)
      output.write("</section>\n")
    }
    output.write("<p id=\"nothing\" hidden>No test matches.</p>\n</section>\n</main>\n")
    output.write("<script>\n\(HtmlPage.script)</script>\n</body>\n</html>\n")
    return spool.problem ?? output.finish()
  }

  // MARK: - The head

  private static func headline(_ summary: Summary) -> String {
    if summary.total == 0, !summary.wasInterrupted { return summary.ofOtherShards > 0 ? "No test in this shard" : "No test was found" }
    if summary.wasInterrupted { return "Interrupted" }
    let bad = summary.failed + summary.errors
    if bad > 0 { return "\(bad) failed" }
    return summary.missing.isEmpty ? "Passed" : "Incomplete"
  }

  private func header(_ summary: Summary) -> String {
    let isGood = summary.exitStatus == 0
    var html = "<header>\n<div class=\"title\"><h1><span class=\"state \(isGood ? "good" : "bad")\">"
    html += "\(HtmlText.escaped(HtmlReporter.headline(summary)))</span></h1>\n"
    var facts = [
      "\(summary.total) test\(summary.total == 1 ? "" : "s")", "\(order.count) file\(order.count == 1 ? "" : "s")",
      PrettyReporter.time(summary.duration),
    ]
    if let note = summary.leftOutNote { facts.append(note) }
    if startedAt > 0 {
      let text = WallClock.text(startedAt)
      facts.append(
        "<time datetime=\"\(text)Z\">\(text.replacingFirst("T", with: " ")) UTC</time>")
    }
    html += "<p class=\"facts\">\(facts.joined(separator: " · "))</p></div>\n"
    html += "<div class=\"tools\">\n<div class=\"chips\" role=\"group\" aria-label=\"Show tests by verdict\">\n"
    if summary.total > 0 { html += HtmlReporter.bar(summary) }
    for verdict in TestVerdict.allCases {
      let all = summary.counts[verdict] ?? 0
      // What is known is counted apart: it is no news.
      let known = verdict == .fail || verdict == .error ? knownCounts[verdict] ?? 0 : 0
      if all - known > 0 { html += HtmlReporter.chip(verdict.rawValue, all - known) }
    }
    if summary.expected > 0 { html += HtmlReporter.chip("known", summary.expected) }
    html += "</div>\n<div class=\"find\"><input id=\"search\" type=\"search\" placeholder=\"Search tests  ( / )\" "
    html += "aria-label=\"Search tests\"><button id=\"expand\" type=\"button\">Open all</button>"
    html += "<button id=\"bytes\" type=\"button\" aria-pressed=\"false\">Hex</button></div>\n</div>\n"
    for record in summary.stopped {
      html += "<p class=\"missing\">\(HtmlText.escaped("\(record.file):\(record.line) \(record.title): \(record.message)"))</p>\n"
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
        html += "<td>" + (row.level.map { "<span class=\"level l-\($0)\">\($0)</span>" } ?? "") + "</td>"
        html += "<td title=\(HtmlText.attribute(row.file))>\(HtmlText.escaped(row.name))</td>"
        for cell in row.cells {
          guard let cell else {
            html += "<td class=\"cell quiet\">–</td>"
            continue
          }
          html += "<td class=\"cell\"><a class=\"badge v-\(cell.word)\" href=\"#t\(cell.record)\">\(cell.word)</a></td>"
        }
        html += "</tr>\n"
      }
      at = end
    }
    return html + "</tbody></table></div>\n</section>\n"
  }

  // MARK: - A test

  private func test(_ record: TestRecord, number: Int) -> String {
    if record.isExpected { knownCounts[record.verdict, default: 0] += 1 }
    let word = record.isExpected ? "known" : record.verdict.rawValue
    let words = [record.title, record.file, record.level ?? "", record.citation ?? "", record.message]
      + record.tags
    var html = "<details class=\"test\" id=\"t\(number)\" data-verdict=\"\(word)\" "
    html += "data-words=\(HtmlText.attribute(words.joined(separator: " ").lowercased()))>\n<summary>"
    html += "<span class=\"badge v-\(word)\">\(word)</span> <span class=\"name\">\(HtmlText.escaped(record.name))</span>"
    if let target = record.target { html += " <span class=\"tag\">@\(HtmlText.escaped(target))</span>" }
    if let segmentation = record.segmentation { html += " <span class=\"tag\">\(HtmlText.escaped(segmentation))</span>" }
    for tag in record.tags { html += " <span class=\"tag\">\(HtmlText.escaped(tag))</span>" }
    if let level = record.level {
      html += " <span class=\"cite\"><span class=\"level l-\(level)\">\(level)</span> "
      html += "\(HtmlText.escaped(record.citation ?? ""))</span>"
    }
    html += "<span class=\"time\">\(PrettyReporter.time(record.duration))</span>"
    let shownMessage = record.message.isEmpty ? record.improvement ?? "" : record.message
    if !shownMessage.isEmpty { html += "<span class=\"message\">\(HtmlText.escaped(shownMessage))</span>" }
    html += "</summary>\n<div class=\"body\">\n"
    html += "<p class=\"quiet\">\(HtmlText.escaped(record.file)):\(record.line)"
    if record.attempts > 1 { html += " · \(record.attempts) attempts" }
    if let seed = record.seed { html += " · --seed \(seed)" }
    if let todo = record.todo { html += " · todo: \(HtmlText.escaped(todo))" }
    html += "</p>\n"
    if let improvement = record.improvement { html += "<p class=\"note\">Better: \(HtmlText.escaped(improvement))</p>\n" }
    guard size < HtmlReporter.accountLimit else {
      html += "<p class=\"quiet\">The page is full: --report json=FILE has the account, --transcript DIR the channels.</p>\n"
      return html + "</div>\n</details>\n"
    }
    defer { size += html.utf8.count }
    if !record.report.isEmpty { html += "<pre class=\"account\">\(HtmlText.escaped(record.report))</pre>\n" }
    if !record.leaks.isEmpty {
      html += "<h4>Left behind</h4><pre>\(HtmlText.escaped(record.leaks.joined(separator: "\n")))</pre>\n"
    }
    if !record.log.isEmpty { html += "<h4>Printed</h4><pre>\(HtmlText.escaped(record.log))</pre>\n" }
    html += timeLine(record)
    html += "</div>\n</details>\n"
    return html
  }

  private func timeLine(_ record: TestRecord) -> String {
    guard !record.transcript.isEmpty else { return "" }
    let isQuiet = record.verdict == .pass || record.verdict == .skip
    let limits = isQuiet ? HtmlReporter.passLimits : HtmlReporter.failLimits
    let labels = Labels(record)
    var hues: [Int: Int] = [:]
    func hue(_ channel: Int) -> Int {
      if let known = hues[channel] { return known }
      hues[channel] = hues.count % 6
      return hues[channel] ?? 0
    }
    var html = "<h4>Channels</h4>\n<ul class=\"channels\">"
    let used = Set(record.transcript.map(\.channel))
    for channel in record.channels where used.contains(channel.number) {
      html += "<li><b class=\"c\(hue(channel.number))\">\(HtmlText.escaped(labels[channel.number]))</b> "
      html += HtmlText.escaped(channel.kind)
      if let local = channel.local, !local.isEmpty { html += " \(HtmlText.escaped(local))" }
      if let peer = channel.peer, !peer.isEmpty { html += " ⇄ \(HtmlText.escaped(peer))" }
      html += "</li>"
    }
    html += "</ul>\n<div class=\"wide\"><table class=\"line\">\n<tbody>\n"
    let shown = record.transcript.suffix(limits.events)
    let hidden = record.transcript.count - shown.count
    if hidden > 0 { html += "<tr><td colspan=\"5\" class=\"quiet\">… \(hidden) events before</td></tr>\n" }
    var left = limits.total
    for line in shown {
      html += "<tr class=\"\(line.isData ? line.event == ">" ? "out" : "in" : "event")\">"
      html += "<td class=\"at\">\(Decimals.milliseconds(line.at)) ms</td>"
      html += "<td class=\"who\"><b class=\"c\(hue(line.channel))\">\(HtmlText.escaped(labels[line.channel]))</b></td>"
      if line.isData {
        html += "<td class=\"way\">\(line.event == ">" ? "→" : "←")</td><td class=\"what\">"
        html += data(line, &left, perEvent: limits.perEvent)
      } else {
        html += "<td class=\"way\">·</td><td class=\"what\">\(HtmlText.escaped(line.event))"
      }
      html += "</td><td class=\"place\">\(HtmlText.escaped(line.file.map { "\($0):\(line.line)" } ?? ""))</td></tr>\n"
    }
    return html + "</tbody></table></div>\n"
  }

  private func data(_ line: TranscriptLine, _ left: inout Int, perEvent: Int) -> String {
    var part = line.bytes.prefix(min(perEvent, left))
    if part.count > room { part = part.prefix(0) }
    left -= part.count
    room -= part.count
    var html = ""
    if !part.isEmpty || line.count == 0 {
      let isText = TranscriptText.isText(part)
      html += isText ? "<code>" : "<code class=\"binary\">"
      // A line of the protocol to a line on the page.
      html += part.split(after: 0x0A).map { HtmlText.escaped(TranscriptText.quoted($0)) }.joined(separator: "\n")
      html += "</code>"
      if !part.isEmpty {
        html += "<pre class=\"hex\(isText ? "" : " shown")\">\(HtmlText.escaped(TranscriptText.hexDump(part, indentation: 0)))</pre>"
      }
    }
    if line.count > part.count {
      html += "<span class=\"quiet\"> … \(line.count) bytes"
      html += line.bytes.count > part.count ? "; --transcript DIR and --pcap DIR show more</span>" : "</span>"
    }
    if let peer = line.peer {
      html += "<span class=\"quiet\"> \(line.event == ">" ? "to" : "from") \(HtmlText.escaped(peer))</span>"
    }
    return html
  }
}

extension Collection<UInt8> {
  /// The parts that end with a byte, and the rest.
  fileprivate func split(after byte: UInt8) -> [SubSequence] {
    var parts: [SubSequence] = []
    var rest = self[...]
    while let end = rest.firstIndex(of: byte) {
      parts.append(rest[...end])
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty || parts.isEmpty { parts.append(rest) }
    return parts
  }
}

extension String {
  fileprivate func replacingFirst(_ character: Character, with other: String) -> String {
    guard let at = firstIndex(of: character) else { return self }
    return self[..<at] + other + self[index(after: at)...]
  }
}

enum HtmlText {
  static func attribute(_ text: String) -> String { "\"\(escaped(text))\"" }

  /// Characters that a page cannot hold, or that change the direction of text, are shown as escapes.
  static func escaped(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;".utf8
      case "<": result += "&lt;".utf8
      case ">": result += "&gt;".utf8
      case "\"": result += "&quot;".utf8
      case "\t", "\n": result += String(scalar).utf8
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{200E}"..."\u{200F}", "\u{202A}"..."\u{202E}",
        "\u{2066}"..."\u{2069}", "\u{FFFE}", "\u{FFFF}":
        result += "\\u{\(String(scalar.value, radix: 16))}".utf8
      default: result += String(scalar).utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
