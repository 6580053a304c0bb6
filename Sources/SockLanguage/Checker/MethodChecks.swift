// What stands behind the dot of a value that is no channel, as methods do in other languages; and values where a verb
// wants a channel.

extension FileChecker {
  /// `s.split(",")`: a builtin function behind the dot of a value that is neither a channel nor a map, which may have a
  /// function under that key. What is not known to be one is told at run time, with the same cure.
  func checkMethodCall(_ call: Call, _ member: MemberReference, of function: BuiltinFunction) {
    guard let type = typeOfValue(member.base), type != .map else { return }
    let place = source.place(call.range)
    var arguments = [member.base.range] + call.arguments.map(\.range)
    // The separator's method elsewhere: `",".join(list)`.
    if function == .join, type == .string { arguments.reverse() }
    let text = "\(function.rawValue)(\(arguments.map(source.text).joined(separator: ", ")))"
    let isLong = text.utf8.count > 80 || text.utf8.contains(0x0A)
    let cure = Cure.write(text, at: place, isLong ? "write `\(FunctionTable[function].signature)`" : nil)
    reportIfValue(member.base) { .methodCall(member.name, $0, cure: cure, at: place) }
  }

  // MARK: - Values in place of channels

  /// What a step speaks to is a value: `accept 100ms`, `wait 3s`.
  func checkReceiver(_ receiver: Expression, of step: Step) {
    reportIfValue(receiver) { type in
      // A key of the map.
      if type == .map, step.mayBeMapKey { return nil }
      let row = VerbTable[step.verb]
      let place = source.place(receiver.range)
      var cure: Cure?
      if type == .number, receiver.range.lower > step.verbRange.lower {
        let text = source.text(receiver.range)
        if step.verb == .wait {
          cure = "write `sleep \(text)`"
        } else if row.waiting != .never {
          cure = .write("within \(text)", at: place)
        }
      }
      return .notAChannel(step.verb, row.receiver, type, cure: cure, at: place)
    }
  }

  // MARK: - Types of variables

  /// Notes the type of a variable's first value. What is said because of it is said only if nothing else sets it.
  func noteType(_ type: KnownType?, of name: NameDeclaration) {
    guard let type, type != .function, let variable = name.variable else { return }
    knownTypes[ObjectIdentifier(variable)] = type
  }

  private func typeOfValue(_ base: Expression) -> KnownType? {
    if case .parenthesized(let inner, _) = base { return typeOfValue(inner) }
    if case .name(let reference) = base, case .variable(let variable) = reference.meaning {
      return knownTypes[ObjectIdentifier(variable)]
    }
    return base.knownType == .function ? nil : base.knownType
  }

  /// Reports an error that holds only if this value is of the type that it seems to be.
  func reportIfValue(_ base: Expression, _ diagnostic: (KnownType) -> Diagnostic?) {
    guard let type = typeOfValue(base), let diagnostic = diagnostic(type) else { return }
    if case .name(let reference) = base, case .variable(let variable) = reference.meaning {
      valueErrors.append((ObjectIdentifier(variable), diagnostic))
    } else {
      report(diagnostic)
    }
  }

  func reportValueErrors() {
    for (variable, diagnostic) in valueErrors where !changingVariables.contains(variable) { report(diagnostic) }
  }
}
