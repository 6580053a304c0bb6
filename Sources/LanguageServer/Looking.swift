// What is asked about a place: what it means, where it comes from, who uses it; and about a text: what is in it.

import SockLanguage
import SockRuntime

extension Server {
  func hover(_ parameters: Json) throws(RequestError) -> Json {
    let (_, analysis, offset) = try place(parameters)
    let found = Explanation.at(offset, tokens: analysis.parsed.tokens, of: analysis.file, analysis.index)
    guard let found else { return .null }
    return [
      "contents": [
        "kind": client.readsMarkdown ? "markdown" : "plaintext",
        "value": Json(client.readsMarkdown ? found.markdown : found.text()),
      ],
      "range": analysis.positions.json(found.range),
    ]
  }

  // MARK: - Names

  func definition(_ parameters: Json) throws(RequestError) -> Json {
    let (_, analysis, offset) = try place(parameters)
    // On the path of an import: that file.
    for declaration in analysis.file.imports where declaration.pathRange.offsets.contains(offset) {
      guard let module = declaration.module else { return .null }
      let start = Position(line: 0, character: 0).json
      return ["uri": Json(workspace.uri(ofFile: module.source.name)), "range": ["start": start, "end": start]]
    }
    guard let found = analysis.index.occurrence(at: offset), let (variable, module) = found.variable else {
      return .null
    }
    return location(variable.declaration, in: module?.source ?? analysis.source)
  }

  private func location(_ range: SourceRange, in source: SourceFile) -> Json {
    ["uri": Json(workspace.uri(ofFile: source.name)), "range": workspace.positions(in: source).json(range)]
  }

  func highlights(_ parameters: Json) throws(RequestError) -> Json {
    let (document, analysis, offset) = try place(parameters)
    guard let found = analysis.index.occurrence(at: offset) else { return [] }
    let same = Symbol(found, in: analysis).map { uses(of: $0, in: analysis) } ?? analysis.index.occurrences.filter {
      $0.name == found.name && $0.isOfLanguage(like: found)
    }
    return Json(
      same.map { occurrence in
        // 3 writes, 2 reads.
        let writes = occurrence.role == .declaration || occurrence.role == .assignment
        return ["range": document.positions.json(occurrence.range), "kind": writes ? 3 : 2]
      })
  }

  func references(_ parameters: Json) throws(RequestError) -> Json {
    let (_, analysis, offset) = try place(parameters)
    guard let found = analysis.index.occurrence(at: offset), let symbol = Symbol(found, in: analysis) else { return [] }
    let withDeclaration = parameters["context"]["includeDeclaration"].boolean ?? true
    var places: [Json] = []
    for file in files(using: symbol, from: analysis) {
      for use in uses(of: symbol, in: file) where withDeclaration || use.role != .declaration {
        places.append(location(use.range, in: file.source))
      }
    }
    return Json(places)
  }

  /// The file that declares a name and, where others may import it, those that do, as far as they are known.
  func files(using symbol: Symbol, from analysis: Analysis) -> [Analysis] {
    let isHere = symbol.file == analysis.source.name
    var found = isHere ? [analysis] : [analysis] + [workspace.analysis(ofFile: symbol.file)].compactMap { $0 }
    guard symbol.isExported else { return found }
    let own = Set(found.map(\.source.name))
    let word = Array(Keyword.import.rawValue.utf8)
    for path in workspace.files() where !own.contains(path) {
      if workspace.document(named: path) == nil {
        // What imports nothing need not be checked.
        guard case .success(let source) = ScriptFiles.readRegular(path), source.bytes.firstRange(of: word) != nil else {
          continue
        }
      }
      guard let other = workspace.analysis(ofFile: path),
        other.file.imports.contains(where: { $0.module?.source.name == symbol.file })
      else { continue }
      found.append(other)
    }
    return found
  }

  func uses(of symbol: Symbol, in analysis: Analysis) -> [Occurrence] {
    analysis.index.occurrences.filter { Symbol($0, in: analysis) == symbol }
  }

  // MARK: - What is in a text

  func symbols(_ parameters: Json) throws(RequestError) -> Json {
    let document = try document(parameters)
    let analysis = workspace.analysis(of: document)
    let entries = Outline(analysis.file).entries
    if client.hasNestedSymbols { return Json(entries.map { symbol($0, document.positions) }) }
    return Json(flattened(entries).map { information($0.entry, inside: $0.container, in: analysis.source) })
  }

  private func symbol(_ entry: Outline.Entry, _ positions: Positions) -> Json {
    Json([
      // A name may not be empty.
      "name": Json(entry.name.isEmpty ? "-" : entry.name), "detail": entry.detail.isEmpty ? nil : Json(entry.detail),
      "kind": Json(entry.kind.symbolKind), "range": positions.json(entry.range),
      "selectionRange": positions.json(entry.nameRange),
      "children": entry.children.isEmpty ? nil : Json(entry.children.map { symbol($0, positions) }),
    ])
  }

  private func flattened(
    _ entries: [Outline.Entry], in container: String? = nil
  ) -> [(entry: Outline.Entry, container: String?)] {
    entries.flatMap { [($0, container)] + flattened($0.children, in: $0.name) }
  }

  private func information(_ entry: Outline.Entry, inside container: String?, in source: SourceFile) -> Json {
    Json([
      "name": Json(entry.name.isEmpty ? "-" : entry.name), "kind": Json(entry.kind.symbolKind),
      "location": location(entry.nameRange, in: source), "containerName": container.map { Json($0) },
    ])
  }

  /// Tests, functions and what else files declare at their top, whose names have the letters of the query in order.
  func workspaceSymbols(_ parameters: Json) -> Json {
    let query = Array((parameters["query"].string ?? "").lowercased().utf8)
    let most = 500
    var found: [Json] = []
    for path in workspace.files() {
      guard found.count < most, let analysis = workspace.analysis(ofFile: path) else { continue }
      for entry in Outline(analysis.file).entries where has(entry.name, query) {
        found.append(information(entry, inside: nil, in: analysis.source))
      }
    }
    return Json(Array(found.prefix(most)))
  }

  private func has(_ name: String, _ query: [UInt8]) -> Bool {
    var wanted = query[...]
    for byte in name.lowercased().utf8 where byte == wanted.first { _ = wanted.popFirst() }
    return wanted.isEmpty
  }

  func folds(_ parameters: Json) throws(RequestError) -> Json {
    let analysis = workspace.analysis(of: try document(parameters))
    let all = Folds.all(analysis.parsed.tokens, of: analysis.source, analysis.index)
    return Json(
      all.map { fold in
        Json([
          "startLine": Json(fold.lines.lowerBound - 1), "endLine": Json(fold.lines.upperBound - 1),
          "kind": fold.isComment ? "comment" : nil,
        ])
      })
  }

  // MARK: - Colours

  private static let modifiers = ["declaration", "defaultLibrary"]

  static var legend: Json {
    [
      "tokenTypes": Json(ColouredPiece.Kind.allCases.map { Json("\($0)") }),
      "tokenModifiers": Json(modifiers.map { Json($0) }),
    ]
  }

  func semanticTokens(_ parameters: Json) throws(RequestError) -> Json {
    let document = try document(parameters)
    let analysis = workspace.analysis(of: document)
    var numbers: [Int] = []
    var last = Position(line: 0, character: 0)
    for piece in Colours.pieces(analysis.parsed.tokens, of: analysis.source, analysis.index) {
      for part in document.positions.lines(of: piece.range) {
        let start = document.positions.position(part.lowerBound)
        let length = document.positions.characters(from: part.lowerBound, to: part.upperBound)
        let isSameLine = start.line == last.line
        numbers += [
          start.line - last.line, isSameLine ? start.character - last.character : start.character, length,
          piece.kind.rawValue, (piece.isDeclaration ? 1 : 0) | (piece.isOwn ? 2 : 0),
        ]
        last = start
      }
    }
    return ["data": Json(numbers)]
  }
}

/// A declared name, whichever analysis it was met in.
struct Symbol: Equatable {
  let file: String
  let declaration: SourceRange
  let name: String
  /// Another file may use it, if it is at the top of this one.
  let isExported: Bool

  init?(_ occurrence: Occurrence, in analysis: Analysis) {
    guard let (variable, module) = occurrence.variable else { return nil }
    let file = module ?? analysis.file
    self.file = file.source.name
    declaration = variable.declaration
    name = variable.name
    isExported = file.exports[variable.name] === variable
  }
}

extension Occurrence {
  /// Both are the same word of the language.
  fileprivate func isOfLanguage(like other: Occurrence) -> Bool {
    switch (meaning, other.meaning) {
    case (.function(let one), .function(let two)): one == two
    case (.predefined(let one), .predefined(let two)): one == two
    default: false
    }
  }
}

extension Outline.Kind {
  /// LSP's numbers.
  fileprivate var symbolKind: Int {
    switch self {
    case .test: 6
    case .setup: 9
    case .function: 12
    case .parameter, .variable: 13
    case .setting: 14
    case .importedFile: 2
    case .message: 23
    case .field: 8
    }
  }
}
