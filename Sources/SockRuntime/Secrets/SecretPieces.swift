// Pieces that reads have cut out of secrets which a peer has sent: the script holds each as a value of its own, and may
// print it, compare it, or have it saved.

/// The pieces that are hidden like the secrets themselves, and what has to be known to find the next one.
struct SecretPieces {
  /// A shorter piece, in bytes, is shown: it stands in many a text that has nothing to do with it.
  static let shortest = 4
  /// Further pieces of a run are not remembered: each adds to what is looked for in all that is shown.
  private static let limit = 4096
  /// Of so many channels, the latest, it is known what was read last.
  private static let channelsKept = 1024

  private(set) var all: Set<[UInt8]> = []
  private(set) var search: SecretSearch?
  /// By the channels' numbers: as much as a secret may take.
  private var latest: [Int: [UInt8]] = [:]

  mutating func add(_ piece: ArraySlice<UInt8>) {
    guard all.count < SecretPieces.limit, all.insert(Array(piece)).inserted else { return }
    if search == nil { search = SecretSearch() }
    search?.addPiece(Array(piece))
  }

  func latest(of channel: Int) -> [UInt8] { latest[channel] ?? [] }

  mutating func setLatest(_ bytes: [UInt8], of channel: Int) {
    latest[channel] = bytes
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
    let before = pieces.latest(of: channel)
    let next = ahead.prefix(reach)
    // Of much, only the two ends can cut anything.
    let isWhole = taken.count <= 2 * reach
    let head = before + taken.prefix(2 * reach)
    let tail = isWhole ? head + next : Array(taken.suffix(reach)) + next
    if !isWhole { notePieces(in: head, taken: before.count..<head.count, cutsAtEnd: false, isLast: false) }
    let start = isWhole ? before.count : 0
    notePieces(in: tail, taken: start..<(tail.count - next.count), cutsAtStart: isWhole, isLast: next.isEmpty)
    if !isPeek { pieces.setLatest(Array((isWhole ? head : Array(taken.suffix(reach))).suffix(reach)), of: channel) }
  }

  /// - Parameter isLast: nothing is known of what comes behind.
  private func notePieces(
    in text: [UInt8], taken: Range<Int>, cutsAtStart: Bool = true, cutsAtEnd: Bool = true, isLast: Bool
  ) {
    for range in formRanges(in: text) where range.overlaps(taken) {
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
