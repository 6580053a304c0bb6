// When the bytes came that a session's steps received: the transcript dates an event by when they were read, and who
// reads a session wants to know when the other side spoke.

import SocketCore

/// What a session has noticed between its statements. All times are those of the transcript.
struct ArrivalTimes {
  private struct Event: Hashable {
    let channel: Int32
    let at: Int64
  }

  /// Since when bytes wait in the kernel, by the channels' numbers.
  fileprivate var waiting: [Int32: Int64] = [:]
  /// When that came of which an event of the transcript tells the reading.
  private var known: [Event: Int64] = [:]
  /// No more are kept: the transcript forgets, too.
  private static let kept = 10_000

  /// What has been read: the first piece of each channel is what waited.
  fileprivate mutating func take(_ entries: [Transcript.Entry]) {
    for entry in entries where entry.event == .received {
      guard let came = waiting.removeValue(forKey: entry.channel), came < entry.at else { continue }
      if known.count >= ArrivalTimes.kept { known.removeAll() }
      known[Event(channel: entry.channel, at: entry.at)] = came
    }
  }

  /// The same events, in the order in which things happened.
  fileprivate func dated(_ entries: [Transcript.Entry]) -> [Transcript.Entry] {
    if known.isEmpty { return entries }
    let dated = entries.map { entry in
      var entry = entry
      if entry.event == .received, let came = known[Event(channel: entry.channel, at: entry.at)] { entry.at = came }
      return entry
    }
    return dated.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }
}

extension Session {
  /// So many channels are looked at between two statements.
  static let channelsWatched = 64

  /// While no statement runs: what waits on which channel is noticed as it comes.
  func noteArrivals() {
    let now = interpreter.scheduler.transcript.now
    for channel in interpreter.group.channels.compactMap(\.channel).prefix(Session.channelsWatched) {
      let number = Int32(truncatingIfNeeded: channel.number)
      // What our own buffer holds has been read already.
      if channel.isOpen, channel.reader == nil, channel.unreadCount > channel.input.count {
        if arrivals.waiting[number] == nil { arrivals.waiting[number] = now }
      } else {
        arrivals.waiting[number] = nil
      }
    }
  }

  /// A statement has run.
  /// - Parameter began: when.
  func dateArrivals(since began: Int64) {
    if !arrivals.waiting.isEmpty { arrivals.take(interpreter.scheduler.transcript.entries(since: began)) }
  }

  /// The transcript by what happened, as far as that is known.
  var datedEntries: [Transcript.Entry] { arrivals.dated(interpreter.maskedEntries()) }
}
