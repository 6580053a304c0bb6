// Checks of verb phrases: addresses, patterns, conditions, deadlines.

extension FileChecker {
  func check(_ step: Step) {
    if let receiver = step.receiver {
      check(receiver)
      checkReceiver(receiver, of: step)
    }
    for operand in step.operands {
      if case .name(let reference) = operand {
        resolve(reference, role: .operand(step.verb))
      } else {
        check(operand)
      }
    }
    if let address = step.address { check(address) }
    if let word = step.word { check(word) }
    for option in step.options { check(option, of: step) }
    checkOptionWords(of: step)
    if let within = step.within {
      check(within)
      checkDuration(within, after: "within")
    }
    checkOperands(of: step)
    if step.mayBeMapKey { checkBareVerb(step) }
    if let result = step.result {
      // A declared message comes as a map of its fields.
      let gives = step.operands.contains(where: \.isMessage) ? .nothing : VerbTable[step.verb].gives
      bind(result, isChannel: gives == .channel, type: gives == .data ? .string : gives == .count ? .number : nil)
    }
  }

  /// A verb alone behind a dot is a key where a map stands before the dot; where a channel does, its phrase is due.
  private func checkBareVerb(_ step: Step) {
    guard let receiver = step.receiver else { return }
    let row = VerbTable[step.verb]
    let place = source.place(step.verbRange)
    if row.requiresOption { reportIfChannel(receiver) { .optionMissing(place, row) } }
    if let what = row.operand.required {
      reportIfChannel(receiver) {
        .dataMissing(place, step.verb.rawValue, what, example: row.example, swallowed: nil)
      }
    }
  }

  private func check(_ option: StepOption, of step: Step) {
    switch option.value {
    case .none: break
    case .expression(let value):
      check(value)
      // What is passed over of messages with fields is told by fields.
      if option.word == .skipping, let operand = step.operands.first, operand.isMessage {
        if case .template(let template) = operand, let message = template.message.message {
          checkFields(value, of: message)
        } else if let message = operand.message {
          checkFields(value, of: message)
        }
        return
      }
      if case .value(let due)? = VerbTable[step.verb].option(option.word)?.argument {
        check(value, as: due, after: option.word.rawValue)
      }
      if case .values(let first, let second)? = VerbTable[step.verb].option(option.word)?.argument,
        case .list(let both, _) = value
      {
        for (value, due) in zip(both, [first, second]) { check(value, as: due, after: option.word.rawValue) }
      }
    case .address(let address): check(address)
    case .word(let word): check(word)
    }
  }

  private func check(_ word: WordOperand) {
    if case .expression(let value) = word { check(value) }
  }

  private func checkOperands(of step: Step) {
    if case .values(let first, let second) = VerbTable[step.verb].operand {
      for (operand, due) in zip(step.operands, [first, second]) { check(operand, as: due, after: step.verb.rawValue) }
    }
    guard let operand = step.operands.first, let due = VerbTable[step.verb].operand.value else { return }
    if step.has(.message), step.verb == .recv || operand.isMessage { return checkMessage(operand) }
    if operand.isMessage, reportBareMessage(operand, of: step) { return }
    check(operand, as: due, after: step.verb.rawValue)
  }

  /// `recv Packet`, `expect lib.Packet`, `send Packet`: false where the verb takes one so.
  private func reportBareMessage(_ operand: Expression, of step: Step) -> Bool {
    let name: Expression
    var fields = ""
    if case .template(let template) = operand {
      name = template.message
      fields = " {…}"
    } else {
      name = operand
    }
    let text = source.text(name.range)
    let place = source.place(name.range)
    switch step.verb {
    case .recv, .expect:
      report(.wrongMessage("a declared message stands behind `message`",
        cure: "write `\(step.verb.rawValue) message \(text)\(fields)`", at: place))
    case .send where fields.isEmpty:
      report(.wrongMessage("what is sent of a declared message stands in braces behind it",
        cure: "write `send \(text) {…}`, with the fields that are not zero", at: place))
    default: return false
    }
    return true
  }

  /// `recv message Packet`
  private func checkMessage(_ operand: Expression) {
    guard let type = operand.knownType else { return }
    report(.wrongMessage(
      "`recv message` takes the name of a declared message, not \(type.description)",
      cure: "leave it out where the channel's framing says how long a message is", at: source.place(operand.range)))
  }

  private func check(_ value: Expression, as due: Placeholder, after word: String) {
    switch due {
    case .pattern: checkPattern(value, of: word)
    case .bytes: checkCount(value)
    case .duration: checkDuration(value, after: word)
    case .condition: checkConstant(value)
    case .columns, .rows: checkCount(value)
    case .address, .amount, .chance, .channel, .code, .command, .data, .device, .directory, .failure, .file, .function, .group, .header, .host, .key,
      .list, .map, .message, .number, .optionValue, .reason, .status, .string, .version, .wrong:
      break
    }
  }

  // MARK: - Addresses

  private func check(_ address: AddressOperand) {
    switch address {
    case .bare(let parts, let range):
      check(parts)
      if parts.containDollar { checkDollarNames(in: range, holes: parts.holeRanges) }
      checkBareAddress(parts, range)
    case .value(let value):
      if case .name(let reference) = value {
        resolve(reference, role: .address)
      } else {
        check(value)
      }
      checkPort(value)
    case .hostAndPort(let host, let port):
      if case .name(let reference) = host {
        resolve(reference, role: .address)
      } else {
        check(host)
      }
      check(port)
      checkPort(port)
    }
  }

  private func checkPort(_ value: Expression) {
    switch value {
    case .integer(let port, let range) where port < 0 || port > 65535:
      report(.portRange(at: source.place(range)))
    case .parenthesized(let inner, _):
      checkPort(inner)
    default:
      break
    }
  }

  /// `host:port` where one of them is a variable means its text, not its value; and a port has its range.
  private func checkBareAddress(_ parts: [StringPart], _ range: SourceRange) {
    guard let first = parts.first, case .bytes(let last)? = parts.last,
      let colon = last.lastIndex(of: 0x3A)
    else { return }
    var scheme: ArraySlice<UInt8> = []
    if case .bytes(let bytes) = first { scheme = addressScheme(bytes) }
    if scheme.elementsEqual("unix:".utf8) { return }
    // `tls:443`
    let hasHost = parts.count > 1 || scheme.count <= colon

    let port = last[(colon + 1)...]
    if !port.isEmpty, port.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      let significant = port.drop { $0 == 0x30 }
      if significant.count > 5 || significant.reduce(0, { $0 * 10 + Int($1 - 0x30) }) > 65535 {
        report(.portRange(at: source.place(SourceRange(Int(range.upper) - port.count, Int(range.upper)))))
      }
    }
    let host = parts.count == 1 && hasHost ? last[scheme.count..<colon] : []
    let hostVariable = declaredVariable(host)
    let portVariable = declaredVariable(port)
    guard hostVariable != nil || portVariable != nil else { return }
    let shownPort = String(decoding: port, as: UTF8.self)
    let colonOffset = Int(range.upper) - port.count - 1
    let before = parts.count == 1 ? host : source.bytes(in: SourceRange(Int(range.lower) + scheme.count, colonOffset))
    let shownHost = String(decoding: before, as: UTF8.self)
    let cure = String(decoding: scheme, as: UTF8.self)
      + (hasHost ? (hostVariable.map { "${\($0.name)}" } ?? shownHost) + ":" : "")
      + (portVariable.map { "${\($0.name)}" } ?? shownPort)
    report(.bareAddressVariable((hostVariable ?? portVariable)?.name ?? "", cure: cure, at: source.place(range)))
  }

  private func declaredVariable(_ word: ArraySlice<UInt8>) -> Variable? {
    guard let start = word.first, Lexer.startsWord(start), word.allSatisfy(Lexer.continuesWord) else { return nil }
    let variable = lookUpVariable(String(decoding: word, as: UTF8.self))
    return variable?.kind.isAssignable == true ? variable : nil
  }

  /// The `udp:` or `tls:` in front of an address, or the `socks5:` of a proxy.
  private func addressScheme(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    let schemes = ["tcp:", "udp:", "tls:", "unix:", "packet:", "socks5:", "socks4:", "http:"]
    for scheme in schemes where bytes.starts(with: scheme.utf8) {
      return bytes[..<scheme.utf8.count]
    }
    return []
  }
}
