// The rows of what is being edited, on the terminal: knows which stand there, and writes what has changed.

import Glibc
import SockRuntime

/// A row of the screen.
struct ScreenRow: Equatable {
  /// As the terminal gets it: characters and their colours. It ends without one.
  var bytes: [UInt8] = []
  /// In columns.
  var width = 0
}

final class LineDisplay {
  /// What stands on the screen: the cursor is in one of these rows.
  private var rows: [ScreenRow] = []
  private var cursor = (row: 0, column: 0)
  private(set) var columns = 80
  private(set) var height = 24

  /// Nothing stands there yet; the cursor is at the beginning of a row.
  func begin() {
    rows = []
    cursor = (0, 0)
    readSize()
  }

  private func readSize() {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return }
    columns = max(2, Int(size.ws_col))
    height = Int(size.ws_row)
  }

  /// The window has another size. Terminals break the rows that are now too long, or leave them cut: where the cursor
  /// is then is worked out for those that break them, and what stands below and above it of ours is erased.
  func resize() {
    let before = columns
    readSize()
    guard !rows.isEmpty, columns < before else { return }
    func pieces(_ width: Int) -> Int { max(1, (width + columns - 1) / columns) }
    let above = rows[..<cursor.row].reduce(0) { $0 + pieces($1.width) } + cursor.column / columns
    write("\(up(above))\r\u{1B}[J")
    begin()
  }

  /// Makes the screen show these rows, and the cursor there.
  func show(_ new: [ScreenRow], cursor target: (row: Int, column: Int)) {
    var output: [UInt8] = []
    var row = cursor.row
    func move(to wanted: Int) {
      if wanted < row {
        output += up(row - wanted).utf8
      } else {
        // Below the last row of the screen a line feed makes one.
        for _ in row..<wanted { output += "\r\n".utf8 }
      }
      row = wanted
    }
    var last = cursor
    for (index, content) in new.enumerated() where index >= rows.count || rows[index] != content {
      move(to: index)
      output.append(UInt8(ascii: "\r"))
      output += content.bytes
      // Behind a row that is full the cursor still stands on its last column.
      if content.width < columns { output += "\u{1B}[K".utf8 }
      last = (index, -1)
    }
    if new.count < rows.count {
      move(to: new.count)
      output += "\r\u{1B}[J".utf8
      last = (new.count, -1)
    }
    rows = new
    guard !output.isEmpty || last != target else { return }
    move(to: target.row)
    output.append(UInt8(ascii: "\r"))
    if target.column > 0 { output += "\u{1B}[\(min(target.column, columns - 1))C".utf8 }
    cursor = target
    write(output)
  }

  /// Erases all of it; the cursor is where it began.
  func clear() {
    guard !rows.isEmpty else { return }
    write("\(up(cursor.row))\r\u{1B}[J")
    rows = []
    cursor = (0, 0)
  }

  /// Leaves these rows where they are, all of them, and goes below them.
  func leave(_ whole: [ScreenRow], with text: String = "") {
    clear()
    var output: [UInt8] = []
    for (index, row) in whole.enumerated() {
      if index > 0 { output += "\r\n".utf8 }
      output += row.bytes
    }
    write(output + Array(text.utf8) + Array("\r\n".utf8))
    begin()
  }

  func clearScreen() {
    write("\u{1B}[H\u{1B}[2J")
    begin()
  }

  func write(_ text: String) { write(Array(text.utf8)) }

  private func write(_ bytes: [UInt8]) {
    // A terminal that is gone is met at the next key.
    _ = OutputWriter.writeAll(STDOUT_FILENO, bytes)
  }

  private func up(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)A" : "" }
}
