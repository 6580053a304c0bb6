// Secrets in what has gone over channels, where one may be spread over several events.

import SockLanguage

extension Secrets {
  /// One direction of one channel: what follows each other there belongs together.
  private struct Direction: Hashable {
    let channel: Int32
    let event: TranscriptEvent
  }

  /// The events with secrets hidden. What goes in pieces is shown where it began; of events that held nothing but a
  /// further piece nothing is left. Lengths are those of what is shown.
  func masked(_ entries: [Transcript.Entry]) -> [Transcript.Entry] {
    var entries = entries
    var directions: [Direction: [Int]] = [:]
    for (index, entry) in entries.enumerated() where entry.event == .sent || entry.event == .received {
      directions[Direction(channel: entry.channel, event: entry.event), default: []].append(index)
    }
    var gone: Set<Int> = []
    for indices in directions.values {
      var run: [Int] = []
      var cuts: Cuts = []
      for index in indices {
        run.append(index)
        guard entries[index].count > entries[index].bytes.count else { continue }
        hide(in: &entries, run, cuts.union(.atEnd), &gone)
        run.removeAll(keepingCapacity: true)
        cuts = .atStart
      }
      hide(in: &entries, run, cuts, &gone)
    }
    if gone.isEmpty { return entries }
    return entries.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
  }

  /// Hides them in events whose bytes follow each other without a gap.
  private func hide(in entries: inout [Transcript.Entry], _ run: [Int], _ cuts: Cuts, _ gone: inout Set<Int>) {
    let ranges = ranges(in: Array(run.map { entries[$0].bytes }.joined()), cuts: cuts)
    guard !ranges.isEmpty else { return }
    var start = 0
    for index in run {
      let bytes = entries[index].bytes
      let end = start + bytes.count
      var shown: [UInt8] = []
      var at = start
      for range in ranges where range.upperBound > start && range.lowerBound < end {
        if range.lowerBound >= start {
          shown += bytes[(at - start)..<(range.lowerBound - start)]
          shown += Secrets.stars
        }
        at = min(range.upperBound, end)
      }
      shown += bytes[(at - start)...]
      if shown.isEmpty, !bytes.isEmpty, entries[index].count == bytes.count { gone.insert(index) }
      entries[index].count += shown.count - bytes.count
      entries[index].bytes = shown
      start = end
    }
  }
}
