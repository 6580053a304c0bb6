// What a session shows of its own accord, above the line that is being typed: what comes on channels that are watched,
// what goes over all channels, and what processes say about errors.

import SockLanguage
import SocketCore

/// What has been asked for, and how far it has been shown.
struct LiveView {
  enum Trace { case off, text, hex }

  /// A channel whose arrivals are shown. They stay unread.
  struct Watch {
    private(set) weak var channel: Channel?
    /// So many of its unread bytes have been shown.
    var shown: Int
    var consumptions: Int
    /// It was said that no more is taken.
    var isFull = false

    init(_ channel: Channel) {
      self.channel = channel
      shown = channel.input.count
      consumptions = channel.consumptions
    }
  }

  var trace = Trace.off
  /// What was shown of the transcript, in nanoseconds since the run's start.
  var tracedUntil: Int64 = 0
  var watches: [Watch] = []
  /// Processes that have begun a line there, and when it is shown as it is, in monotonic nanoseconds.
  var unfinished: [(process: ProcessState, dueAt: Int64)] = []
  var dueAt: Int64 { unfinished.map(\.dueAt).min() ?? .max }

  /// A line that is written in pieces is whole by then: a prompt waits for an answer.
  static let patience: Int64 = 50_000_000

  /// So many bytes of one arrival are shown, and so many lines.
  static let bytesShown = 2048
  static let linesShown = 24
}

extension Session {
  // MARK: - What is asked for

  package enum TraceForm: String, CaseIterable { case on, hex, off }

  package func trace(_ form: TraceForm) {
    live.tracedUntil = interpreter.scheduler.transcript.now
    switch form {
    case .on: live.trace = .text
    case .hex: live.trace = .hex
    case .off: live.trace = .off
    }
  }

  /// Shows from now on what comes on a channel, as soon as it comes. Not nil: why that could not be done.
  package func watchArrivals(_ name: String) -> String? {
    guard let channel = channel(named: name) else {
      return "there is no channel \(Printable.text(name)); :sockets shows those that are open"
    }
    if channel.isClosed || channel.inputDescriptor < 0 { return "nothing comes on `\(Printable.text(name))` any more" }
    if channel.kind == .listener { return "`\(Printable.text(name))` is a listener: no bytes come there" }
    do throws(Failure) {
      try interpreter.scheduler.watch(channel, reading: true)
    } catch {
      return error.message
    }
    live.watches.removeAll { $0.channel == nil || $0.channel === channel }
    live.watches.append(LiveView.Watch(channel))
    return nil
  }

  /// The channels whose arrivals are shown, by the words that name them.
  package var watchedNames: [String] { live.watches.compactMap(\.channel).map(shortName) }

  package func watchNothing() { live.watches.removeAll() }

  private func shortName(_ channel: Channel) -> String {
    variable(for: channel) ?? "\(channel.label)#\(channel.number)"
  }

  // MARK: - What is shown

  /// Shows what has happened since it was last called.
  func showLive() {
    guard isAtTerminal else { return }
    showNews()
    if !live.watches.isEmpty { showArrivals() }
    if live.trace != .off { showTrace() }
  }

  private func showArrivals() {
    for at in live.watches.indices {
      guard let channel = live.watches[at].channel, channel.reader == nil else { continue }
      // What a statement has read is known to who entered it.
      if channel.consumptions != live.watches[at].consumptions {
        live.watches[at].consumptions = channel.consumptions
        live.watches[at].shown = min(live.watches[at].shown, channel.input.count)
      }
      channel.takeWhatWaits(interpreter.limits, upTo: interpreter.limits.buffer)
      let bytes = channel.input.bytes
      let shown = live.watches[at].shown
      if bytes.count > shown {
        let fresh = UnsafeRawBufferPointer(rebasing: bytes[shown...])
        write(lines(interpreter.hidden(fresh, of: channel), behind: "\(shortName(channel)) < "))
        live.watches[at].shown = bytes.count
      }
      if bytes.count >= interpreter.limits.buffer, !live.watches[at].isFull {
        live.watches[at].isFull = true
        tell("sock: \(shortName(channel)) holds \(bytes.count) unread bytes, and takes no more until some are read\n")
      }
    }
    for watch in live.watches {
      guard let channel = watch.channel, channel.isClosed || channel.hasEnded && channel.reader == nil else { continue }
      write("\(shortName(channel)) has \(channel.isClosed ? "been closed" : "ended")\n")
    }
    live.watches.removeAll { $0.channel.map { $0.isClosed || $0.hasEnded && $0.reader == nil } ?? true }
  }

  /// Bytes, a line each with its end, as a script would write them; in hex where strings are shown so.
  private func lines(_ bytes: [UInt8], behind head: String, isHex: Bool? = nil) -> String {
    let cut = bytes.prefix(LiveView.bytesShown)
    let rest = bytes.count > cut.count ? "\(head)… (\(ByteDifference.bytes(bytes.count)))\n" : ""
    if isHex ?? (byteForm == .hex) {
      var text = ""
      cut.withUnsafeBytes { bytes in
        for row in stride(from: 0, to: bytes.count, by: 16) {
          for line in HexDump.row("", bytes, row) { text += head + line.drop { $0 == " " } + "\n" }
        }
      }
      return text + rest
    }
    var text = ""
    var left = LiveView.linesShown
    var start = cut.startIndex
    while start < cut.endIndex, left > 0 {
      let end = cut[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? cut.endIndex
      text += "\(head)\(Show.inspect(Value(Array(cut[start..<end]))).text)\n"
      start = end
      left -= 1
    }
    return text + (rest.isEmpty && start < cut.endIndex ? "\(head)… (\(ByteDifference.bytes(bytes.count)))\n" : rest)
  }

  /// What has gone over all channels, as it goes.
  private func showTrace() {
    let transcript = interpreter.scheduler.transcript
    let entries = interpreter.maskedEntries(since: live.tracedUntil + 1)
    guard let last = entries.last else { return }
    if transcript.lost > live.tracedUntil { write("… more than the trace could hold\n") }
    live.tracedUntil = last.at
    write(wire(entries[...], isHex: live.trace == .hex))
  }

  /// What went over channels, an event behind the other, with all that is kept of its bytes.
  func wire(_ entries: ArraySlice<Transcript.Entry>, isHex: Bool) -> String {
    let transcript = interpreter.scheduler.transcript
    var text = ""
    for entry in entries {
      let name = "\(transcript.names[entry.channel] ?? "conn")#\(entry.channel)"
      guard entry.event == .received || entry.event == .sent else {
        text += "\(name) \(entry.words)\n"
        continue
      }
      let head = "\(name) \(entry.event.word) "
      text += lines(entry.bytes, behind: head, isHex: isHex)
      if entry.count > entry.bytes.count { text += "\(head)… (\(ByteDifference.bytes(entry.count)))\n" }
    }
    return text
  }

  /// What processes have written to standard error, and those that have ended badly.
  private func showNews() {
    var processes = state.takeNews()
    if processes.isEmpty, live.unfinished.isEmpty { return }
    let now = MonotonicClock.now
    let due = live.unfinished.filter { $0.dueAt <= now }.map(\.process)
    processes += due.filter { process in !processes.contains { $0 === process } }
    live.unfinished.removeAll { entry in processes.contains { $0 === entry.process } }
    for process in processes {
      let name = process.channel.map { variable(for: $0) ?? self.name(of: $0) } ?? process.command
      let fresh = process.errors.suffix(max(0, process.errorCount - process.errorsTold))
      var shown = fresh
      if process.status == nil, !due.contains(where: { $0 === process }), fresh.last.map({ $0 != 0x0A }) ?? false {
        shown = fresh[..<(fresh.lastIndex(of: 0x0A).map { $0 + 1 } ?? fresh.startIndex)]
        live.unfinished.append((process, now + LiveView.patience))
      }
      process.errorsTold = process.errorCount - (fresh.count - shown.count)
      if !shown.isEmpty {
        let text = String(decoding: interpreter.secrets.masked(Array(shown), isText: true), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines where !line.isEmpty {
          write("\(Printable.text(name)) (stderr): \(Printable.text(line))\n")
        }
      }
      guard let ending = process.ending, !process.endWasTold else { continue }
      process.endWasTold = true
      if process.status?.isSuccess == false, !process.isExpectedToEnd {
        write("\(Printable.text(name)) \(ending)\n")
      }
    }
  }
}
