// The values that a session gives to `param`s: those of its own inputs, and of files that it loads.

import SockLanguage

extension Session {
  /// Gives every `param` of that name a value: those that are declared later, and one that is there already. Not nil:
  /// why that could not be done.
  /// - Parameter declares: one that is there is declared anew at once; else a file does so that is about to be loaded.
  package func set(_ name: String, to value: String, declares: Bool = true) -> String? {
    let shown = Printable.text(name)
    guard let variable = scope.variables[name], declares else {
      interpreter.settings.append((name, Array(value.utf8)))
      return nil
    }
    guard variable.kind == .setting else { return "`\(shown)` is no `param`: write `\(shown) = …`" }
    guard let found = declaration(of: name) else {
      return "`param \(shown)` has its value already: write `\(shown) = …`"
    }
    if isSecret(name) {
      return "`\(shown)` is secret, and a line that is typed is not: start sock with `--secret \(shown)=env:VARIABLE`"
    }
    let before = interpreter.settings
    interpreter.settings.append((name, Array(value.utf8)))
    let range = found.statement.range
    let source = SourceFile(
      name: found.source.name, bytes: Array(found.source.bytes(in: range)),
      firstLine: found.source.position(of: Int(range.lower)).line)
    if evaluate(source, isWhole: true) != .done { interpreter.settings = before }
    return nil
  }

  /// What declares a `param` here, as it was last.
  private func declaration(of name: String) -> SessionRecord.Entry? {
    recorder.record.entries.last { entry in
      if case .param(let setting) = entry.statement.kind { setting.name.name == name } else { false }
    }
  }

  /// Whether the value of a `param` is to be shown and kept nowhere.
  package func isSecret(_ name: String) -> Bool {
    if interpreter.secrets.all.contains(where: { $0.name == name }) { return true }
    guard let found = declaration(of: name), case .param(let setting) = found.statement.kind else { return false }
    return setting.isSecret
  }

  /// It has no declaration here yet, which might say that it is secret.
  package func isUnknown(_ name: String) -> Bool { declaration(of: name) == nil }

  /// What `param`s are given, the last value of each.
  package var settings: [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    for (name, value) in interpreter.settings.reversed() where !found.contains(where: { $0.name == name }) {
      found.append((name, String(decoding: value, as: UTF8.self)))
    }
    return found.reversed()
  }

  /// The names of the `param`s that a script has, and what it imports.
  package static func params(of script: SourceFile) -> Set<String> { Set(declared(in: load(script)).map(\.name.name)) }

  /// Why a script cannot be given a value for a `param`: it has none of that name. Nil too where it is not known, since
  /// the script is wrong.
  package static func problem(givingParam name: String, of script: SourceFile) -> String? {
    let loaded = load(script)
    guard !loaded.hasErrors else { return nil }
    let names = declared(in: loaded).map(\.name.name)
    if names.contains(name) { return nil }
    let shown = Printable.text(name)
    let near = Suggestion.nearest(name, among: names).map { "did you mean `\($0)`?" }
    let all = names.isEmpty ? "it has none" : "it has \(names.map { "`\($0)`" }.joined(separator: ", "))"
    return "\(Printable.text(script.name)) has no `param \(shown)`; \(near ?? all)"
  }

  /// Of these the names of the secret ones.
  package static func secrets(of script: SourceFile) -> Set<String> {
    Set(declared(in: load(script)).filter(\.isSecret).map(\.name.name))
  }

  private static func load(_ script: SourceFile) -> LoadResult {
    Loader.load(Parser.parse(script)) { path, importer in ScriptFiles.read(importing: path, from: importer) }
  }

  private static func declared(in loaded: LoadResult) -> [ParameterDeclaration] {
    let interface = ScriptInterface(loaded.main)
    return interface.settings + interface.importedSettings
  }
}
