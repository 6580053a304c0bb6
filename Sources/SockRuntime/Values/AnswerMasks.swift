// What of an answer varies and does not count: `golden(…, masks)` and `sock test --mask`.

/// Regular expressions whose matches are left out of a comparison.
package struct AnswerMasks {
  private let patterns: [Pattern]
  /// What stands in their place: `…`.
  package static let mark = Array("…".utf8)

  package init(_ patterns: [Pattern]) { self.patterns = patterns }

  package var isEmpty: Bool { patterns.isEmpty }

  /// The bytes with a mark in the place of each match.
  package func masked(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    var bytes = bytes
    for pattern in patterns { bytes = try masked(bytes, pattern) }
    return bytes
  }

  private func masked(_ bytes: [UInt8], _ pattern: Pattern) throws(Failure) -> [UInt8] {
    let subject = ByteString(bytes)
    var result: [UInt8] = []
    var from = 0
    var kept = 0
    while from <= subject.count {
      switch pattern.match(subject.bytes, from: from, anchored: false, partial: false) {
      case .matched:
        guard let range = pattern.range(of: 0) else { return bytes }
        // A match of nothing hides nothing.
        if !range.isEmpty {
          result += bytes[kept..<range.lowerBound] + AnswerMasks.mark
          kept = range.upperBound
        }
        from = max(range.upperBound, range.lowerBound + 1)
      case .none, .partial: return kept == 0 ? bytes : result + bytes[kept...]
      case .failed(let failure): throw failure
      }
    }
    return result + bytes[kept...]
  }
}
