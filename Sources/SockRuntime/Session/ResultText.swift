// How a session shows what a statement gave.

import SockLanguage

package enum ResultText {
  /// How the bytes of a string are shown.
  package enum ByteForm {
    /// As text, or in hex where most of it is unprintable.
    case automatic
    case hex, text
  }

  /// So many bytes of a text are shown: about ten lines of a terminal.
  private static let textBytes = 800
  /// So many lines of it.
  private static let textLines = 24
  /// What is shorter stands in one line, in bytes.
  private static let terminalLine = 72
  /// And so many rows of 16 bytes of a hex dump.
  private static let hexRows = 16

  /// Whether a session shows what the expression gave when it stands alone.
  static func isShown(_ value: Value, of expression: Expression) -> Bool {
    var isNothing = false
    if case .nothing = value { isNothing = true }
    switch expression {
    case .parenthesized(let inner, _): return isShown(value, of: inner)
    case .step(let step):
      switch VerbTable[step.verb].gives {
      // How much was sent is known to who sent it.
      case .nothing, .count: return false
      case .setting: return !isNothing
      case .channel, .pair, .data, .finding, .value, .outcome: return true
      }
    case .call(let call):
      // A function without a `return` gives nothing that one would want to see.
      if case .name(let name) = call.callee, case .function = name.meaning { return true }
      return !isNothing
    default: return true
    }
  }

  /// A value as one would write it, with a line end.
  /// - Parameters:
  ///   - isWhole: without a cut, however long it is.
  ///   - columns: of the screen, where alike maps are to be shown as a table, and rows to end behind elements.
  ///   - secrets: what is hidden in it, before it is cut.
  static func text(
    _ value: Value, as form: ByteForm, isWhole: Bool = false, columns: Int? = nil, hiding secrets: Secrets
  ) -> String {
    if let columns, let table = MapTable(value)?.text(
      columns: columns, isWhole: isWhole, { cell($0, as: form, hiding: secrets) })
    {
      return secrets.masked(table)
    }
    switch value {
    case .string(let string):
      let shown = secrets.isEmpty ? string : ByteString(secrets.masked(string.array, isText: true))
      return text(shown, as: form, isWhole: isWhole, columns: columns)
    case .channel(let channel):
      let summary = Printable.text(channel.summary)
      return (columns.map { Folding.words(summary, columns: $0, hanging: 2) } ?? summary) + "\n"
    case .list(let list) where list.items.count == 2:
      // What `socketpair` gives.
      if case .channel(let first) = list.items[0], case .channel(let second) = list.items[1] {
        return Printable.text("[\(first.summary); \(second.summary)]") + "\n"
      }
      return cut(inspected(value, as: form, hiding: secrets), isWhole: isWhole, columns)
    default: return cut(inspected(value, as: form, hiding: secrets), isWhole: isWhole, columns)
    }
  }

  /// In a table quotes only take room.
  private static func cell(_ value: Value, as form: ByteForm, hiding secrets: Secrets) -> String {
    if form != .hex, case .string(let string) = value {
      return String(decoding: secrets.masked(string.array, isText: true), as: UTF8.self)
    }
    return inspected(value, as: form, hiding: secrets).text
  }

  /// As one would write it, with secrets hidden.
  static func inspected(_ value: Value, as form: ByteForm = .automatic, hiding secrets: Secrets) -> ByteString {
    if form == .hex {
      let hidden = value.hiding(secrets)
      return ByteString(secrets.masked(Array(HexForm.text(hidden).utf8), isText: true))
    }
    let shown = Show.inspect(value)
    return secrets.isEmpty ? shown : ByteString(secrets.masked(shown.array, isText: true))
  }

  /// Bytes that are not the last result: of many the first, and nothing shows the others.
  static func beginning(of bytes: [UInt8], as form: ByteForm, columns: Int?) -> String {
    text(ByteString(bytes), as: form, isWhole: false, columns: columns, hasRest: false)
  }

  /// - Parameter hasRest: `:show` shows what is cut.
  private static func text(
    _ string: ByteString, as form: ByteForm, isWhole: Bool, columns: Int? = nil, hasRest: Bool = true
  ) -> String {
    let size = "\(string.count) byte\(string.count == 1 ? "" : "s")"
    let isHex = form == .hex || form == .automatic && isMostlyUnprintable(string.bytes)
    if isHex, !string.isEmpty {
      let rows = (string.count + 15) / 16
      let shown = isWhole ? rows : min(rows, hexRows)
      var text = ""
      for row in 0..<shown {
        for line in HexDump.row("", string.bytes, row * 16) { text += line.drop { $0 == " " } + "\n" }
      }
      let rest = shown < rows ? "; \(shown * 16) of them are shown\(hasRest ? ", :show shows all" : "")" : ""
      return text + "(\(size)\(rest))\n"
    }
    // Escapes make it longer.
    let room = (columns ?? .max) - size.count - 3
    let isSplit = string.count <= terminalLine && string.count * 4 > room && Show.inspect(.string(string)).count > room
    let lines = self.lines(of: string.bytes, isWhole: isWhole, isSplit: isSplit)
    let shown = lines.last?.endIndex ?? 0
    let text = lines.map { Show.inspect(Value(Array($0))).text }.joined(separator: "\n")
    return text.isEmpty || shown == string.count
      ? "\(text.isEmpty ? "\"\"" : text) (\(size))\n" : "\(text)… (\(size)\(hasRest ? "; :show shows all" : ""))\n"
  }

  /// What is longer than a line of a terminal and has several lines is shown as several: each stands in quotes of its
  /// own. The last one is cut, unless all is to be shown.
  private static func lines(
    of bytes: UnsafeRawBufferPointer, isWhole: Bool, isSplit: Bool
  ) -> [Slice<UnsafeRawBufferPointer>] {
    let end = isWhole ? bytes.count : min(bytes.count, textBytes)
    guard bytes.count > terminalLine || isSplit else { return bytes.isEmpty ? [] : [bytes[..<end]] }
    var lines: [Slice<UnsafeRawBufferPointer>] = []
    var start = 0
    while start < end, isWhole || lines.count < textLines {
      let behind = bytes[start..<end].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? end
      lines.append(bytes[start..<behind])
      start = behind
    }
    return lines
  }

  private static func cut(_ shown: ByteString, isWhole: Bool, _ columns: Int?) -> String {
    func folded(_ text: String) -> String { columns.map { Folding.value(text, columns: $0) } ?? text }
    if isWhole || shown.count <= textBytes { return folded(shown.text) + "\n" }
    return folded(String(decoding: shown.bytes[..<textBytes], as: UTF8.self)) + "… (:show shows all)\n"
  }

  /// Whether more than a third of the first 512 bytes would be shown as escapes. UTF-8 is printable.
  private static func isMostlyUnprintable(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    var odd = 0
    let end = min(bytes.count, 512)
    while at < end {
      let byte = bytes[at]
      let length = byte < 0x80 ? 1 : max(1, ByteClass.utf8Length(bytes, at: at))
      if length == 1, byte >= 0x7F || byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D { odd += 1 }
      at += length
    }
    return 3 * odd > end
  }
}
