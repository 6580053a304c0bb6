// Brings a file and all that it imports to checked trees. The loader reads nothing itself:
// whoever calls it says how a path becomes a source file.

/// Why an imported file could not be read: `no such file`.
package struct ReadFailure: Error, Sendable {
  package let message: String
  package init(message: String) { self.message = message }
}

package struct LoadResult {
  package let main: CheckedFile
  /// What lexer, parser and checker say: the main file's first, then each imported file's in the order of
  /// the imports; those of a file by position.
  package let diagnostics: [Diagnostic]
  package var hasErrors: Bool { diagnostics.hasError }
}

package enum Loader {
  /// Imports nested deeper than this are an error.
  package static let importDepth = 64

  /// Parses and checks a file and what it imports, once each. Cycles and unreadable files are errors at
  /// the import's place.
  /// - Parameters:
  ///   - session: what earlier inputs of a REPL declared and imported.
  ///   - read: gives the file for a path that stands in the file named `importer`. Two results with one
  ///     `name` are one file, so the name should be made unique (links and `..` resolved).
  package static func load(
    _ source: SourceFile, session: SessionScope? = nil,
    read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) -> LoadResult {
    load(Parser.parse(source), session: session, read: read)
  }

  /// The same for a file that is parsed already.
  package static func load(
    _ parsed: ParsedFile, session: SessionScope? = nil,
    read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) -> LoadResult {
    var state = LoadState(modules: session?.modules ?? [:])
    let (main, checker) = state.check(parsed, session: session, place: state.reserve(), read: read)
    let diagnostics = state.found.flatMap { $0 }
    if let session, !diagnostics.hasError {
      checker.remember()
      session.remember(state.modules)
    }
    return LoadResult(main: main, diagnostics: diagnostics)
  }
}

private struct LoadState {
  /// The files checked so far, by name.
  var modules: [String: CheckedFile]
  /// The files being checked: the main file, what it imports, and so on.
  var chain: [String] = []
  /// Each file's diagnostics, in the order in which the files were met.
  var found: [[Diagnostic]] = []

  init(modules: [String: CheckedFile]) { self.modules = modules }

  mutating func reserve() -> Int {
    found.append([])
    return found.count - 1
  }

  mutating func check(
    _ parsed: ParsedFile, session: SessionScope?, place: Int,
    read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) -> (file: CheckedFile, checker: FileChecker) {
    chain.append(parsed.source.name)
    defer { chain.removeLast() }
    var diagnostics = parsed.diagnostics
    for declaration in parsed.imports {
      if let problem = load(declaration, of: parsed.source, read: read) { diagnostics.append(problem) }
    }
    let checker = FileChecker(parsed, session: session)
    let result = checker.run()
    diagnostics += result.diagnostics
    if diagnostics.contains(where: { $0.severity == .warning }) {
      diagnostics = Allowances(parsed).applied(to: diagnostics)
    }
    found[place] = parsed.source.mayBeShown ? diagnostics.sortedByPosition() : LoadState.inShort(diagnostics)
    return (result.file, checker)
  }

  /// Of a file that may not be shown: its messages would quote it, and so all of them become one.
  private static func inShort(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    let errors = diagnostics.sortedByPosition().filter { $0.severity == .error }
    return errors.first.map { [.hiddenMistakes(at: $0.place)] } ?? []
  }

  private mutating func load(
    _ declaration: ImportDeclaration, of importer: SourceFile,
    read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) -> Diagnostic? {
    guard chain.count <= Loader.importDepth else {
      return .importTooDeep(limit: Loader.importDepth, at: importer.place(declaration.pathRange))
    }
    switch read(declaration.path, importer.name) {
    case .failure(let failure):
      return .importUnreadable(declaration.path, reason: failure.message, at: importer.place(declaration.pathRange))
    case .success(let source):
      if let start = chain.firstIndex(of: source.name) {
        return .importCycle(Array(chain[start...]) + [source.name], at: importer.place(declaration.pathRange))
      }
      if let known = modules[source.name] {
        declaration.module = known
        return nil
      }
      let place = reserve()
      let module = check(Parser.parse(source), session: nil, place: place, read: read).file
      modules[source.name] = module
      declaration.module = module
      return nil
    }
  }
}
