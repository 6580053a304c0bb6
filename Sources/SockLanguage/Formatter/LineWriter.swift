// Lines of output: their indentation, and the columns of the comments behind them.

struct LineWriter {
  /// A comment behind code.
  private struct Remark {
    /// Where it goes in `text`.
    let offset: Int
    /// The line, from 0, and how wide its code is.
    let line: Int
    let width: Int
    /// The column, from 0, at which the author has put it.
    let column: Int
    let comment: ArraySlice<UInt8>
    /// It touches the word before it, which would mean something else with a blank behind it.
    let isGlued: Bool
  }

  /// All but the comments behind code.
  private var text: [UInt8] = []
  private var remarks: [Remark] = []
  private var lineStart = 0
  private var line = 0
  /// Of the line that is being written, in spaces.
  private(set) var indentation = 0
  /// The author's column of the comment that ends the last line; nil when none does.
  private(set) var remarkColumn: Int?

  init(capacity: Int) { text.reserveCapacity(capacity) }

  mutating func startLine(indentation: Int, blankBefore: Bool = false) {
    if !text.isEmpty { endLine(isBlank: blankBefore) }
    self.indentation = indentation
    for _ in 0..<indentation { text.append(0x20) }
  }

  private mutating func endLine(isBlank: Bool = false) {
    text.append(0x0A)
    if isBlank { text.append(0x0A) }
    line += isBlank ? 2 : 1
    lineStart = text.count
    remarkColumn = nil
  }

  @inline(__always) mutating func append(_ byte: UInt8) { text.append(byte) }

  mutating func append(_ bytes: ArraySlice<UInt8>) { text.append(contentsOf: bytes) }

  /// A literal that may have line ends in it.
  mutating func append(literal: [UInt8]) {
    for byte in literal {
      text.append(byte)
      guard byte == 0x0A else { continue }
      line += 1
      lineStart = text.count
    }
  }

  /// A comment behind the code of this line.
  mutating func append(remark: ArraySlice<UInt8>, column: Int, isGlued: Bool = false) {
    let width = LineWriter.columns(of: text[lineStart...])
    remarks.append(
      Remark(offset: text.count, line: line, width: width, column: column, comment: remark, isGlued: isGlued))
    remarkColumn = column
  }

  /// A comment on a line of its own that goes on with the one behind the code above.
  mutating func append(furtherRemark: ArraySlice<UInt8>, column: Int) {
    endLine()
    append(remark: furtherRemark, column: column)
  }

  /// Everything, with a line end behind the last line.
  consuming func finish() -> [UInt8] {
    guard !text.isEmpty else { return [] }
    endLine()
    guard !remarks.isEmpty else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count + remarks.reduce(0) { $0 + $1.comment.count + 16 })
    var done = 0
    var first = 0
    while first < remarks.count {
      let end = endOfRun(from: first)
      let column = remarks[first..<end].reduce(0) { max($0, $1.width) } + 2
      for remark in remarks[first..<end] {
        result += text[done..<remark.offset]
        done = remark.offset
        if !remark.isGlued { for _ in remark.width..<column { result.append(0x20) } }
        result += remark.comment
      }
      first = end
    }
    return result + text[done...]
  }

  /// Comments of consecutive lines that the author has put below each other stay so.
  private func endOfRun(from first: Int) -> Int {
    var end = first + 1
    while end < remarks.count, remarks[end].line == remarks[end - 1].line + 1,
      remarks[end].column == remarks[first].column, !remarks[end].isGlued, !remarks[first].isGlued
    {
      end += 1
    }
    return end
  }

  /// How wide a text is: in characters, with a tab going to the next multiple of 8.
  static func columns(of text: ArraySlice<UInt8>) -> Int {
    var columns = 0
    for byte in text {
      if byte == 0x09 {
        columns = columns / 8 * 8 + 8
      } else if byte & 0xC0 != 0x80 {
        columns += 1
      }
    }
    return columns
  }
}
