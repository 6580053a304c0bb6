// The walk over expressions and steps, in the order in which they are evaluated.

extension FileLinter {
  /// Where a step stands.
  enum StepPlace {
    /// Its result is used, or has a name.
    case value
    /// A statement whose result nobody sees.
    case statement
    /// Behind `when`.
    case selectCase
  }

  func walk(_ expression: Expression) {
    switch expression {
    case .nothing, .boolean, .integer, .float, .string, .invalid: break
    case .interpolation(let parts, _): walk(parts)
    case .regex(let regex):
      walk(regex.parts)
      checkRegex(regex)
    case .name(let reference):
      switch reference.meaning {
      case .variable(let variable) where variable.kind == .function:
        functionValues.insert(ObjectIdentifier(variable))
      case .predefined(.conn): channels.unusedConnection = nil
      default: break
      }
    case .list(let elements, _): for element in elements { walk(element) }
    case .map(let entries, _):
      for entry in entries {
        if case .interpolation(let parts) = entry.key { walk(parts) }
        walk(entry.value)
      }
    case .parenthesized(let inner, _), .unary(_, let inner, _), .not(let inner, _): walk(inner)
    case .attempt(let inner, let otherwise, _):
      let saved = context.isCatching
      context.isCatching = true
      nested { walk(inner) }
      context.isCatching = saved
      if let otherwise { nested { walk(otherwise) } }
    case .choice(let condition, let first, let second, _):
      walk(condition)
      nested { walk(first) }
      nested { walk(second) }
    case .binary(let op, let left, let right, _):
      walk(left)
      walk(right)
      if op == .equal { checkComparison(left, right) }
    case .and(let left, let right, _), .or(let left, let right, _):
      walk(left)
      nested { walk(right) }
    case .range(let lower, let upper, _, _):
      if let lower { walk(lower) }
      if let upper { walk(upper) }
    case .call(let call): walk(call)
    case .index(let base, let index, let range):
      walk(base)
      walk(index)
      checkGroup(base, index, range)
    case .member(let member):
      if case .exported(let variable, _) = member.meaning {
        functionValues.insert(ObjectIdentifier(variable))
      } else {
        walk(member.base)
      }
    case .function(let function): walk(function, parameters: .shortParameter)
    case .template(let template):
      walk(template.message)
      walk(template.fields)
    case .step(let step): walk(step, as: .value)
    }
  }

  /// An expression that is a statement.
  func walkUnused(_ expression: Expression) {
    switch expression {
    case .step(let step): walk(step, as: step.result == nil ? .statement : .value)
    case .parenthesized(let inner, _): walkUnused(inner)
    case .call(let call):
      walk(expression)
      checkResult(of: call)
    default: walk(expression)
    }
  }

  /// `sort(list)` as a statement: elsewhere it changes the list.
  private func checkResult(of call: Call) {
    // What stands in a `try` may be there for its failure.
    guard !context.isCatching, case .name(let reference) = call.callee,
      case .function(let function) = reference.meaning, let first = call.arguments.first
    else { return }
    switch function {
    case .sort, .reverse, .upper, .lower, .title, .trim, .replace, .split, .join: break
    default: return
    }
    let text = source.text(call.range)
    let name = if case .name(let target) = first.unwrapped { target.name } else { String?.none }
    report(.resultUnused(function, name.map { "\($0) = \(text)" }, at: source.place(call.range)))
  }

  private func walk(_ parts: [StringPart]) {
    for part in parts {
      if case .hole(let expression) = part { walk(expression) }
    }
  }

  private func walk(_ call: Call) {
    for argument in call.arguments { walk(argument) }
    switch call.callee {
    case .name(let reference):
      // A builtin function neither ends a test nor reads a channel, unless it calls one of the script's.
      if case .function(let function) = reference.meaning, !function.callsBack { return }
      if case .variable(let variable) = reference.meaning,
        let hiding = hidingFunctions.removeValue(forKey: ObjectIdentifier(variable))
      {
        report(.shadowedBuiltin(hiding.name, what: "builtin function", at: source.place(hiding.range)))
      }
    case .member(let member):
      if case .exported = member.meaning { break }
      walk(member.base)
    default: walk(call.callee)
    }
    departures += 1
    channels = ChannelFlow()
  }

  // MARK: - Steps

  func walk(_ step: Step, as place: StepPlace) {
    if let receiver = step.receiver { walk(receiver) }
    for operand in step.operands { walk(operand) }
    if let address = step.address { walk(address) }
    if let word = step.word { walk(word) }
    for option in step.options {
      switch option.value {
      case .none: break
      case .expression(let value): walk(value)
      case .address(let address): walk(address)
      case .word(let word): walk(word)
      }
    }
    if let within = step.within { walk(within) }
    let row = VerbTable[step.verb]
    if row.effect.contains(.leaves) { departures += 1 }
    checkDeadlines(of: step)
    if isPartOfTest, let option = step.option(.insecure) { report(.insecureInTest(at: source.place(option.range))) }
    checkPatterns(of: step, as: place)
    if step.verb == .run, let command = step.operands.first { checkCommand(command) }
    follow(step, as: place)
    if let result = step.result {
      forget(result)
      keep(.step(step), in: result)
      declare(result, .result(holdsChannel: row.gives == .channel))
    }
  }

  private func walk(_ address: AddressOperand) {
    switch address {
    case .bare(let parts, _): walk(parts)
    case .value(let value): walk(value)
    case .hostAndPort(let host, let port):
      walk(host)
      walk(port)
    }
  }

  private func walk(_ word: WordOperand) {
    if case .expression(let value) = word { walk(value) }
  }
}

extension FileLinter {
  /// Whether a value may be a channel, or several: its name then keeps them open.
  func mayHoldChannel(_ value: Expression) -> Bool {
    switch value {
    case .step(let step): VerbTable[step.verb].gives.holdsChannel
    case .parenthesized(let inner, _): mayHoldChannel(inner)
    case .attempt(let inner, let otherwise, _): mayHoldChannel(inner) || (otherwise.map(mayHoldChannel) ?? false)
    case .choice(_, let first, let second, _): mayHoldChannel(first) || mayHoldChannel(second)
    case .list(let elements, _): elements.contains(where: mayHoldChannel)
    case .or(let left, let right, _), .and(let left, let right, _): mayHoldChannel(left) || mayHoldChannel(right)
    case .call(let call): mayGiveChannel(call.callee)
    default: false
    }
  }

  /// Whether a function may return a channel: one whose text has a verb that makes them, or that is not known.
  private func mayGiveChannel(_ callee: Expression) -> Bool {
    switch callee {
    case .name(let reference):
      guard case .variable(let variable) = reference.meaning else { return false }
      return mayGiveChannel(variable, in: source)
    case .member(let member):
      switch member.meaning {
      case .exported(let variable, let declaration):
        return declaration.module.map { mayGiveChannel(variable, in: $0.source) } ?? true
      case .functionOnChannel(.variable(let variable)): return mayGiveChannel(variable, in: source)
      case .functionOnChannel: return false
      case .property: return true
      }
    default: return true
    }
  }

  private func mayGiveChannel(_ function: Variable, in file: SourceFile) -> Bool {
    guard let declaration = function.function else { return true }
    let words = file.bytes(in: declaration.range).split { !Lexer.continuesWord($0) }
    return words.contains { word in channelWords.contains { $0.elementsEqual(word) } }
  }
}

/// The verbs that make channels.
private let channelWords = VerbTable.rows.filter { $0.gives.holdsChannel }.map { Array($0.verb.rawValue.utf8) }
