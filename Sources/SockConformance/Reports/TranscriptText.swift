// What went over a test's channels, as text: one time line of all channels, bytes escaped, hex where text misleads.

import SockLanguage
import SockRuntime

enum TranscriptText {
  struct Limits {
    /// Bytes of one event that are shown, and of all.
    let perEvent: Int
    let total: Int
    /// Events that are shown: the last ones.
    let events: Int
    /// Of messages whose fields are known the bytes are shown, too.
    var showsBytesOfFields = true

    /// Everything that was kept.
    static let none = Limits(perEvent: .max, total: .max, events: .max)
    /// For a report that is read in a list of others.
    static let short = Limits(perEvent: 200, total: 8 * 1024, events: 100, showsBytesOfFields: false)
  }

  /// A line for each event: time in seconds, channel, what happened, and the step that caused it.
  static func lines(_ record: TestRecord, limits: Limits) -> String {
    let labels = Labels(record)
    let shown = record.transcript.suffix(limits.events)
    var text = ""
    if shown.count < record.transcript.count {
      text += "  … \(record.transcript.count - shown.count) events before\n"
    }
    var left = limits.total
    for line in shown {
      let head = "  \(Decimals.seconds(line.at))  \(labels.padded(line.channel))  "
      let place = line.file.map { "  \(Printable.text($0)):\(line.line)" } ?? ""
      guard line.isData else {
        text += head + Printable.text(line.event) + (line.peer.map { " \($0)" } ?? "") + place + "\n"
        continue
      }
      guard left > 0 else {
        text += head + "\(line.event) \(line.count) bytes, not shown\(place)\n"
        continue
      }
      let part = line.bytes.prefix(min(limits.perEvent, left))
      let with = line.peer.map { line.event == ">" ? " to \($0)" : " from \($0)" } ?? ""
      if let fields = line.fields {
        let shown = fields.prefix(min(limits.perEvent, left))
        left -= shown.utf8.count
        text += head + "\(line.event) \(shown)\(shown.utf8.count < fields.utf8.count ? "…" : "")\(with)\(place)\n"
        guard limits.showsBytesOfFields else { continue }
        left -= part.count
        text += isText(part) ? "    \(quoted(part))\n" : hexDump(part, indentation: 4)
        continue
      }
      left -= part.count
      let more = line.count > part.count ? "… (\(line.count) bytes)" : ""
      text += head + "\(line.event) \(quoted(part))\(more)\(with)\(place)\n"
      if !isText(part) { text += hexDump(part, indentation: 4) }
    }
    return text
  }

  /// As the language writes a string.
  static func quoted(_ bytes: some Collection<UInt8>) -> String { Show.inspect(Value(Array(bytes))).text }

  /// Whether bytes are ASCII text, with line ends and tabs.
  static func isText(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// Sixteen bytes a line: offset, hex, and the printable ones as they are.
  static func hexDump(_ bytes: some Collection<UInt8>, indentation: Int) -> String {
    let bytes = Array(bytes)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 5 + 80)
    var at = 0
    while at < bytes.count {
      result += repeatElement(0x20, count: indentation)
      for shift in [12, 8, 4, 0] { result.append(digits[at >> shift & 15]) }
      result += [0x20, 0x20]
      for column in 0..<16 {
        if at + column < bytes.count {
          let byte = bytes[at + column]
          result += [digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x20]
        } else {
          result += [0x20, 0x20, 0x20]
        }
        if column == 7 { result.append(0x20) }
      }
      result.append(0x20)
      for byte in bytes[at..<min(at + 16, bytes.count)] { result.append(byte >= 0x20 && byte < 0x7F ? byte : 0x2E) }
      result.append(0x0A)
      at += 16
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// What the channels of a test are called. Where two have one name, each gets its number.
struct Labels {
  private var labels: [Int: String] = [:]
  private var width = 0

  init(_ record: TestRecord) {
    var uses: [String: Int] = [:]
    for channel in record.channels { uses[channel.label, default: 0] += 1 }
    for channel in record.channels {
      let label = Printable.text(channel.label)
      labels[channel.number] = uses[channel.label] == 1 ? label : "\(label)#\(channel.number)"
    }
    for line in record.transcript where labels[line.channel] == nil { labels[line.channel] = "conn#\(line.channel)" }
    width = min(24, labels.values.map(\.count).max() ?? 0)
  }

  subscript(_ channel: Int) -> String { labels[channel] ?? "conn#\(channel)" }

  func padded(_ channel: Int) -> String {
    let label = self[channel]
    return label + String(repeating: " ", count: max(0, width - label.count))
  }
}
