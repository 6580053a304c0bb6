// The cells of a screen, and what moves and empties them. Nothing here knows of escape sequences.

struct ScreenCells {
  struct Cell {
    /// The character; 0 where nothing stands, and `secondHalf` behind a character of two columns.
    var scalar: UInt32 = 0
    /// What is put on it, as accents.
    var marks: [UInt32] = []
    static let secondHalf = UInt32.max
  }

  typealias Row = [Cell]

  private(set) var rows: [Row]
  private(set) var columns: Int
  /// More marks on one character are not kept.
  private static let mostMarks = 8

  init(rows: Int, columns: Int) {
    self.rows = Array(repeating: Array(repeating: Cell(), count: columns), count: rows)
    self.columns = columns
  }

  private var emptyRow: Row { Array(repeating: Cell(), count: columns) }

  // MARK: - Characters

  /// Puts a character of `width` columns, 1 or 2, where there is room for it.
  mutating func put(_ scalar: UInt32, width: Int, row: Int, column: Int) {
    separate(row: row, column: column)
    separate(row: row, column: column + width)
    rows[row][column] = Cell(scalar: scalar)
    if width == 2 { rows[row][column + 1] = Cell(scalar: Cell.secondHalf) }
  }

  mutating func mark(_ scalar: UInt32, row: Int, column: Int) {
    let at = column > 0 && rows[row][column].scalar == Cell.secondHalf ? column - 1 : column
    guard rows[row][at].scalar != 0, rows[row][at].marks.count < ScreenCells.mostMarks else { return }
    rows[row][at].marks.append(scalar)
  }

  /// What is changed from this column on leaves no half of a character before it.
  private mutating func separate(row: Int, column: Int) {
    guard column > 0, column < columns, rows[row][column].scalar == Cell.secondHalf else { return }
    rows[row][column - 1] = Cell()
    rows[row][column] = Cell()
  }

  mutating func fill(with scalar: UInt32) {
    rows = Array(repeating: Array(repeating: Cell(scalar: scalar), count: columns), count: rows.count)
  }

  // MARK: - Emptying and moving

  mutating func erase(row: Int, columns range: Range<Int>) {
    guard !range.isEmpty else { return }
    separate(row: row, column: range.lowerBound)
    separate(row: row, column: range.upperBound)
    for column in range { rows[row][column] = Cell() }
  }

  mutating func erase(rows range: Range<Int>) {
    for row in range { rows[row] = emptyRow }
  }

  /// Makes room for characters, or takes some away, so that what is to their right moves; what goes beyond the edge is
  /// lost.
  mutating func insert(_ count: Int, row: Int, column: Int) {
    let count = min(count, columns - column)
    separate(row: row, column: column)
    separate(row: row, column: columns - count)
    rows[row].removeLast(count)
    rows[row].insert(contentsOf: repeatElement(Cell(), count: count), at: column)
  }

  mutating func delete(_ count: Int, row: Int, column: Int) {
    let count = min(count, columns - column)
    separate(row: row, column: column)
    separate(row: row, column: column + count)
    rows[row].removeSubrange(column..<column + count)
    rows[row].append(contentsOf: repeatElement(Cell(), count: count))
  }

  /// Moves the rows of a range up, or down where `count` is negative; what leaves the range is lost.
  mutating func scroll(_ range: ClosedRange<Int>, by count: Int) {
    let lost = min(abs(count), range.count)
    if count > 0 {
      rows.removeSubrange(range.lowerBound..<range.lowerBound + lost)
      rows.insert(contentsOf: repeatElement(emptyRow, count: lost), at: range.upperBound + 1 - lost)
    } else if count < 0 {
      rows.removeSubrange(range.upperBound + 1 - lost..<range.upperBound + 1)
      rows.insert(contentsOf: repeatElement(emptyRow, count: lost), at: range.lowerBound)
    }
  }

  // MARK: - As a whole

  /// - Parameter lost: so many rows go at the top, so that the cursor's stays.
  mutating func resize(rows count: Int, columns: Int, losing lost: Int) {
    rows.removeFirst(min(lost, rows.count))
    if columns < self.columns {
      for row in rows.indices {
        separate(row: row, column: columns)
        rows[row].removeLast(self.columns - columns)
      }
    } else if columns > self.columns {
      for row in rows.indices {
        rows[row].append(contentsOf: repeatElement(Cell(), count: columns - self.columns))
      }
    }
    self.columns = columns
    if rows.count > count { rows.removeLast(rows.count - count) }
    while rows.count < count { rows.append(emptyRow) }
  }

  /// In UTF-8, without blanks at the end.
  func text(ofRow number: Int) -> [UInt8] {
    var text: [UInt8] = []
    let row = rows[number]
    let last = row.lastIndex { $0.scalar != 0 && $0.scalar != 0x20 || !$0.marks.isEmpty }
    guard let last else { return text }
    for cell in row[...last] where cell.scalar != Cell.secondHalf {
      ScreenCells.append(cell.scalar == 0 ? 0x20 : cell.scalar, to: &text)
      for mark in cell.marks { ScreenCells.append(mark, to: &text) }
    }
    return text
  }

  private static func append(_ value: UInt32, to text: inout [UInt8]) {
    if value < 0x80 {
      text.append(UInt8(value))
    } else if let scalar = UnicodeScalar(value) {
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
  }
}
