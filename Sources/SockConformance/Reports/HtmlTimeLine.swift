// What went over a test's channels, as a time line with a lane for each channel, and in it where the test failed.

import SockRuntime

struct HtmlTimeLines {
  /// Bytes of transcripts on the page: a browser has to hold all of it.
  private var room = 48 << 20

  /// What is shown of a test that is all right, and of one that is not: bytes of one event and of all, and events.
  private static let passLimits = TranscriptText.Limits(perEvent: 1024, total: 16 * 1024, events: 200)
  private static let failLimits = TranscriptText.Limits(perEvent: 4096, total: 64 * 1024, events: 1000)
  /// So many channels have a column each where the page is wide.
  private static let mostColumns = 4

  /// What is wrong with an event: that, or also which of its bytes.
  private struct Fault {
    let event: Int
    let byte: Int?
  }

  /// - Returns: the line, empty for a test without events, and when its events were as accounts write it (`0.012`).
  mutating func line(_ record: TestRecord) -> (html: String, times: Set<String>) {
    guard !record.transcript.isEmpty else { return ("", []) }
    let isQuiet = record.verdict == .pass || record.verdict == .skip
    let limits = isQuiet ? HtmlTimeLines.passLimits : HtmlTimeLines.failLimits
    let labels = Labels(record)
    var lanes: [Int: Int] = [:]
    var order: [Int] = []
    func lane(_ channel: Int) -> Int {
      if let known = lanes[channel] { return known }
      lanes[channel] = order.count
      order.append(channel)
      return order.count - 1
    }
    for line in record.transcript { _ = lane(line.channel) }
    var html = "<h4>Channels</h4>\n<ul class=\"channels\">"
    for channel in record.channels {
      guard let lane = lanes[channel.number] else { continue }
      html += "<li><b class=\"c\(lane % 6)\">\(HtmlText.escaped(labels[channel.number]))</b> "
      html += HtmlText.escaped(channel.kind)
      // A Unix socket without a name is a bare `unix:`.
      if let local = channel.local, !local.isEmpty, local != "unix:" { html += " \(HtmlText.escaped(local))" }
      if let peer = channel.peer, !peer.isEmpty, peer != "unix:" { html += " ⇄ \(HtmlText.escaped(peer))" }
      html += "</li>"
    }
    let hasColumns = order.count > 1 && order.count <= HtmlTimeLines.mostColumns
    html += "</ul>\n<ol class=\"line\(hasColumns ? " n\(order.count)" : order.count > 1 ? " many" : "")\">\n"
    if hasColumns {
      html += "<li class=\"lanes\">"
      for (index, channel) in order.enumerated() {
        html += "<b class=\"l\(index) c\(index)\">\(HtmlText.escaped(labels[channel]))</b>"
      }
      html += "</li>\n"
    }
    let fault = HtmlTimeLines.fault(of: record)
    let first = max(0, record.transcript.count - limits.events)
    if first > 0 { html += "<li class=\"quiet\">… \(first) events before</li>\n" }
    var left = limits.total
    var times: Set<String> = []
    var hasFailed = record.point == nil
    for (index, line) in record.transcript.enumerated().dropFirst(first) {
      if let point = record.point, !hasFailed, line.at > point.at {
        html += failure(record, point, labels, lanes)
        hasFailed = true
      }
      times.insert(HtmlTimeLines.brief(line.at))
      let isBad = fault?.event == index
      let number = lane(line.channel)
      let kind = line.isData ? line.event == ">" ? "out" : "in" : "event"
      html += "<li class=\"\(kind) l\(number)\(isBad ? " bad" : "")\">"
      html += HtmlTimeLines.at(line.at)
      html += "<b class=\"who c\(number % 6)\">\(HtmlText.escaped(labels[line.channel]))</b>"
      html += "<div class=\"what\">"
      if line.isData {
        html += "<span class=\"way\">\(line.event == ">" ? "→" : "←")</span>"
        html += data(line, &left, limits, fault: isBad ? fault?.byte : nil)
      } else {
        html += HtmlText.escaped(line.event)
      }
      html += "</div>"
      if let file = line.file { html += "<span class=\"place\">\(HtmlText.escaped("\(file):\(line.line)"))</span>" }
      html += "</li>\n"
    }
    if let point = record.point, !hasFailed { html += failure(record, point, labels, lanes) }
    return (html + "</ol>\n", times)
  }

  // MARK: - Times

  /// In seconds, to the microsecond.
  private static func at(_ nanoseconds: Int64) -> String {
    let text = Decimals.seconds(nanoseconds)
    return "<span class=\"at\">\(text.dropLast(3))<i>\(text.suffix(3))</i> s</span>"
  }

  private static func brief(_ nanoseconds: Int64) -> String { String(Decimals.seconds(nanoseconds).dropLast(3)) }

  // MARK: - The failure

  /// What has happened: it has its place among the events.
  private func failure(
    _ record: TestRecord, _ point: FailurePoint, _ labels: Labels, _ lanes: [Int: Int]
  ) -> String {
    let lane = point.channel.flatMap { lanes[$0] }
    var html = "<li class=\"fault\(lane.map { " l\($0)" } ?? "")\">" + HtmlTimeLines.at(point.at)
    if let channel = point.channel, let lane {
      html += "<b class=\"who c\(lane % 6)\">\(HtmlText.escaped(labels[channel]))</b>"
    }
    html += "<div class=\"what\"><span class=\"way\">✗</span>\(HtmlText.escaped(record.message))</div>"
    if let place = record.place {
      html += "<span class=\"place\">\(HtmlText.escaped("\(place.file):\(place.line)"))</span>"
    }
    return html + "</li>\n"
  }

  /// Which event the failed step did not expect.
  private static func fault(of record: TestRecord) -> Fault? {
    // A message that a `recv` could not decode is no mismatch, and has its byte all the same.
    guard let point = record.point, let channel = point.channel,
      record.code == "mismatch" || point.bytesBack != nil
    else { return nil }
    var left = point.bytesBack ?? 0
    var last: Int?
    for (index, line) in record.transcript.enumerated().reversed()
    where line.channel == channel && line.event == "<" && line.at <= point.at {
      // Without a byte to blame, what came last is what was not expected; so it is when a byte is missing.
      if left == 0 { return Fault(event: index, byte: nil) }
      last = index
      if left <= line.count { return Fault(event: index, byte: line.count - left) }
      left -= line.count
    }
    return last.map { Fault(event: $0, byte: nil) }
  }

  // MARK: - Bytes

  /// Rows of hex that stand open, and bytes of a binary event that are also shown as text.
  private static let (rows, textOfBinary) = (4, 32)

  private mutating func data(
    _ line: TranscriptLine, _ left: inout Int, _ limits: TranscriptText.Limits, fault: Int?
  ) -> String {
    var start = 0
    // A fault further behind than is shown: what is around it is more worth than the beginning.
    if let fault, fault >= limits.perEvent, fault < line.bytes.count { start = (fault & ~15) - limits.perEvent / 2 }
    var part = line.bytes.dropFirst(start).prefix(min(limits.perEvent, left))
    if part.count > room { part = part.prefix(0) }
    left -= part.count
    room -= part.count
    let place = fault.map { $0 - start }.flatMap { $0 >= 0 && $0 < part.count ? $0 : nil }
    var html = ""
    if let fields = line.fields, fields.utf8.count <= room {
      room -= fields.utf8.count
      html += "<samp>\(HtmlText.escaped(fields))</samp><details class=\"rest\"\(fault == nil ? "" : " open")>"
      html += "<summary>\(line.count) byte\(line.count == 1 ? "" : "s")</summary>"
    }
    let isFolded = !html.isEmpty
    if start > 0 { html += "<span class=\"quiet\">\(start) bytes before … </span>" }
    if !part.isEmpty || line.count == 0 {
      if TranscriptText.isText(part) {
        html += HtmlTimeLines.text(part, place)
      } else {
        let shown = part.prefix(HtmlTimeLines.textOfBinary)
        html += "<code class=\"binary\">\(HtmlText.escaped(TranscriptText.quoted(shown)))</code>"
        if shown.count < part.count { html += "<span class=\"quiet\"> … \(line.count) bytes</span>" }
        html += HtmlTimeLines.hex(Array(part), from: start, fault: place)
      }
    }
    if line.count > start + part.count {
      html += "<span class=\"quiet\"> … \(line.count) bytes"
      html += line.bytes.count > start + part.count ? "; --transcript DIR and --pcap DIR show more</span>" : "</span>"
    }
    if isFolded { html += "</details>" }
    if let peer = line.peer {
      html += "<span class=\"quiet\"> \(line.event == ">" ? "to" : "from") \(HtmlText.escaped(peer))</span>"
    }
    return html
  }

  /// Lines of text that stand open, where there are many.
  private static let lines = 16

  /// A line of the protocol to a line on the page, and the byte that is to blame marked. Of many lines those around it,
  /// or the first ones, and the rest folded.
  private static func text(_ bytes: ArraySlice<UInt8>, _ fault: Int?) -> String {
    let fault = fault.map { bytes.startIndex + $0 }
    var faultLine = 0
    let texts = bytes.split(after: 0x0A).enumerated().map { number, line in
      guard let fault, line.indices.contains(fault) else { return HtmlText.escaped(TranscriptText.quoted(line)) }
      faultLine = number
      func inside(_ part: ArraySlice<UInt8>) -> String {
        HtmlText.escaped(String(TranscriptText.quoted(part).dropFirst().dropLast()))
      }
      return "&quot;" + inside(line[..<fault]) + "<mark>" + inside(line[fault...fault]) + "</mark>"
        + inside(line[(fault + 1)...]) + "&quot;"
    }
    guard texts.count > lines + 4 else { return code(texts[...]) }
    let first = max(0, min(faultLine - lines / 2, texts.count - lines))
    func folded(_ texts: ArraySlice<String>) -> String {
      let noun = texts.count == 1 ? "line" : "lines"
      return texts.isEmpty ? ""
        : "<details class=\"rest\"><summary>\(texts.count) \(noun) more</summary>\(code(texts))</details>"
    }
    return folded(texts[..<first]) + code(texts[first..<first + lines]) + folded(texts[(first + lines)...])
  }

  private static func code(_ lines: ArraySlice<String>) -> String { "<code>\(lines.joined(separator: "\n"))</code>" }

  /// Four rows around what is to blame, or the first ones, and the rest folded.
  private static func hex(_ bytes: [UInt8], from start: Int, fault: Int?) -> String {
    let dump = TranscriptText.hexDump(bytes, indentation: 0).split(separator: "\n").enumerated().map { row, text in
      start == 0 && bytes.count <= 0x10000 ? String(text) : padded(start + row * 16) + text.dropFirst(4)
    }
    let first = fault.map { max(0, min($0 / 16 - 1, dump.count - rows)) } ?? 0
    let last = min(dump.count, first + rows)
    let shown = (first..<last).map { row in
      guard let fault, fault / 16 == row else { return HtmlText.escaped(dump[row]) }
      let column = fault % 16
      // Behind the offset; the second eight have a blank more before them.
      let at = dump[row].utf8.count - dump[row].drop { $0 != " " }.utf8.count + 2 + column * 3 + (column >= 8 ? 1 : 0)
      let text = dump[row]
      let from = text.index(text.startIndex, offsetBy: at)
      let to = text.index(from, offsetBy: 2)
      return HtmlText.escaped(String(text[..<from])) + "<mark>\(text[from..<to])</mark>"
        + HtmlText.escaped(String(text[to...]))
    }
    let open = "<pre class=\"hex shown\">\(shown.joined(separator: "\n"))</pre>"
    return folded(dump[..<first]) + open + folded(dump[last...])
  }

  private static func folded(_ rows: ArraySlice<String>) -> String {
    guard !rows.isEmpty else { return "" }
    return "<details class=\"rest\"><summary>\(rows.count) row\(rows.count == 1 ? "" : "s") more</summary>"
      + "<pre class=\"hex shown\">\(HtmlText.escaped(rows.joined(separator: "\n")))</pre></details>"
  }

  private static func padded(_ offset: Int) -> String {
    let digits = String(offset, radix: 16)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
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
