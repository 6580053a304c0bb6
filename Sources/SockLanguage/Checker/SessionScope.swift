// What a session in the REPL remembers from one input to the next.

/// The names that a session's earlier inputs declared, and the files they imported.
package final class SessionScope {
  /// By name. A later declaration of the same name replaces the earlier one.
  package private(set) var variables: [String: Variable] = [:]
  /// The files imported so far, by the name that the reader gave them.
  package private(set) var modules: [String: CheckedFile] = [:]

  /// The declarations behind those of its names that mean an imported file.
  private(set) var imports: [ObjectIdentifier: ImportDeclaration] = [:]

  package init() {}

  /// Remembers an input's top-level names. Each is marked captured: inputs still to come may use it.
  func remember(_ names: some Sequence<Variable>, imports declarations: [ObjectIdentifier: ImportDeclaration]) {
    for variable in names {
      variable.isCaptured = true
      variables[variable.name] = variable
    }
    imports.merge(declarations) { _, new in new }
  }

  /// The same of an input's own names, whose functions may be entered anew.
  func rememberInput(_ names: some Sequence<Variable>, imports declarations: [ObjectIdentifier: ImportDeclaration]) {
    for variable in names where variable.kind == .function { variable.isLateBound = true }
    remember(names, imports: declarations)
  }

  /// Takes over the names of a test that stands still.
  package func adopt(_ names: some Sequence<Variable>, imports declarations: [ObjectIdentifier: ImportDeclaration]) {
    remember(names, imports: declarations)
  }

  /// The names of the imported file that a variable stands for.
  package func exports(of variable: Variable) -> [String] {
    (imports[ObjectIdentifier(variable)]?.module?.exports.keys).map { Array($0) } ?? []
  }

  /// Puts back what its names meant before an input that came to nothing.
  package func restore(_ earlier: [String: Variable]) { variables = earlier }

  /// Remembers what has been imported. An input still to come may use any name of it.
  func remember(_ files: [String: CheckedFile]) {
    modules = files
    for file in files.values {
      for variable in file.exports.values { variable.isCaptured = true }
    }
  }
}
