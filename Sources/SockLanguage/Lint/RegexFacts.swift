// What can be said about a regular expression without running it. The facts of a whole follow from those of its parts.

/// What matching a part does to the place that has been reached. A place is one of six: nothing or something has been
/// matched before it (0, 3), and then: anything may follow, only a line feed at the very end, or nothing (+ 0, 1, 2).
struct PlaceMap {
  /// For each place the set of those that matching may lead to; empty: it cannot match there.
  private var images: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)

  private init(_ image: (Int) -> UInt8) {
    images = (image(0), image(1), image(2), image(3), image(4), image(5))
  }

  private func image(_ place: Int) -> UInt8 {
    switch place {
    case 0: images.0
    case 1: images.1
    case 2: images.2
    case 3: images.3
    case 4: images.4
    default: images.5
    }
  }

  static let stay = PlaceMap { 1 << $0 }
  static let never = PlaceMap { _ in 0 }
  /// Only where nothing has been matched before: `^`.
  static let start = PlaceMap { $0 < 3 ? 1 << $0 : 0 }
  /// The end, or before a line feed there: `$`.
  static let softEnd = PlaceMap { place in place % 3 == 0 ? 1 << (place + 1) : 1 << place }
  /// The very end: `\z`.
  static let hardEnd = PlaceMap { place in 1 << (place / 3 * 3 + 2) }

  /// One byte of a set.
  static func byte(_ set: ByteSet) -> PlaceMap {
    PlaceMap { place in
      switch place % 3 {
      case 0: set.isEmpty ? 0 : 1 << 3
      case 1: set.contains(0x0A) ? 1 << 5 : 0
      default: 0
      }
    }
  }

  func then(_ next: PlaceMap) -> PlaceMap {
    PlaceMap { place in
      let reached = image(place)
      return (0..<6).reduce(0) { reached & 1 << $1 == 0 ? $0 : $0 | next.image($1) }
    }
  }

  func or(_ other: PlaceMap) -> PlaceMap { PlaceMap { image($0) | other.image($0) } }

  /// `minimum` to `maximum` times; nil: any number. After four times no place changes any more: something has been
  /// matched, and the end has been reached in two steps.
  func repeated(_ minimum: Int, _ maximum: Int?) -> PlaceMap {
    var result = PlaceMap.stay
    for _ in 0..<min(minimum, 4) { result = result.then(self) }
    guard maximum.map({ $0 > minimum }) ?? true else { return result }
    for _ in 0..<min((maximum ?? .max) - minimum, 4) { result = result.or(result.then(self)) }
    return result
  }

  /// Whether there is any text that it matches from its start.
  var canMatch: Bool { image(0) != 0 }
}

struct RegexFacts {
  var places: PlaceMap
  /// It matches in every place of every text, if only nothing at all.
  var matchesAnything: Bool
  /// In every place it can take all that is left of the text.
  var takesRest = false
  /// It matches at the end of the text, and takes nothing.
  var isEnd = false
  /// It takes nothing, but looks at what is there.
  var looksOnly = false
  /// Where nothing behind it can fail, it may take bytes.
  var mayTake = false
  /// The part at its end that more bytes would lengthen: offsets into the pattern.
  var openEnd: Range<Int>?
  /// A greedy part before its end that can take all that stands behind it: it looks for more at the end of what has come.
  var hungry: Hunger?
  /// Of each of these sets it takes a byte, wherever it matches.
  var needs: [ByteSet] = []
  /// It takes one byte of this set.
  var byte: ByteSet?

  struct Hunger {
    let set: ByteSet
    /// Offsets into the pattern.
    let range: Range<Int>
  }

  /// No more of them are looked at: they are multiplied by alternatives.
  private static let mostNeeds = 8

  static let empty = RegexFacts(places: .stay, matchesAnything: true)
  /// A look-around or `\b`, of which no more is known.
  static let look = RegexFacts(places: .stay, matchesAnything: false, looksOnly: true)
  /// Text that is not known before the script runs.
  static let unknownText = RegexFacts(
    places: PlaceMap.stay.or(.byte(.all).repeated(1, nil)), matchesAnything: false, mayTake: true)

  static func byte(_ set: ByteSet) -> RegexFacts {
    RegexFacts(places: .byte(set), matchesAnything: false, mayTake: !set.isEmpty, needs: [set], byte: set)
  }

  func then(_ next: RegexFacts) -> RegexFacts {
    // Behind a place that is looked at nothing is known of where the greedy part stops.
    let stays = !next.isEnd && !next.looksOnly
    let kept = stays ? hungry.flatMap { hunger in next.needs.allSatisfy(hunger.set.meets) ? hunger : nil } : nil
    return RegexFacts(
      places: places.then(next.places),
      matchesAnything: (matchesAnything && next.matchesAnything) || (takesRest && next.isEnd),
      takesRest: matchesAnything && next.takesRest, looksOnly: looksOnly && next.looksOnly,
      mayTake: mayTake || next.mayTake, openEnd: next.openEnd, hungry: next.hungry ?? kept,
      needs: Array((needs + next.needs).suffix(RegexFacts.mostNeeds)))
  }

  /// The alternatives are tried in their order: behind one that matches in every place no other is. An open end of the
  /// second alternative may not come to bear, as in `/.|x+/`; so only that of the first counts.
  func or(_ other: RegexFacts) -> RegexFacts {
    let either = needs.flatMap { set in
      other.needs.map { other in
        var both = set
        both.formUnion(other)
        return both
      }
    }
    return RegexFacts(
      places: places.or(other.places), matchesAnything: matchesAnything || other.matchesAnything,
      takesRest: takesRest || other.takesRest, looksOnly: looksOnly && other.looksOnly,
      mayTake: mayTake || (!matchesAnything && other.mayTake),
      openEnd: openEnd, hungry: hungry, needs: Array(either.prefix(RegexFacts.mostNeeds)))
  }

  /// - Parameters:
  ///   - isGreedy: it takes as much as it can (`x*?` does not).
  ///   - range: where it stands in the pattern.
  ///   - rest: the bytes that a text may hold.
  func repeated(_ minimum: Int, _ maximum: Int?, isGreedy: Bool, range: Range<Int>, among rest: ByteSet) -> RegexFacts {
    let takesAll = byte.map { set in
      var either = set
      either.formUnion(rest.inverted)
      return either == .all
    } ?? false
    let varies = maximum.map { $0 > minimum } ?? true
    let openEnd: Range<Int>?
    if varies, isGreedy, mayTake {
      // What takes every byte there is wants the end of the stream, and says so.
      openEnd = byte == .all ? nil : range
    } else {
      openEnd = minimum > 0 ? self.openEnd : nil
    }
    let hungry = maximum == nil && isGreedy ? byte.flatMap { $0 == .all ? nil : Hunger(set: $0, range: range) } : nil
    return RegexFacts(
      places: places.repeated(minimum, maximum), matchesAnything: minimum == 0 || matchesAnything,
      takesRest: minimum == 0 && maximum == nil && takesAll, looksOnly: looksOnly,
      mayTake: mayTake && (isGreedy ? maximum != 0 : minimum > 0), openEnd: openEnd,
      hungry: hungry ?? (minimum > 0 ? self.hungry : nil), needs: minimum > 0 ? needs : [])
  }
}
