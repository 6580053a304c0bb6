// How the function is called in whose parentheses a place is, and which of its parameters stands there.

package struct Signature {
  /// `greet(name, loud = false)`.
  package let text: String
  /// Where in `text` each parameter stands, in UTF-8.
  package let parameters: [Range<Int>]
  /// Which of them is being written; nil: none, or one too many.
  package let active: Int?
  package let summary: String

  /// - Parameter offset: where the cursor is; the text behind it counts no more than it has to.
  package static func at(_ offset: Int, tokens: [Token], of file: CheckedFile, _ index: SyntaxIndex) -> Signature? {
    guard let place = CallPlace(file.source, tokens, offset) else { return nil }
    let bytes = file.source.bytes
    let name = String(decoding: bytes[place.name], as: UTF8.self)
    if let found = index.occurrence(startingAt: UInt32(place.name.lowerBound)), found.range.offsets == place.name {
      if let (variable, module) = found.variable {
        guard let function = variable.function else { return nil }
        return Signature(function, in: module?.source ?? file.source, place.argument)
      }
      if case .function(let function) = found.meaning { return Signature(function, place.argument) }
    }
    // A statement that is not whole yet is not in the tree.
    if let module = place.module.map({ String(decoding: bytes[$0], as: UTF8.self) }) {
      let declaration = file.imports.first { $0.name.name == module }
      guard let imported = declaration?.module, let function = imported.exports[name]?.function else { return nil }
      return Signature(function, in: imported.source, place.argument)
    }
    if let function = index.functions.last(where: { $0.name.name == name && !name.isEmpty }) {
      return Signature(function, in: file.source, place.argument)
    }
    return BuiltinFunction(rawValue: name).map { Signature($0, place.argument) }
  }

  private init(_ function: BuiltinFunction, _ argument: Int) {
    let row = FunctionTable[function]
    self.init(row.signature, row.parameters, argument, isVariadic: row.isVariadic, summary: row.summary)
  }

  private init(_ function: FunctionDeclaration, in source: SourceFile, _ argument: Int) {
    self.init(
      Signature.text(of: function, in: source), Signature.parameters(of: function, in: source), argument,
      isVariadic: false, summary: source.comment(at: function.range.word(3)) ?? "")
  }

  private init(_ text: String, _ parameters: [String], _ argument: Int, isVariadic: Bool, summary: String) {
    var ranges: [Range<Int>] = []
    let bytes = Array(text.utf8)
    var from = bytes.firstIndex(of: UInt8(ascii: "(")).map { $0 + 1 } ?? 0
    for parameter in parameters {
      let wanted = Array(parameter.utf8)
      while from + wanted.count <= bytes.count, !bytes[from...].starts(with: wanted) { from += 1 }
      guard from + wanted.count <= bytes.count else { break }
      ranges.append(from..<(from + wanted.count))
      from += wanted.count
    }
    self.text = text
    self.parameters = ranges
    active =
      argument < ranges.count ? argument : isVariadic && !ranges.isEmpty ? ranges.count - 1 : nil
    self.summary = summary
  }

  /// `def greet(name, loud = false)`, as it is written.
  static func text(of function: FunctionDeclaration, in source: SourceFile) -> String {
    let parameters = parameters(of: function, in: source).joined(separator: ", ")
    let name = function.name.name
    return name.isEmpty ? "fn(\(parameters))" : "def \(name)(\(parameters))"
  }

  private static func parameters(of function: FunctionDeclaration, in source: SourceFile) -> [String] {
    function.parameters.map { parameter in
      guard let value = parameter.defaultValue, source.mayBeShown else { return parameter.name.name }
      return "\(parameter.name.name) = \(Printable.text(source.text(value.range)))"
    }
  }
}

/// The open parenthesis around a place that has a name in front.
private struct CallPlace {
  /// Where the function's name stands.
  let name: Range<Int>
  /// What stands before its dot.
  let module: Range<Int>?
  /// How many commas stand between the parenthesis and the place.
  let argument: Int

  init?(_ source: SourceFile, _ tokens: [Token], _ offset: Int) {
    // Between two calls a script is a line or a few, and so is a call.
    let before = CallPlace.tokens(before: offset, tokens, source.bytes).suffix(2000)
    var depth = 0
    var commas = 0
    for (place, token) in before.enumerated().reversed() {
      switch token.kind {
      case .mark(.rightParenthesis), .mark(.rightBracket), .mark(.rightBrace): depth += 1
      case .mark(.leftBracket), .mark(.leftBrace):
        depth -= 1
        if depth < 0 { (depth, commas) = (0, 0) }
      case .mark(.comma): if depth == 0 { commas += 1 }
      case .mark(.leftParenthesis):
        depth -= 1
        guard depth < 0 else { continue }
        let touching = before.prefix(place)
        if let name = touching.last, name.isWord, name.end == token.start, name.kind != .keyword(.fn) {
          self.name = name.start..<name.end
          argument = commas
          let front = Array(touching.dropLast().suffix(2))
          let hasModule = front.count == 2 && front[1].kind == .mark(.dot) && front[0].kind == .name
          module = hasModule ? front[0].start..<front[0].end : nil
          return
        }
        (depth, commas) = (0, 0)
      case .lineEnd, .semicolon: if depth == 0, token.kind == .semicolon { return nil }
      case .keyword(.end), .keyword(.let), .keyword(.def): return nil
      default: break
      }
    }
    return nil
  }

  /// The tokens that end before a place; in the hole of a string those of the hole.
  private static func tokens(before offset: Int, _ tokens: [Token], _ bytes: [UInt8]) -> [Token] {
    let before = tokens.prefix(upTo: tokens.partitionIndex { $0.start < offset })
    guard let last = before.last, last.end > offset || last.kind == .string else { return Array(before) }
    // A hole begins behind the last `${` before the place.
    guard last.kind == .string || last.kind == .regex || last.kind == .address, last.end >= offset else {
      return Array(before.dropLast(last.end > offset && !last.isWord ? 1 : 0))
    }
    let text = bytes[last.start..<offset]
    guard let brace = text.indices.last(where: { text[$0] == UInt8(ascii: "{") && $0 > text.startIndex
        && text[$0 - 1] == UInt8(ascii: "$") }), !text[brace...].contains(UInt8(ascii: "}"))
    else { return Array(before.dropLast()) }
    var lexer = Lexer(Array(bytes[(brace + 1)..<offset]))
    var found: [Token] = []
    while case let token = lexer.next(), token.kind != .endOfFile {
      found.append(Token(token.kind, token.start + brace + 1, token.end + brace + 1, symbol: token.symbol))
    }
    return found
  }
}

extension [Token] {
  /// How many of them, from the first on, `belongs` holds for.
  fileprivate func partitionIndex(_ belongs: (Token) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
