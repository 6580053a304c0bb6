// What the checker's tests share: sources with a marked place, and what is said about them.

import Testing

@testable import SockLanguage

/// A source text in which `«…»` marks where the one complaint must point.
struct MarkedSource {
  let source: SourceFile
  /// Nil when nothing is marked.
  let range: SourceRange?

  init(_ text: String) {
    var bytes: [UInt8] = []
    var lower: Int?
    var upper: Int?
    for character in text {
      switch character {
      case "«": lower = bytes.count
      case "»": upper = bytes.count
      default: bytes += Array(String(character).utf8)
      }
    }
    source = SourceFile(name: "test.sock", bytes: bytes)
    if let lower, let upper { range = SourceRange(lower, upper) } else { range = nil }
  }
}

/// One expectation: exactly one complaint, of this code, at the marked place, with this help among its notes.
struct Complaint: CustomTestStringConvertible {
  let code: CheckerCode
  let text: String
  let help: String
  init(_ code: CheckerCode, _ text: String, _ help: String) {
    self.code = code
    self.text = text
    self.help = help
  }
  var testDescription: String { "\(code.rawValue): \(text)" }
}

/// All that is said about a source without imports, the parser's part too.
func diagnostics(of text: String) -> [Diagnostic] {
  load(SourceFile(name: "test.sock", text: text)).diagnostics
}

func load(_ source: SourceFile, files: [String: String] = [:], session: SessionScope? = nil) -> LoadResult {
  Loader.load(source, session: session) { path, _ in
    guard let text = files[path] else { return .failure(ReadFailure(message: "no such file")) }
    return .success(SourceFile(name: path, text: text))
  }
}

/// A file that must be free of complaints.
func checked(
  _ text: String, files: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
) -> CheckedFile {
  let result = load(SourceFile(name: "test.sock", text: text), files: files)
  for diagnostic in result.diagnostics {
    Issue.record("\(DiagnosticRenderer.render(diagnostic, color: false))", sourceLocation: sourceLocation)
  }
  return result.main
}

extension CheckedFile {
  func statement(_ index: Int) throws -> Statement.Kind {
    try #require(body.statements.indices.contains(index))
    return body.statements[index].kind
  }

  func function(_ index: Int) throws -> FunctionDeclaration {
    guard case .function(let function) = try statement(index) else { throw NotFound() }
    return function
  }

  func test(_ index: Int) throws -> TestDeclaration {
    guard case .test(let test) = try statement(index) else { throw NotFound() }
    return test
  }

  func export(_ name: String) throws -> Variable { try #require(exports[name]) }
}

struct NotFound: Error {}

extension FunctionScope {
  var captureNames: [String] { captures.map(\.name) }
}
