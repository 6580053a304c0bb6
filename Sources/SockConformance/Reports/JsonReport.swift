// Reads JSON reports and joins those of a suite's shards, so that every other report can be made of them.

import Glibc
import SockLanguage
import SockRuntime

package enum JsonReport {
  /// What was wrong with one line, without the file's name.
  private struct LineError: Error {
    let message: String
  }

  /// What one report held.
  private struct Run {
    var path: String
    var files: [String] = []
    var targets: [(name: String, address: String)] = []
    var shard: (index: Int, count: Int)?
    var records: [TestRecord] = []
    var improvements: [String] = []
    var missing: [String] = []
    var wasInterrupted = false
    var duration: Int64 = 0
    var hasEnded = false
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
    for reporter in reporters { reporter.began(options, files: files) }
    for run in runs {
      for record in run.records {
        summary.add(record)
        for reporter in reporters { reporter.ended(record) }
      }
      summary.wasInterrupted = summary.wasInterrupted || run.wasInterrupted
      // Shards run at the same time.
      summary.duration = max(summary.duration, run.duration)
    }
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

  private static func read(_ path: String) throws(DiscoveryError) -> Run {
    var run = Run(path: path)
    var hasBegun = false
    var lines = try LineReader(path)
    while let line = try lines.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continue }
      do throws(LineError) {
        let map: Map
        do throws(LineError) {
          map = try object(line)
        } catch {
          // A run that was killed has not written the end of its last line.
          if hasBegun, lines.isAtEnd { break }
          throw error
        }
        let event = try string(map, "event")
        guard hasBegun || event == "run" else { throw LineError(message: "a report begins with the event `run`") }
        switch event {
        case "run":
          guard !hasBegun else { throw LineError(message: "a second run begins") }
          hasBegun = true
          try begin(&run, map)
        case "test": run.records.append(try record(map))
        case "end":
          run.hasEnded = true
          run.improvements = try strings(map, "improvements")
          run.missing = try strings(map, "missing")
          run.wasInterrupted = try boolean(map, "interrupted")
          run.duration = Int64(try integer(map, "duration_ns"))
        default: throw LineError(message: "there is no event `\(event)`")
        }
      } catch {
        throw DiscoveryError(message: "\(path):\(lines.number): \(error.message); is it a report of --report json?")
      }
    }
    guard hasBegun else { throw DiscoveryError(message: "\(path) is empty; it was to be a report of --report json") }
    return run
  }

  // MARK: - Events

  private static func begin(_ run: inout Run, _ map: Map) throws(LineError) {
    let version = try integer(map, "version")
    guard version == JsonReporter.version else {
      throw LineError(message: "it is of version \(version) of the schema, and this sock reads \(JsonReporter.version)")
    }
    run.files = try strings(map, "files")
    for item in try list(map, "targets") {
      guard case .map(let target) = item else { throw LineError(message: "`targets` is a list of objects") }
      run.targets.append((try string(target, "name"), try string(target, "address")))
    }
    if case .map(let shard)? = map["shard"] { run.shard = (try integer(shard, "index"), try integer(shard, "count")) }
    if let shard = run.shard {
      guard shard.index >= 1, shard.index <= shard.count, shard.count <= 1_000_000 else {
        throw LineError(message: "there is no shard \(shard.index)/\(shard.count)")
      }
    }
  }

  /// The test of one line.
  static func record(line: ArraySlice<UInt8>) throws(DiscoveryError) -> TestRecord {
    do throws(LineError) {
      return try record(try object(line))
    } catch {
      throw DiscoveryError(message: "what a worker has told of a test cannot be read: \(error.message)")
    }
  }

  private static func record(_ map: Map) throws(LineError) -> TestRecord {
    var record = TestRecord(file: try string(map, "file"), name: try string(map, "name"), line: try integer(map, "line"))
    let verdict = try string(map, "verdict")
    guard let known = TestVerdict(rawValue: verdict) else { throw LineError(message: "there is no verdict `\(verdict)`") }
    record.verdict = known
    record.isExpected = try boolean(map, "known")
    record.level = try optional(map, "level")
    record.citation = try optional(map, "citation")
    record.tags = try strings(map, "tags")
    record.todo = try optional(map, "todo")
    record.target = try optional(map, "target")
    record.segmentation = try optional(map, "segmentation")
    record.message = try string(map, "message")
    record.code = try optional(map, "code")
    if case .map(let place)? = map["place"] {
      record.place = (try string(place, "file"), try integer(place, "line"), try integer(place, "column"))
    }
    record.report = try string(map, "report")
    record.checks = try strings(map, "checks")
    record.log = try string(map, "log")
    record.startedAt = Int64(try integer(map, "started_us"))
    record.duration = Int64(try integer(map, "duration_ns"))
    record.attempts = try integer(map, "attempts")
    record.leaks = try strings(map, "leaks")
    record.improvement = try optional(map, "improvement")
    for item in try list(map, "channels") {
      guard case .map(let channel) = item else { throw LineError(message: "`channels` is a list of objects") }
      record.channels.append(
        ChannelInfo(
          number: try integer(channel, "number"), label: try string(channel, "label"), kind: try string(channel, "kind"),
          local: try optional(channel, "local"), peer: try optional(channel, "peer")))
    }
    for item in try list(map, "transcript") {
      guard case .map(let line) = item else { throw LineError(message: "`transcript` is a list of objects") }
      record.transcript.append(try transcriptLine(line))
    }
    return record
  }

  private static func transcriptLine(_ map: Map) throws(LineError) -> TranscriptLine {
    let file = try optional(map, "file")
    var bytes: [UInt8] = []
    var count = 0
    let isData = map["count"] != nil
    if isData {
      count = try integer(map, "count")
      bytes = try call(.unbase64, Value(try string(map, "base64")), as: "`base64`")
    }
    return TranscriptLine(
      at: Int64(try integer(map, "at_ns")), channel: try integer(map, "channel"), event: try string(map, "event"),
      isData: isData, count: count, bytes: bytes, file: file, line: file == nil ? 0 : try integer(map, "line"),
      peer: try optional(map, "peer"))
  }

  // MARK: - Values

  private static func object(_ line: ArraySlice<UInt8>) throws(LineError) -> Map {
    guard case .map(let map) = try parsed(Value.string(ByteString(line)), .parse_json) else {
      throw LineError(message: "a line of the report is a JSON object")
    }
    return map
  }

  private static func call(_ function: BuiltinFunction, _ value: Value, as name: String) throws(LineError) -> [UInt8] {
    guard case .string(let string) = try parsed(value, function) else { throw wrong(name, "a string") }
    return string.array
  }

  private static func parsed(_ value: Value, _ function: BuiltinFunction) throws(LineError) -> Value {
    do throws(Failure) {
      return try withUnsafePointer(to: value) { pointer throws(Failure) in
        try Builtins.call(function, UnsafeBufferPointer(start: pointer, count: 1), BuiltinContext())
      }
    } catch {
      // The function's name says nothing to someone who has called none.
      let prefix = "\(function.rawValue): "
      throw LineError(message: error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message)
    }
  }

  private static func wrong(_ name: String, _ type: String) -> LineError {
    LineError(message: "\(name) is missing, or is not \(type)")
  }

  private static func string(_ map: Map, _ key: String) throws(LineError) -> String {
    guard case .string(let value)? = map[key] else { throw wrong("`\(key)`", "a string") }
    return value.text
  }

  private static func optional(_ map: Map, _ key: String) throws(LineError) -> String? {
    switch map[key] {
    case nil, .nothing?: return nil
    default: return try string(map, key)
    }
  }

  private static func integer(_ map: Map, _ key: String) throws(LineError) -> Int {
    guard case .integer(let value)? = map[key], value >= 0 else { throw wrong("`\(key)`", "a positive integer") }
    return value
  }

  private static func boolean(_ map: Map, _ key: String) throws(LineError) -> Bool {
    guard case .boolean(let value)? = map[key] else { throw wrong("`\(key)`", "true or false") }
    return value
  }

  private static func list(_ map: Map, _ key: String) throws(LineError) -> [Value] {
    guard case .list(let value)? = map[key] else { throw wrong("`\(key)`", "a list") }
    return value.items
  }

  private static func strings(_ map: Map, _ key: String) throws(LineError) -> [String] {
    var strings: [String] = []
    for item in try list(map, key) {
      guard case .string(let string) = item else { throw wrong("`\(key)`", "a list of strings") }
      strings.append(string.text)
    }
    return strings
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
