// Which known name a misspelt one was probably meant to be.

package enum Suggestion {
  /// The candidate that is nearest to `name`, or nil when none is near enough to be worth a guess.
  /// Short names allow one slip, longer ones two or three; a difference in case counts as none.
  /// Among equally near candidates the first wins.
  package static func nearest(_ name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = folded(name)
    guard !wanted.isEmpty, wanted.count <= longestName else { return nil }
    let limit = slipsAllowed(length: wanted.count)
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != name {
      let other = folded(candidate)
      // A candidate of one letter is a slip away from too much.
      guard other.count <= longestName, other.count > 1 || other == wanted else { continue }
      guard abs(other.count - wanted.count) <= limit else { continue }
      let found = distance(wanted, other)
      if found <= limit, found < best?.distance ?? Int.max { best = (candidate, found) }
    }
    return best?.name
  }

  /// The Damerau-Levenshtein distance (optimal string alignment): how many insertions, deletions,
  /// replacements and swaps of neighbours turn one into the other.
  package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var current = [i + 1]
      current.reserveCapacity(b.count + 1)
      for j in b.indices {
        let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
        var least = min(replaced, last[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
        current.append(least)
      }
      beforeLast = last
      last = current
    }
    return last[b.count]
  }

  /// Longer names are compared with nothing: the work grows with the product of the lengths.
  private static let longestName = 64

  private static func slipsAllowed(length: Int) -> Int {
    switch length {
    case ...1: 0
    case 2...4: 1
    case 5...7: 2
    default: 3
    }
  }

  private static func folded(_ name: String) -> [UInt8] {
    name.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
  }
}
