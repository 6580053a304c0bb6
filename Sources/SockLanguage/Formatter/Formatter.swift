// `sock fmt`, its pure part: a parsed file in, the same program in the one canonical layout out.

package enum Formatter {
  /// The layout could not be proved to say the same: a defect of the formatter, not of the script.
  package struct Mismatch: Error {
    /// The line, from 1, of the script that came out otherwise.
    package let line: Int
  }

  /// The file in the canonical layout. It ends with a line end, or is empty where there is nothing but blanks.
  ///
  /// The layout is one for all scripts, as far as the author's own choice is no part of what a script says to its
  /// reader: line breaks in a statement, blank lines between statements and comments set in a column stay.
  /// Formatting what has been formatted changes nothing.
  /// - Precondition: the parser has found no error; what cannot be read cannot be laid out.
  package static func format(_ parsed: ParsedFile) -> [UInt8] {
    var printer = PrettyPrinter(parsed)
    return printer.print()
  }

  /// The same, read again and compared with what it was made of.
  package static func formatAndVerify(_ parsed: ParsedFile) throws(Mismatch) -> [UInt8] {
    let bytes = format(parsed)
    if bytes == parsed.source.bytes { return bytes }
    let again = Parser.parse(SourceFile(name: parsed.source.name, bytes: bytes))
    if let offset = ProgramComparison.firstDifference(parsed, again) {
      throw Mismatch(line: parsed.source.position(of: offset).line)
    }
    return bytes
  }
}
