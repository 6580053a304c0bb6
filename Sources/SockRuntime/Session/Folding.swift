// What a session shows is broken between words, and not where the terminal happens to end.

import SockLanguage

enum Folding {
  /// A longer text is as it comes: nobody reads all of it, in bytes.
  private static let longest = 256 << 10

  /// Sentences: at blanks.
  /// - Parameter hanging: how many blanks stand in front of each row but the first.
  static func words(_ text: String, columns: Int, hanging: Int = 0) -> String {
    folded(text, columns: columns, hanging: hanging) { characters, at in characters[at] == " " }
  }

  /// A value as one would write it: behind the commas between its elements.
  static func value(_ text: String, columns: Int) -> String {
    var isQuoted = false
    var isEscaped = false
    return folded(text, columns: columns, hanging: 2) { characters, at in
      let character = characters[at]
      if isEscaped {
        isEscaped = false
      } else if character == "\\", isQuoted {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      }
      return character == " " && !isQuoted && at > 0 && characters[at - 1] == ","
    }
  }

  /// - Parameter isPlace: asked of each character in turn, whether a row may end instead of it.
  private static func folded(
    _ text: String, columns: Int, hanging: Int, at isPlace: ([Character], Int) -> Bool
  ) -> String {
    if text.utf8.count > longest { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let characters = Array(line)
      guard width(of: characters[...]) > columns else { return String(line) }
      var rows: [String] = []
      var start = 0
      // A row may end there, and another one go on behind it.
      var place: Int?
      var used = 0
      for at in characters.indices {
        if isPlace(characters, at), at > start {
          if used > columns {
            // A word that has no room in any row.
            rows.append(String(characters[start..<at]))
            start = at + 1
            used = hanging
            continue
          }
          place = at
        }
        used += width(of: characters[at...at])
        if used > columns, let end = place {
          rows.append(String(characters[start..<end]))
          start = end + 1
          used = hanging + width(of: characters[start..<(at + 1)])
          place = nil
        }
      }
      rows.append(String(characters[start...]))
      return rows.joined(separator: "\n" + String(repeating: " ", count: hanging))
    }.joined(separator: "\n")
  }

  private static func width(of characters: ArraySlice<Character>) -> Int {
    characters.reduce(0) { $0 + $1.unicodeScalars.reduce(0) { $0 + Printable.columns(of: $1) } }
  }
}
