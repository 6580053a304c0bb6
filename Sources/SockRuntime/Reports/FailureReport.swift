// How a failure reads: the place, what was expected and came, on which channel, and what went over the channels before.

import Glibc
import SockLanguage
import SocketCore

package enum FailureReport {
  /// The last events of a transcript that are shown, and the bytes of each.
  private static let events = 12
  private static let bytesShown = 60

  static func render(_ failure: Failure, _ interpreter: Interpreter) -> String {
    interpreter.masked(text(failure, interpreter))
  }

  /// What is told of that which ended a script, or a statement of a session.
  static func told(_ failure: Failure, _ interpreter: Interpreter) -> String {
    switch failure.verdict {
    case .skipped: return interpreter.masked("skipped: \(failure.message)\n")
    case .inconclusive: return interpreter.masked("inconclusive: \(failure.message)\n")
    default: return render(failure, interpreter)
    }
  }

  private static func text(_ failure: Failure, _ interpreter: Interpreter) -> String {
    // What was caught at first, as by a `retry`, has none yet.
    if failure.surroundings == nil { interpreter.addSurroundings(to: failure) }
    var notes = failure.notes
    let isHelp: (String) -> Bool = { $0.hasPrefix("help") }
    notes.insert(
      contentsOf: failure.surroundings ?? [],
      at: notes.firstIndex(where: isHelp) ?? notes.count)
    if let channel = failure.channel {
      // When it failed, and not when its surroundings have been looked at, which takes a busy machine a second.
      let now = failure.raisedAt == .max ? interpreter.scheduler.transcript.now : failure.raisedAt
      // In a session what the channel is old has nothing to do with the step.
      let time = "\(interpreter.group.session == nil ? "after" : "open for") \(duration(now - channel.openedAt))"
      let hour = interpreter.group.isTest ? ", at \(timeOfDay(of: now, interpreter))" : ""
      notes.append("on        \(failure.channelSummary ?? channel.summary), \(time)\(hour)")
      if let process = channel.process ?? channel.errorsOf {
        if channel.hasEnded || failure.errno == Errno.brokenPipe.rawValue { process.awaitEnd() }
        if let ending = process.ending {
          notes.append("process   \(interpreter.line(of: process)) \(ending)\(timeBefore(failure, process))")
        }
        notes += process.tail(hiding: interpreter.secrets).map { "stderr    \($0)" }
        if failure.isOfEnd { notes += interpreter.outputRow(of: process) }
      }
    }
    let own = failure.channel?.process ?? failure.channel?.errorsOf
    for process in deaths(in: interpreter, failure) where process !== own {
      notes.append(
        "process   \(interpreter.line(of: process)) \(process.ending ?? "")\(timeBefore(failure, process))")
      notes += process.tail(hiding: interpreter.secrets).map { "stderr    \($0)" }
      // Elsewhere it is told with what lies unread on other channels.
      if process.role != nil, failure.isLossOfPeer { notes += interpreter.outputRow(of: process) }
    }
    notes = ordered(notes)
    if let seed = interpreter.seedDrawnFrom { notes.append("random    `--seed \(seed)` draws the same numbers") }
    notes += calls(failure)
    let extra = failure.appendix + transcript(failure, interpreter)
    var heading = failure.headline
    // What sock has raised says by itself what it is.
    if case .raised(let code) = failure.code, code != failure.message { heading += " [\(code)]" }
    guard let site = failure.place?.site else {
      let lines = ["sock: \(heading)"] + notes.map { "  = \($0)" } + extra.map { "  \($0)" }
      return lines.joined(separator: "\n") + "\n"
    }
    return DiagnosticRenderer.render(
      heading: heading, file: site.file, range: site.range, notes: notes, extra: extra,
      color: interpreter.options.usesColor, columns: interpreter.options.columns())
  }

  /// What is said of a failure, in one order: who has died, what came, what lies around, what helps, where it was.
  private static func ordered(_ notes: [String]) -> [String] {
    let order = [
      "process ", "stderr ", "stdout ", "checked ", "received ", "expected ", "differs ", "from  ", "order ", "matches ", "framing ",
      "rest ", "unread ", "came ",
      "silent ", "sent ", "peer ", "takes ", "secret ", "elsewhere ", "task ", "waits ", "held by ", "address ", "port ", "asked ",
      "tried ", "before ", "turn ", "loop ", "machine ", "help: ", "on ",
    ]
    // What has no label is the values of a condition and the like: they come first.
    // What a process has said stays with it.
    func rank(_ note: String) -> Int {
      order.firstIndex { note.hasPrefix($0) }.map { ["stderr ", "stdout "].contains(order[$0]) ? 0 : $0 } ?? -1
    }
    return notes.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
  }

  /// How long before the failure it was known that a process has ended; nothing for a failure without a place.
  private static func timeBefore(_ failure: Failure, _ process: ProcessState) -> String {
    guard let endedAt = process.endedAt, let failedAt = failure.failedAt else { return "" }
    // Sooner than that one cannot be told from the other.
    let time = failedAt - endedAt
    return time < 10_000_000 ? "" : ", \(duration(time)) before"
  }

  /// The processes that have ended without success, and the clients that have ended at all, which the script has not been
  /// told of yet. What has ended just now is among them.
  private static func deaths(in interpreter: Interpreter, _ failure: Failure) -> [ProcessState] {
    let groups = interpreter.group === interpreter.topLevel ? [interpreter.group] : [interpreter.topLevel, interpreter.group]
    for group in groups { group.noteEnds(afterLossOfPeer: failure.isLossOfPeer) }
    return groups.flatMap { $0.deaths + $0.endedClients }.filter { process in
      // What has ended after the failure has ended with its test.
      let isLater = !failure.isLossOfPeer && (process.endedAt ?? 0) > (failure.failedAt ?? .max)
      return !process.isExpectedToEnd && !isLater
    }
  }

  /// The calls that led to it, innermost first; of a recursion one line. What it is told at is not among them.
  private static func calls(_ failure: Failure) -> [String] {
    guard let place = failure.place else { return [] }
    var lines: [(words: String, count: Int)] = []
    func add(_ call: SourceSite, _ relation: String = "called from") {
      let words = "\(relation) \(code(call)), \(call.file.name):\(call.position.line)"
      if lines.last?.words == words { lines[lines.count - 1].count += 1 } else { lines.append((words, 1)) }
    }
    if let innermost = place.inside.first { add(innermost, "arose at") }
    for call in place.inside.dropFirst() { add(call) }
    for call in place.calls { add(call) }
    return lines.map { $0.count == 1 ? $0.words : "\($0.words), \($0.count) times or more" }
  }

  /// The code that stands there, on one line and not too much of it.
  static func code(_ site: SourceSite) -> String {
    let text = site.file.text(site.range).split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    return text.count > 60 ? "\(text.prefix(60))…" : text
  }

  /// The whole line that it stands in, without what it is indented by.
  static func line(_ site: SourceSite) -> String {
    let bytes = site.file.line(site.position.line).drop { $0 == 0x20 || $0 == 0x09 }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.count > 60 ? "\(text.prefix(60))…" : text
  }

  /// When that was by the clock on the wall, for finding it in a server's log: `19:05:53.214 UTC`.
  private static func timeOfDay(of moment: Int64, _ interpreter: Interpreter) -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let elapsed = interpreter.scheduler.transcript.now - moment
    let milliseconds = (Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - elapsed) / 1_000_000 % 86_400_000
    func padded(_ number: Int64, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let (hours, minutes, seconds) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60)
    return "\(padded(hours, 2)):\(padded(minutes, 2)):\(padded(seconds, 2)).\(padded(milliseconds % 1000, 3)) UTC"
  }

  /// `3.2 ms`, `4624 ms`, `92.3 s`, `25 min 3 s`.
  static func duration(_ nanoseconds: Int64) -> String {
    let tenths = nanoseconds / 100_000
    if tenths < 100 { return "\(tenths / 10).\(tenths % 10) ms" }
    if tenths < 100_000 { return "\(tenths / 10) ms" }
    let seconds = tenths / 10_000
    return seconds < 600 ? "\(seconds).\(tenths / 1000 % 10) s" : "\(seconds / 60) min \(seconds % 60) s"
  }

  /// What happened on the channels lately. Nothing for a failure that has to do with none.
  private static func transcript(_ failure: Failure, _ interpreter: Interpreter) -> [String] {
    let group = interpreter.group
    guard failure.channel != nil || group.isTest else { return [] }
    let transcript = interpreter.scheduler.transcript
    // A test's are all of its channels; a script's the failed one, and those that have a name.
    let failed = failure.channel.map { Int32(truncatingIfNeeded: $0.number) }
    let entries = interpreter.maskedEntries(since: group.isTest ? group.began : .min).filter { entry in
      guard entry.at <= failure.raisedAt else { return false }
      if group.isTest { return entry.channel >= group.firstChannel || entry.channel == failed }
      return entry.channel == failed || transcript.names[entry.channel] != nil
    }
    if group.session != nil, !group.isTest {
      let columns = interpreter.options.columns().map { $0 - 6 }
      return lastRows(of: entries.filter { $0.channel == failed }, transcript, interpreter.messageSteps, columns)
    }
    let before = entries.count - events
    let cut = before > 0 ? ["… \(before) event\(before == 1 ? "" : "s") before"] : []
    return cut + lines(
      of: joined(entries.suffix(events)), transcript, began: group.began,
      columns: interpreter.options.columns().map { $0 - 6 }, messages: interpreter.messageSteps)
  }

  /// What somebody at a prompt has not seen just now: the rest is on the screen, or there for the asking.
  private static func lastRows(
    of entries: [Transcript.Entry], _ transcript: Transcript, _ messages: MessageSteps, _ columns: Int?
  ) -> [String] {
    let shown = joined(entries[...]).suffix(rowsInSession)
    let more = entries.count > rowsInSession ? ["… `:transcript` shows what came before"] : []
    return more + lines(of: shown, transcript, began: 0, columns: columns, messages: messages)
  }

  private static let rowsInSession = 2

  /// Pieces that came one behind the other for one step are one event to a reader.
  private static func joined(_ entries: ArraySlice<Transcript.Entry>) -> [Transcript.Entry] {
    var joined: [Transcript.Entry] = []
    for entry in entries {
      if let last = joined.last, last.event == .received, entry.event == .received, last.channel == entry.channel,
        last.peer == nil, last.site?.range == entry.site?.range, last.count == last.bytes.count,
        last.count + entry.count <= bytesShown, entry.bytes.count == entry.count
      {
        joined[joined.count - 1].bytes += entry.bytes
        joined[joined.count - 1].count += entry.count
      } else {
        joined.append(entry)
      }
    }
    return joined
  }

  /// Events as a table: channel, time, what happened, and the line that caused it.
  /// - Parameters:
  ///   - began: from when times are counted, in nanoseconds on the transcript's clock.
  ///   - columns: how wide a row may be; nil: as it comes.
  ///   - messages: what is known of steps that send and read messages, whose fields are shown then.
  static func lines(
    of shown: some BidirectionalCollection<Transcript.Entry>, _ transcript: Transcript, began: Int64,
    columns: Int? = nil, messages: MessageSteps = MessageSteps()
  ) -> [String] {
    guard !shown.isEmpty else { return [] }
    var rows: [(head: String, place: String)] = []
    // Several of one name, or without any, are told apart by their numbers.
    var bearers: [String: Set<Int32>] = [:]
    for entry in shown { bearers[transcript.names[entry.channel] ?? "conn", default: []].insert(entry.channel) }
    func name(_ channel: Int32) -> String {
      let name = transcript.names[channel] ?? "conn"
      return bearers[name].map { $0.count > 1 } ?? false ? "\(name)#\(channel)" : name
    }
    let labelWidth = shown.map { name($0.channel).count }.max() ?? 0
    let timeWidth = shown.map { seconds($0.at - began).count }.max() ?? 0
    for entry in shown {
      var label = name(entry.channel)
      label += String(repeating: " ", count: labelWidth - label.count)
      var time = seconds(entry.at - began)
      time = String(repeating: " ", count: timeWidth - time.count) + time
      var head = "\(label)  \(time)  \(entry.words)"
      if entry.event == .received || entry.event == .sent {
        let part = entry.bytes.prefix(bytesShown)
        if let fields = messages.words(of: entry) {
          head += " \(fields)"
        } else {
          head += " \(Show.inspect(Value(Array(part))).text)"
          if entry.count > part.count { head += "… (\(entry.count) bytes)" }
        }
      }
      let place = entry.site.map { "\($0.file.name):\($0.position.line)" } ?? ""
      rows.append((head, place))
    }
    if let columns { rows = rows.map { fitted($0, to: columns) } }
    let longest = rows.map(\.head.count).max() ?? 0
    let width = min(80, longest, columns.map { $0 - 1 - (rows.map(\.place.count).max() ?? 0) } ?? longest)
    return rows.map { row in
      row.place.isEmpty ? row.head : row.head + String(repeating: " ", count: max(1, width - row.head.count + 1)) + row.place
    }
  }

  /// What has happened is cut for the place, and where both have no room there is no place.
  private static func fitted(_ row: (head: String, place: String), to columns: Int) -> (head: String, place: String) {
    let room = columns - row.place.count - 1
    if room < 30 { return (DiagnosticRenderer.cut(row.head, to: columns), "") }
    return (DiagnosticRenderer.cut(row.head, to: room), row.place)
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    let milliseconds = nanoseconds / 1_000_000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }
}
