// Imports, with files that exist in memory only.

import Testing

@testable import SockLanguage

@Suite("Imports")
struct LoaderTests {
  private func codes(_ files: [String: String], main: String = "main") -> [String] {
    load(SourceFile(name: main, text: files[main] ?? ""), files: files).diagnostics.map {
      "\($0.file.name):\($0.file.position(of: Int($0.range.lower)).line) \($0.code)"
    }
  }

  @Test("an import gives its file's top-level names")
  func exports() throws {
    let file = checked(
      "import \"smtp\" as smtp\nprint smtp.port, smtp.hello(1)\nloop\n  print smtp.port\nend",
      files: ["smtp": "let port = 25\ndef hello(x)\n  return x\nend\nfor i in 1..2\n  let inner = i\nend"])
    let module = try #require(file.imports.first?.module)
    #expect(module.exports.keys.sorted() == ["hello", "port"])
    guard case .expression(.step(let step)) = try file.statement(1), case .member(let member) = step.operands[0],
      case .exported(let variable, let declaration) = member.meaning
    else { throw NotFound() }
    #expect(variable === module.exports["port"])
    #expect(declaration === file.imports.first)
    #expect(variable.isCaptured)
  }

  @Test("a name that the imported file lacks, and a wrong number of arguments")
  func wrongUse() {
    let smtp = "let port = 25\ndef hello(x)\nend"
    #expect(codes(["main": "import \"smtp\" as smtp\nprint smtp.prot", "smtp": smtp]) == ["main:2 unknown-export"])
    #expect(codes(["main": "import \"smtp\" as s\ns.hello()", "smtp": smtp]) == ["main:2 wrong-argument-count"])
    #expect(codes(["main": "import \"smtp\" as s\nprint s", "smtp": smtp]) == ["main:2 import-as-value"])
    #expect(codes(["main": "import \"smtp\" as s\ns.port = 1", "smtp": smtp]) == ["main:2 not-assignable"])
    #expect(codes(["main": "import \"smtp\" as s\ns = 1", "smtp": smtp]) == ["main:2 not-assignable"])
    #expect(codes(["main": "if true\n  import \"smtp\" as s\nend", "smtp": smtp]) == ["main:2 misplaced"])
  }

  @Test("a file that cannot be read is an error at its path, and nothing more")
  func unreadable() throws {
    let result = load(SourceFile(name: "main", text: "import \"gone.sock\" as gone\nprint gone.x, gone.f(1)"))
    let diagnostic = try #require(result.diagnostics.first)
    #expect(result.diagnostics.count == 1)
    #expect(result.hasErrors)
    #expect(diagnostic.code == "import-unreadable")
    #expect(diagnostic.message.contains("no such file"))
    #expect(diagnostic.file.text(diagnostic.range) == "\"gone.sock\"")
  }

  @Test("a cycle is an error where it closes")
  func cycles() {
    #expect(codes(["main": "import \"main\" as me"]) == ["main:1 import-cycle"])
    #expect(
      codes(["main": "import \"a\" as a", "a": "import \"b\" as b", "b": "\nimport \"main\" as m"])
        == ["b:2 import-cycle"])
  }

  @Test("a file imported twice is loaded once")
  func once() throws {
    let file = checked(
      "import \"a\" as a\nimport \"b\" as b\nprint a.x, b.y",
      files: ["a": "import \"c\" as c\nlet x = c.n", "b": "import \"c\" as c\nlet y = c.n", "c": "let n = 1"])
    let a = try #require(file.imports.first?.module)
    let b = try #require(file.imports.last?.module)
    #expect(a.imports.first?.module != nil)
    #expect(a.imports.first?.module === b.imports.first?.module)
  }

  @Test("errors come file by file, each file's by position")
  func order() {
    let found = codes([
      "main": "print first\nimport \"a\" as a\nprint last", "a": "print inner",
    ])
    #expect(found == ["main:1 undeclared-name", "main:3 undeclared-name", "a:1 undeclared-name"])
  }

  @Test("a chain of imports without an end is an error")
  func depth() {
    var number = 0
    let result = Loader.load(SourceFile(name: "0", text: "import \"next\" as n")) { _, _ in
      number += 1
      return .success(SourceFile(name: "\(number)", text: "import \"next\" as n"))
    }
    #expect(result.diagnostics.map(\.code) == ["import-too-deep"])
    #expect(number == Loader.importDepth)
  }
}
