// What is known of a file's tests without running it: for `sock test --list`.

import SockLanguage

/// The tests of a file as they stand there. One inside a loop stands for all that the loop makes.
package struct TestList {
  struct Entry {
    let declaration: TestDeclaration
    /// As written, with `${…}` where it is computed.
    let name: String
    let citation: String?
    let todo: String?
    /// Why nobody knows how many such tests there will be, or what they are called; nil where that is known.
    let uncertainty: String?
  }

  private let source: SourceFile
  private(set) var entries: [Entry] = []

  package init(_ file: CheckedFile) {
    source = file.source
    add(file.body, inside: nil)
  }

  /// Each test's name, and what it holds a server to, as written.
  package var requirements: [(name: String, requirement: String)] {
    entries.map { entry in
      let level = entry.declaration.level.map { "\($0.rawValue) \(entry.citation ?? "")" }
      let tags = entry.declaration.tags.isEmpty ? nil : "[\(entry.declaration.tags.joined(separator: ", "))]"
      let notes = [level, tags, entry.todo.map { "todo: \($0)" }, entry.uncertainty]
      return (entry.name, notes.compactMap { $0 }.joined(separator: "; "))
    }
  }

  /// Only `if` and `for` may stand around a test.
  private mutating func add(_ block: Block, inside reason: String?) {
    for statement in block.statements {
      switch statement.kind {
      case .test(let test): add(test, inside: reason)
      case .forLoop(_, _, let body): add(body, inside: "one for each turn of a `for`")
      case .conditional(let branches, let otherwise):
        for branch in branches { add(branch.body, inside: reason ?? "where an `if` has it so") }
        if let otherwise { add(otherwise, inside: reason ?? "where an `if` has it so") }
      default: break
      }
    }
  }

  private mutating func add(_ test: TestDeclaration, inside reason: String?) {
    let isComputed = if case .string = test.name { false } else { true }
    entries.append(
      Entry(
        declaration: test, name: text(test.name), citation: test.citation.map(text), todo: test.todo.map(text),
        uncertainty: reason ?? (isComputed ? "its name is known when it runs" : nil)))
  }

  private func text(_ expression: Expression) -> String {
    switch expression {
    case .string(let bytes, _): return String(decoding: bytes, as: UTF8.self)
    case .interpolation(_, let range):
      let text = source.text(range)
      for quote in ["\"\"\"", "\""] where text.utf8.count >= 2 * quote.utf8.count && text.hasPrefix(quote) {
        return String(text.dropFirst(quote.count).dropLast(quote.count))
      }
      return text
    default: return "${\(source.text(expression.range))}"
    }
  }
}
