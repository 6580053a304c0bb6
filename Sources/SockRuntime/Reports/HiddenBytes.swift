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

  /// Two strings that differ, with secrets hidden: of long ones around the places where they part, as nothing else of
  /// them is shown.
  func hiddenAlike(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> ([UInt8], [UInt8]) {
    guard !secrets.isEmpty, max(a.count, b.count) > Interpreter.hiddenWhole else { return (hidden(a), hidden(b)) }
    let reach = Interpreter.hiddenWhole / 4 + secrets.longestForm
    var (left, right) = ([UInt8](), [UInt8]())
    var shown = 0
    while let at = ByteDifference.start(a, b, from: shown) {
      let lower = max(shown, at - reach)
      func part(_ bytes: UnsafeRawBufferPointer) -> (piece: [UInt8], upper: Int) {
        let upper = min(bytes.count, at + reach)
        let cuts: Secrets.Cuts = [lower > 0 ? .atStart : [], upper < bytes.count ? .atEnd : []]
        return (secrets.masked(Array(bytes[min(lower, upper)..<upper]), cuts: cuts), upper)
      }
      left += a[shown..<lower]
      right += b[shown..<lower]
      let (first, second) = (part(a), part(b))
      left += first.piece
      right += second.piece
      if first.piece != second.piece || first.upper != second.upper {
        return (left + a[first.upper...], right + b[second.upper...])
      }
      // They part in a secret there: perhaps they do once more behind it.
      shown = first.upper
    }
    return (left, right)
  }

  /// Longer strings are not searched as a whole, in bytes.
  private static let hiddenWhole = 256 * 1024

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
