// What a script takes from its command line: the values of its `param`s, by name or as arguments.

/// A command line that does not fit a script: what is wrong, and what would be right.
package struct MisfitError: Error {
  package let message: String
}

package struct ScriptInterface {
  private let file: CheckedFile
  /// The script's own `param`s, in the order of the file.
  package let settings: [ParameterDeclaration]

  package init(_ file: CheckedFile) {
    self.file = file
    settings = Self.settings(of: file)
  }

  /// There is no `param` in it, and it imports nothing that may have one.
  package var takesNothing: Bool { settings.isEmpty && file.imports.isEmpty }

  private static func settings(of file: CheckedFile) -> [ParameterDeclaration] {
    file.body.statements.compactMap { if case .param(let setting) = $0.kind { setting } else { nil } }
  }

  /// The files that it imports, and those that they do, once each.
  package var importedFiles: [CheckedFile] {
    var found: [CheckedFile] = []
    var seen: Set = [ObjectIdentifier(file)]
    func add(_ imports: [ImportDeclaration]) {
      for module in imports.compactMap(\.module) where seen.insert(ObjectIdentifier(module)).inserted {
        found.append(module)
        add(module.imports)
      }
    }
    add(file.imports)
    return found
  }

  /// The `param`s of what it imports.
  package var importedSettings: [ParameterDeclaration] { importedFiles.flatMap { Self.settings(of: $0) } }

  // MARK: - Arguments

  /// It, or what it imports, reads `args`: its arguments are its own affair then.
  package var readsArguments: Bool { file.readsArguments || importedFiles.contains(where: \.readsArguments) }

  /// The `param`s that arguments give values to: all but secrets, which a command line would show, in their order.
  package var positional: [ParameterDeclaration] {
    file.hasTests || readsArguments ? [] : settings.filter { !$0.isSecret }
  }

  /// What the arguments give to which `param`: those that have no value yet take them in their order. A first `--` is
  /// no argument; behind it nothing is taken for an option.
  /// - Parameters:
  ///   - given: the names that have a value already.
  ///   - ownOptions: those of `sock`, which stand in front of a script.
  package func values(
    of arguments: [String], given: Set<String>, ownOptions: [String]
  ) throws(MisfitError) -> [(name: String, value: [UInt8])] {
    guard !arguments.isEmpty, !readsArguments else { return [] }
    var values: [(name: String, value: [UInt8])] = []
    var open = positional.map(\.name.name).filter { !given.contains($0) }[...]
    var takesOptions = true
    for argument in arguments {
      if takesOptions, argument == "--" {
        takesOptions = false
        continue
      }
      if takesOptions, Self.isOption(argument) { throw misplacedOption(argument, ownOptions) }
      guard let name = open.popFirst() else { throw superfluous(argument, given) }
      values.append((name, Array(argument.utf8)))
    }
    return values
  }

  /// `--port`, `-p`; not `-`, which stands for a standard stream, and no negative number.
  private static func isOption(_ word: String) -> Bool {
    let bytes = word.utf8
    guard bytes.first == UInt8(ascii: "-"), let second = bytes.dropFirst().first else { return false }
    return !(0x30...0x39).contains(second) && second != UInt8(ascii: ".")
  }

  private func misplacedOption(_ word: String, _ ownOptions: [String]) -> MisfitError {
    let option = String(word.prefix { $0 != "=" })
    let value = option == word ? nil : String(word.dropFirst(option.count + 1))
    let cure =
      if ownOptions.contains(option) {
        "sock has; write `sock \(option) … \(shownName)`"
      } else if let setting = Self.setting(named: option, among: file.body) {
        "write `sock \(Self.option(for: setting, value)) \(shownName)`"
      } else {
        "behind `--` it is an argument"
      }
    // What stands behind the `=` may be a secret that was written in a wrong way.
    let shown = Printable.text(option) + (value == nil ? "" : "=…")
    return MisfitError(message: "\(shownName) has no option \(shown): \(cure)")
  }

  private func superfluous(_ word: String, _ given: Set<String>) -> MisfitError {
    let word = settings.contains(where: \.isSecret) ? "one" : Printable.text(Quoting.shortened("`\(word)`"))
    let names = positional.map(\.name.name)
    if names.isEmpty, file.source.name == "<-e>" {
      return MisfitError(
        message: "\(word) is an argument of the statements, which do not read `args`; put all of them between quotes")
    }
    if names.isEmpty {
      return MisfitError(message: "\(shownName) takes no arguments, and gets \(word): it does not read `args`")
    }
    let open = names.filter { !given.contains($0) }.count
    return MisfitError(
      message: "\(shownName) takes \(open == 0 ? "no more" : "at most \(open)") argument\(open == 1 ? "" : "s"), "
        + "\(word) is too many")
  }

  // MARK: - What is required

  /// What is wrong when a `param` without a default, also of what is imported, has got no value; nil: each has one.
  /// - Parameter given: the names that have a value.
  package func missing(given: Set<String>) -> MisfitError? {
    let missing = (settings + importedSettings).filter { $0.value == nil && !given.contains($0.name.name) }
    guard !missing.isEmpty else { return nil }
    let names = missing.map { "`\($0.name.name)`" }
    let all = names.dropLast().joined(separator: ", ") + (names.count > 1 ? " and " : "") + (names.last ?? "")
    let options = missing.map(asked).joined(separator: " ")
    let argument = positional.contains { positional in missing.contains { $0 === positional } }
    let behind = argument ? ", or \(missing.count == 1 ? "its value" : "values") behind \(shownName)" : ""
    return MisfitError(message: "\(shownName) needs \(all): give `\(options)`\(behind)")
  }

  /// How one that has to be given is: the program that a file of tests is for has an option of its own.
  private func asked(_ setting: ParameterDeclaration) -> String {
    let isProgram = file.hasTests && setting.name.name == Self.client && !setting.isSecret
    return isProgram ? "--client 'COMMAND'" : Self.option(for: setting)
  }

  /// The `param` that `sock test --client` sets.
  package static let client = "client"

  /// How a setting is given on the command line.
  package static func option(for setting: ParameterDeclaration, _ value: String? = nil) -> String {
    let name = setting.name.name
    return setting.isSecret ? "--secret \(name)=env:\(name.uppercased())" : "--set \(name)=\(value ?? "VALUE")"
  }

  /// The `param` that an option is named after, as `--api-key` is after `param api_key`.
  package static func setting(named option: String, among body: Block) -> ParameterDeclaration? {
    guard option.hasPrefix("--") else { return nil }
    let name = option.drop { $0 == "-" }.split(separator: "-").joined(separator: "_")
    for statement in body.statements {
      if case .param(let setting) = statement.kind, setting.name.name == name { return setting }
    }
    return nil
  }

  // MARK: - Usage

  /// The script's name as a command line has it.
  private var shownName: String {
    switch file.source.name {
    case "<stdin>": "-"
    case "<-e>": "-e '…'"
    default: Printable.text(file.source.name)
    }
  }

  /// One line: how the script is run.
  package var usage: String {
    let positional = positional
    let others = (settings + importedSettings).filter { other in !positional.contains { $0 === other } }
    var words = ["sock"] + (file.hasTests ? ["test"] : [])
    words += others.filter { $0.value == nil }.map(asked)
    let optional = others.filter { $0.value != nil }
    if optional.contains(where: { !$0.isSecret }) { words.append("[--set NAME=VALUE]") }
    if optional.contains(where: \.isSecret) { words.append("[--secret NAME=SOURCE]") }
    words.append(shownName)
    // Who gives a later one gives those before it, too.
    let required = (positional.lastIndex { $0.value == nil } ?? -1) + 1
    for (place, setting) in positional.enumerated() {
      let name = setting.name.name.uppercased()
      words.append(place < required ? name : "[\(name)]")
    }
    if !file.hasTests, readsArguments { words.append("[ARGS…]") }
    return words.joined(separator: " ")
  }
}
