// JSON, a line for each event of the run, as it happens. The schema is in grammar/report-json.md.

import SockRuntime
import SocketCore

package final class JsonReporter: Reporter {
  /// Of the schema: raised when a reader of the one before would misunderstand.
  static let version = 1

  private let output: ReportFile

  package init(_ output: ReportFile) { self.output = output }

  package func began(_ options: TestOptions, files: [String]) {
    var fields = ["\"event\":\"run\"", "\"version\":\(JsonReporter.version)", "\"started_us\":\(WallClock.now)"]
    fields.append("\"files\":\(JsonText.list(files))")
    let targets = options.targets.map {
      "{\"name\":\(JsonText.quoted($0.name)),\"address\":\(JsonText.quoted($0.address))}"
    }
    fields.append("\"targets\":[\(targets.joined(separator: ","))]")
    if let shard = options.shard { fields.append("\"shard\":{\"index\":\(shard.index),\"count\":\(shard.count)}") }
    if let seed = options.seed {
      fields += ["\"seed\":\"\(seed)\"", "\"shuffled\":\(options.isShuffled)"]
    }
    if let facts = options.facts {
      let settings = facts.settings.map {
        "{\"name\":\(JsonText.quoted($0.name)),\"value\":\(JsonText.optional($0.value))}"
      }
      fields += [
        "\"sock\":\(JsonText.quoted(facts.version))", "\"command\":\(JsonText.list(facts.command))",
        "\"host\":\(JsonText.quoted(facts.host))", "\"commit\":\(JsonText.optional(facts.commit))",
        "\"settings\":[\(settings.joined(separator: ","))]",
      ]
    }
    write(fields)
  }

  package func ended(_ record: TestRecord) {
    output.write(JsonReporter.line(record) + "\n")
    // A line at a time: what has run is not lost if this process ends badly.
    output.flush()
  }

  package var isUnread: Bool { output.isUnread }

  package func finished(_ summary: Summary) -> String? {
    let counts = TestVerdict.allCases.map { "\"\($0.rawValue)\":\(summary.counts[$0] ?? 0)" }
    write([
      "\"event\":\"end\"", "\"counts\":{\(counts.joined(separator: ","))}", "\"failed\":\(summary.failed)",
      "\"errors\":\(summary.errors)", "\"known\":\(summary.expected)",
      "\"improvements\":\(JsonText.list(summary.improvements))", "\"missing\":\(JsonText.list(summary.missing))",
      "\"left_out\":\(summary.leftOut)", "\"of_other_shards\":\(summary.ofOtherShards)",
      "\"warnings\":\(JsonText.list(summary.warnings))",
      "\"interrupted\":\(summary.wasInterrupted)",
      "\"signal\":\(JsonText.optional(summary.signal.map { SignalName.name(of: $0) }))",
      "\"stopped\":[\(summary.stopped.map { "{\(JsonReporter.fields($0).joined(separator: ","))}" }.joined(separator: ","))]",
      "\"duration_ns\":\(summary.duration)",
    ] + comparison(summary))
    return output.finish()
  }

  private func comparison(_ summary: Summary) -> [String] {
    guard let compared = summary.comparedAnswers else { return [] }
    let differences = summary.differences.map(\.json).joined(separator: ",")
    return [
      "\"compared\":\(compared)", "\"differences\":[\(differences)]",
      "\"silent\":\(JsonText.list(summary.silentTargets))",
    ]
  }

  /// The event of a test that has ended, without a line end.
  static func line(_ record: TestRecord) -> String {
    "{\((["\"event\":\"test\""] + fields(record)).joined(separator: ","))}"
  }

  private func write(_ fields: [String]) { output.write("{\(fields.joined(separator: ","))}\n") }

  /// Everything there is to know of a test: every other report can be made from it.
  private static func fields(_ record: TestRecord) -> [String] {
    var fields = [
      "\"file\":\(JsonText.quoted(record.file))", "\"name\":\(JsonText.quoted(record.name))", "\"line\":\(record.line)",
      "\"verdict\":\"\(record.verdict.rawValue)\"", "\"known\":\(record.isExpected)",
      "\"level\":\(JsonText.optional(record.level))", "\"citation\":\(JsonText.optional(record.citation))",
      "\"tags\":\(JsonText.list(record.tags))", "\"todo\":\(JsonText.optional(record.todo))",
      "\"target\":\(JsonText.optional(record.target))", "\"segmentation\":\(JsonText.optional(record.segmentation))",
      "\"message\":\(JsonText.quoted(record.message))", "\"code\":\(JsonText.optional(record.code))",
    ]
    if let place = record.place {
      fields.append(
        "\"place\":{\"file\":\(JsonText.quoted(place.file)),\"line\":\(place.line),\"column\":\(place.column)}")
    }
    fields += [
      "\"report\":\(JsonText.quoted(record.report))", "\"checks\":\(JsonText.list(record.checks))",
      "\"log\":\(JsonText.quoted(record.log))", "\"started_us\":\(record.startedAt)",
      "\"duration_ns\":\(record.duration)", "\"attempts\":\(record.attempts)",
      "\"seed\":\(JsonText.optional(record.seed.map(String.init)))",
      "\"leaks\":\(JsonText.list(record.leaks))", "\"improvement\":\(JsonText.optional(record.improvement))",
      "\"channels\":[\(record.channels.map(channel).joined(separator: ","))]",
      "\"transcript\":[\(record.transcript.map(line).joined(separator: ","))]",
    ]
    if let point = record.point {
      fields.append(
        "\"point\":{\"at_ns\":\(point.at)"
          + (point.channel.map { ",\"channel\":\($0)" } ?? "")
          + (point.bytesBack.map { ",\"bytes_back\":\($0)" } ?? "") + "}")
    }
    if !record.excerpts.isEmpty {
      fields.append("\"source\":[\(record.excerpts.map(excerpt).joined(separator: ","))]")
    }
    if !record.tries.isEmpty { fields.append("\"tries\":[\(record.tries.map(attempt).joined(separator: ","))]") }
    if !record.records.isEmpty {
      fields.append("\"tls_records\":[\(record.records.map(line).joined(separator: ","))]")
      fields.append("\"tls_keys\":\(JsonText.list(record.keys))")
    }
    return fields
  }

  private static func excerpt(_ excerpt: SourceExcerpt) -> String {
    "{\"file\":\(JsonText.quoted(excerpt.file)),\"line\":\(excerpt.line),\"first\":\(excerpt.first)"
      + ",\"lines\":\(JsonText.list(excerpt.lines)),\"call\":\(excerpt.isCall)}"
  }

  private static func attempt(_ attempt: TestTry) -> String {
    "{\"verdict\":\"\(attempt.verdict.rawValue)\",\"message\":\(JsonText.quoted(attempt.message))"
      + ",\"duration_ns\":\(attempt.duration),\"report\":\(JsonText.quoted(attempt.report))}"
  }

  private static func channel(_ channel: ChannelInfo) -> String {
    "{\"number\":\(channel.number),\"label\":\(JsonText.quoted(channel.label)),\"kind\":\(JsonText.quoted(channel.kind))"
      + ",\"local\":\(JsonText.optional(channel.local)),\"peer\":\(JsonText.optional(channel.peer))}"
  }

  private static func line(_ line: TranscriptLine) -> String {
    var text = "{\"at_ns\":\(line.at),\"channel\":\(line.channel),\"event\":\(JsonText.quoted(line.event))"
    if line.isData {
      text += ",\"count\":\(line.count),\"text\":\(JsonText.quoted(TranscriptText.quoted(line.bytes)))"
      text += ",\"base64\":\(JsonText.base64(line.bytes))"
      if let fields = line.fields { text += ",\"fields\":\(JsonText.quoted(fields))" }
    }
    if let peer = line.peer { text += ",\"peer\":\(JsonText.quoted(peer))" }
    if let file = line.file { text += ",\"file\":\(JsonText.quoted(file)),\"line\":\(line.line)" }
    return text + "}"
  }
}
