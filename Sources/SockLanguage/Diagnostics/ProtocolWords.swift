// Who types a command of a protocol where a statement stands wants to send it.

extension Diagnostic.Place {
  /// Nothing but blanks stands before it on its line.
  var beginsLine: Bool {
    let before = file.bytes[..<min(Int(range.lower), file.bytes.count)]
    return before.reversed().prefix(while: { $0 != 0x0A }).allSatisfy(Lexer.isBlank)
  }
}

extension Cure {
  /// For a word that begins its line and is no word of the language: `EHLO`, `GET`, `PING`, with what stands behind it.
  /// Nil: it does not look like a command of a protocol.
  static func toSend(_ name: String, at place: Diagnostic.Place) -> Cure? {
    let lowercase = name.lowercased()
    guard name.utf8.count >= 3, name.utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
      Verb(rawValue: lowercase) == nil, Keyword(rawValue: lowercase) == nil
    else { return nil }
    guard place.beginsLine else { return nil }
    let bytes = place.file.bytes
    let start = min(Int(place.range.lower), bytes.count)
    var line = bytes[start...].prefix { $0 != 0x0A && $0 != 0x0D }
    while let last = line.last, Lexer.isBlank(last) { line.removeLast() }
    let isPlain = line.count <= 60 && line.allSatisfy { (0x20..<0x7F).contains($0) }
    var quoted = ""
    for scalar in (isPlain ? String(decoding: line, as: UTF8.self) : name).unicodeScalars {
      if scalar == "\"" || scalar == "\\" || scalar == "$" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return Cure("what is to be sent stands behind `send line`: `send line \"\(quoted)\"`")
  }
}
