// The documents that are open, the folders of the editor's project, and which files are read for them.

import Glibc
import SockLanguage
import SockRuntime

final class Workspace {
  private(set) var documents: [String: Document] = [:]
  /// Absolute paths.
  var folders: [String] = []
  var encoding = PositionEncoding.utf16

  /// Files of a project beyond so many are not looked into for uses of a name.
  private static let mostFiles = 2000

  // MARK: - Documents

  func open(uri: String, version: Int?, text: [UInt8]) {
    // What has no file, as `untitled:`, imports from the project's folder.
    let name = DocumentName.path(ofURI: uri) ?? (folders.first.map { "\($0)/<untitled>" } ?? "<untitled>")
    documents[uri] = Document(uri: uri, name: name, version: version, bytes: text, encoding: encoding)
    forgetImporters(of: name)
  }

  func close(uri: String) {
    guard let document = documents.removeValue(forKey: uri) else { return }
    forgetImporters(of: document.name)
  }

  func document(named name: String) -> Document? { documents.values.first { $0.name == name } }

  /// The text of a file, or it itself, is another one now.
  func forgetImporters(of name: String) {
    for document in documents.values where document.name != name && document.imports(name) { document.forget() }
  }

  func forgetAll() { for document in documents.values { document.forget() } }

  // MARK: - Analyses

  func analysis(of document: Document) -> Analysis { document.analysis(reading: read) }

  /// An imported file: what the editor has of it, else what is stored.
  func read(_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure> {
    let name = ScriptFiles.path(importing: path, from: importer)
    if let document = document(named: name) {
      return .success(SourceFile(name: name, bytes: document.bytes))
    }
    return ScriptFiles.read(importing: path, from: importer)
  }

  /// A file of the project: the editor's text of it, else what is stored; nil when it cannot be read or shown.
  func analysis(ofFile path: String) -> Analysis? {
    if let document = document(named: path) { return analysis(of: document) }
    guard case .success(let source) = ScriptFiles.readRegular(path), source.mayBeShown else { return nil }
    return Analysis(source, Positions(source.bytes, encoding), reading: read)
  }

  func uri(ofFile path: String) -> String { document(named: path)?.uri ?? DocumentName.uri(ofPath: path) }

  /// Places in a file, as the client counts them.
  func positions(in source: SourceFile) -> Positions {
    document(named: source.name)?.positions ?? Positions(source.bytes, encoding)
  }

  // MARK: - Files

  /// The scripts below the project's folders, and those that are open, in order; without hidden folders.
  func files() -> [String] {
    var found = Set(documents.values.map(\.name).filter { $0.hasSuffix(".sock") })
    var open = folders
    var seen = 0
    while let folder = open.popLast(), found.count < Workspace.mostFiles {
      seen += 1
      guard seen < Workspace.mostFiles, let names = FolderEntries.names(in: Array(folder.utf8)) else { continue }
      for bytes in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) where bytes.first != UInt8(ascii: ".") {
        guard let name = String(validating: bytes, as: UTF8.self), name != "node_modules" else { continue }
        let path = "\(folder)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { continue }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: open.append(path)
        case S_IFREG: if name.hasSuffix(".sock") { found.insert(path) }
        default: break
        }
      }
    }
    return found.sorted()
  }
}
