// What an editor can do about a complaint: its change mends the mistake, and makes no other.

import Testing

@testable import SockLanguage

@Suite("Cures that an editor can apply")
struct CureTests {
  /// A complaint about a text, with a change that mends it.
  struct Case: CustomTestStringConvertible {
    let code: String
    let text: String
    let edit: Cure.Edit
    var testDescription: String { "\(code): \(text.prefix(60))" }

    var mended: String {
      var bytes = Array(text.utf8)
      bytes.replaceSubrange(edit.range.offsets, with: edit.text.utf8)
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func diagnostics(_ text: String) -> [Diagnostic] {
    Linter.load(SourceFile(name: "test.sock", text: text)) { path, _ in
      path == "lib/smtp.sock"
        ? .success(SourceFile(name: path, text: "let port = 25\n")) : .failure(ReadFailure(message: "no such file"))
    }.diagnostics
  }

  /// All changes that are offered for the examples of the codes.
  static let all: [Case] = {
    let texts = DiagnosticCodes.all.compactMap { $0.explanation.example?.causes } + more
    return texts.flatMap { text in
      diagnostics(text + "\n").flatMap { diagnostic in
        diagnostic.cures.compactMap { cure in
          cure.edit.map { Case(code: diagnostic.code, text: text + "\n", edit: $0) }
        }
      }
    }
  }()

  private static let more = [
    "recieve 1", "if 1 == 2&&3 == 4\nend", "print !nil", "print .5", "print 007", "print -5sec", "let a = null",
    "print lenn(\"x\")", "listen 0\nprint listener.sockprt", "recv exactl 5", "if a\nelseif b\nend",
    "if 1 == 2\nelse if 2 == 3\nend", "let a = 1\nprint \"$a\"", "let a = \"x\"\nprint a =~ \"x/y\"",
    "if 1 == 1\n  print 1 end",
    "for i in 3\nend", "if len(\"a\")\nend", "if 1 == 1\n  print 1\nend\nend", "print 1\u{A0}", "// x",
    "import \"lib/smtp.sock\" as smtp\nprint smtp.prt", "let host = \"a\"\nconnect host:25", "print 1 + recv 1",
    "print $x", "unused = 1 # sock: allow unsed-name",
    "print \"1\" == 1", "println \"x\"", "print 1 <> 2", "retry\n  print 1\nend",
  ]

  @Test("the change mends it", arguments: all)
  func mends(cure: Case) {
    let before = Self.diagnostics(cure.text)
    let after = Self.diagnostics(cure.mended)
    let count = { (all: [Diagnostic]) in all.filter { $0.code == cure.code }.count }
    #expect(count(after) < count(before), "it is still there in \(cure.mended)")
    // What can be read now may turn out to be wrong in another way, but nothing breaks that was whole.
    let broken = { (all: [Diagnostic]) in all.filter { $0.kind is SyntaxCode }.count }
    #expect(broken(after) <= broken(before), "\(cure.mended): \(after.map(\.message))")
  }

  @Test("many complaints have one")
  func many() {
    #expect(Set(Self.all.map(\.code)).count >= 20, "\(Set(Self.all.map(\.code)).sorted())")
  }
}
