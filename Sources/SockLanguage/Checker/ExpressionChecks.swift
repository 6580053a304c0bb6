// The walk over expressions: names, calls and members. The parser bounds how deep a tree is, so recursion is safe.

extension FileChecker {
  func check(_ expression: Expression) {
    switch expression {
    case .nothing, .boolean, .integer, .float, .invalid:
      break
    case .string(let bytes, let range):
      if bytes.contains(0x24) { checkDollarNames(in: range, holes: []) }
    case .interpolation(let parts, let range):
      check(parts)
      if parts.containDollar { checkDollarNames(in: range, holes: parts.holeRanges) }
    case .regex(let regex):
      check(regex)
    case .name(let reference):
      resolve(reference, role: .value)
    case .list(let elements, _):
      for element in elements { check(element) }
    case .map(let entries, _):
      for entry in entries {
        if case .interpolation(let parts) = entry.key { check(parts) }
        check(entry.value)
      }
    case .unary(let op, let inner, let range):
      check(inner)
      checkOperand(op, inner, range)
    case .parenthesized(let inner, _), .not(let inner, _):
      check(inner)
    case .attempt(let inner, let otherwise, _):
      check(inner)
      if let otherwise { check(otherwise) }
    case .choice(let condition, let first, let second, _):
      checkCondition(condition)
      check(first)
      check(second)
    case .binary(let op, let left, let right, let range):
      check(left)
      check(right)
      checkOperands(op, left, right, range)
    case .and(let left, let right, _), .or(let left, let right, _):
      check(left)
      check(right)
    case .range(let lower, let upper, _, _):
      if let lower { check(lower) }
      if let upper { check(upper) }
    case .call(let call):
      check(call)
    case .index(let base, let index, _):
      check(base)
      check(index)
    case .member(let member):
      check(member)
    case .function(let function):
      check(function)
    case .template(let template):
      check(template)
    case .step(let step):
      check(step)
    }
  }

  func check(_ parts: [StringPart]) {
    for part in parts {
      if case .hole(let expression) = part { check(expression) }
    }
  }

  // MARK: - Calls

  private func check(_ call: Call) {
    switch call.callee {
    case .name(let reference):
      resolve(reference, role: .callee)
      checkArgumentCount(of: call, meaning: reference.meaning, name: reference.name)
    case .member(let member):
      checkCallee(member, of: call)
    default:
      check(call.callee)
    }
    for argument in call.arguments { check(argument) }
  }

  /// `module.function(…)`, `channel.function(…)`, or a function held by a map.
  private func checkCallee(_ member: MemberReference, of call: Call) {
    if let variable = importedFile(member.base) {
      resolveExport(member, of: variable)
      if case .exported(let exported, _) = member.meaning {
        checkArgumentCount(of: call, meaning: .variable(exported), name: member.name)
      }
      return
    }
    check(member.base)
    let meaning = lookUp(member.name)
    switch meaning {
    case .variable(let variable) where variable.kind != .importedFile:
      variable.isUsed = true
      reach(variable)
      member.meaning = .functionOnChannel(.variable(variable))
    case .function(let function):
      // None of them has a use for a current channel: it is a key of a map, or a mistake.
      checkMethodCall(call, member, of: function)
      return
    default:
      reportIfValue(member.base) { type in
        type == .map
          ? nil
          : .methodCall(
            member.name, type, cure: ForeignWords.call(member.name).map { Cure($0) },
            at: source.place(member.nameRange))
      }
      reportIfChannel(member.base) {
        if ChannelProperty(rawValue: member.name) != nil {
          return .propertyCalled(member.name, at: source.place(call.range))
        }
        return .unknownFunction(
          member.name, suggestion: Suggestion.nearest(member.name, among: functionNames()),
          at: source.place(member.nameRange))
      }
      return
    }
    if let meaning, let error = argumentCountError(of: call, meaning: meaning, name: member.name) {
      reportIfChannel(member.base) { error }
    }
  }

  private func functionNames() -> [String] {
    context.scope.visibleNames(limit: 2000).filter { lookUpVariable($0)?.kind == .function }
      + BuiltinFunction.allCases.map(\.rawValue) + Verb.allCases.map(\.rawValue)
  }

  private func checkArgumentCount(of call: Call, meaning: NameMeaning, name: String) {
    if let error = argumentCountError(of: call, meaning: meaning, name: name) { report(error) }
    checkFormat(of: call)
  }

  private func argumentCountError(of call: Call, meaning: NameMeaning, name: String) -> Diagnostic? {
    let required: Int
    let allowed: Int?
    let signature: String
    switch meaning {
    case .function(let function):
      let row = FunctionTable[function]
      required = row.required
      allowed = row.isVariadic ? nil : row.parameters.count
      signature = row.signature
    case .variable(let variable):
      // Of a `def` that could not be parsed the parameters are not known.
      guard let function = variable.function, !isDamaged(variable.declaration) else { return nil }
      required = function.parameters.reduce(0) { $1.defaultValue == nil ? $0 + 1 : $0 }
      allowed = function.parameters.count
      signature = function.signature
    case .unresolved, .predefined:
      return nil
    }
    let given = call.arguments.count
    if given >= required, given <= allowed ?? given { return nil }
    return .wrongArgumentCount(
      name, given: given, required: required, allowed: allowed, signature: signature, at: source.place(call.range))
  }

  // MARK: - Members

  private func check(_ member: MemberReference) {
    if let variable = importedFile(member.base) {
      resolveExport(member, of: variable)
      return
    }
    check(member.base)
    // `(c.sockopt TCP_INFO).tcpi_rtt`, as the system's header has it.
    if member.name.hasPrefix("tcpi_"), case .step(let step) = member.base.unwrapped, step.verb == .sockopt {
      report(
        .unknownProperty(
          member.name, of: "TCP_INFO", known: [String(member.name.dropFirst("tcpi_".count))],
          at: source.place(member.nameRange)))
    }
    if case .name(let base) = member.base, case .predefined(.error) = base.meaning {
      if ErrorProperty(rawValue: member.name) == nil {
        report(.unknownProperty(member.name, of: "an error", known: ErrorProperty.allCases.map(\.rawValue),
          at: source.place(member.nameRange)))
      }
      return
    }
    reportIfValue(member.base) { type in
      guard type != .map, type != .function else { return nil }
      let function = BuiltinFunction(rawValue: member.name).map { "\($0.rawValue)(\(source.text(member.base.range)))" }
      return .propertyOfValue(
        member.name, type,
        cure: function.map { .write($0, at: source.place(member.range), "write `\($0)`") }
          ?? ForeignWords.call(member.name).map { Cure($0) },
        at: source.place(function == nil ? member.nameRange : member.range))
    }
    if ChannelProperty(rawValue: member.name) == nil {
      reportIfChannel(member.base) {
        .unknownProperty(member.name, of: "a channel", known: ChannelProperty.allCases.map(\.rawValue),
          at: source.place(member.nameRange))
      }
    }
  }

  /// The imported file that an expression names.
  private func importedFile(_ base: Expression) -> Variable? {
    guard case .name(let reference) = base, let variable = lookUpVariable(reference.name),
      variable.kind == .importedFile
    else { return nil }
    reference.meaning = .variable(variable)
    variable.isUsed = true
    return variable
  }

  private func resolveExport(_ member: MemberReference, of variable: Variable) {
    guard let declaration = importDeclaration(of: variable), let module = declaration.module else { return }
    guard let exported = module.exports[member.name] else {
      guard !module.isDamaged else { return }
      report(.unknownExport(member.name, of: declaration.path, suggestion:
        Suggestion.nearest(member.name, among: module.exports.keys.sorted()), at: source.place(member.nameRange)))
      return
    }
    exported.isCaptured = true
    exported.isUsed = true
    member.meaning = .exported(exported, of: declaration)
  }

  private func importDeclaration(of variable: Variable) -> ImportDeclaration? {
    imports[ObjectIdentifier(variable)] ?? session?.imports[ObjectIdentifier(variable)]
  }

  /// Reports an error that holds only if the value in front of the dot is a channel.
  func reportIfChannel(_ base: Expression, _ diagnostic: () -> Diagnostic) {
    guard case .name(let reference) = base else { return }
    switch reference.meaning {
    case .predefined(.conn), .predefined(.listener), .predefined(.stdin), .predefined(.stdout), .predefined(.stderr):
      report(diagnostic())
    case .variable(let variable) where channelVariables.contains(ObjectIdentifier(variable)):
      channelErrors.append((ObjectIdentifier(variable), diagnostic()))
    default:
      break
    }
  }
}

extension Expression {
  /// A step that makes a channel.
  var alwaysGivesChannel: Bool {
    switch self {
    case .step(let step): VerbTable[step.verb].gives == .channel
    case .parenthesized(let inner, _): inner.alwaysGivesChannel
    default: false
    }
  }
}

extension Target {
  /// Those of its names that are certain to get a channel.
  func channels(of value: Expression) -> [NameDeclaration] {
    switch self {
    case .name(let name): return value.alwaysGivesChannel ? [name] : []
    case .list(let names, _):
      guard case .step(let step) = value, VerbTable[step.verb].gives == .pair else { return [] }
      return names
    }
  }
}

extension FunctionDeclaration {
  /// As it was declared: `hello(name, port = …)`.
  var signature: String {
    let shown = parameters.map { $0.defaultValue == nil ? $0.name.name : "\($0.name.name) = …" }
    return "\(name.name)(\(shown.joined(separator: ", ")))"
  }
}

extension [StringPart] {
  var containDollar: Bool {
    contains { if case .bytes(let bytes) = $0 { bytes.contains(0x24) } else { false } }
  }

  var holeRanges: [SourceRange] {
    compactMap { if case .hole(let expression) = $0 { expression.range } else { nil } }
  }
}
