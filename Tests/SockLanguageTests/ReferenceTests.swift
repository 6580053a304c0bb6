// The references in grammar/ are what the tables make, and hold all that there is.

import Glibc
import Testing

@testable import SockLanguage

@Suite("The reference")
struct ReferenceTests {
  @Test("what is on disk is what the tables make", arguments: Reference.files.map(\.name))
  func onDisk(name: String) throws {
    // Written anew when UPDATE_REFERENCE is set.
    let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/grammar/" + name
    let text = try #require(Reference.files.first { $0.name == name }).text
    if getenv("UPDATE_REFERENCE") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(text, file)
      fclose(file)
    }
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
    #expect(
      String(decoding: bytes, as: UTF8.self) == text,
      "the file is stale: UPDATE_REFERENCE=1 swift test --filter ReferenceTests")
  }

  @Test("every verb, option, block, function and code is in it")
  func complete() {
    let text = Reference.files.map(\.text).joined()
    for verb in Verb.allCases { #expect(text.contains("\n### \(verb.rawValue)\n")) }
    for function in BuiltinFunction.allCases { #expect(text.contains("| `\(function.rawValue)(")) }
    for row in VerbTable.rows {
      for option in row.options.joined() { #expect(text.contains(option.summary)) }
    }
    for (_, codes) in HelpCatalog.codes {
      for (code, _) in codes { #expect(text.contains("\n### \(code)\n")) }
    }
  }

  @Test("how a verb is written")
  func synopsis() {
    #expect(VerbTable[.accept].synopsis == "[LISTENER.]accept [within DURATION] [as NAME]")
    #expect(VerbTable[.shutdown].synopsis == "[CHANNEL.]shutdown read|write|raw|both [within DURATION]")
    #expect(VerbTable[.sleep].synopsis.hasPrefix("sleep DURATION"))
  }

  @Test("what has a mark of Markdown or roff in it stays what it is")
  func marks() {
    #expect(MarkdownLayout.cell("on|off") == "on\\|off")
    #expect(RoffLayout.inline("a\\b `--x-y` c-d") == "a\\eb \\fB\\-\\-x\\-y\\fR c-d")
    #expect(RoffLayout.inline(".sock é") == "\\&.sock \\[u00E9]")
    #expect(RoffLayout.text(.code("'x'\n.y")) == ".PP\n.RS 4\n.nf\n\\(aqx\\(aq\n\\&.y\n.fi\n.RE\n")
  }
}
