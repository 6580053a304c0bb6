// What each piece of a file is, as far as only the checked tree tells, for the colours of an editor.

package struct ColouredPiece: Equatable, Sendable {
  package enum Kind: Int, Sendable, CaseIterable {
    case comment, string, number, regexp, keyword, variable, parameter, property, function, namespace, modifier
    case enumMember, type
  }

  package let range: Range<Int>
  package let kind: Kind
  package let isDeclaration: Bool
  /// It is a word of the language: a verb, a function, a name that every script has.
  package let isOwn: Bool

  init(_ range: Range<Int>, _ kind: Kind, isDeclaration: Bool = false, isOwn: Bool = false) {
    self.range = range
    self.kind = kind
    self.isDeclaration = isDeclaration
    self.isOwn = isOwn
  }
}

package enum Colours {
  /// In order; none overlaps another. A piece may go over several lines.
  package static func pieces(_ tokens: [Token], of source: SourceFile, _ index: SyntaxIndex) -> [ColouredPiece] {
    var pieces: [ColouredPiece] = []
    pieces.reserveCapacity(tokens.count)
    var names = index.occurrences[...]
    var holes = index.holes[...]
    var previous = Token.Kind.lineEnd
    for (number, token) in tokens.enumerated() {
      defer { if token.kind != .comment { previous = token.kind } }
      switch token.kind {
      case .comment: pieces.append(ColouredPiece(token.start..<token.end, .comment))
      case .number: pieces.append(ColouredPiece(token.start..<token.end, .number))
      case .string, .address, .regex:
        let kind: ColouredPiece.Kind = token.kind == .regex ? .regexp : .string
        var from = token.start
        while let hole = holes.first, Int(hole.lower) < token.end {
          _ = holes.popFirst()
          // One inside another has been dealt with.
          guard Int(hole.lower) >= from, Int(hole.upper) <= token.end else { continue }
          if Int(hole.lower) > from { pieces.append(ColouredPiece(from..<Int(hole.lower), kind)) }
          pieces += inHole(hole, &names, index)
          from = Int(hole.upper)
        }
        if token.end > from { pieces.append(ColouredPiece(from..<token.end, kind)) }
      case .keyword: pieces.append(ColouredPiece(token.start..<token.end, .keyword))
      case .verb, .name:
        while let name = names.first, name.range.lower < token.lower { _ = names.popFirst() }
        if let name = names.first, name.range.lower == token.lower {
          if let piece = piece(name) { pieces.append(piece) }
        } else if case .verb = token.kind {
          pieces.append(ColouredPiece(token.start..<token.end, .function, isOwn: true))
        } else if let kind = kind(ofWord: token, in: source, index, previous, tokens.dropFirst(number + 1).first) {
          pieces.append(ColouredPiece(token.start..<token.end, kind))
        }
      case .quote, .mark, .lineEnd, .semicolon, .endOfFile, .unknown: break
      }
    }
    return pieces
  }

  /// A word that is no name where it stands.
  private static func kind(
    ofWord token: Token, in source: SourceFile, _ index: SyntaxIndex, _ previous: Token.Kind, _ next: Token?
  ) -> ColouredPiece.Kind? {
    if index.options[token.lower] != nil { return .modifier }
    if index.bareWords.contains(token.lower) { return .enumMember }
    if next?.kind == .mark(.colon) || previous == .mark(.dot) { return .property }
    return ContextWord(rawValue: source.text(token.range)) == nil ? nil : .keyword
  }

  private static func inHole(
    _ hole: SourceRange, _ names: inout ArraySlice<Occurrence>, _ index: SyntaxIndex
  ) -> [ColouredPiece] {
    var pieces: [ColouredPiece] = []
    while let name = names.first, name.range.lower < hole.upper {
      _ = names.popFirst()
      if name.range.lower >= hole.lower, let piece = piece(name) { pieces.append(piece) }
    }
    return pieces
  }

  private static func piece(_ name: Occurrence) -> ColouredPiece? {
    let isDeclaration = name.role == .declaration
    switch name.meaning {
    case .variable(let variable), .exported(let variable, _):
      let kind: ColouredPiece.Kind =
        switch variable.kind {
        case .local, .setting: .variable
        case .parameter: .parameter
        case .function: .function
        case .importedFile: .namespace
        case .message: .type
        }
      return ColouredPiece(name.range.offsets, kind, isDeclaration: isDeclaration)
    case .function: return ColouredPiece(name.range.offsets, .function, isOwn: true)
    case .predefined: return ColouredPiece(name.range.offsets, .variable, isOwn: true)
    case .property: return ColouredPiece(name.range.offsets, .property)
    case .unresolved: return nil
    }
  }
}
