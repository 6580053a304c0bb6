// `# sock: allow CODE, CODE`: the comment that silences warnings of its line, or of the next one that is no comment.

struct Allowances {
  /// The codes that are allowed, by line (from 1).
  private var codes: [Int: Set<String>] = [:]
  /// What is wrong with the comments themselves.
  private(set) var problems: [Diagnostic] = []
  private let source: SourceFile
  /// The line behind the last run of comments, so that a comment in it need not look for its end again.
  private var lineBehindComments = 0

  private static let mark = Array("sock:".utf8)
  private static let verb = Array("allow".utf8)

  init(_ parsed: ParsedFile) {
    source = parsed.source
    for token in parsed.tokens where token.kind == .comment { read(token.range) }
  }

  /// The diagnostics without the warnings that are allowed where they stand.
  func applied(to diagnostics: [Diagnostic]) -> [Diagnostic] {
    guard !codes.isEmpty else { return diagnostics }
    return diagnostics.filter { diagnostic in
      guard diagnostic.severity == .warning else { return true }
      return codes[source.position(of: Int(diagnostic.range.lower)).line]?.contains(diagnostic.code) != true
    }
  }

  private mutating func read(_ comment: SourceRange) {
    let words = Self.words(of: source.bytes, in: comment.offsets.dropFirst())
    guard words.count > 1, source.bytes[words[0]].elementsEqual(Self.mark),
      source.bytes[words[1]].elementsEqual(Self.verb)
    else { return }
    if words.count == 2 { problems.append(.unknownWarning(nil, at: source.place(comment))) }
    let line = silencedLine(of: comment)
    for word in words.dropFirst(2) {
      let range = SourceRange(word.lowerBound, word.upperBound)
      let name = source.text(range)
      if DiagnosticCodes.named(name)?.isWarning == true {
        codes[line, default: []].insert(name)
      } else {
        problems.append(.unknownWarning(name, at: source.place(range)))
      }
    }
  }

  /// What is between blanks and commas.
  private static func words(of bytes: [UInt8], in range: Range<Int>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start: Int?
    for offset in range.lowerBound...range.upperBound {
      let isInside = offset < range.upperBound && ![0x20, 0x09, 0x2C].contains(bytes[offset])
      if isInside {
        if start == nil { start = offset }
      } else if let first = start {
        words.append(first..<offset)
        start = nil
      }
    }
    return words
  }

  /// The comment's own line, or, if nothing else stands there, the next that holds something else.
  private mutating func silencedLine(of comment: SourceRange) -> Int {
    let place = source.position(of: Int(comment.lower))
    var line = place.line
    guard source.line(line).prefix(place.column - 1).allSatisfy(Self.isBlank) else { return line }
    if line < lineBehindComments { return lineBehindComments }
    while line < source.lineCount {
      line += 1
      if let first = source.line(line).first(where: { !Self.isBlank($0) }), first != 0x23 { break }
    }
    lineBehindComments = line
    return line
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
