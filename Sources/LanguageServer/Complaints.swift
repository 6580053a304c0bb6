// What checker and linter say, told as the editor shows it, and what would mend it.

import SockLanguage
import SockRuntime

extension Server {
  /// Tells what there is to say about each text that has changed; once, however many changes there were.
  func tellComplaints() {
    for document in workspace.documents.values.sorted(by: { $0.uri < $1.uri }) where document.isUntold {
      document.isUntold = false
      let analysis = workspace.analysis(of: document)
      notify(
        "textDocument/publishDiagnostics",
        Json([
          "uri": Json(document.uri), "version": document.version.map { Json($0) },
          "diagnostics": Json(complaints(analysis)),
        ]))
    }
  }

  private func complaints(_ analysis: Analysis) -> [Json] {
    var all = analysis.result.diagnostics.filter { $0.file === analysis.source }.map { json($0, analysis.positions) }
    // What is wrong with an imported file is told where it is imported.
    for declaration in analysis.file.imports {
      guard let module = declaration.module,
        let first = firstError(in: module, analysis.result.diagnostics)
      else { continue }
      let place: Json = [
        "uri": Json(workspace.uri(ofFile: first.file.name)),
        "range": workspace.positions(in: first.file).json(first.range),
      ]
      all.append([
        "range": analysis.positions.json(declaration.pathRange), "severity": 1, "code": Json(first.code),
        "source": "sock", "message": Json("the imported file has an error: \(first.message)"),
        "relatedInformation": [["location": place, "message": Json(first.message)]],
      ])
    }
    return all
  }

  private func firstError(in module: CheckedFile, _ diagnostics: [Diagnostic]) -> Diagnostic? {
    let files = [module] + ScriptInterface(module).importedFiles
    return diagnostics.first { found in found.severity == .error && files.contains { $0.source === found.file } }
  }

  private func json(_ diagnostic: Diagnostic, _ positions: Positions) -> Json {
    let isError = diagnostic.severity == .error || isStrict
    let isUnused = [CheckerCode.unusedName, .unreachable].contains { $0.rawValue == diagnostic.code }
    return Json([
      "range": positions.json(diagnostic.range), "severity": isError ? 1 : 2, "code": Json(diagnostic.code),
      "source": "sock", "message": Json(([diagnostic.message] + diagnostic.notes).joined(separator: "\n")),
      "tags": isUnused ? [1] : nil,
    ])
  }

  // MARK: - What mends it

  func codeActions(_ parameters: Json) throws(RequestError) -> Json {
    let document = try document(parameters)
    let analysis = workspace.analysis(of: document)
    guard let range = document.positions.range(parameters["range"]) else {
      throw RequestError(.invalidParameters, "`range` is missing")
    }
    if let only = parameters["context"]["only"].list?.compactMap(\.string),
      !only.contains(where: { $0 == "quickfix" || $0.isEmpty })
    {
      return []
    }
    var actions: [Json] = []
    for diagnostic in analysis.result.diagnostics where diagnostic.file === analysis.source {
      let place = diagnostic.range.offsets
      guard place.lowerBound <= range.upperBound, range.lowerBound <= place.upperBound else { continue }
      let told = json(diagnostic, document.positions)
      var isFirst = true
      for cure in diagnostic.cures {
        guard let edit = cure.edit else { continue }
        let change: Json = ["range": document.positions.json(edit.range), "newText": Json(edit.text)]
        actions.append(action(cure.text, told, [change], of: document, isPreferred: isFirst))
        isFirst = false
      }
      if diagnostic.severity == .warning, let change = allowance(of: diagnostic, document) {
        actions.append(
          action("allow `\(diagnostic.code)` here", told, [change], of: document, isPreferred: false))
      }
    }
    return Json(actions)
  }

  private func action(
    _ title: String, _ diagnostic: Json, _ changes: [Json], of document: Document, isPreferred: Bool
  ) -> Json {
    [
      "title": Json(title), "kind": "quickfix", "diagnostics": [diagnostic], "isPreferred": isPreferred ? true : false,
      "edit": edit([(document.uri, document.version, changes)]),
    ]
  }

  /// A comment above the line that silences a warning.
  private func allowance(of diagnostic: Diagnostic, _ document: Document) -> Json? {
    // It silences no others, so it is no cure for the note that there are more.
    guard diagnostic.code != CheckerCode.unknownWarning.rawValue,
      diagnostic.code != CheckerCode.tooManyWarnings.rawValue
    else { return nil }
    let line = diagnostic.file.position(of: Int(diagnostic.range.lower)).line
    let text = diagnostic.file.line(line)
    let indentation = String(decoding: text.prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
    return [
      "range": document.positions.json(text.startIndex..<text.startIndex),
      "newText": Json("\(indentation)# sock: allow \(diagnostic.code)\n"),
    ]
  }

  /// Changes of texts, as the client takes them.
  func edit(_ changes: [(uri: String, version: Int?, edits: [Json])]) -> Json {
    if client.hasDocumentChanges {
      return [
        "documentChanges": Json(
          changes.map { change in
            [
              "textDocument": ["uri": Json(change.uri), "version": change.version.map { Json($0) } ?? .null],
              "edits": Json(change.edits),
            ]
          })
      ]
    }
    return ["changes": Json(changes.map { (key: $0.uri, value: Json($0.edits)) })]
  }
}
