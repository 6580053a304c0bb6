// Values for `param`s as a session's commands take them: as `--set` does on the command line.

import Glibc

enum Settings {
  typealias Pair = (name: String, value: String)

  /// The name of a file, in which there may be blanks, and the values behind it. What is the name of a file is one.
  static func behindFile(_ argument: String) -> (path: String, settings: [Pair]) {
    guard argument.contains("="), access(FileNames.expanded(argument), F_OK) != 0 else { return (argument, []) }
    for blank in argument.indices where argument[blank] == " " {
      guard let settings = all(in: argument[blank...]) else { continue }
      var path = argument[..<blank]
      while path.last == " " { path.removeLast() }
      return (String(path), settings)
    }
    return (argument, [])
  }

  /// `NAME=VALUE` and more of them, with `--set` in front or without; a value with blanks stands in quotes. Nil: it is
  /// something else.
  static func all(in text: some StringProtocol) -> [Pair]? {
    var settings: [Pair] = []
    var rest = Substring(text).drop { $0 == " " }
    while !rest.isEmpty {
      if rest.hasPrefix("--set ") { rest = rest.dropFirst(6).drop { $0 == " " } }
      let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      rest = rest[name.endIndex...]
      guard let first = name.first, !first.isNumber, rest.first == "=" else { return nil }
      rest.removeFirst()
      let value: Substring
      if let quote = rest.first, quote == "\"" || quote == "'" {
        guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
        value = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        guard rest.isEmpty || rest.first == " " else { return nil }
      } else {
        value = rest.prefix { $0 != " " }
        rest = rest[value.endIndex...]
      }
      settings.append((String(name), String(value)))
      rest = rest.drop { $0 == " " }
    }
    return settings.isEmpty ? nil : settings
  }
}
