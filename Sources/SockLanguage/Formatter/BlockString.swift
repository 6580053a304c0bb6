// Strings of several lines: how they are moved without a change of what they say.

enum BlockString {
  /// Whether a string token is a `"""` block.
  static func isBlock(_ token: ArraySlice<UInt8>) -> Bool { token.count >= 6 && token.prefix(3).elementsEqual(quotes) }

  private static let quotes = [UInt8](repeating: 0x22, count: 3)

  /// What the block says, by lines, without indentation and line ends; nil when it cannot be taken apart by its lines
  /// alone (a hole goes over several of them) and has to stay as it is.
  static func lines(_ token: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    var lines = token.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.count >= 2 else { return nil }
    lines.removeFirst()
    let indentation = lines.removeLast().dropLast(3)
    guard indentation.allSatisfy(Lexer.isBlank) else { return nil }
    for (number, line) in lines.enumerated() {
      // A CR before this one would become part of a line end.
      var text = line
      if text.last == 0x0D, text.dropLast().last != 0x0D { text = text.dropLast() }
      if text.starts(with: indentation) {
        lines[number] = text.dropFirst(indentation.count)
      } else if text.allSatisfy(Lexer.isBlank) {
        lines[number] = text.dropFirst(text.count)
      } else {
        return nil
      }
    }
    return lines
  }

  /// The block with its lines and its closing quotes so many spaces from the left.
  static func indented(_ token: ArraySlice<UInt8>, by spaces: Int) -> [UInt8] {
    guard let lines = lines(token) else { return Array(token) }
    let indentation = [UInt8](repeating: 0x20, count: spaces)
    var bytes = quotes
    for line in lines {
      bytes.append(0x0A)
      if !line.isEmpty { bytes += indentation + line }
    }
    return bytes + [0x0A] + indentation + quotes
  }

  /// A string of hex digits over several lines, with LF for CRLF: line ends in it say nothing.
  static func withPlainLineEnds(_ token: ArraySlice<UInt8>) -> [UInt8] { token.filter { $0 != 0x0D } }
}
