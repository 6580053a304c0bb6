// A text that is open in the editor, and what is known of it: computed once for each change.

import SockLanguage
import SockRuntime

final class Document {
  /// As the client has written it.
  let uri: String
  /// What messages call it, and imports count from: a path, or `<untitled>`.
  let name: String
  private(set) var version: Int?
  private(set) var bytes: [UInt8]
  private(set) var positions: Positions
  private let encoding: PositionEncoding
  /// Of the text as it is now; nil until somebody asks.
  private var known: Analysis?
  /// Its complaints have to be told anew.
  var isUntold = true

  init(uri: String, name: String, version: Int?, bytes: [UInt8], encoding: PositionEncoding) {
    self.uri = uri
    self.name = name
    self.version = version
    self.bytes = bytes
    self.encoding = encoding
    positions = Positions(bytes, encoding)
  }

  /// Puts a text in place of a range, or of all.
  func change(_ range: Range<Int>?, to text: [UInt8], version: Int?) {
    if let range { bytes.replaceSubrange(range, with: text) } else { bytes = text }
    positions = Positions(bytes, encoding)
    self.version = version
    forget()
  }

  /// What it imports may have changed, or it has itself.
  func forget() {
    known = nil
    isUntold = true
  }

  func analysis(reading read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>) -> Analysis {
    if let known { return known }
    let analysis = Analysis(SourceFile(name: name, bytes: bytes), positions, reading: read)
    known = analysis
    return analysis
  }

  /// Whether it imports this file, as far as that is known.
  func imports(_ path: String) -> Bool {
    guard let known else { return true }
    return ScriptInterface(known.file).importedFiles.contains { $0.source.name == path }
      || known.file.imports.contains { ScriptFiles.path(importing: $0.path, from: name) == path }
  }
}

/// A text, parsed, checked and linted.
final class Analysis {
  let parsed: ParsedFile
  let result: LoadResult
  let positions: Positions

  var file: CheckedFile { result.main }
  var source: SourceFile { parsed.source }

  private(set) lazy var index = SyntaxIndex(file)

  init(
    _ source: SourceFile, _ positions: Positions,
    reading read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) {
    parsed = Parser.parse(source)
    result = Linter.load(parsed, read: read)
    self.positions = positions
  }
}
