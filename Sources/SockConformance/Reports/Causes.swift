// Failures by cause: fifty tests that one dead server has refused are one thing to mend, not fifty.

/// What failed in a run, grouped by what is said of it.
struct Causes {
  struct Cause {
    /// The first line of its first failure.
    let message: String
    /// The first failures of it, as many as are named.
    fileprivate(set) var tests: [(place: String, title: String)] = []
    fileprivate(set) var count = 0
    /// By which number a report knows each of its first failures.
    fileprivate(set) var numbers: [Int] = []
  }

  /// In the order in which they came first.
  private var causes: [Cause] = []
  private var numbers: [String: Int] = [:]

  /// So many are told in full; a reader who has seen three of a kind knows it.
  static let toldInFull = 3
  /// So many are named where they are counted.
  private static let named = 3
  private static let numbered = 400

  /// Adds what failed.
  /// - Parameter own: by which the report knows it.
  /// - Returns: how many of this cause there are now, and the place and title of the first.
  @discardableResult mutating func add(_ record: TestRecord, number own: Int? = nil) -> (count: Int, first: String) {
    let key = Causes.key(record)
    let number = numbers[key] ?? causes.count
    if number == causes.count {
      numbers[key] = number
      causes.append(Cause(message: record.message))
    }
    causes[number].count += 1
    if let own, causes[number].numbers.count < Causes.numbered { causes[number].numbers.append(own) }
    let place = record.place.map { "\($0.file):\($0.line)" } ?? "\(record.file):\(record.line)"
    if causes[number].tests.count < Causes.named { causes[number].tests.append(("\(record.file):\(record.line)", record.title)) }
    let first = causes[number].tests.first.map { "\($0.place) \(Causes.shortened($0.title))" }
    return (causes[number].count, first ?? place)
  }

  /// Of a long name its beginning tells which it is.
  private static func shortened(_ title: String) -> String {
    title.count > 60 ? "\(title.prefix(60))…" : title
  }

  var isEmpty: Bool { causes.isEmpty }

  /// The most frequent first, and of equally frequent ones the earliest.
  var sorted: [Cause] {
    causes.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
  }

  /// Numbers behind these words, and before these units, differ from test to test and say nothing of the cause.
  private static let changing = (behind: ["pid ", "process ", "port ", ":", "#", "after ", "within "], before: [" ms", " s", " min"])

  /// Two failures have one cause when they say the same but for ports, times and the like. What was expected and what
  /// came belongs to it, numbers as well: of two faults told as one nobody mends the second.
  private static func key(_ record: TestRecord) -> String {
    var key = "\(record.code ?? record.verdict.rawValue) "
    var rest = record.message.unicodeScalars[...]
    var isQuoted = false
    while let scalar = rest.first {
      if scalar == "\"" { isQuoted.toggle() }
      let number = isQuoted ? rest.prefix(0) : rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      guard !number.isEmpty else {
        key.unicodeScalars.append(rest.removeFirst())
        continue
      }
      rest = rest[number.endIndex...]
      let isChanging = changing.behind.contains { key.hasSuffix($0) } || changing.before.contains { startsWith(rest, $0) }
      key += isChanging ? "0" : String(number)
    }
    return key
  }

  /// As a word: ` s` does not begin ` sends`.
  private static func startsWith(_ text: Substring.UnicodeScalarView, _ unit: String) -> Bool {
    guard text.starts(with: unit.unicodeScalars) else { return false }
    return text.dropFirst(unit.unicodeScalars.count).first.map { !$0.properties.isAlphabetic } ?? true
  }
}
