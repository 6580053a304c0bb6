// The editors' syntax files: on disk as the tables make them, and understood by those who read them.

import Glibc
import Testing

@testable import SockLanguage

/// One after the other, as the first may write what the others read.
@Suite(.serialized) struct EditorSyntaxTests {
  private static let files = [
    ("grammar/sock.vim", EditorSyntax.vim()), ("grammar/sock.tmLanguage.json", EditorSyntax.textMate()),
  ]

  @Test(arguments: files)
  func onDisk(path: String, text: String) throws {
    // Written anew when UPDATE_REFERENCE is set.
    if getenv("UPDATE_REFERENCE") != nil { try RepositoryFiles.write(text, to: path) }
    let found = String(decoding: try #require(RepositoryFiles.read(path)), as: UTF8.self)
    #expect(found == text, "the file is stale: UPDATE_REFERENCE=1 swift test --filter EditorSyntaxTests")
  }

  @Test(arguments: files)
  func everyWordIsInThem(path: String, text: String) {
    let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    let known =
      Keyword.allCases.map(\.rawValue) + Verb.allCases.map(\.rawValue) + OptionWord.allCases.map(\.rawValue)
      + ContextWord.allCases.map(\.rawValue) + BuiltinFunction.allCases.map(\.rawValue)
    for word in known { #expect(words.contains(word)) }
  }

  @Test func theTextMateGrammarIsJson() {
    let path = "\(RepositoryFiles.root)/grammar/sock.tmLanguage.json"
    #expect(system("python3 -c 'import json, sys; json.load(open(sys.argv[1]))' '\(path)'") == 0)
  }

  /// Vim itself says what it takes each place of a script for.
  @Test(.enabled(if: system("command -v vim > /dev/null") == 0))
  func vimColoursAScript() throws {
    let script = #"send line "a ${upper(b)} \n" within 5s # no "string""# + "\n" + #"expect /a\/b/i as m"# + "\n"
    let places = [
      (1, 1, "sockVerb"), (1, 6, "sockOption"), (1, 11, "sockString"), (1, 16, "sockFunction"), (1, 26, "sockEscape"),
      (1, 30, "sockKeyword"), (1, 37, "sockNumber"), (1, 45, "sockComment"), (2, 10, "sockRegex"), (2, 12, "sockRegex"),
      (2, 16, "sockKeyword"), (2, 19, ""),
    ]
    let folder = "/tmp/sock-vim-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try #require(mkdir(folder, 0o700) == 0)
    defer { for name in ["/a.sock", "/out", "/ask.vim", ""] { remove(folder + name) } }
    var questions = "set nocompatible\nsyntax on\nsource \(RepositoryFiles.root)/grammar/sock.vim\n"
    questions += "let names = []\n"
    for (line, column, _) in places {
      questions += "call add(names, synIDattr(synID(\(line), \(column), 1), 'name'))\n"
    }
    questions += "call writefile(names, '\(folder)/out')\nqall!\n"
    try RepositoryFiles.write(script, to: "\(folder)/a.sock")
    try RepositoryFiles.write(questions, to: "\(folder)/ask.vim")
    let files = "\(folder)/ask.vim \(folder)/a.sock < /dev/null > /dev/null 2>&1"
    #expect(system("vim -N -u NONE -i NONE -es -S \(files)") == 0)
    let names = String(decoding: try #require(RepositoryFiles.read("\(folder)/out")), as: UTF8.self)
    let lines = names.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    #expect(lines == places.map(\.2))
  }
}
