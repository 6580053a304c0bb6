// What a person would see of a program that runs on a terminal.

import SockLanguage

/// A screen that the bytes of a program are written to as they come: UTF-8, with the escape sequences of ECMA-48, the
/// VT100 and xterm that say what stands where. Colours and the like are read over.
///
/// Whatever is written, there is a text on it: a program under test may write anything.
package final class TerminalScreen {
  /// Cells that a screen may have: one takes 16 bytes.
  package static let mostCells = 1 << 20

  package private(set) var rows: Int
  package private(set) var columns: Int
  /// Questions of the program are answered; not while a person's own terminal does.
  package var answersQuestions = true

  private var cells: ScreenCells
  /// The one that is not shown: the usual one, while a program has the alternate one to itself.
  private var otherCells: ScreenCells
  private var isAlternate = false
  private var state = State()
  private var saved = State()
  /// Each of the two keeps its own.
  private var otherSaved = State()
  /// What DECSTBM says: only these rows scroll.
  private var margins: ClosedRange<Int>
  private var tabStops: [Bool]
  private var inserts = false
  private var lineFeedReturns = false
  /// What was put last, for REP.
  private var lastScalar: UInt32 = 0
  private var parser = ScreenParser()
  private var answers: [UInt8] = []

  /// What DECSC keeps.
  private struct State {
    var row = 0
    var column = 0
    /// A character was put into the last column: the next one goes to the next row.
    var isBehindEdge = false
    /// Rows count from the upper margin, and the cursor stays between the margins.
    var isRelative = false
    var wraps = true
    /// G0 and G1: whether each is the line-drawing set.
    var drawsLines = [false, false]
    var shift = 0
  }

  /// - Parameters:
  ///   - rows: 1 or more.
  ///   - columns: 1 or more.
  /// - Throws: `range` for a size that no screen has.
  package init(rows: Int, columns: Int) throws(Failure) {
    try TerminalScreen.require(rows, columns)
    (self.rows, self.columns) = (rows, columns)
    cells = ScreenCells(rows: rows, columns: columns)
    otherCells = cells
    margins = 0...rows - 1
    tabStops = TerminalScreen.usualTabStops(columns)
  }

  private static func require(_ rows: Int, _ columns: Int) throws(Failure) {
    guard rows > 0, columns > 0, rows <= mostCells, columns <= mostCells, rows * columns <= mostCells else {
      throw .range("a screen has from 1 to \(mostCells) cells, not \(rows) rows of \(columns)")
    }
  }

  private static func usualTabStops(_ columns: Int) -> [Bool] { (0..<columns).map { $0 % 8 == 0 } }

  /// Gives it another size, as a window gets one: rows that there is no room for go at the top, lines are cut.
  package func resize(rows: Int, columns: Int) throws(Failure) {
    try TerminalScreen.require(rows, columns)
    guard rows != self.rows || columns != self.columns else { return }
    let lost = max(0, state.row - (rows - 1))
    cells.resize(rows: rows, columns: columns, losing: lost)
    otherCells.resize(rows: rows, columns: columns, losing: 0)
    state.row -= lost
    (self.rows, self.columns) = (rows, columns)
    margins = 0...rows - 1
    tabStops = Array(tabStops.prefix(columns)) + TerminalScreen.usualTabStops(columns).dropFirst(tabStops.count)
    state = within(state)
    saved = within(saved)
    otherSaved = within(otherSaved)
  }

  private func within(_ state: State) -> State {
    var state = state
    state.row = min(state.row, rows - 1)
    if state.column >= columns { state.column = columns - 1 }
    if state.column < columns - 1 { state.isBehindEdge = false }
    return state
  }

  /// Shows what a program has written.
  ///
  /// - Returns: what a terminal answers to it: a program may ask where the cursor stands, or what terminal it is.
  package func write(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    for byte in bytes { parser.take(byte, self) }
    guard !answers.isEmpty else { return [] }
    defer { answers = [] }
    return answers
  }

  /// Where the next character would stand; both count from 0, as what `lines(text)` gives does.
  package var cursor: (row: Int, column: Int) { (state.row, state.column) }

  /// Its rows with a line feed between two, UTF-8: without the blanks at the end of each, and without empty ones at its
  /// end.
  package var text: [UInt8] {
    var lines = (0..<rows).map(cells.text(ofRow:))
    while lines.last?.isEmpty == true { lines.removeLast() }
    return Array(lines.joined(separator: [0x0A]))
  }

  // MARK: - Characters

  func put(_ scalar: UnicodeScalar) {
    var value = scalar.value
    if state.drawsLines[state.shift], 0x5F...0x7E ~= value { value = TerminalScreen.lineDrawing[Int(value) - 0x5F] }
    var width = value < 0x7F ? 1 : Printable.columns(of: UnicodeScalar(value) ?? scalar)
    if width == 0 {
      let column = state.isBehindEdge ? state.column : state.column - 1
      if column >= 0 { cells.mark(value, row: state.row, column: column) }
      return
    }
    if width > columns { (value, width) = (0xFFFD, 1) }
    if state.wraps, state.isBehindEdge || state.column + width > columns {
      state.column = 0
      lineFeed()
    }
    state.isBehindEdge = false
    state.column = min(state.column, columns - width)
    if inserts { cells.insert(width, row: state.row, column: state.column) }
    cells.put(value, width: width, row: state.row, column: state.column)
    lastScalar = value
    state.column += width
    if state.column >= columns {
      state.column = columns - 1
      state.isBehindEdge = state.wraps
    }
  }

  /// From `_` on: a blank, and the pictures of the VT100's set.
  private static let lineDrawing: [UInt32] = " ◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·".unicodeScalars.map(\.value)

  /// A control character, wherever it stands.
  func control(_ byte: UInt8) {
    switch byte {
    case 0x08: move(column: state.column - 1)
    case 0x09: tab(1)
    case 0x0A, 0x0B, 0x0C:
      if lineFeedReturns { state.column = 0 }
      state.isBehindEdge = false
      lineFeed()
    case 0x0D: move(column: 0)
    case 0x0E: state.shift = 1
    case 0x0F: state.shift = 0
    default: break
    }
  }

  // MARK: - The cursor

  private func lineFeed() {
    if state.row == margins.upperBound {
      cells.scroll(margins, by: 1)
    } else if state.row < rows - 1 {
      state.row += 1
    }
  }

  private func reverseLineFeed() {
    if state.row == margins.lowerBound {
      cells.scroll(margins, by: -1)
    } else if state.row > 0 {
      state.row -= 1
    }
  }

  private func move(column: Int) {
    state.isBehindEdge = false
    state.column = max(0, min(column, columns - 1))
  }

  /// Up and down, but not over a margin.
  private func move(rows count: Int) {
    state.isBehindEdge = false
    let isAbove = state.row < margins.lowerBound
    let isBelow = state.row > margins.upperBound
    if count < 0 {
      state.row = max(isAbove ? 0 : margins.lowerBound, state.row + count)
    } else {
      state.row = min(isBelow ? rows - 1 : margins.upperBound, state.row + count)
    }
  }

  private func move(toRow row: Int) {
    state.isBehindEdge = false
    let range = state.isRelative ? margins : 0...rows - 1
    state.row = max(range.lowerBound, min(range.lowerBound + row, range.upperBound))
  }

  private func tab(_ count: Int) {
    state.isBehindEdge = false
    for _ in 0..<min(abs(count), columns) {
      state.column =
        count > 0
        ? tabStops[(state.column + 1)...].firstIndex(of: true) ?? columns - 1
        : tabStops[..<state.column].lastIndex(of: true) ?? 0
    }
  }

  // MARK: - Escape sequences

  /// ESC and one character, with what stands between them.
  func escape(_ final: UInt8, _ intermediate: UInt8) {
    switch (intermediate, final) {
    case (0, UInt8(ascii: "7")): saved = state
    case (0, UInt8(ascii: "8")): state = within(saved)
    case (0, UInt8(ascii: "D")): lineFeed()
    case (0, UInt8(ascii: "E")):
      move(column: 0)
      lineFeed()
    case (0, UInt8(ascii: "H")): tabStops[state.column] = true
    case (0, UInt8(ascii: "M")): reverseLineFeed()
    case (0, UInt8(ascii: "Z")): answer("[?1;2c")
    case (0, UInt8(ascii: "c")): reset()
    case (UInt8(ascii: "#"), UInt8(ascii: "8")):
      cells.fill(with: 0x45)
      margins = 0...rows - 1
      (state.row, state.column, state.isBehindEdge) = (0, 0, false)
    case (UInt8(ascii: "("), _): state.drawsLines[0] = final == UInt8(ascii: "0")
    case (UInt8(ascii: ")"), _): state.drawsLines[1] = final == UInt8(ascii: "0")
    default: break
    }
  }

  private func reset() {
    if isAlternate { swap(&cells, &otherCells) }
    isAlternate = false
    cells.erase(rows: 0..<rows)
    otherCells.erase(rows: 0..<rows)
    (state, saved, otherSaved) = (State(), State(), State())
    margins = 0...rows - 1
    tabStops = TerminalScreen.usualTabStops(columns)
    (inserts, lineFeedReturns, lastScalar) = (false, false, 0)
  }

  /// CSI, parameters and a character. A parameter that is not there is nil.
  /// - Parameter mark: of those that stand before and behind the parameters; 0 without one.
  func sequence(_ final: UInt8, _ mark: UInt8, _ parameters: ScreenParser.Parameters) {
    guard mark == 0 else { return privateSequence(final, mark, parameters) }
    let count = parameters.count(0)
    switch UnicodeScalar(final) {
    case "@": cells.insert(count, row: state.row, column: state.column)
    case "A": move(rows: -count)
    case "B", "e": move(rows: count)
    case "C", "a": move(column: state.column + count)
    case "D": move(column: state.column - count)
    case "E", "F":
      move(rows: final == UInt8(ascii: "E") ? count : -count)
      move(column: 0)
    case "G", "`": move(column: count - 1)
    case "H", "f":
      move(toRow: count - 1)
      move(column: parameters.count(1) - 1)
    case "I": tab(count)
    case "J": eraseDisplay(parameters[0] ?? 0)
    case "K": eraseLine(parameters[0] ?? 0)
    case "L", "M":
      guard margins.contains(state.row) else { break }
      cells.scroll(state.row...margins.upperBound, by: final == UInt8(ascii: "L") ? -count : count)
      move(column: 0)
    case "P": cells.delete(count, row: state.row, column: state.column)
    case "S": cells.scroll(margins, by: count)
    // With more parameters it follows the mouse.
    case "T": if parameters[1] == nil { cells.scroll(margins, by: -count) }
    case "X": cells.erase(row: state.row, columns: state.column..<min(columns, state.column + count))
    case "Z": tab(-count)
    case "b":
      guard let scalar = UnicodeScalar(lastScalar), lastScalar != 0 else { break }
      let drawsLines = state.drawsLines
      state.drawsLines = [false, false]
      for _ in 0..<min(count, rows * columns) { put(scalar) }
      state.drawsLines = drawsLines
    case "c": answer("[?1;2c")
    case "d": move(toRow: count - 1)
    case "g":
      switch parameters[0] ?? 0 {
      case 0: tabStops[state.column] = false
      case 3: tabStops = Array(repeating: false, count: columns)
      default: break
      }
    case "h", "l":
      for mode in parameters.all { set(mode, final == UInt8(ascii: "h")) }
    case "n": report(parameters[0] ?? 0, "")
    case "r": setMargins(count - 1, parameters[1].flatMap { $0 == 0 ? nil : $0 - 1 } ?? rows - 1)
    case "s": saved = state
    case "t": if parameters[0] == 18 { answer("[8;\(rows);\(columns)t") }
    case "u": state = within(saved)
    default: break
    }
  }

  private func privateSequence(_ final: UInt8, _ mark: UInt8, _ parameters: ScreenParser.Parameters) {
    switch (UnicodeScalar(mark), UnicodeScalar(final)) {
    case ("?", "h"), ("?", "l"):
      for mode in parameters.all { setPrivate(mode, final == UInt8(ascii: "h")) }
    case ("?", "J"): eraseDisplay(parameters[0] ?? 0)
    case ("?", "K"): eraseLine(parameters[0] ?? 0)
    case ("?", "n"): report(parameters[0] ?? 0, "?")
    case (">", "c"): answer("[>0;0;0c")
    case ("!", "p"):
      (inserts, state.isRelative, state.wraps) = (false, false, true)
      (state.drawsLines, state.shift) = ([false, false], 0)
      margins = 0...rows - 1
      saved = State()
    default: break
    }
  }

  private func set(_ mode: Int, _ on: Bool) {
    switch mode {
    case 4: inserts = on
    case 20: lineFeedReturns = on
    default: break
    }
  }

  private func setPrivate(_ mode: Int, _ on: Bool) {
    switch mode {
    case 6:
      state.isRelative = on
      move(toRow: 0)
      move(column: 0)
    case 7:
      state.wraps = on
      if !on { state.isBehindEdge = false }
    case 47, 1047:
      if !on, mode == 1047, isAlternate { cells.erase(rows: 0..<rows) }
      showAlternate(on)
    case 1048: if on { saved = state } else { state = within(saved) }
    case 1049:
      if on {
        if !isAlternate { saved = state }
        showAlternate(true)
        cells.erase(rows: 0..<rows)
      } else if isAlternate {
        showAlternate(false)
        state = within(saved)
      }
    default: break
    }
  }

  private func showAlternate(_ on: Bool) {
    guard on != isAlternate else { return }
    swap(&cells, &otherCells)
    swap(&saved, &otherSaved)
    isAlternate = on
  }

  private func setMargins(_ top: Int, _ bottom: Int) {
    let bottom = min(bottom, rows - 1)
    guard top < bottom else { return }
    margins = top...bottom
    move(toRow: 0)
    move(column: 0)
  }

  private func eraseDisplay(_ what: Int) {
    switch what {
    case 0:
      eraseLine(0)
      cells.erase(rows: state.row + 1..<rows)
    case 1:
      cells.erase(rows: 0..<state.row)
      eraseLine(1)
    case 2: cells.erase(rows: 0..<rows)
    default: break
    }
  }

  private func eraseLine(_ what: Int) {
    switch what {
    case 0: cells.erase(row: state.row, columns: state.column..<columns)
    case 1: cells.erase(row: state.row, columns: 0..<state.column + 1)
    case 2: cells.erase(row: state.row, columns: 0..<columns)
    default: break
    }
  }

  // MARK: - Answers

  private func report(_ what: Int, _ mark: String) {
    switch what {
    case 5 where mark.isEmpty: answer("[0n")
    case 6:
      let row = state.row - (state.isRelative ? margins.lowerBound : 0)
      answer("[\(mark)\(row + 1);\(state.column + 1)R")
    default: break
    }
  }

  private func answer(_ text: String) {
    answers.append(0x1B)
    answers.append(contentsOf: text.utf8)
  }
}
