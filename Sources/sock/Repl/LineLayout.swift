// From the line being edited to rows of the screen: where it breaks, how wide its characters are, where the cursor is.

import SockLanguage

/// What is to be seen.
struct EditedText {
  /// Between \u{1} and \u{2} stands what takes no room on the screen.
  var prompt: [UInt8] = []
  /// In front of the second line and those below.
  var continuation: [UInt8] = []
  var bytes: [UInt8] = []
  /// Where the cursor is in them.
  var point = 0
  /// How each of the bytes looks; empty: without colours.
  var styles: [TextStyle] = []
  /// What would follow, if it is taken.
  var suggestion: [UInt8] = []
}

struct LineLayout {
  private(set) var rows: [ScreenRow] = [ScreenRow()]
  private(set) var cursor = (row: 0, column: 0)
  private let columns: Int
  private let usesColor: Bool
  private var style = TextStyle.plain

  init(_ text: EditedText, columns: Int, usesColor: Bool) {
    self.columns = columns
    self.usesColor = usesColor
    addPrompt(text.prompt)
    let bytes = text.bytes
    var at = 0
    while at < bytes.count {
      if bytes[at] == 0x0A {
        if at == text.point { mark(isBeforeCharacter: false) }
        endRow()
        addPrompt(text.continuation)
        at += 1
        continue
      }
      let cluster = Cluster(bytes[at...], column: rows[rows.count - 1].width)
      let isCursor = text.point >= at && text.point < at + cluster.length
      if rows[rows.count - 1].width + cluster.width > columns { endRow() }
      if isCursor { mark(isBeforeCharacter: true) }
      add(cluster, text.styles.isEmpty ? .plain : text.styles[at])
      at += cluster.length
    }
    if text.point >= bytes.count {
      // A full row has no place for the cursor.
      if rows[rows.count - 1].width == columns { endRow() }
      mark(isBeforeCharacter: true)
    }
    addSuggestion(text.suggestion)
    setStyle(.plain)
  }

  /// Rows of styled text, each cut at the screen's edge.
  static func rows(_ lines: [[StyledText]], columns: Int, usesColor: Bool) -> [ScreenRow] {
    lines.map { pieces in
      var layout = LineLayout(EditedText(), columns: columns, usesColor: usesColor)
      let width = pieces.reduce(0) { $0 + columnCount($1.text) }
      var left = width > columns ? columns - 1 : columns
      for piece in pieces where left > 0 {
        var taken = ""
        for character in piece.text {
          let width = columnCount(String(character))
          guard width <= left else {
            left = 0
            break
          }
          left -= width
          taken.append(character)
        }
        layout.add(StyledText(taken, piece.style))
      }
      if width > columns { layout.add(StyledText("…", .grey)) }
      layout.setStyle(.plain)
      return layout.rows[0]
    }
  }

  /// How many columns a text of one line takes.
  static func columnCount(_ text: String) -> Int {
    let bytes = Array(text.utf8)
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return bytes.count }
    var (at, width) = (0, 0)
    while at < bytes.count {
      let cluster = Cluster(bytes[at...])
      width += cluster.width
      at += cluster.length
    }
    return width
  }

  /// The cursor is where the rows end now: where the next character will stand, or behind the last one of a line.
  private mutating func mark(isBeforeCharacter: Bool) {
    let column = rows[rows.count - 1].width
    cursor = (rows.count - 1, isBeforeCharacter ? column : min(column, columns - 1))
  }

  private mutating func addPrompt(_ bytes: [UInt8]) {
    var at = 0
    while at < bytes.count {
      if bytes[at] == 1 {
        let end = bytes[at...].firstIndex(of: 2) ?? bytes.count
        rows[rows.count - 1].bytes += bytes[(at + 1)..<end]
        at = end + 1
        continue
      }
      let cluster = Cluster(bytes[at...])
      add(cluster, .plain)
      at += cluster.length
    }
  }

  private mutating func endRow() {
    setStyle(.plain)
    rows.append(ScreenRow())
  }

  private mutating func setStyle(_ new: TextStyle) {
    guard usesColor, new != style else { return }
    style = new
    rows[rows.count - 1].bytes += "\u{1B}[\(new == .plain ? "0" : "0;" + new.parameters)m".utf8
  }

  private mutating func add(_ piece: StyledText) {
    let bytes = Array(piece.text.utf8)
    var at = 0
    while at < bytes.count {
      let cluster = Cluster(bytes[at...])
      add(cluster, piece.style)
      at += cluster.length
    }
  }

  private mutating func add(_ cluster: Cluster, _ style: TextStyle) {
    if rows[rows.count - 1].width + cluster.width > columns { endRow() }
    setStyle(style)
    let last = rows.count - 1
    rows[last].bytes += cluster.shown
    rows[last].width += cluster.width
    // Terminals do not agree on its width: what follows stands where it would stand on ours.
    if cluster.isDoubtful, rows[last].width < columns { rows[last].bytes += "\u{1B}[\(rows[last].width + 1)G".utf8 }
  }

  /// On the cursor's row, as far as it goes: nothing moves because of it.
  private mutating func addSuggestion(_ bytes: [UInt8]) {
    var at = 0
    while at < bytes.count, bytes[at] != 0x0A {
      let cluster = Cluster(bytes[at...])
      guard rows[rows.count - 1].width + cluster.width < columns else { return }
      add(cluster, .grey)
      at += cluster.length
    }
    if at < bytes.count, rows[rows.count - 1].width + 2 < columns {
      add(StyledText(" …", .grey))
    }
  }
}

/// What a reader takes for one character, and how it is shown.
private struct Cluster {
  /// How many bytes it has.
  let length: Int
  let shown: [UInt8]
  let width: Int
  private(set) var isDoubtful = false

  /// Of the bytes' beginning.
  /// - Parameter column: where it will stand: a tab goes to the next stop.
  init(_ bytes: ArraySlice<UInt8>, column: Int = 0) {
    let first = bytes[bytes.startIndex]
    let second = bytes.count > 1 ? bytes[bytes.startIndex + 1] : 0
    if first >= 0x20, first < 0x7F, second < 0x80 {
      (length, shown, width) = (1, [first], 1)
      return
    }
    if first == 0x09 {
      width = 8 - column % 8
      (length, shown) = (1, [UInt8](repeating: 0x20, count: width))
      return
    }
    if first < 0x20 || first == 0x7F {
      (length, shown, width) = (1, [UInt8(ascii: "^"), first ^ 0x40], 2)
      return
    }
    // No cluster that means anything is longer.
    let text = String(decoding: bytes.prefix(128), as: UTF8.self)
    guard let character = text.first, bytes.starts(with: String(character).utf8) else {
      let digits = String(first, radix: 16)
      (length, shown, width) = (1, Array("\\x\(digits)".utf8), 4)
      return
    }
    let scalars = Array(character.unicodeScalars)
    length = character.utf8.count
    let isJoined = scalars.count > 1
    let hidden = scalars.filter { Printable.columns(of: $0) == 0 && !Cluster.belongs($0, isJoined: isJoined) }
    guard hidden.isEmpty else {
      // What turns the direction of text, or cannot be seen.
      let escaped = scalars.map { "\\u{\(String($0.value, radix: 16))}" }.joined()
      (shown, width) = (Array(escaped.utf8), escaped.utf8.count)
      return
    }
    shown = Array(String(character).utf8)
    let sum = scalars.reduce(0) { $0 + Printable.columns(of: $1) }
    let joinsPictures = scalars.contains {
      $0.value == 0x200D || $0.value == 0xFE0F || (0x1F1E6...0x1F1FF).contains($0.value)
    }
    let isPicture = joinsPictures || isJoined && (0x1F000...0x1FAFF).contains(scalars[0].value)
    width = isPicture && isJoined ? 2 : max(1, sum)
    isDoubtful = isJoined || sum == 0
  }

  /// A scalar without columns that may stand in a character: an accent, a joiner between pictures.
  private static func belongs(_ scalar: UnicodeScalar, isJoined: Bool) -> Bool {
    if scalar.value == 0x200D { return isJoined }
    return Printable.hidden(at: Array(String(scalar).utf8)[...]) == nil
  }
}
