// The tree of what a file declares, and what of it can be folded.

package struct Outline {
  package enum Kind: Sendable { case test, setup, function, parameter, setting, importedFile, variable, message, field }

  package struct Entry {
    package let name: String
    package let kind: Kind
    /// What else its head says: `must "RFC 5321 4.1.1.1"`, `(name, loud)`; empty: nothing.
    package let detail: String
    package let range: SourceRange
    /// The name within it.
    package let nameRange: SourceRange
    package internal(set) var children: [Entry] = []
  }

  package let entries: [Entry]

  package init(_ file: CheckedFile) {
    entries = Outline.entries(file.body, of: file.source, isTop: true)
  }

  private static func entries(_ block: Block, of source: SourceFile, isTop: Bool) -> [Entry] {
    block.statements.flatMap { entries($0, of: source, isTop: isTop) }
  }

  private static func entries(_ statement: Statement, of source: SourceFile, isTop: Bool) -> [Entry] {
    switch statement.kind {
    case .declare(let target, _) where isTop:
      return target.names.map {
        Entry(name: $0.name, kind: .variable, detail: "", range: statement.range, nameRange: $0.range)
      }
    case .param(let setting):
      return [
        Entry(
          name: setting.name.name, kind: .setting, detail: setting.isSecret ? "secret" : "", range: statement.range,
          nameRange: setting.name.range)
      ]
    case .importFile(let declaration):
      return [
        Entry(
          name: declaration.name.name, kind: .importedFile, detail: declaration.path, range: statement.range,
          nameRange: declaration.name.range)
      ]
    case .function(let function):
      let parameters = function.parameters.map {
        Entry(name: $0.name.name, kind: .parameter, detail: "", range: $0.name.range, nameRange: $0.name.range)
      }
      let detail = "(\(function.parameters.map(\.name.name).joined(separator: ", ")))"
      return [
        Entry(
          name: function.name.name, kind: .function, detail: detail, range: statement.range,
          nameRange: function.name.range,
          children: parameters + entries(function.body, of: source, isTop: false))
      ]
    case .message(let message):
      let fields = message.fields.compactMap { field in
        field.name.map {
          Entry(
            name: $0, kind: .field, detail: source.text(field.type.range), range: field.nameRange,
            nameRange: field.nameRange)
        }
      }
      return [
        Entry(
          name: message.name.name, kind: .message, detail: "", range: statement.range, nameRange: message.name.range,
          children: fields)
      ]
    case .test(let test):
      let citation = test.citation.map { " \(source.text($0.range))" } ?? ""
      return [
        Entry(
          name: TestName(test, in: source).text, kind: .test, detail: test.level.map { $0.rawValue + citation } ?? "",
          range: test.range, nameRange: test.name.range, children: entries(test.body, of: source, isTop: false))
      ]
    case .setup(let setup):
      return [
        Entry(
          name: Keyword.setup.rawValue, kind: .setup, detail: "", range: setup.range, nameRange: setup.range.word(5),
          children: entries(setup.body, of: source, isTop: false))
      ]
    case .conditional(let branches, let otherwise):
      return branches.flatMap { entries($0.body, of: source, isTop: false) }
        + (otherwise.map { entries($0, of: source, isTop: false) } ?? [])
    case .forLoop(_, _, let body): return entries(body, of: source, isTop: false)
    default: return []
    }
  }
}

/// The name of a test, of which parts may be known only when it runs.
package struct TestName {
  /// Bytes, and nil for what is computed.
  package let parts: [[UInt8]?]
  /// As it is written, without its quotes.
  package let text: String

  package init(_ test: TestDeclaration, in source: SourceFile) {
    switch test.name {
    case .string(let bytes, _):
      parts = [bytes]
      text = String(decoding: bytes, as: UTF8.self)
    case .interpolation(let pieces, let range):
      parts = pieces.map { if case .bytes(let bytes) = $0 { bytes } else { nil } }
      let written = source.text(range)
      text = written.count > 1 && written.hasPrefix("\"") ? String(written.dropFirst().dropLast()) : written
    default:
      parts = [nil]
      text = source.text(test.name.range)
    }
  }
}

/// Lines that an editor can hide.
package enum Folds {
  package struct Fold: Hashable, Sendable {
    /// The first line, which stays, and the last that is hidden; from 1.
    package let lines: ClosedRange<Int>
    package let isComment: Bool
  }

  package static func all(_ tokens: [Token], of source: SourceFile, _ index: SyntaxIndex) -> [Fold] {
    var found: Set<Fold> = []
    func line(_ offset: UInt32) -> Int { source.position(of: Int(offset)).line }
    func add(_ first: Int, _ last: Int, isComment: Bool = false) {
      if last > first { found.insert(Fold(lines: first...last, isComment: isComment)) }
    }
    for block in index.blocks {
      // Its `end` stays; a branch has none.
      let ends = source.bytes(in: block).suffix(3).elementsEqual(Keyword.end.rawValue.utf8)
      var last = line(block.upper) - (ends ? 1 : 0)
      // A branch reaches to the word that ends it, whose line is not its own.
      while !ends, last > line(block.lower), source.line(last).allSatisfy(Lexer.isBlank) { last -= 1 }
      add(line(block.lower), last)
    }
    var comment: (first: Int, last: Int)?
    for token in tokens {
      switch token.kind {
      case .comment:
        let number = line(token.lower)
        guard source.line(number).prefix(source.position(of: token.start).column - 1).allSatisfy(Lexer.isBlank) else {
          continue
        }
        if let open = comment, open.last + 1 == number {
          comment = (open.first, number)
        } else {
          if let open = comment { add(open.first, open.last, isComment: true) }
          comment = (number, number)
        }
      case .string: add(line(token.lower), line(token.upper) - 1)
      default: break
      }
    }
    if let open = comment { add(open.first, open.last, isComment: true) }
    return found.sorted { ($0.lines.lowerBound, $0.lines.upperBound) < ($1.lines.lowerBound, $1.lines.upperBound) }
  }
}
