// Values as text: as `print` shows them, and as one would write them in a script.

import SockLanguage
import SocketCore

package enum Show {
  /// How deep lists and maps are shown; what lies deeper is cut to `[...]` or `{...}`.
  package static let maximumDepth = 64
  /// How many values one text shows at most: shared parts would otherwise make a small value print for ever.
  package static let maximumValues = 4_000_000

  /// As `print` and `"${…}"` show it: strings raw, whole floats without `.0`, a match as what it matched,
  /// an error as its message, lists and maps as `inspect` does. Longer than a string may be, it is cut.
  package static func text(_ value: Value) -> ByteString {
    if case .string(let string) = value { return string }
    var builder = ByteBuilder(capacity: 24)
    appendText(value, to: &builder)
    return builder.finish()
  }

  package static func appendText(_ value: Value, to builder: inout ByteBuilder) {
    switch value {
    case .string(let string): builder.append(string.bytes)
    case .integer(let number): builder.append(decimal: number)
    case .match(let match): builder.append(match.bytes(of: 0))
    case .error(let failure): builder.append(text: failure.message)
    default: appendInspected(value, to: &builder)
    }
  }

  /// As one would write it: `"+PONG\r\n"`, `[1, "a"]`, `{name: 1, "any key": 2}`. Numbers, strings, lists, maps and
  /// ranges read back as equal values (a float of 10^16 or more, or below 10^-4, through `float(…)` only). A list or
  /// map inside itself is cut to `[...]` or `{...}`.
  package static func inspect(_ value: Value) -> ByteString {
    var builder = ByteBuilder(capacity: 24)
    appendInspected(value, to: &builder)
    return builder.finish()
  }

  package static func appendInspected(
    _ value: Value, to builder: inout ByteBuilder, maximumValues: Int = maximumValues
  ) {
    var writer = InspectionWriter(left: maximumValues)
    writer.append(value, to: &builder)
  }

  /// The bytes as a string literal in double quotes. Printable text stays as it is, in UTF-8 too; what would move a
  /// terminal's cursor or hide text is escaped.
  package static func appendQuoted(_ bytes: UnsafeRawBufferPointer, to builder: inout ByteBuilder) {
    builder.append(0x22)
    var at = 0
    var plainStart = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C, byte != 0x24 {
        at += 1
        continue
      }
      builder.append(UnsafeRawBufferPointer(rebasing: bytes[plainStart..<at]))
      at += appendEscaped(bytes, at: at, to: &builder)
      plainStart = at
    }
    builder.append(UnsafeRawBufferPointer(rebasing: bytes[plainStart..<at]))
    builder.append(0x22)
  }

  /// One byte or one character that is not plain; how many bytes it was.
  private static func appendEscaped(_ bytes: UnsafeRawBufferPointer, at: Int, to builder: inout ByteBuilder) -> Int {
    let byte = bytes[at]
    switch byte {
    case 0x0D: builder.append("\\r")
    case 0x0A: builder.append("\\n")
    case 0x09: builder.append("\\t")
    case 0x1B: builder.append("\\e")
    case 0x22: builder.append("\\\"")
    case 0x5C: builder.append("\\\\")
    case 0x24:
      // Only `${` opens a hole; a lone `$` is itself.
      if at + 1 < bytes.count, bytes[at + 1] == 0x7B { builder.append(0x5C) }
      builder.append(0x24)
    case 0x00:
      // `\01` would look like an octal escape.
      let isBeforeDigit = at + 1 < bytes.count && ByteClass.isDigit(bytes[at + 1])
      builder.append(isBeforeDigit ? "\\x00" as StaticString : "\\0")
    default:
      let length = ByteClass.utf8Length(bytes, at: at)
      if length > 1 {
        let codePoint = ByteClass.codePoint(bytes, at: at, length: length)
        if isHidden(codePoint) {
          builder.append("\\u{")
          builder.append(UInt(codePoint), radix: 16)
          builder.append(0x7D)
        } else {
          builder.append(UnsafeRawBufferPointer(rebasing: bytes[at..<at + length]))
        }
        return length
      }
      builder.append("\\x")
      builder.append(UInt(byte), radix: 16, minimumDigits: 2)
    }
    return 1
  }

  /// C1 controls, and characters of no width or that turn the direction of writing.
  private static func isHidden(_ codePoint: UInt32) -> Bool {
    switch codePoint {
    case 0x80...0xA0, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202F, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
      0xE0000...0xE0FFF:
      return true
    default: return false
    }
  }

  /// The shortest decimal that gives the same float; whole ones below 2^53 without `.0`.
  package static func appendFloat(_ number: Double, to builder: inout ByteBuilder) {
    if number.magnitude < 0x1p53, number == number.rounded(.towardZero) {
      if number == 0, number.sign == .minus { builder.append(0x2D) }
      builder.append(decimal: Int(number))
      return
    }
    // Swift writes "1e-05" where others write "1e-5", and "1e+300".
    var text = number.description
    if text.utf8.contains(0x65) { text = normalizedExponent(text) } else if text.hasSuffix(".0") { text.removeLast(2) }
    builder.append(text: text)
  }

  private static func normalizedExponent(_ text: String) -> String {
    let parts = text.split(separator: "e", maxSplits: 1)
    guard parts.count == 2, let exponent = Int(parts[1]) else { return text }
    let mantissa = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
    return "\(mantissa)e\(exponent)"
  }
}

/// Writes one value and what is inside it.
private struct InspectionWriter {
  /// The lists and maps that the value being written is in.
  private var path: [ObjectIdentifier] = []
  private var left: Int

  init(left: Int) { self.left = left }

  mutating func append(_ value: Value, to builder: inout ByteBuilder) {
    left -= 1
    switch value {
    case .nothing: builder.append("nil")
    case .boolean(let value): builder.append(value ? "true" as StaticString : "false")
    case .integer(let number): builder.append(decimal: number)
    case .float(let number): Show.appendFloat(number, to: &builder)
    case .string(let string): Show.appendQuoted(string.bytes, to: &builder)
    case .list(let list): append(list, to: &builder)
    case .map(let map): append(map, to: &builder)
    case .range(let range):
      builder.append(decimal: range.lower)
      builder.append(range.isExclusive ? "..<" as StaticString : "..")
      if !range.isOpen { builder.append(decimal: range.isExclusive ? range.upper + 1 : range.upper) }
    case .regex(let pattern): append(pattern, to: &builder)
    case .match(let match): append(match, to: &builder)
    case .function: builder.append("<function>")
    case .builtin(let box):
      builder.append("<function ")
      builder.append(text: box.function.rawValue)
      builder.append(">")
    case .channel(let channel):
      builder.append("<channel ")
      builder.append(decimal: channel.number)
      builder.append(">")
    case .task(let task):
      builder.append(task.task == nil ? "<task, ended>" : "<task>" as StaticString)
    case .address(let address): builder.append(text: address.address.description)
    case .error(let failure):
      builder.append("<error ")
      builder.append(text: failure.code.text)
      builder.append(": ")
      var message = failure.message
      message.withUTF8 { Show.appendQuoted(UnsafeRawBufferPointer($0), to: &builder) }
      builder.append(">")
    case .message(let message):
      builder.append("<message ")
      builder.append(text: message.name)
      builder.append(">")
    case .presence(let presence): builder.append(text: presence.rawValue)
    case .module, .cell: builder.append("<module>")
    }
  }

  /// Whether a list or map may be opened: not inside itself, not too deep, not after too many values.
  private mutating func enter(_ object: AnyObject) -> Bool {
    let identifier = ObjectIdentifier(object)
    guard path.count < Show.maximumDepth, left > 0, !path.contains(identifier) else { return false }
    path.append(identifier)
    return true
  }

  private mutating func append(_ list: List, to builder: inout ByteBuilder) {
    guard enter(list) else {
      builder.append("[...]")
      return
    }
    builder.append(0x5B)
    var isFirst = true
    for item in list.items {
      if !isFirst { builder.append(", ") }
      isFirst = false
      if isExhausted(builder) {
        builder.append("...")
        break
      }
      append(item, to: &builder)
    }
    builder.append(0x5D)
    path.removeLast()
  }

  private mutating func append(_ map: Map, to builder: inout ByteBuilder) {
    guard enter(map) else {
      builder.append("{...}")
      return
    }
    builder.append(0x7B)
    var isFirst = true
    for entry in map.entries where entry.isLive {
      if !isFirst { builder.append(", ") }
      isFirst = false
      if isExhausted(builder) {
        builder.append("...")
        break
      }
      if case .string(let key) = entry.key, isWord(key) {
        builder.append(key)
      } else {
        append(entry.key, to: &builder)
      }
      builder.append(": ")
      append(entry.value, to: &builder)
    }
    builder.append(0x7D)
    path.removeLast()
  }

  private func isExhausted(_ builder: borrowing ByteBuilder) -> Bool { left <= 0 || builder.overflowed }

  /// Whether a key may stand in a map without quotes.
  private func isWord(_ key: ByteString) -> Bool {
    guard !key.isEmpty, !ByteClass.isDigit(key[0]) else { return false }
    return key.bytes.allSatisfy { ByteClass.isWord($0) }
  }

  private func append(_ match: Match, to builder: inout ByteBuilder) {
    builder.append("<match ")
    for group in 0...match.groupCount {
      if group > 0 { builder.append(", ") }
      if let name = match.pattern.name(of: group) {
        builder.append(name)
        builder.append(": ")
      }
      if match.isSet(group) {
        Show.appendQuoted(match.bytes(of: group), to: &builder)
      } else {
        builder.append("nil")
      }
    }
    builder.append(">")
  }

  /// A pattern between slashes; what would end or change it is escaped.
  private func append(_ pattern: Pattern, to builder: inout ByteBuilder) {
    let source = pattern.source.bytes
    builder.append(0x2F)
    var at = 0
    while at < source.count {
      let byte = source[at]
      at += 1
      switch byte {
      case 0x5C where at < source.count && source[at] >= 0x20 && source[at] < 0x7F:
        builder.append(byte)
        builder.append(source[at])
        at += 1
      case 0x2F: builder.append("\\/")
      case 0x0A: builder.append("\\n")
      case 0x7B where at > 1 && source[at - 2] == 0x24: builder.append("\\{")
      case 0x20..<0x7F: builder.append(byte)
      default:
        builder.append("\\x")
        builder.append(UInt(byte), radix: 16, minimumDigits: 2)
      }
    }
    builder.append(0x2F)
    builder.append(text: pattern.flagsText)
  }
}
