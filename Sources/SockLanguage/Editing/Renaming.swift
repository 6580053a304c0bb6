// Another name for what a file declares: whether there can be one, and whether the file still means the same with it.

package enum Renaming {
  /// Why that can be no name; nil: it can.
  package static func problem(with name: String) -> String? {
    let shown = Printable.text(Quoting.shortened("`\(name)`"))
    guard let first = name.utf8.first, Lexer.startsWord(first), name.utf8.allSatisfy(Lexer.continuesWord) else {
      return "\(shown) is no name: it is made of letters, digits and `_`, and begins with no digit"
    }
    if Verb(rawValue: name) != nil { return "\(shown) is a verb" }
    if Keyword(rawValue: name) != nil { return "\(shown) is a word of the language" }
    return nil
  }

  /// A text with other words in some places.
  package static func text(of source: SourceFile, putting name: String, at ranges: [SourceRange]) -> [UInt8] {
    var bytes: [UInt8] = []
    var from = 0
    for range in ranges.sorted(by: { $0.lower < $1.lower }) {
      bytes += source.bytes[from..<Int(range.lower)]
      bytes += name.utf8
      from = Int(range.upper)
    }
    return bytes + source.bytes[from...]
  }

  /// What would be otherwise if a file were written with the new name; nil: every name means what it has meant.
  /// - Parameters:
  ///   - before: the file, checked.
  ///   - after: the same with the new name, checked again.
  ///   - hadErrors: it had some before: those it has now need not come from the name.
  package static func difference(
    _ before: CheckedFile, _ after: LoadResult, from old: String, to new: String, hadErrors: Bool
  ) -> String? {
    let shown = "`\(new)`"
    let errors = hadErrors ? [] : after.diagnostics.filter { $0.severity == .error && $0.file === after.main.source }
    if let second = errors.first(where: { $0.code == CheckerCode.alreadyDeclared.rawValue }) {
      return "\(shown) is taken: \(second.message)"
    }
    let (was, now) = (SyntaxIndex(before).occurrences, SyntaxIndex(after.main).occurrences)
    var declarations: (was: [ObjectIdentifier: Int], now: [ObjectIdentifier: Int]) = ([:], [:])
    for (number, (one, other)) in zip(was, now).enumerated() {
      if case .variable(let variable) = one.meaning, declarations.was[ObjectIdentifier(variable)] == nil {
        declarations.was[ObjectIdentifier(variable)] = number
      }
      if case .variable(let variable) = other.meaning, declarations.now[ObjectIdentifier(variable)] == nil {
        declarations.now[ObjectIdentifier(variable)] = number
      }
      let isSame: Bool =
        switch (one.meaning, other.meaning) {
        case (.variable(let a), .variable(let b)):
          declarations.was[ObjectIdentifier(a)] == declarations.now[ObjectIdentifier(b)]
        case (.exported(let a, _), .exported(let b, _)): a.name == b.name || a.name == old && b.name == new
        case (.function(let a), .function(let b)): a == b
        case (.predefined(let a), .predefined(let b)): a == b
        case (.property, .property), (.unresolved, .unresolved): one.name == other.name
        default: false
        }
      if !isSame {
        let line = before.source.position(of: Int(one.range.lower)).line
        return "\(shown) is taken: in line \(line) `\(one.name)` would mean another"
      }
    }
    guard was.count == now.count else { return "\(shown) would be read as something else than a name" }
    return errors.first.map { "with \(shown) there is an error: \($0.message)" }
  }
}
