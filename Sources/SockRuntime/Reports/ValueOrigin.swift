// Where the values of a failed step come from: of an address that nobody answered at, or that is taken, and of what an
// assertion compares. A number that is wrong is mostly wrong there, and not in the step that uses it.

import SockLanguage
import SocketCore

extension Interpreter {
  /// What the text of a file tells of its names; it is read once.
  func provenance(in file: SourceFile) -> Provenance {
    if let known = readAgain[ObjectIdentifier(file)] { return known }
    let made = Provenance(Parser.parse(file).body)
    readAgain[ObjectIdentifier(file)] = made
    return made
  }
}

/// Rows of an account; each says of one name what gave it its value.
struct ValueOrigin {
  /// How often it is asked where that comes from in turn.
  private static let depth = 4
  private static let rowsTold = 4
  private static let longestCode = 80

  private let interpreter: Interpreter
  private(set) var rows: [String] = []
  /// One of them is a port that was free, and that is all that is known of it.
  private(set) var isFreePort = false
  private var told: Set<String> = []

  /// Of the names in a condition that did not hold, or in a call with a wrong argument, each where it was given its
  /// value.
  init(ofValues failure: Failure, _ interpreter: Interpreter) {
    self.interpreter = interpreter
    guard let site = failure.site, site.file.mayBeShown else { return }
    let tree = interpreter.provenance(in: site.file)
    let place = Place(tree: tree, file: site.file, offset: Int(site.range.lower), calls: failure.calls[...])
    let names = tree.names(in: site.range)
    // The turn of a loop has a row of its own.
    for name in names where !failure.turns.contains(where: { $0.name == name }) { trace(name, place, 1) }
  }

  init(ofAddress failure: Failure, _ interpreter: Interpreter) {
    self.interpreter = interpreter
    guard let site = step(of: failure), site.file.mayBeShown else { return }
    let tree = interpreter.provenance(in: site.file)
    guard let step = tree.step(at: site.range),
      let parts = step.computed(.through) ?? step.address?.expressions ?? step.computed(.to)
    else { return }
    let place = Place(tree: tree, file: site.file, offset: Int(site.range.lower), calls: failure.calls[...])
    // Through proxies it is the first of them that was to be reached.
    for part in parts {
      // It stands in the address itself.
      if noteFreePort(part) { add("the port is \(code(part.range, site.file)), \(place.name(part.range))") }
      trace(part, place, ValueOrigin.depth)
    }
  }

  /// The step that names the address: the failed one, or for a datagram that was refused or that nobody has taken the
  /// one that made its channel, or else has sent it.
  private func step(of failure: Failure) -> SourceSite? {
    guard let channel = failure.channel,
      failure.code == .refused && failure.address == nil || failure.code == .timeout && channel.isDatagram
    else { return failure.site }
    let number = Int32(truncatingIfNeeded: channel.number)
    let entries = interpreter.transcript.entries().filter { $0.channel == number }
    let event: TranscriptEvent = channel.socket?.isConnected == true ? .opened : .sent
    return entries.last { $0.event == event }?.site
  }

  /// Where a name is used, and the calls that led there, innermost first.
  private struct Place {
    let tree: Provenance
    let file: SourceFile
    let offset: Int
    let calls: ArraySlice<SourceSite>

    func moved(to range: SourceRange) -> Place {
      Place(tree: tree, file: file, offset: Int(range.lower), calls: calls)
    }

    func name(_ range: SourceRange) -> String { "\(file.name):\(file.position(of: Int(range.lower)).line)" }
  }

  private mutating func trace(_ expression: Expression, _ place: Place, _ depth: Int) {
    noteFreePort(expression)
    guard depth > 0 else { return }
    for name in TreeNames(of: expression).uses { trace(name.name, place, depth) }
  }

  private mutating func trace(_ name: String, _ place: Place, _ depth: Int) {
    if name == PredefinedName.args.rawValue {
      add("`args` are the script's own arguments")
      return
    }
    let sources = place.tree.sources(of: name, at: place.offset)
    guard let source = sources.last else { return }
    if sources.count > 1 {
      let lines = sources.map { place.file.position(of: Int($0.range.lower)).line }
      add("`\(name)` may be set on lines \(lines.map(String.init).joined(separator: " and ")) of \(place.file.name)")
      return
    }
    let here = place.moved(to: source.range)
    switch source.kind {
    case .value(let value):
      add("`\(name)` is \(code(value.range, place.file)), \(place.name(source.range))")
      trace(value, here, depth - 1)
    case .turn(let values):
      add("`\(name)` goes through \(code(values.range, place.file)), \(place.name(source.range))")
      trace(values, here, depth - 1)
    case .step(let step): add("`\(name)` is what came of \(code(step.range, place.file)), \(place.name(step.range))")
    case .setting(let setting): add("`\(name)` is \(given(setting, place))")
    case .parameter(let number, let function): trace(name, number, of: function, place, depth)
    }
  }

  private mutating func trace(
    _ name: String, _ number: Int, of function: FunctionDeclaration, _ place: Place, _ depth: Int
  ) {
    guard let site = place.calls.first, site.file.mayBeShown else { return }
    let tree = interpreter.provenance(in: site.file)
    guard let call = tree.call(at: site.range) else { return }
    let caller = Place(tree: tree, file: site.file, offset: Int(site.range.lower), calls: place.calls.dropFirst())
    if number < call.arguments.count {
      let value = call.arguments[number]
      add("`\(name)` is \(code(value.range, site.file)) in \(code(call.range, site.file)), \(caller.name(call.range))")
      trace(value, caller, depth - 1)
    } else if let value = function.parameters[number].defaultValue {
      add("`\(name)` is \(code(value.range, place.file)), its default, \(place.name(function.range))")
      noteFreePort(value)
    }
  }

  /// What gave a secret its value, as a clause; empty where that was the script.
  static func origin(ofSecret name: String, _ interpreter: Interpreter) -> String {
    interpreter.options.secrets.contains { $0.name == name } ? "; `--secret \(name)=…` has given it" : ""
  }

  /// What gave a `param` its value.
  private func given(_ setting: ParameterDeclaration, _ place: Place) -> String {
    let name = setting.name.name
    let declared = "`param \(name)` of \(place.name(setting.range))"
    let options = interpreter.options
    if options.secrets.contains(where: { $0.name == name }) { return "\(declared), given by `--secret \(name)=…`" }
    if name == "target", let target = options.target { return "\(declared), given by `--target \(target)=…`" }
    if interpreter.settings.contains(where: { $0.name == name }) { return "\(declared), given by `--set \(name)=…`" }
    guard let value = setting.value, !setting.isSecret else { return declared }
    return "\(declared), which was not set: its default \(code(value.range, place.file))"
  }

  /// - Returns: whether it is a call of `free_port()`.
  @discardableResult
  private mutating func noteFreePort(_ expression: Expression) -> Bool {
    guard case .call(let call) = expression, case .name(let callee) = call.callee,
      callee.name == BuiltinFunction.free_port.rawValue
    else { return false }
    isFreePort = true
    return true
  }

  private func code(_ range: SourceRange, _ file: SourceFile) -> String {
    let line = file.text(range).split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    return "`\(line.count > ValueOrigin.longestCode ? "\(line.prefix(ValueOrigin.longestCode))…" : line)`"
  }

  private mutating func add(_ row: String) {
    if rows.count < ValueOrigin.rowsTold, told.insert(row).inserted { rows.append(row) }
  }
}

extension Step {
  /// What is computed of the addresses behind an option; nil without it.
  fileprivate func computed(_ word: OptionWord) -> [Expression]? {
    switch option(word)?.value {
    case .expression(let value)?: [value]
    case .address(let address)?: address.expressions
    case .some: []
    case nil: nil
    }
  }
}

extension AddressOperand {
  /// What of it is computed.
  fileprivate var expressions: [Expression] {
    switch self {
    case .bare(let parts, _): parts.compactMap { if case .hole(let hole) = $0 { hole } else { nil } }
    case .value(let value): [value]
    case .hostAndPort(let host, let port): [host, port]
    }
  }
}
