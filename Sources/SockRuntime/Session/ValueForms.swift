// Other forms in which a session shows values: numbers and strings in hex, and lists of alike maps as tables.

import SockLanguage

/// A value as one would write it, with integers and strings in hex: `[0x8580, x"00 1f"]`.
enum HexForm {
  /// What lies deeper is cut.
  fileprivate static let maximumDepth = 32

  static func text(_ value: Value, depth: Int = 0) -> String {
    switch value {
    case .integer(let number):
      let digits = String(number.magnitude, radix: 16)
      return "\(number < 0 ? "-" : "")0x\(digits.utf8.count % 2 == 0 ? "" : "0")\(digits)"
    case .string(let string): return text(string.bytes)
    case .match(let match): return text(match.bytes(of: 0))
    case .list(let list):
      guard depth < maximumDepth else { return "[...]" }
      return "[\(list.items.map { text($0, depth: depth + 1) }.joined(separator: ", "))]"
    case .map(let map):
      guard depth < maximumDepth else { return "{...}" }
      let entries = map.entries.filter(\.isLive).map { entry in
        "\(Show.inspect(entry.key).text): \(text(entry.value, depth: depth + 1))"
      }
      return "{\(entries.joined(separator: ", "))}"
    default: return Show.inspect(value).text
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    var builder = ByteBuilder(capacity: 3 * bytes.count + 3)
    builder.append("x\"")
    for (at, byte) in bytes.enumerated() {
      if at > 0 { builder.append(0x20) }
      builder.append(UInt(byte), radix: 16, minimumDigits: 2)
    }
    builder.append(0x22)
    return builder.finish().text
  }
}

extension Value {
  /// With what secrets it holds hidden, in strings and in what holds strings.
  fileprivate func hidden(_ secrets: Secrets, depth: Int) -> Value {
    switch self {
    case .string(let string): return .string(ByteString(secrets.masked(string.array, isText: true)))
    case .list(let list) where depth < HexForm.maximumDepth:
      return .list(List(list.items.map { $0.hidden(secrets, depth: depth + 1) }))
    case .map(let map) where depth < HexForm.maximumDepth:
      let copy = Map()
      for entry in map.entries where entry.isLive { copy.set(entry.key, entry.value.hidden(secrets, depth: depth + 1)) }
      return .map(copy)
    default: return self
    }
  }

  /// The same value, with secrets hidden in its strings.
  func hiding(_ secrets: Secrets) -> Value { secrets.isEmpty ? self : hidden(secrets, depth: 0) }
}

/// Maps with the same keys, a row each.
struct MapTable {
  private let heads: [String]
  private let rows: [[Value]]
  /// A longer text in it is cut.
  private static let longestCell = 40
  /// So many rows are shown, if not all.
  private static let rowsShown = 20
  private static let gap = "  "

  /// Nil: it is no list of two or more maps that have the same keys, all of them strings.
  init?(_ value: Value) {
    guard case .list(let list) = value, list.items.count >= 2, list.items.count <= 100_000 else { return nil }
    var heads: [String] = []
    var rows: [[Value]] = []
    for item in list.items {
      guard case .map(let map) = item else { return nil }
      let entries = map.entries.filter(\.isLive)
      if rows.isEmpty {
        for entry in entries {
          guard case .string(let key) = entry.key else { return nil }
          heads.append(key.text)
        }
        if heads.isEmpty { return nil }
      }
      guard entries.count == heads.count else { return nil }
      var row: [Value] = []
      for head in heads {
        guard let value = map[head] else { return nil }
        row.append(value)
      }
      rows.append(row)
    }
    self.heads = heads
    self.rows = rows
  }

  /// Nil where the screen is too narrow for it.
  /// - Parameters:
  ///   - columns: of the screen.
  ///   - shown: a value as text.
  func text(columns: Int, isWhole: Bool, _ shown: (Value) -> String) -> String? {
    let kept = isWhole ? rows[...] : rows.prefix(MapTable.rowsShown)
    let cells = kept.map { row in
      row.map { value in
        let text = Printable.text(shown(value))
        return text.count <= MapTable.longestCell ? text : text.prefix(MapTable.longestCell - 1) + "…"
      }
    }
    let widths = heads.indices.map { at in max(heads[at].count, cells.map { $0[at].count }.max() ?? 0) }
    guard widths.reduce(0, +) + MapTable.gap.count * (widths.count - 1) <= columns else { return nil }
    let isNumber = heads.indices.map { at in kept.allSatisfy { $0[at].number != nil } }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { at in
        let blanks = String(repeating: " ", count: widths[at] - cells[at].count)
        return isNumber[at] ? blanks + cells[at] : cells[at] + blanks
      }
      var text = padded.joined(separator: MapTable.gap)
      while text.last == " " { text.removeLast() }
      return text + "\n"
    }
    var text = line(heads.map { Printable.text($0) }) + line(widths.map { String(repeating: "-", count: $0) })
    for row in cells { text += line(row) }
    let rest = kept.count < rows.count ? "; :show shows all" : ""
    return text + "(\(rows.count) rows\(rest))\n"
  }
}
