// Secrets in what is about to be shown: of a channel's unread input the beginning may have been read already.

import SockLanguage

extension Interpreter {
  package func masked(_ text: String) -> String { secrets.masked(text) }

  /// The transcript with every secret in it hidden, also one that went out or came in pieces.
  /// - Parameter began: only what happened from then on, in nanoseconds since the run's start.
  func maskedEntries(since began: Int64 = .min) -> [Transcript.Entry] {
    if secrets.isEmpty { return scheduler.transcript.entries(since: began) }
    // A secret may have begun before.
    return secrets.masked(scheduler.transcript.entries()).filter { $0.at >= began }
  }

  /// A channel as reports name it.
  func masked(_ channel: ChannelInfo) -> ChannelInfo {
    if secrets.isEmpty { return channel }
    return ChannelInfo(
      number: channel.number, label: masked(channel.label), kind: channel.kind, local: channel.local.map(masked),
      peer: channel.peer.map(masked))
  }

  /// Bytes that are about to be shown, with secrets hidden.
  /// - Parameter channel: of whose unread input they may be a part: what was read before them may be the beginning of a
  ///   secret.
  func hidden(_ part: UnsafeRawBufferPointer, of channel: Channel? = nil) -> [UInt8] {
    let bytes = Array(part)
    return secrets.isEmpty ? bytes : Secrets.starred(bytes, hiddenRanges(part, of: channel))
  }

  /// Where secrets stand in them.
  func hiddenRanges(_ part: UnsafeRawBufferPointer, of channel: Channel?) -> [Range<Int>] {
    guard !secrets.isEmpty, let base = part.baseAddress else { return [] }
    guard let channel, let start = channel.input.bytes.baseAddress, base >= start,
      base + part.count <= start + channel.input.count
    else { return secrets.ranges(in: Array(part)) }
    let (before, isCut) = lastRead(of: channel)
    let offset = before.count + (base - start)
    let all = before + channel.input.bytes
    return secrets.ranges(in: all, cuts: isCut ? .atStart : []).compactMap { range in
      let lower = max(range.lowerBound - offset, 0)
      let upper = min(range.upperBound - offset, part.count)
      return lower < upper ? lower..<upper : nil
    }
  }

  /// What came right before a channel's unread input, as much as a secret may take; and whether there was more.
  private func lastRead(of channel: Channel) -> (bytes: [UInt8], isCut: Bool) {
    let wanted = channel.input.count + secrets.longestForm
    var pieces: [[UInt8]] = []
    var count = 0
    var isCut = false
    for entry in scheduler.transcript.entries().reversed()
    where entry.event == .received && entry.channel == Int32(truncatingIfNeeded: channel.number) {
      isCut = entry.count > entry.bytes.count
      if isCut || count >= wanted { break }
      pieces.append(entry.bytes)
      count += entry.bytes.count
    }
    let known = Array(pieces.reversed().joined())
    // Not all of what is unread is known from the transcript: nothing can be said of what came before.
    guard known.count >= channel.input.count else { return ([], true) }
    return (Array(known.dropLast(channel.input.count).suffix(secrets.longestForm)), isCut)
  }
}
