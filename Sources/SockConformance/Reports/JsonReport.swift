// Reads JSON reports and joins those of a suite's shards, so that every other report can be made of them.

import Glibc
import SockRuntime
import SocketCore

package enum JsonReport {
  /// What one report held.
  struct Run {
    var path: String
    /// Microseconds since 1970.
    var startedAt: Int64 = 0
    var files: [String] = []
    var targets: [(name: String, address: String)] = []
    var shard: (index: Int, count: Int)?
    var facts: RunFacts?
    var seed: UInt64?
    var records: [TestRecord] = []
    var improvements: [String] = []
    var missing: [String] = []
    var differences: [AnswerDifference] = []
    var comparedAnswers: Int?
    var silentTargets: [String] = []
    var signal: Int32?
    var stopped: [TestRecord] = []
    var warnings: [String] = []
    var leftOut = 0
    var duration: Int64 = 0
    var hasEnded = false

    /// The option by which not all tests of the files were to run; nil: all were, or that is not known.
    var narrowing: String? {
      let words = ["--filter", "--tag", "--must-only", "--fail-fast", "--rerun-failed"]
      return facts?.command.lazy.map { String($0.prefix { $0 != "=" }) }.first(where: words.contains)
    }
  }

  /// Joins the reports in these files and tells the reporters. The summary counts as one run's would, and says what is
  /// missing: a shard, or the end of a run that was killed.
  package static func merge(
    _ paths: [String], _ asked: TestOptions, reporters: [any Reporter]
  ) throws(DiscoveryError) -> Summary {
    var runs: [Run] = []
    for path in paths { runs.append(try read(path)) }
    var summary = Summary()
    summary.missing = try missingParts(runs)
    var options = asked
    var files: [String] = []
    for run in runs {
      for file in run.files where !files.contains(file) { files.append(file) }
      for target in run.targets where !options.targets.contains(where: { $0.name == target.name }) {
        options.targets.append(target)
      }
    }
    // Shards differ in little more than their number: the first one's facts stand for all.
    options.facts = runs.lazy.compactMap(\.facts).first
    options.seed = runs.lazy.compactMap(\.seed).first
    for reporter in reporters { reporter.began(options, files: files) }
    for run in runs {
      for record in run.records {
        summary.add(record)
        for reporter in reporters { reporter.ended(record) }
      }
      summary.signal = summary.signal ?? run.signal
      summary.stopped += run.stopped
      summary.differences += run.differences
      if let compared = run.comparedAnswers { summary.comparedAnswers = (summary.comparedAnswers ?? 0) + compared }
      for warning in run.warnings where !summary.warnings.contains(warning) { summary.warnings.append(warning) }
      // Each shard leaves out the same files.
      summary.leftOut = max(summary.leftOut, run.leftOut)
      // Shards run at the same time.
      summary.duration = max(summary.duration, run.duration)
    }
    // Who says nothing in one shard may do so in another one.
    let compared = runs.filter { $0.comparedAnswers != nil && !$0.records.isEmpty }
    for target in compared.first?.silentTargets ?? []
    where compared.allSatisfy({ $0.silentTargets.contains(target) }) { summary.silentTargets.append(target) }
    for run in runs {
      for improvement in run.improvements where !summary.improvements.contains(improvement) {
        summary.improvements.append(improvement)
      }
    }
    return summary
  }

  private static func missingParts(_ runs: [Run]) throws(DiscoveryError) -> [String] {
    var missing = runs.flatMap(\.missing)
    for run in runs where !run.hasEnded { missing.append("\(run.path): the run did not end; the tests before are here") }
    let shards = runs.compactMap(\.shard)
    for (number, run) in runs.enumerated() {
      guard let shard = run.shard,
        let other = runs[..<number].first(where: { $0.shard.map { $0 == shard } ?? false })
      else { continue }
      throw DiscoveryError(message: "\(other.path) and \(run.path) are both of shard \(shard.index)/\(shard.count)")
    }
    if let count = shards.first?.count, shards.allSatisfy({ $0.count == count }) {
      for index in 1...max(1, count) where !shards.contains(where: { $0.index == index }) {
        missing.append("the report of shard \(index)/\(count) is missing")
      }
    }
    return missing
  }

  /// - Parameter isBrief: without what went over the channels, and without accounts: of many reports.
  static func read(_ path: String, isBrief: Bool = false) throws(DiscoveryError) -> Run {
    var run = Run(path: path)
    var hasBegun = false
    var lines = try LineReader(path)
    while let line = try lines.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
      do throws(JsonError) {
        let fields: JsonFields
        do throws(JsonError) {
          fields = try JsonFields(line)
        } catch {
          // A run that was killed has not written the end of its last line.
          if hasBegun, lines.isAtEnd { break }
          throw error
        }
        let event = try fields.string("event")
        guard hasBegun || event == "run" else { throw JsonError(message: "a report begins with the event `run`") }
        switch event {
        case "run":
          guard !hasBegun else { throw JsonError(message: "a second run begins") }
          hasBegun = true
          try begin(&run, fields)
        case "test": run.records.append(isBrief ? try outcome(fields) : try record(fields))
        case "end":
          run.hasEnded = true
          run.improvements = try fields.strings("improvements")
          run.missing = try fields.strings("missing")
          if try fields.boolean("interrupted") {
            let name = try fields.optional("signal") ?? "INT"
            run.signal = SignalName.number(named: name) ?? SignalName.number(named: "INT")
          }
          if fields.has("stopped") {
            for test in try fields.objects("stopped") { run.stopped.append(try record(test)) }
          }
          if fields.has("differences") {
            for difference in try fields.objects("differences") { run.differences.append(try AnswerDifference(difference)) }
          }
          if fields.has("silent") { run.silentTargets = try fields.strings("silent") }
          if fields.has("compared") { run.comparedAnswers = try fields.integer("compared") }
          if fields.has("warnings") { run.warnings = try fields.strings("warnings") }
          if fields.has("left_out") { run.leftOut = try fields.integer("left_out") }
          run.duration = try fields.duration("duration_ns")
        default: throw JsonError(message: "there is no event `\(event)`")
        }
      } catch {
        throw DiscoveryError(message: "\(path):\(lines.number): \(error.message); is it a report of --report json?")
      }
    }
    guard hasBegun else { throw DiscoveryError(message: "\(path) is empty; it was to be a report of --report json") }
    return run
  }

  // MARK: - Events

  private static func begin(_ run: inout Run, _ fields: JsonFields) throws(JsonError) {
    let version = try fields.integer("version")
    guard version == JsonReporter.version else {
      throw JsonError(message: "it is of version \(version) of the schema, and this sock reads \(JsonReporter.version)")
    }
    run.startedAt = Int64(try fields.integer("started_us"))
    run.files = try fields.strings("files")
    for target in try fields.objects("targets") {
      run.targets.append((try target.string("name"), try target.string("address")))
    }
    if fields.has("seed") { run.seed = try fields.optional("seed").flatMap { UInt64($0) } }
    if fields.has("sock") {
      var facts = RunFacts(
        version: try fields.string("sock"), command: try fields.strings("command"), host: try fields.string("host"),
        commit: try fields.optional("commit"))
      for setting in try fields.objects("settings") {
        facts.settings.append((try setting.string("name"), try setting.optional("value")))
      }
      run.facts = facts
    }
    if let shard = fields.object("shard") { run.shard = (try shard.integer("index"), try shard.integer("count")) }
    if let shard = run.shard {
      guard shard.index >= 1, shard.index <= shard.count, shard.count <= 1_000_000 else {
        throw JsonError(message: "there is no shard \(shard.index)/\(shard.count)")
      }
    }
  }

  /// The test of one line.
  static func record(line: ArraySlice<UInt8>) throws(DiscoveryError) -> TestRecord {
    do throws(JsonError) {
      return try record(try JsonFields(line))
    } catch {
      throw DiscoveryError(message: "what a worker has told of a test cannot be read: \(error.message)")
    }
  }

  /// The line and the name of a test that begins; the line where one is that goes on, with its file's name.
  static func start(line: ArraySlice<UInt8>) throws(DiscoveryError) -> (line: Int, name: String) {
    do throws(JsonError) {
      let fields = try JsonFields(line)
      return (try fields.integer("line"), try fields.string("name"))
    } catch {
      throw DiscoveryError(message: "what a worker has told of a test cannot be read: \(error.message)")
    }
  }

  private static func verdict(_ fields: JsonFields) throws(JsonError) -> TestVerdict {
    let word = try fields.string("verdict")
    guard let verdict = TestVerdict(rawValue: word) else { throw JsonError(message: "there is no verdict `\(word)`") }
    return verdict
  }

  /// How a test came out, and nothing of what it did.
  private static func outcome(_ fields: JsonFields) throws(JsonError) -> TestRecord {
    var record = TestRecord(
      file: try fields.string("file"), name: try fields.string("name"), line: try fields.integer("line"))
    record.verdict = try verdict(fields)
    record.isExpected = try fields.boolean("known")
    record.level = try fields.optional("level")
    record.citation = try fields.optional("citation")
    record.tags = try fields.strings("tags")
    record.todo = try fields.optional("todo")
    record.target = try fields.optional("target")
    record.segmentation = try fields.optional("segmentation")
    record.message = try fields.string("message")
    record.duration = try fields.duration("duration_ns")
    record.attempts = try fields.integer("attempts")
    return record
  }

  private static func record(_ fields: JsonFields) throws(JsonError) -> TestRecord {
    var record = try outcome(fields)
    record.code = try fields.optional("code")
    if let place = fields.object("place") {
      record.place = (try place.string("file"), try place.integer("line"), try place.integer("column"))
    }
    record.report = try fields.string("report")
    record.checks = try fields.strings("checks")
    record.log = try fields.string("log")
    record.startedAt = Int64(try fields.integer("started_us"))
    if fields.has("seed") { record.seed = try fields.optional("seed").flatMap { UInt64($0) } }
    record.leaks = try fields.strings("leaks")
    record.improvement = try fields.optional("improvement")
    for channel in try fields.objects("channels") {
      record.channels.append(
        ChannelInfo(
          number: try channel.integer("number"), label: try channel.string("label"), kind: try channel.string("kind"),
          local: try channel.optional("local"), peer: try channel.optional("peer")))
    }
    for line in try fields.objects("transcript") {
      record.transcript.append(try transcriptLine(line))
    }
    if let point = fields.object("point") {
      record.point = FailurePoint(
        at: Int64(try point.integer("at_ns")), channel: point.has("channel") ? try point.integer("channel") : nil,
        bytesBack: point.has("bytes_back") ? try point.integer("bytes_back") : nil)
    }
    if fields.has("source") {
      for excerpt in try fields.objects("source") {
        record.excerpts.append(
          SourceExcerpt(
            file: try excerpt.string("file"), line: try excerpt.integer("line"), first: try excerpt.integer("first"),
            lines: try excerpt.strings("lines"), isCall: try excerpt.boolean("call")))
      }
    }
    if fields.has("tries") {
      for attempt in try fields.objects("tries") {
        record.tries.append(
          TestTry(
            verdict: try self.verdict(attempt), message: try attempt.string("message"),
            duration: try attempt.duration("duration_ns"), report: try attempt.string("report")))
      }
    }
    if fields.has("tls_records") {
      for line in try fields.objects("tls_records") { record.records.append(try transcriptLine(line)) }
      record.keys = try fields.strings("tls_keys")
    }
    return record
  }

  private static func transcriptLine(_ fields: JsonFields) throws(JsonError) -> TranscriptLine {
    let file = try fields.optional("file")
    var bytes: [UInt8] = []
    var count = 0
    let isData = fields.has("count")
    if isData {
      count = try fields.integer("count")
      bytes = try fields.base64("base64")
    }
    return TranscriptLine(
      at: Int64(try fields.integer("at_ns")), channel: try fields.integer("channel"), event: try fields.string("event"),
      isData: isData, count: count, bytes: bytes, fields: try fields.optional("fields"), file: file,
      line: file == nil ? 0 : try fields.integer("line"), peer: try fields.optional("peer"))
  }
}

/// The lines of a file, one at a time: a report may be larger than is well kept at once.
private struct LineReader: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Where the next line begins in the buffer.
  private var at = 0
  /// 1-based, of the line given last.
  private(set) var number = 0
  /// Whether the line given last was the last of the file.
  private(set) var isAtEnd = false

  private static let chunk = 256 * 1024
  /// More than what a test's 8 MiB of transcript come to.
  private static let longestLine = 256 << 20

  init(_ path: String) throws(DiscoveryError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LineReader.failure(path) }
  }

  deinit { close(descriptor) }

  private static func failure(_ path: String) -> DiscoveryError {
    DiscoveryError(message: "cannot read the report \(path): \(String(cString: strerror(errno)))")
  }

  /// Nil at the end.
  mutating func next() throws(DiscoveryError) -> ArraySlice<UInt8>? {
    var searched = at
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { at = end + 1 }
        number += 1
        return buffer[at..<end]
      }
      if isAtEnd {
        guard at < buffer.count else { return nil }
        defer { at = buffer.count }
        number += 1
        return buffer[at...]
      }
      buffer.removeFirst(at)
      at = 0
      searched = buffer.count
      guard searched <= LineReader.longestLine else {
        throw DiscoveryError(message: "\(path):\(number + 1): the line is longer than \(LineReader.longestLine >> 20) MiB")
      }
      try fill()
    }
  }

  private mutating func fill() throws(DiscoveryError) {
    let before = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: LineReader.chunk))
    var count = 0
    repeat {
      count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress.map { $0 + before }, LineReader.chunk) }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw LineReader.failure(path) }
    buffer.removeLast(LineReader.chunk - count)
    if count == 0 { isAtEnd = true }
  }
}
