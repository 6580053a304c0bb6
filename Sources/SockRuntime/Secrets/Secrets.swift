// The values of `param secret`, and how they are hidden: as bytes, before anything is escaped, dumped, cut or saved;
// and once more in every text that leaves, where they may stand escaped.

/// What a run must not show. Whatever its length, a secret is shown as three stars.
package final class Secrets {
  struct Secret {
    /// The `param`'s; empty for what was typed where it was not shown.
    let name: String
    let bytes: [UInt8]
    /// It is forgotten when the next test begins.
    let isOfTest: Bool

    func offset(of piece: [UInt8]) -> Int? {
      bytes.withUnsafeBytes { all in piece.withUnsafeBytes { all.offset(of: $0) } }
    }

    func offset(in text: [UInt8]) -> Int? {
      text.withUnsafeBytes { all in bytes.withUnsafeBytes { all.offset(of: $0) } }
    }

    /// What is often wrong with a secret that was read from a file or pasted, in words behind a comma.
    var oddity: String {
      switch bytes.last {
      case 0x0A, 0x0D: return ", and ends with a line end"
      case 0x20, 0x09: return ", and ends with a space"
      default: return bytes.first == 0x20 ? ", and begins with a space" : ""
      }
    }
  }

  /// Where a piece of bytes was cut: what stood beyond may have been the rest of a secret.
  struct Cuts: OptionSet {
    let rawValue: UInt8
    static let atStart = Cuts(rawValue: 1)
    static let atEnd = Cuts(rawValue: 2)
  }

  static let stars: [UInt8] = [0x2A, 0x2A, 0x2A]

  private(set) var all: [Secret] = []
  /// Of all secrets, made when something is looked for.
  private(set) lazy var search = SecretSearch()
  /// Of all secrets; nil until something with numbers is looked at.
  private var numbers: SecretNumbers?
  /// What reads have cut out of them.
  var pieces = SecretPieces()

  package init() {}

  package var isEmpty: Bool { all.isEmpty }

  /// Bytes of the longest form of any secret; what is so far from a piece of text can be no part of a form in it.
  var longestForm: Int { search.longest }

  /// One more. Nothing is no secret.
  /// - Parameter isOfTest: see `forgetThoseOfTest`.
  package func add(_ bytes: [UInt8], name: String, isOfTest: Bool = false) {
    guard !bytes.isEmpty, !all.contains(where: { $0.bytes == bytes && $0.name == name }) else { return }
    all.append(Secret(name: name, bytes: bytes, isOfTest: isOfTest))
    makeSearch()
  }

  func forgetThoseOfTest() {
    guard all.contains(where: \.isOfTest) else { return }
    all.removeAll(where: \.isOfTest)
    makeSearch()
  }

  private func makeSearch() {
    search = SecretSearch(all.map(\.bytes))
    numbers = nil
    pieces.trigrams = nil
  }

  // MARK: - Looking

  /// Where secrets stand in some bytes, in whatever form: in order, and none touches another.
  /// - Parameter isText: made for people, with values in quotes; a value may be a part of a secret.
  func ranges(in bytes: [UInt8], cuts: Cuts = [], isText: Bool = false) -> [Range<Int>] {
    if isEmpty || bytes.isEmpty { return [] }
    var found = matches(of: search, in: bytes, cuts, isText: isText)
    if let cut = pieces.search { found += matches(of: cut, in: bytes, [], isText: false) }
    found += numberRuns(in: bytes).compactMap { run in
      run.first.flatMap { first in run.last.map { first.lowerBound..<$0.upperBound } }
    }
    return Secrets.joined(found)
  }

  /// Where numbers stand that are bytes of a secret; those that follow each other belong together.
  func numberRuns(in bytes: [UInt8]) -> [[Range<Int>]] {
    guard !isEmpty, bytes.contains(where: ByteClass.isDigit) else { return [] }
    let known = numbers ?? SecretNumbers(all.map(\.bytes))
    numbers = known
    return known.runs(in: bytes)
  }

  /// Where whole ones stand, with those apart that only touch each other: each is one form of a secret.
  func formRanges(in bytes: [UInt8]) -> [Range<Int>] {
    isEmpty || bytes.isEmpty ? [] : Secrets.joined(matches(of: search, in: bytes, [], isText: false), ifTouching: false)
  }

  /// Where pieces stand that reads have cut out.
  func pieceRanges(in bytes: [UInt8]) -> [Range<Int>] {
    guard let cut = pieces.search, !bytes.isEmpty else { return [] }
    return Secrets.joined(matches(of: cut, in: bytes, [], isText: false))
  }

  private func matches(of search: SecretSearch, in bytes: [UInt8], _ cuts: Cuts, isText: Bool) -> [Range<Int>] {
    var found = search.matches(in: bytes, cuts, isText: isText)
    if bytes.contains(0x1B) { found += drawnMatches(of: search, in: Unescaped(plain: bytes), cuts, isText: isText) }
    if bytes.contains(UInt8(ascii: "\\")) {
      var level = Unescaped(plain: bytes)
      // A value inside of a text inside of a text; JSON in a string in a message.
      for _ in 0..<3 where level.undoEscapes() {
        found += search.matches(in: level.bytes, cuts, isText: isText).map(level.source)
        if level.bytes.contains(0x1B) { found += drawnMatches(of: search, in: level, cuts, isText: isText) }
      }
    }
    if bytes.contains(UInt8(ascii: "%")) {
      var level = Unescaped(plain: bytes)
      if level.undoPercents() { found += search.matches(in: level.bytes, cuts, isText: isText).map(level.source) }
    }
    return found
  }

  /// In what a program draws on a terminal: the colour may change in the middle of a secret, or its row.
  private func drawnMatches(
    of search: SecretSearch, in text: Unescaped, _ cuts: Cuts, isText: Bool
  ) -> [Range<Int>] {
    [false, true].flatMap { joinsLines -> [Range<Int>] in
      var level = text
      guard level.undoDrawing(joinsLines: joinsLines) else { return [] }
      return search.matches(in: level.bytes, cuts, isText: isText).map(level.source)
    }
  }

  /// A screen's rows with secrets hidden, also one that goes on in the next row: what is in that row goes then.
  func masked(rows: [[UInt8]]) -> [[UInt8]] {
    if isEmpty { return rows }
    var shown = rows.map { _ in [UInt8]() }
    let ranges = ranges(in: Array(rows.joined()))
    var start = 0
    for (number, row) in rows.enumerated() {
      let end = start + row.count
      var at = start
      for range in ranges where range.upperBound > start && range.lowerBound < end {
        let lower = max(range.lowerBound, start)
        shown[number] += row[(at - start)..<(lower - start)]
        if range.lowerBound >= start { shown[number] += Secrets.stars }
        at = min(range.upperBound, end)
      }
      shown[number] += row[(at - start)...]
      start = end
    }
    return shown
  }

  private static func joined(_ ranges: [Range<Int>], ifTouching: Bool = true) -> [Range<Int>] {
    var joined: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = joined.last, range.lowerBound < last.upperBound + (ifTouching ? 1 : 0) {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined
  }

  // MARK: - Hiding

  func masked(_ bytes: [UInt8], cuts: Cuts = [], isText: Bool = false) -> [UInt8] {
    Secrets.starred(bytes, ranges(in: bytes, cuts: cuts, isText: isText))
  }

  /// Text that was made for people: messages, accounts, logs.
  package func masked(_ text: String) -> String {
    if isEmpty { return text }
    let bytes = Array(text.utf8)
    let found = ranges(in: bytes, isText: true)
    return found.isEmpty ? text : String(decoding: Secrets.starred(bytes, found), as: UTF8.self)
  }

  static func starred(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
    guard !ranges.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    for range in ranges {
      result += bytes[at..<range.lowerBound]
      result += stars
      at = range.upperBound
    }
    result += bytes[at...]
    return result
  }
}
