// Names that are never used, and names that hide others.

extension FileLinter {
  // MARK: - Scopes

  func inScope(_ body: () -> Void) {
    scopes.append([])
    body()
    for name in scopes.removeLast() {
      if visible[name]?.popLast() != nil, visible[name]?.isEmpty == true { visible[name] = nil }
    }
  }

  func declare(_ target: Target, _ declared: NameOrigin) {
    switch target {
    case .name(let name): declare(name, declared)
    case .list(let names, let range):
      for name in names { declare(name, .needed) }
      // As long as one of them is used, the others say what stands in their places.
      let isTable = scopes.count == 1 && names.allSatisfy { FileLinter.isConstant($0.name) }
      guard case .variable(holdsChannel: false) = declared, !names.isEmpty, !isTable, !(isLibrary && scopes.count == 1),
        names.allSatisfy({ $0.variable?.isUsed == false && !$0.name.hasPrefix("_") })
      else { return }
      report(.unusedList(at: source.place(range)))
    }
  }

  /// A name where it is declared; `as` and `catch` may also set one that is there already, of which nothing is said.
  func declare(_ name: NameDeclaration, _ declared: NameOrigin) {
    guard let variable = name.variable, variable.declaration == name.range else { return }
    let isFileName = scopes.count == 1
    if !name.name.hasPrefix("_") {
      reportHidden(by: name, variable, declared)
      reportUnused(variable, name, declared, isFileName: isFileName)
    }
    visible[name.name, default: []].append(variable)
    scopes[scopes.count - 1].append(name.name)
  }

  // MARK: - Never used

  private func reportUnused(
    _ variable: Variable, _ name: NameDeclaration, _ declared: NameOrigin, isFileName: Bool
  ) {
    guard !variable.isUsed else { return }
    let isInterface = isLibrary && isFileName
    switch declared {
    case .needed, .shortParameter, .variable(holdsChannel: true), .result(holdsChannel: true): return
    case .variable(holdsChannel: false) where isFileName && FileLinter.isConstant(name.name): return
    case .function where isFileName && file.hasTests && name.name == CheckedFile.probeName: return
    case .variable, .setting, .function:
      guard !isInterface else { return }
    case .parameter(let function?):
      // What a library offers may be handed to something by those who import it.
      guard !isLibrary || function.owner !== file.scope else { return }
      unusedParameters.append((ObjectIdentifier(function), name))
      return
    case .parameter(nil), .result, .importedFile, .caught: break
    }
    report(.unusedName(name.name, declared, isSet: variable.isReassigned, at: source.place(name.range)))
  }

  /// Capitals: a protocol's number, one of a table that is worth having whole.
  private static func isConstant(_ name: String) -> Bool {
    let bytes = name.utf8
    return bytes.count > 1 && bytes.contains { (0x41...0x5A).contains($0) }
      && !bytes.contains { (0x61...0x7A).contains($0) }
  }

  /// A function that is handed to something else has the parameters that this gives it.
  func reportParameters() {
    for (function, name) in unusedParameters where !functionValues.contains(function) {
      report(.unusedName(name.name, .parameter(of: nil), isSet: false, at: source.place(name.range)))
    }
  }

  // MARK: - Hiding others

  private func reportHidden(by name: NameDeclaration, _ variable: Variable, _ declared: NameOrigin) {
    switch declared {
    // Nobody takes `catch e` for setting an `e` outside, or the `m` of `fn(m) m[1]` for another one.
    case .caught, .shortParameter: return
    default: break
    }
    if let outer = visible[name.name]?.last {
      report(.shadowedName(name.name, declared, line: line(of: outer.declaration), at: source.place(name.range)))
      return
    }
    if BuiltinFunction(rawValue: name.name) != nil {
      guard case .function = declared else {
        hidingFunctions[ObjectIdentifier(variable)] = name
        return
      }
      // What a library offers is called by its name and the library's.
      if isLibrary, scopes.count == 1 { return }
      report(.shadowedBuiltin(name.name, what: "builtin function", at: source.place(name.range)))
      return
    }
    guard let predefined = PredefinedName(rawValue: name.name) else { return }
    switch (predefined, declared) {
    case (.it, _), (.it2, _), (.it3, _): return
    // The checker has warned.
    case (.conn, .result), (.listener, .result): return
    default: report(.shadowedBuiltin(name.name, what: "predefined name", at: source.place(name.range)))
    }
  }
}
