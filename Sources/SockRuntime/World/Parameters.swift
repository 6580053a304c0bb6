// A script's `param`s: the values that the command line gives for them.

import SockLanguage

extension Interpreter {
  /// What `--set` or `--secret` gave for a `param`, converted to the type of its default.
  func setting(_ site: SettingSite, default value: Value) throws(Failure) -> Value {
    // What was given as a secret is one, whatever the script says.
    let secret = options.secrets.last { $0.name == site.name }
    let isSecret = site.isSecret || secret != nil
    guard let given = secret ?? settings.last(where: { $0.name == site.name }) else {
      if site.isRequired {
        // A script does not begin without it; in a session it may be entered.
        let remedy =
          site.isSecret
          ? "start sock with `--secret \(site.name)=env:VARIABLE`" : "give it one with `:set \(site.name)=VALUE`"
        throw .type("`param \(site.name)` has no value: \(remedy), or a default")
      }
      if isSecret { noteSecret(value, site) }
      return value
    }
    let text = ByteString(given.value)
    if isSecret { noteSecret(.string(text), site) }
    func wrong(_ wanted: String) -> Failure {
      let shown = isSecret ? "" : " `\(text.text)`"
      let failure = Failure.type("the value\(shown) of `param \(site.name)` is not \(wanted), as the default is")
      failure.isUsage = true
      return failure
    }
    if site.name == ScriptInterface.client, !isSecret, let words = try clientWords(text, value, site) { return words }
    func number(_ kind: NumberLiteral.Kind) throws(Failure) -> Value {
      switch kind.value(of: text.text) {
      case .integer(let number)?: return .integer(number)
      case .float(let number)?: return .float(number)
      case nil: throw wrong(kind.wanted)
      }
    }
    switch value {
    case .integer: return try number(site.numberKind ?? .integer)
    case .float: return try number(site.numberKind ?? .float)
    case .boolean:
      switch text.text {
      case "true", "on", "yes", "1": return .boolean(true)
      case "false", "off", "no", "0": return .boolean(false)
      default: throw wrong("true or false")
      }
    case .list:
      let list = Value.list(List(text.text.split(separator: ",").map { Value(String($0)) }))
      if isSecret { noteSecret(list, site) }
      return list
    default: return .string(text)
    }
  }

  /// The command of the program under test as a list of its words, to which a test adds some of its own; nil where the
  /// script's default is a text.
  private func clientWords(_ text: ByteString, _ value: Value, _ site: SettingSite) throws(Failure) -> Value? {
    switch value {
    case .nothing where site.isRequired: break
    case .list: break
    default: return nil
    }
    do throws(Failure) {
      return .list(List(try ShellWords.words(of: .string(text), for: "param client").map { Value($0) }))
    } catch {
      throw .type(error.message)
    }
  }

  /// Strings, numbers, and those in a list.
  private func noteSecret(_ value: Value, _ site: SettingSite) {
    switch value {
    case .string(let text): secrets.add(text.array, name: site.name)
    case .integer, .float: secrets.add(Show.text(value).array, name: site.name)
    case .list(let list): for item in list.items { noteSecret(item, site) }
    default: break
    }
    if !secrets.isEmpty { scheduler.secrets = secrets }
  }
}

extension NumberLiteral.Kind {
  fileprivate var wanted: String {
    switch self {
    case .integer: "an integer"
    case .float: "a number"
    case .duration: "a duration, such as 200ms or 2m"
    case .size: "a size, such as 8KiB"
    }
  }
}
