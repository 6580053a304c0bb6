// `import "std:dns"`: the files that are in the program.

import SockLanguage

package enum StandardLibrary {
  static let scheme = "std:"

  /// What the program has under a name with its scheme; nil: the name has none.
  static func read(_ path: String) -> Result<SourceFile, ReadFailure>? {
    guard path.hasPrefix(scheme) else { return nil }
    guard let text = texts.first(where: { path.dropFirst(scheme.count) == $0.name })?.text else {
      let near = Suggestion.nearest(path, among: names).map { "; did you mean `\($0)`?" } ?? ""
      return .failure(ReadFailure(message: "no such library; there are \(names.joined(separator: ", "))\(near)"))
    }
    return .success(SourceFile(name: path, text: text))
  }

  /// With their scheme.
  package static var names: [String] { texts.map { scheme + $0.name } }

  /// What Sources/SockRuntime/Files/StandardLibraryTexts.swift is to be for files of these names and texts: a test
  /// writes it.
  package static func swift(_ files: [(name: String, text: String)]) -> String {
    var text = "// The files of Sources/Library as they are in the program: made from them; do not edit it by hand.\n\n"
    text += "extension StandardLibrary {\n  static let texts: [(name: String, text: String)] = [\n"
    for file in files {
      text += "    (\n      \"\(file.name)\",\n      ##\"\"\"\n"
      for line in file.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        text += line.isEmpty ? "\n" : "      \(line)\n"
      }
      text += "\n      \"\"\"##\n    ),\n"
    }
    return text + "  ]\n}\n"
  }
}

extension SourceFile {
  /// It is in the program, and its user has not written it.
  var isLibrary: Bool { name.hasPrefix(StandardLibrary.scheme) }
}
