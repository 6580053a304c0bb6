// Pieces that reads have cut out of secrets which a peer has sent: the script holds each as a value of its own, and may
// print it, compare it, or have it saved.

/// The pieces that are hidden like the secrets themselves, and what has to be known to find the next one.
struct SecretPieces {
  /// A shorter piece, in bytes, is shown: it stands in many a text that has nothing to do with it.
  static let shortest = 4
  /// So near to where a read ends, an escape may stand inside of an escaped secret.
  static let near = 16
  /// Further pieces of a run are not remembered: each adds to what is looked for in all that is shown.
  private static let limit = 4096
  /// Of so many channels, the latest, it is known what was read last.
  private static let channelsKept = 1024

  private(set) var all: Set<[UInt8]> = []
  private(set) var search: SecretSearch?
  /// What stands inside of the secrets' forms; nil until something is read.
  var trigrams: Set<UInt32>?
  /// By the channels' numbers: as much as a secret may take, and more until it is cut.
  private var latest: [Int: [UInt8]] = [:]

  mutating func add(_ piece: ArraySlice<UInt8>) {
    guard all.count < SecretPieces.limit, all.insert(Array(piece)).inserted else { return }
    if search == nil { search = SecretSearch() }
    search?.addPiece(Array(piece))
  }

  /// The last bytes that were read, so many at most.
  func latest(of channel: Int, _ count: Int) -> [UInt8] { latest[channel].map { Array($0.suffix(count)) } ?? [] }

  mutating func append(_ bytes: UnsafeRawBufferPointer, toLatestOf channel: Int, reach: Int) {
    latest[channel, default: []].append(contentsOf: bytes.suffix(reach))
    let count = latest[channel]?.count ?? 0
    if count > 4 * reach { latest[channel]?.removeFirst(count - reach) }
    if latest.count > 2 * SecretPieces.channelsKept {
      latest = latest.filter { $0.key > channel - SecretPieces.channelsKept }
    }
  }
}

extension Secrets {
  /// A script reads bytes of a channel. Where that cuts a secret, or ends with what may be the beginning of one, the
  /// piece is hidden from now on.
  /// - Parameters:
  ///   - ahead: what has come on the channel and stays unread.
  ///   - isPeek: what is read stays unread, too.
  func noteRead(
    _ taken: UnsafeRawBufferPointer, ahead: UnsafeRawBufferPointer.SubSequence, on channel: Int, isPeek: Bool = false
  ) {
    let reach = longestForm
    guard !isEmpty, !taken.isEmpty, reach >= SecretPieces.shortest else { return }
    defer { if !isPeek { pieces.append(taken, toLatestOf: channel, reach: reach) } }
    let next = ahead.prefix(reach)
    guard mayCut(pieces.latest(of: channel, SecretPieces.near), taken, next) else { return }
    let before = pieces.latest(of: channel, reach)
    // Of much, only the two ends can cut anything.
    if taken.count <= 2 * reach {
      let text = before + taken + next
      let end = text.count - next.count
      notePieces(in: text, taken: before.count..<end, isLast: next.isEmpty)
    } else {
      let head = before + taken.prefix(2 * reach)
      notePieces(in: head, taken: before.count..<head.count, cutsAtEnd: false, isLast: false)
      let tail = taken.suffix(reach) + next
      notePieces(in: Array(tail), taken: 0..<reach, cutsAtStart: false, isLast: next.isEmpty)
    }
  }

  /// A script gets fields of bytes that it reads, each a value of its own. Where that cuts a secret, the piece is hidden
  /// from now on.
  /// - Parameters:
  ///   - before: what stands in front of the bytes and has not been read; `ahead` what stands behind them.
  ///   - channel: which they have come on; nil: the script had them already.
  ///   - strings: where the values stand in the bytes; asked for only where there is a secret.
  func noteFields(
    of bytes: UnsafeRawBufferPointer, before: UnsafeRawBufferPointer.SubSequence,
    ahead: UnsafeRawBufferPointer.SubSequence, on channel: Int?, _ strings: () -> [Range<Int>]
  ) {
    let reach = longestForm
    guard !isEmpty, !bytes.isEmpty, reach >= SecretPieces.shortest else { return }
    var text = channel.map { pieces.latest(of: $0, reach) } ?? []
    text += before.suffix(reach)
    let start = text.count
    text += bytes
    text += ahead.prefix(reach)
    // What a read has cut out may be cut once more.
    let found = formRanges(in: text) + pieceRanges(in: text)
    if found.isEmpty { return }
    for range in strings() {
      let string = range.lowerBound + start..<range.upperBound + start
      notePieces(found, in: text, taken: string, isLast: ahead.isEmpty && range.upperBound == bytes.count)
    }
  }

  /// Whether the bytes at either end may stand inside of a form; most reads end where none is, and cost no more.
  private func mayCut(
    _ before: [UInt8], _ taken: UnsafeRawBufferPointer, _ next: UnsafeRawBufferPointer.SubSequence
  ) -> Bool {
    if pieces.trigrams == nil { pieces.trigrams = search.trigrams }
    func isEscaped(_ bytes: some Sequence<UInt8>) -> Bool {
      bytes.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "%") }
    }
    let near = SecretPieces.near
    if isEscaped(taken.prefix(near)) || isEscaped(taken.suffix(near)) { return true }
    if isEscaped(before) || isEscaped(next.prefix(near)) { return true }
    func isInside(_ bytes: [UInt8]) -> Bool {
      guard bytes.count >= 3, let trigrams = pieces.trigrams else { return false }
      return (0...bytes.count - 3).contains { at in
        trigrams.contains(SecretSearch.trigram(bytes[at], bytes[at + 1], bytes[at + 2]))
      }
    }
    let begin = before.suffix(2) + taken.prefix(2) + next.prefix(max(0, 2 - taken.count))
    if !before.isEmpty, isInside(Array(begin)) { return true }
    let end = before.suffix(max(0, 3 - taken.count)) + taken.suffix(3)
    return isInside(next.isEmpty ? Array(end) : end.suffix(2) + next.prefix(2))
  }

  /// - Parameters:
  ///   - found: where secrets stand in the text; nil: that is looked for.
  ///   - isLast: nothing is known of what comes behind.
  private func notePieces(
    _ found: [Range<Int>]? = nil, in text: [UInt8], taken: Range<Int>, cutsAtStart: Bool = true,
    cutsAtEnd: Bool = true, isLast: Bool
  ) {
    for range in found ?? formRanges(in: text) where range.overlaps(taken) {
      let isCutAtStart = cutsAtStart && range.lowerBound < taken.lowerBound
      let isCutAtEnd =
        cutsAtEnd && (range.upperBound > taken.upperBound || isLast && range.upperBound == taken.upperBound)
      guard isCutAtStart || isCutAtEnd else { continue }
      let piece = range.clamped(to: taken)
      if piece.count >= SecretPieces.shortest {
        pieces.add(text[piece])
        continue
      }
      // It is hidden where it stands behind what was read before it.
      for end in (piece.lowerBound + 1)...piece.upperBound where end - SecretPieces.shortest >= range.lowerBound {
        pieces.add(text[(end - SecretPieces.shortest)..<end])
      }
    }
  }
}
