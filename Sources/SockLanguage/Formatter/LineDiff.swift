// The difference of two texts as a unified diff, the form that diff(1) prints with -u and patch(1) reads.

package enum LineDiff {
  /// Empty when the texts are the same. Both names stand in the heading.
  package static func unified(_ old: [UInt8], _ new: [UInt8], oldName: String, newName: String) -> [UInt8] {
    let before = lines(of: old)
    let after = lines(of: new)
    let changes = changes(before, after)
    guard !changes.isEmpty else { return [] }
    var output = Array("--- \(oldName)\n+++ \(newName)\n".utf8)
    var first = 0
    while first < changes.count {
      var last = first
      while last + 1 < changes.count, changes[last + 1].old.lowerBound - changes[last].old.upperBound <= 2 * context {
        last += 1
      }
      append(changes[first...last], before, after, to: &output)
      first = last + 1
    }
    return output
  }

  /// Lines around a change that are shown with it.
  private static let context = 3

  /// Lines of the old text that lines of the new one stand for; one of the ranges may be empty.
  private struct Change {
    let old: Range<Int>
    let new: Range<Int>
  }

  /// With their line ends.
  private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for (offset, byte) in text.enumerated() where byte == 0x0A {
      lines.append(text[start...offset])
      start = offset + 1
    }
    if start < text.count { lines.append(text[start...]) }
    return lines
  }

  // MARK: - What differs

  /// Above so many differing lines the texts are told apart only at their ends: the search takes time and memory
  /// that grow with its square (2000: 16 MB).
  private static let mostEdits = 2000

  private static func changes(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Change] {
    var start = 0
    while start < old.count, start < new.count, old[start] == new[start] { start += 1 }
    var oldEnd = old.count
    var newEnd = new.count
    while oldEnd > start, newEnd > start, old[oldEnd - 1] == new[newEnd - 1] {
      oldEnd -= 1
      newEnd -= 1
    }
    if start == oldEnd, start == newEnd { return [] }
    let whole = Change(old: start..<oldEnd, new: start..<newEnd)
    guard let common = commonLines(old[start..<oldEnd], new[start..<newEnd]) else { return [whole] }
    var changes: [Change] = []
    var place = (old: start, new: start)
    for pair in common + [(oldEnd, newEnd)] {
      if pair.old > place.old || pair.new > place.new {
        changes.append(Change(old: place.old..<pair.old, new: place.new..<pair.new))
      }
      place = (pair.old + 1, pair.new + 1)
    }
    return changes
  }

  /// Pairs of lines that stay, in order, as many as there can be (Myers: An O(ND) difference algorithm); nil when
  /// there are more than `mostEdits` others.
  private static func commonLines(
    _ old: ArraySlice<ArraySlice<UInt8>>, _ new: ArraySlice<ArraySlice<UInt8>>
  ) -> [(old: Int, new: Int)]? {
    // How far in `old` the best way with so many edits gets, for each diagonal from -edits to edits by twos.
    var reached: [[Int]] = []
    for edits in 0...min(mostEdits, old.count + new.count) {
      var row: [Int] = []
      row.reserveCapacity(edits + 1)
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        var x = edits == 0 ? 0 : entry(of: diagonal, edits: edits, reached[edits - 1]).x
        var y = x - diagonal
        while x < old.count, y < new.count, old[old.startIndex + x] == new[new.startIndex + y] {
          x += 1
          y += 1
        }
        row.append(x)
        if x >= old.count, y >= new.count {
          reached.append(row)
          return backtrack(reached, from: (old.count, new.count), offsets: (old.startIndex, new.startIndex))
        }
      }
      reached.append(row)
    }
    return nil
  }

  /// Where a diagonal is entered from the row of one edit less: by a line put in, or by a line taken out.
  private static func entry(of diagonal: Int, edits: Int, _ row: [Int]) -> (x: Int, isInsertion: Bool) {
    let index = (diagonal + edits) / 2
    if diagonal == -edits { return (row[index], true) }
    if diagonal == edits { return (row[index - 1] + 1, false) }
    return row[index - 1] < row[index] ? (row[index], true) : (row[index - 1] + 1, false)
  }

  private static func backtrack(
    _ reached: [[Int]], from end: (Int, Int), offsets: (Int, Int)
  ) -> [(old: Int, new: Int)] {
    var pairs: [(old: Int, new: Int)] = []
    var (x, y) = end
    for edits in stride(from: reached.count - 1, through: 0, by: -1) {
      let entry = edits == 0 ? (x: 0, isInsertion: false) : entry(of: x - y, edits: edits, reached[edits - 1])
      while x > entry.x {
        x -= 1
        y -= 1
        pairs.append((x + offsets.0, y + offsets.1))
      }
      if entry.isInsertion { y -= 1 } else { x -= 1 }
    }
    return pairs.reversed()
  }

  // MARK: - What is shown

  private static func append(
    _ changes: ArraySlice<Change>, _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>], to output: inout [UInt8]
  ) {
    guard let first = changes.first, let last = changes.last else { return }
    let lead = min(context, first.old.lowerBound)
    let trail = min(context, old.count - last.old.upperBound)
    let oldRange = (first.old.lowerBound - lead)..<(last.old.upperBound + trail)
    let newRange = (first.new.lowerBound - lead)..<(last.new.upperBound + trail)
    output += Array("@@ -\(place(oldRange)) +\(place(newRange)) @@\n".utf8)
    var next = oldRange.lowerBound
    for change in changes {
      for line in old[next..<change.old.lowerBound] { append(" ", line, to: &output) }
      for line in old[change.old] { append("-", line, to: &output) }
      for line in new[change.new] { append("+", line, to: &output) }
      next = change.old.upperBound
    }
    for line in old[next..<oldRange.upperBound] { append(" ", line, to: &output) }
  }

  /// The first line, from 1 (the one before, where there is none), and how many.
  private static func place(_ range: Range<Int>) -> String {
    range.isEmpty ? "\(range.lowerBound),0" : "\(range.lowerBound + 1),\(range.count)"
  }

  private static func append(_ mark: Unicode.Scalar, _ line: ArraySlice<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: mark))
    output += line
    if line.last != 0x0A { output += Array("\n\\ No newline at end of file\n".utf8) }
  }
}
