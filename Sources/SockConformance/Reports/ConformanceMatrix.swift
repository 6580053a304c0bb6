// Requirement by implementation: which clause holds where.

struct ConformanceMatrix {
  /// One test, with its outcome against each implementation.
  struct Row {
    let file: String
    let name: String
    let level: String?
    let citation: String?
    /// By column.
    var cells: [Cell?]
  }

  struct Cell {
    var verdict: TestVerdict
    var isExpected: Bool
    /// The position of the record that the verdict is from, in the order in which records were added.
    var record: Int
  }

  private struct Key: Hashable {
    let file: String
    let name: String
    let citation: String?
  }

  /// The names of the implementations; one without a name when `--target` was not used.
  private(set) var columns: [String?]
  private var rows: [Row] = []
  private var positions: [Key: Int] = [:]
  private var count = 0

  init(targets: [String]) { columns = targets.isEmpty ? [nil] : targets }

  /// Of a test that ran several times (`--repeat`, `--segment sweep`) the worst outcome counts.
  mutating func add(_ record: TestRecord) {
    defer { count += 1 }
    let key = Key(file: record.file, name: record.name, citation: record.citation)
    let position = positions[key] ?? rows.count
    if position == rows.count {
      positions[key] = position
      rows.append(
        Row(file: record.file, name: record.name, level: record.level, citation: record.citation,
          cells: Array(repeating: nil, count: columns.count)))
    }
    let column: Int
    if let known = columns.firstIndex(of: record.target) {
      column = known
    } else {
      // Shards need not have run against the same implementations.
      column = columns.count
      columns.append(record.target)
      for index in rows.indices { rows[index].cells.append(nil) }
    }
    let cell = Cell(verdict: record.verdict, isExpected: record.isExpected, record: count)
    if let before = rows[position].cells[column], before.severity >= cell.severity { return }
    rows[position].cells[column] = cell
  }

  /// Rows that cite a clause, or at least say how binding they are; by clause, numbers in it by their value.
  var requirements: [Row] {
    rows.filter { $0.level != nil || $0.citation != nil }.sorted { one, other in
      let (first, second) = (one.citation ?? "", other.citation ?? "")
      if first != second { return ConformanceMatrix.comesBefore(first, second) }
      return one.file != other.file && one.file < other.file
    }
  }

  var allRows: [Row] { rows }

  /// `4.2.9` before `4.2.10`.
  static func comesBefore(_ one: String, _ other: String) -> Bool {
    var first = Array(one.utf8)[...]
    var second = Array(other.utf8)[...]
    while let a = first.first, let b = second.first {
      if isDigit(a), isDigit(b) {
        let left = first.prefix(while: isDigit)
        let right = second.prefix(while: isDigit)
        let (leftDigits, rightDigits) = (left.drop { $0 == 0x30 }, right.drop { $0 == 0x30 })
        if leftDigits.count != rightDigits.count { return leftDigits.count < rightDigits.count }
        if !leftDigits.elementsEqual(rightDigits) { return leftDigits.lexicographicallyPrecedes(rightDigits) }
        first = first.dropFirst(left.count)
        second = second.dropFirst(right.count)
      } else {
        if a != b { return a < b }
        first = first.dropFirst()
        second = second.dropFirst()
      }
    }
    return first.isEmpty && !second.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

extension ConformanceMatrix.Cell {
  /// What a reader wants to know first is highest.
  fileprivate var severity: Int {
    if isExpected { return 4 }
    switch verdict {
    case .pass: return 0
    case .noted: return 1
    case .skip: return 2
    case .todo: return 3
    case .warning: return 5
    case .inconclusive: return 6
    case .flaky: return 7
    case .fail: return 8
    case .error: return 9
    }
  }

  var word: String { isExpected ? "known" : verdict.rawValue }
}
