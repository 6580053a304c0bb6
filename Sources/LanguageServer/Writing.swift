// What helps to write: completion, signatures, another name, the canonical layout.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore
import TLS

extension Server {
  // MARK: - Completion

  func completion(_ parameters: Json) throws(RequestError) -> Json {
    let (document, analysis, offset) = try place(parameters)
    var context = CompletionContext()
    context.socketOptions = SocketOption.allNames
    context.signals = SignalName.allNames
    context.alerts = TLSAlert.allNames
    context.libraries = StandardLibrary.names
    context.exports = { path in
      let module = analysis.file.imports.first { $0.path == path }?.module
      return module.map { $0.exports.keys.sorted() } ?? []
    }
    let found = Completer.complete(document.bytes, cursor: offset, in: context)
    let range = document.positions.json(found.range)
    let candidates =
      found.candidates + (found.wantsFileName ? files(beginning: document.bytes[found.range], for: document) : [])
    return Json(
      candidates.enumerated().map { number, candidate in
        let digits = String(number)
        let order = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return Json([
          "label": Json(candidate.text), "kind": Json(candidate.kind.itemKind),
          "detail": candidate.synopsis.isEmpty ? nil : Json(candidate.synopsis),
          "documentation": candidate.summary.isEmpty ? nil : Json(candidate.summary),
          "filterText": Json(candidate.text), "sortText": Json(order),
          "textEdit": ["range": range, "newText": Json(candidate.text)],
        ])
      })
  }

  /// Files that a path may go on with: scripts and folders beside the document.
  private func files(beginning typed: ArraySlice<UInt8>, for document: Document) -> [Completions.Candidate] {
    let text = String(decoding: typed, as: UTF8.self)
    let slash = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
    let (folder, begun) = (String(text[..<slash]), String(text[slash...]))
    let place = ScriptFiles.path(importing: folder + ".", from: document.name)
    guard let names = FolderEntries.names(in: Array((place.isEmpty ? "." : place).utf8)) else { return [] }
    var found: [Completions.Candidate] = []
    for name in names.compactMap({ String(validating: $0, as: UTF8.self) }).sorted() {
      guard name.hasPrefix(begun), !name.hasPrefix(".") || begun.hasPrefix(".") else { continue }
      var status = stat()
      guard stat("\(place)/\(name)", &status) == 0 else { continue }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      found.append(Completions.Candidate(folder + name + (isFolder ? "/" : ""), .file))
    }
    return found
  }

  func signatureHelp(_ parameters: Json) throws(RequestError) -> Json {
    let (_, analysis, offset) = try place(parameters)
    let found = Signature.at(offset, tokens: analysis.parsed.tokens, of: analysis.file, analysis.index)
    guard let found else { return .null }
    let text = Positions(Array(found.text.utf8), .utf16)
    let signature = Json([
      "label": Json(found.text), "documentation": found.summary.isEmpty ? nil : Json(found.summary),
      "parameters": Json(
        found.parameters.map { range in
          // Within a label characters are always UTF-16's.
          [
            "label": [
              Json(text.position(range.lowerBound).character), Json(text.position(range.upperBound).character),
            ]
          ]
        }),
    ])
    // Behind the last: one too many, so none is shown.
    let active = found.active ?? found.parameters.count
    return ["signatures": [signature], "activeSignature": 0, "activeParameter": Json(active)]
  }

  // MARK: - The layout

  func formatting(_ parameters: Json) throws(RequestError) -> Json {
    let document = try document(parameters)
    let analysis = workspace.analysis(of: document)
    // What cannot be read cannot be laid out.
    guard !analysis.file.isDamaged else { return [] }
    let bytes: [UInt8]
    do throws(Formatter.Mismatch) {
      bytes = try Formatter.formatAndVerify(analysis.parsed)
    } catch {
      throw RequestError(
        .failed, "the layout of line \(error.line) would change what the script means: it is left as it is")
    }
    // From the first line that differs to the last, so that the cursor stays where it is.
    let old = document.bytes
    guard bytes != old else { return [] }
    var start = 0
    while start < old.count, start < bytes.count, old[start] == bytes[start] { start += 1 }
    while start > 0, old[start - 1] != 0x0A { start -= 1 }
    var (oldEnd, newEnd) = (old.count, bytes.count)
    while oldEnd > start, newEnd > start, old[oldEnd - 1] == bytes[newEnd - 1] {
      oldEnd -= 1
      newEnd -= 1
    }
    while oldEnd < old.count, oldEnd > start, old[oldEnd - 1] != 0x0A {
      oldEnd += 1
      newEnd += 1
    }
    return [
      [
        "range": document.positions.json(start..<oldEnd),
        "newText": Json(String(decoding: bytes[start..<newEnd], as: UTF8.self)),
      ]
    ]
  }

  // MARK: - Renaming

  func prepareRename(_ parameters: Json) throws(RequestError) -> Json {
    let (document, analysis, offset) = try place(parameters)
    let (found, symbol) = try renamed(analysis, offset)
    return ["range": document.positions.json(found.range), "placeholder": Json(symbol.name)]
  }

  private func renamed(_ analysis: Analysis, _ offset: Int) throws(RequestError) -> (Occurrence, Symbol) {
    guard let found = analysis.index.occurrence(at: offset) else {
      throw RequestError(.failed, "there is no name that could be another one")
    }
    if let symbol = Symbol(found, in: analysis) { return (found, symbol) }
    switch found.meaning {
    case .function: throw RequestError(.failed, "`\(found.name)` is a function of the language")
    case .predefined: throw RequestError(.failed, "`\(found.name)` is a name that every script has")
    case .property: throw RequestError(.failed, "`\(found.name)` is a key or a property: the value decides what it is")
    default: throw RequestError(.failed, "nothing declares `\(found.name)`")
    }
  }

  func rename(_ parameters: Json) throws(RequestError) -> Json {
    let (_, analysis, offset) = try place(parameters)
    guard let name = parameters["newName"].string else {
      throw RequestError(.invalidParameters, "`newName` is missing")
    }
    if let problem = Renaming.problem(with: name) { throw RequestError(.failed, problem) }
    let (_, symbol) = try renamed(analysis, offset)
    guard name != symbol.name else { return edit([]) }
    let files = files(using: symbol, from: analysis)
    guard files.contains(where: { $0.source.name == symbol.file }) else {
      throw RequestError(.failed, "the file that declares `\(symbol.name)` cannot be read")
    }
    var texts: [String: [UInt8]] = [:]
    var changes: [(uri: String, version: Int?, edits: [Json])] = []
    for file in files {
      if let error = file.parsed.diagnostics.first(where: { $0.severity == .error }) {
        let line = file.source.position(of: Int(error.range.lower)).line
        throw RequestError(
          .failed,
          "\(Printable.text(file.source.name)):\(line) cannot be read, and may hide a name: \(error.message)")
      }
      let ranges = uses(of: symbol, in: file).map(\.range)
      guard !ranges.isEmpty else { continue }
      texts[file.source.name] = Renaming.text(of: file.source, putting: name, at: ranges)
      changes.append(
        (
          workspace.uri(ofFile: file.source.name), workspace.document(named: file.source.name)?.version,
          ranges.map { ["range": file.positions.json($0), "newText": Json(name)] }
        ))
    }
    // Every name must mean what it has meant, in each of the files.
    for file in files {
      guard let text = texts[file.source.name] else { continue }
      let after = Loader.load(SourceFile(name: file.source.name, bytes: text)) { path, importer in
        let imported = ScriptFiles.path(importing: path, from: importer)
        if let text = texts[imported] { return .success(SourceFile(name: imported, bytes: text)) }
        return workspace.read(path, importer)
      }
      let hadErrors = file.result.diagnostics.contains { $0.severity == .error && $0.file === file.source }
      if let difference = Renaming.difference(file.file, after, from: symbol.name, to: name, hadErrors: hadErrors) {
        throw RequestError(.failed, difference)
      }
    }
    return edit(changes)
  }
}

extension Completions.Kind {
  /// LSP's numbers.
  fileprivate var itemKind: Int {
    switch self {
    case .address, .word: 12
    case .key: 5
    case .file: 17
    case .option: 20
    case .property: 10
    case .name: 6
    case .verb: 2
    case .keyword: 14
    case .function: 3
    case .command: 14
    }
  }
}
