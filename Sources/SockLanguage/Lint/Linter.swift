// The linter's entry: what is allowed, but most likely not what the author of a file wanted.
//
// It is a pass of its own over the checked tree, so that running a script does not pay for it. A warning must be right:
// where the text does not tell for certain, nothing is said.

package enum Linter {
  /// As `Loader.load`, with the warnings about the main file among its diagnostics. A file with errors gets none.
  package static func load(
    _ source: SourceFile, read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) -> LoadResult {
    load(Parser.parse(source), read: read)
  }

  /// The same for a file that is parsed already.
  package static func load(
    _ parsed: ParsedFile, read: (_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure>
  ) -> LoadResult {
    let source = parsed.source
    let result = Loader.load(parsed, read: read)
    guard !result.hasErrors, source.mayBeShown else { return result }
    let allowances = Allowances(parsed)
    let warnings = allowances.applied(to: lint(result.main)) + allowances.problems
    let own = result.diagnostics.filter { $0.file === source } + limited(warnings.sortedByPosition(), in: source)
    return LoadResult(
      main: result.main,
      diagnostics: own.sortedByPosition() + result.diagnostics.filter { $0.file !== source })
  }

  /// All warnings about a file without errors.
  private static func lint(_ file: CheckedFile) -> [Diagnostic] {
    let linter = FileLinter(file)
    linter.run()
    return linter.diagnostics
  }

  private static func limited(_ all: [Diagnostic], in source: SourceFile) -> [Diagnostic] {
    guard all.count > Limits.diagnostics else { return all }
    let first = all[Limits.diagnostics]
    return all.prefix(Limits.diagnostics)
      + [.tooManyWarnings(all.count - Limits.diagnostics, at: source.place(first.range))]
  }
}

/// The state of linting one file. Its methods are spread over the files of this folder by subject.
final class FileLinter {
  /// What surrounds a statement.
  struct Context {
    /// In the body of a test or `setup` itself: not in a task or a function of it.
    var isInTest = false
    /// After how many seconds the test ends, where its text tells.
    var testSeconds: Double?
    /// Where a failure is caught: what fails there may be meant to.
    var isCatching = false
    /// The functions around it, for the words of a warning.
    var kind = FunctionScope.Kind.file
  }

  let file: CheckedFile
  let source: SourceFile
  var context = Context()
  var diagnostics: [Diagnostic] = []

  /// The variables that are visible, by name, the innermost last.
  var visible: [String: [Variable]] = [:]
  /// The names that each open scope has added to `visible`.
  var scopes: [[String]] = [[]]
  /// Functions that are used otherwise than by calling them: who calls them decides about their parameters.
  var functionValues: Set<ObjectIdentifier> = []
  var unusedParameters: [(function: ObjectIdentifier, name: NameDeclaration)] = []
  /// What hides a builtin function and is no function itself: it is in nobody's way until it is called.
  var hidingFunctions: [ObjectIdentifier: NameDeclaration] = [:]
  /// A file of declarations only is there for its names.
  let isLibrary: Bool

  /// How often something was met that may leave a test or function: `return`, `fail`, a call…
  var departures = 0
  var channels = ChannelFlow()
  /// Somewhere between the beginning and the end of a test or `setup`.
  var isPartOfTest = false
  var regexFacts: [RegexQuestion: RegexFacts?] = [:]
  /// Where datagrams may come, a pattern sees a whole one.
  private(set) lazy var mayHaveDatagrams = file.mentionsDatagrams(depth: 0)

  private(set) lazy var mentionsDefer = source.bytes.split { !Lexer.continuesWord($0) }
    .contains { $0.elementsEqual(Keyword.defer.rawValue.utf8) }

  init(_ file: CheckedFile) {
    self.file = file
    source = file.source
    isLibrary = file.body.statements.allSatisfy { statement in
      switch statement.kind {
      case .declare, .param, .importFile, .function, .message: true
      default: false
      }
    }
  }

  func run() {
    walk(file.body)
    // Its tests wait, or the script that imports it.
    if !file.hasTests, !isTaskLibrary { checkTasks(of: file.body) }
    if file.hasTests { channels = ChannelFlow() }
    reportOpenEnded()
    reportParameters()
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// The line (from 1) of a place.
  func line(of range: SourceRange) -> Int { source.position(of: Int(range.lower)).line }
}

extension CheckedFile {
  /// Whether the text of this file, or of one that it imports, has a word for sockets that keep messages apart.
  fileprivate func mentionsDatagrams(depth: Int) -> Bool {
    let words: [[UInt8]] = ["udp:", "dgram", "seqpacket", "raw", "packet"].map { Array($0.utf8) }
    let bytes = source.bytes
    for start in bytes.indices {
      for word in words where bytes[start] == word[0] && bytes[start...].starts(with: word) { return true }
    }
    guard depth < Loader.importDepth else { return true }
    return imports.contains { $0.module?.mentionsDatagrams(depth: depth + 1) ?? true }
  }
}
