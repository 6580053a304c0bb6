// Whether two texts are the same program but for its layout.

enum ProgramComparison {
  /// The offset in the first file at which the second says something else; nil when they say the same: the same
  /// tokens and comments in the same order, and statements that begin at the same ones. The second may have no errors.
  static func firstDifference(_ first: ParsedFile, _ second: ParsedFile) -> Int? {
    if let mistake = second.diagnostics.first(where: { $0.severity == .error }) {
      return place(of: mistake, in: first, second)
    }
    var left = Cursor(first)
    var right = Cursor(second)
    while let token = left.next() {
      guard let other = right.next(), isSame(token, other) else { return token.offset }
    }
    return right.next() == nil ? nil : first.source.bytes.count
  }

  /// The item of the first file that stands where the diagnostic of the second one does.
  private static func place(of diagnostic: Diagnostic, in first: ParsedFile, _ second: ParsedFile) -> Int {
    var left = Cursor(first)
    var right = Cursor(second)
    while let token = left.next(), let other = right.next() {
      if other.offset >= Int(diagnostic.range.lower) { return token.offset }
    }
    return first.source.bytes.count
  }

  private struct Item {
    let kind: Token.Kind
    let text: ArraySlice<UInt8>
    let startsStatement: Bool
    let opensBlock: Bool
    var offset: Int { text.startIndex }
  }

  /// Goes over what is no layout.
  private struct Cursor {
    private let bytes: [UInt8]
    private var tokens: ArraySlice<Token>
    private var statements: ArraySlice<StatementOutline.Entry>

    init(_ file: ParsedFile) {
      bytes = file.source.bytes
      tokens = file.tokens[...]
      statements = StatementOutline(file.body).entries[...]
    }

    mutating func next() -> Item? {
      while let token = tokens.popFirst() {
        if token.kind == .lineEnd || token.kind == .semicolon { continue }
        let statement = statements.first.flatMap { $0.offset == token.start ? $0 : nil }
        if statement != nil { statements.removeFirst() }
        return Item(
          kind: token.kind, text: bytes[token.start..<token.end], startsStatement: statement != nil,
          opensBlock: statement?.opensBlock ?? false)
      }
      return nil
    }
  }

  private static func isSame(_ a: Item, _ b: Item) -> Bool {
    guard a.kind == b.kind, a.startsStatement == b.startsStatement, a.opensBlock == b.opensBlock else { return false }
    if a.text.elementsEqual(b.text) { return true }
    guard a.kind == .string else { return false }
    if BlockString.isBlock(a.text), let lines = BlockString.lines(a.text) { return lines == BlockString.lines(b.text) }
    return a.text.first == UInt8(ascii: "x")
      && BlockString.withPlainLineEnds(a.text) == BlockString.withPlainLineEnds(b.text)
  }
}
